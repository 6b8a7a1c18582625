"""What weighting did: every margin before and after, and every step in numbers and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from lpact_eval.frames import Record
    from lpact_eval.sample import Sample

MARGIN_COLUMNS: Final = (
    "step",
    "within",
    "group",
    "variable",
    "category",
    "target",
    "before",
    "after",
    "difference",
)
STEP_COLUMNS: Final = ("step", "distance", "within", "low", "high", "iterations", "trimmed", "notes")


def margin_report(sample: Sample) -> pd.DataFrame:
    """Tabulate every margin that calibration steps met, before and after.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    DataFrame
        step (1 is the first), within and group (empty where all were weighted together), variable, category (empty
        for a number); target, before, after: shares in 0-1 of the margin's total among those with an answer, and for
        numbers the totals themselves; difference: before - target, how far the respondents were from the population.
        No rows for a sample whose weights were not made here.

    References
    ----------
    Deville & Särndal (1992), *JASA* 87, 376-382.
    """
    frame = pd.DataFrame(margin_records(sample), columns=list(MARGIN_COLUMNS))
    return frame.astype({"step": int, **dict.fromkeys(MARGIN_COLUMNS[5:], float)})


def margin_records(sample: Sample) -> list[Record]:
    """List the rows of `margin_report`."""
    rows: list[Record] = []
    for number, step in enumerate(sample.design.calibration, start=1):
        totals: dict[tuple[str, str], float] = {}
        for met in step.met:
            totals[met.group, met.variable] = totals.get((met.group, met.variable), 0.0) + met.target
        for met in step.met:
            unit = totals[met.group, met.variable] if met.category else 1.0
            target, before, after = (value / unit if unit else np.nan for value in (met.target, met.before, met.after))
            numbers = {"target": target, "before": before, "after": after, "difference": before - target}
            named = {"group": met.group, "variable": met.variable, "category": met.category}
            rows.append({"step": number, "within": step.within, **named, **numbers})
    return rows


def weight_steps(sample: Sample) -> pd.DataFrame:
    """Tabulate the calibration steps of a sample's weights.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    DataFrame
        step (1 is the first), distance ("raking", "linear", "logit", "trim"; empty where it is not known), within,
        low and high (bounds of the ratio of new to old weight, for "trim" multiples of the mean weight; missing
        without), iterations, trimmed (share of the total weight that trimming moved), notes (what was merged or not
        used, by name).
    """
    frame = pd.DataFrame(step_records(sample), columns=list(STEP_COLUMNS))
    return frame.astype({"step": int, "iterations": int, **dict.fromkeys(("low", "high", "trimmed"), float)})


def step_records(sample: Sample) -> list[Record]:
    """List the rows of `weight_steps`."""
    return [
        {
            "step": number,
            "distance": step.distance,
            "within": step.within,
            "low": step.bounds[0] if step.bounds else np.nan,
            "high": step.bounds[1] if step.bounds else np.nan,
            "iterations": step.iterations,
            "trimmed": step.trimmed,
            "notes": step.note,
        }
        for number, step in enumerate(sample.design.calibration, start=1)
    ]
