"""Delivered answers become harmonised answers; every delivered code is accounted for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lpact_eval.errors import HarmonisationError
from lpact_eval.sample import MISSING_KINDS, BoolArray, FloatArray, IntArray
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column, Delivered, as_number, fold
from lpact_eval.waves.items import Item
from lpact_eval.waves.lookup import folded, read_lookup
from lpact_eval.waves.perceived import perceived_message
from lpact_eval.waves.sets import joined, ticked
from lpact_eval.waves.unmapped import Unmapped, count_unmapped, unmapped_message

Values = IntArray | FloatArray | NDArray[np.object_]
_Entry = tuple[int | float | str, int]

BLANK = MISSING_KINDS.index("blank")
NOT_ASKED = MISSING_KINDS.index("not asked")
_UNMAPPED, _OUT_OF_RANGE = -2, -3


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One harmonised variable of n respondents.

    Attributes
    ----------
    values : ndarray of shape (n,)
        Places in the schema's answers (-1: missing), or numbers (NaN), or texts ("").
    missing : ndarray of shape (n,), int
        Place in MISSING_KINDS; -1 where answered.
    out_of_range : int
        Numbers that are impossible and count as blank.
    """

    values: Values = field(repr=False)
    missing: IntArray = field(repr=False)
    out_of_range: int = 0


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
        raise HarmonisationError("\n".join(unmapped_message(one, definition) for one in unmapped))
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
    found: dict[str, Answers] = {}
    used: set[str] = set()
    unmapped: list[Unmapped] = []
    refused: list[str] = []
    for name, item in definition.items.items():
        try:
            columns = _columns(delivered, definition, name)
        except HarmonisationError as error:
            refused.append(str(error))
            continue
        used |= {column.name for column in columns}
        asked = accepted(columns.pop(), item.asked_if.accept) if item.asked_if else np.ones(len(delivered), dtype=bool)
        if officer := perceived_message(name, columns, item, definition.crosswalk_file.at(name)):
            refused.append(officer)
            continue
        found[name], left = _translated(name, columns, definition, asked)
        unmapped += left
    if refused:
        raise HarmonisationError("\n".join(refused))
    return found, frozenset(used), unmapped


def _columns(delivered: Delivered, definition: WaveDefinition, name: str) -> list[Column]:
    """Take a variable's delivered column (or a set's columns), and last the one that says who was asked."""
    item, file = definition.items[name], definition.crosswalk_file
    wanted = {item.column: file.at(name, "column")} if item.column else {}
    wanted |= {column: file.at(name, "columns", column) for column in item.columns}
    columns = [delivered.column(column, where=where) for column, where in wanted.items()]
    if item.asked_if:
        columns.append(delivered.column(item.asked_if.column, where=file.at(name, "asked_if")))
    return columns


def _translated(
    name: str, columns: Sequence[Column], definition: WaveDefinition, asked: BoolArray
) -> tuple[Answers, list[Unmapped]]:
    """Translate one variable: look each distinct text up once, then spread the answers over the rows."""
    item = definition.items[name]
    if item.columns:
        codes, texts, unknown = ticked(columns, list(item.columns.values()), item, definition.schema.answers(name))
    else:
        codes, texts, unknown = columns[0].codes, columns[0].texts, []
    translate, nothing = _translator(name, item, columns[0], definition)
    entries = [translate(text) for text in texts]
    left = [*unknown, (columns[0], [text for text, (_, kind) in zip(texts, entries, strict=True) if kind == _UNMAPPED])]
    empty = next((MISSING_KINDS.index(kind) for code, kind in item.missing.items() if not code.strip()), BLANK)
    values = cast("Values", np.array([*(value for value, _ in entries), nothing], dtype=_dtype(nothing))[codes])
    missing = np.array([*(kind for _, kind in entries), empty], dtype=np.intp)[codes]
    missing[(codes < 0) & ~asked] = NOT_ASKED
    impossible = missing == _OUT_OF_RANGE
    missing[impossible] = BLANK
    unmapped = [one for column, some in left if (one := count_unmapped(name, column, some))]
    return Answers(values, missing, int(impossible.sum())), unmapped


def _dtype(nothing: float | str) -> type:
    """Choose the array type: places, numbers or texts."""
    return object if isinstance(nothing, str) else type(nothing)


def _translator(
    name: str, item: Item, column: Column, definition: WaveDefinition
) -> tuple[Callable[[str], _Entry], int | float | str]:
    """Make the function from a delivered text to (answer, kind of missing), and the answer of an empty cell."""
    kind = definition.schema.variables[name].kind
    missing = {fold(code): MISSING_KINDS.index(one) for code, one in item.missing.items()}
    if kind == "number":
        low, high = item.range or (-np.inf, np.inf)
        return lambda text: _number(text, missing, column, (low, high)), np.nan
    if kind == "text":
        return lambda text: ("", missing[text]) if text in missing else (text, -1), ""
    if kind == "set":
        known = {fold(code): answer for code, answer in item.answers.items()}
        order = definition.schema.answers(name)
        return lambda text: _set(text, item.separator, known, missing, order=order), ""
    table = _table(name, item, missing, definition)
    return lambda text: table(text) or (-1, _UNMAPPED), -1


def _number(text: str, missing: Mapping[str, int], column: Column, limits: tuple[float, float]) -> _Entry:
    """Read a number; a code that the file declares as missing is none."""
    if text in missing:
        return np.nan, missing[text]
    number = as_number(text)
    if number is None or text in column.declared_missing:
        return np.nan, _UNMAPPED
    return (number, -1) if limits[0] <= number <= limits[1] else (np.nan, _OUT_OF_RANGE)


def _set(
    text: str, separator: str, known: Mapping[str, str], missing: Mapping[str, int], *, order: Sequence[str]
) -> _Entry:
    """Split one cell into its options."""
    if text in missing:
        return "", missing[text]
    if not separator:
        return text, -1
    options = [option for part in text.split(separator.strip() or separator) if (option := fold(part))]
    if not all(option in known for option in options):
        return "", _UNMAPPED
    return joined({known[option] for option in options}, order), -1


def _table(
    name: str, item: Item, missing: Mapping[str, int], definition: WaveDefinition
) -> Callable[[str], _Entry | None]:
    """Look a text up among the mapped codes, and free text in the look-up file."""
    answers = definition.schema.answers(name)
    place = {answer: number for number, answer in enumerate(answers)}
    table: dict[str, _Entry] = {fold(code): (place[answer], -1) for code, answer in item.answers.items()}
    table |= {code: (-1, kind) for code, kind in missing.items()}
    if not item.lookup:
        return table.get
    where = definition.crosswalk_file.at(name, "lookup")
    written = read_lookup(definition.folder / item.lookup, [*answers, *MISSING_KINDS], where)
    free: dict[str, _Entry] = {
        text: (place[to], -1) if to in place else (-1, MISSING_KINDS.index(to)) for text, to in written.items()
    }
    return lambda text: table.get(text) or free.get(folded(text))


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
