"""Work out what a plan promises from the records of events, and lay out what reports tell beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.errors import DefinitionError, LpactError, WrongUseError
from lpact_eval.evaluation.contribution import CONTRIBUTION_COLUMNS, contribution
from lpact_eval.evaluation.record_definitions import made_of
from lpact_eval.evaluation.record_measures import measured, not_collected, with_overrides
from lpact_eval.evaluation.record_promises import groupings
from lpact_eval.evidence.attendance_groups import breakdowns_recorded
from lpact_eval.evidence.costs import COST, event_amounts
from lpact_eval.evidence.event_cells import filled_words, half_year, half_years, numbers
from lpact_eval.evidence.privacy import QUOTE_COLUMNS, quotable, why_not_quotable
from lpact_eval.evidence.reading import no_events, read_events
from lpact_eval.evidence.records import EVIDENCE_COLUMNS, ISSUE_COLUMNS, LEDGER_COLUMNS
from lpact_eval.evidence.timings import actual_hours
from lpact_eval.evidence.told import CANNOT_COLUMNS, SAID_COLUMNS, cannot_act_rows, you_said_rows
from lpact_eval.evidence.units import ordered_register
from lpact_eval.evidence.waiting import CURVE_COLUMNS, ENDS, waiting_curve

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.record_definitions import RecordMade
    from lpact_eval.evaluation.record_promises import PlannedRecords
    from lpact_eval.evaluation.run import Results
    from lpact_eval.evidence.records import Evidence

RECORD_COLUMNS: Final = ("indicator", *EVIDENCE_COLUMNS)
EVENT_COLUMNS: Final = (
    *("event", "date", "year", "half_year", "community", "area", "age_focus", "format"),
    *("attendees", "officers", "forms", "opted_in", "hours_planned", "hours_actual", "in_groups"),
)
_HOUR: Final = 60.0


def _empty(*columns: str) -> pd.DataFrame:
    """Make a frame without rows."""
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RecordResults:
    """What a plan's run found in the records of events; never shown to readers before `publish`.

    Attributes
    ----------
    rows : DataFrame
        Rows of evidence with the id of the "indicator" that asked for them, in the order of the plan.
    events : DataFrame
        The timeline, one row per event in the order of dates: event, date, year, half_year, community, area, age_focus,
        format ("not known" where blank), attendees, officers, forms, opted_in, hours_planned, hours_actual, in_groups
        (the breakdowns in which attendees were written down, which `publish` needs and readers do not get).
    waiting : DataFrame
        Curves of the time that actions wait: "to" ("answered", "done", "told") and the columns of `waiting_curve`.
    cannot_act, you_said : DataFrame
        What can't be done and why; you said, we did, we can't.
    contribution : DataFrame
        The contribution analysis; empty where the plan has none.
    quotes : DataFrame
        Texts that the plan chose, as `quotable` gives them.
    ledger, issues : DataFrame
        Rows delivered, set aside and kept; cells that were set aside.
    amounts : DataFrame
        "event", and pounds or hours of each under the name of the cost that they add up to; without columns where the
        plan asks for no costs.
    as_of : date or None
        Day up to which open items have waited.
    synthetic : bool
        Whether these are the shipped, made-up records.
    files : tuple of (str, str)
        Name and SHA-256 of every file read.
    made : tuple of RecordMade
        How the numbers of every indicator of the records are made.
    """

    rows: pd.DataFrame = field(default_factory=lambda: _empty(*RECORD_COLUMNS), repr=False)
    events: pd.DataFrame = field(default_factory=lambda: _empty(*EVENT_COLUMNS), repr=False)
    waiting: pd.DataFrame = field(default_factory=lambda: _empty("to", *CURVE_COLUMNS), repr=False)
    cannot_act: pd.DataFrame = field(default_factory=lambda: _empty(*CANNOT_COLUMNS), repr=False)
    you_said: pd.DataFrame = field(default_factory=lambda: _empty(*SAID_COLUMNS), repr=False)
    contribution: pd.DataFrame = field(default_factory=lambda: _empty(*CONTRIBUTION_COLUMNS), repr=False)
    quotes: pd.DataFrame = field(default_factory=lambda: _empty(*QUOTE_COLUMNS), repr=False)
    ledger: pd.DataFrame = field(default_factory=lambda: _empty(*LEDGER_COLUMNS), repr=False)
    issues: pd.DataFrame = field(default_factory=lambda: _empty(*ISSUE_COLUMNS), repr=False)
    amounts: pd.DataFrame = field(default_factory=lambda: _empty("event"), repr=False)
    as_of: dt.date | None = None
    synthetic: bool = False
    files: tuple[tuple[str, str], ...] = ()
    made: tuple[RecordMade, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RecordRun:
    """Results of the records, how each of their indicators ended, and the records themselves.

    Attributes
    ----------
    results : RecordResults
    indicators : tuple of dict
        In the columns of `Results.indicators`.
    evidence : Evidence
    """

    results: RecordResults
    indicators: tuple[dict[str, object], ...]
    evidence: Evidence = field(repr=False)


def read_planned(planned: PlannedRecords, *, made_up: bool = True) -> Evidence:
    """Read the records that a plan names.

    Parameters
    ----------
    planned : PlannedRecords
    made_up : bool, default True
        Whether the shipped, made-up records stand in where the plan names none: never beside answers of real people.

    Returns
    -------
    Evidence
        With the plan's own line and rates; empty where there are no records.

    Raises
    ------
    LpactError
        If they can't be read, or `as_of` lies before the end of the action log.
    """
    if planned.folder is None and not made_up:
        return no_events()
    try:
        evidence = read_events(planned.folder, as_of=planned.as_of)
    except WrongUseError as error:
        msg = f"{planned.at}: {error}"
        raise DefinitionError(msg) from None
    return with_overrides(evidence, police_heavy=planned.police_heavy, rates=planned.rates)


def run_records(planned: PlannedRecords, *, made_up: bool = True) -> RecordRun:
    """Work out every indicator of the records, and what reports tell beside them.

    Parameters
    ----------
    planned : PlannedRecords
    made_up : bool, default True
        As `read_planned` takes it.

    Returns
    -------
    RecordRun

    Raises
    ------
    LpactError
        If the records can't be read, or the plan quotes what may not be quoted. An indicator that fails is recorded as
        refused.
    """
    evidence = read_planned(planned, made_up=made_up)
    worked_out = [_worked_out(evidence, indicator) for indicator in planned.indicators]
    found = [(indicator.id, frame) for indicator, (frame, _) in zip(planned.indicators, worked_out, strict=True)]
    rows = _rows(found)
    results = RecordResults(
        rows=rows,
        events=timeline(evidence),
        waiting=_curves(evidence),
        cannot_act=cannot_act_rows(evidence),
        you_said=you_said_rows(evidence),
        quotes=chosen_quotes(evidence, planned),
        ledger=evidence.ledger,
        issues=evidence.issues,
        amounts=event_amounts(evidence) if COST in rows["table"].tolist() else _empty("event"),
        as_of=evidence.as_of if len(evidence.tables["register"]) else None,
        synthetic=evidence.synthetic,
        files=evidence.files,
        made=tuple(made_of(indicator) for indicator in planned.indicators),
    )
    return RecordRun(results, tuple(ended for _, ended in worked_out), evidence)


def with_contribution(results: Results, run: RecordRun, planned: PlannedRecords) -> Results:
    """Add the contribution analysis, which looks at surveys and records together.

    Parameters
    ----------
    results : Results
        With those of the records.
    run : RecordRun
    planned : PlannedRecords

    Returns
    -------
    Results
        The same where the plan names no contribution analysis.

    Raises
    ------
    DefinitionError
        If its file is wrong.
    """
    if planned.contribution is None:
        return results
    frame = contribution(results, run.evidence, planned.contribution)
    return replace(results, records=replace(run.results, contribution=frame))


def timeline(evidence: Evidence) -> pd.DataFrame:
    """Lay the events out in the order of their dates.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns `EVENT_COLUMNS`, as `RecordResults.events`.
    """
    register = ordered_register(evidence)
    words = {name: _words(register[name]) for name in ("community", "area", "age_focus", "format")}
    planned = (numbers(register, "planned_end") - numbers(register, "planned_start")) / _HOUR
    return pd.DataFrame(
        {
            "event": register["event"].astype(object),
            "date": register["date"],
            "year": register["date"].dt.year.astype(str).astype(object),
            "half_year": pd.Series([half_year(int(one)) for one in half_years(register["date"])], dtype=object),
            **words,
            **{name: numbers(register, name) for name in ("attendees", "officers", "forms", "opted_in")},
            "hours_planned": planned,
            "hours_actual": actual_hours(register),
            "in_groups": register["event"].map(breakdowns_recorded(evidence)),
        },
        columns=list(EVENT_COLUMNS),
    )


def chosen_quotes(evidence: Evidence, planned: PlannedRecords) -> pd.DataFrame:
    """Take the quotes that a plan chose, in its order.

    Parameters
    ----------
    evidence : Evidence
    planned : PlannedRecords

    Returns
    -------
    DataFrame
        As `quotable` gives them.

    Raises
    ------
    DefinitionError
        If one may not be shown: why, and never its text.
    """
    if not planned.quotes:
        return _empty(*QUOTE_COLUMNS)
    reasons = [(item, reason) for item in planned.quotes if (reason := why_not_quotable(evidence, item))]
    if reasons:
        told = "; ".join(f"{item!r}: {reason}" for item, reason in reasons)
        msg = f"{planned.quotes_at}: cannot quote {told}. Remove these items from quotes."
        raise DefinitionError(msg)
    return quotable(evidence).set_index("item", drop=False).loc[list(planned.quotes)].reset_index(drop=True)


def _words(column: pd.Series) -> list[str]:
    """Write the words of a column, "not known" where blank, as the analyses do."""
    code, words = filled_words(column)
    return [words[int(one)] for one in code]


def _rows(found: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Put rows under the ids of the indicators that asked for them."""
    some = [(name, frame) for name, frame in found if len(frame)]
    if not some:
        return _empty(*RECORD_COLUMNS).astype(dict.fromkeys(("value", "numerator", "n", "low", "high"), float))
    rows = pd.concat([frame for _, frame in some], ignore_index=True)
    names = [name for name, frame in some for _ in range(len(frame))]
    rows.insert(0, "indicator", pd.Series(names, dtype=object))
    return rows


