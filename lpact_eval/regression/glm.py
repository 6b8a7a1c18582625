"""Linear, logistic and Poisson regression whose coefficients carry every sampling unit's influence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.replicated import linear_influence
from lpact_eval.estimation.variance import CR2_CLUSTERS, calibrated, calibration_inflation, design_df, sum_rows
from lpact_eval.regression.fitting import Problem, mean_of, slope_of, solve
from lpact_eval.regression.leverage import Equations, FixedMoments, corrected_scores, moments
from lpact_eval.regression.ordinal import fit_ordinal
from lpact_eval.regression.replicated import from_replicates
from lpact_eval.regression.terms import read_formula

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Moments, Variance
    from lpact_eval.regression.fitting import Family
    from lpact_eval.regression.terms import Model, Where
    from lpact_eval.sample import FloatArray, IntArray, Sample

_FAMILIES = ("gaussian", "binomial", "poisson", "ordinal")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted regression; n complete respondents, p coefficients, m sampling units.

    Attributes
    ----------
    sample : Sample
    model : Model
        Formula, outcome, complete respondents and how to build the model matrix.
    family : str
        "gaussian" (identity link), "binomial" (logit), "poisson" (log) or "ordinal" (cumulative logits).
    matrix : ndarray of shape (n, p)
        For "ordinal" without a constant.
    coefficients : Estimate
        p coefficients, for "ordinal" followed by the cut-points; label column "term".
    """

    sample: Sample
    model: Model
    family: Family | Literal["ordinal"]
    matrix: FloatArray
    coefficients: Estimate

    @property
    def n(self) -> int:
        """Complete respondents that the fit rests on."""
        return self.model.rows.size

    @property
    def left_out(self) -> int:
        """Respondents in the domain who miss an answer to a variable in the formula."""
        return self.model.asked - self.n

    @property
    def weight(self) -> FloatArray:
        """Weights of the complete respondents, shape (n,)."""
        return self.sample.design.weight[self.model.rows]

    def __repr__(self) -> str:
        counted = f"{self.n} respondents, {self.left_out} left out for missing answers"
        return f"Fit({self.model.title}, {self.family}: {counted})\n{self.coefficients!r}"


def regress(
    sample: Sample,
    formula: str,
    *,
    family: Family | Literal["ordinal"] = "gaussian",
    where: Where | None = None,
    variance: Variance = "cr2",
    penalty: Literal["firth"] | None = None,
) -> Fit:
    """Fit a survey-weighted regression.

    Parameters
    ----------
    sample : Sample
        Respondents who miss an answer to any variable of the formula are left out and counted.
    formula : str
        As in "trust ~ attended * ethnicity + age_band". A categorical outcome counts 1 for its favourable answers
        or "yes". The reference level of a category is the first in the schema's order, else the first alphabetically.
    family : str, default "gaussian"
        "gaussian" (identity link; a linear probability model for shares), "binomial" (logit), "poisson" (log),
        "ordinal" (proportional odds of a scale or number of few values: log odds of a later answer in the schema's
        order; then the cut-points "a|b"; categories of fewer than 5 weighted answers are merged with a neighbour).
    where : mapping, optional
        {variable: category or categories} of a domain; everybody else has influence zero.
    variance : str, default "cr2"
        "cr2" with Satterthwaite degrees of freedom for every combination of the coefficients (clusters are PSUs or
        rows), or "taylor" (equal to R svyglm; PSUs - strata + 1 - p degrees of freedom). With replicate weights the
        model is fitted again under each, whatever is asked for here.
    penalty : None
        No penalised fit is available.

    Returns
    -------
    Fit

    Raises
    ------
    WrongUseError
        If the family, variance, penalty or formula is not one of those available.
    EstimationError
        If a variable does not exist, a term is a combination of others, the outcome does not suit the family or is
        separated, or the fit does not arrive.

    Notes
    -----
    Linearised variable: B x_i (y_i - mu_i), B = (sum of w_i mu'_i x_i x_i')^-1, canonical links. CR2 works on the
    response scale with working variances mu'_i; see `leverage.corrected_scores`.

    References
    ----------
    Binder (1983), *ISR* 51, 279-292, sec. 4; Pustejovsky & Tipton (2018), *JBES* 36, 672-683.
    """
    _check_use(family, variance, penalty)
    if family == "ordinal":
        read, coefficients = fit_ordinal(sample, formula, where, variance)
        return Fit(sample, read.model, family, read.matrix, coefficients)
    return fit_model(sample, read_formula(sample, formula, where), family=family, variance=variance)


def fit_model(sample: Sample, model: Model, *, family: Family, variance: Variance) -> Fit:
    """Fit a model that is already set out; arguments and errors as in `regress`."""
    _check_outcome(model, family)
    matrix = model.build(model.frame)
    weight = sample.design.weight[model.rows]
    problem = Problem(matrix, model.terms, model.outcome, weight, family, model.title)
    coefficients = solve(problem)
    mean = mean_of(family, matrix @ coefficients)
    slope = slope_of(family, mean)
    score = weight[:, None] * matrix
    bread = np.linalg.inv(score.T @ (slope[:, None] * matrix))
    equations = Equations(slope[:, None] * matrix, score, slope, (bread + bread.T) / 2)
    solution = _Solution(equations, coefficients, model.outcome - mean)
    if sample.design.replicates is None:
        return Fit(sample, model, family, matrix, _coefficients(sample, model, solution, variance))
    linear = _coefficients(sample, model, solution, "taylor")
    return Fit(sample, model, family, matrix, from_replicates(linear, problem, model.rows))


