"""The workbook to fill in: a cover, a sheet for each record, what columns mean, and the words to choose from."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Final, Protocol, cast

from lpact_eval.evidence.headings import plain
from lpact_eval.evidence.record_cells import NONE
from lpact_eval.evidence.record_files import COLUMNS, COVER, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.format import Format  # pyright: ignore[reportMissingTypeStubs] - annotated, but ships no marker
    from xlsxwriter.worksheet import Worksheet  # pyright: ignore[reportMissingTypeStubs] - as above

    from lpact_eval.evidence.record_schema import Column, Record, RecordSchema

TITLE: Final = "Records of community events"
ROWS: Final = 100  # empty rows of a table; Excel adds more as they are filled in
_CHECKED: Final = 5000  # rows in which cells are checked
_WRITTEN: Final = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)  # the same file whenever it is written
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FONT: Final = {"font_name": "Arial", "font_size": 12}
_STYLE: Final = "Table Style Light 1"
_FORMATS: Final = {"date": "yyyy-mm-dd", "time": "hh:mm", "count": "0", "score": "0", "money": "0.00", "hours": "0.0"}
_WIDTHS: Final = {"text": 40, "set": 34, "category": 24, "id": 14, "reference": 14}
_LINE: Final = 16.0  # points of one line
_COVER_WIDTH: Final = 110
_PAGE: Final = 12  # columns that can be read on a printed page
_LONGEST_HELP, _LONGEST_TITLE = 255, 32
_KINDS: Final = {
    "id": "code, once only",
    "reference": "an event of the register",
    "date": "date",
    "time": "time of day",
    "count": "whole number",
    "money": "pounds",
    "hours": "hours",
    "score": "score",
    "category": "one word of a list",
    "set": "words with semicolons between them",
    "yes_no": "yes or no",
    "text": "text",
}


class _Book(Protocol):
    """What is used of xlsxwriter's workbook, whose own annotations leave the properties open."""

    def set_properties(self, properties: Mapping[str, object]) -> None: ...
    def set_custom_property(self, name: str, value: str) -> int: ...
    def add_format(self, properties: Mapping[str, object]) -> Format: ...
    def add_worksheet(self, name: str) -> Worksheet: ...
    def define_name(self, name: str, formula: str) -> int: ...
    def close(self) -> None:
        """Write the file."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Looks:
    """Formats of cells."""

    head: Format
    wrapped: Format
    title: Format


def workbook_bytes(schema: RecordSchema) -> bytes:
    """Write the workbook.

    Parameters
    ----------
    schema : RecordSchema

    Returns
    -------
    bytes
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - loaded where needed

    content = io.BytesIO()
    book = cast(
        "_Book", Workbook(content, {**_OPTIONS, "default_format_properties": dict(_FONT)})
    )  # it writes into the font
    told = {"title": TITLE, "subject": "Templates to fill in", "author": "lpact_eval", "created": _WRITTEN}
    book.set_properties(told)
    book.set_custom_property("Language", "en-GB")
    looks = _Looks(
        book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}),
        book.add_format({"text_wrap": True, "valign": "top"}),
        book.add_format({"bold": True, "font_size": 16}),
    )
    _cover(book, schema, looks)
    sheets = {name: book.add_worksheet(record.title) for name, record in schema.records.items()}
    _columns(book, schema, looks)
    ranges = _words(book, schema, looks)
    for name, record in schema.records.items():
        _record(book, sheets[name], record, looks)
        for place, column in enumerate(record.columns):
            _check_cells(sheets[name], place, column, _choices(record, column, ranges, schema))
    book.close()
    return content.getvalue()


