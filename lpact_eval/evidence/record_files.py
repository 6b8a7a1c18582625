"""Find the files of a folder of records and read them as texts, columns under the names of the schema."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import HarmonisationError
from lpact_eval.evidence.headings import plain
from lpact_eval.resources import ordinary
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.definition import DeliveredFile
from lpact_eval.waves.delivered import fold
from lpact_eval.waves.located import cut, near, nearest, shown_path
from lpact_eval.waves.presets import is_personal
from lpact_eval.waves.tables import read_sheets, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.evidence.record_schema import Record, RecordSchema

WORKBOOK: Final = "records.xlsx"
COVER, WORDS, COLUMNS = "Read me", "Words", "Columns"
_OWN_SHEETS: Final = (COVER, WORDS, COLUMNS)
_ENDINGS: Final = (".csv", ".xlsx")
_NEAR: Final = 75  # of 100, from which a name of a file or sheet is taken for a slip
_DELIMITERS: Final = (",", ";", "\t", "|")
_MARK: Final = "\u00ef\u00bb\u00bf"  # the mark of UTF-8 in a file that somebody saved in the encoding of Windows
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_PERSONAL_WORDS: Final = frozenset(
    (
        "name",
        "names",
        "surname",
        "forename",
        "email",
        "mail",
        "e-mail",
        "phone",
        "telephone",
        "mobile",
        "postcode",
        "address",
        "contact",
        "contacts",
        "birth",
        "birthday",
        "dob",
        "facebook",
        "instagram",
        "whatsapp",
    )
)  # fmt: skip - one word after another reads better than one a line


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """One record as it stands in its file.

    Attributes
    ----------
    record : Record
    where : str
        File, and sheet of a workbook.
    texts : mapping of str to list of n str
        Texts with spaces folded, by the schema's columns; empty where blank. Blank rows are left out.
    rows : Index of n numbers
        Row in the file, the headings being row 1.
    personal : tuple of str
        Headings of columns that were not read, for they hold personal data.
    headings : mapping of str to str
        Name of every column that is there, and its heading in the file, for messages.
    """

    record: Record
    where: str
    texts: Mapping[str, list[str]] = field(repr=False)
    rows: pd.Index = field(repr=False)
    personal: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict[str, str])

    def heading(self, name: str) -> str:
        """Name a column as its file does."""
        return self.headings.get(name, name)


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """What a folder of records holds: deliveries, files with their SHA-256, and what was not read."""

    deliveries: Mapping[str, Delivery]
    files: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]


def read_folder(folder: Path, schema: RecordSchema) -> Folder:
    """Read the files of all records.

    Parameters
    ----------
    folder : Path
    schema : RecordSchema

    Raises
    ------
    HarmonisationError
        If the register is missing, a record stands in two places, a name of a file, sheet or column is wrong, or a file
        is no table.
    """
    if not folder.is_dir():
        msg = f"There is no folder {shown_path(folder)}; give the folder that holds register.csv or {WORKBOOK}."
        raise HarmonisationError(msg)
    names = {plain(word): name for name, record in schema.records.items() for word in (record.title, name)}
    unread: list[str] = []
    files: list[tuple[str, str]] = []
    parts: list[_Part] = []
    for path in _table_files(folder):
        found = list(_parts(path, names, unread))
        parts += found
        if found:
            files.append((path.name, hashlib.sha256(path.read_bytes()).hexdigest()))
    _refuse_missing(parts, folder, unread)
    deliveries = {part.record: _delivery(schema.records[part.record], part) for part in parts}
    return Folder(
        {name: deliveries[name] for name in schema.records if name in deliveries}, tuple(files), tuple(unread)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The table of one record, headings included, and where it stands."""

    record: str
    where: str
    table: pd.DataFrame


def _table_files(folder: Path) -> list[Path]:
    """List the tables of a folder; what Excel and other programs keep for themselves is left out."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.casefold() in _ENDINGS and path.is_file() and not path.name.startswith((".", "~"))
    ]


def _parts(path: Path, names: Mapping[str, str], unread: list[str]) -> Iterator[_Part]:
    """Read the records that a file holds; what is none is noted in `unread`, or refused where it seems a slip."""
    stem, where = plain(path.stem), shown_path(path)
    if path.name.casefold() == WORKBOOK:
        sheets = read_sheets(path, lambda found: _known_sheets(found, names, where, unread), shown_path(path.parent))
        for sheet, table in sheets.items():
            yield _Part(names[plain(sheet)], f"{where}, sheet {sheet!r}", table)
    elif stem not in names:
        _refuse_slip(path.stem, [*names, "records"], where)
        unread.append(path.name)
    elif path.suffix.casefold() == ".csv":
        yield _Part(names[stem], where, _read_csv(path))
    else:

        def choose(found: list[str]) -> list[str]:
            return [next((sheet for sheet in found if names.get(plain(sheet)) == names[stem]), found[0])]

        for table in read_sheets(path, choose, shown_path(path.parent)).values():
            yield _Part(names[stem], where, table)


def _known_sheets(found: list[str], names: Mapping[str, str], where: str, unread: list[str]) -> list[str]:
    """Choose the sheets of records."""
    others = [sheet for sheet in found if plain(sheet) not in names and sheet not in _OWN_SHEETS]
    for sheet in others:
        _refuse_slip(sheet, list(names), f"{where}, sheet {cut(repr(sheet))}")
    unread.extend(f"sheet {cut(repr(sheet))} of {where}" for sheet in others)
    return [sheet for sheet in found if plain(sheet) in names]


def _is_near(word: str, known: str) -> bool:
    """Tell whether a word is likely meant to be another one."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - only a name that is no record's needs it

    return fuzz.ratio(word, known) >= _NEAR


