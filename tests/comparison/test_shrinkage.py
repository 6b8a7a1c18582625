from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison.shrinkage import Shrinkage, shrinkage
from lpact_eval.errors import WrongUseError

ORACLE = Path(__file__).parents[1] / "oracles" / "shrinkage"
RTOL = 1e-9  # the same sums in double precision
STEP_ATOL = 1e-3  # in prior scales: what a grid of 300 steps a scale differs by from the integral
CASES = ("alone", "three", "sites", "index")
COLUMNS = ("shrunk", "shrunk_std_error", "shrunk_low", "shrunk_high")
VALUES = st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=6)


@cache
def oracle(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#")


def case_of(name: str) -> tuple[pd.DataFrame, np.ndarray, float]:
    table = oracle("data.csv")
    long = table[table["case"] == name]
    covariance = long.pivot_table(index="row", columns="column", values="covariance").to_numpy()
    value = long.drop_duplicates("row")["estimate"].to_numpy()
    frame = groups(value, np.sqrt(np.diag(covariance)))
    return frame, covariance, float(long["prior"].iloc[0])


def groups(value: object, std_error: object) -> pd.DataFrame:
    frame = pd.DataFrame({"estimate": value, "std_error": std_error})
    return frame.assign(group=[f"group {place}" for place in range(len(frame))])[["group", "estimate", "std_error"]]


def expected(name: str, how: str, quantity: str) -> np.ndarray:
    table = oracle("expected.csv")
    part = table[(table["case"] == name) & (table["how"] == how) & (table["quantity"] == quantity)]
    return part["value"].to_numpy()


@pytest.mark.parametrize("name", CASES)
def test_shrunk_estimates_equal_r_on_the_same_grid(name: str) -> None:
    frame, covariance, prior = case_of(name)
    got = shrinkage(frame, vcov=covariance, prior=prior).table
    for column in COLUMNS:
        np.testing.assert_allclose(got[column], expected(name, "grid", column), rtol=RTOL, atol=1e-11)
    np.testing.assert_allclose(got["tau"], np.repeat(expected(name, "grid", "tau"), len(frame)), rtol=RTOL)


@pytest.mark.parametrize("name", CASES)
def test_the_grid_is_as_fine_as_the_integral(name: str) -> None:
    frame, covariance, prior = case_of(name)
    got = shrinkage(frame, vcov=covariance, prior=prior).table
    for column in COLUMNS:
        np.testing.assert_allclose(got[column], expected(name, "integral", column), atol=STEP_ATOL * prior, rtol=0)


def test_three_groups_of_equal_precision_by_hand() -> None:
    """The mean stays 0.1 whatever tau is, so each group keeps one and the same part of its distance from it."""
    table = shrinkage(groups([0.0, 0.1, 0.2], [0.1] * 3)).table
    np.testing.assert_allclose(table["shrunk"][1], 0.1, rtol=1e-12)
    np.testing.assert_allclose(table["shrunk"][2] - 0.1, 0.1 - table["shrunk"][0], rtol=1e-12)
    assert 0 < table["shrunk"][0] < 0.1


def test_raw_estimates_stand_beside_and_the_prior_in_the_footnote() -> None:
    given_frame = groups([0.1, 0.0, 0.3], [0.1, 0.1, 0.2])
    got = shrinkage(given_frame)
    assert isinstance(got, Shrinkage)
    assert list(got.table["estimate"]) == [0.1, 0.0, 0.3]
    half = 1.959963984540054 * given_frame["std_error"]
    np.testing.assert_allclose(got.table["conf_low"], given_frame["estimate"] - half, rtol=1e-12)
    assert "half-normal(0.15)" in got.footnote
    assert got.footnote in repr(got)
    assert (got.table["shrunk_std_error"] < got.table["std_error"]).all()


@settings(max_examples=25)
@given(VALUES)
def test_with_equal_precision_shrunk_estimates_lie_between_raw_and_mean_in_the_same_order(values: list[float]) -> None:
    raw = np.array(values)
    got = shrinkage(groups(raw, [0.12] * raw.size)).table["shrunk"].to_numpy()
    mean = raw.mean()
    assert (np.abs(got - mean) <= np.abs(raw - mean) + 1e-12).all()
    assert ((got - mean) * (raw - mean) >= -1e-12).all()
    np.testing.assert_allclose(got.mean(), mean, atol=1e-12)


@settings(max_examples=25)
@given(VALUES, st.randoms(use_true_random=False))
def test_shrunk_estimates_never_leave_the_range_of_the_raw_ones(values: list[float], chance: object) -> None:
    raw = np.array(values)
    errors = np.array([chance.uniform(0.05, 0.4) for _ in values])  # type: ignore[attr-defined]
    table = shrinkage(groups(raw, errors)).table
    assert table["shrunk"].between(raw.min() - 1e-12, raw.max() + 1e-12).all()
    assert ((table["shrunk_low"] < table["shrunk"]) & (table["shrunk"] < table["shrunk_high"])).all()


@settings(max_examples=25)
@given(VALUES)
def test_order_shift_and_unit_carry_through(values: list[float]) -> None:
    raw, errors = np.array(values), np.linspace(0.08, 0.2, len(values))
    plain = shrinkage(groups(raw, errors)).table
    turned = shrinkage(groups(raw[::-1], errors[::-1])).table
    moved = shrinkage(groups(5 + 10 * raw, 10 * errors), prior=1.5).table
    np.testing.assert_allclose(turned["shrunk"], plain["shrunk"][::-1], atol=1e-11)
    np.testing.assert_allclose(moved["shrunk"], 5 + 10 * plain["shrunk"], atol=1e-10)
    np.testing.assert_allclose(moved["shrunk_high"], 5 + 10 * plain["shrunk_high"], atol=1e-10)


def test_without_scatter_all_groups_get_the_common_mean_and_with_precise_groups_their_own() -> None:
    value, error = np.array([0.1, 0.3, -0.1]), np.array([0.1, 0.2, 0.1])
    mean = (value / error**2).sum() / (1 / error**2).sum()
    np.testing.assert_allclose(shrinkage(groups(value, error), prior=1e-6).table["shrunk"], mean, atol=1e-8)
    np.testing.assert_allclose(shrinkage(groups(value, error / 100)).table["shrunk"], value, atol=1e-3)


def test_groups_that_share_sites_are_shrunk_with_their_covariance() -> None:
    rng = np.random.default_rng(8)
    n = 240
    group, site = rng.integers(0, 4, n), rng.integers(0, 20, n)
    answer = np.where(rng.random(n) < 0.3 + 0.3 * (site % 2) + 0.05 * group, "yes", "no")
    frame = pd.DataFrame({"group": np.array(list("abcd"))[group], "site": site, "answer": answer})
    estimate = lp.proportion(lp.Sample.from_frame(frame, psu="site"), "answer", "yes", by=["group"])
    got = shrinkage(estimate).table
    plain = estimate.to_frame()
    same = shrinkage(plain[["group", "estimate", "std_error"]], vcov=estimate.vcov).table
    alone = shrinkage(plain[["group", "estimate", "std_error"]]).table
    np.testing.assert_allclose(got["shrunk"], same["shrunk"], rtol=1e-12)
    assert not np.allclose(got["shrunk"], alone["shrunk"], atol=1e-6)
    np.testing.assert_array_equal(got["conf_low"], plain["conf_low"])
    assert list(got.columns[:2]) == ["variable", "answer"]


def test_a_refused_group_keeps_its_reason_and_the_others_are_shrunk() -> None:
    frame = groups([0.1, np.nan, 0.2, 0.0, 0.3], [0.1, np.nan, 0.1, 0.1, np.nan]).assign(
        refused=["", "too few", "", "", ""]
    )
    table = shrinkage(frame).table
    assert list(table["refused"]) == ["", "too few", "", "", "no standard error: its uncertainty is unknown"]
    assert list(table["shrunk"].isna()) == [False, True, False, False, True]
    without = shrinkage(frame.iloc[[0, 2, 3]]).table
    np.testing.assert_allclose(table["shrunk"].dropna(), without["shrunk"], rtol=1e-12)


@pytest.mark.parametrize(
    ("frame", "vcov", "reason"),
    [
        (groups([0.1, 0.2], [0.1, 0.1]), None, "fewer than 3 groups have an estimate and a standard error"),
        (groups([0.1, 0.2, np.nan], [0.1] * 3), None, "fewer than 3 groups|no estimate"),
        (groups([1.0, 40.0, 90.0], [1.0] * 3), None, "is it in the estimates' unit"),
        (groups([0.1, 0.2, 0.1], [0.1, 0.1, 1e-5]), None, "fewer than 3 groups|nothing to shrink"),
        (
            groups([0.1, 0.3, -0.2], np.sqrt([0.01, 0.01, 0.02])),
            np.array([[0.01, 0, 0.01], [0, 0.01, -0.01], [0.01, -0.01, 0.02]]),
            "a total, or a difference between groups",
        ),
    ],
)
def test_what_cannot_be_shrunk_is_refused_with_a_reason(
    frame: pd.DataFrame, vcov: np.ndarray | None, reason: str
) -> None:
    table = shrinkage(frame, vcov=vcov).table
    assert table["shrunk"].isna().all()
    assert table["refused"].str.contains(reason).all()
    np.testing.assert_array_equal(table["estimate"], frame["estimate"])


def test_wrong_use_is_told() -> None:
    frame = groups([0.1, 0.2, 0.3], [0.1] * 3)
    with pytest.raises(WrongUseError, match="the frame has no column \\['std_error'\\]"):
        shrinkage(frame.drop(columns="std_error"))
    with pytest.raises(WrongUseError, match="scale of the groups' scatter"):
        shrinkage(frame, prior=0.0)
    with pytest.raises(WrongUseError, match="levels lie between 0 and 1"):
        shrinkage(frame, level=95)
    with pytest.raises(WrongUseError, match="vcov has to be 3 x 3"):
        shrinkage(frame, vcov=np.eye(3))
    sample = lp.Sample.from_frame(pd.DataFrame({"answer": ["yes", "no"] * 30, "group": list("abc") * 20}))
    with pytest.raises(WrongUseError, match="has its own covariance matrix"):
        shrinkage(lp.proportion(sample, "answer", "yes", by=["group"]), vcov=np.eye(3))
