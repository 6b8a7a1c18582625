"""Show that a hidden count may be another one: move it, and let its neighbours make up for that.

A pair of tables that fit all that is shown and lie far enough apart in a count proves that the count is protected,
however the pair was found. Most pairs are found by moving a few cells, or many counts at once; the cheapest way round
is asked for where neither finds one. Tables are kept as shifts from the true counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.relations import BoolArray, FloatArray, IntArray, System

_DEPTH: Final = 12  # cells moved
_TRIED: Final = 60  # cells tried until the search is given up
_ROUNDS: Final = 5
_NODES: Final = 2_000  # a limit in nodes, not in seconds, gives the same answer on every machine
_WHOLE: Final = 1e-6
FREE: Final = 1e-3  # price of a cell that is hidden already: of two ways the shorter

Ends = tuple[tuple[int, int], ...]


@dataclass(slots=True, eq=False)
class Pairs:
    """The tables found so far, as the least and the greatest shift of each target; k targets.

    Attributes
    ----------
    system : System
    low, high : ndarray of shape (k,)
    tables : list of ndarray of shape (n,)
    """

    system: System
    low: FloatArray
    high: FloatArray
    tables: list[FloatArray] = field(default_factory=list["FloatArray"])

    @classmethod
    def of(cls, system: System) -> Pairs:
        """Begin with the true table."""
        return cls(system, np.zeros(system.targets.size), np.zeros(system.targets.size))

    def stretch(self, number: int) -> bool:
        """Whether tables found for others, made longer, shorter or turned round, protect a target."""
        place = int(self.system.targets[number])
        for step in steps_of(self.system, number, to_depth=True):
            near = [found for found in self.tables if found[place]]
            longer = (scaled(self.system, found, place, step) for found in near)
            self.add([found for found in longer if found is not None][:1])
        return self.protect(number)

    def widen(self, shift: FloatArray) -> None:
        """Take up a table of whole people, without keeping it for `stretch`."""
        moved = shift[self.system.targets]
        np.minimum(self.low, moved, out=self.low)
        np.maximum(self.high, moved, out=self.high)

    def add(self, shifts: Iterable[FloatArray]) -> None:
        """Take up tables, one a row; those with parts of people prove nothing."""
        for shift in shifts:
            if (np.abs(shift - np.rint(shift)) <= _WHOLE).all():
                self.tables.append(np.rint(shift))
                self.widen(self.tables[-1])

    def protect(self, number: int, *, to_depth: bool = True) -> bool:
        """Whether two of the tables lie far enough apart in a target, and one low enough."""
        low, high = self.low[number], self.high[number]
        deep = not to_depth or -low >= self.system.depths[number]
        return bool(deep and high - low >= self.system.widths[number])

    def move_together(self, hidden: BoolArray, numbers: Sequence[int], *, rounds: int = _ROUNDS) -> None:
        """Find tables that move as many of some targets at once as can be, down and up.

        Parameters
        ----------
        hidden : ndarray of bool, shape (n,)
        numbers : sequence of int
        rounds : int
            How often it is tried for those that are left.
        """
        columns, ways = np.flatnonzero(hidden), np.random.default_rng(0)  # the same ways in every run
        for _ in range(rounds):
            left = [number for number in numbers if not self.protect(number)]
            if not left:
                return
            way = np.zeros(self.system.values.size)
            way[self.system.targets[left]] = ways.choice([-1.0, 1.0], len(left))  # what is left of a count goes down
            for objective in (way, -way):
                found = _solved(self.system, objective[columns], columns, _bounds(self.system, columns))
                if found is not None:
                    self.add(found[None, :])


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """Cells and the equations between them.

    Attributes
    ----------
    equations : mapping of int to tuple of (cell, coefficient)
    of_cell : mapping of int to tuple of (equation, coefficient)
    hidden : list of bool
    fall, rise : list of float
        How far each cell can move once it is hidden.
    """

    equations: Mapping[int, Ends]
    of_cell: Mapping[int, Ends]
    system: System
    hidden: list[bool]
    fall: list[float]
    rise: list[float]

    @classmethod
    def of(cls, system: System) -> Net:
        """Read the equations off their matrix."""
        equations: dict[int, list[tuple[int, int]]] = defaultdict(list)
        of_cell: dict[int, list[tuple[int, int]]] = defaultdict(list)
        matrix = system.matrix.tocoo()
        rows, cells = (part.tolist() for part in matrix.coords)
        for row, cell, times in zip(rows, cells, matrix.data.tolist(), strict=True):
            equations[row].append((cell, int(times)))
            of_cell[cell].append((row, int(times)))
        return cls(
            {row: tuple(sorted(ends, key=lambda end: (len(of_cell[end[0]]), end))) for row, ends in equations.items()},
            {cell: tuple(ends) for cell, ends in of_cell.items()},
            system,
            system.hidden.tolist(),
            system.fall.tolist(),
            system.rise.tolist(),
        )

    def hide(self, cells: IntArray) -> None:
        """Let further cells move."""
        for cell in cells.tolist():
            self.hidden[cell] = True

    def may_move(self, cell: int, step: int) -> bool:
        """Whether a cell is hidden and has room for a step."""
        return self.hidden[cell] and -self.fall[cell] <= step <= self.rise[cell]

    def room(self, cell: int, step: int) -> int:
        """Say how far a cell can go of a step."""
        return int(min(max(step, -self.fall[cell]), self.rise[cell])) if self.hidden[cell] else 0

    def protects(self, number: int) -> bool:
        """Whether neighbours make up for moving a target down by its depth, and up by the rest of its width.

        Parameters
        ----------
        number : int
            Of the target.

        Returns
        -------
        bool
            False where no such way was found; there may be one.
        """
        cell = int(self.system.targets[number])
        return all(_moves(self, cell, step) for step in steps_of(self.system, number, to_depth=True))


def way_round(
    system: System, number: int, hidden: BoolArray, *, to_depth: bool = True, whole: bool = False
) -> FloatArray | None:
    """Find the two cheapest tables in which a target lies as far apart as it must; what moves has to be hidden.

    Parameters
    ----------
    system : System
        Shown cells may be hidden.
    number : int
        Of the target.
    hidden : ndarray of bool, shape (n,)
        Cells that are hidden already.
    to_depth : bool, default True
        Whether it must be able to lie as low as it should; else only as far apart as its width.
    whole : bool, default False
        Ask for whole people, which takes longer.

    Returns
    -------
    ndarray of shape (1 or 2, n), or None
        Shifts; None where no hiding helps.
    """
    place, everything = int(system.targets[number]), np.arange(system.values.size)
    price = np.where(hidden, FREE, system.cost)
    found: list[FloatArray] = []
    for step in steps_of(system, number, to_depth=to_depth):
        if not -system.fall[place] <= step <= system.rise[place]:
            return None
        shift = scaled(system, found[0], place, step) if found else None
        if shift is None:
            low, high = _bounds(system, everything)
            low[place] = high[place] = step
            shift = _solved(system, price, everything, (low, high), moves=True, whole=whole)
        if shift is None:
            return None
        found.append(shift)
    return np.array(found)


def steps_of(system: System, number: int, *, to_depth: bool) -> list[int]:
    """Say how far a target must move up and down, from its own place.

    Parameters
    ----------
    system : System
    number : int
        Of the target.
    to_depth : bool
        Whether it must be able to lie as low as it should.

    Returns
    -------
    list of int
        None that is 0.
    """
    width, depth = int(system.widths[number]), int(system.depths[number]) if to_depth else 0
    room = system.rise[system.targets[number]]
    down = min(max(depth, width - int(min(room, width))), width)
    return [step for step in (width - down, -down) if step]


def scaled(system: System, found: FloatArray, place: int, step: int) -> FloatArray | None:
    """Let a table move a cell by a step, and all others in proportion, where every cell has room for it.

    Parameters
    ----------
    system : System
    found : ndarray of shape (n,)
        Shifts, of which that of the cell is not 0.
    place : int
        Of the cell.
    step : int

    Returns
    -------
    ndarray of shape (n,), or None
    """
    shift = found * (step / found[place])
    inside = (shift >= -system.fall - _WHOLE) & (shift <= system.rise + _WHOLE)
    return shift if inside.all() and (np.abs(shift - np.rint(shift)) <= _WHOLE).all() else None


def _bounds(system: System, columns: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give the room of some cells."""
    return -system.fall[columns], system.rise[columns].astype(np.float64)


