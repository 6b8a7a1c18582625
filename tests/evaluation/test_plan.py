"""A plan that names what does not exist fails with file, line and the nearest right name."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """\
title = "Test"
waves = ["2022", "rerun"]
first_event = 2022-07-04
population = "leicestershire-2021"

[attendance]
wave = "rerun"
attended = "attended"
adjust = ["age_band"]

[[indicator]]
id = "5.1"
outcome = 5
title = "Confidence"
variable = "conf_overall"
by = "ethnicity"
groups = ["Black"]
role = "primary"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_right_plan_is_read_with_its_hash(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN)
    plan = lp.read_plan(path)
    assert plan.waves == ("2022", "rerun")
    assert plan.first_event == dt.date(2022, 7, 4)
    assert plan.adjusters == ("age_band",)
    assert plan.indicators[0].groups == ("Black",)
    assert plan.plan_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_shipped_plan_is_right_and_covers_the_fifth_outcome() -> None:
    plan = lp.read_plan(plan_file())
    assert {indicator.outcome for indicator in plan.indicators} >= {1, 3, 4, 5}
    primary = [indicator for indicator in plan.indicators if indicator.role == "primary"]
    assert [indicator.variable for indicator in primary] == ["conf_overall"]
    assert primary[0].rule


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'waves = ["2022", "rerun"]',
            'waves = ["2022", "re-run"]',
            r"plan\.toml:2: there is no wave 're-run'.*'rerun'",
        ),
        ("waves = [", "wave = [", r"plan\.toml:2: .*wave.*waves"),
        ('"conf_overall"', '"conf_overal"', r"plan\.toml:15: .*'conf_overal'; did you mean 'conf_overall'"),
        ('by = "ethnicity"', 'by = "ethnic"', r"plan\.toml:16: .*'ethnic'; did you mean 'ethnicity'"),
        ('["Black"]', '["Blck"]', r"plan\.toml:17: there is no group 'Blck'; did you mean 'Black'"),
        ('["age_band"]', '["ageband"]', r"plan\.toml:9: .*'ageband'; did you mean 'age_band'"),
        ('role = "primary"', 'role = "main"', r"plan\.toml:18: "),
        ("outcome = 5", 'outcome = "five"', r"plan\.toml:13: "),
        ('role = "primary"', 'role = "primary"\nanswers = ["yes"]', r"plan\.toml:19: there is no answer 'yes'"),
        ('"conf_overall"\nby', '"age_band"\nby', r"plan\.toml:11: .*names no answers and 'age_band' has no favourable"),
        ('title = "Test"', "title = Test", r"plan\.toml:1: not valid TOML"),
        (
            '"leicestershire-2021"',
            '"leicestershire-2012"',
            r"plan\.toml:4: there is no population 'leicestershire-2012'; did you mean 'leicestershire-2021'",
        ),
        (
            "[attendance]",
            '[weights]\nwithin = "ethnicity"\nwithin_population = "leicester-by-ethnicity"\n\n[attendance]',
            r"plan\.toml:8: there is no population 'leicester-by-.*'; did you mean 'leicestershire-2021-by-ethnicity'",
        ),
        ("[attendance]", "[weights]\ncollapse = -1\n\n[attendance]", r"plan\.toml:7: collapse is -1; .* from 0"),
        ("[attendance]", "[weights]\ncollapse = 101\n\n[attendance]", r"plan\.toml:7: collapse is 101; .* to 100"),
        ("[attendance]", "[weights]\ncollapse = 2.5\n\n[attendance]", r"plan\.toml:7: "),
    ],
)
def test_a_wrong_name_is_an_error_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in PLAN
    with pytest.raises(DefinitionError, match=message):
        lp.read_plan(written(tmp_path, PLAN.replace(old, new, 1)))


def test_a_plan_without_indicators_is_an_error(tmp_path: Path) -> None:
    text = PLAN[: PLAN.index("[[indicator]]")] + "indicator = []\n"
    text = "indicator = []\n" + PLAN[: PLAN.index("[attendance]")]
    with pytest.raises(DefinitionError, match=r"the plan has no \[\[indicator\]\]"):
        lp.read_plan(written(tmp_path, text))


def test_a_plan_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"There is no .*plan\.toml"):
        lp.read_plan(tmp_path / "plan.toml")


