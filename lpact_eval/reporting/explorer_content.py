"""What the explorer shows: every question by every breakdown, published numbers only, and what was not collected."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.chart import change_chart, gap_chart, trend_chart
from lpact_eval.reporting.distribution import answer_table, drawable_distribution
from lpact_eval.reporting.headline import gap_title
from lpact_eval.reporting.lines import positions
from lpact_eval.reporting.numbers import percent, percent_range, signed, signed_range
from lpact_eval.reporting.parts import Part
from lpact_eval.reporting.rows import (
    Row,
    answer_rows,
    breakdown,
    by_group,
    group_label,
    grouping,
    rows_of,
    the_wave,
    wave_heading,
    wordings,
)
from lpact_eval.reporting.tables import MISSING, Cell, Column, Table, change_table, gap_table, level_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

VIEWS: Final = {
    "levels": "Shares in each survey",
    "change": "Change between the surveys",
    "gap": "Attendees and others",
    "answers": "Every answer",
}
NOT_COLLECTED: Final = "Not collected: nobody of this group answered."
NOT_ASKED: Final = "not asked"


@dataclass(frozen=True, slots=True)
class View:
    """One view of a question by a breakdown.

    Attributes
    ----------
    kind : str
        One of `VIEWS`.
    by, grouping : str
        The variable of the breakdown, and how readers call it.
    part : Part
    """

    kind: str
    by: str
    grouping: str
    part: Part


@dataclass(frozen=True, slots=True)
class Item:
    """A question with all its views.

    Attributes
    ----------
    name, title, answer : str
        `answer` is what counts as favourable.
    asked : tuple of (str, str)
        Survey, and how it was asked there.
    views : tuple of View
    """

    name: str
    title: str
    answer: str
    asked: tuple[tuple[str, str], ...]
    views: tuple[View, ...]


def items(published: Published, sentences: Sentences) -> list[Item]:
    """Gather every question of a release with its views.

    Parameters
    ----------
    published : Published
    sentences : Sentences

    Returns
    -------
    list of Item
        In the order of the plan.
    """
    rows = rows_of(published)
    breakdowns = breakdowns_of(rows)
    made: list[Item] = []
    for question in dict.fromkeys(row.question for row in rows):
        own = _once([row for row in rows if row.question == question])
        views = [view for by in breakdowns for view in _views(published, _broken_down(own, rows, by), by, sentences)]
        first = own[0]
        made.append(Item(first.slug, first.title, first.answer, _asked(published, first), tuple(views)))
    return made


def breakdowns_of(rows: Iterable[Row]) -> list[str]:
    """List the variables by which rows are broken down; an empty one where none are."""
    return list(dict.fromkeys(row.by for row in rows if row.by)) or [""]


def side_by_side(published: Published) -> list[tuple[str, Table]]:
    """Set all questions side by side: a line for each, a column for each group.

    Parameters
    ----------
    published : Published

    Returns
    -------
    list of (str, Table)
        The breakdown and its table: one for each survey, and one of the changes where there are any.
    """
    rows, silent = rows_of(published), _not_asked(published)
    made: list[tuple[str, Table]] = []
    for by in breakdowns_of(rows):
        own = [row for row in rows if row.by in {"", by}]
        levels = [row for row in own if row.measure == "level"]
        start = f"All questions, by {_called(by)}"
        for wave in dict.fromkeys(row.wave for row in levels):
            found = [row for row in levels if row.wave == wave and (row.variable, wave) not in silent]
            caption = f"{start}: share in {the_wave(wave)} (95% modelled interval)"
            made.append((by, _matrix(Table(f"All_{by}_{_plain(wave)}", caption, (), ()), found, levels)))
        changes = [row for row in own if row.measure == "change"]
        both = [row for row in changes if not {(row.variable, wave) for wave in row.waves} & silent]
        if changes:
            caption = f"{start}: change in points (95% modelled interval)"
            made.append((by, _matrix(Table(f"All_{by}_change", caption, (), ()), both, levels)))
    return made


def _views(published: Published, rows: Sequence[Row], by: str, sentences: Sentences) -> list[View]:
    """Make the views of one question by one breakdown."""
    name = f"{rows[0].slug}_{by or 'all'}"
    makers: dict[str, Callable[[], Part | None]] = {
        "levels": lambda: _levels(published, rows, name, sentences),
        "change": lambda: _change(rows, name, sentences),
        "gap": lambda: _gap(rows, name, sentences),
        "answers": lambda: _answers(published, rows[0], by, name),
    }
    found = {kind: make() for kind, make in makers.items()}
    return [View(kind, by, _called(by), part) for kind, part in found.items() if part is not None]


def _levels(published: Published, rows: Sequence[Row], name: str, sentences: Sentences) -> Part | None:
    """Show the shares in each survey."""
    levels = [row for row in rows if row.measure == "level"]
    if not levels:
        return None
    waves = sorted(published.waves, key=lambda wave: wave.start)
    caption = f'{rows[0].title}: share answering "{rows[0].answer}", by {grouping(rows)} and survey'
    chart = trend_chart(by_group(rows), [wave.name for wave in waves], sentences, positions(waves))
    asked = {row.wave for row in levels}
    missing = [f"Not asked in {the_wave(wave.name)}." for wave in waves if wave.name not in asked]
    drawn = chart if any(row.chart for row in levels) else None
    return Part(
        VIEWS["levels"], drawn, (level_table(by_group(levels), name=f"{name}_levels", caption=caption),), tuple(missing)
    )


def _change(rows: Sequence[Row], name: str, sentences: Sentences) -> Part | None:
    """Show the change from the first survey to the last."""
    changes = [row for row in rows if row.measure == "change"]
    if not changes:
        return None
    ordered = by_group(rows)
    drawn = any(row.chart and row.comparable != "none" for row in changes)
    table = change_table(ordered, name=f"{name}_change", caption=f"{rows[0].title}: change by {grouping(rows)}")
    return Part(VIEWS["change"], change_chart(ordered, sentences) if drawn else None, (table,))


def _gap(rows: Sequence[Row], name: str, sentences: Sentences) -> Part | None:
    """Show the differences between attendees and others."""
    gaps = [row for row in rows if row.measure == "gap"]
    if not gaps:
        return None
    ordered = by_group(rows)
    drawn = any(row.chart for row in gaps)
    caption = f"{rows[0].title}: attendees minus others, in points, by {grouping(rows)}"
    table = gap_table(ordered, name=f"{name}_gap", caption=caption)
    said = f"{gap_title(ordered, sentences)}. {sentences.say('fixed.association')}"
    return Part(VIEWS["gap"], gap_chart(ordered, sentences) if drawn else None, (table,), (said,))


def _answers(published: Published, first: Row, by: str, name: str) -> Part | None:
    """Show the share of every answer."""
    rows = [row for row in answer_rows(published) if row.variable == first.variable]
    own = [row for row in rows if row.by in {"", by}]
    if not own:
        return None
    chart = drawable_distribution(published, first.variable) if len(own) == len(rows) else None
    caption = f"{first.title}: share of every answer, by {grouping(own)} and survey"
    return Part(VIEWS["answers"], chart, (answer_table(own, name=f"{name}_answers", caption=caption),))


def _broken_down(own: Sequence[Row], rows: Sequence[Row], by: str) -> list[Row]:
    """Take a question's rows of a breakdown, and say of the groups without any that they were not collected."""
    kept = [row for row in own if row.by in {"", by}]
    groups = dict.fromkeys(row.group for row in rows if row.by == by and row.measure in {"level", "change"})
    for measure in ("level", "change", "gap"):
        for wave in dict.fromkeys(row.wave for row in kept if row.measure == measure):
            there = [row for row in kept if (row.measure, row.wave) == (measure, wave)]
            missing = [group for group in groups if group not in {row.group for row in there}]
            kept += [_absent(there[0], by, group) for group in missing]
    return kept


