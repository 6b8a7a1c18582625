"""Tally feedback: which themes forms and rooms raised, together or alone, and what each event added.

Rules
-----
1. The codes of an item that count are the agreed ones; where there are none, those of the first coder who read it. An
   item that nobody read says nothing.
2. A form is one person, told apart by event and form number; it raises a theme if any of its items does, once, however
   often. All notes of an event are one room, which raises a theme or not.
3. The community of a form is the one that it names, else the event's; that of a room is the event's.
4. At an event a theme is raised if a form or the room raised it. "Several", "Other" and "not known" are no single
   community.
5. Agreement: a theme against all others, over items that two coders or more read. With n codes in all, n1 of which name
   the theme, and D = sum over items of yes x no / (coders - 1), alpha = 1 - (n - 1) D / (n1 (n - n1)). Shares are
   refused under .667, and so are those of fewer than 8 forms. Kappa and AC1 are worked out in statistics.R.
6. Saturation: new themes of the last two events over those of the first four; and the events before the first two whose
   new themes are at most 5 % of those of the first four.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from events_tally import register
from raw import STREAM, STREAMS, THEMES, Row, kept, themes_in
from writing import count, label, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from writing import Expected

CODERS = ("coder_1", "coder_2", "coder_3")
LEAST_ALPHA = 0.667
NO_SINGLE = ("Several", "Other", "not known")
FEWEST_FORMS = 8
OFTEN = 5  # forms, or rooms, that raise a theme of a pair
Raised = dict[tuple[str, str], set[str]]  # by event and form number, "" for the room


def codes_that_count(item: Row) -> set[str] | None:
    """Take the codes of an item, see rule 1."""
    for column in ("agreed", *CODERS):
        found = themes_in(item[column])
        if found is not None:
            return found
    return None


def forms_and_rooms() -> tuple[Raised, Raised]:
    """Say which themes each form, and each room, raised."""
    forms: Raised = defaultdict(set)
    rooms: Raised = defaultdict(set)
    for item in kept("feedback"):
        codes = codes_that_count(item)
        if codes is not None:
            where = forms if item["kind"] == "form" else rooms
            where[item["event"], item["person"]] |= codes
    return forms, rooms


def communities() -> dict[tuple[str, str], str]:
    """Say of which community each form and each room is."""
    focus = {row["event"]: row["community"] for row in register()}
    found = {}
    for item in kept("feedback"):
        key = (item["event"], item["person"])
        own = item["community"] if item["kind"] == "form" else ""
        found[key] = own or found.get(key, "") or focus[item["event"]]
    return found


def themes() -> list[Expected]:
    """Tally forms and rooms by theme, by workstream, and both by community."""
    forms, rooms = forms_and_rooms()
    of = communities()
    groups = sorted({of[key] for key in forms} | {of[key] for key in rooms})
    sets = [("theme", title, {key}) for key, title in THEMES.items()]
    streams = [("workstream", name, {key for key in THEMES if STREAM[key] == name}) for name in STREAMS]
    found = []
    for by, name, members in (*sets, *streams):
        refused = alpha(members) is None or alpha(members) < Fraction(LEAST_ALPHA)
        for group in ("", *groups):
            if by == "theme" and not group:
                where = label(by, name, "workstream", next(STREAM[key] for key in members))
            else:
                where = label(by, name, "community" if group else "", group)
            inside = [{key: raised for key, raised in one.items() if group in ("", of[key])} for one in (forms, rooms)]
            found += _form_and_room(inside[0], inside[1], members, where, refused=refused)
    return found


def cooccurrence() -> list[Expected]:
    """Tally pairs of themes that each stand on five forms, or were raised in five rooms, or more."""
    found = []
    for units, base in zip(forms_and_rooms(), ("forms", "events"), strict=True):
        times = Counter(theme for raised in units.values() for theme in raised)
        often = [theme for theme in THEMES if times[theme] >= OFTEN]
        for one, other in combinations(often, 2):
            both = sum(one in raised and other in raised for raised in units.values())
            either = times[one] + times[other] - both
            where = label("theme", THEMES[one], "theme", THEMES[other])
            found.append(count(f"raised together: {base}", both, where, len(units)))
            jaccard = f"raised together, of those that raise either: {base}"
            found.append(share(jaccard, both, either, where, unit="index"))
            lift = Fraction(both * len(units), times[one] * times[other])
            ratio = {"measure": f"lift of being raised together: {base}", "unit": "ratio", **where}
            found.append(ratio | {"value": float(lift), "n": len(units)})
    return found


def saturation() -> list[Expected]:
    """Tally what each event added."""
    at = _by_event()
    events = [row["event"] for row in register() if row["event"] in at]
    m = len(events)
    times = Counter(theme for event in events for theme in at[event])
    found, new = [], []
    so_far: set[str] = set()
    for place, event in enumerate(events, start=1):
        fresh = at[event] - so_far
        so_far |= fresh
        new.append(len(fresh))
        expected = sum(1 - Fraction(comb(m - times[theme], place), comb(m, place)) for theme in times)
        for measure, value in (
            ("themes raised", len(at[event])),
            ("new themes", len(fresh)),
            ("themes so far", len(so_far)),
        ):
            found.append(count(measure, value, label("event", event), place))
        curve = {"measure": "themes expected in so many events", "unit": "mean", **label("event", event)}
        found.append(curve | {"value": float(expected), "n": place})
    return [*found, *_estimates(times, new)]


def raised() -> list[Expected]:
    """Tally the communities that raise each theme, and the events and forms behind it."""
    forms, rooms = forms_and_rooms()
    of = communities()
    heard = sorted({of[key] for key in (*forms, *rooms)})
    single = [group for group in heard if group not in NO_SINGLE]
    found = []
    for theme, title in THEMES.items():
        raising = [
            group
            for group in heard
            if any(of[key] == group and theme in codes for units in (forms, rooms) for key, codes in units.items())
        ]
        alone = [group for group in raising if group in single]
        found.append(count("communities that raise the theme", len(alone), label("theme", title), len(single)))
        for group in raising:
            where = label("theme", title, "community", group)
            written = [codes for key, codes in forms.items() if of[key] == group]
            every = {key[0] for key in (*forms, *rooms) if of[key] == group}
            events = {
                key[0]
                for units in (forms, rooms)
                for key, codes in units.items()
                if of[key] == group and theme in codes
            }
            found.append(count("events behind the theme", len(events), where, len(every)))
            number = sum(theme in codes for codes in written)
            found.append(count("forms behind the theme", number, where, len(written)))
    return found


def voices() -> list[Expected]:
    """Tally what forms said beside what was said in the room, at events that have both."""
    forms, rooms = forms_and_rooms()
    shared = {key[0] for key in forms} & {key[0] for key in rooms}
    written: dict[tuple[str, str], int] = Counter()
    for (event, _), codes in forms.items():
        written.update((event, theme) for theme in codes)
    said = {(event, theme) for (event, _), codes in rooms.items() for theme in codes}
    places = ("on forms only", "in the room only", "both")
    total: Counter[str] = Counter()
    found = []
    for theme, title in THEMES.items():
        where = {
            event: _where(written[event, theme] > 0, (event, theme) in said)
            for event in shared
            if written[event, theme] or (event, theme) in said
        }
        tally = Counter(where.values())
        total += tally
        for place in places:
            named = label("theme", title, "where raised", place)
            found.append(count("events that raise the theme", tally[place], named, len(shared)))
        quiet = [event for event, place in where.items() if place == "on forms only"]
        base = sum(key[0] in quiet for key in forms)
        number = sum(written[event, theme] for event in quiet)
        measure = "forms that raise the theme where the room does not"
        found.append(count(measure, number, label("theme", title), base))
    mentions = sum(total.values())
    return [
        *(share("mentions of themes", total[place], mentions, label("where raised", place)) for place in places),
        *found,
    ]


def coding() -> list[Expected]:
    """Tally how many items were read, and by two."""
    items = kept("feedback")
    coded = sum(codes_that_count(item) is not None for item in items)
    read = sum(any(item[coder] for coder in CODERS) for item in items)
    twice = sum(sum(bool(item[coder]) for coder in CODERS) > 1 for item in items)
    found = [share("items coded", coded, len(items)), share("items coded by two or more", twice, read)]
    sets = [label("theme", title) for title in THEMES.values()], [{key} for key in THEMES]
    streams = [{key for key in THEMES if STREAM[key] == name} for name in STREAMS]
    labels = [*sets[0], *(label("workstream", name) for name in STREAMS)]
    for where, members in zip(labels, (*sets[1], *streams), strict=True):
        row: Expected = {"measure": "Krippendorff's alpha", "unit": "index", **where, "n": twice}
        found.append(row | {"value": float(alpha(members))})
    return found


def alpha(members: Iterable[str]) -> Fraction | None:
    """Work out Krippendorff's alpha of some themes, any of them against none, see rule 5."""
    members = set(members)
    n = named = 0
    apart = Fraction(0)
    for item in kept("feedback"):
        given = [bool(codes & members) for codes in (themes_in(item[coder]) for coder in CODERS) if codes is not None]
        if len(given) > 1:
            n, named = n + len(given), named + sum(given)
            apart += Fraction(sum(given) * (len(given) - sum(given)), len(given) - 1)
    return 1 - (n - 1) * apart / (named * (n - named)) if 0 < named < n else None


