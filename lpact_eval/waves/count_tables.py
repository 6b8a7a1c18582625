"""Tables of counts as people keep them, .csv or .xlsx, read as texts with the line of every row."""

import csv
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lpact_eval.errors import DefinitionError
from lpact_eval.resources import ordinary

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_LONG_NEEDS = {"area", "variable", "category", "persons"}
_UNPACKED_LIMIT = 50_000_000  # bytes; a table of counts is a hundredth of it
_ROWS_LIMIT, _COLUMNS_LIMIT = 20_000, 20
_PATH_LIMIT = 1_000
_LINES_LIMIT = 200_000  # of a csv file; a count for every authority, age and group of the country has fewer
_REFUSED = {
    "f": "a formula; paste it as a value",
    "e": "an error of the spreadsheet program",
    "d": "a date; format it as text",
    "b": "a truth value; format it as text",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table as texts.

    Attributes
    ----------
    path : Path
    sheet : str
        Sheet of a workbook; empty for csv.
    header : tuple of str
    rows : sequence of (line, cells)
        Cells as many as the header has.
    """

    path: Path
    sheet: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]

    def at(self, line: int = 1) -> str:
        """Name the file and the line, or the sheet and the row."""
        return f"{self.path}, sheet {self.sheet!r}, row {line}" if self.sheet else f"{self.path}:{line}"

    @property
    def is_long(self) -> bool:
        """Whether it holds many variables and areas, a line for each."""
        return set(self.header) >= _LONG_NEEDS


def read_tables(path: Path) -> list[Table]:
    """Read a csv file, or every sheet of a workbook that holds anything.

    Raises
    ------
    DefinitionError
        If the file can't be read, is empty, or a row is longer or shorter than the header: file and line.
    """
    if len(str(path)) > _PATH_LIMIT:
        msg = (
            f"{str(path)[:60]}...: the path of these counts has {len(str(path)):,} characters; no file has such a name."
        )
        raise DefinitionError(msg)
    raw = list(_sheets(path)) if path.suffix.lower() == ".xlsx" else [("", list(_csv_rows(path)))]
    tables = [_table(path, sheet, rows) for sheet, rows in raw if rows]
    if not tables:
        msg = f"{path}: there is nothing in it; the first line names the columns, as in sex,persons,source."
        raise DefinitionError(msg)
    return tables


def _table(path: Path, sheet: str, rows: Sequence[tuple[int, Sequence[str]]]) -> Table:
    """Check that every row is as long as the header."""
    (first, header), *rest = rows
    table = Table(path, sheet, tuple(cell.strip() for cell in header), [])
    kept: list[tuple[int, Sequence[str]]] = []
    for line, row in rest:
        if len(row) != len(header):
            msg = f"{table.at(line)}: {len(row)} columns where the header has {len(header)}."
            raise DefinitionError(msg)
        kept.append((line, [cell.strip() for cell in row]))
    if first != 1 or not any(table.header):
        msg = f"{table.at(first)}: the first line names the columns; delete what stands above it."
        raise DefinitionError(msg)
    return Table(path, sheet, table.header, kept)


def _csv_rows(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Read the lines of a csv file that hold anything."""
    try:
        with ordinary(path).open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            for row in lines:
                if lines.line_num > _LINES_LIMIT:
                    msg = f"{path}: more than {_LINES_LIMIT:,} lines; keep the areas and questions that you need."
                    raise DefinitionError(msg)
                if row:
                    yield lines.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        msg = f"{path}: cannot read the counts ({type(error).__name__}); it is a csv file in UTF-8."
        raise DefinitionError(msg) from None


def _sheets(path: Path) -> Iterator[tuple[str, list[tuple[int, Sequence[str]]]]]:
    """Read the sheets of a workbook as texts."""
    import openpyxl  # noqa: PLC0415 - 0.2 s that only spreadsheets need

    from lpact_eval.waves.tables import DAMAGE  # noqa: PLC0415 - loads pandas

    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > _UNPACKED_LIMIT:
            msg = f"{path}: it would unpack to {size / 1e6:,.0f} MB; that is no table of counts."
            raise DefinitionError(msg)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # styles and drop-downs are of no interest here
            book = openpyxl.load_workbook(path, read_only=True, data_only=False)
            try:
                for name in book.sheetnames:
                    yield name, list(_sheet_rows(cast("ReadOnlyWorksheet", book[name]), path))
            finally:
                book.close()
    except DAMAGE as error:
        msg = f"{path}: cannot read the counts ({type(error).__name__}); open it in Excel and save it again."
        raise DefinitionError(msg) from None


def _sheet_rows(sheet: "ReadOnlyWorksheet", path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows of a sheet that hold anything, cut to the width of the first; its own note of size is not used."""
    sheet.reset_dimensions()
    width = 0
    for line, row in enumerate(sheet.iter_rows(max_row=_ROWS_LIMIT + 1, max_col=_COLUMNS_LIMIT), start=1):
        if line > _ROWS_LIMIT:
            msg = f"{path}, sheet {sheet.title!r}: more than {_ROWS_LIMIT:,} rows; delete those below the table."
            raise DefinitionError(msg)
        bad = next((cell for cell in row if str(cell.data_type) in _REFUSED and cell.value is not None), None)
        if bad is not None:
            what = _REFUSED[str(bad.data_type)]
            msg = f"{path}, sheet {sheet.title!r}, row {line}: a cell holds {what}."
            raise DefinitionError(msg)
        cells = [_text(cast("object", cell.value)) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            width = width or len(cells)
            yield line, cells + [""] * (width - len(cells))


def _text(value: object) -> str:
    """Write a cell's value as text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else re.sub(r"\s+", " ", str(value))
