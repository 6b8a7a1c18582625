"""What respondents from a number of sites tell.

People at one site answer alike, so that more of them tell less than more sites do; few sites leave few degrees of
freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from lpact_eval.planning.plan import require_at_least, require_inside

# About the population of the police force area: a sample that would have to be larger cannot be had.
LARGEST_SAMPLE = 1_000_000
# The analysis clusters by site from this many on.
FEWEST_SITES = 5
# Half the width of an interval that holds every share.
WIDEST = 0.5


@dataclass(frozen=True, slots=True)
class SitePrecision:
    """How much respondents at one site tell of one share.

    Attributes
    ----------
    icc : float
        Intraclass correlation within sites.
    cv : float
        Coefficient of variation of the respondents a site.
    effect : float
        Design effect of the weights alone.
    proportion, level : float
        Share expected, and level of its interval.
    """

    icc: float
    cv: float = 0.0
    effect: float = 1.0
    proportion: float = 0.5
    level: float = 0.95

    def design_effect(self, per_site: float) -> float:
        """Return d (1 + ((1 + cv^2) m - 1) icc) at m people a site; Eldridge, Ashby & Kerry (2006), eq. 3."""
        return self.effect * (1 + ((1 + self.cv**2) * per_site - 1) * self.icc)

    def effective(self, n: float, sites: float) -> float:
        """Return the effective number of n respondents from a number of sites."""
        return n / self.design_effect(n / sites)

    def half_width(self, effective: float, sites: float) -> float:
        """Return half the width of a share's interval, t with sites - 1 degrees of freedom.

        NaN from one site, which shows no spread between sites, and where the interval would be wider than all shares.
        """
        if sites < 2:  # noqa: PLR2004 - see above
            return math.nan
        quantile = float(stdtrit(sites - 1, (1 + self.level) / 2))
        half = quantile * math.sqrt(self.proportion * (1 - self.proportion) / effective)
        return half if half <= WIDEST else math.nan

    def required(self, half_width: float, sites: float) -> float:
        """Return the effective number that a half-width takes from a number of sites; infinite from one."""
        if sites < 2:  # noqa: PLR2004 - one site shows no spread between sites
            return math.inf
        quantile = float(stdtrit(sites - 1, (1 + self.level) / 2))
        return self.proportion * (1 - self.proportion) * (quantile / half_width) ** 2

    def per_site(self, effective: float, sites: int) -> float:
        """Return the people a site that an effective number takes, at least 1; NaN where no number is enough.

        Solved from S m = E d (1 + ((1 + cv^2) m - 1) icc), which is linear in m.
        """
        rest = sites - effective * self.effect * (1 + self.cv**2) * self.icc
        if not rest > 0:
            return math.nan
        return max(1.0, effective * self.effect * (1 - self.icc) / rest)


def site_precision(
    *, icc: float, cv: float = 0.0, design_effect: float = 1.0, proportion: float = 0.5, level: float = 0.95
) -> SitePrecision:
    """Check what is assumed of sites."""
    return SitePrecision(
        0.0 if icc == 0 else require_inside("icc", icc, 0, 1),
        require_at_least("cv", cv, 0),
        require_inside("design_effect", design_effect, 0, math.inf),
        require_inside("proportion", proportion, 0, 1),
        require_inside("level", level, 0, 1),
    )
