"""Columns of a data frame that hold the design: weights, strata, PSUs, sampling fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]
    Labels = NDArray[np.object_]


def require_complete(frame: pd.DataFrame, column: str | None) -> None:
    """Refuse an absent design column and one with holes."""
    if column is None:
        return
    if column not in frame.columns:
        msg = f"Cannot make the design: there is no column {column!r}; the frame has {sorted(map(str, frame.columns))}."
        raise EstimationError(msg)
    missing = int(frame[column].isna().sum())
    if missing:
        msg = (
            f"Cannot make the design: column {column!r} is missing in {missing} of {len(frame)} rows. "
            "Every respondent needs one; fill it in or set those rows aside first."
        )
        raise EstimationError(msg)


def weights_of(column: pd.Series, name: str) -> FloatArray:
    """Take non-negative finite weights."""
    weights = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    bad = int((~np.isfinite(weights) | (weights < 0)).sum())
    if bad:
        msg = (
            f"Cannot use {name!r} as weight: {bad} of {weights.size} values are negative or not numbers; "
            "weights are 0 or more."
        )
        raise EstimationError(msg)
    return weights


def codes_of(column: pd.Series) -> IntArray:
    """Give the values of a column numbers in order of appearance."""
    return np.asarray(pd.factorize(column)[0], dtype=np.intp)


def label_of(column: pd.Series, codes: IntArray) -> Labels:
    """Value of a column behind each code."""
    first = np.unique(codes, return_index=True)[1]
    return np.asarray(column, dtype=object)[first]


def nested(stratum: IntArray, psu: IntArray) -> IntArray:
    """Make PSU codes distinct between strata, numbered in order of appearance."""
    if not stratum.any():
        return psu
    return np.asarray(pd.factorize(stratum * (psu.max(initial=0) + 1) + psu)[0], dtype=np.intp)


def fractions_of(column: pd.Series, stratum: IntArray, psu: IntArray) -> FloatArray:
    """Turn PSUs in the population, or sampling fractions, into sampling fractions."""
    given: FloatArray = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=float)
    _, first = np.unique(psu, return_index=True)
    drawn = np.bincount(stratum[first])[stratum]
    fraction: FloatArray = np.where(given > 1, drawn / np.maximum(given, 1), given)
    bad = int((~np.isfinite(given) | (fraction < 0) | (fraction > 1 + 1e-12)).sum())
    if bad:
        msg = (
            f"Cannot use {column.name!r} as fpc: in {bad} rows it is no number, negative or below the number of PSUs "
            "drawn. Give the stratum's PSUs in the population (over 1) or the sampling fraction (0 to 1)."
        )
        raise EstimationError(msg)
    strata, start = np.unique(stratum, return_index=True)
    uneven = int((np.abs(given - given[start][np.searchsorted(strata, stratum)]) > 0).sum())
    if uneven:
        msg = (
            f"Cannot use {column.name!r} as fpc: it varies inside a stratum ({uneven} rows differ from the first of "
            "theirs). Give every row of a stratum the same number."
        )
        raise EstimationError(msg)
    return np.minimum(fraction, 1.0)
