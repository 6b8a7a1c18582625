"""Drafts of exports as survey tools really lay them out, with the census's wordings, and what is read by them."""

from __future__ import annotations

import csv
import tomllib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyreadstat
import pytest

from lpact_eval.resources import surveys_folder
from lpact_eval.waves.draft import draft_definition
from lpact_eval.waves.looking import look_at
from lpact_eval.waves.matching import match_answers
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.schema import read_schema

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.sample import Sample

SURVEYS = surveys_folder()
QUESTION = "Taking everything into account, I have confidence in the police in this area"
ETHNIC = "What is your ethnic group?"
WHY = "Why have you not attended an LPACT event? Tick all that apply"
EVENTS = "How many LPACT events have you attended?"
SCALE = {
    "Strongly agree": "strongly agree",
    "Tend to agree": "tend to agree",
    "Neither agree nor disagree": "neither",
    "Tend to disagree": "tend to disagree",
    "Strongly disagree": "strongly disagree",
    "Don't know": "",
}
GROUPS = {
    "Asian or Asian British: Indian": "Indian",
    "Asian or Asian British: Any other Asian background": "Other Asian",
    "Black, Black British, Caribbean or African: African": "African",
    "Black, Black British, Caribbean or African: Caribbean": "Caribbean",
    "Mixed or multiple ethnic groups: White and Black African": "White and Black African",
    "White: English, Welsh, Scottish, Northern Irish or British": "British",
    "White: Irish": "Irish",
    "Other ethnic group: Arab": "Arab",
}
REASONS = {
    "The time or place did not suit me": "time or place",
    "I am not interested, or too busy": "not interested",
    "I had not heard of them": "had not heard of it",
}


def read_draft(path: Path) -> Sample:
    """Read a file by its draft as it is, with the dates of fieldwork filled in."""
    drafted = draft_definition(path)
    folder = path.parent / "surveys" / drafted.name
    folder.mkdir(parents=True)
    folder.parent.joinpath("harmonised.toml").write_bytes(SURVEYS.joinpath("harmonised.toml").read_bytes())
    dates = drafted.wave.replace("# start = 2022-05-16", "start = 2026-01-01").replace(
        "# end = 2022-07-29", "end = 2026-12-31"
    )
    folder.joinpath("wave.toml").write_text(dates, encoding="utf-8")
    folder.joinpath("crosswalk.toml").write_text(drafted.crosswalk, encoding="utf-8")
    return read_wave(drafted.name, surveys=folder.parent)


def crosswalk(path: Path) -> dict[str, Any]:
    """Draft a crosswalk."""
    return tomllib.loads(draft_definition(path).crosswalk)


def repeated(options: dict[str, str], rows: int) -> list[str]:
    """Let every option be chosen in turn."""
    return [list(options)[place % len(options)] for place in range(rows)]


