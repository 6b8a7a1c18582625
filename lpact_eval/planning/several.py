"""How many respondents show a change in several items at once, when the whole family keeps its level."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import comb, ndtr, ndtri

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside, require_whole
from lpact_eval.planning.reach import (
    DEVIATIONS,
    LARGEST,
    STEPS,
    Waves,
    amount,
    ratio_of,
    require_power,
    require_share,
    smallest_size,
    unit_variance,
    unknown_of,
    waves,
    with_power,
)
from lpact_eval.planning.two_waves import DesignEffect, first_crossing, second_share
from lpact_eval.planning.wording import caution, per_cent, points

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray

Wanted = Literal["each", "any", "all"]
Method = Literal["holm", "bonferroni"]

MOST_ITEMS = 30
# Items that correlate more are one item, asked twice.
CLOSEST = 0.95
CLAIMS = {"each": "in one given item", "any": "in at least one item", "all": "in every item"}


def several_items(  # noqa: PLR0913 - the family, two waves, and the three of which one is asked for
    *,
    items: int,
    baseline: float | None = None,
    change: float | None = None,
    n: float | None = None,
    power: float | None = None,
    wanted: Wanted = "each",
    method: Method = "holm",
    correlation: float = 0.0,
    ratio: float = 1.0,
    first_wave: float | None = None,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
) -> Plan:
    """Plan to show the same change in several items, tested as one family: find size, smallest change or power.

    Leave out exactly one of `change`, `n` and `power`.

    Parameters
    ----------
    items : int
        Items in the family, up to 30; all change alike.
    baseline : float, optional
        Share in the first wave; without it the answers are means, and changes are in standard deviations.
    change : float, optional
        Change to be shown, as a proportion; negative for a fall.
    n : float, optional
        Respondents in the first wave, or in the second beside a `first_wave` (then it may be infinite).
    power : float, optional
        Probability of showing it.
    wanted : {"each", "any", "all"}
        Whether it is to be shown in one given item, in at least one of them, or in every one.
    method : {"holm", "bonferroni"}
        How the family keeps its level.
    correlation : float, default 0
        Correlation between any two items' answers within a respondent, from 0 to .95.
    ratio : float, default 1
        Respondents in the second wave over those in the first.
    first_wave : float, optional
        Effective number of respondents of a first wave that has been collected.
    level : float, default 0.95
        Level of the family: .95 makes false alarms in 5 of 100 families.
    design_effect : float or two floats, default 1
        Of both waves, or of the first and the second.

    Returns
    -------
    Plan
        `n`, `change`, `change_down`, `power`; `impossible` where no size is enough, or no change can be shown, with
        the best that can be had.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, or an argument is out of its range.

    Notes
    -----
    The items' statistics are normal with equal noncentrality and equal correlation, so that they are independent given
    one common factor, over which a trapezoid rule integrates. Under Holm's method the r-th largest of m is compared
    with level 1 - (1 - level) / (m - r + 1), as long as all larger ones were shown.

    References
    ----------
    Holm (1979), *Scand. J. Statistics* 6, 65-70; Bretz, Hothorn & Westfall (2011), *Multiple Comparisons Using R*,
    sec. 2.1 and 2.3; Dunnett & Sobel (1955), *Biometrika* 42, 258-260.
    """
    unknown = unknown_of({"change": change, "n": n, "power": power})
    share = require_share("baseline", baseline)
    family = _family(items, wanted, method, (correlation, require_inside("level", level, 0, 1)))
    test = _Several(family, share, waves(design_effect, ratio, first_wave))
    asked = math.nan if change is None else test.require_change(change)
    if unknown == "n":
        return _needed(test, asked, require_power(power or 0.0, level))
    size = test.waves.require(n or 0.0)
    if unknown == "change":
        return _detectable(test, size, require_power(power or 0.0, level))
    found = family.power(ratio_of(asked, test.error(asked, size)))
    sentence = f"{test.waves.having(size)}, {test.claim(asked)} is shown with probability {per_cent(found)}."
    return _answer(Plan("power of several items", sentence, n=size, change=asked, power=found), test)


@dataclass(frozen=True, slots=True)
class Family:
    """Items that are tested together.

    Attributes
    ----------
    items : int
        How many.
    wanted : {"each", "any", "all"}
        In which of them the change is to be shown.
    method : {"holm", "bonferroni"}
        How they keep their level.
    correlation : float
        Between any two of them.
    level : float
        Level of all together.
    """

    items: int
    wanted: Wanted
    method: Method
    correlation: float
    level: float

    def power(self, noncentrality: float) -> float:
        """Return the probability of showing what is wanted, each item's difference so many errors from none."""
        if math.isinf(noncentrality):
            return 1.0
        factor = np.linspace(-8.5, 8.5, 341) if self.correlation else np.zeros(1)
        weight = np.exp(-(factor**2) / 2)
        return float(weight @ self._given(noncentrality, factor) / weight.sum())

    def _given(self, noncentrality: float, factor: FloatArray) -> FloatArray:
        """Return that probability given the common factor."""
        steps = np.arange(self.items) if self.method == "holm" else np.zeros(self.items)
        limits = ndtri(1 - (1 - self.level) / (2 * (self.items - steps)))[:, None]
        centre, spread = noncentrality + math.sqrt(self.correlation) * factor, math.sqrt(1 - self.correlation)
        beyond = ndtr((centre - limits) / spread) + ndtr((-centre - limits) / spread)
        if self.wanted == "any":
            return 1 - (1 - beyond[0]) ** self.items
        if self.method == "bonferroni":
            return beyond[0] if self.wanted == "each" else beyond[0] ** self.items
        shown = _at_least(beyond)
        return shown[-1] if self.wanted == "all" else shown.mean(axis=0)

    def needed(self, power: float) -> float:
        """Return how many standard errors from none every item's difference must lie."""
        return first_crossing(self.power, [0.0, *(2.0**step for step in range(12))], power)


