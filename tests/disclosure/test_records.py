"""Counts of people in the records are hidden, and nobody can work them out from what is left.

The adversary: everything that is printed is a constant; every count that is not is a number from 0 upwards; the
equations among them are those of the records themselves (events add up to groups, groups to totals, a numerator and its
complement to their base). Linear programs then give the least and the greatest that a hidden count may be. A count
under the rule is protected if the two lie at least the rule apart.
"""

from __future__ import annotations

import datetime as dt
import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lpact_eval.disclosure.records import PublishedRecords, clear_records
from lpact_eval.disclosure.rules import UK
from lpact_eval.evaluation.records import EVENT_COLUMNS, RECORD_COLUMNS, RecordResults

NAN = math.nan
RULE = UK.suppress_below
WORDS = ("indicator", "table", "measure", "by", "group", "by2", "group2", "unit", "base", "refused", "flags")
Row = dict[str, object]


def row(measure: str, value: float, **other: object) -> Row:
    """One row of evidence: a count of people unless it says otherwise."""
    made: Row = {**dict.fromkeys(WORDS, ""), "low": NAN, "high": NAN, "n": NAN, "numerator": value}
    made |= {"indicator": "1", "table": "relationships", "unit": "count", "base": "people"}
    return made | {"measure": measure, "value": value} | other


def share(measure: str, numerator: float, n: float, **other: object) -> Row:
    """A share of people."""
    value = numerator / n if n else NAN
    return row(measure, value, numerator=numerator, n=n, unit="share", low=value, high=value, **other)


def event(name: str, community: str, attendees: float, opted_in: float = NAN, *, year: int = 2024) -> Row:
    """One event of the timeline."""
    return {
        **dict.fromkeys(EVENT_COLUMNS, NAN),
        "event": name,
        "date": pd.Timestamp(year, 3, 1),
        "year": str(year),
        "half_year": f"{year} H1",
        "community": community,
        "area": "Leicester",
        "age_focus": "all ages",
        "format": "in person",
        "attendees": attendees,
        "opted_in": opted_in,
        "officers": 9.0,
        "in_groups": "",
    }


def found(rows: list[Row], events: list[Row] | None = None, **other: object) -> RecordResults:
    """Results made by hand."""
    return RecordResults(
        rows=pd.DataFrame(rows, columns=list(RECORD_COLUMNS)),
        events=pd.DataFrame(events or [], columns=list(EVENT_COLUMNS)),
        as_of=dt.date(2025, 1, 1),
        **other,  # pyright: ignore[reportArgumentType] - frames by name
    )


def cleared(rows: list[Row], events: list[Row] | None = None) -> PublishedRecords:
    return clear_records(found(rows, events), UK)


def tiers(published: PublishedRecords) -> list[str]:
    return published.rows["tier"].tolist()


def by(name: str, group: str, by2: str = "", group2: str = "") -> Row:
    return {"by": name, "group": group, "by2": by2, "group2": group2}


@pytest.mark.parametrize(("count", "tier"), [(0, "suppressed"), (9, "suppressed"), (10, "full")])
def test_counts_of_people_below_ten_are_hidden(count: int, tier: str) -> None:
    only = cleared([row("attendees", count)]).rows.iloc[0]
    assert only["tier"] == tier
    assert only["mark"] == ("[c]" if tier == "suppressed" else "")
    assert math.isnan(only["value"]) == (tier == "suppressed")


@pytest.mark.parametrize(
    ("numerator", "n", "tier"),
    [
        (3, 9, "suppressed"),
        (12, 29, "withheld"),
        (15, 30, "indicative"),
        (25, 50, "small"),
        (40, 100, "full"),
        (9, 100, "suppressed"),
        (91, 100, "suppressed"),
        (0, 100, "suppressed"),
        (40, 40, "suppressed"),
        (60, 60, "suppressed"),
    ],
)
def test_shares_follow_their_base_numerator_and_complement(numerator: int, n: int, tier: str) -> None:
    only = cleared([share("contacts opted in", numerator, n)]).rows.iloc[0]
    assert only["tier"] == tier
    assert math.isnan(only["value"]) == (tier in {"suppressed", "withheld"})
    assert math.isnan(only["numerator"]) == math.isnan(only["value"])
    assert only["chart"] == (tier in {"small", "full"})


