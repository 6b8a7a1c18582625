"""Have all themes been heard: new ones event after event, how many are still unheard, and when nothing new came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.coding import workstream_sets
from lpact_eval.evidence.event_cells import EVENT_GROUPS, event_groups
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.richness import theme_richness
from lpact_eval.evidence.units import groups_of, joined, units_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.richness import Richness
    from lpact_eval.evidence.units import Units
    from lpact_eval.sample import BoolArray, IntArray

BASE: Final = 4
RUN: Final = 2
THRESHOLD: Final = 0.05
_SAYS: Final = "a theme counts as raised at an event where a form or a note raises it"
_CURVE: Final = (
    ("themes raised", "raised", "count"),
    ("new themes", "new", "count"),
    ("themes so far", "found", "count"),
    ("themes expected in so many events", "expected", "mean"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Saturation:
    """Whether new themes have dried up.

    Attributes
    ----------
    base : int
        Themes in the first events.
    shares : ndarray of shape (r,)
        New themes in each run, over those of the base; runs move on by one event.
    events : int or None
        Events before the first run whose share is at most the threshold; None where there is no such run.
    refused : str
        Why nothing can be said; empty where something can.
    """

    base: int
    shares: np.ndarray[tuple[int], np.dtype[np.float64]]
    events: int | None
    refused: str


def saturation_of(new: IntArray, *, base: int = BASE, run: int = RUN, threshold: float = THRESHOLD) -> Saturation:
    """Find after how many events hardly anything new was raised.

    Parameters
    ----------
    new : ndarray of shape (m,), int
        Themes first raised at each event, in the order of dates.
    base : int, default 4
        Events whose themes new ones are compared with.
    run : int, default 2
        Events in which new themes are looked for.
    threshold : float, default 0.05
        Share of new themes, over those of the base, that counts as hardly anything.

    Returns
    -------
    Saturation

    Raises
    ------
    WrongUseError
        If base or run is under 1, or the threshold not between 0 and 1.

    References
    ----------
    Guest, Namey & Chen (2020), *PLoS ONE* 15(5), e0232076.

    Examples
    --------
    >>> saturation_of(np.array([9, 6, 3, 2, 2, 1, 1, 0, 0])).events
    6
    """
    if base < 1 or run < 1 or not 0 <= threshold < 1:
        msg = (
            f"Cannot judge saturation with base {base}, run {run} and threshold {threshold}; base and run are 1 or "
            "more events, the threshold is a share such as 0.05."
        )
        raise WrongUseError(msg)
    first = int(new[:base].sum())
    nothing = np.zeros(0)
    if new.size < base + run:
        return Saturation(first, nothing, None, f"fewer than {base + run} events: a base of {base} and a run of {run}")
    if not first:
        return Saturation(first, nothing, None, f"no theme was raised at the first {base} events")
    shares = np.convolve(new[base:], np.ones(run), mode="valid") / first
    reached = np.flatnonzero(shares <= threshold)
    return Saturation(first, shares, base + int(reached[0]) if reached.size else None, "")


def saturation_rows(evidence: Evidence, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Say what each event added, how many themes may still be unheard, and when hardly anything new came.

    Parameters
    ----------
    evidence : Evidence
    by : str or sequence of str, default ()
        None for all events, or one of "community", "area", "year", "half_year", "age_focus", "format" (the events of
        each) and "workstream" (its themes).

    Returns
    -------
    DataFrame
        Tidy rows. By event, in the order of dates: themes raised, new ones, those so far, and those expected in so
        many events drawn at random (rarefaction). Overall: the least number of themes there are (Chao2, with
        interval), coverage (share of mentions that the raised themes make up), new themes in the last run of 2 events
        over those of the first 4, and after how many events that came to 5 % or less. With fewer than 4 events the
        table of events only.

    Raises
    ------
    WrongUseError
        If saturation can't be grouped so.

    References
    ----------
    See `theme_richness` and `saturation_of`.
    """
    names = event_groups(by, (*EVENT_GROUPS, "workstream"))
    if len(names) > 1:
        msg = f"Cannot group saturation by {names[0]!r} and {names[1]!r} at once: rows name the event too. Give one."
        raise WrongUseError(msg)
    units = units_of(evidence)
    rows: list[dict[str, object]] = []
    for label, events in _parts(evidence, units.by_event(), names[0] if names else ""):
        rows += _rows(events, label)
    return tidy([{"table": "understanding", **row} for row in rows])


