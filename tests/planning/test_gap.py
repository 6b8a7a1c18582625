"""Laws, published figures and refusals of comparisons of those who attended with others."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lpact_eval as lp

SHARES = st.floats(0.1, 0.9)
SIZES = st.floats(8, 2000)
EFFECTS = st.floats(1, 3)
POWERS = st.floats(0.3, 0.95)
# The near tail of a normal test, which sizes are solved with, leaves this much power out at 30 per cent
FAR_TAIL = 1e-3


@given(share=SHARES, attended=SHARES, sizes=st.tuples(SIZES, SIZES), effects=st.tuples(EFFECTS, EFFECTS))
def test_a_gap_is_shown_as_surely_from_either_side(
    share: float, attended: float, sizes: tuple[float, float], effects: tuple[float, float]
) -> None:
    there = lp.gap_size(
        share=share, gap=attended - share, n_attended=sizes[0], n_others=sizes[1], design_effect=effects
    )
    back = lp.gap_size(
        share=attended, gap=share - attended, n_attended=sizes[1], n_others=sizes[0], design_effect=effects[::-1]
    )
    assert there.power == pytest.approx(back.power, abs=1e-9)
    assert there.half_width == pytest.approx(back.half_width, rel=1e-9)


@given(share=st.none() | SHARES, gap=st.floats(0.05, 0.6), attending=SHARES, power=POWERS, effect=EFFECTS)
def test_the_size_for_a_gap_has_the_power_asked_for(
    *, share: float | None, gap: float, attending: float, power: float, effect: float
) -> None:
    assume(share is None or share + gap < 1)
    plan = lp.gap_size(share=share, gap=gap, power=power, attending=attending, design_effect=effect)
    assume(min(plan.assumptions["n_attended"], plan.assumptions["n_others"]) > 2.001 * effect)
    back = lp.gap_size(share=share, gap=gap, n=plan.n, attending=attending, design_effect=effect)
    assert back.power == pytest.approx(power, abs=1e-9)
    assert back.half_width == pytest.approx(plan.half_width, rel=1e-9)


@given(share=st.none() | SHARES, sizes=st.tuples(SIZES, SIZES), power=POWERS, df=st.none() | st.floats(2, 200))
def test_the_detectable_gap_has_the_power_asked_for(
    share: float | None, sizes: tuple[float, float], power: float, df: float | None
) -> None:
    plan = lp.gap_size(share=share, power=power, n_attended=sizes[0], n_others=sizes[1], df=df)
    for gap in (plan.change, plan.change_down):
        if math.isfinite(gap):
            back = lp.gap_size(share=share, gap=gap, n_attended=sizes[0], n_others=sizes[1], df=df)
            assert back.power == pytest.approx(power, abs=1e-9)
    assert plan.impossible == math.isnan(plan.change)


@given(share=SHARES, half=st.floats(0.02, 0.3), attending=SHARES, effect=EFFECTS)
def test_the_size_for_a_half_width_gives_it(share: float, half: float, attending: float, effect: float) -> None:
    plan = lp.gap_size(share=share, half_width=half, attending=attending, design_effect=effect)
    assert plan.half_width <= half * (1 + 1e-9)
    assert lp.gap_size(share=share, gap=0, n=plan.n, attending=attending, design_effect=effect).half_width == (
        pytest.approx(plan.half_width, rel=1e-9)
    )


@given(share=SHARES, attended=SHARES, sizes=st.tuples(SIZES, SIZES), more=st.floats(1, 20))
def test_more_respondents_of_both_kinds_show_more(
    share: float, attended: float, sizes: tuple[float, float], more: float
) -> None:
    few, many = (
        lp.gap_size(share=share, gap=attended - share, n_attended=sizes[0] * times, n_others=sizes[1] * times)
        for times in (1, more)
    )
    assert few.power <= many.power + 1e-9
    assert few.half_width >= many.half_width - 1e-12


@given(share=SHARES, gap=st.floats(0.05, 0.5), fixed=st.floats(10, 300), power=st.floats(0.5, 0.95))
def test_beside_one_fixed_kind_the_other_is_found_or_no_number_is_enough(
    share: float, gap: float, fixed: float, power: float
) -> None:
    assume(share + gap < 1)
    plan = lp.gap_size(share=share, gap=gap, power=power, n_attended=fixed)
    endless = lp.gap_size(share=share, gap=gap, n_attended=fixed, n_others=math.inf).power
    if plan.impossible:
        assert math.isnan(plan.n)
        assert endless <= plan.power < power + FAR_TAIL
        assert plan.sentence.startswith("Impossible: beside")
    else:
        others = plan.n - fixed
        assume(others > 2.001)
        found = lp.gap_size(share=share, gap=gap, n_attended=fixed, n_others=others).power
        assert found == pytest.approx(power, abs=1e-8)


@given(share=SHARES, sizes=st.tuples(SIZES, SIZES))
def test_no_gap_is_shown_as_often_as_false_alarms_come(share: float, sizes: tuple[float, float]) -> None:
    plan = lp.gap_size(share=share, gap=0, n_attended=sizes[0], n_others=sizes[1])
    assert plan.power == pytest.approx(0.05, abs=1e-9)


def test_a_share_with_endless_degrees_of_freedom_is_the_change_between_two_waves() -> None:
    waves = lp.power(baseline=0.4, change=0.13, n_first=55, n_second=90, design_effect=(1.2, 1.4)).power
    gap = lp.gap_size(share=0.4, gap=0.13, n_attended=90, n_others=55, design_effect=(1.4, 1.2), df=math.inf).power
    assert gap == pytest.approx(waves, rel=1e-12)


@pytest.mark.parametrize(("effect", "published"), [(0.2, 393), (0.5, 64), (0.8, 26)])
def test_sizes_are_those_of_cohens_table(effect: float, published: int) -> None:
    """Cohen (1988), table 2.4.1: two-sided level .05, power .80; the table interpolates to within one."""
    plan = lp.gap_size(gap=effect, power=0.8, attending=0.5)
    assert math.ceil(plan.n / 2) == pytest.approx(published, abs=1)


def test_a_gap_by_hand() -> None:
    """By hand: s^2 = .25 / 100 + .25 / 100 = .005; 1.959964 x .0707107 = .138590 beside endless degrees of freedom."""
    plan = lp.gap_size(share=0.5, gap=0, n_attended=100, n_others=100, df=math.inf)
    assert plan.half_width == pytest.approx(0.138590, abs=1e-6)
    assert plan.n == 200


def test_sentences_name_both_kinds() -> None:
    plan = lp.gap_size(share=0.35, gap=0.15, power=0.8, attending=0.4, df=math.inf)
    # (1.959964 + .841621)^2 (.25 / .4 + .2275 / .6) / .0225 = 350.3
    assert plan.sentence == (
        "To show a gap of 15.0 points (35% of the others, 50% of those who attended) with 80% power, 141 who attended "
        "and 211 others are needed."
    )
    assert dict(plan.assumptions)["n_attended"] == pytest.approx(0.4 * plan.n)
    assert plan.to_frame().loc[0, "n_others"] == pytest.approx(0.6 * plan.n)
    few = lp.gap_size(share=0.05, gap=0.05, n_attended=20, n_others=30)
    assert few.sentence.endswith("This is rough: fewer than five respondents are expected to give one of the answers.")


def test_what_no_size_shows_is_told_with_the_best_that_can_be_had() -> None:
    tiny = lp.gap_size(share=0.35, gap=0.0001, power=0.8, attending=0.4)
    assert tiny.impossible
    assert math.isnan(tiny.n)
    assert "not even a sample of 1,000,000" in tiny.sentence
    wide = lp.gap_size(share=0.5, half_width=0.05, n_others=40, df=math.inf)
    assert wide.impossible
    assert wide.half_width == pytest.approx(1.959963984540054 * math.sqrt(0.25 / 40))
    none = lp.gap_size(share=0.5, power=0.9, n_attended=3, n_others=3)
    assert none.impossible
    assert none.power < 0.9
    assert "not even the largest gap upwards" in none.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gap": 0.1, "power": 0.8}, "give attending, the share of the respondents who attended, or n_attended"),
        ({"gap": 0.1, "power": 0.8, "n": 100}, "give attending"),
        ({"gap": 0.1, "attending": 0.4}, r"leave out exactly one of .* left out: \['n', 'power'\]"),
        ({"gap": 0.1, "attending": 0.4, "n": 100, "power": 0.8}, r"left out: \[\]"),
        ({"gap": 0.1, "attending": 0.4, "n_attended": 10, "power": 0.8}, "give attending, or n_attended and n_others"),
        ({"half_width": 0.1, "attending": 0.4, "power": 0.8}, "takes the place of power and asks for n"),
        ({"half_width": 0.1, "attending": 0.4, "n": 100}, "takes the place of power and asks for n"),
        ({"gap": 0.0, "attending": 0.4, "power": 0.8}, "Cannot plan to show gap=0"),
        ({"gap": 0.5, "share": 0.6, "attending": 0.4, "power": 0.8}, "for gap=0.5 from share=0.6: the second share"),
        ({"gap": 0.1, "share": 1.2, "attending": 0.4, "power": 0.8}, "share=1.2: it must lie above 0 and below 1"),
        ({"gap": 0.1, "attending": 1.0, "power": 0.8}, "attending=1.0"),
        ({"gap": 0.1, "attending": 0.5, "power": 0.05}, "power=0.05"),
        ({"gap": 0.1, "attending": 0.5, "n": 3}, "n=3: it must be a finite number of at least 4"),
        ({"gap": 0.1, "n_attended": math.inf, "n_others": math.inf}, "may be infinite beside the other"),
        ({"gap": 0.1, "n_attended": math.inf, "power": 0.8}, "may be infinite beside the other"),
        ({"gap": 0.1, "n_attended": 1, "n_others": 50}, "n_attended=1"),
        ({"gap": 0.1, "n_attended": 20, "n_others": 50, "df": 0}, "df=0"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.gap_size(**arguments)