@dataclass(frozen=True, slots=True)
class _Several:
    """How a change in several items is to be tested."""

    family: Family
    baseline: float | None
    waves: Waves

    def require_change(self, change: float) -> float:
        """Refuse a change that leads to no share."""
        if self.baseline is not None:
            return second_share(self.baseline, change) - self.baseline
        return require_inside("change", change, -LARGEST, LARGEST)

    def error(self, change: float, n: float) -> float:
        """Return the standard error of every item's change."""
        second = None if self.baseline is None else min(max(self.baseline + change, 0.0), 1.0)
        first, other = self.waves.bases(n)
        return math.sqrt(unit_variance(self.baseline) / first + unit_variance(second) / other)

    def smallest(self, n: float, enough: float, way: int) -> float:
        """Return the smallest change upwards (way 1) or downwards (-1) that lies so many errors from none, or NaN."""
        room = 1.0 if self.baseline is None else (1 - self.baseline if way > 0 else self.baseline)
        grid = [room * step / STEPS for step in range(STEPS + 1)]
        if self.baseline is None:
            grid = [0.0, *(2.0**step for step in range(-20, 10))]
        return way * first_crossing(lambda size: ratio_of(size, self.error(way * size, n)), grid, enough)

    def claim(self, change: float) -> str:
        """Say what is to be shown."""
        shares = ""
        if self.baseline is not None:
            shares = f" from {per_cent(self.baseline)} to {per_cent(self.baseline + change)}"
        return (
            f"a change of {amount(change, self.baseline)}{shares} {CLAIMS[self.family.wanted]} of {self.family.items}"
        )


def _family(items: int, wanted: Wanted, method: Method, closeness: tuple[float, float]) -> Family:
    """Check the family; closeness is the items' correlation, and with it the level of all together."""
    correlation, level = closeness
    count = require_whole("items", items, 1)
    if count > MOST_ITEMS:
        msg = f"Cannot plan with items={items!r}: at most {MOST_ITEMS}; a family that large shows hardly anything."
        raise WrongUseError(msg)
    if wanted not in CLAIMS:
        msg = f"Cannot plan with wanted={wanted!r}: choose from {list(CLAIMS)}."
        raise WrongUseError(msg)
    if method not in {"holm", "bonferroni"}:
        msg = f'Cannot plan with method={method!r}: choose "holm" (the default) or "bonferroni".'
        raise WrongUseError(msg)
    if require_at_least("correlation", correlation, 0) > CLOSEST:
        msg = f"Cannot plan with correlation={correlation!r}: at most {CLOSEST}; closer items are one item."
        raise WrongUseError(msg)
    return Family(count, wanted, method, float(correlation), level)


