"""Every chart of a release with the table that holds its numbers, in the order in which the page shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lpact_eval.reporting.background import weight_table
from lpact_eval.reporting.content import questions
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.static import finished
from lpact_eval.reporting.weights import weighing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.parts import Part
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table


@dataclass(frozen=True, slots=True)
class ReleaseChart:
    """A chart that stands on its own.

    Attributes
    ----------
    chart : ChartSpec
        With its notes, and words in which the numbers are in a file beside it.
    table : Table
        Every number that it shows.
    about : str
        What it belongs to: a question, the weights or the records of events.
    """

    chart: ChartSpec
    table: Table
    about: str


@lru_cache(maxsize=2)
def release_charts(published: Published, sentences: Sentences) -> tuple[ReleaseChart, ...]:
    """Gather every chart of a release.

    Parameters
    ----------
    published : Published
    sentences : Sentences

    Returns
    -------
    tuple of ReleaseChart
        Their names differ.
    """
    found = [*_of_questions(published, sentences), *_of_weights(published), *_of_records(published, sentences)]
    return tuple(replace(one, chart=finished(one.chart, published, "")) for one in found)


def _of_questions(published: Published, sentences: Sentences) -> Iterator[ReleaseChart]:
    """Take the charts of the questions that the plan puts first."""
    featured, _ = questions(published, rows_of(published), sentences)
    for question in featured:
        for part in question.parts:
            yield from _of_part(part, question.title)


def _of_part(part: Part, about: str) -> Iterator[ReleaseChart]:
    """Take a part's chart with its first table, which holds the chart's numbers, and those of the parts below."""
    if part.chart is not None:
        yield ReleaseChart(part.chart, part.chart.table or part.tables[0], about)
    for below in part.below:
        yield from _of_part(below, about)


def _of_weights(published: Published) -> Iterator[ReleaseChart]:
    """Take the charts of what the weights cost, and of where respondents live."""
    for chart in weighing(published, rows_of(published)).charts:
        yield ReleaseChart(chart, chart.table or weight_table(published), "Weights")


def _of_records(published: Published, sentences: Sentences) -> Iterator[ReleaseChart]:
    """Take the charts of the records of events, where the plan asks for them."""
    if published.records is None:
        return
    from lpact_eval.reporting.record_page import record_section  # noqa: PLC0415 - surveys alone never need it

    section = record_section(published, sentences)
    for chapter in section.chapters if section else ():
        for part in chapter.parts:
            for chart in part.charts:
                yield ReleaseChart(chart, chart.table or part.tables[0], chapter.heading)
