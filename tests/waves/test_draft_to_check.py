"""From a raw export to a definition that can be read: what a person still has to do, and nothing else."""

from __future__ import annotations

import csv
import io
import sys
import tomllib
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.draft import draft_definition

if TYPE_CHECKING:
    from pathlib import Path

SURVEYS = surveys_folder()
QUESTION = "Taking everything into account, I have confidence in the police in this area"
LAY = "Have you heard of lay observation, such as visits to custody suites, and has it been offered to you?"
WHY = "Why have you not attended an LPACT event? Tick all that apply"


def drafted(file: Path, folder: Path, start: str, end: str) -> Path:
    """Let the command line draft a wave, and fill in the fieldwork dates; return the wave's folder."""
    sys.argv = ["lpact-eval", "look", str(file), "--out", str(folder)]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    wave = folder / "surveys" / file.stem
    path = wave / "wave.toml"
    text = path.read_text(encoding="utf-8")
    filled = text.replace("# start = 2022-05-16", f"start = {start}").replace("# end = 2022-07-29", f"end = {end}")
    path.write_text(filled, encoding="utf-8")
    return wave


def survey(tmp_path: Path, **more: list[object]) -> Path:
    """Write an export of 40 respondents with a question that is known."""
    path = tmp_path / "wave.csv"
    frame = pd.DataFrame({"Response ID": range(40), QUESTION: ["Strongly agree", "Tend to agree"] * 20, **more})
    frame.to_csv(path, index=False)
    return path


def test_the_first_survey_needs_one_keying_error_mapped_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    wave = drafted(SURVEYS / "2022" / "demo" / "2022.sav", tmp_path, "2022-05-16", "2022-07-29")
    with pytest.raises(HarmonisationError, match=r"\[good_job.answers\]") as caught:
        lp.read_wave("2022", surveys=wave.parent)
    assert str(caught.value).count("not mapped") == 1
    path = wave / "crosswalk.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[good_job.missing]", '[good_job.missing]\n"7" = "blank"'), encoding="utf-8")
    found, shipped = lp.read_wave("2022", surveys=wave.parent), lp.read_wave("2022")
    pd.testing.assert_frame_equal(found.answers, shipped.answers)


def test_the_re_run_needs_its_look_up_read_and_little_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    wave = drafted(SURVEYS / "rerun" / "demo" / "rerun.csv", tmp_path, "2024-09-02", "2024-11-29")
    with pytest.raises(DefinitionError, match=r"ethnicity_19_lookup\.csv:2: \d+ lines are still marked 'check'"):
        lp.read_wave("rerun", surveys=wave.parent)
    path = wave / "ethnicity_19_lookup.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    shipped_lookup = (SURVEYS / "rerun" / "ethnicity_lookup.csv").read_text(encoding="utf-8")
    known = {row[0].casefold(): row[1] for row in csv.reader(io.StringIO(shipped_lookup))}
    proposed = {row[0].casefold(): row[1] for row in rows[1:] if row[1]}
    assert len(proposed) >= 20
    assert {text: to for text, to in proposed.items() if known.get(text, to) != to} == {}
    checked = [rows[0], *([row[0], row[1] or known.get(row[0].casefold(), "blank"), ""] for row in rows[1:])]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(checked)
    found, shipped = lp.read_wave("rerun", surveys=wave.parent), lp.read_wave("rerun")
    assert len(found) == len(shipped)
    differing = [name for name in shipped.answers if not found.answers[name].equals(shipped.answers[name])]
    assert set(differing) <= {"lay_obs", "ethnicity_19", "lpact_reason_not"}


def test_a_date_of_birth_is_proposed_as_an_age(tmp_path: Path) -> None:
    born: list[object] = [f"{place % 28 + 1:02}/05/19{50 + place}" for place in range(40)]
    drafted_one = draft_definition(survey(tmp_path, **{"What is your date of birth?": born}))
    item = tomllib.loads(drafted_one.crosswalk)["age"]
    assert item["column"] == "What is your date of birth?"
    assert (item["derive"], item["at"]) == ("age from date of birth", "interview")
    assert "1950" not in drafted_one.crosswalk + drafted_one.wave


def test_a_question_whose_answers_are_not_known_is_left_to_a_person(tmp_path: Path) -> None:
    file = survey(tmp_path, **{LAY: ["Been there", "Never met it"] * 20})
    text = draft_definition(file).crosswalk
    parsed = tomllib.loads(text)
    assert "lay_obs" not in parsed
    assert "lay_obs" in parsed["not_asked"]["variables"]
    assert f'# column = "{LAY}"' in text
    assert '# "Been there" = ""' in text
    assert "done, offered, aware, unaware" in text


def test_an_option_that_denies_something_is_still_that_option(tmp_path: Path) -> None:
    options = {
        f"{WHY} - The time or place did not suit me": ["Yes", ""] * 20,
        f"{WHY} - I am not interested": ["", "Yes"] * 20,
    }
    columns = tomllib.loads(draft_definition(survey(tmp_path, **options)).crosswalk)["lpact_reason_not"]["columns"]
    assert {name.rsplit(" - ")[-1]: to for name, to in columns.items()} == {
        "The time or place did not suit me": "time or place",
        "I am not interested": "not interested",
    }


def test_what_is_recorded_about_an_interview_is_known_by_its_usual_names(tmp_path: Path) -> None:
    more = {"Collector": [f"Hall {place % 12}" for place in range(40)], "Device": ["Tablet", "Paper"] * 20}
    drafted_one = draft_definition(survey(tmp_path, **more))
    assert tomllib.loads(drafted_one.crosswalk)["recruit_site"]["column"] == "Collector"
    assert tomllib.loads(drafted_one.crosswalk)["mode"]["answers"] == {"Paper": "paper", "Tablet": "tablet"}
    assert tomllib.loads(drafted_one.wave)["design"]["psu"] == "Collector"


def test_a_scale_of_which_a_part_was_chosen_gets_a_rule_to_review(tmp_path: Path) -> None:
    text = draft_definition(survey(tmp_path)).crosswalk
    item = tomllib.loads(text)["conf_overall"]
    assert item["comparable"] == "partial"
    assert "rule" in item
    assert all("# review" in line for line in text.splitlines() if line.startswith(("comparable", "rule", "reason")))


def test_what_people_wrote_is_in_the_look_up_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    texts: list[object] = [f"Zebedeean {place}" for place in range(40)]
    file = survey(tmp_path, **{"How would you describe your ethnic group?": texts})
    wave = drafted(file, tmp_path / "project", "2022-05-16", "2022-07-29")
    assert "Zebedeean 7" in (wave / "ethnicity_19_lookup.csv").read_text(encoding="utf-8-sig")
    shown = capsys.readouterr()
    others = [path.read_text(encoding="utf-8") for path in wave.glob("*.toml")]
    assert not [text for text in (shown.out, shown.err, *others) if "Zebedeean" in text]
    assert "check each line and clear its mark" in shown.out
    draft = draft_definition(file)
    assert "Zebedeean" not in repr(draft)
    assert "Zebedeean" not in lp.draft_wave(file)
