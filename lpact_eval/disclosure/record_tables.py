"""The tables in which counts of the records add up, and what must be hidden in them so that nothing can be subtracted.

Every count of a group of events is a part of the counts of larger groups: of a community, an area, a period, all. Each
of these sums is an equation that a reader may use, also where a total is printed nowhere. The timeline of events is one
more table: the events of a group add up to it. What is not in any group of a table is taken up by a rest that nobody
sees. Which counts are then hidden is found by `hidden_with_others`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.cells import Cell, Relation
from lpact_eval.disclosure.record_counts import REGISTER, Quantity, matching, whole_number
from lpact_eval.disclosure.record_protection import hidden_with_others

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.record_counts import Counted, Record, Slice
    from lpact_eval.disclosure.rules import Rules

EVENT_COUNTS: Final = ("attendees", "forms", "opted_in")
_WHOLE: Final = EVENT_COUNTS[0]  # of which the others are parts
_COSTS: Final = (500.0, 20.0, 4.0)  # of a total, a group, a group of groups: what is about most people is kept longest
_REST: Final = "rest"
_PERIODS: Final = ("year", "half_year")
_HELD: Final = "at events held there"  # where events are, and not where people live

Key = tuple[str, "Slice"]


def hidden_counts(
    counted: Sequence[Counted], printed: Sequence[bool], events: Sequence[Record], rules: Rules
) -> tuple[frozenset[Key], frozenset[tuple[int, str]]]:
    """Find the counts that may not be shown, and those of single events.

    Parameters
    ----------
    counted : sequence of Counted
        What the rows count.
    printed : sequence of bool
        Whether a row shows its numerator.
    events : sequence of dict
        The timeline: event, the names of `REGISTER` and `EVENT_COUNTS`, one per event.
    rules : Rules

    Returns
    -------
    keys : frozenset of (str, slice)
        As `key_of` names them.
    cells : frozenset of (int, str)
        Position and column of the hidden cells of the timeline.
    """
    tables = Tables(rules)
    for one, shown in zip(counted, printed, strict=True):
        _add_row(tables, one, events, printed=shown)
    leaves = _add_events(tables, events)
    _add_margins(tables)
    hidden = tables.hidden()
    return hidden, frozenset(place for place, key in leaves.items() if key in hidden)


def key_of(one: Quantity, rules: Rules) -> Key:
    """Name a quantity; equal counts of people in one group, unless they are small or all of their base, are one."""
    merged = one.people and one.value >= rules.suppress_below and not one.apart
    return ("" if merged else one.label) + f"={one.value}", one.slice


@dataclass(slots=True, eq=False)
class Tables:
    """Quantities and the equations among them.

    Attributes
    ----------
    rules : Rules
    quantities : mapping of key to Quantity
    by_label : mapping of str to mapping of slice to Quantity
        Those whose groups add up.
    printed : counter of key
    known : set of key
        What everybody knows: that nobody came where no event was.
    equations : list of (terms, constant)
    """

    rules: Rules
    quantities: dict[Key, Quantity] = field(default_factory=dict[Key, Quantity])
    by_label: dict[str, dict[Slice, Quantity]] = field(default_factory=dict[str, "dict[Slice, Quantity]"])
    printed: Counter[Key] = field(default_factory=Counter[Key])
    known: set[Key] = field(default_factory=set[Key])
    equations: list[tuple[tuple[tuple[Key, int], ...], int]] = field(
        default_factory=list[tuple[tuple[tuple[Key, int], ...], int]]
    )

    def add(self, one: Quantity, *, printed: bool = False) -> Key:
        """Take a quantity up; it is sensitive if one of those that are equal to it is."""
        key = key_of(one, self.rules)
        known = self.quantities.setdefault(key, one)
        if (one.few and not known.few) or one.width > known.width:
            self.quantities[key] = known._replace(few=known.few or one.few, width=max(known.width, one.width))
        self.printed[key] += printed
        if one.additive:
            self.by_label.setdefault(one.label, {})[one.slice] = one
        return key

    def add_up(self, whole: Key, parts: Iterable[Key]) -> None:
        """Say that parts, with a rest that nobody sees, add up to a whole; not where they overlap."""
        terms = Counter(parts)
        rest = self.quantities[whole].value - sum(self.quantities[key].value * times for key, times in terms.items())
        if rest < 0 or not terms:
            return
        if rest:
            unseen = (f"{_REST}{len(self.equations)}", whole[1])
            self.quantities[unseen] = Quantity(_REST, whole[1], rest, people=False)
            terms[unseen] += 1
        self.equations.append(((*terms.items(), (whole, -1)), 0))

    def hidden(self) -> frozenset[Key]:
        """Find what to hide; the names of the cells tell nothing."""
        names = {key: f"{place:05d}" for place, key in enumerate(self.quantities)}
        cells = [self._cell(key, name) for key, name in names.items()]
        relations = [
            Relation(tuple((names[key], times) for key, times in terms), constant) for terms, constant in self.equations
        ]
        found = hidden_with_others(cells, relations, self.rules)
        return frozenset(key for key, name in names.items() if name in found)

    def _cell(self, key: Key, name: str) -> Cell:
        """Write a quantity as a cell; a count that is hidden may be 0."""
        one, size = self.quantities[key], min(len(key[1]), len(_COSTS) - 1)
        width = (
            max(one.width, self.rules.suppress_below)
            if one.people
            else min(self.rules.suppress_below, max(1, one.value, one.most or 0))
        )
        return Cell(
            name,
            one.value,
            cost=_COSTS[size] * max(self.printed[key], 1) + one.value / (one.value + 1_000),
            printing="known" if key in self.known else "open" if self.printed[key] else "latent",
            sensitive=one.sensitive(self.rules),
            least=0,
            most=one.most,
            width=width,
        )


def _add_row(tables: Tables, one: Counted, events: Sequence[Record], *, printed: bool) -> None:
    """Take up what one row shows, and its complement."""
    base = None if one.base is None else tables.add(one.base, printed=True)
    top = one.numerator
    if top is None:
        return
    whole = one.base.value if one.base else top.most
    rest = None if whole is None else whole - top.value
    key = tables.add(top, printed=printed)
    if not top.value and _is_without_event(top, events):
        tables.known.add(key)
    if rest is None or rest < 0 or key == base:
        return
    other = (f"{whole} less {key[0]}", top.slice)
    tables.quantities[other] = Quantity(f"not {top.label}", top.slice, rest, people=top.people)
    if base is not None:
        tables.equations.append((((base, -1), (key, 1), (other, 1)), 0))
    elif whole is not None:
        tables.equations.append((((key, 1), (other, 1)), whole))


def _is_without_event(one: Quantity, events: Sequence[Record]) -> bool:
    """Whether a period had no event, or none was held in an area: that nobody came there is no secret."""
    names = (*_PERIODS, "area") if _HELD in one.label else _PERIODS
    return bool(one.slice) and all(by in names for by, _ in one.slice) and not matching(one.slice, events)


def _add_events(tables: Tables, events: Sequence[Record]) -> dict[tuple[int, str], Key]:
    """Take up the timeline, and what its events add up to in every group that is printed."""
    counts = {column: _counts_of(events, column) for column in EVENT_COUNTS}
    leaves: dict[tuple[int, str], Key] = {}
    slices = {one.slice for one in tables.quantities.values() if all(by in REGISTER for by, _ in one.slice)}
    for column, own in counts.items():
        for place, value in own.items():
            at = frozenset({("event", str(events[place]["event"]))})
            everybody = column != _WHOLE and value == counts[_WHOLE].get(place)
            one = Quantity(f"event|{column}", at, value, people=True, apart=everybody, additive=False)
            leaves[place, column] = tables.add(one, printed=True)
        for slice_ in sorted(slices | {frozenset[tuple[str, str]]()}, key=sorted):
            inside = [place for place in matching(slice_, events) if place in own]
            for places in _known_together(inside, events):
                came = sum(counts[_WHOLE].get(place, 0) for place in places)
                group = _Group(column, slice_, everybody=column != _WHOLE and sum(own[k] for k in places) == came)
                _add_group(tables, group, [leaves[place, column] for place in places])
    _add_complements(tables, leaves)
    return leaves


@dataclass(frozen=True, slots=True)
class _Group:
    """A count of some events together; whether it is that of all who came to them."""

    column: str
    slice: Slice
    everybody: bool


def _counts_of(events: Sequence[Record], column: str) -> dict[int, int]:
    """Read a count of every event that has it."""
    found = {place: whole_number(event[column]) for place, event in enumerate(events)}
    return {place: value for place, value in found.items() if value is not None}


def _add_complements(tables: Tables, leaves: Mapping[tuple[int, str], Key]) -> None:
    """Take up who came to an event and left no form, or no contact details."""
    for (place, column), key in leaves.items():
        whole = leaves.get((place, _WHOLE))
        rest = -1 if whole is None else tables.quantities[whole].value - tables.quantities[key].value
        if column != _WHOLE and whole is not None and rest >= 0:
            other = (f"event|not {column}={rest}", key[1])
            tables.quantities[other] = Quantity("", key[1], rest, people=True, additive=False)
            tables.equations.append((((whole, -1), (key, 1), (other, 1)), 0))


def _known_together(inside: Iterable[int], events: Sequence[Record]) -> list[tuple[int, ...]]:
    """List the events of a group, and those of which another count is known too: a measure may rest on either."""
    everything = tuple(inside)
    found = {
        tuple(place for place in everything if whole_number(events[place][other]) is not None)
        for other in (*EVENT_COUNTS, "officers")
    }
    breakdowns = {name for place in everything for name in _in_groups(events[place])}
    found |= {tuple(place for place in everything if name in _in_groups(events[place])) for name in breakdowns}
    return sorted(places for places in found | {everything} if places)


def _in_groups(event: Record) -> list[str]:
    """Name the breakdowns in which the people of an event were written down."""
    return str(event["in_groups"]).split("; ") if event["in_groups"] else []


def _add_group(tables: Tables, group: _Group, leaves: Sequence[Key]) -> None:
    """Add the counts of events up; where all did something, to what rows count as everybody too."""
    value = sum(tables.quantities[key].value for key in leaves)
    label = f"event|{group.column}|{len(leaves)}"
    one = Quantity(label, group.slice, value, people=True, apart=group.everybody, additive=False)
    key = tables.add(one)
    tables.add_up(key, leaves)
    if group.everybody:
        for other, it in tables.quantities.items():
            if it.apart and (it.slice, it.value) == (one.slice, value) and other != key:
                tables.equations.append((((key, 1), (other, -1)), 0))


def _add_margins(tables: Tables) -> None:
    """Add the groups of every count up to the larger groups that they are in, step by step to the total.

    A total that stands nowhere binds nothing, unless it is itself a part of one that does.
    """
    for found in tables.by_label.values():
        sums = [one for size in range(max(map(len, found)), 0, -1) for one in _sums_of(found, size).items()]
        shown = [slice_ for slice_, one in found.items() if tables.printed[key_of(one, tables.rules)]]
        for whole, by_grouping in sums:
            if any(slice_ <= whole for slice_ in shown):
                key = tables.add(found[whole])
                for group in by_grouping.values():
                    tables.add_up(key, [tables.add(one) for one in group])
            _add_years(tables, by_grouping)


def _sums_of(found: dict[Slice, Quantity], size: int) -> Mapping[Slice, Mapping[str, Sequence[Quantity]]]:
    """Find what groups of so many groupings are parts of; totals that stand nowhere are as large as their parts."""
    parts: dict[Slice, dict[str, list[Quantity]]] = defaultdict(lambda: defaultdict(list))
    for slice_, one in found.items():
        if len(slice_) == size:
            for by, group in slice_:
                parts[slice_ - {(by, group)}][by].append(one)
    for whole, by_grouping in parts.items():
        if whole not in found:
            first = next(iter(by_grouping.values()))[0]
            value = max(sum(one.value for one in group) for group in by_grouping.values())
            found[whole] = first._replace(slice=whole, value=value, few=False, most=None, width=0)
    return parts


def _add_years(tables: Tables, by_grouping: Mapping[str, Sequence[Quantity]]) -> None:
    """Add half-years up to their years."""
    for year in by_grouping.get("year", ()):
        name = dict(year.slice)["year"]
        halves = [one for one in by_grouping.get("half_year", ()) if dict(one.slice)["half_year"].startswith(name)]
        tables.add_up(tables.add(year), [tables.add(one) for one in halves])
