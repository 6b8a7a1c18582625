"""Intervals of shares and ratios over events: what further events like these would show; events are the clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.estimation.statistics import distribution, proportion, ratio
from lpact_eval.sample import Sample

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

FEWEST_EVENTS, SOUND_EVENTS = 5, 10  # clusters: no interval below, flagged below
FEWEST_DF: Final = 4  # degrees of freedom under which an interval only indicates
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
    seen = _seen(base, cell, cells)
    usable = (seen >= FEWEST_EVENTS)[cell] & (base > 0)
    too_many = float(base[usable].sum()) > _MOST_PEOPLE
    if not usable.any() or too_many:
        return _none(seen, "the counts are too large for an interval" if too_many else "")
    events = np.flatnonzero(usable)
    agreeing = np.clip(yes[usable], 0, base[usable])
    frame = _people(np.column_stack([agreeing, base[usable] - agreeing]), ("yes", "no"), events)
    sample = Sample.from_frame(frame.assign(cell=cell[frame["event"]]), psu="event")
    return _placed(proportion(sample, "group", "yes", by="cell"), seen)


def ratio_limits(top: FloatArray, bottom: FloatArray, cell: IntArray, cells: int) -> Limits:
    """Limits of sum(top) / sum(bottom) by cell, with CR2 over events and Student's t; arguments as in `share_limits`.

    Nothing that is counted or paid is below 0, and so no limit is.
    """
    seen = _seen(bottom, cell, cells)
    usable = (seen >= FEWEST_EVENTS)[cell] & ((bottom > 0) | (top > 0))
    if not usable.any():
        return _none(seen)
    frame = pd.DataFrame({"top": top[usable], "bottom": bottom[usable], "cell": cell[usable]})
    found = _placed(ratio(Sample.from_frame(frame), "top", "bottom", by="cell"), seen)
    return replace(found, low=np.maximum(found.low, 0.0))


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
    frame = _people(counts, tuple(str(place) for place in range(groups)), np.arange(len(counts)))
    return _limits(distribution(Sample.from_frame(frame, psu="event"), "group"), seen)


def _people(counts: FloatArray, groups: tuple[str, ...], events: IntArray) -> pd.DataFrame:
    """Lay counts by event and group out as a row a person."""
    sizes = counts.round().astype(np.intp)
    group = np.repeat(np.tile(np.arange(len(groups)), len(sizes)), sizes.ravel())
    return pd.DataFrame(
        {
            "group": pd.Categorical.from_codes(group, dtype=pd.CategoricalDtype(list(groups))),
            "event": np.repeat(events, sizes.sum(axis=1)),
        }
    )


def _seen(base: FloatArray, cell: IntArray, cells: int) -> FloatArray:
    """Count the events of each cell that have a base."""
    return np.bincount(cell[base > 0], minlength=cells).astype(float)


def _none(seen: FloatArray, reason: str = "") -> Limits:
    """Give no limits, and say why."""
    missing = np.full(len(seen), np.nan)
    return Limits(missing, missing.copy(), tuple(_few(float(events), reason) for events in seen))


def _placed(estimate: Estimate, seen: FloatArray) -> Limits:
    """Put the limits of the cells that have enough events in their places."""
    found = _limits(estimate, seen[seen >= FEWEST_EVENTS])
    empty = _none(seen)
    low, high, flags = empty.low, empty.high, list(empty.flags)
    places = [int(name) for name in estimate.labels["cell"]]
    low[places], high[places] = found.low, found.high
    for place, told in zip(places, found.flags, strict=True):
        flags[place] = told
    return Limits(low, high, tuple(flags))


def _limits(estimate: Estimate, seen: FloatArray) -> Limits:
    """Take limits and flags from an estimate."""
    low, high = estimate.confint()
    inside = (estimate.value > _EDGE) & (estimate.value < 1 - _EDGE) if estimate.kind == "share" else True
    still: BoolArray = np.asarray((estimate.std_error < _STILL) & inside, dtype=bool)
    low, high = np.where(still, np.nan, low), np.where(still, np.nan, high)
    flags: list[tuple[str, ...]] = []
    for events, same, df in zip(seen, still, estimate.df, strict=True):
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
