"""Every row of a change, its decompositions, ordinal models and trends equal R's (tests/oracles/change/make.R)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.comparison.balanced import balanced_levels
from lpact_eval.comparison.standardise import directly

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate

ORACLE = Path(__file__).parents[1] / "oracles" / "change"
RTOL = 1e-8
OPTIM_RTOL = 1e-3  # svyolr stops early
WAVES, EARLIER, LATER = ("2022", "2024", "2026"), "2022", "2026"
SHARES = {"age_band": {"16-34": 0.31, "35-54": 0.33, "55+": 0.36}}
ALIKE = ["age_band", "sex", "visits"]
TERMS = {"later": "later", "male": "sex[T.Male]", "visits": "visits"} | {
    f"{c}|{c + 1}": f"{c}|{c + 1}" for c in range(1, 5)
}

cases = pytest.mark.parametrize("group", ["Black", "White"])
designs = pytest.mark.parametrize("design", ["rows", "sites"])


@cache
def data() -> pd.DataFrame:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#", dtype={"wave": str})
    frame["confident"] = frame["confident"].map({0.0: "no", 1.0: "yes"}).astype("category")
    return frame.assign(later=(frame["wave"] == LATER).astype(float))


@cache
def sample(design: str) -> lp.Sample:
    psu = "site" if design == "sites" else None
    parts = [lp.Sample.from_frame(part, weight="weight", psu=psu) for _, part in data().groupby("wave")]
    return lp.stack(parts, WAVES)


def expected(design: str, case: str, group: str) -> pd.Series:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    part = table[(table["design"] == design) & (table["case"] == case) & (table["label"] == group)]
    return part.set_index("quantity")["value"]


def levels(design: str) -> Estimate:
    return lp.proportion(sample(design), "confident", "yes", by=["wave", "ethnicity"], variance="taylor")


def change_of(shares: Estimate, group: str) -> Estimate:
    return lp.difference(shares, "wave", LATER, minus=EARLIER).select(ethnicity=group)


@designs
@cases
def test_the_row_as_collected_is_the_domain_difference(design: str, group: str) -> None:
    wanted = expected(design, "as collected", group)
    row = lp.wave_change(sample(design), "confident", "yes", level=LATER, minus=EARLIER).only("as collected")
    np.testing.assert_allclose(row.estimate.select(ethnicity=group).value, [wanted["change"]], rtol=RTOL)
    np.testing.assert_allclose(change_of(levels(design), group).std_error, [wanted["se"]], rtol=RTOL)
    shown = [float(row.levels.select(wave=wave, ethnicity=group).value[0]) for wave in (EARLIER, LATER)]
    np.testing.assert_allclose(shown, [wanted["first"], wanted["second"]], rtol=RTOL)


@designs
@cases
def test_the_standardised_row_is_svystandardizes(design: str, group: str) -> None:
    values, wanted = expected("rows", "standardised", group), expected(design, "standardised", group)
    change = lp.wave_change(sample(design), "confident", "yes", level=LATER, minus=EARLIER, standardise=SHARES)
    row = change.only("standardised").estimate.select(ethnicity=group)
    np.testing.assert_allclose(row.value, [values["change"]], rtol=RTOL)
    margin = lp.Margin("age_band", SHARES["age_band"])
    question = ("confident", ["yes"], ["wave", "ethnicity"])
    found, _ = directly(sample(design), question, levels(design), margin, variance="taylor")
    np.testing.assert_allclose(change_of(found, group).std_error, [wanted["se"]], rtol=RTOL)


@cases
def test_several_margins_are_raked_to_in_every_wave(group: str) -> None:
    margins = SHARES | {"sex": {"Female": 0.51, "Male": 0.49}}
    change = lp.wave_change(sample("rows"), "confident", "yes", level=LATER, minus=EARLIER, standardise=margins)
    row = change.only("standardised")
    wanted = expected("rows", "raked", group)
    np.testing.assert_allclose(row.estimate.select(ethnicity=group).value, [wanted["change"]], rtol=1e-7)


@designs
@cases
def test_the_balanced_row_is_calibrates_raking_with_an_estimated_target(design: str, group: str) -> None:
    wanted = expected(design, "balanced", group)
    change = lp.wave_change(sample(design), "confident", "yes", level=LATER, minus=EARLIER, alike=ALIKE)
    row = change.only("balanced").estimate.select(ethnicity=group)
    np.testing.assert_allclose(row.value, [wanted["change"]], rtol=RTOL)
    question = ("confident", ["yes"], ["ethnicity"])
    found = balanced_levels(sample(design), question, (LATER, EARLIER), ALIKE, variance="taylor").levels
    np.testing.assert_allclose(change_of(found, group).std_error, [wanted["se"]], rtol=RTOL)
    np.testing.assert_allclose(row.std_error, [wanted["se_jackknife"]], rtol=0.06)  # CR2 against the jackknife


@designs
@cases
def test_kitagawas_parts_and_their_standard_errors(design: str, group: str) -> None:
    wanted = expected(design, "kitagawa", group)
    asked = {"group": "age_band", "level": LATER, "minus": EARLIER, "by": "ethnicity"}
    parts = lp.decompose_change(sample(design), "confident", "yes", variance="taylor", **asked).select(ethnicity=group)
    np.testing.assert_allclose(parts.value, wanted[["rate", "composition", "total"]], rtol=RTOL)
    np.testing.assert_allclose(parts.std_error[:2], wanted[["se rate", "se composition"]], rtol=RTOL)
    again = lp.replicate(sample(design), method="jackknife")
    replicated = lp.decompose_change(again, "confident", "yes", **asked).select(ethnicity=group)
    names = [f"se_jackknife {name}" for name in ("rate", "composition", "total")]
    np.testing.assert_allclose(replicated.std_error, wanted[names], rtol=RTOL)
    linear = lp.decompose_change(sample(design), "confident", "yes", **asked).select(ethnicity=group)
    np.testing.assert_allclose(linear.std_error, wanted[names], rtol=0.1)  # CR2 against the jackknife of a dozen sites


@designs
@cases
def test_oaxacas_parts_and_their_standard_errors(design: str, group: str) -> None:
    wanted = expected(design, "oaxaca", group)
    names = ["explained", "unexplained", "total"]
    asked = {"level": LATER, "minus": EARLIER, "by": "ethnicity"}
    parts = lp.decompose_index(sample(design), "trust", ALIKE, variance="taylor", **asked).select(ethnicity=group)
    np.testing.assert_allclose(parts.value, wanted[names], rtol=RTOL, atol=1e-12)
    np.testing.assert_allclose(parts.std_error, wanted[[f"se {name}" for name in names]], rtol=RTOL)
    again = lp.replicate(sample(design), method="jackknife")
    replicated = lp.decompose_index(again, "trust", ALIKE, **asked).select(ethnicity=group)
    np.testing.assert_allclose(replicated.std_error, wanted[[f"se_jackknife {name}" for name in names]], rtol=RTOL)


def ordinal(design: str, group: str, variance: str) -> Estimate:
    kept = sample(design).answers
    two = replace(sample(design), answers=kept.assign(answer=kept["answer"].where(kept["wave"] != "2024")))
    where = {"ethnicity": group}
    fit = lp.regress(two, "answer ~ later + sex + visits", family="ordinal", where=where, variance=variance)
    order = list(fit.coefficients.labels["term"])
    return fit.coefficients.take(np.array([order.index(TERMS[name]) for name in TERMS]))


@designs
@cases
def test_proportional_odds_solve_the_weighted_likelihood(design: str, group: str) -> None:
    wanted, early = expected(design, "ordinal", group), expected(design, "svyolr", group)
    found = ordinal(design, group, "taylor")
    np.testing.assert_allclose(found.value, wanted[list(TERMS)], rtol=RTOL)
    np.testing.assert_allclose(found.std_error, wanted[[f"se {name}" for name in TERMS]], rtol=RTOL)
    np.testing.assert_allclose(found.value, early[list(TERMS)], rtol=OPTIM_RTOL, atol=2e-4)
    np.testing.assert_allclose(found.std_error, early[[f"se {name}" for name in TERMS]], rtol=OPTIM_RTOL)


@designs
@cases
def test_proportional_odds_have_cr2_errors_and_satterthwaites_freedom(design: str, group: str) -> None:
    wanted = expected(design, "ordinal cr2", group)
    found = ordinal(design, group, "cr2")
    np.testing.assert_allclose(found.std_error, wanted[[f"se {name}" for name in TERMS]], rtol=RTOL)
    np.testing.assert_allclose(found.df, wanted[[f"df {name}" for name in TERMS]], rtol=1e-6)


@designs
@cases
def test_cumulative_logits_are_one_logistic_regression_a_cut(design: str, group: str) -> None:
    wanted = expected(design, "cumulative", group)
    found = lp.cumulative_logits(
        sample(design), "answer", "wave", LATER, minus=EARLIER, by="ethnicity", variance="taylor"
    ).select(ethnicity=group)
    cuts = list(found.labels["cut"])
    np.testing.assert_allclose(found.value, wanted[cuts], rtol=RTOL)
    np.testing.assert_allclose(found.std_error, wanted[[f"se {cut}" for cut in cuts]], rtol=RTOL)


@designs
@cases
def test_the_trend_is_a_contrast_of_the_levels(design: str, group: str) -> None:
    wanted = expected(design, "trend", group)
    years = dict(zip(WAVES, (0.0, 2.5, 4.0), strict=True))
    found = lp.trend(levels(design), "wave", scores=years).select(ethnicity=group)
    np.testing.assert_allclose([found.value[0], found.std_error[0]], wanted[["slope", "se"]], rtol=RTOL)


@designs
@cases
def test_equivalence_is_read_off_newcombes_interval_at_90_per_cent(design: str, group: str) -> None:
    wanted = expected(design, "equivalence", group)
    low, high = wanted["low 0.9"], wanted["high 0.9"]
    widest = max(abs(low), abs(high))
    for margin, answer in ((widest * 1.0001, "yes"), (widest * 0.9999, "no")):
        change = lp.wave_change(sample(design), "confident", "yes", level=LATER, minus=EARLIER, equivalence=margin)
        row = change.only("as collected")
        one = row.estimate.select(ethnicity=group)
        np.testing.assert_allclose([one.df[0], one.std_error[0]], wanted[["df", "se"]], rtol=RTOL)
        np.testing.assert_allclose(one.confint(level=0.9), [[low], [high]], rtol=RTOL)
        np.testing.assert_allclose(one.confint(), [[wanted["low 0.95"]], [wanted["high 0.95"]]], rtol=RTOL)
        assert row.test.set_index("ethnicity")["equivalent"][group] == answer
