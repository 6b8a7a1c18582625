"""The timeline of events: a dot an event, a lane a community, and the surveys' fieldwork behind them."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.frames import records_of
from lpact_eval.reporting.background import day
from lpact_eval.reporting.chart import ChartSpec, Panel
from lpact_eval.reporting.drawing import (
    NARROW,
    Drawing,
    Hover,
    lean_span,
    leaning_words,
    levels,
    narrow_lines,
    wide,
)
from lpact_eval.reporting.figure import GRID, INK, NAVY, RIBBON, ZERO
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.numbers import count
from lpact_eval.reporting.record_rows import group_name
from lpact_eval.reporting.record_setting import alternative
from lpact_eval.reporting.rows import wave_heading, whole
from lpact_eval.reporting.shapes import Box, Dot, Line, Shape, Words
from lpact_eval.reporting.tables import MISSING, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.record_setting import Setting
    from lpact_eval.sample import Wave

LARGEST: Final = 11  # pixels of the radius of the event with most attendees
SMALLEST: Final = 3
UNSIZED: Final = 6
MOST_LABELLED: Final = 80  # events over which their numbers stand in the table only
_LINE: Final = 17
_STRIP: Final = 30
_INSIDE: Final = 0.94  # of the width, for dots at the ends
_TICKS: Final = 5
_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_LAST: Final = ("several", "other", "not known")
_THINNEST: Final = 0.008


@dataclass(frozen=True, slots=True)
class Held:
    """An event: who came is a number, or the mark that stands for it."""

    event: str
    date: dt.date
    community: str
    area: str
    attendees: int | None
    mark: str

    @property
    def printed(self) -> str:
        """What stands beside its dot."""
        return self.mark if self.attendees is None else count(self.attendees)

    @property
    def words(self) -> str:
        """Its day and how many came."""
        if self.attendees is None:
            return f"{day(self.date)}, {self.mark}"
        return f"{day(self.date)}, {count(self.attendees)} attendee{'' if self.attendees == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """An axis of days."""

    start: dt.date
    end: dt.date

    def share(self, date: dt.date) -> float:
        """Place a day, in shares of the width."""
        span = max((self.end - self.start).days, 1)
        return round((1 - _INSIDE) / 2 + _INSIDE * (date - self.start).days / span, 4)

    def ticks(self) -> dict[dt.date, str]:
        """Choose and name first days of months, few enough for a narrow screen."""
        first, last = (one.year * 12 + one.month - 1 for one in (self.start, self.end))
        months = [month for month in range(first, last + 2) if self.start <= _month(month) <= self.end]
        for step in _STEPS:
            days = [_month(month) for month in months if month % step == 0]
            found = {one: _tick(one, yearly=step % 12 == 0) for one in days}
            if len(found) <= _TICKS and self._apart(found):
                return found
        return {}

    def _apart(self, ticks: Mapping[dt.date, str]) -> bool:
        """Say whether the names of ticks keep clear of each other on a narrow screen."""
        spans = [lean_span(self.share(one), name) for one, name in ticks.items()]
        return all(end + wide(" ") <= start for (_, end), (start, _) in itertools.pairwise(spans))


def timeline_chart(records: PublishedRecords, waves: Sequence[Wave], setting: Setting) -> ChartSpec | None:
    """Draw the events by their dates.

    Parameters
    ----------
    records : PublishedRecords
    waves : sequence of Wave
        Surveys, whose fieldwork is marked.
    setting : Setting

    Returns
    -------
    ChartSpec or None
        None without events. A hidden number of attendees has a hollow dot of one size and its mark.
    """
    held = held_events(records)
    if not held:
        return None
    surveys = sorted(waves, key=lambda wave: (wave.start, wave.name))
    title = timeline_title(held)
    subtitle = (
        f"Events by focus community and date; the number is that of attendees, and the area of a dot grows with it"
        f"{setting.place}"
    )
    marked = any(one.attendees is None for one in held)
    how = ("Hollow dots, all of one size: the number of attendees is not shown or not on record.",) if marked else ()
    notes = (*_marked_days(held, surveys), *how, *setting.notes(one.printed for one in held))
    told = [
        f"{lane}, {_events(len(events))}: {'; '.join(one.words for one in events)}."
        for lane, events in lanes(held).items()
    ]
    words = alternative(title, subtitle, told, notes)
    panel = Panel("Events by focus community", "drawn", (), (), drawing=_drawing(held, surveys))
    return ChartSpec(
        "events-timeline", "timeline", title, subtitle, words, (panel,), notes=notes, table=timeline_table(held)
    )


def held_events(records: PublishedRecords) -> list[Held]:
    """Read the events with a date, in its order."""
    found: list[Held] = []
    for row in records_of(records.events):
        date = row["date"]
        if not isinstance(date, dt.date) or date != date:  # noqa: PLR0124 - a missing date differs from itself
            continue
        number = whole(row["attendees"])
        mark = "" if number is not None else "[c]" if "attendees" in str(row["hidden"]).split("; ") else MISSING
        names = (group_name(str(row["community"])), str(row["area"]))
        found.append(Held(str(row["event"]), cast("dt.datetime", date).date(), *names, number, mark))
    return sorted(found, key=lambda one: (one.date, one.event))


def timeline_title(held: Sequence[Held]) -> str:
    """Say how many events there were, when, and between which numbers attendance lay."""
    known = sorted(one.attendees for one in held if one.attendees is not None)
    if len(held) == 1:
        only = held[0]
        came = f"with {count(known[0])} attendees" if known else "whose attendance is not shown"
        return f"One event on record, on {day(only.date)}, {came}"
    begins, ends = (f"{one:%B %Y}" for one in (held[0].date, held[-1].date))
    when = f"in {begins}" if begins == ends else f"from {begins} to {ends}"
    head = f"{len(held)} events {when}"
    if not known:
        return f"{head}; how many came is not shown"
    some = "each" if len(known) == len(held) else f"each of the {len(known)} whose attendance is shown"
    low, high = count(known[0]), count(known[-1])
    return f"{head}, with {low if low == high else f'{low} to {high}'} attendees at {some}"


def timeline_table(held: Sequence[Held]) -> Table:
    """Lay out what the timeline draws."""
    columns = (
        Column("Date"),
        Column("Focus community"),
        Column("Area"),
        Column("Event"),
        Column("Attendees", "number"),
    )
    rows = tuple(
        (
            Cell(day(one.date)),
            Cell(one.community),
            Cell(group_name(one.area)),
            Cell(one.event),
            Cell(one.printed, None if one.attendees is None else float(one.attendees)),
        )
        for one in held
    )
    return Table("Chart_timeline", "Events by date, with attendees", columns, rows, headers=2)


def lanes(held: Sequence[Held]) -> dict[str, list[Held]]:
    """Gather events by community, by the alphabet, several and other last."""
    names = sorted({one.community for one in held}, key=lambda name: (name.casefold() in _LAST, name.casefold()))
    return {name: [one for one in held if one.community == name] for name in names}


def _month(number: int) -> dt.date:
    """Give the first day of a month, counted from the year 0."""
    return dt.date(number // 12, number % 12 + 1, 1)


def _tick(date: dt.date, *, yearly: bool) -> str:
    """Name a tick of the axis: where all begin a year, that."""
    return f"{date:%Y}" if yearly else f"{date:%b %Y}"


def _marked_days(held: Sequence[Held], surveys: Sequence[Wave]) -> list[str]:
    """Say what the bands and the broken line are."""
    told = [f"{wave_heading(one.name)} from {day(one.start)} to {day(one.end)}" for one in surveys]
    bands = [f"Pale bands: fieldwork of the surveys, {joined(told)}."] if told else []
    return [*bands, f"Broken line: the first event on record, {day(held[0].date)}."]


def _calendar(held: Sequence[Held], surveys: Sequence[Wave]) -> Calendar:
    """Span all events and all fieldwork; a single day has a month around it."""
    days = [one.date for one in held] + [one.start for one in surveys] + [one.end for one in surveys]
    start, end = min(days), max(days)
    around = dt.timedelta(days=0 if (end - start).days else 20)
    return Calendar(start - around, end + around)


def _drawing(held: Sequence[Held], surveys: Sequence[Wave]) -> Drawing:
    """Draw strip of surveys, line of the first event, lanes, and the axis below."""
    axis = _calendar(held, surveys)
    strip, top = _strip(surveys, axis)
    first = axis.share(held[0].date)
    scale = _scale(held)
    lowest: list[Shape] = []
    above: list[Shape] = [leaning_words(first, top + 13, f"First event: {day(held[0].date)}")]
    hovers: list[Hover] = []
    y = top + _LINE + 4
    for name, events in lanes(held).items():
        lines, dots, found, tall = _lane(f"{name}: {_events(len(events))}", events, (axis, scale), y)
        lowest += lines
        above += dots
        hovers += found
        y += tall
    bands: list[Shape] = [_band(one, axis, (0, y)) for one in surveys]
    ticks: list[Shape] = []
    for one, name in axis.ticks().items():
        x = axis.share(one)
        lowest.append(Line(x, top + _LINE + 4, x, y, GRID))
        ticks.append(leaning_words(x, y + 17, name))
    lowest += [Line(0, y, 1, y, ZERO), Line(first, top + _LINE, first, y, INK, 2, dashed=True)]
    return Drawing((*bands, *lowest, *strip, *above, *ticks), int(y + 26), hovers=tuple(hovers))


def _strip(surveys: Sequence[Wave], axis: Calendar) -> tuple[list[Shape], float]:
    """Name the surveys above their bands, and say how far down that reaches."""
    if not surveys:
        return [], 0.0
    places = [(axis.share(one.start) + axis.share(one.end)) / 2 for one in surveys]
    names = [wave_heading(one.name) for one in surveys]
    spans = [lean_span(x, name) for x, name in zip(places, names, strict=True)]
    on = levels([(low, high + wide("m")) for low, high in spans])
    drawn: list[Shape] = []
    for one, x, name, level in zip(surveys, places, names, on, strict=True):
        y = _LINE + 2 + level * _STRIP
        band = _band(one, axis, (y + 17, y + 24))
        drawn += [Box(band.x, band.y, band.width, band.height, ZERO), leaning_words(x, y + 13, name, bold=True)]
    heading = Words((0, 0), 13, "Fieldwork of the surveys", "start")
    return [*drawn, heading], _LINE + 4 + _STRIP * (max(on) + 1)


def _band(wave: Wave, axis: Calendar, upright: tuple[float, float]) -> Box:
    """Mark a survey's fieldwork between two heights."""
    low, high = axis.share(wave.start), axis.share(wave.end)
    return Box((low, 0), upright[0], (round(max(high - low, _THINNEST), 4), 0), upright[1] - upright[0], RIBBON)


