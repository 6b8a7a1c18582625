"""How rows of the records become tables: one line per group with several figures, or one line per measure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.record_counts import COUNTED
from lpact_eval.reporting.numbers import known
from lpact_eval.reporting.record_cells import UNITS, base_cell, number_cell, range_cell, value_cell
from lpact_eval.reporting.record_rows import by_label, group_name, measure_label, shared
from lpact_eval.reporting.tables import NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.reporting.record_rows import Key, RecordRow, RecordRows

INTERVAL: Final = "95% interval"
BASE: Final = "Unweighted base"
LONG: Final = 30  # lines above which groups without a single number are left out
_PLAIN: Final = frozenset({"mean", "ratio", "index"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that a table has in columns of its own.

    Attributes
    ----------
    measure : str
    heading : str
    bare : bool
        Only the value: its base is another column's, or it is a count.
    unit : str
        Which of a measure's units, where it has two.
    """

    measure: str
    heading: str
    bare: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Heads:
    """The columns that name a line.

    Attributes
    ----------
    columns : tuple of str
    cells : callable
        Gives their texts from what a line is broken down by.
    """

    columns: tuple[str, ...]
    cells: Callable[[Key], tuple[str, ...]]


Line = tuple[tuple[str, ...], "Mapping[Figure, RecordRow]"]

GROUPS: Final = Heads(("Broken down by", "Group"), lambda key: (by_label(key[0]), group_name(key[1])))


def pairs(first: str, second: str) -> Heads:
    """Name lines by two groups."""
    return Heads((first, second), lambda key: (group_name(key[1]), group_name(key[3]) if key[2] else "All"))


def single(heading: str) -> Heads:
    """Name lines by one group."""
    return Heads((heading,), lambda key: (group_name(key[1]),))


def _one_breakdown(keys: Sequence[Key]) -> Heads:
    """Name lines by their group alone where all are of one breakdown, or in all."""
    found = list(dict.fromkeys(key[0] for key in keys if key[0]))
    return single(by_label(found[0]) if found else "Group") if len(found) <= 1 else GROUPS


def _heads(keys: Sequence[Key]) -> Heads:
    """Name the groups of lines that are named by a measure first; no columns where all are in all."""
    return _one_breakdown(keys) if any(key[0] for key in keys) else Heads((), lambda _: ())


def wide(rows: RecordRows, name: str, caption: str, figures: Sequence[Figure], *, heads: Heads = GROUPS) -> Table:
    """Lay out one line per group, with a figure in one column or in several.

    Parameters
    ----------
    rows : RecordRows
    name : str
        Of the table, for machines.
    caption : str
    figures : sequence of Figure
    heads : Heads, default GROUPS

    Returns
    -------
    Table
        Groups of two breakdowns in which nothing may be shown are left out and counted in a note. Remarks that hold for
        every line stand once, in a note.
    """
    wanted = {(figure.measure, figure.unit): figure for figure in figures}
    lines: dict[Key, dict[Figure, RecordRow]] = {}
    for row in rows:
        figure = wanted.get((row.measure, row.unit)) or wanted.get((row.measure, ""))
        if figure:
            lines.setdefault(row.key, {})[figure] = row
    kept = {key: line for key, line in lines.items() if not key[2] or _any_shown(line)}
    one = _one_breakdown(list(kept)) if heads is GROUPS else heads
    named: list[Line] = [(one.cells(key), line) for key, line in kept.items()]
    used = [figure for figure in figures if any(figure in line for _, line in named)]
    return _laid_out((name, caption), one.columns, used, named, hidden=len(lines) - len(kept))


