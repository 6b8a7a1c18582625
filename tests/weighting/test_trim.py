"""Trimming and declared weights: laws, cases by hand, what variances make of them, each refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.sample import Trimming


def weighted(weights: list[float]) -> lp.Sample:
    return lp.Sample.from_frame(pd.DataFrame({"w": weights}), weight="w")


def survey(seed: int, n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"sex": rng.choice(["F", "M"], n), "age": rng.choice(["young", "old"], n), "w": rng.uniform(0.3, 4, n)}
    )
    return frame.assign(answer=np.where(rng.random(n) < np.where(frame["age"] == "old", 0.7, 0.3), "yes", "no"))


@given(weights=st.lists(st.floats(0.01, 100), min_size=2, max_size=60), high=st.floats(1.3, 5), low=st.floats(0.0, 0.7))
def test_trimmed_weights_lie_in_the_bounds_and_keep_the_total(weights: list[float], high: float, low: float) -> None:
    trimmed = lp.trim(weighted(weights), low=low, high=high).design.weight
    mean = np.mean(weights)
    np.testing.assert_allclose(trimmed.sum(), np.sum(weights), rtol=1e-9)
    assert trimmed.max() <= high * mean * (1 + 1e-9)
    assert trimmed.min() >= low * mean * (1 - 1e-9)


def test_the_excess_goes_to_the_others_in_proportion() -> None:
    """Weights 1, 2, 9 of mean 4 cut at 8: the excess of 1 goes 1 : 2, so 4/3, 8/3 and 8."""
    np.testing.assert_allclose(lp.trim(weighted([1, 2, 9]), high=2).design.weight, [4 / 3, 8 / 3, 8])


def test_trimming_goes_on_until_it_really_ends_inside_and_once_only_where_asked() -> None:
    """Mean 4, cut at 6: 10 gives up 4 to 5.5, .25 and .25, of which 5.5 then lies at 9.2, over the cut."""
    weights = [10.0, 5.5, 0.25, 0.25]
    once = lp.trim(weighted(weights), high=1.5, strict=False).design.weight
    assert once.max() > 6
    assert lp.trim(weighted(weights), high=1.5).design.weight.max() <= 6 * (1 + 1e-9)


def test_a_weight_of_zero_stays_zero() -> None:
    assert lp.trim(weighted([0, 1, 2, 9]), low=0.2, high=2).design.weight[0] == 0


@pytest.mark.parametrize("bounds", [{}, {"low": 1.2}, {"high": 0.9}])
def test_bounds_that_do_not_bracket_one_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(WrongUseError, match="multiples of the mean weight around 1"):
        lp.trim(weighted([1, 2, 3]), **bounds)


def test_bounds_on_both_sides_are_met_where_one_clip_undoes_the_other() -> None:
    """Weights 1, 1, 1, 1, 6 of mean 2, bounds .6 and 1.5: 6 gives up 3, and the four others share it at 1.75 each."""
    trimmed = lp.trim(weighted([1, 1, 1, 1, 6]), low=0.6, high=1.5).design.weight
    np.testing.assert_allclose(trimmed, [1.75, 1.75, 1.75, 1.75, 3])


def test_equal_parts_go_to_the_others() -> None:
    """Weights 1, 2, 9 of mean 4 cut at 8: the excess of 1 goes half and half, so 1.5, 2.5 and 8."""
    np.testing.assert_allclose(lp.trim(weighted([1, 2, 9]), high=2, spread="equal").design.weight, [1.5, 2.5, 8])


@given(
    weights=st.lists(st.floats(0.01, 100), min_size=2, max_size=60),
    high=st.floats(1.3, 5),
    low=st.floats(0.0, 0.7),
    strict=st.booleans(),
)
def test_equal_parts_end_inside_the_bounds_and_every_spread_keeps_the_total(
    weights: list[float], high: float, low: float, *, strict: bool
) -> None:
    mean = np.mean(weights)
    for spread in ("equal", "proportional"):
        trimmed = lp.trim(weighted(weights), low=low, high=high, strict=strict, spread=spread).design.weight
        np.testing.assert_allclose(trimmed.sum(), np.sum(weights), rtol=1e-9)
        if strict:
            assert trimmed.max() <= high * mean * (1 + 1e-9)
            assert trimmed.min() >= low * mean * (1 - 1e-9)


def test_equal_parts_that_take_too_many_rounds_end_inside_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpact_eval.weighting.trim._ROUNDS", 1)
    trimmed = lp.trim(weighted([10.0, 5.5, 0.25, 0.25]), high=1.5, spread="equal").design.weight
    np.testing.assert_allclose(trimmed.sum(), 16)
    assert trimmed.max() <= 6 * (1 + 1e-9)


def test_the_step_records_limits_and_the_share_that_moved() -> None:
    """Of a total of 12 a weight of 9 gives up 1."""
    (step,) = lp.trim(weighted([1, 2, 9]), high=2).design.calibration
    assert (step.distance, step.bounds, step.note) == ("trim", (0.0, 2), "weights trimmed to at most 2 times the mean")
    assert step.trimming == Trimming(0.0, 2, "proportional", strict=True)
    np.testing.assert_allclose(step.trimmed, 1 / 12)
    assert lp.trim(weighted([1, 2, 9]), low=0.5).design.calibration[0].note.endswith("at least 0.5 times the mean")
    assert (
        lp.trim(weighted([1, 2, 9]), low=0.5, high=2).design.calibration[0].note.endswith("to 0.5 to 2 times the mean")
    )


@given(seed=st.integers(0, 2000))
def test_trimming_alone_leaves_the_variance_of_the_trimmed_weights(seed: int) -> None:
    """Without a calibration before it a trimming explains nothing: the step changes no standard error."""
    trimmed = lp.trim(lp.Sample.from_frame(survey(seed), weight="w"), high=1.5)
    bare = trimmed.with_design(replace(trimmed.design, calibration=()))
    for variance in ("taylor", "cr2"):
        got = lp.proportion(trimmed, "answer", "yes", by="sex", variance=variance).std_error
        np.testing.assert_allclose(got, lp.proportion(bare, "answer", "yes", by="sex", variance=variance).std_error)


def test_other_spreads_and_weights_of_zero_are_refused() -> None:
    with pytest.raises(WrongUseError, match="give 'proportional' or 'equal'"):
        lp.trim(weighted([1, 2, 3]), high=2, spread="even")  # type: ignore[arg-type]
    with pytest.raises(WeightingError, match="all weights are zero"):
        lp.trim(weighted([0, 0]), high=2)


def test_trimming_after_raking_still_credits_the_raking() -> None:
    """The raking stays in the design: over surveys whose answers hang on age, standard errors are a tenth smaller."""
    ratios: list[float] = []
    for seed in range(40):
        sample = lp.Sample.from_frame(survey(seed), weight="w")
        raked = lp.rake(sample, {"age": {"young": 60, "old": 40}, "sex": {"F": 50, "M": 50}})
        trimmed = lp.trim(raked, high=1.6)
        assert trimmed.design.calibration[:-1] == raked.design.calibration
        bare = trimmed.with_design(replace(trimmed.design, calibration=trimmed.design.calibration[-1:]))
        credited, ignored = (lp.proportion(each, "answer", "yes", variance="taylor") for each in (trimmed, bare))
        ratios.append(float(credited.std_error[0] / ignored.std_error[0]))
    assert np.mean(ratios) < 0.95


@given(seed=st.integers(0, 2000))
def test_declared_margins_leave_the_weights_alone_and_have_variance_zero(seed: int) -> None:
    raked = lp.rake(lp.Sample.from_frame(survey(seed), weight="w"), {"age": {"young": 60, "old": 40}})
    delivered = lp.Sample.from_frame(raked.answers.assign(w=raked.design.weight), weight="w")
    declared = lp.declare_raked(delivered, "age")
    np.testing.assert_array_equal(declared.design.weight, delivered.design.weight)
    for variance in ("taylor", "cr2"):
        assert lp.proportion(declared, "age", "old", variance=variance).std_error[0] < 1e-9
    credited = lp.proportion(declared, "answer", "yes", variance="taylor").std_error[0]
    known = lp.proportion(raked, "answer", "yes", variance="taylor").std_error[0]
    ignored = lp.proportion(delivered, "answer", "yes", variance="taylor").std_error[0]
    assert abs(credited / known - 1) < abs(ignored / known - 1)


def test_margins_declared_inside_groups_have_variance_zero_in_each() -> None:
    sample = lp.Sample.from_frame(survey(4), weight="w")
    declared = lp.declare_raked(sample, ["age"], within="sex")
    assert lp.proportion(declared, "age", "old", by="sex").std_error.max() < 1e-9
    assert declared.design.calibration[-1].note == "declared as raked to age"


def test_declaring_what_is_not_there_is_refused() -> None:
    with pytest.raises(WeightingError, match="Cannot declare 'area' raked"):
        lp.declare_raked(lp.Sample.from_frame(survey(1), weight="w"), "area")
