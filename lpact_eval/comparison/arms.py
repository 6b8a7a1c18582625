"""Who attended and who did not, among those with complete answers, and in which domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.balance import ALL, Arms
from lpact_eval.errors import EstimationError
from lpact_eval.estimation.domains import categories_of, domains_of, positions_of
from lpact_eval.regression.terms import complete_rows
from lpact_eval.sample import coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

_YES, _NO = frozenset({"yes", "1", "True"}), frozenset({"no", "0", "False"})


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """Which variable plays which part.

    Attributes
    ----------
    outcome, attended : str
    answer : tuple of str or None
        Answers that count; None for the mean of a numeric outcome.
    by, adjust : tuple of str
        Domain variables, and variables in which the arms are made comparable.
    """

    outcome: str
    answer: tuple[str, ...] | None
    attended: str
    by: tuple[str, ...]
    adjust: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """All variables."""
        return (self.outcome, self.attended, *self.by, *self.adjust)

    @property
    def domain_column(self) -> str:
        """Name of the label column that holds the domain."""
        return " and ".join(self.by) or "group"

    @property
    def answer_text(self) -> str:
        """Answers that count, in words; empty for a mean."""
        return " or ".join(self.answer or ())


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is compared among whom; n complete respondents.

    Attributes
    ----------
    sample : Sample
    roles : Roles
    rows : ndarray of shape (n,), int
        Positions of the complete respondents in the sample.
    asked : int
        Respondents of positive weight, complete or not.
    outcome : ndarray of shape (n,)
    arms : Arms
    missing : DataFrame
        variable, missing: respondents without an answer.
    """

    sample: Sample
    roles: Roles
    rows: IntArray
    asked: int
    outcome: FloatArray
    arms: Arms
    missing: pd.DataFrame

    @property
    def left_out(self) -> int:
        """Respondents without an answer to one of the variables."""
        return self.asked - self.rows.size

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Attendees and others altogether and in each domain."""
        return {
            name: (int((inside & self.arms.treated).sum()), int((inside & ~self.arms.treated).sum()))
            for name, inside in self.arms.groups().items()
        }

    @property
    def units(self) -> dict[str, int]:
        """Sampling units altogether and in each domain."""
        psu = self.sample.design.psu[self.rows]
        return {name: int(np.unique(psu[inside]).size) for name, inside in self.arms.groups().items()}

    @property
    def idle(self) -> tuple[str, ...]:
        """Adjusters that take one value among the complete respondents."""
        answers = self.sample.answers
        codes = {name: coded(answers[name])[0][self.rows] for name in self.roles.adjust}
        return tuple(name for name, found in codes.items() if not (found != found[:1]).any())


def ask(sample: Sample, roles: Roles) -> Question:
    """Find the complete respondents, their outcome, arm and domain.

    Raises
    ------
    EstimationError
        If nobody answered everything, an answer does not exist, or the attendance variable is not yes/no.
    """
    weighty = sample.design.weight > 0
    rows = complete_rows(sample, roles.used, weighty, f"{roles.outcome} by {roles.attended}")
    domain, labels = domains_of(sample, roles.by)
    present, codes = np.unique(domain[rows], return_inverse=True)
    names = tuple(", ".join(row) for row in labels.iloc[present].astype(str).to_numpy()) if roles.by else (ALL,)
    arms = Arms(_went(sample, roles.attended)[rows], sample.design.weight[rows], codes.astype(np.intp), names)
    missing = sample.answers.loc[weighty, list(roles.used)].isna().sum().to_numpy(dtype=int)
    counted = pd.DataFrame({"variable": list(roles.used), "missing": missing})
    outcome = _outcome(sample, roles.outcome, roles.answer)[rows]
    return Question(sample, roles, rows, int(weighty.sum()), outcome, arms, counted)


def _outcome(sample: Sample, variable: str, answer: Sequence[str] | None) -> FloatArray:
    """Take the outcome of every respondent: 1 for the answers that count, or the number."""
    if answer is not None:
        codes, categories = categories_of(sample, variable)
        return np.isin(codes, positions_of(variable, answer, categories)).astype(float)
    column = sample.answers[variable]
    if isinstance(column.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(column.dtype):
        msg = f"Cannot average {variable!r}: it holds categories. Say which answers count, as in answer=[...]."
        raise EstimationError(msg)
    return column.to_numpy(dtype=float, na_value=np.nan)


def _went(sample: Sample, attended: str) -> BoolArray:
    """Find who attended; a missing answer reads as no here and is left out by the caller."""
    codes, categories = categories_of(sample, attended)
    used = [name for position, name in enumerate(categories) if (codes == position).any()]
    other = [name for name in used if name not in _YES | _NO]
    if other:
        msg = f"Cannot use {attended!r} as attendance: it has the answers {other[:12]}; it has to be yes or no."
        raise EstimationError(msg)
    return np.isin(codes, [position for position, name in enumerate(categories) if name in _YES])
