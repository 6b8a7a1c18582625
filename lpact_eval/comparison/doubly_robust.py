"""Attendees against comparable others by a model of attending and a model of the answers: one of them may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.adjusted import EXPLAINED, Adjusted, in_rows, sizes
from lpact_eval.comparison.aipw import Estimand, effects
from lpact_eval.comparison.aipw_groups import Fitted, fitted
from lpact_eval.comparison.arm_moments import ResidualMoments, freedom, residual_moments, shown
from lpact_eval.comparison.drawn_again import Again, drawn_again
from lpact_eval.comparison.tiers import STILL, Row
from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.estimation.estimate import Moments
    from lpact_eval.sample import BoolArray, FloatArray

REPLICATES: Final = 1_000
SEED: Final = 0  # without a seed every run still gives the same numbers
_NO_VARIATION: Final = 1e-9  # standard error, over the range of the outcome, that is rounding error only


def doubly_robust(
    question: Question,
    rows: Sequence[Row],
    *,
    estimand: str = "att",
    seed: int | None = None,
    replicates: int = REPLICATES,
) -> Adjusted:
    """Compare attendees with others by augmented inverse probability weighting.

    Parameters
    ----------
    question : Question
        n complete respondents.
    rows : sequence of Row
        All respondents, domains, and differences between domains.
    estimand : str, default "att"
        "att": among those who attended; "ate": among all who answered.
    seed : int, optional
        Of the bootstrap; 0 without one, so that the numbers are always the same.
    replicates : int, default 1,000
        Bootstrap replicates, R. Up to 5 % of them may have no solution.

    Returns
    -------
    Adjusted
        Influence are the deviations of the replicates, shape (R, k); those of two questions come from draws of their
        own, so that no covariance can be read off them. Refused, with a reason, are groups with an arm below 15 or
        more than one column of adjusters for every 5 of the smaller arm, groups whose arms the adjusters tell apart,
        and those where more than 5 % of the replicates have no solution.

    Raises
    ------
    WrongUseError
        If the estimand is another, or there are fewer than 2 replicates.

    Notes
    -----
    Each domain has models of its own; all respondents together have one with the domains' main effects. See
    `aipw.effects` for the estimator and `aipw.fit` for the models.

    Standard errors come from a bootstrap within arms: respondents are drawn anew inside their arm of each domain, or
    whole recruitment sites, which span arms, where the group reaches 5 of them, and every model is fitted again
    (fractional weights, see `Draws.weights`). Survey weights are held fixed and strata left aside. Models with p
    columns come closer to the answers they were fitted to than to others; deviations from the replicates' mean are
    therefore scaled by the square root of sum c_i^2 / sum_j v_j G_jj: the variance of the estimate over the one that
    its residuals show, where answers are independent and equally variable. That is the idea of CR2; see
    `arm_moments.residual_moments` for c and G, and `Draws.variance` for v. Degrees of freedom are Satterthwaite's,
    tr(G)^2 / sum G_jk^2, and intervals t: percentiles of the replicates cover too little in small samples
    (tests/simulations/doubly_robust.py). A sample with replicate weights of its own uses these instead, unscaled, with
    whatever weighting was run again in them.

    References
    ----------
    Robins, Rotnitzky & Zhao (1994), *JASA* 89, 846-866; Efron & Tibshirani (1993), *An Introduction to the Bootstrap*,
    sec. 8.3 (samples of two arms); Bell & McCaffrey (2002), *Survey Methodology* 28, 169-181; Pustejovsky & Tipton
    (2018), *JBES* 36, 672-683.
    """
    wanted = _estimand(estimand)
    if replicates < 2:  # noqa: PLR2004 - one replicate shows no variance
        msg = f"Cannot take {replicates} bootstrap replicates: 2 or more are needed, 1,000 are usual."
        raise WrongUseError(msg)
    names = dict.fromkeys(side for row in rows for side in row.sides)
    found = {name: fitted(question, name, wanted) for name in names}
    groups = {name: one for name, one in found.items() if isinstance(one, Fitted)}
    again = drawn_again(question, list(groups), replicates, SEED if seed is None else seed)
    results = _results(question, groups, again)
    reasons = {name: one if isinstance(one, str) else results[name].reason for name, one in found.items()}
    return Adjusted(
        estimate=in_rows(question, rows, _estimate(question, results, reasons), list(names)),
        weights={name: one.spread(one.weight * one.tilt, 0.0) for name, one in groups.items()},
        scores={name: one.spread(one.score, np.nan) for name, one in groups.items()},
        notes={name: (*one.notes, *again.notes(name), *results[name].notes) for name, one in groups.items()},
        means={name: (float(one.value[1]), float(one.value[2])) for name, one in results.items()},
    )


def _estimand(estimand: str) -> Estimand:
    """Take the estimand in any case."""
    for known in ("ate", "att"):
        if estimand.lower() == known:
            return known
    msg = (
        f"Cannot use estimand={estimand!r} with method='doubly_robust'; it gives 'att' (those who attended) or "
        "'ate' (all who answered)."
    )
    raise WrongUseError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """What replicates make of one group; R replicates, m sampling units of the design.

    Attributes
    ----------
    value : ndarray of shape (3,)
        Effect, mean of those who attended, mean of those who did not.
    influence : ndarray of shape (R,)
        Scaled deviations of the effect.
    moments : ResidualMoments
    reached : ndarray of shape (m,), bool
        Sampling units with respondents of the group.
    reason : str
        Why there is no standard error, or nothing.
    notes : tuple of str
    """

    value: FloatArray
    influence: FloatArray
    moments: ResidualMoments
    reached: BoolArray
    reason: str
    notes: tuple[str, ...]


def _results(question: Question, groups: Mapping[str, Fitted], again: Again) -> dict[str, _Result]:
    """Estimate every group, and again under every replicate's weights."""
    found: dict[str, FloatArray] = {}
    for names, blocks in again.weights():
        parts: dict[str, list[FloatArray]] = {name: [] for name in names}
        for weights in blocks:
            for name in names:
                one = groups[name]
                parts[name].append(effects(one.group, one.models, weights[:, one.members], one.estimand)[:, 0])
        found |= {name: np.concatenate(values) for name, values in parts.items()}
    return {name: _result(question, name, (one, found[name]), again) for name, one in groups.items()}


