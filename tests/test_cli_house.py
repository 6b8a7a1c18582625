"""The settings of the force on the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.cli import release
from lpact_eval.reporting.house import House
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[House]:
    """Catch the settings in place of running a plan."""
    caught: list[House] = []

    def keep(_plan: Path, _out: Path, _formats: object, wishes: object, **_: object) -> None:
        settings = getattr(wishes, "house", None)
        assert isinstance(settings, House)
        caught.append(settings)

    monkeypatch.setattr(release, "_release", keep)
    return caught


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["lpact-eval", "run", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def plan_in(folder: Path) -> Path:
    file = folder / "plan.toml"
    file.write_bytes(plan_file().read_bytes())
    return file


def test_the_settings_beside_the_plan_are_taken(
    given: list[House], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "house.toml").write_text('marking = "OFFICIAL"', encoding="utf-8")
    assert run(monkeypatch, str(plan_in(tmp_path))) == 0
    assert given == [House(marking="OFFICIAL")]


def test_a_file_that_is_named_goes_before_that_beside_the_plan(
    given: list[House], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "house.toml").write_text('marking = "OFFICIAL"', encoding="utf-8")
    (tmp_path / "mine.toml").write_text('name = "Heddlu"', encoding="utf-8")
    assert run(monkeypatch, str(plan_in(tmp_path)), "--house", str(tmp_path / "mine.toml")) == 0
    assert given == [House(name="Heddlu")]


def test_settings_that_can_not_be_used_stop_before_the_plan_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def read(_: object) -> None:
        pytest.fail("the work started before the settings were looked at")

    monkeypatch.setattr(lp, "read_plan", read, raising=False)
    (tmp_path / "house.toml").write_text('markin = "OFFICIAL"', encoding="utf-8")
    assert run(monkeypatch, str(plan_in(tmp_path)), "--out", str(tmp_path / "out")) == 2
    assert "house.toml, line 1: there is no setting 'markin'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
