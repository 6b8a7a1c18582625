"""The one page for local communities: one sheet of paper, readable by anybody, without anything from outside."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.community import write_community

if TYPE_CHECKING:
    from types import ModuleType

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LONG = "Gwrando arnom a'n credu pan fyddwn yn rhoi gwybod am droseddau casineb yn ein cymuned, bob tro ac yn ddi-oed "
CASES = ["no records", "records", "longest"]


@dataclass(frozen=True)
class House:
    name: str = "Heddlu Sir Gaerlŷr a Chymunedau Gyda'i Gilydd"
    marking: str = "OFFICIAL-SENSITIVE"
    contact: str = "Pencadlys yr Heddlu, St Johns, Enderby, LE19 2BX; lpact.evaluation@example.police.uk; 101"


def _example(file: str) -> ModuleType:
    """Load the hand-made results that the reporting tests use; tests are not a package, so by path."""
    name = f"reporting_{file}"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "reporting" / f"{file}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def longest(records: ModuleType) -> dict[str, pd.DataFrame]:
    """Lists with more lines than a page has room for, each longer than a line."""
    said, cannot = (pd.concat([frame] * 15, ignore_index=True) for frame in (records.you_said(), records.cannot_act()))
    said = said.assign(said=[f"{place} {LONG}" for place in range(len(said))], theme=said["theme"] + LONG)
    said = said.assign(done=["Adran Safonau Proffesiynol a Chymunedau" if row % 2 else "" for row in range(len(said))])
    cannot = cannot.assign(theme=[f"{place} {LONG}" for place in range(len(cannot))], reason=LONG)
    return {**records.lists(), "you_said": said, "cannot_act": cannot}


@pytest.fixture(scope="module", params=CASES)
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("community") / "community.html"
    published, records = publish(_example("example").results()), _example("record_example")
    counted = records.row("attendees", 805.0, base="people", numerator=805.0)
    if request.param == "records":
        published = replace(published, records=records.records(counted, **records.lists()))
    if request.param == "longest":
        published = replace(published, records=records.records(counted, **longest(records)))
    write_community(published, path, house=House() if request.param == "longest" else None)
    return path


@pytest.mark.parametrize("width", [1280, 768, 320])
def test_axe_finds_no_violation_and_nothing_is_too_wide(
    browser: Browser, page_file: Path, axe: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_file.as_uri())
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_prints_whole_on_one_sheet(browser: Browser, page_file: Path, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    page = browser.new_page()
    page.goto(page_file.as_uri())
    texts = page.locator("h1, h2, p:not(.skip), li").all_inner_texts()
    printed = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True, print_background=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
    ran = subprocess.run(["pdftotext", "-raw", str(tmp_path / "page.pdf"), "-"], capture_output=True, check=True)
    found = re.sub(r"[\s:]", "", ran.stdout.decode())
    assert [text for text in texts if re.sub(r"[\s:]", "", text) not in found] == []


def test_it_is_whole_without_script_and_asks_for_nothing(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(page_file.as_uri())
    assert page.get_by_role("heading").count() == 8
    assert page.get_by_role("heading", name="Did confidence change?").is_visible()
    assert page.locator("svg.scale").is_visible()
    context.close()
    assert requests == [page_file.as_uri()]


def test_the_picture_is_heard_as_its_numbers(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    name = page.get_by_role("img").get_attribute("aria-label")
    page.close()
    assert name is not None
    assert name.startswith("2022: about 4 in 10, 41%, range ")
    assert "2026: between 5 and 6 in 10, 53%, range " in name


@pytest.mark.parametrize("width", [1280, 768, 320])
def test_no_text_lies_on_another_and_none_is_clipped(browser: Browser, page_file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_file.as_uri())
    boxes = page.evaluate(
        """[...document.querySelectorAll('h1, h2, p, li, svg text')].map((one) => {
             const box = one.getBoundingClientRect();
             return [box.left, box.right, box.top, box.bottom, one.textContent]; })"""
    )
    page.close()
    met = [
        (one[4], other[4])
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if min(one[1], other[1]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[2], other[2]) > 3
    ]
    assert met == []
    assert all(box[0] >= 0 and box[1] <= width for box in boxes)


def test_the_picture_keeps_its_colours_where_the_reader_forces_others(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(page_file.as_uri())
    background = page.evaluate("getComputedStyle(document.querySelector('.scale')).backgroundColor")
    context.close()
    assert background == "rgb(255, 255, 255)"


def test_the_keyboard_reaches_the_skip_link_first(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()
