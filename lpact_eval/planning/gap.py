"""How many who attended and how many others show a gap between them, what gap they show, and how surely."""

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
from lpact_eval.planning.two_waves import (
    DesignEffect,
    Pair,
    design_effects,
    first_crossing,
    require_df,
    second_share,
)
from lpact_eval.planning.wording import caution, freedom, given, people, per_cent

# Standard deviations that no gap between two means reaches.
LARGEST_EFFECT = 1000.0


def gap_size(  # noqa: PLR0913 - who attends, who does not, and the four of which one is asked for
    *,
    share: float | None = None,
    gap: float | None = None,
    n: float | None = None,
    attending: float | None = None,
    n_attended: float | None = None,
    n_others: float | None = None,
    power: float | None = None,
    half_width: float | None = None,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
    df: float | None = None,
) -> Plan:
    """Plan a comparison of those who attended with others: find its size, its smallest gap or its power.

    Leave out exactly one of the size, `gap` and `power`. `half_width` may take the place of `power` to find the size
    that makes the gap as precise; `gap` then is 0 unless given.

    Parameters
    ----------
    share : float, optional
        Share among the others; without it the answer is a mean, and gaps are in standard deviations.
    gap : float, optional
        Share of those who attended minus the others', as a proportion.
    n : float, optional
        Respondents of both kinds together; needs `attending`.
    attending : float, optional
        Share of the respondents who attended.
    n_attended, n_others : float, optional
        Respondents of either kind, in place of `n` and `attending`; one of them may be infinite. Where only one is
        given, the other is to be found.
    power : float, optional
        Probability of showing the gap.
    half_width : float, optional
        Half the width of the gap's interval.
    level : float, default 0.95
        Level of the two-sided test's interval.
    design_effect : float or two floats, default 1
        Of both kinds, or of those who attended and the others.
    df : float, optional
        Degrees of freedom; Welch's on effective respondents for a share and all effective respondents less 2 for a
        mean, unless given. Infinity makes a normal test; few sites make few.

    Returns
    -------
    Plan
        `n` of both kinds together (how many of each is among the assumptions), `change` and `change_down`, `power`,
        `half_width`; `impossible` where no size is enough or no gap can be shown, with the best that can be had.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, or an argument is out of its range.

    Notes
    -----
    s^2 = d1 p1 q1 / n1 + d0 p0 q0 / n0 (or d1 / n1 + d0 / n0); power = P(|T| > t) of the noncentral t with
    noncentrality gap / s. Not adjusted for anything: adjusters that tell who attends cost more respondents.

    References
    ----------
    Cohen (1988), *Statistical Power Analysis*, sec. 2.3; Welch (1947), *Biometrika* 34, 28-35, eq. 28.
    """
    arms = _arms(n, attending, (n_attended, n_others), design_effects(design_effect))
    known = {"n": arms.size, "gap": gap, "power": power}
    unknown = unknown_of(known, half_width=half_width)
    freedom_given = None if df is None else require_df("df", df)
    test = _Gap(require_share("share", share), require_inside("level", level, 0, 1), freedom_given, arms)
    wanted = math.nan if gap is None else test.require_gap(gap)
    if arms.size is None:
        if half_width is not None:
            return _precise(test, 0.0 if gap is None else wanted, half_width)
        return _needed(test, wanted, require_power(power or 0.0, level))
    if unknown == "gap":
        return _detectable(test, require_power(power or 0.0, level))
    sizes = arms.sizes(arms.size)
    found, half = test.chance(wanted, sizes), test.half_width(wanted, sizes)
    sentence = (
        f"With {_having(sizes)}, a gap of {amount(wanted, share)}{_around(test, wanted)} is shown with probability "
        f"{per_cent(found)}; its interval reaches {amount(half, share)} either way."
    )
    return _answer(
        Plan("power of a gap", sentence, change=wanted, power=found, half_width=half), test, sizes, gap=wanted
    )


@dataclass(frozen=True, slots=True)
class _Arms:
    """Who is to answer: a share who attend, or one kind fixed; size is the free one's where it is known."""

    effects: Pair
    attending: float = math.nan
    attended: float | None = None
    others: float | None = None
    size: float | None = None

    @property
    def least(self) -> float:
        """The smallest free size that leaves two effective respondents of either kind."""
        least = (LEAST_BASE * self.effects[0], LEAST_BASE * self.effects[1])
        if self.attended is not None:
            return least[1]
        if self.others is not None:
            return least[0]
        return max(least[0] / self.attending, least[1] / (1 - self.attending))

    @property
    def fixed(self) -> bool:
        """Whether one kind's number is given."""
        return self.attended is not None or self.others is not None

    def sizes(self, size: float) -> Pair:
        """Return how many attended and how many did not, given the free size."""
        if self.attended is not None:
            return self.attended, size
        if self.others is not None:
            return size, self.others
        return size * self.attending, size * (1 - self.attending)


