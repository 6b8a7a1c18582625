"""Population margins against the respondents: codes, checks, and merging of small categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError
from lpact_eval.sample import as_text
from lpact_eval.weighting.cells import told

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, IntArray, Sample
    from lpact_eval.waves.population import Margin
    from lpact_eval.weighting.cells import Cells

_Counts = Mapping[tuple[str, ...], float]
Margins = (
    Sequence["Margin"]
    | Mapping[str, Mapping[str, float]]
    | Mapping[tuple[str, ...], Mapping[tuple[str, ...], float]]
    | Mapping[str | tuple[str, ...], Mapping[str, float] | Mapping[tuple[str, ...], float]]
)


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
    task : str
        What is being done, and in which group, for messages: "rake within area = 'City'".
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
    task: str
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

    def codes(self, cells: Cells, inside: IntArray) -> IntArray:
        """Category of each cell of a group, shape (inside,); -1 where an answer is missing."""
        joined, names = _joined(cells, self.variables, inside)
        if self.categories == tuple(names) and sum(map(len, self.members)) == len(names):
            return joined  # the margin lists the sample's categories in their order, none of them merged
        positions = {member: code for code, members in enumerate(self.members) for member in members}
        lookup = np.array([positions.get(name, -1) for name in names] + [-1], dtype=np.intp)
        codes = lookup[joined]
        if ((codes < 0) & (joined >= 0)).any():
            raise WeightingError(self._uncounted(joined, names, cells.respondents()[inside]))
        return codes

    def _uncounted(self, joined: IntArray, names: Sequence[str], respondents: IntArray) -> str:
        """Say which categories have respondents and no population count."""
        known = {member for members in self.members for member in members}
        found = _count(joined, len(names), respondents)
        unknown = [name for name, count in zip(names, found, strict=True) if count and name not in known]
        return (
            f"Cannot {self.task} on {self.title}: respondents are in {', '.join(map(repr, unknown))}, which "
            f"has no population count; the margin lists {list(self.categories)}. Merge the category in the "
            f"crosswalk, or add its count. Respondents: {_told(names, found)}."
        )

    def empty(self, codes: IntArray) -> tuple[str, ...]:
        """Categories without respondents."""
        found = set(codes.tolist())
        return tuple(name for code, name in enumerate(self.categories) if code not in found)

    def told(self, codes: IntArray, respondents: IntArray) -> str:
        """Respondents per category in words, for messages; codes and numbers of respondents by cell."""
        return _told(self.categories, _count(codes, len(self.categories), respondents))

    def mass(self, codes: IntArray, mass: FloatArray) -> FloatArray:
        """Mass of each category, shape (k,)."""
        summed = np.zeros(len(self.categories) + 1)
        np.add.at(summed, codes, mass)  # the last place is for -1
        return summed[:-1]


def margin_variables(margins: Margins) -> list[str]:
    """Every variable that the margins speak of, once, in their order."""
    given = margins if isinstance(margins, Mapping) else [margin.variables for margin in margins]
    return list(dict.fromkeys(name for names in given for name in ((names,) if isinstance(names, str) else names)))


def targets_of(margins: Margins, within: str | None, group: str, task: str) -> list[Target]:
    """Margins as they hold for one group: its own counts where a margin has them, else everybody's."""
    if within is None and isinstance(margins, Mapping) and all(map(_plain, margins.values())):
        return [_repeated(variable, tuple(counts.items()), task) for variable, counts in margins.items()]
    if isinstance(margins, Mapping):
        given: list[tuple[tuple[str, ...], _Counts, Margin | None]] = [
            (((variable,) if isinstance(variable, str) else tuple(variable)), _keyed(counts), None)
            for variable, counts in margins.items()
        ]
    else:
        given = [(margin.variables, _keyed(margin.counts), margin) for margin in margins]
    return [
        _target(variables, counts, margin, within=within, group=group, task=task)
        for variables, counts, margin in given
        if variables != (within,)
    ]


def _plain(counts: Mapping[str, float] | Mapping[tuple[str, ...], float]) -> bool:
    """Whether categories are texts and persons plain numbers, so that equal margins mean the same."""
    return set(map(type, counts)) == {str} and {float, int, np.float64}.issuperset(map(type, counts.values()))


@lru_cache(maxsize=256)
def _repeated(variable: str | tuple[str, ...], counts: tuple[tuple[str, float], ...], task: str) -> Target:
    """Take a margin of one variable; bootstraps and simulations weight to the same one many times."""
    variables = (variable,) if isinstance(variable, str) else tuple(variable)
    return _target(variables, _keyed(dict(counts)), None, within=None, group="", task=task)


def has_order(sample: Sample, variables: tuple[str, ...]) -> bool:
    """Whether the categories of a margin have an order."""
    dtype = sample.answers[variables[0]].dtype
    return len(variables) == 1 and isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)


def require_variables(sample: Sample, variables: Sequence[str], task: str, margins: Margins = ()) -> None:
    """Refuse variables that the sample does not have."""
    columns = sample.answers.columns
    for variable in variables:
        if variable not in columns:
            given = () if isinstance(margins, Mapping) else margins
            margin = next((margin for margin in given if variable in margin.variables), None)
            found = sorted(map(str, columns))
            msg = f"Cannot {task} on {_title((variable,), margin)}: the sample has {found}."
            raise WeightingError(msg)


