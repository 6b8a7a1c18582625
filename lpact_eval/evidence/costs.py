"""What contact costs: per event, attendee, new contact and answered theme; cash and staff time apart and together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.event_cells import cells_of, numbers, one_cell
from lpact_eval.evidence.event_costs import CASH_KINDS, STAFF, EventCosts, event_costs
from lpact_eval.evidence.event_numbers import (
    Measure,
    Row,
    counted,
    left_out,
    ratios_rows,
    row_of,
    spread_rows,
    total_rows,
)
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.theme_paths import paths_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evidence.event_cells import Cells
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

COST: Final = "cost"
CASH, STAFF_TIME, BOTH = "cash", "staff time", "cash and staff time"
FACTORS: Final = (0.0, 0.5, 1.0, 1.5, 2.0)
SWING: Final = (0.5, 2.0)  # what each rate alone is multiplied by
_MISSING: Final = {CASH: "all kinds of cash cost", STAFF_TIME: "all staff hours", BOTH: "all costs and staff hours"}
_TITLES: Final = {
    "officer": "officers",
    "chief_officer": "chief officers",
    "organiser": "organising",
    "setup": "set-up",
}


def cost_rows(
    evidence: Evidence, by: str | Sequence[str] = (), *, rates: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Tabulate what events cost, in cash, in staff time and together.

    Parameters
    ----------
    evidence : Evidence
    by : str or sequence of str, default ()
        As for `summary_rows`.
    rates : mapping of str to float, optional
        Pounds an hour for "officer", "chief_officer", "organiser" and "setup", in place of the schema's.

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`: in all, per event (with median, lowest and highest), per attendee, per new contact,
        and, over all events, per answered theme, as the funnel of `action_rows` counts them. A
        blank cost is not 0: the event is left out of every sum that it belongs to and counted in the flags; "cash
        recorded" adds up what there is, so the true sum is at least that. Averages and ratios have intervals over
        events where five have both numbers: what further events like these would cost.

    Raises
    ------
    WrongUseError
        If events can't be grouped so, or a rate is unknown, missing, negative or no number.
    """
    register = evidence.tables["register"]
    cells, costs = cells_of(register, by), event_costs(evidence, rates)
    rows: list[Row] = []
    for part, pounds in ((CASH, costs.cash), (STAFF_TIME, costs.staff), (BOTH, costs.both)):
        found = _part_rows(register, cells, part, pounds)
        if not cells.names:
            found.append(_theme_row(evidence, part, pounds))
        rows += found if part == CASH else [_flagged(row, costs.flags) for row in found]
    return tidy([*rows, *_kind_rows(cells, costs), *_hour_rows(cells, costs)])


