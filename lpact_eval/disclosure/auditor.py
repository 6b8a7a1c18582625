"""Attack a release with what its readers have, and stop it where a small count can be told too well.

The auditor knows what is shown, the equations, and what readers take for granted: counts are whole, and none lies below
its least. It solves for the smallest and the greatest value of every hidden count, in whole numbers. A sensitive count
is protected if that interval is as wide as it needs (by default the rules' threshold, so that it holds counts that are
not small) and, for a small count, begins as low as if everything were hidden. It shares the types of cells with
`protect`, and no code.

References
----------
Hundepool, A. et al. (2012), *Statistical Disclosure Control*, Wiley, ch. 4: the audit of a suppression pattern by its
    feasibility intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.cells import as_read
from lpact_eval.disclosure.intervals import Reading, intervals
from lpact_eval.disclosure.rules import find_rules
from lpact_eval.errors import DisclosureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.cells import Cell, ReadCell, Relation, Suppression
    from lpact_eval.disclosure.rules import Rules

AUDIT_COLUMNS: Final = ("cell", "low", "high", "width", "needed", "lowest", "verdict")


@dataclass(frozen=True, slots=True)
class Need:
    """What a reader's interval for a sensitive count must be.

    Attributes
    ----------
    width : int
        How wide at least.
    lowest : float, default infinite
        Where it must begin at the highest.
    """

    width: int
    lowest: float = float("inf")


def needs(cells: Sequence[Cell], relations: Sequence[Relation], rules: str | Rules = "uk") -> dict[str, Need]:
    """Say what the interval of every sensitive count must be.

    Parameters
    ----------
    cells : sequence of Cell
    relations : sequence of Relation
    rules : str or Rules, default "uk"

    Returns
    -------
    dict of str to Need

    Raises
    ------
    WrongUseError
        If the rules are not known.
    """
    chosen = find_rules(rules)
    everything = as_read(cells, {cell.name for cell in cells if cell.may_hide()})
    sensitive = {cell.name for cell in cells if cell.needs(chosen)}
    ends = intervals(Reading.of(everything, relations), sensitive, low_only=True)
    return {
        cell.name: Need(width, ends[cell.name][0] if cell.is_small(chosen) else float("inf"))
        for cell in cells
        if (width := cell.needs(chosen))
    }


def audit(
    cells: Sequence[ReadCell],
    relations: Sequence[Relation],
    rules: str | Rules = "uk",
    *,
    needed: Mapping[str, Need] | None = None,
) -> pd.DataFrame:
    """Find out how well a reader can tell each hidden count.

    Parameters
    ----------
    cells : sequence of ReadCell
        What a reader has: `as_read` gives it.
    relations : sequence of Relation
    rules : str or Rules, default "uk"
    needed : mapping of str to Need, optional
        Sensitive cells and what their intervals must be: `needs` gives it. By default every hidden cell that a reader
        could take for a small one, and an interval as wide as the rules' threshold.

    Returns
    -------
    DataFrame
        For every cell that is hidden or needed: "cell", "low", "high" (infinite where nothing bounds it), "width",
        "needed" (width; 0 where it needs nothing), "lowest" (where the interval must begin; infinite where anywhere),
        "verdict" ("protected", "narrow", "shown" or "not sensitive"). For the internal log: the intervals of a release
        that fails would give it away.

    Raises
    ------
    DisclosureError
        If what is shown contradicts the relations, so that a reader would see that something is wrong.
    WrongUseError
        If the rules are not known.
    """
    threshold = find_rules(rules).suppress_below
    found = intervals(Reading.of(cells, relations))
    rows: list[tuple[str, float, float, float, int, float, str]] = []
    for cell in cells:
        low, high = (cell.value, cell.value) if cell.value is not None else found[cell.name]
        if needed is None:
            need = Need(threshold if low < threshold and cell.value is None else 0)
        else:
            need = needed.get(cell.name, Need(0))
        if cell.value is None or need.width:
            verdict = _verdict(cell, low, high, need)
            rows.append((cell.name, low, high, high - low, need.width, need.lowest, verdict))
    return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))


def _verdict(cell: ReadCell, low: float, high: float, need: Need) -> str:
    """Put into a word whether a cell is protected."""
    if not need.width:
        return "not sensitive"
    if cell.value is not None:
        return "shown"
    return "protected" if high - low >= need.width and low <= need.lowest else "narrow"


def require_protected(audited: pd.DataFrame) -> None:
    """Stop a release in which a reader can tell a sensitive count too well.

    Parameters
    ----------
    audited : DataFrame
        What `audit` gives.

    Raises
    ------
    DisclosureError
        If a sensitive cell is shown, or its interval is narrower than it needs to be. No number is in the message.
    """
    failed = audited.loc[audited["verdict"].isin(["narrow", "shown"]), "cell"]
    if len(failed):
        msg = (
            f"Stopped the release: {len(failed)} of {int((audited['needed'] > 0).sum())} protected counts could be "
            f"worked out too closely from the rest, first {sorted(failed)[:3]}. Hide more, merge groups, or leave out "
            "a table; what an earlier release has shown can't be taken back."
        )
        raise DisclosureError(msg)


def check_proof(
    suppression: Suppression, cells: Sequence[Cell], relations: Sequence[Relation], needed: Mapping[str, Need]
) -> None:
    """Check by arithmetic alone that the tables which prove a suppression fit all that is shown, and lie far apart.

    Parameters
    ----------
    suppression : Suppression
    cells : sequence of Cell
    relations : sequence of Relation
    needed : mapping of str to Need

    Raises
    ------
    DisclosureError
        If a sensitive cell has no proof, or one that does not hold.
    """
    for name, need in needed.items():
        tables = suppression.proof.get(name, ({}, {}))
        low, high = (table.get(name, 0) for table in tables)
        fits = all(_fits(table, suppression, cells, relations) for table in tables)
        if not fits or high - low < need.width or low > need.lowest:
            msg = f"Stopped the release: the proof that cell {name!r} is protected does not hold."
            raise DisclosureError(msg)


def _fits(
    table: Mapping[str, int], suppression: Suppression, cells: Sequence[Cell], relations: Sequence[Relation]
) -> bool:
    """Whether a table moves hidden cells only, keeps to what readers take for granted, and meets every relation."""
    for cell in cells:
        if cell.name not in table:
            continue
        hidden = cell.printing == "latent" or cell.name in suppression.hidden
        most = float("inf") if cell.most is None else cell.most
        if not hidden or not cell.floor <= table[cell.name] <= most:
            return False
    counts = {cell.name: cell.value for cell in cells} | dict(table)
    return all(
        sum(counts[name] * times for name, times in relation.terms) == relation.constant for relation in relations
    )
