"""One question on its own gives the numbers of the plan's release, and hides what the release hides."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.disclosure.published import publish
from lpact_eval.disclosure.rules import Rules
from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.plan import EvaluationPlan, read_plan
from lpact_eval.evaluation.question import require_question, run_question
from lpact_eval.evaluation.run import Results, run_plan
from lpact_eval.evaluation.write_ins import GATHERED, with_write_ins_gathered
from lpact_eval.reporting.static import question_chart
from lpact_eval.resources import plan_file, surveys_folder
from lpact_eval.sample import Variable

if TYPE_CHECKING:
    from pathlib import Path

KEYS = ["measure", "wave", "by", "group", "row"]
SHOWN = ["estimate", "conf_low", "conf_high", "n", "n_first", "n_second", "mark", "tier", "weights"]
STRICT = Rules(
    "strict", "Strict", suppress_below=20, withhold_below=40, indicative_below=60, small_below=100, uniform_below=60
)


@pytest.fixture(scope="module")
def plan() -> EvaluationPlan:
    return read_plan(plan_file())


@pytest.fixture(scope="module")
def results(plan: EvaluationPlan) -> Results:
    return run_plan(plan)


@pytest.mark.parametrize("rules", ["uk", STRICT], ids=["uk", "strict"])
@pytest.mark.parametrize("variable", ["conf_overall", "fair", "know_officer"])
def test_a_question_alone_shows_and_hides_what_the_release_does(
    plan: EvaluationPlan, results: Results, variable: str, rules: str | Rules
) -> None:
    release = publish(results, rules=rules).rows
    alone = publish(run_question(plan, variable, by="ethnicity"), rules=rules).rows
    wanted = release[(release["variable"] == variable) & release["measure"].isin(["level", "change"])]
    wanted, found = (frame.set_index(KEYS)[SHOWN].sort_index() for frame in (wanted, alone))
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)


def test_the_groups_of_the_plan_are_weighted_inside_and_others_to_the_population(plan: EvaluationPlan) -> None:
    by = {name: run_question(plan, "conf_overall", by=name).rows for name in ("ethnicity", "sex")}
    kinds = {name: set(rows.loc[rows["by"] == name, "weights"]) for name, rows in by.items()}
    assert kinds == {"ethnicity": {"within group"}, "sex": {"population"}}


def test_the_surveys_are_in_order_of_fieldwork_without_being_named(plan: EvaluationPlan) -> None:
    rows = run_question(plan, "conf_overall").rows
    assert list(dict.fromkeys(rows["wave"])) == ["2022", "rerun", "rerun - 2022"]


def test_every_survey_of_the_folder_is_shown_whatever_the_plan_compares(tmp_path: Path) -> None:
    surveys = tmp_path / "surveys"
    shutil.copytree(surveys_folder(), surveys)
    for name, start in (("autumn", "2023-06-05"), ("zenith", "2023-01-09")):
        shutil.copytree(surveys / "rerun", surveys / name)
        wave = (surveys / name / "wave.toml").read_text(encoding="utf-8")
        wave = wave.replace('name = "rerun"', f'name = "{name}"').replace("2024-09-02", start)
        (surveys / name / "wave.toml").write_text(wave, encoding="utf-8")
    text = plan_file().read_text(encoding="utf-8").replace('surveys = ""', 'surveys = "surveys"')
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    published = publish(run_question(read_plan(tmp_path / "plan.toml"), "conf_overall", by="ethnicity"))
    assert list(dict.fromkeys(published.rows["wave"])) == ["2022", "zenith", "autumn", "rerun", "rerun - 2022"]
    chart = question_chart(published, "trend")
    assert [mark.place for run in chart.panels[0].joined for mark in run] == [0, 1, 2, 3]


def test_a_comparison_runs_the_way_it_is_asked_for(plan: EvaluationPlan) -> None:
    there, back = (
        run_question(plan, "conf_overall", waves=waves).rows.query("measure == 'change' and main")["estimate"].iloc[0]
        for waves in (("2022", "rerun"), ("rerun", "2022"))
    )
    assert there == pytest.approx(-back, rel=1e-12)


def test_the_answers_of_a_group_add_up_to_one(plan: EvaluationPlan) -> None:
    shares = run_question(plan, "conf_overall", by="ethnicity", distribution=True).distributions
    sums = shares.groupby(["wave", "by", "group"])["estimate"].sum()
    assert sums.to_numpy() == pytest.approx(1.0)
    level = run_question(plan, "conf_overall").rows.query("measure == 'level' and wave == '2022'")["estimate"].iloc[0]
    good = shares.query("side == 'favourable' and by == '' and wave == '2022'")["estimate"].sum()
    assert good == pytest.approx(level, rel=1e-10)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("shoe_size", "", ()), "There is no question 'shoe_size'"),
        (("conf_overall", "age", ()), "Cannot make groups by 'age'"),
        (("conf_overall", "", ("2022", "1999")), "There is no survey '1999'"),
        (("conf_overall", "", ("2022", "2022")), "Cannot compare '2022' with itself"),
    ],
)
def test_what_is_not_there_is_named(
    plan: EvaluationPlan, asked: tuple[str, str, tuple[str, ...]], message: str
) -> None:
    variable, by, waves = asked
    with pytest.raises(WrongUseError, match=message):
        require_question(plan, variable, by=by, waves=waves)


def written(*counts: tuple[str, int]) -> lp.Sample:
    words = [word for word, count in counts for _ in range(count)]
    sample = lp.Sample.from_frame(pd.DataFrame({"community": words}))
    return replace(sample, codebook={"community": Variable("community", "Community", "", "text")})


def test_words_that_few_wrote_never_name_a_group() -> None:
    first, second = with_write_ins_gathered(
        [written(("somali", 6), ("Somali ", 7), ("the only one", 1)), written(("SOMALI", 3), ("Caribbean", 9))],
        "community",
    )
    assert first.codebook["community"].answers == ("Somali", GATHERED)
    assert first.answers["community"].value_counts().to_dict() == {"Somali": 13, GATHERED: 1}
    assert second.answers["community"].value_counts().to_dict() == {GATHERED: 9, "Somali": 3}


def test_a_sentence_that_many_wrote_is_no_group() -> None:
    (gathered,) = with_write_ins_gathered([written(("x" * 61, 20))], "community")
    assert gathered.codebook["community"].answers == (GATHERED,)


def test_other_variables_are_left_alone(plan: EvaluationPlan) -> None:
    sample = lp.read_wave("2022", surveys=plan.surveys)
    assert with_write_ins_gathered([sample], "ethnicity")[0] is sample


def bases_of(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Bases of the shares by survey and group, 0 where there is none."""
    levels = frame[frame["measure"] == "level"]
    places = zip(levels["wave"].astype(str), levels["group"].astype(str), strict=True)
    return dict(zip(places, levels["n"].fillna(0).astype(int).tolist(), strict=True))


