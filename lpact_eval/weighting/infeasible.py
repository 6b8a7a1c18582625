"""Why no weights meet the totals: which variable, and what would do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WeightingError
from lpact_eval.weighting.blocks import Categories

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray
    from lpact_eval.weighting.blocks import Block
    from lpact_eval.weighting.cells import Cells
    from lpact_eval.weighting.solver import Problem, Solution

_MOST_CELLS = 20_000  # beyond which looking for the reason would take longer than the reader waits
_MOST_CELLS_WIDENED = 1_000  # a table of cells by cells


def cannot_meet(
    block: Block, cells: Cells, problem: Problem, solution: Solution, *, limits: tuple[str, float, float] | None
) -> WeightingError:
    """Say which variable stands in the way of a group's totals.

    Parameters
    ----------
    block : Block
    cells : Cells
    problem : Problem
    solution : Solution
        As it was left.
    limits : tuple of str and two floats, or None
        Limits in words, such as "the bounds (0.5, 2)", and the lowest and the highest.

    Returns
    -------
    WeightingError
    """
    size = np.abs(problem.auxiliary).T @ problem.mass
    scale = size if block.persons is None else np.full(size.size, block.persons)
    gaps = np.abs(solution.gap) / np.where(size > 0, scale, 1.0)
    worst = int(gaps.argmax())
    counts = cells.respondents()[block.cells]
    told = [
        f"{term.target.title} {term.target.told(term.codes, counts)}"
        for term in block.terms
        if isinstance(term, Categories)
    ]
    respondents = f" Respondents: {'; '.join(told)}." if told else ""
    msg = (
        f"Cannot {block.task}: no weights meet the margins; the farthest is {block.names[worst]}, {gaps[worst]:.2%} "
        f"of the population off after {solution.iterations} steps. {_reason(block, problem, limits)}{respondents}"
    )
    return WeightingError(msg)


def _reason(block: Block, problem: Problem, limits: tuple[str, float, float] | None) -> str:
    """Find by linear programming what can't be met, and with what it could be."""
    if problem.mass.size > _MOST_CELLS:
        return "Merge categories, drop a margin or widen the bounds."
    free = (0.0, np.inf)
    everything = np.ones(problem.total.size, dtype=bool)
    if limits and _feasible(problem, everything, free):
        what, low, high = limits
        return f"Most likely {what} are too narrow for these margins.{_wide_enough(problem, low, high)}"
    if _feasible(problem, everything, free):
        return (
            "They could be met only with weights of 0 for some respondents. Merge categories, drop a margin, or take "
            "targets nearer to the respondents."
        )
    apart = [
        place for place in range(len(block.terms)) if not _feasible(problem, np.isin(block.owner, [-1, place]), free)
    ]
    if apart:
        names = ", ".join(repr(block.terms[place].name) for place in apart)
        return (
            f"Most likely the target of {names} lies outside what the respondents answered. "
            "Leave the variable out, or take a target nearer to them."
        )
    spoilers = [place for place in range(len(block.terms)) if _feasible(problem, block.owner != place, free)]
    names = " or ".join(repr(block.terms[place].name) for place in spoilers)
    hint = f" The rest can be met without {names}." if spoilers else ""
    return (
        "Most likely margins contradict each other here: some combination of categories has no respondents."
        f"{hint} Merge categories or drop a margin."
    )


def _feasible(problem: Problem, used: BoolArray, limits: tuple[float, float]) -> bool:
    """Whether factors within limits meet the totals that are used, those of 0 included."""
    from scipy.optimize import linprog  # noqa: PLC0415 - 0.3 s that only a refusal needs

    equations = problem.auxiliary[:, used].T * problem.mass
    size = np.maximum(np.abs(equations).sum(axis=1), np.finfo(float).tiny)
    found = linprog(
        np.zeros(problem.mass.size),
        A_eq=equations / size[:, None],
        b_eq=problem.total[used] / size,
        bounds=[limits] * problem.mass.size,
        method="highs",
    )
    return bool(found.status == 0)


def _wide_enough(problem: Problem, low: float, high: float) -> str:
    """Limits, widened on both sides alike, that would do."""
    from scipy.optimize import linprog  # noqa: PLC0415 - 0.3 s that only a refusal needs

    cells = problem.mass.size
    if cells > _MOST_CELLS_WIDENED or not np.isfinite(high):
        return ""
    unit = np.broadcast_to(high / np.asarray(problem.high), cells)  # 1 for ratios, the weight before for weights
    equations: FloatArray = problem.auxiliary.T * problem.mass
    size = np.maximum(np.abs(equations).sum(axis=1), np.finfo(float).tiny)
    above = np.hstack([np.diag(unit), np.full((cells, 1), 1 - high)])
    below = np.hstack([-np.diag(unit), np.full((cells, 1), low - 1)])
    found = linprog(
        np.append(np.zeros(cells), 1.0),
        A_ub=np.vstack([above, below]),
        b_ub=np.append(np.ones(cells), -np.ones(cells)),
        A_eq=np.hstack([equations / size[:, None], np.zeros((size.size, 1))]),
        b_eq=problem.total / size,
        bounds=[(0.0, None)] * (cells + 1),
        method="highs",
    )
    if found.status != 0 or found.x is None:
        return ""
    stretch = 1.05 * float(found.x[-1])  # at the very narrowest most weights would lie on a limit
    return f" From {max(1 - stretch * (1 - low), 0.0):.2g} to {1 + stretch * (high - 1):.2g} would do."
