"""Comparisons of waves mind how each wave asked: refused, flagged, and don't knows that moved are named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.sample import Comparable, Sample, Variable, Wave
from lpact_eval.waves.unsure import without_shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.estimation.estimate import Estimate

YES = ["agree"]


def wave(
    name: str,
    agree: int,
    disagree: int,
    unsure: int = 0,
    *,
    comparable: Comparable = "full",
    reason: str = "",
    groups: Mapping[str, int] | None = None,
) -> Sample:
    """Make a wave of which so many agree, disagree and don't know; groups take respondents in turn."""
    n = agree + disagree + unsure
    texts = ["agree"] * agree + ["disagree"] * disagree + [None] * unsure
    answers = pd.Categorical(texts, categories=["agree", "disagree"], ordered=True)
    names = list(groups or {"Black": 1, "White": 1})
    frame = pd.DataFrame({"conf": answers, "ethnicity": pd.Categorical([names[i % len(names)] for i in range(n)])})
    missing = pd.DataFrame({"conf": pd.Categorical([None] * (n - unsure) + ["don't know"] * unsure)})
    known = Variable(
        "conf",
        "Confidence",
        kind="scale",
        answers=("agree", "disagree"),
        positive=("agree",),
        comparable={name: comparable},
        reason={name: reason},
    )
    day = pd.Timestamp("2022-05-01").date()
    made = Sample.from_frame(frame)
    return replace(made, missing=missing, codebook={"conf": known}, waves=(Wave(name, name, day, day),))


def stacked(*waves: Sample, labels: list[str] | None = None) -> Sample:
    return lp.stack(list(waves), labels)


def shares(sample: Sample, by: list[str] | None = None) -> Estimate:
    return lp.proportion(sample, "conf", YES, by=by or ["wave"])


THREE = (wave("2020", 60, 40), wave("2022", 50, 50, comparable="none", reason="Other words."), wave("2024", 40, 60))


def test_a_difference_of_waves_that_cannot_be_compared_is_refused_and_the_others_are_not() -> None:
    levels = shares(stacked(*THREE))
    refused = lp.difference(levels, "wave", "2022", minus="2020")
    assert refused.refused == ("can't be compared in 2022: Other words",)
    assert np.isnan(refused.value).all()
    assert not levels.refused[1]
    fine = lp.difference(levels, "wave", "2024", minus="2020")
    assert fine.refused == ("",)
    assert fine.value[0] == pytest.approx(-0.2)


def test_relative_changes_and_contrasts_are_refused_alike() -> None:
    levels = shares(stacked(*THREE))
    assert "Other words" in lp.relative_change(levels, "wave", "2024", minus="2022").refused[0]
    pooled = lp.contrast(levels, np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]), ["a", "b", "c"])
    assert [bool(reason) for reason in pooled.refused] == [True, False, False]


def test_a_trend_and_its_test_are_refused_over_a_wave_that_cannot_be_compared() -> None:
    levels = shares(stacked(*THREE), ["wave", "ethnicity"])
    assert all("Other words" in reason for reason in lp.trend(levels, "wave").refused)
    test = lp.trend_test(levels, "wave")
    assert "Other words" in test.refused
    assert np.isnan(test.p_value)


def test_a_change_of_a_gap_between_waves_is_refused_and_the_gap_within_a_wave_is_not() -> None:
    levels = shares(stacked(*THREE), ["wave", "ethnicity"])
    gaps = lp.difference(levels, "ethnicity", "Black", minus="White")
    assert gaps.refused == ("", "", "")
    assert "Other words" in lp.difference(gaps, "wave", "2022", minus="2020").refused[0]
    assert lp.difference(gaps, "wave", "2024", minus="2020").refused == ("",)


