"""lpact-eval records: files to fill in are written, and what was filled in is checked, without showing any of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from lpact_eval import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; its exit code and what it printed."""

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return command


def write(folder: Path, name: str, text: str) -> None:
    """Write a csv file."""
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def test_templates_are_written_and_never_written_over(tmp_path: Path, run: Run) -> None:
    code, out, _ = run("records", "template", str(tmp_path / "mine"))
    assert code == 0
    assert (tmp_path / "mine" / "records.xlsx").is_file()
    assert "Then: lpact-eval records check" in out
    code, _, err = run("records", "template", str(tmp_path / "mine"))
    assert (code, "--replace" in err) == (1, True)
    assert run("records", "template", str(tmp_path / "mine"), "--replace")[0] == 0


def test_the_check_lists_rows_by_reason_and_cells_to_mend(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date,attendees,forms\nE1,2024-03-16,60,61\n")
    write(tmp_path, "people", "event,person,Name\nE1,P1,Amina\nE9,P2,Yusuf\n")
    code, out, _ = run("records", "check", str(tmp_path))
    assert code == 0
    assert "      1  its event is not in the register" in out
    assert "column 'Name' holds personal data and was not read" in out
    assert "2 things to mend" in out
    assert "  register, row 2, forms: more forms than attendees (cell set aside)" in out
    assert "  people, row 3, event: its event is not in the register (row set aside)" in out
    assert "Amina" not in out
    assert "Synthetic" not in out


def test_nothing_to_mend_is_said(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date\nE1,2024-03-16\n")
    assert "Nothing to mend." in run("records", "check", str(tmp_path))[1]


def test_a_script_gets_json(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date,cost_food\nE1,03/04/2024,-1\n")
    code, out, _ = run("records", "check", str(tmp_path), "--dates", "day-first", "--json")
    assert code == 0
    assert json.loads(out) == {
        "as_of": "2024-04-03",
        "synthetic": False,
        "ledger": [
            {"record": "register", "reason": "delivered", "rows": 1},
            {"record": "register", "reason": "kept", "rows": 1},
        ],
        "issues": [
            {"record": "register", "row": 2, "column": "cost_food", "reason": "below 0", "done": "cell set aside"}
        ],
    }


def test_without_a_folder_the_made_up_records_are_checked(run: Run) -> None:
    code, out, _ = run("records", "check")
    assert code == 0
    assert out.startswith("Synthetic records")


def test_what_cannot_be_read_stops_with_2_and_a_wrong_option_with_1(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date\nE1,03/04/2024\n")
    code, _, err = run("records", "check", str(tmp_path))
    assert (code, "day-first" in err) == (2, True)
    assert run("records", "check", str(tmp_path), "--dates", "us")[0] == 1
    assert run("records", "check", str(tmp_path / "elsewhere"))[0] == 1
