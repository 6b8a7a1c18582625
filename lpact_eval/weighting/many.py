"""One calibration problem for many sets of masses at once: Newton's method on all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.weighting.solver import Problem, curve, solve

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray, IntArray
    from lpact_eval.weighting.solver import Metric

_STEPS = 25
_LONGEST = 2.0  # largest change of a score in one step
_NEAR = 1e-6  # change of a score after which Newton's method, being quadratic, is at 1e-12
_MET = 1e-12  # distance from the totals over the root of the total weight, auxiliaries being orthonormal
_SLACK = 10.0  # times the above: what rounding may leave
_RIDGE = 1e-13
_RANK_TOLERANCE = 1e-10
_BATCH = 64  # sets solved at once: their cells stay in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Part of a calibration step that shares no respondent with the others; c cells, q auxiliaries.

    Attributes
    ----------
    cells : ndarray of shape (c,), int
    basis : ndarray of shape (c, q)
        Auxiliaries, rotated so that their cross-products under the sample's own masses are the identity.
    total : ndarray of shape (q,)
    distance : str
    low, high : float
        Lowest and highest factor.
    persons : float
        Total weight to which masses are scaled before bounds hold; 0 where they are taken as they are.
    start : ndarray of shape (q,)
        Multipliers that the whole sample has.
    norm : float
        Root of the total weight, by which distances from the totals are judged.
    """

    cells: IntArray
    basis: FloatArray
    total: FloatArray
    distance: Metric
    low: float
    high: float
    persons: float
    start: FloatArray
    norm: float

    @property
    def bounded(self) -> bool:
        """Whether factors have bounds."""
        return self.low > (-np.inf if self.distance == "linear" else 0.0) or self.high < np.inf

    def problem(self, mass: FloatArray) -> Problem:
        """Pose the problem for one set of masses, shape (c,)."""
        limit = np.full(self.total.size, _MET * self.norm)
        return Problem(self.basis, mass, self.total, limit, self.distance, self.low, self.high)

    def scale(self, mass: FloatArray) -> FloatArray:
        """Factors that scale sets of masses, shape (R, c), to the population; shape (R, 1)."""
        sums = mass.sum(axis=1, keepdims=True)
        return np.divide(self.persons, sums, out=np.ones_like(sums), where=(sums > 0) & (self.persons > 0))


def components(used: BoolArray) -> list[IntArray]:
    """Columns of auxiliaries, shape (cells, p), that are connected by cells which both touch."""
    joined = (used.T.astype(float) @ used.astype(float)) > 0
    left = set(np.flatnonzero(used.any(axis=0)).tolist())
    found: list[IntArray] = []
    while left:
        seen, edge = set[int](), {min(left)}
        while edge:
            seen |= edge
            edge = set(np.flatnonzero(joined[sorted(edge)].any(axis=0)).tolist()) - seen
        left -= seen
        found.append(np.array(sorted(seen), dtype=np.intp))
    return found


def rotated(auxiliary: FloatArray, mass: FloatArray) -> FloatArray:
    """Rotate and scale auxiliaries so that they are orthonormal under the masses; collinear ones fall away."""
    _, size, direction = np.linalg.svd(np.sqrt(mass)[:, None] * auxiliary, full_matrices=False)
    kept = size > _RANK_TOLERANCE * size.max(initial=0.0)
    return auxiliary @ (direction[kept].T / size[kept])


def factors_of_many(block: Block, mass: FloatArray) -> tuple[FloatArray, int]:
    """Find factors that meet the totals from each of many sets of masses.

    Parameters
    ----------
    block : Block
    mass : ndarray of shape (R, c)

    Returns
    -------
    ndarray of shape (R, c)
    int
        Sets that have no such factors.

    Notes
    -----
    Plain Newton steps from the multipliers of the whole sample, which are near those of each replicate; the few sets
    for which these do not arrive are solved one by one, with shortened steps.

    References
    ----------
    Deville & Särndal (1992), *JASA* 87, 376-382; Deville, Särndal & Sautory (1993), *JASA* 88, 1013-1020.
    """
    scale = block.scale(mass)
    scaled = mass * scale
    factor = np.empty_like(mass)
    missed = np.empty(mass.shape[0], dtype=np.bool_)
    pairs = _Pairs.of(block.basis)
    with np.errstate(over="ignore", invalid="ignore"):  # sets that run away are solved one by one
        for at in range(0, mass.shape[0], _BATCH):
            batch = slice(at, at + _BATCH)
            factor[batch], missed[batch] = _together(block, pairs, scaled[batch])
    lost = 0
    for row in np.flatnonzero(missed):
        alone = factors_alone(block.problem(scaled[row]))
        factor[row] = 1.0 if alone is None else alone
        lost += alone is None
    factor *= scale
    return factor, lost


def factors_alone(problem: Problem) -> FloatArray | None:
    """Factors of one set of masses, shape (c,); None where none meet the totals."""
    try:
        solution = solve(problem)
    except np.linalg.LinAlgError:
        return None
    return solution.factor if solution.met else None


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Products of every two auxiliaries, by which cross-products of many sets of masses are one multiplication.

    Attributes
    ----------
    product : ndarray of shape (c, q (q + 1) / 2)
    place : ndarray of shape (q, q), int
        Column of `product` that holds a pair.
    """

    product: FloatArray
    place: IntArray

    @staticmethod
    def of(x: FloatArray) -> _Pairs:
        """Multiply the columns of x, shape (c, q)."""
        first, second = np.triu_indices(x.shape[1])
        place = np.empty((x.shape[1], x.shape[1]), dtype=np.intp)
        place[first, second] = place[second, first] = np.arange(first.size)
        return _Pairs(x[:, first] * x[:, second], place)

    def under(self, mass: FloatArray) -> FloatArray:
        """Cross-products under sets of masses, shape (B, c); shape (B, q, q)."""
        return (mass @ self.product).take(self.place, axis=1)


def _together(block: Block, pairs: _Pairs, mass: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Newton steps on a batch of masses, shape (B, c): factors, and which sets miss the totals."""
    x, rows = block.basis, np.ascontiguousarray(block.basis.T)
    factor_at, slope_at = curve(block.problem(mass))
    ridge = _RIDGE * np.eye(x.shape[1])
    limit = np.inf if block.distance == "linear" and not block.bounded else _LONGEST
    score = np.repeat((x @ block.start)[None, :], mass.shape[0], axis=0)
    for _ in range(_STEPS):
        factor = factor_at(score)
        gap = block.total - (mass * factor) @ x
        step = np.linalg.solve(pairs.under(mass * slope_at(factor)) + ridge, gap[:, :, None])[:, :, 0]
        reach = step @ rows
        size = np.abs(reach).max(axis=1, initial=0.0)
        farthest = size.max(initial=0.0)
        score += reach if farthest <= limit else reach * np.minimum(1.0, limit / np.maximum(size, limit))[:, None]
        if farthest <= _NEAR:
            break
    factor = factor_at(score)
    gap = np.abs((mass * factor) @ x - block.total).max(axis=1, initial=0.0)
    missed: BoolArray = ~(gap <= _SLACK * _MET * block.norm)
    return factor, missed
