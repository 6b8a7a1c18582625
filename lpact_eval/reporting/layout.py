"""A whole chart on one sheet: title, subtitle, key, panels in a grid, notes, and national figures apart from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.figure import INK, height

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import ChartSpec, Panel

WIDTH: Final = 960
MARGIN: Final = 24
TITLE: Final = 20
SUBTITLE: Final = 15
HEADING: Final = 15
NOTE: Final = 13
MUTED: Final = "#383f43"
_LETTER: Final = 0.54  # width of a letter as a share of its height, for the widest of the usual fonts
_BOLD: Final = 0.6
_LEADING: Final = 1.35
_GAP: Final = 20
_ROWS_GAP: Final = 40
_MOST: Final = 5  # panels beside each other
_NARROW: Final = 168
_WIDE_ROWS: Final = 640
_KEY: Final = 14
_TOP: Final = 4.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text on its base line, in pixels."""

    x: float
    y: float
    text: str
    size: int
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel and the place of its drawing, without the room for the axis at its left."""

    panel: Panel
    x: float
    y: float
    width: float


@dataclass(slots=True)
class Sheet:
    """Where everything stands.

    Attributes
    ----------
    texts : list of Text
    swatches : list of (x, y, colour)
        Squares of the key.
    panels : list of Placed
    y : float
        Where the next thing goes; in the end the height.
    width, margin : int
        Of the sheet.
    """

    texts: list[Text] = field(default_factory=list["Text"])
    swatches: list[tuple[float, float, str]] = field(default_factory=list["tuple[float, float, str]"])
    panels: list[Placed] = field(default_factory=list["Placed"])
    y: float = float(MARGIN)
    width: int = WIDTH
    margin: int = MARGIN

    @property
    def room(self) -> int:
        """Width between the margins."""
        return self.width - 2 * self.margin

    def write(self, text: str, size: int, *, bold: bool = False, colour: str = INK, below: float = 0) -> None:
        """Add lines of text over the whole width."""
        for line in wrapped(text, self.room, size, bold=bold):
            self.y += size * _LEADING
            self.texts.append(Text(self.margin, self.y - size * 0.3, line, size, bold, colour))
        self.y += below


def lay_out(chart: ChartSpec) -> Sheet:
    """Place everything that a chart shows.

    Parameters
    ----------
    chart : ChartSpec

    Returns
    -------
    Sheet
        960 pixels wide.
    """
    sheet = Sheet()
    sheet.write(chart.title, TITLE, bold=True, below=2)
    sheet.write(chart.subtitle, SUBTITLE, below=12)
    _key(sheet, chart.key)
    _grid(sheet, chart.panels)
    for note in chart.notes:
        sheet.write(note, NOTE, colour=MUTED)
    if chart.apart:
        sheet.y += 14
        sheet.write("National figures on the same question", HEADING, bold=True, below=6)
        _grid(sheet, chart.apart, most=3)
        for note in chart.apart_notes:
            sheet.write(note, NOTE, colour=MUTED)
    sheet.y += MARGIN
    return sheet


def lay_out_panels(panels: Sequence[Panel], key: Sequence[tuple[str, str]], width: int) -> Sheet:
    """Place panels and their key alone, for where title and notes are written beside them.

    Parameters
    ----------
    panels : sequence of Panel
    key : sequence of (str, str)
    width : int
        In pixels, from edge to edge.

    Returns
    -------
    Sheet
    """
    sheet = Sheet(y=_TOP, width=width, margin=0)
    _key(sheet, key)
    _grid(sheet, panels)
    return sheet


def wrapped(text: str, width: float, size: int, *, bold: bool = False) -> list[str]:
    """Break a text between words so that no line is wider than some pixels."""
    most = max(int(width / (size * (_BOLD if bold else _LETTER))), 8)
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _key(sheet: Sheet, key: Sequence[tuple[str, str]]) -> None:
    """Write what the colours stand for, in as many lines as it takes."""
    if not key:
        return
    x = float(sheet.margin)
    sheet.y += _KEY
    for colour, text in key:
        wide = _KEY + 6 + len(text) * NOTE * _LETTER + _GAP
        if x > sheet.margin and x + wide > sheet.width - sheet.margin:
            x, sheet.y = float(sheet.margin), sheet.y + _KEY * 1.6
        sheet.swatches.append((x, sheet.y - _KEY + 2, colour))
        sheet.texts.append(Text(x + _KEY + 6, sheet.y, text, NOTE))
        x += wide
    sheet.y += 14


def _grid(sheet: Sheet, panels: Sequence[Panel], most: int = _MOST) -> None:
    """Place panels beside and below each other, each under its heading."""
    across, width = _columns(panels, most, sheet.room)
    gap = _GAP if panels[0].layout == "columns" else _ROWS_GAP
    for first in range(0, len(panels), across):
        row = panels[first : first + across]
        headings = [wrapped(panel.heading, width - 4, HEADING, bold=True) for panel in row]
        deepest = max(map(len, headings)) * HEADING * 1.25
        for place, (panel, lines) in enumerate(zip(row, headings, strict=True)):
            left = sheet.margin + place * (width + gap)
            for number, line in enumerate(lines):
                sheet.texts.append(Text(left, sheet.y + HEADING * (1 + 1.25 * number), line, HEADING, bold=True))
            sheet.panels.append(Placed(panel, left, sheet.y + deepest + 6, width))
        sheet.y += deepest + 6 + max(height(panel) for panel in row) + 12


def _columns(panels: Sequence[Panel], most: int, room: int) -> tuple[int, float]:
    """Choose how many panels stand beside each other, and their width."""
    if any(panel.bars and not panel.tight for panel in panels):
        return 1, room
    if panels[0].drawing is not None:
        across = min(len(panels), panels[0].drawing.across)
        return across, (room - _ROWS_GAP * (across - 1)) / across
    if panels[0].layout == "rows":
        across = min(len(panels), 2)
        return across, (room - _ROWS_GAP) / 2 if across > 1 else min(_WIDE_ROWS, room)
    places = max(len(panel.places) for panel in panels)
    least = max(_NARROW, 42 + 44 * min(places, 6))
    across = max(1, min(most, len(panels), int((room + _GAP) // (least + _GAP))))
    across = -(-len(panels) // -(-len(panels) // across))  # rows of about the same length
    return across, min((room - _GAP * (across - 1)) / across, 2.0 * least)
