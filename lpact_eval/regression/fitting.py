"""Weighted maximum likelihood for linear, logistic and Poisson regression, with what can go wrong detected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import expit

from lpact_eval.errors import EstimationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray

Family = Literal["gaussian", "binomial", "poisson"]

_STEPS = 50
_HALVINGS = 30
_STEP_TOLERANCE = 1e-11  # change of the linear predictor at which Newton's method has arrived
_RANK_TOLERANCE = 1e-8  # part of a column that other columns leave unexplained, under which it is one of them
_EXTREME = 1e-6  # fitted probabilities or counts this near the edge may mean that no finite fit exists


def mean_of(family: Family, linear: FloatArray) -> FloatArray:
    """Invert the canonical link."""
    if family == "binomial":
        return expit(linear)
    return np.exp(np.minimum(linear, 700.0)) if family == "poisson" else linear


def slope_of(family: Family, mean: FloatArray) -> FloatArray:
    """Differentiate the inverse link, which for canonical links gives the variance function."""
    if family == "binomial":
        return mean * (1 - mean)
    return mean if family == "poisson" else np.ones_like(mean)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A weighted regression to solve; n respondents, p coefficients.

    Attributes
    ----------
    matrix : ndarray of shape (n, p)
    terms : tuple of str
        Names of the p columns.
    outcome, weight : ndarray of shape (n,)
    family : str
    title : str
        The formula, for messages.
    """

    matrix: FloatArray
    terms: tuple[str, ...]
    outcome: FloatArray
    weight: FloatArray
    family: Family
    title: str


def solve(problem: Problem) -> FloatArray:
    """Find the coefficients that solve the weighted score equations.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    ndarray of shape (p,)

    Raises
    ------
    EstimationError
        If a term is a combination of others, the outcome is separated, or Newton's method does not arrive.

    Notes
    -----
    sum of w_i x_i (y_i - mu_i) = 0, canonical links, Newton's method with step halving on the deviance.

    References
    ----------
    McCullagh & Nelder (1989), *Generalized Linear Models*, sec. 2.5; Binder (1983), *ISR* 51, 279-292.
    """
    _refuse_collinear(problem)
    weight = problem.weight / problem.weight.mean()
    coefficients = np.zeros(problem.matrix.shape[1])
    linear = np.zeros(problem.outcome.size)
    deviance = _deviance(problem, weight, linear)
    for _ in range(_STEPS):
        step = _newton_step(problem, weight, linear)
        moved = problem.matrix @ step
        if not np.isfinite(moved).all():
            break
        if np.abs(moved).max(initial=0.0) <= _STEP_TOLERANCE * max(1.0, float(np.abs(linear).max(initial=0.0))):
            _refuse_separated(problem, linear + moved)
            return coefficients + step
        share, deviance = _shorten(problem, weight, (linear, moved), deviance)
        coefficients, linear = coefficients + share * step, linear + share * moved
    _refuse_separated(problem, linear)
    msg = (
        f"Cannot fit {problem.title!r}: Newton's method did not arrive in {_STEPS} steps with "
        f"{problem.outcome.size} respondents and {len(problem.terms)} coefficients. Leave out or merge sparse terms."
    )
    raise EstimationError(msg)


def _newton_step(problem: Problem, weight: FloatArray, linear: FloatArray) -> FloatArray:
    """Solve the information matrix for the score."""
    mean = mean_of(problem.family, linear)
    curvature = weight * slope_of(problem.family, mean)
    information = problem.matrix.T @ (curvature[:, None] * problem.matrix)
    score = problem.matrix.T @ (weight * (problem.outcome - mean))
    scale = 1 / np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    try:
        return scale * np.linalg.solve(scale[:, None] * information * scale, scale * score)
    except np.linalg.LinAlgError:
        return np.full(score.size, np.nan)


