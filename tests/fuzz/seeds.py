"""Sound inputs that the fuzzer damages: one small survey in every format, its definitions, and the shipped demo.

Texts that a respondent wrote carry a marker, which no message may repeat.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

from lpact_eval.resources import surveys_folder
from lpact_eval.waves.spreadsheet import crosswalk_to_excel

MARKER = "QZXJVK"
ROWS = 14
FORMATS = ("csv", "xlsx", "sav", "zsav", "por", "dta")
NAMES = {"harmonised": "harmonised.toml", "wave": "first/wave.toml", "crosswalk": "first/crosswalk.toml"}
LOOKUP = "first/lookup.csv"

_HARMONISED = """
[scales.agreement]
answers = ["agree", "neither", "disagree"]
positive = ["agree"]

[variables.confidence]
title = "Confidence in the police"
wording = "I have confidence in the police"
kind = "scale"
scale = "agreement"
outcome = 5

[variables.ethnicity_detail]
kind = "category"
answers = ["African", "Caribbean", "British"]

[variables.ethnicity]
kind = "category"
from = "ethnicity_detail"

[variables.ethnicity.groups]
"Black" = ["African", "Caribbean"]
"White" = ["British"]

[variables.age]
kind = "number"

[variables.age_band]
kind = "scale"
from = "age"

[variables.age_band.bands]
"16-34" = [16, 34]
"35+" = [35, 120]

[variables.ways]
kind = "set"
answers = ["phone", "visit"]

[variables.said]
kind = "text"

[variables.attended]
kind = "yes_no"
"""

_WAVE = """
title = "First wave"
mode = "paper"

[fieldwork]
start = 2022-05-01
end = 2022-05-31

[delivered]
format = "FORMAT"
file = "delivered.FORMAT"
ENCODING
id = "ID"
time = "WHEN"
dates = "iso"
personal = ["CONTACT"]

[design]
weight = "WT"
psu = "SITE"

[quality]
consent = { column = "AGREED", accept = ["1"] }
"""

_CROSSWALK = """
# Asked of everybody.
[confidence]
column = "Q1"
[confidence.answers]
1 = "agree"
2 = "neither"
3 = "disagree"
[confidence.missing]
-8 = "don't know"
-9 = "prefer not to say"

[ethnicity_detail]
column = "ETH"
lookup = "lookup.csv"
comparable = "partial"
reason = "Written in."

[age]
column = "AGE"
range = [16, 110]
[age.missing]
999 = "prefer not to say"

[ways]
column = "WAYS"
separator = ";"
asked_if = { column = "AGREED", accept = ["1"] }
[ways.answers]
"phone" = "phone"
"visit" = "visit"

[said]
column = "SAID"

[not_asked]
variables = ["attended"]
reason = "Before the first event."
"""

_PLAN = """
title = "A plan"
waves = ["first"]
surveys = "surveys"
population = "small"
first_event = 2022-06-01
seed = 7

[weights]
collapse = 5

[[indicator]]
id = "conf"
outcome = 5
title = "Confidence"
variable = "confidence"
by = "ethnicity"
groups = ["Black"]
answers = ["agree"]
role = "primary"
analyses = ["level"]
rule = "none"
"""

_POPULATION = """
title = "A small place"
reference_date = 2021-03-21
scaled_to = "ethnicity"

[margins.ethnicity]
file = "ethnicity.csv"
note = "All ages."

