"""Who came again, worked out by hand from pseudonymous records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.evidence.retention import EVERYBODY, retention_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from conftest import Builder

Row = dict[str, object]

# Five events in the order s1, g1, s2, s3, g2; s3 has no codes. A comes to all that have, B to s1 and s2, C to g1, D to
# g2.
EVENTS: list[Row] = [
    {"event": "g2", "date": "2024-09-01", "community": "Ghanaian", "attendees": 1},
    {"event": "s1", "date": "2024-01-01", "community": "Somali", "attendees": 4},
    {"event": "g1", "date": "2024-03-01", "community": "Ghanaian", "attendees": 2},
    {"event": "s2", "date": "2024-05-01", "community": "Somali", "attendees": 6},
    {"event": "s3", "date": "2024-07-01", "community": "Somali", "attendees": 9},
]
CAME = {"s1": "AB", "g1": "AC", "s2": "AB", "g2": "AD"}
PEOPLE = [{"event": event, "person": code} for event, codes in CAME.items() for code in codes]
ATTENDANCES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), max_size=40)


def one(frame: pd.DataFrame, measure: str, **labels: str) -> Mapping[str, object]:
    wanted = {"measure": measure, "by": "", "group": "", **labels}
    found = frame[np.logical_and.reduce([frame[name] == text for name, text in wanted.items()])]
    assert len(found) == 1, (measure, labels, len(found))
    return found.iloc[0].to_dict()


def test_people_by_hand(small_evidence: Builder) -> None:
    rows = retention_rows(small_evidence(register=EVENTS, people=[*PEOPLE, PEOPLE[0]]))
    fractions = {
        "events with pseudonymous records": (4, 5),
        "people who came more than once": (2, 4),
        "people who came more than once, of those who had the chance": (2, 3),
        "attendances per person": (8, 4),
        # s1 to s2: both of two; g1 to g2: A of A and C; s2 to s3 is not known
        "attendees who came to the next event of the same community": (3, 4),
        # g2 has two codes for one attendee and is left out: 6 of 4 + 2 + 6
        "attendees on record at these events": (6, 12),
    }
    for measure, (part, whole) in fractions.items():
        found = one(rows, measure)
        assert (found["numerator"], found["n"]) == (part, whole), measure
        assert found["value"] == pytest.approx(part / whole)
    assert one(rows, "people on record")["value"] == 4
    assert one(rows, "attendances on record")["value"] == 8
    times = rows[rows["by"] == "times came"].set_index("group")["numerator"]
    assert times.to_dict() == {"1": 2, "2": 1, "3 or more": 1}
    assert rows["low"].isna().all()


def test_flags_say_what_is_missing(small_evidence: Builder) -> None:
    rows = retention_rows(small_evidence(register=EVENTS, people=[*PEOPLE, PEOPLE[0]]))
    again = "1 event without pseudonymous records; 1 row of a person who stands twice at one event: counted once"
    assert one(rows, "people on record")["flags"] == again
    assert one(rows, "people who came more than once")["flags"] == f"{again}; {EVERYBODY}"
    following = one(rows, "attendees who came to the next event of the same community")
    assert following["flags"] == f"2 attendances left out: no pseudonymous records of the next event; {EVERYBODY}"
    more = one(rows, "attendees on record at these events")
    assert more["flags"] == "1 event with more people on record than attendees: left out"


def test_next_event_by_community(small_evidence: Builder) -> None:
    rows = retention_rows(small_evidence(register=EVENTS, people=PEOPLE))
    measure = "attendees who came to the next event of the same community"
    ghanaian, somali = (one(rows, measure, by="community", group=name) for name in ("Ghanaian", "Somali"))
    assert (ghanaian["numerator"], ghanaian["n"]) == (1, 2)
    assert (somali["numerator"], somali["n"]) == (2, 2)


def test_coming_again_by_events_since_the_first(small_evidence: Builder) -> None:
    """Covered events in order: s1 g1 s2 g2. First: A 0, B 0, C 1, D 3. Back after one A, two A and B, three A."""
    rows = retention_rows(small_evidence(register=EVENTS, people=PEOPLE))
    by = "events after the first"
    there, within = "came to the event so many after their first", "came again within so many events of their first"
    expected = {"1": (1, 1, 3), "2": (2, 2, 3), "3": (1, 2, 2)}
    for lag, (at, by_then, chance) in expected.items():
        assert (one(rows, there, by=by, group=lag)["numerator"], one(rows, there, by=by, group=lag)["n"]) == (
            at,
            chance,
        )
        assert one(rows, within, by=by, group=lag)["numerator"] == by_then
    assert set(rows[rows["by"] == by]["group"]) == {"1", "2", "3"}


def test_no_codes_no_retention(small_evidence: Builder) -> None:
    rows = retention_rows(small_evidence(register=EVENTS))
    assert one(rows, "events with pseudonymous records")["value"] == 0
    assert one(rows, "people on record")["refused"] == "no pseudonymous records of attendance"
    assert len(rows) == 3
    assert one(retention_rows(small_evidence()), "events with pseudonymous records")["refused"] == "no event"


def test_one_event_gives_nobody_a_chance(small_evidence: Builder) -> None:
    rows = retention_rows(small_evidence(register=EVENTS, people=[{"event": "s1", "person": "A"}]))
    chance = one(rows, "people who came more than once, of those who had the chance")
    assert chance["refused"] == "nobody on record could have come again yet"
    assert not (rows["by"] == "events after the first").any()


def evidence_of(small_evidence: Builder, pairs: list[tuple[int, int]]) -> object:
    register = [
        {"event": f"e{place}", "date": f"2024-0{place + 1}-01", "community": ("Somali", "Ghanaian")[place % 2]}
        for place in range(7)
    ]
    people = [{"event": f"e{event}", "person": f"P{person}"} for event, person in pairs]
    return small_evidence(register=register, people=people)


@settings(max_examples=40)
@given(ATTENDANCES)
def test_retention_equals_a_count_person_by_person(small_evidence: Builder, pairs: list[tuple[int, int]]) -> None:
    rows = retention_rows(evidence_of(small_evidence, pairs))
    times = Counter(person for _, person in set(pairs))
    if not times:
        return
    again = one(rows, "people who came more than once")
    assert (again["numerator"], again["n"]) == (sum(n > 1 for n in times.values()), len(times))
    assert rows[rows["by"] == "times came"]["numerator"].sum() == len(times)
    covered = sorted({event for event, _ in pairs})
    came = [(event, person) for event, person in set(pairs) if event + 2 in covered]
    found = one(rows, "attendees who came to the next event of the same community")
    assert (found["numerator"], found["n"]) == (sum((e + 2, p) in set(pairs) for e, p in came), len(came))
    place = {event: number for number, event in enumerate(covered)}
    first = {person: min(place[event] for event, other in pairs if other == person) for person in times}
    for lag in range(1, min(6, len(covered) - 1) + 1):
        chance = {person for person in times if first[person] + lag < len(covered)}
        row = one(rows, "came to the event so many after their first", by="events after the first", group=str(lag))
        there = sum((covered[first[person] + lag], person) in set(pairs) for person in chance)
        assert (row["numerator"], row["n"]) == (there, len(chance))
        until = one(
            rows, "came again within so many events of their first", by="events after the first", group=str(lag)
        )
        assert until["numerator"] >= row["numerator"]


@settings(max_examples=40)
@given(ATTENDANCES, st.randoms())
def test_neither_order_nor_names_of_people_matter(
    small_evidence: Builder, pairs: list[tuple[int, int]], chance: Random
) -> None:
    moved = [(event, 9 - person) for event, person in pairs]
    chance.shuffle(moved)
    one_way, other_way = (retention_rows(evidence_of(small_evidence, rows)) for rows in (pairs, moved))
    pd.testing.assert_frame_equal(one_way, other_way)
