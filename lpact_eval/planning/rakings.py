"""Raking of many synthetic waves at once, by the package's own solver; small categories merged wave by wave."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from lpact_eval.sample import Sample
from lpact_eval.weighting.blocks import Categories, aim_of
from lpact_eval.weighting.many import Block, factors_of_many, rotated
from lpact_eval.weighting.margins import collapse_small, has_order, targets_of
from lpact_eval.weighting.rake import cells_of, common_total, groups_of
from lpact_eval.weighting.solver import Problem, solve

if TYPE_CHECKING:
    from lpact_eval.planning.first_file import First
    from lpact_eval.sample import BoolArray, FloatArray, IntArray
    from lpact_eval.weighting.margins import Margins, Target

    _Merged = tuple[tuple[Target, IntArray], ...]

_MET = 1e-9  # distance from a margin over the population
_ROUNDING = 1e-9
_VANISHING = 1e-10  # ratio of smallest to largest factor at which margins are met only in the limit


@dataclass(frozen=True, slots=True, eq=False)
class Raking:
    """What one raking asks: all groups, or one inside which it is done; c cells, t margins.

    Attributes
    ----------
    groups : tuple of int
        Positions of the groups that are raked together.
    cell : ndarray of shape (n,), int
        Cell of each respondent of the first wave; -1 outside these groups.
    mass : ndarray of shape (c,)
        Weights before raking, summed over each cell of the first wave.
    targets : tuple of t Target
    codes : tuple of t ndarray of shape (c,), int
        Category of each cell; -1 where it is not known.
    ordered : tuple of t bool
    persons : float
        Total of the raked weights.
    collapse : int
        Merge categories with fewer respondents than this.
    """

    groups: tuple[int, ...]
    cell: IntArray
    mass: FloatArray
    targets: tuple[Target, ...]
    codes: tuple[IntArray, ...]
    ordered: tuple[bool, ...]
    persons: float
    collapse: int


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Margins after merging; c cells, p auxiliaries.

    Attributes
    ----------
    auxiliary : ndarray of shape (c, p)
    total : ndarray of shape (p,)
    block : Block
        The same for the solver.
    """

    auxiliary: FloatArray
    total: FloatArray
    block: Block


@dataclass(frozen=True, slots=True, eq=False)
class Raked:
    """Many waves raked; R waves, c cells.

    Attributes
    ----------
    factor : ndarray of shape (R, c)
        Ratio of new to old weight.
    failed : ndarray of shape (R,), bool
        Waves that no weights bring to the margins.
    parts : tuple of (rows, Pattern)
        Which waves were raked to which margins.
    """

    factor: FloatArray
    failed: BoolArray
    parts: tuple[tuple[IntArray, Pattern], ...]


@dataclass(slots=True)
class Memory:
    """Patterns that were met before; merging and rotating is done once each."""

    merged: dict[tuple[int, tuple[int, ...]], tuple[Target, IntArray]] = field(
        default_factory=dict[tuple[int, tuple[int, ...]], tuple["Target", "IntArray"]]
    )
    pattern: dict[tuple[tuple[tuple[str, ...], ...], ...], Pattern] = field(
        default_factory=dict[tuple[tuple[tuple[str, ...], ...], ...], Pattern]
    )


def rakings_of(first: First, margins: Margins | None, within: str | None, collapse: int) -> tuple[Raking, ...]:
    """Lay out what synthetic waves are raked to; nothing without margins.

    Parameters
    ----------
    first : First
    margins, within, collapse
        As for `rake`.

    Returns
    -------
    tuple of Raking
        One for each group inside which is raked, else one for all.

    Raises
    ------
    WeightingError
        If margins and respondents do not fit each other.
    """
    if margins is None:
        return ()
    sample = Sample(first.sample.answers, replace(first.sample.design, weight=first.start * first.chance))
    cells = cells_of(sample, margins, within, "simulate")
    found: list[Raking] = []
    for name, inside in groups_of(cells, within):
        task = f"simulate raking within {within} = {name!r}" if within else "simulate raking"
        targets = [target for target in targets_of(margins, within, name, task) if target.counts]
        persons = common_total(targets, task)
        codes = tuple(target.codes(cells, inside) for target in targets)
        local = np.full(cells.mass.size, -1, dtype=np.intp)
        local[inside] = np.arange(inside.size)
        cell = np.where(first.group >= 0, local[cells.cell], -1)
        ordered = tuple(has_order(sample, target.variables) for target in targets)
        bare = tuple(replace(target, margin=None) for target in targets)
        groups = tuple(range(len(first.names))) if within is None else (first.names.index(name),)
        found.append(Raking(groups, cell, cells.mass[inside], bare, codes, ordered, persons, collapse))
    return tuple(found)


