"""Tally costs.

Rules
-----
1. Cash of an event is the sum of its five kinds; if one is blank or set aside the event has no sum of cash.
2. Staff time: officers for the actual length of the event, one of them at the rate of a chief officer where one came;
   hours of organising; people who set up times the hours of each. Rates in pounds an hour stand in events.toml. An
   event whose length is not known has no cost of staff time.
3. An average leaves out events that lack a part of it. Answered themes are those of the funnel of actions: confirmed,
   and every action on them answered.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from actions_tally import actions
from events_tally import register
from raw import COSTS, SCHEMA, minutes
from writing import label, middle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from raw import Row
    from writing import Expected, Label

RATES = {name: Fraction(str(rate)) for name, rate in SCHEMA["rates"].items()}
TITLES = {"officer": "officers", "chief_officer": "chief officers", "organiser": "organising", "setup": "set-up"}
FACTORS = ("0", "0.5", "1", "1.5", "2")


def costs() -> list[Expected]:
    """Tally costs: in all, by community, by area, by year."""
    events = register()
    found = _tally(events, label())
    themes = next(row["value"] for row in actions() if (row["measure"], row["unit"]) == ("themes answered", "count"))
    for part, work in PARTS.items():
        known = [work(row) for row in events if work(row) is not None]
        found.append(_per(f"{part} per answered theme", sum(known), Fraction(themes), label()))
    for by, value in (
        ("community", lambda row: row["community"]),
        ("area", lambda row: row["area"]),
        ("year", lambda row: row["date"][:4]),
    ):
        for group in sorted({value(row) for row in events}):
            found += _tally([row for row in events if value(row) == group], label(by, group))
    return found


def cost_sensitivity() -> list[Expected]:
    """Tally cash and staff time per event and attendee at other rates."""
    found = []
    for name in ("event", "attendee"):
        measure = f"cash and staff time per {name}"
        for factor in FACTORS:
            rates = {staff: rate * Fraction(factor) for staff, rate in RATES.items()}
            found.append(_at(measure, rates, label("all staff rates", _times(factor)), name))
        for staff, title in TITLES.items():
            for factor in ("0.5", "2"):
                rates = RATES | {staff: RATES[staff] * Fraction(factor)}
                found.append(_at(measure, rates, label("one staff rate", title, "change", _times(factor)), name))
    return found


def cash(row: Row) -> Fraction | None:
    """Pounds spent on all kinds."""
    return None if any(not row[name] for name in COSTS) else sum((Fraction(row[name]) for name in COSTS), Fraction(0))


def hours(row: Row) -> dict[str, Fraction | None]:
    """Hours of each kind of staff."""
    start, end = minutes(row["actual_start"]), minutes(row["actual_end"])
    length = None if start is None or end is None else Fraction(int(end - start), 60)
    chief = int(row["chief_officer"] == "yes")
    return {
        "officer": None if length is None else (int(row["officers"]) - chief) * length,
        "chief_officer": None if length is None else chief * length,
        "organiser": Fraction(row["organiser_hours"]),
        "setup": Fraction(row["setup_people"]) * Fraction(row["setup_hours"]),
    }


def staff_time(row: Row, rates: Mapping[str, Fraction] = RATES) -> Fraction | None:
    """Pounds of staff time."""
    given = hours(row)
    if any(number is None for number in given.values()):
        return None
    return sum((given[name] * rates[name] for name in given), Fraction(0))


def both(row: Row, rates: Mapping[str, Fraction] = RATES) -> Fraction | None:
    """Pounds of cash and staff time."""
    parts = (cash(row), staff_time(row, rates))
    return None if None in parts else sum(parts, Fraction(0))


PARTS = {"cash": cash, "staff time": staff_time, "cash and staff time": both}


def _tally(events: Sequence[Row], where: Label) -> list[Expected]:
    """Tally the costs of some events."""
    found = []
    for part, work in PARTS.items():
        known = [row for row in events if work(row) is not None]
        pounds = [work(row) for row in known]
        found.append(_sum(f"{part} in all", pounds, where))
        found.append(_per(f"{part} per event", sum(pounds), Fraction(len(known)), where))
        found += middle(f"{part} of an event", "pounds", list(map(float, pounds)), where)
        for column, word in (("attendees", "attendee"), ("opted_in", "new contact")):
            people = sum(Fraction(row[column]) for row in known)
            found.append(_per(f"{part} per {word}", sum(pounds), Fraction(people), where))
    for name in COSTS:
        kind = name.removeprefix("cost_").replace("other", "other things")
        found.append(_sum(f"cash on {kind}", [Fraction(row[name]) for row in events if row[name]], where))
    recorded = [Fraction(row[name]) for row in events for name in COSTS if row[name]]
    found.append(_sum("cash recorded", recorded, where))
    for name, title in TITLES.items():
        known = [hours(row)[name] for row in events if hours(row)[name] is not None]
        found.append({**_sum(f"hours of {title}", known, where), "unit": "hours"})
        found.append(_sum(f"staff time of {title}", [number * RATES[name] for number in known], where))
    return found


def _at(measure: str, rates: Mapping[str, Fraction], where: Label, name: str) -> Expected:
    """Work out an average at other rates, over the events that have cash and staff time."""
    events = [row for row in register() if both(row) is not None]
    base = sum(int(row["attendees"]) for row in events) if name == "attendee" else len(events)
    return _per(measure, sum(both(row, rates) for row in events), Fraction(base), where)


def _sum(measure: str, pounds: Sequence[Fraction], where: Label) -> Expected:
    """Expect a sum, refused where nothing is known."""
    row: Expected = {"measure": measure, "unit": "pounds", **where}
    return row | ({"value": float(sum(pounds))} if pounds else {"refused": "yes"})


def _per(measure: str, pounds: Fraction | int, base: Fraction, where: Label) -> Expected:
    """Expect an average, refused where there is nothing to divide by."""
    row: Expected = {"measure": measure, "unit": "pounds", **where}
    if not base:
        return row | {"refused": "yes"}
    return row | {"value": float(Fraction(pounds) / base), "numerator": float(pounds), "n": float(base)}


def _times(factor: str) -> str:
    """Write what a rate is multiplied by."""
    return f"x {factor}" + (" (cash only)" if factor == "0" else "")
