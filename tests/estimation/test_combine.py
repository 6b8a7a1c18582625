"""Estimates put together have one covariance matrix, and contrasts across them the right degrees of freedom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WrongUseError

VARIANCES = ["taylor", "cr2"]


def frame(seed: int, n: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    wave = rng.choice(["a", "b"], n)
    return pd.DataFrame(
        {
            "wave": wave,
            "site": np.char.add(wave, rng.integers(0, 8, n).astype(str)),
            "x": rng.normal(size=n),
            "y": rng.normal(size=n),
            "yes": rng.choice(["yes", "no"], n),
            "weight": rng.uniform(0.5, 3, n),
        }
    )


def sample(seed: int, *, clustered: bool = True) -> lp.Sample:
    return lp.Sample.from_frame(frame(seed), weight="weight", stratum="wave", psu="site" if clustered else None)


@pytest.mark.parametrize("variance", VARIANCES)
@given(seed=st.integers(0, 10_000), clustered=st.booleans())
@settings(max_examples=15)
def test_every_part_keeps_what_it_was(variance: str, seed: int, *, clustered: bool) -> None:
    at = sample(seed, clustered=clustered)
    shares = lp.proportion(at, "yes", "yes", by="wave", variance=variance)  # type: ignore[arg-type]
    means = lp.mean(at, "x", variance=variance)  # type: ignore[arg-type]
    model = lp.regress(at, "y ~ x", variance=variance).coefficients  # type: ignore[arg-type]
    joint = lp.combine([shares, means, model])

    np.testing.assert_array_equal(joint.value, np.concatenate([shares.value, means.value, model.value]))
    np.testing.assert_allclose(
        joint.std_error, np.concatenate([e.std_error for e in (shares, means, model)]), rtol=1e-12
    )
    np.testing.assert_allclose(joint.df, np.concatenate([e.df for e in (shares, means, model)]), rtol=1e-12)
    assert list(joint.labels.columns) == ["variable", "answer", "wave", "term"]
    assert joint.labels["term"].tolist() == ["", "", "", "Intercept", "x"]


@pytest.mark.parametrize("variance", VARIANCES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_difference_of_two_items_is_the_mean_of_their_difference(variance: str, seed: int) -> None:
    """Both answered by everybody: the same weights, the same clusters, so the same number by two ways."""
    data = frame(seed).assign(gap=lambda table: table["x"] - table["y"])
    at = lp.Sample.from_frame(data, weight="weight", psu="site")
    joint = lp.combine([lp.mean(at, name, variance=variance) for name in ("x", "y")])  # type: ignore[arg-type]
    got = lp.difference(joint, "variable", "x", minus="y")
    wanted = lp.mean(at, "gap", variance=variance)  # type: ignore[arg-type]

    np.testing.assert_allclose(got.value, wanted.value, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(got.std_error, wanted.std_error, rtol=1e-9)
    np.testing.assert_allclose(got.df, wanted.df, rtol=1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_parts_on_units_of_their_own_have_welch_degrees_of_freedom(seed: int) -> None:
    """(v1 + v2)^2 / (v1^2 / df1 + v2^2 / df2), the waves having no site in common."""
    at = sample(seed)
    waves = [lp.mean(at, name, by="wave").select(wave=wave) for name, wave in (("x", "a"), ("y", "b"))]
    got = lp.contrast(lp.combine(waves), np.array([[1.0, 1.0]]), pd.DataFrame({"sum": ["x + y"]}))
    v, df = np.array([e.std_error[0] ** 2 for e in waves]), np.array([e.df[0] for e in waves])

    np.testing.assert_allclose(got.df, [v.sum() ** 2 / (v**2 / df).sum()], rtol=1e-10)
    np.testing.assert_allclose(got.std_error, [np.sqrt(v.sum())], rtol=1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_estimates_of_one_call_combine_exactly(seed: int) -> None:
    """Taken apart and put together again, contrasts have the degrees of freedom that they had."""
    means = lp.mean(sample(seed), "x", by="wave")
    apart = lp.combine([means.select(wave="b"), means.select(wave="a")])
    got, wanted = (lp.difference(levels, "wave", "b", minus="a") for levels in (apart, means))
    np.testing.assert_allclose(got.df, wanted.df, rtol=1e-12)
    np.testing.assert_allclose(got.std_error, wanted.std_error, rtol=1e-12)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_the_joint_covariance_matrix_is_positive_semidefinite(seed: int) -> None:
    at = sample(seed)
    joint = lp.combine([lp.distribution(at, "yes", by="wave"), lp.mean(at, "x", by="wave"), lp.mean(at, "y")])
    values = np.linalg.eigvalsh(joint.vcov)
    assert values.min() > -1e-12 * values.max()


def test_changes_of_shares_keep_their_newcombe_intervals_together() -> None:
    at = sample(3)
    changes = [
        lp.difference(lp.proportion(at, "yes", answer, by="wave"), "wave", "b", minus="a") for answer in ("yes", "no")
    ]
    joint = lp.combine(changes).to_frame()
    apart = pd.concat([change.to_frame() for change in changes], ignore_index=True)
    pd.testing.assert_frame_equal(joint, apart)


def test_shares_and_means_together_have_t_intervals() -> None:
    at = sample(3)
    joint = lp.combine([lp.proportion(at, "yes", "yes"), lp.mean(at, "x")])
    np.testing.assert_allclose(joint.confint(), joint.confint(interval="wald"))


def test_a_whole_plan_is_tested_jointly_and_adjusted() -> None:
    at = sample(5)
    levels = [lp.mean(at, name, by="wave") for name in ("x", "y")]
    plan = lp.combine([lp.difference(level, "wave", "b", minus="a") for level in levels])
    together = lp.wald_test(plan)

    assert isinstance(together.df, tuple)
    assert together.df[0] == 2
    assert together.df[1] <= plan.df.min()
    assert (lp.adjust(plan.p_value()) >= plan.p_value()).all()


def test_a_test_across_models_takes_the_smallest_degrees_of_freedom() -> None:
    """Two t tests as one: eta is the smaller df, and F has (2, eta - 1)."""
    at = sample(5)
    joint = lp.combine([lp.mean(at, "x"), lp.mean(at, "y", by="wave").select(wave="a")])
    test = lp.wald_test(joint)
    assert isinstance(test.df, tuple)
    np.testing.assert_allclose(test.df, [2, joint.df.min() - 1])


def test_totals_and_means_may_stand_together() -> None:
    at = sample(5)
    joint = lp.combine([lp.total(at, "x"), lp.mean(at, "x")])
    np.testing.assert_allclose(joint.df, [lp.total(at, "x").df[0], lp.mean(at, "x").df[0]])
    assert lp.wald_test(joint).refused == ""


def test_weights_may_differ_but_respondents_may_not() -> None:
    at = sample(1)
    raked = lp.rake(at, {"yes": {"yes": 500, "no": 500}})
    joint = lp.combine([lp.mean(at, "x"), lp.mean(raked, "x").take(np.array([0]))])
    assert joint.vcov.shape == (2, 2)
    with pytest.raises(WrongUseError, match="different samples"):
        lp.combine([lp.mean(at, "x"), lp.mean(sample(2), "x")])


def test_nothing_and_two_variances_can_not_be_combined() -> None:
    at = sample(1)
    with pytest.raises(WrongUseError, match="no estimate was given"):
        lp.combine([])
    with pytest.raises(WrongUseError, match=r"variances \['cr2', 'taylor'\]"):
        lp.combine([lp.mean(at, "x"), lp.mean(at, "y", variance="taylor")])


def test_replicate_estimates_combine_when_the_replicates_are_the_same() -> None:
    at = lp.replicate(sample(1), method="jackknife")
    joint = lp.combine([lp.mean(at, "x"), lp.mean(at, "y", by="wave")])
    assert joint.variance == "replicate"
    test = lp.wald_test(joint)
    assert test.refused == ""
    other = lp.mean(lp.replicate(sample(1), method="bootstrap", replicates=20, seed=1), "y")
    with pytest.raises(WrongUseError, match="replicate weights"):
        lp.combine([lp.mean(at, "x"), other])