def test_numbers_and_words_that_carry_numbers_go_with_a_hidden_row() -> None:
    only = cleared([share("contacts opted in", 3, 60, flags="3 of 60", refused="")]).rows.iloc[0]
    assert only[["value", "numerator", "low", "high"]].isna().all()
    assert (only["flags"], only["refused"]) == ("", "")
    assert only["n"] == 60


def test_a_share_of_events_is_shown_although_as_many_people_are_hidden() -> None:
    area = {"by": "area", "group": "Melton"}
    events = {"unit": "points", "base": "events", "n": 14.0, "numerator": 2.0}
    rows = [
        row("attendances of people living there", 2, **area),
        row("events held there: share less share of Black residents", 0.1, **events, **area),
        row("dissimilarity: events held there", 0.2, unit="index", base="events", n=14.0, numerator=NAN),
        row("attendances per 1,000 Black residents", 1.5, unit="ratio", base="residents", n=1333.0, **area),
    ]
    rows[3]["numerator"] = 2.0
    assert tiers(cleared(rows)) == ["suppressed", "full", "full", "suppressed"]


def test_officers_events_and_money_are_no_people() -> None:
    rows = [
        row("officers", 4, base="officers"),
        row("events", 2, base="events"),
        row("cash", 85.0, unit="pounds", base="events", n=2),
    ]
    assert tiers(cleared(rows)) == ["full"] * 3


def test_a_base_that_nobody_named_counts_as_people() -> None:
    assert tiers(cleared([row("offered", 4, base=""), row("elders", 4, base="elders")])) == ["suppressed"] * 2


def test_a_group_in_which_nothing_was_recorded_is_refused_not_hidden() -> None:
    only = cleared([share("contacts opted in", 0, 0, refused="no event")]).rows.iloc[0]
    assert (only["tier"], only["mark"], only["note"]) == ("refused", "[x]", "no event")


def test_nobody_in_a_period_without_an_event_is_no_secret() -> None:
    events = [event("E1", "A", 60, year=2022), event("E2", "A", 60, year=2024)]
    rows = [row("attendees", n, **by("year", year)) for year, n in (("2022", 60), ("2023", 0), ("2024", 60))]
    assert tiers(cleared(rows, events)) == ["full"] * 3


def test_a_single_hidden_group_takes_another_with_it() -> None:
    rows = [
        row("attendees", 100),
        *(row("attendees", n, **by("community", name)) for name, n in zip("ABC", (4, 36, 60), strict=True)),
    ]
    assert tiers(cleared(rows)) == ["full", "suppressed", "suppressed", "full"]


def test_a_count_that_is_the_base_of_another_measure_is_hidden_there_too() -> None:
    rows = [
        row("attendees", 100),
        *(row("attendees", n, **by("community", name)) for name, n in zip("ABC", (4, 36, 60), strict=True)),
        *(share("contacts opted in", 15, n, **by("community", name)) for name, n in (("B", 36), ("C", 60))),
        *(
            row("officers per attendee", 9 / n, unit="ratio", numerator=9.0, n=n, **by("community", name))
            for name, n in (("B", 36), ("C", 60))
        ),
    ]
    published = cleared(rows).rows
    gone = published[published["group"].isin(["B", "C"])].groupby("group")["n"].apply(lambda n: n.isna().sum())
    assert sorted(gone) == [1, 3]  # the count itself has no base
    assert published[published["tier"] == "suppressed"]["group"].nunique() == 2


def test_one_event_that_is_all_of_a_community_is_hidden_with_it() -> None:
    events = [event("E1", "A", 7), event("E2", "B", 50), event("E3", "B", 60)]
    rows = [
        row("attendees", 117),
        row("attendees", 7, **by("community", "A")),
        row("attendees", 110, **by("community", "B")),
    ]
    published = cleared(rows, events)
    assert tiers(published) == ["full", "suppressed", "suppressed"]
    assert published.events["attendees"].isna().tolist()[0]
    assert published.events["attendees"].isna().sum() == 2
    assert published.events["hidden"].tolist()[0] == "attendees"
    assert published.suppressed == 4


