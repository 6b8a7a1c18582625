"""The crosswalk as a spreadsheet, from the command line."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lpact_eval import cli
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.definition import read_definition

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
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped definitions, to work in."""
    shutil.copytree(surveys_folder(), tmp_path / "surveys")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_crosswalk_goes_out_and_comes_back(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_definition("2022", project / "surveys")
    assert call(monkeypatch, "crosswalk", "export", "2022", "2022.xlsx") == 0
    assert "lpact-eval crosswalk import 2022.xlsx" in capsys.readouterr().out
    (project / "surveys" / "2022" / "crosswalk.toml").unlink()
    assert call(monkeypatch, "crosswalk", "import", "2022.xlsx") == 0
    assert "crosswalk.toml" in capsys.readouterr().out
    assert read_definition("2022", project / "surveys").items == before.items


def test_an_existing_file_is_replaced_only_when_asked(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "crosswalk", "export", "2022", "2022.xlsx", "--surveys", "surveys") == 0
    assert call(monkeypatch, "crosswalk", "export", "2022", "2022.xlsx") == 1
    assert call(monkeypatch, "crosswalk", "export", "2022", "2022.xlsx", "--replace") == 0
    assert call(monkeypatch, "crosswalk", "import", "2022.xlsx") == 1
    assert "--replace" in capsys.readouterr().err
    assert call(monkeypatch, "crosswalk", "import", "2022.xlsx", "--replace") == 0
    assert (project / "surveys" / "2022" / "crosswalk.toml").is_file()


def test_a_wrong_answer_stops_with_its_cell(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "crosswalk", "export", "2022", "2022.xlsx") == 0
    book = openpyxl.load_workbook(project / "2022.xlsx")
    cells = [row for row in book["Crosswalk"].iter_rows() if row[0].value == "conf_overall"]
    cells[1][5].value = "tend to agre"
    book.save(project / "2022.xlsx")
    assert call(monkeypatch, "crosswalk", "import", "2022.xlsx", "--replace") == 2
    message = f"Crosswalk!{cells[1][5].coordinate}: 'tend to agre' is not an answer of conf_overall"
    shown = capsys.readouterr().err
    assert f"{message}; did you mean 'tend to agree'?" in shown


def test_a_workbook_that_names_no_wave_needs_the_option(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "crosswalk", "export", "2022", "2022.xlsx") == 0
    book = openpyxl.load_workbook(project / "2022.xlsx")
    book["Read me"]["A2"] = None
    book.save(project / "2022.xlsx")
    assert call(monkeypatch, "crosswalk", "import", "2022.xlsx", "--replace") == 1
    assert "--wave" in capsys.readouterr().err
    assert call(monkeypatch, "crosswalk", "import", "2022.xlsx", "--wave", "2022", "--replace") == 0
    assert call(monkeypatch, "crosswalk", "import", "absent.xlsx") == 1
