"""Presets: what each tool's layout supplies, and how wave.toml overrides it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.definition import DeliveredFile, read_definition
from lpact_eval.waves.delivered import Delivered, read_delivered
from lpact_eval.waves.layouts import Layout, resolve_layout
from lpact_eval.waves.presets import PRESETS
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]

SET = '\n[variables.reasons]\nkind = "set"\nanswers = ["one", "two", "three"]\n'


def delivered(surveys: Path) -> Delivered:
    return read_delivered(surveys / "first" / "delivered.csv", read_definition("first", surveys))


def notes(surveys: Path) -> set[str]:
    ledger = read_wave("first", surveys=surveys).ledger
    return set(ledger.loc[ledger["rows"] == 0, "reason"])


FORMS = [
    ["Id", "Start time", "Completion time", "Email", "Name", "q1", "eth", "age"],
    ["1", "5/2/22 10:00:00", "5/2/22 10:07:00", "a@example.org", "A", "1", "1", "20"],
    ["1", "5/2/22 11:00:00", "5/2/22 11:07:00", "a@example.org", "A", "1", "1", ""],
    ["2", "5/30/22 10:00:00", "5/30/22 10:00:30", "b@example.org", "B", "2", "3", "30"],
    ["3", "6/30/22 10:00:00", "6/30/22 10:07:00", "c@example.org", "C", "3", "3", "40"],
]


def test_a_preset_supplies_id_and_completion_time_and_the_ledger_says_so(make_export: WaveMaker) -> None:
    surveys = make_export(FORMS, 'preset = "ms-forms"')
    sample = read_wave("first", surveys=surveys)
    counts = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert counts["outside the fieldwork dates"] == 1
    assert counts["answered again: another row of the same respondent is more complete or later"] == 1
    assert sample.answers["age"].tolist() == [20, 30]
    assert {
        "respondent ids: column 'Id', as ms-forms names it",
        "completion times: column 'Completion time', as ms-forms names it",
        "dates that don't start with the year are read month-first, as ms-forms writes them",
        "columns of personal data dropped while reading: 2 (Email, Name)",
    } <= notes(surveys)


def test_what_wave_toml_states_stands_before_the_preset(make_export: WaveMaker) -> None:
    surveys = make_export(FORMS, 'preset = "ms-forms"\nid = "age"\ntime = "Start time"')
    assert delivered(surveys).layout == Layout(
        "age",
        "Start time",
        "Start time",
        ("dates that don't start with the year are read month-first, as ms-forms writes them",),
    )  # fmt: skip - one layout a line


def test_an_empty_text_turns_a_column_of_the_preset_off(make_export: WaveMaker) -> None:
    surveys = make_export(FORMS, 'preset = "ms-forms"\nid = ""\ntime = ""')
    sample = read_wave("first", surveys=surveys)
    assert dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))["kept"] == 4
    assert not any("as ms-forms names it" in note for note in sample.ledger["reason"])


def test_an_id_column_that_is_usual_and_absent_is_noted(make_export: WaveMaker) -> None:
    rows = [[cell for place, cell in enumerate(row) if place] for row in FORMS]
    said = notes(make_export(rows, 'preset = "ms-forms"'))
    assert (
        "no respondent ids: no column called 'ID'; only exact copies that share their completion time count as the "
        "same respondent"
    ) in said


def test_a_tool_without_ids_and_times_says_what_is_not_looked_for(make_export: WaveMaker) -> None:
    rows = [["q1", "eth", "age"], ["1", "1", "20"], ["1", "1", "20"]]
    said = notes(make_export(rows, 'preset = "google-forms"'))
    assert {
        "no respondent ids: google-forms adds none; no row counts as a copy of another",
        "no completion times: no column called 'Timestamp'; no row is outside the fieldwork dates",
    } <= said


def test_a_stated_id_that_the_file_lacks_is_an_error_and_never_the_presets(make_export: WaveMaker) -> None:
    surveys = make_export(FORMS, 'preset = "ms-forms"\nid = "Card"')
    with pytest.raises(HarmonisationError, match=r"wave\.toml:\d+: delivered\.csv has no column 'Card'"):
        read_wave("first", surveys=surveys)


def test_two_columns_with_the_usual_name_are_no_id() -> None:
    declared = DeliveredFile("csv", preset="ms-forms")
    assert resolve_layout(declared, ["ID", "Id", "Completion time"], ["a", "b", "c"]).id == ""


def test_a_question_text_names_the_id_as_well() -> None:
    declared = DeliveredFile("csv", preset="qualtrics")
    found = resolve_layout(declared, ["V1", "V2"], ["Response ID", "End Date"])
    assert (found.id, found.time) == ("V1", "V2")


def test_speeders_are_timed_between_the_presets_times(make_export: WaveMaker) -> None:
    surveys = make_export(FORMS, 'preset = "ms-forms"')
    wave = surveys / "first" / "wave.toml"
    wave.write_text(wave.read_text(encoding="utf-8") + "\n[quality.speeders]\nfastest = 60\n", encoding="utf-8")
    assert "rows kept that were answered in less than 60 seconds: 1" in notes(surveys)


def test_speeders_need_times_from_somewhere(make_export: WaveMaker) -> None:
    surveys = make_export(FORMS, 'preset = "google-forms"')
    wave = surveys / "first" / "wave.toml"
    text = wave.read_text(encoding="utf-8") + "\n[quality.speeders]\nfastest = 60\n"
    wave.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"wave\.toml:\d+: no column says when respondents started; add started"):
        read_wave("first", surveys=surveys)
    wave.write_text(
        text.replace("google-forms", 'surveymonkey"\nheader_rows = 1\ndates = "month-first'), encoding="utf-8"
    )
    with pytest.raises(
        DefinitionError, match=r"how long respondents took is not known, since no column says when they"
    ):
        read_wave("first", surveys=surveys)


def test_the_words_of_snap_are_kinds_of_missing_unless_the_crosswalk_maps_them(make_export: WaveMaker) -> None:
    rows = [
        ["id", "q1", "eth", "age"],
        ["1", "No reply", "1", "Not asked"],
        ["2", "Not asked", "No reply", "20"],
        ["3", "Error", "3", "No Reply"],
        ["4", "1", "3", "30"],
    ]
    surveys = make_export(rows, 'preset = "snap"', own_id=True)
    missing = read_wave("first", surveys=surveys).missing
    assert missing["confidence"].tolist()[:3] == ["blank", "not asked", "blank"]
    assert missing["age"].tolist()[:3:2] == ["not asked", "blank"]
    counted = "2 'No reply', 1 'No Reply', 2 'Not asked', 1 'Error'"
    assert f"cells with a word that snap writes where there is no answer: {counted}" in notes(surveys)
    crosswalk = surveys / "first" / "crosswalk.toml"
    text = crosswalk.read_text(encoding="utf-8")
    crosswalk.write_text(text.replace("-8 =", '"No reply" ='), encoding="utf-8")
    assert read_wave("first", surveys=surveys).missing["confidence"].tolist()[0] == "don't know"
    wave = surveys / "first" / "wave.toml"
    wave.write_text(wave.read_text(encoding="utf-8").replace('preset = "snap"', ""), encoding="utf-8")
    with pytest.raises(HarmonisationError, match=r"'confidence', column 'q1': not mapped"):
        read_wave("first", surveys=surveys)


def test_every_preset_and_its_parts_are_consistent() -> None:
    for name, preset in PRESETS.items():
        assert 1 <= preset.header_rows <= 3, name
        assert not {one.casefold() for one in preset.personal} & {one.casefold() for one in preset.id}, name
        assert preset.dates in {"", "day-first", "month-first", "iso"}
