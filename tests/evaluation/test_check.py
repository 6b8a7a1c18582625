"""Checks before a run: what is said, and that one failure does not hide the others."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import LpactError
from lpact_eval.evaluation import check, weighting
from lpact_eval.evaluation.check import check_plan
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.resources import plan_file, surveys_folder
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan_text() -> str:
    return plan_file().read_text(encoding="utf-8")


def checked(folder: Path, text: str) -> dict[str, check.Check]:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return {one.what: one for one in check_plan(path)}


def test_the_shipped_plan_fails_nothing_and_covers_every_step(tmp_path: Path, plan_text: str) -> None:
    found = checked(tmp_path, plan_text)
    assert {one.status for one in found.values()} <= {"ok", "warn"}
    for what in (
        "plan",
        "data of 2022",
        "rows of rerun",
        "baseline",
        "question conf_overall",
        "population weights of 2022",
        "weights within ethnicity of rerun",
        "group Black in 2022",
        "sample size for 5.1, Black",
    ):
        assert what in found


def test_rows_delivered_are_rows_kept_and_set_aside(tmp_path: Path, plan_text: str) -> None:
    found = checked(tmp_path, plan_text)["rows of rerun"].found
    delivered, kept, aside = (int(word) for word in found.split() if word.isdecimal())
    assert delivered == kept + aside


def test_a_baseline_is_clean_when_its_fieldwork_ended_before_the_first_event(tmp_path: Path, plan_text: str) -> None:
    assert checked(tmp_path, plan_text)["baseline"].status == "warn"
    later = plan_text.replace("first_event = 2022-07-04", "first_event = 2022-12-24")
    assert later != plan_text
    assert checked(tmp_path, later)["baseline"].status == "ok"


def test_a_plan_that_can_see_only_large_changes_is_warned_of(tmp_path: Path, plan_text: str) -> None:
    one = checked(tmp_path, plan_text)["sample size for 5.1, Black"]
    assert one.status == "warn"
    assert "no rise under" in one.found


def test_a_plan_that_cannot_be_read_ends_the_checks(tmp_path: Path) -> None:
    found = checked(tmp_path, 'title = "Confidence"\nwavs = []\n')
    assert [one.status for one in found.values()] == ["fail"]
    assert "plan.toml" in found["plan"].found


def test_a_wave_without_data_fails_and_the_other_is_still_checked(tmp_path: Path, plan_text: str) -> None:
    found = checked(tmp_path, f'{plan_text}\n[files]\n2022 = "nowhere.sav"\n')
    assert found["data of 2022"].status == "fail"
    assert "nowhere.sav" in found["data of 2022"].found
    assert found["data of rerun"].status == "ok"
    assert "group Black in rerun" in found


def test_weights_that_cannot_be_made_fail(tmp_path: Path, plan_text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        message = "no weights meet the margins"
        raise LpactError(message)

    monkeypatch.setattr(weighting, "rake", refuse)
    found = checked(tmp_path, plan_text)
    assert found["population weights of 2022"].status == "fail"
    assert found["weights within ethnicity of rerun"].status == "fail"
    assert "group Black in 2022" not in found


ETHNICITY = "surveys/population/leicestershire-2021/ethnicity.csv"


@pytest.fixture
def own_text(tmp_path: Path, plan_text: str) -> str:
    """Copy the surveys beside the plan, and return the plan that reads them."""
    shutil.copytree(surveys_folder(), tmp_path / "surveys")
    return plan_text.replace('surveys = ""', 'surveys = "surveys"')


def without_rutland(surveys: Path) -> None:
    """Count the respondents of Rutland in 2022 as Melton's."""
    path = surveys / "2022" / "crosswalk.toml"
    text = path.read_text(encoding="utf-8")
    assert '= "Rutland"' in text
    text = text.replace('[area]\ncolumn = "la"\n', '[area]\ncolumn = "la"\nlabels = "wrong"\n')
    path.write_text(text.replace('= "Rutland"', '= "Melton"'), encoding="utf-8")


def test_a_category_without_respondents_is_warned_of_by_name(tmp_path: Path, own_text: str) -> None:
    without_rutland(tmp_path / "surveys")
    found = checked(tmp_path, own_text)
    assert found["population weights of 2022"].status == "ok"
    assert found["margin area of 2022"].status == "warn"
    assert "no respondents in 'Rutland'" in found["margin area of 2022"].found
    assert "margin area of rerun" not in found


def test_a_category_that_is_no_answer_fails_with_the_line_of_its_file(tmp_path: Path, own_text: str) -> None:
    with (tmp_path / ETHNICITY).open("a", encoding="utf-8") as file:
        file.write("Blacc,10,Census\n")
    found = checked(tmp_path, own_text)
    assert found["population leicestershire-2021"].status == "fail"
    for part in (
        "leicestershire-2021/ethnicity.csv:7: 'Blacc' is not an answer of 'ethnicity'",
        "did you mean 'Black'",
    ):
        assert part in found["population leicestershire-2021"].found
    assert "population weights of 2022" not in found
    assert found["weights within ethnicity of 2022"].status == "ok"


def test_a_variable_of_a_margin_that_does_not_exist_fails_with_its_file(tmp_path: Path, own_text: str) -> None:
    path = tmp_path / ETHNICITY
    path.write_text(path.read_text(encoding="utf-8").replace("ethnicity,", "ethnicty,", 1), encoding="utf-8")
    one = checked(tmp_path, own_text)["population leicestershire-2021"]
    assert one.status == "fail"
    assert "ethnicity.csv: there is no variable 'ethnicty'; did you mean 'ethnicity" in one.found


def test_margins_that_cannot_be_met_fail_with_plan_line_file_and_counts(tmp_path: Path, own_text: str) -> None:
    without_rutland(tmp_path / "surveys")
    found = checked(tmp_path, own_text.replace("collapse = 20 ", "collapse = 0 "))["population weights of 2022"]
    assert found.status == "fail"
    for part in ("plan.toml:13 ([weights])", "wave 2022", "area.csv", "'Rutland' has population but no respondents"):
        assert part in found.found
    assert "Rutland fewer than 10" in found.found


def test_the_count_of_a_very_small_group_is_not_told(
    tmp_path: Path, plan_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SMALLEST_GROUP", 1_000)
    one = checked(tmp_path, plan_text)["group Black in 2022"]
    assert one.status == "warn"
    assert one.found.startswith("fewer than 1000 respondents")


def test_a_primary_group_without_respondents_fails(tmp_path: Path, plan_text: str) -> None:
    other = plan_text.replace('variable = "conf_overall"', 'variable = "feedback_seen"')
    assert checked(tmp_path, other)["sample size for 5.1, Black"].status == "fail"


def test_delivered_weights_are_left_as_they_are(tmp_path: Path, plan_text: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(plan_text.replace('"leicestershire-2021-by-ethnicity"', '""'), encoding="utf-8")
    sample = read_wave("2022")
    assert check.within_groups(read_plan(path), sample) is sample
