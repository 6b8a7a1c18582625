"""Hide further counts until nobody can work out a small one: step by step, where `protect` would take too long.

The records give thousands of counts, nearly all of which are shown. Among these the shown ones are constants, so the
hidden ones fall into many small systems, each of which is asked what a reader could work out of it (see `attackers`).
Where that is too much, the cheapest way round is hidden: the counts that have to move for it to move as far as it must.
What comes out is protected as `protect` has it, and may hide a little more than the least possible.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.disclosure.attackers import protected, spreads
from lpact_eval.disclosure.record_witness import proved, proved_together, way_round
from lpact_eval.disclosure.relations import systems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.cells import Cell, Relation
    from lpact_eval.disclosure.relations import BoolArray, System
    from lpact_eval.disclosure.rules import Rules


def hidden_with_others(cells: Sequence[Cell], relations: Sequence[Relation], rules: Rules) -> frozenset[str]:
    """Find the cells to hide: the sensitive ones, and others until each of these is protected.

    Parameters
    ----------
    cells : sequence of Cell
        Every count that is shown, and latent ones that a reader could work out.
    relations : sequence of Relation
        Equations that hold among them.
    rules : Rules

    Returns
    -------
    frozenset of str
        Names of the open cells that are hidden. A sensitive cell for which hiding everything around it is not enough
        stays hidden all the same.
    """
    hidden = {cell.name for cell in cells if cell.printing == "latent" or cell.needs(rules)}
    release = {name: system for system in systems(cells, relations, rules) for name in system.names}
    open_ = {cell.name for cell in cells if cell.printing == "open"}
    safe: set[str] = set()  # what is protected stays so whatever else is hidden
    while True:
        shown = [cell if cell.name in hidden else replace(cell, printing="known") for cell in cells]
        unsure = [_unsure(system, safe) for system in systems(shown, relations, rules)]
        left = sorted(set[str]().union(*map(_target_names, unsure)))
        safe |= {cell.name for cell in cells if cell.needs(rules)}.difference(left)
        if not left:
            return frozenset(hidden & open_)
        before = len(hidden)
        for name in left:
            hidden |= _beside(release[name], name, hidden, safe)
        if len(hidden) == before:  # the ways found move parts of people: hide all that hangs together
            hidden |= set(release[left[0]].names)
            safe |= set(left) if len(hidden) == before else set()


def _beside(release: System, name: str, hidden: set[str], safe: set[str]) -> set[str]:
    """Find what to hide for one cell; where no way leads down far enough, what hides it as far as can be."""
    found = way_round(release, name, hidden)
    if found is not None:
        return found
    safe.add(name)
    return way_round(release, name, hidden, to_depth=False) or set()


def _unsure(system: System, safe: set[str]) -> System:
    """Leave the targets that a reader can tell too well, by steps that cost more and more."""
    system = _of(system, np.array([system.names[place] not in safe for place in system.targets], dtype=np.bool_))
    for proof in (proved, proved_together, _proved_apart):
        if system.targets.size:
            system = _of(system, ~proof(system))
    return system


def _proved_apart(system: System) -> BoolArray:
    """Ask for every target alone, in whole numbers."""
    everyone, everything = np.arange(system.targets.size), np.ones(system.values.size, dtype=np.bool_)
    return protected(system, spreads(system, everything, everyone), everyone)


def _of(system: System, which: BoolArray) -> System:
    """Keep some targets."""
    return replace(system, targets=system.targets[which], widths=system.widths[which], depths=system.depths[which])


def _target_names(system: System) -> set[str]:
    """Name the targets of a system."""
    return {system.names[place] for place in system.targets}
