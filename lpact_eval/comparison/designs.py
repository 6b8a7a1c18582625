"""What comparisons by design share: checks of their variables, rows, sizes of cells, tests, and plain flags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.tiers import FEWEST_DF, SMALLEST_ARM, SOUND_ARM, SOUND_DF, SOUND_UNITS, Row
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import categories_of
from lpact_eval.estimation.intervals import t_quantile
from lpact_eval.estimation.multiplicity import adjust as adjust_p

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.cells import Cells
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, IntArray, Sample

_YES, _NO = frozenset({"yes", "1", "True"}), frozenset({"no", "0", "False"})
_LEVEL, _POWER = 0.95, 0.80
_SHOWN: Final = 12  # categories in a message


def names_of(names: str | Sequence[str]) -> tuple[str, ...]:
    """Take names without repeats."""
    return tuple(dict.fromkeys([names] if isinstance(names, str) else names))


def require_variables(
    sample: Sample, what: str, used: Sequence[str], *, adjust: Sequence[str], before: str = "attending"
) -> None:
    """Refuse variables used twice, variables that do not exist, and adjusters that the events may have changed.

    Parameters
    ----------
    sample : Sample
    what : str
        What can't be done, for messages: "compare those invited with those not".
    used : sequence of str
        Variables that play different parts.
    adjust : sequence of str
        Those that have to come before the events.
    before : str
        What may have changed them, for messages.

    Raises
    ------
    WrongUseError
        If a variable is used twice.
    EstimationError
        If there is no such variable, or an adjuster may have been changed.
    """
    twice = sorted({name for name in used if list(used).count(name) > 1})
    if twice:
        msg = f"Cannot {what}: {twice} are used twice; each variable plays one part."
        raise WrongUseError(msg)
    unknown = [name for name in dict.fromkeys([*used, *adjust]) if name not in sample.answers.columns]
    if unknown:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot {what}: there is no variable {unknown}; the sample has {known}."
        raise EstimationError(msg)
    changed = [name for name in adjust if name in sample.codebook and sample.codebook[name].after_attendance]
    if changed:
        msg = (
            f"Cannot adjust for {changed}: {before} may have changed them (after_attendance in harmonised.toml), and "
            "adjusting would take away part of the difference. Leave them out of adjust."
        )
        raise EstimationError(msg)


def yes_or_no(sample: Sample, variable: str, what: str) -> FloatArray:
    """Read a yes/no variable: 1, 0, or missing; shape (n,).

    Raises
    ------
    EstimationError
        If it has other answers; `what` says for what it can't be used: "as an invitation".
    """
    codes, categories = categories_of(sample, variable)
    used = [name for position, name in enumerate(categories) if (codes == position).any()]
    other = [name for name in used if name not in _YES | _NO]
    if other:
        msg = f"Cannot use {variable!r} {what}: it has the answers {other[:_SHOWN]}; it has to be yes or no."
        raise EstimationError(msg)
    meaning = np.array([*(1.0 if name in _YES else 0.0 for name in categories), np.nan])
    return meaning[codes]


def rows_of(question: Question, sizes: Mapping[str, IntArray]) -> list[Row]:
    """List what to estimate: all, each domain, and each domain minus the weightiest with sufficient cells."""
    rows = [Row(ALL, (ALL,))]
    if not question.roles.by:
        return rows
    arms = question.arms
    totals = np.bincount(arms.domain, arms.weight, minlength=len(arms.names)).tolist()
    weights = dict(zip(arms.names, totals, strict=True))
    reference = max(arms.names, key=lambda name: (int(sizes[name].min()) >= SMALLEST_ARM, weights[name]))
    others = [name for name in arms.names if name != reference]
    rows += [Row(name, (name,)) for name in arms.names]
    return rows + [Row(f"{name} - {reference}", (name, reference)) for name in others]


def labels_of(question: Question, names: Sequence[str], told: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Label every domain by every combination told, domain after domain: variable, answer, what is told, domain."""
    roles, width = question.roles, len(next(iter(told.values())))
    labels: dict[str, list[str]] = {"variable": [roles.outcome] * (len(names) * width)}
    if roles.answer_text:
        labels["answer"] = [roles.answer_text] * (len(names) * width)
    labels |= {column: list(values) * len(names) for column, values in told.items()}
    labels[roles.domain_column] = [name for name in names for _ in range(width)]
    return pd.DataFrame(labels)


