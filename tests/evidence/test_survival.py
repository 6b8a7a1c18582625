"""Waiting times equal R survival's: the curve, its limits and the median, with open items counted."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp

if TYPE_CHECKING:
    from random import Random

ORACLE = Path(__file__).parents[1] / "oracles" / "survival"
RTOL = 1e-10  # closed formulas on both sides


class Reference(NamedTuple):
    case: str
    level: str
    quantity: str
    value: float


def references() -> list[Reference]:
    with (ORACLE / "expected.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        return [Reference(**{**row, "value": float(row["value"] or "nan")}) for row in csv.DictReader(file)]


REFERENCES = references()
CURVE = ("still_waiting", "std_error", "conf_low", "conf_high", "at_risk", "done")


@pytest.mark.parametrize(("case", "level"), sorted({row[:2] for row in REFERENCES}))
def test_waiting_times_equal_r(case: str, level: str) -> None:
    expected = {row.quantity: row.value for row in REFERENCES if row[:2] == (case, level)}
    data = pd.read_csv(ORACLE / "data.csv", comment="#").query("case == @case")
    found = lp.waiting_time(data["days"], data["done"], level=float(level))
    curve = found.curve.set_index("days")
    got = {f"{name} {day:g}": curve.loc[day, name] for name in CURVE for day in curve.index}
    got |= {name: getattr(found, name) for name in ("median", "median_low", "median_high")}
    assert got.keys() == expected.keys()
    np.testing.assert_allclose([got[name] for name in expected], list(expected.values()), rtol=RTOL)


DAYS = st.lists(st.integers(0, 60), min_size=1, max_size=40)
ITEMS = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=40)


@given(DAYS)
def test_without_open_items_the_curve_is_the_empirical_one(days: list[int]) -> None:
    curve = lp.waiting_time(days, [True] * len(days)).curve
    expected = [np.mean(np.array(days) > day) for day in curve["days"]]
    np.testing.assert_allclose(curve["still_waiting"], expected, atol=1e-12)
    errors = np.sqrt(np.array(expected) * (1 - np.array(expected)) / len(days))
    some = np.array(expected) > 0
    np.testing.assert_allclose(curve["std_error"][some], errors[some], rtol=1e-9, atol=1e-12)


@given(DAYS)
def test_without_open_items_the_median_is_the_middle_one(days: list[int]) -> None:
    assert lp.waiting_time(days, [True] * len(days)).median == np.median(days)


@given(ITEMS, st.randoms())
def test_order_of_items_does_not_matter(items: list[tuple[int, bool]], chance: Random) -> None:
    moved = list(items)
    chance.shuffle(moved)
    one, other = (lp.waiting_time(*zip(*rows, strict=True)) for rows in (items, moved))
    pd.testing.assert_frame_equal(one.curve, other.curve)
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())


@given(ITEMS, st.integers(2, 30))
def test_days_scale_and_limits_hold_the_curve(items: list[tuple[int, bool]], factor: int) -> None:
    days, done = zip(*items, strict=True)
    one, scaled = lp.waiting_time(days, done), lp.waiting_time([day * factor for day in days], done)
    np.testing.assert_allclose(scaled.median, one.median * factor)
    curve = one.curve.dropna()
    assert (curve["conf_low"] <= curve["still_waiting"] + 1e-12).all()
    assert (curve["still_waiting"] <= curve["conf_high"] + 1e-12).all()
    assert one.n_done + one.n_open == one.n == one.curve[["done", "open"]].to_numpy().sum()


def test_open_items_are_not_dropped() -> None:
    """Done at 10; open at 20; done at 30: 2/3 wait after 10 and none after 30. Dropping the open one says 1/2."""
    found = lp.waiting_time([10, 20, 30], [True, False, True])
    np.testing.assert_allclose(found.curve["still_waiting"], [2 / 3, 2 / 3, 0.0])
    assert (found.median, found.n_open) == (30.0, 1)
    assert found.flags == "fewer than 10 items"


def test_items_open_on_the_day_another_is_done_were_waiting() -> None:
    found = lp.waiting_time([5, 5], [True, False])
    assert found.curve[["at_risk", "done", "open", "still_waiting"]].to_numpy().tolist() == [[2, 1, 1, 0.5]]


def test_no_median_where_most_still_wait() -> None:
    frame = lp.waiting_time([5, *[90] * 9], [True, *[False] * 9]).to_frame()
    assert "more than half are still waiting" in frame["refused"][0]
    assert frame[["estimate", "conf_high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("days", "done", "level", "message"),
    [
        ([], [], 0.95, "0 numbers of days"),
        ([1, 2], [True], 0.95, "2 numbers of days and 1 answers"),
        ([1, -2, None], [True] * 3, 0.95, "2 days are missing, negative or no numbers"),
        ([1, 2], [True, None], 0.95, "for 1 items, done is neither True nor False"),
        ([1], [True], 0.0, "levels lie between 0 and 1"),
    ],
)
def test_waiting_time_refuses(days: list[float], done: list[bool], level: float, message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.waiting_time(days, done, level=level)
