"""Raking: weights that meet population margins, overall or inside each group."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import LpactWarning, WeightingError, WrongUseError
from lpact_eval.weighting.blocks import block_of, categories_of
from lpact_eval.weighting.capped import trimming_of
from lpact_eval.weighting.cells import coded_column, tabulate
from lpact_eval.weighting.kinds import outside
from lpact_eval.weighting.margins import margin_variables, require_variables, targets_of
from lpact_eval.weighting.step import Manner, check_bounds, check_tolerance, take_step
from lpact_eval.weighting.unknown import refuse_silences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import IntArray, Sample
    from lpact_eval.weighting.blocks import Block, Unknown
    from lpact_eval.weighting.cells import Cells
    from lpact_eval.weighting.margins import Margins, Target

_PERTURBATION = 0.001  # relative difference of totals that disclosure control of a census leaves
_ROUNDING = 1e-9
_UNKNOWN = ("keep", "leave out")


def rake(
    sample: Sample,
    margins: Margins,
    *,
    within: str | None = None,
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    collapse: int = 0,
    unknown: Unknown = "keep",
    trim: tuple[float, float] | None = None,
) -> Sample:
    """Give weights that meet population margins while staying as near as possible to the weights they start from.

    Parameters
    ----------
    sample : Sample
        n respondents; raking starts from their weights.
    margins : sequence of Margin, or {variable: {category: persons}}
        Persons by category; a tuple of variables with tuples of categories is a nested margin. Totals that differ by
        up to 0.1 % are rescaled to the first one's, with a warning.
    within : str, optional
        Rake inside each category of this variable. A margin whose variables include it holds each group's own
        counts and sets the group's total; other margins give shares that hold for every group alike.
    bounds : tuple of two floats, optional
        Lowest and highest ratio of new to old weight, bracketing 1, old weights being scaled to the margins' total.
    tolerance : float, default 1e-10
        Largest relative distance from a margin.
    collapse : int, default 0
        Merge categories with fewer respondents than this with a neighbour (scales) or with the next smallest
        category (others) before raking; what was merged, and what of it had no respondents, is noted in the
        calibration step.
    unknown : str, default "keep"
        Respondents without an answer on a margin "keep" the weight that the other margins give them, the margin
        being met among those with an answer; or they are "leave out": their weight becomes 0, so that no weighted
        result counts them, and the note says how many they are.
    trim : tuple of two floats, optional
        Lowest and highest weight as multiples of the mean weight of its group, bracketing 1; margins and limits
        then hold together.

    Returns
    -------
    Sample
        Same respondents, new weights, one more calibration step in the design, which records every margin before and
        after. Respondents without a group are left alone (left out with `unknown="leave out"`). Replicate weights
        that the sample has are raked too, each on its own.

    Raises
    ------
    WeightingError
        If a margin's category has no respondents, respondents have a category without population, totals disagree,
        starting weights are negative or missing, or no weights meet the margins; it says which variable stands in
        the way.
    WrongUseError
        If bounds do not bracket 1, the tolerance is not in 0 to 0.01, or an argument does not exist.

    Notes
    -----
    Minimises sum w log(w / d) by Newton's method on the dual, over cells rather than respondents. Auxiliaries are
    1[c] - share_c among those with an answer, with total 0, and the constant, with the margins' total. With `trim`
    the weights are clip(d exp(x multiplier), limits): the nearest ones that keep both, which raking and trimming in
    turn come to whenever they end.

    References
    ----------
    Deville, Särndal & Sautory (1993), *JASA* 88, 1013-1020; Deming & Stephan (1940).
    """
    _check_use(sample, within, unknown)
    check_bounds(bounds, "rake")
    check_tolerance(tolerance, "rake")
    cells = cells_of(sample, margins, within, "rake")
    groups = groups_of(cells, within)
    blocks = [
        _prepare(sample, cells, margins, inside, group=(within, name), collapse=collapse, unknown=unknown)
        for name, inside in groups
    ]
    manner = Manner("raking", bounds, tolerance, within=within or "", trimming=trimming_of(trim))
    left_out = None if within is None or unknown == "keep" else np.flatnonzero(cells.level[within] < 0)
    return take_step(sample, cells, blocks, manner, left_out=left_out)


@dataclass(frozen=True, slots=True)
class Empty:
    """Categories of a margin that have population and no respondents.

    Attributes
    ----------
    group : str
        Group that was raked in; empty without one.
    variable : str
    categories : tuple of str
    """

    group: str
    variable: str
    categories: tuple[str, ...]


def empty_categories(sample: Sample, margins: Margins, *, within: str | None = None) -> list[Empty]:
    """Find the categories that raking has to merge because nobody answered in them.

    Parameters
    ----------
    sample, margins, within
        As for `rake`, with categories that `rake` accepts.

    Returns
    -------
    list of Empty
        One a group and margin; empty when every category has respondents.
    """
    found: list[Empty] = []
    cells = cells_of(sample, margins, within, "rake")
    for name, inside in groups_of(cells, within):
        for target in targets_of(margins, within, name, "rake"):
            empty = target.empty(target.codes(cells, inside)) if target.counts else ()
            found += [Empty(name, target.name, empty)] if empty else []
    return found


def check_unknown(unknown: str, task: str) -> None:
    """Refuse a policy for unknown answers that does not exist."""
    if unknown not in _UNKNOWN:
        msg = f"Cannot {task} with unknown={unknown!r}: give 'keep' or 'leave out'."
        raise WrongUseError(msg)


def cells_of(sample: Sample, margins: Margins, within: str | None, task: str) -> Cells:
    """Put respondents into cells of the margins' variables and the groups."""
    names = margin_variables(margins)
    require_variables(sample, names, task, margins)
    names = [within, *(name for name in names if name != within)] if within is not None else names
    if not names:
        msg = f"Cannot {task}: no margin holds for it. Give at least one margin with counts."
        raise WeightingError(msg)
    columns = {name: coded_column(sample, name) for name in names}
    refuse_silences({name: column.names for name, column in columns.items()}, task)
    return tabulate(columns, sample.design.weight, task)


