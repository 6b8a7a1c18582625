"""Execute a plan: every indicator ends in a result, a refusal with its reason, or "not collected"."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.errors import LpactError
from lpact_eval.evaluation.accounts import accounts_of
from lpact_eval.evaluation.changes import change_rows, composition_frame, selection_frame
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.definitions import definitions_of
from lpact_eval.evaluation.distributions import distribution_frame
from lpact_eval.evaluation.families import adjusted
from lpact_eval.evaluation.gaps import GapFindings, gap_rows
from lpact_eval.evaluation.nested import nested_groups
from lpact_eval.evaluation.rows import level_rows
from lpact_eval.evaluation.shifts import shift_frame
from lpact_eval.evaluation.slopes import slope_frame
from lpact_eval.evaluation.unknown import unknown_sensitivity
from lpact_eval.evaluation.weight_tables import margin_rows, step_rows, weight_rows, weighting_in_words
from lpact_eval.evaluation.weighted_waves import PlanMargins, weighted
from lpact_eval.evaluation.write_ins import with_all_gathered
from lpact_eval.waves.audit import audit_samples
from lpact_eval.waves.benchmarks import read_benchmarks
from lpact_eval.waves.margin import noted, standing_in
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.evaluation.accounts import Accounts
    from lpact_eval.evaluation.definitions import Definitions
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.records import RecordResults, RecordRun
    from lpact_eval.evaluation.rows import Prepared, Row
    from lpact_eval.sample import Sample, Wave


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a plan's run found; never shown to readers before `publish`.

    Attributes
    ----------
    plan : EvaluationPlan
    rows : DataFrame
        One row per estimate in the order of reading: shares and differences of shares in 0-1, with interval, test,
        bases, flags and refusals. A primary question's change has three rows ("row"): "as collected", "standardised"
        and "balanced", of which one is the headline ("main") and the only one in a family of tests ("family":
        "primary 1", "primary 2", ..., "exploratory"). "equivalent" says whether the change is surely smaller than
        the plan's margin.
    indicators : DataFrame
        id, outcome, title, role, analysis, rule, status ("result", "refused", "not collected"), reason.
    weights : DataFrame
        The weight report per wave and kind of weight, with flags.
    margins : DataFrame
        Every margin that was met, before and after: wave, weights, by, group, variable, title, category, n
        (respondents), target, before, after.
    steps : DataFrame
        What weighting took: wave, weights, iterations, trimmed (share of the total weight), notes.
    sensitivity : DataFrame
        The plan's first comparisons under both policies for respondents of whom a margin's variable is not known.
    composition : DataFrame
        The plan's first changes parted into what answers and what the make-up of respondents did (Kitagawa).
    selection : DataFrame
        What selection would have to be like to explain the plan's first changes.
    ledger : DataFrame
        wave, reason, rows.
    audit : DataFrame
        How each question was asked in each wave, and its kinds of missing.
    waves : tuple of Wave
    weighting : str
        How answers were weighted and which categories were merged for it, in sentences.
    definitions : tuple of (str, str)
        Name and SHA-256 of every definition file that the run rests on.
    distributions : DataFrame
        Shares of every answer to the plan's first questions, for the charts of them.
    benchmarks : DataFrame
        National figures on the plan's questions, as `read_benchmarks` gives them.
    nested : DataFrame
        The larger groups of other variables that the groups shown are parts of.
    shifts : DataFrame
        Columns of the rows and "favourable": for the plan's first questions on a scale, the chance that a respondent of
        the last wave answers nearer to one end of it than one of the first.
    slopes : DataFrame
        Columns of the rows and "over": the slope of each share a year, where there are three or more waves.
    balance : DataFrame
        How far attendees and others differ in every adjuster, for the plan's first questions: indicator, wave, by,
        group, method, covariate (its title), answer, smd_before, smd_after, n_least (respondents).
    overlap : DataFrame
        Where the scores of both arms lie, as the first method with scores has them: indicator, wave, by, group, arm,
        low, high, share, n (respondents).
    strength : DataFrame
        How strong what was not measured would have to be: indicator, wave, by, group, method, measure, covariate (its
        title), times, value, reading, approximate.
    dose : DataFrame
        Columns of the rows and "step": answers by number of events attended, "per event" and against none.
    arms : DataFrame
        Respondents and share of either arm, and by number of events: indicator, variable, wave, by, group, arm, n,
        share; by it `publish` knows what would tell too much.
    records : RecordResults or None
        What the records of events give; None where the plan has no [events].
    accounts : Accounts or None
        What the plan promised and how that ended, with registration, logs and checks.
    """

    plan: EvaluationPlan
    rows: pd.DataFrame
    indicators: pd.DataFrame
    weights: pd.DataFrame
    margins: pd.DataFrame
    steps: pd.DataFrame
    sensitivity: pd.DataFrame
    composition: pd.DataFrame
    selection: pd.DataFrame
    ledger: pd.DataFrame
    audit: pd.DataFrame
    waves: tuple[Wave, ...]
    weighting: str
    definitions: Definitions
    distributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    benchmarks: pd.DataFrame = field(default_factory=pd.DataFrame)
    nested: pd.DataFrame = field(default_factory=pd.DataFrame)
    shifts: pd.DataFrame = field(default_factory=pd.DataFrame)
    slopes: pd.DataFrame = field(default_factory=pd.DataFrame)
    balance: pd.DataFrame = field(default_factory=pd.DataFrame)
    overlap: pd.DataFrame = field(default_factory=pd.DataFrame)
    strength: pd.DataFrame = field(default_factory=pd.DataFrame)
    dose: pd.DataFrame = field(default_factory=pd.DataFrame)
    arms: pd.DataFrame = field(default_factory=pd.DataFrame)
    records: RecordResults | None = None
    accounts: Accounts | None = None


