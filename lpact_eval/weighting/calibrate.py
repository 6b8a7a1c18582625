"""Calibration to counts of categories and totals of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.weighting.blocks import Number, block_of, categories_of
from lpact_eval.weighting.cells import coded_column, coded_numbers, tabulate, told
from lpact_eval.weighting.margins import margin_variables, require_variables, targets_of
from lpact_eval.weighting.rake import check_unknown, common_total
from lpact_eval.weighting.step import Manner, check_bounds, check_tolerance, take_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import IntArray, Sample
    from lpact_eval.weighting.blocks import Block, Unknown
    from lpact_eval.weighting.cells import Cells
    from lpact_eval.weighting.solver import Metric

_TASK = "calibrate"
_SAME_SIZE = 1e-3  # relative difference up to which starting weights are of the population's size
_DISTANCES = ("linear", "raking", "logit")

Counts = Mapping[str, float] | Mapping[tuple[str, ...], float]
Totals = (
    Mapping[str, Counts | float] | Mapping[tuple[str, ...], Counts] | Mapping[str | tuple[str, ...], Counts | float]
)


def calibrate(
    sample: Sample,
    totals: Totals,
    *,
    distance: Metric = "linear",
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    collapse: int = 0,
    unknown: Unknown = "keep",
) -> Sample:
    """Give weights that meet population totals while staying as near as possible to the weights they start from.

    Parameters
    ----------
    sample : Sample
        n respondents; calibration starts from their weights.
    totals : mapping
        {variable: {category: persons}} for a variable of categories (a tuple of variables with tuples of categories
        for a nested one), {variable: total} for a numeric one. A column of ones with the number of persons stands for
        the population's size where no variable of categories gives it.
    distance : str, default "linear"
        "linear" (the general regression estimator), "raking" (as `rake`) or "logit" (between bounds).
    bounds : tuple of two floats, optional
        Lowest and highest ratio of new to old weight, bracketing 1; "logit" needs them.
    tolerance : float, default 1e-10
        Largest relative distance from a total.
    collapse, unknown
        As for `rake`. Numbers are met like margins, as means among those with an answer; where no variable of
        categories gives the number of persons, missing numbers are refused unless left out.

    Returns
    -------
    Sample
        Same respondents, new weights, one more calibration step.

    Raises
    ------
    WrongUseError
        If the distance is unknown, the tolerance is not in 0 to 0.01, or bounds are absent where needed or do not
        bracket 1.
    WeightingError
        If the totals can't be met, a category has no respondents or no population, numbers are missing or none, or
        the linear distance gives a respondent a negative weight. R lets those pass; here a weight is the number of
        persons whom a respondent stands for, so the message asks for bounds or for the raking distance.

    Notes
    -----
    Bounds count from the weights as given, as in R. Where no weights lie inside those, as with weights of 1 and totals
    in persons, they count from weights scaled to the population's size; the note of the step says so.

    References
    ----------
    Deville & Särndal (1992), *JASA* 87, 376-382; Deville, Särndal & Sautory (1993), *JASA* 88, 1013-1020.
    """
    _check_use(distance, bounds, tolerance, unknown)
    margins, numbers = _split(totals)
    names = margin_variables(margins)
    require_variables(sample, [*names, *numbers], _TASK)
    twice = sorted(set(names) & set(numbers))
    if twice:
        msg = f"Cannot calibrate on {twice} both as categories and as numbers: give a copy of the column another name."
        raise WrongUseError(msg)
    columns = {name: coded_column(sample, name) for name in names}
    columns |= {name: coded_numbers(sample, name, _TASK) for name in numbers}
    cells = tabulate(columns, sample.design.weight, _TASK)
    inside = cells.present
    targets = targets_of(margins, None, "", _TASK)
    persons = common_total(targets, _TASK) if targets else None
    found, notes = categories_of(sample, cells, inside, targets, group="", collapse=collapse)
    if persons is None and unknown == "keep":
        _require_numbers(cells, list(numbers))
    terms = [*found, *(_number(cells, inside, total, persons) for total in numbers.items())]
    block = block_of(cells, inside, terms, persons, names=("", _TASK), notes=notes, unknown=unknown)
    return _between(sample, cells, block, Manner(distance, bounds, tolerance, scaled=persons is not None))


def _between(sample: Sample, cells: Cells, block: Block, manner: Manner) -> Sample:
    """Count bounds from the weights as given, and where none lie inside, from weights of the population's size."""
    start = float(cells.mass[block.cells].sum())
    if manner.bounds is None or block.persons is None or abs(block.persons / start - 1) <= _SAME_SIZE:
        return take_step(sample, cells, [block], replace(manner, scaled=manner.scaled and manner.bounds is None))
    given = replace(manner, scaled=False)
    if manner.bounds[0] <= block.persons / start <= manner.bounds[1] and _reachable(sample, cells, block, given):
        return take_step(sample, cells, [block], given)
    note = f"bounds count from starting weights scaled to {block.persons:,.0f} persons"
    return take_step(sample, cells, [block], manner, notes=[note])


