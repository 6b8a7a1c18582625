"""National figures on the same questions: shown beside local trends, never subtracted from them."""

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd
from pydantic import ConfigDict

from lpact_eval.errors import DefinitionError
from lpact_eval.resources import ordinary, surveys_folder
from lpact_eval.waves.located import Located, nearest, read_toml, shown_path, validated
from lpact_eval.waves.schema import Schema, read_schema

BENCHMARK_COLUMNS = (
    *("variable", "series", "title", "wording", "measured", "area", "start", "end"),
    *("value", "low", "high", "survey", "source", "reference", "file"),
)
_COLUMNS = ("series", "start", "end", "value", "low", "high", "reference")
_HOW_A_DAY = "write a day as 2015-03-31"


@dataclass(frozen=True, slots=True)
class _Series:
    """One question of a national survey."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    variable: str
    title: str
    wording: str
    measured: str
    area: str


@dataclass(frozen=True, slots=True)
class _BenchmarkFile:
    """The keys of a benchmark file."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    title: str
    source: str
    file: str
    series: Mapping[str, _Series]


def read_benchmarks(surveys: str | Path | None = None) -> pd.DataFrame:
    """Read the national figures of a folder of survey definitions.

    Parameters
    ----------
    surveys : path, optional
        Folder with a folder `benchmarks`; by default the one shipped. Without such a folder there are no figures.

    Returns
    -------
    DataFrame
        A row a figure, in order of series and time: variable (the harmonised question), series, title, wording,
        measured (what counts, of whom), area, start and end (dates of fieldwork), value, low and high (shares in 0-1;
        the ends of the 95 % interval missing where none was published), survey, source, reference, file.

    Raises
    ------
    DefinitionError
        If a file is wrong: its name, the line, what was found and what to do.
    """
    folder = Path(surveys) if surveys else surveys_folder()
    files = sorted((folder / "benchmarks").glob("*.toml"))
    schema = read_schema(folder / "harmonised.toml") if files else None
    rows = [row for file in files if schema is not None for row in _rows(file, schema)]
    frame = pd.DataFrame(rows, columns=list(BENCHMARK_COLUMNS))
    return frame.astype(dict.fromkeys(("value", "low", "high"), float))


def _rows(file: Path, schema: Schema) -> list[dict[str, object]]:
    """Read one file and its table."""
    located = read_toml(file)
    found = validated(_BenchmarkFile, located)
    for name, series in found.series.items():
        _require_variable(located, name, series.variable, schema)
    table = file.parent / found.file
    rows = [
        {
            "variable": found.series[row["series"]].variable,
            "title": found.series[row["series"]].title,
            "wording": found.series[row["series"]].wording,
            "measured": found.series[row["series"]].measured,
            "area": found.series[row["series"]].area,
            "survey": found.title,
            "source": found.source,
            "file": table.name,
            **row,
            **numbers,
        }
        for row, numbers in _lines(table, located, found)
    ]
    order = list(found.series)
    return sorted(rows, key=lambda row: (order.index(str(row["series"])), str(row["start"])))


def _require_variable(located: Located, name: str, variable: str, schema: Schema) -> None:
    """Refuse a question that the harmonised schema lacks."""
    if variable not in schema.variables:
        where = located.at("series", name, "variable")
        msg = f"{where}: there is no variable {variable!r}; {nearest(variable, list(schema.variables))}"
        raise DefinitionError(msg)


def _lines(table: Path, located: Located, found: _BenchmarkFile) -> Iterator[tuple[dict[str, str], dict[str, object]]]:
    """Read the table line by line."""
    try:
        text = ordinary(table).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"{located.at('file')}: cannot read {found.file!r} ({type(error).__name__})"
        msg = f"{what}; save it as csv in UTF-8 beside this file."
        raise DefinitionError(msg) from None
    reader = csv.DictReader(text.splitlines())
    absent = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if absent:
        msg = f"{shown_path(table)}:1: the columns {absent} are missing; it needs {list(_COLUMNS)}."
        raise DefinitionError(msg)
    for row in reader:
        where = f"{shown_path(table)}:{reader.line_num}"
        plain = {name: (row[name] or "").strip() for name in _COLUMNS}
        if plain["series"] not in found.series:
            msg = f"{where}: there is no series {plain['series']!r}; {nearest(plain['series'], list(found.series))}"
            raise DefinitionError(msg)
        yield plain, _numbers(plain, where)


def _numbers(row: Mapping[str, str], where: str) -> dict[str, object]:
    """Read dates and shares, and refuse those that can't be."""
    start, end = (_day(row[name], f"{where}: {name}") for name in ("start", "end"))
    if end < start:
        msg = f"{where}: end is {end}, before start {start}; correct one."
        raise DefinitionError(msg)
    shares = {name: _share(row[name], f"{where}: {name}") for name in ("value", "low", "high")}
    value, low, high = shares["value"], shares["low"], shares["high"]
    if value is None:
        msg = f"{where}: value is empty; give a share between 0 and 1, or delete the line."
        raise DefinitionError(msg)
    if (low is None) != (high is None) or (low is not None and high is not None and not low <= value <= high):
        msg = f"{where}: low and high are the ends of the value's interval; give both around {value:g}, or neither."
        raise DefinitionError(msg)
    return {"start": start, "end": end, **shares}


def _day(text: str, what: str) -> dt.date:
    """Read a date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        msg = f"{what} is {text!r}; {_HOW_A_DAY}."
        raise DefinitionError(msg) from None


def _share(text: str, what: str) -> float | None:
    """Read a share; None where it is empty."""
    if not text:
        return None
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        msg = f"{what} is {text!r}; give a share between 0 and 1, such as 0.67 for 67 %."
        raise DefinitionError(msg)
    return share
