"""Laws, hand cases and refusals of the cheapest plan."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

import lpact_eval as lp

RATES = lp.Rates(hourly_rate=20, minutes_interview=15, minutes_approach=3, incentive=5)
EVENTS = lp.Place(name="events", response=0.5, share={"A": 0.5}, cost=100, staff_hours=4, capacity=120, available=30)
STALLS = lp.Place(name="stalls", response=0.2, share={"A": 0.1, "B": 0.8}, travel=10, staff_hours=3, capacity=400)
TARGET = lp.Target(group="A", icc=0.05, half_width=0.12)
BOTH = [TARGET, lp.Target(group="B", icc=0.02, half_width=0.08)]


def price(place: lp.Place, share: float, sites: int, each: int) -> float:
    respondents = sites * each
    hours = sites * place.staff_hours + respondents * RATES.minutes_interview / 60
    hours += respondents / (place.response * share) * RATES.minutes_approach / 60
    return sites * (place.cost + place.travel) + respondents * RATES.incentive + hours * RATES.hourly_rate


def half_width(icc: float, sites: int, each: int) -> float:
    effective = sites * each / (1 + (each - 1) * icc)
    return float(student.ppf(0.975, sites - 1)) * math.sqrt(0.25 / effective)


def test_ten_events_of_eight_by_hand() -> None:
    """One number of places: 10 at 100 pounds, 4 hours and at most 30 x 1/2 x 1/2 = 7 respondents each.

    Wanted are 50 effective ones: 10 m / (1 + 0.05 (m - 1)) reaches 50 at m = 6.33, so 7 are needed at each of 10. 70
    respondents take 280 approaches. Cash 10 x 100 + 70 x 5 = 1,350; hours 10 x 4 + 70 / 4 + 280 / 20 = 71.5, worth
    1,430.
    """
    place = replace(EVENTS, capacity=30, available=10)
    plan = lp.cheapest(lp.Target(group="A", icc=0.05, n_effective=50), places=place, rates=RATES)
    assert plan.table is not None
    row = plan.table.iloc[0]
    assert (row["sites"], row["per_site"], row["approaches"]) == (10, 7, 280)
    assert row["cash"] == 1350
    assert row["staff_hours"] == pytest.approx(71.5)
    assert row["cost"] == pytest.approx(2780)
    assert plan.n == 70
    assert "10 events with 7 respondents each" in plan.sentence
    assert "£1,350 in cash and 72 staff hours worth £1,430, £2,780 together" in plan.sentence


@settings(max_examples=40)
@given(
    cost=st.floats(0, 800),
    hours=st.floats(0, 10),
    icc=st.floats(0, 0.2),
    wanted=st.floats(0.09, 0.3),
    capacity=st.integers(10, 150),
    available=st.integers(5, 40),
)
def test_no_plan_of_a_grid_is_cheaper(
    *, cost: float, hours: float, icc: float, wanted: float, capacity: int, available: int
) -> None:
    place = lp.Place(
        name="events",
        response=0.5,
        share=0.6,
        cost=cost,
        staff_hours=hours,
        capacity=capacity,
        available=available,
    )
    plan = lp.cheapest(lp.Target(group="A", icc=icc, half_width=wanted), places=place, rates=RATES)
    room = math.floor(capacity * 0.3 + 1e-9)
    grid = [
        price(place, 0.6, sites, each)
        for sites, each in itertools.product(range(5, available + 1), range(1, room + 1))
        if half_width(icc, sites, each) <= wanted
    ]
    assert plan.impossible == (not grid)
    if grid:
        assert plan.assumptions["cost"] == pytest.approx(min(grid))
        assert plan.half_width <= wanted * (1 + 1e-9)
    else:
        best = half_width(icc, available, room) if room else math.nan
        assert plan.half_width == pytest.approx(best if best <= 0.5 else math.nan, nan_ok=True)


@settings(max_examples=30)
@given(
    budget=st.floats(300, 6000),
    icc=st.floats(0, 0.2),
)
def test_a_budget_buys_the_best_of_a_grid(budget: float, icc: float) -> None:
    place = replace(EVENTS, available=14, capacity=60)
    plan = lp.cheapest(lp.Target(group="A", icc=icc, half_width=0.07), places=place, rates=RATES, budget=budget)
    grid = [
        half_width(icc, sites, each)
        for sites, each in itertools.product(range(5, 15), range(1, 16))
        if price(place, 0.5, sites, each) <= budget
    ]
    assert plan.impossible
    assert plan.assumptions["cost"] <= budget * (1 + 1e-9)
    best = min(grid, default=math.nan)
    assert plan.half_width == pytest.approx(best if best <= 0.5 else math.nan, nan_ok=True)


@pytest.mark.parametrize("name", ["hourly_rate", "minutes_interview", "minutes_approach", "incentive"])
@given(factor=st.floats(1, 4))
def test_dearer_rates_never_make_a_cheaper_plan(name: str, factor: float) -> None:
    dearer = replace(RATES, **{name: getattr(RATES, name) * factor})
    now, then = (lp.cheapest(BOTH, places=[EVENTS, STALLS], rates=rates) for rates in (RATES, dearer))
    assert then.assumptions["cost"] >= now.assumptions["cost"] - 1e-6


@given(wanted=st.floats(0.06, 0.3), icc=st.floats(0, 0.1))
def test_more_precision_and_more_alike_people_cost_more(wanted: float, icc: float) -> None:
    def cost(half: float, alike: float) -> float:
        plan = lp.cheapest(replace(TARGET, half_width=half, icc=alike), places=STALLS, rates=RATES)
        return plan.assumptions["cost"]

    assert cost(wanted, icc) >= cost(wanted * 1.2, icc) - 1e-6
    assert cost(wanted, icc + 0.02) >= cost(wanted, icc) - 1e-6


@given(place_cost=st.floats(200, 3000), icc=st.floats(0.02, 0.2))
def test_people_a_place_are_about_those_of_the_closed_form(place_cost: float, icc: float) -> None:
    """Kish (1965), eq. 8.3.7: m = sqrt(cost of a place / cost of a respondent x (1 - icc) / icc), for many places."""
    place = lp.Place(name="events", response=1, cost=place_cost)
    rates = lp.Rates(hourly_rate=0, minutes_interview=0, incentive=10)
    plan = lp.cheapest(lp.Target(group="A", icc=icc, n_effective=2000), places=place, rates=rates)
    assert plan.table is not None
    best = math.sqrt(place_cost / 10 * (1 - icc) / icc)
    assert plan.table["per_site"].iloc[0] == pytest.approx(best, rel=0.2, abs=1.5)


def test_a_change_is_shown_with_the_power_asked_for() -> None:
    target = lp.Target(group="A", icc=0.03, change=0.25, baseline=0.4, first_wave=60, df_first=40)
    plan = lp.cheapest(target, places=[EVENTS, STALLS], rates=RATES)
    assert plan.table is not None
    row = plan.table.iloc[0]
    first, second = 1 / 60, 1 / row["n_effective"]
    df = (first + second) ** 2 / (first**2 / 40 + second**2 / (row["sites"] - 1))
    again = lp.power(baseline=0.4, change=0.25, n_first=60, n_second=row["n_effective"], df=df)
    assert plan.power == pytest.approx(again.power)
    assert plan.power >= 0.8
    assert plan.change == 0.25


@settings(max_examples=10)
@given(change=st.floats(0.2, 0.45), icc=st.floats(0, 0.1), first=st.floats(40, 300))
def test_no_plan_of_a_grid_shows_a_change_for_less(change: float, icc: float, first: float) -> None:
    place = replace(EVENTS, available=12, capacity=60)
    target = lp.Target(group="A", icc=icc, change=change, baseline=0.4, first_wave=first)
    plan = lp.cheapest(target, places=place, rates=RATES)

    def shown(sites: int, each: int) -> float:
        effective = sites * each / (1 + (each - 1) * icc)
        df = (1 / first + 1 / effective) ** 2 / (1 / effective**2 / (sites - 1))
        return lp.power(baseline=0.4, change=change, n_first=first, n_second=effective, df=df).power

    grid = [
        price(place, 0.5, sites, each)
        for sites, each in itertools.product(range(5, 13), range(1, 16))
        if shown(sites, each) >= 0.8
    ]
    assert plan.impossible == (not grid)
    assert not grid or plan.assumptions["cost"] == pytest.approx(min(grid))


def test_nobody_plans_to_approach_more_people_than_there_are() -> None:
    streets = lp.Place(name="streets", response=0.3, share=0.5)
    plan = lp.cheapest(lp.Target(group="A", icc=0, n_effective=900_000), places=streets, rates=RATES)
    assert plan.impossible
    assert plan.table is not None
    assert math.isnan(plan.table["respondents"].iloc[0])
    assert "The best is an effective number of 150,000" in plan.sentence


def test_a_first_wave_too_small_makes_every_plan_impossible() -> None:
    target = lp.Target(group="A", icc=0.03, change=0.1, baseline=0.4, first_wave=40)
    plan = lp.cheapest(target, places=STALLS, rates=RATES)
    ceiling = lp.power(baseline=0.4, change=0.1, n_first=40, n_second=math.inf)
    assert plan.impossible
    assert math.isnan(plan.n)
    assert plan.power == pytest.approx(ceiling.power, abs=1e-3)
    assert "can't be had at any size" in plan.sentence


def test_groups_are_served_in_their_order() -> None:
    free = lp.cheapest(BOTH, places=[EVENTS, STALLS], rates=RATES)
    assert free.table is not None
    first = free.table["cost"].iloc[0]
    plan = lp.cheapest(BOTH, places=[EVENTS, STALLS], rates=RATES, budget=first + 500)
    assert plan.table is not None
    assert plan.table["reached"].tolist() == [True, False]
    assert plan.table["cost"].iloc[0] == first
    assert plan.assumptions["cost"] <= first + 500
    assert "B: impossible; an interval of 8.0 points either way can't be had for what is left" in plan.sentence


def test_a_place_that_one_group_uses_is_not_there_for_the_next() -> None:
    place = lp.Place(name="events", response=0.5, share=0.5, cost=10, capacity=100, available=12)
    groups = [lp.Target(group=name, icc=0.05, n_effective=80) for name in "AB"]
    plan = lp.cheapest(groups, places=place, rates=RATES)
    assert plan.table is not None
    assert plan.table["sites"].sum() <= 12
    assert plan.table["reached"].tolist() == [True, False]


def test_cash_and_staff_time_stand_apart_and_add_up() -> None:
    plan = lp.cheapest(BOTH, places=[EVENTS, STALLS], rates=RATES)
    assert plan.table is not None
    assert plan.assumptions["cost"] == pytest.approx(plan.assumptions["cash"] + plan.assumptions["staff_cost"])
    assert plan.assumptions["staff_cost"] == pytest.approx(20 * plan.assumptions["staff_hours"])
    assert plan.table["cost"].sum() == pytest.approx(plan.assumptions["cost"])


def test_sensitivity_moves_one_rate_at_a_time() -> None:
    table = lp.cost_sensitivity(BOTH, places=[EVENTS, STALLS], rates=RATES, by=0.25)
    now = lp.cheapest(BOTH, places=[EVENTS, STALLS], rates=RATES).assumptions["cost"]
    assert table["cost"].iloc[0] == now
    for name in ("hourly_rate", "incentive", "cost", "staff_hours", "icc"):
        low, high = table.loc[table["changed"] == name, "cost"]
        assert low <= now <= high
    low, high = table.loc[table["changed"] == "response", "cost"]
    assert high <= now <= low


def test_an_effective_number_that_cannot_be_had_is_said_with_the_best() -> None:
    """5 events of 30 x 1/2 x 1/2 = 7 respondents are worth 35 / (1 + 6 x 0.05) = 26.9."""
    place = replace(EVENTS, capacity=30, available=5)
    plan = lp.cheapest(lp.Target(group="A", icc=0.05, n_effective=90), places=place, rates=RATES)
    assert plan.impossible
    assert "an effective number of 90 can't be had. The best is an effective number of 27" in plan.sentence


def test_too_few_places_are_no_plan() -> None:
    plan = lp.cheapest(TARGET, places=replace(EVENTS, available=4), rates=RATES)
    assert plan.impossible
    assert plan.table is not None
    assert plan.table["place"].tolist() == [""]
    assert "nor anything else worth having from 5 places or more" in plan.sentence


def test_free_fieldwork_costs_nothing() -> None:
    free = lp.Rates(hourly_rate=0, minutes_interview=10)
    place = lp.Place(name="meetings", response=1, capacity=20, available=8)
    plan = lp.cheapest(TARGET, places=place, rates=free, budget=0)
    assert plan.impossible
    assert plan.assumptions["cost"] == 0
    assert plan.half_width == pytest.approx(half_width(0.05, 8, 20))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"targets": []}, "give at least one of each"),
        ({"places": []}, "give at least one of each"),
        ({"targets": [TARGET, TARGET]}, "two targets of a group of one name"),
        ({"places": [EVENTS, EVENTS]}, "two places of one name"),
        ({"targets": lp.Target(group="C", icc=0)}, "'C' with no target"),
        ({"targets": lp.Target(group="A", icc=0, n_effective=9, change=0.1)}, "give one of n_effective"),
        ({"targets": lp.Target(group="Z", icc=0, n_effective=9)}, "No place serves 'Z'"),
        ({"targets": lp.Target(group="A", icc=0, change=0.1)}, "without first_wave"),
        ({"targets": lp.Target(group="A", icc=0, change=0, first_wave=50)}, "nothing changed"),
        ({"targets": lp.Target(group="A", icc=1, n_effective=9)}, "icc=1"),
        ({"targets": lp.Target(group="A", icc=0, half_width=0.7)}, "half_width=0.7"),
        ({"places": replace(EVENTS, response=5)}, "response of events=5"),
        ({"places": replace(EVENTS, share={"A": 1.5})}, "share of A=1.5"),
        ({"places": replace(EVENTS, capacity=0)}, "capacity of events=0"),
        ({"places": replace(EVENTS, cost=-5)}, "cost of events=-5"),
        ({"rates": replace(RATES, hourly_rate=-1)}, "hourly_rate=-1"),
        ({"budget": -1}, "budget=-1"),
    ],
)
def test_nonsense_costs_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.cheapest(**{"targets": TARGET, "places": [EVENTS], "rates": RATES, **arguments})
