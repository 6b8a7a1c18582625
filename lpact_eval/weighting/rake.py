"""Raking: weights that meet population margins, overall or inside each group."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import LpactWarning, WeightingError, WrongUseError
from lpact_eval.sample import Calibration, coded
from lpact_eval.weighting.margins import Target, collapse_small, has_order, targets_of
from lpact_eval.weighting.rerun import carried_through

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample
    from lpact_eval.waves.population import Margin

_NEWTON_STEPS = 200
_HALVINGS = 30
_PERTURBATION = 0.001  # relative difference of totals that disclosure control of a census leaves
_ROUNDING = 1e-9
_FLOATING = 1e-14  # share of the population under which a gap is rounding error


def rake(
    sample: Sample,
    margins: Sequence[Margin] | Mapping[str, Mapping[str, float]],
    *,
    within: str | None = None,
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    collapse: int = 0,
) -> Sample:
    """Give weights that meet population margins while staying as near as possible to the weights they start from.

    Parameters
    ----------
    sample : Sample
        n respondents; raking starts from their weights.
    margins : sequence of Margin, or {variable: {category: persons}}
        Persons by category. Totals that differ by up to 0.1 % are rescaled to the first one's.
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

    Returns
    -------
    Sample
        Same respondents, new weights, one more calibration step in the design. Respondents without an answer on a
        margin keep the weight that the other margins give them; respondents without a group are left alone.
        Replicate weights that the sample has are raked too, each on its own.

    Raises
    ------
    WeightingError
        If a margin's category has no respondents, respondents have a category without population, totals disagree,
        or no weights meet the margins.

    Notes
    -----
    Minimises sum w log(w / d) by Newton's method on the dual, over cells rather than respondents. Auxiliaries are
    1[c] - share_c among those with an answer, with total 0, and the constant, with the margins' total.

    References
    ----------
    Deville, Särndal & Sautory (1993), *JASA* 88, 1013-1020; Deming & Stephan (1940).
    """
    _check_use(sample, within, bounds)
    groups = _groups(sample, within)
    cell = np.zeros(len(sample), dtype=np.intp)
    weight = sample.design.weight.copy()
    blocks: list[FloatArray] = []
    notes: list[str] = []
    start = 1
    for name, rows in groups:
        block = _prepare(sample, margins, rows, group=(within, name), collapse=collapse)
        _require_weight(weight[rows], within, name)
        factor = _solve(block, weight[rows], bounds, tolerance)
        weight[rows] = weight[rows] * factor[block.cell]
        cell[rows] = block.cell + start
        start += block.auxiliary.shape[0]
        blocks.append(block.auxiliary)
        notes += block.notes
    step = Calibration(cell, _block_diagonal(blocks, start), sample.design.weight, "; ".join(notes))
    design = replace(sample.design, weight=weight, calibration=(*sample.design.calibration, step))
    return sample.with_design(carried_through(design))


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


def empty_categories(
    sample: Sample, margins: Sequence[Margin] | Mapping[str, Mapping[str, float]], *, within: str | None = None
) -> list[Empty]:
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
    for name, rows in _groups(sample, within):
        for target in targets_of(margins, within, name, ""):
            empty = target.empty(target.codes(sample, rows)) if target.counts else ()
            found += [Empty(name, target.name, empty)] if empty else []
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One group's raking problem over cells: auxiliaries (cells, p) with names, totals (p,), smallest share.

    `columns` are its margins with the category of each respondent.
    """

    cell: IntArray
    auxiliary: FloatArray
    total: FloatArray
    names: tuple[str, ...]
    smallest: float
    notes: tuple[str, ...]
    where: str
    columns: Sequence[tuple[Target, IntArray]]


def _check_use(sample: Sample, within: str | None, bounds: tuple[float, float] | None) -> None:
    """Refuse bounds that do not bracket 1 and a `within` that does not exist."""
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1]:
        msg = f"Cannot rake with bounds={bounds}: they are ratios of new to old weight that bracket 1, as in (0.3, 3)."
        raise WrongUseError(msg)
    if within is not None and within not in sample.answers.columns:
        msg = f"Cannot rake within {within!r}: the sample has {sorted(map(str, sample.answers.columns))}."
        raise WrongUseError(msg)


