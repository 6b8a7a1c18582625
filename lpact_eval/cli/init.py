"""The command that begins a project."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it from the annotations
from typing import Annotated

import typer

from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Json, print_json


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the project; made if it is not there.")],
    *,
    as_json: Json = False,
) -> None:
    """Begin a project: definitions, a plan for all five outcomes, logs and a folder for data; no file is replaced."""
    from lpact_eval.evaluation.project import PLAN, begin_project

    with writing(folder):
        project = begin_project(folder)
    if as_json:
        print_json({"written": list(map(str, project.written)), "kept": list(map(str, project.kept))})
        return
    typer.echo(f"{len(project.written)} files were written to {folder}.")
    if project.kept:
        typer.echo(f"{len(project.kept)} that were there already are kept as they were.")
    typer.echo(f"The plan is {folder / PLAN}. Next, in that folder: lpact-eval check. It says what is missing.")
