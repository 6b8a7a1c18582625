"""What the commands share: options, progress, and printing."""

from __future__ import annotations

import json
import math
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Generator

    import pandas as pd

    from lpact_eval.planning.plan import Plan

PLAN_HELP = "Evaluation plan; the shipped one if not given."
PlanFile = Annotated[Path | None, typer.Argument(metavar="PLAN", exists=True, dir_okay=False, help=PLAN_HELP)]
PlanOption = Annotated[Path | None, typer.Option("--plan", exists=True, dir_okay=False, help=PLAN_HELP)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
By = Annotated[str, typer.Option(help="Variable of the groups, such as ethnicity.")]


def default_plan() -> Path:
    """Take the plan of the folder that the command runs in, else the shipped one."""
    here = Path("analyses", "evaluation-plan.toml")
    return here if here.is_file() else plan_file()


def say(plan: Plan, *, as_json: bool) -> None:
    """Print a plan."""
    if as_json:
        print_json(records(plan.to_frame())[0])
    else:
        typer.echo(plan.sentence)


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Turn a frame into rows that JSON can hold: null for what is missing, a word for infinity."""
    text = frame.replace({math.inf: "infinite"}).to_json(orient="records", double_precision=15)
    return json.loads(text)


def print_json(data: object) -> None:
    """Print JSON for a script, in ASCII: whatever the output's encoding, it stays JSON."""
    typer.echo(json.dumps(data, indent=2, allow_nan=False))


@contextmanager
def named_in_files() -> Generator[None]:
    """Treat a wrong name as wrong data: it stands in the plan or a definition, not in the command."""
    try:
        yield
    except WrongUseError as error:
        raise LpactError(str(error)) from error


@contextmanager
def working(what: str) -> Generator[None]:
    """Show on standard error that something is going on."""
    if not sys.stderr.isatty():
        typer.echo(f"{what} ...", err=True)
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only a person at a terminal needs it

    with Console(stderr=True).status(f"{what} ..."):
        yield
