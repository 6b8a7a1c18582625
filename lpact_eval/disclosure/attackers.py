"""What a reader could work out of a hidden cell: two tables that fit all that is shown and lie far apart in it.

For each sensitive cell p and hidden cells H, with the relations A and shifts s from the true counts,

    spread = max s_p - min s_p   subject to   A s = 0,  -fall <= s <= rise in H,  s = 0 elsewhere,  s whole.

The linear programs of all cells are solved as one, block by block. Where it gives a fraction, whole numbers are asked
for. A cell that is not protected gives a cut: with the multipliers g of A and d = e_p - A'g, max s_p is at most the sum
over hidden cells of d+ rise + d- fall, and so is -min s_p with d = -e_p - A'g. Every protecting set therefore has sums
of at least the width needed, both together, and of at least the depth needed, the second alone.

References
----------
Fischetti, M. & Salazar, J. J. (2001), "Solving the cell suppression problem on tabular data with linear constraints",
    *Management Science* 47, 1008-1027.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from lpact_eval.disclosure.relations import BoolArray, FloatArray, IntArray, System

BLOCK: Final = 40_000  # variables a program: larger ones gain nothing
HASTE: Final = 3  # targets at a time where one that is not protected settles it
WHOLE: Final = 1e-6
NODES: Final = 2_000  # a limit in nodes, not in seconds, gives the same answer on every machine
AJAR: Final = 0.01  # shown cells may move by this share of their bounds where a cut is made, which makes it stronger


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How far apart the tables lie that a reader cannot tell from the true one, per target.

    Attributes
    ----------
    high, low : ndarray of int, shape (k, n)
        Shifts in which the target is greatest and smallest.
    width, fall : ndarray of int, shape (k,)
        Between both, and from the true count to the smallest.
    """

    high: IntArray
    low: IntArray
    width: IntArray
    fall: IntArray

    def keep(self, which: IntArray, found: Spread) -> None:
        """Put what was found anew for some targets in its place."""
        self.high[which], self.low[which] = found.high, found.low
        self.width[which], self.fall[which] = found.width, found.fall


def spreads(system: System, hidden: BoolArray, which: IntArray, *, patient: bool = True) -> Spread:
    """Find whole tables that lie as far apart as some of the targets need, or as far as they can.

    Parameters
    ----------
    system : System
    hidden : ndarray of bool, shape (n,)
    which : ndarray of shape (k,)
        Numbers of the targets.
    patient : bool, default True
        Go on after a target that is not protected.

    Returns
    -------
    Spread
    """
    attack = _Attack.on(system, hidden, which)
    tables = attack.first_tables(system, which)
    spread = _widest(attack, tables)
    left = np.flatnonzero(~protected(system, spread, which))
    step = max(left.size, 1) if patient else HASTE
    for first in range(0, left.size, step):
        some = left[first : first + step]
        shifts = attack.one_by_one(some)
        tables = np.vstack([tables, _whole(shifts)])
        spread = _widest(attack, tables)
        broken = some[~_is_whole(shifts).reshape(-1, 2).all(axis=1)]
        for row in broken[~protected(system, spread, which)[broken]]:
            tables = np.vstack(
                [tables, attack.in_whole_numbers(int(row), -1.0), attack.in_whole_numbers(int(row), 1.0)]
            )
        spread = _widest(attack, tables)
        if not (patient or protected(system, spread, which)[some].all()):
            break
    return attack.whole_tables(spread, hidden.size)


def together(system: System, hidden: BoolArray, which: IntArray) -> Spread:
    """Find two whole tables, one in which all of some targets are high, and one in which all are low.

    It is quick, and enough for most targets.

    Parameters
    ----------
    system : System
    hidden : ndarray of bool, shape (n,)
    which : ndarray of shape (k,)
        Numbers of the targets.

    Returns
    -------
    Spread
    """
    attack = _Attack.on(system, hidden, which)
    return attack.whole_tables(_widest(attack, attack.first_tables(system, which)), hidden.size)


