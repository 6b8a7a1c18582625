"""Coefficients under every set of replicate weights at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.estimate import Working
from lpact_eval.estimation.replicated import RankMoments, replicate_influence, replicates_of
from lpact_eval.estimation.variance import design_df
from lpact_eval.regression.fitting import mean_of, slope_of
from lpact_eval.regression.leverage import FixedMoments

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.regression.fitting import Problem
    from lpact_eval.sample import FloatArray, IntArray

_STEPS = 30
_STEP_TOLERANCE = 1e-7  # change of the linear predictor after which Newton's method, being quadratic, is at 1e-14
_TOGETHER = 32  # replicates fitted at once: more would not fit into the processor's cache
_LONGEST_STEP = 4.0  # largest change of the linear predictor in one step
_RIDGE = 1e-14
_RANK_TOLERANCE = 1e-10  # smallest eigenvalue of scaled information under which a term is a combination of others


def from_replicates(estimate: Estimate, problem: Problem, rows: IntArray) -> Estimate:
    """Give coefficients the influence and degrees of freedom of replicate weights.

    Parameters
    ----------
    estimate : Estimate
        p coefficients of the whole sample.
    problem : Problem
        What they solve.
    rows : ndarray of shape (n,), int
        Complete respondents.

    Returns
    -------
    Estimate
        Degrees of freedom + 1 - p, as R svyglm takes them; refused where there are none, or where a replicate has no
        solution.
    """
    replicates = replicates_of(estimate.design)
    values = replicate_coefficients(problem, replicates.rows[:, rows], estimate.value)
    broken = int(np.isnan(values).any(axis=1).sum())
    freedom = float(design_df(estimate.reached[:, :1], estimate.design.psu_stratum)[0])
    if replicates.delivered:
        domain = np.full(replicates.full.size, -1, dtype=np.intp)
        domain[rows] = 0
        freedom = float(RankMoments.of(replicates, domain, np.zeros(1, dtype=np.intp)).df(np.ones((1, 1)))[0])
    freedom = min(freedom, replicates.df) + 1 - estimate.value.size
    reason = f"{broken} of {replicates.count} replicates have no solution: a term is empty or separated in them"
    if freedom <= 0:
        reason = f"no degrees of freedom for {estimate.value.size} coefficients"
    influence = replicate_influence(replicates, values, estimate.value)
    return replace(
        estimate,
        influence=np.nan_to_num(influence) if broken else influence,
        variance="replicate",
        refused=((reason if broken or freedom <= 0 else ""),) * estimate.value.size,
        working=Working(np.eye(estimate.value.size), FixedMoments(freedom)),
    )


def replicate_coefficients(problem: Problem, weights: FloatArray, start: FloatArray) -> FloatArray:
    """Solve the score equations under every replicate's weights, starting from the whole sample's coefficients.

    Parameters
    ----------
    problem : Problem
        Of the whole sample; n complete respondents, p coefficients.
    weights : ndarray of shape (R, n)
    start : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (R, p)
        Not a number where a replicate has no finite solution.

    References
    ----------
    Wolter (2007), *Introduction to Variance Estimation*, sec. 6.11; McCullagh & Nelder (1989), sec. 2.5.
    """
    if problem.family == "gaussian":
        return _least_squares(problem, weights)
    parts = [_newton(problem, weights[at : at + _TOGETHER], start) for at in range(0, weights.shape[0], _TOGETHER)]
    return np.vstack(parts)


def _least_squares(problem: Problem, weights: FloatArray) -> FloatArray:
    """Solve the normal equations of every replicate."""
    x = problem.matrix
    outcome = problem.outcome if problem.offset is None else problem.outcome - problem.offset
    return _solved(_cross_products(x, weights), weights @ (x * outcome[:, None]))


def _newton(problem: Problem, weights: FloatArray, start: FloatArray) -> FloatArray:
    """Find the coefficients of some replicates by Newton's method; not a number where it does not arrive."""
    x = problem.matrix
    found = np.repeat(start[None, :], weights.shape[0], axis=0)
    active: IntArray = np.arange(weights.shape[0], dtype=np.intp)
    for _ in range(_STEPS):
        linear = found[active] @ x.T
        mean = mean_of(problem.family, linear if problem.offset is None else linear + problem.offset)
        part = weights[active]
        score = (part * (problem.outcome - mean)) @ x
        step = _solved(_cross_products(x, part * slope_of(problem.family, mean)), score)
        size = np.abs(step @ x.T).max(axis=1, initial=0.0)
        found[active] += step * np.minimum(1.0, _LONGEST_STEP / np.maximum(size, 1e-300))[:, None]
        active = active[size > _STEP_TOLERANCE]
        if not active.size:
            break
    found[active] = np.nan
    return found


def _cross_products(x: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted cross-products of the rows of x, shape (n, p), under rows of weights; shape (R, p, p)."""
    first, second = np.triu_indices(x.shape[1])
    halves = weights @ (x[:, first] * x[:, second])
    whole = np.empty((weights.shape[0], x.shape[1], x.shape[1]))
    whole[:, first, second] = whole[:, second, first] = halves
    return whole


def _solved(information: FloatArray, score: FloatArray) -> FloatArray:
    """Solve each replicate's normal equations, scaled to a diagonal of 1; not a number where they are singular."""
    size = np.sqrt(np.maximum(np.einsum("rpp->rp", information), 1e-300))
    balanced = information / size[:, :, None] / size[:, None, :] + _RIDGE * np.eye(size.shape[1])
    step = np.asarray(np.linalg.solve(balanced, (score / size)[:, :, None]), dtype=np.float64)[:, :, 0]
    singular = np.linalg.eigvalsh(balanced)[:, 0] <= _RANK_TOLERANCE
    return np.where(singular[:, None], np.nan, step / size)
