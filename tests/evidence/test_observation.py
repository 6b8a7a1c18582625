"""Lay observation: steps from offered to attended equal R's, and the change in understanding of the same people."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.evidence.observation import CONTRADICTION, IMPLIED, REPEATED, observation_rows
from lpact_eval.evidence.records import EVIDENCE_COLUMNS
from lpact_eval.evidence.simple_shares import share_row
from lpact_eval.evidence.understanding_change import SAME_PEOPLE, sign_test, understanding_change_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from lpact_eval.evidence.records import Evidence

ORACLE = Path(__file__).parents[1] / "oracles" / "observation"
RTOL = 1e-9  # closed formulas on both sides
AS_OF = dt.date(2025, 1, 1)


def read(name: str) -> list[dict[str, str]]:
    with (ORACLE / name).open(encoding="utf-8", newline="") as file:
        next(file)
        return list(csv.DictReader(file))


EXPECTED = {row["measure"].replace(";", ","): row for row in read("expected.csv")}


def number(text: str) -> float | None:
    return float(text) if text else None


@pytest.fixture(scope="session")
def drawn(small_evidence: Callable[..., Evidence]) -> Evidence:
    """Lay R's made-up people out with dates ten days apart."""
    rows = [
        {
            "person": row["person"],
            "offered": "2024-03-01",
            "applied": "2024-03-11" if row["applied"] == "1" else None,
            "vetted": "2024-03-21" if row["vetted"] == "1" else None,
            "vetting": ("passed" if row["passed"] == "1" else "not passed") if row["vetted"] == "1" else None,
            "attended": "2024-03-31" if row["attended"] == "1" else None,
            "before": number(row["before"]),
            "after": number(row["after"]),
        }
        for row in read("data.csv")
    ]
    return small_evidence(observations=rows, as_of=AS_OF)


