"""Rows of a run: each estimate with its interval, test, bases, flags and refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.attendance import attendance_gap
from lpact_eval.comparison.waves import wave_change, why_incomparable
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.multiplicity import adjust
from lpact_eval.estimation.statistics import proportion
from lpact_eval.evaluation.columns import ROW_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lpact_eval.comparison.attendance import AttendanceGap
    from lpact_eval.comparison.waves import WaveChange
    from lpact_eval.evaluation.plan import AttendancePlan, Indicator
    from lpact_eval.sample import Sample

Row = dict[str, object]

ALL: Final = "All respondents"
_NUMBERS: Final = ("estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_effective", "design_effect")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Weighted waves.

    Attributes
    ----------
    overall, within : Sample
        All waves stacked, weighted for all residents and inside each group.
    by_wave : mapping of wave to two Sample
        The same, wave by wave.
    kinds : tuple of two str
        Names of the two kinds of weights.
    waves : tuple of str
        In order of time.
    """

    overall: Sample
    within: Sample
    by_wave: Mapping[str, tuple[Sample, Sample]]
    kinds: tuple[str, str]
    waves: tuple[str, ...]


def level_rows(prepared: Prepared, indicator: Indicator) -> list[Row]:
    """Shares by wave, for everybody and for each group."""
    rows: list[Row] = []
    for wave in prepared.waves:
        for by, kind, sample in _breakdowns(prepared, indicator, prepared.by_wave[wave]):
            rows += _levels_of(sample, indicator, wave, by=by, kind=kind)
    return rows


def change_rows(prepared: Prepared, indicator: Indicator) -> list[Row]:
    """Change from the first to the last wave, for everybody and for each group."""
    first, last = prepared.waves[0], prepared.waves[-1]
    rows: list[Row] = []
    for by, kind, sample in _breakdowns(prepared, indicator, (prepared.overall, prepared.within)):
        frame = _frame(sample, indicator, "change", wave=f"{last} - {first}", by=by, kind=kind)
        reason = why_incomparable(sample, indicator.variable, (last, first))
        if reason:
            rows += _refused(sample, indicator, frame, reason)
            continue
        try:
            change = wave_change(
                sample, indicator.variable, _answers(sample, indicator), level=last, minus=first, by=by
            )
        except (EstimationError, WrongUseError) as error:
            rows += _refused(sample, indicator, frame, str(error))
            continue
        rows += [_finish(indicator, row) for row in _changes_of(change, frame, by)]
    return rows


def gap_rows(prepared: Prepared, indicator: Indicator, attendance: AttendancePlan | None) -> list[Row]:
    """Attendees minus comparable others, for everybody and for each group."""
    wave = attendance.wave if attendance else prepared.waves[-1]
    rows: list[Row] = []
    for by, kind, sample in _breakdowns(prepared, indicator, prepared.by_wave[wave]):
        frame = _frame(sample, indicator, "gap", wave=wave, by=by, kind=kind)
        if attendance is None:
            rows += _refused(sample, indicator, frame, "the plan has no [attendance]")
            continue
        try:
            gap = attendance_gap(
                sample,
                indicator.variable,
                _answers(sample, indicator),
                attended=attendance.attended,
                adjust=attendance.adjust,
                by=by,
            )
        except (EstimationError, WrongUseError) as error:
            rows += _refused(sample, indicator, frame, str(error))
            continue
        rows += [_finish(indicator, row) for row in _gaps_of(gap, frame, by)]
    return rows


def adjusted(rows: pd.DataFrame) -> pd.DataFrame:
    """Adjust p values: Holm in the primary family, Benjamini-Hochberg among the exploratory rows of each measure."""
    result = rows.copy()
    p_value, found = result["p_value"].to_numpy(dtype=float), np.full(len(result), np.nan)
    primary = (result["role"] == "primary").to_numpy()
    found[primary] = adjust(p_value[primary], method="holm")
    for measure in dict.fromkeys(result["measure"]):
        rest = ~primary & (result["measure"] == measure).to_numpy()
        found[rest] = adjust(p_value[rest], method="BH")
    result["p_adjusted"] = found
    return result


def _breakdowns(
    prepared: Prepared, indicator: Indicator, samples: tuple[Sample, Sample]
) -> list[tuple[list[str], str, Sample]]:
    """Everybody under the weights for all residents, then each group under its own."""
    everybody: tuple[list[str], str, Sample] = ([], prepared.kinds[0], samples[0])
    return [everybody, ([indicator.by], prepared.kinds[1], samples[1])] if indicator.by else [everybody]


