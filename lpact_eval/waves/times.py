"""Dates and times as survey tools write them, in the order that a definition or its preset declares."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.sample import FloatArray
from lpact_eval.waves.calendar_texts import Written, is_serial, moment, written_date
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column

_ORDERS = ("day-first", "month-first")


def days(column: Column, definition: WaveDefinition) -> list[dt.date]:
    """Read the dates of a column's texts in the declared order; an order that is not declared is never guessed.

    Raises
    ------
    DefinitionError
        If the order is needed and not declared.
    HarmonisationError
        If texts hold no date, or none in the declared order, by count.
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
        If texts hold no date and time, or none in the declared order, by count; or if none has a time of day.
    """
    moments = [
        None if day is None else moment(day, text)
        for day, text in zip(_dates(column, definition), column.texts, strict=True)
    ]
    _require_read(column, moments, where, _order("date and time of day", definition))
    if column.texts and not any(":" in text for text in column.texts):
        msg = (
            f"{where}: column {column.name!r} holds dates without a time of day, so how long respondents took is not "
            "known; name columns with times, or remove the rule."
        )
        raise HarmonisationError(msg)
    return np.array([*(np.nan if one is None else one for one in moments), np.nan])[column.codes]


def _dates(column: Column, definition: WaveDefinition) -> list[dt.date | None]:
    """Read dates in the declared order."""
    order = definition.delivered.order
    found = [written_date(text) for text in column.texts]
    if not order and any(one is not None and one.needs_order for one in found):
        msg = (
            f"{definition.wave_file.at('delivered')}: the dates in column {column.name!r} don't start with the year, "
            f'and their order is not declared: {_fits(column, found)}; add dates = "day-first" or '
            'dates = "month-first" to [delivered].'
        )
        raise DefinitionError(msg)
    read = [one.day(order) if one else None for one in found]
    _refuse_other_order(column, found, read, definition)
    return read


def _refuse_other_order(
    column: Column, found: Sequence[Written | None], read: Sequence[dt.date | None], definition: WaveDefinition
) -> None:
    """Refuse dates that can't be in the declared order but can be in another one."""
    declared = definition.delivered
    unread = [one if day is None else None for one, day in zip(found, read, strict=True)]
    other = next((order for order in _ORDERS if order != declared.order and any(_days(unread, order))), "")
    if not other:
        return
    count = _count(column, [bool(day) for day in _days(unread, other)])
    by = "wave.toml states" if declared.dates else f"the preset {declared.preset} states"
    msg = (
        f"{definition.wave_file.at('delivered', 'dates')}: {by} dates = {declared.order!r}, but {count} of the dates "
        f"in column {column.name!r} can't be read so: {_fits(column, found)}. State "
        f'dates = "{other}" in [delivered] if that is how the file was saved.'
    )
    raise HarmonisationError(msg)


def _fits(column: Column, found: Sequence[Written | None]) -> str:
    """Count the dates that each order could be read in."""
    total = _count(column, [one is not None for one in found])
    counts = [(order, _count(column, [bool(day) for day in _days(found, order)])) for order in _ORDERS]
    return " and ".join(f"{count:,} of {total:,} fit {order}" for order, count in counts)


def _days(found: Sequence[Written | None], order: str) -> list[dt.date | None]:
    """Read dates in one order."""
    return [one.day(order) if one else None for one in found]


def _count(column: Column, chosen: Sequence[bool]) -> int:
    """Count the rows of the texts chosen."""
    return int(column.counts()[np.array(chosen, dtype=bool)].sum())


def _require_read(column: Column, found: Sequence[object | None], where: str, what: str) -> None:
    """Refuse texts that could not be read, by count."""
    unread = [one is None for one in found]
    if not any(unread):
        return
    serials = _count(column, [gone and is_serial(text) for gone, text in zip(unread, column.texts, strict=True)])
    numbers = (
        f" {serials:,} of them hold a bare number, as Excel does when a date lost its format: format the column as "
        "yyyy-mm-dd in Excel and save the file again."
        if serials
        else ""
    )
    msg = (
        f"{where}: {_count(column, unread):,} rows of column {column.name!r} hold no {what}; correct `dates` in "
        f"[delivered] or the file.{numbers}"
    )
    raise HarmonisationError(msg)


def _order(what: str, definition: WaveDefinition) -> str:
    """Say what was looked for, in which order."""
    return f"{what} in the declared order ({definition.delivered.order or 'iso'})"
