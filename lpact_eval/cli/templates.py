"""The command that copies the report templates, so that their words and looks can be changed."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation when it runs
from typing import Annotated

import typer


def templates(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the copies go; made if it is not there.")],
) -> None:
    """Copy the report templates to edit; `run --templates FOLDER` then uses them, and what you delete is as shipped."""
    from lpact_eval.reporting.templating import copy_templates

    for file in copy_templates(folder):
        typer.echo(str(file))
