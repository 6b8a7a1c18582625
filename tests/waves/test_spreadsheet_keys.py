"""Every way to say how a variable was delivered survives the way through a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.item_checks import read_items
from lpact_eval.waves.located import read_toml
from lpact_eval.waves.spreadsheet_parsing import parse_rows
from lpact_eval.waves.spreadsheet_rows import FEW, FIRST_ROW, HEADERS, crosswalk_rows
from lpact_eval.waves.spreadsheet_toml import crosswalk_text, toml_entry

WaveMaker = Callable[..., Path]
SCHEMA = """
[variables.point]
kind = "scale"
answers = ["high", "middle", "low"]
[variables.group]
kind = "category"
answers = [
  "Indian", "Pakistani", "Bangladeshi", "Chinese", "Other Asian", "African", "Caribbean", "Other Black",
  "White and Black Caribbean", "White and Black African", "White and Asian", "Other Mixed", "British", "Irish",
  "Gypsy or Irish Traveller", "Roma", "Other White", "Arab", "Any other",
]
[variables.times]
kind = "number"
[variables.years]
kind = "number"
[variables.known]
kind = "yes_no"
"""
CROSSWALK = """
# Asked on paper and online.
[point]
column = ["Point (paper)", "Point (online)"]
comparable = "partial"
reason = "Other points."
rule = "Two points are high."
disagree = "first"
order = "as mapped"
labels = "wrong"
variants = true
[point.answers]
"1" = "high"
"2" = "low"
"3" = "middle"
"High" = "high"
[point.missing]
"9" = "blank" # a slip

[group]
column = "group"
codes = "police-18+1"
[group.answers]
"W4" = "Roma"
[group.missing]
"NS" = "not asked"

[times]
column = "times"
range = [0, 9]
[times.numbers]
"3 or more" = 3
"half" = 0.5
[times.missing]
"many" = "don't know"

[years]
column = "born"
derive = "age from date of birth"
at = "interview"
[years.missing]
"refused" = "prefer not to say"

