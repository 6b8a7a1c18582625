from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    Open = Callable[..., Page]
    Overlapping = Callable[[Page], list[tuple[str, str]]]

pytestmark = pytest.mark.browser

WIDTHS = [1280, 768, 320]


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_no_violation(open_page: Open, axe: str, width: int) -> None:
    page = open_page(width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in result["violations"]]
    assert told == []


def test_nothing_leaves_the_page_and_nothing_goes_wrong_in_it(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    requests: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(page_file.as_uri())
    page.wait_for_selector(".live .main-svg")
    page.mouse.move(640, 450)
    page.mouse.wheel(0, 4000)
    page.wait_for_timeout(300)
    page.close()
    assert requests == [page_file.as_uri()]
    assert troubles == []


def test_every_chart_is_drawn_with_marks_and_without_buttons(open_page: Open) -> None:
    page = open_page()
    plots = page.evaluate(
        """[...document.querySelectorAll('.plot')].map((plot) => ({
             name: plot.dataset.figure,
             points: plot.querySelectorAll('.live .points path').length,
             ticks: plot.querySelectorAll('.live .xtick text').length,
             buttons: plot.querySelectorAll('.modebar-btn').length,
             links: plot.querySelectorAll('a').length,
             width: plot.querySelector('.live').getBoundingClientRect().width}))"""
    )
    assert plots
    for plot in plots:
        assert plot["points"] > 0, plot
        assert plot["ticks"] > 0, plot
        assert (plot["buttons"], plot["links"]) == (0, 0), plot
        assert plot["width"] > 100, plot


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_lies_on_another(open_page: Open, overlapping: Overlapping, width: int) -> None:
    page = open_page(width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert overlapping(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_lies_on_another_without_script(
    browser: Browser, page_file: Path, overlapping: Overlapping, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    content = page_file.read_text(encoding="utf-8")
    page.set_content(re.sub(r"<script\b.*?</script>", "", content, flags=re.DOTALL))
    assert overlapping(page) == []
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_never_wider_than_the_window_and_chart_texts_stay_inside(open_page: Open, width: int) -> None:
    page = open_page(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(
        """[...document.querySelectorAll('.chart')].flatMap((chart) => {
             const outer = chart.getBoundingClientRect();
             return [...chart.querySelectorAll('.live svg text')].map((text) => {
               const inner = text.getBoundingClientRect();
               return {text: text.textContent, left: inner.left - outer.left, right: outer.right - inner.right};
             });
           })"""
    )
    assert boxes
    assert [box for box in boxes if box["left"] < 0 or box["right"] < 0] == []


def test_tables_are_complete_without_javascript(open_page: Open) -> None:
    page = open_page(script=False)
    tables = page.locator("table")
    assert tables.count() > 6
    for place in range(tables.count()):
        assert tables.nth(place).is_visible()
        assert tables.nth(place).locator("tbody tr").count() > 0
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("svg.static").first.is_visible()
    assert page.locator(".static circle").count() > 20


def test_readers_hear_each_chart_as_an_image_with_its_finding_and_nothing_from_inside(open_page: Open) -> None:
    page = open_page()
    session = page.context.new_cdp_session(page)
    tree = cast("Mapping[str, list[Any]]", session.send("Accessibility.getFullAXTree"))  # pyright: ignore[reportUnknownMemberType] - the protocol's answers are not annotated
    nodes = tree["nodes"]
    heard = [node for node in nodes if not node.get("ignored")]
    images = [node["name"]["value"] for node in heard if node["role"]["value"] in {"img", "image"}]
    charts = page.locator(".chart")
    assert len(images) == charts.count() == 11
    for place, name in enumerate(images):
        assert charts.nth(place).locator(".chart-title").inner_text() in name
        assert name.endswith("The numbers are in the table below.")
    texts = [node["name"]["value"] for node in heard if node["role"]["value"] == "StaticText"]
    assert not [text for text in texts if text in {"25%", "75%"}]


def test_tables_and_landmarks_are_in_the_accessibility_tree(open_page: Open) -> None:
    page = open_page()
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1  # pyright: ignore[reportArgumentType] - a known role each
    assert page.get_by_role("table").count() >= 8
    assert page.get_by_role("rowheader", name="Black").count() > 0


def test_the_keyboard_reaches_the_skip_link_first_and_then_the_findings(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_wide_tables_scroll_inside_regions_that_the_keyboard_reaches(open_page: Open) -> None:
    page = open_page(320)
    regions = page.evaluate(
        """[...document.querySelectorAll('.scroll')].map((region) => ({
             wide: region.scrollWidth > region.clientWidth + 1, tab: region.tabIndex, label: region.ariaLabel
               || document.getElementById(region.getAttribute('aria-labelledby')).textContent}))"""
    )
    assert any(region["wide"] for region in regions)
    assert all(region["tab"] == 0 and region["label"] for region in regions)


def test_a_printed_page_holds_every_table_and_chart(open_page: Open, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    page = open_page()
    captions = page.locator("caption").all_text_contents()
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    ran = subprocess.run(["pdftotext", "-raw", str(tmp_path / "report.pdf"), "-"], capture_output=True, check=True)
    text = re.sub(r"\s", "", ran.stdout.decode())
    for caption in captions:
        assert re.sub(r"\s", "", caption) in text, caption
    for place in range(page.locator(".static text").count()):
        words = re.sub(r"\s", "", page.locator(".static text").nth(place).text_content() or "")
        assert words in text, words


def test_charts_keep_their_own_colours_where_the_reader_forces_others(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_selector(".live .main-svg")
    background = page.evaluate("getComputedStyle(document.querySelector('.panels')).backgroundColor")
    context.close()
    assert background == "rgb(255, 255, 255)"


FIRST_SCREEN = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement, box = document.createRange();
    if (parent.closest("script, style, .skip") || !parent.checkVisibility()) { continue; }
    box.selectNodeContents(walker.currentNode);
    const rect = box.getBoundingClientRect();
    if (rect.height && rect.bottom <= window.innerHeight) { seen.push(walker.currentNode.data); }
  }
  return seen.join(" ").replace(/\\s+/g, " ");
}
"""


def test_a_fresh_reader_finds_the_answers_on_the_first_screen(open_page: Open) -> None:
    text = str(open_page().evaluate(FIRST_SCREEN))
    times = 40 if "5,360" in text else 1
    finding = text[text.index("Confidence in the police in this area: ") :]
    # Did Black respondents' confidence change? With 56 and 134 nobody can tell, with 40 times as many one can.
    clear = "rose among Black respondents, from 41.2% to 52.7%", "This is a clear change"
    open_still = (
        "we can't tell whether it changed among Black respondents",
        "We can't tell whether it rose, fell or stayed",
    )
    answer, how_sure = clear if times > 1 else open_still
    assert answer in finding[:130]
    # By how much, and how sure is that?
    assert re.search(r"a difference of \+1[12](\.5)? points \(95% modelled interval \S+ to \S+ points\)", finding)
    assert how_sure in finding
    # How many people?
    assert re.search(rf"of {134 * times:,} Black respondents.* of {56 * times:,} ", finding)
    # Who was asked?
    assert (
        f"Who was asked: {296 * times:,} people in 2022 (16 May 2022 to 29 July 2022) and {441 * times:,} people"
        in text
    )
    assert "All of them volunteered." in text
    # What can't be said?
    assert "What this can't show" in text
    assert "it can't show that anyone's view changed, or why" in text


def test_a_number_leads_to_how_it_was_made(open_page: Open) -> None:
    page = open_page()
    table = page.locator("table", has=page.locator("#caption-conf_overall_strongly_agree_or_tend_to_agree_change"))
    link = table.locator("a.made", has_text="+1").first
    target = (link.get_attribute("href") or "").lstrip("#")
    link.click()
    row = page.locator(f"tr[id='{target}']")
    assert row.is_visible()
    assert row.locator("th").first.inner_text() == "Change"


def test_every_link_within_the_page_leads_somewhere(open_page: Open) -> None:
    broken = open_page().evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map((one) => one.getAttribute('href').slice(1))"
        ".filter((name) => !document.getElementById(name))"
    )
    assert broken == []


def test_tables_are_sorted_by_their_headings(open_page: Open) -> None:
    page = open_page()
    table = page.locator("table", has=page.locator("#caption-conf_overall_strongly_agree_or_tend_to_agree_change"))
    table.get_by_role("button", name="Change (points)", exact=True).click()
    assert table.locator("th[aria-sort='ascending']").count() == 1
    assert page.get_by_role("status").inner_text() in {"", "Sorted by Change (points), ascending."}


def test_without_script_there_are_no_buttons(open_page: Open) -> None:
    assert open_page(script=False).locator("button").count() == 0
