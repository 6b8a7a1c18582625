"""Charts as files: one sheet with words in it, nothing outside it, nothing on top of another, nothing suppressed."""

from __future__ import annotations

import importlib.util
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import Published, publish
from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.layout import WIDTH, lay_out, wrapped
from lpact_eval.reporting.static import question_chart, svg, write_chart, write_words
from lpact_eval.reporting.tidy import write_tidy

if TYPE_CHECKING:
    from types import ModuleType

SVG = "{http://www.w3.org/2000/svg}"
MARKER = 0.2718281828


@pytest.fixture(scope="session")
def many() -> ModuleType:
    name = "reporting_many_waves"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("many_waves.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def one_question(published: Published, variable: str = "conf_overall") -> Published:
    return replace(published, rows=published.rows[published.rows["variable"] == variable].reset_index(drop=True))


def numbers_of(results: object, marker: float) -> object:
    """Put a marker into every suppressed or withheld number."""
    rows = results.rows.copy()  # pyright: ignore[reportAttributeAccessIssue] - the example's results
    gone = publish(results).rows["tier"].isin(["suppressed", "withheld"]).to_numpy()  # pyright: ignore[reportArgumentType] - as above
    for name in ("estimate", "std_error", "conf_low", "conf_high", "n_effective"):
        rows.loc[gone, name] = marker
    return replace(results, rows=rows)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType] - as above


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("times", [1, 40])
def test_a_sheet_is_sound_and_everything_lies_on_it(
    many: ModuleType, example: ModuleType, count: int, times: int
) -> None:
    chart = question_chart(publish(many.results(example, count, times=times)), "trend")
    root = ET.fromstring(svg(chart))  # noqa: S314 - our own drawing
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title words"
    sheet = lay_out(chart)
    for placed in sheet.panels:
        assert placed.x >= 0
        assert placed.x + placed.width <= WIDTH
    boxes = [(p.x, p.y, p.x + p.width, p.y + 210) for p in sheet.panels]
    for place, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_the_same_chart_is_the_same_to_the_byte(published: Published) -> None:
    chart = question_chart(one_question(published), "change")
    assert svg(chart) == svg(chart)
    assert "http" not in svg(chart).replace("http://www.w3.org/2000/svg", "")


def test_the_words_are_in_the_picture_and_beside_it(published: Published, tmp_path: Path) -> None:
    chart = question_chart(one_question(published), "trend")
    write_chart(chart, tmp_path / "chart.svg")
    write_words(chart, tmp_path / "chart.txt")
    words = (tmp_path / "chart.txt").read_text(encoding="utf-8").strip()
    assert words.startswith(f"Chart. {chart.title}.")
    assert "Mixed: 2022 [c] suppressed to protect confidentiality" in words
    desc = ET.parse(tmp_path / "chart.svg").getroot().find(f"{SVG}desc")  # noqa: S314 - our own drawing
    assert desc is not None
    assert desc.text == words


def test_a_png_carries_its_title_and_its_words(published: Published, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    chart = question_chart(one_question(published), "trend")
    write_chart(chart, tmp_path / "chart.png")
    texts = png_texts((tmp_path / "chart.png").read_bytes())
    assert texts["Title"] == chart.title
    assert texts["Description"] == chart.alternative
    wide, tall = struct.unpack(">II", (tmp_path / "chart.png").read_bytes()[16:24])
    assert wide == 2 * WIDTH
    assert tall == pytest.approx(2 * lay_out(chart).y, abs=2)


def png_texts(content: bytes) -> dict[str, str]:
    """Read the text fields of a png."""
    found: dict[str, str] = {}
    place = 8
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        data = content[place + 8 : place + 8 + size]
        if kind == b"tEXt":
            name, _, text = data.partition(b"\0")
            found[name.decode("latin-1")] = text.decode("latin-1")
        elif kind == b"iTXt":
            name, _, rest = data.partition(b"\0")
            packed, rest = rest[0], rest[2:].split(b"\0", 2)[2]
            found[name.decode("latin-1")] = (zlib.decompress(rest) if packed else rest).decode("utf-8")
        place += size + 12
    return found


@pytest.mark.parametrize("kind", ["trend", "change"])
def test_nothing_suppressed_is_in_any_file_of_a_chart(example: ModuleType, tmp_path: Path, kind: str) -> None:
    contents: list[dict[str, bytes]] = []
    for place, marker in enumerate((MARKER, 0.5)):
        published = one_question(publish(numbers_of(example.results(), marker)))  # pyright: ignore[reportArgumentType] - the example's results
        folder = tmp_path / str(place)
        folder.mkdir()
        chart = question_chart(published, kind)
        write_chart(chart, folder / "chart.svg")
        write_words(chart, folder / "chart.txt")
        write_tidy(published, folder / "chart.csv")
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]
    for content in contents[0].values():
        assert not re.search(rb"0?\.2718|27\.18", content)


def test_nothing_suppressed_is_in_a_png(example: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    contents: list[bytes] = []
    for place, marker in enumerate((MARKER, 0.5)):
        published = one_question(publish(numbers_of(example.results(), marker)))  # pyright: ignore[reportArgumentType] - as above
        file = tmp_path / f"{place}.png"
        write_chart(question_chart(published, "trend"), file)
        contents.append(file.read_bytes())
    assert contents[0] == contents[1]


def test_a_question_of_which_nothing_may_be_drawn_says_why(published: Published) -> None:
    small = one_question(published)
    small = replace(small, rows=small.rows[small.rows["group"] == "Mixed"].reset_index(drop=True))
    with pytest.raises(WrongUseError, match=r"no number may be drawn .*Suppressed to protect confidentiality"):
        question_chart(small, "change")
    with pytest.raises(WrongUseError, match="its answers are in no order"):
        question_chart(small, "answers")
    with pytest.raises(WrongUseError, match="it was not asked"):
        question_chart(replace(small, rows=small.rows[small.rows["measure"] == "level"]), "change")


def test_long_names_are_broken_and_none_is_lost(published: Published) -> None:
    name = "A community with quite a long name, written out in full"
    rows = one_question(published).rows.replace({"group": {"Black": name}})
    chart = question_chart(replace(one_question(published), rows=rows), "change")
    root = ET.fromstring(svg(chart))  # noqa: S314 - our own drawing
    texts = [node.text or "" for node in root.iter(f"{SVG}text")]
    assert name in " ".join(texts).replace(":", "")
    assert max(map(len, texts)) < 140


def test_a_text_is_broken_between_words_and_keeps_them_all() -> None:
    text = "one two three four five six seven eight nine ten"
    lines = wrapped(text, 120, 13)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert wrapped("", 120, 13) == []
