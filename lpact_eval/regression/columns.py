"""Answers as plain columns, and model matrices filled from them without a data frame on the way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from lpact_eval.sample import as_text, coded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

    Codes = NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One variable's answers; n respondents.

    Attributes
    ----------
    numbers : ndarray of shape (n,)
        Not a number where missing; empty for categories.
    places : ndarray of shape (n,), int
        Places in `levels`, -1 where missing; empty for numbers.
    levels : tuple of str, or None
        Categories; None for numbers.
    declared : bool
        Whether the column itself put its categories in order.
    """

    numbers: FloatArray
    places: Codes
    levels: tuple[str, ...] | None = None
    declared: bool = False

    @staticmethod
    def of_numbers(numbers: FloatArray) -> Column:
        """Take numbers."""
        return Column(numbers, np.empty(0, dtype=np.intp))

    @staticmethod
    def of_places(places: Codes, levels: tuple[str, ...], *, declared: bool = False) -> Column:
        """Take places in categories."""
        return Column(np.empty(0), places, levels, declared)

    @property
    def size(self) -> int:
        """Respondents."""
        return self.numbers.size if self.levels is None else self.places.size

    @property
    def answered(self) -> BoolArray:
        """Who answered, shape (n,)."""
        return ~np.isnan(self.numbers) if self.levels is None else self.places >= 0

    @property
    def complete(self) -> bool:
        """Whether everybody answered."""
        if not self.size:
            return True
        return not np.isnan(self.numbers.min()) if self.levels is None else int(self.places.min()) >= 0

    @property
    def constant(self) -> bool:
        """Whether nobody answered otherwise than the first respondent."""
        values = self.numbers if self.levels is None else self.places
        return not (values != values[:1]).any()

    @property
    def counts(self) -> list[int]:
        """Respondents in each category."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.levels or ())).tolist()

    def take(self, rows: IntArray) -> Column:
        """Keep some respondents."""
        if rows.size == self.size:
            return self
        if self.levels is None:
            return Column.of_numbers(self.numbers[rows])
        return Column.of_places(self.places[rows], self.levels, declared=self.declared)


def read_column(sample: Sample, name: str) -> Column:
    """Take a variable of the sample as numbers, or as places in its categories in the column's own order."""
    column = sample.answers[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return Column.of_places(*_places(column), declared=True)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return Column.of_places(*_places(column))
    if column.dtype == np.float64 and isinstance(column.dtype, np.dtype):
        return Column.of_numbers(column.to_numpy())
    return Column.of_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _places(column: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """Codes of a column and the categories as text; codes keep their narrow type where no two categories are one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        names = [as_text(level) for level in column.array.categories]
        if len(set(names)) == len(names):
            return np.asarray(column.array.codes), tuple(names)
    codes, merged = coded(column)
    return codes, tuple(merged)


def ordered_levels(sample: Sample, name: str, column: Column) -> Column:
    """Put categories in the schema's order, else that of a declared category, else the alphabet; drop those absent."""
    levels = column.levels
    if levels is None:
        return column
    present = column.counts
    known = list(sample.codebook[name].answers) if name in sample.codebook else []
    found = levels if column.declared else sorted(levels)
    place = {level: code for code, level in enumerate(levels)}
    order = tuple(level for level in dict.fromkeys([*known, *found]) if level in place and present[place[level]])
    if order == levels:
        return column
    new = {level: code for code, level in enumerate(order)}
    places = np.array([*(new.get(level, -1) for level in levels), -1], dtype=np.intp)
    return Column.of_places(places[column.places], order)


def present_levels(column: Column) -> Column:
    """Drop the categories that nobody has."""
    present = [level for level, count in enumerate(column.counts) if count] if column.levels else []
    if column.levels is None or len(present) == len(column.levels):
        return column
    places = np.full(len(column.levels) + 1, -1, dtype=np.intp)
    places[present] = np.arange(len(present))
    return Column.of_places(places[column.places], tuple(column.levels[level] for level in present))


def frame_of(columns: Mapping[str, Column], n: int) -> pd.DataFrame:
    """Make a data frame of columns of the same n respondents; categories keep their order."""
    made = {name: _series(column) for name, column in columns.items()}
    return pd.DataFrame(made, index=range(n))


def _series(column: Column) -> pd.Series:
    """Make a column of a data frame."""
    if column.levels is None:
        return pd.Series(column.numbers)
    return pd.Series(pd.Categorical.from_codes(column.places, dtype=pd.CategoricalDtype(list(column.levels))))


def no_offset(frame: pd.DataFrame) -> FloatArray:
    """Give everybody an offset of 0."""
    return np.zeros(len(frame))


def columns_in(frame: pd.DataFrame) -> dict[str, Column]:
    """Take all columns out of a data frame of numbers and categories."""
    return {
        str(name): Column.of_places(*_places(column), declared=True)
        if isinstance(column.dtype, pd.CategoricalDtype)
        else Column.of_numbers(column.to_numpy(dtype=np.float64))
        for name, column in frame.items()
    }


def columns_of(frame: pd.DataFrame, like: Mapping[str, Column]) -> dict[str, Column]:
    """Take columns out of a data frame whose categories are those of other columns, in any order."""
    found: dict[str, Column] = {}
    for name, column in like.items():
        if column.levels is None:
            found[name] = Column.of_numbers(frame[name].to_numpy(dtype=np.float64))
            continue
        codes, levels = _places(frame[name])
        if levels != column.levels:
            new = {level: code for code, level in enumerate(column.levels)}
            codes = np.array([*(new.get(level, -1) for level in levels), -1], dtype=np.intp)[codes]
        found[name] = Column.of_places(codes, column.levels)
    return found


class _Factor(Protocol):
    """Formulaic's name of a variable."""

    expr: str


class _ScopedFactor(Protocol):
    """A variable in a term, coded against a reference or in full."""

    factor: _Factor
    reduced: bool


class _ScopedTerm(Protocol):
    """A product of variables."""

    factors: Sequence[_ScopedFactor]
    scale: float


class Encoded(Protocol):
    """What formulaic made of one term."""

    scoped_terms: Sequence[_ScopedTerm]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the columns of a model matrix are made; p columns.

    Attributes
    ----------
    terms : tuple of str
        Names of the p columns.
    products : tuple of tuple of (str, int)
        For each column the variables to multiply, with the place of the category, or -1 for a number.
    scales : tuple of float
        Constant that each column is multiplied by.
    """

    terms: tuple[str, ...]
    products: tuple[tuple[tuple[str, int], ...], ...]
    scales: tuple[float, ...]

    def fill(self, columns: Mapping[str, Column], n: int) -> FloatArray:
        """Fill the model matrix, shape (n, p), a column after the other in memory."""
        rows = np.empty((len(self.terms), n))
        for at, (factors, scale) in enumerate(zip(self.products, self.scales, strict=True)):
            parts = [_part(columns[name], code) for name, code in factors]
            rows[at] = parts[0] if parts else scale
            for part in parts[1:]:
                rows[at] *= part
            if parts and scale != 1.0:
                rows[at] *= scale
        return rows.T


def _part(column: Column, code: int) -> FloatArray | BoolArray:
    """Numbers, or who is in a category."""
    return column.numbers if column.levels is None else column.places == code


def recipe_of(structure: Sequence[Encoded], names: Sequence[str], levels: Mapping[str, Sequence[str]]) -> Recipe | None:
    """Read off how formulaic makes its columns of plain variables; None where that is not understood.

    Parameters
    ----------
    structure : sequence
        Terms as formulaic encoded them.
    names : sequence of str
        Columns that formulaic made.
    levels : mapping of str to sequence of str
        Categories of the variables that have any.
    """
    terms: list[str] = []
    products: list[tuple[tuple[str, int], ...]] = []
    scales: list[float] = []
    for encoded in structure:
        for scoped in encoded.scoped_terms:
            parts = [_codings(factor, levels) for factor in scoped.factors]
            for chosen in product(*reversed(parts)):
                factors = tuple(reversed(chosen))
                terms.append(":".join(label for label, _, _ in factors) or "Intercept")
                products.append(tuple((name, code) for _, name, code in factors))
                scales.append(float(scoped.scale))
    return Recipe(tuple(terms), tuple(products), tuple(scales)) if terms == list(names) else None


def _codings(scoped: _ScopedFactor, levels: Mapping[str, Sequence[str]]) -> list[tuple[str, str, int]]:
    """Columns of one variable: label, variable and place of the category."""
    name = str(scoped.factor.expr)
    if name not in levels:
        return [(name, name, -1)]
    if scoped.reduced:
        return [(f"{name}[T.{level}]", name, code) for code, level in enumerate(levels[name]) if code]
    return [(f"{name}[{level}]", name, code) for code, level in enumerate(levels[name])]
