"""One calibration step: every group solved, the factors spread to the respondents, and what was done put on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.sample import Calibration, Trimming
from lpact_eval.weighting.capped import cap
from lpact_eval.weighting.cells import told
from lpact_eval.weighting.infeasible import cannot_meet
from lpact_eval.weighting.record import Record
from lpact_eval.weighting.solver import Metric, Problem, Solution, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray, Sample
    from lpact_eval.weighting.blocks import Block
    from lpact_eval.weighting.cells import Cells

_ROUNDING = 1e-12  # share of the weights under which nothing was moved
_LOOSEST = 0.01  # tolerance above which margins would be met in name only
_VANISHING = 1e-10  # ratio of smallest to largest factor at which margins are met only in the limit


@dataclass(frozen=True, slots=True)
class Manner:
    """How totals are met.

    Attributes
    ----------
    distance : str
    bounds : tuple of two floats, or None
        Lowest and highest ratio of new to old weight.
    tolerance : float
        Largest relative distance from a margin.
    scaled : bool
        Whether old weights are scaled to the margins' total before bounds are counted.
    within : str
        Variable of the groups; empty without one.
    trimming : Trimming or None
        Limits of the weights themselves, in multiples of the group's mean.
    """

    distance: Metric = "raking"
    bounds: tuple[float, float] | None = None
    tolerance: float = 1e-10
    scaled: bool = True
    within: str = ""
    trimming: Trimming | None = None


def check_bounds(bounds: tuple[float, float] | None, task: str) -> None:
    """Refuse bounds that do not bracket 1."""
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1]:
        msg = (
            f"Cannot {task} with bounds={bounds}: they are ratios of new to old weight that bracket 1, as in (0.3, 3)."
        )
        raise WrongUseError(msg)


def check_tolerance(tolerance: float, task: str) -> None:
    """Refuse a tolerance at which margins would not be met."""
    if not 0 <= tolerance <= _LOOSEST:
        msg = (
            f"Cannot {task} with tolerance={tolerance}: it is the largest relative distance from a margin, from 0 to "
            f"{_LOOSEST:g}."
        )
        raise WrongUseError(msg)


def take_step(
    sample: Sample,
    cells: Cells,
    blocks: Sequence[Block],
    manner: Manner,
    *,
    left_out: IntArray | None = None,
    notes: Sequence[str] = (),
) -> Sample:
    """Weight every group of a sample.

    Parameters
    ----------
    sample : Sample
    cells : Cells
        Of the sample's respondents.
    blocks : sequence of Block
    manner : Manner
    left_out : ndarray, int, optional
        Cells of no block whose weight becomes 0.
    notes : sequence of str
        What else the weight report shall say of the step.

    Returns
    -------
    Sample
        Same respondents, new weights, one more calibration step; replicate weights carried through.

    Raises
    ------
    WeightingError
        If a group's totals can't be met, or only by negative weights.
    """
    factor = np.ones(cells.mass.size)
    said = [*notes, *_left_out(cells, left_out, manner.within)]
    if left_out is not None:
        factor[left_out] = 0.0
    parts = [_part(block, cells, manner) for block in blocks]
    for block, part in zip(blocks, parts, strict=True):
        factor[block.cells], factor[block.left_out] = part.factor, 0.0
        said += block.notes
    weight = (factor * cells.weight[0] if cells.even else factor).take(cells.cell, mode="wrap")
    if not cells.even:
        weight *= cells.weight
    trimmed = _put_capped(parts, weight)
    step = Calibration(
        cells.cell,
        partial(_block_diagonal, blocks, cells.mass.size),
        cells.weight,
        "; ".join(said),
        manner.distance,
        manner.bounds,
        manner.within,
        max((part.iterations for part in parts), default=0),
        Record([(block, part.before, part.mass) for block, part in zip(blocks, parts, strict=True)]),
        trimmed,
        manner.trimming,
        manner.scaled,
    )
    return with_step(sample, weight, step)


def with_step(sample: Sample, weight: FloatArray, step: Calibration) -> Sample:
    """Return the sample under new weights, its replicate weights taken through the same step."""
    design = replace(sample.design, weight=weight, calibration=(*sample.design.calibration, step))
    if design.replicates is None:
        return sample.with_design(design)
    from lpact_eval.weighting.rerun import carried_through  # noqa: PLC0415 - few designs have replicate weights

    return sample.with_design(carried_through(design, design.replicates))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One group solved; c cells.

    Attributes
    ----------
    factor : ndarray of shape (c,)
        Ratio of new to old weight, limits of the weights themselves left aside.
    mass : ndarray of shape (c,)
        New weights, summed.
    before : ndarray of shape (c,)
        Old weights, summed.
    iterations : int
    capped : tuple of two ndarray of shape (rows,), or None
        Respondents of the group and their weights inside the limits.
    """

    factor: FloatArray
    mass: FloatArray
    before: FloatArray
    iterations: int
    capped: tuple[IntArray, FloatArray] | None = None


