"""Attendees against others by regression: attendance x domain and the adjusters in one weighted linear model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import Adjusted, Later, in_rows, independent, indicators
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.tiers import SMALLEST_ARM
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.estimate import Estimate
from lpact_eval.estimation.labels import Labels
from lpact_eval.regression.columns import Column, present_levels
from lpact_eval.regression.glm import fit_model
from lpact_eval.regression.margins import averaged, together
from lpact_eval.regression.sides import Predicted, Scale, Side
from lpact_eval.regression.terms import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.regression.glm import Fit
    from lpact_eval.sample import BoolArray, FloatArray

_EXPLAINED: Final = "the adjusters explain who attended, so that nobody is left to compare"


def regression_gap(question: Question, rows: Sequence[Row], *, estimand: str = "ate") -> Adjusted:
    """Compare the arms by weighted least squares.

    Parameters
    ----------
    question : Question
    rows : sequence of Row
        What to estimate; k rows.
    estimand : str, default "ate"
        Over whom the domains' gaps are averaged for all respondents: "ate" (everybody, who count as drawn at random) or
        "att" (attendees, whose shares in the domains count as given). Within a domain the model has one gap.

    Returns
    -------
    Adjusted

    References
    ----------
    Pustejovsky & Tipton (2018), *JBES* 36, 672-683; Graubard & Korn (1999), *Biometrics* 55, 652-659.
    """
    comparable = _comparable(question)
    groups = question.arms.groups()
    weights = {name: np.where(inside, question.arms.weight, 0.0) for name, inside in groups.items()}
    if not comparable:
        means = dict.fromkeys(groups, (np.nan, np.nan))
        return Adjusted(in_rows(question, rows, _nothing(question), []), weights, {}, {}, means)
    kept = np.isin(question.arms.domain, comparable)
    weights[ALL] = np.where(kept, question.arms.weight, 0.0)
    settings = _model(question, kept)
    if settings is None:
        nothing = replace(in_rows(question, rows, _nothing(question), []), refused=(_EXPLAINED,) * len(rows))
        return Adjusted(nothing, weights, {}, {}, dict.fromkeys(groups, (np.nan, np.nan)))
    fit = fit_model(question.sample, settings.model, family="gaussian", variance="cr2")
    domains = [question.arms.names[code] for code in comparable]
    basic, names = _averages(settings, fit, domains, estimand)
    return Adjusted(
        estimate=in_rows(question, rows, basic, names),
        weights=weights,
        scores={},
        notes={},
        means=_means(question, fit, kept, dict(zip(names, basic.value.tolist(), strict=True)), estimand=estimand),
        shares=Later(partial(_shares, settings, fit, domains, estimand)),
    )


def raw_gap(question: Question, rows: Sequence[Row]) -> Estimate:
    """Compare the arms without adjusting for anything, the domains included.

    Returns
    -------
    Estimate
        Differences of weighted means in the order of the rows.
    """
    plain = replace(question, roles=replace(question.roles, adjust=()))
    if not question.roles.by:
        return regression_gap(plain, rows).estimate
    arms = replace(question.arms, domain=np.zeros_like(question.arms.domain), names=(ALL,))
    whole = replace(plain, arms=arms, roles=replace(plain.roles, by=()))
    first = regression_gap(whole, rows[:1]).estimate
    first = replace(first, named=regression_labels(first, question))
    return combine([first, regression_gap(plain, rows[1:]).estimate])


def regression_labels(estimate: Estimate, question: Question) -> Labels:
    """Label an estimate of all respondents as the question's domains are."""
    return estimate.named.without("group").assign(question.roles.domain_column, ALL)


def _comparable(question: Question) -> list[int]:
    """Codes of the domains with both arms; none where an arm is too small altogether."""
    counts = question.counts
    if min(counts[ALL]) < SMALLEST_ARM:
        return []
    return [code for code, name in enumerate(question.arms.names) if min(counts[name]) > 0]


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """The model of a question, and its matrix with attendance set for everybody; n respondents, p columns.

    Attributes
    ----------
    question : Question
    model : Model
    attended, stayed : ndarray of shape (n, p)
    """

    question: Question
    model: Model
    attended: FloatArray
    stayed: FloatArray

    @property
    def predicted(self) -> tuple[Predicted, Predicted]:
        """Everybody's answer had they attended, and had they not."""
        nothing = np.zeros(len(self.attended))
        return Predicted(self.attended, nothing), Predicted(self.stayed, nothing)

    def side(self, parts: tuple[tuple[float, Predicted], ...], named: str) -> Side:
        """Label what is averaged."""
        return Side(parts, Scale("gaussian"), {self.question.roles.attended: named})


def _averages(settings: _Set, fit: Fit, domains: list[str], estimand: str) -> tuple[Estimate, list[str]]:
    """Average overall and in each domain with both arms; estimates and their names."""
    question, (attended, stayed) = settings.question, settings.predicted
    gap = [settings.side(((1.0, attended), (-1.0, stayed)), "yes - no")]
    overall = averaged(fit, gap)
    if not question.roles.by:
        return overall, [ALL]
    found = averaged(fit, gap, by=question.roles.by)
    if estimand == "att":
        groups, went = question.arms.groups(), question.arms.weight * question.arms.treated
        mass = np.array([went[groups[name]].sum() for name in domains])
        overall = contrast(found, (mass / mass.sum())[None, :], found.named.take([0]))
    return together([overall, found]), [ALL, *domains]


