"""Population margins against the respondents: codes, checks, and merging of small categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError
from lpact_eval.sample import as_text, coded

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, IntArray, Sample
    from lpact_eval.waves.population import Margin


_Counts = Mapping[tuple[str, ...], float]

_FEWEST_TOLD = 10  # respondents under which a message gives no count


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Persons by category of one or several variables, for one group.

    Attributes
    ----------
    variables : tuple of str
    categories : tuple of str
        Names in the margin's order; several variables are joined by " and ".
    counts : tuple of float
        Persons per category; a category without persons is left out.
    where : str
        The group, for messages.
    members : tuple of tuple of str
        Categories of the sample that each category takes in; more than one after merging.
    own : bool
        Whether the counts are the group's own rather than everybody's.
    margin : Margin or None
        What the counts were taken from, for messages.
    """

    variables: tuple[str, ...]
    categories: tuple[str, ...]
    counts: tuple[float, ...]
    where: str
    members: tuple[tuple[str, ...], ...]
    own: bool = False
    margin: Margin | None = None

    @property
    def name(self) -> str:
        """Variables in words."""
        return " and ".join(self.variables)

    @property
    def title(self) -> str:
        """Variables in words, with the file that the counts are from."""
        return _title(self.variables, self.margin)

    @property
    def total(self) -> float:
        """Persons over all categories."""
        return float(sum(self.counts))

    def codes(self, sample: Sample, rows: BoolArray) -> IntArray:
        """Category of each respondent in the group; -1 where an answer is missing."""
        joined, names = _joined(sample, self.variables, self.margin)
        positions = {member: code for code, members in enumerate(self.members) for member in members}
        found = _count(joined[rows], len(names))
        unknown = [name for name, count in zip(names, found, strict=True) if count and name not in positions]
        if unknown:
            msg = (
                f"Cannot rake{self.where} on {self.title}: respondents are in {', '.join(map(repr, unknown))}, which "
                f"has no population count; the margin lists {list(self.categories)}. Merge the category in the "
                f"crosswalk, or add its count. Respondents: {_told(names, found)}."
            )
            raise WeightingError(msg)
        lookup = np.array([positions.get(name, -1) for name in names] + [-1], dtype=np.intp)
        return lookup[joined[rows]]

    def empty(self, codes: IntArray) -> tuple[str, ...]:
        """Categories without respondents."""
        found = _count(codes, len(self.categories))
        return tuple(name for name, count in zip(self.categories, found, strict=True) if not count)

    def told(self, codes: IntArray) -> str:
        """Respondents per category in words, for messages."""
        return _told(self.categories, _count(codes, len(self.categories)))


def targets_of(
    margins: Sequence[Margin] | Mapping[str, Mapping[str, float]], within: str | None, group: str, where: str
) -> list[Target]:
    """Margins as they hold for one group: its own counts where a margin has them, else everybody's."""
    if isinstance(margins, Mapping):
        given: list[tuple[tuple[str, ...], _Counts, Margin | None]] = [
            ((variable,), {(as_text(key),): n for key, n in counts.items()}, None)
            for variable, counts in margins.items()
        ]
    else:
        given = [(margin.variables, _keyed(margin.counts), margin) for margin in margins]
    return [
        _target(variables, counts, margin, within=within, group=group, where=where)
        for variables, counts, margin in given
        if variables != (within,)
    ]


def has_order(sample: Sample, variables: tuple[str, ...]) -> bool:
    """Whether the categories of a margin have an order."""
    dtype = sample.answers[variables[0]].dtype
    return len(variables) == 1 and isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)


