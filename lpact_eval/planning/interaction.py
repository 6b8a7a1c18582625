"""How many respondents show that a gap differs between two groups, what difference they show, and how surely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.reach import (
    DEVIATIONS,
    LARGEST,
    LEAST_BASE,
    amount,
    chance,
    planned,
    quantile,
    ratio_of,
    require_power,
    several,
    smallest_size,
    standard_errors,
    unit_variance,
    unknown_of,
    with_power,
)
from lpact_eval.planning.two_waves import require_df
from lpact_eval.planning.wording import freedom, given, people, per_cent

CELLS = 4
# Two gaps between shares differ by at most two whole shares; two between means by any number of deviations.
LARGEST_DIFFERENCE = 2.0
RULE = (
    " To show a difference between two gaps that is half as large as a gap itself, about 16 times the respondents are "
    "needed that show the gap."
)


def interaction_size(  # noqa: PLR0913 - four cells, and the three of which one is asked for
    *,
    shares: Sequence[float] | None = None,
    change: float | None = None,
    n: float | Sequence[float] | None = None,
    split: Sequence[float] | None = None,
    power: float | None = None,
    half_width: float | None = None,
    level: float = 0.95,
    design_effect: float | Sequence[float] = 1.0,
    df: float = math.inf,
) -> Plan:
    """Plan a test of whether a gap differs between two groups: find its size, its smallest difference or its power.

    Leave out exactly one of `n`, `change` and `power`. `half_width` may take the place of `power` to find the size
    that makes the difference as precise. Cells come in the order first group attended, first group others, second
    group attended, second group others; before and after may stand for attended and others.

    Parameters
    ----------
    shares : sequence of four floats, optional
        Shares expected in the cells, which make the standard error; without them the answer is a mean, and differences
        are in standard deviations.
    change : float, optional
        First group's gap minus the second's, as a proportion.
    n : float or sequence of four floats, optional
        Respondents in all, which needs `split`, or in each cell.
    split : sequence of four floats, optional
        What part of the respondents lies in each cell; only the proportions count.
    power : float, optional
        Probability of showing the difference.
    half_width : float, optional
        Half the width of the difference's interval.
    level : float, default 0.95
        Level of the two-sided test's interval.
    design_effect : float or sequence of four floats, default 1
        Of all cells, or of each.
    df : float, default inf
        Degrees of freedom of the difference's standard error.

    Returns
    -------
    Plan
        `n` in all, `change` (the same downwards), `power`, `half_width`; `impossible` where no size is enough, or no
        two gaps are as different as would have to be shown. The sentence ends in the rule of 16.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, or an argument is out of its range.

    Notes
    -----
    s^2 = sum of p q d / n over the four cells (d / n without shares), power = P(|T| > t) with noncentrality change / s.
    An interaction half as large as a main effect has twice its standard error and half its size: 4^2 = 16.

    References
    ----------
    Gelman, Hill & Vehtari (2020), *Regression and Other Stories*, sec. 16.4.
    """
    cells = _cells(shares, n, split, design_effect)
    unknown = unknown_of({"n": n, "change": change, "power": power}, half_width=half_width)
    test = _Interaction(cells, require_inside("level", level, 0, 1), require_df("df", df))
    limit = LARGEST_DIFFERENCE if shares is not None else math.inf
    wanted = math.nan if change is None else require_inside("change", change, -limit, limit)
    if half_width is not None:
        return _precise(test, half_width)
    if unknown == "n":
        return _needed(test, wanted, require_power(power or 0.0, level))
    size, error = cells.size, test.error(cells.size)
    if unknown == "change":
        return _detectable(test, error, require_power(power or 0.0, level))
    found = chance(ratio_of(wanted, error), level, df)
    sentence = (
        f"With {cells.having(size)}, a difference of {cells.amount(wanted)} between the two gaps is shown with "
        f"probability {per_cent(found)}."
    )
    return _answer(Plan("power of an interaction", sentence, n=size, change=wanted, power=found), test)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Unit variances times design effects, what part of the respondents is where, and how many there are."""

    units: tuple[float, ...]
    split: tuple[float, ...]
    effects: tuple[float, ...]
    shares: tuple[float, ...] | None
    size: float

    @property
    def least(self) -> float:
        """The smallest size that leaves two effective respondents in every cell."""
        return max(LEAST_BASE * effect / part for effect, part in zip(self.effects, self.split, strict=True))

    def amount(self, difference: float) -> str:
        """Write the size of a difference."""
        return amount(difference, None if self.shares is None else self.shares[0])

    def having(self, size: float) -> str:
        """Name who answers."""
        return " + ".join(given(size * part) for part in self.split) + " respondents in the four cells"


@dataclass(frozen=True, slots=True)
class _Interaction:
    """How a difference between two gaps is to be tested."""

    cells: _Cells
    level: float
    df: float

    def error(self, size: float) -> float:
        """Return the standard error of the difference."""
        parts = zip(self.cells.units, self.cells.split, strict=True)
        return math.sqrt(sum(unit / (size * part) for unit, part in parts))


