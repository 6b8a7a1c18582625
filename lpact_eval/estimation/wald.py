"""Several hypotheses at once: Wald tests, and trends over waves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.combine import BlockMoments
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.hypothesis import Test, refused_test
from lpact_eval.waves.unsure import DONT_KNOW_MOVED, check_moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.estimation.estimate import Estimate, Moments
    from lpact_eval.sample import FloatArray

_RANK_TOLERANCE = 1e-10  # relative size under which an eigenvalue of a correlation matrix counts as zero
_KNOWN = 1e-22  # variance under which a value is known by construction
_IN_SPAN = 1e-7  # part of a deviation that may lie outside the covariance matrix by rounding


@runtime_checkable
class MatrixMoments(Protocol):
    """What the degrees of freedom of a whole covariance matrix need to know."""

    def expectation(self, loading: FloatArray) -> FloatArray:
        """Covariance of rows of coefficients under the working model, shape (r, r)."""
        ...

    def total_variance(self, loading: FloatArray) -> float:
        """Sum of the variances of the entries of the rows' covariance matrix under the working model."""
        ...


def wald_test(estimate: Estimate, *, null: float | Sequence[float] = 0.0) -> Test:
    """Test jointly whether every value of an estimate equals `null`.

    Parameters
    ----------
    estimate : Estimate
        k estimates: changes, contrasts, coefficients; whatever their variance is.
    null : float or sequence of k floats, default 0.0
        Values tested, in the estimates' units.

    Returns
    -------
    Test
        F with (q, nu) degrees of freedom, q being the rank of the covariance matrix; for one estimate the square of its
        t. `n` is the largest base. Refused where an estimate is, where a combination of the estimates has no variance
        and yet does not equal `null`, and where the sampling units carry fewer than q comparisons.

    Raises
    ------
    WrongUseError
        If `null` is neither one number nor one for each estimate.

    Notes
    -----
    W = d' V^- d. "taylor" and replicates: F = W / q with PSUs minus strata of all domains used, or the regression's
    degrees of freedom, as R regTermTest. "cr2": approximate Hotelling's T^2, F = (eta - q + 1) / (eta q) W with
    (q, eta - q + 1) degrees of freedom and eta = q (q + 1) / (sum of Var of the entries of the covariance matrix,
    scaled by its expectation under the working model); where estimates of several models were combined, the smallest
    eta among them.

    References
    ----------
    Pustejovsky & Tipton (2018), *JBES* 36, 672-683, eq. 13-15; Korn & Graubard (1990), *American Statistician* 44,
    270-276.
    """
    distance = estimate.value - _null(null, len(estimate))
    n = estimate.n.max(initial=0)
    reasons = "; ".join(dict.fromkeys(reason for reason in estimate.refused if reason))
    method = f"Wald test of {len(estimate)} estimate{'s' * (len(estimate) != 1)}"
    if reasons:
        return refused_test(method, "F", n, reasons)
    variance = np.diag(estimate.vcov)
    scale = np.sqrt(np.where(variance > _KNOWN, variance, 0.0))
    basis = _basis(estimate.vcov, scale)
    standard = np.divide(distance, scale, out=np.zeros_like(distance), where=scale > 0)
    fixed = ~(scale > 0) & (np.abs(distance) > np.sqrt(_KNOWN))
    outside = standard - basis @ (basis.T @ standard)
    if fixed.any() or np.abs(outside).max(initial=0.0) > _IN_SPAN * max(1.0, np.abs(standard).max(initial=0.0)):
        return refused_test(method, "F", n, _no_variance(basis.shape[1], len(estimate)))
    if basis.shape[1] == 0:
        return refused_test(method, "F", n, "no estimate has a variance: there is nothing to test")
    rows = basis.T / np.where(scale > 0, scale, 1.0)
    return _f_test(estimate, rows, distance, method)


def _no_variance(rank: int, count: int) -> str:
    """Say that a hypothesis is contradicted by what has no variance."""
    return (
        f"the covariance matrix of {count} estimates has rank {rank}, and a combination without variance does not "
        "equal the null value; leave out what follows from the others (one answer of a distribution), or test fewer"
    )