def fractional(system: System, hidden: BoolArray, which: IntArray) -> BoolArray:
    """Say which targets are protected from a reader who doesn't know that counts are whole.

    It is quick, and a target that is not protected here is not protected at all.

    Parameters
    ----------
    system : System
    hidden : ndarray of bool, shape (n,)
    which : ndarray of shape (k,)
        Numbers of the targets.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    attack = _Attack.on(system, hidden, which)
    high, low = attack.all_at_once(system, which)[:, attack.place]
    safe = (high - low >= system.widths[which] - WHOLE) & (-low >= system.depths[which] - WHOLE)
    if (left := np.flatnonzero(~safe)).size:
        shifts, numbers = attack.one_by_one(left), np.arange(left.size)
        high, low = shifts[0::2][numbers, attack.place[left]], shifts[1::2][numbers, attack.place[left]]
        safe[left] = (high - low >= system.widths[which[left]] - WHOLE) & (-low >= system.depths[which[left]] - WHOLE)
    return safe


def _is_whole(shifts: FloatArray) -> BoolArray:
    """Say which tables are in whole numbers."""
    return np.all(np.abs(shifts - np.rint(shifts)) <= WHOLE, axis=1)


def _whole(shifts: FloatArray) -> IntArray:
    """Keep the tables that are in whole numbers."""
    return np.rint(shifts[_is_whole(shifts)]).astype(np.intp)


def _widest(attack: _Attack, tables: IntArray) -> Spread:
    """Take for each target the two tables in which it is greatest and smallest."""
    moved = tables[:, attack.place]
    high, low = moved.argmax(axis=0), moved.argmin(axis=0)
    numbers = np.arange(attack.place.size)
    fall = -moved[low, numbers]
    return Spread(tables[high], tables[low], moved[high, numbers] + fall, fall)


@dataclass(frozen=True, slots=True, eq=False)
class _Attack:
    """The hidden cells of a system, and the places of the targets among them."""

    columns: IntArray
    place: IntArray
    matrix: sparse.csr_array
    low: FloatArray
    high: FloatArray

    @classmethod
    def on(cls, system: System, hidden: BoolArray, which: IntArray) -> _Attack:
        """Leave out what is shown."""
        columns = np.flatnonzero(hidden)
        matrix = system.matrix[:, columns]
        used = matrix[np.flatnonzero(np.diff(matrix.indptr)), :]
        place = np.searchsorted(columns, system.targets[which])
        return cls(columns, place, used, -system.fall[columns], system.rise[columns])

    def first_tables(self, system: System, which: IntArray) -> IntArray:
        """Give the true table and the whole ones that move all targets; each serves every target."""
        true = np.zeros((1, self.columns.size), dtype=np.intp)
        return np.vstack([true, _whole(self.all_at_once(system, which))])

    def whole_tables(self, spread: Spread, size: int) -> Spread:
        """Put shifts of hidden cells in their places among all."""
        full = np.zeros((2, self.place.size, size), dtype=np.intp)
        full[:, :, self.columns] = spread.high, spread.low
        return Spread(full[0], full[1], spread.width, spread.fall)

    def all_at_once(self, system: System, which: IntArray) -> FloatArray:
        """Solve for one table in which all targets are high, none more than it needs, and one in which all are low."""
        high = self.high.copy()
        high[self.place] = np.minimum(high[self.place], system.widths[which])
        objective = np.zeros((2, self.columns.size))
        objective[0, self.place], objective[1, self.place] = -1.0, 1.0
        return self._block(objective, high)

    def one_by_one(self, some: IntArray) -> FloatArray:
        """Solve for tables in which one of the targets is as high, or as low, as it can be: two rows a target."""
        place, size = self.place[some], self.columns.size
        step = max(1, BLOCK // max(2 * size, 1))
        found: list[FloatArray] = []
        for first in range(0, place.size, step):
            part = place[first : first + step]
            objective = np.zeros((2 * part.size, size))
            objective[np.arange(2 * part.size), np.repeat(part, 2)] = np.tile([-1.0, 1.0], part.size)
            found.append(self._block(objective, self.high))
        return np.concatenate(found)

    def _block(self, objective: FloatArray, high: FloatArray) -> FloatArray:
        """Solve one linear program for each row of the objective, all as one."""
        count, size = objective.shape
        result = milp(
            objective.ravel(),
            bounds=Bounds(np.tile(self.low, count), np.tile(high, count)),
            constraints=_level(sparse.kron(sparse.eye_array(count), self.matrix, format="csr")),
        )
        # without an answer nothing has moved: a cell is never taken for better protected than it is
        return np.zeros((count, size)) if result.x is None else np.asarray(result.x).reshape(count, size)

    def in_whole_numbers(self, number: int, sign: float) -> IntArray:
        """Solve for the table in which a target is highest (sign below 0) or lowest, in whole numbers."""
        objective = np.zeros(self.columns.size)
        objective[self.place[number]] = sign
        result = milp(
            objective,
            integrality=np.ones(objective.size, dtype=np.intp),
            bounds=Bounds(self.low, self.high),
            constraints=_level(self.matrix),
            options={"node_limit": NODES},
        )
        found = np.zeros(objective.size) if result.x is None else np.asarray(result.x)
        return np.rint(found).astype(np.intp)


def _level(matrix: sparse.csr_array) -> list[LinearConstraint]:
    """Say that every equation holds; the solver takes no empty matrix."""
    return [LinearConstraint(matrix, 0, 0)] if matrix.shape[0] else []


def protected(system: System, spread: Spread, which: IntArray) -> BoolArray:
    """Say which of some targets a spread protects.

    Parameters
    ----------
    system : System
    spread : Spread
        Of these targets.
    which : ndarray of shape (k,)
        Numbers of the targets.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    return (spread.width >= system.widths[which]) & (spread.fall >= system.depths[which])


