"""How each published number was made: what it counts, its weights, its precision, its test, and how to follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.numbers import known, probability
from lpact_eval.reporting.rows import (
    EXPLAINED,
    Row,
    as_sentence,
    by_group,
    group_label,
    rows_of,
    wave_heading,
    wordings,
)
from lpact_eval.reporting.tables import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Column,
    Table,
    arm_cell,
    count_cell,
    difference_cell,
    difference_range,
    gap_label,
    share_cell,
    share_range,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.record_definitions import RecordMade

_MEASURES: Final = {
    "level": "Share",
    "change": "Change",
    "gap": "Attendees minus others",
    "gap difference": "Between groups",
}
_COMMANDS: Final = ("level", "change", "gap")  # what `lpact-eval explain` follows
_WEIGHTS: Final = {
    "within group": "Weights within the group make it resemble its own make-up",
    "population": "weights to the population make all respondents resemble it",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """How the numbers of a question were made.

    Attributes
    ----------
    name, title : str
    facts : tuple of (str, str)
        What holds for all of them.
    table : Table
        A line for each number.
    anchors : tuple of str
        The place of each line, to which its number leads.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    table: Table
    anchors: tuple[str, ...]


def explanations(published: Published) -> list[Explained]:
    """Explain every share, change and gap of a release.

    Parameters
    ----------
    published : Published

    Returns
    -------
    list of Explained
        One for each question, in the order of the plan, and one for the records of events. What is suppressed is so
        here too.
    """
    questions: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(published):
        if row.measure in EXPLAINED:
            questions.setdefault(row.question, []).append(row)
    made = published.records.made if published.records else ()
    told = [_explained(published, by_group(rows)) for rows in questions.values()]
    return [*told, _of_records(made)] if made else told


def record_anchor(indicator: str) -> str:
    """Name the place where the numbers of an indicator of the records are explained.

    >>> record_anchor("1.6")
    'made-record-1.6'
    """
    return f"made-record-{indicator}"


def _of_records(made: Sequence[RecordMade]) -> Explained:
    """Explain the numbers of the records: a line for each indicator, as its numbers are made alike."""
    columns = tuple(map(Column, ("Indicator", "Title", "What is counted", "How", "95% interval", "Records used")))
    rows = tuple(
        (
            Cell(one.indicator),
            Cell(one.title),
            Cell(as_sentence(one.meaning)),
            Cell(as_sentence(one.estimator)),
            Cell(as_sentence(one.interval)),
            Cell(", ".join(one.records)),
        )
        for one in made
    )
    table = Table("made_records", "Records of events: how each indicator was made", columns, rows, headers=2)
    facts = (
        ("Counted", "What stands in the records as they were kept; the part on rows and cells says what was left out."),
        ("Tests", "None: counts and trends of the records are exploratory."),
        ("To follow a number to its source, columns included", "lpact-eval explain INDICATOR GROUP."),
    )
    anchors = tuple(record_anchor(one.indicator) for one in made)
    return Explained(table.name, "Events, feedback and action", facts, table, anchors)


def _explained(published: Published, rows: Sequence[Row]) -> Explained:
    """Explain the numbers of one question."""
    first = rows[0]
    once = list({row.made: row for row in reversed(rows)}.items())[::-1]
    ordered = sorted(once, key=lambda pair: EXPLAINED.index(pair[1].measure))
    columns = (
        Column("Number"),
        Column("Group"),
        Column("Survey"),
        Column("Value", "number"),
        Column("95% modelled interval", "interval"),
        Column("Unweighted base", "number"),
        Column("Effective base", "number"),
        Column("Design effect", "number"),
        Column("Degrees of freedom", "number"),
        Column("Weights"),
        Column("Test family"),
        Column("p, alone", "number"),
        Column("p, adjusted", "number"),
    )
    caption = f"{first.title}: how each number was made"
    table = Table(f"made_{first.slug}", caption, columns, tuple(_line(row) for _, row in ordered), headers=3)
    return Explained(table.name, first.title, _facts(published, first), table, tuple(name for name, _ in ordered))


def _facts(published: Published, row: Row) -> tuple[tuple[str, str], ...]:
    """Say what holds for all numbers of a question."""
    asked = [
        (f"Asked in {wave_heading(str(record['wave']))}", as_sentence(text))
        for record in wordings(published)
        if record["variable"] == row.variable and isinstance(text := record.get("asked_as"), str) and text
    ]
    return (
        *asked,
        ("Counted", f'"{row.answer}".'),
        ("Left out", "Don't know, prefer not to say, blank, and those who were not asked."),
        ("Weights", "; ".join(_WEIGHTS.values()) + "."),
        ("Indicator of the plan", f"{row.indicator}. To follow one of its numbers to its source: {_command(row)}"),
    )


def _line(row: Row) -> tuple[Cell, ...]:
    """Explain one number."""
    level = row.measure == "level"
    tested = row.tested and not level
    return (
        Cell(_MEASURES[row.measure]),
        Cell(gap_label(row) if row.measure.startswith("gap") else group_label(row.group)),
        Cell(" - ".join(map(wave_heading, row.waves[::-1])) if row.measure == "change" else wave_heading(row.wave)),
        share_cell(row, row.n) if level else difference_cell(row, row.base),
        share_range(row, row.n) if level else difference_range(row, row.base),
        count_cell(row.n, row) if level else _arms(row),
        _figure(row.n_effective, row, 0) if level else Cell(NOT_APPLICABLE),
        _figure(row.design_effect, row, 2) if level else Cell(NOT_APPLICABLE),
        _figure(row.df, row, 1),
        Cell(row.weights or NOT_APPLICABLE),
        Cell(NOT_APPLICABLE if level else row.family or NOT_APPLICABLE),
        Cell(probability(row.p_value) if tested and known(row.p_value) else _none(row, level=level)),
        Cell(probability(row.p_adjusted) if tested else _none(row, level=level)),
    )


def _arms(row: Row) -> Cell:
    """Write the bases of both sides of a difference."""
    first, second = arm_cell(row.n_first, row), arm_cell(row.n_second, row)
    if first.value is None or second.value is None:
        return first if first.value is None else second
    return Cell(f"{first.text} and {second.text}", first.value, second.value)


def _figure(value: float, row: Row, places: int) -> Cell:
    """Write a number that is no share."""
    if not known(value) or not row.shown:
        return Cell(row.mark or MISSING)
    return Cell(f"{value:,.{places}f}", round(value, places), decimals=places)


def _none(row: Row, *, level: bool) -> str:
    """Say why there is no p-value."""
    return NOT_APPLICABLE if level else row.mark or MISSING


def _command(row: Row) -> str:
    """Write what to type to follow a number."""
    return f"lpact-eval explain {row.indicator} GROUP SURVEY --measure {'|'.join(_COMMANDS)}"
