"""How many respondents show that ordered answers shifted between two waves, what shift they show, and how surely."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.reach import (
    LARGEST,
    STEPS,
    Waves,
    best_of,
    chance,
    planned,
    ratio_of,
    require_power,
    smallest_size,
    unknown_of,
    waves,
    with_power,
)
from lpact_eval.planning.two_waves import DesignEffect, Pair, first_crossing
from lpact_eval.planning.wording import per_cent

if TYPE_CHECKING:
    from collections.abc import Sequence

Method = Literal["noether", "whitehead"]

# Odds of e to the 30th put everybody at one end of any scale.
LARGEST_LOG_ODDS = 30.0
NO_SHIFT = 0.5


def ordinal_size(  # noqa: PLR0913 - two waves, and the three of which one is asked for
    *,
    answers: Sequence[float],
    shift: float | None = None,
    odds_ratio: float | None = None,
    n: float | None = None,
    power: float | None = None,
    method: Method = "noether",
    ratio: float = 1.0,
    first_wave: float | None = None,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
) -> Plan:
    """Plan to show that ordered answers shifted: find the size, the smallest shift or the power.

    Leave out exactly one of the shift (`shift` or `odds_ratio`), `n` and `power`.

    Parameters
    ----------
    answers : sequence of float
        Shares of the answers in the first wave, most favourable first; counts will do, as only proportions count.
    shift : float, optional
        Chance that a respondent of the second wave answers more favourably than one of the first, ties counting half;
        .5 is no shift, as in `ordinal_shift`.
    odds_ratio : float, optional
        The same as a common odds ratio of answering more favourably; 1 is no shift.
    n : float, optional
        Respondents in the first wave, or in the second beside a `first_wave` (then it may be infinite).
    power : float, optional
        Probability of showing the shift.
    method : {"noether", "whitehead"}
        For a rank test of the shift, or for a proportional odds model.
    ratio : float, default 1
        Respondents in the second wave over those in the first.
    first_wave : float, optional
        Effective number of respondents of a first wave that has been collected.
    level : float, default 0.95
        Level of the two-sided test's interval.
    design_effect : float or two floats, default 1
        Of both waves, or of the first and the second.

    Returns
    -------
    Plan
        `n`, `change` (the shift less .5), `change_down`, `power`; `shift` and `odds_ratio` are among the assumptions;
        `impossible` where no size is enough, or no shift can be shown, with the best that can be had.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, the shift is out of these answers' reach, or an argument is out of its
        range.

    Notes
    -----
    The second wave's answers obey proportional odds. "noether": |shift - .5| over the standard error
    sqrt((1 - sum of m^3) (1 / n1 + 1 / n2) / 12) with the mean shares m of both waves: Noether's formula with ties.
    "whitehead": |log odds ratio| over sqrt(3 (1 / n1 + 1 / n2) / (1 - sum of m^3)).

    References
    ----------
    Noether (1987), *JASA* 82, 645-647; Zhao, Rahardja & Qu (2008), *Statistics in Medicine* 27, 462-468, eq. 6;
    Whitehead (1993), *Statistics in Medicine* 12, 2257-2271, sec. 3.
    """
    if shift is not None and odds_ratio is not None:
        raise WrongUseError("Cannot plan a shift: give shift or odds_ratio, the same thing in two ways; not both.")
    given_shift = odds_ratio if shift is None else shift
    unknown = unknown_of({"shift": given_shift, "n": n, "power": power})
    if method not in {"noether", "whitehead"}:
        msg = f'Cannot plan with method={method!r}: choose "noether" (the default) or "whitehead".'
        raise WrongUseError(msg)
    both = waves(design_effect, ratio, first_wave)
    test = _Ordinal(_scale(answers), method, require_inside("level", level, 0, 1), both)
    log_odds = math.nan if unknown == "shift" else _log_odds(test, shift, odds_ratio)
    if unknown == "n":
        return _needed(test, log_odds, require_power(power or 0.0, level))
    size = both.require(n or 0.0)
    if unknown == "shift":
        return _detectable(test, size, require_power(power or 0.0, level))
    found = test.chance(log_odds, size)
    sentence = f"{both.having(size)}, {test.claim(log_odds)} is shown with probability {per_cent(found)}."
    return _answer(Plan("power of a shift", sentence, n=size, power=found), test, log_odds)


@dataclass(frozen=True, slots=True)
class _Ordinal:
    """How a shift is to be tested; answers add up to 1."""

    answers: tuple[float, ...]
    method: Method
    level: float
    waves: Waves

    def second(self, log_odds: float) -> list[float]:
        """Return the second wave's shares under proportional odds."""
        odds = math.exp(log_odds)
        up_to = list(accumulate(self.answers))[:-1]
        moved = [0.0, *(odds * part / (1 - part + odds * part) for part in up_to), 1.0]
        return [above - below for below, above in pairwise(moved)]

    def shift(self, log_odds: float) -> float:
        """Return the chance that the second wave answers more favourably, ties counting half."""
        less = [1 - part for part in accumulate(self.answers)]
        first, second = self.answers, self.second(log_odds)
        return math.fsum(new * (rest + old / 2) for new, rest, old in zip(second, less, first, strict=True))

    def noncentrality(self, log_odds: float, n: float) -> float:
        """Return how many standard errors the shift lies from none."""
        bases = self.waves.bases(n)
        untied = 1 - math.fsum(share**3 for share in self._mean(log_odds, bases))
        spread = 1 / bases[0] + 1 / bases[1]
        if self.method == "whitehead":
            # a wave that all but always gives one answer tells nothing of odds
            return ratio_of(log_odds, math.sqrt(3 * spread / untied)) if untied > 0 else 0.0
        return ratio_of(self.shift(log_odds) - NO_SHIFT, math.sqrt(untied * spread / 12))

    def _mean(self, log_odds: float, bases: Pair) -> list[float]:
        """Return the shares in both waves together."""
        weight = 0.0 if math.isinf(bases[1]) else bases[0] / (bases[0] + bases[1])
        return [weight * old + (1 - weight) * new for old, new in zip(self.answers, self.second(log_odds), strict=True)]

    def planned(self, log_odds: float, n: float) -> float:
        """Return the power that sizes and shifts are solved with."""
        return planned(self.noncentrality(log_odds, n), self.level)

    def chance(self, log_odds: float, n: float) -> float:
        """Return the power."""
        return chance(self.noncentrality(log_odds, n), self.level)

    def smallest(self, n: float, power: float, way: int) -> float:
        """Return the smallest log odds ratio upwards (way 1) or downwards (-1) that is shown, or NaN."""
        grid = [LARGEST_LOG_ODDS * (step / STEPS) ** 2 for step in range(STEPS + 1)]
        return way * first_crossing(lambda size: self.planned(way * size, n), grid, power)

    def claim(self, log_odds: float) -> str:
        """Say what is to be shown."""
        return f"a shift {self.described(log_odds)}"

    def described(self, log_odds: float) -> str:
        """Describe a shift."""
        return (
            f"to {per_cent(self.shift(log_odds))} (chance that a respondent of the second wave answers more "
            f"favourably than one of the first; 50% is none; odds ratio {math.exp(log_odds):.2f})"
        )


