"""The explorer: its tables are chosen, sorted and copied by mouse and keyboard, and are all there without script."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.explorer import write_explorer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ITEM = "conf_overall_strongly_agree_or_tend_to_agree"
LONG = "Pobl o gymunedau Affricanaidd a Charibïaidd yng Nghaerlŷr"


def _example() -> ModuleType:
    """Load the hand-made results that the reporting tests use; tests are not a package, so by path."""
    name = "reporting_example"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "reporting" / "example.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="module", params=["English", "long names"])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    published = publish(_example().results())
    if request.param == "long names":
        published = replace(published, rows=published.rows.replace({"group": {"Asian": LONG}}))
    write_explorer(published, path)
    return path


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto(page_file.as_uri())
    yield opened
    context.close()


def first_column(page: Page, caption: str) -> list[str]:
    """The names of a table's rows, from above."""
    table = page.locator("table", has=page.locator("caption", has_text=caption))
    return table.locator("tbody tr > :first-child").all_inner_texts()


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


def test_choosing_a_question_and_its_numbers_leaves_only_these(page: Page) -> None:
    everything = page.locator("table:visible").count()
    page.get_by_label("Question", exact=True).select_option(ITEM)
    page.get_by_label("Numbers", exact=True).select_option("levels")
    assert page.locator("section[data-item]:visible").count() == 1
    assert page.locator("[data-view]:visible").count() == 1
    assert page.get_by_role("status").first.inner_text() == "Showing 1 table."
    page.get_by_label("Question", exact=True).select_option("")
    page.get_by_label("Numbers", exact=True).select_option("")
    assert page.locator("table:visible").count() == everything


def test_numbers_that_a_question_lacks_are_said_to_be_lacking(page: Page) -> None:
    page.get_by_label("Question", exact=True).select_option("know_officer_yes")
    page.get_by_label("Numbers", exact=True).select_option("change")
    assert page.get_by_role("status").first.inner_text() == "This question has no such numbers."


def test_a_link_to_a_question_shows_it_whatever_was_chosen(page: Page) -> None:
    page.get_by_label("Question", exact=True).select_option("know_officer_yes")
    page.get_by_role("link", name="Confidence in the police in this area").first.click()
    page.wait_for_selector(f"#{ITEM}:visible")


def test_the_keyboard_alone_chooses_and_sorts(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#choose-item").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#choose-item").input_value() == "together"
    page.locator("[data-item='together'] button.sort").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort='ascending']").count() == 1


def test_numbers_sort_as_numbers_with_marks_last_and_go_back(page: Page) -> None:
    caption = "Confidence in the police in this area: change by ethnic group"
    before = first_column(page, caption)
    table = page.locator("table", has=page.locator("caption", has_text=caption))
    button = table.get_by_role("button", name="Change (points)", exact=True)
    button.click()
    changes = table.locator("tbody tr > td:nth-child(4)").all_inner_texts()
    numbers = [float(text.split()[0].replace("\u2212", "-")) for text in changes if not text.startswith("[")]
    assert numbers == sorted(numbers)
    assert len(numbers) > 2
    assert [text[0] for text in changes[len(numbers) :]] == ["["] * (len(changes) - len(numbers))
    button.click()
    falling = table.locator("tbody tr > td:nth-child(4)").all_inner_texts()
    assert falling[: len(numbers)] == changes[: len(numbers)][::-1]
    assert falling[-1].startswith("[")
    button.click()
    assert first_column(page, caption) == before
    assert table.locator("[aria-sort]").count() == 0


def test_a_table_is_copied_with_its_caption_and_marks(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(page_file.as_uri())
    caption = 'Confidence in the police in this area: share answering "strongly agree or tend to agree"'
    page.get_by_role("button", name=f"Copy table: {caption}").click()
    page.locator("p.heard", has_text="Copied").wait_for(state="attached")
    lines = page.evaluate("navigator.clipboard.readText()").strip().split("\n")
    context.close()
    assert lines[0].startswith(caption)
    assert lines[1].split("\t")[:3] == ["Ethnic group", "Survey", "Share"]
    assert any(line.startswith("Mixed\t2022\t[c]\t[c]") for line in lines)
    assert {line.count("\t") for line in lines[1:]} == {6}


def test_nothing_is_asked_for_from_outside_and_nothing_goes_wrong(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    requests: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(page_file.as_uri())
    page.get_by_label("Question", exact=True).select_option(ITEM)
    page.locator("button.sort:visible").first.click()
    page.close()
    assert requests == [page_file.as_uri()]
    assert troubles == []


def test_without_script_every_table_stands_and_nothing_that_needs_one(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    tables = page.locator("table")
    assert tables.count() == page.locator("table:visible").count() > 12
    assert not page.locator("#choose").is_visible()
    assert page.locator("button").count() == 0
    assert page.locator("svg.static").first.is_visible()
    context.close()


def test_readers_hear_charts_with_their_findings_and_tables_by_their_captions(page: Page) -> None:
    names = [one.get_attribute("aria-label") or "" for one in page.get_by_role("img").all()]
    assert names
    assert all(name.endswith("The numbers are in the table below.") for name in names)
    caption = "All questions, by ethnic group: share in 2022 (95% modelled interval)"
    assert page.get_by_role("table", name=caption).count() == 1
    assert page.get_by_role("combobox", name="Question").count() == 1


def test_it_prints_every_table_that_is_shown(page: Page, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    captions = page.locator("caption").all_text_contents()
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    ran = subprocess.run(["pdftotext", "-raw", str(tmp_path / "page.pdf"), "-"], capture_output=True, check=True)
    text = re.sub(r"\s", "", ran.stdout.decode())
    assert [caption for caption in captions if re.sub(r"\s", "", caption) not in text] == []
    assert "Copytable" not in text
