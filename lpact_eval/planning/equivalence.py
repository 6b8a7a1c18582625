"""How many respondents show that two waves differ by less than would matter."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from scipy.special import ndtr, ndtri

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_inside
from lpact_eval.planning.reach import (
    DEVIATIONS,
    LARGEST,
    Waves,
    amount,
    best_of,
    require_power,
    require_share,
    smallest_size,
    unit_variance,
    unknown_of,
    waves,
    with_power,
)
from lpact_eval.planning.two_waves import DesignEffect, first_crossing, second_share
from lpact_eval.planning.wording import caution, per_cent

Kind = Literal["equivalence", "non-inferiority"]


def equivalence_size(  # noqa: PLR0913 - two waves, and the three of which one is asked for
    *,
    baseline: float | None = None,
    margin: float | None = None,
    n: float | None = None,
    power: float | None = None,
    change: float = 0.0,
    kind: Kind = "equivalence",
    ratio: float = 1.0,
    first_wave: float | None = None,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
) -> Plan:
    """Plan to show that two waves differ by less than would matter: find the size, the margin or the power.

    Leave out exactly one of `margin`, `n` and `power`.

    Parameters
    ----------
    baseline : float, optional
        Share in the first wave; without it the answer is a mean, and margin and change are in standard deviations.
    margin : float, optional
        Smallest difference that would matter, as a proportion, over 0.
    n : float, optional
        Respondents in the first wave, or in the second beside a `first_wave` (which may then be infinite).
    power : float, optional
        Probability of showing equivalence, if the change is the one given.
    change : float, default 0
        Change that is expected; inside the margin.
    kind : {"equivalence", "non-inferiority"}
        Whether a difference either way would matter, or a fall only.
    ratio : float, default 1
        Respondents in the second wave over those in the first.
    first_wave : float, optional
        Effective number of respondents of a first wave that has been collected.
    level : float, default 0.95
        Level of each one-sided bound: .95 puts the 90 per cent interval inside the margins.
    design_effect : float or two floats, default 1
        Of both waves, or of the first and the second.

    Returns
    -------
    Plan
        `n`, `margin` (0 where the rise that is expected is shown itself) and `power`; `impossible` where no
        size is enough, with the best that can be had.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, the change does not lie inside the margin, or an argument is out of its
        range.

    Notes
    -----
    Equivalence: Phi((m - d) / s - z) + Phi((m + d) / s - z) - 1, two one-sided tests; non-inferiority:
    Phi((m + d) / s - z). Margins are a convention to be set before the data are read, not something to be found.

    References
    ----------
    Julious (2004), *Statistics in Medicine* 23, 1921-1986, sec. 4 and 5; Chow, Shao & Wang (2008), *Sample Size
    Calculations in Clinical Research*, sec. 4.2.
    """
    unknown = unknown_of({"margin": margin, "n": n, "power": power})
    if kind not in {"equivalence", "non-inferiority"}:
        msg = f'Cannot plan with kind={kind!r}: choose "equivalence" (the default) or "non-inferiority".'
        raise WrongUseError(msg)
    both = waves(design_effect, ratio, first_wave)
    test = _Equivalence(
        require_share("baseline", baseline),
        _change(baseline, change),
        require_inside("level", level, 0.5, 1),
        kind,
        both,
    )
    wide = math.inf if baseline is None else 1.0
    wanted = math.nan if margin is None else test.require_margin(require_inside("margin", margin, 0, wide))
    if unknown == "n":
        return _needed(test, wanted, require_power(power or 0.0, level))
    size = both.require(n or 0.0)
    if unknown == "margin":
        return _margin(test, size, require_power(power or 0.0, level))
    found = test.chance(wanted, size)
    sentence = f"{both.having(size)}, it is shown with probability {per_cent(found)} that {test.claim(wanted)}."
    return _answer(Plan(f"power of {kind}", sentence, margin=wanted, power=found), test, size)


@dataclass(frozen=True, slots=True)
class _Equivalence:
    """How it is to be shown that a change keeps inside a margin."""

    baseline: float | None
    change: float
    level: float
    kind: Kind
    waves: Waves

    def require_margin(self, margin: float) -> float:
        """Refuse a margin that the expected change does not keep inside."""
        beyond = abs(self.change) if self.kind == "equivalence" else -self.change
        if margin > beyond:
            return margin
        msg = (
            f"Cannot plan to keep change={self.change:g} inside margin={margin:g}: a change that large matters, and no "
            "sample shows that it does not; expect a smaller one or set a wider margin."
        )
        raise WrongUseError(msg)

    def error(self, n: float) -> float:
        """Return the change's standard error."""
        first, second = self.waves.bases(n)
        other = None if self.baseline is None else min(max(self.baseline + self.change, 0.0), 1.0)
        return math.sqrt(unit_variance(self.baseline) / first + unit_variance(other) / second)

    def chance(self, margin: float, n: float) -> float:
        """Return the probability of showing that the change keeps inside a margin."""
        error, z = self.error(n), float(ndtri(self.level))
        above = float(ndtr((margin + self.change) / error - z))
        if self.kind == "non-inferiority":
            return above
        # two tests can't both succeed where their bounds lie further apart than the margins
        return max(above + float(ndtr((margin - self.change) / error - z)) - 1, 0.0)

    def smallest(self, n: float, power: float) -> float:
        """Return the smallest margin that is kept with a power; 0 where the change that is expected is shown itself."""
        grid = [0.0, *(2.0**step for step in range(-30, 20))]
        return first_crossing(lambda margin: self.chance(margin, n), grid, power)

    def amount(self, difference: float) -> str:
        """Write the size of a margin."""
        return amount(difference, self.baseline)

    def claim(self, margin: float) -> str:
        """Say what is to be shown."""
        share = "" if self.baseline is None else f" from {per_cent(self.baseline)}"
        if margin == 0:
            return f"the second wave has not fallen{share} at all"
        if self.kind == "non-inferiority":
            return f"the second wave has not fallen{share} by {self.amount(margin)}"
        return f"the waves differ{share} by less than {self.amount(margin)} either way"


