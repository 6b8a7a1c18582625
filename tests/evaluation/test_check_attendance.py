"""What is said of an attendance comparison before it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from lpact_eval.evaluation.check import Check, check_plan
from lpact_eval.evaluation.check_attendance import counted_groups

if TYPE_CHECKING:
    from pathlib import Path


def checked(path: Path, *changes: tuple[str, str]) -> dict[str, Check]:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return {one.what: one for one in check_plan(path)}


def test_arms_are_told_and_what_small_ones_allow(own: Path) -> None:
    found = checked(own)
    assert found["attendance"].status == "ok"
    assert found["attendance of All respondents"].status == "ok"
    asian = found["attendance of Asian"]
    assert asian.status == "warn"
    assert "its gap will be withheld from readers; no overlap weights: fewer than 15 attended" in asian.found
    assert found["events attended"].status == "ok"


def test_small_arms_are_not_counted(own: Path) -> None:
    other = checked(own)["attendance of Other"]
    assert (other.status, other.found) == ("warn", "fewer than 10 attended or did not: no gap can be given")


def test_small_arms_can_not_be_had_from_the_others_either(own: Path) -> None:
    """Mixed and Other, counted as everybody less the other three groups, would be 5 attendees together."""
    found = checked(own, ('groups = ["Black"]', 'groups = ["Asian", "Black", "White"]'))
    assert " attended, " in found["attendance of All respondents"].found
    for group in ("Asian", "White"):
        assert found[f"attendance of {group}"].found.startswith("fewer than 30 in an arm")
        expected = "fewer than 30 attended or did not: a gap of 10 points can't be shown"
        assert found[f"gap size for 5.1, {group}"].found == expected


@pytest.mark.parametrize(
    ("arms", "counted"),
    [
        ({"A": (12, 40), "B": (40, 60)}, {"A", "B"}),
        ({"A": (9, 40), "B": (40, 60), "C": (50, 60)}, set()),
        ({"A": (0, 40), "B": (11, 60), "C": (50, 60)}, {"C"}),
        ({"A": (2, 40), "B": (3, 60), "C": (50, 60)}, set()),
    ],
)
def test_groups_are_counted_where_what_is_left_is_not_a_few(
    arms: dict[str, tuple[int, int]], counted: set[str]
) -> None:
    assert counted_groups({"All respondents": (100, 200), **arms}) == {"All respondents", *counted}


def test_nothing_is_said_of_how_a_group_answered(own: Path) -> None:
    """All Asian attendees said one thing and all other Asian respondents another: no method has a number for them."""
    path = own.parent / "surveys" / "rerun" / "demo" / "rerun.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    question, events = (next(name for name in frame if str(name).startswith(start)) for start in ("1. ", "15. "))
    went = frame[events].isin(["1", "2", "3 or more"])
    frame[question] = np.where(went, "Strongly agree", "Strongly disagree")
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    assert not [one for one in checked(own).values() if "same answer" in one.found]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('adjust = ["age_band", ', 'adjust = ["trust_force", '), "attending may have changed them"),
        (('attended = "attended"', 'attended = "recruit_route"'), "it has to be yes or no"),
    ],
)
def test_a_comparison_that_can_not_be_made_fails_and_says_why(own: Path, change: tuple[str, str], said: str) -> None:
    found = checked(own, change)
    assert found["attendance"].status == "fail"
    assert said in found["attendance"].found
    assert "attendance of Black" not in found


def test_events_without_numbers_fail(own: Path) -> None:
    found = checked(own, ('dose = "lpact_events"', 'dose = "recruit_route"'))["plan"]
    assert found.status == "fail"
    assert "does not hold a number of events" in f"{found.found} {found.details}"


def test_a_plan_without_gaps_or_attendance_has_nothing_to_check(own: Path) -> None:
    assert "attendance" not in checked(own, ('analyses = ["change", "gap"]', 'analyses = ["change"]'))