@dataclass(frozen=True, slots=True)
class _Gap:
    """How a gap is to be tested; df is None where the sizes make it."""

    share: float | None
    level: float
    df: float | None
    arms: _Arms

    def require_gap(self, gap: float) -> float:
        """Refuse a gap that leads to no share; nothing can be shown of no gap, but its precision can be had."""
        if self.share is not None:
            return second_share(self.share, gap, names=("share", "gap")) - self.share
        return require_inside("gap", gap, -LARGEST_EFFECT, LARGEST_EFFECT)

    def variances(self, gap: float, sizes: Pair) -> Pair:
        """Return the variance of either kind's estimate."""
        attended = None if self.share is None else min(max(self.share + gap, 0.0), 1.0)
        units = unit_variance(attended), unit_variance(self.share)
        return units[0] * self.arms.effects[0] / sizes[0], units[1] * self.arms.effects[1] / sizes[1]

    def freedom(self, gap: float, sizes: Pair) -> float:
        """Return the degrees of freedom of the gap's standard error."""
        if self.df is not None:
            return self.df
        bases = sizes[0] / self.arms.effects[0], sizes[1] / self.arms.effects[1]
        if self.share is None:
            return sum(bases) - 2
        first, second = self.variances(gap, sizes)
        return (first + second) ** 2 / (first**2 / (bases[0] - 1) + second**2 / (bases[1] - 1))

    def planned(self, gap: float, sizes: Pair) -> float:
        """Return the power that sizes and gaps are solved with."""
        error = math.sqrt(sum(self.variances(gap, sizes)))
        return planned(ratio_of(gap, error), self.level, self.freedom(gap, sizes))

    def chance(self, gap: float, sizes: Pair) -> float:
        """Return the power."""
        error = math.sqrt(sum(self.variances(gap, sizes)))
        return chance(ratio_of(gap, error), self.level, self.freedom(gap, sizes))

    def half_width(self, gap: float, sizes: Pair) -> float:
        """Return half the width of the gap's interval."""
        return quantile(self.level, self.freedom(gap, sizes)) * math.sqrt(sum(self.variances(gap, sizes)))

    def smallest(self, sizes: Pair, power: float, way: int) -> float:
        """Return the smallest gap upwards (way 1) or downwards (-1) that is shown, or NaN."""
        if self.share is None:
            grid = [0.0, *(2.0**step for step in range(-20, 10))]
        else:
            room = 1 - self.share if way > 0 else self.share
            grid = [room * step / STEPS for step in range(STEPS + 1)]
        return way * first_crossing(lambda size: self.planned(way * size, sizes), grid, power)


def _arms(n: float | None, attending: float | None, kinds: tuple[float | None, float | None], effects: Pair) -> _Arms:
    """Check who is to answer."""
    attended, others = kinds
    both = attended is not None and others is not None
    if attending is not None:
        if attended is not None or others is not None:
            raise WrongUseError("Cannot plan a gap: give attending, or n_attended and n_others; not both.")
        open_arms = _Arms(effects, require_inside("attending", attending, 0, 1))
        size = None if n is None else require_at_least("n", n, open_arms.least)
        return _Arms(effects, open_arms.attending, size=size)
    if n is not None or (attended is None and others is None):
        raise WrongUseError(
            "Cannot plan a gap: give attending, the share of the respondents who attended, or n_attended or n_others."
        )
    if attended is not None:
        attended = require_at_least("n_attended", attended, LEAST_BASE * effects[0], finite=False)
    if others is not None:
        others = require_at_least("n_others", others, LEAST_BASE * effects[1], finite=False)
    if math.inf in {attended, others} and (not both or attended == others):
        raise WrongUseError("Cannot plan a gap: one of n_attended and n_others may be infinite beside the other.")
    return _Arms(effects, attended=attended, others=None if both else others, size=others if both else None)


def _needed(test: _Gap, gap: float, power: float) -> Plan:
    """Solve for the size that shows a gap, or say what is the best that can be had."""
    if gap == 0:
        raise WrongUseError("Cannot plan to show gap=0: no sample shows that there is none; give a gap.")
    arms = test.arms
    size = smallest_size(lambda free: test.planned(gap, arms.sizes(free)), power, arms.least)
    claim = f"a gap of {amount(gap, test.share)}{_around(test, gap)} {with_power(power)}"
    if not math.isnan(size):
        sentence = f"To show {claim}, {_needing(arms.sizes(size))}."
        return _answer(
            Plan("respondents needed for a gap", sentence, change=gap, power=power), test, arms.sizes(size), gap=gap
        )
    best = best_of(lambda free: test.chance(gap, arms.sizes(free)), arms.least, endless=arms.fixed)
    sizes = arms.sizes(math.inf if arms.fixed else LARGEST)
    reach = test.smallest(sizes, power, 1 if gap > 0 else -1)
    sentence = (
        f"Impossible: {_whatever(arms)} shows {claim}. The best that can be had is {per_cent(best)}; the smallest gap "
        f"in that direction that can be shown is {amount(reach, test.share)}."
    )
    return _answer(
        Plan("respondents needed for a gap", sentence, change=gap, power=best, impossible=True), test, None, gap=gap
    )


