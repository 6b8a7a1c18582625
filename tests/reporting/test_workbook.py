from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from lpact_eval.disclosure.published import Published

SHORTHAND = {"[c]", "[u]", "[x]", "[z]"}


@pytest.fixture(scope="module")
def path(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("book") / "tables.xlsx"
    write_workbook(published, file)
    return file


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def parts(path: Path) -> dict[str, str]:
    """The files that the workbook is packed of."""
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def sheets(book: Workbook) -> list[Worksheet]:
    return [book[name] for name in book.sheetnames]


def cells(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_cover_contents_and_notes_come_first(book: Workbook) -> None:
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert book.sheetnames[3:6] == ["1 Shares", "2 Changes", "3 Attendance"]


def test_every_sheet_but_the_cover_has_exactly_one_table_with_a_meaningful_name(book: Workbook) -> None:
    names: list[str] = []
    for sheet in sheets(book)[1:]:
        assert len(sheet.tables) == 1, sheet.title
        names += list(sheet.tables)
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z][a-z_]+_table", name) for name in names)


def test_each_table_reaches_the_last_cell_and_its_headings_are_unique_text(book: Workbook) -> None:
    for sheet in sheets(book)[1:]:
        (table,) = sheet.tables.values()
        assert table.ref.split(":")[1] == sheet.dimensions.split(":")[1]
        headings = [column.name for column in table.tableColumns]
        assert len(set(headings)) == len(headings)
        assert all(isinstance(heading, str) and heading for heading in headings)


def test_column_a_says_what_the_sheet_holds_before_the_table(book: Workbook) -> None:
    for sheet in sheets(book)[3:]:
        lines = [str(row[0]) for row in cells(sheet)[:4]]
        assert re.match(r"Table \d+: ", lines[0])
        assert lines[1] == "This worksheet contains one table."
        assert "worksheet Notes" in lines[2]
        assert lines[3].startswith("Source: ")
        (table,) = sheet.tables.values()
        assert table.ref.startswith("A5:")


def test_nothing_is_merged_hidden_frozen_filtered_or_drawn(book: Workbook, parts: dict[str, str]) -> None:
    assert not [name for name in parts if "drawing" in name or "media" in name or "chart" in name]
    for sheet in sheets(book):
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        assert sheet.sheet_state == "visible"
        assert not any(line.hidden for line in sheet.row_dimensions.values())
        assert not any(column.hidden for column in sheet.column_dimensions.values())
        assert all(table.autoFilter is None for table in sheet.tables.values())


def test_no_row_and_no_cell_of_a_table_is_blank(book: Workbook) -> None:
    for sheet in sheets(book):
        rows = cells(sheet)
        assert all(any(value not in {None, ""} for value in row) for row in rows), sheet.title
        for table in sheet.tables.values():
            left, top, right, bottom = range_boundaries(table.ref)
            for line in sheet.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right):
                assert all(cell.value not in {None, ""} for cell in line), sheet.title


def test_no_meaning_hangs_on_a_fill(parts: dict[str, str]) -> None:
    fills = set(re.findall(r'patternType="(\w+)"', parts["xl/styles.xml"]))
    assert fills == {"none", "gray125"}  # the two that every workbook has and no cell here uses


def test_note_markers_stand_in_headings_and_every_one_is_explained(book: Workbook) -> None:
    explained = {f"[{row[0]}]" for row in cells(book["Notes"]) if str(row[0]).startswith("note ")}
    used: set[str] = set()
    for sheet in sheets(book)[3:]:
        rows = cells(sheet)
        used |= {mark for heading in rows[4] for mark in re.findall(r"\[note \d+\]", str(heading))}
        assert not any("[note" in str(value) for row in rows[5:] for value in row)
    assert used
    assert used <= explained


def test_shorthand_is_explained(book: Workbook) -> None:
    assert {str(row[0]) for row in cells(book["Notes"])} >= SHORTHAND


def test_number_columns_hold_numbers_or_shorthand(book: Workbook) -> None:
    rows = cells(book["1 Shares"])
    headings = [str(heading) for heading in rows[4]]
    for place, heading in enumerate(headings):
        if heading.startswith(("Share", "95%", "Unweighted", "Effective")):
            for row in rows[5:]:
                assert isinstance(row[place], int | float) or row[place] in SHORTHAND


def test_the_contents_lead_to_every_sheet(book: Workbook) -> None:
    links = {cell.hyperlink.location for row in book["Contents"].iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in book.sheetnames if name not in {"Cover", "Contents"}}


def test_document_properties_are_set(book: Workbook, parts: dict[str, str]) -> None:
    properties = book.properties
    assert properties.title == "Confidence in the police and LPACT events: tables"
    assert properties.creator == "Leicestershire Police"
    assert "Synthetic respondents" in str(properties.subject)
    assert re.search(r'name="Language"><vt:lpwstr>en-GB<', parts["docProps/custom.xml"])


def test_the_cover_says_what_was_found_and_what_can_not_be_said(book: Workbook) -> None:
    words = " ".join(str(row[0]) for row in cells(book["Cover"]))
    for phrase in ("Synthetic respondents", "we can't tell whether it changed", "What this can't show", "SHA-256"):
        assert phrase in words
    assert all(len(row) == 1 for row in cells(book["Cover"]))


def test_the_workbook_holds_no_banned_word(book: Workbook) -> None:
    assert hits(str(value) for sheet in sheets(book) for row in cells(sheet) for value in row) == []


def test_the_workbook_agrees_with_the_published_rows(book: Workbook, published: Published) -> None:
    rows = cells(book["2 Changes"])
    headings = [str(heading) for heading in rows[4]]
    line = next(row for row in rows[5:] if row[0] == "Trust in Leicestershire Police" and row[2] == "Black")
    held = dict(zip(headings, line, strict=True))
    assert held["2022 (per cent)"] == 31
    assert held["Re-run (per cent)"] == 56
    assert held["Change (percentage points)"] == 25
    assert held["Test [note 4]"] == "clear change"
    assert held["Unweighted base, 2022 [note 7]"] == 56
    assert published.rules.name == "uk"
