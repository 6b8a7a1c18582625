"""Volunteers made comparable with a reference sample: weights by the chance of taking part, and doubly robust shares.

Both samples are drawn again in every bootstrap replicate, and everything is fitted again.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import EstimationError, LpactWarning, WeightingError, WrongUseError
from lpact_eval.estimation.domains import Bases, categories_of, positions_of, refusals_of
from lpact_eval.estimation.estimate import Estimate
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.replicated import from_replicates, replicate_influence
from lpact_eval.estimation.resampling import bootstrap
from lpact_eval.replicate_weights import ReplicateWeights
from lpact_eval.weighting.propensity import Shared, chances, fit_participation, shared_questions, solve_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray, Sample

Persons = Literal["reference", "sample"]
_EQUAL = 1e-12  # relative difference of starting weights


def propensity(
    sample: Sample, reference: Sample, variables: str | Sequence[str], *, replicates: int = 500, seed: int = 0
) -> Sample:
    """Weight volunteers by one over their chance of taking part, judged against a reference sample of the population.

    Use it only with a file of individual answers from a probability sample that asked the same questions. With census
    margins alone it adds nothing over `rake` or `calibrate`, which need no model of taking part.

    Parameters
    ----------
    sample : Sample
        n respondents who chose to take part, not weighted yet.
    reference : Sample
        m respondents of a probability sample; their weights are the persons that each stands for.
    variables : str or sequence of str
        Questions that both asked, categories or numbers, that taking part may depend on.
    replicates : int, default 500
        Bootstrap replicates: both samples are drawn again, by their own strata and PSUs, and the chances fitted again.
    seed : int, default 0

    Returns
    -------
    Sample
        The same respondents with weights 1 / chance, in persons, and bootstrap replicate weights, from which every
        statistic then takes its variance. Respondents without an answer to one of the variables weigh 0, and a
        warning says so. Calibration of the reference weights is not run again in the replicates.

    Raises
    ------
    WeightingError
        If the sample is weighted already, a category is in one sample only, the reference weights are not persons, or
        no finite chances fit.
    WrongUseError
        If no variable is given, or fewer than 2 replicates.

    Notes
    -----
    Logistic chances pi; pseudo-likelihood: sum over the sample of log(pi / (1 - pi)) plus the weighted sum over the
    reference sample of log(1 - pi), whose score is the sample's sum of x minus the reference sample's of d pi x.

    References
    ----------
    Chen, Li & Wu (2020), "Doubly robust inference with nonprobability survey samples", *JASA* 115, 2011-2021, sec. 3;
    Elliott & Valliant (2017), *Statistical Science* 32, 249-264; Rao & Wu (1988), *JASA* 83, 231-241.
    """
    return _fitted(sample, reference, variables, replicates=replicates, seed=seed).weighted


def doubly_robust(
    sample: Sample,
    reference: Sample,
    variable: str,
    answer: str | Sequence[str],
    *,
    variables: str | Sequence[str],
    persons: Persons = "sample",
    replicates: int = 500,
    seed: int = 0,
) -> Estimate:
    """Estimate a share that is right if either the chance of taking part or the answer is modelled rightly.

    Parameters
    ----------
    sample, reference, variables, replicates, seed
        As in `propensity`.
    variable : str
        Harmonised variable of the sample; missing answers are left out.
    answer : str or sequence of str
        One category, or several that count together.
    persons : str, default "sample"
        What the weighted sum of the sample's residuals is divided by: the sum of its own weights (DR2 of the paper,
        which suits missing answers), or of the "reference" weights (DR1).

    Returns
    -------
    Estimate
        One share in 0-1, variance by bootstrap of both samples.

    Raises
    ------
    EstimationError
        If the variable or an answer does not exist, or the answer can't be modelled.
    WeightingError, WrongUseError
        As in `propensity`.

    Notes
    -----
    With m the logistic regression of the answer on the same variables in the sample:
    sum over the sample of w (y - m) / N plus the weighted mean of m in the reference sample.

    References
    ----------
    Chen, Li & Wu (2020), *JASA* 115, 2011-2021, eq. 11 and 12.
    """
    if persons not in {"sample", "reference"}:
        msg = f"Cannot divide by the weights of {persons!r}; there are 'sample' and 'reference'."
        raise WrongUseError(msg)
    codes, categories = categories_of(sample, variable)
    wanted = [answer] if isinstance(answer, str) else list(answer)
    yes = np.isin(codes, positions_of(variable, wanted, categories)).astype(np.float64)
    fitted = _fitted(sample, reference, variables, replicates=replicates, seed=seed)
    answered = (codes >= 0) & (fitted.shared.cell >= 0)
    value = _robust(fitted, fitted.whole, yes, answered=answered, persons=persons)
    values = _robust(fitted, fitted.replicated, yes, answered=answered, persons=persons)
    return _estimate(fitted, variable, " or ".join(map(str, wanted)), answered, value=value, values=values)


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """Starting and final weights of the sample, and weights of the reference sample; shapes (n, R), (n, R), (m, R)."""

    start: FloatArray
    weight: FloatArray
    reference: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A sample weighted by its chances of taking part, with what they were fitted to."""

    weighted: Sample
    shared: Shared
    whole: _Weights
    replicated: _Weights
    replicates: ReplicateWeights


