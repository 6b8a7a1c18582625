"""Sentences on action, observation, cost and the records themselves, chosen by rules from the published numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.numbers import count, known
from lpact_eval.reporting.record_cells import range_words, value_words
from lpact_eval.reporting.record_lists import boxes, strengths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.record_rows import RecordRow, RecordRows

Said = list[tuple[str, dict[str, str]]]


def things(number: float, thing: str) -> str:
    """Count things.

    >>> things(1, "event"), things(14, "event")
    ('1 event', '14 events')
    """
    return f"{number:,.0f} {thing}{'' if number == 1 else 's'}"


def why(row: RecordRow) -> str:
    """Give the reason why there is no number, as the end of a sentence."""
    reason = (row.refused or row.note).rstrip(".")
    return f"{reason[:1].lower()}{reason[1:]}" if reason else "there is none"


def _funnel(_: PublishedRecords, rows: RecordRows) -> Said:
    """Follow themes from raised to told."""
    stages = {
        "raised": "themes raised",
        "put": "themes put to the focus group",
        "confirmed": "themes confirmed",
        "answered": "themes answered, of those confirmed",
        "done": "themes done, of those confirmed",
        "told": "themes told, of those confirmed",
    }
    log = rows.where(lambda row: row.table == "action")
    found = {name: log.one(measure, "count") for name, measure in stages.items()}
    if any(row is None or not row.shown for row in found.values()):
        return []
    slots = {name: count(row.value) for name, row in found.items() if row is not None}
    return [("path", slots)]


def _waiting(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how long half of the actions waited to be answered and done."""
    said: Said = []
    for end in ("answered", "done", "told"):
        row = rows.one(f"days to {end}")
        if row is None or row.mark == "[c]":
            continue
        if row.shown:
            said.append((end, {"days": value_words(row), "n": count(row.n)}))
        else:
            said.append((f"{end}_refused", {"reason": why(row)}))
    return said


def _cannot(records: PublishedRecords, _: RecordRows) -> Said:
    """Say how many actions can't be done, whether each has a reason, and whether people know."""
    listed = records_of(records.cannot_act)
    if not listed:
        return [("none", {})] if len(records.you_said) else []
    silent = sum(row["reason"] == "no reason on record" for row in listed)
    untold = sum(not row["is_told"] for row in listed)
    said: Said = [("listed", {"number": things(len(listed), "action")})]
    said.append(("without_reason", {"number": count(silent)}) if silent else ("all_reasons", {}))
    return [*said, ("untold", {"number": count(untold)}) if untold else ("all_told", {})]


def _said_and_done(records: PublishedRecords, _: RecordRows) -> Said:
    """Say how many themes still have nothing done and no reason."""
    listed = records_of(records.you_said)
    if not listed:
        return []
    nothing = sum(not row["done"] and not row["cannot"] for row in listed)
    slots = {"number": count(nothing), "n": things(len(listed), "theme"), "have": "has" if nothing == 1 else "have"}
    return [("nothing" if nothing else "all_answered", slots)]


def _offers(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say how many offers there were and how many ended in an observation."""
    log = rows.where(lambda row: row.table == "observation")
    offered, applied, attended = (log.one(name, "count") for name in ("offered", "applied", "attended"))
    if offered is None or not offered.shown:
        return [] if offered is None else [("hidden", {})]
    if attended is not None and attended.shown:
        have = "has" if attended.value == 1 else "have"
        return [("attended", {"n": things(offered.value, "offer"), "number": count(attended.value), "have": have})]
    if applied is not None and applied.shown:
        return [("applied", {"n": things(offered.value, "offer"), "number": count(applied.value)})]
    return [("offered", {"n": things(offered.value, "offer")})]


def _scores(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say whether understanding moved among those who answered twice."""
    row = rows.one("change in understanding")
    if row is None:
        return []
    if not row.shown:
        return [
            ("withheld" if row.mark == "[u]" else "hidden" if row.mark == "[c]" else "refused", {"reason": why(row)})
        ]
    slots = {"n": count(row.n), "size": value_words(row).lstrip("+\N{MINUS SIGN}")}
    if not known(row.low) or not known(row.high):
        return [("not_clear", {**slots, "range": "not known"})]
    slots["range"] = range_words(row)
    return [("rise" if row.low > 0 else "fall" if row.high < 0 else "not_clear", slots)]


def _cost(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say what an event cost in cash, and in staff time."""
    found = {what: rows.one(f"{what} per event") for what in ("cash", "staff time")}
    said: Said = []
    for what, row in found.items():
        if row is not None and row.shown:
            said.append((what.replace(" ", "_"), {"pounds": value_words(row), "n": things(row.n, "event")}))
    return said


def _sensitivity(_: PublishedRecords, rows: RecordRows) -> Said:
    """Say between which amounts an event's cost lies at other rates."""
    found = [
        row
        for row in rows.of("cash and staff time per event")
        if row.by == "all staff rates" and row.shown and "cash only" not in row.group
    ]
    if not found:
        return []
    low, high = min(found, key=lambda row: row.value), max(found, key=lambda row: row.value)
    slots = {"low": value_words(low), "high": value_words(high)}
    return [("span", {**slots, "least": low.group.removeprefix("x "), "most": high.group.removeprefix("x ")})]


def _contribution(records: PublishedRecords, _: RecordRows) -> Said:
    """Say how strong each case is, and how many boxes are empty."""
    found = strengths(records)
    if not found:
        return []
    number, empty = boxes(records)
    levels = "; ".join(f"{title[:1].lower()}{title[1:]}, {level}" for title, level in found)
    said: Said = [("strength", {"levels": levels})]
    if number:
        slots = {"number": count(empty), "n": count(number), "are": "is" if empty == 1 else "are"}
        said.append(("blank" if empty else "none_blank", slots))
    return said


def _ledger(records: PublishedRecords, _: RecordRows) -> Said:
    """Say how many rows were kept, and how many cells could not be used."""
    rows = records_of(records.ledger)
    delivered, kept = (
        sum(int(str(row["rows"])) for row in rows if row["reason"] == one) for one in ("delivered", "kept")
    )
    if not delivered:
        return []
    cells = sum(int(str(row["cells"])) for row in records_of(records.issues) if row["done"] == "cell set aside")
    slots = {"delivered": things(delivered, "row"), "kept": count(kept), "aside": count(delivered - kept)}
    return [("rows", {**slots, "cells": things(cells, "cell")})]


RULES_OF_ACTION: Final[Mapping[str, Callable[[PublishedRecords, RecordRows], Said]]] = {
    "funnel": _funnel,
    "waiting": _waiting,
    "cannot": _cannot,
    "said": _said_and_done,
    "offers": _offers,
    "scores": _scores,
    "cost": _cost,
    "sensitivity": _sensitivity,
    "contribution": _contribution,
    "ledger": _ledger,
}
