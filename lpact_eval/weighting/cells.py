"""Respondents by combination of answers: one pass over the rows, after which weighting works on cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError
from lpact_eval.sample import as_text, coded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lpact_eval.sample import FloatArray, IntArray, Sample

    SmallInts = NDArray[np.signedinteger]
    _Table = tuple[IntArray, FloatArray, IntArray, IntArray]  # cell (n,), mass (c,), present (m,), levels (v, c)

FEWEST_TOLD = 10  # respondents under which a message gives no count
_SMALL_GRID = 4096
_DENSE = 4  # combinations a respondent up to which a count over all combinations beats sorting
_CROWDED = 16  # respondents a combination from which empty cells cost less than numbering the others anew


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Answers of one variable as codes; n respondents, k answers.

    Attributes
    ----------
    codes : ndarray of shape (n,), any integer type
        -1 where missing.
    names : tuple of str
        The answers; empty for numbers.
    numbers : ndarray of shape (k + 1,), or None
        The numbers, then NaN for those without one; None for categories.
    """

    codes: SmallInts
    names: tuple[str, ...] = ()
    numbers: FloatArray | None = None

    @property
    def size(self) -> int:
        """Number of answers, k."""
        return len(self.names) if self.numbers is None else self.numbers.size - 1


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Combinations of answers; n respondents, c cells, of which the first is for nobody and others may be empty.

    Attributes
    ----------
    cell : ndarray of shape (n,), int
        Cell of each respondent, 1 to c - 1.
    present : ndarray, int
        Cells that respondents are in, ascending.
    level : mapping of str to ndarray of shape (c,), int
        Code of each variable's answer; -1 where missing and in the first cell.
    columns : mapping of str to Coded
    weight : ndarray of shape (n,)
    mass : ndarray of shape (c,)
        Weights summed over the cell.
    even : bool
        Whether all respondents weigh the same.
    """

    cell: IntArray
    present: IntArray
    level: Mapping[str, IntArray]
    columns: Mapping[str, Coded]
    weight: FloatArray
    mass: FloatArray
    even: bool

    def respondents(self) -> IntArray:
        """Respondents in each cell, shape (c,)."""
        return np.bincount(self.cell, minlength=self.mass.size)


def coded_column(sample: Sample, variable: str) -> Coded:
    """Codes of a categorical variable, without copying those that pandas has."""
    column = sample.answers[variable]
    array = column.array
    if isinstance(array, pd.Categorical):
        categories = array.categories
        names = tuple(categories.tolist())
        if categories.inferred_type == "string":
            return Coded(array.codes, names)
        names = tuple(map(as_text, names))
        if len(set(names)) == len(names):
            return Coded(array.codes, names)
    codes, merged = coded(column)
    return Coded(codes, tuple(merged))


def coded_numbers(sample: Sample, variable: str, task: str) -> Coded:
    """Codes of a numeric variable, one for each number that occurs."""
    column = sample.answers[variable]
    numbers = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    strange = int((np.isnan(numbers) & column.notna().to_numpy()).sum() + np.isinf(numbers).sum())
    if strange:
        msg = (
            f"Cannot {task} on {variable!r}: {told(strange)} of its {numbers.size} answers are no finite numbers. "
            "Give {category: persons} for a variable of categories, or put the answers right."
        )
        raise WeightingError(msg)
    codes, values = pd.factorize(numbers)
    return Coded(codes, numbers=np.append(values, np.nan))


def told(count: int) -> str:
    """Write a number of respondents in a message; small ones are not told."""
    return str(count) if count >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD}"


def tabulate(columns: Mapping[str, Coded], weight: FloatArray, task: str) -> Cells:
    """Put respondents into cells, in one pass over the rows.

    Parameters
    ----------
    columns : mapping of str to Coded
    weight : ndarray of shape (n,)
    task : str
        What is being done, for messages.

    Returns
    -------
    Cells

    Raises
    ------
    WeightingError
        If a weight is negative or missing.
    """
    lowest, highest = _extremes(weight)
    _check_weight(weight, lowest, highest, task)
    given = list(columns.values())
    sizes = tuple([column.size + 1 for column in given])
    dense = prod(sizes) <= max(_DENSE * weight.size, _SMALL_GRID)
    cell, mass, present, levels = (_by_grid if dense else _by_sorting)(given, sizes, weight, (lowest, highest))
    return Cells(cell, present, dict(zip(columns, levels, strict=True)), columns, weight, mass, lowest == highest)


def _extremes(weight: FloatArray) -> tuple[float, float]:
    """Lowest and highest weight; one look at the rows where all weigh the same."""
    if not weight.size:
        return 0.0, 0.0
    first = float(weight[0])
    if weight[-1] == first and (weight == first).all():
        return first, first
    return float(weight.min()), float(weight.max())


def _check_weight(weight: FloatArray, lowest: float, highest: float, task: str) -> None:
    """Refuse negative and missing weights, and weights that are all zero."""
    if lowest >= 0 and highest < np.inf:
        if highest > 0:
            return
        msg = f"Cannot {task}: the starting weights of its respondents are all zero."
        raise WeightingError(msg)
    bad = int((~np.isfinite(weight) | (weight < 0)).sum())
    msg = (
        f"Cannot {task}: {told(bad)} of {weight.size} starting weights are negative or missing; weights are 0 or more. "
        "Set those respondents aside, or start from other weights."
    )
    raise WeightingError(msg)


def _by_grid(
    columns: Sequence[Coded], sizes: tuple[int, ...], weight: FloatArray, extremes: tuple[float, float]
) -> _Table:
    """Count over all combinations.

    The rows are what takes the time, so each is read as few times as can be: numbers of combinations are made in the
    smallest integers that hold them, equal weights are counted rather than added up, and where respondents are many
    the combination's number is the cell.
    """
    grid = prod(sizes) + 1
    number = _numbered(columns, sizes)
    lowest, highest = extremes
    counts = _summed(number, 1.0, grid) if lowest in {0, highest} else None
    mass = _summed(number, weight, grid) if counts is None or lowest < highest else counts * highest
    present = np.flatnonzero((mass if counts is None else counts) > 0)
    if weight.size >= _CROWDED * grid:
        return number, mass, present, (_small_grid if grid <= _SMALL_GRID else _whole_grid)(sizes)
    lookup = np.zeros(grid, dtype=np.intp)
    cells = np.arange(1, present.size + 1)
    lookup[present] = cells
    kept = np.concatenate([[0], present])
    return lookup.take(number, mode="wrap"), mass.take(kept), cells, _levels_of(sizes, kept)


def _summed(number: IntArray, weight: FloatArray | float, size: int) -> FloatArray:
    """Add up weights by number; bincount would first look for the lowest and the highest number."""
    mass = np.zeros(size)
    np.add.at(mass, number, weight)
    return mass


def _numbered(columns: Sequence[Coded], sizes: Sequence[int]) -> IntArray:
    """Give each respondent's combination a number from 1; the last column's answers run fastest.

    Each column is taken in by integers no wider than the combinations up to it need.
    """
    grid, first = sizes[0], 2  # first: the number of the combination whose codes are all 0, as they start at -1
    key = columns[0].codes.astype(_narrowest(max(grid, first)), copy=False)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        grid, first = grid * size, (first - 1) * size + 2
        key = np.multiply(key, size, dtype=_narrowest(max(grid, first)))
        key += column.codes
    return (key + first).astype(np.intp)


@lru_cache(maxsize=256)
def _narrowest(largest: int) -> np.dtype[np.signedinteger]:
    """Give the smallest integers that hold a number and its negative."""
    kinds = (np.int8, np.int16, np.int32, np.int64)
    return next(np.dtype(kind) for kind in kinds if largest <= np.iinfo(kind).max)


def _levels_of(sizes: tuple[int, ...], numbers: IntArray) -> IntArray:
    """Codes of some combinations by their number, shape (v, numbers); the first is number 0, which is nobody's."""
    if prod(sizes) < _SMALL_GRID:
        return _small_grid(sizes).take(numbers, axis=1)
    levels = np.array(np.unravel_index(np.maximum(numbers - 1, 0), sizes)) - 1
    levels[:, 0] = -1
    return levels


def _whole_grid(sizes: tuple[int, ...]) -> IntArray:
    """Codes of all combinations by their number, shape (v, combinations + 1); -1 for number 0."""
    levels = np.full((len(sizes), prod(sizes) + 1), -1, dtype=np.intp)
    levels[:, 1:] += np.indices(sizes, dtype=np.intp).reshape(len(sizes), -1)
    levels.flags.writeable = False
    return levels


_small_grid = lru_cache(maxsize=16)(_whole_grid)


def _by_sorting(
    columns: Sequence[Coded], sizes: tuple[int, ...], weight: FloatArray, _extremes: tuple[float, float]
) -> _Table:
    """Sort, where there are far more combinations than respondents."""
    first: IntArray = np.zeros(1, dtype=np.intp)
    cell: IntArray = np.zeros(weight.size, dtype=np.intp)
    for column, size in zip(columns, sizes, strict=True):
        key = cell * size + (column.codes + 1)
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        cell = inverse.astype(np.intp)
    cell += 1
    levels = np.full((len(columns), first.size + 1), -1, dtype=np.intp)
    for row, column in zip(levels, columns, strict=True):
        row[1:] = column.codes[first]
    return cell, _summed(cell, weight, first.size + 1), np.arange(1, first.size + 1), levels
