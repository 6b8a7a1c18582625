"""A chart's panels as plotly figures: plain dictionaries and lists, so that nothing is encoded on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import Mark, Panel

NAVY: Final = "#12436D"
PALE: Final = "#b9c7d4"
INK: Final = "#0b0c0c"
GRID: Final = "#dcdfe1"
ZERO: Final = "#505a5f"
COLUMN_HEIGHT: Final = 210
COLUMN_TOP: Final = 112.0
ROW_HEIGHT: Final = 60
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

Figure = dict[str, object]
_VEIL: Final = "rgba(255,255,255,0.85)"
_FONT: Final = {"family": "Arial, Helvetica, sans-serif", "size": 13, "color": INK}


def height(panel: Panel) -> int:
    """Give a panel's height in pixels."""
    return COLUMN_HEIGHT if panel.layout == "columns" else len(panel.places) * ROW_HEIGHT + AXIS_HEIGHT


def row_position(mark: Mark, panel: Panel) -> float:
    """Place a mark in its row, below the heading; two marks lie one above the other."""
    paired = any(other.hollow for other in panel.marks)
    return mark.place + (PAIR[not mark.hollow] if paired else ALONE)


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
    return _columns(panel) if panel.layout == "columns" else _rows(panel)


def _columns(panel: Panel) -> Figure:
    """Draw surveys side by side."""
    places = list(range(len(panel.places)))
    layout = {
        **_layout(panel, {"l": TICK_WIDTH, "r": 4, "t": 4, "b": AXIS_HEIGHT - 6}),
        "xaxis": {
            **_axis([-0.5, len(places) - 0.5], places, panel.places),
            "showgrid": False,
            "showline": True,
            "linecolor": ZERO,
        },
        "yaxis": _axis([0.0, COLUMN_TOP], [tick for tick, _ in panel.ticks], [label for _, label in panel.ticks]),
        "annotations": [
            *(_annotation(label, x=place, y=8, xanchor="center") for place, label in panel.absent),
            *(_value(mark) for mark in panel.marks),
        ],
    }
    pale = {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.place for mark in panel.pale],
        "y": [mark.value for mark in panel.pale],
        "marker": {"color": PALE, "size": 8},
        "hoverinfo": "skip",
    }
    return {"data": [pale, _points(panel.marks, upwards=True)], "layout": layout}


def _value(mark: Mark) -> Figure:
    """Print a mark's value above its whisker, over the pale points."""
    above = {"yanchor": "bottom", "yshift": 3, "bgcolor": _VEIL, "borderpad": 0}
    return {**_annotation(f"<b>{_escape(mark.label)}</b>", x=mark.place, y=mark.high, xanchor="center"), **above}


def _rows(panel: Panel) -> Figure:
    """Draw groups one below another."""
    values, labels = [tick for tick, _ in panel.ticks], [label for _, label in panel.ticks]
    layout = {
        **_layout(panel, {"l": 12, "r": 18, "t": 2, "b": AXIS_HEIGHT - 2}),
        "xaxis": _axis([values[0], values[-1]], values, labels),
        "yaxis": {**_axis([len(panel.places), 0], [], []), "showgrid": False},
        "annotations": [
            {
                **_annotation(_escape(text), x=0, y=place + 0.02, xanchor="left"),
                "xref": "paper",
                "yanchor": "top",
                "bgcolor": _VEIL,
            }
            for place, text in enumerate(panel.places)
        ],
        "shapes": _lines(panel),
    }
    hollow = [mark for mark in panel.marks if mark.hollow]
    filled = [mark for mark in panel.marks if not mark.hollow]
    traces = [
        _points(marks, upwards=False, heights=[row_position(mark, panel) for mark in marks])
        for marks in (hollow, filled)
        if marks
    ]
    return {"data": traces, "layout": layout}


def _points(marks: Sequence[Mark], *, upwards: bool, heights: Sequence[float] = ()) -> Figure:
    """Draw points with their whiskers."""
    numbers = [mark.value for mark in marks]
    error = {
        "type": "data",
        "symmetric": False,
        "array": [round(mark.high - mark.value, 1) for mark in marks],
        "arrayminus": [round(mark.value - mark.low, 1) for mark in marks],
        "color": NAVY,
        "thickness": 2,
        "width": 5,
    }
    hollow = bool(marks) and marks[0].hollow
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.place for mark in marks] if upwards else numbers,
        "y": numbers if upwards else list(heights),
        "error_y" if upwards else "error_x": error,
        "marker": {"color": "#ffffff" if hollow else NAVY, "size": 11, "line": {"color": NAVY, "width": 2}},
        "text": [_escape(mark.words) for mark in marks],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _lines(panel: Panel) -> list[Figure]:
    """Rule between the rows, and a stronger line at zero where numbers lie on both sides of it."""
    rules: list[Figure] = [
        {**_line(GRID), "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": place, "y1": place}
        for place in range(1, len(panel.places))
    ]
    if panel.ticks[0][0] >= 0:
        return rules
    zero = [
        {**_line(ZERO), "xref": "x", "x0": 0, "x1": 0, "yref": "y", "y0": place + 0.38, "y1": place + 0.95}
        for place in range(len(panel.places))
    ]
    return [*rules, *zero]


def _line(colour: str) -> Figure:
    """Draw a line below the points."""
    return {"type": "line", "layer": "between", "line": {"color": colour, "width": 1}}


def _layout(panel: Panel, margin: dict[str, int]) -> Figure:
    """Give what every panel has in common: nothing to drag, zoom or click."""
    return {
        "height": height(panel),
        "margin": {**margin, "pad": 0},
        "font": _FONT,
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


def _escape(text: str) -> str:
    """Keep plotly from reading names as mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
