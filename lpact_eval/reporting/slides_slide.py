"""A slide as content: title, lines, chart or table, limits beside them, and what its notes say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.tables import Table


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide.

    Attributes
    ----------
    title : str
        What was found; no two slides have the same.
    body : tuple of Line
    beside : tuple of Line
        Limits, at the right of the body.
    chart : ChartSpec or None
    table : Table or None
    foot : str
        Below a chart or a table: what was measured, and on how many.
    limit : str
        What it can't show.
    notes : tuple of str
        For whoever speaks: full sentences, bases, intervals, source.
    opening : bool
        Whether it is the first.
    """

    title: str
    body: tuple[Line, ...] = ()
    beside: tuple[Line, ...] = ()
    chart: ChartSpec | None = None
    table: Table | None = None
    foot: str = ""
    limit: str = ""
    notes: tuple[str, ...] = field(default=())
    opening: bool = False
