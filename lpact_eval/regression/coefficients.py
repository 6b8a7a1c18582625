"""Coefficients of a solved regression as an estimate: influence of every sampling unit, bases, degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.replicated import linear_influence
from lpact_eval.estimation.variance import CR2_CLUSTERS, calibrated, calibration_inflation, design_df, sum_rows
from lpact_eval.regression.fitting import blocks_of, go_over, slope_of
from lpact_eval.regression.leverage import Equations, FixedMoments, corrected_scores, moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lpact_eval.estimation.estimate import Moments, Variance
    from lpact_eval.regression.fitting import Problem
    from lpact_eval.regression.terms import Model
    from lpact_eval.sample import Design, FloatArray, IntArray, Sample

_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A solved regression; n complete respondents, p coefficients.

    Attributes
    ----------
    problem : Problem
    value : ndarray of shape (p,)
    mean : ndarray of shape (n,)
        Fitted means.
    bread : ndarray of shape (p, p)
        B = (sum of w_i mu'_i x_i x_i')^-1.
    """

    problem: Problem
    value: FloatArray
    mean: FloatArray
    bread: FloatArray

    @staticmethod
    def of(problem: Problem, value: FloatArray) -> Solution:
        """Take the information at the solution."""
        mean = np.empty_like(problem.outcome)
        bread = np.asarray(np.linalg.inv(go_over(problem, value, mean).information), dtype=np.float64)
        return Solution(problem, value, mean, (bread + bread.T) / 2)

    @property
    def residual(self) -> FloatArray:
        """Outcomes minus fitted means, shape (n,)."""
        return self.problem.outcome - self.mean

    @property
    def equations(self) -> Equations:
        """Estimating equations at the solution."""
        matrix, slope = self.problem.matrix, slope_of(self.problem.family, self.mean)
        return Equations(slope[:, None] * matrix, self.problem.weight[:, None] * matrix, slope, self.bread)


def taken(values: NDArray[_Number], rows: IntArray) -> NDArray[_Number]:
    """Keep some respondents' values, shape (n,), without a copy where all are kept."""
    return values if rows.size == values.size else values[rows]


def coefficients_of(sample: Sample, model: Model, solution: Solution, variance: Variance) -> Estimate:
    """Put coefficients, influence and bases together; variance as in `regress`."""
    design, rows, value = sample.design, model.rows, solution.value
    reached = np.bincount(taken(design.psu, rows), minlength=design.psu_count) > 0
    units = int(np.count_nonzero(reached))
    freedom = float(design_df(reached[:, None], design.psu_stratum)[0]) + 1 - value.size
    reason = ""
    if variance == "cr2" and units <= CR2_CLUSTERS:
        influence, working = _cr2_influence(sample, rows, solution)
        if units < 2:  # noqa: PLR2004 - one unit shows no variance
            reason = "no degrees of freedom: all answers come from one sampling unit"
    else:
        variance = "taylor"
        influence, working = _plain_influence(sample, rows, solution), FixedMoments(freedom)
        if freedom <= 0:
            reason = f"no degrees of freedom: {units} sampling units carry {value.size} coefficients"
    k, weight = value.size, solution.problem.weight
    return Estimate(
        named=Labels.of({"term": model.terms}),
        value=value,
        influence=influence,
        design=design,
        variance=variance,
        kind="other",
        n=np.full(k, float(rows.size)),
        n_kish=np.full(k, float(weight.sum() ** 2 / np.square(weight).sum())),
        reached=np.broadcast_to(reached[:, None], (reached.size, k)),
        crowding=np.full(k, rows.size / max(units, 1)),
        refused=(reason,) * k,
        working=Working(np.eye(k), working),
    )


def spread_to_units(sample: Sample, rows: IntArray, linearised: FloatArray) -> FloatArray:
    """Influence of each PSU or replicate, shape (m, k), of a linearised variable on the given rows, shape (n, k)."""
    design = sample.design
    everyone = np.zeros((len(sample), linearised.shape[1]))
    everyone[rows] = linearised
    if design.replicates is not None:
        return linear_influence(design, everyone)
    return sum_rows(design.weight[:, None] * calibrated(everyone, design), design.psu, design.psu_count)


def _plain_influence(sample: Sample, rows: IntArray, solution: Solution) -> FloatArray:
    """Influence of each PSU or replicate, shape (m, p), of the linearised variable B x_i (y_i - mu_i)."""
    design, matrix, residual = sample.design, solution.problem.matrix, solution.residual
    if design.calibration or design.replicates is not None:
        return spread_to_units(sample, rows, (matrix * residual[:, None]) @ solution.bread)
    psu, error = taken(design.psu, rows), solution.problem.weight * residual
    if design.psu_count == len(sample):
        return _of_rows(solution, error, psu, design.psu_count)
    sums = [np.bincount(psu, column * error, minlength=design.psu_count) for column in matrix.T]
    return np.column_stack(sums) @ solution.bread


def _of_rows(solution: Solution, error: FloatArray, psu: IntArray, units: int) -> FloatArray:
    """Influence where every respondent is a PSU, by blocks, shape (m, p)."""
    bread, columns = solution.bread, solution.problem.matrix.T
    influence = np.empty((bread.shape[0], units)) if psu.size == units else np.zeros((bread.shape[0], units))
    ordered = bool(psu.size == units and (psu[1:] > psu[:-1]).all())
    for block in blocks_of(psu.size, bread.shape[0]):
        influence[:, block if ordered else psu[block]] = bread @ (columns[:, block] * error[block])
    return influence.T


def _cr2_influence(sample: Sample, rows: IntArray, solution: Solution) -> tuple[FloatArray, Moments]:
    """Influence of each PSU with residuals corrected for leverage, shape (m, p), and the moments behind its df.

    What calibration explained is taken out of the residuals, and its degrees of freedom are given back, before they
    are corrected; the part that is not a residual of the respondent's own row keeps the plain weight.
    """
    design, equations, residual = sample.design, solution.equations, solution.residual
    units, cluster = np.unique(taken(design.psu, rows), return_inverse=True)
    corrected = corrected_scores(equations, cluster)
    influence = np.zeros((design.psu_count, solution.value.size))
    if design.calibration:
        rest, residual = _after_calibration(design, rows, solution)
        influence += rest
    influence[units] += sum_rows(corrected * residual[:, None], cluster, units.size)
    return influence, moments(equations, corrected, cluster)


def _after_calibration(design: Design, rows: IntArray, solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Influence, shape (m, p), of what calibration left that is no residual, and the residuals (n,) that it left."""
    everyone = np.zeros((design.weight.size, solution.value.size))
    matrix = solution.problem.matrix
    everyone[rows] = matrix * solution.residual[:, None]
    everyone = calibration_inflation(design)[:, None] * calibrated(everyone, design)
    residual = _own_part(matrix, everyone[rows], solution.bread)
    everyone[rows] -= matrix * residual[:, None]
    return sum_rows(design.weight[:, None] * everyone, design.psu, design.psu_count) @ solution.bread, residual


def _own_part(rows: FloatArray, scores: FloatArray, bread: FloatArray) -> FloatArray:
    """Find residuals, shape (n,), whose products with the model matrix come nearest the scores in the metric of B."""
    metric = rows @ bread
    length = (metric * rows).sum(axis=1)
    return np.divide((metric * scores).sum(axis=1), length, out=np.zeros_like(length), where=length > 0)
