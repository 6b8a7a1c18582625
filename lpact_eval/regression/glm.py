"""Linear, logistic and Poisson regression whose coefficients carry every sampling unit's influence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.regression.coefficients import Solution, coefficients_of, taken
from lpact_eval.regression.fitting import Problem, linear_of, solve
from lpact_eval.regression.replicated import from_replicates
from lpact_eval.regression.terms import read_formula, read_offsets
from lpact_eval.weighting.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.regression.fitting import Family
    from lpact_eval.regression.offsets import Expression
    from lpact_eval.regression.terms import Model, Where
    from lpact_eval.sample import FloatArray, Sample

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
    notes : tuple of str
        Penalised fits: the method, and what of the design it leaves out.
    shifted : Estimate or None
        Penalised fits: the coefficients with the constant that meets the observed share, for predicted probabilities.
    remark : str
        Penalised fits: what is flagged beside every estimate from it.
    """

    sample: Sample
    model: Model
    family: Family | Literal["ordinal"]
    matrix: FloatArray
    coefficients: Estimate
    notes: tuple[str, ...] = ()
    shifted: Estimate | None = None
    remark: str = ""

    @property
    def predicting(self) -> Fit:
        """The fit that predictions and average comparisons come from: itself, or a penalised one's with FLIC."""
        return self if self.shifted is None else replace(self, coefficients=self.shifted, shifted=None)

    @property
    def n(self) -> int:
        """Complete respondents that the fit rests on."""
        return self.model.rows.size

    @property
    def left_out(self) -> int:
        """Respondents in the domain who miss an answer to a variable in the formula."""
        return self.model.asked - self.n

    @property
    def references(self) -> Mapping[str, str]:
        """Level of each category of the formula that its other levels are compared with."""
        return self.model.references

    @property
    def weight(self) -> FloatArray:
        """Weights of the complete respondents, shape (n,)."""
        return self.sample.design.weight[self.model.rows]

    def linear(self, frame: pd.DataFrame | None = None) -> tuple[FloatArray, FloatArray]:
        """Model matrix (n, p) and linear predictor (n,), offset included, of a frame like the model's own.

        Parameters
        ----------
        frame : DataFrame of n rows, optional
            Default the respondents' own answers.
        """
        model = self.model
        matrix = self.matrix if frame is None else model.build(frame)
        offset = model.offset if frame is None or model.offset is None else model.offset_of(frame)
        return matrix, linear_of(matrix, self.coefficients.value, offset)

    def __repr__(self) -> str:
        counted = f"{self.n} respondents, {self.left_out} left out for missing answers"
        if self.references:
            counted += f"; compared with {', '.join(f'{name}: {level}' for name, level in self.references.items())}"
        notes = "".join(f"\n{note[0].upper()}{note[1:]}." for note in self.notes)
        return f"Fit({self.model.title}, {self.family}: {counted}){notes}\n{self.coefficients!r}"


