"""Any number of waves: levels, changes, trend and points, hand-worked and refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.comparison.series import wave_slopes
from lpact_eval.errors import EstimationError

COUNTS = {"2018": (20, 30), "2020": (30, 30), "2024": (60, 40)}
STARTS = {"2018": dt.date(2018, 1, 1), "2020": dt.date(2020, 1, 1), "2024": dt.date(2024, 1, 1)}


def waves(
    counts: dict[str, tuple[int, int]], comparable: dict[str, str] | None = None, *, dated: bool = True
) -> lp.Sample:
    """Respondents of one group, agreeing and not, wave by wave; fieldwork lasts ten days."""
    parts = [
        lp.Sample.from_frame(pd.DataFrame({"answer": ["agree"] * yes + ["disagree"] * no, "ethnicity": "Black"}))
        for yes, no in counts.values()
    ]
    sample = lp.stack(parts, list(counts))
    item = lp.Variable(
        "answer", "Confidence", positive=("agree",), comparable=comparable or {}, reason={"2020": "5 points"}
    )
    moments = tuple(
        lp.Wave(name, f"Wave of {name}", STARTS[name], STARTS[name] + dt.timedelta(days=10)) for name in counts
    )
    return replace(sample, codebook={"answer": item}, waves=moments if dated else ())


def test_levels_changes_and_steps_by_hand() -> None:
    series = lp.trend_series(waves(COUNTS), "answer")
    np.testing.assert_allclose(series.levels.value, [0.4, 0.5, 0.6], rtol=1e-12)
    assert list(series.changes.labels["wave"]) == ["2020 - 2018", "2024 - 2020", "2024 - 2018"]
    assert list(series.changes.labels["step"]) == ["consecutive", "consecutive", "first to last"]
    np.testing.assert_allclose(series.changes.value, [0.1, 0.1, 0.2], rtol=1e-9)
    assert list(series.test["step"]) == list(series.changes.labels["step"])


def test_a_change_in_the_series_is_the_change_of_two_waves() -> None:
    sample = waves(COUNTS)
    series = lp.trend_series(sample, "answer")
    change = lp.wave_change(sample, "answer", level="2024", minus="2018").only()
    last = series.changes.select(step="first to last")
    np.testing.assert_allclose(last.confint(), change.estimate.confint(), rtol=1e-12)
    assert series.test["p_value"].iloc[2] == change.test["p_value"].iloc[0]
    assert series.flags[2] == change.flags[0]


def test_the_slope_is_a_year_s_between_the_middles_of_fieldwork() -> None:
    series = lp.trend_series(waves(COUNTS), "answer")
    years = np.array([0, (STARTS["2020"] - STARTS["2018"]).days, (STARTS["2024"] - STARTS["2018"]).days]) / 365.25
    centred = years - years.mean()
    row = series.trend.iloc[0]
    np.testing.assert_allclose(row["slope"], centred @ [0.4, 0.5, 0.6] / (centred @ centred), rtol=1e-12)
    # HC2 gives p (1 - p) / (n - 1) for each unweighted share
    variance = [0.24 / 49, 0.25 / 59, 0.24 / 99]
    np.testing.assert_allclose(row["std_error"], np.sqrt(centred**2 @ variance) / (centred @ centred), rtol=1e-9)
    assert (row["unit"], row["waves"], row["refused"]) == ("a year", 3, "")
    assert list(series.points["date"]) == [start + dt.timedelta(days=5) for start in STARTS.values()]


def test_waves_without_dates_are_one_apart() -> None:
    row = lp.trend_series(waves(COUNTS, dated=False), "answer").trend.iloc[0]
    np.testing.assert_allclose(row["slope"], 0.1, rtol=1e-9)
    assert row["unit"] == "a wave"


def test_waves_are_put_in_order_of_time() -> None:
    backwards = dict(reversed(list(COUNTS.items())))
    series = lp.trend_series(waves(backwards), "answer")
    assert list(series.points["wave"]) == ["2018", "2020", "2024"]
    np.testing.assert_allclose(
        series.trend["slope"], lp.trend_series(waves(COUNTS), "answer").trend["slope"], rtol=1e-9
    )


def test_two_waves_have_a_change_and_no_trend() -> None:
    series = lp.trend_series(waves({name: COUNTS[name] for name in ("2018", "2024")}), "answer")
    assert list(series.changes.labels["step"]) == ["consecutive"]
    assert list(series.trend["refused"]) == ["fewer than three waves that compare"]


def test_a_question_that_was_partly_the_same_breaks_the_line() -> None:
    series = lp.trend_series(waves(COUNTS, {"2018": "full", "2020": "full", "2024": "partial"}), "answer")
    assert list(series.points["breaks"]) == [False, False, True]
    assert list(series.points["segment"]) == [0, 0, 1]
    assert "only partly the same" in series.flags[1]
    assert "only partly the same" in series.points["flags"].iloc[2]
    assert series.flags[0] == lp.trend_series(waves(COUNTS), "answer").flags[0]


def test_a_wave_that_asked_something_else_is_refused_and_the_others_stand() -> None:
    counts = {"2018": (20, 30), "2020": (30, 30), "2024": (60, 40)}
    series = lp.trend_series(waves(counts, {"2018": "full", "2020": "none", "2024": "full"}), "answer")
    assert series.points["refused"].iloc[1] == "can't be compared in 2020: 5 points"
    assert series.refused[:2] == ("can't be compared in 2020: 5 points",) * 2
    assert series.refused[2] == ""
    assert list(series.points["segment"]) == [0, 1, 2]
    assert list(series.trend["refused"]) == ["fewer than three waves that compare"]


def test_small_levels_and_changes_are_refused() -> None:
    series = lp.trend_series(waves({"2018": (4, 4), "2020": (30, 30), "2024": (60, 40)}), "answer")
    assert series.points["refused"].iloc[0] == "fewer than 10 answers"
    assert series.refused[0] == "fewer than 15 answers in a wave"
    assert series.trend["refused"].iloc[0] == "fewer than 10 answers"


def test_one_wave_has_no_series() -> None:
    with pytest.raises(EstimationError, match="two or more are needed"):
        lp.trend_series(waves({"2018": (20, 30)}), "answer")


def test_unstacked_answers_have_no_series() -> None:
    plain = lp.Sample.from_frame(pd.DataFrame({"answer": ["agree", "disagree"] * 20}))
    with pytest.raises(EstimationError, match="has no variable 'wave'"):
        lp.trend_series(plain, "answer", "agree", by=())


def test_waves_in_the_field_at_one_time_are_one_apart_and_it_is_said() -> None:
    sample = waves(COUNTS)
    start = STARTS["2018"]
    alike = tuple(replace(wave, start=start, end=start) for wave in sample.waves)
    row = lp.trend_series(replace(sample, waves=alike), "answer").trend.iloc[0]
    np.testing.assert_allclose(row["slope"], 0.1, rtol=1e-9)
    assert row["unit"] == "a wave"


def test_a_slope_on_few_degrees_of_freedom_has_no_p_value() -> None:
    parts = list[lp.Sample]()
    for wave, rises in (("2018", (20, 22)), ("2020", (24, 25)), ("2024", (30, 33))):
        rows = [
            {"answer": answer, "ethnicity": "Black", "site": f"{wave} {site}"}
            for site, yes in enumerate(rises)
            for answer in ["agree"] * yes + ["disagree"] * (50 - yes)
        ]
        parts.append(lp.Sample.from_frame(pd.DataFrame(rows), psu="site"))
    row = lp.trend_series(lp.stack(parts, list(COUNTS)), "answer", "agree").trend.iloc[0]
    assert row["df"] < 4  # the fewest on which a change is tested
    assert np.isnan(row["p_value"])
    assert np.isnan(row["p_adjusted"])
    assert np.isfinite(row["conf_low"])


def test_a_slope_over_waves_asked_in_other_ways_carries_the_flag() -> None:
    sample = waves(COUNTS)
    ways = {"2018": "paper", "2020": "paper", "2024": "online"}
    asked = tuple(replace(wave, mode=ways[wave.name]) for wave in sample.waves)
    assert "mode changed" in lp.trend_series(replace(sample, waves=asked), "answer").trend["flags"].iloc[0]
    assert lp.trend_series(sample, "answer").trend["flags"].iloc[0] == ""


def test_slopes_alone_are_those_of_the_series() -> None:
    sample = waves(COUNTS, {"2018": "full", "2020": "partial", "2024": "full"})
    alone, series = lp.trend_series(sample, "answer").trend, wave_slopes(sample, "answer")
    pd.testing.assert_frame_equal(alone, series)
    assert series[["waves", "over", "n"]].iloc[0].tolist() == [3, "2018; 2020; 2024", 210]


def test_slopes_name_the_waves_that_compare() -> None:
    counts = {"2018": (20, 30), "2020": (30, 30), "2024": (60, 40)}
    row = wave_slopes(waves(counts, {"2018": "full", "2020": "none", "2024": "full"}), "answer").iloc[0]
    assert row["over"] == "2018; 2024"
    assert row["refused"] == "fewer than three waves that compare"
