"""What a survey is to reach, where it recruits, and what people and places cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import require_at_least, require_inside
from lpact_eval.planning.site_precision import LARGEST_SAMPLE, SitePrecision, site_precision
from lpact_eval.planning.two_waves import power_of, require_df, second_share, terms

MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What staff time and respondents cost.

    Attributes
    ----------
    hourly_rate : float
        Pounds an hour of interviewers' or officers' time.
    minutes_interview : float
        Minutes an interview.
    minutes_approach : float
        Minutes a person approached, whether or not they answer.
    incentive : float
        Pounds given to a respondent, or for them.
    """

    hourly_rate: float
    minutes_interview: float
    minutes_approach: float = 0.0
    incentive: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A kind of place to recruit at: community events, meetings, a stall in town.

    Attributes
    ----------
    name : str
        In the plural, as it stands in sentences: "community events".
    response : float
        Share of those approached there who answer.
    share : float or mapping of group to float
        Share of the group among those who answer; with a mapping the place serves the groups that it lists.
    cost, travel : float
        Pounds of cash for one such place, whoever comes: hire and food, and getting there.
    staff_hours : float
        Hours of staff for one such place, besides approaching and interviewing: setting up, waiting, travelling.
    capacity : float
        People who can be approached at one such place.
    available : float
        Such places that there are.
    """

    name: str
    response: float
    share: float | Mapping[str, float] = 1.0
    cost: float = 0.0
    travel: float = 0.0
    staff_hours: float = 0.0
    capacity: float = math.inf
    available: float = math.inf

    def brings(self, group: str) -> float:
        """Return the respondents of a group that one approach brings; 0 where the place doesn't serve it."""
        return self.response * (self.share.get(group, 0.0) if isinstance(self.share, Mapping) else self.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the survey is to reach for one group; give exactly one of n_effective, half_width and change.

    Attributes
    ----------
    group : str
    icc : float
        Intraclass correlation of the answer within places, of this group.
    n_effective : float, optional
        Effective number of respondents.
    half_width : float, optional
        Half the width of the interval of a share, as a proportion.
    change : float, optional
        Change from the first wave to be shown, as a proportion; negative for a fall.
    baseline : float
        Share expected, or the first wave's.
    first_wave, df_first : float
        Effective respondents of the wave that has been collected and degrees of freedom of its share, for `change`.
    power, level : float
        Probability of showing the change, and level of the interval or test.
    cv : float
        Coefficient of variation of the respondents a place.
    design_effect : float
        Of the weights alone.
    """

    group: str
    icc: float
    n_effective: float | None = None
    half_width: float | None = None
    change: float | None = None
    baseline: float = 0.5
    first_wave: float | None = None
    df_first: float = math.inf
    power: float = 0.8
    level: float = 0.95
    cv: float = 0.0
    design_effect: float = 1.0

    @property
    def precision(self) -> SitePrecision:
        """How much respondents at one place tell."""
        return SitePrecision(self.icc, self.cv, self.design_effect, self.baseline, self.level)

    def shown(self, effective: float, sites: float) -> float:
        """Return the power for the change; NaN where none is asked for.

        Satterthwaite's degrees of freedom of the change: the second wave brings sites - 1.
        """
        if self.change is None or self.first_wave is None:
            return math.nan
        first, second = 1 / self.first_wave, 1 / effective
        df = (first + second) ** 2 / (first**2 / self.df_first + second**2 / (sites - 1))
        test = terms(self.baseline, self.level, "unpooled", 1.0, df=df)
        return power_of(test, second_share(self.baseline, self.change), (self.first_wave, effective))

    def merit(self, n: float, sites: float) -> float:
        """Return how far respondents from a number of places go: 1 where the target is met, less where it isn't."""
        effective = self.precision.effective(n, sites)
        if self.change is not None:
            return self.shown(effective, sites) / self.power
        if self.half_width is not None:
            return math.sqrt(effective / self.precision.required(self.half_width, sites))
        return effective / (self.n_effective or 1.0)

    def met(self, n: float, sites: float) -> bool:
        """Tell whether respondents from a number of places reach the target."""
        return self.merit(n, sites) >= 1 - 1e-12


def require_rates(rates: Rates) -> None:
    """Refuse rates that are no prices or times."""
    for name in ("hourly_rate", "minutes_interview", "minutes_approach", "incentive"):
        require_at_least(name, getattr(rates, name), 0)


def require_place(place: Place) -> None:
    """Refuse a place whose numbers are out of their range."""
    require_inside(f"response of {place.name}", place.response, 0, 1 + 1e-12)
    shares = place.share if isinstance(place.share, Mapping) else {place.name: place.share}
    for name, share in shares.items():
        require_inside(f"share of {name}", share, 0, 1 + 1e-12)
    for name in ("cost", "travel", "staff_hours"):
        require_at_least(f"{name} of {place.name}", getattr(place, name), 0)
    for name in ("capacity", "available"):
        require_at_least(f"{name} of {place.name}", getattr(place, name), 1, finite=False)


def require_target(target: Target) -> None:
    """Refuse a target that asks for nothing, for two things, or for what can't be."""
    asked = [name for name in ("n_effective", "half_width", "change") if getattr(target, name) is not None]
    if len(asked) != 1:
        msg = (
            f"Cannot plan for {target.group!r} with {asked or 'no target'}: give one of n_effective, half_width and "
            "change."
        )
        raise WrongUseError(msg)
    site_precision(
        icc=target.icc,
        cv=target.cv,
        design_effect=target.design_effect,
        proportion=target.baseline,
        level=target.level,
    )
    if target.half_width is not None:
        require_inside("half_width", target.half_width, 0, 0.5)
    if target.n_effective is not None:
        require_inside("n_effective", target.n_effective, 0, LARGEST_SAMPLE)
    if target.change is not None:
        _require_change(target, target.change)


def _require_change(target: Target, change: float) -> None:
    """Refuse a change without a wave that it starts from."""
    if not change:
        raise WrongUseError("Cannot plan to show change=0: no sample shows that nothing changed; give a change.")
    if target.first_wave is None:
        msg = f"Cannot plan a change for {target.group!r} without first_wave: give its effective respondents."
        raise WrongUseError(msg)
    require_at_least("first_wave", target.first_wave, 1)
    require_df("df_first", target.df_first)
    require_inside("power", target.power, 1 - target.level, 1)
    second_share(target.baseline, change)
