"""Statistics: a value and its linearised variable for every domain; nothing here squares anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import with_asked
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.domains import (
    Bases,
    categories_of,
    column_of,
    domains_of,
    labelled,
    positions_of,
    refusals_of,
)
from lpact_eval.estimation.dont_know import count_dont_know
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.moments import DomainMoments
from lpact_eval.estimation.replicated import (
    from_replicates,
    linear_influence,
    replicate_influence,
    replicate_ratios,
    replicates_of,
)
from lpact_eval.estimation.shares import Item, tabulated, tabulates
from lpact_eval.estimation.variance import (
    CR2_CLUSTERS,
    calibrated,
    calibration_inflation,
    cr2_leverage,
    design_df,
    sum_rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.dont_know import DontKnow
    from lpact_eval.estimation.estimate import Kind, Variance
    from lpact_eval.estimation.variance import Leverage
    from lpact_eval.sample import BoolArray, Design, FloatArray, IntArray, Sample


def proportion(
    sample: Sample,
    variable: str | Sequence[str],
    answer: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    dont_know: DontKnow = "exclude",
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the share of those who answered who gave one of the answers.

    Parameters
    ----------
    sample : Sample
    variable : str or sequence of str
        Harmonised variable; missing answers are left out of numerator and denominator. Several variables give one
        estimate with one covariance matrix over all of them, in a fraction of the time.
    answer : str or sequence of str
        One category, or several that count together.
    by : str or sequence of str, default ()
        Domain variables; one share per combination present.
    dont_know : str, default "exclude"
        "exclude" leaves out "don't know" and "prefer not to say", "outcome" makes each an answer that can be asked
        for, "not confident" counts them in the base and never as the answer. Blank is left out always.
    variance : str, default "cr2"
        "cr2" (clusters are PSUs or rows; strata and fpc left aside) or "taylor" (equal to R survey).

    Returns
    -------
    Estimate
        Shares in 0-1, k domains; labels variable, answer and the domain variables.

    Raises
    ------
    EstimationError
        If the variable or an answer does not exist, or don't knows are to count that were not recorded.

    Notes
    -----
    Linearised variable: u_i = (y_i - p_d) / W_d inside domain d among those who answered, 0 elsewhere.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 5.8.
    """
    counted = count_dont_know(sample, variable, policy=dont_know)
    wanted = [answer] if isinstance(answer, str) or not hasattr(answer, "__iter__") else list(answer)
    names = [variable] if isinstance(variable, str) else list(variable)
    estimate = _shares_of(counted, [_item_of(counted, name, wanted) for name in names], by, variance)
    return with_asked(estimate, sample, by)


