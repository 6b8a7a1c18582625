"""Where respondents live against where people live: shares of both, marks where small, a title from the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.published import Published, publish
from lpact_eval.reporting.figure import figure
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.response_chart import response_chart
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.weights import weighing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from lpact_eval.reporting.chart import ChartSpec

NAN = float("nan")
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch a'r cylch"
SPREAD = (("Blaby", 0.092, 0.084, ""), ("Leicester", 0.319, 0.49, ""), ("Harborough", 0.088, 0.054, ""))


@pytest.fixture
def base(example: ModuleType) -> Published:
    return publish(example.results())


def drawn(base: Published, *waves: Sequence[tuple[str, float, float, str]]) -> ChartSpec | None:
    """The chart of surveys, each with its areas: people, respondents and mark."""
    rows = [
        {
            "wave": wave,
            "weights": "population",
            "by": "",
            "group": "All respondents",
            "title": "Local authority area",
            "category": name,
            "target": target,
            "before": before,
            "after": target,
            "mark": mark,
        }
        for wave, areas in zip(("2022", "rerun"), waves, strict=False)
        for name, target, before, mark in areas
    ]
    return response_chart(replace(base, margins=pd.DataFrame(rows, columns=list(base.margins.columns))))


def the_chart(base: Published, *waves: Sequence[tuple[str, float, float, str]]) -> ChartSpec:
    chart = drawn(base, *waves)
    assert chart is not None
    return chart


def test_each_area_has_its_share_of_people_and_of_respondents_the_largest_first(base: Published) -> None:
    chart = the_chart(base, SPREAD)
    assert chart.panels[0].places == (
        "Leicester: 49%, against 32%",
        "Blaby: 8%, against 9%",
        "Harborough: 5%, against 9%",
    )
    first = [(mark.value, mark.hollow) for mark in chart.panels[0].marks if mark.place == 0]
    assert first == [(32.0, True), (49.0, False)]
    assert [tick for tick, _ in chart.panels[0].ticks] == [0.0, 15.0, 30.0, 45.0, 60.0]


@pytest.mark.parametrize(
    ("waves", "title"),
    [
        ([SPREAD], "In 2022 Leicester has 49% of respondents and 32% of people; Harborough has 5% and 9%"),
        (
            [SPREAD, [("Leicester", 0.3, 0.38, ""), ("Blaby", 0.7, 0.62, "")]],
            "In the re-run Leicester has 38% of respondents and 30% of people; Blaby has 62% and 70%",
        ),
        (
            [[("Leicester", 0.3, 0.304, ""), ("Blaby", 0.7, 0.696, "")]],
            "In 2022 respondents are spread over the areas as people are",
        ),
        ([[("Leicester", 0.3, 0.5, ""), ("Blaby", 0.7, NAN, "[c]")]], "In 2022 Leicester has 50% of respondents"),
    ],
)
def test_the_title_names_the_areas_furthest_over_and_under_in_the_latest_survey(
    base: Published, waves: list[Sequence[tuple[str, float, float, str]]], title: str
) -> None:
    assert the_chart(base, *waves).title.startswith(title)


def test_a_hidden_share_has_its_mark_everywhere_and_one_for_indication_is_not_drawn(base: Published) -> None:
    areas = [("Leicester", 0.3, 0.5, ""), ("Blaby", 0.4, NAN, "[c]"), ("Rutland", 0.3, 0.21, "[u]")]
    chart = the_chart(base, areas)
    assert "Blaby: [c], against 40%" in chart.panels[0].places
    assert "Rutland: 21% [u], against 30%" in chart.panels[0].places
    filled = [mark for mark in chart.panels[0].marks if not mark.hollow]
    assert [chart.panels[0].places[mark.place] for mark in filled] == ["Leicester: 50%, against 30%"]
    assert chart.table is not None
    lines = [[cell.text for cell in row] for row in chart.table.rows]
    assert ["2022", "Blaby", "[c]", "40%", "[c]"] in lines
    assert ["2022", "Leicester", "50%", "30%", "+20"] in lines


def test_without_an_area_or_with_nothing_to_show_there_is_no_chart(base: Published) -> None:
    assert response_chart(base) is None
    assert drawn(base, [("Leicester", 0.3, NAN, "[c]")]) is None


def test_long_names_keep_to_their_rows_in_every_renderer(base: Published) -> None:
    chart = the_chart(base, [(LONG, 0.3, 0.5, ""), ("Blaby", 0.7, 0.5, "")])
    panel = chart.panels[0]
    assert figure(panel)["data"]
    assert "gogogoch" in picture(panel)
    assert hits([chart.title, chart.subtitle, chart.alternative]) == []
    assert all(
        f"{row[1].text}: {row[2].text} of" in chart.alternative for row in (chart.table.rows if chart.table else ())
    )


def test_it_belongs_to_what_is_said_of_the_weights(base: Published, example: ModuleType) -> None:
    margins = example.results().margins
    place = margins["title"] == "Ethnic group"
    moved = margins.assign(
        variable=margins["variable"].where(~place, "area"),
        title=margins["title"].where(~place, "Local authority area"),
    )
    whole = publish(replace(example.results(), margins=moved))
    found = weighing(whole, rows_of(whole))
    assert [chart.kind for chart in found.charts] == ["weights", "response"]
    assert [chart.kind for chart in weighing(base, rows_of(base)).charts] == ["weights"]
