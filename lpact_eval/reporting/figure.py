"""A chart's panels as plotly figures: plain dictionaries and lists, so that nothing is encoded on the way."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.lines import edge_of, leaning, named_absences, named_places, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import Mark, Panel

NAVY: Final = "#12436D"
PALE: Final = "#b9c7d4"
INK: Final = "#0b0c0c"
RIBBON: Final = "#d0dae4"
GRID: Final = "#dcdfe1"
ZERO: Final = "#505a5f"
COLUMN_HEIGHT: Final = 210
COLUMN_TOP: Final = 112.0
ROW_HEIGHT: Final = 60
TIGHT_HEIGHT: Final = 42
AXIS_HEIGHT: Final = 34
TICK_WIDTH: Final = 40
ALONE: Final = 0.66
PAIR: Final = (0.56, 0.8)
CONFIG: Final = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}

LEAN: Final = 8
LONGEST_HEADING: Final = 42
_LINE: Final = 17
_LIGHT: Final = 130
_LONG_AXIS: Final = 150

Figure = dict[str, object]
_LEANING: Final = {"start": ("left", -LEAN), "middle": ("center", 0), "end": ("right", LEAN)}
VEIL: Final = "rgba(255,255,255,0.85)"
FONT: Final = {"family": "Arial, Helvetica, sans-serif", "size": 13, "color": INK}


def height(panel: Panel) -> int:
    """Give a panel's height in pixels."""
    if panel.drawing is not None:
        return panel.drawing.height
    return COLUMN_HEIGHT if panel.layout == "columns" else len(panel.places) * row_height(panel) + AXIS_HEIGHT


def row_height(panel: Panel) -> int:
    """Give the height of a panel's rows, in which the longest heading has room."""
    least = TIGHT_HEIGHT if panel.tight else ROW_HEIGHT
    return least + _LINE * (_most_lines(panel.places) - 1)


@lru_cache(maxsize=256)
def _most_lines(headings: tuple[str, ...]) -> int:
    """Count the lines of the longest heading; every mark of a panel asks."""
    return max((len(heading_lines(text)) for text in headings), default=1)


def heading_lines(text: str) -> list[str]:
    """Break a row's heading where it is too long for a narrow screen, after the group's name if that will do."""
    if len(text) <= LONGEST_HEADING:
        return [text]
    name, colon, rest = text.partition(": ")
    parts = [f"{name}:", rest] if colon else [text]
    return [line for part in parts for line in textwrap.wrap(part, LONGEST_HEADING)]


def edges(panel: Panel) -> tuple[int, int]:
    """Give the pixels to the left and to the right of a panel's drawing."""
    if panel.drawing is not None:
        return panel.drawing.edges
    if panel.layout == "columns":
        return TICK_WIDTH, 4
    return (18, 18) if panel.bars else (12, 18)


def bar_text(panel: Panel) -> int:
    """Give the size of the numbers in bars: on a long axis they have less room."""
    low, high = axis_ends(panel)
    return 11 if high - low > _LONG_AXIS else 13


def bar_place(panel: Panel) -> tuple[int, int]:
    """Give the pixels from the top of a row to its bar, and the bar's height."""
    below, tall = (4, 18) if panel.tight else (8, 28)
    return row_height(panel) - below - tall, tall


def axis_ends(panel: Panel) -> tuple[float, float]:
    """Give the ends of a panel's axis of numbers."""
    return panel.ticks[0][0], panel.ticks[-1][0]