def _fitted(
    sample: Sample, reference: Sample, variables: str | Sequence[str], *, replicates: int, seed: int
) -> _Fitted:
    """Fit the chances in the whole samples and in every replicate."""
    names = [variables] if isinstance(variables, str) else list(variables)
    _check_use(sample, names, replicates)
    shared = shared_questions(sample, reference, names)
    _warn_unknown(shared, names)
    theta = fit_participation(sample, reference, shared)
    known = (shared.cell >= 0).astype(np.float64)
    drawn = bootstrap(sample.design, known, replicates, seed)
    theirs = bootstrap(reference.design, reference.design.weight, replicates, seed + 1)
    thetas, solved = solve_scores(shared.x, shared.mass(drawn.weight), shared.reference_mass(theirs.weight))
    _require_solved(solved)
    whole = _Weights(known[:, None], _inverse(shared, known[:, None], theta[:, None]), reference.design.weight[:, None])
    replicated = _Weights(drawn.weight, _inverse(shared, drawn.weight, thetas), theirs.weight)
    full = whole.weight[:, 0]
    made = ReplicateWeights(replicated.weight, drawn.scale, full, min(drawn.df, theirs.df), "bootstrap")
    design = replace(sample.design, weight=full, calibration=(), replicates=made)
    return _Fitted(sample.with_design(design), shared, whole, replicated, made)


def _check_use(sample: Sample, names: Sequence[str], replicates: int) -> None:
    """Refuse weighted volunteers, no variables and too few replicates."""
    if not names or replicates < 2:  # noqa: PLR2004 - one replicate shows no variance
        msg = f"Cannot model taking part by {len(names)} variables with {replicates} replicates: give 1 and 2 or more."
        raise WrongUseError(msg)
    weight = sample.design.weight
    if not weight.size:
        raise WeightingError("Cannot model taking part: the sample has no respondents.")
    if sample.design.calibration or sample.design.replicates or np.ptp(weight) > _EQUAL * weight.max():
        msg = (
            "Cannot model taking part: the sample is weighted already. Give the respondents as they came, each "
            "counting as one; rake or calibrate afterwards if at all."
        )
        raise WeightingError(msg)


def _warn_unknown(shared: Shared, names: Sequence[str]) -> None:
    """Say that respondents without an answer weigh nothing."""
    if (shared.cell < 0).any():
        warnings.warn(
            f"Respondents without an answer to {', '.join(map(repr, names))} weigh 0: their chance of taking part is "
            "not known.",
            LpactWarning,
            stacklevel=4,
        )


def _require_solved(solved: BoolArray) -> None:
    """Refuse replicates in which no chances fit."""
    failed = int((~solved).sum())
    if failed:
        msg = (
            f"Cannot model taking part: in {failed} of {solved.size} bootstrap replicates no chances fit both samples, "
            "most likely because a category is rare in the reference sample. Merge it with a similar one in both."
        )
        raise WeightingError(msg)


def _inverse(shared: Shared, start: FloatArray, theta: FloatArray) -> FloatArray:
    """Divide starting weights by the chances, shape (n, R); 0 for those not drawn or of unknown chance."""
    chance = chances(shared.x, theta)
    known = shared.cell >= 0
    weight = np.zeros(start.shape)
    weight[known] = np.divide(
        start[known],
        chance[shared.cell[known]],
        out=np.zeros((int(known.sum()), start.shape[1])),
        where=start[known] > 0,
    )
    return weight


def _robust(
    fitted: _Fitted, weights: _Weights, yes: FloatArray, *, answered: BoolArray, persons: Persons
) -> FloatArray:
    """Doubly robust shares, shape (R,)."""
    shared = fitted.shared
    inside = answered.astype(np.float64)[:, None]
    cases, successes = shared.mass(weights.start * inside), shared.mass(weights.start * inside * yes[:, None])
    theta, solved = solve_scores(shared.x, successes, cases)
    if not solved.all():
        msg = (
            f"Cannot model the answer by these variables ({int((~solved).sum())} of {solved.size} fits failed): merge "
            "categories, or use fewer variables."
        )
        raise EstimationError(msg)
    model = chances(shared.x, theta)
    residual = (weights.weight * inside * (yes[:, None] - model[np.maximum(shared.cell, 0)])).sum(axis=0)
    total = weights.reference.sum(axis=0)
    mean = (shared.reference_mass(weights.reference) * model).sum(axis=0) / total
    size = total if persons == "reference" else (weights.weight * inside).sum(axis=0)
    return residual / size + mean


def _estimate(
    fitted: _Fitted, variable: str, answer: str, answered: BoolArray, *, value: FloatArray, values: FloatArray
) -> Estimate:
    """Make the estimate with the replicates' deviations as influence."""
    design = fitted.weighted.design
    domain = np.where(answered, 0, -1).astype(np.intp)
    bases = Bases.of(design, domain, 1)
    members = Bases.members(design, domain, 1)
    estimate = Estimate(
        Labels.of({"variable": [variable], "answer": [answer]}),
        value,
        replicate_influence(fitted.replicates, values[:, None], value),
        design,
        "replicate",
        "share",
        bases.n,
        bases.kish,
        members,
        bases.crowding,
        refusals_of(bases.n, bases.reached.sum(axis=0), value),
    )
    return from_replicates(estimate, domain, np.zeros(1, dtype=np.intp))
