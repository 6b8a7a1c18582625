"""Check records against themselves and each other: rows and cells that can't be are set aside, oddities are noted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.findings import CELL, KEPT, ROW, listed_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lpact_eval.evidence.findings import Findings
    from lpact_eval.evidence.record_schema import Record

# What makes a row a copy of another where a record has no id.
_KEYS: Final = {"people": ("event", "person"), "attendance": ("event", "by", "group")}
_COPIES: Final = {
    "people": "the same person at the same event as in an earlier row",
    "attendance": "the same event and group as in an earlier row",
}
# Record, the later cell, which is set aside, the earlier one, and what is wrong.
_ORDERED: Final = (
    ("register", "planned_end", "planned_start", "end before start"),
    ("register", "actual_end", "actual_start", "end before start"),
    ("actions", "answered", "raised", "answered before raised"),
    ("actions", "done", "raised", "done before raised"),
    ("actions", "told", "answered", "told before answered"),
    ("actions", "told", "raised", "told before raised"),
    ("observations", "applied", "offered", "applied before offered"),
    ("observations", "vetted", "offered", "vetted before offered"),
    ("observations", "vetted", "applied", "vetted before applied"),
    ("observations", "attended", "offered", "attended before offered"),
    ("observations", "attended", "applied", "attended before applied"),
)
_AT_MOST: Final = (
    ("register", "forms", "attendees", "more forms than attendees"),
    ("register", "opted_in", "attendees", "more contacts than attendees"),
)


@dataclass(slots=True, eq=False)
class Checked:
    """Tables whose rows are checked one record after the other, and how many rows were set aside for what."""

    findings: Findings
    tables: dict[str, pd.DataFrame] = field(default_factory=dict[str, pd.DataFrame])
    set_aside: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def drop(self, record: str, rows: pd.Series, column: str, reason: str) -> None:
        """Set rows aside."""
        if not rows.any():
            return
        gone = self.tables[record].index[rows.to_numpy(dtype=bool)]
        self.findings.add(record, gone, column, reason, done=ROW)
        self.count(record, gone, reason)

    def count(self, record: str, gone: pd.Index, reason: str) -> None:
        """Take rows out of a table, and count them for the ledger."""
        if len(gone):
            self.set_aside[record, reason] = self.set_aside.get((record, reason), 0) + len(gone)
            self.tables[record] = self.tables[record].drop(index=gone)

    def clear(self, record: str, rows: pd.Series, column: str, reason: str) -> None:
        """Set cells aside."""
        table = self.tables[record]
        wrong = rows.to_numpy(dtype=bool)
        if wrong.any():
            self.findings.add(record, table.index[wrong], column, reason, done=CELL)
            self.tables[record] = table.assign(**{column: table[column].mask(wrong)})

    def note(self, record: str, rows: pd.Series, column: str, reason: str) -> None:
        """Note what is odd and stays."""
        if rows.any():
            odd = self.tables[record].index[rows.to_numpy(dtype=bool)]
            self.findings.add(record, odd, column, reason, done=KEPT)


def check_records(
    tables: Mapping[str, pd.DataFrame], records: Mapping[str, Record], where: Mapping[str, str], findings: Findings
) -> Checked:
    """Check all records.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the records that were delivered, the register among them; their index is the row in the file.
    records : mapping of str to Record
    where : mapping of str to str
        File of every record, for messages.
    findings : Findings
        Takes up what is wrong.

    Returns
    -------
    Checked
    """
    checked = Checked(findings, dict(tables))
    _same_codes(checked, ("people", "observations"))
    _same_codes(checked, ("feedback",))  # numbers of forms, not of people
    for name in tables:  # the register first: the others point to it
        _check_required(checked, records[name])
        _check_events(checked, records[name])
        _check_copies(checked, records[name])
    _check_groups(checked, records, where)
    for (record, later, earlier, reason), worse in [
        *((one, "before") for one in _ORDERED),
        *((one, "above") for one in _AT_MOST),
    ]:
        if record in tables:
            table = checked.tables[record]
            wrong = table[later] < table[earlier] if worse == "before" else table[later] > table[earlier]
            checked.clear(record, wrong, later, reason)
    _note_actions(checked)
    _note_attendance(checked)
    return checked


def _check_required(checked: Checked, record: Record) -> None:
    """Set rows aside that lack a required cell."""
    for name in (column.name for column in record.columns if column.required):
        table = checked.tables[record.name]
        blank = table[name].isna()
        if not blank.any():
            continue
        unread = {issue.row for issue in checked.findings.issues if (issue.record, issue.column) == (record.name, name)}
        found = pd.Series(table.index.isin(list(unread)), index=table.index)
        checked.drop(record.name, blank & ~found, name, f"{name} is blank")
        gone = table.index[blank & found]
        checked.findings.raise_to_rows(record.name, gone, name)
        checked.count(record.name, gone, f"{name} can't be read")


def _same_codes(checked: Checked, records: Sequence[str]) -> None:
    """Write a person's code as it was first written, whatever its capitals elsewhere."""
    written: dict[object, object] = {}
    for record in (record for record in records if record in checked.tables):
        table = checked.tables[record]
        codes = table["person"].tolist()
        first = [written.setdefault(_folded(code), code) if isinstance(code, str) else code for code in codes]
        checked.tables[record] = table.assign(person=pd.Series(first, index=table.index, dtype=object))


