"""What `check` says of registration, theory, decisions, logs and what readers are owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.evaluation.check_accounts import account_checks, made_up_checks
from lpact_eval.evaluation.registration import freeze, frozen_file
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.checks import Check
    from lpact_eval.evaluation.plan import EvaluationPlan


def found(plan: EvaluationPlan) -> dict[str, Check]:
    return {check.what: check for check in account_checks(plan)}


def test_the_shipped_plan_lacks_a_registration_and_what_people_have_to_check() -> None:
    checks = found(lp.read_plan(plan_file()))
    assert {what for what, check in checks.items() if check.status != "ok"} == {"registration"}
    assert "by how" not in checks["decision on 5.1"].found
    assert "The chief officer who sponsors the events decides." in checks["decision on 5.1"].found


def test_a_plan_that_promises_little_is_told_what_is_missing(own: Path) -> None:
    checks = found(lp.read_plan(own))
    assert "outcome 1 or 2 or 3 or 4" in checks["intended outcomes"].found
    decision = checks["decision on 5.1"]
    assert decision.status == "warn"
    for name in ("decision", "planned_n", "who_decides", "publication"):
        assert name in decision.found
    assert checks["logs"].details == tuple(f"the log of {name}" for name in ("assumptions", "decisions", "data", "qa"))


def test_a_primary_family_of_which_nothing_says_what_would_matter_fails_with_file_and_line(own: Path) -> None:
    head, _, rest = own.read_text(encoding="utf-8").partition("[equivalence]")
    own.write_text(head + "[" + rest.partition("\n[")[2], encoding="utf-8")
    check = found(lp.read_plan(own))["decision on 5.1"]
    assert check.status == "fail"
    assert "nothing says before the data are read which change would matter" in check.found
    place, _, _ = check.found.partition(": ")
    assert own.read_text(encoding="utf-8").splitlines()[int(place.rpartition(":")[2]) - 1].startswith("role")


def test_a_plan_with_all_outcomes_and_no_theory_is_told_so() -> None:
    plan = replace(lp.read_plan(plan_file()), theory=None)
    assert found(plan)["theory of change"].status == "warn"


@pytest.mark.parametrize("name", ["sponsor", "conductor", "recruitment", "geography"])
def test_what_readers_are_owed_is_named(name: str) -> None:
    plan = replace(lp.read_plan(plan_file()), **{name: " "})
    check = found(plan)["disclosure of methods"]
    assert (check.status, name in check.found) == ("warn", True)


def test_the_registration_is_told_and_a_damaged_one_fails(own: Path) -> None:
    freeze(own, now=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    assert found(lp.read_plan(own))["registration"].status == "ok"
    own.write_text(own.read_text(encoding="utf-8").replace("collapse = 20", "collapse = 11"), encoding="utf-8")
    changed = found(lp.read_plan(own))["registration"]
    assert (changed.status, changed.details) == ("warn", ("weights: collapse was 20, is now 11",))
    frozen_file(own).write_text("{}", encoding="utf-8")
    assert found(lp.read_plan(own))["registration"].status == "fail"


def test_a_damaged_log_fails_with_its_line(own: Path) -> None:
    (own.parent / "logs").mkdir()
    (own.parent / "logs" / "qa.toml").write_text('[[entry]]\nid = "Q1"\n', encoding="utf-8")
    check = found(lp.read_plan(own))["logs"]
    assert check.status == "fail"
    assert "qa.toml:1:" in check.found


def test_made_up_answers_and_a_mode_that_is_not_stated_are_told() -> None:
    plan = lp.read_plan(plan_file())
    sample = lp.read_wave("2022")
    (told,) = made_up_checks(plan, {"2022": sample})
    assert (told.status, told.what) == ("warn", "delivered files")
    silent = replace(sample, waves=tuple(replace(wave, mode="") for wave in sample.waves))
    assert [check.what for check in made_up_checks(plan, {"2022": silent})] == [
        "delivered files",
        "disclosure of methods",
    ]
