"""A colour means the same in every chart: groups are navy, other groups pale, and what a key names has one colour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.figure import GRID, INK, NAVY, PALE, RIBBON, ZERO
from lpact_eval.reporting.release_charts import release_charts
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.shapes import Box, Dot, Path, shapes
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec

WHITE = "#ffffff"
QUIET = {WHITE, GRID, INK, RIBBON, ZERO}


@pytest.fixture(scope="module")
def charts(attended_large: Published) -> list[ChartSpec]:
    return [one.chart for one in release_charts(attended_large, read_sentences(templates_folder()))]


def colours(chart: ChartSpec) -> set[str]:
    """Colours of what is drawn: points, boxes and areas."""
    found: set[str] = set()
    for shape in (shape for panel in chart.panels for shape in shapes(panel)):
        if isinstance(shape, Dot):
            found |= {shape.fill, shape.stroke}
        elif isinstance(shape, Box):
            found.add(shape.fill)
        elif isinstance(shape, Path):
            found.add(shape.colour)
    return found


def test_charts_without_a_key_draw_groups_in_navy_and_others_pale(charts: list[ChartSpec]) -> None:
    without = [chart for chart in charts if not chart.key]
    assert {"trend", "change", "gap", "weights", "detectable", "love"} <= {chart.kind for chart in without}
    for chart in without:
        assert colours(chart) - QUIET <= {NAVY, PALE}, chart.name
        assert NAVY in colours(chart), chart.name


def test_what_a_key_names_has_one_colour_in_all_charts_and_is_never_a_group(
    charts: list[ChartSpec], example: ModuleType
) -> None:
    named: dict[str, set[str]] = {}
    for colour, text in (pair for chart in charts for pair in chart.key):
        assert re.fullmatch(r"#[0-9a-fA-F]{6}", colour)
        named.setdefault(text, set()).add(colour.casefold())
    assert named
    assert all(len(found) == 1 for found in named.values()), named
    assert not set(named) & {"All respondents", *example.GROUPS}


def test_a_chart_with_a_key_draws_nothing_that_the_key_leaves_out(charts: list[ChartSpec]) -> None:
    for chart in (chart for chart in charts if chart.key):
        keyed = {colour.casefold() for colour, _ in chart.key}
        drawn = {colour.casefold() for colour in colours(chart)}
        assert drawn - {colour.casefold() for colour in QUIET} <= keyed, chart.name
