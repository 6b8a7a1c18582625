"""Tables as content: the page and the workbook lay out the same cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from lpact_eval.reporting.numbers import (
    INTERVAL,
    YEARLY,
    count,
    decimals,
    known,
    percent,
    percent_range,
    probability,
    rounded,
    signed,
    signed_range,
)
from lpact_eval.reporting.rows import (
    Row,
    as_sentence,
    group_label,
    level_of,
    remarks,
    wave_heading,
    wave_label,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.rows import Shift, Slope

Kind = Literal["text", "number", "interval"]
MISSING: Final = "[x]"
NOT_APPLICABLE: Final = "[z]"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the unit that a sheet adds to it, and how its cells are laid out."""

    heading: str
    kind: Kind = "text"
    unit: str = ""


class Cell(NamedTuple):  # of which there are thousands, and a tuple is made in a third of the time
    """A cell: the text a page shows, the number or the ends of an interval that a sheet holds, and its explanation."""

    text: str
    value: float | None = None
    high: float | None = None
    decimals: int = 0
    made: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a name for machines, a caption for people, and notes below.

    Attributes
    ----------
    name : str
        Letters, digits and underscores.
    caption : str
    columns : tuple of Column
    rows : tuple of tuple of Cell
    headers : int
        How many of the first cells of a row name it.
    notes : tuple of str
        What holds for all its lines.
    source : str
        Where its numbers come from, if not from the surveys.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    headers: int = 1
    notes: tuple[str, ...] = ()
    source: str = ""

    @property
    def made(self) -> str:
        """The name of its first number's explanation; empty where its numbers have none."""
        return next((cell.made for row in self.rows for cell in row if cell.made), "")


def level_table(rows: Sequence[Row], *, name: str, caption: str, with_question: bool = False) -> Table:
    """Lay out shares by group and wave."""
    columns = (
        *_question_columns(with_question),
        Column(group_heading(rows)),
        Column("Survey"),
        Column("Share", "number", "per cent"),
        Column(INTERVAL, "interval", "per cent"),
        Column("Unweighted base", "number"),
        Column("Effective base", "number"),
        Column("Note"),
    )
    levels = [row for row in rows if row.measure == "level"]
    body = tuple(
        (
            *_question_cells(row, with_question),
            Cell(group_label(row.group)),
            Cell(wave_heading(row.wave)),
            share_cell(row, row.n),
            share_range(row, row.n),
            count_cell(row.n, row),
            _number(row.n_effective, row),
            Cell(note_of(row)),
        )
        for row in levels
    )
    return Table(name, caption, columns, body, headers=4 if with_question else 2)


