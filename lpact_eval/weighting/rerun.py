"""Run the calibration steps of a design again for many sets of starting weights at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import WeightingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.sample import BoolArray, Calibration, Design, FloatArray, IntArray

_STEPS = 80
_LONGEST_STEP = 2.0  # largest change of a log weight in one Newton step
_STEP_TOLERANCE = 1e-6  # change of a log weight after which Newton's method, being quadratic, is at 1e-12
_SPAN_TOLERANCE = 1e-7  # distance from what a raking or linear calibration of these auxiliaries can give
_RANK_TOLERANCE = 1e-10
_RIDGE = 1e-13


def starting_weight(design: Design) -> FloatArray:
    """Weights before the first calibration step that touched each respondent, shape (n,)."""
    weight = design.weight
    for step in reversed(design.calibration):
        weight = np.where(_touched(step), step.weight_before, weight)
    return weight


def rerun_steps(design: Design, weights: FloatArray) -> None:
    """Run every calibration step again on each row of `weights`, shape (R, n), in place.

    Parameters
    ----------
    design : Design
        Its steps tell what was met: totals are those of the weights after each step.
    weights : ndarray of shape (R, n)
        Starting weights of each replicate, changed into those that meet the totals.

    Raises
    ------
    WeightingError
        If a step was neither an unbounded raking nor a linear calibration, or a replicate can't meet the totals.

    References
    ----------
    Deville, Särndal & Sautory (1993), *JASA* 88, 1013-1020; Valliant (1993), *JASA* 88, 89-96.
    """
    after = design.weight
    taken: list[tuple[Calibration, FloatArray, FloatArray]] = []
    for step in reversed(design.calibration):
        before = np.where(_touched(step), step.weight_before, after)
        taken.append((step, before, after))
        after = before
    for step, before, met in reversed(taken):
        _rerun(step, before, met, weights)


def carried_through(design: Design) -> Design:
    """Run the newest calibration step again on the design's replicate weights."""
    replicates = design.replicates
    if replicates is None:
        return design
    weights = replicates.rows.copy()
    _rerun(design.calibration[-1], replicates.full, design.weight, weights)
    return replace(design, replicates=replace(replicates, weight=weights.T, full=design.weight))


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Part of a step that shares no respondent with the others.

    Attributes
    ----------
    cells : ndarray of shape (c,), int
    basis : ndarray of shape (c, q)
        Auxiliaries, rotated so that their cross-products under the calibrated weights are the identity.
    total : ndarray of shape (q,)
    start : ndarray of shape (q,)
        Multipliers that the whole sample has.
    distance : str
    """

    cells: IntArray
    basis: FloatArray
    total: FloatArray
    start: FloatArray
    distance: Literal["raking", "linear"]


def _touched(step: Calibration) -> BoolArray:
    """Tell which respondents have auxiliaries in the step, shape (n,)."""
    return np.asarray(np.any(step.auxiliary != 0, axis=1)[step.cell], dtype=np.bool_)


def _rerun(step: Calibration, before: FloatArray, met: FloatArray, weights: FloatArray) -> None:
    """Run one step again on each row of `weights`, in place."""
    cells = step.auxiliary.shape[0]
    mass = np.array([np.bincount(step.cell, row, minlength=cells) for row in weights], dtype=np.float64).T
    factor = np.ones(mass.shape)
    for block in _blocks(step, before, met):
        solve = _raked if block.distance == "raking" else _linear
        factor[block.cells] = solve(block, mass[block.cells])
    for number, change in enumerate(np.ascontiguousarray(factor.T)):
        weights[number] *= change[step.cell]


def _blocks(step: Calibration, before: FloatArray, met: FloatArray) -> Iterator[_Block]:
    """Split a step into its independent blocks and find what each was."""
    cells = step.auxiliary.shape[0]
    start, end = (np.bincount(step.cell, weight, minlength=cells).astype(np.float64) for weight in (before, met))
    ratio: FloatArray = np.divide(end, start, out=np.ones_like(start), where=start > 0)
    strange = np.abs(met - before * ratio[step.cell]).max(initial=0.0) > _SPAN_TOLERANCE * met.max(initial=1e-300)
    for columns in _components(step.auxiliary != 0):
        part = step.auxiliary[:, columns]
        inside = np.flatnonzero((part != 0).any(axis=1) & (start > 0))
        basis = _rotated(part[inside], end[inside])
        distance, multiplier = _distance(basis, end[inside], ratio[inside])
        if strange or distance is None:
            raise WeightingError(_cannot_rerun(step))
        yield _Block(inside, basis, basis.T @ end[inside], multiplier, distance)


def _components(used: BoolArray) -> list[IntArray]:
    """Columns that are connected by cells which both touch."""
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


def _rotated(auxiliary: FloatArray, mass: FloatArray) -> FloatArray:
    """Rotate and scale auxiliaries so that they are orthonormal under the masses; collinear ones fall away."""
    _, size, direction = np.linalg.svd(np.sqrt(np.maximum(mass, 0.0))[:, None] * auxiliary, full_matrices=False)
    kept = size > _RANK_TOLERANCE * size.max(initial=0.0)
    return auxiliary @ (direction[kept].T / size[kept])


def _distance(
    basis: FloatArray, mass: FloatArray, ratio: FloatArray
) -> tuple[Literal["raking", "linear"] | None, FloatArray]:
    """Tell which calibration gives these ratios of new to old weight, and its multipliers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        tries: tuple[tuple[Literal["raking", "linear"], FloatArray], ...] = (
            ("raking", np.log(ratio)),
            ("linear", ratio - 1),
        )
    for distance, target in tries:
        if not np.isfinite(target).all():
            continue
        multiplier = basis.T @ (mass * target)
        if np.abs(basis @ multiplier - target).max(initial=0.0) <= _SPAN_TOLERANCE:
            return distance, multiplier
    return None, np.zeros_like(basis.sum(axis=0))