def _groups(sample: Sample, within: str | None) -> list[tuple[str, BoolArray]]:
    """Names and rows of the groups to rake in; one unnamed group without `within`."""
    if within is None:
        return [("", np.ones(len(sample), dtype=bool))]
    codes, names = coded(sample.answers[within])
    return [(name, codes == code) for code, name in enumerate(names) if (codes == code).any()]


def _require_weight(weight: FloatArray, within: str | None, name: str) -> None:
    """Refuse a group that weighs nothing."""
    if weight.sum() <= 0:
        where = f" within {within} = {name!r}" if within else ""
        msg = f"Cannot rake{where}: the starting weights of its respondents are all zero."
        raise WeightingError(msg)


def _prepare(
    sample: Sample,
    margins: Sequence[Margin] | Mapping[str, Mapping[str, float]],
    rows: BoolArray,
    *,
    group: tuple[str | None, str],
    collapse: int,
) -> _Block:
    """Turn a group's margins into cells and auxiliaries."""
    within, name = group
    where = f" within {within} = {name!r}" if within else ""
    targets = [target for target in targets_of(margins, within, name, where) if target.counts]
    persons = _common_total(targets, where)
    columns: list[tuple[Target, IntArray]] = []
    notes: list[str] = []
    for target in targets:
        codes = target.codes(sample, rows)
        ordered = has_order(sample, target.variables)
        merged, merged_codes, found = collapse_small(target, codes, collapse, ordered=ordered)
        _require_respondents(merged, merged_codes, where)
        notes += [f"{name + ': ' if name else ''}{note}" for note in found]
        columns.append((merged, merged_codes))
    return _cells(columns, persons, int(rows.sum()), notes=tuple(notes), where=where)


def _common_total(targets: Sequence[Target], where: str) -> float:
    """Take the total of the group's own counts, else the first margin's; counts of one kind have to agree."""
    if not targets:
        msg = f"Cannot rake{where}: no margin holds for it. Give at least one margin with counts."
        raise WeightingError(msg)
    own = [target for target in targets if target.own]
    everybody = [target for target in targets if not target.own]
    for kind in (own, everybody):
        for target in kind[1:]:
            _compare_totals(target, kind[0], where)
    return (own or everybody)[0].total


def _compare_totals(target: Target, first: Target, where: str) -> None:
    """Refuse totals of different populations; census perturbation is rescaled and said so."""
    gap = abs(target.total - first.total) / first.total
    if gap > _PERTURBATION:
        msg = (
            f"Cannot rake{where}: margin {target.title} adds up to {target.total:,.0f} persons and "
            f"{first.title} to {first.total:,.0f}, {gap:.1%} apart ({_PERTURBATION:.1%} is allowed). "
            "Give margins of one population, or rescale them."
        )
        raise WeightingError(msg)
    if gap > _ROUNDING:
        warnings.warn(
            f"Margin {target.name!r}{where} adds up to {target.total:,.0f} persons and was rescaled to the "
            f"{first.total:,.0f} of {first.name!r}.",
            LpactWarning,
            stacklevel=5,
        )


def _require_respondents(target: Target, codes: IntArray, where: str) -> None:
    """Refuse a category that has population and no respondents."""
    empty = target.empty(codes)
    if empty:
        has, them = ("has", "it") if len(empty) == 1 else ("have", "them")
        msg = (
            f"Cannot rake{where} on {target.title}: {', '.join(map(repr, empty))} {has} population but no respondents. "
            f"Merge {them} with a neighbouring category in the margin, or rake with collapse=. "
            f"Respondents: {target.told(codes)}."
        )
        raise WeightingError(msg)


