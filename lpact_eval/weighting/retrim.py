"""Keep the weights of many replicates inside their limits again, each as the whole sample's were kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.weighting.many import components, factors_alone, rotated
from lpact_eval.weighting.solver import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.sample import Calibration, FloatArray, IntArray, Trimming

_MET = 1e-12  # distance from the totals over the root of the total weight


def trim_again(step: Calibration, trimming: Trimming, weights: FloatArray) -> None:
    """Trim each row of `weights`, shape (R, n), in place, to multiples of its own mean over weights above 0."""
    from lpact_eval.weighting.trim import trimmed_weights  # noqa: PLC0415 - trimming itself carries replicates through

    inside = np.flatnonzero(step.weight_before > 0)
    for row in weights:
        row[inside] = trimmed_weights(row[inside], trimming)


def cap_again(step: Calibration, trimming: Trimming, met: FloatArray, weights: FloatArray) -> int:
    """Meet margins inside limits of the weights for each row of `weights`, shape (R, n), in place.

    Parameters
    ----------
    step : Calibration
    trimming : Trimming
    met : ndarray of shape (n,)
        Weights of the whole sample after the step.
    weights : ndarray of shape (R, n)
        The first row is the whole sample.

    Returns
    -------
    int
        Rows for which margins and limits can't both hold.
    """
    lost: set[int] = set()
    for group in _groups(step, met):
        for number, row in enumerate(weights):
            rows = group.rows[row[group.rows] > 0]
            factor = _capped(step, trimming, group, (step.cell[rows], row[rows]))
            if factor is None:
                lost.add(number)
            else:
                row[rows] *= factor
    return len(lost)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """One group of a step; c cells in all groups, q auxiliaries.

    Attributes
    ----------
    rows : ndarray, int
        Respondents.
    basis : ndarray of shape (c, q)
        Auxiliaries, orthonormal under the weights after the step.
    total : ndarray of shape (q,)
    persons : float
        Total weight after the step.
    """

    rows: IntArray
    basis: FloatArray
    total: FloatArray
    persons: float


def _groups(step: Calibration, met: FloatArray) -> Iterator[_Group]:
    """Split a step into the groups that it was taken in."""
    cells = step.auxiliary.shape[0]
    mass = np.bincount(step.cell, met, minlength=cells).astype(np.float64)
    for columns in components(step.auxiliary != 0):
        part = step.auxiliary[:, columns]
        inside = (part != 0).any(axis=1) & (mass > 0)
        basis = rotated(np.where(inside[:, None], part, 0.0), mass)
        yield _Group(np.flatnonzero(inside[step.cell]), basis, basis.T @ mass, float(mass[inside].sum()))


def _capped(
    step: Calibration, trimming: Trimming, group: _Group, respondents: tuple[IntArray, FloatArray]
) -> FloatArray | None:
    """Ratios of new to old weight that meet a group's totals inside the limits; None where there are none.

    Respondents are given by cell and weight; those of one cell and one weight are one, limits being the same ratio.
    """
    cell, weight = respondents
    if not weight.size:
        return None
    cells = step.auxiliary.shape[0]
    levels, level = np.unique(weight, return_inverse=True)
    present, place = np.unique(level * cells + cell, return_inverse=True)
    scale, mean = group.persons / weight.sum(), group.persons / weight.size
    start = levels[present // cells] * scale
    low, high = step.bounds or (0.0, np.inf)
    problem = Problem(
        group.basis[present % cells],
        np.bincount(place) * start,
        group.total,
        np.full(group.total.size, _MET * np.sqrt(group.persons)),
        low=np.maximum(trimming.low * mean / start, low),
        high=np.minimum(trimming.high * mean / start, high),
    )
    factor = factors_alone(problem)
    return None if factor is None else (factor * scale)[place]
