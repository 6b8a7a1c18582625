"""Counts of a release as cells, and the equations among them: what the protection, the audit and the rounding work on.

Each cell is a whole number of unweighted respondents. A relation says that sums of cells are equal: a total and its
groups, a group of groups (`black_heritage` and the groups that it is made of), the respondents of a change (first plus
second wave), a later release (an earlier one plus those who answered since). A cell that stands in several tables is
one cell; a count that stands nowhere, but that a reader could work out, is a latent one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules

Printing = Literal["open", "known", "latent"]

LEAST: Final[dict[Printing, int]] = {"open": 1, "known": 0, "latent": 0}


@dataclass(frozen=True, slots=True)
class Cell:
    """A count of respondents.

    Attributes
    ----------
    name : str
    value : int
    cost : float, default 1
        What readers lose if it is hidden; above 0.
    printing : {"open", "known", "latent"}, default "open"
        It may be shown or hidden; it was published before, so it is known; it stands nowhere and costs nothing.
    sensitive : bool, optional
        Whether it needs protection; by default where it lies from 1 to one below the rules' threshold.
    least, most : int, optional
        What a reader takes for granted of it once it is hidden. A hidden count is at least 1 by default, as readers
        know that a 0 is never hidden, and a latent one at least 0.
    width : int, optional
        How wide a reader's interval for it must be; by default the rules' threshold.
    """

    name: str
    value: int
    cost: float = 1.0
    printing: Printing = "open"
    sensitive: bool | None = None
    least: int | None = None
    most: int | None = None
    width: int | None = None

    @property
    def floor(self) -> int:
        """The smallest count that a reader thinks possible."""
        return LEAST[self.printing] if self.least is None else self.least

    def may_hide(self) -> bool:
        """Whether hiding it is possible and leaves a reader in doubt: a 0 that readers know is never hidden is not."""
        return self.printing != "known" and self.floor <= self.value

    def is_small(self, rules: Rules) -> bool:
        """Whether it counts some respondents, and fewer than the rules' threshold."""
        return 0 < self.value < rules.suppress_below

    def needs(self, rules: Rules) -> int:
        """Give the width that it needs under the rules, 0 where it needs no protection."""
        sensitive = self.is_small(rules) if self.sensitive is None else self.sensitive
        if not sensitive or self.printing == "known":
            return 0
        return rules.suppress_below if self.width is None else self.width


@dataclass(frozen=True, slots=True)
class Relation:
    """Cells times whole numbers that add up to a constant, of which every reader knows.

    Attributes
    ----------
    terms : tuple of (name, coefficient)
    constant : int, default 0
    """

    terms: tuple[tuple[str, int], ...]
    constant: int = 0


@dataclass(frozen=True, slots=True)
class ReadCell:
    """What a reader has of a cell.

    Attributes
    ----------
    name : str
    value : int or None
        None where it is hidden or stands nowhere.
    least, most : int, and int or None
        What the reader takes for granted of a hidden one.
    """

    name: str
    value: int | None
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Suppression:
    """Which cells of a release are hidden, and the proof that this is enough.

    Attributes
    ----------
    primary, secondary : frozenset of str
        Sensitive cells, and those hidden on their account. Latent cells are in neither.
    unprotected : frozenset of str
        Sensitive cells that a reader can tell too well whatever is hidden, because of what was published before.
    exposed : frozenset of str
        Small cells that were published before.
    cost, bound : float
        What the secondary cells cost, and a cost below which no protecting set can be.
    proof : mapping of str to (mapping, mapping)
        For every sensitive cell two sets of hidden counts, either of which fits everything that is shown, and in which
        the cell differs by at least the width that it needs. Confidential.
    """

    primary: frozenset[str]
    secondary: frozenset[str]
    unprotected: frozenset[str]
    exposed: frozenset[str]
    cost: float
    bound: float
    proof: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]] = field(repr=False)

    @property
    def hidden(self) -> frozenset[str]:
        """All suppressed cells."""
        return self.primary | self.secondary

    @property
    def optimal(self) -> bool:
        """Whether no cheaper set protects."""
        return self.cost <= self.bound + 1e-6


def adds_up(whole: str, parts: Iterable[str]) -> Relation:
    """Say that parts that do not overlap add up to a whole.

    Parameters
    ----------
    whole : str
    parts : iterable of str

    Returns
    -------
    Relation
    """
    return Relation(((whole, -1), *((part, 1) for part in parts)))


def as_read(cells: Iterable[Cell], hidden: Collection[str]) -> tuple[ReadCell, ...]:
    """Give what a reader has once some cells are hidden.

    Parameters
    ----------
    cells : iterable of Cell
    hidden : collection of str

    Returns
    -------
    tuple of ReadCell
    """
    return tuple(
        ReadCell(cell.name, None, cell.floor, cell.most)
        if cell.name in hidden or cell.printing == "latent"
        else ReadCell(cell.name, cell.value)
        for cell in cells
    )


def check_cells(cells: Sequence[Cell], relations: Iterable[Relation], rules: Rules) -> None:
    """Refuse cells and relations that contradict themselves.

    Parameters
    ----------
    cells : sequence of Cell
    relations : iterable of Relation
    rules : Rules

    Raises
    ------
    WrongUseError
        If a name comes twice, a count or cost is impossible, or a relation does not hold.
    """
    twice = sorted(name for name, times in Counter(cell.name for cell in cells).items() if times > 1)
    if twice:
        msg = f"Cannot protect a release in which cells come twice: {twice[:5]}. Give each count one cell."
        raise WrongUseError(msg)
    for cell in cells:
        _check_cell(cell, rules)
    values = {cell.name: cell.value for cell in cells}
    for relation in relations:
        _check_relation(relation, values)


def _check_cell(cell: Cell, rules: Rules) -> None:
    """Refuse a cell that no release can have; its count is not named."""
    if cell.value < 0 or cell.cost <= 0:
        msg = f"Cannot protect cell {cell.name!r}: its count must be 0 or above and its cost above 0."
        raise WrongUseError(msg)
    if cell.most is not None and not cell.floor <= cell.value <= cell.most:
        msg = f"Cannot protect cell {cell.name!r}: its count does not lie between its least and its most."
        raise WrongUseError(msg)
    if cell.needs(rules) and not cell.may_hide():
        msg = (
            f"Cannot protect cell {cell.name!r}: it is sensitive and below the least that readers take for granted of "
            "a hidden count. Give it `least=0`."
        )
        raise WrongUseError(msg)


def _check_relation(relation: Relation, values: Mapping[str, int]) -> None:
    """Refuse a relation of unknown cells, or one that the counts do not meet."""
    unknown = sorted({name for name, _ in relation.terms} - values.keys())
    if unknown:
        msg = f"Cannot protect a release with a relation among cells {unknown[:5]}, which are not among its cells."
        raise WrongUseError(msg)
    if sum(values[name] * times for name, times in relation.terms) != relation.constant:
        names = [name for name, _ in relation.terms]
        msg = (
            f"Cannot protect a release in which the relation among {names[:5]} does not hold. Add a latent cell for "
            "respondents who are in the total and in no group."
        )
        raise WrongUseError(msg)
