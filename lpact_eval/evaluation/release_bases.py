"""Bases of every row that a plan's release would carry, counted without working out any estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.sample import Sample

BASE_COLUMNS: Final = ("measure", "variable", "wave", "by", "group", "n", "n_first", "n_second")
ALL: Final = "All respondents"

Record = dict[str, object]
Counts = dict[str, int]


def release_bases(plan: EvaluationPlan, samples: Mapping[str, Sample], also: Sequence[Indicator] = ()) -> pd.DataFrame:
    """Count the respondents behind every level, change and attendance gap of a plan, and behind its weights.

    Parameters
    ----------
    plan : EvaluationPlan
    samples : mapping of wave to Sample
        The plan's waves, weighted or not.
    also : sequence of Indicator, optional
        What a reader may have seen besides.

    Returns
    -------
    DataFrame
        measure ("weights" for a group of the weight report), variable, wave, by, group, n, n_first, n_second.
    """
    waves = {wave: samples[wave] for wave in plan.waves}
    records = [record for indicator in (*plan.indicators, *also) for record in _of(indicator, plan, waves)]
    records += list(_weights(plan, waves))
    frame = pd.DataFrame(records, columns=list(BASE_COLUMNS)).drop_duplicates(ignore_index=True)
    return frame.astype(dict.fromkeys(("n", "n_first", "n_second"), float))


def _of(indicator: Indicator, plan: EvaluationPlan, waves: Mapping[str, Sample]) -> Iterator[Record]:
    """Count for one indicator."""
    for by in dict.fromkeys(("", indicator.by)):
        levels = {wave: _counts(sample, indicator.variable, by) for wave, sample in waves.items()}
        if {"change", "level"} & set(indicator.analyses):
            for wave, counts in levels.items():
                yield from (_record("level", indicator.variable, wave, by, group, n=n) for group, n in counts.items())
        if "change" in indicator.analyses and len(waves) > 1:
            yield from _changes(indicator.variable, by, levels)
        if "gap" in indicator.analyses and plan.attendance is not None:
            yield from _gaps(indicator.variable, by, plan, waves[plan.attendance.wave])


def _changes(variable: str, by: str, levels: Mapping[str, Counts]) -> Iterator[Record]:
    """Count both waves of a change."""
    first, *_, last = levels
    for group in levels[last] | levels[first]:
        before, after = levels[first].get(group, 0), levels[last].get(group, 0)
        yield _record(
            "change", variable, f"{last} - {first}", by, group, n=before + after, n_first=before, n_second=after
        )


def _gaps(variable: str, by: str, plan: EvaluationPlan, sample: Sample) -> Iterator[Record]:
    """Count attendees and others who answered everything that the comparison uses."""
    attendance = plan.attendance
    if attendance is None:
        return
    used = [variable, attendance.attended, *attendance.adjust, *([by] if by else [])]
    if any(name not in sample.answers.columns for name in used):
        return
    complete = sample.answers[list(dict.fromkeys(used))].dropna()
    groups = complete[by].astype(str) if by else pd.Series(ALL, index=complete.index)
    sides = [groups[(complete[attendance.attended].astype(str) == side)].value_counts() for side in ("yes", "no")]
    for group in dict.fromkeys(groups):
        yes, no = (int(side.get(group, 0)) for side in sides)
        yield _record("gap", variable, attendance.wave, by, group, n=yes + no, n_first=yes, n_second=no)


def _weights(plan: EvaluationPlan, waves: Mapping[str, Sample]) -> Iterator[Record]:
    """Count the respondents of the weight report."""
    within = plan.weights.within
    for wave, sample in waves.items():
        yield _record("weights", "", wave, "", ALL, n=len(sample))
        if within:
            found = sample.answers[within].astype("string").value_counts()
            yield from (_record("weights", "", wave, within, str(group), n=int(n)) for group, n in found.items())


def _counts(sample: Sample, variable: str, by: str) -> Counts:
    """Count answers to a question by group; every listed group of one that was not asked has none."""
    listed = sample.codebook[by].answers if by else (ALL,)
    if variable not in sample.answers.columns:
        return dict.fromkeys(listed, 0)
    answered = sample.answers[variable].notna()
    if not by:
        return {ALL: int(answered.sum())}
    found = sample.answers.loc[answered, by].astype("string").value_counts()
    return {group: int(found.get(group, 0)) for group in listed}


def _record(measure: str, variable: str, wave: str, by: str, group: str, **bases: int) -> Record:  # noqa: PLR0917 - a place and its bases
    """Write one row."""
    place = {"measure": measure, "variable": variable, "wave": wave, "by": by, "group": group}
    return {**place, "n": None, "n_first": None, "n_second": None, **bases}
