"""Tables as machines read them: one heading a column, an interval in two, a number or the shorthand for its absence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.reporting.tables import MISSING, Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.tables import Column, Table


def flat_headings(column: Column) -> list[str]:
    """Head the columns that a column becomes: an interval has two.

    Parameters
    ----------
    column : Column

    Returns
    -------
    list of str
        With the unit; the mark of a note stays at the end.
    """
    unit = f" ({column.unit})" if column.unit else ""
    name, bracket, note = column.heading.partition(" [")
    mark = f"{bracket}{note}"
    if column.kind == "interval":
        return [f"{name}, low{unit}{mark}", f"{name}, high{unit}{mark}"]
    return [f"{name}{unit}{mark}"]


def flat_row(columns: Sequence[Column], cells: Sequence[Cell]) -> list[Cell]:
    """Split the intervals of a line into their two ends; other cells stay as they are.

    Parameters
    ----------
    columns : sequence of Column
    cells : sequence of Cell
        One per column.

    Returns
    -------
    list of Cell
    """
    flat: list[Cell] = []
    for column, cell in zip(columns, cells, strict=True):
        if column.kind != "interval":
            flat.append(cell)
        elif cell.value is None and cell.high is None:
            flat += (cell, cell)
        else:
            flat += (_end(cell.value, cell.decimals), _end(cell.high, cell.decimals))
    return flat


def flat_table(table: Table) -> tuple[list[str], list[list[str]]]:
    """Lay a table out for a csv file.

    Parameters
    ----------
    table : Table

    Returns
    -------
    tuple of list of str and list of list of str
        Headings and lines: plain numbers as published, texts, or a shorthand.
    """
    headings = [heading for column in table.columns for heading in flat_headings(column)]
    lines = [[_plain(cell) for cell in flat_row(table.columns, row)] for row in table.rows]
    return headings, lines


def _plain(cell: Cell) -> str:
    """Write a number without separators and signs of its unit, or a text."""
    return cell.text if cell.value is None else f"{cell.value:.{max(cell.decimals, 0)}f}"


def _end(value: float | None, decimals: int) -> Cell:
    """Write an end of an interval, which may be open."""
    return Cell(MISSING) if value is None else Cell(f"{value:g}", value, decimals=decimals)
