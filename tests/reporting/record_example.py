"""Hand-made records of events, as they are published: rows by their measure, and lists of a line or two."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.disclosure.records import PublishedRecords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import ChartSpec

NAN = float("nan")
FIELDS = ("indicator", "table", "measure", "by", "group", "by2", "group2", "value", "unit", "numerator", "n", "base")
MORE = ("low", "high", "refused", "flags", "mark", "tier", "chart", "note")
HIDDEN = {"value": NAN, "mark": "[c]", "tier": "suppressed", "chart": False}
HIDDEN |= {"note": "Suppressed to protect confidentiality."}
CONTRIBUTION = ("outcome", "title", "part", "text", "detail", "source", "reference", "status")
BLANK = "not filled in by the lead"


def stand_in() -> None:
    """Let a page do without the charts of the records where they are not there."""
    name = "lpact_eval.reporting.record_charts"
    if name not in sys.modules and importlib.util.find_spec(name) is None:
        module = ModuleType(name)
        charts: Sequence[ChartSpec] = ()
        module.__dict__["record_charts"] = lambda _: charts
        sys.modules[name] = module


def row(measure: str, value: float, unit: str = "count", **other: object) -> dict[str, object]:
    """One published row."""
    made: dict[str, object] = dict.fromkeys((*FIELDS, *MORE), "")
    made |= {"numerator": NAN, "n": NAN, "low": NAN, "high": NAN, "tier": "full", "chart": True}
    return made | {"indicator": "1", "table": "relationships", "measure": measure, "value": value, "unit": unit} | other


def share(measure: str, numerator: float, n: float, base: str = "people", **other: object) -> dict[str, object]:
    """One published share."""
    return row(measure, numerator / n, "share", **{"numerator": numerator, "n": n, "base": base, **other})


def events() -> pd.DataFrame:
    """Two events; a count of the second is hidden, and its length is not known."""
    return pd.DataFrame(
        {
            "event": ["A1", "A2"],
            "date": pd.to_datetime(["2022-07-04", "2022-09-17"]),
            "year": ["2022", "2022"],
            "half_year": ["2022 H2", "2022 H2"],
            "community": ["Caribbean", "Somali"],
            "area": ["Leicester", "Blaby"],
            "age_focus": ["all ages", "young people"],
            "format": ["in person", "hybrid"],
            "attendees": pd.array([60, None], dtype="Int64"),
            "officers": [12.0, 9.0],
            "forms": pd.array([14, 12], dtype="Int64"),
            "opted_in": pd.array([21, 15], dtype="Int64"),
            "hours_planned": [3.0, 3.0],
            "hours_actual": [3.75, NAN],
            "hidden": ["", "attendees"],
            "mark": ["", "[c]"],
        }
    )


def cannot_act() -> pd.DataFrame:
    """What can't be done: one told, one not and without a reason."""
    return pd.DataFrame(
        {
            "theme": ["Training on race and bias", "Knowing local officers"],
            "workstream": ["represent", "involve"],
            "department": ["Training", "Chief officers"],
            "reason": ["No money for it this year", "no reason on record"],
            "raised": pd.to_datetime(["2022-07-04", "2022-09-17"]),
            "told": pd.to_datetime(["2022-09-01", None]),
            "told_to": ["Public", ""],
            "is_told": [True, False],
            "days": [59.0, 105.0],
            "withheld": [0, 0],
        }
    )


def you_said() -> pd.DataFrame:
    """Two themes: one done, one with nothing yet and not confirmed."""
    return pd.DataFrame(
        {
            "workstream": ["respect", "protect"],
            "theme": ["Stop and search", "Hate crime and racism"],
            "said": ["Explain every search", "Hate crime and racism"],
            "done": ["Professional standards", ""],
            "cannot": ["", ""],
            "why": ["", ""],
            "waiting": ["", "no action yet"],
            "confirmed": [True, False],
            "days_waiting": [NAN, 120.0],
            "withheld": [0, 0],
        }
    )


def contribution() -> pd.DataFrame:
    """One outcome: a claim, two looks with the same words, a question left empty, a strength and no judgement."""
    lines = [
        ("claim", "People met officers.", "", "lead", "", "filled"),
        (
            "evidence for",
            "Some came again.",
            "",
            "records",
            "retention; people who came more than once; share",
            "filled",
        ),
        ("evidence for", "Who stayed in touch?", BLANK, "lead", "", BLANK),
        ("no answer", "Too few answered.", "", "survey", "1.1; gap; Black", "no answer"),
        ("no answer", "Too few answered.", "", "survey", "1.2; change; Black", "no answer"),
        ("strength", "weak", "other explanations are open", "rubric", "Something speaks for it.", "filled"),
        ("lead's judgement", BLANK, "", "lead", "", BLANK),
    ]
    return pd.DataFrame([(1, "Relationships", *line) for line in lines], columns=list(CONTRIBUTION))


def quotes() -> pd.DataFrame:
    """Two quotes, one linked to nothing."""
    return pd.DataFrame(
        {
            "text": ["Nobody told us why.", "They listened, and it caused me to come again."],
            "themes": ["Being told what was done", ""],
            "community": ["Caribbean", ""],
            "event": ["A1", ""],
            "unlinked": ["", "fewer than 30 people at the event, or nobody counted"],
        }
    )


def records(*rows: dict[str, object], **other: object) -> PublishedRecords:
    """Published records with some rows; lists are empty unless given."""
    frame = pd.DataFrame(list(rows), columns=[*FIELDS, *MORE])
    given: dict[str, object] = {
        "rows": frame,
        "events": events().iloc[:0],
        "waiting": pd.DataFrame(),
        "cannot_act": cannot_act().iloc[:0],
        "you_said": you_said().iloc[:0],
        "contribution": contribution().iloc[:0],
        "quotes": quotes().iloc[:0],
        "ledger": pd.DataFrame({"record": [], "reason": [], "rows": []}),
        "issues": pd.DataFrame({"record": [], "column": [], "reason": [], "done": [], "cells": []}),
        "as_of": dt.date(2022, 12, 31),
        "synthetic": False,
    }
    return PublishedRecords(**{**given, **other})  # pyright: ignore[reportArgumentType] - frames, a date and a flag by name


def lists() -> dict[str, pd.DataFrame]:
    """All lists, filled."""
    ledger = {"record": ["register"] * 3, "reason": ["delivered", "date is blank", "kept"], "rows": [3, 1, 2]}
    issues = {"record": ["feedback", "register"], "column": ["text", "actual_end"]}
    issues |= {
        "reason": ["looks like a telephone number", "date is blank"],
        "done": ["cell set aside", "row set aside"],
    }
    return {
        "events": events(),
        "cannot_act": cannot_act(),
        "you_said": you_said(),
        "contribution": contribution(),
        "quotes": quotes(),
        "ledger": pd.DataFrame(ledger),
        "issues": pd.DataFrame({**issues, "cells": [2, 1]}),
    }
