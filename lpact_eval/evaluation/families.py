"""Families of tests: the plan's own by Holm, one after the other; all else exploratory, by Benjamini and Hochberg."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.estimation.multiplicity import adjust

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.sample import BoolArray, FloatArray

EXPLORATORY: Final = "exploratory"
_PRIMARY: Final = "primary "


def primary_family(number: int) -> str:
    """Name a primary family of the plan.

    >>> primary_family(2)
    'primary 2'
    """
    return f"{_PRIMARY}{number}"


def adjusted(rows: pd.DataFrame) -> pd.DataFrame:
    """Adjust the p values of a run for the number of comparisons.

    Parameters
    ----------
    rows : DataFrame
        family ("primary 1", "primary 2", ..., "exploratory", or empty for rows outside every family), measure, p_value.

    Returns
    -------
    DataFrame
        The same rows with p_adjusted: the primary families in series (Holm within each; a family counts only once
        every comparison of those before it is clear), the exploratory rows of each measure by Benjamini and Hochberg.
        Missing outside every family.

    References
    ----------
    As `estimation.multiplicity.adjust`.
    """
    result = rows.copy()
    p_value, found = result["p_value"].to_numpy(dtype=float), np.full(len(result), np.nan)
    family = result["family"].to_numpy(dtype=object)
    found = np.where(_primary(family), _in_series(p_value, family), found)
    for measure in dict.fromkeys(result["measure"]):
        rest = (family == EXPLORATORY) & (result["measure"] == measure).to_numpy()
        found[rest] = adjust(p_value[rest], method="BH")
    result["p_adjusted"] = found
    return result


def _primary(family: np.ndarray) -> BoolArray:
    """Find the rows of primary families."""
    return np.array([str(name).startswith(_PRIMARY) for name in family], dtype=bool)


def _in_series(p_value: FloatArray, family: np.ndarray) -> FloatArray:
    """Adjust the primary rows by Holm within families that are tested one after the other."""
    places = np.flatnonzero(_primary(family))
    numbers = np.array([int(str(family[place]).removeprefix(_PRIMARY)) for place in places], dtype=int)
    found = np.full(p_value.shape, np.nan)
    members = [np.flatnonzero(numbers == number).tolist() for number in sorted(set(numbers.tolist()))]
    if members:
        found[places] = adjust(p_value[places], method="gatekeeping", families=members)
    return found