def _parts(evidence: Evidence, events: Units, name: str) -> Iterator[tuple[tuple[str, str], Units]]:
    """Split events, or themes."""
    if not len(events):
        return
    if not name:
        yield ("", ""), events
    elif name == "workstream":
        streams, members = workstream_sets(evidence.schema)
        for place, stream in enumerate(streams):
            yield (name, stream), _only(events, members[:, place])
    else:
        code, words = groups_of(evidence, events, name)
        for place, word in enumerate(words):
            yield (name, word), events.where(code == place)


def _only(events: Units, members: BoolArray) -> Units:
    """Leave out themes that are not meant."""
    return type(events)(events.frame, events.raised & members, events.themes, events.flags)


def _rows(events: Units, label: tuple[str, str]) -> list[dict[str, object]]:
    """Lay out what each event added, and the estimates."""
    names = events.frame["event"].to_list()
    found = theme_richness(pd.DataFrame(events.raised.T, columns=pd.Index(names, dtype=object)))
    by, group = label
    rows: list[dict[str, object]] = [
        {
            "measure": measure,
            "by": "event",
            "group": name,
            "by2": by,
            "group2": group,
            "value": value,
            "unit": unit,
            "n": place,
            "base": "events",
            "flags": _SAYS,
        }
        for measure, column, unit in _CURVE
        for place, (name, value) in enumerate(zip(names, found.events[column], strict=True), start=1)
    ]
    return rows + [{"by": by, "group": group, **row} for row in _estimates(found)]


def _estimates(found: Richness) -> list[dict[str, object]]:
    """Lay out how many themes there are, what share is heard, and when hardly anything new came."""
    m = len(found.events)
    chao, coverage = found.to_frame().to_dict("records")
    ended = saturation_of(found.events["new"].to_numpy(dtype=np.intp))
    last = float(ended.shares[-1]) if ended.shares.size else np.nan
    never = "" if ended.events is not None or ended.refused else "every run still brought more"
    rule = f"a base of {BASE} events, runs of {RUN}, and {THRESHOLD:.0%} of new themes or less"
    low = {"low": chao["conf_low"], "high": chao["conf_high"]}
    events = np.nan if ended.events is None else float(ended.events)
    own = {"numerator": float(round(last * ended.base)) if ended.shares.size else np.nan, "n": float(ended.base)}
    by_event: dict[str, object] = {"n": float(m), "base": "events"}
    at_least = "at least so many, raised or not"
    rows: tuple[dict[str, object], ...] = (
        {"measure": "themes found", "value": float(found.observed), "unit": "count", **by_event},
        {
            "measure": "themes there are (Chao2)",
            "value": chao["estimate"],
            "unit": "count",
            **low,
            **by_event,
            "flags": at_least,
        },
        {"measure": "coverage of mentions", "value": coverage["estimate"], "unit": "share", **by_event},
        {"measure": f"new themes in the last {RUN} events", "value": last, "unit": "share", **own, "base": "themes"},
        {"measure": "events until hardly anything new", "value": events, "unit": "count", **by_event},
    )
    reasons = ("", found.refused, found.refused, ended.refused, ended.refused or never)
    notes = ("", "", "", f"over the themes of the first {BASE} events", rule)
    return [
        {**row, "refused": reason, "flags": joined([str(row.get("flags", "")), note])}
        for row, reason, note in zip(rows, reasons, notes, strict=True)
    ]
