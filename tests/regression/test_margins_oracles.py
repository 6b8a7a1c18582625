"""Average predictions and comparisons equal influence functions, replicates and CR2 by hand (tests/oracles/margins)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.estimation.estimate import Estimate
from lpact_eval.regression.glm import Fit

# R rakes all groups together here, which is asked for and warned of.
pytestmark = pytest.mark.filterwarnings("ignore:Estimates by 'ethnicity' from population weights")

ORACLE = Path(__file__).parents[1] / "oracles" / "margins"
RTOL = 1e-8  # both fits are converged to rounding error
NOTHING = 1e-12  # differences between groups where the model has none
Variance = Literal["taylor", "jackknife", "cr2"]
Family = Literal["gaussian", "binomial", "poisson", "ordinal"]
DESIGN = {"rows": {}, "row": {}, "site": {"psu": "site"}}
RIGHT = "attended * ethnicity + sex + years_here"
OUTCOME: dict[Family, str] = {
    "gaussian": "score",
    "binomial": "confident",
    "poisson": "contacts",
    "ordinal": "answer",
}
Average = Callable[[Fit, dict[str, Any]], Estimate]


def compared(variable: str, **levels: Any) -> Average:  # noqa: ANN401 - whatever comparisons takes
    return lambda fit, more: lp.comparisons(fit, variable, **levels, **more)


def predicted(**at: object) -> Average:
    return lambda fit, more: lp.predictions(fit, at=at, **more)


AVERAGES: dict[str, Average] = {
    "attended: yes - no": compared("attended", level="yes", minus="no"),
    "years_here: 20 - 5": compared("years_here", level=20, minus=5),
    "years_here: +5": compared("years_here", step=5),
    "attended: yes - no at years_here = 10": compared("attended", level="yes", minus="no", at={"years_here": 10}),
    "as they are": predicted(),
    "attended = yes": predicted(attended="yes"),
    "hours = 1": predicted(hours=1),
}


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#", keep_default_na=False, na_values=[""])


@cache
def expected() -> dict[tuple[str, ...], dict[tuple[str, str], float]]:
    """Values by group and quantity of every case: variance, design, family, what, answer."""
    found: dict[tuple[str, ...], dict[tuple[str, str], float]] = {}
    for *case, group, quantity, value in read("expected.csv").fillna({"answer": ""}).itertuples(index=False, name=None):
        found.setdefault(tuple(case), {})[str(group), str(quantity)] = float(value)
    return found


@cache
def sample(variance: Variance, design: str) -> lp.Sample:
    frame = read("data.csv")
    frame["sex_known"] = frame["sex"].fillna("unknown")
    plain = lp.Sample.from_frame(frame, weight="weight", **DESIGN.get(design, {"stratum": "stratum", "psu": "psu"}))
    if design == "raked":
        counts = read("population.csv")
        parts = counts.groupby("variable", sort=False)
        return lp.rake(plain, {str(name): dict(zip(p["category"], p["persons"], strict=True)) for name, p in parts})
    return lp.replicate(plain, method="jackknife") if variance == "jackknife" else plain


@cache
def fit(variance: Variance, design: str, family: Family) -> Fit:
    right = f"{RIGHT} + offset(log(hours))" if family == "poisson" else RIGHT
    asked = "cr2" if variance == "cr2" else "taylor"
    return lp.regress(sample(variance, design), f"{OUTCOME[family]} ~ {right}", family=family, variance=asked)


def averaged(at: Fit, what: str, answer: str, covariates: str) -> dict[str, Estimate]:
    """Everything that the oracle holds of one quantity: all, each group, attendees, and a difference of groups."""
    more: dict[str, Any] = {"answer": answer.split(" or ") if answer else None, "covariates": covariates}
    average = AVERAGES[what]
    groups = average(at, more | {"by": "ethnicity"})
    return {
        "all": average(at, more),
        **{group: groups.select(ethnicity=group) for group in ("Asian", "Black", "White")},
        "attendees": average(at, more | {"among": {"attended": "yes"}}),
        "Black - White": lp.difference(groups, "ethnicity", "Black", minus="White"),
    }


def agrees(case: tuple[str, ...], covariates: str, at: Fit) -> None:
    reference = expected()[case]
    suffix = "" if covariates == "sampled" else "_fixed"
    groups = averaged(at, case[-2], case[-1], covariates)
    for group in dict.fromkeys(group for group, _ in reference):
        got, size = groups[group], reference[group, f"std_error{suffix}"]
        np.testing.assert_allclose(got.value, reference[group, "estimate"], rtol=RTOL, atol=NOTHING)
        np.testing.assert_allclose(got.std_error, size, rtol=RTOL, atol=NOTHING)
        if case[0] == "cr2" and size > NOTHING:
            np.testing.assert_allclose(got.df, reference[group, f"df{suffix}"], rtol=RTOL)


def family_of(case: tuple[str, ...]) -> Family:
    return next(family for family in OUTCOME if family == case[2])


def cases(variance: Variance) -> list[tuple[str, ...]]:
    return [case for case in expected() if case[0] == variance]


@pytest.mark.parametrize("covariates", ["sampled", "fixed"])
@pytest.mark.parametrize("case", cases("taylor"), ids=" | ".join)
def test_averages_equal_the_linearised_influence_in_r(case: tuple[str, ...], covariates: str) -> None:
    """Sampled: svyrecvar of the whole influence; fixed: the delta method on the covariance matrix of the fit."""
    agrees(case, covariates, fit("taylor", case[1], family_of(case)))


@pytest.mark.parametrize("covariates", ["sampled", "fixed"])
@pytest.mark.parametrize("case", cases("jackknife"), ids=" | ".join)
def test_replicates_work_out_coefficients_and_averages_again(case: tuple[str, ...], covariates: str) -> None:
    agrees(case, covariates, fit("jackknife", case[1], family_of(case)))


@pytest.mark.parametrize("covariates", ["sampled", "fixed"])
@pytest.mark.parametrize("case", cases("cr2"), ids=" | ".join)
def test_cr2_of_averages_equals_full_matrices(case: tuple[str, ...], covariates: str) -> None:
    agrees(case, covariates, fit("cr2", case[1], family_of(case)))
