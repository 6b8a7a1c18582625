"""Average predictions and comparisons: what a regression says, in the outcome's own unit, by domain."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.domains import Bases, domains_of
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.regression.fitting import mean_of, slope_of
from lpact_eval.regression.glm import spread_to_units

if TYPE_CHECKING:
    from lpact_eval.regression.glm import Fit
    from lpact_eval.sample import FloatArray, IntArray

Covariates = Literal["auto", "sampled", "fixed"]


def predictions(
    fit: Fit,
    *,
    at: Mapping[str, object] | None = None,
    by: str | Sequence[str] = (),
    covariates: Covariates = "auto",
) -> Estimate:
    """Average the predictions for the complete respondents, with their own answers or with some of them set.

    Parameters
    ----------
    fit : Fit
    at : mapping, optional
        {variable: value or values}; every combination of the values is predicted for everyone.
    by : str or sequence of str, default ()
        Domain variables; one average per combination present.
    covariates : str, default "auto"
        As in `comparisons`.

    Returns
    -------
    Estimate
        Survey-weighted averages in the outcome's unit; labels variable, those set in `at`, and the domain variables.

    Raises
    ------
    EstimationError
        If a variable is not in the formula or a value is none of its levels.
    """
    settings = _settings(fit, at or {})
    labels = [{name: str(value) for name, value in setting.items()} for setting in settings]
    sides = [_Side.of(fit, setting) for setting in settings]
    kind = "share" if fit.family == "binomial" else "other"
    return replace(_average(fit, sides, labels, by=by, covariates=covariates), kind=kind)


def comparisons(
    fit: Fit,
    variable: str,
    level: object,
    *,
    minus: object,
    by: str | Sequence[str] = (),
    covariates: Covariates = "auto",
) -> Estimate:
    """Average the difference in prediction between two levels of a variable over the complete respondents.

    Parameters
    ----------
    fit : Fit
    variable : str
        Variable of the formula that is set to both levels for everyone, all else as it is.
    level, minus : object
        The two levels (categories, or numbers of a numeric variable).
    by : str or sequence of str, default ()
        Domain variables; one average per combination present.
    covariates : str, default "auto"
        Whether the respondents averaged over count as drawn at random ("sampled": their own influence joins that of
        the coefficients, the unconditional standard error) or as given ("fixed": the coefficients alone, as Stata's
        margins and marginaleffects do). "auto" is "fixed" under variance="cr2" and "sampled" otherwise.

    Returns
    -------
    Estimate
        Survey-weighted average differences in the outcome's unit; the column named as the variable reads
        "level - minus". Degrees of freedom under "cr2" are Satterthwaite's of the gradient in the coefficients.

    Raises
    ------
    EstimationError
        If the variable is not in the formula or has no such level, or it is the wave and the outcome can't be compared.

    Notes
    -----
    theta_d = sum over d of w_i [mu(x_i1' b) - mu(x_i0' b)] / W_d; linearised variable
    1(i in d)(difference_i - theta_d) / W_d + (d theta_d / d b)' u_i(b).

    References
    ----------
    Graubard & Korn (1999), *Biometrics* 55, 652-659; Deville (1999), *Survey Methodology* 25, 193-203.
    """
    require_comparable(fit.sample, fit.model.outcome_name, variable, (str(minus), str(level)))
    upper, lower = _Side.of(fit, {variable: level}), _Side.of(fit, {variable: minus})
    side = _Side(upper.value - lower.value, upper.gradient - lower.gradient)
    return _average(fit, [side], [{variable: f"{level} - {minus}"}], by=by, covariates=covariates)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Predictions, shape (n,), and their gradients in the coefficients, shape (n, p)."""

    value: FloatArray
    gradient: FloatArray

    @staticmethod
    def of(fit: Fit, setting: Mapping[str, object]) -> _Side:
        """Predict for everyone with some variables set."""
        if fit.family == "ordinal":
            msg = (
                f"Cannot average predictions of {fit.model.title!r}: an ordered outcome has no one number. Use "
                "distribution() and cumulative_logits(), or family='gaussian' or 'binomial'."
            )
            raise WrongUseError(msg)
        matrix = fit.model.build(_set(fit, setting)) if setting else fit.matrix
        mean = mean_of(fit.family, matrix @ fit.coefficients.value)
        return _Side(mean, slope_of(fit.family, mean)[:, None] * matrix)


def _settings(fit: Fit, at: Mapping[str, object]) -> list[dict[str, object]]:
    """Every combination of the values asked for."""
    _require(fit, list(at))
    values = [_listed(value) for value in at.values()]
    return [dict(zip(at, combination, strict=True)) for combination in itertools.product(*values)]


