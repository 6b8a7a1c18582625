"""The one solver of the package's calibrations: Newton's method on the dual, over cells rather than respondents."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.sample import FloatArray

    _Curve = tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]

Metric = Literal["raking", "linear", "logit"]

_STEPS = 200
_SHORTENINGS = 40
_LONGEST = 5.0  # largest change of a score in one step, a factor of 148 in raking
_DIVERGED = 100.0  # a score at which a factor is e^100: no weights of this size were meant
_OVERFLOWING = 600.0
_UPHILL = 0.9  # slope at a step's end over the slope at its start, above which the step went too far
_RIDGE = 1e-13  # relative to the diagonal, so that collinear margins that agree do no harm
_STIFFNESS = 0.01  # ridge per relative distance from the totals, where bounds have flattened the dual
_STIFFER = 10.0
_NEAR = 10.0  # times the limit: what rounding may leave
_CLOSE = 1e-3  # largest change of a score after which cross-products are as good for the next step as new ones
_STRAIGHT, _BENT = 1e-7, 0.9  # changes of a score between which a step follows the curve of the exponential
_CURVED = 0.01  # change of a score above which it follows the curve's own change as well


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Masses that shall meet totals with factors near 1; c cells, p auxiliaries.

    Attributes
    ----------
    auxiliary : ndarray of shape (c, p)
    mass : ndarray of shape (c,)
        Starting weights summed over each cell.
    total : ndarray of shape (p,)
    limit : ndarray of shape (p,)
        Distance from the totals at which they count as met.
    distance : str
        "raking", "linear" or "logit".
    low, high : float or ndarray of shape (c,)
        Lowest and highest factor; 0 (linear: minus infinity) and infinity without bounds.
    """

    auxiliary: FloatArray
    mass: FloatArray
    total: FloatArray
    limit: FloatArray
    distance: Metric = "raking"
    low: float | FloatArray = 0.0
    high: float | FloatArray = np.inf

    @property
    def bounded(self) -> bool:
        """Whether any factor has a bound that could bind."""
        lowest = -np.inf if self.distance == "linear" else 0.0
        if isinstance(self.low, float) and isinstance(self.high, float):
            return self.low > lowest or self.high < np.inf
        return bool(np.any(np.asarray(self.low) > lowest) or np.any(np.asarray(self.high) < np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Factors of a calibration and how it ended.

    Attributes
    ----------
    factor : ndarray of shape (c,)
    multiplier : ndarray of shape (p,)
    gap : ndarray of shape (p,)
        What the factors give less the totals.
    iterations : int
    met : bool
    """

    factor: FloatArray
    multiplier: FloatArray
    gap: FloatArray
    iterations: int
    met: bool


def solve(problem: Problem, *, start: FloatArray | None = None) -> Solution:
    """Find the factors nearest to 1 that meet the totals.

    Parameters
    ----------
    problem : Problem
    start : ndarray of shape (p,), optional
        Multipliers to start from; zeros without.

    Returns
    -------
    Solution
        `met` is False where no factors meet the totals, or none were found; nothing is raised.

    Notes
    -----
    factor = F(auxiliary x multiplier) with F(u) = 1 + u (linear), exp(u) (raking), both clipped to their bounds, or
    L + (U - L) / (1 + exp(-A u) (U - 1) / (1 - L)), A = (U - L) / ((1 - L) (U - 1)) (logit). The dual is convex with
    gradient auxiliary' (mass x factor) - total; a Newton step is shortened until the dual stops rising along it, and
    stiffened (Levenberg-Marquardt) where bounds have flattened the dual. In raking without bounds a step
    follows the curve of the exponential, by Chebyshev's correction and a further term of the series: they cost a
    third of a step and make convergence cubic, and from afar quartic.

    References
    ----------
    Deville & Särndal (1992), *JASA* 87, 376-382, sec. 2, cases 1, 2, 6 and 7; Deville, Särndal & Sautory (1993),
    *JASA* 88, 1013-1020; Hainmueller (2012), *Political Analysis* 20, 25-46, eq. 8 (entropy balancing).
    """
    x, mass, total, limit = problem.auxiliary, problem.mass, problem.total, problem.limit
    factor_at, slope_at = curve(problem)
    bounded = problem.bounded
    farthest = _OVERFLOWING if bounded else _DIVERGED
    multiplier = np.zeros(total.size) if start is None else start
    score = x @ multiplier
    factor = factor_at(score)
    gap = (mass * factor) @ x - total
    slope, inverse = mass, np.empty(0)
    taken, fresh, moved = 0, False, np.inf
    while not (met := bool((np.abs(gap) <= limit).all())) and taken < _STEPS:
        taken += 1
        fresh = not fresh or bounded or moved > _CLOSE
        if fresh:
            slope = mass * slope_at(factor)
            flattened = bounded and bool((slope == 0).any())
            inverse, step = _newton(problem, slope, gap, flattened=flattened)
        else:
            step = -(inverse @ gap)
        step, reach, moved = _bent(problem, slope, inverse, step)
        length, score, factor, gap = _along(problem, factor_at, (score, gap), (step, reach, moved))
        multiplier = multiplier + length * step
        if taken * _LONGEST > farthest and problem.distance != "linear" and np.abs(score).max() > farthest:
            break
    return Solution(factor, multiplier, gap, taken, met or bool((np.abs(gap) <= _NEAR * limit).all()))


def curve(problem: Problem) -> _Curve:
    """Factor as a function of the score, and its slope as a function of the factor."""
    low, high = problem.low, problem.high
    if problem.distance == "logit":
        return _logit(np.asarray(low), np.asarray(high))
    if not problem.bounded:
        return (np.exp, lambda factor: factor) if problem.distance == "raking" else (_plus_one, np.ones_like)
    raw = np.exp if problem.distance == "raking" else _plus_one

    def factor_at(score: FloatArray) -> FloatArray:
        return np.asarray(np.minimum(np.maximum(raw(score), low), high), dtype=np.float64)

    def slope_at(factor: FloatArray) -> FloatArray:
        slope = factor if problem.distance == "raking" else 1.0
        return np.where((factor > low) & (factor < high), slope, 0.0)

    return factor_at, slope_at


def _plus_one(score: FloatArray) -> FloatArray:
    """Linear distance: 1 + u."""
    return 1.0 + score


def _logit(low: FloatArray, high: FloatArray) -> _Curve:
    """Logit distance: a logistic curve from the lowest to the highest ratio, 1 with slope 1 at score 0."""
    width = high - low
    steepness = width / ((1 - low) * (high - 1))
    odds = (high - 1) / (1 - low)

    def factor_at(score: FloatArray) -> FloatArray:
        return low + width / (1 + odds * np.exp(np.minimum(-steepness * score, 700.0)))

    def slope_at(factor: FloatArray) -> FloatArray:
        return np.maximum(steepness * (factor - low) * (high - factor) / width, 0.0)

    return factor_at, slope_at


def _newton(problem: Problem, slope: FloatArray, gap: FloatArray, *, flattened: bool) -> tuple[FloatArray, FloatArray]:
    """Inverse cross-products and Newton step; stiffer where bounds flattened the dual and the totals are far."""
    x = problem.auxiliary
    rooted = x * np.sqrt(slope)[:, None]
    products = rooted.T @ rooted
    diagonal = problem.mass @ (x * x) if flattened else products.diagonal()
    diagonal = np.where(diagonal > 0, diagonal, 1.0)  # a column of zeros asks for nothing
    far = float((np.abs(gap) / np.sqrt(diagonal * problem.mass.sum())).max()) if flattened else 0.0
    ridge = max(_RIDGE, _STIFFNESS * min(far, 1.0))
    while True:
        stiffened = products.copy()
        stiffened.ravel()[:: gap.size + 1] += ridge * diagonal
        with suppress(np.linalg.LinAlgError):
            inverse: FloatArray = np.asarray(np.linalg.inv(stiffened), dtype=np.float64)
            step = -(inverse @ gap)
            if not flattened or ridge >= 1 or np.abs(x @ step).max() <= _LONGEST:
                return inverse, step
        ridge *= _STIFFER


def _bent(
    problem: Problem, slope: FloatArray, inverse: FloatArray, step: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Bend a step along the exponential: step, change of the scores, and the largest of those before bending.

    The step and its bends are the first terms of the series of the multipliers that meet the totals, as long as the
    cross-products have an inverse. While no score changes by 0.9, they lead downhill as the step does.
    """
    x = problem.auxiliary
    reach = x @ step
    moved = float(np.abs(reach).max())
    if problem.distance != "raking" or not _STRAIGHT < moved < _BENT or problem.bounded:
        return step, reach, moved
    curved = slope * reach
    bend = inverse @ ((curved * reach) @ x) * -0.5
    bow = x @ bend
    if moved > _CURVED:
        further = inverse @ ((curved * (bow + reach * reach / 6)) @ x)
        bend, bow = bend - further, bow - x @ further
    return step + bend, reach + bow, moved


def _along(
    problem: Problem,
    factor_at: Callable[[FloatArray], FloatArray],
    here: tuple[FloatArray, FloatArray],
    direction: tuple[FloatArray, FloatArray, float],
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Go along a step as far as the dual falls: length, and score, factor and gap there."""
    (score, gap), (step, reach, moved) = here, direction
    steepest = -float(gap @ step)
    linear = problem.distance == "linear" and not problem.bounded
    length = 1.0 if linear else min(1.0, _LONGEST / max(moved, 1e-300))
    for _ in range(_SHORTENINGS):
        there = score + length * reach
        factor = factor_at(there)
        left = (problem.mass * factor) @ problem.auxiliary - problem.total
        if left @ step <= _UPHILL * steepest or (np.abs(left) <= problem.limit).all():
            return length, there, factor, left
        length /= 2
    return 0.0, score, factor_at(score), gap
