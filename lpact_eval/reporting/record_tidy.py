"""The tidy csv of the records of events, and a dictionary of its columns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.numbers import known
from lpact_eval.reporting.record_cells import plain_number
from lpact_eval.reporting.record_rows import measure_label, record_rows
from lpact_eval.reporting.record_tables import unit_words
from lpact_eval.reporting.rows import number
from lpact_eval.reporting.tidy import write_lines
from lpact_eval.reporting.tidy_columns import DICTIONARY, RECORD_COLUMNS, dictionary_lines
from lpact_eval.reporting.wording import exemptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.record_rows import RecordRow

_EVENT: Final = {
    "attendees": ("attendees at the event", "people"),
    "officers": ("officers at the event", "officers"),
    "forms": ("forms returned at the event", "forms"),
    "opted_in": ("contacts opted in at the event", "people"),
    "hours_planned": ("planned length of the event", "hours"),
    "hours_actual": ("actual length of the event", "hours"),
}


def write_record_rows(published: Published, records: PublishedRecords, path: Path) -> None:
    """Write the published rows of the records as csv in UTF-8, and the counts of every event below them.

    Parameters
    ----------
    published : Published
    records : PublishedRecords
        Those of the release.
    path : Path
        File to write.
    """
    origin = "synthetic" if records.synthetic else "real"
    lines = [*map(_line, record_rows(records)), *_event_lines(records)]
    body = [[{**line, "records": origin}.get(name, "") for name in RECORD_COLUMNS] for line in lines]
    write_lines(path, list(RECORD_COLUMNS), body, exemptions(published))


def write_record_dictionary(path: Path) -> None:
    """Write what each column holds."""
    write_lines(path, DICTIONARY, dictionary_lines(RECORD_COLUMNS))


def _line(row: RecordRow) -> dict[str, str]:
    """Lay a row out."""
    shorthand = row.mark or ("" if row.shown else "[x]")
    return {
        "outcome": row.table,
        "measure": measure_label(row.measure),
        "broken down by": row.by.replace("_", " "),
        "group": row.group or "All",
        "broken down by, second": row.by2.replace("_", " "),
        "second group": row.group2,
        "value": plain_number(row, row.value) or shorthand,
        "unit": unit_words(row),
        "numerator": f"{row.numerator:.10g}" if known(row.numerator) else _gone(row),
        "unweighted base": f"{row.n:.0f}" if known(row.n) else _gone(row),
        "base counts": row.base,
        "lower bound": plain_number(row, row.low) or _gone(row),
        "upper bound": plain_number(row, row.high) or _gone(row),
        "indicator": row.indicator,
        "shorthand": shorthand,
        "note": " ".join(row.remarks),
    }


def _gone(row: RecordRow) -> str:
    """Say that a number is hidden; one that never was is left empty."""
    return row.mark if not row.shown and row.mark == "[c]" else ""


def _event_lines(records: PublishedRecords) -> Iterator[dict[str, str]]:
    """Lay out what was counted at every event, a row each."""
    for event in records_of(records.events):
        hidden = str(event["hidden"]).split("; ")
        for name, (measure, unit) in _EVENT.items():
            value = number(event[name])
            shorthand = "" if known(value) else "[c]" if name in hidden else "[x]"
            yield {
                "outcome": "relationships",
                "measure": measure_label(measure),
                "broken down by": "event",
                "group": str(event["event"]),
                "broken down by, second": "date",
                "second group": _iso(event["date"]),
                "value": f"{round(value, 1):g}" if known(value) else shorthand,
                "unit": unit,
                "shorthand": shorthand,
            }


def _iso(value: object) -> str:
    """Write a date as machines read it; empty where there is none."""
    return value.strftime("%Y-%m-%d") if isinstance(value, dt.date) and value == value else ""  # noqa: PLR0124 - a missing day is not equal to itself
