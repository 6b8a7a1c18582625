"""Who has answered so far: respondents counted by group, and nothing of what they answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.sample import Sample
from lpact_eval.waves.count_tables import read_tables
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.waves.count_tables import Table

__all__ = ["tally"]

COUNTS = ("n", "approached", "target")
# Columns that say when and where people were counted; their rows are added up.
BESIDE = frozenset({"date", "day", "site", "area", "place", "event", "interviewer", "note"})
GROUPED = frozenset({"category", "yes_no"})  # kinds of variable that make groups
NOT_ANSWERED = "not answered"
COUNTS_ONLY = "During fieldwork respondents are counted, and their answers are left alone: stop on numbers only."


def tally(
    source: Sample | str | Path, *, by: str = "ethnicity", wave: str | None = None, surveys: str | Path | None = None
) -> pd.DataFrame:
    """Count who has answered so far, by group, without a look at the answers.

    Parameters
    ----------
    source : Sample or path
        A sample; a delivered part-file, with `wave`; or a running tally, .csv or .xlsx, with the columns category (or
        the name in `by`) and n, and if wanted approached, target, date, site, area, place, event, interviewer, note.
    by : str, default "ethnicity"
        Variable of the groups; never an answer that the survey is about.
    wave : str, optional
        Wave whose definition reads the part-file.
    surveys : path, optional
        As in `read_wave`.

    Returns
    -------
    DataFrame
        category and n; groups of the codebook without respondents have n 0, and "not answered" comes last where some
        did not say. From a running tally also approached and target where it has them. Rows of one group are added up.

    Raises
    ------
    WrongUseError
        If `by` makes no groups or is an outcome, or a tally holds anything but counts.
    DefinitionError, HarmonisationError
        If a tally or a part-file can't be read: file and line.
    """
    if isinstance(source, Sample):
        if wave is not None or surveys is not None:
            raise WrongUseError("Cannot count a sample with wave or surveys: it has been read already; leave them out.")
        return _counted(source, by)
    if wave is not None:
        return _counted(read_wave(wave, surveys=surveys, answers=source), by)
    path = Path(source)
    if path.suffix.casefold() not in {".csv", ".xlsx"}:
        msg = f"Cannot count from {path.name}: a running tally is .csv or .xlsx; give wave= for a delivered file."
        raise WrongUseError(msg)
    return _added_up(read_tables(path), by)


def _counted(sample: Sample, by: str) -> pd.DataFrame:
    """Count a sample's respondents by group."""
    groups = _groups(sample, by)
    values = sample.answers[by]
    found = values.dropna().astype(str).value_counts()
    names = list(dict.fromkeys([*groups, *sorted(found.index)]))
    rows = {name: int(found.get(name, 0)) for name in names}
    silent = int(values.isna().sum())
    if silent:
        rows[NOT_ANSWERED] = silent
    return pd.DataFrame({"category": list(rows), "n": list(rows.values())})


def _groups(sample: Sample, by: str) -> Sequence[str]:
    """Return the groups that a variable makes; refuse one that makes none or that the survey is about."""
    if by not in sample.answers:
        msg = f"Cannot count by {by!r}: the sample has no such variable; it has {sorted(map(str, sample.answers))}."
        raise WrongUseError(msg)
    if by not in sample.codebook:
        if pd.api.types.is_numeric_dtype(sample.answers[by]):
            msg = f"Cannot count by {by!r}: it holds numbers, which make no groups. {COUNTS_ONLY}"
            raise WrongUseError(msg)
        return ()
    variable = sample.codebook[by]
    if variable.positive or variable.outcome is not None:
        msg = f"Cannot count by {by!r}: it is an answer that the survey is about. {COUNTS_ONLY}"
        raise WrongUseError(msg)
    if variable.kind not in GROUPED:
        msg = f"Cannot count by {by!r}: its kind is {variable.kind}, which makes no groups."
        raise WrongUseError(msg)
    return variable.answers


def _added_up(tables: Sequence[Table], by: str) -> pd.DataFrame:
    """Add up the rows of a running tally."""
    if len(tables) != 1:
        msg = f"{tables[0].path}: {len(tables)} sheets hold something; keep the running tally on one."
        raise WrongUseError(msg)
    table = tables[0]
    name = by if by in table.header else "category"
    _require_counts(table, name)
    counts: dict[str, dict[str, int]] = {}
    for line, row in table.rows:
        cells = dict(zip(table.header, row, strict=True))
        group = counts.setdefault(cells[name], dict.fromkeys((one for one in COUNTS if one in cells), 0))
        for column in group:
            number = _count(table, line, column, cells[column])
            group[column] = max(group[column], number) if column == "target" else group[column] + number
    return pd.DataFrame([{"category": group, **row} for group, row in counts.items()])


def _require_counts(table: Table, name: str) -> None:
    """Refuse a tally without groups and numbers, or with anything else."""
    if name not in table.header or "n" not in table.header:
        msg = f"{table.at()}: a running tally has the columns {name} and n; this one has {list(table.header)}."
        raise WrongUseError(msg)
    other = sorted(set(table.header) - {name, *COUNTS} - BESIDE)
    if other:
        msg = (
            f"{table.at()}: a running tally holds counts of respondents, not {other}; its columns are {name}, "
            f"{', '.join(COUNTS)} and {', '.join(sorted(BESIDE))}. {COUNTS_ONLY}"
        )
        raise WrongUseError(msg)


def _count(table: Table, line: int, column: str, text: str) -> int:
    """Read a whole number; an empty cell counts nobody."""
    if text and not text.isdecimal():
        msg = f"{table.at(line)}: {column} is no whole number; a running tally counts people. {COUNTS_ONLY}"
        raise WrongUseError(msg)
    return int(text) if text else 0


def as_counts(so_far: object) -> Mapping[str, Mapping[str, int]]:
    """Read the columns of a tally by group; refuse a table that holds anything else."""
    if not isinstance(so_far, pd.DataFrame):
        msg = (
            f"Cannot plan with so_far of type {type(so_far).__name__}: give a number of respondents, numbers by group, "
            f"or what tally() returns. {COUNTS_ONLY}"
        )
        raise WrongUseError(msg)
    other = sorted(set(map(str, so_far.columns)) - {"category", *COUNTS})
    if other or not {"category", "n"} <= set(so_far.columns):
        msg = f"Cannot plan from a table with {other or list(so_far.columns)}: it holds category and n. {COUNTS_ONLY}"
        raise WrongUseError(msg)
    groups = [str(name) for name in so_far["category"]]
    return {
        str(column): dict(zip(groups, so_far[column].tolist(), strict=True))
        for column in so_far.columns
        if column != "category"
    }
