"""How precise a change between two waves will be, or how many respondents make it so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_inside
from lpact_eval.planning.reach import DEVIATIONS, LARGEST, Waves, amount, quantile, require_share, unit_variance, waves
from lpact_eval.planning.two_waves import DesignEffect, Pair, require_df, second_share
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
    factor = quantile(require_inside("level", level, 0, 1), require_df("df", df))
    units = unit_variance(share), unit_variance(None if share is None else second_share(share, change))
    both = waves(design_effect, ratio, first_wave)
    test = _Difference(share, change, both, (factor * math.sqrt(units[0]), factor * math.sqrt(units[1])))
    plan = _needed(test, require_inside("half_width", half_width, 0, math.inf)) if n is None else _achieved(test, n)
    assumptions: dict[str, float | str] = {
        "baseline": DEVIATIONS if share is None else share,
        "expected_change": change,
        "level": level,
        "df": df,
        **both.assumptions(),
    }
    rough = ""
    if share is not None and not plan.impossible:
        rough = caution((share, share + change), both.bases(plan.n))
    return replace(
        plan, sentence=plan.sentence + freedom(df) + rough, change=change, assumptions=MappingProxyType(assumptions)
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a change is like; reach holds half the width that one effective respondent of either wave gives."""

    baseline: float | None
    change: float
    waves: Waves
    reach: Pair

    def half_width(self, n: float) -> float:
        """Return half the width of the change's interval."""
        return math.sqrt(sum(reach**2 / base for reach, base in zip(self.reach, self.waves.bases(n), strict=True)))

    def size(self, half: float) -> float:
        """Return the size that gives a half-width; infinite where the first wave alone is no more precise."""
        fixed = 0.0 if self.waves.first is None else self.half_width(math.inf) ** 2
        left = half**2 - fixed
        # what is not fixed falls with 1 / n, so that one respondent tells of all
        return (self.half_width(1.0) ** 2 - fixed) / left if left > 0 else math.inf

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
    best = test.half_width(math.inf if test.waves.first is not None else LARGEST)
    sentence = f"{test.waves.never()} makes {claim}. The best that can be had is {test.amount(best)} either way."
    return Plan(question, sentence, half_width=best, impossible=True)
