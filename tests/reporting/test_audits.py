"""The checklists find what they are for."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_page import CHECKS as PAGE_CHECKS
from lpact_eval.reporting.audit_page import audit_page
from lpact_eval.reporting.audit_workbook import CHECKS, audit_workbook
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openpyxl.workbook import Workbook

    from lpact_eval.disclosure.published import Published


@pytest.fixture(scope="module")
def written(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("book") / "tables.xlsx"
    write_workbook(published, file)
    return file


def fill(book: Workbook) -> None:
    book["1 Shares"]["A8"].fill = PatternFill("solid", fgColor="FFFF00")


def no_table(book: Workbook) -> None:
    book["1 Shares"].tables.clear()


def no_link(book: Workbook) -> None:
    for row in book["Contents"].iter_rows():
        for cell in row:
            cell.hyperlink = None


DAMAGES: dict[str, Callable[[Workbook], object]] = {
    "Cover, contents and notes come first": lambda book: book.move_sheet("Notes", 1),
    "Each worksheet but the cover has one table with a meaningful name": no_table,
    "Each table reaches the last cell, under unique headings": lambda book: book["1 Shares"].append(["more"]),
    "Column A says what a worksheet holds before its table": lambda book: book["1 Shares"].__setitem__("A2", "Shares"),
    "Nothing is merged, hidden, frozen, filtered or drawn": lambda book: book["1 Shares"].merge_cells("A2:B2"),
    "No row and no cell of a table is empty": lambda book: book["1 Shares"].__setitem__("B8", None),
    "No meaning hangs on a colour": fill,
    "Notes stand in headings and are explained, and so is shorthand": lambda book: book["1 Shares"].__setitem__(
        "J8", "see [note 1]"
    ),
    "The contents lead to every worksheet": no_link,
    "Title, author, subject and language of the document are set": lambda book: setattr(book.properties, "title", ""),
}


def test_every_rule_is_tried() -> None:
    assert DAMAGES.keys() == CHECKS.keys()


@pytest.mark.parametrize("rule", CHECKS)
def test_a_workbook_that_breaks_a_rule_is_found(written: Path, tmp_path: Path, rule: str) -> None:
    book = openpyxl.load_workbook(written)
    DAMAGES[rule](book)
    book.save(tmp_path / "tables.xlsx")
    assert audit_workbook(tmp_path / "tables.xlsx")[rule]


@pytest.mark.parametrize(
    "edit",
    [
        lambda sheet: setattr(sheet.row_dimensions[9], "hidden", True),
        lambda sheet: setattr(sheet.column_dimensions["C"], "hidden", True),
        lambda sheet: setattr(sheet, "sheet_state", "hidden"),
        lambda sheet: setattr(sheet, "freeze_panes", "A6"),
    ],
    ids=["row", "column", "worksheet", "frozen"],
)
def test_what_is_hidden_or_frozen_is_found(written: Path, tmp_path: Path, edit: Callable[[object], None]) -> None:
    book = openpyxl.load_workbook(written)
    edit(book["2 Changes"])
    book.save(tmp_path / "tables.xlsx")
    (found,) = audit_workbook(tmp_path / "tables.xlsx")["Nothing is merged, hidden, frozen, filtered or drawn"]
    assert found.startswith("2 Changes: ")


@pytest.mark.parametrize("content", [b"", b"planted 31415", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tables.xlsx").write_bytes(content)
    with pytest.raises(LpactError, match=r"tables\.xlsx is no workbook that can be checked") as caught:
        audit_workbook(tmp_path / "tables.xlsx")
    assert "31415" not in str(caught.value)


def test_a_damaged_part_of_a_workbook_is_refused(written: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(written) as packed, zipfile.ZipFile(tmp_path / "tables.xlsx", "w") as other:
        for name in packed.namelist():
            content = packed.read(name)
            other.writestr(name, content[: len(content) // 2] if name.endswith("sheet4.xml") else content)
    with pytest.raises(LpactError, match="can't be opened"):
        audit_workbook(tmp_path / "tables.xlsx")


@pytest.mark.parametrize("rule", PAGE_CHECKS)
def test_the_page_of_the_example_can_be_read_by_everyone(published: Published, tmp_path: Path, rule: str) -> None:
    write_page(published, tmp_path / "report.html")
    assert audit_page(tmp_path / "report.html")[rule] == []


START = '<html lang="en-GB"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
START += "connect-src 'none'\"><title>A page</title><h1>One</h1>"


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ("<h3>Three</h3>", "Its headings follow one another"),
        ("<h2> </h2>", "Its headings follow one another"),
        ("<h1>Another</h1>", "Its headings follow one another"),
        ("<table><tr><th scope='col'>A</th></tr></table>", "Its tables have captions and headings with their scope"),
        (
            "<table><caption>A</caption><tr><td>1</td></tr></table>",
            "Its tables have captions and headings with their scope",
        ),
        ('<img src="data:image/png;base64,AA==">', "Its pictures have text alternatives"),
        ('<svg role="img"><path/></svg>', "Its pictures have text alternatives"),
        ('<script src="https://example.org/a.js"></script>', "It asks nothing of other places"),
        ('<link rel="stylesheet" href="a.css">', "It asks nothing of other places"),
        ("<style>p { background: url(https://example.org/a.png) }</style>", "It asks nothing of other places"),
        ('<style>@import "a.css";</style>', "It asks nothing of other places"),
        ('<p style="background: url(a.png)">x</p>', "It asks nothing of other places"),
        ('<form action="https://example.org"></form>', "It asks nothing of other places"),
    ],
)
def test_a_page_that_breaks_a_rule_is_found(tmp_path: Path, html: str, rule: str) -> None:
    (tmp_path / "page.html").write_text(START + html, encoding="utf-8")
    found = audit_page(tmp_path / "page.html")
    assert found.pop(rule)
    assert not any(found.values())


def test_a_link_that_a_reader_follows_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f'{START}<a href="https://example.org">a</a>', encoding="utf-8")
    assert not any(audit_page(tmp_path / "page.html").values())
