"""Proposals for free text, from the command line."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from lpact_eval import cli
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_texts_are_proposed_and_none_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(surveys_folder(), tmp_path / "surveys")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "surveys" / "rerun" / "ethnicity_lookup.csv"
    file.write_text("\n".join(file.read_text("utf-8").splitlines()[:-2]) + "\n", "utf-8")
    before = file.read_bytes()
    assert call(monkeypatch, "crosswalk", "lookup", "rerun", "ethnicity_19", "--out", "new.csv") == 0
    said = capsys.readouterr().out
    assert "Wrote new.csv. 2 lines are marked check" in said
    assert "analyst's eyes only" in said
    assert "polish" not in said.casefold()
    assert file.read_bytes() == before
    assert call(monkeypatch, "crosswalk", "lookup", "rerun", "ethnicity_19", "--out", "new.csv") == 1
    assert call(monkeypatch, "crosswalk", "lookup", "rerun", "ethnicity_19") == 0
    assert call(monkeypatch, "crosswalk", "lookup", "rerun", "sex") == 1


def test_the_help_says_who_may_see_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "crosswalk", "lookup", "--help") == 0
    assert "analyst's eyes only" in " ".join(capsys.readouterr().out.split())
