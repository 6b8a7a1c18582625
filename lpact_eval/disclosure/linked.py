"""The unweighted bases of a release as cells and equations, so that they can be protected all at once.

One cell is a group of respondents of a wave who answered a question; every row that shows the base shows the same cell.
Groups add up to all respondents, and to the larger groups that they are parts of; who is in none is taken up by a rest
that nobody sees. The base of a change is that of both waves, a gap's that of both arms; who answered but is in neither
arm is a rest again. Where an earlier release has shown a base, it is known, and so the difference from it is one more
cell that must not be small.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.auditor import audit, check_proof, needs, require_protected
from lpact_eval.disclosure.cells import Cell, Relation, adds_up, as_read
from lpact_eval.disclosure.protection import protect
from lpact_eval.disclosure.rules import find_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from lpact_eval.disclosure.rules import Reason, Rules
    from lpact_eval.disclosure.suppress import BaseRow

COSTS: Final = (20.0, 1.0)  # of all respondents, of a group: what is about most people is kept longest
TWO, THREE = 2, 3

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

    def rows_with(self, hidden: Collection[str]) -> set[int]:
        """Find the rows that show one of these cells."""
        return {place for place, names in enumerate(self.shown) if not set(hidden).isdisjoint(names)}


def link(rows: Sequence[BaseRow], rules: str | Rules = "uk", *, earlier: Sequence[BaseRow] = ()) -> Linked:
    """Write the bases of a release as cells, and what a reader knows of them as equations.

    Parameters
    ----------
    rows : sequence of BaseRow
        Every row of the release that shows a base, with the larger groups that its group is a part of.
    rules : str or Rules, default "uk"
    earlier : sequence of BaseRow, optional
        Rows of earlier releases on the same waves whose bases were shown.

    Returns
    -------
    Linked

    Raises
    ------
    WrongUseError
        If the rules are not known.
    """
    net = _Net(find_rules(rules))
    shown = [net.take(row) for row in rows]
    net.add_groups(rows)
    past = _Net(net.rules)
    for row in earlier:
        past.take(row)
    net.compare(past)
    cells = tuple(net.cell(key) for key in net.counts)
    return Linked((*cells, *net.latent), tuple(net.relations), tuple(tuple(map(_name, keys)) for keys in shown))


def hidden_by_link(
    rows: Sequence[BaseRow], rules: str | Rules = "uk", *, earlier: Sequence[BaseRow] = ()
) -> dict[int, Reason]:
    """Find the rows that must be suppressed so that no small base can be worked out, and prove it.

    Parameters
    ----------
    rows : sequence of BaseRow
    rules : str or Rules, default "uk"
    earlier : sequence of BaseRow, optional
        Rows of earlier releases on the same waves whose bases were shown.

    Returns
    -------
    dict of int to str
        Position of each suppressed row and why: "small base" or "subtraction".

    Raises
    ------
    DisclosureError
        If a small base can be worked out whatever is hidden, because of what was shown before.
    WrongUseError
        If the rules are not known.
    """
    chosen = find_rules(rules)
    linked = link(rows, chosen, earlier=earlier)
    found = protect(linked.cells, linked.relations, chosen)
    needed = needs(linked.cells, linked.relations, chosen)
    require_protected(audit(as_read(linked.cells, found.hidden), linked.relations, chosen, needed=needed))
    check_proof(found, linked.cells, linked.relations, needed)
    small = linked.rows_with(found.primary | found.exposed)
    further: dict[int, Reason] = dict.fromkeys(sorted(linked.rows_with(found.secondary)), "subtraction")
    few: dict[int, Reason] = dict.fromkeys(sorted(small), "small base")
    return further | few


@dataclass(slots=True, eq=False)
class _Net:
    """Counts by what their respondents have in common, and the equations among them."""

    rules: Rules
    counts: dict[Key, int] = field(default_factory=dict[Key, int])
    printed: Counter[Key] = field(default_factory=Counter[Key])
    one_sided: set[Key] = field(default_factory=set[Key])
    known: set[Key] = field(default_factory=set[Key])
    latent: list[Cell] = field(default_factory=list[Cell])
    relations: list[Relation] = field(default_factory=list[Relation])

    def take(self, row: BaseRow) -> list[Key]:
        """Take up the cells that a row shows."""
        if row.measure == "gap difference":
            places = [(row.variable, row.wave, row.by, part) for part in row.parts]
            return [key for key in self.counts if key[:4] in places and key[4] in {"attended", "others", "both"}]
        if len(row.bases) < THREE:
            return [self._cell_at((row.variable, row.wave, row.by, row.group), "", base) for base in row.bases[:1]]
        return self._change(row) if len(row.waves) == TWO else self._gap(row)

    def _cell_at(self, place: tuple[str, str, str, str], part: str, value: int) -> Key:
        """Find the cell of these respondents; where another question of fewer answers is meant, it is another cell."""
        key: Key = (*place, part)
        if self.counts.get(key, value) != value:
            key = (*place, f"{part} {value}")
        self.counts[key] = value
        self.printed[key] += 1
        return key

    def _change(self, row: BaseRow) -> list[Key]:
        """Take up both waves of a change, and their sum."""
        later, before = row.waves
        both = self._cell_at((row.variable, row.wave, row.by, row.group), "", row.bases[0])
        ends = [
            self._cell_at((row.variable, wave, row.by, row.group), "", value)
            for wave, value in ((before, row.bases[1]), (later, row.bases[2]))
        ]
        self._whole(both, ends)
        return [both, *ends]

    def _gap(self, row: BaseRow) -> list[Key]:
        """Take up both arms of a gap, and their sum."""
        place = (row.variable, row.wave, row.by, row.group)
        arms = [
            self._cell_at(place, name, value)
            for name, value in zip(("attended", "others"), row.bases[1:3], strict=True)
        ]
        both = self._cell_at(place, "both", row.bases[0])
        self._whole(both, arms)
        if row.by and min(row.bases[1:]) == 0 < max(row.bases[1:]) < self.rules.uniform_below:
            # everyone or no one of a small group attended: the arm of nobody gives it away
            self.one_sided |= {key for key in arms if self.counts[key] == 0}
        if (*place, "") in self.counts:
            self._whole((*place, ""), [both])
        return [both, *arms]

    def add_groups(self, rows: Iterable[BaseRow]) -> None:
        """Say that groups add up to all respondents, and to the larger groups that they are parts of."""
        wholes = {(row.by, row.group): row.wholes for row in rows}
        totals = {(key[0], key[1], key[4]): key for key in self.counts if not key[2]}
        tables: dict[tuple[Key, str], list[Key]] = defaultdict(list)
        for key in self.counts:
            if key[2] and (total := totals.get((key[0], key[1], key[4]))):
                tables[total, key[2]].append(key)
            for by, whole in wholes.get((key[2], key[3]), ()):
                if (larger := (key[0], key[1], by, whole, key[4])) in self.counts:
                    tables[larger, key[2]].append(key)
        for (whole, _), parts in tables.items():
            self._whole(whole, parts)

    def _whole(self, whole: Key, parts: Sequence[Key]) -> None:
        """Say that parts add up to a whole, with a rest that nobody sees; overlapping ones are each a part of it."""
        rest = self.counts[whole] - sum(self.counts[key] for key in parts)
        if rest < 0:
            if len(parts) > 1:
                for key in parts:
                    self._whole(whole, [key])
            return
        names = [_name(key) for key in parts]
        if rest:
            names.append(f"rest {len(self.latent)} of {_name(whole)}")
            self.latent.append(Cell(names[-1], rest, printing="latent", sensitive=False))
        self.relations.append(adds_up(_name(whole), names))

    def compare(self, past: _Net) -> None:
        """Say what an earlier release has shown, and what came or went since."""
        for key in sorted(self.counts.keys() & past.counts.keys()):
            now, then = self.counts[key], past.counts[key]
            if now == then:
                self.known.add(key)
                continue
            before, moved = f"{_name(key)}, earlier", f"{_name(key)}, since"
            self.latent += [Cell(before, then, printing="known"), Cell(moved, abs(now - then), printing="latent")]
            more, less = (_name(key), before) if now > then else (before, _name(key))
            self.relations.append(adds_up(more, [less, moved]))

    def cell(self, key: Key) -> Cell:
        """Write a count as a cell; nobody of a group may be what is to be hidden."""
        value = self.counts[key]
        telling = key in self.one_sided
        return Cell(
            _name(key),
            value,
            cost=COSTS[bool(key[2])] * self.printed[key] + value / (value + 1_000),
            printing="known" if key in self.known else "open",
            sensitive=True if telling else None,
            least=0 if telling else None,
        )


def _name(key: Key) -> str:
    """Name a cell by what its respondents have in common; no count may be in it."""
    variable, wave, by, group, part = key
    return " / ".join(piece for piece in (variable or "respondents", wave, by, group, part) if piece)
