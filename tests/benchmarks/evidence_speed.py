"""How long it takes to read the records of 200 events with 5,000 feedback items and to run every analysis of them.

Run from the repository: python tests/benchmarks/evidence_speed.py [--runs 5] [--check] [--parts].

The records are made up and written to a folder as csv files. Each run is a process of its own, timed in processor
seconds from the reading to the last table, imports of what the analyses need included; pandas and the package itself
are loaded before. With --check the exit code is 1 over the bar; --parts prints what each analysis takes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from lpact_eval.evidence.record_schema import read_record_schema

SECONDS = 2.0
EVENTS, ITEMS, ACTIONS, PEOPLE = 200, 5_000, 400, 3_000
_RUN = """
import sys, time
import pandas as pd
import lpact_eval as lp

CALLS = (
    ("summary", ()), ("summary", ("community",)), ("retention", ()), ("reach", ()), ("coverage", ()),
    ("themes", ()), ("themes", ("community",)), ("themes", ("workstream",)), ("raised", ()), ("cooccurrence", ()),
    ("saturation", ()), ("saturation", ("community",)), ("voices", ()), ("coding", ()), ("suggestions", ()),
    ("actions", ()), ("actions", ("community",)), ("waiting", ()), ("cannot_act", ()), ("you_said", ()),
    ("observations", ()), ("understanding_change", ()), ("costs", ()), ("cost_sensitivity", ()),
)
wall, start = time.perf_counter(), time.process_time()
evidence = lp.read_events(sys.argv[1])
parts = [("read", time.process_time() - start)]
assert len(evidence.tables["feedback"]) == int(sys.argv[2])
for name, arguments in CALLS:
    before = time.process_time()
    assert len(getattr(evidence, name)(*arguments))
    parts.append((" ".join((name, *arguments)), time.process_time() - before))
before = time.process_time()
assert len(lp.suggest_codes(evidence))
parts.append(("suggest_codes", time.process_time() - before))
print(time.perf_counter() - wall, time.process_time() - start)
for name, seconds in parts:
    print(f"{name:24} {seconds:6.3f}", file=sys.stderr)
