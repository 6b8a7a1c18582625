"""What is said of an attendance comparison before it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.evaluation.check import Check, check_plan

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
    assert checked(own, ('dose = "lpact_events"', 'dose = "recruit_route"'))["events attended"].status == "fail"


def test_a_plan_without_gaps_or_attendance_has_nothing_to_check(own: Path) -> None:
    assert "attendance" not in checked(own, ('analyses = ["change", "gap"]', 'analyses = ["change"]'))
