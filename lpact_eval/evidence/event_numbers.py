"""Rows of evidence from numbers of the register: totals, medians with their range, shares and ratios, by group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.event_limits import limits_of_ratios, limits_of_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evidence.event_cells import Cells
    from lpact_eval.evidence.event_limits import Limits
    from lpact_eval.sample import BoolArray, FloatArray

RELATIONSHIPS: Final = "relationships"
MEDIAN, LOWEST, HIGHEST = "median", "lowest", "highest"
NO_EVENT: Final = "no event"

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number of events is called.

    Attributes
    ----------
    table, name, unit, base : str
        As in the columns of evidence.
    missing : str
        What an event lacks that is left out, as in "a count of attendees".
    people : bool
        Whether the number of a single event is one of people, so that it is a numerator.
    """

    table: str
    name: str
    unit: str
    base: str
    missing: str
    people: bool = False


def total_rows(cells: Cells, values: FloatArray, measure: Measure) -> list[Row]:
    """Add up a number over the events of each group; missing ones are left out and counted in the flags."""
    known = ~np.isnan(values)
    totals, seen, events = cells.add(values), cells.count(known), cells.count()
    rows: list[Row] = []
    for place in range(len(cells)):
        refused = f"no event with {measure.missing}" if events[place] and not seen[place] else ""
        value = np.nan if refused else float(totals[place])
        told = left_out(events[place] - seen[place], measure.missing)
        rows.append(row_of(measure, cells, place, value=value, numerator=value, refused=refused, flags=told))
    return rows


def spread_rows(cells: Cells, values: FloatArray, measure: Measure) -> list[Row]:
    """Give the median, lowest and highest number of an event by group.

    Parameters
    ----------
    cells : Cells
    values : ndarray of shape (n,)
        A number of each event, missing where not known.
    measure : Measure
        Its name is followed by ": median" and so on.
    """
    known = ~np.isnan(values)
    events = cells.count()
    rows: list[Row] = []
    for place in range(len(cells)):
        inside = values[known & (cells.code == place)]
        seen = float(inside.size)
        median, low, high = (np.median(inside), inside.min(), inside.max()) if seen else (np.nan,) * 3
        refused = "" if seen else (f"no event with {measure.missing}" if events[place] else NO_EVENT)
        told = left_out(events[place] - seen, measure.missing)
        for word, value in ((MEDIAN, median), (LOWEST, low), (HIGHEST, high)):
            single = measure.people and word != MEDIAN
            base = {"numerator": value, "base": "people"} if single else {"n": seen, "base": "events"}
            named = replace(measure, name=f"{measure.name}: {word}")
            rows.append(row_of(named, cells, place, value=value, refused=refused, flags=told, **base))
    return rows


def ratio_rows(cells: Cells, top: FloatArray, bottom: FloatArray, measure: Measure) -> list[Row]:
    """Divide one total by another over the events of each group that have both; an interval over events.

    Parameters
    ----------
    cells : Cells
    top, bottom : ndarray of shape (n,)
        Numbers of each event, missing where not known.
    measure : Measure
        A unit of "share" has Wilson's interval, another one Student's.
    """
    return ratios_rows(cells, [(top, bottom, measure)])[0]


def ratios_rows(cells: Cells, asked: Sequence[tuple[FloatArray, FloatArray, Measure]]) -> list[list[Row]]:
    """Divide several totals by others as `ratio_rows` does, shares or none of them, in a fraction of the time.

    Parameters
    ----------
    cells : Cells
    asked : sequence of (top, bottom, measure)

    Returns
    -------
    list of list of dict
        Rows of each.
    """
    known = [~(np.isnan(top) | np.isnan(bottom)) for top, bottom, _ in asked]
    pairs = [
        (np.where(both, top, 0.0), np.where(both, bottom, 0.0))
        for both, (top, bottom, _) in zip(known, asked, strict=True)
    ]
    limits = (limits_of_shares if asked[0][2].unit == "share" else limits_of_ratios)(pairs, cells.code, len(cells))
    together = zip(known, pairs, limits, asked, strict=True)
    return [
        _ratio_rows(cells, both, pair, limits=one, measure=measure) for both, pair, one, (_, _, measure) in together
    ]


def _ratio_rows(
    cells: Cells, known: BoolArray, pair: tuple[FloatArray, FloatArray], *, limits: Limits, measure: Measure
) -> list[Row]:
    """Lay the ratio of two totals out by group."""
    above, below, seen, events = cells.add(pair[0]), cells.add(pair[1]), cells.count(known), cells.count()
    rows: list[Row] = []
    for place in range(len(cells)):
        refused = ""
        if not seen[place]:
            refused = f"no event with {measure.missing}" if events[place] else NO_EVENT
        elif below[place] <= 0:
            refused = f"no {measure.base} to divide by"
        told = [*left_out(events[place] - seen[place], measure.missing), *(() if refused else limits.flags[place])]
        numbers = {} if refused else {"low": limits.low[place], "high": limits.high[place]}
        value = np.nan if refused else above[place] / below[place]
        parts = {"numerator": above[place], "n": below[place], **numbers}
        rows.append(row_of(measure, cells, place, value=value, refused=refused, flags=told, **parts))
    return rows


def row_of(measure: Measure, cells: Cells, place: int, *, flags: Sequence[str] = (), **numbers: object) -> Row:
    """Make one row of evidence for a group."""
    return {
        "table": measure.table,
        "measure": measure.name,
        "unit": measure.unit,
        "base": measure.base,
        **cells.label(place),
        **numbers,
        "flags": "; ".join(dict.fromkeys(flag for flag in flags if flag)),
    }


def left_out(events: float, missing: str) -> list[str]:
    """Say how many events had to be left out."""
    return [f"{counted(events, 'event')} without {missing}"] if events > 0 else []


def counted(number: float, word: str) -> str:
    """Write a number with its word, as in "1 event" and "2 events"."""
    return f"{number:,.0f} {word}{'' if number == 1 else 's'}"
