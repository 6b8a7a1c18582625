"""The later wave made to look like the earlier: entropy balancing, its target counted as estimated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError
from lpact_eval.estimation.domains import categories_of, column_of, domains_of
from lpact_eval.estimation.statistics import proportion
from lpact_eval.estimation.variance import sum_rows
from lpact_eval.weighting.balance import balance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

_SIDE = "__side"  # earlier and later respondents of one domain; no answer has such a name
_NO_VARIATION = "cannot balance: the variables to balance on have one category each here"
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Balanced:
    """Levels of which the later wave's were made to look like the earlier's.

    Attributes
    ----------
    levels : Estimate
    sample : Sample
        The respondents under the balanced weights.
    refused, remarks : dict of domain to str
        Why a domain has none, and what was merged for it.
    """

    levels: Estimate
    sample: Sample
    refused: dict[Key, str] = field(default_factory=dict[Key, str])
    remarks: dict[Key, str] = field(default_factory=dict[Key, str])


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One domain: its earlier and later respondents, shape (n,), and the sample with categories merged for it."""

    sample: Sample
    earlier: BoolArray
    later: BoolArray
    alike: tuple[str, ...]


def balanced_levels(
    sample: Sample,
    question: tuple[str, Sequence[str], Sequence[str]],
    waves: tuple[str, str],
    alike: Sequence[str],
    *,
    collapse: int = 0,
    variance: Variance = "cr2",
) -> Balanced:
    """Balance the later wave toward the earlier inside every domain.

    Parameters
    ----------
    sample : Sample
        Stacked waves under the weights before any calibration.
    question : tuple
        Variable, answers that count together, and domain variables.
    waves : tuple of two str
        The later and the earlier wave.
    alike : sequence of str
        Variables whose shares, or means of numbers, are made alike.
    collapse : int, default 0
        Categories with fewer respondents in either wave of a domain are merged with a neighbour; 0 merges none.
    variance : str, default "cr2"
        As in `proportion`.

    Returns
    -------
    Balanced

    Notes
    -----
    Weights: `balance`, the raking distance. Influence on a later level p: calibration residuals of the later wave's
    respondents, and for respondent j of the earlier wave w_j (x_j - mean x)'B K_2 / K_1, because the target is that
    wave's estimate: B is the regression of p's linearised variable on x, K a wave's weight of those who answered x.

    References
    ----------
    Hainmueller (2012), *Political Analysis* 20, 25-46; Deville & Särndal (1992), *JASA* 87, 376-382; Särndal, Swensson
    & Wretman (1992), sec. 9.3, for calibration to estimated totals.
    """
    variable, answers, names = question
    domain, labels = domains_of(sample, names)
    keys: list[Key] = labels.keys(list(names))
    codes, found = categories_of(sample, "wave")
    inside = [(codes == found.index(wave)) & (sample.design.weight > 0) for wave in waves]
    made, sides = sample, dict[Key, _Side]()
    refused, remarks = dict[Key, str](), dict[Key, str]()
    for place, key in enumerate(keys):
        who = (domain == place) & inside[1], (domain == place) & inside[0]
        side, remarks[key] = _side(sample, who, alike, collapse)
        try:
            made = _take(made, side, waves)
            sides[key] = side
        except WeightingError:
            refused[key] = _failure(sample, side, waves)
    levels = proportion(made, variable, list(answers), by=["wave", *names], variance=variance)
    return Balanced(_with_target(levels, made, sides, (variable, answers, names, waves[0])), made, refused, remarks)


def _take(made: Sample, side: _Side, waves: tuple[str, str]) -> Sample:
    """Balance one domain, everybody else left alone."""
    if not side.alike:
        raise WeightingError(_NO_VARIATION)
    who: IntArray = np.where(side.later, 0, np.where(side.earlier, 1, -1)).astype(np.intp)
    column = pd.Categorical.from_codes(who, categories=pd.Index(waves))
    shown = replace(side.sample, answers=side.sample.answers.assign(**{_SIDE: column}), design=made.design)
    return made.with_design(balance(shown, waves[1], list(side.alike), group=_SIDE).design)


def _failure(sample: Sample, side: _Side, waves: tuple[str, str]) -> str:
    """Say why a domain can't be balanced, without counts of respondents."""
    if not side.alike:
        return _NO_VARIATION
    guilty: list[str] = []
    for name in side.alike:
        try:
            _take(sample, replace(side, alike=(name,)), waves)
        except WeightingError:
            guilty.append(name)
    named = ", ".join(guilty or side.alike)
    return f"cannot balance on {named}: no weights make {waves[0]} look like {waves[1]} in it"


