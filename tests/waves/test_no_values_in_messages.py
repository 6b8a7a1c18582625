"""Nothing that a person wrote is in a message, warning, log, ledger, audit, traceback or on the command line.

A marker is planted in every kind of place of a delivered file, in every format, and looked for in all that comes out.
"""

from __future__ import annotations

import itertools
import json
import logging
import sys
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pyreadstat
import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.errors import LpactError
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from collections.abc import Sequence

HARMONISED = """
[variables.confidence]
title = "Confidence"
kind = "scale"
answers = ["agree", "neither", "disagree"]
positive = ["agree"]
[variables.ethnicity]
kind = "category"
answers = ["Black", "White"]
[variables.age]
kind = "number"
[variables.community]
kind = "text"
[variables.why]
kind = "set"
answers = ["time", "place"]
[variables.site]
kind = "text"
paradata = true
"""
WAVE = """
name = "first"
[fieldwork]
start = 2022-05-01
end = 2022-05-31
[delivered]
format = "{kind}"
file = "delivered.{kind}"
{encoding}
dates = "iso"
id = "id"
time = "when"
personal = ["contact"]
[design]
weight = "weight"
stratum = "stratum"
psu = "site"
[quality]
consent = {{ column = "consent", accept = ["1"] }}
[quality.speeders]
started = "begun"
finished = "done"
fastest = 60
"""
CROSSWALK = """
[confidence]
column = "q1"
[confidence.answers]
1 = "agree"
2 = "neither"
3 = "disagree"
[ethnicity]
column = "eth"
lookup = "lookup.csv"
[age]
column = "age"
range = [16, 110]
[community]
column = "who"
[why]
column = "why"
separator = ";"
[why.answers]
"Time" = "time"
"Place" = "place"
[site]
column = "site"
"""
PLAN = """
title = "t"
surveys = "surveys"
waves = ["first"]
[[indicator]]
id = "1"
outcome = 5
title = "Confidence"
variable = "confidence"
analyses = ["level"]
"""
ROWS = 12
MARKER = "Zebedee Quixote"
NUMBER = 918273645


@dataclass(frozen=True)
class Place:
    """Where a marker is planted, as a text and, for columns that a statistics file keeps as numbers, as a number."""

    column: str
    text: str = MARKER
    number: float = NUMBER
    numeric: bool = False


PLACES = (
    Place("id"),
    Place("q1", numeric=True),
    Place("q1", f"{MARKER}@example.org"),
    Place("eth"),
    Place("age", numeric=True),
    Place("age", "-918273645", -NUMBER, numeric=True),
    Place("who"),
    Place("who", "zebedee.quixote@example.org"),
    Place("who", "07700 900123"),
    Place("why", f"Time;{MARKER};"),
    Place("when"),
    Place("when", "1918-02-30"),
    Place("when", "1918-02-28"),
    Place("begun", "2022-05-02 91:82:73"),
    Place("begun", f"2022-05-02 {MARKER}"),
    Place("done", MARKER),
    Place("weight", numeric=True),
    Place("weight", "-918273.645", -918273.645, numeric=True),
    Place("stratum"),
    Place("site"),
    Place("consent"),
    Place("contact"),
    Place("other"),
    Place("other", "LE1 9ZQ"),
)


def rows() -> dict[str, list[object]]:
    """Twelve careful respondents."""
    return {
        "id": [f"R{place:03}" for place in range(ROWS)],
        "q1": [1.0, 2.0, 3.0] * 4,
        "eth": ["Somali", "British"] * 6,
        "age": [float(20 + place) for place in range(ROWS)],
        "who": ["Somali", "none"] * 6,
        "why": ["Time;", "Place;"] * 6,
        "when": ["2022-05-02"] * ROWS,
        "begun": ["2022-05-02 10:00"] * ROWS,
        "done": ["2022-05-02 10:10"] * ROWS,
        "weight": [1.0] * ROWS,
        "stratum": ["a", "b"] * 6,
        "site": [f"site {place % 6}" for place in range(ROWS)],
        "consent": ["1"] * ROWS,
        "contact": ["nobody"] * ROWS,
        "other": ["nothing"] * ROWS,
    }


