"""Weights that somebody else calibrated: say to which margins, so that variances credit it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WeightingError
from lpact_eval.sample import coded
from lpact_eval.waves.population import Margin
from lpact_eval.weighting.rake import rake
from lpact_eval.weighting.step import with_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import IntArray, Sample


def declare_raked(sample: Sample, variables: str | Sequence[str], *, within: str | None = None) -> Sample:
    """Declare that the weights a file came with meet known margins of the given variables.

    Parameters
    ----------
    sample : Sample
        n respondents with the weights as delivered.
    variables : str or sequence of str
        Variables whose margins the weights meet.
    within : str, optional
        Variable inside whose categories the margins are met.

    Returns
    -------
    Sample
        Same weights, one more calibration step: a declared margin has variance 0, and what it explains of an answer
        no longer counts as uncertain. The weights before the step are not known; the delivered ones stand in.
        Replicate weights that the sample has are made to meet the same margins.

    Raises
    ------
    WeightingError
        If a variable is not in the sample.

    References
    ----------
    Deville & Särndal (1992), *JASA* 87, 376-382, sec. 3: residuals under calibrated and under starting weights lead
    to the same variance in large samples.
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    for name in [*names, *([within] if within else [])]:
        if name not in sample.answers.columns:
            msg = f"Cannot declare {name!r} raked: the sample has {sorted(map(str, sample.answers.columns))}."
            raise WeightingError(msg)
    margins = [_margin(sample, name, within) for name in names]
    bare = sample.with_design(replace(sample.design, replicates=None))
    step = rake(bare, margins, within=within).design.calibration[-1]
    step = replace(step, note=f"declared as raked to {', '.join(names)}")
    return with_step(sample, sample.design.weight, step)


def _margin(sample: Sample, name: str, within: str | None) -> Margin:
    """Weighted totals as they are, by category, or by group and category."""
    codes, categories = coded(sample.answers[name])
    if within is None:
        return Margin(name, dict(zip(categories, _totals(sample, codes, len(categories)), strict=True)))
    groups, group_names = coded(sample.answers[within])
    width = len(categories)
    joined = np.where((codes < 0) | (groups < 0), -1, groups * width + codes)
    sums = _totals(sample, joined, width * len(group_names))
    keys = [(group, category) for group in group_names for category in categories]
    return Margin((within, name), dict(zip(keys, sums, strict=True)))


def _totals(sample: Sample, codes: IntArray, size: int) -> list[float]:
    """Add up weights by code; respondents without an answer are left out."""
    known = codes >= 0
    return [float(total) for total in np.bincount(codes[known], sample.design.weight[known], minlength=size)]
