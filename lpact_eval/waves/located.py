"""TOML definitions with the line of every key, so that an error can say where it is."""

import dataclasses
import functools
import json
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lpact_eval.errors import DefinitionError
from lpact_eval.resources import ordinary

Key = tuple[str | int, ...]
Parsed = TypeVar("Parsed")

_KEY_PART = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY_PARTS = re.compile(_KEY_PART)
_KEY_PATH = rf"{_KEY_PART}(?:\s*\.\s*{_KEY_PART})*"
_TABLE = re.compile(rf"^\s*(\[\[?)\s*({_KEY_PATH})\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(rf"^\s*({_KEY_PATH})\s*=(.*)$")
_QUOTED = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*$')
_OPENING = re.compile(r"""[\[\]{}]|"{3}|'{3}""")  # what may go on in the next line: a list, a table, a long text
_NEAR = 60
# How keys are written that a newcomer to a definition is likely to lack.
_WRITTEN = {"fieldwork": "its first and last day: [fieldwork], start = 2022-05-16, end = 2022-07-29, a line each"}
_SHOWN = 10
_LONGEST = 120  # characters of a wrong word that a message repeats
_KEPT = 64  # files; a run comes back to each of its definitions several times


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """One parsed TOML file; a file that still says the same is the same object when it is read again.

    Attributes
    ----------
    path : Path
    data : mapping
        The file's content.
    lines : mapping of key path to int
        Line of each table and key.
    """

    path: Path
    data: Mapping[str, object]
    lines: Mapping[Key, int]

    def at(self, *key: str | int) -> str:
        """Name the file and the line of a key, or of the nearest table around it."""
        return f"{shown_path(self.path)}:{self.line(*key)}"

    def line(self, *key: str | int) -> int:
        """Find the line of a key, or of the nearest table around it."""
        for end in range(len(key), 0, -1):
            if key[:end] in self.lines:
                return self.lines[key[:end]]
        return 1


def read_toml(path: Path) -> Located:
    """Read a TOML file and note the line of every key.

    Raises
    ------
    DefinitionError
        If the file is absent, not UTF-8, or not TOML (a key given twice included).
    """
    try:
        text = ordinary(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        msg = f"There is no {shown_path(path)}; every definition needs this file."
        raise DefinitionError(msg) from None
    except (UnicodeDecodeError, OSError) as error:
        msg = f"Cannot read {shown_path(path)}: {type(error).__name__}. Save it as plain text in UTF-8."
        raise DefinitionError(msg) from error
    return _located(path, text)


@functools.lru_cache(_KEPT)
def _located(path: Path, text: str) -> Located:
    """Parse what a file says."""
    try:
        data = parsed(text)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise DefinitionError(_syntax_message(path, text, error)) from error
    return Located(path, data, _LinesOf(text))


@functools.lru_cache(_KEPT)
def parsed(text: str) -> Mapping[str, object]:
    """Parse TOML, the same text once."""
    return tomllib.loads(text)


def _syntax_message(path: Path, text: str, error: Exception) -> str:
    """Say where the TOML breaks, and name the key where it was given twice."""
    found = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    number = int(found[1]) if found else len(lines)
    where = f"{shown_path(path)}:{number}"
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    entry = _ENTRY.match(line)
    if "overwrite" in str(error) or "twice" in str(error):
        key = entry[1].strip() if entry else "this table"
        return f"{where}: {key} is given twice. Each code, key and table may stand once; delete one of them."
    if "\\" in line:
        return (
            f"{where}: not valid TOML ({error}). A backslash in double quotes has a meaning of its own: write "
            "paths with forward slashes, as in 'C:/Users', or in single quotes."
        )
    return f"{where}: not valid TOML ({error}). Texts stand in double quotes, one key = value a line."


class _LinesOf(Mapping[Key, int]):
    """Lines of the keys of a text, looked for when the first is asked for: few files have an error to place."""

    def __init__(self, text: str) -> None:
        self._text = text

    @functools.cached_property
    def _found(self) -> dict[Key, int]:
        """Line of every table and key."""
        return _key_lines(self._text)

    def __getitem__(self, key: Key) -> int:
        return self._found[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _key_lines(text: str) -> dict[Key, int]:
    """Find the line of every table and key; elements of [[lists]] are numbered."""
    lines: dict[Key, int] = {}
    table: Key = ()
    counts: dict[Key, int] = {}
    depth, closing = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not depth and not closing:
            if header := _TABLE.match(line):
                table = _table_key(_split(header[2]), counts, listed=header[1] == "[[")
                lines.setdefault(table, number)
                continue
            if entry := _ENTRY.match(line):
                lines.setdefault((*table, *_split(entry[1])), number)
        if closing or _OPENING.search(line):
            depth, closing = _still_open(line, depth, closing)
    return lines


def _table_key(key: Key, counts: dict[Key, int], *, listed: bool) -> Key:
    """Give the elements of a [[list]] numbers, and put tables below it into its newest element."""
    full: Key = ()
    for part in key[:-1]:
        full = (*full, part)
        full = (*full, counts[full] - 1) if full in counts else full
    full = (*full, key[-1])
    if not listed:
        return full
    counts[full] = counts.get(full, 0) + 1
    return (*full, counts[full] - 1)


def _still_open(line: str, depth: int, closing: str) -> tuple[int, str]:
    """Follow brackets and long texts that run over the end of the line."""
    if closing:
        if closing not in line:
            return depth, closing
        line = line.split(closing, 1)[1]
    kept = ""
    while found := _QUOTED.search(line):
        kept += line[: found.start()]
        line = line[found.end() :]
        if found[0] in {'"""', "'''"}:
            if found[0] not in line:
                return _brackets(kept, depth), found[0]
            line = line.split(found[0], 1)[1]
    return _brackets(kept + line, depth), ""


def _brackets(code: str, depth: int) -> int:
    """Count brackets that stay open."""
    return max(0, depth + code.count("[") + code.count("{") - code.count("]") - code.count("}"))


def _split(path: str) -> Key:
    """Split a dotted key into its parts without quotes."""
    return tuple(_unquoted(part) for part in _KEY_PARTS.findall(path))


def _unquoted(part: str) -> str:
    """Take the quotes off one part of a key."""
    if part.startswith("'"):
        return part[1:-1]
    if part.startswith('"'):
        try:
            return str(json.loads(part))
        except ValueError:
            return part[1:-1]
    return part


def validated(model: type[Parsed], located: Located) -> Parsed:
    """Turn a parsed file into its dataclass; unknown keys and wrong types are errors with line and nearest key.

    Parameters
    ----------
    model : dataclass type
        Its fields are the keys allowed; `__pydantic_config__` forbids others.
    located : Located

    Raises
    ------
    DefinitionError
        Listing every wrong key, each with file and line.
    """
    try:
        return _adapter(model).validate_python(located.data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        messages = [_message(model, located, one) for one in found[:_SHOWN]]
        if len(found) > _SHOWN:
            messages.append(f"... and {len(found) - _SHOWN} more.")
        raise DefinitionError("\n".join(messages)) from None


@functools.cache
def _adapter(model: type[Parsed]) -> TypeAdapter[Parsed]:
    """Build the validator of a dataclass once."""
    return TypeAdapter(model)


def _message(model: type, located: Located, error: ErrorDetails) -> str:
    """Put one validation error into words."""
    key: Key = tuple(error["loc"])
    where = located.at(*key)
    table = ".".join(str(part) for part in key[:-1])
    inside = f" in [{table}]" if table else ""
    if error["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        allowed = _allowed_keys(model, key[:-1])
        return f"{where}: unknown key {cut(repr(key[-1]))}{inside}; {nearest(str(key[-1]), allowed)}"
    if error["type"] in {"missing", "missing_argument"}:
        return f"{where}: {key[-1]!r} is missing{inside}; add {_WRITTEN.get(str(key[-1]), 'it')}."
    given = "a table" if isinstance(error["input"], Mapping) else cut(repr(error["input"]))
    return f"{where}: {key[-1] if key else 'the file'!r}{inside} is {given}: {error['msg']}."


def _allowed_keys(model: object, key: Key) -> list[str]:
    """List the keys that the table at this place may have."""
    kind: object = model
    for part in key:
        kind = _inner(kind, part)
    return list(_fields(kind))


def _inner(kind: object, part: str | int) -> object:
    """Step from a type to the type of one of its keys."""
    if dataclasses.is_dataclass(kind):
        return _bare(_fields(kind).get(str(part), object))
    arguments = [one for one in typing.get_args(kind) if one is not Ellipsis]
    return _bare(arguments[-1]) if arguments else object


def _bare(kind: object) -> object:
    """Strip Annotated and an optional None from a type."""
    if typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if isinstance(kind, types.UnionType):
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    return kind


def _fields(kind: object) -> dict[str, object]:
    """Name the keys of a dataclass as they are written in the file, with their types."""
    if not dataclasses.is_dataclass(kind):
        return {}
    hints = typing.get_type_hints(cast("type", kind), include_extras=True)
    return {_alias(hints[field.name]) or field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _alias(hint: object) -> str:
    """Find the written name of a field whose name is a Python keyword."""
    for note in getattr(hint, "__metadata__", ()):
        alias = getattr(note, "alias", None)
        if isinstance(alias, str):
            return alias
    return ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, or list what is known."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a wrong word needs it

    choices = list(known)
    word = word[:_LONGEST]
    best = process.extractOne(word, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR)
    if best:
        return f"did you mean {best[0]!r}?"
    return f"allowed are {', '.join(map(repr, choices))}." if choices else "none is allowed here."


def near(word: str, known: Sequence[str], *, limit: int = 3) -> list[str]:
    """Return the known words that look like this one, the most alike first."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a wrong word needs it

    found = process.extract(word, known, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR, limit=limit)
    return [match for match, _, _ in found]


def has_file(path: Path) -> bool:
    """Tell whether there is a file, also of a name that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def cut(text: str) -> str:
    """Cut what is too long for a message."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def shown_path(path: Path) -> str:
    """Show a path from the working folder where it lies inside it."""
    return _shown(path, Path.cwd())


@functools.lru_cache(_KEPT)
def _shown(path: Path, folder: Path) -> str:
    """Show a path from a folder where it lies inside it; messages are made before it is known that they are needed."""
    try:
        return path.resolve().relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()
