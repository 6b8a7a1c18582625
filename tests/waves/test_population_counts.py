"""The shipped counts read back against the census figures, and against one another."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import Counter, defaultdict

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.population import population_names
from lpact_eval.waves.schema import read_schema

FOLDER = surveys_folder() / "population"
SCHEMA = read_schema(surveys_folder() / "harmonised.toml")
AUTHORITIES = {
    "Leicester": "E06000016",
    "Rutland": "E06000017",
    "Blaby": "E07000129",
    "Charnwood": "E07000130",
    "Harborough": "E07000131",
    "Hinckley and Bosworth": "E07000132",
    "Melton": "E07000133",
    "North West Leicestershire": "E07000134",
    "Oadby and Wigston": "E07000135",
}
BY_ETHNIC_GROUP, BY_AGE, BY_SEX = 1_121_985, 1_122_011, 1_121_990  # all ages: TS021, TS007, TS009
MOST_PERTURBED = 12  # persons by which the three tables differ in one authority


def rows(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def area_counts() -> dict[tuple[str, str], Counter[str]]:
    """Persons by variable and authority."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for file in ("counts/leicestershire-2021.csv", "counts/leicestershire-2021-ages.csv"):
        for row in rows(file):
            assert row["category"] not in found[row["variable"], row["area"]]
            found[row["variable"], row["area"]][row["category"]] = int(row["persons"])
    return found


def force_area(variable: str) -> Counter[str]:
    """Persons by category in the nine authorities together."""
    total: Counter[str] = Counter()
    for (name, _), counts in area_counts().items():
        if name == variable:
            total.update(counts)
    return total


def margin(population: str, variable: str) -> lp.Margin:
    return next(found for found in lp.read_population(population) if found.variable == variable)


def test_the_five_groups_of_the_force_area_are_those_of_the_census() -> None:
    expected = {"Asian": 218_679, "Black": 37_231, "Mixed": 30_185, "White": 812_992, "Other": 22_898}
    assert force_area("ethnicity") == expected
    assert sum(expected.values()) == BY_ETHNIC_GROUP


def test_black_and_black_heritage_are_those_of_the_census() -> None:
    assert force_area("black")["yes"] == 37_231
    assert force_area("black_heritage")["yes"] == 50_921
    for variable in ("black", "black_heritage"):
        assert sum(force_area(variable).values()) == BY_ETHNIC_GROUP


def test_nearly_four_in_five_black_residents_live_in_leicester() -> None:
    assert round(area_counts()["ethnicity", "Leicester"]["Black"] / 37_231, 2) == 0.77


def test_the_tables_totals_are_those_of_the_census() -> None:
    assert sum(force_area("ethnicity_19").values()) == BY_ETHNIC_GROUP
    assert sum(force_area("age").values()) == BY_AGE
    assert sum(force_area("sex").values()) == BY_SEX
    assert sum(force_area("age_band").values()) == sum(force_area("area").values()) == 912_768


def test_every_authority_has_every_category_of_the_schema_and_its_code() -> None:
    counts = area_counts()
    for area in AUTHORITIES:
        for variable in ("sex", "age_band", "ethnicity", "ethnicity_19", "black", "black_heritage"):
            assert set(counts[variable, area]) == set(SCHEMA.answers(variable))
        assert set(counts["area", area]) == {area}
        assert len(counts["age", area]) == 101
    listed = {(row["area"], row["code"]) for row in rows("counts/leicestershire-2021.csv")}
    assert listed == set(AUTHORITIES.items())


@pytest.mark.parametrize("variable", ["ethnicity", "black", "black_heritage"])
def test_19_groups_add_up_to_the_broader_ones_in_every_authority(variable: str) -> None:
    counts = area_counts()
    for area in AUTHORITIES:
        for group, members in SCHEMA.variables[variable].groups.items():
            added = sum(counts["ethnicity_19", area][member] for member in members)
            assert counts[variable, area][group] == added


def test_single_years_add_up_to_the_age_groups_in_every_authority() -> None:
    counts = area_counts()
    for area in AUTHORITIES:
        years = {int(year.rstrip("+")): persons for year, persons in counts["age", area].items()}
        for band, (low, high) in SCHEMA.variables["age_band"].bands.items():
            assert counts["age_band", area][band] == sum(n for year, n in years.items() if low <= year <= high)
        assert counts["area", area][area] == sum(counts["age_band", area].values())


