"""Rows of a table as plain mappings and keys: what pandas does for every kind of column, quicker for ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = dict[str, object]


def records_of(frame: pd.DataFrame) -> list[Record]:
    """Turn a frame into one mapping per row, in plain Python's numbers.

    Parameters
    ----------
    frame : DataFrame of n rows

    Returns
    -------
    list of n dict
        As ``frame.to_dict("records")`` has them, under the columns' names as text; a missing whole number is None.
    """
    names = [str(name) for name in frame.columns]
    if not names:
        return [{} for _ in range(len(frame))]
    columns = [_plain(column) for _, column in frame.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def keys_of(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Take columns of a frame as one tuple of texts per row; no columns make empty tuples."""
    columns = [[str(value) for value in frame[name].tolist()] for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def _plain(column: pd.Series) -> list[object]:
    """Take a column as plain Python's values."""
    values = cast("list[object]", column.tolist())
    if isinstance(column.dtype, pd.Int64Dtype | pd.Float64Dtype | pd.BooleanDtype):
        return [None if value is pd.NA else value for value in values]
    if column.dtype == object:  # which may hold numpy's numbers
        return [value.item() if isinstance(value, np.number | np.bool_) else value for value in values]
    return values
