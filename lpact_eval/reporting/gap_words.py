"""Sentences on attendees and others beside the finding: unadjusted, by other methods, between groups, by events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.attending import RAW, RAW_APART
from lpact_eval.reporting.numbers import points, probability, signed_range, size
from lpact_eval.reporting.rows import as_sentence, people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.reporting.rows import Dose, Row
    from lpact_eval.reporting.sentences import Sentences

PER_EVENT: Final = "per event"
E_VALUE: Final = "e-value"
E_VALUE_OF_INTERVAL: Final = "e-value of the interval"
_NEAR: Final = 0.5  # half of the interval's half-width, as for the three rows of a change
_PER_COLUMN: Final = "in the smaller arm for each column of adjusters"
_TOO_MANY_ADJUSTERS: Final = "The smaller of the two groups has too few people for so many adjusters."
_METHODS: Final = {
    "ATT weights": "weights that make others resemble attendees (ATT)",
    "entropy weights (ATT)": "entropy weights that make others resemble attendees (ATT)",
    "doubly robust": "the doubly robust method",
}


def beside_words(gap: Row, others: Sequence[Row], sentences: Sentences) -> list[str]:
    """Say what a gap is without adjustment and why that differs, and what other methods make of it.

    Parameters
    ----------
    gap : Row
        The row that is reported first; nothing is said beside one without a number.
    others : sequence of Row
        The same gap unadjusted and by other methods.
    sentences : Sentences

    Returns
    -------
    list of str
    """
    if not gap.shown:
        return []
    said: list[str] = []
    for row in others:
        slots = _number_slots(row) | {"method": _METHODS.get(row.row, row.row), "reason": _reason(row)}
        if row.row != RAW:
            said.append(sentences.say(f"attendance.method_{_nearness(row, gap)}", slots))
        elif row.shown:
            said.append(sentences.say(f"attendance.raw_{_nearness(row, gap)}", slots))
            if apart := unlike_in(row):
                said.append(sentences.say("attendance.raw_apart", {"apart": apart}))
    return said


def unlike_in(row: Row) -> str:
    """Name the adjusters in which attendees differ from others, by the flag of an unadjusted row; may be empty."""
    flags = row.flags.split("; ")
    return next((flag.removeprefix(RAW_APART) for flag in flags if flag.startswith(RAW_APART)), "")


def plain_reason(row: Row) -> str:
    """Say in plain words that a method has too many adjusters for a group; empty where that isn't the reason."""
    return _TOO_MANY_ADJUSTERS if _PER_COLUMN in row.note and not row.shown else ""


def between_words(row: Row, sentences: Sentences) -> str:
    """Say how a gap differs between two groups; empty where that is not shown."""
    if not row.shown:
        return ""
    first, _, second = row.group.partition(" - ")
    slots = _number_slots(row) | {
        "first": people(first),
        "second": people(second),
        "size": size(row.estimate, row.base),
        "p": probability(row.p_adjusted) if row.tested else "",
    }
    direction = "higher" if row.estimate > 0 else "lower"
    return sentences.say(f"attendance.between_{direction if row.clear else 'not_clear'}", slots)


def dose_words(dose: Dose, sentences: Sentences) -> str:
    """Say how answers differ with each further event attended, or that too few attended."""
    row = dose.row
    if not row.shown:
        return sentences.say("attendance.dose_untold", {"people": people(row.group)})
    slots = _number_slots(row) | {
        "people": people(row.group),
        "size": size(row.estimate, row.base),
        "p": probability(row.p_adjusted) if row.tested else "",
    }
    direction = "higher" if row.estimate > 0 else "lower"
    return sentences.say(f"attendance.dose_{direction if row.clear else 'not_clear'}", slots)


def strength_words(gap: Row, lines: Sequence[Mapping[str, object]], sentences: Sentences) -> str:
    """Say how strong an unmeasured reason would have to be to explain a gap away.

    Parameters
    ----------
    gap : Row
    lines : sequence of mapping
        The published records on the strength of that gap.
    sentences : Sentences

    Returns
    -------
    str
        Where the interval holds 0 only that none is needed; empty where nothing is published.
    """
    readings = {str(line["measure"]): str(line["reading"]) for line in lines}
    needed, limit = readings.get(E_VALUE, ""), readings.get(E_VALUE_OF_INTERVAL, "")
    if not gap.shown or not needed:
        return ""
    chance = gap.conf_low <= 0 <= gap.conf_high and limit
    slots = _number_slots(gap) | {"people": people(gap.group), "reading": limit if chance else f"{needed} {limit}"}
    return sentences.say("attendance.strength", slots).strip()


def _reason(row: Row) -> str:
    """Say in plain words why a method gives no number."""
    return plain_reason(row) or as_sentence(row.note)


def _nearness(row: Row, gap: Row) -> str:
    """Say whether a row lies near the one reported first, or has no number."""
    if not row.shown:
        return "refused"
    half_width = (gap.conf_high - gap.conf_low) / 2
    return "near" if abs(row.estimate - gap.estimate) <= _NEAR * half_width else "far"


def _number_slots(row: Row) -> dict[str, str]:
    """Write a row's difference and its interval."""
    if not row.shown:
        return {"change": "", "range": ""}
    return {
        "change": points(row.estimate, row.base),
        "range": f"{signed_range(row.conf_low, row.conf_high, row.base)} points",
    }
