"""Respondents by the number of events that they attended: an association, of which nobody chose the amount for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import labels, moving, sizes
from lpact_eval.comparison.arms import ask, roles_of
from lpact_eval.comparison.balance import ALL, compared_arms
from lpact_eval.comparison.dose_fit import coefficients
from lpact_eval.comparison.doses import ANY, MERGED, ONE, PER_EVENT, Doses, Step, events_of
from lpact_eval.comparison.few_sites import by_respondents, few_sites, mixed
from lpact_eval.comparison.tiers import FEWEST_DF, SMALLEST_ARM, SOUND_ARM, Found, Row, flags, refusals
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.multiplicity import adjust as adjust_p
from lpact_eval.estimation.stacked import refused_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.dose_fit import Key
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.estimation.labels import Labels
    from lpact_eval.sample import FloatArray, Sample

NOT_SHOWN: Final = (
    "This is an association among people who answered. Who attends, and who attends more, is self-chosen: people who "
    "go again may have thought better of the police to begin with, and reasons for going that also shape the answer "
    "and are not among the adjusters remain in every figure. That answers differ more with more events is no proof "
    "that events change them, nor that a further event would."
)
_METHOD: Final = "regression"
_EMPTY: Final = "nobody to compare at this number of events"

Kind = Literal["per event", "step", "trend"]


@dataclass(frozen=True, slots=True, eq=False)
class AttendanceDose:
    """How answers differ with the number of events attended, and how far that can be trusted; k estimates.

    Attributes
    ----------
    estimate : Estimate
        Of all respondents and each domain: the difference per event of a straight line ("per event"), the differences
        of 1 and of 2 or more events from none ("1 - 0", "2+ - 0"; "1+ - 0" where they are taken together), and the
        straight line through none, 1 and 2+ ("trend"). Per event also each domain minus the one with most weight.
        Labels variable, answer, the events variable and the domain. Refused rows are missing.
    test : DataFrame of k rows
        Labels of the estimate, p_value (missing under 4 degrees of freedom), p_adjusted (Holm over all domains' rows
        of each kind, and over the differences between domains).
    bases : DataFrame
        The domain, events ("0", "1", "2+" or "1+"), n, n_effective (Kish) and mean_events, survey-weighted.
    balance : DataFrame
        Means and standardised differences of every adjuster between those who attended and others.
    flags : tuple of k str
        What a reader has to know, joined by "; ".
    refused : tuple of k str
        Why there is no number, or nothing.
    method, estimand, not_shown : str
        How it was done, what it is in words, and what it does not show.
    adjusters : tuple of str
        Variables that the respondents were made comparable in.
    n, left_out : int
        Complete respondents, and those left out because an answer is missing.
    missing : DataFrame
        variable, missing: respondents without an answer to each variable.
    """

    estimate: Estimate
    test: pd.DataFrame
    bases: pd.DataFrame
    balance: pd.DataFrame
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    method: str
    estimand: str
    not_shown: str
    adjusters: tuple[str, ...]
    n: int
    left_out: int
    missing: pd.DataFrame

    def __repr__(self) -> str:
        return f"{self.estimand}\n{self.estimate!r}\n{self.not_shown}"


def attendance_dose(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    events: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str] = ("ethnicity",),
) -> AttendanceDose:
    """Compare respondents by the number of events that they attended, among those who answered.

    Parameters
    ----------
    sample : Sample
        Respondents who miss an answer to any variable used are left out and counted.
    variable : str
        Outcome.
    answer : str, sequence of str or None
        The answers that count; by default those that the schema calls positive, or the mean of a numeric outcome.
    events : str
        Number of events: a whole number, or answers such as "0", "1", "2", "3+" (which counts as 3).
    adjust : str or sequence of str
        Variables in which respondents are made comparable; none that attending may have changed.
    by : str or sequence of str, default ("ethnicity",)
        Domain variables; differences may differ between the domains.

    Returns
    -------
    AttendanceDose
        Domains in which fewer than 10 attended or did not are refused with a reason, as are differences from them; 1
        and 2+ events are taken together where fewer than 10 attended one of the two, and a trend is refused then.
        Smaller problems are flags. Domains with fewer than 5 recruitment sites have standard errors by respondents.

    Raises
    ------
    WrongUseError
        If a variable is used twice.
    EstimationError
        If an adjuster may have been changed by attending, a variable or answer does not exist, `events` does not hold
        numbers of events, or nobody answered everything.

    Notes
    -----
    Weighted least squares of the outcome (a linear probability model for shares) on events or on 1 and 2+ events, the
    domains and the adjusters: for all respondents one slope or step for everybody, for the domains' rows events x
    domain. Every average comparison is then a coefficient. CR2 with Satterthwaite degrees of freedom. Trend:
    least-squares slope of the adjusted means of none, 1 and 2+ over the survey-weighted mean number of events of each,
    taken as given.

    References
    ----------
    Pustejovsky & Tipton (2018), *JBES* 36, 672-683; Rothman, Greenland & Lash (2008), *Modern Epidemiology*, 3rd ed.,
    ch. 17, for categories beside the line.
    """
    count, open_ended = events_of(sample, events)
    went = pd.Series(np.where(count > 0, "yes", "no"), index=sample.answers.index).mask(np.isnan(count))
    marked = replace(sample, answers=sample.answers.assign(**{events: went}))
    question = ask(marked, roles_of(marked, variable, answer, attended=events, adjust=adjust, by=by))
    doses = Doses.of(question, count, open_ended)
    rows = _rows(question, doses)
    few = few_sites(question)
    estimate = _estimated(question, doses, rows)
    if few:
        estimate = mixed([one.row for one in rows], estimate, _estimated(by_respondents(question), doses, rows), few)
    estimate = moving(estimate, question.outcome)
    balance = compared_arms(question.arms, question.adjusters, question.roles.domain_column)
    return AttendanceDose(
        estimate=estimate,
        test=_test(estimate, rows),
        bases=_bases(question, doses),
        balance=balance.frame,
        flags=_flags(question, doses, (rows, estimate), Found(_METHOD, "ate", balance, {}, {}, few)),
        refused=estimate.refused,
        method=_METHOD,
        estimand=_estimand(question),
        not_shown=NOT_SHOWN,
        adjusters=question.roles.adjust,
        n=question.rows.size,
        left_out=question.left_out,
        missing=question.missing,
    )


@dataclass(frozen=True, slots=True)
class _DoseRow:
    """One estimate: of which domain or two, of which kind, and which step from none."""

    row: Row
    kind: Kind
    step: Step | None = None

    @property
    def text(self) -> str:
        """What stands in the label column of the events variable."""
        return f"{self.step.name} - 0" if self.step else self.kind


def _rows(question: Question, doses: Doses) -> list[_DoseRow]:
    """List what to estimate."""
    names = list(question.arms.groups())
    rows = [_DoseRow(Row(name, (name,)), PER_EVENT) for name in names]
    if question.roles.by:
        arms = question.arms
        totals = np.bincount(arms.domain, arms.weight, minlength=len(arms.names)).tolist()
        weights = dict(zip(arms.names, totals, strict=True))
        counts = question.counts
        reference = max(arms.names, key=lambda name: (min(counts[name]) >= SMALLEST_ARM, weights[name]))
        others = [name for name in arms.names if name != reference]
        rows += [_DoseRow(Row(f"{name} - {reference}", (name, reference)), PER_EVENT) for name in others]
    for name in names:
        rows += [_DoseRow(Row(name, (name,)), "step", step) for step in doses.steps[name]]
        rows.append(_DoseRow(Row(name, (name,)), "trend"))
    return rows


def _estimated(question: Question, doses: Doses, rows: Sequence[_DoseRow]) -> Estimate:
    """Estimate every row, and take away what is refused."""
    basic, keys = coefficients(question, doses)
    matrix = np.zeros((len(rows), len(keys)))
    empty: list[str] = []
    for place, one in enumerate(rows):
        parts = _parts(question, doses, one)
        empty.append("" if parts and set(parts) <= set(keys) else _EMPTY if parts else _no_trend())
        for key, factor in parts.items():
            if key in keys:
                matrix[place, keys.index(key)] = factor
    found = contrast(basic, matrix, _labels(question, rows))
    n, n_kish = sizes(question, [one.row for one in rows])
    refused = [first or more for first, more in zip(refusals(question, [one.row for one in rows]), empty, strict=True)]
    return refused_where(replace(found, n=n, n_kish=n_kish), refused)


def _no_trend() -> str:
    """Say why there is no trend."""
    return "no trend: 1 event and 2 or more events are taken together"


def _parts(question: Question, doses: Doses, one: _DoseRow) -> dict[Key, float]:
    """Say of which coefficients a row is made; of none where a trend has too few steps."""
    name, steps = one.row.sides[0], doses.steps[one.row.sides[0]]
    if one.kind == PER_EVENT:
        return {(side, PER_EVENT): sign for side, sign in zip(one.row.sides, (1.0, -1.0), strict=False)}
    if one.step is not None:
        return {(name, one.step.name): 1.0}
    if len(steps) == 1:
        return {}
    inside = question.arms.groups()[name]
    weight = np.where(inside, question.arms.weight, 0.0)
    scores = np.array([0.0, *(_mean(weight * step.holds(doses.count), doses.count) for step in steps)])
    centred = scores - scores.mean()
    return {(name, step.name): float(centred[at] / (centred @ centred)) for at, step in enumerate(steps, 1)}


def _mean(weight: FloatArray, values: FloatArray) -> float:
    """Weighted mean."""
    return float(weight @ values / weight.sum())


def _labels(question: Question, rows: Sequence[_DoseRow]) -> Labels:
    """Label every row: variable, answer, events, domain."""
    named = labels(question, [one.row for one in rows])
    return named.assign(question.roles.attended, [one.text for one in rows])


def _test(estimate: Estimate, rows: Sequence[_DoseRow]) -> pd.DataFrame:
    """Test every row against no difference; Holm within families of one kind."""
    p_value = np.where(estimate.df >= FEWEST_DF, estimate.p_value(), np.nan)
    adjusted = np.full(p_value.size, np.nan)
    families = [(one.kind, one.row.name == ALL, len(one.row.sides)) for one in rows]
    for family in dict.fromkeys(families):
        members = np.array([mine == family for mine in families], dtype=bool)
        adjusted[members] = adjust_p(p_value[members], method="holm")
    return estimate.labels.assign(p_value=p_value, p_adjusted=adjusted)


def _bases(question: Question, doses: Doses) -> pd.DataFrame:
    """Count the respondents at every step of every domain."""
    column, rows = question.roles.domain_column, list[tuple[str, str, int, float, float]]()
    for name, inside in question.arms.groups().items():
        for step in (Step("0", 0, 0), *doses.steps[name]):
            members = inside & (step.holds(doses.count) > 0)
            weight = question.arms.weight[members]
            kish = float(weight.sum() ** 2 / (weight**2).sum()) if weight.size else 0.0
            mean = _mean(weight, doses.count[members]) if weight.size else np.nan
            rows.append((name, step.name, weight.size, kish, mean))
    return pd.DataFrame(rows, columns=[column, "events", "n", "n_effective", "mean_events"])


def _flags(
    question: Question, doses: Doses, found: tuple[Sequence[_DoseRow], Estimate], basis: Found
) -> tuple[str, ...]:
    """Say what a reader has to know of each row, joined by "; "."""
    rows, estimate = found
    plain = flags(question, [one.row for one in rows], estimate, basis)
    groups, said = question.arms.groups(), list[str]()
    for one, general, reason in zip(rows, plain, estimate.refused, strict=True):
        more = [general] if general else []
        if not reason:
            more += _of_events(doses, one, doses.count[groups[one.row.sides[0]]])
        said.append("; ".join(more))
    return tuple(said)


def _of_events(doses: Doses, one: _DoseRow, count: FloatArray) -> list[str]:
    """Say how numbers of events were taken, and which of them few attended."""
    if one.step == ANY:
        return [MERGED]
    if one.step is not None and one.step.holds(count).sum() < SOUND_ARM:
        return [f"fewer than {SOUND_ARM} attended {one.step.name} event{'s' * (one.step != ONE)}"]
    if doses.open_ended and one.kind == PER_EVENT:
        return [f"{doses.open_ended} events count as {doses.open_ended.replace('+', '')}"]
    return []


def _estimand(question: Question) -> str:
    """Say in words what is estimated."""
    roles, book = question.roles, question.sample.codebook
    titles = {name: book[name].title if name in book else name for name in roles.used}
    asked = repr(titles[roles.outcome])
    what = f"the share answering {roles.answer_text!r} to {asked}" if roles.answer_text else f"the mean of {asked}"
    adjusters = ", ".join(titles[name] for name in roles.adjust)
    alike = f"alike in {adjusters}" if adjusters else "not made alike in anything"
    groups = " and ".join(titles[name] for name in roles.by)
    each = f"; for all respondents the same in every group of {groups}, and for each group its own" if groups else ""
    return (
        f"Difference in {what} with each event attended, and between respondents who attended 1 event, or 2 or more, "
        f"and respondents who attended none, {alike}{each}."
    )