def _refuse_slip(name: str, known: Sequence[str], where: str) -> None:
    """Refuse a name that is nearly that of a record, which would otherwise be passed over without a word."""
    alike = near(plain(name), known, limit=1)
    if alike and _is_near(plain(name), alike[0]):
        msg = f"{where}: {cut(repr(name))} is no record; did you mean {alike[0]!r}? Rename it, or move it elsewhere."
        raise HarmonisationError(msg)


def _refuse_missing(parts: Sequence[_Part], folder: Path, unread: Sequence[str]) -> None:
    """Refuse a folder without a register, or with two versions of a record."""
    for part in parts:
        places = [other.where for other in parts if other.record == part.record]
        if len(places) > 1:
            msg = f"The record {part.record!r} stands in {' and in '.join(places)}; keep one of them."
            raise HarmonisationError(msg)
    if all(part.record != "register" for part in parts):
        there = ", ".join(
            [f"the record {part.record!r}" for part in parts] + [f"{one}, which is no record" for one in unread]
        )
        msg = (
            f"{shown_path(folder)} holds no event register, which must be there. It is a file register.csv or "
            f"register.xlsx, or the sheet 'Event register' of {WORKBOOK}. Found: {there or 'no table'}. Rename what "
            "holds the events, or write files to fill in with: lpact-eval records template FOLDER."
        )
        raise HarmonisationError(msg)


def _read_csv(path: Path) -> pd.DataFrame:
    """Read a csv file as Excel and others save it: UTF-8, or the encoding of Windows; commas, semicolons or tabs."""
    content = ordinary(path).read_bytes()
    encoding = "utf-8-sig"
    if content.startswith(_UTF_16):
        encoding = "utf-16"
    else:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            encoding = "cp1252"
    first = content.decode(encoding, errors="replace").lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)  # the first of several as frequent
    layout = DeliveredFile(format="csv", encoding=encoding, delimiter=delimiter)
    return read_table(path, layout, shown_path(path.parent))


def _delivery(record: Record, part: _Part) -> Delivery:
    """Put the columns of a table under the schema's names, and leave blank rows out."""
    columns = [_folded(cells.tolist()) for _, cells in part.table.items()]
    headings = [column[0].removeprefix(_MARK) for column in columns if column]
    if not any(headings):
        msg = f"{part.where}: row 1 is empty; headings stand in row 1, as in {_headings(record)}."
        raise HarmonisationError(msg)
    places, personal = _places(record, headings, columns, part.where)
    blank = [""] * len(columns[0])
    found = [columns[places[column.name]] if column.name in places else blank for column in record.columns]
    kept = [row for row, cells in enumerate(zip(*found, strict=True)) if row and any(cells)]
    texts = {column.name: [cells[row] for row in kept] for column, cells in zip(record.columns, found, strict=True)}
    rows = pd.Index(np.array(kept, dtype=np.int64) + 1)
    named = {name: headings[place] for name, place in places.items()}
    return Delivery(record, part.where, texts, rows, personal, named)


def _folded(cells: list[str]) -> list[str]:
    """Fold the spaces of cells, each text once: most stand in many rows."""
    folded = {text: fold(text) for text in set(cells)}
    return [folded[text] for text in cells]


def _places(
    record: Record, headings: list[str], columns: Sequence[list[str]], where: str
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Find the place of every column; return also the headings of personal columns."""
    known = {plain(word): column.name for column in record.columns for word in (column.title, column.name)}
    names = [known.get(plain(heading), "") for heading in headings]
    places = [place for place, heading in enumerate(headings) if heading]
    personal = tuple(headings[place] for place in places if not names[place] and _is_personal(headings[place], known))
    found = sum(map(bool, names))
    if not found or 2 * found < len(places) - len(personal):
        msg = (
            f"{where}: row 1 holds {found} of the headings of this record; headings stand in row 1, as in "
            f"{_headings(record)}."
        )
        raise HarmonisationError(msg)
    problems = list(_heading_problems(record, headings, names, personal))
    untitled = [place for place, heading in enumerate(headings) if not heading and any(columns[place][1:])]
    problems += [f"column {place + 1} holds something and has no heading; name it or clear it." for place in untitled]
    if problems:
        raise HarmonisationError("\n".join(f"{where}: {problem}" for problem in problems))
    return {name: place for place, name in enumerate(names) if name}, personal


def _is_personal(heading: str, known: Mapping[str, str]) -> bool:
    """Tell whether a column that is none of the record's names or locates people."""
    words = set(re.findall(r"[a-z]+(?:-mail)?", heading.casefold()))
    slip = near(plain(heading), list(known), limit=1)
    likely = bool(slip) and _is_near(plain(heading), slip[0])
    return is_personal(heading, (), "") or (bool(words & _PERSONAL_WORDS) and not likely)


def _heading_problems(
    record: Record, headings: Sequence[str], names: Sequence[str], personal: Sequence[str]
) -> Iterator[str]:
    """Find headings that are unknown, stand twice or are missing."""
    columns = [column.name for column in record.columns]
    for heading, name in zip(headings, names, strict=True):
        if heading and not name and heading not in personal:
            shown = "a column" if looks_personal(heading) else f"column {cut(repr(heading))}"
            hint = nearest(heading, columns)
            yield f"{shown} is none of this record; {hint} Correct the heading, or delete the column."
    for name in dict.fromkeys(filter(None, names)):
        if names.count(name) > 1:
            yield f"column {name!r} stands {names.count(name)} times; keep one of them."
    for column in record.columns:
        if column.required and column.name not in names:
            yield f"column {column.name!r} is missing; every row needs it."


def _headings(record: Record) -> str:
    """List the headings of a record."""
    return ", ".join(column.name for column in record.columns)