def _where(written: bool, said: bool) -> str:  # noqa: FBT001 - two answers of yes or no
    """Say where a theme was raised."""
    return "both" if written and said else "on forms only" if written else "in the room only"


def _form_and_room(
    forms: Raised, rooms: Raised, members: set[str], where: Mapping[str, str], *, refused: bool
) -> list[Expected]:
    """Tally the forms and rooms that raise any of some themes."""
    found = []
    if forms:
        number = sum(bool(codes & members) for codes in forms.values())
        row = share("forms that raise the theme", number, len(forms), dict(where))
        found.append(_hidden(row) if refused or len(forms) < FEWEST_FORMS else row)
    if rooms:
        number = sum(bool(codes & members) for codes in rooms.values())
        row = count("events where the room raised the theme", number, dict(where), len(rooms))
        found.append(_hidden(row) if refused else row)
    return found


def _hidden(row: Expected) -> Expected:
    """Expect a refusal."""
    return {**row, "value": None, "numerator": None, "refused": "yes"}


def _by_event() -> dict[str, set[str]]:
    """Say which themes each event raised, on forms or in the room."""
    found: dict[str, set[str]] = defaultdict(set)
    for units in forms_and_rooms():
        for (event, _), codes in units.items():
            found[event] |= codes
    return found


