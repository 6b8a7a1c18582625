"""What a plan promises from the records of events: their folder, overrides, quotes, and measures in words."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError
from lpact_eval.resources import plan_file
from lpact_eval.waves.located import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.waves.located import Located

_EVENTS: Final = ("community", "area", "year", "half_year", "age_focus", "format")
_ACTIONS: Final = ("workstream", "community", "department")
CONTRIBUTION: Final = "contribution.toml"
RATES: Final = ("officer", "chief_officer", "organiser", "setup")
# What may be promised, in words, and by what it may be broken down.
MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "events and attendance": _EVENTS,
    "who came": (),
    "repeat attendance": (),
    "contacts opted in": _EVENTS,
    "officers to attendees": _EVENTS,
    "length of events": _EVENTS,
    "reach": (),
    "communications": (),
    "cost": _EVENTS,
    "sensitivity of cost": (),
    "questions reached": (),
    "themes": (*_EVENTS, "workstream"),
    "themes of one community": (),
    "themes raised together": (),
    "themes still unheard": (*_EVENTS, "workstream"),
    "forms and notes": (),
    "coder agreement": (),
    "focus group": ("workstream", "community"),
    "actions": _ACTIONS,
    "told": _ACTIONS,
    "waiting time": _ACTIONS,
    "lay observation": ("community", "scheme", "year"),
    "understanding before and after": (),
}
_ONE_GROUPING: Final = ("themes still unheard",)  # its rows name the event too
_OF_SURVEYS: Final = ("variable", "answers", "groups", "analyses", "family")
_MOST_GROUPINGS: Final = 2


@dataclass(frozen=True, slots=True)
class EventsPlan:
    """The records of events, as a plan writes them.

    Attributes
    ----------
    folder : str
        Folder of the records, beside the plan; empty for the shipped, made-up ones.
    as_of : date or None
        Day up to which open items have waited; by default the latest in the records.
    police_heavy : float or None
        Officers for each attendee above which an event is called police heavy; by default that of the records.
    rates : mapping of str to float
        Pounds an hour in place of those of the records.
    quotes : tuple of str
        Items whose text may be shown, chosen after reading them.
    contribution : str
        File of the contribution analysis, beside the plan; empty where there is none. Where "contribution.toml" is not
        there, it is the shipped one, in which the lead has answered nothing yet.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    folder: str = ""
    as_of: dt.date | None = None
    police_heavy: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None
    rates: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = field(default_factory=dict[str, float])
    quotes: tuple[str, ...] = ()
    contribution: str = ""


@dataclass(frozen=True, slots=True)
class PlannedRecords:
    """What a plan promises from the records of events, its names checked.

    Attributes
    ----------
    folder : Path or None
        None for the shipped, made-up records.
    as_of, police_heavy, rates, quotes
        As in `EventsPlan`.
    indicators : tuple of Indicator
    order : tuple of str
        Ids of all indicators of the plan, surveys and records together.
    contribution : Path or None
    at, quotes_at : str
        File and line of [events], and of its quotes, for messages.
    """

    folder: Path | None
    as_of: dt.date | None
    police_heavy: float | None
    rates: Mapping[str, float]
    quotes: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    order: tuple[str, ...]
    at: str
    quotes_at: str
    contribution: Path | None = None


def planned_records(
    located: Located, events: EventsPlan | None, indicators: Sequence[Indicator]
) -> PlannedRecords | None:
    """Check what a plan promises from the records of events.

    Parameters
    ----------
    located : Located
        The plan file.
    events : EventsPlan or None
    indicators : sequence of Indicator
        All of the plan, in its order.

    Returns
    -------
    PlannedRecords or None
        None where the plan has no [events].

    Raises
    ------
    DefinitionError
        If an indicator names an unknown measure or grouping, or keys that only surveys have: file, line and the nearest
        right name.
    """
    for position, indicator in enumerate(indicators):
        if indicator.source == "events":
            _check(located, position, indicator, has_events=events is not None)
    if events is None:
        return None
    for name in events.rates:
        if name not in RATES:
            msg = f"{located.at('events', 'rates', name)}: there is no rate {name!r}; {nearest(name, RATES)}"
            raise DefinitionError(msg)
    repeated = sorted({item for item in events.quotes if events.quotes.count(item) > 1})
    if repeated:
        msg = f"{located.at('events', 'quotes')}: quotes names {repeated[0]!r} twice. Name each item once."
        raise DefinitionError(msg)
    return PlannedRecords(
        folder=(located.path.parent / events.folder) if events.folder else None,
        as_of=events.as_of,
        police_heavy=events.police_heavy,
        rates=events.rates,
        quotes=events.quotes,
        indicators=tuple(one for one in indicators if one.source == "events"),
        order=tuple(dict.fromkeys(one.id for one in indicators)),
        at=located.at("events", "as_of"),
        quotes_at=located.at("events", "quotes"),
        contribution=_contribution(located, events.contribution) if events.contribution else None,
    )


def _contribution(located: Located, name: str) -> Path:
    """Find the contribution analysis beside the plan, or the shipped one that a copied plan names."""
    own, shipped = located.path.parent / name, plan_file().with_name(CONTRIBUTION)
    return shipped if name == CONTRIBUTION and not own.is_file() else own


def groupings(indicator: Indicator) -> tuple[str, ...]:
    """Split the groupings of an indicator.

    Parameters
    ----------
    indicator : Indicator
        One of records.

    Returns
    -------
    tuple of str
        None, one or two names.
    """
    return tuple(name.strip() for name in indicator.by.split(",") if name.strip())


def _check(located: Located, position: int, indicator: Indicator, *, has_events: bool) -> None:
    """Refuse the first thing that is wrong about an indicator of records."""
    found = next(_problems(located, position, indicator, has_events=has_events), None)
    if found:
        key, problem = found
        msg = f"{located.at('indicator', position, key)}: {problem}"
        raise DefinitionError(msg)


def _problems(located: Located, position: int, indicator: Indicator, *, has_events: bool) -> Iterator[tuple[str, str]]:
    """Name what is wrong about an indicator of records, with the key that is."""
    named, measure = f"indicator {indicator.id!r}", indicator.measure
    if not has_events:
        yield "source", f"{named} is about the records of events, and the plan has no [events]. Add that table."
    if not measure:
        yield "measure", f"{named} has no measure; add one of {', '.join(map(repr, MEASURES))}."
    if measure not in MEASURES:
        yield "measure", f"there is no measure {measure!r}; {nearest(measure, MEASURES)}"
    for key in _OF_SURVEYS:
        if ("indicator", position, key) in located.lines:
            yield key, f"{named} is about the records of events, which have no {key}. Remove it."
    if indicator.role != "exploratory":
        yield "role", f'{named} is about the records of events, which are not tested. Say role = "exploratory".'
    yield from (("by", problem) for problem in _grouping_problems(indicator))


def _grouping_problems(indicator: Indicator) -> Iterator[str]:
    """Name what is wrong about the groupings of an indicator of records."""
    measure, allowed, names = indicator.measure, MEASURES[indicator.measure], groupings(indicator)
    for name in names:
        if name not in allowed:
            yield f"there is no {measure!r} by {name!r}; {nearest(name, allowed)}"
    most = 1 if measure in _ONE_GROUPING else _MOST_GROUPINGS
    if measure == "themes" and len(set(names) - {"workstream"}) > 1:
        yield f"there are no {measure!r} by {' and '.join(names)}; give one of them, alone or with workstream."
    if len(names) > most or len(set(names)) < len(names):
        yield f"indicator {indicator.id!r} is by {len(names)} groupings; name at most {most}, each once."
