"""Rows of the records of events as typed values: how to find them, and how measures and groups are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from lpact_eval.reporting.background import day
from lpact_eval.reporting.numbers import known
from lpact_eval.reporting.rows import as_sentence

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lpact_eval.disclosure.records import PublishedRecords

ALL: Final = "All"
_SUPPRESSED: Final = "Suppressed to protect confidentiality."  # which the mark [c] says already
_FIELDS: Final = (
    *("indicator", "table", "measure", "by", "group", "by2", "group2", "value", "unit", "numerator", "n", "base"),
    *("low", "high", "refused", "flags", "mark", "tier", "chart", "note"),
)
_ISO: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_BY: Final = {
    "half_year": "Half-year",
    "age_band": "Age group",
    "ethnicity": "Ethnic group",
    "age_focus": "Age focus",
    "length": "Length of the event",
}
# Words of the records that a report can't take over: they sound like a finding that was tested.
_MEASURES: Final = {
    "understanding stayed the same": "same score before and after",
    "themes there are (Chao2)": "themes to be expected, heard or not (Chao2)",
    "attendees more at an event a year later": "attendees at an event, difference a year later",
    "understanding before: without an answer after minus with one": (
        "score before: of those without an answer after, less that of those with one"
    ),
}
_FLAGS: Final = {"verdict: usable": "coders agree", "verdict: tentative": "coders agree in part: tentative"}

Key = tuple[str, str, str, str]


class RecordRow(NamedTuple):  # of which there are thousands, and a tuple is made in a fraction of the time
    """One cleared row of evidence; the fields are the columns of `PublishedRecords.rows`, missing numbers are NaN."""

    indicator: str
    table: str
    measure: str
    by: str
    group: str
    by2: str
    group2: str
    value: float
    unit: str
    numerator: float
    n: float
    base: str
    low: float
    high: float
    refused: str
    flags: str
    mark: str
    tier: str
    chart: bool
    note: str

    @property
    def key(self) -> Key:
        """What it is broken down by, and its groups."""
        return self.by, self.group, self.by2, self.group2

    @property
    def shown(self) -> bool:
        """Whether a value is published."""
        return known(self.value)

    @property
    def whole_base(self) -> int | None:
        """The base, which decides how many decimals are shown."""
        return int(self.n) if known(self.n) else None

    @property
    def remarks(self) -> list[str]:
        """What a reader should know of it; the mark [c] says for itself what it means."""
        return list(_remarks("" if self.note == _SUPPRESSED else self.note, self.flags))


@dataclass(frozen=True, slots=True)
class RecordRows:
    """Rows of the records, each once, in the order of the plan.

    Attributes
    ----------
    rows : tuple of RecordRow
    """

    rows: tuple[RecordRow, ...]

    def __iter__(self) -> Iterator[RecordRow]:
        """Go through the rows."""
        return iter(self.rows)

    def of(self, *measures: str, by: Sequence[str] | None = None) -> RecordRows:
        """Take the rows of some measures, in all or broken down as asked."""
        wanted = frozenset(measures)
        found = [row for row in self.rows if row.measure in wanted]
        return RecordRows(tuple(found if by is None else [row for row in found if row.by in by]))

    def where(self, wanted: Callable[[RecordRow], bool]) -> RecordRows:
        """Take the rows for which something holds."""
        return RecordRows(tuple(row for row in self.rows if wanted(row)))

    def one(self, measure: str, unit: str = "") -> RecordRow | None:
        """Find the row of a measure for all; the first where there are several units."""
        return next(
            (row for row in self.rows if row.measure == measure and not row.by and unit in {"", row.unit}), None
        )


@lru_cache(maxsize=2)
def record_rows(records: PublishedRecords) -> RecordRows:
    """Read the rows of the records; what several indicators asked for stands once.

    Parameters
    ----------
    records : PublishedRecords

    Returns
    -------
    RecordRows
    """
    found: dict[tuple[str, str, str, Key], RecordRow] = {}
    columns = [records.rows[name].tolist() for name in _FIELDS]
    for values in zip(*columns, strict=True):
        row = RecordRow(*values)
        found.setdefault((row.table, row.measure, row.unit, row.key), row)
    return RecordRows(tuple(found.values()))


@lru_cache(maxsize=4096)
def _remarks(note: str, flags: str) -> tuple[str, ...]:
    """Write a note and flags as sentences; thousands of rows have a few hundred of them."""
    told = [_FLAGS.get(flag, flag).replace(" %", "%") for flag in flags.split("; ") if flag and flag not in note]
    return tuple(as_sentence(in_house_dates(text)) for text in (note, *told) if text)


def measure_label(measure: str) -> str:
    """Name a measure as a line of a table does.

    >>> measure_label("themes raised")
    'Themes raised'
    """
    text = _MEASURES.get(measure, measure)
    return f"{text[:1].upper()}{text[1:]}"


def by_label(by: str) -> str:
    """Name what rows are broken down by."""
    return _BY.get(by, f"{by[:1].upper()}{by[1:]}".replace("_", " ")) if by else ALL


def group_name(group: str) -> str:
    """Name a group of a breakdown."""
    return f"{group[:1].upper()}{group[1:]}" if group else ALL


def in_house_dates(text: str) -> str:
    """Write dates as reports do.

    >>> in_house_dates("2022-07-04 to 2024-06-22")
    '4 July 2022 to 22 June 2024'
    """
    return _ISO.sub(lambda found: day(_date(found[0])), text)


def shared(lines: Iterable[Sequence[str]]) -> list[str]:
    """Find the remarks that all lines have, to be said once."""
    lists = [list(line) for line in lines]
    return [text for text in lists[0] if all(text in line for line in lists)] if len(lists) > 1 else []


def quotations(records: PublishedRecords) -> set[str]:
    """Gather what is quoted as others worded it.

    Parameters
    ----------
    records : PublishedRecords

    Returns
    -------
    set of str
        Titles of themes, the focus group's wording, departments' reasons, and people's own words.
    """
    rows = record_rows(records)
    found = {row.group for row in rows if row.by == "theme"} | {row.group2 for row in rows if row.by2 == "theme"}
    for frame in (records.cannot_act, records.you_said, records.quotes):
        for name in ("theme", "said", "reason", "why", "text", "themes"):
            if name in frame.columns:
                found |= {" ".join(str(text).split()) for text in frame[name].tolist()}
    found |= {_capital(text) for text in found}
    return found - {""}


def _capital(text: str) -> str:
    """Begin with a capital, as cells do."""
    return f"{text[:1].upper()}{text[1:]}"


def _date(text: str) -> dt.date:
    """Read a date of the records."""
    import datetime as dt  # noqa: PLC0415 - most rows have no dates

    return dt.date.fromisoformat(text)
