"""One question on its own, weighted as the plan says: shares by wave, changes, and every answer's share."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.errors import LpactWarning, WrongUseError
from lpact_eval.evaluation.changes import change_rows
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.definitions import definitions_of
from lpact_eval.evaluation.distributions import DISTRIBUTION_COLUMNS, distribution_rows
from lpact_eval.evaluation.families import adjusted
from lpact_eval.evaluation.nested import near_groups, nested_groups
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.release_bases import release_bases
from lpact_eval.evaluation.rows import level_rows
from lpact_eval.evaluation.shifts import framed as framed_shifts
from lpact_eval.evaluation.shifts import shift_rows
from lpact_eval.evaluation.slopes import framed as framed_slopes
from lpact_eval.evaluation.slopes import slope_rows
from lpact_eval.evaluation.weight_tables import MARGIN_COLUMNS, STEP_COLUMNS, WEIGHT_COLUMNS
from lpact_eval.evaluation.weighted_waves import PlanMargins, weighted
from lpact_eval.evaluation.write_ins import with_write_ins_gathered
from lpact_eval.waves.audit import scale_asked
from lpact_eval.waves.benchmarks import read_benchmarks
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evaluation.definitions import Definitions
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.rows import Prepared
    from lpact_eval.sample import Sample, Wave

GROUPED = frozenset({"category", "scale", "yes_no", "text"})
_SENSITIVITY = ("indicator", "measure", "wave", "group", "estimate", "conf_low", "conf_high", "sensitive")


@dataclass(frozen=True, slots=True, eq=False)
class QuestionResults:
    """What was found about one question; for readers only through `publish`.

    Attributes
    ----------
    plan : EvaluationPlan
        The plan whose weights were used.
    rows, distributions, shifts, slopes : DataFrame
        Shares and changes, shares of every answer, and what they say of a shift and of a slope over the surveys; as in
        `run.Results`. Shifts come with distributions only.
    beside : DataFrame
        Bases of every row of the plan's own release and of the same question by larger groups, so that what these hide
        stays hidden here.
    nested : DataFrame
        The larger groups that the groups shown are parts of.
    near : DataFrame
        Groups that the groups shown may differ from by few respondents.
    benchmarks : DataFrame
        National figures on the same question.
    indicators, weights, margins, steps, sensitivity, ledger, audit : DataFrame
        As in `run.Results`; mostly without rows.
    waves : tuple of Wave
        In order of fieldwork.
    weighting : str
    definitions : tuple of (str, str)
    """

    plan: EvaluationPlan
    rows: pd.DataFrame
    distributions: pd.DataFrame
    shifts: pd.DataFrame
    slopes: pd.DataFrame
    beside: pd.DataFrame
    nested: pd.DataFrame
    near: pd.DataFrame
    benchmarks: pd.DataFrame
    indicators: pd.DataFrame
    weights: pd.DataFrame
    margins: pd.DataFrame
    steps: pd.DataFrame
    sensitivity: pd.DataFrame
    ledger: pd.DataFrame
    audit: pd.DataFrame
    waves: tuple[Wave, ...]
    weighting: str
    definitions: Definitions


def run_question(
    plan: EvaluationPlan, variable: str, *, by: str = "", waves: Sequence[str] = (), distribution: bool = False
) -> QuestionResults:
    """Work out one question for everybody and by group, from the first to the last of some waves.

    Anything by the plan's own groups is weighted within them; all respondents, and any other groups, to the population.

    Parameters
    ----------
    plan : EvaluationPlan
        Says where the definitions and files lie, and how waves are weighted.
    variable : str
        Harmonised variable with favourable answers, or one for which the plan names the answers that count.
    by : str, default ""
        Variable of the groups. Of answers in respondents' own words only those that are common are groups.
    waves : sequence of str, optional
        In order of time; without it all those of the surveys folder, in order of fieldwork.
    distribution : bool, default False
        Whether to work out the share of every answer as well.

    Returns
    -------
    QuestionResults

    Raises
    ------
    WrongUseError
        If there is no such wave, question or grouping.
    LpactError
        If a wave can't be read or weighted.
    """
    indicator = _indicator(plan, variable, by)
    asked = _asked(plan, waves)
    names = dict.fromkeys([*asked, *plan.waves])
    read = {name: read_wave(name, surveys=plan.surveys, answers=plan.files.get(name)) for name in names}
    asked = asked if waves else sorted(asked, key=lambda name: read[name].waves[0].start)
    chosen = with_write_ins_gathered([read[name] for name in asked], by) if by else [read[name] for name in asked]
    prepared = _prepared(replace(plan, waves=tuple(asked)), chosen, by)
    with warnings.catch_warnings():
        # on groups under population weights; it counts respondents of small groups, which only publish() may show
        warnings.simplefilter("ignore", LpactWarning)
        rows = level_rows(prepared, indicator)
        rows += change_rows(prepared, plan, indicator, beside=indicator.role == "primary") if len(asked) > 1 else []
        spread = distribution_rows(prepared, indicator) if distribution else []
        scales = _scales(plan, variable, asked) if distribution else {}
        shifts = shift_rows(prepared, indicator, rows, scales) if distribution else []
        slopes = slope_rows(prepared, plan, indicator, rows)
    nested, near = nested_groups(plan.schema, by), near_groups(plan.schema, by)
    others = sorted({*nested["whole_by"], *near["other_by"]})
    return QuestionResults(
        plan=plan,
        rows=adjusted(pd.DataFrame(rows, columns=list(ROW_COLUMNS))),
        distributions=pd.DataFrame(spread, columns=list(DISTRIBUTION_COLUMNS)),
        shifts=framed_shifts(shifts),
        slopes=framed_slopes(slopes),
        beside=release_bases(plan, read, [replace(indicator, by=other, analyses=("change",)) for other in others]),
        nested=nested,
        near=near,
        benchmarks=_about(read_benchmarks(plan.surveys), variable),
        indicators=_empty(("id", "outcome", "title", "role", "analysis", "rule", "status", "reason")),
        weights=_empty(("wave", "weights", "by", "group", *WEIGHT_COLUMNS)),
        margins=_empty(MARGIN_COLUMNS),
        steps=_empty(STEP_COLUMNS),
        sensitivity=_empty(_SENSITIVITY),
        ledger=pd.concat([sample.ledger for sample in chosen], ignore_index=True),
        audit=_titles(prepared.overall),
        waves=tuple(wave for sample in chosen for wave in sample.waves),
        weighting=plan.weighting,
        definitions=definitions_of(plan),
    )


def require_question(plan: EvaluationPlan, variable: str, *, by: str = "", waves: Sequence[str] = ()) -> None:
    """Refuse what `run_question` would refuse, before any file is read."""
    _indicator(plan, variable, by)
    _asked(plan, waves)


def _asked(plan: EvaluationPlan, waves: Sequence[str]) -> list[str]:
    """Take the waves asked for, else all that are defined; refuse those that are not."""
    known = sorted(path.parent.name for path in plan.surveys.glob("*/wave.toml"))
    unknown = [name for name in waves if name not in known]
    if unknown:
        msg = f"There is no survey {unknown[0]!r}; there are {known}. Choose from these."
        raise WrongUseError(msg)
    if len(set(waves)) < len(waves):
        msg = f"Cannot compare {waves[0]!r} with itself; there are {known}. Choose two of them."
        raise WrongUseError(msg)
    return list(waves) or known


def _indicator(plan: EvaluationPlan, variable: str, by: str) -> Indicator:
    """Take the plan's indicator of the question, else make one; refuse what can't be one."""
    meanings = plan.schema.variables
    fit = sorted(name for name, meaning in meanings.items() if meaning.kind in GROUPED)
    if by and by not in fit:
        msg = f"Cannot make groups by {by!r}; groups can be made by {fit}. Choose one of these."
        raise WrongUseError(msg)
    own = [indicator for indicator in plan.indicators if indicator.variable == variable]
    found = next((indicator for indicator in own if indicator.by == by), own[0] if own else None)
    if found is not None:
        return found if found.by == by else replace(found, by=by, role="exploratory" if by else found.role)
    questions = sorted(name for name, meaning in meanings.items() if meaning.kind in {"scale", "category", "yes_no"})
    questions = [name for name in questions if plan.schema.positive(name)]
    if variable not in questions:
        msg = f"There is no question {variable!r} with favourable answers; there are {questions}. Choose one of these."
        raise WrongUseError(msg)
    meaning = meanings[variable]
    return Indicator(variable, meaning.outcome or 0, meaning.title or variable, variable, by=by)


def _prepared(plan: EvaluationPlan, read: Sequence[Sample], by: str) -> Prepared:
    """Weight the waves; groups other than those of the plan's weights are shown under the weights for everybody."""
    prepared = weighted(plan, read, PlanMargins.read(plan), plan.weights.unknown)
    if by == plan.weights.within:
        return prepared
    by_wave = {name: (overall, overall) for name, (overall, _) in prepared.by_wave.items()}
    return replace(prepared, within=prepared.overall, by_wave=by_wave, kinds=(prepared.kinds[0], prepared.kinds[0]))


def _scales(plan: EvaluationPlan, variable: str, waves: Sequence[str]) -> dict[tuple[str, str], str]:
    """Say which answers each wave offered to a question."""
    return {(variable, wave): scale_asked(variable, read_definition(wave, plan.surveys)) for wave in waves}


def _about(benchmarks: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Keep the national figures on a question."""
    return benchmarks[benchmarks["variable"] == variable].reset_index(drop=True)


def _titles(sample: Sample) -> pd.DataFrame:
    """Name the variables, for texts that speak of them."""
    return pd.DataFrame(
        [{"variable": name, "title": variable.title} for name, variable in sample.codebook.items()],
        columns=["variable", "title"],
    )


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    """Make a frame without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
