"""Charts as files: a picture with its words, and the words alone; the numbers are in the csv beside them."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.benchmarks import beside_national
from lpact_eval.reporting.chart import change_chart, trend_chart
from lpact_eval.reporting.distribution import distribution_chart
from lpact_eval.reporting.figure import edges, haloed, height
from lpact_eval.reporting.layout import WIDTH, Sheet, Text, lay_out
from lpact_eval.reporting.lines import positions
from lpact_eval.reporting.picture import LOOKS, drawn
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.shifts import shifts_of, slopes_of
from lpact_eval.reporting.spoken import shift_words, slope_words
from lpact_eval.reporting.wording import exemptions, require_plain_words
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.layout import Placed

BESIDE: Final = "The numbers are in the csv file beside this picture."
_BELOW: Final = "The numbers are in the table below."
_FONT: Final = "Arial, Helvetica, 'Liberation Sans', sans-serif"


def question_chart(published: Published, kind: str) -> ChartSpec:
    """Make the chart of one question for a file of its own.

    Parameters
    ----------
    published : Published
        Rows of one question.
    kind : str
        "trend", "change" or "answers".

    Returns
    -------
    ChartSpec
        With notes below it, and national figures apart from it where there are any.

    Raises
    ------
    WrongUseError
        If there is nothing that may be drawn, with the reason.
    LpactError
        If the chart would say what these surveys can't support.
    """
    rows, sentences = rows_of(published), read_sentences(templates_folder())
    waves = sorted(published.waves, key=lambda wave: wave.start)
    _require_marks(published, kind)
    if kind == "answers":
        chart = distribution_chart(published, rows[0].variable)
    elif kind == "change":
        chart = change_chart(rows, sentences)
    else:
        chart = trend_chart(rows, [wave.name for wave in waves], sentences, positions(waves))
    said = {
        "trend": [slope_words(slope, sentences) for slope in slopes_of(published) if slope.row.shown],
        "answers": [shift_words(shift, sentences) for shift in shifts_of(published) if shift.row.shown],
    }.get(kind, [])
    whole = finished(chart, published, rows[0].variable if kind == "trend" else "", said)
    words = [whole.title, whole.subtitle, whole.alternative, *whole.notes, *whole.apart_notes]
    require_plain_words(words, "the chart", exemptions(published, sentences))
    return whole


def finished(chart: ChartSpec, published: Published, variable: str, said: Sequence[str] = ()) -> ChartSpec:
    """Add notes, national figures on a question, sentences, and words in which the numbers stand in a file beside."""
    notes = (*chart.notes, *chart_notes(chart))
    told = any("synthetic" in note.casefold() for note in notes)  # of the records, whose charts say it themselves
    notes += ("Synthetic respondents: nothing here is about real people.",) if published.synthetic and not told else ()
    whole = beside_national(chart, published, variable) if variable else chart
    words = chart.alternative.replace(_BELOW, " ".join([*_marked(chart), *said, *whole.apart_notes, BESIDE]))
    return replace(whole, alternative=words, notes=notes)


def chart_notes(chart: ChartSpec) -> tuple[str, ...]:
    """Say how a chart is read, and what its shorthand means."""
    how = {
        "trend": "Navy: this group, with its 95% modelled interval. Pale: the other groups.",
        "change": "Clear change: the change passes its test after allowing for the number of comparisons.",
    }.get(chart.kind, "")
    if chart.kind == "trend" and any(panel.joined for panel in chart.panels):
        how = "Navy line: this group; its ribbon is the 95% modelled interval. Pale lines: the other groups."
    if chart.kind == "trend" and len(chart.panels) == 1:
        how = "With the 95% modelled interval."
    marks = "; ".join(f"{mark} {MARKS[mark]}" for mark in MARKS if mark in _shorthand(chart))
    return tuple(note for note in (how, f"{marks[:1].upper()}{marks[1:]}." if marks else "") if note)


def write_chart(chart: ChartSpec, path: Path) -> None:
    """Write a chart as svg or png, by the file's ending.

    Parameters
    ----------
    chart : ChartSpec
    path : Path
        Ends in .svg or .png; a png needs matplotlib.

    Raises
    ------
    WrongUseError
        If matplotlib is not there for a png.
    """
    if path.suffix.casefold() == ".png":
        from lpact_eval.reporting.raster import write_png  # noqa: PLC0415 - only a png needs matplotlib

        write_png(chart, path)
    else:
        path.write_text(svg(chart), encoding="utf-8")


def write_words(chart: ChartSpec, path: Path) -> None:
    """Write what to say instead of the picture."""
    path.write_text(f"{chart.alternative}\n", encoding="utf-8")


def svg(chart: ChartSpec) -> str:
    """Draw a chart as one SVG document with its title and its words."""
    sheet = lay_out(chart)
    tall = round(sheet.y)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{tall}" viewBox="0 0 {WIDTH} {tall}" '
        f'role="img" aria-labelledby="title words" lang="en-GB" font-family="{_FONT}">'
    )
    words = f'<title id="title">{escape(chart.title)}</title><desc id="words">{escape(chart.alternative)}</desc>'
    halo = "<style>.panel text{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}</style>"
    ground = f'<rect width="{WIDTH}" height="{tall}" fill="#ffffff"/>'
    return "\n".join([head, words, halo, ground, *_parts(sheet), "</svg>\n"])


def _parts(sheet: Sheet) -> list[str]:
    """Draw texts, key and panels."""
    squares = [f'<rect x="{x:g}" y="{y:g}" width="14" height="14" fill="{colour}"/>' for x, y, colour in sheet.swatches]
    return [*map(_text, sheet.texts), *squares, *map(_panel, sheet.panels)]


def _text(text: Text) -> str:
    """Write a line."""
    weight = ' font-weight="bold"' if text.bold else ""
    looks = f'font-size="{text.size}" fill="{text.colour}"{weight}'
    return f'<text x="{text.x:g}" y="{text.y:.1f}" {looks}>{escape(text.text)}</text>'


def _panel(placed: Placed) -> str:
    """Draw a panel in its place."""
    left, right = edges(placed.panel)
    box = f'x="{placed.x + left:g}" y="{placed.y:.1f}" width="{placed.width - left - right:.1f}"'
    halo = ' class="panel"' if haloed(placed.panel) else ""
    return f'<svg {box} height="{height(placed.panel)}" overflow="visible" {LOOKS}{halo}>{drawn(placed.panel)}</svg>'


def _require_marks(published: Published, kind: str) -> None:
    """Refuse a chart without anything in it, and say why."""
    frame = published.distributions if kind == "answers" else published.rows
    measure = {"answers": "distribution", "change": "change", "trend": "level"}[kind]
    asked = frame[frame["measure"] == measure] if len(frame) else frame
    if not len(asked):
        why = "its answers are in no order" if kind == "answers" else "it was not asked in the surveys"
        msg = f"Cannot draw the question: {why}. Print the table instead, without --out."
        raise WrongUseError(msg)
    if not asked["chart"].any():
        notes = dict.fromkeys(str(note).rstrip(".") for note in asked["note"] if note)
        msg = (
            f"Cannot draw the question: no number may be drawn ({'; '.join(notes)}). The table says so, without --out."
        )
        raise WrongUseError(msg)


def _shorthand(chart: ChartSpec) -> str:
    """Gather everything printed that may hold a shorthand."""
    return " ".join(
        text for panel in chart.panels for text in (*panel.places, *panel.ends, *(mark for _, mark in panel.absent))
    )


def _marked(chart: ChartSpec) -> list[str]:
    """Say in words which groups have no number in which surveys."""
    said: list[str] = []
    for panel in chart.panels:
        gone = [f"{panel.places[place]} {mark} {MARKS[mark]}" for place, mark in panel.absent if mark in MARKS]
        if gone:
            said.append(f"{panel.heading}: {'; '.join(gone)}.")
    return said
