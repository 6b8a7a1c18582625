"""Records made by hand: a few rows of whichever records a test is about, as `read_events` would give them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
import pytest

from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.evidence.records import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evidence.record_schema import Column, RecordSchema, Theme

AS_OF = dt.date(2025, 1, 1)


class Builder(Protocol):
    """Make records of rows; columns that a row does not name are missing, records that are not named are empty."""

    def __call__(
        self,
        *,
        as_of: dt.date = AS_OF,
        themes: Mapping[str, Theme] | None = None,
        **records: Sequence[Mapping[str, object]],
    ) -> Evidence: ...


@pytest.fixture(scope="session")
def small_evidence() -> Builder:
    """Give a function that lays rows out in the shipped schema's columns: small_evidence(register=[{...}], ...).

    Dates are ISO texts or dates, sets are tuples, times are minutes after midnight. `themes` replaces the themes.
    """
    shipped = read_record_schema()

    def build(
        *,
        as_of: dt.date = AS_OF,
        themes: Mapping[str, Theme] | None = None,
        **records: Sequence[Mapping[str, object]],
    ) -> Evidence:
        schema = shipped if themes is None else replace(shipped, themes=themes)
        assert records.keys() <= schema.records.keys()
        return Evidence(tables=_tables(records, schema), schema=schema, as_of=as_of)

    return build


def _tables(records: Mapping[str, Sequence[Mapping[str, object]]], schema: RecordSchema) -> dict[str, pd.DataFrame]:
    """Lay every record out."""
    themes = tuple(schema.themes)
    tables: dict[str, pd.DataFrame] = {}
    for name, record in schema.records.items():
        rows = records.get(name, [])
        known = {column.name for column in record.columns}
        assert all(row.keys() <= known for row in rows), sorted({key for row in rows for key in row} - known)
        tables[name] = pd.DataFrame(
            {column.name: _values([row.get(column.name) for row in rows], column, themes) for column in record.columns}
        )
    return tables


def _values(values: list[object], column: Column, themes: tuple[str, ...]) -> pd.Series:
    """Give a column the type that `read_events` gives it."""
    if column.kind in {"id", "reference", "text"}:
        return pd.Series([np.nan if value is None else value for value in values], dtype="str")
    if column.kind == "date":
        return pd.to_datetime(
            pd.Series([None if value is None else str(value) for value in values], dtype=object), format="ISO8601"
        ).astype("datetime64[ns]")
    if column.kind == "category":
        words = themes if column.name == "theme" else column.answers
        assert {value for value in values if value is not None} <= set(words), set(values) - set(words)
        return pd.Series(pd.Categorical(values, categories=list(words)))
    if column.kind == "yes_no":
        return pd.Series(values, dtype="boolean")
    if column.kind == "set":
        return pd.Series(values, dtype=object)
    return pd.Series(values, dtype=float)
