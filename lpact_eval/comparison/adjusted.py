"""What every method of comparing attendees with others makes, and the covariates that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.stacked import refused_where
from lpact_eval.regression.fitting import clearly_ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.regression.columns import Column
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

METHOD_NAMES: Final = {
    "regression": "regression",
    "overlap": "overlap weights",
    "att": "ATT weights",
    "entropy": "entropy weights (ATT)",
    "doubly_robust": "doubly robust",
}
EXPLAINED: Final = "no chance variation to be seen: the groups compared and the adjusters explain every answer"
_NO_VARIATION: Final = 1e-9  # standard error, over the size of the outcome, that is rounding error only
_ALONE: Final = 1e-8  # part of a column that the columns before it leave unexplained, under which it is one of them


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """What one method makes of a question; k rows, n complete respondents.

    Attributes
    ----------
    estimate : Estimate
        k estimates in the order of the rows, labelled as `labels` does; missing with a reason where there is none.
    weights : mapping of str to ndarray of shape (n,)
        By domain name ("All respondents" and each domain): the weight of each complete respondent after balancing, 0
        outside the domain. Survey weights for "regression". Without an entry where the method gave none.
    scores : mapping of str to ndarray of shape (n,)
        By domain name: propensity scores, missing outside, by which overlap is judged; empty for "regression".
    notes : mapping of str to tuple of str
        By domain name: what readers must know of the method there.
    means : mapping of str to tuple of two float
        By domain name: adjusted share (or mean) of those who attended and of those who did not; missing where there is
        none.
    shares : mapping of str to Estimate
        By domain name: those two with their covariance, an estimate of two rows; left out where it is not known.
    """

    estimate: Estimate
    weights: Mapping[str, FloatArray]
    scores: Mapping[str, FloatArray]
    notes: Mapping[str, tuple[str, ...]]
    means: Mapping[str, tuple[float, float]]
    shares: Mapping[str, Estimate] = field(default_factory=lambda: MappingProxyType({}))


class Later(Mapping[str, "Estimate"]):
    """Estimates by name that are worked out when the first of them is asked for.

    Parameters
    ----------
    make : callable
        Gives the mapping.
    """

    def __init__(self, make: Callable[[], Mapping[str, Estimate]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Estimate]:
        """What was asked for."""
        return self._make()

    def __getitem__(self, name: str) -> Estimate:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def covariates(question: Question, rows: BoolArray | IntArray | None = None) -> tuple[tuple[str, ...], FloatArray]:
    """Lay out the adjusters as numbers for some of the complete respondents.

    Parameters
    ----------
    question : Question
    rows : ndarray, optional
        Which of the n complete respondents, as a mask of shape (n,) or positions; all by default.

    Returns
    -------
    names : tuple of p str
        "age_band[T.25-34]" for a level of a category, "age" for a number: `variable_of` gives the variable.
    matrix : ndarray of shape (members, p)
        No constant; the reference level is left out, and so is every column that is constant among these respondents
        or that the constant and the columns before it explain.
    """
    names, matrix = question.columns
    chosen = matrix if rows is None else matrix[rows]
    kept = independent(np.column_stack([np.ones(chosen.shape[0]), chosen]))[1:]
    return tuple(name for name, keep in zip(names, kept, strict=True) if keep), chosen[:, kept]


def variable_of(name: str) -> str:
    """Name the variable that a column of `covariates` belongs to."""
    return name.partition("[T.")[0]


def independent(matrix: FloatArray) -> BoolArray:
    """Say which columns the columns before them do not explain, shape (p,).

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
    """
    if clearly_ranked(matrix.T @ matrix):
        return np.repeat(np.True_, matrix.shape[1])
    scaled = matrix / np.where(norms := np.linalg.norm(matrix, axis=0), norms, 1.0)
    basis, found = np.zeros(matrix.shape[::-1]), 0  # a row for every column that was kept
    kept = np.zeros(matrix.shape[1], dtype=bool)
    for column in range(matrix.shape[1]):
        left = scaled[:, column]
        for _ in range(2):  # once more for what rounding left of the first time
            left = left - (basis[:found] @ left) @ basis[:found]
        size = float(np.linalg.norm(left))
        if size > _ALONE:
            kept[column] = True
            basis[found] = left / size
            found += 1
    return kept


def indicators(name: str, column: Column) -> dict[str, FloatArray]:
    """Take a number as it is, and a category as an indicator per level but the first."""
    if column.levels is None:
        return {name: column.numbers}
    return {
        f"{name}[T.{level}]": (column.places == code).astype(float) for code, level in enumerate(column.levels) if code
    }


def labels(question: Question, rows: Sequence[Row]) -> Labels:
    """Label every row: variable, answer, attendance, domain."""
    roles = question.roles
    named: dict[str, Sequence[object]] = {"variable": [roles.outcome] * len(rows)}
    if roles.answer_text:
        named["answer"] = [roles.answer_text] * len(rows)
    named[roles.attended] = ["yes - no"] * len(rows)
    named[roles.domain_column] = [row.name for row in rows]
    return Labels.of(named)


def in_rows(question: Question, rows: Sequence[Row], basic: Estimate, names: Sequence[str]) -> Estimate:
    """Turn estimates of domains into the rows asked for: one domain, or one minus another.

    Parameters
    ----------
    question : Question
    rows : sequence of k Row
    basic : Estimate
        One estimate a name.
    names : sequence of str
        Domains that were estimated; a row of another is refused.
    """
    matrix = np.zeros((len(rows), len(names)))
    for position, row in enumerate(rows):
        for side, sign in zip(row.sides, (1.0, -1.0), strict=False):
            if side in names:
                matrix[position, list(names).index(side)] = sign
    found = contrast(basic, matrix, labels(question, rows))
    n, n_kish = sizes(question, rows)
    gone = ["" if set(row.sides) <= set(names) else "an arm is empty or too small" for row in rows]
    return refused_where(replace(found, n=n, n_kish=n_kish), gone)


def moving(estimate: Estimate, outcome: FloatArray) -> Estimate:
    """Refuse estimates whose standard error is rounding error only, which no interval and no test may rest on.

    Parameters
    ----------
    estimate : Estimate
    outcome : ndarray of shape (n,)
        Of the complete respondents; its size says what is rounding error.
    """
    least = _NO_VARIATION * (float(np.abs(outcome).max(initial=0.0)) or 1.0)
    still = np.nan_to_num(estimate.std_error, nan=np.inf) <= least
    return refused_where(estimate, np.where(still & (np.array(estimate.refused) == ""), EXPLAINED, "").tolist())


def sizes(question: Question, rows: Sequence[Row]) -> tuple[FloatArray, FloatArray]:
    """Count answers and Kish's effective answers of the domains that each row rests on, each of shape (k,)."""
    weight, groups = question.arms.weight, question.arms.groups()
    kish = {name: weight[inside].sum() ** 2 / (weight[inside] ** 2).sum() for name, inside in groups.items()}
    return (
        np.array([float(sum(int(groups[side].sum()) for side in row.sides)) for row in rows]),
        np.array([float(sum(kish[side] for side in row.sides)) for row in rows]),
    )
