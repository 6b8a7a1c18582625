"""Read events.toml: columns with their lists filled in, checked against the harmonised schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import ConfigDict

from lpact_eval.errors import DefinitionError
from lpact_eval.evidence.headings import plain
from lpact_eval.evidence.record_schema import Column, ColumnKind, Record, RecordSchema, Theme, Workstream
from lpact_eval.evidence.records import RECORDS
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.located import Located, nearest, read_toml, validated
from lpact_eval.waves.schema import read_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NOT_KNOWN: Final = "not known"
SCHEMA_FILE: Final = "events.toml"
_WORDED: Final = ("category", "set")
_RATES: Final = ("officer", "chief_officer", "organiser", "setup")
_LISTS: Final = ("communities", "areas", "departments", "schemes", "audiences", "channels")
_GROUPED: Final = {"ethnicity": "", "age_band": "", "sex": "", "area": "areas", "community": "communities"}
_strict = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as it is written; words come from one of `answers`, `list` and `variable`."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    title: str
    kind: ColumnKind
    help: str = ""
    required: bool = False
    answers: tuple[str, ...] = ()
    list: str = ""
    variable: str = ""
    not_known: bool = False
    one_of_by: bool = False
    suggested: str = ""
    least: float = 1
    most: float = 5


@dataclass(frozen=True, slots=True)
class _Record:
    __pydantic_config__: ClassVar[ConfigDict] = _strict

    title: str
    columns: Mapping[str, _Column]
    help: str = ""
    personal: bool = False


@dataclass(frozen=True, slots=True)
class _Theme:
    __pydantic_config__: ClassVar[ConfigDict] = _strict

    title: str
    workstream: Workstream
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lines:
    __pydantic_config__: ClassVar[ConfigDict] = _strict

    police_heavy: float = 0.25


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = _strict

    records: Mapping[str, _Record]
    lists: Mapping[str, tuple[str, ...]]
    themes: Mapping[str, _Theme]
    rates: Mapping[str, float]
    lines: _Lines = field(default_factory=_Lines)
    smallest_text_prompt: int = 100
    dates: Literal["", "day-first", "month-first"] = ""


def read_schema_file(path: str | Path | None = None) -> RecordSchema:
    """Read an events.toml; see `read_record_schema`."""
    where = surveys_folder() / "events" / SCHEMA_FILE if path is None else Path(path)
    located = read_toml(where)
    written = validated(_File, located)
    people = _people_words(where)
    if problems := [*_problems(written, located, people)]:
        raise DefinitionError("\n".join(problems))
    return RecordSchema(
        records={name: _record(name, written, people) for name in RECORDS},
        lists=dict(written.lists),
        themes={key: Theme(key, theme.title, theme.workstream, theme.words) for key, theme in written.themes.items()},
        rates=dict(written.rates),
        police_heavy=written.lines.police_heavy,
        smallest_text_prompt=written.smallest_text_prompt,
        dates=written.dates,
    )


def _people_words(path: Path) -> dict[str, tuple[str, ...]]:
    """Answers of the harmonised schema that describe people; of the folder above if it has one of its own."""
    beside = path.parent.parent / "harmonised.toml"
    schema = read_schema(beside if beside.is_file() else surveys_folder() / "harmonised.toml")
    return {name: schema.answers(name) for name, meaning in schema.variables.items() if meaning.kind != "text"}


def _record(name: str, written: _File, people: Mapping[str, tuple[str, ...]]) -> Record:
    """Fill the words of a record's columns in."""
    record = written.records[name]
    columns = tuple(
        Column(
            name=key,
            title=column.title,
            kind=column.kind,
            help=column.help,
            required=column.required,
            answers=_words(column, written, people),
            personal=record.personal,
            suggested=written.lists.get(column.suggested, ()),
            least=column.least,
            most=column.most,
            by=_groups(written, people) if column.one_of_by else {},
        )
        for key, column in record.columns.items()
    )
    return Record(name, record.title, columns, record.help)


