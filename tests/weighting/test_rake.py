"""Raking: laws, hand-worked cases, and each refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import LpactWarning, WeightingError, WrongUseError
from lpact_eval.sample import Trimming
from lpact_eval.weighting.rake import Empty, empty_categories

if TYPE_CHECKING:
    from pathlib import Path

AGE = {"young": 300.0, "middle": 500.0, "old": 200.0}
SEX = {"Female": 510.0, "Male": 490.0}
GROUPS = ("a", "b")


def respondents(seed: int, n: int = 90) -> pd.DataFrame:
    """Draw respondents with every category present in every group."""
    rng = np.random.default_rng(seed)
    cells = pd.MultiIndex.from_product([GROUPS, AGE, SEX], names=["group", "age", "sex"]).to_frame(index=False)
    drawn = pd.DataFrame(
        {"group": rng.choice(GROUPS, n), "age": rng.choice(list(AGE), n), "sex": rng.choice(list(SEX), n)}
    )
    frame = pd.concat([cells, drawn], ignore_index=True)
    return frame.assign(weight=rng.uniform(0.5, 2, len(frame)))


def totals(sample: lp.Sample, variable: str | list[str]) -> dict[object, float]:
    """Add the weights up by category."""
    return sample.answers.assign(w=sample.design.weight).groupby(variable, observed=True)["w"].sum().to_dict()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_margins_are_met_and_weights_are_positive(seed: int) -> None:
    raked = lp.rake(lp.Sample.from_frame(respondents(seed), weight="weight"), {"age": AGE, "sex": SEX})
    for variable, margin in (("age", AGE), ("sex", SEX)):
        for category, persons in totals(raked, variable).items():
            np.testing.assert_allclose(persons, margin[str(category)], rtol=1e-10)
    assert (raked.design.weight > 0).all()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_raking_twice_changes_nothing(seed: int) -> None:
    once = lp.rake(lp.Sample.from_frame(respondents(seed), weight="weight"), {"age": AGE, "sex": SEX})
    twice = lp.rake(once, {"age": AGE, "sex": SEX})
    np.testing.assert_allclose(twice.design.weight, once.design.weight, rtol=1e-9)


@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_neither_order_of_margins_nor_scale_of_weights_matters(seed: int, scale: float) -> None:
    frame = respondents(seed)
    first = lp.rake(lp.Sample.from_frame(frame, weight="weight"), {"age": AGE, "sex": SEX})
    scaled = frame.assign(weight=frame["weight"] * scale)
    second = lp.rake(lp.Sample.from_frame(scaled, weight="weight"), {"sex": SEX, "age": AGE})
    np.testing.assert_allclose(second.design.weight, first.design.weight, rtol=1e-8)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_raking_inside_groups_meets_the_margins_in_each(seed: int) -> None:
    raked = lp.rake(lp.Sample.from_frame(respondents(seed)), {"age": AGE, "sex": SEX}, within="group")
    for (_, category), persons in totals(raked, ["group", "age"]).items():
        np.testing.assert_allclose(persons, AGE[category], rtol=1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_raked_weights_are_the_starting_ones_times_a_factor_a_category(seed: int) -> None:
    """The form that makes it raking: log(w / d) is additive in the margins."""
    sample = lp.Sample.from_frame(respondents(seed), weight="weight")
    raked = lp.rake(sample, {"age": AGE, "sex": SEX})
    log_factor = np.log(raked.design.weight / sample.design.weight)
    dummies = pd.get_dummies(sample.answers[["age", "sex"]]).to_numpy(dtype=float)
    fitted = dummies @ np.linalg.lstsq(dummies, log_factor, rcond=None)[0]
    np.testing.assert_allclose(fitted, log_factor, atol=1e-9)


def test_one_margin_is_post_stratification_by_hand() -> None:
    """Two women of weight 1 and 3 stand for 80 persons, 20 and 60; one man for 20."""
    frame = pd.DataFrame({"sex": ["Female", "Female", "Male"], "w": [1.0, 3.0, 5.0]})
    raked = lp.rake(lp.Sample.from_frame(frame, weight="w"), {"sex": {"Female": 80, "Male": 20}})
    np.testing.assert_allclose(raked.design.weight, [20, 60, 20])


def test_each_groups_own_counts_set_its_total() -> None:
    frame = pd.DataFrame({"group": ["a", "a", "b", "b"], "area": ["in", "out"] * 2, "sex": ["Female", "Male"] * 2})
    own = lp.Margin(("group", "area"), {("a", "in"): 30, ("a", "out"): 10, ("b", "in"): 5, ("b", "out"): 15})
    raked = lp.rake(lp.Sample.from_frame(frame), [own], within="group")
    np.testing.assert_allclose(raked.design.weight, [30, 10, 5, 15])


def test_an_unknown_answer_keeps_the_weight_that_the_other_margins_give() -> None:
    """Of four respondents one has no age: sex gives each 25; the known ages share the 75 of their rows 2 : 1."""
    frame = pd.DataFrame({"sex": ["F", "F", "M", "M"], "age": ["young", "old", "young", None]})
    raked = lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 50, "M": 50}, "age": {"young": 50, "old": 50}})
    weight = raked.design.weight
    np.testing.assert_allclose(weight[:2].sum(), 50)
    np.testing.assert_allclose(weight[2:].sum(), 50)
    np.testing.assert_allclose(weight[0] + weight[2], weight[1])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_leaving_unknown_answers_out_gives_the_others_the_weights_that_they_have_among_themselves(seed: int) -> None:
    frame = respondents(seed)
    unknown = np.random.default_rng(seed).random(len(frame)) < 0.1
    unknown[:12] = False  # every category stays in every group
    holed = frame.assign(age=frame["age"].mask(unknown))
    left = lp.rake(lp.Sample.from_frame(holed, weight="weight"), {"age": AGE, "sex": SEX}, unknown="leave out")
    alone = lp.rake(lp.Sample.from_frame(frame[~unknown], weight="weight"), {"age": AGE, "sex": SEX})
    assert (left.design.weight[unknown] == 0).all()
    np.testing.assert_allclose(left.design.weight[~unknown], alone.design.weight, rtol=1e-9)


def test_nobody_is_left_out_where_everybody_answered() -> None:
    sample = lp.Sample.from_frame(respondents(1))
    left = lp.rake(sample, {"age": AGE, "sex": SEX}, unknown="leave out")
    np.testing.assert_array_equal(left.design.weight, lp.rake(sample, {"age": AGE, "sex": SEX}).design.weight)
    assert left.design.calibration[0].note == ""


def test_categories_compare_as_text() -> None:
    """1 and "1" are one category."""
    band = pd.Categorical([1, "1", 2, 2], categories=[1, "1", 2])
    raked = lp.rake(lp.Sample.from_frame(pd.DataFrame({"band": band})), {"band": {"1": 30, "2": 70}})
    np.testing.assert_allclose(raked.design.weight, [15, 15, 35, 35])


def test_the_note_says_how_many_were_left_out_and_nobody_counts_them() -> None:
    frame = pd.DataFrame({"sex": ["F", "M"] * 15 + [None] * 11 + ["F"], "group": ["a"] * 41 + [None]})
    raked = lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 50, "M": 50}}, within="group", unknown="leave out")
    note = raked.design.calibration[-1].note
    assert note == (
        "fewer than 10 respondents without an answer on group left out; "
        "a: 11 respondents without an answer on sex left out"
    )
    assert (raked.design.weight[30:] == 0).all()
    np.testing.assert_allclose(raked.design.weight[:30], 100 / 30)
    assert lp.weight_report(raked).loc[0, "n"] == 30


def test_respondents_without_a_group_are_left_alone() -> None:
    frame = pd.DataFrame({"group": ["a", "a", None], "sex": ["F", "M", "F"]})
    raked = lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 50, "M": 50}}, within="group")
    np.testing.assert_allclose(raked.design.weight, [50, 50, 1])


@given(seed=st.integers(0, 10_000), high=st.floats(3.0, 5.0), low=st.floats(0.0, 0.3))
@settings(max_examples=40, deadline=None)
def test_margins_and_limits_of_the_weights_hold_together(seed: int, high: float, low: float) -> None:
    sample = lp.Sample.from_frame(respondents(seed, 200), weight="weight")
    raked = lp.rake(sample, {"age": AGE, "sex": SEX}, within="group", trim=(low, high))
    for rows in sample.answers.groupby("group").indices.values():
        weight = raked.design.weight[rows]
        assert weight.max() <= high * weight.mean() * (1 + 1e-9)
        assert weight.min() >= low * weight.mean() * (1 - 1e-9)
    for variable, margin in (("age", AGE), ("sex", SEX)):
        for (_, category), persons in totals(raked, ["group", variable]).items():
            np.testing.assert_allclose(persons, margin[category], rtol=1e-9)


def test_limits_of_the_weights_and_bounds_of_their_ratios_hold_together() -> None:
    """Weights 1, 1, 2, 4: at most 1.2 times themselves and at most 3, which is 1.5 times the mean of 2."""
    sample = lp.Sample.from_frame(pd.DataFrame({"sex": ["F"] * 4, "w": [1.0, 1.0, 2.0, 4.0]}), weight="w")
    raked = lp.rake(sample, {"sex": {"F": 8}}, trim=(0, 1.5), bounds=(0.1, 1.25))
    np.testing.assert_allclose(raked.design.weight, [1.25, 1.25, 2.5, 3])
    with pytest.raises(WeightingError, match=r"limits of 0 to 1\.5 times the mean .* for these margins\. Respondents"):
        lp.rake(sample, {"sex": {"F": 8}}, trim=(0, 1.5), bounds=(0.1, 1.1))


def test_weights_of_zero_stay_zero_between_limits() -> None:
    frame = pd.DataFrame({"sex": ["F"] * 4, "w": [1.0, 1.0, 4.0, 0.0]})
    raked = lp.rake(lp.Sample.from_frame(frame, weight="w"), {"sex": {"F": 6}}, trim=(0.6, 1.5))
    np.testing.assert_allclose(raked.design.weight, [1.5, 1.5, 3, 0])


def test_limits_move_only_what_lies_outside_them_and_the_step_says_how_much() -> None:
    """Weights 1, 1, 4 and 2 of one sex: at most 1.5 times the mean of 2 leaves 3, and the rest goes as 1 : 1 : 2."""
    frame = pd.DataFrame({"sex": ["F"] * 4, "w": [1.0, 1.0, 4.0, 2.0]})
    sample = lp.Sample.from_frame(frame, weight="w")
    raked = lp.rake(sample, {"sex": {"F": 8}}, trim=(0, 1.5))
    np.testing.assert_allclose(raked.design.weight, [1.25, 1.25, 3, 2.5])
    (step,) = raked.design.calibration
    np.testing.assert_allclose(step.trimmed, 1 / 8)
    assert step.trimming == Trimming(0, 1.5, "margins")
    wide = lp.rake(sample, {"sex": {"F": 8}}, trim=(0, 3))
    np.testing.assert_allclose(wide.design.weight, [1, 1, 4, 2])
    assert wide.design.calibration[0].trimmed == 0


def test_the_step_records_what_was_met_and_how() -> None:
    """Group a has one woman of weight 3 and one man of weight 1, weighted to half and half of 100 persons."""
    frame = pd.DataFrame({"group": ["a", "a"], "sex": ["F", "M"], "w": [3.0, 1.0]})
    raked = lp.rake(
        lp.Sample.from_frame(frame, weight="w"), {"sex": {"F": 50, "M": 50}}, within="group", bounds=(0.1, 10)
    )
    (step,) = raked.design.calibration
    assert (step.distance, step.bounds, step.within) == ("raking", (0.1, 10), "group")
    assert 1 <= step.iterations <= 10
    assert [(met.group, met.variable, met.category) for met in step.met] == [("a", "sex", "F"), ("a", "sex", "M")]
    numbers = [(met.target, met.before, met.after) for met in step.met]
    np.testing.assert_allclose(numbers, [(50, 75, 50), (50, 25, 50)])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_raked_margin_has_variance_zero(seed: int) -> None:
    raked = lp.rake(lp.Sample.from_frame(respondents(seed), weight="weight"), {"age": AGE, "sex": SEX})
    for variance in ("taylor", "cr2"):
        assert lp.proportion(raked, "age", "old", variance=variance).std_error[0] < 1e-9
        assert lp.proportion(raked, "sex", "Male", variance=variance).std_error[0] < 1e-9


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_many_margins_give_the_weights_that_few_of_them_give_when_the_others_are_met(seed: int) -> None:
    """Ten more variables, far more combinations than respondents, ask for what the weights already give."""
    rng = np.random.default_rng(seed)
    frame = respondents(seed)
    raked = lp.rake(lp.Sample.from_frame(frame, weight="weight"), {"age": AGE, "sex": SEX})
    more = frame.assign(**{f"q{number}": rng.choice(list("abcd"), len(frame)) for number in range(10)})
    sample = lp.Sample.from_frame(more, weight="weight")
    met = {
        f"q{number}": pd.Series(raked.design.weight).groupby(more[f"q{number}"].to_numpy()).sum().to_dict()
        for number in range(10)
    }
    again = lp.rake(sample, {"age": AGE, "sex": SEX, **met})
    np.testing.assert_allclose(again.design.weight, raked.design.weight, rtol=1e-8)


def test_a_tuple_of_variables_is_a_nested_margin() -> None:
    frame = pd.DataFrame({"age": ["young", "young", "old", "old"], "sex": ["F", "M"] * 2})
    nested = {("age", "sex"): {("young", "F"): 10, ("young", "M"): 20, ("old", "F"): 30, ("old", "M"): 40}}
    np.testing.assert_allclose(lp.rake(lp.Sample.from_frame(frame), nested).design.weight, [10, 20, 30, 40])


def test_bounds_hold_and_margins_are_met() -> None:
    sample = lp.Sample.from_frame(respondents(5))
    raked = lp.rake(sample, {"age": AGE, "sex": SEX}, bounds=(0.5, 1.7))
    ratio = raked.design.weight / (1000 / len(sample))
    assert ratio.min() >= 0.5 - 1e-9
    assert ratio.max() <= 1.7 + 1e-9
    np.testing.assert_allclose(totals(raked, "age")["young"], 300, rtol=1e-9)


def test_small_categories_are_merged_with_a_neighbour_and_the_note_names_them() -> None:
    """One respondent is 16-24: the scale's neighbour 25-34 takes the category in, with its persons."""
    ages = pd.Categorical(["16-24"] + ["25-34"] * 5 + ["35+"] * 6, categories=["16-24", "25-34", "35+"], ordered=True)
    sample = lp.Sample.from_frame(pd.DataFrame({"age": ages}))
    raked = lp.rake(sample, {"age": {"16-24": 20, "25-34": 40, "35+": 60}}, collapse=5)
    np.testing.assert_allclose(raked.design.weight, [10] * 12)
    assert "16-24 + 25-34 merged (fewer than 5 respondents" in raked.design.calibration[-1].note


