"""Domain estimates under eight designs equal R survey's (tests/oracles/design/make.R)."""

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

ORACLE = Path(__file__).parents[1] / "oracles" / "design"
RTOL = 1e-8  # both work in double precision; R stops raking at 1e-13, we at 1e-10
ATOL = 1e-12  # covariances that are zero in theory carry rounding noise on either side

SCALE = ("strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree")
POSITIVE = list(SCALE[:2])
DESIGN = {
    "rows": {},
    "stratified": {"stratum": "stratum"},
    "clustered": {"psu": "site"},
    "stratified_clustered": {"stratum": "stratum", "psu": "psu"},
    "fpc_psus": {"stratum": "stratum", "psu": "psu", "fpc": "psus_in_stratum"},
    "fpc_fraction": {"stratum": "stratum", "fpc": "row_fraction"},
    "raked": {"stratum": "stratum", "psu": "psu"},
    "raked_within": {"stratum": "stratum", "psu": "psu"},
}
BY = {
    "all": (),
    "wave": ("wave",),
    "ethnicity": ("ethnicity",),
    "wave_ethnicity": ("wave", "ethnicity"),
    "sex_age_band": ("sex", "age_band"),
}
STATISTICS = ("proportion_strong", "proportion_positive", "mean_trust", "ratio_helpful_contacts")


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#", keep_default_na=False, na_values=[""])


@cache
def expected(design: str, statistic: str, by: str) -> pd.DataFrame:
    table = read_expected()
    return table[(table["design"] == design) & (table["statistic"] == statistic) & (table["by"] == by)]


@cache
def read_expected() -> pd.DataFrame:
    return read("expected.csv").astype({"label": str})


def quantity(table: pd.DataFrame, name: str) -> pd.Series:
    part = table[table["quantity"] == name]
    return part.set_index("label")["value"]


@cache
def sample(design: str) -> lp.Sample:
    frame = read("data.csv")
    frame["site"] = frame["stratum"] + " " + frame["psu"].astype(str)
    frame["confidence"] = pd.Categorical(frame["confidence"], categories=list(SCALE), ordered=True)
    plain = lp.Sample.from_frame(frame, weight="weight", **DESIGN[design])
    population = read("population.csv").fillna({"within": ""})
    if design == "raked":
        return lp.rake(plain, margins(population[population["within"] == ""]))
    if design == "raked_within":
        return raked_within(plain, population[population["within"] != ""])
    return plain


