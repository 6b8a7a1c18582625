"""Attendees against others under balancing weights: weighted regression with adjusters interacted with attendance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.adjusted import Adjusted, in_rows, independent
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.propensity import POOLED, Scores, Tilted, fitted_scores, layouts, scores, tilted
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.moments import DomainMoments
from lpact_eval.estimation.replicated import replicate_influence, replicates_of
from lpact_eval.estimation.variance import CR2_CLUSTERS, calibrated, calibration_inflation, sum_rows
from lpact_eval.regression.leverage import Equations, corrected_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.propensity import Layout, Tilt
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Moments
    from lpact_eval.sample import Design, FloatArray, IntArray

_NO_MEANS: Final = (np.nan, np.nan)
_EXPLAINED: Final = "the adjusters explain each other among the attendees or among the others"


def weighted_gap(question: Question, rows: Sequence[Row], *, tilt: Tilt) -> Adjusted:
    """Compare the arms under weights that make them alike.

    Parameters
    ----------
    question : Question
    rows : sequence of Row
        What to estimate; k rows.
    tilt : str
        "overlap", "att" or "entropy"; see `propensity.tilted`.

    Returns
    -------
    Adjusted
        Standard errors are CR2 with Satterthwaite's degrees of freedom, weights held fixed; with replicate weights
        scores and weights are worked out again in each, and degrees of freedom are at most those of the replicates.

    Notes
    -----
    Least squares of the outcome on attendance A, the adjusters centred at their mean in the target population, and A
    x adjusters, under survey weight x tilt; the estimate is the coefficient of A. Domains are fitted apart, which is
    one regression with everything interacted with the domain: a sampling unit in two domains counts in the covariance
    of the two and in the degrees of freedom of their difference.

    References
    ----------
    Zeng, Li & Tong (2025), arXiv 2501.16156 (survey weight x tilt in a weighted regression); Lin (2013), *Annals of
    Applied Statistics* 7, 295-318; Hartman, Hazlett & Sadeghpour (2025), arXiv 2507.19607; Pustejovsky & Tipton
    (2018), *JBES* 36, 672-683.
    """
    laid, scored = layouts(question), scores(question)
    balanced = {name: tilted(layout, scored[name], tilt, layout.weight) for name, layout in laid.items()}
    fits = {name: _fitted(layout, balanced[name]) for name, layout in laid.items()}
    if question.sample.design.replicates is None:
        parts = [_estimated(question, laid, fits, names) for names in _apart(list(laid))]
    else:
        parts = _replicated(question, laid, fits, tilt=tilt)
    return Adjusted(
        estimate=in_rows(question, rows, combine(parts), list(laid)),
        weights={name: _spread(laid[name], part.weight, 0.0) for name, part in balanced.items() if not part.refused},
        scores={name: _spread(laid[name], part.value) for name, part in scored.items() if not part.refused},
        notes={name: part.notes for name, part in balanced.items()},
        means={name: fit.means for name, fit in fits.items()},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """Weighted least squares in one domain; q members, p columns.

    Attributes
    ----------
    value : float
        Coefficient of attendance.
    means : tuple of two float
        Adjusted means of attendees and others.
    equations : Equations or None
    residual : ndarray of shape (q,)
    refused : str
    """

    value: float
    means: tuple[float, float]
    equations: Equations | None
    residual: FloatArray
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """What a coefficient's degrees of freedom need of the m sampling units: G = diag(own) + low core low'.

    Attributes
    ----------
    own : ndarray of shape (m,)
    low : ndarray of shape (m, 2p)
    core : ndarray of shape (2p, 2p)
    """

    own: FloatArray
    low: FloatArray
    core: FloatArray

    @property
    def bend(self) -> FloatArray:
        """Diagonal of the low-rank part, shape (m,)."""
        return ((self.low @ self.core) * self.low).sum(axis=1)

    def product(self, other: _Moments) -> float:
        """Sum of the elementwise products of two such G."""
        cross = self.low.T @ other.low
        low = float(((self.core @ cross @ other.core) * cross).sum())
        return float(self.own @ other.own + self.own @ other.bend + self.bend @ other.own) + low


def _apart(names: Sequence[str]) -> list[list[str]]:
    """All respondents and the domains, which are never compared with each other."""
    domains = [name for name in names if name != ALL]
    return [[ALL], domains] if domains else [[ALL]]


def _spread(layout: Layout, values: FloatArray, rest: float = np.nan) -> FloatArray:
    """Put the members' values among all complete respondents."""
    spread = np.full(layout.members.size, rest)
    spread[layout.members] = values
    return spread


