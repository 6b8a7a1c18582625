"""The parts that a question's section is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.tables import Table


@dataclass(frozen=True, slots=True)
class Part:
    """One view of a question: a heading, a chart where the question is drawn, sentences, and at least one table.

    Attributes
    ----------
    heading : str
    chart : ChartSpec or None
    tables : tuple of Table
    sentences : tuple of str
    folded : str
        What a page folds its tables under; they stand open without it.
    below : tuple of Part
        Parts of it, under headings of their own.
    """

    heading: str
    chart: ChartSpec | None
    tables: tuple[Table, ...]
    sentences: tuple[str, ...] = ()
    folded: str = ""
    below: tuple[Part, ...] = ()

    @property
    def charts(self) -> tuple[ChartSpec, ...]:
        """Its chart, and those of the parts below."""
        own = () if self.chart is None else (self.chart,)
        return (*own, *(chart for part in self.below for chart in part.charts))

    @property
    def all_sentences(self) -> tuple[str, ...]:
        """Its sentences, and those of the parts below."""
        return (*self.sentences, *(text for part in self.below for text in part.all_sentences))
