"""The doubly robust estimator of one group of respondents, under one set of weights or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import expit

from lpact_eval.comparison.adjusted import independent

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

Estimand = Literal["ate", "att"]

LOWEST, HIGHEST = 0.025, 0.975  # scores are truncated to this range
_FEWEST_OF_A_KIND = 5  # answers of each kind in an arm, under which no logistic model of the answers is tried
_TOGETHER = 64  # sets of weights worked on at once: more would not fit into the processor's cache
_STEPS = 60
_SETTLED = 1e-10  # change of fitted values after which a logistic model has arrived, or is at its limit
_LONGEST_STEP = 4.0  # largest change of a log odds in one step
_RIDGE = 1e-13
_NOTHING = 1e-300  # keeps ratios finite


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Respondents to compare and what the models are made of; n respondents, p columns.

    Attributes
    ----------
    x : ndarray of shape (n, p)
        Adjusters, the constant first.
    treated : ndarray of shape (n,), bool
        Who attended.
    outcome, weight : ndarray of shape (n,)
        Outcome, and survey weight.
    share : bool
        Whether the outcome is 0 or 1.
    """

    x: FloatArray
    treated: BoolArray
    outcome: FloatArray
    weight: FloatArray
    share: bool

    @staticmethod
    def of(columns: FloatArray, arms: tuple[BoolArray, FloatArray, FloatArray]) -> Group:
        """Put columns without a constant, (n, p - 1), beside (treated, outcome, weight) of a numeric outcome.

        Numbers are centred and scaled, which changes no fitted value: years, say, would lose digits.
        """
        treated, outcome, weight = arms
        number = ~np.isin(columns, (0.0, 1.0)).all(axis=0)
        centred = columns - np.where(number, columns.mean(axis=0), 0.0)
        scaled = centred / np.maximum(np.abs(centred).max(axis=0, initial=0.0), _NOTHING)
        x = np.column_stack([np.ones(treated.size), scaled])
        return Group(x, treated, outcome, weight / weight.mean(), share=False)


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """What the whole sample's models are, from which those of other weights start; p columns.

    Attributes
    ----------
    attending : ndarray of shape (p,)
        Coefficients of the log odds of attending.
    answers : tuple of two Answers
        Models of the answers of those who did not attend, and of those who did.
    """

    attending: FloatArray
    answers: tuple[Answers, Answers]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Model of the answers of one arm; q of the p columns.

    Attributes
    ----------
    members : ndarray of shape (n,), bool
        The arm.
    kept : ndarray of shape (p,), bool
        Columns that the arm's respondents tell apart.
    logistic : bool
        Whether the model is a logit; else it is linear.
    coefficients : ndarray of shape (q,)
    """

    members: BoolArray
    kept: BoolArray
    logistic: bool
    coefficients: FloatArray


def fit(group: Group) -> Models:
    """Fit the models of attending and, arm by arm, of the answers.

    Parameters
    ----------
    group : Group
        With finite propensity scores (see `propensity.scores`).

    Returns
    -------
    Models

    Notes
    -----
    Attending: survey-weighted logit on x. Answers: weighted logit on x within the arm for shares; least squares for
    numbers, and for shares where fewer than 5 respondents, or fewer than there are columns, gave one of the two
    answers. Where everybody with some answer to an adjuster gave the same answer, fitted values are the limits 0 or 1
    that the likelihood tends to.
    """
    attending = logit(group.x, group.treated.astype(float), group.weight[None, :], np.zeros_like(group.x[0]))[0]
    return Models(attending, (_answers(group, ~group.treated), _answers(group, group.treated)))


def _answers(group: Group, members: BoolArray) -> Answers:
    """Model the answers of one arm, linearly where a logit would stand on too few of them."""
    kept = independent(group.x[members])
    x: FloatArray = group.x[np.ix_(members, kept)]
    outcome = group.outcome[members]
    weight = group.weight[None, members]
    kinds = min(int((outcome == kind).sum()) for kind in (0, 1)) if group.share else 0
    if group.share and kinds >= max(_FEWEST_OF_A_KIND, int(kept.sum())):
        found = logit(x, outcome, weight, np.zeros_like(x[0]))[0]
        if np.isfinite(found).all():
            return Answers(members, kept, logistic=True, coefficients=found)
    return Answers(members, kept, logistic=False, coefficients=_least_squares(x, outcome, weight)[0])


def scores(group: Group, models: Models) -> FloatArray:
    """Chances of attending before truncation, shape (n,)."""
    return expit(group.x @ models.attending)


def tilts(treated: BoolArray, score: FloatArray, estimand: Estimand) -> FloatArray:
    """Factor that makes the arms alike: 1/e and 1/(1 - e), or 1 and e/(1 - e); of the shape of the scores."""
    safe = np.clip(score, LOWEST, HIGHEST)
    if estimand == "ate":
        return np.where(treated, 1 / safe, 1 / (1 - safe))
    return np.where(treated, 1.0, safe / (1 - safe))


def effects(group: Group, models: Models, weights: FloatArray, estimand: Estimand) -> FloatArray:
    """Run every step under each set of weights.

    Parameters
    ----------
    group : Group
        n respondents.
    models : Models
        Of the whole sample: where Newton's method starts, and which models are linear.
    weights : ndarray of shape (R, n)
    estimand : str
        "ate": all of the group; "att": those who attended.

    Returns
    -------
    ndarray of shape (R, 3)
        Effect, adjusted mean of those who attended, and of those who did not. Not a number where a model has no
        finite solution under the weights.

    Notes
    -----
    With e the truncated score and m1, m0 the fitted answers, ATE is the weighted mean of
    m1 - m0 + A (Y - m1) / e - (1 - A) (Y - m0) / (1 - e), and
    ATT = [sum w A (Y - m0) - sum w (1 - A) e / (1 - e) (Y - m0)] / sum w A.

    References
    ----------
    Robins, Rotnitzky & Zhao (1994), *JASA* 89, 846-866; Mercatanti & Li (2014), *Annals of Applied Statistics* 8,
    2485-2508, for ATT; Zeng, Li & Tong (2025), arXiv 2501.16156, for survey weights in every step.
    """
    parts = [
        _effects(group, models, weights[at : at + _TOGETHER], estimand) for at in range(0, len(weights), _TOGETHER)
    ]
    return np.vstack(parts)


def _effects(group: Group, models: Models, weights: FloatArray, estimand: Estimand) -> FloatArray:
    """Run every step under some sets of weights."""
    found = logit(group.x, group.treated.astype(float), weights, models.attending)
    score = expit(found @ group.x.T)
    tilt = weights * tilts(group.treated, score, estimand)
    first, second = group.treated, ~group.treated
    if estimand == "ate":
        total = weights.sum(axis=1)
        means = [
            ((weights * fitted).sum(axis=1) + (tilt * (group.outcome - fitted))[:, arm].sum(axis=1)) / total
            for arm, fitted in (
                (first, _fitted(group, models, 1, weights)),
                (second, _fitted(group, models, 0, weights)),
            )
        ]
    else:
        total = weights[:, first].sum(axis=1)
        fitted = _fitted(group, models, 0, weights)
        left = (tilt * (group.outcome - fitted))[:, second].sum(axis=1)
        means = [
            weights[:, first] @ group.outcome[first] / total,
            ((weights * fitted)[:, first].sum(axis=1) + left) / total,
        ]
    return np.column_stack([means[0] - means[1], *means])


def _fitted(group: Group, models: Models, arm: int, weights: FloatArray) -> FloatArray:
    """Answers of everybody by the model of one arm under each set of weights, shape (R, n)."""
    model = models.answers[arm]
    x, members = group.x[:, model.kept], model.members
    if model.logistic:
        return expit(logit(x[members], group.outcome[members], weights[:, members], model.coefficients) @ x.T)
    return _least_squares(x[members], group.outcome[members], weights[:, members]) @ x.T


def logit(x: FloatArray, outcome: FloatArray, weights: FloatArray, start: FloatArray) -> FloatArray:
    """Solve the scores sum w x (y - mu) = 0 of a logistic model under each set of weights.

    Parameters
    ----------
    x : ndarray of shape (n, p)
    outcome : ndarray of shape (n,)
        0 or 1.
    weights : ndarray of shape (R, n)
    start : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (R, p)
        Log odds whose fitted values change no more by 1e-10, so that those of separated answers are at their limit; not
        a number where the weights leave a column without respondents, or Newton's method does not arrive.

    References
    ----------
    McCullagh & Nelder (1989), *Generalized Linear Models*, sec. 2.5; Albert & Anderson (1984), *Biometrika* 71, 1-10.
    """
    found = np.where(_known(x, weights)[:, None], start, np.nan)
    active: IntArray = np.flatnonzero(np.isfinite(found[:, 0]))
    last = expit(found[active] @ x.T)
    for _ in range(_STEPS):
        part = weights[active]
        step = _solved(_cross_products(x, part * last * (1 - last)), (part * (outcome - last)) @ x)
        size = np.abs(step @ x.T).max(axis=1, initial=0.0)
        found[active] += step * np.minimum(1.0, _LONGEST_STEP / np.maximum(size, _NOTHING))[:, None]
        mean = expit(found[active] @ x.T)
        open_ = ~(np.abs(mean - last).max(axis=1, initial=0.0) <= _SETTLED)
        active, last = active[open_], mean[open_]
        if not active.size:
            return found
    found[active] = np.nan
    return found


def _least_squares(x: FloatArray, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    """Solve the normal equations under each set of weights, shape (R, p)."""
    found = _solved(_cross_products(x, weights), weights @ (x * outcome[:, None]))
    return np.where(_known(x, weights)[:, None], found, np.nan)


def _known(x: FloatArray, weights: FloatArray) -> BoolArray:
    """Whether the respondents with weight in each set tell all columns apart, shape (R,)."""
    known = np.ones(weights.shape[0], dtype=bool)
    for row in np.flatnonzero((weights <= 0).any(axis=1)):
        known[row] = bool(independent(x[weights[row] > 0]).all())
    return known


def _cross_products(x: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted cross-products of the rows of x, shape (n, p), under rows of weights; shape (R, p, p)."""
    first, second = np.triu_indices(x.shape[1])
    halves = weights @ (x[:, first] * x[:, second])
    whole = np.empty((weights.shape[0], x.shape[1], x.shape[1]))
    whole[:, first, second] = whole[:, second, first] = halves
    return whole


def _solved(information: FloatArray, score: FloatArray) -> FloatArray:
    """Solve each set's equations, scaled to a diagonal of 1 with a ridge as small as rounding errors."""
    size = np.sqrt(np.maximum(np.einsum("rpp->rp", information), _NOTHING))
    balanced = information / size[:, :, None] / size[:, None, :] + _RIDGE * np.eye(size.shape[1])
    return np.asarray(np.linalg.solve(balanced, (score / size)[:, :, None]), dtype=np.float64)[:, :, 0] / size
