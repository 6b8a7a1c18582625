"""Statistics: a value and its linearised variable for every domain; nothing here squares anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import Bases, categories_of, column_of, domains_of, positions_of
from lpact_eval.estimation.estimate import DomainMoments, Estimate, Working
from lpact_eval.estimation.variance import CR2_CLUSTERS, calibrated, calibration_inflation, cr2_leverage, sum_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Kind, Variance
    from lpact_eval.estimation.variance import Leverage
    from lpact_eval.sample import BoolArray, Design, FloatArray, IntArray, Sample


def proportion(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the share of those who answered who gave one of the answers.

    Parameters
    ----------
    sample : Sample
    variable : str
        Harmonised variable; missing answers are left out of numerator and denominator.
    answer : str or sequence of str
        One category, or several that count together.
    by : str or sequence of str, default ()
        Domain variables; one share per combination present.
    variance : str, default "cr2"
        "cr2" (clusters are PSUs or rows; strata and fpc left aside) or "taylor" (equal to R survey).

    Returns
    -------
    Estimate
        Shares in 0-1, k domains; labels variable, answer and the domain variables.

    Raises
    ------
    EstimationError
        If the variable or an answer does not exist.

    Notes
    -----
    Linearised variable: u_i = (y_i - p_d) / W_d inside domain d among those who answered, 0 elsewhere.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 5.8.
    """
    codes, categories = categories_of(sample, variable)
    wanted = [answer] if isinstance(answer, str) or not hasattr(answer, "__iter__") else list(answer)
    chosen = positions_of(variable, wanted, categories)
    hit = np.isin(codes, chosen).astype(float)
    label = " or ".join(map(str, wanted))
    return _ratios(sample, _Ratio(variable, hit[:, None], codes >= 0, "share", (label,)), by, variance)


def distribution(
    sample: Sample, variable: str, *, by: str | Sequence[str] = (), variance: Variance = "cr2"
) -> Estimate:
    """Estimate the share of every category, in the schema's order, among those who answered.

    Parameters and errors as in `proportion`.

    Returns
    -------
    Estimate
        Shares in 0-1, k = domains x categories; labels variable, answer and the domain variables.
    """
    codes, categories = categories_of(sample, variable)
    hits = (codes[:, None] == np.arange(len(categories))).astype(float)
    return _ratios(sample, _Ratio(variable, hits, codes >= 0, "share", tuple(categories)), by, variance)


def mean(sample: Sample, variable: str, *, by: str | Sequence[str] = (), variance: Variance = "cr2") -> Estimate:
    """Estimate the mean of a numeric variable, in its unit, among those who answered.

    Parameters and errors as in `proportion`; the variable has to be numeric.

    Notes
    -----
    Linearised variable: u_i = (y_i - mean_d) / W_d inside domain d, 0 elsewhere.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 5.8.
    """
    values = _numbers(sample, variable)
    return _ratios(sample, _Ratio(variable, values[:, None], ~np.isnan(values), "other"), by, variance)