def _raked(block: _Block, mass: FloatArray) -> FloatArray:
    """Factors exp(basis x multiplier) that meet the totals from the masses, shape (c, R), by Newton's method."""
    x, total = block.basis, block.total[:, None]
    ridge = _RIDGE * np.eye(x.shape[1])
    multiplier = np.repeat(block.start[:, None], mass.shape[1], axis=1)
    active: IntArray = np.arange(mass.shape[1], dtype=np.intp)
    for _ in range(_STEPS):
        weighted = mass[:, active] * np.exp(x @ multiplier[:, active])
        step = np.linalg.solve(_cross_products(x, weighted) + ridge, (total - x.T @ weighted).T[:, :, None])[:, :, 0].T
        size = np.abs(x @ step).max(axis=0, initial=0.0)
        multiplier[:, active] += step * np.minimum(1.0, _LONGEST_STEP / np.maximum(size, 1e-300))
        active = active[~(size <= _STEP_TOLERANCE)]
        if not active.size:
            break
    return _met(block, mass, np.exp(x @ multiplier))


def _linear(block: _Block, mass: FloatArray) -> FloatArray:
    """Factors 1 + basis x multiplier that meet the totals from the masses, shape (c, R)."""
    x = block.basis
    cross = _cross_products(x, mass)
    multiplier = (
        np.linalg.pinv(cross, rcond=_RANK_TOLERANCE, hermitian=True) @ (block.total[:, None] - x.T @ mass).T[:, :, None]
    )
    return _met(block, mass, 1 + x @ multiplier[:, :, 0].T)


def _cross_products(x: FloatArray, mass: FloatArray) -> FloatArray:
    """Cross-products of the rows of x, shape (c, q), under columns of masses, shape (c, R); shape (R, q, q)."""
    first, second = np.triu_indices(x.shape[1])
    halves = mass.T @ (x[:, first] * x[:, second])
    whole = np.empty((mass.shape[1], x.shape[1], x.shape[1]))
    whole[:, first, second] = whole[:, second, first] = halves
    return whole


def _met(block: _Block, mass: FloatArray, factor: FloatArray) -> FloatArray:
    """Refuse factors that miss the totals."""
    gap = np.abs(block.basis.T @ (mass * factor) - block.total[:, None]).max(axis=0, initial=0.0)
    missed = ~(gap <= _SPAN_TOLERANCE * np.linalg.norm(block.total))
    if missed.any():
        msg = (
            f"Cannot re-run the weighting: {int(missed.sum())} of {missed.size} replicates can't meet the margins, "
            "most likely because a category has no respondents left in them. Merge small categories (rake with "
            "collapse=), or use method='jackknife'."
        )
        raise WeightingError(msg)
    return factor


def _cannot_rerun(step: Calibration) -> str:
    """Say that a step is of no kind that can be run again."""
    what = f" ({step.note})" if step.note else ""
    return (
        f"Cannot re-run a calibration step{what}: its weights are not those of an unbounded raking or a linear "
        "calibration (bounds that bind, trimming or another distance). Give reweight=, a function that weights a "
        "sample from its starting weights, or reweight='fixed' to keep the weights as they are."
    )
