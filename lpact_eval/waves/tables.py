"""Survey-tool exports (.csv, .xlsx, .parquet) as tables of texts."""

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.definition import DeliveredFile

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    _Cell = EmptyCell | ReadOnlyCell

# What openpyxl, zipfile, zlib and the XML parser raise on damaged or locked files.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    OSError,
    RuntimeError,
    ArithmeticError,
)
LONGEST_TEXT: Final = 32_767  # characters; what a cell of Excel and a text of SPSS can hold
_LARGEST_FILE: Final = 100_000_000  # bytes of text; 100,000 respondents with 60 answers take a quarter of it
_UNPACKED_LIMIT: Final = 300_000_000  # bytes of a spreadsheet's parts
_MOST_CELLS: Final = 20_000_000
_MOST_COLUMNS: Final = 10_000
_GAP: Final = 1_000  # empty rows inside a sheet's table
_EXACT: Final = 2**53  # from here on floats no longer hold every integer
_DELIMITERS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_OLE: Final = b"\xd0\xcf\x11\xe0"
_LAST_ROW: Final = 1_048_576  # of any sheet
_REFUSED: Final = {"f": "a formula", "e": "an error of the spreadsheet program, such as #N/A,"}
_INSTEAD: Final = {
    "f": "Copy the sheet and paste it as values.",
    "e": "Type the answer, or clear the cell where there is none.",
}
_QUOTED = re.compile(r'"[^"]*"')


def read_table(path: Path, layout: DeliveredFile, where: str) -> pd.DataFrame:
    """Read an export as texts, header rows included.

    Parameters
    ----------
    path : Path
    layout : DeliveredFile
        Declared format, encoding, delimiter and sheet.
    where : str
        File and line that declare them, for messages.

    Raises
    ------
    HarmonisationError
        If the file is not what was declared, is beyond any survey's size, or a cell holds a formula or an error.
    """
    read = {"csv": _csv, "xlsx": _xlsx}.get(layout.format, _parquet)
    table = read(path, layout, where)
    _refuse_large(path, where, len(table), len(table.columns))
    _refuse_long(table, path, where)
    return table


def read_sheets(path: Path, choose: Callable[[list[str]], list[str]], where: str) -> dict[str, pd.DataFrame]:
    """Read sheets of a workbook as texts, header rows included.

    Parameters
    ----------
    path : Path
    choose : callable
        Takes the names of all sheets and returns those to read.
    where : str
        What is read, for messages.

    Raises
    ------
    HarmonisationError
        As `read_table`.
    """
    tables = _sheets(path, choose, where)
    for table in tables.values():
        _refuse_large(path, where, len(table), len(table.columns))
        _refuse_long(table, path, where)
    return tables


def _refuse_large(path: Path, where: str, rows: int, columns: int) -> None:
    """Refuse a table that is no survey's."""
    if columns > _MOST_COLUMNS or rows * columns > _MOST_CELLS:
        msg = (
            f"{where}: {path.name} has {columns:,} columns and {rows:,} rows; that is no survey export (up to "
            f"{_MOST_COLUMNS:,} columns and {_MOST_CELLS:,} cells are read). Export it again with the columns needed."
        )
        raise HarmonisationError(msg)


def _refuse_long(table: pd.DataFrame, path: Path, where: str) -> None:
    """Refuse a text that nobody wrote, which is what an open quote makes of all that follows."""
    for place, (_, column) in enumerate(table.items()):
        lengths = [len(cell) if isinstance(cell, str) else 0 for cell in column.tolist()]
        if max(lengths, default=0) > LONGEST_TEXT:
            row = lengths.index(max(lengths)) + 1
            msg = (
                f"{where}: row {row} of {path.name} holds a text of over {LONGEST_TEXT:,} characters in column "
                f"{place + 1}; no answer is so long. Look for a quotation mark that is never closed, or export again."
            )
            raise HarmonisationError(msg)


def _csv(path: Path, layout: DeliveredFile, where: str) -> pd.DataFrame:
    """Read text with the declared encoding and delimiter; nothing is guessed."""
    text = _decoded(path, layout.encoding, where)
    _refuse_nul(text, path, where)
    head = _first_lines(text)
    _refuse_large(path, where, text.count("\n") + 1, max(line.count(layout.delimiter) for line in head) + 1)
    try:
        table = pd.read_csv(
            io.BytesIO(text.encode()),
            sep=layout.delimiter,
            header=None,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
        )
    except (ValueError, OverflowError, pd.errors.ParserError) as error:
        msg = (
            f"{where}: cannot read {path.name} as csv with delimiter {layout.delimiter!r}: rows of different length, "
            f"an open quote or no content ({type(error).__name__}). {_better(head[0], layout.delimiter)}"
        )
        raise HarmonisationError(msg) from None
    better = _better(head[0], layout.delimiter)
    if len(table.columns) == 1 and better.startswith("State"):
        msg = f"{where}: {path.name} has one column only with delimiter {layout.delimiter!r}. {better}"
        raise HarmonisationError(msg)
    table = table.fillna("")
    _refuse_open_quote(table, path, layout, where)
    return table


