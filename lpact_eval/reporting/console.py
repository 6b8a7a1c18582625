"""A question's shares and changes as lines for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.benchmarks import benchmark_sentences
from lpact_eval.reporting.numbers import INTERVAL, count, percent, percent_range, points, signed_range
from lpact_eval.reporting.rows import (
    Row,
    all_rows,
    as_sentence,
    by_group,
    group_label,
    level_of,
    rows_of,
    wave_heading,
)
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.shifts import slopes_of
from lpact_eval.reporting.spoken import slope_words
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published

WIDTH: Final = 80
_GAP: Final = 2
_FIRST: Final = 24  # characters of the widest first column; longer names go on below
_CHANGED: Final = {"partial": "asked differently", "none": "asked so differently that it can't be compared"}
_BESIDE: Final = {
    "as collected": "as collected",
    "standardised": "adjusted to the population",
    "balanced": "with the later survey's respondents made to look like the earlier's",
}
_TESTED: Final = "Tests allow for the number of comparisons in this table; a release allows for all of its own."
_SLOPES_TESTED: Final = "Tests of slopes are exploratory and allow for the number of slopes above."
_EXPLORATORY: Final = "Exploratory: not a comparison that the plan named as its test."


def trend_lines(published: Published) -> list[str]:
    """Lay out one question's share by group and survey.

    Parameters
    ----------
    published : Published
        Rows of one question.

    Returns
    -------
    list of str
        Lines of up to 80 characters.
    """
    levels = by_group(row for row in rows_of(published) if row.measure == "level")
    head = ("", "Survey", "Share", "95% interval", "Respondents", "Effective")
    body: list[tuple[str, ...]] = []
    for place, row in enumerate(levels):
        again = place > 0 and levels[place - 1].group == row.group
        name = "" if again else group_label(row.group)
        body.append((name, wave_heading(row.wave), *_level_cells(row)))
    return [*_headed(levels), *_table(head, body), "", *_slopes(published), *_notes(published, levels)]


def compare_lines(published: Published) -> list[str]:
    """Lay out one question's change by group.

    Parameters
    ----------
    published : Published
        Rows of one question, with the change between two surveys.

    Returns
    -------
    list of str
        Lines of up to 80 characters.
    """
    rows = rows_of(published)
    changes = by_group(row for row in rows if row.measure == "change")
    earlier, later = changes[0].waves
    head = ("", wave_heading(earlier), wave_heading(later), "Change, points", "95% interval", "Test")
    body = [
        (group_label(row.group), _share(rows, row, earlier), _share(rows, row, later), *_change_cells(row))
        for row in changes
    ]
    bases = [
        f"{group_label(row.group)}: {count(row.n_first)} and {count(row.n_second)}" for row in changes if row.n_first
    ]
    told = [f"Respondents: {'; '.join(bases)}."] if bases else []
    tested = any(row.tested for row in changes)
    told += [_TESTED] if tested else []
    told += [_EXPLORATORY] if tested and not any(row.role == "primary" for row in changes) else []
    below = [line for text in (*told, *_three_rows(published, changes)) for line in _wrapped(text)]
    return [*_headed(changes), *_table(head, body), "", *below, *_notes(published, [*changes, *_levels(rows)])]


def _slopes(published: Published) -> list[str]:
    """Say the slope over three or more surveys, group by group; for those without one, why."""
    slopes = slopes_of(published)
    if not slopes:
        return []
    sentences = read_sentences(templates_folder())
    said = [slope_words(slope, sentences, brief=True) for slope in slopes if slope.row.shown]
    reasons: dict[str, list[str]] = {}
    for slope in slopes:
        if not slope.row.shown:
            reasons.setdefault(slope.row.note, []).append(group_label(slope.row.group))
    said += [f"No slope for {', '.join(groups)}: {note}" for note, groups in reasons.items()]
    flagged = _flags([slope.row for slope in slopes if slope.row.shown])
    tested = [_SLOPES_TESTED] if any(slope.row.tested for slope in slopes) else []
    return [line for text in (*said, *flagged, *tested) for line in _wrapped(text)]


def _levels(rows: Sequence[Row]) -> list[Row]:
    """Take the levels."""
    return [row for row in rows if row.measure == "level"]


def _headed(rows: Sequence[Row]) -> list[str]:
    """Say what the numbers are."""
    first = rows[0]
    weights = sorted({row.weights for row in rows})
    what = f'Share answering "{first.answer}"; {INTERVAL}; weights: {" and ".join(weights)}.'
    return [*_wrapped(first.title), *_wrapped(what), ""]


def _level_cells(row: Row) -> tuple[str, ...]:
    """Write a level's share, interval and bases, or why they are not there."""
    mark = row.mark or "[x]"
    if not row.shown:
        return mark, "", count(row.n) or mark, ""
    share = f"{percent(row.estimate, row.n)}{row.mark and ' ' + row.mark}"
    return share, percent_range(row.conf_low, row.conf_high, row.n), count(row.n), count(row.n_effective)