def test_categories_without_an_order_join_the_next_smallest() -> None:
    frame = pd.DataFrame({"area": ["a"] * 2 + ["b"] * 9 + ["c"] * 3})
    raked = lp.rake(lp.Sample.from_frame(frame), {"area": {"a": 10, "b": 90, "c": 40}}, collapse=3)
    assert "a + c merged" in raked.design.calibration[-1].note
    np.testing.assert_allclose(raked.design.weight, [10] * 14)


def test_a_margin_of_which_one_category_is_left_is_not_used_and_the_note_says_so() -> None:
    frame = pd.DataFrame({"area": ["a"] * 2 + ["b"] * 3, "sex": ["F", "M", "F", "M", "M"]})
    raked = lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 50, "M": 50}, "area": {"a": 90, "b": 10}}, collapse=2)
    assert raked.design.calibration[-1].note == ""
    raked = lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 50, "M": 50}, "area": {"a": 90, "b": 10}}, collapse=3)
    assert "area not used (fewer than 3 respondents in a category)" in raked.design.calibration[-1].note


def test_a_group_without_counts_of_its_own_is_refused() -> None:
    frame = pd.DataFrame({"group": ["a", "b"], "sex": ["F", "F"]})
    own = lp.Margin(("group", "sex"), {("a", "F"): 10})
    with pytest.raises(WeightingError, match=r"within group = 'b': the margin of 'sex' has no counts for 'b'"):
        lp.rake(lp.Sample.from_frame(frame), [own], within="group")
    nobody = lp.Margin(("group", "sex"), {("a", "F"): 10, ("b", "F"): 0})
    with pytest.raises(WeightingError, match=r"Cannot rake within group = 'b': no margin holds for it"):
        lp.rake(lp.Sample.from_frame(frame), [nobody], within="group")


