"""Sheets that screen readers can follow: words in column A, then one marked-up table, nothing merged or hidden."""

from __future__ import annotations

import copy
import datetime as dt
from functools import lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING, Final, Protocol, cast

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs] - annotated, but ships no marker

from lpact_eval.reporting.flat import flat_headings, flat_row
from lpact_eval.reporting.tables import NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format  # pyright: ignore[reportMissingTypeStubs] - as above
    from xlsxwriter.worksheet import Worksheet  # pyright: ignore[reportMissingTypeStubs] - as above

NARROWEST: Final = 12
WIDEST: Final = 44
COVER_WIDTH: Final = 100
LINE_HEIGHT: Final = 16.0
_BOLD: Final = 0.85  # characters of a heading to one of the width: it is bold, and numbers' headings are indented
HEADING_HEIGHT: Final = 24.0
_RIGHT: Final = {"align": "right", "indent": 1}
_OPTIONS: Final = {
    "in_memory": True,  # not in temporary files: a sheet has three parts, and a file of each costs more than its words
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Arial", "font_size": 12},
}


class _Book(Protocol):
    """What is used of xlsxwriter's workbook, whose own annotations leave the properties open."""

    def set_properties(self, properties: Mapping[str, object]) -> None: ...
    def set_custom_property(self, name: str, value: str) -> int: ...
    def add_format(self, properties: Mapping[str, object]) -> Format: ...
    def add_worksheet(self, name: str) -> Worksheet: ...
    def close(self) -> None:
        """Write the file."""
        ...


