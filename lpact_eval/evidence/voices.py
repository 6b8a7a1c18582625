"""What quiet people wrote on forms beside what was said aloud in the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.coding import coded_of, judged
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.units import joined, theme_names, units_of

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.units import Kind, Units
    from lpact_eval.sample import IntArray

_BY: Final = "where raised"
_WHERE: Final = ("on forms only", "in the room only", "both")
_NEVER: Final = "never raised in the room at these events"


def voice_rows(evidence: Evidence) -> pd.DataFrame:
    """Set what was written on forms beside what was noted in the room, at events that have both.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Tidy rows. Over all themes: mentions (a theme at an event) on forms only, in the room only, and both. For each
        theme raised: at how many events it came on forms only, in the room only, and both; and the forms that raise it
        where the room did not. A theme on forms that the room raised at none of these events is flagged so.
    """
    units = units_of(evidence)
    verdict = judged(coded_of(evidence), np.eye(len(units.themes), dtype=bool))
    shared = np.asarray(np.intersect1d(units.of("form").places, units.of("note").places), dtype=np.intp)
    if not shared.size:
        return tidy([])
    forms, room = (_at(units, kind, shared) for kind in ("form", "note"))
    events = np.stack([(forms > 0) & ~(room > 0), ~(forms > 0) & (room > 0), (forms > 0) & (room > 0)])
    quiet = (forms * events[0]).sum(axis=0)
    returned = _returned(units, shared)
    notes = joined([*units.flags.values(), "only events with coded forms and coded notes"])
    rows = _mentions(events.sum(axis=(1, 2)), notes)
    for k, name in enumerate(theme_names(evidence.schema)):
        counts = events[:, :, k].sum(axis=1)
        if counts.any():
            never = _NEVER if not counts[1:].any() else ""
            flags = joined([never, verdict.flag(k), notes])
            label: dict[str, object] = {"by": "theme", "group": name, "flags": flags}
            rows += [
                {
                    **label,
                    "measure": "events that raise the theme",
                    "by2": _BY,
                    "group2": where,
                    **_count(count, shared.size),
                }
                for where, count in zip(_WHERE, counts, strict=True)
            ]
            base = float(returned[events[0, :, k]].sum())
            own = {"value": quiet[k], "numerator": quiet[k], "n": base, "unit": "count", "base": "forms"}
            rows.append({**label, "measure": "forms that raise the theme where the room does not", **own})
    return tidy([{"table": "understanding", **row} for row in rows])


def _at(units: Units, kind: Kind, shared: IntArray) -> np.ndarray:
    """Count the units of a kind that raise each theme at each shared event, shape (m, t)."""
    mine = units.of(kind)
    place = mine.places
    inside = np.isin(place, shared)
    counts = np.zeros((shared.size, len(units.themes)))
    np.add.at(counts, _position(place[inside], shared), mine.raised[inside].astype(float))
    return counts


def _returned(units: Units, shared: IntArray) -> np.ndarray:
    """Count the coded forms of each shared event, shape (m,)."""
    place = units.of("form").places
    return np.bincount(_position(place[np.isin(place, shared)], shared), minlength=shared.size)


def _position(place: IntArray, shared: IntArray) -> IntArray:
    """Find places among the shared ones."""
    return np.asarray(np.searchsorted(shared, place), dtype=np.intp)


def _count(count: float, events: int) -> dict[str, object]:
    """Give a count of events."""
    return {"value": float(count), "unit": "count", "numerator": float(count), "n": float(events), "base": "events"}


def _mentions(counts: IntArray, notes: str) -> list[dict[str, object]]:
    """Share out all mentions, a mention being a theme at an event."""
    total = float(counts.sum())
    return [
        {
            "measure": "mentions of themes",
            "by": _BY,
            "group": where,
            "value": count / total if total else np.nan,
            "unit": "share",
            "numerator": float(count),
            "n": total,
            "base": "mentions",
            "refused": "" if total else "no theme was raised",
            "flags": joined(["a mention is a theme at an event", notes]),
        }
        for where, count in zip(_WHERE, counts, strict=True)
    ]
