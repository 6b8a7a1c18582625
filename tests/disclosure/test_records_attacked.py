"""Whatever records of events are published, a reader who adds and subtracts learns no small count of people.

The reader has all that is published: every row and the list of events. Unknown to them is, per event, how many came,
how many left a form, how many left contact details, and how many of each ethnic group were written down. What is shown
are sums of these; no event has more forms, contacts or people in groups than attendees. The least and the greatest that
a count may then be are two linear programs. A count under the rule, or what is left of a base beside it, is safe if the
two lie at least the rule apart. Nothing here is taken from the code that hides.
"""

from __future__ import annotations

import csv
import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

import lpact_eval as lp
from lpact_eval.disclosure.records import clear_records
from lpact_eval.disclosure.rules import UK
from lpact_eval.evaluation.record_measures import measured
from lpact_eval.evaluation.records import RECORD_COLUMNS, RecordResults, timeline
from lpact_eval.frames import records_of
from lpact_eval.reporting.differencing import telling
from lpact_eval.reporting.record_tidy import write_record_rows
from lpact_eval.reporting.release_folder import ReleaseFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords

RULE = UK.suppress_below
SETS, BLOCK = 200, 25
PAIRS = 40
GROUPS = ("Black", "White", "Asian")
PROMISED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("events and attendance", ("community",)),
    ("events and attendance", ("year",)),
    ("contacts opted in", ("community", "year")),
    ("contacts opted in", ("area",)),
    ("officers to attendees", ("community",)),
    ("who came", ()),
)
NUMERATORS = {"forms returned": "forms", "contacts opted in": "opted_in", "officers per attendee": ""}
Event = dict[str, Any]
Sum = dict[tuple[int, str], float]  # of an event's counts, each so many times