def _precise(test: _Gap, gap: float, half: float) -> Plan:
    """Solve for the size that makes a gap as precise, or say what is the best that can be had."""
    arms = test.arms
    size = smallest_size(lambda free: -test.half_width(gap, arms.sizes(free)), -half, arms.least)
    claim = f"a gap's interval reach {amount(half, test.share)} either way{_around(test, gap)}"
    if not math.isnan(size):
        sentence = f"To make {claim}, {_needing(arms.sizes(size))}."
        return _answer(
            Plan("respondents for a gap's precision", sentence, change=gap, half_width=half),
            test,
            arms.sizes(size),
            gap=gap,
        )
    best = -best_of(lambda free: -test.half_width(gap, arms.sizes(free)), arms.least, endless=arms.fixed)
    sentence = (
        f"Impossible: {_whatever(arms)} makes {claim}. The best that can be had is {amount(best, test.share)} either "
        "way."
    )
    return _answer(
        Plan("respondents for a gap's precision", sentence, change=gap, half_width=best, impossible=True),
        test,
        None,
        gap=gap,
    )


def _detectable(test: _Gap, power: float) -> Plan:
    """Solve for the smallest gaps that given sizes show."""
    sizes = test.arms.sizes(test.arms.size or 0.0)
    up, down = test.smallest(sizes, power, 1), test.smallest(sizes, power, -1)
    impossible = math.isnan(up)
    below = "no gap below can be shown" if math.isnan(down) else f"below, it is {amount(down, test.share)}"
    if impossible:
        sentence = f"Impossible: with {_having(sizes)}, not even the largest gap upwards is shown {with_power(power)}; "
    else:
        above = "" if test.share is None else f" above {per_cent(test.share)} among the others"
        sentence = (
            f"With {_having(sizes)}, the smallest gap{above} that is shown {with_power(power)} is "
            f"{amount(up, test.share)}; "
        )
    best = power
    if impossible and test.share is not None:
        best = test.chance(1 - test.share, sizes)
    return _answer(
        Plan("detectable gap", f"{sentence}{below}.", change=up, change_down=down, power=best, impossible=impossible),
        test,
        sizes,
        gap=0.0 if impossible else up,
    )


def _answer(plan: Plan, test: _Gap, sizes: Pair | None, *, gap: float) -> Plan:
    """Put an answer together with what it rests on; what no size is enough of has none."""
    effects = test.arms.effects
    assumptions: dict[str, float | str] = {
        "share": DEVIATIONS if test.share is None else test.share,
        "level": test.level,
        "design_effect_attended": effects[0],
        "design_effect_others": effects[1],
    }
    if sizes is None:
        return replace(plan, assumptions=MappingProxyType(assumptions))
    df = test.freedom(gap, sizes)
    sentence = plan.sentence + ("" if test.df is None else freedom(df))
    if test.share is not None:
        sentence += caution((test.share + gap, test.share), (sizes[0] / effects[0], sizes[1] / effects[1]))
    return replace(
        plan,
        sentence=sentence,
        n=sum(sizes),
        half_width=test.half_width(gap, sizes),
        assumptions=MappingProxyType(assumptions | {"n_attended": sizes[0], "n_others": sizes[1], "df": df}),
    )


def _around(test: _Gap, gap: float) -> str:
    """Name the two shares."""
    if test.share is None:
        return ""
    if gap == 0:
        return f" ({per_cent(test.share)} of either kind)"
    return f" ({per_cent(test.share)} of the others, {per_cent(test.share + gap)} of those who attended)"


def _having(sizes: Pair) -> str:
    """Name who answers."""
    return f"{given(sizes[0])} who attended and {given(sizes[1])} others"


def _needing(sizes: Pair) -> str:
    """Name who is needed."""
    return f"{people(sizes[0])} who attended and {people(sizes[1])} others are needed"


def _whatever(arms: _Arms) -> str:
    """Name the sizes that are not enough."""
    if arms.attended is not None:
        return f"beside {given(arms.attended)} who attended no number of others"
    if arms.others is not None:
        return f"beside {given(arms.others)} others no number who attended"
    return f"not even a sample of {people(LARGEST)}"
