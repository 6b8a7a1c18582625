"""Tests that agree with the intervals: one result type, p values by inversion, equivalence and non-inferiority."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import erf, ndtr, ndtri, stdtrit

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.estimate import Working

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray

_STEPS = 60
_CLOSE = 1e-14  # of a quantile, or of a limit to the value tested
_FARTHEST = 8.2  # standard errors: a level nearer to 1 is 1 to a computer
_ROOT_HALF = np.sqrt(0.5)
_NARROW = 0.9  # two one-sided tests at 5 % are the interval at 90 %


@dataclass(frozen=True, slots=True)
class Test:
    """A test statistic with its reference distribution and p value.

    Attributes
    ----------
    statistic : float
        On the scale of `symbol`; missing where refused.
    df : float or tuple of two float
        Degrees of freedom, a pair for F.
    p_value : float
        Missing where refused.
    method : str
        What was tested, and how.
    symbol : str
        "F", "t" or "chi-squared".
    n : int
        Answers that the test rests on.
    estimate, conf_low, conf_high : float or None
        Quantity tested with its interval at `level`, where the test is about one quantity.
    level : float or None
    refused : str
        Why there is no p value; empty where there is one.
    """

    statistic: float
    df: float | tuple[float, float]
    p_value: float
    method: str
    symbol: Literal["F", "t", "chi-squared"]
    n: int
    estimate: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    level: float | None = None
    refused: str = ""

    def __repr__(self) -> str:
        if self.refused:
            return f"Test({self.method}: refused, {self.refused}; n = {self.n})"
        freedom = self.df if isinstance(self.df, tuple) else (self.df,)
        shown = ", ".join(f"{value:.4g}" for value in freedom)
        p = f"p = {self.p_value:.4f}" if self.p_value >= 0.0001 else "p < 0.0001"  # noqa: PLR2004 - four digits shown
        parts = [f"{self.symbol}({shown}) = {self.statistic:.4f}", p, *self._quantity(), f"n = {self.n}"]
        return f"Test({self.method}: {', '.join(parts)})"

    def _quantity(self) -> list[str]:
        """Write the quantity tested with its interval, where there is one."""
        if self.estimate is None or self.level is None:
            return []
        return [f"estimate {self.estimate:.4f} ({self.conf_low:.4f} to {self.conf_high:.4f}, level {self.level:g})"]


def refused_test(method: str, symbol: Literal["F", "t", "chi-squared"], n: float, reason: str) -> Test:
    """Make a test that can't be done, with its reason."""
    df = (np.nan, np.nan) if symbol == "F" else np.nan
    return Test(np.nan, df, np.nan, method, symbol, int(n), refused=reason)


def interval_p_value(estimate: Estimate, *, null: float = 0.0) -> FloatArray:
    """Two-sided p value of each estimate as the error level at which its interval just reaches `null`.

    Parameters
    ----------
    estimate : Estimate
        k estimates.
    null : float, default 0.0
        Value tested, in the estimate's unit.

    Returns
    -------
    ndarray of shape (k,)
        p values; missing where the estimate is refused. An estimate and its p value never disagree about whether the
        interval holds `null`.

    Notes
    -----
    Inversion of the interval that `Estimate.to_frame` prints (for differences of shares Newcombe's), by the Illinois
    rule on the scale of the normal quantile, on which limits are nearly straight.

    References
    ----------
    Cox & Hinkley (1974), *Theoretical Statistics*, sec. 7.2; Dowell & Jarratt (1971), *BIT* 11, 168-174.
    """
    distance = np.abs(estimate.value - null)
    known = replace(estimate, working=Working(np.empty((len(estimate), 0)), _Known(estimate.df)))

    def beyond(quantile: FloatArray) -> FloatArray:
        """By how much `null` lies outside the interval."""
        lower, upper = known.limits(np.asarray(erf(quantile * _ROOT_HALF), dtype=float))
        return np.fmax(lower - null, null - upper)

    p = 2 * ndtr(-_crossing(beyond, distance))
    return np.where(np.isnan(distance) | np.isnan(estimate.df), np.nan, np.where(distance == 0, 1.0, p))


