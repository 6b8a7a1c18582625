"""What an unknown delivered file holds: columns, labels and counts, and never what a person wrote."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np

from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.sample import BoolArray, IntArray
from lpact_eval.waves.calendar_texts import written_date
from lpact_eval.waves.contacts import asks_for_birth, looks_personal
from lpact_eval.waves.definition import (
    DeliveredFile,
    DesignColumns,
    Fieldwork,
    FileFormat,
    QualityRules,
    WaveDefinition,
)
from lpact_eval.waves.delivered import Column, Delivered, as_number, fold, read_delivered
from lpact_eval.waves.detecting import detect_layout
from lpact_eval.waves.items import NotAsked
from lpact_eval.waves.layouts import Layout
from lpact_eval.waves.located import Located, near
from lpact_eval.waves.matching import answer_words, missing_kind
from lpact_eval.waves.personal import count_kinds
from lpact_eval.waves.presets import PRESETS, DateOrder, PresetName
from lpact_eval.waves.schema import Schema
from lpact_eval.waves.tables import read_table

ColumnType = Literal["coded", "number", "date", "id", "text", "personal"]

HIDDEN = "fewer than 10"
SHARED = 10  # below this base nothing is shown anywhere
_CODED_TEXTS = 30  # distinct texts of a closed question, at most
_OPTIONS = 12  # distinct texts of a question whose options the schema doesn't know, at most
_MAPPED_SHARE = 0.8  # of its rows hold texts that may be shown, at least
_NEARLY_ALL = 0.95  # of a column's texts are dates or numbers
_UNIQUE_SHARE = 0.9  # distinct texts an answer, from which a column is an id
_LONGEST = 80  # letters of an option that is shown
_ID = re.compile(
    r"^((resp(ondent)?|response|case|record|user|unique|submission)[ _]?(id|no|number|ref)|id|serial( number)?|uid)$",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(first|last|full|your|family|contact|resp(ondent('?s)?)?) ?name\b", re.IGNORECASE)
_PERSONAL_HEADER = re.compile(
    r"\b(e-?mail|(tele)?phone|mobile|post ?code|surname|ip ?address|home address|"
    r"date of birth|dob|latitude|longitude|national insurance)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class LookedColumn:
    """One delivered column as it may be shown.

    Attributes
    ----------
    name, title : str
        Name and question text.
    type : str
        "coded" has codes; of others only the number of answers may be shown.
    codes : mapping of str to str
        Codes that may be shown, with their labels: of the file, known to the schema, or shared by many.
    more : bool
        Whether there are texts or codes that are not shown.
    column : Column
        The answers, for counting.
    personal : mapping of str to int
        Answers that look like an e-mail address, a telephone number, a postcode and so on, by kind.
    """

    name: str
    title: str
    type: ColumnType
    codes: Mapping[str, str]
    more: bool
    column: Column = field(repr=False)
    personal: Mapping[str, int] = field(default_factory=dict[str, int])

    def answered(self) -> int:
        """Count the cells that are not empty."""
        return int((self.column.codes >= 0).sum())

    def count(self, code: str) -> int:
        """Count the rows with a code."""
        known = self.column.texts
        return int(self.column.counts()[known.index(code)]) if code in known else 0


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A delivered file that has no definition yet.

    Attributes
    ----------
    layout : DeliveredFile
        How the file seems to be laid out.
    rows : int
    columns : tuple of LookedColumn
    personal : tuple of str
        Columns of personal data, which were not read.
    repeated : tuple of str
        Names that several columns have: they can't be used.
    roles : Layout
        The columns that hold ids and times by the survey tool's own names.
    """

    layout: DeliveredFile
    rows: int
    columns: tuple[LookedColumn, ...]
    personal: tuple[str, ...]
    repeated: tuple[str, ...]
    roles: Layout = field(default_factory=Layout)


def look_at(path: Path, schema: Schema, *, preset: str | None = None) -> Looked:
    """Look at a delivered file.

    Parameters
    ----------
    path : Path
    schema : Schema
        Its answers are the texts known from the start.
    preset : str, optional
        The survey tool; recognised by the header if not given.

    Raises
    ------
    WrongUseError
        If there is no such file, or it is of no known format or preset.
    HarmonisationError
        If it can't be read.
    """
    layout = _layout(path, preset)
    delivered = read_delivered(path, _undefined(path, layout, schema))
    _refuse_answers_as_names(delivered)
    repeated = {name for name in delivered.names if delivered.names.count(name) > 1}
    known = {answer_words(answer) for name in schema.variables for answer in schema.answers(name)}
    columns = tuple(
        _looked(delivered.column(name, where=path.name), title, known)
        for name, title in zip(delivered.names, delivered.titles, strict=True)
        if name not in repeated
    )
    _refuse_names_among_answers(delivered.file, columns)
    return Looked(layout, len(delivered), columns, delivered.personal, tuple(sorted(repeated)), delivered.layout)


