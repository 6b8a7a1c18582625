"""Hide further counts until nobody can work out a small one: step by step, where `protect` would take too long.

The records give thousands of counts, nearly all of which are shown. A hidden count is protected where two tables that
fit all that is shown lie far enough apart in it, however they were found (see `record_witness`). Where none are, the
cheapest way round is hidden: the counts that have to move for it to move as far as it must. What comes out is protected
as `protect` has it, and may hide a little more than the least possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.disclosure.record_walk import Walk
from lpact_eval.disclosure.record_witness import Net, Pairs, way_round
from lpact_eval.disclosure.relations import parts_of, reach_of, system_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.cells import Cell, Relation
    from lpact_eval.disclosure.relations import BoolArray, Row, System
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
    hidden = {cell.name for cell in cells if cell.needs(rules)}
    parts = [(part, rows) for part, rows in parts_of(cells, relations) if any(cell.needs(rules) for cell in part)]
    reach = reach_of((cell for part, _ in parts for cell in part), rules)
    for part, rows in parts:
        if len(rows) == 1 and _is_enough(part, rows[0], rules, reach):
            continue
        system = system_of(part, rows, rules, reach)
        hidden.update(system.names[place] for place in np.flatnonzero(_hidden_in(system)))
    return frozenset(hidden.intersection(cell.name for cell in cells if cell.printing == "open"))


def _is_enough(part: Sequence[Cell], row: Row, rules: Rules, reach: int) -> bool:
    """Whether what is sensitive or latent in a single equation protects itself, as most of it does."""
    if any(abs(times) != 1 for _, times in row):
        return False
    needs = [cell.needs(rules) for cell in part]
    ends = [(0, 0)] * len(part)  # of each cell times its coefficient
    for place, times in row:
        cell = part[place]
        if needs[place] or cell.printing == "latent":
            fall = min(cell.value - cell.floor, reach)
            rise = reach if cell.most is None else min(cell.most - cell.value, reach)
            ends[place] = (-fall, rise) if times == 1 else (-rise, fall)
    low, high = (sum(end[side] for end in ends) for side in (0, 1))
    for place, times in row:
        cell = part[place]
        down, up = max(ends[place][0], ends[place][1] - high), min(ends[place][1], ends[place][0] - low)
        fall = -down if times == 1 else up
        depth = min(cell.value - cell.floor, reach) if cell.is_small(rules) else 0
        if needs[place] and (up - down < needs[place] or fall < depth):
            return False
    return True


def _hidden_in(system: System) -> BoolArray:
    """Hide what protects the targets of cells that hang together: by a walk, and what that leaves by a search."""
    hidden, pairs, walk = system.hidden.copy(), Pairs.of(system), Walk.of(system)
    left = [number for number in range(system.targets.size) if not (walk and _walked(walk, number, hidden, pairs))]
    return _searched(system, left, hidden, pairs) if left else hidden


def _walked(walk: Walk, number: int, hidden: BoolArray, pairs: Pairs) -> bool:
    """Hide what a walk finds for a target, if it finds a way."""
    if pairs.protect(number) or walk.protects(number, pairs):
        return True
    found = walk.way_round(number)
    if found is None:
        return False
    hidden |= (found != 0).any(axis=0)
    walk.hide(hidden)
    pairs.add(found)
    return True


def _searched(system: System, numbers: Sequence[int], hidden: BoolArray, pairs: Pairs) -> BoolArray:
    """Hide what protects some targets."""
    net = Net.of(system)
    net.hide(np.flatnonzero(hidden))
    unsure = [number for number in numbers if not net.protects(number)]
    pairs.move_together(hidden, unsure)
    for place, number in enumerate(unsure):
        if pairs.protect(number) or pairs.stretch(number) or net.protects(number):
            continue
        more = _beside(system, number, hidden, pairs) & ~hidden
        if more.any():
            hidden |= more
            net.hide(np.flatnonzero(more))
            pairs.move_together(hidden, unsure[place + 1 :], rounds=1)
    return hidden


def _beside(system: System, number: int, hidden: BoolArray, pairs: Pairs) -> BoolArray:
    """Find what to hide for one target; where no way leads down far enough, what hides it as far as can be.

    Where no way is found at all, because counts that happen to be equal are taken for one, all that it stands beside.
    """
    for whole in (False, True):
        for to_depth in (True, False):
            found = way_round(system, number, hidden, to_depth=to_depth, whole=whole)
            if found is not None:
                break
        else:
            return hidden | _around(system, number)
        pairs.add(found)
        if pairs.protect(number, to_depth=to_depth):
            return np.asarray((found != 0).any(axis=0), dtype=np.bool_)
    return np.ones_like(hidden)  # only parts of people could move: hide all that hangs together


def _around(system: System, number: int) -> BoolArray:
    """Find the cells that stand in an equation with a target."""
    rows = system.matrix[:, [int(system.targets[number])]].nonzero()[0]
    beside = np.zeros(system.values.size, dtype=np.bool_)
    beside[system.matrix[rows, :].nonzero()[1]] = True
    return beside
