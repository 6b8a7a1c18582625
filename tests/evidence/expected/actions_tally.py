"""Tally the way of themes and actions from raised to told.

Rules
-----
1. A theme is raised if it is coded in feedback, or named by the focus group or the action log.
2. Of the focus group's verdicts the latest counts; verdicts on one event count event by event, beside one on no event
   unless that is of a later day, and of several that are left the kindest counts: amend, agree, missing, reject. A
   theme is confirmed if that is agree or amend.
3. An action is answered if it is done, can't be done and a reason is given, or is in progress with a day of answer. A
   day of answer on an action that is not started does not count. It is told if a day or an audience is given.
4. A theme is answered, told or ended once all its actions are; it is done if all ended and one was done, and can't be
   acted on if all its actions can't. Of themes only those confirmed go on to the action log's stages.
5. A theme counts in the community of every event that raised it, in a workstream by its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events_tally import register
from feedback_tally import codes_that_count
from raw import SCHEMA, STREAM, STREAMS, THEMES, kept
from writing import count, label, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raw import Row
    from writing import Expected, Label

ORDER = ("reject", "missing", "agree", "amend")
AUDIENCES = SCHEMA["lists"]["audiences"]


def actions() -> list[Expected]:
    """Tally the funnel: in all, by workstream and by community."""
    found = _funnel(list(THEMES), "", label())
    for stream in STREAMS:
        found += _funnel([key for key in THEMES if STREAM[key] == stream], "", label("workstream", stream))
    for group in sorted({row["community"] for row in register()}):
        found += _funnel(list(THEMES), group, label("community", group))
    return found


def is_answered(row: Row) -> bool:
    """Say whether an action is answered, see rule 3."""
    return (
        row["status"] == "done"
        or (row["status"] == "cannot act" and bool(row["reason"]))
        or (row["status"] == "in progress" and bool(row["answered"]))
    )


def _funnel(themes: Sequence[str], community: str, where: Label) -> list[Expected]:
    """Tally the stages of some themes, of one community's events or of all."""
    focus = {row["event"]: row["community"] for row in register()} | {"": ""}
    tied = [
        [row for row in kept(record) if not community or focus[row["event"]] in {community, ""}]
        for record in ("verdicts", "actions")
    ]
    verdicts, log = ([row for row in rows if row["theme"] in themes] for rows in tied)
    heard = {
        theme
        for item in kept("feedback")
        if not community or focus[item["event"]] == community
        for theme in codes_that_count(item) or ()
    }
    own = {row["theme"] for row in (*verdicts, *log) if not community or focus[row["event"]] == community}
    raised = [theme for theme in themes if theme in heard or theme in own]
    log = [row for row in log if row["theme"] in raised]
    judged = {theme: verdict_that_counts([row for row in verdicts if row["theme"] == theme]) for theme in raised}
    of = {theme: [row for row in log if row["theme"] == theme] for theme in raised}
    return [*_theme_stages(raised, judged, of, where), *_action_stages(log, where)]


def verdict_that_counts(rows: Sequence[Row]) -> str:
    """Find the verdict that counts, see rule 2; of several on one day in one scope the least kind."""
    latest: dict[str, tuple[str, int]] = {}
    for row in rows:
        place = ORDER.index(row["verdict"])
        before = latest.get(row["event"])
        if before is None or row["meeting"] > before[0] or (row["meeting"] == before[0] and place < before[1]):
            latest[row["event"]] = (row["meeting"], place)
    general = latest.get("", ("", 0))[0]
    return ORDER[max(place for meeting, place in latest.values() if meeting >= general)] if latest else ""


def _theme_stages(
    raised: Sequence[str], judged: dict[str, str], of: dict[str, list[Row]], where: Label
) -> list[Expected]:
    """Tally the stages of themes, each of the stage that it comes from."""
    put = [theme for theme in raised if judged[theme]]
    confirmed = [theme for theme in put if judged[theme] in {"agree", "amend"}]
    taken = [theme for theme in confirmed if of[theme]]
    answered = [theme for theme in taken if all(map(is_answered, of[theme]))]
    part = [theme for theme in taken if theme not in answered and any(map(is_answered, of[theme]))]
    ended = [theme for theme in answered if all(row["status"] in {"done", "cannot act"} for row in of[theme])]
    done = [theme for theme in ended if any(row["status"] == "done" for row in of[theme])]
    told = [theme for theme in answered if all(row["told"] or row["told_to"] for row in of[theme])]
    stages = [
        ("themes put to the focus group", put, raised),
        ("themes never put to the focus group", [theme for theme in raised if theme not in put], raised),
        ("themes confirmed", confirmed, put),
        *(
            (f"themes {name}", [theme for theme in put if judged[theme] == verdict], put)
            for name, verdict in (("amended", "amend"), ("rejected", "reject"), ("named as missing", "missing"))
        ),
        ("themes with an action", taken, confirmed),
        ("themes without an action", [theme for theme in confirmed if theme not in taken], confirmed),
        ("themes answered", answered, taken),
        ("themes answered in part", part, taken),
        ("themes not answered", [theme for theme in taken if theme not in answered], taken),
        ("themes done", done, answered),
        ("themes that can't be acted on, with a reason", [theme for theme in ended if theme not in done], answered),
        ("themes answered and still open", [theme for theme in answered if theme not in ended], answered),
        ("themes told", told, answered),
        *(
            (f"themes told to: {name}", [theme for theme in told if all(_to(row, name) for row in of[theme])], answered)
            for name in AUDIENCES
        ),
        ("themes answered, of those confirmed", answered, confirmed),
        ("themes done, of those confirmed", done, confirmed),
        ("themes told, of those confirmed", told, confirmed),
        (
            "themes with an action and not confirmed",
            [theme for theme in raised if of[theme] and theme not in confirmed],
            raised,
        ),
    ]
    return [count("themes raised", len(raised), where), *_counted(stages, where)]


def _action_stages(log: Sequence[Row], where: Label) -> list[Expected]:
    """Tally what actions came to."""
    answered = [row for row in log if is_answered(row)]
    cannot = [row for row in log if row["status"] == "cannot act"]
    told = [row for row in answered if row["told"] or row["told_to"]]
    stages = [
        ("actions answered", answered, log),
        ("actions not answered", [row for row in log if not is_answered(row)], log),
        ("actions done", [row for row in log if row["status"] == "done"], answered),
        ("actions that can't be done, with a reason", [row for row in cannot if row["reason"]], answered),
        ("actions answered and still open", [row for row in answered if row["status"] == "in progress"], answered),
        ("actions that can't be done, without a reason", [row for row in cannot if not row["reason"]], log),
        ("actions told", told, answered),
        *((f"actions told to: {name}", [row for row in told if _to(row, name)], answered) for name in AUDIENCES),
    ]
    return [count("actions", len(log), where), *_counted(stages, where)]


def _to(row: Row, audience: str) -> bool:
    """Say whether an audience was told of an action."""
    return audience in [word.strip() for word in row["told_to"].split(";")]


def _counted(stages: Sequence[tuple[str, Sequence[object], Sequence[object]]], where: Label) -> list[Expected]:
    """Give stages as counts and as shares of the stage that they come from."""
    return [
        row
        for name, reached, base in stages
        for row in (
            count(name, len(reached), where, len(base)),
            share(name, len(reached), len(base), where),
        )
    ]
