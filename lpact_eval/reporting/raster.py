"""The same drawing as a png: shapes by matplotlib, letters by Pillow."""

# ruff: noqa: PLC0415 - only a png needs matplotlib, a quarter of a second of imports

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.figure import edges, haloed
from lpact_eval.reporting.layout import lay_out
from lpact_eval.reporting.shapes import Box, Dot, Line, Path, Shape, Words, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path as File

    from matplotlib.backend_bases import GraphicsContextBase

    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.layout import Placed, Sheet
    from lpact_eval.reporting.lettering import Lettering

Point = tuple[float, float]
SCALE: Final = 2  # pixels of the file for one of the sheet
_POINTS: Final = 72 / 100  # a sheet of 100 pixels to the inch
_DPI: Final = 100
_MIDDLE: Final = 0.35  # of a letter's height, from its base line to its middle
_FONTS: Final = ["Arial", "Liberation Sans", "Helvetica", "DejaVu Sans"]


def require_matplotlib() -> None:
    """Refuse to draw a png where matplotlib is not installed.

    Raises
    ------
    WrongUseError
        With the command that installs it.
    """
    if importlib.util.find_spec("matplotlib") is None:
        msg = (
            'Cannot draw a png: it needs matplotlib, which is not installed. Run pip install "lpact-eval[png]", or '
            "write a .svg, which needs nothing."
        )
        raise WrongUseError(msg)


def write_png(chart: ChartSpec, path: File) -> None:
    """Draw a chart as png, with its title and words in the file's text fields.

    Parameters
    ----------
    chart : ChartSpec
    path : Path

    Raises
    ------
    WrongUseError
        If matplotlib is not installed.
    """
    write_sheet(lay_out(chart), path, title=chart.title, words=chart.alternative)


def write_sheet(sheet: Sheet, target: File | BinaryIO, *, title: str, words: str) -> None:
    """Draw what was laid out as png.

    Parameters
    ----------
    sheet : Sheet
    target : Path or binary file
    title, words : str
        For the file's text fields.

    Raises
    ------
    WrongUseError
        If matplotlib is not installed.
    """
    require_matplotlib()
    from lpact_eval.reporting.lettering import Lettering

    pen = _Pen(sheet.width, sheet.y)
    pen.texts += [Lettering(one.x, one.y, one.text, one.size, one.bold, one.colour) for one in sheet.texts]
    for x, y, colour in sheet.swatches:
        pen.box((x, y), (14, 14), colour)
    for placed in sheet.panels:
        frame = _frame_of(placed)
        for shape in shapes(placed.panel):
            pen.draw(shape, frame)
    pen.save(target, {"Title": title, "Description": words, "Software": "lpact-eval"})


@dataclass(frozen=True, slots=True)
class Frame:
    """Where shapes are drawn, in pixels of the sheet, and whether words have a white edge."""

    x: float
    y: float
    width: float
    halo: bool = True


def write_shapes(drawn: Sequence[Shape], path: File, *, size: tuple[int, int], frame: Frame, title: str) -> None:
    """Draw shapes as png on a sheet of their own.

    Parameters
    ----------
    drawn : sequence of Shape
        The lowest first.
    path : Path
    size : tuple of int
        Width and height of the sheet in pixels.
    frame : Frame
    title : str
        For the file's text field.

    Raises
    ------
    WrongUseError
        If matplotlib is not installed.
    """
    require_matplotlib()
    pen = _Pen(*size)
    for shape in drawn:
        pen.draw(shape, frame)
    pen.save(path, {"Title": title, "Software": "lpact-eval"})


def _frame_of(placed: Placed) -> Frame:
    """Find where a panel is drawn, beside the room for its axis."""
    left, right = edges(placed.panel)
    return Frame(placed.x + left, placed.y, placed.width - left - right, haloed(placed.panel))


@cache
def _fonts() -> tuple[str, str]:
    """Find the files of the plain and the bold letters."""
    from matplotlib.font_manager import fontManager

    known = set(fontManager.get_font_names())
    font = next(name for name in _FONTS if name in known)
    return _file_of(font, "normal"), _file_of(font, "bold")