def _estimates(times: Mapping[str, int], new: list[int]) -> list[Expected]:
    """Expect how many themes there are (Chao2), the share heard (Chao and Jost), and when hardly anything was new."""
    m, mentions = len(new), sum(times.values())
    once, twice = (sum(number == wanted for number in times.values()) for wanted in (1, 2))
    chao = len(times) + Fraction(m - 1, m) * Fraction(once * (once - 1), 2 * (twice + 1))
    unseen = Fraction(0)
    if once:
        top = (m - 1) * once if twice else (m - 1) * (once - 1)
        unseen = Fraction(once, mentions) * (Fraction(top, top + 2 * (twice or 1)) if top else 0)
    first = sum(new[:4])
    runs = [sum(new[place : place + 2]) for place in range(4, m - 1)]
    over = next((4 + place for place, number in enumerate(runs) if Fraction(number, first) <= Fraction(1, 20)), None)
    until: Expected = {"measure": "events until hardly anything new", "unit": "count", **label(), "n": m}
    return [
        count("themes found", len(times), label(), m),
        {"measure": "themes there are (Chao2)", "unit": "count", **label(), "value": float(chao), "n": m},
        {"measure": "coverage of mentions", "unit": "share", **label(), "value": float(1 - unseen), "n": m},
        share("new themes in the last 2 events", runs[-1], first, label()),
        until | ({"refused": "yes"} if over is None else {"value": over}),
    ]
