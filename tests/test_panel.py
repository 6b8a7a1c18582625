"""A panel: the same units in several waves, matched by their names whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.waves.recruitment import DesignData, make_design

VARIANCES = ["taylor", "cr2"]


def people(seed: int, n: int = 40) -> pd.DataFrame:
    """Draw a survey of named people in two strata and four sites a stratum."""
    rng = np.random.default_rng(seed)
    stratum = np.arange(n) % 2
    return pd.DataFrame(
        {
            "person": [f"P{number:03}" for number in rng.permutation(n)],
            "stratum": np.where(stratum == 0, "city", "county"),
            "site": (np.arange(n) // 2) % 4,
            "weight": rng.uniform(0.5, 3, n),
            "score": rng.normal(3, 1, n),
            "answer": rng.choice(["agree", "disagree"], n),
        }
    )


def change(sample: lp.Sample, variance: str) -> lp.Estimate:
    means = lp.mean(sample, "score", by="wave", variance=variance)  # type: ignore[arg-type]
    return lp.difference(means, "wave", "b", minus="a")


@pytest.mark.parametrize("variance", VARIANCES)
@pytest.mark.parametrize("psu", ["person", "site"])
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
@settings(max_examples=15)
def test_the_same_people_twice_change_by_nothing_whatever_the_order_of_the_rows(
    variance: str, psu: str, seed: int, order: int
) -> None:
    first = people(seed)
    second = first.sample(frac=1, random_state=order).reset_index(drop=True)
    waves = [lp.Sample.from_frame(wave, weight="weight", stratum="stratum", psu=psu) for wave in (first, second)]

    moved = change(lp.stack(waves, ["a", "b"], panel=True), variance)

    np.testing.assert_allclose(moved.value, [0.0], atol=1e-12)
    np.testing.assert_allclose(moved.std_error, [0.0], atol=1e-12)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_balanced_panel_of_equal_weights_is_the_paired_t_test(seed: int) -> None:
    """Variance of a mean of n differences is their sample variance over n."""
    first = people(seed)
    second = first.assign(score=first["score"] + np.random.default_rng(seed + 1).normal(0.3, 1, len(first)))
    waves = [lp.Sample.from_frame(wave, psu="person") for wave in (first, second.sample(frac=1, random_state=seed))]
    differences = (second["score"] - first["score"]).to_numpy()

    moved = change(lp.stack(waves, ["a", "b"], panel=True), "taylor")

    np.testing.assert_allclose(moved.value, [differences.mean()], rtol=1e-9)
    np.testing.assert_allclose(moved.std_error, [differences.std(ddof=1) / np.sqrt(differences.size)], rtol=1e-9)
    np.testing.assert_array_equal(moved.df, [len(first) - 1])


def test_people_lost_since_and_new_ones_count_in_their_own_wave_only() -> None:
    """Waves of P1-P4 and P3-P6: two people are shared, and the design has six units."""
    frame = pd.DataFrame({"person": list("abcd"), "score": [1.0, 2.0, 3.0, 4.0]})
    later = pd.DataFrame({"person": list("fdce"), "score": [6.0, 4.0, 3.0, 5.0]})
    stacked = lp.stack([lp.Sample.from_frame(wave, psu="person") for wave in (frame, later)], ["a", "b"], panel=True)

    assert stacked.design.psu_count == 6
    np.testing.assert_array_equal(stacked.design.psu, [0, 1, 2, 3, 4, 3, 2, 5])


def test_sites_of_one_number_in_two_strata_stay_apart() -> None:
    frame = pd.DataFrame({"stratum": ["x", "x", "y", "y"], "site": [1, 2, 1, 2], "score": [1.0, 2.0, 3.0, 4.0]})
    waves = [
        lp.Sample.from_frame(wave, stratum="stratum", psu="site") for wave in (frame, frame.iloc[::-1].reset_index())
    ]
    design = lp.stack(waves, ["a", "b"], panel=True).design

    np.testing.assert_array_equal(design.psu, [0, 1, 2, 3, 3, 2, 1, 0])
    np.testing.assert_array_equal(design.stratum, [0, 0, 1, 1, 1, 1, 0, 0])


def test_numbers_and_texts_name_the_same_person() -> None:
    waves = [pd.DataFrame({"person": [7.0, 8.0], "y": 1.0}), pd.DataFrame({"person": ["8", "7"], "y": 1.0})]
    stacked = lp.stack([lp.Sample.from_frame(wave, psu="person") for wave in waves], ["a", "b"], panel=True)
    np.testing.assert_array_equal(stacked.design.psu, [0, 1, 1, 0])


def test_three_waves_of_a_panel_match_through_the_first() -> None:
    frame = pd.DataFrame({"person": list("abc"), "y": 1.0})
    waves = [frame, frame.iloc[::-1], frame.iloc[[1, 0, 2]]]
    stacked = lp.stack([lp.Sample.from_frame(wave, psu="person") for wave in waves], ["1", "2", "3"], panel=True)
    np.testing.assert_array_equal(stacked.design.psu, [0, 1, 2, 2, 1, 0, 1, 0, 2])


def test_a_panel_keeps_the_larger_sampling_fraction_when_people_are_lost() -> None:
    first = pd.DataFrame({"person": list("abcd"), "population": 8, "y": 1.0})
    waves = [lp.Sample.from_frame(wave, psu="person", fpc="population") for wave in (first, first.iloc[:3])]
    np.testing.assert_array_equal(lp.stack(waves, ["a", "b"], panel=True).design.sampling_fraction, [0.5] * 7)


@pytest.mark.parametrize("variance", VARIANCES)
def test_waves_of_equal_length_without_a_psu_column_match_by_row(variance: str) -> None:
    wave = lp.Sample.from_frame(people(2), weight="weight")
    moved = change(lp.stack([wave, wave], ["a", "b"], panel=True), variance)
    np.testing.assert_allclose(moved.std_error, [0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ({"psu": "person"}, {}, r"1 of 2 waves record PSUs"),
        ({"psu": "person", "stratum": "stratum"}, {"psu": "person"}, r"1 of 2 waves record strata"),
    ],
)
def test_waves_that_record_other_things_are_refused(first: dict, second: dict, message: str) -> None:
    frame = people(1)
    waves = [lp.Sample.from_frame(frame, **design) for design in (first, second)]
    with pytest.raises(WrongUseError, match=message):
        lp.stack(waves, ["a", "b"], panel=True)


def test_rows_of_unequal_number_can_not_be_matched() -> None:
    waves = [lp.Sample.from_frame(people(1, n)) for n in (10, 12)]
    with pytest.raises(WrongUseError, match=r"have \[10, 12\] rows and no PSU column.*psu="):
        lp.stack(waves, ["a", "b"], panel=True)


def test_units_that_change_their_stratum_are_refused() -> None:
    first = people(1)
    second = first.assign(stratum=first["stratum"].map({"city": "county", "county": "city"}))
    waves = [lp.Sample.from_frame(wave, stratum="stratum", psu="person") for wave in (first, second)]
    with pytest.raises(WrongUseError, match=r"40 units are in another stratum"):
        lp.stack(waves, ["a", "b"], panel=True)


def test_waves_without_a_unit_in_common_are_no_panel() -> None:
    first = people(1)
    waves = [lp.Sample.from_frame(wave, psu="person") for wave in (first, first.assign(person=first["person"] + "x"))]
    with pytest.raises(WrongUseError, match=r"no PSU is in two waves"):
        lp.stack(waves, ["a", "b"], panel=True)


def test_a_sample_stacked_before_no_longer_names_its_units() -> None:
    wave = lp.Sample.from_frame(people(1), psu="person")
    with pytest.raises(WrongUseError, match=r"stacked before"):
        lp.stack([lp.stack([wave, wave], ["a", "b"]), lp.stack([wave, wave], ["a", "b"])], ["c", "d"], panel=True)


def test_units_read_from_a_file_keep_their_delivered_names_and_unnamed_ones_meet_nobody() -> None:
    """Two waves of sites North and South, a row without a site in each, delivered in another order."""
    kept = np.ones(3, dtype=bool)
    first = make_design(DesignData(psu=np.array([0, 1, -1]), psu_texts=("North", "South")), kept)
    second = make_design(DesignData(psu=np.array([0, -1, 1]), psu_texts=("South", "North")), kept)
    answers = pd.DataFrame({"y": [1.0, 2.0, 3.0]})
    stacked = lp.stack([lp.Sample(answers, first), lp.Sample(answers, second)], ["a", "b"], panel=True).design

    np.testing.assert_array_equal(stacked.psu, [0, 1, 2, 1, 3, 0])
    assert stacked.psu_label is not None
    assert list(stacked.psu_label) == ["North", "South", None, None]