[margins.age_band]
file = "age_band.csv"
"""


@dataclass(frozen=True)
class Seeds:
    """Sound files by their place under the folder that an input is written to."""

    delivered: dict[str, bytes]
    definitions: dict[str, bytes]
    demo: dict[str, bytes]
    sheet: bytes


def wave_text(kind: str) -> bytes:
    """Write wave.toml for one format."""
    encoding = 'encoding = "utf-8"' if kind == "csv" else ""
    return _WAVE.replace("FORMAT", kind).replace("ENCODING", encoding).encode()


def respondents() -> pd.DataFrame:
    """Make respondents; what they wrote carries the marker."""
    places = range(ROWS)
    return pd.DataFrame(
        {
            "ID": [float(100 + place) for place in places],
            "WHEN": [f"2022-05-{place + 2:02d}" for place in places],
            "Q1": [[1.0, 2.0, 3.0, -8.0, -9.0, None][place % 6] for place in places],
            "ETH": [["wrote one", "wrote two", ""][place % 3] for place in places],
            "AGE": [[16.0, 44.0, 999.0, 80.0, None][place % 5] for place in places],
            "WAYS": [["phone;visit", "phone", ""][place % 3] for place in places],
            "SAID": [f"{MARKER}é-{place}" for place in places],
            "CONTACT": [f"{MARKER}{place}@example.org" for place in places],
            "WT": [0.5 + place % 4 for place in places],
            "SITE": [f"site {place % 3}" for place in places],
            "AGREED": [[1.0, 1.0, 1.0, 2.0][place % 4] for place in places],
        }
    )


@cache
def seeds() -> Seeds:
    """Write every sound file once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame = respondents()
        delivered = {kind: _delivered(frame, folder / f"delivered.{kind}") for kind in FORMATS}
        definitions = {
            "harmonised.toml": _HARMONISED.encode(),
            "first/wave.toml": wave_text("csv"),
            "first/crosswalk.toml": _CROSSWALK.encode(),
            LOOKUP: f"delivered,harmonised\nwrote one,African\nwrote two,British\n{MARKER} three,blank\n".encode(),
            "population/small/population.toml": _POPULATION.encode(),
            "population/small/ethnicity.csv": b"ethnicity,persons,source\nBlack,200,T1\nWhite,800,T1\n",
            "population/small/age_band.csv": b"age_band,persons,source\n16-34,300,T2\n35+,500,T2\n",
            "plan.toml": _PLAN.encode(),
        }
        sheet = _sheet(folder, {**definitions, "first/delivered.csv": delivered["csv"]})
    return Seeds(delivered, definitions, _demo(), sheet)


def _delivered(frame: pd.DataFrame, path: Path) -> bytes:
    """Write the respondents in the format of the suffix, the same bytes at any time of day."""
    kind = path.suffix[1:]
    labels = {"Q1": {1.0: "Agree", 2.0: "Neither", 3.0: "Disagree", -8.0: "Don't know"}, "AGREED": {1.0: "Yes"}}
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    if kind == "xlsx":
        return _book(frame, path)
    if kind in {"sav", "zsav"}:
        dated = frame.assign(WHEN=pd.to_datetime(frame["WHEN"]).dt.date)
        pyreadstat.write_sav(
            dated,
            path,
            compress=kind == "zsav",
            row_compress=kind == "sav",
            column_labels={"Q1": "I have confidence in the police", "SAID": "Anything else? é"},
            variable_value_labels=labels,
            missing_ranges={"Q1": [{"lo": -9, "hi": -8}], "AGE": [999], "ETH": ["none"]},
        )
        written = bytearray(path.read_bytes())
        written[92:109] = b"01 Jan 2200:00:00"  # date and time of writing
        return bytes(written)
    if kind == "por":
        pyreadstat.write_por(frame.replace({"é": "e", "@": " at "}, regex=True), path)
        return _undated(path.read_bytes())
    pyreadstat.write_dta(frame, path, variable_value_labels={"AGREED": {1: "Yes"}}, version=15)
    return path.read_bytes()


def _undated(portable: bytes) -> bytes:
    """Overwrite the date and time of a portable file, over the end of its line."""
    undated = bytearray(portable)
    start = portable.index(b"SPSSPORTA8/") + len(b"SPSSPORTA8/")
    places = [place for place in range(start, start + 18) if portable[place] not in b"\r\n"]
    for place, letter in zip(places, b"202201016/000000", strict=False):
        undated[place] = letter
    return bytes(undated)


def _book(frame: pd.DataFrame, path: Path) -> bytes:
    """Write a spreadsheet without the time that it was written at."""
    book = openpyxl.Workbook()
    book.active.append(list(frame.columns))
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        book.active.append([dt.date.fromisoformat(cell) if place == 1 else cell for place, cell in enumerate(row)])
    book.save(path)
    return packed(parts(path.read_bytes()))


def parts(content: bytes) -> dict[str, bytes]:
    """Unpack a zip file; the time of writing is left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist() if name != "docProps/core.xml"}


def packed(files: dict[str, bytes]) -> bytes:
    """Pack files, all of the same date."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for name, content in files.items():
            book.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _sheet(folder: Path, files: dict[str, bytes]) -> bytes:
    """Export the crosswalk as the spreadsheet that people fill in."""
    surveys = folder / "surveys"
    write_all(surveys, files)
    target = crosswalk_to_excel("first", folder / "crosswalk.xlsx", surveys=surveys)
    return packed(parts(target.read_bytes()))


def _demo() -> dict[str, bytes]:
    """Take the shipped definitions and demo files."""
    shipped = surveys_folder()
    files = [
        shipped / "harmonised.toml",
        *shipped.glob("*/*.toml"),
        *shipped.glob("*/*.csv"),
        *shipped.glob("*/demo/*"),
    ]
    return {path.relative_to(shipped).as_posix(): path.read_bytes() for path in sorted(files)}


def write_all(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
