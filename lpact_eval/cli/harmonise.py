"""The command that hands a wave's harmonised answers back."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import (
    Json,
    PlanOption,
    Surveys,
    default_plan,
    named_in_files,
    print_json,
    records,
    surveys_alone,
    working,
    wrapped,
)

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new or empty folder; it will hold microdata.")]
Formats = Annotated[str, typer.Option("--formats", metavar="FORMATS", help="Any of sav, csv, parquet.")]


def harmonise(
    wave: Annotated[str, typer.Argument(metavar="WAVE", help="Name of the survey's folder.")],
    *,
    out: Out,
    formats: Formats = "sav,csv",
    plan: PlanOption = None,
    surveys: Surveys = None,
    answers: Annotated[Path | None, typer.Option(help="Delivered file, if not the definition's own.")] = None,
    as_json: Json = False,
) -> None:
    """Write one survey's harmonised answers as .sav, .csv or .parquet, with a data dictionary."""
    from lpact_eval.waves.definition import read_definition

    folder, file = _found(wave, plan, surveys)
    read_definition(wave, folder)  # the only name here that stands in the command
    with working("Harmonising"), named_in_files():
        sample = lp.read_wave(wave, surveys=folder, answers=answers or file)
    with writing(out):
        files = lp.write_harmonised(
            sample, out, formats=[one.strip().casefold() for one in formats.split(",") if one.strip()]
        )
    if as_json:
        ledger = records(sample.ledger)
        print_json({"files": list(map(str, files)), "synthetic": sample.synthetic, "ledger": ledger})
        return
    if sample.synthetic:
        typer.echo("Synthetic respondents: nothing in these files is about real people.")
    for line in records(sample.ledger):
        typer.echo(wrapped(f"{line['rows'] or '':>7}  {line['reason']}", indent=9))
    for file in files:
        typer.echo(str(file))
    typer.echo(f"These files hold microdata: read {out / 'README.txt'} before you pass them on.")


def _found(wave: str, plan: Path | None, surveys: Path | None) -> tuple[Path, Path | None]:
    """Find the definitions' folder, and the delivered file where a plan names it; no plan is needed beside surveys."""
    alone = surveys_alone(plan, surveys)
    if alone is not None:
        return alone, None
    with named_in_files():
        found = lp.read_plan(plan or default_plan())
    return found.surveys, found.files.get(wave)