def test_the_lowest_attendance_of_events_goes_with_a_hidden_event() -> None:
    events = [event("E1", "A", 7), event("E2", "A", 50), event("E3", "B", 60)]
    spread = {"n": 2.0, "base": "events", "numerator": NAN}
    rows = [
        row("attendees at an event: median", 28.5, **spread, **by("community", "A")),
        row("attendees at an event: highest", 50, **by("community", "A")),
        row("officers per attendee at an event: lowest", 0.2, unit="ratio", **spread, **by("community", "A")),
        row("hours of an event: median", 3.0, unit="hours", **spread, **by("community", "A")),
    ]
    assert tiers(cleared(rows, events)) == ["suppressed", "suppressed", "suppressed", "full"]


def test_a_mean_made_of_a_hidden_count_is_hidden() -> None:
    mean = {"unit": "mean", "base": "events", "n": 3.0, "numerator": NAN}
    rows = [
        row("attendees", 100),
        *(row("attendees", n, **by("community", name)) for name, n in zip("ABC", (4, 36, 60), strict=True)),
        row("attendees per event", 12.0, **mean, **by("community", "B")),
        row("attendees per event", 20.0, **mean, **by("community", "C")),
    ]
    published = cleared(rows).rows
    assert published.groupby("group")["tier"].nunique().to_dict() == {"": 1, "A": 1, "B": 1, "C": 1}
    assert published[published["group"] != "A"]["tier"].value_counts().to_dict() == {"full": 3, "suppressed": 2}


def test_attendance_by_ethnicity_at_one_event_follows_the_rules_on_its_attendees() -> None:
    at = {"by2": "event", "group2": "E1"}
    rows = [
        share("attendances", n, 60, **(by("ethnicity", g) | at))
        for g, n in (("Asian", 4), ("Black", 41), ("White", 15))
    ]
    assert tiers(cleared(rows, [event("E1", "A", 60)])) == ["suppressed", "small", "suppressed"]


def test_what_a_community_raised_at_fewer_than_three_events_is_hidden() -> None:
    events = [event(f"E{k}", "A" if k < 2 else "B", 60) for k in range(5)]
    raised = {"table": "understanding", "base": "events"}
    rows = [
        row("events where the room raised the theme", n, n=base, **raised, **by("theme", "T", "community", name))
        for name, n, base in (("A", 1, 2), ("B", 2, 3))
    ]
    assert tiers(cleared(rows, events)) == ["suppressed", "full"]


def test_what_a_community_raised_can_not_be_had_from_the_total() -> None:
    events = [event(f"E{k}", "ABB"[min(k, 2)] if k < 3 else "BCCC"[k - 3], 60) for k in range(7)]
    raised = {"table": "understanding", "base": "events"}
    name = "events where the room raised the theme"
    rows = [
        row(name, 5, n=7, **raised, **by("theme", "T")),
        row(name, 1, n=1, **raised, **by("theme", "T", "community", "A")),
        row(name, 2, n=3, **raised, **by("theme", "T", "community", "B")),
        row(name, 2, n=3, **raised, **by("theme", "T", "community", "C")),
    ]
    assert tiers(cleared(rows, events)).count("suppressed") > 1


def test_forms_from_one_event_are_flagged_and_not_drawn() -> None:
    rows = [share("forms that raise the theme", 20, 40, table="understanding", base="forms", **by("community", "A"))]
    only = cleared(rows, [event("E1", "A", 60)]).rows.iloc[0]
    assert not only["chart"]
    assert only["note"].endswith("everyone who was there knows whose figures these are.")


def test_that_everybody_did_something_is_hidden_and_how_many_there_were_is_not() -> None:
    published = cleared([row("attendees", 60), share("forms returned", 60, 60)]).rows
    assert published["tier"].tolist() == ["full", "suppressed"]
    assert published["n"].iloc[1] == 60


