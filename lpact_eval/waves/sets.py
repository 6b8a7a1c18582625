"""Questions with several answers: options in one cell, or one delivered column an option."""

from collections.abc import Collection, Sequence

import numpy as np

from lpact_eval.sample import BoolArray, IntArray
from lpact_eval.waves.delivered import Column, fold
from lpact_eval.waves.items import Item

SEPARATOR = "; "
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
    combined = np.zeros(rows, dtype=np.int64)
    unknown: list[tuple[Column, list[str]]] = []
    for place, (column, option) in enumerate(zip(columns, options, strict=True)):
        ticks, left = _ticks(column, option, item)
        combined |= ticks.astype(np.int64) << place
        unknown.append((column, left))
    patterns, codes = np.unique(combined, return_inverse=True)
    texts = [
        joined({option for bit, option in enumerate(options) if pattern >> bit & 1}, order) for pattern in patterns
    ]
    kept = [text for text in texts if text]
    place_of = np.array([kept.index(text) if text else -1 for text in texts], dtype=np.intp)
    return place_of[codes], kept, unknown


def _ticks(column: Column, option: str, item: Item) -> tuple[BoolArray, list[str]]:
    """Tell ticked from unticked cells of one option, and list the codes that are neither."""
    header = column.name.rsplit(" | ", 1)[-1].casefold()
    yes = {*_YES, option.casefold(), header, *(fold(code).casefold() for code in item.answers)}
    no = {*_NO, *(fold(code).casefold() for code in item.missing)}
    texts = [text.casefold() for text in column.texts]
    left = [written for written, text in zip(column.texts, texts, strict=True) if text not in yes | no]
    return np.array([*(text in yes - no for text in texts), False])[column.codes], left
