"""Several completed copies of a sample, whose differences show what the missing answers leave unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import categories_of, column_of, domains_of
from lpact_eval.estimation.items import ordered_score
from lpact_eval.estimation.matching import Predictors, match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray, Sample

MOST_MISSING = 0.30  # share of a group's answers above which imputation says more about the model than about people
_FEWEST_COMPLETE = 50
_FEWEST_COPIES = 20
_SMALL_GROUP = 10  # groups below this size are judged together
_ROUNDS = 5  # passes over the variables when there are several
_DESIGN_VARIABLES = ("wave", "ethnicity")  # always in the model: the analyses compare along them


def impute(
    sample: Sample, variables: str | Sequence[str], *, using: str | Sequence[str], m: int | None = None, seed: int
) -> list[Sample]:
    """Complete the sample several times by predictive mean matching.

    Every model holds the wave, the ethnic group and their combinations (where the sample has them), the logarithm of
    the weight, the recruitment site, and the other variables that are imputed. Questions that were not asked stay
    missing. Analyse each copy, `pool` the estimates, and show the complete-case estimate beside the result.

    Parameters
    ----------
    sample : Sample
    variables : str or sequence of str
        What to complete: numbers, scales and yes/no variables.
    using : str or sequence of str
        Further predictors: everything that the analysis will use, outcomes and attendance included. "a:b" means
        every combination of two variables. A missing predictor counts as a category of its own.
    m : int, optional
        Number of copies; by default the larger of 20 and 100 x the largest share of respondents in a group with any
        of the answers missing, which bounds the fraction of missing information.
    seed : int
        The same seed gives the same copies; a larger m adds to them.

    Returns
    -------
    list of m Sample
        The same respondents and design; `missing` still says which answers were not given.

    Raises
    ------
    WrongUseError
        If m is below 2, or no or repeated variables are named.
    EstimationError
        If a variable does not exist or its answers have no order; if it has fewer than 50 answers; or if more than
        30 % of a group's answers are missing, by wave and ethnic group (groups below 10 are judged together).

    References
    ----------
    van Buuren (2018), *Flexible Imputation of Missing Data*, ch. 3-4; White, Royston & Wood (2011), *Statistics in
    Medicine* 30, 377-399, sec. 7.
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    extra = [using] if isinstance(using, str) else list(using)
    if not names or len(set(names)) < len(names):
        msg = f"Cannot impute {names}: name one or more different variables, as in impute(sample, ['trust'], ...)."
        raise WrongUseError(msg)
    if m is not None and m < 2:  # noqa: PLR2004 - differences between copies need two
        msg = f"Cannot impute with m={m}: two or more copies are needed, 20 or more are advised."
        raise WrongUseError(msg)
    targets = [_target(sample, name) for name in names]
    incomplete = _judge(sample, targets)
    fixed = _predictors(sample, [name for name in extra if name not in names])
    copies = max(_FEWEST_COPIES, int(np.ceil(100 * incomplete))) if m is None else m
    return [_completed(sample, targets, fixed, np.random.default_rng([seed, copy])) for copy in range(copies)]


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """A variable to complete: its numbers, where they are known, and where they are wanted."""

    name: str
    score: FloatArray
    observed: BoolArray
    wanted: BoolArray


def _target(sample: Sample, name: str) -> _Target:
    """Find out which answers are known, which are wanted, and which were never asked for."""
    score = ordered_score(sample, name).value
    observed = ~np.isnan(score)
    asked = np.ones(len(sample), dtype=bool)
    if name in sample.missing.columns:
        asked = (sample.missing[name] != "not asked").to_numpy(dtype=bool)
    if int(observed.sum()) < _FEWEST_COMPLETE:
        msg = (
            f"Cannot impute {name!r}: {int(observed.sum())} respondents answered; {_FEWEST_COMPLETE} or more are "
            "needed to learn from. Use those who answered."
        )
        raise EstimationError(msg)
    return _Target(name, score, observed, ~observed & asked)


def _judge(sample: Sample, targets: Sequence[_Target]) -> float:
    """Refuse groups with too much missing; give the largest share of a group with anything missing."""
    group, names = _groups(sample)
    groups = len(names)
    for target in targets:
        asked = np.bincount(group, target.observed | target.wanted, minlength=groups)
        share = np.bincount(group, target.wanted, minlength=groups) / np.maximum(asked, 1)
        if (share > MOST_MISSING).any():
            found = {names[code]: f"{share[code]:.0%}" for code in np.flatnonzero(share > MOST_MISSING)}
            msg = (
                f"Cannot impute {target.name!r}: more than {MOST_MISSING:.0%} of the answers are missing in {found}. "
                "Report those who answered, and how many did not."
            )
            raise EstimationError(msg)
    anything = np.any([target.wanted for target in targets], axis=0)
    return float((np.bincount(group, anything, minlength=groups) / np.maximum(np.bincount(group), 1)).max())


