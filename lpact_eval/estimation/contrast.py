"""Comparisons of estimates: linear or differentiable maps of values and influence alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation import intervals
from lpact_eval.estimation.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.asked import AskedRows
    from lpact_eval.estimation.estimate import Estimate, Kind
    from lpact_eval.sample import FloatArray, IntArray

_ABOUT = frozenset({"variable", "answer", "term", "part", "q"})  # labels that say what was asked, not of whom


def difference(estimate: Estimate, along: str, level: str, *, minus: str) -> Estimate:
    """Subtract one level from another, everything else equal.

    Parameters
    ----------
    estimate : Estimate
    along : str
        Label column that the difference runs along.
    level, minus : str
        The two levels; level - minus is returned.

    Returns
    -------
    Estimate
        One difference per combination of the other labels in which both levels are present; the column `along`
        reads "level - minus".

    Raises
    ------
    EstimationError
        If the column or a level does not exist, or the levels have no combination in common.

    Notes
    -----
    influence = influence(level) - influence(minus), so covariances are kept.
    """
    first, second = _pairs(estimate, along, level, minus)
    a, b = estimate.take(first), estimate.take(second)
    matrix = np.zeros((first.size, len(estimate)))
    matrix[np.arange(first.size), first] += 1
    matrix[np.arange(first.size), second] -= 1
    labels = a.named.assign(along, f"{level} - {minus}")
    kind: Kind = "share difference" if estimate.kind == "share" else "other"
    moved = _map(estimate, matrix, labels, estimate_value=a.value - b.value, kind=kind)
    if kind == "share difference" and _separate(a, b):
        return replace(moved, pair=(a, b))
    return replace(moved, own=EdgeLimits(moved, a, b)) if kind == "share difference" else moved


@dataclass(frozen=True, slots=True, eq=False)
class EdgeLimits:
    """Limits of a difference of shares on shared units: t, but Newcombe's where both are 0 or 1 and show no variance.

    Attributes
    ----------
    moved, first, second : Estimate
        The difference and its two sides.
    """

    moved: Estimate
    first: Estimate
    second: Estimate

    def limits(self, level: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limits, shape (k,)."""
        half = intervals.t_quantile(df, level) * self.moved.std_error
        low, high = self.moved.value - half, self.moved.value + half
        edge = intervals.at_edge(self.first.value) & intervals.at_edge(self.second.value)
        if not edge.any():
            return low, high
        sides = [(side.value, *side.limits(level)) for side in (self.first, self.second)]
        safe_low, safe_high = intervals.newcombe(self.moved.value, sides[0], sides[1])
        return np.where(edge, safe_low, low), np.where(edge, safe_high, high)

    def take(self, rows: IntArray) -> EdgeLimits:
        """Keep the estimates at the given positions."""
        return EdgeLimits(self.moved.take(rows), self.first.take(rows), self.second.take(rows))


def relative_change(estimate: Estimate, along: str, level: str, *, minus: str) -> Estimate:
    """Relative change (level - minus) / minus, by the delta method.

    Parameters, labels and errors as in `difference`. Refused where `minus` is 0.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 5.6.
    """
    first, second = _pairs(estimate, along, level, minus)
    top, bottom = estimate.value[first], estimate.value[second]
    safe = np.where(bottom == 0, 1.0, bottom)
    jacobian = np.zeros((first.size, len(estimate)))
    jacobian[np.arange(first.size), first] += 1 / safe
    jacobian[np.arange(first.size), second] -= top / safe**2
    labels = estimate.named.take(first.tolist()).assign(along, f"{level} - {minus}")
    moved = _map(estimate, jacobian, labels, estimate_value=np.where(bottom == 0, np.nan, top / safe - 1))
    reasons = tuple(
        reason or ("relative to a value of 0" if base == 0 else "")
        for reason, base in zip(moved.refused, bottom, strict=True)
    )
    return replace(moved, refused=reasons)


def contrast(estimate: Estimate, matrix: FloatArray, labels: Labels | pd.DataFrame | Sequence[str]) -> Estimate:
    """Combine estimates linearly.

    Parameters
    ----------
    estimate : Estimate
        k estimates.
    matrix : ndarray of shape (r, k)
        Coefficients; each row is one new estimate.
    labels : Labels, DataFrame of r rows, or sequence of r str
        What the new estimates are; texts become the label column "contrast".

    Returns
    -------
    Estimate
        matrix @ value with influence matrix @ influence; r estimates.

    Raises
    ------
    WrongUseError
        If the shapes do not fit.
    """
    coefficients = np.atleast_2d(np.asarray(matrix, dtype=float))
    named = _named(labels)
    if coefficients.shape != (len(named), len(estimate)):
        msg = (
            f"Cannot combine {len(estimate)} estimates: the matrix has shape {coefficients.shape} and there are "
            f"{len(named)} labels; the matrix has a row per label and a column per estimate."
        )
        raise WrongUseError(msg)
    empty = int((~np.isfinite(coefficients).all(axis=1)).sum())
    if empty:
        msg = f"Cannot combine estimates: {empty} rows of the matrix hold what is no finite number."
        raise WrongUseError(msg)
    return _map(estimate, coefficients, named)


