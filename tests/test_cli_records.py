"""lpact-eval records: files to fill in are written, and what was filled in is checked, without showing any of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import openpyxl
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
    assert (
        f"\n{tmp_path}/register.csv\n  forms, row 2: more forms than attendees (cell set aside)\n      Feedback" in out
    )
    assert (
        f"\n{tmp_path}/people.csv\n  event, row 3: its event is not in the register (row set aside)\n      The" in out
    )
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


def test_what_is_wrong_with_many_rows_is_said_once_with_what_the_column_may_hold(tmp_path: Path, run: Run) -> None:
    rows = "".join(f"E9,P{number}\n" for number in range(13))
    write(tmp_path, "register", "event,date\nE1,2024-03-16\n")
    write(tmp_path, "people", f"event,person\n{rows}")
    out = run("records", "check", str(tmp_path))[1]
    assert "13 things to mend" in out
    (line,) = (line for line in out.splitlines() if "is not in the register (row" in line)
    assert line == (
        "  event, rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more: its event is not in the register (row set aside)"
    )
    assert "      The event's code in the register." in out
    assert "A cell that is set aside counts as blank, a row as not there. Correct them in the file" in out


def test_the_workbook_is_mended_by_its_own_sheets_and_headings(tmp_path: Path, run: Run) -> None:
    run("records", "template", str(tmp_path))
    book = openpyxl.load_workbook(tmp_path / "records.xlsx")
    sheet = book["Event register"]
    heads = [cell.value for cell in sheet[1]]
    for heading, value in (("Event", "E1"), ("Date", "2024-03-16"), ("Hours of organising", "-3")):
        sheet.cell(2, heads.index(heading) + 1, value)
    book.save(tmp_path / "records.xlsx")
    code, out, _ = run("records", "check", str(tmp_path))
    assert code == 0
    assert "records.xlsx, sheet 'Event register'\n  Hours of organising, row 2: below 0 (cell set aside)\n" in out
    sheet.cell(2, heads.index("Focus community") + 1, "Jamaican")
    book.save(tmp_path / "records.xlsx")
    code, _, err = run("records", "check", str(tmp_path))
    assert code == 2
    assert "sheet 'Event register': column 'Focus community', row 2: 'Jamaican' is not listed" in err
    assert "add it to the list 'communities' of events.toml, which lpact-eval records lists FOLDER writes" in err


def test_lists_are_written_to_be_changed_and_never_written_over(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date,community\nE1,2024-03-16,Jamaican\n")
    assert run("records", "check", str(tmp_path))[0] == 2
    code, out, _ = run("records", "lists", str(tmp_path))
    assert (code, out.splitlines()[0]) == (0, str(tmp_path / "events.toml"))
    lists = tmp_path / "events.toml"
    lists.write_text(lists.read_text(encoding="utf-8").replace('"Kenyan",', '"Kenyan", "Jamaican",'), encoding="utf-8")
    assert run("records", "check", str(tmp_path))[0] == 0
    code, _, err = run("records", "lists", str(tmp_path))
    assert (code, "may have been changed" in err) == (1, True)
    assert "Jamaican" in lists.read_text(encoding="utf-8")


def test_a_folder_without_a_register_says_what_it_holds(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "happenings", "event,date\nE1,2024-03-16\n")
    write(tmp_path, "people", "event,person\nE1,P1\n")
    code, _, err = run("records", "check", str(tmp_path))
    assert code == 2
    assert "Found: the record 'people', happenings.csv, which is no record." in err
    (tmp_path / "happenings.csv").unlink()
    (tmp_path / "people.csv").unlink()
    assert "Found: no table." in run("records", "check", str(tmp_path))[2]


def test_a_register_of_which_nothing_is_left_says_why(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date\nE1,4th of July\nE2,5th of July\n,2024-03-16\n")
    code, _, err = run("records", "check", str(tmp_path))
    assert code == 2
    assert "Set aside: column 'date', rows 2 and 3: not a date; column 'event', row 4: event is blank." in err
    write(tmp_path, "register", "event,date\n")
    assert "It has headings and no rows." in run("records", "check", str(tmp_path))[2]


def test_prompts_are_written_for_coders_only(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "register", "event,date\nE1,2024-03-16\n")
    write(tmp_path, "feedback", "item,event,kind,text\n1,E1,form,They were rude to us.\n")
    code, out, _ = run("records", "prompts", str(tmp_path), "--out", str(tmp_path / "coders"))
    assert code == 0
    assert out.splitlines()[0].endswith("suggested-codes.csv")
    assert "for coders only, never to share" in out
    assert "No groups of words: Cannot group words" in out
    assert "rude" not in out
    assert run("records", "prompts", str(tmp_path), "--out", str(tmp_path / "coders"))[0] == 1


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
