"""Read a delivered file as it is: codes, labels and declared missing codes kept apart, personal columns left out."""

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from lpact_eval.errors import HarmonisationError
from lpact_eval.resources import ordinary
from lpact_eval.sample import FloatArray, IntArray
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.definition import DeliveredFile, WaveDefinition
from lpact_eval.waves.headers import HEADER_LOOKED_AT, read_header
from lpact_eval.waves.labelled import Labels, read_labelled
from lpact_eval.waves.layouts import Layout, resolve_layout
from lpact_eval.waves.located import cut, near
from lpact_eval.waves.presets import is_personal, is_stated
from lpact_eval.waves.tables import read_table

Declared = str | tuple[float, float]
"""A code, or the lowest and highest of a range, that a file declares as missing."""

_ORDINAL = re.compile(r"^(.+) \((\d{1,3})\)$")
_TRAILING_ZEROS = re.compile(r"^(-?\d+)\.0+$")
# Also as R and Python write very small and large numbers, 1e-05 and 1e+05: one digit before the point.
_NUMBER = re.compile(r"^[+-]?(\d{1,300}(\.\d*)?|\.\d+|\d(\.\d{0,20})?e[+-]?\d\d)$", re.ASCII | re.IGNORECASE)
_EXACT = 2**53  # from here on floats no longer hold every integer


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One delivered column as text codes.

    Attributes
    ----------
    name : str
    codes : ndarray of shape (n,), int
        Place in `texts`; -1 for an empty cell.
    texts : tuple of str
        Distinct delivered codes or texts, whitespace folded, numbers without ".0".
    labels : mapping of str to str
        The file's labels of the codes.
    declared_missing : frozenset of str
        Codes that the file declares as missing.
    title : str
        Question text.
    """

    name: str
    codes: IntArray = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)
    declared_missing: frozenset[str] = field(repr=False)
    title: str = ""

    def counts(self) -> IntArray:
        """Count the rows of each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.intp)

    def present(self, absent: Collection[str] = ()) -> IntArray:
        """Give the codes, -1 also where the file declares a text as missing or it is one of those that say so."""
        missing = {*self.declared_missing, *absent}
        if missing.isdisjoint(self.texts):
            return self.codes
        kept = [-1 if text in missing else place for place, text in enumerate(self.texts)]
        return np.array([*kept, -1], dtype=np.intp)[self.codes]


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """A delivered file.

    Attributes
    ----------
    file, sha256 : str
        Name and hash.
    names, titles : tuple of str
        Columns kept and their question texts.
    personal : tuple of str
        Columns dropped while reading.
    frame : DataFrame of n rows
        Values as read; columns numbered in the order of `names`.
    labels : mapping of str to mapping of str to str
        The file's labels by column and code.
    declared_missing : mapping of str to list
        Codes and (lowest, highest) ranges that the file declares as missing, by column.
    layout : Layout
        Its columns of ids and times.
    letters : frozenset of str
        Columns of numbers in which Stata's letters stand for missing answers.
    """

    file: str
    sha256: str
    names: tuple[str, ...]
    titles: tuple[str, ...]
    personal: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]], repr=False)
    declared_missing: Mapping[str, Sequence[Declared]] = field(
        default_factory=dict[str, Sequence[Declared]], repr=False
    )
    layout: Layout = field(default_factory=Layout)
    letters: frozenset[str] = field(default=frozenset(), repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str, *, where: str) -> Column:
        """Take one column by its name or exact question text.

        Parameters
        ----------
        name : str
        where : str
            File and line that name it, for the message.

        Raises
        ------
        HarmonisationError
            If no column or several have this name.
        """
        place = self._place(fold(name), where)
        codes, texts = _text_codes(self.frame.iloc[:, place], letters=self._has_letters(place))
        delivered = self.names[place]
        ranges = self.declared_missing.get(delivered, ())
        declared = frozenset(text for text in texts if _is_declared(text, ranges)) if ranges else frozenset[str]()
        return Column(delivered, codes, texts, self.labels.get(delivered, {}), declared, self.titles[place])

    def _has_letters(self, place: int) -> bool:
        """Tell whether letters in this column are Stata's missing codes and not text."""
        return self.names[place] in self.letters

    def _place(self, name: str, where: str) -> int:
        """Find a column by name, else by question text; "name (2)" is the second of several of one name."""
        for known in (self.names, self.titles):
            places = [place for place, one in enumerate(known) if one == name]
            if len(places) == 1:
                return places[0]
            if places:
                msg = (
                    f"{where}: {len(places)} columns of {self.file} are called {name!r}; write {f'{name} (1)'!r} for "
                    f"the first of them, or rename all but one of them."
                )
                raise HarmonisationError(msg)
        ordinal = _ORDINAL.match(name)
        if ordinal is not None:
            for known in (self.names, self.titles):
                places = [place for place, one in enumerate(known) if one == ordinal[1]]
                if 0 < int(ordinal[2]) <= len(places) > 1:
                    return places[int(ordinal[2]) - 1]
        raise HarmonisationError(self._no_column(name, where))

    def _no_column(self, name: str, where: str) -> str:
        """Say that a column is absent and which names are like it."""
        if name in self.personal:
            return (
                f"{where}: column {name!r} of {self.file} holds personal data and is dropped while reading; "
                "it can't be used in the analysis."
            )
        names, titles = ([one for one in known if not looks_personal(one)] for known in (self.names, self.titles))
        alike = near(name, names) or near(name, titles)
        found = f"the nearest are {', '.join(map(repr, alike))}" if alike else "none has a similar name"
        return (
            f"{where}: {self.file} has no column {cut(name)!r}; of its {len(self.names)} columns {found}. Correct the "
            "name."
        )


