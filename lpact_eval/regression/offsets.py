"""Offsets: known parts of a linear predictor, such as the log of the hours over which events were counted."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.regression.columns import frame_of, no_offset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lpact_eval.regression.columns import Column
    from lpact_eval.regression.wilkinson import Term
    from lpact_eval.sample import FloatArray

_CALL = "offset("
_BARE = re.compile(r"`([^`]+)`|([^\W\d]\w*)")  # one variable


@dataclass(frozen=True, slots=True)
class Expression:
    """An offset as it was written, the variables in it, and whether it is one variable as it stands."""

    text: str
    variables: frozenset[str]
    bare: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Offset:
    """All offsets of a model added up; n respondents.

    Attributes
    ----------
    values : ndarray of shape (n,), or None
        None without an offset.
    build : callable
        Makes the values of another frame.
    used : frozenset of str
        Variables.
    """

    values: FloatArray | None
    build: Callable[[pd.DataFrame], FloatArray]
    used: frozenset[str]


class _Spec(Protocol):
    """How formulaic remembers to work out an expression."""

    def get_model_matrix(self, data: pd.DataFrame, /, *, na_action: str) -> object: ...


def split_offsets(
    terms: Iterable[Term], further: str | None, formula: str
) -> tuple[list[Term], tuple[Expression, ...]]:
    """Take `offset(...)` out of the terms of a formula, and put a further offset behind.

    Raises
    ------
    WrongUseError
        If an offset is part of an interaction, or can't be read.
    """
    kept: list[Term] = []
    texts: list[str] = []
    for term in terms:
        calls = [str(factor.expr) for factor in term.factors if str(factor.expr).startswith(_CALL)]
        if calls and len(term.factors) > 1:
            msg = f"Cannot fit {formula!r}: {calls[0]!r} is part of an interaction; an offset stands alone."
            raise WrongUseError(msg)
        texts += [call[len(_CALL) : -1] for call in calls]
        if not calls:
            kept.append(term)
    return kept, tuple(_expression(text, formula) for text in [*texts, *([further] if further else [])])


def _expression(text: str, formula: str) -> Expression:
    """Find the variables of an offset."""
    bare = _BARE.fullmatch(text.strip())
    if bare:
        name = bare[1] or bare[2]
        return Expression(name, frozenset([name]), bare=True)
    formulaic = importlib.import_module("formulaic")
    try:
        return Expression(text, frozenset(map(str, formulaic.Formula(_alone(text)).required_variables)))
    except (formulaic.errors.FormulaicError, SyntaxError) as error:
        said = str(error).strip().splitlines()[0].rstrip(".")
        msg = f"Cannot read the offset {text!r} of {formula!r}: {said}. Write it as in 'offset(log(hours))'."
        raise WrongUseError(msg) from error


def _alone(text: str) -> str:
    """Write an expression as a formula of one column."""
    return f"0 + {{{text}}}"


def offsets_of(expressions: Sequence[Expression], columns: Mapping[str, Column], formula: str) -> Offset:
    """Work out the offsets of the complete respondents.

    Raises
    ------
    EstimationError
        If an offset can't be worked out, is no number, or is infinite for somebody.
    """
    if not expressions:
        return Offset(None, no_offset, frozenset())
    used = frozenset(name for expression in expressions for name in expression.variables)
    size = next(column.size for column in columns.values())
    frame = frame_of({name: columns[name] for name in sorted(used)}, size)
    parts = [_part(expression, frame, formula) for expression in expressions]

    def build(other: pd.DataFrame) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sum([part(other) for part in parts], axis=0)

    values = build(frame)
    lost = int((~np.isfinite(values)).sum())
    if lost:
        msg = (
            f"Cannot fit {formula!r}: the offset is not a finite number for {lost} of {values.size} respondents. The "
            "log of an exposure needs exposures above 0; leave those respondents out with where=."
        )
        raise EstimationError(msg)
    return Offset(values, build, used)


def _part(expression: Expression, frame: pd.DataFrame, formula: str) -> Callable[[pd.DataFrame], FloatArray]:
    """Prepare to work out one offset of any frame."""
    text = expression.text
    if expression.bare:
        _refuse_category(isinstance(frame[text].dtype, pd.CategoricalDtype), text, formula)
        return lambda other: other[text].to_numpy(dtype=np.float64)
    formulaic = importlib.import_module("formulaic")
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            matrix = formulaic.Formula(_alone(text)).get_model_matrix(frame, na_action="ignore")
    except formulaic.errors.FormulaicError as error:
        said = str(error).strip().splitlines()[0].rstrip(".")
        msg = f"Cannot work out the offset {text!r} of {formula!r}: {said}. Its variables are {list(frame.columns)}."
        raise EstimationError(msg) from error
    _refuse_category(list(map(str, matrix.columns)) != [text], text, formula)
    spec: _Spec = matrix.model_spec
    return lambda other: np.asarray(spec.get_model_matrix(other, na_action="ignore"), dtype=np.float64)[:, 0]


def _refuse_category(found: object, text: str, formula: str) -> None:
    """Refuse an offset that is no number."""
    if found:
        msg = f"Cannot fit {formula!r}: the offset {text!r} is a category; an offset is one number a respondent."
        raise EstimationError(msg)
