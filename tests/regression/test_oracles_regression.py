"""Regressions and average comparisons equal R svyglm (tests/oracles/regression) and CR2 by hand (tests/oracles/cr2)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.estimation.contrast import contrast

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.regression.glm import Fit

# R rakes all groups together here, which is asked for and warned of.
pytestmark = pytest.mark.filterwarnings("ignore:Estimates by 'ethnicity' from population weights")

ORACLES = Path(__file__).parents[1] / "oracles"
RTOL = 1e-8  # both fits are converged to rounding error; svyglm differs by about 1e-10
ATOL = 1e-12  # covariances near zero

Family = Literal["gaussian", "binomial", "poisson"]
OUTCOME: dict[Family, str] = {"gaussian": "score", "binomial": "confident", "poisson": "contacts"}
RIGHT = {
    "": "attended * ethnicity + age_band + sex + years_here",
    "white": "attended * age_band + sex",
    "female": "attended + ethnicity + age_band",
}
WHERE = {"": None, "white": {"ethnicity": "White"}, "female": {"sex": "Female"}}
DESIGN = {
    "rows": {},
    "stratified_clustered": {"stratum": "stratum", "psu": "psu"},
    "fpc": {"stratum": "stratum", "psu": "psu", "fpc": "psus_in_stratum"},
    "raked": {"stratum": "stratum", "psu": "psu"},
}


def read(topic: str, file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / topic / file, comment="#", keep_default_na=False, na_values=[""])


@cache
def expected(design: str, family: str, where: str) -> pd.DataFrame:
    table = read("regression", "expected.csv").fillna({"where": ""})
    return table[(table["design"] == design) & (table["family"] == family) & (table["where"] == where)]


def quantity(table: pd.DataFrame, name: str) -> pd.Series:
    return table[table["quantity"] == name].set_index("label")["value"]


@cache
def sample(design: str) -> lp.Sample:
    plain = lp.Sample.from_frame(read("regression", "data.csv"), weight="weight", **DESIGN[design])
    if design != "raked":
        return plain
    counts = read("regression", "population.csv")
    margins = {
        str(variable): dict(zip(part["category"], part["persons"], strict=True))
        for variable, part in counts.groupby("variable", sort=False)
    }
    return lp.rake(plain, margins)


@cache
def fit(design: str, family: Family, where: str) -> Fit:
    formula = f"{OUTCOME[family]} ~ {RIGHT[where]}"
    return lp.regress(sample(design), formula, family=family, where=WHERE[where], variance="taylor")


@pytest.mark.parametrize("where", RIGHT)
@pytest.mark.parametrize("family", OUTCOME)
@pytest.mark.parametrize("design", DESIGN)
def test_coefficients_equal_svyglm(design: str, family: Family, where: str) -> None:
    got, reference = fit(design, family, where).coefficients, expected(design, family, where)
    terms = list(got.labels["term"])

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")[terms], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, "std_error")[terms], rtol=RTOL)
    np.testing.assert_array_equal(got.df, quantity(reference, "df")[terms])


@pytest.mark.parametrize("where", RIGHT)
@pytest.mark.parametrize("family", OUTCOME)
@pytest.mark.parametrize("design", DESIGN)
def test_every_covariance_of_the_coefficients_equals_svyglm(design: str, family: Family, where: str) -> None:
    got = fit(design, family, where).coefficients
    covariances = quantity(expected(design, family, where), "vcov")
    terms, matrix = list(got.labels["term"]), got.vcov
    ours = {f"{a} x {b}": matrix[i, j] for i, a in enumerate(terms) for j, b in enumerate(terms)}

    np.testing.assert_allclose([ours[pair] for pair in covariances.index], covariances, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("family", OUTCOME)
@pytest.mark.parametrize("design", DESIGN)
def test_complete_respondents_are_counted_as_in_r(design: str, family: Family) -> None:
    got = fit(design, family, "")
    assert got.n == quantity(expected(design, family, ""), "n")["rows"]
    assert got.n + got.left_out == len(sample(design))


@pytest.mark.parametrize("covariates", ["sampled", "fixed"])
@pytest.mark.parametrize("family", OUTCOME)
@pytest.mark.parametrize("design", DESIGN)
def test_average_comparisons_equal_the_influence_function_in_r(
    design: str, family: Family, covariates: Literal["sampled", "fixed"]
) -> None:
    at, reference = fit(design, family, ""), expected(design, family, "")
    column = "std_error" if covariates == "sampled" else "std_error_fixed"
    groups = lp.comparisons(at, "attended", "yes", minus="no", by="ethnicity", covariates=covariates)
    overall = lp.comparisons(at, "attended", "yes", minus="no", covariates=covariates)
    between = lp.difference(groups, "ethnicity", "Black", minus="White")

    for got, labels in (
        (groups, "comparison " + groups.labels["ethnicity"]),
        (overall, ["comparison all"]),
        (between, ["comparison Black - White"]),
    ):
        np.testing.assert_allclose(got.value, quantity(reference, "estimate")[list(labels)], rtol=RTOL)
        np.testing.assert_allclose(got.std_error, quantity(reference, column)[list(labels)], rtol=RTOL)


@pytest.mark.parametrize("covariates", ["sampled", "fixed"])
@pytest.mark.parametrize("family", OUTCOME)
@pytest.mark.parametrize("design", DESIGN)
def test_average_predictions_equal_the_influence_function_in_r(
    design: str, family: Family, covariates: Literal["sampled", "fixed"]
) -> None:
    at, reference = fit(design, family, ""), expected(design, family, "")
    column = "std_error" if covariates == "sampled" else "std_error_fixed"
    got = lp.predictions(at, at={"attended": ["yes", "no"]}, by="ethnicity", covariates=covariates)
    labels = list(got.labels["attended"] + " " + got.labels["ethnicity"])

    np.testing.assert_allclose(got.value, quantity(reference, "estimate")[labels], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, quantity(reference, column)[labels], rtol=RTOL)


def cr2_reference(case: str, clusters: str, labels: list[str]) -> pd.DataFrame:
    table = read("cr2", "expected.csv")
    return table[(table["case"] == case) & (table["clusters"] == clusters)].set_index("label").loc[labels]


def cr2_fit(clusters: str, outcome: str, family: Family) -> Fit:
    frame = read("cr2", "data.csv").astype({"score": float})
    at = lp.Sample.from_frame(frame, weight="weight", psu=None if clusters == "row" else clusters)
    formula = f"{outcome} ~ attended * ethnicity + age_band + sex"
    return lp.regress(at, formula, family=family, where={"wave": "rerun"})


def agree(got: Estimate, wanted: pd.DataFrame) -> None:
    np.testing.assert_allclose(got.value, wanted["estimate"], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, wanted["std_error"], rtol=RTOL)
    np.testing.assert_allclose(got.df, wanted["df"], rtol=RTOL)


MODELS: list[tuple[str, str, str, Family]] = [
    ("least squares confident", "comparison confident", "confident", "gaussian"),
    ("least squares score", "comparison score", "score", "gaussian"),
    ("logit", "logit comparison", "confident", "binomial"),
]


@pytest.mark.parametrize(("case", "_", "outcome", "family"), MODELS)
@pytest.mark.parametrize("clusters", ["row", "site"])
def test_cr2_of_coefficients_equals_the_full_matrix_formula(
    clusters: str, case: str, _: str, outcome: str, family: Family
) -> None:
    got = cr2_fit(clusters, outcome, family).coefficients
    agree(got, cr2_reference(case, clusters, list(got.labels["term"])))


@pytest.mark.parametrize(("_", "case", "outcome", "family"), MODELS)
@pytest.mark.parametrize("clusters", ["row", "site"])
def test_cr2_of_average_comparisons_equals_the_full_matrix_formula(
    clusters: str, _: str, case: str, outcome: str, family: Family
) -> None:
    at = cr2_fit(clusters, outcome, family)
    groups = lp.comparisons(at, "attended", "yes", minus="no", by="ethnicity", covariates="fixed")
    overall = lp.comparisons(at, "attended", "yes", minus="no", covariates="fixed")

    agree(groups, cr2_reference(case, clusters, list(groups.labels["ethnicity"])))
    agree(overall, cr2_reference(case, clusters, ["all"]))
    agree(lp.difference(groups, "ethnicity", "Black", minus="White"), cr2_reference(case, clusters, ["Black - White"]))


def test_a_contrast_of_coefficients_has_its_own_degrees_of_freedom() -> None:
    at = cr2_fit("site", "score", "gaussian").coefficients
    terms = list(at.labels["term"])
    both = [float(term in {"attended[T.yes]", "attended[T.yes]:ethnicity[T.Black]"}) for term in terms]
    got = contrast(at, np.array([both]), pd.DataFrame({"term": ["attended among Black respondents"]}))
    agree(got, cr2_reference("comparison score", "site", ["Black"]))