def write(path: Path, cells: dict[str, list[object]]) -> None:
    """Write the delivered file."""
    if path.suffix == ".csv":
        pd.DataFrame(cells).to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in [list(cells), *zip(*cells.values(), strict=True)]:
            sheet.append(list(row))
        book.save(path)
    else:
        labels = {"q1": {1.0: "Agree", 2.0: "Neither", 3.0: "Disagree"}}
        pyreadstat.write_sav(pd.DataFrame(cells), path, variable_value_labels=labels)


def survey(folder: Path, kind: str, cells: dict[str, list[object]]) -> Path:
    """Write a project with one wave; return its plan."""
    wave = folder / "surveys" / "first"
    wave.mkdir(parents=True)
    (wave.parent / "harmonised.toml").write_text(HARMONISED, encoding="utf-8")
    encoding = 'encoding = "utf-8"' if kind == "csv" else ""
    (wave / "wave.toml").write_text(WAVE.format(kind=kind, encoding=encoding), encoding="utf-8")
    (wave / "crosswalk.toml").write_text(CROSSWALK, encoding="utf-8")
    (wave / "lookup.csv").write_text("delivered,harmonised\nsomali,Black\nbritish,White\n", encoding="utf-8")
    write(wave / f"delivered.{kind}", cells)
    plan = folder / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    return plan


