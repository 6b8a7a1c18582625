"""What the rows of evidence count, and whether it is people: the quantities that a reader could subtract.

A row of evidence shows a numerator and a base; their difference, the complement, stands nowhere and is known all the
same. Counts of people that are equal in one group of events are taken for one quantity, as the attendees of a community
are the base of its contacts too: hiding one hides both, and readers are never thought to know less than they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from lpact_eval.evidence.once import once
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.evaluation.records import RecordResults

Record = dict[str, object]
Slice = frozenset[tuple[str, str]]

# What is counted that isn't people; anything else is taken for people, so that a new base is never shown by mistake.
NOT_PEOPLE: Final = frozenset(
    {
        *("events", "items", "themes", "actions", "gaps", "messages", "mentions", "officers", "questions", "codes"),
        *("texts", "pounds", "communities", "residents", "hours"),
    }
)
REGISTER: Final = ("community", "area", "year", "half_year", "age_focus", "format")
POPULATION: Final = frozenset({*REGISTER, "ethnicity", "age_band", "sex", "event"})
FEWEST_EVENTS: Final = 3  # events of a community under which what it raised, and what came of it, is not shown
_SPREAD: Final = (": lowest", ": highest", ": median")
_CHAINED: Final = "observation"  # each step is the base of the next, where it would stand all the same
_FROM_FEW: Final = frozenset({"understanding", "action"})
# What counts count whose base is something else, by how the measure begins.
COUNTED: Final = {"attendees": "people", "themes": "themes", "new themes": "themes", "events": "events"}
COUNTED_UNITS: Final = frozenset({"count", "share"})  # in any other unit the numerator may be officers, or pounds


class Quantity(NamedTuple):
    """A count in one group.

    Attributes
    ----------
    label : str
        What is counted.
    slice : frozenset of (by, group)
    value : int
    people : bool
    few : bool
        Of a community with few events, or dominated by one event, so that it is hidden whatever its size.
    most : int or None
        What it is a part of, where that is known to everybody.
    apart : bool
        Whether it is all of its base, so that it must not be taken for the same count: the base may be shown.
    additive : bool
        Whether groups add up to larger ones; the lowest and highest count of an event do not.
    width : int
        How wide a reader's interval must be, where that is more than the rules' threshold.
    """

    label: str
    slice: Slice
    value: int
    people: bool
    few: bool = False
    most: int | None = None
    apart: bool = False
    additive: bool = True
    width: int = 0

    def sensitive(self, rules: Rules) -> bool:
        """Whether nobody may know it."""
        return self.few or (self.people and self.value < rules.suppress_below)


class Counted(NamedTuple):
    """The quantities that a row shows; None where it shows none."""

    numerator: Quantity | None
    base: Quantity | None
    few: bool


@dataclass(frozen=True, slots=True, eq=False)
class RowsCounted:
    """The rows of some records with what they count; shared by all who ask, who must not change them.

    Attributes
    ----------
    rows : list of dict
        Rows of evidence.
    events : list of dict
        The timeline.
    counted : list of Counted
        One per row.
    """

    rows: list[Record]
    events: list[Record]
    counted: list[Counted]


@once
def rows_counted(records: RecordResults) -> RowsCounted:
    """Read the rows of some records, and find what they count, once for the release and its log.

    Parameters
    ----------
    records : RecordResults

    Returns
    -------
    RowsCounted
    """
    rows, events = records_of(records.rows), records_of(records.events)
    return RowsCounted(rows, events, counted_rows(rows, events))


def is_people(record: Mapping[str, object]) -> bool:
    """Whether the base of a row, or its value where it has none, counts people."""
    base = str(record["base"])
    return base not in NOT_PEOPLE if base else record["unit"] == "count"


def spread_of(record: Mapping[str, object]) -> bool:
    """Whether a row is made of single events: their lowest, highest or median number."""
    return str(record["measure"]).endswith(_SPREAD)


def slice_of(record: Mapping[str, object]) -> Slice:
    """Name the group that a row is about."""
    return _slice(str(record["by"]), str(record["group"]), str(record["by2"]), str(record["group2"]))


@lru_cache(maxsize=4096)
def _slice(by: str, group: str, by2: str, group2: str) -> Slice:
    """Name a group: thousands of rows are about a few hundred."""
    return frozenset(pair for pair in ((by, group), (by2, group2)) if all(pair))


def counted_rows(rows: Sequence[Record], events: Sequence[Record]) -> list[Counted]:
    """Find what each row counts.

    Parameters
    ----------
    rows : sequence of dict
        Rows of evidence.
    events : sequence of dict
        One per event, with the names of `REGISTER`.

    Returns
    -------
    list of Counted
        In the same order.
    """
    read = [_Read.of(row) for row in rows]
    free, few = _free_of(read), _Few(events)
    return [_counted(one, free, few) for one in read]


def matching(slice_: Iterable[tuple[str, str]], events: Sequence[Record]) -> list[int]:
    """Find the events of a group by position; what is no attribute of an event does not matter."""
    inside = list(range(len(events)))
    for by, group in slice_:
        if by in REGISTER:
            inside = [place for place in inside if str(events[place][by]) == group]
    return inside


def whole_number(value: object) -> int | None:
    """Read a count; None where it is missing or no whole number."""
    if not isinstance(value, (int, float)) or value != value or value < 0 or value != round(value):  # noqa: PLR0124 - missing is not equal to itself
        return None
    return int(value)


class _Read(NamedTuple):
    """A row: what it counts, of which group, and its counts."""

    row: Record
    name: str
    slice: Slice
    numerator: int | None
    n: int | None

    @classmethod
    def of(cls, row: Record) -> _Read:
        """Read a row."""
        return cls(row, _name_of(row), slice_of(row), whole_number(row["numerator"]), whole_number(row["n"]))


def _counted(one: _Read, free: Mapping[tuple[str, str], frozenset[str]], few_events: _Few) -> Counted:
    """Find what one row counts."""
    row, name, own, numerator, n = one
    people = is_people(row)
    if people and n == 0:  # nothing was recorded of the group: that tells of nobody
        return Counted(None, None, few=False)
    few = not people and few_events.tell_of(one)
    if row["unit"] not in COUNTED_UNITS:
        numerator = None
    base = None
    if people and n is not None:
        base = Quantity(f"{name}|n", _without(own, free[name, _names(own)]), n, people=True)
    top = None
    if numerator is not None and (people or str(row["table"]) in _FROM_FEW):
        most = n if not people and row["base"] else None
        everyone = people and numerator == n
        chained = everyone and str(row["table"]) == _CHAINED
        top = Quantity(
            f"{name}|x",
            own,
            numerator,
            people=people,
            few=chained or few,
            most=most,
            apart=everyone and not chained,
            additive=not spread_of(row),
        )
    return Counted(top, base, few)


class _Few:
    """Which groups had fewer events than the rule asks for, each looked up once."""

    def __init__(self, events: Sequence[Record]) -> None:
        self._events = events
        self._known: dict[Slice, bool] = {}

    def tell_of(self, one: _Read) -> bool:
        """Whether a row tells what a community raised at fewer events than the rule asks for."""
        if str(one.row["table"]) not in _FROM_FEW or "community" not in {one.row["by"], one.row["by2"]}:
            return False
        if one.slice not in self._known:
            self._known[one.slice] = 0 < len(matching(one.slice, self._events)) < FEWEST_EVENTS
        return self._known[one.slice]


def _free_of(rows: Sequence[_Read]) -> dict[tuple[str, str], frozenset[str]]:
    """Find the groupings that the base of a measure does not depend on: all groups are shares of one base."""
    gathered: dict[tuple[str, str], list[_Read]] = {}
    for one in rows:
        gathered.setdefault((one.name, _names(one.slice)), []).append(one)
    return {
        key: frozenset(name for name in key[1].split("|") if name and _is_free(name, found))
        for key, found in gathered.items()
    }


def _is_free(name: str, rows: Sequence[_Read]) -> bool:
    """Whether all groups of a grouping have one base, which they add up to or which is no count of their own."""
    bases: dict[Slice, set[object]] = {}
    sums: dict[Slice, float] = {}
    own = frozenset({name})
    for one in rows:
        rest = _without(one.slice, own)
        bases.setdefault(rest, set()).add(one.n)
        sums[rest] = sums.get(rest, 0) + (one.numerator or 0)
    if any(len(found) > 1 for found in bases.values()):
        return False
    return name not in POPULATION or all(sums[rest] == next(iter(found)) for rest, found in bases.items())


@lru_cache(maxsize=4096)
def _without(slice_: Slice, names: frozenset[str]) -> Slice:
    """Leave groupings out of a group."""
    return frozenset(pair for pair in slice_ if pair[0] not in names)


def _name_of(row: Record) -> str:
    """Name what a row counts; what is counted for a grouping as a whole is not the same for another."""
    whole = [str(row[by]) for by, group in (("by", "group"), ("by2", "group2")) if row[by] and not row[group]]
    return "|".join((str(row["table"]), str(row["measure"]), *whole))


@lru_cache(maxsize=4096)
def _names(slice_: Slice) -> str:
    """Name the groupings of a group."""
    return "|".join(sorted(by for by, _ in slice_))
