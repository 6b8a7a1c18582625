"""Warnings before fieldwork: whether the plan's rules can be met at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.evaluation.check import check_plan, within_groups
from lpact_eval.evaluation.check_sizes import size_checks
from lpact_eval.planning.next_wave import first_wave, outlook
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.checks import Check


@pytest.fixture
def plan_text() -> str:
    return plan_file().read_text(encoding="utf-8")


def checked(folder: Path, text: str) -> dict[str, Check]:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    plan = lp.read_plan(path)
    first = within_groups(plan, lp.read_wave(plan.waves[0], surveys=plan.surveys))
    return {one.what: one for one in size_checks(plan, first)}


def test_a_rule_that_no_next_survey_can_meet_is_warned_of_in_plain_words(tmp_path: Path, plan_text: str) -> None:
    one = checked(tmp_path, plan_text)["sample size for 5.1, Black"]
    assert one.status == "warn"
    assert "no size of next survey recruited alike can show a rise of 10 points for Black respondents" in one.found
    sample = within_groups(lp.read_plan(plan_file()), lp.read_wave("2022"))
    agree = ["strongly agree", "tend to agree"]
    had = first_wave(sample, "conf_overall", agree, by="ethnicity", group="Black")
    limit = one.found.rpartition("no rise under ")[2].partition(" points")[0]
    assert f"no rise under {limit} points" in outlook(had)


def test_a_rule_that_can_be_met_is_ok(tmp_path: Path, plan_text: str) -> None:
    found = checked(tmp_path, plan_text.replace("margin = 0.10", "margin = 0.40"))
    assert found["sample size for 5.1, Black"].status == "ok"
    assert found["equivalence for 5.1, Black"].status == "ok"


def test_a_margin_that_cannot_be_kept_is_warned_of_with_the_smallest_that_can(tmp_path: Path, plan_text: str) -> None:
    one = checked(tmp_path, plan_text)["equivalence for 5.1, Black"]
    assert one.status == "warn"
    sample = within_groups(lp.read_plan(plan_file()), lp.read_wave("2022"))
    agree = ["strongly agree", "tend to agree"]
    had = first_wave(sample, "conf_overall", agree, by="ethnicity", group="Black")
    best = lp.equivalence_size(baseline=had.baseline, first_wave=had.n_effective, n=math.inf, power=0.8)
    assert f"no margin under {100 * best.margin:.1f} points can be kept" in one.found


def test_without_a_margin_there_is_no_question_of_equivalence(tmp_path: Path, plan_text: str) -> None:
    text = plan_text.replace("[equivalence]", "").replace(
        next(line for line in plan_text.splitlines() if line.startswith("margin")), ""
    )
    found = checked(tmp_path, text)
    assert list(found) == ["sample size for 5.1, Black"]


def test_every_group_is_judged_where_the_plan_names_none(tmp_path: Path, plan_text: str) -> None:
    line = next(line for line in plan_text.splitlines() if line.startswith('groups = ["Black"]'))
    found = checked(tmp_path, plan_text.replace(line, ""))
    sizes = [what for what in found if what.startswith("sample size")]
    assert sizes == [f"sample size for 5.1, {name}" for name in ("Asian", "Black", "Mixed", "White", "Other")]


def test_everybody_is_judged_where_the_plan_makes_no_groups(tmp_path: Path, plan_text: str) -> None:
    line = next(line for line in plan_text.splitlines() if line.startswith('groups = ["Black"]'))
    text = plan_text.replace(line, "").replace('by = "ethnicity"\nrole = "primary"', 'role = "primary"')
    text = text.replace(", Black = 100", "").replace(", Black = 335", "")
    found = checked(tmp_path, text)
    one = found["sample size for 5.1, all respondents"]
    assert one.status in {"ok", "warn"}
    assert "can be shown" in one.found


def test_the_gap_between_attendees_and_others_is_judged_by_its_arms(tmp_path: Path, plan_text: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(plan_text, encoding="utf-8")
    one = {check.what: check for check in check_plan(path)}["gap size for 5.1, Black"]
    rerun = lp.read_wave("rerun").answers
    rows = (rerun["ethnicity"].astype("object") == "Black") & rerun["conf_overall"].notna()
    arms = rerun.loc[rows, "attended"].astype("object").value_counts()
    assert one.found.startswith(f"{arms['yes']} attended and {arms['no']} did not: no gap under about")
    assert one.status == "warn"
