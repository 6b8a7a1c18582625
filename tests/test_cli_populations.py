"""The command that lists the populations."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from lpact_eval import cli

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


def test_the_populations_are_listed_with_what_to_know_of_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "populations") == 0
    shown = capsys.readouterr().out
    assert "leicester-2021: Leicester, aged 16 and over, Census 2021" in shown
    assert "291,012 people, by sex (all ages), age_band, ethnicity (all ages); 2021-03-21" in shown
    assert "All-age shares stand in for adults aged 16 and over" in shown


def test_a_script_gets_the_populations_as_json_ones_own_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    town = tmp_path / "population" / "town"
    town.mkdir(parents=True)
    (town / "sex.csv").write_text("sex,persons\nFemale,10\nMale,9\n", encoding="utf-8")
    toml = 'title = "Town"\nreference_date = 2024-06-30\n[margins.sex]\nfile = "sex.csv"\nages = "18+"\n'
    (town / "population.toml").write_text(toml, encoding="utf-8")
    assert call(monkeypatch, "populations", "--surveys", str(tmp_path), "--json") == 0
    first, *others = json.loads(capsys.readouterr().out)
    assert first == {
        "name": str(town),
        "title": "Town",
        "reference_date": "2024-06-30",
        "ages": "18+",
        "margins": "sex",
        "persons": 19,
        "source": "",
        "note": "",
    }
    assert len(others) == 11


def test_a_population_that_cannot_be_read_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    town = tmp_path / "population" / "town"
    town.mkdir(parents=True)
    (town / "population.toml").write_text("reference_date = 2024-06-30\n", encoding="utf-8")
    assert call(monkeypatch, "populations", "--surveys", str(tmp_path)) == 2
    assert "population.toml:1: it needs reference_date" in capsys.readouterr().err
