"""Margins: the shipped census counts, and every way in which a population file can be wrong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.population import find_population, population_names

if TYPE_CHECKING:
    from pathlib import Path

AREAS = {
    "Blaby",
    "Charnwood",
    "Harborough",
    "Hinckley and Bosworth",
    "Leicester",
    "Melton",
    "North West Leicestershire",
    "Oadby and Wigston",
    "Rutland",
}
BLACK_ALL_AGES, ALL_AGES, ADULTS = 37_231, 1_121_985, 912_768  # census 2021 TS021 and TS007, summed by hand


NESTED = ("ethnicity", "area_group")


def shipped() -> dict[object, lp.Margin]:
    names = "leicestershire-2021", "leicestershire-2021-by-ethnicity"
    return {margin.variable: margin for name in names for margin in lp.read_population(name)}


def counts(file: str) -> list[list[str]]:
    text = (surveys_folder() / "population" / file).read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_a_margin_is_made_of_a_variable_and_persons() -> None:
    margin = lp.Margin("sex", {"Female": 1, "Male": 2})
    assert (margin.variable, dict(margin.counts), margin.total) == ("sex", {"Female": 1, "Male": 2}, 3.0)


def test_the_shipped_margins_agree_on_the_adults() -> None:
    margins = shipped()
    assert set(margins) == {"sex", "age_band", "area", "ethnicity", NESTED}
    for margin in margins.values():
        assert margin.total == pytest.approx(ADULTS, rel=1e-12)
        assert margin.reference_date == dt.date(2021, 3, 21)
        assert "Census 2021 TS0" in margin.source
        assert margin.note


def test_the_shipped_shares_are_those_of_the_census() -> None:
    margins = shipped()
    assert margins["ethnicity"].counts["Black"] / ADULTS == pytest.approx(BLACK_ALL_AGES / ALL_AGES, rel=1e-12)
    assert set(margins["area"].counts) == AREAS
    assert list(margins["age_band"].counts) == ["16-24", "25-34", "35-49", "50-64", "65+"]
    assert list(margins["ethnicity"].counts) == ["Asian", "Black", "Mixed", "White", "Other"]


def test_the_nested_margin_adds_up_to_the_plain_one() -> None:
    margins = shipped()
    black = sum(persons for (group, _), persons in margins[NESTED].counts.items() if group == "Black")
    assert black == pytest.approx(margins["ethnicity"].counts["Black"], rel=1e-12)


def test_margins_of_all_ages_say_so_and_that_they_were_rescaled() -> None:
    margins = shipped()
    for variable in ("sex", "ethnicity", NESTED):
        assert margins[variable].ages == "all"
        assert "All-age shares stand in for adults aged 16 and over" in margins[variable].note
        assert "Rescaled from 1,121,9" in margins[variable].note
    for variable in ("age_band", "area"):
        assert margins[variable].ages == "16+"
        assert "Rescaled" not in margins[variable].note
        assert "All-age" not in margins[variable].note


def test_the_counts_on_disk_are_as_published() -> None:
    assert ["Black", str(BLACK_ALL_AGES)] in [row[:2] for row in counts("leicestershire-2021/ethnicity.csv")]


def test_margins_are_read_without_pandas() -> None:
    code = "import sys, lpact_eval.waves.population; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


POPULATION = """
reference_date = 2021-03-21

