"""Sentences on the records, chosen by rules from the published numbers; where a number is hidden, they say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.background import day
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.numbers import count, known, percent
from lpact_eval.reporting.record_answers import RULES_OF_ACTION, Said, things, why
from lpact_eval.reporting.record_cells import range_words, value_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.record_rows import RecordRow, RecordRows
    from lpact_eval.reporting.sentences import Sentences

_LOW_AGREEMENT: Final = 0.667
_USABLE: Final = 0.80
_MOST_NAMED: Final = 3  # themes in one sentence


def words_on(part: str, records: PublishedRecords, rows: RecordRows, sentences: Sentences) -> list[str]:
    """Say what the numbers of a part say.

    Parameters
    ----------
    part : str
        One of `RULES`.
    records : PublishedRecords
    rows : RecordRows
        Those of the records.
    sentences : Sentences

    Returns
    -------
    list of str
    """
    return [sentences.say(f"records.{part}.{name}", slots) for name, slots in RULES[part](records, rows)]


def _held(records: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many events there were, between which days, and how many came."""
    dates = records.events["date"].dropna()
    events = len(records.events)
    if not events or dates.empty:
        return []
    slots = {"events": things(events, "event"), "first": day(dates.min()), "last": day(dates.max())}
    slots["were"] = "was" if events == 1 else "were"
    came = rows.one("attendees")
    if came is None or not came.shown:
        return [("events_only", slots)]
    return [("events", {**slots, "attendees": value_words(came)})]