def change_table(rows: Sequence[Row], *, name: str, caption: str, with_question: bool = False) -> Table:
    """Lay out changes: first, second, change with its interval, and the words for the test."""
    changes = [row for row in rows if row.measure == "change"]
    earlier, later = changes[0].waves if changes else ("first", "second")
    columns = (
        *_question_columns(with_question),
        Column(group_heading(rows)),
        Column(wave_heading(earlier), "number", "per cent"),
        Column(wave_heading(later), "number", "per cent"),
        Column("Change", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Test"),
        Column("Adjusted p"),
        Column("Smallest detectable change", "number", "percentage points"),
        Column(f"Unweighted base, {wave_heading(earlier)}", "number"),
        Column(f"Unweighted base, {wave_heading(later)}", "number"),
        Column("Note"),
    )
    body = tuple(
        (
            *_question_cells(row, with_question),
            Cell(group_label(row.group)),
            *(_share_in(rows, row, wave) for wave in row.waves),
            difference_cell(row, row.base),
            difference_range(row, row.base),
            Cell(row.verdict),
            p_cell(row),
            points_cell(row.detectable, row),
            count_cell(row.n_first, row),
            count_cell(row.n_second, row),
            Cell(note_of(row)),
        )
        for row in changes
    )
    return Table(name, caption, columns, body, headers=3 if with_question else 1)


def gap_table(rows: Sequence[Row], *, name: str, caption: str, with_question: bool = False) -> Table:
    """Lay out differences between attendees and others."""
    columns = (
        *_question_columns(with_question),
        Column(group_heading(rows)),
        Column("Difference", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Test"),
        Column("Adjusted p"),
        Column("Smallest detectable difference", "number", "percentage points"),
        Column("Unweighted base, attended", "number"),
        Column("Unweighted base, not attended", "number"),
        Column("Note"),
    )
    gaps = [row for row in rows if row.measure in {"gap", "gap difference"}]
    body = tuple(
        (
            *_question_cells(row, with_question),
            Cell(gap_label(row)),
            difference_cell(row, row.base),
            difference_range(row, row.base),
            Cell(row.verdict),
            p_cell(row),
            points_cell(row.detectable, row),
            arm_cell(row.n_first, row),
            arm_cell(row.n_second, row),
            Cell(note_of(row)),
        )
        for row in gaps
    )
    return Table(name, caption, columns, body, headers=3 if with_question else 1)


def shift_table(shifts: Sequence[Shift], *, name: str, caption: str, with_question: bool = False) -> Table:
    """Lay out shifts: the chance with its interval, the words for its test, and the bases of both surveys."""
    rows = [shift.row for shift in shifts]
    earlier, later = rows[0].waves if rows else ("first", "second")
    columns = (
        *((Column("Question"), Column("Runs towards")) if with_question else ()),
        Column(group_heading(rows)),
        Column("Chance", "number", "per cent"),
        Column(INTERVAL, "interval", "per cent"),
        Column("Test"),
        Column("Adjusted p"),
        Column(f"Unweighted base, {wave_heading(earlier)}", "number"),
        Column(f"Unweighted base, {wave_heading(later)}", "number"),
        Column("Effective base", "number"),
        Column("Note"),
    )
    body = tuple(
        (
            *_question_cells(row, with_question),
            Cell(group_label(row.group)),
            share_cell(row, row.base),
            share_range(row, row.base),
            Cell(verdict_of(row)),
            p_cell(row),
            count_cell(row.n_first, row),
            count_cell(row.n_second, row),
            _number(row.n_effective, row),
            Cell(note_of(row)),
        )
        for row in rows
    )
    return Table(name, caption, columns, body, headers=3 if with_question else 1)


def slope_table(slopes: Sequence[Slope], *, name: str, caption: str, with_question: bool = False) -> Table:
    """Lay out slopes: points a year with their interval, the words for the test, and the surveys that they rest on."""
    columns = (
        *_question_columns(with_question),
        Column(group_heading([slope.row for slope in slopes])),
        Column("Slope", "number", "percentage points a year"),
        Column(INTERVAL, "interval", "percentage points a year"),
        Column("Test"),
        Column("Adjusted p"),
        Column("Surveys"),
        Column("Unweighted base", "number"),
        Column("Effective base", "number"),
        Column("Note"),
    )
    body = tuple(
        (
            *_question_cells(slope.row, with_question),
            Cell(group_label(slope.row.group)),
            difference_cell(slope.row, YEARLY),
            difference_range(slope.row, YEARLY),
            Cell(verdict_of(slope.row)),
            p_cell(slope.row),
            Cell(", ".join(map(wave_label, slope.over)) or _mark(slope.row)),
            count_cell(slope.row.n, slope.row),
            _number(slope.row.n_effective, slope.row),
            Cell(note_of(slope.row)),
        )
        for slope in slopes
    )
    return Table(name, caption, columns, body, headers=3 if with_question else 1)


def _question_columns(with_question: bool) -> tuple[Column, ...]:  # noqa: FBT001 - passed through by name from above
    """Name the question where a table holds several."""
    return (Column("Question"), Column("Answers counted")) if with_question else ()


def group_heading(rows: Sequence[Row]) -> str:
    """Head the column of groups."""
    return "Ethnic group" if {row.by for row in rows} <= {"", "ethnicity"} else "Group"


def _question_cells(row: Row, with_question: bool) -> tuple[Cell, ...]:  # noqa: FBT001 - passed through by name from above
    """Write the question where a table holds several."""
    return (Cell(row.title), Cell(row.answer)) if with_question else ()


def gap_label(row: Row) -> str:
    """Name the group, or the two groups whose differences are compared."""
    if row.measure == "gap":
        return group_label(row.group)
    first, _, second = row.group.partition(" - ")
    return f"{group_label(first)} difference minus {group_label(second)} difference"


def verdict_of(row: Row) -> str:
    """Write the words for the test of what is neither a change nor a difference."""
    return row.verdict.removesuffix(" difference")


def _mark(row: Row) -> str:
    """Say why there is no number."""
    return row.mark or MISSING


_ASKED: Final = {
    "partial": "Asked differently in the two surveys.",
    "none": "Asked so differently that the surveys can't be compared.",
}


def note_of(row: Row) -> str:
    """Join what a reader should know of a row."""
    flags = remarks(row) if row.shown else []
    whole = row.comparable == "none" or any("partly the same" in flag for flag in flags)
    told = row.measure in {"shift", "slope"} or (row.measure == "change" and whole)
    parts = [row.note, *flags, "" if told else _ASKED.get(row.comparable, "")]
    return " ".join(as_sentence(part) for part in parts if part)


def share_cell(row: Row, base: int | None) -> Cell:
    """Write a level with the decimals of a base."""
    if not row.shown:
        return Cell(_mark(row))
    text = f"{percent(row.estimate, base)}{_indicative(row)}"
    return Cell(text, rounded(row.estimate, base), decimals=decimals(base), made=row.made)


def _indicative(row: Row) -> str:
    """Mark an estimate that is shown for indication only."""
    return f" {row.mark}" if row.mark else ""


def share_range(row: Row, base: int | None) -> Cell:
    """Write a level's interval, or a chance's, with the decimals of a base."""
    if not row.shown:
        return Cell(_mark(row))
    low, high = max(row.conf_low, 0.0), min(row.conf_high, 1.0)
    text = percent_range(low, high, base)
    return Cell(text, rounded(low, base), rounded(high, base), decimals(base))


def _share_in(rows: Sequence[Row], row: Row, wave: str) -> Cell:
    """Write the level that a change starts from or arrives at."""
    level = level_of(rows, row, wave)
    return Cell(MISSING) if level is None else share_cell(level, row.base)


def difference_cell(row: Row, base: int | None) -> Cell:
    """Write a change, a gap or a slope with the decimals of a base."""
    if not row.shown:
        return Cell(_mark(row))
    text = f"{signed(row.estimate, base)}{_indicative(row)}"
    return Cell(text, rounded(row.estimate, base), decimals=decimals(base), made=row.made)


def difference_range(row: Row, base: int | None) -> Cell:
    """Write the interval of a change, a gap or a slope."""
    if not row.shown:
        return Cell(_mark(row))
    text = signed_range(row.conf_low, row.conf_high, base)
    return Cell(text, rounded(row.conf_low, base), rounded(row.conf_high, base), decimals(base))


def points_cell(value: float, row: Row) -> Cell:
    """Write a number of points."""
    if not known(value):
        return Cell(row.mark or MISSING)
    number = rounded(value, row.base)
    return Cell(f"{number:.{decimals(row.base)}f}", number, decimals=decimals(row.base))


def p_cell(row: Row) -> Cell:
    """Write the p-value after allowing for the number of comparisons."""
    return Cell(probability(row.p_adjusted) if row.tested else row.mark or MISSING)


def count_cell(value: int | None, row: Row) -> Cell:
    """Write a base."""
    return Cell(_mark(row)) if value is None else Cell(count(value), float(value))


def arm_cell(value: int | None, row: Row) -> Cell:
    """Write the base of one side of a gap; a difference of gaps has four sides, given in the groups' own rows."""
    return Cell(NOT_APPLICABLE) if value is None and row.measure == "gap difference" else count_cell(value, row)


def _number(value: float, row: Row) -> Cell:
    """Write an effective base."""
    return Cell(count(value), float(round(value))) if known(value) else Cell(_mark(row))
