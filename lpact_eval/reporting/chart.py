"""Charts as content: which published rows are drawn, under which title, with which words instead of a picture."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from lpact_eval.reporting.headline import change_title, gap_title
from lpact_eval.reporting.lines import runs
from lpact_eval.reporting.numbers import INTERVAL, count, percent, percent_range, points, rounded, signed_range
from lpact_eval.reporting.rows import Row, by_group, group_label, grouping, level_of, the_wave, wave_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.drawing import Drawing
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table

Layout = Literal["columns", "rows", "drawn"]
JOINED_FROM: Final = 4  # surveys: two or three are points, and joining them would claim to know what lay between
SHARE_TICKS: Final = ((0.0, "0%"), (25.0, "25%"), (50.0, "50%"), (75.0, "75%"), (100.0, "100%"))
BREAK: Final = "The broken line is a break: the question was not the same on its two sides"
PARTLY: Final = "The question was not quite the same in both surveys, and part of a change may come from that"
NICE_LIMITS: Final = (10.0, 20.0, 40.0, 60.0, 80.0, 100.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its interval, in per cent or points as published.

    Attributes
    ----------
    place : int
        Column or row of the panel.
    value, low, high : float
    label : str
        Printed beside it; empty where the row's heading carries the number.
    words : str
        Everything about it, for pointing devices; the table has it too.
    hollow : bool
        Whether it is the earlier of two.
    """

    place: int
    value: float
    low: float
    high: float
    label: str
    words: str
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a row from one number to another.

    Attributes
    ----------
    place : int
        Row of the panel.
    low, high : float
        Its ends, in per cent; negative to the left of zero.
    colour : str
    label : str
        Printed in it; empty where it is too short.
    words : str
    """

    place: int
    low: float
    high: float
    colour: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One small plot.

    Attributes
    ----------
    heading : str
    layout : str
        "columns": surveys side by side, shares upwards; "rows": groups one below another, numbers to the right;
        "drawn": as `drawing` says.
    places : tuple of str
        Names of the columns, or headings of the rows.
    marks : tuple of Mark
    pale : tuple of Mark
        Other groups' points, for comparison by eye.
    absent : tuple of (int, str)
        Columns without a mark, and the shorthand that says why.
    ticks : tuple of (float, str)
        Of the axis of numbers; the first and the last are its ends.
    breaks : tuple of int
        Columns before which the question changed: a broken line parts them from the column to their left.
    at : tuple of float
        Where the columns stand, in columns from the first, by their dates; evenly spaced without.
    joined : tuple of tuple of Mark
        Runs of marks joined by a line with a ribbon between their ends, instead of whiskers.
    pale_joined : tuple of tuple of Mark
        Other groups' runs, pale.
    bars : tuple of Bar
        Parts of rows.
    ends : tuple of str
        Printed at the right of each row.
    guides : tuple of (float, bool)
        Upright lines through all rows at a number, and whether they are broken.
    tight : bool
        Rows as low as their words allow, both marks of a row on one line and without whiskers.
    drawing : Drawing or None
        Shapes in place of all these.
    """

    heading: str
    layout: Layout
    places: tuple[str, ...]
    marks: tuple[Mark, ...]
    pale: tuple[Mark, ...] = ()
    absent: tuple[tuple[int, str], ...] = ()
    ticks: tuple[tuple[float, str], ...] = SHARE_TICKS
    breaks: tuple[int, ...] = ()
    at: tuple[float, ...] = ()
    joined: tuple[tuple[Mark, ...], ...] = ()
    pale_joined: tuple[tuple[Mark, ...], ...] = ()
    bars: tuple[Bar, ...] = ()
    ends: tuple[str, ...] = ()
    guides: tuple[tuple[float, bool], ...] = ()
    tight: bool = False
    drawing: Drawing | None = None


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """A chart that any renderer can draw.

    Attributes
    ----------
    name : str
        Kind, and letters, digits and underscores.
    kind : str
        "trend", "change", "gap" and the like.
    title : str
        The finding, made from tests.
    subtitle : str
        Measure, survey and interval.
    alternative : str
        What to say instead of the picture.
    panels : tuple of Panel
    key : tuple of (str, str)
        Colours and what they stand for.
    notes : tuple of str
        Below the panels.
    apart : tuple of Panel
        National figures, drawn apart from the panels.
    apart_notes : tuple of str
        What they are, and what can't be done with them.
    table : Table or None
        Every number drawn, where the chart brings a table of its own.
    """

    name: str
    kind: str
    title: str
    subtitle: str
    alternative: str
    panels: tuple[Panel, ...]
    key: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    apart: tuple[Panel, ...] = ()
    apart_notes: tuple[str, ...] = ()
    table: Table | None = None