def _lane(
    heading: str, events: Sequence[Held], axes: tuple[Calendar, _Scale], top: float
) -> tuple[list[Shape], list[Shape], list[Hover], float]:
    """Draw a community's events on as many levels as they need: its rule, its dots and words, hovers, and height."""
    axis, scale = axes
    places = [axis.share(one.date) for one in events]
    gaps = [scale.room(one) / 2 / NARROW for one in events]
    on = levels([(x - gap, x + gap) for x, gap in zip(places, gaps, strict=True)])
    lines = narrow_lines(heading)
    below = top + 4 + _LINE * len(lines)
    words: list[Shape] = [Words((0, 0), top + 16 + _LINE * place, text, "start") for place, text in enumerate(lines)]
    dots: list[Shape] = []
    hovers: list[Hover] = []
    for one, x, level in zip(events, places, on, strict=True):
        y, radius = below + scale.tall * (level + 1) - scale.reach - 2, scale.radius(one)
        dots.append(Dot(x, y, "#ffffff" if one.attendees is None else NAVY, NAVY, radius))
        words += [Words((x, 0), y - radius - 4, one.printed, "middle", bold=True)] if scale.labelled else []
        hovers.append(Hover(x, y, f"{one.community}, {one.area}: {one.words}"))
    return [Line(0, top, 1, top, GRID)], [*dots, *words], hovers, below - top + scale.tall * (max(on) + 1) + 4


