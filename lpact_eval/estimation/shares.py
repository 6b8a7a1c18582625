"""Shares from tables of sampling unit by domain by answer: a pass over the respondents per item, whatever follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.domains import Bases, labelled, refusals_of
from lpact_eval.estimation.estimate import Estimate, Working
from lpact_eval.estimation.moments import DomainMoments
from lpact_eval.estimation.variance import CR2_CLUSTERS, design_df, inverse_root, satterthwaite_moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Variance
    from lpact_eval.estimation.labels import Labels
    from lpact_eval.sample import Design, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One question of n respondents.

    Attributes
    ----------
    name : str
    codes : ndarray of shape (n,), int
        Category of each respondent's answer, -1 where missing.
    column : ndarray of shape (categories,), int
        Which share a category counts towards: 0 to a - 1, or a for none.
    labels : tuple of a str
        Names of the shares.
    """

    name: str
    codes: IntArray
    column: IntArray
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of one item by domain, with what their variance needs; d domains, a shares, m sampling units.

    Attributes
    ----------
    value : ndarray of shape (d, a)
    influence : ndarray of shape (m, d, a)
    n, kish, crowding : ndarray of shape (d,)
    reached : ndarray of shape (m, d), bool
    """

    value: FloatArray
    influence: FloatArray
    n: FloatArray
    kish: FloatArray
    crowding: FloatArray
    reached: np.ndarray[tuple[int, int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Sums of weights and numbers of answers by unit, domain and share, shape (m, d, a + 1), and the item's base."""

    weighted: FloatArray
    number: FloatArray
    base: int


@dataclass(frozen=True, slots=True, eq=False)
class ShareTables:
    """Shares of several items, and the moments of the distinct bases that they rest on.

    Attributes
    ----------
    shares : tuple of Shares
        One per item.
    base : tuple of int
        Which base each item rests on; items that everybody answered share one.
    trace, product : ndarray of shape (b d,), (b d, b d), or None
        Satterthwaite's moments over all bases; None where Taylor's variance is used.
    """

    shares: tuple[Shares, ...]
    base: tuple[int, ...]
    trace: FloatArray | None
    product: FloatArray | None


def tabulates(design: Design) -> bool:
    """Whether tables by sampling unit hold all that a share's variance needs and are smaller than the respondents."""
    return not design.calibration and design.replicates is None and 2 * design.psu_count <= design.weight.size


def tabulated(
    design: Design, domain: IntArray, labels: Labels, items: Sequence[Item], *, variance: Variance
) -> Estimate:
    """Estimate the shares of several items by domain, with one covariance matrix over all of them.

    Parameters
    ----------
    design : Design
        One for which `tabulates` holds.
    domain : ndarray of shape (n,), int
    labels : Labels
        What the d domains are.
    items : sequence of Item
    variance : str

    Returns
    -------
    Estimate
        Items, within them domains, within them shares.
    """
    domains = len(labels)
    tables = share_tables(design, domain, domains, items, cr2=variance == "cr2")
    spread = [np.repeat(np.arange(domains), len(item.labels)) for item in items]
    base = np.concatenate([rows + place * domains for rows, place in zip(spread, tables.base, strict=True)])
    working = None
    if tables.trace is not None and tables.product is not None:
        working = Working(np.eye(base.size), DomainMoments(base, tables.trace, tables.product))
    pairs = list(zip(tables.shares, spread, strict=True))
    members = Bases.members(design, domain, domains)
    freedom = design_df(members, design.psu_stratum) if working is None else np.full(domains, np.inf)
    units = design.psu_count
    return Estimate(
        labelled([(item.name, item.labels) for item in items], labels),
        np.concatenate([one.value.ravel() for one, _ in pairs]),
        np.concatenate([one.influence.reshape(units, -1) for one, _ in pairs], axis=1),
        design,
        "taylor" if working is None else "cr2",
        "share",
        np.concatenate([one.n[rows] for one, rows in pairs]),
        np.concatenate([one.kish[rows] for one, rows in pairs]),
        np.concatenate([members[:, rows] for _, rows in pairs], axis=1),
        np.concatenate([one.crowding[rows] for one, rows in pairs]),
        tuple(reason for one, rows in pairs for reason in _refusals(one, rows, freedom)),
        working,
    )


def _refusals(one: Shares, rows: IntArray, freedom: FloatArray) -> tuple[str, ...]:
    """Say for every share of an item why it can't be given, or nothing."""
    return refusals_of(one.n[rows], one.reached[:, rows].sum(axis=0), one.value.ravel(), df=freedom[rows])