def _share(rows: Sequence[Row], change: Row, wave: str) -> str:
    """Write one of the shares that a change is between."""
    level = level_of(rows, change, wave)
    return "[x]" if level is None else _level_cells(level)[0]


def _change_cells(row: Row) -> tuple[str, ...]:
    """Write a change, its interval and the words for its test."""
    if not row.shown:
        return row.mark or "[x]", "", ""
    change = points(row.estimate, row.base).rpartition(" ")[0]
    return (
        f"{change}{row.mark and ' ' + row.mark}",
        signed_range(row.conf_low, row.conf_high, row.base),
        row.verdict,
    )


def _three_rows(published: Published, changes: Sequence[Row]) -> list[str]:
    """Write each change in its three rows."""
    beside = [row for row in all_rows(published) if row.measure == "change" and row.shown]
    told: list[str] = []
    for change in changes:
        three = [row for row in beside if row.group == change.group and row.row in _BESIDE]
        if len(three) > 1:
            said = "; ".join(f"{points(row.estimate, row.base)} {_BESIDE[row.row]}" for row in three)
            told.append(f"{group_label(change.group)}: {said}.")
    return told


def _notes(published: Published, rows: Sequence[Row]) -> list[str]:
    """Write what a reader has to know below the numbers."""
    changed = dict.fromkeys(
        (row.wave, row.comparable) for row in rows if row.measure == "level" and row.comparable in _CHANGED
    )
    said = [f"Break in the series: in {wave} the question was {_CHANGED[how]}." for wave, how in changed]
    said += _flags(rows)
    reasons = dict.fromkeys(row.note.rstrip(".") for row in rows if row.note and row.tier == "refused")
    said += [as_sentence(one) for one in reasons if not any(one in other and one != other for other in reasons)]
    used = {row.mark or "[x]" for row in rows if row.mark or not row.shown}
    said += [f"{mark} {meaning}." for mark, meaning in MARKS.items() if mark in used]
    said += benchmark_sentences(published)
    said += ["Synthetic respondents: nothing here is about real people."] if published.synthetic else []
    return [line for text in said for line in _wrapped(text)]


def _flags(rows: Sequence[Row]) -> list[str]:
    """Write every flag once, with the groups that it is about."""
    flagged: dict[str, list[str]] = {}
    groups = list(dict.fromkeys(group_label(row.group) for row in rows))
    for row in rows:
        for flag in row.flags.split("; "):
            named = flagged.setdefault(flag, [])
            named += [group_label(row.group)] if group_label(row.group) not in named else []
    several = len(groups) > 1
    return [
        f"{'All groups' if len(named) == len(groups) and several else ', '.join(named)}: {as_sentence(flag)}"
        for flag, named in flagged.items()
        if flag
    ]


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Align columns: the first to the left and wrapped where it is long, the others to the right."""
    names = [textwrap.wrap(row[0], _FIRST) or [""] for row in body]
    first = max((len(line) for lines in names for line in lines), default=0)
    widths = [max(len(row[place]) for row in (head, *body)) for place in range(1, len(head))]
    lines = [_line("", head[1:], first, widths)]
    for row, name in zip(body, names, strict=True):
        lines.append(_line(name[0], row[1:], first, widths))
        lines += [f"  {more}" for more in name[1:]]
    return lines


def _line(name: str, cells: Sequence[str], first: int, widths: Sequence[int]) -> str:
    """Write one line of a table."""
    gap = " " * _GAP
    numbers = gap.join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{name:<{first}}{gap}{numbers}".rstrip()


def _wrapped(text: str) -> list[str]:
    """Break a sentence between words."""
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
