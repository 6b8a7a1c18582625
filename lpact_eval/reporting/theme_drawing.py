"""How shares of themes are drawn: points with intervals over all, and shaded cells by community, row beside row."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.drawing import LETTER, NARROW, Drawing, Hover, narrow_lines
from lpact_eval.reporting.figure import GRID, NAVY, ink_on
from lpact_eval.reporting.shapes import CAP, Box, Dot, Line, Shape, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.theme_chart import Share

PALEST: Final = (0xDD, 0xE6, 0xEE)
DARKEST: Final = (0x12, 0x43, 0x6D)
EMPTY: Final = "#f3f2f1"
_LINE: Final = 17
_CELL: Final = 34
_GAP: Final = 10
_TEXT: Final = 13
_LETTERS: Final = _TEXT * LETTER
_LIMITS: Final = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_LEAST: Final = 0.2  # of a scale of cells, so that small shares are not all dark
_MOST_LINES: Final = 3
_SHORT: Final = 5  # letters of a cell's number in full size
_SMALL: Final = 11


def overall_drawing(names: Sequence[str], shares: Sequence[Share]) -> Drawing:
    """Draw shares over all communities as points with intervals.

    Parameters
    ----------
    names : sequence of str
        Headings of the rows.
    shares : sequence of Share

    Returns
    -------
    Drawing
    """
    most = max(share.high if share.high is not None else share.value or 0.0 for share in shares)
    limit = next((one for one in _LIMITS if one >= most), 1.0)
    rows = _rows(names)
    bottom = rows[-1].bottom + 2
    rules: list[Shape] = _rules(rows)
    drawn: list[Shape] = []
    hovers: list[Hover] = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        rules.append(Line(share, 2, share, bottom, GRID))
        drawn.append(Words((share, 0), bottom + 18, f"{100 * share * limit:g}%", "middle"))
    for row, name, share in zip(rows, names, shares, strict=True):
        drawn += _heading(f"{name}: {share.text}", row)
        y = row.cells + _CELL / 2
        x = _along(share.value, limit)
        ends = [_along(end, limit) for end in (share.low, share.high) if end is not None]
        rules += [Line(ends[0], y, ends[-1], y, NAVY, 2)] if ends else []
        rules += [Line(end, y - CAP, end, y + CAP, NAVY, 2) for end in ends]
        drawn.append(Dot(x, y, NAVY, NAVY))
        hovers.append(Hover(x, y, share.words))
    return Drawing((*rules, *drawn), int(bottom + 26), hovers=tuple(hovers), across=2)


def matrix_drawing(names: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Share | None]]) -> Drawing:
    """Draw shares by community as cells, the darker the larger; each holds its number or its mark.

    Parameters
    ----------
    names : sequence of str
        Headings of the rows.
    columns : sequence of str
        Names of the communities, written below.
    cells : sequence of sequence of Share or None
        A row for each name.

    Returns
    -------
    Drawing
    """
    values = [cell.value for row in cells for cell in row if cell is not None and cell.drawn and cell.value is not None]
    limit = max([*values, _LEAST])
    rows = _rows(names)
    width = 1 / len(columns)
    drawn: list[Shape] = []
    words: list[Shape] = []
    hovers: list[Hover] = []
    for row, name, across in zip(rows, names, cells, strict=True):
        words += _heading(name, row)
        for column, cell in enumerate(across):
            x, y = (column + 0.5) * width, row.cells + _CELL / 2
            colour = _shade(cell, limit)
            drawn.append(Box((column * width + 0.004, 0), row.cells, (width - 0.008, 0), _CELL, colour))
            words += _written(cell, (x, y), ink_on(colour))
            hovers.append(Hover(x, y, cell.words if cell is not None else "[x]"))
    bottom = rows[-1].bottom + 2
    named, tall = _columns(columns, bottom)
    shapes = (*_rules(rows), *drawn, *words, *named)
    return Drawing(shapes, int(bottom + tall), hovers=tuple(hovers), across=2, halo=False)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row in pixels from the top: where it begins, how many lines its heading may have, and its cells below."""

    top: float
    lines: int

    @property
    def cells(self) -> float:
        """Where its cells begin."""
        return self.top + _LINE * self.lines + 4

    @property
    def bottom(self) -> float:
        """Where the next one begins."""
        return self.cells + _CELL + _GAP - 4


