"""Clear the records of events for readers: counts of people, what communities raised, and the timeline of events.

The records count everybody, so small counts are hidden for confidentiality and not for want of precision. Hidden are
counts of people under the rules' smallest, shares whose numerator or complement is, what a community raised at fewer
than three events, and whatever else would let a reader subtract (see `record_tables`). Estimates on few people are
withheld or marked as those of the surveys are. Totals that are mostly one event's are flagged or hidden, as the rules
ask. Officers, hours, money, events and actions are no respondents.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.dominated import judge_dominance
from lpact_eval.disclosure.record_counts import rows_counted
from lpact_eval.disclosure.record_rows import Hidden, clear_row, shows_numerator, what_goes
from lpact_eval.disclosure.record_tables import EVENT_COUNTS, hidden_counts
from lpact_eval.frames import keys_of, records_of, with_kinds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from lpact_eval.disclosure.record_counts import Record
    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.evaluation.record_definitions import RecordMade
    from lpact_eval.evaluation.records import RecordResults

FOLDER: Final = "folder"
COLUMNS_UNREAD: Final = "columns of personal data not read"
FILES_UNREAD: Final = "files and sheets that are no records, not read"
CLEARED: Final = ("mark", "tier", "chart", "note")
_PARTS: Final = (
    *("claim", "evidence for", "evidence against", "not clear", "no answer", "alternative explanation", "strength"),
    "lead's judgement",
)
ISSUE_COUNTS: Final = ("record", "column", "reason", "done", "cells")


@dataclass(frozen=True, slots=True, eq=False)
class PublishedRecords:
    """What readers may see of the records of events.

    Attributes
    ----------
    rows : DataFrame
        The rows of evidence with "indicator", "mark", "tier", "chart" and "note" as in `Published`; suppressed numbers
        are missing.
    events : DataFrame
        The timeline, one row per event; hidden counts are missing, with "mark", and "hidden" naming their columns.
    waiting : DataFrame
        Curves of the time that actions wait; items, not people.
    cannot_act, you_said, contribution : DataFrame
        As the results give them.
    quotes : DataFrame
        text, themes, community, event, unlinked: those that the plan chose.
    ledger, issues : DataFrame
        Rows delivered, set aside and kept, and how many columns and files were not read, without their names; and how
        many cells were set aside, by record, column and reason.
    as_of : date or None
    synthetic : bool
    files : tuple of (str, str)
        Name and SHA-256 of every file read.
    suppressed : int
        Rows and cells of the timeline in which something was hidden.
    made : tuple of RecordMade
        How the numbers of every indicator are made; nothing of it is about people.
    """

    rows: pd.DataFrame
    events: pd.DataFrame
    waiting: pd.DataFrame
    cannot_act: pd.DataFrame
    you_said: pd.DataFrame
    contribution: pd.DataFrame
    quotes: pd.DataFrame
    ledger: pd.DataFrame
    issues: pd.DataFrame
    as_of: dt.date | None
    synthetic: bool
    files: tuple[tuple[str, str], ...] = field(default=())
    suppressed: int = 0
    made: tuple[RecordMade, ...] = ()

    @property
    def touched(self) -> frozenset[str]:
        """Ids of the indicators of which something is hidden."""
        return frozenset(self.rows.loc[self.rows["mark"] == "[c]", "indicator"].astype(str))


def clear_records(records: RecordResults, rules: Rules) -> PublishedRecords:
    """Clear the records of events for readers.

    Parameters
    ----------
    records : RecordResults
        What a plan's run found in them; not changed.
    rules : Rules
        Thresholds on counts of people.

    Returns
    -------
    PublishedRecords
    """
    found = rows_counted(records)
    events = found.events
    judged = judge_dominance(found.rows, found.counted, events, amounts=records.amounts, rules=rules)
    rows, counted = judged.rows, judged.counted
    printed = [shows_numerator(row, rules) for row in rows]
    keys, cells = hidden_counts(counted, printed, events, rules)
    gone = judged.gone(what_goes(rows, counted, Hidden(keys, cells, tuple(events), rules)))
    cleared = [clear_row(row, what, events, rules) for row, what in zip(rows, gone, strict=True)]
    return PublishedRecords(
        rows=_frame(cleared, records.rows),
        events=_clear_events(records.events, cells),
        waiting=records.waiting.copy(),
        cannot_act=records.cannot_act.copy(),
        you_said=records.you_said.copy(),
        contribution=_clear_contribution(records.contribution, cleared),
        quotes=records.quotes.drop(columns=["item", "before_use"], errors="ignore"),
        ledger=_clear_ledger(records.ledger),
        issues=_counted_issues(records.issues),
        as_of=records.as_of,
        synthetic=records.synthetic,
        files=records.files,
        suppressed=sum(what != "" for what in gone) + len(cells),
        made=records.made,
    )


def _frame(cleared: Sequence[Record], given: pd.DataFrame) -> pd.DataFrame:
    """Lay cleared rows out."""
    numbers = dict.fromkeys(("value", "numerator", "n", "low", "high"), float)
    frame = pd.DataFrame(cleared, columns=[*given.columns, *CLEARED])
    return with_kinds(frame, {**numbers, "chart": bool})


def _clear_events(events: pd.DataFrame, cells: Collection[tuple[int, str]]) -> pd.DataFrame:
    """Blank the hidden cells of the timeline."""
    timeline = events.drop(columns="in_groups").reset_index(drop=True)
    frame = with_kinds(timeline, dict.fromkeys(EVENT_COUNTS, "Int64"))
    for place, column in cells:
        frame.loc[place, column] = pd.NA
    hidden = ["; ".join(name for name in EVENT_COUNTS if (place, name) in cells) for place in range(len(frame))]
    return frame.assign(hidden=hidden, mark=["[c]" if names else "" for names in hidden])


def _clear_contribution(contribution: pd.DataFrame, cleared: Sequence[Record]) -> pd.DataFrame:
    """Leave out on which side of its line a hidden number lies: that would tell a bound of it."""
    gone = [row for row in cleared if row["tier"] == "suppressed" and not (row["by"] or row["by2"])]
    hidden = {f"{row['measure']}; {row['unit']}": str(row["measure"]) for row in gone}
    rows = records_of(contribution)
    for row in rows:
        measure = hidden.get(str(row["reference"]).partition("; ")[2])
        if measure is not None and row["source"] == "records":
            told = f"Not shown to protect confidentiality: {measure}."
            row.update(part="no answer", text=told, status="no answer")
    rows.sort(key=lambda row: (str(row["outcome"]), _PARTS.index(str(row["part"]))))
    return pd.DataFrame(rows, columns=list(contribution.columns)).astype(contribution.dtypes.to_dict())


def _clear_ledger(ledger: pd.DataFrame) -> pd.DataFrame:
    """Count the columns and files that were not read; what they are called may name somebody, and is for the lead."""
    unread: dict[str, int] = {}
    counted: list[Record] = []
    for row in records_of(ledger):
        if row["rows"] or row["reason"] in {"delivered", "kept"}:
            counted.append(row)
        else:
            unread[str(row["record"])] = unread.get(str(row["record"]), 0) + 1
    notes = [
        {"record": record or FOLDER, "reason": f"{COLUMNS_UNREAD if record else FILES_UNREAD}: {count}", "rows": 0}
        for record, count in unread.items()
    ]
    return pd.DataFrame([*counted, *notes], columns=list(ledger.columns))


def _counted_issues(issues: pd.DataFrame) -> pd.DataFrame:
    """Count the cells that were set aside; their rows are for whoever mends them."""
    counted = Counter(keys_of(issues, ISSUE_COUNTS[:-1]))
    return pd.DataFrame([(*key, cells) for key, cells in counted.items()], columns=list(ISSUE_COUNTS))