def save(path: Path, rows: list[list[str]]) -> Path:
    """Write rows as csv."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def expanded(path: Path, questions: dict[str, dict[str, str]], rows: int) -> Path:
    """Write an expanded SurveyMonkey export, in which every option has a column."""
    chosen = {question: repeated(options, rows) for question, options in questions.items()}
    first, second = ["Respondent ID", "Start Date", "End Date"], ["", "", ""]
    for question, options in questions.items():
        first += [question, *[""] * (len(options) - 1)]
        second += list(options)
    table = [first, second]
    for place in range(rows):
        cells = [f"{1000 + place}", "25/06/2026 10:00:00", "25/06/2026 10:09:00"]
        cells += [option if chosen[one][place] == option else "" for one in questions for option in questions[one]]
        table.append(cells)
    return save(path, table)


def test_a_single_choice_with_a_column_an_option_is_read_from_all_of_its_columns(tmp_path: Path) -> None:
    path = expanded(tmp_path / "monkey.csv", {QUESTION: SCALE, ETHNIC: GROUPS}, 48)
    sample = read_draft(path)
    agreed, group = repeated(SCALE, 48), repeated(GROUPS, 48)
    assert sample.answers["conf_overall"].astype(object).fillna("").tolist() == [SCALE[one] for one in agreed]
    assert sample.answers["ethnicity_19"].tolist() == [GROUPS[one] for one in group]
    assert sample.missing["conf_overall"].dropna().tolist() == ["don't know"] * 8


def labelled(path: Path, labels: dict[float, str]) -> Path:
    """Write 40 rows or more of one question whose codes have labels."""
    codes: Any = pd.DataFrame({"Ethnic": [*labels] * 40})
    pyreadstat.write_sav(codes, str(path), column_labels=[ETHNIC], variable_value_labels={"Ethnic": labels})
    return path


def test_labelled_ethnic_groups_are_told_apart_by_the_words_of_the_census(tmp_path: Path) -> None:
    path = labelled(tmp_path / "wave.sav", {float(code): label for code, label in enumerate(GROUPS, 1)})
    answers = crosswalk(path)["ethnicity_19"]["answers"]
    assert answers == {str(code): group for code, group in enumerate(GROUPS.values(), 1)}


def test_an_ethnic_group_of_unclear_words_is_left_to_a_person(tmp_path: Path) -> None:
    labels = {1.0: "African", 2.0: "Black British", 3.0: "British Indian", 4.0: "Irish"}
    path = labelled(tmp_path / "wave.sav", labels)
    assert crosswalk(path)["ethnicity_19"]["answers"] == {"1": "African", "4": "Irish"}


def test_options_joined_by_commas_are_told_apart_and_those_who_were_not_asked_are_known(tmp_path: Path) -> None:
    rows = [["Timestamp", QUESTION, EVENTS, WHY]]
    both = ", ".join(list(REASONS)[:2])
    for place in range(48):
        attended = place % 4 == 0
        why = "" if attended else [both, "I had not heard of them", "I am not interested, or too busy"][place % 3]
        rows.append([f"25/06/2026 10:{place:02}:00", "Tend to agree", "2" if attended else "None", why])
    path = save(tmp_path / "form.csv", rows)
    item = crosswalk(path)["lpact_reason_not"]
    assert item["separator"] == ", "
    assert item["answers"] == REASONS
    assert item["asked_if"] == {"column": EVENTS, "accept": ["None"]}
    sample = read_draft(path)
    assert sample.missing["lpact_reason_not"].dropna().tolist() == ["not asked"] * 12
    assert set(sample.answers["lpact_reason_not"].dropna()) == {
        "time or place; not interested",
        "had not heard of it",
        "not interested",
    }


def test_previews_in_a_qualtrics_export_are_set_aside(tmp_path: Path) -> None:
    rows = [["StartDate", "EndDate", "Status", "ResponseId", "Q1"]]
    rows += [["Start Date", "End Date", "Response Type", "Response ID", QUESTION]]
    rows += [[f'{{"ImportId": "{name}"}}' for name in rows[0]]]
    for place in range(40):
        status = "Survey Preview" if place < 3 else "IP Address"
        times = ["2026-06-25 10:00:00", "2026-06-25 10:09:00"]
        rows.append([*times, status, f"R_{place}", list(SCALE)[place % 5]])
    sample = read_draft(save(tmp_path / "qualtrics.csv", rows))
    ledger = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert ledger["a preview, a test or unfinished, as the survey tool marks it"] == 3
    assert ledger["kept"] == 37


def test_a_respondents_name_is_personal_however_many_share_it(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    pd.DataFrame({"RespName": ["Zebedee Quixote"] * 40, "Respondent name": ["Zebedee Quixote"] * 40}).to_csv(
        path, index=False
    )
    columns = look_at(path, read_schema(SURVEYS / "harmonised.toml")).columns
    assert [(column.type, dict(column.codes)) for column in columns] == [("personal", {})] * 2


@pytest.mark.parametrize(
    ("label", "answer"), [("One", "1"), ("Twice", "2"), ("Three or more", "3+"), ("2 events", "2"), ("None", "0")]
)
def test_counts_in_words_are_the_counts(label: str, answer: str) -> None:
    assert match_answers({"code": label}, ["3+", "2", "1", "0"])["code"].answer == answer


def test_a_scale_delivered_as_texts_is_not_called_reversed(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    pd.DataFrame({EVENTS: ["None", "1", "2", "3 or more"] * 10}).to_csv(path, index=False)
    assert "reversed" not in draft_definition(path).crosswalk


def test_numbered_sites_are_the_recruitment_site(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    pd.DataFrame({"Recruitment site number": [1 + place % 14 for place in range(56)]}).to_csv(path, index=False)
    assert crosswalk(path)["recruit_site"]["column"] == "Recruitment site number"
    assert tomllib.loads(draft_definition(path).wave)["design"]["psu"] == "Recruitment site number"


def test_an_export_without_rules_has_no_rule_in_another_table(tmp_path: Path) -> None:
    rows = [["ID", "Start time", "Completion time", QUESTION]]
    rows += [[f"{place}", "9/25/26 10:00:00", "9/25/26 10:09:00", "Agree"] for place in range(40)]
    wave = draft_definition(save(tmp_path / "forms.csv", rows)).wave
    assert "# speeders = " in wave
    uncommented = wave.replace("# [quality]", "[quality]").replace("# speeders", "speeders")
    assert tomllib.loads(uncommented)["quality"] == {"speeders": {"fastest": 60}}
