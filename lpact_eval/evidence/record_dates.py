"""Dates and times of day as people type them; an order of day and month that a file leaves open is never guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lpact_eval.evidence.findings import listed_rows
from lpact_eval.waves.calendar_texts import is_serial, moment, written_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS: Final = (DAY_FIRST, MONTH_FIRST)
_TOLD: Final = (*ORDERS, "either")
_Found = tuple[str, "Sequence[int]"]
_STATE: Final = 'If dates are written so, state dates = "{}" in events.toml or to read_events; or write 2024-03-16.'
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(?:([ap])\.?m\.?)?$", re.IGNORECASE | re.ASCII)
_HOUR = re.compile(r"^(\d{1,2})\s*([ap])\.?m\.?$", re.IGNORECASE | re.ASCII)
_DIGITS = re.compile(r"^(\d{1,2})(\d\d)\s*(?:h|hrs|hours)?()()$", re.IGNORECASE | re.ASCII)
_FRACTION = re.compile(r"^0?\.\d+$", re.ASCII)
_DAY, _NOON, _LATEST = 24, 12, 30
_MINUTES: Final = 60


class Wrong(str):
    """Why a cell can't be read."""

    __slots__ = ()


def find_order(cells: Iterable[tuple[str, Mapping[str, Sequence[int]]]], declared: str, where: str) -> tuple[str, str]:
    """Find the order of day and month that the dates of a file are written in.

    Parameters
    ----------
    cells : iterable of (column, mapping of text to rows)
    declared : str
        "day-first", "month-first" or empty.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of two str
        The order, and why dates can't be read in it; empty where they can.
    """
    told: dict[str, list[_Found]] = {order: [] for order in _TOLD}
    for column, texts in cells:
        rows: dict[str, list[int]] = {}
        for text, found in texts.items():
            rows.setdefault(_tells(text), []).extend(found)
        for order in _TOLD:
            if order in rows:
                told[order].append((column, sorted(rows[order])))
    if declared:
        other = told[MONTH_FIRST if declared == DAY_FIRST else DAY_FIRST]
        return declared, f"{where}: {_places(other)} can't be read {declared}, as dates are stated." if other else ""
    return DAY_FIRST, _left_open(told, where)


def _left_open(told: Mapping[str, Sequence[_Found]], where: str) -> str:
    """Say why dates whose order is not stated can't be read; nothing where they can be read day-first."""
    first, second, either = (told[order] for order in _TOLD)
    if first and second:
        both = f"{_places(first)} day-first, {_places(second)} month-first"
        return f"{where}: dates stand in two orders: {both}. Write all as 2024-03-16."
    if second:
        return f"{where}: {_places(second)} can be read month-first only. {_STATE.format(MONTH_FIRST)}"
    if either and not first:
        return f"{where}: {_places(either)} can be read day-first and month-first. {_STATE.format(DAY_FIRST)}"
    return ""


def _tells(text: str) -> str:
    """Tell which order a date can be read in; nothing if it makes no difference or it is no date."""
    written = written_date(text)
    if written is None or not written.needs_order:
        return ""
    first, second = written.day(DAY_FIRST), written.day(MONTH_FIRST)
    if first and second:
        return "" if first == second else "either"
    return DAY_FIRST if first else MONTH_FIRST if second else ""


def _places(found: Sequence[tuple[str, Sequence[int]]]) -> str:
    """Name columns with their rows."""
    return ", ".join(f"column {column!r} {listed_rows(rows)}" for column, rows in found)


def read_date(text: str, order: str) -> dt.date | Wrong:
    """Read a date in an order that was found.

    Parameters
    ----------
    text : str
        Such as "2024-03-16", "16/03/2024", "16 March 2024" or "2024-03-16T00:00:00".
    order : str
    """
    if is_serial(text):
        return Wrong("a bare number, not a date; format the cell as a date")
    written = written_date(text)
    day = written.day(order) if written else None
    if day is None or moment(day, text) is None:
        return Wrong("not a date")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return Wrong(f"not a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


def read_time(text: str) -> float | Wrong:
    """Read a time of day as minutes after midnight; 24:30 is half an hour after the end of the day.

    Parameters
    ----------
    text : str
        Such as "18:00", "18:00:00", "6.30 pm", "6pm", "1830", "2024-03-16T18:00:00", or 0.75 as Excel counts.
    """
    clock = text.rsplit("T", 1)[-1]
    if _FRACTION.match(clock):
        return float(round(float(clock) * _DAY * _MINUTES))
    found, whole = _CLOCK.match(clock) or _DIGITS.match(clock), _HOUR.match(clock)
    hour, minute, second, half = _parts(found, whole)
    if half and 1 <= hour <= _NOON:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    elif half:
        return Wrong("not a time of day")
    if not 0 <= hour < _LATEST or minute >= _MINUTES or second >= _MINUTES:
        return Wrong("not a time of day")
    return float(hour * _MINUTES + minute + round(second / _MINUTES))


def _parts(found: re.Match[str] | None, whole: re.Match[str] | None) -> tuple[int, int, int, str]:
    """Take hour, minute, second and half of the day from a text; an hour of -1 is none."""
    if found:
        return int(found[1]), int(found[2]), int(found[3] or 0), (found[4] or "").casefold()
    return (int(whole[1]), 0, 0, whole[2].casefold()) if whole else (-1, 0, 0, "")
