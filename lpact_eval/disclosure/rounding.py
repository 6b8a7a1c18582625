"""Rounding as an alternative to hiding: every count to a multiple of a base, and the tables still add up.

Each count goes to one of the two multiples next to it; a multiple stays. Which of both is drawn with probability in
proportion to how near it is, so that a rounded count is right on average; the draw hangs on the cell's name and the
seed alone, so that the same count is rounded the same way in every table and release. Whole-number programming then
finds the rounding that adds up and departs from the fewest draws. A relation that no such rounding meets (in tables of
three dimensions, or where a count was published exactly) is named and not met.

References
----------
Cox, L. H. (1987), "A constructive procedure for unbiased controlled rounding", *Journal of the American Statistical
    Association* 82, 520-524.
Hundepool, A. et al. (2012), *Statistical Disclosure Control*, Wiley, sec. 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lpact_eval.disclosure.auditor import Need
from lpact_eval.disclosure.cells import ReadCell, check_cells
from lpact_eval.disclosure.rules import find_rules
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.cells import Cell, Relation
    from lpact_eval.disclosure.relations import BoolArray, FloatArray
    from lpact_eval.disclosure.rules import Rules

NODES: Final = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """Counts of a release, rounded.

    Attributes
    ----------
    counts : mapping of str to int
        Every open cell; known and latent ones are not in it.
    base : int
    broken : tuple of Relation
        Relations among shown cells that the rounded counts don't meet: readers must be told that figures may not add
        up.
    needed : mapping of str to Need
        What a reader's intervals for the sensitive cells must be. Confidential.
    """

    counts: Mapping[str, int]
    base: int
    broken: tuple[Relation, ...]
    needed: Mapping[str, Need] = field(repr=False)


def round_counts(
    cells: Sequence[Cell],
    relations: Iterable[Relation],
    rules: str | Rules = "uk",
    *,
    base: int | None = None,
    seed: int,
) -> Rounded:
    """Round the open cells of a release so that its tables add up.

    Parameters
    ----------
    cells : sequence of Cell
    relations : iterable of Relation
    rules : str or Rules, default "uk"
        Which counts are sensitive.
    base : int, optional
        Rounded counts are multiples of it, less than one base away from the count; by default the rules' own.
    seed : int
        Keep it to yourself, and use one for all releases: who has it can try which counts it rounds this way.

    Returns
    -------
    Rounded
        As far as a reader goes, a sensitive count is to be any of at least `base` whole numbers: `audit` of what
        `as_read_rounded` gives, with its `needed`, checks it.

    Raises
    ------
    WrongUseError
        If the base is below 2, cells or relations contradict themselves, or the rules are not known.
    """
    chosen, equations = find_rules(rules), list(relations)
    base = chosen.rounding_base if base is None else base
    if base < 2:  # noqa: PLR2004 - a multiple of 1 is the count itself
        msg = f"Cannot round to multiples of {base}: give a base of 2 or more, such as 3, 5 or 10."
        raise WrongUseError(msg)
    check_cells(cells, equations, chosen)
    open_cells = sorted((cell for cell in cells if cell.printing == "open"), key=lambda cell: cell.name)
    known = {cell.name: cell.value for cell in cells if cell.printing == "known"}
    names = {cell.name for cell in open_cells} | known.keys()
    seen = [one for one in equations if names.issuperset(name for name, _ in one.terms)]
    drawn = np.array([_draw(cell.name, seed) < cell.value % base / base for cell in open_cells], dtype=np.bool_)
    counts = _rounded(open_cells, drawn, base, _equations(seen, open_cells, known, base))
    shown = known | counts
    return Rounded(
        counts=counts,
        base=base,
        broken=tuple(one for one in seen if sum(shown[name] * times for name, times in one.terms) != one.constant),
        needed={cell.name: Need(base - 1) for cell in cells if cell.needs(chosen)},
    )


def as_read_rounded(cells: Iterable[Cell], rounded: Rounded) -> tuple[ReadCell, ...]:
    """Give what a reader has of rounded cells: each lies less than a base away from what is shown.

    Parameters
    ----------
    cells : iterable of Cell
    rounded : Rounded

    Returns
    -------
    tuple of ReadCell
        For `audit`: the relations hold for the counts behind.
    """
    return tuple(_as_read(cell, rounded) for cell in cells)


def _as_read(cell: Cell, rounded: Rounded) -> ReadCell:
    """Give what a reader has of one cell."""
    if cell.printing == "known":
        return ReadCell(cell.name, cell.value)
    least = 0 if cell.least is None else cell.least
    if cell.printing == "latent":
        return ReadCell(cell.name, None, least, cell.most)
    shown, reach = rounded.counts[cell.name], rounded.base - 1
    most = shown + reach if cell.most is None else min(cell.most, shown + reach)
    return ReadCell(cell.name, None, max(least, shown - reach), most)


def _rounded(
    cells: Sequence[Cell], drawn: BoolArray, base: int, equations: tuple[sparse.csr_array, FloatArray]
) -> dict[str, int]:
    """Find the rounding that meets most relations, and of these the one that departs from the fewest draws."""
    if not cells:
        return {}
    low = np.array([cell.value // base for cell in cells], dtype=np.float64)
    up = np.array([cell.value % base > 0 for cell in cells], dtype=np.float64)
    matrix, right = equations
    rows = matrix.shape[0]
    # a variable each: one multiple further up, and how far a relation is missed from either side
    apart = float(len(cells) + 1)
    result = milp(
        np.concatenate([np.where(drawn, -1.0, 1.0), np.full(2 * rows, apart)]),
        integrality=np.repeat(np.array([1, 0], dtype=np.intp), [len(cells), 2 * rows]),
        bounds=Bounds(np.zeros(len(cells) + 2 * rows), np.concatenate([up, np.full(2 * rows, np.inf)])),
        constraints=_met(matrix, right - matrix @ low),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    steps = drawn.astype(np.float64) if result.x is None else np.rint(result.x[: len(cells)])
    return {cell.name: base * int(step) for cell, step in zip(cells, low + steps, strict=True)}


def _equations(
    relations: Sequence[Relation], cells: Sequence[Cell], known: Mapping[str, int], base: int
) -> tuple[sparse.csr_array, FloatArray]:
    """Write relations in units of the base, with known counts on the right."""
    place = {cell.name: number for number, cell in enumerate(cells)}
    matrix = sparse.lil_array((len(relations), len(place)))
    right = np.array([one.constant for one in relations], dtype=np.float64)
    for row, one in enumerate(relations):
        for name, times in one.terms:
            if name in place:
                matrix[row, place[name]] += times
            else:
                right[row] -= times * known[name]
    return sparse.csr_array(matrix), right / base


def _met(matrix: sparse.csr_array, right: FloatArray) -> list[LinearConstraint]:
    """Say that relations hold, but for what they are missed by."""
    rows = matrix.shape[0]
    if not rows:
        return []
    missed = sparse.hstack([matrix, sparse.eye_array(rows), -sparse.eye_array(rows)], format="csr")
    return [LinearConstraint(missed, right, right)]


def _draw(name: str, seed: int) -> float:
    """Draw a number from 0 to 1 that hangs on the cell and the seed alone."""
    digest = blake2b(name.encode(), key=str(seed).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