def _again(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many came again, of those who could."""
    row = rows.one("people who came more than once, of those who had the chance")
    if row is None:
        return []
    if not row.shown:
        return [("hidden" if row.mark == "[c]" else "refused", {"reason": why(row)})]
    return [("again", {"n": count(row.n), "number": count(row.numerator), "share": value_words(row)})]


def _contacts(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many left contact details."""
    row = rows.one("contacts opted in")
    if row is None:
        return []
    if not row.shown:
        return [("hidden", {})]
    return [("opted", {"n": count(row.n), "number": count(row.numerator), "share": value_words(row)})]


def _officers(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many attendees there were to an officer, and how many events were police heavy."""
    said: Said = []
    ratio = rows.one("officers per attendee")
    if ratio is not None and ratio.shown and ratio.value > 0:
        each = f"{1 / ratio.value:.1f}"
        said.append(("ratio", {"officers": count(ratio.numerator), "n": count(ratio.n), "each": each}))
    heavy = rows.one("police-heavy events")
    if heavy is not None and heavy.shown:
        name = "heavy" if heavy.numerator else "none_heavy"
        said.append((name, {"number": count(heavy.numerator), "n": things(heavy.n, "event")}))
    return said


def _length(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many events ran over."""
    over, middle = rows.one("events over plan by more than 30 minutes"), rows.one("hours of an event: median")
    if over is None or not over.shown:
        return []
    slots = {"number": count(over.numerator), "n": things(over.n, "event")}
    if middle is None or not middle.shown:
        return [("over", slots)]
    return [("over_and_length", {**slots, "hours": value_words(middle)})]


def _questions(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how often all questions were reached, and which was left out most."""
    whole = rows.one("all four questions reached")
    asked = [row for row in rows.of("question reached") if row.by == "question" and not row.by2 and row.shown]
    said: Said = []
    if whole is not None and whole.shown:
        name = "all_always" if whole.numerator == whole.n else "all"
        said.append((name, {"number": count(whole.numerator), "n": things(whole.n, "event")}))
    missed = {row.group: row.n - row.numerator for row in asked}
    if missed and max(missed.values()) > 0:
        most = max(missed.values())
        names = [group for group, number in missed.items() if number == most]
        said.append(("missed", {"questions": joined([f'"{name}"' for name in names]), "number": things(most, "event")}))
    return said


def _reach(_: PublishedRecords, rows: RecordRows) -> Said:
    """Set the events in the area where most Black residents live beside their share."""
    living = [row for row in rows.of("Black residents: share") if row.shown]
    if not living:
        return []
    most = max(living, key=lambda row: row.value)
    held = next((row for row in rows.of("events held there: share") if row.group == most.group and row.shown), None)
    if held is None:
        return []
    slots = {"area": most.group, "residents": value_words(most), "number": count(held.numerator), "n": count(held.n)}
    return [("largest", {**slots, "share": value_words(held)})]


def _themes(_: PublishedRecords, rows: RecordRows) -> Said:
    """Name what was raised at most events, and on most forms."""
    said: Said = []
    for name, measure in (("room", "events where the room raised the theme"), ("forms", "forms that raise the theme")):
        found = [row for row in rows.of(measure) if row.by == "theme" and row.by2 in {"", "workstream"}]
        top = _top([row for row in found if row.shown])
        if top:
            first = top[0]
            slots = {
                "themes": joined([row.group for row in top]),
                "number": count(first.numerator),
                "n": count(first.n),
            }
            said.append((name, {**slots, "share": percent(first.numerator / first.n, None)}))
        elif any(row.mark == "[c]" for row in found):
            said.append((f"{name}_hidden", {}))
    return said


def _communities(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many themes only one community raised, and how much may not be shown."""
    found = [row for row in rows.of("communities that raise the theme") if row.shown]
    alone = [row for row in found if row.value == 1]
    most = _top(found)
    said: Said = []
    if most and most[0].value > 1:
        slots = {"themes": joined([row.group for row in most]), "number": count(most[0].value), "n": count(most[0].n)}
        said.append(("widest", slots))
    if found:
        said.append(
            ("alone" if alone else "none_alone", {"number": things(len(alone), "theme"), "n": count(len(found))})
        )
    return said


def _agreement(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how far coders agree, and what follows."""
    row = rows.one("Krippendorff's alpha")
    if row is None:
        return []
    if not row.shown:
        return [("refused", {"reason": why(row)})]
    name = "low" if row.value < _LOW_AGREEMENT else "tentative" if row.value < _USABLE else "usable"
    slots = {"alpha": value_words(row), "n": count(row.n)}
    slots["range"] = range_words(row) if known(row.low) or known(row.high) else "not known"
    poor = [one.group for one in rows.of("Krippendorff's alpha") if one.by == "theme" and one.value < _LOW_AGREEMENT]
    return [(name, slots), *([("poor", {"number": things(len(poor), "theme")})] if poor else [])]


def _voices(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how much stands on forms alone."""
    found = {row.group: row for row in rows.of("mentions of themes") if row.shown}
    forms = found.get("on forms only")
    if forms is None:
        return []
    return [("forms_only", {"number": count(forms.numerator), "n": count(forms.n), "share": value_words(forms)})]


def _saturation(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say whether the latest events brought anything new."""
    row = rows.one("new themes in the last 2 events")
    if row is None:
        return []
    if not row.shown:
        return [("refused", {"reason": why(row)})]
    return [("new" if row.numerator else "none_new", {"number": things(row.numerator, "theme")})]


def _who(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many of those recorded are Black."""
    row = next((row for row in rows.of("attendances") if (row.by, row.group) == ("ethnicity", "Black")), None)
    if row is None:
        return []
    if not row.shown:
        return [("hidden", {})]
    return [("black", {"number": count(row.numerator), "n": count(row.n), "share": value_words(row)})]


RULES: Final[Mapping[str, Callable[[PublishedRecords, RecordRows], Said]]] = {
    "held": _held,
    "who": _who,
    "again": _again,
    "contacts": _contacts,
    "officers": _officers,
    "length": _length,
    "questions": _questions,
    "reach": _reach,
    "themes": _themes,
    "communities": _communities,
    "agreement": _agreement,
    "voices": _voices,
    "saturation": _saturation,
    **RULES_OF_ACTION,
}


def _top(rows: Sequence[RecordRow]) -> list[RecordRow]:
    """Find the row or rows with the largest value; none where too many tie, which names nothing."""
    if not rows:
        return []
    best = max(row.value for row in rows)
    top = [row for row in rows if row.value == best]
    return top if best > 0 and len(top) <= _MOST_NAMED else []