def _part(block: Block, cells: Cells, manner: Manner) -> _Part:
    """Solve one group."""
    mass = cells.mass.take(block.cells)
    scale = _scale(block, mass, manner)
    problem = _problem(block, mass * scale, manner)
    solution = _solved(block, cells, problem, manner)
    plain = _Part(solution.factor * scale, problem.mass * solution.factor, mass, solution.iterations)
    if manner.trimming is None:
        return plain
    rows, weight, capped = cap(block, cells, problem, plain=solution, trimming=manner.trimming)
    summed = np.bincount(cells.cell[rows], weight, minlength=cells.mass.size)[block.cells]
    iterations = max(solution.iterations, capped.iterations)
    return _Part(plain.factor, summed.astype(np.float64), mass, iterations, (rows, weight))


def _put_capped(parts: Sequence[_Part], weight: FloatArray) -> float:
    """Put the weights inside limits in place; share of the total that moved."""
    moved = 0.0
    inside = [part.capped for part in parts if part.capped is not None]
    if not inside:
        return 0.0
    total = float(weight.sum())
    for rows, capped in inside:
        moved += float(np.abs(capped - weight[rows]).sum()) / 2
        weight[rows] = capped
    return moved / total if moved > _ROUNDING * total else 0.0


def _left_out(cells: Cells, left_out: IntArray | None, within: str) -> list[str]:
    """Say how many respondents of no group lose their weight."""
    if left_out is None or not left_out.size:
        return []
    count = int(cells.respondents()[left_out].sum())
    return [f"{told(count)} respondents without an answer on {within} left out"] if count else []


def _scale(block: Block, mass: FloatArray, manner: Manner) -> float:
    """Factor that brings the starting weights to the population's size, before ratios are counted."""
    start = float(mass.sum())
    if start <= 0:
        msg = f"Cannot {block.task}: no respondents of any weight are left in it."
        raise WeightingError(msg)
    return block.persons / start if manner.scaled and block.persons is not None else 1.0


def _problem(block: Block, mass: FloatArray, manner: Manner) -> Problem:
    """Totals, with how near to them is near enough, and limits of the factors."""
    low, high = manner.bounds or (-np.inf if manner.distance == "linear" else 0.0, np.inf)
    limit = block.limit(mass, manner.tolerance)
    return Problem(block.auxiliary, mass, block.total, limit, manner.distance, low, high)


def _solved(block: Block, cells: Cells, problem: Problem, manner: Manner) -> Solution:
    """Solve, and refuse what is no solution."""
    limits = (f"the bounds {manner.bounds}", *manner.bounds) if manner.bounds else None
    alone = manner.distance == "raking" and manner.bounds is None
    solution = solve(problem, start=block.start() if alone else None)
    lowest, highest = _extremes(solution.factor)
    if lowest < _VANISHING * highest:  # seldom, and then only cells of some mass count
        lowest, highest = _extremes(solution.factor[problem.mass > 0])
    if not solution.met or (alone and lowest < _VANISHING * highest):
        raise cannot_meet(block, cells, problem, solution, limits=limits)
    if lowest < 0:
        raise WeightingError(_negative(block, cells, solution, problem))
    return solution


def _extremes(factor: FloatArray) -> tuple[float, float]:
    """Smallest and largest factor."""
    return float(factor.min()), float(factor.max())


def _negative(block: Block, cells: Cells, solution: Solution, problem: Problem) -> str:
    """Say how many weights would be negative."""
    below = (solution.factor < 0) & (problem.mass > 0)
    count = int(cells.respondents()[block.cells[below]].sum())
    ratio = float(solution.factor[problem.mass > 0].min())
    return (
        f"Cannot {block.task}: the linear distance gives {told(count)} respondents negative weights (the lowest ratio "
        f"of new to old weight is {ratio:.3g}). Use distance='raking', or bounds such as bounds=(0.1, 5)."
    )


def _block_diagonal(blocks: Sequence[Block], rows: int) -> FloatArray:
    """Put the groups' auxiliaries on a diagonal; cells that no group has are rows of zeros."""
    joined = np.zeros((rows, sum(block.auxiliary.shape[1] for block in blocks)))
    column = 0
    for block in blocks:
        width = block.auxiliary.shape[1]
        joined[block.cells, column : column + width] = block.auxiliary
        column += width
    return joined
