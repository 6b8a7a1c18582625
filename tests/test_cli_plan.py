"""`lpact-eval plan`: freeze a plan before fieldwork, and see what changed since."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from lpact_eval import cli
from lpact_eval.resources import plan_file

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
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a plan of its own."""
    (tmp_path / "analyses").mkdir()
    monkeypatch.chdir(tmp_path)
    return shutil.copy(plan_file(), tmp_path / "analyses" / "evaluation-plan.toml")


def test_a_plan_is_frozen_and_its_status_told(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "plan", "status") == 0
    assert "This plan was not registered before fieldwork" in capsys.readouterr().out
    assert call(monkeypatch, "plan", "freeze", "--by", "A. Lead") == 0
    shown = capsys.readouterr().out
    assert "evaluation-plan.frozen.json" in shown
    assert "by A. Lead" in shown
    assert "Commit this file with the plan" in shown
    plan.write_text(plan.read_text(encoding="utf-8").replace("collapse = 20", "collapse = 15"), encoding="utf-8")
    assert call(monkeypatch, "plan", "status", str(plan)) == 0
    assert "Weights: collapse was 20, is now 15." in capsys.readouterr().out


def test_a_script_reads_json(plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "plan", "freeze", str(plan), "--json") == 0
    frozen = json.loads(capsys.readouterr().out)
    assert call(monkeypatch, "plan", "status", str(plan), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {**told, "file": ""} == {**frozen, "file": ""}
    assert (told["state"], told["changes"], len(told["freezes"])) == ("unchanged", [], 1)
    assert told["freezes"][0]["waves"]["2022"] == {"point": "after", "answers": "made up"}


def test_an_earlier_freeze_is_never_replaced_unasked(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "plan", "freeze", str(plan)) == 0
    kept = plan.with_name("evaluation-plan.frozen.json").read_bytes()
    assert call(monkeypatch, "plan", "freeze", str(plan)) == 1
    assert "--again REASON" in capsys.readouterr().err
    assert plan.with_name("evaluation-plan.frozen.json").read_bytes() == kept
    assert call(monkeypatch, "plan", "freeze", str(plan), "--again", "a new site") == 0
    assert "The reason given: a new site" in capsys.readouterr().out


def test_the_shipped_plan_is_nobodys_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "plan", "freeze") == 1
    assert "name the plan to freeze" in capsys.readouterr().err
    assert call(monkeypatch, "plan", "status") == 0
    assert not plan_file().with_name("evaluation-plan.frozen.json").exists()


def test_a_registration_that_was_edited_stops_with_two(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan.with_name("evaluation-plan.frozen.json").write_text("{}", encoding="utf-8")
    assert call(monkeypatch, "plan", "status", str(plan)) == 2
    assert "cannot be relied on" in capsys.readouterr().err


def test_a_folder_that_can_not_be_written_to_is_told(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lpact_eval.evaluation.registration.tempfile.TemporaryDirectory", refuse)
    assert call(monkeypatch, "plan", "freeze", str(plan)) == 2
    assert "Cannot write" in capsys.readouterr().err