def margins(counts: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {
        str(variable): dict(zip(part["category"], part["persons"], strict=True))
        for variable, part in counts.groupby("variable", sort=False)
    }


def raked_within(plain: lp.Sample, population: pd.DataFrame) -> lp.Sample:
    joint = [
        lp.Margin(
            ("ethnicity", str(variable)),
            {
                (group, category): persons
                for group, category, persons in part[["within", "category", "persons"]].to_numpy()
            },
        )
        for variable, part in population.groupby("variable", sort=False)
    ]
    return lp.rake(plain, joint, within="ethnicity")


@cache
def estimate(design: str, statistic: str, by: str) -> Estimate:
    at, domains = sample(design), BY[by]
    if statistic == "proportion_strong":
        return lp.proportion(at, "confidence", SCALE[0], by=domains, variance="taylor")
    if statistic == "proportion_positive":
        return lp.proportion(at, "confidence", POSITIVE, by=domains, variance="taylor")
    if statistic == "mean_trust":
        return lp.mean(at, "trust", by=domains, variance="taylor")
    if statistic == "total_helpful":
        return lp.total(at, "helpful", by=domains, variance="taylor")
    return lp.ratio(at, "helpful", "contacts", by=domains, variance="taylor")


def labels(table: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return ["|".join(row) for row in table[list(columns)].astype(str).to_numpy()] if columns else ["all"]


def vcov_by_label(got: Estimate, names: list[str]) -> dict[str, float]:
    matrix = got.vcov
    return {f"{a} x {b}": matrix[i, j] for i, a in enumerate(names) for j, b in enumerate(names)}


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("design", DESIGN)
def test_domain_estimates_and_standard_errors_equal_r(design: str, statistic: str, by: str) -> None:
    got, reference = estimate(design, statistic, by), expected(design, statistic, by)
    names = labels(got.labels, BY[by])

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")[names], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, "std_error")[names], rtol=RTOL)


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("design", DESIGN)
def test_degrees_of_freedom_and_bases_equal_r_on_the_domain(design: str, statistic: str, by: str) -> None:
    got, reference = estimate(design, statistic, by), expected(design, statistic, by)
    names = labels(got.labels, BY[by])

    np.testing.assert_array_equal(got.df, quantity(reference, "df")[names])
    np.testing.assert_array_equal(got.to_frame()["n"], quantity(reference, "n")[names])


@pytest.mark.parametrize("by", ["all", "wave", "wave_ethnicity"])
@pytest.mark.parametrize("design", DESIGN)
def test_totals_equal_r_with_all_covariances(design: str, by: str) -> None:
    got, reference = estimate(design, "total_helpful", by), expected(design, "total_helpful", by)
    names = labels(got.labels, BY[by])
    covariances = quantity(reference, "vcov")
    ours = vcov_by_label(got, names)

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")[names], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, "std_error")[names], rtol=RTOL)
    np.testing.assert_allclose(
        [ours[pair] for pair in covariances.index], covariances, rtol=RTOL, atol=ATOL * covariances.max()
    )


@pytest.mark.parametrize("statistic", ["proportion_positive", "mean_trust"])
@pytest.mark.parametrize("design", DESIGN)
def test_every_covariance_of_a_table_equals_r(design: str, statistic: str) -> None:
    got, reference = (
        estimate(design, statistic, "wave_ethnicity"),
        expected(design, statistic, "wave_ethnicity"),
    )
    covariances = quantity(reference, "vcov")
    ours = vcov_by_label(got, labels(got.labels, BY["wave_ethnicity"]))

    np.testing.assert_allclose([ours[pair] for pair in covariances.index], covariances, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("design", ["rows", "stratified_clustered", "fpc_psus", "raked"])
def test_every_covariance_of_a_distribution_by_ethnic_group_equals_r(design: str) -> None:
    got = lp.distribution(sample(design), "confidence", by=["ethnicity"], variance="taylor")
    reference = expected(design, "distribution", "ethnicity")
    names = labels(got.labels, ("ethnicity", "answer"))
    covariances = quantity(reference, "vcov")
    ours = vcov_by_label(got, names)

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")[names], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, "std_error")[names], rtol=RTOL)
    np.testing.assert_allclose([ours[pair] for pair in covariances.index], covariances, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("design", DESIGN)
def test_the_difference_between_waves_equals_r_svycontrast(design: str, statistic: str) -> None:
    got = lp.difference(estimate(design, statistic, "wave"), "wave", "rerun", minus="2022")
    reference = expected(design, statistic, "wave")

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")["rerun - 2022"], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, "std_error")["rerun - 2022"], rtol=RTOL)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("design", DESIGN)
def test_the_change_of_every_ethnic_group_equals_r_svycontrast(design: str, statistic: str) -> None:
    got = lp.difference(estimate(design, statistic, "wave_ethnicity"), "wave", "rerun", minus="2022")
    reference = expected(design, statistic, "wave_ethnicity")
    names = labels(got.labels, ("wave", "ethnicity"))

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")[names], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, "std_error")[names], rtol=RTOL)


@pytest.mark.parametrize("interval", ["wald", "logit", "beta", "likelihood"])
@pytest.mark.parametrize("by", ["all", "wave_ethnicity"])
@pytest.mark.parametrize("design", DESIGN)
def test_intervals_of_shares_equal_r_svyciprop(design: str, by: str, interval: str) -> None:
    got = estimate(design, "proportion_positive", by).to_frame(interval=interval)
    reference = expected(design, "proportion_positive", by)
    names = labels(got, BY[by])

    np.testing.assert_allclose(got["conf_low"], quantity(reference, f"{interval}_low")[names], rtol=RTOL)
    np.testing.assert_allclose(got["conf_high"], quantity(reference, f"{interval}_high")[names], rtol=RTOL)


@pytest.mark.parametrize("design", ["raked", "raked_within"])
def test_raked_weights_equal_r_calibrate(design: str) -> None:
    reference = expected(design, "weight", "row")
    np.testing.assert_allclose(sample(design).design.weight, reference["value"], rtol=RTOL)
