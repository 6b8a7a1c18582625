"""The equations of a release as matrices, one system for all cells that hang together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    from scipy import sparse

    from lpact_eval.disclosure.cells import Cell, Relation
    from lpact_eval.disclosure.rules import Rules

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    BoolArray = npt.NDArray[np.bool_]

# a cell may move this many times the width that any sensitive one needs: ways round a table move each cell by about as
# much as the sensitive one, and small bounds keep the cuts strong; it can only hide more than needed
REACH: Final = 4
Row = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class System:
    """Cells that hang together, as shifts from their true counts.

    Attributes
    ----------
    names : tuple of str, length n
    rows : tuple of m rows
        Cells and their coefficients: every shift that a reader cannot rule out makes each row 0.
    values : ndarray of shape (n,)
        True counts.
    cost : ndarray of shape (n,)
    fall, rise : ndarray of shape (n,)
        How far each cell could move once it is hidden.
    hidden : ndarray of bool, shape (n,)
        Sensitive and latent cells.
    targets, widths : ndarray of shape (k,)
        Positions of the sensitive cells, and the width that each needs.
    depths : ndarray of shape (k,)
        How far below its true count each must be able to lie.
    """

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    values: IntArray
    cost: FloatArray
    fall: FloatArray
    rise: FloatArray
    hidden: BoolArray
    targets: IntArray
    widths: FloatArray
    depths: FloatArray

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """The rows as a sparse matrix, shape (m, n)."""
        from scipy.sparse import csr_array  # noqa: PLC0415 - 60 ms that small systems, solved by hand, do not need

        entries = [(at, cell, float(times)) for at, row in enumerate(self.rows) for cell, times in row]
        at, column, times = zip(*entries, strict=True) if entries else ((), (), ())
        return csr_array((times, (at, column)), shape=(len(self.rows), len(self.names)))

    def dense(self) -> FloatArray:
        """Write the rows as a matrix, shape (m, n)."""
        matrix = np.zeros((len(self.rows), len(self.names)))
        for at, row in enumerate(self.rows):
            for cell, times in row:
                matrix[at, cell] = times
        return matrix

    def cost_of(self, hidden: BoolArray) -> float:
        """Add up what the cells hidden on account of others cost."""
        return float(self.cost[hidden & ~self.hidden].sum())


def systems(cells: Iterable[Cell], relations: Iterable[Relation], rules: Rules) -> list[System]:
    """Split a release into systems of cells that hang together; those without a sensitive cell are left out.

    Parameters
    ----------
    cells : iterable of Cell
    relations : iterable of Relation
    rules : Rules

    Returns
    -------
    list of System
        The same whatever the order of the cells and relations.
    """
    parts = parts_of(cells, relations)
    reach = reach_of((cell for part, _ in parts for cell in part), rules)
    return [system_of(part, rows, rules, reach) for part, rows in parts if any(cell.needs(rules) for cell in part)]


def parts_of(cells: Iterable[Cell], relations: Iterable[Relation]) -> list[tuple[list[Cell], list[Row]]]:
    """Split a release into cells that hang together.

    Parameters
    ----------
    cells : iterable of Cell
    relations : iterable of Relation

    Returns
    -------
    list of (list of Cell, list of rows)
        Cells that may be hidden, in the order of their names, and the rows between them by position.
    """
    moving = sorted((cell for cell in cells if cell.may_hide()), key=lambda cell: cell.name)
    place = {cell.name: number for number, cell in enumerate(moving)}
    rows = sorted({row for relation in relations if (row := _row(relation, place))})
    return [([moving[number] for number in members], equations) for members, equations in _parts(len(moving), rows)]


def reach_of(cells: Iterable[Cell], rules: Rules) -> int:
    """Say how far a cell may move at most."""
    return REACH * max((cell.needs(rules) for cell in cells), default=0)


def _row(relation: Relation, place: Mapping[str, int]) -> Row:
    """Keep the cells of a relation that can move, each once, with a sign that does not depend on how it was written."""
    times: dict[int, int] = {}
    for name, coefficient in relation.terms:
        number = place.get(name)
        if number is not None:
            times[number] = times.get(number, 0) + coefficient
    row = sorted((number, coefficient) for number, coefficient in times.items() if coefficient)
    sign = -1 if row and row[0][1] < 0 else 1
    return tuple((number, sign * coefficient) for number, coefficient in row)


def _parts(size: int, rows: Sequence[Row]) -> list[tuple[list[int], list[Row]]]:
    """Gather the cells that rows connect, with these rows, in which cells stand by their position."""
    above = list(range(size))

    def top(number: int) -> int:
        while above[number] != number:
            above[number] = number = above[above[number]]
        return number

    for row in rows:
        first = top(row[0][0])
        for number, _ in row:
            above[top(number)] = first
    members: dict[int, list[int]] = defaultdict(list)
    places = [0] * size
    for number in range(size):
        together = members[top(number)]
        places[number] = len(together)
        together.append(number)
    equations: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        equations[top(row[0][0])].append(tuple((places[number], times) for number, times in row))
    return [(found, equations[number]) for number, found in members.items()]


def system_of(part: Sequence[Cell], rows: Sequence[Row], rules: Rules, reach: int) -> System:
    """Write cells that hang together as arrays.

    Parameters
    ----------
    part : sequence of Cell
    rows : sequence of rows
        By position among these cells.
    rules : Rules
    reach : int
        As `reach_of` says.

    Returns
    -------
    System
    """
    needs = np.array([cell.needs(rules) for cell in part])
    values = np.array([cell.value for cell in part], dtype=np.intp)
    most = np.array([np.inf if cell.most is None else cell.most for cell in part])
    targets = np.flatnonzero(needs)
    fall = np.minimum(values - np.array([cell.floor for cell in part]), reach).astype(np.float64)
    small = np.array([part[int(place)].is_small(rules) for place in targets])
    return System(
        names=tuple(cell.name for cell in part),
        rows=tuple(rows),
        values=values,
        cost=np.array([cell.cost for cell in part], dtype=np.float64),
        fall=fall,
        rise=np.minimum(most - values, reach),
        hidden=(needs > 0) | np.array([cell.printing == "latent" for cell in part]),
        targets=targets,
        widths=needs[targets].astype(np.float64),
        depths=np.where(small, fall[targets], 0.0),
    )
