"""Whether a workbook can be read by everyone: the checklist for the .xlsx of a release, as official statistics use it.

References
----------
Government Analysis Function (2023), *Releasing statistics in spreadsheets*.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Final, Never, cast

from lpact_eval.errors import LpactError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.hyperlink import Hyperlink
    from openpyxl.worksheet.worksheet import Worksheet

SHORTHAND: Final = frozenset({"[c]", "[u]", "[x]", "[z]"})
FRONT: Final = ("Cover", "Contents", "Notes")
_LARGEST: Final = 200_000_000  # bytes once unpacked
_ABOVE: Final = 4  # lines over a table: what it is, how many there are, where notes and source are
_NO_FILL: Final = frozenset({"none", "gray125"})  # the two that every workbook has and no cell here uses
_NAME: Final = re.compile(r"[A-Z][a-z_]+_table")
_MARKER: Final = re.compile(r"\[note \d+\]")
_FILL: Final = re.compile(r'patternType="(\w+)"')
_LANGUAGE: Final = re.compile(r'name="Language"><vt:lpwstr>[a-z]{2}(-[A-Z]{2})?<')

Book = tuple["Workbook", "Mapping[str, str]"]


def audit_workbook(path: Path) -> dict[str, list[str]]:
    """Go through the checklist for a workbook.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to list of str
        What is asked of a workbook, and where it falls short; nothing where it does not.

    Raises
    ------
    LpactError
        If the file is no workbook.
    """
    book = open_workbook(path)
    return {rule: check(book) for rule, (check, _) in CHECKS.items()}


def open_workbook(path: Path) -> Book:
    """Open a workbook, and the files that it is packed of.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Workbook and mapping of str to str

    Raises
    ------
    LpactError
        If the file is no workbook.
    """
    import openpyxl  # noqa: PLC0415 - slow to load

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > _LARGEST:
                _refuse(path, "it holds more than a release's workbook does")
            parts = {name: packed.read(name).decode("utf-8", errors="replace") for name in packed.namelist()}
        return openpyxl.load_workbook(path), parts
    except LpactError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes the reader stumble over
        _refuse(path, f"it can't be opened ({type(error).__name__})")


def _refuse(path: Path, what: str) -> Never:
    """Refuse a file that is no workbook."""
    msg = f"{path.name} is no workbook that can be checked: {what}. Write the release again."
    raise LpactError(msg)


def worksheets(book: Workbook) -> list[Worksheet]:
    """List the worksheets in order; a sheet that is a chart is none."""
    sheets = [cast("object", book[name]) for name in book.sheetnames]
    return [cast("Worksheet", one) for one in sheets if hasattr(one, "iter_rows")]


def cells(sheet: Worksheet) -> list[list[object]]:
    """Take the values of a worksheet row by row."""
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def table_of(sheet: Worksheet) -> tuple[list[str], list[list[object]]]:
    """Take the headings and the rows of a worksheet's table; nothing without one."""
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 - slow to load

    for table in sheet.tables.values():
        left, top, right, bottom = cast("tuple[int, int, int, int]", range_boundaries(table.ref))
        lines: list[list[object]] = [
            [cell.value for cell in row]
            for row in sheet.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right)
        ]
        return [str(heading) for heading in lines[0]], lines[1:]
    return [], []


def _front(book: Book) -> list[str]:
    """Find a workbook that does not begin with its cover, contents and notes."""
    return [] if tuple(book[0].sheetnames[: len(FRONT)]) == FRONT else [f"worksheets do not begin with {list(FRONT)}"]


def _one_table(book: Book) -> list[str]:
    """Find worksheets with no or several tables, and tables without a name of their own."""
    sheets = worksheets(book[0])[1:]
    found = [f"{sheet.title}: {len(sheet.tables)} tables, not one" for sheet in sheets if len(sheet.tables) != 1]
    names = [name for sheet in sheets for name in sheet.tables]
    found += [
        f"table {place} has no meaningful name" for place, name in enumerate(names, 1) if not _NAME.fullmatch(name)
    ]
    return found + (["two tables have one name"] if len(set(names)) < len(names) else [])


def _reach(book: Book) -> list[str]:
    """Find tables that leave cells out, and headings that are empty or stand twice."""
    found: list[str] = []
    for sheet in worksheets(book[0])[1:]:
        for table in sheet.tables.values():
            if table.ref.split(":")[-1] != sheet.dimensions.split(":")[-1]:
                found.append(f"{sheet.title}: the table ends before the last cell")
            headings = [column.name for column in table.tableColumns]
            if len(set(headings)) < len(headings) or not all(headings):
                found.append(f"{sheet.title}: a heading is empty or stands twice")
    return found


def _above(book: Book) -> list[str]:
    """Find worksheets that don't say in column A what they hold."""
    found: list[str] = []
    for sheet in worksheets(book[0])[len(FRONT) :]:
        lines = [str(row[0]) for row in cells(sheet)[:_ABOVE]]
        told = (
            len(lines) == _ABOVE and lines[0].startswith("Table ") and lines[1] == "This worksheet contains one table."
        )
        begins = all(_begins_below(sheet, table.ref) for table in sheet.tables.values())
        if not (told and "worksheet Notes" in lines[2] and lines[3].startswith("Source: ") and begins):
            found.append(f"{sheet.title}: title, number of tables, notes and source don't stand above the table")
    return found