def tally(rows: RecordRows, name: str, caption: str, heading: str = "What was counted") -> Table:
    """Lay out one line per measure and group: how many, of how many of what, and what share that is.

    Parameters
    ----------
    rows : RecordRows
        Counts, shares, means and ratios; a count that is a share's numerator stands in the share's line.
    name, caption : str
    heading : str
        Over the measures.

    Returns
    -------
    Table
    """
    shares = {(row.measure, row.key) for row in rows if row.unit == "share"}
    single_rows = [row for row in rows if row.unit != "count" or (row.measure, row.key) not in shares]
    kept, left_out = _without_silent_groups(single_rows)
    heads = _heads([row.key for row in kept])
    twice = any(row.by2 for row in kept)
    intervals = any(known(row.low) or known(row.high) for row in kept)
    means = any(row.unit in _PLAIN for row in kept)
    parts = any(row.unit == "share" for row in kept)
    common = shared([row.remarks for row in kept if row.shown])
    columns = [
        Column(heading),
        *map(Column, heads.columns),
        *([Column("Second group")] if twice else []),
        Column("Number", "number"),
        Column("Of (unweighted base)", "number"),
        Column("Base counts"),
        *([Column("Share", "number", "per cent")] if parts else []),
        *([Column("Mean or ratio", "number")] if means else []),
        *([Column(INTERVAL, "interval")] if intervals else []),
        Column("Note"),
    ]
    body: list[tuple[Cell, ...]] = []
    for row in kept:
        names = [measure_label(row.measure), *heads.cells(row.key)]
        names += [group_name(row.group2)] if twice else []
        of = base_cell(row) if row.unit != "count" or known(row.n) else Cell(NOT_APPLICABLE)
        counted = value_cell(row) if row.unit == "count" else number_cell(row)
        body.append(
            (
                *map(Cell, names),
                counted,
                of,
                Cell(group_name(row.base) if row.base else NOT_APPLICABLE),
                *([value_cell(row) if row.unit == "share" else Cell(NOT_APPLICABLE)] if parts else []),
                *([value_cell(row) if row.unit in _PLAIN else Cell(NOT_APPLICABLE)] if means else []),
                *([range_cell(row)] if intervals else []),
                Cell(_said(row.remarks, common)),
            )
        )
    headers = 1 + len(heads.columns) + twice
    notes = (*common, *left_out)
    return _without_empty_notes(Table(name, caption, tuple(columns), tuple(body), headers, notes))


def amounts(
    rows: RecordRows,
    name: str,
    caption: str,
    heading: str = "What was measured",
    *,
    still_open: RecordRows | None = None,
) -> Table:
    """Lay out one line per measure and group: a number in its unit, its interval and its base.

    Parameters
    ----------
    rows : RecordRows
    name, caption : str
    heading : str
        Over the measures.
    still_open : RecordRows, optional
        Counts of what still waits, for a column of their own; named as the measures with ": still open".

    Returns
    -------
    Table
    """
    waiting = {(row.measure.removesuffix(": still open"), row.key): row for row in still_open or ()}
    kept, left_out = _without_silent_groups(list(rows))
    heads = _heads([row.key for row in kept])
    intervals = any(known(row.low) or known(row.high) for row in kept)
    common = shared([row.remarks for row in kept if row.shown])
    columns = [
        Column(heading),
        *map(Column, heads.columns),
        Column("Amount", "number"),
        Column("Unit"),
        *([Column(INTERVAL, "interval")] if intervals else []),
        Column(BASE, "number"),
        Column("Base counts"),
        *([Column("Still open", "number")] if waiting else []),
        Column("Note"),
    ]
    body = tuple(
        (
            Cell(measure_label(row.measure)),
            *map(Cell, heads.cells(row.key)),
            value_cell(row),
            Cell(unit_words(row)),
            *([range_cell(row)] if intervals else []),
            base_cell(row),
            Cell(group_name(row.base) if row.base else NOT_APPLICABLE),
            *([value_cell(waiting.get((row.measure, row.key)))] if waiting else []),
            Cell(_said(row.remarks, common)),
        )
        for row in kept
    )
    notes = (*common, *left_out)
    return _without_empty_notes(Table(name, caption, tuple(columns), body, 1 + len(heads.columns), notes))


def across(rows: RecordRows, name: str, caption: str, heading: str, *, unit: str = "count") -> Table:
    """Lay out measures down and groups across: how many of each.

    Parameters
    ----------
    rows : RecordRows
        Counts of one breakdown, and in all.
    name, caption : str
    heading : str
        Over the measures.
    unit : str
        Of the rows that are laid out.

    Returns
    -------
    Table
    """
    chosen = [row for row in rows if row.unit == unit]
    groups = list(dict.fromkeys((row.by, row.group) for row in chosen))
    groups.sort(key=lambda one: bool(one[0]))
    found = {(row.measure, row.by, row.group): row for row in chosen}
    columns = (Column(heading), *(Column(group_name(group), "number") for _, group in groups))
    body = tuple(
        (Cell(measure_label(measure)), *(value_cell(found.get((measure, *group))) for group in groups))
        for measure in dict.fromkeys(row.measure for row in chosen)
    )
    return Table(name, caption, columns, body)


def unit_words(row: RecordRow) -> str:
    """Name a unit."""
    if row.unit == "points":
        return "percentage points" if row.table == "relationships" else "points of the scale from 1 to 5"
    if row.unit == "count":
        return next((words for start, words in COUNTED.items() if row.measure.startswith(start)), row.base or "number")
    return UNITS.get(row.unit) or row.unit