def random_events(source: random.Random, least: int = 1) -> list[Event]:
    """Make a few events, many of them small, some of them without a count."""
    made: list[Event] = []
    for place in range(source.randint(2, 8)):
        came = source.choice([source.randint(least, least + 13), source.randint(10, 80), source.randint(30, 80)])
        share = source.choice([0.1, 0.4, 0.9, 1.0])
        groups = {group: source.randint(0, max(came // 3, 0)) for group in GROUPS}
        made.append(
            {
                "event": f"E{place}",
                "date": f"{source.choice([2022, 2023])}-0{source.randint(1, 9)}-1{source.randint(0, 9)}",
                "community": source.choice(["Somali", "Caribbean", "Nigerian"]),
                "area": source.choice(["Leicester", "Blaby"]),
                "officers": source.randint(3, 15),
                "attendees": came,
                "forms": source.choice(["", source.randint(0, came)]),
                "opted_in": round(share * came) if source.random() < 0.9 else "",
                "groups": groups if source.random() < 0.7 else {},
            }
        )
    return made


def publish_events(events: Sequence[Event], folder: Path) -> PublishedRecords:
    """Publish some events as a run of a plan does: written down, read, worked out and cleared."""
    folder.mkdir(parents=True)
    columns = [name for name in events[0] if name != "groups"]
    pd.DataFrame(events)[columns].to_csv(folder / "register.csv", index=False)
    recorded = [(one["event"], "ethnicity", name, n) for one in events for name, n in one["groups"].items()]
    pd.DataFrame(recorded, columns=["event", "by", "group", "people"]).to_csv(folder / "attendance.csv", index=False)
    evidence = lp.read_events(folder)
    rows = pd.concat([measured(evidence, *promise).assign(indicator="1") for promise in PROMISED], ignore_index=True)
    return clear_records(RecordResults(rows=rows[list(RECORD_COLUMNS)], events=timeline(evidence)), UK)


@dataclass
class Reader:
    """What a reader of published records knows of sums of counts, and what they want to know."""

    events: list[Event]
    equal: list[tuple[Sum, float]] = field(default_factory=list["tuple[Sum, float]"])
    below: list[tuple[Sum, float]] = field(default_factory=list["tuple[Sum, float]"])
    wanted: list[tuple[str, Sum, int]] = field(default_factory=list["tuple[str, Sum, int]"])

    def total(self, name: str, inside: Sequence[int]) -> Sum:
        """Add a count of some events up; "groups" is everybody written down in a group."""
        names = [name] if name != "groups" else list(GROUPS)
        return {(place, one): 1.0 for place in inside for one in names if self.true(place, one) is not None}

    def true(self, place: int, name: str) -> int | None:
        """Give the count that the reader does not know."""
        one = self.events[place]
        found = one["groups"].get(name) if name in GROUPS else one[name]
        return int(found) if isinstance(found, int) else None

    def value(self, total: Sum) -> int:
        """Give what a sum truly is."""
        return round(sum(times * (self.true(*key) or 0) for key, times in total.items()))

    def hears(self, what: str, total: Sum, shown: float) -> None:
        """Learn a sum, or want it where it isn't shown; empty sums tell of nobody."""
        if not total:
            return
        if math.isnan(shown):
            self.wanted.append((what, total, self.value(total)))
        else:
            assert shown == pytest.approx(self.value(total)), what
            self.equal.append((total, shown))

    def secrets(self) -> Iterator[tuple[str, Sum]]:
        """List what nobody may know: counts under the rule."""
        yield from ((what, total) for what, total, count in self.wanted if count < RULE)

    def spread(self, total: Sum) -> float:
        """Say how far apart the least and the greatest lie that a count may be."""
        place = {key: number for number, key in enumerate(self._unknown())}

        def rows(known: Sequence[tuple[Sum, float]]) -> tuple[Any, Any]:
            if not known:
                return None, None
            matrix = sparse.lil_array((len(known), len(place)))
            for number, (terms, _) in enumerate(known):
                for key, times in terms.items():
                    matrix[number, place[key]] += times
            return matrix.tocsr(), np.array([right for _, right in known])

        aim = np.zeros(len(place))
        for key, times in total.items():
            aim[place[key]] += times
        (sums, right), (uneven, most) = rows(self.equal), rows(self.below)
        ends: list[float] = []
        for sign in (1.0, -1.0):
            end = linprog(sign * aim, A_eq=sums, b_eq=right, A_ub=uneven, b_ub=most, method="highs")
            assert end.status in {0, 3}
            ends.append(-math.inf if end.fun is None else float(end.fun))
        return -ends[1] - ends[0]

    def _unknown(self) -> list[tuple[int, str]]:
        """List the counts that there are."""
        names = ("attendees", "forms", "opted_in", *GROUPS)
        return [
            (place, name) for place in range(len(self.events)) for name in names if self.true(place, name) is not None
        ]


def reads(published: PublishedRecords, reader: Reader, places: Sequence[int]) -> None:
    """Let a reader read everything that was published of some of their events."""
    by_name = {reader.events[place]["event"]: place for place in places}
    for row in records_of(published.events):
        place = by_name[str(row["event"])]
        for name in ("attendees", "forms", "opted_in"):
            if reader.true(place, name) is not None:
                shown = float(count) if isinstance(count := row[name], int | float) else math.nan
                reader.hears(f"{name} of one event", {(place, name): 1.0}, shown)
    for row in records_of(published.rows):
        _read(row, reader, [place for place in places if _inside(row, reader.events[place])])
    for place in places:  # what anybody takes for granted of an event
        for parts in (("forms",), ("opted_in",), GROUPS):
            terms = {(place, name): 1.0 for name in parts if reader.true(place, name) is not None}
            if terms:
                reader.below.append((terms | {(place, "attendees"): -1.0}, 0.0))


def _inside(row: dict[str, Any], event: Event) -> bool:
    """Whether an event is in the group of a row."""
    groups = {"community": event["community"], "area": event["area"], "year": event["date"][:4]}
    pairs = ((row["by"], row["group"]), (row["by2"], row["group2"]))
    return all(groups[by] == group for by, group in pairs if by in groups)


def _read(row: dict[str, Any], reader: Reader, inside: list[int]) -> None:
    """Let a reader read one row."""
    measure, total = row["measure"], reader.total
    if row["refused"]:
        return
    if measure == "attendees":
        reader.hears("attendees", total("attendees", inside), row["value"])
    elif measure.startswith("attendees at an event: ") and not math.isnan(row["value"]):
        _read_spread(measure, row["value"], reader, inside)
    elif measure in NUMERATORS:
        name = NUMERATORS[measure]
        both = [place for place in inside if not name or reader.true(place, name) is not None]
        reader.hears(f"base of {measure}", total("attendees", both), row["n"])
        if name:
            _read_share(row, reader, (total(name, both), total("attendees", both)))
    elif row["by"] == "ethnicity" and measure == "attendances recorded in groups":
        recorded = [place for place in inside if reader.events[place]["groups"]]
        _read_share(row, reader, (total("groups", recorded), total("attendees", recorded)))
    elif row["by"] == "ethnicity" and measure == "attendances" and row["group"] in GROUPS:
        _read_share(row, reader, (total(row["group"], inside), total("groups", inside)))


def _read_share(row: dict[str, Any], reader: Reader, sums: tuple[Sum, Sum]) -> None:
    """Let a reader read a numerator, its base, and what is left of it; a share and its base give the numerator."""
    part, whole = sums
    shown = row["numerator"]
    if math.isnan(shown) and not math.isnan(row["value"]):
        shown = row["value"] * row["n"]
    left: Sum = defaultdict(float, whole)
    for key, times in part.items():
        left[key] -= times
    reader.hears(row["measure"], part, shown)
    reader.hears(f"base of {row['measure']}", whole, row["n"])
    if math.isnan(shown):
        reader.wanted.append((f"others than {row['measure']}", dict(left), reader.value(left)))


def _read_spread(measure: str, value: float, reader: Reader, inside: list[int]) -> None:
    """Let a reader read the lowest, the highest or the middle attendance of some events."""
    every = reader.total("attendees", inside)
    if measure.endswith("median"):
        if len(every) <= 2:
            reader.equal.append((every, value * len(every)))
        return
    sign = 1.0 if measure.endswith("highest") else -1.0
    for key in every:
        reader.below.append(({key: sign}, sign * value))


def attacked(reader: Reader) -> list[str]:
    """List the small counts that a reader can tell too well."""
    return [what for what, total in reader.secrets() if reader.spread(total) < RULE - 1e-6]


@pytest.mark.parametrize("block", range(SETS // BLOCK))
def test_no_small_count_can_be_worked_out_from_one_release(block: int, tmp_path: Path) -> None:
    secrets = 0
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        events = random_events(random.Random(seed))  # noqa: S311 - no secret hangs on it
        reader = Reader(events)
        reads(publish_events(events, tmp_path / str(seed)), reader, range(len(events)))
        secrets += sum(1 for _ in reader.secrets())
        assert attacked(reader) == [], seed
    assert secrets > BLOCK


@pytest.fixture(scope="module")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A release of one question, beside which records are written."""
    path = tmp_path_factory.mktemp("surveys") / "plan.toml"
    indicator = 'id = "1"\noutcome = 5\ntitle = "Confidence"\nvariable = "conf_overall"\nanalyses = ["level"]\n'
    path.write_text(f'title = "Test"\nwaves = ["2022"]\n[[indicator]]\n{indicator}', encoding="utf-8")
    return lp.publish(lp.run_plan(lp.read_plan(path)))


def released(surveys: Published, records: PublishedRecords, path: Path) -> ReleaseFolder:
    """Write records.csv, and read it as the gate does."""
    write_record_rows(surveys, records, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = tuple(csv.DictReader(file))
    return ReleaseFolder(path.parent, "", UK.name, False, {}, {}, {}, rows=(), records=lines)  # noqa: FBT003 - not made up


def test_two_releases_in_a_row_are_stopped_or_tell_no_small_count(surveys: Published, tmp_path: Path) -> None:
    let_through = 0
    for seed in range(PAIRS):
        source = random.Random(seed)  # noqa: S311 - no secret hangs on it
        events = sorted(random_events(source, least=source.choice([10, 40])), key=lambda one: str(one["date"]))
        first = source.randint(1, len(events) - 1)
        folder = tmp_path / str(seed)
        old, new = publish_events(events[:first], folder / "old"), publish_events(events, folder / "new")
        if telling(released(surveys, old, folder / "old.csv"), released(surveys, new, folder / "new.csv")):
            continue  # the gate lets no later release out beside the earlier one
        let_through += 1
        reader = Reader(events)
        reads(old, reader, range(first))
        reads(new, reader, range(len(events)))
        assert attacked(reader) == [], seed
    assert let_through > 1
