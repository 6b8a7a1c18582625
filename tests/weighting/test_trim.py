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


@given(seed=st.integers(0, 2000))
def test_trimming_after_raking_still_credits_the_raking(seed: int) -> None:
    """The steps stay in the design, so the standard error is smaller than that of a design without them."""
    sample = lp.Sample.from_frame(survey(seed), weight="w")
    raked = lp.rake(sample, {"age": {"young": 60, "old": 40}, "sex": {"F": 50, "M": 50}})
    trimmed = lp.trim(raked, high=1.6)
    assert trimmed.design.calibration == raked.design.calibration
    credited = lp.proportion(trimmed, "answer", "yes", variance="taylor").std_error[0]
    bare = trimmed.with_design(replace(trimmed.design, calibration=()))
    ignored = lp.proportion(bare, "answer", "yes", variance="taylor").std_error[0]
    assert credited < ignored


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