def _named(labels: Labels | pd.DataFrame | Sequence[str]) -> Labels:
    """Take labels as they are given."""
    if isinstance(labels, Labels):
        return labels
    return Labels.read(labels) if isinstance(labels, pd.DataFrame) else Labels.of({"contrast": list(labels)})


def _map(
    estimate: Estimate,
    jacobian: FloatArray,
    labels: Labels,
    *,
    estimate_value: FloatArray | None = None,
    kind: Kind = "other",
) -> Estimate:
    """Map values and influence by a matrix; bases add up over the domains used."""
    used = jacobian != 0
    asked = estimate.asked and estimate.asked.merged(used)
    refused = _refusals(estimate, used, asked)
    weights, same = used.astype(float), _same_domain(estimate)
    value = jacobian @ np.nan_to_num(estimate.value) if estimate_value is None else estimate_value
    working = estimate.working and replace(estimate.working, loading=jacobian @ estimate.working.loading)
    return replace(
        estimate,
        named=labels,
        value=np.where([bool(reason) for reason in refused], np.nan, value),
        influence=estimate.influence @ jacobian.T,
        kind=kind,
        n=_answers_used(same, used, estimate.n),
        n_kish=_answers_used(same, used, estimate.n_kish),
        reached=(estimate.reached.astype(float) @ weights.T) > 0,
        crowding=(weights @ estimate.crowding) / np.maximum(weights.sum(axis=1), 1),
        refused=refused,
        working=working,
        pair=None,
        own=None,
        asked=asked,
    )


def _same_domain(estimate: Estimate) -> list[list[int]]:
    """Gather the places of the estimates of each domain."""
    about = [column for column in estimate.named.columns if column not in _ABOUT]
    domains: dict[tuple[str, ...], list[int]] = {}
    for place, key in enumerate(estimate.named.keys(about)):
        domains.setdefault(key, []).append(place)
    return list(domains.values())


def _answers_used(
    same: Sequence[Sequence[int]], used: np.ndarray[tuple[int, int], np.dtype[np.bool_]], n: FloatArray
) -> FloatArray:
    """Add bases up over domains; several estimates of one domain rest on the same people, who count once."""
    counted = np.where(used, n, 0.0)
    total = np.zeros(used.shape[0])
    for places in same:
        total += counted[:, places].max(axis=1)
    return total


def _refusals(
    estimate: Estimate, used: np.ndarray[tuple[int, int], np.dtype[np.bool_]], asked: AskedRows | None
) -> tuple[str, ...]:
    """Refuse a comparison with the reasons of the estimates it uses, and one of waves that can't be compared."""
    incomparable = asked.refusals() if asked else [""] * used.shape[0]
    own = [[estimate.refused[column] for column in np.flatnonzero(row)] for row in used]
    return tuple(
        "; ".join(reason for reason in dict.fromkeys([wave, *reasons]) if reason)
        for wave, reasons in zip(incomparable, own, strict=True)
    )


def _pairs(estimate: Estimate, along: str, level: str, minus: str) -> tuple[IntArray, IntArray]:
    """Positions of the two levels for every combination of the other labels that has both."""
    if along not in estimate.named.columns:
        msg = f"Cannot compare along {along!r}: the estimate is labelled by {list(estimate.named.columns)}."
        raise EstimationError(msg)
    levels = estimate.named.texts(along)
    for wanted in (level, minus):
        if str(wanted) not in set(levels):
            msg = (
                f"Cannot compare along {along!r}: there is no {wanted!r}; its levels are {list(dict.fromkeys(levels))}."
            )
            raise EstimationError(msg)
    if str(level) == str(minus):
        msg = f"Cannot compare {level!r} with itself along {along!r}; give two different levels."
        raise WrongUseError(msg)
    others = [column for column in estimate.named.columns if column != along]
    keys = estimate.named.keys(others)
    second = {key: row for row, (key, name) in enumerate(zip(keys, levels, strict=True)) if name == str(minus)}
    pairs = [
        (row, second[key])
        for row, (key, name) in enumerate(zip(keys, levels, strict=True))
        if name == str(level) and key in second
    ]
    if not pairs:
        msg = f"Cannot compare {level!r} with {minus!r} along {along!r}: no combination of {others} has both."
        raise EstimationError(msg)
    first, other = np.array(pairs, dtype=np.intp).T
    return first, other


def _separate(a: Estimate, b: Estimate) -> bool:
    """Whether the two sides share no PSU, as Newcombe's interval supposes."""
    return not bool((a.reached & b.reached).any())