def _fitted(layout: Layout, balanced: Tilted) -> _Fitted:
    """Regress the outcome on attendance, centred adjusters and their products."""
    nothing = _Fitted(np.nan, _NO_MEANS, None, np.zeros(layout.weight.size), balanced.refused)
    if balanced.refused:
        return nothing
    centre = balanced.target @ layout.matrix / balanced.target.sum()
    centred, treated = layout.matrix - centre, layout.treated.astype(float)
    x = np.column_stack([np.ones(treated.size), treated, centred, treated[:, None] * centred])
    weight = balanced.weight / balanced.weight.mean()
    if x.shape[0] <= x.shape[1] or not independent(np.sqrt(weight)[:, None] * x).all():
        return _Fitted(np.nan, _NO_MEANS, None, nothing.residual, _EXPLAINED)
    score = balanced.weight[:, None] * x
    bread = np.linalg.inv(score.T @ x)
    equations = Equations(x, score, np.ones(treated.size), (bread + bread.T) / 2)
    coefficients = equations.bread @ (score.T @ layout.outcome)
    residual = layout.outcome - x @ coefficients
    means = (float(coefficients[0] + coefficients[1]), float(coefficients[0]))
    return _Fitted(float(coefficients[1]), means, equations, residual)


def _estimated(
    question: Question, laid: Mapping[str, Layout], fits: Mapping[str, _Fitted], names: Sequence[str]
) -> Estimate:
    """Give disjoint domains their influence and the moments behind their degrees of freedom."""
    design = question.sample.design
    influence = np.zeros((design.psu_count, len(names)))
    units = int(np.unique(design.psu[question.rows]).size)
    moments: dict[str, _Moments] = {}
    for place, name in enumerate(names):
        rows, fit = question.rows[laid[name].members], fits[name]
        if fit.equations is None:
            continue
        if units > CR2_CLUSTERS:
            influence[:, place] = _plain(design, rows, fit.equations, fit.residual)
        else:
            influence[:, place], moments[name] = _corrected(design, rows, fit.equations, fit.residual)
    basic = _basic(question, laid, fits, names)
    if units > CR2_CLUSTERS:
        return replace(basic, influence=influence)
    return replace(basic, influence=influence, variance="cr2", working=_working(names, moments))


def _plain(design: Design, rows: IntArray, equations: Equations, residual: FloatArray) -> FloatArray:
    """Influence of every sampling unit on the coefficient of attendance without correction, shape (m,)."""
    return _by_unit(design, _scores_of_all(design, rows, equations, residual, inflated=False)) @ equations.bread[:, 1]


def _corrected(
    design: Design, rows: IntArray, equations: Equations, residual: FloatArray
) -> tuple[FloatArray, _Moments]:
    """Influence of every sampling unit on the coefficient of attendance by CR2, shape (m,), and its moments.

    Calibration counts as in `regression.glm`: what it explained leaves the residuals before they are corrected, and
    the part that is no residual of the respondent's own row keeps the plain weight.
    """
    cluster = np.unique(design.psu[rows], return_inverse=True)[1].ravel()
    own = corrected_scores(equations, cluster)[:, 1]
    rest = np.zeros(design.psu_count)
    if design.calibration:
        everyone = _scores_of_all(design, rows, equations, residual, inflated=True)
        plain = equations.score / design.weight[rows, None]
        residual = _own_part(plain, everyone[rows], equations.bread)
        everyone[rows] -= plain * residual[:, None]
        rest = _by_unit(design, everyone) @ equations.bread[:, 1]
    psu, units = design.psu[rows], design.psu_count
    low = np.hstack([equations.model * own[:, None], equations.score * own[:, None]])
    bread, middle = equations.bread, equations.middle
    core = np.block([[middle, -bread], [-bread, np.zeros_like(bread)]])
    moments = _Moments(np.bincount(psu, own**2, minlength=units).astype(np.float64), sum_rows(low, psu, units), core)
    return rest + np.bincount(psu, own * residual, minlength=units), moments


def _scores_of_all(
    design: Design, rows: IntArray, equations: Equations, residual: FloatArray, *, inflated: bool
) -> FloatArray:
    """Scores of all respondents in the survey's weight, shape (n, p), less what calibration explained of them."""
    everyone = np.zeros((design.weight.size, equations.model.shape[1]))
    everyone[rows] = equations.score / design.weight[rows, None] * residual[:, None]
    if not design.calibration:
        return everyone
    everyone = calibrated(everyone, design)
    return calibration_inflation(design)[:, None] * everyone if inflated else everyone


def _by_unit(design: Design, everyone: FloatArray) -> FloatArray:
    """Sum weighted scores by sampling unit, shape (m, p)."""
    return sum_rows(design.weight[:, None] * everyone, design.psu, design.psu_count)