def _worked_out(evidence: Evidence, indicator: Indicator) -> tuple[pd.DataFrame, dict[str, object]]:
    """Work one indicator out and say how it ended."""
    by = groupings(indicator)
    found, failed = None, ""
    missing = not_collected(evidence, indicator.measure)
    if not missing:
        try:
            found = measured(evidence, indicator.measure, by)
        except LpactError as error:
            failed = str(error)
    refused = [] if found is None else found["refused"].tolist()
    given = "" in refused
    reasons = [failed] if failed else list(dict.fromkeys(str(reason) for reason in refused if reason))
    return _empty(*EVIDENCE_COLUMNS) if found is None else found, {
        "id": indicator.id,
        "outcome": indicator.outcome,
        "title": indicator.title,
        "role": indicator.role,
        "analysis": f"{indicator.measure} by {' and '.join(by)}" if by else indicator.measure,
        "rule": indicator.rule,
        "status": "result" if given else "not collected" if missing else "refused",
        "reason": "" if given else missing or "; ".join(reasons) or "nothing to work out",
    }


def _curves(evidence: Evidence) -> pd.DataFrame:
    """Lay out how long actions wait until each end."""
    if not len(evidence.tables["actions"]):
        return _empty("to", *CURVE_COLUMNS)
    curves = [waiting_curve(evidence, end).assign(to=end) for end in ENDS]
    return pd.concat(curves, ignore_index=True)[["to", *CURVE_COLUMNS]]
