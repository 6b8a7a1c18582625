"""The demo's re-run, rewritten as the exports of other tools, harmonises to the sample that its own export gives."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.resources import surveys_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("survey_export_example", _HERE / "exports_example.py")
assert _SPEC is not None
assert _SPEC.loader is not None
example = importlib.util.module_from_spec(_SPEC)
sys.modules["survey_export_example"] = example
_SPEC.loader.exec_module(example)
exports = example.exports

RERUN = surveys_folder() / "rerun"
SIX = {
    "MS Forms": (exports.ms_forms_xlsx, "xlsx", {}),
    "SurveyMonkey": (exports.surveymonkey_condensed, "csv", {"encoding": "utf-8"}),
    "SurveyMonkey expanded": (exports.surveymonkey_expanded, "csv", {"encoding": "utf-8"}),
    "Qualtrics": (exports.qualtrics, "csv", {"encoding": "utf-8-sig"}),
    "Google Forms": (exports.google_forms, "csv", {"encoding": "utf-8"}),
    "Snap": (exports.snap, "csv", {"encoding": "utf-8"}),
    "Citizen Space": (exports.citizen_space, "xlsx", {}),
}


def _folded(text: str) -> str:
    return " ".join(text.split())


def rerun_questionnaire(crosswalk: Mapping[str, Any], header: Sequence[str]) -> list[Any]:
    """The demo's questions in the order of its columns, options from the shipped crosswalk."""
    consent = "I agree that my answers may be used for this evaluation"
    options = {consent: ("Yes", "No")}
    for table in crosswalk.values():
        if "answers" in table:
            options[table["column"]] = tuple({**table["answers"], **table.get("missing", {})})
    found: list[Any] = []
    for text in header:
        start, _, option = text.rpartition(" - ")
        several = start.endswith("Tick all that apply")
        if several and found[-1].several:
            found[-1] = exports.Question(found[-1].name, start, (*found[-1].options, option), several=True)
        else:
            question = (start, (option,)) if several else (text, options.get(text, ()))
            found.append(exports.Question(f"V{len(found) + 1}", *question, several=several))
    return found


def rerun_people(rows: Sequence[Mapping[str, str]], questions: Sequence[Any]) -> list[Any]:
    """The demo's respondents; those who attended were not asked why not."""
    attended = next(one for one in questions if one.text.startswith("15."))
    people: list[Any] = []
    for row in rows:
        answers: dict[str, Any] = {}
        for one in questions:
            if one.several:
                ticks = tuple(option for option in one.options if row[f"{one.text} - {option}"])
                answers[one.name] = ticks if ticks or row[attended.text] == "None" else exports.NOT_ASKED
            else:
                answers[one.name] = row[one.text]
        when = dt.datetime.strptime(row["Started"], "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 - as the tool writes it
        people.append(exports.Respondent(row["Response ID"], when, when, row["Email Address"], answers))
    return people


@pytest.fixture(scope="module")
def rerun() -> tuple[dict[str, Any], list[Any], list[Any], lp.Sample]:
    crosswalk = tomllib.loads((RERUN / "crosswalk.toml").read_text(encoding="utf-8"))
    with (RERUN / "demo" / "rerun.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [{_folded(name): _folded(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
    own = {"Response ID", "Started", "Ended", "Email Address", "Data"}
    questions = rerun_questionnaire(crosswalk, [name for name in rows[0] if name not in own])
    return crosswalk, questions, rerun_people(rows, questions), lp.read_wave("rerun")


@pytest.mark.parametrize("tool", SIX)
def test_the_demos_re_run_is_the_same_sample_in_every_export(
    rerun: tuple[dict[str, Any], list[Any], list[Any], lp.Sample], tmp_path: Path, tool: str
) -> None:
    crosswalk, questions, people, shipped = rerun
    writer, kind, dialect = SIX[tool]
    # Tools without an id of the respondent's own ask for the code on the card.
    card = exports.Question("V0", example.CODE)
    asked = [card, *questions]
    with_card = [
        exports.Respondent(one.id, one.started, one.ended, one.email, {**one.answers, "V0": one.id}) for one in people
    ]
    export = writer(asked, with_card)
    folder = tmp_path / "rerun"
    layout = example.write_export(folder, export, kind, dialect) + (
        example.BY_CARD if tool in {"MS Forms", "Google Forms"} else ""
    )
    site = next(one for one in questions if one.text == "Collector")
    consent = next(one for one in questions if one.text.startswith("I agree"))
    wave = example.WAVE.format(
        format=kind,
        layout=layout,
        consent=exports.rule_for(export, consent, "Yes"),
        site=f'"{export.column[site.name]}"',
    )
    (folder / "wave.toml").write_text(wave, encoding="utf-8")
    (folder / "crosswalk.toml").write_text(exports.crosswalk_for(export, crosswalk, asked), encoding="utf-8")
    (folder / "ethnicity_lookup.csv").write_bytes((RERUN / "ethnicity_lookup.csv").read_bytes())
    (tmp_path / "harmonised.toml").write_bytes((surveys_folder() / "harmonised.toml").read_bytes())
    sample = lp.read_wave("rerun", surveys=tmp_path)
    pd.testing.assert_frame_equal(sample.answers, shipped.answers)
    pd.testing.assert_frame_equal(sample.missing, shipped.missing)
    assert example.counted(sample) == example.counted(shipped)
    assert sample.design.psu.tolist() == shipped.design.psu.tolist()
    assert sample.design.weight.tolist() == shipped.design.weight.tolist()
    assert sample.design.psu_label.tolist() == shipped.design.psu_label.tolist()
