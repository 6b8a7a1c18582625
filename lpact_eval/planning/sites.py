"""At how many sites to recruit, and how many people at each."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import Plan, require_at_least, require_inside, require_whole
from lpact_eval.planning.site_precision import FEWEST_SITES, LARGEST_SAMPLE, SitePrecision, site_precision
from lpact_eval.planning.wording import given, people, per_cent, points

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["sites"]

# People a site that the table of other ways to spread the sample lists.
USUAL_SIZES = (5, 10, 15, 20, 30, 50)


class _Target(NamedTuple):
    """What the sample has to come to: an effective number, or a half-width."""

    effective: float
    half_width: float

    def required(self, precision: SitePrecision, sites: float) -> float:
        """Return the effective number that the target takes from a number of sites."""
        return self.effective if math.isnan(self.half_width) else precision.required(self.half_width, sites)


class _Found(NamedTuple):
    """Respondents and the sites that they come from; NaN where the target can't be had."""

    n: float
    sites: float


def sites(  # noqa: PLR0913 - the four numbers of which two are given, and what is assumed of sites
    *,
    icc: float,
    sites: int | None = None,
    per_site: float | None = None,
    respondents: int | None = None,
    n_effective: float | None = None,
    half_width: float | None = None,
    proportion: float = 0.5,
    level: float = 0.95,
    cv: float = 0.0,
    design_effect: float = 1.0,
) -> Plan:
    """Find the number of sites, the people a site, or what they tell.

    Give exactly two of `sites`, `per_site`, `respondents` and the target, which is `n_effective` or `half_width`.

    Parameters
    ----------
    icc : float
        Intraclass correlation of the answer within sites, 0 to below 1; of the group of interest, not of everybody.
    sites : int, optional
        Sites to recruit at.
    per_site : float, optional
        People a site, on average.
    respondents : int, optional
        Respondents in all.
    n_effective : float, optional
        Effective number of respondents wanted: as many of a simple random sample tell as much.
    half_width : float, optional
        Half the width wanted of the interval of a share, as a proportion.
    proportion, level : float
        Share expected, and level of its interval.
    cv : float, default 0
        Coefficient of variation of the respondents a site.
    design_effect : float, default 1
        Of the weights alone.

    Returns
    -------
    Plan
        `n` respondents and the `half_width` of a share; `assumptions` has sites, per_site, n_effective and
        design_effect_sites (of sites and weights together). `table` has other ways to the same target: sites,
        per_site, respondents, n_effective, half_width. `impossible` where the sites, or the respondents, are too few
        whatever the other is, or more than 1,000,000 respondents would be needed; `half_width` is then the best.

    Raises
    ------
    WrongUseError
        If not exactly two are given, or a number is out of its range.

    Notes
    -----
    The design effect is d (1 + ((1 + cv^2) m - 1) icc) at m people a site. Intervals use Student's t with sites - 1
    degrees of freedom, as the analysis will: more sites beat more people a site.

    References
    ----------
    Kish (1965), *Survey Sampling*, sec. 5.4; Eldridge, Ashby & Kerry (2006), *Int. J. Epidemiology* 35, 1292-1300.
    """
    precision = site_precision(icc=icc, cv=cv, design_effect=design_effect, proportion=proportion, level=level)
    target = _target(n_effective, half_width)
    places = None if sites is None else require_whole("sites", sites, 1)
    each = None if per_site is None else require_at_least("per_site", per_site, 1)
    people_in_all = None if respondents is None else require_whole("respondents", respondents, 1)
    if sum(one is not None for one in (places, each, people_in_all, target)) != 2:  # noqa: PLR2004 - two of four
        raise WrongUseError(
            "Cannot plan sites: give exactly two of sites, per_site, respondents and a target (n_effective or "
            "half_width)."
        )
    if target is None:
        found = _from_numbers(places, each, people_in_all)
        aim = _Target(precision.effective(*found), math.nan)
        return _plan(found, precision, aim)
    if each is not None:
        found, best = _sites_for(each, target, precision), _Found(LARGEST_SAMPLE, max(1.0, LARGEST_SAMPLE / each))
    elif places is not None:
        found, best = _people_for(places, target, precision), _Found(LARGEST_SAMPLE, places)
    else:
        size = float(people_in_all or 1)
        found, best = _fewest_sites(size, target, precision), _Found(size, size)
    if not math.isnan(found.n):
        return _plan(found, precision, target)
    few = (
        f"from {people(best.n)} respondents, however many sites they come from"
        if places is None
        else f"from {_counted(places)}, however many people each"
    )
    return _impossible(best, precision, target, few)


def _target(n_effective: float | None, half_width: float | None) -> _Target | None:
    """Read the target; an effective number and a half-width are two of them."""
    if n_effective is not None and half_width is not None:
        raise WrongUseError("Cannot plan sites for two targets: give n_effective or half_width.")
    if n_effective is not None:
        return _Target(require_inside("n_effective", n_effective, 0, math.inf), math.nan)
    return None if half_width is None else _Target(math.nan, require_inside("half_width", half_width, 0, 0.5))


