"""Tally lay observation.

Rules
-----
1. The unit is an offer. Who came further counts at the steps before, dated or not; who attended was passed.
2. Shares of fewer than 10 offers or people are refused.
3. Understanding is compared of those with a score before and one after; means and intervals are worked out in
   statistics.R.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from raw import kept
from writing import count, label, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raw import Row
    from writing import Expected, Label

FEWEST = 10


def observations() -> list[Expected]:
    """Tally offers by step: in all, by community, by scheme, by year of the offer."""
    rows = kept("observations")
    found = _steps(rows, label())
    for by, value in (
        ("community", lambda row: row["community"]),
        ("scheme", lambda row: row["scheme"]),
        ("year", lambda row: row["offered"][-4:]),
    ):
        for group in sorted({value(row) for row in rows}):
            found += _steps([row for row in rows if value(row) == group], label(by, group))
    return found


def understanding_change() -> list[Expected]:
    """Tally directions of change, and who has no score after."""
    rows = kept("observations")
    asked = [row for row in rows if row["before"]]
    both = [row for row in asked if row["after"]]
    change = [float(row["after"]) - float(row["before"]) for row in both]
    up, down = sum(one > 0 for one in change), sum(one < 0 for one in change)
    silent = [row for row in asked if not row["after"]]
    came = [row for row in silent if row["attended"]]
    return [
        _share("understanding went up", up, len(both)),
        _share("understanding stayed the same", len(both) - up - down, len(both)),
        _share("understanding went down", down, len(both)),
        _share("went up, of those who moved", up, up + down),
        count("answered before", len(asked), label()),
        count("no answer after", len(silent), label(), len(asked)),
        count("no answer after, though attended", len(came), label(), len(asked)),
        _share("no answer after, of those who answered before", len(silent), len(asked)),
    ]


def _steps(rows: Sequence[Row], where: Label) -> list[Expected]:
    """Tally the steps of some offers."""
    attended = [row for row in rows if row["attended"]]
    passed = [row for row in rows if row["attended"] or row["vetting"] == "passed"]
    vetted = [row for row in rows if row in passed or row["vetting"] or row["vetted"]]
    applied = [row for row in rows if row in vetted or row["applied"]]
    failed = [row for row in rows if row["vetting"] == "not passed" and row not in passed]
    steps = (("offered", rows), ("applied", applied), ("vetted", vetted), ("passed", passed), ("attended", attended))
    found = [count("offered", len(rows), where)]
    for (before, base), (step, reached) in pairwise(steps):
        found.append(count(step, len(reached), where, len(base)))
        found.append(_share(f"{step}, of those {before}", len(reached), len(base), where))
        if before != "offered":
            found.append(_share(f"{step}, of those offered", len(reached), len(rows), where))
    found.append(count("not passed", len(failed), where, len(vetted)))
    found.append(_share("not passed, of those vetted", len(failed), len(vetted), where))
    return found


def _share(measure: str, part: int, whole: int, where: Label | None = None) -> Expected:
    """Expect a share, refused under a base of 10."""
    row = share(measure, part, whole, where or label())
    return row if whole >= FEWEST else {**row, "value": None, "refused": "yes"}
