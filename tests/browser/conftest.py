"""A headless Chromium with a page of the hand-made results in it; skipped, with the reason, where there is none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.page import write_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from playwright.sync_api import Browser, BrowserContext, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# Boxes of every text that is seen, in the page and in its charts; a line of text is one box.
TEXT_BOXES = """
() => {
  const boxes = [];
  const seen = (element) => {
    const style = getComputedStyle(element);
    return style.visibility !== "hidden" && style.display !== "none" && element.checkVisibility();
  };
  const add = (element, rect, text) => {
    if (rect.width > 1 && rect.height > 1) {
      boxes.push({text, left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom});
    }
  };
  document.querySelectorAll("svg text").forEach((text) => {
    if (text.textContent.trim() && seen(text)) { add(text, text.getBoundingClientRect(), text.textContent); }
  });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest("svg, script, style") || !seen(parent)) { continue; }
    if (parent.closest(".skip")) { continue; }
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) { add(parent, rect, node.data.trim()); }
  }
  return boxes;
}
"""


def absent(what: str) -> NoReturn:
    """Skip, or fail where the run must not do without a browser."""
    if os.environ.get("LPACT_REQUIRE_BROWSER"):
        pytest.fail(f"{what}, and LPACT_REQUIRE_BROWSER is set")
    pytest.skip(what)


def _example(file: str = "example") -> ModuleType:
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


@pytest.fixture(scope="session", params=[1, 40], ids=["small bases", "large bases"])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "report.html"
    write_page(_example("attended").attended(publish(_example().results(times=request.param))), path)
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("LPACT_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        absent(f"there is no Chromium: none of {BROWSERS} is on the path and LPACT_CHROMIUM is not set")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not installed everywhere
    except ImportError:
        absent("playwright is not installed: pip install 'lpact-eval[browser]'")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, page_file: Path) -> Iterator[Callable[..., Page]]:
    """Open the page at a width, with or without JavaScript; the requests that leave it are in `page.requests`."""
    contexts: list[BrowserContext] = []

    def opened(width: int = 1280, *, script: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.goto(page_file.as_uri())
        if script:
            page.wait_for_function(
                "document.querySelectorAll('.plot').length === document.querySelectorAll('.drawn').length"
            )
            page.wait_for_function("document.querySelectorAll('.live .main-svg').length > 0")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    for place in (os.environ.get("LPACT_AXE"), "node_modules/axe-core/axe.min.js"):
        if place and Path(place).is_file():
            return Path(place).read_text(encoding="utf-8")
    absent("axe-core is not there: npm install axe-core, and LPACT_AXE=.../axe-core/axe.min.js")


@pytest.fixture(scope="session")
def overlapping() -> Callable[[Page], list[tuple[str, str]]]:
    """Find the texts of a page that lie on each other."""
    return lambda page: overlaps(page.evaluate(TEXT_BOXES))


def overlaps(boxes: list[dict[str, float | str]]) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a sliver; line boxes of a paragraph touch by design."""
    found: list[tuple[str, str]] = []
    ordered = sorted(boxes, key=lambda box: float(box["top"]))
    for place, box in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if float(other["top"]) >= float(box["bottom"]):
                break
            across = min(float(box["right"]), float(other["right"])) - max(float(box["left"]), float(other["left"]))
            down = min(float(box["bottom"]), float(other["bottom"])) - float(other["top"])
            if across > 2 and down > 3:
                found.append((str(box["text"]), str(other["text"])))
    return found
