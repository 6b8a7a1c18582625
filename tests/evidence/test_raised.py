"""What communities raise: by how many, by one alone, and the events and forms behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.evidence.raised import raised_rows
from lpact_eval.evidence.record_schema import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]

THEMES = {key: Theme(key, key.capitalize(), "respect") for key in ("stops", "manner", "knives", "jobs")}
REGISTER = [
    {"event": "A", "date": "2023-01-01", "community": "Somali"},
    {"event": "B", "date": "2023-02-01", "community": "Nigerian"},
    {"event": "C", "date": "2023-03-01", "community": "Several"},
]
FEEDBACK = [
    {"item": "1", "event": "A", "kind": "form", "person": "1", "coder_1": ("stops", "manner")},
    {"item": "2", "event": "A", "kind": "form", "person": "1", "coder_1": ("stops",)},
    {"item": "3", "event": "A", "kind": "form", "person": "2", "community": "Nigerian", "coder_1": ("stops",)},
    {"item": "4", "event": "A", "kind": "note", "coder_1": ("manner",)},
    {"item": "5", "event": "B", "kind": "note", "coder_1": ("stops",)},
    {"item": "6", "event": "C", "kind": "note", "coder_1": ("knives", "stops")},
]


@pytest.fixture
def rows(small_evidence: Build) -> pd.DataFrame:
    return raised_rows(small_evidence(themes=THEMES, register=REGISTER, feedback=FEEDBACK))


def test_communities_are_counted_without_words_for_several(rows: pd.DataFrame) -> None:
    found = rows[rows["measure"] == "communities that raise the theme"]
    assert dict(zip(found["group"], found["value"], strict=True)) == {"Stops": 2.0, "Manner": 1.0, "Knives": 0.0}
    assert set(found["n"]) == {2.0}


def test_a_theme_of_one_community_alone_says_so(rows: pd.DataFrame) -> None:
    alone = {row.group for row in rows.itertuples() if "by one community only" in row.flags}
    assert alone == {"Manner"}
    assert "by one community only: Somali" in rows.loc[rows["group"] == "Manner", "flags"].iloc[0]


def test_a_theme_of_several_at_once_belongs_to_none(rows: pd.DataFrame) -> None:
    assert (
        rows.loc[rows["group"] == "Knives", "flags"]
        .str.startswith(
            "no share may be told: fewer than 30 items were coded by two coders; by no single community that is known"
        )
        .all()
    )


def test_events_and_forms_stand_behind_each_community(rows: pd.DataFrame) -> None:
    """The Nigerian form at the Somali event makes that event one where Nigerian people were heard."""
    behind = {
        (row.group, row.group2, row.base): (row.value, row.n) for row in rows.itertuples() if row.by2 == "community"
    }
    assert behind == {
        ("Stops", "Somali", "events"): (1, 1),
        ("Stops", "Somali", "forms"): (1, 1),
        ("Stops", "Nigerian", "events"): (2, 2),
        ("Stops", "Nigerian", "forms"): (1, 1),
        ("Stops", "Several", "events"): (1, 1),
        ("Stops", "Several", "forms"): (0, 0),
        ("Manner", "Somali", "events"): (1, 1),
        ("Manner", "Somali", "forms"): (1, 1),
        ("Knives", "Several", "events"): (1, 1),
        ("Knives", "Several", "forms"): (0, 0),
    }


def test_weak_coding_is_said_beside_every_theme(rows: pd.DataFrame) -> None:
    assert rows["flags"].str.contains("no share may be told: fewer than 30 items were coded by two coders").all()


def test_records_without_feedback_have_no_rows(small_evidence: Build) -> None:
    assert raised_rows(small_evidence(themes=THEMES, register=REGISTER)).empty
