"""What a release hides: table by table first, then over everything in it and beside earlier releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.disclosure.bases import margin_bases
from lpact_eval.disclosure.completing import Known, completed
from lpact_eval.disclosure.suppress import hidden_rows
from lpact_eval.disclosure.weighing import clear_margins

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import pandas as pd

    from lpact_eval.disclosure.rules import Reason, Rules
    from lpact_eval.disclosure.suppress import BaseRow, Place


def hidden_in_release(
    bases: Sequence[BaseRow],
    margins: pd.DataFrame,
    rules: Rules,
    *,
    elsewhere: Collection[Place] = frozenset(),
    earlier: Sequence[str | Path] = (),
) -> tuple[dict[int, Reason], set[int]]:
    """Find the rows and the categories of margins to hide.

    Parameters
    ----------
    bases : sequence of BaseRow
        Every row that shows a base, but for margins.
    margins : DataFrame
        As a run gives them.
    rules : Rules
    elsewhere : collection of (measure, variable, wave, by, group), optional
        Rows that another release on the same answers hides.
    earlier : sequence of path, optional
        Folders of earlier releases.

    Returns
    -------
    dict of int to str
        Position of each suppressed row, and why.
    set of int
        Categories, by position, that are hidden beyond what their own margin asks for.

    Raises
    ------
    DisclosureError
        If a small base can be told whatever is hidden.
    """
    known = _known(bases, rules, earlier)
    closed = {*elsewhere, *(known.closed if known else ())}
    hidden = hidden_rows(bases, rules, closed)
    cleared, _ = clear_margins(margins, bases, hidden, rules)
    first = len(bases)
    unseen: dict[int, Reason] = {
        first + place: "small base" for place, gone in enumerate(cleared["before"].isna()) if gone
    }
    rows = [*bases, *margin_bases(margins)]
    found = completed(rows, hidden | unseen, rules, elsewhere=closed, known=known)
    further = {place - first for place in found if place >= first and place not in unseen}
    return {place: reason for place, reason in found.items() if place < first}, further


def _known(bases: Sequence[BaseRow], rules: Rules, earlier: Sequence[str | Path]) -> Known | None:
    """Read what earlier releases tell; most have none."""
    if not earlier:
        return None
    from lpact_eval.disclosure.earlier import known_of, read_earlier  # noqa: PLC0415 - most releases have none

    return known_of(bases, read_earlier(earlier), rules)
