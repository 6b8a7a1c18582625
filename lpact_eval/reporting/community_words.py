"""What the one-page summary says of the surveys: sentences chosen by the same tests as the report's, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.background import day, kept_in_all
from lpact_eval.reporting.community_records import shortened
from lpact_eval.reporting.content import baseline_case
from lpact_eval.reporting.headline import joined, outcome_of
from lpact_eval.reporting.numbers import count, percent, percent_range
from lpact_eval.reporting.plain_numbers import difference_words, in_every_hundred, range_words, share_words
from lpact_eval.reporting.rows import EVERYONE, Row, as_sentence, level_of, rows_of, the_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

_PEOPLE: Final = {
    EVERYONE: "people",
    "Other": "people from other ethnic groups",
    "Mixed": "people from mixed ethnic groups",
}
_ANSWERED: Final = frozenset({"question", "levels", "level"})
_MOST_FOUND: Final = 130  # characters of the words on how people were found that a page has room for


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said of confidence.

    Attributes
    ----------
    heading : str
        The answer in one sentence.
    sentences : tuple of str
    levels : tuple of Row
        The first and the last survey's, where both may be drawn.
    row : Row or None
        What it is about.
    """

    heading: str
    sentences: tuple[str, ...] = ()
    levels: tuple[Row, ...] = ()
    row: Row | None = None


def main_row(published: Published) -> Row | None:
    """Choose the row that the page is about: the plan's first comparison of two surveys, else that of all respondents.

    Parameters
    ----------
    published : Published

    Returns
    -------
    Row or None
        A level where surveys can't be compared at all; None where there is nothing.
    """
    rows = rows_of(published)
    changes = [row for row in rows if row.measure == "change"]
    levels = [row for row in rows if row.measure == "level"]
    latest = levels[-1].wave if levels else ""
    found = changes or [row for row in levels if row.wave == latest]
    first = [row for row in found if row.role == "primary"] or [row for row in found if row.group == EVERYONE] or found
    return first[0] if first else None


def confidence(published: Published, row: Row | None, sentences: Sentences) -> Answer:
    """Say whether confidence changed, by how much, and how sure that is.

    Parameters
    ----------
    published : Published
    row : Row or None
        As `main_row` chooses it.
    sentences : Sentences

    Returns
    -------
    Answer
    """
    if row is None:
        return Answer(sentences.say("community.confidence.nothing"))
    levels = _levels(rows_of(published), row)
    outcome = outcome_of(row) if row.measure == "change" else "once" if row.shown else "nothing"
    slots = _slots(published, row, levels)
    names = ["question", *_found(row, outcome, levels)]
    drawn = levels if len(levels) > 1 and all(level.chart and level.shown for level in levels) else ()
    return Answer(
        sentences.say(f"community.confidence.{outcome}", slots),
        _paragraphs(names, slots, sentences),
        tuple(drawn),
        row,
    )


def attendees(published: Published, row: Row | None, sentences: Sentences) -> str:
    """Say whether those who came to an event answered otherwise; empty where that was not looked at."""
    if row is None:
        return ""
    gaps = [
        gap
        for gap in rows_of(published)
        if gap.measure == "gap" and gap.question == row.question and gap.group == row.group
    ]
    if not gaps:
        return ""
    gap = gaps[0]
    people, outcome = plain_people(gap), outcome_of(gap)
    slots = {"people": people, "capital": f"{people[:1].upper()}{people[1:]}"}
    slots["size"] = in_every_hundred(gap.estimate, gap.base) if gap.shown else ""
    name = "few" if outcome in {"indicative", "withheld", "suppressed"} else outcome
    return sentences.say(f"community.gap.{name}", slots)


def limits(published: Published, sentences: Sentences) -> tuple[str, ...]:
    """Say what the surveys can't show."""
    case = baseline_case(published)
    names = ["events", "different_people", "volunteers", "ranges", "untold"]
    names += [f"baseline_{case}"] if case != "clean" else []
    return tuple(sentences.say(f"community.limits.{name}") for name in names)


def asked(published: Published, row: Row | None, sentences: Sentences) -> tuple[str, ...]:
    """Say who was asked, when, how many answered, and how they were found."""
    said = [] if row is None else [_answered(published, row, sentences)]
    kept = kept_in_all(published)
    counts = [
        sentences.say("community.asked.count", {"number": count(kept[wave.name]), "when": when(published, wave.name)})
        for wave in published.waves
        if wave.name in kept
    ]
    if counts:
        said.append(sentences.say("community.asked.everyone", {"counts": joined(counts)}))
    spans = [
        sentences.say("community.asked.span", {"start": day(wave.start), "end": day(wave.end)})
        for wave in published.waves
    ]
    if spans:
        said.append(sentences.say("community.asked.dates", {"spans": ", and from ".join(spans)}))
    found = published.facts.recruitment
    if found and len(found) <= _MOST_FOUND:
        said.append(sentences.say("community.asked.found", {"recruitment": as_sentence(found)}))
    return (*said, sentences.say("community.asked.chose"))