def collapse_small(
    target: Target, codes: IntArray, smallest: int, *, ordered: bool
) -> tuple[Target, IntArray, list[str]]:
    """Merge categories with fewer respondents than `smallest`, until none is left or one category remains.

    The smallest joins the smaller of its neighbours where categories have an order, else the next smallest category.
    Notes say what was merged, and which of it had no respondents at all.
    """
    merged_from: list[list[int]] = [[position] for position in range(len(target.categories))]
    found = _count(codes, len(target.categories))
    while len(merged_from) > 1 and min(found) < smallest:
        small = found.index(min(found))
        nearby = (small - 1, small + 1) if ordered else range(len(found))
        other = min(
            (position for position in nearby if position != small and 0 <= position < len(found)),
            key=lambda position: found[position],
        )
        low, high = sorted((small, other))
        merged_from[low] += merged_from.pop(high)
        found[low] += found.pop(high)
    if len(merged_from) == len(target.categories):
        return target, codes, []
    lookup = np.full(len(target.categories) + 1, -1, dtype=np.intp)
    for code, positions in enumerate(merged_from):
        lookup[positions] = code
    names = tuple(_merged_name([target.categories[position] for position in positions]) for positions in merged_from)
    merged = replace(
        target,
        categories=names,
        counts=tuple(sum(target.counts[position] for position in positions) for positions in merged_from),
        members=tuple(sum((target.members[position] for position in positions), ()) for positions in merged_from),
    )
    changed = [name for name, positions in zip(names, merged_from, strict=True) if len(positions) > 1]
    fewer = f"(fewer than {smallest} respondents in a category)"
    if len(merged_from) == 1:
        notes = [f"{target.name} not used {fewer}"]
    else:
        notes = [f"{target.name}: {', '.join(changed)} merged {fewer}"]
    empty = target.empty(codes)
    return merged, lookup[codes], [*notes, f"{target.name}: no respondents in {', '.join(empty)}"] if empty else notes


def _keyed(counts: Mapping[str | tuple[str, ...], float]) -> _Counts:
    """Make every category a tuple of texts."""
    return {tuple(map(as_text, key)) if isinstance(key, tuple) else (as_text(key),): n for key, n in counts.items()}


def _target(
    variables: tuple[str, ...], keyed: _Counts, margin: Margin | None, *, within: str | None, group: str, where: str
) -> Target:
    """Take a group's slice of a nested margin, or the whole of another."""
    _check_counts(keyed, variables, where, margin)
    own = within in variables
    if within is not None and own:
        position = variables.index(within)
        keyed = {(*key[:position], *key[position + 1 :]): n for key, n in keyed.items() if key[position] == group}
        variables = (*variables[:position], *variables[position + 1 :])
        if not keyed:
            msg = f"Cannot rake{where}: the margin of {_title(variables, margin)} has no counts for {group!r}."
            raise WeightingError(msg)
    kept = {" and ".join(key): float(n) for key, n in keyed.items() if n > 0}
    return Target(variables, tuple(kept), tuple(kept.values()), where, tuple((name,) for name in kept), own, margin)


def _check_counts(counts: _Counts, variables: tuple[str, ...], where: str, margin: Margin | None) -> None:
    """Refuse negative or missing counts and keys of another length."""
    bad = [key for key, n in counts.items() if not np.isfinite(n) or n < 0 or len(key) != len(variables)]
    if bad or not counts or sum(counts.values()) <= 0:
        msg = (
            f"Cannot rake{where} on {_title(variables, margin)}: counts have to be persons (0 or more, not all 0), "
            f"one per combination of {list(variables)}; wrong for {bad or 'all'}."
        )
        raise WeightingError(msg)


def _joined(sample: Sample, variables: tuple[str, ...], margin: Margin | None) -> tuple[IntArray, list[str]]:
    """Codes and names of the combinations of several variables; -1 where any is missing."""
    for variable in variables:
        if variable not in sample.answers.columns:
            found = sorted(map(str, sample.answers.columns))
            msg = f"Cannot rake on {_title((variable,), margin)}: the sample has {found}."
            raise WeightingError(msg)
    codes, names = coded(sample.answers[variables[0]])
    for variable in variables[1:]:
        more, levels = coded(sample.answers[variable])
        codes = np.where((codes < 0) | (more < 0), -1, codes * len(levels) + more)
        names = [f"{name} and {level}" for name in names for level in levels]
    return codes.astype(np.intp), names


def _title(variables: tuple[str, ...], margin: Margin | None) -> str:
    """Name a margin by its variables and the file that it was read from."""
    file = margin.at() if margin else ""
    return f"{' and '.join(variables)!r}" + (f" ({file})" if file else "")


def _count(codes: IntArray, categories: int) -> list[int]:
    """Count respondents by category; those without an answer are left out."""
    return np.bincount(codes[codes >= 0], minlength=categories).tolist()


def _told(names: Sequence[str], found: Sequence[int]) -> str:
    """List respondents by category; small counts are not told."""
    fewer = f"fewer than {_FEWEST_TOLD}"
    counts = (f"{name} {count if count >= _FEWEST_TOLD else fewer}" for name, count in zip(names, found, strict=True))
    return ", ".join(counts)


def _merged_name(names: Sequence[str]) -> str:
    """Name a merged category after what it holds."""
    return " + ".join(names)
