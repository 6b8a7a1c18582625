"""Survey-tool exports (.csv, .xlsx, .parquet) as tables of texts."""

import datetime as dt
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.definition import DeliveredFile

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

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
)
_UNPACKED_LIMIT = 1_000_000_000  # bytes; a survey export is a thousandth of it


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
        If the file is not what was declared, or a cell holds a formula.
    """
    if layout.format == "csv":
        return _csv(path, layout, where)
    return _xlsx(path, layout, where) if layout.format == "xlsx" else _parquet(path, where)


def _csv(path: Path, layout: DeliveredFile, where: str) -> pd.DataFrame:
    """Read text with the declared encoding and delimiter; nothing is guessed."""
    text = _decoded(path, layout.encoding, where)
    try:
        return pd.read_csv(
            io.StringIO(text), sep=layout.delimiter, header=None, dtype=str, na_filter=False, skip_blank_lines=False
        )
    except (ValueError, pd.errors.ParserError) as error:
        msg = (
            f"{where}: cannot read {path.name} as csv with delimiter {layout.delimiter!r}: rows of different length, "
            f"an open quote or no content ({type(error).__name__}). Check the delimiter, or export the file again."
        )
        raise HarmonisationError(msg) from None


def _decoded(path: Path, encoding: str, where: str) -> str:
    """Decode a file, and notice when another encoding was meant."""
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except LookupError:
        msg = f"{where}: there is no encoding {encoding!r}; common ones are utf-8, utf-8-sig and cp1252."
        raise DefinitionError(msg) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        msg = (
            f"{where}: {path.name} is not {encoding}: line {line} has a byte that {encoding} does not know. "
            'State the encoding that the file was saved in, as in encoding = "cp1252".'
        )
        raise HarmonisationError(msg) from None
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


def _xlsx(path: Path, layout: DeliveredFile, where: str) -> pd.DataFrame:
    """Read one sheet as texts; formulas are refused, since their results are not the answers given."""
    import openpyxl  # noqa: PLC0415 - 0.2 s that only spreadsheets need

    try:
        _refuse_bomb(path, where)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # drop-downs and styles are of no interest here
            book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        if layout.sheet and layout.sheet not in book.sheetnames:
            msg = f"{where}: {path.name} has no sheet {layout.sheet!r}; it has {', '.join(map(repr, book.sheetnames))}."
            raise HarmonisationError(msg)
        sheet = book[layout.sheet or book.sheetnames[0]]
        rows = list(_cells(sheet, path, where))
        book.close()
    except DAMAGE as error:
        msg = f"{where}: cannot read {path.name} as .xlsx ({type(error).__name__}); open it in Excel and save it again."
        raise HarmonisationError(msg) from None
    width = max(map(len, rows), default=0)
    return pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype=str)


def _refuse_bomb(path: Path, where: str) -> None:
    """Refuse a spreadsheet that would unpack beyond any survey's size."""
    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > _UNPACKED_LIMIT:
        msg = f"{where}: {path.name} would unpack to {size / 1e9:.1f} GB; that is no survey export."
        raise HarmonisationError(msg)


def _cells(sheet: "ReadOnlyWorksheet", path: Path, where: str) -> Iterable[list[str]]:
    """Yield rows of texts."""
    for row in sheet.iter_rows():
        formulas = [cell for cell in row if cell.data_type == "f"]
        if formulas:
            msg = (
                f"{where}: {path.name} holds a formula in cell {formulas[0].coordinate} of sheet {sheet.title!r}; "
                "answers must be values. Copy the sheet and paste it as values."
            )
            raise HarmonisationError(msg)
        yield [_cell_text(cell.value) for cell in row]


def _cell_text(value: object) -> str:
    """Write a cell's value as text."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


def _parquet(path: Path, where: str) -> pd.DataFrame:
    """Read a parquet file; its column names become the first row."""
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        msg = f"{where}: reading .parquet needs pyarrow; install it with pip install pyarrow, or deliver .csv or .sav."
        raise HarmonisationError(msg) from None
    except (ValueError, OSError) as error:
        msg = f"{where}: cannot read {path.name} as .parquet ({type(error).__name__}); have it saved again."
        raise HarmonisationError(msg) from None
    header = pd.DataFrame([[str(name) for name in frame.columns]])
    texts = frame.astype(object).where(frame.notna(), "").map(_cell_text)
    texts.columns = header.columns
    return pd.concat([header, texts], ignore_index=True)
