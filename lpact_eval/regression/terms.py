"""From a formula and answers to a model matrix that can be built again for other answers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.sample import coded

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

Where = Mapping[str, str | float | Sequence[str]]
_EXAMPLE = "Write it as in 'trust ~ attended * ethnicity + sex'."


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
    frame : DataFrame of n rows
        Explanatory variables; categories hold the levels present, reference level first.
    terms : tuple of str
        Names of the p columns of the model matrix.
    build : callable
        Makes the model matrix, shape (n, p), of a frame like `frame`.
    """

    title: str
    outcome_name: str
    outcome: FloatArray
    rows: IntArray
    asked: int
    frame: pd.DataFrame
    terms: tuple[str, ...]
    build: Callable[[pd.DataFrame], FloatArray]


def read_formula(sample: Sample, formula: str, where: Where | None) -> Model:
    """Read a formula against the answers.

    Parameters
    ----------
    sample : Sample
    formula : str
        "outcome ~ terms" in Wilkinson's notation; names that are not Python names stand in backticks.
    where : mapping, optional
        {variable: category or categories} of the domain.

    Returns
    -------
    Model
        Complete respondents of positive weight in the domain.

    Raises
    ------
    WrongUseError
        If the formula can't be read or has no outcome.
    EstimationError
        If a variable does not exist, no respondent is complete, or the outcome is no number and no yes/no answer.
    """
    parsed = _parsed(formula)
    variables = sorted(map(str, parsed.required_variables))
    inside = in_domain(sample, where, formula)
    rows = complete_rows(sample, variables, inside, formula)
    frame = prepared(sample, variables, rows)
    right = _matrix(parsed.rhs, frame, formula)
    left = "+".join(str(term) for term in parsed.lhs)
    if left in sample.answers.columns:
        outcome = outcome_number(sample, left, rows, formula)
    else:
        outcome = _one_column(_matrix(parsed.lhs, frame, formula), formula)
    spec = right.model_spec

    def build(other: pd.DataFrame) -> FloatArray:
        return np.asarray(spec.get_model_matrix(other), dtype=float)

    kept = frame[[name for name in variables if name in spec.required_variables]]
    return Model(formula, left, outcome, rows, int(inside.sum()), kept, tuple(map(str, right.columns)), build)


class _Spec(Protocol):
    """How formulaic remembers to build a model matrix."""

    required_variables: set[str]

    def get_model_matrix(self, data: pd.DataFrame, /) -> object: ...


class _Matrix(Protocol):
    """What formulaic returns: a data frame with a memory."""

    columns: Sequence[object]
    model_spec: _Spec


class _Terms(Protocol):
    """One side of a formula."""

    def __iter__(self) -> Iterator[object]: ...

    def get_model_matrix(self, data: pd.DataFrame, /, *, na_action: str) -> _Matrix: ...


class _Parsed(Protocol):
    """A formula with two sides."""

    lhs: _Terms
    rhs: _Terms
    required_variables: set[object]


def _parsed(formula: str) -> _Parsed:
    """Parse a formula with an outcome."""
    formulaic = importlib.import_module("formulaic")  # takes half a second, and few commands need it
    try:
        parsed = formulaic.Formula(formula)
    except formulaic.errors.FormulaicError as error:
        msg = f"Cannot read the formula {formula!r}: {_first_line(error)}. {_EXAMPLE}"
        raise WrongUseError(msg) from error
    if not hasattr(parsed, "lhs"):
        msg = f"Cannot fit {formula!r}: it has no outcome. {_EXAMPLE}"
        raise WrongUseError(msg)
    return parsed


def _matrix(terms: _Terms, frame: pd.DataFrame, formula: str) -> _Matrix:
    """Build the model matrix of one side."""
    errors = importlib.import_module("formulaic.errors")
    try:
        return terms.get_model_matrix(frame, na_action="ignore")
    except errors.FormulaicError as error:
        msg = f"Cannot work out {formula!r}: {_first_line(error)}. Its variables are {list(frame.columns)}."
        raise EstimationError(msg) from error


def _one_column(matrix: _Matrix, formula: str) -> FloatArray:
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


def complete_rows(sample: Sample, variables: Sequence[str], inside: BoolArray, title: str) -> IntArray:
    """Positions of respondents in the domain with an answer to every variable."""
    _require_variables(sample, variables, title)
    answered = sample.answers[list(variables)].notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(inside & answered)
    if rows.size == 0:
        msg = (
            f"Cannot fit {title!r}: of {int(inside.sum())} respondents in the domain none answered all of "
            f"{list(variables)}. Use fewer variables."
        )
        raise EstimationError(msg)
    return rows


def prepared(sample: Sample, variables: Sequence[str], rows: IntArray) -> pd.DataFrame:
    """Take explanatory variables as floats or as categories whose first level is the reference.

    Levels come in the schema's order, else in the order of a declared category, else alphabetically; levels that no
    complete respondent has are dropped.
    """
    columns: dict[str, pd.Series] = {}
    for name in variables:
        column = sample.answers[name]
        if pd.api.types.is_numeric_dtype(column.dtype) and not isinstance(column.dtype, pd.CategoricalDtype):
            columns[name] = column.iloc[rows].reset_index(drop=True).astype(float)
            continue
        codes, levels = coded(column)
        codes = codes[rows]
        present = np.bincount(codes[codes >= 0], minlength=len(levels)).tolist()
        order = [
            level
            for level in _declared(sample, name, levels, column)
            if level in levels and present[levels.index(level)]
        ]
        place = {level: position for position, level in enumerate(order)}
        places = np.array([*(place.get(level, -1) for level in levels), -1], dtype=np.intp)
        columns[name] = pd.Series(pd.Categorical.from_codes(places[codes].tolist(), dtype=pd.CategoricalDtype(order)))
    return pd.DataFrame(columns, index=range(rows.size))


def _declared(sample: Sample, name: str, levels: Sequence[str], column: pd.Series) -> list[str]:
    """Levels in the schema's order, then those of the column."""
    known = list(sample.codebook[name].answers) if name in sample.codebook else []
    found = levels if isinstance(column.dtype, pd.CategoricalDtype) else sorted(levels)
    return list(dict.fromkeys([*known, *found]))


def outcome_number(sample: Sample, name: str, rows: IntArray, title: str) -> FloatArray:
    """Take an outcome as a number; a category counts 1 where the answer is favourable or "yes"."""
    column = sample.answers[name].iloc[rows]
    if not isinstance(column.dtype, pd.CategoricalDtype) and pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float)
    text = column.astype(object).map(_as_text)
    present = set(text)
    positive = set(sample.codebook[name].positive) if name in sample.codebook else set[str]()
    if positive:
        return text.isin(positive).to_numpy().astype(float)
    if present <= {"yes", "no"}:
        return (text == "yes").to_numpy().astype(float)
    if present <= {"True", "False"}:
        return (text == "True").to_numpy().astype(float)
    msg = (
        f"Cannot fit {title!r}: the outcome {name!r} holds the categories {sorted(present)[:12]}, not numbers. "
        f"Say which answers count, as in '{{{name}.isin([\"{min(present)}\"])}} ~ ...'."
    )
    raise EstimationError(msg)


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
