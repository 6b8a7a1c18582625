"""Commands that turn a wave's crosswalk into a spreadsheet and back."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.lookup import lookup
from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Surveys, definitions_folder
from lpact_eval.errors import WrongUseError

Replace = Annotated[bool, typer.Option("--replace", help="Replace the file that is there.")]

app = typer.Typer(
    help="Fill in a wave's crosswalk as a spreadsheet: export it, choose answers, import it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("export")
def export_crosswalk(
    wave: Annotated[str, typer.Argument(metavar="WAVE", help="Wave, a folder of the definitions.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .xlsx to write.")],
    *,
    surveys: Surveys = None,
    answers: Annotated[Path | None, typer.Option(help="Delivered file, if not the definition's own.")] = None,
    replace: Replace = False,
) -> None:
    """Write every delivered code with its label, count and harmonised answer, to be checked and filled in."""
    with writing(file):
        lp.crosswalk_to_excel(wave, file, surveys=definitions_folder(surveys), answers=answers, replace=replace)
    typer.echo(f"Wrote {file}. Fill in the sheet Crosswalk, then: lpact-eval crosswalk import {file}")


@app.command("import")
def import_filled(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .xlsx that was filled in.")],
    *,
    wave: Annotated[str, typer.Option(help="Wave; the one that was exported if not given.")] = "",
    surveys: Surveys = None,
    replace: Replace = False,
) -> None:
    """Read the spreadsheet back into the wave's crosswalk.toml."""
    from lpact_eval.waves.spreadsheet_reading import read_wave_name

    name = wave or read_wave_name(file)
    if not name or Path(name).name != name:
        msg = f"{file} names no wave on its sheet 'Read me'; give it with --wave."
        raise WrongUseError(msg)
    target = definitions_folder(surveys) / name
    with writing(target):
        written = lp.import_crosswalk(file, folder=target, replace=replace)
    typer.echo(f"Wrote {written}")


app.command("lookup")(lookup)
