"""What is said at the made-up events: items of forms and notes, with the themes that coders find in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.random import Generator

from lpact_eval.demo.event_plan import Feedback, Plan, Table, read_texts
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.located import read_toml, validated

FEEDBACK = (
    "item",
    "event",
    "kind",
    "person",
    "question",
    "community",
    "text",
    "coder_1",
    "coder_2",
    "coder_3",
    "agreed",
    "quote_consent",
)
_MOST_ON_A_FORM = 3
_MERGED = 0.2  # forms that put their first two themes into one sentence
_QUESTIONS = ("respect", "protect", "involve", "represent", "other", "")
_CONSENT = {"yes": 0.45, "no": 0.30, "": 0.25}
_DOUBLE, _TRIPLE, _OTHER_PAIR = 2, 10, 50  # every second item by two coders, every tenth by three; some by 2 and 3 only


@dataclass(slots=True)
class Item:
    """One item, and what coders made of it: themes by coder; a coder who did not read it is absent."""

    event: str
    kind: str
    person: str
    question: str
    community: str
    text: str
    themes: tuple[str, ...]
    consent: str
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True)
class _Theme:
    """What the demo needs to know of a theme."""

    workstream: str


@dataclass(frozen=True, slots=True)
class _Themes:
    """The themes of the shipped records."""

    themes: Mapping[str, _Theme]

    @property
    def streams(self) -> Mapping[str, str]:
        """Workstream of each theme."""
        return {key: theme.workstream for key, theme in self.themes.items()}


@dataclass(slots=True)
class _Voice:
    """Sentences in turn: each theme's as they stand, then again behind an opener."""

    used: Counter[str] = field(default_factory=Counter[str])

    def say(self, theme: str, kind: str) -> str:
        """Give the next sentence of a theme, for a form or a note; of no theme where it is ""."""
        texts = read_texts()
        bank = texts.none if not theme else texts.themes[theme].forms if kind == "form" else texts.themes[theme].notes
        count = self.used[theme + kind]
        self.used[theme + kind] += 1
        opener = texts.openers[count // len(bank) % len(texts.openers)] if kind == "form" else ""
        return opener + bank[count % len(bank)]


def feedback_table(plan: Plan, rng: Generator) -> Table:
    """Make up the feedback of all events.

    Parameters
    ----------
    plan : Plan
        States how many forms of each event raise each theme.
    rng : Generator
        Chooses which.

    Returns
    -------
    tuple of rows
        Headings first; items F001, F002 ... in the order of events, forms before notes.
    """
    voice = _Voice()
    items: list[Item] = []
    for event in plan.events:
        items += _forms(event, plan, voice, rng)
        items += _notes(event, plan.feedback[event["event"]], voice)
    _code(items, plan, rng)
    personal = {one.item: one.text for one in plan.personal}
    rows = [_row(f"F{number:03d}", item, personal) for number, item in enumerate(items, 1)]
    return (FEEDBACK, *rows)


def _forms(event: Mapping[str, str], plan: Plan, voice: _Voice, rng: Generator) -> list[Item]:
    """Fill in the forms of one event."""
    said, own = plan.feedback[event["event"]], plan.coding.own_community
    n, focus = int(event["forms"]), event["community"]
    communities = [*said.others, *[focus] * (n - len(said.others))]
    communities = [communities[int(place)] for place in rng.permutation(n)]
    themes: list[list[str]] = [[] for _ in range(n)]
    for theme, count in said.raised.items():
        free = [
            int(place)
            for place in rng.permutation(n)
            if len(themes[int(place)]) < _MOST_ON_A_FORM and (theme not in own or communities[int(place)] == focus)
        ]
        for place in free[:count]:
            themes[place].append(theme)
    items: list[Item] = []
    for number in range(n):
        consent = _choose(_CONSENT, rng)
        for raised in _parted(themes[number], rng):
            text = " ".join(voice.say(theme, "form") for theme in raised or ("",))
            question = workstreams()[raised[0]] if raised else _QUESTIONS[int(rng.random() * len(_QUESTIONS))]
            items.append(
                Item(event["event"], "form", str(number + 1), question, communities[number], text, raised, consent)
            )
    return items


def _notes(event: Mapping[str, str], said: Feedback, voice: _Voice) -> list[Item]:
    """Write down what was said in the room, under the questions that were reached."""
    community = "" if event["community"] == "Several" else event["community"]
    items: list[Item] = []
    for note in said.notes:
        question, *raised = note.split()
        text = " ".join(voice.say(theme, "note") for theme in raised)
        items.append(Item(event["event"], "note", "", question, community, text, tuple(raised), ""))
    return items


def _parted(themes: Sequence[str], rng: Generator) -> list[tuple[str, ...]]:
    """Part a form's themes into items: one each, but three in two, and sometimes two in one."""
    merge = rng.random() < _MERGED or len(themes) == _MOST_ON_A_FORM
    if len(themes) > 1 and merge:
        return [tuple(themes[:2]), *((theme,) for theme in themes[2:])]
    return [(theme,) for theme in themes] or [()]


def _code(items: Sequence[Item], plan: Plan, rng: Generator) -> None:
    """Let coders read the items, and differ as planned; what they agreed on is what was meant."""
    unread = [item for item in items if not item.themes][-plan.coding.unread :]
    for number, item in enumerate(items):
        coders = ["coder_1"]
        if number % _DOUBLE == 0:
            coders = ["coder_1", "coder_2"] + ["coder_3"] * (number % _TRIPLE == 0)
            coders = coders[1:] if number % _OTHER_PAIR == 0 else coders
        if not any(item is one for one in unread):
            item.codes = dict.fromkeys(coders, item.themes)
    twice = [item for item in items if len(item.codes) > 1]
    turn = 0
    for theme, (there, count) in _differences(plan):
        able = [item for item in twice if (theme in item.themes) == there]
        for place in rng.permutation(len(able))[:count]:
            item = able[int(place)]
            coder = list(item.codes)[turn % 2]
            item.codes[coder] = _toggled(item.codes[coder], theme)
            turn += 1
    for item in twice:
        item.codes["agreed"] = item.themes


def _differences(plan: Plan) -> list[tuple[str, tuple[bool, int]]]:
    """List themes with whether they are there, and at how many items a coder sees it otherwise."""
    return [
        *((theme, (True, count)) for theme, count in plan.coding.left_out.items()),
        *((theme, (False, count)) for theme, count in plan.coding.added.items()),
    ]


def _toggled(themes: tuple[str, ...], theme: str) -> tuple[str, ...]:
    """Take a theme out, or put it in."""
    return tuple(one for one in themes if one != theme) if theme in themes else (*themes, theme)


def _row(number: str, item: Item, personal: Mapping[str, str]) -> tuple[str, ...]:
    """Write one item."""
    text = f"{item.text} {personal[number]}" if number in personal else item.text
    codes = [_cell(item.codes.get(coder)) for coder in ("coder_1", "coder_2", "coder_3", "agreed")]
    said = (item.event, item.kind, item.person, item.question, item.community)
    return (number, *said, text, *codes, item.consent)


def _cell(themes: tuple[str, ...] | None) -> str:
    """Write a set: "none" if it is empty, blank if it was not read."""
    return "" if themes is None else ";".join(themes) or "none"


def _choose(shares: Mapping[str, float], rng: Generator) -> str:
    """Choose one by its share."""
    place = int(np.searchsorted(np.cumsum(list(shares.values())), rng.random(), side="right"))
    return list(shares)[min(place, len(shares) - 1)]


@cache
def workstreams() -> Mapping[str, str]:
    """Say under which question each theme stands."""
    return validated(_Themes, read_toml(surveys_folder() / "events" / "events.toml")).streams
