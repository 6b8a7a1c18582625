"""The answer to a question asked before fieldwork, and the checks that every such question shares."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a sample can show, or why it can't; NaN where a field is no part of the question.

    Attributes
    ----------
    question : str
        What was asked, in a few words.
    sentence : str
        The answer in plain English, rounded; the fields hold it exactly.
    n : float
        Respondents (or approaches) needed, before rounding up; NaN when no number is enough.
    change, change_down : float
        Change upwards and downwards, as a proportion; a fall is negative.
    power : float
        Probability of showing the change; where the plan is impossible, the best that can be had.
    half_width : float
        Half the width of the interval, as a proportion.
    margin : float
        Difference that would matter and is to be ruled out, as a proportion.
    impossible : bool
        True when no sample gives what was asked; the sentence says what is the best that can be had.
    assumptions : mapping of str to float or str
        Everything that the answer rests on.
    table : DataFrame or None
        The plan's rows where it has more than one: a group each, or a way to spread it over sites.
    """

    question: str
    sentence: str
    n: float = math.nan
    change: float = math.nan
    change_down: float = math.nan
    power: float = math.nan
    half_width: float = math.nan
    margin: float = math.nan
    impossible: bool = False
    assumptions: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))
    table: pd.DataFrame | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return the answer and its assumptions as one row.

        Returns
        -------
        DataFrame
            question, n, change, change_down, power, half_width, margin (where it was asked for), impossible, one column
            per assumption, sentence.
        """
        import pandas as pd  # noqa: PLC0415 - a plan is made without pandas, which is slow to load

        answer: dict[str, float | str | bool] = {
            "question": self.question,
            "n": self.n,
            "change": self.change,
            "change_down": self.change_down,
            "power": self.power,
            "half_width": self.half_width,
            **({} if math.isnan(self.margin) else {"margin": self.margin}),
            "impossible": self.impossible,
        }
        return pd.DataFrame([{**answer, **dict(self.assumptions), "sentence": self.sentence}])


def require_inside(name: str, value: object, low: float, high: float) -> float:
    """Refuse a number that does not lie strictly between two bounds."""
    number = require_number(name, value)
    if not low < number < high:
        msg = f"Cannot plan with {name}={value!r}: it must lie above {low:g} and below {high:g}."
        raise WrongUseError(msg)
    return number


def require_at_least(name: str, value: object, least: float, *, finite: bool = True) -> float:
    """Refuse a number below its least sensible value."""
    number = require_number(name, value)
    if number < least or (finite and math.isinf(number)):
        kind = "a finite number" if finite else "a number"
        msg = f"Cannot plan with {name}={value!r}: it must be {kind} of at least {least:g}."
        raise WrongUseError(msg)
    return number


def require_whole(name: str, value: object, least: int) -> int:
    """Refuse a number that is not whole, or below its least sensible value."""
    number = require_at_least(name, value, least)
    if number != int(number):
        msg = f"Cannot plan with {name}={value!r}: people come in whole numbers; round it first."
        raise WrongUseError(msg)
    return int(number)


def require_number(name: str, value: object) -> float:
    """Refuse what is not a number; True and NaN are not."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value):
        msg = f"Cannot plan with {name}={value!r}: give a number."
        raise WrongUseError(msg)
    return float(value)