def _side(sample: Sample, sides: tuple[BoolArray, BoolArray], alike: Sequence[str], collapse: int) -> tuple[_Side, str]:
    """Merge categories that one wave of a domain hardly has, and leave out variables that do not vary in it."""
    merged, kept = dict[str, pd.Series](), list[str]()
    anyone = sides[0] | sides[1]
    for name in alike:
        column = column_of(sample, name)
        if _is_number(column):
            kept.append(name)
            continue
        codes, names = categories_of(sample, name)
        group = _groups(codes, len(names), sides, collapse)
        if len(set(group[codes[anyone & (codes >= 0)]].tolist())) > 1:
            kept.append(name)
        if len(set(group.tolist())) < len(names):
            places, levels = _merged(codes, names, group)
            column = pd.Categorical.from_codes(places, categories=pd.Index(levels))
            merged[name] = pd.Series(column, index=sample.answers.index)
    if not merged:
        return _Side(sample, sides[0], sides[1], tuple(kept)), ""
    remark = f"categories of {', '.join(merged)} were merged to balance"
    return _Side(replace(sample, answers=sample.answers.assign(**merged)), sides[0], sides[1], tuple(kept)), remark


def _merged(codes: IntArray, names: Sequence[str], group: IntArray) -> tuple[IntArray, list[str]]:
    """Merge the categories of a group, in the order of the alphabet; those that nobody has are left out."""
    texts = [" or ".join(name for name, own in zip(names, group, strict=True) if own == code) for code in group]
    used: list[int] = np.unique(codes[codes >= 0]).tolist()
    present = sorted({texts[code] for code in used})
    place = {text: at for at, text in enumerate(present)}
    places = np.array([*(place.get(text, -1) for text in texts), -1], dtype=np.intp)
    return places[codes], present


def _groups(codes: IntArray, size: int, sides: tuple[BoolArray, BoolArray], smallest: int) -> IntArray:
    """Group of each category, neighbours merged until both waves have enough respondents in each; shape (size,)."""
    counts = np.array([np.bincount(codes[side & (codes >= 0)], minlength=size) for side in sides], dtype=np.intp)
    bins = [[code] for code in range(size) if counts[:, code].sum() > 0]
    while smallest > 0 and len(bins) > 1:
        least = [int(counts[:, one].sum(axis=1).min()) for one in bins]
        small = int(np.argmin(least))
        if least[small] >= smallest:
            break
        near = [place for place in (small - 1, small + 1) if 0 <= place < len(bins)]
        other = min(near, key=lambda place: least[place])
        low, high = sorted((small, other))
        bins[low : high + 1] = [bins[low] + bins[high]]
    group = np.arange(size, dtype=np.intp)
    for one in bins:
        group[one] = one[0]
    return group


def _is_number(column: pd.Series) -> bool:
    """Whether a variable is balanced by its mean."""
    return bool(pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype))


def _with_target(
    levels: Estimate, made: Sample, sides: dict[Key, _Side], question: tuple[str, Sequence[str], Sequence[str], str]
) -> Estimate:
    """Add what each earlier respondent does to the target that the later level was balanced to."""
    variable, answers, names, later = question
    codes, categories = categories_of(made, variable)
    counted = np.isin(codes, [categories.index(answer) for answer in answers]).astype(float)
    influence, reached = levels.influence.copy(), levels.reached.copy()
    design = made.design
    for place, row in enumerate(levels.named.keys(["wave", *names])):
        side = sides.get(tuple(row[1:]))
        if side is None or row[0] != later:
            continue
        answered = side.later & (codes >= 0)
        weight = np.where(answered, design.weight, 0.0)
        residual = np.where(answered, counted - levels.value[place], 0.0) / weight.sum()
        effect = _target_effect(side, design.weight, residual)
        through = (side.sample.design.weight * effect)[:, None]
        influence[:, [place]] += sum_rows(through, design.psu, design.psu_count)
        reached[:, place] |= np.bincount(design.psu[side.earlier], minlength=design.psu_count) > 0
    return replace(levels, influence=influence, reached=reached)


def _target_effect(side: _Side, balanced: FloatArray, linearised: FloatArray) -> FloatArray:
    """Effect of a unit of weight of each earlier respondent through the target, shape (n,)."""
    before = side.sample.design.weight
    columns = [column for name in side.alike for column in _auxiliaries(side, name)]
    known = np.column_stack([column[1] for column in columns]).astype(float)
    values = np.column_stack([column[0] for column in columns]) * known
    mass = (before[side.earlier, None] * known[side.earlier]).sum(axis=0)
    mean = (before[side.earlier, None] * values[side.earlier]).sum(axis=0) / mass
    centred = (values - mean) * known
    later = np.column_stack([np.ones(int(side.later.sum())), centred[side.later]])
    weighted = later * before[side.later, None]
    inverse = np.linalg.pinv(weighted.T @ later, rcond=1e-11, hermitian=True)
    slope = (inverse @ (weighted.T @ linearised[side.later]))[1:]
    scale = (balanced[side.later, None] * known[side.later]).sum(axis=0) / mass
    effect = centred @ (slope * scale)
    return np.where(side.earlier, effect, 0.0)


def _auxiliaries(side: _Side, name: str) -> list[tuple[FloatArray, BoolArray]]:
    """Numbers that stand for a variable, and who answered it: itself, or an indicator per category but the last."""
    column = column_of(side.sample, name)
    if _is_number(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        return [(np.nan_to_num(values), ~np.isnan(values))]
    codes, names = categories_of(side.sample, name)
    present = [code for code in range(len(names)) if (codes[side.earlier | side.later] == code).any()]
    return [((codes == code).astype(float), codes >= 0) for code in present[:-1]]