def trend_chart(rows: Sequence[Row], waves: Sequence[str], sentences: Sentences, at: Sequence[float] = ()) -> ChartSpec:
    """Draw a question's shares by survey, one small plot per group.

    Parameters
    ----------
    rows : sequence of Row
        The question's rows.
    waves : sequence of str
        All surveys of the release, earliest first.
    sentences : Sentences
    at : sequence of float, optional
        Where they stand in time; see `lines.positions`.

    Returns
    -------
    ChartSpec
        Two or three surveys are points with intervals, four or more lines with ribbons.
    """
    levels = by_group(row for row in rows if row.measure == "level")
    groups = list(dict.fromkeys(row.group for row in levels))
    panels = tuple(_trend_panel(group, levels, waves, at) for group in groups)
    first = levels[0]
    title = change_title(rows, sentences)
    grouped = f" and {grouping(rows)}" if len(groups) > 1 else ""
    subtitle = f'Share answering "{first.answer}", by survey{grouped}, with {INTERVAL}'
    subtitle += f". {BREAK}" if any(panel.breaks for panel in panels) else ""
    return ChartSpec(f"trend-{first.slug}", "trend", title, subtitle, _alternative(title, subtitle), panels)


def change_chart(rows: Sequence[Row], sentences: Sentences) -> ChartSpec:
    """Draw a question's levels, hollow to filled, and beside them the change with its interval and words."""
    changes = by_group(row for row in rows if row.measure == "change")
    earlier, later = changes[0].waves
    title = change_title(rows, sentences)
    subtitle = (
        f'Share answering "{changes[0].answer}" in {the_wave(earlier)} and {the_wave(later)}, '
        f"and the change in percentage points, with {INTERVAL}"
        f"{f'. {PARTLY}' if any(row.comparable == 'partial' for row in changes) else ''}"
    )
    levels = Panel(
        f"Share: hollow {wave_heading(earlier)}, filled {wave_heading(later)}",
        "rows",
        tuple(_levels_heading(row, rows) for row in changes),
        tuple(mark for place, row in enumerate(changes) for mark in _level_marks(place, row, rows)),
    )
    return ChartSpec(
        f"change-{changes[0].slug}",
        "change",
        title,
        subtitle,
        _alternative(title, subtitle),
        (levels, _difference_panel("Change in percentage points", changes)),
    )


def gap_chart(rows: Sequence[Row], sentences: Sentences) -> ChartSpec:
    """Draw the difference between attendees and others by group."""
    gaps = by_group(row for row in rows if row.measure == "gap")
    title = gap_title(rows, sentences)
    subtitle = (
        f'Attendees minus others, share answering "{gaps[0].answer}" in {the_wave(gaps[0].wave)}, '
        f"percentage points, with {INTERVAL}"
    )
    panel = _difference_panel("Attended minus not attended, percentage points", gaps)
    return ChartSpec(f"gap-{gaps[0].slug}", "gap", title, subtitle, _alternative(title, subtitle), (panel,))


def _alternative(title: str, subtitle: str) -> str:
    """Say what the picture says, and where its numbers are."""
    return f"Chart. {title}. {subtitle}. The numbers are in the table below."


def _trend_panel(group: str, levels: Sequence[Row], waves: Sequence[str], at: Sequence[float]) -> Panel:
    """Draw one group's shares, with the other groups' points pale behind them."""
    own = {row.wave: row for row in levels if row.group == group}
    drawn = [(place, own[wave]) for place, wave in enumerate(waves) if wave in own and own[wave].chart]
    absent = [(place, _absence(own.get(wave))) for place, wave in enumerate(waves) if not _drawn(own.get(wave))]
    others = [row for row in levels if row.group != group and row.by and row.chart and row.wave in waves]
    breaks = _breaks(levels, waves)
    marks = tuple(_share_mark(place, row, percent(row.estimate, row.n)) for place, row in drawn)
    pale = tuple(_share_mark(list(waves).index(row.wave), row, "") for row in others)
    panel = Panel(
        group_label(group), "columns", tuple(map(wave_heading, waves)), marks, pale, tuple(absent), breaks=breaks
    )
    return panel if len(waves) < JOINED_FROM else _joined(panel, others, waves, at)