def safe_counts(column: LookedColumn) -> dict[str, str]:
    """Count the rows of each code; counts under 10 are hidden, and others with them that would give them away.

    Hidden codes stay hidden together: there are at least two of them, and at least ten rows, empty cells included.
    """
    counts = {code: column.count(code) for code in column.codes}
    counts["other"] = column.answered() - sum(counts.values())
    counts["empty"] = int(column.column.codes.size) - column.answered()
    hidden = {code for code, rows in counts.items() if rows < SHARED and (code in column.codes or rows)}
    for code in sorted(counts, key=lambda code: counts[code]):
        if hidden and (len(hidden) == 1 or sum(counts[one] for one in hidden) < SHARED) and counts[code]:
            hidden.add(code)
    return {
        code: str(rows) if code not in hidden else HIDDEN if rows < SHARED else "not shown"
        for code, rows in counts.items()
        if rows or code in column.codes
    }


def safe_range(column: LookedColumn) -> tuple[float, float] | None:
    """Give the lowest and highest number that ten answers lie below or above; None where there are too few."""
    numbers = [as_number(text) for text in column.column.texts]
    kept = [
        number
        for text, number, rows in zip(column.column.texts, numbers, column.column.counts(), strict=True)
        if number is not None and text not in column.codes and text not in column.column.declared_missing
        for _ in range(int(rows))
    ]
    ordered = sorted(kept)
    return (ordered[SHARED - 1], ordered[-SHARED]) if len(ordered) >= 2 * SHARED else None


def date_order(column: Column) -> DateOrder:
    """Tell the order of day and month where the dates themselves prove it."""
    found = [date for text in column.texts if (date := written_date(text)) and date.needs_order]
    if not found:
        return "iso"
    day_first, month_first = (all(date.day(order) for date in found) for order in ("day-first", "month-first"))
    if day_first == month_first:
        return ""
    return "day-first" if day_first else "month-first"


def _layout(path: Path, preset: str | None) -> DeliveredFile:
    """Recognise format, encoding, delimiter and survey tool."""
    if not path.is_file():
        msg = f"There is no file {path.name}; give the path of a delivered file."
        raise WrongUseError(msg)
    suffix = path.suffix.casefold().removeprefix(".")
    if suffix not in get_args(FileFormat):
        msg = f"Cannot look at {path.name}: a delivered file is one of {', '.join(get_args(FileFormat))}."
        raise WrongUseError(msg)
    if preset is not None and preset not in PRESETS:
        alike = near(preset, list(PRESETS)) or [name for name in PRESETS if name]
        msg = f"There is no preset {preset!r}; the nearest are {', '.join(alike)}."
        raise WrongUseError(msg)
    tool = cast("PresetName | None", preset)
    layout = DeliveredFile(cast("FileFormat", suffix), preset=tool or "")
    if suffix == "csv":
        layout = replace(layout, encoding=_encoding(path), delimiter=_delimiter(path))
    if suffix not in {"csv", "xlsx"}:
        return layout
    head = [[fold(str(cell)) for cell in row] for row in read_table(path, layout, path.name).head(3).to_numpy()]
    detected = detect_layout(head, tool)
    return replace(layout, preset=detected.preset, header_rows=detected.header_rows)


def _encoding(path: Path) -> str:
    """Recognise UTF-8, which other encodings hardly ever are."""
    content = path.read_bytes()
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(path: Path) -> str:
    """Take the delimiter that the header has most of, outside quotes."""
    with path.open("rb") as file:
        header = re.sub(rb'"[^"]*"', b"", file.readline(1_000_000)).decode("latin-1")
    return max(",;\t|", key=header.count)


def _undefined(path: Path, layout: DeliveredFile, schema: Schema) -> WaveDefinition:
    """Make the definition that reading asks for, with nothing but the layout."""
    here = Located(path, {}, {})
    days = Fieldwork(dt.date.min, dt.date.max)
    return WaveDefinition(
        path.stem,
        "",
        "",
        path.parent,
        days,
        layout,
        DesignColumns(),
        QualityRules(),
        schema,
        {},
        NotAsked(),
        here,
        here,
    )


