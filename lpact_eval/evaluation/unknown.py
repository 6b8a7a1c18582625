"""How much the first comparisons of a plan depend on what is done with respondents of unknown age, sex or group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evaluation.changes import change_rows
from lpact_eval.evaluation.rows import ALL
from lpact_eval.evaluation.weighted_waves import weighted
from lpact_eval.weighting.unknown import other_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.rows import Row
    from lpact_eval.evaluation.weighted_waves import PlanMargins
    from lpact_eval.sample import Sample

SENSITIVITY_COLUMNS: Final = (
    *("indicator", "title", "measure", "wave", "group", "policy", "declared"),
    *("estimate", "conf_low", "conf_high", "sensitive"),
)


def unknown_sensitivity(
    plan: EvaluationPlan, read: Sequence[Sample], margins: PlanMargins, rows: Sequence[Row]
) -> pd.DataFrame:
    """Work out the plan's first comparisons under both policies for respondents of whom a margin is not known.

    Parameters
    ----------
    plan : EvaluationPlan
    read : sequence of Sample
        The waves as read.
    margins : PlanMargins
    rows : sequence of Row
        The run's rows, under the policy that the plan declares.

    Returns
    -------
    DataFrame
        indicator, title, measure, wave, group, policy ("keep" or "leave out"), declared (whether it is the plan's),
        estimate, conf_low, conf_high, sensitive (whether the two estimates lie farther apart than half of the declared
        interval's half-width). Two rows for every primary change, and for the change among all respondents beside it;
        none where the plan weights nothing or every respondent is known.
    """
    first = [one for one in plan.indicators if one.role == "primary" and "change" in one.analyses]
    if not first or not _somebody_unknown(read, margins):
        return _frame([])
    other = other_policy(plan.weights.unknown)
    asked = {name for one in first for name in (one.variable, one.by) if name}
    needed = asked | _weighed_on(margins) | ({plan.weights.within} - {""})
    prepared = weighted(plan, [_only(sample, needed) for sample in read], margins, other)
    changed = [row for one in first for row in change_rows(prepared, plan, one, beside=False) if row["main"]]
    found: list[dict[str, object]] = []
    run = [row for row in rows if row["main"]]
    for row in changed:
        declared = next((mine for mine in run if _key(mine) == _key(row)), None)
        if declared is not None and (declared["role"] == "primary" or row["group"] == ALL):
            sensitive = _apart(declared, row)
            found += [
                _line(declared, plan.weights.unknown, declared=True, sensitive=sensitive),
                _line({**declared, **_numbers(row)}, other, declared=False, sensitive=sensitive),
            ]
    return _frame(found)


def _frame(found: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Lay the rows out."""
    frame = pd.DataFrame(found, columns=list(SENSITIVITY_COLUMNS))
    return frame.astype({"declared": bool, "sensitive": bool, **dict.fromkeys(_NUMBERS, float)})


_NUMBERS: Final = ("estimate", "conf_low", "conf_high")


def _somebody_unknown(read: Sequence[Sample], margins: PlanMargins) -> bool:
    """Whether a margin's variable is missing for anybody."""
    names = _weighed_on(margins)
    return any(bool(sample.answers[name].isna().any()) for sample in read for name in names if name in sample.answers)


def _weighed_on(margins: PlanMargins) -> set[str]:
    """Name the variables of the margins."""
    return {name for margin in (*(margins.overall or ()), *(margins.within or ())) for name in margin.variables}


def _only(sample: Sample, names: set[str]) -> Sample:
    """Leave out the other variables, so that stacking waves takes no time."""
    answers, missing = (frame[[name for name in frame if name in names]] for frame in (sample.answers, sample.missing))
    return replace(sample, answers=answers, missing=missing)


def _key(row: Row) -> tuple[object, ...]:
    """Name the comparison that a row holds."""
    return tuple(row[name] for name in ("indicator", "measure", "wave", "group"))


def _numbers(row: Row) -> dict[str, object]:
    """Take a row's estimate and interval."""
    return {name: row[name] for name in _NUMBERS}


def _line(row: Mapping[str, object], policy: str, *, declared: bool, sensitive: bool) -> dict[str, object]:
    """Lay out one comparison under one policy."""
    named = {name: row[name] for name in ("indicator", "title", "measure", "wave", "group", *_NUMBERS)}
    return {**named, "policy": policy, "declared": declared, "sensitive": sensitive}


def _apart(declared: Row, other: Row) -> bool:
    """Whether two estimates differ by more than half of the first one's half-width."""
    first, second, low, high = (
        float(str(value))
        for value in (declared["estimate"], other["estimate"], declared["conf_low"], declared["conf_high"])
    )
    return bool(np.abs(first - second) > (high - low) / 4)