def fold(text: str) -> str:
    """Fold hard spaces, line breaks and repeated spaces to one space, and write 1.0 as 1."""
    folded = " ".join(text.split())
    number = _TRAILING_ZEROS.match(folded)
    return number[1] if number else folded


def read_delivered(path: Path, definition: WaveDefinition) -> Delivered:
    """Read a delivered file.

    Parameters
    ----------
    path : Path
        The file.
    definition : WaveDefinition
        Says its format, encoding, header rows and personal columns.

    Raises
    ------
    HarmonisationError
        If it can't be read, with the line of wave.toml to look at.
    """
    layout = definition.delivered
    try:
        digest = hashlib.sha256(ordinary(path).read_bytes()).hexdigest()
    except OSError as error:
        where, reason = definition.wave_file.at("delivered"), error.strerror or type(error).__name__
        msg = f"{where}: cannot open {path.name} ({reason}); close it where another program has it open."
        raise HarmonisationError(msg) from None
    if layout.format in {"csv", "xlsx", "parquet"}:
        return _from_table(path, digest, layout, definition.wave_file.at("delivered"))
    return _from_statistics(path, digest, layout, definition.wave_file.at("delivered", "encoding"))


def _from_table(path: Path, digest: str, layout: DeliveredFile, where: str) -> Delivered:
    """Split a table of texts into header and answers."""
    rows = read_table(path, layout, where)
    top = [[fold(str(cell)) for cell in row] for row in rows.head(HEADER_LOOKED_AT).to_numpy()]
    header = read_header(top, layout, path.name, where, cells=lambda place: [fold(str(one)) for one in rows[place]])
    _require_stated(layout, (*header.names, *header.titles), path.name, where)
    kept = [place for place, dropped in enumerate(header.personal) if not dropped]
    names, titles = (tuple(known[place] for place in kept) for known in (header.names, header.titles))
    return Delivered(
        path.name,
        digest,
        names,
        titles,
        tuple(name for name, dropped in zip(header.names, header.personal, strict=True) if dropped),
        rows.iloc[header.rows :, kept].reset_index(drop=True),
        layout=resolve_layout(layout, names, titles),
    )


