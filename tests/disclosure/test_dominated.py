"""Totals over events that are mostly one event's, by hand: said in words, or hidden with all that would tell them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import pandas as pd
import pytest

from lpact_eval.disclosure.records import PublishedRecords, clear_records
from lpact_eval.disclosure.rules import UK, Dominance
from lpact_eval.evaluation.records import EVENT_COLUMNS, RECORD_COLUMNS, RecordResults

NAN = math.nan
FLAG = replace(UK, dominance=Dominance(0.75))
HIDE = replace(UK, dominance=Dominance(0.75, action="hide"))
NEITHER = replace(UK, dominance=None)
Row = dict[str, object]


def row(measure: str, value: float, community: str = "", **other: object) -> Row:
    """A total over the events of a community, or of all."""
    made: Row = {**dict.fromkeys(RECORD_COLUMNS, ""), "indicator": "1", "table": "relationships", "measure": measure}
    made |= {"value": value, "numerator": value, "n": NAN, "low": NAN, "high": NAN, "unit": "count", "base": "people"}
    return made | ({"by": "community", "group": community} if community else {}) | other


def cost(measure: str, value: float, community: str = "", **other: object) -> Row:
    """A cost in pounds."""
    return row(measure, value, community, **{"table": "cost", "unit": "pounds", "base": "events"} | other)


def event(name: str, community: str, attendees: float, **other: object) -> Row:
    """One event of the timeline."""
    made: Row = {**dict.fromkeys(EVENT_COLUMNS, NAN), "event": name, "date": pd.Timestamp(2024, 3, 1), "year": "2024"}
    made |= {
        "half_year": "2024 H1",
        "community": community,
        "area": "Leicester",
        "age_focus": "all",
        "format": "stalls",
    }
    return made | {"attendees": attendees, "in_groups": ""} | other


EVENTS = [
    event("one", "Somali", 90),
    event("two", "Somali", 10),
    event("three", "Ghanaian", 60),
    event("four", "Ghanaian", 40),
]


def cleared(
    rows: list[Row], rules: object = FLAG, events: list[Row] | None = None, **pounds: float
) -> PublishedRecords:
    amounts = pd.DataFrame({"event": list(pounds), "cash": list(pounds.values())})
    results = RecordResults(
        rows=pd.DataFrame(rows, columns=list(RECORD_COLUMNS)),
        events=pd.DataFrame(EVENTS if events is None else events, columns=list(EVENT_COLUMNS)),
        amounts=amounts,
        as_of=dt.date(2025, 1, 1),
    )
    return clear_records(results, rules)  # pyright: ignore[reportArgumentType] - rules, or a copy of them


def flags(published: PublishedRecords) -> list[str]:
    return published.rows["flags"].tolist()


def test_a_total_of_which_one_event_makes_up_most_is_flagged_and_shown() -> None:
    """90 of 100 are more than 75 %, 60 of 100 and 90 of 200 are not."""
    found = cleared([row("attendees", 200), row("attendees", 100, "Somali"), row("attendees", 100, "Ghanaian")])
    assert flags(found) == ["", "one event makes up most of it", ""]
    assert found.rows["value"].tolist() == [200, 100, 100]


def test_a_flag_stands_beside_those_that_are_there() -> None:
    found = cleared([row("attendees", 100, "Somali", flags="1 event without a count")])
    assert flags(found) == ["1 event without a count; one event makes up most of it"]


def test_less_than_half_is_not_called_most() -> None:
    rules = replace(UK, dominance=Dominance(0.4))
    assert flags(cleared([row("attendees", 100, "Ghanaian")], rules)) == ["one event makes up much of it"]


def test_without_rules_on_dominance_nothing_is_said() -> None:
    assert flags(cleared([row("attendees", 100, "Somali")], NEITHER)) == [""]


def test_a_group_of_one_event_is_that_event_and_no_total() -> None:
    assert flags(cleared([row("attendees", 90, "Somali")], events=EVENTS[:1])) == [""]


def test_the_largest_events_count_together_where_the_rules_say_so() -> None:
    three = [*EVENTS[:2], event("five", "Somali", 30)]
    rules = replace(UK, dominance=Dominance(0.9, largest=2))
    assert flags(cleared([row("attendees", 130, "Somali")], rules, three)) == ["2 events make up most of it"]


def test_the_second_largest_event_could_tell_the_largest_ones_part() -> None:
    """60, 35 and 5, of which 5 is less than a tenth of 60."""
    three = [event("a", "Somali", 60), event("b", "Somali", 35), event("c", "Somali", 5)]
    rules = replace(UK, dominance=Dominance(0.9, within=0.1))
    assert "could be told from it" in flags(cleared([row("attendees", 100, "Somali")], rules, three))[0]
    assert flags(cleared([row("attendees", 100, "Somali")], replace(UK, dominance=Dominance(0.9)), three)) == [""]


def test_a_share_of_people_who_mostly_came_to_one_event_is_flagged() -> None:
    forms = [event("one", "Somali", 90, forms=60), event("two", "Somali", 90, forms=15)]
    share = row("forms returned", 75 / 180, "Somali", numerator=75, n=180, unit="share")
    rules = replace(UK, dominance=Dominance(0.7))
    assert flags(cleared([share], rules, forms)) == ["one event makes up most of it"]


def test_counts_that_stand_in_no_timeline_are_not_judged() -> None:
    """77 are nobody's sum of events."""
    assert flags(cleared([row("attendances of Black people living there", 77, "Somali")])) == [""]


