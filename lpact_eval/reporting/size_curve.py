"""The curve of a note on sample size: smallest change against respondents, groups marked, without a browser."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

from lpact_eval.planning.wording import points
from lpact_eval.reporting.figure import GRID, INK, NAVY, ZERO
from lpact_eval.reporting.picture import LOOKS, elements
from lpact_eval.reporting.shapes import Dot, Line, Path, Shape, Words
from lpact_eval.reporting.size_content import whole_points

if TYPE_CHECKING:
    from pathlib import Path as File

    from lpact_eval.reporting.size_content import GroupLine, SizeNote

HEIGHT: Final = 290
WIDE: Final = 860
LEFT: Final = 44
SPAN: Final = (25.0, 1600.0)
X_TICKS: Final = (25, 200, 1600)
OTHERS: Final = "#6f7777"
_TOP: Final = 24.0
_BOTTOM: Final = HEIGHT - 46.0
_LARGEST: Final = 0.6  # points over it are of no use to anybody
_EARLY: Final = 0.5  # share of the width up to which a name fits to the right of a curve that ends
_APART: Final = 16.0
_LONGEST: Final = 13  # letters of a line of a name
_LETTER: Final = 7.6


def curve_shapes(note: SizeNote) -> list[Shape]:
    """List what the curve is drawn of, the lowest first; x in shares of the width, y in pixels of `HEIGHT`.

    Parameters
    ----------
    note : SizeNote

    Returns
    -------
    list of Line, Dot, Path or Words
    """
    top = _highest(note)
    drawn = _axes(note, top)
    wanted = abs(note.asked.change)
    if wanted <= top:
        drawn.append(Line(0, _level(wanted, top), 1, _level(wanted, top), INK, 2, dashed=True))
    for line in reversed(note.lines):
        drawn += _curve(line, top, focus=line is note.lines[0])
    return [*drawn, *_names(note, top)]


def curve_svg(note: SizeNote) -> str:
    """Draw the curve as an svg element that fits any width; the words beside it are its alternative."""
    right = right_edge(note)
    style = f"width:calc(100% - {LEFT + right}px);margin:0 {right}px 0 {LEFT}px"
    return (
        f'<svg class="static" style="{style}" height="{HEIGHT}" {LOOKS} aria-hidden="true">'
        f"{elements(curve_shapes(note), HEIGHT)}</svg>"
    )


def write_curve(note: SizeNote, path: File) -> None:
    """Draw the curve as png; needs matplotlib, not a browser.

    Parameters
    ----------
    note : SizeNote
    path : Path

    Raises
    ------
    WrongUseError
        If matplotlib is not installed.
    """
    from lpact_eval.reporting.raster import Frame, write_shapes  # noqa: PLC0415 - only a png needs matplotlib

    frame = Frame(LEFT, 0, WIDE - LEFT - right_edge(note))
    write_shapes(curve_shapes(note), path, size=(WIDE, HEIGHT), frame=frame, title=curve_title(note))


def curve_title(note: SizeNote) -> str:
    """Name the curve."""
    return f"Smallest {note.way} that the next survey shows, by its respondents of each group"


def curve_words(note: SizeNote) -> str:
    """Say in words what the curve shows."""
    focus = note.lines[0]
    same = f"{focus.first.n} of the group again"
    said = f"no {note.way} with {same}" if math.isnan(focus.same) else f"{points(focus.same)} with {same}"
    best = "none at any size" if math.isnan(focus.limit) else f"{points(focus.limit)} at best"
    return (
        f"Chart. {curve_title(note)}. {focus.first.group}: {said}, {best}. The broken line is the {note.way} asked "
        f"for, {whole_points(note.asked.change)}. The numbers are in the table below."
    )


def right_edge(note: SizeNote) -> int:
    """Leave room at the right for the longest line of a name."""
    return 16 + round(_LETTER * max(len(part) for line in note.lines for part in _broken(line.first.group)))


def _highest(note: SizeNote) -> float:
    """Choose the top of the axis: the next ten points over everything that is drawn."""
    shown = [change for line in note.lines for _, change in line.curve if change <= _LARGEST]
    return math.ceil(10 * max([*shown, abs(note.asked.change), 0.1]) - 1e-9) / 10


def _axes(note: SizeNote, top: float) -> list[Shape]:
    """Draw both axes."""
    drawn: list[Shape] = [Words((0, -LEFT + 2), 12, f"Smallest {note.way}, points", "start")]
    steps = round(top * 10)
    for step in range(0, steps + 1, 1 if steps < 5 else 2):  # noqa: PLR2004 - five lines are enough
        y = _level(step / 10, top)
        drawn += [Line(0, y, 1, y, GRID if step else ZERO), Words((0, -8), y + 4, str(10 * step), "end")]
    for n in X_TICKS:
        x = _along(n)
        anchor = "start" if n == X_TICKS[0] else "end" if n == X_TICKS[-1] else "middle"
        drawn += [Line(x, _BOTTOM, x, _BOTTOM + 5, ZERO), Words((x, 0), _BOTTOM + 19, f"{n:,}", anchor)]
    return [*drawn, Words((0, -LEFT + 2), _BOTTOM + 38, "Respondents of the group in the next survey", "start")]


def _curve(line: GroupLine, top: float, *, focus: bool) -> list[Shape]:
    """Draw a group's curve, and a point where the next survey has as many of it as the first."""
    colour = NAVY if focus else OTHERS
    inside = tuple((_along(n), _level(change, top)) for n, change in line.curve if change <= top)
    drawn: list[Shape] = [Path(inside, colour)] if len(inside) > 1 else []
    if not math.isnan(line.same) and line.same <= top and SPAN[0] <= line.first.n <= SPAN[1]:
        drawn.append(Dot(_along(line.first.n), _level(line.same, top), colour if focus else "#ffffff", colour))
    if inside and inside[-1][0] < 1:
        x, y = inside[-1]
        drawn.append(Words((x, 6), y + 4, line.first.group, "start") if x < _EARLY else _above(inside[-1], line))
    return drawn


def _above(end: tuple[float, float], line: GroupLine) -> Shape:
    """Write a name over the end of a curve where there is no room to its right."""
    return Words((end[0], 0), end[1] - 7, line.first.group, "end")


def _names(note: SizeNote, top: float) -> list[Shape]:
    """Write the groups' names at the right, none on another; a curve that ends early has its name at its end."""
    ends = [
        (_level(line.curve[-1][1], top), line.first.group, place == 0)
        for place, line in enumerate(note.lines)
        if line.curve and line.curve[-1][0] == SPAN[1] and line.curve[-1][1] <= top
    ]
    drawn: list[Shape] = []
    above = -math.inf
    for y, name, focus in sorted(ends):
        for number, part in enumerate(_broken(name)):
            above = max(y + 4, above + _APART) if number == 0 else above + _APART - 2
            drawn.append(Words((1, 8), above, part, "start", bold=focus, colour=NAVY if focus else INK))
    return drawn


def _broken(name: str) -> list[str]:
    """Break a long name into lines."""
    return textwrap.wrap(name, _LONGEST, break_long_words=True) or [name]


def _along(n: float) -> float:
    """Place a number of respondents: each doubling is as wide as the one before."""
    return math.log(n / SPAN[0]) / math.log(SPAN[1] / SPAN[0])


def _level(change: float, top: float) -> float:
    """Place a change."""
    return round(_BOTTOM - (_BOTTOM - _TOP) * change / top, 1)
