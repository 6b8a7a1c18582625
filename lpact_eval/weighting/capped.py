"""Margins and limits of the weights themselves, both at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.sample import Trimming
from lpact_eval.weighting.infeasible import cannot_meet
from lpact_eval.weighting.solver import solve

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, IntArray
    from lpact_eval.weighting.blocks import Block
    from lpact_eval.weighting.cells import Cells
    from lpact_eval.weighting.solver import Problem, Solution

_INSIDE = 1e-12
_LIGHTEST = 1e-200  # stands for a weight of 0, whose ratio to a limit has no end


def trimming_of(trim: tuple[float, float] | None) -> Trimming | None:
    """Limits that keep margins met; refuses those that do not bracket the mean."""
    if trim is None:
        return None
    low, high = trim
    if not 0 <= low < 1 < high:
        msg = f"Cannot rake with trim={trim}: they are multiples of the mean weight that bracket 1, as in (0.2, 5)."
        raise WrongUseError(msg)
    return Trimming(low, high, "margins")


def cap(
    block: Block, cells: Cells, problem: Problem, *, plain: Solution, trimming: Trimming
) -> tuple[IntArray, FloatArray, Solution]:
    """Find the weights of a group that meet its margins and lie inside limits, nearest to the starting ones.

    Parameters
    ----------
    block : Block
    cells : Cells
    problem : Problem
        As solved without limits of the weights.
    plain : Solution
        What came out.
    trimming : Trimming

    Returns
    -------
    ndarray of shape (rows,), int
        Respondents in the block's cells.
    ndarray of shape (rows,)
        Their weights.
    Solution

    Raises
    ------
    WeightingError
        If margins and limits can't both hold.
    """
    place = np.full(cells.mass.size, -1, dtype=np.intp)
    place[block.cells] = np.arange(block.cells.size)
    inside = place[cells.cell]
    rows = np.flatnonzero(inside >= 0)
    inside = inside[rows]
    start = cells.weight[rows] * (problem.mass.sum() / cells.weight[rows].sum())
    mean = problem.mass.sum() / int((start > 0).sum())
    lowest, highest = trimming.low * mean, trimming.high * mean
    weight = start * plain.factor[inside]
    if ((weight <= highest * (1 + _INSIDE)) & ((weight >= lowest * (1 - _INSIDE)) | (start == 0))).all():
        return rows, weight, plain
    levels, fine = np.unique(start, return_inverse=True)
    present, first, fine = np.unique(fine * block.cells.size + inside, return_index=True, return_inverse=True)
    level = np.maximum(levels[present // block.cells.size], _LIGHTEST)
    bounds = np.broadcast_to(problem.low, problem.mass.shape), np.broadcast_to(problem.high, problem.mass.shape)
    finer = replace(
        problem,
        auxiliary=problem.auxiliary[inside[first]],
        mass=np.bincount(fine, start),
        low=np.maximum(lowest / level, bounds[0][inside[first]]),
        high=np.minimum(highest / level, bounds[1][inside[first]]),
    )
    solution = solve(finer, start=plain.multiplier)
    if not solution.met or bool(np.any(np.asarray(finer.low) > np.asarray(finer.high))):
        what = f"the limits of {trimming.low:g} to {trimming.high:g} times the mean weight"
        high = np.inf if problem.bounded else trimming.high  # with bounds as well there is no one width to advise
        raise cannot_meet(block, cells, finer, solution, limits=(what, trimming.low, high))
    return rows, start * solution.factor[fine], solution