def _listed(value: object) -> list[object]:
    """Take one value or several as a list."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value]
    return list(cast("Sequence[object]", value))


def _require(fit: Fit, names: Sequence[str]) -> None:
    """Refuse variables that the formula does not hold."""
    unknown = [name for name in names if name not in fit.model.frame.columns]
    if unknown:
        known = list(fit.model.frame.columns)
        msg = f"Cannot set {unknown} in {fit.model.title!r}: the formula holds {known}."
        raise EstimationError(msg)


def _set(fit: Fit, setting: Mapping[str, object]) -> pd.DataFrame:
    """Give everyone the same value of some variables."""
    _require(fit, list(setting))
    frame = fit.model.frame.copy()
    for name, value in setting.items():
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = list(column.cat.categories)
            if str(value) not in levels:
                msg = f"Cannot set {name!r} to {value!r}: its levels among the complete respondents are {levels}."
                raise EstimationError(msg)
            frame[name] = pd.Categorical([str(value)] * len(frame), categories=levels)
        else:
            frame[name] = _number(name, value)
    return frame


def _number(name: str, value: object) -> float:
    """Take a numeric variable's value."""
    if isinstance(value, bool | int | float | np.integer | np.floating):
        return float(cast("float", value))
    msg = f"Cannot set {name!r} to {value!r}: it is numeric; give a number."
    raise WrongUseError(msg)


def _average(
    fit: Fit,
    sides: Sequence[_Side],
    labels: Sequence[Mapping[str, str]],
    *,
    by: str | Sequence[str],
    covariates: Covariates,
) -> Estimate:
    """Average each side over each domain; k = sides x domains."""
    domain, domain_labels = domains_of(fit.sample, by)
    used = np.full(len(fit.sample), -1, dtype=np.intp)
    used[fit.model.rows] = domain[fit.model.rows]
    present = np.unique(used[used >= 0])
    used = np.where(used >= 0, np.searchsorted(present, used), -1).astype(np.intp)
    domain_labels = domain_labels.iloc[present].reset_index(drop=True)
    sampled = covariates == "sampled" or (covariates == "auto" and fit.coefficients.variance != "cr2")
    parts = [_average_side(fit, side, used, present.size, sampled=sampled) for side in sides]
    frames = [domain_labels.assign(variable=fit.model.outcome_name, **label) for label in labels]
    columns = ["variable", *labels[0], *domain_labels.columns]
    bases = Bases.of(fit.sample.design, used, present.size)
    many = len(sides)
    return replace(
        fit.coefficients,
        labels=pd.concat(frames, ignore_index=True)[columns],
        value=np.concatenate([part[0] for part in parts]),
        influence=np.hstack([part[1] for part in parts]),
        n=np.tile(bases.n, many),
        n_kish=np.tile(bases.kish, many),
        reached=np.tile(bases.reached, many),
        crowding=np.tile(bases.crowding, many),
        refused=(fit.coefficients.refused[0],) * (many * present.size),
        working=fit.coefficients.working
        and Working(np.vstack([part[2] for part in parts]), fit.coefficients.working.moments),
    )


def _average_side(
    fit: Fit, side: _Side, used: IntArray, domains: int, *, sampled: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Values (d,), influence (m, d) and gradients in the coefficients (d, p) of one side's averages."""
    rows, weight = fit.model.rows, fit.weight
    domain = used[rows]
    share = np.zeros((rows.size, domains))
    share[domain >= 0, domain[domain >= 0]] = 1.0
    share /= weight @ share
    value = (weight * side.value) @ share
    gradient = share.T @ (weight[:, None] * side.gradient)
    influence = fit.coefficients.influence @ gradient.T
    if sampled:
        influence = influence + spread_to_units(fit.sample, rows, share * (side.value[:, None] - value))
    return value, influence, gradient


def together(estimates: Sequence[Estimate]) -> Estimate:
    """Put estimates of one fit under each other, so that they can be compared; k adds up.

    Parameters
    ----------
    estimates : sequence of Estimate
        From `predictions` or `comparisons` of the same fit; labels that one lacks are missing.
    """
    first = estimates[0]
    loadings = [estimate.working.loading for estimate in estimates if estimate.working]
    return replace(
        first,
        labels=pd.concat([estimate.labels for estimate in estimates], ignore_index=True),
        value=np.concatenate([estimate.value for estimate in estimates]),
        influence=np.hstack([estimate.influence for estimate in estimates]),
        n=np.concatenate([estimate.n for estimate in estimates]),
        n_kish=np.concatenate([estimate.n_kish for estimate in estimates]),
        reached=np.hstack([estimate.reached for estimate in estimates]),
        crowding=np.concatenate([estimate.crowding for estimate in estimates]),
        refused=tuple(reason for estimate in estimates for reason in estimate.refused),
        working=first.working and Working(np.vstack(loadings), first.working.moments),
    )
