"""The folder of charts: each as svg and png, with its numbers as csv and its words as text, and a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.reporting.chart_names import FOLDER, INDEX, INDEX_COLUMNS, KINDS, file_name
from lpact_eval.reporting.flat import flat_table
from lpact_eval.reporting.raster import require_matplotlib
from lpact_eval.reporting.release_charts import release_charts
from lpact_eval.reporting.static import write_chart, write_words
from lpact_eval.reporting.templating import plain_sentences
from lpact_eval.reporting.tidy import write_lines
from lpact_eval.reporting.wording import exemptions, require_plain_words
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.lint import Exempt
    from lpact_eval.reporting.release_charts import ReleaseChart


def write_charts(published: Published, folder: Path) -> list[str]:
    """Write every chart of a release into a folder of its own.

    Parameters
    ----------
    published : Published
    folder : Path
        Of the release.

    Returns
    -------
    list of str
        The list of charts first.

    Raises
    ------
    WrongUseError
        If matplotlib, which draws the png files, is not installed.
    LpactError
        If a chart would say what these surveys can't support.
    """
    require_matplotlib()
    sentences = plain_sentences(templates_folder())
    charts, exempt = release_charts(published, sentences), exemptions(published, sentences)
    (folder / FOLDER).mkdir()
    lines = [_write(one, folder / FOLDER, exempt) for one in charts]
    write_lines(folder / FOLDER / INDEX, INDEX_COLUMNS, lines, exempt)
    files = [f"{file_name(one.chart)}.{kind}" for one in charts for kind in KINDS]
    return [f"{FOLDER}/{name}" for name in (INDEX, *files)]


def _write(one: ReleaseChart, folder: Path, exempt: Exempt) -> list[str]:
    """Write a chart's files, and return its line in the list."""
    chart, name = one.chart, file_name(one.chart)
    said = [chart.title, chart.subtitle, chart.alternative, *chart.notes, *chart.apart_notes]
    require_plain_words(said, f"{name}.svg", exempt)
    write_chart(chart, folder / f"{name}.svg")
    write_chart(chart, folder / f"{name}.png")
    headings, lines = flat_table(one.table)
    write_lines(folder / f"{name}.csv", headings, lines, exempt)
    write_words(chart, folder / f"{name}.txt")
    files = [f"{name}.{kind}" for kind in KINDS]
    return [name, one.about, chart.kind, chart.title, chart.subtitle, *files, chart.alternative]
