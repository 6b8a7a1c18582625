"""Lists of the records as tables: events, what can't be done, you said, contribution, quotes, rows and cells."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.background import day
from lpact_eval.reporting.numbers import count, known
from lpact_eval.reporting.rows import as_sentence, number, whole
from lpact_eval.reporting.tables import MISSING, NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.records import PublishedRecords

Record = dict[str, object]

BLANK: Final = "not filled in by the lead"
_COUNTS: Final = {
    "attendees": "Attendees",
    "officers": "Officers",
    "forms": "Forms returned",
    "opted_in": "Contacts opted in",
}
_SOURCES: Final = {"survey": "Survey", "records": "Records", "lead": "The lead", "rubric": "The rubric"}
_STATES: Final = {"filled": "Given"}
_PARTS: Final = {"lead's judgement": "The lead's judgement"}


def event_table(records: PublishedRecords) -> Table:
    """List the events with what was counted at each."""
    columns = (
        Column("Date"),
        Column("Community"),
        Column("Area"),
        Column("Event"),
        Column("Ages"),
        Column("Format"),
        *(Column(heading, "number") for heading in _COUNTS.values()),
        Column("Planned length", "number", "hours"),
        Column("Actual length", "number", "hours"),
    )
    rows = tuple(
        (
            Cell(_day(row["date"])),
            *(Cell(_capital(str(row[name]))) for name in ("community", "area", "event", "age_focus", "format")),
            *(_counted(row, name) for name in _COUNTS),
            _hours(row["hours_planned"]),
            _hours(row["hours_actual"]),
        )
        for row in records_of(records.events)
    )
    note = "A group of fewer than ten people is not shown, nor is what it could be worked out from."
    return Table("Event_list", "Events in the order of their dates", columns, rows, 2, (note,))


def cannot_table(records: PublishedRecords) -> Table:
    """List what can't be done, with the reason and whether people were told."""
    columns = (
        Column("What was raised"),
        Column("Workstream"),
        Column("Department"),
        Column("Why it can't be done"),
        Column("Raised on"),
        Column("Told on"),
        Column("Told to"),
        Column("Days from raised to told", "number"),
    )
    rows = tuple(
        (
            Cell(str(row["theme"])),
            Cell(_capital(str(row["workstream"]))),
            Cell(_capital(str(row["department"]))),
            Cell(_capital(str(row["reason"]))),
            Cell(_day(row["raised"])),
            Cell(_told(row)),
            Cell(str(row["told_to"]) or ("Not recorded" if row["is_told"] else "Nobody yet")),
            _days(row),
        )
        for row in records_of(records.cannot_act)
    )
    note = "Where nobody was told yet, the days run to the last day of the records."
    return Table("Cannot_be_done", "What can't be done, and why", columns, rows, 1, (note,))


def said_table(records: PublishedRecords) -> Table:
    """Lay out: you said, we did, we can't and why."""
    columns = (
        Column("You said"),
        Column("Workstream"),
        Column("We did: department"),
        Column("We can't: department"),
        Column("Why we can't"),
        Column("Still with"),
        Column("Longest wait so far", "number", "days"),
        Column("Note"),
    )
    rows = tuple(
        (
            Cell(str(row["said"])),
            Cell(_capital(str(row["workstream"]))),
            *(Cell(_capital(str(row[name])) or "-") for name in ("done", "cannot", "why")),
            Cell(_capital(str(row["waiting"])) or "-"),
            _number(row["days_waiting"], NOT_APPLICABLE),
            Cell("" if row["confirmed"] else "The focus group has not confirmed this."),
        )
        for row in records_of(records.you_said)
    )
    return _noted(Table("You_said", "You said, we did, we can't and why", columns, rows))


def contribution_tables(records: PublishedRecords) -> list[tuple[str, Table]]:
    """Set out the case for each intended outcome, under its title."""
    cases: dict[int, list[Record]] = {}
    for row in records_of(records.contribution):
        cases.setdefault(int(number(row["outcome"])), []).append(row)
    return [(_case_title(rows), _case_table(outcome, rows)) for outcome, rows in cases.items()]


def quote_table(records: PublishedRecords) -> Table:
    """Show the quotes that the plan chose, and what they may be linked to."""
    columns = (
        Column("What was said"),
        Column("Themes"),
        Column("Community"),
        Column("Event"),
        Column("Why not linked"),
    )
    rows = tuple(
        (
            Cell(f"\N{LEFT DOUBLE QUOTATION MARK}{row['text']}\N{RIGHT DOUBLE QUOTATION MARK}"),
            Cell(str(row["themes"]) or "Not coded"),
            *(Cell(str(row[name]) or "Not linked") for name in ("community", "event")),
            Cell(as_sentence(str(row["unlinked"])) or NOT_APPLICABLE),
        )
        for row in records_of(records.quotes)
    )
    return Table("Quotes", "What people said, quoted with their consent", columns, rows)


def record_ledger(records: PublishedRecords) -> Table:
    """Account for every row of the records."""
    columns = (Column("Record"), Column("Rows"), Column("Number of rows", "number"))
    rows = tuple(
        (Cell(_capital(str(row["record"]))), Cell(_ledger_label(str(row["reason"]), row["rows"])), _number(row["rows"]))
        for row in records_of(records.ledger)
    )
    return Table("Record_rows", "Records: rows delivered, set aside and kept", columns, rows, 2)


