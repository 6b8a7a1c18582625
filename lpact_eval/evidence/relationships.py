"""How much contact events made: how many were held, who came, officers to attendees, forms, contacts, length, trend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.event_cells import PERIODS, cells_of, half_years, numbers
from lpact_eval.evidence.event_numbers import (
    RELATIONSHIPS,
    Measure,
    Row,
    counted,
    ratio_rows,
    ratios_rows,
    row_of,
    spread_rows,
    total_rows,
)
from lpact_eval.evidence.event_trend import TREND_EVENTS, TREND_PERIODS, YEAR_DAYS, Trend, rank_trend, rate_trend
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.timings import date_rows, length_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evidence.event_cells import Cells
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

PLANNED: Final = "interval as if events came at random; planned events vary less"
_BOTH: Final = "counts of officers and attendees"
_HALF: Final = 0.5


def summary_rows(evidence: Evidence, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Tabulate what the register says of contact: events, attendees, officers, forms, contacts, length and trend.

    Parameters
    ----------
    evidence : Evidence
    by : str or sequence of str, default ()
        Up to two of "community" (the focus community), "area", "year", "half_year", "age_focus" and "format"; groups
        without an event have no rows, but years and half-years alone go on without a gap.

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`. An event without a number is left out of that number and counted in the flags.
        Counts and what is made of single events are exact and have no interval. Shares and ratios have one where they
        rest on five events: what further events like these would show (CR2, events as clusters; shares Wilson's).
        Trends need eight events, and three half-years; none by year or half-year.

    Raises
    ------
    WrongUseError
        If events can't be grouped so.
    """
    register = evidence.tables["register"]
    cells = cells_of(register, by)
    rows = [
        *_event_rows(cells),
        *_people_rows(register, cells),
        *_officer_rows(register, cells, evidence.schema.police_heavy),
        *_answer_rows(register, cells),
        *length_rows(register, cells),
        *date_rows(register, cells),
    ]
    if not set(cells.names) & set(PERIODS):
        end = pd.Timestamp(evidence.as_of)
        rows += [row for place in range(len(cells)) for row in _trend_rows(register, cells, place, end)]
    return tidy(rows)


def _event_rows(cells: Cells) -> list[Row]:
    """Count the events."""
    measure = Measure(RELATIONSHIPS, "events", "count", "events", "")
    held = cells.count()
    return [row_of(measure, cells, place, value=held[place], numerator=held[place]) for place in range(len(cells))]


def _people_rows(register: pd.DataFrame, cells: Cells) -> list[Row]:
    """Tabulate attendees in all and at an event."""
    came, missing = numbers(register, "attendees"), "a count of attendees"
    one = Measure(RELATIONSHIPS, "attendees at an event", "count", "events", missing, people=True)
    return [
        *total_rows(cells, came, Measure(RELATIONSHIPS, "attendees", "count", "people", missing)),
        *spread_rows(cells, came, one),
    ]


def _officer_rows(register: pd.DataFrame, cells: Cells, line: float) -> list[Row]:
    """Tabulate officers, officers for each attendee, police-heavy events, and events with a chief officer."""
    officers, came = numbers(register, "officers"), numbers(register, "attendees")
    known = ~(np.isnan(officers) | np.isnan(came))
    alone = np.divide(officers, came, out=np.full(len(came), np.nan), where=known & (came > 0))
    heavy = np.where(known, officers > line * came, np.nan)  # with nobody else there, any officer is too many
    everyone, record = np.ones(len(register)), "a record of whether a chief officer came"
    police_heavy = Measure(RELATIONSHIPS, "police-heavy events", "share", "events", _BOTH)
    with_chief = Measure(RELATIONSHIPS, "events with a chief officer", "share", "events", record)
    chief = numbers(register, "chief_officer")
    heavy_rows, chief_rows = ratios_rows(cells, [(heavy, everyone, police_heavy), (chief, everyone, with_chief)])
    return [
        *total_rows(cells, officers, Measure(RELATIONSHIPS, "officers", "count", "officers", "a count of officers")),
        *ratio_rows(cells, officers, came, Measure(RELATIONSHIPS, "officers per attendee", "ratio", "people", _BOTH)),
        *spread_rows(
            cells,
            alone,
            Measure(
                RELATIONSHIPS,
                "officers per attendee at an event",
                "ratio",
                "events",
                "attendees, or without a count of them or of officers",
            ),
        ),
        *heavy_rows,
        *chief_rows,
    ]