def run_plan(
    plan: EvaluationPlan,
    *,
    answers: Mapping[str, str | Path] | None = None,
    step: Callable[[str], object] | None = None,
) -> Results:
    """Read the waves, weight them, and work out every indicator of the plan.

    Parameters
    ----------
    plan : EvaluationPlan
    answers : mapping of wave to path, optional
        Delivered files; by default those that the plan or the wave's definition names, else the synthetic demo.
    step : callable, optional
        Told in words what comes next, `steps_in` times, for a progress bar.

    Returns
    -------
    Results

    Raises
    ------
    LpactError
        If a wave can't be read or weighted. An indicator that fails is recorded as refused and the run goes on.
    """
    files = {**plan.files, **(answers or {})}
    tell = step or _silent
    read = with_all_gathered([_read(plan, wave, files.get(wave), tell) for wave in plan.waves], plan)
    tell("weighting")
    margins = PlanMargins.read(plan)
    prepared = weighted(plan, read, margins, plan.weights.unknown)
    rows: list[Row] = []
    indicators: list[dict[str, object]] = []
    gaps = GapFindings()
    for indicator in plan.indicators:
        for analysis in indicator.analyses:
            tell(f"{indicator.id} {indicator.title}: {analysis}")
            found, failed = _tried(prepared, plan, indicator, analysis, gaps=gaps)
            rows += found
            indicators.append(_outcome(indicator, analysis, found, failed))
    tell("records of events" if plan.records else "tables")
    of_records = _of_records(plan, read)
    audit = audit_samples(read, surveys=plan.surveys, dont_know_moved=plan.dont_know_moved)
    results = Results(
        plan,
        adjusted(pd.DataFrame(rows, columns=list(ROW_COLUMNS))),
        _in_order([*indicators, *(of_records.indicators if of_records else ())], plan),
        weight_rows(plan, prepared),
        margin_rows(prepared),
        step_rows(prepared),
        unknown_sensitivity(plan, read, margins, rows),
        composition_frame(prepared, plan),
        selection_frame(prepared, plan, rows),
        pd.concat([sample.ledger for sample in read], ignore_index=True),
        audit,
        tuple(wave for sample in read for wave in sample.waves),
        noted(weighting_in_words(plan, prepared), _ages_in_words(plan, margins)),
        definitions_of(plan),
        distribution_frame(prepared, plan),
        _on_the_questions(read_benchmarks(plan.surveys), plan),
        pd.concat([nested_groups(plan.schema, by) for by in sorted({"", *(one.by for one in plan.indicators)})]),
        shift_frame(prepared, plan, rows, _scales(audit)),
        slope_frame(prepared, plan, rows),
        **gaps.frames(),
        records=of_records.results if of_records else None,
        accounts=None,
    )
    results = _with_contribution(results, plan, of_records)
    return replace(results, accounts=accounts_of(plan, results))


