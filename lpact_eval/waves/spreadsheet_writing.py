"""Write the workbook of a crosswalk: one table with drop-downs, its instructions, and the answers to choose from."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final, Protocol, cast

from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.spreadsheet_reading import README, WAVE, letter
from lpact_eval.waves.spreadsheet_rows import EMPTY_CELL, FEW, FIRST_ROW, HEADERS, SHEET, Row

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # pyright: ignore[reportMissingTypeStubs] - annotated, but ships no marker
    from xlsxwriter.worksheet import Worksheet  # pyright: ignore[reportMissingTypeStubs] - as above

ANSWERS: Final = "Answers"
_WIDTHS: Final = {
    "variable": 22,
    "column": 34,
    "code": 24,
    "label": 28,
    "count": 18,
    "answer": 30,
    "comparable": 14,
    "reason": 34,
    "note": 34,
    "wording": 40,
    "lookup": 22,
    "other": 34,
}
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Arial", "font_size": 12},
}
_COMPARABLE: Final = ("full", "partial", "none")
_LISTED: Final = 20  # cells to fill in that the instructions name
_TOO_LONG: Final = 32767  # characters of a cell
_LINE_HEIGHT: Final = 16.0
_TALLEST: Final = 409.0  # what a row can have
_FILLED: Final = 0.9  # of a column's width, since letters differ
_STYLE: Final = "Table Style Light 1"


class _Book(Protocol):
    """What is used of xlsxwriter's workbook, whose own annotations leave the properties open."""

    def set_properties(self, properties: Mapping[str, object]) -> None: ...
    def set_custom_property(self, name: str, value: str) -> int: ...
    def add_format(self, properties: Mapping[str, object]) -> "Format": ...
    def add_worksheet(self, name: str) -> "Worksheet": ...
    def close(self) -> None:
        """Write the file."""
        ...


