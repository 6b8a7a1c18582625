"""A progress bar for a person at a terminal; lines for a log; nothing for a script that asked for JSON."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told what is going on.

    Attributes
    ----------
    stage : callable
        Told of the few parts of a command.
    step : callable
        Told of every step within them.
    """

    stage: Callable[[str], None]
    step: Callable[[str], None]


@contextmanager
def progress(steps: int, *, silent: bool) -> Generator[Progress]:
    """Show on standard error how far a command is.

    Parameters
    ----------
    steps : int
        How many steps it will tell of.
    silent : bool
        Whether nothing is shown.

    Yields
    ------
    Progress
    """
    if silent:
        yield Progress(_nothing, _nothing)
    elif not sys.stderr.isatty():
        yield Progress(_line, _nothing)
    else:
        with _bar(steps) as told:
            yield told


def _nothing(what: str) -> None:
    """Show nothing."""


def _line(what: str) -> None:
    """Show a part as a line, for logs."""
    typer.echo(f"{what} ...", err=True)


@contextmanager
def _bar(steps: int) -> Generator[Progress]:
    """Show a bar that goes when the command ends."""
    from rich.console import Console  # noqa: PLC0415 - only a person at a terminal needs it
    from rich.progress import BarColumn, TextColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    columns = (BarColumn(), TextColumn("{task.completed:.0f} of {task.total:.0f}"), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps, completed=-1, visible=False)  # the first step is none done

        def step(what: str) -> None:
            bar.update(task, advance=1, description=what, visible=True, refresh=True)  # also a short one is seen

        yield Progress(_nothing, step)
