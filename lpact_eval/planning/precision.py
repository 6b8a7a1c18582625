"""How precise a share will be, or how many respondents make it so."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Literal

from scipy.special import ndtri

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.wording import caution, given, people, per_cent, points

Interval = Literal["wald", "wilson"]


def precision(
    *,
    proportion: float,
    n: float | None = None,
    half_width: float | None = None,
    design_effect: float = 1.0,
    population: float | None = None,
    level: float = 0.95,
    interval: Interval = "wald",
) -> Plan:
    """Find the half-width of a share's interval, or the respondents that give a half-width.

    Parameters
    ----------
    proportion : float
        Share expected, between 0 and 1.
    n : float, optional
        Respondents; give it or `half_width`.
    half_width : float, optional
        Half the width of the interval, as a proportion.
    design_effect : float, default 1
        Variance over that of a simple random sample of the same size.
    population : float, optional
        Persons in the group, for a finite population correction; the group's, never the county's, and doubtful for
        volunteers.
    level : float, default 0.95
        Level of the interval.
    interval : {"wald", "wilson"}
        "wilson" for shares near 0 or 1, where the other is too narrow.

    Returns
    -------
    Plan
        `half_width` and `n`, one of them as given.

    Raises
    ------
    WrongUseError
        If not exactly one of `n` and `half_width` is given, or an argument is out of its range.

    Notes
    -----
    The effective base b obeys 1 / b = d (1 / n - 1 / N). Wald: h = z sqrt(p q / b). Wilson: h = z sqrt(p q / b + z^2 /
    4 b^2) / (1 + z^2 / b), solved for b as a quadratic.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, sec. 4.4; Wilson (1927), *JASA* 22, 209-212.
    """
    share = require_inside("proportion", proportion, 0, 1)
    effect = require_inside("design_effect", design_effect, 0, math.inf)
    persons = math.inf if population is None else require_at_least("population", population, 1)
    z = float(ndtri((1 + require_inside("level", level, 0, 1)) / 2))
    if interval not in {"wald", "wilson"}:
        msg = f'Cannot plan with interval={interval!r}: choose "wald" (the default) or "wilson".'
        raise WrongUseError(msg)
    if (n is None) == (half_width is None):
        raise WrongUseError(
            "Cannot plan precision: give n to learn the half-width, or half_width to learn n; not both."
        )
    if n is not None:
        size = _size(n, persons)
        base = _effective(size, effect, persons)
        half = _half_width(share, base, z, interval)
        answer = f"{given(size)} respondents give {per_cent(share)} an interval of {points(half)} either way."
    else:
        half = require_inside("half_width", half_width, 0, 0.5)
        base = _base(share, half, z, interval)
        size = 1 / (1 / (effect * base) + 1 / persons)
        answer = f"{people(size)} respondents are needed for {points(half)} either way around {per_cent(share)}."
    assumptions: dict[str, float | str] = {
        "proportion": share,
        "level": level,
        "interval": interval,
        "design_effect": effect,
        "population": persons,
    }
    return Plan(
        "precision",
        answer + caution([share], [base]),
        n=size,
        half_width=half,
        assumptions=MappingProxyType(assumptions),
    )


def _size(n: float, persons: float) -> float:
    """Refuse a sample that is larger than its population."""
    size = require_at_least("n", n, 1)
    if size > persons:
        msg = f"Cannot plan with n={n!r}: only {persons:g} persons are in the population."
        raise WrongUseError(msg)
    return size


def _effective(size: float, effect: float, persons: float) -> float:
    """Return the effective base; a whole population leaves nothing to chance."""
    inverse = effect * (1 / size - 1 / persons)
    return 1 / inverse if inverse > 0 else math.inf


def _half_width(share: float, base: float, z: float, interval: Interval) -> float:
    """Return half the width of an interval on an effective base."""
    variance = share * (1 - share) / base
    if interval == "wald":
        return z * math.sqrt(variance)
    return z * math.sqrt(variance + (z / (2 * base)) ** 2) / (1 + z**2 / base)


def _base(share: float, half: float, z: float, interval: Interval) -> float:
    """Return the effective base that gives a half-width."""
    unit = share * (1 - share)
    if interval == "wald":
        return unit * (z / half) ** 2
    # h^2 (b + z^2)^2 = z^2 (p q b + z^2 / 4); the other root is negative
    linear = 2 * half**2 - unit
    constant = z**2 * (half**2 - 0.25)
    return z**2 * (-linear + math.sqrt(linear**2 - 4 * half**2 * constant / z**2)) / (2 * half**2)
