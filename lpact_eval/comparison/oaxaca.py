"""How much of a change in a mean comes from who answered: Oaxaca's and Blinder's twofold decomposition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.composition import as_part, check_groups, ordered_parts, part_of_replicates
from lpact_eval.errors import EstimationError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.contrast import contrast, difference
from lpact_eval.estimation.domains import categories_of, column_of, inside_of
from lpact_eval.estimation.replicated import replicate_sums, replicates_of
from lpact_eval.estimation.stacked import refused_where, stacked
from lpact_eval.estimation.statistics import mean, numbers_of
from lpact_eval.regression.glm import regress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import BoolArray, FloatArray, Sample

_LATER = "__later"  # a column that is no answer


def decompose_index(
    sample: Sample,
    variable: str,
    covariates: str | Sequence[str],
    *,
    level: str,
    minus: str,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Split a change in a mean into what shifts in covariates explain and the rest (Oaxaca and Blinder, twofold).

    Parameters
    ----------
    sample : Sample
        Stacked waves.
    variable : str
        Numeric variable, such as an index.
    covariates : str or sequence of str
        Variables whose composition may have shifted.
    level, minus, by, variance
        As in `decompose_change`.

    Returns
    -------
    Estimate
        Three estimates a domain in the variable's unit, label column "part": "explained", "unexplained", and "total",
        their sum, among those who answered everything. Refused where the regression can't be fitted.

    Raises
    ------
    EstimationError
        If the question can't be compared, or a variable or wave does not exist.
    WrongUseError
        If a covariate is the variable itself, a domain variable, or there is none.

    Notes
    -----
    explained = (mean x_2 - mean x_1)'b with b from the weighted regression of both waves on x and a dummy for the later
    wave; influence by the delta method over means and coefficients. Where the shift is small and n too, the product of
    both errors adds to the variance; replicate weights (`replicate`) count it, as every replicate is decomposed again.

    References
    ----------
    Oaxaca (1973), *International Economic Review* 14, 693-709; Jann (2008), *Stata Journal* 8, 453-479, sec. 2.
    """
    named = [covariates] if isinstance(covariates, str) else list(covariates)
    names = [by] if isinstance(by, str) else list(by)
    check_groups(variable, named, names)
    require_comparable(sample, variable, "wave", (minus, level))
    complete, columns = _with_dummies(sample, variable, named, (minus, level))
    total = difference(mean(complete, variable, by=["wave", *names], variance=variance), "wave", level, minus=minus)
    moved = [
        difference(mean(complete, name, by=["wave", *names], variance=variance), "wave", level, minus=minus)
        for name in columns
    ]
    keys = total.named.keys(names)
    formula = f"`{variable}` ~ {' + '.join([_LATER, *columns])}"
    found: list[Estimate] = []
    reasons: list[str] = []
    for row, key in enumerate(keys):
        where = dict(zip(names, key, strict=True))
        one = [part.take(np.array([row])) for part in [*moved, total]]
        made, reason = _explained(complete, formula, one, where=where, variance=variance)
        found.append(made)
        reasons.append(reason)
    explained, rest = _both(total, found)
    if sample.design.replicates is not None:
        values = _replicated(complete, (variable, columns, names), total)
        explained = part_of_replicates(total, explained.value, values[0], "explained")
        rest = part_of_replicates(total, rest.value, values[1], "unexplained")
    made = [as_part(part, name) for part, name in ((explained, "explained"), (rest, "unexplained"), (total, "total"))]
    return ordered_parts(made, reasons, [""] * len(total))


def _both(total: Estimate, found: Sequence[Estimate]) -> tuple[Estimate, Estimate]:
    """Join what was explained in each domain, and take it off the change."""
    k = len(total)
    explained = _on_bases_of(total, replace(stacked(found), named=total.named, own=None, kind="other"))
    both = stacked([total, explained])
    return explained, _on_bases_of(total, contrast(both, np.hstack([np.eye(k), -np.eye(k)]), total.named))


def _on_bases_of(total: Estimate, part: Estimate) -> Estimate:
    """Give a part of a change the change's bases."""
    return replace(
        part,
        n=total.n,
        n_kish=total.n_kish,
        reached=total.reached,
        crowding=total.crowding,
        asked=total.asked,
    )


