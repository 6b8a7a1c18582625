"""Weighted maximum likelihood for linear, logistic and Poisson regression, with what can go wrong detected."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
_ARRIVED = 2e-7  # largest change of the linear predictor after which Newton's method, being quadratic, is at 1e-13
_RANK_TOLERANCE = 1e-8  # part of a column that other columns leave unexplained, under which it is one of them
_CLEARLY_RANKED = 1e-3  # the same part by Cholesky, which is exact enough above this
_EXTREME = 1e-6  # fitted probabilities or counts this near the edge may mean that no finite fit exists
_PRODUCTS = 400_000  # multiplications a block of respondents: in cache, and too few to be shared among threads
_MANY, _FIRST = 50_000, 20_000  # respondents from which the search begins with a part of them, of about this size


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


def linear_of(matrix: FloatArray, coefficients: FloatArray, offset: FloatArray | None) -> FloatArray:
    """Work out the linear predictor, shape (n,)."""
    linear = matrix @ coefficients
    return linear if offset is None else linear + offset


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
    offset : ndarray of shape (n,), or None
        What the linear predictor holds besides matrix times coefficients.
    """

    matrix: FloatArray
    terms: tuple[str, ...]
    outcome: FloatArray
    weight: FloatArray
    family: Family
    title: str
    offset: FloatArray | None = None


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
    sum of w_i x_i (y_i - mu_i) = 0, canonical links, Newton's method with step halving on the deviance. Passes over the
    respondents go by blocks; many respondents begin from the solution of a part of them.

    References
    ----------
    McCullagh & Nelder (1989), *Generalized Linear Models*, sec. 2.5; Binder (1983), *ISR* 51, 279-292.
    """
    if problem.outcome.size < len(problem.terms):
        _refuse_collinear(problem)
    scaled = replace(problem, weight=problem.weight / problem.weight.mean())
    coefficients = _newton(scaled, _begin(scaled))
    if coefficients is None:
        _refuse_collinear(problem)
        msg = (
            f"Cannot fit {problem.title!r}: Newton's method did not arrive in {_STEPS} steps with "
            f"{problem.outcome.size} respondents and {len(problem.terms)} coefficients. Leave out or merge "
            "sparse terms."
        )
        raise EstimationError(msg)
    return coefficients


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What one pass over the respondents finds at some coefficients.

    Attributes
    ----------
    score : ndarray of shape (p,)
        Sum of w_i x_i (y_i - mu_i).
    information : ndarray of shape (p, p)
        Sum of w_i mu'_i x_i x_i'.
    mass : float
        Sum of w_i mu'_i.
    low, high : float
        Range of the linear predictor.
    """

    score: FloatArray
    information: FloatArray
    mass: float
    low: float
    high: float


def go_over(problem: Problem, coefficients: FloatArray, means: FloatArray | None = None) -> Pass:
    """Work out scores and information by blocks of respondents; fitted means go to `means`, shape (n,), if given."""
    columns, size = problem.matrix.T, coefficients.size
    score, information = np.zeros(size), np.zeros((size, size))
    mass, low, high = 0.0, np.inf, -np.inf
    for block in blocks_of(problem.outcome.size, size):
        x, weight = columns[:, block], problem.weight[block]
        linear = coefficients @ x
        if problem.offset is not None:
            linear = linear + problem.offset[block]
        mean = mean_of(problem.family, linear)
        score += x @ (weight * (problem.outcome[block] - mean))
        curvature = weight * slope_of(problem.family, mean)
        information += (x * curvature) @ x.T
        mass += float(curvature.sum())
        if means is not None:
            means[block] = mean
        low, high = min(low, float(linear.min())), max(high, float(linear.max()))
    return Pass(score, (information + information.T) / 2, mass, low, high)