def _laid_out(
    named: tuple[str, str], heads: tuple[str, ...], figures: Sequence[Figure], lines: Sequence[Line], *, hidden: int
) -> Table:
    """Lay figures out in columns."""
    ranged = {
        figure
        for figure in figures
        if not figure.bare
        and any(known(line[figure].low) or known(line[figure].high) for _, line in lines if figure in line)
    }
    common = _common(figures, [line for _, line in lines])
    columns = [(Column(head), "") for head in heads]
    for figure in figures:
        columns += _columns(figure, [line[figure] for _, line in lines if figure in line], ranged=figure in ranged)
    said, notes = list(common), _beginning_with_whom(common, len(figures))
    body = tuple(
        (
            *map(Cell, names),
            *(cell for figure in figures for cell in _cells(figure, line.get(figure), ranged=figure in ranged)),
            Cell(_said(_remarks(line), said)),
        )
        for names, line in lines
    )
    if hidden:
        notes.append(f"Combinations left out because nothing of them may be shown: {hidden:,}.")
    table = Table(*named, (*_told_apart(columns), Column("Note")), body, len(heads), tuple(notes))
    return _without_empty_notes(table)


def _columns(figure: Figure, rows: Sequence[RecordRow], *, ranged: bool) -> list[tuple[Column, str]]:
    """Head the columns of a figure; with each, what tells it from a column of the same heading."""
    first = rows[0]
    unit = "percentage points" if first.unit == "points" else UNITS.get(first.unit, "")
    columns = [(Column(figure.heading, "number", unit), "")]
    if figure.bare:
        return columns
    small = f": {figure.heading[:1].lower()}{figure.heading[1:]}"
    columns += [(Column(INTERVAL, "interval", unit), small)] if ranged else []
    counts = " or ".join(dict.fromkeys(row.base for row in rows if row.base))
    return [*columns, (Column(f"{BASE}, {counts or 'counted'}", "number"), small)]


def _told_apart(columns: Sequence[tuple[Column, str]]) -> list[Column]:
    """Lengthen headings that would stand twice."""
    times = Counter(column.heading for column, _ in columns)
    return [
        replace(column, heading=f"{column.heading}{more}") if times[column.heading] > 1 else column
        for column, more in columns
    ]


def _cells(figure: Figure, row: RecordRow | None, *, ranged: bool) -> list[Cell]:
    """Fill the columns of a figure."""
    if figure.bare:
        return [value_cell(row)]
    return [value_cell(row), *([range_cell(row)] if ranged else []), base_cell(row)]


def _without_silent_groups(rows: list[RecordRow]) -> tuple[list[RecordRow], list[str]]:
    """Leave groups of which nothing may be shown out of long tables, and name them."""
    told = {row.key[:2] for row in rows if row.shown or not row.by}
    silent = list(dict.fromkeys(row.key[:2] for row in rows if row.key[:2] not in told))
    if len(rows) <= LONG or not silent:
        return rows, []
    names = ", ".join(dict.fromkeys(group_name(group) for _, group in silent))
    return [row for row in rows if row.key[:2] in told], [f"Left out, as nothing of them may be shown: {names}."]


def _common(figures: Sequence[Figure], lines: Sequence[Mapping[Figure, RecordRow]]) -> dict[str, list[str]]:
    """Find remarks that all lines of a figure have, and the figures of which that is so."""
    found: dict[str, list[str]] = {}
    for figure in figures:
        shown = [line[figure].remarks for line in lines if figure in line and line[figure].shown]
        for text in shared(shown):
            found.setdefault(text, []).append(figure.heading)
    return found


def _beginning_with_whom(common: Mapping[str, Sequence[str]], figures: int) -> list[str]:
    """Say of which columns remarks hold, unless of all."""
    texts: dict[tuple[str, ...], list[str]] = {}
    for text, headings in common.items():
        texts.setdefault(tuple(headings), []).append(text)
    return [
        " ".join(found) if len(headings) == figures else f"{_columns_in_short(headings)} {' '.join(found)}"
        for headings, found in texts.items()
    ]


def _columns_in_short(headings: Sequence[str]) -> str:
    """Name columns by the first of them."""
    more = len(headings) - 1
    others = "" if not more else " and one more column" if more == 1 else f" and {more} more columns"
    return f'On "{headings[0]}"{others}:'


def _remarks(line: Mapping[Figure, RecordRow]) -> list[str]:
    """Gather the remarks on a line, each once."""
    return list(dict.fromkeys(text for row in line.values() for text in row.remarks))


def _any_shown(line: Mapping[Figure, RecordRow]) -> bool:
    """Whether any value of a line is published."""
    return any(row.shown for row in line.values())


def _said(remarks: Sequence[str], common: Sequence[str]) -> str:
    """Join the remarks that are not said below the table."""
    return " ".join(text for text in remarks if text not in common)


def _without_empty_notes(table: Table) -> Table:
    """Leave the column of notes out where no line has one."""
    if any(line[-1].text for line in table.rows):
        return table
    rows = tuple(line[:-1] for line in table.rows)
    return Table(table.name, table.caption, table.columns[:-1], rows, table.headers, table.notes)