def test_no_small_group_can_be_had_from_the_release_by_larger_groups(plan: EvaluationPlan) -> None:
    asked = run_question(plan, "conf_overall", by="ethnicity_19")
    shown = bases_of(publish(asked).rows)
    whole = bases_of(publish(run_question(plan, "conf_overall", by="ethnicity")).rows)
    parts = asked.nested[asked.nested["whole_by"] == "ethnicity"]
    members = {str(name): list(map(str, part["group"])) for name, part in parts.groupby("whole")}
    assert set(members) == {"Asian", "Black", "Mixed", "White", "Other"}
    for wave in ("2022", "rerun"):
        for name, groups in members.items():
            rest = whole[wave, name] - sum(shown.get((wave, group), 0) for group in groups)
            assert rest == 0 or rest >= 10, (wave, name)


def test_two_releases_by_groups_that_differ_by_few_do_not_give_these_away(plan: EvaluationPlan) -> None:
    asked = run_question(plan, "conf_overall", by="black_heritage")
    had, shown = bases_of(asked.rows), bases_of(publish(asked).rows)
    black = bases_of(publish(run_question(plan, "conf_overall", by="ethnicity")).rows)
    assert 0 < had["2022", "yes"] - black["2022", "Black"] < 10
    assert not shown["2022", "yes"]
    assert not shown["2022", "no"]
    assert shown["rerun", "yes"] - black["rerun", "Black"] >= 10
