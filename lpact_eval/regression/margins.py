"""Average predictions and comparisons: what a regression says, in the outcome's own unit, by domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.asked import WAVE, require_comparable, with_asked
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.noted import noted
from lpact_eval.regression.averages import average
from lpact_eval.regression.sides import (
    Predicted,
    Side,
    as_labels,
    given,
    require,
    scales_of,
    settings_of,
    stepped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.regression.glm import Fit
    from lpact_eval.regression.terms import Where

Covariates = Literal["sampled", "fixed"]


def predictions(
    fit: Fit,
    *,
    answer: str | Sequence[str] | None = None,
    at: Mapping[str, object] | None = None,
    by: str | Sequence[str] = (),
    among: Where | None = None,
    covariates: Covariates = "sampled",
) -> Estimate:
    """Average the predictions for the complete respondents, with their own answers or with some of them set.

    Parameters
    ----------
    fit : Fit
    answer : str or sequence of str, optional
        Ordered answers (family "ordinal") only: the share of this answer, or of several that count together; by
        default the share of each.
    at : mapping, optional
        {variable: value or values}; every combination of the values is predicted for everyone.
    by : str or sequence of str, default ()
        Domain variables; one average per combination present.
    among : mapping, optional
        {variable: category or categories} of the respondents averaged over; all complete ones by default.
    covariates : str, default "sampled"
        As in `comparisons`.

    Returns
    -------
    Estimate
        Survey-weighted averages in the outcome's unit, shares in 0-1 for "binomial" and "ordinal"; labels variable,
        answer (ordered answers), those set in `at`, and the domain variables.

    Raises
    ------
    WrongUseError
        If `covariates` is unknown, answers are asked for of another family, or a variable is set and in `by` too.
    EstimationError
        If a variable is not in the formula, a value is none of its levels, an answer does not exist or was merged with
        another, or nobody is averaged over.

    Notes
    -----
    Ordered answers: P(Y = k) = F(zeta_k - x'b) - F(zeta_(k-1) - x'b), with the influence of coefficients
    and cut-points.
    """
    fit = fit.predicting
    settings = settings_of(fit, at or {})
    frames = [given(fit.model.frame, setting) if setting else None for setting in settings]
    everyone = [Predicted.of(fit, frame) for frame in frames]
    sides = [
        Side(((1.0, predicted),), scale, as_labels(setting), name)
        for setting, predicted in zip(settings, everyone, strict=True)
        for name, scale in scales_of(fit, answer)
    ]
    found = average(fit, sides, by=by, among=among, sampled=_sampled(covariates))
    kind = "share" if fit.family in {"binomial", "ordinal"} else "other"
    return _by_wave(fit, replace(found, kind=kind), by, at or {})


def comparisons(  # noqa: PLR0913 - what is compared, of what, and whom it is averaged over
    fit: Fit,
    variable: str,
    level: object = None,
    *,
    minus: object = None,
    step: float | None = None,
    answer: str | Sequence[str] | None = None,
    at: Mapping[str, object] | None = None,
    by: str | Sequence[str] = (),
    among: Where | None = None,
    covariates: Covariates = "sampled",
) -> Estimate:
    """Average the difference in prediction between two levels of a variable over the complete respondents.

    Parameters
    ----------
    fit : Fit
    variable : str
        Variable of the formula that is set to both levels for everyone, all else as it is.
    level, minus : object
        The two levels (categories, or numbers of a numeric variable).
    step : float, optional
        In place of two levels: everyone's own value of a numeric variable plus the step, minus the own value.
    answer, at, by, among
        As in `predictions`; `among` the respondents at one level gives the average over those who have it ("ATT").
    covariates : str, default "sampled"
        Whether the respondents averaged over count as drawn at random ("sampled": their own influence joins that of
        the coefficients, the unconditional standard error) or as given ("fixed": the coefficients alone, as Stata's
        margins, R marginaleffects and svy do).

    Returns
    -------
    Estimate
        Survey-weighted average differences in the outcome's unit; the column named as the variable reads
        "level - minus", or "+step". Degrees of freedom under "cr2" are Satterthwaite's of both parts of the influence,
        under "taylor" those of the regression. With replicate weights coefficients and averages are worked out again
        under each.

    Raises
    ------
    WrongUseError
        If there are neither two levels nor a step, a step is for a category, or as in `predictions`.
    EstimationError
        If the variable is not in the formula or has no such level, it is the wave and the outcome can't be compared,
        or as in `predictions`.

    Notes
    -----
    theta_d = sum over d of w_i [mu(x_i1' b) - mu(x_i0' b)] / W_d; linearised variable
    1(i in d)(difference_i - theta_d) / W_d + (d theta_d / d b)' u_i(b), its covariance included. Under "cr2" the
    deviations of the first part are corrected for leverage as those of a mean are, the residuals of the second as those
    of the regression; see `average_moments.AverageMoments` for the degrees of freedom.

    References
    ----------
    Graubard & Korn (1999), *Biometrics* 55, 652-659; Deville (1999), *Survey Methodology* 25, 193-203.
    """
    fit = fit.predicting
    require(fit, [variable])
    _check_levels(variable, level, minus, step)
    if step is None:
        require_comparable(fit.sample, fit.model.outcome_name, variable, (str(minus), str(level)))
    named = f"{level} - {minus}" if step is None else f"{step:+g}"
    sides: list[Side] = []
    for setting in settings_of(fit, at or {}):
        pair = _pair(fit, variable, setting, (level, minus, step))
        labels = {**as_labels(setting), variable: named}
        sides += [Side(pair, scale, labels, name) for name, scale in scales_of(fit, answer)]
    found = average(fit, sides, by=by, among=among, sampled=_sampled(covariates))
    return _by_wave(fit, found, by, at or {})


def averaged(fit: Fit, sides: Sequence[Side], *, by: str | Sequence[str] = ()) -> Estimate:
    """Average sides that are laid out already, as `predictions` and `comparisons` do over all respondents drawn."""
    return _by_wave(fit, average(fit, sides, by=by, among=None, sampled=True), by, {})


def together(estimates: Sequence[Estimate]) -> Estimate:
    """Put estimates of one fit under each other, so that they can be compared; k adds up.

    Parameters
    ----------
    estimates : sequence of Estimate
        From `predictions` or `comparisons` of the same fit; a label that one lacks is "".
    """
    return combine(estimates)


def _pair(
    fit: Fit, variable: str, setting: Mapping[str, object], levels: tuple[object, object, float | None]
) -> tuple[tuple[float, Predicted], ...]:
    """Predict with the variable at the one and at the other level."""
    level, minus, step = levels
    if variable in setting:
        msg = f"Cannot compare {variable!r} with {variable!r} set in at=; leave it out of at."
        raise WrongUseError(msg)
    frame = given(fit.model.frame, setting)
    upper: pd.DataFrame
    if step is None:
        upper, lower = given(frame, {variable: level}), given(frame, {variable: minus})
    else:
        upper, lower = stepped(frame, variable, step), frame
    return (1.0, Predicted.of(fit, upper)), (-1.0, Predicted.of(fit, lower))


def _check_levels(variable: str, level: object, minus: object, step: float | None) -> None:
    """Require two levels or a step."""
    both = level is not None and minus is not None
    if both == (step is not None) or (level is None) != (minus is None):
        msg = f"Cannot compare {variable!r}: give two levels, as in comparisons(fit, {variable!r}, 'yes', minus='no'), "
        raise WrongUseError(msg + "or the step= of a number.")


def _sampled(covariates: str) -> bool:
    """Read whether respondents count as drawn."""
    if covariates not in {"sampled", "fixed"}:
        msg = f"Cannot average with covariates={covariates!r}; there are 'sampled' and 'fixed'."
        raise WrongUseError(msg)
    return covariates == "sampled"


def _by_wave(fit: Fit, estimate: Estimate, by: str | Sequence[str], at: Mapping[str, object]) -> Estimate:
    """Note how the question was asked in each wave, where the averages are by wave."""
    names = [by] if isinstance(by, str) else list(by)
    found = with_asked(estimate, fit.sample, names if WAVE in names or WAVE not in at else [WAVE])
    return noted(found, [fit.remark] * len(found)) if fit.remark else found
