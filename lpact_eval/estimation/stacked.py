"""Estimates under each other that keep their own intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.variance import within_strata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_LEVEL = 0.95  # of the intervals that nobody asks for


def stacked(parts: Sequence[Estimate]) -> Estimate:
    """Put estimates from one sample together, each with the interval it has alone.

    Parameters
    ----------
    parts : sequence of Estimate
        From the same respondents; weights may differ.

    Returns
    -------
    Estimate
        As `combine`, but the default intervals are those of the parts (Newcombe's for a difference of shares of
        separate units, t for one of shared units); the kind is the first part's.

    Raises
    ------
    WrongUseError
        If there is no estimate, or they come from different samples.
    """
    mixed = len({part.variance for part in parts}) > 1
    alike = [_prepared(part) for part in parts] if mixed else list(parts)
    places: IntArray = np.arange(sum(map(len, parts)), dtype=np.intp)
    return replace(combine(alike), kind=parts[0].kind, pair=None, own=PartLimits(tuple(parts), places))


def refused_where(estimate: Estimate, reasons: Sequence[str]) -> Estimate:
    """Refuse further estimates, each with its reason; an empty one refuses nothing.

    Parameters
    ----------
    estimate : Estimate
        k estimates.
    reasons : sequence of k str

    Returns
    -------
    Estimate
    """
    pairs = zip(estimate.refused, reasons, strict=True)
    refused = tuple("; ".join(dict.fromkeys(filter(None, pair))) for pair in pairs)
    dead: BoolArray = np.array([bool(reason) for reason in refused], dtype=np.bool_)
    return replace(estimate, refused=refused, value=np.where(dead, np.nan, estimate.value))


@dataclass(frozen=True, slots=True, eq=False)
class PartLimits:
    """Intervals of estimates that were put together.

    Attributes
    ----------
    parts : tuple of Estimate
    places : ndarray of shape (k,), int
        Position of each estimate among those of all parts.
    """

    parts: tuple[Estimate, ...]
    places: IntArray

    def limits(self, level: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limits, shape (k,); each part takes its own degrees of freedom, which are `df`."""
        asked = np.full(sum(map(len, self.parts)), _LEVEL)
        asked[self.places] = level
        low, high = np.full(asked.size, np.nan), np.full(asked.size, np.nan)
        start = 0
        for part in self.parts:
            inside = slice(start, start + len(part))
            low[inside], high[inside] = part.limits(asked[inside])
            start += len(part)
        known = ~np.isnan(df)
        return np.where(known, low[self.places], np.nan), np.where(known, high[self.places], np.nan)

    def take(self, rows: IntArray) -> PartLimits:
        """Keep the estimates at the given positions."""
        return PartLimits(self.parts, self.places[rows])


def _prepared(part: Estimate) -> Estimate:
    """Scale influence within strata beforehand, so that estimates of both variances have one covariance matrix."""
    if part.variance != "taylor":
        return part
    return replace(part, influence=within_strata(part.influence, part.design), variance="cr2")