def plain_people(row: Row) -> str:
    """Name a group's people in the middle of a sentence."""
    if row.group in _PEOPLE:
        return _PEOPLE[row.group]
    return f"{row.group} people" if row.by in {"", "ethnicity"} else f'people in the group "{row.group}"'


def when(published: Published, wave: str) -> str:
    """Name a survey by its year, where no two were in the same."""
    years = {one.name: str(one.start.year) for one in published.waves}
    return years[wave] if wave in years and len(set(years.values())) == len(years) else the_wave(wave)


def _levels(rows: Sequence[Row], row: Row) -> tuple[Row, ...]:
    """Find the shares that a change goes from and to; a level is its own."""
    if row.measure != "change":
        return (row,)
    found = [level_of(rows, row, wave) for wave in row.waves]
    return tuple(level for level in found if level is not None)


def _found(row: Row, outcome: str, levels: Sequence[Row]) -> list[str]:
    """Choose the sentences on what was found."""
    if outcome in {"withheld", "refused"}:
        return [outcome] if outcome == "withheld" or row.note else []
    if outcome in {"suppressed", "nothing"}:
        return []
    if outcome == "once":
        return ["level", "range"]
    shown = len(levels) > 1 and all(level.shown for level in levels)
    return [*(["levels", "ranges"] if shown else []), "difference", *_how_sure(row, outcome)]


def _paragraphs(names: Sequence[str], slots: Mapping[str, str], sentences: Sentences) -> tuple[str, ...]:
    """Say what was asked and answered in one paragraph, and what that allows to be said in another."""
    parts = [name for name in names if name in _ANSWERED], [name for name in names if name not in _ANSWERED]
    said = [" ".join(sentences.say(f"community.said.{name}", slots) for name in part) for part in parts]
    return tuple(text for text in said if text)


def _how_sure(row: Row, outcome: str) -> list[str]:
    """Choose the sentence on how sure that is."""
    if outcome == "indicative":
        return ["indicative"]
    if outcome == "mode_changed":
        return ["mode_changed"]
    if row.clear:
        return ["sensitive"] if row.sensitive else ["clear"]
    if outcome == "equivalent":
        return []
    if not row.tested:
        return ["untested"]
    also = ["mode_changed"] if row.mode_changed else []
    return ["not_clear" if row.conf_low <= 0 <= row.conf_high else "not_clear_adjusted", *also]


def _slots(published: Published, row: Row, levels: Sequence[Row]) -> dict[str, str]:
    """Gather everything that a sentence may name."""
    earlier, later = row.waves if row.measure == "change" else (row.wave, row.wave)
    rules, margin = published.rules, published.facts.margin
    fewest = rules.withhold_below if outcome_of(row) == "withheld" else rules.indicative_below
    slots = {
        "people": plain_people(row),
        "question": shortened(_asked_as(published, row)).rstrip("."),
        "answer": row.answer,
        "first_when": when(published, earlier),
        "second_when": when(published, later),
        "range": difference_words(row.conf_low, row.conf_high, row.base) if row.shown else "",
        "margin": "" if margin is None else in_every_hundred(margin, None),
        "fewest": str(fewest),
        "reason": as_sentence(shortened(row.note)),
    }
    return slots | {
        f"{place}{end}": text
        for place, level in zip(("first", "second"), (levels[0], levels[-1]) if levels else (None, None), strict=True)
        for end, text in _level_slots(level, row.base).items()
    }


def _level_slots(level: Row | None, base: int | None) -> dict[str, str]:
    """Write a share in words and as published, and its interval."""
    if level is None or not level.shown:
        return {"": "", "_range": ""}
    within = percent_range(level.conf_low, level.conf_high, base)
    return {
        "": f"{share_words(level.estimate, base)} ({percent(level.estimate, base)})",
        "_range": f"{range_words(level.conf_low, level.conf_high, base)} ({within})",
    }


def _asked_as(published: Published, row: Row) -> str:
    """Find the wording of a question in the last survey that asked it; its title where none is on record."""
    texts = [
        str(record["asked_as"])
        for record in records_of(published.audit)
        if record["variable"] == row.variable and isinstance(record.get("asked_as"), str) and record["asked_as"]
    ]
    return texts[-1] if texts else row.title


def _answered(published: Published, row: Row, sentences: Sentences) -> str:
    """Say how many answered."""
    change = row.measure == "change"
    first, second = (row.n_first, row.n_second) if change else (row.n, row.n)
    if first is None or second is None:
        return sentences.say("community.asked.hidden", {"people": plain_people(row)})
    earlier, later = row.waves if change else (row.wave, row.wave)
    slots = {
        "people": plain_people(row),
        "n_first": count(first),
        "n_second": count(second),
        "first_when": when(published, earlier),
        "second_when": when(published, later),
    }
    return sentences.say(f"community.asked.{'both' if change else 'one'}", slots)
