"""The three rows of a change: which is which, hand-worked, their laws, their flags and their refusals."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison.rows import COMPOSITION_SENSITIVE, MODE_CHANGED, headline_row
from lpact_eval.errors import WrongUseError

Cell = tuple[str, str, int, int]
ROWS = ["as collected", "standardised", "balanced"]


def people(*cells: Cell, **more: object) -> pd.DataFrame:
    """Respondents by wave and age: confident and not."""
    rows = [
        {"wave": wave, "age": age, "answer": answer, "ethnicity": "Black", "weight": 1.0, **more}
        for wave, age, yes, no in cells
        for answer in ["agree"] * yes + ["disagree"] * no
    ]
    return pd.DataFrame(rows)


def stacked(frame: pd.DataFrame) -> lp.Sample:
    parts = [lp.Sample.from_frame(part, weight="weight") for _, part in frame.groupby("wave", sort=True)]
    return lp.stack(parts, sorted(set(frame["wave"])))


# young: 20 of 40 agree, then 20 of 80; old: 45 of 60, then 15 of 20
SHIFTED = (("a", "young", 20, 20), ("a", "old", 45, 15), ("b", "young", 40, 40), ("b", "old", 15, 5))


def test_by_hand_only_the_composition_moved() -> None:
    change = lp.wave_change(
        stacked(people(*SHIFTED)),
        "answer",
        "agree",
        level="b",
        minus="a",
        by=(),
        standardise={"age": {"young": 1, "old": 1}},
    )
    assert list(change.estimate.labels["row"]) == ROWS
    np.testing.assert_allclose(change.estimate.value, [55 / 100 - 65 / 100, 0, 0], atol=1e-9)
    standardised = change.only("standardised").levels
    np.testing.assert_allclose(standardised.value, [0.625, 0.625], rtol=1e-12)
    assert change.headline == "standardised"
    assert all(COMPOSITION_SENSITIVE in flags for flags in change.flags)


def test_rows_that_agree_carry_no_flag() -> None:
    sample = stacked(people(("a", "young", 20, 20), ("a", "old", 30, 30), ("b", "young", 30, 20), ("b", "old", 36, 24)))
    change = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), alike="age")
    assert not any(COMPOSITION_SENSITIVE in flags for flags in change.flags)


def test_after_raking_the_sample_s_own_weights_are_the_standardised_row() -> None:
    plain = stacked(people(*SHIFTED))
    parts = [lp.Sample.from_frame(part, weight="weight") for _, part in people(*SHIFTED).groupby("wave")]
    raked = lp.stack([lp.rake(part, {"age": {"young": 500, "old": 500}}) for part in parts], ["a", "b"])
    change = lp.wave_change(raked, "answer", "agree", level="b", minus="a", by=())
    assert (headline_row(plain), headline_row(raked), change.headline) == (
        "as collected",
        "standardised",
        "standardised",
    )
    np.testing.assert_allclose(change.estimate.value, [-0.1, 0, 0], atol=1e-9)
    own = lp.difference(lp.proportion(raked, "answer", "agree", by="wave"), "wave", "b", minus="a")
    row = change.only().estimate
    np.testing.assert_allclose(
        [row.value, row.std_error, row.df], [own.value, own.std_error, own.df], rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(row.confint(), own.confint(), rtol=1e-12)


def test_without_a_population_the_row_says_so() -> None:
    change = lp.wave_change(stacked(people(*SHIFTED)), "answer", "agree", level="b", minus="a", by=())
    assert change.refused[0] == ""
    assert change.refused[1].startswith("no population to standardise to")
    assert change.refused[2].startswith("nothing to balance on")
    assert np.isnan(change.estimate.value[1:]).all()
    assert change.headline == "as collected"


def test_an_empty_cell_refuses_the_standardised_row_alone() -> None:
    sample = stacked(people(("a", "young", 30, 20), ("a", "old", 10, 12), ("b", "young", 30, 30)))
    shares = {"age": {"young": 0.5, "old": 0.5}}
    change = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), standardise=shares)
    assert change.refused[0] == ""
    assert change.refused[1] == "no answers in 1 of the 2 cells to standardise over"
    assert "cannot balance" in change.refused[2]


def test_what_could_not_be_balanced_has_no_balanced_level() -> None:
    poor = people(("a", "young", 30, 20), ("a", "old", 10, 12), ("b", "young", 30, 30))
    sample = stacked(pd.concat([poor, people(*SHIFTED).assign(ethnicity="White")], ignore_index=True))
    levels = lp.wave_change(sample, "answer", "agree", level="b", minus="a", alike="age").levels
    assert np.isnan(levels.select(row="balanced", ethnicity="Black").value).all()
    assert np.isfinite(levels.select(row="balanced", ethnicity="White").value).all()
    assert np.isfinite(levels.select(row="as collected", ethnicity="Black").value).all()


def test_sparse_categories_are_merged_where_asked_and_it_is_said() -> None:
    cells = (("a", "1", 30, 20), ("a", "2", 20, 20), ("a", "3", 5, 5), ("b", "1", 30, 30), ("b", "2", 20, 20))
    sample = stacked(people(*cells))
    refused = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), alike="age").only("balanced")
    merged = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), alike="age", collapse=5).only(
        "balanced"
    )
    assert refused.refused[0] == "cannot balance on age: no weights make b look like a in it"
    assert merged.refused == ("",)
    assert "categories of age were merged to balance" in merged.flags[0]


def test_several_margins_are_met_inside_every_domain() -> None:
    frame = pd.concat([people(*SHIFTED), people(*SHIFTED).assign(ethnicity="White")], ignore_index=True)
    frame["sex"] = np.where(np.arange(len(frame)) % 3 == 0, "F", "M")
    nested = {("Black", "young"): 30, ("Black", "old"): 70, ("White", "young"): 400, ("White", "old"): 100}
    margins = [lp.Margin(("ethnicity", "age"), nested), lp.Margin("sex", {"F": 50, "M": 50})]
    change = lp.wave_change(stacked(frame), "answer", "agree", level="b", minus="a", standardise=margins)
    levels = change.only("standardised").levels
    for group, young in (("Black", 0.3), ("White", 0.8)):
        part = stacked(frame[frame["ethnicity"] == group])
        waves = [
            lp.rake(
                lp.Sample.from_frame(one, weight="weight"),
                {"age": {"young": young, "old": 1 - young}, "sex": {"F": 0.5, "M": 0.5}},
            )
            for _, one in part.answers.assign(weight=1.0).groupby("wave", observed=True)
        ]
        for wave, raked in zip("ab", waves, strict=True):
            own = lp.proportion(raked, "answer", "agree").value
            np.testing.assert_allclose(levels.select(ethnicity=group, wave=wave).value, own, rtol=1e-7)


def test_margins_that_no_weights_meet_are_refused_by_name() -> None:
    frame = people(("a", "young", 30, 20), ("b", "young", 30, 30)).assign(sex="F")
    margins = {"age": {"young": 1}, "sex": {"F": 1, "M": 1}}
    change = lp.wave_change(stacked(frame), "answer", "agree", level="b", minus="a", by=(), standardise=margins)
    assert change.refused[1] == "cannot standardise on sex: no weights of these respondents meet the population"


def test_a_small_base_is_the_reason_for_all_three_rows() -> None:
    sample = stacked(people(("a", "young", 3, 4), ("a", "old", 3, 2), ("b", "young", 30, 30), ("b", "old", 3, 3)))
    change = lp.wave_change(
        sample, "answer", "agree", level="b", minus="a", by=(), standardise={"age": {"young": 1, "old": 1}}
    )
    assert change.refused == ("fewer than 15 answers in a wave",) * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"standardise": {"sex": {"Female": 1}}}, r"there is no variable \['sex'\]"),
        ({"standardise": {"age": {"young": 1}}}, r"respondents are in \['old'\], which has no share"),
        ({"standardise": {"age": {"young": -1, "old": 2}}}, "shares are numbers of 0 or more"),
        ({"standardise": {}}, "Cannot standardise to nothing"),
        ({"alike": ["sex"]}, r"Cannot balance on \['sex'\]"),
        ({"equivalence": 10}, "it is a proportion"),
    ],
)
def test_wrong_use_names_what_is_wrong(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        lp.wave_change(stacked(people(*SHIFTED)), "answer", "agree", level="b", minus="a", by=(), **arguments)


def test_there_is_no_fourth_row() -> None:
    change = lp.wave_change(stacked(people(*SHIFTED)), "answer", "agree", level="b", minus="a", by=())
    with pytest.raises(WrongUseError, match="Cannot take the row 'raw'"):
        change.only("raw")


def test_without_a_margin_nothing_is_called_equivalent() -> None:
    cells = (("a", "young", 500, 500), ("b", "young", 500, 500))
    plain = lp.wave_change(stacked(people(*cells)), "answer", "agree", level="b", minus="a", by=())
    tested = lp.wave_change(stacked(people(*cells)), "answer", "agree", level="b", minus="a", by=(), equivalence=0.1)
    assert list(plain.test["equivalent"]) == ["not tested", "", ""]
    assert list(tested.test["equivalent"]) == ["yes", "", ""]


def test_a_mode_that_no_respondents_share_is_flagged() -> None:
    frame = people(*SHIFTED)
    frame["mode"] = np.where(frame["wave"] == "a", "paper", "tablet")
    change = lp.wave_change(stacked(frame), "answer", "agree", level="b", minus="a", by=())
    assert all(MODE_CHANGED in flags for flags in change.flags)
    frame.loc[frame.index[:3], "mode"] = "tablet"
    mixed = lp.wave_change(stacked(frame), "answer", "agree", level="b", minus="a", by=())
    assert not any(MODE_CHANGED in flags for flags in mixed.flags)


def test_the_waves_say_their_mode_where_respondents_do_not() -> None:
    sample = stacked(people(*SHIFTED))
    day = dt.date(2022, 6, 1)
    waves = tuple(lp.Wave(name, name, day, day, mode=mode) for name, mode in (("a", "paper, post"), ("b", "web")))
    change = lp.wave_change(replace(sample, waves=waves), "answer", "agree", level="b", minus="a", by=())
    assert MODE_CHANGED in change.flags[0]


def test_replicate_weights_do_not_say_what_was_before() -> None:
    sample = lp.replicate(stacked(people(*SHIFTED)), method="jackknife")
    change = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), alike="age")
    assert "replicate weights do not say" in change.refused[2]


counts = st.integers(min_value=8, max_value=40)


@st.composite
def surveys(draw: st.DrawFn) -> lp.Sample:
    """Two waves of two ages with uneven weights."""
    cells = [(wave, age, draw(counts), draw(counts)) for wave in "ab" for age in ("young", "old")]
    frame = people(*cells)
    seed = draw(st.integers(0, 2**31))
    return stacked(frame.assign(weight=np.exp(np.random.default_rng(seed).normal(0, 0.4, len(frame)))))


@settings(max_examples=25, deadline=None)
@given(surveys())
def test_the_order_of_the_waves_flips_the_sign(sample: lp.Sample) -> None:
    shares = {"age": {"young": 2, "old": 1}}
    up = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), standardise=shares).estimate
    down = lp.wave_change(sample, "answer", "agree", level="a", minus="b", by=(), standardise=shares).estimate
    np.testing.assert_allclose(up.value[:2], -down.value[:2], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(up.std_error[:2], down.std_error[:2], rtol=1e-9)
    for one, other in zip(up.confint(), down.confint()[::-1], strict=True):
        np.testing.assert_allclose(one[:2], -other[:2], rtol=1e-9, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(surveys())
def test_standardising_to_its_own_composition_is_the_raw_level(sample: lp.Sample) -> None:
    own = lp.distribution(sample, "age", by="wave").select(wave="a")
    shares = {"age": dict(zip(own.labels["answer"], own.value, strict=True))}
    levels = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), standardise=shares).levels
    raw, same = (levels.select(row=row, wave="a").value for row in ("as collected", "standardised"))
    np.testing.assert_allclose(raw, same, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(surveys())
def test_balancing_on_one_variable_is_standardising_to_the_earlier_wave(sample: lp.Sample) -> None:
    own = lp.distribution(sample, "age", by="wave").select(wave="a")
    shares = {"age": dict(zip(own.labels["answer"], own.value, strict=True))}
    change = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=(), standardise=shares)
    np.testing.assert_allclose(change.estimate.value[2], change.estimate.value[1], rtol=1e-7, atol=1e-9)
    raked = lp.balance(sample, "a", "age", group="wave")
    by_hand = lp.difference(lp.proportion(raked, "answer", "agree", by="wave"), "wave", "b", minus="a")
    np.testing.assert_allclose(change.estimate.value[2], by_hand.value[0], rtol=1e-9, atol=1e-12)


def test_without_the_rows_beside_it_the_headline_is_the_same() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "wave": np.repeat(["a", "b"], 120),
            "sex": rng.choice(["Female", "Male"], 240),
            "q": rng.choice(["agree", "disagree"], 240),
        }
    )
    halves = [lp.Sample.from_frame(frame[frame["wave"] == wave].drop(columns="wave")) for wave in ("a", "b")]
    sample = lp.stack([lp.rake(half, {"sex": {"Female": 51, "Male": 49}}) for half in halves], labels=["a", "b"])
    whole = lp.wave_change(sample, "q", "agree", level="b", minus="a", by=())
    alone = lp.wave_change(sample, "q", "agree", level="b", minus="a", by=(), beside=False)
    pd.testing.assert_frame_equal(whole.only().estimate.to_frame(), alone.estimate.to_frame())
    assert alone.headline == whole.headline == "standardised"
