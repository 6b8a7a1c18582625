"""Write a crosswalk as TOML text."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from lpact_eval.waves.located import Key

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TABLES = ("columns", "answers", "numbers", "missing")


def toml_entry(key: str, value: object) -> str:
    """Write one key and its value on one line."""
    return f"{_key(key)} = {_value(value)}"


def crosswalk_text(tables: Mapping[str, Mapping[str, object]], notes: Mapping[Key, str], title: str) -> str:
    """Write the tables of a crosswalk, notes as comments above what they are about.

    Parameters
    ----------
    tables : mapping of str to mapping
        Content of crosswalk.toml.
    notes : mapping of key path to str
    title : str
        First line, a comment.
    """
    lines = [*_comment(title)]
    for name, table in tables.items():
        lines += ["", *_comment(notes.get((name,), "")), f"[{_key(name)}]"]
        lines += [toml_entry(key, value) for key, value in table.items() if key not in _TABLES]
        for inner in _TABLES:
            mapping = cast("Mapping[str, object]", table.get(inner, {}))
            lines += [f"[{_key(name)}.{inner}]"] if mapping else []
            for code, answer in mapping.items():
                lines += [*_comment(notes.get((name, inner, code), "")), f"{_quoted(code)} = {_value(answer)}"]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> Iterator[str]:
    """Write a text as comment lines; a comment holds no control characters."""
    for line in text.splitlines():
        if line.strip():
            yield f"# {_CONTROL.sub(' ', line.strip())}"


def _key(text: str) -> str:
    """Quote a key where it needs it."""
    return text if _BARE.match(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Write a text in double quotes; JSON's escapes are TOML's but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        inside = cast("Mapping[str, object]", value)
        return "{ " + ", ".join(toml_entry(key, one) for key, one in inside.items()) + " }" if inside else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(one) for one in cast("Sequence[object]", value)) + "]"
    return value.isoformat() if isinstance(value, dt.date | dt.time) else repr(value)