def _refuse_answers_as_names(delivered: Delivered) -> None:
    """Refuse a table without a header, whose first row is a person's."""
    places = [place for place, name in enumerate(delivered.names, 1) if looks_personal(name)]
    if places:
        msg = (
            f"The header of {delivered.file} looks like somebody's answers: column {places[0]} of its first row holds "
            "an e-mail address, a telephone number or a postcode. Add a row with the columns' names."
        )
        raise HarmonisationError(msg)


def _refuse_names_among_answers(file: str, columns: Sequence[LookedColumn]) -> None:
    """Refuse a first row that says what other rows say: a person's answers, of which none may be shown as names."""
    varied = [one for one in columns if len(one.column.texts) > 1]
    own = sum(one.name in one.column.texts for one in varied)
    if own > 1 and 3 * own >= len(varied):
        msg = (
            f"The header of {file} looks like somebody's answers: {own} of its {len(columns)} columns hold their own "
            "name as an answer. Add a row with the columns' names; if they stand there, delete the header's repetition "
            "among the answers."
        )
        raise HarmonisationError(msg)


def _looked(column: Column, title: str, known: set[tuple[str, ...]]) -> LookedColumn:
    """Tell what kind of column it is and which of its codes may be shown."""
    counts = column.counts()
    birth = asks_for_birth(f"{column.name} {title}")
    kinds = [looks_personal(text, birth=birth) for text in column.texts]
    personal = np.array([bool(kind) for kind in kinds], dtype=bool)
    labelled = {code: label for code, label in column.labels.items() if label}
    if sum(missing_kind(label) is None for label in labelled.values()) > 1:
        more = any(text not in labelled for text in column.texts)
        return LookedColumn(column.name, title, "coded", labelled, more, column)
    shown = _shown(column, counts, personal, known)
    kind = _type(column, title, int(counts[personal].sum()), shown)
    if kind != "coded":
        shown = {code: label for code, label in labelled.items() if missing_kind(label)}
    more = any(text not in shown for text in column.texts)
    found = count_kinds(column.texts, counts, birth=birth) if kind != "id" else dict[str, int]()
    return LookedColumn(column.name, title, kind, shown, more, column, found)


def _shown(column: Column, counts: IntArray, personal: BoolArray, known: set[tuple[str, ...]]) -> dict[str, str]:
    """Choose the texts of a closed question that may be shown: known to the schema, or shared by many."""
    numeric = all(as_number(text) is not None for text in column.texts)
    few = len(column.texts) <= _OPTIONS
    return {
        text: column.labels.get(text, text)
        for text, rows, is_personal in zip(column.texts, counts, personal, strict=True)
        if len(text) <= _LONGEST
        and not is_personal
        and (
            (few and rows >= SHARED)
            or (not numeric and (answer_words(text) in known or missing_kind(text) is not None))
        )
    }


def _type(column: Column, title: str, personal: int, shown: Mapping[str, str]) -> ColumnType:
    """Tell the type of a column without labels by its name, its share of known texts, and their form."""
    counts = column.counts()
    answered = int(counts.sum())
    if _ID.match(column.name) or _ID.match(title):
        return "id"
    if _NAME.search(f"{column.name} {title}"):
        return "personal"
    if answered and _nearly_all(column.texts, lambda text: written_date(text) is not None):
        return "date"
    kept = sum(int(rows) for text, rows in zip(column.texts, counts, strict=True) if text in shown)
    if answered and kept >= _MAPPED_SHARE * answered and len(column.texts) <= _CODED_TEXTS:
        return "coded"
    if (answered and 2 * personal >= answered) or _PERSONAL_HEADER.search(f"{column.name} {title}"):
        return "personal"
    return _form(column, answered)


def _form(column: Column, answered: int) -> ColumnType:
    """Tell numbers and ids from what people wrote."""
    if answered and _nearly_all(
        column.texts, lambda text: as_number(text) is not None or missing_kind(text) is not None
    ):
        return "number"
    unspaced = not any(" " in text for text in column.texts)
    return "id" if unspaced and answered >= SHARED and len(column.texts) >= _UNIQUE_SHARE * answered else "text"


def _nearly_all(texts: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Tell whether all texts but a few pass a test."""
    return sum(map(test, texts)) >= _NEARLY_ALL * len(texts)
