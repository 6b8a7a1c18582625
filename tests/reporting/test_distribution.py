"""The distribution chart: the middle on zero, numbers of five and over, bases at the right, nothing that may not be."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import plotly.graph_objects as go  # pyright: ignore[reportMissingTypeStubs] - plotly ships none
import pytest

from lpact_eval.disclosure.published import Published, publish
from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.distributions import sides
from lpact_eval.reporting.distribution import answer_table, distribution_chart, drawable_distribution, palette
from lpact_eval.reporting.figure import figure
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.rows import answer_rows

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


@pytest.fixture(scope="session")
def answered(many: ModuleType, example: ModuleType) -> Published:
    return publish(many.with_answers(example.results()))


def test_the_middle_answer_is_split_on_zero_and_the_parts_touch(answered: Published) -> None:
    panel = distribution_chart(answered, "conf_overall").panels[0]
    bars = [bar for bar in panel.bars if bar.place == 0]
    # shares 9, 17, 20, 33 and 21 per cent, the least favourable first: left of zero are 9 + 17 + 20 / 2
    assert [(bar.low, bar.high) for bar in bars] == [(-36, -27), (-27, -10), (-10, 10), (10, 43), (43, 64)]
    assert [bar.label for bar in bars] == ["9", "17", "20", "33", "21"]
    assert panel.ends[0] == "base 296"


def test_a_number_under_five_is_not_printed_but_said_to_pointers(many: ModuleType, example: ModuleType) -> None:
    published = publish(many.with_answers(example.results(), (0.3, 0.4, 0.2, 0.07, 0.03)))
    bars = [bar for bar in distribution_chart(published, "conf_overall").panels[0].bars if bar.place == 0]
    assert [bar.label for bar in bars] == ["", "7", "20", "40", "30"]
    assert "strongly disagree 3%" in bars[0].words


def test_small_groups_have_their_shorthand_and_no_bar(answered: Published) -> None:
    panel = distribution_chart(answered, "conf_overall").panels[0]
    place = next(at for at, name in enumerate(panel.places) if name.startswith("Mixed, 2022"))
    assert panel.places[place] == "Mixed, 2022: [c]"
    assert panel.ends[place] == ""
    assert place not in {bar.place for bar in panel.bars}


def test_both_drawings_hold_every_bar_and_plotly_takes_them(answered: Published) -> None:
    panel = distribution_chart(answered, "conf_overall").panels[0]
    drawn = figure(panel)
    go.Figure(drawn)
    assert sum(len(trace["x"]) for trace in drawn["data"]) == len(panel.bars)  # pyright: ignore[reportGeneralTypeIssues, reportArgumentType, reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType] - plain lists
    headings = len(panel.places)
    assert picture(panel).count("<rect") == len(panel.bars) + headings


def test_the_axis_holds_every_bar_and_its_ends_are_ticks(answered: Published) -> None:
    panel = distribution_chart(answered, "conf_overall").panels[0]
    assert [value for value, _ in panel.ticks] == [-50, -25, 0, 25, 50, 75]
    assert [label for _, label in panel.ticks] == ["50%", "25%", "0%", "25%", "50%", "75%"]


@pytest.mark.parametrize(
    ("answers", "favourable", "expected"),
    [
        (("a", "b", "c", "d", "e"), ("a", "b"), ("favourable", "favourable", "middle", "unfavourable", "unfavourable")),
        (("a", "b", "c", "d"), ("b", "a"), ("favourable", "favourable", "unfavourable", "unfavourable")),
        (("a", "b", "c"), ("a",), ("favourable", "middle", "unfavourable")),
        (("a", "b", "c", "d", "e"), ("a",), ("favourable", *["unfavourable"] * 4)),
        (("a", "b", "c"), ("b",), ("", "", "")),
        (("a", "b"), (), ("", "")),
    ],
)
def test_the_sides_of_a_scale(answers: tuple[str, ...], favourable: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert sides(answers, favourable) == expected


def test_the_colours_are_darkest_at_the_ends_and_each_answer_has_its_own() -> None:
    colours = palette(sides(tuple("abcde"), tuple("ab")))
    assert len(set(colours)) == 5
    assert colours[0] == "#12436D"


def test_a_question_without_order_is_refused_and_the_page_is_silent(answered: Published) -> None:
    with pytest.raises(WrongUseError, match="it has no shares of its answers in order"):
        distribution_chart(answered, "trust_force")
    assert drawable_distribution(answered, "trust_force") is None
    assert drawable_distribution(answered, "conf_overall") is not None


def test_the_table_holds_every_share_of_the_chart_and_a_mark_for_every_other(answered: Published) -> None:
    table = answer_table(answer_rows(answered), name="answers", caption="Answers")
    assert [column.heading for column in table.columns[2:7]] == [
        *("Strongly agree", "Tend to agree", "Neither", "Tend to disagree", "Strongly disagree"),
    ]
    first = table.rows[0]
    assert [cell.text for cell in first[:8]] == ["All respondents", "2022", "21%", "33%", "20%", "17%", "9%", "296"]
    mixed = next(row for row in table.rows if row[0].text == "Mixed" and row[1].text == "2022")
    assert [cell.text for cell in mixed[2:8]] == ["[c]"] * 6
