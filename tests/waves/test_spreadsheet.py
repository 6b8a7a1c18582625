"""A crosswalk leaves as a spreadsheet and comes back as the same definition; whatever is wrong is named by its cell."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves import spreadsheet_reading
from lpact_eval.waves.definition import WaveDefinition, read_definition
from lpact_eval.waves.spreadsheet_rows import FEW, HEADERS

WaveMaker = Callable[..., Path]
Row = dict[str, object]
REAL = Path(__file__).parents[1] / "real" / "surveys"
WAVES = [
    (surveys_folder(), "2022"),
    (surveys_folder(), "rerun"),
    (REAL, "csew-2007"),
    (REAL, "csew-2013"),
]
SET = """
[variables.reasons]
kind = "set"
answers = ["far away", "too late", "=other"]

[variables.ways]
kind = "set"
answers = ["phone", "visit"]

[variables.said]
kind = "text"
"""
SET_CROSSWALK = """
# Two columns, one for each option.
[reasons]
asked_if = { column = "q1", accept = ["3", "-8"] }
[reasons.columns]
"why - far" = "far away"
"why - late" = "too late"
[reasons.answers]
"+1" = "=other"
[reasons.missing]
"-1" = "blank" # a tool's own code

[ways]
column = "ways"
separator = ";"
[ways.answers]
"@phone" = "phone"
"visit" = "visit"
[ways.missing]
"" = "not asked"