def collapse_small(
    target: Target, codes: IntArray, respondents: IntArray, smallest: int, *, ordered: bool
) -> tuple[Target, IntArray, list[str]]:
    """Merge categories with fewer respondents than `smallest`, until none is left or one category remains.

    The smallest joins the smaller of its neighbours where categories have an order, else the next smallest category.
    Notes say what was merged, and which of it had no respondents at all. Codes and respondents are those of cells.
    """
    merged_from: list[list[int]] = [[position] for position in range(len(target.categories))]
    found = _count(codes, len(target.categories), respondents)
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
    merged = _merged(target, merged_from)
    changed = [name for name, positions in zip(merged.categories, merged_from, strict=True) if len(positions) > 1]
    fewer = f"(fewer than {smallest} respondents in a category)"
    if len(merged_from) == 1:
        notes = [f"{target.name} not used {fewer}"]
    else:
        notes = [f"{target.name}: {', '.join(changed)} merged {fewer}"]
    empty = target.empty(codes)
    return merged, lookup[codes], [*notes, f"{target.name}: no respondents in {', '.join(empty)}"] if empty else notes


def _merged(target: Target, merged_from: Sequence[Sequence[int]]) -> Target:
    """Add up the categories of each merged one, and name it after what it holds."""
    return replace(
        target,
        categories=tuple(" + ".join(target.categories[position] for position in group) for group in merged_from),
        counts=tuple(sum(target.counts[position] for position in group) for group in merged_from),
        members=tuple(sum((target.members[position] for position in group), ()) for group in merged_from),
    )


def _keyed(
    counts: Mapping[str, float] | Mapping[tuple[str, ...], float] | Mapping[str | tuple[str, ...], float],
) -> _Counts:
    """Make every category a tuple of texts; refuses those that are the same text, such as 1 and "1"."""
    keyed = {
        (key,) if type(key) is str else tuple(map(as_text, key)) if isinstance(key, tuple) else (as_text(key),): n
        for key, n in counts.items()
    }
    if len(keyed) < len(counts):
        msg = (
            f"Cannot weight to the categories {list(counts)}: some are the same once written as text, as 1, 1.0 and "
            "'1' are. Give each category once."
        )
        raise WeightingError(msg)
    return keyed


def _target(
    variables: tuple[str, ...], keyed: _Counts, margin: Margin | None, *, within: str | None, group: str, task: str
) -> Target:
    """Take a group's slice of a nested margin, or the whole of another."""
    _check_counts(keyed, variables, task, margin)
    own = within in variables
    if within is not None and own:
        position = variables.index(within)
        keyed = {(*key[:position], *key[position + 1 :]): n for key, n in keyed.items() if key[position] == group}
        variables = (*variables[:position], *variables[position + 1 :])
        if not keyed:
            msg = f"Cannot {task}: the margin of {_title(variables, margin)} has no counts for {group!r}."
            raise WeightingError(msg)
    used = [key for key, n in keyed.items() if n > 0]
    kept = {" and ".join(key): float(keyed[key]) for key in used}
    _require_distinct(list(kept), len(used), variables)
    return Target(variables, tuple(kept), tuple(kept.values()), task, tuple((name,) for name in kept), own, margin)


def _check_counts(counts: _Counts, variables: tuple[str, ...], task: str, margin: Margin | None) -> None:
    """Refuse negative or missing counts and keys of another length."""
    bad = [key for key, n in counts.items() if not 0 <= n < np.inf or len(key) != len(variables)]
    if bad or not counts or sum(counts.values()) <= 0:
        msg = (
            f"Cannot {task} on {_title(variables, margin)}: counts have to be persons (0 or more, not all 0), "
            f"one per combination of {list(variables)}; wrong for {bad or 'all'}."
        )
        raise WeightingError(msg)


def _joined(cells: Cells, variables: tuple[str, ...], inside: IntArray) -> tuple[IntArray, Sequence[str]]:
    """Codes and names of the combinations of several variables in some cells; -1 where any is missing."""
    codes: IntArray = cells.level[variables[0]].take(inside)
    names: Sequence[str] = cells.columns[variables[0]].names
    for variable in variables[1:]:
        more, levels = cells.level[variable][inside], cells.columns[variable].names
        codes = np.where((codes < 0) | (more < 0), -1, codes * len(levels) + more)
        names = [f"{name} and {level}" for name in names for level in levels]
        _require_distinct(names, len(names), variables)
    return codes, names


def _require_distinct(names: Sequence[str], count: int, variables: tuple[str, ...]) -> None:
    """Refuse combinations that read the same once joined, as "a and b" with "c" and "a" with "b and c" do."""
    if len(set(names)) < count:
        msg = (
            f"Cannot weight to the combinations of {' and '.join(variables)!r}: some read the same once their "
            "categories are joined by ' and '. Rename those categories."
        )
        raise WeightingError(msg)


def _title(variables: tuple[str, ...], margin: Margin | None) -> str:
    """Name a margin by its variables and the file that it was read from."""
    file = margin.at() if margin else ""
    return f"{' and '.join(variables)!r}" + (f" ({file})" if file else "")


def _count(codes: IntArray, size: int, respondents: IntArray) -> list[int]:
    """Count respondents by category."""
    return np.bincount(codes + 1, respondents, minlength=size + 1)[1:].astype(int).tolist()


def _told(names: Sequence[str], found: Sequence[int]) -> str:
    """Respondents per category in words; small counts are not told."""
    return ", ".join(f"{name} {told(count)}" for name, count in zip(names, found, strict=True))
