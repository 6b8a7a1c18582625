"""An exact test of attendance against the answer, as a cross-check that rests on nothing but the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.tiers import small_arms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.sample import BoolArray, IntArray

EXACT_COLUMNS = ("p_value", "odds_ratio", "conf_low", "conf_high", "reading")
NO_TABLE = "the outcome is a number: there is no table of counts to test"
TOO_MANY = "too many respondents for an exact test to add anything"
_MOST_TABLES = 60_000  # possible tables, about 200 in each arm; more take seconds and change nothing
_NOTABLE = 0.05


def exact_check(question: Question, rows: Sequence[Row], *, level: float = 0.95) -> pd.DataFrame:
    """Test attendance against the answer in each domain exactly, without weights and adjusters.

    The caller must not publish what tells counts: p value and odds ratio together with the sizes of both arms may.

    Parameters
    ----------
    question : Question
    rows : sequence of Row
        Differences between domains are passed over: they have no table of their own.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame of one row a domain
        The domain; p_value (Boschloo's test, two-sided: twice the smaller of both one-sided p values, at most 1);
        odds_ratio with conf_low and conf_high (conditional maximum likelihood and its exact interval; 0 or infinite
        where a cell is empty); reading. Without numbers where the domain is refused, the outcome is no yes/no answer,
        or over about 200 respondents in each arm make exactness pointless.

    References
    ----------
    Boschloo (1970), *Statistica Neerlandica* 24, 1-9; Cornfield (1956), for the exact interval of an odds ratio.
    """
    groups = question.arms.groups()
    domains = [row for row in rows if len(row.sides) == 1]
    found: list[tuple[float | str, ...]] = []
    for row, reason in zip(domains, small_arms(question, domains), strict=True):
        counts = two_by_two(question, groups[row.name])
        why = reason or ("" if counts is not None else NO_TABLE)
        if counts is not None and not why and int((counts.sum(axis=0) + 1).prod()) > _MOST_TABLES:
            why = TOO_MANY
        found.append(_tested(counts, level) if counts is not None and not why else (*(np.nan,) * 4, why))
    table = pd.DataFrame(found, columns=list(EXACT_COLUMNS))
    table.insert(0, question.roles.domain_column, [row.name for row in domains])
    return table


def two_by_two(question: Question, inside: BoolArray) -> IntArray | None:
    """Count answers by arm among some of the complete respondents.

    Parameters
    ----------
    question : Question
    inside : ndarray of shape (n,), bool

    Returns
    -------
    ndarray of shape (2, 2), int, or None
        Rows: gave an answer that counts, did not; columns: attended, did not. None where the outcome is no yes/no.
    """
    outcome, treated = question.outcome[inside], question.arms.treated[inside]
    if not np.isin(outcome, (0.0, 1.0)).all():
        return None
    place = 2 * (outcome == 0).astype(np.intp) + ~treated
    return np.bincount(place, minlength=4).reshape(2, 2).astype(np.intp)


def _tested(counts: IntArray, level: float) -> tuple[float, float, float, float, str]:
    """P value, odds ratio with its interval, and what they say."""
    from scipy.stats import boschloo_exact  # noqa: PLC0415 - scipy.stats takes a second to import
    from scipy.stats.contingency import odds_ratio  # noqa: PLC0415

    if not counts.sum(axis=1).all():
        return 1.0, np.nan, 0.0, np.inf, _reading(1.0, 1.0)
    p = min(float(boschloo_exact(counts).pvalue), 1.0)
    ratio = odds_ratio(counts)
    low, high = ratio.confidence_interval(level)
    return p, float(ratio.statistic), float(low), float(high), _reading(p, float(ratio.statistic))


def _reading(p: float, ratio: float) -> str:
    """Say in words what an exact test of the raw counts found."""
    if p < _NOTABLE:
        return (
            f"an exact test of the unweighted counts, not adjusted for anything, finds the answer {_more(ratio)} among "
            "attendees than chance alone would bring"
        )
    return (
        "an exact test of the unweighted counts, not adjusted for anything, finds no difference beyond what chance "
        "alone may bring"
    )


def _more(ratio: float) -> str:
    """Say in which direction an odds ratio points."""
    return "more common" if ratio > 1 else "less common"