def _null(null: float | Sequence[float], count: int) -> FloatArray:
    """Null values, shape (k,)."""
    values = np.asarray(null, dtype=float)
    if values.shape not in {(), (count,)} or not np.isfinite(values).all():
        msg = f"Cannot test {count} estimates against {values.size} null values; give one number, or one for each."
        raise WrongUseError(msg)
    return np.broadcast_to(values, (count,))


def _basis(covariance: FloatArray, scale: FloatArray) -> FloatArray:
    """Eigenvectors of the correlation matrix with a variance, shape (k, q)."""
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(safe, safe))
    return np.asarray(vectors[:, values > _RANK_TOLERANCE * max(float(values.max(initial=0.0)), 1e-300)])


def _f_test(estimate: Estimate, rows: FloatArray, distance: FloatArray, method: str) -> Test:
    """F test that the rows' combinations of the deviations are 0; rows has full rank, shape (q, k)."""
    q, n = rows.shape[0], estimate.n.max(initial=0)
    deviation = rows @ distance
    solved = np.asarray(np.linalg.solve(rows @ estimate.vcov @ rows.T, deviation), dtype=np.float64)
    wald = float(deviation @ solved)
    freedom, factor = _denominator(estimate, rows), 1 / q
    if estimate.variance == "cr2":
        eta, freedom = freedom, freedom - q + 1
        factor = freedom / (eta * q) if eta > 0 else np.nan
        method = f"{method}, approximate Hotelling's T squared"
    if not freedom > 0:
        reason = f"no degrees of freedom: the sampling units carry fewer than {q} comparisons; test fewer"
        return refused_test(method, "F", n, reason)
    statistic = factor * wald
    p = float(fdtrc(float(q), min(freedom, 1e12), statistic))
    return Test(statistic, (float(q), freedom), p, method, "F", int(n))


def _denominator(estimate: Estimate, rows: FloatArray) -> float:
    """Degrees of freedom of the covariance matrix of combinations of the estimates."""
    if estimate.variance == "cr2" and estimate.working is not None:
        return _matrix_df(estimate.working.moments, rows @ estimate.working.loading)
    if estimate.working is None:
        rows = np.ones((1, len(estimate)))
    return float(contrast(estimate, rows, pd.DataFrame({"row": range(rows.shape[0])})).df.min())


def _matrix_df(moments: Moments, loading: FloatArray) -> float:
    """Degrees of freedom eta of the covariance matrix of rows of coefficients."""
    if isinstance(moments, BlockMoments):
        parts = moments.parts(loading)
        return min(_part_df(part, rows) for part, rows in parts) if parts else 0.0
    if not isinstance(moments, MatrixMoments):
        return float(moments.df(loading).min())
    values, vectors = np.linalg.eigh(moments.expectation(loading))
    seen = values > _RANK_TOLERANCE * max(float(values.max(initial=0.0)), 1e-300)
    q = int(seen.sum())
    whitened = (vectors[:, seen] / np.sqrt(values[seen])).T @ loading
    variance = moments.total_variance(whitened) if q else 0.0
    return q * (q + 1) / variance if variance > 0 else 0.0


def _part_df(part: Estimate, rows: FloatArray) -> float:
    """Degrees of freedom of the part of the combinations that rests on one model."""
    if part.working is None:
        return float(part.df.min())
    return _matrix_df(part.working.moments, rows @ part.working.loading)