def _shares(settings: _Set, fit: Fit, domains: Sequence[str], estimand: str) -> dict[str, Estimate]:
    """Predict everybody's answer had they attended, and had they not, with the covariance of the two, by domain."""
    if estimand != "ate":  # the means of attendees are averaged over other people
        return {}
    by = settings.question.roles.by
    said = zip(settings.predicted, ("yes", "no"), strict=True)
    sides = [settings.side(((1.0, predicted),), name) for predicted, name in said]
    found = {ALL: averaged(fit, sides)}
    if by:
        both = averaged(fit, sides, by=by)
        places = np.arange(2 * len(domains)).reshape(2, len(domains))
        found |= {name: both.take(places[:, place]) for place, name in enumerate(domains)}
    return found


def _means(
    question: Question, fit: Fit, kept: BoolArray, gaps: Mapping[str, float], *, estimand: str
) -> dict[str, tuple[float, float]]:
    """Average what the model says of everybody had they attended, and had they not, by domain."""
    arms = question.arms
    gap = np.full(arms.domain.size, gaps[ALL])
    for code, name in enumerate(arms.names):
        gap[arms.domain == code] = gaps.get(name, gaps[ALL])
    stayed = np.zeros(arms.domain.size)
    stayed[kept] = fit.matrix @ fit.coefficients.value - (arms.treated * gap)[kept]
    weight = np.where(kept, arms.weight * (arms.treated if estimand == "att" else 1.0), 0.0)
    found: dict[str, tuple[float, float]] = {}
    for name, inside in arms.groups().items():
        own = weight * inside
        if name not in gaps or own.sum() <= 0:
            found[name] = (np.nan, np.nan)
            continue
        without = float(own @ stayed / own.sum())
        found[name] = (without + gaps[name], without)
    return found


def _model(question: Question, kept: BoolArray) -> _Set | None:
    """Set out attendance, domain, adjusters and attendance x domain, categories against their first level.

    Columns of adjusters that the domains and the columns before them explain are left out; there is no model where the
    adjusters explain who attended.
    """
    arms, roles, column = question.arms, question.roles, question.roles.domain_column
    rows, treated = np.flatnonzero(kept), arms.treated[kept].astype(float)
    adjust = [name for name in roles.adjust if name not in question.idle]
    domain = present_levels(Column.of_places(arms.domain[kept], arms.names))
    pair = (roles.attended, column) if len(domain.levels or ()) > 1 else None
    parts = {roles.attended: {f"{roles.attended}[T.yes]": treated}}
    parts |= {column: indicators(column, domain)} if pair else {}
    parts |= {name: indicators(name, present_levels(question.adjusters[name].take(rows))) for name in adjust}
    adjusters = {name for part in adjust for name in parts[part]}
    plain = {"Intercept", *(parts[column] if pair else ())}
    columns = _columns(parts, rows.size, pair)
    used = _free(columns, adjusters, plain)
    if used is None:
        return None

    def setting(attended: FloatArray) -> FloatArray:
        """Model matrix with attendance as given."""
        set_to = {**parts, roles.attended: {f"{roles.attended}[T.yes]": attended}}
        made = _columns(set_to, rows.size, pair)
        return np.column_stack([made[name] for name in used])

    matrix = np.column_stack([columns[name] for name in used])
    title = f"{roles.outcome} ~ {' + '.join([*parts, *([' x '.join(pair)] if pair else [])])}"
    model = plain_model(question, kept, used, matrix, title=title)
    return _Set(question, model, setting(np.ones(rows.size)), setting(np.zeros(rows.size)))


def plain_model(
    question: Question, kept: BoolArray, terms: tuple[str, ...], matrix: FloatArray, *, title: str
) -> Model:
    """Set out a model of a matrix that is made already, shape (members, p), among some of the complete respondents."""
    return Model(
        title,
        question.roles.outcome,
        question.outcome[kept],
        question.rows[kept],
        question.asked,
        cache(lambda: pd.DataFrame(matrix, columns=pd.Index(terms))),
        terms,
        lambda other: other.to_numpy(dtype=float),
        matrix,
    )


def _free(columns: Mapping[str, FloatArray], adjusters: set[str], plain: set[str]) -> tuple[str, ...] | None:
    """Name the columns to keep; None where the plain columns and the adjusters explain a column of attendance."""
    order = [*(name for name in columns if name in plain), *(name for name in columns if name in adjusters)]
    attendance = [name for name in columns if name not in adjusters | plain]
    matrix = np.column_stack([columns[name] for name in [*order, *attendance]])
    free = independent(matrix)
    if not free[len(order) :].all():
        return None
    used = {name for name, keep in zip(order, free[: len(order)], strict=True) if keep}
    return tuple(name for name in columns if name in used or name in attendance)


def _columns(parts: Mapping[str, dict[str, FloatArray]], n: int, pair: tuple[str, str] | None) -> dict[str, FloatArray]:
    """Make the columns of the model matrix by term, from those of each variable."""
    columns = {"Intercept": np.ones(n)}
    for part in parts.values():
        columns |= part
    if pair:
        first, second = parts[pair[0]], parts[pair[1]]
        columns |= {f"{a}:{b}": x * z for a, x in first.items() for b, z in second.items()}
    return columns


def _nothing(question: Question) -> Estimate:
    """Make an estimate without rows: an arm is too small to fit anything."""
    units = question.sample.design.psu_count
    return Estimate(
        named=Labels.nothing(),
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