class Sheets:
    """A workbook under construction, and every text written to it, to be looked at before it is kept.

    Parameters
    ----------
    path : Path
    properties : mapping of str to str
        Title, author and the like, for the document's properties.
    date : date
        Day of the release.
    """

    def __init__(self, path: Path, properties: Mapping[str, str], date: dt.date) -> None:
        self.words: list[str] = list(properties.values())
        self._book = cast(
            "_Book", Workbook(str(path), copy.deepcopy(_OPTIONS))
        )  # xlsxwriter writes into what it is given
        created = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).replace(tzinfo=None)
        self._book.set_properties({**properties, "created": created})
        self._book.set_custom_property("Language", "en-GB")
        top: Mapping[str, object] = {"valign": "top"}
        head = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        self._title = self._book.add_format({**top, "bold": True, "font_size": 16})
        self._heading = self._book.add_format({"valign": "bottom", "bold": True, "font_size": 14})
        self._text = self._book.add_format({**top, "text_wrap": True})
        self._text_beside = self._book.add_format({**top, "text_wrap": True, "indent": 1})
        self._line = self._book.add_format(top)
        self._link = self._book.add_format({**top, "font_color": "#12436D", "underline": 1})
        self._head = self._book.add_format(head)
        self._number_head = self._book.add_format({**head, **_RIGHT})
        self._missing = self._book.add_format({**top, **_RIGHT})
        self._numbers: dict[int, Format] = {}

    def cover(self, name: str, title: str, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Add a sheet of words: a title, and headings with lines below them, all in column A."""
        sheet = self._sheet(name)
        sheet.set_column(0, 0, COVER_WIDTH)
        lines = [(title, self._title, HEADING_HEIGHT)]
        for heading, texts in sections:
            lines += [(heading, self._heading, HEADING_HEIGHT + 8)] if heading else []
            lines += [(text, self._text, _height([text], _limits([COVER_WIDTH])) + 4) for text in texts]
        for row, (text, look, height) in enumerate(lines):
            sheet.set_row(row, height)
            self._write(sheet, row, 0, text, look)

    def table(
        self, name: str, table: Table, statements: Sequence[str], *, links: Mapping[str, str] | None = None
    ) -> None:
        """Add a sheet with one table.

        Parameters
        ----------
        name : str
            Of the sheet.
        table : Table
        statements : sequence of str
            Lines between the title and the table.
        links : mapping of str to str, optional
            Texts in the first column that lead to a sheet.
        """
        sheet = self._sheet(name)
        sheet.set_row(0, HEADING_HEIGHT)
        self._write(sheet, 0, 0, table.caption, self._title)
        for row, statement in enumerate(statements, start=1):
            self._write(sheet, row, 0, statement, self._line)
        top = 1 + len(statements)
        headings = [(text, column) for column in table.columns for text in flat_headings(column)]
        body = [flat_row(table.columns, cells) for cells in table.rows]
        texts = [[cell.text for cell in cells] for cells in body]
        self._mark_up(sheet, table.name, top, headings, len(body))
        columns = list(zip(*texts, strict=True)) or [()] * len(headings)
        widths = [_width(heading, column) for (heading, _), column in zip(headings, columns, strict=True)]
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.set_row(top, _height([text for text, _ in headings], _limits(widths, fit=_BOLD)))
        limits = _limits(widths)
        looks = [self._look(place, column) for place, (_, column) in enumerate(headings)]
        for row, (cells, said) in enumerate(zip(body, texts, strict=True), start=top + 1):
            sheet.set_row(row, _height(said, limits))
            for place, (cell, look) in enumerate(zip(cells, looks, strict=True)):
                self._cell(sheet, row, place, cell, look, links or {})

    def close(self) -> None:
        """Write the file."""
        self._book.close()

    def _sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on landscape pages, one page wide."""
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _mark_up(  # noqa: PLR0917 - a place and what stands there
        self, sheet: Worksheet, name: str, top: int, headings: Sequence[tuple[str, Column]], length: int
    ) -> None:
        """Mark cells up as a table with a name, so that a reader can go to it and hear its headings."""
        columns = [
            {"header": text, "header_format": self._head if column.kind == "text" else self._number_head}
            for text, column in headings
        ]
        options = {"name": name, "autofilter": False, "style": None, "columns": columns}
        sheet.add_table(top, 0, top + length, len(headings) - 1, options)
        self.words += [text for text, _ in headings]

    def _look(self, place: int, column: Column) -> Format:
        """Return the format of texts in a column; one of numbers holds only the shorthand for their absence."""
        if column.kind != "text":
            return self._missing
        return self._text_beside if place else self._text

    def _cell(  # noqa: PLR0917 - as above
        self, sheet: Worksheet, row: int, place: int, cell: Cell, look: Format, links: Mapping[str, str]
    ) -> None:
        """Write a number, a link, a text, or the shorthand for its absence."""
        text = cell.text or NOT_APPLICABLE
        if cell.value is not None:
            sheet.write_number(row, place, cell.value, self._number(cell.decimals))
        elif place == 0 and text in links:
            self.words.append(text)
            sheet.write_url(row, place, f"internal:'{links[text]}'!A1", self._link, text)
        else:
            self._write(sheet, row, place, text, look)

    def _number(self, decimals: int) -> Format:
        """Return the format of numbers with these decimals."""
        if decimals not in self._numbers:
            pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
            self._numbers[decimals] = self._book.add_format({"num_format": pattern, "valign": "top", **_RIGHT})
        return self._numbers[decimals]

    def _write(self, sheet: Worksheet, row: int, place: int, text: str, look: Format) -> None:  # noqa: PLR0917 - as above
        """Write a text."""
        self.words.append(text)
        sheet.write_string(row, place, text, look)


def _width(heading: str, texts: Sequence[str]) -> int:
    """Choose a column's width: wide enough for its longest word, and for its texts up to a limit."""
    longest_word = max((len(word) for word in heading.split()), default=0)
    longest_text = max(map(len, texts), default=0)
    return max(NARROWEST, min(max(longest_word, longest_text) + 3, WIDEST))


def _limits(widths: Sequence[int], *, fit: float = 1.1) -> list[int]:
    """Say how many characters stand in a line of each column, so many to a width."""
    return [round(fit * width) for width in widths]


def _height(texts: Sequence[str], limits: Sequence[int]) -> float:
    """Choose a row's height for texts that wrap; not all spreadsheets find it."""
    long = [(text, limit) for text, limit in zip(texts, limits, strict=True) if len(text) > limit or "\n" in text]
    return LINE_HEIGHT * max((_lines(text, limit) for text, limit in long), default=1)


@lru_cache(maxsize=4096)
def _lines(text: str, limit: int) -> int:
    """Count the lines of a text that wraps; where no word can be broken, without making them."""
    words = text.split(" ")
    if "-" in text or text.split() != words or max(map(len, words)) > limit:
        return len(wrap(text, limit))
    lines, used = 1, -1
    for word in words:
        used += 1 + len(word)
        if used > limit:
            lines, used = lines + 1, len(word)
    return lines
