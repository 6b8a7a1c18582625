"""How likely two waves are to show a change, averaged over what is believed about its size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

from scipy.special import ndtr

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside
from lpact_eval.planning.reach import (
    DEVIATIONS,
    LARGEST,
    Waves,
    amount,
    chance,
    quantile,
    ratio_of,
    require_share,
    smallest_size,
    unit_variance,
    unknown_of,
    waves,
)
from lpact_eval.planning.two_waves import DesignEffect, Pair, second_share
from lpact_eval.planning.wording import caution, direction, per_cent


def assurance(  # noqa: PLR0913 - two waves, a prior, and the two of which one is asked for
    *,
    change_mean: float,
    change_sd: float,
    baseline: float | None = None,
    n: float | None = None,
    power: float | None = None,
    ratio: float = 1.0,
    first_wave: float | None = None,
    level: float = 0.95,
    design_effect: DesignEffect = 1.0,
) -> Plan:
    """Find how likely two waves are to show a change in the direction believed in, or the size for a likelihood.

    Power assumes one change; assurance averages it over a normal prior of the change, stated before the data are read.
    Leave out exactly one of `n` and `power`.

    Parameters
    ----------
    change_mean, change_sd : float
        Mean and standard deviation of what is believed about the change, as proportions; the mean is not 0.
    baseline : float, optional
        Share in the first wave; without it the answer is a mean, and changes are in standard deviations.
    n : float, optional
        Respondents in the first wave, or in the second beside a `first_wave` (then it may be infinite).
    power : float, optional
        Assurance wanted.
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
        `power` is the assurance; `n`; `impossible` where no size gives the assurance wanted, with the best that can be
        had. `power_at_mean` and `ceiling`, the prior probability of that direction, are among the assumptions.

    Raises
    ------
    WrongUseError
        If not exactly one thing is left out, or an argument is out of its range.

    Notes
    -----
    Phi((|mu| - z s) / sqrt(sigma^2 + s^2)) with the standard error s at the mean change.

    References
    ----------
    O'Hagan, Stevens & Campbell (2005), *Pharmaceutical Statistics* 4, 187-201, eq. 3.
    """
    unknown = unknown_of({"n": n, "power": power})
    share = require_share("baseline", baseline)
    limit = LARGEST if share is None else 1.0
    mean = require_inside("change_mean", change_mean, -limit, limit)
    if mean == 0:
        raise WrongUseError("Cannot plan with change_mean=0: a prior without a direction can't be borne out by a test.")
    units = (
        unit_variance(share),
        unit_variance(None if share is None else second_share(share, mean, names=("baseline", "change_mean"))),
    )
    prior = _Prior(mean, require_at_least("change_sd", change_sd, 0), share)
    both = waves(design_effect, ratio, first_wave)
    test = _Assurance(prior, require_inside("level", level, 0, 1), both, units)
    if unknown == "n":
        return _needed(test, require_inside("power", power, 0, 1))
    size = both.require(n or 0.0)
    found = test.assurance(size)
    sentence = (
        f"{both.having(size)}, believing in {prior.told()}, a {direction(mean)} is shown with probability "
        f"{per_cent(found)}; were it sure to be {amount(mean, share)}, the power would be "
        f"{per_cent(test.power_at_mean(size))}."
    )
    return _answer(Plan("assurance", sentence, n=size, power=found), test)


@dataclass(frozen=True, slots=True)
class _Prior:
    """What is believed about a change: mean and standard deviation, beside the share that it starts from."""

    mean: float
    spread: float
    baseline: float | None

    def told(self) -> str:
        """Say what is believed."""
        rise = f"a {direction(self.mean)} of {amount(self.mean, self.baseline)}"
        return f"{rise} give or take {amount(self.spread, self.baseline)} (standard deviation)"

    def ceiling(self) -> float:
        """Return the prior probability of the direction that is believed in: no assurance is higher."""
        return float(ndtr(abs(self.mean) / self.spread)) if self.spread else 1.0


@dataclass(frozen=True, slots=True)
class _Assurance:
    """How a change that is believed in is to be tested; units are the variances of one answer in either wave."""

    prior: _Prior
    level: float
    waves: Waves
    units: Pair

    def error(self, n: float) -> float:
        """Return the change's standard error."""
        return math.sqrt(sum(unit / base for unit, base in zip(self.units, self.waves.bases(n), strict=True)))

    def assurance(self, n: float) -> float:
        """Return the probability that the estimate is significant in the direction of the prior's mean."""
        error = self.error(n)
        whole = math.hypot(self.prior.spread, error)
        return float(ndtr((abs(self.prior.mean) - quantile(self.level) * error) / whole)) if whole else 1.0

    def power_at_mean(self, n: float) -> float:
        """Return the power if the change were the prior's mean."""
        return chance(ratio_of(self.prior.mean, self.error(n)), self.level)


def _needed(test: _Assurance, wanted: float) -> Plan:
    """Solve for the size that gives an assurance, or say what is the best that can be had."""
    both = test.waves
    size = smallest_size(test.assurance, wanted, both.least)
    if not math.isnan(size):
        sentence = f"For an assurance of {per_cent(wanted)}, believing in {test.prior.told()}, {both.needing(size)}."
        return _answer(Plan("assurance", sentence, n=size, power=wanted), test)
    best = test.assurance(math.inf if both.first is not None else LARGEST)
    sentence = (
        f"{both.never()} gives an assurance of {per_cent(wanted)}, believing in {test.prior.told()}. The best that can "
        f"be had is {per_cent(best)}; that there is such a {direction(test.prior.mean)} at all is believed with "
        f"{per_cent(test.prior.ceiling())}."
    )
    return _answer(Plan("assurance", sentence, power=best, impossible=True), test)


def _answer(plan: Plan, test: _Assurance) -> Plan:
    """Put an answer together with what it rests on."""
    prior, known = test.prior, not plan.impossible
    rough = ""
    if known and prior.baseline is not None:
        rough = caution((prior.baseline, prior.baseline + prior.mean), test.waves.bases(plan.n))
    assumptions: dict[str, float | str] = {
        "baseline": DEVIATIONS if prior.baseline is None else prior.baseline,
        "change_mean": prior.mean,
        "change_sd": prior.spread,
        "level": test.level,
        "power_at_mean": test.power_at_mean(plan.n) if known else math.nan,
        "ceiling": prior.ceiling(),
        **test.waves.assumptions(),
    }
    return replace(plan, sentence=plan.sentence + rough, change=prior.mean, assumptions=MappingProxyType(assumptions))
