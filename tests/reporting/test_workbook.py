from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lpact_eval.reporting.audit_workbook import CHECKS, SHORTHAND, audit_workbook
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from lpact_eval.disclosure.published import Published


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


@pytest.mark.parametrize("rule", CHECKS)
def test_it_can_be_read_by_everyone(path: Path, rule: str) -> None:
    assert audit_workbook(path)[rule] == []


def test_the_first_tables_are_those_of_the_questions(book: Workbook) -> None:
    assert book.sheetnames[3:6] == ["1 Shares", "2 Changes", "3 Attendance"]


def test_notes_are_used(book: Workbook) -> None:
    assert any("[note" in str(heading) for sheet in sheets(book)[3:] for heading in cells(sheet)[4])


def test_number_columns_hold_numbers_or_shorthand(book: Workbook) -> None:
    rows = cells(book["1 Shares"])
    headings = [str(heading) for heading in rows[4]]
    for place, heading in enumerate(headings):
        if heading.startswith(("Share", "95%", "Unweighted", "Effective")):
            for row in rows[5:]:
                assert isinstance(row[place], int | float) or row[place] in SHORTHAND


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
