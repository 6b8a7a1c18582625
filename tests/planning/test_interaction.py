"""Laws, published rules and refusals of differences between two groups' gaps."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp

FOUR_SHARES = st.tuples(*[st.floats(0.1, 0.9)] * 4)
FOUR_SIZES = st.tuples(*[st.floats(8, 2000)] * 4)
POWERS = st.floats(0.5, 0.95)
FREEDOM = st.just(math.inf) | st.floats(3, 200)
# What the near tail of a normal test leaves out at 50 per cent power
FAR_TAIL = 1e-4


@given(shares=FOUR_SHARES, sizes=FOUR_SIZES, change=st.floats(0.01, 0.9), df=FREEDOM)
def test_which_group_comes_first_does_not_matter(
    shares: tuple[float, ...], sizes: tuple[float, ...], change: float, df: float
) -> None:
    there = lp.interaction_size(shares=shares, n=sizes, change=change, df=df)
    back = lp.interaction_size(shares=shares[2:] + shares[:2], n=sizes[2:] + sizes[:2], change=-change, df=df)
    assert there.power == pytest.approx(back.power, rel=1e-9)


@given(shares=st.none() | FOUR_SHARES, split=FOUR_SIZES, change=st.floats(0.05, 0.9), power=POWERS, df=FREEDOM)
def test_the_size_for_a_difference_has_the_power_asked_for(
    *, shares: tuple[float, ...] | None, split: tuple[float, ...], change: float, power: float, df: float
) -> None:
    plan = lp.interaction_size(shares=shares, split=split, change=change, power=power, df=df)
    if plan.impossible:
        assert plan.power < power
        return
    sizes = [plan.n * part / math.fsum(split) for part in split]
    back = lp.interaction_size(shares=shares, n=sizes, change=change, df=df)
    if min(sizes) > 2.001:
        assert power - 1e-9 <= back.power <= power + FAR_TAIL
    assert back.half_width == pytest.approx(plan.half_width, rel=1e-9)


@given(shares=FOUR_SHARES, sizes=FOUR_SIZES, power=POWERS, df=FREEDOM)
def test_the_detectable_difference_has_the_power_asked_for(
    shares: tuple[float, ...], sizes: tuple[float, ...], power: float, df: float
) -> None:
    plan = lp.interaction_size(shares=shares, n=sizes, power=power, df=df)
    if plan.impossible:
        assert plan.power < power
    else:
        back = lp.interaction_size(shares=shares, n=sizes, change=plan.change, df=df).power
        assert power - 1e-9 <= back <= power + FAR_TAIL
        assert plan.change_down == -plan.change


@given(shares=FOUR_SHARES, sizes=FOUR_SIZES, change=st.floats(0, 0.9), more=st.floats(1, 10))
def test_more_respondents_show_more(
    shares: tuple[float, ...], sizes: tuple[float, ...], change: float, more: float
) -> None:
    few = lp.interaction_size(shares=shares, n=sizes, change=change).power
    assert few <= lp.interaction_size(shares=shares, n=[size * more for size in sizes], change=change).power + 1e-12


def test_a_difference_half_as_large_as_a_gap_needs_sixteen_times_the_respondents() -> None:
    """Gelman, Hill & Vehtari (2020), sec. 16.4."""
    gap = lp.gap_size(gap=0.5, power=0.8, attending=0.5, df=math.inf)
    between = lp.interaction_size(change=0.25, power=0.8, split=[1, 1, 1, 1])
    assert between.n / gap.n == pytest.approx(16, rel=1e-9)
    assert "about 16 times" in between.sentence


def test_a_difference_by_hand() -> None:
    """By hand: four cells of 100 at a half make s = sqrt(4 x .25 / 100) = .1, half a width of 1.959964 x .1."""
    plan = lp.interaction_size(shares=[0.5] * 4, n=[100] * 4, change=0.1)
    assert plan.half_width == pytest.approx(0.1959964, abs=1e-7)
    assert plan.n == 400


def test_what_no_size_shows_is_told_with_the_best_that_can_be_had() -> None:
    tiny = lp.interaction_size(change=0.001, power=0.8, split=[1, 1, 1, 1])
    assert tiny.impossible
    assert "not even 1,000,000 respondents" in tiny.sentence
    narrow = lp.interaction_size(half_width=0.0001, split=[1, 1, 1, 1])
    assert narrow.impossible
    assert narrow.half_width == pytest.approx(1.959963984540054 * math.sqrt(16 / 1e6))
    hopeless = lp.interaction_size(shares=[0.5] * 4, change=0.1, power=0.5, split=[1, 1, 1, 1], level=0.999999, df=0.6)
    assert hopeless.impossible
    assert "no difference at all can be shown" in hopeless.sentence
    few = lp.interaction_size(shares=[0.5] * 4, n=[3] * 4, power=0.9, df=2)
    assert few.impossible
    assert math.isnan(few.change)
    assert few.power < 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"change": 0.1, "power": 0.8}, "give n as four numbers, one a cell, or split"),
        ({"change": 0.1, "n": [9, 9, 9, 9], "split": [1, 1, 1, 1]}, "not both"),
        ({"change": 0.1, "n": [9, 9, 9]}, "3 numbers as n: give 4"),
        ({"change": 0.1, "n": [9, 9, 9, 9], "shares": [0.5]}, "1 numbers as shares: give 4"),
        ({"change": 0.1, "n": [9, 9, 9, 9], "shares": [0.5, 0.5, 0.5, 50]}, "shares=50"),
        ({"change": 0.1, "n": [9, 9, 9, 9], "design_effect": [1.0, 2.0]}, "2 numbers as design_effect: give 4"),
        ({"change": 0.1, "n": [1, 9, 9, 9]}, "it must be a finite number of at least 56"),
        ({"change": 0.0, "power": 0.8, "split": [1, 1, 1, 1]}, "Cannot plan to show change=0"),
        ({"change": 2.5, "power": 0.8, "split": [1, 1, 1, 1], "shares": [0.5] * 4}, "change=2.5"),
        ({"n": [9, 9, 9, 9]}, "leave out exactly one"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.interaction_size(**arguments)
