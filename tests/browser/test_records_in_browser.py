"""The section on the records of events, of the shipped records, as browsers show and print it."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.disclosure.records import clear_records
from lpact_eval.disclosure.rules import UK
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.record_promises import PlannedRecords
from lpact_eval.evaluation.records import run_records
from lpact_eval.reporting.page import write_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from playwright.sync_api import Browser, Page

    Overlapping = Callable[[Page], list[tuple[str, str]]]

pytestmark = pytest.mark.browser

SECTION = "section.records"
PROMISED = {
    "events and attendance": "half_year",
    "repeat attendance": "",
    "officers to attendees": "half_year",
    "reach": "",
    "length of events": "",
    "questions reached": "",
    "themes": "community",
    "coder agreement": "",
    "themes still unheard": "",
    "actions": "department",
    "waiting time": "workstream",
    "lay observation": "",
    "cost": "",
}


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


@pytest.fixture(scope="module")
def records_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the shipped records in it."""
    _example("record_example").stand_in()
    indicators = tuple(
        Indicator(id=f"e{place}", outcome=1, title=measure, role="exploratory", source="events", measure=measure, by=by)
        for place, (measure, by) in enumerate(PROMISED.items())
    )
    order = tuple(one.id for one in indicators)
    planned = PlannedRecords(None, None, None, {}, (), indicators, order, at="plan", quotes_at="plan")
    cleared = clear_records(run_records(planned).results, UK)
    cleared = replace(cleared, contribution=_example("record_example").contribution())
    path = tmp_path_factory.mktemp("records") / "report.html"
    write_page(replace(publish(_example("example").results()), records=cleared), path)
    return path


@pytest.fixture
def opened(browser: Browser, records_page: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page at a width, with everything unfolded."""
    context = browser.new_context(viewport={"width": getattr(request, "param", 1280), "height": 900})
    page = context.new_page()
    page.goto(records_page.as_uri())
    page.wait_for_selector(".live .main-svg")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    yield page
    context.close()


@pytest.mark.parametrize("opened", [1280, 320], indirect=True)
def test_axe_finds_no_violation_in_the_section_on_records(opened: Page, axe: str) -> None:
    opened.evaluate(axe)
    result = opened.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in result["violations"]]
    assert told == []


@pytest.mark.parametrize("opened", [1280, 320], indirect=True)
def test_the_section_is_never_wider_than_the_window(opened: Page) -> None:
    width = opened.evaluate("window.innerWidth")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    wide = opened.evaluate(
        f"[...document.querySelectorAll('{SECTION} p, {SECTION} h3, {SECTION} h4, {SECTION} summary')]"
        ".filter((one) => one.getBoundingClientRect().right > window.innerWidth).map((one) => one.textContent)"
    )
    assert wide == []


def test_headings_of_the_section_go_down_one_level_at_a_time(opened: Page) -> None:
    levels = opened.evaluate(
        f"[...document.querySelectorAll('{SECTION} h2, {SECTION} h3, {SECTION} h4')].map((one) => +one.tagName[1])"
    )
    assert levels[0] == 2
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_links_within_the_section_lead_somewhere(opened: Page) -> None:
    broken = opened.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map((one) => one.getAttribute('href').slice(1))"
        ".filter((name) => !document.getElementById(name))"
    )
    assert broken == []


def test_the_section_prints_with_every_table(opened: Page, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    captions = opened.locator(f"{SECTION} caption").all_text_contents()
    opened.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    ran = subprocess.run(["pdftotext", "-raw", str(tmp_path / "report.pdf"), "-"], capture_output=True, check=True)
    text = re.sub(r"\s", "", ran.stdout.decode())
    assert [caption for caption in captions if re.sub(r"\s", "", caption) not in text] == []
    drawn = opened.locator(f"{SECTION} .static text").all_text_contents()
    assert len(drawn) > 100
    assert [words for words in drawn if re.sub(r"\s", "", words) not in text] == []


def test_readers_hear_each_chart_of_the_records_with_its_finding(opened: Page) -> None:
    charts = opened.locator(f"{SECTION} .chart")
    kinds = [kind.removeprefix("chart ") for kind in charts.evaluate_all("all => all.map((one) => one.className)")]
    assert sorted(kinds) == ["funnel", "themes", "timeline", "waiting"]
    for place in range(charts.count()):
        chart = charts.nth(place)
        title = chart.locator(".chart-title").inner_text()
        named = chart.get_by_role("img").evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))")
        assert [name.startswith(f"Chart. {title}.") for name in named] == [True]
        assert chart.get_by_role("table").count() == 1


@pytest.mark.parametrize("opened", [1280, 768, 320], indirect=True)
def test_no_text_of_the_section_lies_on_another_or_outside_its_chart(opened: Page, overlapping: Overlapping) -> None:
    assert overlapping(opened) == []
    outside = opened.evaluate(
        f"""[...document.querySelectorAll('{SECTION} .chart')].flatMap((chart) => {{
             const outer = chart.getBoundingClientRect();
             return [...chart.querySelectorAll('.live svg text')].filter((text) => {{
               const inner = text.getBoundingClientRect();
               return inner.left < outer.left || inner.right > outer.right;
             }}).map((text) => text.textContent);
           }})"""
    )
    assert outside == []


@pytest.mark.parametrize("width", [1280, 320])
def test_no_text_of_the_section_lies_on_another_without_script(
    browser: Browser, records_page: Path, overlapping: Overlapping, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    content = records_page.read_text(encoding="utf-8")
    page.set_content(re.sub(r"<script\b.*?</script>", "", content, flags=re.DOTALL))
    assert overlapping(page) == []
    context.close()


def test_lines_over_an_area_are_seen_on_the_page(opened: Page) -> None:
    seen = opened.evaluate(
        f"""[...document.querySelectorAll('{SECTION} .waiting .live')].map((live) => {{
             const over = [...live.querySelectorAll('.scatterlayer .trace')];
             const band = over.findIndex((one) => one.querySelector('.js-fill'));
             return band < 0 ? 0 : over.slice(band + 1).filter((one) => one.querySelector('.js-line')).length;
           }})"""
    )
    assert len(seen) == 3
    assert all(number >= 2 for number in seen)  # the curve, and the strokes of what is still open
