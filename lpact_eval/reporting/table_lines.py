"""The lines of a table as HTML, for the templates: cells are many, and how each stands depends on its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.tables import Cell, Column, Table

_NOTES: Final = frozenset({"Note", "In words"})  # headings of columns of small words
_LONG: Final = frozenset(  # headings of columns of whole sentences
    {"Why it can't be done", "Why we can't", "What it says", "Answer or reason", "What was said"}
)
_APART: Final = "\x1f"  # stands between texts that are escaped at once; not one of the marks that are


def table_lines(table: Table, *, leads: bool = False) -> Markup:
    """Write the lines of a table, the cells that name a line as its headings.

    Parameters
    ----------
    table : Table
    leads : bool
        Whether numbers lead to their explanations.

    Returns
    -------
    Markup
        One tr element per line.
    """
    named = [f'<th scope="row"{_number(column)}>' for column in table.columns[: table.headers]]
    others = [f"<td{_number(column) or _words(column)}>" for column in table.columns[table.headers :]]
    return _lines(table, [*named, *others], ["<tr>"] * len(table.rows), leads=leads)


def explained_lines(table: Table, anchors: Sequence[str]) -> Markup:
    """Write the lines of a table of explanations, each under the name that its number leads to.

    Parameters
    ----------
    table : Table
    anchors : sequence of str
        Names, one per line.

    Returns
    -------
    Markup
        One tr element per line.
    """
    named = ['<th scope="row">'] * table.headers
    others = [f"<td{_number(column)}>" for column in table.columns[table.headers :]]
    return _lines(table, [*named, *others], [f'<tr id="{escape(anchor)}">' for anchor in anchors], leads=False)


def _number(column: Column) -> str:
    """Tell a column of numbers from one of words."""
    return "" if column.kind == "text" else ' class="number"'


def _words(column: Column) -> str:
    """Say how wide the words of a column may run."""
    if column.heading in _NOTES:
        return ' class="note"'
    return ' class="long"' if column.heading in _LONG else ""


def _lines(table: Table, openings: Sequence[str], lines: Sequence[str], *, leads: bool) -> Markup:
    """Write lines of cells, each cell in the element of its column."""
    closings = [f"</{opening[1:3]}>\n" for opening in openings]
    parts: list[str] = []
    for line, row in zip(lines, table.rows, strict=True):
        texts = _linked(row, table.headers) if leads else _escaped([cell.text for cell in row])
        parts += [line, "\n"]
        for opening, text, closing in zip(openings, texts, closings, strict=True):
            parts += (opening, text, closing)
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 - made of elements written here, and of texts that are escaped


def _linked(row: Sequence[Cell], headers: int) -> list[str]:
    """Escape the texts of a line; those that have an explanation lead to it."""
    texts = _escaped([cell.text for cell in row])
    for place, cell in enumerate(row):
        if cell.made and place >= headers:
            texts[place] = f'<a class="made" href="#{escape(cell.made)}" tabindex="-1">{texts[place]}</a>'
    return texts


def _escaped(texts: Sequence[str]) -> list[str]:
    """Escape texts, together where none holds what they are set apart by."""
    together = str(escape(_APART.join(texts))).split(_APART)
    return together if len(together) == len(texts) else [str(escape(text)) for text in texts]
