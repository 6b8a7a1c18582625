"""Panels drawn shape by shape, and the same shapes as a plotly figure: one drawing for page, svg and png."""

from __future__ import annotations

import textwrap
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


# What all words, and all lines and boxes, of a drawing have in common, so that it is written once.
_SHARED: Final = {
    "annotationdefaults": {"showarrow": False, "borderpad": 0},
    "shapedefaults": {"layer": "below", "xref": "x", "yref": "y"},
}


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
    flat, above = _parted(drawing.shapes)
    layout = {
        **quiet_layout(drawing.height, {"l": left, "r": right, "t": 0, "b": 0}),
        "template": {"layout": _SHARED},
        "xaxis": {**fixed, "range": [0, 1]},
        "yaxis": {**fixed, "range": [drawing.height, 0]},
        "shapes": [_flat(one) for one in flat],
        "annotations": [_words(one, halo=drawing.halo) for one in drawing.shapes if isinstance(one, Words)],
    }
    dots = [one for one in drawing.shapes if isinstance(one, Dot)]
    data = [*above, *([_dots(dots)] if dots else []), *([_hovers(drawing.hovers)] if drawing.hovers else [])]
    return {"data": data, "layout": layout}


def narrow_lines(text: str) -> list[str]:
    """Break a heading for which there is not the room in one line of the narrowest screen."""
    return textwrap.wrap(text, LINE_LETTERS)


def wide(text: str, size: int = 13) -> float:
    """Give about how wide a text is, as a share of the narrowest drawing."""
    return len(text) * size * LETTER / NARROW


def leaning_words(x: float, y: float, text: str, *, bold: bool = False, size: int = 13) -> Words:
    """Write above a place; near the ends of a drawing words begin or end there, and none leave it."""
    width = wide(text, size)
    if x - width / 2 < 0:
        return Words((x if x + width <= 1 else 0, 0), y, text, "start", bold, size=size)
    if x + width / 2 > 1:
        return Words((x if x >= width else 1, 0), y, text, "end", bold, size=size)
    return Words((x, 0), y, text, "middle", bold, size=size)


def lean_span(x: float, text: str, size: int = 13) -> tuple[float, float]:
    """Give the ends of what `leaning_words` writes, in shares of the narrowest drawing."""
    words, width = leaning_words(x, 0, text, size=size), wide(text, size)
    start = words.x[0] - {"start": 0.0, "middle": width / 2, "end": width}[words.anchor]
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


def _parted(shapes: Sequence[Shape]) -> tuple[list[Line | Box], list[Figure]]:
    """Part what lies below all curves and areas from these and the lines that are drawn over them, in their order."""
    first = next((place for place, one in enumerate(shapes) if isinstance(one, Path)), len(shapes))
    flat = [one for one in shapes[:first] if isinstance(one, Line | Box)]
    above: list[Figure] = []
    lines: list[Line] = []
    for one in shapes[first:]:
        if lines and (not isinstance(one, Line) or _looks(one) != _looks(lines[0])):
            above, lines = [*above, _over(lines)], []
        if isinstance(one, Line):
            lines.append(one)
        elif isinstance(one, Path):
            above.append(_path(one))
    return flat, [*above, *([_over(lines)] if lines else [])]


def _over(lines: Sequence[Line]) -> Figure:
    """Draw lines that look alike over what is below them."""
    xs: list[float | None] = [end for line in lines for end in (line.x1, line.x2, None)]
    ys: list[float | None] = [end for line in lines for end in (line.y1, line.y2, None)]
    still: Figure = {"hoverinfo": "skip", "cliponaxis": False}
    return {"type": "scatter", "mode": "lines", "x": xs[:-1], "y": ys[:-1], "line": _looks(lines[0]), **still}


def _looks(line: Line) -> Figure:
    """Say how a line looks."""
    return {"color": line.colour, "width": line.width, "dash": "dash" if line.dashed else "solid"}


def _flat(shape: Line | Box) -> Figure:
    """Draw a line or a box below everything else."""
    if isinstance(shape, Line):
        ends = {"x0": shape.x1, "x1": shape.x2, "y0": shape.y1, "y1": shape.y2}
        return {"type": "line", **ends, "line": _looks(shape)}
    share, more = shape.x
    across: Figure = {"x0": share, "x1": share + shape.width[0]}
    if more or shape.width[1]:
        across = {"xsizemode": "pixel", "xanchor": share, "x0": more, "x1": more + shape.width[1]}
    upright = {"y0": shape.y, "y1": shape.y + shape.height}
    return {"type": "rect", **across, **upright, "fillcolor": shape.fill, "line": {"width": 0}}


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
    }
    font = {"size": words.size, "color": words.colour}
    made |= {"xshift": more} if more else {}
    made |= {"font": font} if font != {name: FONT[name] for name in font} else {}
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
