"""The command that proposes what free texts mean."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it from the annotations
from typing import Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Surveys, definitions_folder


def lookup(
    wave: Annotated[str, typer.Argument(metavar="WAVE", help="Wave, a folder of the definitions.")],
    variable: Annotated[str, typer.Argument(metavar="VARIABLE", help="Harmonised variable with free text.")],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A new .csv; the wave's own look-up file if not given.")
    ] = None,
    surveys: Surveys = None,
    answers: Annotated[Path | None, typer.Option(help="Delivered file, if not the definition's own.")] = None,
) -> None:
    """Propose what free texts mean. The file holds what people wrote: for the analyst's eyes only, never to share.

    Texts that the look-up file does not list yet are added, each marked check, with an answer where one is alike. The
    wave is not read until a person has decided on every line and cleared its mark.
    """
    from lpact_eval.waves.lookup import CHECK, lookup_lines

    with writing(out or definitions_folder(surveys)):
        written = lp.propose_lookup(wave, variable, surveys=definitions_folder(surveys), answers=answers, to=out)
    marked = sum(note.casefold() == CHECK for _, (_, _, note) in lookup_lines(written, str(written)))
    lines = "1 line is" if marked == 1 else f"{marked} lines are"
    typer.echo(f"Wrote {written}. {lines} marked {CHECK}: decide what each text means and clear its mark.")
    typer.echo("The file holds what people wrote: for the analyst's eyes only.")
