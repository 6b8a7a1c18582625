"""Totals over events that are too much one event's: said in words, or hidden, as the rules ask.

A total is looked at where it is known event by event: attendees, forms and contacts by the timeline, costs and hours by
what each event cost. Of what stands in no timeline, such as attendances of one ethnic group, nobody can say. A group of
a single event is no total that one event dominates, but the event's own figure: it is not flagged, and hidden where the
rules hide, as it is all one event's.

Hidden counts of people go with all from which they could be had by subtraction, as any that is sensitive. Of costs the
whole table goes, as its parts, averages and ratios add up in more ways than they are worth.

References
----------
Hundepool, A. et al. (2012), *Statistical Disclosure Control*, Wiley, sec. 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.disclosure.dominance import missing_width
from lpact_eval.disclosure.record_counts import REGISTER, matching, slice_of, whole_number
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from lpact_eval.disclosure.record_counts import Counted, Quantity, Record, Slice
    from lpact_eval.disclosure.record_rows import Gone
    from lpact_eval.disclosure.rules import Dominance, Rules

    FloatArray = npt.NDArray[np.float64]

COST: Final = "cost"
PEOPLE: Final = ("attendees", "forms", "opted_in")
_DIVIDED_BY: Final = {" per attendee": "attendees", " per new contact": "opted_in", " per event": "", " in all": ""}
_HIDE: Final = "hide"
_MANY: Final = 2
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Rows of evidence after a look at what one event contributes.

    Attributes
    ----------
    rows : list of dict
        With a flag where a total is dominated and the rules say so.
    counted : list of Counted
        With the counts sensitive that the rules hide.
    costs : frozenset of int
        Positions of the rows that go because a cost is dominated.
    """

    rows: list[Record]
    counted: list[Counted]
    costs: frozenset[int] = frozenset()

    def gone(self, found: Sequence[Gone]) -> list[Gone]:
        """Add the costs that go to what is hidden of every row."""
        return ["all" if place in self.costs else what for place, what in enumerate(found)]


def judge_dominance(
    rows: list[Record], counted: list[Counted], events: Sequence[Record], *, amounts: pd.DataFrame, rules: Rules
) -> Judged:
    """Find totals that are too much one event's, and do with them what the rules ask.

    Parameters
    ----------
    rows : list of dict
        Rows of evidence.
    counted : list of Counted
        What they count, in the same order.
    events : sequence of dict
        The timeline.
    amounts : DataFrame
        "event", and one column of pounds or hours for each cost that is added up.
    rules : Rules
        Without rules on dominance nothing changes.

    Returns
    -------
    Judged
    """
    rule = rules.dominance
    if rule is None:
        return Judged(rows, counted)
    parts = _Parts(events, {str(one["event"]): one for one in records_of(amounts)}, rule)
    costs = {place: parts.of_cost(row) for place, row in enumerate(rows) if row["table"] == COST}
    if rule.action == _HIDE:
        gone = costs.keys() if any(found.width for found in costs.values()) else ()
        return Judged(rows, [_sensitive(one, parts) for one in counted], frozenset(gone))
    told = [costs.get(place) or _widest(one, parts) for place, one in enumerate(counted)]
    return Judged([_flagged(row, found, rule) for row, found in zip(rows, told, strict=True)], counted)


@dataclass(frozen=True, slots=True)
class _Found:
    """How much wider a reader's interval must reach than a total; 0 where no event dominates it."""

    width: int = 0
    events: int = 0


_NOTHING: Final = _Found()


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What each event contributes to the totals of its group."""

    events: Sequence[Record]
    amounts: Mapping[str, Record]
    rule: Dominance
    known: dict[tuple[Slice, int], _Found] = field(default_factory=dict[tuple["Slice", int], "_Found"])

    def of_people(self, one: Quantity | None) -> _Found:
        """Judge a count of people that is the sum of one of the timeline's columns."""
        if one is None or not one.people or not one.additive or not _by_event(one.slice):
            return _NOTHING
        key = one.slice, one.value
        if key not in self.known:
            inside = matching(one.slice, self.events)
            found = [self._judged([self.events[place][column] for place in inside], one.value) for column in PEOPLE]
            self.known[key] = max(found, key=lambda each: each.width)
        return self.known[key]

    def of_cost(self, row: Record) -> _Found:
        """Judge a cost in all, or what one is per event, attendee or contact."""
        own, measure = slice_of(row), str(row["measure"])
        ending = next((one for one in _DIVIDED_BY if measure.endswith(one)), "")
        column, divisor = measure.removesuffix(ending), _DIVIDED_BY.get(ending, "")
        if not _by_event(own):
            return _NOTHING
        inside = [self.events[place] for place in matching(own, self.events)]
        known = [event for event in inside if not divisor or _number(event[divisor]) is not None]
        values = [self.amounts.get(str(event["event"]), {}).get(column) for event in known]
        return self._judged(values, None)

    def _judged(self, values: Sequence[object], total: int | None) -> _Found:
        """Judge the contributions to a total, where they add up to it."""
        counts = [one for value in values if (one := _number(value))]
        if not counts or (total is not None and round(sum(counts)) != total):
            return _NOTHING
        rule = self.rule
        return _Found(missing_width(np.array(counts), rule.share, rule.largest, rule.within), len(counts))


def _by_event(slice_: Slice) -> bool:
    """Whether a group is one of events."""
    return all(by in REGISTER for by, _ in slice_)


def _number(value: object) -> float | None:
    """Read a number; None where it is missing."""
    return float(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 - missing is not equal to itself


def _widest(one: Counted, parts: _Parts) -> _Found:
    """Judge what a row counts and what it is a share of."""
    return max((parts.of_people(one.numerator), parts.of_people(one.base)), key=lambda each: each.width)


def _sensitive(one: Counted, parts: _Parts) -> Counted:
    """Make the counts of a row sensitive that one event dominates."""
    top, base = (_hidden(each, parts) for each in (one.numerator, one.base))
    return one if top is one.numerator and base is one.base else one._replace(numerator=top, base=base)


def _hidden(one: Quantity | None, parts: _Parts) -> Quantity | None:
    """Make a count sensitive, as wide as the rules on dominance ask."""
    found = parts.of_people(one)
    return one._replace(few=True, width=found.width) if one is not None and found.width else one


def _flagged(row: Record, found: _Found, rule: Dominance) -> Record:
    """Say in words that a total over several events is mostly one event's."""
    if not found.width or found.events < _MANY or whole_number(row["n"]) == 0:
        return row
    most = rule.largest if found.events > rule.largest else 1
    who = "one event makes" if most == 1 else f"{most} events make"
    flag = f"{who} up {'most' if rule.share >= _HALF else 'much'} of it"
    flag = flag if rule.within is None else f"{flag}, or could be told from it"
    return {**row, "flags": "; ".join(filter(None, (str(row["flags"] or ""), flag)))}
