"""How strong the evidence can be on the Maryland scale: what the design allows, and never more."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, cast

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.run import Results
    from lpact_eval.waves.located import Located

NAMES: Final[Mapping[int, str]] = {
    1: "one comparison without adjustment, or one survey alone",
    2: "a comparison over time or between groups, adjusted for some of what else differs",
}
_HIGHEST: Final = max(NAMES)  # a plan has no comparison area, which level 3 needs
_WAVES_OF_A_CHANGE: Final = 2
_NEEDED_FOR_MORE: Final = (
    "Level 3 would need an area without the programme, with the same questions asked before and after."
)


@dataclass(frozen=True, slots=True)
class ClaimPlan:
    """The strength of evidence that a plan claims; less than its design allows may be claimed, more never.

    Attributes
    ----------
    level : int
        Of the Maryland scale, 1 to 5.
    because : str
        Why less is claimed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    level: Annotated[int, Field(ge=1, le=5)]
    because: str = ""


@dataclass(frozen=True, slots=True)
class Strength:
    """What the evidence amounts to.

    Attributes
    ----------
    level : int
        Of the Maryland scale.
    allowed : int
        The highest that the design allows.
    sentences : tuple of str
        What the level means here, what it rests on, what it lacks.
    """

    level: int
    allowed: int
    sentences: tuple[str, ...]


def evidence_strength(plan: EvaluationPlan, results: Results | None = None) -> Strength:
    """State the strength of the evidence.

    Parameters
    ----------
    plan : EvaluationPlan
    results : Results, optional
        Of its run; comparisons that were refused or not collected then count for nothing.

    Returns
    -------
    Strength

    Notes
    -----
    Level 2 is reached by a change between two surveys of which the first began before the first event, or by attendees
    against others who were made comparable in named variables; all else is level 1. No plan reaches more.

    References
    ----------
    Sherman, Gottfredson, MacKenzie, Eck, Reuter & Bushway (1998), *Preventing Crime: What Works, What Doesn't, What's
    Promising*; What Works Centre for Local Economic Growth (2016), *Guide to scoring evidence using the Maryland
    Scientific Methods Scale*.
    """
    ended = None if results is None else _given(results)
    reasons = dict(_routes(plan, ended))
    allowed = _HIGHEST if any(not lack for lack in reasons.values()) else 1
    claimed = plan.claim.level if plan.claim else allowed
    level = min(claimed, allowed)
    return Strength(level, allowed, tuple(_sentences(plan, level, allowed, reasons)))


def check_claim(located: Located, plan: EvaluationPlan) -> None:
    """Refuse a plan that claims stronger evidence than its design allows.

    Parameters
    ----------
    located : Located
        The plan file.
    plan : EvaluationPlan

    Raises
    ------
    DefinitionError
        File, line, what the design allows and why.
    """
    if plan.claim is None:
        return
    allowed = evidence_strength(plan).allowed
    if plan.claim.level > allowed:
        lacking = [lack for _, lack in _routes(plan, None) if lack] if allowed < _HIGHEST else [_NEEDED_FOR_MORE]
        msg = (
            f"{located.at('claim', 'level')}: the plan claims level {plan.claim.level} of the Maryland scale, and its "
            f"design allows {allowed}. {' '.join(lacking)} Write level = {allowed}, or less."
        )
        raise DefinitionError(msg)


def _given(results: Results) -> frozenset[str]:
    """Name the analyses of which at least one gave a result."""
    table = results.indicators
    return frozenset(table.loc[table["status"] == "result", "analysis"].astype(str)) if len(table) else frozenset()


def _routes(plan: EvaluationPlan, given: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    """Go through the ways to level 2, each with what it lacks; nothing is lacking where it is open."""
    yield "change", _change_lacks(plan, given)
    yield "gap", _gap_lacks(plan, given)


def _change_lacks(plan: EvaluationPlan, given: frozenset[str] | None) -> str:
    """Say why the change between surveys is no level 2."""
    promised = any("change" in indicator.analyses for indicator in plan.indicators)
    if len(plan.waves) < _WAVES_OF_A_CHANGE or not promised:
        return "No question is compared between two surveys."
    if given is not None and "change" not in given:
        return "What the surveys say could not be compared over time."
    if plan.first_event is None:
        return "The day of the first event is not stated, so that no survey is known to have begun before it."
    start = _day(plan, "start")
    if start is None or start >= plan.first_event:
        return "The first survey did not begin before the first event, so that nothing shows how things were before."
    return ""


def _gap_lacks(plan: EvaluationPlan, given: frozenset[str] | None) -> str:
    """Say why attendees against others are no level 2."""
    promised = any("gap" in indicator.analyses for indicator in plan.indicators)
    if plan.attendance is None or not promised:
        return "Attendees are not compared with others."
    if not plan.attendance.adjust:
        return "Attendees and others are not made comparable in any variable."
    if given is not None and "gap" not in given:
        return "No gap between attendees and others could be worked out."
    return ""


def _clean(plan: EvaluationPlan) -> bool:
    """Tell whether the first survey was over before the first event."""
    end = _day(plan, "end")
    return end is not None and plan.first_event is not None and end < plan.first_event


def _day(plan: EvaluationPlan, which: str) -> dt.date | None:
    """Read the first or the last day of the first survey's fieldwork."""
    fieldwork = read_toml(plan.surveys / plan.waves[0] / "wave.toml").data.get("fieldwork")
    day = cast("Mapping[str, object]", fieldwork).get(which) if isinstance(fieldwork, dict) else None
    return day if isinstance(day, dt.date) and not isinstance(day, dt.datetime) else None


def _sentences(plan: EvaluationPlan, level: int, allowed: int, reasons: Mapping[str, str]) -> Iterator[str]:
    """Write the statement."""
    yield f"The evidence is at level {level} of the five of the Maryland scale: {NAMES[level]}."
    if level < allowed:
        why = f": {plan.claim.because.strip().rstrip('.')}." if plan.claim and plan.claim.because else "."
        yield f"The design would allow level {allowed}; the plan claims less{why}"
    if not reasons["change"]:
        yield "It compares surveys of different volunteers, weighted alike, before and after the first event."
        if not _clean(plan):
            yield "Part of the first survey was answered after the first event, so that the baseline is not clean."
    if not reasons["gap"]:
        yield "It compares attendees with others, who were made comparable only in what the survey asked."
    yield from (lack for lack in reasons.values() if lack)
    yield "What is found is associated with the events; it does not show that they brought it about."
    yield _NEEDED_FOR_MORE
