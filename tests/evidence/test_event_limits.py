"""Trends and intervals over events equal R's; rank trends equal SciPy's too."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lpact_eval.evidence.event_limits import group_limits, ratio_limits, share_limits
from lpact_eval.evidence.event_trend import rank_trend, rate_trend

ORACLE = Path(__file__).parents[1] / "oracles" / "events"
RTOL = 1e-8  # R's glm and uniroot stop at about 1e-13 of the deviance


class Reference(NamedTuple):
    kind: str
    case: str
    value: float
    low: float
    high: float


def rows(file: str) -> list[dict[str, str]]:
    with (ORACLE / file).open(encoding="utf-8", newline="") as lines:
        next(lines)
        return list(csv.DictReader(lines))


def references(kind: str) -> list[Reference]:
    numbers = ("value", "low", "high")
    return [
        Reference(row["kind"], row["case"], *(float(row[name]) for name in numbers))
        for row in rows("expected.csv")
        if row["kind"] == kind
    ]


def data(case: str) -> tuple[np.ndarray, np.ndarray]:
    found = [row for row in rows("data.csv") if row["case"] == case]
    return tuple(np.array([float(row[name]) for row in found]) for name in ("top", "bottom"))


@pytest.mark.parametrize("row", references("trend"), ids=lambda row: row.case)
def test_trend_of_events_equals_r(row: Reference) -> None:
    counts, days = data(row.case)
    got = rate_trend(counts, days, np.arange(len(counts)) / 2)
    np.testing.assert_allclose([got.value, got.low, got.high], [row.value, row.low, row.high], rtol=RTOL)


@pytest.mark.parametrize("row", references("share"), ids=lambda row: row.case)
def test_limits_of_a_share_equal_r(row: Reference) -> None:
    yes, base = data(row.case)
    got = share_limits(yes, base, np.zeros(len(yes), dtype=np.intp), 1)
    np.testing.assert_allclose([got.low[0], got.high[0]], [row.low, row.high], rtol=RTOL)


@pytest.mark.parametrize("row", references("share"), ids=lambda row: row.case)
def test_limits_of_two_groups_are_those_of_a_share(row: Reference) -> None:
    yes, base = data(row.case)
    got = group_limits(np.column_stack([yes, base - yes]))
    np.testing.assert_allclose([got.low[0], got.high[0]], [row.low, row.high], rtol=RTOL)
    np.testing.assert_allclose([1 - got.high[1], 1 - got.low[1]], [row.low, row.high], rtol=RTOL)


@pytest.mark.parametrize("row", references("rank"), ids=lambda row: row.case)
def test_trend_of_attendees_equals_r(row: Reference) -> None:
    got = rank_trend(*data(row.case))
    np.testing.assert_allclose([got.value, got.low, got.high], [row.value, row.low, row.high], rtol=RTOL)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 900)), min_size=8, max_size=30, unique_by=lambda x: x[1]))
def test_trend_of_attendees_on_different_days_equals_scipy(pairs: list[tuple[int, int]]) -> None:
    values, days = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    got = rank_trend(values, days)
    if len(set(values)) == 1:
        assert got.refused == "too many events alike for a trend"
        return
    expected = stats.theilslopes(values, days, 0.95)
    np.testing.assert_allclose(
        [got.value, got.low, got.high], [expected.slope, expected.low_slope, expected.high_slope], rtol=1e-9
    )


def test_no_trend_where_events_are_alike() -> None:
    assert rank_trend(np.arange(9.0), np.zeros(9)).refused == "all events are on one day"
    assert rank_trend(np.full(9, 40.0), np.arange(9.0)).refused == "too many events alike for a trend"
    one_apart = np.array([0.0] * 8 + [1.0])
    assert rank_trend(np.array([0.0, 1.0] * 4 + [1.0]), one_apart).refused == "too many events alike for a trend"


def test_even_rates_show_no_trend() -> None:
    got = rate_trend(np.array([2.0, 4.0, 4.0]), np.array([90.0, 180.0, 180.0]), np.array([0.0, 0.5, 1.0]))
    assert got.value == pytest.approx(1.0)
    assert got.low < 1 < got.high


@pytest.mark.parametrize("counts", [[9.0, 0.0, 0.0], [0.0, 0.0, 9.0], [0.0, 0.0, 0.0]])
def test_no_trend_where_all_events_fall_at_an_end(counts: list[float]) -> None:
    got = rate_trend(np.array(counts), np.ones(3), np.array([0.0, 0.5, 1.0]))
    assert got.refused == "all events fall in the first or the last half-year"
    assert np.isnan([got.value, got.low, got.high]).all()


def test_fewer_than_five_events_have_no_interval() -> None:
    cell = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    yes, base = np.array([1.0, 3, 2, 5, 2, 4, 3, 1, 5]), np.full(9, 10.0)
    for work in (share_limits, ratio_limits):
        got = work(yes, base, cell, 2)
        assert np.isnan(got.low[0])
        assert got.flags[0] == ("fewer than 5 events: no interval",)
        assert got.low[1] < 0.3 < got.high[1]
        assert "fewer than 10 events" in got.flags[1]


def test_cells_do_not_touch_each_other() -> None:
    yes, base = data("apart")
    alone = share_limits(yes[:12], base[:12], np.zeros(12, dtype=np.intp), 1)
    beside = share_limits(yes, base, np.repeat([1, 0], [12, 18]), 2)
    np.testing.assert_allclose([beside.low[1], beside.high[1]], [alone.low[0], alone.high[0]], rtol=RTOL)


def test_the_same_share_at_every_event_has_no_interval() -> None:
    same = np.full(6, 5.0)
    for work in (share_limits, ratio_limits):
        got = work(same, 2 * same, np.zeros(6, dtype=np.intp), 1)
        assert np.isnan(got.low[0])
        assert "the same at every event: no interval" in got.flags[0]


def test_nobody_at_any_event_leaves_room_above() -> None:
    got = share_limits(np.zeros(12), np.full(12, 10.0), np.zeros(12, dtype=np.intp), 1)
    assert got.low[0] == 0
    assert 0 < got.high[0] < 0.1


def test_counts_that_no_event_has_are_not_laid_out() -> None:
    huge = np.full(6, 1e12)
    for got in (share_limits(huge / 2, huge, np.zeros(6, dtype=np.intp), 1), group_limits(np.column_stack([huge]))):
        assert np.isnan(got.low[0])
        assert "the counts are too large for an interval" in got.flags[0]


def test_no_cost_lies_below_nothing() -> None:
    pounds, came = np.array([0.0, 0, 0, 0, 0, 900]), np.array([50.0, 60, 55, 40, 45, 10])
    got = ratio_limits(pounds, came, np.zeros(6, dtype=np.intp), 1)
    assert got.low[0] == 0
