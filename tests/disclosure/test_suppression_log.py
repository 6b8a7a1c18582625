"""The log of what is hidden: complete, without a number, and beside the release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.disclosure.rules import UK, Dominance
from lpact_eval.disclosure.suppression_log import suppression_log, write_suppression_log
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.run import run_plan
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.run import Results


@pytest.fixture(scope="module")
def demo() -> tuple[Results, Published]:
    results = run_plan(read_plan(plan_file()))
    return results, publish(results)


def test_every_hidden_row_has_its_reason_and_no_number(demo: tuple[Results, Published]) -> None:
    results, published = demo
    log = suppression_log(results, published)
    of_rows = log[log["table"] == "rows"]
    assert len(of_rows) == (published.rows["mark"] == "[c]").sum() > 0
    log = log[~log["table"].isin(["records", "events"])]
    assert set(log["reason"]) <= {"small base", "same answer", "subtraction"}
    least = results.rows[["n", "n_first", "n_second"]].min(axis=1)[published.rows["mark"] == "[c]"]
    assert list(of_rows["reason"] == "small base") == list((least > 0) & (least < 10))
    names = {column: set(log[column]) for column in ("measure", "by", "group")}
    assert not any(character.isdigit() for found in names.values() for name in found for character in name)


def test_what_is_hidden_of_the_records_has_its_reason_too(demo: tuple[Results, Published]) -> None:
    results, published = demo
    assert results.records is not None
    assert published.records is not None
    log = suppression_log(results, published)
    of_records, of_events = log[log["table"] == "records"], log[log["table"] == "events"]
    assert len(of_records) == (published.records.rows["mark"] == "[c]").sum() > 0
    assert len(of_records) + len(of_events) == published.records.suppressed
    assert set(of_records["reason"]) == {"small base", "few events", "subtraction"}
    hidden = results.records.rows[(published.records.rows["mark"] == "[c]").to_numpy()].reset_index(drop=True)
    few = (hidden[["numerator", "n"]] < 10).any(axis=1) | (hidden["n"] - hidden["numerator"] < 10)
    people = (hidden["base"] == "people") & hidden["unit"].isin(["count", "share"])
    assert people.sum() > 20
    assert (of_records.reset_index(drop=True).loc[people, "reason"] == "small base").equals(few[people])
    attendees = results.records.events.set_index("event")["forms"]
    for _, line in of_events[of_events["measure"] == "forms"].iterrows():
        assert (line["reason"] == "small base") == (attendees[line["group"]] < 10)


def test_a_total_that_one_event_dominates_is_logged_so(demo: tuple[Results, Published]) -> None:
    results, _ = demo
    rules = replace(UK, dominance=Dominance(0.2, action="hide"))
    log = suppression_log(results, publish(results, rules=rules))
    costs = log[(log["table"] == "records") & log["measure"].str.startswith("cash")]
    assert set(costs["reason"]) == {"one event"}
    assert (log["reason"] == "one event").sum() > len(costs)


def test_it_is_written_beside_the_release_for_its_owner_only(demo: tuple[Results, Published], tmp_path: Path) -> None:
    release = tmp_path / "june"
    file = write_suppression_log(*demo, release)
    assert file == tmp_path / "internal" / "june" / "suppressed.csv"
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["suppressed.csv"]
    assert not release.exists()
