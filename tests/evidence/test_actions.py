"""The funnel of themes and actions, waiting times with open actions counted, and what communities are told."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.evidence.actions import OVERLAP, SILENT, UNDATED, UNHEARD, action_rows, dropped_themes
from lpact_eval.evidence.records import EVIDENCE_COLUMNS
from lpact_eval.evidence.told import NO_ACTION, NO_DEPARTMENT, NO_REASON, cannot_act_rows, you_said_rows
from lpact_eval.evidence.waiting import LATER, REFUSED, waiting_curve, waiting_rows
from lpact_eval.evidence.waiting import UNDATED as NO_DAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from lpact_eval.evidence.records import Evidence

ORACLE = Path(__file__).parents[1] / "oracles" / "action_log"
RTOL = 1e-8  # closed formulas on both sides
AS_OF = dt.date(2025, 1, 1)

REGISTER = [
    {"event": "E1", "date": "2024-01-10", "community": "Somali"},
    {"event": "E2", "date": "2024-03-10", "community": "Ghanaian"},
]
FEEDBACK = [
    {"item": "1", "event": "E1", "kind": "note", "agreed": ("stop_search", "manner")},
    {"item": "2", "event": "E1", "kind": "note", "coder_1": ("hate_crime",), "coder_2": ("response",)},
    {"item": "3", "event": "E1", "kind": "note", "agreed": (), "coder_1": ("culture",)},
    {"item": "4", "event": "E2", "kind": "note", "agreed": ("stop_search", "recruitment", "none")},
    {"item": "5", "event": "E2", "kind": "note", "agreed": ("told", "local_officers")},
]
VERDICTS = [
    {"meeting": "2024-04-01", "theme": "stop_search", "verdict": "agree"},
    {"meeting": "2024-04-01", "theme": "manner", "verdict": "reject"},
    {"meeting": "2024-04-02", "theme": "manner", "verdict": "amend", "reworded": "Be civil when you stop us"},
    {"meeting": "2024-04-01", "theme": "hate_crime", "verdict": "reject"},
    {"meeting": "2024-04-01", "theme": "recruitment", "verdict": "agree"},
    {"meeting": "2024-04-01", "theme": "told", "verdict": "agree"},
    {"meeting": "2024-04-01", "theme": "scrutiny", "verdict": "missing"},
]
ACTIONS = [
    {
        "action": "A1",
        "theme": "stop_search",
        "department": "Training",
        "status": "done",
        "raised": "2024-04-01",
        "answered": "2024-04-11",
        "done": "2024-05-01",
        "told": "2024-06-01",
        "told_to": ("Focus group", "Public"),
        "event": "E1",
    },
    {
        "action": "A2",
        "theme": "stop_search",
        "department": "Custody",
        "status": "cannot act",
        "reason": "Not in the power of the police",
        "raised": "2024-04-01",
        "answered": "2024-04-21",
        "told": "2024-04-22",
        "told_to": ("Public",),
    },
    {"action": "A3", "theme": "manner", "department": "Training", "status": "in progress", "raised": "2024-04-02",
     "answered": "2024-05-02"},
    {"action": "A4", "theme": "manner", "status": "not started", "raised": "2024-04-02", "answered": "2024-05-02"},
    {"action": "A5", "theme": "recruitment", "department": "Recruitment and people services", "status": "cannot act",
     "raised": "2024-04-02"},
    {"action": "A6", "theme": "training", "department": "Training", "status": "in progress", "raised": "2024-08-01"},
]  # fmt: skip


@pytest.fixture(scope="session")
def evidence(small_evidence: Callable[..., Evidence]) -> Evidence:
    return small_evidence(as_of=AS_OF, register=REGISTER, feedback=FEEDBACK, verdicts=VERDICTS, actions=ACTIONS)


def counts(frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Value and base of each count."""
    rows = frame[frame["unit"] == "count"]
    return {name: (k, n) for name, k, n in zip(rows["measure"], rows["value"], rows["n"], strict=True)}


