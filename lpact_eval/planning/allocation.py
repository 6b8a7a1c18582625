"""How a sample is shared out: in proportion to scores, between floors and what can be had, in whole persons."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Literal, TypeVar

from lpact_eval.errors import WrongUseError

Key = TypeVar("Key", bound=Hashable)
Allocation = Literal["proportional", "equal", "power", "neyman"]

ALLOCATIONS = ("proportional", "equal", "power", "neyman")
# Remainders that differ by less are equal; the larger share then comes first.
TIE_DIGITS = 9


def scores(
    allocation: Allocation, shares: Mapping[Key, float], exponent: float, value: Mapping[Key, float]
) -> dict[Key, float]:
    """Return what each group's part of the sample is proportional to.

    `value` is S / sqrt(c) for "neyman". Bankier (1988), *The American Statistician* 42, 174-177 ("power"); Cochran
    (1977), *Sampling Techniques*, eq. 5.24 ("neyman").
    """
    if allocation == "neyman":
        return {key: share * value[key] for key, share in shares.items()}
    if allocation == "power":
        return {key: share**exponent if share else 0.0 for key, share in shares.items()}
    if allocation == "equal":
        return {key: float(share > 0) for key, share in shares.items()}
    return dict(shares)


def share_out(
    total: int, score: Mapping[Key, float], least: Mapping[Key, int], most: Mapping[Key, float]
) -> dict[Key, float]:
    """Share out a total in proportion to scores, each part kept between its least and its most.

    Each part is min(max(t s, least), most) at the one t where the parts add up. The parts grow in straight lines
    between the points where one of them leaves its floor or meets its ceiling, so that t is found exactly.
    """
    if allowed(0.0, score, least, most) >= total:
        return {key: float(size) for key, size in least.items()}
    turns = sorted(
        {limit / score[key] for key in score if score[key] > 0 for limit in (least[key], most[key])} - {math.inf}
    )
    below = max((turn for turn in turns if allowed(turn, score, least, most) <= total), default=0.0)
    free = [key for key in score if score[key] > 0 and least[key] / score[key] <= below < most[key] / score[key]]
    slope = math.fsum(score[key] for key in free)
    rest = total - allowed(below, score, least, most)
    level = below + rest / slope if slope else below
    return {key: _kept(level * score[key], least[key], most[key]) for key in score}


def allowed(level: float, score: Mapping[Key, float], least: Mapping[Key, int], most: Mapping[Key, float]) -> float:
    """Return what the parts add up to at one level."""
    return math.fsum(_kept(level * score[key], least[key], most[key]) for key in score)


def largest_remainder(total: int, exact: Mapping[Key, float], shares: Mapping[Key, float]) -> dict[Key, int]:
    """Round down, then give what is left to the largest remainders; on a tie to the larger share."""
    quota = {key: math.floor(round(size, TIE_DIGITS)) for key, size in exact.items()}
    order = sorted(exact, key=lambda key: (round(exact[key] - quota[key], TIE_DIGITS), shares[key]), reverse=True)
    for key in order[: total - sum(quota.values())]:
        quota[key] += 1
    return quota


def design_effect(quota: Mapping[Key, int], shares: Mapping[Key, float]) -> float:
    """Return Kish's design effect of the weights that the quotas cause, over the groups that have one.

    With weight w = share / quota it is n sum(n w^2) / (sum n w)^2. NaN where nobody has a quota or a share.
    """
    reached = [key for key, size in quota.items() if size and shares[key]]
    people = sum(quota[key] for key in quota if quota[key])
    whole = math.fsum(shares[key] for key in reached)
    return people * math.fsum(shares[key] ** 2 / quota[key] for key in reached) / whole**2 if reached else math.nan


def require_allocation(allocation: str) -> None:
    """Refuse an allocation that is not known."""
    if allocation not in ALLOCATIONS:
        msg = f"Cannot share out by allocation={allocation!r}: choose one of {list(ALLOCATIONS)}."
        raise WrongUseError(msg)


def _kept(size: float, least: float, most: float) -> float:
    """Keep a part between its floor and its ceiling."""
    return min(max(size, least), most)
