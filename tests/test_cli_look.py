"""lpact-eval look: what it prints, what it writes, and what it keeps to itself."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval import cli
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

DEMO = surveys_folder() / "2022" / "demo" / "2022.sav"
QUESTION = "Do you know a local officer you could speak to?"
MARKER = "Zebedee Quixote"


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Write a survey with values that must not be repeated."""
    path = tmp_path / "wave.csv"
    pd.DataFrame(
        {
            "Response ID": [f"R{place:04}" for place in range(60)],
            "Started": ["1999-12-31", *["2024-05-02"] * 59],
            QUESTION: [MARKER, *["Yes"] * 30, *["No"] * 29],
            "Anything else?": [f"{MARKER} {place}" for place in range(60)],
            "Which community, if any, do you feel part of?": [MARKER] * 60,
            "How old were you on your last birthday?": ["103", *(str(20 + place) for place in range(59))],
            "Contact": [f"07700 900{place:03}" for place in range(60)],
            "Surname": [MARKER] * 60,
        }
    ).to_csv(path, index=False)
    return path


def test_look_prints_labels_missing_codes_and_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "look", str(DEMO)) == 0
    shown = capsys.readouterr().out
    assert "Strongly agree: " in shown
    assert "Don't know [missing: don't know, declared missing]: " in shown
    assert "fewer than 10" in shown
    assert "matched to conf_overall" in shown
    assert "[conf_overall.answers]" in shown
    age = shown.split("\nage (")[1].split("\n\n")[0]
    assert "mostly" in age
    assert "Not answered [missing: blank, declared missing]: fewer than 10" in age
    assert "SYN-" not in shown


@pytest.mark.parametrize("options", [[], ["--json"], ["--out"]])
def test_look_never_shows_what_a_person_wrote(
    planted: Path, options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = planted.parent / "project"
    extra = [*options, str(folder)] if options == ["--out"] else options
    assert call(monkeypatch, "look", str(planted), *extra) == 0
    captured = capsys.readouterr()
    shown = captured.out + captured.err
    shown += "".join(path.read_text(encoding="utf-8") for path in folder.rglob("wave/*.toml"))
    for value in (MARKER, "103", "1999", "900001", "R0001"):
        assert value not in shown.replace(str(planted.parent), "").replace(planted.parent.as_posix(), "")


def test_look_gives_json_for_a_script(
    planted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "look", str(planted), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (column,) = [one for one in found["columns"] if one["name"] == QUESTION]
    assert [code["code"] for code in column["codes"]][:2] == ["Yes", "No"]
    assert "know_officer" in column["what"]


def test_look_writes_a_wave_and_never_over_another(
    planted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = planted.parent / "project"
    assert call(monkeypatch, "look", str(planted), "--out", str(project)) == 0
    folder = project / "surveys" / "wave"
    assert sorted(path.name for path in folder.iterdir()) == ["crosswalk.toml", "wave.toml"]
    assert (project / "surveys" / "harmonised.toml").is_file()
    assert 'file = "../../../wave.csv"' in folder.joinpath("wave.toml").read_text(encoding="utf-8")
    before = folder.joinpath("wave.toml").read_bytes()
    folder.joinpath("crosswalk.toml").unlink()
    assert call(monkeypatch, "look", str(planted), "--out", str(project)) == 1
    assert "never overwritten" in capsys.readouterr().err
    assert folder.joinpath("wave.toml").read_bytes() == before
    assert not folder.joinpath("crosswalk.toml").exists()


def test_look_at_no_file_is_wrong_use(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "look", "absent.csv") == 1
    assert "absent.csv" in capsys.readouterr().err
