"""Prove that nobody can work out what a release hides, over all of its tables at once, and hide more until it is so.

`hidden_rows` decides table by table. What it leaves is written as one system of cells and equations. For most hidden
counts two tables are found at once that fit all that is shown and lie far enough apart (see `witness`). Where none is
found, the solver finds the cheapest further cells to hide (`protect`); what comes out is attacked by an auditor that
shares no code with it, and a release in which a count can be told too well is stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.linked import MARGIN, link
from lpact_eval.disclosure.suppress import hidden_rows
from lpact_eval.disclosure.witness import unproved, ways_round
from lpact_eval.errors import DisclosureError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lpact_eval.disclosure.cells import Cell
    from lpact_eval.disclosure.linked import Linked
    from lpact_eval.disclosure.rules import Reason, Rules
    from lpact_eval.disclosure.suppress import BaseRow, Place

_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What readers have of earlier releases.

    Attributes
    ----------
    shown : mapping of (variable, wave, by, group, part) to int
    closed : frozenset of (measure, variable, wave, by, group)
        Rows that an earlier release hid, or that differ from it by too few respondents.
    """

    shown: Mapping[tuple[str, ...], int]
    closed: frozenset[Place]


def completed(
    rows: Sequence[BaseRow],
    hidden: Mapping[int, Reason],
    rules: Rules,
    *,
    elsewhere: Collection[Place] = frozenset(),
    known: Known | None = None,
) -> dict[int, Reason]:
    """Hide further rows until a reader of the whole release can't tell any small base.

    Parameters
    ----------
    rows : sequence of BaseRow
        Every row that shows a base; those of margins last.
    hidden : mapping of int to str
        Rows that are hidden already, and why; for margins also those that are withheld.
    rules : Rules
    elsewhere : collection of (measure, variable, wave, by, group), optional
        Rows that another release on the same answers hides.
    known : Known, optional
        What earlier releases have told.

    Returns
    -------
    dict of int to str
        The same rows, and further ones with "subtraction".

    Raises
    ------
    DisclosureError
        If a small base can be told whatever is hidden, because of what was shown before.
    """
    linked = link(rows, uniform_below=rules.uniform_below, known=known.shown if known else None)
    found = dict(hidden)
    feared: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        cells = _as_hidden(linked, found, rules, feared)
        unseen, widths = _wanted(cells, rules)
        left = unproved(cells, linked.relations, unseen, widths)
        if not left:
            return found
        more = ways_round(cells, linked.relations, unseen, {name: widths[name] for name in sorted(left)})
        if not more:
            more, feared = _solved(cells, linked, rules, feared)
        if not more:
            return found
        places = linked.rows_with(more)
        further: dict[int, Reason] = dict.fromkeys(sorted(places), "subtraction")
        found = further | _followers(rows, places, rules, elsewhere) | found
    msg = (
        f"Stopped the release: after {_ROUNDS} rounds of hiding further rows, small numbers could still be worked out "
        "from the rest. Merge groups, or leave out a table."
    )
    raise DisclosureError(msg)


def _as_hidden(linked: Linked, hidden: Collection[int], rules: Rules, feared: Collection[str]) -> list[Cell]:
    """Write what is hidden as latent cells, so that it costs nothing any more; what is feared for is protected too."""
    visible = linked.visible(hidden)
    return [
        cell
        if cell.printing != "open" or cell.name in visible
        else replace(
            cell,
            printing="latent",
            least=min(cell.value, 1) if cell.least is None else cell.least,
            sensitive=True if cell.name in feared else cell.sensitive,
            width=rules.suppress_below,
        )
        for cell in linked.cells
    ]


def _wanted(cells: Sequence[Cell], rules: Rules) -> tuple[set[str], dict[str, int]]:
    """Name the hidden cells, and how wide a reader's interval must be: of all but rests, as any may be small."""
    hidden = {cell.name for cell in cells if cell.printing == "latent"}
    widths = {
        cell.name: cell.needs(rules) or cell.width or 0
        for cell in cells
        if cell.name in hidden and (cell.needs(rules) or (cell.width and cell.value))
    }
    return hidden, widths


def _solved(
    cells: Sequence[Cell], linked: Linked, rules: Rules, feared: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Find the cheapest further cells to hide, and the hidden ones that a reader could take for small ones."""
    from lpact_eval.disclosure.auditor import audit, check_proof, needs, require_protected  # noqa: PLC0415 - as below
    from lpact_eval.disclosure.cells import as_read  # noqa: PLC0415 - as below
    from lpact_eval.disclosure.protection import protect  # noqa: PLC0415 - 0.3 s that most releases do not need

    found = protect(cells, linked.relations, rules)
    needed = {name: need for name, need in needs(cells, linked.relations, rules).items() if name not in feared}
    seen = as_read(cells, found.hidden)
    require_protected(audit(seen, linked.relations, rules, needed=needed))
    check_proof(found, cells, linked.relations, needed)
    rests = {cell.name for cell in linked.cells if cell.printing == "latent"}
    told = audit(seen, linked.relations, rules)
    narrow = frozenset(told.loc[told["verdict"] == "narrow", "cell"]) - rests - feared - needed.keys()
    if narrow and not found.secondary:
        afresh = [replace(cell, sensitive=True) if cell.name in narrow else cell for cell in cells]
        return _solved(afresh, linked, rules, feared | narrow)
    return found.secondary, feared | narrow


def _followers(
    rows: Sequence[BaseRow], places: Collection[int], rules: Rules, elsewhere: Collection[Place]
) -> dict[int, Reason]:
    """Find the rows that rest on some that are hidden now."""
    tables = [row for row in rows if row.measure != MARGIN]
    return hidden_rows(tables, rules, {*elsewhere, *(rows[place].place for place in places if place < len(tables))})
