"""Tables of the first intended outcome: events, who came, who came again, officers, reach, time and questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.record_rows import ALL, group_name
from lpact_eval.reporting.record_tables import Figure, Heads, amounts, single, tally, wide
from lpact_eval.reporting.tables import Cell, Column, Table

if TYPE_CHECKING:
    from lpact_eval.reporting.record_rows import Key, RecordRow, RecordRows

_HELD: Final = (
    Figure("events", "Events", bare=True),
    Figure("attendees", "Attendances", bare=True),
    Figure("attendees at an event: median", "Middle event", bare=True),
    Figure("attendees at an event: lowest", "Smallest event", bare=True),
    Figure("attendees at an event: highest", "Largest event", bare=True),
    Figure("forms returned", "Forms returned, of attendees"),
)
_PACE: Final = (
    *("days from first to latest event", "days between events: median", "days between events: lowest"),
    *(
        "days between events: highest",
        "events a year later for each event now",
        "attendees more at an event a year later",
    ),
)
_OFFICERS: Final = (
    Figure("officers", "Officers", bare=True),
    Figure("officers per attendee", "Officers per attendee"),
    Figure("officers per attendee at an event: median", "Middle event", bare=True),
    Figure("officers per attendee at an event: lowest", "Lowest at an event", bare=True),
    Figure("officers per attendee at an event: highest", "Highest at an event", bare=True),
)
_LENGTH: Final = (
    Figure("hours of an event: median", "Length, middle event"),
    Figure("hours of an event: lowest", "Length, shortest event", bare=True),
    Figure("hours of an event: highest", "Length, longest event", bare=True),
    Figure("hours over plan at an event: median", "Over plan, middle event", bare=True),
    Figure("hours over plan at an event: lowest", "Over plan, least", bare=True),
    Figure("hours over plan at an event: highest", "Over plan, most", bare=True),
    Figure("events over plan by more than 30 minutes", "Events over plan by more than 30 minutes"),
)
_RETURNS: Final = (
    *("events with pseudonymous records", "attendees on record at these events", "people on record"),
    *("attendances on record", "attendances per person", "people who came more than once"),
    *("people who came more than once, of those who had the chance", "people by times they came"),
    "attendees who came to the next event of the same community",
)
_LATER: Final = ("came to the event so many after their first", "came again within so many events of their first")
_HELD_THERE: Final = (
    Figure("Black residents: share", "Black residents who live there"),
    Figure("events held there", "Events held there", bare=True),
    Figure("events held there: share", "Share of events"),
    Figure("attendances at events held there", "Attendances at them", bare=True),
)
_CAME_FROM: Final = (
    Figure("attendances of people living there", "People of any ethnic group: attendances", bare=True),
    Figure("attendances of people living there: share", "Share of those attendances"),
    Figure("attendances of Black people living there", "Black people: attendances", bare=True),
    Figure("attendances of Black people living there: share", "Share of those of Black people"),
    Figure(
        "attendances of Black people living there: share less share of Black residents",
        "That less the share of Black residents",
        bare=True,
    ),
    Figure(
        "attendances of Black people living there per 1,000 Black residents", "Per 1,000 Black residents", bare=True
    ),
)


def held_tables(rows: RecordRows) -> list[Table]:
    """Tell of events and attendance."""
    pace = rows.of(*_PACE, by=("",))
    return [
        wide(rows, "Events_held", "Events and attendances", _HELD),
        amounts(pace, "Pace", "How often events were held, and how that and attendance changed"),
    ]


def who_tables(rows: RecordRows) -> list[Table]:
    """Tell who came."""
    chosen = rows.of(
        "attendances", "attendances recorded in groups", "events with more people in groups than attendees"
    )
    caption = "Who came: attendances by group, of those recorded in groups"
    return [tally(chosen, "Who_came", caption)]


def return_tables(rows: RecordRows) -> list[Table]:
    """Tell who came again."""
    later = wide(
        rows.of(*_LATER),
        "Coming_again",
        "People who came to the event so many after their first, and within so many",
        (Figure(_LATER[0], "Came to that event"), Figure(_LATER[1], "Came again by then")),
        heads=single("Events after their first"),
    )
    return [tally(rows.of(*_RETURNS), "Repeat_attendance", "Repeat attendance"), later]


def contact_tables(rows: RecordRows) -> list[Table]:
    """Tell who left contact details, and whom messages reached."""
    messages = wide(
        rows,
        "Messages",
        "Messages by channel and what they were about",
        (Figure("messages", "Messages", bare=True), Figure("contacts reached", "Contacts reached", bare=True)),
        heads=Heads(("Channel", "About"), _channel_and_topic),
    )
    return [tally(rows.of("contacts opted in"), "Opted_in", "Contacts opted in, of attendees"), messages]


def _channel_and_topic(key: Key) -> tuple[str, str]:
    """Name a channel and a topic; either may be all."""
    by, group, by2, group2 = key
    if by == "about":
        return ALL, group_name(group)
    return group_name(group), group_name(group2) if by2 else ALL


def officer_tables(rows: RecordRows) -> list[Table]:
    """Tell of officers at events."""
    chosen = rows.of("police-heavy events", "events with a chief officer")
    return [
        wide(rows, "Officers", "Officers and attendees", _OFFICERS),
        tally(chosen, "Police_heavy", "Events above the line for officers, and events with a chief officer"),
    ]


def length_tables(rows: RecordRows) -> list[Table]:
    """Tell of planned and actual times."""
    return [wide(rows, "Length", "Length of events, and time over plan", _LENGTH)]


def question_tables(rows: RecordRows) -> list[Table]:
    """Tell which questions were reached."""
    chosen = rows.of("all four questions reached", "question reached", "questions left unreached")
    return [
        tally(chosen, "Questions_reached", "Questions that events got to"),
        _matrix(rows.of("question reached at an event"), "Questions_by_event", "Questions reached at each event"),
    ]


def _matrix(rows: RecordRows, name: str, caption: str) -> Table:
    """Lay out whether each event reached each question, in words."""
    questions = list(dict.fromkeys(row.group2 for row in rows))
    found = {(row.group, row.group2): row for row in rows}
    body = tuple(
        (Cell(group_name(event)), *(Cell(_reached(found.get((event, question)))) for question in questions))
        for event in dict.fromkeys(row.group for row in rows)
    )
    return Table(name, caption, (Column("Event"), *(Column(group_name(one)) for one in questions)), body)


def _reached(row: RecordRow | None) -> str:
    """Say whether a question was reached."""
    if row is None or not row.shown:
        return "Not known" if row is None or row.mark in {"", "[x]"} else row.mark
    return "Reached" if row.value > 0 else "Not reached"


def reach_tables(rows: RecordRows) -> list[Table]:
    """Tell where events were held and where those who came live, beside where Black residents live."""
    figures = (*_HELD_THERE, *_CAME_FROM)
    areas = rows.of(*(one.measure for one in figures), by=("area",))
    if not any(row.measure == figures[0].measure for row in areas):
        return []
    indices = rows.where(lambda row: row.measure.startswith("dissimilarity: "))
    held = "Where events were held, beside where Black residents live (Census 2021)"
    return [
        wide(areas, "Reach", held, _HELD_THERE, heads=single("Area")),
        wide(areas, "Where_people_live", "Where people who came live", _CAME_FROM, heads=single("Area")),
        amounts(indices, "Unlikeness", "How unlike the two patterns are: 0 alike, 1 wholly apart"),
    ]