def _rows(names: Sequence[str]) -> list[_Row]:
    """Place rows, as high as their headings with a number need; so they are the same beside each other."""
    found: list[_Row] = []
    for name in names:
        found.append(_Row(found[-1].bottom if found else 0.0, len(narrow_lines(f"{name}: 100.0%"))))
    return found


def _rules(rows: Sequence[_Row]) -> list[Shape]:
    """Rule between rows."""
    return [Line(0, row.top, 1, row.top, GRID) for row in rows[1:]]


def _heading(text: str, row: _Row) -> list[Shape]:
    """Write the heading of a row, just above its cells."""
    lines = narrow_lines(text)
    first = row.top + 16 + _LINE * (row.lines - len(lines))
    return [Words((0, 0), first + _LINE * place, line, "start") for place, line in enumerate(lines)]


def _along(value: float | None, limit: float) -> float:
    """Place a share on the axis."""
    return round(min(max(value or 0.0, 0.0), limit) / limit, 4)


def _shade(cell: Share | None, limit: float) -> str:
    """Mix a cell's colour: the larger the darker; grey where nothing may be drawn."""
    if cell is None or not cell.drawn or cell.value is None:
        return EMPTY
    part = round(4 * min(cell.value / limit, 1.0)) / 4  # on shades between these no ink can be read well
    mixed = (round(pale + (dark - pale) * part) for pale, dark in zip(PALEST, DARKEST, strict=True))
    return "#" + "".join(f"{one:02x}" for one in mixed)


def _written(cell: Share | None, place: tuple[float, float], ink: str) -> list[Shape]:
    """Write a cell's number, and its mark below it."""
    x, y = place
    lines = ["[x]"] if cell is None else [part for part in (cell.text, cell.mark) if part]
    first = y + 5 - 9 * (len(lines) - 1)
    size = _TEXT if max(map(len, lines)) <= _SHORT else _SMALL
    return [Words((x, 0), first + 15 * row, line, "middle", colour=ink, size=size) for row, line in enumerate(lines)]


def _columns(names: Sequence[str], top: float) -> tuple[list[Shape], float]:
    """Name the columns below them, level where there is room and else turned; say how high that is."""
    room = NARROW / len(names)
    letters = int(room / _LETTERS)
    level = [textwrap.wrap(name, max(letters, 1), break_long_words=False) for name in names]
    if all(len(line) <= letters for lines in level for line in lines) and max(map(len, level)) <= _MOST_LINES:
        drawn: list[Shape] = [
            Words(((place + 0.5) / len(names), 0), top + 16 + _LINE * number, line, "middle")
            for place, lines in enumerate(level)
            for number, line in enumerate(lines)
        ]
        return drawn, _LINE * max(map(len, level)) + 10
    turned = [_turned(name, max(int(room // 15), 1)) for name in names]
    drawn = [
        Words(((place + 0.5) / len(names), 15 * (number - (len(lines) - 1) / 2)), top + 6, line, "end", turned=True)
        for place, lines in enumerate(turned)
        for number, line in enumerate(lines)
    ]
    longest = max(len(line) for lines in turned for line in lines)
    return drawn, math.ceil(longest * _LETTERS) + 16


def _turned(name: str, most: int) -> list[str]:
    """Break a turned name into as many lines as there is room for, as short as they can be."""
    for letters in range(8, len(name) + 1):
        lines = textwrap.wrap(name, letters, break_long_words=False)
        if len(lines) <= most:
            return lines
    return [name]
