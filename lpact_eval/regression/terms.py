"""From a formula and answers to a model matrix that can be built again for other answers."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.regression.columns import (
    Column,
    Recipe,
    columns_of,
    frame_of,
    no_offset,
    ordered_levels,
    read_column,
    recipe_of,
)

if TYPE_CHECKING:
    from lpact_eval.regression.offsets import Expression
    from lpact_eval.regression.wilkinson import Matrix, Parsed, Spec, Terms
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

Where = Mapping[str, str | float | Sequence[str]]
_EXAMPLE = "Write it as in 'trust ~ attended * ethnicity + sex'."
_IN_C = re.compile(r"C\(\s*`?([^,`)]+?)`?\s*[,)]")  # the variable of C(variable, ...)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What a regression explains, by what, among whom; n complete respondents, p coefficients.

    Attributes
    ----------
    title : str
        The formula, for messages and tables.
    outcome_name : str
    outcome : ndarray of shape (n,)
    rows : ndarray of shape (n,), int
        Positions of the complete respondents in the sample.
    asked : int
        Respondents in the domain, complete or not.
    source : DataFrame of n rows, or callable that makes it
        See `frame`.
    terms : tuple of str
        Names of the p columns of the model matrix.
    build : callable
        Makes the model matrix, shape (n, p), of a frame like `frame`.
    matrix : ndarray of shape (n, p), or None
        The model matrix of `frame`, where it has been made already.
    offset : ndarray of shape (n,), or None
        What the linear predictor holds besides the model matrix times the coefficients.
    offset_of : callable
        Makes the offset, shape (n,), of a frame like `frame`.
    references : mapping of str to str
        Level of each category that the others are compared with.
    categories : tuple of str
        Explanatory variables that are categories.
    answers : tuple of tuple of str
        Ordered outcomes: the answers of each category, several where sparse ones were merged; empty for others.
    """

    title: str
    outcome_name: str
    outcome: FloatArray
    rows: IntArray
    asked: int
    source: pd.DataFrame | Callable[[], pd.DataFrame]
    terms: tuple[str, ...]
    build: Callable[[pd.DataFrame], FloatArray]
    matrix: FloatArray | None = None
    offset: FloatArray | None = None
    offset_of: Callable[[pd.DataFrame], FloatArray] = no_offset
    references: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    categories: tuple[str, ...] = ()
    answers: tuple[tuple[str, ...], ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """Explanatory variables; categories hold the levels present, reference level first."""
        return self.source if isinstance(self.source, pd.DataFrame) else self.source()

    def made(self) -> FloatArray:
        """Model matrix of the respondents' own answers, shape (n, p)."""
        return self.build(self.frame) if self.matrix is None else self.matrix


def read_formula(sample: Sample, formula: str, where: Where | None, offset: str | None = None) -> Model:
    """Read a formula against the answers.

    Parameters
    ----------
    sample : Sample
    formula : str
        "outcome ~ terms" in Wilkinson's notation, `offset(...)` among them; names that are not Python names stand in
        backticks.
    where : mapping, optional
        {variable: category or categories} of the domain.
    offset : str, optional
        A further offset: a variable, or an expression of variables.

    Returns
    -------
    Model
        Complete respondents of positive weight in the domain.

    Raises
    ------
    WrongUseError
        If the formula can't be read or has no outcome.
    EstimationError
        If a variable does not exist, no respondent is complete, the outcome is no number and no yes/no answer, or an
        offset is no number.
    """
    from lpact_eval.regression.offsets import offsets_of  # noqa: PLC0415 - the surveys' own models have none

    read = _read(formula, f"`{offset}`" if offset in sample.answers.columns else offset)
    inside = in_domain(sample, where, formula)
    answers = read_columns(sample, read.variables, formula)
    rows = complete(answers, inside, formula)
    columns = prepared_columns(sample, answers, rows)
    right, outcome = _sides(sample, read, columns, (formula, rows))
    offsets = offsets_of(read.offsets, columns, formula)
    names = [name for name in read.variables if name in right.used or name in offsets.used]
    return Model(
        formula,
        read.left,
        outcome,
        rows,
        int(np.count_nonzero(inside)),
        cache(lambda: frame_of({name: columns[name] for name in names}, rows.size)),
        right.terms,
        right.build,
        right.matrix,
        offsets.values,
        offsets.build,
        right.references,
        tuple(name for name in names if columns[name].levels is not None),
    )


def read_offsets(formula: str, offset: str | None) -> tuple[Expression, ...]:
    """Find the offsets of a formula and the one beside it."""
    return _read(formula, offset).offsets


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A formula taken apart: both sides, offsets, all variables, and whether the right side is variables only."""

    lhs: Terms
    rhs: Terms
    left: str
    offsets: tuple[Expression, ...]
    variables: tuple[str, ...]
    right: tuple[str, ...]
    plain: bool


@lru_cache(maxsize=256)
def _read(formula: str, offset: str | None) -> _Read:
    """Parse a formula with an outcome, and take its offsets out."""
    from lpact_eval.regression.offsets import split_offsets  # noqa: PLC0415 - as above

    formulaic = importlib.import_module("formulaic")  # takes half a second, and few commands need it
    try:
        parsed: Parsed = formulaic.Formula(formula)
    except formulaic.errors.FormulaicError as error:
        msg = f"Cannot read the formula {formula!r}: {_first_line(error)}. {_EXAMPLE}"
        raise WrongUseError(msg) from error
    if not hasattr(parsed, "lhs"):
        msg = f"Cannot fit {formula!r}: it has no outcome. {_EXAMPLE}"
        raise WrongUseError(msg)
    kept, offsets = split_offsets(parsed.rhs, offset, formula)
    rhs = formulaic.formula.SimpleFormula(kept) if len(offsets) > (offset is not None) else parsed.rhs
    sides = [parsed.lhs.required_variables, rhs.required_variables, *(one.variables for one in offsets)]
    variables = sorted({str(name) for names in sides for name in names})
    methods = {str(factor.eval_method).rsplit(".", 1)[-1] for term in rhs for factor in term.factors}
    left = "+".join(str(term) for term in parsed.lhs)
    right = tuple(sorted(map(str, rhs.required_variables)))
    return _Read(parsed.lhs, rhs, left, offsets, tuple(variables), right, methods <= {"LOOKUP", "LITERAL"})


@dataclass(frozen=True, slots=True, eq=False)
class _Right:
    """The right side of a formula: names of the columns, the matrix, how to build it again, and what it rests on."""

    terms: tuple[str, ...]
    matrix: FloatArray
    build: Callable[[pd.DataFrame], FloatArray]
    used: frozenset[str]
    references: Mapping[str, str]


def _sides(
    sample: Sample, read: _Read, columns: Mapping[str, Column], asked: tuple[str, IntArray]
) -> tuple[_Right, FloatArray]:
    """Work out both sides of a formula: variables alone without formulaic, anything else by it."""
    formula, rows = asked
    right = _by_recipe(read, columns, rows.size) if read.plain else None
    known = read.left in sample.answers.columns
    frame = pd.DataFrame() if right is not None and known else frame_of(columns, rows.size)
    if right is None:
        right = _by_formulaic(read, frame, formula)
    if known:
        return right, _outcome(sample, read.left, columns[read.left], formula)
    return right, _one_column(_matrix(read.lhs, frame, formula), formula)


def _by_recipe(read: _Read, columns: Mapping[str, Column], n: int) -> _Right | None:
    """Fill the matrix as formulaic would; None where its way is not understood."""
    used = read.right
    known = _recipe(read, tuple((name, columns[name].levels) for name in used))
    if known is None:
        return None
    recipe, references = known
    mine = {name: columns[name] for name in used}

    def build(other: pd.DataFrame) -> FloatArray:
        return recipe.fill(columns_of(other, mine), len(other))

    return _Right(recipe.terms, recipe.fill(mine, n), build, frozenset(used), references)


@lru_cache(maxsize=256)
def _recipe(
    read: _Read, levels: tuple[tuple[str, tuple[str, ...] | None], ...]
) -> tuple[Recipe, Mapping[str, str]] | None:
    """Ask formulaic how it codes these variables, by one made-up respondent."""
    zero = np.zeros(1, dtype=np.intp)
    like = {
        name: Column.of_numbers(np.ones(1)) if known is None else Column.of_places(zero, known)
        for name, known in levels
    }
    matrix = _matrix(read.rhs, frame_of(like, 1), read.left)
    categories = {name: known for name, known in levels if known is not None}
    recipe = recipe_of(matrix.model_spec.structure, tuple(map(str, matrix.columns)), categories)
    return None if recipe is None else (recipe, _references(matrix.model_spec))


def _by_formulaic(read: _Read, frame: pd.DataFrame, formula: str) -> _Right:
    """Let formulaic work out the matrix."""
    matrix = _matrix(read.rhs, frame, formula)
    spec = matrix.model_spec

    def build(other: pd.DataFrame) -> FloatArray:
        return np.asarray(spec.get_model_matrix(other), dtype=float)

    terms, used = tuple(map(str, matrix.columns)), frozenset(map(str, spec.required_variables))
    return _Right(terms, np.asarray(matrix, dtype=float), build, used, _references(spec))


def _references(spec: Spec) -> Mapping[str, str]:
    """Level of each category that its treatment contrasts leave out."""
    scoped = [factor for encoded in spec.structure for term in encoded.scoped_terms for factor in term.factors]
    reduced = {str(factor.factor.expr) for factor in scoped if factor.reduced}
    found: dict[str, str] = {}
    for factor, state in spec.factor_contrasts.items():
        name = str(factor.expr)
        if name not in reduced or type(state.contrasts).__name__ != "TreatmentContrasts":
            continue
        levels = [str(level) for level in state.levels]
        inside = _IN_C.match(name)
        base = str(state.contrasts.base)
        found[inside[1] if inside else name] = base if base in levels else levels[0]
    return MappingProxyType(dict(sorted(found.items())))


def _matrix(terms: Terms, frame: pd.DataFrame, formula: str) -> Matrix:
    """Build the model matrix of one side."""
    errors = importlib.import_module("formulaic.errors")
    try:
        return terms.get_model_matrix(frame, na_action="ignore")
    except errors.FormulaicError as error:
        msg = f"Cannot work out {formula!r}: {_first_line(error)}. Its variables are {list(frame.columns)}."
        raise EstimationError(msg) from error


def _one_column(matrix: Matrix, formula: str) -> FloatArray:
    """Take the outcome that an expression gave."""
    if len(matrix.columns) != 1:
        found = len(matrix.columns)
        msg = f"Cannot fit {formula!r}: its left side makes {found} columns; an outcome is one number a respondent."
        raise WrongUseError(msg)
    return np.asarray(matrix, dtype=float)[:, 0]


def _first_line(error: Exception) -> str:
    """Take the first line of another library's message, without its full stop."""
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__


def in_domain(sample: Sample, where: Where | None, title: str) -> BoolArray:
    """Respondents of positive weight with the given categories, shape (n,)."""
    inside = sample.design.weight > 0
    for variable, wanted in (where or {}).items():
        _require_variables(sample, [variable], title)
        column = sample.answers[variable].astype(object).map(_as_text, na_action="ignore")
        levels = [wanted] if isinstance(wanted, str | int | float) else list(wanted)
        chosen = column.isin([_as_text(level) for level in levels]).to_numpy()
        if not chosen.any():
            known = list(dict.fromkeys(column.dropna()))[:12]
            msg = f"Cannot fit {title!r} where {variable} is {wanted!r}: nobody answered that; there are {known}."
            raise EstimationError(msg)
        inside = inside & chosen
    return inside


def read_columns(sample: Sample, variables: Sequence[str], title: str) -> dict[str, Column]:
    """Take the answers to all variables."""
    _require_variables(sample, variables, title)
    return {name: read_column(sample, name) for name in variables}


def complete(columns: Mapping[str, Column], inside: BoolArray, title: str) -> IntArray:
    """Positions of respondents in the domain who answered everything."""
    answered = inside
    for column in columns.values():
        if not column.complete:
            answered = answered & column.answered
    rows = np.flatnonzero(answered)
    if rows.size == 0:
        msg = (
            f"Cannot fit {title!r}: of {int(inside.sum())} respondents in the domain none answered all of "
            f"{list(columns)}. Use fewer variables."
        )
        raise EstimationError(msg)
    return rows


def prepared(sample: Sample, variables: Sequence[str], rows: IntArray) -> pd.DataFrame:
    """Take explanatory variables as floats or as categories whose first level is the reference.

    Levels come in the schema's order, else in the order of a declared category, else alphabetically; levels that no
    complete respondent has are dropped.
    """
    read = {name: read_column(sample, name) for name in variables}
    return frame_of(prepared_columns(sample, read, rows), rows.size)


def prepared_columns(sample: Sample, read: Mapping[str, Column], rows: IntArray) -> dict[str, Column]:
    """Take explanatory variables that were read already as `prepared` does, without a data frame."""
    return {name: ordered_levels(sample, name, column.take(rows)) for name, column in read.items()}


def _outcome(sample: Sample, name: str, column: Column, title: str) -> FloatArray:
    """Take an outcome as a number; a category counts 1 where the answer is favourable or "yes"."""
    if column.levels is None:
        return np.array(column.numbers, dtype=np.float64)
    present = {level for level, count in zip(column.levels, column.counts, strict=True) if count}
    positive = set(sample.codebook[name].positive) if name in sample.codebook else set[str]()
    if not positive and present <= {"yes", "no"}:
        positive = {"yes"}
    if not positive and present <= {"True", "False"}:
        positive = {"True"}
    if not positive:
        msg = (
            f"Cannot fit {title!r}: the outcome {name!r} holds the categories {sorted(present)[:12]}, not numbers. "
            f"Say which answers count, as in '{{{name}.isin([\"{min(present)}\"])}} ~ ...'."
        )
        raise EstimationError(msg)
    return np.array([*(float(level in positive) for level in column.levels), 0.0])[column.places]


def _require_variables(sample: Sample, variables: Sequence[str], title: str) -> None:
    """Refuse variables that do not exist."""
    unknown = [name for name in variables if name not in sample.answers.columns]
    if unknown:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot fit {title!r}: there is no variable {unknown}; the sample has {known}."
        raise EstimationError(msg)


def _as_text(level: object) -> str:
    """Write a category as text, 1.0 as "1"."""
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)
