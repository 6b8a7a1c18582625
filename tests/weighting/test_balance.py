"""Entropy balancing: laws, a hand-worked case, and each refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WeightingError, WrongUseError


def waves(seed: int, n: int = 160) -> pd.DataFrame:
    """Draw two waves that hold every combination of age and sex."""
    rng = np.random.default_rng(seed)
    cells = pd.MultiIndex.from_product(
        [["2022", "rerun"], ["young", "old"], ["F", "M"]], names=["wave", "age", "sex"]
    ).to_frame(index=False)
    drawn = pd.DataFrame(
        {
            "wave": rng.choice(["2022", "rerun"], n),
            "age": rng.choice(["young", "old"], n),
            "sex": rng.choice(["F", "M"], n),
        }
    )
    frame = pd.concat([cells] * 3 + [drawn], ignore_index=True)
    hours = rng.gamma(3, 1, len(frame)) + 0.5 * (frame["wave"] == "rerun")
    return frame.assign(hours=hours, weight=rng.uniform(0.5, 2, len(frame)))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_other_wave_has_the_shares_means_and_spread_of_the_target(seed: int) -> None:
    sample = lp.Sample.from_frame(waves(seed), weight="weight")
    done = lp.balance(sample, "2022", ["age", "sex", "hours"], group="wave", squares=True)
    first = (sample.answers["wave"] == "2022").to_numpy()
    np.testing.assert_array_equal(done.design.weight[first], sample.design.weight[first])
    np.testing.assert_allclose(done.design.weight[~first].sum(), sample.design.weight[~first].sum(), rtol=1e-10)
    table = np.column_stack(
        [
            sample.answers["age"] == "old",
            sample.answers["sex"] == "F",
            sample.answers["hours"],
            sample.answers["hours"] ** 2,
        ]
    ).astype(float)
    means = [np.average(table[rows], axis=0, weights=done.design.weight[rows]) for rows in (first, ~first)]
    np.testing.assert_allclose(means[1], means[0], rtol=1e-9)
    assert (done.design.weight > 0).all()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_balancing_is_calibrating_the_other_wave_by_the_raking_distance(seed: int) -> None:
    frame = waves(seed)
    done = lp.balance(lp.Sample.from_frame(frame, weight="weight"), "2022", ["age", "hours"], group="wave")
    first = frame["wave"] == "2022"
    mine = frame[~first].reset_index(drop=True)
    share = np.average(frame["age"][first] == "old", weights=frame["weight"][first])
    hours = np.average(frame["hours"][first], weights=frame["weight"][first])
    total = mine["weight"].sum()
    totals = {"age": {"old": share * total, "young": (1 - share) * total}, "hours": hours * total}
    alone = lp.calibrate(lp.Sample.from_frame(mine, weight="weight"), totals, distance="raking")
    np.testing.assert_allclose(done.design.weight[~first], alone.design.weight, rtol=1e-9)


def test_shares_by_hand() -> None:
    """Three women to one man in the first wave: of the second wave's two, she comes to weigh 1.5 and he .5."""
    frame = pd.DataFrame({"wave": ["1"] * 4 + ["2"] * 2, "sex": ["F", "F", "F", "M", "F", "M"]})
    done = lp.balance(lp.Sample.from_frame(frame), "1", "sex", group="wave")
    np.testing.assert_allclose(done.design.weight, [1, 1, 1, 1, 1.5, 0.5])
    (step,) = done.design.calibration
    assert step.note == "2: balanced toward 1 on sex"
    assert (step.distance, step.within) == ("raking", "wave")
    numbers = [(met.category, met.target, met.before, met.after) for met in step.met]
    assert [number[0] for number in numbers] == ["F", "M"]
    np.testing.assert_allclose([number[1:] for number in numbers], [(1.5, 1, 1.5), (0.5, 1, 0.5)])


def test_levels_compare_as_text_and_every_other_level_is_balanced() -> None:
    frame = pd.DataFrame({"wave": [1, 1, 2, 2, 2, 3, 3], "sex": ["F", "M", "F", "F", "M", "F", "M"]})
    done = lp.balance(lp.Sample.from_frame(frame), 1, "sex", group="wave")
    np.testing.assert_allclose(done.design.weight, [1, 1, 0.75, 0.75, 1.5, 1, 1])


