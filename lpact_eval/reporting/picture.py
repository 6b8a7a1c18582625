"""A chart's panels as drawings that need no script: what readers see without JavaScript, and on paper."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.figure import (
    AXIS_HEIGHT,
    COLUMN_TOP,
    GRID,
    INK,
    NAVY,
    PALE,
    ROW_HEIGHT,
    TICK_WIDTH,
    ZERO,
    height,
    row_position,
)

if TYPE_CHECKING:
    from lpact_eval.reporting.chart import Panel

_CAP: Final = 5


def picture(panel: Panel) -> str:
    """Draw a panel as SVG; lengths along the width are per cents, so that it fits any page.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    str
        An svg element.
    """
    parts = _columns(panel) if panel.layout == "columns" else _rows(panel)
    left, right = (TICK_WIDTH, 4) if panel.layout == "columns" else (12, 18)
    style = f"width:calc(100% - {left + right}px);margin:0 {right}px 0 {left}px"
    return f'<svg class="static" style="{style}" height="{height(panel)}" aria-hidden="true">{"".join(parts)}</svg>'


def _columns(panel: Panel) -> list[str]:
    """Draw surveys side by side."""
    bottom = height(panel) - AXIS_HEIGHT + 6.0

    def level(value: float) -> float:
        return round(bottom - (bottom - 4) * value / COLUMN_TOP, 1)

    def across(place: int) -> str:
        return _share((place + 0.5) / len(panel.places))

    parts: list[str] = []
    for value, label in panel.ticks:
        parts += [_line("0%", level(value), "100%", level(value), GRID if value else ZERO)]
        parts += [_text("-6", level(value) + 4, label, "end")]
    parts += [_text(across(place), bottom + 18, name, "middle") for place, name in enumerate(panel.places)]
    parts += [_circle(across(mark.place), level(mark.value), PALE, PALE, 4) for mark in panel.pale]
    for mark in panel.marks:
        x = across(mark.place)
        parts += [_line(x, level(mark.low), x, level(mark.high), NAVY, 2)]
        parts += [_cap(x, level(end)) for end in (mark.low, mark.high)]
        parts += [_circle(x, level(mark.value), NAVY, NAVY)]
        parts += [_text(x, level(mark.high) - 6, mark.label, "middle", bold=True)]
    return parts + [_text(across(place), level(8) + 4, mark, "middle") for place, mark in panel.absent]


def _rows(panel: Panel) -> list[str]:
    """Draw groups one below another."""
    low, high = panel.ticks[0][0], panel.ticks[-1][0]
    bottom = len(panel.places) * ROW_HEIGHT + 2

    def along(value: float) -> str:
        return _share((value - low) / (high - low))

    parts = [
        element
        for value, label in panel.ticks
        for element in (
            _line(along(value), 2, along(value), bottom, GRID),
            _text(along(value), bottom + 18, label, "middle"),
        )
    ]
    for place, heading in enumerate(panel.places):
        top = 2 + place * ROW_HEIGHT
        if low < 0:
            parts.append(_line(along(0), top + 0.38 * ROW_HEIGHT, along(0), top + 0.95 * ROW_HEIGHT, ZERO))
        parts += [_line("0%", top, "100%", top, GRID)] if place else []
        parts += [
            f'<rect x="0%" y="{top + 1}" width="100%" height="20" fill="#ffffff"/>',
            _text("0%", top + 16, heading, "start"),
        ]
    for mark in panel.marks:
        parts += _whisker(2 + row_position(mark, panel) * ROW_HEIGHT, along(mark.low), along(mark.high))
        fill = "#ffffff" if mark.hollow else NAVY
        parts.append(_circle(along(mark.value), 2 + row_position(mark, panel) * ROW_HEIGHT, fill, NAVY))
    return parts


def _whisker(y: float, low: str, high: str) -> list[str]:
    """Draw an interval with its caps."""
    caps = [_line(end, y - _CAP, end, y + _CAP, NAVY, 2) for end in (low, high)]
    return [_line(low, y, high, y, NAVY, 2), *caps]


def _cap(x: str, y: float) -> str:
    """Draw the end of an upright whisker, a few pixels wide whatever the width of the page."""
    size = f'width="{2 * _CAP}" height="2" transform="translate({-_CAP} -1)"'
    return f'<rect x="{x}" y="{y:g}" {size} fill="{NAVY}"/>'


def _share(value: float) -> str:
    """Write a share of the width."""
    return f"{100 * value:.2f}%"


def _line(x1: str, y1: float, x2: str, y2: float, colour: str, width: int = 1) -> str:  # noqa: PLR0917 - two ends
    """Draw a line."""
    ends = f'x1="{x1}" y1="{y1:g}" x2="{x2}" y2="{y2:g}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _circle(x: str, y: float, fill: str, stroke: str, radius: int = 5) -> str:  # noqa: PLR0917 - a centre and looks
    """Draw a point."""
    return f'<circle cx="{x}" cy="{y:g}" r="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="2"/>'


def _text(x: str, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    """Write."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y:g}" text-anchor="{anchor}" fill="{INK}" font-size="13"{weight}>{escape(text)}</text>'