def _reachable(sample: Sample, cells: Cells, block: Block, manner: Manner) -> bool:
    """Whether the sample's own weights can meet the totals; replicates that can't are refused, and have no say here."""
    try:
        take_step(sample.with_design(replace(sample.design, replicates=None)), cells, [block], manner)
    except WeightingError:
        return False
    return True


def _check_use(distance: str, bounds: tuple[float, float] | None, tolerance: float, unknown: str) -> None:
    """Refuse what calibration does not take."""
    check_unknown(unknown, _TASK)
    check_bounds(bounds, _TASK)
    check_tolerance(tolerance, _TASK)
    if distance not in _DISTANCES:
        msg = f"Cannot calibrate by the distance {distance!r}: give 'linear', 'raking' or 'logit'."
        raise WrongUseError(msg)
    if distance == "logit" and (bounds is None or not np.isfinite(bounds[1])):
        msg = "Cannot calibrate by the logit distance without bounds: give finite ratios around 1, as in (0.3, 3)."
        raise WrongUseError(msg)


def _split(
    totals: Totals,
) -> tuple[dict[str, Mapping[str, float]], dict[str, float]]:
    """Tell counts of categories from totals of numbers."""
    margins: dict[str, Mapping[str, float]] = {}
    numbers: dict[str, float] = {}
    for name, total in totals.items():
        if isinstance(total, Mapping):
            margins[cast("str", name)] = cast("Mapping[str, float]", total)
        elif isinstance(name, str) and np.isfinite(float(total)):
            numbers[name] = float(total)
        else:
            msg = f"Cannot calibrate on {name!r}: give {{category: persons}}, or for a number its total."
            raise WeightingError(msg)
    if not totals:
        raise WeightingError("Cannot calibrate: no totals were given. Give {variable: {category: persons}} or a total.")
    return margins, numbers


def _require_numbers(cells: Cells, names: Sequence[str]) -> None:
    """Refuse missing numbers where the number of persons, and so the mean to be met, is not known."""
    for name in names:
        count = int(cells.respondents()[cells.level[name] < 0].sum())
        if count:
            msg = (
                f"Cannot calibrate on the total of {name!r}: {told(count)} respondents have no number, and no variable "
                "of categories says how many persons there are. Add its counts, so that means can be met, or "
                "give unknown='leave out'."
            )
            raise WeightingError(msg)


def _number(cells: Cells, inside: IntArray, total: tuple[str, float], persons: float | None) -> Number:
    """Meet the mean where the number of persons is known, else the total."""
    name, aim = total
    values = cells.columns[name].numbers
    known = np.full(inside.size, np.nan) if values is None else values[cells.level[name][inside]]
    if cells.mass[inside][~np.isnan(known)].sum() <= 0:
        msg = f"Cannot calibrate on the total of {name!r}: no respondent of any weight has a number. Leave it out."
        raise WeightingError(msg)
    return Number(name, known, aim, mean=False) if persons is None else Number(name, known, aim / persons)
