"""How small a change or a difference these surveys could be expected to show, group by group, beside what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from lpact_eval.reporting.chart import NICE_LIMITS, ChartSpec, Mark, Panel
from lpact_eval.reporting.numbers import count, known, points, rounded, size
from lpact_eval.reporting.parts import Part
from lpact_eval.reporting.record_setting import alternative
from lpact_eval.reporting.rows import EVERYONE, Row, by_group, group_label, people, the_wave, wave_heading
from lpact_eval.reporting.tables import (
    MISSING,
    Cell,
    Column,
    Table,
    count_cell,
    difference_cell,
    group_heading,
    points_cell,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Measure = Literal["change", "gap"]
_WORDS: Final[dict[Measure, str]] = {"change": "change", "gap": "difference"}


def detectable_part(rows: Sequence[Row], name: str, measure: Measure) -> Part | None:
    """Show how small a change or a difference the surveys could show.

    Parameters
    ----------
    rows : sequence of Row
        The question's rows.
    name : str
        Of the question.
    measure : str
        "change" between the surveys, or "gap" between attendees and others.

    Returns
    -------
    Part or None
        None where no such number may be drawn.
    """
    chosen = [row for row in by_group(rows) if row.measure == measure and row.main]
    chart = detectable_chart(chosen, measure)
    if chart is None:
        return None
    word = _WORDS[measure]
    caption = f"{chosen[0].title}: smallest {word} that could be expected to show"
    table = detectable_table(chosen, name=f"{name}_{measure}_least", caption=caption)
    return Part(f"How small a {word} could have shown", chart, (table,), folded=f"Smallest {word}s")


def detectable_chart(rows: Sequence[Row], measure: Measure) -> ChartSpec | None:
    """Draw the smallest change or difference by group, and how large the one found was.

    Parameters
    ----------
    rows : sequence of Row
        Changes, or gaps, of one question.
    measure : str

    Returns
    -------
    ChartSpec or None
        None where no such number may be drawn.
    """
    drawn = [row for row in rows if _drawn(row)]
    if not drawn:
        return None
    word, first = _WORDS[measure], rows[0]
    title = detectable_title(drawn, measure)
    subtitle = (
        f"{first.title}: smallest {word} that could be expected to show with 80% power at these bases (filled), and "
        f"how large the {word} found is, up or down (hollow), in percentage points, {_between(first, measure)}"
    )
    panel = _panel(rows, f"Percentage points; in brackets respondents {_arms(first, measure)}")
    told = [f"{'; '.join(_told(row) for row in rows)}."]
    words = alternative(title, subtitle, told, ())
    return ChartSpec(f"detectable-{measure}-{first.slug}", "detectable", title, subtitle, words, (panel,))


def detectable_title(drawn: Sequence[Row], measure: Measure) -> str:
    """Say what could show for the group that the plan puts first, and what was found by its test."""
    first = [row for row in drawn if row.role == "primary"] or [row for row in drawn if row.group == EVERYONE]
    row, word = (first or list(drawn))[0], _WORDS[measure]
    who = f"{people(row.group)[:1].upper()}{people(row.group)[1:]}"
    least, found = size(row.detectable, row.base), points(row.estimate, row.base)
    told = f"a {word} of about {least} or more could be expected to show; found: {found}, {row.verdict}"
    return f"{who}: {told}" if row.clear else f"{who}: only {told}"


def detectable_table(rows: Sequence[Row], *, name: str, caption: str) -> Table:
    """Lay out what the chart draws."""
    measure: Measure = "gap" if rows[0].measure == "gap" else "change"
    word = _WORDS[measure]
    first, second = _sides(rows[0], measure)
    columns = (
        Column(group_heading(rows)),
        Column(f"Smallest {word} that could be expected to show", "number", "percentage points"),
        Column(f"{word[:1].upper()}{word[1:]} found", "number", "percentage points"),
        Column("Test"),
        Column(f"Unweighted base, {first}", "number"),
        Column(f"Unweighted base, {second}", "number"),
    )
    body = tuple(
        (
            Cell(group_label(row.group)),
            points_cell(row.detectable, row),
            difference_cell(row, row.base),
            Cell(row.verdict),
            count_cell(row.n_first, row),
            count_cell(row.n_second, row),
        )
        for row in rows
    )
    return Table(name, caption, columns, body)


def _drawn(row: Row) -> bool:
    """Say whether the rules allow to draw a row, and there is something to draw."""
    return row.chart and row.shown and known(row.detectable)


def _panel(rows: Sequence[Row], heading: str) -> Panel:
    """Draw both sizes of each group, on one line."""
    marks: list[Mark] = []
    for place, row in enumerate(rows):
        if _drawn(row):
            found, least = rounded(abs(row.estimate), row.base), rounded(row.detectable, row.base)
            marks.append(Mark(place, found, found, found, "", _told(row), hollow=True))
            marks.append(Mark(place, least, least, least, "", _told(row)))
    widest = max(mark.value for mark in marks)
    limit = next((nice for nice in NICE_LIMITS if nice >= widest), 100.0)
    ticks = tuple((limit * share, f"{limit * share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    return Panel(heading, "rows", tuple(map(_heading, rows)), tuple(marks), ticks=ticks, tight=True)


def _heading(row: Row) -> str:
    """Write a group's smallest size and its bases, or why there is none."""
    label = group_label(row.group)
    if not _drawn(row):
        return f"{label}: {row.mark or MISSING}"
    return f"{label}: {size(row.detectable, row.base)} ({count(row.n_first)} and {count(row.n_second)})"


def _told(row: Row) -> str:
    """Say everything about a group."""
    return f"{_heading(row)}, found {points(row.estimate, row.base)}, {row.verdict}" if _drawn(row) else _heading(row)


def _sides(row: Row, measure: Measure) -> tuple[str, str]:
    """Name the two sides that are compared."""
    if measure == "gap":
        return "attended", "not attended"
    earlier, later = row.waves
    return wave_heading(earlier), wave_heading(later)


def _arms(row: Row, measure: Measure) -> str:
    """Name whose respondents the bases count."""
    if measure == "gap":
        return "who attended and who did not"
    earlier, later = row.waves
    return f"in {the_wave(earlier)} and in {the_wave(later)}"


def _between(row: Row, measure: Measure) -> str:
    """Say between what."""
    if measure == "gap":
        return f"between attendees and others in {the_wave(row.wave)}"
    earlier, later = row.waves
    return f"from {the_wave(earlier)} to {the_wave(later)}"
