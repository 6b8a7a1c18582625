"""Mistakes of the records, one at a time, as `check` and `run` meet them: told where and what, or set aside."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from lpact_eval.errors import HarmonisationError
from lpact_eval.evaluation.check_records import record_checks
from lpact_eval.evaluation.record_promises import PlannedRecords
from lpact_eval.evaluation.records import run_records
from lpact_eval.frames import records_of
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lpact_eval.evaluation.checks import Check

    Table = list[list[str]]
    Edit = Callable[[Table], Table]


def cell(column: str, value: str, row: int = 2) -> Edit:
    """Write into a cell; rows as in the file, headings being row 1."""

    def edit(table: Table) -> Table:
        return [
            [value if (place, table[0][at]) == (row, column) else one for at, one in enumerate(line)]
            for place, line in enumerate(table, start=1)
        ]

    return edit


def without(column: str) -> Edit:
    """Take a column away."""
    return lambda table: [[one for at, one in enumerate(line) if table[0][at] != column] for line in table]


def both(first: Edit, second: Edit) -> Edit:
    """Make two edits."""
    return lambda table: second(first(table))


def two_orders(table: Table) -> Table:
    """Write one date day-first and another month-first."""
    return both(cell("raised", "13/04/2024"), cell("raised", "04/13/2024", 3))(table)


SET_ASIDE: Final[dict[str, tuple[str, Edit, str, str]]] = {  # file, mistake, the note of `check`, reason in the ledger
    "end before start": (
        "register",
        cell("actual_end", "17:00"),
        "actual_end: end before start (cell set aside), rows 2 and 12",
        "",
    ),
    "more forms than attendees": (
        "register",
        cell("forms", "99"),
        "forms: more forms than attendees (cell set aside), rows 2 and 4",
        "",
    ),
    "negative cost": ("register", cell("cost_food", "-20"), "cost_food: below 0 (cell set aside), row 2", ""),
    "half a person": (
        "register",
        cell("attendees", "57.5"),
        "attendees: not a whole number (cell set aside), row 2",
        "",
    ),
    "no number": ("register", cell("officers", "a few"), "officers: not a number (cell set aside), row 2", ""),
    "a score outside its scale": (
        "observations",
        cell("before", "9"),
        "before: not from 1 to 5 (cell set aside), row 2",
        "",
    ),
    "attendance without event": (
        "attendance",
        cell("event", "2031-01"),
        "event: its event is not in the register (row set aside), rows 2, 418 and 419",
        "its event is not in the register",
    ),
    "action without theme": (
        "actions",
        cell("theme", ""),
        "theme: theme is blank (row set aside), rows 2 and 26",
        "theme is blank",
    ),
    "a name for a code": (
        "people",
        cell("person", "Amina Yusuf"),
        "person: looks like a name; a code is needed, such as P017 (row set aside), row 2",
        "person can't be read",
    ),
    "a date that is none": (
        "verdicts",
        cell("meeting", "last spring"),
        "meeting: not a date (row set aside), row 2",
        "meeting can't be read",
    ),
}
REFUSED: Final[dict[str, tuple[str, Edit, str]]] = {
    "unknown community": (
        "register",
        cell("community", "Jamaican"),
        "register.csv: column 'community', row 2: 'Jamaican' is not listed; did you mean 'Gambian'? Correct it, or add",
    ),
    "unknown community of a person": (
        "feedback",
        cell("community", "Jamaican"),
        "feedback.csv: column 'community', row 2: 1 cell holds a word that is not listed; allowed are 'Cameroonian'",
    ),
    "commas between themes": (
        "feedback",
        cell("agreed", "stop_search, manner"),
        "Several words in a cell have semicolons between them.",
    ),
    "a status of one's own": (
        "actions",
        cell("status", "nearly done"),
        "column 'status', row 2: 'nearly done' is not listed; allowed are 'not started', 'in progress', 'done'",
    ),
    "dates in two orders": (
        "actions",
        two_orders,
        "dates stand in two orders: column 'raised' row 2 day-first, column 'raised' row 3 month-first. Write all as 2",
    ),
    "a missing column": ("actions", without("status"), "actions.csv: column 'status' is missing; every row needs it."),
    "a heading mistyped": (
        "register",
        cell("attendees", "atendees", 1),
        "register.csv: column 'atendees' is none of this record; did you mean 'attendees'? Correct the heading, or",
    ),
    "no headings": ("feedback", lambda table: table[1:], "feedback.csv: row 1 holds 0 of the headings of this record"),
}


def planned(folder: Path) -> PlannedRecords:
    """Promise nothing of the records of a folder."""
    return PlannedRecords(folder, None, None, {}, (), (), (), at="plan.toml:3", quotes_at="plan.toml:4")


def mistaken(folder: Path, record: str, edit: Edit) -> PlannedRecords:
    """Copy the made-up records, and make one mistake in them."""
    shutil.copytree(surveys_folder() / "events" / "demo", folder / "records")
    file = folder / "records" / f"{record}.csv"
    table = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    if record == "observations":  # its dates are day-first; as they are
        assert table[1][3] == "18/07/2022"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(edit(table))
    file.write_text(text.getvalue(), encoding="utf-8", newline="")
    return planned(folder / "records")


def notes(checks: list[Check], name: str) -> tuple[str, ...]:
    """Find the notes of a check."""
    return next((one.details for one in checks if one.what == name), ())


@pytest.mark.parametrize("mistake", SET_ASIDE)
def test_what_can_not_be_used_is_set_aside_and_told_by_column_and_row(tmp_path: Path, mistake: str) -> None:
    record, edit, told, reason = SET_ASIDE[mistake]
    promises = mistaken(tmp_path, record, edit)
    checks = list(record_checks(promises))
    assert told in notes(checks, f"cells of {record}")
    found = next(one.found for one in checks if one.what == f"cells of {record}")
    assert found.endswith(f"to mend in {(tmp_path / 'records' / record).as_posix()}.csv")
    results = run_records(promises).results
    lines = records_of(results.ledger)
    ledger = {(str(one["record"]), str(one["reason"])): int(str(one["rows"])) for one in lines}
    assert (
        sum(rows for (of, why), rows in ledger.items() if of == record and why != "delivered")
        == ledger[record, "delivered"]
    )
    assert not reason or ledger[record, reason] >= 1
    assert "fail" not in {one.status for one in checks}


@pytest.mark.parametrize("mistake", REFUSED)
def test_what_nobody_may_guess_stops_check_and_run_with_the_same_words(tmp_path: Path, mistake: str) -> None:
    record, edit, told = REFUSED[mistake]
    promises = mistaken(tmp_path, record, edit)
    (check,) = record_checks(promises)
    assert (check.status, told in check.found) == ("fail", True)
    with pytest.raises(HarmonisationError) as caught:
        run_records(promises)
    assert str(caught.value) == check.found


def test_a_folder_or_register_that_is_not_there_stops_both(tmp_path: Path) -> None:
    for folder, told in ((tmp_path / "elsewhere", "There is no folder"), (tmp_path, "holds no event register")):
        (check,) = record_checks(planned(folder))
        assert (check.status, told in check.found) == ("fail", True)
        with pytest.raises(HarmonisationError, match=told):
            run_records(planned(folder))
