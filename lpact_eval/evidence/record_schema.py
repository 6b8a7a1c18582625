"""What the records hold: kinds of column, lists of words, themes, rates and lines, from surveys/events/events.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ColumnKind = Literal[
    "id", "reference", "date", "time", "count", "money", "hours", "score", "category", "yes_no", "set", "text"
]
Workstream = Literal["respect", "protect", "involve", "represent", "other"]
WORKSTREAMS: tuple[Workstream, ...] = ("respect", "protect", "involve", "represent", "other")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a record.

    Attributes
    ----------
    name, title, help : str
        Column name in the file, in reports, and what to fill in.
    kind : str
        "id" (unique in its record), "reference" (an id of the register), "date", "time", "count", "money" (pounds),
        "hours", "score", "category" (one of `answers`), "set" (any of `answers`), "yes_no" or "text".
    required : bool
        Whether a row without it is set aside.
    answers : tuple of str
        Words that a category or set may hold, in order; empty for other kinds.
    personal : bool
        Whether its values speak of a person, so that no message may show them.
    suggested : tuple of str
        Wordings that the templates offer for a text; any other may be written.
    least, most : float
        Range of a score.
    by : mapping of str to tuple of str
        Of the group of an aggregate: the words that each value of `by` allows.
    """

    name: str
    title: str
    kind: ColumnKind
    help: str = ""
    required: bool = False
    answers: tuple[str, ...] = ()
    personal: bool = False
    suggested: tuple[str, ...] = ()
    least: float = 1
    most: float = 5
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of record: a file, or a sheet of a workbook, with its columns."""

    name: str
    title: str
    columns: tuple[Column, ...]
    help: str = ""

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class Theme:
    """What is raised at events, under one of the four questions.

    Attributes
    ----------
    key, title : str
    workstream : str
    words : tuple of str
        Words and beginnings of words ("listen*") that suggest the theme to a coder; never a result.
    """

    key: str
    title: str
    workstream: Workstream
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """Everything that events.toml defines.

    Attributes
    ----------
    records : mapping of str to Record
        In the order of the file: register, attendance, people, feedback, verdicts, actions, observations,
        communications.
    lists : mapping of str to tuple of str
        Communities, areas, departments and so on, in the order of reports.
    themes : mapping of str to Theme
    rates : mapping of str to float
        Pounds an hour of staff time.
    police_heavy : float
        Officers per attendee above which an event is called police heavy.
    smallest_text_prompt : int
        Texts needed before words are grouped into prompts for coders.
    dates : str
        Order of dates such as 03/04/2025 where stated: "day-first" or "month-first"; else empty.
    """

    records: Mapping[str, Record]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    themes: Mapping[str, Theme] = field(default_factory=dict[str, Theme])
    rates: Mapping[str, float] = field(default_factory=dict[str, float])
    police_heavy: float = 0.25
    smallest_text_prompt: int = 100
    dates: Literal["", "day-first", "month-first"] = ""


def read_record_schema(path: str | Path | None = None) -> RecordSchema:
    """Read what the records hold.

    Parameters
    ----------
    path : path, optional
        An events.toml; by default the shipped one.

    Returns
    -------
    RecordSchema

    Raises
    ------
    DefinitionError
        With file, line and key of whatever is wrong.
    """
    from lpact_eval.evidence.schema_file import read_schema_file  # noqa: PLC0415 - it imports the classes above

    return read_schema_file(path)