[known]
asked_if = { column = "group", accept = ["B1"] }
[known.columns]
"Known - Yes" = "yes"
"Known - No" = "no"
"Known - Don't know" = "don't know"
[known.missing]
"0" = "blank"
"""


def made(make_wave: WaveMaker, crosswalk: str = CROSSWALK, cells: Mapping[str, list[object]] | None = None) -> Path:
    return make_wave(add={"harmonised": SCHEMA, "crosswalk": crosswalk}, cells=cells)


def rows_of(path: Path) -> list[dict[str, object]]:
    rows = openpyxl.load_workbook(path)["Crosswalk"].iter_rows(min_row=2, values_only=True)
    return [dict(zip([field for field, _ in HEADERS], row, strict=False)) for row in rows]


def cell_of(path: Path, letter: str, /, **wanted: object) -> str:
    numbers = [
        number
        for number, row in enumerate(rows_of(path), 2)
        if all(row[field] == value for field, value in wanted.items())
    ]
    assert len(numbers) == 1
    return f"{letter}{numbers[0]}"


def edited(path: Path, cells: Mapping[str, object]) -> Path:
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book["Crosswalk"][cell] = value
    book.save(path)
    return path


def round_trip(surveys: Path, path: Path) -> None:
    """Export, import, and compare with the definition before; then once more, to the same text."""
    before = read_definition("first", surveys)
    lp.crosswalk_to_excel("first", path, surveys=surveys, replace=True)
    lp.import_crosswalk(path, folder=surveys / "first", replace=True)
    after = read_definition("first", surveys)
    assert after.items == before.items
    assert after.not_asked == before.not_asked
    text = (surveys / "first" / "crosswalk.toml").read_text("utf-8")
    lp.crosswalk_to_excel("first", path, surveys=surveys, replace=True)
    assert lp.crosswalk_from_excel(path, folder=surveys / "first") == text


CELLS: dict[str, list[object]] = {
    "Point (paper)": ["1", "2", None, "9"],
    "Point (online)": [None, "High", "3", None],
    "group": ["W1", "B1 - Black Caribbean", "W4", "NS"],
    "times": ["3 or more", "half", "many", "7"],
    "born": ["MARKER-DAY"] * 4,
    "Known - Yes": ["1", "0", "0", "0"],
    "Known - No": ["0", "1", "0", "0"],
    "Known - Don't know": ["0", "0", "1", "0"],
}


def test_every_key_comes_back(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = made(make_wave, cells={**CELLS, "born": ["1990-01-01"] * 4})
    wave = surveys / "first" / "wave.toml"
    wave.write_text(wave.read_text("utf-8").replace('id = "id"', 'id = "id"\ntime = "done"'), "utf-8")
    delivered = surveys / "first" / "delivered.csv"
    lines = delivered.read_text("utf-8").splitlines()
    delivered.write_text("\n".join([f"{lines[0]},done", *(f"{line},2022-05-03" for line in lines[1:])]), "utf-8")
    before = lp.read_wave("first", surveys=surveys)
    round_trip(surveys, tmp_path / "1.xlsx")
    after = lp.read_wave("first", surveys=surveys)
    pd.testing.assert_frame_equal(after.answers, before.answers)
    pd.testing.assert_frame_equal(after.missing, before.missing)


def test_the_sheet_shows_columns_numbers_and_groups_as_people_know_them(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = made(make_wave, cells={**CELLS, "born": ["1990-01-01"] * 4})
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys, answers=_dated(surveys))
    rows = rows_of(path)
    assert {row["column"] for row in rows if row["variable"] == "point"} == {"Point (paper)\nPoint (online)"}
    assert [row["answer"] for row in rows if row["code"] == "3 or more"] == ["3"]
    assert [(row["answer"], row["lookup"], row["count"]) for row in rows if row["code"] == "B1"] == [
        ("Caribbean", "police-18+1", FEW)
    ]
    assert [(row["answer"], row["lookup"]) for row in rows if row["code"] == "NS"] == [("not asked", None)]
    assert not any("1990" in str(value) for row in rows for value in row.values())


def _dated(surveys: Path) -> Path:
    """Return the delivered file; the wave of this test takes ages on the day of the interview."""
    crosswalk = surveys / "first" / "crosswalk.toml"
    crosswalk.write_text(crosswalk.read_text("utf-8").replace('at = "interview"', 'at = "fieldwork end"'), "utf-8")
    return surveys / "first" / "delivered.csv"


@pytest.mark.parametrize(
    ("column", "wanted", "value", "message"),
    [
        ("F", {"code": "3 or more"}, "30", r"Crosswalk!F\d+: 30 is outside range = \[0, 9\]"),
        ("F", {"code": "3 or more"}, "three", r"'three' is not an answer of times"),
        ("F", {"code": "B1"}, "African", r"the list police-18\+1 says otherwise; to state another .*clear Crosswalk!K"),
        ("B", {"variable": "point", "code": "2"}, "Point (paper)", r"differs from Crosswalk!B\d+: point has one"),
        ("B", {"variable": "known", "column": "Known - No"}, None, r"no column holds this option; name the delivered"),
    ],
)
def test_what_is_wrong_is_named_by_its_cell(
    make_wave: WaveMaker, tmp_path: Path, *, column: str, wanted: dict[str, object], value: object, message: str
) -> None:
    surveys = made(make_wave)
    (surveys / "first" / "delivered.csv").unlink()
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    where = cell_of(path, column, **wanted)
    with pytest.raises(DefinitionError, match=message) as caught:
        lp.crosswalk_from_excel(edited(path, {where: value}), folder=surveys / "first")
    assert f"Crosswalk!{where}" in str(caught.value)


def test_a_group_of_a_list_is_overridden_in_the_sheet(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = made(make_wave)
    (surveys / "first" / "delivered.csv").unlink()
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    cells = {cell_of(path, "F", code="O9"): "Arab", cell_of(path, "K", code="O9"): None}
    lp.import_crosswalk(edited(path, cells), folder=surveys / "first", replace=True)
    assert dict(read_definition("first", surveys).items["group"].answers) == {"W4": "Roma", "O9": "Arab"}


def test_labels_are_the_codes_of_a_crosswalk_by_label(make_wave: WaveMaker, tmp_path: Path) -> None:
    """A label of two codes that waits for an answer is one row, with both codes beside it."""
    crosswalk = (
        '[point]\ncolumn = "point"\nby = "label"\n[point.answers]\n"Top" = "high"\n"Mid" = "middle"\n"End" = "low"\n'
    )
    rest = '\n[not_asked]\nvariables = ["attended", "group", "times", "years", "known"]'
    surveys = make_wave(
        "sav",
        edit={"crosswalk": ('\n[not_asked]\nvariables = ["attended"]', rest)},
        add={"harmonised": SCHEMA, "crosswalk": "\n" + crosswalk},
    )
    frame = pd.DataFrame({"id": [1.0, 2, 3], "q1": [1.0] * 3, "eth": [1.0] * 3, "age": [30.0] * 3})
    frame["point"] = [1.0, 8, 9]
    labels = {"point": {1.0: "Top", 2.0: "Mid", 3.0: "End", 8.0: "Refused", 9.0: "Refused"}}
    pyreadstat.write_sav(frame, surveys / "first" / "delivered.sav", variable_value_labels=labels)
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    rows = [row for row in rows_of(path) if row["variable"] == "point"]
    assert [(row["code"], row["label"], row["count"], row["answer"]) for row in rows] == [
        ("Top", "code 1", FEW, "high"),
        ("Mid", None, FEW, "middle"),
        ("End", None, FEW, "low"),
        ("Refused", "code 8, code 9", FEW, None),
    ]
    cells = {cell_of(path, "F", code="Refused"): "prefer not to say"}
    lp.import_crosswalk(edited(path, cells), folder=surveys / "first", replace=True)
    assert list(lp.read_wave("first", surveys=surveys).missing["point"])[1:] == ["prefer not to say"] * 2


def test_a_code_that_several_columns_hold_is_one_row(make_wave: WaveMaker, tmp_path: Path) -> None:
    cells: dict[str, list[object]] = {"paper": [7, 7, 1, None], "online": [None, None, None, 7]}
    surveys = make_wave(edit={"crosswalk": ('column = "q1"', 'column = ["paper", "online"]')}, cells=cells)
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    lp.import_crosswalk(edited(path, {cell_of(path, "F", code="7"): "blank"}), folder=surveys / "first", replace=True)
    assert read_definition("first", surveys).items["confidence"].missing["7"] == "blank"


NAMES = st.text(st.sampled_from("abZ 1-.()?é'\""), min_size=1, max_size=9).filter(lambda text: bool(text.strip()))
CODES = st.lists(
    NAMES | st.sampled_from(["1", "2", "3", "-9", "=A1"]),
    max_size=5,
    unique_by=lambda text: " ".join(text.split()).casefold(),
)
SENTENCE = st.sampled_from(["", "Four points.", 'Said "so", twice', "=SUM(A1)", "é\nnew line"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A crosswalk of the five variables, of any shape that the checks allow."""
    point: dict[str, object] = {"comparable": "partial", "rule": "Points were merged.", "reason": draw(SENTENCE)}
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=lambda text: " ".join(text.split())))
    point["column"] = names if len(names) > 1 or draw(st.booleans()) else names[0]
    if len(names) > 1:
        point["disagree"] = draw(st.sampled_from(["blank", "first"]))
    further = {"order": "as mapped", "labels": "wrong", "variants": True, "by": "label"}
    point |= {key: value for key, value in further.items() if draw(st.booleans())}
    codes = draw(CODES)
    point["answers"] = {"code A": "high"} | {code: draw(st.sampled_from(["high", "middle", "low"])) for code in codes}
    point["missing"] = {"code B": draw(st.sampled_from(MISSING_KINDS))}
    group: dict[str, object] = {"column": draw(NAMES), "codes": draw(st.sampled_from(list(LISTS)))}
    group["answers"] = dict.fromkeys(draw(CODES), "Roma")
    times: dict[str, object] = {"column": draw(NAMES), "numbers": {code: draw(NUMBER) for code in draw(CODES)}}
    years = {"column": draw(NAMES), "derive": draw(st.sampled_from(BIRTHS)), "at": draw(st.sampled_from(DAYS))}
    options = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=lambda text: " ".join(text.split())))
    known = {"columns": {option: draw(st.sampled_from(["yes", "no", *MISSING_KINDS])) for option in options}}
    found = {"point": point, "group": group, "times": times, "years": years, "known": known}
    return "\n".join(toml_entry(name, table) for name, table in found.items())