def _solved(
    system: System,
    objective: FloatArray,
    columns: IntArray,
    bounds: tuple[FloatArray, FloatArray],
    *,
    moves: bool = False,
    whole: bool = False,
) -> FloatArray | None:
    """Solve for shifts of some cells at least cost, of their sizes or (`moves`) whichever way they go."""
    from scipy import sparse  # noqa: PLC0415 - as below
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - 0.3 s that most systems do not need

    matrix, (low, high) = system.matrix[:, columns], bounds
    if moves:
        matrix, objective = sparse.hstack([matrix, -matrix], format="csr"), np.tile(objective, 2)
        low, high = (
            np.concatenate([np.maximum(low, 0), np.maximum(-high, 0)]),
            np.concatenate([np.maximum(high, 0), np.maximum(-low, 0)]),
        )
    used = matrix[np.flatnonzero(np.diff(matrix.indptr)), :]
    result = milp(
        objective,
        bounds=Bounds(low, high),
        constraints=[LinearConstraint(used, 0, 0)] if used.shape[0] else [],
        integrality=np.ones(objective.size, dtype=np.intp) if whole else None,
        options={"node_limit": _NODES} if whole else {},
    )
    if result.x is None:
        return None
    shift = np.zeros(system.values.size)
    shift[columns] = result.x[: columns.size] - (result.x[columns.size :] if moves else 0)
    return np.where(np.abs(shift) <= _WHOLE, 0.0, shift)


def _moves(net: Net, cell: int, step: int) -> bool:
    """Whether neighbours make up for a step of a cell."""
    search = _Search(net, {cell: step})
    return net.may_move(cell, step) and search.balanced([row for row, _ in net.of_cell.get(cell, ())])


@dataclass(slots=True, eq=False)
class _Search:
    """Cells moved so far, and how many more may be tried."""

    net: Net
    moved: dict[int, int]
    left: int = _TRIED

    def balanced(self, rows: Sequence[int]) -> bool:
        """Balance equations one after the other with cells that have not moved yet: one where one is enough."""
        if not rows:
            return True
        row, *later = rows
        ends = self.net.equations[row]
        off = sum(times * self.moved[cell] for cell, times in ends if cell in self.moved)
        if not off:
            return self.balanced(later)
        ways = [(cell, -off // times) for cell, times in ends if cell not in self.moved and not off % times]
        enough = [way for way in ways if self.net.may_move(*way)]
        partly = [(cell, room) for cell, step in ways if (room := self.net.room(cell, step)) not in {0, step}]
        for cell, step in (*enough, *partly):
            self.left -= 1
            if self.left < 0 or len(self.moved) > _DEPTH:
                return False
            self.moved[cell] = step
            touched = (other for other, _ in self.net.of_cell[cell] if other != row)
            if self.balanced([*touched, row, *later]):
                return True
            del self.moved[cell]
        return False