"""


def write_records(folder: Path) -> None:
    """Write made-up records."""
    rng = np.random.default_rng(1)
    schema = read_record_schema()
    events = np.array([f"E{place:03}" for place in range(EVENTS)])
    dates = pd.Timestamp("2022-07-04") + pd.to_timedelta(np.arange(EVENTS) * 6, unit="D")
    communities = rng.choice(np.array(schema.lists["communities"][:8]), EVENTS)
    tables = {
        "register": _register(rng, dates, communities, np.array(schema.lists["areas"])) | {"event": events},
        "feedback": _feedback(rng, events, schema.themes),
        "people": _people(rng, events, communities),
        "actions": _actions(rng, events, dates, (list(schema.themes), list(schema.lists["departments"]))),
        "observations": _observations(rng, list(schema.lists["schemes"]), communities),
    }
    for name, table in tables.items():
        pd.DataFrame(table).to_csv(folder / f"{name}.csv", index=False)


def _register(
    rng: np.random.Generator, dates: pd.DatetimeIndex, communities: np.ndarray, areas: np.ndarray
) -> dict[str, object]:
    """Make events."""
    attendees = rng.integers(30, 90, EVENTS)
    return {
        "date": dates.strftime("%Y-%m-%d"),
        "area": rng.choice(areas, EVENTS),
        "community": communities,
        "age_focus": rng.choice(["all ages", "young people"], EVENTS),
        "format": "in person",
        "chief_officer": rng.choice(["yes", "no"], EVENTS),
        "officers": rng.integers(5, 16, EVENTS),
        "attendees": attendees,
        "forms": attendees // 3,
        "opted_in": attendees // 4,
        "planned_start": "18:00",
        "planned_end": "21:00",
        "actual_start": "18:10",
        "actual_end": rng.choice(["21:30", "22:45"], EVENTS),
        **{name: rng.choice(["yes", "no"], EVENTS) for name in ("respect", "protect", "involve", "represent")},
        **{f"cost_{kind}": rng.integers(0, 300, EVENTS) for kind in ("venue", "food", "travel", "materials", "other")},
        "organiser_hours": rng.integers(10, 40, EVENTS),
        "setup_people": 3,
        "setup_hours": 2.5,
    }


def _feedback(rng: np.random.Generator, events: np.ndarray, themes: dict[str, object]) -> dict[str, object]:
    """Make items of forms and notes, half of them double-coded, a tenth not coded."""
    keys = np.array(list(themes))
    truth = rng.random((ITEMS, keys.size)) < rng.beta(0.6, 6, keys.size)
    words = np.array([next(iter(theme.words), "nothing").rstrip("*") for theme in themes.values()])
    form = rng.random(ITEMS) < 0.7
    read = [np.ones(ITEMS, dtype=bool), rng.random(ITEMS) < 0.5]
    read = [one & (np.arange(ITEMS) % 10 > 0) for one in read]
    seen = [truth ^ (rng.random(truth.shape) < 0.01) for _ in read]
    codes = [
        [";".join(keys[row]) or "none" if given else "" for row, given in zip(table, whether, strict=True)]
        for table, whether in zip(seen, read, strict=True)
    ]
    return {
        "item": [f"I{place:05}" for place in range(ITEMS)],
        "event": rng.choice(events, ITEMS),
        "kind": np.where(form, "form", "note"),
        "person": np.where(form, rng.integers(1, 20, ITEMS).astype(str), ""),
        "question": rng.choice(["respect", "protect", "involve", "represent"], ITEMS),
        "text": [f"What we said here was about {' and '.join(words[row])} in our own streets" for row in truth],
        "coder_1": codes[0],
        "coder_2": codes[1],
        "quote_consent": "yes",
    }


def _people(rng: np.random.Generator, events: np.ndarray, communities: np.ndarray) -> dict[str, object]:
    """Make people who come, some of them again."""
    place = rng.integers(0, EVENTS, PEOPLE)
    pairs = np.unique(np.column_stack([place, rng.integers(0, PEOPLE // 2, PEOPLE)]), axis=0)
    return {
        "event": events[pairs[:, 0]],
        "person": [f"P{person:04}" for person in pairs[:, 1]],
        "community": communities[pairs[:, 1] % EVENTS],
    }


def _actions(
    rng: np.random.Generator, events: np.ndarray, dates: pd.DatetimeIndex, words: tuple[list[str], list[str]]
) -> dict[str, object]:
    """Make actions, half of them done."""
    themes, departments = words
    place = rng.integers(0, EVENTS, ACTIONS)
    raised = dates[place]
    answered = raised + pd.to_timedelta(rng.integers(5, 60, ACTIONS), unit="D")
    done = answered + pd.to_timedelta(rng.integers(5, 200, ACTIONS), unit="D")
    status = rng.choice(["done", "in progress", "not started", "cannot act"], ACTIONS, p=[0.5, 0.2, 0.2, 0.1])
    spoken = np.isin(status, ["done", "cannot act"])
    return {
        "action": [f"A{number:03}" for number in range(ACTIONS)],
        "theme": rng.choice(themes, ACTIONS),
        "department": rng.choice(departments, ACTIONS),
        "status": status,
        "reason": np.where(status == "cannot act", "The law does not allow it", ""),
        "raised": raised.strftime("%Y-%m-%d"),
        "answered": np.where(spoken, answered.strftime("%Y-%m-%d"), ""),
        "done": np.where(status == "done", done.strftime("%Y-%m-%d"), ""),
        "event": events[place],
    }


def _observations(rng: np.random.Generator, schemes: list[str], communities: np.ndarray) -> dict[str, object]:
    """Make offers of lay observation, a third of them taken up."""
    number = 300
    offered = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 400, number), unit="D")
    went = rng.random(number) < 1 / 3
    later = {name: (offered + pd.Timedelta(days=days)).strftime("%Y-%m-%d") for name, days in STEPS.items()}
    return {
        "person": [f"P{place:04}" for place in range(number)],
        "community": rng.choice(communities, number),
        "scheme": rng.choice(schemes, number),
        "offered": offered.strftime("%Y-%m-%d"),
        **{name: np.where(went, texts, "") for name, texts in later.items()},
        "vetting": np.where(went, "passed", ""),
        "before": np.where(went, rng.integers(1, 4, number).astype(str), ""),
        "after": np.where(went, rng.integers(2, 6, number).astype(str), ""),
    }


STEPS = {"applied": 10, "vetted": 60, "attended": 90}


def main() -> int:
    """Measure, print, and compare with the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="exit code 1 where the bar is missed")
    parser.add_argument("--parts", action="store_true", help="print what each analysis takes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_records(Path(folder))
        command = [sys.executable, "-c", _RUN, folder, str(ITEMS)]
        runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(options.runs)]
    times = [[float(part) for part in run.stdout.split()] for run in runs]
    wall, cpu = (statistics.median(run[place] for run in times) for place in (0, 1))
    print(f"{ITEMS} items over {EVENTS} events, read and analysed: {wall:.2f} s wall clock, {cpu:.2f} s processor")
    print(f"bar: {SECONDS} s of processor")
    if options.parts:
        print(runs[0].stderr)
    return int(options.check and cpu > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
