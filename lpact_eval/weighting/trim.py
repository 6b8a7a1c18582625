"""Trimming: no weight outside its bounds, nothing lost from the total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, Sample

_BISECTIONS = 200
_LARGEST = 1e300


def trim(sample: Sample, *, low: float | None = None, high: float | None = None, strict: bool = True) -> Sample:
    """Bring weights inside bounds and spread what was cut off over the others, in proportion to their weights.

    Parameters
    ----------
    sample : Sample
        n respondents; weights of 0 stay 0.
    low, high : float, optional
        Lowest and highest weight as multiples of the mean weight; low is under 1 and high over 1.
    strict : bool, default True
        Whether to go on until every weight lies inside; otherwise the excess is spread once.

    Returns
    -------
    Sample
        Same respondents and total. Calibration steps stay in the design, so that variances still credit them.

    Raises
    ------
    WrongUseError
        If no bound is given, or they do not bracket 1.

    References
    ----------
    Potter (1990), *Proc. Survey Research Methods, ASA*, 225-230; Lumley's trimWeights in R survey.
    """
    if (low is None and high is None) or not (low or 0.0) < 1 < (np.inf if high is None else high):
        msg = f"Cannot trim to low={low}, high={high}: give one or both as multiples of the mean weight around 1."
        raise WrongUseError(msg)
    weight = sample.design.weight
    used = weight > 0
    mean = float(weight[used].mean()) if used.any() else 0.0
    bounds = ((low or 0.0) * mean, np.inf if high is None else high * mean)
    trimmed = weight.copy()
    trimmed[used] = (_inside if strict else _spread_once)(weight[used], bounds)
    return sample.with_design(replace(sample.design, weight=trimmed))


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
    rest = weight.sum() - clipped[~free].sum()
    return np.where(free, weight * (rest / weight[free].sum()), clipped) if free.any() else clipped
