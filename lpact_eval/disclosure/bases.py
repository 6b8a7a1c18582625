"""The unweighted bases of what a run found, as rows that the suppression works on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.linked import MARGIN
from lpact_eval.disclosure.suppress import BaseRow, Place, hidden_rows
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lpact_eval.disclosure.rules import Rules

BASE_COLUMNS: Final = ("n", "n_first", "n_second")

Record = dict[str, object]


def row_bases(row: Record) -> BaseRow:
    """Take the bases of a row."""
    bases = tuple(count for name in BASE_COLUMNS if (count := whole(row[name])) is not None)
    return BaseRow(
        str(row["measure"]), str(row["variable"]), str(row["wave"]), str(row["by"]), str(row["group"]), bases
    )


def weight_bases(row: Record) -> BaseRow:
    """Take the base of a row of the weight report."""
    count = whole(row["n"])
    bases = () if count is None else (count,)
    return BaseRow("weights", "", str(row["wave"]), str(row["by"]), str(row["group"]), bases)


def margin_bases(margins: pd.DataFrame) -> list[BaseRow]:
    """Take the respondents in every category of every margin."""
    return [
        BaseRow(
            MARGIN,
            str(record["variable"]),
            str(record["wave"]),
            str(record["by"]),
            str(record["group"]),
            (whole(record["n"]) or 0,),
            part=str(record["category"]),
        )
        for record in records_of(margins)
    ]


def hidden_beside(beside: pd.DataFrame, rules: Rules) -> set[Place]:
    """Find the rows that a release hides of whose rows only the bases are known."""
    bases = [row_bases(record) for record in records_of(beside)]
    return {bases[place].place for place in hidden_rows(bases, rules)}


def too_near(bases: Sequence[BaseRow], beside: pd.DataFrame, near: pd.DataFrame, rules: Rules) -> set[Place]:
    """Find rows whose group differs from one of another release by fewer respondents than the rules allow."""
    known = {row.place: row.base for row in map(row_bases, records_of(beside)) if row.measure == "level"}
    others: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for record in records_of(near):
        key = (str(record["by"]), str(record["group"]))
        others.setdefault(key, []).append((str(record["other_by"]), str(record["other"])))
    return {
        row.place
        for row in bases
        if row.measure == "level" and row.base > 0
        for other in others.get((row.by, row.group), ())
        if 0 < abs(row.base - known.get(("level", row.variable, row.wave, *other), row.base)) < rules.suppress_below
    }


def in_wholes(bases: Sequence[BaseRow], nested: pd.DataFrame) -> list[BaseRow]:
    """Tell rows of groups that are parts of the groups of other variables which these are."""
    wholes: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for record in records_of(nested):
        key = (str(record["by"]), str(record["group"]))
        wholes.setdefault(key, []).append((str(record["whole_by"]), str(record["whole"])))
    return [replace(row, wholes=tuple(wholes.get((row.by, row.group), ()))) for row in bases]


def whole(value: object) -> int | None:
    """Read a count; a missing one is None."""
    return int(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 - missing is not equal to itself
