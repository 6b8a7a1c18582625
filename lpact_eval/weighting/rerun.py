"""Run the calibration steps of a design again for many sets of starting weights at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WeightingError
from lpact_eval.weighting.many import Block, components, factors_of_many, rotated
from lpact_eval.weighting.retrim import cap_again, trim_again
from lpact_eval.weighting.solver import solve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.replicate_weights import ReplicateWeights
    from lpact_eval.sample import BoolArray, Calibration, Design, FloatArray, IntArray, Trimming
    from lpact_eval.weighting.solver import Metric

_SPAN_TOLERANCE = 1e-7  # distance of the sample's own weights from what a step of its kind can give


def starting_weight(design: Design) -> FloatArray:
    """Weights before the first calibration step that touched each respondent, shape (n,)."""
    weight = design.weight
    for step in reversed(design.calibration):
        weight = _before(step, weight)
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
        If it is not known how a step changed the weights, or a replicate can't meet the totals: one in which a
        category has no respondents left never can.

    Notes
    -----
    Bounds are those of the whole sample: ratios to a replicate's own starting weights, limits in multiples of its own
    mean. A linear calibration without bounds may give a replicate negative weights, as in R, though never the sample.

    References
    ----------
    Deville, Särndal & Sautory (1993), *JASA* 88, 1013-1020; Valliant (1993), *JASA* 88, 89-96.
    """
    after = design.weight
    taken: list[tuple[Calibration, FloatArray, FloatArray]] = []
    for step in reversed(design.calibration):
        before = _before(step, after)
        taken.append((step, before, after))
        after = before
    for step, before, met in reversed(taken):
        _rerun(step, before, met, weights)


def carried_through(design: Design, replicates: ReplicateWeights) -> Design:
    """Run the newest calibration step again on the design's replicate weights."""
    weights = replicates.rows.copy()
    _rerun(design.calibration[-1], replicates.full, design.weight, weights)
    return replace(design, replicates=replace(replicates, weight=weights.T, full=design.weight))


def _before(step: Calibration, after: FloatArray) -> FloatArray:
    """Weights that a step started from; those of respondents whom it left alone are what they are after it."""
    trim = step.distance == "trim"
    touched: BoolArray = step.weight_before > 0 if trim else np.any(step.auxiliary != 0, axis=1)[step.cell]
    return np.where(touched, step.weight_before, after)


def _rerun(step: Calibration, before: FloatArray, met: FloatArray, weights: FloatArray) -> None:
    """Run one step again on each row of `weights`, in place."""
    if step.trimming is not None:
        lost = _retrimmed(step, step.trimming, (before, met), weights)
        if lost:
            raise WeightingError(_cannot_meet(step, lost, len(weights)))
        return
    cells = step.auxiliary.shape[0]
    mass = np.empty((len(weights), cells))
    for number, row in enumerate(weights):
        mass[number] = np.bincount(step.cell, row, minlength=cells)
    factor = np.repeat(_left_out(step, before, met)[None, :], len(weights), axis=0)
    for block in _blocks(step, before, met):
        factor[:, block.cells], lost = factors_of_many(block, mass[:, block.cells])
        if lost:
            raise WeightingError(_cannot_meet(step, lost, len(weights)))
    change = np.empty(step.cell.size)
    for number, row in enumerate(factor):
        weights[number] *= row.take(step.cell, out=change, mode="clip")


def _retrimmed(
    step: Calibration, trimming: Trimming, masses: tuple[FloatArray, FloatArray], weights: FloatArray
) -> int:
    """Run a step with limits of the weights again; replicates that can't keep them. The sample's own must come back."""
    before, met = masses
    lost = 0
    again = np.vstack([before, weights])
    if trimming.spread == "margins":
        again *= _left_out(step, before, met).take(step.cell)
        lost = cap_again(step, trimming, met, again)
    else:
        trim_again(step, trimming, again)
    if np.abs(again[0] - met).max(initial=0.0) > _SPAN_TOLERANCE * met.max(initial=1e-300):
        raise WeightingError(_cannot_rerun(step))
    weights[:] = again[1:]
    return lost


def _left_out(step: Calibration, before: FloatArray, met: FloatArray) -> FloatArray:
    """Factors of 1, and of 0 where a step took away the weight of those without auxiliaries, shape (cells,)."""
    cells = step.auxiliary.shape[0]
    had, has = (np.bincount(step.cell, weight, minlength=cells) > 0 for weight in (before, met))
    return np.where(had & ~has & ~(step.auxiliary != 0).any(axis=1), 0.0, 1.0)


