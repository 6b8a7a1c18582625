"""Averages over respondents of what a regression predicts, with both sources of their variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import Bases, domains_of
from lpact_eval.estimation.estimate import Working
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.replicated import replicate_influence, replicates_of
from lpact_eval.estimation.stacked import refused_where
from lpact_eval.estimation.variance import calibrated, calibration_inflation, cr2_leverage, sum_rows
from lpact_eval.regression.average_moments import AverageMoments, MeanMoments
from lpact_eval.regression.fitting import Problem, mean_of, slope_of
from lpact_eval.regression.leverage import ModelMoments
from lpact_eval.regression.replicated import replicate_coefficients
from lpact_eval.regression.terms import in_domain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.regression.glm import Fit
    from lpact_eval.regression.sides import Side
    from lpact_eval.regression.terms import Where
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

_CONSTANT = 1e-12  # deviation from their average, relative to the predictions, under which all count as the same
_TOGETHER = 16  # replicates predicted at once


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Whom to average over; n complete respondents, d domains.

    Attributes
    ----------
    domain : ndarray of shape (n,), int
        -1 outside every domain.
    everyone : ndarray, int
        The same for all respondents of the sample.
    weight : ndarray of shape (n,)
        Survey weights; 0 outside every domain.
    labels : Labels
        Of the d domains.
    """

    domain: IntArray
    everyone: IntArray
    weight: FloatArray
    labels: Labels

    @staticmethod
    def of(fit: Fit, by: str | Sequence[str], among: Where | None) -> People:
        """Find the complete respondents of each domain, and number the domains that have any."""
        sample, rows = fit.sample, fit.model.rows
        domain, labels = domains_of(sample, by)
        domain = np.where(in_domain(sample, among, fit.model.title), domain, -1)
        present = np.unique(domain[rows][domain[rows] >= 0])
        if not present.size:
            msg = f"Cannot average the predictions of {fit.model.title!r}: no complete respondent is among those asked."
            raise EstimationError(msg)
        everyone = np.full(len(sample), -1, dtype=np.intp)
        inside = rows[domain[rows] >= 0]
        everyone[inside] = np.searchsorted(present, domain[inside])
        weight = np.where(everyone[rows] >= 0, fit.weight, 0.0)
        return People(everyone[rows], everyone, weight, labels.take(present.tolist()))

    @property
    def count(self) -> int:
        """Number of domains, d."""
        return len(self.labels)

    @property
    def inside(self) -> BoolArray:
        """Who is in which domain, shape (n, d)."""
        return self.domain[:, None] == np.arange(self.count)

    @property
    def share(self) -> FloatArray:
        """Weights over their sum in the domain, shape (n, d)."""
        weighted = self.weight[:, None] * self.inside
        return weighted / weighted.sum(axis=0)