def _begins_below(sheet: Worksheet, ref: str) -> bool:
    """Whether a table begins in column A below the four lines, with nothing but remarks of one cell between."""
    first = ref.partition(":")[0]
    row = int(first[1:]) if first[:1] == "A" and first[1:].isdigit() else 0
    between = cells(sheet)[_ABOVE : row - 1]
    return row > _ABOVE and all(line[0] and not any(line[1:]) for line in between)


def _plain(book: Book) -> list[str]:
    """Find what is merged, hidden, frozen, filtered or drawn."""
    drawn = any(part in name for name in book[1] for part in ("drawing", "media", "chart"))
    found = ["there are pictures or charts in it"] if drawn else []
    for sheet in worksheets(book[0]):
        lines = (*sheet.row_dimensions.values(), *sheet.column_dimensions.values())
        for what, there in (
            ("merged cells", bool(sheet.merged_cells.ranges)),
            ("frozen panes", sheet.freeze_panes is not None),
            ("a hidden worksheet", sheet.sheet_state != "visible"),
            ("hidden rows or columns", any(line.hidden for line in lines)),
            ("a filter", any(table.autoFilter is not None for table in sheet.tables.values())),
        ):
            found += [f"{sheet.title}: {what}"] if there else []
    return found


def _filled(book: Book) -> list[str]:
    """Find empty rows, and empty cells of tables."""
    found: list[str] = []
    for sheet in worksheets(book[0]):
        if any(all(_empty(value) for value in row) for row in cells(sheet)):
            found.append(f"{sheet.title}: an empty row")
        if any(_empty(value) for row in table_of(sheet)[1] for value in row):
            found.append(f"{sheet.title}: an empty cell in the table")
    return found


def _colours(book: Book) -> list[str]:
    """Find cells that are filled, on which a meaning could hang."""
    used = set(_FILL.findall(book[1].get("xl/styles.xml", ""))) - _NO_FILL
    return [f"cells are filled ({', '.join(sorted(used))})"] if used else []


def _notes(book: Book) -> list[str]:
    """Find notes outside headings, and those that nothing explains; the same for shorthand."""
    if FRONT[-1] not in book[0].sheetnames:
        return ["there is no worksheet Notes"]
    said = {str(row[0]) for row in cells(cast("Worksheet", book[0][FRONT[-1]]))}
    found: list[str] = []
    for sheet in worksheets(book[0])[len(FRONT) :]:
        headings, rows = table_of(sheet)
        used = {mark.strip("[]") for heading in headings for mark in _MARKER.findall(heading)}
        found += [f"{sheet.title}: {mark} is explained nowhere" for mark in sorted(used - said)]
        if any("[note" in str(value) for row in rows for value in row):
            found.append(f"{sheet.title}: a note stands in a cell and not in a heading")
    return found + [f"shorthand {mark} is explained nowhere" for mark in sorted(SHORTHAND - said)]


def _links(book: Book) -> list[str]:
    """Find worksheets that the contents don't lead to."""
    if FRONT[1] not in book[0].sheetnames:
        return ["there is no worksheet Contents"]
    leads = {link.location for link in _hyperlinks(cast("Worksheet", book[0][FRONT[1]]))}
    others = [name for name in book[0].sheetnames if name not in FRONT[:2]]
    return [f"the contents don't lead to {name}" for name in others if f"'{name}'!A1" not in leads]


def _hyperlinks(sheet: Worksheet) -> Iterator[Hyperlink]:
    """Take the links of a worksheet."""
    return (cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink)


def _properties(book: Book) -> list[str]:
    """Find a document without title, author, subject or language."""
    known = book[0].properties
    found = [f"the document has no {name}" for name in ("title", "creator", "subject") if not getattr(known, name)]
    told = _LANGUAGE.search(book[1].get("docProps/custom.xml", ""))
    return found + ([] if told else ["the document has no language"])


def _empty(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value == ""


CHECKS: Final[Mapping[str, tuple[Callable[[Book], list[str]], str]]] = {
    "Cover, contents and notes come first": (_front, f"Begin with worksheets named {', '.join(FRONT)}."),
    "Each worksheet but the cover has one table with a meaningful name": (
        _one_table,
        "Mark the cells up with Insert, Table, and name it in words joined by _ that end in _table.",
    ),
    "Each table reaches the last cell, under unique headings": (
        _reach,
        "Make the table as large as what stands there; give each column a heading of its own.",
    ),
    "Column A says what a worksheet holds before its table": (
        _above,
        "Write above the table, in column A: title, how many tables there are, where the notes are, the source.",
    ),
    "Nothing is merged, hidden, frozen, filtered or drawn": (
        _plain,
        "Undo merged cells, hidden rows, frozen panes and filters; put pictures and charts into the report.",
    ),
    "No row and no cell of a table is empty": (_filled, "Delete empty rows; write a shorthand into empty cells."),
    "No meaning hangs on a colour": (_colours, "Take the fill away, and say in words what it meant."),
    "Notes stand in headings and are explained, and so is shorthand": (
        _notes,
        "Put [note 1] into the heading, and explain notes and shorthand in the worksheet Notes.",
    ),
    "The contents lead to every worksheet": (
        _links,
        "Link each name in the worksheet Contents to cell A1 of its worksheet.",
    ),
    "Title, author, subject and language of the document are set": (
        _properties,
        "File, Info, Properties: title, author, subject; under Advanced Properties, Custom, a Language such as en-GB.",
    ),
}
