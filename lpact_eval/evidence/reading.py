"""Read a folder of records: typed tables, a ledger of rows and the cells to mend."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.evidence.findings import ROW, Findings, listed_rows
from lpact_eval.evidence.record_cells import empty_table, read_cells
from lpact_eval.evidence.record_checks import check_records
from lpact_eval.evidence.record_dates import ORDERS
from lpact_eval.evidence.record_files import read_folder
from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.evidence.records import LEDGER_COLUMNS, Evidence
from lpact_eval.evidence.schema_file import SCHEMA_FILE
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.located import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.evidence.record_checks import Checked
    from lpact_eval.evidence.record_files import Folder
    from lpact_eval.evidence.record_schema import RecordSchema


def read_events(folder: str | Path | None = None, *, as_of: dt.date | str | None = None, dates: str = "") -> Evidence:
    """Read the records of events, feedback, action, observation and communication.

    Parameters
    ----------
    folder : path, optional
        Holds a .csv or .xlsx for each record, or records.xlsx with a sheet for each; only the register must be there.
        An events.toml in it takes the place of the shipped one. By default the shipped, made-up records.
    as_of : date, optional
        The day up to which open items have waited; by default the latest day on record, so state it where the
        register holds events that are still to come.
    dates : str, optional
        "day-first" or "month-first": how dates such as 03/04/2025 are written, if events.toml does not say so.

    Returns
    -------
    Evidence
        A row that can't be used is set aside and counted in the ledger; a cell that can't be is missing in its table.
        Both are listed with their rows in `issues`.

    Raises
    ------
    WrongUseError
        If `as_of` is no date or before the last day of the action log, or `dates` is no such order.
    DefinitionError
        If events.toml is wrong.
    HarmonisationError
        If the register is missing or empty, a file, sheet or column is not known, a word is in no list, or dates can't
        be read in one order.
    """
    if dates not in {"", *ORDERS}:
        msg = f"Cannot read dates {cut(repr(dates))}; give dates='day-first' or dates='month-first'."
        raise WrongUseError(msg)
    until = _day(as_of)
    shipped = surveys_folder() / "events" / "demo"
    place = shipped if folder is None else Path(folder)
    definition = place / SCHEMA_FILE if (place / SCHEMA_FILE).is_file() else surveys_folder() / "events" / SCHEMA_FILE
    schema = read_record_schema(definition)
    delivered = read_folder(place, schema)
    findings = Findings()
    cells = {
        name: read_cells(delivery, schema, dates or schema.dates, findings)
        for name, delivery in delivered.deliveries.items()
    }
    where = {name: delivery.where for name, delivery in delivered.deliveries.items()}
    checked = check_records(cells, schema.records, where, findings)
    findings.raise_problems()
    tables = _tables(checked, schema)
    if tables["register"].empty:
        raise HarmonisationError(_no_event(where["register"], findings.frame(list(schema.records))))
    return Evidence(
        tables=tables,
        schema=schema,
        as_of=_until(until, tables),
        ledger=pd.DataFrame(_ledger(delivered, checked, cells), columns=list(LEDGER_COLUMNS)),
        issues=findings.frame(list(schema.records)),
        synthetic=place.resolve() == shipped.resolve(),
        files=(*delivered.files, (definition.name, hashlib.sha256(definition.read_bytes()).hexdigest())),
        where=where,
        headings={name: delivery.headings for name, delivery in delivered.deliveries.items()},
    )


def no_events() -> Evidence:
    """Give records in which nothing is, for an evaluation that has none yet."""
    schema = read_record_schema(surveys_folder() / "events" / SCHEMA_FILE)
    tables = {name: empty_table(record.columns) for name, record in schema.records.items()}
    return Evidence(tables=tables, schema=schema, as_of=dt.datetime.now(tz=dt.UTC).date())


def _no_event(where: str, issues: pd.DataFrame) -> str:
    """Say why no event is left."""
    register = issues[(issues["record"] == "register") & (issues["done"] == ROW)]
    reasons = [
        f"column {column!r}, {listed_rows(part['row'].tolist())}: {reason}"
        for (column, reason), part in register.groupby(["column", "reason"], sort=False)
    ]
    told = f"Set aside: {'; '.join(reasons)}." if reasons else "It has headings and no rows."
    return f"{where} holds no event that could be read; each has a code and a date. {told}"


def _day(as_of: dt.date | str | None) -> dt.date | None:
    """Read the day up to which open items wait."""
    if as_of is None or isinstance(as_of, dt.datetime):
        return None if as_of is None else as_of.date()
    try:
        return as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    except (ValueError, TypeError):
        msg = f"Cannot count up to {cut(repr(as_of))}; as_of is a date, as in as_of='2025-06-30'."
        raise WrongUseError(msg) from None


def _until(stated: dt.date | None, tables: Mapping[str, pd.DataFrame]) -> dt.date:
    """Take the day stated, else the latest on record."""
    if stated is None:
        return max(filter(None, map(_latest, tables.values())))
    latest = _latest(tables["actions"])
    if latest and stated < latest:
        msg = (
            f"Cannot count up to {stated}: the action log goes on until {latest}, and what happened later can't be "
            "left out of it. Choose a later day."
        )
        raise WrongUseError(msg)
    return stated


def _latest(table: pd.DataFrame) -> dt.date | None:
    """Find the latest day in a table."""
    latest = [table[name].max() for name in table.columns if pd.api.types.is_datetime64_dtype(table[name].dtype)]
    found = [cast("pd.Timestamp", day).date() for day in latest if not pd.isna(day)]
    return max(found, default=None)


def _tables(checked: Checked, schema: RecordSchema) -> dict[str, pd.DataFrame]:
    """Gather the tables, those of records that are absent empty."""
    return {
        name: checked.tables[name].reset_index(drop=True) if name in checked.tables else empty_table(record.columns)
        for name, record in schema.records.items()
    }


def _ledger(folder: Folder, checked: Checked, cells: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, int]]:
    """Account for every row, and say what was not read."""
    for name in folder.unread:
        yield "", f"{name} is no record and was not read", 0
    for record, table in cells.items():
        yield record, "delivered", len(table)
        for heading in folder.deliveries[record].personal:
            yield record, f"column {cut(repr(heading))} holds personal data and was not read", 0
        for (of, reason), rows in checked.set_aside.items():
            if of == record:
                yield record, reason, rows
        yield record, "kept", len(checked.tables[record])