def _blocks(step: Calibration, before: FloatArray, met: FloatArray) -> Iterator[Block]:
    """Split a step into its independent blocks and find what each was."""
    cells = step.auxiliary.shape[0]
    start, end = (np.bincount(step.cell, weight, minlength=cells).astype(np.float64) for weight in (before, met))
    ratio: FloatArray = np.divide(end, start, out=np.ones_like(start), where=start > 0)
    if np.abs(met - before * ratio.take(step.cell)).max(initial=0.0) > _SPAN_TOLERANCE * met.max(initial=1e-300):
        raise WeightingError(_cannot_rerun(step))
    for columns in components(step.auxiliary != 0):
        part = step.auxiliary[:, columns]
        inside = np.flatnonzero((part != 0).any(axis=1) & (start > 0))
        yield _block(step, inside, part[inside], (start[inside], end[inside]))


def _block(step: Calibration, inside: IntArray, auxiliary: FloatArray, masses: tuple[FloatArray, FloatArray]) -> Block:
    """Take one block: the distance that gives the ratios of new to old weight, and its multipliers."""
    start, end = masses
    basis = rotated(auxiliary, end if (end > 0).all() else start)
    for distance in _kinds(step):
        low, high = step.bounds or (-np.inf if distance == "linear" else 0.0, np.inf)
        persons = float(end.sum()) if step.scaled and step.bounds and _spans_constant(basis, end) else 0.0
        norm = float(np.sqrt(end.sum()))
        block = Block(inside, basis, basis.T @ end, distance, low, high, persons, 0.0 * basis[0], norm)
        multiplier = _multiplier(block, start, end)
        if multiplier is not None:
            return replace(block, start=multiplier)
    raise WeightingError(_cannot_rerun(step))


def _kinds(step: Calibration) -> tuple[Metric, ...]:
    """Distances that a step can have had."""
    if step.distance == "" or step.distance == "trim":  # noqa: PLR1714 - a type checker narrows by comparisons
        return ("raking", "linear")
    return (step.distance,)


def _spans_constant(basis: FloatArray, mass: FloatArray) -> bool:
    """Whether a step that meets its totals also fixes the total weight."""
    return bool(np.abs(basis @ (basis.T @ mass) - 1).max(initial=0.0) <= _SPAN_TOLERANCE)


def _multiplier(block: Block, start: FloatArray, end: FloatArray) -> FloatArray | None:
    """Multipliers under which a block's calibration gives the sample its own weights; None where none do."""
    scale = float(block.scale(start[None, :])[0, 0])
    if block.bounded:
        solution = solve(block.problem(start * scale))
        return solution.multiplier if _same(solution.factor * scale, end / start) else None
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.log(end / start) if block.distance == "raking" else end / start - 1
    if not np.isfinite(score).all():
        return None
    root = np.sqrt(start)
    multiplier: FloatArray = np.linalg.lstsq(root[:, None] * block.basis, root * score, rcond=None)[0].astype(
        np.float64
    )
    return multiplier if _same(block.basis @ multiplier, score) else None


def _same(first: FloatArray, second: FloatArray) -> bool:
    """Whether ratios of new to old weight agree."""
    return bool(np.abs(first - second).max(initial=0.0) <= _SPAN_TOLERANCE * max(1.0, np.abs(second).max(initial=0.0)))


def _cannot_meet(step: Calibration, lost: int, count: int) -> str:
    """Say how many replicates have no weights that meet the totals, and why."""
    what = f" ({step.note})" if step.note else ""
    cause = "a category has no respondents left in them"
    if step.bounds or step.trimming:
        cause += ", or the bounds are too narrow for them"
    return (
        f"Cannot re-run the weighting{what}: {lost} of {count} replicates can't meet the margins, most likely because "
        f"{cause}. Merge small categories (rake with collapse=), or use method='jackknife'."
    )


def _cannot_rerun(step: Calibration) -> str:
    """Say that it is not known how a step changed the weights."""
    what = f" ({step.note})" if step.note else ""
    kinds = {"": "an unbounded raking or linear calibration", "trim": "its trimming"}
    kind = kinds.get(step.distance, f"its {step.distance} calibration")
    return (
        f"Cannot re-run a calibration step{what}: the sample's weights are not those of {kind}, so that they were "
        "changed in another way since. Give reweight=, a function that weights a sample from its starting weights, or "
        "reweight='fixed' to keep the weights as they are."
    )
