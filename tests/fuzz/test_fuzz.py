"""Damaged inputs are refused with a clear message or give a ledger that adds up; what the fuzzer found stays found.

The long run is a script: python tests/fuzz/fuzz.py --inputs 20000 --seed 1 --jobs 2
"""

from __future__ import annotations

import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from cases import Case, judged, make_case, run, sound_cases, target_of
from seeds import LOOKUP, MARKER, packed, parts, seeds, wave_text

SECONDS = 5.0
CROSSWALK = "first/crosswalk.toml"
Edit = Callable[[bytes], bytes]


def outcome(case: Case) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        verdict = judged(lambda: run(case, Path(folder)))
        assert time.process_time() - started < SECONDS
        return verdict


def edited(target: str, name: str, edit: Edit) -> Case:
    """Damage one of the sound files of a target."""
    sound = seeds()
    _, _, kind = target.partition(" ")
    kind = kind if kind in sound.delivered else "csv"
    files = {
        **sound.definitions,
        "first/wave.toml": wave_text(kind),
        f"first/delivered.{kind}": sound.delivered[kind],
        "crosswalk.xlsx": sound.sheet,
    }
    changed = edit(files[name])
    assert changed != files[name]
    return Case(target, {**files, name: changed})


def swapped(old: bytes, new: bytes) -> Edit:
    return lambda content: content.replace(old, new, 1)


def at(place: int, form: str, number: int) -> Edit:
    raw = struct.pack(form, number)
    return lambda content: content[:place] + raw + content[place + len(raw) :]


def in_sheet(old: bytes, new: bytes) -> Edit:
    def edit(content: bytes) -> bytes:
        files = parts(content)
        name = "xl/worksheets/sheet1.xml"
        return packed({**files, name: files[name].replace(old, new, 1)})

    return edit


