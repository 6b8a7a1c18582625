"""Words on a drawing that is done: several times as quick as letters that are drawn like lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lpact_eval.reporting.shapes import Anchor

    Pixels = NDArray[np.uint8]

_ANCHORS: Final = {"start": "ls", "middle": "ms", "end": "rs"}  # Pillow's names: left, middle, right on the base line
_EDGE: Final = 1.5  # pixels of the sheet
_WHITE: Final = "#ffffff"
_FULL: Final = 255
_ALL_WHITE: Final = 0xFFFFFFFF
_BROADEST: Final = 1.2  # width of a letter, of its height


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


@dataclass(frozen=True, slots=True, eq=False)
class _Stencil:
    """Letters as shares of 255, and how far their corner lies from the whole pixel of their place."""

    shares: Pixels
    right: int
    down: int


def letter(pixels: Pixels, texts: Sequence[Lettering], fonts: tuple[str, str], scale: int) -> None:
    """Write on a drawing.

    Parameters
    ----------
    pixels : ndarray
        Rows of pixels, each of red, green, blue and 255, as nothing shines through; they are changed.
    texts : sequence of Lettering
        The lowest first.
    fonts : tuple of str
        Files of the plain and the bold letters.
    scale : int
        Pixels of the drawing for one of the sheet.
    """
    for one in texts:
        font = fonts[one.bold], one.size * scale
        if one.turned:
            stencil = _turned(one.text, font, one.anchor)
            _lay(pixels, stencil, (round(one.x * scale), round(one.y * scale)), one.colour)
            continue
        (x, left), (y, top) = math.modf(one.x * scale), math.modf(one.y * scale)
        place, asked = (int(left), int(top)), (one.text, font, one.anchor, (x, y))
        edge, stencil = round(_EDGE * scale), _stencil(*asked)
        if one.halo and not _is_white(pixels, stencil, place, edge):  # elsewhere nobody would see it
            _lay(pixels, _stencil(*asked, edge=edge), place, _WHITE)
        _lay(pixels, stencil, place, one.colour)


def _lay(pixels: Pixels, stencil: _Stencil, place: tuple[int, int], colour: str) -> None:
    """Colour pixels by the shares of a stencil, rounded as Pillow rounds."""
    left, top = place[0] + stencil.right, place[1] + stencil.down
    shares = stencil.shares[max(-top, 0) :, max(-left, 0) :]  # what lies on the drawing
    ground = pixels[max(top, 0) :, max(left, 0) :][: shares.shape[0], : shares.shape[1]]
    shares = shares[: ground.shape[0], : ground.shape[1]]
    if (_whole(ground) == _ALL_WHITE).all():  # as most is: to look colours up takes a tenth of the time
        _whole(ground)[:] = _on_white(colour)[shares]
    else:
        ground[:] = _mixed(ground, shares[:, :, None], colour)


def _mixed(ground: Pixels, shares: Pixels, colour: str) -> Pixels:
    """Mix a colour into pixels, which let nothing shine through before nor after."""
    share = shares.astype(np.uint16)
    mixed = ground * (_FULL - share) + np.array([*ImageColor.getrgb(colour), _FULL], dtype=np.uint16) * share + 128
    return ((mixed + (mixed >> 8)) >> 8).astype(np.uint8)


@lru_cache(maxsize=64)
def _on_white(colour: str) -> NDArray[np.uint32]:
    """List what each share of a colour makes of a white pixel."""
    shares = np.arange(_FULL + 1, dtype=np.uint8)[:, None]
    return _mixed(np.full((_FULL + 1, 4), _FULL, dtype=np.uint8), shares, colour).view(np.uint32)[:, 0]


def _whole(pixels: Pixels) -> NDArray[np.uint32]:
    """See the four bands of a pixel as one number."""
    return pixels.view(np.uint32)[:, :, 0]


def _is_white(pixels: Pixels, stencil: _Stencil, place: tuple[int, int], edge: int) -> bool:
    """Tell whether there is nothing yet under letters and as far around them as their edge reaches."""
    left, top = place[0] + stencil.right - edge - 1, place[1] + stencil.down - edge - 1
    tall, wide = stencil.shares.shape
    around = pixels[max(top, 0) : top + tall + 2 * edge + 2, max(left, 0) : left + wide + 2 * edge + 2]
    return bool((_whole(around) == _ALL_WHITE).all())


@lru_cache(maxsize=1024)
def _stencil(
    text: str, font: tuple[str, int], anchor: Anchor, within: tuple[float, float], *, edge: int = 0
) -> _Stencil:
    """Draw letters once for all places that lie alike within their pixel: most charts share most of their words."""
    size = font[1]
    room = math.ceil(len(text) * size * _BROADEST) + size  # to measure letters takes as long as to draw them
    start = {"start": size, "middle": room // 2 + size, "end": room}[anchor], 2 * size
    sheet = Image.new("L", (room + 2 * size, 3 * size))
    place = start[0] + within[0], start[1] + within[1]
    ImageDraw.Draw(sheet).text(place, text, _FULL, _font(*font), _ANCHORS[anchor], stroke_width=edge)
    box = sheet.getbbox() or (0, 0, 0, 0)
    return _Stencil(np.asarray(sheet.crop(box)), box[0] - start[0], box[1] - start[1])


@lru_cache(maxsize=32)
def _turned(text: str, font: tuple[str, int], anchor: Anchor) -> _Stencil:
    """Draw letters that read upwards."""
    face = _font(*font)
    rise, fall = face.getmetrics()
    wide = round(face.getlength(text))
    sheet = Image.new("L", (wide, rise + fall))
    ImageDraw.Draw(sheet).text((0, rise), text, _FULL, face, "ls")
    below = {"start": wide, "middle": wide // 2, "end": 0}[anchor]
    return _Stencil(np.rot90(np.asarray(sheet)), -rise, -below)


@lru_cache(maxsize=32)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    """Load letters of a size once."""
    return ImageFont.truetype(file, size)
