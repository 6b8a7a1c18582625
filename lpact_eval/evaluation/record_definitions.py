"""What each measure of the records is, which columns it is worked out of, how, and with which interval: in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.evaluation.record_promises import groupings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.evaluation.promises import Indicator

    Columns = Mapping[str, str]

_OVER_EVENTS: Final = (
    "shares: Wilson's, others: Student's, over events as clusters (CR2), from five events on; counts are exact"
)
_NONE: Final = "none: the records are all there is, and no sample"
_LOG: Final[Mapping[str, str]] = {"verdicts": "meeting theme verdict", "actions": "theme status reason answered"}
_TOLD: Final[Mapping[str, str]] = {**_LOG, "actions": "theme status reason answered told told_to"}
_RAISED: Final[Mapping[str, str]] = {"feedback": "coder_1 coder_2 coder_3 agreed"}
_CODED: Final[Mapping[str, str]] = {
    "register": "event",
    "feedback": "event kind person coder_1 coder_2 coder_3 agreed",
}
_TIMES: Final = "planned_start planned_end actual_start actual_end"
_SPENT: Final = (
    "officers chief_officer actual_start actual_end cost_venue cost_food cost_travel cost_materials cost_other "
    "organiser_hours setup_people setup_hours"
)
_REGISTER_BY: Final[Mapping[str, Columns]] = {
    **{name: {"register": name} for name in ("community", "area", "age_focus", "format")},
    **{name: {"register": "date"} for name in ("year", "half_year")},
}
_THEMES_BY: Final[Mapping[str, Columns]] = {
    **_REGISTER_BY,
    "community": {"register": "community", "feedback": "community"},
}
_RAISED_AT: Final[Mapping[str, str]] = {
    "register": "event community",
    "feedback": "event coder_1 agreed",
    "actions": "event",
}
_ACTIONS_BY: Final[Mapping[str, Columns]] = {"community": _RAISED_AT, "department": {"actions": "department"}}
_WAITS_BY: Final[Mapping[str, Columns]] = {
    "community": {"register": "event community", "actions": "event"},
    "department": {"actions": "department"},
}
_STEPS: Final = "person offered applied vetted vetting attended"


@dataclass(frozen=True, slots=True)
class RecordDefinition:
    """What a measure of the records is.

    Attributes
    ----------
    meaning : str
        What is counted or compared.
    estimator, interval : str
        How the numbers and their intervals come about.
    columns : mapping of str to str
        Record, and the names of its columns that are used whatever the breakdown.
    by : mapping of str to mapping
        The further columns of each breakdown.
    """

    meaning: str
    estimator: str
    interval: str
    columns: Mapping[str, str]
    by: Mapping[str, Columns] = field(default_factory=dict[str, "Columns"])


@dataclass(frozen=True, slots=True)
class RecordMade:
    """How the numbers of an indicator of the records are made.

    Attributes
    ----------
    indicator, title, measure : str
        Its id, its title in the plan, and one of `record_promises.MEASURES`.
    meaning, estimator, interval : str
        As `RecordDefinition` words them.
    records : tuple of str
        Those that it is worked out of.
    """

    indicator: str
    title: str
    measure: str
    meaning: str
    estimator: str
    interval: str
    records: tuple[str, ...]


def made_of(indicator: Indicator) -> RecordMade:
    """Say how the numbers of an indicator of the records are made.

    Parameters
    ----------
    indicator : Indicator
        One of records.

    Returns
    -------
    RecordMade
    """
    measure = indicator.measure
    definition = DEFINITIONS[measure]
    words = (definition.meaning, definition.estimator, definition.interval)
    return RecordMade(indicator.id, indicator.title, measure, *words, tuple(columns_of(measure, groupings(indicator))))


def columns_of(measure: str, by: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """List the columns that a measure is worked out of.

    Parameters
    ----------
    measure : str
        One of `record_promises.MEASURES`.
    by : tuple of str
        What it is broken down by.

    Returns
    -------
    dict of str to tuple of str
        Records, and their columns, each once.
    """
    definition = DEFINITIONS[measure]
    found: dict[str, dict[str, None]] = {}
    for part in (definition.columns, *(definition.by.get(name, {}) for name in by)):
        for record, names in part.items():
            found.setdefault(record, {}).update(dict.fromkeys(names.split()))
    return {record: tuple(names) for record, names in found.items()}


DEFINITIONS: Final[Mapping[str, RecordDefinition]] = {
    "events and attendance": RecordDefinition(
        "events held, people who came, forms handed in, days between events, and whether there were more over time",
        "sums, medians and ranges over events, an event without a count left out of them; change a year: events by a "
        "Poisson rate in half-years (from eight events on), attendees by the median slope between two events",
        f"{_OVER_EVENTS}; trends: likelihood limits, and limits of the rank correlation",
        {"register": "date attendees forms"},
        _REGISTER_BY,
    ),
    "who came": RecordDefinition(
        "attendances by ethnic group, age, sex, area and community",
        "shares of the attendances whose group is known; an event without counts in groups is counted from its codes "
        "of people",
        _OVER_EVENTS,
        {
            "register": "event attendees",
            "attendance": "event by group people",
            "people": "event person ethnicity age_band area community",
        },
    ),
    "repeat attendance": RecordDefinition(
        "who came again, and to the next event of the same community",
        "people with a code, each once; only those who had the chance to come again count where it says so",
        _NONE,
        {"register": "event date community attendees", "people": "event person"},
    ),
    "contacts opted in": RecordDefinition(
        "attendees who left contact details",
        "contacts over attendees, of the events that have both",
        _OVER_EVENTS,
        {"register": "attendees opted_in"},
        _REGISTER_BY,
    ),
    "officers to attendees": RecordDefinition(
        "officers for each attendee, events with more officers than the line allows, and events with a chief officer",
        "ratios of sums over the events that have both counts, and medians over events",
        _OVER_EVENTS,
        {"register": "officers attendees chief_officer"},
        _REGISTER_BY,
    ),
    "length of events": RecordDefinition(
        "how long events lasted, and how far over plan",
        "hours from actual start to actual end, past midnight where the end stands so; medians and ranges over events",
        _OVER_EVENTS,
        {"register": _TIMES},
        _REGISTER_BY,
    ),
    "reach": RecordDefinition(
        "where events were held and attendees live, beside where Black residents live",
        "shares of authorities set beside their shares of the census's Black residents; dissimilarity is half the sum "
        "of the differences",
        _NONE,
        {
            "register": "event area attendees",
            "attendance": "event by group people",
            "people": "event person ethnicity area",
        },
    ),
    "communications": RecordDefinition(
        "messages that went out, and the contacts they made",
        "sums over messages; a message without a number is left out of them and counted",
        _NONE,
        {"communications": "channel about reached"},
    ),
    "cost": RecordDefinition(
        "what events cost, for each event, attendee, new contact and answered theme; cash and staff time apart",
        "hours times rates for staff; sums over the events that have all they are made of",
        _OVER_EVENTS,
        {"register": f"attendees opted_in {_SPENT}", **_LOG},
        _REGISTER_BY,
    ),
    "sensitivity of cost": RecordDefinition(
        "what events would cost at other rates an hour",
        "the same sums with all rates, or one of them, multiplied",
        "none: rates are assumptions and not left to chance",
        {"register": f"attendees {_SPENT}"},
    ),
    "questions reached": RecordDefinition(
        "which of the four questions each event reached, and what was left where time ran over",
        "shares of the events that say whether a question was reached",
        _OVER_EVENTS,
        {"register": f"event date respect protect involve represent {_TIMES}"},
    ),
    "themes": RecordDefinition(
        "themes raised on forms and in the room",
        "share of forms that raise a theme (one form is one person), and events at which the room raised it (never a "
        "share of people); the agreed codes, else those of the first coder",
        "Wilson's on the effective number of forms, events as clusters (CR2) from five events on",
        _CODED,
        _THEMES_BY,
    ),
    "themes of one community": RecordDefinition(
        "which themes all communities raise, and which only one",
        "communities that raise a theme, of those heard, with the events and forms behind each",
        _NONE,
        {
            "register": "event community",
            "feedback": "event kind person community coder_1 coder_2 coder_3 agreed",
        },
    ),
    "themes raised together": RecordDefinition(
        "themes that the same forms or the same events raise",
        "Jaccard's index, lift and Fisher's test, adjusted by Benjamini and Hochberg, for themes in five units or more",
        "none",
        _CODED,
    ),
    "themes still unheard": RecordDefinition(
        "new themes event after event, and how many may still be unheard",
        "rarefaction, Chao2, coverage by Chao and Jost, and base, run and threshold by Guest, Namey and Chen",
        "for the number of themes Chao's, on the scale of logarithms; else none",
        {"register": "event date", "feedback": "event kind person coder_1 coder_2 coder_3 agreed"},
        _THEMES_BY,
    ),
    "forms and notes": RecordDefinition(
        "what was written on forms beside what was said in the room",
        "mentions of a theme at an event: on forms only, in the room only, or both, where an event has forms and notes",
        _NONE,
        _CODED,
    ),
    "coder agreement": RecordDefinition(
        "how far coders agree, and whether shares of themes may be told",
        "Krippendorff's alpha, Cohen's kappa and Gwet's AC1 over items that two or more coders read",
        "percentiles of 1,000 resamples of the items",
        {"feedback": "coder_1 coder_2 coder_3"},
    ),
    "focus group": RecordDefinition(
        "themes that the focus group confirmed, amended, rejected or missed, and what became of those it confirmed",
        "themes, each once by its latest verdict",
        _NONE,
        {**_RAISED, **_TOLD},
        {"community": _RAISED_AT},
    ),
    "actions": RecordDefinition(
        "themes from raised to confirmed, answered, done, can't be done with a reason, and told",
        "themes, each once, and actions; a theme is answered where all its actions are",
        _NONE,
        {**_RAISED, **_TOLD},
        _ACTIONS_BY,
    ),
    "told": RecordDefinition(
        "themes that those who raised them were told about, and who was told",
        "themes, each once",
        _NONE,
        dict(_TOLD),
        _ACTIONS_BY,
    ),
    "waiting time": RecordDefinition(
        "days from raised to answered, to done and to told",
        "median of Kaplan and Meier: what is still open counts for as long as it has waited",
        "from Greenwood's limits on the scale of log(-log)",
        {"actions": "theme status reason raised answered done told"},
        _WAITS_BY,
    ),
    "lay observation": RecordDefinition(
        "offers of lay observation from offered to applied, vetted, passed and attended",
        "offers at each step, as shares of the step before and of all offers; days between steps by Kaplan and Meier",
        "shares: Wilson's, offers taken as independent; days: Greenwood's limits on the scale of log(-log)",
        {"observations": _STEPS},
        {"community": {"observations": "community"}, "scheme": {"observations": "scheme"}},
    ),
    "understanding before and after": RecordDefinition(
        "understanding of policing of the same people before and after observing",
        "mean change of those who answered both times, and shares up, same and down; a person counts once",
        "means: Student's; shares: Wilson's; the share up of those who moved: exact",
        {"observations": "person offered attended before after"},
    ),
}
