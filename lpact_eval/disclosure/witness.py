"""Show quickly that hidden counts may be other ones: move one, and let its neighbours make up for that.

Two tables that fit all that is shown and lie far enough apart in a count prove that it is protected, however they were
found. Here they are found by moving one count down and up, and in each equation that this upsets one further count; the
arithmetic is of whole numbers and needs no solver. Where no table is found that way, nothing is proved, and `protect`
is asked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lpact_eval.disclosure.cells import Cell, Relation

_DEPTH: Final = 16  # cells moved
_TRIED: Final = 300  # cells tried until the search is given up
_PRICES: Final = (1.5, 3.0, 6.0, 12.0)  # of the cells hidden for one table
_SWEEPS: Final = 4

Ends = tuple[tuple[str, int], ...]


def unproved(
    cells: Iterable[Cell], relations: Iterable[Relation], hidden: Collection[str], widths: Mapping[str, int]
) -> set[str]:
    """Name the counts of which no two tables were found that lie far enough apart, and that may be small ones.

    Parameters
    ----------
    cells : iterable of Cell
    relations : iterable of Relation
    hidden : collection of str
        Cells that readers don't see; latent ones among them.
    widths : mapping of str to int
        Hidden cells to protect, and how wide a reader's interval must be. One that is smaller than its width must be
        able to be as low as a reader thinks possible; another may also be known not to be below it.

    Returns
    -------
    set of str
    """
    chosen = set(hidden)
    net = _Net.of((cell for cell in cells if cell.name in chosen), relations)
    lowest = net.lowest()
    open_ones = {name: width for name, width in widths.items() if lowest[name] < width}
    return {name for name, width in open_ones.items() if net.way(name, width, {}) is None}


def ways_round(
    cells: Sequence[Cell], relations: Iterable[Relation], hidden: Collection[str], widths: Mapping[str, int]
) -> set[str] | None:
    """Find a few further cells whose hiding lets some counts move far enough.

    Parameters
    ----------
    cells : sequence of Cell
    relations : iterable of Relation
    hidden : collection of str
    widths : mapping of str to int
        Cells to protect, and how wide a reader's interval must be.

    Returns
    -------
    set of str or None
        Cells that were shown; None where no few were found, so that the solver should be asked.
    """
    net = _Net.of((cell for cell in cells if cell.may_hide()), relations)
    price = {cell.name: 0.0 if cell.name in hidden else cell.cost for cell in cells}
    found: set[str] = set()
    for name, width in widths.items():
        ways = (net.way(name, width, price, budget) for budget in _PRICES)
        moved = next((way for way in ways if way is not None), None)
        if moved is None:
            return None
        more = {one for one in moved if price[one]}
        found |= more
        price |= dict.fromkeys(more, 0.0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Net:
    """Cells that can move and the equations among them, others left out."""

    cells: Mapping[str, Cell]
    equations: Sequence[Ends]
    of_cell: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, cells: Iterable[Cell], relations: Iterable[Relation]) -> _Net:
        """Gather the equations; in each those cells come first that stand in fewest others."""
        found = {cell.name: cell for cell in cells}
        of_cell: dict[str, list[int]] = defaultdict(list)
        equations: list[Ends] = []
        for relation in relations:
            if ends := tuple((name, times) for name, times in relation.terms if name in found):
                for name, _ in ends:
                    of_cell[name].append(len(equations))
                equations.append(ends)
        ordered = [tuple(sorted(ends, key=lambda end: (len(of_cell[end[0]]), end))) for ends in equations]
        return cls(found, ordered, of_cell)

    def way(self, name: str, width: int, price: Mapping[str, float], budget: float = 0.0) -> set[str] | None:
        """Find two tables in which a cell lies as far apart as it should; which cells move in them."""
        cell = self.cells[name]
        fall = cell.value - cell.floor
        for down in [fall] if cell.value < width else range(min(fall, width), -1, -1):
            moved: set[str] = set()
            for step in (width - down, -down):
                search = _Search(self, price, budget, {name: step})
                if self.room(name, step) != step or not search.balanced(list(self.of_cell.get(name, ()))):
                    break
                moved |= search.moved.keys()
            else:
                return moved
        return None

    def room(self, name: str, step: int) -> int:
        """Say how much of a step readers think possible."""
        cell = self.cells[name]
        step = max(step, cell.floor - cell.value)
        return step if cell.most is None else min(step, cell.most - cell.value)

    def lowest(self) -> dict[str, float]:
        """Bound every cell from below, equation by equation."""
        low = {name: float(cell.floor) for name, cell in self.cells.items()}
        high = {name: inf if cell.most is None else float(cell.most) for name, cell in self.cells.items()}
        for _ in range(_SWEEPS):
            for ends in self.equations:
                self._draw_in(ends, low, high)
        return low

    def _draw_in(self, ends: Ends, low: dict[str, float], high: dict[str, float]) -> None:
        """Tighten the bounds of the cells of one equation."""
        right = sum(times * self.cells[name].value for name, times in ends)
        for name, times in ends:
            others = [(one, by) for one, by in ends if one != name]
            least = sum(by * (low[one] if by > 0 else high[one]) for one, by in others)
            most = sum(by * (high[one] if by > 0 else low[one]) for one, by in others)
            below, above = sorted([(right - least) / times, (right - most) / times])
            low[name], high[name] = max(low[name], below), min(high[name], above)


@dataclass(slots=True, eq=False)
class _Search:
    """Cells moved so far, and how many more may be tried, or hidden."""

    net: _Net
    price: Mapping[str, float]
    budget: float
    moved: dict[str, int]
    left: int = _TRIED

    def balanced(self, waiting: Sequence[int]) -> bool:
        """Balance equations one after the other, each with one cell that has not moved yet."""
        if not waiting:
            return True
        number, *later = waiting
        ends = self.net.equations[number]
        off = sum(times * self.moved.get(name, 0) for name, times in ends)
        if not off:
            return self.balanced(later)
        return any(self._made_up(name, -off // times, [number, *later]) for name, times in self._candidates(ends, off))

    def _candidates(self, ends: Ends, off: int) -> Iterable[tuple[str, int]]:
        """Take cells that have not moved, hidden ones first, then others in order of their price."""
        free = [end for end in ends if end[0] not in self.moved and not off % end[1]]
        return sorted(free, key=lambda end: self.price.get(end[0], 0.0)) if self.budget else free

    def _made_up(self, name: str, step: int, waiting: Sequence[int]) -> bool:
        """Move one cell towards what its equation lacks, and see to the others that it stands in."""
        paid, step = self.price.get(name, 0.0), self.net.room(name, step)
        if not step or paid > self.budget:
            return False
        self.left -= 1
        if self.left < 0 or len(self.moved) > _DEPTH:
            return False
        self.moved[name] = step
        self.budget -= paid
        number, *later = waiting
        if self.balanced([number, *(other for other in self.net.of_cell[name] if other != number), *later]):
            return True
        del self.moved[name]
        self.budget += paid
        return False