def _refuse_open_quote(table: pd.DataFrame, path: Path, layout: DeliveredFile, where: str) -> None:
    """Refuse a name of a column that has swallowed a line: a quotation mark in the header closes in the answers."""
    between_cells = re.compile(re.escape(layout.delimiter) + r"(?! )")  # in a sentence a space follows
    least = max(3, len(table.columns) // 3)
    for place, cell in enumerate(map(str, table.iloc[0] if len(table) else ()), 1):
        if re.search(r"[\r\n]", cell) and len(between_cells.findall(cell)) >= least:
            msg = (
                f"{where}: the name of column {place} of {path.name} runs over a line of answers: a quotation mark in "
                "line 1 is not closed there. Correct line 1, or export the file again."
            )
            raise HarmonisationError(msg)


def _first_lines(text: str) -> list[str]:
    """Take the first rows of a file, whatever ends its lines."""
    return [line.rstrip("\r\n") for line in islice(io.StringIO(text[:1_000_000], newline=None), 3)] or [""]


def _better(header: str, delimiter: str) -> str:
    """Name the delimiter that the header seems to have; else say what to check."""
    bare = _QUOTED.sub("", header)
    counts = {other: bare.count(other) for other in _DELIMITERS if other != delimiter}
    best = max(counts, key=lambda other: counts[other])
    if counts[best] > bare.count(delimiter):
        written = best.replace("\t", "\\t")
        return (
            f'State delimiter = "{written}" in [delivered]: {_DELIMITERS[best]} stands {counts[best]} times in line 1.'
        )
    return "Check the delimiter, or export the file again."


def _decoded(path: Path, encoding: str, where: str) -> str:
    """Decode a file, and notice when another encoding was meant."""
    size = path.stat().st_size
    if size > _LARGEST_FILE:
        msg = (
            f"{where}: {path.name} has {size / 1e6:,.0f} MB; that is no survey export. Export the columns needed only."
        )
        raise HarmonisationError(msg)
    content = path.read_bytes()
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} and not encoding.casefold().startswith(("utf-16", "utf16", "utf-32")):
        msg = f'{where}: {path.name} is UTF-16 ("Unicode text" of Excel), not {encoding}. State encoding = "utf-16".'
        raise HarmonisationError(msg)
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = content.count(b"\n", 0, start) + 1
        msg = (
            f"{where}: {path.name} is not {encoding}: line {line} has a byte that {encoding} does not know. "
            'State the encoding that the file was saved in, as in encoding = "cp1252".'
        )
        raise HarmonisationError(msg) from None
    except (LookupError, ValueError):  # unknown, or no name at all
        msg = f"{where}: there is no encoding {encoding!r}; common ones are utf-8, utf-8-sig and cp1252."
        raise DefinitionError(msg) from None
    if not encoding.casefold().replace("_", "-").startswith(("utf-8", "utf8")) and _is_utf8(content):
        msg = (
            f"{where}: {path.name} is declared as {encoding}, but it is UTF-8; read as {encoding}, every accent and "
            'curly quote would be garbled. State encoding = "utf-8".'
        )
        raise HarmonisationError(msg)
    return text.removeprefix("\ufeff")


