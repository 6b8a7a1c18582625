"""During fieldwork: how many more people to approach, given who has answered so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.frames import records_of
from lpact_eval.planning.approach import EVERYBODY
from lpact_eval.planning.beta_binomial import fewest, reached
from lpact_eval.planning.plan import Plan, require_inside, require_whole
from lpact_eval.planning.tally import COUNTS_ONLY, NOT_ANSWERED, as_counts
from lpact_eval.planning.wording import people, per_cent

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["still_needed"]

Counts = int | Mapping[str, int]
# Jeffreys' prior of a rate that nothing is known of.
PRIOR = 0.5
ALL = "respondents"
STOP_ON_NUMBERS = (
    "Stop when the numbers are reached, whatever the answers look like: to stop once a result looks significant is "
    "forbidden, because it makes findings out of chance."
)


@dataclass(frozen=True, slots=True)
class _Group:
    """What is known of one group, and what is wanted."""

    name: str
    so_far: int
    approached: int
    target: int
    available: int

    @property
    def missing(self) -> int:
        """Respondents that are still to come."""
        return max(self.target - self.so_far, 0)

    @property
    def expected(self) -> float:
        """More approaches that are enough on average, if the rate so far goes on; NaN where nobody answered yet."""
        if not self.missing:
            return 0.0
        return self.missing * self.approached / self.so_far if self.so_far else math.nan

    @property
    def chance(self) -> Callable[[int], float]:
        """Probability that a number of more approaches brings those who are missing."""
        a, b = self.so_far + PRIOR, self.approached - self.so_far + PRIOR
        return partial(reached, self.missing, a=a, b=b)


def still_needed(
    *,
    so_far: Counts | pd.DataFrame,
    approached: Counts | None = None,
    target: Counts | None = None,
    certainty: float = 0.9,
    available: Counts | None = None,
) -> Plan:
    """Find how many more people to approach, given how many have answered so far.

    Parameters
    ----------
    so_far : int, mapping of group to int, or DataFrame
        Respondents so far: of one group, by group, or what `tally` returns. Never anything that they answered.
    approached : int or mapping of group to int
        People approached so far: all together, whatever their group, or by group where groups are approached apart.
    target : int or mapping of group to int
        Respondents wanted; groups that aren't listed are left out.
    certainty : float, default 0.9
        Probability of reaching each group's target.
    available : int or mapping of group to int, optional
        People who can still be approached; 1,000,000 if not given.

    Returns
    -------
    Plan
        `n` more approaches, 0 where every target is reached: the most that a group takes where all are approached
        together, the sum where groups are approached apart. `power` is the least probability of a group. `impossible`
        where too few people can still be approached. `table` has a row a group: category, so_far, target, missing,
        approached, expected (more approaches that are enough on average), approaches (with the certainty), certainty
        (reached with them, or at best) and status: "reached", "open", "out of reach", or "no rate" where nobody of the
        group has answered yet, so that no number can be named.

    Raises
    ------
    WrongUseError
        If a number is no count, more people answered than were approached, or what is given looks like results.

    Notes
    -----
    The rate has Jeffreys' prior: after x respondents of m approached it is Beta(x + 1/2, m - x + 1/2), and those of
    the next approaches are beta-binomial, if the next sites are like those so far. Only numbers of respondents enter,
    so that stopping on them leaves tests and intervals what they are.

    References
    ----------
    Johnson, Kemp & Kotz (2005), *Univariate Discrete Distributions*, sec. 6.2.2.
    """
    certainty = require_inside("certainty", certainty, 0, 1)
    known: dict[str, Counts] = {"n": so_far} if isinstance(so_far, (int, Mapping)) else {**as_counts(so_far)}
    asked = _or_tallied("approached", approached, known)
    together = not isinstance(asked, Mapping)
    groups = _groups(known["n"], asked, _or_tallied("target", target, known), available)
    if together and sum(group.so_far for group in groups) > groups[0].approached:
        msg = f"Cannot plan with approached={groups[0].approached:,}: more people than that have answered."
        raise WrongUseError(msg)
    rows = [_row(group, certainty) for group in groups]
    return _plan(pd.DataFrame(rows), certainty, together=together or len(rows) == 1)


def _or_tallied(what: Literal["approached", "target"], given: Counts | None, known: Mapping[str, Counts]) -> Counts:
    """Return a number that was given, else the one that the tally holds."""
    found = known.get(what) if given is None else given
    if found is None:
        msg = f"Cannot plan fieldwork without {what}: give it, or a tally that has a column {what!r}."
        raise WrongUseError(msg)
    return found


def _groups(so_far: Counts, approached: Counts, target: Counts, available: Counts | None) -> list[_Group]:
    """Read every group's numbers; a number that isn't given by group holds for all."""
    names = _names(so_far, target)
    groups = [
        _Group(
            name,
            _count("so_far", so_far, name),
            _count("approached", approached, name),
            _count("target", target, name),
            _count("available", EVERYBODY if available is None else available, name),
        )
        for name in names
    ]
    for group in groups:
        if group.so_far > group.approached:
            msg = (
                f"Cannot plan with so_far={group.so_far:,} of approached={group.approached:,} ({group.name}): more "
                "people than were approached can't have answered."
            )
            raise WrongUseError(msg)
    return groups


def _names(so_far: Counts, target: Counts) -> list[str]:
    """Name the groups that have a target; those who didn't say make no group."""
    if isinstance(so_far, Mapping) != isinstance(target, Mapping):
        raise WrongUseError(
            "Cannot plan with numbers by group on one side only: give so_far and target both by group, or neither."
        )
    if not isinstance(so_far, Mapping) or not isinstance(target, Mapping):
        return [ALL]
    names = [name for name in target if name != NOT_ANSWERED]
    unknown = [name for name in names if name not in so_far]
    if unknown or not names:
        msg = f"Cannot plan for {unknown}: no such group was counted; counted were {list(so_far)}."
        raise WrongUseError(msg)
    return names


