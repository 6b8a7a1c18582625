"""Attendees against comparable non-attendees, overall and by group: an association, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from lpact_eval.comparison.adjusted import METHOD_NAMES, moving
from lpact_eval.comparison.arms import ask, roles_of
from lpact_eval.comparison.balance import ALL, compared_arms, weighed_arms
from lpact_eval.comparison.few_sites import by_respondents, few_sites, mixed
from lpact_eval.comparison.gap_words import NOT_SHOWN, estimand_words
from lpact_eval.comparison.gaps import AttendanceGap, AttendanceGaps, Basis
from lpact_eval.comparison.overlap import verdicts
from lpact_eval.comparison.regression_gap import raw_gap, regression_gap
from lpact_eval.comparison.tiers import FEWEST_DF, SMALLEST_ARM, Found, Row, flags, refusals, wordings
from lpact_eval.comparison.weighted_gap import weighted_gap
from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.intervals import t_quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.comparison.adjusted import Adjusted
    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.overlap import Verdict
    from lpact_eval.comparison.propensity import Tilt
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.frames import Columns
    from lpact_eval.sample import FloatArray, Sample

METHODS: Final = tuple(METHOD_NAMES)
ESTIMANDS: Final = {
    "regression": ("ate", "att"),
    "overlap": ("ato",),
    "att": ("att",),
    "entropy": ("att",),
    "doubly_robust": ("att", "ate"),
}
_LEVEL, _POWER = 0.95, 0.80


def attendance_gap(  # noqa: PLR0913 - the public contract, and a seed
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    attended: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str] = ("ethnicity",),
    method: str = "regression",
    estimand: str | None = None,
    seed: int | None = None,
) -> AttendanceGap:
    """Compare attendees with comparable non-attendees among those who answered.

    Parameters
    ----------
    sample : Sample
        Respondents who miss an answer to any variable used are left out and counted.
    variable : str
        Outcome.
    answer : str, sequence of str or None
        The answers that count; by default those that the schema calls positive, or the mean of a numeric outcome.
    attended : str
        Yes/no variable.
    adjust : str or sequence of str
        Variables in which the arms are made comparable; none that attending may have changed.
    by : str or sequence of str, default ("ethnicity",)
        Domain variables; the gap may differ between the domains.
    method : str, default "regression"
        "regression": weighted least squares of the outcome on attendance x domain and the adjusters (a linear
        probability model for shares). "overlap", "att", "entropy": weighted regression under survey weight x overlap
        weights, odds of attending, or entropy balancing of others towards attendees; see `weighted_gap`. These four
        have CR2 standard errors and Satterthwaite degrees of freedom. "doubly_robust": both together, with a bootstrap
        within arms; see `doubly_robust`.
    estimand : str, optional
        Over whom: "ate" (all respondents; "regression", "doubly_robust"), "att" (attendees; all but "overlap"), "ato"
        (the overlap; "overlap"). By default the method's own: "ate" for "regression", "att" for "doubly_robust".
    seed : int, optional
        Of the bootstrap.

    Returns
    -------
    AttendanceGap
        Domains with an arm below 10 (15 where arms are weighted) or too unlike arms are refused with a reason;
        smaller problems are flags. Domains with fewer than 5 recruitment sites have standard errors by respondents.

    Raises
    ------
    WrongUseError
        If the method or estimand is not available, or a variable is used twice.
    EstimationError
        If an adjuster may have been changed by attending, a variable or answer does not exist, the attendance
        variable is not yes/no, or nobody answered everything.

    References
    ----------
    Pustejovsky & Tipton (2018), *JBES* 36, 672-683; Graubard & Korn (1999), *Biometrics* 55, 652-659; Zeng, Li & Tong
    (2025), arXiv 2501.16156.
    """
    chosen = _estimand_of(method, estimand)
    asked = _Asked.of(ask(sample, roles_of(sample, variable, answer, attended=attended, adjust=adjust, by=by)))
    return _gap(asked, method, chosen, seed)


def attendance_gaps(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    attended: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str] = ("ethnicity",),
    methods: Sequence[str] = METHODS,
    seed: int | None = None,
) -> AttendanceGaps:
    """Answer one question by several methods; arguments, errors and refusals as in `attendance_gap`."""
    chosen = {method: _estimand_of(method, None) for method in dict.fromkeys(methods)}
    if not chosen:
        msg = f"Cannot compare attendees without a method; available: {list(METHODS)}."
        raise WrongUseError(msg)
    asked = _Asked.of(ask(sample, roles_of(sample, variable, answer, attended=attended, adjust=adjust, by=by)))
    return AttendanceGaps(tuple(_gap(asked, method, estimand, seed) for method, estimand in chosen.items()))


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What all methods share: the question, its rows, the raw differences, and domains with few sites."""

    question: Question
    rows: Sequence[Row]
    few: Mapping[str, str]
    alone: Question | None
    raw: Callable[[], Estimate]

    @staticmethod
    def of(question: Question) -> _Asked:
        """Find what is shared; the raw differences are worked out once, when they are first asked for."""
        rows, few = _rows(question), few_sites(question)
        alone = by_respondents(question) if few else None
        return _Asked(question, rows, few, alone, cache(partial(_raw, question, rows, few, alone)))


