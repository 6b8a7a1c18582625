"""What questions before a survey share: how far a difference lies from none, who is still to be asked, what is unknown.

Sizes are solved with the near tail of a normal test, as the published formulas have it: the far one (1e-6 at 80 per
cent power) makes the power a little higher, so that no answer promises too much. Powers count both tails.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import ndtr, ndtri, stdtrit

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import require_at_least, require_inside
from lpact_eval.planning.two_waves import DesignEffect, Pair, design_effects, first_crossing, student_power
from lpact_eval.planning.wording import given, people, per_cent, points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# About the population of the police force area: more respondents than that cannot be had.
LARGEST = 1_000_000.0
STEPS = 128
# What stands in place of a share where there is none.
DEVIATIONS = "none: a mean, in standard deviations"
# A variance is estimated from at least two.
LEAST_BASE = 2.0


def planned(noncentrality: float, level: float, df: float = math.inf) -> float:
    """Return the power that sizes are solved with: the near tail of a normal test, both tails of Student's."""
    if math.isinf(df):
        return float(ndtr(noncentrality - quantile(level)))
    return student_power(noncentrality, quantile(level, df), df)


def chance(noncentrality: float, level: float, df: float = math.inf) -> float:
    """Return the power of a two-sided test whose difference lies so many standard errors from none."""
    far = float(ndtr(-noncentrality - quantile(level))) if math.isinf(df) else 0.0
    return planned(noncentrality, level, df) + far


def quantile(level: float, df: float = math.inf) -> float:
    """Return the two-sided quantile of a level: normal, or Student's where degrees of freedom are few."""
    side = (1 + level) / 2
    return float(ndtri(side)) if math.isinf(df) else float(stdtrit(df, side))


def standard_errors(power: float, level: float, df: float = math.inf) -> float:
    """Return how many standard errors from none a difference must lie to be shown with a power."""
    if math.isinf(df):
        return quantile(level) + float(ndtri(power))
    return first_crossing(lambda far: planned(far, level, df), [0.0, *(2.0**step for step in range(60))], power)


def ratio_of(difference: float, error: float) -> float:
    """Return a difference over its standard error; nothing over nothing is no difference."""
    if error > 0:
        return abs(difference) / error
    return math.inf if difference else 0.0


def smallest_size(reached: Callable[[float], float], target: float, least: float, *, largest: float = LARGEST) -> float:
    """Return the smallest size at which a function reaches a target, or NaN where no size that can be had does."""
    return first_crossing(reached, _sizes(least, largest), target)


def best_of(reached: Callable[[float], float], least: float, *, endless: bool, largest: float = LARGEST) -> float:
    """Return the best that any size gives; beside few degrees of freedom an endless one need not be the best."""
    sizes = _sizes(least, largest)
    return max(map(reached, [*sizes, math.inf] if endless else sizes))


def _sizes(least: float, largest: float) -> list[float]:
    """Return sizes from the least to the largest, each larger than the one before by the same part."""
    growth = max(largest / least, 1.0)
    return [least * growth ** (step / STEPS) for step in range(STEPS + 1)]


def unit_variance(share: float | None) -> float:
    """Return the variance of one answer: of a share, or 1 where the unit is the standard deviation."""
    return 1.0 if share is None else share * (1 - share)


def unknown_of(known: Mapping[str, object], *, size: str = "n", half_width: float | None = None) -> str:
    """Return the one argument that was left out; a half-width takes the place of the power and asks for the size."""
    left = [name for name, value in known.items() if value is None]
    if half_width is None:
        if len(left) == 1:
            return left[0]
        msg = f"Cannot plan: leave out exactly one of {list(known)}, the one to be found; left out: {left}."
        raise WrongUseError(msg)
    require_inside("half_width", half_width, 0, math.inf)
    if "power" in left and size in left:
        return size
    msg = f"Cannot plan with half_width={half_width!r}: it takes the place of power and asks for {size}; give neither."
    raise WrongUseError(msg)


