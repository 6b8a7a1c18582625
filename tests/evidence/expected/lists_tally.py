"""Tally reach, and write out the honest list and what communities are told.

Rules
-----
1. Black residents are counted by the census table that ships with the package (19 groups: African, Caribbean, Other
   Black). Three things stand beside them by authority: events held there with their attendances; attendances of people
   living there, from counts; and those of Black people living there, from codes of people.
2. The index of dissimilarity is half the sum of the absolute differences of shares.
3. The honest list holds every action that can't be done, in the order in which they were raised, with the days from
   raised to told, or to the day of the record where nobody was told.
4. "You said" holds every theme that is confirmed, or that somebody acts on and the focus group did not reject, by
   workstream; in the focus group's words where its verdict is to amend. Waiting: actions neither done nor impossible.
"""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from actions_tally import verdict_that_counts
from events_tally import register
from raw import AS_OF, STREAM, STREAMS, SURVEYS, THEMES, day, kept
from writing import count, label, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from writing import Expected

CANNOT = ("theme", "workstream", "department", "reason", "raised", "told", "told_to", "is_told", "days")
SAID = ("workstream", "theme", "said", "done", "cannot", "why", "waiting", "confirmed", "days_waiting")
BLACK = ("African", "Caribbean", "Other Black")


def reach() -> list[Expected]:
    """Tally events and attendances by authority beside Black residents."""
    residents = _residents()
    everybody = sum(residents.values())
    held = Counter(row["area"] for row in register())
    came: Counter[str] = Counter()
    for row in register():
        came[row["area"]] += int(row["attendees"])
    living: Counter[str] = Counter()
    for row in kept("attendance"):
        if row["by"] == "area" and row["group"] in residents:
            living[row["group"]] += int(row["people"])
    black = Counter(row["area"] for row in kept("people") if row["ethnicity"] == "Black" and row["area"] in residents)
    found = [share("Black residents: share", n, everybody, label("area", area)) for area, n in residents.items()]
    for name, counts in (
        ("events held there", held),
        ("attendances at events held there", came),
        ("attendances of people living there", living),
        ("attendances of Black people living there", black),
    ):
        total, apart = sum(counts.values()), Fraction(0)
        for area, n in residents.items():
            where, difference = label("area", area), Fraction(counts[area], total) - Fraction(n, everybody)
            apart += abs(difference)
            points: Expected = {"measure": f"{name}: share less share of Black residents", "unit": "points", **where}
            found += [
                count(name, counts[area], where),
                share(f"{name}: share", counts[area], total, where),
                points | {"value": float(difference)},
            ]
            if name != "events held there":
                rate = share(f"{name} per 1,000 Black residents", counts[area], n, where, unit="ratio")
                found.append(rate | {"value": float(Fraction(1000 * counts[area], n))})
        index: Expected = {"measure": f"dissimilarity: {name}", "unit": "index", **label(), "n": total}
        found.append(index | {"value": float(apart / 2)})
    return found


def cannot_act() -> list[tuple[object, ...]]:
    """List what can't be done."""
    found = []
    for row in sorted(kept("actions"), key=lambda row: (row["raised"], row["action"])):
        if row["status"] == "cannot act":
            days = ((day(row["told"]) or AS_OF) - day(row["raised"])).days
            audiences = ", ".join(sorted(row["told_to"].split(";"))) if row["told_to"] else ""
            who = (THEMES[row["theme"]], STREAM[row["theme"]], row["department"], row["reason"])
            found.append((*who, row["raised"], row["told"], audiences, bool(row["told"]), days))
    return found


def you_said() -> list[tuple[object, ...]]:
    """Lay out: you said, we did, we can't and why."""
    found = []
    for theme in sorted(THEMES, key=lambda key: STREAMS.index(STREAM[key])):
        verdicts = [row for row in kept("verdicts") if row["theme"] == theme]
        mine = [row for row in kept("actions") if row["theme"] == theme]
        judged = verdict_that_counts(verdicts)
        confirmed = judged in {"agree", "amend"}
        if not confirmed and (not mine or judged == "reject"):
            continue
        wordings = [row["reworded"] for row in sorted(verdicts, key=lambda row: row["meeting"]) if row["reworded"]]
        said = wordings[-1] if judged == "amend" else THEMES[theme]
        done, cannot = ([row for row in mine if row["status"] == status] for status in ("done", "cannot act"))
        waiting = [row for row in mine if row["status"] not in {"done", "cannot act"}]
        days = max(((AS_OF - day(row["raised"])).days for row in waiting), default="")
        departments = [_once(row["department"] for row in rows) for rows in (done, cannot, waiting)]
        why = "; ".join(dict.fromkeys(row["reason"] for row in cannot))
        waits = departments[2] if mine else "no action yet"
        found.append((STREAM[theme], THEMES[theme], said, departments[0], departments[1], why, waits, confirmed, days))
    return found


def write_lists(folder: Path) -> None:
    """Write both lists."""
    for name, headings, rows in (("cannot_act", CANNOT, cannot_act()), ("you_said", SAID, you_said())):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([headings, *rows])


def _residents() -> Mapping[str, int]:
    """Count Black residents by authority."""
    found: Counter[str] = Counter()
    path = SURVEYS / "population" / "counts" / "leicestershire-2021.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["variable"] == "ethnicity_19" and row["category"] in BLACK:
                found[row["area"]] += int(row["persons"])
    return found


def _once(names: Iterable[str]) -> str:
    """Name departments once each."""
    return ", ".join(dict.fromkeys(names))
