"""The plan states from where moved don't knows are said; a run, its audit and its check say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.check import check_plan

if TYPE_CHECKING:
    from pathlib import Path

HARMONISED = """
[variables.confidence]
title = "Confidence"
kind = "yes_no"
positive = ["yes"]
"""
WAVE = """
[fieldwork]
start = 2022-05-01
end = 2022-05-31
[delivered]
format = "csv"
encoding = "utf-8"
file = "delivered.csv"
"""
CROSSWALK = """
[confidence]
column = "q1"
wording = "Are you confident?"
[confidence.answers]
1 = "yes"
2 = "no"
[confidence.missing]
8 = "don't know"
"""
PLAN = """
title = "t"
surveys = "surveys"
waves = ["first", "second"]
{stated}
[[indicator]]
id = "1"
outcome = 5
title = "c"
variable = "confidence"
"""


def plan(folder: Path, stated: str = "") -> Path:
    """Write two waves of 400 with 5 and 15 per cent of don't knows, and their plan."""
    for name, said in (("first", 20), ("second", 60)):
        wave = folder / "surveys" / name
        wave.mkdir(parents=True)
        (wave / "wave.toml").write_text(WAVE, encoding="utf-8")
        (wave / "crosswalk.toml").write_text(CROSSWALK, encoding="utf-8")
        answers = [8] * said + [1, 2] * ((400 - said) // 2)
        pd.DataFrame({"q1": answers}).to_csv(wave / "delivered.csv", index=False)
    (folder / "surveys" / "harmonised.toml").write_text(HARMONISED, encoding="utf-8")
    path = folder / "plan.toml"
    path.write_text(PLAN.format(stated=stated), encoding="utf-8")
    return path


def test_a_run_flags_the_change_and_remarks_on_it_in_the_audit(tmp_path: Path) -> None:
    results = lp.run_plan(lp.read_plan(plan(tmp_path)))
    (flags,) = results.rows.loc[(results.rows["measure"] == "change") & results.rows["main"], "flags"]
    assert "don't know went from 5% to 15%" in flags
    assert results.audit["remark"].tolist() == ["", "don't know went from 5% to 15%"]
    published = lp.publish(results)
    (flags,) = published.rows.loc[(published.rows["measure"] == "change") & published.rows["main"], "flags"]
    assert "don't know went from 5% to 15%" in flags


def test_the_plan_states_the_amount(tmp_path: Path) -> None:
    found = lp.read_plan(plan(tmp_path, "dont_know_moved = 0.2"))
    assert found.dont_know_moved == 0.2
    results = lp.run_plan(found)
    assert not results.rows["flags"].str.contains("don't know").any()
    assert (results.audit["remark"] == "").all()


def test_an_amount_that_no_share_can_move_by_is_refused_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"plan\.toml:5: .*dont_know_moved"):
        lp.read_plan(plan(tmp_path, "dont_know_moved = 5"))


def test_the_check_warns_and_says_wave_by_wave_how_it_was_asked(tmp_path: Path) -> None:
    (found,) = [one for one in check_plan(plan(tmp_path)) if one.what == "question confidence"]
    assert (found.status, found.found) == ("warn", "don't know went from 5% to 15%")
    assert found.details == (
        "first: Are you confident?",
        "  yes/no, 2 answers; comparable",
        "  answered 95%, don't know 5%",
        "second: Are you confident?",
        "  yes/no, 2 answers; comparable",
        "  answered 85%, don't know 15%",
    )
