"""A progress bar for a person who watches."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextmanager
def advancing(total: int, done: int, *, shown: bool | None) -> Generator[Callable[[int], None]]:
    """Show how far repetitions have come, on standard error.

    Parameters
    ----------
    total, done : int
        Repetitions, and how many of them were there before.
    shown : bool or None
        None shows it on a terminal only.

    Yields
    ------
    function of int
        To call with the number of repetitions that were finished.
    """
    from rich.console import Console  # noqa: PLC0415 - only a person at a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True, force_terminal=shown or None)
    visible = console.is_terminal if shown is None else shown
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not visible, transient=True) as bar:
        task = bar.add_task("simulating", total=total, completed=done)
        yield lambda number: bar.advance(task, number)
