"""A good set of hidden cells by itself: the cheapest ways round each sensitive cell, then whatever isn't needed back.

For each sensitive cell in turn, a linear program finds two shifts u and v with u_p - v_p of at least the width needed,
and -v_p of at least the depth, that move cells at least cost; cells already hidden cost nothing. It is solved again
with costs divided by how far cells moved, which gathers the shifts in fewer cells. What the shifts move is hidden. At
the end each hidden cell, dearest first, is shown again where all stay protected. The order is fixed, so the answer is.

References
----------
Kelly, J. P., Golden, B. L. & Assad, A. A. (1992), "Cell suppression: disclosure protection for sensitive tabular
    data", *Networks* 22, 397-417.
Candès, E. J., Wakin, M. B. & Boyd, S. P. (2008), "Enhancing sparsity by reweighted l1 minimization", *Journal of
    Fourier Analysis and Applications* 14, 877-905.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lpact_eval.disclosure.attackers import WHOLE, Spread, protected, spreads, together

if TYPE_CHECKING:
    from lpact_eval.disclosure.relations import BoolArray, FloatArray, System

PASSES: Final = 3
TRIED: Final = 100_000  # cells shown again at the most times cells, so that there is an end
FEWEST: Final = 20
SOON: Final = 0.5  # respondents: below it a shift counts as little
NOTHING: Final = 1e-4  # what a hidden cell costs, so that ways round a table stay short


def mended(system: System, start: BoolArray) -> tuple[BoolArray, Spread]:
    """Hide more cells until every target is protected, and show again what is not needed.

    Parameters
    ----------
    system : System
        Every target can be protected.
    start : ndarray of bool, shape (n,)
        Cells hidden to begin with.

    Returns
    -------
    hidden : ndarray of bool, shape (n,)
    spread : Spread
        For every target.
    """
    hidden, everyone = start.copy(), np.arange(system.targets.size)
    spread = spreads(system, hidden, everyone)
    left = everyone[~protected(system, spread, everyone)]
    while left.size:
        hidden |= _way_round(system, hidden, int(left[0]))
        # a way round one target is often one round others
        spread.keep(left, together(system, hidden, left))
        if not protected(system, spread, everyone)[left[0]]:
            spread.keep(left[:1], spreads(system, hidden, left[:1]))
        left = left[1:][~protected(system, spread, everyone)[left[1:]]]
    if not protected(system, spread, everyone).all():
        # the ways round are found in fractions, and need not be ways in whole numbers
        hidden[:] = True
        spread = spreads(system, hidden, everyone)
    return _without_spare(system, hidden, spread)


def _way_round(system: System, hidden: BoolArray, target: int) -> BoolArray:
    """Find cells whose hiding lets one target move as far as it needs to."""
    cost = np.where(hidden, NOTHING, system.cost)
    price, best = cost.copy(), np.ones(hidden.size, dtype=np.bool_)
    for _ in range(PASSES):
        moved = _cheapest_shift(system, target, price)
        if moved is None:
            return best
        found = moved > WHOLE
        if system.cost_of(found | hidden) < system.cost_of(best | hidden):
            best = found
        price = np.where(hidden, NOTHING, cost / (moved + SOON))
    return best


def _cheapest_shift(system: System, target: int, price: FloatArray) -> FloatArray | None:
    """Solve for how far each cell moves when a target moves as far as it needs to, at least price."""
    size = price.size
    width, place = system.widths[target], system.targets[target]
    equations, rows = system.matrix, system.matrix.shape[0]
    nothing = sparse.csr_array((rows, 2 * size))
    signed = sparse.hstack([equations, -equations])
    apart = np.zeros(4 * size)
    # upwards and downwards in the high table, then in the low one
    apart[[place, place + 3 * size]] = 1.0
    apart[[place + size, place + 2 * size]] = -1.0
    below = np.zeros(4 * size)
    below[[place + 2 * size, place + 3 * size]] = -1.0, 1.0
    need = [float(width), float(system.depths[target])]
    constraints = [LinearConstraint(sparse.csr_array(np.vstack([apart, below])), need, np.inf)]
    if rows:
        both = sparse.vstack([sparse.hstack([signed, nothing]), sparse.hstack([nothing, signed])], format="csr")
        constraints.append(LinearConstraint(both, 0, 0))
    result = milp(
        np.tile(price, 4),
        bounds=Bounds(np.zeros(4 * size), np.tile(np.concatenate([system.rise, system.fall]), 2)),
        constraints=constraints,
    )
    return None if result.x is None else np.asarray(result.x, dtype=np.float64).reshape(4, size).sum(axis=0)


def _without_spare(system: System, hidden: BoolArray, spread: Spread) -> tuple[BoolArray, Spread]:
    """Show cells again, dearest first, where all targets stay protected."""
    hidden = hidden.copy()
    spare = np.flatnonzero(hidden & ~system.hidden)
    for cell in sorted(spare, key=lambda number: (-system.cost[number], number))[: max(TRIED // hidden.size, FEWEST)]:
        touched = np.flatnonzero((spread.high[:, cell] != 0) | (spread.low[:, cell] != 0))
        hidden[cell] = False
        now = spreads(system, hidden, touched, patient=False)
        if not protected(system, now, touched).all():
            hidden[cell] = True
            continue
        spread.keep(touched, now)
    return hidden, spread
