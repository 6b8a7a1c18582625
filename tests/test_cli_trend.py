"""The command that shows one question over the surveys."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from lpact_eval import cli
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SVG = "{http://www.w3.org/2000/svg}"


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_table_fits_a_terminal_and_says_what_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for by in ("ethnicity", "area", "age_band", "community"):
        assert call(monkeypatch, "trend", "conf_overall", "--by", by) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= 80, by
        assert lines[0] == "Confidence in the police in this area"
        assert any("Share" in line and "Respondents" in line for line in lines)
        assert "Synthetic respondents: nothing here is about real people." in lines


def test_national_figures_stand_below_and_are_said_not_to_be_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "trend", "conf_overall") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "76% (year to March 2015); 67% (year to March 2025)" in shown
    assert "compare neither the levels nor the difference between them" in shown
    assert call(monkeypatch, "trend", "trust_force") == 0
    assert "Crime Survey" not in capsys.readouterr().out


def test_a_chart_has_its_words_in_it_and_its_numbers_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "new" / "trend.svg"
    assert call(monkeypatch, "trend", "conf_overall", "--by", "ethnicity", "--out", str(file)) == 0
    written = [file, file.with_suffix(".csv"), file.with_suffix(".txt")]
    assert capsys.readouterr().out.splitlines() == list(map(str, written))
    assert sorted(file.parent.iterdir()) == sorted(written)
    root = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - our own drawing
    title, words = (root.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert words is not None
    assert words.text == written[2].read_text(encoding="utf-8").strip()
    assert "The numbers are in the csv file beside this picture." in str(words.text)
    with written[1].open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert {"Black", "White"} <= {row["ethnicity"] for row in rows}


def test_the_answers_are_drawn_and_their_shares_stand_beside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "answers.svg"
    assert call(monkeypatch, "trend", "conf_overall", "--answers", "--out", str(file)) == 0
    assert capsys.readouterr().out
    with file.with_suffix(".csv").open(encoding="utf-8-sig") as lines:
        answers = {row["answers"] for row in csv.DictReader(lines) if row["statistic"] == "distribution"}
    assert answers == {"strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree"}
    assert call(monkeypatch, "trend", "conf_overall", "--answers", "--json") == 0
    assert {row["measure"] for row in json.loads(capsys.readouterr().out)} == {"distribution", "shift"}


def test_a_group_that_is_no_ethnic_group_stands_in_its_own_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found: dict[str, set[str]] = {}
    for by, column in (("age_band", "age"), ("sex", "sex"), ("area", "geography"), ("community", "group")):
        file = tmp_path / f"{by}.csv"
        assert call(monkeypatch, "trend", "conf_overall", "--by", by, "--out", str(file)) == 0
        with file.open(encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
        assert {row["ethnicity"] for row in rows} == {"All respondents"}
        found[by] = {row[column] for row in rows}
    assert capsys.readouterr().out
    assert "65+" in found["age_band"]
    assert "Female" in found["sex"]
    assert "Leicester" in found["area"]
    assert "Other answers" in found["community"]


def test_a_chart_that_can_not_be_drawn_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = str(tmp_path / "answers.svg")
    assert call(monkeypatch, "trend", "know_officer", "--answers", "--out", file) != 0
    assert "Cannot draw the question: its answers are in no order" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_png_without_matplotlib_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "matplotlib" else there(name))
    assert call(monkeypatch, "trend", "conf_overall", "--out", str(tmp_path / "trend.png")) == 1
    shown = capsys.readouterr().err
    assert 'pip install "lpact-eval[png]"' in shown
    assert "Reading" not in shown


def test_an_unknown_question_is_wrong_use_and_names_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "trend", "shoe_size") == 1
    assert re.search(r"There is no question 'shoe_size' .*'conf_overall'", capsys.readouterr().err)


def test_three_surveys_have_a_slope_in_words_and_as_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    surveys = tmp_path / "surveys"
    shutil.copytree(surveys_folder(), surveys)
    shutil.copytree(surveys / "rerun", surveys / "2023")
    wave = (surveys / "2023" / "wave.toml").read_text(encoding="utf-8").replace('name = "rerun"', 'name = "2023"')
    (surveys / "2023" / "wave.toml").write_text(wave.replace("2024-09-02", "2023-01-09"), encoding="utf-8")
    plan = tmp_path / "plan.toml"
    plan.write_text(
        plan_file().read_text(encoding="utf-8").replace('surveys = ""', 'surveys = "surveys"'), encoding="utf-8"
    )
    asked = ("trend", "conf_overall", "--by", "ethnicity", "--plan", str(plan))
    assert call(monkeypatch, *asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    shown = " ".join(" ".join(lines).split())
    assert "From 2022 to the re-run we can't tell whether the share among Black respondents went up or down" in shown
    assert "points a year (95% modelled interval" in shown
    assert "All groups: Mode changed: collection mode or recruiter changed completely" in shown
    assert "No slope for Mixed, Other ethnic group" in shown
    assert call(monkeypatch, *asked, "--json") == 0
    assert {row["measure"] for row in json.loads(capsys.readouterr().out)} == {"level", "slope"}
    assert call(monkeypatch, *asked, "--out", str(tmp_path / "trend.svg")) == 0
    assert "points a year" in (tmp_path / "trend.txt").read_text(encoding="utf-8")
    with (tmp_path / "trend.csv").open(encoding="utf-8-sig") as file:
        assert "slope" in {row["statistic"] for row in csv.DictReader(file)}


def test_two_surveys_have_no_slope(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "trend", "conf_overall") == 0
    assert "a year" not in capsys.readouterr().out.replace("year to March", "")
