"""The unweighted bases of a release as cells and equations, so that they can be protected all at once.

One cell is a group of respondents of a wave who answered a question; every row that shows the base shows the same cell.
Groups add up to all respondents, and to the larger groups that they are parts of; the base of a change is that of both
waves, a gap's that of both arms; the categories of a margin add up to those whom it is of. Who is in no group, or in
neither arm, is taken to be known to readers, as other tables nearly tell it; what a larger group holds besides its
published parts is nobody's row, and must not be a small number all the same.

That a group has no more answers to a question than respondents is no equation here. A group whose respondents may be
counted is no small one; that some of them left a question out, so that its base is hidden, bounds a number of answers
from above and tells nothing of anybody's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.cells import Cell, Relation, adds_up

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lpact_eval.disclosure.suppress import BaseRow

COSTS: Final = (20.0, 1.0)  # of all respondents, of a group: what is about most people is kept longest
OF_WEIGHTS: Final = 0.1  # how much dearer a number of respondents is that stands in the tables of weights alone
MARGIN: Final = "margin"
MERGED: Final = " + "
CHANGE: Final = " - "
ARMS: Final = ("attended", "others")
_BOTH: Final = "both"
_TWO, _THREE = 2, 3

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """The bases of a release as cells.

    Attributes
    ----------
    cells : tuple of Cell
    relations : tuple of Relation
    shown : tuple of tuple of str
        For every row the cells that it shows.
    """

    cells: tuple[Cell, ...]
    relations: tuple[Relation, ...]
    shown: tuple[tuple[str, ...], ...]

    def rows_with(self, names: Collection[str]) -> set[int]:
        """Find the rows that show one of these cells."""
        wanted = set(names)
        return {place for place, cells in enumerate(self.shown) if not wanted.isdisjoint(cells)}

    def visible(self, hidden: Collection[int]) -> set[str]:
        """Name the cells that a row which is not hidden shows."""
        return {name for place, cells in enumerate(self.shown) if place not in hidden for name in cells}


def link(
    rows: Sequence[BaseRow], *, uniform_below: int = 0, known: Mapping[tuple[str, ...], int] | None = None
) -> Linked:
    """Write the bases of a release as cells, and what a reader knows of them as equations.

    Parameters
    ----------
    rows : sequence of BaseRow
        Every row of the release that shows a base, with the larger groups that its group is a part of. Those of measure
        "margin" hold the category as their part.
    uniform_below : int, default 0
        Below it an arm of nobody must be protected: it tells that everyone or no one of a small group attended.
    known : mapping of (variable, wave, by, group, part) to int, optional
        Bases that an earlier release has shown; "" is the part of all, "attended" and "others" those of arms.

    Returns
    -------
    Linked
    """
    net = _Net(uniform_below)
    shown = [net.take(row) for row in rows]
    net.add_groups(rows)
    net.add_margins()
    net.compare(known or {})
    cells = tuple(net.cell(key) for key in net.counts)
    return Linked((*cells, *net.latent), tuple(net.relations), tuple(tuple(map(_name, keys)) for keys in shown))


def _of_one_wave(whole: Key, by: str, tables: Mapping[tuple[Key, str], Sequence[Key]]) -> list[Key]:
    """Find the groups that are in a change's total and have no row in it, as only one wave had respondents of them."""
    variable, wave, whole_by, group, part = whole
    waves = wave.split(CHANGE)
    if len(waves) != _TWO:
        return []
    compared = {key[3] for key in tables[whole, by]}
    ends = (tables.get(((variable, one, whole_by, group, part), by), ()) for one in waves)
    return [key for keys in ends for key in keys if key[3] not in compared]