def _is_utf8(content: bytes) -> bool:
    """Tell whether bytes with characters beyond ASCII are valid UTF-8, which other encodings hardly ever are."""
    try:
        return not content.isascii() and bool(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _refuse_nul(text: str, path: Path, where: str) -> None:
    """Refuse the character that ends a text inside programs, and halves of characters that stand for none."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        msg = (
            f"{where}: {path.name} holds the character NUL, first in line {line}: it is damaged, no csv file, or "
            'UTF-16 (encoding = "utf-16"). Export it again.'
        )
        raise HarmonisationError(msg)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        msg = f"{where}: {path.name} is damaged: line {line} holds half a character. Export it again."
        raise HarmonisationError(msg) from None


def _xlsx(path: Path, layout: DeliveredFile, where: str) -> pd.DataFrame:
    """Read one sheet as texts."""
    return next(iter(_sheets(path, lambda names: [_sheet(names, layout, path, where)], where).values()))


def _sheets(path: Path, choose: Callable[[list[str]], list[str]], where: str) -> dict[str, pd.DataFrame]:
    """Read sheets as texts; formulas are refused, since their results are not the answers given."""
    import openpyxl  # noqa: PLC0415 - 0.2 s that only spreadsheets need

    try:
        _refuse_bomb(path, where)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # drop-downs and styles are of no interest here
            book = openpyxl.load_workbook(path, read_only=True, data_only=False)
            try:
                sheets = {name: _rows(name, book, path, where) for name in choose(book.sheetnames)}
            finally:
                book.close()
    except DAMAGE as error:
        msg = f"{where}: cannot read {path.name} as .xlsx ({type(error).__name__}); open it in Excel and save it again."
        raise HarmonisationError(msg) from None
    return {name: _padded(rows, path, where) for name, rows in sheets.items()}


def _padded(rows: list[list[str]], path: Path, where: str) -> pd.DataFrame:
    """Give the rows of a sheet one length."""
    width = max(map(len, rows), default=0)
    _refuse_large(path, where, len(rows), width)
    return pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype=str)


def _sheet(names: Sequence[str], layout: DeliveredFile, path: Path, where: str) -> str:
    """Choose the sheet: the one declared, else the first."""
    if layout.sheet and layout.sheet not in names:
        msg = f"{where}: {path.name} has no sheet {layout.sheet!r}; it has {', '.join(map(repr, names))}."
        raise HarmonisationError(msg)
    return layout.sheet or names[0]


def _refuse_bomb(path: Path, where: str) -> None:
    """Refuse a spreadsheet that is locked, or would unpack beyond any survey's size.

    zipfile never unpacks more of a part than its directory declares, so the declared sizes are a limit even when they
    lie.
    """
    with path.open("rb") as file:
        locked = file.read(4) == _OLE
    if locked:
        msg = (
            f"{where}: {path.name} is protected by a password, or a workbook of before 2007 (.xls). Open it in Excel, "
            "remove the password, and save it as .xlsx."
        )
        raise HarmonisationError(msg)
    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > _UNPACKED_LIMIT:
        msg = f"{where}: {path.name} would unpack to {size / 1e9:,.1f} GB; that is no survey export."
        raise HarmonisationError(msg)


def _rows(name: str, book: "Workbook", path: Path, where: str) -> list[list[str]]:
    """Read the rows of a sheet up to the last that holds anything; the sheet's own note of its size is not trusted."""
    sheet = cast("ReadOnlyWorksheet", book[name])
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    filled = cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        texts = _texts(cast("Sequence[_Cell]", row), number, name, f"{where}: {path.name}")
        if not texts:
            if number > _LAST_ROW:
                break
            continue
        if number - filled > _GAP and filled:
            msg = (
                f"{where}: sheet {name!r} of {path.name} is empty from row {filled + 1} to {number - 1}, and row "
                f"{number} holds something; delete what lies below the table."
            )
            raise HarmonisationError(msg)
        cells += len(texts)
        _refuse_large(path, where, number, max(len(texts), cells // number))
        rows += [[] for _ in range(number - 1 - len(rows))]
        rows.append(texts)
        filled = number
    return rows


def _texts(row: "Sequence[_Cell]", number: int, sheet: str, file: str) -> list[str]:
    """Write the cells of a row as texts, up to the last that is not empty."""
    last = len(row)
    while last and row[last - 1].value is None:
        last -= 1
    for place, cell in enumerate(row[:last]):
        if cell.data_type in _REFUSED:
            msg = (
                f"{file} holds {_REFUSED[cell.data_type]} in cell {_letters(place)}{number} of "
                f"sheet {sheet!r}; answers must be values. {_INSTEAD[cell.data_type]}"
            )
            raise HarmonisationError(msg)
    return [_cell_text(cell.value) for cell in row[:last]]


def _letters(place: int) -> str:
    """Name a column as a spreadsheet does, from A."""
    name = ""
    while place >= 0:
        name = chr(ord("A") + place % 26) + name
        place = place // 26 - 1
    return name


def _cell_text(value: object) -> str:
    """Write a cell's value as text, truth values as Excel shows them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


def _parquet(path: Path, layout: DeliveredFile, where: str) -> pd.DataFrame:
    """Read a parquet file; its column names become the first row."""
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        msg = f"{where}: reading .parquet needs pyarrow; install it with pip install pyarrow, or deliver .csv or .sav."
        raise HarmonisationError(msg) from None
    except (ValueError, OSError) as error:
        msg = f"{where}: cannot read {path.name} as .{layout.format} ({type(error).__name__}); have it saved again."
        raise HarmonisationError(msg) from None
    header = pd.DataFrame([[str(name) for name in frame.columns]])
    texts = frame.astype(object).where(frame.notna(), "").map(_cell_text)
    texts.columns = header.columns
    return pd.concat([header, texts], ignore_index=True)
