"""Rows of a table as plain mappings and keys: what pandas does for every kind of column, quicker for ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Values = Sequence[object] | NDArray[np.generic]
    Kind = type[float | bool] | Literal["Int64"]

Record = dict[str, object]
_NUMPY: Final = (np.number, np.bool_)


@dataclass(frozen=True, eq=False)
class Columns:
    """A table of which a data frame is made only when somebody asks for one.

    Attributes
    ----------
    columns : mapping of str to sequence or ndarray
        All of the same length.
    """

    columns: Mapping[str, Values]

    @staticmethod
    def of_records(records: Sequence[Mapping[str, object]]) -> Columns:
        """Take one mapping per row, all with the same keys."""
        return Columns({name: [record[name] for record in records] for name in (records[0] if records else ())})

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The table as a data frame."""
        return pd.DataFrame(dict(self.columns))

    def numbers(self, name: str) -> list[float]:
        """Take one column of numbers."""
        return np.asarray(self.columns[name], dtype=float).tolist()

    def listed(self, name: str) -> list[object]:
        """Take one column as a list of plain values."""
        column = self.columns[name]
        return column.tolist() if isinstance(column, np.ndarray) else list(column)


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


def with_kinds(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Give some columns of a frame their kinds, as ``frame.astype(kinds)`` does; only those that differ are made anew.

    Parameters
    ----------
    frame : DataFrame
        Not changed.
    kinds : mapping of str to kind
        By column: float, bool or "Int64".

    Returns
    -------
    DataFrame
    """
    changed: dict[str, pd.Series] = {}
    for name, kind in kinds.items():
        column = frame[name]
        if column.dtype != kind:
            changed[name] = column.astype(kind)
    return frame.assign(**changed)


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
