"""One harmonised variable while it is worked out: answers as places, and why those that are missing are."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lpact_eval.sample import MISSING_KINDS, FloatArray, IntArray

Values = IntArray | FloatArray | NDArray[np.object_]
Entry = tuple[int | float | str, int]
"""What a delivered text stands for: an answer, and the place of a kind of missing or -1."""

BLANK = MISSING_KINDS.index("blank")
NOT_ASKED = MISSING_KINDS.index("not asked")
UNMAPPED, OUT_OF_RANGE = -2, -3


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One harmonised variable of n respondents.

    Attributes
    ----------
    values : ndarray of shape (n,)
        Places in the schema's answers (-1: missing), or numbers (NaN), or texts ("").
    missing : ndarray of shape (n,), int
        Place in MISSING_KINDS; -1 where answered; until settled OUT_OF_RANGE where a number is impossible.
    out_of_range : int
        Numbers that are impossible and count as blank.
    notes : tuple of str
        What the ledger says about answers that were set missing, with counts.
    """

    values: Values = field(repr=False)
    missing: IntArray = field(repr=False)
    out_of_range: int = 0
    notes: tuple[str, ...] = ()


def settled(answers: Answers) -> Answers:
    """Count the impossible numbers, and let them be blank."""
    impossible = answers.missing == OUT_OF_RANGE
    missing = np.where(impossible, BLANK, answers.missing).astype(np.intp)
    return replace(answers, missing=missing, out_of_range=int(impossible.sum()))
