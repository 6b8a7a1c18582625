"""Robustness values: how much of attending and of the answer an unmeasured reason would have to explain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray

_NOTHING_LEFT = 1e-10  # share of a sum of squares under which nothing is left to explain


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How much an adjuster explains of what the other adjusters leave open.

    Attributes
    ----------
    name : str
    attended, outcome : float
        Partial R2 with attendance, and with the outcome given attendance; 0 to 1.
    """

    name: str
    attended: float
    outcome: float


@dataclass(frozen=True, slots=True)
class Remainder:
    """What a weighted regression of the outcome on attendance and the adjusters leaves open.

    Attributes
    ----------
    scale : float
        Standard deviation of what is left of attendance over that of what is left of the outcome: a coefficient times
        `scale` is Cohen's partial f.
    df : float
        Respondents minus coefficients.
    benchmarks : tuple of Benchmark
        In the order of the adjusters.
    """

    scale: float
    df: float
    benchmarks: tuple[Benchmark, ...]


def robustness_value(*, t: float, df: float, q: float = 1.0, alpha: float | None = None) -> float:
    """Say what share of attendance and outcome an unmeasured reason would have to explain to change the result.

    Parameters
    ----------
    t : float
        t value of the coefficient. With a CR2 t the result is approximate: f = t / sqrt(df) is exact for the classical
        standard error and the residual degrees of freedom.
    df : float
        Degrees of freedom, over 0; over 1 with `alpha`.
    q : float, default 1
        Part of the estimate that it would have to explain away.
    alpha : float, optional
        Then: so that the interval at level 1 - alpha would hold (1 - q) times the estimate.

    Returns
    -------
    float
        From 0 to 1: a reason that explains this share of what the adjusters leave open of both is just strong enough.

    Raises
    ------
    WrongUseError
        If an argument is outside its range.

    Notes
    -----
    f_q = q |t| / sqrt(df), f_c = t*(df - 1) / sqrt(df - 1), f = f_q - f_c; RV = (sqrt(f^4 + 4 f^2) - f^2) / 2, 0 where
    f is negative, and (f_q^2 - f_c^2) / (1 + f_q^2) where f_q > 1 / f_c.

    References
    ----------
    Cinelli & Hazlett (2020), *JRSS B* 82, 39-67, sec. 4; the second branch as in their R package sensemakr.

    Examples
    --------
    >>> round(robustness_value(t=3.2, df=70), 6), round(robustness_value(t=3.2, df=70, alpha=0.05), 6)
    (0.316261, 0.132544)
    """
    _check(t, df, q, alpha)
    critical = 0.0 if alpha is None else float(stdtrit(df - 1, 1 - alpha / 2)) / math.sqrt(df - 1)
    return robustness(q * abs(t) / math.sqrt(df), critical)


def _check(t: float, df: float, q: float, alpha: float | None) -> None:
    """Refuse arguments outside their range."""
    least = 0 if alpha is None else 1
    if not (math.isfinite(t) and math.isfinite(df) and df > least):
        msg = (
            f"Cannot work out a robustness value of t={t} with df={df}; t is a number, and the degrees of freedom are "
            f"over {least}{'' if alpha is None else ' with alpha'}."
        )
        raise WrongUseError(msg)
    if not (math.isfinite(q) and q > 0) or not (alpha is None or 0 < alpha < 1):
        msg = f"Cannot work out a robustness value with q={q} and alpha={alpha}; q is over 0, alpha between 0 and 1."
        raise WrongUseError(msg)


def robustness(f: float, critical: float = 0.0) -> float:
    """Robustness value of Cohen's partial f, and of its critical value where the interval is meant."""
    left = f - critical
    if left <= 0:
        return 0.0
    if f * critical > 1:
        return (f**2 - critical**2) / (1 + f**2)
    return 2 * left / (left + math.hypot(left, 2))  # (sqrt(f^4 + 4 f^2) - f^2) / 2 without its cancellation at large f


