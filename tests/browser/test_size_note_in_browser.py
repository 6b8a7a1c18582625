"""The note on sample size: one sheet of paper, readable by anybody, without anything from outside."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.size_note import write_size_note

if TYPE_CHECKING:
    from types import ModuleType

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def _example() -> ModuleType:
    """Load the hand-made note that the reporting tests use; tests are not a package, so by path."""
    name = "size_example"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "reporting" / "size_example.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="module")
def note_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("note")
    return write_size_note(_example().note(synthetic=True), folder, formats=["html"])[0]


@pytest.mark.parametrize("width", [1280, 768, 320])
def test_axe_finds_no_violation_and_nothing_is_too_wide(
    browser: Browser, note_file: Path, axe: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(note_file.as_uri())
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_prints_on_one_sheet(browser: Browser, note_file: Path) -> None:
    page = browser.new_page()
    page.goto(note_file.as_uri())
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1


def test_nothing_is_asked_for_from_outside(browser: Browser, note_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(note_file.as_uri())
    assert page.locator("svg.static").is_visible()
    context.close()
    assert requests == [note_file.as_uri()]


@pytest.mark.parametrize("width", [1280, 320])
def test_no_label_of_the_curve_lies_on_another(browser: Browser, note_file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(note_file.as_uri())
    boxes = page.evaluate(
        """[...document.querySelectorAll('svg.static text')].map((one) => {
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
    assert all(box[1] <= width for box in boxes)