def _cells(
    shares: Sequence[float] | None,
    n: float | Sequence[float] | None,
    split: Sequence[float] | None,
    design_effect: float | Sequence[float],
) -> _Cells:
    """Check the four cells."""
    if isinstance(n, Sequence) == (split is not None):
        raise WrongUseError(
            "Cannot plan an interaction: give n as four numbers, one a cell, or split to say what part of the "
            "respondents lies in each; not both."
        )
    known = (
        None if shares is None else [require_inside("shares", one, 0, 1) for one in several("shares", shares, CELLS)]
    )
    effects = list(design_effect) if isinstance(design_effect, Sequence) else [design_effect] * CELLS
    effects = [require_inside("design_effect", one, 0, math.inf) for one in several("design_effect", effects, CELLS)]
    if isinstance(n, Sequence):
        parts = [require_inside("n", one, 0, math.inf) for one in several("n", n, CELLS)]
        size = math.fsum(parts)
    else:
        parts = [require_inside("split", one, 0, math.inf) for one in several("split", split or (), CELLS)]
        size = math.nan if n is None else n
    split_up = tuple(part / math.fsum(parts) for part in parts)
    units = [unit_variance(one) for one in known or [None] * CELLS]
    units = [unit * effect for unit, effect in zip(units, effects, strict=True)]
    cells = _Cells(tuple(units), split_up, tuple(effects), None if known is None else tuple(known), size)
    if not math.isnan(size):
        require_at_least("n", size * (1 + 1e-12), cells.least)
    return cells


def _needed(test: _Interaction, change: float, power: float) -> Plan:
    """Solve for the size that shows a difference, or say what is the best that can be had."""
    if change == 0:
        raise WrongUseError("Cannot plan to show change=0: no sample shows that two gaps are alike; give a difference.")
    cells = test.cells
    size = smallest_size(lambda n: planned(ratio_of(change, test.error(n)), test.level, test.df), power, cells.least)
    claim = f"a difference of {cells.amount(change)} between the two gaps {with_power(power)}"
    question = "respondents needed for an interaction"
    if not math.isnan(size):
        sentence = f"To show {claim}, {_needing(cells, size)}."
        return _answer(Plan(question, sentence, n=size, change=change, power=power), test)
    error = test.error(LARGEST)
    best = chance(ratio_of(change, error), test.level, test.df)
    reach = standard_errors(power, test.level, test.df) * error
    out_of_reach = cells.shares is not None and reach > LARGEST_DIFFERENCE
    rather = f"the smallest difference that can be shown is {cells.amount(reach)}"
    if out_of_reach:
        rather = "no difference at all can be shown"
    sentence = (
        f"Impossible: not even {people(LARGEST)} respondents show {claim}. The best that can be had is "
        f"{per_cent(best)}; {rather}."
    )
    return _answer(Plan(question, sentence, n=math.nan, change=change, power=best, impossible=True), test)


def _precise(test: _Interaction, half: float) -> Plan:
    """Solve for the size that makes a difference as precise, or say what is the best that can be had."""
    cells, factor = test.cells, quantile(test.level, test.df)
    size = smallest_size(lambda n: -factor * test.error(n), -half, cells.least)
    claim = f"the interval of a difference between two gaps reach {cells.amount(half)} either way"
    question = "respondents for an interaction's precision"
    if not math.isnan(size):
        return _answer(Plan(question, f"To make {claim}, {_needing(cells, size)}.", n=size, half_width=half), test)
    best = factor * test.error(LARGEST)
    sentence = (
        f"Impossible: not even {people(LARGEST)} respondents make {claim}. The best that can be had is "
        f"{cells.amount(best)} either way."
    )
    return _answer(Plan(question, sentence, n=math.nan, half_width=best, impossible=True), test)


def _detectable(test: _Interaction, error: float, power: float) -> Plan:
    """Solve for the smallest difference that given sizes show."""
    cells = test.cells
    found = standard_errors(power, test.level, test.df) * error
    if cells.shares is not None and found > LARGEST_DIFFERENCE:
        best = chance(LARGEST_DIFFERENCE / error, test.level, test.df)
        sentence = (
            f"Impossible: with {cells.having(cells.size)}, no difference between two gaps is shown {with_power(power)}."
        )
        return _answer(Plan("detectable interaction", sentence, n=cells.size, power=best, impossible=True), test)
    sentence = (
        f"With {cells.having(cells.size)}, the smallest difference between the two gaps that is shown "
        f"{with_power(power)} is {cells.amount(found)}."
    )
    return _answer(
        Plan("detectable interaction", sentence, n=cells.size, change=found, change_down=-found, power=power), test
    )


def _needing(cells: _Cells, size: float) -> str:
    """Name who is needed."""
    return " + ".join(people(size * part) for part in cells.split) + " respondents are needed in the four cells"


def _answer(plan: Plan, test: _Interaction) -> Plan:
    """Put an answer together with what it rests on."""
    cells, known = test.cells, not math.isnan(plan.n)
    shares: dict[str, float | str] = {"shares": DEVIATIONS}
    if cells.shares is not None:
        shares = {f"share_{cell}": share for cell, share in enumerate(cells.shares, start=1)}
    sizes = {f"n_{cell}": plan.n * part for cell, part in enumerate(cells.split, start=1)}
    effects = {f"design_effect_{cell}": effect for cell, effect in enumerate(cells.effects, start=1)}
    return replace(
        plan,
        sentence=plan.sentence + freedom(test.df) + RULE,
        half_width=quantile(test.level, test.df) * test.error(plan.n) if known else plan.half_width,
        assumptions=MappingProxyType({**shares, **sizes, **effects, "level": test.level, "df": test.df}),
    )