def test_three_tables_agree_but_for_the_perturbation_that_the_readme_states() -> None:
    counts = area_counts()
    gaps: list[int] = []
    for area in AUTHORITIES:
        totals = [sum(counts[name, area].values()) for name in ("age", "sex", "ethnicity_19")]
        gaps.append(max(totals) - min(totals))
    assert max(gaps) == MOST_PERTURBED
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for number in (BY_AGE, BY_SEX, BY_ETHNIC_GROUP):
        assert f"{number:,}" in text
    assert f"at most {MOST_PERTURBED} people" in text


def test_authorities_add_up_to_the_force_areas_own_tables() -> None:
    for variable in ("sex", "age_band", "area", "ethnicity"):
        listed = {row[variable]: int(row["persons"]) for row in rows(f"leicestershire-2021/{variable}.csv")}
        assert listed == force_area(variable)
    for row in rows("leicestershire-2021/ethnicity_by_area.csv"):
        assert area_counts()["ethnicity", row["area"]][row["ethnicity"]] == int(row["persons"])


def test_the_spread_inside_groups_adds_up_to_the_authorities() -> None:
    counts = area_counts()
    parts = SCHEMA.variables["area_group"].groups
    for row in rows("leicestershire-2021-by-ethnicity/ethnicity_by_area_group.csv"):
        inside = sum(counts["ethnicity", area][row["ethnicity"]] for area in parts[row["area_group"]])
        assert int(row["persons"]) == inside


def test_every_line_says_its_table_and_its_ages() -> None:
    tables = {"sex": "TS009", "age": "TS007", "age_band": "TS007", "area": "TS007"}
    for file in ("counts/leicestershire-2021.csv", "counts/leicestershire-2021-ages.csv"):
        for row in rows(file):
            assert tables.get(row["variable"], "TS021") in row["source"]
            assert "Census 2021" in row["source"]
            assert row["ages"] == ("16+" if row["variable"] in {"age_band", "area"} else "all")


@pytest.mark.parametrize("area", AUTHORITIES)
def test_each_authority_is_a_population_of_its_own(area: str) -> None:
    name = f"{area.lower().replace(' ', '-')}-2021"
    counts = area_counts()
    adults = counts["area", area][area]
    margins = lp.read_population(name)
    assert [found.variable for found in margins] == ["sex", "age_band", "ethnicity"]
    for found in margins:
        assert found.total == pytest.approx(adults, rel=1e-12)
        assert found.reference_date == dt.date(2021, 3, 21)
        shares = counts[str(found.variable), area]
        for category, persons in shares.items():
            assert found.counts[category] / found.total == pytest.approx(persons / sum(shares.values()), rel=1e-12)
        assert found.at(next(iter(found.counts))).rsplit(":", 1)[0].endswith("counts/leicestershire-2021.csv")
    assert dict(margins[1].counts) == counts["age_band", area]
    assert {found.ages for found in margins} == {"16+", "all"}


def test_a_respondent_of_one_borough_is_weighted_to_that_borough() -> None:
    names = ("sex", "age_band", "ethnicity")
    every = itertools.product(*(SCHEMA.answers(name) for name in names))
    frame = pd.DataFrame(list(every), columns=list(names))
    raked = lp.rake(lp.Sample.from_frame(frame), lp.read_population("rutland-2021"))
    weight = pd.Series(raked.design.weight)
    assert weight.sum() == pytest.approx(34_298)
    assert weight[frame["ethnicity"] == "Black"].sum() == pytest.approx(34_298 * 552 / 41_050)


def test_the_list_of_populations_says_whom_each_counts() -> None:
    listed = lp.populations().set_index("name")
    assert list(listed.index) == population_names([FOLDER])
    assert {"leicestershire-2021", "leicestershire-2021-by-ethnicity", "leicester-2021"} <= set(listed.index)
    assert len(listed) == 2 + len(AUTHORITIES)
    row = listed.loc["leicester-2021"]
    assert row["title"] == "Leicester, aged 16 and over, Census 2021"
    assert (row["reference_date"], row["ages"], row["persons"]) == (dt.date(2021, 3, 21), "16+", 291_012)
    assert row["margins"] == "sex (all ages), age_band, ethnicity (all ages)"
    assert all(table in row["source"] for table in ("TS007", "TS009", "TS021"))
    for note in listed["note"]:
        assert note.count("All-age shares stand in for adults aged 16 and over") == 1
        assert "Rescaled" not in note


def test_the_licence_is_named_beside_the_counts() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "Open Government Licence v3.0" in text
    assert "Office for National Statistics" in text
    for name in population_names([FOLDER]):
        assert f"`{name}`" in text
