"""What a panel is drawn of, whatever draws it: lines, boxes, points, areas and words, placed by share of the width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lpact_eval.reporting.figure import (
    AXIS_HEIGHT,
    COLUMN_TOP,
    GRID,
    INK,
    LEAN,
    NAVY,
    PALE,
    RIBBON,
    ZERO,
    axis_ends,
    bar_place,
    bar_text,
    heading_lines,
    height,
    ink_on,
    row_height,
    row_position,
)
from lpact_eval.reporting.lines import edge_of, leaning, named_absences, named_places, place_of

if TYPE_CHECKING:
    from lpact_eval.reporting.chart import Panel

At = tuple[float, float]  # share of the width, and pixels to the right of it
Anchor = Literal["start", "middle", "end"]
CAP: Final = 5
TEXT: Final = 13
_LINE: Final = 17  # pixels from one line of a heading to the next


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line; y in pixels from the top."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: int = 1
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; its width is a share of the width and pixels."""

    x: At
    y: float
    width: At
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point."""

    x: float
    y: float
    fill: str
    stroke: str
    radius: int = 5


@dataclass(frozen=True, slots=True)
class Words:
    """A text on its base line; a turned one reads upwards, from its place or, with "end", up to it."""

    x: At
    y: float
    text: str
    anchor: Anchor
    bold: bool = False
    colour: str = INK
    size: int = TEXT
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, or with `filled` the area within them."""

    points: tuple[tuple[float, float], ...]
    colour: str
    filled: bool = False


Shape = Line | Box | Dot | Words | Path


def shapes(panel: Panel) -> list[Shape]:
    """List what a panel is drawn of, the lowest first.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    list of Line, Box, Dot, Words or Path
    """
    if panel.drawing is not None:
        return list(panel.drawing.shapes)
    return _columns(panel) if panel.layout == "columns" else _rows(panel)


def _columns(panel: Panel) -> list[Shape]:
    """Draw surveys side by side."""
    bottom = height(panel) - AXIS_HEIGHT + 6.0
    count = len(panel.places)

    def level(value: float) -> float:
        return round(bottom - (bottom - 4) * value / COLUMN_TOP, 1)

    def across(place: int) -> float:
        return (place_of(panel, place) + 0.5) / count

    drawn: list[Shape] = []
    for value, label in panel.ticks:
        drawn.append(Line(0, level(value), 1, level(value), GRID if value else ZERO))
        drawn.append(Words((0, -6), level(value) + 4, label, "end"))
    for place in panel.breaks:
        x = (edge_of(panel, place) + 0.5) / count
        drawn.append(Line(x, level(COLUMN_TOP), x, bottom, INK, 2, dashed=True))
    drawn += [Words((across(place), 0), bottom + 18, panel.places[place], "middle") for place in named_places(panel)]
    drawn += [Path(tuple((across(m.place), level(m.value)) for m in run), PALE) for run in panel.pale_joined]
    drawn += [Dot(across(mark.place), level(mark.value), PALE, PALE, 4) for mark in panel.pale]
    for run in panel.joined:
        ends = [(across(m.place), level(m.low)) for m in run] + [
            (across(m.place), level(m.high)) for m in reversed(run)
        ]
        drawn.append(Path(tuple(ends), RIBBON, filled=True))
        drawn.append(Path(tuple((across(m.place), level(m.value)) for m in run), NAVY))
    joined = {mark.place for run in panel.joined for mark in run}
    for mark in panel.marks:
        x = across(mark.place)
        drawn += [] if mark.place in joined else _upright(x, level(mark.low), level(mark.high))
        drawn.append(Dot(x, level(mark.value), NAVY, NAVY, 3 if panel.joined else 5))
    for mark in panel.marks:
        anchor = leaning(panel, mark.place)
        x = (across(mark.place), {"start": -LEAN, "middle": 0, "end": LEAN}[anchor])
        y = min(level(mark.high) - 6, level(mark.value) - 10)
        drawn += [Words(x, y, mark.label, anchor, bold=True)] if mark.label else []
    return [*drawn, *(Words((across(place), 0), level(8) + 4, mark, "middle") for place, mark in named_absences(panel))]


def _upright(x: float, low: float, high: float) -> list[Shape]:
    """Draw an upright whisker; its caps are a few pixels wide whatever the width of the page."""
    caps: list[Shape] = [Box((x, -CAP), y - 1, (0, 2 * CAP), 2, NAVY) for y in (low, high) if low != high]
    return [Line(x, low, x, high, NAVY, 2), *caps]


def _rows(panel: Panel) -> list[Shape]:
    """Draw groups one below another."""
    low, high = axis_ends(panel)
    step = row_height(panel)
    bottom = len(panel.places) * step + 2

    def along(value: float) -> float:
        return (value - low) / (high - low)

    drawn: list[Shape] = []
    for value, label in panel.ticks:
        drawn += [] if panel.guides else [Line(along(value), 2, along(value), bottom, GRID)]
        drawn.append(Words((along(value), 0), bottom + 18, label, "middle"))
    drawn += [Line(along(value), 2, along(value), bottom, ZERO, 2, dashed=broken) for value, broken in panel.guides]
    for place in range(len(panel.places)):
        drawn += _heading(place, panel)
    for place in range(len(panel.places) if low < 0 else 0):
        top = 2 + place * step
        drawn.append(Line(along(0), top + step * 0.38, along(0), top + step * 0.95, ZERO))
    for bar in panel.bars:
        drawn += _bar(bar.place, panel, (along(bar.low), along(bar.high)), (bar.colour, bar.label))
    for mark in panel.marks:
        y = 2 + row_position(mark, panel) * step
        if not panel.tight:
            drawn.append(Line(along(mark.low), y, along(mark.high), y, NAVY, 2))
            drawn += [Line(along(end), y - CAP, along(end), y + CAP, NAVY, 2) for end in (mark.low, mark.high)]
        drawn.append(Dot(along(mark.value), y, "#ffffff" if mark.hollow else NAVY, NAVY))
    return drawn


def _heading(place: int, panel: Panel) -> list[Shape]:
    """Write a row's heading on white, and what stands at its right end."""
    step = row_height(panel)
    top = 2 + place * step
    lines = heading_lines(panel.places[place])
    drawn: list[Shape] = [Line(0, top, 1, top, GRID)] if place else []
    drawn.append(Box((0, 0), top + 1, (1, 0), 3 + _LINE * len(lines), "#ffffff"))
    drawn += [Words((0, 0), top + 16 + _LINE * number, line, "start") for number, line in enumerate(lines)]
    if panel.ends:
        drawn.append(Words((1, 0), top + 16, panel.ends[place], "end"))
    return drawn


def _bar(place: int, panel: Panel, ends: tuple[float, float], looks: tuple[str, str]) -> list[Shape]:
    """Draw a part of a row with its number."""
    colour, label = looks
    start, tall = bar_place(panel)
    top = 2 + place * row_height(panel) + start
    drawn: list[Shape] = [Box((ends[0], 0), top, (ends[1] - ends[0], 0), tall, colour)]
    if label:
        x, ink, size = (sum(ends) / 2, 0), ink_on(colour), bar_text(panel)
        drawn.append(Words(x, top + tall / 2 + 5, label, "middle", colour=ink, size=size))
    return drawn
