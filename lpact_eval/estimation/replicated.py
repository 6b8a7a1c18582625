"""Estimates from replicate weights: deviations of the replicates in place of linearised influence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import EstimationError
from lpact_eval.estimation.estimate import Working
from lpact_eval.estimation.variance import design_df

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.replicate_weights import ReplicateWeights
    from lpact_eval.sample import BoolArray, Design, FloatArray, IntArray

_RANK_TOLERANCE = 1e-10  # of squared singular values, 1e-5 of the largest one, as in R's degf
_COLUMNS = 64  # statistics summed at once


def replicates_of(design: Design) -> ReplicateWeights:
    """Take the replicates of a design, refusing those of other weights than it has.

    Raises
    ------
    EstimationError
        If the sample was weighted again after it was replicated.
    """
    replicates = design.replicates
    if replicates is None:
        raise EstimationError("Cannot use replicate weights: the sample has none. Make them with replicate().")
    if replicates.full is not design.weight and not np.allclose(replicates.full, design.weight, rtol=1e-9, atol=0):
        msg = (
            "Cannot use the replicate weights: the sample's weights changed after they were made. Weight first and "
            "replicate then; replicate() re-runs the weighting inside each replicate."
        )
        raise EstimationError(msg)
    return replicates


def replicate_influence(replicates: ReplicateWeights, values: FloatArray, value: FloatArray) -> FloatArray:
    """Deviations sqrt(scale_r) (theta_r - theta), whose cross-products are the covariance matrix.

    Parameters
    ----------
    replicates : ReplicateWeights
    values : ndarray of shape (R, k)
        Estimates of the replicates.
    value : ndarray of shape (k,)
        Estimates of the whole sample.

    Returns
    -------
    ndarray of shape (R, k)

    References
    ----------
    Wolter (2007), *Introduction to Variance Estimation*, eq. 4.2.3 and 5.2.1.
    """
    centre = value if replicates.centre == "estimate" else values[replicates.scale > 0].mean(axis=0)
    return np.sqrt(replicates.scale)[:, None] * (values - centre)


def replicate_sums(replicates: ReplicateWeights, values: FloatArray) -> FloatArray:
    """Weighted sums of values, shape (n, k), under every replicate; shape (R, k)."""
    parts = [replicates.rows @ values[:, at : at + _COLUMNS] for at in range(0, values.shape[1], _COLUMNS)]
    return np.hstack(parts) if parts else np.zeros((replicates.count, 0))


def replicate_ratios(
    replicates: ReplicateWeights, tops: FloatArray, bottoms: FloatArray, *, where: IntArray, domains: int
) -> FloatArray:
    """Ratios of weighted sums in every domain under every replicate.

    Parameters
    ----------
    replicates : ReplicateWeights
    tops : ndarray of shape (n, a)
        Numerators, 0 outside every domain.
    bottoms : ndarray of shape (n,)
        Denominator, 0 outside every domain.
    where : ndarray of shape (n,), int
        Domain of each respondent.
    domains : int

    Returns
    -------
    ndarray of shape (R, domains x a)
        Not a number where a replicate has no denominator in a domain.
    """
    rows, answers = np.arange(where.size), tops.shape[1]
    spread = np.zeros((where.size, domains, answers + 1))
    spread[rows, where, :answers] = tops
    spread[rows, where, answers] = bottoms
    sums = replicate_sums(replicates, spread.reshape(where.size, -1)).reshape(-1, domains, answers + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = sums[:, :, :answers] / sums[:, :, answers:]
    return np.where(np.isfinite(values), values, np.nan).reshape(replicates.count, -1)


def linear_influence(design: Design, linearised: FloatArray) -> FloatArray:
    """Deviations of the weighted sums of a linearised variable, shape (n, k); shape (R, k)."""
    replicates = replicates_of(design)
    return replicate_influence(replicates, replicate_sums(replicates, linearised), design.weight @ linearised)


def from_replicates(estimate: Estimate, domain: IntArray, base: IntArray) -> Estimate:
    """Complete an estimate whose influence are deviations of replicates.

    Parameters
    ----------
    estimate : Estimate
        Influence of shape (R, k), not a number in replicates that can't give the estimate.
    domain : ndarray of shape (n,), int
        Domain of each respondent with an answer; -1 for all others.
    base : ndarray of shape (k,), int
        Domain of each estimate.

    Returns
    -------
    Estimate
        With degrees of freedom of replicate weights, refused where there are none or a replicate has no answers.
    """
    replicates = replicates_of(estimate.design)
    broken = np.isnan(estimate.influence).sum(axis=0)
    working = None
    if replicates.delivered:
        working = Working(np.eye(base.size), RankMoments.of(replicates, domain, base))
    df = working.df() if working else design_df(estimate.reached, estimate.design.psu_stratum)
    reasons = tuple(
        reason or _reason(int(many), float(freedom), replicates.count)
        for reason, many, freedom in zip(estimate.refused, broken, df, strict=True)
    )
    return replace(
        estimate,
        influence=np.where(broken > 0, 0.0, np.nan_to_num(estimate.influence)),
        variance="replicate",
        refused=reasons,
        working=working,
    )


def _reason(broken: int, df: float, count: int) -> str:
    """Say why replicates give no variance, or nothing."""
    if df <= 0:
        return "no degrees of freedom: the answers come from as many strata as sampling units"
    return f"{broken} of {count} replicates have no answers here" if broken else ""


def weight_rank(weights: FloatArray) -> int:
    """Rank of replicate weights, shape (R, n), as R's degf takes it."""
    if not weights.size:
        return 0
    small = weights @ weights.T if weights.shape[0] <= weights.shape[1] else weights.T @ weights
    size = np.linalg.eigvalsh(small)
    return int((size > _RANK_TOLERANCE * size[-1]).sum()) if size[-1] > 0 else 0


@dataclass(frozen=True, slots=True, eq=False)
class RankMoments:
    """Degrees of freedom read off delivered weights: their rank among the respondents used, less 1.

    Attributes
    ----------
    replicates : ReplicateWeights
    domain : ndarray of shape (n,), int
        Domain of each respondent with an answer; -1 for all others.
    base : ndarray of shape (b,), int
        Domain of each basic estimate.
    known : mapping
        Ranks of the sets of domains that were asked for before.
    """

    replicates: ReplicateWeights
    domain: IntArray
    base: IntArray
    known: dict[tuple[int, ...], float]

    @staticmethod
    def of(replicates: ReplicateWeights, domain: IntArray, base: IntArray) -> RankMoments:
        """Start without known ranks."""
        return RankMoments(replicates, domain, base, {})

    def df(self, loading: FloatArray) -> FloatArray:
        """Degrees of freedom of rows of coefficients on the basic estimates, shape (k,)."""
        return np.array([self._of_domains(tuple(np.unique(self.base[row != 0]).tolist())) for row in loading])

    def _of_domains(self, domains: tuple[int, ...]) -> float:
        """Degrees of freedom of the respondents in some domains."""
        if domains not in self.known:
            inside: BoolArray = np.isin(self.domain, domains) & (self.replicates.full > 0)
            rank = weight_rank(self.replicates.rows[:, inside])
            self.known[domains] = max(min(float(rank - 1), self.replicates.df), 0.0)
        return self.known[domains]
