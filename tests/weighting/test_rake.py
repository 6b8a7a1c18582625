"""Raking: laws, hand-worked cases, and each refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import LpactWarning, WeightingError, WrongUseError
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


def test_respondents_without_a_group_are_left_alone() -> None:
    frame = pd.DataFrame({"group": ["a", "a", None], "sex": ["F", "M", "F"]})
    raked = lp.rake(lp.Sample.from_frame(frame), {"sex": {"F": 50, "M": 50}}, within="group")
    np.testing.assert_allclose(raked.design.weight, [50, 50, 1])


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"bounds": (1.1, 2.0)}, "bracket 1"), ({"within": "community"}, "Cannot rake within 'community'")],
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