def cost_sensitivity_rows(evidence: Evidence, *, rates: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Tabulate how far costs depend on the rates of staff time.

    Parameters
    ----------
    evidence : Evidence
    rates : mapping of str to float, optional
        As for `cost_rows`.

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`: cash and staff time per event and per attendee, with all rates multiplied by 0 (cash
        only), 0.5, 1, 1.5 and 2, and with each rate alone multiplied by 0.5 and by 2. All rows rest on the same
        events; none has an interval, since rates are assumptions and not left to chance.

    Raises
    ------
    WrongUseError
        If a rate is unknown, missing, negative or no number.
    """
    costs, came = event_costs(evidence, rates), numbers(evidence.tables["register"], "attendees")
    rows: list[Row] = []
    both = _MISSING[BOTH]
    per_event = Measure(COST, f"{BOTH} per event", "pounds", "events", both)
    per_attendee = Measure(COST, f"{BOTH} per attendee", "pounds", "people", f"{both} and a count of attendees")
    for measure, counts in ((per_event, np.ones(len(came))), (per_attendee, came)):
        for factor in FACTORS:
            labels = {"by": "all staff rates", "group": _times(factor)}
            rows.append(_scaled_row(measure, costs, counts, factors=dict.fromkeys(STAFF, factor), labels=labels))
        for staff in STAFF:
            for factor in SWING:
                labels = {"by": "one staff rate", "group": _TITLES[staff], "by2": "change", "group2": _times(factor)}
                factors = {**dict.fromkeys(STAFF, 1.0), staff: factor}
                rows.append(_scaled_row(measure, costs, counts, factors=factors, labels=labels))
    return tidy(rows)


def event_amounts(evidence: Evidence) -> pd.DataFrame:
    """Lay out what each event adds to the costs in all, under their names in `cost_rows`.

    Parameters
    ----------
    evidence : Evidence
        With rates of staff time.

    Returns
    -------
    DataFrame
        "event", then pounds or hours; missing where not recorded.
    """
    costs = event_costs(evidence)
    kinds = {_kind_of(kind): pounds for kind, pounds in costs.kinds.items()}
    hours = {f"hours of {_TITLES[name]}": costs.hours[name] for name in STAFF}
    pounds = {f"{STAFF_TIME} of {_TITLES[name]}": costs.pounds[name] for name in STAFF}
    parts = {CASH: costs.cash, STAFF_TIME: costs.staff, BOTH: costs.both, "cash recorded": _recorded(costs)}
    events = {"event": evidence.tables["register"]["event"].astype(object)}
    return pd.DataFrame({**events, **parts, **kinds, **hours, **pounds}).reset_index(drop=True)


def _part_rows(register: pd.DataFrame, cells: Cells, part: str, pounds: FloatArray) -> list[Row]:
    """Tabulate one part of the costs in all, per event, per attendee and per new contact."""
    missing = _MISSING[part]
    per_event = Measure(COST, f"{part} per event", "pounds", "events", missing)
    asked = [(pounds, np.ones(len(pounds)), per_event)]
    for column, word in (("attendees", "attendee"), ("opted_in", "new contact")):
        measure = Measure(COST, f"{part} per {word}", "pounds", "people", f"{missing} and a count of {word}s")
        asked.append((pounds, numbers(register, column), measure))
    of_events, *per_person = ratios_rows(cells, asked)
    return [
        *total_rows(cells, pounds, Measure(COST, f"{part} in all", "pounds", "events", missing)),
        *of_events,
        *spread_rows(cells, pounds, Measure(COST, f"{part} of an event", "pounds", "events", missing)),
        *(row for rows in per_person for row in rows),
    ]


def _theme_row(evidence: Evidence, part: str, pounds: FloatArray) -> Row:
    """Divide one part of the costs of all events by the themes that have been answered."""
    paths = paths_of(evidence)
    themes = float((paths["confirmed"] & paths["has_action"] & paths["answered"]).sum())
    measure = Measure(COST, f"{part} per answered theme", "pounds", "themes", "")
    known = ~np.isnan(pounds)
    gone = float((~known).sum())
    refused = "" if known.any() else f"no event with {_MISSING[part]}"
    refused = refused if themes or refused else "no theme has been answered"
    total = float(pounds[known].sum())
    flags = [f"{told}, so too low" for told in left_out(gone, _MISSING[part])] if not refused else []
    value = np.nan if refused else total / themes
    return row_of(measure, one_cell(0), 0, value=value, numerator=total, n=themes, refused=refused, flags=flags)


def _kind_rows(cells: Cells, costs: EventCosts) -> list[Row]:
    """Tabulate cash by kind, and what was recorded of any kind."""
    rows: list[Row] = []
    for kind in CASH_KINDS:
        on = _kind_of(kind)
        rows += total_rows(cells, costs.kinds[kind], Measure(COST, on, "pounds", "events", f"a record of {on}"))
    some = _recorded(costs)
    partial = np.isnan(costs.cash) & ~np.isnan(some)
    least = total_rows(cells, some, Measure(COST, "cash recorded", "pounds", "events", "any record of cash costs"))
    for place, row in enumerate(least):
        number = float((partial & (cells.code == place)).sum())
        told = f"at least: {counted(number, 'event')} without all kinds of cash cost"
        rows.append(_flagged(row, (told,) if number else ()))
    return rows


def _kind_of(kind: str) -> str:
    """Name what cash of a kind is spent on."""
    return f"cash on {kind}" if kind != "other" else "cash on other things"


def _recorded(costs: EventCosts) -> FloatArray:
    """Add up the cash of each event that was recorded of any kind."""
    every = np.array(list(costs.kinds.values()))
    return np.where(np.isnan(every).all(axis=0), np.nan, np.nan_to_num(every).sum(axis=0))


def _hour_rows(cells: Cells, costs: EventCosts) -> list[Row]:
    """Tabulate hours of staff and what they cost, by who gave them."""
    rows: list[Row] = []
    for name in STAFF:
        hours = Measure(COST, f"hours of {_TITLES[name]}", "hours", "events", f"a record of hours of {_TITLES[name]}")
        pounds = Measure(COST, f"staff time of {_TITLES[name]}", "pounds", "events", hours.missing)
        rows += [*total_rows(cells, costs.hours[name], hours), *total_rows(cells, costs.pounds[name], pounds)]
    return rows


def _scaled_row(
    measure: Measure,
    costs: EventCosts,
    counts: FloatArray,
    *,
    factors: Mapping[str, float],
    labels: Mapping[str, str],
) -> Row:
    """Work a cost out with rates multiplied by some factors."""
    pounds = costs.cash + np.sum([costs.pounds[name] * factors[name] for name in STAFF], axis=0)
    known = ~(np.isnan(pounds) | np.isnan(counts))
    total, base = float(pounds[known].sum()), float(counts[known].sum())
    refused = "" if base > 0 else f"no event with {measure.missing}"
    value = total / base if base > 0 else np.nan
    flags = [*left_out(float((~known).sum()), measure.missing), *costs.flags]
    numbers_of = {"value": value, "numerator": total, "n": base, "refused": refused, **labels}
    return row_of(measure, one_cell(0), 0, flags=flags, **numbers_of)


def _times(factor: float) -> str:
    """Name a factor."""
    return f"x {factor:g}" + (" (cash only)" if factor == 0 else "")


def _flagged(row: Row, flags: Sequence[str]) -> Row:
    """Add flags to a row."""
    return {**row, "flags": "; ".join(flag for flag in (str(row["flags"]), *flags) if flag)}
