"""The same answers in every tool's export harmonise to one identical table."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lpact_eval as lp

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("survey_export_example", _HERE / "exports_example.py")
assert _SPEC is not None
assert _SPEC.loader is not None
example = importlib.util.module_from_spec(_SPEC)
sys.modules["survey_export_example"] = example
_SPEC.loader.exec_module(example)
exports = example.exports

CP1252 = {"encoding": "cp1252"}
SEMICOLONS = {"encoding": "utf-8", "delimiter": ";"}
TOOLS: dict[str, tuple[Callable[..., Any], str, dict[str, str], str]] = {
    "SmartSurvey csv": (exports.smartsurvey, "csv", {"encoding": "utf-8-sig"}, ""),
    "SmartSurvey csv in cp1252": (exports.smartsurvey, "csv", CP1252, ""),
    "SmartSurvey xlsx": (exports.smartsurvey, "xlsx", {}, ""),
    "MS Forms csv": (exports.ms_forms_csv, "csv", {"encoding": "utf-8-sig"}, example.BY_CARD),
    "MS Forms csv with semicolons": (exports.ms_forms_csv, "csv", SEMICOLONS, example.BY_CARD),
    "MS Forms xlsx": (exports.ms_forms_xlsx, "xlsx", {}, example.BY_CARD),
    "SurveyMonkey condensed csv": (exports.surveymonkey_condensed, "csv", CP1252, ""),
    "SurveyMonkey condensed xlsx": (exports.surveymonkey_condensed, "xlsx", {}, ""),
    "SurveyMonkey expanded csv": (exports.surveymonkey_expanded, "csv", {"encoding": "utf-8"}, ""),
    "SurveyMonkey expanded xlsx": (exports.surveymonkey_expanded, "xlsx", {}, ""),
    "Qualtrics csv": (exports.qualtrics, "csv", {"encoding": "utf-8-sig"}, ""),
    "Qualtrics tsv": (exports.qualtrics, "csv", {"encoding": "utf-8", "delimiter": "\t"}, ""),
    "Qualtrics xlsx": (exports.qualtrics, "xlsx", {}, ""),
    "Google Forms csv": (exports.google_forms, "csv", {"encoding": "utf-8"}, example.BY_CARD),
    "Snap csv": (exports.snap, "csv", CP1252, ""),
    "Snap xlsx": (exports.snap, "xlsx", {}, ""),
    "Citizen Space csv": (exports.citizen_space, "csv", {"encoding": "utf-8"}, ""),
    "Citizen Space xlsx": (exports.citizen_space, "xlsx", {}, ""),
}


def read_export(folder: Path, tool: str, *, by_question: bool = False) -> lp.Sample:
    writer, kind, dialect, more = TOOLS[tool]
    export = writer(example.QUESTIONS, example.PEOPLE)
    layout = example.write_export(folder / "tool", export, kind, dialect) + more
    of = {one.text: one for one in example.QUESTIONS}
    consent = exports.rule_for(export, of[example.CONSENT], "Yes")
    texts = {
        folder / "harmonised.toml": example.HARMONISED,
        folder / "tool" / "wave.toml": example.WAVE.format(
            format=kind, layout=layout, consent=consent, site=f'"{export.column[of[example.SITE].name]}"'
        ),
        folder / "tool" / "crosswalk.toml": exports.crosswalk_for(
            export, example.CROSSWALK, example.QUESTIONS, by_question=by_question
        ),
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return lp.read_wave("tool", surveys=folder)


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tools_export_of_the_same_answers_gives_the_same_table(tmp_path: Path, tool: str) -> None:
    sample = read_export(tmp_path, tool)
    assert example.counted(sample) == example.LEDGER
    assert example.plain(sample.answers) == example.EXPECTED
    assert example.plain(sample.missing) == example.MISSING
    assert [str(sample.design.psu_label[code]) for code in sample.design.psu] == example.EXPECTED["site"]
    said = " ".join(sample.ledger["reason"])
    assert "columns of personal data dropped while reading" in said
    assert "impossible numbers, counted as blank: age (1 delivered rows)" in said
    assert "@" not in said


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if not tool.startswith("Snap")])
def test_a_set_that_names_its_question_alone_gives_the_same_table(tmp_path: Path, tool: str) -> None:
    # Whether the tool divides options in a cell or has a column for each, the crosswalk reads the same.
    sample = read_export(tmp_path, tool, by_question=True)
    assert example.counted(sample) == example.LEDGER
    assert example.plain(sample.answers) == example.EXPECTED
    assert example.plain(sample.missing) == example.MISSING


def test_the_writers_differ_as_their_tools_do() -> None:
    # So that the tables above are not alike because the files are.
    heads = {name: str(writer(example.QUESTIONS, example.PEOPLE).rows[:3]) for name, (writer, *_) in TOOLS.items()}
    assert len(set(heads.values())) == len({writer for writer, *_ in TOOLS.values()}) == 9
