"""Tally events: what the register says, who came again, which questions were reached, messages.

Rules
-----
1. A number that is blank leaves its event out of that number only; a share is over the events that have both parts.
2. Police heavy: more than 0.25 officers an attendee; exactly 0.25 is not. The line stands in events.toml.
3. Hours over plan: actual length less planned length, whenever the event began; over plan by more than 30 minutes.
4. Returning: the code of a person stands at more than one event that has codes. Those who had the chance came first at
   an event that was not the last of these. Attendees of an event "came to the next" if their code stands at the next
   event of the same focus community, where both have codes.
5. A question is reached (yes), not reached (no) or not known (blank). All four: no if one is no, unknown if one is
   blank and none is no.
6. Shares of attendances are of those whose group is known; "not known" is a share of all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from raw import QUESTIONS, SCHEMA, day, kept, minutes, number
from writing import count, label, middle, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raw import Row
    from writing import Expected, Label

HEAVY = SCHEMA["lines"]["police_heavy"]
OVER = "over plan by more than 30 minutes"
WITHIN = "within 30 minutes of plan"


def register() -> list[Row]:
    """Give the events in the order of their dates."""
    return sorted(kept("register"), key=lambda row: row["date"])


def relationships() -> list[Expected]:
    """Tally the register: in all, by community, by area, by year."""
    events = register()
    found = _numbers(events, label())
    for by, value in (
        ("community", lambda row: row["community"]),
        ("area", lambda row: row["area"]),
        ("year", lambda row: row["date"][:4]),
        ("age_focus", lambda row: row["age_focus"]),
    ):
        groups = sorted({value(row) for row in events})
        for group in groups:
            found += _numbers([row for row in events if value(row) == group], label(by, group))
    for group in sorted({(row["community"], row["date"][:4]) for row in events}):
        inside = [row for row in events if (row["community"], row["date"][:4]) == group]
        found.append(count("events", len(inside), label("community", group[0], "year", group[1])))
    return found


def retention() -> list[Expected]:
    """Tally who came again."""
    events = [row["event"] for row in register()]
    focus = {row["event"]: row["community"] for row in register()}
    came = {row["event"]: number(row["attendees"]) for row in register()}
    present: dict[str, set[str]] = defaultdict(set)
    for row in kept("people"):
        present[row["event"]].add(row["person"])
    coded = [event for event in events if present[event]]
    times = Counter(person for event in coded for person in present[event])
    rows = sum(len(present[event]) for event in coded)
    more = sum(1 for person in times if times[person] > 1)
    chance = {person for event in coded[:-1] for person in present[event]}
    found = [
        share("events with pseudonymous records", len(coded), len(events)),
        share("attendees on record at these events", rows, sum(came[event] or 0 for event in coded)),
        count("people on record", len(times)),
        count("attendances on record", rows),
        share("attendances per person", rows, len(times), unit="mean"),
        share("people who came more than once", more, len(times)),
        share("people who came more than once, of those who had the chance", more, len(chance)),
    ]
    for name, least, most in (("1", 1, 1), ("2", 2, 2), ("3 or more", 3, len(coded))):
        often = sum(1 for person in times if least <= times[person] <= most)
        found.append(share("people by times they came", often, len(times), label("times came", name)))
    return [*found, *_next_of_community(events, focus, present), *_after_first(coded, present)]


def coverage() -> list[Expected]:
    """Tally which of the four questions were reached."""
    events = register()
    found = []
    for row in events:
        for question in QUESTIONS:
            said = {"yes": 1.0, "no": 0.0}.get(row[question])
            where = label("event", row["event"], "question", question)
            cell: Expected = {"measure": "question reached at an event", "unit": "share", **where, "value": said}
            found.append(cell | ({"refused": "yes"} if said is None else {}))
    found += [_reached(events, question, label("question", question)) for question in QUESTIONS]
    full = [row for row in events if _all_four(row) is not None]
    found.append(share("all four questions reached", sum(map(bool, map(_all_four, full))), len(full)))
    found.append(_left(events, label()))
    for name in (OVER, WITHIN, "not known"):
        inside = [row for row in events if _length(row) == name]
        if not inside:
            continue
        found.append(_left(inside, label("length", name)))
        found += [_reached(inside, question, label("question", question, "length", name)) for question in QUESTIONS]
    return found


def attendance() -> list[Expected]:
    """Tally who came, by group."""
    found = []
    came = sum(number(row["attendees"]) or 0 for row in register())
    for by in ("ethnicity", "age_band", "sex", "area", "community"):
        people: Counter[str] = Counter()
        for row in kept("attendance"):
            if row["by"] == by:
                people[row["group"]] += int(row["people"])
        known = sum(people.values()) - people["not known"]
        for group, n in people.items():
            whole = sum(people.values()) if group == "not known" else known
            found.append(share("attendances", n, whole, label(by, group)))
        found.append(share("attendances recorded in groups", sum(people.values()), came, label(by)))
    return found


def communications() -> list[Expected]:
    """Tally messages and the contacts they made."""
    found = []
    rows = kept("communications")
    groups = [("", ""), *sorted({("channel", row["channel"]) for row in rows})]
    groups += sorted({("about", row["about"]) for row in rows})
    for by, group in groups:
        inside = [row for row in rows if not by or row[by] == group]
        reached = [float(row["reached"]) for row in inside if row["reached"]]
        where = label(by, group)
        found.append(count("messages", len(inside), where))
        total: Expected = {"measure": "contacts reached", "unit": "count", **where}
        found.append(total | ({"value": sum(reached)} if reached else {"refused": "yes"}))
    return found


def _numbers(events: Sequence[Row], where: Label) -> list[Expected]:
    """Tally the numbers of some events."""
    came = [number(row["attendees"]) for row in events]
    officers = [number(row["officers"]) for row in events]
    both = [(one, other) for one, other in zip(officers, came, strict=True) if one is not None and other]
    ratios = [one / other for one, other in both]
    chief = [row["chief_officer"] for row in events if row["chief_officer"]]
    lengths = [_hours(row) for row in events]
    over = [_over(row) for row in events if _over(row) is not None]
    dates = sorted(day(row["date"]) for row in events)
    gaps = [(after - before).days for before, after in pairwise(dates)]
    return [
        count("events", len(events), where),
        count("attendees", sum(one for one in came if one is not None), where),
        *middle("attendees at an event", "count", [one for one in came if one is not None], where),
        count("officers", sum(one for one in officers if one is not None), where),
        share("officers per attendee", sum(x for x, _ in both), sum(y for _, y in both), where, unit="ratio"),
        *middle("officers per attendee at an event", "ratio", ratios, where),
        share("police-heavy events", sum(ratio > HEAVY for ratio in ratios), len(ratios), where),
        share("events with a chief officer", chief.count("yes"), len(chief), where),
        _of_attendees("forms returned", "forms", events, where),
        _of_attendees("contacts opted in", "opted_in", events, where),
        *middle("hours of an event", "hours", [one for one in lengths if one is not None], where),
        *middle("hours over plan at an event", "hours", [one / 60 for one in over], where),
        share("events over plan by more than 30 minutes", sum(one > 30 for one in over), len(over), where),
        {"measure": "days from first to latest event", "unit": "days", **where, "value": (dates[-1] - dates[0]).days},
        *middle("days between events", "days", gaps, where),
    ]


def _of_attendees(measure: str, column: str, events: Sequence[Row], where: Label) -> Expected:
    """Tally a number as a share of attendees, over the events that have both."""
    both = [row for row in events if row[column] and row["attendees"]]
    parts = [sum(int(row[name]) for row in both) for name in (column, "attendees")]
    return share(measure, parts[0], parts[1], where)


def _hours(row: Row) -> float | None:
    """Hours that an event lasted."""
    start, end = minutes(row["actual_start"]), minutes(row["actual_end"])
    return None if start is None or end is None else (end - start) / 60


def _over(row: Row) -> float | None:
    """Minutes that an event lasted longer than planned."""
    start, end = minutes(row["planned_start"]), minutes(row["planned_end"])
    lasted = _hours(row)
    return None if start is None or end is None or lasted is None else round(60 * lasted) - (end - start)


def _length(row: Row) -> str:
    """Say whether an event ran over."""
    over = _over(row)
    return "not known" if over is None else OVER if over > 30 else WITHIN


def _all_four(row: Row) -> bool | None:
    """Say whether all four questions were reached."""
    said = [row[question] for question in QUESTIONS]
    return False if "no" in said else None if "" in said else True


def _reached(events: Sequence[Row], question: str, where: Label) -> Expected:
    """Tally the events that reached a question."""
    said = [row[question] for row in events if row[question]]
    return share("question reached", said.count("yes"), len(said), where)


def _left(events: Sequence[Row], where: Label) -> Expected:
    """Tally the questions that were not reached."""
    said = [row[question] for row in events for question in QUESTIONS if row[question]]
    return share("questions left unreached", said.count("no"), len(said), where)


def _next_of_community(events: Sequence[str], focus: Row, present: dict[str, set[str]]) -> list[Expected]:
    """Tally who came to the next event of the same focus community."""
    measure = "attendees who came to the next event of the same community"
    back: Counter[str] = Counter()
    base: Counter[str] = Counter()
    for place, event in enumerate(events):
        later = [other for other in events[place + 1 :] if focus[other] == focus[event]]
        if present[event] and later and present[later[0]]:
            base[focus[event]] += len(present[event])
            back[focus[event]] += len(present[event] & present[later[0]])
    coded = {focus[event] for event in events if present[event]}
    each = [share(measure, back[name], base[name], label("community", name)) for name in sorted(coded)]
    return [share(measure, sum(back.values()), sum(base.values())), *each]


def _after_first(coded: Sequence[str], present: dict[str, set[str]]) -> list[Expected]:
    """Tally who came so many events after their first, and by then."""
    first: dict[str, int] = {}
    for place, event in enumerate(coded):
        for person in present[event]:
            first.setdefault(person, place)
    found = []
    for lag in range(1, 7):
        chance = [person for person in first if first[person] + lag < len(coded)]
        there = sum(person in present[coded[first[person] + lag]] for person in chance)
        by_then = sum(any(person in present[coded[first[person] + k]] for k in range(1, lag + 1)) for person in chance)
        where = label("events after the first", str(lag))
        found.append(share("came to the event so many after their first", there, len(chance), where))
        found.append(share("came again within so many events of their first", by_then, len(chance), where))
    return found
