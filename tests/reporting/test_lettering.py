"""Letters stand where they are asked to: on their base line, over lines, and upwards."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, fontManager
from PIL import Image, ImageDraw, ImageFont

from lpact_eval.reporting.lettering import Lettering, letter

FONTS = tuple(
    fontManager.findfont(FontProperties(family="DejaVu Sans", weight=weight)) for weight in ("normal", "bold")
)
SCALE = 2


def written(text: Lettering, ground: str = "#ffffff") -> np.ndarray:
    """Write on a sheet of 200 by 100 pixels; true where there is ink."""
    pixels = np.array(Image.new("RGBA", (200 * SCALE, 100 * SCALE), ground))
    letter(pixels, [text], FONTS, SCALE)  # pyright: ignore[reportArgumentType] - two files
    return pixels[:, :, :3].mean(axis=2) < 128


def box(ink: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the ink, in pixels of the sheet."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return columns[0] / SCALE, rows[0] / SCALE, columns[-1] / SCALE, rows[-1] / SCALE


@pytest.mark.parametrize(("anchor", "side"), [("start", 0), ("end", 2)])
def test_words_stand_on_their_base_line_at_their_side(anchor: str, side: int) -> None:
    ink = box(written(Lettering(100, 60, "HHHH", 20, False, "#000000", anchor)))  # noqa: FBT003  # pyright: ignore[reportArgumentType] - an anchor
    assert ink[side] == pytest.approx(100, abs=3)
    assert ink[3] == pytest.approx(60, abs=1)


def test_words_in_the_middle_reach_as_far_to_both_sides() -> None:
    left, _, right, _ = box(written(Lettering(100, 60, "HHHH", 20, False, "#000000", "middle")))  # noqa: FBT003
    assert 100 - left == pytest.approx(right - 100, abs=2)


@pytest.mark.parametrize(("anchor", "side"), [("start", 3), ("end", 1)])
def test_turned_words_read_upwards_from_their_place_or_up_to_it(anchor: str, side: int) -> None:
    text = Lettering(100, 50, "HHH", 14, False, "#000000", anchor, turned=True)  # noqa: FBT003  # pyright: ignore[reportArgumentType] - an anchor
    left, top, right, bottom = box(written(text))
    assert (left, top, right, bottom)[side] == pytest.approx(50, abs=3)
    assert bottom - top > right - left
    assert right == pytest.approx(100, abs=2)


def test_a_white_edge_parts_letters_from_what_lies_under_them() -> None:
    plain = written(Lettering(60, 60, "H", 40, False, "#000000"), "#111111")  # noqa: FBT003
    edged = written(Lettering(60, 60, "H", 40, False, "#000000", halo=True), "#111111")  # noqa: FBT003
    assert plain.all()
    assert not edged.all()


def drawn_by_pillow(sheet: Image.Image, place: tuple[float, float], text: str, *, edge: int) -> np.ndarray:
    """Write as Pillow does, plain letters at twice their size."""
    made, font = sheet.copy(), ImageFont.truetype(FONTS[0], 20 * SCALE)
    ImageDraw.Draw(made).text(place, text, "#12436d", font, "ls", stroke_width=edge, stroke_fill="#ffffff")
    return np.asarray(made)


@pytest.mark.parametrize("row", range(80, 130, 2))
def test_a_white_edge_is_drawn_wherever_it_could_be_seen(row: int) -> None:
    sheet = Image.new("RGB", (400, 200), "#ffffff")
    ImageDraw.Draw(sheet).line([(0, row), (400, row)], "#111111")
    pixels = np.array(sheet.convert("RGBA"))
    letter(pixels, [Lettering(60.3, 60.7, "gH", 20, False, "#12436d", halo=True)], FONTS, SCALE)  # noqa: FBT003  # pyright: ignore[reportArgumentType] - two files
    assert np.array_equal(pixels[:, :, :3], drawn_by_pillow(sheet, (120.6, 121.4), "gH", edge=3))


@pytest.mark.parametrize("place", [(100.25, 50.5), (-6, 50), (190.5, 50), (100, 3), (100, 102), (-150, 50), (100, 300)])
def test_letters_are_pillows_also_where_the_sheet_ends(place: tuple[float, float]) -> None:
    sheet = Image.linear_gradient("L").resize((400, 200)).convert("RGB")
    pixels = np.array(sheet.convert("RGBA"))
    letter(pixels, [Lettering(*place, "Confidence", 20, False, "#12436d")], FONTS, SCALE)  # noqa: FBT003  # pyright: ignore[reportArgumentType] - two files
    assert np.array_equal(pixels[:, :, :3], drawn_by_pillow(sheet, (2 * place[0], 2 * place[1]), "Confidence", edge=0))


def test_bold_letters_have_more_ink() -> None:
    plain, bold = (written(Lettering(20, 60, "Confidence", 20, heavy, "#000000")) for heavy in (False, True))
    assert bold.sum() > plain.sum()
