import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.sample import MISSING_KINDS, Variable, coded
from lpact_eval.stacking import restacked

FRAME = pd.DataFrame(
    {
        "answer": ["yes", "no", "yes", "no", "yes", "no"],
        "weight": [1.0, 2.0, 1.0, 0.0, 3.0, 1.0],
        "stratum": ["north", "north", "north", "south", "south", "south"],
        "site": [1, 1, 2, 1, 2, 2],
        "sites_in_population": [10, 10, 10, 4, 4, 4],
    }
)


def test_psu_codes_that_repeat_in_several_strata_are_separate_psus() -> None:
    sample = lp.Sample.from_frame(FRAME, stratum="stratum", psu="site")
    assert sample.design.psu_count == 4
    np.testing.assert_array_equal(sample.design.psu_stratum, [0, 0, 1, 1])


def test_an_fpc_of_psus_and_one_of_fractions_say_the_same() -> None:
    counted = lp.Sample.from_frame(FRAME, stratum="stratum", psu="site", fpc="sites_in_population")
    shares = FRAME.assign(sites_in_population=[0.2, 0.2, 0.2, 0.5, 0.5, 0.5])
    fractions = lp.Sample.from_frame(shares, stratum="stratum", psu="site", fpc="sites_in_population")
    np.testing.assert_allclose(counted.design.sampling_fraction, fractions.design.sampling_fraction, rtol=1e-15)


def test_the_callers_frame_is_not_changed() -> None:
    before = FRAME.copy()
    lp.stack([lp.Sample.from_frame(FRAME, weight="weight")] * 2, labels=["a", "b"])
    pd.testing.assert_frame_equal(FRAME, before)


@pytest.mark.parametrize(
    ("frame", "columns", "message"),
    [
        (FRAME, {"weight": "wieght"}, r"no column 'wieght'"),
        (FRAME.assign(weight=[None, None, 1, 1, 1, 1]), {"weight": "weight"}, r"'weight' is missing in 2 of 6 rows"),
        (FRAME.assign(weight=[-1, 1, 1, 1, 1, 1]), {"weight": "weight"}, r"1 of 6 values are negative"),
        (FRAME.assign(site=[None, 1, 1, 1, 1, 1]), {"psu": "site"}, r"'site' is missing in 1 of 6 rows"),
        (
            FRAME.assign(sites_in_population=1.5),
            {"psu": "site", "fpc": "sites_in_population"},
            r"below the number of PSU",
        ),
    ],
)
def test_a_design_with_holes_is_refused(frame: pd.DataFrame, columns: dict[str, str], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        lp.Sample.from_frame(frame, **columns)


def test_stacked_waves_share_neither_strata_nor_psus() -> None:
    wave = lp.Sample.from_frame(FRAME, weight="weight", stratum="stratum", psu="site")
    both = lp.stack([wave, wave], labels=["2022", "rerun"])
    first, second = both.design.psu[:6], both.design.psu[6:]
    assert not set(first) & set(second)
    assert list(both.answers["wave"].cat.categories) == ["2022", "rerun"]


def test_waves_stacked_again_under_other_weights_are_as_if_stacked_anew() -> None:
    waves = [lp.Sample.from_frame(FRAME, weight="weight", stratum="stratum", psu="site") for _ in range(2)]
    others = [wave.with_design(replace(wave.design, weight=wave.design.weight * 2)) for wave in waves]
    anew, again = lp.stack(others, labels=["a", "b"]), restacked(lp.stack(waves, labels=["a", "b"]), others)
    pd.testing.assert_frame_equal(again.answers, anew.answers)
    for name in ("weight", "stratum", "psu", "sampling_fraction"):
        np.testing.assert_array_equal(getattr(again.design, name), getattr(anew.design, name))
    assert again.design.weight.sum() == 2 * sum(wave.design.weight.sum() for wave in waves)


def test_a_variable_that_one_wave_lacks_is_missing_there() -> None:
    first = lp.Sample.from_frame(FRAME[["answer"]].astype("category"))
    second = lp.Sample.from_frame(FRAME[["weight"]])
    both = lp.stack([first, second], labels=["a", "b"])
    assert both.answers["answer"].isna().sum() == 6
    assert both.answers["weight"].isna().sum() == 6


@pytest.mark.parametrize("labels", [None, ["a"], ["a", "a"]])
def test_stacking_without_one_name_a_wave_is_refused(labels: list[str] | None) -> None:
    wave = lp.Sample.from_frame(FRAME)
    with pytest.raises(WrongUseError, match="one different label per sample"):
        lp.stack([wave, wave], labels=labels)


def test_stacking_nothing_is_refused() -> None:
    with pytest.raises(WrongUseError, match="no sample was given"):
        lp.stack([])


def test_stacked_codebooks_keep_what_each_wave_says() -> None:
    item = Variable("trust", "Trust", comparable={"a": "full"})
    first = replace(lp.Sample.from_frame(FRAME), codebook={"trust": item})
    later = replace(item, comparable={"b": "none"}, reason={"b": "other question"})
    second = replace(lp.Sample.from_frame(FRAME), codebook={"trust": later})
    both = lp.stack([first, second], labels=["a", "b"])
    assert dict(both.codebook["trust"].comparable) == {"a": "full", "b": "none"}


def test_a_sample_with_a_made_up_wave_calls_itself_synthetic() -> None:
    wave = lp.Wave("demo", "Demo", dt.date(2022, 5, 1), dt.date(2022, 6, 1), synthetic=True)
    sample = replace(lp.Sample.from_frame(FRAME), waves=(wave,))
    assert sample.synthetic
    assert "synthetic" in repr(sample)


def test_kinds_of_missing_have_one_spelling() -> None:
    assert MISSING_KINDS == ("don't know", "prefer not to say", "not asked", "blank")


@given(st.lists(st.one_of(st.integers(0, 4), st.none()), min_size=1, max_size=30))
def test_coding_a_column_loses_no_answer(values: list[int | None]) -> None:
    codes, names = coded(pd.Series(values, dtype=object))
    back = [None if code < 0 else int(names[code]) for code in codes]
    assert back == values


def test_stacking_keeps_answers_whose_categories_stand_in_another_order() -> None:
    first = pd.DataFrame({"sex": pd.Categorical(["Female", "Male"], categories=["Female", "Male"])})
    second = pd.DataFrame({"sex": pd.Categorical(["Female", "Male"], categories=["Male", "Female"])})
    stacked = lp.stack([lp.Sample.from_frame(first), lp.Sample.from_frame(second)], labels=["a", "b"])
    assert stacked.answers["sex"].tolist() == ["Female", "Male", "Female", "Male"]