def average(
    fit: Fit, sides: Sequence[Side], *, by: str | Sequence[str], among: Where | None, sampled: bool
) -> Estimate:
    """Average each side over each domain; all domains of the first side, then of the next.

    Parameters
    ----------
    fit : Fit
    sides : sequence of Side
    by : str or sequence of str
        Domain variables.
    among : mapping, optional
        {variable: category or categories} of those averaged over.
    sampled : bool
        Whether the respondents averaged over count as drawn at random; never those of a penalised fit, whose variance
        is a model's.

    Returns
    -------
    Estimate
        k = sides x domains.

    Raises
    ------
    WrongUseError
        If a variable is set or compared and averages are to be told apart by it too.
    EstimationError
        If nobody is averaged over.
    """
    people = People.of(fit, by, among)
    found = _Found.of(fit, sides, people)
    whole = _of_coefficients(fit, _whole(fit, sides, people, found), found)
    if fit.sample.design.replicates is not None:
        return whole if whole.refused[0] else _replicated(fit, sides, people, whole, sampled=sampled)
    alone = not sampled or not found.vary or bool(whole.refused[0]) or whole.variance == "model"
    return whole if alone else _of_both(fit, people, whole, found)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Averages and what they are made of; s sides, d domains, n complete respondents, p coefficients.

    Attributes
    ----------
    mean : ndarray of shape (s, d)
    gradient : ndarray of shape (s x d, p)
        Derivative of the averages in the coefficients.
    deviation : ndarray of shape (n, s)
        Of each respondent from the average of the own domain; 0 outside.
    vary : bool
        Whether predictions differ within a domain by more than rounding.
    """

    mean: FloatArray
    gradient: FloatArray
    deviation: FloatArray
    vary: bool

    @staticmethod
    def of(fit: Fit, sides: Sequence[Side], people: People) -> _Found:
        """Average every side over every domain."""
        signed = [side.signed(fit.coefficients.value) for side in sides]
        value = np.column_stack([sum(parts) for parts in signed])
        share = people.share
        mean = value.T @ share
        gradient = np.vstack([share.T @ side.gradient(fit.coefficients.value) for side in sides])
        inside = people.domain >= 0
        deviation = np.where(inside[:, None], value - mean.T[people.domain], 0.0)
        size = max(float(np.abs(part[inside]).max(initial=0.0)) for parts in signed for part in parts)
        return _Found(mean, gradient, deviation, bool(np.abs(deviation).max(initial=0.0) > _CONSTANT * size))


def _whole(fit: Fit, sides: Sequence[Side], people: People, found: _Found) -> Estimate:
    """Values, labels and bases, without a variance yet."""
    bases = Bases.of(fit.sample.design, people.everyone, people.count)
    many = len(sides)
    return replace(
        fit.coefficients,
        named=_labels(fit, sides, people),
        value=found.mean.ravel(),
        kind="other",
        n=np.tile(bases.n, many),
        n_kish=np.tile(bases.kish, many),
        reached=np.tile(bases.reached, many),
        crowding=np.tile(bases.crowding, many),
        refused=(fit.coefficients.refused[0],) * (many * people.count),
    )


def _labels(fit: Fit, sides: Sequence[Side], people: People) -> Labels:
    """Label each side in each domain by the variable, the answer, what was set and the domain."""
    fixed = ["variable", *(["answer"] if sides[0].answer else [])]
    taken = [*fixed, *sides[0].labels, *people.labels.columns]
    twice = sorted({name for name in taken if taken.count(name) > 1})
    if twice:
        msg = (
            f"Cannot average {fit.model.title!r} with {twice} in two parts: as what is set or compared, and as what "
            "tells the averages apart. To average over one category say among={variable: category}."
        )
        raise WrongUseError(msg)
    told = [{"variable": fit.model.outcome_name, "answer": side.answer, **side.labels} for side in sides]
    columns = {name: [side[name] for side in told for _ in range(people.count)] for name in taken if name in told[0]}
    columns |= {name: list(labels) * len(told) for name, labels in people.labels.columns.items()}
    return Labels.of({name: columns[name] for name in taken})


def _of_coefficients(fit: Fit, whole: Estimate, found: _Found) -> Estimate:
    """Take the influence of the coefficients alone."""
    coefficients = fit.coefficients
    working = coefficients.working
    return replace(
        whole,
        influence=coefficients.influence @ found.gradient.T,
        working=working and Working(found.gradient @ working.loading, working.moments),
    )


def _of_both(fit: Fit, people: People, whole: Estimate, found: _Found) -> Estimate:
    """Add the influence of the respondents averaged over to that of the coefficients."""
    design = fit.sample.design
    units = Bases.members(design, people.everyone, people.count).sum(axis=0)
    reason = "no degrees of freedom: all respondents averaged over come from one sampling unit"
    refused = [reason if count == 1 else "" for count in units.tolist()] * found.deviation.shape[1]
    working, weight = whole.working, design.weight
    if whole.variance == "cr2":
        weight = cr2_leverage(design, people.everyone, people.count).weight
    if working is not None and isinstance(working.moments, ModelMoments):
        reached = np.unique(design.psu[fit.model.rows])
        drawn = MeanMoments.of(design, people.everyone, people.count, reached, corrected=weight)
        loading = np.hstack([working.loading * _residual_size(fit), _within(people, found)])
        working = Working(loading, AverageMoments(working.moments, drawn))
    inflation = calibration_inflation(design)[:, None] if whole.variance == "cr2" else 1.0
    drawn_part = _drawn(fit.sample, people, found.deviation, (weight, inflation), rows=fit.model.rows)
    whole = replace(whole, influence=whole.influence + drawn_part, working=working)
    return refused_where(whole, refused)


def _drawn(
    sample: Sample,
    people: People,
    deviation: FloatArray,
    weights: tuple[FloatArray, FloatArray | float],
    *,
    rows: IntArray,
) -> FloatArray:
    """Influence of the respondents averaged over on each average, shape (m, s x d), as that of any mean.

    Under CR2 the weights are corrected for the respondents' pull on the average of their domain, and a factor beside
    them, of shape (n, 1), gives the degrees of freedom back that calibration used up.
    """
    design, count, (weight, inflation) = sample.design, people.count, weights
    inside = people.everyone >= 0
    where = np.where(inside, people.everyone, 0)
    total = np.bincount(people.domain[people.domain >= 0], people.weight[people.domain >= 0], minlength=count)
    moved = np.zeros((len(sample), deviation.shape[1]))
    moved[rows] = deviation / total[np.maximum(people.domain, 0)][:, None]
    if not design.calibration:
        sums = sum_rows(weight[:, None] * moved, design.psu * count + where, design.psu_count * count)
        return sums.reshape(design.psu_count, count, -1).transpose(0, 2, 1).reshape(design.psu_count, -1)
    own = people.everyone[:, None] == np.arange(count)
    spread = inflation * np.where(own, weight[:, None], design.weight[:, None])
    parts = [spread * calibrated(np.where(own, side[:, None], 0.0), design) for side in moved.T]
    return sum_rows(np.hstack(parts), design.psu, design.psu_count)


def _residual_size(fit: Fit) -> float:
    """Size of a residual over its working standard deviation; 1 for ordered answers, whose variance is known."""
    if fit.family == "ordinal":
        return 1.0
    mean = mean_of(fit.family, fit.linear()[1])
    left = max(fit.n - fit.coefficients.value.size, 1) / fit.n
    working = float(fit.weight @ slope_of(fit.family, mean))
    return float(np.sqrt(fit.weight @ (fit.model.outcome - mean) ** 2 / (working * left)))


def _within(people: People, found: _Found) -> FloatArray:
    """Make the deviations within each domain of independent ones of unit variance, shape (s x d, d x s)."""
    share, count, many = people.share, people.count, found.deviation.shape[1]
    loading = np.zeros((many, count, count, many))
    for domain in range(count):
        part = share[:, domain]
        covariance = (found.deviation * part[:, None]).T @ found.deviation / max(1 - float(part @ part), 1e-12)
        values, vectors = np.linalg.eigh(covariance)
        loading[:, domain, domain, :] = vectors * np.sqrt(np.maximum(values, 0.0))
    return loading.reshape(many * count, count * many)


def _replicated(fit: Fit, sides: Sequence[Side], people: People, whole: Estimate, *, sampled: bool) -> Estimate:
    """Average again under every set of replicate weights, with the coefficients of each."""
    replicates = replicates_of(fit.sample.design)
    coefficients = _coefficients_again(fit, replicates.rows[:, fit.model.rows])
    weight = replicates.rows[:, fit.model.rows] if sampled else np.broadcast_to(fit.weight, (replicates.count, fit.n))
    inside = people.inside.astype(float)
    values = np.empty((replicates.count, len(sides), people.count))
    for start in range(0, replicates.count, _TOGETHER):
        some = slice(start, start + _TOGETHER)
        for place, side in enumerate(sides):
            values[some, place] = (weight[some] * side.value(coefficients[some])) @ inside
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (values / (weight @ inside)[:, None, :]).reshape(replicates.count, -1)
    broken = (~np.isfinite(values)).sum(axis=0)
    influence = replicate_influence(replicates, np.where(np.isfinite(values), values, 0.0), whole.value)
    reasons = [f"{many} of {replicates.count} replicates have no answers here" if many else "" for many in broken]
    return refused_where(replace(whole, influence=np.where(broken > 0, 0.0, influence)), reasons)


def _coefficients_again(fit: Fit, weights: FloatArray) -> FloatArray:
    """Coefficients under each row of weights, shape (R, p)."""
    model, value = fit.model, fit.coefficients.value
    if fit.family == "ordinal":
        from lpact_eval.regression.ordinal import fit_again  # noqa: PLC0415 - most fits are of another family

        return fit_again(model, fit.matrix, weights, value)
    problem = Problem(fit.matrix, model.terms, model.outcome, fit.weight, fit.family, model.title, model.offset)
    return replicate_coefficients(problem, weights, value)
