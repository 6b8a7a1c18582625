"""Attendees against comparable non-attendees, overall and by group: an association, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.arms import Question, Roles, ask
from lpact_eval.comparison.balance import ALL, balance_table, overlap_table
from lpact_eval.comparison.tiers import FEWEST_DF, SMALLEST_ARM, Row, flags, refusals
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.estimate import Estimate
from lpact_eval.estimation.multiplicity import adjust as adjust_p
from lpact_eval.regression.glm import fit_model
from lpact_eval.regression.margins import comparisons, together
from lpact_eval.regression.terms import Model, prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray, Sample

METHODS = ("regression",)
SENSITIVITY_COLUMNS = ("measure", "value", "reading")
NOT_SHOWN = (
    "This is an association among people who answered. People chose whether to attend: reasons for going that also "
    "shape the answer and are not among the adjusters remain in it, and attendees may have been recruited at events. "
    "It does not show what would have happened without the events."
)


@dataclass(frozen=True, slots=True, eq=False)
class AttendanceGap:
    """The difference between attendees and comparable non-attendees, and how far it can be trusted; k estimates.

    Attributes
    ----------
    estimate : Estimate
        All respondents, each domain, and each domain minus the one with most weight ("Black - White"); labels
        variable, answer, the attendance variable ("yes - no") and the domain. Refused rows are missing.
    test : DataFrame of k rows
        Labels of the estimate, p_value (missing under 4 degrees of freedom), p_adjusted (Holm over the domains, and
        over the differences).
    bases : DataFrame of k rows
        n_first and n_second (attended, did not attend) with n_effective_first and n_effective_second; missing for
        differences between domains.
    balance : DataFrame
        Means and standardised differences of every adjuster, survey-weighted, before adjustment.
    overlap : DataFrame
        n, effective n and the largest share of one respondent, per arm and domain.
    sensitivity : DataFrame
        The domain, measure, value, reading.
    flags : tuple of k str
        What a reader has to know, joined by "; ".
    refused : tuple of k str
        Why there is no number, or nothing.
    method, estimand, not_shown : str
        How it was done, what it is in words, and what it does not show.
    adjusters : tuple of str
        Variables that the two arms were made comparable in.
    n, left_out : int
        Complete respondents, and those left out because an answer is missing.
    missing : DataFrame
        variable, missing: respondents without an answer to each variable.
    """

    estimate: Estimate
    test: pd.DataFrame
    bases: pd.DataFrame
    balance: pd.DataFrame
    overlap: pd.DataFrame
    sensitivity: pd.DataFrame
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


def attendance_gap(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    attended: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str] = ("ethnicity",),
    method: str = "regression",
    estimand: str | None = None,
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
        Weighted least squares of the outcome on attendance x domain and the adjusters (a linear probability model
        for shares), CR2 with Satterthwaite degrees of freedom, averaged over each domain's respondents.
    estimand : None
        The regression method has one estimand.

    Returns
    -------
    AttendanceGap
        Domains with an arm below 10, or fewer than 5 recruitment sites where these were recorded, are refused with a
        reason; smaller problems are flags.

    Raises
    ------
    WrongUseError
        If the method or estimand is not available, or a variable is used twice.
    EstimationError
        If an adjuster may have been changed by attending, a variable or answer does not exist, the attendance
        variable is not yes/no, or nobody answered everything.

    References
    ----------
    Pustejovsky & Tipton (2018), *JBES* 36, 672-683; Graubard & Korn (1999), *Biometrics* 55, 652-659.
    """
    _check_method(method, estimand)
    domains = _names(by)
    others = tuple(name for name in _names(adjust) if name not in domains)
    roles = Roles(variable, _answers(sample, variable, answer), attended, domains, others)
    _check_roles(sample, roles)
    question = ask(sample, roles)
    rows = _rows(question)
    estimate = _estimated(question, rows)
    balance = balance_table(question.arms, prepared(sample, roles.adjust, question.rows), roles.domain_column)
    overlap = overlap_table(question.arms, roles.domain_column)
    return AttendanceGap(
        estimate=estimate,
        test=_test(estimate, rows),
        bases=_bases(rows, overlap, roles.domain_column),
        balance=balance,
        overlap=overlap,
        sensitivity=pd.DataFrame(columns=[roles.domain_column, *SENSITIVITY_COLUMNS]),
        flags=flags(question, rows, estimate, balance),
        refused=estimate.refused,
        method=method,
        estimand=_estimand(question),
        not_shown=NOT_SHOWN,
        adjusters=roles.adjust,
        n=question.rows.size,
        left_out=question.left_out,
        missing=question.missing,
    )


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Take names without repeats."""
    return tuple(dict.fromkeys([names] if isinstance(names, str) else names))


def _check_method(method: str, estimand: str | None) -> None:
    """Refuse methods and estimands that are not available."""
    if method not in METHODS:
        msg = f"Cannot compare attendees by method={method!r}; available: {list(METHODS)}."
        raise WrongUseError(msg)
    if estimand is not None:
        msg = f"Cannot use estimand={estimand!r} with method={method!r}, which has one estimand; leave estimand out."
        raise WrongUseError(msg)


def _answers(sample: Sample, variable: str, answer: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Take the answers given, else the favourable ones of the schema; None for the mean of a number."""
    if answer is not None:
        return _names(answer)
    known = sample.codebook.get(variable)
    return known.positive if known is not None and known.positive else None


