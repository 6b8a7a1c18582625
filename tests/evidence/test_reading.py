"""A folder of records is read whatever program saved it; every row is accounted for, and every mistake is told."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import shutil
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Rows = list[list[object]]
REGISTER: Rows = [
    ["event", "date", "area", "community", "attendees", "forms", "opted_in", "actual_start", "actual_end"],
    ["E1", "2024-03-16", "Leicester", "Somali", 60, 40, 20, "18:00", "22:00"],
    ["E2", "2024-06-01", "Rutland", "Several", 35, 30, 5, "18:30", "21:15"],
]
FEEDBACK: Rows = [
    ["item", "event", "kind", "person", "text", "coder_1", "agreed", "quote_consent"],
    ["1", "E1", "form", "F1", "Stop searching our sons", "stop_search", "stop_search; manner", "yes"],
    ["2", "E1", "note", "", "More Black officers", "none", "", "no"],
]


def folder_of(folder: Path, **records: Rows) -> Path:
    """Write records as csv files."""
    for name, rows in records.items():
        save(folder / f"{name}.csv", rows)
    return folder


def save(path: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8", end: str = "\n") -> None:
    """Write a csv file; texts in it hold no delimiter."""
    path.write_bytes(end.join(delimiter.join(map(str, row)) for row in [*rows, []]).encode(encoding))


def book_of(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def changed(rows: Rows, column: str, *values: object) -> Rows:
    """Put values into a column from its first row on; a column that is not there is added."""
    place = rows[0].index(column) if column in rows[0] else len(rows[0])
    wide = [[*row, *[""] * (place + 1 - len(row))] for row in rows]
    wide[0][place] = column
    for row, value in zip(wide[1:], values, strict=False):
        row[place] = value
    return wide


def counts(evidence: lp.Evidence, record: str) -> dict[str, int]:
    """Take the ledger of a record."""
    ledger = evidence.ledger[evidence.ledger["record"] == record]
    return dict(zip(ledger["reason"], ledger["rows"], strict=True))


def issues(evidence: lp.Evidence) -> list[tuple[object, ...]]:
    """Take the issues as tuples."""
    return list(evidence.issues.itertuples(index=False, name=None))


def test_cells_become_what_their_column_holds(tmp_path: Path) -> None:
    evidence = lp.read_events(folder_of(tmp_path, register=REGISTER, feedback=FEEDBACK))
    register, feedback = evidence.tables["register"], evidence.tables["feedback"]
    assert register["event"].tolist() == ["E1", "E2"]
    assert register["date"].tolist() == [pd.Timestamp(2024, 3, 16), pd.Timestamp(2024, 6, 1)]
    assert register["actual_end"].tolist() == [22 * 60, 21 * 60 + 15]
    assert register["attendees"].tolist() == [60, 35]
    assert register["area"].cat.categories.tolist()[:2] == ["Leicester", "Rutland"]
    assert register["chief_officer"].isna().all()
    assert str(register["chief_officer"].dtype) == "boolean"
    assert feedback["coder_1"].tolist() == [("stop_search",), ()]
    assert feedback["agreed"].tolist() == [("stop_search", "manner"), None]
    assert feedback["person"].tolist()[0] == "F1"
    assert feedback["person"].isna().tolist() == [False, True]
    assert feedback["quote_consent"].tolist() == [True, False]
    assert (evidence.as_of, evidence.synthetic, issues(evidence)) == (dt.date(2024, 6, 1), False, [])


def test_absent_records_are_empty_tables_of_the_same_types(tmp_path: Path) -> None:
    alone = lp.read_events(folder_of(tmp_path, register=REGISTER))
    demo = lp.read_events()
    for name, table in alone.tables.items():
        assert table.dtypes.equals(demo.tables[name].dtypes), name
        assert name == "register" or len(table) == 0
    assert set(alone.ledger["record"]) == {"register"}


def test_the_shipped_records_are_marked_as_made_up_and_account_for_every_row() -> None:
    evidence = lp.read_events()
    assert evidence.synthetic
    assert lp.read_events(surveys_folder() / "events" / "demo").synthetic
    assert len(evidence.tables["register"]) == 14
    for record in evidence.tables:
        ledger = counts(evidence, record)
        delivered, kept = ledger.pop("delivered"), ledger.pop("kept")
        assert (delivered, kept) == (kept + sum(ledger.values()), len(evidence.tables[record]))


def test_files_are_told_by_name_and_hash(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, register=REGISTER)
    files = dict(lp.read_events(folder).files)
    assert set(files) == {"register.csv", "events.toml"}
    assert files["register.csv"] == hashlib.sha256((folder / "register.csv").read_bytes()).hexdigest()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_files_are_read_as_any_program_saves_them(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    rows = changed(REGISTER, "venue", "Café Zoë", "Peepul Centre")
    save(tmp_path / "register.csv", rows, encoding=encoding, delimiter=delimiter, end=end)
    assert lp.read_events(tmp_path).tables["register"]["venue"].tolist() == ["Café Zoë", "Peepul Centre"]


def test_a_file_that_kept_its_mark_of_utf_8_in_another_encoding_is_read(tmp_path: Path) -> None:
    save(tmp_path / "register.csv", changed(REGISTER, "venue", "Café"), encoding="cp1252")
    (tmp_path / "register.csv").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "register.csv").read_bytes())
    assert lp.read_events(tmp_path).tables["register"]["venue"].tolist()[0] == "Café"


def test_excel_dates_times_numbers_and_truth_values_are_read(tmp_path: Path) -> None:
    heads = ["Event", "Date", "Actual start", "Actual end", "Attendees", "Chief officer there", "Cost of venue"]
    rows = [
        heads,
        [1, dt.date(2024, 3, 16), dt.time(18, 0), dt.time(22, 15), 60, True, 85.5],
        [2, dt.datetime(2024, 6, 1, 18, 0), 0.75, "21:30", 35.0, "No", 0],  # noqa: DTZ001 - Excel has no time zones
    ]
    book_of(tmp_path / "register.xlsx", {"Sheet1": rows})
    register = lp.read_events(tmp_path).tables["register"]
    assert register["event"].tolist() == ["1", "2"]
    assert register["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-16", "2024-06-01"]
    assert register["actual_start"].tolist() == [1080, 1080]
    assert register["actual_end"].tolist() == [1335, 1290]
    assert register["chief_officer"].tolist() == [True, False]
    assert register["cost_venue"].tolist() == [85.5, 0]


def test_one_workbook_holds_all_records_and_other_sheets_are_passed_over(tmp_path: Path) -> None:
    sheets = {"Read me": [["Hello"]], "Event register": REGISTER, "feedback": FEEDBACK, "Chart": [["=1+1"]]}
    book_of(tmp_path / "Records.xlsx", sheets)
    evidence = lp.read_events(tmp_path)
    assert [len(evidence.tables[name]) for name in ("register", "feedback", "actions")] == [2, 2, 0]
    told = evidence.ledger[evidence.ledger["record"] == ""]
    assert [("Chart" in reason, rows) for reason, rows in zip(told["reason"], told["rows"], strict=True)] == [(True, 0)]


def test_blank_rows_spare_spaces_and_capitals_do_no_harm(tmp_path: Path) -> None:
    rows = [
        [" Event ", "DATE", "Area ", "attendees", "community"],
        ["", "", "  ", "", ""],
        [" e1 ", " 2024-03-16 ", "hinckley and  BOSWORTH", " 1,200 ", "somali "],
        ["", "", "", "", ""],
    ]
    attendance = [["event", "by", "group", "people"], ["E1", "Age band", "16\u201324", "5"]]
    save(tmp_path / "register.csv", rows, delimiter=";")
    evidence = lp.read_events(folder_of(tmp_path, attendance=attendance))
    register = evidence.tables["register"]
    assert register[["event", "area", "attendees", "community"]].to_numpy().tolist() == [
        ["e1", "Hinckley and Bosworth", 1200.0, "Somali"]
    ]
    assert counts(evidence, "register") == {"delivered": 1, "kept": 1}
    assert evidence.tables["attendance"].to_numpy().tolist() == [["e1", "age_band", "16-24", 5.0]]


def test_themes_may_be_called_by_their_titles(tmp_path: Path) -> None:
    rows = changed(FEEDBACK, "agreed", "How officers speak to people; STOP-SEARCH; stop_search", " None ")
    evidence = lp.read_events(folder_of(tmp_path, register=REGISTER, feedback=rows))
    assert evidence.tables["feedback"]["agreed"].tolist() == [("stop_search", "manner"), ()]


def test_a_folder_may_have_its_own_lists(tmp_path: Path) -> None:
    text = (surveys_folder() / "events" / "events.toml").read_text(encoding="utf-8")
    (tmp_path / "events.toml").write_text(text.replace('"Zimbabwean",', '"Zambian", "Zimbabwean",'), encoding="utf-8")
    evidence = lp.read_events(folder_of(tmp_path, register=changed(REGISTER, "community", "zambian")))
    assert evidence.tables["register"]["community"].tolist() == ["Zambian", "Several"]


# Refusals: what no reading goes on with.


def refusal(folder: Path, **options: str) -> str:
    """Take the message of a refusal."""
    with pytest.raises(HarmonisationError) as stopped:
        lp.read_events(folder, **options)
    return str(stopped.value)


def test_an_unknown_community_is_an_error_with_its_row_and_the_nearest_word(tmp_path: Path) -> None:
    message = refusal(folder_of(tmp_path, register=changed(REGISTER, "community", "Somali", "Somalian")))
    assert "register.csv: column 'community', row 3: 'Somalian' is not listed; did you mean 'Somali'?" in message


def test_an_unknown_word_in_what_people_said_is_counted_and_not_shown(tmp_path: Path) -> None:
    people = [["event", "person", "ethnicity"], ["E1", "P1", "Blak"], ["E1", "P2", "Black"], ["E2", "P3", "Whit"]]
    message = refusal(folder_of(tmp_path, register=REGISTER, people=people))
    assert "column 'ethnicity', rows 2 and 4: 2 cells hold a word that is not listed; allowed are 'Asian'," in message
    assert "Blak'" not in message
    assert "Whit'" not in message


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    register = changed(changed(REGISTER, "community", "Smali"), "area", "Lester")
    message = refusal(folder_of(tmp_path, register=register, feedback=changed(FEEDBACK, "agreed", "stop_serch")))
    assert [word in message for word in ("'Smali'", "'Lester'", "column 'agreed'")] == [True] * 3


def test_yes_or_no_is_nothing_else(tmp_path: Path) -> None:
    message = refusal(folder_of(tmp_path, register=changed(REGISTER, "chief_officer", "perhaps")))
    assert "'perhaps' is not listed; allowed are 'yes', 'no'." in message


def test_commas_between_words_are_told_to_be_semicolons(tmp_path: Path) -> None:
    actions = [
        ["action", "theme", "status", "raised", "told_to"],
        ["1", "manner", "done", "2024-05-01", "Public, Staff"],
    ]
    (tmp_path / "actions.csv").write_text(
        "\n".join(",".join(f'"{cell}"' for cell in row) for row in actions), encoding="utf-8"
    )
    message = refusal(folder_of(tmp_path, register=REGISTER))
    assert "Several words in a cell have semicolons between them." in message


def test_a_misspelt_column_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    rows = [["event", "date", "atendees"], ["E1", "2024-03-16", 60]]
    assert "column 'atendees' is none of this record; did you mean 'attendees'?" in refusal(
        folder_of(tmp_path, register=rows)
    )


def test_a_column_that_stands_twice_or_is_missing_or_has_no_heading_is_told(tmp_path: Path) -> None:
    rows = [["event", "Venue", "venue", ""], ["E1", "a", "b", "c"]]
    message = refusal(folder_of(tmp_path, register=rows))
    assert "column 'venue' stands 2 times" in message
    assert "column 'date' is missing" in message
    assert "column 4 holds something and has no heading" in message


def test_a_file_without_headings_is_told_and_its_first_row_is_not_shown(tmp_path: Path) -> None:
    rows = [["E1", "P1", "Amina", "Leicester"], ["E1", "P2", "Yusuf", "Rutland"]]
    message = refusal(folder_of(tmp_path, register=REGISTER, people=rows))
    assert "row 1 holds 0 of the headings of this record" in message
    assert "Amina" not in message


def test_a_register_is_needed(tmp_path: Path) -> None:
    assert "holds no event register" in refusal(folder_of(tmp_path, feedback=FEEDBACK))
    assert "There is no folder" in refusal(tmp_path / "elsewhere")


def test_a_register_without_an_event_is_refused(tmp_path: Path) -> None:
    assert "holds no event that could be read" in refusal(folder_of(tmp_path, register=REGISTER[:1]))


def test_a_record_in_two_files_is_refused(tmp_path: Path) -> None:
    book_of(folder_of(tmp_path, register=REGISTER) / "records.xlsx", {"register": REGISTER})
    message = refusal(tmp_path)
    assert "The record 'register' stands in" in message
    assert "register.csv" in message
    assert "records.xlsx, sheet 'register'" in message


def test_a_misspelt_file_or_sheet_is_not_passed_over(tmp_path: Path) -> None:
    folder_of(tmp_path, register=REGISTER, feedbak=FEEDBACK)
    assert "'feedbak' is no record; did you mean 'feedback'?" in refusal(tmp_path)
    (tmp_path / "feedbak.csv").unlink()
    book_of(tmp_path / "records.xlsx", {"Feedback itms": FEEDBACK})
    assert "did you mean 'feedback items'?" in refusal(tmp_path)


def test_other_files_are_left_alone_and_said_so(tmp_path: Path) -> None:
    folder_of(tmp_path, register=REGISTER, contacts=[["Name"], ["Amina"]])
    (tmp_path / "~$records.xlsx").write_bytes(b"what Excel keeps while a file is open")
    evidence = lp.read_events(tmp_path)
    assert counts(evidence, "") == {"contacts.csv is no record and was not read": 0}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 damaged", b"event,date\n1,2,3,4\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("register.csv", "register.xlsx"):
        (tmp_path / name).write_bytes(content)
        assert "register" in refusal(tmp_path)
        (tmp_path / name).unlink()


def test_a_formula_is_refused_with_its_cell(tmp_path: Path) -> None:
    book_of(tmp_path / "records.xlsx", {"register": changed(REGISTER, "attendees", "=30+30")})
    assert "cell E2" in refusal(tmp_path)


# Dates.


def dated(folder: Path, *days: str) -> Path:
    """Write a register with these days."""
    return folder_of(folder, register=[["event", "date"], *([f"E{place}", day] for place, day in enumerate(days))])


def read_days(folder: Path, **options: str) -> list[str]:
    """Take the days of a register."""
    return lp.read_events(folder, **options).tables["register"]["date"].dt.strftime("%Y-%m-%d").tolist()


def test_dates_are_read_day_first_where_one_shows_it(tmp_path: Path) -> None:
    days = ("03/04/2024", "16/03/2024", "16 March 2024", "2024-05-01", "05.05.24", "Sat 1 Jun 2024 18:00")
    expected = ["2024-04-03", "2024-03-16", "2024-03-16", "2024-05-01", "2024-05-05", "2024-06-01"]
    assert read_days(dated(tmp_path, *days)) == expected


def test_dates_that_could_be_either_are_refused_until_the_order_is_stated(tmp_path: Path) -> None:
    folder = dated(tmp_path, "2024-05-01", "03/04/2024", "05/06/2024")
    message = refusal(folder)
    assert "column 'date' rows 3 and 4 can be read day-first and month-first" in message
    assert 'dates = "day-first"' in message
    assert read_days(folder, dates="day-first")[1] == "2024-04-03"
    assert read_days(folder, dates="month-first")[1] == "2024-03-04"
    text = (surveys_folder() / "events" / "events.toml").read_text(encoding="utf-8")
    (folder / "events.toml").write_text(f'dates = "month-first"\n{text}', encoding="utf-8")
    assert read_days(folder)[1] == "2024-03-04"


def test_a_date_that_reads_the_same_either_way_needs_no_order(tmp_path: Path) -> None:
    assert read_days(dated(tmp_path, "04/04/2024", "05/05/2024")) == ["2024-04-04", "2024-05-05"]


def test_dates_in_two_orders_are_refused(tmp_path: Path) -> None:
    message = refusal(dated(tmp_path, "16/03/2024", "03/16/2024", "04/04/2024"))
    assert "dates stand in two orders: column 'date' row 2 day-first, column 'date' row 3 month-first" in message


def test_dates_in_two_orders_in_two_columns_are_refused(tmp_path: Path) -> None:
    actions = [["action", "theme", "status", "raised", "answered"], ["1", "manner", "done", "16/03/2024", "04/25/2024"]]
    message = refusal(folder_of(tmp_path, register=REGISTER, actions=actions))
    assert "column 'raised' row 2 day-first, column 'answered' row 2 month-first" in message


def test_dates_against_the_order_stated_are_refused(tmp_path: Path) -> None:
    folder = dated(tmp_path, "03/16/2024")
    assert "column 'date' row 2 can't be read day-first, as dates are stated" in refusal(folder, dates="day-first")
    assert "can be read month-first only" in refusal(folder)
    assert read_days(folder, dates="month-first") == ["2024-03-16"]


def test_days_that_there_are_not_are_set_aside(tmp_path: Path) -> None:
    days = ("31/02/2024", "16/03/2024", "45367", "soon", "16/03/1924", "2024-03-16 sharp")
    evidence = lp.read_events(dated(tmp_path, *days))
    assert len(evidence.tables["register"]) == 1
    assert counts(evidence, "register") == {"delivered": 6, "date can't be read": 5, "kept": 1}
    reasons = evidence.issues.set_index("row")["reason"]
    assert reasons[2] == "not a date"
    assert reasons[4] == "a bare number, not a date; format the cell as a date"
    assert reasons[6] == "not a year from 2000 to 2099"
    assert set(evidence.issues["done"]) == {"row set aside"}


@pytest.mark.parametrize("day", ["2025-01-31", dt.date(2025, 1, 31), dt.datetime(2025, 1, 31, 9, tzinfo=dt.UTC)])
def test_open_items_wait_until_the_day_given(tmp_path: Path, day: str | dt.date) -> None:
    assert lp.read_events(folder_of(tmp_path, register=REGISTER), as_of=day).as_of == dt.date(2025, 1, 31)


def test_a_day_before_the_end_of_the_action_log_is_refused(tmp_path: Path) -> None:
    actions = [["action", "theme", "status", "raised"], ["1", "manner", "not started", "2024-05-01"]]
    folder = folder_of(tmp_path, register=REGISTER, actions=actions)
    with pytest.raises(WrongUseError, match="the action log goes on until 2024-05-01"):
        lp.read_events(folder, as_of="2024-04-30")
    assert lp.read_events(folder, as_of="2024-05-01").as_of == dt.date(2024, 5, 1)


@pytest.mark.parametrize(("option", "found"), [({"as_of": "May"}, "as_of is a date"), ({"dates": "us"}, "day-first")])
def test_wrong_options_are_told(tmp_path: Path, option: dict[str, str], found: str) -> None:
    with pytest.raises(WrongUseError, match=found):
        lp.read_events(folder_of(tmp_path, register=REGISTER), **option)


# People.


def test_columns_that_name_people_are_not_read_and_the_ledger_says_so(tmp_path: Path) -> None:
    people = [
        ["event", "person", "Attendee name", "E-mail", "Mobile no."],
        ["E1", "P1", "Amina", "a@b.org", "07700 900123"],
    ]
    evidence = lp.read_events(folder_of(tmp_path, register=REGISTER, people=people))
    assert list(evidence.tables["people"].columns) == ["event", "person", "ethnicity", "age_band", "area", "community"]
    assert counts(evidence, "people") == {
        "delivered": 1,
        "column 'Attendee name' holds personal data and was not read": 0,
        "column 'E-mail' holds personal data and was not read": 0,
        "column 'Mobile no.' holds personal data and was not read": 0,
        "kept": 1,
    }


@pytest.mark.parametrize(
    "code", ["Amina Yusuf", "Amina", "O'Neill", "amina", "a.yusuf@example.org", "07700 900123", "LE1 5WW"]
)
def test_a_person_called_by_name_or_contact_is_set_aside(tmp_path: Path, code: str) -> None:
    people = [["event", "person"], ["E1", code], ["E1", "P1"], ["E1", "Form 7"], ["E1", "AB"], ["E1", "7"]]
    evidence = lp.read_events(folder_of(tmp_path, register=REGISTER, people=people))
    assert evidence.tables["people"]["person"].tolist() == ["P1", "Form 7", "AB", "7"]
    assert issues(evidence)[0][:3] == ("people", 2, "person")


def test_a_text_that_looks_personal_is_not_kept_and_its_row_is(tmp_path: Path) -> None:
    rows = changed(FEEDBACK, "text", "Ring me on 07700 900123", "Nobody rings back within 101 days")
    register = changed(REGISTER, "venue", "Peepul Centre LE4 6DP")
    evidence = lp.read_events(folder_of(tmp_path, register=register, feedback=rows))
    assert evidence.tables["feedback"]["text"].isna().tolist() == [True, False]
    assert issues(evidence) == [("feedback", 2, "text", "looks like a telephone number", "cell set aside")]
    assert evidence.tables["register"]["venue"].tolist()[0] == "Peepul Centre LE4 6DP"


MARKER = "Quagmire77"
PLACES = [
    (record, column.name)
    for record in ("people", "feedback", "observations")
    for column in read_record_schema().records[record].columns
]


@pytest.mark.parametrize(("record", "column"), PLACES)
@pytest.mark.parametrize("shape", ["{}", "{} {}", "{}@example.org", "16/{}", "none; {}", "-{}"])
def test_nothing_that_stands_in_a_persons_row_is_in_a_message_issue_or_ledger(
    tmp_path: Path, record: str, column: str, shape: str
) -> None:
    fixed: dict[str, Rows] = {
        "people": [["event", "person"], ["E1", "P1"], ["E2", "P1"]],
        "feedback": FEEDBACK,
        "observations": [["person", "offered"], ["P1", "2024-03-16"], ["P2", "2024-03-17"]],
    }
    marked = shape.format(MARKER, MARKER)
    folder = folder_of(tmp_path, register=REGISTER, **{record: changed(fixed[record], column, marked, marked)})
    told: list[str] = []
    with contextlib.suppress(HarmonisationError):
        evidence = read(folder, told)
        told += [evidence.issues.to_csv(), evidence.ledger.to_csv(), repr(evidence.files)]
    assert told
    assert MARKER.casefold() not in "".join(told).casefold()


def read(folder: Path, told: list[str]) -> lp.Evidence:
    """Read records, and take up all that a refusal says."""
    try:
        return lp.read_events(folder)
    except HarmonisationError as error:
        told += traceback.format_exception(error)
        raise


# Laws.

_EVENTS = st.sampled_from(["E1", "e2", "E9", "", " "])
_THEMES = st.sampled_from(["manner", "Stop and search", ""])
_DAYS = st.sampled_from(["2024-03-16", "16/03/2024", "", "soon", "2024-02-30"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    attendance=st.lists(st.tuples(_EVENTS, st.sampled_from(["Black", "White"]), st.integers(-2, 9)), max_size=12),
    feedback=st.lists(st.tuples(st.sampled_from(["1", "2", "3", ""]), _EVENTS, _THEMES), max_size=12),
    actions=st.lists(st.tuples(st.sampled_from(["1", "2", ""]), _THEMES, _DAYS, _DAYS), max_size=12),
)
def test_rows_delivered_are_rows_kept_and_rows_set_aside(
    attendance: list[tuple[object, ...]], feedback: list[tuple[object, ...]], actions: list[tuple[object, ...]]
) -> None:
    rows: dict[str, Rows] = {
        "attendance": [["event", "by", "group", "people"], *([e, "ethnicity", g, n] for e, g, n in attendance)],
        "feedback": [["item", "event", "kind", "agreed"], *([i, e, "form", t] for i, e, t in feedback)],
        "actions": [
            ["action", "theme", "status", "raised", "answered"],
            *([a, t, "done", raised, answered] for a, t, raised, answered in actions),
        ],
    }
    with tempfile.TemporaryDirectory() as name:
        evidence = lp.read_events(folder_of(Path(name), register=REGISTER, **rows))
    set_aside = evidence.issues[evidence.issues["done"] == "row set aside"]
    for record, written in rows.items():
        ledger = counts(evidence, record)
        delivered, kept = ledger.pop("delivered"), ledger.pop("kept")
        assert delivered == sum(any(str(cell).strip() for cell in row) for row in written[1:])
        assert delivered == kept + sum(ledger.values())
        assert kept == len(evidence.tables[record])
        assert set_aside.loc[set_aside["record"] == record, "row"].nunique() == sum(ledger.values())


@settings(max_examples=30)
@given(st.permutations(range(len(REGISTER[0]))), st.booleans())
def test_the_order_of_columns_and_a_title_for_a_name_make_no_difference(places: list[int], titled: bool) -> None:  # noqa: FBT001 - drawn
    columns = {column.name: column.title for column in read_record_schema().records["register"].columns}
    heads = [columns[str(name)] if titled else name for name in REGISTER[0]]
    rows = [[row[place] for place in places] for row in [heads, *REGISTER[1:]]]
    with tempfile.TemporaryDirectory() as name:
        expected = lp.read_events(folder_of(Path(name), register=REGISTER)).tables["register"]
        found = lp.read_events(folder_of(Path(name), register=rows)).tables["register"]
    pd.testing.assert_frame_equal(found, expected)


def test_csv_and_workbook_read_alike(tmp_path: Path) -> None:
    demo = surveys_folder() / "events" / "demo"
    sheets = {
        path.stem: pd.read_csv(path, header=None, dtype=str, na_filter=False, skip_blank_lines=False).fillna("")
        for path in sorted(demo.glob("*.csv"))
    }
    book_of(
        tmp_path / "records.xlsx",
        {name: [[cell or None for cell in row] for row in table.to_numpy().tolist()] for name, table in sheets.items()},
    )
    expected, found = lp.read_events(demo), lp.read_events(tmp_path)
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table)
    pd.testing.assert_frame_equal(found.issues, expected.issues)
    pd.testing.assert_frame_equal(found.ledger, expected.ledger)


def test_five_thousand_items_of_two_hundred_events_are_read_in_under_a_second(tmp_path: Path) -> None:
    themes = list(read_record_schema().themes)
    words = np.random.default_rng(1).integers(0, len(themes), (5000, 4))
    register = [["event", "date", "attendees"], *([f"E{n}", f"2024-0{1 + n % 9}-1{n % 10}", 60] for n in range(200))]
    feedback: Rows = [["item", "event", "kind", "person", "text", "coder_1", "coder_2", "agreed"]]
    feedback += [
        [
            n,
            f"E{n % 200}",
            "form",
            f"F{n}",
            f"Text {n} on what officers should do",
            *(themes[w] for w in row[:2]),
            "; ".join(themes[w] for w in row[2:]),
        ]
        for n, row in enumerate(words)
    ]
    folder = folder_of(tmp_path, register=register, feedback=feedback)
    lp.read_events(folder)
    start = time.process_time()
    assert len(lp.read_events(folder).tables["feedback"]) == 5000
    assert time.process_time() - start < 1


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    shutil.copytree(surveys_folder() / "events" / "demo", tmp_path / "copy")
    first, second = lp.read_events(tmp_path / "copy"), lp.read_events(tmp_path / "copy")
    assert first.files == second.files
    for one, two in itertools.zip_longest(first.tables.values(), second.tables.values()):
        pd.testing.assert_frame_equal(one, two)
