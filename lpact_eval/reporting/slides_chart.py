"""A chart as PowerPoint's own: its numbers can be edited, intervals are error bars, what is hidden is an empty cell."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final, Protocol, cast

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs] - annotated, but ships no marker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import ChartSpec, Mark, Panel


class _Book(Protocol):
    """What is used of xlsxwriter's workbook."""

    def add_worksheet(self, name: str) -> _Sheet:
        """Add a sheet."""
        ...


class _Sheet(Protocol):
    """What is used of its sheets."""

    def write_string(self, row: int, column: int, string: str) -> int:
        """Write a text."""
        ...

    def write_number(self, row: int, column: int, number: float) -> int:
        """Write a number."""
        ...


SHEET: Final = "Numbers"
NAVY: Final = "12436D"
PERCENT: Final = 'General"%"'  # as many decimals as are published
WHOLE: Final = "0"
SIGNED: Final = '+General;"\N{MINUS SIGN}"General;0'
EARLIER: Final = "5F86AE"  # of surveys before the last
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Series:
    """Values by category; `plus` and `minus` are the lengths of their error bars; None where nothing may be shown.

    Attributes
    ----------
    name : str
    values : tuple of float or None
    plus, minus : tuple of float or None
        Empty where the chart has no intervals.
    colour : str
    """

    name: str
    values: tuple[float | None, ...]
    plus: tuple[float | None, ...] = ()
    minus: tuple[float | None, ...] = ()
    colour: str = NAVY


@dataclass(frozen=True, slots=True)
class Native:
    """A chart's numbers.

    Attributes
    ----------
    categories : tuple of (str, tuple of str)
        Outer categories with their inner ones; the outer are empty where there is one level only.
    series : tuple of Series
    bars : bool
        Whether it is made of lying bars rather than of points.
    span : tuple of float
        Ends of the axis of numbers, and the step of its ticks.
    unit : str
        How PowerPoint writes numbers.
    """

    categories: tuple[tuple[str, tuple[str, ...]], ...]
    series: tuple[Series, ...]
    bars: bool
    span: tuple[float, float, float]
    unit: str

    @property
    def labels(self) -> list[str]:
        """All inner categories."""
        return [label for _, inner in self.categories for label in inner]

    @property
    def nested(self) -> bool:
        """Whether there are two levels of categories."""
        return any(outer for outer, _ in self.categories)


def native(chart: ChartSpec) -> Native:
    """Take a chart's numbers.

    Parameters
    ----------
    chart : ChartSpec
        Of the kinds "trend", "change", "gap" or "funnel".

    Returns
    -------
    Native
    """
    if chart.kind == "trend":
        return _trend(chart.panels)
    if chart.kind == "funnel":
        return _bars(chart)
    return _differences(chart.panels[-1])


def workbook(chart: Native) -> bytes:
    """Write the workbook behind a chart, with the ends of its intervals beside its numbers.

    Parameters
    ----------
    chart : Native

    Returns
    -------
    bytes
    """
    made = BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        sheet = cast("_Book", book).add_worksheet(SHEET)
        row = 1
        for outer, inner in chart.categories:
            if chart.nested:
                sheet.write_string(row, 0, outer)
            for label in inner:
                sheet.write_string(row, int(chart.nested), label)
                row += 1
        for column, (heading, values) in enumerate(_columns(chart), start=1 + chart.nested):
            sheet.write_string(0, column, heading)
            for place, value in enumerate(values, start=1):
                if value is not None:
                    sheet.write_number(place, column, value)
    return made.getvalue()


def reference(chart: Native, column: int, *, heading: bool = False) -> str:
    """Name the cells of a column of numbers, counted from 0; -1 names those of the categories."""
    rows = len(chart.labels) + 1
    if column < 0:
        return f"{SHEET}!$A$2:${'AB'[chart.nested]}${rows}"
    letter = _LETTERS[1 + chart.nested + column]
    return f"{SHEET}!${letter}$1" if heading else f"{SHEET}!${letter}$2:${letter}${rows}"


def _columns(chart: Native) -> list[tuple[str, Sequence[float | None]]]:
    """List the columns of numbers: first all values, as PowerPoint expects them, then the error bars."""
    values = [(series.name, series.values) for series in chart.series]
    bars = [
        (f"{series.name}: {what}", lengths)
        for series in chart.series
        for what, lengths in (("interval above", series.plus), ("interval below", series.minus))
        if lengths
    ]
    return [*values, *bars]


def _trend(panels: Sequence[Panel]) -> Native:
    """Take shares by survey within groups; each survey is a series, so that a legend can name it."""
    waves = panels[0].places
    categories: list[tuple[str, tuple[str, ...]]] = []
    for panel in panels:
        gone = dict(panel.absent)
        inner = tuple(f"{wave} {gone[place]}" if place in gone else wave for place, wave in enumerate(waves))
        categories.append((panel.heading, inner))
    series = tuple(_of_wave(panels, wave, place) for place, wave in enumerate(waves))
    return Native(tuple(categories), series, bars=False, span=(0.0, 100.0, 25.0), unit=PERCENT)


def _of_wave(panels: Sequence[Panel], wave: str, place: int) -> Series:
    """Take the shares of one survey; the cells of the others stay empty."""
    marks = [next((mark for mark in panel.marks if mark.place == place), None) for panel in panels]
    count = len(panels[0].places)
    cells = [(mark if inner == place else None) for mark in marks for inner in range(count)]
    return _of_marks(wave, cells, NAVY if place == count - 1 else EARLIER)


def _differences(panel: Panel) -> Native:
    """Take differences by group; their headings carry number and words."""
    by = {mark.place: mark for mark in panel.marks}
    cells = [by.get(place) for place in range(len(panel.places))]
    low, high = panel.ticks[0][0], panel.ticks[-1][0]
    series = _of_marks(panel.heading, cells)
    categories = (("", panel.places),)
    return Native(categories, (series,), bars=False, span=(low, high, (high - low) / 4), unit=SIGNED)


def _bars(chart: ChartSpec) -> Native:
    """Take the lengths of bars, one series for each colour of the key."""
    panel = chart.panels[0]
    series: list[Series] = []
    for colour, name in chart.key:
        lengths = {bar.place: bar.high - bar.low for bar in panel.bars if bar.colour == colour}
        cells = tuple(lengths.get(place) for place in range(len(panel.places)))
        series.append(Series(name, cells, colour=colour.lstrip("#").upper()))
    ends = [value for value, _ in panel.ticks]
    return Native(
        (("", panel.places),), tuple(series), bars=True, span=(ends[0], ends[-1], ends[1] - ends[0]), unit="0"
    )


def _of_marks(name: str, cells: Sequence[Mark | None], colour: str = NAVY) -> Series:
    """Take the values of marks and the lengths of their intervals to both sides."""
    return Series(
        name,
        tuple(None if mark is None else mark.value for mark in cells),
        tuple(None if mark is None else round(mark.high - mark.value, 1) for mark in cells),
        tuple(None if mark is None else round(mark.value - mark.low, 1) for mark in cells),
        colour=colour,
    )