def issue_table(records: PublishedRecords) -> Table:
    """Count the cells that could not be used."""
    columns = (
        Column("Record"),
        Column("Column"),
        Column("What was wrong"),
        Column("What was done"),
        Column("Cells", "number"),
    )
    rows = tuple(
        (
            Cell(_capital(str(row["record"]))),
            Cell(_capital(str(row["column"]).replace("_", " "))),
            Cell(_capital(str(row["reason"]))),
            Cell(_capital(str(row["done"]))),
            _number(row["cells"]),
        )
        for row in records_of(records.issues)
    )
    return Table("Unusable_cells", "Records: cells that could not be used", columns, rows, 2)


def boxes(records: PublishedRecords) -> tuple[int, int]:
    """Count the boxes that only the lead can fill in, and how many of them are empty."""
    rows = [row for row in records_of(records.contribution) if row["source"] == "lead"]
    return len(rows), sum(row["status"] == BLANK for row in rows)


def strengths(records: PublishedRecords) -> list[tuple[str, str]]:
    """Name each outcome with the strength of its case."""
    rows = records_of(records.contribution)
    return [(str(row["title"]), str(row["text"])) for row in rows if row["part"] == "strength"]


def _case_title(rows: Sequence[Record]) -> str:
    """Name an outcome."""
    return f"Outcome {rows[0]['outcome']}: {str(rows[0]['title'])[:1].lower()}{str(rows[0]['title'])[1:]}"


def _case_table(outcome: int, rows: Sequence[Record]) -> Table:
    """Set out one case; what several numbers say in the same words stands once."""
    columns = (
        Column("Part"),
        Column("What it says"),
        Column("Answer or reason"),
        Column("Comes from"),
        Column("Rests on"),
        Column("State"),
    )
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        key = (_part_of(row), str(row["text"]), _detail(row), str(row["source"]), str(row["status"]))
        lines.setdefault(key, []).append(_reference(row))
    body = tuple(
        (
            Cell(part),
            Cell(_capital(text)),
            Cell(detail or "-"),
            Cell(_SOURCES.get(source, _capital(source))),
            Cell("; ".join(dict.fromkeys(filter(None, references))) or "-"),
            Cell(_STATES.get(status, _capital(status))),
        )
        for (part, text, detail, source, status), references in lines.items()
    )
    title = str(rows[0]["title"])
    return Table(
        f"Contribution_{_LETTERS[outcome % len(_LETTERS)]}", f"Contribution analysis: {title}", columns, body, 2
    )


_LETTERS: Final = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _part_of(row: Mapping[str, object]) -> str:
    """Name a part of a case; a question to the lead is none of the evidence before it is answered."""
    part = str(row["part"])
    asked = row["source"] == "lead" and part.startswith("evidence")
    return f"{_capital(part)}, asked of the lead" if asked else _PARTS.get(part, _capital(part))


def _detail(row: Mapping[str, object]) -> str:
    """Give an answer or a reason, and of a strength what the rubric calls so."""
    detail = as_sentence(str(row["detail"]))
    return f"{detail} The rubric: {row['reference']}" if row["source"] == "rubric" and row["reference"] else detail


def _reference(row: Mapping[str, object]) -> str:
    """Say on which number a line rests, in words: an indicator, or a measure of the records."""
    parts = str(row["reference"]).split("; ")
    if row["source"] == "rubric":
        return ""
    if row["source"] == "records" and len(parts) > 1:
        return parts[1]
    if row["source"] == "survey" and len(parts) > 1:
        return f"indicator {parts[0]}, {', '.join(parts[1:])}"
    return str(row["reference"])


def _ledger_label(reason: str, rows: object) -> str:
    """Name a line of the ledger; what was not read is no row."""
    return _capital(reason) if reason in {"delivered", "kept"} or not rows else f"Set aside: {reason}"


def _counted(row: Mapping[str, object], name: str) -> Cell:
    """Write a count of an event; hidden, or not on record."""
    if name in str(row["hidden"]).split("; "):
        return Cell(str(row["mark"]))
    return _number(row[name])


def _number(value: object, missing: str = MISSING) -> Cell:
    """Write a count; a missing one is not available, or not applicable."""
    found = whole(value)
    return Cell(missing) if found is None else Cell(count(found), float(found))


def _hours(value: object) -> Cell:
    """Write hours."""
    found = number(value)
    return Cell(f"{found:.1f}", round(found, 1), decimals=1) if known(found) else Cell(MISSING)


def _days(row: Mapping[str, object]) -> Cell:
    """Write how long people waited to be told."""
    cell = _number(row["days"])
    return cell if cell.value is None or row["is_told"] else Cell(f"{cell.text} so far", cell.value)


def _told(row: Mapping[str, object]) -> str:
    """Say when people were told."""
    if not row["is_told"]:
        return "Not told yet"
    return _day(row["told"]) if isinstance(row["told"], dt.date) and row["told"] == row["told"] else "Day not recorded"


def _day(value: object) -> str:
    """Write a date, or that there is none."""
    return day(value) if isinstance(value, dt.date) and value == value else "Not recorded"  # noqa: PLR0124 - as above


def _capital(text: str) -> str:
    """Begin a cell with a capital."""
    return f"{text[:1].upper()}{text[1:]}"


def _noted(table: Table) -> Table:
    """Leave the column of notes out where no line has one."""
    if any(line[-1].text for line in table.rows):
        return table
    return Table(table.name, table.caption, table.columns[:-1], tuple(line[:-1] for line in table.rows), table.headers)
