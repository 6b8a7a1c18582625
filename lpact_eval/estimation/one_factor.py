"""One common factor fitted by maximum likelihood, and what each respondent contributes to omega."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray

_STEPS = 25  # Newton steps; one or two are enough from a converged start
_TIGHT = 1e-11  # score at which a fit to correlations is final
_CURVED = 1e-6  # least curvature at a maximum that is one point; below it, other loadings fit as well
_HEYWOOD = 1e-4  # share of an item's variance under which its uniqueness counts as zero


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """Loadings and uniquenesses of k items.

    Attributes
    ----------
    loading, uniqueness : ndarray of shape (k,)
        Sigma = loading loading' + diag(uniqueness).
    """

    loading: FloatArray
    uniqueness: FloatArray

    @property
    def precision(self) -> FloatArray:
        """Inverse of Sigma, shape (k, k)."""
        implied = np.outer(self.loading, self.loading) + np.diag(self.uniqueness)
        return np.asarray(np.linalg.inv(implied), dtype=np.float64)

    def in_units(self, spread: FloatArray) -> OneFactor:
        """Turn a fit to correlations into one to covariances; maximum likelihood does not depend on the units."""
        return OneFactor(self.loading * spread, self.uniqueness * spread**2)


def omega_influence(items: FloatArray, weight: FloatArray) -> tuple[float, FloatArray, str]:
    """Estimate omega total of complete answers, and each respondent's influence on it.

    Parameters
    ----------
    items : ndarray of shape (n, k)
    weight : ndarray of shape (n,)

    Returns
    -------
    tuple of float, ndarray of shape (n,), str
        Omega, influence values z_i (weighted mean 0, by whose weighted mean omega moves), and why omega can't be
        given, or "".

    Notes
    -----
    omega = L^2 / (L^2 + Psi), L and Psi the sums of loadings and uniquenesses in the items' units. With g(theta, S)
    the score of the normal likelihood and H = dg / dtheta, dtheta_i = -H^-1 dg(theta, (x - xbar)(x - xbar)' - S).

    References
    ----------
    McDonald (1999), *Test Theory*, ch. 6; Hampel et al. (1986), *Robust Statistics*, sec. 2.3.
    """
    nothing = np.zeros(items.shape[0])
    if items.shape[0] <= items.shape[1]:
        return np.nan, nothing, "no more respondents than items answered all of them"
    centred = items - np.average(items, axis=0, weights=weight)
    covariance = np.asarray(np.cov(centred.T, aweights=weight, bias=True), dtype=np.float64)
    spread = np.sqrt(np.diag(covariance))
    if not (spread > 0).all():
        return np.nan, nothing, "an item does not vary"
    standard = fit_one_factor(covariance / np.outer(spread, spread))
    if standard is None:
        return np.nan, nothing, "one factor does not fit, or the items do not identify it"
    fit = standard.in_units(spread)
    value, gradient = _omega(fit)
    return value, _parameter_influence(fit, covariance, centred) @ gradient, ""


def fit_one_factor(correlation: FloatArray) -> OneFactor | None:
    """Fit one factor to correlations, shape (k, k); None where the likelihood has no inner maximum.

    `statsmodels` finds the maximum to about 1e-7; Newton steps on the score take it to machine precision, which the
    influence values need.
    """
    return _polished(_started(correlation), correlation)


def _polished(fit: OneFactor, correlation: FloatArray) -> OneFactor | None:
    """Take Newton steps until the score is 0."""
    for _ in range(_STEPS):
        if not fit.uniqueness.min() > _HEYWOOD:
            return None
        score, derivative = _score(fit, correlation), _score_derivative(fit, correlation)
        if float(np.abs(score).max()) < _TIGHT:
            return fit if float(np.linalg.eigvalsh(derivative).min()) > _CURVED else None
        step = np.linalg.solve(derivative, score)
        k = fit.loading.size
        fit = OneFactor(fit.loading - step[:k], fit.uniqueness - step[k:])
    return None


def _started(correlation: FloatArray) -> OneFactor:
    """Let statsmodels find the maximum, from the first principal axis."""
    from statsmodels.multivariate import factor  # noqa: PLC0415 - takes a second to import # pyright: ignore[reportMissingTypeStubs] - has none

    values, axes = np.linalg.eigh(correlation)
    axis = axes[:, -1] * np.sign(axes[:, -1].sum()) * np.sqrt(values[-1])
    unique = np.clip(1 - axis**2, 0.05, 0.95)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its doubts are settled by the Newton steps that follow
        model = factor.Factor(corr=correlation, n_factor=1, method="ml")
        found = model.fit(start=(axis[:, None], unique))  # pyright: ignore[reportUnknownMemberType] - no types
    loading = np.asarray(found.loadings, dtype=np.float64)[:, 0]  # pyright: ignore[reportUnknownMemberType] - no types
    uniqueness = np.asarray(found.uniqueness, dtype=np.float64)  # pyright: ignore[reportUnknownMemberType] - no types
    return OneFactor(loading * (1.0 if loading.sum() >= 0 else -1.0), uniqueness)


def _score(fit: OneFactor, covariance: FloatArray) -> FloatArray:
    """Differentiate log det Sigma + tr(S Sigma^-1) by loadings, then uniquenesses; shape (2k,)."""
    precision = fit.precision
    gap = precision - precision @ covariance @ precision
    return np.concatenate([2 * gap @ fit.loading, np.diag(gap)])


def _score_derivative(fit: OneFactor, covariance: FloatArray) -> FloatArray:
    """Differentiate the score by the parameters; shape (2k, 2k)."""
    precision, k = fit.precision, fit.loading.size
    seen = precision @ covariance @ precision
    gap = precision - seen
    columns: list[FloatArray] = []
    for j in range(2 * k):
        unit = np.asarray(np.eye(k)[j % k], dtype=np.float64)
        along = np.outer(unit, fit.loading) + np.outer(fit.loading, unit) if j < k else np.diag(unit)
        moved = precision @ along @ (seen - precision) + seen @ along @ precision
        by_loading = 2 * moved @ fit.loading + (2 * gap @ unit if j < k else 0.0)
        columns.append(np.concatenate([by_loading, np.diag(moved)]).astype(np.float64))
    return np.column_stack(columns)


def _omega(fit: OneFactor) -> tuple[float, FloatArray]:
    """Omega and its gradient by loadings, then uniquenesses, shape (2k,)."""
    common, own = float(fit.loading.sum()), float(fit.uniqueness.sum())
    total = common**2 + own
    k = fit.loading.size
    gradient = np.repeat([2 * common * own / total**2, -(common**2) / total**2], k)
    return common**2 / total, gradient


def _parameter_influence(fit: OneFactor, covariance: FloatArray, centred: FloatArray) -> FloatArray:
    """Influence of each respondent on the parameters, shape (n, 2k)."""
    precision = fit.precision
    seen = precision @ covariance @ precision
    projected = centred @ precision
    on_loading = projected * (projected @ fit.loading)[:, None] - seen @ fit.loading
    moved = np.hstack([2 * on_loading, projected**2 - np.diag(seen)])
    return np.asarray(np.linalg.solve(_score_derivative(fit, covariance), moved.T).T, dtype=np.float64)
