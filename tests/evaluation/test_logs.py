"""The logs that a lead keeps are read from TOML or csv; what is wrong has its line, and what is blank is told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.logs import LOGS, Logs, read_logs

if TYPE_CHECKING:
    from pathlib import Path

ASSUMPTIONS = """[[entry]]
id = "A1"
date = 2024-03-01
text = "Volunteers of both years are alike"
owner = "Lead"
confidence = "low"
impact = "high"
status = "open"

[[entry]]
id = "A2"
date = 2024-03-02
text = "Sites are recorded"
"""
CSV = (
    "id,date,text,owner,confidence,impact,status\nA1,2024-03-01,Volunteers of both years are alike,Lead,low,high,open\n"
)
CSV += "\nA2,2024-03-02,Sites are recorded,,,,\n"


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "assumptions.toml").write_text(ASSUMPTIONS, encoding="utf-8")
    from_toml = read_logs(tmp_path)
    (tmp_path / "assumptions.toml").unlink()
    (tmp_path / "assumptions.csv").write_text(CSV, encoding="utf-8-sig")
    assert read_logs(tmp_path) == from_toml
    assert [(one.id, one.date, one.impact) for one in from_toml.assumptions] == [
        ("A1", dt.date(2024, 3, 1), "high"),
        ("A2", dt.date(2024, 3, 2), ""),
    ]
    assert from_toml.absent == ("decisions", "data", "qa", "departures")
    assert list(from_toml.to_frame("assumptions")["id"]) == ["A1", "A2"]
    assert list(from_toml.to_frame("qa").columns) == ["id", "date", "text", "owner", "status", "found"]


def test_what_is_blank_is_told_and_departures_need_not_be() -> None:
    assert Logs().blank == ("the log of assumptions", "the log of decisions", "the log of data", "the log of qa")


def test_blank_parts_of_entries_are_told(tmp_path: Path) -> None:
    (tmp_path / "assumptions.toml").write_text(ASSUMPTIONS, encoding="utf-8")
    told = [name for name in read_logs(tmp_path).blank if "A" in name]
    assert told == [f"{name} of A2 in the log of assumptions" for name in ("owner", "confidence", "impact", "status")]


def test_a_folder_that_is_not_there_has_no_log(tmp_path: Path) -> None:
    assert read_logs(tmp_path / "logs") == Logs(absent=LOGS)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("qa.toml", '[[entry]]\nid = "Q1"\ndate = 2024-03-01\n', r"qa.toml:1: 'text' is missing"),
        ("qa.toml", '[[entrys]]\nid = "Q1"\n', r"unknown key 'entrys'; did you mean 'entry'"),
        ("qa.toml", "entry = 1\n", r"qa.toml:1"),
        ("data.csv", "id,date,txt\nD1,2024-03-01,a\n", r"data.csv:2: unknown key 'txt'; did you mean 'text'"),
        ("data.csv", "id,date,text\nD1,01/03/2024,a\n", r"data.csv:2: 'date': .*date"),
        ("data.csv", "id,date,text,status\nD1,2024-03-01,a,opened\n", r"data.csv:2: 'status': .*'open'"),
        ("data.csv", "id,date,text\nD1,2024-03-01,a,more\n", r"data.csv:2: unknown key '\(no name\)'"),
        (
            "data.csv",
            'id,date,text\nD1,2024-03-01,"a\nb"\nD1,2024-03-01,c\n',
            r"data.csv:4: the id 'D1' is given twice",
        ),
        ("data.csv", "id,date,text\nD1,2024-03-01,\n", r"data.csv:2: 'text' is missing"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=said):
        read_logs(tmp_path)


def test_one_log_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text("", encoding="utf-8")
    (tmp_path / "qa.csv").write_text("", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"has qa.toml and qa.csv; keep one"):
        read_logs(tmp_path)


def test_a_csv_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "qa.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DefinitionError, match=r"Cannot read .*qa.csv: UnicodeDecodeError. Save it as csv in UTF-8"):
        read_logs(tmp_path)


def test_an_empty_csv_is_a_log_without_entries(tmp_path: Path) -> None:
    (tmp_path / "qa.csv").write_text("", encoding="utf-8")
    found = read_logs(tmp_path)
    assert found.qa == ()
    assert "qa" not in found.absent