def _check_copies(checked: Checked, record: Record) -> None:
    """Set rows aside that repeat an id, or the same person or group at the same event."""
    for column in record.columns:
        if column.kind == "id":
            ids = _folded_columns(checked.tables[record.name], [column.name])
            checked.drop(record.name, ids.duplicated(), column.name, f"{column.name} stands in an earlier row too")
    if record.name in _KEYS:
        keys = list(_KEYS[record.name])
        folded = _folded_columns(checked.tables[record.name], keys)
        checked.drop(record.name, folded.duplicated(), keys[-1], _COPIES[record.name])


def _folded_columns(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Fold the capitals of columns."""
    columns = {name: [_folded(value) for value in table[name].tolist()] for name in names}
    return pd.DataFrame(columns, dtype=object)


def _check_events(checked: Checked, record: Record) -> None:
    """Write events as the register does, and set aside what belongs to none of its events."""
    known = {_folded(event): event for event in checked.tables["register"]["event"]}
    for column in record.columns:
        if column.kind != "reference":
            continue
        table = checked.tables[record.name]
        given = table[column.name].tolist()
        events = pd.Series([known.get(_folded(event), np.nan) for event in given], index=table.index, dtype=object)
        unknown = table[column.name].notna() & events.isna()
        set_aside = checked.drop if column.required else checked.clear
        checked.tables[record.name] = table.assign(**{column.name: events})
        set_aside(record.name, unknown, column.name, "its event is not in the register")


def _check_groups(checked: Checked, records: Mapping[str, Record], where: Mapping[str, str]) -> None:
    """Refuse groups that are none of what people were counted by."""
    if "attendance" not in checked.tables:
        return
    table, allowed = checked.tables["attendance"], records["attendance"].column("group").by
    wrong: dict[str, list[int]] = {by: [] for by in allowed}
    for row, by, group in zip(table.index.tolist(), table["by"].tolist(), table["group"].tolist(), strict=True):
        if by in allowed and group not in allowed[by]:
            wrong[by].append(row)
    for by, rows in wrong.items():
        if rows:
            words = allowed[by]
            checked.findings.problems.append(
                f"{where['attendance']}: column 'group', {listed_rows(rows)}: not a group of {by!r}; allowed are "
                f"{', '.join(map(repr, words))}."
            )


def _note_actions(checked: Checked) -> None:
    """Note statuses that dates and reasons don't bear out."""
    if "actions" not in checked.tables:
        return
    table = checked.tables["actions"]
    done = table["status"] == "done"
    for wrong, column, reason in (
        ((table["status"] == "cannot act") & table["reason"].isna(), "reason", "no reason why it can't be done"),
        (done & table["done"].isna(), "done", "done, and no day on which"),
        (~done & table["done"].notna(), "status", "a day on which it was done, and another status than done"),
    ):
        checked.note("actions", wrong, column, reason)


def _note_attendance(checked: Checked) -> None:
    """Note events that more people were recorded at than were counted."""
    register = checked.tables["register"]
    counted = list(zip(register["event"].tolist(), register["attendees"].tolist(), strict=True))
    for record, counts in _recorded(checked.tables):
        for by, people in counts.items():
            more = pd.Series([people.get(event, 0.0) > attendees for event, attendees in counted], dtype=bool)
            checked.note("register", more, "attendees", f"fewer than the people recorded in {record}{by}")


def _recorded(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, dict[str, dict[object, float]]]]:
    """Count people by event, in each way that they were recorded."""
    if "people" in tables:
        events, people = (tables["people"][name].tolist() for name in ("event", "person"))
        came = {pair for pair in zip(events, people, strict=True) if all(isinstance(code, str) for code in pair)}
        yield "people", {"": dict(Counter[object](event for event, _ in came))}
    if "attendance" in tables:
        attendance = tables["attendance"]
        counts: dict[str, dict[object, float]] = {f" by {by}": {} for by in attendance["by"].cat.categories}
        groups = attendance[["by", "event", "people"]].dropna()
        for by, event, number in zip(*(groups[name].tolist() for name in groups), strict=True):
            events = counts[f" by {by}"]
            events[event] = events.get(event, 0.0) + number
        yield "attendance", counts


def _folded(value: object) -> object:
    """Fold capitals of a text."""
    return value.casefold() if isinstance(value, str) else value