def _words(column: _Column, written: _File, people: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """List the words that a column may hold."""
    if column.one_of_by:
        return tuple(dict.fromkeys(word for words in _groups(written, people).values() for word in words))
    if column.variable:
        return (*people[column.variable], NOT_KNOWN)
    words = tuple(written.themes) if column.list == "themes" else written.lists.get(column.list, column.answers)
    return (*words, NOT_KNOWN) if column.not_known else words


def _groups(written: _File, people: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """List the groups that attendance may be counted by."""
    return {by: (*(written.lists[listed] if listed else people[by]), NOT_KNOWN) for by, listed in _GROUPED.items()}


def _problems(written: _File, located: Located, people: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Find what does not hang together."""
    yield from _key_problems("records", written.records, RECORDS, located)
    yield from _key_problems("rates", written.rates, _RATES, located)
    for name in _LISTS:
        if not written.lists.get(name):
            yield f"{located.at('lists', name)}: the list {name!r} in [lists] is missing or empty; add its words."
    yield from _number_problems(written, located)
    for name, words in (*written.lists.items(), ("themes", tuple(written.themes))):
        where = ("themes",) if name == "themes" else ("lists", name)
        yield from (f"{located.at(*where)}: {problem}" for problem in _word_problems(name, words))
    yield from _title_problems(written, located)
    for name, record in written.records.items():
        for key, column in record.columns.items():
            at = ("records", name, "columns", key)
            yield from (f"{located.at(*at)}: {problem}" for problem in _column_problems(key, column, written, people))
        yield from (f"{located.at('records', name)}: {problem}" for problem in _heading_problems(record))


def _key_problems(table: str, keys: Iterable[str], known: tuple[str, ...], located: Located) -> Iterator[str]:
    """Find keys that are missing or unknown."""
    yield from (f"{located.at(table)}: [{table}] lacks {name!r}; add it." for name in known if name not in keys)
    for name in keys:
        if name not in known:
            yield f"{located.at(table, name)}: unknown key {name!r} in [{table}]; {nearest(name, known)}"


def _title_problems(written: _File, located: Located) -> Iterator[str]:
    """Find themes that share a title, or have the key of another for one."""
    keys = {key: plain(key) for key in written.themes}
    titles = {key: plain(theme.title) for key, theme in written.themes.items()}
    shared = Counter(titles.values())
    for key, title in titles.items():
        if shared[title] > 1 or any(one != key and plain_key == title for one, plain_key in keys.items()):
            called = written.themes[key].title
            yield f"{located.at('themes', key, 'title')}: another theme is called {called!r} too; change one."


def _heading_problems(record: _Record) -> Iterator[str]:
    """Find names and titles that two columns share, so that a heading could mean either."""
    seen: dict[str, str] = {}
    for key, column in record.columns.items():
        for heading in {plain(key), plain(column.title)}:
            if seen.setdefault(heading, key) != key:
                yield f"the columns {seen[heading]!r} and {key!r} are both called {heading!r}; change a title."


def _number_problems(written: _File, located: Located) -> Iterator[str]:
    """Find rates and lines that are no amounts."""
    for name, rate in written.rates.items():
        if not 0 <= rate < float("inf"):
            yield f"{located.at('rates', name)}: {name!r} is {rate}; a rate is 0 or more pounds an hour."
    if not 0 < written.lines.police_heavy < float("inf"):
        yield (
            f"{located.at('lines', 'police_heavy')}: police_heavy is {written.lines.police_heavy}; it is officers for "
            "each attendee, above 0, as in 0.25."
        )
    if written.smallest_text_prompt < 1:
        found = f"smallest_text_prompt is {written.smallest_text_prompt}"
        yield f"{located.at('smallest_text_prompt')}: {found}; it is a number of texts, as in 100."


def _word_problems(name: str, words: tuple[str, ...]) -> Iterator[str]:
    """Find words that no cell could hold, or that two cells could not tell apart."""
    seen: set[str] = set()
    for word in words:
        if ";" in word or not word.strip() or word != " ".join(word.split()):
            yield f"{word!r} in {name!r} is empty, or has a semicolon or spare spaces; semicolons divide words."
        if plain(word) in {"none", NOT_KNOWN}:
            yield f"{word!r} in {name!r} has a meaning of its own; choose another word."
        if plain(word) in seen:
            yield f"{word!r} stands twice in {name!r}, but for capitals or hyphens; delete one."
        seen.add(plain(word))


def _column_problems(key: str, column: _Column, written: _File, people: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Find columns whose words are not there."""
    sources = [bool(column.answers), bool(column.list), bool(column.variable), column.one_of_by]
    if sum(sources) != (column.kind in _WORDED):
        yield f"{key!r} is of kind {column.kind!r}: a category or set has answers, or list, or variable, others none."
    if column.list and column.list != "themes" and column.list not in written.lists:
        yield f"{key!r} has the unknown list {column.list!r}; {nearest(column.list, [*written.lists, 'themes'])}"
    if column.suggested and column.suggested not in written.lists:
        yield f"{key!r} has the unknown list {column.suggested!r}; {nearest(column.suggested, written.lists)}"
    if column.variable and not people.get(column.variable):
        yield f"{key!r} has the unknown variable {column.variable!r}; {nearest(column.variable, people)}"
    yield from (f"{problem}" for problem in _word_problems(key, column.answers))
