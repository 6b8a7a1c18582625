"""Have all themes been heard: new themes by event, how many more there are, and what share of mentions they make up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import gammaln, ndtri

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray

FEWEST_EVENTS: Final = 4
_TOO_FEW: Final = f"fewer than {FEWEST_EVENTS} events: read the table of events instead"


@dataclass(frozen=True, slots=True, eq=False)
class Richness:
    """How many themes there are; m events.

    It is no `Estimate`: it has no sampling design, events are taken as a sample of events.

    Attributes
    ----------
    events : DataFrame of m rows
        event, raised (themes at this event), new (not raised before), found (so far), expected (in so many events drawn
        at random: rarefaction).
    observed, once, twice : int
        Themes raised at all, at one event only, and at two.
    themes : float
        Chao2, the least number of themes that there are; missing where refused.
    std_error : float
        Of `themes`; missing where no theme beyond those raised is to be expected.
    coverage : float
        Chao and Jost's: the share that the raised themes make up of all mentions (a theme at an event).
    refused : str
        Why there are no estimates; empty where there are.
    """

    events: pd.DataFrame
    observed: int
    once: int
    twice: int
    themes: float
    std_error: float
    coverage: float
    refused: str

    def to_frame(self, *, level: float = 0.95) -> pd.DataFrame:
        """Tabulate the estimates.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        DataFrame of two rows
            measure ("themes", "coverage"), estimate, std_error, conf_low, conf_high (log-normal, never under the number
            observed; coverage has none), n (events), refused.

        Raises
        ------
        WrongUseError
            If the level is not between 0 and 1.

        References
        ----------
        Chao (1987), *Biometrics* 43, 783-791, eq. 12.
        """
        if not 0 < level < 1:
            msg = f"Cannot make an interval at level {level}; levels lie between 0 and 1, as in level=0.95."
            raise WrongUseError(msg)
        unseen = self.themes - self.observed
        low = high = np.nan
        if self.std_error > 0 and unseen > 0:
            factor = float(np.exp(ndtri((1 + level) / 2) * np.sqrt(np.log1p((self.std_error / unseen) ** 2))))
            low, high = self.observed + unseen / factor, self.observed + unseen * factor
        return pd.DataFrame(
            {
                "measure": ["themes", "coverage"],
                "estimate": [self.themes, self.coverage],
                "std_error": [self.std_error, np.nan],
                "conf_low": [low, np.nan],
                "conf_high": [high, np.nan],
                "n": len(self.events),
                "refused": self.refused,
            }
        )


def theme_richness(raised: pd.DataFrame) -> Richness:
    """Estimate how many themes there are from the events at which each was raised.

    Parameters
    ----------
    raised : DataFrame
        A row for each theme, a column for each event in the order of their dates, in each cell whether the theme was
        raised: yes or no as booleans or 1 and 0.

    Returns
    -------
    Richness
        With fewer than four events, or where no theme was raised, the table of events only.

    Raises
    ------
    WrongUseError
        If there is no event, or a cell is neither yes nor no.

    Notes
    -----
    With Q1 themes raised at one event, Q2 at two, f_i events of theme i, U = sum(f): Chao2 (bias-corrected) is
    S + (m-1)/m Q1 (Q1-1) / (2 (Q2+1)); coverage 1 - Q1/U (m-1) Q1 / ((m-1) Q1 + 2 Q2), with Q1 - 1 in place of Q1 and
    1 in place of Q2 in its last factor where Q2 = 0; rarefaction to j events sum(1 - C(m-f_i, j) / C(m, j)).

    References
    ----------
    Chao & Jost (2012), *Ecology* 93, 2533-2547, eq. 4 and appendix; Chao (2005), *Encyclopedia of Statistical
    Sciences*, "Species estimation", for Chao2 and its variance; Colwell et al. (2004), *Ecology* 85, 2717-2727,
    for rarefaction.

    Examples
    --------
    >>> found = theme_richness(pd.DataFrame([[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 1]], columns=list("abcd")))
    >>> found.themes, found.events["found"].tolist()
    (3.75, [1, 2, 2, 3])
    """
    table = _incidence(raised)
    by_theme = table.sum(axis=1)
    observed, once, twice = (int(count.sum()) for count in (by_theme > 0, by_theme == 1, by_theme == 2))  # noqa: PLR2004
    m = table.shape[1]
    refused = _TOO_FEW if m < FEWEST_EVENTS else "" if observed else "no theme was raised"
    themes, std_error, coverage = np.nan, np.nan, np.nan
    if not refused:
        themes, std_error = _chao2(observed, once, twice, m)
        coverage = _coverage(once, twice, int(by_theme.sum()), m)
    return Richness(_events(raised.columns, table), observed, once, twice, themes, std_error, coverage, refused)


def _incidence(raised: object) -> BoolArray:
    """Read the table as booleans, themes x events."""
    if not isinstance(raised, pd.DataFrame) or raised.columns.empty:
        msg = (
            "Cannot count themes: give a DataFrame with a row for each theme and a column for each event, one or more."
        )
        raise WrongUseError(msg)
    cells = np.asarray(raised, dtype=object)
    known = np.isin(cells.astype(str), ["True", "False", "0", "1", "0.0", "1.0"])
    if not known.all():
        msg = (
            f"Cannot count themes: {int((~known).sum())} cells are neither yes nor no. Give True or False (1 or 0); "
            "leave out events whose notes say nothing of a theme either way."
        )
        raise WrongUseError(msg)
    return np.isin(cells.astype(str), ["True", "1", "1.0"])


def _events(names: pd.Index, table: BoolArray) -> pd.DataFrame:
    """Count themes by event, new ones, those so far, and those expected in as many events."""
    so_far = np.logical_or.accumulate(table, axis=1).sum(axis=0)
    return pd.DataFrame(
        {
            "event": list(names),
            "raised": table.sum(axis=0),
            "new": np.diff(so_far, prepend=0),
            "found": so_far,
            "expected": _rarefied(table.sum(axis=1), table.shape[1]),
        }
    )


def _rarefied(by_theme: np.ndarray[tuple[int, ...], np.dtype[np.intp]], m: int) -> FloatArray:
    """Themes expected in 1 to m events drawn without replacement, shape (m,)."""
    drawn = np.arange(1, m + 1)[None, :]
    without = (m - by_theme)[:, None]
    possible = without >= drawn
    held = np.where(possible, without, drawn)
    logs = gammaln(held + 1) - gammaln(held - drawn + 1) - gammaln(m + 1) + gammaln(m - drawn + 1)
    return np.where(possible, 1 - np.exp(logs), 1.0).sum(axis=0)


def _chao2(observed: int, once: int, twice: int, m: int) -> tuple[float, float]:
    """Bias-corrected Chao2 and its standard error, missing where nothing unseen is expected."""
    a = (m - 1) / m
    unseen = a * once * (once - 1) / (2 * (twice + 1))
    if unseen == 0:
        return float(observed), np.nan
    if twice:
        variance = (
            unseen
            + a**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
            + a**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
        )
    else:
        variance = unseen + a**2 * once * (2 * once - 1) ** 2 / 4 - a**2 * once**4 / (4 * (observed + unseen))
    return observed + unseen, float(np.sqrt(variance))


def _coverage(once: int, twice: int, mentions: int, m: int) -> float:
    """Chao and Jost's sample coverage."""
    if once == 0:
        return 1.0
    ones, twos = (once, twice) if twice else (once - 1, 1)
    share = (m - 1) * ones / ((m - 1) * ones + 2 * twos)
    return 1 - once / mentions * share
