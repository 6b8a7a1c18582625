"""Attendance in a run: the reported rows, the second opinions beside them, and what both rest on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.comparison.attendance import METHODS
from lpact_eval.evaluation.gaps import OVERLAP_COLUMNS, _placed
from lpact_eval.evaluation.promises import GAP_METHODS
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.comparison.arms import Question

CONFIDENT = ["strongly agree", "tend to agree"]
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "df")
BESIDE = ["not adjusted", "overlap weights"]


@pytest.fixture(scope="module")
def results() -> lp.Results:
    return lp.run_plan(lp.read_plan(plan_file()))


@pytest.fixture(scope="module")
def rerun() -> lp.Sample:
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    return lp.rake(lp.read_wave("rerun"), margins, within="ethnicity", collapse=20)


def gaps(results: lp.Results, *, indicator: str = "5.1", group: str = "Black") -> pd.DataFrame:
    rows = results.rows[results.rows["measure"].isin(["gap", "gap difference"])]
    return rows[(rows["indicator"] == indicator) & (rows["group"] == group)].reset_index(drop=True)


def test_the_plans_methods_are_those_of_the_library() -> None:
    assert GAP_METHODS == METHODS


@pytest.mark.parametrize("group", ["All respondents", "Black", "Mixed", "Black - White"])
def test_second_opinions_stand_beside_the_reported_row_and_in_no_family(results: lp.Results, group: str) -> None:
    found = gaps(results, group=group)
    assert found["row"].tolist()[1:] == BESIDE
    assert found["main"].tolist() == [True, False, False]
    assert found["family"].tolist() == ["exploratory", "", ""]
    assert found[["p_value", "p_adjusted"]].iloc[1:].isna().all(axis=None)
    assert (found["role"] == "exploratory").all()
    for name in ("n", "n_first", "n_second", "weights", "wave", "by"):
        assert len(set(found[name])) == 1


def test_only_the_plans_first_questions_have_second_opinions(results: lp.Results) -> None:
    beside = results.rows[results.rows["row"].isin(BESIDE)]
    assert set(beside["indicator"]) == {"5.1"}
    assert len(gaps(results, indicator="5.2")) == 1


def test_the_rows_are_those_of_the_public_functions(results: lp.Results, rerun: lp.Sample) -> None:
    adjust = results.plan.adjusters
    given = {"attended": "attended", "adjust": adjust}
    plain = lp.attendance_gap(rerun, "conf_overall", CONFIDENT, **given)
    overlap = lp.attendance_gap(rerun, "conf_overall", CONFIDENT, **given, method="overlap")
    found = gaps(results, group="Asian").set_index("row")
    place = list(plain.estimate.labels["ethnicity"]).index("Asian")
    assert found["detectable"].iloc[0] == pytest.approx(plain.detectable[place], rel=1e-12)
    for column in NUMBERS:
        expected = plain.raw.to_frame()[column].iloc[place]
        assert found.loc["not adjusted", column] == pytest.approx(expected, rel=1e-12)
    assert found.loc["overlap weights", "refused"] == overlap.refused[place]
    assert overlap.refused[place]


def test_every_reported_gap_says_what_it_could_have_shown(results: lp.Results) -> None:
    main = results.rows[(results.rows["measure"] == "gap") & results.rows["main"]]
    assert (main["detectable"].notna() == (main["refused"] == "")).all()


def test_balance_is_that_of_each_method_with_titles(results: lp.Results, rerun: lp.Sample) -> None:
    given = {"attended": "attended", "adjust": results.plan.adjusters}
    overlap = lp.attendance_gap(rerun, "conf_overall", CONFIDENT, **given, method="overlap").balance
    expected = overlap[overlap["ethnicity"] == "Black"]
    black = results.balance[results.balance["group"] == "Black"]
    found = black[black["method"] == "overlap weights"]
    np.testing.assert_allclose(found["smd_before"], expected["smd"], rtol=1e-12)
    np.testing.assert_allclose(found["smd_after"], expected["smd_after"], atol=1e-12)
    assert set(found["covariate"]) == {rerun.codebook[name].title for name in results.plan.adjusters}
    plain = black[black["method"] == "regression"]
    np.testing.assert_array_equal(plain["smd_after"], plain["smd_before"])
    assert set(results.balance["indicator"]) == {"5.1"}


def test_all_respondents_rest_on_the_comparison_without_groups(results: lp.Results) -> None:
    for frame in (results.balance, results.overlap, results.strength, results.arms):
        assert ((frame["group"] == "All respondents") == (frame["by"] == "")).all()


def test_strength_is_told_of_groups_by_method_and_never_of_their_differences(results: lp.Results) -> None:
    assert not results.strength["group"].str.contains(" - ").any()
    assert set(results.strength["method"]) == {"regression", "overlap weights"}
    benchmarks = results.strength[results.strength["measure"] == "benchmark"]
    assert "Age group" in set(benchmarks["covariate"])


def test_the_arms_are_counted(results: lp.Results, rerun: lp.Sample) -> None:
    answers = rerun.answers[["conf_overall", "attended", "ethnicity", "lpact_events", *results.plan.adjusters]].dropna()
    black = answers[answers["ethnicity"] == "Black"]
    found = results.arms[(results.arms["indicator"] == "5.1") & (results.arms["group"] == "Black")].set_index("arm")
    events = black["lpact_events"].astype(str)
    assert found["n"].to_dict() == {
        "attended": int((black["attended"] == "yes").sum()),
        "not attended": int((black["attended"] == "no").sum()),
        "1": int((events == "1").sum()),
        "2+": int(events.isin(["2", "3+"]).sum()),
    }
    weight = pd.Series(rerun.design.weight, index=rerun.answers.index)[black.index]
    went = black["attended"] == "yes"
    share = np.average(black["conf_overall"].isin(CONFIDENT)[went], weights=weight[went])
    assert found.loc["attended", "share"] == pytest.approx(share, rel=1e-12)


def test_a_plan_may_name_one_method_and_no_events(own: Path) -> None:
    text = own.read_text(encoding="utf-8")
    text = text.replace('methods = ["regression", "overlap"]', 'methods = ["regression"]')
    own.write_text(text.replace('dose = "lpact_events"', 'dose = ""'), encoding="utf-8")
    found = lp.run_plan(lp.read_plan(own))
    assert gaps(found)["row"].tolist()[1:] == ["not adjusted"]
    assert found.dose.empty
    assert found.overlap.empty
    assert set(found.arms["arm"]) == {"attended", "not attended"}


def test_groups_of_a_variable_that_is_called_like_a_column_do_not_take_its_place() -> None:
    known = SimpleNamespace(
        sample=SimpleNamespace(codebook={}),
        roles=SimpleNamespace(domain_column="wave"),
        arms=SimpleNamespace(names=("early", "late")),
    )
    shares = {"arm": ["attended"] * 3, "low": [0.0] * 3, "high": [0.1] * 3, "share": [0.2, 0.3, 0.4], "n": [9, 4, 5]}
    table = {"wave": ["All respondents", "early", "late"], **shares}
    frame = {"indicator": "5.1", "wave": "rerun", "by": "wave"}
    found = _placed(cast("Question", known), table, frame, OVERLAP_COLUMNS)
    assert found["wave"] == ["rerun", "rerun"]
    assert found["group"] == ["early", "late"]
    assert found["share"] == [0.3, 0.4]