def _crossing(function: Callable[[FloatArray], FloatArray], start: FloatArray) -> FloatArray:
    """Find where functions that fall from `start` at 0 come to 0, shape (k,); the farthest level where they do not."""
    below, above = np.zeros_like(start), np.full_like(start, _FARTHEST)
    over, short = start, function(above)
    side = np.zeros_like(start)
    for _ in range(_STEPS):
        with np.errstate(divide="ignore", invalid="ignore"):
            guess = below + over * (above - below) / (over - short)
        guess = np.where((guess > below) & (guess < above), guess, (below + above) / 2)
        found = function(guess)
        now = np.where(found > 0, 1.0, -1.0)
        again = now == side
        over, short, side = (
            np.where(now > 0, found, np.where(again, over / 2, over)),
            np.where(now > 0, np.where(again, short / 2, short), found),
            now,
        )
        below, above = np.where(now > 0, guess, below), np.where(now > 0, above, guess)
        if not (np.minimum(above - below, np.abs(found)) > _CLOSE).any():
            break
    return np.where(side > 0, below, above)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Degrees of freedom that were worked out before, so that sixty bisections need not do it again."""

    values: FloatArray

    def df(self, loading: FloatArray) -> FloatArray:  # noqa: ARG002 - as `Moments`
        """Degrees of freedom of each estimate."""
        return self.values


def equivalence_test(estimate: Estimate, *, margin: float, null: float = 0.0) -> Test:
    """Test whether a quantity differs from `null` by less than a margin that matters (two one-sided tests).

    Parameters
    ----------
    estimate : Estimate
        One estimate, usually a change.
    margin : float
        Smallest difference that matters, over 0, in the estimate's unit; to be fixed before the data are read.
    null : float, default 0.0
        Middle of the range of equivalence; 0.5 for an ordinal shift.

    Returns
    -------
    Test
        p below .05 means that the 90 % interval, which the test carries, lies within null - margin to null + margin.
        The statistic is on the scale of t: of the two sides, the one nearer its margin.

    Raises
    ------
    WrongUseError
        If there are several estimates, or the margin is not over 0.

    Notes
    -----
    Shares and differences of shares: inversion of the interval that is printed (Wilson; Newcombe on effective n), so
    that test and interval agree. Others: p = max{P(T > (d + m) / s), P(T < (d - m) / s)}.

    References
    ----------
    Schuirmann (1987), *J. Pharmacokinetics and Biopharmaceutics* 15, 657-680.
    """
    _require_one(estimate, margin)
    above = _one_sided(estimate, null - margin, above=True)
    below = _one_sided(estimate, null + margin, above=False)
    return _margin_test(estimate, max(above, below), f"equivalence within {null:g} +- {margin:g}")


def noninferiority_test(
    estimate: Estimate, *, margin: float, null: float = 0.0, better: Literal["higher", "lower"] = "higher"
) -> Test:
    """Test whether a quantity is worse than `null` by less than a margin that matters (one-sided).

    Parameters, errors and method as in `equivalence_test`; `better` says which direction is the favourable one. p below
    .05 means that the unfavourable limit of the 90 % interval, which the test carries, keeps within the margin.
    """
    _require_one(estimate, margin)
    if better not in {"higher", "lower"}:
        msg = f"Cannot test with better={better!r}; there are 'higher' and 'lower'."
        raise WrongUseError(msg)
    bound = null - margin if better == "higher" else null + margin
    p = _one_sided(estimate, bound, above=better == "higher")
    return _margin_test(estimate, p, f"not {'below' if better == 'higher' else 'above'} {bound:g}")


def _require_one(estimate: Estimate, margin: float) -> None:
    """Refuse several estimates, and margins that are none."""
    if len(estimate) != 1:
        msg = (
            f"Cannot test {len(estimate)} estimates against one margin; choose one, as in "
            "equivalence_test(change.select(ethnicity='Black'), margin=0.1)."
        )
        raise WrongUseError(msg)
    if not margin > 0 or not np.isfinite(margin):
        msg = f"Cannot test with the margin {margin}; it is the smallest difference that matters, over 0."
        raise WrongUseError(msg)


def _one_sided(estimate: Estimate, bound: float, *, above: bool) -> float:
    """P value of the hypothesis that the value is not above (or below) a bound."""
    by_interval = estimate.kind in {"share", "probability"} or estimate.pair is not None
    both = interval_p_value(estimate, null=bound) if by_interval else estimate.p_value(bound)
    beyond = estimate.value[0] > bound if above else estimate.value[0] < bound
    return float(both[0] / 2 if beyond else 1 - both[0] / 2)


def _margin_test(estimate: Estimate, p: float, method: str) -> Test:
    """Put p value, t scale and the 90 % interval together."""
    n = int(estimate.n[0])
    if estimate.refused[0]:
        return refused_test(method, "t", n, estimate.refused[0])
    if np.isnan(p):
        return refused_test(method, "t", n, "no variance: the value is known by construction or everybody is alike")
    df = float(estimate.df[0])
    low, high = estimate.confint(level=_NARROW)
    return Test(
        statistic=-float(stdtrit(df, p) if np.isfinite(df) else ndtri(p)),
        df=df,
        p_value=p,
        method=method,
        symbol="t",
        n=n,
        estimate=float(estimate.value[0]),
        conf_low=float(low[0]),
        conf_high=float(high[0]),
        level=_NARROW,
    )
