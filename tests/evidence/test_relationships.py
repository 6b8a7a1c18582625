"""What the register says of contact, worked out by hand; groups add up to the whole."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.attendance_groups import attendance_rows
from lpact_eval.evidence.communications import communication_rows
from lpact_eval.evidence.coverage import coverage_rows
from lpact_eval.evidence.records import EVIDENCE_COLUMNS
from lpact_eval.evidence.relationships import summary_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from conftest import Builder

Row = dict[str, object]

# Four events: ratios of officers to attendees 10/40 = 1/4 (on the line, so not heavy), 6/20 = .3, 5/50 = .1; the third
# was not counted. Planned 180 minutes each; they lasted 210 (30 over: within), 240 (60 over), 211 (31 over), not known.
EVENTS: list[Row] = [
    {"event": "a", "date": "2022-07-04", "community": "Somali", "area": "Leicester", "officers": 10, "attendees": 40}
    | {"forms": 10, "opted_in": 20, "chief_officer": True}
    | {"planned_start": 1080, "planned_end": 1260, "actual_start": 1110, "actual_end": 1320},
    {"event": "b", "date": "2022-09-02", "community": "Somali", "area": "Leicester", "officers": 6, "attendees": 20}
    | {"forms": 5, "opted_in": 1, "chief_officer": False}
    | {"planned_start": 1080, "planned_end": 1260, "actual_start": 1080, "actual_end": 1320},
    {"event": "c", "date": "2023-01-10", "community": "Ghanaian", "area": "Blaby", "officers": 8}
    | {"opted_in": 4, "chief_officer": True}
    | {"planned_start": 1080, "planned_end": 1260, "actual_start": 1080, "actual_end": 1291},
    {"event": "d", "date": "2024-02-29", "area": "Leicester", "officers": 5, "attendees": 50, "forms": 25},
]
DAYS = st.integers(0, 900).map(lambda days: (dt.date(2022, 7, 4) + dt.timedelta(days=days)).isoformat())
COUNTS = st.none() | st.integers(0, 90)
REGISTERS = st.lists(
    st.fixed_dictionaries(
        {
            "date": DAYS,
            "community": st.sampled_from([None, "Somali", "Ghanaian", "Several"]),
            "area": st.sampled_from([None, "Leicester", "Blaby"]),
            "age_focus": st.sampled_from([None, "young people"]),
            "format": st.sampled_from(["online", "in person"]),
            "officers": COUNTS,
            "attendees": COUNTS,
            "chief_officer": st.sampled_from([None, True, False]),
            "respect": st.sampled_from([None, True, False]),
            "protect": st.sampled_from([None, True, False]),
        }
    ),
    max_size=20,
).map(lambda rows: [{"event": f"e{place}", **row} for place, row in enumerate(rows)])


def one(frame: pd.DataFrame, measure: str, **labels: str) -> Mapping[str, object]:
    wanted = {"measure": measure, "by": "", "group": "", "by2": "", "group2": "", **labels}
    found = frame[np.logical_and.reduce([frame[name] == text for name, text in wanted.items()])]
    assert len(found) == 1, (measure, labels, len(found))
    return found.iloc[0].to_dict()


def test_four_events_by_hand(small_evidence: Builder) -> None:
    rows = summary_rows(small_evidence(register=EVENTS))
    assert tuple(rows.columns) == EVIDENCE_COLUMNS
    assert set(rows["table"]) == {"relationships"}
    values = {
        "events": 4,
        "attendees": 110,
        "attendees at an event: median": 40,
        "attendees at an event: lowest": 20,
        "attendees at an event: highest": 50,
        "officers": 29,
        "officers per attendee": 21 / 110,
        "officers per attendee at an event: median": 0.25,
        "officers per attendee at an event: lowest": 0.1,
        "officers per attendee at an event: highest": 0.3,
        "police-heavy events": 1 / 3,
        "events with a chief officer": 2 / 3,
        "forms returned": 40 / 110,
        "contacts opted in": 21 / 60,
        "hours of an event: median": 211 / 60,
        "hours over plan at an event: median": 31 / 60,
        "hours over plan at an event: highest": 1,
        "events over plan by more than 30 minutes": 2 / 3,
        "days from first to latest event": 605,
        "days between events: median": 130,
        "days between events: lowest": 60,
        "days between events: highest": 415,
    }
    for measure, value in values.items():
        assert one(rows, measure)["value"] == pytest.approx(value), measure
    assert one(rows, "attendees")["flags"] == "1 event without a count of attendees"
    assert one(rows, "attendees")["numerator"] == 110
    assert one(rows, "days from first to latest event")["flags"] == "2022-07-04 to 2024-02-29"
    assert "fewer than 5 events: no interval" in str(one(rows, "forms returned")["flags"])
    assert rows["low"].isna().all()


def test_groups_by_hand(small_evidence: Builder) -> None:
    rows = summary_rows(small_evidence(register=EVENTS), "community")
    assert list(dict.fromkeys(rows["group"])) == ["Ghanaian", "Somali", "not known"]
    assert one(rows, "attendees", by="community", group="Somali")["value"] == 60
    counted = one(rows, "attendees", by="community", group="Ghanaian")
    assert counted["refused"] == "no event with a count of attendees"
    assert np.isnan(counted["value"])
    gaps = one(rows, "days between events: median", by="community", group="Ghanaian")
    assert gaps["refused"] == "fewer than two events"


def test_half_years_go_on_without_a_gap(small_evidence: Builder) -> None:
    rows = summary_rows(small_evidence(register=EVENTS), "half_year")
    events = rows[rows["measure"] == "events"].set_index("group")["value"]
    assert events.to_dict() == {"2022 H2": 2, "2023 H1": 1, "2023 H2": 0, "2024 H1": 1}
    empty = {"by": "half_year", "group": "2023 H2"}
    assert one(rows, "attendees", **empty)["value"] == 0
    assert one(rows, "forms returned", **empty)["refused"] == "no event"
    assert one(rows, "days from first to latest event", **empty)["refused"] == "no event"
    assert not rows["measure"].str.contains("a year later").any()


def test_two_groupings_show_what_occurs(small_evidence: Builder) -> None:
    rows = summary_rows(small_evidence(register=EVENTS), ("area", "year"))
    events = rows[rows["measure"] == "events"]
    assert events[["by", "by2"]].drop_duplicates().to_numpy().tolist() == [["area", "year"]]
    found = dict(zip(zip(events["group"], events["group2"], strict=True), events["value"], strict=True))
    assert found == {("Leicester", "2022"): 2, ("Leicester", "2024"): 1, ("Blaby", "2023"): 1}


def test_an_officer_where_nobody_came_is_police_heavy(small_evidence: Builder) -> None:
    events = [{"event": "a", "date": "2024-01-01", "officers": 3, "attendees": 0}]
    rows = summary_rows(small_evidence(register=events))
    assert one(rows, "police-heavy events")["value"] == 1
    assert one(rows, "officers per attendee")["refused"] == "no people to divide by"
    refused = one(rows, "officers per attendee at an event: median")["refused"]
    assert refused == "no event with attendees, or without a count of them or of officers"


def test_no_events_at_all(small_evidence: Builder) -> None:
    empty = small_evidence()
    rows = summary_rows(empty)
    assert one(rows, "events")["value"] == 0
    assert one(rows, "forms returned")["refused"] == "no event"
    assert summary_rows(empty, "half_year").empty
    assert summary_rows(empty, ("community", "area")).empty
    assert one(coverage_rows(empty), "question reached", by="question", group="respect")["refused"] == "no event"
    assert one(communication_rows(empty), "messages")["value"] == 0
    assert set(attendance_rows(empty)["refused"]) > {"no event with a record of sex"}


@pytest.mark.parametrize("events", [7, 8])
def test_trends_need_eight_events(small_evidence: Builder, events: int) -> None:
    # every 91 days from 1 January 2023 with ten more people each time: 10 / 91 a day
    dates = [(dt.date(2023, 1, 1) + dt.timedelta(days=91 * place)).isoformat() for place in range(events)]
    register = [{"event": day, "date": day, "attendees": 30 + 10 * place} for place, day in enumerate(dates)]
    rows = summary_rows(small_evidence(register=register, as_of=dt.date.fromisoformat(dates[-1])))
    rate = one(rows, "events a year later for each event now")
    more = one(rows, "attendees more at an event a year later")
    if events < 8:
        assert rate["refused"] == "7 events: a trend needs 8"
        assert more["refused"] == "7 events with a count of attendees: a trend needs 8"
        return
    assert rate["low"] < rate["value"] < rate["high"]
    assert rate["low"] < 1 < rate["high"]
    assert rate["flags"] == "interval as if events came at random; planned events vary less"
    assert more["value"] == pytest.approx(3652.5 / 91)
    assert more["low"] == pytest.approx(3652.5 / 91)


def test_trend_needs_three_half_years(small_evidence: Builder) -> None:
    register = [{"event": f"e{day}", "date": f"2024-0{1 + day % 5}-1{day}", "attendees": 10} for day in range(9)]
    rows = summary_rows(small_evidence(register=register, as_of=dt.date(2024, 6, 1)))
    refused = one(rows, "events a year later for each event now")["refused"]
    assert refused == "fewer than 3 half-years: no trend"


@settings(max_examples=40)
@given(REGISTERS, st.sampled_from(["community", "area", "year", "half_year", "age_focus", "format"]))
def test_groups_add_up_to_the_whole(small_evidence: Builder, register: list[Row], by: str) -> None:
    evidence = small_evidence(register=register)
    whole, parts = summary_rows(evidence), summary_rows(evidence, by)
    for measure in ("events", "attendees", "officers"):
        found = one(whole, measure)
        if not found["refused"]:
            assert parts[parts["measure"] == measure]["value"].sum() == found["value"]
    for measure in ("police-heavy events", "officers per attendee", "events with a chief officer"):
        mine = parts[parts["measure"] == measure]
        assert mine["numerator"].sum() == one(whole, measure)["numerator"]
        assert mine["n"].sum() == one(whole, measure)["n"]


@settings(max_examples=15)
@given(REGISTERS, st.randoms())
def test_order_of_rows_does_not_matter(small_evidence: Builder, register: list[Row], chance: Random) -> None:
    moved = register.copy()
    chance.shuffle(moved)
    one_way, other_way = (small_evidence(register=rows) for rows in (register, moved))
    for by in ((), "community", ("area", "half_year")):
        pd.testing.assert_frame_equal(summary_rows(one_way, by), summary_rows(other_way, by))
    pd.testing.assert_frame_equal(coverage_rows(one_way), coverage_rows(other_way))


@settings(max_examples=40)
@given(REGISTERS)
def test_every_number_has_a_value_or_a_reason(small_evidence: Builder, register: list[Row]) -> None:
    for rows in (summary_rows(small_evidence(register=register)), coverage_rows(small_evidence(register=register))):
        assert (rows["value"].isna() == (rows["refused"] != "")).all()
        inside = rows.dropna(subset=["low", "high"])
        assert (inside["low"] <= inside["value"] + 1e-12).all()
        assert (inside["value"] <= inside["high"] + 1e-12).all()


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("workstream", r"Cannot group by 'workstream' here; there are 'community', 'area', 'year'"),
        (("community", "area", "year"), "give at most two different ones"),
        (("area", "area"), "give at most two different ones"),
    ],
)
def test_unknown_groupings_are_refused(small_evidence: Builder, by: object, message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        summary_rows(small_evidence(register=EVENTS), by)


def test_questions_by_hand(small_evidence: Builder) -> None:
    """Reached: a all, b respect and not represent (others unknown), c respect only, d nothing known.

    b and c ran over, a did not, d is not known; of b's two known questions one is left, of c's four three.
    """
    said = [
        dict.fromkeys(("respect", "protect", "involve", "represent"), True),
        {"respect": True, "represent": False},
        {"respect": True, "protect": False, "involve": False, "represent": False},
        {},
    ]
    rows = coverage_rows(small_evidence(register=[{**event, **more} for event, more in zip(EVENTS, said, strict=True)]))
    cell = one(rows, "question reached at an event", by="event", group="b", by2="question", group2="represent")
    assert (cell["value"], cell["n"], cell["refused"]) == (0, 1, "")
    blank = one(rows, "question reached at an event", by="event", group="d", by2="question", group2="respect")
    assert (blank["n"], blank["refused"]) == (0, "not known")
    represent = one(rows, "question reached", by="question", group="represent")
    assert (represent["numerator"], represent["n"]) == (1, 3)
    assert one(rows, "all four questions reached")["value"] == pytest.approx(1 / 3)
    assert one(rows, "questions left unreached")["value"] == pytest.approx(4 / 10)
    over = one(rows, "questions left unreached", by="length", group="over plan by more than 30 minutes")
    assert (over["numerator"], over["n"]) == (4, 6)
    within = {"by": "question", "group": "protect", "by2": "length", "group2": "within 30 minutes of plan"}
    assert one(rows, "question reached", **within)["value"] == 1
    unknown = one(rows, "questions left unreached", by="length", group="not known")
    assert unknown["refused"] == "no event with a record of the questions"


def test_messages_by_hand(small_evidence: Builder) -> None:
    sent = [
        {"date": "2024-01-01", "channel": "E-mail", "about": "event", "reached": 40},
        {"date": "2024-01-02", "channel": "E-mail", "about": "action", "reached": 30},
        {"date": "2024-01-02", "channel": "Letter", "about": "action"},
        {"date": "2024-01-03", "channel": "Website", "reached": 500},
    ]
    rows = communication_rows(small_evidence(communications=sent))
    whole = one(rows, "contacts reached")
    assert (whole["value"], whole["base"]) == (570, "contacts")
    assert whole["flags"] == (
        "1 message without a number; contacts, not people: one person may be reached more than once"
    )
    assert one(rows, "contacts reached", by="channel", group="E-mail")["value"] == 70
    assert one(rows, "contacts reached", by="channel", group="Letter")["refused"] == "no message with a number"
    assert one(rows, "messages", by="about", group="not known")["value"] == 1
    both = {"by": "channel", "group": "E-mail", "by2": "about", "group2": "action"}
    assert one(rows, "contacts reached", **both)["value"] == 30


ATTENDANCE: list[Row] = [
    {"event": "a", "by": "ethnicity", "group": "Black", "people": 30},
    {"event": "a", "by": "ethnicity", "group": "White", "people": 6},
    {"event": "a", "by": "ethnicity", "group": "not known", "people": 4},
    {"event": "b", "by": "ethnicity", "group": "Black", "people": 18},
    {"event": "b", "by": "ethnicity", "group": "Other", "people": 6},
]


def test_ethnic_groups_by_hand(small_evidence: Builder) -> None:
    """48 of 60 known are Black; b records 24 of 20 attendees; d comes from two codes, of which one stands twice."""
    coded = [{"event": "d", "person": code, "ethnicity": "White"} for code in ("P1", "P1", "P2")]
    rows = attendance_rows(small_evidence(register=EVENTS, attendance=ATTENDANCE, people=coded))
    black = one(rows, "attendances", by="ethnicity", group="Black")
    assert (black["numerator"], black["n"], black["base"]) == (48, 62, "people")
    assert black["value"] == pytest.approx(48 / 62)
    assert black["flags"] == (
        "1 event without a record of ethnic group; 1 event from pseudonymous records; "
        "1 event with more people in groups than attendees; fewer than 5 events: no interval"
    )
    assert one(rows, "attendances", by="ethnicity", group="not known")["value"] == pytest.approx(4 / 66)
    names = rows[(rows["by"] == "ethnicity") & (rows["measure"] == "attendances")]["group"]
    assert names.tolist() == ["Black", "White", "Other", "not known"]
    more = one(rows, "events with more people in groups than attendees", by="ethnicity")
    assert (more["value"], more["flags"]) == (1, "events: b")
    assert one(rows, "attendances recorded in groups", by="ethnicity")["value"] == pytest.approx(42 / 90)
    assert one(rows, "attendances", by="sex")["refused"] == "no event with a record of sex"


def test_a_group_in_two_rows_is_added_up(small_evidence: Builder) -> None:
    split = [{**row, "people": part} for row in ATTENDANCE for part in (row["people"] - 1, 1)]
    whole, parts = (attendance_rows(small_evidence(register=EVENTS, attendance=rows)) for rows in (ATTENDANCE, split))
    pd.testing.assert_frame_equal(whole, parts)


def test_nobody_known_has_no_share(small_evidence: Builder) -> None:
    unknown = [{"event": "a", "by": "sex", "group": "Female", "people": 0}]
    rows = attendance_rows(small_evidence(register=EVENTS, attendance=unknown))
    assert one(rows, "attendances", by="sex", group="Female")["refused"] == "sex not known of anybody"
    assert one(rows, "attendances", by="sex", group="not known")["refused"] == "nobody recorded"


def test_shares_of_groups_have_intervals_over_events(small_evidence: Builder) -> None:
    events = [{"event": f"e{place}", "date": f"2024-01-0{place}"} for place in range(1, 7)]
    counts = [
        {"event": f"e{place}", "by": "sex", "group": group, "people": people}
        for place in range(1, 7)
        for group, people in (("Female", 10 + place), ("Male", 12 - place))
    ]
    rows = attendance_rows(small_evidence(register=events, attendance=counts))
    female = one(rows, "attendances", by="sex", group="Female")
    assert female["low"] < 81 / 132 < female["high"]
    assert female["flags"] == "fewer than 10 events"
