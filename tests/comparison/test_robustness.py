"""Robustness values and benchmark bounds: those of R, exact for a real omitted variable, refused where senseless."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

import lpact_eval as lp
from lpact_eval.comparison.robustness import Benchmark, Remainder, adjusted_for, bound, remainder, robustness
from lpact_eval.errors import WrongUseError

ORACLE = Path(__file__).parents[1] / "oracles" / "sensitivity"
RTOL = 1e-12  # Student quantiles of two libraries
T_VALUES = st.floats(min_value=1e-3, max_value=200)
FREEDOM = st.floats(min_value=2, max_value=1e4)
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def cases() -> list[tuple[str, float]]:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    rows = table[table["block"] == "robustness value"]
    return list(zip(rows["label"], rows["value"], strict=True))


@pytest.mark.parametrize(("label", "value"), cases())
def test_robustness_values_equal_r(label: str, value: float) -> None:
    t, df, q, alpha = map(float, label.split("|"))
    found = lp.robustness_value(t=t, df=df, q=q, alpha=None if alpha == 1 else alpha)
    assert found == pytest.approx(value, rel=RTOL, abs=1e-15)


def test_a_robustness_value_by_hand() -> None:
    """T 3/sqrt(10) x sqrt(df) makes f = 3/sqrt(10): (sqrt(.81 + 3.6) - .9) / 2 = (2.1 - .9) / 2 = .6."""
    assert lp.robustness_value(t=3 / math.sqrt(10) * 5, df=25) == pytest.approx(0.6)
    assert lp.robustness_value(t=-3 / math.sqrt(10) * 5, df=25) == pytest.approx(0.6)
    assert lp.robustness_value(t=0, df=25) == 0


def test_the_published_example_is_met() -> None:
    """Cinelli & Hazlett (2020), table 1: t 4.18 on 783 degrees of freedom, robustness values of 13.9 % and 7.6 %."""
    assert round(lp.robustness_value(t=4.18, df=783), 3) == 0.139
    assert round(lp.robustness_value(t=4.18, df=783, alpha=0.05), 3) == 0.076


@given(t=T_VALUES, df=FREEDOM, q=st.floats(min_value=0.05, max_value=1))
def test_a_reason_of_that_strength_brings_the_estimate_where_it_was_asked_to(t: float, df: float, q: float) -> None:
    """The bias formula with both partial R2 at the robustness value takes q of the estimate away."""
    value = lp.robustness_value(t=t, df=df, q=q)
    assert 0 <= value <= 1
    assume(value < 1 - 1e-9)
    error = 1.0  # the estimate is then t, and sd(outcome left) / sd(attended left) the error times sqrt(df)
    left = Remainder(1 / (error * math.sqrt(df)), df, ())
    assert adjusted_for(t, error, left, (value, value))[0] == pytest.approx(t * (1 - q), abs=1e-6 * t)


@given(t=T_VALUES, df=FREEDOM, alpha=st.floats(min_value=0.001, max_value=0.5))
def test_the_interval_takes_no_stronger_reason_than_the_estimate(t: float, df: float, alpha: float) -> None:
    value, end = lp.robustness_value(t=t, df=df), lp.robustness_value(t=t, df=df, alpha=alpha)
    assert 0 <= end <= value * (1 + 1e-12)
    critical = float(stdtrit(df - 1, 1 - alpha / 2)) / math.sqrt(df - 1)
    assert (end > 0) == (t / math.sqrt(df) > critical)


@given(t=T_VALUES, df=FREEDOM, alpha=st.floats(min_value=0.001, max_value=0.5))
def test_a_reason_of_that_strength_brings_t_to_its_critical_value(t: float, df: float, alpha: float) -> None:
    critical = float(stdtrit(df - 1, 1 - alpha / 2))
    f, least = t / math.sqrt(df), critical / math.sqrt(df - 1)
    assume(least * 1.0001 < f and f * least < 1)
    value = lp.robustness_value(t=t, df=df, alpha=alpha)
    found = adjusted_for(t, 1.0, Remainder(1 / math.sqrt(df), df, ()), (value, value))[1]
    assert found == pytest.approx(critical, rel=1e-5)


@given(critical=st.floats(min_value=0.01, max_value=0.99))
def test_the_two_branches_meet(critical: float) -> None:
    f = 1 / critical
    assert robustness(f * (1 + 1e-12), critical) == pytest.approx(robustness(f * (1 - 1e-12), critical), abs=1e-9)
    assert robustness(f, critical) == pytest.approx(1 - critical**2, abs=1e-9)


@pytest.mark.parametrize(
    ("t", "df", "alpha", "words"),
    [
        (math.nan, 10, None, "over 0"),
        (2.0, 0, None, "over 0"),
        (2.0, math.inf, None, "over 0"),
        (2.0, 1, 0.05, "over 1 with alpha"),
    ],
)
def test_t_values_and_degrees_of_freedom_that_are_none_are_refused(
    t: float, df: float, alpha: float | None, words: str
) -> None:
    with pytest.raises(
        WrongUseError, match=rf"Cannot work out a robustness value of t=.* degrees of freedom are {words}"
    ):
        lp.robustness_value(t=t, df=df, alpha=alpha)


@pytest.mark.parametrize(("q", "alpha"), [(0.0, None), (-1.0, 0.05), (math.nan, None), (1.0, 0.0), (1.0, 1.0)])
def test_parts_and_levels_that_are_none_are_refused(q: float, alpha: float | None) -> None:
    with pytest.raises(WrongUseError, match=r"q is over 0, alpha between 0 and 1"):
        lp.robustness_value(t=2, df=20, q=q, alpha=alpha)


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_leaving_a_variable_out_moves_the_estimate_by_exactly_the_bias(seed: int) -> None:
    """An omitted variable's own partial R2 put into the formula give the estimate of the longer regression, or the
    opposite bias where leaving it out had made the estimate smaller."""
    rng = np.random.default_rng(seed)
    n = 60
    x, unasked, weight = rng.normal(size=n), rng.normal(size=n), rng.uniform(0.5, 2, n)
    went = rng.random(n) < 1 / (1 + np.exp(-0.5 * x - unasked))
    assume(5 < went.sum() < n - 5)
    y = 0.4 * went + x + unasked + rng.normal(size=n)
    short = remainder(y, went, weight, adjusters=x[:, None], groups=["x"])
    longer = remainder(y, went, weight, adjusters=np.column_stack([x, unasked]), groups=["x", "unasked"])
    assert short is not None
    assert longer is not None
    value, true = slope(y, went, weight, x[:, None]), slope(y, went, weight, np.column_stack([x, unasked]))
    strength = longer.benchmarks[1]
    moved, _ = adjusted_for(value, 1.0, short, (strength.attended, strength.outcome))
    assert abs(moved - value) == pytest.approx(abs(true - value), rel=1e-8)


def slope(y: np.ndarray, went: np.ndarray, weight: np.ndarray, x: np.ndarray) -> float:
    """Weighted least squares coefficient of attendance."""
    matrix = np.column_stack([went, np.ones(y.size), x]) * np.sqrt(weight)[:, None]
    return float(np.linalg.lstsq(matrix, y * np.sqrt(weight), rcond=None)[0][0])


def test_what_a_lone_adjuster_explains_by_hand() -> None:
    """Four pairs: attendance has variance 1/4; x splits them 3 to 1 and 1 to 3, so its R2 with attendance is 1/4."""
    went = np.array([True, True, True, False, True, False, False, False])
    x = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
    y = np.array([3.0, 1, 2, 0, 1, 2, 1, 0])
    found = remainder(y, went, np.ones(8), adjusters=x[:, None], groups=["x"])
    assert found is not None
    assert found.df == 5
    assert found.benchmarks[0].attended == pytest.approx(0.25)


def test_a_bound_by_hand() -> None:
    """R = 1/5, s = 1/2, once: 1/4 with attendance; eta^2 = .04 / .64 = 1/16, (1 + 1/4)^2 / (15/16) x 1 = 5/3, so 1."""
    assert bound(Benchmark("age", 0.2, 0.5), 1) == (pytest.approx(0.25), 1.0)
    assert bound(Benchmark("age", 0.2, 0.0), 1) == (pytest.approx(0.25), 0.0)
    assert bound(Benchmark("age", 0.0, 0.2), 3) == (0.0, pytest.approx(0.75))


@given(r=st.floats(min_value=0, max_value=0.3), s=st.floats(min_value=0, max_value=0.3))
def test_bounds_grow_with_the_strength(r: float, s: float) -> None:
    found = [bound(Benchmark("age", r, s), times) for times in (1, 2)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0][0] <= found[1][0]
    assert found[0][1] <= found[1][1]


@pytest.mark.parametrize(
    "benchmark",
    [Benchmark("age", 1.0, 0.1), Benchmark("age", 0.1, 1.0), Benchmark("age", 0.4, 0.1), Benchmark("age", 0.5, 0.1)],
)
def test_strengths_that_nothing_can_have_are_not_bounded(benchmark: Benchmark) -> None:
    assert bound(benchmark, 2) is None


def test_nothing_is_left_where_an_adjuster_is_attendance_or_the_outcome() -> None:
    rng = np.random.default_rng(1)
    went, y, weight = rng.random(30) < 0.5, rng.normal(size=30), np.ones(30)
    for adjuster in (went.astype(float), 3 - 2 * y):
        assert remainder(y, went, weight, adjusters=adjuster[:, None], groups=["x"]) is None
    many = rng.normal(size=(30, 27))
    assert remainder(y, went, weight, adjusters=many, groups=["x"] * 27) is None


def test_adjusters_that_repeat_each_other_explain_nothing_of_their_own() -> None:
    rng = np.random.default_rng(2)
    went, x, y = rng.random(40) < 0.5, rng.normal(size=40), rng.normal(size=40)
    found = remainder(y, went, np.ones(40), adjusters=np.column_stack([x, 2 * x]), groups=["x", "twice"])
    assert found is not None
    assert found.df == 37
    np.testing.assert_allclose([(one.attended, one.outcome) for one in found.benchmarks], 0, atol=1e-12)