@dataclass(frozen=True, slots=True)
class _Scale:
    """How large dots are: the most attendees, the radius that stands for them, and whether numbers are printed."""

    most: int
    reach: int
    labelled: bool

    @property
    def tall(self) -> int:
        """Pixels of a level of dots."""
        return 2 * self.reach + (20 if self.labelled else 4)

    def radius(self, one: Held) -> int:
        """Make the area of a dot grow with its number; without one it has no size of its own."""
        if one.attendees is None:
            return min(UNSIZED, self.reach)
        return max(SMALLEST, round(self.reach * math.sqrt(one.attendees / self.most))) if self.most else SMALLEST

    def room(self, one: Held) -> float:
        """Pixels that a dot and its number need beside each other's."""
        return max(wide(one.printed) * NARROW if self.labelled else 0.0, 2.0 * self.reach + 4) + 4


def _scale(held: Sequence[Held]) -> _Scale:
    """Choose the scale of the dots; very many events have small ones without numbers."""
    labelled = len(held) <= MOST_LABELLED
    most = max((one.attendees for one in held if one.attendees is not None), default=0)
    return _Scale(most, LARGEST if labelled else SMALLEST + 2, labelled)


def _events(number: int) -> str:
    """Count events."""
    return "1 event" if number == 1 else f"{number} events"
