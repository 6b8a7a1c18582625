"""The cheapest number of places and people a place that reaches a target, or the best that a budget buys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpact_eval.planning.cost_terms import MINUTES, Place, Rates, Target
from lpact_eval.planning.site_precision import FEWEST_SITES, LARGEST_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Option:
    """A number of places of one kind and respondents at each, for one group.

    Attributes
    ----------
    target, place, rates
        What is to be reached, where, at what cost.
    sites, per_site : int
        Places, and respondents of the group at each.
    """

    target: Target
    place: Place
    rates: Rates
    sites: int
    per_site: int

    @property
    def respondents(self) -> int:
        """Respondents of the group."""
        return self.sites * self.per_site

    @property
    def approaches(self) -> float:
        """People to be approached, on average."""
        return self.respondents / self.place.brings(self.target.group)

    @property
    def cash(self) -> float:
        """Pounds paid out: places, travel, incentives."""
        return self.sites * (self.place.cost + self.place.travel) + self.respondents * self.rates.incentive

    @property
    def staff_hours(self) -> float:
        """Hours of staff: at the places, approaching and interviewing."""
        minutes = self.respondents * self.rates.minutes_interview + self.approaches * self.rates.minutes_approach
        return self.sites * self.place.staff_hours + minutes / MINUTES

    @property
    def staff_cost(self) -> float:
        """Pounds that the hours are worth."""
        return self.staff_hours * self.rates.hourly_rate

    @property
    def cost(self) -> float:
        """Cash and staff time together, in pounds."""
        return self.cash + self.staff_cost

    @property
    def merit(self) -> float:
        """How far it goes towards the target."""
        return self.target.merit(self.respondents, self.sites)

    @property
    def useless(self) -> bool:
        """Whether an interval that was asked for would be wider than all shares."""
        effective = self.target.precision.effective(self.respondents, self.sites)
        return self.target.half_width is not None and math.isnan(
            self.target.precision.half_width(effective, self.sites)
        )


def cheapest_option(target: Target, places: Sequence[Place], rates: Rates) -> Option | None:
    """Find the cheapest way to a target over all kinds of place, or None where none reaches it."""
    found = [option for place in places if (option := _cheapest_at(target, place, rates)) is not None]
    return min(found, key=lambda option: option.cost, default=None)


def best_within(target: Target, places: Sequence[Place], rates: Rates, budget: float) -> Option | None:
    """Find what goes furthest towards a target for a budget, or None where it buys too few places."""
    found = (option for place in places for option in _affordable(target, place, rates, budget))
    return max(found, key=lambda option: option.merit, default=None)


def best_anywhere(target: Target, places: Sequence[Place], rates: Rates) -> Option | None:
    """Find what goes furthest towards a target, whatever it costs: all places of a kind, filled."""
    full = [
        Option(target, place, rates, sites, each)
        for place in places
        if (sites := _most_places(place, target)) >= FEWEST_SITES and (each := _room(place, target, sites)) >= 1
    ]
    return max(full, key=lambda option: option.merit, default=None)


def _room(place: Place, target: Target, sites: int) -> int:
    """Return the most respondents of the group that one place brings; nobody is approached at two places."""
    return int(min(place.capacity, LARGEST_SAMPLE / sites) * place.brings(target.group) + 1e-9)


def _most_places(place: Place, target: Target) -> int:
    """Return the most places of a kind that bring a respondent each."""
    rate = place.brings(target.group)
    return int(min(place.available, LARGEST_SAMPLE * rate)) if place.capacity * rate + 1e-9 >= 1 else 0


def _unit_costs(target: Target, place: Place, rates: Rates) -> tuple[float, float]:
    """Return what one more place and one more respondent cost."""
    empty, one = (Option(target, place, rates, 1, each).cost for each in (0, 1))
    return empty, one - empty


def _cheapest_at(target: Target, place: Place, rates: Rates) -> Option | None:
    """Try every number of places from the fewest that are enough until places alone cost more than the best found.

    More people a place always cost more, so that the fewest people who are enough are the cheapest at each number.
    """
    fixed, each = _unit_costs(target, place, rates)
    best: Option | None = None
    for sites in range(_fewest_places(target, place), _most_places(place, target) + 1):
        if best is not None and sites * (fixed + each) >= best.cost:
            break
        per_site = _fewest_people(target, sites, _room(place, target, sites))
        if per_site is None:
            continue
        option = Option(target, place, rates, sites, per_site)
        if best is None or option.cost < best.cost:
            best = option
        if per_site == 1:
            break
    return best


def _fewest_places(target: Target, place: Place) -> int:
    """Return the fewest places that are enough when filled; one more than there are where none is."""
    most = _most_places(place, target)
    if most < FEWEST_SITES or not target.met(most * _room(place, target, most), most):
        return most + 1
    short, enough = FEWEST_SITES - 1, most
    while enough - short > 1:
        middle = (short + enough) // 2
        if target.met(middle * _room(place, target, middle), middle):
            enough = middle
        else:
            short = middle
    return enough


def _fewest_people(target: Target, sites: int, most: int) -> int | None:
    """Return the fewest people a place that are enough, or None where the place holds too few."""
    if most < 1 or not target.met(sites * most, sites):
        return None
    short, enough = 0, most
    while enough - short > 1:
        middle = (short + enough) // 2
        if target.met(sites * middle, sites):
            enough = middle
        else:
            short = middle
    return enough


def _affordable(target: Target, place: Place, rates: Rates, budget: float) -> Iterator[Option]:
    """List, for each number of places, the most people that a budget pays for."""
    fixed, each = _unit_costs(target, place, rates)
    most = _most_places(place, target)
    fewest = FEWEST_SITES if fixed + each else max(most, FEWEST_SITES)
    for sites in range(fewest, most + 1):
        left = budget / sites - fixed
        if left < each:
            return
        room = _room(place, target, sites)
        per_site = min(room, math.floor(left / each + 1e-9)) if each else room
        if per_site >= 1:
            yield Option(target, place, rates, sites, per_site)
