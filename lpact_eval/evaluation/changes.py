"""Rows of a run about changes: the three rows of each, what composition did to them, and what selection could do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.comparison.composition import decompose_change
from lpact_eval.comparison.rows import ROWS, calibrated_on, starting_sample
from lpact_eval.comparison.selection import HOW, reached_tipping
from lpact_eval.comparison.tipping import participation_tipping
from lpact_eval.comparison.waves import wave_change
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import why_incomparable
from lpact_eval.evaluation.rows import (
    ALL,
    answers_of,
    breakdowns,
    finished,
    frame_of,
    numbers_of,
    refused_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.tipping import Tipping
    from lpact_eval.comparison.waves import WaveChange
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.rows import Prepared, Row
    from lpact_eval.sample import Sample

COMPOSITION_COLUMNS: Final = (
    *("indicator", "title", "wave", "by", "group", "along", "along_title", "part"),
    *("estimate", "std_error", "conf_low", "conf_high", "refused"),
)
TIPPING_COLUMNS: Final = (
    *("kind", "answer", "minus", "level", "change", "change_end", "first", "second", "tipping", "tipping_end"),
    *("observed", "observed_low", "observed_high", "n_least", "refused"),
)
SELECTION_COLUMNS: Final = ("indicator", "title", "wave", "by", "group", *TIPPING_COLUMNS)


def change_rows(prepared: Prepared, plan: EvaluationPlan, indicator: Indicator, *, beside: bool = True) -> list[Row]:
    """Change from the first to the last wave, for everybody and for each group, each in its three rows.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan
        For the margin of equivalence, the don't knows that count as moved, and the categories to merge.
    indicator : Indicator
    beside : bool, default True
        Whether to work out the two rows beside the headline.

    Returns
    -------
    list of Row
        For every group the headline row first ("main"), then the others, which are in no family of tests.
    """
    first, last = prepared.waves[0], prepared.waves[-1]
    rows: list[Row] = []
    for by, kind, sample in breakdowns(prepared, indicator, (prepared.overall, prepared.within)):
        frame = frame_of(sample, indicator, "change", wave=f"{last} - {first}", by=by, kind=kind)
        reason = why_incomparable(sample, indicator.variable, (last, first))
        if reason:
            rows += refused_rows(sample, indicator, frame, reason)
            continue
        try:
            change = wave_change(
                sample,
                indicator.variable,
                answers_of(sample, indicator),
                level=last,
                minus=first,
                by=by,
                collapse=plan.weights.collapse,
                equivalence=plan.margin,
                dont_know_moved=plan.dont_know_moved,
                beside=beside,
            )
        except (EstimationError, WrongUseError) as error:
            rows += refused_rows(sample, indicator, frame, str(error))
            continue
        moved = prepared.moved(by[0] if by else "")
        rows += [finished(indicator, row) for row in _changes_of(change, frame, by, moved)]
    return rows


def composition_frame(prepared: Prepared, plan: EvaluationPlan) -> pd.DataFrame:
    """Part the plan's first changes into what answers did and what the make-up of respondents did.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan

    Returns
    -------
    DataFrame
        indicator, title, wave, by, group, along (variable of the make-up), along_title, part ("rate", "composition",
        "total"), estimate, std_error, conf_low, conf_high, refused: for every primary change, and the change among all
        respondents beside it, under the weights before any calibration.
    """
    found: list[dict[str, object]] = []
    for indicator, by, sample in _first_changes(prepared, plan):
        start = starting_sample(sample) if sample.design.replicates is None else sample
        start = _only_groups(start, by, indicator.groups)
        for along in calibrated_on(sample):
            if along not in by:
                found += _composition_of(start, indicator, prepared.waves, by=by, along=along)
    frame = pd.DataFrame(found, columns=list(COMPOSITION_COLUMNS))
    return frame.astype(dict.fromkeys(("estimate", "std_error", "conf_low", "conf_high"), float))


def selection_frame(prepared: Prepared, plan: EvaluationPlan, rows: Sequence[Row]) -> pd.DataFrame:
    """Say for the plan's first changes what selection would have to be like to explain them.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan
    rows : sequence of Row
        The run's rows.

    Returns
    -------
    DataFrame
        indicator, title, wave, by, group, and the fields of `comparison.selection.Tipping`: one row for taking part,
        one for each variable that says how respondents were reached. Nothing for a change that was refused.
    """
    found: list[dict[str, object]] = []
    for indicator, by, sample in _first_changes(prepared, plan):
        for row in rows:
            mine = (row["indicator"], row["by"], row["measure"]) == (indicator.id, by[0] if by else "", "change")
            if mine and row["main"] and not row["refused"] and (not by or row["role"] == "primary"):
                named = {name: row[name] for name in ("indicator", "title", "wave", "by", "group")}
                found += [
                    {**named, **{name: getattr(one, name) for name in TIPPING_COLUMNS}}
                    for one in _tippings(sample, indicator, row, rows)
                ]
    return pd.DataFrame(found, columns=list(SELECTION_COLUMNS))


def _changes_of(change: WaveChange, frame: Row, by: list[str], moved: Mapping[str, str]) -> list[Row]:
    """Rows of one change, the headline row of each group first."""
    made: list[Row] = []
    for position, record in enumerate(change.estimate.to_records()):
        numbers = numbers_of(record, by)
        group = str(numbers["group"])
        flags = (change.flags[position], moved.get(group if by else "", ""))
        made.append(
            {
                **frame,
                **numbers,
                "row": record["row"],
                "main": record["row"] == change.headline,
                "p_value": float(change.tests["p_value"][position]),
                "equivalent": str(change.tests["equivalent"][position]),
                "n_first": int(change.counts["n_first"][position]),
                "n_second": int(change.counts["n_second"][position]),
                "detectable": float(change.detectable[position]),
                "comparable": change.comparable,
                "flags": "; ".join(flag for flag in flags if flag),
            }
        )
    groups = list(dict.fromkeys(str(row["group"]) for row in made))
    return sorted(made, key=lambda row: (groups.index(str(row["group"])), not row["main"], ROWS.index(str(row["row"]))))


def _first_changes(prepared: Prepared, plan: EvaluationPlan) -> list[tuple[Indicator, list[str], Sample]]:
    """Breakdowns of the plan's primary changes."""
    return [
        (indicator, by, sample)
        for indicator in plan.indicators
        if indicator.role == "primary" and "change" in indicator.analyses
        for by, _, sample in breakdowns(prepared, indicator, (prepared.overall, prepared.within))
    ]


