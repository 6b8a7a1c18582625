"""Read the sheet of a crosswalk that a person filled in: texts only, of a bounded size, every fault with its cell."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.waves.located import nearest, shown_path
from lpact_eval.waves.spreadsheet_rows import HEADERS, SHEET, Row
from lpact_eval.waves.tables import DAMAGE

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

README: Final = "Read me"
WAVE: Final = "Wave: "
_UNPACKED_LIMIT: Final = 10_000_000  # bytes; a crosswalk is a hundredth of it
_ROWS_LIMIT: Final = 20_000
_LONGEST_WHOLE: Final = 2**53  # from here on a cell's number is not exact
_LETTERS: Final = "ABCDEFGHIJKL"
_REFUSED: Final = {
    "f": "a formula; type the text itself, or copy the cell and paste it as a value",
    "e": "an error of the spreadsheet program; type the text again",
    "d": "a date; format the cell as text and type it again",
    "b": "a truth value; format the cell as text and type it again",
}
_Cells = tuple[int, tuple[tuple[str, object], ...]]


def letter(field: str) -> str:
    """Find the sheet's column of a field."""
    return _LETTERS[[name for name, _ in HEADERS].index(field)]


def read_rows(path: Path) -> list[Row]:
    """Read the rows of the sheet "Crosswalk".

    Raises
    ------
    WrongUseError
        If there is no such file.
    DefinitionError
        If it is no such workbook, is too large, or holds formulas, dates or errors: with sheet and cell.
    """
    cells = _read(path, SHEET, len(HEADERS))
    _check_headers(cells[0][1] if cells else ())
    rows: list[Row] = []
    problems: list[str] = []
    for number, row in cells[1:]:
        bad = [f"{SHEET}!{_LETTERS[place]}{number}" for place, (kind, _) in enumerate(row) if kind in _REFUSED]
        kinds = [kind for kind, _ in row if kind in _REFUSED]
        problems += [f"{cell} holds {_REFUSED[kind]}." for cell, kind in zip(bad, kinds, strict=True)]
        rows.append(Row(*(_text(value) for _, value in row), number=number))
    raise_problems(problems)
    return rows


def raise_problems(problems: Sequence[str], *, shown: int = 10) -> None:
    """Raise the first of several problems together."""
    if problems:
        more = [f"... and {len(problems) - shown} more."] if len(problems) > shown else []
        raise DefinitionError("\n".join([*problems[:shown], *more]))


def read_wave_name(path: Path) -> str:
    """Find the wave that a workbook was exported from; empty if it doesn't say."""
    texts = [_text(row[0][1]) for _, row in _read(path, README, 1)]
    return next((text.removeprefix(WAVE).strip() for text in texts if text.startswith(WAVE)), "")


def _read(path: Path, sheet: str, width: int) -> list[_Cells]:
    """Read the rows of a sheet that hold anything, as (row, ((type, value), ...))."""
    import openpyxl  # noqa: PLC0415 - 0.2 s that only spreadsheets need

    if not path.is_file():
        msg = f"There is no file {shown_path(path)}; give the .xlsx that lpact-eval crosswalk export wrote."
        raise WrongUseError(msg)
    try:
        _refuse_bomb(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # drop-downs and styles are of no interest here
            book = openpyxl.load_workbook(path, read_only=True, data_only=False)
            try:
                return list(_sheet_rows(book, sheet, width, path))
            finally:
                book.close()
    except DAMAGE as error:
        msg = f"Cannot read {shown_path(path)} as .xlsx ({type(error).__name__}); open it in Excel and save it again."
        raise DefinitionError(msg) from None


def _refuse_bomb(path: Path) -> None:
    """Refuse a file that would unpack beyond any crosswalk's size; zipfile never unpacks more than is declared."""
    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > _UNPACKED_LIMIT:
        msg = f"{shown_path(path)} would unpack to {size / 1e6:,.0f} MB; that is no crosswalk."
        raise DefinitionError(msg)


def _sheet_rows(book: "Workbook", name: str, width: int, path: Path) -> Iterator[_Cells]:
    """Yield the rows of one sheet that hold anything; the sheet's own note of its size is not trusted."""
    if name not in book.sheetnames:
        msg = f"{shown_path(path)} has no sheet {name!r}; {nearest(name, book.sheetnames)}"
        raise DefinitionError(msg)
    sheet = cast("ReadOnlyWorksheet", book[name])
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_row=_ROWS_LIMIT + 1, max_col=width), start=1):
        if number > _ROWS_LIMIT:  # openpyxl pads up to here where any later row exists
            msg = f"{name}!A{number}: the sheet has more than {_ROWS_LIMIT:,} rows; delete those below the table."
            raise DefinitionError(msg)
        cells = tuple((str(cell.data_type), cast("object", cell.value)) for cell in row)
        if all(value is None for _, value in cells):
            continue
        yield number, cells + (("n", None),) * (width - len(cells))


def _check_headers(cells: Sequence[tuple[str, object]]) -> None:
    """Refuse columns that were moved, renamed or removed."""
    found = [_text(value).strip() for _, value in cells] or [""]
    for place, ((_, header), given) in enumerate(zip(HEADERS, found, strict=False)):
        if given != header:
            msg = (
                f"{SHEET}!{_LETTERS[place]}1: the column should be called {header!r}; keep the exported columns in "
                "their places, and your own to their right."
            )
            raise DefinitionError(msg)


def _text(value: object) -> str:
    """Write a cell's value as text."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_WHOLE:
        return str(int(value))
    return "" if value is None else str(value)
