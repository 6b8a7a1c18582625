"""Delivered answers become harmonised answers; every delivered code is accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from lpact_eval.errors import HarmonisationError
from lpact_eval.sample import MISSING_KINDS, BoolArray, IntArray
from lpact_eval.waves.answers import BLANK, NOT_ASKED, UNMAPPED, Answers, Entry, Values, settled
from lpact_eval.waves.birth import ages
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column, Delivered, fold
from lpact_eval.waves.delivered_items import as_delivered
from lpact_eval.waves.items import Item
from lpact_eval.waves.label_checks import order_message
from lpact_eval.waves.options import ambiguous_message
from lpact_eval.waves.perceived import perceived_message
from lpact_eval.waves.sets import chosen, ticked, unticked
from lpact_eval.waves.several import combined
from lpact_eval.waves.translating import translator
from lpact_eval.waves.unmapped import Unmapped, count_unmapped, unmapped_message


@dataclass(frozen=True, slots=True, eq=False)
class Harmonised:
    """All harmonised variables of a delivered file.

    Attributes
    ----------
    variables : mapping of str to Answers
        In the schema's order.
    used : frozenset of str
        Delivered columns that they come from.
    """

    variables: Mapping[str, Answers]
    used: frozenset[str]


def harmonise(delivered: Delivered, definition: WaveDefinition) -> Harmonised:
    """Map every delivered code of every column to an answer or a kind of missing.

    Raises
    ------
    HarmonisationError
        Listing every absent column, officer-perceived ethnicity and every unmapped code, with counts, file and line.
    """
    found, used, unmapped = _translate(delivered, definition)
    if unmapped:
        raise HarmonisationError(unmapped_message(unmapped, definition))
    for name in definition.derived():
        meaning = definition.schema.variables[name]
        derive = _banded if meaning.bands else _grouped
        found[name] = derive(found[meaning.source], name, definition)
    nobody = np.full(len(delivered), -1, dtype=np.intp)
    absent = Answers(nobody, np.full(len(delivered), NOT_ASKED, dtype=np.intp))
    return Harmonised({name: found.get(name, absent) for name in definition.schema.variables}, used)


def unmapped_codes(delivered: Delivered, definition: WaveDefinition) -> list[Unmapped]:
    """Collect the delivered codes that the crosswalk does not map.

    Raises
    ------
    HarmonisationError
        If a column is absent, or holds officer-perceived ethnicity.
    """
    return _translate(delivered, definition)[2]


def accepted(column: Column, accept: Sequence[str]) -> BoolArray:
    """Tell for each respondent whether the delivered code is one of those accepted."""
    codes = {fold(code) for code in accept}
    return np.array([*(text in codes for text in column.texts), "" in codes])[column.codes]


def _translate(
    delivered: Delivered, definition: WaveDefinition
) -> tuple[dict[str, Answers], frozenset[str], list[Unmapped]]:
    """Translate every delivered variable, and collect what is not mapped."""
    definition = as_delivered(definition, delivered)
    found: dict[str, Answers] = {}
    used: set[str] = set()
    unmapped: list[Unmapped] = []
    refused: list[str] = []
    for name, item in definition.items.items():
        try:
            columns = _columns(delivered, definition, name)
            used |= {column.name for column in columns}
            asked = accepted(columns.pop(), item.asked_if.accept) if item.asked_if else _everybody(delivered)
            _refuse(name, columns, definition)
            found[name], left = _translated(name, columns, asked, (delivered, definition))
        except HarmonisationError as error:
            refused.append(str(error))
            continue
        unmapped += left
    if refused:
        raise HarmonisationError("\n".join(refused))
    return found, frozenset(used), unmapped


def _everybody(delivered: Delivered) -> BoolArray:
    """Mark every row."""
    return np.ones(len(delivered), dtype=bool)


def _refuse(name: str, columns: Sequence[Column], definition: WaveDefinition) -> None:
    """Refuse officer-perceived codes, labels that contradict the mapping, and labels that are wanted and absent."""
    item, where = definition.items[name], definition.crosswalk_file.at(name)
    said = [perceived_message(name, columns, item, where)]
    if item.names:
        said += [order_message(name, item, column, definition.schema, where=where) for column in columns]
        options = {fold(code): answer for code, answer in item.answers.items()} if item.separator else {}
        said += [ambiguous_message(name, column, item.separator, options, where=where) for column in columns if options]
    if item.by == "label":
        by = definition.crosswalk_file.at(name, "by")
        bare = [column.name for column in columns if column.texts and not any(column.labels.values())]
        said += [
            f'{by}: by = "label", but column {one!r} has no value labels; map its codes, remove by.' for one in bare
        ]
    if any(said):
        raise HarmonisationError("\n".join(text for text in said if text))


def _columns(delivered: Delivered, definition: WaveDefinition, name: str) -> list[Column]:
    """Take a variable's delivered column (or a set's columns), and last the one that says who was asked."""
    item, file = definition.items[name], definition.crosswalk_file
    wanted = dict.fromkeys(item.names, file.at(name, "column"))
    wanted |= {column: file.at(name, "columns", column) for column in item.columns}
    columns = [delivered.column(column, where=where) for column, where in wanted.items()]
    if item.asked_if:
        columns.append(delivered.column(item.asked_if.column, where=file.at(name, "asked_if")))
    return columns


def _translated(
    name: str, columns: Sequence[Column], asked: BoolArray, wave: tuple[Delivered, WaveDefinition]
) -> tuple[Answers, list[Unmapped]]:
    """Translate one variable from its column, from several with the same question, or from one an option."""
    delivered, definition = wave
    item = definition.items[name]
    if item.columns:
        return _optioned(name, columns, asked, definition)
    parts: list[Answers] = []
    unmapped: list[Unmapped] = []
    for column in columns:
        if item.derive:
            part, left = ages(name, column, delivered, definition)
        else:
            part, left = _looked_up(name, column, definition)
        part.missing[(column.codes < 0) & ~asked] = NOT_ASKED
        parts.append(part)
        unmapped += [one] if (one := count_unmapped(name, column, left)) else []
    return (settled(parts[0]) if len(parts) == 1 else _first_answered(name, parts, definition)), unmapped


def _looked_up(name: str, column: Column, definition: WaveDefinition) -> tuple[Answers, list[str]]:
    """Translate one column: look each distinct text up once, then spread the answers over the rows."""
    translate, nothing = translator(name, column, definition)
    entries = [translate(text) for text in column.texts]
    left = [text for text, (_, kind) in zip(column.texts, entries, strict=True) if kind == UNMAPPED]
    return _spread(entries, nothing, column.codes, definition.items[name]), left


def _spread(entries: Sequence[Entry], nothing: float | str, codes: IntArray, item: Item) -> Answers:
    """Give each row its text's answer and kind of missing; an empty cell has those of its own."""
    empty = next((MISSING_KINDS.index(kind) for code, kind in item.missing.items() if not code.strip()), BLANK)
    dtype = object if isinstance(nothing, str) else type(nothing)
    values = cast("Values", np.array([*(value for value, _ in entries), nothing], dtype=dtype)[codes])
    return Answers(values, np.array([*(kind for _, kind in entries), empty], dtype=np.intp)[codes])


