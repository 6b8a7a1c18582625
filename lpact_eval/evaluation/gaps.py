"""Rows of a run about attendance: attendees against others by several methods, and what each comparison rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import METHOD_NAMES
from lpact_eval.comparison.attendance import attendance_gaps
from lpact_eval.comparison.doses import MORE, ONE, events_of
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.evaluation.doses import DOSE_COLUMNS, dose_rows
from lpact_eval.evaluation.families import adjusted
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
    from collections.abc import Iterator, Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.attendance import AttendanceGap
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import AttendancePlan, Indicator
    from lpact_eval.evaluation.rows import Prepared, Row
    from lpact_eval.frames import Values
    from lpact_eval.sample import FloatArray, Sample

    Table = Mapping[str, list[object]]

RAW: Final = "not adjusted"
RAW_FLAG: Final = "not adjusted for anything"
_PLACE: Final = ("indicator", "wave", "by", "group")
_SAID: Final = ("indicator", "wave", "by", "method")  # of a comparison, and so of every row of its tables
BALANCE_COLUMNS: Final = (*_PLACE, "method", "covariate", "answer", "smd_before", "smd_after", "n_least")
OVERLAP_COLUMNS: Final = (*_PLACE, "arm", "low", "high", "share", "n")
STRENGTH_COLUMNS: Final = (
    *(*_PLACE, "method", "measure"),
    *("covariate", "times", "value", "reading", "approximate"),
)
ARM_COLUMNS: Final = ("indicator", "variable", "wave", "by", "group", "arm", "n", "share")


@dataclass(frozen=True, slots=True, eq=False)
class GapFindings:
    """What comparisons of attendees with others found, filled one question after the other.

    Attributes
    ----------
    balance, overlap, strength : list of tables
        Of each the columns.
    arms, doses : list of Row
    """

    balance: list[Table] = field(default_factory=list["Table"])
    overlap: list[Table] = field(default_factory=list["Table"])
    strength: list[Table] = field(default_factory=list["Table"])
    arms: list[Row] = field(default_factory=list["Row"])
    doses: list[Row] = field(default_factory=list["Row"])

    def frames(self) -> dict[str, pd.DataFrame]:
        """Lay everything out by the names that `run.Results` has for it."""
        return {
            "balance": _joined(self.balance, BALANCE_COLUMNS),
            "overlap": _joined(self.overlap, OVERLAP_COLUMNS),
            "strength": _joined(self.strength, STRENGTH_COLUMNS),
            "arms": pd.DataFrame(self.arms, columns=list(ARM_COLUMNS)),
            "dose": adjusted(pd.DataFrame(self.doses, columns=list(DOSE_COLUMNS))),
        }


def gap_rows(prepared: Prepared, plan: EvaluationPlan, indicator: Indicator, found: GapFindings) -> list[Row]:
    """Attendees minus comparable others, for everybody and for each group.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan
    indicator : Indicator
        Beside the first method's row a primary one has those of the plan's other methods, and one that is not adjusted.
    found : GapFindings
        What the comparisons rest on is added to it.

    Returns
    -------
    list of Row
        For every group the first method's row ("main"), then the others, which are in no family of tests.
    """
    attendance = plan.attendance
    wave = attendance.wave if attendance else prepared.waves[-1]
    first = indicator.role == "primary"
    rows: list[Row] = []
    for by, kind, sample in breakdowns(prepared, indicator, prepared.by_wave[wave]):
        frame = frame_of(sample, indicator, "gap", wave=wave, by=by, kind=kind)
        if attendance is None:
            rows += refused_rows(sample, indicator, frame, "the plan has no [attendance]")
            continue
        methods = attendance.methods if first else attendance.methods[:1]
        try:
            gaps = _gaps(sample, indicator, attendance, by=by, methods=methods, seed=plan.seed)
        except (EstimationError, WrongUseError) as error:
            rows += refused_rows(sample, indicator, frame, str(error))
            continue
        rows += [finished(indicator, row) for row in _rows_of(gaps, frame, by, beside=first)]
        _arms_into(found, gaps[0], frame, attendance)
        if first:
            _beside_into(found, gaps, frame)
            found.doses.extend(dose_rows(sample, indicator, attendance, frame, by=by) if attendance.dose else [])
    return rows


def _gaps(
    sample: Sample,
    indicator: Indicator,
    attendance: AttendancePlan,
    *,
    by: list[str],
    methods: Sequence[str],
    seed: int | None,
) -> tuple[AttendanceGap, ...]:
    """Compare by several methods at once."""
    return attendance_gaps(
        sample,
        indicator.variable,
        answers_of(sample, indicator),
        attended=attendance.attended,
        adjust=attendance.adjust,
        by=by,
        methods=methods,
        seed=seed,
    ).gaps


def _rows_of(gaps: Sequence[AttendanceGap], frame: Row, by: list[str], *, beside: bool) -> Iterator[Row]:
    """Rows of one comparison; with groups, the overall row stands apart and is left out."""
    main = gaps[0]
    names = main.estimate.named.texts(by[0]) if by else [ALL]
    bases = dict(zip(names, main.arm_sizes, strict=True))
    tables = [_numbers(gap.estimate, gap.detectable, gap.flags) for gap in gaps]
    raw = _numbers(main.raw, np.full(len(names), np.nan), (RAW_FLAG,) * len(names)) if beside else []
    for position, name in enumerate(names):
        if by and name == ALL:
            continue
        sides = [name] if " - " not in name else name.split(" - ")
        place: Row = {
            **frame,
            "group": name,
            "measure": "gap difference" if len(sides) > 1 else "gap",
            "n_first": min(bases[side][0] for side in sides),
            "n_second": min(bases[side][1] for side in sides),
        }
        yield {**place, **tables[0][position], "p_value": float(main.p_value[position])}
        if beside:
            yield {**place, **raw[position], "row": RAW, "main": False}
            for gap, table in zip(gaps[1:], tables[1:], strict=True):
                flags = _beyond(str(table[position]["flags"]), str(tables[0][position]["flags"]))
                method: Row = {"row": METHOD_NAMES[gap.method], "main": False, "flags": flags}
                yield {**place, **table[position], **method}


def _beyond(flags: str, said: str) -> str:
    """Leave out the flags that the first method's row has."""
    return "; ".join(flag for flag in flags.split("; ") if flag and flag not in said.split("; "))