def test_the_reason_is_not_looked_for_among_very_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpact_eval.weighting.infeasible._MOST_CELLS", 1)
    frame = pd.DataFrame({"age": ["young", "old"], "sex": ["F", "M"]})
    with pytest.raises(WeightingError, match=r"Merge categories, drop a margin or widen the bounds\."):
        lp.rake(lp.Sample.from_frame(frame), {"age": {"young": 50, "old": 50}, "sex": {"F": 80, "M": 20}})
    monkeypatch.undo()
    monkeypatch.setattr("lpact_eval.weighting.infeasible._MOST_CELLS_WIDENED", 1)
    with pytest.raises(WeightingError, match=r"too narrow for these margins\. Respondents"):
        lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 80, "M": 20}}, bounds=(0.9, 1.1))


def test_a_category_that_was_merged_because_nobody_is_in_it_is_noted_as_such() -> None:
    """Nobody is in d and one person in b: both merge, and only d is said to be without respondents."""
    sample = lp.Sample.from_frame(pd.DataFrame({"area": ["a"] * 9 + ["b"] + ["c"] * 3}))
    raked = lp.rake(sample, {"area": {"a": 90, "b": 5, "c": 25, "d": 5}}, collapse=2)
    merged = "area: b + d + c merged (fewer than 2 respondents in a category)"
    assert raked.design.calibration[-1].note == f"{merged}; area: no respondents in d"
    without_d = lp.rake(sample, {"area": {"a": 90, "b": 5, "c": 25}}, collapse=2)
    assert "no respondents" not in without_d.design.calibration[-1].note