def test_a_hidden_total_can_not_be_had_from_its_events_or_from_the_others() -> None:
    found = cleared([row("attendees", 200), row("attendees", 100, "Somali"), row("attendees", 100, "Ghanaian")], HIDE)
    everybody, somali, ghanaian = found.rows["value"]
    assert math.isnan(somali)
    assert found.rows["mark"].tolist()[1] == "[c]"
    assert math.isnan(everybody) or math.isnan(ghanaian)
    assert found.events.loc[:1, "attendees"].isna().any()
    others = found.events.loc[2:, "attendees"]
    assert math.isnan(everybody) or others.isna().any()


def test_as_much_is_hidden_as_the_width_of_the_rule_takes() -> None:
    """900 of 1,000 ask for an interval of 200, which the 40 of another community can't give: everybody goes as well."""
    events = [event("one", "Somali", 900), event("two", "Somali", 100), event("three", "Ghanaian", 40)]
    rows = [row("attendees", 1040), row("attendees", 1000, "Somali"), row("attendees", 40, "Ghanaian")]
    assert cleared(rows, HIDE, events).rows["value"].isna().tolist()[:2] == [True, True]


def test_what_one_event_costs_is_flagged_in_all_and_per_attendee() -> None:
    rows = [
        cost("cash in all", 1000),
        cost("cash in all", 960, "Somali"),
        cost("cash per attendee", 9.6, "Somali", numerator=960, n=100, base="people"),
        cost("cash of an event: highest", 900, numerator=NAN, n=4),
    ]
    found = cleared(rows, one=900, two=60, three=20, four=20)
    assert flags(found) == ["one event makes up most of it"] * 3 + [""]
    assert found.rows["mark"].eq("").all()


def test_where_a_dominated_cost_is_hidden_no_cost_is_left_to_subtract_from() -> None:
    rows = [cost("cash in all", 1000), cost("cash in all", 960, "Somali"), cost("cash on food", 30, "Ghanaian")]
    found = cleared([*rows, row("attendees", 200)], HIDE, one=900, two=60, three=20, four=20)
    assert found.rows[["value", "numerator", "n"]].isna().all(axis=1).tolist() == [True, True, True, False]
    assert cleared(rows, HIDE, one=300, two=260, three=220, four=220).rows["value"].notna().all()


@pytest.mark.parametrize("rules", [FLAG, HIDE])
def test_an_event_whose_cost_is_not_recorded_adds_nothing(rules: object) -> None:
    found = cleared([cost("cash in all", 1000)], rules, one=500, two=500, three=NAN)
    assert flags(found) == [""]
    assert found.rows["value"].tolist() == [1000]