def _with_dummies(
    sample: Sample, variable: str, covariates: Sequence[str], waves: tuple[str, str]
) -> tuple[Sample, list[str]]:
    """Code covariates as numbers, known together with the variable and in the two waves, or not at all."""
    codes, found = categories_of(sample, "wave")
    answered = ~np.isnan(numbers_of(sample, variable)) & np.isin(codes, [found.index(w) for w in waves if w in found])
    for name in covariates:
        answered = answered & column_of(sample, name).notna().to_numpy(dtype=bool)
    values: list[FloatArray] = []
    for name in covariates:
        column = column_of(sample, name)
        if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
            values.append(column.to_numpy(dtype=float, na_value=np.nan))
            continue
        own, names = categories_of(sample, name)
        present = [code for code in range(len(names)) if (own[answered] == code).any()]
        values += [(own == code).astype(float) for code in present[1:]]
    later = (codes == (found.index(waves[1]) if waves[1] in found else -2)).astype(float)
    columns = {f"__x{place}": column for place, column in enumerate(values)}
    shown = {
        name: pd.Series(np.where(answered, column, np.nan))
        for name, column in {**columns, _LATER: later, variable: numbers_of(sample, variable)}.items()
    }
    return replace(sample, answers=sample.answers.assign(**shown)), list(columns)


def _explained(
    sample: Sample, formula: str, moved: Sequence[Estimate], *, where: Mapping[str, str], variance: Variance
) -> tuple[Estimate, str]:
    """Multiply shifts of the covariates by pooled coefficients; a refused estimate and its reason where that fails.

    The last of `moved` is the change itself, for the labels.
    """
    *shifts, total = moved
    try:
        fit = regress(sample, formula, where=where, variance=variance)
    except EstimationError as error:
        reason = str(error)
        return refused_where(replace(total, kind="other", pair=None, own=None), [reason]), reason
    terms = fit.coefficients.named.texts("term")
    beta = fit.coefficients.take(np.array([terms.index(str(part.named.columns["variable"][0])) for part in shifts]))
    shift = np.array([float(part.value[0]) for part in shifts])
    row = np.concatenate([beta.value, shift])[None, :]
    made = contrast(stacked([*shifts, beta]), row, total.named)
    return replace(made, value=np.array([float(shift @ beta.value)])), ""


def _replicated(
    complete: Sample, question: tuple[str, Sequence[str], Sequence[str]], total: Estimate
) -> tuple[FloatArray, FloatArray]:
    """Explained and unexplained parts under every set of replicate weights, shape (R, k) each."""
    variable, columns, names = question
    replicates = replicates_of(complete.design)
    everyone = complete.answers[[_LATER, *columns, variable]].to_numpy(dtype=float)
    known: BoolArray = np.isfinite(everyone.sum(axis=1))
    table = np.column_stack([np.ones(known.size), np.where(known[:, None], everyone, 0.0)])
    p = table.shape[1] - 1
    explained, rest = (np.full((replicates.count, len(total)), np.nan) for _ in range(2))
    for place, key in enumerate(total.named.keys(names)):
        inside = inside_of(complete, dict(zip(names, key, strict=True))) & known
        rows = np.where(inside[:, None], table, 0.0)
        products = replicate_sums(replicates, (rows[:, :, None] * rows[:, None, :]).reshape(known.size, -1))
        cross = products.reshape(-1, p + 1, p + 1)
        later = replicate_sums(replicates, rows * table[:, [1]])
        earlier = replicate_sums(replicates, rows * (1 - table[:, [1]]))
        shift = later / later[:, [0]] - earlier / earlier[:, [0]]
        good = np.linalg.cond(cross[:, :p, :p]) < _SINGULAR
        beta = np.linalg.solve(cross[good, :p, :p], cross[good, :p, p, None])[:, 2:, 0]
        explained[good, place] = (shift[good, 2:p] * beta).sum(axis=1)
        rest[good, place] = shift[good, p] - explained[good, place]
    return explained, rest


_SINGULAR = 1e12  # condition of normal equations from which on a replicate has no solution
