"""Trimming: no weight outside its bounds, nothing lost from the total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WeightingError, WrongUseError

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, Sample

_ROUNDS = 1_000
_ROUNDING = 1e-12  # relative distance from a bound that is rounding error


def trim(sample: Sample, *, low: float | None = None, high: float | None = None, strict: bool = True) -> Sample:
    """Bring weights inside bounds and spread what was cut off over the others, in proportion to their weights.

    Parameters
    ----------
    sample : Sample
        n respondents; weights of 0 stay 0.
    low, high : float, optional
        Lowest and highest weight as multiples of the mean weight; low is under 1 and high over 1.
    strict : bool, default True
        Whether to repeat until every weight lies inside; otherwise the excess is spread once.

    Returns
    -------
    Sample
        Same respondents and total. Calibration steps stay in the design, so that variances still credit them.

    Raises
    ------
    WrongUseError
        If no bound is given, or they do not bracket 1.
    WeightingError
        If no weights inside the bounds keep the total.

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
    trimmed[used] = _spread(weight[used], bounds, rounds=_ROUNDS if strict else 1)
    return sample.with_design(replace(sample.design, weight=trimmed))


def _spread(weight: FloatArray, bounds: tuple[float, float], *, rounds: int) -> FloatArray:
    """Clip and spread in turn; a weight that was clipped stays at its bound."""
    low, high = bounds
    total = weight.sum()
    current = weight
    fixed = np.zeros(weight.size, dtype=bool)
    for _ in range(rounds):
        outside = (current < low * (1 - _ROUNDING)) | (current > high * (1 + _ROUNDING))
        if not outside.any():
            break
        fixed |= outside
        current = np.clip(current, low, high)
        free = current[~fixed].sum()
        rest = total - current[fixed].sum()
        if free <= 0 or rest <= 0:
            msg = (
                f"Cannot trim: {int(fixed.sum())} of {weight.size} weights lie at a bound and the others cannot take "
                "up the difference. Widen the bounds."
            )
            raise WeightingError(msg)
        current = np.where(fixed, current, current * (rest / free))
    return current