def _from_numbers(places: int | None, each: float | None, respondents: int | None) -> _Found:
    """Fill in the third of sites, people a site and respondents."""
    if respondents is None:
        return _Found((places or 1) * (each or 1.0), places or 1)
    if places is None:
        return _Found(respondents, math.ceil(respondents / (each or 1.0) - 1e-9))
    if places > respondents:
        msg = f"Cannot spread {respondents} respondents over sites={places}: some would have nobody; lower one of them."
        raise WrongUseError(msg)
    return _Found(respondents, places)


def _sites_for(each: float, target: _Target, precision: SitePrecision) -> _Found:
    """Find the fewest sites with so many people each, by doubling and halving."""

    def enough(places: int) -> bool:
        return precision.effective(places * each, places) >= target.required(precision, places) * (1 - 1e-12)

    most = int(LARGEST_SAMPLE / each)
    places = _fewest(enough, most)
    return _Found(math.nan, math.nan) if places is None else _Found(places * each, places)


def _people_for(places: int, target: _Target, precision: SitePrecision) -> _Found:
    """Find the fewest people a site, in whole persons."""
    each = precision.per_site(target.required(precision, places), places)
    n = places * math.ceil(each - 1e-9) if math.isfinite(each) else math.nan
    return _Found(n, places) if n <= LARGEST_SAMPLE else _Found(math.nan, math.nan)


def _fewest_sites(n: float, target: _Target, precision: SitePrecision) -> _Found:
    """Find the fewest sites that so many respondents must come from."""

    def enough(places: int) -> bool:
        return precision.effective(n, places) >= target.required(precision, places) * (1 - 1e-12)

    places = _fewest(enough, int(n))
    return _Found(math.nan, math.nan) if places is None else _Found(n, places)


def _fewest(enough: Callable[[int], bool], most: int) -> int | None:
    """Return the fewest sites that are enough, or None where the most are not."""
    if most < 1 or not enough(most):
        return None
    short, places = 0, most
    while places - short > 1:
        middle = (short + places) // 2
        short, places = (short, middle) if enough(middle) else (middle, places)
    return places


def _plan(found: _Found, precision: SitePrecision, target: _Target) -> Plan:
    """Lay out what sites tell."""
    effective = precision.effective(*found)
    half = precision.half_width(effective, found.sites)
    each = found.n / found.sites
    sentence = (
        f"{_counted(found.sites)} with {given(round(each, 1))} people each, {people(found.n)} respondents in all, "
        f"tell as much as {effective:,.0f} drawn at random (design effect {found.n / effective:.2f}). "
        f"{_interval(half, precision)}{_few(found.sites)}"
    )
    return Plan(
        "sites",
        sentence,
        n=float(found.n),
        half_width=half,
        assumptions=_assumptions(found, precision, target),
        table=_other_ways(target, precision),
    )


def _impossible(best: _Found, precision: SitePrecision, target: _Target, few: str) -> Plan:
    """Say that the target can't be had, and what can."""
    effective = precision.effective(*best)
    half = precision.half_width(effective, best.sites)
    wanted = (
        f"an effective number of {target.effective:,.0f}"
        if math.isnan(target.half_width)
        else f"an interval of {points(target.half_width)} either way"
    )
    sentence = (
        f"Impossible: {wanted} can't be had {few}. The best that can be had is worth {effective:,.0f} respondents "
        f"drawn at random. {_interval(half, precision)}{_few(best.sites)}"
    )
    return Plan(
        "sites",
        sentence,
        half_width=half,
        impossible=True,
        assumptions=_assumptions(best, precision, target),
        table=_other_ways(target, precision),
    )


def _interval(half: float, precision: SitePrecision) -> str:
    """Say how wide the interval of a share is."""
    if math.isnan(half):
        return "So few sites and respondents give no interval worth the name."
    return f"A share of {per_cent(precision.proportion)} then has an interval of {points(half)} either way."


def _counted(places: float) -> str:
    """Write a number of sites."""
    return "1 site" if places == 1 else f"{people(places)} sites"


def _few(places: float) -> str:
    """Say so where the analysis won't cluster."""
    if places >= FEWEST_SITES:
        return ""
    return f" Under {FEWEST_SITES} sites the analysis can't allow for how they differ; plan for more."


def _assumptions(found: _Found, precision: SitePrecision, target: _Target) -> MappingProxyType[str, float | str]:
    """List what the answer rests on."""
    effective = precision.effective(*found)
    return MappingProxyType(
        {
            "sites": found.sites,
            "per_site": found.n / found.sites,
            "n_effective": effective,
            "design_effect_sites": found.n / effective,
            "n_effective_wanted": target.effective,
            "half_width_wanted": target.half_width,
            "icc": precision.icc,
            "cv": precision.cv,
            "design_effect": precision.effect,
            "proportion": precision.proportion,
            "level": precision.level,
            "df": found.sites - 1,
        }
    )


def _other_ways(target: _Target, precision: SitePrecision) -> pd.DataFrame:
    """List how many sites of usual sizes come to the same."""
    import pandas as pd  # noqa: PLC0415 - help is shown without pandas, which is slow to load

    rows: list[dict[str, float]] = []
    for each in USUAL_SIZES:
        found = _sites_for(each, target, precision)
        effective = precision.effective(*found)
        rows.append(
            {
                "sites": found.sites,
                "per_site": each,
                "respondents": found.n,
                "n_effective": effective,
                "half_width": precision.half_width(effective, found.sites),
            }
        )
    return pd.DataFrame(rows)