def _cells(
    columns: Sequence[tuple[Target, IntArray]], persons: float, n: int, *, notes: tuple[str, ...], where: str
) -> _Block:
    """Give the combinations of categories present numbers and give each its auxiliaries."""
    key = np.zeros(n, dtype=np.int64)
    for target, codes in columns:
        key = key * (len(target.categories) + 1) + (codes + 1)
    present, first, cell = np.unique(key, return_index=True, return_inverse=True)
    parts = [np.ones((present.size, 1))]
    names = ["all respondents"]
    for target, codes in columns:
        code = codes[first]
        known = (code >= 0)[:, None]
        share = np.array(target.counts) / target.total
        indicator = (code[:, None] == np.arange(len(target.categories))) - known * share
        parts.append(indicator[:, :-1])
        names += [f"{target.name} = {category!r}" for category in target.categories[:-1]]
    auxiliary = np.hstack(parts)
    totals = np.zeros(auxiliary.shape[1])
    totals[0] = persons
    smallest = min(min(target.counts) / target.total for target, _ in columns)
    return _Block(cell.astype(np.intp), auxiliary, totals, tuple(names), smallest, notes, where, columns)


def _solve(block: _Block, weight: FloatArray, bounds: tuple[float, float] | None, tolerance: float) -> FloatArray:
    """Factors per cell that meet the totals, by Newton steps on the dual with halving."""
    start = np.bincount(block.cell, weight, minlength=block.auxiliary.shape[0])
    scale = block.total[0] / start.sum()
    mass, x, total = start * scale, block.auxiliary, block.total
    low, high = (0.0, np.inf) if bounds is None else bounds
    multiplier = np.zeros(x.shape[1])
    factor, gap = np.ones(mass.size), np.inf
    for _ in range(_NEWTON_STEPS):
        gradient = x.T @ (mass * factor) - total
        gap = float(np.abs(gradient).max() / total[0])
        if gap <= max(tolerance * block.smallest / 10, _FLOATING):
            return factor * scale
        slope = np.where((factor > low) & (factor < high), factor, 0.0)
        hessian = x.T @ ((mass * slope)[:, None] * x)
        inverse = np.asarray(np.linalg.pinv(hessian, rcond=1e-13, hermitian=True), dtype=np.float64)
        step = -inverse @ gradient
        multiplier, factor = _halve(multiplier, step, (x, mass, total), (low, high))
    raise WeightingError(_no_convergence(block, mass, factor, bounds))


def _halve(
    multiplier: FloatArray,
    step: FloatArray,
    problem: tuple[FloatArray, FloatArray, FloatArray],
    limits: tuple[float, float],
) -> tuple[FloatArray, FloatArray]:
    """Take the Newton step, or the half, quarter ... of it that brings the gradient down."""
    x, mass, total = problem
    low, high = limits

    def factor_at(point: FloatArray) -> FloatArray:
        return np.clip(np.exp(np.clip(x @ point, -700, 700)), low, high)

    def gap_at(factor: FloatArray) -> float:
        return float(np.square(x.T @ (mass * factor) - total).sum())

    before = gap_at(factor_at(multiplier))
    length = 1.0
    candidate = multiplier + step
    for _ in range(_HALVINGS):
        candidate = multiplier + length * step
        if gap_at(factor_at(candidate)) < before:
            break
        length /= 2
    return candidate, factor_at(candidate)


def _no_convergence(block: _Block, mass: FloatArray, factor: FloatArray, bounds: tuple[float, float] | None) -> str:
    """Say which margin is farthest from being met."""
    gaps = np.abs(block.auxiliary.T @ (mass * factor) - block.total) / block.total[0]
    worst = int(gaps.argmax())
    cause = f"the bounds {bounds} are too narrow for these margins" if bounds else "margins contradict each other here"
    respondents = "; ".join(f"{target.title} {target.told(codes)}" for target, codes in block.columns)
    return (
        f"Cannot rake{block.where}: no weights meet the margins; the farthest is {block.names[worst]}, "
        f"{gaps[worst]:.2%} of the population off after {_NEWTON_STEPS} steps. Most likely {cause}: "
        "some combination of categories has no respondents. Merge categories or drop a margin. "
        f"Respondents: {respondents}."
    )


def _block_diagonal(blocks: Sequence[FloatArray], rows: int) -> FloatArray:
    """Put the groups' auxiliaries on a diagonal; row 0 is for respondents who were left alone."""
    joined = np.zeros((rows, sum(block.shape[1] for block in blocks)))
    row, column = 1, 0
    for block in blocks:
        joined[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return joined
