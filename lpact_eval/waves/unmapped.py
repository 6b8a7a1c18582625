"""Delivered codes that a crosswalk does not map, and how to speak of them without repeating what people wrote."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column
from lpact_eval.waves.items import Item

_CODE = re.compile(r"^(-?\d{1,3}|\.?[A-Za-z])$")
_ALIKE, _LONG = 60, 6  # short words are like many names
_SHARED = 10  # below this base nothing is printed anywhere
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Code:
    """One delivered code or text.

    Attributes
    ----------
    text, label : str
        As delivered, and the file's label of it.
    rows : int
    declared_missing : bool
        Whether the file declares it as missing.
    """

    text: str
    label: str
    rows: int
    declared_missing: bool


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Codes of one delivered column that are mapped to nothing.

    Attributes
    ----------
    variable, column : str
    codes : tuple of Code
        The most frequent first.
    """

    variable: str
    column: str
    codes: tuple[Code, ...]


def count_unmapped(variable: str, column: Column, texts: Sequence[str]) -> Unmapped | None:
    """Count the unmapped texts of a column; None if no row has one."""
    counts = dict(zip(column.texts, column.counts().tolist(), strict=True))
    codes = [
        Code(text, column.labels.get(text, ""), counts[text], text in column.declared_missing)
        for text in sorted(texts, key=lambda text: -counts[text])
        if counts[text]
    ]
    return Unmapped(variable, column.name, tuple(codes)) if codes else None


def unmapped_message(found: Unmapped, definition: WaveDefinition) -> str:
    """Say which codes are not mapped and what to do; texts that one person may have written are only counted."""
    item = definition.items[found.variable]
    kind = definition.schema.variables[found.variable].kind
    free = bool(item.lookup) or kind in {"number", "set"}
    shown = [code for code in found.codes if _is_printable(code, item, free=free)][:_LISTED]
    hidden = [code for code in found.codes if code not in shown]
    said = [f"{code.text!r}{_told(code)} in {_rows(code.rows)}" for code in shown]
    if hidden:
        texts = f"{len(hidden)} {'other ' if shown else ''}text{'s' if len(hidden) > 1 else ''}"
        said.append(
            f"{texts} in {_rows(sum(code.rows for code in hidden))}, not shown since people may have written them"
        )
    where = definition.crosswalk_file.at(found.variable)
    listing = f" List them with lpact_eval.waves.reading.unmapped({definition.name!r})." if hidden else ""
    return (
        f"{where}: {found.variable!r}, column {found.column!r}: not mapped: {'; '.join(said)}. "
        f"{_todo(found.variable, item, number=kind == 'number')}{listing}"
    )


def _is_printable(code: Code, item: Item, *, free: bool) -> bool:
    """Allow labelled codes, and of closed questions short codes, near misses and texts that many share."""
    if code.label or code.declared_missing:
        return True
    if free:
        return False
    known = [text for text in (*item.answers, *item.missing) if len(text) >= _LONG]
    alike = process.extractOne(code.text, known, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_ALIKE)
    near = alike is not None and len(code.text) >= _LONG
    return near or bool(_CODE.match(code.text)) or code.rows >= _SHARED


def _told(code: Code) -> str:
    """Repeat what the file says about a code."""
    told = [code.label] if code.label else []
    if code.declared_missing:
        told.append("declared missing in the file")
    return f" ({', '.join(told)})" if told else ""


def _todo(variable: str, item: Item, *, number: bool) -> str:
    """Say where to map them."""
    kinds = "don't know, prefer not to say, not asked or blank"
    if item.lookup:
        return f"Add each text and its answer to {item.lookup}."
    if number:
        return f"A number is expected: map each in [{variable}.missing] to {kinds}, or correct the file."
    return f"Map each in [{variable}.answers], or in [{variable}.missing] to {kinds}."


def _rows(count: int) -> str:
    """Count rows in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"
