"""Adjusted levels of respondents in cells (arms, or kinds of area in two waves), by one weighted regression."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import independent, variable_of
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.tiers import PEOPLE_A_COLUMN, Row
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.estimate import Estimate
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.stacked import refused_where
from lpact_eval.regression.glm import fit_model
from lpact_eval.regression.terms import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_EMPTY: Final = "a cell is empty"


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Who is in which cell; n complete respondents, c cells a domain.

    Attributes
    ----------
    question : Question
    code : ndarray of shape (n,), int
        Cell of each respondent, 0 to c-1.
    names : tuple of c str
    shared : bool
        One slope of each adjuster in all cells of a domain; else one in each cell (Lin).
    apart : str
        An adjuster whose levels lie each in one kind of cell only, as areas do in event areas and others; "" for none.
    kind : ndarray of shape (n,), int, or None
        Those kinds.
    """

    question: Question
    code: IntArray
    names: tuple[str, ...]
    shared: bool
    apart: str = ""
    kind: IntArray | None = None

    @property
    def count(self) -> int:
        """Cells a domain, c."""
        return len(self.names)

    def sizes(self) -> dict[str, IntArray]:
        """Respondents of each cell, shape (c,), altogether and in each domain."""
        groups = self.question.arms.groups()
        return {name: np.bincount(self.code[inside], minlength=self.count) for name, inside in groups.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Adjusted level of each cell of each domain that has one.

    Attributes
    ----------
    basic : Estimate
        Levels under each other; none where no domain has any.
    places : mapping of (domain, cell) to int
        Where each stands among them.
    refused : mapping of domain to str
        Why a domain has none.
    """

    basic: Estimate
    places: Mapping[tuple[str, int], int]
    refused: Mapping[str, str]

    def rows(self, rows: Sequence[Row], loading: Sequence[float], labels: pd.DataFrame) -> Estimate:
        """Combine the levels of each row's domain; of two domains the first less the second.

        Parameters
        ----------
        rows : sequence of k Row
        loading : sequence of c float
            What each cell counts.
        labels : DataFrame of k rows

        Returns
        -------
        Estimate
            k estimates, missing with a reason where a domain has no levels.
        """
        matrix = np.zeros((len(rows), len(self.basic)))
        reasons: list[str] = []
        for position, row in enumerate(rows):
            reasons.append("; ".join(dict.fromkeys(filter(None, (self.refused.get(side, "") for side in row.sides)))))
            for side, sign in zip(row.sides, (1.0, -1.0), strict=False):
                for cell, weight in enumerate(loading):
                    if weight and (side, cell) in self.places:
                        matrix[position, self.places[side, cell]] = sign * weight
        return refused_where(contrast(self.basic, matrix, labels), reasons)

    def table(self, names: Sequence[str], cells: int, labels: pd.DataFrame) -> Estimate:
        """Put the levels of domains under each other, cell after cell; labels of as many rows."""
        parts = [
            self.rows([Row(name, (name,)) for name in names], np.eye(cells)[cell].tolist(), labels.iloc[cell::cells])
            for cell in range(cells)
        ]
        order = np.arange(len(labels)).reshape(cells, -1).T.ravel()
        return replace(combine(parts).take(order), kind=self.basic.kind)


def adjusted_levels(cells: Cells) -> Levels:
    """Estimate the level of each cell at its domain's mean of the adjusters, for all respondents and by domain.

    Parameters
    ----------
    cells : Cells

    Returns
    -------
    Levels
        Domains with an empty cell, or with adjusters that the cells explain, are refused with the reason.

    Notes
    -----
    Weighted least squares of the outcome on one indicator a cell and the adjusters less their weighted mean in the
    domain, with slopes of their own in each domain or in each cell; the level of a cell is its coefficient. CR2 with
    Satterthwaite's degrees of freedom, replicate weights refitted. All respondents are a regression of their own, in
    which the domains play no part.

    References
    ----------
    Lin (2013), *Annals of Applied Statistics* 7, 295-318; Pustejovsky & Tipton (2018), *JBES* 36, 672-683.
    """
    question = cells.question
    whole = np.zeros(question.rows.size, dtype=np.intp)
    parts = [_fitted(cells, whole, (ALL,))]
    if question.roles.by:
        parts.append(_fitted(cells, question.arms.domain, question.arms.names))
    places: dict[tuple[str, int], int] = {}
    start = 0
    for part in parts:
        places |= {key: start + place for key, place in part.places.items()}
        start += len(part.places)
    found = [part.basic for part in parts if len(part.basic)] or [parts[0].basic]
    refused = {name: reason for part in parts for name, reason in part.refused.items()}
    return Levels(combine(found), places, refused)


def _fitted(cells: Cells, domain: IntArray, names: tuple[str, ...]) -> Levels:
    """Fit the cells of disjoint domains in one regression."""
    slopes: list[FloatArray] = []
    refused: dict[str, str] = {}
    for place, name in enumerate(names):
        columns, refused[name] = _slopes(cells, domain == place)
        slopes += [columns] if not refused[name] else []
    kept = [place for place, name in enumerate(names) if not refused[name]]
    if not kept:
        return Levels(_nothing(cells.question), {}, refused)
    rows: BoolArray = np.isin(domain, kept)
    cell = np.searchsorted(np.array(kept), domain) * cells.count + cells.code
    width = len(kept) * cells.count
    matrix = np.hstack([(cell[:, None] == np.arange(width)).astype(float), *slopes])[rows]
    keys = [(names[place], code) for place in kept for code in range(cells.count)]
    basic = _regression(cells.question, rows, matrix, width)
    return Levels(_based(basic, cells, keys, (cell, rows)), {key: place for place, key in enumerate(keys)}, refused)


def _slopes(cells: Cells, inside: BoolArray) -> tuple[FloatArray, str]:
    """Lay out the adjusters of one domain less their mean, 0 outside it, shape (n, q); and why that can't be done."""
    nothing = np.zeros((inside.size, 0))
    if np.bincount(cells.code[inside], minlength=cells.count).min() == 0:
        return nothing, _EMPTY
    names, matrix = _centred(cells, inside)
    smallest = int(np.bincount(cells.code[inside]).min())
    if not cells.shared and len(names) * PEOPLE_A_COLUMN > smallest:
        return nothing, f"fewer than {PEOPLE_A_COLUMN} in the smaller arm for each column of adjusters"
    groups = [inside] if cells.shared else [inside & (cells.code == cell) for cell in range(cells.count)]
    found: list[FloatArray] = []
    for group in groups:
        own = np.flatnonzero(np.bincount(cells.code[group], minlength=cells.count))
        indicators = (cells.code[group][:, None] == own).astype(float)
        free = independent(np.hstack([indicators, matrix[group]]))[own.size :]
        lost = [variable_of(name) for name, keep in zip(names, free, strict=True) if not keep]
        stuck = dict.fromkeys(name for name in lost if name != cells.apart)
        if stuck:
            return (
                nothing,
                f"the groups compared and the other adjusters explain {', '.join(stuck)}: leave it out of adjust",
            )
        found.append(np.where(group[:, None], matrix[:, free], 0.0))
    return np.hstack([nothing, *found]), ""


def _centred(cells: Cells, inside: BoolArray) -> tuple[list[str], FloatArray]:
    """Take the adjusters that vary in a domain, less their weighted mean there; those apart, in each kind of cell."""
    names, matrix = cells.question.columns
    weight = np.where(inside, cells.question.arms.weight, 0.0)
    varies = independent(np.column_stack([np.ones(int(inside.sum())), matrix[inside]]))[1:]
    own = np.array([variable_of(name) == cells.apart for name in names], dtype=bool)
    centred = matrix - weight @ matrix / weight.sum()
    if cells.kind is not None and own.any():
        varies = varies | own
        for code in np.unique(cells.kind[inside]):
            here = np.where(cells.kind == code, weight, 0.0)
            shifted = matrix[:, own] - here @ matrix[:, own] / here.sum()
            centred[:, own] = np.where((cells.kind == code)[:, None], shifted, centred[:, own])
    return [name for name, keep in zip(names, varies, strict=True) if keep], centred[:, varies]


def _regression(question: Question, rows: BoolArray, matrix: FloatArray, width: int) -> Estimate:
    """Fit the outcome, and take the coefficients of the cells."""
    terms = tuple(f"column {place}" for place in range(matrix.shape[1]))
    title = f"{question.roles.outcome} by {question.roles.attended}"
    frame = pd.DataFrame(index=range(matrix.shape[0]))
    model = Model(
        title,
        question.roles.outcome,
        question.outcome[rows],
        question.rows[rows],
        question.asked,
        frame,
        terms,
        lambda _: matrix,
        matrix,
    )
    fit = fit_model(question.sample, model, family="gaussian", variance="cr2")
    return fit.coefficients.take(np.arange(width, dtype=np.intp))


def _based(
    basic: Estimate, cells: Cells, keys: Sequence[tuple[str, int]], where: tuple[IntArray, BoolArray]
) -> Estimate:
    """Put the bases of each cell beside its level."""
    question, (cell, rows) = cells.question, where
    weight, psu, place = question.arms.weight[rows], question.sample.design.psu[question.rows][rows], cell[rows]
    n = np.bincount(place, minlength=len(keys)).astype(float)
    kish = np.bincount(place, weight, minlength=len(keys)) ** 2 / np.bincount(place, weight**2, minlength=len(keys))
    reached = np.zeros((question.sample.design.psu_count, len(keys)), dtype=bool)
    reached[psu, place] = True
    labels = Labels.of({"domain": [key[0] for key in keys], "cell": [cells.names[key[1]] for key in keys]})
    share = question.roles.answer is not None and not question.roles.adjust
    return replace(
        basic,
        named=labels,
        kind="share" if share else "other",
        n=n,
        n_kish=kish,
        reached=reached,
        crowding=n / np.maximum(reached.sum(axis=0), 1),
    )


def _nothing(question: Question) -> Estimate:
    """Make an estimate without rows."""
    units = question.sample.design.psu_count
    return Estimate(
        named=Labels.nothing(),
        value=np.zeros(0),
        influence=np.zeros((units, 0)),
        design=question.sample.design,
        variance="cr2",
        kind="other",
        n=np.zeros(0),
        n_kish=np.zeros(0),
        reached=np.zeros((units, 0), dtype=bool),
        crowding=np.zeros(0),
        refused=(),
    )
