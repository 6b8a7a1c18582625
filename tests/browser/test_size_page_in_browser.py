"""The page on sample size: its numbers are the library's, it needs nothing from outside, and anybody can use it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.planning.two_waves import df_of_change
from lpact_eval.reporting.size_page import SizeStart, write_size_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

START = SizeStart(group="Black", wave="2022", baseline=0.36, first=40, df=6.0, synthetic=True)
# baseline %, effective first, df (None: many), n, design effect, change in points, attending %
SET = [
    (baseline, first, df, n, effect, change, attending)
    for (baseline, attending), (first, df), (n, effect), change in itertools.product(
        [(36, 40), (64.5, 10), (5, 50), (92, 73)],
        [(40, 6.0), (137.4, 21.3), (300, None), (12, 2)],
        [(50, 1.25), (150, 1), (1000, 2.6)],
        [15, -4, 2.5],
    )
]
POWERS = [80, 90]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_size_page(START, tmp_path_factory.mktemp("size"))


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Iterator[Page]:
    opened = browser.new_page()
    opened.goto(page_file.as_uri())
    yield opened
    opened.close()


def typed(page: Page, values: dict[str, object]) -> dict[str, str]:
    """Type numbers in and read what the page then says."""
    return page.evaluate(
        """(values) => {
             for (const [name, value] of Object.entries(values)) { document.getElementById(name).value = value; }
             document.getElementById('n').dispatchEvent(new Event('input'));
             return Object.fromEntries([...document.querySelectorAll('[id^=out-]')].map((out) =>
               [out.id.slice(4), out.textContent]));
           }""",
        values,
    )


def points(change: float) -> str:
    return "none can be shown" if math.isnan(change) else f"{abs(100 * change):.1f} points"


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def gap(**asked: float) -> lp.Plan | None:
    try:
        return lp.gap_size(**asked)
    except WrongUseError:
        return None


def expected(case: tuple[float, float, float | None, float, float, float, float], wanted: float) -> dict[str, str]:
    """What the library says of the same numbers."""
    share, first, few, n, effect, move, attended = case
    baseline, change, attending, df_first = share / 100, move / 100, attended / 100, math.inf if few is None else few
    df = df_of_change((first, n / effect), df_first)
    waves = {"baseline": baseline, "n_first": first, "n_second": n, "design_effect": (1.0, effect), "df": df}
    smallest = lp.detectable_change(**waves, power=wanted)
    arms = {"share": baseline, "n": n, "attending": attending, "design_effect": effect}
    least = gap(**arms, power=wanted)
    half = lp.precision(proportion=baseline, n=n, design_effect=effect).half_width
    said = {
        "rise": points(smallest.change),
        "fall": points(smallest.change_down),
        "precision": f"{100 * half:.1f} points either way",
        "gap-up": "too few of one kind" if least is None else points(least.change),
        "gap-down": "too few of one kind" if least is None else points(least.change_down),
    }
    if not 0 < baseline + change < 1:
        return said
    needed = lp.respondents_needed(
        baseline=baseline,
        change=change,
        power=wanted,
        design_effect=(1.0, effect),
        first_wave=first,
        df_first=df_first,
    )
    afresh = lp.respondents_needed(baseline=baseline, change=change, power=wanted, design_effect=effect)
    shown = gap(**arms, gap=change)
    return said | {
        "power": percent(lp.power(**waves, change=change).power),
        "needed": f"not possible: at best a chance of {percent(needed.power)}"
        if needed.impossible
        else f"{math.ceil(needed.n - 1e-9):,} respondents",
        "afresh": f"{math.ceil(afresh.n - 1e-9):,} respondents in each",
        "gap-power": "too few of one kind" if shown is None else percent(shown.power),
    }


@pytest.mark.parametrize("wanted", POWERS)
def test_the_page_shows_the_numbers_of_the_library(page: Page, wanted: float) -> None:
    for case in SET if wanted == POWERS[0] else SET[::5]:
        baseline, first, df, n, effect, change, attending = case
        values = {"baseline": baseline, "first": first, "df": "" if df is None else df, "n": n, "effect": effect}
        shown = typed(page, {**values, "change": change, "attending": attending, "power": wanted})
        told = expected(case, wanted / 100)
        assert {name: shown[name] for name in told} == told, case


def test_a_slider_moves_its_number_and_the_answer(page: Page) -> None:
    before = page.locator("#out-power").inner_text()
    page.locator("#slider-n").focus()
    page.keyboard.press("End")
    assert page.locator("#n").input_value() == "1000"
    assert page.locator("#out-power").inner_text() != before


def test_a_number_out_of_its_limits_is_said_to_be_wrong(page: Page) -> None:
    shown = typed(page, {"baseline": 140})
    assert set(shown.values()) == {"not worked out"}
    assert page.locator("#wrong").inner_text() == "A number is missing or outside its limits."
    assert page.locator("#baseline").get_attribute("aria-invalid") == "true"
    typed(page, {"baseline": 95, "change": 15})
    assert "no room" in page.locator("#wrong").inner_text()


def test_every_input_has_a_name(page: Page) -> None:
    names = page.evaluate(
        """[...document.querySelectorAll('input')].map((one) =>
             one.labels.length > 0 || document.getElementById(one.getAttribute('aria-labelledby')) !== null)"""
    )
    assert len(names) == 15
    assert all(names)


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_no_violation(browser: Browser, page_file: Path, axe: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_file.as_uri())
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_nothing_leaves_the_page_and_nothing_goes_wrong_in_it(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    requests: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(page_file.as_uri())
    typed(page, {"n": 300})
    page.close()
    assert requests == [page_file.as_uri()]
    assert troubles == []


def test_without_script_the_table_stands_and_no_empty_inputs(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.locator("#before").is_visible()
    assert page.locator("tbody tr").count() == 7
    assert not page.locator("#n").is_visible()
    context.close()
