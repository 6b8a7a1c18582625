"""A survey tool is recognised by the columns that only it adds, and its header rows by what stands in them."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path

import pytest

from lpact_eval.waves.detecting import Detected, detect_layout
from lpact_eval.waves.draft import draft_wave

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("survey_tool_exports", _HERE / "exports.py")
assert _SPEC is not None
assert _SPEC.loader is not None
exports = importlib.util.module_from_spec(_SPEC)
sys.modules["survey_tool_exports"] = exports
_SPEC.loader.exec_module(exports)

AGREE = exports.Question("Q1", "I have confidence in the police in this area", ("Strongly agree", "Tend to agree"))
SAID = exports.Question("Q2", "Anything else?")
WHEN = dt.datetime(2024, 9, 13, 10, 15)  # noqa: DTZ001 - as tools write it
PEOPLE = [
    exports.Respondent(f"R{number}", WHEN, WHEN, f"r{number}@example.org", {"Q1": AGREE.options[number % 2], "Q2": ""})
    for number in range(30)
]
TOOLS = {
    "smartsurvey": exports.smartsurvey,
    "ms-forms": exports.ms_forms_csv,
    "surveymonkey": exports.surveymonkey_condensed,
    "qualtrics": exports.qualtrics,
    "google-forms": exports.google_forms,
    "snap": exports.snap,
    "citizen-space": exports.citizen_space,
}


def head(tool: str) -> list[list[str]]:
    rows = TOOLS[tool]([AGREE, SAID], PEOPLE).rows[:5]
    return [[" ".join(str(cell).split()) for cell in row] for row in rows]


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_is_recognised_by_its_header(tool: str) -> None:
    assert detect_layout(head(tool)) == Detected(tool, None)


def test_header_rows_that_were_deleted_are_noticed() -> None:
    qualtrics, monkey = head("qualtrics"), head("surveymonkey")
    assert detect_layout([qualtrics[0], *qualtrics[3:]]) == Detected("qualtrics", 1)
    assert detect_layout([qualtrics[0], qualtrics[2], *qualtrics[3:]]) == Detected("qualtrics", 2)
    assert detect_layout([monkey[0], *monkey[2:]]) == Detected("surveymonkey", 1)
    assert detect_layout([monkey[0], *monkey[2:]], "surveymonkey") == Detected("surveymonkey", 1)


@pytest.mark.parametrize("rows", [[], [[]], [[""]], [["q1", "q2"], ["1", "2"]], [["id", "started"], ["1", "2"]]])
def test_other_files_are_taken_for_no_tools(rows: list[list[str]]) -> None:
    assert detect_layout(rows) == Detected("", None)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_draft_states_the_preset_its_header_rows_and_its_order_of_dates(tool: str, tmp_path: Path) -> None:
    exports.save_csv(tmp_path / "export.csv", TOOLS[tool]([AGREE, SAID], PEOPLE).rows)
    proposed = draft_wave(tmp_path / "export.csv")
    lines = [line.partition("  #")[0] for line in proposed.splitlines()]
    assert f'preset = "{tool}"' in lines
    assert not any(line.startswith("header_rows") for line in lines)
    ids = {"smartsurvey": "UserNo", "ms-forms": "ID", "surveymonkey": "Respondent ID", "qualtrics": "ResponseId"}
    ids |= {"snap": "ID", "citizen-space": "Response ID"}
    times = {"smartsurvey": "Ended", "ms-forms": "Completion time", "surveymonkey": "End Date", "qualtrics": "EndDate"}
    times |= {"google-forms": "Timestamp", "snap": "ID.end", "citizen-space": "Date submitted"}
    assert [line for line in lines if line.startswith("id = ")] == ([f'id = "{ids[tool]}"'] if tool in ids else [])
    assert f'time = "{times[tool]}"' in lines
    months = {"ms-forms": "month-first", "surveymonkey": "month-first", "qualtrics": "", "google-forms": ""}
    order = months.get(tool, "day-first")
    assert [line for line in lines if line.startswith("dates = ")] == ([f'dates = "{order}"'] if order else [])
    assert "@" not in proposed


def test_a_draft_states_header_rows_that_differ_from_the_presets(tmp_path: Path) -> None:
    rows = TOOLS["surveymonkey"]([AGREE, SAID], PEOPLE).rows
    exports.save_csv(tmp_path / "export.csv", [rows[0], *rows[2:]])
    assert "header_rows = 1  # review" in draft_wave(tmp_path / "export.csv")
