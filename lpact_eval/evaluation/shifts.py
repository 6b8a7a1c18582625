"""The shift over all answers of a scale beside each change: from which survey a person answers more favourably."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.bases import FEWEST_DF, WIDE
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import PARTLY, why_incomparable
from lpact_eval.estimation.hypothesis import interval_p_value
from lpact_eval.estimation.ranks import ordinal_shift
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.distributions import ORDERED
from lpact_eval.evaluation.families import EXPLORATORY, adjusted
from lpact_eval.evaluation.rows import breakdowns, frame_of, numbers_of, own_flags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.rows import Prepared, Row
    from lpact_eval.sample import Sample, Variable

MEASURE: Final = "shift"
SHIFT_COLUMNS: Final = (*ROW_COLUMNS, "favourable")
EVEN: Final = 0.5  # chance that neither survey's person is the more favourable
_OF_THE_CHANGE: Final = ("the interval is wider", "degrees of freedom", " moved: the share of ")  # said at the change
TOO_FEW: Final = "too few answers, or answers too much alike, to set the surveys' answers against each other"


def shift_frame(
    prepared: Prepared, plan: EvaluationPlan, rows: Sequence[Row], scales: Mapping[tuple[str, str], str]
) -> pd.DataFrame:
    """Lay out the shifts of the plan's first questions.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan
    rows : sequence of Row
        The run's rows.
    scales : mapping of (variable, wave) to str
        The scale as each wave asked it, as `audit` says.

    Returns
    -------
    DataFrame
        As `shift_rows`, with p_adjusted by Benjamini and Hochberg over all of them.
    """
    wanted = [one for one in plan.indicators if one.role == "primary" and "change" in one.analyses]
    return framed([row for indicator in wanted for row in shift_rows(prepared, indicator, rows, scales)])


def framed(rows: Sequence[Row]) -> pd.DataFrame:
    """Lay shifts out, their tests adjusted for each other."""
    return adjusted(pd.DataFrame(rows, columns=list(SHIFT_COLUMNS)))


def shift_rows(
    prepared: Prepared, indicator: Indicator, rows: Sequence[Row], scales: Mapping[tuple[str, str], str]
) -> list[Row]:
    """Work out the shift beside each change of one question, for everybody and for each group.

    Parameters
    ----------
    prepared : Prepared
    indicator : Indicator
        Of a question whose answers are in order; others have no shift.
    rows : sequence of Row
        The run's rows, its changes among them.
    scales : mapping of (variable, wave) to str
        As in `shift_frame`.

    Returns
    -------
    list of dict
        Columns of a run's rows, measure "shift": the chance in 0-1 that a respondent of the last wave answers nearer to
        one end of the scale than one of the first, a tie counted half. "answer" is that end and "favourable" whether
        the schema calls it so. Bases and flags are those of the change, the p value is of an even chance and agrees
        with the interval. Refused where the change is, where the question was only partly the same, and where the waves
        offered different answers.

    References
    ----------
    As `ordinal_shift`.
    """
    known = prepared.overall.codebook.get(indicator.variable)
    if known is None or known.kind != ORDERED or not known.answers or len(prepared.waves) == 1:
        return []
    made: list[Row] = []
    for by, kind, sample in breakdowns(prepared, indicator, (prepared.overall, prepared.within)):
        changes = {str(row["group"]): row for row in rows if _is_change(row, indicator, by)}
        wave = f"{prepared.waves[-1]} - {prepared.waves[0]}"
        frame = frame_of(sample, indicator, MEASURE, wave=wave, by=by, kind=kind) | _direction(known)
        frame["comparable"] = _comparable(known, prepared)
        reason = _why_not(sample, known, prepared, scales)
        found = {} if reason else _shifts(sample, indicator, prepared, by)
        for group, change in changes.items():
            numbers = None if change["refused"] else found.get(group)
            row = frame | _of_change(change) | (numbers or {"refused": reason or TOO_FEW})
            made.append(row | {"flags": _flags(row)})
    return made


def _is_change(row: Row, indicator: Indicator, by: Sequence[str]) -> bool:
    """Whether a row is the headline row of a question's change in one breakdown."""
    place = (row["indicator"], row["measure"], row["by"])
    return bool(row["main"]) and place == (indicator.id, "change", by[0] if by else "")


def _of_change(change: Row) -> Row:
    """Take from a change what its shift shares with it: the group, the respondents and what to mind."""
    return {name: change[name] for name in ("group", "n", "n_first", "n_second", "flags")}


def _flags(row: Row) -> str:
    """Keep what a change's flags say of its waves, in short; what they say of its interval is said of the shift's."""
    said = [flag for flag in str(row["flags"]).split("; ") if flag and not any(own in flag for own in _OF_THE_CHANGE)]
    return "; ".join([*said, *(() if row["refused"] else own_flags(row, wide=WIDE))])


def _direction(known: Variable) -> Row:
    """Name the end of the scale that a shift runs towards, as `ordinal_shift` does, whoever answered."""
    favourable = known.answers[0] in known.positive
    return {
        "answer": known.answers[0] if favourable else known.answers[-1],
        "favourable": favourable,
        "family": EXPLORATORY,
    }


def _comparable(known: Variable, prepared: Prepared) -> str:
    """Say how far the two waves compare: as far as the one that compares less."""
    order = ("none", "not asked", "partial", "full")
    found = {known.comparable.get(wave, "full") for wave in (prepared.waves[0], prepared.waves[-1])}
    worst = min(found, key=order.index)
    return "none" if worst == "not asked" else worst


def _why_not(sample: Sample, known: Variable, prepared: Prepared, scales: Mapping[tuple[str, str], str]) -> str:
    """Say why all answers of two waves can't be set against each other, in words; nothing where they can."""
    first, last = prepared.waves[0], prepared.waves[-1]
    reason = why_incomparable(sample, known.name, (last, first))
    if reason:
        return reason
    if _comparable(known, prepared) == "partial":
        return f"{PARTLY.format('both waves')}, so their answers are not set against each other one by one"
    asked = [scales.get((known.name, wave), "") for wave in (first, last)]
    if all(asked) and asked[0] != asked[1]:
        return f"the waves did not offer the same answers ({first}: {asked[0]}; {last}: {asked[1]})"
    return ""


def _shifts(sample: Sample, indicator: Indicator, prepared: Prepared, by: list[str]) -> dict[str, Row]:
    """Estimate the shift by group; groups that it can't be had for are left out."""
    first, last = prepared.waves[0], prepared.waves[-1]
    try:
        shift = ordinal_shift(sample, indicator.variable, "wave", last, minus=first, by=by)
    except (EstimationError, WrongUseError):
        return {}
    found: dict[str, Row] = {}
    for record, p_value in zip(shift.to_records(), _p_values(shift), strict=True):
        numbers = numbers_of(record, by)
        group = str(numbers.pop("group"))
        if not record["refused"]:
            # the number of respondents is the change's own
            found[group] = {name: value for name, value in numbers.items() if name != "n"} | {"p_value": p_value}
    return found


def _p_values(shift: Estimate) -> list[float]:
    """Test even chances, in agreement with the interval; not on fewer degrees of freedom than a change's test has."""
    return np.where(shift.df >= FEWEST_DF, interval_p_value(shift, null=EVEN), np.nan).tolist()