def small_cells(rows: Sequence[Row], cells: Cells, words: Sequence[str]) -> tuple[str, ...]:
    """Say which cells of a row's domains are too small for a number, never by how much; cells without a word pass."""
    sizes = cells.sizes()
    return tuple(
        "; ".join(
            dict.fromkeys(
                _at(f"fewer than {SMALLEST_ARM} {word}", side)
                for side in row.sides
                for size, word in zip(sizes[side], words, strict=True)
                if word and size < SMALLEST_ARM
            )
        )
        for row in rows
    )


def refused_by(estimate: Estimate, reasons: Sequence[str]) -> Estimate:
    """Refuse rows with the reasons of their sizes, which stand before the method's own."""
    refused = tuple(reason or own for reason, own in zip(reasons, estimate.refused, strict=True))
    dead = np.array([bool(reason) for reason in refused], dtype=bool)
    return replace(estimate, value=np.where(dead, np.nan, estimate.value), refused=refused)


def thin_cells(row: Row, cells: Cells, words: Sequence[str]) -> list[str]:
    """Flag cells that are small, but not too small for a number."""
    sizes = cells.sizes()
    return [
        _at(f"fewer than {SOUND_ARM} {word}", side)
        for side in row.sides
        for size, word in zip(sizes[side], words, strict=True)
        if word and SMALLEST_ARM <= size < SOUND_ARM
    ]


def few_units(question: Question, row: Row, few: Mapping[str, str]) -> list[str]:
    """Flag few recruitment sites; those with too few carry their own words."""
    told = [_at(few[side], side) for side in row.sides if side in few]
    if told or not question.sample.design.clustered:
        return told
    units = question.units
    few_here = min(units[side] for side in row.sides) < SOUND_UNITS
    return [f"fewer than {SOUND_UNITS} recruitment sites"] if few_here else []


def freedom(df: float) -> list[str]:
    """Flag few degrees of freedom."""
    if df < FEWEST_DF:
        return [f"fewer than {FEWEST_DF} degrees of freedom: no p value, interval indicative only"]
    return [f"fewer than {SOUND_DF} degrees of freedom"] if df < SOUND_DF else []


def apart_in(balance: pd.DataFrame, column: str, name: str, limit: float) -> list[str]:
    """Covariates whose standardised difference in one domain is over a limit, in their order."""
    far = (balance[column] == name) & (balance["smd"].abs() > limit)
    return [str(covariate) for covariate in dict.fromkeys(balance["covariate"][far])]


def tested(estimate: Estimate, rows: Sequence[Row]) -> pd.DataFrame:
    """Test every row against 0 from 4 degrees of freedom on; Holm over the domains, and over the differences."""
    p_value = np.where(estimate.df >= FEWEST_DF, estimate.p_value(), np.nan)
    family = np.array([0 if row.name == ALL else len(row.sides) for row in rows])
    adjusted = np.full(p_value.size, np.nan)
    for members in (family == code for code in np.unique(family)):
        adjusted[members] = adjust_p(p_value[members], method="holm")
    return estimate.labels.assign(p_value=p_value, p_adjusted=adjusted)


def detectable(estimate: Estimate) -> FloatArray:
    """Find the difference that would show with 80 % power at each standard error and its degrees of freedom."""
    reach = t_quantile(estimate.df, _LEVEL) + t_quantile(estimate.df, 2 * _POWER - 1)
    return np.where([bool(reason) for reason in estimate.refused], np.nan, reach * estimate.std_error)


def bases_of(cells: Cells, names: Sequence[str]) -> pd.DataFrame:
    """Count answers and Kish's effective answers of each cell of each domain."""
    question, found = cells.question, list[dict[str, object]]()
    groups, weight = question.arms.groups(), question.arms.weight
    for name in names:
        for code, cell in enumerate(cells.names):
            own = weight[groups[name] & (cells.code == code)]
            kish = float(own.sum() ** 2 / (own**2).sum()) if own.size else 0.0
            found.append({question.roles.domain_column: name, "cell": cell, "n": own.size, "n_effective": kish})
    return pd.DataFrame(found)


def titles_of(sample: Sample, names: Sequence[str]) -> str:
    """List variables by the schema's titles."""
    return ", ".join(sample.codebook[name].title if name in sample.codebook else name for name in names)


def outcome_words(question: Question) -> str:
    """Say what is compared: a share answering something, or a mean."""
    title = titles_of(question.sample, [question.roles.outcome])
    text = question.roles.answer_text
    return f"the share answering {text!r} to {title!r}" if text else f"the mean of {title!r}"


def _at(text: str, side: str) -> str:
    """Say of which domain a text speaks."""
    return text if side == ALL else f"{text} ({side})"
