"""Laws and refusals of precision."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp

if TYPE_CHECKING:
    from lpact_eval.planning.precision import Interval

INTERVALS = st.sampled_from(["wald", "wilson"])


@given(
    share=st.floats(0.02, 0.98),
    n=st.floats(2, 800),
    effect=st.floats(1, 4),
    population=st.one_of(st.none(), st.floats(801, 1e6)),
    interval=INTERVALS,
)
def test_the_size_for_a_half_width_gives_that_half_width(
    *, share: float, n: float, effect: float, population: float | None, interval: Interval
) -> None:
    there = lp.precision(proportion=share, n=n, design_effect=effect, population=population, interval=interval)
    if there.half_width < 0.5:
        back = lp.precision(
            proportion=share,
            half_width=there.half_width,
            design_effect=effect,
            population=population,
            interval=interval,
        )
        assert back.n == pytest.approx(n, rel=1e-9)


@given(share=st.floats(0.02, 0.98), n=st.floats(2, 800), more=st.floats(1, 10), interval=INTERVALS)
def test_more_respondents_are_never_less_precise(share: float, n: float, more: float, interval: Interval) -> None:
    few = lp.precision(proportion=share, n=n, interval=interval).half_width
    many = lp.precision(proportion=share, n=n * more, interval=interval).half_width
    assert many <= few + 1e-12


def test_a_whole_population_leaves_nothing_to_chance() -> None:
    assert lp.precision(proportion=0.3, n=60, population=60).half_width == 0
    assert lp.precision(proportion=0.3, n=60, population=60, interval="wilson").half_width == 0


def test_the_sentence_rounds_people_up() -> None:
    """By hand: 1.96^2 * .25 / .01 = 96.04."""
    plan = lp.precision(proportion=0.5, half_width=0.1)
    assert plan.sentence == "97 respondents are needed for 10.0 points either way around 50%."
    assert lp.precision(proportion=0.5, n=97).sentence.startswith("97 respondents give 50% an interval of 10.0 points")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"proportion": 0.5}, "give n to learn the half-width, or half_width to learn n; not both"),
        ({"proportion": 0.5, "n": 10, "half_width": 0.1}, "not both"),
        ({"proportion": 0, "n": 10}, "proportion=0"),
        ({"proportion": 0.5, "n": 0}, "n=0"),
        ({"proportion": 0.5, "n": 11, "population": 10}, "only 10 persons are in the population"),
        ({"proportion": 0.5, "half_width": 10}, "half_width=10: it must lie above 0 and below 0.5"),
        ({"proportion": 0.5, "n": 10, "interval": "exact"}, "interval='exact'"),
        ({"proportion": 0.5, "n": 10, "df": 0.2}, "df=0.2"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.precision(**arguments)


def test_a_rare_answer_is_told_beside_wilsons_interval() -> None:
    plan = lp.precision(proportion=0.05, n=40)
    wilson = lp.precision(proportion=0.05, n=40, interval="wilson")
    assert f"Wilson's interval, which suits so rare an answer, reaches {100 * wilson.half_width:.1f}" in plan.sentence
    assert "Wilson" not in wilson.sentence
    assert "Wilson" not in lp.precision(proportion=0.5, n=40).sentence


def test_a_small_community_is_named_and_off_by_default() -> None:
    """By hand: n0 = 96.04 and n = n0 / (1 + n0 / 500) = 80.56."""
    plan = lp.precision(proportion=0.5, half_width=0.1, population=500)
    assert plan.n == pytest.approx(80.56, abs=0.01)
    assert plan.sentence.startswith("81 respondents of a population of 500 are needed")
    assert lp.precision(proportion=0.5, half_width=0.1).n == pytest.approx(96.04, abs=0.01)


def test_more_respondents_than_can_be_had_are_never_asked_for() -> None:
    plan = lp.precision(proportion=0.5, half_width=0.0001)
    assert plan.impossible
    assert math.isnan(plan.n)
    assert plan.half_width == pytest.approx(0.00098, abs=1e-6)
    assert plan.sentence.startswith("Impossible: more than 1,000,000 respondents would be needed for 0.01 points")
    assert not lp.precision(proportion=0.5, half_width=0.0001, population=5000).impossible


def test_fewer_degrees_of_freedom_are_less_precise() -> None:
    few, many, normal = (lp.precision(proportion=0.3, n=42, df=df).half_width for df in (5, 41, math.inf))
    assert few > many > normal
    assert normal == lp.precision(proportion=0.3, n=42).half_width
