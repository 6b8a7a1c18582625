"""The command that hands a survey's harmonised answers back."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from lpact_eval import cli
from lpact_eval.resources import plan_file, surveys_folder


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_survey_is_handed_back_with_its_ledger_and_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, "harmonise", "2022", "--out", str(tmp_path / "answers")) == 0
    shown = capsys.readouterr().out
    assert "Synthetic respondents" in shown
    assert "kept" in shown
    assert "microdata" in shown
    for ending in (".sav", ".csv", "-dictionary.csv"):
        path = tmp_path / "answers" / f"harmonised-2022-synthetic{ending}"
        assert path.is_file()
        assert str(path) in shown


def test_a_script_gets_json_whose_ledger_adds_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = str(tmp_path / "answers")
    assert call(monkeypatch, "harmonise", "rerun", "--out", out, "--formats", "CSV", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(file).suffix for file in told["files"]] == [".csv", ".csv"]
    rows = [line["rows"] for line in told["ledger"]]
    assert rows[0] == sum(rows[1:])


@pytest.mark.parametrize(
    "arguments",
    [["2022"], ["1999", "--out", "OUT"], ["2022", "--out", "OUT", "--formats", "pdf"], ["2022", "--out", "."]],
    ids=["no folder", "no such wave", "no such format", "a folder in use"],
)
def test_wrong_use_is_refused_with_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("mine", encoding="utf-8")
    assert call(monkeypatch, "harmonise", *arguments) == 1
    assert capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_survey_in_the_folder_of_surveys_here_needs_no_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shutil.copytree(surveys_folder() / "2022", tmp_path / "surveys" / "our-own")
    shutil.copy(surveys_folder() / "harmonised.toml", tmp_path / "surveys")
    wave = tmp_path / "surveys" / "our-own" / "wave.toml"
    wave.write_text(wave.read_text(encoding="utf-8").replace('name = "2022"', 'name = "our-own"'), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "harmonise", "our-own", "--out", "answers") == 0
    assert call(monkeypatch, "harmonise", "our-own", "--surveys", "surveys", "--out", "again") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) < 200
    plan = str(plan_file())
    assert call(monkeypatch, "harmonise", "our-own", "--surveys", "surveys", "--plan", plan, "--out", "third") == 1
    assert "not both" in capsys.readouterr().err