def _shorten(
    problem: Problem, weight: FloatArray, line: tuple[FloatArray, FloatArray], deviance: float
) -> tuple[float, float]:
    """Halve a step until the deviance does not rise beyond rounding; share taken and new deviance."""
    linear, moved = line
    share, reached = 1.0, _deviance(problem, weight, linear + moved)
    for _ in range(_HALVINGS):
        if reached <= deviance + 1e-9 * (abs(deviance) + 1):
            break
        share /= 2
        reached = _deviance(problem, weight, linear + share * moved)
    return share, reached


def _deviance(problem: Problem, weight: FloatArray, linear: FloatArray) -> float:
    """Weighted deviance up to a constant."""
    outcome = problem.outcome
    if problem.family == "gaussian":
        return float(weight @ (outcome - linear) ** 2)
    if problem.family == "binomial":
        return float(2 * weight @ (np.logaddexp(0, linear) - outcome * linear))
    return float(2 * weight @ (mean_of("poisson", linear) - outcome * linear))


def _refuse_collinear(problem: Problem) -> None:
    """Refuse terms that the terms before them explain, and more terms than respondents."""
    seen = problem.weight > 0
    scaled = problem.matrix[seen] * np.sqrt(problem.weight[seen])[:, None]
    n, p = scaled.shape
    norms = np.linalg.norm(scaled, axis=0)
    if n < p:
        msg = f"Cannot fit {problem.title!r}: {p} coefficients and {n} complete respondents. Use fewer terms."
        raise EstimationError(msg)
    left = np.abs(np.diag(np.linalg.qr(scaled / np.where(norms > 0, norms, 1.0), mode="r")))
    aliased = [term for term, part in zip(problem.terms, left, strict=True) if part <= _RANK_TOLERANCE]
    if aliased:
        msg = (
            f"Cannot fit {problem.title!r}: {aliased} can be written by the terms before them among the {n} complete "
            "respondents (an empty combination of categories, or a column said twice). Leave them out, or merge "
            "categories."
        )
        raise EstimationError(msg)


def _refuse_separated(problem: Problem, linear: FloatArray) -> None:
    """Refuse a fit that runs off to infinity, naming the terms along which it does."""
    if problem.family == "gaussian":
        return
    mean = mean_of(problem.family, linear)
    edge = np.minimum(mean, 1 - mean) if problem.family == "binomial" else mean
    if np.isfinite(linear).all() and edge.min(initial=1.0) > _EXTREME:
        return
    guilty = _separating_terms(problem)
    if guilty:
        msg = (
            f"Cannot fit {problem.title!r}: {guilty} separate the answers perfectly (a group in which everyone gave "
            "the same answer), so that no finite coefficients exist. Merge categories, leave the term out, or use "
            "family='gaussian' for differences in shares."
        )
        raise EstimationError(msg)


def _separating_terms(problem: Problem) -> Sequence[str]:
    """Terms with a part in a direction along which the likelihood never falls, by linear programming.

    References
    ----------
    Konis (2007), *Linear programming algorithms for detecting separated data in binary logistic regression models*,
    ch. 4.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - takes a third of a second to import and is rarely needed

    direction, fixed = _directions(problem)
    matrix = direction[:, None] * problem.matrix / np.maximum(np.abs(problem.matrix).max(axis=0), 1e-300)
    equal = matrix[fixed]
    found = linprog(
        -matrix[~fixed].sum(axis=0),
        A_ub=-matrix[~fixed],
        b_ub=np.zeros(int((~fixed).sum())),
        A_eq=equal if fixed.any() else None,
        b_eq=np.zeros(int(fixed.sum())) if fixed.any() else None,
        bounds=(-1, 1),
    )
    part = np.asarray(found.x if found.x is not None else np.zeros(len(problem.terms)))
    return [term for term, size in zip(problem.terms, part, strict=True) if abs(size) > _EXTREME]


def _directions(problem: Problem) -> tuple[FloatArray, BoolArray]:
    """Sign in which each respondent's linear predictor may grow, and who must not move."""
    outcome = problem.outcome
    if problem.family == "poisson":
        return np.where(outcome > 0, 1.0, -1.0), outcome > 0
    return np.where(outcome >= 1, 1.0, -1.0), (outcome > 0) & (outcome < 1)