def _cover(book: _Book, schema: RecordSchema, looks: _Looks) -> None:
    """Write the first sheet: what to do, in column A."""
    sheet = book.add_worksheet(COVER)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _COVER_WIDTH)
    _for_print(sheet, 1)
    sheet.write_string(0, 0, TITLE, looks.title)
    register = schema.records["register"].title
    sentences = [
        f"Start with the sheet {register}: one row for each event. All other sheets name an event by its code there.",
        "Only the register is needed. Leave a sheet empty if you don't keep such records.",
        "Leave a cell blank if you don't know; 0 means none.",
        "Never write names, e-mail addresses, telephone numbers or home addresses. People are told apart by codes.",
        "Cells with a list show an arrow: choose from the list, or type the word. Help appears as you enter a cell.",
        f"Where a cell may hold several words, put semicolons between them; {NONE} means read, and nothing fits.",
        "Dates are best typed as 2024-03-16, times as 18:30.",
        "Type below the last row to add rows. Keep the headings as they are; their order may change.",
        f"The sheet {COLUMNS} says what every column holds; the sheet {WORDS} lists the words to choose from.",
        "Check what you have filled in with: lpact-eval records check FOLDER",
        *(f"{record.title}: {record.help}" for record in schema.records.values()),
    ]
    for place, sentence in enumerate(sentences, start=1):
        sheet.set_row(place, _height((sentence,), (_COVER_WIDTH,)))
        sheet.write_string(place, 0, sentence, looks.wrapped)


def _columns(book: _Book, schema: RecordSchema, looks: _Looks) -> None:
    """Say what every column holds, in one table."""
    rows = [
        (record.title, column.title, column.name, _KINDS[column.kind], "yes" if column.required else "no", column.help)
        for record in schema.records.values()
        for column in record.columns
    ]
    heads = ("Sheet", "Column", "Name in csv files", "Holds", "Always needed", "What to fill in")
    sheet = book.add_worksheet(COLUMNS)
    widths = (30, 26, 20, 38, 10, 80)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width, looks.wrapped)
    columns = [{"header": head, "header_format": looks.head} for head in heads]
    sheet.add_table(0, 0, len(rows), len(heads) - 1, {"name": "What_columns_hold", "style": _STYLE, "columns": columns})
    sheet.set_row(0, 2 * _LINE)
    for line, row in enumerate(rows, start=1):
        sheet.set_row(line, _height(row, widths))
        for place, text in enumerate(row):
            sheet.write_string(line, place, text, looks.wrapped)
    _for_print(sheet, len(heads))


def _height(texts: Sequence[str], widths: Sequence[int]) -> float:
    """Make room for wrapped texts; columns are measured in digits, which are hardly wider than letters."""
    return _LINE * max(len(wrap(text, width)) for text, width in zip(texts, widths, strict=True))