def _check_roles(sample: Sample, roles: Roles) -> None:
    """Refuse variables used twice, variables that do not exist, and adjusters that attending may have changed."""
    if len(set(roles.used)) < len(roles.used):
        twice = sorted({name for name in roles.used if roles.used.count(name) > 1})
        msg = f"Cannot compare attendees: {twice} are used twice. Outcome, attendance, domains and adjusters differ."
        raise WrongUseError(msg)
    unknown = [name for name in roles.used if name not in sample.answers.columns]
    if unknown:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot compare attendees: there is no variable {unknown}; the sample has {known}."
        raise EstimationError(msg)
    changed = [name for name in roles.adjust if name in sample.codebook and sample.codebook[name].after_attendance]
    if changed:
        msg = (
            f"Cannot adjust for {changed}: attending may have changed them (after_attendance in harmonised.toml), and "
            "adjusting would take away part of the difference. Leave them out of adjust."
        )
        raise EstimationError(msg)


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


def _estimated(question: Question, rows: Sequence[Row]) -> Estimate:
    """Estimate every row, and take away what is refused."""
    fitted, names = _fitted(question)
    matrix = np.zeros((len(rows), len(names)))
    for position, row in enumerate(rows):
        for side, sign in zip(row.sides, (1.0, -1.0), strict=False):
            if side in names:
                matrix[position, names.index(side)] = sign
    refused = refusals(question, rows)
    combined = contrast(fitted, matrix, _labels(question, rows))
    reasons = tuple(reason or more for reason, more in zip(refused, combined.refused, strict=True))
    dead = np.array([bool(reason) for reason in reasons], dtype=bool)
    n, n_kish = _sizes(question, rows)
    return replace(combined, value=np.where(dead, np.nan, combined.value), n=n, n_kish=n_kish, refused=reasons)


def _fitted(question: Question) -> tuple[Estimate, list[str]]:
    """Fit and average overall and in each domain with both arms; estimates and their names."""
    counts = question.counts
    comparable = [code for code, name in enumerate(question.arms.names) if min(counts[name]) > 0]
    if min(counts[ALL]) < SMALLEST_ARM or not comparable:
        return _nothing(question), []
    model = _model(question, np.isin(question.arms.domain, comparable))
    fit = fit_model(question.sample, model, family="gaussian", variance="cr2")
    overall = comparisons(fit, question.roles.attended, "yes", minus="no")
    if not question.roles.by:
        return overall, [ALL]
    domains = comparisons(fit, question.roles.attended, "yes", minus="no", by=question.roles.by)
    return together([overall, domains]), [ALL, *(question.arms.names[code] for code in comparable)]


def _model(question: Question, kept: BoolArray) -> Model:
    """Set out attendance, domain, adjusters and attendance x domain, categories against their first level."""
    arms, roles, column = question.arms, question.roles, question.roles.domain_column
    rows = question.rows[kept]
    adjust = [name for name in roles.adjust if name not in question.idle]
    frame = prepared(question.sample, adjust, rows)
    frame[roles.attended] = pd.Categorical(np.where(arms.treated[kept], "yes", "no"), categories=["no", "yes"])
    names = [name for code, name in enumerate(arms.names) if (arms.domain[kept] == code).any()]
    frame[column] = pd.Categorical(np.asarray(arms.names, dtype=object)[arms.domain[kept]], categories=names)
    pair = (roles.attended, column) if len(names) > 1 else None
    main = [roles.attended, *([column] if pair else []), *adjust]

    def build(other: pd.DataFrame) -> FloatArray:
        return np.column_stack(list(_columns(other, main, pair).values()))

    title = f"{roles.outcome} ~ {' + '.join([*main, *([' x '.join(pair)] if pair else [])])}"
    terms = tuple(_columns(frame, main, pair))
    return Model(title, roles.outcome, question.outcome[kept], rows, question.asked, frame, terms, build)


