"""Counts to which one event contributes too much: everybody who was there could tell the rest.

References
----------
Hundepool, A. et al. (2012), *Statistical Disclosure Control*, Wiley, sec. 4.2: (n, k) dominance, the p% rule, and the
    upper protection level of either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

CONTRIBUTION_COLUMNS: Final = ("cell", "contributor", "count")
DOMINANCE_COLUMNS: Final = ("cell", "total", "contributors", "largest", "share", "sensitive", "width")


def dominance(
    contributions: pd.DataFrame, *, share: float = 0.75, largest: int = 1, within: float | None = None
) -> pd.DataFrame:
    """Find the counts that one or a few events dominate.

    Parameters
    ----------
    contributions : DataFrame
        "cell", "contributor" (the event) and "count"; an event may come in several rows.
    share : float, default 0.75
        A cell is sensitive where its largest contributors make up more than this share of it.
    largest : int, default 1
        How many of them count together.
    within : float, optional
        A cell is sensitive as well where the second largest contributor could tell the largest one's count to within
        this share of it: the p% rule, with 0.1 for 10 %.

    Returns
    -------
    DataFrame
        For every cell, in order of its name: "cell", "total", "contributors", "largest" (their count), "share",
        "sensitive", "width" (how wide a reader's interval for the cell must be, 0 where it is not sensitive): what
        `Cell` takes.

    Raises
    ------
    WrongUseError
        If a column is absent, a count is below 0 or missing, or a share does not lie between 0 and 1.

    Notes
    -----
    With x1 >= x2 >= ... the contributions and X their sum, the (n, k) rule asks for an interval up to at least
    (x1 + ... + xn)/k, the p% rule up to X + p x1 - (X - x1 - x2). The width is the larger of what they add to X.
    """
    _check(contributions, share, largest, within)
    rows: list[tuple[str, int, int, int, float, bool, int]] = []
    for cell, part in contributions.groupby("cell", sort=True, observed=True):
        counts = part.groupby("contributor", observed=True)["count"].sum().to_numpy(dtype=np.float64)
        counts = np.sort(counts[counts > 0])[::-1]
        total, top = float(counts.sum()), float(counts[:largest].sum())
        width = missing_width(counts, share, largest, within)
        rows.append((str(cell), int(total), counts.size, int(top), top / total if total else 0.0, width > 0, width))
    return pd.DataFrame(rows, columns=list(DOMINANCE_COLUMNS))


def missing_width(counts: FloatArray, share: float, largest: int = 1, within: float | None = None) -> int:
    """Say how wide a reader's interval for one total must be.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        What each contributor adds to it, 0 or above.
    share, largest, within
        As `dominance` takes them; not checked.

    Returns
    -------
    int
        0 where the total is not sensitive.
    """
    falling = np.sort(counts[counts > 0])[::-1]
    missing = _missing(falling, float(falling[:largest].sum()) / share - float(falling.sum()), within)
    return int(np.ceil(missing)) if missing > 0 else 0


def _missing(counts: FloatArray, by_share: float, within: float | None) -> float:
    """Say how far above its count a cell would have to be thought for neither rule to find it."""
    if within is None or not counts.size:
        return by_share
    others = float(counts[2:].sum())
    return max(by_share, within * float(counts[0]) - others)


def _check(contributions: pd.DataFrame, share: float, largest: int, within: float | None) -> None:
    """Refuse what dominance can't be told from."""
    absent = [name for name in CONTRIBUTION_COLUMNS if name not in contributions.columns]
    if absent:
        msg = f"Cannot tell dominance: the contributions lack the columns {absent}; needed are {CONTRIBUTION_COLUMNS}."
        raise WrongUseError(msg)
    if not 0 < share < 1 or largest < 1 or (within is not None and not 0 < within < 1):
        msg = (
            f"Cannot tell dominance with share={share}, largest={largest}, within={within}: shares lie between 0 and 1 "
            "and at least one contributor counts."
        )
        raise WrongUseError(msg)
    if not (contributions["count"] >= 0).all():
        bad = int((~(contributions["count"] >= 0)).sum())
        msg = f"Cannot tell dominance: {bad} contributions are missing or below 0. Give every contribution its count."
        raise WrongUseError(msg)