def ink_on(colour: str) -> str:
    """Choose the ink that can be read on a colour."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT else "#ffffff"


def row_position(mark: Mark, panel: Panel) -> float:
    """Place a mark in its row, below the heading; two marks lie one above the other."""
    if panel.tight:
        return mark.place + 1 - 13 / row_height(panel)
    paired = any(other.hollow for other in panel.marks)
    more = 1 - ROW_HEIGHT / row_height(panel)  # the part of the row that further lines of headings take
    return mark.place + more + (1 - more) * (PAIR[not mark.hollow] if paired else ALONE)


def figure(panel: Panel) -> Figure:
    """Make the plotly figure of a panel.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    dict
        "data" and "layout".
    """
    if panel.drawing is not None:
        from lpact_eval.reporting.drawing import drawing_figure  # noqa: PLC0415 - its shapes need this module's measures

        return drawing_figure(panel.drawing)
    return _columns(panel) if panel.layout == "columns" else _rows(panel)


def haloed(panel: Panel) -> bool:
    """Say whether words have a white edge: not where they may stand on something dark."""
    return panel.drawing.halo if panel.drawing is not None else not panel.bars


def _columns(panel: Panel) -> Figure:
    """Draw surveys side by side."""
    named = named_places(panel)
    layout = {
        **quiet_layout(height(panel), {"l": TICK_WIDTH, "r": 4, "t": 4, "b": AXIS_HEIGHT - 6}),
        "xaxis": {
            **_axis(
                [-0.5, len(panel.places) - 0.5],
                [place_of(panel, place) for place in named],
                [escape_marks(panel.places[place]) for place in named],
            ),
            "showgrid": False,
            "showline": True,
            "linecolor": ZERO,
        },
        "yaxis": _axis([0.0, COLUMN_TOP], [tick for tick, _ in panel.ticks], [label for _, label in panel.ticks]),
        "annotations": [
            *(
                _annotation(label, x=place_of(panel, place), y=8, xanchor="center")
                for place, label in named_absences(panel)
            ),
            *(_value(mark, panel) for mark in panel.marks if mark.label),
        ],
        "shapes": [_break(edge_of(panel, place)) for place in panel.breaks],
    }
    pale = {
        "type": "scatter",
        "mode": "markers",
        "x": [place_of(panel, mark.place) for mark in panel.pale],
        "y": [mark.value for mark in panel.pale],
        "marker": {"color": PALE, "size": 8},
        "hoverinfo": "skip",
    }
    return {"data": [*_lines_of(panel), pale, _points(panel.marks, panel, upwards=True)], "layout": layout}


def _lines_of(panel: Panel) -> list[Figure]:
    """Join the points that may be joined, the group's own within a ribbon between the ends of its intervals."""
    traces: list[Figure] = [_joined(run, panel, PALE) for run in panel.pale_joined]
    for run in panel.joined:
        across = [place_of(panel, mark.place) for mark in run]
        ribbon: Figure = {
            "type": "scatter",
            "mode": "lines",
            "x": [*across, *reversed(across)],
            "y": [*(mark.low for mark in run), *(mark.high for mark in reversed(run))],
            "fill": "toself",
            "fillcolor": RIBBON,
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
        traces += [ribbon, _joined(run, panel, NAVY)]
    return traces


def _joined(run: Sequence[Mark], panel: Panel, colour: str) -> Figure:
    """Draw a line."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [place_of(panel, mark.place) for mark in run],
        "y": [mark.value for mark in run],
        "line": {"color": colour, "width": 2},
        "hoverinfo": "skip",
    }


def _break(edge: float) -> Figure:
    """Part a survey from the one to its left, whose question was another."""
    line = {"type": "line", "layer": "below", "line": {"color": INK, "width": 2, "dash": "dash"}}
    return {**line, "xref": "x", "x0": edge, "x1": edge, "yref": "paper", "y0": 0, "y1": 1}


def _value(mark: Mark, panel: Panel) -> Figure:
    """Print a mark's value above its whisker, over the pale points."""
    bare = mark.low == mark.high  # a point without an interval would stand under its own label
    above = {"yanchor": "bottom", "yshift": 7 if bare else 3, "bgcolor": VEIL, "borderpad": 0}
    anchor, shift = _LEANING[leaning(panel, mark.place)]
    x = place_of(panel, mark.place)
    words = _annotation(f"<b>{escape_marks(mark.label)}</b>", x=x, y=mark.high, xanchor=anchor)
    return {**words, **above, **({"xshift": shift} if shift else {})}


def _rows(panel: Panel) -> Figure:
    """Draw groups one below another."""
    values, labels = [tick for tick, _ in panel.ticks], [label for _, label in panel.ticks]
    layout = {
        **quiet_layout(height(panel), {"l": edges(panel)[0], "r": edges(panel)[1], "t": 2, "b": AXIS_HEIGHT - 2}),
        "xaxis": {**_axis([values[0], values[-1]], values, labels), **({"showgrid": False} if panel.guides else {})},
        "yaxis": {**_axis([len(panel.places), 0], [], []), "showgrid": False},
        "annotations": [
            {
                **_annotation("<br>".join(map(escape_marks, heading_lines(text))), x=0, y=place + 0.02, xanchor="left"),
                "xref": "paper",
                "yanchor": "top",
                "bgcolor": VEIL,
            }
            for place, text in enumerate(panel.places)
        ]
        + _bar_words(panel),
        "shapes": _lines(panel),
    }
    hollow = [mark for mark in panel.marks if mark.hollow]
    filled = [mark for mark in panel.marks if not mark.hollow]
    traces = [
        _points(marks, panel, upwards=False, heights=[row_position(mark, panel) for mark in marks])
        for marks in (hollow, filled)
        if marks
    ]
    return {"data": [*_bars(panel), *traces], "layout": {**layout, "barmode": "overlay"} if panel.bars else layout}


def _bars(panel: Panel) -> list[Figure]:
    """Draw the parts of rows, a trace a colour."""
    middle, thick = _bar_middle(panel)
    colours = list(dict.fromkeys(bar.colour for bar in panel.bars))
    return [
        {
            "type": "bar",
            "orientation": "h",
            "base": [bar.low for bar in panel.bars if bar.colour == colour],
            "x": [round(bar.high - bar.low, 1) for bar in panel.bars if bar.colour == colour],
            "y": [round(bar.place + middle, 3) for bar in panel.bars if bar.colour == colour],
            "width": round(thick, 3),
            "marker": {"color": colour, "line": {"width": 0}},
            "text": [escape_marks(bar.words) for bar in panel.bars if bar.colour == colour],
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
        }
        for colour in colours
    ]


def _bar_middle(panel: Panel) -> tuple[float, float]:
    """Give the middle and the thickness of a row's bar, in rows."""
    top, tall = bar_place(panel)
    return (top + tall / 2) / row_height(panel), tall / row_height(panel)


def _bar_words(panel: Panel) -> list[Figure]:
    """Print the numbers in parts of rows, and what stands at the right end of each row."""
    middle, _ = _bar_middle(panel)
    words: list[Figure] = [
        {
            **_annotation(bar.label, x=(bar.low + bar.high) / 2, y=bar.place + middle, xanchor="center"),
            "font": {"color": ink_on(bar.colour), "size": bar_text(panel)},
        }
        for bar in panel.bars
        if bar.label
    ]
    ends: list[Figure] = [
        {**_annotation(escape_marks(text), x=1, y=place + 0.02, xanchor="right"), "xref": "paper", "yanchor": "top"}
        for place, text in enumerate(panel.ends)
    ]
    return words + ends


def _points(marks: Sequence[Mark], panel: Panel, *, upwards: bool, heights: Sequence[float] = ()) -> Figure:
    """Draw points with their whiskers; a point on a line has a ribbon instead."""
    numbers = [mark.value for mark in marks]
    joined = {mark.place for run in panel.joined for mark in run}
    error = {
        "type": "data",
        "symmetric": False,
        "array": [0 if mark.place in joined else round(mark.high - mark.value, 1) for mark in marks],
        "arrayminus": [0 if mark.place in joined else round(mark.value - mark.low, 1) for mark in marks],
        "color": NAVY,
        "thickness": 2,
        "width": 0 if joined or panel.tight else 5,
    }
    hollow = bool(marks) and marks[0].hollow
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place_of(panel, mark.place) for mark in marks] if upwards else numbers,
        "y": numbers if upwards else list(heights),
        "error_y" if upwards else "error_x": error,
        "marker": {
            "color": "#ffffff" if hollow else NAVY,
            "size": 7 if joined else 11,
            "line": {"color": NAVY, "width": 2},
        },
        "text": [escape_marks(mark.words) for mark in marks],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _lines(panel: Panel) -> list[Figure]:
    """Rule between the rows, draw guides, and a stronger line at zero where numbers lie on both sides of it."""
    guides: list[Figure] = [
        {**_line(INK), "xref": "x", "x0": value, "x1": value, "yref": "paper", "y0": 0, "y1": 1}
        | {"line": {"color": ZERO, "width": 2, "dash": "dash" if broken else "solid"}}
        for value, broken in panel.guides
    ]
    rules: list[Figure] = [
        {**_line(GRID), "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": place, "y1": place}
        for place in range(1, len(panel.places))
    ]
    if panel.ticks[0][0] >= 0:
        return [*rules, *guides]
    zero = [
        {**_line(ZERO), "xref": "x", "x0": 0, "x1": 0, "yref": "y", "y0": place + 0.38, "y1": place + 0.95}
        for place in range(len(panel.places))
    ]
    return [*rules, *guides, *zero]


def _line(colour: str) -> Figure:
    """Draw a line below the points."""
    return {"type": "line", "layer": "between", "line": {"color": colour, "width": 1}}


def quiet_layout(tall: int, margin: dict[str, int]) -> Figure:
    """Give what every panel has in common: nothing to drag, zoom or click."""
    return {
        "height": tall,
        "margin": {**margin, "pad": 0},
        "font": FONT,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"size": 13}, "align": "left"},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
    }


def _axis(span: Sequence[float], values: Sequence[float], labels: Sequence[str]) -> Figure:
    """Make an axis whose ticks are given, so that a survey named 2022 is never taken for a number."""
    return {
        "range": list(span),
        "tickmode": "array",
        "tickvals": list(values),
        "ticktext": list(labels),
        "fixedrange": True,
        "zeroline": False,
        "gridcolor": GRID,
        "automargin": False,
    }


def _annotation(text: str, *, x: float, y: float, xanchor: str) -> Figure:
    """Write in the plot."""
    return {"text": text, "x": x, "y": y, "xanchor": xanchor, "showarrow": False, "align": "left"}


def escape_marks(text: str) -> str:
    """Keep plotly from reading names as mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
