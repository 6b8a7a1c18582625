"""Shares of one group in many waves at once, by the formulas that one wave's estimate uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation import intervals
from lpact_eval.estimation.variance import calibrated, calibration_inflation, cr2_leverage, sum_rows
from lpact_eval.sample import Design

if TYPE_CHECKING:
    from lpact_eval.planning.rakings import Raked
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_EXACT_FIT = 1e-6  # a leverage nearer to 1 than this means residual 0, as in estimation.variance
_RANK = 1e-11  # as in estimation.variance


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A share in R waves, with what the interval of its change needs; all of shape (R,).

    Attributes
    ----------
    value, variance : ndarray
    n, base, units : ndarray
        Answers, effective answers, sampling units with an answer.
    trace, product : ndarray
        Satterthwaite's moments.
    given : ndarray, int
        Unweighted number with the answer.
    failed : ndarray, bool
        Waves that could not be raked or have no share.
    """

    value: FloatArray
    variance: FloatArray
    n: FloatArray
    base: FloatArray
    units: FloatArray
    trace: FloatArray
    product: FloatArray
    given: FloatArray
    failed: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """R waves of as many people each, those who did not take part with weight 0; N people a wave.

    Attributes
    ----------
    answer : ndarray of shape (R, N)
        1 with the answer, 0 without; NaN where the question was left out.
    weight : ndarray of shape (R, N)
        Raked.
    before : ndarray of shape (R, N)
        Weights before raking.
    cell : ndarray of shape (R, N), int
        Cell of each person in the raking.
    site : ndarray of shape (R, N), int, or None
        Recruitment site; None where every person is a sampling unit.
    raked : Raked or None
    """

    answer: FloatArray
    weight: FloatArray
    before: FloatArray
    cell: IntArray
    site: IntArray | None
    raked: Raked | None


def side_of(waves: Waves, inside: BoolArray) -> Side:
    """Estimate the share of one group in each wave.

    Parameters
    ----------
    waves : Waves
    inside : ndarray of shape (N,), bool
        People of the group.

    Returns
    -------
    Side
        Of each wave what `proportion` gives by wave and group, with its default variance.

    Notes
    -----
    Every wave is a domain: `cr2_leverage` sees R disjoint ones. Residuals of the raking are taken cell by cell.

    References
    ----------
    Bell & McCaffrey (2002), *Survey Methodology* 28, 169-181; Deville & Särndal (1992), *JASA* 87, eq. 3.4.
    """
    count, people = waves.answer.shape
    asked = inside & (waves.weight > 0) & ~np.isnan(waves.answer)
    y = np.where(asked, np.nan_to_num(waves.answer), 0.0)
    w = np.where(asked, waves.weight, 0.0)
    total, squares, n = w.sum(axis=1), (w * w).sum(axis=1), asked.sum(axis=1).astype(float)
    safe = np.where(total > 0, total, 1.0)
    value = np.where(total > 0, (w * y).sum(axis=1) / safe, np.nan)
    error = np.where(asked, y - np.nan_to_num(value)[:, None], 0.0) / safe[:, None]
    wave: IntArray = np.repeat(np.arange(count, dtype=np.intp), people).reshape(count, people)
    adjusted, trace, product = _leverage(waves, np.where(asked, wave, -1), count)
    influence = adjusted * (error if waves.raked is None else _residual(waves, waves.raked, wave, error))
    if waves.site is None:
        variance, units = (influence * influence).sum(axis=1), n
    else:
        sites = int(waves.site.max()) + 1
        place = wave * sites + waves.site
        summed = np.bincount(place.ravel(), influence.ravel(), minlength=count * sites)
        variance = np.square(summed).reshape(count, sites).sum(axis=1)
        units = (np.bincount(place[asked], minlength=count * sites) > 0).reshape(count, sites).sum(axis=1).astype(float)
    kish = np.where(total > 0, total**2 / np.where(squares > 0, squares, 1.0), 0.0)
    crowding = np.ones(count) if waves.site is None else n / np.maximum(units, 1)
    failed: BoolArray = ~np.isfinite(value) | (units <= 1)
    if waves.raked is not None:
        failed |= waves.raked.failed
    base = intervals.share_base(value, variance, n=n, n_kish=kish, crowding=crowding)
    return Side(value, variance, n, base, units, trace, product, y.sum(axis=1), failed)