def share_tables(design: Design, domain: IntArray, domains: int, items: Sequence[Item], *, cr2: bool) -> ShareTables:
    """Tabulate several items at once for a clustered design without calibration.

    Parameters
    ----------
    design : Design
    domain : ndarray of shape (n,), int
        -1 outside every domain.
    domains : int
    items : sequence of Item
    cr2 : bool
        Whether to adjust for leverage; Taylor is used where every domain has so many units that it makes no difference.

    Returns
    -------
    ShareTables

    Notes
    -----
    u_i = (y_i - p_d) / W_d, so a unit's influence needs only its sums of w and of w y, and with CR2 its counts of 1
    and y besides: A_j w_j = g1 1 + g2 w.
    """
    inside = (domain >= 0) & (design.weight > 0)
    outside = design.psu_count * domains
    cell = np.where(inside, design.psu * domains + domain, outside)
    counted, grams = _count(design, cell, (design.psu_count, domains), items, cr2=cr2)
    needed = cr2 and any((gram[0] > 0).sum(axis=0).min(initial=0) <= CR2_CLUSTERS for gram in grams)
    roots = [inverse_root(gram, gram[1].sum(axis=0), gram[2].sum(axis=0)) for gram in grams] if needed else []
    shares = [_shares(one, grams[one.base], roots[one.base] if needed else None) for one in counted]
    return ShareTables(tuple(shares), tuple(one.base for one in counted), *_moments(grams, roots))


def _count(
    design: Design, cell: IntArray, shape: tuple[int, int], items: Sequence[Item], *, cr2: bool
) -> tuple[list[_Counted], list[FloatArray]]:
    """Count every item, and the distinct bases: number, sum of weights and of squared weights, shape (3, m, d)."""
    counted: list[_Counted] = []
    grams: list[FloatArray] = []
    shared: int | None = None
    square = design.weight * design.weight
    keys = _Keys(cell, shape)
    for item in items:
        complete = bool(item.codes.min(initial=0) >= 0)
        key = keys.of(item, complete=complete)
        weighted = keys.table(key, item, design.weight, complete=complete)
        new = shared is None or not complete
        number = keys.table(key, item, None, complete=complete) if new or cr2 else weighted
        if new:
            answered = cell if complete else np.where(item.codes >= 0, cell, shape[0] * shape[1])
            grams.append(_gram(answered, weighted, number, square))
        if shared is None and complete:
            shared = len(grams) - 1
        counted.append(_Counted(weighted, number, shared if complete and shared is not None else len(grams) - 1))
    return counted, grams


class _Keys:
    """Places of respondents in tables of unit by domain by share; each width is laid out once."""

    def __init__(self, cell: IntArray, shape: tuple[int, int]) -> None:
        self.cell, self.shape = cell, shape
        self.spread: dict[int, IntArray] = {}

    def of(self, item: Item, *, complete: bool) -> IntArray:
        """Place every respondent; the last column of an item that is not complete is for those without an answer."""
        width = self.width(item, complete=complete)
        if width not in self.spread:
            self.spread[width] = self.cell * width
        lookup = np.append(item.column, width - 1).astype(np.intp)
        return self.spread[width] + lookup[item.codes]

    def table(self, key: IntArray, item: Item, values: FloatArray | None, *, complete: bool) -> FloatArray:
        """Add up values, or respondents, by unit, domain and share (the last: any other answer)."""
        width, columns = self.width(item, complete=complete), len(item.labels) + 1
        size = (self.shape[0] * self.shape[1] + 1) * width
        table = np.bincount(key, values, minlength=size).reshape(-1, width)[:-1, :columns]
        return table.reshape(*self.shape, columns).astype(np.float64)

    @staticmethod
    def width(item: Item, *, complete: bool) -> int:
        """Columns of an item's table."""
        return len(item.labels) + (1 if complete else 2)


def _gram(cell: IntArray, weighted: FloatArray, number: FloatArray, square: FloatArray) -> FloatArray:
    """Add up 1, w and w^2 over the answers of each unit and domain, shape (3, m, d)."""
    answers, mass = number.sum(axis=2), weighted.sum(axis=2)
    squares = np.bincount(cell, square, minlength=answers.size + 1)[: answers.size].reshape(answers.shape)
    return np.array([answers, mass, squares], dtype=np.float64)


def _shares(one: _Counted, gram: FloatArray, root: FloatArray | None) -> Shares:
    """Values and influence of one item."""
    number, mass, squares = gram
    total, n = mass.sum(axis=0), number.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = one.weighted[:, :, :-1].sum(axis=0) / total[:, None]
        kish = np.where(total > 0, total**2 / squares.sum(axis=0), 0.0)
    share = np.nan_to_num(value)
    influence = one.weighted[:, :, :-1] - mass[:, :, None] * share
    if root is not None:
        error = one.number[:, :, :-1] - number[:, :, None] * share
        influence = root[0][:, :, None] * error + root[1][:, :, None] * influence
    reached = number > 0
    crowding = n / np.maximum(reached.sum(axis=0), 1)
    return Shares(value, influence / np.where(total == 0, 1.0, total)[:, None], n, kish, crowding, reached)


def _moments(grams: Sequence[FloatArray], roots: Sequence[FloatArray]) -> tuple[FloatArray | None, FloatArray | None]:
    """Satterthwaite's moments over all bases side by side; none where Taylor's variance is used."""
    if not roots:
        return None, None
    gram, root = np.concatenate(grams, axis=2), np.concatenate(roots, axis=2)
    return satterthwaite_moments(gram, root, gram[1].sum(axis=0), gram[2].sum(axis=0))