def remainder(
    outcome: FloatArray, attended: BoolArray, weight: FloatArray, *, adjusters: FloatArray, groups: Sequence[str]
) -> Remainder | None:
    """Find what is left open in one domain, and what each adjuster explains of it.

    Parameters
    ----------
    outcome : ndarray of shape (n,)
    attended : ndarray of shape (n,), bool
    weight : ndarray of shape (n,)
        Over 0.
    adjusters : ndarray of shape (n, p)
        Without a constant.
    groups : sequence of p str
        Adjuster that each column belongs to.

    Returns
    -------
    Remainder or None
        None where attendance or the outcome is explained in full, or fewer than two degrees of freedom are left.

    Notes
    -----
    Partial R2 of a group of columns: the part by which they reduce the weighted residual sum of squares.
    """
    root = np.sqrt(weight)
    y, d = root * outcome, root * attended
    full = root[:, None] * np.column_stack([np.ones(outcome.size), adjusters])
    full = full / np.maximum(np.linalg.norm(full, axis=0), np.finfo(float).tiny)  # no unit decides what is rounding
    both = np.column_stack([full, d])
    left_d, left_y = _left(d, full), _left(y, both)
    df = float(outcome.size - np.linalg.matrix_rank(both))
    if df <= 1 or _explained(left_d, d, root) or _explained(left_y, y, root):
        return None
    names = np.array(["", *groups])
    found: list[Benchmark] = []
    for name in dict.fromkeys(groups):
        others = full[:, names != name]
        without_d, without_y = _left(d, others), _left(y, np.column_stack([others, d]))
        found.append(Benchmark(name, _part(left_d, without_d), _part(left_y, without_y)))
    return Remainder(math.sqrt(left_d / left_y), df, tuple(found))


def _part(left: float, without: float) -> float:
    """Part of what is left without some columns that they explain; 0 where rounding is all there is."""
    return max(1 - left / without, 0.0) if without > 0 else 0.0


def _left(values: FloatArray, columns: FloatArray) -> float:
    """Sum of squares that the columns leave unexplained."""
    coefficients = np.linalg.lstsq(columns, values, rcond=None)[0]
    return float(np.square(values - columns @ coefficients).sum())


def _explained(left: float, values: FloatArray, root: FloatArray) -> bool:
    """Whether nothing is left of what varies about the weighted mean."""
    return left <= _NOTHING_LEFT * max(_left(values, root[:, None]), np.finfo(float).tiny)


def bound(benchmark: Benchmark, times: float) -> tuple[float, float] | None:
    """Bound what a reason that is `times` as strong as an adjuster could explain.

    Parameters
    ----------
    benchmark : Benchmark
    times : float
        Multiple of the adjuster's strength, with attendance and with the outcome alike.

    Returns
    -------
    tuple of two float, or None
        Largest partial R2 with attendance and with the outcome (1 at most); None where no reason can be so strong.

    Notes
    -----
    With r = R2 of the adjuster with attendance, s with the outcome, k = times: R2_D = k r / (1 - r),
    eta^2 = k r^2 / ((1 - k r)(1 - r)), R2_Y = ((sqrt k + eta) / sqrt(1 - eta^2))^2 s / (1 - s).

    References
    ----------
    Cinelli & Hazlett (2020), sec. 4.4.
    """
    r, s = benchmark.attended, benchmark.outcome
    if r >= 1 or s >= 1 or times * r >= 1:
        return None
    attended = times * r / (1 - r)
    shared = times * r**2 / ((1 - times * r) * (1 - r))
    if attended >= 1 or shared >= 1:
        return None
    outcome = (math.sqrt(times) + math.sqrt(shared)) ** 2 / (1 - shared) * s / (1 - s)
    return attended, min(outcome, 1.0)


def adjusted_for(
    value: float, std_error: float, left: Remainder, explained: tuple[float, float]
) -> tuple[float, float]:
    """Take from an estimate the most that a reason of a given strength could make up.

    Parameters
    ----------
    value, std_error : float
    left : Remainder
    explained : tuple of two float
        Partial R2 of the reason with attendance and with the outcome.

    Returns
    -------
    tuple of two float
        The estimate that would be left, and its t value (missing where nothing of the outcome would be left).

    Notes
    -----
    |bias| = sqrt(R2_Y R2_D / (1 - R2_D)) sd(Y left) / sd(D left); standard error times
    sqrt((1 - R2_Y) / (1 - R2_D) df / (df - 1)).

    References
    ----------
    Cinelli & Hazlett (2020), sec. 4: bias and standard error by partial R2.
    """
    attended, outcome = explained
    bias = math.sqrt(outcome * attended / (1 - attended)) / left.scale
    moved = math.copysign(1.0, value) * (abs(value) - bias)
    error = std_error * math.sqrt((1 - outcome) / (1 - attended) * left.df / (left.df - 1))
    return moved, moved / error if error > 0 else math.nan
