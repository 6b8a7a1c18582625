"""Tables of what was promised and done: indicators with their endings, decisions, sizes, departures, checks, logs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.record_counts import NOT_PEOPLE
from lpact_eval.frames import records_of
from lpact_eval.reporting.background import day
from lpact_eval.reporting.numbers import INTERVAL, count, known
from lpact_eval.reporting.record_cells import base_cell, range_cell, value_cell
from lpact_eval.reporting.record_rows import record_rows
from lpact_eval.reporting.rows import Row, as_sentence, group_label, number, plain, rows_of, wave_heading
from lpact_eval.reporting.tables import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Column,
    Table,
    count_cell,
    difference_cell,
    difference_range,
    p_cell,
    points_cell,
    share_cell,
    share_range,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.disclosure.accounts import PublishedAccounts
    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.logs import LogName
    from lpact_eval.reporting.record_rows import RecordRow

_PLAN: Final = "Source: the evaluation plan."
_RUN: Final = "Source: the evaluation plan and the run of it."
_LOGS: Final = "Source: the logs kept beside the evaluation plan."
ENDINGS: Final = (
    "Met, not met and can't tell at this size are decisions by the plan's rules in numbers. "
    "Result: no such rule; read the numbers. Refused and not collected: why there is no number."
)
RULE: Final = "Rule in numbers"
FOUND: Final = "Changes and differences are in points, shares in per cent, and what the records hold as it was counted."
_HEADINGS: Final[Mapping[str, str]] = {
    "id": "Entry",
    "text": "What",
    "owner": "Who answers for it",
    "confidence": "How sure",
    "impact": "How much hangs on it",  # a rating of AQuA's log; the word itself is kept for what reports avoid
    "why": "Why",
    "about": "About",
}
_LOG_CAPTIONS: Final[tuple[tuple[LogName, str], ...]] = (
    ("assumptions", "Log of assumptions"),
    ("decisions", "Log of decisions"),
    ("data", "Log of the data"),
    ("qa", "Log of checks made by people"),
)
_PROMISED: Final = (
    ("outcome", "Outcome"),
    ("outcome_title", "Intended outcome"),
    ("indicator", "Indicator"),
    ("title", "Title"),
    ("role", "Role"),
    ("rule", "Rule in words"),
    ("numbers", RULE),
    ("planned", "Planned answers"),
    ("who_decides", "Who decides"),
    ("publication", "Where published"),
    ("decided_on", "Decided on"),
    ("status", "Ending"),
    ("reason", "Why"),
)
_MADE: Final = (
    ("indicator", "Indicator"),
    ("title", "Title"),
    ("source", "Source"),
    ("question", "Question or measure"),
    ("answers", "Answers counted"),
    ("groups", "Groups"),
    ("comparison", "Comparison"),
    ("estimator", "Estimator"),
    ("weights", "Weights"),
    ("adjusters", "Adjusters"),
)
_RULED: Final = (
    ("role", "Role"),
    ("rule", "Rule in words"),
    ("numbers", RULE),
    ("planned", "Planned answers"),
    ("who_decides", "Who decides"),
    ("publication", "Where published"),
)
_IN_FULL: Final = dict.fromkeys((*_PROMISED[:5], *_MADE, *_PROMISED[5:]))


def ending_table(accounts: PublishedAccounts) -> Table:
    """List every promise with its ending, for the page."""
    columns = (
        Column("Outcome"),
        Column("Indicator"),
        Column("Decided on"),
        Column("Rule"),
        Column("Ending"),
        Column("Why"),
        Column("Who decides"),
    )
    rows = tuple(
        (
            Cell(_outcome(row)),
            Cell(_named(row)),
            Cell(group_label(_text(row["decided_on"])) or "No rule in numbers"),
            Cell(_rule(row)),
            Cell(_label(row["status"])),
            Cell(_reason(row)),
            Cell(_text(row["who_decides"]) or ("Not stated" if row["decided_on"] else NOT_APPLICABLE)),
        )
        for row in records_of(accounts.promises)
    )
    caption = "Every indicator of the plan, by intended outcome, and how it ended"
    return Table("endings", caption, columns, rows, headers=2, notes=(ENDINGS,), source=_RUN)


def promise_table(accounts: PublishedAccounts) -> Table:
    """List every promise with its rule and its ending, for the workbook."""
    columns = tuple(Column(heading) for _, heading in _PROMISED)
    rows = tuple(
        tuple(Cell(_reason(row) if name == "reason" else _promised(row, name)) for name, _ in _PROMISED)
        for row in records_of(accounts.promises)
    )
    caption = "What the plan promised, indicator by indicator, and how it ended"
    return Table("Promises", caption, columns, rows, headers=3, source=_RUN)


def full_table(accounts: PublishedAccounts) -> Table:
    """List every promise with how it is made, its rule and its ending: the whole plan in one table."""
    columns = tuple(Column(heading) for _, heading in _IN_FULL)
    rows = tuple(
        tuple(Cell(_reason(row) if name == "reason" else _promised(row, name)) for name, _ in _IN_FULL)
        for row in records_of(accounts.promises)
    )
    caption = "The evaluation plan, indicator by indicator: how each is made, what would decide it, and how it ended"
    return Table("Plan", caption, columns, rows, headers=3, source=_RUN)


def design_table(accounts: PublishedAccounts) -> Table:
    """Say of every indicator what it is made of."""
    columns = tuple(Column(heading) for _, heading in _MADE)
    listed = [row for row in records_of(accounts.promises) if row["indicator"]]
    rows = {tuple(Cell(_promised(row, name)) for name, _ in _MADE): None for row in listed}
    return Table("Indicator_table", "How every indicator is made", columns, tuple(rows), headers=2, source=_PLAN)


def made_table(accounts: PublishedAccounts) -> Table:
    """Say of every indicator what it is made of, in as few columns as a page has room for."""
    columns = tuple(map(Column, ("Indicator", "Source", "What is counted", *(heading for _, heading in _MADE[5:]))))
    rows = {
        (
            Cell(_named(row)),
            Cell(_label(row["source"])),
            Cell(": ".join(filter(None, (_label(row["question"]), _text(row["answers"]))))),
            *(Cell(_promised(row, name)) for name, _ in _MADE[5:]),
        ): None
        for row in records_of(accounts.promises)
        if row["indicator"]
    }
    return Table("Made", "How every indicator is made", columns, tuple(rows), source=_PLAN)


def rule_table(accounts: PublishedAccounts) -> Table:
    """Say what would decide each indicator that has a rule, and who does."""
    columns = tuple(map(Column, ("Indicator", *(heading for _, heading in _RULED))))
    rows = {
        (Cell(_named(row)), *(Cell(_promised(row, name)) for name, _ in _RULED)): None
        for row in records_of(accounts.promises)
        if row["indicator"] and any(_text(row[name]) for name in ("rule", "numbers", "who_decides"))
    }
    return Table("Rules", "What would decide an indicator, and who does", columns, tuple(rows), source=_PLAN)


def decision_table(published: Published, accounts: PublishedAccounts) -> Table:
    """Put the numbers beside every decision that a rule in numbers made."""
    columns = (
        Column("Indicator"),
        Column("Group"),
        Column("Decided by"),
        Column("Survey"),
        Column("Found", "number"),
        Column(INTERVAL, "interval"),
        Column("Adjusted p"),
        Column("Smallest detectable", "number", "points"),
        Column("Unweighted base", "number"),
        Column(RULE),
        Column("Ending"),
        Column("Why"),
    )
    surveys, records = _rows(published), _record_rows(published)
    rows = tuple(
        (
            Cell(_named(row)),
            Cell(group_label(_text(row["group"])) or "All together"),
            Cell(_text(row["measure"]) or NOT_APPLICABLE),
            Cell(_waves(_text(row["wave"]))),
            *_found(row, surveys, records),
            Cell(_text(row["numbers"])),
            Cell(_label(row["status"])),
            Cell(_reason(row)),
        )
        for row in records_of(accounts.decisions)
        if row["numbers"]
    )
    return Table("Decisions", "Decisions by the plan's rules", columns, rows, headers=2, notes=(FOUND,), source=_RUN)


def size_table(accounts: PublishedAccounts) -> Table:
    """Compare the respondents reached with those planned for."""
    columns = (
        Column("Indicator"),
        Column("Survey"),
        Column("Group"),
        Column("Planned", "number"),
        Column("Unweighted base", "number"),
        Column("Ending"),
        Column("Why"),
    )
    rows = tuple(
        (
            Cell(_named(row)),
            Cell(wave_heading(_text(row["wave"]))),
            Cell(group_label(_text(row["group"]))),
            _whole(number(row["planned"])),
            _whole(number(row["reached"]), "[c]" if row["status"] == "refused" else MISSING),
            Cell(_label(row["status"])),
            Cell(_reason(row)),
        )
        for row in records_of(accounts.sizes)
    )
    return Table("Sizes", "Answers planned for, and those that came", columns, rows, headers=3, source=_RUN)


def departure_table(accounts: PublishedAccounts) -> Table:
    """List where the evaluation departed from its plan."""
    headings = ("Kind", "What", "Promised", "Done", "Why", "Since")
    rows = tuple(
        (
            Cell(_label(row["kind"])),
            Cell(_label(row["what"])),
            Cell(_sentence(row["promised"]) or NOT_APPLICABLE),
            Cell(_sentence(row["done"])),
            Cell(_sentence(row["why"]) or "No reason is given."),
            Cell(_since(_text(row["since"]))),
        )
        for row in records_of(accounts.departures)
    )
    caption = "Departures from the plan: what was promised, what was done, and why"
    return Table("Departures", caption, tuple(map(Column, headings)), rows, headers=2, source=_RUN)


def check_table(accounts: PublishedAccounts) -> Table:
    """List the checks with their outcomes."""
    rows = tuple(
        tuple(Cell(_label(row[name]) or NOT_APPLICABLE) for name in ("what", "outcome", "found", "by"))
        for row in records_of(accounts.checks)
    )
    headings = ("Check", "Outcome of the check", "What was found", "By whom")
    return Table("Checks", "Checks of the run, with their outcomes", tuple(map(Column, headings)), rows, source=_RUN)


def method_table(accounts: PublishedAccounts) -> Table:
    """Lay out the disclosure of methods."""
    rows = tuple(
        (Cell(str(item.number)), Cell(item.name), Cell(item.text or "Blank"), Cell(as_sentence(item.source)))
        for item in accounts.methods
    )
    headings = ("Item", "About", "What is disclosed", "Where it comes from")
    return Table("Methods", "Disclosure of methods", tuple(map(Column, headings)), rows, headers=2, source=_RUN)


def log_tables(accounts: PublishedAccounts) -> Iterator[Table]:
    """Lay out the logs that have entries."""
    for name, caption in _LOG_CAPTIONS:
        frame = accounts.log(name)
        if not len(frame):
            continue
        columns = tuple(Column(_HEADINGS.get(column, column.capitalize())) for column in frame.columns)
        rows = tuple(tuple(Cell(_entry(value)) for value in row.values()) for row in records_of(frame))
        yield Table(f"Log_of_{name}", caption, columns, rows, source=_LOGS)


def _found(
    decision: Mapping[str, object], surveys: Mapping[tuple[str, ...], Row], records: Mapping[tuple[str, ...], RecordRow]
) -> tuple[Cell, ...]:
    """Write what a decision rests on as the tables of results write it."""
    name = tuple(_text(decision[key]) for key in ("indicator", "measure", "wave", "by", "group"))
    row = surveys.get(name)
    if row is not None:
        level = row.measure == "level"
        found = (share_cell(row, row.n), share_range(row, row.n)) if level else _differences(row)
        tested = (
            (Cell(NOT_APPLICABLE), Cell(NOT_APPLICABLE)) if level else (p_cell(row), points_cell(row.detectable, row))
        )
        return (*found, *tested, count_cell(row.n, row))
    one = records.get(tuple(_text(decision[key]) for key in ("indicator", "measure", "unit", "by", "group")))
    without = Cell(NOT_APPLICABLE)
    return (value_cell(one), range_cell(one), without, without, _record_base(one))


def _record_base(row: RecordRow | None) -> Cell:
    """Write what a number of the records rests on: people as a number, events and the like with their word."""
    if row is None or not known(row.n) or row.base not in NOT_PEOPLE:
        return base_cell(row)
    return Cell(f"{count(row.n)} {row.base}")


def _differences(row: Row) -> tuple[Cell, Cell]:
    """Write a change or a difference with its interval."""
    return difference_cell(row, row.base), difference_range(row, row.base)


def _rows(published: Published) -> dict[tuple[str, ...], Row]:
    """Find the surveys' rows by what they are about."""
    return {(row.indicator, row.measure, row.wave, row.by, row.group): row for row in rows_of(published)}