def test_a_step_that_everybody_took_is_hidden_where_it_is_the_base_of_the_next() -> None:
    steps = {"table": "observation", "base": "offers"}
    rows = [
        row("offered", 14, **steps | {"base": ""}),
        row("applied", 14, n=14, **steps),
        share("vetted", 12, 14, **steps),
    ]
    assert tiers(cleared(rows)) == ["suppressed"] * 3


def test_means_of_few_people_are_withheld() -> None:
    rows = [row("change", 0.5, unit="points", n=n, numerator=NAN, table="observation") for n in (9, 29, 30, 100)]
    assert tiers(cleared(rows)) == ["suppressed", "withheld", "indicative", "full"]


def test_an_index_goes_with_the_shares_that_it_is_made_of() -> None:
    rows = [
        share("attendances: share", 4, 100, **by("area", "X")),
        share("attendances: share", 96, 100, **by("area", "Y")),
        row("dissimilarity: attendances", 0.2, unit="index", n=100, numerator=NAN),
    ]
    assert tiers(cleared(rows))[-1] == "suppressed"


def test_clearing_hides_ids_of_quotes_and_rows_of_issues() -> None:
    quotes = pd.DataFrame({"item": ["E1-F7"], "text": ["Thanks."], "before_use": ["Read."]})
    issues = pd.DataFrame(
        {
            "record": ["register"] * 2,
            "row": [3, 9],
            "column": ["forms"] * 2,
            "reason": ["below 0"] * 2,
            "done": ["cell set aside"] * 2,
        }
    )
    published = clear_records(found([], quotes=quotes, issues=issues), UK)
    assert published.quotes.columns.tolist() == ["text"]
    assert published.issues.to_dict("records") == [
        {"record": "register", "column": "forms", "reason": "below 0", "done": "cell set aside", "cells": 2}
    ]


def test_clearing_counts_columns_and_files_that_were_not_read_and_names_none() -> None:
    ledger = pd.DataFrame(
        [
            ("", "'Amina.csv' is no record and was not read", 0),
            ("feedback", "delivered", 2),
            ("feedback", "column 'Telephone of Amina' holds personal data and was not read", 0),
            ("feedback", "column 'E-mail' holds personal data and was not read", 0),
            ("feedback", "kept", 2),
            ("actions", "delivered", 0),
            ("actions", "kept", 0),
        ],
        columns=["record", "reason", "rows"],
    )
    published = clear_records(found([], ledger=ledger), UK)
    assert published.ledger.to_numpy().tolist() == [
        ["feedback", "delivered", 2],
        ["feedback", "kept", 2],
        ["actions", "delivered", 0],
        ["actions", "kept", 0],
        ["folder", "files and sheets that are no records, not read: 1", 0],
        ["feedback", "columns of personal data not read: 2", 0],
    ]


def test_the_case_for_an_outcome_tells_no_bound_of_a_hidden_number() -> None:
    """The share is hidden as 4 of 60 is; that it is under the line would say so."""
    lines = [
        ("claim", "People came.", "", "lead", "", "filled"),
        ("evidence for", "Others hold.", "", "records", "summary; forms returned; share", "filled"),
        ("evidence against", "It fails.", "", "records", "summary; contacts opted in; share", "filled"),
        ("strength", "weak", "", "rubric", "Something.", "filled"),
    ]
    columns = ["part", "text", "detail", "source", "reference", "status"]
    frame = pd.DataFrame(lines, columns=columns).assign(outcome=1, title="Relationships")
    rows = [share("contacts opted in", 4, 60), share("forms returned", 30, 60)]
    told = clear_records(found(rows, contribution=frame), UK).contribution
    assert told["part"].tolist() == ["claim", "evidence for", "no answer", "strength"]
    assert told["text"].tolist()[1:3] == [
        "Others hold.",
        "Not shown to protect confidentiality: contacts opted in.",
    ]
    assert "It fails." not in told.to_csv()


def test_results_are_not_changed() -> None:
    results = found([row("attendees", 4)], [event("E1", "A", 4)])
    rows, events = results.rows.copy(), results.events.copy()
    clear_records(results, UK)
    pd.testing.assert_frame_equal(results.rows, rows)
    pd.testing.assert_frame_equal(results.events, events)


