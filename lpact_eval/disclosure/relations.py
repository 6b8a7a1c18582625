"""The equations of a release as matrices, one system for all cells that hang together."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from lpact_eval.disclosure.cells import Cell, Relation
    from lpact_eval.disclosure.rules import Rules

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    BoolArray = npt.NDArray[np.bool_]

# a cell may move this many times the width that any sensitive one needs: ways round a table move each cell by about as
# much as the sensitive one, and small bounds keep the cuts strong; it can only hide more than needed
REACH: Final = 4
Row = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Cells that hang together, as shifts from their true counts.

    Attributes
    ----------
    names : tuple of str, length n
    matrix : csr_array of shape (m, n)
        Every shift that a reader cannot rule out is mapped to 0.
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
    matrix: sparse.csr_array
    values: IntArray
    cost: FloatArray
    fall: FloatArray
    rise: FloatArray
    hidden: BoolArray
    targets: IntArray
    widths: FloatArray
    depths: FloatArray

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
    moving = sorted((cell for cell in cells if cell.may_hide()), key=lambda cell: cell.name)
    place = {cell.name: number for number, cell in enumerate(moving)}
    rows = sorted({row for relation in relations if (row := _row(relation, place))})
    reach = REACH * max((cell.needs(rules) for cell in moving), default=0)
    found: list[System] = []
    for members, equations in _parts(len(moving), rows):
        part = [moving[number] for number in members]
        if any(cell.needs(rules) for cell in part):
            found.append(_system(part, _matrix(members, equations), rules, reach))
    return found


def _row(relation: Relation, place: Mapping[str, int]) -> Row:
    """Keep the cells of a relation that can move, each once, with a sign that does not depend on how it was written."""
    times: Counter[int] = Counter()
    for name, coefficient in relation.terms:
        if name in place:
            times[place[name]] += coefficient
    row = sorted((number, coefficient) for number, coefficient in times.items() if coefficient)
    sign = -1 if row and row[0][1] < 0 else 1
    return tuple((number, sign * coefficient) for number, coefficient in row)


def _parts(size: int, rows: Sequence[Row]) -> list[tuple[list[int], list[Row]]]:
    """Gather the cells that rows connect, with these rows."""
    ends = [(row[0][0], number) for row in rows for number, _ in row]
    start, end = zip(*ends, strict=True) if ends else ((), ())
    graph = sparse.coo_array((np.ones(len(ends)), (start, end)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        members[int(label)].append(number)
    equations: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        equations[int(labels[row[0][0]])].append(row)
    return [(members[label], equations[label]) for label in members]


def _matrix(members: Sequence[int], rows: Sequence[Row]) -> sparse.csr_array:
    """Write rows as a matrix over these cells."""
    place = {number: position for position, number in enumerate(members)}
    entries = [(at, place[number], float(times)) for at, row in enumerate(rows) for number, times in row]
    at, column, times = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.csr_array((times, (at, column)), shape=(len(rows), len(members)))


def _system(part: Sequence[Cell], matrix: sparse.csr_array, rules: Rules, reach: int) -> System:
    """Write cells as arrays."""
    needs = np.array([cell.needs(rules) for cell in part])
    values = np.array([cell.value for cell in part], dtype=np.intp)
    most = np.array([np.inf if cell.most is None else cell.most for cell in part])
    targets = np.flatnonzero(needs)
    fall = np.minimum(values - np.array([cell.floor for cell in part]), reach).astype(np.float64)
    small = np.array([part[int(place)].is_small(rules) for place in targets])
    return System(
        names=tuple(cell.name for cell in part),
        matrix=matrix,
        values=values,
        cost=np.array([cell.cost for cell in part], dtype=np.float64),
        fall=fall,
        rise=np.minimum(most - values, reach),
        hidden=(needs > 0) | np.array([cell.printing == "latent" for cell in part]),
        targets=targets,
        widths=needs[targets].astype(np.float64),
        depths=np.where(small, fall[targets], 0.0),
    )
