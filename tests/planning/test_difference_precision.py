"""Laws, limits and refusals of the precision of a change."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WrongUseError

SHARES = st.none() | st.floats(0.15, 0.6)
CHANGES = st.floats(-0.1, 0.3)
SIZES = st.floats(10, 5000)
EFFECTS = st.tuples(st.floats(1, 3), st.floats(1, 3))


@given(share=SHARES, change=CHANGES, n=SIZES, ratio=st.floats(0.5, 3), effects=EFFECTS)
def test_the_size_for_a_half_width_gives_it(
    *, share: float | None, change: float, n: float, ratio: float, effects: tuple[float, float]
) -> None:
    question = {"baseline": share, "change": change, "ratio": ratio, "design_effect": effects}
    half = lp.precision_of_difference(n=n + 12, **question).half_width
    back = lp.precision_of_difference(half_width=half, **question)
    assert back.n == pytest.approx(n + 12, rel=1e-9)
    assert back.half_width == pytest.approx(half, rel=1e-12)


@given(share=SHARES, change=CHANGES, first=st.floats(5, 500), half=st.floats(0.03, 1))
def test_beside_a_fixed_wave_the_half_width_is_had_or_an_endless_wave_is_wider(
    share: float | None, change: float, first: float, half: float
) -> None:
    plan = lp.precision_of_difference(baseline=share, change=change, first_wave=first, half_width=half)
    endless = lp.precision_of_difference(baseline=share, change=change, first_wave=first, n=math.inf).half_width
    if plan.impossible:
        assert math.isnan(plan.n)
        assert plan.half_width == endless
        assert endless > half * 0.999
    else:
        assert endless < plan.half_width <= half * (1 + 1e-9)


@given(share=SHARES, change=CHANGES, n=SIZES, more=st.floats(1, 10), df=st.floats(1, 200))
def test_more_respondents_and_degrees_of_freedom_are_more_precise(
    *, share: float | None, change: float, n: float, more: float, df: float
) -> None:
    def half(size: float, freedom: float) -> float:
        return lp.precision_of_difference(baseline=share, change=change, n=size, df=freedom).half_width

    assert half(n, df) >= half(n * more, df)
    assert half(n, df) >= half(n, df * more) - 1e-12
    assert half(n, df) >= half(n, math.inf)


def test_a_half_width_by_hand() -> None:
    """By hand: 1.959964 x sqrt(.25 / 50 + .25 / 50) = .195996; .25 / ((.2 / 1.959964)^2 - .25 / 40) = 60.1."""
    plan = lp.precision_of_difference(baseline=0.5, n=50)
    assert plan.half_width == pytest.approx(0.1959964, abs=1e-7)
    assert "the interval of a change around 50% reaches 19.6 points either way" in plan.sentence
    second = lp.precision_of_difference(baseline=0.5, half_width=0.2, first_wave=40)
    assert second.n == pytest.approx(0.25 / (0.01041271 - 0.00625), rel=1e-4)
    mean = lp.precision_of_difference(n=50)
    assert mean.half_width == pytest.approx(2 * plan.half_width)
    assert "standard deviations" in mean.sentence


def test_what_no_size_gives_is_told_with_the_best_that_can_be_had() -> None:
    fixed = lp.precision_of_difference(baseline=0.21, change=0.14, half_width=0.13, first_wave=34)
    assert fixed.impossible
    assert fixed.sentence == (
        "Impossible: beside a first wave with 34 effective respondents no second wave makes the interval of a change "
        "from 21% to 35% reach 13.0 points either way. The best that can be had is 13.7 points either way."
    )
    tiny = lp.precision_of_difference(baseline=0.5, half_width=0.0001)
    assert tiny.impossible
    assert tiny.half_width == pytest.approx(1.959963984540054 * math.sqrt(0.5 / 1e6))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give n to learn the half-width, or half_width to learn n; not both"),
        ({"n": 50, "half_width": 0.1}, "not both"),
        ({"n": 1}, "n=1"),
        ({"n": math.inf}, "a finite number"),
        ({"half_width": 0}, "half_width=0"),
        ({"n": 50, "change": 0.7}, "the second share would be 1.1"),
        ({"n": 50, "df": 0}, "df=0"),
        ({"n": 50, "design_effect": [1.0, 1.0, 1.0]}, "3 design effects"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.precision_of_difference(**{"baseline": 0.4, **arguments})


def test_few_degrees_of_freedom_of_the_first_wave_widen_the_interval() -> None:
    # 40 and 40 with 6 degrees of freedom each have Satterthwaite's 12; an endless second wave leaves 6
    equal = lp.precision_of_difference(baseline=0.4, first_wave=40, n=40, df_first=6)
    assert equal.half_width == pytest.approx(2.178812829667 * math.sqrt(2 * 0.24 / 40), rel=1e-9)
    endless = lp.precision_of_difference(baseline=0.4, first_wave=40, n=math.inf, df_first=6)
    assert endless.half_width == pytest.approx(2.446911851145 * math.sqrt(0.24 / 40), rel=1e-9)
    assert "6.0 degrees of freedom" in endless.sentence


def test_the_size_beside_few_degrees_of_freedom_gives_the_half_width_back() -> None:
    plan = lp.precision_of_difference(baseline=0.4, first_wave=40, half_width=0.21, df_first=6)
    again = lp.precision_of_difference(baseline=0.4, first_wave=40, n=plan.n, df_first=6)
    assert again.half_width == pytest.approx(0.21, rel=1e-9)
    never = lp.precision_of_difference(baseline=0.4, first_wave=40, half_width=0.15, df_first=6)
    assert never.impossible
    assert 0.15 < never.half_width <= 2.446911851145 * math.sqrt(0.24 / 40) + 1e-12


def test_degrees_of_freedom_of_a_first_wave_need_one() -> None:
    with pytest.raises(WrongUseError, match="belongs to a first_wave"):
        lp.precision_of_difference(baseline=0.4, n=40, df_first=6)
