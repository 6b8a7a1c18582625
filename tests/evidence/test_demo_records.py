import csv
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from lpact_eval.demo.event_plan import Dirt, Plan, read_plan
from lpact_eval.demo.events import event_records, write_events
from lpact_eval.evidence.reading import read_events
from lpact_eval.evidence.records import RECORDS, Evidence
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.contacts import looks_personal

LARGEST = 100_000  # bytes that a file of the demo may have
HEADINGS = 1  # rows above the first record
# What the reader calls each kind of dirt that it sets aside.
REASONS = {
    "more forms than attendees": "more forms than attendees",
    "end before start": "end before start",
    "negative cost": "below 0",
    "event that is not in the register": "its event is not in the register",
    "action without a theme": "theme is blank",
    "answered before it was raised": "answered before raised",
    "impossible score": "not from 1 to 5",
    "item number twice": "item stands in an earlier row too",
}
# Telephone numbers that Ofcom keeps free for drama.
NOBODYS = re.compile(r"\b(01632 960\d{3}|07700 900\d{3})\b")
Table = list[dict[str, str]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan()


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_events()


@pytest.fixture(scope="module")
def clean() -> Mapping[str, Table]:
    """Records as they would be without dirt."""
    return {
        record: [dict(zip(headings, row, strict=True)) for row in rows]
        for record, (headings, *rows) in event_records(dirty=False).items()
    }


def delivered(record: str) -> list[list[str]]:
    """Rows of a shipped file, headings first."""
    with (surveys_folder() / "events" / "demo" / f"{record}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def place_of(one: Dirt) -> int:
    """Row of a file in which dirt lies, as a spreadsheet counts."""
    rows = delivered(one.record)
    if one.added:
        return rows.index(list(one.added)) + 1
    return [row[0] for row in rows].index(one.row) + 1


def themes_of_forms(table: Table) -> dict[tuple[str, str], set[str]]:
    """Themes that each form raises: agreed, else the first coder's."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in table:
        codes = next(filter(None, (row[name] for name in ("agreed", "coder_1", "coder_2", "coder_3"))), "")
        if row["kind"] == "form":
            found[row["event"], row["person"]] |= set(codes.split(";")) - {"none", ""}
    return found


def test_the_shipped_records_are_what_is_generated(tmp_path: Path) -> None:
    for path in write_events(tmp_path):
        assert path.read_bytes() == (surveys_folder() / "events" / "demo" / path.name).read_bytes()


def test_every_record_is_shipped_and_small() -> None:
    folder = surveys_folder() / "events" / "demo"
    assert {path.stem for path in folder.glob("*.csv")} == set(RECORDS)
    assert all(path.stat().st_size < LARGEST for path in folder.iterdir())


def test_as_many_forms_raise_each_theme_at_each_event_as_was_planned(plan: Plan, clean: Mapping[str, Table]) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (event, _), themes in themes_of_forms(clean["feedback"]).items():
        found[event].update(themes)
    assert found == {event: Counter(said.raised) for event, said in plan.feedback.items()}


def test_every_form_of_the_register_has_an_item(clean: Mapping[str, Table]) -> None:
    forms = Counter(event for event, _ in themes_of_forms(clean["feedback"]))
    assert forms == {row["event"]: int(row["forms"]) for row in clean["register"]}
    items = Counter((row["event"], row["person"]) for row in clean["feedback"] if row["kind"] == "form")
    assert set(items.values()) <= {1, 2, 3}


def test_notes_stand_under_questions_that_were_reached(clean: Mapping[str, Table]) -> None:
    reached = {row["event"]: row for row in clean["register"]}
    notes = [row for row in clean["feedback"] if row["kind"] == "note"]
    assert len(notes) == 62
    assert all(reached[row["event"]].get(row["question"], "yes") == "yes" for row in notes)


def test_codes_and_counts_of_attendance_agree(plan: Plan, clean: Mapping[str, Table]) -> None:
    came = {row["event"]: int(row["attendees"]) for row in clean["register"]}
    counted: dict[tuple[str, str], int] = Counter()
    groups: dict[tuple[str, str, str], int] = Counter()
    for row in clean["attendance"]:
        counted[row["event"], row["by"]] += int(row["people"])
        groups[row["event"], row["by"], row["group"]] = int(row["people"])
    assert all(people == came[event] for (event, _), people in counted.items())
    signed = Counter(row["event"] for row in clean["people"])
    assert signed == {event: rows for event, (rows, _) in plan.people.events.items()}
    for by in ("ethnicity", "age_band", "area", "community"):
        known = Counter((row["event"], by, row[by]) for row in clean["people"] if row[by] != "not known")
        assert {key: groups[key] for key in known} == known


def test_as_many_came_again_as_was_planned(plan: Plan, clean: Mapping[str, Table]) -> None:
    seen: set[str] = set()
    for event, (_, again) in plan.people.events.items():
        present = {row["person"] for row in clean["people"] if row["event"] == event}
        assert len(present & seen) == again
        seen |= present


def test_a_person_says_the_same_wherever_they_come(clean: Mapping[str, Table]) -> None:
    said: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for row in clean["people"]:
        said[row["person"]].add(tuple(row[name] for name in ("ethnicity", "age_band", "area", "community")))
    assert all(len(answers) == 1 for answers in said.values())
    communities = {person: next(iter(answers))[3] for person, answers in said.items()}
    observers = [row for row in clean["observations"] if row["person"] in communities]
    assert len(observers) == 4
    assert all(row["community"] == communities[row["person"]] for row in observers)


def test_every_piece_of_dirt_is_found_in_its_place(plan: Plan, evidence: Evidence) -> None:
    issues = evidence.issues
    found = {(row.record, row.row, row.reason) for row in issues.itertuples()}
    planted = {(one.record, place_of(one), REASONS[one.what]) for one in plan.dirt if one.what in REASONS}
    texts = [row[0] for row in delivered("feedback")]
    personal = {("feedback", texts.index(one.item) + 1) for one in plan.personal}
    of_texts = {(record, row) for record, row, reason in found if reason.startswith("looks like")}
    assert of_texts == personal
    assert {one for one in found if not one[2].startswith("looks like")} == planted
    assert {one.what for one in plan.dirt} - set(REASONS) == {
        "capitals",
        "spaces behind",
        "capitals and a space behind",
        "capitals and spaces before",
    }


def test_dirt_of_capitals_and_spaces_says_what_the_clean_record_says(plan: Plan, clean: Mapping[str, Table]) -> None:
    slips = [one for one in plan.dirt if one.what not in REASONS]
    for one in slips:
        row = next(row for row in clean[one.record] if next(iter(row.values())) == one.row)
        assert one.cell != row[one.column]
        assert one.cell.strip().casefold() == row[one.column].casefold()
    assert len(slips) == 6


def test_clean_cells_are_read_as_they_stand(evidence: Evidence, clean: Mapping[str, Table]) -> None:
    register = evidence.tables["register"]
    assert register["community"].tolist() == [row["community"] for row in clean["register"]]
    assert register["area"].tolist() == [row["area"] for row in clean["register"]]
    assert evidence.tables["feedback"]["kind"].tolist() == [row["kind"] for row in clean["feedback"]]


def test_rows_that_are_set_aside_are_counted(evidence: Evidence) -> None:
    rows = evidence.ledger.pivot_table(index="record", columns="reason", values="rows", aggfunc="sum")
    whole = rows.drop(columns="delivered").sum(axis=1)
    assert (rows["delivered"] == whole).all()
    set_aside = (rows["delivered"] - rows["kept"]).astype(int)
    assert set_aside[set_aside > 0].to_dict() == {"actions": 1, "attendance": 2, "feedback": 1}


def test_blank_rows_are_no_rows(plan: Plan, evidence: Evidence) -> None:
    for record in {one.record for one in plan.blank}:
        rows = delivered(record)[HEADINGS:]
        blank = sum(not any(row) for row in rows)
        assert blank == sum(one.rows for one in plan.blank if one.record == record) > 0
        ledger = evidence.ledger
        counted = ledger.loc[(ledger["record"] == record) & (ledger["reason"] == "delivered"), "rows"]
        assert int(counted.iloc[0]) == len(rows) - blank


def test_personal_details_are_those_of_nobody(clean: Mapping[str, Table], plan: Plan) -> None:
    planted = {one.item: one.text for one in plan.personal}
    for record in RECORDS:
        for row in clean[record]:
            kinds = {looks_personal(cell) for name, cell in row.items() if name not in {"item", "person"}} - {""}
            assert bool(kinds) == (row.get("item") in planted)
    for text in planted.values():
        kind = looks_personal(text)
        assert kind in {"e-mail", "postcode", "telephone"}
        assert kind != "telephone" or NOBODYS.search(text)
        assert kind != "e-mail" or text.endswith("@example.org")
    forms = {row["item"]: row["kind"] for row in clean["feedback"]}
    assert {forms[item] for item in planted} == {"form"}


def test_the_events_are_those_that_the_force_tells_of(clean: Mapping[str, Table], evidence: Evidence) -> None:
    register = pd.DataFrame(clean["register"])
    costs = register.filter(like="cost_").astype(float)
    assert len(register) == 14
    assert (register["date"].min(), register["date"].max()) == ("2022-07-04", "2024-06-22")
    assert 55 < register["attendees"].astype(int).mean() < 60
    assert register["officers"].astype(int).between(5, 15).all()
    assert costs["cost_venue"].mean() == pytest.approx(85)
    assert costs.sum(axis=1).max() == pytest.approx(1000)
    assert evidence.synthetic


def test_enough_items_are_read_by_two(clean: Mapping[str, Table]) -> None:
    table = pd.DataFrame(clean["feedback"])
    coders = (table[["coder_1", "coder_2", "coder_3"]] != "").sum(axis=1)
    assert 250 <= len(table) <= 330
    assert (coders > 1).sum() >= max(40, 0.2 * len(table))
    assert (coders == 3).sum() >= 20
    assert (coders == 0).sum() == 4
    assert set(table["quote_consent"]) == {"yes", "no", ""}


def test_one_theme_is_raised_by_one_community_only_and_one_is_rare(clean: Mapping[str, Table]) -> None:
    communities: dict[str, set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    focus = {row["event"]: row["community"] for row in clean["register"]}
    own = {(row["event"], row["person"]): row["community"] for row in clean["feedback"]}
    for form, themes in themes_of_forms(clean["feedback"]).items():
        times.update(themes)
        for theme in themes:
            communities[theme].add(own[form] or focus[form[0]])
    alone = [theme for theme, found in communities.items() if len(found) == 1]
    assert alone == ["progression"]
    assert times["domestic_abuse"] == 3 == min(times.values())


def test_texts_are_no_longer_than_a_form_has_room_for(clean: Mapping[str, Table]) -> None:
    texts = [row["text"] for row in clean["feedback"]]
    assert max(map(len, texts)) < 200
    assert len(set(texts)) > 0.9 * len(texts)
