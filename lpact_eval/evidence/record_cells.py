"""Turn texts into dates, numbers and words: what can't be read is set aside, a word that isn't listed is an error."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from lpact_eval.evidence.findings import CELL, listed_rows
from lpact_eval.evidence.headings import plain
from lpact_eval.evidence.record_dates import Wrong, find_order, read_date, read_time
from lpact_eval.evidence.schema_file import NOT_KNOWN, SCHEMA_FILE
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.located import cut, nearest
from lpact_eval.waves.personal import KINDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.evidence.findings import Findings
    from lpact_eval.evidence.record_files import Delivery
    from lpact_eval.evidence.record_schema import Column, RecordSchema
    from lpact_eval.sample import IntArray

NONE: Final = "none"
_WRITTEN_BY: Final = ", which lpact-eval records lists FOLDER writes"
_OF_A_PLACE: Final = ("postcode", "telephone")  # a venue may have both
_NUMBER = re.compile(r"^[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{0,15})?$", re.ASCII)
_SCIENTIFIC = re.compile(r"^-?\d(?:\.\d{1,17})?e-\d\d$", re.ASCII | re.IGNORECASE)
_NAME = re.compile(
    r"^(?!(?:form|person|attendee|observer|code)\b)[^\W\d_]+(?:['\u2019-][^\W\d_]+)*(?: [^\W\d_'\u2019-]+)*$",
    re.IGNORECASE,
)
_YES_NO: Final = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
}  # fmt: skip - two lines of words


class _Unknown(Wrong):
    """A word that is in no list, which no reading goes on with."""

    __slots__ = ()


def read_cells(delivery: Delivery, schema: RecordSchema, dates: str, findings: Findings) -> pd.DataFrame:
    """Read the cells of a record.

    Parameters
    ----------
    delivery : Delivery
    schema : RecordSchema
    dates : str
        Declared order of dates, or empty.
    findings : Findings
        Takes up what can't be read.

    Returns
    -------
    DataFrame of n rows
        Typed columns of the schema; its index is the row in the file.
    """
    distinct = {
        column.name: _distinct(delivery.texts[column.name], delivery.rows) for column in delivery.record.columns
    }
    days = [column.name for column in delivery.record.columns if column.kind == "date"]
    order, problem = find_order(
        ((delivery.heading(name), _rows(*distinct[name])) for name in days), dates, delivery.where
    )
    if problem:
        findings.problems.append(problem)
    columns: dict[str, pd.Series] = {}
    for column in delivery.record.columns:
        if column.kind == "date" and problem:
            columns[column.name] = pd.Series(np.datetime64("NaT", "ns"), index=delivery.rows)
            continue
        read = _reader(column, schema, order)
        columns[column.name] = _column(column, distinct[column.name], read, (delivery, schema, findings))
    return pd.DataFrame(columns, index=delivery.rows)


def empty_table(columns: Sequence[Column]) -> pd.DataFrame:
    """Make the table of a record that was not delivered."""
    return pd.DataFrame(
        {column.name: _typed(column, [], np.array([], dtype=int), pd.RangeIndex(0)) for column in columns}
    )


_Distinct = tuple["IntArray", "list[str]", "pd.Index"]


def _distinct(texts: Sequence[str], index: pd.Index) -> _Distinct:
    """Factorise the texts of a column; the number of a blank cell is -1."""
    words: dict[str, int] = {}
    codes = [words.setdefault(text, len(words)) if text else -1 for text in texts]
    return np.array(codes, dtype=np.intp), list(words), index


def _rows(codes: IntArray, words: list[str], index: pd.Index) -> dict[str, list[int]]:
    """List the rows of every text."""
    rows: list[list[int]] = [[] for _ in words]
    for code, row in zip(cast("list[int]", codes.tolist()), map(int, index), strict=True):
        if code >= 0:
            rows[code].append(row)
    return dict(zip(words, rows, strict=True))


def _column(
    column: Column, distinct: _Distinct, read: Callable[[str], object], to: tuple[Delivery, RecordSchema, Findings]
) -> pd.Series:
    """Read the distinct texts of a column, and note those that can't be read."""
    codes, words, index = distinct
    (delivery, schema, findings), values = to, [read(word) for word in words]
    unknown: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if isinstance(value, Wrong):
            rows = [int(row) for row in index[codes == place]]
            if isinstance(value, _Unknown):
                unknown[str(value)] = sorted([*unknown.get(str(value), []), *rows])
            else:
                findings.add(delivery.record.name, rows, column.name, str(value), done=CELL)
    if unknown:
        here = f"{delivery.where}: column {delivery.heading(column.name)!r}"
        findings.problems += _unknown_words(column, unknown, here, _what_to_do(column, schema))
    kept = [None if isinstance(value, Wrong) else value for value in values]
    return _typed(column, kept, codes, index)


def _unknown_words(column: Column, unknown: Mapping[str, Sequence[int]], here: str, advice: str) -> list[str]:
    """Say which words are in no list; of people's answers only where they stand."""
    allowed = ("yes", "no") if column.kind == "yes_no" else column.answers
    if column.kind == "set":
        allowed = (*allowed, NONE)
    semicolons = " Several words in a cell have semicolons between them." if column.kind == "set" else ""
    if column.personal:
        rows = sorted({row for found in unknown.values() for row in found})
        cells = f"{len(rows):,} {'cell holds' if len(rows) == 1 else 'cells hold'} a word that is not listed"
        told = f"{cells}; allowed are {', '.join(map(repr, allowed))}.{advice}{semicolons}"
        return [f"{here}, {listed_rows(rows)}: {told}"]
    return [
        f"{here}, {listed_rows(rows)}: {_shown(word)} is not listed; {nearest(word, allowed)}{advice}{semicolons}"
        for word, rows in unknown.items()
    ]


