"""Which analysis of the records answers each measure that a plan may promise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evidence.actions import action_rows
from lpact_eval.evidence.attendance_groups import attendance_rows
from lpact_eval.evidence.coding import coding_rows
from lpact_eval.evidence.communications import communication_rows
from lpact_eval.evidence.cooccurrence import cooccurrence_rows
from lpact_eval.evidence.costs import cost_rows, cost_sensitivity_rows
from lpact_eval.evidence.coverage import coverage_rows
from lpact_eval.evidence.observation import observation_rows
from lpact_eval.evidence.once import once
from lpact_eval.evidence.raised import raised_rows
from lpact_eval.evidence.reach import reach_rows
from lpact_eval.evidence.relationships import summary_rows
from lpact_eval.evidence.retention import retention_rows
from lpact_eval.evidence.saturation import saturation_rows
from lpact_eval.evidence.themes import theme_rows
from lpact_eval.evidence.understanding_change import understanding_change_rows
from lpact_eval.evidence.voices import voice_rows
from lpact_eval.evidence.waiting import waiting_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lpact_eval.evidence.records import Evidence

    Rows = Callable[[Evidence, tuple[str, ...]], pd.DataFrame]

_OFFICERS: Final = ("officers", "police-heavy", "events with a chief officer")
_LENGTH: Final = ("hours of an event", "hours over plan", "events over plan")
_CONTACTS: Final = ("contacts opted in",)
_FOCUS: Final = ("focus group", "confirmed", "amended", "rejected", "missing")
_TOLD: Final = ("told",)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An analysis, and the records that it needs one of.

    Attributes
    ----------
    rows : callable
        Gives the rows of some records, broken down.
    needs : tuple of str
        Records of which at least one must hold something.
    """

    rows: Rows
    needs: tuple[str, ...] = ("register",)


def measured(evidence: Evidence, measure: str, by: tuple[str, ...]) -> pd.DataFrame:
    """Work one measure out; where it is broken down, in all too.

    Parameters
    ----------
    evidence : Evidence
    measure : str
        One of `record_promises.MEASURES`.
    by : tuple of str

    Returns
    -------
    DataFrame
        Rows of evidence.

    Raises
    ------
    LpactError
        If the analysis can't be made.
    """
    rows = _ANSWERS[measure].rows
    found = [rows(evidence, ()), *([rows(evidence, by)] if by else [])]
    return pd.concat([frame for frame in found if len(frame)] or found[:1], ignore_index=True)


def not_collected(evidence: Evidence, measure: str) -> str:
    """Say which records a measure lacks.

    Parameters
    ----------
    evidence : Evidence
    measure : str

    Returns
    -------
    str
        Empty where there are some.
    """
    needs = _ANSWERS[measure].needs
    if any(len(evidence.tables[name]) for name in needs):
        return ""
    titles = " or ".join(evidence.schema.records[name].title.lower() for name in needs)
    return f"no records of this were kept: {titles}"


def with_overrides(
    evidence: Evidence, *, police_heavy: float | None = None, rates: Mapping[str, float] | None = None
) -> Evidence:
    """Put a plan's own line and rates in the place of those of the records.

    Parameters
    ----------
    evidence : Evidence
    police_heavy : float, optional
    rates : mapping of str to float, optional

    Returns
    -------
    Evidence
    """
    schema = evidence.schema
    line = schema.police_heavy if police_heavy is None else police_heavy
    return replace(evidence, schema=replace(schema, police_heavy=line, rates={**schema.rates, **(rates or {})}))


def _without_by(rows: Callable[[Evidence], pd.DataFrame]) -> Rows:
    """Take an analysis that is not broken down."""
    found = once(rows)
    return lambda evidence, _: found(evidence)


def _beginning(words: tuple[str, ...], *, others: bool = False) -> Rows:
    """Keep the counts of events whose measure begins with one of some words, or those of all others."""

    def kept(evidence: Evidence, by: tuple[str, ...]) -> pd.DataFrame:
        found = TABLES["summary"](evidence, by)
        return found[found["measure"].str.startswith(words) != others]

    return kept


def _naming(words: tuple[str, ...]) -> Rows:
    """Keep the stages of the funnel of actions that name one of some words."""

    def kept(evidence: Evidence, by: tuple[str, ...]) -> pd.DataFrame:
        found = TABLES["actions"](evidence, by)
        return found[found["measure"].str.contains("|".join(words), regex=True)]

    return kept


# Tables that a contribution analysis may look at too, each worked out once; their names are methods of the records.
TABLES: Final[Mapping[str, Rows]] = {
    "summary": once(summary_rows),
    "retention": _without_by(retention_rows),
    "reach": _without_by(reach_rows),
    "coverage": _without_by(coverage_rows),
    "saturation": once(saturation_rows),
    "actions": once(action_rows),
    "waiting": once(waiting_rows),
    "observations": once(observation_rows),
    "understanding_change": _without_by(understanding_change_rows),
    "costs": once(cost_rows),
}
_CODED: Final = ("feedback",)
_FUNNEL: Final = ("feedback", "verdicts", "actions")
_ANSWERS: Final[Mapping[str, _Answer]] = {
    "events and attendance": _Answer(_beginning((*_OFFICERS, *_LENGTH, *_CONTACTS), others=True)),
    "who came": _Answer(_without_by(attendance_rows), ("attendance", "people")),
    "repeat attendance": _Answer(TABLES["retention"], ("people",)),
    "contacts opted in": _Answer(_beginning(_CONTACTS)),
    "officers to attendees": _Answer(_beginning(_OFFICERS)),
    "length of events": _Answer(_beginning(_LENGTH)),
    "reach": _Answer(TABLES["reach"]),
    "communications": _Answer(_without_by(communication_rows), ("communications",)),
    "cost": _Answer(TABLES["costs"]),
    "sensitivity of cost": _Answer(_without_by(cost_sensitivity_rows)),
    "questions reached": _Answer(TABLES["coverage"]),
    "themes": _Answer(once(theme_rows), _CODED),
    "themes of one community": _Answer(_without_by(raised_rows), _CODED),
    "themes raised together": _Answer(_without_by(cooccurrence_rows), _CODED),
    "themes still unheard": _Answer(TABLES["saturation"], _CODED),
    "forms and notes": _Answer(_without_by(voice_rows), _CODED),
    "coder agreement": _Answer(_without_by(coding_rows), _CODED),
    "focus group": _Answer(_naming(_FOCUS), ("verdicts",)),
    "actions": _Answer(TABLES["actions"], _FUNNEL),
    "told": _Answer(_naming(_TOLD), ("actions",)),
    "waiting time": _Answer(TABLES["waiting"], ("actions",)),
    "lay observation": _Answer(TABLES["observations"], ("observations",)),
    "understanding before and after": _Answer(TABLES["understanding_change"], ("observations",)),
}
