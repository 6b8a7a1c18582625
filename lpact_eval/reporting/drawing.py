"""Panels drawn shape by shape, and the same shapes as a plotly figure: one drawing for page, svg and png."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.figure import FONT, VEIL, Figure, escape_marks, quiet_layout
from lpact_eval.reporting.shapes import Box, Dot, Line, Path, Shape, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

NARROW: Final = 228.0  # pixels of a drawing on the narrowest screen, for which everything is placed
LINE_LETTERS: Final = 36  # letters of a heading for which there is room on the narrowest screen
LETTER: Final = 0.56  # width of a letter as a share of its height
_DESCENT: Final = 0.31  # of a letter, below its base line
_ANCHORS: Final = {"start": "left", "middle": "center", "end": "right"}


@dataclass(frozen=True, slots=True)
class Hover:
    """What a pointing device shows at a place: share of the width, pixels from the top, and words."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A panel as shapes.

    Attributes
    ----------
    shapes : tuple of Shape
        The lowest first: boxes, lines, paths, dots, words.
    height : int
        In pixels.
    edges : tuple of int
        Pixels to the left and to the right of what is drawn.
    hovers : tuple of Hover
    across : int
        How many such panels may stand beside each other.
    halo : bool
        Whether words have a white edge, which they must not have on dark cells.
    """

    shapes: tuple[Shape, ...]
    height: int
    edges: tuple[int, int] = (12, 18)
    hovers: tuple[Hover, ...] = ()
    across: int = 1
    halo: bool = True


def drawing_figure(drawing: Drawing) -> Figure:
    """Make the plotly figure of a drawing: its axes are the shares of the width and the pixels from the top.

    Parameters
    ----------
    drawing : Drawing

    Returns
    -------
    dict
        "data" and "layout".
    """
    left, right = drawing.edges
    fixed = {"fixedrange": True, "visible": False, "automargin": False}
    layout = {
        **quiet_layout(drawing.height, {"l": left, "r": right, "t": 0, "b": 0}),
        "xaxis": {**fixed, "range": [0, 1]},
        "yaxis": {**fixed, "range": [drawing.height, 0]},
        "shapes": [_flat(one) for one in drawing.shapes if isinstance(one, Line | Box)],
        "annotations": [_words(one, halo=drawing.halo) for one in drawing.shapes if isinstance(one, Words)],
    }
    paths = [_path(one) for one in drawing.shapes if isinstance(one, Path)]
    dots = [one for one in drawing.shapes if isinstance(one, Dot)]
    data = [*paths, *([_dots(dots)] if dots else []), *([_hovers(drawing.hovers)] if drawing.hovers else [])]
    return {"data": data, "layout": layout}


def wide(text: str, size: int = 13) -> float:
    """Give about how wide a text is, as a share of the narrowest drawing."""
    return len(text) * size * LETTER / NARROW


def leaning_words(x: float, y: float, text: str, *, bold: bool = False, size: int = 13) -> Words:
    """Write above a place; near the ends of a drawing words lean inwards, so that they stay in it."""
    half = wide(text, size) / 2
    if x - half < 0:
        return Words((0, 0), y, text, "start", bold, size=size)
    if x + half > 1:
        return Words((1, 0), y, text, "end", bold, size=size)
    return Words((x, 0), y, text, "middle", bold, size=size)


def lean_span(x: float, text: str, size: int = 13) -> tuple[float, float]:
    """Give the ends of what `leaning_words` writes, in shares of the narrowest drawing."""
    width = wide(text, size)
    start = min(max(x - width / 2, 0.0), max(1 - width, 0.0))
    return start, start + width


def levels(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Put spans on as few levels as they need not to touch, the earliest on the first."""
    ends: list[float] = []
    found: list[int] = []
    for low, high in spans:
        level = next((place for place, end in enumerate(ends) if end <= low), len(ends))
        ends[level : level + 1] = [high]
        found.append(level)
    return found


def _flat(shape: Line | Box) -> Figure:
    """Draw a line or a box below everything else."""
    if isinstance(shape, Line):
        looks = {"color": shape.colour, "width": shape.width, "dash": "dash" if shape.dashed else "solid"}
        ends = {"x0": shape.x1, "x1": shape.x2, "y0": shape.y1, "y1": shape.y2}
        return {"type": "line", "layer": "below", "xref": "x", "yref": "y", **ends, "line": looks}
    share, more = shape.x
    across: Figure = {"x0": share, "x1": share + shape.width[0]}
    if more or shape.width[1]:
        across = {"xsizemode": "pixel", "xanchor": share, "x0": more, "x1": more + shape.width[1]}
    upright = {"y0": shape.y, "y1": shape.y + shape.height}
    looks = {"fillcolor": shape.fill, "line": {"width": 0}}
    return {"type": "rect", "layer": "below", "xref": "x", "yref": "y", **across, **upright, **looks}


def _words(words: Words, *, halo: bool) -> Figure:
    """Write; turned words go upwards from their place."""
    text = escape_marks(words.text)
    share, more = words.x
    made: Figure = {
        "text": f"<b>{text}</b>" if words.bold else text,
        "x": share,
        "y": words.y if words.turned else round(words.y + _DESCENT * words.size, 1),
        "xanchor": "center" if words.turned else _ANCHORS[words.anchor],
        "yanchor": "top" if words.turned and words.anchor == "end" else "bottom",
        "xshift": more,
        "showarrow": False,
        "borderpad": 0,
        "font": {**FONT, "size": words.size, "color": words.colour},
    }
    if words.turned:
        return made | {"textangle": -90}
    return made | ({"bgcolor": VEIL} if halo else {})


def _path(path: Path) -> Figure:
    """Draw a line through points, or the area within them."""
    xs, ys = [x for x, _ in path.points], [y for _, y in path.points]
    looks: Figure = (
        {"fill": "toself", "fillcolor": path.colour, "line": {"width": 0}}
        if path.filled
        else {"line": {"color": path.colour, "width": 2}}
    )
    return {"type": "scatter", "mode": "lines", "x": xs, "y": ys, "hoverinfo": "skip", "cliponaxis": False, **looks}


def _dots(dots: Sequence[Dot]) -> Figure:
    """Draw points; the outline lies half outside, as in an svg."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [dot.x for dot in dots],
        "y": [dot.y for dot in dots],
        "marker": {
            "color": [dot.fill for dot in dots],
            "size": [2 * dot.radius for dot in dots],
            "opacity": 1,
            "line": {"color": [dot.stroke for dot in dots], "width": 2},
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _hovers(hovers: Sequence[Hover]) -> Figure:
    """Put what pointing devices show where it belongs; nothing of it is seen."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [one.x for one in hovers],
        "y": [one.y for one in hovers],
        "marker": {"color": "#ffffff", "size": 16, "opacity": 0},
        "text": [escape_marks(one.words) for one in hovers],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }
