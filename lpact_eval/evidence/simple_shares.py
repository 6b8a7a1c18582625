"""Shares of people or offers taken as independent: Wilson's interval, refused and flagged by their base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.estimation.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST: Final = 10  # base under which there is no share
SOUND: Final = 50  # base under which a share is flagged
_WIDE: Final = 0.30  # width of an interval from which on a share is flagged
_LEVEL: Final = 0.95


def share_row(measure: str, reached: int, n: int, *, base: str, flags: Sequence[str] = ()) -> dict[str, object]:
    """Give a share with its interval as a row.

    Parameters
    ----------
    measure : str
    reached, n : int
        Counts.
    base : str
        What n counts.
    flags : sequence of str, default ()

    Returns
    -------
    dict
        Keys of a tidy row; refused under a base of 10.

    References
    ----------
    Wilson (1927), *JASA* 22, 209-212.
    """
    row: dict[str, object] = {"measure": measure, "unit": "share", "numerator": reached, "n": n, "base": base}
    if n < FEWEST:
        return row | {"refused": f"fewer than {FEWEST} {base}", "flags": "; ".join(flags)}
    share = reached / n
    low, high = wilson(
        np.array([share]), np.array([float(n)]), np.array([np.inf]), level=_LEVEL, variance=np.array([np.nan])
    )
    notes = [*flags, *([f"fewer than {SOUND} {base}"] if n < SOUND else [])]
    if high[0] - low[0] >= _WIDE:
        notes.append(f"the interval is {100 * _WIDE:.0f} points wide or wider")
    ends = {"low": 0.0 if reached == 0 else float(low[0]), "high": 1.0 if reached == n else float(high[0])}
    return row | {"value": share, "flags": "; ".join(notes)} | ends
