"""The slope of each share over three or more surveys, beside the change from the first to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.families import EXPLORATORY, adjusted
from lpact_eval.evaluation.rows import ALL, answers_of, breakdowns, frame_of, own_flags
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.rows import Prepared, Row

MEASURE: Final = "slope"
SLOPE_COLUMNS: Final = (*ROW_COLUMNS, "over")
UNTIMED: Final = "two of the surveys have the same dates of fieldwork, so there is no slope a year"
TOO_FEW: Final = "too few answers in one of the waves for a slope"
JOIN: Final = "; "
_FEWEST_WAVES: Final = 3  # for a slope; two make a change
_NUMBERS: Final = ("std_error", "conf_low", "conf_high", "df", "p_value", "n_effective")


def slope_frame(prepared: Prepared, plan: EvaluationPlan, rows: Sequence[Row]) -> pd.DataFrame:
    """Lay out the slopes of every question whose change the plan asks for.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan
        For the don't knows that count as moved.
    rows : sequence of Row
        The run's rows.

    Returns
    -------
    DataFrame
        As `slope_rows`, with p_adjusted by Benjamini and Hochberg over all of them; without rows where there are fewer
        than three waves.
    """
    wanted = [one for one in plan.indicators if "change" in one.analyses]
    return framed([row for indicator in wanted for row in slope_rows(prepared, plan, indicator, rows)])


def framed(rows: Sequence[Row]) -> pd.DataFrame:
    """Lay slopes out, their tests adjusted for each other."""
    return adjusted(pd.DataFrame(rows, columns=list(SLOPE_COLUMNS)))


def slope_rows(prepared: Prepared, plan: EvaluationPlan, indicator: Indicator, rows: Sequence[Row]) -> list[Row]:
    """Work out the slope of one question's share, for everybody and for each group.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan
    indicator : Indicator
    rows : sequence of Row
        The run's rows, the question's levels among them.

    Returns
    -------
    list of dict
        Columns of a run's rows, measure "slope": proportions a year over the waves that compare, named in "over" in
        order of time. n counts the answers of all of these waves, n_first and n_second those of the first and the last.

    References
    ----------
    As `comparison.series.trend_series`.
    """
    if len(prepared.waves) < _FEWEST_WAVES:
        return []
    from lpact_eval.comparison.series import wave_slopes  # noqa: PLC0415 - two surveys, as most have, need none

    made: list[Row] = []
    for by, kind, sample in breakdowns(prepared, indicator, (prepared.overall, prepared.within)):
        wave = f"{prepared.waves[-1]} - {prepared.waves[0]}"
        frame = frame_of(sample, indicator, MEASURE, wave=wave, by=by, kind=kind) | {"family": EXPLORATORY, "over": ""}
        levels = _levels(rows, indicator, by)
        groups = list(dict.fromkeys(group for group, _ in levels))
        try:
            slopes = wave_slopes(
                sample, indicator.variable, answers_of(sample, indicator), by=by, dont_know_moved=plan.dont_know_moved
            )
        except (EstimationError, WrongUseError) as error:
            made += [frame | {"group": group, "refused": str(error)} for group in groups]
            continue
        found = {str(record[by[0]]) if by else ALL: record for record in records_of(slopes)}
        made += [frame | {"group": group} | _slope(group, found.get(group), levels) for group in groups]
    return made


def _levels(rows: Sequence[Row], indicator: Indicator, by: Sequence[str]) -> dict[tuple[str, str], Row]:
    """Find the question's shares by group and wave."""
    place = (indicator.id, "level", by[0] if by else "")
    return {
        (str(row["group"]), str(row["wave"])): row
        for row in rows
        if (row["indicator"], row["measure"], row["by"]) == place
    }


def _slope(group: str, record: Row | None, levels: Mapping[tuple[str, str], Row]) -> Row:
    """Lay one slope out."""
    if record is None:
        return {"refused": TOO_FEW}
    over = [wave for wave in str(record["over"]).split(JOIN) if wave]
    if len(over) < _FEWEST_WAVES:
        return {"refused": record["refused"]}
    beside = [levels[group, wave] for wave in over]
    bases = [float(str(level["n"])) for level in beside]
    told: Row = {
        "wave": f"{over[-1]} - {over[0]}",
        "over": record["over"],
        "flags": record["flags"],
        "comparable": "partial" if any(level["comparable"] == "partial" for level in beside) else "full",
        "n": sum(bases),
        "n_first": bases[0],
        "n_second": bases[-1],
    }
    if record["refused"] or record["unit"] != "a year":
        return told | {"refused": TOO_FEW if record["refused"] else UNTIMED}
    effective = float(str(record["n_effective"]))
    numbers = {name: record[name] for name in _NUMBERS}
    flags = "; ".join(filter(None, [str(record["flags"]), *own_flags(record)]))
    return told | numbers | {"estimate": record["slope"], "design_effect": sum(bases) / effective, "flags": flags}
