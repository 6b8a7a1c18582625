"""A run of the shipped plan: every promised number ends in a result or a reason, made by the public functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

CONFIDENT = ["strongly agree", "tend to agree"]


@pytest.fixture(scope="module")
def results() -> lp.Results:
    return lp.run_plan(lp.read_plan(plan_file()))


def row(results: lp.Results, **labels: str) -> pd.Series:
    """Find the one row with these labels, of a change's three rows the headline one."""
    rows = results.rows[results.rows["main"]]
    for column, label in labels.items():
        rows = rows[rows[column] == label]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_analysis_of_every_indicator_has_an_end(results: lp.Results) -> None:
    promised = [(one.id, analysis) for one in results.plan.indicators for analysis in one.analyses]
    records = results.plan.records
    assert records is not None
    promised += [(one.id, f"{one.measure} by {one.by}" if one.by else one.measure) for one in records.indicators]
    assert list(zip(results.indicators["id"], results.indicators["analysis"], strict=True)) == promised
    assert set(results.indicators["outcome"]) == {1, 2, 3, 4, 5}
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
    waves = [lp.rake(lp.read_wave(wave), margins, within="ethnicity", collapse=20) for wave in ("2022", "rerun")]
    confident = lp.proportion(lp.stack(waves), "conf_overall", CONFIDENT, by=["wave", "ethnicity"])
    change = lp.difference(confident, "wave", "rerun", minus="2022").select(ethnicity="Black").to_frame().iloc[0]
    found = row(results, indicator="5.1", measure="change", group="Black")
    for column in ("estimate", "std_error", "conf_low", "conf_high", "df"):
        np.testing.assert_allclose(found[column], change[column], rtol=1e-12)


def test_the_gap_is_the_one_that_the_public_functions_give(results: lp.Results) -> None:
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    rerun = lp.rake(lp.read_wave("rerun"), margins, within="ethnicity", collapse=20)
    adjust = list(results.plan.adjusters)
    gap = lp.attendance_gap(rerun, "conf_overall", CONFIDENT, attended="attended", adjust=adjust)
    black = gap.estimate.select(ethnicity="Black").to_frame().iloc[0]
    found = row(results, indicator="5.1", measure="gap", group="Black")
    for column in ("estimate", "std_error", "conf_low", "conf_high", "df"):
        np.testing.assert_allclose(found[column], black[column], rtol=1e-12)


def test_every_change_has_its_three_rows_and_one_of_them_is_the_headline(results: lp.Results) -> None:
    changes = results.rows[(results.rows["measure"] == "change") & (results.rows["indicator"] == "5.1")]
    for _, three in changes.groupby(["by", "group"]):
        assert three["row"].tolist() == ["standardised", "as collected", "balanced"]
        assert three["main"].tolist() == [True, False, False]
        assert three["family"].tolist()[1:] == ["", ""]
        assert three["p_adjusted"].iloc[1:].isna().all()
        assert (three["role"].iloc[1:] == "exploratory").all()


def test_the_row_as_collected_rests_on_the_answers_as_they_came(results: lp.Results) -> None:
    """Nobody has a weight in the demo's files: shares of respondents, counted."""
    counts: dict[str, float] = {}
    for wave in ("2022", "rerun"):
        answers = lp.read_wave(wave).answers
        black = answers.loc[(answers["ethnicity"] == "Black") & answers["conf_overall"].notna(), "conf_overall"]
        counts[wave] = float(black.isin(CONFIDENT).mean())
    changes = results.rows[(results.rows["row"] == "as collected") & (results.rows["measure"] == "change")]
    found = changes[(changes["indicator"] == "5.1") & (changes["group"] == "Black")]["estimate"].iloc[0]
    assert found == pytest.approx(counts["rerun"] - counts["2022"], rel=1e-12)


def test_rates_and_composition_add_up_to_the_change_as_collected(results: lp.Results) -> None:
    given = results.composition[results.composition["refused"] == ""]
    parts = given.pivot_table(index=["group", "along"], columns="part", values="estimate")
    assert set(parts.index.get_level_values("group")) == {"All respondents", "Black"}
    np.testing.assert_allclose(parts["rate"] + parts["composition"], parts["total"], atol=1e-12)


def test_the_first_change_has_its_tipping_points(results: lp.Results) -> None:
    black = results.selection[results.selection["group"] == "Black"].set_index("kind")
    levels = [
        row(results, indicator="5.1", measure="level", group="Black", wave=wave)["estimate"]
        for wave in ("2022", "rerun")
    ]
    odds = [share / (1 - share) for share in levels]
    assert black.loc["participation", "tipping"] == pytest.approx(odds[1] / odds[0], rel=1e-9)
    assert set(black.index) == {"participation", "interviewer", "mode", "recruit_route"}
    assert "changed completely" in str(black.loc["mode", "refused"])


def test_a_change_of_mode_is_said_at_every_change(results: lp.Results) -> None:
    """The demo's 2022 answers came on paper and those of the re-run on tablets."""
    changes = results.rows[(results.rows["measure"] == "change") & (results.rows["refused"] == "")]
    assert changes["flags"].str.contains("mode changed", regex=False).all()


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
