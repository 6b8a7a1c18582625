"""How long events ran against their plan, and how often they were held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.event_cells import numbers
from lpact_eval.evidence.event_numbers import (
    HIGHEST,
    LOWEST,
    MEDIAN,
    NO_EVENT,
    RELATIONSHIPS,
    Measure,
    Row,
    ratio_rows,
    row_of,
    spread_rows,
)

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.event_cells import Cells
    from lpact_eval.sample import FloatArray

OVERRUN_MINUTES: Final = 30  # an event is over its plan if it lasted more than this longer than planned
_HOUR: Final = 60.0
_TIMES: Final = "planned and actual times"
_DAYS: Final = Measure(RELATIONSHIPS, "days between events", "days", "events", "an event before it")


def actual_hours(register: pd.DataFrame) -> FloatArray:
    """Hours from the actual start to the actual end of each event."""
    return (numbers(register, "actual_end") - numbers(register, "actual_start")) / _HOUR


def minutes_over(register: pd.DataFrame) -> FloatArray:
    """Minutes by which each event lasted longer than planned; a late start alone does not count."""
    planned = numbers(register, "planned_end") - numbers(register, "planned_start")
    return numbers(register, "actual_end") - numbers(register, "actual_start") - planned


def length_rows(register: pd.DataFrame, cells: Cells) -> list[Row]:
    """Tabulate actual lengths, hours over plan, and the share of events over by more than 30 minutes."""
    over = minutes_over(register)
    late = np.where(np.isnan(over), np.nan, over > OVERRUN_MINUTES)
    everyone = np.ones(len(register))
    name = f"events over plan by more than {OVERRUN_MINUTES} minutes"
    return [
        *spread_rows(
            cells,
            actual_hours(register),
            Measure(RELATIONSHIPS, "hours of an event", "hours", "events", "actual times"),
        ),
        *spread_rows(
            cells, over / _HOUR, Measure(RELATIONSHIPS, "hours over plan at an event", "hours", "events", _TIMES)
        ),
        *ratio_rows(cells, late, everyone, Measure(RELATIONSHIPS, name, "share", "events", _TIMES)),
    ]


def date_rows(register: pd.DataFrame, cells: Cells) -> list[Row]:
    """Tabulate the days from the first to the latest event, whose dates stand in the flags, and between events."""
    day = np.asarray(register["date"].to_numpy(dtype="datetime64[D]"))
    span = Measure(RELATIONSHIPS, "days from first to latest event", "days", "events", "")
    rows: list[Row] = []
    for place in range(len(cells)):
        held = np.sort(day[cells.code == place])
        if held.size:
            dates = (f"{held[0]} to {held[-1]}",)
            days = float((held[-1] - held[0]).astype(int))
            rows.append(row_of(span, cells, place, value=days, n=float(held.size), flags=dates))
        else:
            rows.append(row_of(span, cells, place, n=0.0, refused=NO_EVENT))
        rows += _gap_rows(np.diff(held).astype(float), cells, place)
    return rows


def _gap_rows(gaps: FloatArray, cells: Cells, place: int) -> list[Row]:
    """Tabulate the days from each event of a group to its next."""
    found = [float(work(gaps)) if gaps.size else np.nan for work in (np.median, np.min, np.max)]
    refused = "" if gaps.size else "fewer than two events"
    return [
        row_of(
            replace(_DAYS, name=f"{_DAYS.name}: {word}"),
            cells,
            place,
            value=value,
            n=float(gaps.size),
            base="gaps",
            refused=refused,
        )
        for word, value in zip((MEDIAN, LOWEST, HIGHEST), found, strict=True)
    ]