def one(frame: pd.DataFrame, measure: str, unit: str = "count") -> pd.Series:
    found = frame[(frame["measure"] == measure) & (frame["unit"] == unit)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_funnel_equals_the_count_by_hand(evidence: Evidence) -> None:
    """Raised: six coded (an item agreed on as none has none), scrutiny by the focus group, training by the log.

    Put: stop_search and recruitment and told (agree), manner (the later verdict amends), hate_crime (reject), scrutiny
    (missing); never put: local_officers and training. Confirmed are 4, of which "told" has no action. stop_search is
    answered, since both its actions are; manner in part; recruitment not, since no reason is given.
    """
    found = counts(action_rows(evidence))
    assert found["themes raised"][0] == 8
    assert found["themes put to the focus group"] == (6, 8)
    assert found["themes never put to the focus group"] == (2, 8)
    assert found["themes confirmed"] == (4, 6)
    assert [found[f"themes {name}"] for name in ("amended", "rejected", "named as missing")] == [(1, 6)] * 3
    assert found["themes with an action"] == (3, 4)
    assert found["themes without an action"] == (1, 4)
    assert found["themes answered"] == (1, 3)
    assert found["themes answered in part"] == (1, 3)
    assert found["themes not answered"] == (2, 3)
    assert found["themes done"] == (1, 1)
    assert found["themes that can't be acted on, with a reason"] == (0, 1)
    assert found["themes answered and still open"] == (0, 1)
    assert found["themes told"] == (1, 1)
    assert found["themes told to: Public"] == (1, 1)
    assert found["themes told to: Focus group"] == (0, 1)  # of one of the two actions only
    assert found["themes done, of those confirmed"] == (1, 4)
    assert found["themes with an action and not confirmed"] == (1, 8)


def test_actions_are_counted_beside_themes(evidence: Evidence) -> None:
    found = counts(action_rows(evidence))
    assert found["actions"][0] == 6
    assert found["actions answered"] == (3, 6)  # A1, A2, A3; A4 is not begun, A5 lacks a reason, A6 an answer
    assert found["actions done"] == (1, 3)
    assert found["actions that can't be done, with a reason"] == (1, 3)
    assert found["actions answered and still open"] == (1, 3)
    assert found["actions that can't be done, without a reason"] == (1, 6)
    assert found["actions told"] == (2, 3)
    assert found["actions told to: Public"] == (2, 3)
    assert found["actions told to: Staff"] == (0, 3)


def test_rows_are_tidy_and_drop_outs_are_named(evidence: Evidence) -> None:
    rows = action_rows(evidence)
    assert tuple(rows.columns) == EVIDENCE_COLUMNS
    assert set(rows["table"]) == {"action"}
    assert one(rows, "themes without an action")["flags"] == "Being told what was done"
    assert UNHEARD in one(rows, "themes raised")["flags"]
    assert SILENT in one(rows, "themes answered")["flags"]
    assert SILENT in one(rows, "actions that can't be done, without a reason")["flags"]
    assert UNDATED in one(rows, "actions answered")["flags"]
    assert one(rows, "themes confirmed", "share")["value"] == 4 / 6
    assert rows[["low", "high"]].isna().all(axis=None)


def test_dropped_themes_say_what_each_waits_for(evidence: Evidence) -> None:
    found = dropped_themes(evidence).set_index("theme")["waits_for"].to_dict()
    assert found == {
        "How officers speak to people": "an answer",
        "Hate crime and racism": "rejected by the focus group",
        "Knowing local officers": "the focus group",
        "Being told what was done": "an action",
        "Recruitment of Black officers and staff": "an answer",
        "Training on race and bias": "the focus group",
        "Scrutiny and complaints": "named as missing by the focus group",
    }


def test_a_theme_counts_in_every_community_that_raised_it(evidence: Evidence) -> None:
    rows = action_rows(evidence, by="community")
    raised = rows[rows["measure"] == "themes raised"].set_index("group")["value"].to_dict()
    assert raised == {"Ghanaian": 4, "Somali": 3, "not known": 2}  # scrutiny and training are tied to no event
    assert rows["flags"].str.contains(OVERLAP).any()
    # A1 is on the Somali event alone: for the Ghanaian one, A2 is what stop_search came to
    of = rows[rows["unit"] == "count"].set_index(["group", "measure"])["value"]
    assert of["Somali", "themes done"] == 1
    assert of["Ghanaian", "themes done"] == 0
    assert of["Ghanaian", "themes that can't be acted on, with a reason"] == 1


def test_workstreams_add_up_and_departments_begin_with_their_actions(evidence: Evidence) -> None:
    overall, streams = counts(action_rows(evidence)), action_rows(evidence, by="workstream")
    for measure in ("themes raised", "themes confirmed", "themes told", "actions answered"):
        rows = streams[(streams["measure"] == measure) & (streams["unit"] == "count")]
        assert rows["value"].sum() == overall[measure][0]
    departments = action_rows(evidence, by=("department", "workstream"))
    assert "themes raised" not in set(departments["measure"])
    assert (
        one(departments[(departments["group"] == "Training") & (departments["group2"] == "respect")], "actions")[
            "value"
        ]
        == 2
    )
    assert "not known" in set(departments["group"])


def test_verdicts_on_single_events_do_not_unsay_one_another(small_evidence: Callable[..., Evidence]) -> None:
    """Said at one event and rejected at another is confirmed; of one day's verdicts on an event the stricter counts."""
    verdicts = [
        {"meeting": "2024-04-01", "theme": "manner", "verdict": "agree", "event": "E1"},
        {"meeting": "2024-05-01", "theme": "manner", "verdict": "reject", "event": "E2"},
        {"meeting": "2024-04-01", "theme": "culture", "verdict": "agree", "event": "E1"},
        {"meeting": "2024-04-01", "theme": "culture", "verdict": "reject", "event": "E1"},
    ]
    found = counts(action_rows(small_evidence(register=REGISTER, verdicts=verdicts)))
    assert found["themes confirmed"] == (1, 2)


def test_a_later_verdict_on_no_single_event_stands_for_those_on_events(small_evidence: Callable[..., Evidence]) -> None:
    """Manner: rejected at large after it was said at an event. Culture: said at an event after it was rejected."""
    verdicts = [
        {"meeting": "2024-04-01", "theme": "manner", "verdict": "amend", "event": "E1"},
        {"meeting": "2024-05-01", "theme": "manner", "verdict": "reject"},
        {"meeting": "2024-04-01", "theme": "culture", "verdict": "reject"},
        {"meeting": "2024-05-01", "theme": "culture", "verdict": "agree", "event": "E1"},
        {"meeting": "2024-05-01", "theme": "told", "verdict": "missing"},
        {"meeting": "2024-05-01", "theme": "told", "verdict": "amend", "event": "E2"},
    ]
    found = counts(action_rows(small_evidence(register=REGISTER, verdicts=verdicts)))
    assert (found["themes confirmed"], found["themes rejected"], found["themes amended"]) == ((2, 3), (1, 3), (1, 3))


def test_no_records_give_a_funnel_of_nothing(small_evidence: Callable[..., Evidence]) -> None:
    rows = action_rows(small_evidence())
    assert (rows.loc[rows["unit"] == "count", "value"] == 0).all()
    assert set(rows.loc[rows["unit"] == "share", "refused"]) == {
        "there are no themes to take a share of",
        "there are no actions to take a share of",
    }
    assert action_rows(small_evidence(), by="community").empty
    assert set(waiting_rows(small_evidence())["refused"]) == {"there are no actions"}
    assert waiting_curve(small_evidence()).empty
    assert cannot_act_rows(small_evidence()).empty
    assert you_said_rows(small_evidence()).empty
    assert dropped_themes(small_evidence()).empty


@pytest.mark.parametrize("by", ["area", ("workstream", "workstream"), ("workstream", "community", "department")])
def test_unknown_breakdowns_are_refused(evidence: Evidence, by: str | tuple[str, ...]) -> None:
    for rows in (action_rows, waiting_rows):
        with pytest.raises(lp.LpactError, match="Cannot group by"):
            rows(evidence, by)


Made = list[tuple[str, str, bool, bool, int]]
Said = list[tuple[str, str]]
THEMES = ("stop_search", "manner", "hate_crime", "told")
STATUSES = ("not started", "in progress", "done", "cannot act")
MADE = st.lists(
    st.tuples(st.sampled_from(THEMES), st.sampled_from(STATUSES), st.booleans(), st.booleans(), st.integers(0, 90)),
    max_size=12,
)
SAID = st.lists(
    st.tuples(st.sampled_from(THEMES), st.sampled_from(["agree", "amend", "reject", "missing"])), max_size=6
)


def made(actions: Made) -> list[dict[str, object]]:
    """Rows of an action log from what was drawn: theme, status, a reason or not, answered or not, days."""
    start = dt.date(2024, 4, 1)
    return [
        {
            "action": f"A{place}",
            "theme": theme,
            "status": status,
            "reason": "Not enough people for it" if reason else None,
            "raised": start,
            "answered": start + dt.timedelta(days) if answered or status == "done" else None,
            "done": start + dt.timedelta(days + 3) if status == "done" else None,
        }
        for place, (theme, status, reason, answered, days) in enumerate(actions)
    ]


@settings(max_examples=25)
@given(MADE, SAID)
def test_no_stage_is_larger_than_the_one_it_comes_from(
    small_evidence: Callable[..., Evidence], actions: Made, said: Said
) -> None:
    verdicts = [{"meeting": "2024-04-01", "theme": theme, "verdict": verdict} for theme, verdict in said]
    records = small_evidence(actions=made(actions), verdicts=verdicts, as_of=AS_OF)
    rows = action_rows(records)
    assert not (rows["numerator"] > rows["n"]).any()
    found = {name: value for name, (value, _) in counts(rows).items()}
    assert (
        found["themes put to the focus group"] + found["themes never put to the focus group"] == found["themes raised"]
    )
    assert found["themes with an action"] + found["themes without an action"] == found["themes confirmed"]
    ended = ("themes done", "themes that can't be acted on, with a reason", "themes answered and still open")
    assert sum(found[name] for name in ended) == found["themes answered"]
    assert found["actions answered"] + found["actions not answered"] == found["actions"]


@settings(max_examples=25)
@given(MADE, SAID, st.randoms())
def test_order_of_rows_does_not_matter(
    small_evidence: Callable[..., Evidence], actions: Made, said: Said, chance: Random
) -> None:
    log = made(actions)
    verdicts = [{"meeting": "2024-04-01", "theme": theme, "verdict": verdict} for theme, verdict in said]
    moved, told = list(log), list(verdicts)
    chance.shuffle(moved)
    chance.shuffle(told)
    one_way, other = (
        small_evidence(actions=rows, verdicts=words, as_of=AS_OF) for rows, words in ((log, verdicts), (moved, told))
    )
    pd.testing.assert_frame_equal(action_rows(one_way), action_rows(other))
    pd.testing.assert_frame_equal(waiting_rows(one_way), waiting_rows(other))
    pd.testing.assert_frame_equal(cannot_act_rows(one_way), cannot_act_rows(other))


@settings(max_examples=25)
@given(MADE.filter(len), st.integers(0, 270))
def test_an_open_action_never_shortens_the_wait(
    small_evidence: Callable[..., Evidence], actions: Made, days: int
) -> None:
    log = made(actions)
    more = {"action": "more", "theme": "manner", "status": "not started", "raised": AS_OF - dt.timedelta(days)}
    before, after = (waiting_rows(small_evidence(actions=rows, as_of=AS_OF)) for rows in (log, [*log, more]))
    for end in ("answered", "done", "told"):
        first, second = (one(rows, f"days to {end}", "days")["value"] for rows in (before, after))
        assert np.isnan(second) or np.isnan(first) or second >= first
        assert not (
            np.isnan(first)
            and np.isfinite(second)
            and "more than half" in one(before, f"days to {end}", "days")["refused"]
        )


class Reference(NamedTuple):
    to: str
    group: str
    quantity: str
    value: float


def references() -> list[Reference]:
    with (ORACLE / "expected.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        return [Reference(**{**row, "value": float(row["value"] or "nan")}) for row in csv.DictReader(file)]


REFERENCES = references()


@pytest.fixture(scope="session")
def logged(small_evidence: Callable[..., Evidence]) -> Evidence:
    with (ORACLE / "data.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        log = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]
    rows = [{**row, "theme": "manner", "reason": "No money for it"} for row in log]
    return small_evidence(actions=rows, as_of=dt.date(2025, 11, 30))


@pytest.mark.parametrize(("to", "group"), sorted({row[:2] for row in REFERENCES}))
def test_waiting_times_equal_r(logged: Evidence, to: str, group: str) -> None:
    expected = {row.quantity: row.value for row in REFERENCES if row[:2] == (to, group)}
    curve = waiting_curve(logged, to, "department" if group else "")  # pyright: ignore[reportArgumentType] - of the file
    curve = curve[(curve["group"] == group) & ((curve["days"] > 0) | (curve["ended"] + curve["open"] > 0))]
    got = {
        f"{name} {days:g}": value
        for name in ("still_waiting", "low", "high", "at_risk")
        for days, value in zip(curve["days"], curve[name], strict=True)
    }
    rows = waiting_rows(logged, "department" if group else ())
    rows = rows[rows["group"] == group]
    median = one(rows, f"days to {to}", "days")
    got |= {"median": median["value"], "n": median["n"], "open": one(rows, f"days to {to}: still open")["value"]}
    got |= {"median_low": median["low"], "median_high": median["high"]}
    if median["refused"]:  # the lower limit stands in the flags
        assert f"at least {expected['median_low']:.0f} days" in median["flags"]
        expected["median_low"] = np.nan
    assert got.keys() == expected.keys()
    np.testing.assert_allclose([got[name] for name in expected], list(expected.values()), rtol=RTOL)


def test_a_median_that_is_not_reached_is_refused_and_says_at_least(logged: Evidence) -> None:
    rows = waiting_rows(logged, "department")
    row = one(rows[rows["group"] == "Training"], "days to told", "days")
    assert "more than half are still waiting" in row["refused"]
    assert row[["value", "low", "high"]].isna().all()
    assert "at least 123 days" in row["flags"]  # R's lower limit
    curve = waiting_curve(logged, "told", "department").query("group == 'Training'")
    assert curve["refused"].str.contains("more than half").all()
    assert curve[["days", "still_waiting"]].iloc[0].tolist() == [0, 1]


def test_open_actions_wait_until_the_day_of_the_record(evidence: Evidence) -> None:
    """To answered: 10, 20 and 30 days (A1, A2, A3) and three open ones of 274, 274 and 153.

    From day 30 a half wait, to the end of the curve, so that the median is the middle of these days.
    """
    row = one(waiting_rows(evidence), "days to answered", "days")
    assert (row["value"], row["n"]) == ((30 + 274) / 2, 6)
    assert one(waiting_rows(evidence), "days to answered: still open")["value"] == 3
    assert "fewer than 10 actions" in row["flags"]


def test_what_cannot_be_done_is_no_part_of_the_wait_until_done(evidence: Evidence) -> None:
    row = one(waiting_rows(evidence), "days to done", "days")
    assert row["n"] == 5  # without A2; A5, which has no reason, is open
    assert REFUSED in row["flags"]


def test_days_that_are_not_on_record_or_still_to_come_are_left_out_and_said(
    small_evidence: Callable[..., Evidence],
) -> None:
    log = [
        {"action": "A", "theme": "manner", "status": "cannot act", "reason": "No", "raised": "2024-04-01"},
        {"action": "B", "theme": "manner", "status": "in progress", "raised": "2025-02-01"},
        {"action": "C", "theme": "manner", "status": "done", "raised": "2024-12-01", "done": "2025-03-01"},
        {"action": "D", "theme": "manner", "status": "done", "raised": "2024-12-01", "done": "2024-12-11"},
    ]
    rows = waiting_rows(small_evidence(actions=log, as_of=AS_OF))
    row = one(rows, "days to answered", "days")
    assert (row["n"], row["value"]) == (2, (10 + 31) / 2)  # D after 10 days; C is open on the day of the record
    assert NO_DAY in row["flags"]
    assert LATER in row["flags"]


def test_the_honest_list_gives_reasons_and_whether_people_were_told(evidence: Evidence) -> None:
    found = cannot_act_rows(evidence)
    assert found["theme"].tolist() == ["Stop and search", "Recruitment of Black officers and staff"]
    assert found["reason"].tolist() == ["Not in the power of the police", NO_REASON]
    assert found["told_to"].tolist() == ["Public", ""]
    assert found["is_told"].tolist() == [True, False]
    assert found["days"].tolist() == [21, 274]
    assert found["withheld"].sum() == 0


def test_you_said_lays_out_what_was_done_and_why_not(evidence: Evidence) -> None:
    found = you_said_rows(evidence).set_index("theme")
    assert found.index.tolist() == [
        "Stop and search",
        "How officers speak to people",
        "Being told what was done",
        "Recruitment of Black officers and staff",
        "Training on race and bias",
    ]
    stop, manner = found.loc["Stop and search"], found.loc["How officers speak to people"]
    assert (stop["said"], stop["done"], stop["cannot"]) == ("Stop and search", "Training", "Custody")
    assert (stop["why"], stop["waiting"]) == ("Not in the power of the police", "")
    assert (manner["said"], manner["waiting"]) == ("Be civil when you stop us", f"Training, {NO_DEPARTMENT}")
    assert manner["days_waiting"] == 274
    assert found.loc["Being told what was done", "waiting"] == NO_ACTION
    assert found.loc["Recruitment of Black officers and staff", "why"] == NO_REASON
    assert found["confirmed"].tolist() == [True] * 4 + [False]


def test_texts_in_which_something_looks_personal_are_taken_out_and_counted(
    small_evidence: Callable[..., Evidence],
) -> None:
    marker, phone = "ask amina.k@example.org about it", "ring 07700 900123"
    records = small_evidence(
        as_of=AS_OF,
        verdicts=[{"meeting": "2024-04-01", "theme": "manner", "verdict": "amend", "reworded": phone}],
        actions=[{"action": "A", "theme": "manner", "status": "cannot act", "reason": marker, "raised": "2024-04-02"}],
    )
    listed, said = cannot_act_rows(records), you_said_rows(records)
    assert listed["withheld"].tolist() == [1]
    assert said["withheld"].tolist() == [2]
    assert "an e-mail address" in listed["reason"][0]
    assert "a telephone number" in said["said"][0]
    for frame in (listed, said, action_rows(records), waiting_rows(records), dropped_themes(records)):
        text = frame.to_csv()
        assert "amina" not in text
        assert "900123" not in text
