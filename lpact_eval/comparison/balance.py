"""How alike two arms are before and after adjustment, and how much each of them weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.frames import Columns
from lpact_eval.regression.columns import columns_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from lpact_eval.regression.columns import Column
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

ALL = "All respondents"
ATTENDED, OTHERS = "attended", "not attended"
NUMBERS = ("attended", "not_attended", "difference", "smd", "ks")
Ruler = Literal["pooled", "treated"]
SAME_SCORE = 1e-9  # respondents alike in every covariate have scores that may differ in their last digits
_FEWEST = 2  # one respondent has no variance


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Respondents of two arms in their domains; n respondents, d domains.

    Attributes
    ----------
    treated : ndarray of shape (n,), bool
        Who is in the first arm.
    weight : ndarray of shape (n,)
        Survey weights.
    domain : ndarray of shape (n,), int
        Codes 0 to d-1.
    names : tuple of str
        Names of the d domains.
    """

    treated: BoolArray
    weight: FloatArray
    domain: IntArray
    names: tuple[str, ...]

    def groups(self) -> Mapping[str, BoolArray]:
        """Members of all domains together and, where there are several, of each."""
        everyone = {ALL: np.ones(self.treated.size, dtype=bool)}
        if len(self.names) == 1 and self.names[0] == ALL:
            return everyone
        return everyone | {name: self.domain == code for code, name in enumerate(self.names)}


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Covariates as n x p numbers, a column every level of a category; for q columns of numbers, rows in rising order.

    `order` and `last` are n x q: rows by value, and whether the next value is another.
    """

    labels: list[tuple[str, str]]
    x: FloatArray
    level: BoolArray
    order: IntArray
    last: BoolArray


def balance_table(
    arms: Arms,
    covariates: pd.DataFrame,
    by: str,
    *,
    weights: Mapping[str, FloatArray] | None = None,
    ruler: Ruler = "pooled",
) -> pd.DataFrame:
    """Compare every covariate between the arms, overall and by domain, before and after balancing.

    Parameters
    ----------
    arms : Arms
    covariates : DataFrame of n rows
        Numbers, or categories, of which every level is a row of the table.
    by : str
        Name of the column that holds the domain.
    weights : mapping of domain to ndarray of shape (n,), optional
        Weights after balancing, survey weight times tilt, 0 outside the domain; a domain without any, or with an arm
        that weighs nothing, has missing numbers after it.
    ruler : {"pooled", "treated"}, default "pooled"
        Standard deviation that differences are divided by: of both arms (for all respondents, or those of the
        overlap), or of those who attended (for the gap among them).

    Returns
    -------
    DataFrame
        Domain, covariate, answer; attended and not_attended (weighted means), difference, smd (standardised), ks
        (largest difference of the weighted distribution functions, for a category that of the shares); with weights
        the same five with "_after"; n_least, respondents of the two arms who depart from their arm's commonest value,
        the smaller number: never for readers. Missing where an arm has fewer than two respondents.

    Notes
    -----
    smd = (m1 - m0) / s, s = sqrt((s1^2 + s0^2) / 2) or s1, with s^2 = sum w (x - m)^2 / (1 - sum w^2), the arm's
    survey weights summing to 1: the same s before and after, or balance would seem better where a weight shrinks the
    ruler. Where the arms have no spread, s is that of both of them together; a covariate without any has smd 0.

    References
    ----------
    Austin (2009), *Statistics in Medicine* 28, 3083-3107; Austin & Stuart (2015), *Statistics in Medicine* 34,
    3661-3679, sec. 4.1 (distribution functions); Greifer, cobalt: `s.d.denom` and sampling weights.
    """
    return compared_arms(arms, columns_in(covariates), by, weights=weights, ruler=ruler).frame


def compared_arms(
    arms: Arms,
    covariates: Mapping[str, Column],
    by: str,
    *,
    weights: Mapping[str, FloatArray] | None = None,
    ruler: Ruler = "pooled",
) -> Columns:
    """Compare every covariate between the arms as `balance_table` does, whose columns these are."""
    columns = _columns(covariates, arms.treated.size)
    groups = arms.groups()
    found = [
        _compared(arms, columns, inside, (weights or {}).get(name), ruler=ruler) for name, inside in groups.items()
    ]
    after = [f"{name}_after" for name in NUMBERS] if weights is not None else []
    named = np.repeat(np.array(list(groups), dtype=object), columns.x.shape[1])
    labels: dict[str, Sequence[object] | NDArray[np.generic]] = {by: named}
    for place, name in enumerate(("covariate", "answer")):
        labels[name] = [label[place] for label in columns.labels] * len(groups)
    joined = {name: np.concatenate([one[name] for one in found]) for name in (*NUMBERS, *after, "n_least")}
    return Columns(labels | joined)


def overlap_table(
    arms: Arms,
    by: str,
    *,
    weights: Mapping[str, FloatArray] | None = None,
    scores: Mapping[str, FloatArray] | None = None,
) -> pd.DataFrame:
    """Count respondents and effective respondents, and find the largest share of one of them, per arm and domain.

    Parameters
    ----------
    arms : Arms
    by : str
        Name of the column that holds the domain.
    weights : mapping of domain to ndarray of shape (n,), optional
        Weights after balancing, 0 outside the domain.
    scores : mapping of domain to ndarray of shape (n,), optional
        Propensity scores, read inside the domain only.

    Returns
    -------
    DataFrame
        Domain, arm ("attended" or "not attended"), n, n_effective (Kish), largest_share of the arm's weight. With
        weights these two are after balancing, and n_effective_before and largest_share_before beside them. With scores
        score_low, score_high and outside: share of the arm's survey weight whose score is under the lowest or over the
        highest of the other arm. Missing in a domain that has no weights or scores.

    References
    ----------
    Kish (1965), *Survey Sampling*, sec. 11.7.
    """
    return weighed_arms(arms, by, weights=weights, scores=scores).frame


def weighed_arms(
    arms: Arms,
    by: str,
    *,
    weights: Mapping[str, FloatArray] | None = None,
    scores: Mapping[str, FloatArray] | None = None,
) -> Columns:
    """Count and weigh respondents as `overlap_table` does, whose columns these are."""
    rows: list[dict[str, object]] = []
    for name, inside in arms.groups().items():
        for arm, members in ((ATTENDED, arms.treated), (OTHERS, ~arms.treated)):
            own, other = inside & members, inside & ~members
            row: dict[str, object] = {by: name, "arm": arm, "n": int(own.sum()), **_weighing(arms.weight[own])}
            if weights is not None:
                row |= {f"{key}_before": row[key] for key in ("n_effective", "largest_share")}
                row |= (
                    _weighing(weights[name][own]) if name in weights else dict.fromkeys(_weighing(arms.weight), np.nan)
                )
            if scores is not None:
                row |= _range(arms.weight, scores.get(name), own, other)
            rows.append(row)
    return Columns.of_records(rows)


def _columns(covariates: Mapping[str, Column], n: int) -> _Columns:
    """Numbers as they are, and one indicator per level of a category."""
    labels: list[tuple[str, str]] = []
    found: list[FloatArray] = []
    for name, column in covariates.items():
        if column.levels is None:
            found.append(column.numbers)
            labels.append((name, ""))
        else:
            found += [(column.places == code).astype(float) for code in range(len(column.levels))]
            labels += [(name, answer) for answer in column.levels]
    x = np.column_stack(found) if found else np.zeros((n, 0))
    level = np.array([bool(answer) for _, answer in labels], dtype=bool)
    order = np.argsort(x[:, ~level], axis=0)
    return _Columns(labels, x, level, order, _ends(np.take_along_axis(x[:, ~level], order, axis=0)))


def _ends(ordered: FloatArray) -> BoolArray:
    """Find where runs of one value end in columns in rising order."""
    return np.vstack([ordered[1:] != ordered[:-1], np.ones((1, ordered.shape[1]), dtype=bool)])


def _compared(
    arms: Arms, columns: _Columns, inside: BoolArray, weight_after: FloatArray | None, *, ruler: Ruler
) -> dict[str, FloatArray]:
    """Compare the arms of one domain in every column."""
    members = (inside & arms.treated, inside & ~arms.treated)
    if min(int(arm.sum()) for arm in members) < _FEWEST:
        return _missing(columns.x.shape[1])
    means, variances = zip(*(_moments(columns.x[arm], arms.weight[arm]) for arm in members), strict=True)
    spread = variances[0] if ruler == "treated" else (variances[0] + variances[1]) / 2
    if (spread == 0).any():
        spread = np.where(spread > 0, spread, _moments(columns.x[inside], arms.weight[inside])[1])
    found = _differences(columns, members, arms.weight, spread, means=means)
    later = _differences(columns, members, weight_after, spread)
    least = np.minimum(*(_departing(columns, arm) for arm in members))
    return found | {f"{name}_after": value for name, value in later.items()} | {"n_least": least}


def _missing(size: int) -> dict[str, FloatArray]:
    """Give nothing for a domain in which an arm has hardly anybody."""
    nothing = dict.fromkeys([*NUMBERS, *(f"{name}_after" for name in NUMBERS)], np.full(size, np.nan))
    return nothing | {"n_least": np.zeros(size)}


def _moments(x: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted means and unbiased weighted variances of columns; a column of one value has exactly that and 0."""
    share = weight / weight.sum()
    low: FloatArray = x.min(axis=0)
    mean = np.where(low == x.max(axis=0), low, share @ x)
    left = 1 - float((share**2).sum())
    variance: FloatArray = np.asarray(share @ (x - mean) ** 2 / left if left > 0 else np.zeros(x.shape[1]))
    return mean, variance


