"""Charts as content: which published rows are drawn, under which title, with which words instead of a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lpact_eval.reporting.headline import change_title, gap_title
from lpact_eval.reporting.numbers import INTERVAL, count, percent, percent_range, points, rounded, signed_range
from lpact_eval.reporting.rows import Row, by_group, group_label, level_of, the_wave, wave_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.sentences import Sentences

Layout = Literal["columns", "rows"]
SHARE_TICKS: Final = ((0.0, "0%"), (25.0, "25%"), (50.0, "50%"), (75.0, "75%"), (100.0, "100%"))
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
class Panel:
    """One small plot.

    Attributes
    ----------
    heading : str
    layout : str
        "columns": surveys side by side, shares upwards; "rows": groups one below another, numbers to the right.
    places : tuple of str
        Names of the columns, or headings of the rows.
    marks : tuple of Mark
    pale : tuple of Mark
        Other groups' points, for comparison by eye.
    absent : tuple of (int, str)
        Columns without a mark, and the shorthand that says why.
    ticks : tuple of (float, str)
        Of the axis of numbers; the first and the last are its ends.
    """

    heading: str
    layout: Layout
    places: tuple[str, ...]
    marks: tuple[Mark, ...]
    pale: tuple[Mark, ...] = ()
    absent: tuple[tuple[int, str], ...] = ()
    ticks: tuple[tuple[float, str], ...] = SHARE_TICKS


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """A chart that any renderer can draw.

    Attributes
    ----------
    name : str
        Kind, and letters, digits and underscores.
    kind : str
        "trend", "change" or "gap".
    title : str
        The finding, made from tests.
    subtitle : str
        Measure, survey and interval.
    alternative : str
        What to say instead of the picture.
    panels : tuple of Panel
    """

    name: str
    kind: str
    title: str
    subtitle: str
    alternative: str
    panels: tuple[Panel, ...]


def trend_chart(rows: Sequence[Row], waves: Sequence[str], sentences: Sentences) -> ChartSpec:
    """Draw a question's shares by survey, one small plot per group.

    Parameters
    ----------
    rows : sequence of Row
        The question's rows.
    waves : sequence of str
        All surveys of the release, earliest first.
    sentences : Sentences

    Returns
    -------
    ChartSpec
    """
    levels = by_group(row for row in rows if row.measure == "level")
    groups = list(dict.fromkeys(row.group for row in levels))
    panels = tuple(_trend_panel(group, levels, waves) for group in groups)
    first = levels[0]
    title = change_title(rows, sentences)
    subtitle = f'Share answering "{first.answer}", by survey and ethnic group, with {INTERVAL}'
    return ChartSpec(f"trend-{first.slug}", "trend", title, subtitle, _alternative(title, subtitle), panels)


def change_chart(rows: Sequence[Row], sentences: Sentences) -> ChartSpec:
    """Draw a question's levels, hollow to filled, and beside them the change with its interval and words."""
    changes = by_group(row for row in rows if row.measure == "change")
    earlier, later = changes[0].waves
    title = change_title(rows, sentences)
    subtitle = (
        f'Share answering "{changes[0].answer}" in {the_wave(earlier)} and {the_wave(later)}, '
        f"and the change in percentage points, with {INTERVAL}"
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


def _trend_panel(group: str, levels: Sequence[Row], waves: Sequence[str]) -> Panel:
    """Draw one group's shares, with the other groups' points pale behind them."""
    own = {row.wave: row for row in levels if row.group == group}
    drawn = [(place, own[wave]) for place, wave in enumerate(waves) if wave in own and own[wave].chart]
    absent = [(place, _absence(own.get(wave))) for place, wave in enumerate(waves) if not _drawn(own.get(wave))]
    others = [row for row in levels if row.group != group and row.by and row.chart and row.wave in waves]
    return Panel(
        group_label(group),
        "columns",
        tuple(map(wave_heading, waves)),
        tuple(_share_mark(place, row, percent(row.estimate, row.n)) for place, row in drawn),
        tuple(_share_mark(list(waves).index(row.wave), row, "") for row in others),
        tuple(absent),
    )


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
