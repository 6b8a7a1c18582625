from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import plotly.graph_objects as go  # pyright: ignore[reportMissingTypeStubs] - plotly ships none
import pytest

from lpact_eval.reporting.chart import ChartSpec, change_chart, gap_chart, trend_chart
from lpact_eval.reporting.content import questions
from lpact_eval.reporting.figure import CONFIG, figure
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.rows import rows_of

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

WAVES = ["2022", "rerun"]


def charts(published: Published, sentences: Sentences) -> list[ChartSpec]:
    rows = [row for row in rows_of(published) if row.variable == "trust_force"]
    return [trend_chart(rows, WAVES, sentences), change_chart(rows, sentences), gap_chart(rows, sentences)]


def test_plotly_accepts_every_figure_as_it_stands(published: Published, sentences: Sentences) -> None:
    for spec in charts(published, sentences):
        for panel in spec.panels:
            go.Figure(figure(panel))


def test_figures_are_plain_lists_and_numbers(published: Published, sentences: Sentences) -> None:
    for spec in charts(published, sentences):
        for panel in spec.panels:
            drawn = figure(panel)
            assert json.loads(json.dumps(drawn)) == drawn
            assert "bdata" not in json.dumps(drawn)


def test_the_trend_has_a_panel_a_group_all_respondents_first_and_other_last(
    published: Published, sentences: Sentences
) -> None:
    trend = charts(published, sentences)[0]
    assert [panel.heading for panel in trend.panels] == [
        *("All respondents", "Asian", "Black", "Mixed", "White", "Other ethnic group"),
    ]


def test_a_group_too_small_to_draw_has_shorthand_and_no_marks(published: Published, sentences: Sentences) -> None:
    trend = charts(published, sentences)[0]
    mixed = next(panel for panel in trend.panels if panel.heading == "Mixed")
    assert mixed.marks == ()
    assert mixed.absent == ((0, "[c]"), (1, "[u]"))


def test_marks_carry_the_published_rounding(published: Published, sentences: Sentences) -> None:
    trend = charts(published, sentences)[0]
    black = next(panel for panel in trend.panels if panel.heading == "Black")
    assert [mark.value for mark in black.marks] == [31.0, 56.0]
    assert [mark.label for mark in black.marks] == ["31%", "56%"]


def test_a_survey_that_did_not_collect_a_group_is_said_to_be_missing(
    published: Published, sentences: Sentences
) -> None:
    rows = [
        row
        for row in rows_of(published)
        if row.variable == "trust_force" and not (row.group == "White" and row.wave == "2022")
    ]
    trend = trend_chart(rows, WAVES, sentences)
    assert next(panel for panel in trend.panels if panel.heading == "White").absent == ((0, "[x]"),)


def test_the_change_says_in_words_what_the_test_found(published: Published, sentences: Sentences) -> None:
    change = charts(published, sentences)[1]
    places = change.panels[1].places
    assert places[2] == "Black: +25 points, clear change"
    assert places[1] == "Asian: +1 point, not clear"
    assert places[3] == "Mixed: [c]"


def test_levels_are_hollow_before_and_filled_after(published: Published, sentences: Sentences) -> None:
    levels = charts(published, sentences)[1].panels[0]
    black = [mark for mark in levels.marks if mark.place == 2]
    assert [(mark.value, mark.hollow) for mark in black] == [(31.0, True), (56.0, False)]


def test_the_axis_of_a_change_is_even_around_zero(published: Published, sentences: Sentences) -> None:
    panel = charts(published, sentences)[1].panels[1]
    values = [value for value, _ in panel.ticks]
    assert values == [-60.0, -30.0, 0.0, 30.0, 60.0]
    assert all(values[0] <= mark.low <= mark.high <= values[-1] for mark in panel.marks)


def test_every_chart_has_words_instead_of_the_picture(published: Published, sentences: Sentences) -> None:
    for spec in charts(published, sentences):
        assert spec.title in spec.alternative
        assert "numbers are in the table below" in spec.alternative


def test_the_drawing_without_script_is_sound_and_says_the_same(published: Published, sentences: Sentences) -> None:
    for spec in charts(published, sentences):
        for panel in spec.panels:
            drawn = ET.fromstring(picture(panel))  # noqa: S314 - our own drawing
            circles = list(drawn.iter("circle"))
            assert len(circles) == len(panel.marks) + len(panel.pale)
            words = {node.text for node in drawn.iter("text")}
            assert {mark.label for mark in panel.marks if mark.label} <= words
            if panel.layout == "rows":
                assert set(panel.places) <= words


def test_names_of_groups_are_escaped_in_figure_and_drawing(published: Published, sentences: Sentences) -> None:
    rows = [
        replace(row, group="A <b>&") if row.group == "Black" else row
        for row in rows_of(published)
        if row.variable == "trust_force"
    ]
    spec = change_chart(rows, sentences)
    assert "<b>&" not in picture(spec.panels[1])
    assert "A &lt;b&gt;&amp;" in json.dumps(figure(spec.panels[1]))


def test_nothing_on_a_chart_can_be_sent_anywhere() -> None:
    assert CONFIG["displayModeBar"] is False
    assert CONFIG["showSendToCloud"] is False
    assert CONFIG["plotlyServerURL"] == ""


def test_only_questions_that_the_plan_puts_first_are_drawn(published: Published, sentences: Sentences) -> None:
    first, others = questions(published, rows_of(published), sentences)
    assert [question.name for question in first] == [
        "conf_overall_strongly_agree_or_tend_to_agree",
        "trust_force_strongly_agree_or_tend_to_agree",
    ]
    assert all(part.chart is not None for question in first for part in question.parts)
    assert all(part.chart is None for question in others for part in question.parts)


@pytest.mark.parametrize("times", [40])
def test_large_bases_print_one_decimal(published_large: Published, sentences: Sentences, times: int) -> None:
    del times
    trend = charts(published_large, sentences)[0]
    black = next(panel for panel in trend.panels if panel.heading == "Black")
    assert [mark.label for mark in black.marks] == ["31.2%", "56.1%"]
