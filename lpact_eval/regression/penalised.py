"""A logistic regression with Firth's penalty as an estimate like any other, and what it leaves out of the design."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import EstimationError, LpactWarning
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.noted import noted
from lpact_eval.regression.firth import ProfileLimits, firth, flic
from lpact_eval.regression.leverage import FixedMoments

if TYPE_CHECKING:
    from lpact_eval.regression.firth import Firth
    from lpact_eval.regression.terms import Model
    from lpact_eval.sample import FloatArray, Sample

METHOD = "Firth's penalty: profile penalised likelihood intervals and likelihood ratio p values"
SITES = (
    "recruitment sites were recorded and are ignored: profile intervals take respondents as independent and are too "
    "narrow where answers within a site are alike"
)
_LEVEL = 1e-9  # relative spread under which weights are the same for everyone


@dataclass(frozen=True, slots=True, eq=False)
class Penalised:
    """A penalised fit; n complete respondents, p coefficients.

    Attributes
    ----------
    sample : Sample
        As given, without replicate weights, which the fit does not use.
    model : Model
    matrix : ndarray of shape (n, p)
    coefficients : Estimate
        With profile intervals, likelihood ratio p values, and what was left out as flags.
    predicting : Estimate
        The coefficients behind predicted probabilities (FLIC).
    notes : tuple of str
        The method, and what it leaves out.
    remark : str
        What is flagged beside every estimate from it; empty where nothing is left out.
    """

    sample: Sample
    model: Model
    matrix: FloatArray
    coefficients: Estimate
    predicting: Estimate
    notes: tuple[str, ...]
    remark: str


def fit_penalised(sample: Sample, model: Model) -> Penalised:
    """Fit a logistic regression with Firth's penalty, without the survey weights.

    Parameters
    ----------
    sample : Sample
    model : Model

    Returns
    -------
    Penalised

    Warns
    -----
    LpactWarning
        If the respondents' weights differ. It goes away where all of the difference comes from calibration on
        variables that stand in the formula, or where the sample has no weights.

    Raises
    ------
    EstimationError
        If the outcome is not 0 or 1, a term is a combination of others, or the fit does not arrive.

    Notes
    -----
    The profile of a weighted likelihood is no likelihood: its drop has no chi-squared distribution. A variable behind
    the weights belongs in the formula. Variance "model": the likelihood's own, with normal limits for contrasts.

    References
    ----------
    Heinze & Schemper (2002), *Statistics in Medicine* 21, 2409-2419; Puhr et al. (2017), *Statistics in Medicine* 36,
    2302-2317, for FLIC; Lumley & Scott (2014), *Australian & New Zealand J. Statistics* 56, 1-14, for the distribution
    of a weighted likelihood's drop.
    """
    other = int(((model.outcome != 0) & (model.outcome != 1)).sum())
    if other:
        msg = (
            f"Cannot fit {model.title!r} with penalty='firth': {other} of {model.outcome.size} values of "
            f"{model.outcome_name!r} are neither 0 nor 1. Recode the outcome, or leave penalty out."
        )
        raise EstimationError(msg)
    weights, flag = _weights_note(sample, model)
    if flag:
        warnings.warn(f"{model.title!r}: {weights}.", LpactWarning, stacklevel=3)
    sites = SITES if sample.design.clustered else ""
    flags = [flag, "recruitment sites ignored: the interval may be too narrow" if sites else ""]
    matrix = model.made()
    fitted = firth(matrix, model.outcome, model.terms, model.title, offset=model.offset)
    bare = _bare(sample, model)
    coefficients = replace(
        _estimated(bare, model, fitted.value, fitted.deviations()),
        own=ProfileLimits(fitted, np.arange(len(model.terms), dtype=np.intp)),
    )
    remark = "; ".join(filter(None, flags))
    return Penalised(
        sample.with_design(bare.design),
        model,
        matrix,
        noted(coefficients, [remark] * len(coefficients)) if remark else coefficients,
        _predicting(bare, model, fitted),
        tuple(filter(None, [METHOD, weights, sites])),
        remark,
    )


def _bare(sample: Sample, model: Model) -> Estimate:
    """Coefficients without values yet."""
    design, rows, k = replace(sample.design, replicates=None), model.rows, len(model.terms)
    reached = np.bincount(design.psu[rows], minlength=design.psu_count) > 0
    return Estimate(
        named=Labels.of({"term": model.terms}),
        value=np.full(k, np.nan),
        influence=np.zeros((len(sample), k)),
        design=design,
        variance="model",
        kind="other",
        n=np.full(k, float(rows.size)),
        n_kish=np.full(k, float(rows.size)),
        reached=np.repeat(reached[:, None], k, axis=1),
        crowding=np.full(k, rows.size / max(int(reached.sum()), 1)),
        refused=("",) * k,
        working=Working(np.eye(k), FixedMoments(np.inf)),
    )


def _estimated(bare: Estimate, model: Model, value: FloatArray, deviations: FloatArray) -> Estimate:
    """Put values and what their covariance is made of in place."""
    everyone = np.zeros_like(bare.influence)
    everyone[model.rows] = deviations
    return replace(bare, value=value, influence=everyone)


def _predicting(bare: Estimate, model: Model, fitted: Firth) -> Estimate:
    """Coefficients with FLIC's constant; refused where everyone gave the same answer."""
    value = flic(fitted)
    if value is None:
        reason = "everyone gave the same answer: odds ratios are penalised, predicted shares are not"
        return replace(bare, refused=(reason,) * len(bare))
    return _estimated(bare, model, value, fitted.deviations(value))


def _weights_note(sample: Sample, model: Model) -> tuple[str, str]:
    """Say what became of the weights, and flag it where a reader has to mind; nothing where they are all the same."""
    if _equal(sample.design.weight[model.rows]):
        return "", ""
    behind = _calibrated_on(sample)
    if behind and set(behind) <= set(model.frame.columns) and _equal(_starting_weight(sample)[model.rows]):
        return f"fitted without the survey weights; what they correct for ({', '.join(behind)}) is in the formula", ""
    note = (
        "fitted without the survey weights, with which profile intervals do not hold: the coefficients describe these "
        f"respondents, not the population; put {', '.join(behind) or 'the variables behind the weights'} in the formula"
    )
    return note, "survey weights not used"


def _equal(weight: FloatArray) -> bool:
    """Whether weights are the same for everyone."""
    return bool(weight.max() - weight.min() <= _LEVEL * weight.max())


def _calibrated_on(sample: Sample) -> tuple[str, ...]:
    """Variables whose totals the weights meet; empty where that was not recorded."""
    steps = [step for step in sample.design.calibration if step.distance != "trim"]
    if not steps or any(not step.met for step in steps):
        return ()
    joint = [*(one.variable for step in steps for one in step.met), *(step.within for step in steps if step.within)]
    return tuple(dict.fromkeys(name for names in joint for name in names.split(" and ")))


def _starting_weight(sample: Sample) -> FloatArray:
    """Weights before the first calibration step that touched each respondent, shape (n,)."""
    start = sample.design.weight.copy()
    known = np.zeros(start.size, dtype=bool)
    for step in sample.design.calibration:
        first = ~known & (step.weight_before > 0)
        start[first] = step.weight_before[first]
        known |= first
    return start