def _answer_rows(register: pd.DataFrame, cells: Cells) -> list[Row]:
    """Tabulate forms returned and contacts opted in, as shares of attendees."""
    came = numbers(register, "attendees")
    asked: list[tuple[FloatArray, FloatArray, Measure]] = []
    for column, name, what in (("forms", "forms returned", "forms"), ("opted_in", "contacts opted in", "contacts")):
        measure = Measure(RELATIONSHIPS, name, "share", "people", f"counts of {what} and attendees")
        asked.append((numbers(register, column), came, measure))
    return [row for rows in ratios_rows(cells, asked) for row in rows]


def _trend_rows(register: pd.DataFrame, cells: Cells, place: int, end: pd.Timestamp) -> list[Row]:
    """Tabulate how the rate of events and the number who come change a year."""
    chosen = cells.code == place
    date = register["date"][chosen]
    held = Measure(RELATIONSHIPS, "events a year later for each event now", "ratio", "events", "")
    more = Measure(RELATIONSHIPS, "attendees more at an event a year later", "count", "events", "a count of attendees")
    came = numbers(register, "attendees")[chosen]
    known = ~np.isnan(came)
    rate = _few(len(date), "") or _rate(date, end)
    rank = _few(int(known.sum()), " with a count of attendees") or rank_trend(came[known], _years(date)[known])
    gone = len(date) - int(known.sum())
    told = [f"{counted(gone, 'event')} without a count of attendees"] if gone else []
    return [
        _trend_row(held, cells, place, rate, n=float(len(date)), flags=[] if rate.refused else [PLANNED]),
        _trend_row(more, cells, place, rank, n=float(known.sum()), flags=told),
    ]


def _trend_row(
    measure: Measure,
    cells: Cells,
    place: int,
    trend: Trend,
    *,
    n: float,
    flags: Sequence[str],
) -> Row:
    """Lay out one trend."""
    numbers_of = {"value": trend.value, "low": trend.low, "high": trend.high, "refused": trend.refused}
    return row_of(measure, cells, place, n=n, flags=flags, **numbers_of)


def _few(events: int, which: str) -> Trend | None:
    """Refuse a trend over too few events."""
    if events >= TREND_EVENTS:
        return None
    return Trend(np.nan, np.nan, np.nan, f"{counted(events, 'event')}{which}: a trend needs {TREND_EVENTS}")


def _rate(date: pd.Series, end: pd.Timestamp) -> Trend:
    """Estimate the trend of events by half-year, from the first event, which starts the clock, to the day of record."""
    first, last = date.min(), max(end, date.max())
    number, start = half_years(date), int(half_years(pd.Series([first]))[0])
    places = np.arange(start, int(half_years(pd.Series([last]))[0]) + 1)
    edges = np.array(
        [np.datetime64(f"{one // 2}-{'07' if one % 2 else '01'}-01", "D") for one in [*places, places[-1] + 1]]
    )
    begins, ends = first.to_numpy().astype("datetime64[D]") + 1, last.to_numpy().astype("datetime64[D]") + 1
    exposure = (np.minimum(edges[1:], ends) - np.maximum(edges[:-1], begins)).astype(float).clip(min=0.0)
    if len(places) < TREND_PERIODS:
        return Trend(np.nan, np.nan, np.nan, f"fewer than {TREND_PERIODS} half-years: no trend")
    counts = np.bincount(number - start, minlength=len(places)).astype(float)
    counts[0] -= float((date == first).sum())
    return rate_trend(counts, exposure, places.astype(np.float64) * _HALF)


def _years(date: pd.Series) -> FloatArray:
    """Place events in time, in years."""
    return date.to_numpy(dtype="datetime64[D]").astype(float) / YEAR_DAYS