def test_empty_categories_are_found_by_group_and_margin() -> None:
    frame = pd.DataFrame({"group": ["x", "x", "y", "y"], "area": ["a", "b", "a", "a"], "sex": ["F", "M", "F", "M"]})
    own = lp.Margin(("group", "area"), {("x", "a"): 3, ("x", "b"): 2, ("y", "a"): 4, ("y", "b"): 1})
    margins = [lp.Margin("sex", {"F": 5, "M": 5}), own]
    assert empty_categories(lp.Sample.from_frame(frame), margins, within="group") == [Empty("y", "area", ("b",))]
    assert empty_categories(lp.Sample.from_frame(frame), {"area": {"a": 7, "b": 3, "c": 1}}) == [
        Empty("", "area", ("c",))
    ]


def test_a_refusal_names_the_file_of_its_margin_and_tells_no_small_count(tmp_path: Path) -> None:
    (tmp_path / "population.toml").write_text(
        'reference_date = 2021-03-21\n[margins.area]\nfile = "area.csv"\n', encoding="utf-8"
    )
    (tmp_path / "area.csv").write_text("area,persons,source\nHere,60,x\nNear,30,x\nFar,10,x\n", encoding="utf-8")
    sample = lp.Sample.from_frame(pd.DataFrame({"area": ["Here"] * 12 + ["Near"] * 3}))
    message = (
        r"on 'area' \(.*area\.csv\): 'Far' has population but no respondents\. .*"
        r"Respondents: Here 12, Near fewer than 10, Far fewer than 10\."
    )
    with pytest.raises(WeightingError, match=message):
        lp.rake(sample, lp.read_population(tmp_path))