def _joined(panel: Panel, others: Sequence[Row], waves: Sequence[str], at: Sequence[float]) -> Panel:
    """Join what may be joined; only the ends of the line are labelled, and the other groups are lines as well."""
    groups = list(dict.fromkeys(row.group for row in others))
    order = {wave: place for place, wave in enumerate(waves)}
    pale = [
        sorted((_share_mark(order[row.wave], row, "") for row in others if row.group == group), key=lambda m: m.place)
        for group in groups
    ]
    ends = {mark.place for mark in (*panel.marks[:1], *panel.marks[-1:])}
    return replace(
        panel,
        marks=tuple(mark if mark.place in ends else replace(mark, label="") for mark in panel.marks),
        pale=tuple(mark for marks in pale for mark in _alone(marks, panel.breaks)),
        at=tuple(at) or tuple(float(place) for place in range(len(waves))),
        joined=runs(panel.marks, panel.breaks),
        pale_joined=tuple(run for marks in pale for run in runs(marks, panel.breaks)),
    )


def _alone(marks: Sequence[Mark], breaks: Sequence[int]) -> list[Mark]:
    """Find the points that no line goes through."""
    joined = {mark.place for run in runs(marks, breaks) for mark in run}
    return [mark for mark in marks if mark.place not in joined]


def _breaks(levels: Sequence[Row], waves: Sequence[str]) -> tuple[int, ...]:
    """Find the surveys before which a question changed; it counts as changed on both sides of a survey of its own."""
    changed = {row.wave for row in levels if row.comparable in {"partial", "none"}}
    asked = [place for place, wave in enumerate(waves) if any(row.wave == wave for row in levels)]
    return tuple(place for before, place in itertools.pairwise(asked) if {waves[before], waves[place]} & changed)


def _drawn(row: Row | None) -> bool:
    """Say whether a level may be drawn."""
    return row is not None and row.chart


def _absence(row: Row | None) -> str:
    """Give the shorthand for a level that is not drawn."""
    return "[x]" if row is None else row.mark or "[x]"


def _share_mark(place: int, row: Row, label: str, *, hollow: bool = False) -> Mark:
    """Mark a share."""
    low, high = max(row.conf_low, 0.0), min(row.conf_high, 1.0)
    words = (
        f"{group_label(row.group)}, {wave_heading(row.wave)}: {percent(row.estimate, row.n)} "
        f"({percent_range(low, high, row.n)}), base {count(row.n)}"
    )
    low, high = rounded(low, row.n), rounded(high, row.n)
    return Mark(place, rounded(row.estimate, row.n), low, high, label, words, hollow)


def _level_marks(place: int, row: Row, rows: Sequence[Row]) -> list[Mark]:
    """Mark the two levels that a change connects."""
    levels = [level_of(rows, row, wave) for wave in row.waves]
    return [
        _share_mark(place, level, "", hollow=earlier)
        for level, earlier in zip(levels, (True, False), strict=True)
        if level is not None and level.chart
    ]


def _levels_heading(row: Row, rows: Sequence[Row]) -> str:
    """Write a group's two levels."""
    levels = [level_of(rows, row, wave) for wave in row.waves]
    texts = [
        percent(level.estimate, row.base) if level is not None and level.chart else _absence(level) for level in levels
    ]
    return f"{group_label(row.group)}: {', then '.join(texts)}"


def _difference_panel(heading: str, rows: Sequence[Row]) -> Panel:
    """Draw changes or gaps by group around zero."""
    drawn = [(place, row) for place, row in enumerate(rows) if row.chart]
    marks = tuple(_difference_mark(place, row) for place, row in drawn)
    widest = max((abs(end) for mark in marks for end in (mark.low, mark.high)), default=10.0)
    limit = next((nice for nice in NICE_LIMITS if nice >= widest), 100.0)
    ticks = tuple((share * limit, _tick(share * limit)) for share in (-1.0, -0.5, 0.0, 0.5, 1.0))
    return Panel(heading, "rows", tuple(map(_difference_heading, rows)), marks, ticks=ticks)


def _difference_heading(row: Row) -> str:
    """Write a group's difference and the words for its test."""
    label = group_label(row.group)
    return f"{label}: {points(row.estimate, row.base)}, {row.verdict}" if row.chart else f"{label}: {_absence(row)}"


def _difference_mark(place: int, row: Row) -> Mark:
    """Mark a difference."""
    interval = signed_range(row.conf_low, row.conf_high, row.base)
    words = f"{group_label(row.group)}: {points(row.estimate, row.base)} ({interval}), {row.verdict}"
    ends = (rounded(row.conf_low, row.base), rounded(row.conf_high, row.base))
    return Mark(place, rounded(row.estimate, row.base), *ends, "", words)


def _tick(value: float) -> str:
    """Write a tick of an axis of points."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{math.fabs(value):g}"
