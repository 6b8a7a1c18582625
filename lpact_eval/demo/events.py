"""Write the made-up records of events, dirt included. Run as python -m lpact_eval.demo.events."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lpact_eval.demo.event_feedback import feedback_table
from lpact_eval.demo.event_people import attendance_table, attending, people_table
from lpact_eval.demo.event_plan import Plan, Row, Table, read_plan, read_rows
from lpact_eval.resources import surveys_folder


def write_events(folder: Path) -> list[Path]:
    """Write one csv file for each record, as a spreadsheet would.

    Parameters
    ----------
    folder : Path
        Surveys folder; events/demo is written into it.

    Returns
    -------
    list of Path
        What was written.
    """
    target = folder / "events" / "demo"
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for record, table in event_records().items():
        path = target / f"{record}.csv"
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(table)
        path.write_bytes(text.getvalue().encode("utf-8-sig"))
        written.append(path)
    return written


def event_records(*, dirty: bool = True) -> Mapping[str, Table]:
    """Make up the records of 14 events; always the same.

    Parameters
    ----------
    dirty : bool, default True
        Whether with the dirt that events.toml lists.

    Returns
    -------
    mapping of str to tuple of rows
        By record, headings first.
    """
    plan = read_plan()
    who, what = np.random.default_rng(plan.seed).spawn(2)
    attended = attending(plan, who)
    clean: dict[str, Table] = {
        "register": read_rows(plan.register),
        "attendance": attendance_table(plan, attended),
        "people": people_table(attended),
        "feedback": feedback_table(plan, what),
        **{record: read_rows(text) for record, text in plan.tables.items()},
    }
    return {record: _dirtied(plan, record, table) for record, table in clean.items()} if dirty else clean


def _dirtied(plan: Plan, record: str, table: Table) -> Table:
    """Put the dirt of one record into its place."""
    headings, *rows = table
    cells = {(one.row, headings.index(one.column)): one.cell for one in plan.dirt if one.record == record and one.row}
    blanks = {one.row: one.rows for one in plan.blank if one.record == record}
    found: list[Row] = [headings]
    for row in rows:
        found.append(tuple(cells.get((row[0], place), cell) for place, cell in enumerate(row)))
        found += [("",) * len(headings)] * blanks.get(row[0], 0)
    return (*found, *(one.added for one in plan.dirt if one.record == record and one.added))


if __name__ == "__main__":
    write_events(surveys_folder())
