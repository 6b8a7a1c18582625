"""Offsets equal R svyglm, and CR2 by full matrices checked against clubSandwich (tests/oracles/offsets)."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError

FOLDER = Path(__file__).parents[1] / "oracles" / "offsets"
RTOL = 1e-8  # both fits are converged to rounding error; svyglm differs by about 1e-10
FORMULA = {
    "gaussian": "score ~ sex * group + years + offset(before)",
    "binomial": "confident ~ sex * group + years + offset(prior)",
    "poisson": "contacts ~ sex * group + years + offset(log(hours))",
}
CASES = [(family, clusters) for family in FORMULA for clusters in ("row", "unit")]


@cache
def data() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data.csv", comment="#")


@cache
def sample(clusters: str) -> lp.Sample:
    units = {"stratum": "stratum", "psu": "site"} if clusters == "unit" else {}
    return lp.Sample.from_frame(data(), weight="weight", **units)


def expected(case: str, family: str, clusters: str) -> pd.DataFrame:
    table = pd.read_csv(FOLDER / "expected.csv", comment="#")
    chosen = (table["case"] == case) & (table["family"] == family) & (table["clusters"] == clusters)
    return table[chosen].set_index("label")


def small() -> pd.DataFrame:
    return pd.DataFrame({"y": [2, 6, 3, 5], "hours": [1.0, 3, 1, 1], "attended": ["yes"] * 2 + ["no"] * 2})


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
@pytest.mark.parametrize(("family", "clusters"), CASES)
def test_a_regression_with_an_offset_equals_r(family: str, clusters: str, variance: str) -> None:
    reference = expected(variance, family, clusters)
    got = lp.regress(sample(clusters), FORMULA[family], family=family, variance=variance).coefficients
    reference = reference.loc[list(got.labels["term"])]
    np.testing.assert_allclose(got.value, reference["estimate"], rtol=RTOL, atol=1e-11)
    np.testing.assert_allclose(got.std_error, reference["std_error"], rtol=RTOL)
    np.testing.assert_allclose(got.df, reference["df"], rtol=RTOL)


@pytest.mark.parametrize("hours", [1, 10])
@pytest.mark.parametrize("clusters", ["row", "unit"])
def test_the_rate_for_some_hours_carries_the_offset(clusters: str, hours: int) -> None:
    fit = lp.regress(sample(clusters), FORMULA["poisson"], family="poisson", variance="taylor")
    got = lp.predictions(fit, at={"hours": hours})
    row = expected("rate", "poisson", clusters).loc[str(hours)]
    np.testing.assert_allclose([got.value[0], got.std_error[0]], [row["estimate"], row["std_error"]], rtol=RTOL)


def test_counts_over_hours_give_the_log_ratio_of_rates() -> None:
    """8 in 4 hours among attendees, 8 in 2 hours among others: rates 2 and 4, log ratio log(1/2)."""
    got = lp.regress(lp.Sample.from_frame(small()), "y ~ attended + offset(log(hours))", family="poisson")
    np.testing.assert_allclose(got.coefficients.value, [math.log(4), math.log(1 / 2)], rtol=1e-9)


def test_the_argument_is_the_same_as_the_term() -> None:
    frame = small().assign(**{"log of hours": lambda f: np.log(f["hours"])})
    at = lp.Sample.from_frame(frame)
    wanted = lp.regress(at, "y ~ attended + offset(log(hours))", family="poisson").coefficients
    for offset in ("log(hours)", "log of hours", "`log of hours`"):
        got = lp.regress(at, "y ~ attended", family="poisson", offset=offset).coefficients
        np.testing.assert_allclose(got.value, wanted.value, rtol=1e-12)
        np.testing.assert_allclose(got.std_error, wanted.std_error, rtol=1e-12)


def test_offsets_add_up() -> None:
    at = lp.Sample.from_frame(small())
    one = lp.regress(at, "y ~ attended + offset(log(hours)) + offset(hours)", family="poisson").coefficients
    other = lp.regress(at, "y ~ attended", offset="log(hours) + hours", family="poisson").coefficients
    np.testing.assert_allclose(one.value, other.value, rtol=1e-12)


def test_a_gaussian_offset_is_taken_off_the_outcome() -> None:
    frame = small().assign(less=lambda f: f["y"] - f["hours"])
    at = lp.Sample.from_frame(frame)
    one = lp.regress(at, "y ~ attended + offset(hours)").coefficients
    other = lp.regress(at, "less ~ attended").coefficients
    np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
    np.testing.assert_allclose(one.std_error, other.std_error, rtol=1e-12)


@pytest.mark.parametrize(
    ("family", "right"), [("gaussian", "sex + offset(hours)"), ("poisson", "sex + offset(log(hours))")]
)
def test_replicates_are_fitted_with_the_offset(family: str, right: str) -> None:
    frame, formula = data().dropna().head(30), f"contacts ~ {right}"
    at = lp.replicate(lp.Sample.from_frame(frame, weight="weight"), method="jackknife")
    got = lp.regress(at, formula, family=family).coefficients
    left = [lp.Sample.from_frame(frame.drop(index=row), weight="weight") for row in frame.index]
    again = np.array([lp.regress(one, formula, family=family, variance="taylor").coefficients.value for one in left])
    wanted = np.sqrt(29 / 30 * ((again - got.value) ** 2).sum(axis=0))
    np.testing.assert_allclose(got.std_error, wanted, rtol=1e-7)


def test_who_misses_the_exposure_is_left_out() -> None:
    frame = small().assign(hours=[1.0, 3, np.nan, 1])
    fit = lp.regress(lp.Sample.from_frame(frame), "y ~ 1 + offset(log(hours))", family="poisson")
    assert (fit.n, fit.left_out) == (3, 1)
    np.testing.assert_allclose(fit.coefficients.value, [math.log(13 / 5)], rtol=1e-9)
    np.testing.assert_allclose(fit.linear()[1], math.log(13 / 5) + np.log([1, 3, 1]), rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "arguments", "error", "message"),
    [
        ("y ~ attended + offset(log(none))", {}, EstimationError, "not a finite number for 1 of 4 respondents"),
        ("y ~ attended + offset(attended)", {}, EstimationError, "the offset 'attended' is a category"),
        ("y ~ attended:offset(hours)", {}, WrongUseError, "part of an interaction"),
        ("y ~ attended", {"offset": "hours +"}, WrongUseError, r"Cannot read the offset 'hours \+'"),
        ("y ~ attended", {"offset": "nobody"}, EstimationError, r"there is no variable \['nobody'\]"),
        ("y ~ attended", {"offset": "np.nofunction(hours)"}, EstimationError, "Cannot work out the offset"),
        ("y ~ attended", {"offset": "hours", "family": "ordinal"}, WrongUseError, "for ordered answers"),
    ],
)
def test_offsets_that_cannot_be_used_are_refused(
    formula: str, arguments: dict[str, str], error: type[Exception], message: str
) -> None:
    frame = small().assign(none=[0.0, 1, 1, 1])
    with pytest.raises(error, match=message):
        lp.regress(lp.Sample.from_frame(frame), formula, **{"family": "poisson", **arguments})
