"""What the commands share: options, progress, and printing."""

from __future__ import annotations

import json
import math
import shutil
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from collections.abc import Generator

    import pandas as pd

    from lpact_eval.planning.plan import Plan

LOCAL_PLAN = Path("analyses", "evaluation-plan.toml")  # of the folder that a command runs in
PLAN_HELP = "Evaluation plan; the shipped one if not given."
PlanFile = Annotated[Path | None, typer.Argument(metavar="PLAN", exists=True, dir_okay=False, help=PLAN_HELP)]
PlanOption = Annotated[Path | None, typer.Option("--plan", exists=True, dir_okay=False, help=PLAN_HELP)]
FILE_HELP = "A .svg or .png chart (with .csv and .txt beside it), .html or .csv file; printed if not given."
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=FILE_HELP)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Surveys = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder of the definitions; surveys here if there is one."),
]
By = Annotated[str, typer.Option(help="Variable of the groups: ethnicity, age_band, sex, area, community.")]


def surveys_alone(plan: Path | None, surveys: Path | None) -> Path | None:
    """Take the surveys to work on without a plan: those given, else those here where no plan is; none with a plan."""
    if plan is not None and surveys is not None:
        msg = "A plan names its own surveys; give the plan or --surveys, not both."
        raise WrongUseError(msg)
    here = Path("surveys")
    own = plan is None and not LOCAL_PLAN.is_file() and (here / "harmonised.toml").is_file()
    return here if surveys is None and own else surveys


def definitions_folder(surveys: Path | None) -> Path:
    """Take the folder given, else that of the folder that the command runs in, else the shipped one."""
    if surveys is not None:
        return surveys
    here = Path("surveys")
    return here if (here / "harmonised.toml").is_file() else surveys_folder()


def default_plan() -> Path:
    """Take the plan of the folder that the command runs in, else the shipped one."""
    if LOCAL_PLAN.is_file():
        return LOCAL_PLAN
    if Path("surveys", "harmonised.toml").is_file():
        shipped = "the shipped plan and its demo surveys are used, not the surveys here"
        typer.echo(f"There is no {LOCAL_PLAN.as_posix()} in this folder: {shipped}.", err=True)
    return plan_file()


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


def wrapped(text: str, *, first: int = 0, indent: int = 0) -> str:
    """Break a line between words where a terminal is narrower, and indent what follows; a file gets it whole."""
    if not sys.stdout.isatty():
        return f"{' ' * first}{text}"
    width = max(shutil.get_terminal_size().columns, 40)
    wrap = textwrap.TextWrapper(
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrap.fill(line) for line in text.split("\n"))


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
