"""Attendees, those invited who did not go, and those not invited: three adjusted levels and three differences."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import moving
from lpact_eval.comparison.arms import ask, roles_of
from lpact_eval.comparison.cells import Cells, adjusted_levels
from lpact_eval.comparison.designs import (
    bases_of,
    few_units,
    freedom,
    labels_of,
    names_of,
    outcome_words,
    refused_by,
    require_variables,
    rows_of,
    small_cells,
    thin_cells,
    titles_of,
    yes_or_no,
)
from lpact_eval.comparison.few_sites import by_respondents, few_sites, mixed
from lpact_eval.comparison.tiers import FEWEST_DF, Row
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.multiplicity import adjust as adjust_p

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, Sample

GROUPS: Final = ("attended", "invited, did not go", "not invited")
PAIRS: Final = ((0, 2), (0, 1), (1, 2))
WHAT: Final = "compare attendees, those invited who did not go and those not invited"
NOT_SHOWN: Final = (
    "These are associations among people who answered. Those invited who did not go differ from attendees in "
    "willingness or time, and those not invited differ from both in what led to an invitation; what of that is not "
    "among the adjusters remains. None of the three differences shows what would have happened without the events."
)


@dataclass(frozen=True, slots=True, eq=False)
class ThreeWay:
    """Three groups: levels and differences; d domains with all respondents, 3d of each.

    Attributes
    ----------
    estimate : Estimate
        Differences within each domain; label columns variable, answer, group ("attended - not invited") and domain.
    levels : Estimate
        Adjusted share or mean of each group in each domain.
    raw : Estimate
        The differences without adjusters.
    test : DataFrame of 3d rows
        Labels, p_value (missing under 4 degrees of freedom), p_adjusted (Holm over the three of all respondents, and
        over those of all domains).
    bases : DataFrame
        Domain, cell, n, n_effective.
    flags, refused : tuple of 3d str
    estimand, not_shown : str
    adjusters : tuple of str
    n, left_out : int
        Complete respondents, and those left out because an answer is missing.
    missing : DataFrame
        variable, missing.
    """

    estimate: Estimate
    levels: Estimate
    raw: Estimate
    test: pd.DataFrame
    bases: pd.DataFrame
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    estimand: str
    not_shown: str
    adjusters: tuple[str, ...]
    n: int
    left_out: int
    missing: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        return f"{self.estimand}\n{self.levels!r}\n{self.estimate!r}\n{self.not_shown}"


def three_way(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    attended: str,
    invited: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str] = (),
) -> ThreeWay:
    """Compare attendees, those invited who did not go, and those not invited.

    Parameters
    ----------
    sample : Sample
        Respondents who miss an answer to any variable used are left out and counted; whoever attended counts as an
        attendee, invited or not.
    variable : str
        Outcome.
    answer : str, sequence of str or None
        The answers that count; by default those that the schema calls positive, or the mean of a numeric outcome.
    attended, invited : str
        Yes/no variables.
    adjust : str or sequence of str
        Variables in which the groups are made comparable, with one slope in all three; none that attending may have
        changed.
    by : str or sequence of str, default ()
        Domain variables.

    Returns
    -------
    ThreeWay
        Differences with a group below 10 are refused with a reason; domains with fewer than 5 recruitment sites have
        standard errors by respondents.

    Raises
    ------
    WrongUseError
        If a variable is used twice.
    EstimationError
        If an adjuster may have been changed, a variable or answer does not exist, attendance or invitation is not
        yes/no, or nobody answered everything.

    Notes
    -----
    Least squares of the outcome on an indicator of each group and the adjusters less their weighted mean, in each
    domain apart; a group's level is its coefficient. CR2 with Satterthwaite's degrees of freedom.
    """
    adjusters, domains = names_of(adjust), names_of(by)
    require_variables(sample, WHAT, [variable, attended, invited, *domains], adjust=adjusters)
    require_variables(sample, WHAT, [variable, attended, invited, *adjusters], adjust=())
    went, asked = yes_or_no(sample, attended, "as attendance"), yes_or_no(sample, invited, "as an invitation")
    group = np.where(
        went == 1, 0.0, np.where((went == 0) & (asked == 1), 1.0, np.where(went + asked == 0, 2.0, np.nan))
    )
    known = pd.Series(np.where(went == 1, "yes", "no"), dtype=object).where(~np.isnan(group))
    inside = replace(sample, answers=sample.answers.assign(**{attended: known.to_numpy()}))
    roles = roles_of(inside, variable, answer, attended=attended, adjust=adjusters, by=())
    question = ask(inside, replace(roles, by=domains))
    uninvited = int(((went == 1) & (asked == 0))[question.rows].sum())
    missing = _missing(sample, list(dict.fromkeys([*question.roles.used, invited])))
    return _answered(question, group[question.rows], missing, uninvited=uninvited > 0)


def _missing(sample: Sample, names: Sequence[str]) -> pd.DataFrame:
    """Count respondents without an answer to each variable."""
    counts = sample.answers.loc[sample.design.weight > 0, list(names)].isna().sum().to_numpy(dtype=int)
    return pd.DataFrame({"variable": list(names), "missing": counts})


def _answered(question: Question, group: FloatArray, missing: pd.DataFrame, *, uninvited: bool) -> ThreeWay:
    """Estimate, and judge the answer."""
    cells = Cells(question, group.astype(np.intp), GROUPS, shared=True)
    rows, few = [row for row in rows_of(question, cells.sizes()) if len(row.sides) == 1], few_sites(question)
    single = [row.name for row in rows]
    reasons = [_small(row, cells, pair) for row in rows for pair in PAIRS]
    lone = [_small(row, cells, (place,)) for row in rows for place in range(len(GROUPS))]
    estimate = moving(refused_by(_both(cells, rows, few, levels=False), reasons), question.outcome)
    unadjusted = replace(cells, question=replace(question, roles=replace(question.roles, adjust=())))
    flags = _flags(cells, rows, estimate, few, uninvited=uninvited)
    return ThreeWay(
        estimate=estimate,
        levels=refused_by(_both(cells, rows, few, levels=True), lone),
        raw=moving(refused_by(_both(unadjusted, rows, few, levels=False), reasons), question.outcome),
        test=_tested(estimate),
        bases=bases_of(cells, single),
        flags=flags,
        refused=estimate.refused,
        estimand=_estimand(question),
        not_shown=NOT_SHOWN,
        adjusters=question.roles.adjust,
        n=question.rows.size,
        left_out=question.left_out,
        missing=missing,
    )


def _small(row: Row, cells: Cells, groups: Sequence[int]) -> str:
    """Say which of some groups are too small for a number."""
    words = [name if place in groups else "" for place, name in enumerate(GROUPS)]
    return small_cells([row], cells, words)[0]


def _both(cells: Cells, rows: Sequence[Row], few: Mapping[str, str], *, levels: bool) -> Estimate:
    """Estimate levels or differences, by respondents where a domain has few sites."""
    found = _estimated(cells, rows, levels=levels)
    if not few:
        return found
    alone = _estimated(replace(cells, question=by_respondents(cells.question)), rows, levels=levels)
    return mixed([row for row in rows for _ in GROUPS], found, alone, few)


def _estimated(cells: Cells, rows: Sequence[Row], *, levels: bool) -> Estimate:
    """Estimate the three levels or the three differences of each domain."""
    names, known = [row.name for row in rows], adjusted_levels(cells)
    told = GROUPS if levels else tuple(f"{GROUPS[a]} - {GROUPS[b]}" for a, b in PAIRS)
    labels = labels_of(cells.question, names, {"group": told})
    if levels:
        return known.table(names, len(GROUPS), labels)
    loadings = [[float(place == a) - float(place == b) for place in range(len(GROUPS))] for a, b in PAIRS]
    parts = [known.rows(rows, loading, labels.iloc[place :: len(PAIRS)]) for place, loading in enumerate(loadings)]
    return combine(parts).take(np.arange(len(labels)).reshape(len(PAIRS), -1).T.ravel())


def _tested(estimate: Estimate) -> pd.DataFrame:
    """Test every difference from 4 degrees of freedom on; Holm over those of all respondents, and of the domains."""
    p_value = np.where(estimate.df >= FEWEST_DF, estimate.p_value(), np.nan)
    family = ["all" if place < len(PAIRS) else "domains" for place in range(p_value.size)]
    return estimate.labels.assign(p_value=p_value, p_adjusted=adjust_p(p_value, method="holm", families=family))


def _flags(
    cells: Cells, rows: Sequence[Row], estimate: Estimate, few: Mapping[str, str], *, uninvited: bool
) -> tuple[str, ...]:
    """Say what a reader has to know of each difference."""
    question, found = cells.question, list[str]()
    for place, row in enumerate(row for row in rows for _ in PAIRS):
        words = [name if number in PAIRS[place % len(PAIRS)] else "" for number, name in enumerate(GROUPS)]
        told = _general(question, uninvited=uninvited) if place == 0 else []
        if not estimate.refused[place]:
            told += [
                *thin_cells(row, cells, words),
                *few_units(question, row, few),
                *freedom(float(estimate.df[place])),
            ]
        found.append("; ".join(dict.fromkeys(told)))
    return tuple(found)


def _general(question: Question, *, uninvited: bool) -> list[str]:
    """Flag what holds for the whole comparison."""
    found: list[str] = []
    if question.left_out:
        found.append(f"{question.left_out_text}: an answer is missing")
    if not question.roles.adjust:
        found.append("not adjusted for anything")
    if question.idle:
        found.append(f"the same for everyone and so without effect: {', '.join(question.idle)}")
    if uninvited:
        found.append("some of those who attended were not invited; they count as attended")
    return found


def _estimand(question: Question) -> str:
    """Say in words what is estimated."""
    roles, sample = question.roles, question.sample
    alike = f"alike in {titles_of(sample, roles.adjust)}" if roles.adjust else "not made alike in anything"
    each = f", overall and by {titles_of(sample, roles.by)}" if roles.by else ""
    return (
        f"Differences in {outcome_words(question)} between respondents who attended, who were invited and did not go, "
        f"and who were not invited, {alike}{each}."
    )
