"""Shares of forms with events as clusters, and what to mind where events or forms are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.estimation import intervals
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.shares import Item
from lpact_eval.evidence.clustered_shares import clustered_shares
from lpact_eval.evidence.units import joined

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

FEWEST_EVENTS: Final = 5  # clusters under which a cluster-robust interval is none
_FEW_EVENTS: Final = 10
_FEW_FORMS: Final = 20
_SMALL: Final = 50
_SMALL_EFFECTIVE: Final = 30
_WIDE: Final = 0.3
_INDICATIVE_DF: Final = 4
_FEW_DF: Final = 8
_LEVEL: Final = 0.95
_EXACT: Final = 9  # decimals of what is held against a line: 9 unrelated forms are 8 effective ones, and no hair less
_YES: Final = np.array([1, 0])  # of no and yes: only yes is a share


def shares_by_event(raised: BoolArray, event: IntArray, groups: tuple[IntArray, int]) -> pd.DataFrame:
    """Estimate shares with Wilson's interval on the effective number of forms.

    Parameters
    ----------
    raised : ndarray of shape (u, k), bool
        Which of k things each form says.
    event : ndarray of shape (u,), int
    groups : tuple of an ndarray of shape (u,), int, and an int
        Group of each form, and how many groups there are, each with a form.

    Returns
    -------
    DataFrame of k g rows
        Things, within them groups: value, numerator, n, n_effective, low, high, flags.

    Notes
    -----
    Shares of 0 and 1 show no variance: their effective number is forms over 1 + (forms an event - 1) x .05, and as no
    variance is estimated the quantile is the normal one. Groups with fewer than 5 events have forms as units; the flag
    gives sqrt(1 + (sum(m^2) / sum(m) - 1) x .05) for m forms an event.

    References
    ----------
    Wilson (1927), *JASA* 22, 209-212; Korn & Graubard (1998), *Survey Methodology* 24, 193-201; Eldridge, Ashby &
    Kerry (2006), *Int. J. Epidemiology* 35, 1292-1300, for clusters of unequal size.
    """
    code, count = groups
    things = raised.shape[1]
    sizes = np.zeros((count, int(event.max()) + 1))
    np.add.at(sizes, (code, event), 1.0)
    reached = (sizes > 0).sum(axis=1)
    crowding = (sizes**2).sum(axis=1) / sizes.sum(axis=1)
    events = np.tile(reached, things)
    wider = np.tile(np.sqrt(1 + (crowding - 1) * intervals.ASSUMED_ICC), things)
    numbers = np.full((4, things, count), np.nan)
    for clustered, meant in ((True, reached >= FEWEST_EVENTS), (False, reached < FEWEST_EVENTS)):
        inside = meant[code]
        if inside.any():
            numbers[:, :, meant] = _estimated(raised[inside], event[inside] if clustered else None, code[inside])
    share, n, n_effective, df = numbers.reshape(4, -1)
    df = np.where(intervals.at_edge(share), np.inf, df)
    # events that are all alike show a variance of 0, which is chance here and no share known by construction
    low, high = intervals.wilson(share, n_effective, df, level=_LEVEL, variance=np.ones_like(share))
    n_effective, df = n_effective.round(_EXACT), df.round(_EXACT)
    rests = _Rests(n, n_effective, high - low, df, events, wider)
    return pd.DataFrame(
        {
            "value": share,
            "numerator": np.rint(share * n),
            "n": n,
            "n_effective": n_effective,
            "low": low,
            "high": high,
            "flags": rests.flags(),
        }
    )


def _estimated(raised: BoolArray, event: IntArray | None, code: IntArray) -> FloatArray:
    """Estimate shares with events, or forms, as sampling units; share, n, effective n and df, shape (4, k, g)."""
    present, group = np.unique(code, return_inverse=True)
    items = [Item(str(place), column.astype(np.intp), _YES, ("yes",)) for place, column in enumerate(raised.T)]
    found = clustered_shares(items, event, group, Labels.of({"group": present.tolist()}))
    return np.stack([found.value, found.n, found.n_effective, found.df]).reshape(4, raised.shape[1], -1)


@dataclass(frozen=True, slots=True, eq=False)
class _Rests:
    """What shares rest on; arrays of shape (k,)."""

    n: FloatArray
    n_effective: FloatArray
    width: FloatArray
    df: FloatArray
    events: IntArray
    wider: FloatArray

    def flags(self) -> list[str]:
        """Say what to mind about each share."""
        alone = (
            f"fewer than {FEWEST_EVENTS} events: the interval takes forms as unrelated, and with an intra-class "
            f"correlation of {intervals.ASSUMED_ICC} would be"
        )
        checks = (
            (self.n < _FEW_FORMS, f"fewer than {_FEW_FORMS} forms"),
            ((self.n >= _FEW_FORMS) & (self.n < _SMALL), f"fewer than {_SMALL} forms"),
            (self.n_effective < _SMALL_EFFECTIVE, f"fewer than {_SMALL_EFFECTIVE} effective forms"),
            ((self.events >= FEWEST_EVENTS) & (self.events < _FEW_EVENTS), f"fewer than {_FEW_EVENTS} events"),
            (self.df < _INDICATIVE_DF, f"fewer than {_INDICATIVE_DF} degrees of freedom: the interval is indicative"),
            ((self.df >= _INDICATIVE_DF) & (self.df < _FEW_DF), f"fewer than {_FEW_DF} degrees of freedom"),
            (self.width >= _WIDE, f"interval of {100 * _WIDE:.0f} points or more"),
        )
        texts = [
            f"{alone} {wider:.1f} times as wide" if events < FEWEST_EVENTS else ""
            for events, wider in zip(self.events, self.wider, strict=True)
        ]
        return [joined([text, *(flag for hit, flag in checks if hit[row])]) for row, text in enumerate(texts)]
