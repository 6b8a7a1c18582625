"""Check before fieldwork whether a plan's decision rules can be met at all, given what the first wave brought."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lpact_eval.errors import LpactError
from lpact_eval.estimation.statistics import proportion
from lpact_eval.evaluation.checks import Check
from lpact_eval.planning.equivalence import equivalence_size
from lpact_eval.planning.gap import gap_size
from lpact_eval.planning.next_wave import FirstWave, first_wave, next_wave
from lpact_eval.planning.wording import per_cent, points
from lpact_eval.weighting.diagnostics import weight_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.sample import Sample

REALISTIC = 0.10  # a change that a programme may hope for, where the plan fixes none that matters
POWER = 0.8
LEAST_BASE = 2.0  # effective respondents of an estimated variance
SMALLEST_GROUP = 10  # respondents under which nothing is told of a group
SOUND_ARM = 30  # respondents of an arm under which its gap is withheld
EVERYBODY = "all respondents"


def size_checks(plan: EvaluationPlan, first: Sample) -> Iterator[Check]:
    """Say of every primary indicator whether a next wave of any size could meet its rule.

    Parameters
    ----------
    plan : EvaluationPlan
    first : Sample
        The first wave, weighted as the plan weights groups.

    Yields
    ------
    Check
        "sample size for" the smallest change that could be shown, and where the plan fixes a margin "equivalence for"
        whether a change could be shown to be smaller.
    """
    for indicator in plan.indicators:
        if indicator.role != "primary" or "change" not in indicator.analyses or indicator.variable not in first.answers:
            continue
        for group in _groups(indicator, first):
            yield from _rule(plan, indicator, group, first)


def gap_checks(plan: EvaluationPlan, sample: Sample) -> Iterator[Check]:
    """Say of every primary gap between attendees and others which gap its arms can show.

    Parameters
    ----------
    plan : EvaluationPlan
        With attendance.
    sample : Sample
        Its wave, weighted within groups.

    Yields
    ------
    Check
        One a group; arms under 10 are left to the checks of attendance, and those under 30 are not counted.
    """
    attendance = plan.attendance
    if attendance is None or attendance.attended not in sample.answers:
        return
    for indicator in plan.indicators:
        if indicator.role == "primary" and "gap" in indicator.analyses and indicator.by:
            for group in _groups(indicator, sample):
                yield from _gap(plan, indicator, group, sample)


def _groups(indicator: Indicator, sample: Sample) -> tuple[str, ...]:
    """List the groups that a rule is about."""
    if not indicator.by:
        return (EVERYBODY,)
    return indicator.groups or sample.codebook[indicator.by].answers


def _rule(plan: EvaluationPlan, indicator: Indicator, group: str, first: Sample) -> Iterator[Check]:
    """Judge the rule of one indicator for one group."""
    what = f"sample size for {indicator.id}, {group}"
    try:
        had = _had(indicator, group, first)
    except LpactError as error:
        yield Check("fail" if group in indicator.groups else "warn", what, str(error))
        return
    if had.n < SMALLEST_GROUP:
        yield Check("warn", what, f"fewer than {SMALLEST_GROUP} respondents: no size of next survey can show a change")
        return
    yield _change(what, had, REALISTIC if plan.margin is None else plan.margin)
    if plan.margin is not None:
        yield _equivalence(f"equivalence for {indicator.id}, {group}", had, plan.margin)


def _had(indicator: Indicator, group: str, first: Sample) -> FirstWave:
    """Read off what a group, or everybody, brought to the first wave."""
    answers = list(indicator.answers or first.codebook[indicator.variable].positive)
    if indicator.by:
        return first_wave(first, indicator.variable, answers, by=indicator.by, group=group, shown_from=SMALLEST_GROUP)
    row = proportion(first, indicator.variable, answers).to_frame().iloc[0]
    n, effective, share, df = (float(row[name]) for name in ("n", "n_effective", "estimate", "df"))
    if not 0 < share < 1 or not effective >= 1 or not df > 0:
        msg = f"Cannot plan from {indicator.variable!r}: its spread is unknown."
        raise LpactError(msg)
    return FirstWave(_wave(first), group, int(n), effective, share, df=df)


def _change(what: str, had: FirstWave, matters: float) -> Check:
    """Judge the smallest rise that the best next wave could show."""
    sizes = [math.inf] if math.isinf(had.df) else [*(had.n * 2.0**step for step in range(11)), math.inf]
    smallest = float(next_wave(had, sizes=sizes, power=POWER)["change"].min())
    if math.isnan(smallest):
        return Check("warn", what, "no rise at all can be shown, whatever the size of the next survey")
    limit = f"no rise under {points(smallest)} can be shown"
    if smallest <= matters:
        return Check("ok", what, f"{limit}, whatever the size of a next survey recruited alike")
    who = "" if had.group == EVERYBODY else f" for {had.group} respondents"
    having = f"with the {had.wave} data as they are, no size of next survey recruited alike"
    found = f"{having} can show a rise of {_asked(matters)}{who}"
    return Check("warn", what, f"{found}: {limit}")


def _equivalence(what: str, had: FirstWave, margin: float) -> Check:
    """Judge whether a change that is none could be shown to be smaller than the margin."""
    base = max(had.n_effective, LEAST_BASE)
    power = equivalence_size(baseline=had.baseline, first_wave=base, n=math.inf, margin=margin).power
    if power >= POWER:
        return Check("ok", what, f"a change can be shown to be smaller than {_asked(margin)}, given enough respondents")
    best = equivalence_size(baseline=had.baseline, first_wave=base, n=math.inf, power=POWER)
    instead = "" if best.impossible else f"; no margin under {points(best.margin)} can be kept"
    found = (
        f"with the {had.wave} data as they are, no size of next survey can surely show a change to be smaller than "
        f"{_asked(margin)}: at best with probability {per_cent(power)}"
    )
    return Check("warn", what, f"{found}{instead}")


def _gap(plan: EvaluationPlan, indicator: Indicator, group: str, sample: Sample) -> Iterator[Check]:
    """Judge the smallest gap that the arms of one group could show."""
    attended = plan.attendance.attended if plan.attendance else ""
    answers = sample.answers
    rows = (answers[indicator.by].astype("object") == group) & answers[indicator.variable].notna()
    counts = answers.loc[rows, attended].astype("object").value_counts()
    arms = int(counts.get("yes", 0)), int(counts.get("no", 0))
    if min(arms) < SMALLEST_GROUP:
        return
    effect = _effects(sample, indicator.by).get(group, 1.0)
    found = gap_size(share=0.5, n_attended=arms[0], n_others=arms[1], power=POWER, design_effect=max(effect, 1.0))
    matters = REALISTIC if plan.margin is None else plan.margin
    smallest = math.inf if found.impossible else found.change
    told = f"{arms[0]} attended and {arms[1]} did not: "
    told += "no gap can be shown" if math.isinf(smallest) else f"no gap under about {points(smallest)} can be shown"
    if min(arms) < SOUND_ARM:  # counts, or what follows from them, would give back the smaller arms of other groups
        able = "can" if smallest <= matters else "can't"
        told = f"fewer than {SOUND_ARM} attended or did not: a gap of {_asked(matters)} {able} be shown"
    yield Check("ok" if smallest <= matters else "warn", f"gap size for {indicator.id}, {group}", told)


def _effects(sample: Sample, by: str) -> Mapping[str, float]:
    """Return the design effect of the weights by group."""
    report = weight_report(sample, by=by)
    return dict(zip(report[by].astype(str), report["design_effect"].astype(float), strict=True))


def _wave(sample: Sample) -> str:
    """Name the wave."""
    return " and ".join(wave.name for wave in sample.waves) or "first survey's"


def _asked(change: float) -> str:
    """Write a change that the plan names, with a decimal only where it has one."""
    return points(change).replace(".0 ", " ")
