"""What the one-page summary says of the records: what was raised, what was done, what can't be done and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.background import day
from lpact_eval.reporting.numbers import count, known
from lpact_eval.reporting.record_answers import things
from lpact_eval.reporting.record_cells import value_words
from lpact_eval.reporting.record_rows import record_rows
from lpact_eval.reporting.rows import as_sentence, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.record_rows import RecordRows
    from lpact_eval.reporting.sentences import Sentences

Record = dict[str, object]
LONGEST: Final = 120  # characters of one line; a longer one ends in dots, and the report has all of it
TOLD_LINES, DID_LINES, CANNOT_LINES, OPEN_LINES = 17, 11, 13, 3  # what a sheet of paper has room for
_TOLD_WIDTH, _LIST_WIDTH = 38, 52  # characters of a line on paper, in a column of the lists
_RAISED: Final = "events where the room raised the theme"
_NO_REASON: Final = "no reason on record"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what was raised, and what became of it."""

    said: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page.

    Attributes
    ----------
    before : tuple of str
        Sentences above its list.
    items : tuple of Line
    after : tuple of str
        Sentences below its list.
    """

    before: tuple[str, ...]
    items: tuple[Line, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that it says."""
        listed = [text for line in self.items for text in (line.said, line.answer) if text]
        return (*self.before, *listed, *self.after)


def told(records: PublishedRecords | None, sentences: Sentences) -> Section:
    """List what was raised, that raised at most events first.

    Parameters
    ----------
    records : PublishedRecords or None
    sentences : Sentences

    Returns
    -------
    Section
        Where there are no records, or nothing was written down, it says so.
    """
    if records is None:
        return Section((sentences.say("community.told.no_records"),))
    rows, listed = record_rows(records), records_of(records.you_said)
    held = _held(records, rows, sentences)
    if not listed:
        return Section((*held, sentences.say("community.told.nothing")))
    raised = _raised(rows)
    ordered = sorted(listed, key=lambda row: -raised.get(str(row["theme"]), 0.0))
    checked = any(row["confirmed"] for row in listed)
    lines = [_checked(row, sentences) if checked else Line(str(row["said"])) for row in ordered]
    kept = fitting(lines, TOLD_LINES, _TOLD_WIDTH)
    before = [sentences.say(f"community.told.{'raised' if checked else 'raised_unchecked'}")]
    counts = [raised.get(str(row["theme"])) for row in listed]
    if len(set(counts) - {None}) > 1:
        before.append(sentences.say(f"community.told.{'order_known' if None in counts else 'order'}"))
    return Section((*held, *before), tuple(kept), _more(lines, kept, sentences))


def did(records: PublishedRecords | None, sentences: Sentences) -> Section:
    """List what was done and by whom, and what has neither been done nor been given a reason why not.

    Parameters
    ----------
    records : PublishedRecords or None
    sentences : Sentences

    Returns
    -------
    Section
    """
    if records is None:
        return Section((sentences.say("community.did.no_records"),))
    listed = records_of(records.you_said)
    open_still = [row for row in listed if not row["done"] and not row["cannot"]]
    after = _open(open_still, listed, sentences) if listed else ()
    done = [row for row in listed if row["done"]]
    if not done:
        return Section((sentences.say("community.did.nothing"),), (), after)
    lines = [
        Line(str(row["said"]), sentences.say(f"community.did.{_how_far(row)}", {"team": str(row["done"])}))
        for row in done
    ]
    kept = fitting(lines, DID_LINES, _LIST_WIDTH)
    return Section((sentences.say("community.did.listed"),), tuple(kept), (*_more(lines, kept, sentences), *after))