def test_totals_apart_by_census_perturbation_are_rescaled_and_said_so() -> None:
    sample = lp.Sample.from_frame(respondents(1))
    with pytest.warns(LpactWarning, match=r"'sex' adds up to 1,001 persons and was rescaled to the 1,000 of 'age'"):
        raked = lp.rake(sample, {"age": AGE, "sex": {"Female": 510.5, "Male": 490.4}})
    np.testing.assert_allclose(raked.design.weight.sum(), 1000)


@pytest.mark.parametrize(
    ("margins", "arguments", "message"),
    [
        ({"age": AGE, "sex": {"Female": 700, "Male": 490}}, {}, r"'sex' adds up to 1,190 persons.*19.0% apart"),
        ({"age": AGE | {"ancient": 5}}, {}, r"'ancient' has population but no respondents"),
        (
            {"age": {"young": 500, "old": 500}},
            {},
            r"respondents are in 'middle', which has no population count.*Respondents: middle \d\d, old \d\d, young \d",
        ),
        ({"age": {"young": -1, "old": 2, "middle": 3}}, {}, r"counts have to be persons"),
        ({"weather": {"dry": 1}}, {}, r"Cannot rake on 'weather'"),
        ({"age": AGE}, {"bounds": (0.99, 1.01)}, r"the bounds \(0\.99, 1\.01\) are too narrow"),
        ({}, {}, r"no margin holds"),
    ],
)
def test_margins_that_cannot_be_met_say_which_and_what_to_do(
    margins: dict[str, dict[str, float]], arguments: dict[str, tuple[float, float]], message: str
) -> None:
    with pytest.raises(WeightingError, match=message):
        lp.rake(lp.Sample.from_frame(respondents(2)), margins, **arguments)