def _words(book: _Book, schema: RecordSchema, looks: _Looks) -> dict[tuple[str, ...], str]:
    """List words, a list a column, and name their ranges; a list of groups is found by what people are counted by."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - as above

    sheet = book.add_worksheet(WORDS)
    lists = _lists(schema)
    titles = ("What the themes are called", tuple(theme.title for theme in schema.themes.values()))
    columns = [{"header": title, "header_format": looks.head} for title, _ in (*lists, titles)]
    longest = max(len(words) for _, words in lists)
    sheet.add_table(0, 0, longest, len(lists), {"name": "Words_to_choose_from", "style": _STYLE, "columns": columns})
    ranges: dict[tuple[str, ...], str] = {}
    for place, (title, words) in enumerate((*lists, titles)):
        sheet.set_column(place, place, max(20, *(len(word) + 4 for word in words)))
        for line, word in enumerate(words, start=1):
            sheet.write_string(line, place, word)
        ranges.setdefault(words, f"={WORDS}!{xl_range_abs(1, place, len(words), place)}")
        if (by := title.removeprefix(_COUNTED_BY)) != title:
            book.define_name(f"by_{by}", f"={WORDS}!{xl_range_abs(1, place, len(words), place)}")
    sheet.set_row(0, 2 * _LINE)
    sheet.freeze_panes(1, 0)
    _for_print(sheet, len(columns))
    return ranges


_COUNTED_BY: Final = "Groups by "


def _lists(schema: RecordSchema) -> list[tuple[str, tuple[str, ...]]]:
    """Name the lists that cells choose from, those shared by several columns once; themes come last."""
    found: dict[tuple[str, ...], str] = {}
    for record in schema.records.values():
        for column in record.columns:
            words = column.answers or column.suggested
            if words and not column.by and words != tuple(schema.themes):
                named = next((name for name, listed in schema.lists.items() if listed == words), "")
                found.setdefault(words, named.capitalize() or f"{record.title}: {column.title}")
    groups = [(f"{_COUNTED_BY}{by}", words) for by, words in _grouped(schema).items()]
    return [*((title, words) for words, title in found.items()), *groups, ("Keys of themes", tuple(schema.themes))]


def _grouped(schema: RecordSchema) -> Mapping[str, tuple[str, ...]]:
    """Find the groups that attendance is counted by."""
    grouped = [column.by for record in schema.records.values() for column in record.columns if column.by]
    return grouped[0] if grouped else {}


def _record(book: _Book, sheet: Worksheet, record: Record, looks: _Looks) -> None:
    """Write an empty table; text stays text, so that a code such as 2024-03 becomes no date."""
    for place, column in enumerate(record.columns):
        shape = {"num_format": _FORMATS.get(column.kind, "@"), "valign": "top", "text_wrap": column.kind == "text"}
        width = max(_WIDTHS.get(column.kind, 13), *(len(word) + 4 for word in column.title.split()))
        sheet.set_column(place, place, width, book.add_format(shape))
    columns = [{"header": column.title, "header_format": looks.head} for column in record.columns]
    name = f"Table_{plain(record.title).replace(' ', '_')}"
    sheet.add_table(0, 0, ROWS, len(columns) - 1, {"name": name, "style": _STYLE, "columns": columns})
    sheet.set_row(0, 2 * _LINE)
    sheet.freeze_panes(1, 1)
    _for_print(sheet, len(columns))


def _for_print(sheet: Worksheet, columns: int) -> None:
    """Print in landscape, on so many pages beside each other that they can be read, headings on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(-(-columns // _PAGE), 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns("A:A")


def _choices(
    record: Record, column: Column, ranges: Mapping[tuple[str, ...], str], schema: RecordSchema
) -> dict[str, object]:
    """Say what cells of a column may hold, for the spreadsheet program to check."""
    if column.by:
        by = [one.name for one in record.columns].index("by")
        return {"validate": "list", "source": f'=INDIRECT("by_"&${_letter(by)}2)'}
    if column.kind == "reference":
        title = schema.records["register"].title
        return {"validate": "list", "source": f"='{title}'!$A$2:$A${_CHECKED}", "error_type": "warning"}
    if column.answers or column.suggested:
        listed: dict[str, object] = {"validate": "list", "source": ranges[column.answers or column.suggested]}
        return listed if column.kind == "category" else {**listed, "show_error": False}
    if column.kind == "yes_no":
        return {"validate": "list", "source": ["yes", "no"]}
    return _limits(column)


def _limits(column: Column) -> dict[str, object]:
    """Say which numbers, dates and times a column may hold."""
    whole, number = {"validate": "integer"}, {"validate": "decimal"}
    from_none = {"criteria": ">=", "value": 0}
    limits: dict[str, dict[str, object]] = {
        "date": {
            "validate": "date",
            "criteria": "between",
            "minimum": dt.date(2000, 1, 1),
            "maximum": dt.date(2099, 12, 31),
        },
        "time": {"validate": "time", "criteria": "between", "minimum": dt.time(0), "maximum": dt.time(23, 59, 59)},
        "count": {**whole, **from_none},
        "score": {**whole, "criteria": "between", "minimum": column.least, "maximum": column.most},
        "money": {**number, **from_none},
        "hours": {**number, **from_none},
    }
    return limits.get(column.kind, {"validate": "any"})


def _check_cells(sheet: Worksheet, place: int, column: Column, allowed: Mapping[str, object]) -> None:
    """Check the cells of a column as they are typed, and show its help."""
    shown = {"input_title": column.title[:_LONGEST_TITLE], "input_message": column.help[:_LONGEST_HELP]}
    error = (
        {}
        if allowed["validate"] == "any"
        else {
            "error_title": "Please check",
            "error_message": f"{_KINDS[column.kind].capitalize()} is needed here. {column.help}"[:_LONGEST_HELP],
        }
    )
    sheet.data_validation(1, place, _CHECKED - 1, place, {**allowed, **shown, **error})


def _letter(place: int) -> str:
    """Name one of the first columns of a sheet."""
    return chr(ord("A") + place)