def regress(
    sample: Sample,
    formula: str,
    *,
    family: Family | Literal["ordinal"] = "gaussian",
    where: Where | None = None,
    variance: Variance = "cr2",
    penalty: Literal["firth"] | None = None,
    offset: str | None = None,
) -> Fit:
    """Fit a survey-weighted regression.

    Parameters
    ----------
    sample : Sample
        Respondents who miss an answer to any variable of the formula are left out and counted.
    formula : str
        As in "trust ~ attended * ethnicity + age_band". A categorical outcome counts 1 for its favourable answers
        or "yes". The reference level of a category is the first in the schema's order, else the first alphabetically
        (`Fit.references`). `offset(log(hours))` adds a known term: events an hour with family="poisson".
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
    penalty : "firth", optional
        For "binomial" with sparse cells, where the answers may separate. Always finite; profile penalised likelihood
        intervals and likelihood ratio p values; predicted probabilities average the observed share (FLIC). It leaves
        out survey weights, sites and replicate weights, whatever `variance` is, and says so: put the variables behind
        the weights in the formula.
    offset : str, optional
        A variable, or an expression of variables such as "log(hours)", added to the linear predictor as it is; the same
        as offset(...) in the formula. Predictions and comparisons carry it.

    Returns
    -------
    Fit

    Raises
    ------
    WrongUseError
        If the family, variance, penalty or formula is not one of those available, or an offset stands in a formula for
        ordered answers.
    EstimationError
        If a variable does not exist, a term is a combination of others, an offset is no finite number, the outcome does
        not suit the family or is separated, or the fit does not arrive.

    Warns
    -----
    LpactWarning
        If the weights are of the kind that the formula's categories, or the groups in `where`, do not want: see
        `weighting.kinds.check_kind`.

    Notes
    -----
    Linearised variable: B x_i (y_i - mu_i), B = (sum of w_i mu'_i x_i x_i')^-1, canonical links. CR2 works on the
    response scale with working variances mu'_i; see `leverage.corrected_scores`.

    References
    ----------
    Binder (1983), *ISR* 51, 279-292, sec. 4; Pustejovsky & Tipton (2018), *JBES* 36, 672-683.
    """
    _check_use(family, variance)
    _check_penalty(family, penalty)
    if family == "ordinal":
        from lpact_eval.regression.ordinal import fit_ordinal  # noqa: PLC0415 - most fits are of another family

        _refuse_offset(formula, read_offsets(formula, offset))
        read, coefficients = fit_ordinal(sample, formula, where, variance)
        _check_weights(sample, read.model, where)
        return Fit(sample, read.model, family, read.matrix, coefficients)
    model = read_formula(sample, formula, where, offset)
    if penalty is not None:
        from lpact_eval.regression.penalised import fit_penalised  # noqa: PLC0415 - most fits have no penalty

        found = fit_penalised(sample, model)
        given = found.sample, found.model, family, found.matrix, found.coefficients
        return Fit(*given, notes=found.notes, shifted=found.predicting, remark=found.remark)
    _check_weights(sample, model, where)
    return fit_model(sample, model, family=family, variance=variance)


def fit_model(sample: Sample, model: Model, *, family: Family, variance: Variance) -> Fit:
    """Fit a model that is already set out; arguments and errors as in `regress`."""
    _check_outcome(model, family)
    matrix, design = model.made(), sample.design
    problem = Problem(
        matrix, model.terms, model.outcome, taken(design.weight, model.rows), family, model.title, model.offset
    )
    solution = Solution.of(problem, solve(problem))
    linear = coefficients_of(sample, model, solution, "taylor" if design.replicates is not None else variance)
    if design.replicates is not None:
        linear = from_replicates(linear, problem, model.rows)
    return Fit(sample, model, family, matrix, linear)


def _check_use(family: str, variance: str) -> None:
    """Refuse families and variances that are not available."""
    if family not in _FAMILIES:
        msg = f"Cannot fit the family {family!r}; available are {list(_FAMILIES)}."
        raise WrongUseError(msg)
    if variance not in {"taylor", "cr2"}:
        msg = f"Cannot use variance={variance!r}; there are 'cr2' and 'taylor'."
        raise WrongUseError(msg)


def _check_penalty(family: str, penalty: str | None) -> None:
    """Refuse penalties that are not available, and Firth's for other families than the logistic."""
    if penalty not in {None, "firth"}:
        msg = f"Cannot fit with penalty={penalty!r}; there is 'firth', for family='binomial'. Leave penalty out."
        raise WrongUseError(msg)
    if penalty is not None and family != "binomial":
        msg = f"Cannot fit the family {family!r} with penalty='firth': it is for family='binomial'. Leave penalty out."
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


def _refuse_offset(formula: str, offsets: Sequence[Expression]) -> None:
    """Refuse offsets for ordered answers."""
    if offsets:
        msg = f"Cannot fit {formula!r} for ordered answers with the offset {offsets[0].text!r}; leave the offset out."
        raise WrongUseError(msg)


def _check_weights(sample: Sample, model: Model, where: Where | None) -> None:
    """Warn where coefficients by these categories want another kind of weights, as estimates by them do."""
    if sample.design.calibration:
        domain = np.full(len(sample), -1, dtype=np.intp)
        domain[model.rows] = 0
        check_kind(sample, sorted({*model.references, *model.categories, *(where or {})}), domain)