def test_margins_that_only_weights_of_zero_could_meet_are_refused() -> None:
    """Nobody is an old man: half young and half women leave young women nothing."""
    frame = pd.DataFrame({"age": ["young"] * 10 + ["old"] * 5, "sex": ["F"] * 5 + ["M"] * 5 + ["F"] * 5})
    with pytest.raises(WeightingError, match="met only with weights of 0 for some respondents"):
        lp.rake(lp.Sample.from_frame(frame), {"age": {"young": 50, "old": 50}, "sex": {"F": 50, "M": 50}})


def test_a_refusal_names_the_margin_without_which_the_rest_can_be_met() -> None:
    """Age and area go together, sex contradicts age."""
    frame = pd.DataFrame(
        {
            "age": ["young"] * 10 + ["old"] * 10,
            "sex": ["F"] * 10 + ["M"] * 10,
            "area": (["in"] * 5 + ["out"] * 5) * 2,
            "region": (["in"] * 5 + ["out"] * 5) * 2,
        }
    )
    margins = {"area": {"in": 40, "out": 60}, "age": {"young": 50, "old": 50}, "region": {"in": 40, "out": 60}}
    with pytest.raises(WeightingError, match=r"contradict each other.*can be met without 'age' or 'sex'\."):
        lp.rake(lp.Sample.from_frame(frame), margins | {"sex": {"F": 80, "M": 20}})


def test_bounds_that_are_too_narrow_come_with_some_that_would_do() -> None:
    """One in ten is a woman where half are: 5 times the weight, and 5 / 9 of it for men."""
    sample = lp.Sample.from_frame(pd.DataFrame({"sex": ["F"] * 10 + ["M"] * 90}))
    with pytest.raises(WeightingError, match=r"bounds \(0\.5, 2\) are too narrow .* From 0 to 5\.2 would do\."):
        lp.rake(sample, {"sex": {"F": 50, "M": 50}}, bounds=(0.5, 2))
    with pytest.raises(WeightingError, match=r"limits of 0\.5 to 2 times the mean .* From 0 to 5\.2 would do\."):
        lp.rake(sample, {"sex": {"F": 50, "M": 50}}, trim=(0.5, 2))
    np.testing.assert_allclose(lp.rake(sample, {"sex": {"F": 50, "M": 50}}, bounds=(0, 5.2)).design.weight[:10], 5)


def test_margins_that_contradict_each_other_do_not_converge_and_say_so() -> None:
    """Everybody young is a woman and everybody old a man, yet half are young and four in five are women."""
    frame = pd.DataFrame({"age": ["young"] * 5 + ["old"] * 5, "sex": ["F"] * 5 + ["M"] * 5})
    margins = {"age": {"young": 50, "old": 50}, "sex": {"F": 80, "M": 20}}
    with pytest.raises(WeightingError, match=r"no weights meet the margins; the farthest is .* of the population off"):
        lp.rake(lp.Sample.from_frame(frame), margins)
    with pytest.raises(WeightingError, match=r"Respondents: 'age' young fewer than 10, old fewer than 10; 'sex' F few"):
        lp.rake(lp.Sample.from_frame(frame), margins)


