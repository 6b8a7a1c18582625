"""The logs that the lead of an evaluation keeps beside its plan: assumptions, decisions, data, checks, departures."""

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, TypeVar, cast

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic import TypeAdapter as _Adapter

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import nearest, read_toml, shown_path, validated

LogName = Literal["assumptions", "decisions", "data", "qa", "departures"]

LOGS: Final[tuple[LogName, ...]] = ("assumptions", "decisions", "data", "qa", "departures")
_FORBID: Final = ConfigDict(extra="forbid")
_MOST: Final = 10  # wrong rows that a message names
_OPTIONAL: Final = ("departures",)  # a plan that was kept to has none

Text = Annotated[str, BeforeValidator(str.strip), Field(min_length=1)]
Rating = Literal["", "high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class _Written:
    """What every entry of a log has.

    Attributes
    ----------
    id : str
    date : date
    text : str
    owner : str
        Who answers for it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    id: Text
    date: dt.date
    text: Text
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Assumption(_Written):
    """Something taken as true: how sure, and how much hangs on it."""

    confidence: Rating = ""
    impact: Rating = ""
    status: Literal["", "open", "tested", "closed"] = ""


@dataclass(frozen=True, slots=True)
class Choice(_Written):
    """A decision about the evaluation, with its reason."""

    why: str = ""
    status: Literal["", "open", "taken", "replaced"] = ""


@dataclass(frozen=True, slots=True)
class DataEntry(_Written):
    """Something known of the data: where they come from, what is wrong with them, what was done."""

    source: str = ""
    impact: Rating = ""
    status: Literal["", "open", "closed"] = ""


@dataclass(frozen=True, slots=True)
class ManualCheck(_Written):
    """A check that a person made, or is to make."""

    status: Literal["", "passed", "failed", "not done"] = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Explained(_Written):
    """A departure and why; `about` is the name under which a run lists it, else it is one of its own."""

    about: str = ""
    promised: str = ""
    done: str = ""


Entry = Assumption | Choice | DataEntry | ManualCheck | Explained
_KINDS: Final[Mapping[LogName, type[Entry]]] = {
    "assumptions": Assumption,
    "decisions": Choice,
    "data": DataEntry,
    "qa": ManualCheck,
    "departures": Explained,
}


@dataclass(frozen=True, slots=True)
class _LogFile:
    """A log as TOML."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    entry: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of an evaluation.

    Attributes
    ----------
    assumptions : tuple of Assumption
    decisions : tuple of Choice
    data : tuple of DataEntry
    qa : tuple of ManualCheck
    departures : tuple of Explained
    absent : tuple of str
        Logs of which there is no file.
    """

    assumptions: tuple[Assumption, ...] = ()
    decisions: tuple[Choice, ...] = ()
    data: tuple[DataEntry, ...] = ()
    qa: tuple[ManualCheck, ...] = ()
    departures: tuple[Explained, ...] = ()
    absent: tuple[str, ...] = field(default=LOGS)

    def entries(self, log: LogName) -> Sequence[Entry]:
        """Return the entries of a log in its order."""
        return cast("Sequence[Entry]", getattr(self, log))

    def to_frame(self, log: LogName) -> pd.DataFrame:
        """Lay a log out, a row an entry."""
        columns = [one.name for one in fields(_KINDS[log])]
        return pd.DataFrame([asdict(entry) for entry in self.entries(log)], columns=columns)

    @property
    def blank(self) -> tuple[str, ...]:
        """Name what is still to be filled in: logs without an entry, and what entries leave out."""
        empty = [f"the log of {name}" for name in LOGS if name not in _OPTIONAL and not self.entries(name)]
        return (*empty, *(text for name in LOGS for entry in self.entries(name) for text in _blanks(name, entry)))


def read_logs(folder: str | Path) -> Logs:
    """Read the logs of an evaluation.

    Parameters
    ----------
    folder : path
        Such as analyses/logs. Each log is a file of its own, as TOML with a table [[entry]] for each, or as csv with
        the same names in its first line: assumptions, decisions, data, qa, departures.

    Returns
    -------
    Logs
        Without entries where a file is absent.

    Raises
    ------
    DefinitionError
        If a log is there twice, an entry lacks its id, date or text or has a key that there is not, or two have one id:
        file, line and the nearest right name.
    """
    place = Path(folder)
    found: dict[str, tuple[Entry, ...]] = {}
    for log in LOGS:
        file = _file_of(log, place)
        if file is not None:
            found[log] = _read_log(log, file)
    known = cast("dict[str, tuple[()]]", found)
    return Logs(**known, absent=tuple(log for log in LOGS if log not in found))


def _file_of(log: LogName, folder: Path) -> Path | None:
    """Find the one file of a log."""
    there = [file for ending in ("toml", "csv") if (file := folder / f"{log}.{ending}").is_file()]
    if len(there) > 1:
        msg = f"{shown_path(folder)} has {there[0].name} and {there[1].name}; keep one of them."
        raise DefinitionError(msg)
    return there[0] if there else None


def _read_log(log: LogName, file: Path) -> tuple[Entry, ...]:
    """Read a log and check that its ids differ."""
    rows = _toml_rows(file) if file.suffix == ".toml" else _csv_rows(file)
    names = [one.name for one in fields(_KINDS[log])]
    problems: list[str] = []
    entries: list[Entry] = []
    for line, row in rows:
        try:
            entries.append(_entry(_KINDS[log], row))
        except ValidationError as error:
            problems += [f"{shown_path(file)}:{line}: {text}" for text in _problems(error, names)]
    if problems:
        raise DefinitionError("\n".join(problems[:_MOST]))
    ids = [entry.id for entry in entries]
    for position, (line, _) in enumerate(rows):
        if ids[position] in ids[:position]:
            msg = f"{shown_path(file)}:{line}: the id {ids[position]!r} is given twice. Each entry has its own."
            raise DefinitionError(msg)
    return tuple(entries)


_Kind = TypeVar("_Kind", bound=Entry)


def _entry(kind: type[_Kind], row: Mapping[str, object]) -> _Kind:
    """Check one entry."""
    return _adapter(kind).validate_python(row)


@cache
def _adapter(kind: type[_Kind]) -> _Adapter[_Kind]:
    """Build the validator of a kind of entry once."""
    return _Adapter(kind)


def _toml_rows(file: Path) -> list[tuple[int, Mapping[str, object]]]:
    """Read the entries of a TOML file with their lines."""
    located = read_toml(file)
    found = validated(_LogFile, located)
    return [(located.line("entry", position), row) for position, row in enumerate(found.entry)]


def _csv_rows(file: Path) -> list[tuple[int, Mapping[str, object]]]:
    """Read the entries of a csv file with their lines; what is blank is not given."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        msg = f"Cannot read {shown_path(file)}: {type(error).__name__}. Save it as csv in UTF-8."
        raise DefinitionError(msg) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        msg = f"{shown_path(file)}: no csv file ({error}). Save it as csv in UTF-8."
        raise DefinitionError(msg) from error
    names = [name.strip() for name in lines[0][1]] if lines else []
    return [(number, _named(names, cells)) for number, cells in lines[1:] if any(cell.strip() for cell in cells)]


def _named(names: Sequence[str], cells: Sequence[str]) -> Mapping[str, object]:
    """Give cells their names; those beyond the header are an unknown key."""
    padded = (*names, *("" for _ in cells[len(names) :]))
    return {name or "(no name)": cell.strip() for name, cell in zip(padded, cells, strict=False) if cell.strip()}


def _problems(error: ValidationError, names: Sequence[str]) -> list[str]:
    """Put what is wrong with an entry into words."""
    told: list[str] = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        key = str(one["loc"][0]) if one["loc"] else "the entry"
        if one["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
            told.append(f"unknown key {key!r}; {nearest(key, names)}")
        elif one["type"] in {"missing", "missing_argument"}:
            told.append(f"{key!r} is missing; every entry has its id, date and text.")
        else:
            told.append(f"{key!r}: {one['msg']}.")
    return told


def _blanks(log: LogName, entry: Entry) -> list[str]:
    """Name what an entry leaves out."""
    names = [name for name, value in asdict(entry).items() if value == "" and name not in {"found", "about"}]
    if isinstance(entry, Explained) and entry.about:
        names = [name for name in names if name not in {"promised", "done"}]
    return [f"{name} of {entry.id} in the log of {log}" for name in names]
