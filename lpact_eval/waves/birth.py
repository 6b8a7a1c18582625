"""Age in whole years, worked out while reading; the date or year of birth itself goes no further."""

import datetime as dt
import re
from typing import Final

import numpy as np

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.sample import MISSING_KINDS, IntArray
from lpact_eval.waves.answers import BLANK, OUT_OF_RANGE, Answers
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column, Delivered, as_number, fold
from lpact_eval.waves.times import days

POSSIBLE: Final = (0.0, 120.0)
_YEAR: Final = re.compile(r"^[12]\d{3}$")
_FOUR_DIGITS: Final = re.compile(r"\d{4}")
_UNKNOWN, _MISSING = -1, -2  # of a text; dates are written as whole numbers, 19850229


def ages(name: str, column: Column, delivered: Delivered, definition: WaveDefinition) -> tuple[Answers, list[str]]:
    """Work out ages from a column of dates or years of birth.

    Parameters
    ----------
    name : str
        Harmonised number.
    column : Column
        Dates in the declared order, or years of four digits.
    delivered : Delivered
        For the day of the interview.
    definition : WaveDefinition

    Returns
    -------
    tuple
        Ages, not settled yet; and texts that are neither a year nor mapped.

    Raises
    ------
    DefinitionError
        If the day that ages hold for is not known, or the order of dates is not stated.
    HarmonisationError
        If texts hold no date, by count.

    Notes
    -----
    Who was born on 29 February has a birthday on 1 March in other years. Of a year of birth only the age that is
    reached in the year of the interview is known, which is a year too high before the birthday.
    """
    item = definition.items[name]
    missing = {fold(code): MISSING_KINDS.index(kind) for code, kind in item.missing.items()}
    on = _reference(name, delivered, definition)
    whole = item.derive == "age from date of birth"
    born = _births(name, column, set(missing), definition, whole=whole, latest=int(on.max(initial=0)))
    births = np.append(born, _MISSING)[column.codes]
    age = (on - births) // 10_000 if whole else on // 10_000 - births
    known = (births >= 0) & (on > 0)
    low, high = item.range or POSSIBLE
    possible = known & (age >= max(low, 0)) & (age <= high)
    kinds = np.array([*(missing.get(text, BLANK) for text in column.texts), missing.get("", BLANK)], dtype=np.intp)
    undated = int(((births >= 0) & (on <= 0)).sum())
    note = f"age not known for want of the interview's date, counted as blank: {name} ({undated} delivered rows)"
    answers = Answers(
        np.where(possible, age, np.nan).astype(float),
        np.where(possible, -1, np.where(known, OUT_OF_RANGE, kinds[column.codes])),
        notes=(note,) if undated else (),
    )
    return answers, [text for text, one in zip(column.texts, born, strict=True) if one == _UNKNOWN]


def _reference(name: str, delivered: Delivered, definition: WaveDefinition) -> IntArray:
    """Find the day that each row's age holds for, as a whole number; 0 where there is none."""
    at = definition.items[name].at or "fieldwork start"
    if at != "interview":
        day = definition.fieldwork.start if at == "fieldwork start" else definition.fieldwork.end
        return np.full(len(delivered), _whole(day), dtype=np.intp)
    where = definition.crosswalk_file.at(name, "at")
    if not delivered.layout.time:
        msg = (
            f'{where}: at = "interview" needs the column with the day of the interview; name it as time = "..." in '
            '[delivered] of wave.toml, or say at = "fieldwork start" or "fieldwork end".'
        )
        raise DefinitionError(msg)
    column = delivered.column(delivered.layout.time, where=definition.wave_file.at("delivered", "time"))
    return np.array([*map(_whole, days(column, definition)), 0], dtype=np.intp)[column.codes]


def _births(
    name: str, column: Column, missing: set[str], definition: WaveDefinition, *, whole: bool, latest: int
) -> IntArray:
    """Read the births of a column's texts as whole numbers: days (19850229) or years."""
    births = np.full(len(column.texts), _UNKNOWN, dtype=np.intp)
    for place, text in enumerate(column.texts):
        if text in missing:
            births[place] = _MISSING
        elif not whole and _YEAR.match(text) and text not in column.declared_missing:
            births[place] = int(as_number(text) or 0)
    left = np.flatnonzero(births == _UNKNOWN)
    if not whole or not left.size:
        return births
    texts = tuple(column.texts[place] for place in left)
    again = np.full(len(column.texts) + 1, -1, dtype=np.intp)
    again[left] = np.arange(left.size)
    dates = Column(column.name, again[column.codes], texts, {}, frozenset())
    try:
        read = days(dates, definition)
    except HarmonisationError as error:
        where = definition.crosswalk_file.at(name, "derive")
        msg = f"{where}: {name!r} is derived from dates of birth; map texts that are none in [{name}.missing]. {error}"
        raise HarmonisationError(msg) from None
    births[left] = [_this_century(day, text, latest) for day, text in zip(read, texts, strict=True)]
    return births


def _this_century(day: dt.date, text: str, latest: int) -> int:
    """Take a birth after the last interview, written with a year of two digits, a hundred years back."""
    number = _whole(day)
    return number - 1_000_000 if number > latest and not _FOUR_DIGITS.search(text) else number


def _whole(day: dt.date) -> int:
    """Write a day as a whole number, so that a difference of 10,000 is a year."""
    return day.year * 10_000 + day.month * 100 + day.day
