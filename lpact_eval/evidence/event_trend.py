"""Trends over events: whether they are held more often, and whether more people come to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.sample import FloatArray

TREND_EVENTS: Final = 8
TREND_PERIODS: Final = 3
YEAR_DAYS: Final = 365.25
_STEEPEST: Final = 200.0  # logarithm of a rate ratio a year beyond which nothing can be told apart
_BISECTIONS: Final = 100
_LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Trend:
    """A change a year with its 95 % interval; missing where refused.

    Attributes
    ----------
    value, low, high : float
    refused : str
        Why there is none; empty where there is one.
    """

    value: float
    low: float
    high: float
    refused: str = ""


def rate_trend(counts: FloatArray, exposure: FloatArray, years: FloatArray) -> Trend:
    """Estimate by how much the rate of events is multiplied a year.

    Parameters
    ----------
    counts, exposure, years : ndarray of shape (k,)
        Events of each period, its length in any unit, and its place in time in years.

    Returns
    -------
    Trend
        Ratio of rates a year apart; 1 is no change. Refused where all events fall in the first or the last period.

    Notes
    -----
    counts ~ Poisson(exposure exp(a + b years)). With a profiled out, l(b) = b sum(c x) - n log(sum(e exp(b x))): the
    likelihood of the counts given their total. The interval holds all b with 2 (l(best) - l(b)) up to 1.96 squared.

    References
    ----------
    Cox & Lewis (1966), *The Statistical Analysis of Series of Events*, sec. 3.3; McCullagh & Nelder (1989),
    *Generalized Linear Models*, 2nd ed., sec. 6.2.
    """
    seen = exposure > 0
    counts, exposure, years = counts[seen], exposure[seen], years[seen]
    total, moment = float(counts.sum()), float(counts @ years)
    if total <= 0 or not total * years.min() < moment < total * years.max():
        return _refused("all events fall in the first or the last half-year")
    shifted = years - years.mean()
    moment = float(counts @ shifted)

    def score(b: float) -> float:
        power = np.log(exposure) + b * shifted
        weight = np.exp(power - power.max())
        return moment - total * float(weight @ shifted / weight.sum())

    def likelihood(b: float) -> float:
        power = np.log(exposure) + b * shifted
        top = float(power.max())
        return b * moment - total * (top + float(np.log(np.exp(power - top).sum())))

    best = _root(score, -_STEEPEST, _STEEPEST)
    least = likelihood(best) - float(ndtri((1 + _LEVEL) / 2)) ** 2 / 2
    low = _root(lambda b: least - likelihood(b), -_STEEPEST, best)
    high = _root(lambda b: likelihood(b) - least, best, _STEEPEST)
    return Trend(float(np.exp(best)), float(np.exp(low)), float(np.exp(high)))


def rank_trend(values: FloatArray, years: FloatArray) -> Trend:
    """Estimate the change of a number a year by the median slope between two events.

    Parameters
    ----------
    values, years : ndarray of shape (n,)

    Returns
    -------
    Trend
        Refused where all events are on one day, or so many numbers or days are alike that there are no limits.

    Notes
    -----
    The limits are slopes whose ranks lie 1.96 standard deviations of Kendall's statistic, ties counted, to either side.

    References
    ----------
    Theil (1950), *Indagationes Mathematicae* 12, 85-91; Sen (1968), *JASA* 63, 1379-1389, eq. 2.6; Kendall (1970),
    *Rank Correlation Methods*, 4th ed., sec. 4.7, for ties.
    """
    first, second = np.triu_indices(len(values), 1)
    run = years[second] - years[first]
    apart = run != 0
    if not apart.any():
        return _refused("all events are on one day")
    slopes = np.sort((values[second] - values[first])[apart] / run[apart])
    reach = float(ndtri((1 + _LEVEL) / 2)) * _kendall_error(values, years)
    if reach <= 0 or reach > slopes.size:
        return _refused("too many events alike for a trend")
    high = min(round((slopes.size + reach) / 2), slopes.size - 1)
    low = max(round((slopes.size - reach) / 2) - 1, 0)
    return Trend(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


def _kendall_error(values: FloatArray, years: FloatArray) -> float:
    """Work out the standard deviation of Kendall's statistic where there is no trend."""
    n = float(len(values))
    t, u = (np.unique(one, return_counts=True)[1].astype(np.float64) for one in (values, years))
    lost = float((t * (t - 1) * (2 * t + 5)).sum() + (u * (u - 1) * (2 * u + 5)).sum())
    pairs = float((t * (t - 1)).sum() * (u * (u - 1)).sum())
    triples = float((t * (t - 1) * (t - 2)).sum() * (u * (u - 1) * (u - 2)).sum())
    variance = (n * (n - 1) * (2 * n + 5) - lost) / 18 + pairs / (2 * n * (n - 1))
    return float(np.sqrt(max(variance + triples / (9 * n * (n - 1) * (n - 2)), 0.0)))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Halve an interval at whose lower end a falling function is positive, or at whose upper end it is negative."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


def _refused(reason: str) -> Trend:
    """Give no trend, and say why."""
    return Trend(np.nan, np.nan, np.nan, reason)