def _numbers(estimate: Estimate, detectable: FloatArray, flags: Sequence[str]) -> list[Row]:
    """Numbers, flags and refusal of every estimate."""
    found: list[Row] = []
    for record, smallest, told in zip(estimate.to_records(), detectable, flags, strict=True):
        numbers = numbers_of(record, [])
        del numbers["group"]
        found.append({**numbers, "detectable": float(smallest), "flags": told})
    return found


def _beside_into(found: GapFindings, gaps: Sequence[AttendanceGap], frame: Row) -> None:
    """Keep how alike the arms are under each method, where their scores lie, and what could explain the gap away."""
    for gap in gaps:
        question, name = gap.basis.question, METHOD_NAMES[gap.method]
        before = gap.basis.balance.columns
        after = {"smd_before": before["smd"], "smd_after": before.get("smd_after", before["smd"])}
        found.balance.append(_placed(question, {**before, **after}, {**frame, "method": name}, BALANCE_COLUMNS))
        found.strength.append(_placed(question, gap.strength.columns, {**frame, "method": name}, STRENGTH_COLUMNS))
    scored = next((gap for gap in gaps if len(gap.histogram)), None)
    if scored is not None:
        found.overlap.append(_placed(scored.basis.question, scored.histogram, frame, OVERLAP_COLUMNS))


def _placed(
    question: Question, table: Mapping[str, Values] | pd.DataFrame, frame: Row, columns: Sequence[str]
) -> dict[str, list[object]]:
    """Say of which indicator, survey and group a table's rows are; with groups, all respondents stand apart."""
    book, own = question.sample.codebook, {str(name): list(values) for name, values in table.items()}
    groups = own[question.roles.domain_column]
    kept = [place for place, group in enumerate(groups) if group in question.arms.names]
    own["group"] = groups
    said = {name: str(frame[name]) for name in _SAID if name in frame}  # a variable may be called so too
    if "covariate" in own:  # readers know adjusters by their titles
        own["covariate"] = [book[name].title if name in book else name for name in map(str, own["covariate"])]
    return {
        name: [said[name]] * len(kept) if name in said else [own[name][place] for place in kept] for name in columns
    }


def _arms_into(found: GapFindings, gap: AttendanceGap, frame: Row, attendance: AttendancePlan) -> None:
    """Keep how many answered so in either arm, and by number of events: what publishing has to know, never readers."""
    question = gap.basis.question
    kinds = {"attended": question.arms.treated, "not attended": ~question.arms.treated}
    if attendance.dose:
        kinds |= _by_events(question, attendance.dose)
    for name in question.arms.names:
        inside = question.arms.groups()[name]
        for arm, members in kinds.items():
            own = inside & members
            weight = question.arms.weight[own]
            share = float(weight @ question.outcome[own] / weight.sum()) if weight.size else np.nan
            told = {"group": name, "arm": arm, "n": int(own.sum()), "share": share}
            found.arms.append({name: frame[name] for name in ("indicator", "variable", "wave", "by")} | told)


def _by_events(question: Question, events: str) -> dict[str, np.ndarray]:
    """Say who of the complete respondents attended one event, and who more; nobody where it can't be read."""
    try:
        count = events_of(question.sample, events)[0][question.rows]
    except EstimationError:  # the rows of the dose say so
        return {}
    return {step.name: step.holds(count) > 0 for step in (ONE, MORE)}


def _joined(tables: Sequence[Mapping[str, list[object]]], columns: Sequence[str]) -> pd.DataFrame:
    """Put tables under each other."""
    return pd.DataFrame({name: [value for table in tables for value in table[name]] for name in columns})
