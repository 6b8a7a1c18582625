"""Counts of a user's own: csv, workbooks, tables of many areas; whose totals agree, and every refusal."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.resources import plan_file, surveys_folder
from lpact_eval.waves.margin import standing_in
from lpact_eval.waves.population import load_population

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONG = """area,code,variable,category,persons,ages,source
Here,E1,sex,Female,10,all,T9
Here,E1,sex,Male,12,all,T9
There,E2,sex,Female,20,all,T9
There,E2,sex,Male,18,all,T9
Here,E1,age_band,16-34,7,16+,T7
Here,E1,age_band,35+,9,16+,T7
There,E2,age_band,16-34,14,16+,T7
There,E2,age_band,35+,20,16+,T7
Here,E1,mixed,yes,7,16+,T7
There,E2,mixed,yes,9,all,T7
Here,E1,twice,yes,7,16+,T7
Here,E1,twice,yes,9,16+,T7
Here,E1,only here,yes,7,16+,T7
"""
TOML = """
title = "A place"
reference_date = 2021-03-21
scaled_to = "age_band"
{areas}

[margins.sex]
file = "counts.csv"
{sex}

[margins.age_band]
file = "counts.csv"
"""


def folder(path: Path, *, counts: str = LONG, areas: str = "", sex: str = "") -> Path:
    (path / "counts.csv").write_text(counts, encoding="utf-8")
    (path / "population.toml").write_text(TOML.format(areas=areas, sex=sex), encoding="utf-8")
    return path


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


SHEETS: dict[str, Sequence[Sequence[object]]] = {
    "Sex": [["sex", "persons", "source"], ["Female", 51.0, "T1"], ["Male", 49, "T1"]],
    "Notes": [],
    "Both": [["sex", "area", "persons"], ["Female", "Here", 30], ["Female", "There", 21], ["Male", "Here", 49]],
}


def test_a_table_of_many_areas_is_added_up(tmp_path: Path) -> None:
    """Sex: 30 and 30 of all ages, so half of the 50 adults each; age groups: 21 and 29."""
    sex, age = lp.read_population(folder(tmp_path))
    assert dict(age.counts) == {"16-34": 21, "35+": 29}
    assert dict(sex.counts) == {"Female": 25, "Male": 25}
    assert (sex.ages, age.ages, sex.source, age.source) == ("all", "16+", "T9", "T7")
    assert sex.note.startswith("All-age shares stand in for adults aged 16 and over")
    assert sex.note.endswith("Rescaled from 60 to 50 persons so that margins agree.")
    assert (sex.at("Male"), age.at("35+")) == (f"{tmp_path}/counts.csv:3", f"{tmp_path}/counts.csv:7")


@pytest.mark.parametrize("areas", ['areas = ["There"]', 'areas = ["e2"]', 'areas = "there"'])
def test_areas_are_chosen_for_the_whole_population(tmp_path: Path, areas: str) -> None:
    sex, age = lp.read_population(folder(tmp_path, areas=areas))
    assert dict(age.counts) == {"16-34": 14, "35+": 20}
    assert sex.counts["Female"] / sex.total == pytest.approx(20 / 38)


def test_areas_and_variables_are_chosen_for_one_margin(tmp_path: Path) -> None:
    path = folder(tmp_path, sex='variable = ["area", "sex"]\nareas = ["Here"]')
    nested, _ = lp.read_population(path)
    assert nested.variable == ("area", "sex")
    assert set(nested.counts) == {("Here", "Female"), ("Here", "Male")}
    both, _ = lp.read_population(folder(tmp_path, sex='variable = ["sex", "area"]'))
    assert both.counts["Male", "There"] / both.total == pytest.approx(18 / 60)


ADULTS = """
reference_date = 2021-03-21
[margins.age_band]
file = "{file}"
areas = ["Leicester"]
bands = {{ "18-34" = [18, 34], "35-64" = [35, 64], "65+" = [65, 120] }}
"""


def test_age_groups_of_ones_own_come_from_single_years(tmp_path: Path) -> None:
    path = surveys_folder() / "population" / "counts" / "leicestershire-2021-ages.csv"
    (tmp_path / "population.toml").write_text(ADULTS.format(file=path.as_posix()), encoding="utf-8")
    (margin,) = lp.read_population(tmp_path)
    with path.open(encoding="utf-8", newline="") as file:
        ages = [int(row["persons"]) for row in csv.DictReader(file) if row["area"] == "Leicester"]
    assert dict(margin.counts) == {"18-34": sum(ages[18:35]), "35-64": sum(ages[35:65]), "65+": sum(ages[65:])}
    assert (margin.variable, margin.ages, margin.note) == ("age_band", "18+", "")
    with path.open(encoding="utf-8", newline="") as file:
        first = next(n for n, row in enumerate(csv.DictReader(file), 2) if row["area"] == "Leicester")
    assert margin.lines["18-34"] == first + 18


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[35, 64]", "[36, 64]", r"ages\.csv: age 35 is in no age group; age groups go on from one another"),
        ("[35, 64]", "[30, 64]", r"ages\.csv: age 30 is in '18-34' and '35-64'"),
        ("[65, 120]", "[65, 99]", r"ages\.csv: age 100\+ is in no age group"),
        ("[35, 64]", "[64, 35]", r"\[margins\.age_band\] has bands = .*; each is a lowest and a highest age"),
        ("[35, 64]", "[35]", r"\[margins\.age_band\] has bands"),
        ("[35, 64]", '"35-64"', r"\[margins\.age_band\] has bands"),
        ("[35, 64]", "[35, true]", r"\[margins\.age_band\] has bands"),
    ],
)
def test_age_groups_that_overlap_or_leave_gaps_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = surveys_folder() / "population" / "counts" / "leicestershire-2021-ages.csv"
    toml = ADULTS.format(file=path.as_posix())
    assert old in toml
    (tmp_path / "population.toml").write_text(toml.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        lp.read_population(tmp_path)


def test_what_is_no_age_has_no_age_group(tmp_path: Path) -> None:
    sex = 'bands = { "16+" = [16, 120] }\nvariable = "sex"'
    with pytest.raises(DefinitionError, match=r"counts\.csv:2: 'Female' is no age in years"):
        lp.read_population(folder(tmp_path, sex=sex))


def test_a_csv_file_alone_is_a_population(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("\ufeffsex,persons\n Female ,10\nMale,9\n", encoding="utf-8")
    (margin,) = lp.read_population(path)
    assert (margin.variable, dict(margin.counts)) == ("sex", {"Female": 10, "Male": 9})
    assert (margin.source, margin.reference_date, margin.note, margin.ages) == ("", None, "", "")
    assert margin.at("Male") == f"{path}:3"


def test_a_workbook_is_a_population_with_a_margin_a_sheet(tmp_path: Path) -> None:
    sex, both = lp.read_population(workbook(tmp_path / "own.xlsx", SHEETS))
    assert (sex.variable, dict(sex.counts), sex.source) == ("sex", {"Female": 51, "Male": 49}, "T1")
    assert both.variable == ("sex", "area")
    assert both.counts["Female", "There"] == 21


def test_csv_and_workbook_of_the_same_counts_are_the_same(tmp_path: Path) -> None:
    rows: list[list[object]] = [line.split(",") for line in LONG.splitlines()]
    (tmp_path / "population.toml").write_text(TOML.format(areas="", sex=""), encoding="utf-8")
    (tmp_path / "counts.csv").write_text(LONG, encoding="utf-8")
    as_csv = lp.read_population(tmp_path)
    numbers = [[int(str(cell)) if str(cell).isdecimal() else cell for cell in row] for row in rows]
    workbook(tmp_path / "counts.xlsx", {"Counts": numbers})
    (tmp_path / "population.toml").write_text(
        TOML.format(areas="", sex="").replace("counts.csv", "counts.xlsx"), encoding="utf-8"
    )
    as_xlsx = lp.read_population(tmp_path)
    for one, other in zip(as_csv, as_xlsx, strict=True):
        assert (one.variable, one.counts, one.note, one.ages) == (other.variable, other.counts, other.note, other.ages)


def test_ones_own_populations_are_listed_before_the_shipped(tmp_path: Path) -> None:
    place = tmp_path / "population" / "town"
    place.mkdir(parents=True)
    folder(place, areas='note = "Made up. Twice."')
    listed = lp.populations(tmp_path)
    first = listed.iloc[0]
    assert (first["name"], first["title"], first["persons"]) == (str(place), "A place", 50)
    assert first["margins"] == "sex (all ages), age_band"
    assert first["note"].startswith("Made up. Twice. All-age shares")
    assert len(listed) == len(lp.populations()) + 1
    assert load_population(first["name"]).reference_date == dt.date(2021, 3, 21)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("age_band,16-34,7,", "sex,Female,7,", r"counts\.csv:6: 'Female' of Here stands twice; keep one line"),
        (",10,all", ",10,16+", r"counts\.csv:3: 'sex' counts all ages here and 16\+ in line 2"),
        (",10,all", ",10,", r"counts\.csv:3: 'sex' counts all ages here and unstated in line 2"),
        (",10,all", ",10,adults", r"counts\.csv:2: ages is 'adults'; it is \"all\", or the lowest age"),
        (",10,all", ",ten,all", r"counts\.csv:2: 'ten' is no number of persons"),
        ("sex,Female,10", ",Female,10", r"counts\.csv:2: area, variable and category each need a text"),
        ("sex,Female,10,all,T9", "sex,Female,10", r"counts\.csv:2: 5 columns where the header has 7"),
        ("Here,E1,sex,Female", "Here,E9,sex,Female", r"several areas are called 'Here'; give the code of one: E1, E9"),
    ],
)
def test_a_wrong_line_of_a_table_of_areas_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in LONG
    with pytest.raises(DefinitionError, match=message):
        lp.read_population(folder(tmp_path, counts=LONG.replace(old, new, 1), areas='areas = ["Here", "There"]'))


@pytest.mark.parametrize(
    ("areas", "sex", "message"),
    [
        ('areas = ["Her"]', "", r"counts\.csv:1: there is no area 'Her'; did you mean 'Here'"),
        ("", 'variable = "sexx"', r"counts\.csv:1: there is no variable 'sexx'; did you mean 'sex'"),
        ("", 'variable = "only here"', r"no counts of 'only here' for There"),
        ("", 'variable = "mixed"', r"'mixed' counts all ages here and 16\+ in line 10"),
        ("", 'variable = "twice"', r":13: 'yes' of Here stands twice"),
        ("", 'variable = ["sex", "age_band"]', r"it counts one variable, or one with \"area\" beside it"),
        ("", "variable = [1]", r"variable = \[1\]; it is a text or a list of texts"),
        ("", 'ages = "16+"', r"the margin of 'sex' counts 60 persons, that of 'age_band' 50; totals of the same ages"),
    ],
)
def test_a_choice_that_the_table_does_not_offer_is_refused(tmp_path: Path, areas: str, sex: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        lp.read_population(folder(tmp_path, areas=areas, sex=sex))


def test_totals_that_nothing_explains_are_refused(tmp_path: Path) -> None:
    sheets = {"Sex": SHEETS["Sex"], "Age": [["age_band", "persons"], ["16+", 120]]}
    with pytest.raises(DefinitionError, match=r"'age_band' counts 120 persons, that of 'sex' 100; .* by 0\.1%"):
        lp.read_population(workbook(tmp_path / "own.xlsx", sheets))
    close = {"Sex": [["sex", "persons"], ["All", 10_000]], "Age": [["age_band", "persons"], ["16+", 10_009]]}
    sex, age = lp.read_population(workbook(tmp_path / "close.xlsx", close))
    assert age.total == sex.total == 10_000
    assert age.note == "Rescaled from 10,009 to 10,000 persons so that margins agree."


def test_a_table_of_areas_alone_asks_for_a_definition(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(LONG, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"areas side by side; name it in a population\.toml"):
        lp.read_population(tmp_path / "counts.csv")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["Male", "=1+1"], r"own\.xlsx, sheet 'Sex', row 3: a cell holds a formula"),
        (["Male", dt.datetime(2021, 3, 21)], r"row 3: a cell holds a date"),  # noqa: DTZ001 - Excel knows no zones
        (["Male", True], r"row 3: a cell holds a truth value"),
        (["Male", "#N/A"], r"row 3: a cell holds an error"),
        (["Male", 1.5], r"own\.xlsx, sheet 'Sex', row 3: '1\.5' is no number of persons"),
        (["Male"], r"own\.xlsx, sheet 'Sex', row 3: '' is no number of persons"),
        (["Male", 1, 2], r"own\.xlsx, sheet 'Sex', row 3: 3 columns where the header has 2"),
        (["Female", 1], r"own\.xlsx, sheet 'Sex', row 3: the category 'Female' stands twice"),
    ],
)
def test_a_wrong_cell_of_a_workbook_is_named_by_sheet_and_row(
    tmp_path: Path, cells: Sequence[object], message: str
) -> None:
    path = workbook(tmp_path / "own.xlsx", {"Sex": [["sex", "persons"], ["Female", 1], cells]})
    with pytest.raises(DefinitionError, match=message):
        lp.read_population(path)


def test_workbooks_that_are_none_empty_or_bombs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    path.write_bytes(b"nothing")
    with pytest.raises(DefinitionError, match=r"own\.xlsx: cannot read the counts \(BadZipFile\)"):
        lp.read_population(path)
    with pytest.raises(DefinitionError, match=r"own\.xlsx: there is nothing in it"):
        lp.read_population(workbook(path, {"Sex": []}))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(60_000_000))
    with pytest.raises(DefinitionError, match=r"it would unpack to 60 MB; that is no table of counts"):
        lp.read_population(path)


def test_a_workbook_that_goes_on_below_its_table_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["sex", "persons"], ["Female", 1]):
        sheet.append(row)
    sheet.cell(row=20_001, column=1, value="stray")
    book.save(tmp_path / "own.xlsx")
    with pytest.raises(DefinitionError, match=r"sheet 'Sheet': more than 20,000 rows; delete those below the table"):
        lp.read_population(tmp_path / "own.xlsx")


def test_a_path_that_no_file_has_is_cut_in_the_message(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    definition = 'reference_date = 2021-03-21\n[margins.sex]\nfile = "' + "x" * 50_000 + '.csv"\n'
    (folder / "population.toml").write_text(definition, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"has 50,\d{3} characters; no file has such a name") as refused:
        lp.read_population(folder)
    assert len(str(refused.value)) < 500


def test_a_csv_file_that_never_seems_to_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("sex,persons\n" + "x\n" * 200_000, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"own\.csv: more than 200,000 lines; keep the areas"):
        lp.read_population(path)


persons = st.integers(min_value=1, max_value=10_000_000)


@given(sex=st.lists(persons, min_size=2, max_size=5), age=st.lists(persons, min_size=2, max_size=5))
def test_rescaling_keeps_shares_and_meets_the_total(
    tmp_path_factory: pytest.TempPathFactory, sex: list[int], age: list[int]
) -> None:
    path = tmp_path_factory.mktemp("law")
    lines = [f"Here,E1,sex,s{n},{count},all,T" for n, count in enumerate(sex)]
    lines += [f"Here,E1,age_band,a{n},{count},16+,T" for n, count in enumerate(age)]
    header = "area,code,variable,category,persons,ages,source"
    scaled, standard = lp.read_population(folder(path, counts="\n".join([header, *lines])))
    assert standard.total == sum(age)
    assert scaled.total == pytest.approx(sum(age), rel=1e-12)
    for n, count in enumerate(sex):
        assert scaled.counts[f"s{n}"] / scaled.total == pytest.approx(count / sum(sex), rel=1e-12)


@given(
    name=st.sampled_from(["counts.csv", "population.toml", "own.xlsx"]),
    place=st.integers(min_value=0),
    drop=st.integers(0, 40),
    put=st.binary(max_size=6),
)
def test_damaged_counts_are_a_clear_error_or_margins(
    tmp_path_factory: pytest.TempPathFactory, *, name: str, place: int, drop: int, put: bytes
) -> None:
    path = folder(tmp_path_factory.mktemp("damage"))
    workbook(path / "own.xlsx", SHEETS)
    content = (path / name).read_bytes()
    at = place % len(content)
    (path / name).write_bytes(content[:at] + put + content[at + drop :])
    try:
        margins = lp.read_population(path / "own.xlsx" if name == "own.xlsx" else path)
    except LpactError as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert all(margin.total > 0 for margin in margins)


def test_readers_are_told_which_margins_are_all_age_shares() -> None:
    margins = [*lp.read_population("leicestershire-2021"), *lp.read_population("leicestershire-2021-by-ethnicity")]
    titles = {"sex": "Sex", "ethnicity": "Ethnic group"}
    told = standing_in(margins, titles)
    assert told.startswith("All-age shares stand in for adults aged 16 and over; they overstate the 16+ share")
    assert told.endswith("This holds for: Sex; Ethnic group; Ethnic group by area_group.")
    assert not standing_in([lp.Margin("sex", {"Female": 1}), lp.Margin("sex", {"Female": 1}, ages="16+")], titles)


def test_a_runs_weighting_section_says_it_too() -> None:
    results = lp.run_plan(lp.read_plan(plan_file()))
    assert "All-age shares stand in for adults aged 16 and over" in results.weighting
    assert "This holds for: Sex; Ethnic group; Ethnic group by Leicester or elsewhere." in results.weighting
