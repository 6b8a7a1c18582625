"""Tables beside the comparison of attendees with others: other methods, unmeasured reasons, number of events."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.gap_words import PER_EVENT, plain_reason
from lpact_eval.reporting.numbers import INTERVAL, decimals, known, points, rounded, signed
from lpact_eval.reporting.rows import as_sentence, group_label, group_order, number
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
    group_heading,
    note_of,
    p_cell,
    verdict_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.reporting.rows import Dose, Row

TOGETHER: Final = "1+ - 0"  # one event and more taken together: the comparison of attendees itself
_EVERY_METHOD: Final = "Every method"
_EVERY_NUMBER: Final = "Every number of events"
_STEPS: Final = {
    "per event": "Each further event",
    "1 - 0": "One event, against none",
    "2+ - 0": "Two or more events, against none",
    TOGETHER: "One or more events, against none",
    "trend": "Each step: none, one, two or more",
}
_MEASURES: Final = {
    "e-value": "E-value: how closely tied to both",
    "e-value of the interval": "E-value of the interval's nearer end",
    "robustness value": "Robustness value: share explained of both",
    "robustness value of the interval": "Robustness value of the interval's nearer end",
    "benchmark": "The difference, beside a reason as strong as",
    "participation tipping ratio": "Taking part: how much likelier",
    "participation tipping ratio of the interval": "Taking part, for the interval's nearer end",
}
_SHARES: Final = ("robustness value", "robustness value of the interval")
_BENCHMARK: Final = "benchmark"
_POINTS: Final = re.compile(r"[+\N{MINUS SIGN}-]?\d+(?:\.\d)? points?\b")
_FROM_AND_TO: Final = 2


def step_label(step: str) -> str:
    """Name what a row by number of events compares."""
    return _STEPS.get(step, step)


def method_table(rows: Sequence[Row], *, name: str, caption: str) -> Table:
    """Lay out a question's gaps by every method; a group without a published gap has one row.

    Parameters
    ----------
    rows : sequence of Row
        Gaps and differences of gaps, those beside the first ones included, by group.
    name, caption : str

    Returns
    -------
    Table
    """
    columns = (
        Column(group_heading(rows)),
        Column("Method"),
        Column("Difference", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Unweighted base, attended", "number"),
        Column("Unweighted base, not attended", "number"),
        Column("Note"),
    )
    shown = {row.group for row in rows if row.main and row.shown}
    body = tuple(
        (
            Cell(gap_label(row)),
            Cell(_method(row) if row.group in shown else _EVERY_METHOD),
            difference_cell(row, row.base),
            difference_range(row, row.base),
            arm_cell(row.n_first, row),
            arm_cell(row.n_second, row),
            Cell(plain_reason(row) or note_of(row)),
        )
        for row in rows
        if row.group in shown or row.main
    )
    return Table(name, caption, columns, body, headers=2)


def strength_table(lines: Sequence[Mapping[str, object]], gaps: Sequence[Row], *, name: str, caption: str) -> Table:
    """Lay out how strong an unmeasured reason would have to be, with a sentence for every number.

    Parameters
    ----------
    lines : sequence of mapping
        Published records on strength.
    gaps : sequence of Row
        The gaps that they are about, whose bases decide the decimals.
    name, caption : str

    Returns
    -------
    Table
        A group without a published gap has one row with its mark.
    """
    columns = (
        Column("Method"),
        Column("Group"),
        Column("Measure"),
        Column("Value", "number"),
        Column("Unit"),
        Column("In words"),
    )
    first = {row.group: row for row in gaps if row.main}
    ordered = sorted(lines, key=lambda line: (str(line["method"]) != "regression", group_order(str(line["group"]))))
    body = tuple(
        (
            Cell(capital(str(line["method"]))),
            Cell(group_label(str(line["group"]))),
            Cell(_measure(line)),
            *_strength(line, gap.base if gap else None),
            Cell(reading_of(line, gap)),
        )
        for line in ordered
        for gap in (first.get(str(line["group"])),)
    )
    return Table(name, caption, columns, body, headers=3)


def dose_table(doses: Sequence[Dose], *, name: str, caption: str) -> Table:
    """Lay out how answers differ with the number of events attended; a group of which nothing is told has one row."""
    columns = (
        Column(group_heading([dose.row for dose in doses])),
        Column("Compared"),
        Column("Difference", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Test"),
        Column("Adjusted p"),
        Column("Unweighted base, attended so many", "number"),
        Column("Unweighted base, attended none", "number"),
        Column("Note"),
    )
    shown = {dose.row.group for dose in doses if dose.row.shown and dose.step != TOGETHER}
    body = tuple(
        (
            Cell(group_label(row.group)),
            Cell(step_label(dose.step) if row.group in shown else _EVERY_NUMBER),
            difference_cell(row, row.base),
            difference_range(row, row.base),
            Cell(verdict_of(row)),
            p_cell(row),
            count_cell(row.n_first, row),
            count_cell(row.n_second, row),
            Cell(note_of(row)),
        )
        for dose in doses
        for row in (dose.row,)
        if (dose.step != TOGETHER if row.group in shown else dose.step == PER_EVENT)
    )
    return Table(name, caption, columns, body, headers=2)


def of_all(tables: Mapping[tuple[str, str], Table], *, name: str, caption: str) -> Table:
    """Put the tables of several questions into one, by their titles and answers; may be without rows."""
    filled = {question: table for question, table in tables.items() if table.rows}
    columns = next((table.columns for table in filled.values()), ())
    body = tuple((*map(Cell, question), *row) for question, table in filled.items() for row in table.rows)
    headers = next((table.headers for table in filled.values()), 0) + 2
    heads = (Column("Question"), Column("Answers counted"), *_one_heading(columns, list(filled.values())))
    return Table(name, caption, heads, body, headers=headers)


def capital(text: str) -> str:
    """Begin a name with a capital."""
    return text[:1].upper() + text[1:]


def _one_heading(columns: Sequence[Column], tables: Sequence[Table]) -> tuple[Column, ...]:
    """Head the groups as groups where questions are broken down by different things."""
    headings = [{table.columns[place].heading for table in tables} for place in range(len(columns))]
    pairs = zip(columns, headings, strict=True)
    return tuple(replace(column, heading="Group") if len(found) > 1 else column for column, found in pairs)


def _method(row: Row) -> str:
    """Name the method of a gap."""
    return "Regression, reported first" if row.main else capital(row.row)


def _measure(line: Mapping[str, object]) -> str:
    """Name what is measured, and as strong as what."""
    measure = str(line["measure"])
    adjuster = f" {line['covariate']}" if line["covariate"] else ""
    return f"{_MEASURES.get(measure, measure)}{adjuster}" or NOT_APPLICABLE


def strength_value(line: Mapping[str, object], base: int | None) -> tuple[Cell, str]:
    """Write a value with the decimals of a base, or why there is none; and its unit."""
    value, measure = number(line["value"]), str(line["measure"])
    if not known(value):
        return Cell(str(line["mark"]) or MISSING), NOT_APPLICABLE
    if measure == _BENCHMARK:
        return Cell(signed(value, base), rounded(value, base), decimals=decimals(base)), "percentage points"
    if measure in _SHARES:
        return Cell(f"{rounded(value, None):.0f}", rounded(value, None)), "per cent"
    return Cell(f"{value:.2f}", round(value, 2), decimals=2), "times"


def _strength(line: Mapping[str, object], base: int | None) -> tuple[Cell, Cell]:
    """Write a value and its unit in two cells."""
    cell, unit = strength_value(line, base)
    return cell, Cell(unit)


def reading_of(line: Mapping[str, object], gap: Row | None) -> str:
    """Give a line's sentence, its differences as published and a word where it holds roughly; or why there is none.

    Parameters
    ----------
    line : mapping
        A published record on strength.
    gap : Row or None
        The gap that it is about.

    Returns
    -------
    str
    """
    mark, reading = str(line["mark"]), str(line["reading"])
    if not reading:
        return as_sentence(MARKS.get(mark or MISSING, ""))
    if line["measure"] == _BENCHMARK and gap is not None and len(_POINTS.findall(reading)) == _FROM_AND_TO:
        told = iter([points(value, gap.base) for value in (gap.estimate, number(line["value"]))])
        reading = _POINTS.sub(lambda _: next(told), reading)
    return f"{reading}{' Approximate.' if line['approximate'] else ''}"
