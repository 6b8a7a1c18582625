"""Check a plan against its definitions and data, before or after fieldwork: ok, warn or fail, with counts only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lpact_eval.errors import LpactError
from lpact_eval.evaluation.check_accounts import account_checks, made_up_checks
from lpact_eval.evaluation.check_attendance import attendance_checks
from lpact_eval.evaluation.check_sizes import gap_checks, size_checks
from lpact_eval.evaluation.checks import Check, Status, data_found, ledger_checks, review_checks, share, tried
from lpact_eval.evaluation.plan import EvaluationPlan, read_plan
from lpact_eval.evaluation.weighting import plan_margins, weigh
from lpact_eval.frames import records_of
from lpact_eval.waves.audit import audit_samples
from lpact_eval.waves.located import shown_path
from lpact_eval.waves.reading import read_wave
from lpact_eval.weighting.diagnostics import weight_report
from lpact_eval.weighting.rake import empty_categories

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from lpact_eval.sample import Sample
    from lpact_eval.waves.population import Margin

_FAR = {"full": "comparable", "partial": "comparable in part", "none": "not comparable", "not asked": "not asked"}
_MISSING = {
    "dont_know": "don't know",
    "prefer_not": "prefer not to say",
    "blank": "blank",
    "not_asked": "not asked",
}

SMALLEST_GROUP = 10  # respondents under which a group's count is not printed
LARGEST_DESIGN_EFFECT = 2.0
LARGEST_WEIGHT = 5.0  # times the mean weight


def check_plan(path: str | Path) -> Iterator[Check]:
    """Check what a run of a plan rests on, going on after a failure where that is possible.

    Parameters
    ----------
    path : path
        The evaluation plan.

    Yields
    ------
    Check
        In the order of the pipeline: plan, registration, theory, decisions, logs, data, row ledger, dates, questions,
        attendance, populations, weights, sizes, records of events.
    """
    try:
        plan = read_plan(path)
    except LpactError as error:
        yield Check("fail", "plan", str(error))
        return
    promised = len(plan.indicators) + (len(plan.records.indicators) if plan.records else 0)
    yield Check("ok", "plan", f"{promised} indicators, waves {', '.join(plan.waves)}")
    yield from account_checks(plan)
    samples: dict[str, Sample] = {}
    for wave in plan.waves:
        yield from review_checks(wave, plan.surveys)
        yield from tried(f"data of {wave}", partial(_read, plan, wave, samples))
    for wave, sample in samples.items():
        yield from ledger_checks(wave, sample)
    yield from made_up_checks(plan, samples)
    yield from _dates(plan, samples)
    if len(samples) == len(plan.waves):
        yield from _questions(plan, list(samples.values()))
    yield from attendance_checks(plan, samples)
    margins: dict[Path, list[Margin]] = {}
    for file in dict.fromkeys(file for file in (plan.population_file, plan.within_file) if file):
        yield from tried(f"population {file.parent.name}", partial(_read_margins, plan, file, margins))
    for wave, sample in samples.items():
        yield from _weights(plan, margins, wave, sample)
    if plan.records:
        from lpact_eval.evaluation.check_records import record_checks  # noqa: PLC0415 - surveys alone never need it

        made_up = all(sample.synthetic for sample in samples.values())
        yield from record_checks(plan.records, made_up=made_up)


def within_groups(plan: EvaluationPlan, sample: Sample) -> Sample:
    """Weight one wave inside each group, as the plan says; delivered weights stay where it names no population.

    Parameters
    ----------
    plan : EvaluationPlan
    sample : Sample
        One wave.

    Returns
    -------
    Sample
        The same respondents, weighted.
    """
    if not plan.within_file:
        return sample
    return weigh(sample, plan, plan_margins(plan, plan.within_file), within=True)


def _read(plan: EvaluationPlan, wave: str, samples: dict[str, Sample]) -> str:
    """Read a wave and keep it."""
    sample = samples[wave] = read_wave(wave, surveys=plan.surveys, answers=plan.files.get(wave))
    return data_found(sample)


def _read_margins(plan: EvaluationPlan, file: Path, margins: dict[Path, list[Margin]]) -> str:
    """Read a population and keep it."""
    found = margins[file] = plan_margins(plan, file)
    return f"{shown_path(file)}: {', '.join(' and '.join(margin.variables) for margin in found)}"


def _dates(plan: EvaluationPlan, samples: dict[str, Sample]) -> Iterator[Check]:
    """Say whether the first wave was over before the first event."""
    first = samples.get(plan.waves[0])
    if first is None or plan.first_event is None or not first.waves:
        return
    end = first.waves[0].end
    clean = end < plan.first_event
    yield Check(
        "ok" if clean else "warn",
        "baseline",
        f"fieldwork of {plan.waves[0]} ended {end.isoformat()}, the first event was {plan.first_event.isoformat()}"
        + ("" if clean else ": part of the baseline was collected after it"),
    )


def _questions(plan: EvaluationPlan, samples: list[Sample]) -> Iterator[Check]:
    """Say for every question of the plan how far it was the same, and wave by wave how it was asked and answered."""
    table = audit_samples(samples, surveys=plan.surveys, dont_know_moved=plan.dont_know_moved)
    for variable, compares in _compared(plan).items():
        rows = records_of(table[table["variable"] == variable])
        weak = [f"{_FAR[str(row['comparable'])]} in {row['wave']}" for row in rows if row["comparable"] != "full"]
        moved = [str(row["remark"]) for row in rows if row["remark"]]
        found = "; ".join([*weak, *moved]) or "asked alike in every wave"
        status: Status = "warn" if (weak or moved) and compares else "ok"
        yield Check(status, f"question {variable}", found, tuple(line for row in rows for line in _asked(row)))


def _compared(plan: EvaluationPlan) -> dict[str, bool]:
    """List the plan's questions once each, and whether any indicator compares waves by them."""
    compared: dict[str, bool] = {}
    for indicator in plan.indicators:
        compared[indicator.variable] = compared.get(indicator.variable, False) or "change" in indicator.analyses
    return compared