def test_a_population_is_the_surveys_own_then_one_beside_the_plan_then_the_shipped(tmp_path: Path) -> None:
    shipped = surveys_folder()
    path = written(tmp_path, PLAN.replace('title = "Test"', 'title = "Test"\nsurveys = "surveys"'))
    (tmp_path / "surveys").mkdir()
    shutil.copy(shipped / "harmonised.toml", tmp_path / "surveys")
    for wave in ("2022", "rerun"):
        shutil.copytree(shipped / wave, tmp_path / "surveys" / wave)
    name = "leicestershire-2021"
    assert lp.read_plan(path).population_file == shipped / "population" / name / "population.toml"
    shutil.copytree(shipped / "population" / name, tmp_path / name)
    assert lp.read_plan(path).population_file == tmp_path / name / "population.toml"
    own = tmp_path / "surveys" / "population" / name
    shutil.copytree(shipped / "population" / name, own)
    plan = lp.read_plan(path)
    assert plan.population_file == own / "population.toml"
    assert plan.population_name == name


def test_a_plan_without_populations_has_no_files_of_them(tmp_path: Path) -> None:
    plan = lp.read_plan(written(tmp_path, PLAN.replace('population = "leicestershire-2021"', "")))
    assert (plan.population_file, plan.within_file) == (None, None)


def test_the_place_that_asks_for_weights_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lp.read_plan(written(tmp_path, PLAN)).weights_at == "plan.toml:4 (population)"
    weights = PLAN.replace("[attendance]", "[weights]\ncollapse = 100\n\n[attendance]")
    assert lp.read_plan(written(tmp_path, weights)).weights_at == "plan.toml:6 ([weights])"


def test_weighting_is_said_in_words(tmp_path: Path) -> None:
    plan = lp.read_plan(written(tmp_path, PLAN))
    assert "raked to the population" in plan.weighting
    bare = lp.read_plan(written(tmp_path, PLAN.replace('population = "leicestershire-2021"', "")))
    assert "delivered with the survey files" in bare.weighting


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('methods = ["regresion"]', r"plan\.toml:10: there is no method 'regresion'; did you mean 'regression'\?"),
        ('methods = ["overlap", "regression"]', r"plan\.toml:10: methods does not begin with 'regression'"),
        ("methods = []", r"plan\.toml:10: methods does not begin with 'regression'"),
        ('methods = ["regression", "att", "att"]', r"plan\.toml:10: methods names 'att' twice"),
        ('dose = "age_band"', r"plan\.toml:10: 'age_band' does not hold a number of events; give a number"),
        ('dose = "lpact_event"', r"plan\.toml:10: there is no variable 'lpact_event'; did you mean 'lpact_events'\?"),
    ],
)
def test_a_wrong_way_of_comparing_attendees_is_an_error_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path, PLAN.replace('adjust = ["age_band"]', f'adjust = ["age_band"]\n{line}'))
    with pytest.raises(DefinitionError, match=message):
        lp.read_plan(path)


@pytest.mark.parametrize(("variable", "answer"), [("attended", "yes"), ("lpact_events", "3+")])
def test_the_share_who_attended_is_never_an_indicator(tmp_path: Path, variable: str, answer: str) -> None:
    """With bases by group it would count the attendees that the gaps hide."""
    text = PLAN.replace('variable = "conf_overall"', f'variable = "{variable}"\nanswers = ["{answer}"]')
    with pytest.raises(DefinitionError, match=rf"plan\.toml:15: indicator '5.1' is about '{variable}'"):
        lp.read_plan(written(tmp_path, text))


def test_attendees_are_compared_by_regression_and_overlap_weights_unless_a_plan_says_otherwise(tmp_path: Path) -> None:
    usual = lp.read_plan(written(tmp_path, PLAN)).attendance
    assert usual is not None
    assert (usual.methods, usual.dose) == (("regression", "overlap"), "")
    more = 'adjust = ["age_band"]\nmethods = ["regression", "doubly_robust"]\ndose = "lpact_events"'
    chosen = lp.read_plan(written(tmp_path, PLAN.replace('adjust = ["age_band"]', more))).attendance
    assert chosen is not None
    assert (chosen.methods, chosen.dose) == (("regression", "doubly_robust"), "lpact_events")