[margins.sex]
file = "sex.csv"
"""
SEX = "sex,persons,source\nFemale,10,Census\nMale,9,Census\n"


def write(folder: Path, population: str, sex: str) -> Path:
    (folder / "population.toml").write_text(population, encoding="utf-8")
    (folder / "sex.csv").write_text(sex, encoding="utf-8")
    return folder


def test_a_population_of_ones_own_is_read_by_its_path(tmp_path: Path) -> None:
    folder = write(tmp_path, POPULATION, SEX)
    for path in (folder, folder / "population.toml", str(folder)):
        (margin,) = lp.read_population(path)
        assert dict(margin.counts) == {"Female": 10, "Male": 9}


def test_a_margin_knows_its_file_and_the_line_of_each_category(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (margin,) = lp.read_population(write(tmp_path, POPULATION, SEX))
    assert margin.file == tmp_path / "sex.csv"
    assert (margin.at(), margin.at("Female"), margin.at("Male")) == ("sex.csv", "sex.csv:2", "sex.csv:3")
    assert lp.Margin("sex", {"Female": 1}).at("Female") == ""


def test_a_margin_that_was_rescaled_still_knows_its_file() -> None:
    margin = shipped()["sex"]
    assert "Rescaled" in margin.note
    assert margin.at("Male").endswith("leicestershire-2021/sex.csv:3")


def test_a_population_is_taken_from_the_first_place_that_has_it(tmp_path: Path) -> None:
    places = [tmp_path / "first", tmp_path / "second"]
    for place in places:
        (place / "town").mkdir(parents=True)
        write(place / "town", POPULATION, SEX)
    (tmp_path / "second" / "city").mkdir()
    write(tmp_path / "second" / "city", POPULATION, SEX)
    assert find_population("town", places) == tmp_path / "first" / "town" / "population.toml"
    assert find_population("city", places) == tmp_path / "second" / "city" / "population.toml"
    assert find_population("village", places) is None
    assert population_names(places) == ["town", "city"]


@pytest.mark.parametrize(
    ("population", "sex", "message"),
    [
        ("reference_date = 2021-03-21", SEX, r"population\.toml:1: it needs reference_date"),
        (POPULATION.replace("2021-03-21", '"then"'), SEX, r"population\.toml:1: it needs reference_date"),
        (POPULATION + "reference", SEX, r"population\.toml: not valid TOML"),
        ("titel = 1\n" + POPULATION, SEX, r"population\.toml: unknown key 'titel'; allowed are"),
        (
            POPULATION + "notes = 1",
            SEX,
            r"population\.toml: unknown key 'notes'; allowed are ages, areas, bands, file, note",
        ),
        (POPULATION.replace("file", "note"), SEX, r"population\.toml: \[margins\.sex\] needs file"),
        ("scaled_to = 1\n" + POPULATION, SEX, r"scaled_to = 1 is no margin"),
        ("areas = [1]\n" + POPULATION, SEX, r"areas = \[1\]; it is a text or a list of texts"),
        (
            POPULATION + 'ages = "adults"',
            SEX,
            r"\[margins\.sex\] has ages = 'adults'; it is \"all\", or the lowest age",
        ),
        (POPULATION + "ages = 16", SEX, r"\[margins\.sex\] has ages = 16"),
        (POPULATION + 'variable = "sex"', SEX, r"names a variable or areas, but sex\.csv holds one margin"),
        (POPULATION + 'areas = ["Here"]', SEX, r"names a variable or areas, but sex\.csv holds one margin"),
        ('scaled_to = "age"\n' + POPULATION, SEX, r"scaled_to = 'age' is no margin; it is one of 'sex'"),
        (POPULATION.replace("sex.csv", "sexes.csv"), SEX, r"sexes\.csv: cannot read the counts"),
        (POPULATION, "sex,people\nMale,1\n", r"sex\.csv:1: the columns are the variables, then persons and source"),
        (POPULATION, "sex,sex,persons\nMale,Male,1\n", r"sex\.csv:1: .* Each variable stands once"),
        (POPULATION, "persons,source\n1,Census\n", r"sex\.csv:1: the columns are the variables"),
        (POPULATION, "", r"sex\.csv: there is nothing in it"),
        (POPULATION, "\n" + SEX, r"sex\.csv:2: the first line names the columns"),
        (POPULATION, SEX + ",1,Census\n", r"sex\.csv:4: a category is empty"),
        (POPULATION, SEX + f"Other,{10**20},Census\n", r"sex\.csv:4: '1000.*' is no number of persons"),
        (POPULATION, SEX + "Male,1,Census\n", r"sex\.csv:4: the category 'Male' stands twice"),
        (POPULATION, SEX + "Other,1.5,Census\n", r"sex\.csv:4: '1\.5' is no number of persons"),
        (POPULATION, SEX + "Other,-1,Census\n", r"sex\.csv:4: '-1' is no number of persons"),
        (POPULATION, SEX + "Other\n", r"sex\.csv:4: 1 columns where the header has 3"),
        (
            POPULATION + '[margins.other]\nfile = "other.csv"\n',
            SEX,
            r"other\.csv: the margin of 'area' has no persons",
        ),
    ],
)
def test_a_wrong_population_is_an_error_with_file_and_line(
    tmp_path: Path, population: str, sex: str, message: str
) -> None:
    (tmp_path / "other.csv").write_text("area,persons,source\nHere,0,Census\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        lp.read_population(write(tmp_path, population, sex))


def test_an_unknown_population_names_the_shipped_ones() -> None:
    with pytest.raises(WrongUseError, match=r"no population 'nowhere'; shipped: .*'leicestershire-2021'"):
        lp.read_population("nowhere")


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.xlsx", "n" * 5_000, "no\0where"])
def test_a_path_that_leads_nowhere_is_an_unknown_population(name: str) -> None:
    with pytest.raises(WrongUseError, match=r"There is no population 'n"):
        lp.read_population(name)
