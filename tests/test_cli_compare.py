"""The command that compares one question between two surveys."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from lpact_eval import cli

if TYPE_CHECKING:
    from pathlib import Path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_table_fits_a_terminal_and_names_both_surveys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "compare", "2022", "rerun", "--by", "ethnicity") == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    head = next(line for line in lines if "Change, points" in line)
    assert head.split()[:2] == ["2022", "Re-run"]
    mixed = next(line for line in lines if line.startswith("Mixed"))
    assert mixed.split()[1:] == ["[u]", "[u]", "[u]"]


def test_the_three_rows_and_what_the_tests_allow_for_are_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "compare", "2022", "rerun", "--item", "conf_overall") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "points as collected" in shown
    assert "made to look like the earlier's" in shown
    assert call(monkeypatch, "compare", "2022", "rerun", "--item", "fair") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "a release allows for all of its own" in shown
    assert "Exploratory: not a comparison that the plan named as its test." in shown
    assert "Break in the series" in shown


def test_the_shares_of_each_survey_are_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "compare", "2022", "rerun", "--surveys") == 0
    assert "Effective" in capsys.readouterr().out


def test_nothing_suppressed_is_in_the_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "compare", "2022", "rerun", "--by", "area", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    hidden = [row for row in rows if row["mark"] == "[c]"]
    assert hidden
    for row in hidden:
        numbers = ("estimate", "conf_low", "conf_high", "n", "n_first", "n_second", "n_effective", "p_value")
        assert all(row[name] is None for name in numbers)


def test_the_change_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "change.svg"
    assert call(monkeypatch, "compare", "2022", "rerun", "--by", "ethnicity", "--out", str(file)) == 0
    assert capsys.readouterr().out.count("\n") == 3
    drawn = file.read_text(encoding="utf-8")
    assert "Share: hollow 2022, filled Re-run" in drawn
    assert "Change in percentage points" in drawn


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "2022", "1999"], "There is no survey '1999'; there are ['2022', 'rerun']"),
        (["compare", "2022", "2022"], "Cannot compare '2022' with itself"),
        (["compare", "2022", "rerun", "--by", "age"], "Cannot make groups by 'age'"),
        (["compare", "2022", "rerun", "--item", "community"], "There is no question 'community'"),
    ],
    ids=" ".join,
)
def test_a_wrong_name_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert call(monkeypatch, *arguments) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert not printed.out