def _only_groups(sample: Sample, by: Sequence[str], groups: Sequence[str]) -> Sample:
    """Leave the other groups without a group, so that nothing is worked out for them; the design stays whole."""
    if not by or not groups:
        return sample
    kept = sample.answers[by[0]].where(sample.answers[by[0]].isin(groups))
    return replace(sample, answers=sample.answers.assign(**{by[0]: kept}))


def _composition_of(
    sample: Sample, indicator: Indicator, waves: Sequence[str], *, by: list[str], along: str
) -> list[dict[str, object]]:
    """Part one change along one variable."""
    first, last = waves[0], waves[-1]
    known = sample.codebook.get(along)
    named = {
        "indicator": indicator.id,
        "title": indicator.title,
        "wave": f"{last} - {first}",
        "by": by[0] if by else "",
        "along": along,
        "along_title": known.title if known else along,
    }
    wanted = set(indicator.groups) if by and indicator.groups else None
    try:
        answers = answers_of(sample, indicator)
        parts = decompose_change(sample, indicator.variable, answers, group=along, level=last, minus=first, by=by)
    except (EstimationError, WrongUseError) as error:
        groups = sorted(wanted) if wanted else [ALL]
        return [{**named, "group": group, "part": "total", "refused": str(error)} for group in groups]
    rows = [{**named, **record, "group": record[by[0]] if by else ALL} for record in parts.to_records()]
    return [
        {name: row[name] for name in COMPOSITION_COLUMNS} for row in rows if wanted is None or row["group"] in wanted
    ]


def _tippings(sample: Sample, indicator: Indicator, row: Row, rows: Sequence[Row]) -> list[Tipping]:
    """Work out every tipping point of one change."""
    level, minus = str(row["wave"]).split(" - ")
    answers = answers_of(sample, indicator)
    where = {str(row["by"]): str(row["group"])} if row["by"] else {}
    change = float(str(row["estimate"]))
    interval = (float(str(row["conf_low"])), float(str(row["conf_high"])))
    found: list[Tipping] = []
    before = _level_before(rows, row, minus)
    if before is not None:
        found.append(
            participation_tipping(minus=minus, level=level, shares=(before, before + change), interval=interval)
        )
    for how in HOW:
        if how in sample.answers.columns:
            found.append(  # noqa: PERF401 - one call with many arguments
                reached_tipping(
                    sample,
                    indicator.variable,
                    answers,
                    how=how,
                    level=level,
                    minus=minus,
                    interval=interval,
                    change=change,
                    where=where,
                )
            )
    return found


def _level_before(rows: Sequence[Row], change: Row, wave: str) -> float | None:
    """Find the share that a change starts from."""
    same = ("indicator", "by", "group", "weights")
    for row in rows:
        if row["measure"] == "level" and row["wave"] == wave and all(row[name] == change[name] for name in same):
            return float(str(row["estimate"]))
    return None
