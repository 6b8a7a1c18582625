"""Which interval for which quantity at which base; all on effective n with Student's t."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri, rel_entr, stdtr, stdtrit

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray

Interval = Literal["auto", "wald", "logit", "beta", "wilson", "likelihood"]

ASSUMED_ICC = 0.05  # intra-cluster correlation where a share of 0 or 1 shows none
_BISECTIONS = 60
_EDGE = 1e-12  # a share nearer to 0 or 1 than this is 0 or 1
_KNOWN = 1e-22  # variance under which a share is known by construction: a raked margin


def check(level: float, interval: str, *, share: bool) -> None:
    """Refuse levels and intervals that do not exist."""
    if not 0 < level < 1:
        msg = f"Cannot make an interval at level {level}; levels lie between 0 and 1, as in level=0.95."
        raise WrongUseError(msg)
    allowed = ["auto", "wald", "logit", "beta", "wilson", "likelihood"]
    if interval not in allowed:
        msg = f"Cannot make the interval {interval!r}; there are {allowed}."
        raise WrongUseError(msg)
    if not share and interval not in {"auto", "wald"}:
        msg = f"Cannot make the interval {interval!r}: it is for shares. Use 'auto' or 'wald' here."
        raise WrongUseError(msg)


def t_quantile(df: FloatArray, level: float | FloatArray) -> FloatArray:
    """Two-sided Student quantile; normal for infinite degrees of freedom, missing for none."""
    tail = 1 - (1 - level) / 2
    usable = np.isfinite(df) & (df > 0)
    quantile = stdtrit(np.where(usable, df, 1.0), tail)
    return np.where(usable, quantile, np.where(np.isposinf(df), ndtri(tail), np.nan))


def two_sided_p(distance: FloatArray, std_error: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p value of a t statistic; missing without degrees of freedom or standard error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(np.where(std_error > 0, distance / std_error, np.nan))
    usable = np.isfinite(df) & (df > 0)
    p = 2 * stdtr(np.where(usable, df, 1.0), -statistic)
    return np.where(usable, p, np.where(np.isposinf(df), 2 * ndtr(-statistic), np.nan))


def share_base(
    share: FloatArray, variance: FloatArray, *, n: FloatArray, n_kish: FloatArray, crowding: FloatArray
) -> FloatArray:
    """Effective n of shares: p(1-p)/variance, never above n.

    A share of 0 or 1 shows no variance: Kish's effective n over 1 + (answers a cluster - 1) x an assumed ICC.

    References
    ----------
    Korn & Graubard (1998), *Survey Methodology* 24, 193-201; Franco, Little, Louis & Slud (2019),
    *JSSAM* 7, 334-364.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = np.where(variance > _KNOWN, share * (1 - share) / variance, np.inf)
    edge = at_edge(share)
    assumed = n_kish / (1 + np.maximum(crowding - 1, 0) * ASSUMED_ICC)
    base = np.minimum(n, np.where(edge, assumed, shown))
    return np.where(np.isnan(variance) | np.isnan(share), np.nan, base)


def at_edge(share: FloatArray) -> BoolArray:
    """Whether shares are 0 or 1."""
    return (share <= _EDGE) | (share >= 1 - _EDGE)


