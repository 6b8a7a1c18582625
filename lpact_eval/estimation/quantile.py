"""Quantiles with Woodruff's interval: an interval for the share at or below, read back on the answers' scale."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.asked import with_asked
from lpact_eval.estimation.domains import domains_of
from lpact_eval.estimation.intervals import t_quantile
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.statistics import RatioParts, numbers_of, ratios_of

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import FloatArray, IntArray, Sample

_LEVEL = 0.95  # of the interval that the standard error is read off, as in R
_KNOWN = 1e-11  # standard error under which a share is known: everyone is at or below, or a raked margin


def quantile(
    sample: Sample,
    variable: str,
    q: float | Sequence[float],
    *,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the smallest answer that at least a share q of those who answered lie at or below.

    Parameters
    ----------
    sample : Sample
    variable : str
        Numeric variable; missing answers are left out.
    q : float or sequence of float
        Shares between 0 and 1, as in 0.5 for the median.
    by : str or sequence of str, default ()
        Domain variables.
    variance : str, default "cr2"
        As in `proportion`, of the share at or below the quantile.

    Returns
    -------
    Estimate
        Quantiles in the variable's unit; labels variable, "q" where several are asked for, and the domain variables.
        Refused where no interval exists: everyone answers at or below it, or too few answer on one side of it.

    Raises
    ------
    WrongUseError
        If a share is not between 0 and 1.
    EstimationError
        If the variable does not exist or is not numeric.

    Notes
    -----
    Woodruff's limits are the quantiles at the limits of the t interval of F(quantile), the share at or below the
    estimate (R svyquantile, qrule "math", interval.type "mean"); the standard error is half the 95 % interval over
    the t quantile. Influence is that of F(quantile), scaled to this standard error; the sign is reversed.

    References
    ----------
    Woodruff (1952), *JASA* 47, 635-646; Francisco & Fuller (1991), *Annals of Statistics* 19, 454-469;
    Hyndman & Fan (1996), *American Statistician* 50, 361-365, definition 1.
    """
    several = isinstance(q, Sequence)
    shares = np.atleast_1d(np.asarray(q, dtype=float))
    if not shares.size or not ((shares > 0) & (shares < 1)).all():
        msg = f"Cannot estimate the quantiles {shares.tolist()}: shares lie between 0 and 1, as in 0.5 for the median."
        raise WrongUseError(msg)
    values = numbers_of(sample, variable)
    domain, labels = domains_of(sample, by)
    inside = ~np.isnan(values) & (sample.design.weight > 0)
    curves = _curves(values, sample.design.weight, np.where(inside, domain, -1), len(labels))
    found = np.array([[curve.at(share) for share in shares] for curve in curves])
    at_or_below = (values[:, None] <= found[np.maximum(domain, 0)]).astype(float)
    names = tuple(f"{share:g}" for share in shares)
    parts = RatioParts(variable, at_or_below, ~np.isnan(values), "share", names)
    shares_below = with_asked(ratios_of(sample, parts, by, variance), sample, by)
    return _read_back(shares_below, found, curves, several=several)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Answers of a domain, sorted, and the weight at or below each, both of shape (n,)."""

    answer: FloatArray
    weight: FloatArray

    def at(self, share: float) -> float:
        """Smallest answer with at least this share at or below it; missing outside 0 to 1.

        Whether a cumulative share equals the one asked for is decided by rounding exactly as R decides it.
        """
        if not self.answer.size or not 0 <= share <= 1:
            return np.nan
        total = float(self.weight[-1])
        above = int(np.searchsorted(self.weight, share * total, side="right"))
        if above > 0 and share - float(self.weight[above - 1]) / total == 0:
            above -= 1
        return float(self.answer[min(above, self.answer.size - 1)])


@dataclass(frozen=True, slots=True, eq=False)
class Woodruff:
    """What Woodruff's limits are read off; k quantiles.

    Attributes
    ----------
    curves : tuple of Curve
        Cumulative shares of each quantile's domain.
    value, share, std_error : ndarray of shape (k,)
        Quantiles, the share at or below each and its standard error.
    """

    curves: tuple[Curve, ...]
    value: FloatArray
    share: FloatArray
    std_error: FloatArray

    def limits(self, level: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limits, each of shape (k,); missing where the share's interval leaves 0 to 1."""
        half = t_quantile(df, level) * self.std_error
        low = [curve.at(share) for curve, share in zip(self.curves, self.share - half, strict=True)]
        high = [curve.at(share) for curve, share in zip(self.curves, self.share + half, strict=True)]
        known = (self.std_error <= _KNOWN) & (df > 0)
        return np.where(known, self.value, low), np.where(known, self.value, high)

    def take(self, rows: IntArray) -> Woodruff:
        """Keep the quantiles at the given positions."""
        curves = tuple(self.curves[int(row)] for row in rows)
        return Woodruff(curves, self.value[rows], self.share[rows], self.std_error[rows])


def _curves(values: FloatArray, weight: FloatArray, domain: IntArray, domains: int) -> tuple[Curve, ...]:
    """Sort the answers of every domain and add up their weights, in R's precision; -1 is outside every domain."""
    order = np.lexsort((values, domain))
    edges = np.searchsorted(domain[order], np.arange(domains + 1))
    curves: list[Curve] = []
    for start, end in itertools.pairwise(edges.tolist()):
        rows = order[start:end]
        curves.append(Curve(values[rows], np.cumsum(weight[rows], dtype=np.longdouble).astype(np.float64)))
    return tuple(curves)


def _read_back(share: Estimate, found: FloatArray, curves: tuple[Curve, ...], *, several: bool) -> Estimate:
    """Turn shares at or below the quantiles into the quantiles."""
    each = tuple(curve for curve in curves for _ in range(found.shape[1]))
    woodruff = Woodruff(each, found.ravel(), share.value, share.std_error)
    df = share.df
    low, high = woodruff.limits(np.full(len(share), _LEVEL), df)
    with np.errstate(divide="ignore", invalid="ignore"):
        std_error = (high - low) / (2 * t_quantile(df, _LEVEL))
        slope = np.where(share.std_error > _KNOWN, std_error / share.std_error, 0.0)
    refused = tuple(
        reason or _reason(below, above, at_or_below)
        for reason, below, above, at_or_below in zip(share.refused, low, high, share.value, strict=True)
    )
    names = {"answer": "q"} if several else {"answer": ""}
    labels = {names.get(name, name): own for name, own in share.named.columns.items() if names.get(name, name)}
    return replace(
        share,
        named=Labels(labels, len(share)),
        value=found.ravel(),
        influence=-share.influence * np.nan_to_num(slope),
        kind="other",
        refused=refused,
        own=woodruff,
    )


def _reason(low: float, high: float, share: float) -> str:
    """Say why a quantile has no interval, or nothing."""
    if share >= 1 - _KNOWN:
        return "no interval: every answer lies at or below the quantile"
    side = "below" if np.isnan(low) else "above"
    return f"no interval: too few answers lie {side} the quantile" if np.isnan(low) or np.isnan(high) else ""