def test_balancing_inside_groups_leaves_those_without_a_group_alone() -> None:
    frame = pd.DataFrame(
        {
            "wave": ["1", "1", "2", "2", "1", "2", "2", "2"],
            "ethnicity": ["Asian"] * 4 + ["Black"] * 2 + [None] * 2,
            "sex": ["F", "M", "F", "M", "F", "F", "F", "M"],
            "w": [3.0, 1, 1, 1, 1, 5, 1, 1],
        }
    )
    done = lp.balance(lp.Sample.from_frame(frame, weight="w"), "1", "sex", group="wave", within="ethnicity")
    np.testing.assert_allclose(done.design.weight, [3, 1, 1.5, 0.5, 1, 5, 1, 1])
    assert done.design.calibration[0].within == "ethnicity"
    assert {met.group for met in done.design.calibration[0].met} == {"Asian, 2", "Black, 2"}


def test_answers_that_are_missing_in_both_waves_are_met_among_those_with_one() -> None:
    frame = pd.DataFrame({"wave": ["1"] * 3 + ["2"] * 3, "sex": ["F", "M", None] * 2, "w": [3.0, 1, 9, 1, 1, 1]})
    done = lp.balance(lp.Sample.from_frame(frame, weight="w"), "1", "sex", group="wave", unknown="leave out")
    np.testing.assert_allclose(done.design.weight, [3, 1, 9, 2.25, 0.75, 0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"age": ["young"] * 5 + ["old"] * 5 + ["young"] * 10}, r"on 'age': 'old' has population but no respondents"),
        (
            {"age": ["young"] * 15 + ["old"] * 5},
            r"on 'age': 'old' has respondents in '2' and none of any weight in '1'",
        ),
        ({"hours": [9.0] * 10 + [1.0, 2] * 5}, r"on 'hours': its mean in '1' lies outside what the respondents of '2'"),
        ({"hours": [None] * 10 + [1.0, 2] * 5}, r"on 'hours': nobody in '1' has an answer"),
        ({"hours": [1.0, 2] * 5 + [None] * 10}, r"on 'hours': nobody in '2' has an answer"),
        ({"age": [None] * 10 + ["young"] * 10}, r"on 'age': nobody in '1' has an answer"),
    ],
)
def test_a_target_that_cannot_be_met_names_the_variable(changed: dict[str, list[object]], message: str) -> None:
    plain = {"wave": ["1"] * 10 + ["2"] * 10, "age": ["young", "old"] * 10, "hours": [1.0, 2, 3, 4] * 5}
    frame = pd.DataFrame(plain | changed)
    frame["hours"] = frame["hours"].astype(float)
    with pytest.raises(WeightingError, match=f"Cannot balance '2' toward '1' {message}"):
        lp.balance(lp.Sample.from_frame(frame), "1", ["age", "hours"], group="wave")


def test_means_that_can_only_be_met_one_by_one_are_refused() -> None:
    """In the second wave a and b add up to 10, in the first to 16."""
    against = np.linspace(0, 10, 20)
    frame = pd.DataFrame(
        {"wave": ["1"] * 20 + ["2"] * 20, "a": np.r_[[8.0] * 20, against], "b": np.r_[[8.0] * 20, 10 - against]}
    )
    with pytest.raises(WeightingError, match=r"Cannot balance '2' toward '1'.*met without 'a' or 'b'"):
        lp.balance(lp.Sample.from_frame(frame), "1", ["a", "b"], group="wave")


@pytest.mark.parametrize(
    ("toward", "variables", "arguments", "message"),
    [
        ("3", "sex", {"group": "wave"}, r"Cannot balance toward '3': 'wave' has \['1', '2'\]"),
        ("1", "weather", {"group": "wave"}, "there is no 'weather'"),
        ("1", "sex", {"group": "when"}, "there is no 'when'"),
        ("1", ["wave"], {"group": "wave"}, "variables other than the group's own"),
        ("1", [], {"group": "wave"}, "give one or more variables"),
        ("1", "sex", {"group": "wave", "unknown": "drop"}, "give 'keep' or 'leave out'"),
    ],
)
def test_what_balancing_does_not_take(
    toward: str, variables: str | list[str], arguments: dict[str, str], message: str
) -> None:
    frame = pd.DataFrame({"wave": ["1", "1", "2", "2"], "sex": ["F", "M"] * 2})
    with pytest.raises(WrongUseError, match=message):
        lp.balance(lp.Sample.from_frame(frame), toward, variables, **arguments)  # type: ignore[arg-type]


def test_a_group_of_which_the_target_has_nobody_is_refused() -> None:
    frame = pd.DataFrame({"wave": ["1", "2", "2"], "area": ["x", "x", "y"], "sex": ["F", "F", "F"]})
    with pytest.raises(WeightingError, match=r"within area = 'y': '1' has no respondents of any weight there"):
        lp.balance(lp.Sample.from_frame(frame), "1", "sex", group="wave", within="area")
