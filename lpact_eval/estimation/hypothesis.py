"""Tests that agree with the intervals, and adjustment for asking several questions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray

_BISECTIONS = 60


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
    Inversion of the interval that `Estimate.to_frame` prints (for differences of shares Newcombe's), by bisection.

    References
    ----------
    Cox & Hinkley (1974), *Theoretical Statistics*, sec. 7.2.
    """
    distance = np.abs(estimate.value - null)
    low, high = np.zeros(len(estimate)), np.ones(len(estimate))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        lower, upper = estimate.limits(middle)
        outside = (lower > null) | (upper < null)
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    p = 1 - (low + high) / 2
    return np.where(np.isnan(distance) | np.isnan(estimate.df), np.nan, np.where(distance == 0, 1.0, p))


def adjust(
    p_values: Sequence[float] | FloatArray,
    *,
    method: Literal["holm", "BH"] = "holm",
) -> FloatArray:
    """Adjust p values for multiplicity.

    Parameters
    ----------
    p_values : sequence of float
        Missing ones stay missing and are not counted.
    method : str, default "holm"
        "holm" (family-wise error) or "BH" (false discovery rate).

    Returns
    -------
    ndarray
        Adjusted p values in the order given.

    Raises
    ------
    WrongUseError
        If the method is unknown or a value is not between 0 and 1.

    References
    ----------
    Holm (1979), *Scandinavian J. Statistics* 6, 65-70; Benjamini & Hochberg (1995), *JRSS B* 57, 289-300.
    """
    values = np.asarray(p_values, dtype=float)
    if method not in {"holm", "BH"}:
        msg = f"Cannot adjust by {method!r}; there are 'holm' and 'BH'."
        raise WrongUseError(msg)
    present = ~np.isnan(values)
    if ((values[present] < 0) | (values[present] > 1)).any():
        raise WrongUseError("Cannot adjust: p values lie between 0 and 1.")
    adjusted = np.full(values.shape, np.nan)
    adjusted[present] = _holm(values[present]) if method == "holm" else _benjamini_hochberg(values[present])
    return adjusted


def _holm(p: FloatArray) -> FloatArray:
    """Step-down Bonferroni."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(stepped, 1.0)
    return result


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Step-up false discovery rate."""
    order = np.argsort(p, kind="stable")[::-1]
    stepped = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(stepped, 1.0)
    return result
