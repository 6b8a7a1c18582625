"""The cheapest set of hidden cells: a covering problem in whole numbers, with constraints made as they are broken.

Start from what every useful set meets: a hidden cell has another hidden cell beside it in each of its equations. Solve
for the cheapest set, ask what a reader could work out, add a cut for every sensitive cell that is not protected, and
solve again. Each solution costs no more than the best set can, so the search is over once it protects, or costs as much
as a set that does. Large systems stop after a number of rounds with the best set found and the bound reached.

References
----------
Fischetti, M. & Salazar, J. J. (2001), "Solving the cell suppression problem on tabular data with linear constraints",
    *Management Science* 47, 1008-1027.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lpact_eval.disclosure.attackers import Spread, cuts, fractional, protected, spreads
from lpact_eval.disclosure.paths import mended

if TYPE_CHECKING:
    from lpact_eval.disclosure.relations import BoolArray, FloatArray, System

EFFORT: Final = 3_000  # rounds times cells
FEWEST: Final = 3
MOST: Final = 60
NODES: Final = 500  # a limit in nodes, not in seconds, gives the same answer on every machine
NEAR: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Hidden cells of one system that protect all its targets.

    Attributes
    ----------
    hidden : ndarray of bool, shape (n,)
    spread : Spread
        For every target.
    cost, bound : float
        Of the cells hidden on account of others, and what they cost at least.
    """

    hidden: BoolArray
    spread: Spread
    cost: float
    bound: float


def cheapest(system: System) -> Pattern:
    """Hide the cells that protect all targets at least cost, or nearly so in a large system.

    Parameters
    ----------
    system : System
        Every target can be protected.

    Returns
    -------
    Pattern
    """
    everyone = np.arange(system.targets.size)
    hidden, bound, rows, right = system.hidden, 0.0, *_beside(system)
    for _ in range(min(MOST, max(FEWEST, EFFORT // system.values.size))):
        hidden, bound = _cover(system, rows, right, bound)
        safe = fractional(system, hidden, everyone)
        if safe.all():
            spread = spreads(system, hidden, everyone)
            safe = protected(system, spread, everyone)
            if safe.all():
                cost = system.cost_of(hidden)
                return Pattern(hidden, spread, cost, min(cost, bound))
        more, more_right = cuts(system, hidden, everyone[~safe])
        rows, right = np.vstack([rows, more]), np.concatenate([right, more_right])
    hidden, spread = mended(system, hidden)
    cost = system.cost_of(hidden)
    return Pattern(hidden, spread, cost, min(cost, bound))


def _beside(system: System) -> tuple[FloatArray, FloatArray]:
    """Say that a hidden cell is not the only one in an equation."""
    rows: list[FloatArray] = []
    right: list[float] = []
    for equation in system.matrix.toarray() != 0:
        cells = np.flatnonzero(equation)
        for cell in cells[~system.hidden[cells] | np.isin(cells, system.targets)]:
            if (system.hidden[cells] & (cells != cell)).any():
                continue
            row = equation.astype(np.float64)
            row[cell] = 0.0 if system.hidden[cell] else -1.0
            rows.append(row)
            right.append(1.0 if system.hidden[cell] else 0.0)
    return np.array(rows).reshape(len(rows), system.values.size), np.array(right)


def _cover(system: System, rows: FloatArray, right: FloatArray, bound: float) -> tuple[BoolArray, float]:
    """Solve for the cheapest set that meets all constraints so far, and what every set costs at least."""
    result = milp(
        np.where(system.hidden, 0.0, system.cost),
        integrality=np.ones(system.values.size, dtype=np.intp),
        bounds=Bounds(system.hidden.astype(np.float64), np.ones(system.values.size)),
        constraints=[LinearConstraint(sparse.csr_array(rows), right, np.inf)] if right.size else [],
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        return np.ones(system.values.size, dtype=np.bool_), bound
    return np.rint(result.x) > 0, max(bound, float(result.mip_dual_bound))
