"""Execute a plan: every indicator ends in a result, a refusal with its reason, or "not collected"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.definitions import definitions_of
from lpact_eval.evaluation.rows import Prepared, adjusted, change_rows, gap_rows, level_rows
from lpact_eval.evaluation.weighting import plan_margins, weigh
from lpact_eval.stacking import stack
from lpact_eval.waves.audit import audit_samples
from lpact_eval.waves.reading import read_wave
from lpact_eval.weighting.diagnostics import weight_report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lpact_eval.evaluation.definitions import Definitions
    from lpact_eval.evaluation.plan import EvaluationPlan, Indicator
    from lpact_eval.evaluation.rows import Row
    from lpact_eval.sample import Sample, Wave

WITHIN_GROUP: Final = "within group"
_NOBODY: Final = ": no respondents in "


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a plan's run found; never shown to readers before `publish`.

    Attributes
    ----------
    plan : EvaluationPlan
    rows : DataFrame
        One row per estimate in the order of reading: shares and differences of shares in 0-1, with interval, test,
        bases, flags and refusals.
    indicators : DataFrame
        id, outcome, title, role, analysis, rule, status ("result", "refused", "not collected"), reason.
    weights : DataFrame
        The weight report per wave and kind of weight.
    ledger : DataFrame
        wave, reason, rows.
    audit : DataFrame
        How each question was asked in each wave, and its kinds of missing.
    waves : tuple of Wave
    weighting : str
        How answers were weighted and which categories were merged for it, in sentences.
    definitions : tuple of (str, str)
        Name and SHA-256 of every definition file that the run rests on.
    """

    plan: EvaluationPlan
    rows: pd.DataFrame
    indicators: pd.DataFrame
    weights: pd.DataFrame
    ledger: pd.DataFrame
    audit: pd.DataFrame
    waves: tuple[Wave, ...]
    weighting: str
    definitions: Definitions


def run_plan(plan: EvaluationPlan, *, answers: Mapping[str, str | Path] | None = None) -> Results:
    """Read the waves, weight them, and work out every indicator of the plan.

    Parameters
    ----------
    plan : EvaluationPlan
    answers : mapping of wave to path, optional
        Delivered files; by default those that the plan or the wave's definition names, else the synthetic demo.

    Returns
    -------
    Results

    Raises
    ------
    LpactError
        If a wave can't be read or weighted. An indicator that fails is recorded as refused and the run goes on.
    """
    files = {**plan.files, **(answers or {})}
    read = [read_wave(wave, surveys=plan.surveys, answers=files.get(wave)) for wave in plan.waves]
    prepared = _weighted(plan, read)
    rows: list[Row] = []
    indicators: list[dict[str, object]] = []
    for indicator in plan.indicators:
        for analysis in indicator.analyses:
            found = _analyse(prepared, plan, indicator, analysis)
            rows += found
            indicators.append(_outcome(indicator, analysis, found))
    return Results(
        plan,
        adjusted(pd.DataFrame(rows, columns=list(ROW_COLUMNS))),
        pd.DataFrame(indicators),
        _weight_reports(plan, prepared),
        pd.concat([sample.ledger for sample in read], ignore_index=True),
        audit_samples(read, surveys=plan.surveys),
        tuple(wave for sample in read for wave in sample.waves),
        _weighting_in_words(plan, prepared),
        definitions_of(plan),
    )


def _weighting_in_words(plan: EvaluationPlan, prepared: Prepared) -> str:
    """Add to the plan's weighting what was merged for it, wave by wave.

    Where a small group has nobody would tell readers about those whom it has, so that is said of all respondents only.
    """
    sentences = [plan.weighting]
    for wave, samples in prepared.by_wave.items():
        for kind, sample in zip(prepared.kinds, samples, strict=True):
            notes = [note for step in sample.design.calibration for note in step.note.split("; ") if note]
            merged = "; ".join(note for note in notes if kind != WITHIN_GROUP or _NOBODY not in note)
            for name, variable in sample.codebook.items():
                merged = merged.replace(f"{name}:", f"{variable.title}:").replace(
                    f"{name} not", f"{variable.title} not"
                )
            sentences += [f"Merged before weighting ({wave}, {kind} weights): {merged}."] if merged else []
    return " ".join(sentences)


def _weighted(plan: EvaluationPlan, read: list[Sample]) -> Prepared:
    """Weight each wave twice: for all residents, and inside each group."""
    overall = within = read
    if plan.population_file:
        margins = plan_margins(plan, plan.population_file)
        overall = within = [weigh(sample, plan, margins, within=False) for sample in read]
    if plan.within_file:
        margins = plan_margins(plan, plan.within_file)
        within = [weigh(sample, plan, margins, within=True) for sample in read]
    kinds = ("population" if plan.population_name else "delivered", _kind_within(plan))
    by_wave = dict(zip(plan.waves, zip(overall, within, strict=True), strict=True))
    return Prepared(stack(overall, plan.waves), stack(within, plan.waves), by_wave, kinds, plan.waves)


def _kind_within(plan: EvaluationPlan) -> str:
    """Name the weights behind anything by group."""
    if plan.within_file:
        return WITHIN_GROUP
    return "population" if plan.population_name else "delivered"


def _analyse(prepared: Prepared, plan: EvaluationPlan, indicator: Indicator, analysis: str) -> list[Row]:
    """Work out one analysis of one indicator."""
    if analysis == "gap":
        return gap_rows(prepared, indicator, plan.attendance)
    levels = level_rows(prepared, indicator)
    return levels if analysis == "level" else [*levels, *change_rows(prepared, indicator)]


def _outcome(indicator: Indicator, analysis: str, rows: list[Row]) -> dict[str, object]:
    """Record how an analysis ended."""
    wanted = [row for row in rows if row["measure"] == analysis]
    given = [row for row in wanted if not row["refused"]]
    reasons = dict.fromkeys(str(row["refused"]) for row in wanted if row["refused"])
    status = "result" if given else "not collected" if any("not asked" in reason for reason in reasons) else "refused"
    return {
        "id": indicator.id,
        "outcome": indicator.outcome,
        "title": indicator.title,
        "role": indicator.role if analysis == "change" else "exploratory",
        "analysis": analysis,
        "rule": indicator.rule,
        "status": status,
        "reason": "" if given else "; ".join(reasons) or "nothing to work out",
    }


def _weight_reports(plan: EvaluationPlan, prepared: Prepared) -> pd.DataFrame:
    """Report both kinds of weights by wave, the second by group."""
    overall = weight_report(prepared.overall, by="wave").assign(
        weights=prepared.kinds[0], by="", group="All respondents", note=""
    )
    parts = [overall]
    by = plan.weights.within
    if by:
        report = weight_report(prepared.within, by=["wave", by]).rename(columns={by: "group"})
        parts.append(report.assign(weights=prepared.kinds[1], by=by))
    joined = pd.concat([part.astype({"wave": str, "group": str}) for part in parts], ignore_index=True)
    numbers = ["n", "n_effective", "design_effect", "smallest", "largest", "largest_over_mean"]
    return joined[["wave", "weights", "by", "group", *numbers]]
