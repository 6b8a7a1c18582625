"""Odds ratios where hardly anybody, or nobody, in an arm gave an answer: Firth's penalised fit, domain by domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import covariates, independent
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.exact import NO_TABLE, two_by_two
from lpact_eval.comparison.tiers import small_arms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.sample import BoolArray, FloatArray

SPARSE_CELL = 5  # respondents in a cell of attendance by answer, under which it is sparse
SPARSE_COLUMNS = ("odds_ratio", "conf_low", "conf_high", "p_value", "adjusted", "sparse", "reading")
_A_TERM = 5  # respondents for every coefficient, under which the adjusters are left out
_NOTABLE = 0.05


def sparse_check(question: Question, rows: Sequence[Row], *, level: float = 0.95) -> pd.DataFrame:
    """Give each domain's odds ratio of the answer, attendees against others, by Firth's penalised likelihood.

    The caller must not publish what tells counts: an odds ratio together with the sizes of both arms may, and so does
    the column sparse.

    Parameters
    ----------
    question : Question
    rows : sequence of Row
        Differences between domains are passed over.
    level : float, default 0.95
        Of the profile interval.

    Returns
    -------
    DataFrame of one row a domain
        The domain; odds_ratio with conf_low and conf_high (profile penalised likelihood, always finite); p_value
        (penalised likelihood ratio); adjusted (whether the adjusters are in the model: with 5 respondents or more for
        every coefficient); sparse (whether a cell of attendance by answer holds fewer than 5: use this row then);
        reading. Without numbers where the domain is refused or the outcome is no yes/no answer. Unweighted, and sites
        are ignored.

    References
    ----------
    Firth (1993), *Biometrika* 80, 27-38; Heinze & Schemper (2002), *Statistics in Medicine* 21, 2409-2419.
    """
    groups = question.arms.groups()
    domains = [row for row in rows if len(row.sides) == 1]
    found: list[tuple[float | bool | str, ...]] = []
    for row, reason in zip(domains, small_arms(question, domains), strict=True):
        counts = two_by_two(question, groups[row.name])
        if reason or counts is None:
            found.append((*(np.nan,) * 4, False, False, reason or NO_TABLE))
        else:
            found.append(
                _fitted(question, row.name, groups[row.name], sparse=bool(counts.min() < SPARSE_CELL), level=level)
            )
    table = pd.DataFrame(found, columns=list(SPARSE_COLUMNS))
    table.insert(0, question.roles.domain_column, [row.name for row in domains])
    return table


def _fitted(
    question: Question, name: str, inside: BoolArray, *, sparse: bool, level: float
) -> tuple[float, float, float, float, bool, bool, str]:
    """Fit one domain; the attendance variable is the second column."""
    from lpact_eval.regression.firth import firth  # noqa: PLC0415 - only arms with a sparse cell need it

    alone = np.column_stack([np.ones(int(inside.sum())), question.arms.treated[inside].astype(float)])
    others = _others(question, name, inside)
    whole = np.hstack([alone, others])
    whole = whole[:, independent(whole)]
    adjusted = whole.shape[1] > alone.shape[1] and whole.shape[0] >= _A_TERM * whole.shape[1]
    matrix = whole if adjusted else alone
    terms = ("constant", question.roles.attended, *(f"adjuster {place}" for place in range(2, matrix.shape[1])))
    fit = firth(matrix, question.outcome[inside], terms, f"{question.roles.outcome} by {question.roles.attended}")
    low, high = fit.limits(1, level)
    p, ratio = fit.p_value(1), float(fit.value[1])
    reading = _reading(question, p, ratio, adjusted=adjusted, wanted=bool(others.shape[1]))
    return float(np.exp(ratio)), float(np.exp(low)), float(np.exp(high)), p, adjusted, sparse, reading


def _others(question: Question, name: str, inside: BoolArray) -> FloatArray:
    """Take the adjusters and, for all respondents, their domains."""
    matrix = covariates(question, inside)[1]
    if name != ALL or len(question.arms.names) == 1:
        return matrix
    domains = question.arms.domain[inside][:, None] == np.arange(1, len(question.arms.names))
    return np.hstack([domains.astype(float), matrix])


def _reading(question: Question, p: float, ratio: float, *, adjusted: bool, wanted: bool) -> str:
    """Say in words what the penalised fit found, and what it leaves out."""
    how = "unweighted, " + ("adjusted" if adjusted else "not adjusted")
    if wanted and not adjusted:
        how += " because there are too few respondents for the adjusters"
    if question.sample.design.clustered:
        how += ", recruitment sites ignored"
    way = "higher" if ratio > 0 else "lower"
    said = f"finds the odds of the answer {way} among attendees" if p < _NOTABLE else "finds no clear difference"
    return f"a penalised fit for sparse cells ({how}) {said}"
