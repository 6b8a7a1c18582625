"""Show quickly that a hidden count may be another one: move it, and let its neighbours make up for that.

A pair of tables that fit all that is shown and lie far enough apart in a count proves that the count is protected,
however the pair was found. Most pairs are found by moving a few cells, or many counts at once; where none is, nothing
is proved.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lpact_eval.disclosure.relations import BoolArray, System

_DEPTH: Final = 12  # cells moved
_TRIED: Final = 60  # cells tried until the search is given up
_ROUNDS: Final = 8
_WHOLE: Final = 1e-6
_FREE: Final = 1e-3  # price of a cell that is hidden already: of two ways the shorter

Ends = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Net:
    """Cells and the equations between them.

    Attributes
    ----------
    equations : mapping of int to tuple of (cell, coefficient)
    of_cell : mapping of int to tuple of (equation, coefficient)
    system : System
    """

    equations: Mapping[int, Ends]
    of_cell: Mapping[int, Ends]
    system: System

    def may_move(self, cell: int, step: int) -> bool:
        """Whether a cell has room for a step."""
        return -self.system.fall[cell] <= step <= self.system.rise[cell]


def proved(system: System) -> BoolArray:
    """Say of which targets a pair of tables was found that lie as far apart as they need to.

    Parameters
    ----------
    system : System
        All of its cells are hidden.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    net = _net(system)
    return np.array(
        [
            _is_free(net, int(cell), int(width), int(depth))
            for cell, width, depth in zip(system.targets, system.widths, system.depths, strict=True)
        ],
        dtype=np.bool_,
    )


def proved_together(system: System) -> BoolArray:
    """Say of which targets tables were found that move as many of them at once as can be, down and up.

    Parameters
    ----------
    system : System
        All of its cells are hidden.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - 0.3 s that most systems do not need

    low, high = np.zeros(system.targets.size), np.zeros(system.targets.size)
    constraints = [LinearConstraint(system.matrix, 0, 0)] if system.matrix.shape[0] else []
    for _ in range(_ROUNDS):
        falls, widths = -low < system.depths, high - low < system.widths
        if not (falls | widths).any():
            break
        for wanted, sign in ((falls | widths, 1.0), (widths, -1.0)):
            objective = np.zeros(system.values.size)
            objective[system.targets[wanted]] = sign
            result = milp(objective, bounds=Bounds(-system.fall, system.rise), constraints=constraints)
            if result.x is None or np.abs(result.x - np.rint(result.x)).max() > _WHOLE:
                continue
            shift = np.rint(result.x)[system.targets]
            low, high = np.minimum(low, shift), np.maximum(high, shift)
    return np.asarray((-low >= system.depths) & (high - low >= system.widths), dtype=np.bool_)


def way_round(system: System, target: str, hidden: Collection[str], *, to_depth: bool = True) -> set[str] | None:
    """Find the cells that have to be hidden for one to move as far as it must, at least cost.

    Parameters
    ----------
    system : System
        Of the whole release: shown cells may be hidden.
    target : str
    hidden : collection of str
        Cells that are hidden already.
    to_depth : bool, default True
        Whether it must be able to lie as low as it should; else only as far apart as its width.

    Returns
    -------
    set of str or None
        Names of cells that are not hidden yet; None where no hiding helps.
    """
    from scipy import sparse  # noqa: PLC0415 - as below
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - 0.3 s that most systems do not need

    place = system.names.index(target)
    which = int(np.flatnonzero(system.targets == place)[0])
    width, depth = int(system.widths[which]), int(system.depths[which]) if to_depth else 0
    down = min(max(depth, width - int(min(system.rise[place], width))), width)
    price = np.where(np.isin(system.names, list(hidden)), _FREE, system.cost)
    constraints = [LinearConstraint(sparse.hstack([system.matrix, -system.matrix]), 0, 0)] if system.matrix.nnz else []
    moved = np.zeros(price.size, dtype=np.bool_)
    for step in (width - down, -down):
        if step > system.rise[place] or -step > system.fall[place]:
            return None
        low, high = np.zeros(2 * price.size), np.concatenate([system.rise, system.fall])
        low[place] = high[place] = max(step, 0)
        low[place + price.size] = high[place + price.size] = max(-step, 0)
        result = milp(np.tile(price, 2), bounds=Bounds(low, high), constraints=constraints)
        if result.x is None:
            return None
        moved |= (result.x[: price.size] + result.x[price.size :]) > _WHOLE
    return {system.names[cell] for cell in np.flatnonzero(moved)}.difference(hidden)


def _net(system: System) -> _Net:
    """Read the equations off their matrix."""
    equations: dict[int, list[tuple[int, int]]] = defaultdict(list)
    of_cell: dict[int, list[tuple[int, int]]] = defaultdict(list)
    matrix = system.matrix.tocoo()
    for row, cell, times in zip(*matrix.coords, matrix.data, strict=True):
        equations[int(row)].append((int(cell), int(times)))
        of_cell[int(cell)].append((int(row), int(times)))
    return _Net(
        {row: tuple(sorted(ends, key=lambda end: (len(of_cell[end[0]]), end))) for row, ends in equations.items()},
        {cell: tuple(ends) for cell, ends in of_cell.items()},
        system,
    )


def _is_free(net: _Net, cell: int, width: int, depth: int) -> bool:
    """Whether moving a cell down by its depth and up by the remainder of its width can be made up for."""
    down = min(max(depth, width - int(min(net.system.rise[cell], width))), width)
    return all(_moves(net, cell, step) for step in (width - down, -down) if step)


def _moves(net: _Net, cell: int, step: int) -> bool:
    """Whether neighbours make up for a step of a cell."""
    search = _Search(net, {cell: step})
    return net.may_move(cell, step) and search.balanced([row for row, _ in net.of_cell.get(cell, ())])


@dataclass(slots=True, eq=False)
class _Search:
    """Cells moved so far, and how many more may be tried."""

    net: _Net
    moved: dict[int, int]
    left: int = _TRIED

    def balanced(self, rows: Sequence[int]) -> bool:
        """Balance equations one after the other, each with one cell that has not moved yet."""
        if not rows:
            return True
        row, *later = rows
        ends = self.net.equations[row]
        off = sum(times * self.moved[cell] for cell, times in ends if cell in self.moved)
        if not off:
            return self.balanced(later)
        for cell, times in ends:
            if cell in self.moved or off % times or not self.net.may_move(cell, -off // times):
                continue
            self.left -= 1
            if self.left < 0 or len(self.moved) > _DEPTH:
                return False
            self.moved[cell] = -off // times
            if self.balanced([*(other for other, _ in self.net.of_cell[cell] if other != row), *later]):
                return True
            del self.moved[cell]
        return False