def _from_statistics(path: Path, digest: str, layout: DeliveredFile, where: str) -> Delivered:
    """Take codes, labels and declared missing codes of an SPSS or Stata file."""
    headers: list[str] = []

    def keep(name: str, title: str, *, written: bool) -> bool:
        headers.extend((fold(name), fold(title)))
        stated = is_stated(fold(title), layout.personal)
        return not (
            is_personal(fold(name), layout.personal, layout.preset)
            or stated
            or (written and is_personal(fold(title), layout.personal, layout.preset))
        )

    frame, about, left_out = read_labelled(path, layout, where, keep=keep)
    _require_stated(layout, headers, path.name, where)
    columns = [str(name) for name in frame.columns]
    names = tuple(map(fold, columns))
    titles = tuple(fold(about.column_names_to_labels.get(name) or name) for name in columns)
    labels = {
        fold(name): {
            _delivered_text(code, letters=name in about.missing_user_values): fold(label or "")
            for code, label in known.items()
        }
        for name, known in about.variable_value_labels.items()
    }
    return Delivered(
        path.name,
        digest,
        names,
        titles,
        tuple(fold(name) for name in left_out),
        frame,
        labels,
        _declared_missing(about),
        resolve_layout(layout, names, titles),
        frozenset(fold(name) for name in about.missing_user_values),
    )


def _require_stated(layout: DeliveredFile, headers: Sequence[str], file: str, where: str) -> None:
    """Refuse a column of personal data that the file doesn't have: misspelt, it would be kept in silence."""
    for name in layout.personal:
        if not any(is_stated(header, [name]) for header in headers):
            msg = (
                f"{where}: {file} has no column {name!r}, which [delivered] personal lists. Correct the name, so that "
                "the column is dropped, or take it off the list if the file comes without it."
            )
            raise HarmonisationError(msg)


def _declared_missing(about: Labels) -> dict[str, list[Declared]]:
    """Collect SPSS codes and ranges, and Stata letters, by column."""
    declared: dict[str, list[Declared]] = {}
    for name, ranges in about.missing_ranges.items():
        declared[fold(name)] = [_range(one["lo"], one["hi"]) for one in ranges]
    for name, letters in about.missing_user_values.items():
        declared[fold(name)] = [f".{letter}" for letter in letters]
    return declared


def _range(low: float | str, high: float | str) -> Declared:
    """Keep a range of numbers, or one text."""
    return fold(str(low)) if isinstance(low, str) or isinstance(high, str) else (low, high)


def _is_declared(text: str, declared: Sequence[Declared]) -> bool:
    """Tell whether a code lies in what the file declares as missing."""
    number = as_number(text)
    return any(
        text == one if isinstance(one, str) else number is not None and one[0] <= number <= one[1] for one in declared
    )


def as_number(text: str) -> float | None:
    """Read a number written in digits; None for anything else."""
    return float(text) if _NUMBER.match(text) else None


def _text_codes(values: pd.Series, *, letters: bool) -> tuple[IntArray, tuple[str, ...]]:
    """Give each distinct value of a column a number; texts that are equal once folded are one."""
    places, distinct = cast("tuple[IntArray, Sequence[object]]", pd.factorize(values.to_numpy()))
    if (whole := _whole_numbers(distinct)) is not None:
        return places, whole
    texts: dict[str, int] = {"": -1}
    again = np.full(len(distinct) + 1, -1, dtype=np.intp)
    for place, value in enumerate(distinct):
        text = _delivered_text(value, letters=letters)
        again[place] = texts.setdefault(text, len(texts) - 1)
    return again[places], tuple(texts)[1:]


def _whole_numbers(distinct: Sequence[object]) -> tuple[str, ...] | None:
    """Write whole numbers as texts all at once, as `_code_text` does one by one; None if there is anything else."""
    numbers = cast("FloatArray", np.asarray(distinct))
    if numbers.dtype.kind != "f":
        return None
    if not ((np.abs(numbers) < _EXACT) & (numbers == np.floor(numbers))).all():
        return None
    return tuple(map(str, numbers.astype(np.int64).tolist()))


def _delivered_text(value: object, *, letters: bool) -> str:
    """Write a delivered value as text, Stata's missing letters with their dot."""
    return f".{value}" if letters and isinstance(value, str) else _code_text(value)


def _code_text(value: object) -> str:
    """Write a delivered value as text: integers without ".0", dates as ISO, other numbers in full."""
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, np.datetime64):
        return str(np.datetime_as_string(cast("np.datetime64[dt.datetime]", value), unit="s")).removesuffix("T00:00:00")
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(float(value))
    return fold(str(value))