def test_a_group_that_weighs_nothing_is_refused() -> None:
    frame = pd.DataFrame({"sex": ["F", "M"], "w": [0.0, 0.0]})
    with pytest.raises(WeightingError, match="starting weights of its respondents are all zero"):
        lp.rake(lp.Sample.from_frame(frame, weight="w"), {"sex": {"F": 1, "M": 1}})


def test_categories_whose_respondents_weigh_nothing_are_refused() -> None:
    frame = pd.DataFrame({"sex": ["F", "F", "M"], "w": [1.0, 2.0, 0.0]})
    with pytest.raises(WeightingError, match="respondents in 'M' all have starting weights of 0"):
        lp.rake(lp.Sample.from_frame(frame, weight="w"), {"sex": {"F": 1, "M": 1}})


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_negative_and_missing_weights_are_refused(bad: float) -> None:
    sample = lp.Sample.from_frame(pd.DataFrame({"sex": ["F", "M"] * 10}))
    weight = np.r_[[bad] * 12, np.ones(8)]
    message = "12 of 20 starting weights are negative or missing; weights are 0 or more"
    with pytest.raises(WeightingError, match=message):
        lp.rake(sample.with_design(replace(sample.design, weight=weight)), {"sex": {"F": 1, "M": 1}})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bounds": (1.1, 2.0)}, "bracket 1"),
        ({"trim": (1.1, 2.0)}, "multiples of the mean weight that bracket 1"),
        ({"unknown": "guess"}, "give 'keep' or 'leave out'"),
        ({"within": "community"}, "Cannot rake within 'community'"),
    ],
)
def test_wrong_use_says_what_is_allowed(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        lp.rake(lp.Sample.from_frame(respondents(3)), {"age": AGE}, **arguments)  # type: ignore[arg-type]


def test_the_weight_report_of_three_respondents() -> None:
    """Weights 1, 1, 2: Kish's effective n is 16 / 6."""
    frame = pd.DataFrame({"group": ["a", "a", "a", "b"], "w": [1.0, 1.0, 2.0, 7.0]})
    report = lp.weight_report(lp.Sample.from_frame(frame, weight="w"), by="group").set_index("group")
    assert report.loc["a", "n"] == 3
    np.testing.assert_allclose(report.loc["a", "n_effective"], 16 / 6)
    np.testing.assert_allclose(report.loc["a", "design_effect"], 18 / 16)
    np.testing.assert_allclose(report.loc["a", "largest_over_mean"], 1.5)
    assert report.loc["b", "smallest"] == report.loc["b", "largest"] == 7


def test_population_weights_bury_a_small_group_and_weights_inside_groups_do_not() -> None:
    """300 respondents, 100 of them Black, in an area that is 3.3 % Black: pooled, these weigh next to nothing."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({"ethnicity": ["Black"] * 100 + ["White"] * 200, "sex": rng.choice(["Female", "Male"], 300)})
    sample = lp.Sample.from_frame(frame)
    people = lp.rake(sample, {"ethnicity": {"Black": 33, "White": 967}, "sex": {"Female": 505, "Male": 495}})
    inside = lp.rake(sample, {"sex": {"Female": 505, "Male": 495}}, within="ethnicity")
    assert people.design.weight[:100].sum() / people.design.weight.sum() < 0.04
    assert lp.weight_report(inside, by="ethnicity").set_index("ethnicity").loc["Black", "n_effective"] > 80


@pytest.mark.parametrize("n", [30, 400, 9_000])
def test_the_way_in_which_respondents_are_counted_does_not_matter(n: int) -> None:
    # 2 x 3 answers and a missing one each: 13 combinations, of which some are empty; few and many respondents a cell
    rng = np.random.default_rng(n)
    frame = pd.DataFrame({"age": rng.choice(list(AGE), n), "sex": rng.choice(list(SEX), n)})
    frame.loc[(frame["age"] == "old") & (frame["sex"] == "Male"), "sex"] = "Female"
    frame["number"] = np.arange(n)  # as a margin of its own it would make sorting the way
    whole = lp.rake(lp.Sample.from_frame(frame), {"age": AGE, "sex": SEX})
    weight, sex, age = whole.design.weight, frame["sex"].to_numpy(), frame["age"].to_numpy()
    by_hand = np.ones(n)
    for _ in range(2_000):  # iterative proportional fitting on respondents
        for answers, margin in ((age, AGE), (sex, SEX)):
            for category, persons in margin.items():
                by_hand[answers == category] *= persons / by_hand[answers == category].sum()
    np.testing.assert_allclose(weight, by_hand, rtol=1e-9)
    step = whole.design.calibration[-1]
    np.testing.assert_allclose(step.auxiliary[step.cell].T @ weight, [1000, 0, 0, 0], atol=1e-7)
    halves = lp.rake(lp.Sample.from_frame(frame.assign(w=0.5), weight="w"), {"age": AGE, "sex": SEX})
    np.testing.assert_allclose(halves.design.weight, weight, rtol=1e-9)


def test_raking_inside_groups_ignores_combinations_that_nobody_is_in() -> None:
    n = 5_000  # far more respondents than combinations
    frame = pd.DataFrame({"group": ["a", "b"] * (n // 2), "sex": ["Female", "Female", "Male", "Male"] * (n // 4)})
    frame["group"] = pd.Categorical(frame["group"], ["a", "b", "nobody"])
    margins = {"sex": SEX}
    raked = lp.rake(lp.Sample.from_frame(frame), margins, within="group", unknown="leave out")
    assert {met.group for met in raked.design.calibration[-1].met} == {"a", "b"}
    assert raked.design.calibration[-1].note == ""
    np.testing.assert_allclose(totals(raked, ["group", "sex"])["a", "Female"], 510.0, rtol=1e-10)


def test_a_category_that_is_given_twice_is_refused() -> None:
    sample = lp.Sample.from_frame(pd.DataFrame({"code": [1, 2] * 20}))
    with pytest.raises(WeightingError, match="some are the same once written as text"):
        lp.rake(sample, {"code": {1: 30.0, "1": 5.0, 2: 10.0}})  # type: ignore[dict-item]


def test_combinations_that_read_the_same_are_refused() -> None:
    frame = pd.DataFrame({"a": ["x and y", "x"] * 20, "b": ["z", "y and z"] * 20})
    with pytest.raises(WeightingError, match="Rename those categories"):
        lp.rake(lp.Sample.from_frame(frame), {("a", "b"): {("x and y", "z"): 3.0, ("x", "y and z"): 4.0}})
    with pytest.raises(WeightingError, match="Rename those categories"):  # one of the two has no count of its own
        lp.rake(lp.Sample.from_frame(frame), {("a", "b"): {("x and y", "z"): 3.0}})


@pytest.mark.parametrize("tolerance", [float("nan"), -1e-9, 0.5])
def test_a_tolerance_at_which_margins_are_not_met_is_refused(tolerance: float) -> None:
    sample = lp.Sample.from_frame(respondents(1), weight="weight")
    with pytest.raises(WrongUseError, match=r"from 0 to 0\.01"):
        lp.rake(sample, {"sex": SEX}, tolerance=tolerance)
    with pytest.raises(WrongUseError, match=r"from 0 to 0\.01"):
        lp.calibrate(sample, {"sex": SEX}, tolerance=tolerance)


def test_a_very_light_category_does_not_lead_the_solver_astray() -> None:
    frame = pd.DataFrame({"a": ["x"] * 50 + ["y"] * 50, "b": ["u", "v"] * 50})
    frame["w"] = np.where(frame["a"] == "x", 1e-8, 1.0)
    raked = lp.rake(lp.Sample.from_frame(frame, weight="w"), {"a": {"x": 1.0, "y": 1.0}, "b": {"u": 1.0, "v": 1.0}})
    np.testing.assert_allclose(raked.design.weight, 0.02, rtol=1e-9)


def test_the_record_of_margins_reads_like_a_tuple() -> None:
    step = lp.rake(lp.Sample.from_frame(respondents(2), weight="weight"), {"sex": SEX}).design.calibration[-1]
    assert len(step.met) == 2
    assert step.met[0] is step.met[:1][0]
    assert [met.category for met in step.met] == list(SEX)
    assert repr(step.met) == "Record(1 groups)"
