"""Who came: attendance by ethnic group, age, sex, area and community, from counts or from pseudonymous records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.event_cells import NOT_KNOWN, numbers, one_cell
from lpact_eval.evidence.event_limits import group_limits
from lpact_eval.evidence.event_numbers import RELATIONSHIPS, Measure, Row, counted, left_out, ratios_rows, row_of
from lpact_eval.evidence.once import once
from lpact_eval.evidence.records import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from lpact_eval.evidence.event_cells import Cells
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import BoolArray, FloatArray

GROUPINGS: Final = ("ethnicity", "age_band", "sex", "area", "community")
_TITLES: Final = {"ethnicity": "ethnic group", "age_band": "age"}
_LAST: Final = ("Several", "Other", NOT_KNOWN)
_SHOWN: Final = 12  # events named in a flag


@dataclass(frozen=True, slots=True, eq=False)
class GroupCounts:
    """People by event and group; n events of the register, k groups.

    Attributes
    ----------
    by : str
        One of `GROUPINGS`.
    groups : tuple of k str
        "Other" and "not known" last.
    counts : ndarray of shape (n, k)
    recorded : ndarray of shape (n,), bool
        Whether an event has any such count.
    coded : int
        Events whose counts come from pseudonymous records, having no others.
    """

    by: str
    groups: tuple[str, ...]
    counts: FloatArray
    recorded: BoolArray
    coded: int

    @property
    def title(self) -> str:
        """What people were counted by, in words."""
        return _TITLES.get(self.by, self.by)

    def of(self, group: str) -> FloatArray:
        """People of one group by event; none where nobody recorded it."""
        return self.counts[:, self.groups.index(group)] if group in self.groups else np.zeros(len(self.counts))


@once
def group_counts(evidence: Evidence, by: str) -> GroupCounts:
    """Count people by event and group.

    Parameters
    ----------
    evidence : Evidence
    by : str
        One of `GROUPINGS`.

    Returns
    -------
    GroupCounts
        From the record of attendance; for events that it leaves out from pseudonymous records, each person once.
    """
    events = {event: place for place, event in enumerate(evidence.tables["register"]["event"].tolist())}
    long = [(event, group, people) for event, of, group, people in _attendance(evidence) if of == by]
    coded: set[object] = set()
    if by in evidence.tables["people"].columns:
        given = {event for event, _, _ in long}
        others = [(event, group, 1.0) for event, group in _people(evidence, by) if event not in given]
        long += others
        coded = {event for event, _, _ in others}
    groups = sorted({group for _, group, _ in long}, key=_placed)
    column = {group: place for place, group in enumerate(groups)}
    place = np.array([events[event] for event, _, _ in long], dtype=np.intp)
    cell = place * len(groups) + np.array([column[group] for _, group, _ in long], dtype=np.intp)
    people = np.array([people for _, _, people in long], dtype=float)
    counts = np.bincount(cell, people, minlength=len(events) * len(groups)).astype(float)
    recorded = np.zeros(len(events), dtype=bool)
    recorded[place] = True
    return GroupCounts(by, tuple(groups), counts.reshape(len(events), len(groups)), recorded, len(coded))


@once
def _attendance(evidence: Evidence) -> list[tuple[object, str, str, float]]:
    """List what was counted at events: event, what people were counted by, group, people."""
    table = evidence.tables["attendance"][["event", "by", "group", "people"]].dropna(subset="people")
    rows = zip(*(table[name].tolist() for name in table), strict=True)
    return [(event, str(by), str(group), float(people)) for event, by, group, people in rows]


def _people(evidence: Evidence, by: str) -> list[tuple[object, str]]:
    """List the pseudonymous records, each person once at an event: event, group."""
    people = evidence.tables["people"]
    found: dict[tuple[object, object], str] = {}
    for event, person, group in zip(*(people[name].tolist() for name in ("event", "person", by)), strict=True):
        known = person if isinstance(person, str) else None
        found.setdefault((event, known), group if isinstance(group, str) else NOT_KNOWN)
    return [(event, group) for (event, _), group in found.items()]


def breakdowns_recorded(evidence: Evidence) -> dict[str, str]:
    """Name for every event the breakdowns in which its attendees were written down, and fit their number.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    dict of str to str
        Names with "; " between them.
    """
    register = evidence.tables["register"]
    names: dict[str, list[str]] = {str(event): [] for event in register["event"]}
    for by in GROUPINGS:
        found = group_counts(evidence, by)
        fits = found.recorded & ~np.isnan(numbers(register, "attendees")) & ~_contradicting(found, register)
        for event in register["event"][fits]:
            names[str(event)].append(by)
    return {event: "; ".join(found) for event, found in names.items()}


def attendance_rows(evidence: Evidence) -> pd.DataFrame:
    """Tabulate who came, by ethnic group, age, sex, area of residence and community.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`. Shares are of attendances whose group is known, with an interval over events where
        five recorded it; "not known" is a share of all recorded. Events without such a record are counted in the
        flags, and so are those that record more people than attendees, whose counts are kept.
    """
    register = evidence.tables["register"]
    cells, rows = one_cell(len(register)), list["Row"]()
    counts = [group_counts(evidence, by) for by in GROUPINGS]
    recorded = [found for found in counts if found.recorded.any()]
    checks = {found.by: own for found, own in zip(recorded, _check_rows(recorded, register, cells), strict=True)}
    for by, found in zip(GROUPINGS, counts, strict=True):
        if by in checks:
            rows += [*_share_rows(found, register, cells), *checks[by]]
        else:
            measure = _measure("attendances", "share")
            rows.append(row_of(measure, cells, 0, by=by, refused=f"no event with a record of {found.title}"))
    return tidy(rows)


def _share_rows(found: GroupCounts, register: pd.DataFrame, cells: Cells) -> list[Row]:
    """Tabulate each group's share of attendances whose group is known, and the share not known."""
    known = [place for place, group in enumerate(found.groups) if group != NOT_KNOWN]
    counts = found.counts[:, known]
    limits, total = group_limits(counts), float(counts.sum())
    told = _told(found, register)
    rows: list[Row] = []
    for place, position in enumerate(known):
        people = float(counts[:, place].sum())
        numbers_of = {"numerator": people, "n": total, "by": found.by, "group": found.groups[position]}
        if total > 0:
            numbers_of |= {"value": people / total, "low": limits.low[place], "high": limits.high[place]}
        refused = "" if total > 0 else f"{found.title} not known of anybody"
        flags = [*told, *(limits.flags[place] if total > 0 else ())]
        rows.append(row_of(_measure("attendances", "share"), cells, 0, refused=refused, flags=flags, **numbers_of))
    unknown, everybody = float(found.of(NOT_KNOWN).sum()), float(found.counts.sum())
    value = unknown / everybody if everybody > 0 else np.nan
    return [
        *rows,
        row_of(
            _measure("attendances", "share"),
            cells,
            0,
            by=found.by,
            group=NOT_KNOWN,
            value=value,
            numerator=unknown,
            n=everybody,
            refused="" if everybody > 0 else "nobody recorded",
            flags=[*told, "of all recorded"],
        ),
    ]


def _check_rows(counts: Sequence[GroupCounts], register: pd.DataFrame, cells: Cells) -> Iterator[list[Row]]:
    """Tabulate how many attendees were recorded in groups, and events whose groups add up to more than attended."""
    if not counts:
        return
    came = numbers(register, "attendees")
    asked: list[tuple[FloatArray, FloatArray, Measure]] = []
    for found in counts:
        missing = f"a count of attendees and a record of {found.title}"
        fits = found.recorded & ~np.isnan(came) & ~_contradicting(found, register)
        top, bottom = np.where(fits, found.counts.sum(axis=1), np.nan), np.where(fits, came, np.nan)
        asked.append((top, bottom, _measure("attendances recorded in groups", "share", missing)))
    over = Measure(RELATIONSHIPS, "events with more people in groups than attendees", "count", "events", "")
    for found, rows in zip(counts, ratios_rows(cells, asked), strict=True):
        more, both = _contradicting(found, register), found.recorded & ~np.isnan(came)
        number = float(more.sum())
        names = [f"events: {_listed(register['event'][more])}"] if number else []
        last = row_of(over, cells, 0, value=number, numerator=number, n=float(both.sum()), flags=names)
        yield [{**row, "by": found.by} for row in (*rows, last)]


def _told(found: GroupCounts, register: pd.DataFrame) -> list[str]:
    """Say which events are missing, where counts come from, and where they contradict the register."""
    more = int(_contradicting(found, register).sum())
    held = float(len(register))
    return [
        *left_out(held - float(found.recorded.sum()), f"a record of {found.title}"),
        *([f"{counted(found.coded, 'event')} from pseudonymous records"] if found.coded else []),
        *([f"{counted(more, 'event')} with more people in groups than attendees"] if more else []),
    ]


def _contradicting(found: GroupCounts, register: pd.DataFrame) -> BoolArray:
    """Find events whose groups add up to more people than attended."""
    came = numbers(register, "attendees")
    return found.recorded & ~np.isnan(came) & (found.counts.sum(axis=1) > np.nan_to_num(came))


def _listed(events: pd.Series) -> str:
    """List events by their codes, so that the lead can mend them."""
    names = [str(event) for event in events]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _measure(name: str, unit: str, missing: str = "") -> Measure:
    """Name a number of attendances."""
    return Measure(RELATIONSHIPS, name, unit, "people", missing)


def _placed(group: str) -> tuple[int, str]:
    """Sort groups by the alphabet, "Other" and "not known" last."""
    return (_LAST.index(group) + 1 if group in _LAST else 0, group)
