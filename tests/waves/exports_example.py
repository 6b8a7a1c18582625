"""A small questionnaire, its respondents, and by hand what they harmonise to, whichever tool delivers them."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    import lpact_eval as lp

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("survey_tool_exports", _HERE / "exports.py")
assert _SPEC is not None
assert _SPEC.loader is not None
exports = importlib.util.module_from_spec(_SPEC)
sys.modules["survey_tool_exports"] = exports
_SPEC.loader.exec_module(exports)

HARMONISED = """
[scales.agreement]
answers = ["agree", "neither", "disagree"]
positive = ["agree"]

[variables.confidence]
kind = "scale"
scale = "agreement"

[variables.fair]
kind = "scale"
scale = "agreement"

[variables.group]
kind = "category"
answers = ["African", "Caribbean", "British"]

[variables.age]
kind = "number"

[variables.events]
kind = "category"
answers = ["none", "some"]

[variables.why_not]
kind = "set"
answers = ["not heard", "time or place", "not for me"]

[variables.community]
kind = "text"

[variables.site]
kind = "text"
paradata = true
"""

CONFIDENCE = "Taking everything into account, I have confidence in the police in this area"
FAIR = "The police treat everyone fairly"
GROUP = "What is your ethnic group?"
AGE = "How old are you?"
EVENTS = "How many events did you attend?"
WHY_NOT = "Why not? Tick all that apply"
COMMUNITY = "Which community do you feel part of?"
SITE = "Where are you?"
CONSENT = "May we use your answers?"
CODE = "What is the code on your card?"

AGREEMENT = ("Agree", "Neither", "Disagree", "Don't know", "Prefer not to say")
# One option holds a comma and a space, as Google Forms joins options; one has an accent, one a curly quote.
REASONS = ("I hadn\u2019t heard of it", "The time, or the place, didn't suit", "It's pass\u00e9")

QUESTIONS = (
    exports.Question("Q1", CODE),
    exports.Question("Q2", CONSENT, ("Yes", "No")),
    exports.Question("Q3", SITE),
    exports.Question("Q4", CONFIDENCE, AGREEMENT),
    exports.Question("Q5", FAIR, AGREEMENT),
    exports.Question("Q6", GROUP, ("African", "Caribbean", "British", "Prefer not to say")),
    exports.Question("Q7", AGE),
    exports.Question("Q8", EVENTS, ("None", "One or more")),
    exports.Question("Q9", WHY_NOT, REASONS, several=True),
    exports.Question("Q10", COMMUNITY),
)

CROSSWALK: dict[str, Any] = {
    "confidence": {
        "column": CONFIDENCE,
        "answers": {"Agree": "agree", "Neither": "neither", "Disagree": "disagree"},
        "missing": {"Don't know": "don't know", "Prefer not to say": "prefer not to say"},
    },
    "fair": {
        "column": FAIR,
        "comparable": "partial",
        "reason": "Asked of everyone.",
        "answers": {"Agree": "agree", "Neither": "neither", "Disagree": "disagree"},
        "missing": {"Don't know": "don't know", "Prefer not to say": "prefer not to say"},
    },
    "group": {
        "column": GROUP,
        "answers": {"African": "African", "Caribbean": "Caribbean", "British": "British"},
        "missing": {"Prefer not to say": "prefer not to say"},
    },
    "age": {"column": AGE, "range": [16, 110], "missing": {"999": "prefer not to say"}},
    "events": {"column": EVENTS, "answers": {"None": "none", "One or more": "some"}},
    "why_not": {
        "asked_if": {"column": EVENTS, "accept": ["None"]},
        "columns": dict(
            zip((f"{WHY_NOT} - {one}" for one in REASONS), ("not heard", "time or place", "not for me"), strict=True)
        ),
    },
    "community": {"column": COMMUNITY},
    "site": {"column": SITE},
}

WAVE = """
[fieldwork]
start = 2024-09-02
end = 2024-11-29

[delivered]
format = "{format}"
file = "delivered.{format}"
{layout}

[design]
psu = {site}

