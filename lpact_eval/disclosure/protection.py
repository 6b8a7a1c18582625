"""Hide what must be hidden so that nobody can work out a small count: over everything in a release at once.

The rule. A count from 1 to one below the threshold is sensitive, and so is one that is said to be (no one or everyone
of a small group gave an answer; one event makes up most of it). It is hidden, and further cells with it, until a reader
who has everything else (all other counts, all equations among them, earlier releases, that counts are whole and that a
hidden one is not 0) is left with an interval for it that

- is at least as wide as the threshold ("sliding protection"): as the count is below the threshold, the interval also
  holds counts that are not, and the reader cannot tell that the group is a small one;
- begins, for a small count, no higher than it would if everything were hidden ("lower protection"), mostly at 1: the
  reader who knows the threshold, and guesses that the group is a small one, can still not tell how small.

References
----------
Fischetti, M. & Salazar, J. J. (2001), "Solving the cell suppression problem on tabular data with linear constraints",
    *Management Science* 47, 1008-1027: upper, lower and sliding protection levels.
Hundepool, A. et al. (2012), *Statistical Disclosure Control*, Wiley, ch. 4 and 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.disclosure.attackers import protected, spreads
from lpact_eval.disclosure.cells import Suppression, check_cells
from lpact_eval.disclosure.covering import Pattern, cheapest
from lpact_eval.disclosure.relations import systems
from lpact_eval.disclosure.rules import find_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.cells import Cell, Relation
    from lpact_eval.disclosure.relations import System
    from lpact_eval.disclosure.rules import Rules


def protect(cells: Sequence[Cell], relations: Iterable[Relation], rules: str | Rules = "uk") -> Suppression:
    """Find which cells of a release to hide, at least loss to its readers.

    Parameters
    ----------
    cells : sequence of Cell
        Every count that the release shows or gives away, and those that earlier releases have shown.
    relations : iterable of Relation
        Every equation among them that a reader knows of.
    rules : str or Rules, default "uk"

    Returns
    -------
    Suppression
        The same for the same cells, whatever their order. Large systems of linked tables are solved nearly: see its
        `bound`.

    Raises
    ------
    WrongUseError
        If a name comes twice, a count or cost is impossible, a relation does not hold, or the rules are not known.

    Notes
    -----
    Hiding more than this never undoes the protection.
    """
    chosen, equations = find_rules(rules), list(relations)
    check_cells(cells, equations, chosen)
    latent = {cell.name for cell in cells if cell.printing == "latent"}
    hidden: set[str] = {cell.name for cell in cells if cell.needs(chosen)}
    primary, unprotected, cost, bound = frozenset(hidden - latent), set[str](), 0.0, 0.0
    proof: dict[str, tuple[Mapping[str, int], Mapping[str, int]]] = {}
    for whole in systems(cells, equations, chosen):
        system, beyond = _protectable(whole)
        unprotected |= beyond
        pattern = cheapest(system)
        hidden |= {name for name, is_hidden in zip(system.names, pattern.hidden, strict=True) if is_hidden}
        cost, bound = cost + pattern.cost, bound + pattern.bound
        proof.update(_proof(system, pattern))
    return Suppression(
        primary=primary,
        secondary=frozenset(hidden - latent - primary),
        unprotected=frozenset(unprotected),
        exposed=frozenset(cell.name for cell in cells if _is_exposed(cell, chosen)),
        cost=cost,
        bound=bound,
        proof=proof,
    )


def _is_exposed(cell: Cell, rules: Rules) -> bool:
    """Whether a count that would be hidden today has been published before."""
    return cell.printing == "known" and replace(cell, printing="open", least=0).needs(rules) > 0


def _protectable(system: System) -> tuple[System, set[str]]:
    """Leave out targets that a reader can tell too well even with everything hidden."""
    everyone = np.arange(system.targets.size)
    everything = np.ones(system.values.size, dtype=np.bool_)
    spread = spreads(system, everything, everyone)
    depths = np.minimum(system.depths, spread.fall)
    safe = protected(replace(system, depths=depths), spread, everyone)
    beyond = {system.names[int(place)] for place in system.targets[~safe]}
    kept = replace(system, targets=system.targets[safe], widths=system.widths[safe], depths=depths[safe])
    return kept, beyond


def _proof(system: System, pattern: Pattern) -> dict[str, tuple[Mapping[str, int], Mapping[str, int]]]:
    """Write the two tables per target as counts of hidden cells."""

    def counts(shift: np.ndarray) -> Mapping[str, int]:
        moved = system.values + shift
        return {system.names[place]: int(moved[place]) for place in np.flatnonzero(pattern.hidden)}

    return {
        system.names[place]: (counts(low), counts(high))
        for place, low, high in zip(system.targets, pattern.spread.low, pattern.spread.high, strict=True)
    }
