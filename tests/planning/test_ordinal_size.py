"""Laws, published figures and refusals of shifts of ordered answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lpact_eval as lp

if TYPE_CHECKING:
    from lpact_eval.planning.ordinal import Method

ANSWERS = st.lists(st.floats(0.05, 1), min_size=2, max_size=7)
ODDS = st.floats(0.2, 5)
SIZES = st.floats(10, 3000)
POWERS = st.floats(0.5, 0.95)
METHODS = st.sampled_from(["noether", "whitehead"])
# What the near tail of a normal test leaves out at 50 per cent power
FAR_TAIL = 1e-4
SCALE = [0.15, 0.3, 0.25, 0.2, 0.1]


@given(answers=ANSWERS, odds=ODDS, power=POWERS, ratio=st.floats(0.3, 3), method=METHODS)
def test_the_size_has_the_power_asked_for(
    *, answers: list[float], odds: float, power: float, ratio: float, method: Method
) -> None:
    assume(abs(math.log(odds)) > 0.05)
    plan = lp.ordinal_size(answers=answers, odds_ratio=odds, power=power, ratio=ratio, method=method)
    back = lp.ordinal_size(answers=answers, odds_ratio=odds, n=plan.n, ratio=ratio, method=method)
    assert back.power >= power - 1e-9
    if plan.n * min(1, ratio) > 2.001:
        assert back.power <= power + FAR_TAIL
    assert back.change == pytest.approx(plan.change)


@given(answers=ANSWERS, n=SIZES, power=POWERS, method=METHODS)
def test_the_detectable_shift_has_the_power_asked_for(
    answers: list[float], n: float, power: float, method: Method
) -> None:
    plan = lp.ordinal_size(answers=answers, n=n, power=power, method=method)
    if plan.impossible:
        assert math.isnan(plan.change)
        return
    odds = plan.assumptions["odds_ratio"]
    assert isinstance(odds, float)
    back = lp.ordinal_size(answers=answers, n=n, odds_ratio=odds, method=method)
    assert power - 1e-9 <= back.power <= power + FAR_TAIL
    assert back.change == pytest.approx(plan.change, abs=1e-12)


@given(answers=ANSWERS, odds=ODDS, n=SIZES)
def test_a_shift_and_its_odds_ratio_are_the_same_question(answers: list[float], odds: float, n: float) -> None:
    by_odds = lp.ordinal_size(answers=answers, odds_ratio=odds, n=n)
    shift = by_odds.assumptions["shift"]
    assert isinstance(shift, float)
    by_shift = lp.ordinal_size(answers=answers, shift=shift, n=n)
    assert by_shift.power == pytest.approx(by_odds.power, abs=1e-9)


@given(answers=ANSWERS, odds=ODDS, n=SIZES, method=METHODS)
def test_turning_the_scale_round_turns_the_shift_round(
    answers: list[float], odds: float, n: float, method: Method
) -> None:
    there = lp.ordinal_size(answers=answers, odds_ratio=odds, n=n, method=method)
    back = lp.ordinal_size(answers=answers[::-1], odds_ratio=1 / odds, n=n, method=method)
    assert back.power == pytest.approx(there.power, abs=1e-9)
    assert back.change == pytest.approx(-there.change, abs=1e-12)


@given(answers=ANSWERS, odds=ODDS, n=SIZES, more=st.floats(1, 10), method=METHODS)
def test_more_respondents_show_more(
    *, answers: list[float], odds: float, n: float, more: float, method: Method
) -> None:
    few, many = (
        lp.ordinal_size(answers=answers, odds_ratio=odds, n=size, method=method).power for size in (n, n * more)
    )
    assert few <= many + 1e-12


def test_answers_that_nobody_gives_change_nothing() -> None:
    plain = lp.ordinal_size(answers=[3, 2, 1], odds_ratio=2, n=60)
    assert lp.ordinal_size(answers=[0, 3, 0, 2, 1], odds_ratio=2, n=60).power == plain.power
    assert lp.ordinal_size(answers=[30, 20, 10], odds_ratio=2, n=60).power == pytest.approx(plain.power)


def test_the_size_is_that_of_whiteheads_example() -> None:
    """Whitehead (1993), sec. 3: shares .2, .5, .2, .1; good or better from .70 to .85; power .90: 187 in all."""
    odds = (0.85 / 0.15) / (0.7 / 0.3)
    plan = lp.ordinal_size(answers=[0.2, 0.5, 0.2, 0.1], odds_ratio=odds, power=0.9, method="whitehead")
    assert round(2 * plan.n) == 187


def test_many_fine_answers_make_noethers_formula_without_ties() -> None:
    """Noether (1987), eq. 2: N = (1.959964 + 1.281552)^2 / (12 x .25 x .01) = 350.2 in all."""
    plan = lp.ordinal_size(answers=[1] * 400, shift=0.6, power=0.9)
    assert 2 * plan.n == pytest.approx((1.959963984540054 + 1.2815515655446) ** 2 / 0.03, rel=1e-4)


def test_two_answers_shift_by_half_their_change() -> None:
    """By hand: from 40 to 50 of 100 is .5 x .6 + (.5 x .4 + .5 x .6) / 2 = .55."""
    plan = lp.ordinal_size(answers=[0.4, 0.6], odds_ratio=1.5, n=100)
    assert plan.assumptions["shift"] == pytest.approx(0.55)
    assert plan.change == pytest.approx(0.05)
    assert "a shift to 55%" in plan.sentence


def test_what_no_size_shows_is_told_with_the_best_that_can_be_had() -> None:
    plan = lp.ordinal_size(answers=SCALE, shift=0.6, power=0.8, first_wave=34)
    assert plan.impossible
    endless = lp.ordinal_size(answers=SCALE, shift=0.6, n=math.inf, first_wave=34).power
    assert plan.power == pytest.approx(endless)
    assert "The best that can be had" in plan.sentence
    few = lp.ordinal_size(answers=SCALE, n=2, power=0.9)
    assert few.impossible
    assert "no shift upwards is shown" in few.sentence


def test_a_wave_that_all_but_always_gives_one_answer_tells_nothing_of_odds() -> None:
    plan = lp.ordinal_size(answers=[1e-300, 1], odds_ratio=2, n=50, method="whitehead")
    assert plan.power == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shift": 0.6, "odds_ratio": 2, "n": 50}, "give shift or odds_ratio"),
        ({"shift": 0.6}, r"left out: \['n', 'power'\]"),
        ({"shift": 0.95, "n": 50}, "shift=0.95: from these answers it can only reach from 0.050 to 0.925"),
        ({"shift": 0.5, "power": 0.8}, "Cannot plan to show no shift"),
        ({"odds_ratio": 1, "power": 0.8}, "Cannot plan to show no shift"),
        ({"odds_ratio": 0, "n": 50}, "odds_ratio=0"),
        ({"shift": 0.6, "n": 50, "method": "wilcoxon"}, "method='wilcoxon'"),
        ({"shift": 0.6, "n": 50, "answers": [1.0]}, "shares of at least two answers"),
        ({"shift": 0.6, "n": 50, "answers": [1.0, -0.2]}, "answers=-0.2"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.ordinal_size(**{"answers": SCALE, **arguments})