LISTS = ("police-18+1", "police-16+1", "census-2021", "census-2011")
BIRTHS = ("age from date of birth", "age from year of birth")
DAYS = ("interview", "fieldwork start", "fieldwork end")
NUMBER = st.integers(-99, 10**9) | st.floats(-1e200, 1e200)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(tables())
def test_any_crosswalk_comes_back_exactly_from_its_rows(make_wave: WaveMaker, tmp_path: Path, crosswalk: str) -> None:
    """The rows of the sheet, and the TOML written of them, hold the whole definition."""
    definition = read_definition("first", with_crosswalk(make_wave, crosswalk))
    rows, hidden = crosswalk_rows(definition, None)
    numbered = [replace(row, number=number) for number, row in enumerate(rows, FIRST_ROW)]
    parsed = parse_rows(numbered, definition.schema, definition.folder)
    assert not hidden
    assert parsed.items == definition.items
    assert parsed.not_asked == definition.not_asked
    text = tmp_path / "written.toml"
    text.write_text(crosswalk_text(parsed.tables, parsed.notes, "Again."), "utf-8")
    assert read_items(read_toml(text), definition.schema) == (definition.items, definition.not_asked)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5, deadline=None)
@given(tables())
def test_any_crosswalk_comes_back_exactly_from_its_file(make_wave: WaveMaker, tmp_path: Path, crosswalk: str) -> None:
    round_trip(with_crosswalk(make_wave, crosswalk), tmp_path / "1.xlsx")


def with_crosswalk(make_wave: WaveMaker, crosswalk: str) -> Path:
    """The small survey with further variables; there is no delivered file."""
    surveys = made(make_wave, "")
    (surveys / "first" / "delivered.csv").unlink()
    path = surveys / "first" / "crosswalk.toml"
    path.write_text(f"{crosswalk}\n{path.read_text('utf-8')}", "utf-8")
    return surveys
