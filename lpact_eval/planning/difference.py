"""How precise a change between two waves will be, or how many respondents make it so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_inside
from lpact_eval.planning.reach import (
    DEVIATIONS,
    LARGEST,
    Waves,
    amount,
    best_of,
    quantile,
    require_share,
    smallest_size,
    unit_variance,
    waves,
)
from lpact_eval.planning.two_waves import DesignEffect, Pair, df_of_change, require_df, second_share
from lpact_eval.planning.wording import caution, freedom, per_cent


def precision_of_difference(  # noqa: PLR0913 - two waves, and the two of which one is asked for
    *,
    baseline: float | None = None,
    change: float = 0.0,
    n: float | None = None,
    half_width: float | None = None,
    ratio: float = 1.0,
    first_wave: float | None = None,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
    df: float = math.inf,
    df_first: float = math.inf,
) -> Plan:
    """Find the half-width of a change's interval, or the respondents that give a half-width.

    Parameters
    ----------
    baseline : float, optional
        Share in the first wave; without it the answer is a mean, and changes are in standard deviations.
    change : float, default 0
        Change that is expected, as a proportion.
    n : float, optional
        Respondents in the first wave, or in the second beside a `first_wave` (then it may be infinite); give it or
        `half_width`.
    half_width : float, optional
        Half the width of the interval, as a proportion.
    ratio : float, default 1
        Respondents in the second wave over those in the first.
    first_wave : float, optional
        Effective number of respondents of a first wave that has been collected.
    level : float, default 0.95
        Level of the interval.
    design_effect : float or two floats, default 1
        Of both waves, or of the first and the second.
    df : float, default inf
        Degrees of freedom of the change's standard error.
    df_first : float, default inf
        Degrees of freedom of the `first_wave`, in place of `df`: the change's are then Satterthwaite's, with as many
        per effective respondent in the second wave.

    Returns
    -------
    Plan
        `half_width` and `n`, one of them as given; `impossible` where the first wave alone is less precise, with the
        `half_width` that an endless second wave gives.

    Raises
    ------
    WrongUseError
        If not exactly one of `n` and `half_width` is given, or an argument is out of its range.

    Notes
    -----
    The second wave's variance must be (h / z)^2 - v1; nothing is left for it where the first wave's v1 is larger.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, sec. 4.10.
    """
    if (n is None) == (half_width is None):
        raise WrongUseError(
            "Cannot plan precision: give n to learn the half-width, or half_width to learn n; not both."
        )
    share = require_share("baseline", baseline)
    require_inside("level", level, 0, 1)
    units = unit_variance(share), unit_variance(None if share is None else second_share(share, change))
    both = waves(design_effect, ratio, first_wave)
    test = _Difference(share, change, both, units, level, _freedoms(df, df_first, both))
    plan = _needed(test, require_inside("half_width", half_width, 0, math.inf)) if n is None else _achieved(test, n)
    assumptions: dict[str, float | str] = {
        "baseline": DEVIATIONS if share is None else share,
        "expected_change": change,
        "level": level,
        "df": test.df(math.inf if plan.impossible else plan.n),
        **both.assumptions(),
    }
    rough = ""
    if share is not None and not plan.impossible:
        rough = caution((share, share + change), both.bases(plan.n))
    told = freedom(float(assumptions["df"]))
    return replace(
        plan, sentence=plan.sentence + told + rough, change=change, assumptions=MappingProxyType(assumptions)
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a change is like: variances of one effective respondent, and degrees of freedom (the change's, wave 1's)."""

    baseline: float | None
    change: float
    waves: Waves
    units: Pair
    level: float
    freedoms: Pair

    def df(self, n: float) -> float:
        """Return the change's degrees of freedom."""
        fixed, first = self.freedoms
        if math.isinf(first):
            return fixed
        return first if math.isinf(n) else df_of_change(self.waves.bases(n), first)

    def half_width(self, n: float) -> float:
        """Return half the width of the change's interval."""
        variance = sum(unit / base for unit, base in zip(self.units, self.waves.bases(n), strict=True))
        return quantile(self.level, self.df(n)) * math.sqrt(variance)

    def size(self, half: float) -> float:
        """Return the size that gives a half-width; infinite where none does."""
        if math.isfinite(self.freedoms[1]):
            found = smallest_size(lambda n: -self.half_width(n), -half, self.waves.least)
            return math.inf if math.isnan(found) else found
        fixed = 0.0 if self.waves.first is None else self.half_width(math.inf) ** 2
        left = half**2 - fixed
        # what is not fixed falls with 1 / n, so that one respondent tells of all
        return (self.half_width(1.0) ** 2 - fixed) / left if left > 0 else math.inf

    def best(self) -> float:
        """Return the smallest half-width of any size; beside few degrees of freedom it need not be an endless one's."""
        endless = self.waves.first is not None
        if math.isinf(self.freedoms[1]):
            return self.half_width(math.inf if endless else LARGEST)
        return -best_of(lambda n: -self.half_width(n), self.waves.least, endless=endless)

    def amount(self, half: float) -> str:
        """Write a half-width."""
        return amount(half, self.baseline)

    def named(self) -> str:
        """Name the change."""
        if self.baseline is None:
            return "a change"
        if self.change == 0:
            return f"a change around {per_cent(self.baseline)}"
        return f"a change from {per_cent(self.baseline)} to {per_cent(self.baseline + self.change)}"


def _freedoms(df: float, df_first: float, both: Waves) -> Pair:
    """Check the degrees of freedom: of the change, or of the first wave alone."""
    if math.isfinite(df_first) and (both.first is None or math.isfinite(df)):
        raise WrongUseError("Cannot plan with df_first: it belongs to a first_wave, and takes the place of df.")
    return require_df("df", df), require_df("df_first", df_first)


def _achieved(test: _Difference, n: float) -> Plan:
    """Find the half-width of given sizes."""
    half = test.half_width(test.waves.require(n))
    sentence = f"{test.waves.having(n)}, the interval of {test.named()} reaches {test.amount(half)} either way."
    return Plan("precision of a difference", sentence, n=float(n), half_width=half)


def _needed(test: _Difference, half: float) -> Plan:
    """Solve for the size that gives a half-width, or say what is the best that can be had."""
    question, claim = (
        "precision of a difference",
        f"the interval of {test.named()} reach {test.amount(half)} either way",
    )
    size = max(test.size(half), test.waves.least)
    if size <= LARGEST:
        sentence = f"To make {claim}, {test.waves.needing(size)}."
        return Plan(question, sentence, n=size, half_width=test.half_width(size))
    best = test.best()
    sentence = f"{test.waves.never()} makes {claim}. The best that can be had is {test.amount(best)} either way."
    return Plan(question, sentence, half_width=best, impossible=True)
