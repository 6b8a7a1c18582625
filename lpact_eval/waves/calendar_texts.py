"""One date as text: which day it may be, in which order, and which moment with its time of day."""

import datetime as dt
import functools
import re
from dataclasses import dataclass

_NUMBERS = re.compile(r"^(\d{4}|\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})(?=$|[T ,])")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "t(?:ember)?", "ober", "ember", "ember")
_MONTH = "|".join(f"{short}(?:{rest})?" for short, rest in zip(_NAMES, _LONG, strict=True))
_WEEKDAY = r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_END = r"(?=$|[T ,])"
_CLOCK = re.compile(
    r"^[T ,]*(?:at )?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?\s*"
    r"(?:(Z|UTC|GMT|BST)?\s*(?:([+-])(\d{1,2}):?(\d{2})?)?)$",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_YEAR = 4  # digits
_CENTURY = 2000
_HOURS, _NOON = 24, 12


@dataclass(frozen=True, slots=True)
class Written:
    """A date's three parts as they stand in a text.

    Attributes
    ----------
    parts : tuple of three numbers
        As written; with the month's name: year, month, day.
    needs_order : bool
        Whether it takes a declared order to read it: day and month are numbers before the year, or the year has two
        digits.
    named : bool
        Whether the month is a word.
    length : int
        Letters of the text that are the date.
    """

    parts: tuple[int, int, int]
    needs_order: bool
    named: bool
    length: int

    def day(self, order: str) -> dt.date | None:
        """Read the date in one order: day-first, month-first, or iso; None if it is no such date."""
        if self.needs_order and order not in {"day-first", "month-first"}:
            return None
        if self.named or not self.needs_order:
            year, month, day = self.parts
        elif order == "day-first":
            day, month, year = self.parts
        else:
            month, day, year = self.parts
        try:
            return dt.date(year + _CENTURY if year < 100 and self.needs_order else year, month, day)  # noqa: PLR2004 - years of two digits
        except ValueError:
            return None


def written_date(text: str) -> Written | None:
    """Find the date that a text starts with; None if there is none.

    Parameters
    ----------
    text : str
        Whitespace folded, such as "2024-09-03T10:15", "03/09/2024 10:15", "3 Sep 2024" or "Sep 3, 2024 10:15 AM".
    """
    numbers = _NUMBERS.match(text)
    if numbers:
        first, second, third = numbers[1], numbers[3], numbers[4]
        if len(first) == _YEAR and len(third) == _YEAR:
            return None
        return Written((int(first), int(second), int(third)), len(first) != _YEAR, named=False, length=numbers.end())
    for pattern in _with_month_names():
        if found := pattern.match(text):
            month = _NAMES.index(found["month"][:3].casefold()) + 1
            parts = (int(found["year"]), month, int(found["day"]))
            return Written(parts, len(found["year"]) != _YEAR, named=True, length=found.end())
    return None


@functools.cache
def _with_month_names() -> tuple[re.Pattern[str], ...]:
    """Make the patterns of dates with a month's name, which most files have none of."""
    return tuple(
        re.compile(rf"^{_WEEKDAY}{pattern}{_END}", re.IGNORECASE | re.ASCII)
        for pattern in (
            rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/. ](?:of )?(?P<month>{_MONTH})\.?,?[-/. ](?P<year>\d{{4}}|\d\d)",
            rf"(?P<month>{_MONTH})\.?[-/. ](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[-/. ](?P<year>\d{{4}}|\d\d)",
            rf"(?P<year>\d{{4}})[-/. ](?P<month>{_MONTH})\.?[-/. ](?P<day>\d{{1,2}})",
        )
    )


def is_serial(text: str) -> bool:
    """Tell whether a text is a bare number such as Excel counts days with."""
    return bool(_SERIAL.match(text))


def moment(day: dt.date, text: str) -> float | None:
    """Add the time of day that follows a date, in seconds since 1970; a date alone is its midnight, as files drop it.

    Parameters
    ----------
    day : date
    text : str
        The text that the day was read from.
    """
    date = written_date(text)
    clock = text[date.length :].strip(" ,") if date else ""
    found = _CLOCK.match(clock)
    if not found:
        return _since_1970(day) if date and not clock else None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = (found[4] or "").casefold()[:1]
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    if hour >= _HOURS or minute > 59 or second > 60:  # noqa: PLR2004 - a clock; leap seconds are written as 60
        return None
    return _since_1970(day) + hour * 3600 + minute * 60 + second - _ahead(found)


def _ahead(clock: re.Match[str]) -> int:
    """Count the seconds that a time zone is ahead of UTC; a time without one is taken as it stands."""
    summer = 3600 if (clock[5] or "").upper() == "BST" else 0
    if not clock[6]:
        return summer
    sign = -1 if clock[6] == "-" else 1
    return sign * (int(clock[7]) * 3600 + int(clock[8] or 0) * 60)


def _since_1970(day: dt.date) -> float:
    """Count the seconds to the start of a day."""
    return float((day - dt.date(1970, 1, 1)).days * 86_400)