def _answers(sample: Sample, indicator: Indicator) -> list[str]:
    """Answers of the plan, else the schema's favourable ones."""
    return list(indicator.answers or sample.codebook[indicator.variable].positive)


def _frame(sample: Sample, indicator: Indicator, measure: str, *, wave: str, by: Sequence[str], kind: str) -> Row:
    """Make what all rows of one analysis share."""
    empty: Row = dict.fromkeys(ROW_COLUMNS, np.nan)
    return empty | {
        "indicator": indicator.id,
        "outcome": indicator.outcome,
        "role": "exploratory",
        "measure": measure,
        "variable": indicator.variable,
        "title": indicator.title,
        "answer": " or ".join(_answers(sample, indicator)),
        "wave": wave,
        "by": by[0] if by else "",
        "group": ALL,
        "weights": kind,
        "comparable": "full",
        "flags": "",
        "refused": "",
    }


def _finish(indicator: Indicator, row: Row) -> Row:
    """Mark a change as primary where the plan pre-declared it."""
    declared = not indicator.groups or row["group"] in indicator.groups
    primary = indicator.role == "primary" and declared and row["measure"] == "change"
    return {**row, "role": "primary" if primary else "exploratory"}


def _refused(sample: Sample, indicator: Indicator, frame: Row, reason: str) -> list[Row]:
    """Say for every group that there would have been why there is no number."""
    by = str(frame["by"])
    groups = sample.codebook[by].answers if by else (ALL,)
    return [_finish(indicator, {**frame, "group": group, "refused": reason}) for group in groups]


def _levels_of(sample: Sample, indicator: Indicator, wave: str, *, by: list[str], kind: str) -> list[Row]:
    """Shares in one wave."""
    frame = _frame(sample, indicator, "level", wave=wave, by=by, kind=kind)
    known = sample.codebook[indicator.variable]
    frame["comparable"] = known.comparable.get(wave, "full")
    if frame["comparable"] == "not asked":
        return _refused(sample, indicator, frame, f"not asked in {wave}")
    table = proportion(sample, indicator.variable, _answers(sample, indicator), by=by).to_frame()
    return [_finish(indicator, {**frame, **_numbers(record, by)}) for record in _records(table)]


def _records(table: pd.DataFrame) -> list[Row]:
    """Turn a table into rows."""
    return [{str(column): value for column, value in record.items()} for record in table.to_dict("records")]


def _numbers(record: Mapping[str, object], by: Sequence[str]) -> Row:
    """Numbers and group of one estimate."""
    found: Row = {name: record[name] for name in _NUMBERS}
    return found | {"refused": record["refused"], "group": record[by[0]] if by else ALL}


def _changes_of(change: WaveChange, frame: Row, by: list[str]) -> list[Row]:
    """Rows of one change."""
    rows: list[Row] = []
    for position, record in enumerate(_records(change.estimate.to_frame())):
        bases = change.bases.iloc[position]
        rows.append(
            {
                **frame,
                **_numbers(record, by),
                "p_value": float(change.test["p_value"].iloc[position]),
                "n_first": int(bases["n_first"]),
                "n_second": int(bases["n_second"]),
                "detectable": float(change.detectable[position]),
                "comparable": change.comparable,
                "flags": change.flags[position],
            }
        )
    return rows


def _gaps_of(gap: AttendanceGap, frame: Row, by: list[str]) -> list[Row]:
    """Rows of one comparison of attendees with others; with groups, the overall row stands apart and is left out."""
    names = [str(name) for name in gap.estimate.labels[by[0]]] if by else [ALL]
    bases = {name: (first, second) for name, first, second in zip(names, *_arm_sizes(gap), strict=True)}
    rows: list[Row] = []
    for position, (name, record) in enumerate(zip(names, _records(gap.estimate.to_frame()), strict=True)):
        if by and name == ALL:
            continue
        sides = [name] if " - " not in name else name.split(" - ")
        rows.append(
            {
                **frame,
                **_numbers(record, []),
                "group": name,
                "measure": "gap difference" if len(sides) > 1 else "gap",
                "p_value": float(gap.test["p_value"].iloc[position]),
                "n_first": min(bases[side][0] for side in sides),
                "n_second": min(bases[side][1] for side in sides),
                "flags": gap.flags[position],
                "refused": gap.refused[position],
            }
        )
    return rows


def _arm_sizes(gap: AttendanceGap) -> tuple[list[float], list[float]]:
    """Respondents who attended and who did not, row by row."""
    return gap.bases["n_first"].astype(float).tolist(), gap.bases["n_second"].astype(float).tolist()
