"""Answers to the items of a scale as numbers: which end is favourable, and how many points there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import categories_of, column_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray, Sample

Score = Literal["points", "unit"]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One item as numbers.

    Attributes
    ----------
    value : ndarray of shape (n,)
        Missing answers are NaN; the most favourable answer of a scale has the highest value.
    points : int
        Number of answers; 0 for an item that is a number already.
    """

    value: FloatArray
    points: int


def item_scores(sample: Sample, items: Sequence[str], *, score: Score = "points", least: int = 1) -> FloatArray:
    """Put the items of a scale into columns of numbers.

    Parameters
    ----------
    sample : Sample
    items : sequence of str
        Harmonised scales or yes/no variables, or numbers, which are taken as they are.
    score : str, default "points"
        "points": 1 for the least favourable answer up to the number of answers, which all items must share;
        "unit": the same from 0 to 1, for items of different length.
    least : int, default 1
        Number of items needed.

    Returns
    -------
    ndarray of shape (n, items)
        Missing answers are NaN.

    Raises
    ------
    WrongUseError
        If items are too few or named twice, or the score does not exist.
    EstimationError
        If an item does not exist, its answers have no order, or the items do not have the same points.
    """
    if isinstance(items, str) or len(items) < least or len(set(items)) < len(items):
        msg = f"Cannot make a scale of {items!r}: {least} or more different variables are needed, as in items=[...]."
        raise WrongUseError(msg)
    if score not in get_args(Score):
        msg = f"Cannot score items by {score!r}; there are {list(get_args(Score))}."
        raise WrongUseError(msg)
    scored = [_scored(sample, name) for name in items]
    _require_alike(items, scored, score)
    columns = [item.value if score == "points" else (item.value - 1) / (item.points - 1) for item in scored]
    return np.column_stack(columns)


def ordered_score(sample: Sample, variable: str) -> Scored:
    """Give one variable's answers as numbers; the first answer in the schema's order is the most favourable."""
    return _scored(sample, variable)


def _scored(sample: Sample, variable: str) -> Scored:
    """Take numbers as they are and number the answers of a scale."""
    column = column_of(sample, variable)
    if pd.api.types.is_numeric_dtype(column.dtype) and not isinstance(column.dtype, pd.CategoricalDtype):
        return Scored(column.to_numpy(dtype=float, na_value=np.nan), 0)
    codes, categories = categories_of(sample, variable)
    written = _numbers_of(categories)
    if written is not None:
        return Scored(_at(written, codes), 0)
    _require_order(sample, variable, column)
    count = len(categories)
    first_is_best = _first_is_best(sample, variable, categories)
    points = np.arange(count, 0, -1) if first_is_best else np.arange(1, count + 1)
    return Scored(_at(points.astype(float), codes), count)


def _at(points: FloatArray, codes: IntArray) -> FloatArray:
    """Look up the points of codes; -1 is missing."""
    return np.where(codes >= 0, points[np.maximum(codes, 0)], np.nan)


def _numbers_of(categories: Sequence[str]) -> FloatArray | None:
    """Categories that are written as numbers are those numbers."""
    try:
        numbers = np.array([float(category) for category in categories], dtype=np.float64)
    except ValueError:
        return None
    return numbers if numbers.size and np.isfinite(numbers).all() else None


def _require_order(sample: Sample, variable: str, column: pd.Series) -> None:
    """Refuse answers without an order."""
    known = sample.codebook.get(variable)
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered)
    if ordered if known is None else known.kind in {"scale", "yes_no"}:
        return
    msg = (
        f"Cannot score {variable!r}: its answers have no order. Scales, yes/no variables and numbers can be scored; "
        "make it an ordered category with the most favourable answer first, or leave it out."
    )
    raise EstimationError(msg)


def _first_is_best(sample: Sample, variable: str, categories: Sequence[str]) -> bool:
    """Whether the schema's favourable answers stand first; without any, the first answer is the best."""
    known = sample.codebook.get(variable)
    favourable = set(known.positive) if known is not None else set[str]()
    count = len(favourable)
    if not favourable or set(categories[:count]) == favourable:
        return True
    if set(categories[-count:]) == favourable:
        return False
    msg = (
        f"Cannot score {variable!r}: its favourable answers {sorted(favourable)} stand at neither end of "
        f"{list(categories)}. Put the answers into order in harmonised.toml."
    )
    raise EstimationError(msg)


def _require_alike(items: Sequence[str], scored: Sequence[Scored], score: Score) -> None:
    """Refuse to average items of different length in points, and numbers without ends from 0 to 1."""
    points = {name: item.points for name, item in zip(items, scored, strict=True)}
    if score == "points" and len(set(points.values())) > 1:
        msg = (
            f"Cannot average items of different length: {points} answers (0: numbers). "
            "Use items of one length, or score='unit', which puts each from 0 to 1."
        )
        raise EstimationError(msg)
    endless = [name for name, count in points.items() if count == 0]
    if score == "unit" and endless:
        msg = f"Cannot put {endless} from 0 to 1: they hold numbers whose ends are unknown. Use score='points'."
        raise EstimationError(msg)
