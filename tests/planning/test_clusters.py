"""Laws and refusals of changes whose respondents come from sites."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import stdtrit

import lpact_eval as lp
from lpact_eval.planning.clusters import cluster_effect

SHARES = st.none() | st.floats(0.15, 0.85)
SITES = st.floats(2, 60)
PEOPLE = st.floats(1, 60)
ICC = st.floats(0, 0.3)
CV = st.floats(0, 1)
POWERS = st.floats(0.3, 0.95)


@given(share=SHARES, change=st.floats(0.03, 0.5), sites=SITES, people=PEOPLE, icc=ICC, cv=CV)
def test_more_sites_beat_more_people_at_each(
    *, share: float | None, change: float, sites: float, people: float, icc: float, cv: float
) -> None:
    assume(share is None or share + change < 1)
    there, more_sites, more_people = (
        lp.clustered_size(baseline=share, change=change, sites=k * sites, people=m * people, icc=icc, cv=cv).power
        for k, m in ((1, 1), (2, 1), (1, 2))
    )
    assert there <= more_people + 1e-9
    assert more_people <= more_sites + 1e-9


@given(share=SHARES, change=st.floats(0.05, 0.5), people=PEOPLE, icc=ICC, cv=CV, power=POWERS)
def test_the_sites_needed_have_the_power_asked_for(
    *, share: float | None, change: float, people: float, icc: float, cv: float, power: float
) -> None:
    assume(share is None or share + change < 1)
    plan = lp.clustered_size(baseline=share, change=change, people=people, icc=icc, cv=cv, power=power)
    sites = plan.assumptions["sites"]
    assert isinstance(sites, float)
    assert plan.n == pytest.approx(sites * people)
    assume(sites > 2)
    back = lp.clustered_size(baseline=share, change=change, people=people, icc=icc, cv=cv, sites=sites)
    assert back.power == pytest.approx(power, abs=1e-9)


@given(share=SHARES, change=st.floats(0.05, 0.5), sites=SITES, icc=ICC, cv=CV, power=POWERS)
def test_people_a_site_are_enough_or_no_number_of_them_is(
    *, share: float | None, change: float, sites: float, icc: float, cv: float, power: float
) -> None:
    assume(share is None or share + change < 1)
    plan = lp.clustered_size(baseline=share, change=change, sites=sites, icc=icc, cv=cv, power=power)
    if plan.impossible:
        assert plan.power < power
        most = lp.clustered_size(baseline=share, change=change, sites=sites, icc=icc, cv=cv, people=1e9).power
        assert plan.power == pytest.approx(most, abs=1e-5)
        return
    people = plan.assumptions["people"]
    assert isinstance(people, float)
    assume(people > 1)
    back = lp.clustered_size(baseline=share, change=change, sites=sites, icc=icc, cv=cv, people=people)
    assert back.power == pytest.approx(power, abs=1e-9)


@given(share=SHARES, sites=SITES, people=PEOPLE, icc=ICC, power=POWERS)
def test_the_detectable_change_has_the_power_asked_for(
    *, share: float | None, sites: float, people: float, icc: float, power: float
) -> None:
    plan = lp.clustered_size(baseline=share, sites=sites, people=people, icc=icc, power=power)
    for change in (plan.change, plan.change_down):
        if math.isfinite(change):
            back = lp.clustered_size(baseline=share, sites=sites, people=people, icc=icc, change=change)
            assert back.power == pytest.approx(power, abs=1e-9)
    assert plan.impossible == math.isnan(plan.change)


@given(sites=SITES, people=PEOPLE, icc=ICC, cv=CV, half=st.floats(0.05, 0.5))
def test_the_sites_for_a_half_width_give_it(*, sites: float, people: float, icc: float, cv: float, half: float) -> None:
    plan = lp.clustered_size(baseline=0.4, people=people, icc=icc, cv=cv, half_width=half)
    assert plan.half_width <= half * (1 + 1e-9)
    achieved = lp.clustered_size(baseline=0.4, people=people, icc=icc, cv=cv, sites=sites, change=0).half_width
    enough = plan.assumptions["sites"]
    assert isinstance(enough, float)
    assert (achieved <= half) == (sites >= enough) or achieved == pytest.approx(half)


def test_without_correlation_and_with_very_many_sites_it_is_the_change_between_two_waves() -> None:
    sites = lp.clustered_size(baseline=0.4, change=0.02, sites=20000, people=1, icc=0).power
    waves = lp.power(baseline=0.4, change=0.02, n_first=20000, n_second=20000).power
    assert sites == pytest.approx(waves, rel=1e-4)


def test_the_design_effect_by_hand() -> None:
    """By hand: 1 + 19 x .05 = 1.95; 1 + ((1 + .36) x 20 - 1) x .05 = 2.31."""
    assert cluster_effect(20, 0.05) == pytest.approx(1.95)
    assert cluster_effect(20, 0.05, cv=0.6) == pytest.approx(2.31)
    assert cluster_effect(1, 0.3) == 1
    plan = lp.clustered_size(icc=0.05, baseline=0.35, change=0.15, sites=7, people=20, cv=0.6, design_effect=1.3)
    assert plan.assumptions["cluster_effect"] == pytest.approx(2.31)
    assert plan.assumptions["df"] == 12
    assert plan.n == 140


def test_sentences_tell_what_more_sites_and_more_people_would_do() -> None:
    plan = lp.clustered_size(icc=0.05, baseline=0.35, change=0.15, sites=7, people=10)
    twice = lp.clustered_size(icc=0.05, baseline=0.35, change=0.15, sites=14, people=10)
    assert f"Twice the sites would make it {100 * twice.power:.1f}%" in plan.sentence
    assert "12.0 degrees of freedom" in plan.sentence
    needed = lp.clustered_size(icc=0, baseline=None, change=0.5, power=0.8, people=10)
    assert "sites of 10 people are needed in either wave" in needed.sentence
    assert "0.50 standard deviations" in needed.sentence


def test_what_no_number_shows_is_told_with_the_best_that_can_be_had() -> None:
    people = lp.clustered_size(icc=0.05, baseline=0.35, change=0.15, power=0.8, sites=7)
    assert people.impossible
    assert math.isnan(people.n)
    assert people.sentence.startswith("Impossible: no number of people at 7 sites")
    # a first wave of 34 leaves s^2 of at least .2275 / 34 however many sites follow: .15 is 1.83 standard errors
    sites = lp.clustered_size(
        icc=0.05, baseline=0.35, change=0.15, power=0.8, people=10, first_wave=34, df_first=math.inf
    )
    assert sites.impossible
    assert sites.power == pytest.approx(
        lp.power(baseline=0.35, change=0.15, n_first=34, n_second=math.inf).power, rel=1e-9
    )
    width = lp.clustered_size(icc=0.05, baseline=0.5, half_width=0.1, people=10, first_wave=64, df_first=math.inf)
    assert width.impossible
    assert width.half_width == pytest.approx(1.959963984540054 * 0.5 / 8)
    none = lp.clustered_size(icc=0.05, baseline=0.35, power=0.8, sites=2, people=3)
    assert none.impossible
    assert "not even the largest rise" in none.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sites": 7, "people": 10}, r"leave out exactly one of .*left out: \['change', 'power'\]"),
        ({"sites": 7, "people": 10, "change": 0.1, "icc": 1}, "icc=1: it must lie from 0 up to and below 1"),
        ({"sites": 7, "people": 10, "change": 0.1, "icc": -0.1}, "icc=-0.1"),
        ({"sites": 7, "people": 10, "change": 0.1, "cv": -1}, "cv=-1"),
        ({"sites": 1, "people": 10, "change": 0.1}, "sites=1"),
        ({"sites": 7, "people": 0.5, "change": 0.1}, "people=0.5"),
        ({"sites": 7, "people": 10, "change": 0.1, "first_wave": 34}, "first_wave and df_first belong together"),
        ({"sites": 7, "people": 10, "change": 0.1, "half_width": 0.1}, "takes the place of power and asks for sites"),
        ({"people": 10, "change": 0, "power": 0.8}, "Cannot plan to show change=0"),
        ({"people": 10, "change": 0.9, "power": 0.8, "baseline": 0.4}, "the second share would be 1.3"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.clustered_size(**{"icc": 0.05, **arguments})


def test_no_number_of_sites_makes_up_for_the_few_degrees_of_freedom_of_the_first_wave() -> None:
    # what is left beside endless sites is the first wave's variance, estimated with its own 6 degrees of freedom
    best = lp.detectable_change(baseline=0.36, n_first=40, n_second=math.inf, df=6).change
    many = lp.clustered_size(
        icc=0.05, baseline=0.36, people=15, sites=1e6, first_wave=40, df_first=6, power=0.8, design_effect=1.2
    )
    assert many.change == pytest.approx(best, abs=1e-4)
    assert many.assumptions["df"] == pytest.approx(6, abs=0.01)
    width = lp.clustered_size(icc=0.05, baseline=0.36, people=15, half_width=0.1, first_wave=40, df_first=6)
    assert width.impossible
    assert width.half_width == pytest.approx(stdtrit(6, 0.975) * math.sqrt(0.36 * 0.64 / 40), rel=1e-3)


def test_a_first_wave_like_the_second_has_the_degrees_of_freedom_of_both() -> None:
    open_waves = lp.clustered_size(icc=0.05, baseline=0.4, people=10, sites=9, change=0.2)
    first = 90 / (1 + 9 * 0.05)
    fixed = lp.clustered_size(icc=0.05, baseline=0.4, people=10, sites=9, change=0.2, first_wave=first, df_first=8)
    assert fixed.power == pytest.approx(open_waves.power, rel=1e-12)