def cannot(records: PublishedRecords | None, sentences: Sentences) -> Section:
    """List what can't be done with the reasons; a reason that is missing is said to be.

    Parameters
    ----------
    records : PublishedRecords or None
    sentences : Sentences

    Returns
    -------
    Section
    """
    if records is None:
        return Section((sentences.say("community.cannot.no_records"),))
    worded = {str(row["theme"]): str(row["said"]) for row in records_of(records.you_said)}
    missing = sentences.say("community.cannot.no_reason")
    lines = [
        Line(
            worded.get(str(row["theme"]), str(row["theme"])),
            missing if row["reason"] == _NO_REASON else as_sentence(str(row["reason"])),
        )
        for row in records_of(records.cannot_act)
    ]
    if not lines:
        return Section((sentences.say("community.cannot.nothing"),))
    lines = list(dict.fromkeys(lines))
    kept = fitting(lines, CANNOT_LINES, _LIST_WIDTH)
    return Section((sentences.say("community.cannot.listed"),), tuple(kept), _more(lines, kept, sentences))


def fitting(lines: Sequence[Line], room: int, width: int) -> list[Line]:
    """Keep as many lines as there is room for, the first one always.

    Parameters
    ----------
    lines : sequence of Line
    room : int
        Lines on paper.
    width : int
        Characters in each of them.

    Returns
    -------
    list of Line
        Longer texts than `LONGEST` end in dots.
    """
    kept: list[Line] = []
    for line in (Line(shortened(one.said), shortened(one.answer)) for one in lines):
        room -= math.ceil(len(line.said + line.answer) / width)
        if kept and room < 0:
            break
        kept.append(line)
    return kept


def shortened(text: str, most: int = LONGEST) -> str:
    """Cut a text that is too long for one page between two words.

    >>> shortened("one two three", 9)
    'one two …'
    """
    whole = " ".join(text.split())
    if len(whole) <= most:
        return whole
    return f"{whole[: most - 1].rpartition(' ')[0] or whole[: most - 2]} …"


def _held(records: PublishedRecords, rows: RecordRows, sentences: Sentences) -> tuple[str, ...]:
    """Say how many events there were, and how many came."""
    dates = records.events["date"].dropna()
    if dates.empty:
        return ()
    slots = {"events": things(len(records.events), "event"), "first": day(dates.min()), "last": day(dates.max())}
    came = rows.one("attendees")
    if came is None or not came.shown:
        return (sentences.say("community.told.events_only", slots),)
    return (sentences.say("community.told.events", {**slots, "attendees": value_words(came)}),)


def _raised(rows: RecordRows) -> Mapping[str, float]:
    """Count the events at which a theme was raised, where that may be read."""
    found = rows.of(_RAISED, by=("theme",)).where(lambda row: row.by2 in {"", "workstream"})
    return {row.group: row.numerator for row in found if row.shown and known(row.numerator)}


def _checked(row: Record, sentences: Sentences) -> Line:
    """Name what was raised, and whether local people have checked it."""
    said = str(row["said"])
    return Line(said if row["confirmed"] else sentences.say("community.told.unchecked", {"said": said}))


def _how_far(row: Record) -> str:
    """Tell whether something is still to be done beside what was."""
    return "item_open" if row["waiting"] else "item"


def _open(still: Sequence[Record], listed: Sequence[Record], sentences: Sentences) -> tuple[str, ...]:
    """Name what has neither been done nor been given a reason, and the longest wait."""
    if not still:
        done = any(row["done"] for row in listed)
        return (sentences.say("community.did.all_answered"),) if done else ()
    names = fitting([Line(str(row["said"])) for row in still], OPEN_LINES, _LIST_WIDTH)
    left = len(still) - len(names)
    named = "; ".join([*(_small(line.said) for line in names), *([things(left, "other thing")] if left else [])])
    said = [sentences.say("community.did.open", {"things": named})]
    waits = [wait for row in still if known(wait := number(row["days_waiting"]))]
    return (*said, sentences.say("community.did.longest", {"days": count(max(waits))})) if waits else tuple(said)


def _more(lines: Sequence[Line], kept: Sequence[Line], sentences: Sentences) -> tuple[str, ...]:
    """Say how many lines there was no room for."""
    left = len(lines) - len(kept)
    return (sentences.say("community.told.more", {"number": str(left)}),) if left else ()


def _small(text: str) -> str:
    """Begin with a small letter after a colon, unless a name or an abbreviation begins."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"
