"""Rows of a table as plain mappings and keys: what pandas does for every kind of column, quicker for ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Record = dict[str, object]
_NUMPY: Final = (np.number, np.bool_)


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
    columns = cast("list[list[object]]", frame.to_numpy(dtype=object).T.tolist())
    for place, kind in enumerate(cast("list[object]", frame.dtypes.tolist())):
        if change := _CHANGES.get(type(kind)):
            columns[place] = change(columns[place])
    rows = zip(*columns, strict=True) if columns else [()] * len(frame)
    return [dict(zip(names, row, strict=True)) for row in rows]


def keys_of(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Take columns of a frame as one tuple of texts per row; no columns make empty tuples."""
    columns = [[str(value) for value in frame[name].tolist()] for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def _bare(values: list[object]) -> list[object]:
    """Take numpy's numbers out of a column that holds anything."""
    if not any(issubclass(kind, _NUMPY) for kind in set(map(type, values))):
        return values
    return [cast("object", value.item()) if isinstance(value, _NUMPY) else value for value in values]


def _known(values: list[object]) -> list[object]:
    """Take missing numbers as None."""
    return [None if value is pd.NA else value for value in values]


# By kind of column; in all others values are plain already.
_CHANGES: Final[dict[type, Callable[[list[object]], list[object]]]] = {
    np.dtypes.ObjectDType: _bare,
    pd.Int64Dtype: _known,
    pd.Float64Dtype: _known,
    pd.BooleanDtype: _known,
}
