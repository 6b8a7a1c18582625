"""Predictive mean matching: a missing answer is given by a respondent from whom a like answer was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

DONORS = 5  # respondents among whom the giver is drawn
_RIDGE = 1e-5  # share of each predictor's sum of squares that keeps collinear predictors apart
_FLOOR, _CEILING = 0.01, 0.9  # bounds on the intra-cluster correlation of small surveys
_TIE = 1e-9  # share of the largest expectation within which two are equal


@dataclass(frozen=True, slots=True, eq=False)
class Predictors:
    """What an answer is predicted from; n respondents.

    Attributes
    ----------
    fixed : ndarray of shape (n, p)
        Predictors with coefficients of their own, the first one constant.
    cluster : ndarray of shape (n,), int, or None
        Recruitment site, whose effects are drawn together by their intra-cluster correlation.
    """

    fixed: FloatArray
    cluster: IntArray | None = None


def match(
    score: FloatArray,
    predictors: Predictors,
    *,
    observed: BoolArray,
    wanted: BoolArray,
    rng: np.random.Generator,
) -> IntArray:
    """Draw a giver for every missing answer.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Answers as numbers; used where observed.
    predictors : Predictors
    observed, wanted : ndarray of shape (n,), bool
        Whose answers are known, and whose are to be imputed.
    rng : Generator

    Returns
    -------
    ndarray of shape (number wanted,), int
        Rows of the givers.

    Notes
    -----
    Bayesian linear regression; givers' expectations under the estimated coefficients, takers' under drawn ones.

    References
    ----------
    Rubin (1986), *JBES* 4, 87-94; Little (1988), *JBES* 6, 287-296; van Buuren (2018), *Flexible Imputation of
    Missing Data*, sec. 3.4 (type 1 matching, five donors).
    """
    columns, penalty = _penalised(score, predictors, observed)
    estimated, drawn = _coefficients(columns[observed], score[observed], penalty, rng)
    known, expected = columns[observed] @ estimated, columns[wanted] @ drawn
    return np.flatnonzero(observed)[_nearest(known, expected, rng)]


def _penalised(score: FloatArray, predictors: Predictors, observed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """All columns and the penalty on each coefficient: a trifle on fixed ones, a prior variance on sites."""
    fixed = predictors.fixed
    trifle = _RIDGE * np.maximum((fixed[observed] ** 2).sum(axis=0), 1e-8)
    if predictors.cluster is None:
        return fixed, trifle
    sites = int(predictors.cluster.max()) + 1
    dummies = (predictors.cluster[:, None] == np.arange(sites)).astype(float)
    slope, _ = _coefficients(fixed[observed], score[observed], trifle, None)
    residual = score[observed] - fixed[observed] @ slope
    correlation = _intra_cluster(residual, predictors.cluster[observed])
    return np.hstack([fixed, dummies]), np.concatenate([trifle, np.full(sites, (1 - correlation) / correlation)])


def _intra_cluster(residual: FloatArray, cluster: IntArray) -> float:
    """Intra-cluster correlation by analysis of variance, kept within bounds."""
    _, where = np.unique(cluster, return_inverse=True)
    size = np.bincount(where).astype(float)
    n, groups = residual.size, size.size
    if groups < 2 or groups == n:  # noqa: PLR2004 - nothing to compare
        return _FLOOR
    means = np.bincount(where, residual) / size
    between = float((size * (means - residual.mean()) ** 2).sum()) / (groups - 1)
    within = float(((residual - means[where]) ** 2).sum()) / (n - groups)
    typical = (n - float((size**2).sum()) / n) / (groups - 1)
    spread = between + (typical - 1) * within
    return float(np.clip((between - within) / spread, _FLOOR, _CEILING)) if spread > 0 else _FLOOR


def _coefficients(
    columns: FloatArray, score: FloatArray, penalty: FloatArray, rng: np.random.Generator | None
) -> tuple[FloatArray, FloatArray]:
    """Estimated coefficients and, given a generator, coefficients drawn from their posterior."""
    root: FloatArray = np.asarray(np.linalg.cholesky(columns.T @ columns + np.diag(penalty)), dtype=np.float64)
    estimated = np.asarray(np.linalg.solve(root.T, np.linalg.solve(root, columns.T @ score)), dtype=np.float64)
    if rng is None:
        return estimated, estimated
    residual = score - columns @ estimated
    p = int(columns.shape[1])
    deviation = np.sqrt(float(residual @ residual) / rng.chisquare(float(max(score.size - p, 1))))
    noise = np.asarray(np.linalg.solve(root.T, rng.standard_normal(p)), dtype=np.float64)
    return estimated, estimated + deviation * noise


def _nearest(known: FloatArray, expected: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw one of the nearest givers for every taker; givers with the same expectation are equally likely."""
    order = np.argsort(known, kind="stable")
    ranked, donors = known[order], min(DONORS, known.size)
    window = np.clip(np.searchsorted(ranked, expected)[:, None] + np.arange(-donors, donors), 0, known.size - 1)
    distance = np.abs(ranked[window] - expected[:, None])
    distance[:, 1:][window[:, 1:] == window[:, :-1]] = np.inf  # the window repeats the first or last giver at the ends
    closest = np.argsort(distance, axis=1, kind="stable")[:, :donors]
    takers = np.arange(expected.size)
    position = window[takers, closest[takers, rng.integers(0, donors, expected.size)]]
    apart = np.diff(ranked) > _TIE * float(np.abs(ranked).max())
    block = np.concatenate([[0], np.cumsum(apart)])
    first, size = np.searchsorted(block, block[position]), np.bincount(block)[block[position]]
    return np.asarray(order[first + (rng.random(expected.size) * size).astype(np.intp)], dtype=np.intp)
