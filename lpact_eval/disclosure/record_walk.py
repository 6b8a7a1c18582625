"""Walk from table to table, so that one count moves as far as it must and others make up for it.

The equations are solved for some of their cells, which then follow all others. Where a cell can't follow any further,
they are solved for another one instead: the simplex method, on a dense tableau that stays in whole numbers. All tables
on the way fit what is shown, and each may protect other counts too. The same walk, along the cheapest edges and with
shown cells in it, finds what to hide. Small tables are walked in a tenth of the time that a solver takes for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.disclosure.record_witness import FREE, scaled, steps_of

if TYPE_CHECKING:
    from lpact_eval.disclosure.record_witness import Pairs
    from lpact_eval.disclosure.relations import BoolArray, FloatArray, IntArray, System

_LARGEST: Final = 2_000_000  # entries of a tableau; above, `record_witness` searches and asks a solver
_MOVES: Final = 3_000
_STUCK: Final = 20  # moves by nothing, after which cells take turns, as they might go round in a circle otherwise
_FIRST: Final = 1e7  # what it is worth to move a target, above any price
_TINY: Final = 1e-9
_GAIN: Final = 1e-6

Solved = tuple["FloatArray", "IntArray", "IntArray"]


@dataclass(slots=True, eq=False)
class Walk:
    """Equations solved for some cells, and where the walk has come to; m equations, n cells.

    Attributes
    ----------
    system : System
    equations : ndarray
        As the system gives them.
    hidden : ndarray of bool, shape (n,)
    rows : ndarray of shape (m, n)
        Each times the shifts of the cells is 0, and is 1 for the cell that it is solved for, which no other names.
    solved : ndarray of int, shape (m,)
    row_of : ndarray of int, shape (n,)
        -1 for a cell for which none is solved.
    low, high : ndarray of shape (n,)
        How far each cell may be shifted; nowhere where it is shown.
    at : ndarray of shape (n,)
        Shifts of the table that the walk has come to.
    whole : tuple or None
        What was solved for what, before parts came in.
    """

    system: System
    equations: FloatArray
    hidden: BoolArray
    rows: FloatArray
    solved: IntArray
    row_of: IntArray
    low: FloatArray
    high: FloatArray
    at: FloatArray
    whole: Solved | None = None

    @classmethod
    def of(cls, system: System) -> Walk | None:
        """Begin at the true table.

        Parameters
        ----------
        system : System

        Returns
        -------
        Walk or None
            None where the equations are too many, or can't be solved in whole numbers one by one.
        """
        cells = len(system.names)
        if len(system.rows) * cells > _LARGEST:
            return None
        equations = system.dense()
        found = _solved(equations.copy(), system.hidden)
        if found is None:
            return None
        rows, solved = found
        row_of = np.full(cells, -1)
        row_of[solved] = np.arange(solved.size)
        low, high, at = np.zeros((3, cells))
        walk = cls(system, equations, system.hidden.copy(), rows, solved, row_of, low, high, at)
        walk.hide(system.hidden)
        return walk

    def hide(self, cells: BoolArray) -> None:
        """Let cells move, and go back to the true table.

        Parameters
        ----------
        cells : ndarray of bool, shape (n,)
        """
        self.hidden |= cells
        self.low[cells], self.high[cells] = -self.system.fall[cells], self.system.rise[cells]
        self.at = np.zeros(self.at.size)

    def protects(self, number: int, pairs: Pairs) -> bool:
        """Whether hidden cells let a target move as far as it must.

        Parameters
        ----------
        number : int
            Of the target.
        pairs : Pairs
            Takes up the tables on the way.

        Returns
        -------
        bool
            False where no such tables were found; there may be some.
        """
        depth, width = self.system.depths[number], self.system.widths[number]
        for goal in (
            lambda: -depth,
            lambda: width + pairs.low[number],
            lambda: pairs.high[number] - width,
        ):
            if pairs.protect(number):
                return True
            self._move(int(self.system.targets[number]), float(goal()), pairs)
        return pairs.protect(number)

    def way_round(self, number: int) -> FloatArray | None:
        """Find the two cheapest tables in which a target lies as far apart as it must; what moves has to be hidden.

        Parameters
        ----------
        number : int
            Of the target.

        Returns
        -------
        ndarray of shape (1 or 2, n), or None
            Shifts; None where there are none, or this walk does not lead to them.
        """
        cell, found = int(self.system.targets[number]), list["FloatArray"]()
        for step in steps_of(self.system, number, to_depth=True):
            shift = scaled(self.system, found[0], cell, step) if found else None
            if shift is None:
                shift = self._cheapest(cell, step)
            if shift is None:
                return None
            found.append(shift)
        return np.array(found)

    def _move(self, cell: int, goal: float, pairs: Pairs) -> None:
        """Move a cell as far as a goal, by way of the cells that have most room."""
        side, stuck, refused = (1.0 if goal > 0 else -1.0), 0, set[int]()
        for _ in range(_MOVES):
            left = side * (goal - self.at[cell])
            if left <= 0:
                return
            near, rates = self._near(cell, side)
            at = self.at[near]
            room = np.where(rates > 0, self.high[near] - at, at - self.low[near])
            if refused:
                room[np.isin(near, list(refused))] = 0
            most = int(room.argmax() if stuck <= _STUCK else (room > 0).argmax()) if room.size else -1
            if most < 0 or room[most] <= 0:
                return
            chosen, rate = int(near[most]), float(rates[most])
            way, far = (1.0 if rate > 0 else -1.0), float(min(room[most], left / abs(rate)))
            moved = self._go(chosen, way, far, (self.low, self.high))
            stuck = 0 if moved else stuck + 1
            if moved:
                pairs.widen(self.at)
                refused.clear()
            elif moved is None:
                refused.add(chosen)

    def _cheapest(self, cell: int, step: int) -> FloatArray | None:
        """Find the cheapest table in which a cell is shifted by a step, whatever is shown: what costs, then the rest.

        Asking for the shortest way at once leads to the same table by more moves.
        """
        low, high = -self.system.fall, self.system.rise.astype(np.float64)
        if not low[cell] <= step <= high[cell]:
            return None
        (high if step > 0 else low)[cell] = step
        self.at, self.whole = np.zeros(self.at.size), None
        arrived = all(
            self._descend(cell, step, np.where(self.hidden, free, self.system.cost), (low, high))
            for free in (0.0, FREE)
        )
        found, self.at = self.at, np.zeros(self.at.size)
        self._back_to_whole()
        whole = np.rint(found)
        fits = (np.abs(found - whole) <= _GAIN).all() and not (self.equations @ whole).any()
        return whole if arrived and fits else None

    def _back_to_whole(self) -> None:
        """Undo what brought parts in."""
        if self.whole is not None:
            self.rows, self.solved, self.row_of = self.whole
            self.whole = None

    def _descend(self, cell: int, step: int, price: FloatArray, bounds: tuple[FloatArray, FloatArray]) -> bool:
        """Go along the edges that gain most: first to a step of a cell, then to less cost. False where it stays away.

        A cell that costs something must not pass its true count in one move, as its cost turns there.
        """
        side, stuck, (low, high) = (1 if step > 0 else -1), 0, bounds
        facing, costs = np.where(self.at < 0, -1.0, 1.0), price > 0
        limits = np.where(costs & (facing > 0), 0.0, low), np.where(costs & (facing < 0), 0.0, high)
        for _ in range(_MOVES):
            up, down = self._gains(self._rates(cell) * (_FIRST * side), price, facing, bounds)
            best = np.maximum(up, down)
            best[self.solved] = -1
            chosen = int(best.argmax() if stuck <= _STUCK else (best > _GAIN).argmax())
            if best[chosen] <= _GAIN:
                return bool(self.at[cell] == step)
            way, from_ = (1.0 if up[chosen] >= down[chosen] else -1.0), self.at[chosen]
            turn = price[chosen] > 0 and from_ * way < 0
            end = 0.0 if turn else high[chosen] if way > 0 else low[chosen]
            if costs[chosen]:
                ahead = float(np.sign(from_) or way)
                facing[chosen] = ahead
                limits[0][chosen], limits[1][chosen] = (0.0, high[chosen]) if ahead > 0 else (low[chosen], 0.0)
            moved = self._go(chosen, way, abs(end - from_), limits, parts=True)
            stuck = 0 if moved else stuck + 1
        return False

    def _gains(
        self, aim: FloatArray, price: FloatArray, facing: FloatArray, bounds: tuple[FloatArray, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Say what moving each cell by one gains, up and down, where no equation is solved for it."""
        costs = facing[self.solved] * price[self.solved]
        paid = costs.nonzero()[0]
        few = 2 * paid.size < costs.size  # taking rows out of a large tableau takes longer than the sums
        aim = aim + (costs[paid] @ self.rows[paid] if few else costs @ self.rows)
        minus = -price
        up, down = aim - np.where(self.at < 0, minus, price), -aim - np.where(self.at > 0, minus, price)
        up[self.at >= bounds[1]] = down[self.at <= bounds[0]] = -1
        return up, down

    def _near(self, cell: int, side: float) -> tuple[IntArray, FloatArray]:
        """List the cells that a cell may follow, or itself, and how far it goes to a side with each."""
        if self.row_of[cell] < 0:
            return np.array([cell]), np.array([side])
        row = self.rows[self.row_of[cell]]
        near = row.nonzero()[0]
        near = near[near != cell]
        return near, -side * row[near]

    def _rates(self, cell: int) -> FloatArray:
        """Say how far a cell goes with each of those that it may follow."""
        row = self.row_of[cell]
        rates = np.zeros(self.at.size) if row < 0 else -self.rows[row]
        rates[cell] = row < 0
        return rates

    def _go(
        self, cell: int, way: float, most: float, limits: tuple[FloatArray, FloatArray], *, parts: bool = False
    ) -> float | None:
        """Move a cell until one that follows it can't go on, and solve for it in the place of that one.

        None where that would take parts of people, unless these are allowed for a while.
        """
        column = self.rows[:, cell]
        moving = column.nonzero()[0]
        rates = -way * column[moving]
        if parts:
            whole = np.abs(rates) > _TINY
            moving, rates = moving[whole], rates[whole]
        cells = self.solved[moving]
        at = self.at[cells]
        rooms = (np.where(rates > 0, limits[1][cells], limits[0][cells]) - at) / rates
        step, ends = min(most, max(float(rooms.min()), 0.0) if rooms.size else np.inf), -1
        if step < most:
            tied = (rooms <= step + _TINY).nonzero()[0]
            ones = tied[np.abs(rates[tied]) == 1]
            if not ones.size and not parts:
                return None
            ends = int(moving[(ones if ones.size else tied)[0]])
            if not ones.size and self.whole is None:
                self.whole = self.rows.copy(), self.solved.copy(), self.row_of.copy()
        if not parts and step != round(step):
            return None
        if step:
            shift = at + rates * step
            self.at[cells] = (
                np.where(np.abs(shift - np.rint(shift)) <= _TINY, np.rint(shift), shift) if parts else shift
            )
            self.at[cell] += way * step
        if ends >= 0:
            _solve(self.rows, ends, cell)
            self.row_of[self.solved[ends]], self.row_of[cell] = -1, ends
            self.solved[ends] = cell
        return step


def _solved(rows: FloatArray, hidden: BoolArray) -> tuple[FloatArray, IntArray] | None:
    """Solve equations one after the other for a cell that stands in few others, a hidden one where there is one."""
    order = np.count_nonzero(rows, axis=0) + np.where(hidden, 0, rows.shape[0])
    kept: list[int] = []
    solved: list[int] = []
    for place, row in enumerate(rows):
        cells = row.nonzero()[0]
        ones = cells[np.abs(row[cells]) == 1]
        if ones.size:
            cell = int(ones[order[ones].argmin()])
            _solve(rows, place, cell)
            kept.append(place)
            solved.append(cell)
        elif cells.size:
            return None
    return rows[kept], np.array(solved, dtype=np.intp)


def _solve(rows: FloatArray, place: int, cell: int) -> None:
    """Solve one equation for a cell, and put it into all others."""
    row, rates = rows[place], rows[:, cell].copy()
    if row[cell] != 1:
        row /= row[cell]
    rates[place] = 0
    others = rates.nonzero()[0]
    if others.size:
        cells = row.nonzero()[0]
        rows[others[:, None], cells] -= rates[others][:, None] * row[cells]