def _differences(
    columns: _Columns,
    members: tuple[BoolArray, BoolArray],
    weight: FloatArray | None,
    spread: FloatArray,
    *,
    means: Sequence[FloatArray] = (),
) -> dict[str, FloatArray]:
    """Give means, their differences plain and standardised, and the largest differences of distribution functions."""
    if weight is None or not all(weight[arm].sum() > 0 for arm in members):
        return dict.fromkeys(NUMBERS, np.full(spread.size, np.nan))
    first, second = means or (_moments(columns.x[arm], weight[arm])[0] for arm in members)
    difference = first - second
    smd = np.divide(difference, np.sqrt(spread), out=np.zeros_like(difference), where=spread > 0)
    ks = np.abs(difference)
    if columns.order.size:
        ks[~columns.level] = _apart(columns, members, weight)
    return dict(zip(NUMBERS, (first, second, difference, smd, ks), strict=True))


def _apart(columns: _Columns, members: tuple[BoolArray, BoolArray], weight: FloatArray) -> FloatArray:
    """Find how far the weighted distribution functions of two arms are apart at most, by column of numbers."""
    first, second = (np.where(arm, weight / weight[arm].sum(), 0.0) for arm in members)
    risen = np.cumsum((first - second)[columns.order], axis=0)
    return np.abs(np.where(columns.last, risen, 0.0)).max(axis=0)


