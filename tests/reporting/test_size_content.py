"""What a note on sample size says, against the functions that it is made of."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.planning.next_wave import FirstWave, next_wave, outlook
from lpact_eval.reporting.size_content import SizeAsked, size_note

if TYPE_CHECKING:
    from types import ModuleType


def example() -> ModuleType:
    name = "size_example"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("size_example.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


EXAMPLE = example()


def test_the_limit_of_a_survey_recruited_alike_is_that_of_the_outlook() -> None:
    note = EXAMPLE.note()
    first = note.lines[0].first
    assert first.group == "Black"
    assert f"no rise under {100 * note.lines[0].limit:.1f} points" in outlook(first)
    assert f"a rise under {100 * note.lines[0].limit:.1f} points for Black respondents" in note.sentences[0]


def test_the_limit_from_many_sites_is_that_of_the_best_plan_with_sites() -> None:
    never = lp.clustered_size(
        icc=0.05, baseline=0.36, change=0.01, people=15, first_wave=40.0, df_first=6.0, power=0.8, design_effect=1.2
    )
    assert never.impossible
    best = float(never.sentence.rpartition("is ")[2].partition(" points")[0])
    said = float(EXAMPLE.note().sentences[0].partition("a rise under ")[2].partition(" points")[0])
    assert said == pytest.approx(best, abs=0.15)


def test_many_degrees_of_freedom_have_one_limit() -> None:
    note = size_note(EXAMPLE.ASKED, [FirstWave("2022", "Black", 50, 40.0, 0.36)])
    assert note.sentences[0] == (
        f"With the 2022 data as they are, no size of next survey can show a rise under "
        f"{100 * note.lines[0].limit:.1f} points for Black respondents."
    )


def test_a_change_under_the_limit_takes_two_new_surveys() -> None:
    note = EXAMPLE.note(change=0.15)
    line = note.lines[0]
    assert math.isnan(line.needed)
    two = lp.respondents_needed(baseline=0.36, change=0.15, design_effect=1.25)
    assert line.afresh == pytest.approx(two.n, rel=1e-12)
    plan = lp.clustered_size(icc=0.05, baseline=0.36, change=0.15, people=15, power=0.8, design_effect=1.2)
    number = math.ceil(float(plan.assumptions["sites"]))
    said = f"two new surveys would be needed, each with {15 * number} Black respondents from {number} sites"
    assert said in note.sentences[1]
    assert f"or {math.ceil(line.afresh)} recruited like the first" in note.sentences[1]  # the number in the table


def test_a_change_over_the_limit_takes_the_sites_that_the_library_says() -> None:
    note = EXAMPLE.note(change=0.3)
    plan = lp.respondents_needed(baseline=0.36, change=0.3, design_effect=1.25, first_wave=40.0, df_first=6.0)
    assert note.lines[0].needed == pytest.approx(plan.n, rel=1e-12)
    beside = lp.clustered_size(
        icc=0.05, baseline=0.36, change=0.3, people=15, first_wave=40.0, df_first=6.0, power=0.8, design_effect=1.2
    )
    number = math.ceil(float(beside.assumptions["sites"]))
    assert f"the next survey needs {15 * number} Black respondents from {number} sites" in note.sentences[1]
    floor = next(line for line in note.quotas if line.group == "Black")
    assert floor.quota == 15 * number


def test_two_new_surveys_are_named_where_one_would_have_to_be_very_large() -> None:
    asked = SizeAsked("t", "a", "2022", "Black", change=0.17)
    note = size_note(asked, [FirstWave("2022", "Black", 80, 70.0, 0.5)])
    assert "Two new surveys with" in note.sentences[1]


def test_the_quotas_add_up_and_to_the_total_asked_for() -> None:
    assert sum(line.quota for line in EXAMPLE.note(total=900).quotas) == 900
    assert sum(line.quota for line in EXAMPLE.note().quotas) % 50 == 0


def test_a_total_under_the_group_s_own_need_is_refused() -> None:
    with pytest.raises(WrongUseError, match=r"Black alone needs \d+ respondents"):
        EXAMPLE.note(total=40)


def test_a_fall_is_planned_downwards() -> None:
    note = EXAMPLE.note(change=-0.15)
    table = next_wave(note.lines[0].first, sizes=[50.0])
    assert note.lines[0].same == pytest.approx(-float(table["change_down"].iloc[0]))
    assert "can show a fall under" in note.sentences[0]


def test_a_change_without_room_is_impossible() -> None:
    note = EXAMPLE.note(change=0.8)
    assert "no room for it" in note.sentences[1]
    assert note.quotas == ()


def test_more_people_than_there_are_is_said_and_no_absurd_number() -> None:
    note = EXAMPLE.note(change=0.005)
    assert "more Black respondents would be needed than there are people of the group" in note.sentences[1]
    assert note.quotas == ()


def test_the_curve_falls_and_ends_above_the_limit() -> None:
    for line in EXAMPLE.note().lines:
        assert all(change >= line.limit - 0.001 for _, change in line.curve if _ >= line.first.n)


def test_a_group_that_is_not_there_is_refused() -> None:
    asked = SizeAsked("t", "a", "2022", "Mixed")
    with pytest.raises(WrongUseError, match="not among the groups"):
        size_note(asked, [FirstWave("2022", "Black", 50, 40.0, 0.36)])


def test_without_a_population_there_are_no_quotas() -> None:
    asked = SizeAsked("t", "a", "2022", "Black")
    assert size_note(asked, [FirstWave("2022", "Black", 50, 40.0, 0.36)]).quotas == ()
