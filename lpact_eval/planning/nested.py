"""Quotas inside quotas: ethnicity by area, communities within an ethnic group."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.allocation import Allocation, largest_remainder, scores, share_out
from lpact_eval.planning.plan import require_at_least, require_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The groups that a sample is shared out over, from the whole (an empty key) down to the cells.

    Attributes
    ----------
    shares : mapping of tuple of str to float
        Of the cells; they add up to 1.
    floors : mapping of tuple of str to int
        Of cells, or of whole groups by the leading parts of a key.
    reachable : mapping of tuple of str to float
        Most respondents that a cell can bring; infinite where nothing was said.
    allocation : str
        How the first variable is shared out.
    exponent : float
        Of "power".
    value : mapping of tuple of str to float
        S / sqrt(c) of the cells, for "neyman".
    """

    shares: Mapping[Cell, float]
    floors: Mapping[Cell, int]
    reachable: Mapping[Cell, float]
    allocation: Allocation
    exponent: float
    value: Mapping[Cell, float]

    def parts(self, of: Cell) -> list[Cell]:
        """List the groups one step below a group."""
        depth = len(of)
        return list(dict.fromkeys(cell[: depth + 1] for cell in self.shares if cell[:depth] == of))

    def is_cell(self, group: Cell) -> bool:
        """Tell whether nothing lies below a group."""
        return group in self.shares

    def share(self, group: Cell) -> float:
        """Return a group's share of the population."""
        return math.fsum(share for cell, share in self.shares.items() if cell[: len(group)] == group)

    def score(self, group: Cell) -> float:
        """Return what a group's part is proportional to, below the first variable."""
        rule: Allocation = "neyman" if self.allocation == "neyman" else "proportional"
        cells = scores(rule, self.shares, self.exponent, self.value)
        return math.fsum(score for cell, score in cells.items() if cell[: len(group)] == group)

    def most(self, group: Cell) -> float:
        """Return the most respondents that a group can bring; a cell without a share brings none above its floor."""
        if not self.is_cell(group):
            return sum(self.most(part) for part in self.parts(group))
        return self.reachable[group] if self.shares[group] else min(self.floors.get(group, 0), self.reachable[group])

    def least(self, group: Cell) -> int:
        """Return the fewest respondents that a group must bring: its own floor, or its parts' together."""
        below = 0 if self.is_cell(group) else sum(map(self.least, self.parts(group)))
        return int(min(max(self.floors.get(group, 0), below), self.most(group)))


def without_limits(cells: Cells) -> Cells:
    """Forget what can be had."""
    return replace(cells, reachable=dict.fromkeys(cells.shares, math.inf))


def split(total: int, cells: Cells, group: Cell = ()) -> tuple[dict[Cell, float], dict[Cell, int]]:
    """Share a total out over a group's parts, then each part's whole number over its own parts.

    Returns the cells' parts before rounding, within the whole number of the group above, and their quotas.
    """
    parts = cells.parts(group)
    shares = {part: cells.share(part) for part in parts}
    if not group and cells.allocation in {"equal", "power"}:
        score = scores(cells.allocation, shares, cells.exponent, {})
    else:
        score = {part: cells.score(part) for part in parts}
    if not any(score.values()):
        score = dict.fromkeys(parts, 1.0)
    least = {part: cells.least(part) for part in parts}
    exact = share_out(total, score, least, {part: cells.most(part) for part in parts})
    quota = largest_remainder(total, exact, shares)
    if all(map(cells.is_cell, parts)):
        return exact, quota
    below = [split(quota[part], cells, part) for part in parts]
    return (
        {cell: size for sizes, _ in below for cell, size in sizes.items()},
        {cell: size for _, sizes in below for cell, size in sizes.items()},
    )


def as_cell(key: str | Cell) -> Cell:
    """Read a key: the name of a group, or the names of groups from the outer to the inner one."""
    return tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)


def shown(cell: Cell) -> str:
    """Write a group's name."""
    return ", ".join(cell)


def population_shares(shares: Mapping[Cell, float]) -> dict[Cell, float]:
    """Scale shares, or persons, to add up to 1."""
    given = {cell: require_at_least(f"share of {shown(cell)}", share, 0) for cell, share in shares.items()}
    whole = math.fsum(given.values())
    if whole <= 0:
        raise WrongUseError("Cannot share out quotas: the shares add up to 0; give the groups' shares or persons.")
    return {cell: share / whole for cell, share in given.items()}


def require_known(what: str, keys: set[Cell], shares: Mapping[Cell, float], *, leading: bool) -> None:
    """Refuse keys that name no group; leading parts of a key name one where they are allowed."""
    known = {cell[:depth] for cell in shares for depth in range(1 if leading else len(cell), len(cell) + 1)}
    unknown = sorted(map(shown, keys - known))
    if unknown:
        msg = f"Cannot keep {what} for {unknown}: the groups are {[shown(cell) for cell in shares]}."
        raise WrongUseError(msg)


def require_floors(floors: Mapping[Cell, int], shares: Mapping[Cell, float]) -> dict[Cell, int]:
    """Check floors, of cells or of whole groups."""
    require_known("floors", set(floors), shares, leading=True)
    least = {cell: require_whole(f"floor of {shown(cell)}", floor, 0) for cell, floor in floors.items()}
    for group, floor in least.items():
        inside = math.fsum(share for cell, share in shares.items() if cell[: len(group)] == group)
        if floor and group not in shares and not inside:
            msg = f"Cannot keep a floor for {shown(group)}: the shares of its cells add up to 0."
            raise WrongUseError(msg)
    return least


def by_cell(given: Mapping[Cell, float], cell: Cell, otherwise: float) -> float:
    """Find the number that was given for a cell, or for the group that it lies in."""
    for depth in range(len(cell), 0, -1):
        if cell[:depth] in given:
            return given[cell[:depth]]
    return otherwise
