"""What a release hides and why, for those who answer for it: kept beside the release, never in it."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from lpact_eval.disclosure.bases import whole
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.disclosure.published import Published, ResultsLike
    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.evaluation.records import RecordResults

INTERNAL: Final = "internal"
FILE: Final = "suppressed.csv"
LOG_COLUMNS: Final = ("table", "measure", "variable", "answer", "wave", "by", "group", "mark", "reason")
_TABLES: Final = ("rows", "distributions", "weights", "margins")
_BASES: Final = ("n", "n_first", "n_second")
_HIDDEN: Final = "[c]"


def suppression_log(results: ResultsLike, published: Published) -> pd.DataFrame:
    """List what a release hides, and why.

    Parameters
    ----------
    results : Results
        What was cleared.
    published : Published
        What it was cleared to.

    Returns
    -------
    DataFrame
        One row for each row that is suppressed, and each cell of the timeline of events: table, measure, variable,
        answer, wave, by, group, mark, reason ("small base", "same answer", "few events", "one event", or "subtraction":
        shown, it would tell another one). No number is in it: the reasons alone say in which groups there are few, so
        that it is confidential all the same.
    """
    return pd.DataFrame(_lines(results, published), columns=list(LOG_COLUMNS)).fillna("")


def _lines(results: ResultsLike, published: Published) -> list[dict[str, str]]:
    """List what is hidden, as the log's columns have it."""
    lines = [line for table in _TABLES for line in _of_table(table, results, published)]
    return lines + _of_records(results, published)


def _of_table(table: str, results: ResultsLike, published: Published) -> Iterator[dict[str, str]]:
    """List the hidden rows of a table, beside what they were before."""
    cleared = getattr(published, table)
    if not len(cleared):
        return
    hidden = (cleared["mark"] == _HIDDEN).to_numpy(dtype=bool)
    before = getattr(results, table)
    for clear, full in zip(records_of(cleared[hidden]), records_of(before[hidden]), strict=True):
        named = {name: str(clear.get(name, "")) for name in LOG_COLUMNS}
        yield {**named, "table": table, "reason": _reason(clear, full, published.rules)}


def _of_records(results: ResultsLike, published: Published) -> list[dict[str, str]]:
    """List what is hidden of the records of events, where a run has any."""
    found = cast("RecordResults | None", getattr(results, "records", None))
    if found is None or published.records is None:
        return []
    from lpact_eval.disclosure.record_log import hidden_records  # noqa: PLC0415 - surveys alone never need it

    return list(hidden_records(found, published.records, published.rules))


def write_suppression_log(results: ResultsLike, published: Published, release: str | Path) -> Path:
    """Write what a release hides into the folder `internal` beside it.

    Parameters
    ----------
    results : Results
    published : Published
    release : path
        Folder of the release; the log is `internal/<its name>/suppressed.csv` in the folder that it stands in.

    Returns
    -------
    Path
    """
    folder = Path(release).resolve()
    file = folder.parent / INTERNAL / folder.name / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator=os.linesep)
        writer.writerow(LOG_COLUMNS)
        writer.writerows([line.get(name, "") for name in LOG_COLUMNS] for line in _lines(results, published))
    draft.replace(file)
    return file


def _reason(clear: Mapping[str, object], full: Mapping[str, object], rules: Rules) -> str:
    """Say why a row is hidden, from what it was before."""
    if "too near" in str(clear.get("note", "")):
        return "same answer"
    bases = [base for name in _BASES if name in full and (base := whole(full[name])) is not None]
    return "small base" if bases and 0 < min(bases) < rules.suppress_below else "subtraction"
