"""Rows of a run about the number of events attended, beside the plan's first attendance gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.dose import attendance_dose
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.families import EXPLORATORY
from lpact_eval.evaluation.rows import answers_of, numbers_of, refused_rows
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.dose import AttendanceDose
    from lpact_eval.evaluation.promises import AttendancePlan, Indicator
    from lpact_eval.evaluation.rows import Row
    from lpact_eval.sample import Sample

MEASURE: Final = "dose"
DOSE_COLUMNS: Final = (*ROW_COLUMNS, "step")
STEPS: Final = ("per event", "1 - 0", "2+ - 0", "1+ - 0", "trend")
_NONE: Final = "0"
_LEFT_OUT: Final = "respondents left out"  # said at the gap, of almost the same respondents


def dose_rows(
    sample: Sample, indicator: Indicator, attendance: AttendancePlan, frame: Row, *, by: Sequence[str]
) -> list[Row]:
    """Compare respondents by the number of events that they attended.

    Parameters
    ----------
    sample : Sample
    indicator : Indicator
    attendance : AttendancePlan
        Names the variable of the number of events.
    frame : Row
        What all rows share.
    by : sequence of str
        Variable of the groups, or nothing.

    Returns
    -------
    list of Row
        Columns of a run's rows, measure "dose", and "step": "per event", "1 - 0", "2+ - 0", "1+ - 0" or "trend".
    """
    frame = {**frame, "measure": MEASURE, "family": EXPLORATORY}
    try:
        dose = attendance_dose(
            sample,
            indicator.variable,
            answers_of(sample, indicator),
            events=attendance.dose,
            adjust=attendance.adjust,
            by=by,
        )
    except (EstimationError, WrongUseError) as error:
        refused = refused_rows(sample, indicator, frame, str(error))
        return [{**row, "step": STEPS[0], "family": EXPLORATORY} for row in refused]
    return _laid_out(dose, frame, by[0] if by else "group", attendance.dose)


def _laid_out(dose: AttendanceDose, frame: Row, column: str, events: str) -> list[Row]:
    """Lay out the rows of all respondents, or of the groups; differences between groups stay with the analyst."""
    bases = {(str(record[column]), str(record["events"])): float(str(record["n"])) for record in records_of(dose.bases)}
    rows: list[Row] = []
    for place, record in enumerate(dose.estimate.to_records()):
        group, step = str(record[column]), str(record[events])
        if (group, _NONE) not in bases or (group == ALL) == bool(frame["by"]):
            continue
        rows.append(
            {
                **frame,
                **numbers_of(record, []),
                **_sizes(bases, group, step),
                "group": group,
                "step": step,
                "p_value": float(dose.test["p_value"].iloc[place]),
                "flags": _told(dose.flags[place]),
            }
        )
    return rows


def _sizes(bases: Mapping[tuple[str, str], float], group: str, step: str) -> Row:
    """Count who attended so many events, or any, and who attended none."""
    attended = step.removesuffix(f" - {_NONE}")
    own = [
        count
        for (name, events), count in bases.items()
        if name == group and events != _NONE and attended in {events, *STEPS}
    ]
    return {"n_first": sum(own), "n_second": bases[group, _NONE], "detectable": np.nan}


def _told(flags: str) -> str:
    """Leave out how many respondents were left out: beside the gap's own number it would count a few people."""
    return "; ".join(flag for flag in flags.split("; ") if _LEFT_OUT not in flag)
