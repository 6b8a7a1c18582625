"""How many respondents show a change between two waves, what change a sample shows, and how surely.

The second wave asks different people, so the two shares are independent. A first wave that has been collected already
is fixed: no size of second wave makes up for it, and "impossible" is an answer.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

from lpact_eval.errors import WrongUseError
from lpact_eval.planning import wording
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.two_waves import (
    DesignEffect,
    First,
    Terms,
    Variance,
    closed_form,
    df_of_change,
    first_crossing,
    only_crossing,
    power_of,
    reach_of,
    require_df,
    second_share,
    terms,
)

__all__ = ["Plan", "detectable_change", "power", "respondents_needed"]

# About the population of the police force area: a wave that would have to be larger cannot be had.
LARGEST_WAVE = 1_000_000.0
STEPS = 512


def respondents_needed(  # noqa: PLR0913 - the contract's eight, and what goes with one of them
    *,
    baseline: float,
    change: float,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
    ratio: float = 1.0,
    first_wave: float | None = None,
    df_first: float = math.inf,
    variance: Variance = "unpooled",
) -> Plan:
    """Find the number of respondents that shows a change between two waves.

    Parameters
    ----------
    baseline : float
        Share in the first wave, between 0 and 1.
    change : float
        Change to be shown, as a proportion; negative for a fall.
    power : float, default 0.8
        Probability of showing it.
    level : float, default 0.95
        Level of the two-sided test's interval.
    design_effect : float or two floats, default 1
        Of both waves, or of the first and the second; multiplies the respondents needed.
    ratio : float, default 1
        Respondents in the second wave over those in the first.
    first_wave : float, optional
        Effective number of respondents of a first wave that has been collected; `ratio` then does not matter.
    df_first : float, default inf
        Degrees of freedom of that first wave's share; the second is taken to have as many per effective respondent.
    variance : {"unpooled", "pooled"}
        Variance under the null hypothesis.

    Returns
    -------
    Plan
        `n` of the first wave, or of the second where `first_wave` is given; `impossible` where no second wave is
        large enough, or more people would be needed than can be had, with the best `power` that can be had.

    Raises
    ------
    WrongUseError
        If an argument is no number, out of its range, or leads to a share outside 0 to 1.

    Notes
    -----
    With both waves open n is the published closed form, which leaves out the test's far tail (1e-6 at 80 per cent
    power), so it never promises too much. Beside a fixed first wave n solves the two-sided power itself.

    References
    ----------
    Fleiss, Levin & Paik (2003), *Statistical Methods for Rates and Proportions*, sec. 4.2 and 4.4.
    """
    test = terms(baseline, level, variance, design_effect)
    second = second_share(baseline, change)
    if change == 0:
        raise WrongUseError("Cannot plan to show change=0: no sample shows that nothing changed; give a change.")
    power = require_inside("power", power, 1 - level, 1)
    ratio = require_inside("ratio", ratio, 0, math.inf)
    if first_wave is not None:
        first = First(require_at_least("first_wave", first_wave, 1), require_df("df_first", df_first))
        return _needed_beside(test, second, power, first)
    if df_first != math.inf:
        msg = (
            f"Cannot plan two open waves with df_first={df_first!r}: it belongs to a first_wave; give both or neither."
        )
        raise WrongUseError(msg)
    effects = test.effects
    n = effects[0] * max(closed_form(test, second, power, ratio * effects[0] / effects[1]), 1.0)
    shares, bases = (baseline, second), (n / effects[0], n * ratio / effects[1])
    if max(n, n * ratio) > LARGEST_WAVE:
        return _out_of_reach(test, second, ratio)
    return Plan(
        "respondents needed",
        wording.needed(shares, power, (n, n * ratio)) + wording.caution(shares, bases),
        n=n,
        change=second - baseline,
        power=power,
        assumptions=test.assumptions(ratio=ratio),
    )


def detectable_change(
    *,
    baseline: float,
    n_first: float,
    n_second: float,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
    df: float = math.inf,
    variance: Variance = "unpooled",
) -> Plan:
    """Find the smallest rise and the smallest fall that two waves can show.

    Parameters
    ----------
    baseline : float
        Share in the first wave, between 0 and 1.
    n_first, n_second : float
        Respondents; effective ones where `design_effect` is 1. `n_second` may be infinite.
    power, level, design_effect, variance
        As in `respondents_needed`.
    df : float, default inf
        Degrees of freedom of the change's standard error, as the comparison will have them: few sites make few.

    Returns
    -------
    Plan
        `change` upwards and `change_down` (negative), NaN where none can be shown; `impossible` where not even a rise
        to 100 per cent can be, with the `power` for that rise.

    Raises
    ------
    WrongUseError
        If an argument is no number or out of its range.
    """
    test = terms(baseline, level, variance, design_effect, df=df)
    power = require_inside("power", power, 1 - level, 1)
    bases = _bases(test, n_first, n_second)
    reach, enough, rising = reach_of(test, bases, power)

    def reached(room: float) -> float:
        """Find the second share that shows, on the way from the baseline."""

        def grid(step: int) -> float:
            return baseline + room * (step / STEPS)

        if rising:
            return only_crossing(reach, grid, STEPS, enough)
        return first_crossing(reach, [grid(step) for step in range(STEPS + 1)], enough)

    up, down = reached(1 - baseline), reached(-baseline)
    impossible = math.isnan(up)
    changes = (up - baseline, down - baseline)
    return Plan(
        "detectable change",
        wording.detectable(baseline, power, (n_first, n_second), changes)
        + wording.freedom(df)
        + wording.caution((baseline, baseline), bases),
        change=changes[0],
        change_down=changes[1],
        power=power_of(test, 1.0, bases) if impossible else power,
        impossible=impossible,
        assumptions=test.assumptions(n_first=n_first, n_second=n_second),
    )


def power(
    *,
    baseline: float,
    change: float,
    n_first: float,
    n_second: float,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
    df: float = math.inf,
    variance: Variance = "unpooled",
) -> Plan:
    """Find the probability that two waves show a change.

    Parameters
    ----------
    baseline, change : float
        Share in the first wave and change to the second, as proportions.
    n_first, n_second : float
        Respondents; effective ones where `design_effect` is 1. `n_second` may be infinite.
    level, design_effect, variance
        As in `respondents_needed`.
    df : float, default inf
        As in `detectable_change`.

    Returns
    -------
    Plan
        `power` of the two-sided test, both tails counted.

    Raises
    ------
    WrongUseError
        If an argument is no number, out of its range, or leads to a share outside 0 to 1.

    Notes
    -----
    Phi((|d| - z s0) / s1) + Phi((-|d| - z s0) / s1) with s1^2 = p1 q1 / n1 + p2 q2 / n2 and s0 = s1 ("unpooled") or
    s0^2 = p q (1 / n1 + 1 / n2) at the pooled share p ("pooled", as in R's `power.prop.test` with `strict = TRUE`).
    With finite df it is P(|T| > t s0 / s1) of the noncentral t with noncentrality d / s1.
    """
    test = terms(baseline, level, variance, design_effect, df=df)
    second = second_share(baseline, change)
    bases = _bases(test, n_first, n_second)
    found = power_of(test, second, bases)
    shares = (baseline, second)
    return Plan(
        "power",
        wording.chance(shares, (n_first, n_second), found, power_of(test, second, (bases[0], math.inf)))
        + wording.freedom(df)
        + wording.caution(shares, bases),
        change=second - baseline,
        power=found,
        assumptions=test.assumptions(n_first=n_first, n_second=n_second),
    )


def _out_of_reach(test: Terms, second: float, ratio: float) -> Plan:
    """Say that more respondents would be needed than can be had, and what these show."""
    sizes = LARGEST_WAVE / max(1.0, ratio), LARGEST_WAVE * min(1.0, ratio)
    best = power_of(test, second, (sizes[0] / test.effects[0], sizes[1] / test.effects[1]))
    return Plan(
        "respondents needed",
        wording.out_of_reach((test.baseline, second), LARGEST_WAVE, best),
        change=second - test.baseline,
        power=best,
        impossible=True,
        assumptions=test.assumptions(ratio=ratio),
    )


def _needed_beside(test: Terms, second: float, power: float, first: First) -> Plan:
    """Solve for the second wave beside a fixed first one, or say what is the best that can be had."""

    @cache
    def shown(n: float) -> float:
        return power_of(_beside(test, first, n), second, (first.base, n))

    largest = max(LARGEST_WAVE / test.effects[1], 1.0)
    sizes = [largest ** (step / STEPS) for step in range(STEPS + 1)]
    n = first_crossing(shown, sizes, power)
    shares = (test.baseline, second)
    size = n * test.effects[1]
    if math.isnan(n):
        # beside few degrees of freedom an endless wave, which leaves only those, need not be the best one
        best = shown(math.inf) if math.isinf(first.df) else max(map(shown, [*sizes, math.inf]))
        sentence = wording.never(shares, power, first.base, (best, _best_change(test, second, power, first)))
        used = _beside(test, first, math.inf)
    else:
        best, used = power, _beside(test, first, n)
        sentence = wording.needed_beside(shares, power, first.base, size) + wording.freedom(used.df)
        sentence += wording.caution(shares, (first.base, n))
    return Plan(
        "respondents needed",
        sentence,
        n=size,
        change=second - test.baseline,
        power=best,
        impossible=math.isnan(n),
        assumptions=used.assumptions(n_effective_first=first.base, df_first=first.df),
    )


def _beside(test: Terms, first: First, n: float) -> Terms:
    """Give the test the degrees of freedom that it has beside a second wave of n effective respondents."""
    return replace(test, df=df_of_change((first.base, n), first.df))


def _best_change(test: Terms, second: float, power: float, first: First) -> float:
    """Return the smallest change in the same direction that an endless second wave shows."""
    limit = detectable_change(
        baseline=test.baseline,
        n_first=first.base,
        n_second=math.inf,
        power=power,
        level=test.level,
        df=first.df,
        variance=test.variance,
    )
    return limit.change if second > test.baseline else limit.change_down


def _bases(test: Terms, n_first: float, n_second: float) -> tuple[float, float]:
    """Return the effective bases; the second wave may be endless."""
    return (
        require_at_least("n_first", n_first, 1) / test.effects[0],
        require_at_least("n_second", n_second, 1, finite=False) / test.effects[1],
    )