# What the fuzzer found, and a person found by looking at it: name, target, file, damage.
FOUND: list[tuple[str, str, str, Edit]] = [
    (
        "labels of a number that belong to a text crashed the reader",
        "read sav",
        "first/delivered.sav",
        swapped(struct.pack("<4i", 4, 1, 3, 3), struct.pack("<4i", 4, 1, 7, 3)),
    ),
    (
        "labels that belong to no variable crashed the reader",
        "look sav",
        "first/delivered.sav",
        swapped(struct.pack("<4i", 4, 1, 3, 3), struct.pack("<4i", 4, 1, -32_768, 3)),
    ),
    (
        "a text variable without its further pieces crashed the reader",
        "read sav",
        "first/delivered.sav",
        lambda content: at(content.index(b"SITE    ") - 20, "<i", 64)(content),
    ),
    ("two billion rows were allocated", "read sav", "first/delivered.sav", at(80, "<i", 2**31 - 1)),
    ("two billion rows were allocated, packed", "read zsav", "first/delivered.zsav", at(80, "<i", 2**31 - 1)),
    (
        "a trillion rows were allocated",
        "read dta",
        "first/delivered.dta",
        lambda content: at(content.index(b"<N>") + 3, "<q", 10**12)(content),
    ),
    (
        "fewer rows than the file holds left the reader's own list",
        "read dta",
        "first/delivered.dta",
        lambda content: at(content.index(b"<N>") + 3, "<q", 3)(content),
    ),
    (
        "a date before any date warned and became a text",
        "read xlsx",
        "first/delivered.xlsx",
        in_sheet(b"<v>44683</v>", b"<v>-700000</v>"),
    ),
    (
        "a number of thousands of digits was no TOML error",
        "definitions",
        CROSSWALK,
        swapped(b"range = [16, 110]", b"range = [16, " + b"9" * 5000 + b"]"),
    ),
    (
        "a number of thousands of digits in a population was no TOML error",
        "plan and population",
        "population/small/population.toml",
        swapped(b"2021-03-21", b"9" * 5000),
    ),
    (
        "a name of thousands of characters was repeated whole",
        "definitions",
        CROSSWALK,
        lambda content: content + b"\n[" + b"x" * 50_000 + b']\ncolumn = "q1"\n',
    ),
    (
        "counts from a file that never ends were read for ever",
        "plan and population",
        "population/small/population.toml",
        swapped(b"age_band.csv", b"/dev/zero"),
    ),
    (
        "answers from a file that never ends were read for ever",
        "definitions",
        "first/wave.toml",
        swapped(b'file = "delivered.csv"', b'file = "/dev/zero"'),
    ),
    (
        "an encoding that is no name was no error of the definition",
        "definitions",
        "first/wave.toml",
        swapped(b'encoding = "utf-8', b'encoding = "utf\\u0000-8'),
    ),
    (
        "an indicator of no variable was no error of the plan",
        "plan and population",
        "plan.toml",
        swapped(b'variable = "confidence"', b'variable = ""'),
    ),
    (
        "a folder's name that no path may have was no error of the plan",
        "plan and population",
        "plan.toml",
        swapped(b'surveys = "surveys"', b'surveys = "sur\\u0000veys"'),
    ),
    (
        "a look-up with a text of 200,000 letters was no csv error",
        "definitions",
        LOOKUP,
        swapped(b"wrote two", b'"' + b"x" * 200_000),
    ),
    ("a look-up that never ends was read to its end", "definitions", CROSSWALK, swapped(b"lookup.csv", b"/dev/zero")),
    (
        "a look-up's shifted cell was repeated in a message",
        "definitions",
        LOOKUP,
        lambda content: content.replace(b" three,blank", f", and {MARKER},blank".encode()),
    ),
    (
        "a name of 50,000 letters was repeated in a message",
        "definitions",
        CROSSWALK,
        swapped(b'column = "Q1"', b'column = "' + b"x" * 50_000 + b'"'),
    ),
    (
        "a key of 50,000 letters was repeated in a message",
        "definitions",
        "first/wave.toml",
        swapped(b"title =", b"x" * 50_000 + b" ="),
    ),
    (
        "a million columns took a minute",
        "look csv",
        "first/delivered.csv",
        lambda content: content.replace(b"\n", b"," * 1_000_000 + b"\n", 1),
    ),
    (
        "a text of 400,000 letters took longer than anybody waits",
        "look csv",
        "first/delivered.csv",
        swapped(f"{MARKER}é-0".encode(), b"x" * 400_000),
    ),
    (
        "a text of 30,000 letters took longer than anybody waits",
        "look csv",
        "first/delivered.csv",
        swapped(f"{MARKER}é-0".encode(), b"x" * 30_000),
    ),
]


@pytest.mark.parametrize("case", sound_cases(), ids=lambda case: case.target)
def test_sound_inputs_are_read(case: Case) -> None:
    assert outcome(case)[0] == "read"


@pytest.mark.parametrize(("target", "name", "edit"), [one[1:] for one in FOUND], ids=[one[0] for one in FOUND])
def test_what_the_fuzzer_found_stays_found(target: str, name: str, edit: Edit) -> None:
    assert outcome(edited(target, name, edit))[0] in {"read", "refused"}


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_damaged_inputs_are_refused_or_add_up(number: int) -> None:
    verdict, detail = outcome(make_case(0, number))
    assert verdict != "finding", f"{target_of(0, number)}: {detail}"


def test_the_same_number_makes_the_same_input() -> None:
    assert [make_case(3, number).files for number in range(40)] == [make_case(3, number).files for number in range(40)]


def test_what_a_respondent_wrote_is_noticed_in_a_message() -> None:
    def leak() -> object:
        msg = f"column 'x' holds {MARKER}"
        from lpact_eval.errors import HarmonisationError  # noqa: PLC0415 - raised here only

        raise HarmonisationError(msg)

    assert judged(leak)[0] == "finding"