def test_means_quantiles_distributions_and_ranks_are_held_to_it_too() -> None:
    sample = stacked(*THREE)
    numbers = replace(sample, answers=sample.answers.assign(conf=np.arange(300.0)))
    for estimate in (
        lp.mean(numbers, "conf", by="wave"),
        lp.total(numbers, "conf", by="wave"),
        lp.quantile(numbers, "conf", 0.5, by="wave"),
        lp.distribution(sample, "conf", by="wave"),
    ):
        assert all(lp.difference(estimate, "wave", "2022", minus="2020").refused)
        assert not any(lp.difference(estimate, "wave", "2024", minus="2020").refused)
    shift = lp.ordinal_shift(sample, "conf", "wave", "2022", minus="2020")
    assert "Other words" in shift.refused[0]
    assert np.isnan(shift.value[0])
    for refuse in (
        lambda: lp.independence_test(sample, "conf", "wave"),
        lambda: lp.independence_test(sample, "wave", "conf"),
        lambda: lp.rank_test(sample, "conf", "wave"),
    ):
        with pytest.raises(EstimationError, match=r"can't be compared in 2022: Other words"):
            refuse()
    assert lp.independence_test(sample, "conf", "wave", where={"wave": ["2020", "2024"]}).p_value < 0.05


def test_a_regressions_comparison_of_waves_is_refused_too() -> None:
    sample = stacked(*THREE)
    fit = lp.regress(replace(sample, answers=sample.answers.assign(conf=np.arange(300.0) % 7)), "conf ~ wave")
    with pytest.raises(EstimationError, match=r"can't be compared in 2022: Other words"):
        lp.comparisons(fit, "wave", "2022", minus="2020")
    assert len(lp.comparisons(fit, "wave", "2024", minus="2020")) == 1


def test_several_items_are_refused_one_by_one() -> None:
    sample = stacked(*THREE)
    other = replace(sample.codebook["conf"], name="good", comparable=dict.fromkeys(["2020", "2022", "2024"], "full"))
    both = replace(
        sample,
        answers=sample.answers.assign(good=sample.answers["conf"]),
        codebook={**sample.codebook, "good": other},
    )
    change = lp.difference(lp.proportion(both, ["conf", "good"], YES, by="wave"), "wave", "2022", minus="2020")
    assert [bool(reason) for reason in change.refused] == [True, False]
    joined = lp.combine([lp.proportion(both, name, YES, by="wave") for name in ("good", "conf")])
    change = lp.difference(joined, "wave", "2022", minus="2020")
    assert [bool(reason) for reason in change.refused] == [False, True]


def test_an_index_can_be_compared_no_further_than_its_least_comparable_item() -> None:
    sample = stacked(*THREE)
    other = replace(sample.codebook["conf"], name="good", comparable=dict.fromkeys(["2020", "2022", "2024"], "full"))
    both = replace(
        sample,
        answers=sample.answers.assign(good=sample.answers["conf"]),
        codebook={**sample.codebook, "good": other},
    )
    change = lp.difference(lp.index(both, ["conf", "good"], by="wave"), "wave", "2022", minus="2020")
    assert change.refused == ("can't be compared in 2022: Confidence: Other words",)


def test_a_partial_question_is_flagged_in_every_comparison_over_it() -> None:
    sample = stacked(wave("2020", 60, 40), wave("2022", 50, 50, comparable="partial"), wave("2024", 40, 60))
    levels = shares(sample)
    assert not any("partly" in flag for flag in levels.flags)
    change = lp.difference(levels, "wave", "2022", minus="2020")
    assert "the question was only partly the same in both waves" in change.flags[0]
    assert "partly" not in lp.difference(levels, "wave", "2024", minus="2020").flags[0]
    slope = lp.trend(levels, "wave")
    assert "the question was only partly the same in all waves" in slope.flags[0]
    assert "partly the same in all waves" in lp.trend_test(levels, "wave").method
    found = lp.wave_change(sample, "conf", level="2022", minus="2020", by=())
    assert (found.comparable, found.flags[0].split("; ")[0]) == (
        "partial",
        "the question was only partly the same in both waves",
    )


def test_waves_that_were_given_other_names_keep_what_is_known_of_them() -> None:
    sample = stacked(THREE[0], THREE[1], labels=["before", "after"])
    assert "can't be compared in after" in lp.difference(shares(sample), "wave", "after", minus="before").refused[0]
    with pytest.raises(EstimationError, match=r"can't be compared in after: Other words"):
        lp.wave_change(sample, "conf", level="after", minus="before", by=())


