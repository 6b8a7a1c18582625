"""What each delivered code or text of a column stands for."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.answers import OUT_OF_RANGE, UNMAPPED, Entry
from lpact_eval.waves.codelists import code_lists, plain
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column, as_number, fold
from lpact_eval.waves.items import Item
from lpact_eval.waves.label_checks import label_of
from lpact_eval.waves.lookup import folded, read_lookup
from lpact_eval.waves.options import chosen
from lpact_eval.waves.sets import joined

Translator = Callable[[str], Entry]


def translator(name: str, column: Column, definition: WaveDefinition) -> tuple[Translator, int | float | str]:
    """Make the function from a delivered text to (answer, kind of missing), and the answer of an empty cell."""
    item, kind = definition.items[name], definition.schema.variables[name].kind

    def key(text: str) -> str:
        return folded(text) if item.by == "label" else fold(text)

    missing = {key(code): MISSING_KINDS.index(one) for code, one in item.missing.items()}
    if kind == "number":
        words = {key(word): number for word, number in item.numbers.items()}
        return lambda text: _number(text, label_of(text, column, item), (words, missing), column, item=item), np.nan
    if kind == "text":
        declared = dict.fromkeys(column.declared_missing, UNMAPPED) | missing
        return lambda text: ("", declared[text]) if text in declared else (text, -1), ""
    if kind == "set":
        known = {fold(code): answer for code, answer in item.answers.items()}
        order = definition.schema.answers(name)
        return lambda text: _set(text, item.separator, known, missing, order=order), ""
    place = {answer: number for number, answer in enumerate(definition.schema.answers(name))}
    table: dict[str, Entry] = {key(code): (place[answer], -1) for code, answer in item.answers.items()}
    table |= {code: (-1, one) for code, one in missing.items()}
    look = _beyond(name, place, definition)
    return lambda text: table.get(label_of(text, column, item)) or look(text), -1


def _number(
    text: str, key: str, tables: tuple[Mapping[str, float], Mapping[str, int]], column: Column, *, item: Item
) -> Entry:
    """Read a number or a word for one; a code that the file declares as missing is none."""
    words, missing = tables
    if key in missing:
        return np.nan, missing[key]
    number = words[key] if key in words else as_number(text)
    if number is None or (text in column.declared_missing and key not in words):
        return np.nan, UNMAPPED
    low, high = item.range or (-np.inf, np.inf)
    return (number, -1) if low <= number <= high else (np.nan, OUT_OF_RANGE)


def _set(
    text: str, separator: str, known: Mapping[str, str], missing: Mapping[str, int], *, order: Sequence[str]
) -> Entry:
    """Split one cell into its options."""
    if text in missing:
        return "", missing[text]
    readings = chosen(text, separator, known)
    return (joined(readings[0], order), -1) if len(readings) == 1 else ("", UNMAPPED)


def _beyond(name: str, place: Mapping[str, int], definition: WaveDefinition) -> Translator:
    """Make the function that looks a text up in the standard list, and free text in the look-up file."""
    item = definition.items[name]
    listed = code_lists()[item.codes].lookup({**item.answers, **item.missing}) if item.codes else {}
    written: Mapping[str, str] = {}
    if item.lookup:
        where = definition.crosswalk_file.at(name, "lookup")
        written = read_lookup(definition.folder / item.lookup, [*place, *MISSING_KINDS], where)

    def look(text: str) -> Entry:
        to = listed.get(plain(text)) or written.get(folded(text))
        if to is None:
            return -1, UNMAPPED
        return (place[to], -1) if to in place else (-1, MISSING_KINDS.index(to))

    return look