def one(frame: pd.DataFrame, measure: str, unit: str = "count") -> pd.Series:
    found = frame[(frame["measure"] == measure) & (frame["unit"] == unit)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("measure", sorted(EXPECTED.keys() - {"sign test"}))
def test_shares_and_changes_equal_r(drawn: Evidence, measure: str) -> None:
    rows = pd.concat([observation_rows(drawn, ()), understanding_change_rows(drawn)])
    assert tuple(rows.columns) == EVIDENCE_COLUMNS
    row = rows[(rows["measure"] == measure) & (rows["unit"] != "count")].iloc[0]
    expected = [float(EXPECTED[measure][name]) for name in ("value", "low", "high", "n")]
    np.testing.assert_allclose(row[["value", "low", "high", "n"]].to_numpy(dtype=float), expected, rtol=RTOL)


def test_the_sign_test_equals_r() -> None:
    row = EXPECTED["sign test"]
    moved, up = int(row["n"]), round(float(EXPECTED["went up, of those who moved"]["value"]) * int(row["n"]))
    np.testing.assert_allclose(sign_test(up, moved - up), float(row["value"]), rtol=RTOL)


OFFERS = [
    {"person": "P1", "community": "Somali", "scheme": "Custody visiting", "offered": "2024-01-01",
     "applied": "2024-01-11", "vetted": "2024-02-10", "vetting": "passed", "attended": "2024-03-01"},
    {"person": "P2", "community": "Somali", "scheme": "Custody visiting", "offered": "2024-01-01",
     "applied": "2024-01-21", "vetted": "2024-02-10", "vetting": "not passed"},
    {"person": "P3", "community": "Somali", "scheme": "Ride-along", "offered": "2024-06-01", "attended": "2024-07-01"},
    {"person": "P4", "community": "Ghanaian", "scheme": "Ride-along", "offered": "2024-12-22"},
    {"person": "P4", "scheme": "Custody visiting", "offered": "2023-12-01", "applied": "2023-12-31"},
]  # fmt: skip


@pytest.fixture(scope="session")
def few(small_evidence: Callable[..., Evidence]) -> Evidence:
    return small_evidence(observations=OFFERS, as_of=AS_OF)


def test_steps_are_counted_and_whoever_came_further_counts_before(few: Evidence) -> None:
    """Five offers; applied P1, P2, P4 and, who attended, P3; vetted P1, P2, P3; passed and attended P1, P3."""
    rows = observation_rows(few, ())
    steps = [one(rows, step)["value"] for step in ("offered", "applied", "vetted", "passed", "attended", "not passed")]
    assert steps == [5, 4, 3, 2, 2, 1]
    assert [one(rows, step)["n"] for step in ("applied", "vetted", "passed", "attended", "not passed")] == [
        5,
        4,
        3,
        2,
        3,
    ]
    assert IMPLIED in one(rows, "applied")["flags"]
    assert one(rows, "applied, of those offered", "share")["refused"] == "fewer than 10 offers"
    assert REPEATED in one(rows, "applied, of those offered", "share")["flags"]


def test_waits_between_steps_count_open_offers(few: Evidence) -> None:
    """From offered to applied 10, 20 and 30 days, one open for 10, and P3 without a day, left out: S is 3/4 and a half
    would be at day 20: 3/4 x 1/2 = 3/8."""
    row = one(observation_rows(few, ()), "days from offered to applied", "days")
    assert (row["n"], row["value"]) == (4, 20)
    assert "left out" in row["flags"]
    assert one(observation_rows(few, ()), "days from offered to applied: still open")["value"] == 1
    # who did not pass does not wait to attend: P1 after 20 days, P3 without a day of vetting
    assert one(observation_rows(few, ()), "days from vetted to attended", "days")[["n", "value"]].tolist() == [1, 20]


def test_offers_are_grouped_by_community_scheme_and_year(few: Evidence) -> None:
    rows = observation_rows(few)
    offered = rows[rows["measure"] == "offered"]
    assert dict(zip(offered["group"], offered["value"], strict=True)) == {"Ghanaian": 1, "Somali": 3, "not known": 1}
    assert offered["group"].tolist()[-1] == "not known"
    both = observation_rows(few, ("year", "scheme"))
    both = both[both["measure"] == "attended"].set_index(["group", "group2"])["value"].to_dict()
    assert both == {("2023", "Custody visiting"): 0, ("2024", "Custody visiting"): 1, ("2024", "Ride-along"): 1}
    with pytest.raises(lp.LpactError, match="Cannot group by 'area' here"):
        observation_rows(few, "area")


def test_attending_without_having_passed_is_said(small_evidence: Callable[..., Evidence]) -> None:
    rows = observation_rows(
        small_evidence(observations=[{"person": "P", "vetting": "not passed", "attended": "2024-05-01"}]), ()
    )
    assert CONTRADICTION in one(rows, "attended")["flags"]
    assert one(rows, "not passed")["value"] == 0
    assert one(rows, "days from offered to attended", "days")["refused"] == "there are no offers"


STEPS = st.lists(st.tuples(*[st.booleans()] * 3, st.sampled_from(["passed", "not passed", None])), max_size=30)


@settings(max_examples=25)
@given(STEPS, st.randoms())
def test_steps_never_grow_and_order_does_not_matter(
    small_evidence: Callable[..., Evidence], steps: list[tuple[bool, bool, bool, str | None]], chance: Random
) -> None:
    log = [
        {
            "person": f"P{place}",
            "offered": "2024-01-01",
            "applied": "2024-02-01" if applied else None,
            "vetted": "2024-03-01" if vetted else None,
            "vetting": vetting,
            "attended": "2024-04-01" if attended else None,
        }
        for place, (applied, vetted, attended, vetting) in enumerate(steps)
    ]
    moved = list(log)
    chance.shuffle(moved)
    rows, other = (observation_rows(small_evidence(observations=one_way), ()) for one_way in (log, moved))
    pd.testing.assert_frame_equal(rows, other)
    assert not (rows["numerator"] > rows["n"]).any()
    shares = rows[(rows["unit"] == "share") & rows["value"].notna()]
    assert ((shares["low"] <= shares["value"] + 1e-12) & (shares["value"] <= shares["high"] + 1e-12)).all()


def scored(
    small_evidence: Callable[..., Evidence], before: Sequence[float | None], after: Sequence[float | None]
) -> Evidence:
    pairs = enumerate(zip(before, after, strict=True))
    return small_evidence(
        observations=[
            {"person": f"P{i:03d}", "offered": "2024-01-01", "attended": "2024-02-01", "before": one, "after": two}
            for i, (one, two) in pairs
        ]
    )


def test_fewer_than_ten_pairs_are_refused(small_evidence: Callable[..., Evidence]) -> None:
    rows = understanding_change_rows(scored(small_evidence, [2.0] * 12, [3.0] * 9 + [None] * 3))
    row = one(rows, "change in understanding", "points")
    assert row["refused"] == "fewer than 10 people answered both before and after"
    assert np.isnan(row["value"])
    assert row["n"] == 9
    assert one(rows, "understanding went up", "share")["refused"] == "fewer than 10 people"
    assert one(rows, "went up, of those who moved", "share")["refused"] == row["refused"]
    assert one(rows, "no answer after")["value"] == 3
    assert one(rows, "no answer after, though attended")["value"] == 3
    assert (
        "with, or without"
        in one(rows, "understanding before: without an answer after minus with one", "points")["refused"]
    )


def test_ten_to_thirty_pairs_are_flagged_and_alike_changes_have_no_interval(
    small_evidence: Callable[..., Evidence],
) -> None:
    rows = understanding_change_rows(scored(small_evidence, [2.0] * 12, [3.0] * 12))
    row = one(rows, "change in understanding", "points")
    assert row["value"] == 1
    assert row[["low", "high"]].isna().all()
    assert "fewer than 30 people" in row["flags"]
    assert "the same for everyone: no interval" in row["flags"]
    assert SAME_PEOPLE in row["flags"]
    enough = understanding_change_rows(scored(small_evidence, [1.0, 2.0] * 15, [2.0, 2.0] * 15))
    assert "fewer than 30 people answered" not in one(enough, "change in understanding", "points")["flags"]


def test_those_without_an_answer_after_are_compared_and_alike_ones_have_no_interval(
    small_evidence: Callable[..., Evidence],
) -> None:
    rows = understanding_change_rows(scored(small_evidence, [2.0] * 10 + [3.0] * 10, [4.0] * 10 + [None] * 10))
    row = one(rows, "understanding before: without an answer after minus with one", "points")
    assert row["value"] == 1
    assert row["flags"] == "the same for everyone: no interval"


def test_a_disagreement_of_the_sign_test_and_the_interval_is_flagged(small_evidence: Callable[..., Evidence]) -> None:
    """Four of twelve went up by 3 and the others stayed: t = 2.35 clears 0 at 11 df (2.20), 4 against 0 has p = 1/8."""
    rows = understanding_change_rows(scored(small_evidence, [1.0] * 12, [4.0] * 4 + [1.0] * 8))
    assert "disagree" in one(rows, "change in understanding", "points")["flags"]
    assert one(rows, "went up, of those who moved", "share")["refused"] == "fewer than 10 people moved"


def test_a_person_counts_once_with_the_first_score_and_the_last(small_evidence: Callable[..., Evidence]) -> None:
    twice = [
        {"person": f"P{i:02d}", "offered": offered, "before": before, "after": after}
        for i in range(10)
        for offered, before, after in (("2024-01-01", 1.0, 2.0), ("2024-06-01", 3.0, 4.0 + i % 2))
    ]
    rows = understanding_change_rows(small_evidence(observations=twice))
    assert one(rows, "change in understanding", "points")[["value", "n"]].tolist() == [3.5, 10]


def test_the_exact_interval_reaches_the_ends(small_evidence: Callable[..., Evidence]) -> None:
    """All of n up: the lower limit is (0.025)^(1/n); none: the upper is 1 - that."""
    for sign, limit, expected in ((1, "low", 0.025 ** (1 / 12)), (-1, "high", 1 - 0.025 ** (1 / 12))):
        after = [3.0 + sign, 3.0 + 2 * sign] * 6
        row = one(
            understanding_change_rows(scored(small_evidence, [3.0] * 12, after)), "went up, of those who moved", "share"
        )
        np.testing.assert_allclose(row[limit], expected, rtol=1e-12)


def test_shares_of_none_and_of_all_have_ends_and_a_base_under_ten_has_none() -> None:
    """Wilson: of none of n the upper limit is z^2 / (n + z^2), of all of n the lower one n / (n + z^2)."""
    z2 = 1.959963984540054**2
    none, every = share_row("m", 0, 40, base="people"), share_row("m", 40, 40, base="people")
    assert (none["low"], every["high"]) == (0, 1)
    np.testing.assert_allclose([none["high"], every["low"]], [z2 / (40 + z2), 40 / (40 + z2)], rtol=1e-12)
    assert none["flags"] == "fewer than 50 people"
    assert share_row("m", 9, 9, base="people", flags=["a"])["refused"] == "fewer than 10 people"
    assert "points wide" in str(share_row("m", 10, 20, base="people")["flags"])
    assert share_row("m", 50, 100, base="people")["flags"] == ""


def test_no_offers_give_nothing(small_evidence: Callable[..., Evidence]) -> None:
    assert observation_rows(small_evidence()).empty
    assert one(observation_rows(small_evidence(), ()), "offered")["value"] == 0
    assert one(understanding_change_rows(small_evidence()), "answered before")["value"] == 0