def ratio(
    sample: Sample,
    numerator: str,
    denominator: str,
    *,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the ratio of two totals among those with both answers.

    Parameters and errors as in `proportion`; both variables have to be numeric.

    Returns
    -------
    Estimate
        Ratios, k domains; the label `variable` reads "numerator / denominator".

    Notes
    -----
    Linearised variable: u_i = (y_i - R_d x_i) / X_d inside domain d, 0 elsewhere.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 5.6.
    """
    top, bottom = _numbers(sample, numerator), _numbers(sample, denominator)
    answered = ~(np.isnan(top) | np.isnan(bottom))
    parts = _Ratio(f"{numerator} / {denominator}", top[:, None], answered, "other", denominator=bottom)
    return _ratios(sample, parts, by, variance)


def total(sample: Sample, variable: str, *, by: str | Sequence[str] = (), variance: Variance = "cr2") -> Estimate:
    """Estimate the population total of a numeric variable, in its unit, over those who answered.

    Parameters and errors as in `proportion`; the variable has to be numeric. A total has no leverage to correct:
    "cr2" takes the variance between all PSUs, strata and fpc left aside, with PSUs - 1 degrees of freedom.

    Notes
    -----
    Linearised variable: u_i = y_i inside the domain, 0 outside.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 2.8.
    """
    values = _numbers(sample, variable)
    design = sample.design
    domain, labels = domains_of(sample, by)
    answered = ~np.isnan(values)
    domain = np.where(answered, domain, -1)
    inside = domain[:, None] == np.arange(len(labels))
    linearised = np.where(inside, np.where(answered, values, 0.0)[:, None], 0.0)
    weighted = design.weight[:, None] * calibrated(linearised, design)
    influence = sum_rows(weighted, design.psu, design.psu_count)
    if variance == "cr2":
        m = max(design.psu_count, 2)
        influence = (influence - influence.mean(axis=0)) * np.sqrt(m / (m - 1))
    bases = Bases.of(design, domain, len(labels))
    totals = (design.weight[:, None] * linearised).sum(axis=0)
    everywhere = np.ones_like(bases.reached) if variance == "cr2" else bases.reached
    labels.insert(0, "variable", variable)
    refused = (
        ("",) * len(labels)
        if design.psu_count > 1
        else ("no degrees of freedom: the design has one PSU",) * len(labels)
    )
    return Estimate(
        labels, totals, influence, design, variance, "other", bases.n, bases.kish, everywhere, bases.crowding, refused
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ratio:
    """What a ratio-type statistic is made of: numerators (n, a), who answered, and the denominator (1 without)."""

    name: str
    numerators: FloatArray
    answered: BoolArray
    kind: Kind
    labels: tuple[str, ...] = ()
    denominator: FloatArray | None = None


def _ratios(sample: Sample, parts: _Ratio, by: str | Sequence[str], variance: Variance) -> Estimate:
    """Estimate sums of numerators over sums of the denominator in every domain."""
    if variance not in {"taylor", "cr2"}:
        msg = f"Cannot use variance={variance!r}; there are 'cr2' and 'taylor'."
        raise WrongUseError(msg)
    design = sample.design
    domain, domain_labels = domains_of(sample, by)
    domain = np.where(parts.answered, domain, -1)
    domains, answers = len(domain_labels), parts.numerators.shape[1]
    bases = Bases.of(design, domain, domains)
    leverage = None
    if variance == "cr2" and bases.reached.sum(axis=0).min() <= CR2_CLUSTERS:
        leverage = cr2_leverage(design, domain, domains, denominator=parts.denominator)
    value, influence = _linearise(design, domain, parts, domains=domains, leverage=leverage)
    spread = np.repeat(np.arange(domains), answers)
    reached = bases.reached[:, spread]
    refused = tuple(_refusals(bases, value))
    influence = np.where(np.isnan(value), 0.0, influence)
    working = None
    if leverage is not None:
        working = Working(np.eye(spread.size), DomainMoments(spread, leverage.trace, leverage.product))
    return Estimate(
        _labels(parts, domain_labels, spread, answers),
        value,
        influence,
        design,
        "taylor" if leverage is None else "cr2",
        parts.kind,
        bases.n[spread],
        bases.kish[spread],
        reached,
        bases.crowding[spread],
        refused,
        working,
    )


def _linearise(
    design: Design, domain: IntArray, parts: _Ratio, *, domains: int, leverage: Leverage | None
) -> tuple[FloatArray, FloatArray]:
    """Values (k,) and influence (m, k), k running over answers within domains."""
    inside = (domain >= 0) & (design.weight > 0)
    where = np.where(inside, domain, 0)
    x = inside.astype(float) if parts.denominator is None else np.where(inside, parts.denominator, 0.0)
    bottom = np.bincount(where, design.weight * x, minlength=domains)
    numerators = np.where(inside[:, None], parts.numerators, 0.0)
    top = sum_rows(design.weight[:, None] * numerators, where, domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = top / bottom[:, None]
    safe = np.where(bottom == 0, 1.0, bottom)
    error = (numerators - np.nan_to_num(value)[where] * x[:, None]) / safe[where, None]
    error = np.where(inside[:, None], error, 0.0)
    cell = _Cells(where, domains)
    if design.calibration:
        return value.ravel(), _calibrated_influence(design, cell, error, leverage)
    weight = design.weight if leverage is None else leverage.weight
    return value.ravel(), _plain_influence(design, cell, weight[:, None] * error)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Domain of each respondent, 0 for those outside every domain, and the number of domains."""

    where: IntArray
    domains: int


def _plain_influence(design: Design, cell: _Cells, weighted: FloatArray) -> FloatArray:
    """Sum weighted residuals within PSU and domain, shape (m, domains x answers), never making (n, k)."""
    key = design.psu * cell.domains + cell.where
    return sum_rows(weighted, key, design.psu_count * cell.domains).reshape(design.psu_count, -1)


def _calibrated_influence(design: Design, cell: _Cells, error: FloatArray, leverage: Leverage | None) -> FloatArray:
    """Influence when calibration steps spread each residual over the rows outside the domain too."""
    n, answers = error.shape
    rows: IntArray = np.arange(n, dtype=np.intp)
    spread = np.zeros((n, cell.domains, answers))
    spread[rows, cell.where] = error
    residual = calibrated(spread.reshape(n, -1), design).reshape(n, cell.domains, answers)
    inflation = np.ones(n) if leverage is None else calibration_inflation(design)
    weight = np.repeat((design.weight * inflation)[:, None], cell.domains, axis=1)
    if leverage is not None:
        weight[rows, cell.where] = leverage.weight * inflation
    return sum_rows((weight[:, :, None] * residual).reshape(n, -1), design.psu, design.psu_count)


def _refusals(bases: Bases, value: FloatArray) -> list[str]:
    """Say for every estimate why it can't be given, or nothing."""
    units = bases.reached.sum(axis=0)
    answers = value.size // bases.n.size
    reasons: list[str] = []
    for n, reached in zip(bases.n, units, strict=True):
        if n == 0:
            reasons += ["no answers"] * answers
        elif reached == 1:
            reasons += [f"no degrees of freedom: all {int(n)} answers come from one sampling unit"] * answers
        else:
            reasons += [""] * answers
    return reasons


def _labels(parts: _Ratio, domain_labels: pd.DataFrame, spread: IntArray, answers: int) -> pd.DataFrame:
    """Label columns: variable, answer where there is one, and the domain variables."""
    labels = domain_labels.iloc[spread].reset_index(drop=True)
    if parts.labels:
        labels.insert(0, "answer", list(parts.labels) * (spread.size // answers))
    labels.insert(0, "variable", parts.name)
    return labels


def _numbers(sample: Sample, variable: str) -> FloatArray:
    """Take a numeric variable as floats, missing as NaN."""
    column = column_of(sample, variable)
    if not pd.api.types.is_numeric_dtype(column.dtype) or isinstance(column.dtype, pd.CategoricalDtype):
        msg = f"Cannot average {variable!r}: it holds categories, not numbers. Use proportion() or distribution()."
        raise EstimationError(msg)
    return column.to_numpy(dtype=float, na_value=np.nan)