def _change(baseline: float | None, change: float) -> float:
    """Check the change that is expected."""
    if baseline is None:
        return require_inside("change", change, -math.inf, math.inf)
    second_share(require_inside("baseline", baseline, 0, 1), change)
    return float(change)


def _needed(test: _Equivalence, margin: float, power: float) -> Plan:
    """Solve for the size that shows it, or say what is the best that can be had."""
    both, fixed = test.waves, test.waves.first is not None
    size = smallest_size(lambda n: test.chance(margin, n), power, both.least)
    question = f"respondents needed for {test.kind}"
    if not math.isnan(size):
        sentence = f"To show {with_power(power)} that {test.claim(margin)}, {both.needing(size)}."
        return _answer(Plan(question, sentence, margin=margin, power=power), test, size)
    best = best_of(lambda n: test.chance(margin, n), both.least, endless=fixed)
    rather = test.smallest(math.inf if fixed else LARGEST, power)
    sentence = (
        f"{both.never()} shows {with_power(power)} that {test.claim(margin)}. The best that can be had is "
        f"{per_cent(best)}; the smallest margin that can be kept is {test.amount(rather)}."
    )
    return _answer(Plan(question, sentence, margin=margin, power=best, impossible=True), test, None)


def _margin(test: _Equivalence, n: float, power: float) -> Plan:
    """Solve for the smallest margin that given sizes keep."""
    found = test.smallest(n, power)
    question = f"margin of {test.kind}"
    if test.baseline is not None and found >= 1:
        best = test.chance(1.0, n)
        sentence = (
            f"Impossible: with so few respondents no margin at all is kept {with_power(power)}. "
            f"{test.waves.having(n)}, the best that can be had is {per_cent(best)}."
        )
        return _answer(Plan(question, sentence, power=best, impossible=True), test, n)
    rest = "; no smaller margin is kept." if found else "."
    sentence = f"{test.waves.having(n)}, it is shown {with_power(power)} that {test.claim(found)}{rest}"
    return _answer(Plan(question, sentence, margin=found, power=power), test, n)


def _answer(plan: Plan, test: _Equivalence, n: float | None) -> Plan:
    """Put an answer together with what it rests on; what no size is enough of has none."""
    rough = ""
    if n is not None and test.baseline is not None:
        rough = caution((test.baseline, test.baseline + test.change), test.waves.bases(n))
    assumptions: dict[str, float | str] = {
        "baseline": DEVIATIONS if test.baseline is None else test.baseline,
        "expected_change": test.change,
        "kind": test.kind,
        "level": test.level,
        **test.waves.assumptions(),
    }
    return replace(
        plan,
        sentence=plan.sentence + rough,
        n=math.nan if n is None else n,
        change=test.change,
        assumptions=MappingProxyType(assumptions),
    )