def spread_to_units(sample: Sample, rows: IntArray, linearised: FloatArray) -> FloatArray:
    """Influence of each PSU or replicate, shape (m, k), of a linearised variable on the given rows, shape (n, k)."""
    design = sample.design
    everyone = np.zeros((len(sample), linearised.shape[1]))
    everyone[rows] = linearised
    if design.replicates is not None:
        return linear_influence(design, everyone)
    return sum_rows(design.weight[:, None] * calibrated(everyone, design), design.psu, design.psu_count)


@dataclass(frozen=True, slots=True, eq=False)
class _Solution:
    """Estimating equations, coefficients (p,) and residuals (n,) of a solved regression."""

    equations: Equations
    value: FloatArray
    residual: FloatArray


def _coefficients(sample: Sample, model: Model, solution: _Solution, variance: Variance) -> Estimate:
    """Put coefficients, influence and bases together."""
    design, rows, value = sample.design, model.rows, solution.value
    reached = np.bincount(design.psu[rows], minlength=design.psu_count) > 0
    freedom = float(design_df(reached[:, None], design.psu_stratum)[0]) + 1 - value.size
    reason = ""
    if variance == "cr2" and int(reached.sum()) <= CR2_CLUSTERS:
        influence, working = _cr2_influence(sample, rows, solution)
        if int(reached.sum()) < 2:  # noqa: PLR2004 - one unit shows no variance
            reason = "no degrees of freedom: all answers come from one sampling unit"
    else:
        variance = "taylor"
        plain = solution.equations.score / design.weight[rows, None]
        direction = (plain * solution.residual[:, None]) @ solution.equations.bread
        influence, working = spread_to_units(sample, rows, direction), FixedMoments(freedom)
        if freedom <= 0:
            reason = f"no degrees of freedom: {int(reached.sum())} sampling units carry {value.size} coefficients"
    k = value.size
    weight = design.weight[rows]
    return Estimate(
        labels=pd.DataFrame({"term": list(model.terms)}),
        value=value,
        influence=influence,
        design=design,
        variance=variance,
        kind="other",
        n=np.full(k, float(rows.size)),
        n_kish=np.full(k, float(weight.sum() ** 2 / (weight**2).sum())),
        reached=np.repeat(reached[:, None], k, axis=1),
        crowding=np.full(k, rows.size / max(int(reached.sum()), 1)),
        refused=(reason,) * k,
        working=Working(np.eye(k), working),
    )


def _cr2_influence(sample: Sample, rows: IntArray, solution: _Solution) -> tuple[FloatArray, Moments]:
    """Influence of each PSU with residuals corrected for leverage, shape (m, p), and the moments behind its df.

    What calibration explained is taken out of the residuals, and its degrees of freedom are given back, before they
    are corrected; the part that is not a residual of the respondent's own row keeps the plain weight.
    """
    design, equations, residual = sample.design, solution.equations, solution.residual
    units, cluster = np.unique(design.psu[rows], return_inverse=True)
    corrected = corrected_scores(equations, cluster)
    influence = np.zeros((design.psu_count, solution.value.size))
    if design.calibration:
        everyone = np.zeros((len(sample), solution.value.size))
        plain = equations.score / design.weight[rows, None]
        everyone[rows] = plain * residual[:, None]
        everyone = calibration_inflation(design)[:, None] * calibrated(everyone, design)
        residual = _own_part(plain, everyone[rows], equations.bread)
        everyone[rows] -= plain * residual[:, None]
        rest = sum_rows(design.weight[:, None] * everyone, design.psu, design.psu_count)
        influence += rest @ equations.bread
    influence[units] += sum_rows(corrected * residual[:, None], cluster, units.size)
    return influence, moments(equations, corrected, cluster)


def _own_part(rows: FloatArray, scores: FloatArray, bread: FloatArray) -> FloatArray:
    """Find residuals, shape (n,), whose products with the model matrix come nearest the scores in the metric of B."""
    metric = rows @ bread
    length = (metric * rows).sum(axis=1)
    return np.divide((metric * scores).sum(axis=1), length, out=np.zeros_like(length), where=length > 0)


def _check_use(family: str, variance: str, penalty: str | None) -> None:
    """Refuse families, variances and penalties that are not available."""
    if family not in _FAMILIES:
        msg = f"Cannot fit the family {family!r}; available are {[*_FAMILIES, 'ordinal']}."
        raise WrongUseError(msg)
    if variance not in {"taylor", "cr2"}:
        msg = f"Cannot use variance={variance!r}; there are 'cr2' and 'taylor'."
        raise WrongUseError(msg)
    if penalty is not None:
        msg = f"Cannot fit with penalty={penalty!r}; penalised fits are not available. Leave penalty out."
        raise WrongUseError(msg)


def _check_outcome(model: Model, family: Family) -> None:
    """Refuse an outcome outside the family's range, or one that does not vary."""
    outcome = model.outcome
    outside = (outcome < 0) | ((outcome > 1) if family == "binomial" else False)
    if family != "gaussian" and outside.any():
        allowed = "0 to 1" if family == "binomial" else "0 or more"
        msg = (
            f"Cannot fit {model.title!r} with family={family!r}: {int(outside.sum())} of {outcome.size} values of "
            f"{model.outcome_name!r} lie outside {allowed}. Use family='gaussian', or recode the outcome."
        )
        raise EstimationError(msg)