def blocks_of(n: int, p: int) -> list[slice]:
    """Divide n respondents into blocks whose p columns stay in the processor's cache."""
    size = max(256, min(4096, _PRODUCTS // max(p * p, 1)))
    return [slice(start, start + size) for start in range(0, n, size)]


def _begin(problem: Problem) -> FloatArray:
    """Find where to begin: at the solution of every so manieth respondent where there are many, else at 0."""
    nowhere = np.zeros(len(problem.terms))
    stride = problem.outcome.size // _FIRST
    if problem.outcome.size < _MANY or problem.family == "gaussian":
        return nowhere
    part = replace(
        problem,
        matrix=np.ascontiguousarray(problem.matrix.T[:, ::stride]).T,
        outcome=problem.outcome[::stride],
        weight=problem.weight[::stride],
        offset=None if problem.offset is None else problem.offset[::stride],
    )
    found = _newton(part, nowhere, whole=False)
    return nowhere if found is None else found


def _newton(problem: Problem, coefficients: FloatArray, *, whole: bool = True) -> FloatArray | None:
    """Search by Newton's method; None where it does not arrive. Of a part of the respondents nothing is refused."""
    with np.errstate(over="ignore", invalid="ignore"):
        here = go_over(problem, coefficients)
        if not clearly_ranked(here.information):
            if not whole:
                return None
            _refuse_collinear(problem)
        columns = problem.matrix.T
        reach = np.maximum(columns.max(axis=1), -columns.min(axis=1))
        for _ in range(_STEPS):
            step = _step(here)
            if not np.isfinite(step).all():
                break
            if _arrived(problem, (reach, coefficients, step), here):
                if whole:
                    _refuse_separated(problem, here, coefficients + step)
                return coefficients + step
            coefficients, here = _advance(problem, coefficients, step, here)
    if whole:
        _refuse_separated(problem, here, coefficients)
    return None


def _arrived(problem: Problem, line: tuple[FloatArray, FloatArray, FloatArray], here: Pass) -> bool:
    """Whether a step changes nobody's linear predictor by more than the tolerance."""
    reach, coefficients, step = line
    tolerance = _ARRIVED * (max(1.0, float(reach @ np.abs(coefficients))) if problem.family == "gaussian" else 1.0)
    if float(reach @ np.abs(step)) <= tolerance:
        return True
    if float(step @ here.score) > here.mass * tolerance**2:  # their mean square is already larger
        return False
    return float(np.abs(problem.matrix @ step).max()) <= tolerance


def clearly_ranked(information: FloatArray) -> bool:
    """Whether no column comes near a combination of others, by Cholesky's factor of the scaled cross-products."""
    diagonal = np.diag(information)
    if not (np.isfinite(information).all() and (diagonal > 0).all()):
        return False
    scale = 1 / np.sqrt(diagonal)
    try:
        root = np.linalg.cholesky(scale[:, None] * information * scale)
    except np.linalg.LinAlgError:
        return False
    return bool(np.diag(root).min(initial=1.0) > _CLEARLY_RANKED)


def _step(here: Pass) -> FloatArray:
    """Solve the information matrix for the score."""
    scale = 1 / np.sqrt(np.maximum(np.diag(here.information), np.finfo(float).tiny))
    try:
        return scale * np.linalg.solve(scale[:, None] * here.information * scale, scale * here.score)
    except np.linalg.LinAlgError:
        return np.full(here.score.size, np.nan)


def _advance(problem: Problem, coefficients: FloatArray, step: FloatArray, here: Pass) -> tuple[FloatArray, Pass]:
    """Take a step, halved until the deviance does not rise beyond rounding.

    Along a line the likelihood is concave: while it still rises at the end of the step, nothing was overstepped, and
    where it falls there half as steeply as it rose at the start, no more than is made good by the next step.
    """
    there = go_over(problem, coefficients + step)
    if float(step @ there.score) >= -float(step @ here.score) / 2:
        return coefficients + step, there
    deviance, share = _deviance(problem, coefficients), 1.0
    for _ in range(_HALVINGS):
        if _deviance(problem, coefficients + share * step) <= deviance + 1e-9 * (abs(deviance) + 1):
            break
        share /= 2
    coefficients = coefficients + share * step
    return coefficients, there if share == 1.0 else go_over(problem, coefficients)


def _deviance(problem: Problem, coefficients: FloatArray) -> float:
    """Weighted deviance up to a constant."""
    outcome, weight = problem.outcome, problem.weight
    linear = linear_of(problem.matrix, coefficients, problem.offset)
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


def _refuse_separated(problem: Problem, here: Pass, coefficients: FloatArray) -> None:
    """Refuse a fit that runs off to infinity, naming the terms along which it does."""
    if problem.family == "gaussian":
        return
    edge = float(np.log(_EXTREME))
    far = here.low < edge or (problem.family == "binomial" and here.high > -edge)
    if np.isfinite(coefficients).all() and not far:
        return
    guilty = _separating_terms(problem)
    if guilty:
        msg = (
            f"Cannot fit {problem.title!r}: {guilty} separate the answers perfectly (a group in which everyone gave "
            "the same answer), so that no finite coefficients exist. Merge categories, leave the term out, "
            f"or use {_way_out(problem.family)}."
        )
        raise EstimationError(msg)


def _way_out(family: Family) -> str:
    """Name the fits that separated answers do have."""
    if family == "binomial":
        return "penalty='firth' for odds ratios or family='gaussian' for differences in shares"
    return "family='gaussian' for differences in shares"


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