def write_workbook(
    path: Path, definition: WaveDefinition, rows: Sequence[Row], hidden: Sequence[str], *, counted: bool
) -> None:
    """Write the workbook.

    Parameters
    ----------
    path : Path
    definition : WaveDefinition
    rows : sequence of Row
    hidden : sequence of str
        Sentences about texts that are not listed.
    counted : bool
        Whether a delivered file was read.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - loaded where needed

    book = cast("_Book", Workbook(str(path), _OPTIONS))
    title = f"Crosswalk of the wave {definition.name}"
    book.set_properties({"title": title, "subject": "Delivered codes and harmonised answers"})
    book.set_custom_property("Language", "en-GB")
    _instructions(book, title, _sentences(rows, hidden, counted=counted), definition.name)
    sheet = _crosswalk(book, rows)
    _drop_downs(book, sheet, definition, rows)
    sheet.activate()
    book.close()


def _sentences(rows: Sequence[Row], hidden: Sequence[str], *, counted: bool) -> list[str]:
    """Say how to fill in the sheet, and what is left to do."""
    answer = letter("answer")
    empty = [f"{answer}{number}" for number, row in enumerate(rows, FIRST_ROW) if row.code and not row.answer]
    more = f" and {len(empty) - _LISTED} more" if len(empty) > _LISTED else ""
    todo = f"Still to be chosen: {', '.join(empty[:_LISTED])}{more}." if empty else "Every code listed has an answer."
    counts = f"Counts below 10 are written as {FEW}; free text has none." if counted else "No delivered file was read."
    return [
        f"The sheet {SHEET} has one row for each delivered code. Choose in column {answer} what it means.",
        todo,
        *hidden,
        counts,
        f"Kinds of missing are {', '.join(MISSING_KINDS)}. The code {EMPTY_CELL} stands for an empty cell.",
        "To map a further code, add a row with its variable, delivered column, code and answer.",
        "Several delivered columns of one question stand in one cell, a line each (Alt and Enter make a new line).",
        f"Words that stand for a number have that number in column {answer}.",
        "Comparable, reason, wording, look-up file and other settings hold for a variable and stand in its first row.",
        "A reason is needed unless comparable is full. Notes are kept as comments.",
        "A variable that the wave did not ask has one row: no column, no code, and the answer not asked.",
        "A row with a look-up file and a code shows an entry of that file, which is changed in the file itself.",
        "A row with a standard list, such as police-18+1, shows what the list says; clear that cell to say otherwise.",
        f"Labels and counts are not read back. The sheet {ANSWERS} lists the answers of every variable.",
        "Type texts, not formulas. Read the file back with lpact-eval crosswalk import.",
    ]


def _instructions(book: _Book, title: str, sentences: Sequence[str], wave: str) -> None:
    """Write the first sheet: words in column A, the wave among them."""
    sheet = book.add_worksheet(README)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 100)
    sheet.fit_to_pages(1, 0)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, f"{WAVE}{wave}", wrapped)
    for place, sentence in enumerate(sentences, start=2):
        sheet.write_string(place, 0, sentence, wrapped)


def _crosswalk(book: _Book, rows: Sequence[Row]) -> "Worksheet":
    """Write the table; every cell is a text, also one that begins like a formula, and stays one when typed over."""
    sheet = book.add_worksheet(SHEET)
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    line_only = book.add_format({"num_format": "@", "valign": "top"})
    number = book.add_format({"num_format": "#,##0", "align": "right", "valign": "top", "indent": 1})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    for place, (field, _) in enumerate(HEADERS):
        sheet.set_column(place, place, _WIDTHS[field], number if field == "count" else text)
    columns = [{"header": header, "header_format": head} for _, header in HEADERS]
    last = len(rows) + FIRST_ROW - 2
    sheet.add_table(0, 0, last, len(HEADERS) - 1, {"name": SHEET, "style": _STYLE, "columns": columns})
    sheet.set_row(0, 2 * _LINE_HEIGHT)
    for line, row in enumerate(rows, start=1):
        first = line == 1 or rows[line - 2].variable != row.variable
        sheet.set_row(line, _height(row, first=first))
        for place, (field, _) in enumerate(HEADERS):
            value = str(getattr(row, field))
            look = number if field == "count" else text if first or field != "column" else line_only
            if field == "count" and value.isdigit():
                sheet.write_number(line, place, int(value), look)
            elif value:
                sheet.write_string(line, place, value[:_TOO_LONG], look)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{letter('other')}{last + 1}"})
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def _height(row: Row, *, first: bool) -> float:
    """Make room for wrapped texts; a question that is repeated below its first row stays on one line."""
    cells = {field: str(getattr(row, field)) for field in _WIDTHS if first or field != "column"}
    lines = [
        sum(max(1, len(wrap(part, int(_WIDTHS[field] * _FILLED)))) for part in value.splitlines())
        for field, value in cells.items()
    ]
    return min(_TALLEST, _LINE_HEIGHT * max(1, *lines))


def _drop_downs(book: _Book, sheet: "Worksheet", definition: WaveDefinition, rows: Sequence[Row]) -> None:
    """List the answers of every variable on a sheet of their own, and let cells choose from them."""
    listed = book.add_worksheet(ANSWERS)
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    names = list(dict.fromkeys(row.variable for row in rows))
    choices = {name: [*definition.schema.answers(name), *MISSING_KINDS] for name in names}
    for place, name in enumerate(names):
        listed.write_string(0, place, name, head)
    listed.set_column(0, len(names) - 1, 28)
    ranges = {name: _choices(listed, place, choices[name]) for place, name in enumerate(names)}
    listed.freeze_panes(1, 0)
    numbers = {name for name in names if definition.schema.variables[name].kind == "number"}
    answer, comparable = ([field for field, _ in HEADERS].index(name) for name in ("answer", "comparable"))
    for name, group in groupby(enumerate(rows, start=1), key=lambda one: one[1].variable):
        lines = [line for line, _ in group]
        allowed: dict[str, object] = {
            "validate": "list",
            "source": ranges[name],
            "error_title": "Not an answer",
            "error_message": "Choose an answer of this variable or a kind of missing from the list.",
            "error_type": "information" if name in numbers else "stop",
        }
        sheet.data_validation(lines[0], answer, lines[-1], answer, allowed)
    kinds: dict[str, object] = {"validate": "list", "source": list(_COMPARABLE)}
    sheet.data_validation(1, comparable, len(rows), comparable, kinds)


def _choices(sheet: "Worksheet", place: int, choices: Sequence[str]) -> str:
    """Write one variable's answers below its name and return their range."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - as above

    for line, choice in enumerate(choices, start=1):
        sheet.write_string(line, place, choice)
    return f"={ANSWERS}!{xl_range_abs(1, place, len(choices), place)}"
