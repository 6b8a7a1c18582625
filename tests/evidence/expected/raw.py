"""Read the demo records for the tally, with plain loops and without the package.

Rules of reading
----------------
1. Row 1 holds the headings. Cells lose spaces at both ends; words of lists are compared without capitals.
2. Rows in which every cell is blank are no rows.
3. Rows set aside: of an event that the register does not have; the second row with the same id; an action without a
   theme.
4. Cells set aside, the row staying: an actual end before the actual start; more forms than attendees; a negative
   cost; an answer before the action was raised; a score that is not 1 to 5.
"""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from pathlib import Path

SURVEYS = Path(__file__).resolve().parents[3] / "surveys"
DEMO = SURVEYS / "events" / "demo"
RECORDS = (
    "register",
    "attendance",
    "people",
    "feedback",
    "verdicts",
    "actions",
    "observations",
    "communications",
)
QUESTIONS = ("respect", "protect", "involve", "represent")
COSTS = ("cost_venue", "cost_food", "cost_travel", "cost_materials", "cost_other")
AS_OF = dt.date(2024, 9, 30)  # the latest day in the records, read from communications.csv

with (SURVEYS / "events" / "events.toml").open("rb") as file:
    SCHEMA = tomllib.load(file)
THEMES = {key: theme["title"] for key, theme in SCHEMA["themes"].items()}
STREAM = {key: theme["workstream"] for key, theme in SCHEMA["themes"].items()}
STREAMS = ("respect", "protect", "involve", "represent", "other")
# Columns of words, and their lists: words are compared without capitals and written as the list has them.
LISTS = {name: SCHEMA["lists"][of] for name, of in (("community", "communities"), ("area", "areas"))}
LISTS |= {name: SCHEMA["lists"][f"{name}s"] for name in ("department", "scheme", "channel")}
LISTS |= {"kind": ["form", "note"], "quote_consent": ["yes", "no"]}

Row = dict[str, str]


def cells_of(record: str) -> list[Row]:
    """Give the rows of a file that are not blank, cells stripped, words of lists as the lists have them."""
    with (DEMO / f"{record}.csv").open(encoding="utf-8-sig", newline="") as file:
        found = []
        for row in csv.DictReader(file):
            cells = {name: cell.strip() for name, cell in row.items()}
            if any(cells.values()):
                found.append({name: _as_listed(name, cell) for name, cell in cells.items()})
        return found


def kept(record: str) -> list[Row]:
    """Give the rows of a record that are kept, cells that are set aside blank."""
    events = {row["event"] for row in cells_of("register")}
    key = {"register": "event", "feedback": "item", "actions": "action"}.get(record, "")
    seen: set[str] = set()
    found = []
    for row in cells_of(record):
        event = row.get("event", "")
        if (event and event not in events) or (key and row[key] in seen):
            continue
        if record == "actions" and not row["theme"]:
            continue
        seen.add(row.get(key, ""))
        found.append(_without_wrong_cells(record, row))
    return found


def number(cell: str) -> float | None:
    """Read a number; None where blank."""
    return float(cell) if cell else None


def minutes(cell: str) -> float | None:
    """Read a time of day as minutes; None where blank."""
    if not cell:
        return None
    hour, minute = cell.split(":")
    return 60 * int(hour) + int(minute)


def day(cell: str) -> dt.date | None:
    """Read a date, ISO or day first; None where blank."""
    if not cell:
        return None
    if "/" in cell:
        first, month, year = cell.split("/")
        return dt.date(int(year), int(month), int(first))
    return dt.date.fromisoformat(cell)


def themes_in(cell: str) -> set[str] | None:
    """Read a set of themes; None where it was not read, empty for "none"."""
    if not cell:
        return None
    return {word.strip() for word in cell.split(";")} - {"none"}


def _as_listed(name: str, cell: str) -> str:
    """Write a word as its list has it."""
    return next((word for word in LISTS.get(name, ()) if word.casefold() == cell.casefold()), cell)


def _without_wrong_cells(record: str, row: Row) -> Row:
    """Blank the cells of rule 4."""
    wrong = {"register": _wrong_in_register, "actions": _wrong_in_actions, "observations": _wrong_in_observations}
    names = wrong[record](row) if record in wrong else []
    return row | dict.fromkeys(names, "")


def _wrong_in_register(row: Row) -> list[str]:
    """List the cells of an event that can't be."""
    found = [name for name in COSTS if row[name] and float(row[name]) < 0]
    start, end = minutes(row["actual_start"]), minutes(row["actual_end"])
    if start is not None and end is not None and end < start:
        found.append("actual_end")
    if row["forms"] and row["attendees"] and int(row["forms"]) > int(row["attendees"]):
        found.append("forms")
    return found


def _wrong_in_actions(row: Row) -> list[str]:
    """List the cells of an action that can't be."""
    return ["answered"] if row["answered"] and row["answered"] < row["raised"] else []


def _wrong_in_observations(row: Row) -> list[str]:
    """List the scores that can't be."""
    return [name for name in ("before", "after") if row[name] and not 1 <= float(row[name]) <= 5]
