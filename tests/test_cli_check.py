"""The check of surveys without a plan, from the command line."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from lpact_eval import cli
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in a folder with surveys, and without a plan."""
    shutil.copytree(surveys_folder() / "2022", tmp_path / "surveys" / "2022")
    shutil.copy(surveys_folder() / "harmonised.toml", tmp_path / "surveys")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_surveys_here_are_checked_where_there_is_no_plan_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "check") == 0
    printed = capsys.readouterr()
    assert "ok    data of 2022" in printed.out
    assert "rerun" not in printed.out  # of the shipped plan
    assert "shipped plan" not in printed.err


def test_a_plan_here_is_checked_unless_surveys_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "analyses").mkdir()
    (project / "analyses" / "evaluation-plan.toml").write_text("nothing = 1\n", encoding="utf-8")
    assert call(monkeypatch, "check") == 2
    assert "fail  plan" in capsys.readouterr().out
    assert call(monkeypatch, "check", "--surveys", "surveys", "--wave", "2022", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {tuple(one) for one in found} == {("status", "what", "found", "details")}
    assert {one["status"] for one in found} == {"ok"}


def test_a_failed_check_of_surveys_leaves_with_2(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "surveys" / "2022" / "wave.toml").write_text("title = 1\n", encoding="utf-8")
    assert call(monkeypatch, "check", "--wave", "2022") == 2
    printed = capsys.readouterr()
    assert "fail  definition of 2022" in printed.out
    assert "checks failed" in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--wave", "1999"], "has the waves 2022"),
        ([str(plan_file()), "--surveys", "surveys"], "not both"),
        ([str(plan_file()), "--wave", "2022"], "--surveys"),
    ],
)
@pytest.mark.usefixtures("project")
def test_wrong_use_leaves_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert call(monkeypatch, "check", *arguments) == 1
    assert message in capsys.readouterr().err
