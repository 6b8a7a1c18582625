"""The sentences that rules choose from, read from the report templates."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from lpact_eval.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """Sentences with slots, by dotted name.

    Attributes
    ----------
    file : str
        Name of the file, for messages.
    texts : mapping of str to str
        "change.heading.rise" and the like.
    """

    file: str
    texts: Mapping[str, str]

    def say(self, name: str, slots: Mapping[str, str] | None = None) -> str:
        """Fill a sentence in; a slot that the sentence has and the rule lacks is an error that names both."""
        if name not in self.texts:
            msg = f"{self.file}: the sentence {name!r} is missing; put it back from the shipped templates."
            raise DefinitionError(msg)
        try:
            return self.texts[name].format_map(dict(slots or {}))
        except (KeyError, ValueError, IndexError) as error:
            msg = (
                f"{self.file}: the sentence {name!r} can't be filled in ({error}); "
                f"its slots may be {sorted(slots or {})} in braces."
            )
            raise DefinitionError(msg) from error


def read_sentences(templates: Path) -> Sentences:
    """Read the sentences of a folder of templates; those of a text that was read before are the same."""
    path = templates / "sentences.toml"
    try:
        return _parsed(path.name, path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        msg = f"Cannot read the reports' sentences in {path.name}: {error}. Put the shipped file back and edit again."
        raise DefinitionError(msg) from error


@lru_cache(maxsize=2)
def _parsed(name: str, text: str) -> Sentences:
    """Read the sentences once for all outputs of a release."""
    return Sentences(name, dict(_flatten("", cast("Mapping[str, object]", tomllib.loads(text)))))


def _flatten(prefix: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    """Name every text of nested tables by its path."""
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            pairs += _flatten(name, cast("Mapping[str, object]", value))
        else:
            pairs.append((name, str(value)))
    return pairs