@dataclass(slots=True, eq=False)
class _Net:
    """Counts by what their respondents have in common, and the equations among them."""

    uniform_below: int
    counts: dict[Key, int] = field(default_factory=dict[Key, int])
    printed: dict[Key, int] = field(default_factory=dict[Key, int])
    one_sided: set[Key] = field(default_factory=set[Key])
    known: set[Key] = field(default_factory=set[Key])
    latent: list[Cell] = field(default_factory=list[Cell])
    relations: list[Relation] = field(default_factory=list[Relation])

    def take(self, row: BaseRow) -> list[Key]:
        """Take up the cells that a row shows."""
        place = _place(row)
        if row.measure == MARGIN:
            return [self._margin(row)]
        if row.measure == "gap difference":
            places = {(row.variable, row.wave, row.by, part) for part in row.parts}
            return [key for key in self.counts if key[:4] in places and key[4] in {*ARMS, _BOTH}]
        if len(row.bases) < _THREE:
            return [self._cell_at(place, "", base) for base in row.bases[:1]]
        return self._change(row) if len(row.waves) == _TWO else self._gap(row)

    def _cell_at(self, place: tuple[str, str, str, str], part: str, value: int) -> Key:
        """Find the cell of these respondents; where others of them are meant, as by another filter, it is another."""
        key, times = (*place, part), 1
        while self.counts.get(key, value) != value:
            times += 1
            key = (*place, f"{part} ({times})".strip())
        self.counts[key] = value
        self.printed[key] = self.printed.get(key, 0) + 1
        return key

    def _margin(self, row: BaseRow) -> Key:
        """Take up a category of a margin: of all respondents it is a group by itself."""
        if not row.by:
            return self._cell_at(("", row.wave, row.variable, row.part), "", row.bases[0])
        return self._cell_at(("", *_place(row)[1:]), f"{row.variable}: {row.part}", row.bases[0])

    def _change(self, row: BaseRow) -> list[Key]:
        """Take up both waves of a change, and their sum."""
        later, before = row.waves
        both = self._cell_at(_place(row), "", row.bases[0])
        ends = [
            self._cell_at(_place(row, wave), "", value)
            for wave, value in ((before, row.bases[1]), (later, row.bases[2]))
        ]
        self._whole(both, ends)
        return [both, *ends]

    def _gap(self, row: BaseRow) -> list[Key]:
        """Take up both arms of a gap, and their sum."""
        place = _place(row)
        arms = [self._cell_at(place, name, value) for name, value in zip(ARMS, row.bases[1:3], strict=True)]
        both = self._cell_at(place, _BOTH, row.bases[0])
        self._whole(both, arms)
        if row.by and min(row.bases[1:]) == 0 < max(row.bases[1:]) < self.uniform_below:
            self.one_sided |= {key for key in arms if self.counts[key] == 0}
        if (*place, "") in self.counts:
            self._whole((*place, ""), [both])
        return [both, *arms]

    def add_groups(self, rows: Iterable[BaseRow]) -> None:
        """Say that groups add up to all respondents, and to the larger groups that they are parts of."""
        wholes = {(row.by, row.group): row.wholes for row in rows if row.wholes}
        tables: dict[tuple[Key, str], list[Key]] = defaultdict(list)
        larger: dict[tuple[Key, str], list[Key]] = defaultdict(list)
        for key in self.counts:
            variable, wave, by, group, part = key
            if by and not self._merges(key):
                tables[(variable, wave, "", "", part), by].append(key)
            for whole_by, whole in wholes.get((by, group), ()):
                larger[(variable, wave, whole_by, whole, part), by].append(key)
        for (whole, by), parts in tables.items():
            if whole in self.counts:
                self._whole(whole, [*parts, *_of_one_wave(whole, by, tables)])
        for (whole, by), parts in larger.items():
            if whole in self.counts:
                self._whole(whole, [*parts, *_of_one_wave(whole, by, larger)], besides=True)

    def _merges(self, key: Key) -> bool:
        """Say of a merged category which ones it is made of, where these are there too."""
        names = key[3].split(MERGED)
        parts: list[Key] = [(*key[:3], name, key[4]) for name in names]
        if len(parts) == 1 or not all(part in self.counts for part in parts):
            return False
        self._whole(key, parts)
        return True

    def add_margins(self) -> None:
        """Say that categories add up to those whom a margin is of, and to the category of everybody."""
        margins: dict[tuple[Key, str], list[Key]] = defaultdict(list)
        crossed: dict[Key, list[Key]] = defaultdict(list)
        for variable, wave, by, group, part in self.counts:
            key: Key = (variable, wave, by, group, part)
            if not variable and part:
                name, _, category = part.partition(": ")
                margins[("", wave, by, group, ""), name].append(key)
                crossed["", wave, name, category, ""].append(key)
        for (whole, _), parts in margins.items():
            if whole in self.counts:
                self._whole(whole, parts)
        for whole, parts in crossed.items():
            if whole in self.counts:
                self._whole(whole, parts, besides=True, small=False)

    def _whole(self, whole: Key, parts: Sequence[Key], *, besides: bool = False, small: bool = True) -> None:
        """Say that parts add up to a whole, with a rest; overlapping ones are each a part of it."""
        rest = self.counts[whole] - sum(self.counts[key] for key in parts)
        if rest < 0:
            for key in parts if len(parts) > 1 else ():
                self._whole(whole, [key], besides=True, small=small)
            return
        relation = adds_up(_name(whole), [_name(key) for key in parts])
        if besides:
            name = f"rest {len(self.latent)} of {_name(whole)}"
            self.latent.append(Cell(name, rest, printing="latent", sensitive=None if small else False))
            relation = Relation((*relation.terms, (name, 1)))
        elif rest:
            relation = Relation(relation.terms, -rest)
        self.relations.append(relation)

    def compare(self, known: Mapping[tuple[str, ...], int]) -> None:
        """Say what an earlier release has shown, and what came or went since."""
        for key in sorted(self.counts.keys() & known.keys()):
            now, then = self.counts[key], known[key]
            if now == then:
                self.known.add(key)
                continue
            before, moved = f"{_name(key)}, earlier", f"{_name(key)}, since"
            self.latent += [Cell(before, then, printing="known"), Cell(moved, abs(now - then), printing="latent")]
            more, less = (_name(key), before) if now > then else (before, _name(key))
            self.relations.append(adds_up(more, [less, moved]))

    def cell(self, key: Key) -> Cell:
        """Write a count as a cell; that nobody of a group attended may be what is to be hidden."""
        value = self.counts[key]
        return Cell(
            _name(key),
            value,
            cost=COSTS[bool(key[2])] * self.printed[key] * (1.0 if key[0] else OF_WEIGHTS) + value / (value + 1_000),
            printing="known" if key in self.known else "open",
            sensitive=True if key in self.one_sided else None,
            least=0 if key[4] in ARMS else None,
        )


def _place(row: BaseRow, wave: str = "") -> tuple[str, str, str, str]:
    """Name the respondents of a row; everybody is a group of no name."""
    return row.variable, wave or row.wave, row.by, row.group if row.by else ""


def _name(key: Key) -> str:
    """Name a cell by what its respondents have in common; no count may be in it."""
    variable, wave, by, group, part = key
    return " / ".join(piece for piece in (variable or "respondents", wave, by, group, part) if piece)
