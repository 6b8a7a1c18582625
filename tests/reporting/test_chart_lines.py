"""Several surveys in one chart: points up to three, lines with ribbons from four, gaps and breaks, room for names."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import plotly.graph_objects as go  # pyright: ignore[reportMissingTypeStubs] - plotly ships none
import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.chart import BREAK, ChartSpec, Panel
from lpact_eval.reporting.figure import figure
from lpact_eval.reporting.lines import named_absences, named_places, positions, runs
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.static import question_chart

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="session")
def many() -> ModuleType:
    name = "reporting_many_waves"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("many_waves.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def trend(many: ModuleType, example: ModuleType, count: int, **options: object) -> ChartSpec:
    return question_chart(publish(many.results(example, count, **options)), "trend")


def panel_of(chart: ChartSpec, heading: str) -> Panel:
    return next(panel for panel in chart.panels if panel.heading == heading)


@pytest.mark.parametrize("count", [2, 3])
def test_two_or_three_surveys_are_never_joined(many: ModuleType, example: ModuleType, count: int) -> None:
    for panel in trend(many, example, count).panels:
        assert panel.joined == panel.pale_joined == panel.at == ()
        assert not [trace for trace in figure(panel)["data"] if trace.get("mode") == "lines"]  # pyright: ignore[reportGeneralTypeIssues, reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType] - plain lists
        assert "polyline" not in picture(panel)
        assert all(mark.label for mark in panel.marks)


@pytest.mark.parametrize("count", [4, 5, 10])
def test_four_or_more_are_a_line_with_a_ribbon_and_labels_at_its_ends(
    many: ModuleType, example: ModuleType, count: int
) -> None:
    panel = panel_of(trend(many, example, count), "Black")
    assert [mark.place for run in panel.joined for mark in run] == list(range(count))
    assert [mark.place for mark in panel.marks if mark.label] == [0, count - 1]
    assert picture(panel).count("<polygon") == 1
    go.Figure(figure(panel))


def test_a_line_has_a_gap_where_a_survey_has_no_number(many: ModuleType, example: ModuleType) -> None:
    panel = panel_of(trend(many, example, 6, gaps=("2024",)), "Black")
    assert [[mark.place for mark in run] for run in panel.joined] == [[0, 1], [3, 4, 5]]
    assert panel.absent == ((2, "[x]"),)


def test_a_line_breaks_where_the_question_changed_and_the_words_say_so(many: ModuleType, example: ModuleType) -> None:
    chart = trend(many, example, 5, breaks=("2025",))
    panel = panel_of(chart, "White")
    assert panel.breaks == (3, 4)
    assert [[mark.place for mark in run] for run in panel.joined] == [[0, 1, 2]]
    assert BREAK in chart.subtitle
    assert BREAK in chart.alternative
    assert picture(panel).count("stroke-dasharray") == 2


def test_surveys_stand_where_their_fieldwork_was(many: ModuleType, example: ModuleType) -> None:
    del example
    at = positions(many.waves(4))
    assert at[0] == 0
    assert at[-1] == 3
    # the second survey came five months late, so it stands nearer to the third
    assert at[1] - at[0] > at[2] - at[1]
    same = tuple(
        replace(wave, start=at_once.start, end=at_once.end) for wave in many.waves(3) for at_once in many.waves(1)
    )
    assert positions(same) == (0.0, 1.0, 2.0)


def test_names_that_have_no_room_are_left_out_but_never_the_ends(many: ModuleType, example: ModuleType) -> None:
    panel = panel_of(trend(many, example, 10), "White")
    named = named_places(panel)
    assert named[0] == 0
    assert named[-1] == 9
    assert len(named) < 10
    assert named_places(panel_of(trend(many, example, 3), "White")) == [0, 1, 2]


def test_shorthand_that_has_no_room_stands_for_its_neighbours_and_all_of_it_is_in_the_words(
    many: ModuleType, example: ModuleType
) -> None:
    chart = trend(many, example, 10)
    panel = panel_of(chart, "Other ethnic group")
    assert len(panel.absent) == 10
    assert 1 < len(named_absences(panel)) <= 10
    assert {mark for _, mark in named_absences(panel)} == {"[u]"}
    assert all(f"{place} [u]" in chart.alternative for place in panel.places)


def test_runs_of_one_point_are_no_runs(many: ModuleType, example: ModuleType) -> None:
    marks = panel_of(trend(many, example, 3), "White").marks
    assert runs(marks, (1, 2)) == ()
    assert runs(marks, ()) == (marks,)
    assert runs([], ()) == ()