def _absent(like: Row, by: str, group: str) -> Row:
    """Make the row of a group without respondents."""
    return replace(
        like,
        by=by,
        group=group,
        estimate=math.nan,
        conf_low=math.nan,
        conf_high=math.nan,
        p_value=math.nan,
        p_adjusted=math.nan,
        n=None,
        n_first=None,
        n_second=None,
        n_effective=math.nan,
        detectable=math.nan,
        mark=MISSING,
        tier="refused",
        chart=False,
        flags="",
        refused="",
        note=NOT_COLLECTED,
    )


def _matrix(titled: Table, rows: Sequence[Row], every: Sequence[Row]) -> Table:
    """Lay questions out in lines and groups in columns."""
    groups = list(dict.fromkeys(row.group for row in by_group(every)))
    titles = {row.question: row.title for row in every}
    found = {(row.question, row.group): row for row in rows}
    asked = {row.question for row in rows}
    body = tuple(
        (
            Cell(title),
            Cell(question[1]),
            *(_cell(found.get((question, group)), asked=question in asked) for group in groups),
        )
        for question, title in titles.items()
    )
    columns = (Column("Question"), Column("Answers counted"), *(Column(group_label(one), "number") for one in groups))
    return replace(titled, columns=columns, rows=body)


def _cell(row: Row | None, *, asked: bool) -> Cell:
    """Write one number with its interval, or why there is none."""
    if row is None:
        return Cell("not collected" if asked else NOT_ASKED)
    if not row.shown:
        return Cell(row.mark or MISSING)
    words = _share_words(row) if row.measure == "level" else _change_words(row)
    return Cell(f"{words}{row.mark and ' ' + row.mark}")


def _share_words(row: Row) -> str:
    """Write a share and its interval."""
    return f"{percent(row.estimate, row.n)} ({_unbroken(percent_range(row.conf_low, row.conf_high, row.n))})"


def _change_words(row: Row) -> str:
    """Write a change, its interval, and what its test says."""
    within = _unbroken(signed_range(row.conf_low, row.conf_high, row.base))
    return f"{signed(row.estimate, row.base)} ({within}), {row.verdict}"


def _unbroken(text: str) -> str:
    """Keep an interval in one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _once(rows: Sequence[Row]) -> list[Row]:
    """Keep a row once that several indicators of the plan share."""
    return list({(row.measure, row.wave, row.by, row.group, row.weights): row for row in reversed(rows)}.values())[::-1]


def _asked(published: Published, row: Row) -> tuple[tuple[str, str], ...]:
    """Say how a question was worded in each survey."""
    return tuple(
        (wave_heading(str(record["wave"])), text)
        for record in wordings(published)
        if record["variable"] == row.variable and isinstance(text := record.get("asked_as"), str) and text
    )


def _not_asked(published: Published) -> set[tuple[str, str]]:
    """Find the questions that a survey did not have."""
    return {
        (str(record["variable"]), str(record["wave"]))
        for record in wordings(published)
        if record["comparable"] == "not asked"
    }


def _called(by: str) -> str:
    """Name a breakdown as readers do; without one there are only all respondents."""
    return breakdown(by) if by else "all respondents"


def _plain(wave: str) -> str:
    """Name a survey in letters, digits and underscores."""
    return "".join(letter if letter.isalnum() else "_" for letter in wave)
