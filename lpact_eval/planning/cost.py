"""The cheapest fieldwork that reaches what a survey is for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.cost_search import Option, best_anywhere, best_within, cheapest_option
from lpact_eval.planning.cost_terms import Place, Rates, Target, require_place, require_rates, require_target
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.site_precision import FEWEST_SITES, LARGEST_SAMPLE
from lpact_eval.planning.wording import people, per_cent, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["Place", "Rates", "Target", "cheapest", "cost_sensitivity"]

SUMMED = ("respondents", "cash", "staff_hours", "staff_cost", "cost")


@dataclass(frozen=True, slots=True)
class _Choice:
    """What was chosen for one group; an option that doesn't reach the target is the best that can be had."""

    target: Target
    option: Option | None
    reached: bool

    @property
    def absurd(self) -> bool:
        """Whether the best is more than a plan: as many approaches as the area has people."""
        return self.option is not None and not self.reached and self.option.approaches > LARGEST_SAMPLE / 2


def cheapest(
    targets: Target | Sequence[Target], *, places: Place | Sequence[Place], rates: Rates, budget: float | None = None
) -> Plan:
    """Find the cheapest number of places and people a place that reaches a precision or shows a change.

    Parameters
    ----------
    targets : Target or sequence of Target
        What is wanted for each group, the most important first.
    places : Place or sequence of Place
        Kinds of place to recruit at; each group gets one of them.
    rates : Rates
        What staff time and respondents cost.
    budget : float, optional
        Pounds of cash and staff time together. The groups are served in their order: one that the rest of the budget
        doesn't carry gets the best that the rest buys.

    Returns
    -------
    Plan
        `n` respondents; `assumptions` has cost, cash, staff_hours and staff_cost of all groups. `table` has a row a
        group: group, place, sites, per_site, respondents, approaches (on average), n_effective, half_width, power
        (for a change), cash, staff_hours, staff_cost, cost, reached. `impossible` where a group's target can't be
        had, for the budget or at all; its row then holds the best that can be.

    Raises
    ------
    WrongUseError
        If a number is out of its range, a target asks for none or two things, or no place serves a group.

    Notes
    -----
    Every number of places is tried, from the fewest that are enough (and five, under which the analysis can't allow
    for how places differ) until places alone cost more than the best plan found; at each the fewest people that are
    enough. Intervals and tests have places - 1 degrees of freedom for the wave that is planned. Groups are recruited
    apart: a place that one group uses is not there for the next, people of other groups are approached and not
    interviewed, and at most 1,000,000 people, about the police force area, are approached for a group. Costs are
    expected ones; see `approaches` for how many to approach for a certainty.

    References
    ----------
    Hansen, Hurwitz & Madow (1953), *Sample Survey Methods and Theory* I, ch. 6, sec. 16; Kish (1965), *Survey
    Sampling*, sec. 8.3.
    """
    groups, kinds = _checked(targets, places, rates)
    left = math.inf if budget is None else require_at_least("budget", budget, 0)
    chosen: list[_Choice] = []
    for target in groups:
        choice = _choose(target, _serving(target, kinds), rates, left)
        chosen.append(choice)
        if choice.option is not None and not choice.absurd:
            left -= choice.option.cost
            kinds = [_without(kind, choice.option) for kind in kinds]
    return _plan(chosen, rates, budget)


