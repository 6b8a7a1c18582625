"""The test of a change between two waves of different people, and its inversion."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from scipy.special import ndtr, ndtri

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import require_inside

if TYPE_CHECKING:
    from collections.abc import Mapping

Variance = Literal["unpooled", "pooled"]
DesignEffect = float | Sequence[float]
Pair = tuple[float, float]

HALVINGS = 200


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
    """

    baseline: float
    level: float
    variance: Variance
    effects: Pair

    def assumptions(self, **more: float) -> Mapping[str, float | str]:
        """List what an answer under these terms rests on."""
        return MappingProxyType(
            {
                "baseline": self.baseline,
                "level": self.level,
                "variance": self.variance,
                "design_effect_first": self.effects[0],
                "design_effect_second": self.effects[1],
                **more,
            }
        )


def terms(baseline: float, level: float, variance: Variance, design_effect: DesignEffect) -> Terms:
    """Check how a change is to be tested."""
    if variance not in {"unpooled", "pooled"}:
        msg = f'Cannot plan with variance={variance!r}: choose "unpooled" (the default) or "pooled".'
        raise WrongUseError(msg)
    return Terms(
        require_inside("baseline", baseline, 0, 1),
        require_inside("level", level, 0, 1),
        variance,
        _design_effects(design_effect),
    )


def second_share(baseline: float, change: float) -> float:
    """Return the second wave's share; a share within a rounding error of 0 or 1 is put there."""
    share = baseline + require_inside("change", change, -1, 1)
    nearest = float(round(share))
    if abs(share - nearest) < 1e-12:  # noqa: PLR2004 - the size of rounding errors in sums of shares
        return nearest
    if not 0 < share < 1:
        msg = (
            f"Cannot plan for change={change!r} from baseline={baseline!r}: the second share would be {share:g}. "
            "Shares lie between 0 and 1; write 15 points as 0.15 and a fall as a negative change."
        )
        raise WrongUseError(msg)
    return share


def power_of(test: Terms, second: float, bases: Pair) -> float:
    """Return the power of the two-sided test of a change to the second share; the bases are effective ones."""
    z = float(ndtri((1 + test.level) / 2))
    shares = (test.baseline, second)
    difference = abs(second - test.baseline)
    error = math.sqrt(sum(share * (1 - share) / n for share, n in zip(shares, bases, strict=True)))
    null_error = error if test.variance == "unpooled" else _pooled_error(shares, bases)
    near, far = (difference - z * null_error) / error, (-difference - z * null_error) / error
    return float(ndtr(near) + ndtr(far))


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


def first_crossing(function: Callable[[float], float], grid: Sequence[float], target: float) -> float:
    """Return where a function first reaches the target, or NaN; pooled power need not rise all the way."""
    below = grid[0]
    if function(below) >= target:
        return below
    for point in grid[1:]:
        if function(point) >= target:
            return _bisect(function, below, point, target)
        below = point
    return math.nan


def _bisect(function: Callable[[float], float], below: float, above: float, target: float) -> float:
    """Halve the bracket until no number lies between its ends."""
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        if middle in (below, above):
            break
        if function(middle) >= target:
            above = middle
        else:
            below = middle
    return above


def _pooled_error(shares: Pair, bases: Pair) -> float:
    """Return the standard error of a difference when both shares are the pooled one."""
    weight = bases[0] / (bases[0] + bases[1])
    pooled = shares[0] * weight + shares[1] * (1 - weight)
    return math.sqrt(pooled * (1 - pooled) * (1 / bases[0] + 1 / bases[1]))


def _design_effects(value: DesignEffect) -> Pair:
    """Return the design effects of the first and the second wave."""
    effects = list(value) if isinstance(value, Sequence) else [value, value]
    if len(effects) != 2:  # noqa: PLR2004 - two waves
        msg = f"Cannot plan with {len(effects)} design effects: give one for both waves, or two (first, second)."
        raise WrongUseError(msg)
    first, second = (require_inside("design_effect", effect, 0, math.inf) for effect in effects)
    return first, second
