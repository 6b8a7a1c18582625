"""A chart's panels as drawings that need no script: what readers see without JavaScript, and on paper."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.figure import INK, edges, height
from lpact_eval.reporting.shapes import TEXT, Box, Dot, Line, Path, Shape, Words, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import Panel

LOOKS: Final = f'fill="{INK}" font-size="{TEXT}"'  # of words, unless they say otherwise; for the svg element around
_MIDDLE = 0.35  # of a letter's height, from its base line to its middle
_SPAN = 1000  # units across of the drawings that lines and areas are made in


def picture(panel: Panel) -> str:
    """Draw a panel as SVG; lengths along the width are per cents, so that it fits any page.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    str
        An svg element.
    """
    left, right = edges(panel)
    style = f"width:calc(100% - {left + right}px);margin:0 {right}px 0 {left}px"
    plain = "" if panel.drawing is None or panel.drawing.halo else " plain"
    return (
        f'<svg class="static{plain}" style="{style}" height="{height(panel)}" {LOOKS} aria-hidden="true">'
        f"{drawn(panel)}</svg>"
    )


def drawn(panel: Panel) -> str:
    """Draw what stands inside a panel's svg element."""
    return elements(shapes(panel), height(panel))


def elements(shapes_drawn: Sequence[Shape], tall: int) -> str:
    """Write shapes as what stands inside an svg element of some height, in pixels, that has the attributes `LOOKS`."""
    return "".join(_element(shape, tall) for shape in shapes_drawn)


def _element(shape: Shape, tall: int) -> str:
    """Write one shape."""
    match shape:
        case Line():
            ends = f'x1="{_share(shape.x1)}" y1="{shape.y1:g}" x2="{_share(shape.x2)}" y2="{shape.y2:g}"'
            dashes = ' stroke-dasharray="7 5"' if shape.dashed else ""
            return f'<line {ends} stroke="{shape.colour}" stroke-width="{shape.width}"{dashes}/>'
        case Box():
            wide = f"{shape.width[1]:g}" if shape.width[1] else _share(shape.width[0])
            moved = f' transform="translate({shape.x[1]:g} 0)"' if shape.x[1] else ""
            size = f'y="{shape.y:g}" width="{wide}" height="{shape.height:g}"'
            return f'<rect x="{_share(shape.x[0])}" {size} fill="{shape.fill}"{moved}/>'
        case Dot():
            looks = f'r="{shape.radius}" fill="{shape.fill}" stroke="{shape.stroke}" stroke-width="2"'
            return f'<circle cx="{_share(shape.x)}" cy="{shape.y:g}" {looks}/>'
        case Path():
            return _path(shape, tall)
        case Words():
            return _words(shape)


def _path(path: Path, tall: int) -> str:
    """Draw a line or an area: points can't be per cents, so it is drawn in a square that is stretched."""
    points = " ".join(f"{x * _SPAN:.1f},{y:g}" for x, y in path.points)
    line = f'fill="none" stroke="{path.colour}" stroke-width="2" vector-effect="non-scaling-stroke"'
    shape = (
        f'<polygon points="{points}" fill="{path.colour}"/>' if path.filled else f'<polyline points="{points}" {line}/>'
    )
    box = f'x="0" y="0" width="100%" height="{tall}" viewBox="0 0 {_SPAN} {tall}" preserveAspectRatio="none"'
    return f"<svg {box}>{shape}</svg>"


def _words(words: Words) -> str:
    """Write."""
    anchor = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    looks = f' fill="{words.colour}"' if words.colour != INK else ""
    looks += f' font-size="{words.size}"' if words.size != TEXT else ""
    looks += ' font-weight="bold"' if words.bold else ""
    if words.turned:  # a place in per cents can't be turned about, so that it is made the origin
        turn = f'transform="translate({words.x[1] + _MIDDLE * words.size:g} 0) rotate(-90)"'
        box = f'x="{_share(words.x[0])}" y="{words.y:g}" overflow="visible"'
        return f"<svg {box}><text {turn}{anchor}{looks}>{escape(words.text)}</text></svg>"
    moved = f' dx="{words.x[1]:g}"' if words.x[1] else ""
    place = f'x="{_share(words.x[0])}" y="{words.y:g}"{moved}{anchor}'
    return f"<text {place}{looks}>{escape(words.text)}</text>"


def _share(value: float) -> str:
    """Write a share of the width."""
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + "%"
