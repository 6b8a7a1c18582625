"""Waiting time: the share of actions still waiting day by day, with its interval, median and numbers below."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.chart import ChartSpec, Panel
from lpact_eval.reporting.drawing import Drawing, Hover
from lpact_eval.reporting.figure import GRID, INK, NAVY, RIBBON, ZERO
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.numbers import count, known, percent, percent_range
from lpact_eval.reporting.record_setting import alternative
from lpact_eval.reporting.rows import number
from lpact_eval.reporting.shapes import Dot, Line, Path, Shape, Words
from lpact_eval.reporting.tables import NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.record_rows import RecordRow, RecordRows
    from lpact_eval.reporting.record_setting import Setting

# The end of a wait, what has then happened to half of the actions, and what those wait for that still do.
ENDS: Final = (
    ("answered", "answered", "to be answered"),
    ("done", "done", "to be done"),
    ("told", "told to people", "to be told to people"),
)
LEFT: Final = 42
_TOP: Final = 10.0
_BOTTOM: Final = 178.0
_HEIGHT: Final = 256
_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_DAYS: Final = (4, 8, 20, 40, 60, 80, 120, 160, 200, 300, 400, 600, 800, 1000, 1200, 1600, 2000, 4000)
_CENSORED: Final = 5
_HALF: Final = 0.5
_LEFT_OUT: Final = "left out: what can't be done"
_RIGHT: Final = 0.6  # of the width, from which the median's number stands to its left


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a curve; the interval is NaN where there is none."""

    days: float
    share: float
    low: float
    high: float
    at_risk: int
    ended: int
    open: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The wait until one end.

    Attributes
    ----------
    to, came, wait : str
        "answered", and the words of `ENDS` for it.
    days : tuple of Day
        From day 0.
    median : RecordRow or None
        As published; without a value where more than half still wait.
    """

    to: str
    came: str
    wait: str
    days: tuple[Day, ...]
    median: RecordRow | None

    @property
    def n(self) -> int:
        """How many are waited for."""
        return self.days[0].at_risk

    @property
    def still(self) -> int:
        """How many were open when last seen."""
        return sum(day.open for day in self.days)

    @property
    def partly(self) -> bool:
        """Whether what can't be done is left out."""
        return self.median is not None and _LEFT_OUT in self.median.flags

    def at(self, days: float) -> Day:
        """Give the curve at a day: the share is that of the last step up to it."""
        return [one for one in self.days if one.days <= days][-1]

    def waiting_before(self, days: float) -> int:
        """How many were still waiting, and in view, just before a day."""
        return next((one.at_risk for one in self.days if one.days >= days), 0)


