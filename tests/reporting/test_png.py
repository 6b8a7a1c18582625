"""What is written as png is what another reader of such files finds in it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from lpact_eval.reporting.png import write_pixels

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = {"Title": "Confidence in 2022 – and later", "Software": "lpact-eval"}  # noqa: RUF001 - no letter of latin-1


@pytest.mark.parametrize("bands", [3, 4])
def test_every_pixel_is_read_back(bands: int) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (31, 57, bands), dtype=np.uint8)
    made = BytesIO()
    write_pixels(pixels, made, about={}, dpi=200)
    with Image.open(made) as found:
        found.load()
        assert (found.mode, found.size) == ("RGB", (57, 31))
        assert np.array_equal(np.asarray(found), pixels[:, :, :3])


def test_words_and_pixels_to_the_inch_are_read_back(tmp_path: Path) -> None:
    write_pixels(np.full((2, 3, 3), 255, dtype=np.uint8), tmp_path / "white.png", about=ABOUT, dpi=200)
    with Image.open(tmp_path / "white.png") as found:
        found.verify()
        assert {name: found.info[name] for name in ABOUT} == ABOUT
        assert found.info["dpi"] == pytest.approx((200, 200), abs=0.02)
