"""What readers are told of the weights: the picture, the tables and the sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import Published, publish
from lpact_eval.reporting.figure import figure
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.weights import margin_table, step_table, unknown_table, weighing, weight_chart

if TYPE_CHECKING:
    from types import ModuleType

    from lpact_eval.reporting.tables import Table


@pytest.fixture
def published(example: ModuleType) -> Published:
    return publish(example.results())


def texts(table: Table) -> list[list[str]]:
    """Cells as read."""
    return [[cell.text for cell in row] for row in table.rows]


def test_the_picture_has_a_panel_a_survey_in_order_and_a_row_a_group(published: Published) -> None:
    chart = weight_chart(published)
    assert chart is not None
    assert [panel.heading for panel in chart.panels] == ["2022", "Re-run"]
    assert chart.panels[1].places == (
        "All respondents: 441, effective 337",
        "Asian: 82, effective 63",
        "Black: 134, effective 102",
        "Mixed: 31, effective 24",
        "White: 176, effective 134",
        "Other ethnic group: 14, effective 11",
    )
    assert [tick for tick, _ in chart.panels[0].ticks] == [0.0, 250.0, 500.0]
    assert "numbers are in the table below" in chart.alternative


def test_groups_that_are_suppressed_are_named_and_not_drawn(published: Published) -> None:
    """Other has 6 respondents in 2022, and Mixed goes with it."""
    chart = weight_chart(published)
    assert chart is not None
    panel = chart.panels[0]
    assert panel.places[3] == "Mixed: [c]"
    assert panel.places[5] == "Other ethnic group: [c]"
    assert {mark.place for mark in panel.marks} == {0, 1, 2, 4}
    assert "[c]" in picture(panel)
    assert all(mark.low == 0 and mark.high == mark.value for mark in panel.marks)
    assert figure(panel)["data"]


def test_the_title_says_whose_weights_cost_most(published: Published) -> None:
    weights = published.weights.copy()
    black = (weights["group"] == "Black") & (weights["wave"] == "2022")
    weights.loc[black, ["n_effective", "design_effect"]] = [28.0, 2.0]
    chart = weight_chart(replace(published, weights=weights))
    assert chart is not None
    assert chart.title == "Weights cost most for Black respondents in 2022, who count for 50% of their number"


def test_one_group_is_drawn_alone_and_none_is_not_drawn(published: Published) -> None:
    weights = published.weights
    alone = replace(published, weights=weights[weights["by"] == ""])
    chart = weight_chart(alone)
    assert chart is not None
    assert [len(panel.places) for panel in chart.panels] == [1, 1]
    assert weight_chart(replace(published, weights=weights.assign(mark="[c]"))) is None


def test_margins_show_population_respondents_and_after_weighting(published: Published) -> None:
    """Of 441 in the re-run 437 have a group, 82 of them Asian (19 %); of 82 Asian respondents 49 are women (60 %)."""
    lines = texts(margin_table(published))
    assert [
        "Re-run",
        "Population",
        "All respondents",
        "Ethnic group",
        "Asian",
        "20%",
        "19%",
        "20%",
        "\N{MINUS SIGN}1",
    ] in lines
    assert ["Re-run", "Within group", "Asian", "Sex", "Female", "50%", "60%", "50%", "+10"] in lines


def test_margins_of_small_groups_and_categories_are_marked(published: Published) -> None:
    lines = texts(margin_table(published))
    sex = {(line[0], line[2], line[4]): line[6] for line in lines if line[3] == "Sex"}
    assert sex["2022", "Other ethnic group", "Female"] == "[c]"
    assert sex["Re-run", "Mixed", "Female"] == "61% [u]"
    groups = {(line[0], line[4]): line[6] for line in lines if line[3] == "Ethnic group"}
    assert groups["2022", "Other"] == groups["2022", "Mixed"] == "[c]"


def test_steps_name_what_was_merged(published: Published) -> None:
    found = weighing(published, rows_of(published))
    assert found.merged[0] == (
        "2022, within group weights: Other: Age group: 16-24 + 25-34 merged (fewer than 10 respondents in a category)."
    )
    assert [row[:3] for row in texts(step_table(published))][:1] == [["2022", "Population", "5"]]
    assert texts(step_table(published))[0][-1] == "Nothing"


def test_a_reason_that_all_notes_share_is_given_once(published: Published) -> None:
    reason = "(fewer than 10 respondents in a category)"
    notes = f"Sex not used {reason}; Age group: a + b merged {reason}"
    told = weighing(replace(published, steps=published.steps.assign(notes=notes)), rows_of(published)).merged[0]
    start = "2022, population weights: Sex not used. Age group: a + b merged."
    assert told == f"{start} Each because of fewer than 10 respondents in a category."


def test_both_policies_stand_side_by_side_where_the_estimate_is_published(published: Published) -> None:
    rows = rows_of(published)
    lines = texts(unknown_table(published, rows))
    assert [line[2:4] for line in lines if line[1] == "Black"] == [["Kept", "+12"], ["Left out", "+14"]]
    assert [line[3] for line in lines if line[1] == "Other ethnic group"] == ["[c]", "[c]"]


def test_sentences_say_whether_the_policies_matter(published: Published) -> None:
    rows = rows_of(published)
    sentences = weighing(published, rows).sentences
    assert len(sentences) == 2
    assert "Black respondents: the change is +12 points (95% modelled interval" in sentences[1]
    assert sentences[1].endswith("The two differ by no more than half of the interval's half-width.")
    told = weighing(replace(published, sensitivity=published.sensitivity.assign(sensitive=True)), rows).sentences[1]
    assert told.endswith(
        "by more than half of the interval's half-width, so the result depends on how they are treated."
    )


def test_nothing_is_said_of_weights_that_were_delivered(published: Published) -> None:
    empty = replace(
        published,
        margins=published.margins.iloc[:0],
        steps=published.steps.iloc[:0],
        sensitivity=published.sensitivity.iloc[:0],
    )
    found = weighing(empty, rows_of(published))
    assert not found.margins.rows
    assert not found.steps.rows
    assert not found.unknown.rows
    assert found.merged == found.sentences == ()
