"""Groups' estimates pulled towards their common mean, beside the estimates as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.estimate import Estimate

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray

FEWEST_GROUPS = 3
SPREAD = 0.15  # scale of the prior for differences in shares: 15 points
_STEPS, _REACH = 300, 6.0  # steps in the prior's scale, and scales that the grid reaches over
_FINE = 100.0  # steps in the smallest standard error
_TINY = 1e-3  # standard error over the prior's scale under which there is nothing to shrink
_SINGULAR = 1e-12  # relative size under which an eigenvalue counts as zero
_BEYOND, _LOST = 0.95, 1e-6  # last part of the grid, and the probability there over which it does not reach far enough
_BISECTIONS = 55
_ADDED = ("shrunk", "shrunk_std_error", "shrunk_low", "shrunk_high", "tau")


@dataclass(frozen=True, slots=True, eq=False)
class Shrinkage:
    """Estimates of k groups as they are and pulled together.

    Attributes
    ----------
    table : DataFrame of k rows
        Labels; estimate, std_error, conf_low, conf_high (raw); shrunk, shrunk_std_error, shrunk_low, shrunk_high
        (posterior mean, standard deviation and equal-tailed interval); tau (posterior mean, the same in every row);
        refused (why a group has no shrunk estimate).
    footnote : str
        What the shrunk estimates suppose; belongs under every table of them.
    """

    table: pd.DataFrame
    footnote: str

    def __repr__(self) -> str:
        with pd.option_context("display.width", 160, "display.max_columns", 30, "display.precision", 4):
            return f"{self.table!r}\n{self.footnote}"


def shrinkage(
    estimate: Estimate | pd.DataFrame, *, vcov: FloatArray | None = None, prior: float = SPREAD, level: float = 0.95
) -> Shrinkage:
    """Shrink groups' estimates towards their common mean by as much as they allow.

    Parameters
    ----------
    estimate : Estimate or DataFrame
        One row a group and nothing else: no total and no differences between the groups. A frame has the columns
        estimate and std_error, and refused where some have none.
    vcov : ndarray of shape (k, k), optional
        Covariance matrix of a frame's estimates, where groups share recruitment sites; by default they are independent.
        An Estimate brings its own.
    prior : float, default 0.15
        Scale of the half-normal prior of tau, the standard deviation of the groups' true values, in the estimates'
        unit. The default is for shares and differences in shares.
    level : float, default 0.95
        Probability that the interval of a shrunk estimate holds.

    Returns
    -------
    Shrinkage
        Refused with a reason, group by group, where an estimate or its standard error is missing; altogether with
        fewer than 3 groups left, where a row follows from others, or where the groups lie further apart than the prior
        can hold.

    Raises
    ------
    WrongUseError
        If a frame lacks a column, the covariance matrix does not fit, or the prior or level is impossible.

    Notes
    -----
    E | theta ~ N(theta, S), theta_g ~ N(mu, tau^2), mu flat, tau half-normal. With V = S + tau^2 I and
    mu(tau) = 1'V^-1 E / 1'V^-1 1: p(tau | E) is proportional to p(tau) |V|^-1/2 (1'V^-1 1)^-1/2
    exp(-(E - mu)'V^-1 (E - mu) / 2), on a grid of steps of prior / 300 (or a hundredth of the smallest standard error,
    if that is less) up to 6 prior. Given tau, theta has mean mu + tau^2 V^-1 (E - mu) and covariance tau^2 S V^-1 +
    (S V^-1 1)(S V^-1 1)' / 1'V^-1 1. Standard errors count as known: with few degrees of freedom the intervals are too
    narrow.

    References
    ----------
    Gelman, Carlin, Stern, Dunson, Vehtari & Rubin (2013), *Bayesian Data Analysis*, 3rd ed., sec. 5.4; Gelman (2006),
    *Bayesian Analysis* 1, 515-534, for half-normal priors of few groups' scale.
    """
    if not 0 < prior < np.inf:
        msg = f"Cannot shrink with prior={prior}: it is the scale of the groups' scatter in their unit, over 0."
        raise WrongUseError(msg)
    if not 0 < level < 1:
        msg = f"Cannot make an interval at level {level}; levels lie between 0 and 1, as in level=0.95."
        raise WrongUseError(msg)
    raw, covariance = _raw(estimate, vcov, level)
    reasons = _reasons(raw, covariance, prior)
    usable = np.array([not reason for reason in reasons], dtype=bool)
    footnote = (
        "Shrunk estimates suppose that the groups' true values scatter normally about a common mean: flat prior for "
        f"the mean, half-normal({prior:g}) prior for the scatter tau, standard errors taken as known. They stand "
        "beside the raw estimates, and do not show that groups are alike."
    )
    found = np.full((len(raw), len(_ADDED)), np.nan)
    whole = _whole_reason(covariance, usable)
    if not whole:
        posterior = _posterior(raw["estimate"].to_numpy(dtype=float)[usable], covariance[np.ix_(usable, usable)], prior)
        whole = posterior.refused(prior)
        found[usable] = posterior.summary(level) if not whole else np.nan
    table = raw.drop(columns="refused").assign(
        **dict(zip(_ADDED, found.T, strict=True)), refused=[reason or whole for reason in reasons]
    )
    return Shrinkage(table, footnote)


def _raw(estimate: Estimate | pd.DataFrame, vcov: FloatArray | None, level: float) -> tuple[pd.DataFrame, FloatArray]:
    """Labels and raw figures, and their covariance matrix, shape (k, k)."""
    if isinstance(estimate, Estimate):
        if vcov is not None:
            raise WrongUseError("Cannot shrink with vcov=: an Estimate has its own covariance matrix. Leave vcov out.")
        kept = [*estimate.labels.columns, "estimate", "std_error", "conf_low", "conf_high", "refused"]
        return estimate.to_frame(level=level)[kept], estimate.vcov
    absent = [name for name in ("estimate", "std_error") if name not in estimate.columns]
    if absent:
        msg = f"Cannot shrink: the frame has no column {absent}; it has {list(map(str, estimate.columns))}."
        raise WrongUseError(msg)
    frame = estimate.reset_index(drop=True)
    value, error = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("estimate", "std_error"))
    covariance = np.diag(error**2) if vcov is None else np.asarray(vcov, dtype=float)
    if covariance.shape != (len(frame), len(frame)) or not np.allclose(np.diag(covariance), error**2, equal_nan=True):
        msg = f"Cannot shrink: vcov has to be {len(frame)} x {len(frame)}, with the squared standard errors diagonal."
        raise WrongUseError(msg)
    half = ndtri((1 + level) / 2) * error
    limits = (
        frame
        if {"conf_low", "conf_high"} <= set(frame.columns)
        else frame.assign(conf_low=value - half, conf_high=value + half)
    )
    refused = frame["refused"].fillna("") if "refused" in frame.columns else [""] * len(frame)
    figures = ["estimate", "std_error", "conf_low", "conf_high"]
    labels = [name for name in frame.columns if name not in {*figures, "refused"}]
    return limits[[*labels, *figures]].assign(refused=refused), covariance


def _reasons(raw: pd.DataFrame, covariance: FloatArray, prior: float) -> list[str]:
    """Why a group can't be shrunk, or nothing."""
    value, variance = raw["estimate"].to_numpy(dtype=float), np.diag(covariance)
    reasons: list[str] = []
    for known, one, spread in zip(raw["refused"], value.tolist(), variance.tolist(), strict=True):
        if known:
            reasons.append(str(known))
        elif not np.isfinite(one):
            reasons.append("no estimate")
        elif not spread > 0 or not np.isfinite(spread):
            reasons.append("no standard error: its uncertainty is unknown")
        elif spread <= (_TINY * prior) ** 2:
            reasons.append("its standard error is a thousandth of the prior's scale or less: nothing to shrink")
        else:
            reasons.append("")
    return reasons


def _whole_reason(covariance: FloatArray, usable: BoolArray) -> str:
    """Why none of the groups can be shrunk, or nothing."""
    if int(usable.sum()) < FEWEST_GROUPS:
        return (
            f"fewer than {FEWEST_GROUPS} groups have an estimate and a standard error: how far groups differ is unknown"
        )
    values = np.linalg.eigvalsh(covariance[np.ix_(usable, usable)])
    if values[0] <= _SINGULAR * values[-1]:
        return "a group's figure follows from the others' (a total, or a difference between groups): give groups alone"
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class _Posterior:
    """Scatter on a grid of t values, and the groups' means and standard deviations given each; k groups.

    Attributes
    ----------
    tau, weight : ndarray of shape (t,)
        Weights add up to 1.
    mean, std_dev : ndarray of shape (t, k)
    """

    tau: FloatArray
    weight: FloatArray
    mean: FloatArray
    std_dev: FloatArray

    def refused(self, prior: float) -> str:
        """Why the grid does not hold the answer, or nothing."""
        if self.weight[self.tau >= _BEYOND * self.tau[-1]].sum() <= _LOST:
            return ""
        return f"the groups differ by far more than a prior of scale {prior:g} expects: is it in the estimates' unit?"

    def summary(self, level: float) -> FloatArray:
        """Mean, standard deviation and limits of every group, and the mean of tau; shape (k, 5)."""
        mean = self.weight @ self.mean
        spread = np.sqrt(self.weight @ (self.std_dev**2 + (self.mean - mean) ** 2))
        low, high = (self._quantile(tail) for tail in ((1 - level) / 2, (1 + level) / 2))
        return np.column_stack([mean, spread, low, high, np.full(mean.size, self.weight @ self.tau)])

    def _quantile(self, tail: float) -> FloatArray:
        """Quantile of every group's mixture of normal distributions, by bisection."""
        reach = (abs(float(ndtri(tail))) + 1) * self.std_dev
        low = np.asarray((self.mean - reach).min(axis=0), dtype=np.float64)
        high = np.asarray((self.mean + reach).max(axis=0), dtype=np.float64)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            below = self.weight @ ndtr((middle - self.mean) / self.std_dev) < tail
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2


def _posterior(value: FloatArray, covariance: FloatArray, prior: float) -> _Posterior:
    """Work out the posterior on the grid; the covariance matrix is turned to its axes once."""
    step = min(prior / _STEPS, float(np.sqrt(np.diag(covariance).min())) / _FINE)
    tau = np.arange(1, round(_REACH * prior / step) + 1, dtype=np.float64) * step
    own, axes = np.linalg.eigh(covariance)
    along, ones = axes.T @ value, axes.sum(axis=0)
    precision = 1 / (own + tau[:, None] ** 2)
    information = precision @ ones**2
    centre = precision @ (along * ones) / information
    apart = along - centre[:, None] * ones
    log_weight = (np.log(precision).sum(axis=1) - (precision * apart**2).sum(axis=1) - np.log(information)) / 2
    log_weight -= tau**2 / (2 * prior**2)
    weight = np.exp(log_weight - log_weight.max())
    squared = tau[:, None] ** 2
    pulled = own * precision  # how much of each axis goes to the mean
    mean = centre[:, None] + (squared * precision * apart) @ axes.T
    variance = (squared * pulled) @ (axes**2).T + ((pulled * ones) @ axes.T) ** 2 / information[:, None]
    return _Posterior(tau, weight / weight.sum(), mean, np.sqrt(variance))
