"""Laws and refusals of approaches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

import lpact_eval as lp


@given(
    target=st.integers(1, 150),
    response=st.floats(0.05, 1),
    share=st.floats(0.05, 1),
    certainty=st.floats(0.05, 0.99),
)
def test_one_approach_fewer_is_not_enough(target: int, response: float, share: float, certainty: float) -> None:
    plan = lp.approaches(target, response=response, share=share, certainty=certainty)
    rate = response * share
    assert plan.n >= target
    assert binom.sf(target - 1, plan.n, rate) >= certainty - 1e-9
    assert plan.n == target or binom.sf(target - 1, plan.n - 1, rate) < certainty + 1e-9


def test_when_everybody_answers_and_belongs_the_target_is_enough() -> None:
    plan = lp.approaches(40, response=1, share=1)
    assert plan.n == 40
    assert plan.power == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": 0, "response": 0.2, "share": 0.3}, "target=0"),
        ({"target": 10, "response": 0, "share": 0.3}, "response=0"),
        ({"target": 10, "response": 0.2, "share": 35}, "share=35"),
        ({"target": 10, "response": 0.2, "share": 0.3, "certainty": 1}, "certainty=1"),
    ],
)
def test_nonsense_approaches_are_refused(arguments: dict[str, float], message: str) -> None:
    target = arguments.pop("target")
    with pytest.raises(lp.LpactError, match=message):
        lp.approaches(target, **arguments)


@given(target=st.integers(1, 60), variation=st.floats(0.05, 0.6), sites=st.integers(1, 9))
def test_sites_that_differ_take_more_approaches(target: int, variation: float, sites: int) -> None:
    same = lp.approaches(target, response=0.4, share=0.5)
    differing = lp.approaches(target, response=0.4, share=0.5, sites=sites, variation=variation)
    more = lp.approaches(target, response=0.4, share=0.5, sites=sites, variation=variation * 1.5)
    # whole approaches over few sites can differ by one
    assert same.n <= differing.n + 1
    assert differing.n <= more.n + 1
    assert differing.power >= 0.9


def test_one_site_is_beta_binomial() -> None:
    """Rate 0.2 with coefficient of variation 0.5: a + b = 0.8 / (0.2 * 0.25) - 1 = 15."""
    plan = lp.approaches(12, response=0.4, share=0.5, sites=1, variation=0.5, certainty=0.8)
    assert plan.power == pytest.approx(betabinom.sf(11, plan.n, 3, 12))
    assert betabinom.sf(11, plan.n - 1, 3, 12) < 0.8 <= plan.power


def test_long_sums_over_sites_are_as_exact_as_short_ones() -> None:
    """Two sites of 900 at rate 0.4 with coefficient of variation 0.5: a + b = 0.6 / (0.4 * 0.25) - 1 = 5."""
    one = betabinom.pmf(np.arange(700), 900, 2, 3)
    reached = 1 - np.convolve(one, one)[:700].sum()
    plan = lp.approaches(700, response=0.8, share=0.5, sites=2, variation=0.5, available=1800, certainty=0.99)
    assert plan.impossible
    assert plan.power == pytest.approx(reached, abs=1e-11)


def test_too_few_people_are_said_to_be_too_few() -> None:
    plan = lp.approaches(120, response=0.25, share=0.35, available=1200)
    assert plan.impossible
    assert plan.n != plan.n
    assert plan.power == pytest.approx(binom.sf(119, 1200, 0.0875))
    assert plan.sentence.startswith("Impossible: 120 respondents can't be reached with 90% certainty")
    assert "105 respondents on average" in plan.sentence


@pytest.mark.parametrize("sites", [{}, {"sites": 3, "variation": 0.4}])
def test_fewer_people_than_wanted_reach_it_never(sites: dict[str, float]) -> None:
    plan = lp.approaches(20, response=0.5, share=0.5, available=15, **sites)
    assert plan.impossible
    assert plan.power == 0


def test_no_absurd_number_of_approaches_is_named() -> None:
    plan = lp.approaches(50, response=0.001, share=0.001)
    assert plan.impossible
    assert "only 1,000,000 people can be approached" in plan.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sites": 4}, "sites matter where they differ"),
        ({"variation": 0.3}, "sites matter where they differ"),
        ({"sites": 4, "variation": 2.5}, "vary by less than 2.00"),
        ({"sites": 4, "variation": -1}, "variation=-1"),
        ({"available": 0}, "available=0"),
    ],
)
def test_nonsense_sites_of_approaches_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.approaches(10, response=0.4, share=0.5, **arguments)