def _asked(row: Mapping[str, object]) -> Iterator[str]:
    """Write one wave's wording, scale, comparability with its reason, and shares of each kind of missing answer."""
    if row["comparable"] == "not asked":
        yield f"{row['wave']}: not asked{_because(row)}"
        return
    counts = {name: int(str(row[name])) for name in ("answered", "dont_know", "prefer_not", "blank", "not_asked")}
    rows = max(sum(counts.values()), 1)
    missing = [
        f"{_MISSING[name]} {share(count / rows)}" for name, count in counts.items() if name in _MISSING and count
    ]
    yield f"{row['wave']}: {row['asked_as']}"
    yield f"  {row['scale']}; {_FAR[str(row['comparable'])]}{_because(row)}"
    yield f"  answered {share(counts['answered'] / rows)}" + "".join(f", {text}" for text in missing)


def _because(row: Mapping[str, object]) -> str:
    """Add the reason where there is one."""
    return f": {row['reason']}" if row["reason"] else ""


def _weights(
    plan: EvaluationPlan, margins: Mapping[Path, Sequence[Margin]], wave: str, sample: Sample
) -> Iterator[Check]:
    """Weight a wave both ways, and see what its groups are then worth."""
    by = plan.weights.within
    weighted: dict[str, Sample] = {}
    for what, file, within in (
        (f"population weights of {wave}", plan.population_file, ""),
        (f"weights within {by} of {wave}", plan.within_file, by),
    ):
        if file and file in margins:
            yield from tried(what, partial(_weigh, plan, margins[file], sample, within=within, weighted=weighted))
            yield from _empty(wave, sample, margins[file], within) if within in weighted else ()
    delivered = None if plan.population_file or plan.within_file else sample
    one = weighted.get(by if plan.within_file else "", delivered)
    if not by or one is None:
        return
    for _, row in weight_report(one, by=by).iterrows():
        yield _group(wave, str(row[by]), row)
    if wave == plan.waves[0]:
        yield from size_checks(plan, one)
    if plan.attendance and wave == plan.attendance.wave:
        yield from gap_checks(plan, one)


def _weigh(
    plan: EvaluationPlan, margins: Sequence[Margin], sample: Sample, *, within: str, weighted: dict[str, Sample]
) -> str:
    """Weight a wave and keep it."""
    found = weighted[within] = weigh(sample, plan, margins, within=bool(within))
    return "margins met" if within else _worth(found)


def _empty(wave: str, sample: Sample, margins: Sequence[Margin], within: str) -> Iterator[Check]:
    """Name the categories that were merged because nobody answered in them."""
    for empty in empty_categories(sample, margins, within=within or None):
        where = f"{empty.group} in {wave}" if empty.group else wave
        names = ", ".join(map(repr, empty.categories))
        yield Check(
            "warn", f"margin {empty.variable} of {where}", f"no respondents in {names}: merged before weighting"
        )


def _worth(sample: Sample) -> str:
    """Say what a weighted sample is worth."""
    row = weight_report(sample).iloc[0]
    return f"n {row['n']:.0f}, effective n {row['n_effective']:.0f}, design effect {row['design_effect']:.2f}"


def _group(wave: str, group: str, row: pd.Series) -> Check:
    """Judge one group's base and weights."""
    n, effect, largest = (float(row[name]) for name in ("n", "design_effect", "largest_over_mean"))
    what = f"group {group} in {wave}"
    if n < SMALLEST_GROUP:
        return Check("warn", what, f"fewer than {SMALLEST_GROUP} respondents: everything about it will be suppressed")
    heavy = effect > LARGEST_DESIGN_EFFECT or largest > LARGEST_WEIGHT
    return Check(
        "warn" if heavy else "ok",
        what,
        f"n {n:.0f}, design effect {effect:.2f}, largest weight {largest:.1f} times the mean",
    )
