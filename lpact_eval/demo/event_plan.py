"""The plan of the made-up records of events, read from events.toml and events_texts.toml."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from lpact_eval.waves.located import read_toml, validated

Row = tuple[str, ...]
Table = tuple[Row, ...]  # the headings first
_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said at one event.

    Attributes
    ----------
    raised : mapping of str to int
        Forms that raise each theme.
    others : tuple of str
        Communities of forms that do not name the focus community; "" where a form names none.
    notes : tuple of str
        Question and themes of each note, with spaces between them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    raised: Mapping[str, int]
    others: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """How coders differ; numbers of items by theme, see events.toml."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    own_community: tuple[str, ...]
    left_out: Mapping[str, int]
    added: Mapping[str, int]
    unread: int


@dataclass(frozen=True, slots=True)
class People:
    """Who signed in at an event, and how many of them had come before."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    events: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Attendance:
    """Shares of those who come; see events.toml."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    ethnicity: Mapping[str, float]
    age_band: Mapping[str, float]
    sex: Mapping[str, float]
    area: Mapping[str, float]
    area_of_venue: float
    focus: float
    other_communities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dirt:
    """A cell that stands in place of the record's own, or a row that is put at the end.

    Attributes
    ----------
    record, what : str
    row, column, cell : str
        First column of the row, and what stands in which column.
    added : tuple of str
        The row at the end.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    record: str
    what: str
    row: str = ""
    column: str = ""
    cell: str = ""
    added: Row = ()


@dataclass(frozen=True, slots=True)
class Blank:
    """Rows left blank after the row whose first column is named."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    record: str
    row: str
    rows: int


@dataclass(frozen=True, slots=True)
class Personal:
    """Invented personal details that are put behind the text of an item."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is written on forms, and noted in the room, of one theme."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    forms: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """All sentences; events_texts.toml explains them."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    openers: tuple[str, ...]
    none: tuple[str, ...]
    themes: Mapping[str, Sentences]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is planned; events.toml explains each."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    seed: int
    register: str
    feedback: Mapping[str, Feedback]
    coding: Coding
    people: People
    attendance: Attendance
    tables: Mapping[str, str]
    dirt: tuple[Dirt, ...]
    blank: tuple[Blank, ...]
    personal: tuple[Personal, ...]

    @property
    def events(self) -> tuple[Mapping[str, str], ...]:
        """The register as planned, without dirt."""
        headings, *rows = read_rows(self.register)
        return tuple(dict(zip(headings, row, strict=True)) for row in rows)


@cache
def read_plan() -> Plan:
    """Read the plan that ships with the package.

    Returns
    -------
    Plan

    Raises
    ------
    DefinitionError
        If events.toml was changed and no longer fits.
    """
    return validated(Plan, read_toml(Path(__file__).with_name("events.toml")))


@cache
def read_texts() -> Texts:
    """Read the sentences that ship with the package.

    Returns
    -------
    Texts

    Raises
    ------
    DefinitionError
        If events_texts.toml was changed and no longer fits.
    """
    return validated(Texts, read_toml(Path(__file__).with_name("events_texts.toml")))


def read_rows(text: str) -> Table:
    """Read rows of comma-separated cells."""
    return tuple(tuple(row) for row in csv.reader(io.StringIO(text.strip())))