def cost_sensitivity(
    targets: Target | Sequence[Target], *, places: Place | Sequence[Place], rates: Rates, by: float = 0.2
) -> pd.DataFrame:
    """Say how the cheapest plan and its cost move with each rate.

    Parameters
    ----------
    targets, places, rates
        As in `cheapest`.
    by : float, default 0.2
        How far each rate is moved down and up, as a share of it.

    Returns
    -------
    DataFrame
        changed (what was moved: hourly_rate, minutes_interview, minutes_approach, incentive; cost, travel, staff_hours,
        response of the places; icc of the targets; nothing in the first row), factor, cost, cash, staff_hours,
        respondents, sites, reached. A response stays at 1 at most, an ICC below 1; what is 0 is left out.

    Raises
    ------
    WrongUseError
        As `cheapest`.
    """
    import pandas as pd  # noqa: PLC0415 - help is shown without pandas, which is slow to load

    groups, kinds = _checked(targets, places, rates)
    by = require_inside("by", by, 0, 1)
    rows = [{"changed": "nothing", "factor": 1.0, **_totals(cheapest(groups, places=kinds, rates=rates))}]
    for factor in (1 - by, 1 + by):
        moved = [
            *(
                (name, groups, kinds, replace(rates, **{name: getattr(rates, name) * factor}))
                for name in ("hourly_rate", "minutes_interview", "minutes_approach", "incentive")
                if getattr(rates, name)
            ),
            *(
                (name, groups, [replace(kind, **{name: getattr(kind, name) * factor}) for kind in kinds], rates)
                for name in ("cost", "travel", "staff_hours")
                if any(getattr(kind, name) for kind in kinds)
            ),
            ("response", groups, [replace(kind, response=min(kind.response * factor, 1.0)) for kind in kinds], rates),
        ]
        if any(target.icc for target in groups):
            tighter = [replace(target, icc=min(target.icc * factor, 1 - 1e-9)) for target in groups]
            moved.append(("icc", tighter, kinds, rates))
        rows += [
            {"changed": name, "factor": factor, **_totals(cheapest(whom, places=where, rates=prices))}
            for name, whom, where, prices in moved
        ]
    return pd.DataFrame(rows)


def _checked(
    targets: Target | Sequence[Target], places: Place | Sequence[Place], rates: Rates
) -> tuple[list[Target], list[Place]]:
    """Check everything that was given."""
    groups = [targets] if isinstance(targets, Target) else list(targets)
    kinds = [places] if isinstance(places, Place) else list(places)
    if not groups or not kinds:
        raise WrongUseError("Cannot plan fieldwork without targets or places: give at least one of each.")
    for what, names in (("targets of a group", [one.group for one in groups]), ("places", [one.name for one in kinds])):
        if len(set(names)) < len(names):
            msg = f"Cannot plan with two {what} of one name: {names}."
            raise WrongUseError(msg)
    require_rates(rates)
    for kind in kinds:
        require_place(kind)
    for target in groups:
        require_target(target)
    return groups, kinds


def _serving(target: Target, kinds: Sequence[Place]) -> list[Place]:
    """Return the kinds of place where a group is found."""
    serving = [kind for kind in kinds if kind.brings(target.group) > 0]
    if not serving:
        msg = f"No place serves {target.group!r}: give its share at one of {[kind.name for kind in kinds]}."
        raise WrongUseError(msg)
    return serving


def _choose(target: Target, places: Sequence[Place], rates: Rates, left: float) -> _Choice:
    """Choose the cheapest option, or the best that there is money for."""
    option = cheapest_option(target, places, rates)
    if option is not None and option.cost <= left * (1 + 1e-12):
        return _Choice(target, option, reached=True)
    everything = math.isinf(left)
    best = best_anywhere(target, places, rates) if everything else best_within(target, places, rates, left)
    return _Choice(target, None if best is None or best.useless else best, reached=False)


def _without(kind: Place, used: Option) -> Place:
    """Take the places away that another group uses."""
    return replace(kind, available=kind.available - used.sites) if kind.name == used.place.name else kind


def _row(choice: _Choice) -> dict[str, object]:
    """Lay out what was chosen for one group."""
    option, precision = choice.option, choice.target.precision
    if option is None:
        numbers = ("sites", "per_site", "respondents", "approaches", "n_effective", "half_width", "power")
        return {
            "group": choice.target.group,
            "place": "",
            **dict.fromkeys((*numbers, "cash", "staff_hours", "staff_cost", "cost"), math.nan),
            "reached": False,
        }
    effective = precision.effective(option.respondents, option.sites)
    size = math.nan if choice.absurd else 1.0
    return {
        "group": choice.target.group,
        "place": "" if choice.absurd else option.place.name,
        "sites": option.sites * size,
        "per_site": option.per_site * size,
        "respondents": option.respondents * size,
        "approaches": option.approaches * size,
        "n_effective": effective * size,
        "half_width": precision.half_width(effective, option.sites) * (size if choice.target.half_width is None else 1),
        "power": choice.target.shown(effective, option.sites),
        "cash": option.cash * size,
        "staff_hours": option.staff_hours * size,
        "staff_cost": option.staff_cost * size,
        "cost": option.cost * size,
        "reached": choice.reached,
    }


