"""Questions with several answers: options in one cell, or one delivered column an option."""

from collections.abc import Collection, Sequence

import numpy as np

from lpact_eval.sample import MISSING_KINDS, BoolArray, IntArray
from lpact_eval.waves.delivered import Column, fold
from lpact_eval.waves.items import Item

SEPARATOR = "; "
_BITS = 62  # of an integer, one an option
_YES = frozenset({"1", "yes", "true", "x", "checked", "selected"})
_NO = frozenset({"0", "no", "false", "not selected", "unchecked"})


def joined(options: Collection[str], order: Sequence[str]) -> str:
    """Write a set as one text, options in the schema's order."""
    return SEPARATOR.join(option for option in order if option in options)


def ticked(
    columns: Sequence[Column], options: Sequence[str], item: Item, order: Sequence[str]
) -> tuple[IntArray, list[str], list[tuple[Column, list[str]]]]:
    """Combine one column an option into sets.

    Parameters
    ----------
    columns, options : sequence
        Delivered columns and the harmonised answer that a tick in each stands for.
    item : Item
        Maps further codes: a code in `answers` is a tick, one in `missing` no tick.
    order : sequence of str
        The schema's answers.

    Returns
    -------
    tuple
        Place of each row's set among the texts (-1: nothing ticked), the texts, and codes that are neither.
    """
    rows = columns[0].codes.size
    whole = np.dtype(np.int64 if len(columns) <= _BITS else object)  # Python's own integers have no last bit
    combined = np.zeros(rows, dtype=whole)
    unknown: list[tuple[Column, list[str]]] = []
    for place, (column, option) in enumerate(zip(columns, options, strict=True)):
        ticks, left = _ticks(column, option, item)
        combined |= ticks.astype(whole) << place
        unknown.append((column, left))
    patterns, codes = np.unique(combined, return_inverse=True)
    texts = [
        joined({option for bit, option in enumerate(options) if pattern >> bit & 1}, order) for pattern in patterns
    ]
    kept = [text for text in texts if text]
    place_of = np.array([kept.index(text) if text else -1 for text in texts], dtype=np.intp)
    return place_of[codes], kept, unknown


def chosen(
    columns: Sequence[Column], options: Sequence[str], item: Item
) -> tuple[IntArray, list[str], list[tuple[Column, list[str]]]]:
    """Combine one column an option into the one option of a single choice.

    Parameters
    ----------
    columns, options : sequence
        Delivered columns and the answer, or kind of missing, that a tick in each stands for.
    item : Item
        As for `ticked`.

    Returns
    -------
    tuple
        Place of each row's option (-1: nothing ticked; the number of options: several were), the options, and codes
        that are neither tick nor none. Ticks that stand for the same answer are one.
    """
    known = list(dict.fromkeys(options))
    ticks = np.zeros((len(known), columns[0].codes.size), dtype=bool)
    unknown: list[tuple[Column, list[str]]] = []
    for column, option in zip(columns, options, strict=True):
        own, left = _ticks(column, option, item)
        ticks[known.index(option)] |= own
        unknown.append((column, left))
    count = ticks.sum(axis=0)
    place = np.where(count == 1, ticks.argmax(axis=0), np.where(count > 1, len(known), -1))
    return place.astype(np.intp), known, unknown


def unticked(columns: Sequence[Column], item: Item) -> IntArray:
    """Tell why nothing was ticked, where a cell says so: the place of the kind of missing; -1 where none does."""
    kinds = {fold(code): MISSING_KINDS.index(kind) for code, kind in item.missing.items() if code.strip()}
    found = np.full(columns[0].codes.size, -1, dtype=np.intp)
    for column in columns:
        own = np.array([*(kinds.get(text, -1) for text in column.texts), -1], dtype=np.intp)[column.codes]
        found = np.where(found < 0, own, found)
    return found


def _is_option(text: str, title: str) -> bool:
    """Tell whether a cell repeats the option that its column's title ends in, as in "question - option"."""
    return title.endswith((f" - {text}", f" | {text}"))


def _ticks(column: Column, option: str, item: Item) -> tuple[BoolArray, list[str]]:
    """Tell ticked from unticked cells of one option, and list the codes that are neither."""
    header = column.name.rsplit(" | ", 1)[-1].casefold()
    texts = [text.casefold() for text in column.texts]
    own = {option.casefold(), header, *(text for text in texts if _is_option(text, column.title.casefold()))}
    yes = {*_YES, *own, *(fold(code).casefold() for code in item.answers)}
    no = {*_NO, *(fold(code).casefold() for code in item.missing)}
    if len(texts) == 1 and texts[0] in own and (column.codes < 0).any():
        no -= own  # the option "No", delivered as its own text where it is ticked and empty elsewhere
    left = [written for written, text in zip(column.texts, texts, strict=True) if text not in yes | no]
    return np.array([*(text in yes - no for text in texts), False])[column.codes], left
