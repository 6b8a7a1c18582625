"""Laws, published figures and refusals of showing that two waves differ by less than would matter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp

if TYPE_CHECKING:
    from lpact_eval.planning.equivalence import Kind

SHARES = st.none() | st.floats(0.2, 0.8)
KINDS = st.sampled_from(["equivalence", "non-inferiority"])
SIZES = st.floats(10, 5000)
MARGINS = st.floats(0.05, 0.5)
CHANGES = st.floats(-0.04, 0.04)
POWERS = st.floats(0.3, 0.95)
RATIOS = st.floats(0.3, 3)


@given(share=SHARES, margin=MARGINS, change=CHANGES, power=POWERS, ratio=RATIOS, kind=KINDS)
def test_the_size_has_the_power_asked_for(
    *, share: float | None, margin: float, change: float, power: float, ratio: float, kind: Kind
) -> None:
    plan = lp.equivalence_size(baseline=share, margin=margin, change=change, power=power, ratio=ratio, kind=kind)
    if plan.impossible:
        assert plan.power < power
        return
    back = lp.equivalence_size(baseline=share, margin=margin, change=change, n=plan.n, ratio=ratio, kind=kind).power
    least = plan.n * min(1, ratio) <= 2 * (1 + 1e-9)
    assert back >= power - 1e-9
    assert least or back == pytest.approx(power, abs=1e-9)


@given(share=SHARES, n=SIZES, change=CHANGES, power=POWERS, kind=KINDS)
def test_the_margin_has_the_power_asked_for(
    *, share: float | None, n: float, change: float, power: float, kind: Kind
) -> None:
    plan = lp.equivalence_size(baseline=share, n=n, change=change, power=power, kind=kind)
    if plan.impossible:
        assert plan.power < power
        return
    if plan.margin == 0:
        assert kind == "non-inferiority"
        assert change > 0
        assert "has not fallen" in plan.sentence
        return
    back = lp.equivalence_size(baseline=share, n=n, change=change, margin=plan.margin, kind=kind).power
    assert back == pytest.approx(power, abs=1e-9)


@given(share=SHARES, n=SIZES, margin=MARGINS, change=CHANGES, more=st.floats(1, 10), kind=KINDS)
def test_more_respondents_and_wider_margins_show_more(
    *, share: float | None, n: float, margin: float, change: float, more: float, kind: Kind
) -> None:
    def shown(size: float, width: float) -> float:
        return lp.equivalence_size(baseline=share, n=size, margin=width, change=change, kind=kind).power

    assert shown(n, margin) <= shown(n * more, margin) + 1e-12
    assert shown(n, margin) <= shown(n, min(margin * more, 0.999)) + 1e-12


@given(share=SHARES, n=SIZES, margin=MARGINS, change=CHANGES)
def test_equivalence_asks_for_more_than_non_inferiority(
    share: float | None, n: float, margin: float, change: float
) -> None:
    both, one = (
        lp.equivalence_size(baseline=share, n=n, margin=margin, change=change, kind=kind).power
        for kind in ("equivalence", "non-inferiority")
    )
    assert both <= one + 1e-12


def test_a_size_by_hand() -> None:
    """By hand: (1.644854 + 1.281552)^2 x 2 x .25 / .01 = 428.19; (1.644854 + .841621)^2 x 50 = 309.13."""
    plan = lp.equivalence_size(baseline=0.5, margin=0.1, power=0.8)
    assert plan.n == pytest.approx(428.19, abs=0.01)
    assert plan.margin == 0.1
    assert plan.sentence == (
        "To show with 80% power that the waves differ from 50% by less than 10.0 points either way, 429 respondents "
        "are needed in the first wave and 429 in the second."
    )
    one = lp.equivalence_size(baseline=0.5, margin=0.1, power=0.8, kind="non-inferiority")
    assert one.n == pytest.approx(309.13, abs=0.01)
    assert "has not fallen from 50% by 10.0 points" in one.sentence
    assert plan.to_frame().loc[0, "margin"] == 0.1
    assert "margin" not in lp.precision(proportion=0.5, n=50).to_frame()


def test_what_no_size_shows_is_told_with_the_best_that_can_be_had() -> None:
    plan = lp.equivalence_size(baseline=0.5, margin=0.1, power=0.8, first_wave=34)
    assert plan.impossible
    assert math.isnan(plan.n)
    # 90 per cent limits of 1.645 x .0857 either way are wider than the margins: both tests never succeed
    assert plan.power == 0
    rather = lp.equivalence_size(baseline=0.5, n=math.inf, power=0.8, first_wave=34).margin
    assert f"the smallest margin that can be kept is {100 * rather:.1f} points" in plan.sentence
    few = lp.equivalence_size(baseline=0.5, n=3, power=0.9)
    assert few.impossible
    assert "no margin at all" in few.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"margin": 0.1}, r"left out: \['n', 'power'\]"),
        ({"margin": 0.1, "n": 100, "power": 0.8}, r"left out: \[\]"),
        ({"margin": 0.1, "n": 100, "change": 0.2}, "change=0.2 inside margin=0.1: a change that large matters"),
        ({"margin": 0.1, "n": 100, "change": -0.1, "kind": "non-inferiority"}, "inside margin"),
        ({"margin": 10, "n": 100}, "margin=10: it must lie above 0 and below 1"),
        ({"margin": 0.1, "n": 100, "kind": "bioequivalence"}, "kind='bioequivalence'"),
        ({"margin": 0.1, "n": 100, "level": 0.4}, "level=0.4"),
        ({"margin": 0.1, "n": 1}, "n=1"),
        ({"margin": 0.1, "n": math.inf}, "a finite number"),
        ({"margin": 0.1, "n": 50, "first_wave": 30, "ratio": 2}, "the first wave is fixed; leave ratio out"),
        ({"margin": 0.1, "n": 50, "first_wave": 1}, "first_wave=1"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.equivalence_size(**{"baseline": 0.5, **arguments})
