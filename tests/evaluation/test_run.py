"""A run of the shipped plan: every promised number ends in a result or a reason, made by the public functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.rows import adjusted
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

CONFIDENT = ["strongly agree", "tend to agree"]


@pytest.fixture(scope="module")
def results() -> lp.Results:
    return lp.run_plan(lp.read_plan(plan_file()))


def row(results: lp.Results, **labels: str) -> pd.Series:
    """Find the one row with these labels."""
    rows = results.rows
    for column, label in labels.items():
        rows = rows[rows[column] == label]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_analysis_of_every_indicator_has_an_end(results: lp.Results) -> None:
    promised = [(one.id, analysis) for one in results.plan.indicators for analysis in one.analyses]
    assert list(zip(results.indicators["id"], results.indicators["analysis"], strict=True)) == promised
    assert set(results.indicators["status"]) <= {"result", "refused", "not collected"}
    without = results.indicators[results.indicators["status"] != "result"]
    assert (without["reason"] != "").all()


def test_every_row_has_a_number_with_its_interval_or_a_reason(results: lp.Results) -> None:
    rows = results.rows
    assert list(rows.columns) == list(ROW_COLUMNS)
    given = rows["refused"] == ""
    assert rows.loc[given, ["estimate", "conf_low", "conf_high", "n", "n_effective"]].notna().all().all()
    assert rows.loc[~given, ["estimate", "conf_low", "conf_high"]].isna().all().all()


def test_the_change_is_the_one_that_the_public_functions_give(results: lp.Results) -> None:
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    waves = [lp.rake(lp.read_wave(wave), margins, within="ethnicity", collapse=10) for wave in ("2022", "rerun")]
    confident = lp.proportion(lp.stack(waves), "conf_overall", CONFIDENT, by=["wave", "ethnicity"])
    change = lp.difference(confident, "wave", "rerun", minus="2022").select(ethnicity="Black").to_frame().iloc[0]
    found = row(results, indicator="5.1", measure="change", group="Black")
    for column in ("estimate", "std_error", "conf_low", "conf_high", "df"):
        np.testing.assert_allclose(found[column], change[column], rtol=1e-12)


def test_the_gap_is_the_one_that_the_public_functions_give(results: lp.Results) -> None:
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    rerun = lp.rake(lp.read_wave("rerun"), margins, within="ethnicity", collapse=10)
    adjust = list(results.plan.adjusters)
    gap = lp.attendance_gap(rerun, "conf_overall", CONFIDENT, attended="attended", adjust=adjust)
    black = gap.estimate.select(ethnicity="Black").to_frame().iloc[0]
    found = row(results, indicator="5.1", measure="gap", group="Black")
    for column in ("estimate", "std_error", "conf_low", "conf_high", "df"):
        np.testing.assert_allclose(found[column], black[column], rtol=1e-12)


def test_only_the_declared_comparison_is_primary(results: lp.Results) -> None:
    primary = results.rows[results.rows["role"] == "primary"]
    assert primary[["indicator", "measure", "group"]].to_numpy().tolist() == [["5.1", "change", "Black"]]
    assert primary["p_adjusted"].iloc[0] == primary["p_value"].iloc[0]


def test_a_question_on_another_scale_is_not_compared_and_says_why(results: lp.Results) -> None:
    changes = results.rows[(results.rows["variable"] == "satisfied") & (results.rows["measure"] == "change")]
    assert changes["refused"].str.contains("can't be compared").all()
    levels = results.rows[(results.rows["variable"] == "satisfied") & (results.rows["measure"] == "level")]
    assert levels["estimate"].notna().any()


def test_a_question_that_one_wave_did_not_ask_is_not_collected(results: lp.Results) -> None:
    ends = results.indicators.set_index(["id", "analysis"])
    assert ends.loc[("3.1", "change"), "status"] == "not collected"
    assert ends.loc[("3.1", "gap"), "status"] == "result"


def test_the_ledger_adds_up_wave_by_wave(results: lp.Results) -> None:
    for _, ledger in results.ledger.groupby("wave"):
        counts = ledger.set_index("reason")["rows"]
        assert counts["delivered"] == counts.drop("delivered").sum()


def test_the_weight_report_has_both_kinds_for_both_waves(results: lp.Results) -> None:
    found = set(zip(results.weights["wave"], results.weights["weights"], strict=True))
    assert found == {(wave, kind) for wave in ("2022", "rerun") for kind in ("population", "within group")}


def test_primary_rows_are_adjusted_by_holm_and_the_others_by_benjamini_hochberg_per_measure() -> None:
    """Primary .01, .03: 2 x .01, then .03. Exploratory changes .01, .02: both .02. The gap stands alone."""
    rows = pd.DataFrame(
        {
            "role": ["primary", "exploratory", "primary", "exploratory", "exploratory", "exploratory"],
            "measure": ["change", "change", "change", "change", "gap", "change"],
            "p_value": [0.03, 0.01, 0.01, 0.02, 0.5, np.nan],
        }
    )
    np.testing.assert_allclose(adjusted(rows)["p_adjusted"], [0.03, 0.02, 0.02, 0.02, 0.5, np.nan])


def test_a_run_gives_the_same_numbers_again(results: lp.Results) -> None:
    again = lp.run_plan(results.plan)
    pd.testing.assert_frame_equal(again.rows, results.rows)


def test_a_primary_comparison_that_cannot_be_made_stays_primary_and_says_why(tmp_path: Path) -> None:
    text = plan_file().read_text(encoding="utf-8")
    first = text[: text.index('[[indicator]]\nid = "5.2"')].replace('"conf_overall"', '"satisfied"')
    (tmp_path / "plan.toml").write_text(first, encoding="utf-8")
    found = lp.run_plan(lp.read_plan(tmp_path / "plan.toml"))
    changes = found.rows[(found.rows["measure"] == "change") & (found.rows["by"] == "ethnicity")]
    assert changes["group"].tolist() == ["Asian", "Black", "Mixed", "White", "Other"]
    assert changes.loc[changes["role"] == "primary", "group"].tolist() == ["Black"]
    assert changes["refused"].str.contains("can't be compared").all()
    published = lp.publish(found)
    reasons = published.indicators.set_index("analysis")["reason"]
    assert "can't be compared" in reasons["change"]
    page = lp.write_release(published, tmp_path / "out", formats=["html"])[0].read_text(encoding="utf-8")
    assert "The plan names no primary question" not in page
