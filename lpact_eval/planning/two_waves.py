"""The test of a change between two waves of different people, and its inversion."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import betaincc, betaln, chdtr, gammaln, ndtr, ndtri, stdtrit, xlogy

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import require_inside

if TYPE_CHECKING:
    from collections.abc import Mapping

Variance = Literal["unpooled", "pooled"]
DesignEffect = float | Sequence[float]
Pair = tuple[float, float]

HALVINGS = 200
ILLINOIS_STEPS = 30
# An estimated variance has at least one; half of that leaves room for the arithmetic that led there.
LEAST_DF = 0.5
# Standard deviations that no draw reaches: the chance is below the smallest number.
OUT_OF_REACH = 40
# Beyond so many standard errors the mixture has too many parts to add up.
FAR = 10_000.0


class First(NamedTuple):
    """A first wave that has been collected: effective respondents, and degrees of freedom of its share."""

    base: float
    df: float


@dataclass(frozen=True, slots=True)
class Terms:
    """How a change is to be tested.

    Attributes
    ----------
    baseline : float
        Share in the first wave.
    level : float
        Level of the two-sided test's interval.
    variance : {"unpooled", "pooled"}
        Variance under the null hypothesis.
    effects : tuple of float
        Design effects of the first and the second wave.
    df : float
        Degrees of freedom of the change's standard error; infinite for a normal test.
    """

    baseline: float
    level: float
    variance: Variance
    effects: Pair
    df: float = math.inf

    def assumptions(self, **more: float) -> Mapping[str, float | str]:
        """List what an answer under these terms rests on."""
        return MappingProxyType(
            {
                "baseline": self.baseline,
                "level": self.level,
                "variance": self.variance,
                "design_effect_first": self.effects[0],
                "design_effect_second": self.effects[1],
                "df": self.df,
                **more,
            }
        )


def terms(
    baseline: float, level: float, variance: Variance, design_effect: DesignEffect, *, df: float = math.inf
) -> Terms:
    """Check how a change is to be tested."""
    if variance not in {"unpooled", "pooled"}:
        msg = f'Cannot plan with variance={variance!r}: choose "unpooled" (the default) or "pooled".'
        raise WrongUseError(msg)
    return Terms(
        require_inside("baseline", baseline, 0, 1),
        require_inside("level", level, 0, 1),
        variance,
        design_effects(design_effect),
        require_df("df", df),
    )


def require_df(name: str, value: float) -> float:
    """Refuse degrees of freedom that no standard error has; endless ones make a normal test."""
    return value if value == math.inf else require_inside(name, value, LEAST_DF, math.inf)


def second_share(baseline: float, change: float, *, names: tuple[str, str] = ("baseline", "change")) -> float:
    """Return the second wave's share; a share within a rounding error of 0 or 1 is put there."""
    share = baseline + require_inside(names[1], change, -1, 1)
    nearest = float(round(share))
    if abs(share - nearest) < 1e-12:  # noqa: PLR2004 - the size of rounding errors in sums of shares
        return nearest
    if not 0 < share < 1:
        msg = (
            f"Cannot plan for {names[1]}={change!r} from {names[0]}={baseline!r}: the second share would be {share:g}. "
            f"Shares lie between 0 and 1; write 15 points as 0.15 and a fall as a negative {names[1]}."
        )
        raise WrongUseError(msg)
    return share


def power_of(test: Terms, second: float, bases: Pair) -> float:
    """Return the power of the two-sided test of a change to the second share; the bases are effective ones."""
    shares = (test.baseline, second)
    difference, error = abs(second - test.baseline), _error(shares, bases)
    null_error = error if test.variance == "unpooled" else _pooled_error(shares, bases)
    if math.isfinite(test.df):
        return student_power(difference / error, _critical(test) * null_error / error, test.df)
    z = float(ndtri((1 + test.level) / 2))
    near, far = (difference - z * null_error) / error, (-difference - z * null_error) / error
    return float(ndtr(near) + ndtr(far))


def reach_of(test: Terms, bases: Pair, power: float) -> tuple[Callable[[float], float], float, bool]:
    """Return a function of the second share, and the value from which on the change has the power asked for.

    Last stands whether the function rises all the way from the baseline.
    """
    if test.variance == "pooled" or math.isinf(test.df):
        return lambda second: power_of(test, second, bases), power, False
    # the power hangs on nothing but the change over its standard error, so that the slow part is solved once
    critical = _critical(test)
    near, far, step = 0.0, critical, 1.0  # a change as large as the critical value shows about every other time
    while student_power(far, critical, test.df) < power:
        near, far, step = far, far + step, 2 * step
    enough = _bisect(lambda nc: student_power(nc, critical, test.df), near, far, power)
    # it rises: with s = b + d, its square d^2 / (v + s(1 - s) / n) grows as 2s(1 - s) - d(1 - 2s) > 0, for d up to s
    return lambda second: abs(second - test.baseline) / _error((test.baseline, second), bases), enough, True


def _critical(test: Terms) -> float:
    """Return the quantile of Student's t that the test uses."""
    return float(stdtrit(test.df, (1 + test.level) / 2))


def _error(shares: Pair, bases: Pair) -> float:
    """Return the standard error of a difference of two shares."""
    return math.sqrt(shares[0] * (1 - shares[0]) / bases[0] + shares[1] * (1 - shares[1]) / bases[1])