def groups_of(cells: Cells, within: str | None) -> list[tuple[str, IntArray]]:
    """Names and cells of the groups to rake in; one unnamed group without `within`."""
    if within is None:
        return [("", cells.present)]
    codes = cells.level[within].take(cells.present)
    named = enumerate(cells.columns[within].names)
    groups = [(name, cells.present[codes == code]) for code, name in named]
    return [(name, inside) for name, inside in groups if inside.size]


def common_total(targets: Sequence[Target], task: str) -> float:
    """Take the total of the group's own counts, else the first margin's; counts of one kind have to agree."""
    if not targets:
        msg = f"Cannot {task}: no margin holds for it. Give at least one margin with counts."
        raise WeightingError(msg)
    own = [target for target in targets if target.own]
    everybody = [target for target in targets if not target.own]
    for first, *others in filter(None, (own, everybody)):
        for target in others:
            _compare_totals(target, first)
    return (own or everybody)[0].total


def _check_use(sample: Sample, within: str | None, unknown: str) -> None:
    """Refuse a `within` that does not exist and an unknown policy."""
    check_unknown(unknown, "rake")
    if within is not None and within not in sample.answers.columns:
        msg = f"Cannot rake within {within!r}: the sample has {sorted(map(str, sample.answers.columns))}."
        raise WrongUseError(msg)


def _prepare(
    sample: Sample,
    cells: Cells,
    margins: Margins,
    inside: IntArray,
    *,
    group: tuple[str | None, str],
    collapse: int,
    unknown: Unknown,
) -> Block:
    """Turn a group's margins into auxiliaries over its cells."""
    within, name = group
    task = f"rake within {within} = {name!r}" if within else "rake"
    targets = [target for target in targets_of(margins, within, name, task) if target.counts]
    persons = common_total(targets, task)
    terms, notes = categories_of(sample, cells, inside, targets, group=name, collapse=collapse)
    return block_of(cells, inside, terms, persons, names=(name, task), notes=notes, unknown=unknown)


def _compare_totals(target: Target, first: Target) -> None:
    """Refuse totals of different populations; census perturbation is rescaled and said so."""
    gap = abs(target.total - first.total) / first.total
    if gap > _PERTURBATION:
        msg = (
            f"Cannot {target.task}: margin {target.title} adds up to {target.total:,.0f} persons and "
            f"{first.title} to {first.total:,.0f}, {gap:.1%} apart ({_PERTURBATION:.1%} is allowed). "
            "Give margins of one population, or rescale them."
        )
        raise WeightingError(msg)
    if gap > _ROUNDING:
        where = target.task.partition(" ")[2]
        warnings.warn(
            f"Margin {target.name!r}{where and ' ' + where} adds up to {target.total:,.0f} persons and was rescaled to "
            f"the {first.total:,.0f} of {first.name!r}.",
            LpactWarning,
            stacklevel=outside(),
        )