def _departing(columns: _Columns, arm: BoolArray) -> FloatArray:
    """Count the respondents of an arm who do not have its commonest value, by column."""
    x = columns.x[arm]
    inside = x.sum(axis=0)
    least = np.minimum(inside, len(x) - inside)  # of a level, which one has or has not
    if columns.order.size:
        least[~columns.level] = _departing_numbers(x[:, ~columns.level])
    return least


def _departing_numbers(x: FloatArray) -> FloatArray:
    """Count those who do not have the commonest value of columns of numbers."""
    n = len(x)
    place = np.arange(1, n + 1, dtype=float).reshape(n, 1)
    ended = np.maximum.accumulate(np.where(_ends(np.sort(x, axis=0)), place, 0.0), axis=0)
    before = np.vstack([np.zeros((1, x.shape[1])), ended[:-1]])
    longest: FloatArray = (place - before).max(axis=0)
    return n - longest


def _weighing(weight: FloatArray) -> dict[str, float]:
    """Give Kish's effective size and the largest share of one respondent."""
    total, squares = float(weight.sum()), float((weight**2).sum())
    if total <= 0:
        return {"n_effective": 0.0, "largest_share": np.nan}
    return {"n_effective": total**2 / squares, "largest_share": float(weight.max()) / total}


def _range(weight: FloatArray, scores: FloatArray | None, own: BoolArray, other: BoolArray) -> dict[str, float]:
    """Give the range of an arm's scores, and the share of its weight outside the other arm's."""
    names = ("score_low", "score_high", "outside")
    if scores is None or not own.any() or not other.any() or np.isnan(scores[own | other]).any():
        return dict.fromkeys(names, np.nan)
    low, high = scores[other].min() - SAME_SCORE, scores[other].max() + SAME_SCORE
    beyond = own & ((scores < low) | (scores > high))
    share = float(weight[beyond].sum() / weight[own].sum())
    return dict(zip(names, (float(scores[own].min()), float(scores[own].max()), share), strict=True))
