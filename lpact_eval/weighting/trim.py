"""Trimming: no weight outside its bounds, nothing lost from the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.sample import Calibration, Trimming
from lpact_eval.weighting.step import with_step

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, Sample

_BISECTIONS = 200
_LARGEST = 1e300
_ROUNDS = 10_000
_INSIDE = 1e-13  # relative to a bound: rounding of the additions


def trim(
    sample: Sample,
    *,
    low: float | None = None,
    high: float | None = None,
    strict: bool = True,
    spread: Literal["proportional", "equal"] = "proportional",
) -> Sample:
    """Bring weights inside bounds and spread what was cut off over the others.

    Parameters
    ----------
    sample : Sample
        n respondents; weights of 0 stay 0.
    low, high : float, optional
        Lowest and highest weight as multiples of the mean weight; low is under 1 and high over 1.
    strict : bool, default True
        Whether to go on until every weight lies inside; otherwise the excess is spread once.
    spread : str, default "proportional"
        Over the others in proportion to their weights, or in "equal" parts, as R's trimWeights does.

    Returns
    -------
    Sample
        Same respondents and total, one more step in the design, which records the share of the weight that moved.
        Earlier calibration steps stay, so that variances still credit them; margins are no longer met exactly
        (`rake` with trim= meets both).

    Raises
    ------
    WrongUseError
        If no bound is given, they do not bracket 1, or `spread` is something else.
    WeightingError
        If all weights are zero.

    References
    ----------
    Potter (1990), *Proc. Survey Research Methods, ASA*, 225-230; Lumley's trimWeights in R survey.
    """
    if (low is None and high is None) or not 0 <= (low or 0.0) < 1 < (np.inf if high is None else high):
        msg = f"Cannot trim to low={low}, high={high}: give one or both as multiples of the mean weight around 1."
        raise WrongUseError(msg)
    if spread not in {"proportional", "equal"}:
        msg = f"Cannot trim with spread={spread!r}: give 'proportional' or 'equal'."
        raise WrongUseError(msg)
    weight = sample.design.weight
    if not (weight > 0).any():
        raise WeightingError("Cannot trim: all weights are zero, so there is no mean to trim to.")
    trimming = Trimming(low or 0.0, np.inf if high is None else high, spread, strict)
    trimmed = trimmed_weights(weight, trimming)
    moved = float(np.abs(trimmed - weight).sum() / 2 / weight.sum())
    step = Calibration(
        np.zeros(weight.size, dtype=np.intp),
        np.zeros((1, 0)),
        weight,
        f"weights trimmed to {_words(low, high)} the mean",
        "trim",
        (trimming.low, trimming.high),
        trimmed=moved,
        trimming=trimming,
    )
    return with_step(sample, trimmed, step)


def trimmed_weights(weight: FloatArray, trimming: Trimming) -> FloatArray:
    """Trim weights to multiples of the mean of those above 0; the total stays.

    Parameters
    ----------
    weight : ndarray of shape (n,)
    trimming : Trimming
        "proportional" or "equal".

    Returns
    -------
    ndarray of shape (n,)
    """
    used = weight > 0
    mean = float(weight[used].mean()) if used.any() else 0.0
    bounds = (trimming.low * mean, trimming.high * mean)
    if trimming.spread == "equal":
        inside = _equal if trimming.strict else _equal_once
    else:
        inside = _inside if trimming.strict else _spread_once
    trimmed = weight.copy()
    trimmed[used] = inside(weight[used], bounds)
    return trimmed


def _words(low: float | None, high: float | None) -> str:
    """Bounds in words."""
    if low is None:
        return f"at most {high:g} times"
    return f"at least {low:g} times" if high is None else f"{low:g} to {high:g} times"


def _inside(weight: FloatArray, bounds: tuple[float, float]) -> FloatArray:
    """Scale all weights by the factor at which the clipped ones keep the total; it lies between the bounds' own."""
    low, high = bounds
    total = weight.sum()
    below, above = 0.0, 1.0
    while np.clip(above * weight, low, high).sum() < total and above < _LARGEST:
        above *= 2
    for _ in range(_BISECTIONS):
        middle = (below + above) / 2
        below, above = (middle, above) if np.clip(middle * weight, low, high).sum() < total else (below, middle)
    clipped = np.clip(above * weight, low, high)
    free = (clipped > low) & (clipped < high)
    rest = total - clipped[~free].sum()
    return np.where(free, clipped * (rest / clipped[free].sum()), clipped) if free.any() else clipped


def _spread_once(weight: FloatArray, bounds: tuple[float, float]) -> FloatArray:
    """Clip, and spread the difference over the weights that were not clipped."""
    clipped = np.clip(weight, *bounds)
    free = clipped == weight
    if not free.any():
        return _inside(weight, bounds)
    rest = weight.sum() - clipped[~free].sum()
    return np.where(free, weight * (rest / weight[free].sum()), clipped)


def _equal_once(weight: FloatArray, bounds: tuple[float, float]) -> FloatArray:
    """Clip, and give every weight that was not clipped the same part of the difference."""
    clipped = np.clip(weight, *bounds)
    free = np.abs(clipped - weight) <= _INSIDE * weight
    return clipped + free * ((weight - clipped).sum() / free.sum()) if free.any() else _inside(weight, bounds)


def _equal(weight: FloatArray, bounds: tuple[float, float]) -> FloatArray:
    """Repeat until all lie inside; a weight on its bound may take part again, and is cut again, as in R."""
    for _ in range(_ROUNDS):
        if (np.abs(np.clip(weight, *bounds) - weight) <= _INSIDE * weight).all():
            return weight
        weight = _equal_once(weight, bounds)
    return _inside(weight, bounds)
