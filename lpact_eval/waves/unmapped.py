"""Delivered codes that a crosswalk does not map, and how to speak of them without repeating what people wrote."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lpact_eval.resources import surveys_folder
from lpact_eval.sample import Kind
from lpact_eval.waves.codelists import plain
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column
from lpact_eval.waves.items import Item
from lpact_eval.waves.located import shown_path

_CODE = re.compile(r"^(-?\d{1,3}|\.?[A-Za-z])$")
_ALIKE = 85  # per cent; spellings of one text
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

    text: str = field(repr=False)
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
    if not texts:
        return None
    counts = dict(zip(column.texts, column.counts().tolist(), strict=True))
    codes = [
        Code(text, column.labels.get(text, ""), counts[text], text in column.declared_missing)
        for text in sorted(texts, key=lambda text: -counts[text])
        if counts[text]
    ]
    return Unmapped(variable, column.name, tuple(codes)) if codes else None


def unmapped_message(unmapped: Sequence[Unmapped], definition: WaveDefinition) -> str:
    """Say variable by variable which codes are not mapped, and what to type."""
    lines = [_told_of(one, definition) for one in unmapped]
    return "\n".join([*lines, *_how_to_fill_in(unmapped, definition)])


def _told_of(found: Unmapped, definition: WaveDefinition) -> str:
    """Say which codes are not mapped and what to do; texts that one person may have written are only counted."""
    item = definition.items[found.variable]
    kind = definition.schema.variables[found.variable].kind
    free = bool(item.lookup) or kind in {"number", "set", "text"}
    shown = [code for code in found.codes if _is_printable(code, item, free=free)][:_LISTED]
    hidden = [code for code in found.codes if code not in shown]
    said = [f"{code.text!r}{_told(code)} in {_rows(code.rows)}" for code in shown]
    if hidden:
        texts = f"{len(hidden)} {'other ' if shown else ''}text{'s' if len(hidden) > 1 else ''}"
        said.append(
            f"{texts} in {_rows(sum(code.rows for code in hidden))}, not shown since people may have written them"
        )
    where = definition.crosswalk_file.at(found.variable)
    listing = f" {how_to_see(found.variable, found.column, definition)}" if hidden else ""
    return (
        f"{where}: {found.variable!r}, column {found.column!r}: not mapped: {'; '.join(said)}. "
        f"{_todo(found.variable, item, kind)}{listing}"
    )


def _is_printable(code: Code, item: Item, *, free: bool) -> bool:
    """Allow labelled codes, and of closed questions short codes, near misses and texts that many share."""
    if code.label or code.declared_missing:
        return True
    if free:
        return False
    return _is_misspelt(code.text, item) or bool(_CODE.match(code.text)) or code.rows >= _SHARED


def _is_misspelt(text: str, item: Item) -> bool:
    """Tell a spelling of an answer of several words, or other capitals of one word, which many names are like."""
    known = (*item.answers, *item.missing)
    if plain(text) in {plain(answer) for answer in known if plain(answer)}:
        return True
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a text that nothing maps needs it

    several = [answer for answer in known if " " in answer.strip()]
    alike = process.extractOne(text, several, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_ALIKE)
    return alike is not None and " " in text


def _told(code: Code) -> str:
    """Repeat what the file says about a code."""
    told = [code.label] if code.label else []
    if code.declared_missing:
        told.append("declared missing in the file")
    return f" ({', '.join(told)})" if told else ""


def _todo(variable: str, item: Item, kind: Kind) -> str:
    """Say where to map them."""
    kinds = "don't know, prefer not to say, not asked or blank"
    if item.lookup:
        return f"Add each text and its answer to {item.lookup}."
    if item.derive:
        return f"A year of four digits is expected: map others in [{variable}.missing] to {kinds}, or correct the file."
    if item.by:
        return f"Map the label of each, or a code without label, in [{variable}.answers], or in [{variable}.missing]."
    if kind == "text":
        return f"The file declares them as missing: map each in [{variable}.missing] to {kinds}."
    if kind == "number":
        return f"A number is expected: map each in [{variable}.missing] to {kinds}, or correct the file."
    return f"Map each in [{variable}.answers], or in [{variable}.missing] to {kinds}."


def how_to_see(variable: str, column: str, definition: WaveDefinition) -> str:
    """Say how to see texts that are not shown, in a file for the analyst's eyes only."""
    item, kind = definition.items[variable], definition.schema.variables[variable].kind
    lookup = f"lpact-eval crosswalk lookup {_typed(definition.name)} {variable}{_surveys(definition)}"
    if item.lookup:
        return f"To have the texts added there, each with a proposal to check: {lookup}"
    if kind in {"category", "scale", "yes_no"} and not (item.by or item.columns or item.derive):
        return (
            f'To see the texts that are not shown, add lookup = "{variable}_lookup.csv" to [{variable}], then: {lookup}'
        )
    call = f"lpact_eval.waves.reading.unmapped({definition.name!r})"
    return f"To see them, filter the column {column!r} of the delivered file, or in Python: {call}"


def _how_to_fill_in(unmapped: Sequence[Unmapped], definition: WaveDefinition) -> Iterator[str]:
    """Say what to type to choose answers in a spreadsheet, which lists the codes of closed questions."""
    kinds = {name: meaning.kind for name, meaning in definition.schema.variables.items()}
    items = definition.items
    codes = (
        (code, items[one.variable])
        for one in unmapped
        for code in one.codes
        if kinds[one.variable] in {"category", "scale", "yes_no"}
    )
    if any(not item.lookup and _is_printable(code, item, free=False) for code, item in codes):
        sheet = _typed(f"{definition.name}.xlsx")
        yield (
            "To choose answers for codes in a spreadsheet: lpact-eval crosswalk export "
            f"{_typed(definition.name)} {sheet}{_surveys(definition)}"
        )


def _surveys(definition: WaveDefinition) -> str:
    """Write the option that names the folder of surveys, where a command would not take that folder of its own."""
    here, folder = Path("surveys"), definition.folder.parent
    usual = here if (here / "harmonised.toml").is_file() else surveys_folder()
    return "" if folder.resolve() == usual.resolve() else f" --surveys {_typed(shown_path(folder))}"


def _typed(text: str) -> str:
    """Write a name as it is typed in a terminal."""
    return f'"{text}"' if " " in text else text


def _rows(count: int) -> str:
    """Count rows in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"
