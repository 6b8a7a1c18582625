"""Check the records of events that a plan names: rows, cells to mend, texts that look personal, quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.errors import LpactError
from lpact_eval.evaluation.checks import Check
from lpact_eval.evaluation.records import chosen_quotes, read_planned
from lpact_eval.evidence.findings import listed_rows
from lpact_eval.evidence.privacy import scan_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.evaluation.record_promises import PlannedRecords
    from lpact_eval.evidence.records import Evidence


def record_checks(planned: PlannedRecords, *, made_up: bool = True) -> Iterator[Check]:
    """Check the records of events.

    Parameters
    ----------
    planned : PlannedRecords
    made_up : bool, default True
        Whether the answers are made up, so that the shipped, made-up records may stand beside them.

    Yields
    ------
    Check
        Counts and names of columns only, never what a cell holds.
    """
    if planned.folder is None and not made_up:
        found = 'the plan names no folder of records: its indicators of events end "not collected"'
        yield Check("warn", "records of events", found, (f"{planned.at}: state folder under [events]",))
        return
    try:
        evidence = read_planned(planned)
    except LpactError as error:
        yield Check("fail", "records of events", str(error))
        return
    ending = "; synthetic records" if evidence.synthetic else ""
    events = len(evidence.tables["register"])
    yield Check("ok", "records of events", f"{events} events, up to {evidence.as_of.isoformat()}{ending}")
    yield from _rows(evidence)
    yield from _cells(evidence)
    yield from _texts(evidence)
    if planned.quotes:
        try:
            found = chosen_quotes(evidence, planned)
        except LpactError as error:
            yield Check("fail", "quotes", str(error))
        else:
            yield Check("ok", "quotes", f"{len(found)} may be shown; read each before use")


def _rows(evidence: Evidence) -> Iterator[Check]:
    """Account for the rows of every record, and note what was not read."""
    for name, part in evidence.ledger.groupby("record", sort=False):
        rows = dict(zip(part["reason"], part["rows"].astype(int), strict=True))
        delivered, kept = rows.pop("delivered", 0), rows.pop("kept", 0)
        aside = {reason: count for reason, count in rows.items() if count}
        found = f"{delivered} delivered = {kept} kept + {sum(aside.values())} set aside"
        notes = tuple(f"{reason}: {count}" if count else str(reason) for reason, count in rows.items())
        yield Check("warn" if notes else "ok", f"rows of {name or 'the folder'}", found if name else "", notes)


def _cells(evidence: Evidence) -> Iterator[Check]:
    """Count the cells to mend."""
    for name, part in evidence.issues.groupby("record", sort=False):
        told: dict[str, list[int]] = {}
        for row, column, reason, done in part[["row", "column", "reason", "done"]].itertuples(index=False):
            heading = evidence.headings.get(str(name), {}).get(column, column)
            told.setdefault(f"{heading}: {reason} ({done})", []).append(int(row))
        notes = tuple(f"{what}, {listed_rows(rows)}" for what, rows in told.items())
        where = evidence.where.get(str(name), "")
        yield Check("warn", f"cells of {name}", f"{len(part)} to mend" + (f" in {where}" if where else ""), notes)


def _texts(evidence: Evidence) -> Iterator[Check]:
    """Say which texts look personal."""
    for record, column, kind, cells, items in scan_texts(evidence).itertuples(index=False):
        found = f"{cells} {'text looks' if cells == 1 else 'texts look'} like {kind}; take it out of the records"
        yield Check("warn", f"personal data of {record}", f"column {column}: {found}", (f"items: {items}",))