def distribution(
    sample: Sample,
    variable: str,
    *,
    by: str | Sequence[str] = (),
    dont_know: DontKnow = "exclude",
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the share of every category, in the schema's order, among those who answered.

    Parameters and errors as in `proportion`.

    Returns
    -------
    Estimate
        Shares in 0-1, k = domains x categories; labels variable, answer and the domain variables.
    """
    counted = count_dont_know(sample, variable, policy=dont_know)
    codes, categories = categories_of(counted, variable)
    if not categories:
        msg = f"Cannot estimate the distribution of {variable!r}: no respondent answered it."
        raise EstimationError(msg)
    item = Item(variable, codes, np.arange(len(categories), dtype=np.intp), tuple(categories))
    return with_asked(_shares_of(counted, [item], by, variance), sample, by)


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
    values = numbers_of(sample, variable)
    parts = RatioParts(variable, values[:, None], ~np.isnan(values), "other")
    return with_asked(ratios_of(sample, parts, by, variance), sample, by)


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
    top, bottom = numbers_of(sample, numerator), numbers_of(sample, denominator)
    answered = ~(np.isnan(top) | np.isnan(bottom))
    parts = RatioParts(f"{numerator} / {denominator}", top[:, None], answered, "other", denominator=bottom)
    return ratios_of(sample, parts, by, variance)


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
    check_variance(variance)
    values = numbers_of(sample, variable)
    design = sample.design
    domain, labels = domains_of(sample, by)
    answered = ~np.isnan(values)
    members = Bases.members(design, domain, len(labels))
    domain = np.where(answered, domain, -1)
    inside = domain[:, None] == np.arange(len(labels))
    linearised = np.where(inside, np.where(answered, values, 0.0)[:, None], 0.0)
    replicated = design.replicates is not None
    if replicated:
        influence = linear_influence(design, linearised)
    else:
        influence = sum_rows(design.weight[:, None] * calibrated(linearised, design), design.psu, design.psu_count)
    if variance == "cr2" and not replicated:
        m = max(design.psu_count, 2)
        influence = (influence - influence.mean(axis=0)) * np.sqrt(m / (m - 1))
    bases = Bases.of(design, domain, len(labels))
    totals = (design.weight[:, None] * linearised).sum(axis=0)
    everywhere = np.ones_like(members) if variance == "cr2" and not replicated else members
    df = None if replicated else design_df(everywhere, design.psu_stratum)
    refused = refusals_of(bases.n, np.where(bases.n > 0, design.psu_count, 0), totals, df=df)
    estimate = Estimate(
        labelled([(variable, ())], labels),
        totals,
        influence,
        design,
        variance,
        "other",
        bases.n,
        bases.kish,
        everywhere,
        bases.crowding,
        refused,
    )
    estimate = from_replicates(estimate, domain, np.arange(len(labels))) if replicated else estimate
    return with_asked(estimate, sample, by)


def _item_of(sample: Sample, variable: str, wanted: Sequence[object]) -> Item:
    """Take one question with the answers that count together."""
    codes, categories = categories_of(sample, variable)
    column = np.ones(len(categories), dtype=np.intp)
    column[positions_of(variable, wanted, categories)] = 0
    return Item(variable, codes, column, (" or ".join(map(str, wanted)),))


def _shares_of(sample: Sample, items: Sequence[Item], by: str | Sequence[str], variance: Variance) -> Estimate:
    """Estimate shares from tables where the design allows it, else from linearised variables."""
    check_variance(variance)
    if tabulates(sample.design):
        domain, labels = domains_of(sample, by)
        return tabulated(sample.design, domain, labels, items, variance=variance)
    parts = [
        RatioParts(
            item.name,
            (item.column[item.codes][:, None] == np.arange(len(item.labels))).astype(float),
            item.codes >= 0,
            "share",
            item.labels,
        )
        for item in items
    ]
    estimates = [ratios_of(sample, one, by, variance) for one in parts]
    return estimates[0] if len(estimates) == 1 else combine(estimates)


@dataclass(frozen=True, slots=True, eq=False)
class RatioParts:
    """What a ratio-type statistic is made of: numerators (n, a), who answered, and the denominator (1 without)."""

    name: str
    numerators: FloatArray
    answered: BoolArray
    kind: Kind
    labels: tuple[str, ...] = ()
    denominator: FloatArray | None = None


def check_variance(variance: str) -> None:
    """Refuse a variance that does not exist."""
    if variance not in {"taylor", "cr2"}:
        msg = f"Cannot use variance={variance!r}; there are 'cr2' and 'taylor'."
        raise WrongUseError(msg)


def ratios_of(sample: Sample, parts: RatioParts, by: str | Sequence[str], variance: Variance) -> Estimate:
    """Estimate sums of numerators over sums of the denominator in every domain."""
    check_variance(variance)
    design = sample.design
    everyone, domain_labels = domains_of(sample, by)
    domain = np.where(parts.answered, everyone, -1)
    domains, answers = len(domain_labels), parts.numerators.shape[1]
    bases = Bases.of(design, domain, domains)
    leverage = None
    if variance == "cr2" and design.replicates is None and bases.reached.sum(axis=0).min() <= CR2_CLUSTERS:
        leverage = cr2_leverage(design, domain, domains, denominator=parts.denominator)
    value, influence = _linearise(design, domain, parts, domains=domains, leverage=leverage)
    spread = np.repeat(np.arange(domains), answers)
    members = bases.reached if parts.answered.all() else Bases.members(design, everyone, domains)
    df = design_df(members[:, spread], design.psu_stratum) if leverage is None and design.replicates is None else None
    refused = refusals_of(bases.n[spread], bases.reached[:, spread].sum(axis=0), value, df=df)
    influence = np.where(np.isnan(value), 0.0, influence)
    working = None
    if leverage is not None:
        working = Working(np.eye(spread.size), DomainMoments(spread, leverage.trace, leverage.product))
    estimate = Estimate(
        labelled([(parts.name, parts.labels)], domain_labels),
        value,
        influence,
        design,
        "taylor" if leverage is None else "cr2",
        parts.kind,
        bases.n[spread],
        bases.kish[spread],
        members[:, spread],
        bases.crowding[spread],
        refused,
        working,
    )
    return estimate if design.replicates is None else from_replicates(estimate, domain, spread)


def _linearise(
    design: Design, domain: IntArray, parts: RatioParts, *, domains: int, leverage: Leverage | None
) -> tuple[FloatArray, FloatArray]:
    """Values (k,) and influence (m, k), k running over answers within domains."""
    inside = (domain >= 0) & (design.weight > 0)
    where = np.where(inside, domain, 0)
    x = inside.astype(float) if parts.denominator is None else np.where(inside, parts.denominator, 0.0)
    bottom = np.bincount(where, design.weight * x, minlength=domains)
    numerators = np.where(inside[:, None], parts.numerators, 0.0)
    top = sum_rows(design.weight[:, None] * numerators, where, domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(bottom[:, None] == 0, np.nan, top / bottom[:, None])
    if design.replicates is not None:
        replicates = replicates_of(design)
        values = replicate_ratios(replicates, numerators, x, where=where, domains=domains)
        return value.ravel(), replicate_influence(replicates, values, value.ravel())
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


def numbers_of(sample: Sample, variable: str) -> FloatArray:
    """Take a numeric variable as floats, missing as NaN."""
    column = column_of(sample, variable)
    if not pd.api.types.is_numeric_dtype(column.dtype) or isinstance(column.dtype, pd.CategoricalDtype):
        msg = f"Cannot average {variable!r}: it holds categories, not numbers. Use proportion() or distribution()."
        raise EstimationError(msg)
    return column.to_numpy(dtype=float, na_value=np.nan)
