"""Dates and times as survey tools write them, in the order that a definition declares."""

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.sample import FloatArray
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column

_DATE = re.compile(r"^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:$|[T ,])")
_CLOCK = re.compile(
    r"^[T ,]*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?\s*(?:Z|UTC|([+-])(\d{2}):?(\d{2}))?$",
    re.IGNORECASE,
)
_HOURS = 24
_NOON = 12


def days(column: Column, definition: WaveDefinition) -> list[dt.date]:
    """Read the dates of a column's texts in the declared order; an order that is not declared is never guessed.

    Raises
    ------
    DefinitionError
        If the order is needed and not declared.
    HarmonisationError
        If texts hold no date, by count.
    """
    found = _dates(column, definition)
    _require_read(column, found, definition.wave_file.at("delivered", "time"), _order("date", definition))
    return [day for day in found if day is not None]


def seconds(column: Column, definition: WaveDefinition, where: str) -> FloatArray:
    """Read the moments of all rows as seconds since 1970; NaN where the cell is empty.

    Parameters
    ----------
    column : Column
    definition : WaveDefinition
        Declares the order of dates.
    where : str
        File and line that name the column, for messages.

    Raises
    ------
    DefinitionError
        If the order is needed and not declared.
    HarmonisationError
        If texts hold no date and time, by count; or if none has a time of day.
    """
    moments = [
        None if day is None else _moment(day, text)
        for day, text in zip(_dates(column, definition), column.texts, strict=True)
    ]
    _require_read(column, moments, where, _order("date and time of day", definition))
    if column.texts and not any(":" in text for text in column.texts):
        msg = (
            f"{where}: column {column.name!r} holds dates without a time of day, so how long respondents took is not "
            "known; name columns with times, or remove the rule."
        )
        raise HarmonisationError(msg)
    return np.array([*(np.nan if moment is None else moment for moment in moments), np.nan])[column.codes]


def _dates(column: Column, definition: WaveDefinition) -> list[dt.date | None]:
    """Read dates in the declared order."""
    order = definition.delivered.dates
    found = [_DATE.match(text) for text in column.texts]
    if not order and any(one is None or len(one[1]) < 4 for one in found):  # noqa: PLR2004 - a year of four digits comes first
        msg = (
            f"{definition.wave_file.at('delivered')}: the dates in column {column.name!r} don't start with the year, "
            'and their order is not declared; add dates = "day-first" or dates = "month-first" to [delivered].'
        )
        raise DefinitionError(msg)
    return [_day(one, order) if one else None for one in found]


def _require_read(column: Column, found: Sequence[object | None], where: str, what: str) -> None:
    """Refuse texts that could not be read, by count."""
    unread = int(sum(count for one, count in zip(found, column.counts(), strict=True) if one is None))
    if unread:
        msg = (
            f"{where}: {unread} rows of column {column.name!r} hold no {what}; correct `dates` in [delivered] or the "
            "file."
        )
        raise HarmonisationError(msg)


def _order(what: str, definition: WaveDefinition) -> str:
    """Say what was looked for, in which order."""
    return f"{what} in the declared order ({definition.delivered.dates or 'iso'})"


def _day(found: re.Match[str], order: str) -> dt.date | None:
    """Make a date of three numbers."""
    first, second, third = (int(part) for part in found.groups())
    year, month, day = (third, second, first) if order == "day-first" else (third, first, second)
    if len(found[1]) == 4:  # noqa: PLR2004 - a year of four digits comes first in any order
        year, month, day = first, second, third
    elif order not in {"day-first", "month-first"}:
        return None
    try:
        return dt.date(year + 2000 if year < 100 else year, month, day)  # noqa: PLR2004 - years of two digits
    except ValueError:
        return None


def _moment(day: dt.date, text: str) -> float | None:
    """Add the time of day that follows a date; a date alone is its midnight, as files drop it."""
    date = _DATE.match(text)
    clock = text[date.end(3) :].strip() if date else ""
    found = _CLOCK.match(clock)
    if not found:
        return _since_1970(day) if not clock else None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = (found[4] or "").casefold()[:1]
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    if hour >= _HOURS or minute > 59 or second > 60:  # noqa: PLR2004 - a clock; leap seconds are written as 60
        return None
    ahead = (int(found[6]) * 60 + int(found[7])) * (-60 if found[5] == "-" else 60) if found[5] else 0
    return _since_1970(day) + hour * 3600 + minute * 60 + second - ahead


def _since_1970(day: dt.date) -> float:
    """Count the seconds to the start of a day."""
    return float((day - dt.date(1970, 1, 1)).days * 86_400)