def test_dont_knows_that_moved_are_named_with_both_shares() -> None:
    # 20 of 500 and 50 of 500: from 4 % to 10 %.
    sample = stacked(wave("2020", 240, 240, 20), wave("2022", 225, 225, 50))
    flag = "don't know went from 4% to 10%"
    assert flag in lp.difference(shares(sample), "wave", "2022", minus="2020").flags[0]
    assert flag in lp.wave_change(sample, "conf", level="2022", minus="2020", by=()).flags[0]
    assert flag in lp.wave_change(sample, "conf", level="2022", minus="2020").flags[0]


def test_the_amount_can_be_stated_and_is_passed_only_when_exceeded() -> None:
    # 20 of 500 and 45 of 500: exactly five points.
    sample = stacked(wave("2020", 240, 240, 20), wave("2022", 225, 230, 45))

    def flags(moved: float) -> str:
        return lp.wave_change(sample, "conf", level="2022", minus="2020", by=(), dont_know_moved=moved).flags[0]

    assert "don't know" not in flags(0.05)
    assert "don't know went from 4% to 9%" in flags(0.049)
    with pytest.raises(WrongUseError, match=r"moved by 5: it is a proportion"):
        flags(5)


def test_a_trend_names_the_waves_between_which_dont_knows_moved_most() -> None:
    sample = stacked(wave("2020", 240, 230, 30), wave("2022", 220, 200, 80), wave("2024", 240, 240, 20))
    levels = shares(sample)
    assert "don't know went from 16% in 2022 to 4% in 2024" in lp.trend(levels, "wave").flags[0]
    assert "don't know" not in lp.trend(levels, "wave", dont_know_moved=0.2).flags[0]
    assert "16% in 2022 to 4% in 2024" in lp.trend_test(levels, "wave").method


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((45, 45, 2), (40, 40, 15)),  # fewer than 100 asked
        ((240, 240, 9), (225, 225, 50)),  # fewer than 10 said so
    ],
)
def test_small_numbers_of_dont_knows_are_never_named(first: tuple[int, int, int], second: tuple[int, int, int]) -> None:
    sample = stacked(wave("2020", *first), wave("2022", *second))
    (flags,) = lp.wave_change(sample, "conf", level="2022", minus="2020", by=()).only().flags
    assert "the share of don't knows moved by more than 5 points" in flags
    assert "%" not in flags


def test_the_shares_are_weighted_as_the_change_is() -> None:
    # Weight 3 for don't knows: 3 x 20 of 3 x 20 + 480 is 11 %, against 3 x 60 of 3 x 60 + 440, 29 %.
    first, second = wave("2020", 240, 240, 20), wave("2022", 220, 220, 60)
    weighted = [
        replace(one, design=replace(one.design, weight=np.where(one.answers["conf"].isna(), 3.0, 1.0)))
        for one in (first, second)
    ]
    (flags,) = lp.wave_change(stacked(*weighted), "conf", level="2022", minus="2020", by=()).only().flags
    assert "don't know went from 11% to 29%" in flags


def test_a_difference_of_changes_names_the_group_whose_dont_knows_moved() -> None:
    sample = stacked(wave("2020", 480, 480, 40), wave("2022", 440, 440, 120))
    levels = shares(sample, ["wave", "ethnicity"])
    moved = lp.difference(lp.difference(levels, "wave", "2022", minus="2020"), "ethnicity", "Black", minus="White")
    assert "don't know went from 4% to 12% among Black" in moved.flags[0]
    assert "don't know went from 4% to 12% among White" in moved.flags[0]


def test_shares_can_be_taken_out_of_flags_again() -> None:
    flags = "fewer than 30 answers; don't know went from 4% in 2020 to 12% in 2022 among Black; interval of 30 points"
    assert without_shares(flags) == (
        "fewer than 30 answers; the share of don't knows moved among Black; interval of 30 points"
    )
    assert without_shares("don't know went from 4% to 12%") == "the share of don't knows moved"


def test_samples_without_a_codebook_are_compared_as_they_are() -> None:
    frame = pd.DataFrame({"x": ["a", "b"] * 20, "wave": ["1"] * 20 + ["2"] * 20})
    levels = lp.proportion(Sample.from_frame(frame), "x", "a", by="wave")
    assert lp.difference(levels, "wave", "2", minus="1").refused == ("",)
