"""A question that was not the same in all surveys: its charts show a break, its rows say so, nothing is joined up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.chart import BREAK, PARTLY, change_chart, trend_chart
from lpact_eval.reporting.content import questions
from lpact_eval.reporting.figure import figure
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.tables import change_table, level_table

if TYPE_CHECKING:
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

WAVES = ["2022", "rerun"]
MOVED = "don't know went from 4% to 12%"


@pytest.fixture
def asked_otherwise(example: ModuleType) -> Published:
    """Publish results in which the re-run asked one question in part and one entirely otherwise, both put first."""
    results = example.results()
    rows = results.rows.copy()
    rows["role"] = rows["role"].where(rows["measure"] != "change", "primary")
    level = (rows["measure"] == "level") & (rows["wave"] == "rerun")
    for variable, comparable in (("good_job", "partial"), ("ss_fair", "none")):
        rows.loc[level & (rows["variable"] == variable), "comparable"] = comparable
    partial = (rows["measure"] == "change") & (rows["variable"] == "good_job")
    rows.loc[partial, "flags"] = f"the question was only partly the same in both waves; {MOVED}"
    return publish(replace(results, rows=rows))


def rows_about(published: Published, variable: str) -> list[Row]:
    return [row for row in rows_of(published) if row.variable == variable]


@pytest.mark.parametrize(("variable", "breaks"), [("conf_overall", ()), ("good_job", (1,)), ("ss_fair", (1,))])
def test_a_trend_breaks_where_the_question_changed_and_nowhere_else(
    asked_otherwise: Published, sentences: Sentences, variable: str, breaks: tuple[int, ...]
) -> None:
    spec = trend_chart(rows_about(asked_otherwise, variable), WAVES, sentences)
    assert {panel.breaks for panel in spec.panels} == {breaks}
    assert (BREAK in spec.subtitle) == bool(breaks)
    assert (BREAK in spec.alternative) == bool(breaks)


def test_a_survey_that_asked_otherwise_is_parted_on_both_sides(
    asked_otherwise: Published, sentences: Sentences
) -> None:
    rows = rows_about(asked_otherwise, "conf_overall")
    levels = [row for row in rows if row.measure == "level" and row.wave == "2022"]
    four = [
        replace(row, wave=wave, comparable="partial" if wave == "b" else "full")
        for wave in ("a", "b", "c", "d")
        for row in levels
    ]
    spec = trend_chart(four, ["a", "b", "c", "d"], sentences)
    assert spec.panels[0].breaks == (1, 2)


def test_both_renderers_draw_the_break_and_no_line_between_surveys(
    asked_otherwise: Published, sentences: Sentences
) -> None:
    whole = trend_chart(rows_about(asked_otherwise, "conf_overall"), WAVES, sentences).panels[0]
    broken = trend_chart(rows_about(asked_otherwise, "good_job"), WAVES, sentences).panels[0]
    assert "stroke-dasharray" not in picture(whole)
    assert picture(broken).count("stroke-dasharray") == 1
    assert 'x1="50%"' in picture(broken)
    drawn = figure(broken)
    assert [shape["x0"] for shape in drawn["layout"]["shapes"]] == [0.5]
    assert {trace["mode"] for trace in drawn["data"]} == {"markers"}
    assert figure(whole)["layout"]["shapes"] == []


def test_a_change_of_a_partly_changed_question_says_so_beside_the_chart(
    asked_otherwise: Published, sentences: Sentences
) -> None:
    assert PARTLY in change_chart(rows_about(asked_otherwise, "good_job"), sentences).subtitle
    assert PARTLY not in change_chart(rows_about(asked_otherwise, "conf_overall"), sentences).subtitle


def test_no_change_is_drawn_of_a_question_that_cannot_be_compared(
    asked_otherwise: Published, sentences: Sentences
) -> None:
    first, _ = questions(asked_otherwise, rows_of(asked_otherwise), sentences)
    drawn = {one.name.split("_very")[0]: one for one in first}
    change = next(part for part in drawn["ss_fair"].parts if part.heading.startswith("Change"))
    assert change.chart is None
    assert all(
        next(part for part in one.parts if part.heading.startswith("Change")).chart is not None
        for one in first
        if one is not drawn["ss_fair"] and "change" in one.measures
    )


def test_tables_say_of_every_level_and_change_that_the_question_changed(asked_otherwise: Published) -> None:
    def notes(variable: str, measure: str) -> str:
        rows = rows_about(asked_otherwise, variable)
        make = level_table if measure == "level" else change_table
        return " ".join(row[-1].text for row in make(rows, name="n", caption="c").rows)

    assert "Asked differently in the two surveys." in notes("good_job", "level")
    assert "Asked so differently that the surveys can't be compared." in notes("ss_fair", "level")
    assert "The question was only partly the same in both surveys." in notes("good_job", "change")
    assert "Asked differently" not in notes("conf_overall", "level")


def test_moved_dont_knows_are_named_on_large_bases_only(asked_otherwise: Published) -> None:
    rows = [row for row in rows_about(asked_otherwise, "good_job") if row.measure == "change"]
    flags = {row.group: row.flags for row in rows}
    assert MOVED in flags["All respondents"]
    assert "Asian" in flags  # 58 and 82 answers
    assert flags["Asian"].endswith("; the share of don't knows moved")
    assert flags["Mixed"] == ""  # suppressed
    assert all("%" not in row.flags for row in rows if row.tier != "full")


def test_the_release_carries_the_flag_into_the_table_of_changes(asked_otherwise: Published) -> None:
    table = change_table(rows_about(asked_otherwise, "good_job"), name="n", caption="c")
    notes = {row[0].text: row[-1].text for row in table.rows}
    assert "Don't know went from 4% to 12%." in notes["All respondents"]
    assert pd.Series(list(notes.values())).str.contains("4%").sum() >= 1
