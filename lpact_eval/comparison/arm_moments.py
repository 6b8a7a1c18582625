"""How much of the chance variation of a doubly robust estimate its residuals show, and their degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.comparison.aipw import scores, tilts
from lpact_eval.estimation.moments import DomainMoments
from lpact_eval.estimation.variance import sum_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.comparison.aipw import Estimand, Group, Models
    from lpact_eval.sample import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ResidualMoments:
    """Covariance of the residuals' contributions under independent answers of variance 1; u sampling units, q columns.

    Attributes
    ----------
    whole : float
        Variance of the estimate: the sum of c_i^2.
    spread : ndarray of shape (u,)
    columns : ndarray of shape (u, q)
    middle : ndarray of shape (q, q)
        The covariance matrix G of the units' contributions is diag(spread) + columns middle columns'.
    """

    whole: float
    spread: FloatArray
    columns: FloatArray
    middle: FloatArray

    @property
    def diagonal(self) -> FloatArray:
        """Variance of each unit's contribution, shape (u,)."""
        return self.spread + np.einsum("uq,uq->u", self.columns @ self.middle, self.columns)

    def product(self, other: ResidualMoments) -> float:
        """Sum of the elementwise products of two matrices G."""
        cross = self.columns.T @ other.columns
        mine = np.einsum("uq,u,ur->qr", self.columns, other.spread, self.columns)
        theirs = np.einsum("uq,u,ur->qr", other.columns, self.spread, other.columns)
        return float(
            self.spread @ other.spread
            + (self.middle * mine).sum()
            + (other.middle * theirs).sum()
            + (cross @ other.middle @ cross.T * self.middle).sum()
        )


def residual_moments(group: Group, models: Models, estimand: Estimand, units: tuple[IntArray, int]) -> ResidualMoments:
    """Work out how residuals vary where the models of the answers are linear and the scores are given.

    Parameters
    ----------
    group : Group
        n respondents.
    models : Models
    estimand : str
        "ate" or "att".
    units : tuple
        Sampling unit of each respondent, shape (n,), and the number of units.

    Returns
    -------
    ResidualMoments

    Notes
    -----
    The estimate is sum c_i Y_i in each arm a, with h_i = w_i tilt_i over the weight of the target and
    c_i = h_i + w_i x_i' (sum_a w x x')^-1 (mean x of the target - sum_a h x): balanced weights. Residuals are
    (I - H) Y with H the arm's regression, so that sampling unit j contributes p_j'Y with p_j the sum over j of
    c_i (I - H)_i, and G = [p_j'p_k]. For ATT the attended are not modelled, and H is their mean.

    References
    ----------
    Bell & McCaffrey (2002), *Survey Methodology* 28, 169-181; Pustejovsky & Tipton (2018), *JBES* 36, 672-683, for
    variances of residuals under a working model.
    """
    tilt = tilts(group.treated, scores(group, models), estimand)
    target = np.ones_like(group.treated) if estimand == "ate" else group.treated
    reference = np.where(target, group.weight, 0.0) / group.weight[target].sum()
    parts: list[ResidualMoments] = []
    for arm in (False, True):
        members = group.treated == arm
        kept = models.answers[arm].kept
        if arm and estimand == "att":
            kept = np.arange(kept.size) == 0
        x = group.x[:, kept]
        aim = reference @ x
        weights = group.weight * tilt / group.weight[target].sum()
        parts.append(_arm(x[members], group.weight[members], (weights[members], aim), (units[0][members], units[1])))
    middle = np.zeros((sum(len(part.middle) for part in parts),) * 2)
    edge = len(parts[0].middle)
    middle[:edge, :edge], middle[edge:, edge:] = parts[0].middle, parts[1].middle
    return ResidualMoments(
        parts[0].whole + parts[1].whole,
        parts[0].spread + parts[1].spread,
        np.hstack([parts[0].columns, parts[1].columns]),
        middle,
    )


def _arm(
    x: FloatArray, weight: FloatArray, balanced: tuple[FloatArray, FloatArray], units: tuple[IntArray, int]
) -> ResidualMoments:
    """Moments of one arm: (I - H)(I - H)' = I - X B X'W - W X B X' + X B X'W^2 X B X'."""
    tilted, aim = balanced
    inverse = np.asarray(np.linalg.pinv(x.T @ (weight[:, None] * x), rcond=1e-12, hermitian=True), dtype=np.float64)
    effect = tilted + weight * (x @ (inverse @ (aim - tilted @ x)))
    plain, weighted = effect[:, None] * x, (effect * weight)[:, None] * x
    squared = inverse @ (x.T @ (np.square(weight)[:, None] * x)) @ inverse
    return ResidualMoments(
        float(effect @ effect),
        sum_rows(np.square(effect)[:, None], *units)[:, 0],
        sum_rows(np.hstack([plain, weighted]), *units),
        np.asarray(np.block([[squared, -inverse], [-inverse, np.zeros_like(inverse)]]), dtype=np.float64),
    )


def shown(moments: ResidualMoments, variance: FloatArray) -> float:
    """Share of the estimate's variance that replicates of the residuals show, given each unit's variance, (u,)."""
    return float((variance * moments.diagonal).sum()) / moments.whole


def freedom(groups: Sequence[ResidualMoments | None]) -> DomainMoments:
    """Satterthwaite's moments of several groups' estimates, whose expected variances are those of the working model.

    All have the same sampling units; nothing is known of a group without models.
    """
    count = len(groups)
    whole, product = np.zeros(count), np.zeros((count, count))
    known = [(place, one, one.whole / float(one.diagonal.sum())) for place, one in enumerate(groups) if one is not None]
    for row, first, scale in known:
        whole[row] = first.whole
        for column, second, other in known:
            product[row, column] = scale * other * first.product(second)
    return DomainMoments(np.arange(count), whole, product)
