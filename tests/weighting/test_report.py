"""What weighting did: margins before and after, steps, flags, and respondents who are not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.weighting.report import MARGIN_COLUMNS, STEP_COLUMNS
from lpact_eval.weighting.unknown import other_policy


def sample() -> lp.Sample:
    """Six women and four men; one woman's age is missing, six of the other nine are young."""
    sex = ["Female"] * 6 + ["Male"] * 4
    age = [None, *["16-34"] * 4, "35+", *["16-34"] * 2, *["35+"] * 2]
    return lp.Sample.from_frame(pd.DataFrame({"sex": sex, "age_band": age}))


MARGINS = {"sex": {"Female": 500.0, "Male": 500.0}, "age_band": {"16-34": 400.0, "35+": 600.0}}


def test_margins_are_shares_of_those_with_an_answer_before_and_after() -> None:
    """Women are 6 of 10 before and half after; the young 6 of the 9 with an age before and 0.4 after."""
    report = lp.margin_report(lp.rake(sample(), MARGINS))
    assert list(report.columns) == list(MARGIN_COLUMNS)
    assert report[["variable", "category"]].to_numpy().tolist() == [
        ["sex", "Female"],
        ["sex", "Male"],
        ["age_band", "16-34"],
        ["age_band", "35+"],
    ]
    np.testing.assert_allclose(report["before"], [0.6, 0.4, 6 / 9, 3 / 9])
    np.testing.assert_allclose(report["target"], [0.5, 0.5, 0.4, 0.6])
    np.testing.assert_allclose(report["after"], report["target"], atol=1e-10)
    np.testing.assert_allclose(report["difference"], report["before"] - report["target"])
    assert set(report["step"]) == {1}
    assert set(report["within"]) == {""}


def test_margins_inside_groups_are_listed_group_by_group_and_step_by_step() -> None:
    first = lp.rake(sample(), {"age_band": MARGINS["age_band"]}, within="sex")
    report = lp.margin_report(lp.rake(first, {"sex": MARGINS["sex"]}))
    assert report[["step", "within", "group"]].drop_duplicates().to_numpy().tolist() == [
        [1, "sex", "Female"],
        [1, "sex", "Male"],
        [2, "", ""],
    ]
    women = report[report["group"] == "Female"].set_index("category")
    np.testing.assert_allclose(women["before"][["16-34", "35+"]], [0.8, 0.2])


def test_weights_that_were_not_made_here_have_no_margins_and_no_steps() -> None:
    assert lp.margin_report(sample()).empty
    assert list(lp.margin_report(sample()).columns) == list(MARGIN_COLUMNS)
    assert list(lp.weight_steps(sample()).columns) == list(STEP_COLUMNS)


def test_steps_tell_distance_bounds_rounds_and_what_was_merged() -> None:
    raked = lp.rake(sample(), MARGINS, bounds=(0.2, 5.0), collapse=4)
    steps = lp.weight_steps(raked)
    assert steps[["step", "distance", "within"]].to_numpy().tolist() == [[1, "raking", ""]]
    assert steps[["low", "high"]].to_numpy().tolist() == [[0.2, 5.0]]
    assert steps["iterations"].iloc[0] >= 1
    assert "age_band" in str(steps["notes"].iloc[0])
    assert steps["trimmed"].iloc[0] == 0


def weighted(weights: list[float]) -> lp.Sample:
    return lp.Sample.from_frame(pd.DataFrame({"weight": weights, "group": "a"}), weight="weight")


@pytest.mark.parametrize(
    ("weights", "flags"),
    [
        ([1.0] * 60, ""),
        ([1.0] * 9, "fewer than 10 respondents; fewer than 30 effective respondents"),
        ([1.0] * 7, "fewer than 10 respondents; fewer than 8 effective respondents"),
        ([1.0] * 40, "fewer than 50 respondents"),
        ([1.0] * 99 + [6.0], "a weight over 5 times the mean"),
        ([0.1] * 50 + [1.0] * 20, "design effect over 2"),
    ],
)
def test_weights_are_flagged(weights: list[float], flags: str) -> None:
    """The last: Kish's number is (5 + 20)^2 / (0.5 + 20) = 30.5 of 70."""
    assert lp.weight_report(weighted(weights), by="group")["flags"].iloc[0] == flags


def silent() -> lp.Sample:
    """Of five, one would not give the ethnic group and one left it blank."""
    frame = pd.DataFrame({"ethnicity": ["Black", "White", None, None, "White"], "weight": [1.0, 2.0, 3.0, 4.0, 10.0]})
    missing = pd.DataFrame({"ethnicity": [None, None, "prefer not to say", "blank", None]})
    return replace(lp.Sample.from_frame(frame, weight="weight"), missing=missing)


def test_respondents_who_are_not_known_are_counted_by_kind_of_silence() -> None:
    """Three of a weight of twenty preferred not to say, four left it blank."""
    report = lp.unknown_report(silent(), "ethnicity")
    assert report.to_numpy().tolist() == [
        ["ethnicity", "prefer not to say", 1, 0.15],
        ["ethnicity", "blank", 1, 0.2],
    ]
    assert lp.unknown_report(sample(), ["sex", "age_band"]).to_numpy().tolist() == [["age_band", "blank", 1, 0.1]]
    with pytest.raises(WrongUseError, match=r"unknown on 'area': the sample has \['age_band', 'sex'\]"):
        lp.unknown_report(sample(), "area")


def test_prefer_not_to_say_is_no_group_of_the_population() -> None:
    counted = silent().answers["ethnicity"].fillna("prefer not to say")
    as_answer = lp.Sample.from_frame(silent().answers.assign(ethnicity=counted))
    margins = {"ethnicity": {"Black": 10.0, "White": 80.0, "prefer not to say": 10.0}}
    with pytest.raises(WeightingError, match=r"on 'ethnicity': 'prefer not to say' is among its categories and is no"):
        lp.rake(as_answer, margins)
    with pytest.raises(WeightingError, match=r"on 'ethnicity': 'prefer not to say' is among its categories"):
        lp.rake(as_answer, {"weight": {"1": 1.0}}, within="ethnicity")


def test_who_prefers_not_to_say_is_kept_with_the_weight_of_the_other_margins_or_left_out() -> None:
    """Known respondents meet 10 and 90; the two unknown keep about their 15 and 20 %, or weigh nothing."""
    margins = {"ethnicity": {"Black": 10.0, "White": 90.0}}
    kept = lp.rake(silent(), margins).design.weight
    np.testing.assert_allclose(kept[0] / (kept[1] + kept[4]), 10 / 90)
    np.testing.assert_allclose(kept[2:4] / kept.sum(), [0.15, 0.20], atol=1e-3)
    left = lp.rake(silent(), margins, unknown="leave out").design.weight
    np.testing.assert_allclose(left, [10.0, 15.0, 0.0, 0.0, 75.0])


def test_there_are_two_policies() -> None:
    assert other_policy("keep") == "leave out"
    assert other_policy("leave out") == "keep"