def _groups(sample: Sample) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], list[str]]:
    """Give the groups in which missing answers are judged numbers and names, small ones together."""
    by = [name for name in _DESIGN_VARIABLES if name in sample.answers.columns]
    domain, labels = domains_of(sample, by)
    size = np.bincount(domain[domain >= 0], minlength=len(labels))
    named = [" ".join(key) or "all respondents" for key in labels.keys(by)]
    small = (domain < 0) | (size[np.maximum(domain, 0)] < _SMALL_GROUP)
    merged = np.where(small & (len(named) > 1), len(named), domain)
    used, group = np.unique(merged, return_inverse=True)
    return group.astype(np.intp), [[*named, f"all groups below {_SMALL_GROUP}"][code] for code in used]


def _predictors(sample: Sample, using: Sequence[str]) -> Predictors:
    """Columns that every model shares: constant, weight, design variables and those asked for."""
    design = sample.design
    n = len(sample)
    positive = design.weight[design.weight > 0]
    columns = [np.ones((n, 1))]
    if positive.size and float(np.ptp(positive)) > 0:
        columns.append(_standard(np.log(np.maximum(design.weight, positive.min())))[:, None])
    present = [name for name in _DESIGN_VARIABLES if name in sample.answers.columns]
    every = dict.fromkeys([":".join(present), *using] if present else using)
    columns += [_columns_of(sample, name) for name in every]
    return Predictors(np.hstack(columns), design.psu if design.clustered else None)


def _columns_of(sample: Sample, name: str) -> FloatArray:
    """Columns of one predictor: a number with its missing mark, or a category's dummies."""
    column = None if ":" in name else column_of(sample, name)
    if (
        column is not None
        and pd.api.types.is_numeric_dtype(column.dtype)
        and not isinstance(column.dtype, pd.CategoricalDtype)
    ):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        absent = np.isnan(values)
        filled = _standard(np.where(absent, values[~absent].mean() if (~absent).any() else 0.0, values))
        return np.column_stack([filled, absent])[:, : 2 if absent.any() else 1]
    combined = np.zeros(len(sample), dtype=np.intp)
    for part in name.split(":"):
        codes, categories = categories_of(sample, part)
        combined = combined * (len(categories) + 1) + codes + 1
    levels, where = np.unique(combined, return_inverse=True)
    if levels.size > max(len(sample) // 5, 2):
        msg = (
            f"Cannot impute with {name!r}: {levels.size} categories for {len(sample)} respondents. "
            "Merge them, or leave it out."
        )
        raise EstimationError(msg)
    return (where[:, None] == np.arange(1, levels.size)).astype(float)


def _standard(values: FloatArray) -> FloatArray:
    """Centre and scale."""
    spread = float(values.std())
    return (values - values.mean()) / (spread if spread > 0 else 1.0)


def _completed(sample: Sample, targets: Sequence[_Target], fixed: Predictors, rng: np.random.Generator) -> Sample:
    """Complete one copy: start from random answers, then match variable after variable."""
    givers = [rng.choice(np.flatnonzero(target.observed), int(target.wanted.sum())) for target in targets]
    for _ in range(_ROUNDS if len(targets) > 1 else 1):
        for position, target in enumerate(targets):
            others = [
                _current(other, giver)
                for other, giver in zip(targets, givers, strict=True)
                if other.name != target.name
            ]
            predictors = replace(fixed, fixed=np.hstack([fixed.fixed, *others]))
            givers[position] = match(target.score, predictors, observed=target.observed, wanted=target.wanted, rng=rng)
    answers = sample.answers.copy()
    for target, giver in zip(targets, givers, strict=True):
        taken = np.arange(len(sample))
        taken[target.wanted] = giver
        column = answers[target.name]
        answers[target.name] = pd.Series(column.take(taken.tolist()).array, index=column.index)
    return replace(sample, answers=answers)


def _current(target: _Target, giver: np.ndarray[tuple[int], np.dtype[np.intp]]) -> FloatArray:
    """Give another variable's answers as they stand; where it was not asked, its mean and a mark."""
    score = target.score.copy()
    score[target.wanted] = target.score[giver]
    absent = np.isnan(score)
    filled = _standard(np.where(absent, score[~absent].mean(), score))
    return np.column_stack([filled, absent])[:, : 2 if absent.any() else 1]