def _plan(chosen: Sequence[_Choice], rates: Rates, budget: float | None) -> Plan:
    """Put the groups together."""
    import pandas as pd  # noqa: PLC0415 - help is shown without pandas, which is slow to load

    table = pd.DataFrame([_row(choice) for choice in chosen])
    totals = {name: float(table[name].sum()) for name in SUMMED}
    impossible = not all(choice.reached for choice in chosen)
    lines = [_line(choice, budget) for choice in chosen]
    if len(chosen) > 1 and totals["cost"]:
        lines.append(f"In all: {_money(totals)}.")
    single = len(chosen) == 1
    return Plan(
        "cheapest plan",
        " ".join(lines),
        n=math.nan if impossible else totals["respondents"],
        change=_only(chosen[0].target.change) if single else math.nan,
        power=float(table["power"].iloc[0]) if single else math.nan,
        half_width=float(table["half_width"].iloc[0]) if single else math.nan,
        impossible=impossible,
        assumptions=MappingProxyType(
            {
                **{name: totals[name] for name in SUMMED if name != "respondents"},
                "budget": math.nan if budget is None else float(budget),
                "hourly_rate": rates.hourly_rate,
                "minutes_interview": rates.minutes_interview,
                "minutes_approach": rates.minutes_approach,
                "incentive": rates.incentive,
            }
        ),
        table=table,
    )


def _only(number: float | None) -> float:
    """Return a number, or NaN where there is none."""
    return math.nan if number is None else number


def _totals(plan: Plan) -> dict[str, float | bool]:
    """Return the numbers of a plan that its sensitivity is about."""
    table = plan.table
    sums = {} if table is None else {name: float(table[name].sum()) for name in (*SUMMED, "sites")}
    return {name: sums[name] for name in ("cost", "cash", "staff_hours", "respondents", "sites")} | {
        "reached": not plan.impossible
    }


def _line(choice: _Choice, budget: float | None) -> str:
    """Say what is planned for one group, or what is the best that can be had."""
    target, option = choice.target, choice.option
    money = "" if budget is None else f" for what is left of £{budget:,.0f}"
    if option is None:
        return (
            f"{target.group}: impossible; {_aim(target)} can't be had{money}, nor anything else worth having from "
            f"{FEWEST_SITES} places or more."
        )
    numbers = {name: float(getattr(option, name)) for name in SUMMED}
    place = (
        f"{option.sites:,} {option.place.name} with {option.per_site:,} respondents each ({option.respondents:,} "
        f"respondents from about {people(option.approaches)} approaches)"
    )
    if choice.reached:
        return f"{target.group}: {place} reach {_aim(target)}, at the lowest cost: {_money(numbers)}."
    best = _result(target, option)
    if choice.absurd:
        return f"{target.group}: impossible; {_aim(target)} can't be had at any size. The best is {best}."
    return (
        f"{target.group}: impossible; {_aim(target)} can't be had{money}. The best is {best}: {place}, "
        f"{_money(numbers)}."
    )


def _aim(target: Target) -> str:
    """Write what is wanted for a group."""
    if target.change is not None:
        return (
            f"a change from {per_cent(target.baseline)} to {per_cent(target.baseline + target.change)} with "
            f"{per_cent(target.power)} power"
        )
    if target.half_width is not None:
        return f"an interval of {points(target.half_width)} either way"
    return f"an effective number of {_only(target.n_effective):,.0f}"


def _result(target: Target, option: Option) -> str:
    """Write how far the best option goes."""
    effective = target.precision.effective(option.respondents, option.sites)
    if target.change is not None:
        return f"a power of {per_cent(target.shown(effective, option.sites))}"
    if target.half_width is not None:
        return f"an interval of {points(target.precision.half_width(effective, option.sites))} either way"
    return f"an effective number of {effective:,.0f}"


def _money(numbers: dict[str, float]) -> str:
    """Write cash and staff time apart, and together."""
    return (
        f"£{numbers['cash']:,.0f} in cash and {numbers['staff_hours']:,.0f} staff hours worth "
        f"£{numbers['staff_cost']:,.0f}, £{numbers['cost']:,.0f} together"
    )
