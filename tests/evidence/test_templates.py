"""Templates: what is shipped is what is written, spreadsheet programs can use it, and what is filled in reads back."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.evidence.template_book import workbook_bytes
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook

SCHEMA = read_record_schema()
EVENTS = surveys_folder() / "events"
HEADINGS = {name: {column.name: column.title for column in record.columns} for name, record in SCHEMA.records.items()}


@pytest.fixture(scope="module")
def book() -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(SCHEMA)))


def test_the_shipped_templates_are_what_is_written(tmp_path: Path) -> None:
    for path in lp.write_event_templates(tmp_path, definition=EVENTS / "events.toml"):
        shipped = EVENTS / "templates" / path.relative_to(tmp_path)
        if path.suffix == ".csv":
            assert path.read_bytes() == shipped.read_bytes()
            continue
        with zipfile.ZipFile(path) as new, zipfile.ZipFile(shipped) as old:
            assert new.namelist() == old.namelist()
            for part in new.namelist():
                assert new.read(part) == old.read(part), part


def test_a_file_is_written_the_same_at_any_time() -> None:
    files = [zipfile.ZipFile(io.BytesIO(workbook_bytes(SCHEMA))) for _ in range(3)]
    for part in files[0].namelist():
        assert len({file.read(part) for file in files}) == 1, part


def test_the_csv_files_hold_the_names_of_columns_and_excel_reads_them_as_utf_8(tmp_path: Path) -> None:
    lp.write_event_templates(tmp_path)
    for name, record in SCHEMA.records.items():
        content = (tmp_path / "csv" / f"{name}.csv").read_bytes()
        assert content == "\ufeff{}\r\n".format(",".join(column.name for column in record.columns)).encode()


def test_sheets_are_a_cover_the_records_and_what_they_may_hold(book: Workbook) -> None:
    titles = [record.title for record in SCHEMA.records.values()]
    assert book.sheetnames == ["Read me", *titles, "Columns", "Words"]
    assert book.properties.title == "Records of community events"
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not sheet.merged_cells.ranges
        assert sheet["A1"].value


def test_headings_are_those_of_a_table_and_stand_in_row_1(book: Workbook) -> None:
    for record in SCHEMA.records.values():
        sheet = book[record.title]
        titles = [column.title for column in record.columns]
        assert [cell.value for cell in sheet[1]] == titles
        (table,) = sheet.tables.values()
        assert re.match(r"A1:[A-Z]+101$", table.ref)
        assert [column.name for column in table.tableColumns] == titles
    names = [table.name for sheet in book.worksheets for table in sheet.tables.values()]
    assert len(set(names)) == len(names) == len(SCHEMA.records) + 2


def test_every_column_has_its_help_and_its_check(book: Workbook) -> None:
    kinds = {"date": "date", "time": "time", "count": "whole", "score": "whole", "money": "decimal", "hours": "decimal"}
    for record in SCHEMA.records.values():
        checks = {str(one.sqref).split(":")[0]: one for one in book[record.title].data_validations.dataValidation}
        assert len(checks) == len(record.columns)
        for cell, column in zip(book[record.title][2], record.columns, strict=True):
            check = checks[cell.coordinate]
            assert check.prompt == column.help
            assert check.promptTitle == column.title
            listed = column.answers or column.suggested or column.kind in {"reference", "yes_no"}
            assert (check.type or "any") == ("list" if listed else kinds.get(column.kind, "any"))


def words_of(book: Workbook, formula: str) -> tuple[str, ...]:
    """Read the words that a drop-down points to."""
    sheet, cells = formula.split("!")
    return tuple(str(row[0].value) for row in book[sheet.strip("'=")][cells.replace("$", "")])


def test_drop_downs_list_the_words_of_the_schema_on_a_sheet_of_their_own(book: Workbook) -> None:
    for record in SCHEMA.records.values():
        checks = {str(one.sqref).split(":")[0]: one for one in book[record.title].data_validations.dataValidation}
        for cell, column in zip(book[record.title][2], record.columns, strict=True):
            words = column.answers or column.suggested
            if words and not column.by:
                check = checks[cell.coordinate]
                assert words_of(book, check.formula1) == words
                assert check.showErrorMessage == (column.kind == "category")


def test_groups_to_choose_from_follow_what_people_are_counted_by(book: Workbook) -> None:
    groups = SCHEMA.records["attendance"].column("group")
    for by, words in groups.by.items():
        assert words_of(book, book.defined_names[f"by_{by}"].attr_text) == words
    checks = book["Attendance in groups"].data_validations.dataValidation
    assert [one.formula1 for one in checks if str(one.sqref).startswith("C2")] == ['INDIRECT("by_"&$B2)']


def test_codes_and_age_bands_are_no_dates_when_typed(book: Workbook) -> None:
    for record in SCHEMA.records.values():
        for cell, column in zip(book[record.title][2], record.columns, strict=True):
            letter = cell.column_letter
            shape = book[record.title].column_dimensions
            style = next(one for one in shape.values() if one.min <= cell.column <= one.max)
            expected = {
                "date": "yyyy-mm-dd",
                "time": "hh:mm",
                "count": "0",
                "score": "0",
                "money": "0.00",
                "hours": "0.0",
            }
            assert style.number_format == expected.get(column.kind, "@"), (record.name, letter)


def test_every_column_is_explained_on_one_sheet(book: Workbook) -> None:
    rows = list(book["Columns"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (record.title, column.title, column.name) for record in SCHEMA.records.values() for column in record.columns
    ]


def test_an_empty_workbook_is_refused_for_it_holds_no_event(tmp_path: Path) -> None:
    lp.write_event_templates(tmp_path)
    with pytest.raises(HarmonisationError, match="holds no event that could be read"):
        lp.read_events(tmp_path)


def filled(value: object, kind: str) -> object:
    """Write a value as a person types it into a cell of this kind."""
    if value is None or (not isinstance(value, tuple) and pd.isna(value)):
        return None
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    if isinstance(value, pd.Timestamp):
        return value.date()
    if kind == "time" and isinstance(value, float):
        return dt.time(int(value) // 60, int(value) % 60)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def test_a_workbook_that_was_filled_in_reads_back_as_it_was(tmp_path: Path) -> None:
    demo = lp.read_events()
    (path, *_) = lp.write_event_templates(tmp_path)
    book = openpyxl.load_workbook(path)
    for name, record in SCHEMA.records.items():
        sheet = book[record.title]
        for row, values in enumerate(demo.tables[name].astype(object).itertuples(index=False), start=2):
            for place, (value, column) in enumerate(zip(values, record.columns, strict=True), start=1):
                sheet.cell(row, place).value = filled(value, column.kind)
    book.save(path)
    evidence = lp.read_events(tmp_path)
    for name, table in demo.tables.items():
        pd.testing.assert_frame_equal(evidence.tables[name], table)
    assert not (evidence.issues["done"] == "row set aside").any()
    assert evidence.as_of == demo.as_of


def test_csv_files_that_were_filled_in_read_back_as_they_were(tmp_path: Path) -> None:
    demo = lp.read_events()
    lp.write_event_templates(tmp_path)
    (tmp_path / "records.xlsx").unlink()
    for name, record in SCHEMA.records.items():
        table = demo.tables[name].astype(object)
        cells = [
            [filled(value, column.kind) for value, column in zip(row, record.columns, strict=True)]
            for row in table.itertuples(index=False)
        ]
        heads = (tmp_path / "csv" / f"{name}.csv").read_text(encoding="utf-8-sig").strip().split(",")
        pd.DataFrame(cells, columns=heads).to_csv(tmp_path / f"{name}.csv", index=False)
    evidence = lp.read_events(tmp_path)
    for name, table in demo.tables.items():
        pd.testing.assert_frame_equal(evidence.tables[name], table)


def test_files_that_may_have_been_filled_in_are_not_replaced_unasked(tmp_path: Path) -> None:
    lp.write_event_templates(tmp_path)
    (tmp_path / "csv" / "register.csv").write_text("event,date\nE1,2024-03-16\n", encoding="utf-8")
    with pytest.raises(WrongUseError, match="it is there already, and may have been filled in"):
        lp.write_event_templates(tmp_path)
    assert "E1" in (tmp_path / "csv" / "register.csv").read_text(encoding="utf-8")
    lp.write_event_templates(tmp_path, replace=True)
    assert "E1" not in (tmp_path / "csv" / "register.csv").read_text(encoding="utf-8")


def test_templates_follow_the_lists_of_the_folder(tmp_path: Path) -> None:
    text = (EVENTS / "events.toml").read_text(encoding="utf-8").replace('"Zimbabwean",', '"Zambian", "Zimbabwean",')
    (tmp_path / "events.toml").write_text(text, encoding="utf-8")
    (path, *_) = lp.write_event_templates(tmp_path)
    words = [cell.value for row in openpyxl.load_workbook(path)["Words"].iter_rows() for cell in row]
    assert "Zambian" in words
