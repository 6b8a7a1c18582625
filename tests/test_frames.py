"""Rows of tables as mappings and keys."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.frames import Columns, keys_of, records_of, with_kinds

_CELLS = {
    "float": st.floats(allow_nan=True, allow_infinity=True).map(float),
    "text": st.one_of(st.none(), st.text(max_size=3)),
    "whole": st.one_of(st.none(), st.integers(-5, 5)),
    "flag": st.booleans(),
}


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    columns = {name: [row[name] for row in rows] for name in _CELLS}
    return pd.DataFrame(
        {
            "float": pd.Series(columns["float"], dtype=float),
            "text": pd.Series(columns["text"], dtype=object),
            "whole": pd.array(columns["whole"], dtype="Int64"),
            "flag": pd.Series(columns["flag"], dtype=bool),
            "kind": pd.Categorical(columns["text"]),
        }
    )


@given(st.lists(st.fixed_dictionaries(_CELLS), max_size=6))
def test_records_are_those_of_pandas(rows: list[dict[str, object]]) -> None:
    frame = _frame(rows)
    ours, theirs = records_of(frame), frame.to_dict("records")
    assert [list(one) for one in ours] == [list(one) for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        for name, value in one.items():
            assert type(value) is type(other[name])
            assert value == other[name] or (pd.isna(value) and pd.isna(other[name]))


@pytest.mark.parametrize("value", [np.float64(1.5), np.int64(3), np.bool_(True)])  # noqa: FBT003 - a value
def test_numbers_of_numpy_in_a_mixed_column_become_pythons(value: np.generic) -> None:
    (record,) = records_of(pd.DataFrame({"mixed": pd.Series([value], dtype=object)}))
    assert type(record["mixed"]) is type(value.item())


def test_a_frame_without_columns_has_an_empty_record_a_row() -> None:
    assert records_of(pd.DataFrame(index=range(2))) == [{}, {}]


def test_keys_are_texts_and_no_columns_make_empty_keys() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["x", "y"])})
    assert keys_of(frame, ["b", "a"]) == [("x", "1"), ("y", "2")]
    assert keys_of(frame, []) == [(), ()]


@given(st.lists(st.fixed_dictionaries(_CELLS), max_size=6))
def test_kinds_are_those_that_pandas_gives(rows: list[dict[str, object]]) -> None:
    frame = pd.DataFrame(rows, columns=list(_CELLS))
    given_kinds = frame.dtypes.copy()
    found = with_kinds(frame, {"float": float, "whole": "Int64", "flag": bool})
    pd.testing.assert_frame_equal(found, frame.astype({"float": float, "whole": "Int64", "flag": bool}))
    pd.testing.assert_series_equal(frame.dtypes, given_kinds)


def test_a_kind_for_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="absent"):
        with_kinds(pd.DataFrame({"there": [1]}), {"absent": float})


def test_rows_become_columns_and_none_become_an_empty_table() -> None:
    assert Columns.of_records([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]).columns == {"a": [1, 2], "b": ["x", "y"]}
    assert Columns.of_records([]).frame.empty
