"""The next wave, given what the first one had."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.planning.next_wave import FirstWave, first_wave, next_wave, outlook
from lpact_eval.sample import Variable

ANSWERS = pd.DataFrame(
    {
        "ethnicity": ["Black"] * 60 + ["White"] * 90,
        "confident": ["yes"] * 15 + ["no"] * 45 + ["yes"] * 60 + ["no"] * 30,
        "weight": [1.0, 2.0] * 75,
    }
)


def test_the_first_wave_is_read_off_its_respondents() -> None:
    sample = lp.Sample.from_frame(ANSWERS, weight="weight")
    shares = lp.proportion(sample, "confident", "yes", by="ethnicity").to_frame().set_index("ethnicity")
    first = first_wave(sample, "confident", ["yes"], by="ethnicity", group="Black")
    assert first.n == 60
    assert first.baseline == pytest.approx(shares.loc["Black", "estimate"])
    assert first.n_effective == pytest.approx(shares.loc["Black", "n_effective"])
    assert first.n_effective < first.n


def test_a_larger_next_wave_shows_less_and_an_endless_one_meets_the_first_waves_limit() -> None:
    sample = lp.Sample.from_frame(ANSWERS, weight="weight")
    first = first_wave(sample, "confident", ["yes"], by="ethnicity", group="Black")
    table = next_wave(first, sizes=[50, 200, math.inf])
    assert np.all(np.diff(table["change"]) < 0)
    assert np.all(np.diff(table["change_down"]) > 0)
    limit = lp.detectable_change(baseline=first.baseline, n_first=first.n_effective, n_second=math.inf, df=first.df)
    assert table["change"].iloc[-1] == pytest.approx(limit.change)
    assert table["df"].iloc[-1] == pytest.approx(first.df)


def test_respondents_from_few_sites_show_less_than_their_effective_number_says() -> None:
    sites = ANSWERS.assign(site=np.arange(len(ANSWERS)) // 10)
    few = first_wave(lp.Sample.from_frame(sites, psu="site"), "confident", ["yes"], by="ethnicity", group="Black")
    assert few.df < 6
    normal = replace(few, df=math.inf)
    assert next_wave(few, sizes=[math.inf])["change"].iloc[0] > next_wave(normal, sizes=[math.inf])["change"].iloc[0]
    assert f"{few.df:.1f} degrees of freedom in the first survey" in outlook(few)
    assert "degrees of freedom" not in outlook(normal)


def test_no_size_goes_under_the_limit_that_the_outlook_tells() -> None:
    first = FirstWave("2022", "Black", 55, 55.0, 0.4, df=3.0)
    told = float(outlook(first).split("no rise under ")[1].split(" points")[0]) / 100
    changes = next_wave(first, sizes=[*range(20, 2000, 20), math.inf])["change"]
    assert told <= changes.min() + 0.001
    assert changes.min() < changes.iloc[-1]


def test_a_group_without_answers_or_without_spread_is_refused() -> None:
    sample = lp.Sample.from_frame(ANSWERS)
    with pytest.raises(EstimationError, match="no respondent of that group answered 'confident'"):
        first_wave(sample, "confident", ["yes"], by="ethnicity", group="Mixed")
    alike = lp.Sample.from_frame(ANSWERS.assign(confident=pd.Categorical(["yes"] * 150, categories=["yes", "no"])))
    with pytest.raises(EstimationError, match="its spread is unknown"):
        first_wave(alike, "confident", ["yes"], by="ethnicity", group="Black")


def test_groups_are_listed_from_the_codebook_and_never_from_what_respondents_wrote() -> None:
    """MARKER stands for what somebody wrote in their own words."""
    written = ANSWERS.assign(community=["MARKER"] * 75 + ["other words"] * 75)
    unknown = lp.Sample.from_frame(written)
    with pytest.raises(EstimationError) as refused:
        first_wave(unknown, "confident", ["yes"], by="community", group="Nobody")
    assert "MARKER" not in str(refused.value)
    book = {"ethnicity": Variable("ethnicity", "Ethnicity", answers=("Black", "White", "Mixed"))}
    known = replace(lp.Sample.from_frame(ANSWERS.replace({"White": "MARKER"})), codebook=book)
    with pytest.raises(WrongUseError, match=r"groups: \['Black', 'White', 'Mixed'\]") as wrong:
        first_wave(known, "confident", ["yes"], by="ethnicity", group="Nobody")
    assert "MARKER" not in str(wrong.value)
    with pytest.raises(EstimationError, match="no respondent of that group"):
        first_wave(known, "confident", ["yes"], by="ethnicity", group="Mixed")


def test_a_next_wave_without_respondents_is_refused() -> None:
    with pytest.raises(WrongUseError, match="40 and 0 respondents: both waves need some"):
        next_wave(FirstWave("2022", "Black", 40, 40.0, 0.4, df=6.0), sizes=[0])


def test_the_outlook_says_what_no_size_can_show() -> None:
    first = FirstWave("2022", "Black", 55, 34.0, 0.35)
    limit = lp.detectable_change(baseline=0.35, n_first=34, n_second=math.inf)
    text = outlook(first)
    assert f"no rise under {100 * limit.change:.1f} points" in text
    assert f"fall under {-100 * limit.change_down:.1f} points" in text
    assert "55 respondents of the group Black" in text


def test_where_no_rise_can_be_shown_the_outlook_says_so() -> None:
    assert "no rise at all" in outlook(FirstWave("2022", "Black", 6, 5.0, 0.9))


def test_a_share_of_too_few_is_not_shown_but_assumed() -> None:
    sample = lp.Sample.from_frame(ANSWERS)
    first = first_wave(sample, "confident", ["yes"], by="ethnicity", group="Black", shown_from=61)
    assert first.assumed
    assert first.baseline == 0.5
    assert "a share of 50% is assumed" in outlook(first)


@pytest.mark.parametrize("answers", [["yes"] * 6, ["yes", "no"] * 3, ["yes"]])
def test_whether_too_few_all_answered_alike_is_not_told(answers: list[str]) -> None:
    few = pd.DataFrame({"ethnicity": "Asian", "confident": answers, "weight": 1.0})
    sample = lp.Sample.from_frame(pd.concat([ANSWERS, few], ignore_index=True), weight="weight")
    first = first_wave(sample, "confident", ["yes"], by="ethnicity", group="Asian", shown_from=10)
    assert (first.n, first.n_effective, first.baseline) == (len(answers), len(answers), 0.5)
    assert first.df > 0
