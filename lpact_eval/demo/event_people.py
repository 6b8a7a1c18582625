"""Who comes to the made-up events: counts of every event, and for later ones codes that stay the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor

from numpy.random import Generator

from lpact_eval.demo.event_plan import Plan, Row, Table

PEOPLE = ("event", "person", "ethnicity", "age_band", "area", "community")
ATTENDANCE = ("event", "by", "group", "people")
NOT_KNOWN = "not known"
_COUNTED = ("ethnicity", "age_band", "area", "community")
_LEICESTER = "Leicester"


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person."""

    code: str
    ethnicity: str
    age_band: str
    area: str
    community: str

    def said(self, column: str) -> str:
        """Give the person's answer in one column."""
        return str(getattr(self, column))


def attending(plan: Plan, rng: Generator) -> Mapping[str, tuple[Person, ...]]:
    """Decide who signs in at the events that kept codes.

    Parameters
    ----------
    plan : Plan
    rng : Generator

    Returns
    -------
    mapping of str to tuple of Person
        By event: new people, and people who came before, those of the focus community first.
    """
    seen: list[Person] = []
    found: dict[str, tuple[Person, ...]] = {}
    for event in plan.events:
        if event["event"] not in plan.people.events:
            continue
        signed, again = plan.people.events[event["event"]]
        order = [seen[int(place)] for place in rng.permutation(len(seen))]
        back = sorted(order, key=lambda person: person.community != event["community"])[:again]
        new = _new_people(plan, event, signed - again, rng)
        new = [replace(person, code=f"P{len(seen) + number:03d}") for number, person in enumerate(new, 1)]
        seen += new
        found[event["event"]] = tuple(sorted([*back, *new], key=lambda person: person.code))
    return found


def people_table(attended: Mapping[str, Sequence[Person]]) -> Table:
    """Write one row for each event and person."""
    rows = [
        (event, person.code, *map(person.said, _COUNTED)) for event, present in attended.items() for person in present
    ]
    return (PEOPLE, *rows)


def attendance_table(plan: Plan, attended: Mapping[str, Sequence[Person]]) -> Table:
    """Write counts of every event; those who did not sign in are not known."""
    rows: list[Row] = []
    for event in plan.events:
        n = int(event["attendees"])
        shares = _shares(plan, event)
        for by in ("ethnicity", "age_band", "sex", "area", "community"):
            counts = Counter(spread(shares[by], n))
            if by != "sex" and event["event"] in attended:
                counts = Counter(person.said(by) for person in attended[event["event"]])
                counts[NOT_KNOWN] += n - counts.total()
            groups = sorted(counts, key=lambda group: (group == NOT_KNOWN, group))
            rows += [(event["event"], by, group, str(counts[group])) for group in groups if counts[group]]
    return (ATTENDANCE, *rows)


def spread(shares: Mapping[str, float], n: int) -> list[str]:
    """Share n out, largest remainders first; the groups one after the other."""
    exact = {group: share * n for group, share in shares.items()}
    counts = {group: floor(value) for group, value in exact.items()}
    ranked = sorted(exact, key=lambda group: counts[group] - exact[group])
    for group in ranked[: n - sum(counts.values())]:
        counts[group] += 1
    return [group for group, count in counts.items() for _ in range(count)]


def _new_people(plan: Plan, event: Mapping[str, str], n: int, rng: Generator) -> list[Person]:
    """Make up people who come for the first time, still without a code; ethnicity goes with community, the rest not."""
    shares = _shares(plan, event)
    ethnicity, community = spread(shares["ethnicity"], n), spread(shares["community"], n)
    age, area = (_shuffled(spread(shares[by], n), rng) for by in ("age_band", "area"))
    order = rng.permutation(n)
    return [
        Person("", ethnicity[place], age[number], area[number], community[place])
        for number, place in enumerate(map(int, order))
    ]


def _shares(plan: Plan, event: Mapping[str, str]) -> Mapping[str, Mapping[str, float]]:
    """Shares of those who come to one event, by what they are counted by."""
    shared = plan.attendance
    others = [name for name in shared.other_communities if name != event["community"]]
    rest = (1 - shared.focus) / len(others)
    community: dict[str, float] = {} if event["community"] == "Several" else {event["community"]: shared.focus}
    rest = 1 / len(others) if not community else rest
    for name in others:
        community[name] = community.get(name, 0.0) + rest
    local = 0.0 if event["area"] == _LEICESTER else shared.area_of_venue
    area = {name: share * (1 - local) for name, share in shared.area.items()}
    area[event["area"]] = area.get(event["area"], 0.0) + local
    return {
        "ethnicity": shared.ethnicity,
        "age_band": shared.age_band,
        "sex": shared.sex,
        "area": area,
        "community": community,
    }


def _shuffled(groups: Sequence[str], rng: Generator) -> list[str]:
    """Put groups in another order."""
    return [groups[int(place)] for place in rng.permutation(len(groups))]