def _scale(answers: Sequence[float]) -> tuple[float, ...]:
    """Check the first wave's answers, and make them add up to 1."""
    shares = [require_at_least("answers", share, 0) for share in answers]
    if sum(share > 0 for share in shares) < 2:  # noqa: PLR2004 - a shift needs somewhere to go
        raise WrongUseError("Cannot plan a shift: give the shares of at least two answers, most favourable first.")
    whole = math.fsum(shares)
    return tuple(share / whole for share in shares if share > 0)


def _log_odds(test: _Ordinal, shift: float | None, odds_ratio: float | None) -> float:
    """Return the log odds ratio that was given, or that makes the shift that was given."""
    if shift is None:
        log_odds = math.log(require_inside("odds_ratio", odds_ratio, 0, math.inf))
        return require_inside("the odds ratio's logarithm", log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    low, high = test.shift(-LARGEST_LOG_ODDS), test.shift(LARGEST_LOG_ODDS)
    if not low < require_inside("shift", shift, 0, 1) < high:
        msg = (
            f"Cannot plan with shift={shift!r}: from these answers it can only reach from {low:.3f} to {high:.3f}, "
            "which is everybody at one end; 0.5 is no shift."
        )
        raise WrongUseError(msg)
    if shift == NO_SHIFT:
        return 0.0
    return first_crossing(test.shift, [-LARGEST_LOG_ODDS, LARGEST_LOG_ODDS], shift)


def _needed(test: _Ordinal, log_odds: float, power: float) -> Plan:
    """Solve for the size that shows a shift, or say what is the best that can be had."""
    if log_odds == 0:
        raise WrongUseError("Cannot plan to show no shift (0.5, or an odds ratio of 1): give a shift.")
    both, fixed = test.waves, test.waves.first is not None
    size = smallest_size(lambda n: test.planned(log_odds, n), power, both.least)
    question = "respondents needed for a shift"
    if not math.isnan(size):
        sentence = f"To show {test.claim(log_odds)} {with_power(power)}, {both.needing(size)}."
        return _answer(Plan(question, sentence, n=size, power=power), test, log_odds)
    best = best_of(lambda n: test.chance(log_odds, n), both.least, endless=fixed)
    rather = test.smallest(math.inf if fixed else LARGEST, power, 1 if log_odds > 0 else -1)
    reach = "no shift at all" if math.isnan(rather) else per_cent(test.shift(rather))
    sentence = (
        f"{both.never()} shows {test.claim(log_odds)} {with_power(power)}. The best that can be had is "
        f"{per_cent(best)}; the smallest shift in that direction that can be shown is {reach}."
    )
    return _answer(Plan(question, sentence, power=best, impossible=True), test, log_odds)


def _detectable(test: _Ordinal, n: float, power: float) -> Plan:
    """Solve for the smallest shifts that given sizes show."""
    up, down = test.smallest(n, power, 1), test.smallest(n, power, -1)
    fall = "no shift downwards can be shown"
    if not math.isnan(down):
        fall = f"downwards, it is {per_cent(test.shift(down))}"
    question, way_down = "detectable shift", math.nan if math.isnan(down) else test.shift(down) - NO_SHIFT
    if math.isnan(up):
        sentence = f"Impossible: no shift upwards is shown {with_power(power)}. {test.waves.having(n)}, {fall}."
        best = test.chance(LARGEST_LOG_ODDS, n)
        return _answer(Plan(question, sentence, n=n, change_down=way_down, power=best, impossible=True), test, up)
    sentence = (
        f"{test.waves.having(n)}, the smallest shift that is shown {with_power(power)} is one {test.described(up)}"
    )
    return _answer(Plan(question, f"{sentence}; {fall}.", n=n, change_down=way_down, power=power), test, up)


def _answer(plan: Plan, test: _Ordinal, log_odds: float) -> Plan:
    """Put an answer together with what it rests on."""
    shift = math.nan if math.isnan(log_odds) else test.shift(log_odds)
    assumptions: dict[str, float | str] = {
        **{f"answer_{place}": share for place, share in enumerate(test.answers, start=1)},
        "method": test.method,
        "level": test.level,
        "shift": shift,
        "odds_ratio": math.exp(log_odds),
        **test.waves.assumptions(),
    }
    return replace(plan, change=shift - NO_SHIFT, assumptions=MappingProxyType(assumptions))
