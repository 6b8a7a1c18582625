"""What of the records of events is hidden, and why: for the internal log, without a number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.disclosure.dominated import judge_dominance
from lpact_eval.disclosure.record_counts import rows_counted, whole_number
from lpact_eval.disclosure.record_tables import EVENT_COUNTS
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.disclosure.record_counts import Counted, Quantity, Record
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.evaluation.records import RecordResults

RECORDS, EVENTS = "records", "events"
_HIDDEN: Final = "[c]"


def hidden_records(results: RecordResults, published: PublishedRecords, rules: Rules) -> Iterator[dict[str, str]]:
    """List the hidden rows and cells of the timeline.

    Parameters
    ----------
    results : RecordResults
        What was cleared.
    published : PublishedRecords
        What it was cleared to, in the same order.
    rules : Rules

    Yields
    ------
    dict of str to str
        table, measure, answer (the unit), by, group, mark, reason: "small base", "few events" (of a community), "one
        event" (it makes up too much of a total) or "subtraction".
    """
    found = rows_counted(results)
    hides = (
        rules if rules.dominance is not None and rules.dominance.action == "hide" else replace(rules, dominance=None)
    )
    judged = judge_dominance(found.rows, found.counted, found.events, amounts=results.amounts, rules=hides)
    for place in np.flatnonzero(published.rows["mark"] == _HIDDEN).tolist():
        row = found.rows[place]  # its words are as they are in the release
        yield {
            "table": RECORDS,
            "measure": str(row["measure"]),
            "answer": str(row["unit"]),
            "by": "; ".join(filter(None, (str(row["by"]), str(row["by2"])))),
            "group": "; ".join(filter(None, (str(row["group"]), str(row["group2"])))),
            "mark": _HIDDEN,
            "reason": "one event" if place in judged.costs else _reason(judged.counted[place], rules),
        }
    yield from _of_events(found.events, published, rules)


def _of_events(events: list[Record], published: PublishedRecords, rules: Rules) -> Iterator[dict[str, str]]:
    """List the hidden cells of the timeline."""
    for event, cleared in zip(events, records_of(published.events), strict=True):
        hidden = str(cleared["hidden"]).split("; ")
        for column in (name for name in EVENT_COUNTS if name in hidden):
            few = (whole_number(event[column]) or 0) < rules.suppress_below
            reason = "small base" if few else "subtraction"
            named = {"by": "event", "group": str(event["event"]), "mark": _HIDDEN, "reason": reason}
            yield {"table": EVENTS, "measure": column, **named}


def _reason(one: Counted, rules: Rules) -> str:
    """Say why a row is hidden, from what it counts."""
    counts = [quantity for quantity in (one.numerator, one.base) if quantity is not None]
    if any(_is_few(quantity, rules) for quantity in counts) or _leaves_few(one, rules):
        return "small base"
    if any(quantity.width for quantity in counts):
        return "one event"
    return "few events" if one.few or any(quantity.few for quantity in counts) else "subtraction"


def _is_few(one: Quantity, rules: Rules) -> bool:
    """Whether a quantity counts few people."""
    return one.people and one.value < rules.suppress_below


def _leaves_few(one: Counted, rules: Rules) -> bool:
    """Whether few people are left between a numerator and its base."""
    if one.numerator is None or one.base is None or not one.numerator.people:
        return False
    return one.base.value - one.numerator.value < rules.suppress_below
