"""Proportional odds: survey-weighted regression of ordered answers whose coefficients carry every unit's influence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.ordered import ordered_answers
from lpact_eval.estimation.replicated import replicate_influence
from lpact_eval.estimation.variance import CR2_CLUSTERS, calibrated, calibration_inflation, design_df, sum_rows
from lpact_eval.regression.leverage import Equations, FixedMoments, corrected_scores, moments
from lpact_eval.regression.terms import read_formula

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Variance
    from lpact_eval.regression.terms import Model, Where
    from lpact_eval.sample import FloatArray, IntArray, Sample

FEWEST_ANSWERS, FEWEST_CATEGORIES = 20, 3  # respondents, and categories of positive base, under which no fit is made
SMALLEST_CATEGORY = 5.0  # weighted answers, weights averaging 1, under which a category joins its smaller neighbour
_STEPS, _HALVINGS, _TOLERANCE = 100, 40, 1e-11
_FAR = 30.0  # log odds beyond which a cut-point or coefficient has run off to infinity
_INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalModel:
    """A formula read for ordered answers; n complete respondents, q + 1 categories after merging.

    Attributes
    ----------
    model : Model
        Its outcome holds the category's place, 0 to q.
    matrix : ndarray of shape (n, p)
        Without a constant, for which the cut-points stand.
    terms : tuple of str
        Names of the p coefficients, then of the q cut-points, as in "a|b".
    """

    model: Model
    matrix: FloatArray
    terms: tuple[str, ...]

    @property
    def cuts(self) -> int:
        """Number of cut-points, q."""
        return len(self.terms) - self.matrix.shape[1]

    @property
    def reach(self) -> float:
        """How much larger than for an indicator a coefficient or cut-point may be, given the numbers in the matrix."""
        size = np.abs(self.matrix).max(axis=0, initial=0.0)
        return float(max(1.0, size.max(initial=0.0), (1 / np.where(size > 0, size, 1.0)).max(initial=0.0)))


def fit_ordinal(sample: Sample, formula: str, where: Where | None, variance: Variance) -> tuple[OrdinalModel, Estimate]:
    """Fit proportional odds.

    Parameters
    ----------
    sample : Sample
    formula, where, variance
        As in `regress`; the left side names an ordered variable.

    Returns
    -------
    OrdinalModel, Estimate
        p coefficients (log odds of a later answer in the schema's order), then q cut-points; label column "term".
        Categories with fewer than 5 weighted answers are merged with their smaller neighbour. With fewer than 20
        respondents or three categories left everything is refused.

    Raises
    ------
    WrongUseError
        If the formula can't be read.
    EstimationError
        If a variable does not exist, the answers have no order, a term is a combination of others, or no finite fit
        exists.

    Notes
    -----
    logit P(Y <= k) = zeta_k - x'b, sum of w_i times the scores is 0, by Newton's method. Linearised variable H^-1 s_i
    with the observed information H, as R svyolr. CR2: residuals of the category indicators, whitened by their
    multinomial covariance, each respondent's within the cluster; Satterthwaite's degrees of freedom from the same.

    References
    ----------
    McCullagh (1980), *JRSS B* 42, 109-142; Binder (1983), *ISR* 51, 279-292; Pustejovsky & Tipton (2018), *JBES* 36.
    """
    read = _read(sample, formula, where)
    rows = read.model.rows
    weight = sample.design.weight[rows]
    if not read.terms or read.cuts < FEWEST_CATEGORIES - 1 or rows.size < FEWEST_ANSWERS:
        return read, _refused(sample, read)
    value = solve(read, weight)
    if sample.design.replicates is not None:
        return read, _replicated(sample, read, value)
    return read, _estimate(sample, read, value, variance)


def _read(sample: Sample, formula: str, where: Where | None) -> OrdinalModel:
    """Read a formula with places for answers, and merge sparse categories."""
    outcome = formula.split("~", 1)[0].strip().strip("`")
    if "~" not in formula or outcome not in sample.answers.columns:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot fit {formula!r}: its left side has to be one ordered variable of the sample, which has {known}."
        raise WrongUseError(msg)
    codes, names = ordered_answers(sample, outcome)
    placed = pd.Series(np.where(codes < 0, np.nan, codes))
    model = read_formula(replace(sample, answers=sample.answers.assign(**{outcome: placed})), formula, where)
    matrix = model.build(model.frame)
    kept = [place for place, term in enumerate(model.terms) if term != _INTERCEPT]
    group, groups = _merged(model.outcome.astype(np.intp), sample.design.weight[model.rows], names)
    cuts = [f"{one}|{two}" for one, two in pairwise(" or ".join(answers) for answers in groups)]
    _refuse_collinear(matrix[:, kept], [model.terms[place] for place in kept], model)
    terms = (*(model.terms[place] for place in kept), *cuts)
    return OrdinalModel(replace(model, outcome=group.astype(float), answers=groups), matrix[:, kept], terms)


def _merged(codes: IntArray, weight: FloatArray, names: Sequence[str]) -> tuple[IntArray, tuple[tuple[str, ...], ...]]:
    """Merge categories with few weighted answers into their smaller neighbour; codes, and answers of each, after."""
    mass = np.bincount(codes, weight / weight.mean(), minlength=len(names))
    bins = [[code] for code in range(len(names)) if mass[code] > 0]
    size = [float(mass[one].sum()) for one in bins]
    while len(bins) > 1 and min(size) < SMALLEST_CATEGORY:
        small = int(np.argmin(size))
        near = [place for place in (small - 1, small + 1) if 0 <= place < len(bins)]
        low, high = sorted((small, min(near, key=lambda place: size[place])))
        bins[low : high + 1] = [bins[low] + bins[high]]
        size = [float(mass[one].sum()) for one in bins]
    lookup = np.zeros(len(names), dtype=np.intp)
    for place, one in enumerate(bins):
        lookup[one] = place
    return lookup[codes], tuple(tuple(names[code] for code in one) for one in bins)


def _refuse_collinear(matrix: FloatArray, terms: Sequence[str], model: Model) -> None:
    """Refuse terms that a constant and the terms before them explain."""
    scaled = np.column_stack([np.ones(matrix.shape[0]), matrix])
    scaled = scaled / np.maximum(np.linalg.norm(scaled, axis=0), 1e-300)
    left = (
        np.abs(np.diag(np.linalg.qr(scaled, mode="r")))[1:]
        if scaled.shape[0] >= scaled.shape[1]
        else np.zeros(len(terms))
    )
    aliased = [term for term, part in zip(terms, left, strict=True) if part <= 1e-8]  # noqa: PLR2004 - as in least squares
    if aliased:
        msg = f"Cannot fit {model.title!r}: {aliased} can be written by the terms before them. Leave them out."
        raise EstimationError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """The likelihood at one point; n respondents, p + q parameters.

    Attributes
    ----------
    log_likelihood : ndarray of shape (n,)
    score : ndarray of shape (n, p + q)
    information : ndarray of shape (p + q, p + q)
        Observed, weighted.
    """

    log_likelihood: FloatArray
    score: FloatArray
    information: FloatArray


def solve(read: OrdinalModel, weight: FloatArray, start: FloatArray | None = None) -> FloatArray:
    """Find coefficients and cut-points that solve the weighted score equations, shape (p + q,).

    Raises
    ------
    EstimationError
        If no finite solution exists or Newton's method does not arrive.
    """
    scaled = weight / weight.mean()
    theta = _start(read, scaled) if start is None else start
    point = _point(read, theta, scaled)
    for _ in range(_STEPS):
        try:
            step = np.asarray(np.linalg.solve(point.information, scaled @ point.score), dtype=np.float64)
        except np.linalg.LinAlgError:
            break
        share, best = 1.0, float(scaled @ point.log_likelihood)
        for _ in range(_HALVINGS):
            moved = _point(read, theta + share * step, scaled)
            reached = float(scaled @ moved.log_likelihood)
            if reached >= best - 1e-12 * abs(best):
                break
            share /= 2
        theta, point = theta + share * step, _point(read, theta + share * step, scaled)
        if np.abs(theta).max() > _FAR * read.reach:
            break
        if np.abs(share * step).max() <= _TOLERANCE * max(1.0, float(np.abs(theta).max())):
            return theta
    msg = (
        f"Cannot fit {read.model.title!r}: no finite coefficients were found with {read.model.rows.size} respondents; "
        "a term may separate the answers. Merge categories, or leave a term out."
    )
    raise EstimationError(msg)


def _start(read: OrdinalModel, weight: FloatArray) -> FloatArray:
    """Begin without effects, at the logits of the cumulative shares."""
    below = np.cumsum(np.bincount(read.model.outcome.astype(np.intp), weight, minlength=read.cuts + 1))[:-1]
    share = below / weight.sum()
    return np.concatenate([np.zeros(read.matrix.shape[1]), np.log(share / (1 - share))])


def _sides(read: OrdinalModel, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P(Y <= k) at the upper and the lower cut of each answer, shape (n,) each."""
    p = read.matrix.shape[1]
    cuts = np.concatenate([[-np.inf], theta[p:], [np.inf]])
    place = read.model.outcome.astype(np.intp)
    linear = read.matrix @ theta[:p]
    return cuts[place + 1] - linear, cuts[place] - linear


def _point(read: OrdinalModel, theta: FloatArray, weight: FloatArray) -> _Point:
    """Evaluate likelihood, scores and observed information."""
    upper, lower = _sides(read, theta)
    high, low = expit(upper), expit(lower)
    chance = np.maximum(high - low, 1e-300)
    slope_high, slope_low = high * (1 - high), low * (1 - low)
    first, second = slope_high / chance, -slope_low / chance
    bend = (
        slope_high * (1 - 2 * high) / chance - first**2,
        slope_high * slope_low / chance**2,
        -slope_low * (1 - 2 * low) / chance - second**2,
    )
    above, below = _directions(read)
    score = above * first[:, None] + below * second[:, None]
    curved = above * (weight * bend[0])[:, None] + below * (weight * bend[1])[:, None]
    other = above * (weight * bend[1])[:, None] + below * (weight * bend[2])[:, None]
    information = -(above.T @ curved + below.T @ other)
    log_likelihood = np.where(high > low, np.log(chance), -np.inf)
    return _Point(log_likelihood, score, (information + information.T) / 2)


def _directions(read: OrdinalModel) -> tuple[FloatArray, FloatArray]:
    """Differentiate the upper and the lower cut less the linear predictor, shape (n, p + q) each."""
    place = read.model.outcome.astype(np.intp)
    identity = np.vstack([np.zeros(read.cuts), np.eye(read.cuts), np.zeros(read.cuts)])
    return np.hstack([-read.matrix, identity[place + 1]]), np.hstack([-read.matrix, identity[place]])


def _whitened(read: OrdinalModel, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Whiten derivatives (n, q, p + q) and residuals (n, q) of the category indicators to unit working covariance."""
    p, q = read.matrix.shape[1], read.cuts
    cumulative = expit(theta[p:][None, :] - (read.matrix @ theta[:p])[:, None])
    slope = cumulative * (1 - cumulative)
    on_cumulative = np.zeros((slope.shape[0], q, p + q))
    on_cumulative[:, :, :p] = -slope[:, :, None] * read.matrix[:, None, :]
    on_cumulative[:, np.arange(q), p + np.arange(q)] = slope
    shares = np.diff(cumulative, axis=1, prepend=0.0)
    derivative = np.diff(on_cumulative, axis=1, prepend=0.0)
    residual = (read.model.outcome[:, None] == np.arange(q)) - shares
    covariance = shares[:, :, None] * np.eye(q) - shares[:, :, None] * shares[:, None, :]
    root = np.linalg.cholesky(covariance)
    both = np.concatenate([derivative, residual[:, :, None]], axis=2)
    solved = np.asarray(np.linalg.solve(root, both), dtype=np.float64)
    return solved[:, :, :-1], solved[:, :, -1]


def _estimate(sample: Sample, read: OrdinalModel, theta: FloatArray, variance: Variance) -> Estimate:
    """Put coefficients, influence and bases together."""
    design, rows = sample.design, read.model.rows
    weight = design.weight[rows]
    point = _point(read, theta, weight)
    bread = np.linalg.inv(point.information)
    reached = np.bincount(design.psu[rows], minlength=design.psu_count) > 0
    everyone = np.zeros((len(sample), theta.size))
    everyone[rows] = point.score @ bread
    if variance == "cr2" and int(reached.sum()) <= CR2_CLUSTERS:
        influence, working = _cr2_influence(sample, read, (theta, point.information, everyone))
        freedom = 1.0 if int(reached.sum()) > 1 else 0.0
    else:
        variance = "taylor"
        influence = sum_rows(design.weight[:, None] * calibrated(everyone, design), design.psu, design.psu_count)
        freedom = float(design_df(reached[:, None], design.psu_stratum)[0]) + 1 - theta.size
        working = Working(np.eye(theta.size), FixedMoments(freedom))
    reason = "" if freedom > 0 else f"no degrees of freedom for {theta.size} coefficients and cut-points"
    bare = _bare(sample, read, reason)
    return replace(bare, value=theta, influence=influence, variance=variance, working=working)


def _cr2_influence(
    sample: Sample, read: OrdinalModel, solved: tuple[FloatArray, FloatArray, FloatArray]
) -> tuple[FloatArray, Working]:
    """Influence of each PSU with residuals corrected for leverage, shape (m, p + q), and what its df rests on.

    What calibration explained of the plain influence is taken off; its degrees of freedom are given back.
    """
    theta, information, plain = solved
    design, rows = sample.design, read.model.rows
    derivative, residual = _whitened(read, theta)
    q, size = read.cuts, theta.size
    model = derivative.reshape(-1, size)
    score = np.repeat(design.weight[rows], q)[:, None] * model
    expected = score.T @ model
    equations = Equations(model, score, np.ones(model.shape[0]), _inverse(expected))
    units, cluster = np.unique(np.repeat(design.psu[rows], q), return_inverse=True)
    corrected = corrected_scores(equations, cluster)
    turn = expected @ np.linalg.inv(information)  # from the expected to the observed information
    influence = np.zeros((design.psu_count, size))
    if design.calibration:
        rest = calibration_inflation(design)[:, None] * calibrated(plain, design) - plain
        influence += sum_rows(design.weight[:, None] * rest, design.psu, design.psu_count)
    influence[units] += sum_rows(corrected * residual.reshape(-1, 1), cluster, units.size) @ turn
    return influence, Working(turn.T, moments(equations, corrected, cluster))


def _inverse(matrix: FloatArray) -> FloatArray:
    """Invert a symmetric matrix."""
    return np.asarray(np.linalg.inv((matrix + matrix.T) / 2), dtype=np.float64)


def _replicated(sample: Sample, read: OrdinalModel, theta: FloatArray) -> Estimate:
    """Fit under every set of replicate weights."""
    design = sample.design
    replicates = design.replicates
    if replicates is None:
        raise WrongUseError("Cannot fit replicates: the sample has no replicate weights.")
    values = _each_again(read, replicates.rows[:, read.model.rows], theta)
    broken = int(np.isnan(values).any(axis=1).sum())
    bare = _bare(sample, read, f"{broken} of {replicates.count} replicates have no solution" if broken else "")
    freedom = min(float(design_df(bare.reached[:, :1], design.psu_stratum)[0]), replicates.df) + 1 - theta.size
    influence = np.nan_to_num(replicate_influence(replicates, values, theta))
    working = Working(np.eye(theta.size), FixedMoments(freedom))
    return replace(bare, value=theta, influence=influence, variance="replicate", working=working)


def fit_again(model: Model, matrix: FloatArray, weights: FloatArray, theta: FloatArray) -> FloatArray:
    """Solve a fitted model again under other weights, shape (R, n); not a number where there is no solution."""
    terms = tuple(map(str, range(theta.size)))  # only counted
    return _each_again(OrdinalModel(model, matrix, terms), weights, theta)


def _each_again(read: OrdinalModel, weights: FloatArray, theta: FloatArray) -> FloatArray:
    """Solve under each row of weights, shape (R, p + q)."""
    return np.array([_again(read, row, theta) for row in weights])


def _again(read: OrdinalModel, weight: FloatArray, theta: FloatArray) -> FloatArray:
    """Solve under other weights; not a number where there is no solution."""
    try:
        return solve(read, weight, theta)
    except EstimationError:
        return np.full(theta.size, np.nan)


def _refused(sample: Sample, read: OrdinalModel) -> Estimate:
    """Refuse too few respondents or categories."""
    n = read.model.rows.size
    few = f"fewer than {FEWEST_ANSWERS} respondents" if n < FEWEST_ANSWERS else ""
    flat = f"fewer than {FEWEST_CATEGORIES} categories with {SMALLEST_CATEGORY:.0f} answers or more"
    return _bare(sample, read, few or flat)


def _bare(sample: Sample, read: OrdinalModel, reason: str) -> Estimate:
    """Coefficients without values yet."""
    design, rows = sample.design, read.model.rows
    k = len(read.terms)
    reached = np.bincount(design.psu[rows], minlength=design.psu_count) > 0
    weight = design.weight[rows]
    return Estimate(
        named=Labels.of({"term": read.terms}),
        value=np.full(k, np.nan),
        influence=np.zeros((design.psu_count, k)),
        design=design,
        variance="cr2",
        kind="other",
        n=np.full(k, float(rows.size)),
        n_kish=np.full(k, float(weight.sum() ** 2 / (weight**2).sum())),
        reached=np.repeat(reached[:, None], k, axis=1),
        crowding=np.full(k, rows.size / max(int(reached.sum()), 1)),
        refused=(reason,) * k,
    )
