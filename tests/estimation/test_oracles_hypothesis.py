"""Tests, contrasts, rank effects and joint covariances equal R's (tests/oracles/hypothesis/make.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp

if TYPE_CHECKING:
    from lpact_eval.estimation.hypothesis import Test

# R rakes all groups together here, which is asked for and warned of.
pytestmark = pytest.mark.filterwarnings("ignore:Estimates by 'ethnicity' from population weights")

ORACLE = Path(__file__).parents[1] / "oracles" / "hypothesis"
RTOL = 1e-8  # both work in double precision; R stops raking at 1e-13, we at 1e-10
ROOT_RTOL = 1e-7  # intervals are turned into p values by R's uniroot there, by bisection here
LOGIT_RTOL = 1e-6  # two stopping rules for the same likelihood
ATOL = 1e-12  # covariances that are zero in theory carry rounding noise on either side

WAVES, GROUPS = ("2022", "2024", "2026"), ("Asian", "Black", "White")
DESIGN: dict[str, dict[str, str]] = {
    "rows": {},
    "stratified": {"stratum": "stratum"},
    "clustered": {"stratum": "stratum", "psu": "psu"},
    "fpc": {"stratum": "stratum", "psu": "psu", "fpc": "psus_in_stratum"},
    "raked": {"stratum": "stratum", "psu": "psu"},
}
CLUSTERS: dict[str, dict[str, str]] = {"row": {}, "site": {"psu": "site"}}
Variance = Literal["taylor", "cr2"]


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#", dtype={"wave": str, "label": str})


@cache
def expected(design: str, case: str) -> pd.Series:
    table = read_expected()
    part = table[(table["design"] == design) & (table["case"] == case)]
    return part.set_index(["label", "quantity"])["value"]


@cache
def read_expected() -> pd.DataFrame:
    return read("expected.csv")


@cache
def sample(design: str) -> lp.Sample:
    columns = DESIGN[design] if design in DESIGN else CLUSTERS[design.removeprefix("cr2 ")]
    plain = lp.Sample.from_frame(read("data.csv"), weight="weight", **columns)
    if design != "raked":
        return plain
    margins = {
        str(variable): dict(zip(part["category"], part["persons"], strict=True))
        for variable, part in read("population.csv").groupby("variable", sort=False)
    }
    return lp.rake(plain, margins)


def variance_of(design: str) -> Variance:
    return "taylor" if design in DESIGN else "cr2"


def trust(design: str) -> lp.Estimate:
    return lp.mean(sample(design), "trust", by=["wave", "ethnicity"], variance=variance_of(design))


def change(design: str) -> lp.Estimate:
    return lp.difference(trust(design), "wave", "2026", minus="2022")


def where(domain: str) -> dict[str, str] | None:
    return None if domain == "all" else {"ethnicity": domain}


def agree(test: Test, reference: pd.Series, *, rtol: float = RTOL) -> None:
    """Compare whatever R gives of a test."""
    assert test.refused == ""
    freedom = test.df if isinstance(test.df, tuple) else (test.df,)
    ours = dict(zip(("df1", "df2"), freedom, strict=False))
    ours |= {"df": freedom[-1], "statistic": test.statistic, "p": test.p_value}
    ours |= {"low": test.conf_low, "high": test.conf_high}
    np.testing.assert_allclose([ours[name] for name in reference.index], reference, rtol=rtol)


def cases(prefix: str) -> list[tuple[str, str, str]]:
    """Design, statistic and label of every test of a kind in the reference."""
    table = read_expected()
    part = table[table["case"].str.startswith(prefix)][["design", "case", "label"]].drop_duplicates()
    return [(design, case.removeprefix(prefix), label) for design, case, label in part.to_numpy()]


@pytest.mark.parametrize(("design", "statistic", "label"), cases("table "))
def test_independence_tests_equal_r_svychisq(design: str, statistic: str, label: str) -> None:
    table, domain = label.split("|")
    row, column = table.split()
    got = lp.independence_test(sample(design), row, column, where=where(domain), statistic=statistic)  # type: ignore[arg-type]
    agree(got, expected(design, f"table {statistic}")[label])


@pytest.mark.parametrize(("design", "test", "label"), cases("rank "))
def test_rank_tests_equal_r_svyranktest(design: str, test: str, label: str) -> None:
    along, domain = label.split("|")
    reference = expected(design, f"rank {test}")[label]
    got = lp.rank_test(sample(design), "answer", along, where=where(domain), test=test, ties="as R")  # type: ignore[arg-type]
    freedom = got.df[1] if isinstance(got.df, tuple) else got.df
    np.testing.assert_allclose([got.statistic, freedom, got.p_value], reference[["statistic", "df", "p"]], rtol=RTOL)


@pytest.mark.parametrize("design", DESIGN)
def test_contrasts_equal_r_svycontrast(design: str) -> None:
    levels, reference = trust(design), expected(design, "contrast")
    did = lp.difference(change(design), "ethnicity", "Black", minus="White")
    uneven = {"2022": 0.0, "2024": 2.0, "2026": 3.0}  # 0, 2, 3 about their mean are -5/3, 1/3, 4/3
    first = levels.select(wave="2022")
    got = {
        "2026 - 2022|Black": change(design).select(ethnicity="Black"),
        "2026 - 2022|Black - White": did,
        "trend|Black": lp.trend(levels.select(ethnicity="Black"), "wave"),
        "uneven trend|White": lp.trend(levels.select(ethnicity="White"), "wave", scores=uneven),
        "mean of groups|2022": lp.contrast(first, np.full((1, 3), 1 / 3), pd.DataFrame({"group": ["mean"]})),
    }
    for label, estimate in got.items():
        scale = 3.0 if label.startswith("uneven") else 1.0
        wanted = reference[label][["estimate", "std_error"]] * scale
        np.testing.assert_allclose([estimate.value[0], estimate.std_error[0]], wanted, rtol=RTOL)


@pytest.mark.parametrize("design", DESIGN)
def test_relative_change_equals_r_svycontrast(design: str) -> None:
    got = lp.relative_change(trust(design).select(ethnicity="Black"), "wave", "2026", minus="2022")
    reference = expected(design, "relative")["2026 - 2022|Black"]
    np.testing.assert_allclose([got.value[0], got.std_error[0]], reference[["estimate", "std_error"]], rtol=RTOL)


@pytest.mark.parametrize("design", [*DESIGN, "cr2 row", "cr2 site"])
def test_a_joint_test_of_changes_equals_r(design: str) -> None:
    agree(lp.wald_test(change(design)), expected(design, "wald")["changes of three groups"])


@pytest.mark.parametrize("design", ["cr2 row", "cr2 site"])
def test_a_joint_test_of_differences_in_changes_equals_clubsandwich(design: str) -> None:
    matrix = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]])
    got = lp.contrast(change(design), matrix, pd.DataFrame({"group": ["Asian - White", "Black - White"]}))
    agree(lp.wald_test(got), expected(design, "wald")["differences in changes"])


@pytest.mark.parametrize("design", DESIGN)
def test_a_joint_test_of_trends_equals_the_formula(design: str) -> None:
    agree(lp.trend_test(trust(design), "wave"), expected(design, "trend")["three groups"])


def coefficients(design: str, formula: str, holds: str, family: str = "gaussian") -> lp.Estimate:
    fit = lp.regress(sample(design), formula, family=family, variance=variance_of(design))  # type: ignore[arg-type]
    found = [row for row, term in enumerate(fit.coefficients.labels["term"]) if holds in term]
    return fit.coefficients.take(np.array(found))


@pytest.mark.parametrize("design", DESIGN)
def test_a_joint_test_of_coefficients_equals_r_regtermtest(design: str) -> None:
    got = lp.wald_test(coefficients(design, "trust ~ wave + ethnicity + sex", "ethnicity"))
    agree(got, expected(design, "regression")["ethnicity"])


@pytest.mark.parametrize("design", ["cr2 row", "cr2 site"])
def test_a_joint_test_of_an_interaction_equals_clubsandwich(design: str) -> None:
    got = lp.wald_test(coefficients(design, "trust ~ wave * ethnicity + sex", ":"))
    agree(got, expected(design, "regression")["interaction"])


@pytest.mark.parametrize("design", ["cr2 row", "cr2 site"])
def test_a_joint_test_of_logit_coefficients_equals_the_formula(design: str) -> None:
    got = lp.wald_test(coefficients(design, "confident ~ wave + ethnicity + sex", "ethnicity", "binomial"))
    agree(got, expected(design, "logit")["ethnicity"], rtol=LOGIT_RTOL)


@pytest.mark.parametrize("design", [*DESIGN, "cr2 row", "cr2 site"])
def test_ordinal_shifts_equal_the_formula(design: str) -> None:
    at, variance, reference = sample(design), variance_of(design), expected(design, "shift")
    for by in ((), "ethnicity"):
        got = lp.ordinal_shift(at, "answer", "wave", "2026", minus="2022", by=by, variance=variance).to_frame()
        for group, row in zip(got["ethnicity"] if by else ["all"], got.to_dict("records"), strict=True):
            ours = {**row, "low": row["conf_low"], "high": row["conf_high"]}
            wanted = reference[group]
            np.testing.assert_allclose([ours[name] for name in wanted.index], wanted, rtol=RTOL)


@pytest.mark.parametrize("group", ["Black", "White"])
@pytest.mark.parametrize("design", DESIGN)
def test_equivalence_and_noninferiority_of_means_equal_the_t_tests(design: str, group: str) -> None:
    moved = change(design).select(ethnicity=group)
    agree(lp.equivalence_test(moved, margin=0.5), expected(design, "equivalence mean")[group])
    agree(lp.noninferiority_test(moved, margin=0.5), expected(design, "noninferiority mean")[group])


@pytest.mark.parametrize("group", ["Black", "White"])
@pytest.mark.parametrize("design", DESIGN)
def test_equivalence_of_shares_inverts_newcombe(design: str, group: str) -> None:
    shares = lp.proportion(sample(design), "confident", "1", by=["wave", "ethnicity"], variance="taylor")
    moved = lp.difference(shares, "wave", "2026", minus="2022").select(ethnicity=group)
    agree(lp.equivalence_test(moved, margin=0.15), expected(design, "equivalence share")[group], rtol=ROOT_RTOL)


@pytest.mark.parametrize("design", DESIGN)
def test_one_covariance_matrix_over_items_waves_and_coefficients_equals_r(design: str) -> None:
    def black(levels: lp.Estimate, wave: str) -> lp.Estimate:
        return levels.select(ethnicity="Black", wave=wave)

    shares = lp.proportion(sample(design), "confident", "1", by=["wave", "ethnicity"], variance="taylor")
    means = trust(design)
    model = coefficients(design, "trust ~ wave + ethnicity + sex", "ethnicity")
    joint = lp.combine([*(black(levels, wave) for levels in (shares, means) for wave in ("2022", "2026")), model])
    reference = expected(design, "joint")
    ours = joint.vcov

    wanted = np.array([reference[f"{i + 1} x {j + 1}", "vcov"] for i in range(6) for j in range(i + 1)])
    got = np.array([ours[i, j] for i in range(6) for j in range(i + 1)])
    np.testing.assert_allclose(got, wanted, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("ids", ["person", "site"])
def test_a_change_in_a_panel_equals_r_with_both_waves_in_one_design(ids: str) -> None:
    frame = read("panel.csv")
    waves = [
        lp.Sample.from_frame(part.reset_index(drop=True), weight="weight", stratum="stratum", psu=ids)
        for _, part in frame.groupby("wave")
    ]
    means = lp.mean(lp.stack(waves, ["first", "second"], panel=True), "score", by="wave", variance="taylor")
    got = lp.difference(means, "wave", "second", minus="first")
    wanted = expected(f"panel {ids}", "change")["second - first"]
    np.testing.assert_allclose([got.value[0], got.std_error[0], got.df[0]], wanted, rtol=RTOL)
