"""What stands beside a change is cleared in step with it: its other rows, its parts, its tipping points."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lpact_eval.disclosure.comparing import clear_composition, clear_selection, in_step, with_one_base
from lpact_eval.disclosure.rules import UK

Record = dict[str, object]


def change(group: str, tier: str = "full", *, row: str = "standardised", n: int = 300) -> Record:
    """A cleared row of a change."""
    return {
        "indicator": "5.1",
        "measure": "change",
        "variable": "trust",
        "answer": "agree",
        "wave": "b - a",
        "by": "ethnicity",
        "group": group,
        "row": row,
        "main": row == "standardised",
        "tier": tier,
        "n": n,
        "n_first": n // 3,
        "n_second": n - n // 3,
        "design_effect": 1.2,
    }


def part(group: str, *, refused: str = "") -> Record:
    """A part of a change, before clearing."""
    return {
        "indicator": "5.1",
        "title": "Trust",
        "wave": "b - a",
        "by": "ethnicity",
        "group": group,
        "along": "sex",
        "along_title": "Sex",
        "part": "rate",
        "refused": refused,
        "estimate": 0.1,
        "std_error": 0.05,
        "conf_low": 0.0,
        "conf_high": 0.2,
    }


def tipping(group: str, *, least: int, kind: str = "interviewer") -> Record:
    """A tipping point, before clearing."""
    return {
        "indicator": "5.1",
        "title": "Trust",
        "wave": "b - a",
        "by": "ethnicity",
        "group": group,
        "kind": kind,
        "answer": "police officer",
        "minus": "a",
        "level": "b",
        "change": 0.1,
        "change_end": 0.05,
        "first": 0.2,
        "second": 0.7,
        "tipping": 0.2,
        "tipping_end": 0.1,
        "observed": 0.07,
        "observed_low": 0.01,
        "observed_high": 0.13,
        "n_least": least,
        "refused": "",
    }


def test_the_smallest_base_of_the_three_rows_decides_for_all() -> None:
    rows = [change("Black", row=name) for name in ("standardised", "as collected", "balanced")]
    assert in_step([*rows, change("White")], [120, 98, 120, 300]) == [98, 98, 98, 300]


def test_levels_keep_their_own_base() -> None:
    level = {**change("Black"), "measure": "level"}
    assert in_step([level, {**level, "row": "balanced"}], [120, 98]) == [120, 98]


def test_a_base_that_differs_from_the_headlines_is_not_told() -> None:
    """300 less 296 would be four people of unknown age; the design effect would give the base back."""
    rows = [change("Black"), change("Black", row="as collected", n=296), change("Black", row="balanced")]
    first, collected, balanced = with_one_base(rows)
    assert first["n"] == balanced["n"] == 300
    assert [collected[name] for name in ("n", "n_first", "n_second", "design_effect")] == [None] * 4


@pytest.mark.parametrize(("tier", "mark"), [("suppressed", "[c]"), ("withheld", "[u]"), ("refused", "[x]")])
def test_parts_of_a_change_that_is_not_shown_are_not_shown(tier: str, mark: str) -> None:
    found = clear_composition(pd.DataFrame([part("Black")]), [change("Black", tier)]).iloc[0]
    assert found[["estimate", "std_error", "conf_low", "conf_high"]].isna().all()
    assert found["mark"] == mark
    assert found["refused"] == ""


def test_parts_of_a_change_of_which_nothing_is_known_are_not_shown() -> None:
    assert clear_composition(pd.DataFrame([part("Black")]), [change("White")])["estimate"].isna().all()


def test_parts_of_a_change_that_is_shown_are_shown_and_their_reasons_name_no_numbers() -> None:
    parts = pd.DataFrame([part("Black"), part("Black", refused="no degrees of freedom: all 7 answers come from one")])
    found = clear_composition(parts, [change("Black")])
    assert found["estimate"].iloc[0] == 0.1
    assert "7" not in found["refused"].iloc[1]
    assert found["mark"].tolist() == ["", "[x]"]


@pytest.mark.parametrize(
    ("least", "shares", "observed"), [(0, True, True), (9, False, False), (10, True, False), (30, True, True)]
)
def test_tipping_points_rest_on_enough_respondents_on_both_sides(least: int, *, shares: bool, observed: bool) -> None:
    found = clear_selection(pd.DataFrame([tipping("Black", least=least)]), [change("Black")], UK)
    row = found.iloc[0]
    assert "n_least" not in found.columns
    assert (not math.isnan(row["first"])) == shares
    assert (not math.isnan(row["tipping"])) == shares
    assert (not math.isnan(row["observed"])) == observed


def test_tipping_points_of_a_change_that_is_not_shown_say_nothing() -> None:
    parts = pd.DataFrame([tipping("Black", least=0), tipping("Black", least=0, kind="participation")])
    found = clear_selection(parts, [change("Black", "suppressed")], UK)
    assert found[["change", "first", "second", "tipping", "observed"]].isna().all().all()


def test_without_rows_there_are_none() -> None:
    assert clear_composition(pd.DataFrame(), []).empty
    assert clear_selection(pd.DataFrame(), [], UK).empty
