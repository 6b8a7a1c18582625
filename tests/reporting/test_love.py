"""The love plot and the overlap plot: what was cleared and nothing else, in every drawing, legible without colour."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go  # pyright: ignore[reportMissingTypeStubs] - plotly ships none
import pytest

from lpact_eval.disclosure.arms import BALANCE_COLUMNS, OVERLAP_COLUMNS
from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.figure import LONGEST_HEADING, axis_ends, figure, heading_lines
from lpact_eval.reporting.layout import WIDTH, lay_out
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.love import love_chart, love_table
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.scores import overlap_chart, overlap_share_table
from lpact_eval.reporting.shapes import Box, Dot, Line, shapes
from lpact_eval.reporting.static import svg, write_chart

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.reporting.chart import ChartSpec

OVERLAP = "overlap weights"
PLAIN = "regression"
ADJUSTERS = (
    ("Age group", "16 to 34", -0.52, 0.03),
    ("Age group", "35 to 54", 0.11, -0.06),
    ("Age group", "55 and over", 0.4, 0.0),
    ("Stopped and searched in the last 12 months", "No", -0.31, 0.0),
    ("Stopped and searched in the last 12 months", "Yes", 0.31, 0.0),
    ("Years lived in the area", "", math.nan, 0.09),
)


def row(group: str, method: str = OVERLAP, **changes: object) -> dict[str, object]:
    by = "" if group == "All respondents" else "ethnicity"
    blank = {"covariate": "", "answer": "", "smd_before": math.nan, "rounded_to": math.nan, "smd_after": math.nan}
    keys = {"indicator": "conf", "wave": "rerun", "by": by, "group": group, "method": method}
    return {**keys, **blank, "largest": "", "mark": "", **changes}


def group_rows(
    group: str, method: str = OVERLAP, largest: str = "under 0.10", step: float = 0.01
) -> list[dict[str, object]]:
    return [
        row(
            group,
            method,
            covariate=covariate,
            answer=answer,
            smd_before=before,
            rounded_to=math.nan if math.isnan(before) else step,
            smd_after=before if method == PLAIN else after,
            largest=largest,
            mark="[c]" if math.isnan(before) else "",
        )
        for covariate, answer, before, after in ADJUSTERS
    ]


def balance(largest: str = "under 0.10") -> pd.DataFrame:
    rows = [
        *group_rows("White", largest=largest),
        *group_rows("Black"),
        *group_rows("All respondents", step=0.1),
        row("Other", largest="0.10 to 0.25", mark="[u]"),
        row("Mixed", mark="[c]"),
        *group_rows("Black", PLAIN, largest=""),
    ]
    return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def overlap() -> pd.DataFrame:
    def one(group: str, arm: str, *bin_and_share: float) -> dict[str, object]:
        low, high, share = bin_and_share
        keys = {"indicator": "conf", "wave": "rerun", "by": "" if group == "All respondents" else "ethnicity"}
        return {**keys, "group": group, "arm": arm, "low": low, "high": high, "share": share, "mark": ""}

    rows = [
        one("Black", "attended", 0.2, 0.5, 0.30),
        one("Black", "attended", 0.5, 0.6, 0.34),
        one("Black", "attended", 0.6, 0.9, 0.36),
        one("Black", "not attended", 0.0, 0.1, 0.58),
        one("Black", "not attended", 0.1, 0.4, 0.42),
        one("All respondents", "attended", 0.1, 0.4, 0.45),
        one("All respondents", "attended", 0.4, 0.5, 0.55),
        one("All respondents", "not attended", 0.1, 0.5, 1.0),
        {**one("Asian", "", math.nan, math.nan, math.nan), "mark": "[u]"},
        {**one("Mixed", "", math.nan, math.nan, math.nan), "mark": "[c]"},
    ]
    return pd.DataFrame(rows, columns=list(OVERLAP_COLUMNS))


CHARTS = {
    "love": lambda: love_chart(balance(), OVERLAP),
    "plain love": lambda: love_chart(balance(), PLAIN),
    "overlap": lambda: overlap_chart(overlap()),
}


@pytest.fixture(params=sorted(CHARTS))
def chart(request: pytest.FixtureRequest) -> ChartSpec:
    return CHARTS[request.param]()


def test_every_group_that_may_be_drawn_is_a_small_plot_all_respondents_first() -> None:
    chart = love_chart(balance(), OVERLAP)
    assert [panel.heading for panel in chart.panels] == ["All respondents", "Black", "White"]
    few = "too few attendees or others to tell"
    assert chart.notes[:2] == (
        "Mixed: [c] suppressed to protect confidentiality.",
        f"Other ethnic group: [u] {few}; after weighting the largest difference is 0.10 to 0.25.",
    )
    assert chart.notes[2] == "About: rounded to 0.1, to protect small groups."


def test_rows_say_both_differences_without_sign_and_one_answer_of_two() -> None:
    panel = love_chart(balance(), OVERLAP).panels[1]
    assert panel.places == (
        "Age group, 16 to 34 (0.52, then 0.03)",
        "Age group, 35 to 54 (0.11, then 0.06)",
        "Age group, 55 and over (0.40, then 0.00)",
        "Stopped and searched in the last 12 months, Yes (0.31, then 0.00)",
        "Years lived in the area ([c], then 0.09)",
    )
    assert love_chart(balance(), OVERLAP).panels[0].places[0] == "Age group, 16 to 34 (about 0.5, then 0.03)"


def test_before_is_hollow_and_after_filled_so_that_no_colour_is_needed() -> None:
    panel = love_chart(balance(), OVERLAP).panels[1]
    assert [(mark.place, mark.value) for mark in panel.marks if mark.hollow] == [
        (0, 0.52),
        (1, 0.11),
        (2, 0.4),
        (3, 0.31),
    ]
    assert [mark.value for mark in panel.marks if not mark.hollow] == [0.03, 0.06, 0, 0, 0.09]
    dots = [shape for shape in shapes(panel) if isinstance(shape, Dot)]
    assert {dot.fill for dot in dots} == {"#ffffff", "#12436D"}
    assert {(trace["marker"]["color"], len(trace["x"])) for trace in figure(panel)["data"]} == {
        ("#ffffff", 4),
        ("#12436D", 5),
    }  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType, reportIndexIssue] - plain lists


def test_the_lines_at_a_tenth_and_a_quarter_differ_without_colour() -> None:
    panel = love_chart(balance(), OVERLAP).panels[0]
    assert panel.guides == ((0.10, True), (0.25, False))
    low, high = axis_ends(panel)
    tall = [shape for shape in shapes(panel) if isinstance(shape, Line) and shape.x1 == shape.x2]
    assert [(round(low + line.x1 * (high - low), 10), line.dashed) for line in tall] == [(0.10, True), (0.25, False)]
    drawn = [line for line in figure(panel)["layout"]["shapes"] if line["xref"] == "x"]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType] - plain dictionaries
    assert [(line["x0"], line["line"]["dash"]) for line in drawn] == [(0.10, "dash"), (0.25, "solid")]


@pytest.mark.parametrize(
    ("largest", "title"),
    [
        (
            "under 0.10",
            "differences between attendees and others of 0.10 to 0.25 are left among respondents from other",
        ),
        ("0.10 to 0.25", "of 0.10 to 0.25 are left among White respondents and respondents from other ethnic groups"),
        (
            "over 0.25",
            "others of over 0.25 are left among White respondents and of 0.10 to 0.25 among respondents from",
        ),
    ],
)
def test_the_title_says_what_is_left_and_among_whom(largest: str, title: str) -> None:
    found = love_chart(balance(largest), OVERLAP).title
    assert found.startswith("With overlap weights, ")
    assert title in found


def test_the_title_says_where_nothing_is_left() -> None:
    rows = balance()
    alike = love_chart(rows[rows["mark"] != "[u]"], OVERLAP)
    assert alike.title == (
        "With overlap weights, attendees and others are alike in every adjuster, overall and in each group told: "
        "differences under 0.10"
    )
    one = love_chart(rows[rows["group"] == "Black"], OVERLAP).title
    assert one == "With overlap weights, attendees and others are alike in every adjuster: differences under 0.10"


def test_a_method_without_weights_is_drawn_before_adjustment_only() -> None:
    chart = love_chart(balance(), PLAIN)
    assert (
        chart.title
        == "Before adjustment, attendees and others differ most in Age group, 16 to 34: 0.52 among Black respondents"
    )
    assert all(mark.hollow for panel in chart.panels for mark in panel.marks)
    assert chart.panels[0].places[-1] == "Years lived in the area ([c])"
    assert "after" not in chart.subtitle


def test_nothing_to_draw_is_refused() -> None:
    rows = balance()
    with pytest.raises(WrongUseError, match="no group has enough respondents in both arms"):
        love_chart(rows[rows["group"].isin(["Other", "Mixed"])], OVERLAP)
    with pytest.raises(WrongUseError, match="Cannot draw the differences of 'entropy'"):
        love_chart(rows, "entropy")
    scores = overlap()
    with pytest.raises(WrongUseError, match="no group has 50 respondents in both arms"):
        overlap_chart(scores[scores["mark"] != ""])


def test_the_tables_hold_every_number_of_the_pictures_and_the_marks_of_the_others() -> None:
    table = love_table(balance(), name="balance", caption="Balance")
    assert len(table.rows) == len(balance())
    texts = [[cell.text for cell in line] for line in table.rows]
    assert ["Overlap weights", "Black", "Age group", "16 to 34", "\N{MINUS SIGN}0.52", "+0.03", "under 0.10"] in texts
    assert ["Overlap weights", "Black", "Years lived in the area", "[z]", "[c]", "+0.09", "under 0.10"] in texts
    assert ["Overlap weights", "Mixed", "[z]", "[z]", "[c]", "[c]", "[c]"] in texts
    assert ["Overlap weights", "Other ethnic group", "[z]", "[z]", "[u]", "[u]", "0.10 to 0.25"] in texts
    shares = [[cell.text for cell in line] for line in overlap_share_table(overlap(), name="o", caption="O").rows]
    assert ["Black", "Attended", "0.2 to 0.5", "30%"] in shares
    assert ["Mixed", "[z]", "[z]", "[c]"] in shares
    assert len(shares) == len(overlap())


def test_scores_lie_back_to_back_and_merged_tenths_share_evenly() -> None:
    chart = overlap_chart(overlap())
    panel = chart.panels[1]
    assert panel.heading == "Black: attended left, others right"
    assert len(panel.places) == 10
    left = {bar.place: (bar.low, bar.label) for bar in panel.bars if bar.high == 0}
    assert left == {2: (-10, ""), 3: (-10, ""), 4: (-10, ""), 5: (-34, "34%"), 6: (-12, ""), 7: (-12, ""), 8: (-12, "")}
    right = {bar.place: bar.high for bar in panel.bars if bar.low == 0}
    assert right == {0: 58, 1: 14, 2: 14, 3: 14}
    assert {bar.colour for bar in panel.bars if bar.high == 0} == {"#12436D"}
    assert [value for value, _ in panel.ticks] == [-60, -30, 0, 30, 60]
    assert (
        next(bar.words for bar in panel.bars if bar.place == 3 and bar.high == 0)
        == "Black, attended, score 0.2 to 0.5: 30%"
    )


def test_the_overlap_is_told_in_words() -> None:
    chart = overlap_chart(overlap())
    assert chart.title == "Among all respondents, attendees and others both have scores from 0.1 to 0.5"
    assert (
        "Among Black respondents, attendees and others both have scores from 0.2 to 0.4; only attendees"
        in chart.alternative
    )
    assert "Asian: [u] too few attendees or others to tell." in chart.notes
    rows = overlap()
    apart = rows[(rows["group"] == "Black") & ~((rows["arm"] == "attended") & (rows["low"] < 0.5))]
    assert overlap_chart(apart).title == "Among Black respondents, the scores of attendees and others don't overlap"
    single = rows[(rows["group"] == "Black") & (rows["arm"] == "attended")]
    assert (
        overlap_chart(single).title == "Among Black respondents, the scores of attendees or of others only can be told"
    )


def test_all_drawings_hold_every_mark_and_bar(chart: ChartSpec, tmp_path: Path) -> None:
    for panel in chart.panels:
        drawn = figure(panel)
        go.Figure(drawn)
        plain = json.loads(json.dumps(drawn))  # nothing but plain lists, or it could not be searched for leaks
        assert sum(len(trace["x"]) for trace in plain["data"]) == len(panel.marks) + len(panel.bars)
        assert picture(panel).count("<circle") == len(panel.marks)
        assert sum(isinstance(shape, Box) for shape in shapes(panel)) == len(panel.bars) + len(panel.places)
    write_chart(chart, tmp_path / "chart.svg")
    ET.parse(tmp_path / "chart.svg")  # noqa: S314 - our own drawing
    assert svg(chart) == svg(chart)


def test_a_png_is_drawn(chart: ChartSpec, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_chart(chart, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_lies_outside_its_axis_or_the_sheet_and_headings_fit_a_narrow_screen(chart: ChartSpec) -> None:
    for panel in chart.panels:
        low, high = axis_ends(panel)
        assert all(low <= mark.value <= high for mark in panel.marks)
        assert all(low <= bar.low <= bar.high <= high for bar in panel.bars)
        assert all(len(line) <= LONGEST_HEADING for text in panel.places for line in heading_lines(text))
    for placed in lay_out(chart).panels:
        assert 0 <= placed.x <= placed.x + placed.width <= WIDTH


def test_the_words_instead_say_what_is_seen_where_the_numbers_are_and_nothing_forbidden(chart: ChartSpec) -> None:
    assert chart.alternative.startswith(f"Chart. {chart.title}. {chart.subtitle}.")
    assert chart.alternative.endswith("The numbers are in the table below.")
    assert "  " not in chart.alternative
    assert all(note in chart.alternative for note in chart.notes)
    assert hits([chart.title, chart.subtitle, chart.alternative, *chart.notes]) == []


@pytest.mark.parametrize("largest", [0.04, 0.5, 0.6, 1.2, 1.9, 3.7, 12.3])
def test_the_axis_holds_every_difference_and_has_few_ticks(largest: float) -> None:
    rows = balance()
    rows.loc[rows["answer"] == "55 and over", "smd_before"] = largest
    rows.loc[rows["answer"] != "55 and over", "smd_before"] = 0.01
    panel = love_chart(rows, OVERLAP).panels[1]
    assert panel.ticks[0][0] == 0
    assert largest <= panel.ticks[-1][0]
    assert len(panel.ticks) <= 5