[said]
column = "said"
comparable = "partial"
reason = "=SUM(A1) \\"quoted\\", \\\\ and ä\\nline two"
"""
SET_CELLS = {
    "why - far": ["1", "0", "", ""],
    "why - late": ["1", "1", "", ""],
    "ways": ["@phone;visit", "visit", "", "visit"],
    "said": ["=MARKER-ONE", "MARKER-TWO", "", ""],
}


@pytest.fixture
def rich_wave(make_wave: WaveMaker) -> Path:
    """Every kind of variable, with texts that look like formulas."""
    return make_wave(add={"harmonised": SET, "crosswalk": SET_CROSSWALK}, cells=SET_CELLS)


def same(read: WaveDefinition, definition: WaveDefinition) -> bool:
    names = ("name", "title", "mode", "fieldwork", "delivered", "design", "quality", "schema", "items", "not_asked")
    return all(getattr(read, name) == getattr(definition, name) for name in names)


def sheet_rows(path: Path, sheet: str = "Crosswalk") -> list[Row]:
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2, values_only=True)
    return [dict(zip([field for field, _ in HEADERS], row, strict=False)) for row in rows]


def edited(path: Path, cells: Mapping[str, object], sheet: str = "Crosswalk") -> Path:
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book[sheet][cell] = value
    book.save(path)
    return path


def cell_of(path: Path, column: str, **wanted: object) -> str:
    numbers = [
        number
        for number, row in enumerate(sheet_rows(path), 2)
        if all(row[field] == value for field, value in wanted.items())
    ]
    assert len(numbers) == 1
    return f"{column}{numbers[0]}"


@pytest.mark.parametrize(("surveys", "wave"), WAVES, ids=[wave for _, wave in WAVES])
def test_a_crosswalk_reads_back_to_the_same_definition(surveys: Path, wave: str, tmp_path: Path) -> None:
    copy = tmp_path / "surveys"
    (copy / wave).mkdir(parents=True)
    shutil.copy(surveys / "harmonised.toml", copy)
    for file in (surveys / wave).iterdir():
        if file.is_file():
            shutil.copy(file, copy / wave)
    before = read_definition(wave, copy)
    book = lp.crosswalk_to_excel(wave, tmp_path / "crosswalk.xlsx", surveys=surveys)
    lp.import_crosswalk(book, folder=copy / wave, replace=True)
    after = read_definition(wave, copy)
    assert same(after, before)
    assert list(after.items) == list(before.items)
    for name, item in after.items.items():
        assert list(item.answers) == list(before.items[name].answers)


def test_every_kind_of_variable_reads_back_and_again(rich_wave: Path, tmp_path: Path) -> None:
    before = read_definition("first", rich_wave)
    first = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    text = lp.crosswalk_from_excel(first, folder=rich_wave / "first")
    lp.import_crosswalk(first, folder=rich_wave / "first", replace=True)
    assert same(read_definition("first", rich_wave), before)
    second = lp.crosswalk_to_excel("first", tmp_path / "2.xlsx", surveys=rich_wave)
    assert lp.crosswalk_from_excel(second, folder=rich_wave / "first").replace("2.xlsx", "1.xlsx") == text


def test_comments_are_notes_and_come_back_as_comments(rich_wave: Path, tmp_path: Path) -> None:
    book = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    edited(book, {cell_of(book, "I", variable="confidence", code="2"): "checked\nby two people"})
    text = lp.crosswalk_from_excel(book, folder=rich_wave / "first")
    assert "# Two columns, one for each option.\n[reasons]" in text
    assert '# a tool\'s own code\n"-1" = ' in text
    assert '# checked\n# by two people\n"2" = "neither"' in text


def test_texts_that_begin_like_formulas_stay_texts(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    with zipfile.ZipFile(path) as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert not any("<f>" in sheet for sheet in sheets)
    assert {"=other", "-1", "+1", "@phone"} <= {row[key] for row in sheet_rows(path) for key in ("code", "answer")}


def test_small_counts_and_free_text_are_not_shown(make_wave: WaveMaker, tmp_path: Path) -> None:
    many = 12
    cells: dict[str, list[object]] = {
        "id": list(range(many)),
        "q1": [1] * 11 + [3],
        "eth": ["MARKER writes"] + [1] * 11,
        "age": [30] * many,
    }
    lookup = ('1 = "African"\n2 = "Caribbean"\n3 = "British"', '1 = "African"')
    surveys = make_wave(edit={"crosswalk": lookup}, cells=cells, add={"crosswalk": ""})
    crosswalk = surveys / "first" / "crosswalk.toml"
    text = crosswalk.read_text(encoding="utf-8")
    crosswalk.write_text(text.replace('column = "eth"', 'column = "eth"\nlookup = "eth.csv"'), encoding="utf-8")
    (surveys / "first" / "eth.csv").write_text("delivered,harmonised\nfrom jamaica,Caribbean\n", encoding="utf-8")
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    rows = sheet_rows(path)
    counts = {row["code"]: row["count"] for row in rows if row["variable"] == "confidence"}
    assert counts == {"1": 11, "2": FEW, "3": FEW, "-8": FEW, "-9": FEW}
    assert [row["count"] for row in rows if row["code"] == "from jamaica"] == [None]
    with zipfile.ZipFile(path) as packed:
        assert not any(b"MARKER" in packed.read(name) for name in packed.namelist())
    words = " ".join(str(row[0]) for row in openpyxl.load_workbook(path)["Read me"].iter_rows(values_only=True))
    assert f"1 text is mapped to nothing, in {FEW} rows" in words
    read = lp.crosswalk_from_excel(path, folder=surveys / "first")
    assert "from jamaica" not in read
    edited(path, {cell_of(path, "F", code="from jamaica"): "African"})
    with pytest.raises(DefinitionError, match=r"Crosswalk!F\d+: eth.csv says otherwise"):
        lp.crosswalk_from_excel(path, folder=surveys / "first")


def test_numbers_and_texts_of_people_are_never_in_the_workbook(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    with zipfile.ZipFile(path) as packed:
        assert not any(b"MARKER" in packed.read(name) for name in packed.namelist())
    assert [row["code"] for row in sheet_rows(path) if row["variable"] == "age"] == [None, "999"]


def test_a_code_without_an_answer_is_listed_and_must_be_filled_in(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = make_wave(
        "sav", edit={"crosswalk": ('-9 = "prefer not to say"', "")}, cells={"q1": [1.0, 3.0, -9.0, 7.0]}
    )
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    cells = [cell_of(path, "F", variable="confidence", code=code) for code in ("-9", "7")]
    words = [str(row[0]) for row in openpyxl.load_workbook(path)["Read me"].iter_rows(values_only=True)]
    assert f"Still to be chosen: {', '.join(sorted(cells))}." in words
    with pytest.raises(
        DefinitionError, match=rf"Crosswalk!{cells[0]}: this delivered code of confidence has no answer"
    ):
        lp.crosswalk_from_excel(path, folder=surveys / "first")
    edited(path, dict.fromkeys(cells, "prefer not to say"))
    lp.import_crosswalk(path, folder=surveys / "first", replace=True)
    assert lp.read_wave("first", surveys=surveys).missing["confidence"].eq("prefer not to say").sum() == 2


def test_each_variable_has_a_drop_down_of_its_answers(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    book = openpyxl.load_workbook(path)
    where = cell_of(path, "F", variable="confidence", code="1")
    lists = [one for one in book["Crosswalk"].data_validations.dataValidation if where in one.sqref]
    assert len(lists) == 1
    sheet, cells = str(lists[0].formula1).split("!")
    choices = [row[0].value for row in book[sheet][cells.replace("$", "")]]
    assert choices == ["agree", "neither", "disagree", "don't know", "prefer not to say", "not asked", "blank"]


def test_the_workbook_can_be_followed_by_a_screen_reader(rich_wave: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave))
    assert book.sheetnames == ["Read me", "Crosswalk", "Answers"]
    assert book.properties.title == "Crosswalk of the wave first"
    sheet = book["Crosswalk"]
    assert [table.name for table in sheet.tables.values()] == ["Crosswalk"]
    assert sheet.freeze_panes == "B2"
    assert all(not one.merged_cells.ranges and one.sheet_state == "visible" for one in book)


@pytest.mark.parametrize(
    ("column", "wanted", "value", "message"),
    [
        (
            "F",
            {"code": "1", "variable": "confidence"},
            "agre",
            "'agre' is not an answer of confidence; did you mean 'agree'?",
        ),
        ("F", {"code": "999"}, "35+", "'35+' is not an answer of age"),
        ("A", {"code": "999"}, "agee", "'agee' is not a variable of harmonised.toml; did you mean 'age'?"),
        ("A", {"code": "999"}, None, "the row names no harmonised variable"),
        ("G", {"code": "1", "variable": "confidence"}, "partly", "'partly' is not known; did you mean 'partial'?"),
        ("G", {"code": "1", "variable": "confidence"}, "none", "add reason"),
        ("B", {"code": "2", "variable": "confidence"}, "q2", "differs from Crosswalk!B"),
        ("C", {"code": "2", "variable": "confidence"}, " 1", "repeats Crosswalk!C"),
        ("C", {"code": "2", "variable": "confidence"}, None, "no code leads to this answer"),
        ("B", {"code": "+1"}, "why - far", "hold for all of its columns"),
        ("L", {"code": "@phone"}, "separator ;", "write one setting a line"),
        ("L", {"code": "@phone"}, 'separator = ";"\nreason = "x"', "has a column of its own"),
        ("L", {"code": "@phone"}, 'separator = ";"\nrnge = 1', ":"),
        ("F", {"code": "1", "variable": "confidence"}, "=A1", "holds a formula"),
        ("C", {"code": "1", "variable": "confidence"}, "=1+1", "holds a formula"),
        ("C", {"code": "1", "variable": "confidence"}, True, "holds a truth value"),
        ("C", {"code": "1", "variable": "confidence"}, dt.date(2022, 1, 2), "holds a date"),
        ("I", {"code": "1", "variable": "confidence"}, "#N/A", "holds an error"),
    ],
)
def test_what_is_wrong_is_named_by_its_cell(
    rich_wave: Path, tmp_path: Path, *, column: str, wanted: Row, value: object, message: str
) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    where = cell_of(path, column, **wanted)
    edited(path, {where: value})
    with pytest.raises(DefinitionError, match=re.escape(message)) as error:
        lp.crosswalk_from_excel(path, folder=rich_wave / "first")
    if message != ":":
        assert f"Crosswalk!{where}" in str(error.value)


def test_a_variable_that_is_left_out_is_asked_for(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    where = cell_of(path, "A", variable="attended")
    edited(path, {where: None, where.replace("A", "F"): None, where.replace("A", "H"): None})
    with pytest.raises(
        DefinitionError, match=r"Crosswalk!A\d+: 1 harmonised variables are not accounted for: attended"
    ):
        lp.crosswalk_from_excel(path, folder=rich_wave / "first")


def test_numbers_typed_as_numbers_are_codes(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    where = cell_of(path, "C", variable="confidence", code="2")
    for value in (2, 2.0):
        text = lp.crosswalk_from_excel(edited(path, {where: value}), folder=rich_wave / "first")
        assert '"2" = "neither"' in text


def test_nothing_is_overwritten_unless_asked(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    with pytest.raises(WrongUseError, match="exists and is left as it is"):
        lp.crosswalk_to_excel("first", path, surveys=rich_wave)
    crosswalk = rich_wave / "first" / "crosswalk.toml"
    before = crosswalk.read_bytes()
    with pytest.raises(WrongUseError, match="exists and is left as it is"):
        lp.import_crosswalk(path, folder=rich_wave / "first")
    edited(path, {cell_of(path, "F", variable="confidence", code="2"): "nether"})
    with pytest.raises(DefinitionError):
        lp.import_crosswalk(path, folder=rich_wave / "first", replace=True)
    assert crosswalk.read_bytes() == before
    assert not [file for file in (rich_wave / "first").iterdir() if file.name.startswith(".")]


def test_a_text_that_no_cell_can_hold_is_refused(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = make_wave(edit={"crosswalk": ('column = "q1"', 'column = "q1"\nwording = "one\\u0007two"')})
    with pytest.raises(DefinitionError, match=r"crosswalk.toml:2: \[confidence\] can't be written to a spreadsheet"):
        lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    assert not list(tmp_path.glob("*.xlsx"))


@pytest.mark.parametrize("name", ["crosswalk.csv", "absent/1.xlsx"])
def test_places_that_do_not_fit_are_refused(rich_wave: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUseError, match=r"Cannot write .*(ends so|create it first)"):
        lp.crosswalk_to_excel("first", tmp_path / name, surveys=rich_wave)


def test_files_and_folders_that_are_not_there_are_refused(rich_wave: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="There is no file"):
        lp.crosswalk_from_excel(tmp_path / "no.xlsx", folder=rich_wave / "first")
    with pytest.raises(WrongUseError, match="no wave's folder"):
        lp.crosswalk_from_excel(tmp_path / "no.xlsx", folder=tmp_path)


def test_damaged_large_and_foreign_files_are_refused(
    rich_wave: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = rich_wave / "first"
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DefinitionError, match="open it in Excel and save it again"):
        lp.crosswalk_from_excel(path, folder=folder)
    path.write_bytes(content)
    edited(path, {"C1": "Code"})
    with pytest.raises(DefinitionError, match="Crosswalk!C1: the column should be called 'Delivered code'"):
        lp.crosswalk_from_excel(path, folder=folder)
    foreign = openpyxl.Workbook()
    foreign.save(path)
    with pytest.raises(DefinitionError, match="has no sheet 'Crosswalk'"):
        lp.crosswalk_from_excel(path, folder=folder)
    path.write_bytes(content)
    monkeypatch.setattr(spreadsheet_reading, "_ROWS_LIMIT", 5)
    with pytest.raises(DefinitionError, match="Crosswalk!A6: the sheet has more than 5 rows"):
        lp.crosswalk_from_excel(path, folder=folder)


def test_a_row_far_below_the_table_is_refused_at_once(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    far = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content.replace(b"</sheetData>", far))
    start = time.perf_counter()
    with pytest.raises(DefinitionError, match="Crosswalk!A20001: the sheet has more than 20,000 rows"):
        lp.crosswalk_from_excel(path, folder=rich_wave / "first")
    assert time.perf_counter() - start < 5


def test_many_wrong_rows_are_told_quickly_and_briefly(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    book = openpyxl.load_workbook(path)
    for number in range(5_000):
        row = ["confidence", "q1", f"c{number}", None, None, "wrong" * 100]
        book["Crosswalk"].append(row)
    book.save(path)
    start = time.perf_counter()
    with pytest.raises(DefinitionError, match=r"\.\.\. and 4990 more\.") as error:
        lp.crosswalk_from_excel(path, folder=rich_wave / "first")
    assert time.perf_counter() - start < 5
    assert len(str(error.value)) < 5_000


def test_a_zip_bomb_is_refused_before_it_unpacks(rich_wave: Path, tmp_path: Path) -> None:
    path = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=rich_wave)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/bomb.xml", b"0" * 150_000_000)
    with pytest.raises(DefinitionError, match=r"would unpack to 15\d MB"):
        lp.crosswalk_from_excel(path, folder=rich_wave / "first")