def waiting_chart(records: PublishedRecords, rows: RecordRows, setting: Setting) -> ChartSpec | None:
    """Draw how long actions wait.

    Parameters
    ----------
    records : PublishedRecords
    rows : RecordRows
        Their medians, where the plan asks for them.
    setting : Setting

    Returns
    -------
    ChartSpec or None
        None without actions.
    """
    curves = waiting_curves(records, rows)
    if not curves:
        return None
    title = waiting_title(curves)
    until = f" up to {setting.until}" if setting.until else ""
    subtitle = (
        f"Share of actions still waiting, by days since they were raised. Open actions count for as long as they have "
        f"waited{until}: short upright strokes{setting.place}"
    )
    notes = (
        (
            "Band: 95% interval. Numbers below: actions still waiting just before that day. Point: the median, where "
            "it is reached."
        ),
        *(
            ("What can't be done, with a reason, is no part of the wait until done.",)
            if any(one.partly for one in curves)
            else ()
        ),
        *setting.notes(()),
    )
    limit = next((nice for nice in _DAYS if nice >= curves_end(curves)), 4 * -(-int(curves_end(curves)) // 4))
    ticks = [limit * share for share in _SHARES]
    panels = tuple(Panel(_heading(one), "drawn", (), (), drawing=_drawing(one, ticks)) for one in curves)
    words = alternative(title, subtitle, [_told(one, ticks) for one in curves], notes)
    return ChartSpec(
        "waiting-time", "waiting", title, subtitle, words, panels, notes=notes, table=waiting_table(curves)
    )


def waiting_curves(records: PublishedRecords, rows: RecordRows) -> list[Curve]:
    """Read the curves of all actions, until each end."""
    lines = [row for row in records_of(records.waiting) if not str(row["group"])]
    found: list[Curve] = []
    for to, came, wait in ENDS:
        days = tuple(_day(row) for row in lines if row["to"] == to)
        if days and days[0].at_risk:
            found.append(Curve(to, came, wait, days, rows.one(f"days to {to}", "days")))
    return found


def waiting_title(curves: Sequence[Curve]) -> str:
    """Say within how many days half came to each end, and for which more than half still wait."""
    reached = [f"{one.came} within {_days(one.median.value)}" for one in curves if one.median and one.median.shown]
    refused = [
        f"{one.wait}{' (of those that can be)' if one.partly else ''}"
        for one in curves
        if one.median and not one.median.shown
    ]
    if reached:
        head = f"Half of the actions were {joined(reached)}"
        return f"{head}; more than half still wait {joined(refused)}" if refused else head
    if refused:
        return f"More than half of the actions still wait {joined(refused)}"
    parts = [f"{count(one.still)} of {count(one.n)} {one.wait}" for one in curves]
    return f"Still waiting when last seen: {joined(parts)}"


def waiting_table(curves: Sequence[Curve]) -> Table:
    """Lay out every step of the curves."""
    columns = (
        Column("Until"),
        Column("Day", "number"),
        Column("Share still waiting", "number", "per cent"),
        Column("95% interval", "interval", "per cent"),
        Column("Still waiting just before", "number"),
        Column("Ended that day", "number"),
        Column("Open when last seen", "number"),
    )
    rows = tuple(
        (
            Cell(f"{one.to[:1].upper()}{one.to[1:]}"),
            Cell(count(day.days), day.days),
            Cell(percent(day.share, None), round(100 * day.share)),
            _interval(day),
            *(Cell(count(value), float(value)) for value in (day.at_risk, day.ended, day.open)),
        )
        for one in curves
        for day in one.days
    )
    return Table("Chart_waiting", "Share of actions still waiting, day by day", columns, rows, headers=2)


def curves_end(curves: Sequence[Curve]) -> float:
    """Give the longest wait on record."""
    return max(one.days[-1].days for one in curves)


def _day(row: Mapping[str, object]) -> Day:
    """Read a day of a curve."""
    days, share, low, high = (number(row[name]) for name in ("days", "still_waiting", "low", "high"))
    at_risk, ended, still = (round(number(row[name])) for name in ("at_risk", "ended", "open"))
    return Day(days, share, low, high, at_risk, ended, still)


def _interval(day: Day) -> Cell:
    """Write a day's interval; where all or none wait there is none."""
    if not known(day.low) or not known(day.high):
        return Cell(NOT_APPLICABLE)
    return Cell(percent_range(day.low, day.high, None), round(100 * day.low), round(100 * day.high))


def _days(value: float) -> str:
    """Write a number of days."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{text} day" if text == "1" else f"{text} days"


def _heading(curve: Curve) -> str:
    """Head a small plot with what was found."""
    head = f"Until {curve.to}: {_median(curve)}" if curve.median is not None else f"Until {curve.to}"
    return f"{head}; {count(curve.n)} action{'' if curve.n == 1 else 's'}, {count(curve.still)} still open"


def _median(curve: Curve) -> str:
    """Write the median with its interval, or that it is not reached."""
    row = curve.median
    if row is None or not row.shown:
        return "median not reached"
    low, high = (_days(end) if known(end) else "" for end in (row.low, row.high))
    span = (
        f"{low.removesuffix(' days').removesuffix(' day')} to {high}"
        if low and high
        else f"{low} or more"
        if low
        else ""
    )
    return f"median {_days(row.value)}{f' (95% interval {span})' if span else ''}"


def _told(curve: Curve, ticks: Sequence[float]) -> str:
    """Say what a small plot shows: its heading, and what is printed along the axis."""
    parts = [
        f"at {_days(tick)} {percent(curve.at(tick).share, None)} wait, {count(curve.waiting_before(tick))} just before"
        for tick in ticks
        if tick <= curve.days[-1].days
    ]
    longest = f"the longest wait in view is {_days(curve.days[-1].days)}"
    return f"{_heading(curve)}: {'; '.join([*parts, longest])}."


def _drawing(curve: Curve, ticks: Sequence[float]) -> Drawing:
    """Draw band, steps, strokes of open actions, median, and the numbers below."""
    end = ticks[-1]

    def at(day: float, share: float) -> tuple[float, float]:
        return round(day / end, 4), round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)

    drawn: list[Shape] = _axes(curve, ticks)
    drawn += [Path(points, RIBBON, filled=True) for points in [_band(curve, at)] if points]
    drawn.append(Path(tuple(at(*one) for one in _steps([(day.days, day.share) for day in curve.days])), NAVY))
    for day in curve.days:
        if day.open:
            x, y = at(day.days, day.share)
            drawn.append(Line(x, y - _CENSORED, x, y + _CENSORED, NAVY, 2))
    row = curve.median
    if row is not None and row.shown:
        x, y = at(row.value, _HALF)
        drawn.append(Line(0, y, x, y, INK, 1, dashed=True))
        drawn.append(Line(x, y, x, _BOTTOM, INK, 1, dashed=True))
        drawn.append(Dot(x, y, "#ffffff", NAVY, 5))
        right = x > _RIGHT
        drawn.append(Words((x, -9 if right else 9), y - 6, _days(row.value), "end" if right else "start", bold=True))
    hovers = tuple(Hover(*at(day.days, day.share), _words(curve, day)) for day in curve.days)
    return Drawing(tuple(drawn), _HEIGHT, (LEFT, 18), hovers, across=3)


def _axes(curve: Curve, ticks: Sequence[float]) -> list[Shape]:
    """Draw both axes, and how many were still waiting below the days."""
    drawn: list[Shape] = []
    for share in _SHARES:
        y = round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)
        drawn += [Line(0, y, 1, y, GRID if share else ZERO), Words((0, -6), y + 4, percent(share, None), "end")]
    drawn.append(Words((0, 2 - LEFT), _BOTTOM + 37, "Days since raised; below: still waiting", "start"))
    for tick in ticks:
        x = round(tick / ticks[-1], 4)
        drawn.append(Line(x, _BOTTOM, x, _BOTTOM + 4, ZERO))
        drawn.append(Words((x, 0), _BOTTOM + 18, f"{tick:,g}", "middle"))
        drawn.append(Words((x, 0), _BOTTOM + 57, count(curve.waiting_before(tick)), "middle", bold=True))
    return drawn


def _band(curve: Curve, at: Callable[[float, float], tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Outline the interval, which holds from its day up to the next."""
    found = [place for place, day in enumerate(curve.days) if known(day.low) and known(day.high)]
    if not found:
        return ()
    days = [curve.days[place] for place in found]
    ends = [*(day.days for day in days[1:]), curve.days[min(found[-1] + 1, len(curve.days) - 1)].days]
    upper = [
        point for day, end in zip(days, ends, strict=True) for point in (at(day.days, day.high), at(end, day.high))
    ]
    lower = [point for day, end in zip(days, ends, strict=True) for point in (at(day.days, day.low), at(end, day.low))]
    return (*upper, *reversed(lower))


def _steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Let a line run level up to each day, and then down."""
    found = [points[0]]
    for (_, before), (day, share) in itertools.pairwise(points):
        found += [(day, before), (day, share)]
    return found


def _words(curve: Curve, day: Day) -> str:
    """Say all about a day."""
    span = f" (95% interval {percent_range(day.low, day.high, None)})" if known(day.low) and known(day.high) else ""
    return f"Until {curve.to}, day {count(day.days)}: {percent(day.share, None)} still waiting{span}"
