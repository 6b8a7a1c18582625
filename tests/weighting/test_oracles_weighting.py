"""Weights and standard errors equal those of R survey (tests/oracles/weighting/make.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp

if TYPE_CHECKING:
    from collections.abc import Callable

    Counts = dict[str, float]

ORACLE = Path(__file__).parents[1] / "oracles" / "weighting"
RTOL_WEIGHT = 1e-9  # R's Newton steps ran to 1e-12, ours to 1e-10
RTOL = 1e-8
CONTACTS = 12_800.0  # the total that make.R asks of the column


@cache
def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#")


def counts(*variables: str) -> dict[str, Counts]:
    population = read("population.csv")
    parts = {variable: population[population["variable"] == variable] for variable in variables}
    return {variable: dict(zip(part["category"], part["persons"], strict=True)) for variable, part in parts.items()}


def joint() -> dict[tuple[str, str], float]:
    part = read("population.csv").query("variable == 'sex and age_band'")
    return dict(zip(zip(part["category"], part["second"], strict=True), part["persons"], strict=True))


def hours() -> float:
    return float(read("population.csv").query("variable == 'hours'")["persons"].iloc[0])


def totals() -> dict[str, Counts | float]:
    return {**counts("sex", "age_band", "area"), "hours": hours()}


def raked(sample: lp.Sample) -> lp.Sample:
    return lp.rake(sample, counts("sex", "age_band", "area"))


CASES: dict[str, Callable[[lp.Sample], lp.Sample]] = {
    "rake": raked,
    "linear": lambda sample: lp.calibrate(sample, totals()),
    "linear_bounded": lambda sample: lp.calibrate(sample, totals(), bounds=(0.75, 1.35)),
    "raking": lambda sample: lp.calibrate(sample, totals(), distance="raking"),
    "raking_bounded": lambda sample: lp.calibrate(sample, totals(), distance="raking", bounds=(0.75, 1.35)),
    "logit": lambda sample: lp.calibrate(sample, totals(), distance="logit", bounds=(0.7, 1.5)),
    "numbers": lambda sample: lp.calibrate(sample, {"hours": hours(), "contacts": CONTACTS}),
    "post_stratify": lambda sample: lp.post_stratify(sample, ["sex", "age_band"], joint()),
    "trim": lambda sample: lp.trim(raked(sample), low=0.5, high=1.6, strict=False, spread="equal"),
    "trim_strict": lambda sample: lp.trim(raked(sample), low=0.5, high=1.6, spread="equal"),
    "trim_alone": lambda sample: lp.trim(sample, high=1.5, spread="equal"),
    "balance": lambda sample: lp.balance(sample, "first", ["age_band", "area", "hours"], group="wave"),
}


@cache
def weighted(case: str, kind: str) -> lp.Sample:
    design = {"stratum": "stratum", "psu": "psu"} if kind == "clustered" else {}
    return CASES[case](lp.Sample.from_frame(read("data.csv"), weight="weight", **design))


@pytest.mark.parametrize("case", CASES)
def test_weights_equal_r(case: str) -> None:
    expected = read("weights.csv").query("case == @case")
    got = weighted(case, "simple").design.weight[expected["row"].to_numpy() - 1]
    np.testing.assert_allclose(got, expected["weight"], rtol=RTOL_WEIGHT)


def test_bounds_bind_in_these_data() -> None:
    """Otherwise the bounded cases would test nothing."""
    start = read("data.csv")["weight"]
    for case in ("linear_bounded", "raking_bounded"):
        ratio = weighted(case, "simple").design.weight / start
        assert np.isclose(ratio, 0.75).sum() + np.isclose(ratio, 1.35).sum() > 10
    free = weighted("raking", "simple").design.weight / start
    assert free.max() > 1.35


@pytest.mark.parametrize("kind", ["simple", "clustered"])
@pytest.mark.parametrize("case", CASES)
def test_estimates_and_standard_errors_equal_r(case: str, kind: str) -> None:
    sample = weighted(case, kind)
    wave: tuple[str, ...] = ("wave",) if case == "balance" else ()
    domain = lp.mean(sample, "score", by=(*wave, "sex"), variance="taylor")
    found = {
        "mean": lp.mean(sample, "score", by=wave, variance="taylor"),
        "total": lp.total(sample, "score", by=wave, variance="taylor"),
        "ratio": lp.ratio(sample, "score", "contacts", by=wave, variance="taylor"),
        "mean in Female": domain,
        "mean in Male": domain,
    }
    for row in read("expected.csv").query("case == @case and design == @kind").itertuples():
        table = found[str(row.statistic)].to_frame()
        if wave:
            table = table[table["wave"] == "second"]
        if str(row.statistic).startswith("mean in"):
            table = table[table["sex"] == str(row.statistic).removeprefix("mean in ")]
        np.testing.assert_allclose(table["estimate"], row.estimate, rtol=RTOL)
        np.testing.assert_allclose(table["std_error"], row.std_error, rtol=RTOL, err_msg=str(row.statistic))
