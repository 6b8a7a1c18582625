"""The command that hands a wave's harmonised answers back."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Json, PlanOption, default_plan, named_in_files, print_json, records, working

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new or empty folder; it will hold microdata.")]
Formats = Annotated[str, typer.Option("--formats", metavar="FORMATS", help="Any of sav, csv, parquet.")]


def harmonise(
    wave: Annotated[str, typer.Argument(metavar="WAVE", help="Name of the survey's folder.")],
    *,
    out: Out,
    formats: Formats = "sav,csv",
    plan: PlanOption = None,
    as_json: Json = False,
) -> None:
    """Write one survey's harmonised answers as .sav, .csv or .parquet, with a data dictionary."""
    from lpact_eval.waves.definition import read_definition

    with named_in_files():
        found = lp.read_plan(plan or default_plan())
    read_definition(wave, found.surveys)  # the only name here that stands in the command
    with working("Harmonising"), named_in_files():
        sample = lp.read_wave(wave, surveys=found.surveys, answers=found.files.get(wave))
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
    typer.echo(sample.ledger[["reason", "rows"]].to_string(index=False))
    for file in files:
        typer.echo(str(file))
    typer.echo(f"These files hold microdata: read {out / 'README.txt'} before you pass them on.")
