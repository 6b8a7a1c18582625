"""Who came again: repeat attendance from pseudonymous records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.event_cells import numbers, one_cell, ordered_words
from lpact_eval.evidence.event_numbers import RELATIONSHIPS, Measure, Row, counted, left_out, row_of
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.units import ordered_register

if TYPE_CHECKING:
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import BoolArray, IntArray

LAGS: Final = 6  # events after the first that are looked at: a year of one every two months
EVERYBODY: Final = "everybody on record and no sample of people: no interval"
_NOBODY: Final = "no pseudonymous records of attendance"
_NO_CHANCE: Final = "nobody on record could have come again yet"
_TIMES: Final = ("1", "2", "3 or more")
_ALL: Final = one_cell(0)


@dataclass(frozen=True, slots=True, eq=False)
class _Attended:
    """Who came to which event; n events in the order of their dates, p people, a attendances.

    `covered` (n,) says which events have records, `event` and `person` (a,) number the attendances, `repeated` counts
    rows that stood twice.
    """

    register: pd.DataFrame
    covered: BoolArray
    event: IntArray
    person: IntArray
    people: int
    repeated: int

    @property
    def order(self) -> IntArray:
        """Place of each attendance among the covered events, shape (a,)."""
        return (np.cumsum(self.covered) - 1)[self.event]

    @property
    def first(self) -> IntArray:
        """Place among the covered events of each person's first, shape (p,)."""
        first = np.full(self.people, np.iinfo(np.intp).max, dtype=np.intp)
        np.minimum.at(first, self.person, self.order)
        return first

    def flags(self) -> list[str]:
        """Say which events are not covered."""
        gone = float((~self.covered).sum())
        again = f"{counted(self.repeated, 'row')} of a person who stands twice at one event: counted once"
        return [*left_out(gone, "pseudonymous records"), *([again] if self.repeated else [])]


def retention_rows(evidence: Evidence) -> pd.DataFrame:
    """Tabulate repeat attendance from pseudonymous records.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`: how many events and attendees the records cover; people, attendances, and those who
        came more than once, of all and of those who had the chance (an event with records after their first); whether
        attendees of an event came to the next of the same community; and coming again by number of events after the
        first. None has an interval: the records are no sample of people, and whoever comes to several events links
        them, so neither people nor events vary on their own.
    """
    found = _attended(evidence)
    rows = _cover_rows(found)
    if found.people:
        rows += [*_person_rows(found), *_next_rows(found), *_lag_rows(found)]
    else:
        rows.append(_row(Measure(RELATIONSHIPS, "people on record", "count", "people", ""), refused=_NOBODY))
    return tidy(rows)


def _attended(evidence: Evidence) -> _Attended:
    """Give events numbers in the order of dates, and people numbers."""
    register = ordered_register(evidence)
    table = evidence.tables["people"][["event", "person"]]
    table = table[table["event"].isin(register["event"]) & table["person"].notna()]
    once = table.drop_duplicates()
    event = pd.Index(register["event"]).get_indexer(pd.Index(once["event"])).astype(np.intp)
    person, names = pd.factorize(once["person"])
    covered = np.zeros(len(register), dtype=bool)
    covered[event] = True
    return _Attended(register, covered, event, person.astype(np.intp), len(names), len(table) - len(once))


def _cover_rows(found: _Attended) -> list[Row]:
    """Tabulate the share of events and of attendees that records cover."""
    came = numbers(found.register, "attendees")
    on_record = np.bincount(found.event, minlength=len(came)).astype(float)
    both = found.covered & ~np.isnan(came)
    more = both & (on_record > came)
    events = Measure(RELATIONSHIPS, "events with pseudonymous records", "share", "events", "")
    people = Measure(RELATIONSHIPS, "attendees on record at these events", "share", "people", "")
    over = [f"{counted(float(more.sum()), 'event')} with more people on record than attendees: left out"]
    fits = both & ~more
    return [
        _share(events, float(found.covered.sum()), float(len(came)), refused="no event", flags=[]),
        _share(
            people,
            float(on_record[fits].sum()),
            float(came[fits].sum()),
            refused=_NOBODY,
            flags=over if more.any() else [],
        ),
    ]


