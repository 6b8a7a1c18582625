"""The codes that coders gave, as numbers, and the patterns in which they occur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.evidence.coefficients import Scale
    from lpact_eval.sample import FloatArray, IntArray, Labels


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct units; G patterns.

    Attributes
    ----------
    cells : ndarray of shape (G, coders)
        Number of the code of each coder, -1 where missing; of sorted codes unless the order of coders matters.
    counts : ndarray of shape (G, K)
        How many coders gave each code.
    times : ndarray of shape (G,)
        Units of each pattern.
    """

    cells: IntArray
    counts: FloatArray
    times: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Units with two codes or more; n units, K codes.

    Attributes
    ----------
    cells : ndarray of shape (n, coders)
        Number of the code, -1 where missing.
    names : tuple of str
        The K codes: of nominal ones the text, sorted.
    scores : ndarray of shape (K,)
        The codes as numbers; their places where they are none.
    """

    cells: IntArray
    names: tuple[str, ...]
    scores: FloatArray

    @property
    def n(self) -> int:
        """Units with two codes or more."""
        return len(self.cells)

    @property
    def used(self) -> int:
        """How many codes occur in these units."""
        return np.unique(self.cells[self.cells >= 0]).size

    def against(self, number: int) -> Codes:
        """Turn the codes into one of them (1) against all others (0)."""
        cells = np.where(self.cells < 0, -1, (self.cells == number).astype(np.intp))
        return Codes(cells, ("other", self.names[number]), np.array([0.0, 1.0]))

    def patterns(self, *, ordered: bool) -> Patterns:
        """Count the distinct units; `ordered` keeps apart who gave which code."""
        cells = self.cells if ordered else np.sort(self.cells, axis=1)
        distinct, times = _distinct(cells, len(self.names))
        counts = np.stack([(distinct == number).sum(axis=1) for number in range(len(self.names))], axis=1)
        return Patterns(distinct, counts.astype(float), times.astype(float))


def _distinct(cells: IntArray, codes: int) -> tuple[IntArray, IntArray]:
    """List distinct rows with how often each occurs; rows that fit into one number are told apart by it."""
    coders = cells.shape[1]
    if (codes + 1) ** coders > np.iinfo(np.int64).max:
        distinct, times = np.unique(cells, axis=0, return_counts=True)
        return distinct, np.asarray(times, dtype=np.intp)
    numbers = (cells + 1).astype(np.int64) @ (codes + 1) ** np.arange(coders - 1, -1, -1, dtype=np.int64)
    _, first, times = np.unique(numbers, return_index=True, return_counts=True)
    return cells[first], np.asarray(times, dtype=np.intp)


def read_codes(codes: pd.DataFrame, scale: Scale) -> Codes:
    """Give the codes numbers on their scale, and keep units with two or more.

    Parameters
    ----------
    codes : DataFrame
        Units x coders.
    scale : str
        Nominal codes compare as text, so 1 and "1" are one code.

    Raises
    ------
    WrongUseError
        If codes of an ordinal or interval scale are neither numbers nor, for ordinal, ordered categories.
    """
    cells, names, scores = _nominal(codes) if scale == "nominal" else _ordered(codes, scale)
    paired = (cells >= 0).sum(axis=1) >= 2  # noqa: PLR2004 - a pair
    cells = cells[paired]
    seen = np.unique(cells[cells >= 0])
    place = np.full(len(names) + 1, -1, dtype=np.intp)  # the last place is that of missing codes
    place[seen] = np.arange(seen.size)
    return Codes(place[cells], tuple(names[int(number)] for number in seen), scores[seen])


def _nominal(codes: pd.DataFrame) -> tuple[IntArray, list[str], FloatArray]:
    """Give codes numbers by their text, in the order of the alphabet."""
    cells: Labels = np.array([[_text(cell) for cell in column] for _, column in codes.items()], dtype=object).T
    given = cells != ""
    names, numbers = np.unique(cells[given].astype(str), return_inverse=True)
    numbered = np.full(cells.shape, -1, dtype=np.intp)
    numbered[given] = numbers
    return numbered, [str(name) for name in names], np.arange(names.size, dtype=float)


def _text(cell: object) -> str:
    """Text of a code; a whole number has no decimals, and missing is empty."""
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:  # noqa: PLR0124 - missing is no number, unlike itself
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _ordered(codes: pd.DataFrame, scale: Scale) -> tuple[IntArray, list[str], FloatArray]:
    """Give codes numbers by their value, or by their place among ordered categories."""
    categories = [_categories(column) for _, column in codes.items()]
    if scale == "ordinal" and categories[0] and all(one == categories[0] for one in categories):
        cells = np.column_stack([np.asarray(column.cat.codes, dtype=np.intp) for _, column in codes.items()])
        return cells, list(categories[0]), np.arange(len(categories[0]), dtype=float)
    numbers = np.column_stack(
        [np.asarray(pd.to_numeric(column, errors="coerce"), dtype=float) for _, column in codes.items()]
    )
    bad = int((~np.isfinite(numbers) & codes.notna().to_numpy()).sum())
    if bad:
        msg = f"Cannot read codes as {scale}: {bad} of them are no numbers. Give numbers" + (
            ", or categories in the same stated order for every coder." if scale == "ordinal" else "."
        )
        raise WrongUseError(msg)
    scores, numbered = np.unique(numbers[np.isfinite(numbers)], return_inverse=True)
    cells = np.full(numbers.shape, -1, dtype=np.intp)
    cells[np.isfinite(numbers)] = numbered
    return cells, [f"{score:g}" for score in scores], scores


def _categories(column: pd.Series) -> tuple[str, ...]:
    """Ordered categories of a column; empty where it has none."""
    if isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered):
        return tuple(str(name) for name in column.cat.categories)
    return ()
