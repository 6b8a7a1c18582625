"""Laws, hand cases and refusals of sites."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp

ICC = st.floats(0.001, 0.3)


def test_twelve_sites_of_twenty_by_hand() -> None:
    """Design effect 1 + 19 * 0.05 = 1.95, so that 240 are worth 123.08; t with 11 degrees of freedom is 2.2010."""
    plan = lp.sites(icc=0.05, sites=12, per_site=20)
    assert plan.n == 240
    assert plan.assumptions["design_effect_sites"] == pytest.approx(1.95)
    assert plan.assumptions["n_effective"] == pytest.approx(240 / 1.95)
    assert plan.half_width == pytest.approx(2.200985 * math.sqrt(0.25 / (240 / 1.95)), rel=1e-6)


def test_seven_sites_are_never_enough_by_hand() -> None:
    """Endlessly many people at 7 sites are worth 7 / 0.05 = 140; 150 can't be had, 139 can."""
    never = lp.sites(icc=0.05, sites=7, n_effective=150)
    assert never.impossible
    assert math.isnan(never.n)
    assert never.assumptions["n_effective"] == pytest.approx(140, rel=1e-3)
    assert "can't be had from 7 sites, however many people each" in never.sentence
    assert "worth 140 respondents" in never.sentence
    assert not lp.sites(icc=0.05, sites=7, n_effective=120).impossible


@given(icc=ICC, per_site=st.integers(1, 60), half_width=st.floats(0.05, 0.3), cv=st.floats(0, 1))
def test_one_site_fewer_is_not_enough(icc: float, per_site: int, half_width: float, cv: float) -> None:
    plan = lp.sites(icc=icc, per_site=per_site, half_width=half_width, cv=cv)
    places = int(plan.assumptions["sites"])
    assert plan.half_width <= half_width * (1 + 1e-9)
    if places > 2:
        fewer = lp.sites(icc=icc, per_site=per_site, sites=places - 1, cv=cv)
        assert not fewer.half_width <= half_width * (1 - 1e-9)


@given(icc=ICC, places=st.integers(2, 60), n_effective=st.floats(2, 150))
def test_one_person_a_site_fewer_is_not_enough(icc: float, places: int, n_effective: float) -> None:
    plan = lp.sites(icc=icc, sites=places, n_effective=n_effective)
    if plan.impossible:
        assert plan.assumptions["n_effective"] < n_effective
        return
    assert plan.assumptions["n_effective"] >= n_effective * (1 - 1e-9)
    each = plan.assumptions["per_site"]
    if each > 1:
        fewer = lp.sites(icc=icc, sites=places, per_site=each - 1)
        assert fewer.assumptions["n_effective"] < n_effective * (1 + 1e-9)


@given(icc=ICC, respondents=st.integers(10, 500), places=st.integers(2, 9))
def test_more_sites_beat_more_people_a_site(icc: float, respondents: int, places: int) -> None:
    few = lp.sites(icc=icc, respondents=respondents, sites=places)
    many = lp.sites(icc=icc, respondents=respondents, sites=places + 1)
    assert many.assumptions["n_effective"] > few.assumptions["n_effective"]


@given(icc=ICC, respondents=st.integers(10, 500), half_width=st.floats(0.05, 0.3))
def test_the_fewest_sites_for_so_many_respondents(icc: float, respondents: int, half_width: float) -> None:
    plan = lp.sites(icc=icc, respondents=respondents, half_width=half_width)
    if plan.impossible:
        assert plan.assumptions["sites"] == respondents
        return
    assert plan.half_width <= half_width * (1 + 1e-9)
    places = int(plan.assumptions["sites"])
    if places > 2:
        assert not lp.sites(icc=icc, respondents=respondents, sites=places - 1).half_width <= half_width * (1 - 1e-9)


def test_people_spread_over_sites_of_a_size() -> None:
    plan = lp.sites(icc=0.02, respondents=250, per_site=20)
    assert plan.assumptions["sites"] == 13
    assert plan.n == 250


def test_other_ways_reach_the_same_target() -> None:
    plan = lp.sites(icc=0.05, per_site=20, half_width=0.1)
    assert plan.table is not None
    assert (plan.table["half_width"] <= 0.1).all()
    assert plan.table["sites"].is_monotonic_decreasing
    assert (plan.table["respondents"] == plan.table["sites"] * plan.table["per_site"]).all()


def test_few_sites_are_warned_of_and_one_gives_no_interval() -> None:
    assert "Under 5 sites" in lp.sites(icc=0.05, sites=4, per_site=20).sentence
    one = lp.sites(icc=0.05, sites=1, respondents=40)
    assert math.isnan(one.half_width)
    assert "no interval worth the name" in one.sentence


def test_no_absurd_number_of_respondents_is_named() -> None:
    plan = lp.sites(icc=0, sites=10, n_effective=5_000_000)
    assert plan.impossible
    assert "worth 1,000,000 respondents" in plan.sentence
    assert lp.sites(icc=0.9, per_site=2_000_000, n_effective=50).impossible


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sites": 4}, "give exactly two"),
        ({"sites": 4, "per_site": 10, "respondents": 40}, "give exactly two"),
        ({"sites": 4, "n_effective": 10, "half_width": 0.1}, "two targets"),
        ({"sites": 4, "half_width": 0.6}, "half_width=0.6"),
        ({"sites": 50, "respondents": 40}, "some would have nobody"),
        ({"sites": 0, "per_site": 10}, "sites=0"),
        ({"sites": 4, "per_site": 0.5}, "per_site=0.5"),
        ({"sites": 4, "per_site": 10, "icc": 1}, "icc=1"),
        ({"sites": 4, "per_site": 10, "icc": -0.1}, "icc=-0.1"),
        ({"sites": 4, "per_site": 10, "cv": -1}, "cv=-1"),
        ({"sites": 4, "per_site": 10, "design_effect": 0}, "design_effect=0"),
    ],
)
def test_nonsense_sites_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.sites(**{"icc": 0.05, **arguments})
