"""Adjustment of p values for asking several questions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray

_METHODS = ("holm", "BH", "gatekeeping")


def adjust(
    p_values: Sequence[float] | FloatArray,
    *,
    method: Literal["holm", "BH", "gatekeeping"] = "holm",
    families: Sequence[Sequence[int]] | Sequence[str] | None = None,
) -> FloatArray:
    """Adjust p values for multiplicity.

    Parameters
    ----------
    p_values : sequence of float
        Missing ones stay missing and are not counted.
    method : str, default "holm"
        "holm" (family-wise error), "BH" (false discovery rate) or "gatekeeping" (Holm within families that are tested
        in series: a family counts only once every hypothesis of those before it is rejected).
    families : sequence, optional
        Positions of the p values of each family, as in [[0, 1], [2, 3, 4]], or the name of each p value's family. The
        order of the families, or in which their names first appear, is the order of the series. "holm" and "BH"
        adjust within each family; without families all p values are one.

    Returns
    -------
    ndarray
        Adjusted p values in the order given. A family without any p value closes the gate: all after it are 1.

    Raises
    ------
    WrongUseError
        If the method is unknown, a value is not between 0 and 1, gatekeeping has no families, or families leave a
        p value out or take it twice.

    Notes
    -----
    Gatekeeping: adjusted p of family f = max(largest adjusted p of the families before, Holm within f).

    References
    ----------
    Holm (1979), *Scandinavian J. Statistics* 6, 65-70; Benjamini & Hochberg (1995), *JRSS B* 57, 289-300;
    Westfall & Krishen (2001), *J. Statistical Planning and Inference* 99, 25-40, for gatekeeping in series.
    """
    values = np.asarray(p_values, dtype=float)
    if method not in _METHODS:
        msg = f"Cannot adjust by {method!r}; there are {list(_METHODS)}."
        raise WrongUseError(msg)
    present = ~np.isnan(values)
    if ((values[present] < 0) | (values[present] > 1)).any():
        raise WrongUseError("Cannot adjust: p values lie between 0 and 1.")
    if method == "gatekeeping" and families is None:
        raise WrongUseError("Cannot adjust in series without families; give them, as in families=[[0, 1], [2, 3]].")
    adjusted = np.full(values.shape, np.nan)
    gate = 0.0
    for family in _families(families, values.size):
        members = family[present[family]]
        own = _benjamini_hochberg(values[members]) if method == "BH" else _holm(values[members])
        adjusted[members] = np.maximum(own, gate)
        if method == "gatekeeping":
            gate = float(adjusted[members].max()) if members.size else 1.0
    return adjusted


def _families(families: Sequence[Sequence[int]] | Sequence[str] | None, count: int) -> list[IntArray]:
    """Positions of the members of each family."""
    if families is None:
        return [np.arange(count, dtype=np.intp)]
    if len(families) and isinstance(families[0], str):
        return _named(cast("Sequence[str]", families), count)
    found = [np.array(list(family), dtype=np.intp) for family in cast("Sequence[Sequence[int]]", families)]
    together = sorted(int(position) for family in found for position in family)
    if together != list(range(count)):
        msg = (
            f"Cannot adjust: the families hold {len(together)} positions ({len(set(together))} different) for {count} "
            f"p values. Every position from 0 to {count - 1} belongs to one family."
        )
        raise WrongUseError(msg)
    return found


def _named(names: Sequence[str], count: int) -> list[IntArray]:
    """Positions of the members of families that are named for each p value."""
    if len(names) != count:
        msg = f"Cannot adjust: {len(names)} family names for {count} p values; give one for each."
        raise WrongUseError(msg)
    return [
        np.array([position for position, name in enumerate(names) if name == family], dtype=np.intp)
        for family in dict.fromkeys(names)
    ]


def _holm(p: FloatArray) -> FloatArray:
    """Step-down Bonferroni."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(stepped, 1.0)
    return result


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Step-up false discovery rate."""
    order = np.argsort(p, kind="stable")[::-1]
    stepped = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(stepped, 1.0)
    return result
