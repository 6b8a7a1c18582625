"""Which shares are precise enough to be shown, under rules that ask for it.

References
----------
Parker, J. D. et al. (2017), *National Center for Health Statistics data presentation standards for proportions*, Vital
    and Health Statistics, series 2, no. 175.
Korn, E. L. & Graubard, B. I. (1998), "Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data", *Survey Methodology* 24, 193-201.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.estimation.intervals import symmetric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.rules import Proportions

Record = dict[str, object]
Key = tuple[str, ...]

SHARES: Final = frozenset({"level", "distribution"})
_LEVEL: Final = 0.95
_NEAR: Final = 1e-9  # of a limit: a width that is as wide but for rounding
ALL_ALIKE: Final = "0% or 100%: look at it before it is used"
FEW_DF: Final = "few degrees of freedom: look at it before it is used"
COMPLEMENT: Final = "the share of all other answers is not precise enough"


def imprecise(rows: Sequence[Record], standard: Proportions) -> dict[int, str]:
    """Find the shares, and the changes between them, that are not precise enough to be shown.

    Parameters
    ----------
    rows : sequence of dict
        Rows of the results.
    standard : Proportions

    Returns
    -------
    dict of int to str
        Position, and why in words. A change is not shown where one of its shares isn't.
    """
    reasons = {place: reason for place, row in enumerate(rows) if (reason := _why_not(row, standard))}
    unseen = {_key(rows[place], str(rows[place]["wave"])) for place in reasons if rows[place]["measure"] == "level"}
    for place, row in enumerate(rows):
        if row["measure"] == "change" and any(_key(row, wave) in unseen for wave in str(row["wave"]).split(" - ")):
            reasons[place] = "one of the two shares is not precise enough"
    return reasons


def looked_at(row: Record, standard: Proportions) -> str:
    """Say what a statistician should look at in a share that is shown.

    Parameters
    ----------
    row : dict
        A row of the results.
    standard : Proportions

    Returns
    -------
    str
        Flags, joined; empty where there is nothing.
    """
    share, df = _number(row, "estimate"), _number(row, "df")
    if row["measure"] not in SHARES or math.isnan(share):
        return ""
    flags = [ALL_ALIKE] if share in {0.0, 1.0} else [COMPLEMENT] if _reason_of_width(row, 1 - share, standard) else []
    return "; ".join([*flags, *([FEW_DF] if df < standard.few_df else [])])


def korn_graubard(row: Record) -> tuple[float, float]:
    """Give the interval that the standards look at: design effects below 1 count as 1.

    Parameters
    ----------
    row : dict
        A share with estimate, std_error, df, n and n_effective.

    Returns
    -------
    tuple of float
    """
    share, n = _number(row, "estimate"), _number(row, "n")
    effective = min(_number(row, "n_effective"), n)
    error = math.sqrt(share * (1 - share) / effective)
    shares, errors, dfs = (np.array([value]) for value in (share, error, _number(row, "df")))
    base = (np.array([n]), np.array([effective]))
    low, high = symmetric(shares, errors, dfs, level=_LEVEL, interval="beta", base=base)
    return float(low[0]), float(high[0])


def _why_not(row: Record, standard: Proportions) -> str:
    """Say why a share isn't shown; empty where it is."""
    share, effective = _number(row, "estimate"), min(_number(row, "n_effective"), _number(row, "n"))
    if row["measure"] not in SHARES or math.isnan(share):
        return ""
    if not effective >= standard.effective_below:
        return f"fewer than {standard.effective_below} effective respondents"
    return _reason_of_width(row, share, standard)


def _reason_of_width(row: Record, share: float, standard: Proportions) -> str:
    """Say whether the interval is too wide for a share, or for its complement, which has the same width."""
    low, high = korn_graubard(row)
    width = high - low
    if width >= standard.widest - _NEAR:
        return "its interval is too wide"
    if width <= standard.narrow + _NEAR or share == 0:
        return ""
    return "its interval is too wide for so small a share" if width > standard.widest_relative * share else ""


def _key(row: Mapping[str, object], wave: str) -> Key:
    """Name the share that a row is, or is made of."""
    return (*(str(row[name]) for name in ("variable", "answer", "by", "group", "weights")), wave)


def _number(row: Mapping[str, object], name: str) -> float:
    """Read a number; a missing one is NaN."""
    value = row[name]
    return float(value) if isinstance(value, int | float) else math.nan