def _record_rows(published: Published) -> dict[tuple[str, ...], RecordRow]:
    """Find the records' rows by what they are about."""
    if published.records is None:
        return {}
    alone = [row for row in record_rows(published.records) if not row.by2]
    return {(row.indicator, row.measure, row.unit, row.by, row.group): row for row in alone}


def _named(row: Mapping[str, object]) -> str:
    """Name an indicator by its number and title."""
    return f"{_text(row['indicator'])} {_text(row['title'])}".strip() or _text(row.get("outcome_title")) or "None"


def _outcome(row: Mapping[str, object]) -> str:
    """Name an outcome by its number and the first words that the theory of change has for it."""
    return f"{row['outcome']} {_text(row['outcome_title']).partition(':')[0]}".strip()


def _rule(row: Mapping[str, object]) -> str:
    """Write a rule, in numbers where there are any."""
    numbers = _text(row["numbers"])
    return numbers if row["decided_on"] else _text(row["rule"]) or NOT_APPLICABLE


def _promised(row: Mapping[str, object], name: str) -> str:
    """Write what was promised; what the plan leaves out is not applicable."""
    return _label(str(row[name])) or NOT_APPLICABLE


def _reason(row: Mapping[str, object]) -> str:
    """Write why something ended as it did."""
    return _sentence(row["reason"]) or NOT_APPLICABLE


def _entry(value: object) -> str:
    """Write what an entry of a log holds; a blank is told, as somebody has to fill it in."""
    return day(value) if isinstance(value, dt.date) else _label(value) or "Blank"


def _since(text: str) -> str:
    """Write since when something holds; what holds after a day says so."""
    after, _, date = text.rpartition(" ")
    return " ".join(filter(None, (after.capitalize(), day(dt.date.fromisoformat(date))))) if date else "Not known"


def _label(value: object) -> str:
    """Begin a text with a capital."""
    text = _text(value)
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(value: object) -> str:
    """Write a text as a sentence that calls waves surveys."""
    return as_sentence(plain(_text(value)))


def _waves(wave: str) -> str:
    """Name the survey or surveys of a decision."""
    later, _, earlier = wave.partition(" - ")
    return f"{wave_heading(earlier)} to {wave_heading(later)}" if earlier else wave_heading(wave) or NOT_APPLICABLE


def _whole(value: float, mark: str = MISSING) -> Cell:
    """Write a count, or why there is none."""
    return Cell(count(value), value) if known(value) else Cell(mark)


def _text(value: object) -> str:
    """Read a text that may be missing."""
    return value if isinstance(value, str) else ""
