"""Clear shares of every answer: as levels are, and together, since the answers of a group add up to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.clear import clear_rows, near_end
from lpact_eval.frames import with_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.rules import Reason, Rules

Record = dict[str, object]
_COUNTS: Final = ("n", "n_first", "n_second")


def clear_distributions(rows: Sequence[Record], hidden: Mapping[int, Reason], rules: Rules) -> pd.DataFrame:
    """Clear shares of every answer.

    Parameters
    ----------
    rows : sequence of dict
        One row an answer.
    hidden : mapping of int to str
        Rows to suppress, and why.
    rules : Rules

    Returns
    -------
    DataFrame
        The same rows with "mark", "tier", "chart" and "note". Where a small group's share of any answer is 0 or 1, or
        that of all favourable answers near to it, none of its shares is left: each could be had from the others.
    """
    bases = [int(str(row["n"]).partition(".")[0]) if row["n"] == row["n"] else 0 for row in rows]
    favourable = _favourable(rows)
    telling = {
        _group(row)
        for row, base in zip(rows, bases, strict=True)
        if rules.withhold_below <= base < rules.uniform_below
        and (row["estimate"] in {0, 1} or near_end(favourable.get(_group(row))))
    }
    together: dict[int, Reason] = {
        place: "same answer" for place, row in enumerate(rows) if place not in hidden and _group(row) in telling
    }
    cleared = clear_rows(rows, bases, {**hidden, **together}, rules)
    frame = pd.DataFrame([row.record for row in cleared])
    return with_kinds(frame, {**dict.fromkeys(_COUNTS, "Int64"), "chart": bool}) if cleared else frame


def _favourable(rows: Sequence[Record]) -> dict[tuple[str, ...], float]:
    """Add up the favourable answers of each group, which its level is the share of."""
    sums: dict[tuple[str, ...], float] = {}
    for row in rows:
        share = row["estimate"]
        if row.get("side") == "favourable" and isinstance(share, int | float):
            sums[_group(row)] = sums.get(_group(row), 0.0) + share
    return sums


def _group(row: Record) -> tuple[str, ...]:
    """Name the respondents whose answers a row is a share of."""
    return tuple(str(row[name]) for name in ("variable", "wave", "by", "group", "weights"))
