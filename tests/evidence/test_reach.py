"""Events and attendances beside where Black residents live, worked out by hand and from the shipped census."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.evidence.reach import reach_rows, residents_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from conftest import Builder

Row = dict[str, object]

HELD, AT = "events held there", "attendances at events held there"
LIVING, BLACK = "attendances of people living there", "attendances of Black people living there"
COUNTS = "area,variable,category,persons,ages\n" + "".join(
    f"{area},{variable},{category},{persons},all\n"
    for area, variable, category, persons in (
        ("Blaby", "black", "yes", 100),
        ("Blaby", "black", "no", 900),
        ("Leicester", "black", "yes", 300),
        ("Leicester", "black", "no", 700),
    )
)
EVENTS: list[Row] = [
    {"event": "a", "date": "2024-01-01", "area": "Leicester", "attendees": 30},
    {"event": "b", "date": "2024-03-01", "area": "Leicester", "attendees": 20},
    {"event": "c", "date": "2024-05-01", "area": "Leicester"},
    {"event": "d", "date": "2024-07-01", "area": "Rutland", "attendees": 7},
    {"event": "e", "date": "2024-09-01", "attendees": 9},
]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("counts") / "counts.csv"
    file.write_text(COUNTS, encoding="utf-8")
    return file


def one(frame: pd.DataFrame, measure: str, area: str = "") -> Mapping[str, object]:
    found = frame[(frame["measure"] == measure) & (frame["group"] == area)]
    assert len(found) == 1, (measure, area, len(found))
    return found.iloc[0].to_dict()


def test_areas_by_hand(small_evidence: Builder, counts: Path) -> None:
    rows = reach_rows(small_evidence(register=EVENTS), counts)
    assert one(rows, HELD, "Leicester")["value"] == 3
    assert one(rows, HELD, "Blaby")["value"] == 0
    assert one(rows, f"{AT} per 1,000 Black residents", "Leicester")["value"] == pytest.approx(50 / 0.3)
    assert one(rows, f"{AT} per 1,000 Black residents", "Blaby")["value"] == 0
    assert one(rows, "Black residents: share", "Leicester")["value"] == 0.75
    assert one(rows, f"{AT}: share", "Leicester")["value"] == 1
    apart = one(rows, f"{AT}: share less share of Black residents", "Blaby")
    assert (apart["value"], apart["unit"]) == (-0.25, "points")
    assert one(rows, f"dissimilarity: {AT}")["value"] == pytest.approx(0.25)
    told = "1 event without an area; 1 event in an area without a census count"
    assert one(rows, HELD, "Blaby")["flags"] == told
    assert one(rows, AT, "Blaby")["flags"] == (
        f"{told}; 1 event without a count of attendees; attendees of any ethnic group"
    )
    assert str(one(rows, f"dissimilarity: {HELD}")["flags"]).endswith("residents of all ages")
    assert one(rows, f"dissimilarity: {LIVING}")["refused"] == "no record of area"


def test_where_people_live_by_hand(small_evidence: Builder, counts: Path) -> None:
    """By area 6 from Blaby, 2 from Leicester, 3 elsewhere; codes of event b add 1 and 1, and one Black person each."""
    attendance = [
        {"event": "a", "by": "area", "group": area, "people": people}
        for area, people in (("Blaby", 6), ("Leicester", 2), ("Rutland", 2), ("not known", 1))
    ]
    people = [
        {"event": "b", "person": "P1", "ethnicity": "Black", "area": "Blaby"},
        {"event": "b", "person": "P1", "ethnicity": "Black", "area": "Blaby"},
        {"event": "b", "person": "P2", "ethnicity": "White", "area": "Leicester"},
        {"event": "a", "person": "P1", "ethnicity": "Black", "area": "Leicester"},
        {"event": "a", "person": "P3", "ethnicity": "Black"},
    ]
    rows = reach_rows(small_evidence(register=EVENTS, attendance=attendance, people=people), counts)
    assert (one(rows, LIVING, "Blaby")["value"], one(rows, LIVING, "Leicester")["value"]) == (7, 3)
    assert one(rows, f"dissimilarity: {LIVING}")["value"] == pytest.approx(0.7 - 0.25)
    assert "3 attendances from elsewhere or not known" in str(one(rows, LIVING, "Blaby")["flags"])
    assert (one(rows, BLACK, "Blaby")["value"], one(rows, BLACK, "Leicester")["value"]) == (1, 1)
    assert one(rows, f"{BLACK} per 1,000 Black residents", "Blaby")["value"] == 10
    assert one(rows, BLACK, "Blaby")["flags"] == (
        "3 events without pseudonymous records; 1 attendance from elsewhere or not known"
    )


def test_shipped_census_names_all_nine_authorities(small_evidence: Builder) -> None:
    rows = reach_rows(small_evidence(register=EVENTS))
    held = rows[rows["measure"] == HELD].set_index("group")["value"]
    assert len(held) == 9
    assert held["Leicester"] == 3
    assert held["Melton"] == 0
    residents = residents_of("leicestershire-2021")
    assert residents.persons.sum() == 37_231  # the census's count for the force area
    assert dict(zip(residents.areas, residents.persons, strict=True))["Leicester"] == 28_766
    assert residents_of("leicestershire-2021", "black_heritage").persons.sum() == 50_921


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["Leicester", "Blaby", "Melton", "Rutland"]), st.integers(0, 80)), min_size=1)
)
def test_shares_and_differences_add_up(small_evidence: Builder, held: list[tuple[str, int]]) -> None:
    register = [
        {"event": f"e{place}", "date": "2024-01-01", "area": area, "attendees": came}
        for place, (area, came) in enumerate(held)
    ]
    rows = reach_rows(small_evidence(register=register))
    assert rows[rows["measure"] == "Black residents: share"]["value"].sum() == pytest.approx(1)
    for name in (HELD, AT):
        index = one(rows, f"dissimilarity: {name}")
        if index["refused"]:
            continue
        assert rows[rows["measure"] == f"{name}: share"]["value"].sum() == pytest.approx(1)
        apart = rows[rows["measure"] == f"{name}: share less share of Black residents"]["value"]
        assert apart.sum() == pytest.approx(0, abs=1e-12)
        assert index["value"] == pytest.approx(apart[apart > 0].sum())
        assert 0 <= index["value"] <= 1


def test_attendances_where_residents_live_are_not_dissimilar(small_evidence: Builder, counts: Path) -> None:
    register = [
        {"event": "a", "date": "2024-01-01", "area": "Blaby", "attendees": 11},
        {"event": "b", "date": "2024-01-01", "area": "Leicester", "attendees": 33},
    ]
    rows = reach_rows(small_evidence(register=register), counts)
    assert one(rows, f"dissimilarity: {AT}")["value"] == pytest.approx(0)
    assert one(rows, f"dissimilarity: {HELD}")["value"] == pytest.approx(0.25)


def test_a_table_of_ethnic_group_by_area_will_do(small_evidence: Builder, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("ethnicity,area,persons\nBlack,leicester,30\nWhite,leicester,70\nBlack,Blaby,0\n", encoding="utf-8")
    rows = reach_rows(small_evidence(register=EVENTS), file)
    assert one(rows, f"{AT} per 1,000 Black residents", "leicester")["value"] == pytest.approx(50 / 0.03)
    assert one(rows, f"{AT} per 1,000 Black residents", "Blaby")["refused"] == "no Black residents"
    long = tmp_path / "long.csv"
    long.write_text("area,variable,category,persons\nBlaby,ethnicity,Black,5\nBlaby,ethnicity,White,7\n", "utf-8")
    found = residents_of(long)
    assert (found.areas, found.persons.tolist(), found.note) == (("Blaby",), [5.0], "residents as counted")


def test_nothing_held_is_refused(small_evidence: Builder, counts: Path) -> None:
    rows = reach_rows(small_evidence(), counts)
    assert one(rows, f"dissimilarity: {HELD}")["refused"] == "no events"
    assert one(rows, f"dissimilarity: {BLACK}")["refused"] == "no pseudonymous records of area"
    assert np.isnan(one(rows, f"dissimilarity: {HELD}")["value"])


def test_unknown_populations_are_refused(small_evidence: Builder, tmp_path: Path) -> None:
    evidence = small_evidence(register=EVENTS)
    with pytest.raises(WrongUseError, match=r"no counts by area 'nowhere'; shipped: 'leicestershire-2021'"):
        reach_rows(evidence, "nowhere")
    with pytest.raises(WrongUseError, match=r"Cannot count 'white' residents"):
        reach_rows(evidence, black="white")
    file = tmp_path / "own.csv"
    file.write_text("sex,persons\nFemale,3\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"counts sex; reach needs black or ethnicity by area"):
        reach_rows(evidence, file)
    file.write_text("ethnicity,area,persons\nWhite,Blaby,3\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"counts no Black residents \(ethnicity = 'Black'\)"):
        reach_rows(evidence, file)
    with pytest.raises(DefinitionError, match=r"reach needs black_heritage or ethnicity"):
        reach_rows(evidence, file, black="black_heritage")
