"""Checks of a folder of surveys that no plan names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.check import check_plan
from lpact_eval.evaluation.check_surveys import WITHOUT_PLAN, check_surveys
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.checks import Check


@pytest.fixture
def surveys(tmp_path: Path) -> Path:
    folder = tmp_path / "surveys"
    for wave in ("2022", "rerun"):
        shutil.copytree(surveys_folder() / wave, folder / wave)
    shutil.copy(surveys_folder() / "harmonised.toml", folder)
    return folder


def found(surveys: Path, wave: str = "") -> dict[str, Check]:
    return {one.what: one for one in check_surveys(surveys, wave=wave)}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_wave_is_checked_and_what_needs_a_plan_is_said_to_be_left_out(surveys: Path) -> None:
    checks = found(surveys)
    assert {one.status for one in checks.values()} == {"ok"}
    assert checks["plan"].found == WITHOUT_PLAN
    for wave in ("2022", "rerun"):
        for what in ("definition of", "data of", "rows of", "missing answers of"):
            assert f"{what} {wave}" in checks


def test_one_wave_may_be_named_and_has_to_be_there(surveys: Path) -> None:
    assert not [what for what in found(surveys, "2022") if "rerun" in what]
    with pytest.raises(WrongUseError, match="2022, rerun"):
        found(surveys, "2023")


def test_without_a_plan_the_same_is_said_of_data_and_rows_as_with_one() -> None:
    with_plan = {one.what: one for one in check_plan(plan_file())}
    without = found(surveys_folder())
    for what in ("data of 2022", "rows of 2022", "data of rerun", "rows of rerun"):
        assert without[what] == with_plan[what]


def test_a_wrong_definition_fails_and_the_other_wave_is_still_checked(surveys: Path) -> None:
    edit(surveys / "2022" / "wave.toml", "[fieldwork]", "[fieldwrok]")
    checks = found(surveys)
    assert checks["definition of 2022"].status == "fail"
    assert "data of 2022" not in checks
    assert checks["data of rerun"].status == "ok"


def test_lines_that_wait_for_a_person_are_counted_file_by_file(surveys: Path) -> None:
    wave, crosswalk = surveys / "rerun" / "wave.toml", surveys / "rerun" / "crosswalk.toml"
    wave.write_text(f"# review: the title\n{wave.read_text(encoding='utf-8')}", encoding="utf-8")
    marks = "# review: one\n# review: two\n# a word on reviews\n"
    crosswalk.write_text(f"{marks}{crosswalk.read_text(encoding='utf-8')}", encoding="utf-8")
    check = found(surveys)["review of rerun"]
    assert check.status == "warn"
    assert "1 in wave.toml, 2 in crosswalk.toml" in check.found


def test_look_up_lines_marked_check_are_counted_without_their_texts(surveys: Path) -> None:
    lookup = surveys / "rerun" / "ethnicity_lookup.csv"
    lines = lookup.read_text(encoding="utf-8").splitlines()
    lines += ["MARKER one,African,check", "MARKER two,,Check"]
    lookup.write_text("\n".join([*lines, ""]), encoding="utf-8")
    checks = list(check_surveys(surveys, wave="rerun"))
    (review,) = [one for one in checks if one.what == "review of rerun"]
    assert (review.status, review.found[:51]) == ("warn", "2 lines of ethnicity_lookup.csv still marked check;")
    assert [one.status for one in checks if one.what == "data of rerun"] == ["fail"]
    assert "MARKER" not in str(checks)


def test_a_question_that_nobody_answered_is_a_warning(surveys: Path) -> None:
    path = surveys / "rerun" / "demo" / "rerun.csv"
    frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    (column,) = [name for name in frame.columns if "organisation that I can trust" in name]
    frame.assign(**{column: ""}).to_csv(path, index=False, encoding="utf-8-sig")
    check = found(surveys, "rerun")["missing answers of rerun"]
    assert check.status == "warn"
    assert "nobody answered trust_force: see how" in check.found
    assert "trust_force: answered 0%, blank 100%" in check.details


def test_a_folder_without_schema_or_waves_fails(tmp_path: Path) -> None:
    assert found(tmp_path)["schema"].status == "fail"
    shutil.copy(surveys_folder() / "harmonised.toml", tmp_path)
    assert found(tmp_path)["surveys"].status == "fail"
