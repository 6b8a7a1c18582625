"""What a calibration asks of one group: auxiliaries by cell, totals, and the margins that they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import WeightingError
from lpact_eval.sample import Met
from lpact_eval.weighting.cells import told
from lpact_eval.weighting.margins import collapse_small, has_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray, Sample
    from lpact_eval.weighting.cells import Cells
    from lpact_eval.weighting.margins import Target

Unknown = Literal["keep", "leave out"]

_SAME = 1e-14  # relative distance from the mean that is rounding error
_RARE = 1e-6  # share of the weights under which a category's ratio would start raking too far out
_FLOATING = 1e-14  # share of the population under which a gap is rounding error


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What follows from a margin's counts alone; k categories.

    Attributes
    ----------
    shares : ndarray of shape (k,)
        Share of each category in the population.
    smallest : float
        The smallest of them.
    contrasts : ndarray of shape (k - 1, k + 1)
        Auxiliaries of each category; the last column is for missing answers, -1.
    """

    shares: FloatArray
    smallest: float
    contrasts: FloatArray


@lru_cache(maxsize=256)
def aim_of(counts: tuple[float, ...]) -> Aim:
    """Work out shares and auxiliaries; bootstraps and simulations weight to the same margin many times."""
    shares = np.array(counts) / sum(counts)
    contrasts = np.eye(len(counts) - 1, len(counts) + 1)
    contrasts[:, :-1] -= shares[:-1, None]
    shares.flags.writeable = contrasts.flags.writeable = False
    return Aim(shares, float(shares.min()), contrasts)


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """A margin over the cells of a group; c cells, k categories.

    Attributes
    ----------
    target : Target
    codes : ndarray of shape (c,), int
        Category of each cell; -1 where an answer is missing.
    mass : ndarray of shape (k,)
        Weights before the step, summed over each category.
    aim : Aim
        Of the target's counts.
    """

    target: Target
    codes: IntArray
    mass: FloatArray
    aim: Aim

    @property
    def name(self) -> str:
        """Variables in words."""
        return self.target.name

    @property
    def labels(self) -> list[str]:
        """What each auxiliary stands for."""
        return [f"{self.name} = {category!r}" for category in self.target.categories[:-1]]

    @property
    def known(self) -> IntArray:
        """Whether each cell has an answer, as 0 or 1."""
        return (self.codes >= 0).astype(np.intp)

    @property
    def smallest(self) -> float:
        """Share of the smallest category."""
        return self.aim.smallest

    @property
    def width(self) -> int:
        """Number of auxiliaries, k - 1."""
        return self.aim.shares.size - 1

    def auxiliary(self) -> FloatArray:
        """Share of each category but the last taken from its indicator; 0 without an answer, shape (k - 1, c)."""
        return self.aim.contrasts.take(self.codes, axis=1, mode="wrap")

    def totals(self) -> list[float]:
        """Nothing is left over once the shares are met; k - 1 totals."""
        return [0.0] * self.width

    def met(self, group: str, persons: float, before: FloatArray, after: FloatArray) -> list[Met]:
        """Record each category before and after, in persons."""
        target = self.target
        shares = [np.array(target.counts), target.mass(self.codes, before), target.mass(self.codes, after)]
        counts = (share * (persons / share.sum()) for share in shares)
        columns = (column.tolist() for column in counts)
        return [Met(group, self.name, *row) for row in zip(target.categories, *columns, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A numeric variable over the cells of a group, whose mean or total is to be met; c cells.

    Attributes
    ----------
    name : str
    numbers : ndarray of shape (c,)
        NaN without an answer.
    aim : float
        Mean to be met among those with an answer, or where `mean` is False the total.
    mean : bool
    square : float or None
        Mean squared deviation from the mean to be met too.
    """

    name: str
    numbers: FloatArray
    aim: float
    mean: bool = True
    square: float | None = None

    @property
    def labels(self) -> list[str]:
        """What each auxiliary stands for."""
        kind = "mean" if self.mean else "total"
        return [f"{kind} of {self.name}", *([f"spread of {self.name}"] if self.square is not None else [])]

    @property
    def known(self) -> IntArray:
        """Whether each cell has an answer, as 0 or 1."""
        return (~np.isnan(self.numbers)).astype(np.intp)

    @property
    def smallest(self) -> float:
        """As categories have; numbers take their own size."""
        return 1.0

    @property
    def width(self) -> int:
        """Number of auxiliaries."""
        return 1 if self.square is None else 2

    def auxiliary(self) -> FloatArray:
        """Distance from the mean (or the number itself), 0 without an answer, shape (1 or 2, c)."""
        value = self.numbers - self.aim if self.mean else self.numbers
        value = np.where(np.abs(value) <= _SAME * abs(self.aim), 0.0, value) if self.mean else value
        columns = [value] if self.square is None else [value, value**2 - self.square]
        return np.nan_to_num(np.stack(columns))

    def totals(self) -> list[float]:
        """Nothing is left over once a mean is met; 1 or 2 totals."""
        return [0.0 if self.mean else self.aim, *([0.0] if self.square is not None else [])]

    def met(self, group: str, persons: float, before: FloatArray, after: FloatArray) -> list[Met]:
        """Record the total before and after."""
        known = self.known
        value = np.nan_to_num(self.numbers)
        if not self.mean:
            return [Met(group, self.name, "", self.aim, float(before @ value), float(after @ value))]
        means = [persons * float(mass @ value) / float(mass @ known) for mass in (before, after)]
        return [Met(group, self.name, "", self.aim * persons, *means)]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One group's part of a step; c cells, p auxiliaries.

    Attributes
    ----------
    group, task : str
        Name of the group, empty without one, and what is being done in it, for messages.
    cells : ndarray of shape (c,), int
        Cells of the group that are weighted.
    left_out : ndarray, int
        Cells of the group whose weight becomes 0.
    terms : sequence of Categories or Number
    persons : float or None
        Total of the weights to be met; None where no margin gives it.
    auxiliary : ndarray of shape (c, p)
    total : ndarray of shape (p,)
    notes : tuple of str
    """

    group: str
    task: str
    cells: IntArray
    left_out: IntArray
    terms: Sequence[Categories | Number]
    persons: float | None
    auxiliary: FloatArray
    total: FloatArray
    notes: tuple[str, ...]

    @property
    def owner(self) -> IntArray:
        """Place in `terms` of what each auxiliary belongs to, shape (p,); -1 for the constant."""
        constant = 0 if self.persons is None else 1
        return np.repeat(np.arange(-1, len(self.terms)), [constant, *(term.width for term in self.terms)])

    @property
    def names(self) -> list[str]:
        """What each auxiliary stands for."""
        constant = [] if self.persons is None else ["all respondents"]
        return constant + [label for term in self.terms for label in term.labels]

    @property
    def smallest(self) -> float:
        """Share of the smallest category of all margins."""
        return min((term.smallest for term in self.terms), default=1.0)

    def start(self) -> FloatArray | None:
        """Multipliers after a round of proportional fitting, from which raking starts; None where there are none.

        The score of a cell is then the sum of log(share / share before) over its categories.
        """
        terms = [term for term in self.terms if isinstance(term, Categories)]
        if self.persons is None or not terms or len(terms) < len(self.terms):
            return None
        shares = np.concatenate([term.aim.shares for term in terms])
        before = np.concatenate([term.mass for term in terms]) / sum(terms[0].mass.tolist())
        if min(before.tolist()) < _RARE:
            return None
        score = np.log(shares / before)
        multiplier = [float(shares @ score)]
        scores = iter(score.tolist())
        for term in terms:
            *others, last = islice(scores, term.width + 1)
            multiplier += [other - last for other in others]
        return np.array(multiplier)

    def limit(self, mass: FloatArray, tolerance: float) -> FloatArray:
        """Distance from each total at which it counts as met, shape (p,); mass has shape (c,)."""
        limit = np.full(self.total.size, max(tolerance * self.smallest / 10, _FLOATING) * (self.persons or 0.0))
        for place, term in enumerate(self.terms):
            if isinstance(term, Number):
                own = self.owner == place
                size = np.maximum(mass @ np.abs(self.auxiliary[:, own]), np.abs(self.total[own]))
                limit[own] = max(tolerance / 10, _FLOATING) * size
        return limit


def block_of(
    cells: Cells,
    inside: IntArray,
    terms: Sequence[Categories | Number],
    persons: float | None,
    *,
    names: tuple[str, str],
    notes: Sequence[str] = (),
    unknown: Unknown = "keep",
) -> Block:
    """Put the terms of a group side by side.

    Parameters
    ----------
    cells : Cells
    inside : ndarray, int
        Cells of the group.
    terms : sequence of Categories or Number
        Over those cells.
    persons : float or None
    names : tuple of two str
        Group and task.
    notes : sequence of str
    unknown : str
        Whether cells without an answer on a term are kept or left out.

    Returns
    -------
    Block

    Raises
    ------
    WeightingError
        If nobody is left.
    """
    group, task = names
    constant = [] if persons is None else [persons]
    rows = [np.ones((len(constant), inside.size)), *(term.auxiliary() for term in terms)]
    total = np.array(sum([term.totals() for term in terms], constant))
    block = Block(group, task, inside, inside[:0], terms, persons, np.concatenate(rows).T, total, tuple(notes))
    return block if unknown == "keep" else _without_unknown(block, cells)


def _without_unknown(block: Block, cells: Cells) -> Block:
    """Leave out the cells that have no answer on a term, and say how many respondents that are."""
    kept = np.prod([term.known for term in block.terms], axis=0) > 0
    if kept.all():
        return block
    missing = [term.name for term in block.terms if not term.known.all()]
    count = int(cells.respondents()[block.cells[~kept]].sum())
    note = f"{told(count)} respondents without an answer on {' or '.join(missing)} left out"
    mass = cells.mass[block.cells[kept]]
    terms = [
        Categories(term.target, term.codes[kept], term.target.mass(term.codes[kept], mass), term.aim)
        if isinstance(term, Categories)
        else Number(term.name, term.numbers[kept], term.aim, term.mean, term.square)
        for term in block.terms
    ]
    return Block(
        block.group,
        block.task,
        block.cells[kept],
        block.cells[~kept],
        terms,
        block.persons,
        block.auxiliary[kept],
        block.total,
        (*block.notes, f"{block.group}: {note}" if block.group else note),
    )


def categories_of(
    sample: Sample, cells: Cells, inside: IntArray, targets: Sequence[Target], *, group: str, collapse: int
) -> tuple[list[Categories], list[str]]:
    """Find the category of each cell on each margin, merging small ones; the notes say which.

    Parameters
    ----------
    sample : Sample
    cells : Cells
    inside : ndarray, int
        Cells of the group.
    targets : sequence of Target
    group : str
        Name of the group for the notes.
    collapse : int
        Smallest number of respondents of a category.

    Returns
    -------
    list of Categories
    list of str

    Raises
    ------
    WeightingError
        If respondents have a category without population, or a category has population and no respondents.
    """
    found: list[Categories] = []
    notes: list[str] = []
    weights = cells.mass.take(inside)
    respondents = cells.respondents()[inside] if collapse > 0 else None
    for given in targets:
        target, codes = given, given.codes(cells, inside)
        if respondents is not None:
            ordered = has_order(sample, target.variables)
            target, codes, merged = collapse_small(target, codes, respondents, collapse, ordered=ordered)
            notes += [f"{group}: {note}" if group else note for note in merged]
        mass = target.mass(codes, weights)
        if min(mass.tolist()) <= 0:
            raise WeightingError(_empty(target, codes, mass, cells.respondents()[inside]))
        found.append(Categories(target, codes, mass, aim_of(target.counts)))
    return found, notes


def _empty(target: Target, codes: IntArray, mass: FloatArray, respondents: IntArray) -> str:
    """Say which categories have population and no respondents, or none of any weight."""
    empty = target.empty(codes)
    if not empty:
        light = [name for name, weight in zip(target.categories, mass, strict=True) if weight <= 0]
        return (
            f"Cannot {target.task} on {target.title}: the respondents in {', '.join(map(repr, light))} all have "
            "starting weights of 0. Start from weights above 0, or merge the category."
        )
    has, them = ("has", "it") if len(empty) == 1 else ("have", "them")
    return (
        f"Cannot {target.task} on {target.title}: {', '.join(map(repr, empty))} {has} population but no respondents. "
        f"Merge {them} with a neighbouring category in the margin, or {target.task.split(maxsplit=1)[0]} with "
        f"collapse=. Respondents: {target.told(codes, respondents)}."
    )
