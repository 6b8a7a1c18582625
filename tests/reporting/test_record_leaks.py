"""What the records hide must not be in any byte of any output: suppressed counts, texts, people's codes, coders."""

from __future__ import annotations

import base64
import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.disclosure.records import clear_records
from lpact_eval.disclosure.rules import UK
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.record_promises import PlannedRecords
from lpact_eval.evaluation.records import run_records
from lpact_eval.reporting.page import BUNDLE
from lpact_eval.reporting.release import write_release
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.records import RecordResults

PACKED = re.compile(rb'(?<=<script type="application/gzip" id="bundle">)[A-Za-z0-9+/=]+')
LIBRARY = templates_folder() / BUNDLE
MARKER = 0.2718281828
WORDS = "only 7 marked people"
QUOTED = "F001"
PROMISED = {  # measures and what they are broken down by; clearing themes by community takes long
    "events and attendance": "",
    "contacts opted in": "half_year",
    "themes of one community": "",
    "forms and notes": "",
    "coder agreement": "",
    "actions": "workstream",
    "lay observation": "community",
    "understanding before and after": "",
    "cost": "",
}


def _leaks() -> ModuleType:
    """What reads bytes in every way; tests are not a package, so by path."""
    name = "reporting_test_leaks"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("test_leaks.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(autouse=True)
def _same_day(monkeypatch: pytest.MonkeyPatch, record_example: ModuleType) -> None:  # noqa: ARG001 - it lets pages do without charts
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")


@pytest.fixture(scope="module")
def results() -> RecordResults:
    """What a plan may promise from the shipped records, and one quote."""
    indicators = tuple(
        Indicator(
            id=f"e{place}",
            outcome=1,
            title=measure,
            role="exploratory",
            source="events",
            measure=measure,
            by=by,
        )
        for place, (measure, by) in enumerate(PROMISED.items())
    )
    order = tuple(one.id for one in indicators)
    planned = PlannedRecords(None, None, None, {}, (QUOTED,), indicators, order, at="plan", quotes_at="plan")
    return run_records(planned).results


def planted(results: RecordResults, *, marker: float, words: str) -> RecordResults:
    """Put a marker into every number and text of hidden rows that does not decide whether they are hidden."""
    rows, cleared = results.rows.copy(), clear_records(results, UK).rows
    gone = cleared["tier"].isin(["suppressed", "withheld"]) & cleared["unit"].isin(["count", "share"])
    assert gone.sum() > 100
    rows.loc[gone.to_numpy(), ["value", "low", "high"]] = marker
    rows.loc[(gone & (cleared["tier"] == "suppressed")).to_numpy(), "flags"] = words
    return replace(results, rows=rows)


def written(published: Published, results: RecordResults, folder: Path) -> dict[str, bytes]:
    """Write a release with the records in it."""
    paths = write_release(replace(published, records=clear_records(results, UK)), folder)
    return {path.name: path.read_bytes() for path in paths}


def readable(outputs: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Everything that the outputs may be read as."""
    for name, content in outputs.items():
        yield from ((name, part) for part in _leaks().readable(content))


def _told(outputs: dict[str, bytes]) -> Iterator[str]:
    """What people and machines read of the outputs; the library that draws charts has words like people's codes."""
    for name, part in readable({name: _without_library(content) for name, content in outputs.items()}):
        if part.isascii() or name.endswith((".html", ".csv")):
            yield part.decode("utf-8", errors="ignore")


def _without_library(content: bytes) -> bytes:
    """Take the packed library out of a page, once it is seen to be that and nothing else."""
    for packed in PACKED.findall(content):
        assert base64.b64decode(packed) == LIBRARY.read_bytes()
    return PACKED.sub(b"", content)


def test_nothing_planted_in_hidden_rows_is_in_any_output(
    published: Published, results: RecordResults, tmp_path: Path
) -> None:
    outputs = written(published, planted(results, marker=MARKER, words=WORDS), tmp_path / "out")
    assert {"report.html", "tables.xlsx", "records.csv"} <= set(outputs)
    for name, part in readable(outputs):
        assert not [mark for mark in (b"271828", b"27.18", WORDS.encode()) if mark in part], name


def test_outputs_are_the_same_to_the_byte_whatever_was_hidden(
    published: Published, results: RecordResults, tmp_path: Path
) -> None:
    outputs = [
        written(published, planted(results, marker=marker, words=words), tmp_path / str(place))
        for place, (marker, words) in enumerate([(MARKER, WORDS), (0.5, "other words")])
    ]
    assert outputs[0].keys() == outputs[1].keys()
    for name, content in outputs[0].items():
        assert content == outputs[1][name], name


def test_the_planted_words_are_found_where_nothing_is_hidden(
    published: Published, results: RecordResults, tmp_path: Path
) -> None:
    rows = results.rows.copy()
    rows.loc[(rows["measure"] == "days from first to latest event") & (rows["by"] == ""), "flags"] = WORDS
    outputs = written(published, replace(results, rows=rows), tmp_path / "out")
    found = {name for name, part in readable(outputs) if WORDS[1:].encode() in part}
    assert {"report.html", "tables.xlsx", "report.docx", "records.csv"} <= found


def test_texts_codes_of_people_and_coders_are_in_no_output(
    published: Published, results: RecordResults, tmp_path: Path
) -> None:
    tables = lp.read_events().tables
    outputs = written(published, results, tmp_path / "out")
    feedback = tables["feedback"]
    quoted = str(feedback.loc[feedback["item"] == QUOTED, "text"].iloc[0])
    texts = {str(text) for text in feedback["text"].dropna()} - {quoted}
    people = {*tables["people"]["person"].dropna(), *tables["observations"]["person"].dropna()}
    everything = b"\n".join(part for _, part in readable(outputs))
    assert quoted.encode() in everything
    assert [text for text in texts if text.encode() in everything] == []
    words = set(re.findall(r"\b[PO]\d{2,4}\b", " ".join(_told(outputs))))
    assert words & {str(code) for code in people} == set()
    assert not [name for name in (b"coder_1", b"coder_2", b"coder_3", b"quote_consent") if name in everything]


def test_hidden_counts_of_events_are_in_no_table(published: Published, results: RecordResults, tmp_path: Path) -> None:
    cleared = clear_records(results, UK)
    assert cleared.events["mark"].eq("[c]").any()
    lines = written(published, results, tmp_path / "out")["records.csv"].decode("utf-8-sig").splitlines()
    for name, words in (("attendees", "Attendees at the event"), ("opted_in", "Contacts opted in at the event")):
        hidden = cleared.events.loc[cleared.events[name].isna(), "event"]
        for event in hidden:
            (line,) = (line for line in lines if line.startswith(f"relationships,{words},event,{event},"))
            assert ",[c]," in line


def test_what_is_packed_in_base64_is_read_too() -> None:
    packed = base64.b64encode(WORDS.encode() * 2)
    assert any(WORDS.encode() in part for part in _leaks().readable(b"<p>" + packed + b"</p>"))