def raked_many(raking: Raking, mass: FloatArray, respondents: IntArray, memory: Memory) -> Raked:
    """Rake many waves.

    Parameters
    ----------
    raking : Raking
    mass : ndarray of shape (R, c)
        Weights before raking, summed over the cells of each wave.
    respondents : ndarray of shape (R, c), int
    memory : Memory
        Of this raking.

    Returns
    -------
    Raked
        With the factors of `rake` in each wave, to its tolerance.
    """
    factor = np.ones_like(mass)
    failed: BoolArray = np.ones(len(mass), dtype=np.bool_)
    kept: list[tuple[IntArray, Pattern]] = []
    for pattern, rows in _sorted_out(raking, respondents, memory):
        if pattern is None:
            continue
        some, _ = factors_of_many(pattern.block, mass[rows])
        gap = np.abs((mass[rows] * some) @ pattern.auxiliary - pattern.total).max(axis=1)
        used = mass[rows] > 0
        low, high = np.where(used, some, np.inf).min(axis=1), np.where(used, some, 0.0).max(axis=1)
        found: BoolArray = (gap <= _MET * raking.persons) & (low >= _VANISHING * high)
        failed[rows] = np.logical_not(found)
        factor[rows] = some
        kept.append((rows, pattern))
    return Raked(factor, failed, tuple(kept))


def pattern_of(raking: Raking, respondents: IntArray | FloatArray, memory: Memory) -> Pattern | None:
    """Merge the margins as respondents by cell, shape (c,), ask for; None where a category is left empty."""
    merged: list[tuple[Target, IntArray]] = []
    for place, target in enumerate(raking.targets):
        found = _counts(raking.codes[place], len(target.categories), respondents[None, :])[0]
        if found.min() >= max(raking.collapse, 1):
            merged.append((target, raking.codes[place]))
        elif raking.collapse:
            merged.append(_merged(raking, place, respondents, memory))
        else:
            return None
    return _assembled(raking, tuple(merged), memory)


def _sorted_out(raking: Raking, respondents: IntArray, memory: Memory) -> list[tuple[Pattern | None, IntArray]]:
    """Sort the waves by the margins that merging leaves them."""
    least = np.full(respondents.shape[0], np.iinfo(np.intp).max)
    for codes, target in zip(raking.codes, raking.targets, strict=True):
        least = np.minimum(least, _counts(codes, len(target.categories), respondents).min(axis=1))
    plain = np.flatnonzero(least >= max(raking.collapse, 1))
    patterns: dict[int, tuple[Pattern | None, list[int]]] = {}
    for row in np.flatnonzero(least < max(raking.collapse, 1)).tolist():
        pattern = pattern_of(raking, respondents[row], memory)
        patterns.setdefault(id(pattern), (pattern, []))[1].append(row)
    sorted_out = [(pattern, np.array(rows, dtype=np.intp)) for pattern, rows in patterns.values()]
    if plain.size:
        sorted_out.append((pattern_of(raking, respondents[plain[0]], memory), plain))
    return sorted_out


def _counts(codes: IntArray, categories: int, respondents: IntArray | FloatArray) -> IntArray:
    """Respondents by category in each wave, shape (R, k); expected ones rounded down."""
    inside = (codes[:, None] == np.arange(categories)).astype(float)
    return (respondents @ inside + _ROUNDING).astype(np.intp)


def _merged(raking: Raking, place: int, respondents: IntArray | FloatArray, memory: Memory) -> tuple[Target, IntArray]:
    """Merge the small categories of one margin, as `rake` does."""
    found = _counts(raking.codes[place], len(raking.targets[place].categories), respondents[None, :])[0]
    key = (place, tuple(found.tolist()))
    if key not in memory.merged:
        # expected respondents are fractions, which are summed over a category before they are rounded down
        whole = cast("IntArray", respondents + _ROUNDING)
        target, codes, _ = collapse_small(
            raking.targets[place], raking.codes[place], whole, raking.collapse, ordered=raking.ordered[place]
        )
        memory.merged[key] = (target, codes)
    return memory.merged[key]


def _assembled(raking: Raking, merged: _Merged, memory: Memory) -> Pattern:
    """Put merged margins side by side, once for each way of merging."""
    key = tuple(target.categories for target, _ in merged), tuple(target.members for target, _ in merged)
    known = memory.pattern.get(key[1])
    if known is not None:
        return known
    mass = raking.mass
    terms = [Categories(target, codes, target.mass(codes, mass), aim_of(target.counts)) for target, codes in merged]
    auxiliary = np.vstack([np.ones((1, raking.mass.size)), *(term.auxiliary() for term in terms)]).T
    total = np.array(sum([term.totals() for term in terms], [raking.persons]))
    pattern = Pattern(auxiliary, total, _block(raking, auxiliary, total))
    memory.pattern[key[1]] = pattern
    return pattern


def _block(raking: Raking, auxiliary: FloatArray, total: FloatArray) -> Block:
    """Pose the problem for the solver of many, which starts from the multipliers of the first wave."""
    mass = raking.mass * (raking.persons / raking.mass.sum())
    basis = rotated(auxiliary, mass)
    turned = basis.T @ np.linalg.pinv(auxiliary).T @ total
    norm = float(np.sqrt(raking.persons))
    limit = np.full(turned.size, 1e-10 * norm)
    solution = solve(Problem(basis, mass, turned, limit))
    start = solution.multiplier if solution.met else np.zeros(turned.size)
    cells = np.arange(mass.size, dtype=np.intp)
    return Block(cells, basis, turned, "raking", 0.0, np.inf, raking.persons, start, norm)