def _at_least(beyond: FloatArray) -> FloatArray:
    """Return the chance that Holm's method shows at least 1, 2, ... of m independent items; shape as `beyond`, (m, k).

    Row r of `beyond` is the chance that one item passes the r-th limit. The number past a limit grows from one limit
    to the next by a binomial draw from the items left, and must be at least r at the r-th.
    """
    count = len(beyond)
    past = np.zeros((count + 1, beyond.shape[1]))
    past[0] = 1.0
    before = np.zeros(beyond.shape[1])
    rows: list[FloatArray] = []
    for rank in range(1, count + 1):
        rest = 1 - before
        chance = np.divide(beyond[rank - 1] - before, rest, out=np.ones_like(rest), where=rest > 0).clip(0, 1)
        grown = np.zeros_like(past)
        for held in range(rank - 1, count + 1):
            more = np.arange(max(rank - held, 0), count - held + 1)[:, None]
            draws = comb(count - held, more) * chance**more * (1 - chance) ** (count - held - more)
            grown[held + more[:, 0]] += past[held] * draws
        past, before = grown, beyond[rank - 1]
        rows.append(past.sum(axis=0))
    return np.asarray(rows)


def _needed(test: _Several, change: float, power: float) -> Plan:
    """Solve for the size that shows the change, or say what is the best that can be had."""
    if change == 0:
        raise WrongUseError("Cannot plan to show change=0: no sample shows that nothing changed; give a change.")
    both, enough = test.waves, test.family.needed(power)
    size = smallest_size(lambda n: ratio_of(change, test.error(change, n)), enough, both.least)
    question = "respondents needed for several items"
    if not math.isnan(size):
        sentence = f"To show {test.claim(change)} {with_power(power)}, {both.needing(size)}."
        return _answer(Plan(question, sentence, n=size, change=change, power=power), test)
    most = LARGEST if both.first is None else math.inf
    best = test.family.power(ratio_of(change, test.error(change, most)))
    rather = test.smallest(most, enough, 1 if change > 0 else -1)
    sentence = (
        f"{both.never()} shows {test.claim(change)} {with_power(power)}. The best that can be had is {per_cent(best)}; "
        f"the smallest change in that direction that can be shown is {amount(rather, test.baseline)}."
    )
    return _answer(Plan(question, sentence, change=change, power=best, impossible=True), test)


def _detectable(test: _Several, n: float, power: float) -> Plan:
    """Solve for the smallest changes that given sizes show."""
    enough = test.family.needed(power)
    up, down = test.smallest(n, enough, 1), test.smallest(n, enough, -1)
    fall = "no fall can be shown" if math.isnan(down) else f"the smallest fall is {amount(down, test.baseline)}"
    where = f"{CLAIMS[test.family.wanted]} of {test.family.items}"
    question = "detectable change in several items"
    if math.isnan(up):
        room = 1.0 if test.baseline is None else 1 - test.baseline
        best = test.family.power(ratio_of(room, test.error(room, n)))
        sentence = (
            f"Impossible: not even a rise of {points(room)} is shown {where} {with_power(power)}. "
            f"{test.waves.having(n)}, {fall}."
        )
        return _answer(Plan(question, sentence, n=n, change_down=down, power=best, impossible=True), test)
    sentence = (
        f"{test.waves.having(n)}, the smallest rise that is shown {where} {with_power(power)} is "
        f"{amount(up, test.baseline)}; {fall}."
    )
    return _answer(Plan(question, sentence, n=n, change=up, change_down=down, power=power), test)


def _answer(plan: Plan, test: _Several) -> Plan:
    """Put an answer together with what it rests on."""
    family = test.family
    how = f" The family of {family.items} is tested by {'Holm' if family.method == 'holm' else 'Bonferroni'}'s method"
    if family.items > 1 and (family.method == "holm" or family.wanted == "any"):
        how += ", and all of it is taken to change alike"
        if family.wanted == "each":
            how += "; a change in that item alone is as hard to show as by Bonferroni's"
    how += "."
    if test.baseline is not None and not math.isnan(plan.n + plan.change):
        how += caution((test.baseline, test.baseline + plan.change), test.waves.bases(plan.n))
    assumptions: dict[str, float | str] = {
        "items": family.items,
        "baseline": DEVIATIONS if test.baseline is None else test.baseline,
        "wanted": family.wanted,
        "method": family.method,
        "correlation": family.correlation,
        "level": family.level,
        **test.waves.assumptions(),
    }
    return replace(plan, sentence=plan.sentence + how, assumptions=MappingProxyType(assumptions))
