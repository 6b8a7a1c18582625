"""Standard errors of replicates that are weighted one by one equal those of R survey's replicate designs."""

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

FOLDER = Path(__file__).parents[1] / "oracles" / "replicate_weighting"
RTOL = 1e-8  # R stops at 1e-12 of a total, we at 1e-10 of a margin
BOUNDS = (0.6, 1.8)
DESIGNS = ("jackknife", "brr", "bootstrap")
GROUPS = ["Asian", "Black", "White"]


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, comment="#", keep_default_na=False, na_values=[""])


@cache
def population() -> pd.DataFrame:
    return read("population.csv").set_index("kind")


@cache
def joint() -> dict[tuple[str, str], float]:
    rows = population().loc["joint"]
    return {(row.age_band, row.sex): row.persons for row in rows.itertuples()}


def margin(place: int) -> dict[str, float]:
    """Persons by age band (0) or sex (1)."""
    found: dict[str, float] = {}
    for key, persons in joint().items():
        found[key[place]] = found.get(key[place], 0.0) + persons
    return found


def margins() -> dict[str, dict[str, float]]:
    return {"age_band": margin(0), "sex": margin(1)}


def groups() -> dict[str, float]:
    return dict(zip(population().loc["group", "ethnicity"], population().loc["group", "persons"], strict=True))


def with_age() -> dict[str, dict[str, float] | float]:
    return {"sex": margin(1), "age": float(population().loc["age_total", "persons"])}


def within(rows: lp.Sample) -> lp.Sample:
    """Every group meets the shares of all and its own total."""
    whole = sum(groups().values())
    nested = [
        lp.Margin(
            ("ethnicity", name),
            {(group, key): n * persons / whole for group, persons in groups().items() for key, n in counts.items()},
        )
        for name, counts in margins().items()
    ]
    return lp.rake(rows, nested, within="ethnicity")


METHODS: dict[str, Callable[[lp.Sample], lp.Sample]] = {
    "raking": lambda rows: lp.calibrate(rows, margins(), distance="raking"),
    "rake": lambda rows: lp.rake(rows, margins()),
    "linear": lambda rows: lp.calibrate(rows, margins()),
    "linear_number": lambda rows: lp.calibrate(rows, with_age()),
    "logit": lambda rows: lp.calibrate(rows, with_age(), distance="logit", bounds=(0.5, 2)),
    "linear_bounded": lambda rows: lp.calibrate(rows, with_age(), bounds=BOUNDS),
    "raking_bounded": lambda rows: lp.calibrate(rows, with_age(), distance="raking", bounds=BOUNDS),
    "post_stratified": lambda rows: lp.post_stratify(rows, ["age_band", "sex"], joint()),
    "within": within,
    "two_steps": lambda rows: lp.rake(lp.calibrate(rows, {"ethnicity": groups()}), margins()),
}


@cache
def plain() -> lp.Sample:
    frame = read("data.csv").assign(site=lambda rows: rows["site"].astype(str))
    weights = read("weights.csv")
    return lp.Sample.from_frame(frame.join(weights), weight="weight", stratum="stratum", psu="site")


@cache
def replicated(design: str) -> lp.Sample:
    if design == "bootstrap":
        columns = [str(name) for name in read("weights.csv").columns]
        return lp.with_replicate_weights(plain(), columns, method="bootstrap", scale=1 / 39)
    return lp.replicate(plain(), method=design)  # type: ignore[arg-type]


@cache
def weighted(design: str, method: str, order: str) -> lp.Sample:
    if order == "replicate first":
        return METHODS[method](replicated(design))
    return lp.replicate(METHODS[method](plain()), method=design)  # type: ignore[arg-type]


@cache
def expected() -> pd.DataFrame:
    return read("expected.csv").set_index(["design", "method", "statistic", "group"]).sort_index()


CASES = [(design, "replicate first") for design in DESIGNS] + [(design, "weight first") for design in DESIGNS[:2]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("design", "order"), CASES)
@pytest.mark.filterwarnings("ignore:Estimates by 'ethnicity' from population weights")
def test_estimates_and_standard_errors_equal_r(design: str, order: str, method: str) -> None:
    at = weighted(design, method, order)
    for statistic, compute in {
        "mean_trust": lambda by: lp.mean(at, "trust", by=by),
        "proportion_confident": lambda by: lp.proportion(at, "confident", "1", by=by),
        "total_trust": lambda by: lp.total(at, "trust", by=by),
    }.items():
        parts = [compute(by) for by in ((), ("ethnicity",))]
        theirs = expected().loc[(design, method, statistic)].loc[["all", *GROUPS]]

        np.testing.assert_allclose(np.concatenate([part.value for part in parts]), theirs["estimate"], rtol=RTOL)
        np.testing.assert_allclose(np.concatenate([part.std_error for part in parts]), theirs["std_error"], rtol=RTOL)
