"""Laws and refusals of precision."""

from __future__ import annotations

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
    ],
)
def test_nonsense_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.precision(**arguments)
