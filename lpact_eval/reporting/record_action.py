"""Tables of the third and fourth intended outcomes and of cost: what became of what was raised, observation, money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.record_rows import ALL, RecordRows, group_name, measure_label
from lpact_eval.reporting.record_tables import Figure, Heads, across, amounts, tally, wide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.record_rows import Key
    from lpact_eval.reporting.tables import Table

_PATH: Final = (
    *("themes raised", "themes put to the focus group", "themes never put to the focus group"),
    *("themes named as missing", "themes confirmed", "themes amended", "themes rejected"),
    *("themes with an action", "themes without an action", "themes with an action and not confirmed"),
    *("themes answered, of those confirmed", "themes done, of those confirmed", "themes told, of those confirmed"),
    *("themes answered", "themes answered in part", "themes not answered", "themes done"),
    *("themes that can't be acted on, with a reason", "themes answered and still open", "themes told"),
)
_ORDER: Final = {measure: place for place, measure in enumerate(_PATH)}
_TOLD_TO: Final = ("themes told to", "actions told to")
_STAGES: Final = ("offered", "applied", "vetted", "not passed", "passed", "attended")
_COST_KINDS: Final = (
    *("in all", "per event", "of an event: median", "of an event: lowest", "of an event: highest"),
    *("per attendee", "per new contact", "per answered theme"),
)
_MONEY: Final = (
    *("cash on venue", "cash on food", "cash on travel", "cash on materials", "cash on other things"),
    "cash recorded",
)
_STAFF: Final = ("officers", "chief officers", "organising", "set-up")


def funnel_tables(rows: RecordRows) -> list[Table]:
    """Tell what became of what was raised: themes, then actions."""
    log = rows.where(lambda row: row.table == "action")
    tables: list[Table] = []
    for what in ("themes", "actions"):
        chosen = log.where(lambda row, what=what: row.measure.startswith(what) and not row.measure.startswith(_TOLD_TO))
        whole = chosen.where(lambda row: not row.by)
        tables.append(tally(_in_order(whole), f"Funnel_{what}", f"From raised to told: {what}", "Stage"))
        for by in dict.fromkeys(row.by for row in chosen if row.by):
            part = chosen.where(lambda row, by=by: row.by in {"", by} and not row.by2)
            tables.append(
                across(_in_order(part), f"Funnel_{what}_{by}", f"From raised to told: {what} by {by}", "Stage")
            )
    told = log.where(lambda row: row.measure.startswith(_TOLD_TO) and not row.by)
    return [*tables, tally(told, "Told_to", "To whom answers were told", "Told")]


def _in_order(rows: RecordRows) -> RecordRows:
    """Put the stages in the order in which things pass them; other measures keep theirs, at the end."""
    return RecordRows(tuple(sorted(rows, key=lambda row: _ORDER.get(row.measure, len(_ORDER)))))


def waiting_tables(rows: RecordRows) -> list[Table]:
    """Tell how long actions wait."""
    return [
        _waits(rows.where(lambda row: row.table == "action"), "Waiting", "Days that actions wait, open ones included")
    ]


def _waits(rows: RecordRows, name: str, caption: str) -> Table:
    """Lay out medians of waiting time beside how many still wait."""
    waits = rows.where(lambda row: row.measure.startswith("days "))
    medians = waits.where(lambda row: row.unit == "days")
    return amounts(medians, name, caption, "Until when", still_open=waits.where(lambda row: row.unit == "count"))


def offer_tables(rows: RecordRows) -> list[Table]:
    """Tell how offers of lay observation ended."""
    log = rows.where(lambda row: row.table == "observation")
    stages = log.where(lambda row: row.measure.startswith(_STAGES) and row.base == "offers" and row.unit != "days")
    order = sorted(stages, key=lambda row: _STAGES.index(next(one for one in _STAGES if row.measure.startswith(one))))
    return [
        tally(RecordRows(tuple(order)), "Lay_observation", "Lay observation: from offered to attended", "Stage"),
        _waits(log, "Observation_days", "Days between the stages of lay observation, open offers included"),
    ]


def score_tables(rows: RecordRows) -> list[Table]:
    """Tell of understanding before and after."""
    log = rows.where(lambda row: row.table == "observation" and row.base == "people")
    scores = log.where(lambda row: row.unit in {"mean", "points"})
    counts = log.where(lambda row: row.unit in {"count", "share"})
    return [
        amounts(scores, "Understanding", "Understanding of policing before and after, on a scale from 1 to 5"),
        tally(counts, "Understanding_counts", "Who answered before and after, and which way answers went"),
    ]


def cost_tables(rows: RecordRows) -> list[Table]:
    """Tell of cash and of staff time, apart and together."""
    log = rows.where(lambda row: row.table == "cost" and row.by not in {"all staff rates", "one staff rate"})
    tables: list[Table] = []
    for what, name in (("cash", "Cash"), ("staff time", "Staff_time"), ("cash and staff time", "Cash_and_staff_time")):
        measures = [f"{what} {kind}" for kind in _COST_KINDS]
        caption = "Cash and staff time, put together" if " and " in what else f"{group_name(what)}: what events cost"
        tables.append(amounts(log.of(*measures, by=("",)), name, caption))
    each = [f"{what} per {one}" for what in ("cash", "staff time") for one in ("event", "attendee")]
    grouped = log.of(*each).where(lambda row: bool(row.by))
    staff = [name for who in _STAFF for name in (f"hours of {who}", f"staff time of {who}")]
    return [
        *tables,
        amounts(grouped, "Cost_by_group", "Cash and staff time for each event and attendee, by group"),
        wide(log, "Cash_by_kind", "Cash by what it was spent on", _bare(_MONEY, "cash on ", "cash ")),
        wide(
            log, "Staff_by_kind", "Staff time by whose it was, in hours and at the rates of the records", _bare(staff)
        ),
    ]


def _bare(measures: Sequence[str], *prefixes: str) -> list[Figure]:
    """Give measures a column each."""
    figures: list[Figure] = []
    for measure in measures:
        heading = measure
        for prefix in prefixes:
            heading = heading.removeprefix(prefix)
        figures.append(Figure(measure, measure_label(heading), bare=True))
    return figures


def sensitivity_tables(rows: RecordRows) -> list[Table]:
    """Tell what other rates would make of the cost."""
    log = rows.where(lambda row: row.by in {"all staff rates", "one staff rate"})
    figures = (
        Figure("cash and staff time per event", "Per event"),
        Figure("cash and staff time per attendee", "Per attendee"),
    )
    return [
        wide(
            log,
            "Cost_sensitivity",
            "Cash and staff time at other hourly rates",
            figures,
            heads=Heads(("Rate", "At"), _rate),
        )
    ]


def _rate(key: Key) -> tuple[str, str]:
    """Name a rate and what it is multiplied by."""
    by, group, by2, group2 = key
    return (group_name(group), group2) if by2 else ("All staff rates", group) if by else (ALL, ALL)