def _file_of(font: str, weight: str) -> str:
    """Find the file of a font's letters."""
    from matplotlib.font_manager import FontProperties, fontManager

    return str(fontManager.findfont(FontProperties(family=font, weight=weight)))  # pyright: ignore[reportUnknownMemberType] - of a folder that is not given


class _Pen:
    """Draws in pixels of the sheet, from its top; what is drawn later lies above.

    The renderer is matplotlib's without its figures, which take longer to load and to build than all there is to draw.
    """

    def __init__(self, wide: float, tall: float) -> None:
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.transforms import Affine2D

        self.texts: list[Lettering] = []
        self.paper = RendererAgg(wide * SCALE, tall * SCALE, _DPI * SCALE)
        self.pixels = Affine2D().scale(SCALE, -SCALE).translate(0, tall * SCALE)
        np.asarray(self.paper.buffer_rgba())[:] = 255  # white, and nothing shines through

    def draw(self, shape: Shape, frame: Frame) -> None:
        """Draw one shape in its place."""

        def at(share: float, y: float, pixels: float = 0) -> Point:
            return frame.x + share * frame.width + pixels, frame.y + y

        match shape:
            case Line():
                ends = [at(shape.x1, shape.y1), at(shape.x2, shape.y2)]
                self.line(ends, shape.colour, width=shape.width, dashed=shape.dashed)
            case Box():
                size = (shape.width[0] * frame.width + shape.width[1], shape.height)
                self.box(at(shape.x[0], shape.y, shape.x[1]), size, shape.fill)
            case Dot():
                self.dot(at(shape.x, shape.y), shape)
            case Path():
                points = [at(x, y) for x, y in shape.points]
                if shape.filled:
                    self.area(points, shape.colour)
                else:
                    self.line(points, shape.colour, width=2)
            case Words():
                self.write(shape, at(shape.x[0], shape.y, shape.x[1]), halo=frame.halo)

    def write(self, shape: Words, place: Point, *, halo: bool) -> None:
        """Keep words for the end, when they are written over the drawing; turned ones stand in the middle of it."""
        from lpact_eval.reporting.lettering import Lettering

        x, y = place
        looks = (shape.text, shape.size, shape.bold, shape.colour, shape.anchor)
        turned = shape.turned
        self.texts.append(Lettering(x + _MIDDLE * shape.size if turned else x, y, *looks, halo and not turned, turned))

    def line(self, points: Sequence[Point], colour: str, *, width: int, dashed: bool = False) -> None:
        """Draw a line."""
        from matplotlib.path import Path

        look = self._look(colour, width)
        if dashed:
            look.set_dashes(0, [7 * width * _POINTS**2, 5 * width * _POINTS**2])
        self.paper.draw_path(look, Path(points), self.pixels)

    def box(self, place: Point, size: Point, colour: str) -> None:
        """Fill a rectangle."""
        (x, y), (wide, tall) = place, size
        self.area([(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)], colour)

    def area(self, points: Sequence[Point], colour: str) -> None:
        """Fill an area."""
        from matplotlib.colors import to_rgba
        from matplotlib.path import Path

        around = Path([*points, points[0]], closed=True)
        self.paper.draw_path(self._look(colour, 0), around, self.pixels, to_rgba(colour))

    def dot(self, place: Point, dot: Dot) -> None:
        """Draw a point."""
        from matplotlib.colors import to_rgba
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D

        circle = Affine2D().scale(dot.radius * SCALE)
        look = self._look(dot.stroke, 2)
        look.set_snap(False)
        self.paper.draw_markers(look, Path.unit_circle(), circle, Path([place]), self.pixels, to_rgba(dot.fill))

    def _look(self, colour: str, width: int) -> GraphicsContextBase:
        """Choose the colour of a line and its width in pixels of the sheet."""
        look = self.paper.new_gc()
        look.set_foreground(colour)
        look.set_linewidth(width * _POINTS)
        return look

    def save(self, target: File | BinaryIO, about: Mapping[str, str]) -> None:
        """Write the drawing as png; nothing in it is transparent."""
        from lpact_eval.reporting.lettering import letter
        from lpact_eval.reporting.png import write_pixels

        pixels = np.asarray(self.paper.buffer_rgba())
        letter(pixels, self.texts, _fonts(), SCALE)
        write_pixels(pixels, target, about=about, dpi=_DPI * SCALE)