def _estimand_of(method: str, estimand: str | None) -> str:
    """Take the estimand asked for, or the method's own; refuse what is not available."""
    if method not in ESTIMANDS:
        msg = f"Cannot compare attendees by method={method!r}; available: {list(METHODS)}."
        raise WrongUseError(msg)
    known = ESTIMANDS[method]
    chosen = known[0] if estimand is None else estimand.casefold()
    if chosen not in known:
        msg = f"Cannot use estimand={estimand!r} with method={method!r}; it gives {list(known)}."
        raise WrongUseError(msg)
    return chosen


def _rows(question: Question) -> list[Row]:
    """List what to estimate: all, each domain, and each domain minus the weightiest with two sufficient arms."""
    rows = [Row(ALL, (ALL,))]
    if not question.roles.by:
        return rows
    arms, counts = question.arms, question.counts
    totals = np.bincount(arms.domain, arms.weight, minlength=len(arms.names)).tolist()
    weights = dict(zip(arms.names, totals, strict=True))
    reference = max(arms.names, key=lambda name: (min(counts[name]) >= SMALLEST_ARM, weights[name]))
    others = [name for name in arms.names if name != reference]
    rows += [Row(name, (name,)) for name in arms.names]
    return rows + [Row(f"{name} - {reference}", (name, reference)) for name in others]


def _gap(asked: _Asked, method: str, estimand: str, seed: int | None) -> AttendanceGap:
    """Answer the question by one method, and judge the answer."""
    question, rows, column = asked.question, asked.rows, asked.question.roles.domain_column
    adjusted = _adjusted(asked, (method, estimand), seed)
    weights = None if method == "regression" else adjusted.weights
    scores = adjusted.scores or None
    ruler = "treated" if weights is not None and estimand == "att" else "pooled"
    balance = compared_arms(question.arms, question.adjusters, column, weights=weights, ruler=ruler)
    overlap = weighed_arms(question.arms, column, weights=weights, scores=scores)
    judged = _judged(balance, overlap, (column, estimand), weights)
    found = Found(method, estimand, balance, judged, adjusted.notes, asked.few)
    estimate = moving(_refused(adjusted.estimate, refusals(question, rows, found)), question.outcome)
    return AttendanceGap(
        estimate=estimate,
        p_value=np.where(estimate.df >= FEWEST_DF, estimate.p_value(), np.nan),
        detectable=_detectable(estimate),
        flags=flags(question, rows, estimate, found),
        refused=estimate.refused,
        wording=wordings(rows, estimate, found),
        method=method,
        estimand=estimand_words(question, method, estimand),
        not_shown=NOT_SHOWN,
        adjusters=question.roles.adjust,
        n=question.rows.size,
        left_out=question.left_out,
        basis=Basis(question, rows, adjusted, asked.raw, balance, overlap),
    )


def _judged(
    balance: Columns, overlap: Columns, by: tuple[str, str], weights: Mapping[str, FloatArray] | None
) -> Mapping[str, Verdict]:
    """Judge the domains that the method gave weights; what it refused has its own reason."""
    if weights is None:
        return {}
    column, estimand = by
    found = verdicts(balance.frame, overlap.frame, column, estimand)
    return {name: verdict for name, verdict in found.items() if name in weights}


def _raw(question: Question, rows: Sequence[Row], few: Mapping[str, str], alone: Question | None) -> Estimate:
    """Compare without adjusting for anything, by respondents where a domain has few sites."""
    found = raw_gap(question, rows)
    found = found if alone is None else mixed(rows, found, raw_gap(alone, rows), few)
    return moving(_refused(found, refusals(question, rows)), question.outcome)


def _adjusted(asked: _Asked, how: tuple[str, str], seed: int | None) -> Adjusted:
    """Run one method, by respondents where a domain has few sites."""
    if asked.alone is None or how[0] == "doubly_robust":  # which draws respondents itself where sites are few
        return _run(asked.question, asked.rows, how, seed)
    alone = _run(asked.alone, asked.rows, how, seed)
    if all(any(side in asked.few for side in row.sides) for row in asked.rows):
        return alone
    clustered = _run(asked.question, asked.rows, how, seed)
    return replace(clustered, estimate=mixed(asked.rows, clustered.estimate, alone.estimate, asked.few))


def _run(question: Question, rows: Sequence[Row], how: tuple[str, str], seed: int | None) -> Adjusted:
    """Run one method for one estimand."""
    method, estimand = how
    if method == "regression":
        return regression_gap(question, rows, estimand=estimand)
    if method == "doubly_robust":
        from lpact_eval.comparison.doubly_robust import doubly_robust  # noqa: PLC0415 - for those who ask for it

        return doubly_robust(question, rows, estimand=estimand, seed=seed)
    return weighted_gap(question, rows, tilt=cast("Tilt", method))


def _refused(estimate: Estimate, reasons: Sequence[str]) -> Estimate:
    """Put the reasons of the tiers before the method's own, and take away what is refused."""
    refused = tuple(reason or own for reason, own in zip(reasons, estimate.refused, strict=True))
    dead = np.array([bool(reason) for reason in refused], dtype=bool)
    return replace(estimate, value=np.where(dead, np.nan, estimate.value), refused=refused)


def _detectable(estimate: Estimate) -> FloatArray:
    """Find the difference that would show with 80 % power at each standard error and its degrees of freedom."""
    reach = t_quantile(estimate.df, _LEVEL) + t_quantile(estimate.df, 2 * _POWER - 1)
    return np.where([bool(reason) for reason in estimate.refused], np.nan, reach * estimate.std_error)
