"""What was raised: the share of forms, and the number of events, that raised each theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.coding import coded_of, judged, workstream_sets
from lpact_eval.evidence.event_cells import EVENT_GROUPS, event_groups
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.theme_shares import shares_by_event
from lpact_eval.evidence.units import BASES, FROM_EVENT, KINDS, groups_of, joined, theme_names, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lpact_eval.evidence.coding import Judged
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.units import Kind, Units
    from lpact_eval.sample import BoolArray, IntArray

MEASURES: Final[dict[Kind, str]] = {
    "form": "forms that raise the theme",
    "note": "events where the room raised the theme",
}
FEWEST_EFFECTIVE: Final = 8  # forms, under which a share says too little


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What the rows are about: k sets of themes with their names, and whether their shares may be told.

    `labels` names every set, as by and group, and as by2 and group2 where rows are not grouped.
    """

    sets: BoolArray
    labels: tuple[dict[str, object], ...]
    verdict: Judged


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Units in g groups: how rows name them, the group of each unit, shape (u,), and what to mind about each."""

    labels: tuple[dict[str, object], ...]
    code: IntArray
    flags: tuple[str, ...]


def theme_rows(evidence: Evidence, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Say how many forms, and events, raised each theme.

    Parameters
    ----------
    evidence : Evidence
    by : str or sequence of str, default ()
        None for every theme with its workstream; "workstream" for each workstream as a whole (any of its themes);
        one of "community", "area", "year", "half_year", "age_focus" and "format", alone or with "workstream".

    Returns
    -------
    DataFrame
        Tidy rows. Forms: the share of forms (one form is one person, whatever it says and how often) with Wilson's
        interval. Notes: at how many of the events with notes the room raised the theme, a count and never a share of
        people. Refused where coders agree too little (see `coding_rows`) or fewer than 8 effective forms are left.

    Raises
    ------
    WrongUseError
        If themes can't be grouped so.

    Notes
    -----
    Wilson's interval on p(1-p) / v forms, v being the CR2 variance with events as clusters, with t at Satterthwaite's
    degrees of freedom. Where no form or every form raises the theme no variance shows: forms over
    1 + (forms an event - 1) x .05, with the normal quantile, as no variance is estimated. With fewer than 5 events
    forms count as unrelated (HC2) and the flags say how much wider clustering could make the interval.

    References
    ----------
    Wilson (1927), *JASA* 22, 209-212; Pustejovsky & Tipton (2018), *JBES* 36, 672-683; Korn & Graubard (1998),
    *Survey Methodology* 24, 193-201.
    """
    names = event_groups(by, (*EVENT_GROUPS, "workstream"))
    others = [name for name in names if name != "workstream"]
    if len(others) > 1:
        msg = (
            f"Cannot group themes by {others[0]!r} and {others[1]!r} at once, as a row names its theme too; give one "
            "of them, alone or with 'workstream'."
        )
        raise WrongUseError(msg)
    units, asked = units_of(evidence), _asked(evidence, whole="workstream" in names, beside=bool(others))
    rows: list[dict[str, object]] = []
    for kind in KINDS:
        mine = units.of(kind)
        groups = _grouped(evidence, mine, others[0] if others else "")
        rows += _form_rows(mine, asked, groups) if kind == "form" else _note_rows(mine, asked, groups)
    return tidy([{"table": "understanding", **row} for row in rows])


def _asked(evidence: Evidence, *, whole: bool, beside: bool) -> _Asked:
    """Lay out themes, or whole workstreams, and judge their codes."""
    schema = evidence.schema
    streams, of_stream = workstream_sets(schema)
    sets = of_stream if whole else np.eye(len(schema.themes), dtype=bool)
    if whole:
        labels: list[dict[str, object]] = [{"by": "workstream", "group": name} for name in streams]
    else:
        labels = [{"by": "theme", "group": name} for name in theme_names(schema)]
    if not whole and not beside:
        own = [theme.workstream for theme in schema.themes.values()]
        labels = [{**label, "by2": "workstream", "group2": name} for label, name in zip(labels, own, strict=True)]
    return _Asked(sets, tuple(labels), judged(coded_of(evidence), sets))


def _grouped(evidence: Evidence, units: Units, name: str) -> _Groups:
    """Put units into groups; into one without a name."""
    if not name:
        return _Groups(({},), np.zeros(len(units), dtype=np.intp), ("",))
    code, words = groups_of(evidence, units, name)
    lent = np.bincount(code, units.frame["from_event"].to_numpy(dtype=float), minlength=len(words)) > 0
    flags = tuple(FROM_EVENT if name == "community" and one else "" for one in lent)
    return _Groups(tuple({"by2": name, "group2": word} for word in words), code, flags)


def _note_rows(units: Units, asked: _Asked, groups: _Groups) -> list[dict[str, object]]:
    """Count the events where the room raised each set of themes."""
    raised = units.raised @ asked.sets
    rows: list[dict[str, object]] = []
    for place, label in enumerate(asked.labels):
        refused = asked.verdict.refused[place]
        for group, name in enumerate(groups.labels):
            inside = groups.code == group
            count = np.nan if refused else float(raised[inside, place].sum())
            rows.append(
                {
                    **label,
                    **name,
                    "measure": MEASURES["note"],
                    "value": count,
                    "unit": "count",
                    "numerator": count,
                    "n": float(inside.sum()),
                    "base": BASES["note"],
                    "refused": refused,
                    "flags": joined([asked.verdict.flags[place], units.flags["note"]]),
                }
            )
    return rows if len(units) else []


def _form_rows(units: Units, asked: _Asked, groups: _Groups) -> list[dict[str, object]]:
    """Estimate the share of forms that raise each set of themes."""
    if not len(units):
        return []
    found = shares_by_event(units.raised @ asked.sets, units.places, (groups.code, len(groups.labels)))
    rows: list[dict[str, object]] = []
    shares = iter(found.to_dict("records"))
    for place, label in enumerate(asked.labels):
        for group, name in enumerate(groups.labels):
            row = next(shares)
            few = "" if row["n_effective"] >= FEWEST_EFFECTIVE else f"fewer than {FEWEST_EFFECTIVE} effective forms"
            refused = asked.verdict.refused[place] or few
            notes = [asked.verdict.flags[place], row["flags"], units.flags["form"], groups.flags[group]]
            shown = ("value", "numerator", "low", "high")
            rows.append(
                {
                    **label,
                    **name,
                    "measure": MEASURES["form"],
                    **{column: np.nan if refused else row[column] for column in shown},
                    "unit": "share",
                    "n": row["n"],
                    "base": BASES["form"],
                    "refused": refused,
                    "flags": joined([] if refused else notes),
                }
            )
    return rows
