"""Raked weights equal those of R survey (tests/oracles/raking/make.R)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp

ORACLE = Path(__file__).parents[1] / "oracles" / "raking"
RTOL_CALIBRATE = 1e-9  # R's Newton steps ran to 1e-13, ours to 1e-10
RTOL_RAKE = 1e-9  # R's proportional fitting ran to a change of 1e-7 persons in margins of 1e5
CASES = {
    "two_margins": ["sex", "age_band"],
    "three_margins": ["sex", "age_band", "area"],
    "four_margins": ["sex", "age_band", "area", "ethnicity"],
}


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#")


def margins(variables: list[str]) -> dict[str, dict[str, float]]:
    counts = read("population.csv")
    return {
        variable: dict(zip(part["category"], part["persons"], strict=True))
        for variable in variables
        for part in [counts[counts["variable"] == variable]]
    }


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("column", "rtol"), [("calibrate", RTOL_CALIBRATE), ("rake", RTOL_RAKE)])
def test_raked_weights_equal_r(case: str, column: str, rtol: float) -> None:
    raked = lp.rake(lp.Sample.from_frame(read("data.csv"), weight="weight"), margins(CASES[case]))
    reference = read("expected.csv")
    np.testing.assert_allclose(raked.design.weight, reference.loc[reference["case"] == case, column], rtol=rtol)


@pytest.mark.parametrize("case", CASES)
def test_raked_weights_meet_the_margins(case: str) -> None:
    frame = read("data.csv")
    raked = lp.rake(lp.Sample.from_frame(frame, weight="weight"), margins(CASES[case]))
    for variable, counts in margins(CASES[case]).items():
        reached = frame.assign(weight=raked.design.weight).groupby(variable)["weight"].sum()
        np.testing.assert_allclose(reached[list(counts)], list(counts.values()), rtol=1e-9)