def _what_to_do(column: Column, schema: RecordSchema) -> str:
    """Say how a word that is in no list is mended; lists that the lead may write are named."""
    if column.kind == "yes_no":
        return ""
    if column.answers == tuple(schema.themes):
        return f" Correct it, or add a theme to {SCHEMA_FILE}{_WRITTEN_BY}."
    bare = tuple(word for word in column.answers if word != NOT_KNOWN)
    named = next((name for name, words in schema.lists.items() if words in {column.answers, bare}), "")
    return f" Correct it, or add it to the list {named!r} of {SCHEMA_FILE}{_WRITTEN_BY}." if named else " Correct it."


def _shown(word: str) -> str:
    """Show a word unless it seems personal."""
    return "a word that looks personal" if looks_personal(word) else cut(repr(word))


def _typed(column: Column, values: Sequence[object], codes: IntArray, index: pd.Index) -> pd.Series:
    """Lay the values of the distinct texts out over the rows, in the type of the column's kind."""
    if column.kind == "date":
        days = np.array([*cast("Sequence[dt.date | None]", values), None], dtype="datetime64[ns]")
        return pd.Series(days[codes], index=index)
    if column.kind == "category":
        return pd.Series(_categories(column, values, codes), index=index)
    objects = np.empty(len(values) + 1, dtype=object)
    objects[:-1] = np.fromiter(values, dtype=object, count=len(values))
    if column.kind in {"id", "reference", "text"}:
        objects[[value is None for value in objects]] = np.nan
        return pd.Series(objects[codes], index=index, dtype=object)
    if column.kind in {"yes_no", "set"}:
        return pd.Series(objects[codes], index=index, dtype="boolean" if column.kind == "yes_no" else object)
    return pd.Series(objects[codes], index=index, dtype=float)


def _categories(column: Column, values: Sequence[object], codes: IntArray) -> pd.Categorical:
    """Make categories in the schema's order."""
    places = {word: place for place, word in enumerate(column.answers)}
    numbers = np.array([*(places.get(cast("str", value), -1) for value in values), -1], dtype=int)
    dtype = pd.CategoricalDtype(list(column.answers))
    return pd.Categorical.from_codes(numbers[codes], dtype=dtype)


def _reader(column: Column, schema: RecordSchema, order: str) -> Callable[[str], object]:
    """Choose how the texts of a column are read."""
    words = {plain(word): word for word in column.answers}
    if column.answers == tuple(schema.themes):
        words |= {plain(theme.title): key for key, theme in schema.themes.items() if plain(theme.title) not in words}
    readers: dict[str, Callable[[str], object]] = {
        "date": partial(read_date, order=order),
        "time": read_time,
        "category": partial(_word, words=words),
        "set": partial(_words, words=words, order=column.answers),
        "yes_no": _yes_no,
        "reference": str,
        "id": partial(_text, column=column),
        "text": partial(_text, column=column),
    }
    return readers.get(column.kind, partial(_number, column=column))


def _word(text: str, *, words: Mapping[str, str]) -> str | _Unknown:
    """Match a word, whatever its capitals, hyphens and spaces."""
    return words.get(plain(text)) or _Unknown(text)


def _words(text: str, *, words: Mapping[str, str], order: Sequence[str]) -> tuple[str, ...] | Wrong:
    """Match several words with semicolons between them, and put them in the list's order; `none` is the empty set."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if [plain(part) for part in parts] == [NONE]:
        return ()
    chosen: set[str] = set()
    for part in parts:
        word = words.get(plain(part))
        if word is None and plain(part) == NONE:
            return Wrong("none beside other words")
        if word is None:
            return _Unknown(part)
        chosen.add(word)
    return tuple(word for word in order if word in chosen) or Wrong("no word between semicolons")


def _yes_no(text: str) -> bool | _Unknown:
    """Read yes or no."""
    found = _YES_NO.get(plain(text))
    return _Unknown(text) if found is None else found


def _number(text: str, *, column: Column) -> float | Wrong:
    """Read a number within what its kind can be."""
    bare = text.removeprefix("£").strip() if column.kind == "money" else text
    if not _NUMBER.match(bare) and not _SCIENTIFIC.match(bare):
        return Wrong("not a number")
    number = float(bare.replace(",", ""))
    if number < 0:
        return Wrong("below 0")
    if column.kind in {"count", "score"} and not number.is_integer():
        return Wrong("not a whole number")
    if column.kind == "score" and not column.least <= number <= column.most:
        return Wrong(f"not from {column.least:g} to {column.most:g}")
    return number


def _text(text: str, *, column: Column) -> str | Wrong:
    """Keep a text that does not look personal; a code for a person is no name either."""
    kind = looks_personal(text) if column.kind == "text" or column.personal else ""
    if kind and not (column.name == "venue" and kind in _OF_A_PLACE):
        return Wrong(f"looks like {KINDS[kind][0]}")
    if column.personal and column.name == "person" and _is_name(text):
        return Wrong("looks like a name; a code is needed, such as P017")
    return text


def _is_name(text: str) -> bool:
    """Tell a name from a code: letters alone, in several words or not all of them capitals."""
    least = 3 if text.istitle() else 4
    return bool(_NAME.match(text)) and (" " in text or (len(text) >= least and text != text.upper()))
