"""How many sites, and how many people at each, show a change between two waves whose respondents come from sites."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.reach import (
    DEVIATIONS,
    LARGEST,
    LEAST_BASE,
    STEPS,
    amount,
    best_of,
    chance,
    planned,
    quantile,
    ratio_of,
    require_power,
    require_share,
    smallest_size,
    unit_variance,
    unknown_of,
    with_power,
)
from lpact_eval.planning.two_waves import first_crossing, require_df, second_share
from lpact_eval.planning.wording import caution, freedom, given, people, per_cent

# Two sites a wave leave two degrees of freedom, which is the least that a test is made with.
LEAST_SITES = 2.0
LARGEST_EFFECT = 1000.0


def cluster_effect(people: float, icc: float, *, cv: float = 0.0) -> float:
    """Return the design effect of respondents who come from sites, weights left aside.

    Parameters
    ----------
    people : float
        Mean number of respondents at a site.
    icc : float
        Intra-class correlation of answers at a site, from 0 up to 1.
    cv : float, default 0
        Coefficient of variation of the sites' sizes.

    Returns
    -------
    float
        1 + ((1 + cv^2) m - 1) ICC.

    Raises
    ------
    WrongUseError
        If an argument is out of its range.

    References
    ----------
    Eldridge, Ashby & Kerry (2006), *Int. J. Epidemiology* 35, 1292-1300.
    """
    mean = require_at_least("people", people, 1)
    correlation = require_at_least("icc", icc, 0)
    if correlation >= 1:
        msg = f"Cannot plan with icc={icc!r}: it must lie from 0 up to and below 1; .05 is common for sites."
        raise WrongUseError(msg)
    return 1 + ((1 + require_at_least("cv", cv, 0) ** 2) * mean - 1) * correlation


def clustered_size(  # noqa: PLR0913 - sites and what they are like, and the four of which one is asked for
    *,
    icc: float,
    baseline: float | None = None,
    change: float | None = None,
    sites: float | None = None,
    people: float | None = None,
    cv: float = 0.0,
    first_wave: float | None = None,
    df_first: float | None = None,
    power: float | None = None,
    half_width: float | None = None,
    level: float = 0.95,
    design_effect: float = 1.0,
) -> Plan:
    """Plan a change between two waves whose respondents come from sites: find sites, people a site, change or power.

    Leave out exactly one of `sites`, `people`, `change` and `power`. `half_width` may take the place of `power` to
    find the sites that make the change as precise; `change` then is 0 unless given.

    Parameters
    ----------
    icc : float
        Intra-class correlation of answers at a site within the group; 0 for none.
    baseline : float, optional
        Share in the first wave; without it the answer is a mean, and changes are in standard deviations.
    change : float, optional
        Change to be shown, as a proportion; negative for a fall.
    sites : float, optional
        Sites in either wave; in the second one where `first_wave` is given. At least 2.
    people : float, optional
        Mean number of respondents at a site.
    cv : float, default 0
        Coefficient of variation of the sites' sizes: unequal sites tell less.
    first_wave : float, optional
        Effective number of respondents of a first wave that has been collected, its clusters and weights counted.
    df_first : float, optional
        Degrees of freedom of that wave's share, such as its sites less 1; needed with `first_wave`.
    power : float, optional
        Probability of showing the change.
    half_width : float, optional
        Half the width of the change's interval.
    level : float, default 0.95
        Level of the two-sided test's interval.
    design_effect : float, default 1
        Of the weights alone (Kish's); multiplies the clusters' one.

    Returns
    -------
    Plan
        `n` respondents in a wave (sites times people; `sites` and `people` are among the assumptions), `change`,
        `change_down`, `power`, `half_width`; `impossible` where no number is enough, with the best that can be had.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, or an argument is out of its range.

    Notes
    -----
    A wave of k sites with m people has k m / (D (1 + ((1 + cv^2) m - 1) ICC)) effective respondents; the test is
    Student's with the waves' sites less 2 degrees of freedom, or Satterthwaite's beside a first wave: no number of
    sites in the second makes up for the few degrees of freedom of the first. However many people answer at each site,
    they never tell more than k / (D (1 + cv^2) ICC) respondents would: more sites beat more people at each.

    References
    ----------
    Eldridge, Ashby & Kerry (2006), *Int. J. Epidemiology* 35, 1292-1300; Donner & Klar (2000), *Design and Analysis of
    Cluster Randomization Trials*, ch. 5.
    """
    known = {"sites": sites, "people": people, "change": change, "power": power}
    unknown = unknown_of(known, size="sites", half_width=half_width)
    test = _Clustered(
        require_share("baseline", baseline),
        require_inside("level", level, 0, 1),
        (icc, cv, require_inside("design_effect", design_effect, 0, math.inf)),
        _first(first_wave, df_first),
        LEAST_SITES if sites is None else require_at_least("sites", sites, LEAST_SITES),
        1.0 if people is None else require_at_least("people", people, 1),
    )
    cluster_effect(test.people, icc, cv=cv)
    wanted = 0.0 if change is None else test.require_change(change)
    if half_width is not None:
        return _precise(test, wanted, half_width)
    if unknown in {"sites", "people"}:
        return _needed(test, unknown, wanted, require_power(power or 0.0, level))
    if unknown == "change":
        return _detectable(test, require_power(power or 0.0, level))
    found, half = test.chance(wanted), test.half_width(wanted)
    sentence = (
        f"{test.having()}, a change of {test.amount(wanted)}{test.around(wanted)} is shown with probability "
        f"{per_cent(found)}; its interval reaches {test.amount(half)} either way.{_rather(test, wanted)}"
    )
    return _answer(Plan("power with sites", sentence, change=wanted, power=found, half_width=half), test)


@dataclass(frozen=True, slots=True)
class _Clustered:
    """How a change is to be tested: (ICC, CV, weights' design effect), first wave (effective n, df), sites, people."""

    baseline: float | None
    level: float
    spread: tuple[float, float, float]
    first: tuple[float, float] | None
    sites: float
    people: float

    @property
    def effect(self) -> float:
        """The design effect of clusters and weights; inf people have none that is finite."""
        icc, cv, weights = self.spread
        return weights * (1 + ((1 + cv**2) * self.people - 1) * icc)

    @property
    def base(self) -> float:
        """Effective respondents of a wave that is open; with endless people a site, what the sites alone tell."""
        icc, cv, weights = self.spread
        if math.isinf(self.people):
            return self.sites / (weights * (1 + cv**2) * icc) if icc else math.inf
        return self.sites * self.people / self.effect

    @property
    def df(self) -> float:
        """Degrees of freedom: both waves' sites, less 1 each; Satterthwaite's beside a first wave that is fixed."""
        second = self.sites - 1
        if self.first is None:
            return 2 * second
        base, df = self.first
        if math.isinf(df) and math.isinf(second):
            return math.inf
        one, two = 1 / base, 1 / self.base
        return (one + two) ** 2 / (one**2 / df + two**2 / second)

    def require_change(self, change: float) -> float:
        """Refuse a change that leads to no share."""
        if self.baseline is not None:
            return second_share(self.baseline, change) - self.baseline
        return require_inside("change", change, -LARGEST_EFFECT, LARGEST_EFFECT)

    def error(self, change: float) -> float:
        """Return the change's standard error."""
        second = None if self.baseline is None else min(max(self.baseline + change, 0.0), 1.0)
        first = self.base if self.first is None else self.first[0]
        return math.sqrt(unit_variance(self.baseline) / first + unit_variance(second) / self.base)

    def planned(self, change: float) -> float:
        """Return the power that sites and changes are solved with."""
        return planned(ratio_of(change, self.error(change)), self.level, self.df)

    def chance(self, change: float) -> float:
        """Return the power."""
        return chance(ratio_of(change, self.error(change)), self.level, self.df)

    def half_width(self, change: float) -> float:
        """Return half the width of the change's interval."""
        return quantile(self.level, self.df) * self.error(change)

    def smallest(self, power: float, way: int) -> float:
        """Return the smallest change upwards (way 1) or downwards (-1) that is shown, or NaN."""
        if self.baseline is None:
            grid = [0.0, *(2.0**step for step in range(-20, 10))]
        else:
            room = 1 - self.baseline if way > 0 else self.baseline
            grid = [room * step / STEPS for step in range(STEPS + 1)]
        return way * first_crossing(lambda size: self.planned(way * size), grid, power)

    def amount(self, difference: float) -> str:
        """Write the size of a change."""
        return amount(difference, self.baseline)

    def around(self, change: float) -> str:
        """Name the two shares."""
        if self.baseline is None:
            return ""
        if change == 0:
            return f" around {per_cent(self.baseline)}"
        return f" from {per_cent(self.baseline)} to {per_cent(self.baseline + change)}"

    def beside(self) -> str:
        """Name the waves."""
        if self.first is None:
            return "in either wave"
        return f"in the second wave, beside a first one with {given(self.first[0])} effective respondents"

    def having(self) -> str:
        """Name sites and people, at the beginning of a sentence."""
        return f"With {given(self.sites)} sites of {given(self.people)} people {self.beside()}"


def _first(first_wave: float | None, df_first: float | None) -> tuple[float, float] | None:
    """Check the first wave that has been collected."""
    if (first_wave is None) != (df_first is None):
        raise WrongUseError("Cannot plan with sites: first_wave and df_first belong together; give both or neither.")
    if first_wave is None or df_first is None:
        return None
    return require_at_least("first_wave", first_wave, LEAST_BASE), require_df("df_first", df_first)


def _needed(test: _Clustered, unknown: str, change: float, power: float) -> Plan:
    """Solve for sites or people a site, or say what is the best that can be had."""
    if change == 0:
        raise WrongUseError("Cannot plan to show change=0: no sample shows that nothing changed; give a change.")

    def at(size: float) -> _Clustered:
        return replace(test, sites=size) if unknown == "sites" else replace(test, people=size)

    least, largest = (LEAST_SITES, LARGEST / test.people) if unknown == "sites" else (1.0, LARGEST / test.sites)
    endless = unknown == "people" or test.first is not None
    size = smallest_size(lambda number: at(number).planned(change), power, least, largest=largest)
    claim = f"a change of {test.amount(change)}{test.around(change)} {with_power(power)}"
    question = f"{unknown} needed"
    if not math.isnan(size):
        return _answer(Plan(question, f"To show {claim}, {_needing(at(size))}.", change=change, power=power), at(size))
    best = best_of(lambda number: at(number).chance(change), least, endless=endless, largest=largest)
    reach = at(math.inf if endless else largest).smallest(power, 1 if change > 0 else -1)
    whatever = "no number of sites" if unknown == "sites" else f"no number of people at {given(test.sites)} sites"
    comma = "" if test.first is None else ","
    sentence = (
        f"Impossible: {whatever} {test.beside()}{comma} shows {claim}. The best that can be had is {per_cent(best)}; "
        f"the smallest change in that direction that can be shown is {test.amount(reach)}."
    )
    return _answer(Plan(question, sentence, change=change, power=best, impossible=True), test, unknown=unknown)


def _precise(test: _Clustered, change: float, half: float) -> Plan:
    """Solve for the sites that make a change as precise, or say what is the best that can be had."""

    def reached(sites: float) -> float:
        return -replace(test, sites=sites).half_width(change)

    largest = LARGEST / test.people
    size = smallest_size(reached, -half, LEAST_SITES, largest=largest)
    claim = f"the interval of a change{test.around(change)} reach {test.amount(half)} either way"
    question = "sites for precision"
    if not math.isnan(size):
        there = replace(test, sites=size)
        return _answer(Plan(question, f"To make {claim}, {_needing(there)}.", change=change, half_width=half), there)
    comma = "" if test.first is None else ","
    best = -best_of(reached, LEAST_SITES, endless=test.first is not None, largest=largest)
    sentence = (
        f"Impossible: no number of sites {test.beside()}{comma} makes {claim}. The best that can be had is "
        f"{test.amount(best)} either way."
    )
    return _answer(Plan(question, sentence, change=change, half_width=best, impossible=True), test, unknown="sites")


def _detectable(test: _Clustered, power: float) -> Plan:
    """Solve for the smallest changes that given sites show."""
    up, down = test.smallest(power, 1), test.smallest(power, -1)
    fall = "no fall can be shown" if math.isnan(down) else f"the smallest fall is {test.amount(down)}"
    if math.isnan(up):
        sentence = (
            f"Impossible: {test.having().lower()}, not even the largest rise is shown {with_power(power)}; {fall}."
        )
        best = power if test.baseline is None else test.chance(1 - test.baseline)
        return _answer(
            Plan("detectable change with sites", sentence, change_down=down, power=best, impossible=True), test
        )
    sentence = f"{test.having()}, the smallest rise that is shown {with_power(power)} is {test.amount(up)}; {fall}."
    half = test.half_width(up)
    return _answer(
        Plan("detectable change with sites", sentence, change=up, change_down=down, power=power, half_width=half), test
    )


def _rather(test: _Clustered, change: float) -> str:
    """Say what twice the sites would do, and what twice the people at each would."""
    sites = replace(test, sites=2 * test.sites).chance(change)
    more = replace(test, people=2 * test.people).chance(change)
    return f" Twice the sites would make it {per_cent(sites)}, twice the people at each {per_cent(more)}."


def _needing(test: _Clustered) -> str:
    """Name the sites and people that are needed."""
    return f"{people(test.sites)} sites of {people(test.people)} people are needed {test.beside()}"


def _answer(plan: Plan, test: _Clustered, *, unknown: str = "") -> Plan:
    """Put an answer together with what it rests on; what no number is enough of has none."""
    icc, cv, weights = test.spread
    assumptions: dict[str, float | str] = {
        "baseline": DEVIATIONS if test.baseline is None else test.baseline,
        "level": test.level,
        "icc": icc,
        "cv": cv,
        "design_effect_weights": weights,
    }
    if test.first is not None:
        assumptions |= {"n_effective_first": test.first[0], "df_first": test.first[1]}
    if unknown != "sites":
        assumptions |= {"sites": test.sites, "df": test.df}
    if unknown != "people":
        assumptions |= {"people": test.people, "cluster_effect": test.effect / weights}
    if unknown:
        return replace(plan, assumptions=MappingProxyType(assumptions))
    change = 0.0 if math.isnan(plan.change) else plan.change
    rough = ""
    if test.baseline is not None:
        first = test.base if test.first is None else test.first[0]
        rough = caution((test.baseline, test.baseline + change), (first, test.base))
    return replace(
        plan,
        sentence=plan.sentence + freedom(test.df) + rough,
        n=test.sites * test.people,
        half_width=test.half_width(change),
        assumptions=MappingProxyType(assumptions),
    )
