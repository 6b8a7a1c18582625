"""Replicate weights, raking inside replicates and quantiles equal R survey's (tests/oracles/replicate/make.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate

# R rakes all groups together here, which is asked for and warned of.
pytestmark = pytest.mark.filterwarnings("ignore:Estimates by 'ethnicity' from population weights")

ORACLE = Path(__file__).parents[1] / "oracles" / "replicate"
RTOL = 1e-8  # both work in double precision; R stops raking at 1e-13
ATOL = 1e-12  # covariances that are zero in theory carry rounding noise on either side
MODEL_RTOL = 1e-6  # R stops Newton's method on the change of the deviance

BY = {"all": (), "wave": ("wave",), "ethnicity": ("ethnicity",)}
STATISTICS = ("proportion_confident", "mean_trust", "ratio_helpful_contacts", "total_helpful")
PLAIN = ("jk1", "jk1_mean", "jk1_fpc", "jkn", "jkn_fpc", "brr", "fay", "given", "given_mean")
RAKED = ("jk1_raked", "jkn_raked", "jkn_raked_within", "brr_raked", "given_raked")
FORMULA = {
    "gaussian": "trust ~ wave + ethnicity",
    "binomial": "confident ~ wave + sex",
    "poisson": "contacts ~ wave + sex",
}
STRATA = {"stratum": "stratum", "psu": "site"}
GIVEN = {"method": "bootstrap", "scale": 1 / 39}


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#", keep_default_na=False, na_values=[""])


@cache
def frame() -> pd.DataFrame:
    return read("data.csv").join(read("weights.csv"))


def start(**columns: str) -> lp.Sample:
    return lp.Sample.from_frame(frame(), weight="weight", **columns)


@cache
def sample(design: str) -> lp.Sample:
    columns = [f"boot{number:02d}" for number in range(1, 41)]
    made = {
        "jk1": lambda: lp.replicate(start(psu="site"), method="jackknife"),
        "jk1_mean": lambda: lp.replicate(start(psu="site"), method="jackknife", centre="mean"),
        "jk1_fpc": lambda: lp.replicate(start(psu="site", fpc="sites"), method="jackknife"),
        "jkn": lambda: lp.replicate(start(**STRATA), method="jackknife"),
        "jkn_fpc": lambda: lp.replicate(start(**STRATA, fpc="psus_in_stratum"), method="jackknife"),
        "brr": lambda: lp.replicate(start(**STRATA), method="brr"),
        "fay": lambda: lp.replicate(start(**STRATA), method="fay", rho=0.3),
        "given": lambda: lp.with_replicate_weights(start(), columns, **GIVEN),
        "given_mean": lambda: lp.with_replicate_weights(start(), columns, **GIVEN, centre="mean"),
        "jk1_raked": lambda: lp.replicate(lp.rake(start(psu="site"), margins("")), method="jackknife"),
        "jkn_raked": lambda: lp.replicate(lp.rake(start(**STRATA), margins("")), method="jackknife"),
        "jkn_raked_within": lambda: lp.replicate(raked_within(start(**STRATA)), method="jackknife"),
        "brr_raked": lambda: lp.rake(sample("brr"), margins("")),
        "given_raked": lambda: lp.rake(sample("given"), margins("")),
        "taylor": lambda: start(**STRATA),
        "taylor_fpc": lambda: start(**STRATA, fpc="psus_in_stratum"),
        "taylor_sites": lambda: start(psu="site"),
        "taylor_raked": lambda: lp.rake(start(**STRATA), margins("")),
    }
    return made[design]()


def margins(within: str) -> dict[str, dict[str, float]]:
    counts = read("population.csv").fillna({"within": ""})
    return {
        str(variable): dict(zip(part["category"], part["persons"], strict=True))
        for variable, part in counts[counts["within"] == within].groupby("variable", sort=False)
    }


def raked_within(plain: lp.Sample) -> lp.Sample:
    joint = [
        lp.Margin(("ethnicity", variable), {(group, category): n for group in groups for category, n in of[group]})
        for variable in ("age_band", "sex")
        for groups in [("Asian", "Black", "White")]
        for of in [{group: margins(group)[variable].items() for group in groups}]
    ]
    return lp.rake(plain, joint, within="ethnicity")


@cache
def reference() -> pd.DataFrame:
    return read("expected.csv").astype({"label": str}).set_index(["design", "statistic", "by"]).sort_index()


def quantity(design: str, statistic: str, by: str, name: str) -> pd.Series:
    part = reference().loc[(design, statistic, by)]
    part = part[part["quantity"] == name]
    return part.set_index("label")["value"]


@cache
def estimate(design: str, statistic: str, by: str) -> Estimate:
    at, domains = sample(design), BY[by]
    if statistic == "proportion_confident":
        return lp.proportion(at, "confident", "1", by=domains)
    if statistic == "mean_trust":
        return lp.mean(at, "trust", by=domains)
    if statistic == "total_helpful":
        return lp.total(at, "helpful", by=domains)
    return lp.ratio(at, "helpful", "contacts", by=domains)


def labels(table: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return ["|".join(row) for row in table[list(columns)].astype(str).to_numpy()] if columns else ["all"]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("design", PLAIN + RAKED)
def test_estimates_and_all_covariances_equal_r_with_replicates(design: str, statistic: str, by: str) -> None:
    got = estimate(design, statistic, by)
    names = labels(got.labels, BY[by])
    covariances = quantity(design, statistic, by, "vcov")
    ours = {f"{a} x {b}": got.vcov[i, j] for i, a in enumerate(names) for j, b in enumerate(names)}

    np.testing.assert_allclose(got.value, quantity(design, statistic, by, "estimate")[names], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(design, statistic, by, "std_error")[names], rtol=RTOL)
    np.testing.assert_allclose(
        [ours[pair] for pair in covariances.index], covariances, rtol=RTOL, atol=ATOL * covariances.max()
    )


@pytest.mark.parametrize("statistic", STATISTICS[:3])
@pytest.mark.parametrize("design", PLAIN + RAKED)
def test_changes_and_relative_changes_between_waves_equal_r(design: str, statistic: str) -> None:
    waves = estimate(design, statistic, "wave")
    change = lp.difference(waves, "wave", "rerun", minus="2022")
    relative = lp.relative_change(waves, "wave", "rerun", minus="2022")

    for got, label in ((change, "rerun - 2022"), (relative, "relative")):
        np.testing.assert_allclose(got.value, quantity(design, statistic, "wave", "estimate")[label], rtol=RTOL)
        np.testing.assert_allclose(got.std_error, quantity(design, statistic, "wave", "std_error")[label], rtol=RTOL)


@pytest.mark.parametrize("design", PLAIN + RAKED)
def test_degrees_of_freedom_and_the_number_of_replicates_equal_r(design: str) -> None:
    assert sample(design).design.replicates.count == quantity(design, "design", "all", "replicates")["all"]
    assert estimate(design, "total_helpful", "all").df == quantity(design, "design", "all", "df")["all"]


@pytest.mark.parametrize("family", FORMULA)
@pytest.mark.parametrize("design", ["jk1", "jkn", "brr", "given_mean", "jkn_raked"])
def test_regressions_equal_r_svyglm_on_replicates(design: str, family: str) -> None:
    got = lp.regress(sample(design), FORMULA[family], family=family).coefficients
    expected = quantity(design, family, "term", "std_error")

    np.testing.assert_allclose(got.value, quantity(design, family, "term", "estimate"), rtol=MODEL_RTOL, atol=1e-9)
    np.testing.assert_allclose(got.std_error, expected, rtol=MODEL_RTOL)
    np.testing.assert_array_equal(got.df, quantity(design, family, "term", "df")["all"])


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("variable", ["trust", "rating"])
@pytest.mark.parametrize(
    "design",
    ["taylor", "taylor_fpc", "taylor_sites", "taylor_raked", "jk1", "jkn_fpc", "brr", "given", "jkn_raked"],
)
def test_quantiles_and_their_intervals_equal_r_svyquantile(design: str, variable: str, by: str) -> None:
    got = lp.quantile(sample(design), variable, [0.25, 0.5, 0.75], by=BY[by], variance="taylor").to_frame()
    domains = labels(got, BY[by]) if by != "all" else ["all"] * 3
    names = [f"{domain}|{q}" for domain, q in zip(domains, got["q"], strict=True)]
    statistic = f"quantile_{variable}"

    for column, name in (("estimate", "estimate"), ("conf_low", "low"), ("conf_high", "high")):
        np.testing.assert_array_equal(got[column], quantity(design, statistic, by, name)[names], err_msg=column)
    np.testing.assert_allclose(got["std_error"], quantity(design, statistic, by, "std_error")[names], rtol=RTOL)
