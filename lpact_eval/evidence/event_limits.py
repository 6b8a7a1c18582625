"""Intervals of shares and ratios over events: what further events like these would show; events are the clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.shares import Item
from lpact_eval.estimation.statistics import ratio
from lpact_eval.evidence.clustered_shares import clustered_shares
from lpact_eval.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

    Pair = tuple[FloatArray, FloatArray]

FEWEST_EVENTS, SOUND_EVENTS = 5, 10  # clusters: no interval below, flagged below
FEWEST_DF: Final = 4  # degrees of freedom under which an interval only indicates
_EXACT: Final = 9  # decimals of degrees of freedom: five events alike have 4 of them, and no hair less
_YES: Final = np.array([0, 1])  # of yes and no: only yes is a share
_MOST_PEOPLE: Final = 1_000_000  # counts beyond this are slips of the pen; a row a person would fill the memory
_STILL: Final = 1e-11  # standard error of a number that is the same at every event
_EDGE: Final = 1e-12  # a share nearer to 0 or 1 than this has an interval although no event differs


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """95 % limits of k numbers, missing where there are none.

    Attributes
    ----------
    low, high : ndarray of shape (k,)
    flags : tuple of k tuples of str
        Why there is none, or what to mind.
    """

    low: FloatArray
    high: FloatArray
    flags: tuple[tuple[str, ...], ...]


def share_limits(yes: FloatArray, base: FloatArray, cell: IntArray, cells: int) -> Limits:
    """Wilson's limits of sum(yes) / sum(base) by cell, with CR2 over events.

    Parameters
    ----------
    yes, base : ndarray of shape (n,)
        Numbers of each event, none missing; 1 and 1 or 0 where the event itself is counted.
    cell : ndarray of shape (n,), int
    cells : int

    Returns
    -------
    Limits
        One per cell, none with fewer than five events that have a base.
    """
    return limits_of_shares([(yes, base)], cell, cells)[0]


def ratio_limits(top: FloatArray, bottom: FloatArray, cell: IntArray, cells: int) -> Limits:
    """Limits of sum(top) / sum(bottom) by cell, with CR2 over events and Student's t; arguments as in `share_limits`.

    Nothing that is counted or paid is below 0, and so no limit is.
    """
    return limits_of_ratios([(top, bottom)], cell, cells)[0]


def limits_of_shares(pairs: Sequence[Pair], cell: IntArray, cells: int) -> list[Limits]:
    """Work the limits of several shares out in one sample, in which each has events of its own.

    Parameters
    ----------
    pairs : sequence of (yes, base)
        As in `share_limits`.
    cell : ndarray of shape (n,), int
    cells : int

    Returns
    -------
    list of Limits
        One per pair.
    """
    seen = [_seen(base, cell, cells) for _, base in pairs]
    usable = [(events >= FEWEST_EVENTS)[cell] & (base > 0) for events, (_, base) in zip(seen, pairs, strict=True)]
    large = [float(base[used].sum()) > _MOST_PEOPLE for used, (_, base) in zip(usable, pairs, strict=True)]
    empty = [
        _none(events, "the counts are too large for an interval" if many else "")
        for events, many in zip(seen, large, strict=True)
    ]
    used = np.array(usable) & ~np.array(large)[:, None]
    if not used.any():
        return empty
    pair, event = used.nonzero()
    base = np.array([base for _, base in pairs])[used]
    agreeing = np.clip(np.array([yes for yes, _ in pairs])[used], 0, base)
    people = _People.of(np.column_stack([agreeing, base - agreeing]))
    places, group = np.unique((cell[event] + pair * cells)[people.event], return_inverse=True)
    found = people.shares(_YES, ("yes",), group, Labels.of({"cell": places.tolist()}))
    return _placed(found, places, seen, empty)


def limits_of_ratios(pairs: Sequence[Pair], cell: IntArray, cells: int) -> list[Limits]:
    """Work the limits of several ratios out in one sample; arguments as in `limits_of_shares`."""
    seen = [_seen(bottom, cell, cells) for _, bottom in pairs]
    columns: dict[str, list[FloatArray | IntArray]] = {"top": [], "bottom": [], "cell": []}
    for place, (events, (top, bottom)) in enumerate(zip(seen, pairs, strict=True)):
        used = (events >= FEWEST_EVENTS)[cell] & ((bottom > 0) | (top > 0))
        for name, values in (("top", top), ("bottom", bottom), ("cell", cell + place * cells)):
            columns[name].append(values[used])
    frame = pd.DataFrame({name: np.concatenate(values) for name, values in columns.items()})
    empty = [_none(events) for events in seen]
    if frame.empty:
        return empty
    estimate = ratio(Sample.from_frame(frame), "top", "bottom", by="cell")
    places = np.array([int(name) for name in estimate.labels["cell"]])
    found = _placed(estimate, places, seen, empty)
    return [replace(one, low=np.maximum(one.low, 0.0)) for one in found]


def group_limits(counts: FloatArray) -> Limits:
    """Limits of each group's share of all people, with CR2 over events.

    Parameters
    ----------
    counts : ndarray of shape (n, k)
        People by event and group.

    Returns
    -------
    Limits
        One per group.
    """
    people = counts.sum(axis=1)
    groups = counts.shape[1]
    seen = np.full(groups, float((people > 0).sum()))
    too_many = float(people.sum()) > _MOST_PEOPLE
    if groups == 0 or seen[0] < FEWEST_EVENTS or too_many:
        return _none(seen, "the counts are too large for an interval" if too_many else "")
    everybody = _People.of(counts[people > 0])
    columns = np.arange(groups, dtype=np.intp)
    here = np.zeros(everybody.event.size, dtype=np.intp)
    found = everybody.shares(columns, tuple(map(str, columns)), here, Labels({}, 1))
    return _limits(found, seen)


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """Counts by event and group as a row a person: the event and the group of each, shape (people,)."""

    event: IntArray
    group: IntArray

    @classmethod
    def of(cls, counts: FloatArray) -> _People:
        """Lay counts of shape (events, groups) out."""
        sizes: IntArray = counts.round().astype(np.intp)
        group = np.repeat(np.tile(np.arange(int(counts.shape[1])), len(counts)), sizes.ravel())
        return cls(np.repeat(np.arange(len(sizes)), sizes.sum(axis=1)), group)

    def shares(self, column: IntArray, names: tuple[str, ...], domain: IntArray, labels: Labels) -> Estimate:
        """Estimate shares of groups, as `Item` has them, by domain; events are the clusters."""
        return clustered_shares([Item("group", self.group, column, names)], self.event, domain, labels)


def _seen(base: FloatArray, cell: IntArray, cells: int) -> FloatArray:
    """Count the events of each cell that have a base."""
    return np.bincount(cell[base > 0], minlength=cells).astype(float)


def _none(seen: FloatArray, reason: str = "") -> Limits:
    """Give no limits, and say why."""
    missing = np.full(len(seen), np.nan)
    return Limits(missing, missing.copy(), tuple(_few(float(events), reason) for events in seen))


def _placed(estimate: Estimate, places: IntArray, seen: Sequence[FloatArray], empty: Sequence[Limits]) -> list[Limits]:
    """Put the limits of the cells that have enough events in their places; cells are numbered on from pair to pair."""
    cells = len(seen[0])
    found = _limits(estimate, np.concatenate(seen)[places])
    low, high = (np.concatenate([getattr(one, end) for one in empty]) for end in ("low", "high"))
    flags = [told for one in empty for told in one.flags]
    low[places], high[places] = found.low, found.high
    for place, told in zip(places, found.flags, strict=True):
        flags[place] = told
    parts = [slice(start, start + cells) for start in range(0, len(flags), cells)]
    return [Limits(low[part], high[part], tuple(flags[part])) for part in parts]


def _limits(estimate: Estimate, seen: FloatArray) -> Limits:
    """Take limits and flags from an estimate."""
    low, high = estimate.confint()
    inside = (estimate.value > _EDGE) & (estimate.value < 1 - _EDGE) if estimate.kind == "share" else True
    still: BoolArray = np.asarray((estimate.std_error < _STILL) & inside, dtype=bool)
    low, high = np.where(still, np.nan, low), np.where(still, np.nan, high)
    flags: list[tuple[str, ...]] = []
    for events, same, df in zip(seen, still, estimate.df.round(_EXACT), strict=True):
        indicative = not same and df < FEWEST_DF
        told = ["the same at every event: no interval"] if same else []
        told += [f"fewer than {FEWEST_DF} degrees of freedom: interval indicative only"] if indicative else []
        flags.append((*_few(float(events), ""), *told))
    return Limits(low, high, tuple(flags))


def _few(events: float, reason: str) -> tuple[str, ...]:
    """Say that there are few events."""
    if events < FEWEST_EVENTS:
        return (f"fewer than {FEWEST_EVENTS} events: no interval",)
    few = (f"fewer than {SOUND_EVENTS} events",) if events < SOUND_EVENTS else ()
    return (*few, reason) if reason else few
