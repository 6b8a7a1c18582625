"""A table of a page in Word: headings repeated on every page, columns as wide as their words ask for."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np
from docx.oxml.ns import nsdecls

from lpact_eval.reporting.breadth import breadth
from lpact_eval.reporting.word_styles import element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lpact_eval.reporting.blocks import Grid, GridCell
    from lpact_eval.reporting.office_xml import Element

    FloatArray = NDArray[np.float64]

WAYS: Final = ((9.0, True), (8.0, True), (8.0, False), (7.0, False))  # points, and whether numbers stay on a line
_PADDING: Final = 140
_LONGEST: Final = 9.0  # widths of a letter's height, above which a word may be broken
_BOLD: Final = 1.16  # width of a bold letter, of a plain one's
_MOST_LINES: Final = 7  # of a cell, above which the next way is tried
_STEPS: Final = 48  # at most, in which a table's spare room is given out
_STEP: Final = 120.0  # twentieths of a point, at least
_TWENTIETHS: Final = 20
_LINE: Final = "505A5F"
_PALE: Final = "DCDFE1"
_HEAD: Final = "E7ECF1"


def table_element(grid: Grid, width: int, styles: tuple[str, str]) -> Element:
    """Make a table's element.

    Parameters
    ----------
    grid : Grid
    width : int
        Room for it, in twentieths of a point.
    styles : tuple of str
        Ids of the styles of headings and of cells.

    Returns
    -------
    Element
    """
    size, widths = column_widths(grid, width)
    named = len([cell for cell in grid.rows[0] if cell.head]) if grid.rows else 0
    columns = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in widths)
    parts = [
        f"<w:tbl {nsdecls('w')}>{_properties(grid, sum(widths), first=named > 0)}",
        f"<w:tblGrid>{columns}</w:tblGrid>",
        _row(grid.headings, widths, (size, styles[0]), heading=True),
        *(_row(row, widths, (size, styles[1])) for row in grid.rows),
        "</w:tbl>",
    ]
    return element("".join(parts))


def column_widths(
    grid: Grid, width: int, ways: Sequence[tuple[float, bool]] = WAYS, *, padding: int = _PADDING
) -> tuple[float, list[int]]:
    """Choose the size of the letters, and widths that leave words whole where there is room.

    Parameters
    ----------
    grid : Grid
    width : int
        Room for all columns, in twentieths of a point.
    ways : sequence of (float, bool)
        Sizes of letters to try in turn, and whether numbers stay on one line.
    padding : int
        Of a cell at both sides together, and a little more, in twentieths of a point.

    Returns
    -------
    tuple of float and list of int
        Points, and twentieths of a point.
    """
    columns = [(cells[0], cells[1:]) for cells in zip(grid.headings, *grid.rows, strict=True)]
    texts = np.array([[breadth(cell.text) for cell in row] for row in grid.rows] or [[1.0] * len(columns)])
    words, wholes = np.array([_unbroken(head, body) for head, body in columns]).T
    tried: list[tuple[float, float, list[int]]] = []
    for size, whole in ways:
        unit = size * _TWENTIETHS
        least = unit * (wholes if whole else words) + padding
        widths = _shared(least, unit * texts, width, padding)
        lines = float((unit * texts / (widths - padding)).max())
        lines += max(0.0, float(least.sum()) - width)  # broken words are worse than any number of lines
        tried.append((lines, size, [int(wide) for wide in widths]))
        if lines <= _MOST_LINES:
            break
    _, size, chosen = tried[-1] if tried[-1][0] <= _MOST_LINES else min(tried)
    return size, chosen


def _shared(least: FloatArray, asked: FloatArray, width: int, padding: int) -> FloatArray:
    """Give room step by step to the column whose cells make most of the table's height, until all have enough."""
    spare = width - float(least.sum())
    if spare <= 0:
        return least * (width / least.sum())
    widths = least.copy()
    steps = min(_STEPS, int(spare // _STEP) + 1)
    for _ in range(steps):
        lines = asked / (widths - padding)
        tallest = lines.argmax(axis=1)
        over = lines.max(axis=1) - 1.0
        load = np.bincount(tallest, np.maximum(over, 0.0), minlength=len(widths))
        if not load.any():
            break
        widths[load.argmax()] += spare / steps
    return widths


def _unbroken(head: GridCell, body: Sequence[GridCell]) -> tuple[float, float]:
    """Measure what of a column stays on one line: words, and with them numbers and names of rows as a whole."""
    bold = [min(breadth(word), _LONGEST) * _BOLD for word in head.text.split()]
    words = {word for text in {cell.text for cell in body} for word in text.split()}
    least = max([*bold, *(min(breadth(word), _LONGEST) for word in words)], default=1.0)
    wholes = {cell.text for cell in body if cell.number or cell.head}
    return least, max([least, *(min(breadth(text), _LONGEST) for text in wholes)])


def _properties(grid: Grid, width: int, *, first: bool) -> str:
    """Write width, lines, and what screen readers say of the table."""
    lines = (
        f'<w:top w:val="single" w:sz="8" w:color="{_LINE}"/><w:bottom w:val="single" w:sz="8" w:color="{_LINE}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:color="{_PALE}"/>'
    )
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="{int(first)}" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{escape(grid.caption)}"/>'
        f'<w:tblDescription w:val="Table: {escape(grid.caption)}. The first row has the headings."/></w:tblPr>'
    )


def _row(cells: Sequence[GridCell], widths: Sequence[int], look: tuple[float, str], *, heading: bool = False) -> str:
    """Write a row; no row is parted by the end of a page."""
    mark = "<w:tblHeader/>" if heading else ""
    written = "".join(_cell(cell, wide, look, heading=heading) for cell, wide in zip(cells, widths, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{mark}</w:trPr>{written}</w:tr>"


def _cell(cell: GridCell, width: int, look: tuple[float, str], *, heading: bool) -> str:
    """Write a cell; numbers stand at the right."""
    size, style = look
    side = '<w:jc w:val="right"/>' if cell.number else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_HEAD}"/><w:vAlign w:val="bottom"/>' if heading else ""
    letters = f'<w:rPr><w:sz w:val="{round(2 * size)}"/><w:szCs w:val="{round(2 * size)}"/></w:rPr>'
    run = f'<w:r>{letters}<w:t xml:space="preserve">{escape(cell.text)}</w:t></w:r>' if cell.text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr>{run}</w:p></w:tc>'
    )