[quality]
consent = {consent}
"""


def person(  # noqa: PLR0913, PLR0917 - the questionnaire's answers in its order
    number: str,
    day: int,
    confidence: str,
    fair: str,
    group: str,
    age: str,
    events: str,
    why_not: tuple[str, ...],
    community: str = "",
    *,
    month: int = 9,
    consent: str = "Yes",
) -> exports.Respondent:
    started = dt.datetime(2024, month, day, 10, 15, day)  # noqa: DTZ001 - as tools write it
    reasons = why_not if events == "None" else exports.NOT_ASKED
    answers = (number, consent, f"Hall {day % 3}", confidence, fair, group, age, events, reasons, community)
    return exports.Respondent(
        number,
        started,
        started + dt.timedelta(minutes=7),
        f"{number}@example.org",
        dict(zip((one.name for one in QUESTIONS), answers, strict=True)),
    )


FIRST = person("R1", 3, "Agree", "Disagree", "African", "17", "None", REASONS, "Somali")
PEOPLE = (
    FIRST,
    person("R2", 5, "Don't know", "Agree", "British", "44", "One or more", (), "None, really"),
    person("R3", 13, "Neither", "Prefer not to say", "Prefer not to say", "999", "None", ()),
    person("R4", 21, "Disagree", "", "Caribbean", "", "None", (REASONS[1],), "Caf\u00e9 \u201cNile\u201d"),
    FIRST,  # in two downloads
    person("R5", 23, "", "", "African", "80", "", ()),
    person("R5", 24, "Agree", "Agree", "African", "80", "None", (REASONS[0], REASONS[1])),  # came back to finish
    person("R6", 25, "Agree", "Agree", "British", "30", "None", (REASONS[2],), consent="No"),
    person("R7", 12, "Agree", "Agree", "British", "30", "One or more", (), month=12),  # after fieldwork
    person("R8", 11, "", "", "", "", "", ()),  # nothing answered
    person("R9", 4, "Neither", "Neither", "Caribbean", "7", "One or more", ()),  # an impossible age
)

# By hand, from the eleven rows above.
LEDGER = {
    "delivered": 11,
    "no consent": 1,
    "nothing answered": 1,
    "outside the fieldwork dates": 1,
    "exact copy of another row": 1,
    "answered again: another row of the same respondent is more complete or later": 1,
    "kept": 6,
}
EXPECTED = {
    "confidence": [None, "neither", "disagree", "agree", "agree", "neither"],
    "fair": ["agree", None, None, "disagree", "agree", "neither"],
    "group": ["British", None, "Caribbean", "African", "African", "Caribbean"],
    "age": [44, None, None, 17, 80, None],
    "events": ["some", "none", "none", "none", "none", "some"],
    "why_not": [
        None,
        None,
        "time or place",
        "not heard; time or place; not for me",
        "not heard; time or place",
        None,
    ],
    "community": ["None, really", None, "Caf\u00e9 \u201cNile\u201d", "Somali", None, None],
    "site": ["Hall 2", "Hall 1", "Hall 0", "Hall 0", "Hall 0", "Hall 1"],
}
MISSING = {
    "confidence": ["don't know", None, None, None, None, None],
    "fair": [None, "prefer not to say", "blank", None, None, None],
    "group": [None, "prefer not to say", None, None, None, None],
    "age": [None, "prefer not to say", "blank", None, None, "blank"],
    "events": [None] * 6,
    "why_not": ["not asked", "blank", None, None, None, "not asked"],
    "community": [None, "blank", None, None, "blank", "blank"],
    "site": [None] * 6,
}

BY_CARD = f'\nid = "{CODE}"'


def write_export(folder: Path, export: exports.Export, kind: str, dialect: Mapping[str, str]) -> str:
    """Write the delivered file; return what wave.toml says of it."""
    folder.mkdir(parents=True)
    if kind == "csv":
        exports.save_csv(folder / "delivered.csv", export.rows, **dialect)
    else:
        exports.save_xlsx(folder / "delivered.xlsx", export.rows)
    return "\n".join([export.layout, *(f'{key} = "{value}"' for key, value in dialect.items())])


def plain(frame: pd.DataFrame) -> dict[str, list[object]]:
    """Answers as lists, None where missing."""
    return {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame}


def counted(sample: lp.Sample) -> dict[str, int]:
    """The ledger's rows, its notes left out."""
    found = dict(zip(sample.ledger["reason"], sample.ledger["rows"].tolist(), strict=True))
    return {reason: rows for reason, rows in found.items() if rows}
