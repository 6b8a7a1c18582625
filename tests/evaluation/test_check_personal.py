"""The check warns of cells that look personal, by count and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
[confidence.answers]
1 = "yes"
2 = "no"
"""
PLAN = """
title = "t"
surveys = "surveys"
waves = ["first"]
[[indicator]]
id = "1"
outcome = 5
title = "c"
variable = "confidence"
analyses = ["level"]
"""


def test_the_check_warns_of_cells_that_look_personal_and_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "surveys" / "first"
    folder.mkdir(parents=True)
    (folder.parent / "harmonised.toml").write_text(HARMONISED, encoding="utf-8")
    (folder / "wave.toml").write_text(WAVE, encoding="utf-8")
    (folder / "crosswalk.toml").write_text(CROSSWALK, encoding="utf-8")
    (folder / "delivered.csv").write_text("q1,free\n1,zebedee@example.org\n2,none\n1,\n", encoding="utf-8")
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    found = [one for one in check_plan(plan) if one.what == "personal data of first"]
    assert [one.status for one in found] == ["warn"]
    assert found[0].found.startswith("column 'free': 1 cell looks like an e-mail address; ")
    assert "`personal`" in found[0].found