def _leverage(waves: Waves, domain: IntArray, count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """CR2-adjusted weights (R, N), and the moments of each wave (R,)."""
    flat = waves.weight.ravel()
    unit: IntArray = np.arange(flat.size, dtype=np.intp) if waves.site is None else waves.site.ravel()
    design = Design(flat, np.zeros(flat.size, dtype=np.intp), unit, np.zeros(flat.size))
    leverage = cr2_leverage(design, domain.ravel(), count)
    return leverage.weight.reshape(waves.weight.shape), leverage.trace, np.diag(leverage.product).copy()


def _residual(waves: Waves, raked: Raked, wave: IntArray, error: FloatArray) -> FloatArray:
    """Residuals from what raking explained, times the factor for the degrees of freedom that it used, (R, N)."""
    count, cells = raked.factor.shape
    place = wave * cells + waves.cell
    mass, total = (
        np.bincount(place.ravel(), values.ravel(), minlength=count * cells).reshape(count, cells)
        for values in (waves.before, waves.before * error)
    )
    fitted: FloatArray = np.zeros(mass.shape)
    leverage: FloatArray = np.zeros(mass.shape)
    for rows, pattern in raked.parts:
        x = pattern.auxiliary
        cross = np.matmul(x.T * mass[rows][:, None, :], x)
        inverse = np.asarray(np.linalg.pinv(cross, rcond=_RANK, hermitian=True), dtype=np.float64)
        spread = x @ inverse
        leverage[rows] = np.einsum("rcp,cp->rc", spread, x)
        fitted[rows] = np.matmul(spread, (total[rows] @ x)[:, :, None])[:, :, 0]
    h = waves.before * leverage[wave, waves.cell]
    return (error - fitted[wave, waves.cell]) / np.sqrt(np.where(h < 1 - _EXACT_FIT, 1 - h, 1.0))


def fixed_side(design: Design, answers: FloatArray, inside: BoolArray) -> Side:
    """Estimate the share of one group in a wave whose respondents stay and whose answers are drawn R times.

    Parameters
    ----------
    design : Design
        Of n respondents, with the calibration steps that made its weights.
    answers : ndarray of shape (n, R)
        NaN where the question was left out, which is the same in every draw.
    inside : ndarray of shape (n,), bool

    Returns
    -------
    Side
    """
    asked = inside & (design.weight > 0) & ~np.isnan(answers[:, 0])
    domain = np.where(asked, 0, -1).astype(np.intp)
    leverage = cr2_leverage(design, domain, 1)
    w = np.where(asked, design.weight, 0.0)
    y = np.where(asked[:, None], np.nan_to_num(answers), 0.0)
    value = w @ y / w.sum()
    error = np.where(asked[:, None], y - value, 0.0) / w.sum()
    weight = leverage.weight
    if design.calibration:
        error, weight = calibrated(error, design), weight * calibration_inflation(design)
    variance = np.square(sum_rows(weight[:, None] * error, design.psu, design.psu_count)).sum(axis=0)
    units = float(np.unique(design.psu[asked]).size)
    one = np.ones(value.size)
    n = float(asked.sum()) * one
    crowding = n / max(units, 1.0) if design.clustered else one
    base = intervals.share_base(value, variance, n=n, n_kish=w.sum() ** 2 / (w @ w) * one, crowding=crowding)
    failed: BoolArray = ~np.isfinite(value) | (units <= 1)
    moments = float(leverage.trace[0]) * one, float(leverage.product[0, 0]) * one
    return Side(value, variance, n, base, units * one, *moments, y.sum(axis=0), failed)


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """A change in R pairs of waves; all of shape (R,).

    Attributes
    ----------
    change, low, high, df : ndarray
    failed : ndarray, bool
    naive : ndarray, bool
        Whether the z test that knows neither weights nor sites says that there is a change.
    """

    change: FloatArray
    low: FloatArray
    high: FloatArray
    df: FloatArray
    failed: BoolArray
    naive: BoolArray


def change_of(first: Side, second: Side, level: float) -> Tested:
    """Compare two waves of different people.

    Parameters
    ----------
    first, second : Side
    level : float

    Returns
    -------
    Tested
        Newcombe's interval on effective numbers of answers with Satterthwaite's t, as `difference` gives it.
    """
    change = second.value - first.value
    bottom = first.product + second.product
    df = np.where(bottom > 0, (first.trace + second.trace) ** 2 / np.where(bottom > 0, bottom, 1.0), 0.0)
    limits = [
        intervals.wilson(side.value, side.base, df, level=level, variance=side.variance) for side in (second, first)
    ]
    low, high = intervals.newcombe(change, (second.value, *limits[0]), (first.value, *limits[1]))
    return Tested(change, low, high, df, first.failed | second.failed, _naive(first, second, level))


def _naive(first: Side, second: Side, level: float) -> BoolArray:
    """Pooled z test of two unweighted shares."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (first.given + second.given) / (first.n + second.n)
        error = np.sqrt(pooled * (1 - pooled) * (1 / first.n + 1 / second.n))
        distance = np.abs(second.given / second.n - first.given / first.n)
    z = float(intervals.t_quantile(np.array(np.inf), level))
    return np.asarray(distance > z * error, dtype=np.bool_)
