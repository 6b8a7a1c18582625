"""The next wave, given what the first one had."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.planning.next_wave import FirstWave, first_wave, next_wave, outlook

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
    limit = lp.detectable_change(baseline=first.baseline, n_first=first.n_effective, n_second=math.inf)
    assert table["change"].iloc[-1] == pytest.approx(limit.change)


def test_a_group_without_answers_or_without_spread_is_refused() -> None:
    sample = lp.Sample.from_frame(ANSWERS)
    with pytest.raises(lp.LpactError, match="no respondent of that group answered 'confident'"):
        first_wave(sample, "confident", ["yes"], by="ethnicity", group="Mixed")
    alike = lp.Sample.from_frame(ANSWERS.assign(confident=pd.Categorical(["yes"] * 150, categories=["yes", "no"])))
    with pytest.raises(lp.LpactError, match="its spread is unknown"):
        first_wave(alike, "confident", ["yes"], by="ethnicity", group="Black")


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
