"""Fits behind the rows of an attendance dose: the line and the steps, for all respondents and by domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.comparison.adjusted import covariates, independent
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.doses import PER_EVENT
from lpact_eval.comparison.regression_gap import plain_model
from lpact_eval.comparison.tiers import SMALLEST_ARM
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.estimate import Estimate
from lpact_eval.estimation.labels import Labels
from lpact_eval.regression.glm import fit_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.doses import Doses
    from lpact_eval.sample import BoolArray, FloatArray

Key = tuple[str, str]  # a domain, and a step or "per event"


def coefficients(question: Question, doses: Doses) -> tuple[Estimate, list[Key]]:
    """Fit the line and the steps, for all respondents and by domain; one covariance matrix over all four fits."""
    counts = question.counts
    comparable = [code for code, name in enumerate(question.arms.names) if min(counts[name]) > 0]
    if min(counts[ALL]) < SMALLEST_ARM or not comparable:
        return _nothing(question), []
    kept = np.isin(question.arms.domain, comparable)
    groups = question.arms.groups()
    domains = [name for name in groups if name != ALL]
    designs = [_columns([ALL], groups, doses, line=line) for line in (True, False)]
    if domains:
        designs += [_columns(domains, groups, doses, line=line) for line in (True, False)]
    fits = [_fitted(question, columns, kept) for columns in designs]
    return combine([estimate for estimate, _ in fits]), [key for _, keys in fits for key in keys]


def _columns(
    names: Sequence[str], groups: Mapping[str, BoolArray], doses: Doses, *, line: bool
) -> dict[Key, FloatArray]:
    """Events, or each step, within each domain."""
    if line:
        return {(name, PER_EVENT): doses.count * groups[name] for name in names}
    return {(name, step.name): step.holds(doses.count) * groups[name] for name in names for step in doses.steps[name]}


def _fitted(question: Question, columns: Mapping[Key, FloatArray], kept: BoolArray) -> tuple[Estimate, list[Key]]:
    """Regress on events, domains and adjusters; coefficients of events, and which they are."""
    arms, rows = question.arms, question.rows[kept]
    present = np.unique(arms.domain[kept])[1:]
    domains = (arms.domain[kept][:, None] == present).astype(float)
    names, adjusters = covariates(question, kept)
    events = np.column_stack([column[kept] for column in columns.values()])
    matrix = np.column_stack([np.ones(rows.size), events, domains, adjusters])
    used = independent(matrix)
    terms = ["Intercept", *(f"{step} ({name})" for name, step in columns)]
    terms += [*(arms.names[code] for code in present), *names]
    title = f"{question.roles.outcome} by {question.roles.attended}"
    named = tuple(term for term, keep in zip(terms, used, strict=True) if keep)
    model = plain_model(question, kept, named, matrix[:, used], title=title)
    fit = fit_model(question.sample, model, family="gaussian", variance="cr2")
    keys = [key for key, here in zip(columns, used[1 : 1 + len(columns)], strict=True) if here]
    return fit.coefficients.take(np.arange(1, 1 + len(keys), dtype=np.intp)), keys


def _nothing(question: Question) -> Estimate:
    """Make an estimate without rows: too few attended, or did not, to fit anything."""
    units = question.sample.design.psu_count
    none, wide = np.zeros(0), np.zeros((units, 0))
    return Estimate(
        named=Labels.nothing(),
        value=none,
        influence=wide,
        design=question.sample.design,
        variance="cr2",
        kind="other",
        n=none,
        n_kish=none,
        reached=wide > 0,
        crowding=none,
        refused=(),
    )
