"""What must hold whatever the data are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WeightingError

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray

VARIANCES = ["taylor", "cr2"]
RTOL = 1e-9


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a survey: two waves, three groups, a handful of sites, unequal weights, missing answers."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(30, 120))
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "wave": rng.choice(["first", "second"], n),
            "group": rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2]),
            "sex": rng.choice(["Female", "Male"], n),
            "site": rng.integers(0, 9, n),
            "answer": rng.choice(["agree", "neither", "disagree"], n),
            "score": rng.normal(3, 1, n),
            "weight": rng.uniform(0.3, 4, n),
        }
    )
    frame["site"] = frame["wave"] + frame["site"].astype(str)
    frame.loc[rng.random(n) < 0.08, "answer"] = None
    return frame


def sample_of(frame: pd.DataFrame, *, clustered: bool) -> lp.Sample:
    """Make the design: waves are strata, sites are PSUs where recorded."""
    return lp.Sample.from_frame(frame, weight="weight", stratum="wave", psu="site" if clustered else None)


def shares(frame: pd.DataFrame, variance: str, *, clustered: bool = True) -> lp.Estimate:
    """Share that agrees, by wave and group."""
    sample = sample_of(frame, clustered=clustered)
    return lp.proportion(sample, "answer", "agree", by=["wave", "group"], variance=variance)  # type: ignore[arg-type]


def keyed(estimate: lp.Estimate) -> pd.DataFrame:
    """Tabulate by label, so that order does not matter."""
    table = estimate.to_frame()
    labels = [column for column in table.columns if column in {"wave", "group", "answer", "variable"}]
    return table.set_index(labels).sort_index()


@pytest.mark.parametrize("variance", VARIANCES)
@given(frame=frames(), scale=st.floats(1e-3, 1e3), clustered=st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_unit_of_the_weights_does_not_matter(
    frame: pd.DataFrame, variance: str, scale: float, *, clustered: bool
) -> None:
    first = keyed(shares(frame, variance, clustered=clustered))
    second = keyed(shares(frame.assign(weight=frame["weight"] * scale), variance, clustered=clustered))
    pd.testing.assert_frame_equal(first, second, rtol=RTOL)


@pytest.mark.parametrize("variance", VARIANCES)
@given(frame=frames(), seed=st.integers(0, 1000), clustered=st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_rows_does_not_matter(
    frame: pd.DataFrame, variance: str, seed: int, *, clustered: bool
) -> None:
    first = keyed(shares(frame, variance, clustered=clustered))
    second = keyed(shares(frame.sample(frac=1, random_state=seed), variance, clustered=clustered))
    pd.testing.assert_frame_equal(first, second, rtol=1e-7)


@pytest.mark.parametrize("variance", VARIANCES)
@given(frame=frames())
@settings(max_examples=25, deadline=None)
def test_independent_waves_have_covariance_zero(frame: pd.DataFrame, variance: str) -> None:
    estimate = shares(frame, variance)
    waves = estimate.labels["wave"].to_numpy()
    apart = waves[:, None] != waves[None, :]
    vcov = np.nan_to_num(estimate.vcov)
    assert np.abs(vcov[apart]).max(initial=0.0) < 1e-18


@pytest.mark.parametrize("variance", VARIANCES)
@given(frame=frames())
@settings(max_examples=20, deadline=None)
def test_answers_of_other_domains_never_matter(frame: pd.DataFrame, variance: str) -> None:
    other = frame.copy()
    elsewhere = other["group"] != "a"
    other.loc[elsewhere & other["answer"].notna(), "answer"] = "agree"
    first = shares(frame, variance).select(group="a").to_frame()
    second = shares(other, variance).select(group="a").to_frame()
    pd.testing.assert_frame_equal(first, second, rtol=RTOL)


@pytest.mark.parametrize("variance", VARIANCES)
@given(frame=frames())
@settings(max_examples=20, deadline=None)
def test_shares_of_all_answers_add_up_to_one_without_uncertainty(frame: pd.DataFrame, variance: str) -> None:
    sample = sample_of(frame, clustered=True)
    shares_of_all = lp.distribution(sample, "answer", variance=variance)  # type: ignore[arg-type]
    whole = lp.contrast(shares_of_all, np.ones((1, len(shares_of_all))), pd.DataFrame({"sum": ["all answers"]}))
    np.testing.assert_allclose(whole.value, [1.0], rtol=1e-12)
    assert whole.std_error[0] < 1e-12


@given(frame=frames(), clustered=st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_raked_margin_has_variance_zero(frame: pd.DataFrame, *, clustered: bool) -> None:
    margins = {"sex": {"Female": 600, "Male": 400}, "group": {"a": 500, "b": 300, "c": 200}}
    try:
        raked = lp.rake(sample_of(frame, clustered=clustered), margins)
    except WeightingError:  # a group without women, say: no weights meet the margins
        reject()
    for variance in VARIANCES:
        women = lp.proportion(raked, "sex", "Female", variance=variance)  # type: ignore[arg-type]
        np.testing.assert_allclose(women.value, [0.6], rtol=1e-9)
        assert women.std_error[0] < 1e-9


@given(seed=st.integers(0, 10_000), n=st.integers(4, 40))
@settings(max_examples=40, deadline=None)
def test_cr2_with_equal_weights_and_one_answer_a_cluster_is_hc2(seed: int, n: int) -> None:
    """HC2 of a mean is the sample variance over n, with n - 1 degrees of freedom."""
    y = np.random.default_rng(seed).normal(size=n)
    mean = lp.mean(lp.Sample.from_frame(pd.DataFrame({"y": y})), "y")
    np.testing.assert_allclose(mean.std_error, [y.std(ddof=1) / np.sqrt(n)], rtol=1e-10)
    np.testing.assert_allclose(mean.df, [n - 1], rtol=1e-8)


@given(frame=frames())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cr2_equals_the_formula_with_full_matrices(frame: pd.DataFrame) -> None:
    """Bell-McCaffrey with n x n matrices, A = B^(-1/2) by eigenvalues, against the closed 2 x 2 form."""
    answered = frame.dropna(subset="answer")
    y = (answered["answer"] == "agree").to_numpy(dtype=float)
    w = answered["weight"].to_numpy()
    std_error, df = full_cr2(y, w, answered["site"].to_numpy())
    sample = lp.Sample.from_frame(frame, weight="weight", psu="site")
    share = lp.proportion(sample, "answer", "agree")
    np.testing.assert_allclose(share.std_error, [std_error], rtol=1e-7)
    np.testing.assert_allclose(share.df, [df], rtol=1e-6)


def full_cr2(y: FloatArray, w: FloatArray, cluster: np.ndarray) -> tuple[float, float]:
    """Standard error and degrees of freedom of a weighted mean, straight from the definition."""
    n = y.size
    residual_maker = np.eye(n) - np.outer(np.ones(n), w) / w.sum()
    error = y - np.average(y, weights=w)
    scores, rows = [], []
    for name in np.unique(cluster):
        inside = cluster == name
        t = residual_maker[inside]
        value, vector = np.linalg.eigh(t @ t.T)
        root = np.where(value > 1e-10, 1 / np.sqrt(np.maximum(value, 1e-300)), 0)
        a = (vector * root) @ vector.T
        scores.append(w[inside] @ a @ error[inside] / w.sum())
        rows.append(w[inside] @ a @ t / w.sum())
    g = np.array(rows) @ np.array(rows).T
    return float(np.sqrt(np.square(scores).sum())), float(np.trace(g) ** 2 / np.square(g).sum())


@pytest.mark.parametrize("variance", VARIANCES)
@given(frame=frames())
@settings(max_examples=20, deadline=None)
def test_swapping_the_waves_flips_the_change(frame: pd.DataFrame, variance: str) -> None:
    levels = shares(frame, variance)
    there = lp.difference(levels, "wave", "second", minus="first")
    back = lp.difference(levels, "wave", "first", minus="second")
    np.testing.assert_allclose(there.value, -back.value, rtol=1e-12)
    low, high = there.confint()
    other_low, other_high = back.confint()
    np.testing.assert_allclose(low, -other_high, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(high, -other_low, rtol=1e-9, atol=1e-12)


@given(frame=frames(), level=st.floats(0.5, 0.99))
@settings(max_examples=20, deadline=None)
def test_every_interval_holds_its_estimate_and_has_width(frame: pd.DataFrame, level: float) -> None:
    table = shares(frame, "cr2").to_frame(level=level)
    given_rows = table[table["refused"] == ""]
    assert (given_rows["conf_low"] <= given_rows["estimate"] + 1e-12).all()
    assert (given_rows["conf_high"] >= given_rows["estimate"] - 1e-12).all()
    assert (given_rows["conf_high"] - given_rows["conf_low"] > 1e-6).all()
    assert given_rows["conf_low"].ge(0).all()
    assert given_rows["conf_high"].le(1).all()


@given(frame=frames())
@settings(max_examples=20, deadline=None)
def test_the_p_value_agrees_with_the_interval_about_zero(frame: pd.DataFrame) -> None:
    from lpact_eval.estimation.hypothesis import interval_p_value  # noqa: PLC0415 - not part of the public names

    change = lp.difference(shares(frame, "cr2"), "wave", "second", minus="first")
    low, high = change.confint(level=0.95)
    p_value = interval_p_value(change)
    usable = ~np.isnan(p_value) & (np.abs(p_value - 0.05) > 1e-9)
    outside = (low > 0) | (high < 0)
    np.testing.assert_array_equal(outside[usable], (p_value < 0.05)[usable])