def cuts(system: System, hidden: BoolArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
    """Say what every protecting set must meet that these hidden cells fail.

    Parameters
    ----------
    system : System
    hidden : ndarray of bool, shape (n,)
    which : ndarray of shape (k,)
        Numbers of targets that are not protected.

    Returns
    -------
    coefficients : ndarray of shape (c, n)
    right : ndarray of shape (c,)
        The coefficients of the hidden cells add up to at least this.
    """
    for opened in (np.where(hidden, 1.0, AJAR), hidden.astype(np.float64)):
        rows, right = _broken(system, opened, hidden, which)
        if right.size:
            return rows, right
    # where only whole numbers give the cell away, all that is known is that something more must be hidden
    return np.where(hidden, 0.0, 1.0)[None, :], np.ones(1)


def _broken(system: System, opened: FloatArray, hidden: BoolArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
    """Make the cuts of width and of depth per target, and keep those that the hidden cells break."""
    upwards, downwards = _reached(system, opened, which)
    rows = np.vstack([upwards + downwards, downwards])
    need = np.concatenate([system.widths[which], system.depths[which]])
    numbers = np.arange(need.size), np.tile(system.targets[which], 2)
    right = need - rows[numbers]
    rows[numbers] = 0.0
    rows = np.where(rows > WHOLE, np.minimum(rows, right[:, None]), 0.0)
    broken = rows @ hidden < right - WHOLE
    return rows[broken], right[broken]


def _reached(system: System, opened: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
    """Read off the multipliers how far each cell, once hidden, could let each target rise and fall."""
    step = max(1, BLOCK // (2 * opened.size))
    found = [_multiplied(system, opened, which[first : first + step]) for first in range(0, which.size, step)]
    reached = np.concatenate(found)
    return reached[0::2], reached[1::2]


def _multiplied(system: System, opened: FloatArray, which: IntArray) -> FloatArray:
    """Solve for the multipliers of two programs a target, and what they give each cell."""
    place = np.repeat(system.targets[which], 2)
    size, count = opened.size, place.size
    objective = np.zeros((count, size))
    objective[np.arange(count), place] = -np.tile([1.0, -1.0], which.size)
    rise, fall = np.tile(system.rise * opened, count), np.tile(system.fall * opened, count)
    result = linprog(
        objective.ravel(),
        # the solver takes sparse matrices, its stubs know of none
        A_eq=cast("FloatArray", sparse.kron(sparse.eye_array(count), system.matrix, format="csr")),
        b_eq=np.zeros(count * system.matrix.shape[0]),
        bounds=list(zip(-fall, rise, strict=True)),
        method="highs",
    )
    multipliers = np.asarray(result.eqlin.marginals, dtype=np.float64).reshape(count, -1)
    reduced = (system.matrix.T @ multipliers.T).T - objective
    return np.maximum(reduced, 0) * system.rise + np.maximum(-reduced, 0) * system.fall
