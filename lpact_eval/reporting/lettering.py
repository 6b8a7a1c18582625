"""Words on a drawing that is done: several times as quick as letters that are drawn like lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.shapes import Anchor

_ANCHORS: Final = {"start": "ls", "middle": "ms", "end": "rs"}  # Pillow's names: left, middle, right on the base line
_EDGE: Final = 1.5  # pixels of the sheet
_WHITE: Final = "#ffffff"
_ALL_WHITE: Final = (((255, 255),) * 3, ((255, 255),) * 4)  # darkest and brightest of each band


@dataclass(frozen=True, slots=True)
class Lettering:
    """A text on its base line, in pixels of the sheet.

    Attributes
    ----------
    x, y : float
    text : str
    size : int
    bold : bool
    colour : str
    anchor : "start", "middle" or "end"
    halo : bool
        Whether the letters have a white edge.
    turned : bool
        Whether it reads upwards from its place, or with "end" up to it.
    """

    x: float
    y: float
    text: str
    size: int
    bold: bool
    colour: str
    anchor: Anchor = "start"
    halo: bool = False
    turned: bool = False


def letter(drawn: Image.Image, texts: Sequence[Lettering], fonts: tuple[str, str], scale: int) -> None:
    """Write on a drawing.

    Parameters
    ----------
    drawn : Image
        In red, green and blue, also with a fourth band that nobody sees; it is changed.
    texts : sequence of Lettering
        The lowest first.
    fonts : tuple of str
        Files of the plain and the bold letters.
    scale : int
        Pixels of the drawing for one of the sheet.
    """
    pen = ImageDraw.Draw(drawn)
    for one in texts:
        font = _font(fonts[one.bold], one.size * scale)
        if one.turned:
            _turned(drawn, one, font, scale)
            continue
        place, anchor = (one.x * scale, one.y * scale), _ANCHORS[one.anchor]
        edge = round(_EDGE * scale) if one.halo else 0
        if edge and _is_white(drawn, font.getbbox(one.text, anchor=anchor, stroke_width=edge), place):
            edge = 0  # nobody would see it, and it takes twice as long as the letters
        pen.text(place, one.text, one.colour, font, anchor, stroke_width=edge, stroke_fill=_WHITE)


def _is_white(drawn: Image.Image, box: tuple[float, float, float, float], place: tuple[float, float]) -> bool:
    """Tell whether there is nothing yet in a box about a place, nor a pixel beyond it."""
    left, top, right, bottom = box
    x, y = place
    around = (int(x + left) - 1, int(y + top) - 1, int(x + right) + 2, int(y + bottom) + 2)
    return drawn.crop(around).getextrema() in _ALL_WHITE


def _turned(drawn: Image.Image, one: Lettering, font: ImageFont.FreeTypeFont, scale: int) -> None:
    """Write upwards."""
    rise, fall = font.getmetrics()
    wide = round(font.getlength(one.text))
    letters = Image.new("L", (wide, rise + fall), 0)
    ImageDraw.Draw(letters).text((0, rise), one.text, fill=255, font=font, anchor="ls")
    upwards = letters.transpose(Image.Transpose.ROTATE_90)
    below = {"start": wide, "middle": wide // 2, "end": 0}[one.anchor]
    drawn.paste(one.colour, (round(one.x * scale) - rise, round(one.y * scale) - below), upwards)


@lru_cache(maxsize=32)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    """Load letters of a size once."""
    return ImageFont.truetype(file, size)
