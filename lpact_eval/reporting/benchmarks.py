"""National figures beside a local trend: their own panel, their own words, and no difference between the two."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.chart import Mark, Panel
from lpact_eval.reporting.numbers import percent, rounded
from lpact_eval.reporting.rows import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec

Record = dict[str, object]
APART: Final = (
    "A local survey of volunteers and a national random sample don't measure the same level: compare neither the "
    "levels nor the difference between them, only the direction over time."
)
_YEAR: Final = 365


def benchmark_sentences(published: Published, variable: str = "") -> list[str]:
    """Say what national surveys found on the same question, and what can't be done with it.

    Parameters
    ----------
    published : Published
    variable : str, default ""
        Harmonised question; all of them without it.

    Returns
    -------
    list of str
        Nothing where there are no national figures.
    """
    said: list[str] = []
    for rows in _by_series(published, variable).values():
        first = rows[0]
        figures = "; ".join(f"{percent(number(row['value']), None)} ({period(row)})" for row in rows)
        said.append(f"{_named(first)}: {figures}. {first['measured']}. Source: {first['source']}.")
    return [*said, APART] if said else []


def benchmark_panels(published: Published, variable: str) -> tuple[Panel, ...]:
    """Draw national figures on a question, apart from the local ones.

    Parameters
    ----------
    published : Published
    variable : str
        Harmonised question.

    Returns
    -------
    tuple of Panel
        One a series; points with intervals where these were published.
    """
    return tuple(_panel(rows) for rows in _by_series(published, variable).values())


def beside_national(chart: ChartSpec, published: Published, variable: str) -> ChartSpec:
    """Put national figures on a question beside its local trend, apart from it."""
    return replace(
        chart,
        apart=benchmark_panels(published, variable),
        apart_notes=tuple(benchmark_sentences(published, variable)),
    )


def period(row: Record) -> str:
    """Write when a figure was collected: "year to March 2025"."""
    start, end = (dt.date.fromisoformat(str(row[name])) for name in ("start", "end"))
    if abs((end - start).days - _YEAR) <= 2:  # noqa: PLR2004 - a day for the last, a day for a leap year
        return f"year to {end:%B %Y}"
    return f"{start:%B %Y} to {end:%B %Y}"


def _by_series(published: Published, variable: str) -> dict[tuple[str, str], list[Record]]:
    """Gather figures by series, in order of time."""
    found: dict[tuple[str, str], list[Record]] = {}
    for row in records_of(published.benchmarks):
        if not variable or row["variable"] == variable:
            found.setdefault((str(row["file"]), str(row["series"])), []).append(row)
    return found


def _named(row: Record) -> str:
    """Name a survey and its area."""
    survey, area = str(row["survey"]), str(row["area"])
    return survey if area in survey else f"{survey}, {area}"


def _panel(rows: Sequence[Record]) -> Panel:
    """Draw one series."""
    first = rows[0]
    marks = tuple(_mark(place, row) for place, row in enumerate(rows))
    places = tuple(f"{dt.date.fromisoformat(str(row['end'])).year}" for row in rows)
    return Panel(_named(first), "columns", places, marks)


def _mark(place: int, row: Record) -> Mark:
    """Mark one figure; one without an interval is a point."""
    value, low, high = (number(row[name]) for name in ("value", "low", "high"))
    low, high = (value if math.isnan(end) else end for end in (low, high))
    words = f"{row['survey']}, {period(row)}: {percent(value, None)}"
    return Mark(place, rounded(value, None), rounded(low, None), rounded(high, None), percent(value, None), words)