def amount(difference: float, share: float | None) -> str:
    """Write the size of a difference: in points, or in standard deviations where there is no share."""
    if share is not None:
        return points(difference)
    return "none" if math.isnan(difference) else f"{abs(difference):.2f} standard deviations"


def require_share(name: str, value: float | None) -> float | None:
    """Refuse a share outside 0 to 1; none is a mean."""
    return None if value is None else require_inside(name, value, 0, 1)


def require_power(power: float, level: float) -> float:
    """Refuse a power that the false alarm alone has."""
    return require_inside("power", power, 1 - level, 1)


def several(name: str, values: Sequence[float], count: int) -> list[float]:
    """Refuse a list of the wrong length."""
    if isinstance(values, str) or len(values) != count:
        msg = f"Cannot plan with {len(values)} numbers as {name}: give {count}."
        raise WrongUseError(msg)
    return list(values)


@dataclass(frozen=True, slots=True)
class Waves:
    """Two waves of different people, of which the first may have been collected already.

    Attributes
    ----------
    effects : tuple of float
        Design effects of the first and the second wave.
    ratio : float
        Respondents in the second wave over those in the first, where both are open.
    first : float or None
        Effective respondents of a first wave that has been collected.
    """

    effects: Pair
    ratio: float
    first: float | None

    @property
    def least(self) -> float:
        """The smallest size that leaves two effective respondents in either wave."""
        if self.first is not None:
            return LEAST_BASE * self.effects[1]
        return LEAST_BASE * max(self.effects[0], self.effects[1] / self.ratio)

    def bases(self, n: float) -> Pair:
        """Return the effective respondents of both waves; n is the first wave's, or the second's beside a fixed one."""
        if self.first is not None:
            return self.first, n / self.effects[1]
        return n / self.effects[0], n * self.ratio / self.effects[1]

    def require(self, n: float) -> float:
        """Refuse a size that is too small, or endless where both waves are open."""
        return require_at_least("n", n, self.least, finite=self.first is None)

    def having(self, n: float) -> str:
        """Say who answers, at the beginning of a sentence."""
        if self.first is not None:
            beside = f"beside a first one with {given(self.first)} effective respondents"
            return f"With {given(n)} respondents in the second wave, {beside}"
        return f"With {given(n)} respondents in the first wave and {given(n * self.ratio)} in the second"

    def needing(self, n: float) -> str:
        """Say who is needed, at the end of a sentence."""
        if self.first is not None:
            beside = f"beside a first one with {given(self.first)} effective respondents"
            return f"{people(n)} respondents are needed in the second wave, {beside}"
        return f"{people(n)} respondents are needed in the first wave and {people(n * self.ratio)} in the second"

    def never(self) -> str:
        """Say that no size is enough, at the beginning of a sentence."""
        if self.first is not None:
            return f"Impossible: beside a first wave with {given(self.first)} effective respondents no second wave"
        return f"Impossible: not even {people(LARGEST)} respondents in a wave"

    def assumptions(self) -> dict[str, float | str]:
        """List what an answer about these waves rests on."""
        known = {"ratio": self.ratio} if self.first is None else {"n_effective_first": self.first}
        return {"design_effect_first": self.effects[0], "design_effect_second": self.effects[1], **known}


def waves(design_effect: DesignEffect, ratio: float, first_wave: float | None) -> Waves:
    """Check which waves are open."""
    if first_wave is not None and ratio != 1:
        msg = f"Cannot plan with first_wave and ratio={ratio!r}: the first wave is fixed; leave ratio out."
        raise WrongUseError(msg)
    fixed = None if first_wave is None else require_at_least("first_wave", first_wave, LEAST_BASE)
    return Waves(design_effects(design_effect), require_inside("ratio", ratio, 0, math.inf), fixed)


def with_power(power: float) -> str:
    """Write a power as it stands in every sentence."""
    return f"with {per_cent(power)} power"
