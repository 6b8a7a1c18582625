"""Check before a run whether attendees can be compared with others as the plan says: adjusters, arms, events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.comparison.adjusted import METHOD_NAMES
from lpact_eval.comparison.arms import ask, roles_of
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.doses import events_of
from lpact_eval.comparison.tiers import SMALLEST_ARM, SOUND_ARM, STILL, Found, Row, refusals
from lpact_eval.evaluation.checks import Check, tried
from lpact_eval.evaluation.rows import answers_of
from lpact_eval.frames import Columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.comparison.arms import Question
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import AttendancePlan, Indicator
    from lpact_eval.sample import Sample


def attendance_checks(plan: EvaluationPlan, samples: Mapping[str, Sample]) -> Iterator[Check]:
    """Say whether the first attendance gap of a plan can be worked out, for whom, and by which of its methods.

    Parameters
    ----------
    plan : EvaluationPlan
    samples : mapping of wave to Sample
        The waves that could be read.

    Yields
    ------
    Check
        "attendance", one a group, and "events attended" where the plan looks at their number. Numbers of respondents
        only where both arms have 10 or more, and no group's smaller arm could be had from them.
    """
    attendance = plan.attendance
    gaps = sorted((one for one in plan.indicators if "gap" in one.analyses), key=lambda one: one.role != "primary")
    sample = samples.get(attendance.wave) if attendance else None
    if attendance is None or sample is None or not gaps:
        return
    asked: dict[str, Question] = {}
    yield from tried("attendance", partial(_asked, sample, gaps[0], attendance, asked))
    for question in asked.values():
        yield from _arms(question, attendance)
    if attendance.dose:
        yield from tried("events attended", partial(_events, sample, attendance.dose))


def counted_groups(counts: Mapping[str, tuple[int, int]]) -> set[str]:
    """Name those whose arms may be counted: everybody, and groups from which no arm under 10 could be had.

    Parameters
    ----------
    counts : mapping of str to (int, int)
        Attended, and did not, of everybody and of every group.

    Returns
    -------
    set of str
        Where a group has an arm under 10, none with an arm under 30 is counted; and where what is left uncounted is one
        group, or fewer than 10 in the smaller arms, no group is.
    """
    least = {name: min(arms) for name, arms in counts.items() if name != ALL}
    if min(least.values(), default=SMALLEST_ARM) >= SMALLEST_ARM:
        return set(counts)
    unsaid = [number for number in least.values() if number < SOUND_ARM]
    enough = len(unsaid) > 1 and sum(unsaid) >= SMALLEST_ARM
    return {ALL, *(name for name, number in least.items() if enough and number >= SOUND_ARM)}


def _asked(sample: Sample, indicator: Indicator, attendance: AttendancePlan, asked: dict[str, Question]) -> str:
    """Ask the question, and keep it."""
    by = [indicator.by] if indicator.by else []
    answers = answers_of(sample, indicator)
    roles = roles_of(sample, indicator.variable, answers, attended=attendance.attended, adjust=attendance.adjust, by=by)
    found = asked[indicator.id] = ask(sample, roles)
    return f"{found.rows.size} of {found.asked} respondents answered everything that the gap of {indicator.id} uses"


def _arms(question: Question, attendance: AttendancePlan) -> Iterator[Check]:
    """Say of everybody and of every group what its arms allow."""
    counted = counted_groups(question.counts)
    for name, counts in question.counts.items():
        what = f"attendance of {name}"
        if min(counts) < SMALLEST_ARM:
            yield Check("warn", what, f"fewer than {SMALLEST_ARM} attended or did not: no gap can be given")
            continue
        few = min(counts) < SOUND_ARM
        refused = [f"no {METHOD_NAMES[method]}: {reason}" for method, reason in _refused(question, name, attendance)]
        told = [f"{counts[0]} attended, {counts[1]} did not"] if name in counted else []
        told += [f"fewer than {SOUND_ARM} in an arm: its gap will be withheld from readers"] if few else []
        told += refused
        told = told or [f"{SOUND_ARM} or more in both arms"]
        yield Check("warn" if few or refused else "ok", what, "; ".join(told))


def _refused(question: Question, name: str, attendance: AttendancePlan) -> Iterator[tuple[str, str]]:
    """Name the plan's methods that will give no number for a group, and why, but never how anyone answered."""
    row = Row(name, (name,))
    for method in attendance.methods:
        reason = refusals(question, [row], Found(method, "", Columns({}), {}, {}, {}))[0]
        if reason and not reason.startswith(STILL):
            yield method, reason.removesuffix(f" ({name})")


def _events(sample: Sample, events: str) -> str:
    """Read the numbers of events."""
    count, _ = events_of(sample, events)
    known = np.isfinite(count)
    return f"numbers of events of {int(known.sum())} respondents, up to {np.max(count[known], initial=0):.0f}"
