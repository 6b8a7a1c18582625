"""How many people to approach so that a number of respondents is reached."""

from __future__ import annotations

import math
from functools import partial
from types import MappingProxyType

from scipy.special import betainc

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.beta_binomial import fewest, reached_over_sites
from lpact_eval.planning.plan import Plan, require_at_least, require_inside, require_whole
from lpact_eval.planning.wording import given, people, per_cent

# About the population of the police force area: more people than that can't be approached.
EVERYBODY = 1_000_000


def approaches(
    target: int,
    *,
    response: float,
    share: float,
    certainty: float = 0.9,
    sites: int | None = None,
    variation: float = 0.0,
    available: int | None = None,
) -> Plan:
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
    sites : int, optional
        Sites that the approaches are spread over evenly; needed with `variation`.
    variation : float, default 0
        Coefficient of variation between sites of the respondents that an approach brings, 0.3 where a usual site
        lies 30 per cent above or below the average.
    available : int, optional
        People who can be approached; 1,000,000, about the police force area, if not given.

    Returns
    -------
    Plan
        `n` approaches, a whole number; `power` is the probability of reaching the target with them. `impossible`
        where `available` people are too few, with the best `power` that can be had.

    Raises
    ------
    WrongUseError
        If an argument is no number or out of its range, or one of `sites` and `variation` is given without the other.

    Notes
    -----
    Approaches are taken as independent (binomial) without `variation`. With it a site's rate is Beta with mean
    response x share and the given coefficient of variation, so that a site's respondents are beta-binomial.

    References
    ----------
    Johnson, Kemp & Kotz (2005), *Univariate Discrete Distributions*, sec. 6.2.2 and 6.9.2.
    """
    target = require_whole("target", target, 1)
    rates = [require_inside(name, rate, 0, 1 + 1e-12) for name, rate in (("response", response), ("share", share))]
    certainty = require_inside("certainty", certainty, 0, 1)
    rate = min(math.prod(rates), 1.0)
    most = EVERYBODY if available is None else require_whole("available", available, 1)
    spread = _spread(rate, sites, variation)
    chance = partial(_reached, target, rate=rate, spread=spread)
    n = fewest(target, certainty, chance, most)
    expected = target / rate
    assumptions: dict[str, float | str] = {
        "target": target,
        "response": response,
        "share": share,
        "certainty": certainty,
        "expected": expected,
        "available": most,
        "sites": math.nan if spread is None else spread[0],
        "variation": variation,
    }
    if n is None:
        return Plan(
            "approaches",
            _too_few(target, certainty, most, (most * rate, chance(most))),
            power=chance(most),
            impossible=True,
            assumptions=MappingProxyType(assumptions),
        )
    sentence = (
        f"To reach {people(target)} respondents with {per_cent(certainty)} certainty, approach {people(n)} people; "
        f"the {people(expected)} that would be enough on average reach them with probability "
        f"{per_cent(chance(math.ceil(expected - 1e-9)))} only.{_between(spread, variation)}"
    )
    return Plan("approaches", sentence, n=float(n), power=chance(n), assumptions=MappingProxyType(assumptions))


def _spread(rate: float, sites: int | None, variation: float) -> tuple[int, float, float] | None:
    """Return the sites and the beta distribution of their rates, or nothing where all have the same."""
    variation = require_at_least("variation", variation, 0)
    if (sites is not None) != (variation > 0):
        msg = (
            f"Cannot plan approaches with sites={sites!r} and variation={variation!r}: sites matter where they differ; "
            "give both or neither."
        )
        raise WrongUseError(msg)
    if sites is None:
        return None
    places = require_whole("sites", sites, 1)
    most = math.sqrt((1 - rate) / rate)
    if not variation < most:
        msg = (
            f"Cannot plan with variation={variation!r}: rates around {per_cent(rate)} vary by less than {most:.2f}, "
            "or some would lie above 100%."
        )
        raise WrongUseError(msg)
    size = (1 - rate) / (rate * variation**2) - 1
    return places, rate * size, (1 - rate) * size


def _reached(target: int, n: int, rate: float, spread: tuple[int, float, float] | None) -> float:
    """Return the probability of at least the target among n approaches."""
    if n < target:
        return 0.0
    if spread is None:
        return float(betainc(target, n - target + 1, rate))
    return reached_over_sites(target, n, spread[0], spread[1:])


def _between(spread: tuple[int, float, float] | None, variation: float) -> str:
    """Say how sites were taken to differ."""
    return "" if spread is None else f" The {spread[0]:,} sites are taken to vary by {per_cent(variation)}."


def _too_few(target: int, certainty: float, most: int, best: tuple[float, float]) -> str:
    """Say that too few people can be approached, and what they bring."""
    return (
        f"Impossible: {people(target)} respondents can't be reached with {per_cent(certainty)} certainty, because only "
        f"{most:,} people can be approached. The best that can be had is {given(round(best[0], 1))} respondents on "
        f"average, and {people(target)} with probability {per_cent(best[1])}."
    )
