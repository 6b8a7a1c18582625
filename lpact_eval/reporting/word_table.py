"""A table of a page in Word: headings repeated on every page, columns as wide as their words ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from docx.oxml.ns import nsdecls

from lpact_eval.reporting.breadth import breadth
from lpact_eval.reporting.word_styles import element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.blocks import Grid, GridCell
    from lpact_eval.reporting.office_xml import Element

CELL_STYLE: Final = "TableText"
HEAD_STYLE: Final = "TableHeading"
WAYS: Final = ((9.0, True), (8.0, True), (8.0, False), (7.0, False))  # points, and whether numbers stay on a line
_PADDING: Final = 140
_LONGEST: Final = 9.0  # widths of a letter's height, above which a word may be broken
_BOLD: Final = 1.08  # width of a bold letter, of a plain one's
_MOST_LINES: Final = 7  # of a cell, above which the next way is tried
_STEPS: Final = 120  # in which a table's spare room is given out
_TWENTIETHS: Final = 20
_LINE: Final = "505A5F"
_PALE: Final = "DCDFE1"
_HEAD: Final = "E7ECF1"


def table_element(grid: Grid, width: int) -> Element:
    """Make a table's element.

    Parameters
    ----------
    grid : Grid
    width : int
        Room for it, in twentieths of a point.

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
        _row(grid.headings, widths, size, heading=True),
        *(_row(row, widths, size) for row in grid.rows),
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
    longest = [max((breadth(cell.text) for cell in body), default=1.0) for _, body in columns]
    tried: list[tuple[float, float, list[int]]] = []
    for size, whole in ways:
        unit = size * _TWENTIETHS
        least = [unit * _unbroken(head, body, whole=whole) + padding for head, body in columns]
        asked = [unit * text for text in longest]
        widths = _shared(least, asked, width, padding)
        lines = max(need / (wide - padding) for need, wide in zip(asked, widths, strict=True))
        lines += max(0.0, sum(least) - width)  # broken words are worse than any number of lines
        tried.append((lines, size, [int(wide) for wide in widths]))
        if lines <= _MOST_LINES:
            break
    _, size, chosen = tried[-1] if tried[-1][0] <= _MOST_LINES else min(tried)
    return size, chosen


def _shared(least: Sequence[float], asked: Sequence[float], width: int, padding: int) -> list[float]:
    """Give room step by step to the column whose longest cell has most lines, until each stands on one line."""
    if sum(least) >= width:
        return [low * width / sum(least) for low in least]
    widths = list(least)
    step = max(width / _STEPS, 1.0)
    while sum(widths) + step <= width:
        lines = [need / (wide - padding) for need, wide in zip(asked, widths, strict=True)]
        longest = max(lines)
        if longest <= 1.0:
            break
        widths[lines.index(longest)] += step
    return widths


def _unbroken(head: GridCell, body: Sequence[GridCell], *, whole: bool) -> float:
    """Measure what of a column stays on one line: words, and as a whole numbers and names of rows."""
    bold = [min(breadth(word), _LONGEST) * _BOLD for word in head.text.split()]
    kept = [cell.text for cell in body if whole and (cell.number or cell.head)]
    plain = [min(breadth(text), _LONGEST) for text in (*kept, *(word for cell in body for word in cell.text.split()))]
    return max([*bold, *plain], default=1.0)


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
        f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={quoteattr(grid.caption)}/>'
        f"<w:tblDescription w:val={quoteattr(f'Table: {grid.caption}. The first row has the headings.')}/></w:tblPr>"
    )


def _row(cells: Sequence[GridCell], widths: Sequence[int], size: float, *, heading: bool = False) -> str:
    """Write a row; no row is parted by the end of a page."""
    mark = "<w:tblHeader/>" if heading else ""
    written = "".join(_cell(cell, wide, size, heading=heading) for cell, wide in zip(cells, widths, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{mark}</w:trPr>{written}</w:tr>"


def _cell(cell: GridCell, width: int, size: float, *, heading: bool) -> str:
    """Write a cell; numbers stand at the right."""
    style = HEAD_STYLE if heading else CELL_STYLE
    side = '<w:jc w:val="right"/>' if cell.number else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_HEAD}"/><w:vAlign w:val="bottom"/>' if heading else ""
    look = f'<w:rPr><w:sz w:val="{round(2 * size)}"/><w:szCs w:val="{round(2 * size)}"/></w:rPr>'
    run = f'<w:r>{look}<w:t xml:space="preserve">{escape(cell.text)}</w:t></w:r>' if cell.text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr>{run}</w:p></w:tc>'
    )
