"""Records that can't be: a row or a cell is set aside, counted and listed with its row, and the rest is kept."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import HarmonisationError

if TYPE_CHECKING:
    from pathlib import Path

EVENT = {"event": "E1", "date": "2024-03-16", "attendees": "60", "forms": "40"}
ACTION = {"action": "1", "theme": "manner", "status": "in progress", "raised": "2024-03-16"}
OFFER = {"person": "P1", "scheme": "Ride-along", "offered": "2024-03-16"}
ITEM = {"item": "1", "event": "E1", "kind": "note"}
Row = dict[str, str]


def read(folder: Path, **records: list[Row]) -> lp.Evidence:
    """Write records and read them; without a register there is one event."""
    for name, rows in {"register": [EVENT], **records}.items():
        heads = list(dict.fromkeys(head for row in rows for head in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, heads)
            writer.writeheader()
            writer.writerows(rows)
    return lp.read_events(folder)


def issues(evidence: lp.Evidence) -> list[tuple[object, ...]]:
    """Take the issues as tuples."""
    return list(evidence.issues.itertuples(index=False, name=None))


def set_aside(evidence: lp.Evidence, record: str) -> dict[str, int]:
    """Take the reasons of the ledger with their rows."""
    ledger = evidence.ledger[evidence.ledger["record"] == record]
    return {
        str(reason): int(rows)
        for reason, rows in zip(ledger["reason"], ledger["rows"], strict=True)
        if reason not in {"delivered", "kept"}
    }


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("forms", "61", "more forms than attendees"),
        ("opted_in", "61", "more contacts than attendees"),
        ("cost_food", "-12.50", "below 0"),
        ("organiser_hours", "-1", "below 0"),
        ("officers", "-3", "below 0"),
        ("officers", "8.5", "not a whole number"),
        ("officers", "about 8", "not a number"),
        ("cost_venue", "85,00", "not a number"),
        ("actual_start", "25 past", "not a time of day"),
        ("planned_start", "18:75", "not a time of day"),
    ],
)
def test_a_cell_of_the_register_that_cannot_be_is_set_aside_and_its_event_kept(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    evidence = read(tmp_path, register=[{**EVENT, column: value}, {"event": "E2", "date": "2024-04-01"}])
    register = evidence.tables["register"]
    assert register["event"].tolist() == ["E1", "E2"]
    assert register[column].isna().tolist() == [True, True]
    assert issues(evidence) == [("register", 2, column, reason, "cell set aside")]
    assert set_aside(evidence, "register") == {}


@pytest.mark.parametrize("which", ["planned", "actual"])
def test_an_end_before_the_start_is_set_aside(tmp_path: Path, which: str) -> None:
    times = {f"{which}_start": "18:00", f"{which}_end": "17:59"}
    evidence = read(tmp_path, register=[{**EVENT, **times}, {"event": "E2", "date": "2024-04-01"}])
    register = evidence.tables["register"]
    assert register[f"{which}_start"].tolist()[0] == 1080
    assert register[f"{which}_end"].isna().all()
    assert issues(evidence) == [("register", 2, f"{which}_end", "end before start", "cell set aside")]


def test_an_end_after_midnight_is_written_beyond_24_hours(tmp_path: Path) -> None:
    evidence = read(tmp_path, register=[{**EVENT, "actual_start": "19:00", "actual_end": "24:30"}])
    assert evidence.tables["register"]["actual_end"].tolist() == [24 * 60 + 30]


def test_as_many_forms_as_attendees_are_possible_and_so_are_forms_where_nobody_counted(tmp_path: Path) -> None:
    events = [{**EVENT, "forms": "60"}, {"event": "E2", "date": "2024-04-01", "attendees": "", "forms": "9"}]
    evidence = read(tmp_path, register=events)
    assert evidence.tables["register"]["forms"].tolist() == [60, 9]
    assert evidence.issues.empty


@pytest.mark.parametrize(
    ("record", "row"),
    [
        ("attendance", {"event": "E9", "by": "sex", "group": "Female", "people": "3"}),
        ("people", {"event": "E9", "person": "P1"}),
        ("feedback", {**ITEM, "event": "E9"}),
    ],
)
def test_what_belongs_to_no_event_of_the_register_is_set_aside(tmp_path: Path, record: str, row: Row) -> None:
    evidence = read(tmp_path, **{record: [row, {**row, "event": "e1"}]})
    assert evidence.tables[record]["event"].tolist() == ["E1"]
    assert set_aside(evidence, record) == {"its event is not in the register": 1}
    assert issues(evidence) == [(record, 2, "event", "its event is not in the register", "row set aside")]


@pytest.mark.parametrize(
    ("record", "row"),
    [
        ("actions", ACTION),
        ("verdicts", {"meeting": "2024-04-01", "theme": "manner", "verdict": "agree"}),
        ("communications", {"date": "2024-04-01", "channel": "E-mail"}),
    ],
)
def test_where_an_event_may_be_left_out_only_the_cell_is_set_aside(tmp_path: Path, record: str, row: Row) -> None:
    evidence = read(tmp_path, **{record: [{**row, "event": "E9"}]})
    assert evidence.tables[record]["event"].isna().tolist() == [True]
    assert issues(evidence) == [(record, 2, "event", "its event is not in the register", "cell set aside")]


def test_an_action_without_a_theme_is_set_aside(tmp_path: Path) -> None:
    evidence = read(tmp_path, actions=[ACTION, {**ACTION, "action": "2", "theme": " "}])
    assert evidence.tables["actions"]["action"].tolist() == ["1"]
    assert set_aside(evidence, "actions") == {"theme is blank": 1}


def test_an_event_without_a_day_is_set_aside_with_what_belongs_to_it(tmp_path: Path) -> None:
    register = [EVENT, {"event": "E2", "date": ""}, {"event": "E3", "date": "some day in May"}]
    evidence = read(tmp_path, register=register, feedback=[{**ITEM, "event": "E2"}])
    assert set_aside(evidence, "register") == {"date is blank": 1, "date can't be read": 1}
    assert set_aside(evidence, "feedback") == {"its event is not in the register": 1}
    assert issues(evidence) == [
        ("register", 3, "date", "date is blank", "row set aside"),
        ("register", 4, "date", "not a date", "row set aside"),
        ("feedback", 2, "event", "its event is not in the register", "row set aside"),
    ]


@pytest.mark.parametrize(
    ("record", "column", "row"),
    [("register", "event", EVENT), ("feedback", "item", ITEM), ("actions", "action", ACTION)],
)
def test_of_rows_with_one_code_the_first_is_kept(tmp_path: Path, record: str, column: str, row: Row) -> None:
    code = "e1" if record == "register" else "1"
    evidence = read(tmp_path, **{record: [row, {**row, column: code}]})
    assert len(evidence.tables[record]) == 1
    assert set_aside(evidence, record) == {f"{column} stands in an earlier row too": 1}


def test_a_person_or_group_that_stands_twice_at_one_event_counts_once(tmp_path: Path) -> None:
    people = [{"event": event, "person": person} for event, person in [("E1", "P1"), ("E1", "p1"), ("E1", "P2")]]
    group = {"event": "E1", "by": "sex", "group": "Female", "people": "3"}
    evidence = read(tmp_path, people=people, attendance=[group, {**group, "people": "4"}, {**group, "group": "Male"}])
    assert evidence.tables["people"]["person"].tolist() == ["P1", "P2"]
    assert evidence.tables["attendance"]["people"].tolist() == [3, 3]
    assert list(set_aside(evidence, "people").values()) == [1]
    assert list(set_aside(evidence, "attendance").values()) == [1]


def test_a_code_is_one_person_whatever_its_capitals(tmp_path: Path) -> None:
    register = [EVENT, {"event": "E2", "date": "2024-05-01"}]
    people = [{"event": "E1", "person": "p017"}, {"event": "E2", "person": "P017"}]
    evidence = read(tmp_path, register=register, people=people, observations=[{**OFFER, "person": "P017"}])
    assert evidence.tables["people"]["person"].tolist() == ["p017", "p017"]
    assert evidence.tables["observations"]["person"].tolist() == ["p017"]


def test_a_form_without_a_number_stays_without_one(tmp_path: Path) -> None:
    evidence = read(tmp_path, feedback=[{**ITEM, "person": ""}, {**ITEM, "item": "2", "person": "f1"}])
    assert evidence.tables["feedback"]["person"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("dates", "column", "reason"),
    [
        ({"answered": "2024-03-15"}, "answered", "answered before raised"),
        ({"done": "2024-03-15"}, "done", "done before raised"),
        ({"told": "2024-03-15"}, "told", "told before raised"),
        ({"answered": "2024-05-02", "told": "2024-05-01"}, "told", "told before answered"),
    ],
)
def test_days_of_an_action_in_the_wrong_order_are_set_aside(
    tmp_path: Path, dates: Row, column: str, reason: str
) -> None:
    status = "done" if column == "done" else "in progress"
    evidence = read(tmp_path, actions=[{**ACTION, "status": status, **dates}])
    assert evidence.tables["actions"][column].isna().all()
    assert ("actions", 2, column, reason, "cell set aside") in issues(evidence)


def test_an_action_may_be_raised_answered_and_told_on_one_day(tmp_path: Path) -> None:
    day = dict.fromkeys(("answered", "done", "told"), ACTION["raised"])
    assert read(tmp_path, actions=[{**ACTION, "status": "done", **day}]).issues.empty


@pytest.mark.parametrize(
    ("dates", "column"),
    [
        ({"applied": "2024-03-15"}, "applied"),
        ({"vetted": "2024-03-15"}, "vetted"),
        ({"applied": "2024-05-02", "vetted": "2024-05-01"}, "vetted"),
        ({"applied": "2024-05-02", "attended": "2024-05-01"}, "attended"),
    ],
)
def test_days_of_observation_in_the_wrong_order_are_set_aside(tmp_path: Path, dates: Row, column: str) -> None:
    evidence = read(tmp_path, observations=[{**OFFER, **dates}])
    assert evidence.tables["observations"][column].isna().all()
    assert [issue[2] for issue in issues(evidence)] == [column]


@pytest.mark.parametrize(
    ("score", "reason"), [("0", "not from 1 to 5"), ("6", "not from 1 to 5"), ("2.5", "not a whole number")]
)
def test_a_score_that_there_is_not_is_set_aside(tmp_path: Path, score: str, reason: str) -> None:
    evidence = read(tmp_path, observations=[{**OFFER, "before": "4", "after": score}])
    assert evidence.tables["observations"]["before"].tolist() == [4]
    assert issues(evidence) == [("observations", 2, "after", reason, "cell set aside")]


def test_a_group_that_people_were_not_counted_by_is_refused(tmp_path: Path) -> None:
    group = {"event": "E1", "by": "sex", "group": "Black", "people": "3"}
    with pytest.raises(HarmonisationError, match=r"'group', row 2: not a group of 'sex'; allowed are 'Female', 'Male'"):
        read(tmp_path, attendance=[group])


def test_themes_beside_none_are_set_aside(tmp_path: Path) -> None:
    evidence = read(tmp_path, feedback=[{**ITEM, "agreed": "none; manner"}, {**ITEM, "item": "2", "agreed": " ; "}])
    assert evidence.tables["feedback"]["agreed"].isna().all()
    assert [issue[3] for issue in issues(evidence)] == ["none beside other words", "no word between semicolons"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"status": "cannot act"}, "reason"),
        ({"status": "done"}, "done"),
        ({"status": "not started", "done": "2024-05-01"}, "status"),
    ],
)
def test_a_status_that_the_row_does_not_bear_out_is_listed_and_kept(tmp_path: Path, row: Row, column: str) -> None:
    evidence = read(tmp_path, actions=[{**ACTION, **row}])
    assert len(evidence.tables["actions"]) == 1
    assert [(issue[2], issue[4]) for issue in issues(evidence)] == [(column, "kept")]


def test_more_people_recorded_than_counted_is_listed_and_kept(tmp_path: Path) -> None:
    people = [{"event": "E1", "person": f"P{number}"} for number in range(3)]
    groups = [
        {"event": "E1", "by": by, "group": group, "people": count}
        for by, group, count in (("sex", "Female", "2"), ("sex", "Male", "1"), ("ethnicity", "Black", "2"))
    ]
    evidence = read(tmp_path, register=[{**EVENT, "attendees": "2", "forms": ""}], people=people, attendance=groups)
    assert sorted(evidence.issues.itertuples(index=False, name=None)) == [
        ("register", 2, "attendees", "fewer than the people recorded in attendance by sex", "kept"),
        ("register", 2, "attendees", "fewer than the people recorded in people", "kept"),
    ]
    assert evidence.tables["register"]["attendees"].tolist() == [2]
