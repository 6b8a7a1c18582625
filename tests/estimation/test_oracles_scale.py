"""Reliability, drift, indexes, don't knows and pooling equal R (tests/oracles/scale/make.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.sample import Variable

ORACLE = Path(__file__).parents[1] / "oracles" / "scale"
RTOL = 1e-8
DERIVED = 1e-6  # the oracle takes omega's gradient by differences
FITTED = 1e-5  # two optimisers of the same likelihood
ITEMS = [f"q{number}" for number in range(1, 6)]
DESIGNS = ("rows", "stratified_clustered")
ALL_QUANTITIES = ("estimate", "std_error", "n")
ANSWERS = ("5", "4", "3", "2", "1")


@cache
def expected() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "expected.csv", comment="#", dtype={"label": str})


def reference(case: str, design: str, quantity: str, labels: list[str]) -> pd.Series:
    table = expected()
    here = (table["case"] == case) & (table["design"] == design) & (table["quantity"] == quantity)
    return table[here].set_index("label")["value"].loc[labels]


@cache
def delivered() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "data.csv", comment="#", keep_default_na=False)


def designed(frame: pd.DataFrame, design: str) -> lp.Sample:
    if design == "rows":
        return lp.Sample.from_frame(frame, weight="weight")
    return lp.Sample.from_frame(frame, weight="weight", stratum="stratum", psu="site")


@cache
def numbers(design: str) -> lp.Sample:
    """Give the survey with its items as numbers."""
    frame = delivered().copy()
    frame[ITEMS] = frame[ITEMS].apply(pd.to_numeric)
    return designed(frame, design)


@cache
def scales(design: str) -> lp.Sample:
    """Give the same survey with its items as scales and its kinds of missing answers."""
    frame = delivered().copy()
    missing = pd.DataFrame({item: frame[f"missing{item[1]}"].replace("", np.nan) for item in ITEMS})
    names = {"5": "strongly agree", "4": "tend to agree", "3": "neither", "2": "tend to disagree", "1": "disagree"}
    for item in ITEMS:
        frame[item] = pd.Categorical(frame[item].map(names), categories=list(names.values()), ordered=True)
    codebook = {
        item: Variable(item, item, kind="scale", answers=tuple(names.values()), positive=tuple(names.values())[:2])
        for item in ITEMS
    }
    sample = designed(frame, design)
    return lp.Sample(sample.answers, sample.design, missing=missing, codebook=codebook)


def cells(estimate: lp.Estimate) -> list[str]:
    return list(estimate.labels["wave"] + " " + estimate.labels["ethnicity"])


def agree(got: lp.Estimate, case: str, design: str, labels: list[str], *, rtol: float = RTOL) -> None:
    for quantity, value in zip(ALL_QUANTITIES, (got.value, got.std_error, got.n), strict=True):
        np.testing.assert_allclose(value, reference(case, design, quantity, labels), rtol=rtol, err_msg=quantity)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("kind", "rtol"), [("alpha", RTOL), ("omega", DERIVED)])
def test_reliability_equals_r(design: str, kind: str, rtol: float) -> None:
    everybody = lp.reliability(numbers(design), ITEMS, kind=kind, variance="taylor")  # type: ignore[arg-type]
    agree(everybody, kind, design, ["all"], rtol=rtol)
    got = lp.reliability(numbers(design), ITEMS, kind=kind, by=["wave", "ethnicity"], variance="taylor")  # type: ignore[arg-type]
    agree(got, kind, design, cells(got), rtol=rtol)


@pytest.mark.parametrize("design", DESIGNS)
def test_scales_are_as_reliable_as_their_numbers(design: str) -> None:
    named, numbered = (lp.reliability(make(design), ITEMS, by="wave") for make in (scales, numbers))
    np.testing.assert_allclose(named.value, numbered.value, rtol=RTOL)
    np.testing.assert_allclose(named.std_error, numbered.std_error, rtol=RTOL)


def test_feldts_interval_equals_r() -> None:
    frame = numbers("rows").answers
    got = lp.feldt_interval(lp.Sample.from_frame(frame), ITEMS)
    for quantity, column in (("estimate", "alpha"), ("conf_low", "conf_low"), ("conf_high", "conf_high")):
        np.testing.assert_allclose(got[column], reference("feldt", "rows", quantity, ["all"]), rtol=RTOL)


def test_item_drift_equals_r() -> None:
    got = lp.item_drift(numbers("rows"), ITEMS)
    for quantity in ("shift", "lr_uniform", "lr_total", "r2_change"):
        wanted = reference("drift", "rows", quantity, ITEMS)
        np.testing.assert_allclose(got[quantity], wanted, rtol=FITTED, err_msg=quantity)


def test_only_the_item_made_to_drift_is_found_to_drift() -> None:
    got = lp.item_drift(numbers("rows"), ITEMS)
    assert got.loc[got["drifts"], "item"].tolist() == ["q4"]


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("make", [scales, numbers])
def test_an_index_equals_r(design: str, make: object) -> None:
    got = lp.index(make(design), ITEMS, by=["wave", "ethnicity"], variance="taylor")  # type: ignore[operator]
    agree(got, "index", design, cells(got))


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("policy", "case"), [("outcome", "unsure_share"), ("not confident", "high_share")])
def test_an_index_of_dont_knows_and_of_favourable_answers_equals_r(design: str, policy: str, case: str) -> None:
    sample = scales(design)
    got = lp.index(sample, ITEMS, by=["wave", "ethnicity"], dont_know=policy, variance="taylor")  # type: ignore[arg-type]
    agree(got, case, design, cells(got))


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("policy", "case"), [("exclude", "excluded"), ("not confident", "not confident")])
def test_a_share_under_each_policy_equals_r(design: str, policy: str, case: str) -> None:
    got = lp.proportion(
        scales(design),
        "q1",
        ["strongly agree", "tend to agree"],
        by=["wave", "ethnicity"],
        dont_know=policy,  # type: ignore[arg-type]
        variance="taylor",
    )
    agree(got, case, design, cells(got))


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", ["don't know", "prefer not to say"])
def test_the_share_of_each_nonresponse_equals_r(design: str, kind: str) -> None:
    got = lp.nonresponse(scales(design), "q1", by=["wave", "ethnicity"], variance="taylor").select(answer=kind)
    agree(got, kind, design, cells(got))
    same = lp.proportion(scales(design), "q1", kind, by=["wave", "ethnicity"], dont_know="outcome", variance="taylor")
    np.testing.assert_allclose(same.value, got.value, rtol=RTOL)


@cache
def copies(design: str) -> tuple[lp.Estimate, ...]:
    """Estimate the means by wave and ethnic group from each completed copy."""
    imputed = pd.read_csv(ORACLE / "imputed.csv", comment="#")
    frames = [delivered().assign(trust=copy["trust"].to_numpy(float)) for _, copy in imputed.groupby("copy")]
    return tuple(
        lp.mean(designed(frame, design), "trust", by=["wave", "ethnicity"], variance="taylor") for frame in frames
    )


@pytest.mark.parametrize("design", DESIGNS)
def test_pooled_means_equal_r(design: str) -> None:
    got = lp.pool(copies(design))
    for quantity, value in (("estimate", got.value), ("std_error", got.std_error), ("df", got.df)):
        np.testing.assert_allclose(value, reference("pooled", design, quantity, cells(got)), rtol=RTOL)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_pooled_change_equals_r_whichever_comes_first(design: str) -> None:
    label = ["second - first Black"]
    pooled_first = lp.difference(lp.pool(copies(design)), "wave", "second", minus="first").select(ethnicity="Black")
    changes = [lp.difference(copy, "wave", "second", minus="first") for copy in copies(design)]
    for got in (pooled_first, lp.pool(changes).select(ethnicity="Black")):
        for quantity, value in (("estimate", got.value), ("std_error", got.std_error), ("df", got.df)):
            np.testing.assert_allclose(value, reference("pooled", design, quantity, label), rtol=RTOL)
    missing = lp.missing_information(pooled_first)["missing_information"]
    np.testing.assert_allclose(missing, reference("pooled", design, "missing_information", label), rtol=RTOL)
