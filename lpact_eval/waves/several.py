"""One question that was delivered in several columns, such as one for paper and one for online answers."""

from collections.abc import Sequence
from typing import Final, Literal, cast

import numpy as np

from lpact_eval.sample import MISSING_KINDS, BoolArray, IntArray
from lpact_eval.waves.answers import BLANK, NOT_ASKED, OUT_OF_RANGE, Answers, Values

# Who said why there is no answer counts before who left an empty cell, and a question put once was asked.
_SAID: Final = (MISSING_KINDS.index("don't know"), MISSING_KINDS.index("prefer not to say"))
_STRENGTH: Final = (*_SAID, OUT_OF_RANGE, BLANK, NOT_ASKED)


def combined(parts: Sequence[Answers], disagree: Literal["", "blank", "first"]) -> tuple[Answers, int]:
    """Take each row's first answered column.

    Parameters
    ----------
    parts : sequence of Answers
        The same variable from each column, n rows, not settled yet.
    disagree : str
        "blank": rows that answer two columns differently have no answer; else the first column counts.

    Returns
    -------
    tuple
        The answers, and the number of rows that answer two columns differently.

    Notes
    -----
    With "blank" the order of the columns doesn't matter: of several kinds of missing, "don't know" counts before
    "prefer not to say", and "blank" before "not asked".
    """
    values, missing = parts[0].values.copy(), _weakest(parts)
    taken = np.zeros(missing.size, dtype=bool)
    differs = np.zeros(missing.size, dtype=bool)
    for part in parts:
        answered = part.missing == -1  # other negative numbers are marks of their own
        differs |= taken & answered & _unlike(values, part.values)
        fresh = answered & ~taken
        values[fresh] = part.values[fresh]
        taken |= answered
    missing[taken] = -1
    if disagree == "blank":
        missing[differs] = BLANK
        values[differs] = _nothing(values)
    notes = tuple(note for part in parts for note in part.notes)
    return Answers(values, missing, notes=notes), int(differs.sum())


def _weakest(parts: Sequence[Answers]) -> IntArray:
    """Choose the kind of missing of rows that no column answers."""
    found = np.full(parts[0].missing.size, NOT_ASKED, dtype=np.intp)
    for kind in reversed(_STRENGTH):
        found[np.any([part.missing == kind for part in parts], axis=0)] = kind
    return found


def _unlike(one: Values, other: Values) -> BoolArray:
    """Compare answers row by row."""
    return np.asarray(cast("BoolArray", one != other), dtype=bool)


def _nothing(values: Values) -> float | str:
    """Return what stands for no answer in an array of places, numbers or texts."""
    if values.dtype == np.object_:
        return ""
    return np.nan if values.dtype.kind == "f" else -1
