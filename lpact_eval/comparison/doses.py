"""How many events each respondent attended, and which numbers of events are compared with none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError
from lpact_eval.estimation.domains import categories_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.sample import FloatArray, Sample

PER_EVENT: Final = "per event"
FEWEST_ATTENDEES: Final = 10  # attendees under which a number of events joins its neighbour
_COUNT = re.compile(r"(\d+)(\+?)")
_MOST = 1_000  # events that nobody attends, so that a code for a missing answer does not count as a number


@dataclass(frozen=True, slots=True)
class Step:
    """A range of numbers of events that is compared with none; `name` as in "1", "2+" or "1+"."""

    name: str
    low: float
    high: float

    def holds(self, count: FloatArray) -> FloatArray:
        """Say of each number of events whether it is in the range, as 0 and 1."""
        return ((count >= self.low) & (count <= self.high)).astype(float)


ONE, MORE, ANY = Step("1", 1, 1), Step("2+", 2, np.inf), Step("1+", 1, np.inf)
MERGED: Final = f"1 event and 2 or more events taken together: fewer than {FEWEST_ATTENDEES} attended one of the two"


@dataclass(frozen=True, slots=True, eq=False)
class Doses:
    """Numbers of events of the n complete respondents.

    Attributes
    ----------
    count : ndarray of shape (n,)
        Events; an answer such as "3+" counts as 3.
    open_ended : str
        The answer that counts as its lowest number; empty without one.
    steps : mapping of domain to tuple of Step
        What is compared with no event: 1 and 2+, or both together where fewer than 10 attended one of them.
    """

    count: FloatArray
    open_ended: str
    steps: Mapping[str, tuple[Step, ...]]

    @staticmethod
    def of(question: Question, count: FloatArray, open_ended: str) -> Doses:
        """Find the steps of every domain; `count` holds all respondents of the sample."""
        mine = count[question.rows]
        steps = {name: _steps(mine[inside]) for name, inside in question.arms.groups().items()}
        return Doses(mine, open_ended, steps)


def _steps(count: FloatArray) -> tuple[Step, ...]:
    """Keep two numbers of events apart where enough attended each."""
    few = min(int(step.holds(count).sum()) for step in (ONE, MORE)) < FEWEST_ATTENDEES
    return (ANY,) if few else (ONE, MORE)


def are_counts(answers: Sequence[str]) -> bool:
    """Say whether all answers are numbers of events, as "0", "1" and "2+" are."""
    return bool(answers) and all(_COUNT.fullmatch(answer) for answer in answers)


def events_of(sample: Sample, events: str) -> tuple[FloatArray, str]:
    """Read how many events each respondent attended.

    Parameters
    ----------
    sample : Sample
    events : str
        A whole number, or answers such as "0", "1", "2", "3+", of which the last counts as 3.

    Returns
    -------
    ndarray of shape (n,), str
        Numbers, not a number where missing, and the answer that is open at the top.

    Raises
    ------
    EstimationError
        If the variable does not exist or does not hold numbers of events.
    """
    codes, names = categories_of(sample, events)
    column = sample.answers[events]
    if not isinstance(column.dtype, pd.CategoricalDtype) and pd.api.types.is_numeric_dtype(column.dtype):
        count = column.to_numpy(dtype=float, na_value=np.nan)
        known = count[~np.isnan(count)]
        if ((known < 0) | (known > _MOST) | (known != np.floor(known))).any():
            msg = f"Cannot count the events in {events!r}: it holds numbers that are no numbers of events."
            raise EstimationError(msg)
        return count, ""
    found = [_COUNT.fullmatch(name) for name in names]
    if not all(found):
        msg = f"Cannot count the events in {events!r}: its answers are {names[:12]}; they have to be as '0', '1', '2+'."
        raise EstimationError(msg)
    numbers = np.array([*(float(match[1]) for match in found if match), np.nan])
    open_ended = [match[0] for match in found if match and match[2]]
    return numbers[codes], " and ".join(open_ended)