def wilson(
    share: FloatArray, n_effective: FloatArray, df: FloatArray, *, level: float | FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval on the effective n with a t quantile.

    A share known by construction (a raked margin) has the interval of width 0; a share of 0 or 1 has one with width.

    References
    ----------
    Wilson (1927); Dean & Pagano (2015), *JSSAM* 3, 484-503, sec. 2.
    """
    q = t_quantile(df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = q**2 / n_effective
        centre = (share + ratio / 2) / (1 + ratio)
        half = q * np.sqrt(share * (1 - share) / n_effective + ratio / (4 * n_effective)) / (1 + ratio)
    inner = (share > _EDGE) & (share < 1 - _EDGE)
    half = np.where(inner & (variance <= _KNOWN), 0.0, half)
    centre = np.where(inner & (variance <= _KNOWN), share, centre)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def newcombe(
    difference: FloatArray,
    first: tuple[FloatArray, FloatArray, FloatArray],
    second: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Interval of a difference of two independent shares from the limits of each (MOVER).

    Parameters
    ----------
    difference : ndarray of shape (k,)
        First minus second.
    first, second : tuple of three ndarray of shape (k,)
        Share, lower limit, upper limit.

    References
    ----------
    Newcombe (1998), *Statistics in Medicine* 17, 873-890, method 10; Zou & Donner (2008).
    """
    p1, low1, high1 = first
    p2, low2, high2 = second
    low = difference - np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = difference + np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def below_one(
    value: FloatArray, std_error: FloatArray, df: FloatArray, level: float | FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Interval of a coefficient that cannot exceed 1, symmetric on the scale log(1 - value), with t.

    References
    ----------
    Bonett (2002), *J. Educational and Behavioral Statistics* 27, 335-340.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        half = t_quantile(df, level) * std_error / (1 - value)
    return 1 - (1 - value) * np.exp(half), 1 - (1 - value) * np.exp(-half)


def symmetric(
    value: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    *,
    level: float | FloatArray,
    interval: Interval,
    base: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Wald interval in the value's own scale, on the logit scale, or Korn and Graubard's beta interval.

    `base` holds n and the effective n.

    References
    ----------
    Korn & Graubard (1998), *Survey Methodology* 24, 193-201, sec. 2.
    """
    q = t_quantile(df, level)
    if interval == "likelihood":
        return _likelihood(value, std_error, q, base)
    if interval == "beta":
        return _korn_graubard(value, std_error, df, level=level, base=base)
    if interval == "logit":
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # what overflows is 0, as it should be
            logit = np.log(value / (1 - value))
            half = q * std_error / (value * (1 - value))
            return 1 / (1 + np.exp(-(logit - half))), 1 / (1 + np.exp(-(logit + half)))
    return value - q * std_error, value + q * std_error


def _likelihood(
    share: FloatArray, std_error: FloatArray, q: FloatArray, base: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Shares whose scaled likelihood ratio against the estimate stays below the squared quantile, by bisection.

    2 n* (p log(p / x) + (1 - p) log((1 - p) / (1 - x))) = t^2 n / (n - 1) with n* = p(1 - p) / variance; the last
    factor is the dispersion of a quasi-binomial fit.

    References
    ----------
    Rao & Scott (1984), *Annals of Statistics* 12, 46-60; R survey's svyciprop(method = "likelihood").
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(std_error > 0, share * (1 - share) / std_error**2, base[1]) * (1 - 1 / base[0])
    inside = [share.copy(), share.copy()]
    outside = [np.zeros_like(share), np.ones_like(share)]
    for _ in range(_BISECTIONS):
        for side in (0, 1):
            middle = (inside[side] + outside[side]) / 2
            ratio = 2 * scaled * (rel_entr(share, middle) + rel_entr(1 - share, 1 - middle))
            near = ratio <= q**2
            inside[side] = np.where(near, middle, inside[side])
            outside[side] = np.where(near, outside[side], middle)
    missing = np.isnan(share) | np.isnan(q) | np.isnan(scaled)
    low, high = (np.where(missing, np.nan, limit) for limit in inside)
    return low, high


def _korn_graubard(
    share: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    *,
    level: float | FloatArray,
    base: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Clopper-Pearson on the effective n, adjusted for degrees of freedom."""
    n, n_effective = base
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = np.where(std_error > 0, share * (1 - share) / std_error**2, n_effective)
        adjusted = shown * (t_quantile(n - 1, level) / t_quantile(df, level)) ** 2
    x = share * adjusted
    tail = (1 - level) / 2
    low = betaincinv(np.maximum(x, 1e-300), adjusted - x + 1, tail)
    high = betaincinv(x + 1, np.maximum(adjusted - x, 1e-300), 1 - tail)
    return np.where(share <= _EDGE, 0.0, low), np.where(share >= 1 - _EDGE, 1.0, high)
