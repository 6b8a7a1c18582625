"""Drawings as png files: few colours in large areas, which pack as well unfiltered, in half of the time."""

from __future__ import annotations

import struct
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
from PIL.PngImagePlugin import PngInfo, putchunk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_PACKED: Final = 2  # a third of the time of the usual 6, a fifth larger
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_DEPTH_AND_KIND: Final = (8, 2, 0, 0, 0)  # bits; red, green and blue; packing, filter and order as always
_INCHES_PER_METRE: Final = 1 / 0.0254
_METRE: Final = 1


def write_pixels(pixels: NDArray[np.uint8], target: Path | BinaryIO, *, about: Mapping[str, str], dpi: float) -> None:
    """Write a picture.

    Parameters
    ----------
    pixels : ndarray
        Rows of pixels, each of red, green and blue; what more there is of a pixel is left out.
    target : Path or binary file
    about : mapping of str to str
        Names and contents of the file's text fields.
    dpi : float
        Pixels to the inch.
    """
    tall, wide = pixels.shape[:2]
    fields = PngInfo()
    for name, text in about.items():
        fields.add_text(name, text)
    rows = np.zeros((tall, 1 + 3 * wide), dtype=np.uint8)  # each begins with its filter, which is 0 for none
    for band in range(3):  # several times as quick as all at once
        rows[:, 1 + band :: 3] = pixels[:, :, band]
    density = round(dpi * _INCHES_PER_METRE)
    with nullcontext(target) if not isinstance(target, Path) else target.open("wb") as file:
        file.write(_SIGNATURE)
        putchunk(file, b"IHDR", struct.pack(">IIBBBBB", wide, tall, *_DEPTH_AND_KIND))
        for kind, content, *_ in fields.chunks:
            putchunk(file, kind, content)
        putchunk(file, b"pHYs", struct.pack(">IIB", density, density, _METRE))
        putchunk(file, b"IDAT", zlib.compress(rows.data, _PACKED))
        putchunk(file, b"IEND")
