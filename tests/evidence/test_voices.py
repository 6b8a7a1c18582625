"""Voices: what was written on forms only, said in the room only, and both; counted by events with both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.evidence.record_schema import Theme
from lpact_eval.evidence.voices import voice_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]

THEMES = {key: Theme(key, key.upper(), "respect") for key in "abc"}
REGISTER = [{"event": f"E{place}", "date": f"2023-{place + 1:02}-01"} for place in range(4)]
ONLY, ROOM, BOTH = "on forms only", "in the room only", "both"
# A form is (event, person, themes); a note has no person.
SAID = [
    (0, "1", "ab"),
    (0, "2", "a"),
    (0, "", "b"),
    (1, "1", "a"),
    (1, "", "c"),
    (2, "1", "a"),  # no notes of this event
    (3, "", "a"),  # no forms of this event
]


def evidence_of(small_evidence: Build, said: list[tuple[int, str, str]]) -> Evidence:
    feedback = [
        {
            "item": str(number),
            "event": f"E{event}",
            "kind": "form" if person else "note",
            "person": person or None,
            "coder_1": tuple(letters),
        }
        for number, (event, person, letters) in enumerate(said)
    ]
    return small_evidence(themes=THEMES, register=REGISTER, feedback=feedback)


@pytest.fixture
def rows(small_evidence: Build) -> pd.DataFrame:
    return voice_rows(evidence_of(small_evidence, SAID))


def counted(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    found = rows[rows["measure"] == "events that raise the theme"]
    return {(row.group, row.group2): row.value for row in found.itertuples()}


def test_events_are_counted_where_a_theme_came_up(rows: pd.DataFrame) -> None:
    """Two events have both: a is on forms only at both, b both at the first, c in the room at the second."""
    assert {key: value for key, value in counted(rows).items() if value} == {
        ("A", ONLY): 2.0,
        ("B", BOTH): 1.0,
        ("C", ROOM): 1.0,
    }
    assert set(rows.loc[rows["measure"] == "events that raise the theme", "n"]) == {2.0}


def test_forms_behind_what_the_room_did_not_raise(rows: pd.DataFrame) -> None:
    found = rows[rows["measure"] == "forms that raise the theme where the room does not"].set_index("group")
    assert found.loc["A", ["value", "n"]].tolist() == [3.0, 3.0]
    assert found.loc["B", ["value", "n"]].tolist() == [0.0, 0.0]


def test_mentions_are_shared_out(rows: pd.DataFrame) -> None:
    found = rows[rows["measure"] == "mentions of themes"]
    assert found["group"].tolist() == [ONLY, ROOM, BOTH]
    assert found["value"].tolist() == [0.5, 0.25, 0.25]
    assert set(found["n"]) == {4.0}


def test_what_the_room_never_raised_is_flagged(rows: pd.DataFrame) -> None:
    flagged = set(rows.loc[rows["flags"].str.contains("never raised in the room at these events"), "group"])
    assert flagged == {"A"}


def test_without_an_event_that_has_both_there_are_no_rows(small_evidence: Build) -> None:
    assert voice_rows(evidence_of(small_evidence, SAID[5:])).empty


def test_both_silent_gives_no_shares(small_evidence: Build) -> None:
    rows = voice_rows(evidence_of(small_evidence, [(0, "1", ""), (0, "", "")]))
    assert set(rows["refused"]) == {"no theme was raised"}


@settings(max_examples=25)  # every example builds records
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "1", "2"]), st.sampled_from(["", "a", "bc"]))))
def test_mentions_are_the_sum_over_themes(small_evidence: Build, said: list[tuple[int, str, str]]) -> None:
    rows = voice_rows(evidence_of(small_evidence, said))
    mentions = rows[rows["measure"] == "mentions of themes"].set_index("group")
    for where in (ONLY, ROOM, BOTH) if len(rows) else ():
        by_theme = sum(value for (_, place), value in counted(rows).items() if place == where)
        assert mentions.loc[where, "numerator"] == by_theme