def planted(place: Place, kind: str) -> tuple[dict[str, list[object]], list[str]]:
    """Put the marker of a place into one row; return the cells and what must appear nowhere."""
    cells = rows()
    as_number = kind != "csv" and place.numeric
    cells[place.column][3] = place.number if as_number else place.text
    if kind == "sav" and not as_number and place.numeric:
        cells[place.column] = list(map(str, cells[place.column]))
    if kind == "sav" and place.column == "q1" and not as_number:
        cells["q1"] = [str(cell).removesuffix(".0") for cell in cells["q1"]]
    secrets = [MARKER, str(NUMBER), "918273.645", place.text, "zebedee", "900123", "1918-02", "91:82", "9ZQ"]
    return cells, secrets


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def everything_said(folder: Path) -> str:
    """Read the wave, and put all that it says into one text."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            sample = read_wave("first", surveys=folder / "surveys")
            said += [sample.ledger.to_string(), repr(sample)]
            said.append(lp.audit(["first"], surveys=folder / "surveys").to_string())
        except LpactError as error:
            said += [str(error), repr(error), "".join(traceback.format_exception(error))]
    said += [str(one.message) for one in caught]
    return "\n".join(said)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.column}: {place.text[:24]}")
def test_reading_says_nothing_that_a_person_wrote(
    place: Place, kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cells, secrets = planted(place, kind)
    survey(tmp_path, kind, cells)
    said = everything_said(tmp_path).replace(str(tmp_path), "") + caplog.text
    assert said
    assert not [secret for secret in secrets if secret in said]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.column}: {place.text[:24]}")
def test_the_command_line_says_nothing_that_a_person_wrote(  # noqa: PLR0917 - fixtures
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    cells, secrets = planted(place, "csv")
    plan = survey(tmp_path, "csv", cells)
    file = tmp_path / "surveys" / "first" / "delivered.csv"
    for arguments in (
        ["check", str(plan)],
        ["look", str(file)],
        ["look", str(file), "--json"],
        ["harmonise", "first", "--plan", str(plan), "--out", str(tmp_path / "out")],
    ):
        call(monkeypatch, *arguments)
    captured = capsys.readouterr()
    said = (captured.out + captured.err + caplog.text).replace(str(tmp_path), "")
    assert "Traceback" not in said
    assert not [secret for secret in secrets if secret in said]


def test_two_wrong_columns_at_once_say_no_more_than_one(tmp_path: Path) -> None:
    for number, (one, other) in enumerate(itertools.combinations(PLACES[:12], 2)):
        if one.column == other.column:
            continue
        cells, secrets = planted(one, "csv")
        cells[other.column][5] = other.text
        folder = tmp_path / str(number)
        survey(folder, "csv", cells)
        said = everything_said(folder).replace(str(tmp_path), "")
        assert not [secret for secret in [*secrets, other.text] if secret in said]


HEADERLESS = [
    f"{MARKER},zebedee@example.org,1\n",
    "zebedee@example.org,q,consent\n",
    "q2,07700 900123,LE1 9ZQ\n",
    "id,q3,AB123456C\n",
    "stratum@example.org,consent 07700 900123,weight LE1 9ZQ\n",
]


@pytest.mark.parametrize("header", HEADERLESS)
def test_a_header_that_holds_a_persons_contact_is_not_repeated(
    header: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    survey(tmp_path, "csv", rows())
    file = tmp_path / "surveys" / "first" / "delivered.csv"
    file.write_text(header + "1,2,3\n" * 12, encoding="utf-8")
    call(monkeypatch, "look", str(file))
    captured = capsys.readouterr()
    said = everything_said(tmp_path) + captured.out + captured.err
    assert not [secret for secret in ("zebedee@", "@example", "900123", "9ZQ", "AB123456C") if secret in said]


@pytest.mark.parametrize("column", ["consent", "weight", "stratum", "q1", "when"])
def test_the_nearest_names_of_an_absent_column_never_hold_a_contact(column: str, tmp_path: Path) -> None:
    cells = {(f"{column}@a.io" if name == column else name): values for name, values in rows().items()}
    survey(tmp_path, "csv", cells)
    said = everything_said(tmp_path)
    assert f"no column {column!r}" in said
    assert "@a.io" not in said


def test_a_label_is_the_files_own_and_may_be_shown_but_its_respondents_texts_may_not(tmp_path: Path) -> None:
    survey(tmp_path, "sav", rows())
    cells = rows()
    cells["q1"][2] = 77.0
    frame = pd.DataFrame(cells)
    labels = {"q1": {1.0: "Agree", 2.0: "Neither", 3.0: "Disagree", 77.0: "Asked by telephone"}}
    pyreadstat.write_sav(frame, tmp_path / "surveys" / "first" / "delivered.sav", variable_value_labels=labels)
    said = everything_said(tmp_path)
    assert "'77' (Asked by telephone) in 1 row" in said


def unmapped_in(tmp_path: Path, texts: Sequence[str]) -> str:
    """Say what reading says of texts that answer the closed question and are not mapped."""
    cells = rows()
    cells = {name: column * 3 for name, column in cells.items()}
    cells["id"] = [f"R{place:03}" for place in range(3 * ROWS)]
    cells["q1"] = ["1"] * (3 * ROWS - len(texts)) + list(texts)
    survey(tmp_path, "csv", cells)
    return everything_said(tmp_path)


def test_an_unmapped_text_is_shown_from_ten_respondents_on(tmp_path: Path) -> None:
    shared, few = "Strongly minded", "Mildly minded"
    said = unmapped_in(tmp_path, [shared] * 10 + [few] * 9)
    assert repr(shared) in said
    assert few not in said
    assert "1 other text in 9 rows, not shown" in said


def test_short_codes_are_shown_and_long_numbers_are_not(tmp_path: Path) -> None:
    said = unmapped_in(tmp_path, ["7", "-99", "x", "1234"])
    for code in ("'7'", "'-99'", "'x'"):
        assert code in said
    assert "1234" not in said


def test_json_of_the_check_says_no_more_than_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, _ = planted(Place("other", "zebedee@example.org"), "csv")
    plan = survey(tmp_path, "csv", cells)
    call(monkeypatch, "check", str(plan), "--json")
    found = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["personal data of first"]["found"].startswith("column 'other': 1 cell looks like an e-mail address")


def test_no_module_of_waves_logs_anything(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    survey(tmp_path, "csv", rows())
    everything_said(tmp_path)
    assert not [record for record in caplog.records if record.name.startswith("lpact_eval")]


def test_no_error_keeps_the_cause_whose_text_may_quote_a_cell() -> None:
    """An error raised while another is handled says `from None`; those of a definition's own text may keep it."""
    folder = Path(lp.__file__).parent / "waves"
    chained = [
        f"{path.name}:{number}"
        for path in sorted(folder.glob("*.py"))
        if path.name != "located.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip().startswith("raise ") and line.rstrip().endswith(" from error")
    ]
    assert chained == []