def _count(what: str, given: Counts, name: str) -> int:
    """Read a group's number of people; a share or another fraction is no count."""
    if isinstance(given, Mapping) and name not in given:
        msg = f"Cannot plan for {name!r}: {what} has no number for it; it has {list(given)}."
        raise WrongUseError(msg)
    number = given[name] if isinstance(given, Mapping) else given
    if isinstance(number, float) and number != int(number):
        msg = f"Cannot plan with {what}={number!r}: it is no number of people. {COUNTS_ONLY}"
        raise WrongUseError(msg)
    return require_whole(what if name == ALL else f"{what} of {name}", number, 0)


def _row(group: _Group, certainty: float) -> dict[str, object]:
    """Work out what one group still takes."""
    n: int | None = 0
    sure, status = 1.0, "reached"
    if group.missing:
        # nobody so far tells no rate: any number would come from the prior alone
        n = fewest(group.missing, certainty, group.chance, group.available) if group.so_far else None
        sure = group.chance(group.available if n is None else n) if group.so_far else math.nan
        status = "no rate" if not group.so_far else "out of reach" if n is None else "open"
    return {
        "category": group.name,
        "so_far": group.so_far,
        "target": group.target,
        "missing": group.missing,
        "approached": group.approached,
        "expected": group.expected,
        "approaches": math.nan if n is None else float(n),
        "certainty": sure,
        "status": status,
    }


def _plan(table: pd.DataFrame, certainty: float, *, together: bool) -> Plan:
    """Put the groups together."""
    impossible = bool(table["status"].isin(["out of reach", "no rate"]).any())
    needed = float(table["approaches"].max() if together else table["approaches"].sum())
    lines = [_line(row, certainty) for row in records_of(table)]
    apart = "" if together or impossible else f" Together {people(needed)} more people are to be approached."
    return Plan(
        "still needed",
        f"{' '.join(lines)}{apart} {STOP_ON_NUMBERS}",
        n=math.nan if impossible else needed,
        power=float(table["certainty"].min()),
        impossible=impossible,
        assumptions=MappingProxyType(
            {
                "certainty": certainty,
                "so_far": float(table["so_far"].sum()),
                "target": float(table["target"].sum()),
                "missing": float(table["missing"].sum()),
                "expected": float(table["expected"].max() if together else table["expected"].sum(skipna=False)),
                "approached": float(table["approached"].max() if together else table["approached"].sum()),
                "prior": "Beta(1/2, 1/2)",
            }
        ),
        table=table,
    )


def _line(row: Mapping[str, Any], certainty: float) -> str:
    """Say where one group stands."""
    who = "" if row["category"] == ALL else f"{row['category']}: "
    stands = (
        f"{who}{row['so_far']:,} of {row['target']:,} respondents so far, from {row['approached']:,} people approached"
    )
    if row["status"] == "reached":
        return f"{stands}; the number is reached, recruit no more."
    if row["status"] == "out of reach":
        return (
            f"{stands}. Impossible: the {row['missing']:,} missing can't be reached with {per_cent(certainty)} "
            f"certainty; the best that can be had is {per_cent(row['certainty'])}."
        )
    if row["status"] == "no rate":
        return f"{stands}: no rate is known, and no number of approaches can be named; approach where the group is."
    return (
        f"{stands}. {row['missing']:,} are missing: about {people(row['expected'])} more approaches bring them on "
        f"average; to be {per_cent(certainty)} sure, approach {people(row['approaches'])} more."
    )