def _result(question: Question, name: str, fit: tuple[Fitted, FloatArray], again: Again) -> _Result:
    """Make one group's deviations of its replicates, and refuse it where too many have no solution."""
    one, found = fit
    value = effects(one.group, one.models, one.group.weight[None, :], one.estimand)[0]
    unit, units, variance = again.units(name, one.members)
    moments = residual_moments(one.group, one.models, one.estimand, (unit, units))
    shows = None if variance is None else shown(moments, variance)
    influence = again.deviations(found, float(value[0]), shows)
    failed = int((~np.isfinite(found)).sum())
    told = f"{failed} of {found.size} replicates have no solution"
    reason = told if failed > again.tolerated else ""
    if not reason and np.linalg.norm(influence) <= _NO_VARIATION * np.ptp(one.group.outcome):
        reason = STILL if all(question.alike[name]) else EXPLAINED
    design = question.sample.design
    reached = np.bincount(design.psu[question.rows[one.members]], minlength=design.psu_count) > 0
    return _Result(value, influence, moments, reached, reason, (told,) if failed else ())


@dataclass(frozen=True, slots=True, eq=False)
class _Capped:
    """Degrees of freedom that are at most those of the sample's replicate weights."""

    moments: Moments
    most: float

    def df(self, loading: FloatArray) -> FloatArray:
        """Degrees of freedom of rows of coefficients on the groups' estimates, shape (k,)."""
        return np.minimum(self.moments.df(loading), self.most)


def _estimate(question: Question, results: Mapping[str, _Result], reasons: Mapping[str, str]) -> Estimate:
    """Put the groups' estimates, and those that are refused, under each other."""
    design, many = question.sample.design, len(reasons)
    replicates = max((one.influence.size for one in results.values()), default=1)
    value, influence = np.full(many, np.nan), np.zeros((replicates, many))
    reached = np.zeros((design.psu_count, many), dtype=bool)
    for place, name in enumerate(reasons):
        if name in results:
            value[place], influence[:, place] = results[name].value[0], results[name].influence
            reached[:, place] = results[name].reached
    known: Moments = freedom([results[name].moments if name in results else None for name in reasons])
    moments = known if design.replicates is None else _Capped(known, design.replicates.df)
    n, n_kish = sizes(question, [Row(name, (name,)) for name in reasons])
    return Estimate(
        named=Labels.of({question.roles.domain_column: list(reasons)}),
        value=value,
        influence=influence,
        design=design,
        variance="replicate",
        kind="other",
        n=n,
        n_kish=n_kish,
        reached=reached,
        crowding=n / np.maximum(reached.sum(axis=0), 1),
        refused=tuple(reasons.values()),
        working=Working(np.eye(many), moments),
    )