def steps_in(plan: EvaluationPlan) -> int:
    """Count the steps that `run_plan` tells of."""
    return len(plan.waves) + sum(len(indicator.analyses) for indicator in plan.indicators) + 2


def _silent(what: str) -> None:
    """Tell nobody."""


def _read(plan: EvaluationPlan, wave: str, answers: str | Path | None, tell: Callable[[str], object]) -> Sample:
    """Read a wave."""
    tell(f"reading {wave}")
    return read_wave(wave, surveys=plan.surveys, answers=answers)


def _of_records(plan: EvaluationPlan, read: Sequence[Sample]) -> RecordRun | None:
    """Work out what the plan promises from the records of events; made-up ones stand beside made-up answers only."""
    if plan.records is None:
        return None
    from lpact_eval.evaluation.records import run_records  # noqa: PLC0415 - a plan of surveys alone never needs it

    made_up = all(wave.synthetic for sample in read for wave in sample.waves)
    return run_records(plan.records, made_up=made_up)


def _with_contribution(results: Results, plan: EvaluationPlan, run: RecordRun | None) -> Results:
    """Add the contribution analysis where the plan has one."""
    if plan.records is None or run is None or plan.records.contribution is None:
        return results
    from lpact_eval.evaluation.records import with_contribution  # noqa: PLC0415 - as above

    return with_contribution(results, run, plan.records)


def _in_order(indicators: list[dict[str, object]], plan: EvaluationPlan) -> pd.DataFrame:
    """Lay out how the indicators ended, in the order of the plan."""
    places = {name: place for place, name in enumerate(plan.records.order if plan.records else ())}
    return pd.DataFrame(sorted(indicators, key=lambda one: places.get(str(one["id"]), 0)))


def _scales(audit: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Read which answers each wave offered to each question."""
    return {
        (name, wave): scale for name, wave, scale in zip(audit["variable"], audit["wave"], audit["scale"], strict=True)
    }


def _on_the_questions(benchmarks: pd.DataFrame, plan: EvaluationPlan) -> pd.DataFrame:
    """Keep national figures on what the plan asks."""
    asked = {indicator.variable for indicator in plan.indicators}
    return benchmarks[benchmarks["variable"].isin(asked)].reset_index(drop=True)


def _ages_in_words(plan: EvaluationPlan, margins: PlanMargins) -> str:
    """Say for which margins shares of all ages stand in for adults."""
    titles = {name: meaning.title for name, meaning in plan.schema.variables.items()}
    return standing_in([*(margins.overall or ()), *(margins.within or ())], titles)


def _tried(
    prepared: Prepared, plan: EvaluationPlan, indicator: Indicator, analysis: str, *, gaps: GapFindings
) -> tuple[list[Row], str]:
    """Work out one analysis; where it fails, say how, so that the others go on."""
    try:
        return _analyse(prepared, plan, indicator, analysis, gaps=gaps), ""
    except LpactError as error:
        return [], str(error)
    except Exception as error:  # noqa: BLE001 - whatever went wrong with one promise, the others are kept; it is told
        return [], f"it failed ({type(error).__name__}): report this as a fault of the program"


def _analyse(
    prepared: Prepared, plan: EvaluationPlan, indicator: Indicator, analysis: str, *, gaps: GapFindings
) -> list[Row]:
    """Work out one analysis of one indicator."""
    if analysis == "gap":
        return gap_rows(prepared, plan, indicator, gaps)
    levels = level_rows(prepared, indicator)
    return (
        levels
        if analysis == "level"
        else [*levels, *change_rows(prepared, plan, indicator, beside=indicator.role == "primary")]
    )


def _outcome(indicator: Indicator, analysis: str, rows: list[Row], failed: str) -> dict[str, object]:
    """Record how an analysis ended."""
    wanted = [row for row in rows if row["measure"] == analysis and row["main"]]
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
        "reason": "" if given else "; ".join(reasons) or failed or "nothing to work out",
    }