@st.composite
def registers(draw: st.DrawFn) -> list[Row]:
    """Some events of a few communities and years, many of them small."""
    size = draw(st.integers(2, 9))
    counts = st.one_of(st.integers(1, 14), st.integers(10, 80))
    return [
        event(f"E{k}", draw(st.sampled_from("ABC")), draw(counts), year=draw(st.sampled_from([2022, 2023])))
        for k in range(size)
    ]


def tables(events: list[Row]) -> tuple[list[Row], list[list[int]]]:
    """Attendees in all, by community, by year, and by both, with the events that each adds up."""
    rows: list[Row] = []
    members: list[list[int]] = []
    for names in ((), ("community",), ("year",), ("community", "year")):
        for groups in product(*(sorted({str(one[name]) for one in events}) for name in names)):
            inside = [k for k, one in enumerate(events) if all(one[n] == g for n, g in zip(names, groups, strict=True))]
            if inside:
                label = dict(zip(("by", "by2"), names, strict=False)) | dict(
                    zip(("group", "group2"), groups, strict=False)
                )
                rows.append(row("attendees", sum(int(str(events[k]["attendees"])) for k in inside), **label))
                members.append(inside)
    return rows, members


def interval(goal: list[int], known: list[tuple[list[int], float]], size: int) -> tuple[float, float]:
    """Least and greatest sum of some events that fit all sums known."""
    sums = np.array([[k in inside for k in range(size)] for inside, _ in known], dtype=float).reshape(-1, size)
    right = np.array([value for _, value in known])
    aim = np.array([k in goal for k in range(size)], dtype=float)
    ends: list[float] = []
    for sign in (1, -1):
        result = linprog(
            sign * aim, A_eq=sums if len(sums) else None, b_eq=right if len(sums) else None, method="highs"
        )
        ends.append(math.inf if result.fun is None else float(sign * result.fun))
    return ends[0], ends[1]


@settings(max_examples=60)
@given(registers())
def test_no_hidden_count_can_be_worked_out_from_all_tables_together(events: list[Row]) -> None:
    rows, members = tables(events)
    published = cleared(rows, events)
    shown = published.rows["value"].tolist()
    leaves = published.events["attendees"]
    known = [(inside, value) for inside, value in zip(members, shown, strict=True) if not math.isnan(value)]
    known += [([k], float(value)) for k, value in enumerate(leaves) if value is not pd.NA]
    for inside, one in zip([*members, *([k] for k in range(len(events)))], [*rows, *events], strict=True):
        count = int(str(one["numerator"] if "numerator" in one else one["attendees"]))
        if count < RULE:
            least, most = interval(inside, known, len(events))
            assert most - least >= RULE - 1e-6 or math.isinf(most)
            assert least <= 1e-6


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6))
def test_no_hidden_share_can_be_worked_out_from_the_total(groups: list[tuple[int, int]]) -> None:
    """Numerators x and complements c of groups, whose bases are x + c, and of all groups together."""
    groups = [(x, c) for x, c in groups if x + c]
    if len(groups) < 2:
        return
    whole = (sum(x for x, _ in groups), sum(c for _, c in groups))
    rows = [share("contacts opted in", whole[0], sum(whole))]
    rows += [share("contacts opted in", x, x + c, **by("community", str(k))) for k, (x, c) in enumerate(groups)]
    published = cleared(rows).rows
    size = 2 * len(groups)
    cells = [list(range(0, size, 2)), *([2 * k] for k in range(len(groups)))]
    bases = [list(range(size)), *([2 * k, 2 * k + 1] for k in range(len(groups)))]
    known = [(cells[k], n) for k, n in enumerate(published["numerator"]) if not math.isnan(n)]
    known += [(bases[k], n) for k, n in enumerate(published["n"]) if not math.isnan(n)]
    for k, (x, c) in enumerate(groups):
        for goal, count in (([2 * k], x), ([2 * k + 1], c), ([2 * k, 2 * k + 1], x + c)):
            if count < RULE:
                least, most = interval(goal, known, size)
                assert most - least >= RULE - 1e-6 or math.isinf(most)
