"""A small survey, written into a temporary folder in any delivered format."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

HARMONISED = """
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

[variables.attended]
kind = "yes_no"
"""

WAVE = """
title = "First wave"
mode = "paper"

[fieldwork]
start = 2022-05-01
end = 2022-05-31

[delivered]
format = "{format}"
file = "delivered.{format}"
id = "id"
{delivered}
"""

CROSSWALK = """
[confidence]
column = "q1"

[confidence.answers]
1 = "agree"
2 = "neither"
3 = "disagree"

[confidence.missing]
-8 = "don't know"
-9 = "prefer not to say"

[ethnicity_detail]
column = "eth"

[ethnicity_detail.answers]
1 = "African"
2 = "Caribbean"
3 = "British"

[age]
column = "age"
range = [16, 110]

[age.missing]
999 = "prefer not to say"

[not_asked]
variables = ["attended"]
reason = "Before the first event."
"""

ROWS = {
    "id": [101.0, 102.0, 103.0, 104.0],
    "q1": [1.0, 3.0, -8.0, None],
    "eth": [1.0, 2.0, 3.0, 3.0],
    "age": [16.0, 44.0, 999.0, 80.0],
}

WaveMaker = Callable[..., Path]


def write_delivered(path: Path, frame: pd.DataFrame, *, encoding: str = "utf-8") -> None:
    """Write a frame of codes as the format of the file's suffix."""
    kind = path.suffix[1:]
    if kind in {"sav", "zsav"}:
        pyreadstat.write_sav(
            frame, path, compress=kind == "zsav", missing_ranges={"q1": [{"lo": -9, "hi": -8}], "age": [999]}
        )
    elif kind == "por":
        pyreadstat.write_por(frame.rename(columns=str.upper), path)
    elif kind == "dta":
        pyreadstat.write_dta(frame, path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(list(frame.columns))
        for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
            book.active.append(list(row))
        book.save(path)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        path.write_bytes(frame.to_csv(index=False).encode(encoding))


@pytest.fixture
def make_wave(tmp_path: Path) -> WaveMaker:
    """Return a function that writes a survey folder with the wave "first"; `edit` replaces, `add` appends text."""

    def make(
        kind: str = "csv",
        *,
        cells: Mapping[str, list[object]] | None = None,
        delivered: str | None = None,
        edit: Mapping[str, tuple[str, str]] | None = None,
        add: Mapping[str, str] | None = None,
    ) -> Path:
        folder = tmp_path / "surveys" / "first"
        folder.mkdir(parents=True, exist_ok=True)
        if delivered is None:
            delivered = 'encoding = "utf-8"' if kind == "csv" else ""
        texts = {
            "harmonised": HARMONISED,
            "wave": WAVE.format(format=kind, delivered=delivered),
            "crosswalk": CROSSWALK,
        }
        for name, text in texts.items():
            old, new = (edit or {}).get(name, ("", ""))
            assert old in text, f"the text to replace is not in {name}.toml"
            place = folder.parent if name == "harmonised" else folder
            edited = text.replace(old, new, 1) if old else text
            (place / f"{name}.toml").write_text(edited + (add or {}).get(name, ""), encoding="utf-8")
        write_delivered(folder / f"delivered.{kind}", pd.DataFrame({**ROWS, **(cells or {})}))
        return folder.parent

    return make


@pytest.fixture
def make_export(make_wave: WaveMaker) -> WaveMaker:
    """Return a function that writes cells as the export of the wave "first"; no id is stated but with `own_id`."""

    def make(
        rows: Sequence[Sequence[str]],
        layout: str,
        *,
        own_id: bool = False,
        crosswalk: str = "",
        harmonised: str = "",
    ) -> Path:
        edit = {} if own_id else {"wave": ('id = "id"\n', "")}
        add = {"crosswalk": crosswalk, "harmonised": harmonised}
        surveys = make_wave("csv", delivered=f'encoding = "utf-8"\n{layout}', edit=edit, add=add)
        with (surveys / "first" / "delivered.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return surveys

    return make