def _optioned(
    name: str, columns: Sequence[Column], asked: BoolArray, definition: WaveDefinition
) -> tuple[Answers, list[Unmapped]]:
    """Translate one column an option: into sets, or into the one option of a single choice."""
    item, options = definition.items[name], list(definition.items[name].columns.values())
    answers = definition.schema.answers(name)
    if definition.schema.variables[name].kind == "set":
        codes, texts, unknown = ticked(columns, options, item, answers)
        found, note = _spread([(text, -1) for text in texts], "", codes, item), ""
    else:
        codes, texts, unknown = chosen(columns, options, item)
        entries = [(answers.index(one), -1) if one in answers else (-1, MISSING_KINDS.index(one)) for one in texts]
        found = _spread([*entries, (-1, BLANK)], -1, codes, item)
        several = int((codes == len(texts)).sum())
        note = f"more than one option ticked, counted as blank: {name} ({several} delivered rows)" if several else ""
    said = unticked(columns, item)
    found.missing[(codes < 0) & (said >= 0)] = said[(codes < 0) & (said >= 0)]
    found.missing[(codes < 0) & ~asked] = NOT_ASKED
    unmapped = [one for column, some in unknown if (one := count_unmapped(name, column, some))]
    return replace(found, notes=(note,) if note else ()), unmapped


def _first_answered(name: str, parts: Sequence[Answers], definition: WaveDefinition) -> Answers:
    """Combine several columns of one question; rows that answer two differently need a stated rule."""
    item = definition.items[name]
    found, rows = combined(parts, item.disagree)
    if rows and not item.disagree:
        where = definition.crosswalk_file.at(name, "column")
        msg = (
            f"{where}: {name!r}: {rows:,} row{'s answer' if rows > 1 else ' answers'} its {len(parts)} columns "
            'differently; state disagree = "blank" to leave these out, or disagree = "first" to take the first column '
            "listed that is answered."
        )
        raise HarmonisationError(msg)
    counts = "counted as blank" if item.disagree == "blank" else "the first column counts"
    note = f"columns of one question answered differently, {counts}: {name} ({rows} delivered rows)"
    return replace(settled(found), notes=(*found.notes, note) if rows else found.notes)


def _grouped(source: Answers, name: str, definition: WaveDefinition) -> Answers:
    """Derive a variable whose answers are groups of another one's."""
    meaning = definition.schema.variables[name]
    target = {answer: place for place, answer in enumerate(definition.schema.answers(name))}
    group_of = {answer: target[group] for group, members in meaning.groups.items() for answer in members}
    table = [group_of[answer] for answer in definition.schema.answers(meaning.source)]
    places = source.values.astype(np.intp)
    return Answers(np.array([*table, -1], dtype=np.intp)[places], source.missing)


def _banded(source: Answers, name: str, definition: WaveDefinition) -> Answers:
    """Derive bands of a number; numbers of no band are impossible and count as blank."""
    target = {answer: place for place, answer in enumerate(definition.schema.answers(name))}
    numbers = np.floor(source.values.astype(float))
    places = np.full(numbers.size, -1, dtype=np.intp)
    for answer, (low, high) in definition.schema.variables[name].bands.items():
        places[(numbers >= low) & (numbers <= high)] = target[answer]
    outside = (places < 0) & (source.missing < 0)
    return Answers(places, np.where(outside, BLANK, source.missing), int(outside.sum()))