def _person_rows(found: _Attended) -> list[Row]:
    """Tabulate people by how often they came."""
    times = np.bincount(found.person, minlength=found.people)
    chance = found.first < int(found.covered.sum()) - 1
    flags = [*found.flags(), EVERYBODY]
    again = Measure(RELATIONSHIPS, "people who came more than once", "share", "people", "")
    could = Measure(RELATIONSHIPS, "people who came more than once, of those who had the chance", "share", "people", "")
    often = Measure(RELATIONSHIPS, "people by times they came", "share", "people", "")
    mean = Measure(RELATIONSHIPS, "attendances per person", "mean", "people", "")
    people, attendances = float(found.people), float(found.person.size)
    group = np.minimum(times, len(_TIMES))
    return [
        _count("people on record", people, found.flags()),
        _count("attendances on record", attendances, found.flags()),
        _row(mean, value=attendances / people, numerator=attendances, n=people, flags=flags),
        _share(again, float((times > 1).sum()), people, refused=_NOBODY, flags=flags),
        _share(could, float((times > 1).sum()), float(chance.sum()), refused=_NO_CHANCE, flags=flags),
        *(
            _share(
                often, float((group == place).sum()), people, refused=_NOBODY, flags=flags, by="times came", group=name
            )
            for place, name in enumerate(_TIMES, start=1)
        ),
    ]


def _next_rows(found: _Attended) -> list[Row]:
    """Tabulate how many attendees of an event came to the next one of the same community, in all and by community."""
    community, names = ordered_words(found.register["community"])
    following = _following(community)
    has_next = (following >= 0) & (community >= 0)
    counts = has_next & found.covered[following]
    width = len(following) + 1  # no pair of a person and an event is mistaken for another one
    after = found.person * width + following[found.event]
    returned = np.isin(after, found.person * width + found.event)
    used = counts[found.event]
    unknown = has_next[found.event] & ~used
    measure = Measure(
        RELATIONSHIPS, "attendees who came to the next event of the same community", "share", "people", ""
    )
    rows = [_next_row(measure, returned, used, unknown)]
    of = community[found.event]
    for place in np.unique(of[of >= 0]):
        mine = of == place
        row = _next_row(measure, returned[mine], used[mine], unknown[mine])
        rows.append({**row, "by": "community", "group": names[int(place)]})
    return rows


def _next_row(measure: Measure, returned: BoolArray, used: BoolArray, unknown: BoolArray) -> Row:
    """Tabulate returns among some attendances."""
    gone = int(unknown.sum())
    told = [f"{counted(gone, 'attendance')} left out: no pseudonymous records of the next event"] if gone else []
    refused = "no event with a later one of the same community, both with pseudonymous records"
    return _share(measure, float((returned & used).sum()), float(used.sum()), refused=refused, flags=[*told, EVERYBODY])


def _following(community: IntArray) -> IntArray:
    """Find the next event of the same community, -1 where there is none."""
    following = np.full(len(community), -1, dtype=np.intp)
    order = np.argsort(community, kind="stable")
    same = community[order][1:] == community[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    return following


def _lag_rows(found: _Attended) -> list[Row]:
    """Tabulate who came to the event so many after their first, and to any up to it, of those who had the chance."""
    events, first = int(found.covered.sum()), found.first
    lag = found.order - first[found.person]
    soonest = np.full(found.people, events, dtype=np.intp)
    np.minimum.at(soonest, found.person[lag > 0], lag[lag > 0])
    there = Measure(RELATIONSHIPS, "came to the event so many after their first", "share", "people", "")
    by_then = Measure(RELATIONSHIPS, "came again within so many events of their first", "share", "people", "")
    rows: list[Row] = []
    for place in range(1, min(LAGS, events - 1) + 1):
        chance = first + place < events
        base = float(chance.sum())
        at = float((chance[found.person] & (lag == place)).sum())
        within = float((chance & (soonest <= place)).sum())
        flags = [*found.flags(), "events with pseudonymous records, of any community", EVERYBODY]
        for measure, number in ((there, at), (by_then, within)):
            rows.append(
                _share(
                    measure,
                    number,
                    base,
                    refused=_NO_CHANCE,
                    flags=flags,
                    by="events after the first",
                    group=str(place),
                )
            )
    return rows


def _count(name: str, number: float, flags: list[str]) -> Row:
    """Tabulate a number of people or attendances."""
    return _row(Measure(RELATIONSHIPS, name, "count", "people", ""), value=number, numerator=number, flags=flags)


def _share(
    measure: Measure,
    part: float,
    whole: float,
    *,
    refused: str,
    flags: list[str],
    **labels: str,
) -> Row:
    """Tabulate a share, refused where there is nobody to share among."""
    value = part / whole if whole > 0 else np.nan
    return _row(
        measure, value=value, numerator=part, n=whole, refused="" if whole > 0 else refused, flags=flags, **labels
    )


def _row(measure: Measure, *, flags: list[str] | None = None, **numbers_of: object) -> Row:
    """Make one row of evidence on all records."""
    return row_of(measure, _ALL, 0, flags=flags or (), **numbers_of)