def trend(
    estimate: Estimate,
    along: str,
    *,
    scores: Mapping[str, float] | None = None,
    dont_know_moved: float = DONT_KNOW_MOVED,
) -> Estimate:
    """Estimate the linear trend of an estimate along ordered levels, such as waves.

    Parameters
    ----------
    estimate : Estimate
    along : str
        Label column with three or more levels, in the order in which they stand.
    scores : mapping of level to number, optional
        Where each level lies, as years of fieldwork; 0, 1, 2, ... without.
    dont_know_moved : float, default 0.05
        A trend over waves between which the weighted share of don't knows differs by more is flagged.

    Returns
    -------
    Estimate
        Least-squares slope per unit of the scores, for each combination of the other labels; the column `along` reads
        "trend". A combination that lacks a level is refused, and one over waves of which one can't be compared;
        `flags` says where the question was only partly the same and where don't knows moved.

    Raises
    ------
    WrongUseError
        If the scores do not name the levels, or are all equal.
    EstimationError
        If the column does not exist or has fewer than three levels.

    Notes
    -----
    slope = sum of (s_l - mean s) value_l / sum of (s_l - mean s)^2: a contrast, so covariances between levels count.

    References
    ----------
    Korn & Graubard (1999), *Analysis of Health Surveys*, sec. 3.4.
    """
    levels, places = _levels(estimate, along, scores)
    centred = places - places.mean()
    coefficients = dict(zip(levels, centred / (centred @ centred), strict=True))
    here = [str(level) for level in estimate.labels[along]]
    others = estimate.labels.drop(columns=along).astype(str)
    keys = list(others.itertuples(index=False, name=None)) if len(others.columns) else [()] * len(here)
    groups = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    matrix = np.zeros((len(groups), len(estimate)))
    for column, (key, level) in enumerate(zip(keys, here, strict=True)):
        matrix[groups[key], column] = coefficients[level]
    first = [keys.index(key) for key in groups]
    labels = estimate.named.take(first).assign(along, "trend")
    counts = {key: {here[row] for row in range(len(here)) if keys[row] == key} for key in groups}
    missing = tuple(
        "; ".join(f"no estimate for {level}" for level in levels if level not in counts[key]) for key in groups
    )
    slopes = _refuse(contrast(estimate, matrix, labels), missing)
    check_moved(dont_know_moved)
    if estimate.asked is None:
        return slopes
    members = np.array([[groups[key] == number for key in keys] for number in range(len(groups))], dtype=np.bool_)
    asked = replace(estimate.asked.merged(members), moved=dont_know_moved)  # a middle wave has a coefficient of 0
    return replace(_refuse(slopes, asked.refusals()), asked=asked)


def _refuse(estimate: Estimate, reasons: Sequence[str]) -> Estimate:
    """Refuse further estimates."""
    pairs = zip(estimate.refused, reasons, strict=True)
    refused = tuple("; ".join(dict.fromkeys(filter(None, pair))) for pair in pairs)
    return replace(estimate, refused=refused, value=np.where([bool(r) for r in refused], np.nan, estimate.value))


def trend_test(
    estimate: Estimate,
    along: str,
    *,
    scores: Mapping[str, float] | None = None,
    dont_know_moved: float = DONT_KNOW_MOVED,
) -> Test:
    """Test whether there is a linear trend along ordered levels, jointly in every combination of the other labels.

    Parameters and errors as in `trend`; the test is `wald_test` of its slopes. Its method ends with what to mind of how
    the waves asked. For one group at a time, test
    ``trend(estimate.select(ethnicity="Black"), "wave")``.
    """
    slopes = trend(estimate, along, scores=scores, dont_know_moved=dont_know_moved)
    test = wald_test(slopes)
    remarks = "; ".join(dict.fromkeys(flag for row in slopes.asked.flags() for flag in row)) if slopes.asked else ""
    return replace(test, method=f"linear trend along {along}, {test.method}{' - ' + remarks if remarks else ''}")


def _levels(estimate: Estimate, along: str, scores: Mapping[str, float] | None) -> tuple[list[str], FloatArray]:
    """Levels in their order and where each lies."""
    if along not in estimate.labels.columns:
        msg = f"Cannot take a trend along {along!r}: the estimate is labelled by {list(estimate.labels.columns)}."
        raise EstimationError(msg)
    levels = list(dict.fromkeys(str(level) for level in cast("Sequence[object]", estimate.labels[along])))
    if len(levels) < 3:  # noqa: PLR2004 - two levels make a difference
        msg = (
            f"Cannot take a trend along {along!r} with the levels {levels}: three or more are needed. Use difference()."
        )
        raise EstimationError(msg)
    if scores is None:
        return levels, np.arange(len(levels), dtype=float)
    given = {str(level): float(score) for level, score in scores.items()}
    places = np.array([given.get(level, np.nan) for level in levels])
    if set(given) != set(levels) or not np.isfinite(places).all() or np.ptp(places) == 0:
        msg = (
            f"Cannot take a trend along {along!r}: the scores name {list(given)} and the levels are {levels}. "
            "Give each level a number, not all the same."
        )
        raise WrongUseError(msg)
    return levels, places
