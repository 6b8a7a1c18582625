"""Calibration and post-stratification: laws, hand-worked cases, and each refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import LpactWarning, WeightingError, WrongUseError

AGE = {"young": 300.0, "middle": 500.0, "old": 200.0}
SEX = {"Female": 510.0, "Male": 490.0}
HOURS = 5_100.0


def respondents(seed: int, n: int = 150) -> pd.DataFrame:
    """Draw respondents with every combination of age and sex present."""
    rng = np.random.default_rng(seed)
    cells = pd.MultiIndex.from_product([AGE, SEX], names=["age", "sex"]).to_frame(index=False)
    drawn = pd.DataFrame({"age": rng.choice(list(AGE), n), "sex": rng.choice(list(SEX), n)})
    frame = pd.concat([cells, cells, drawn], ignore_index=True)
    return frame.assign(hours=rng.gamma(4, 1.3, len(frame)).round(1), weight=rng.uniform(0.7, 1.4, len(frame)))


def sample_of(seed: int, scale: float = 6.0) -> lp.Sample:
    return lp.Sample.from_frame(respondents(seed).assign(weight=lambda d: d["weight"] * scale), weight="weight")


def reached(sample: lp.Sample, variable: str) -> dict[str, float]:
    sums = sample.answers.assign(w=sample.design.weight).groupby(variable, observed=True)["w"].sum()
    return {str(category): float(total) for category, total in sums.items()}


@pytest.mark.parametrize(
    ("distance", "bounds"),
    [("raking", None), ("raking", (0.4, 3)), ("linear", (0.4, 3)), ("logit", (0.4, 3))],
)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_totals_are_met_inside_the_bounds(distance: str, bounds: tuple[float, float] | None, seed: int) -> None:
    sample = sample_of(seed)
    totals = {"age": AGE, "sex": SEX, "hours": HOURS}
    done = lp.calibrate(sample, totals, distance=distance, bounds=bounds)  # type: ignore[arg-type]
    for variable, margin in (("age", AGE), ("sex", SEX)):
        np.testing.assert_allclose([reached(done, variable)[key] for key in margin], list(margin.values()), rtol=1e-10)
    np.testing.assert_allclose(done.design.weight @ done.answers["hours"], HOURS, rtol=1e-10)
    ratio = done.design.weight / sample.design.weight
    low, high = bounds or (0.0, np.inf)
    assert ratio.min() >= low * (1 - 1e-12)
    assert ratio.max() <= high * (1 + 1e-12)
    assert (done.design.calibration[-1].distance, done.design.calibration[-1].bounds) == (distance, bounds)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_calibrating_by_the_raking_distance_is_raking(seed: int) -> None:
    sample = sample_of(seed)
    calibrated = lp.calibrate(sample, {"age": AGE, "sex": SEX}, distance="raking")
    raked = lp.rake(sample, {"age": AGE, "sex": SEX})
    np.testing.assert_allclose(calibrated.design.weight, raked.design.weight, rtol=1e-10)
    for statistic in (lp.mean(calibrated, "hours", variance="taylor"), lp.mean(calibrated, "hours")):
        assert np.isfinite(statistic.std_error).all()
    ours, theirs = (lp.mean(each, "hours", variance="taylor").std_error for each in (calibrated, raked))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_post_stratifying_is_raking_on_the_joint_margin_and_linear_calibration_to_it(seed: int) -> None:
    sample = sample_of(seed)
    rng = np.random.default_rng(seed)
    joint = {(age, sex): float(rng.uniform(50, 200)) for age in AGE for sex in SEX}
    done = lp.post_stratify(sample, ["age", "sex"], joint)
    expected = sample.answers.assign(w=sample.design.weight)
    within = expected.groupby(["age", "sex"])["w"].transform("sum").to_numpy()
    asked = np.array([joint[key] for key in zip(expected["age"], expected["sex"], strict=True)])
    np.testing.assert_allclose(done.design.weight, expected["w"] / within * asked, rtol=1e-10)
    for other in (
        lp.rake(sample, [lp.Margin(("age", "sex"), joint)]),
        lp.calibrate(sample, {("age", "sex"): joint}),
        lp.calibrate(sample, {("age", "sex"): joint}, distance="logit", bounds=(0.01, 50)),
    ):
        np.testing.assert_allclose(other.design.weight, done.design.weight, rtol=1e-9)
        ours, theirs = (lp.mean(each, "hours", variance="taylor").std_error for each in (done, other))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("distance", ["linear", "raking"])
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_scale_of_weights_and_order_of_totals_do_not_matter(distance: str, seed: int, scale: float) -> None:
    totals = {"age": AGE, "sex": SEX, "hours": HOURS}
    try:
        first = lp.calibrate(sample_of(seed), totals, distance=distance)  # type: ignore[arg-type]
    except WeightingError as error:
        assert "negative weights" in str(error)  # noqa: PT017 - a refusal that the linear distance may give
        return
    backwards = dict(reversed(totals.items()))
    second = lp.calibrate(sample_of(seed, scale), backwards, distance=distance)  # type: ignore[arg-type]
    np.testing.assert_allclose(second.design.weight, first.design.weight, rtol=1e-8)


def test_the_linear_distance_by_hand() -> None:
    """Weights 1 of x = 1, 2, 3 shall give 3 persons and a total of 7: w = 1 + (x - 2) / 2, so .5, 1, 1.5."""
    sample = lp.Sample.from_frame(pd.DataFrame({"x": [1.0, 2.0, 3.0], "one": [1.0] * 3}))
    np.testing.assert_allclose(lp.calibrate(sample, {"x": 7, "one": 3}).design.weight, [0.5, 1, 1.5])


def test_a_two_by_two_case_by_hand() -> None:
    """Odds ratios stay: cells 1, 1, 1, 1 to margins .5 and .8 are raked to .4, .1, .4, .1."""
    sample = lp.Sample.from_frame(pd.DataFrame({"a": ["x", "x", "y", "y"], "b": ["p", "q"] * 2}))
    totals = {"a": {"x": 50, "y": 50}, "b": {"p": 80, "q": 20}}
    np.testing.assert_allclose(lp.calibrate(sample, totals, distance="raking").design.weight, [40, 10, 40, 10])


def test_means_are_met_among_those_with_a_number_where_persons_are_known() -> None:
    """100 persons with 600 hours: the mean among the three with a number is 6, their weights 0, 2/3 and 1/3 of it."""
    frame = pd.DataFrame({"sex": ["F", "F", "M", "M"], "hours": [5.0, 7.0, 7.0, None]})
    sample = lp.Sample.from_frame(frame)
    done = lp.calibrate(sample, {"sex": {"F": 50, "M": 50}, "hours": 600}, distance="raking")
    weight = done.design.weight
    np.testing.assert_allclose([weight[:2].sum(), weight[2:].sum()], [50, 50])
    np.testing.assert_allclose(weight[:3] @ [5, 7, 7] / weight[:3].sum(), 6)
    left = lp.calibrate(sample, {"sex": {"F": 50, "M": 50}, "hours": 650}, distance="raking", unknown="leave out")
    np.testing.assert_allclose(left.design.weight, [25, 25, 50, 0])
    assert left.design.calibration[-1].note.endswith("respondents without an answer on hours left out")


def test_bounds_count_from_weights_of_the_populations_size_where_none_lie_inside_the_given_ones() -> None:
    sample = sample_of(3, scale=1.0)
    done = lp.calibrate(sample, {"age": AGE, "sex": SEX}, distance="logit", bounds=(0.3, 3))
    ratio = done.design.weight / (sample.design.weight * 1000 / sample.design.weight.sum())
    assert 0.3 < ratio.min() < ratio.max() < 3
    assert done.design.calibration[-1].note == "bounds count from starting weights scaled to 1,000 persons"


def test_post_stratification_merges_small_categories_and_leaves_unknown_answers_out() -> None:
    frame = pd.DataFrame({"area": ["a"] * 2 + ["b"] * 9 + ["c"] * 3 + [None]})
    done = lp.post_stratify(
        lp.Sample.from_frame(frame), "area", {"a": 10, "b": 90, "c": 40}, collapse=3, unknown="leave out"
    )
    np.testing.assert_allclose(done.design.weight, [10] * 14 + [0])
    assert "a + c merged" in done.design.calibration[-1].note
    kept = lp.post_stratify(lp.Sample.from_frame(frame), "area", {"a": 20, "b": 90, "c": 30})
    np.testing.assert_allclose(kept.design.weight, [140 / 15] * 15)


def test_one_variable_needs_no_tuples_and_the_step_records_the_margin() -> None:
    """Two women of weight 1 and 3 stand for 80 persons, 20 and 60; one man for 20."""
    frame = pd.DataFrame({"sex": ["Female", "Female", "Male"], "w": [1.0, 3.0, 5.0]})
    done = lp.post_stratify(lp.Sample.from_frame(frame, weight="w"), "sex", {"Female": 80, "Male": 20})
    np.testing.assert_allclose(done.design.weight, [20, 60, 20])
    numbers = [(met.category, met.target, met.before, met.after) for met in done.design.calibration[0].met]
    assert [number[0] for number in numbers] == ["Female", "Male"]
    np.testing.assert_allclose([number[1:] for number in numbers], [(80, 400 / 9, 80), (20, 500 / 9, 20)])


@pytest.mark.parametrize(
    ("variables", "counts", "message"),
    [
        ("sex", {"Female": 1, "Male": 1, "Other": 1}, r"Cannot post-stratify on 'sex': 'Other' has population but no "),
        ("sex", {"Female": 1}, "respondents are in 'Male', which has no population count"),
        ("weather", {"dry": 1}, "Cannot post-stratify on 'weather'"),
        (["age", "sex"], {("young",): 1}, "one per combination of"),
        ("sex", {"Female": np.nan, "Male": 1}, r"counts have to be persons.*wrong for \[\('Female',\)\]"),
    ],
)
def test_post_stratification_says_what_is_wrong(
    variables: str | list[str], counts: dict[str, float], message: str
) -> None:
    with pytest.raises(WeightingError, match=message):
        lp.post_stratify(sample_of(1), variables, counts)
    with pytest.raises(WrongUseError, match="give 'keep' or 'leave out'"):
        lp.post_stratify(sample_of(1), "sex", SEX, unknown="drop")  # type: ignore[arg-type]


def test_negative_weights_are_refused_with_what_to_do_instead() -> None:
    """Of hours 1 to 20, mean 10.5, a mean of 19 would take weights below 0 from those with few."""
    sample = lp.Sample.from_frame(pd.DataFrame({"hours": np.arange(1.0, 21), "one": 1.0}))
    with pytest.raises(WeightingError, match=r"fewer than 10 respondents negative weights .*distance='raking', or bou"):
        lp.calibrate(sample, {"hours": 20 * 14.5, "one": 20})
    assert lp.calibrate(sample, {"hours": 20 * 14.5, "one": 20}, distance="raking").design.weight.min() > 0
    assert lp.calibrate(sample, {"hours": 20 * 14.5, "one": 20}, bounds=(0, 5)).design.weight.min() >= 0


def test_a_total_outside_what_respondents_answered_names_the_variable() -> None:
    with pytest.raises(WeightingError, match="target of 'hours' lies outside what the respondents answered"):
        lp.calibrate(sample_of(2), {"age": AGE, "sex": SEX, "hours": 1e6}, distance="raking")
    with pytest.raises(WeightingError, match=r"the bounds \(0\.99, 1\.01\) are too narrow"):
        lp.calibrate(sample_of(2), {"age": AGE, "sex": SEX}, distance="logit", bounds=(0.99, 1.01))


def test_a_numeric_total_needs_numbers() -> None:
    frame = respondents(1).assign(text="many")
    with pytest.raises(WeightingError, match=r"on 'text': 162 of its 162 answers are no finite numbers"):
        lp.calibrate(lp.Sample.from_frame(frame), {"text": 10.0})
    holed = respondents(1)
    holed.loc[:19, "hours"] = np.nan
    with pytest.raises(WeightingError, match=r"total of 'hours': 20 respondents have no number.*unknown='leave out'"):
        lp.calibrate(lp.Sample.from_frame(holed), {"hours": 800.0})
    left = lp.calibrate(lp.Sample.from_frame(holed), {"hours": 800.0}, distance="raking", unknown="leave out")
    np.testing.assert_allclose(left.design.weight[20:] @ holed["hours"][20:], 800)
    assert (left.design.weight[:20] == 0).all()


def test_a_number_that_everybody_has_alike_asks_for_nothing() -> None:
    """A column of ones says what the counts say already; where it contradicts them there are no weights."""
    sample = lp.Sample.from_frame(respondents(1).assign(one=1.0), weight="weight")
    plain = lp.calibrate(sample, {"sex": SEX}, distance="raking")
    again = lp.calibrate(sample, {"sex": SEX, "one": 1000}, distance="raking")
    np.testing.assert_allclose(again.design.weight, plain.design.weight, rtol=1e-12)
    with pytest.raises(WeightingError, match="target of 'one' lies outside what the respondents answered"):
        lp.calibrate(sample, {"sex": SEX, "one": 1100})


def test_nobody_left_is_refused() -> None:
    frame = respondents(1)
    first = np.arange(len(frame)) < len(frame) // 2
    frame["sex"], frame["age"] = frame["sex"].where(first), frame["age"].where(~first)  # nobody answered both
    with pytest.raises(WeightingError, match="no respondents of any weight are left"):
        lp.calibrate(lp.Sample.from_frame(frame), {"sex": SEX, "age": AGE}, unknown="leave out")


def test_totals_apart_by_census_perturbation_are_rescaled_and_larger_differences_refused() -> None:
    with pytest.warns(LpactWarning, match="'sex' adds up to 1,001 persons and was rescaled to the 1,000 of 'age'"):
        lp.calibrate(sample_of(1), {"age": AGE, "sex": {"Female": 510.5, "Male": 490.4}})
    with pytest.raises(WeightingError, match=r"Cannot calibrate: margin 'sex' adds up to 1,110 persons"):
        lp.calibrate(sample_of(1), {"age": AGE, "sex": {"Female": 620, "Male": 490}})


@pytest.mark.parametrize(
    ("totals", "arguments", "error", "message"),
    [
        ({"age": AGE}, {"distance": "chi"}, WrongUseError, "give 'linear', 'raking' or 'logit'"),
        ({"age": AGE}, {"distance": "logit"}, WrongUseError, "logit distance without bounds"),
        ({"age": AGE}, {"distance": "logit", "bounds": (0.5, np.inf)}, WrongUseError, "logit distance without bounds"),
        ({"age": AGE}, {"bounds": (1.2, 3)}, WrongUseError, "bracket 1"),
        ({"age": AGE}, {"unknown": "drop"}, WrongUseError, "give 'keep' or 'leave out'"),
        ({("age", "hours"): {("young", 1): 3}, "hours": 3.0}, {}, WrongUseError, "both as categories and as numbers"),
        ({}, {}, WeightingError, "no totals were given"),
        ({"hours": np.nan}, {}, WeightingError, "or for a number its total"),
        ({"weather": 3.0}, {}, WeightingError, "Cannot calibrate on 'weather': the sample has"),
    ],
)
def test_what_calibration_does_not_take(
    totals: dict[str, float], arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lp.calibrate(sample_of(1), totals, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("absent", ["everybody", "all of any weight"])
def test_a_number_that_nobody_of_any_weight_has_is_refused(absent: str) -> None:
    frame = pd.DataFrame({"sex": ["Female", "Male"] * 20, "hours": np.nan, "w": 1.0})
    if absent != "everybody":
        frame.loc[:9, ["hours", "w"]] = [3.0, 0.0]
    with pytest.raises(WeightingError, match="no respondent of any weight has a number"):
        lp.calibrate(lp.Sample.from_frame(frame, weight="w"), {"sex": SEX, "hours": HOURS})


def test_a_replicate_that_cannot_keep_bounds_has_no_say_in_what_they_count_from() -> None:
    sample = sample_of(3)
    bounds, totals = (0.4, 1.9), {"age": AGE, "sex": SEX}
    alone = lp.calibrate(sample, totals, bounds=bounds, distance="raking")
    assert "scaled" not in alone.design.calibration[-1].note
    replicated = lp.replicate(sample, method="bootstrap", replicates=20, seed=1)
    rows = replicated.design.replicates
    assert rows is not None
    light = np.array(rows.weight)
    light[(sample.answers["age"] == "old").to_numpy(), 0] *= 0.01  # one replicate has next to no old people
    broken = replicated.with_design(replace(replicated.design, replicates=replace(rows, weight=light)))
    with pytest.raises(WeightingError, match="of 20 replicates"):
        lp.calibrate(broken, totals, bounds=bounds, distance="raking")
