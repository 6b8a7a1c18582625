"""CR2 standard errors and Satterthwaite degrees of freedom equal the full-matrix formula (tests/oracles/cr2/make.R)."""

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

ORACLE = Path(__file__).parents[1] / "oracles" / "cr2"
RTOL = 1e-8  # two ways to take the same matrix roots in double precision
CLUSTERS = ("row", "site")
OUTCOMES = ("confident", "score")


@cache
def expected() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "expected.csv", comment="#", dtype={"label": str})


def reference(case: str, clusters: str, labels: list[str]) -> pd.DataFrame:
    table = expected()
    return table[(table["case"] == case) & (table["clusters"] == clusters)].set_index("label").loc[labels]


@cache
def sample(clusters: str) -> lp.Sample:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    return lp.Sample.from_frame(frame, weight="weight", psu=None if clusters == "row" else clusters)


def agree(got: Estimate, wanted: pd.DataFrame) -> None:
    np.testing.assert_allclose(got.value, wanted["estimate"], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, wanted["std_error"], rtol=RTOL)
    np.testing.assert_allclose(got.df, wanted["df"], rtol=RTOL)


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_domain_means_equal_the_formula(clusters: str, outcome: str) -> None:
    got = lp.mean(sample(clusters), outcome, by=["wave", "ethnicity"])
    names = list(got.labels["wave"] + "|" + got.labels["ethnicity"])
    agree(got, reference(f"mean {outcome}", clusters, names))


@pytest.mark.parametrize("clusters", CLUSTERS)
def test_shares_equal_the_formula(clusters: str) -> None:
    got = lp.proportion(sample(clusters), "confident", "1", by=["wave", "ethnicity"])
    names = list(got.labels["wave"] + "|" + got.labels["ethnicity"])
    agree(got, reference("mean confident", clusters, names))


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_changes_between_waves_equal_the_formula(clusters: str, outcome: str) -> None:
    got = lp.difference(lp.mean(sample(clusters), outcome, by="wave"), "wave", "rerun", minus="2022")
    agree(got, reference(f"wave {outcome}", clusters, ["rerun - 2022"]))


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_changes_of_every_ethnic_group_equal_the_formula(clusters: str, outcome: str) -> None:
    levels = lp.mean(sample(clusters), outcome, by=["wave", "ethnicity"])
    got = lp.difference(levels, "wave", "rerun", minus="2022")
    names = list(got.labels["wave"] + "|" + got.labels["ethnicity"])
    agree(got, reference(f"difference {outcome}", clusters, names))


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_difference_of_groups_that_share_sites_equals_the_formula(clusters: str, outcome: str) -> None:
    levels = lp.mean(sample(clusters), outcome, by=["wave", "ethnicity"]).select(wave="rerun")
    got = lp.difference(levels, "ethnicity", "Black", minus="White")
    agree(got, reference(f"difference {outcome}", clusters, ["rerun|Black - White"]))


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_difference_of_changes_equals_the_formula(clusters: str, outcome: str) -> None:
    levels = lp.mean(sample(clusters), outcome, by=["wave", "ethnicity"])
    changes = lp.difference(levels, "wave", "rerun", minus="2022")
    got = lp.difference(changes, "ethnicity", "Black", minus="White")
    agree(got, reference(f"difference {outcome}", clusters, ["rerun - 2022|Black - White"]))


@pytest.mark.parametrize("clusters", CLUSTERS)
def test_ratios_equal_the_formula(clusters: str) -> None:
    got = lp.ratio(sample(clusters), "helpful", "contacts", by="ethnicity")
    agree(got, reference("ratio helpful contacts", clusters, list(got.labels["ethnicity"])))