def _own_part(rows: FloatArray, found: FloatArray, bread: FloatArray) -> FloatArray:
    """Find residuals, shape (q,), whose products with the rows come nearest the scores in the metric of the bread."""
    metric = rows @ bread
    length = (metric * rows).sum(axis=1)
    return np.divide((metric * found).sum(axis=1), length, out=np.zeros_like(length), where=length > 0)


def _working(names: Sequence[str], moments: Mapping[str, _Moments]) -> Working:
    """Gather traces and products of the domains' G."""
    trace, product = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for row, first in enumerate(names):
        if first not in moments:
            continue
        trace[row] = float((moments[first].own + moments[first].bend).sum())
        for column, second in enumerate(names):
            if second in moments:
                product[row, column] = moments[first].product(moments[second])
    return Working(np.eye(len(names)), DomainMoments(np.arange(len(names), dtype=np.intp), trace, product))


def _basic(
    question: Question, laid: Mapping[str, Layout], fits: Mapping[str, _Fitted], names: Sequence[str]
) -> Estimate:
    """Set out values, bases and refusals, without a variance yet."""
    design = question.sample.design
    reached = np.zeros((design.psu_count, len(names)), dtype=bool)
    n, kish = np.zeros(len(names)), np.zeros(len(names))
    for place, name in enumerate(names):
        weight = laid[name].weight
        reached[design.psu[question.rows[laid[name].members]], place] = True
        n[place], kish[place] = weight.size, weight.sum() ** 2 / max(float((weight**2).sum()), np.finfo(float).tiny)
    units = reached.sum(axis=0)
    return Estimate(
        named=Labels.of({"domain": names}),
        value=np.array([fits[name].value for name in names]),
        influence=np.zeros((0, len(names))),
        design=design,
        variance="taylor",
        kind="other",
        n=n,
        n_kish=kish,
        reached=reached,
        crowding=n / np.maximum(units, 1),
        refused=tuple(
            fits[name].refused or ("" if many > 1 else "no degrees of freedom: all answers come from one sampling unit")
            for name, many in zip(names, units.tolist(), strict=True)
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _AtMost:
    """Degrees of freedom that are no more than those of the sample's replicate weights."""

    moments: Moments
    most: float

    def df(self, loading: FloatArray) -> FloatArray:
        """Degrees of freedom of rows of coefficients, shape (k,)."""
        return np.minimum(self.moments.df(loading), self.most)


def _replicated(
    question: Question, laid: Mapping[str, Layout], fits: Mapping[str, _Fitted], *, tilt: Tilt
) -> list[Estimate]:
    """Work scores, weights and estimates out again under every set of replicate weights."""
    replicates = replicates_of(question.sample.design)
    values = np.array([_again(question, laid, one[question.rows], tilt) for one in replicates.rows])
    parts: list[Estimate] = []
    for names in _apart(list(laid)):
        part = _estimated(question, laid, fits, names)
        own = values[:, [list(laid).index(name) for name in names]]
        broken = np.isnan(own).sum(axis=0).tolist()
        refused = tuple(
            reason or (f"{many} of {replicates.count} replicates have no solution" if many else "")
            for reason, many in zip(part.refused, broken, strict=True)
        )
        influence = np.nan_to_num(replicate_influence(replicates, own, part.value))
        working = part.working and replace(part.working, moments=_AtMost(part.working.moments, replicates.df))
        parts.append(replace(part, influence=influence, variance="replicate", refused=refused, working=working))
    return parts


def _again(question: Question, laid: Mapping[str, Layout], weight: FloatArray, tilt: Tilt) -> list[float]:
    """Estimate every domain under other survey weights of the complete respondents; missing where it can't be done."""
    pooled = {name for name, found in scores(question).items() if POOLED in found.notes}
    whole, found = _score(laid[ALL], weight, tilt), list[float]()
    for name, layout in laid.items():
        score = whole if name == ALL else _score(layout, weight, tilt)
        if name in pooled:
            score = replace(whole, value=whole.value[layout.members[laid[ALL].members]])
        balanced = tilted(layout, score, tilt, weight[layout.members])
        found.append(_fitted(layout, balanced).value)
    return found


def _score(layout: Layout, weight: FloatArray, tilt: Tilt) -> Scores:
    """Fit scores under other weights where the tilt needs them and both arms have some weight."""
    own = weight[layout.members]
    arms = layout.treated[own > 0]
    if tilt == "entropy" or not arms.any() or arms.all():
        return Scores(np.full(own.size, np.nan), refused="an arm is empty")
    return fitted_scores(layout, own)
