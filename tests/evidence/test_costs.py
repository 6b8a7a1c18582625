"""What contact costs, worked out by hand; cash and staff time add up, and rates do what they should."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.costs import cost_rows, cost_sensitivity_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Builder

Row = dict[str, object]

RATES = {"officer": 40.0, "chief_officer": 80.0, "organiser": 30.0, "setup": 20.0}
FREE = dict.fromkeys(("cost_travel", "cost_materials", "cost_other"), 0.0)
# a: cash 85 + 115; 4 hours of 5 officers and a chief (800 + 320), 10 hours of organising (300), 3 x 2 of setting up
# (120): 1,540. b: cash 100; 3 hours of 2 officers (240), 300, 40: 580. c: no record of food, nor of its length.
EVENTS: list[Row] = [
    {"event": "a", "date": "2024-01-01", "community": "Somali", "attendees": 60, "opted_in": 20, "officers": 6}
    | {"chief_officer": True, "actual_start": 1080, "actual_end": 1320, "cost_venue": 85.0, "cost_food": 115.0, **FREE}
    | {"organiser_hours": 10, "setup_people": 3, "setup_hours": 2},
    {"event": "b", "date": "2024-03-01", "community": "Ghanaian", "attendees": 40, "officers": 2}
    | {"chief_officer": False, "actual_start": 1080, "actual_end": 1260, "cost_venue": 100.0, "cost_food": 0.0, **FREE}
    | {"organiser_hours": 10, "setup_people": 1, "setup_hours": 2},
    {"event": "c", "date": "2024-05-01", "community": "Ghanaian", "attendees": 50, "opted_in": 0, "officers": 4}
    | {"chief_officer": False, "cost_venue": 50.0, **FREE}
    | {"organiser_hours": 5, "setup_people": 2, "setup_hours": 1},
]
NUMBERS = st.none() | st.integers(0, 400)
REGISTERS = st.lists(
    st.fixed_dictionaries(
        {
            **dict.fromkeys([f"cost_{kind}" for kind in ("venue", "food", "travel")], st.integers(0, 400)),
            **dict.fromkeys(["cost_materials", "cost_other", "attendees", "opted_in", "organiser_hours"], NUMBERS),
            "officers": st.integers(0, 15),
            "chief_officer": st.sampled_from([None, True, False]),
            "setup_people": st.integers(0, 5),
            "setup_hours": st.integers(0, 5),
            "actual_start": st.just(1080),
            "actual_end": st.none() | st.integers(1080, 1440),
        }
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: [{"event": f"e{place}", "date": "2024-01-01", **row} for place, row in enumerate(rows)])


def one(frame: pd.DataFrame, measure: str, **labels: str) -> Mapping[str, object]:
    wanted = {"measure": measure, "by": "", "group": "", "by2": "", "group2": "", **labels}
    found = frame[np.logical_and.reduce([frame[name] == text for name, text in wanted.items()])]
    assert len(found) == 1, (measure, labels, len(found))
    return found.iloc[0].to_dict()


def test_three_events_by_hand(small_evidence: Builder) -> None:
    rows = cost_rows(small_evidence(register=EVENTS), rates=RATES)
    values = {
        "cash in all": 300,
        "cash per event": 150,
        "cash of an event: median": 150,
        "cash of an event: lowest": 100,
        "cash of an event: highest": 200,
        "cash per attendee": 3,
        "cash per new contact": 10,
        "staff time in all": 2120,
        "staff time per event": 1060,
        "staff time per attendee": 21.2,
        "staff time per new contact": 77,
        "cash and staff time in all": 2420,
        "cash and staff time per event": 1210,
        "cash and staff time of an event: highest": 1740,
        "cash on venue": 235,
        "cash on food": 115,
        "cash on other things": 0,
        "cash recorded": 350,
        "hours of officers": 26,
        "hours of chief officers": 4,
        "hours of organising": 25,
        "hours of set-up": 10,
        "staff time of chief officers": 320,
        "staff time of organising": 750,
    }
    for measure, value in values.items():
        assert one(rows, measure)["value"] == pytest.approx(value), measure
    assert set(rows["table"]) == {"cost"}
    assert one(rows, "hours of officers")["unit"] == "hours"


def test_a_blank_cost_is_not_nothing(small_evidence: Builder) -> None:
    rows = cost_rows(small_evidence(register=EVENTS), rates=RATES)
    assert one(rows, "cash in all")["flags"] == "1 event without all kinds of cash cost"
    assert one(rows, "cash recorded")["flags"] == "at least: 1 event without all kinds of cash cost"
    assert one(rows, "staff time in all")["flags"] == "1 event without all staff hours"
    assert str(one(rows, "cash per new contact")["flags"]).startswith(
        "2 events without all kinds of cash cost and a count of new contacts"
    )
    assert one(rows, "cash on food")["flags"] == "1 event without a record of cash on food"


def test_answered_themes_by_hand(small_evidence: Builder) -> None:
    """As in the funnel. Answered: manner (both actions done), response (impossible, with a reason).

    Not: training (no reason), told (one action of two is open), culture (the focus group rejected it).
    """
    log = [
        {"action": "1", "theme": "manner", "status": "done", "done": "2024-05-01"},
        {"action": "2", "theme": "manner", "status": "done", "done": "2024-06-01"},
        {"action": "3", "theme": "response", "status": "cannot act", "reason": "No money for it"},
        {"action": "4", "theme": "training", "status": "cannot act"},
        {"action": "5", "theme": "told", "status": "in progress"},
        {"action": "6", "theme": "told", "status": "done", "done": "2024-06-01"},
        {"action": "7", "theme": "culture", "status": "done", "done": "2024-06-01"},
    ]
    actions = [{"raised": "2024-01-01", **action} for action in log]
    verdicts = [
        {"meeting": "2024-04-01", "theme": theme, "verdict": "reject" if theme == "culture" else "agree"}
        for theme in ("manner", "response", "training", "told", "culture")
    ]
    evidence = small_evidence(register=EVENTS, actions=actions, verdicts=verdicts)
    rows = cost_rows(evidence, rates=RATES)
    answered = evidence.actions()
    assert one(answered[answered["unit"] == "count"], "themes answered")["value"] == 2
    found = one(rows, "cash and staff time per answered theme")
    assert (found["value"], found["n"], found["base"]) == (1210, 2, "themes")
    assert found["flags"] == "1 event without all costs and staff hours, so too low"
    assert not cost_rows(evidence, "community")["measure"].str.contains("theme").any()
    without = cost_rows(small_evidence(register=EVENTS))
    assert one(without, "cash per answered theme")["refused"] == "no theme has been answered"


def test_groups_by_hand(small_evidence: Builder) -> None:
    rows = cost_rows(small_evidence(register=EVENTS), "community", rates=RATES)
    assert one(rows, "cash per attendee", by="community", group="Ghanaian")["value"] == 2.5
    contacts = one(rows, "cash per new contact", by="community", group="Ghanaian")
    assert contacts["refused"] == "no event with all kinds of cash cost and a count of new contacts"


def test_chief_officers_are_among_the_officers(small_evidence: Builder) -> None:
    event = {"event": "a", "date": "2024-01-01", "actual_start": 1080, "actual_end": 1140, "organiser_hours": 0}
    event |= {"setup_people": 0, "setup_hours": 0}
    for officers, chief, pounds in ((3, True, 160), (3, False, 120), (3, None, 120), (0, True, 80)):
        evidence = small_evidence(register=[{**event, "officers": officers, "chief_officer": chief}])
        found = one(cost_rows(evidence, rates=RATES), "staff time in all")
        assert found["value"] == pytest.approx(pounds)
        told = "1 event without a word on chief officers: all officers at the officers' rate"
        assert found["flags"] == (told if chief is None else "")


def test_no_costs_are_refused(small_evidence: Builder) -> None:
    rows = cost_rows(small_evidence(register=[{"event": "a", "date": "2024-01-01", "attendees": 5}]))
    assert one(rows, "cash in all")["refused"] == "no event with all kinds of cash cost"
    assert one(rows, "cash recorded")["refused"] == "no event with any record of cash costs"
    assert one(rows, "cash per answered theme")["refused"] == "no event with all kinds of cash cost"
    sensitivity = cost_sensitivity_rows(small_evidence(register=[{"event": "a", "date": "2024-01-01"}]))
    assert set(sensitivity["refused"]) == {
        "no event with all costs and staff hours",
        "no event with all costs and staff hours and a count of attendees",
    }


def test_five_events_have_an_interval(small_evidence: Builder) -> None:
    register = [{**EVENTS[0], "event": f"e{place}", "cost_food": 20.0 * place} for place in range(6)]
    found = one(cost_rows(small_evidence(register=register)), "cash per event")
    assert found["low"] < 135 < found["high"]
    assert found["value"] == pytest.approx(135)
    # mean 135, standard deviation 20 sqrt(3.5), t of 5 degrees of freedom 2.570582
    assert found["high"] - 135 == pytest.approx(2.570581835636197 * 20 * np.sqrt(3.5 / 6))


def test_rates_by_hand(small_evidence: Builder) -> None:
    """Two events with all costs, a 1,740 and b 680, of which officers 1,040, chief 320, organising 600, set-up 160."""
    rows = cost_sensitivity_rows(small_evidence(register=EVENTS), rates=RATES)
    event, attendee = "cash and staff time per event", "cash and staff time per attendee"
    for label, pounds in (("x 0 (cash only)", 300), ("x 0.5", 1360), ("x 1", 2420), ("x 1.5", 3480), ("x 2", 4540)):
        assert one(rows, event, by="all staff rates", group=label)["value"] == pytest.approx(pounds / 2)
        assert one(rows, attendee, by="all staff rates", group=label)["value"] == pytest.approx(pounds / 100)
    swings = {"officers": 1040, "chief officers": 320, "organising": 600, "set-up": 160}
    for title, pounds in swings.items():
        labels = {"by": "one staff rate", "group": title, "by2": "change"}
        assert one(rows, event, **labels, group2="x 0.5")["value"] == pytest.approx((2420 - pounds / 2) / 2)
        assert one(rows, event, **labels, group2="x 2")["value"] == pytest.approx((2420 + pounds) / 2)
    assert rows["low"].isna().all()


@settings(max_examples=30)
@given(REGISTERS)
def test_costs_hang_together(small_evidence: Builder, register: list[Row]) -> None:
    evidence = small_evidence(register=register)
    rows, sensitivity = cost_rows(evidence), cost_sensitivity_rows(evidence)
    assert (rows["value"].isna() == (rows["refused"] != "")).all()
    for name in ("event", "attendee"):
        whole = one(rows, f"cash and staff time per {name}")
        same = one(sensitivity, f"cash and staff time per {name}", by="all staff rates", group="x 1")
        np.testing.assert_allclose(same["value"], whole["value"])
    all_known = one(rows, "cash and staff time per event")
    if all_known["n"] == len(register):
        parts = one(rows, "cash in all")["value"] + one(rows, "staff time in all")["value"]
        assert one(rows, "cash and staff time in all")["value"] == pytest.approx(parts)
        kinds = rows[rows["measure"].str.startswith("cash on")]["value"].sum()
        assert one(rows, "cash in all")["value"] == pytest.approx(kinds)
        hours = rows[rows["measure"].str.startswith("staff time of") & ~rows["measure"].str.contains("event")]
        assert one(rows, "staff time in all")["value"] == pytest.approx(hours["value"].sum())


@settings(max_examples=30)
@given(REGISTERS, st.randoms())
def test_order_of_rows_does_not_matter(small_evidence: Builder, register: list[Row], chance: object) -> None:
    moved = register.copy()
    chance.shuffle(moved)
    one_way, other_way = (cost_rows(small_evidence(register=rows)) for rows in (register, moved))
    pd.testing.assert_frame_equal(one_way, other_way)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({"officers": 3.0}, r"There is no rate 'officers'; there are 'officer', 'chief_officer', 'organiser', 'setup'"),
        ({"setup": -1.0}, r"The rate of 'setup' is -1.0; rates are pounds an hour, 0 or more"),
        ({"setup": float("nan")}, r"The rate of 'setup' is nan"),
        ({"setup": True}, r"The rate of 'setup' is True"),
        ({"organiser": "30"}, r"The rate of 'organiser' is '30'"),
    ],
)
def test_impossible_rates_are_refused(small_evidence: Builder, rates: Mapping[str, float], message: str) -> None:
    for work in (cost_rows, cost_sensitivity_rows):
        with pytest.raises(WrongUseError, match=message):
            work(small_evidence(register=EVENTS), rates=rates)


def test_a_missing_rate_is_refused(small_evidence: Builder) -> None:

    evidence = small_evidence(register=EVENTS)
    bare = replace(evidence, schema=replace(evidence.schema, rates={"officer": 40.0}))
    with pytest.raises(WrongUseError, match=r"There is no rate for 'chief_officer'; give it in events.toml"):
        cost_rows(bare)
    assert not cost_rows(bare, rates=RATES).empty
