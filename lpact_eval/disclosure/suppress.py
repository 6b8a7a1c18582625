"""Decide which rows of a release are suppressed: small bases, and what would give them away by subtraction.

The secondary rule works within one table: where the groups of a table leave one hidden base to be had from the total,
a further row is hidden. So it does within the larger groups of another variable that the groups of a table are parts
of; where such a whole is hidden, its parts are. Rows that share a hidden base follow it into changes, attendance gaps
and their differences.
What a reader could still find along paths between tables, or beside earlier releases, is looked for by `completing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lpact_eval.disclosure.rules import Reason, Rules

Table = tuple[str, str, str, str, str]
Cell = tuple[str, str, str, str]
Place = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class BaseRow:
    """The unweighted bases of one row of a release, and where it stands.

    Attributes
    ----------
    measure, variable, wave, by, group : str
        `wave` is "later - earlier" for a change; `by` is empty for the row of all respondents.
    bases : tuple of int
        Every base that the row is made of; empty where it has none.
    wholes : tuple of (by, group)
        Groups of other variables that all of this group are in.
    part : str
        Of a margin: the category that is counted in the group; else empty.
    """

    measure: str
    variable: str
    wave: str
    by: str
    group: str
    bases: tuple[int, ...]
    wholes: tuple[tuple[str, str], ...] = ()
    part: str = ""

    @property
    def base(self) -> int:
        """The smallest base, 0 without any."""
        return min(self.bases, default=0)

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return self.measure, self.variable, self.wave, self.by, self.group

    @property
    def known_by(self) -> set[Place]:
        """Where it stands, and where the larger groups that it is a part of do."""
        same = self.measure, self.variable, self.wave
        return {self.place, *((*same, by, whole) for by, whole in self.wholes)}

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that the row draws on."""
        return tuple(self.wave.split(" - ")) if self.measure == "change" else (self.wave,)

    @property
    def parts(self) -> tuple[str, ...]:
        """The groups that a difference between groups is made of."""
        return tuple(self.group.split(" - ")) if self.measure == "gap difference" else (self.group,)


def hidden_rows(rows: Sequence[BaseRow], rules: Rules, elsewhere: Collection[Place] = frozenset()) -> dict[int, Reason]:
    """Find the rows that must be suppressed.

    Parameters
    ----------
    rows : sequence of BaseRow
        Every row of the release that shows a base.
    rules : Rules
    elsewhere : collection of (measure, variable, wave, by, group), optional
        Rows that another release on the same answers hides.

    Returns
    -------
    dict of int to str
        Position of each suppressed row and why: "small base" or "subtraction".
    """
    hidden: dict[int, Reason] = {place: "small base" for place, row in enumerate(rows) if _is_small(row, rules)}
    order = _hiding_order(rows, hidden)
    hidden.update(
        (place, "subtraction")
        for place, row in enumerate(rows)
        if place not in hidden and not row.known_by.isdisjoint(elsewhere)
    )
    while True:
        found = _followers(rows, hidden) | _partners(rows, hidden, order, rules)
        if not found:
            return hidden
        hidden.update(dict.fromkeys(found, "subtraction"))


def _is_small(row: BaseRow, rules: Rules) -> bool:
    """Whether a row rests on a few, or tells that everyone or no one in a small group attended."""
    one_sided = bool(row.by) and row.measure == "gap" and row.base == 0 < max(row.bases, default=0)
    return 0 < row.base < rules.suppress_below or (one_sided and max(row.bases) < rules.uniform_below)


def _hiding_order(rows: Sequence[BaseRow], hidden: Mapping[int, Reason]) -> dict[tuple[str, str], tuple[int, int]]:
    """Rank groups for the whole release, so that every table hides the same further group where it can."""
    # a distribution has as many rows as answers, and the base of its level
    small = Counter((row.by, row.group) for row in _at(rows, hidden) if row.measure != "distribution")
    smallest: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.by, row.group)
        smallest[key] = min(row.base, smallest.get(key, row.base))
    return {key: (-small[key], base) for key, base in smallest.items()}


def _followers(rows: Sequence[BaseRow], hidden: Mapping[int, Reason]) -> set[int]:
    """Find rows that show a base, or are made of an estimate, that is hidden elsewhere."""
    cells = {_cell(row, row.wave, row.group) for row in _at(rows, hidden) if row.measure == "level"}
    gaps = {_cell(row, row.wave, row.group) for row in _at(rows, hidden) if row.measure == "gap"}

    def follows(row: BaseRow) -> bool:
        if row.measure == "gap difference":
            return any(_cell(row, row.wave, part) in gaps for part in row.parts)
        return row.measure != "weights" and any(_cell(row, wave, row.group) in cells for wave in row.waves)

    return {place for place, row in enumerate(rows) if place not in hidden and row.bases and follows(row)}


def _partners(
    rows: Sequence[BaseRow],
    hidden: Mapping[int, Reason],
    order: Mapping[tuple[str, str], tuple[int, int]],
    rules: Rules,
) -> set[int]:
    """Find the next row to hide in every table whose hidden base could be had by subtraction."""
    found: set[int] = set()
    for table, places in _tables(rows).items():
        groups = {rows[place].group: rows[place].base for place in places if place in hidden}
        if not groups or (len(groups) > 1 and sum(groups.values()) >= rules.suppress_below):
            continue
        shown = [place for place in places if place not in hidden and rows[place].base > 0]
        if shown:
            next_group = rows[min(shown, key=lambda place: order[rows[place].by, rows[place].group])].group
            found |= {place for place in shown if rows[place].group == next_group}
        else:
            found |= {place for place in _totals(rows, table) if place not in hidden}
    return found


def _tables(rows: Sequence[BaseRow]) -> Mapping[Table, list[int]]:
    """Gather the rows whose groups add up to a total."""
    tables: dict[Table, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.by and row.measure != "gap difference":
            for whole in ("", *("=".join(whole) for whole in row.wholes)):
                tables[row.measure, row.variable, row.wave, row.by, whole].append(place)
    return tables


def _totals(rows: Sequence[BaseRow], table: Table) -> list[int]:
    """Find the rows of all respondents that belong to a table; those of a larger group stand in another one."""
    measure, variable, wave, _, whole = table
    return [
        place
        for place, row in enumerate(rows)
        if not whole
        and not row.by
        and row.base > 0
        and (row.measure, row.variable, row.wave) == (measure, variable, wave)
    ]


def _at(rows: Sequence[BaseRow], places: Iterable[int]) -> list[BaseRow]:
    """Pick rows by position."""
    return [rows[place] for place in places]


def _cell(row: BaseRow, wave: str, group: str) -> Cell:
    """Name the respondents of a group in a wave who answered a question."""
    return (row.variable, wave, row.by, group)
