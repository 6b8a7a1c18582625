"""Whom to reach: quotas by group, and how many approaches reach them."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from scipy.special import betainc

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside, require_whole
from lpact_eval.planning.wording import people, per_cent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

# Remainders that differ by less are equal; the larger share then comes first.
TIE_DIGITS = 9


def quotas(total: int, shares: Mapping[str, float], *, floors: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Share out a sample over groups, with floors for the groups that matter most.

    Parameters
    ----------
    total : int
        Respondents in all.
    shares : mapping of str to float
        Shares of the population, or persons; only their proportions count.
    floors : mapping of str to int, optional
        Least respondents of a group; what is left is shared out over the groups above their floor.

    Returns
    -------
    DataFrame
        category, share, floor, proportional (the quota without floors), quota (adds up to `total`), weight (what each
        respondent counts in an all-groups figure, mean 1) and design_effect (what these weights cost such a figure;
        the same in every row, over the groups that have a quota).

    Raises
    ------
    WrongUseError
        If the floors add up to more than the total, name an unknown group, or a number is out of its range.

    Notes
    -----
    Rounded by largest remainder. A quota is not a weight: respondents who fill one are still volunteers.
    """
    total = require_whole("total", total, 1)
    population = _shares(shares)
    least = _floors(floors or {}, population, total)
    exact = _above_floors(total, population, least)
    return _quota_frame(total, population, least, _largest_remainder(total, exact, population))


def approaches(target: int, *, response: float, share: float, certainty: float = 0.9) -> Plan:
    """Find how many people must be approached to reach a number of respondents of one group.

    Parameters
    ----------
    target : int
        Respondents of the group wanted.
    response : float
        Share of those approached who answer, over 0 and up to 1.
    share : float
        Share of the group among those who answer, over 0 and up to 1.
    certainty : float, default 0.9
        Probability of reaching the target.

    Returns
    -------
    Plan
        `n` approaches, a whole number; `power` is the probability of reaching the target with them.

    Raises
    ------
    WrongUseError
        If an argument is no number or out of its range.

    Notes
    -----
    Approaches are taken as independent (binomial). Sites differ, so plan for more where few sites carry the fieldwork.
    """
    target = require_whole("target", target, 1)
    rates = [require_inside(name, rate, 0, 1 + 1e-12) for name, rate in (("response", response), ("share", share))]
    certainty = require_inside("certainty", certainty, 0, 1)
    rate = min(math.prod(rates), 1.0)
    n = _fewest_approaches(target, rate, certainty)
    expected = target / rate
    sentence = (
        f"To reach {people(target)} respondents with {per_cent(certainty)} certainty, approach {people(n)} people; "
        f"the {people(expected)} that would be enough on average reach them with probability "
        f"{per_cent(_reached(target, math.ceil(expected - 1e-9), rate))} only."
    )
    return Plan(
        "approaches",
        sentence,
        n=float(n),
        power=_reached(target, n, rate),
        assumptions=MappingProxyType(
            {"target": target, "response": response, "share": share, "certainty": certainty, "expected": expected}
        ),
    )


def _shares(shares: Mapping[str, float]) -> dict[str, float]:
    """Scale shares, or persons, to add up to 1."""
    given = {name: require_at_least(f"share of {name}", share, 0) for name, share in shares.items()}
    whole = math.fsum(given.values())
    if whole <= 0:
        raise WrongUseError("Cannot share out quotas: the shares add up to 0; give the groups' shares or persons.")
    return {name: share / whole for name, share in given.items()}


def _floors(floors: Mapping[str, int], population: Mapping[str, float], total: int) -> dict[str, int]:
    """Check the floors against the groups and the total."""
    unknown = sorted(set(floors) - set(population))
    if unknown:
        msg = f"Cannot keep floors for {unknown}: the groups are {list(population)}."
        raise WrongUseError(msg)
    least = {name: require_whole(f"floor of {name}", floors.get(name, 0), 0) for name in population}
    if sum(least.values()) > total:
        msg = (
            f"Cannot share out {total} respondents: the floors add up to {sum(least.values())}. "
            "Raise the total or lower a floor."
        )
        raise WrongUseError(msg)
    return least


def _above_floors(total: int, population: Mapping[str, float], least: Mapping[str, int]) -> dict[str, float]:
    """Hold groups at their floor, one round after another, and share the rest out in proportion."""
    held: dict[str, float] = {}
    while True:
        free = {name: share for name, share in population.items() if name not in held}
        rest, whole = total - sum(held.values()), math.fsum(free.values())
        exact = {name: rest * share / whole if whole else 0.0 for name, share in free.items()}
        below = {name: float(least[name]) for name in free if exact[name] < least[name]}
        if not below:
            return {name: held.get(name, exact.get(name, 0.0)) for name in population}
        held |= below


def _largest_remainder(total: int, exact: Mapping[str, float], population: Mapping[str, float]) -> dict[str, int]:
    """Round down, then give what is left to the largest remainders; on a tie to the larger share."""
    quota = {name: math.floor(round(size, TIE_DIGITS)) for name, size in exact.items()}
    order = sorted(
        exact, key=lambda name: (round(exact[name] - quota[name], TIE_DIGITS), population[name]), reverse=True
    )
    for name in order[: total - sum(quota.values())]:
        quota[name] += 1
    return quota


def _quota_frame(
    total: int, population: Mapping[str, float], least: Mapping[str, int], quota: Mapping[str, int]
) -> pd.DataFrame:
    """Lay the quotas out with the weights and the design effect that they cause."""
    import pandas as pd  # noqa: PLC0415 - approaches are counted without pandas, which is slow to load

    weight = {name: share * total / quota[name] if quota[name] else math.nan for name, share in population.items()}
    reached = [name for name in population if quota[name]]
    squares = math.fsum(quota[name] * weight[name] ** 2 for name in reached)
    weights = math.fsum(quota[name] * weight[name] for name in reached)
    return pd.DataFrame(
        {
            "category": list(population),
            "share": list(population.values()),
            "floor": [least[name] for name in population],
            "proportional": [total * share for share in population.values()],
            "quota": [quota[name] for name in population],
            "weight": [weight[name] for name in population],
            "design_effect": total * squares / weights**2,
        }
    )


def _reached(target: int, n: int, rate: float) -> float:
    """Return the probability of at least the target among n approaches."""
    if n < target:
        return 0.0
    return float(betainc(target, n - target + 1, rate))


def _fewest_approaches(target: int, rate: float, certainty: float) -> int:
    """Return the fewest approaches that reach the target with the certainty wanted."""
    enough = target
    while _reached(target, enough, rate) < certainty:
        enough *= 2
    short = max(enough // 2, target - 1)
    while enough - short > 1:
        middle = (short + enough) // 2
        if _reached(target, middle, rate) >= certainty:
            enough = middle
        else:
            short = middle
    return enough
