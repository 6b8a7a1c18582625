"""How precise a share will be, or how many respondents make it so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.reach import LARGEST, quantile
from lpact_eval.planning.two_waves import require_df
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
    df: float = math.inf,
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
    df : float, default inf
        Degrees of freedom of the share's standard error: few sites make few.

    Returns
    -------
    Plan
        `half_width` and `n`, one of them as given; `impossible` where more respondents than can be had would be
        needed, with the `half_width` that as many as can be had give.

    Raises
    ------
    WrongUseError
        If not exactly one of `n` and `half_width` is given, or an argument is out of its range.

    Notes
    -----
    The effective base b obeys 1 / b = d (1 / n - 1 / N). Wald: h = z sqrt(p q / b). Wilson: h = z sqrt(p q / b + z^2 /
    4 b^2) / (1 + z^2 / b), solved for b as a quadratic; z is Student's quantile where degrees of freedom are few.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, sec. 4.4; Wilson (1927), *JASA* 22, 209-212.
    """
    share = require_inside("proportion", proportion, 0, 1)
    effect = require_inside("design_effect", design_effect, 0, math.inf)
    persons = math.inf if population is None else require_at_least("population", population, 1)
    z = quantile(require_inside("level", level, 0, 1), require_df("df", df))
    if interval not in {"wald", "wilson"}:
        msg = f'Cannot plan with interval={interval!r}: choose "wald" (the default) or "wilson".'
        raise WrongUseError(msg)
    if (n is None) == (half_width is None):
        raise WrongUseError(
            "Cannot plan precision: give n to learn the half-width, or half_width to learn n; not both."
        )
    test = _Share(share, z, interval, effect, persons)
    plan = _achieved(test, n) if n is not None else _needed(test, require_inside("half_width", half_width, 0, 0.5))
    assumptions: dict[str, float | str] = {
        "proportion": share,
        "level": level,
        "interval": interval,
        "design_effect": effect,
        "population": persons,
        "df": df,
    }
    return replace(plan, assumptions=MappingProxyType(assumptions))


@dataclass(frozen=True, slots=True)
class _Share:
    """A share and its interval: quantile, kind, design effect, and the persons that it is a share of."""

    share: float
    z: float
    interval: Interval
    effect: float
    persons: float

    def base(self, size: float) -> float:
        """Return the effective base; a whole population leaves nothing to chance."""
        inverse = self.effect * (1 / size - 1 / self.persons)
        return 1 / inverse if inverse > 0 else math.inf

    def half_width(self, size: float) -> float:
        """Return half the width of the interval."""
        return _half_width(self.share, self.base(size), self.z, self.interval)

    def community(self) -> str:
        """Name the population where it is a small one."""
        return "" if math.isinf(self.persons) else f" of a population of {given(self.persons)}"

    def rough(self, size: float) -> str:
        """Say so where the share is so rare that the plain interval is too narrow, and what Wilson's is."""
        base = self.base(size)
        text = caution([self.share], [base])
        if not text or self.interval == "wilson":
            return text
        other = _half_width(self.share, base, self.z, "wilson")
        return f"{text} Wilson's interval, which suits so rare an answer, reaches {points(other)} either way."


def _achieved(test: _Share, n: float) -> Plan:
    """Find the half-width of a sample."""
    size = _size(n, test.persons)
    half = test.half_width(size)
    answer = (
        f"{given(size)} respondents{test.community()} give {per_cent(test.share)} an interval of {points(half)} either "
        "way."
    )
    return Plan("precision", answer + test.rough(size), n=size, half_width=half)


def _needed(test: _Share, half: float) -> Plan:
    """Find the sample of a half-width, or say what is the best that can be had."""
    size = 1 / (1 / (test.effect * _base(test.share, half, test.z, test.interval)) + 1 / test.persons)
    answer = (
        f"{people(size)} respondents{test.community()} are needed for {points(half)} either way around "
        f"{per_cent(test.share)}."
    )
    if size <= LARGEST:
        return Plan("precision", answer + test.rough(size), n=size, half_width=half)
    best = test.half_width(LARGEST)
    answer = (
        f"Impossible: more than {people(LARGEST)} respondents would be needed for {100 * half:g} points either way "
        f"around {per_cent(test.share)}. The best that can be had is {100 * best:.2g} points."
    )
    return Plan("precision", answer, half_width=best, impossible=True)


def _size(n: float, persons: float) -> float:
    """Refuse a sample that is larger than its population."""
    size = require_at_least("n", n, 1)
    if size > persons:
        msg = f"Cannot plan with n={n!r}: only {persons:g} persons are in the population."
        raise WrongUseError(msg)
    return size


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
