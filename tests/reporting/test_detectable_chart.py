"""How small a change could have shown: published numbers only, a title by the test, marks where nothing is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import Published, publish
from lpact_eval.reporting.content import questions
from lpact_eval.reporting.detectable_chart import detectable_chart, detectable_part
from lpact_eval.reporting.figure import figure
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.rows import Row, by_group, rows_of
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from types import ModuleType

    from lpact_eval.reporting.chart import ChartSpec

TRUST = ("trust_force", "strongly agree or tend to agree")


@pytest.fixture
def published(example: ModuleType) -> Published:
    return publish(example.results())


def changes(published: Published, question: tuple[str, str] = TRUST) -> list[Row]:
    rows = [row for row in rows_of(published) if row.question == question and row.measure == "change" and row.main]
    return by_group(rows)


def chart_of(rows: list[Row]) -> ChartSpec:
    chart = detectable_chart(rows, "change")
    assert chart is not None
    return chart


def test_each_group_has_the_smallest_change_and_the_one_found_and_hidden_groups_their_mark(
    published: Published,
) -> None:
    """Black: 2.8 standard errors of sqrt(1.31 (.312 .688 / 56 + .561 .439 / 134)) are 24 points; .561 - .312 is 25."""
    panel = chart_of(changes(published)).panels[0]
    assert panel.places == (
        "All respondents: 12 points (296 and 441)",
        "Asian: 27 points (58 and 82)",
        "Black: 24 points (56 and 134)",
        "Mixed: [c]",
        "White: 17 points (160 and 176)",
        "Other ethnic group: [c]",
    )
    black = [mark for mark in panel.marks if mark.place == 2]
    assert [(mark.value, mark.hollow) for mark in black] == [(25.0, True), (24.0, False)]
    assert {mark.place for mark in panel.marks} == {0, 1, 2, 4}
    assert panel.ticks[0] == (0.0, "0")
    assert panel.ticks[-1][0] >= 27


def test_the_title_is_of_the_group_that_the_plan_puts_first_and_of_its_test(published: Published) -> None:
    rows = changes(published)
    assert chart_of(rows).title == (
        "Black respondents: a change of about 24 points or more could be expected to show; found: +25 points, "
        "clear change"
    )
    open_ = [replace(row, p_adjusted=0.4) for row in rows]
    assert chart_of(open_).title == (
        "Black respondents: only a change of about 24 points or more could be expected to show; found: +25 points, "
        "not clear"
    )
    nobody_first = [replace(row, role="exploratory") for row in rows]
    assert chart_of(nobody_first).title.startswith("All respondents: ")


def test_a_group_that_may_not_be_drawn_is_in_no_title(published: Published) -> None:
    rows = [replace(row, chart=row.chart and row.group != "Black") for row in changes(published)]
    chart = chart_of(rows)
    assert chart.title.startswith("All respondents: ")
    assert "24 points" not in chart.alternative


def test_one_group_is_drawn_alone_and_none_is_not_drawn(published: Published) -> None:
    rows = changes(published)
    assert len(chart_of(rows[:1]).panels[0].places) == 1
    assert detectable_chart([replace(row, chart=False) for row in rows], "change") is None
    assert detectable_part([], "nothing", "change") is None


def test_words_hold_every_number_and_say_nothing_forbidden(published: Published) -> None:
    chart = chart_of(changes(published))
    for place in chart.panels[0].places:
        assert place in chart.alternative
    assert chart.alternative.endswith("The numbers are in the table below.")
    assert hits([chart.title, chart.subtitle, chart.alternative]) == []


def test_the_table_below_equals_what_is_drawn(published: Published) -> None:
    part = detectable_part(changes(published), "trust", "change")
    assert part is not None
    lines = [[cell.text for cell in row] for row in part.tables[0].rows]
    assert lines[2] == ["Black", "24", "+25", "clear change", "56", "134"]
    assert lines[3] == ["Mixed", *["[c]"] * 5]


def test_gaps_name_attendees_and_others(published: Published) -> None:
    rows = [
        replace(row, detectable=0.2) for row in rows_of(published) if row.question == TRUST and row.measure == "gap"
    ]
    part = detectable_part(rows, "trust", "gap")
    assert part is not None
    assert part.chart is not None
    assert "between attendees and others in the re-run" in part.chart.subtitle
    assert [column.heading for column in part.tables[0].columns][4:] == [
        "Unweighted base, attended",
        "Unweighted base, not attended",
    ]


def test_both_renderers_draw_it(published: Published) -> None:
    panel = chart_of(changes(published)).panels[0]
    assert figure(panel)["data"]
    assert picture(panel).count("<circle") == 8


def test_first_questions_have_it_and_others_do_not(published: Published) -> None:
    featured, others = questions(published, rows_of(published), read_sentences(templates_folder()))
    kinds = [chart.kind for question in featured for part in question.parts for chart in part.charts]
    assert kinds.count("detectable") == 2
    assert not [chart for question in others for part in question.parts for chart in part.charts]
