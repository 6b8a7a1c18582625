"""Clear shares of every answer: as levels are, and together, since the answers of a group add up to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.clear import clear_rows

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
        The same rows with "mark", "tier", "chart" and "note". Where a small group's share of any answer is 0 or 1, none
        of its shares is left: each could be had from the others.
    """
    bases = [int(str(row["n"]).partition(".")[0]) if row["n"] == row["n"] else 0 for row in rows]
    telling = {
        _group(row)
        for row, base in zip(rows, bases, strict=True)
        if 0 < base < rules.uniform_below and row["estimate"] in {0, 1}
    }
    together: dict[int, Reason] = {
        place: "same answer" for place, row in enumerate(rows) if place not in hidden and _group(row) in telling
    }
    cleared = clear_rows(rows, bases, {**hidden, **together}, rules)
    frame = pd.DataFrame([row.record for row in cleared])
    return frame.astype({**dict.fromkeys(_COUNTS, "Int64"), "chart": bool}) if cleared else frame


def _group(row: Record) -> tuple[str, ...]:
    """Name the respondents whose answers a row is a share of."""
    return tuple(str(row[name]) for name in ("variable", "wave", "by", "group", "weights"))