def student_power(noncentrality: float, critical: float, df: float) -> float:
    """Return P(|T| > critical) of the noncentral t: a Poisson mixture of beta tails, both tails at once.

    Johnson, Kotz & Balakrishnan (1995), *Continuous Univariate Distributions* 2, eq. 30.10 with one numerator degree
    of freedom. `scipy.special.nctdtr` has the same, but is not a number in part of the far tail.
    """
    if noncentrality > OUT_OF_REACH * (critical + 1):
        return 1.0
    if noncentrality > FAR:
        # the normal part of T is its mean but for 1 / FAR, and what is left is P(chi^2 < df (noncentrality / t)^2)
        return float(chdtr(df, df * (noncentrality / critical) ** 2))
    middle = noncentrality**2 / 2
    width = 8 * math.sqrt(middle) + 20
    count = np.arange(max(0, math.floor(middle - width)), math.ceil(middle + width) + 1)
    chance = np.exp(xlogy(count, middle) - gammaln(count + 1) - middle)
    a, b = count + 0.5, df / 2
    x, odds = critical**2 / (critical**2 + df), critical**2 / df
    # I_x(a, b) - I_x(a + 1, b): one incomplete beta function and a sum take the place of one for every count
    steps = np.exp(-a * math.log1p(1 / odds) - b * math.log1p(odds) - np.log(a) - betaln(a, b))
    tail = float(betaincc(float(a[0]), b, x)) + steps.cumsum() - steps
    return float(chance @ tail / chance.sum())


def df_of_change(bases: Pair, df_first: float) -> float:
    """Return Satterthwaite's degrees of freedom of a change that is about to be collected.

    The second wave is taken to have the first one's share and as many degrees of freedom per effective respondent,
    at least one: (v1 + v2)^2 / (v1^2 / df1 + v2^2 / df2) with v = 1 / base.
    """
    if not min(bases) > 0:
        msg = f"Cannot plan with {bases[0]:g} and {bases[1]:g} respondents: both waves need some."
        raise WrongUseError(msg)
    if math.isinf(df_first):
        return math.inf
    df_second = max(1.0, df_first * bases[1] / bases[0])
    first, second = 1 / bases[0], 1 / bases[1]
    return (first + second) ** 2 / (first**2 / df_first + second**2 / df_second)


def closed_form(test: Terms, second: float, power: float, ratio: float) -> float:
    """Return the first wave's effective n by the published formula; ratio is second over first effective n."""
    z_level, z_power = float(ndtri((1 + test.level) / 2)), float(ndtri(power))
    first = test.baseline
    separate = math.sqrt(first * (1 - first) + second * (1 - second) / ratio)
    null = separate
    if test.variance == "pooled":
        pooled = (first + ratio * second) / (1 + ratio)
        null = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    return ((z_level * null + z_power * separate) / (second - first)) ** 2


def only_crossing(function: Callable[[float], float], grid: Callable[[int], float], steps: int, target: float) -> float:
    """Return where a function that rises all the way reaches the target, or NaN; `grid` gives points 0 to `steps`."""
    place = bisect_left(range(steps + 1), target, key=lambda step: function(grid(step)))
    if place in {0, steps + 1}:
        return math.nan if place else grid(0)
    return _bisect(function, grid(place - 1), grid(place), target)


def first_crossing(function: Callable[[float], float], grid: Sequence[float], target: float) -> float:
    """Return where a function first reaches the target, or NaN; it need not rise all the way, as pooled power."""
    below = grid[0]
    if function(below) >= target:
        return below
    for point in grid[1:]:
        if function(point) >= target:
            return _bisect(function, below, point, target)
        below = point
    return math.nan


def _bisect(function: Callable[[float], float], below: float, above: float, target: float) -> float:
    """Narrow the bracket by the Illinois rule, then halve it, until no number lies between its ends.

    Dowell & Jarratt (1971), *BIT* 11, 168-174.
    """
    short, over, side = function(below) - target, function(above) - target, 0
    for step in range(HALVINGS):
        middle = (below + above) / 2
        if middle in (below, above):
            break
        if step < ILLINOIS_STEPS and over > short:
            guess = above - over * (above - below) / (over - short)
            # a guess at an end is as good as found, so that the number next to it closes the bracket at once
            lowest, highest = sorted((math.nextafter(below, above), math.nextafter(above, below)))
            middle = min(max(guess, lowest), highest)
        found, before = function(middle) - target, side
        side = 1 if found >= 0 else -1
        if side > 0:
            above, over, short = middle, found, short / 2 if before == side else short
        else:
            below, short, over = middle, found, over / 2 if before == side else over
    return above


def _pooled_error(shares: Pair, bases: Pair) -> float:
    """Return the standard error of a difference when both shares are the pooled one."""
    weight = bases[0] / (bases[0] + bases[1])
    pooled = shares[0] * weight + shares[1] * (1 - weight)
    return math.sqrt(pooled * (1 - pooled) * (1 / bases[0] + 1 / bases[1]))


def design_effects(value: DesignEffect) -> Pair:
    """Return the design effects of the first and the second wave."""
    effects = list(value) if isinstance(value, Sequence) else [value, value]
    if len(effects) != 2:  # noqa: PLR2004 - two waves
        msg = f"Cannot plan with {len(effects)} design effects: give one for both waves, or two (first, second)."
        raise WrongUseError(msg)
    first, second = (require_inside("design_effect", effect, 0, math.inf) for effect in effects)
    return first, second
