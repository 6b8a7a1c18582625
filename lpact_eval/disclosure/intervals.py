"""The smallest and greatest whole number that each unknown count can be, given equations and bounds.

Known counts go to the right-hand side. Bounds are drawn in equation by equation until nothing moves; what hangs
together is then solved by itself, a linear program for each end of each count, many in one call. Where that gives a
fraction, it is solved in whole numbers. An end that cannot be settled is given as the narrower one, so that a count is
never taken for better protected than it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array, csr_array, eye_array, kron

from lpact_eval.errors import DisclosureError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import numpy.typing as npt

    from lpact_eval.disclosure.cells import ReadCell, Relation

    FloatArray = npt.NDArray[np.float64]

SWEEPS: Final = 30
CALL: Final = 50_000  # variables a call
SLACK: Final = 1e-6
NODES: Final = 5_000
INFEASIBLE: Final = 2  # the solver's word for it

Equation = dict[int, int]


@dataclass(slots=True, eq=False)
class Reading:
    """Equations among unknown counts, and bounds of each, drawn in as far as single equations go.

    Attributes
    ----------
    names : list of str, length n
    equations : list of (coefficients by position, right-hand side)
    low, high : list of float, length n
    """

    names: list[str]
    equations: list[tuple[Equation, int]]
    low: list[float]
    high: list[float]

    @classmethod
    def of(cls, cells: Sequence[ReadCell], relations: Iterable[Relation]) -> Reading:
        """Read what is shown into equations, each different one once."""
        shown = {cell.name: cell.value for cell in cells if cell.value is not None}
        unknown = [cell for cell in cells if cell.value is None]
        position = {cell.name: number for number, cell in enumerate(unknown)}
        equations: dict[tuple[tuple[tuple[int, int], ...], int], None] = {}
        for relation in relations:
            left: Equation = defaultdict(int)
            right = relation.constant
            for name, times in relation.terms:
                if name in position:
                    left[position[name]] += times
                else:
                    right -= times * shown[name]
            terms = tuple(sorted((number, times) for number, times in left.items() if times))
            equations[terms, right] = None
        reading = cls(
            names=[cell.name for cell in unknown],
            equations=[(dict(terms), right) for terms, right in equations],
            low=[float(cell.least) for cell in unknown],
            high=[np.inf if cell.most is None else float(cell.most) for cell in unknown],
        )
        reading.draw_in()
        return reading

    def draw_in(self) -> None:
        """Tighten bounds by each equation in turn."""
        for _ in range(SWEEPS):
            moved = [self._by(equation, right) for equation, right in self.equations]
            if not any(moved):
                break
        if any(low > high for low, high in zip(self.low, self.high, strict=True)):
            raise DisclosureError(CONTRADICTION)

    def _by(self, equation: Equation, right: int) -> bool:
        """Tighten the bounds of the counts in one equation; say whether any moved."""
        if not equation and right:
            raise DisclosureError(CONTRADICTION)
        ends = {number: self._reach(number, times) for number, times in equation.items()}
        moved = False
        for number, times in equation.items():
            least = sum(end[0] for other, end in ends.items() if other != number)
            most = sum(end[1] for other, end in ends.items() if other != number)
            low, high = sorted([(right - most) / times, (right - least) / times])
            low, high = np.ceil(low - SLACK), np.floor(high + SLACK)
            if low > self.low[number] or high < self.high[number]:
                self.low[number], self.high[number] = max(low, self.low[number]), min(high, self.high[number])
                ends[number], moved = self._reach(number, times), True
        return moved

    def _reach(self, number: int, times: int) -> tuple[float, float]:
        """Give the smallest and greatest that a term can be."""
        ends = self.low[number] * times, self.high[number] * times
        return min(ends), max(ends)


CONTRADICTION: Final = (
    "Stopped the release: the counts that it shows contradict each other, so that a reader would see that one is "
    "wrong. Check that every relation among them holds."
)


def intervals(
    reading: Reading, wanted: Collection[str] | None = None, *, low_only: bool = False
) -> dict[str, tuple[float, float]]:
    """Find the smallest and greatest whole number that each unknown count can be.

    Parameters
    ----------
    reading : Reading
    wanted : collection of str, optional
        Counts to solve for; the others keep the bounds that single equations give. By default all.
    low_only : bool, default False
        Solve for the smallest only.

    Returns
    -------
    dict of str to (low, high)
        High is infinite where nothing bounds it.

    Raises
    ------
    DisclosureError
        If no counts meet the equations.
    """
    found = dict(zip(reading.names, zip(reading.low, reading.high, strict=True), strict=True))
    for members, equations in _islands(reading):
        size = 1.0 + sum(abs(right) for _, right in equations) + max(reading.low[number] for number in members)
        beyond = 4 * size + 1000
        low = np.array([reading.low[number] for number in members])
        high = np.minimum([reading.high[number] for number in members], beyond)
        places = [place for place, number in enumerate(members) if wanted is None or reading.names[number] in wanted]
        jobs = [(place, sign) for sign in ((1.0,) if low_only else (1.0, -1.0)) for place in places]
        island = _Island(*_as_matrix(members, equations), low, high)
        for (place, sign), end in zip(jobs, island.ends(jobs), strict=True):
            name = reading.names[members[place]]
            smallest, greatest = found[name]
            # an end that only the bound of some count holds back lies far beyond what the equations would give
            found[name] = (end, greatest) if sign > 0 else (smallest, np.inf if end >= beyond / 2 else end)
    return found


def _islands(reading: Reading) -> list[tuple[list[int], list[tuple[Equation, int]]]]:
    """Gather counts that are still open and hang together, with the equations among them."""
    equations = _open_equations(reading)
    root = list(range(len(reading.names)))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for equation, _ in equations:
        for number in equation:
            root[find(number)] = find(next(iter(equation)))
    members: dict[int, dict[int, None]] = defaultdict(dict)
    inside: dict[int, list[tuple[Equation, int]]] = defaultdict(list)
    for equation, right in equations:
        top = find(next(iter(equation)))
        inside[top].append((equation, right))
        members[top] |= dict.fromkeys(equation)
    return [(sorted(members[top]), inside[top]) for top in members]


def _open_equations(reading: Reading) -> list[tuple[Equation, int]]:
    """Keep the equations among counts that are still open, with the others on the right."""
    kept: list[tuple[Equation, int]] = []
    for equation, right in reading.equations:
        still = {number: times for number, times in equation.items() if reading.low[number] < reading.high[number]}
        fixed = sum(times * int(reading.low[number]) for number, times in equation.items() if number not in still)
        if not still and right != fixed:
            raise DisclosureError(CONTRADICTION)
        if still:
            kept.append((still, right - fixed))
    return kept


def _as_matrix(members: Sequence[int], equations: Sequence[tuple[Equation, int]]) -> tuple[csr_array, FloatArray]:
    """Write equations as a matrix over these counts, and a right-hand side."""
    column = {number: place for place, number in enumerate(members)}
    entries = [
        (row, column[number], float(times))
        for row, (equation, _) in enumerate(equations)
        for number, times in equation.items()
    ]
    rows, columns, values = zip(*entries, strict=True)
    matrix = coo_array((values, (rows, columns)), shape=(len(equations), len(members)))
    return csr_array(matrix), np.array([right for _, right in equations], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Island:
    """Open counts that hang together: equations and bounds."""

    matrix: csr_array
    right: FloatArray
    low: FloatArray
    high: FloatArray

    def ends(self, jobs: Sequence[tuple[int, float]]) -> list[float]:
        """Solve for one end of a count per job: the smallest where the sign is above 0, else the greatest."""
        found = self._at_bounds(jobs)
        left = [number for number, end in enumerate(found) if end is None]
        step = max(1, CALL // self.low.size)
        for first in range(0, len(left), step):
            some = left[first : first + step]
            goals = np.zeros((len(some), self.low.size))
            for row, number in enumerate(some):
                goals[row, jobs[number][0]] = jobs[number][1]
            for number, goal, table in zip(some, goals, self._tables(goals), strict=True):
                place = jobs[number][0]
                found[number] = float(np.rint(table[place])) if _is_whole(table) else self._whole_end(goal, place)
        return [end for end in found if end is not None]

    def _at_bounds(self, jobs: Sequence[tuple[int, float]]) -> list[float | None]:
        """Settle the jobs whose count reaches its bound in a table where all are small, or all great, together."""
        goals = np.zeros((2, self.low.size))
        for place, sign in jobs:
            goals[0 if sign > 0 else 1, place] = sign
        tables = self._tables(goals)
        whole = [_is_whole(table) for table in tables]
        found: list[float | None] = []
        for place, sign in jobs:
            side, bound = (0, self.low[place]) if sign > 0 else (1, self.high[place])
            reached = whole[side] and abs(tables[side][place] - bound) <= SLACK
            found.append(float(bound) if reached else None)
        return found

    def _tables(self, goals: FloatArray) -> FloatArray:
        """Minimise several goals over tables of the same counts, in one program of separate blocks."""
        count = goals.shape[0]
        right = np.tile(self.right, count)
        result = milp(
            goals.ravel(),
            bounds=Bounds(np.tile(self.low, count), np.tile(self.high, count)),
            constraints=[LinearConstraint(kron(eye_array(count), self.matrix, format="csr"), right, right)],
        )
        return _answer(result).reshape(goals.shape)

    def _whole_end(self, goal: FloatArray, place: int) -> float:
        """Solve for one end of one count in whole numbers."""
        result = milp(
            goal,
            integrality=np.ones(goal.size, dtype=np.intp),
            bounds=Bounds(self.low, self.high),
            constraints=[LinearConstraint(self.matrix, self.right, self.right)],
            options={"node_limit": NODES},
        )
        return float(np.rint(_answer(result)[place]))


def _is_whole(table: FloatArray) -> bool:
    """Whether a table is in whole numbers."""
    return bool(np.abs(table - np.rint(table)).max() <= SLACK)


def _answer(result: OptimizeResult) -> FloatArray:
    """Take the solver's table; there is one unless the release contradicts itself."""
    if result.x is None:
        raise DisclosureError(CONTRADICTION)
    return np.asarray(result.x, dtype=np.float64)