def _columns(frame: pd.DataFrame, main: Sequence[str], pair: tuple[str, str] | None) -> dict[str, FloatArray]:
    """Make the columns of the model matrix by term."""
    parts = {name: _indicators(frame, name) for name in main}
    columns = {"Intercept": np.ones(len(frame))}
    for name in main:
        columns |= parts[name]
    if pair:
        first, second = parts[pair[0]], parts[pair[1]]
        columns |= {f"{a}:{b}": x * z for a, x in first.items() for b, z in second.items()}
    return columns


def _indicators(frame: pd.DataFrame, name: str) -> dict[str, FloatArray]:
    """Take a number as it is, and a category as an indicator per level but the first."""
    column = frame[name]
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return {name: column.to_numpy(dtype=float)}
    levels = list(column.cat.categories)[1:]
    return {f"{name}[T.{level}]": (column == level).to_numpy(dtype=float) for level in levels}


def _nothing(question: Question) -> Estimate:
    """Make an estimate without rows: an arm is too small to fit anything."""
    units = question.sample.design.psu_count
    return Estimate(
        labels=pd.DataFrame(),
        value=np.zeros(0),
        influence=np.zeros((units, 0)),
        design=question.sample.design,
        variance="cr2",
        kind="other",
        n=np.zeros(0),
        n_kish=np.zeros(0),
        reached=np.zeros((units, 0), dtype=bool),
        crowding=np.zeros(0),
        refused=(),
    )


def _labels(question: Question, rows: Sequence[Row]) -> pd.DataFrame:
    """Label every row: variable, answer, attendance, domain."""
    roles = question.roles
    labels = pd.DataFrame({"variable": [roles.outcome] * len(rows)})
    if roles.answer_text:
        labels["answer"] = roles.answer_text
    labels[roles.attended] = "yes - no"
    labels[roles.domain_column] = [row.name for row in rows]
    return labels


def _sizes(question: Question, rows: Sequence[Row]) -> tuple[FloatArray, FloatArray]:
    """Count answers and Kish's effective answers of the domains that each row rests on."""
    weight, groups = question.arms.weight, question.arms.groups()
    kish = {name: weight[inside].sum() ** 2 / (weight[inside] ** 2).sum() for name, inside in groups.items()}
    return (
        np.array([float(sum(int(groups[side].sum()) for side in row.sides)) for row in rows]),
        np.array([float(sum(kish[side] for side in row.sides)) for row in rows]),
    )


def _bases(rows: Sequence[Row], overlap: pd.DataFrame, column: str) -> pd.DataFrame:
    """Put the sizes of both arms beside every domain."""
    arms = {
        order: overlap[overlap["arm"] == arm].set_index(column)[["n", "n_effective"]].add_suffix(f"_{order}")
        for order, arm in (("first", "attended"), ("second", "not attended"))
    }
    bases = arms["first"].join(arms["second"]).reindex([row.name for row in rows]).reset_index(drop=True)
    return bases[["n_first", "n_second", "n_effective_first", "n_effective_second"]]


def _test(estimate: Estimate, rows: Sequence[Row]) -> pd.DataFrame:
    """Test every row against no gap; Holm over the domains and over the differences."""
    p_value = np.where(estimate.df >= FEWEST_DF, estimate.p_value(), np.nan)
    family = np.array([0 if row.name == ALL else len(row.sides) for row in rows])
    adjusted = np.full(p_value.size, np.nan)
    for members in (family == code for code in np.unique(family)):
        adjusted[members] = adjust_p(p_value[members], method="holm")
    return estimate.labels.assign(p_value=p_value, p_adjusted=adjusted)


def _estimand(question: Question) -> str:
    """Say in words what is estimated."""
    roles, book = question.roles, question.sample.codebook
    titles = {name: book[name].title if name in book else name for name in roles.used}
    asked = repr(titles[roles.outcome])
    what = f"the share answering {roles.answer_text!r} to {asked}" if roles.answer_text else f"the mean of {asked}"
    adjusters = ", ".join(titles[name] for name in roles.adjust)
    alike = f"alike in {adjusters}" if adjusters else "not made alike in anything"
    each = f", overall and by {' and '.join(titles[name] for name in roles.by)}" if roles.by else ""
    return f"Difference in {what} between respondents who attended and respondents who did not, {alike}{each}."
