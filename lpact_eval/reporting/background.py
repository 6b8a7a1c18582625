"""Tables about the survey itself: who was asked, rows kept, weights, questions, the plan's indicators."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.numbers import count, known
from lpact_eval.reporting.rows import as_sentence, group_label, number, plain, wave_heading, whole, wordings
from lpact_eval.reporting.tables import Cell, Column, Table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published

_COMPARABLE: Final = {
    "full": "Yes",
    "partial": "In part",
    "none": "No",
    "not asked": "Not asked",
}


def day(date: dt.date) -> str:
    """Write a date.

    >>> import datetime
    >>> day(datetime.date(2022, 7, 4))
    '4 July 2022'
    """
    return f"{date.day} {date:%B %Y}"


@lru_cache(maxsize=2)
def wave_table(published: Published) -> Table:
    """Say who was asked, how many, when and how."""
    kept = _kept(published)
    columns = (
        Column("Survey"),
        Column("First day"),
        Column("Last day"),
        Column("How"),
        Column("Respondents", "number"),
        Column("Respondents are"),
    )
    rows = tuple(
        (
            Cell(f"{wave.title or wave_heading(wave.name)} ({wave_heading(wave.name)})"),
            Cell(day(wave.start)),
            Cell(day(wave.end)),
            Cell(wave.mode or "Not stated"),
            _whole(kept.get(wave.name)),
            Cell("Synthetic" if wave.synthetic else "People"),
        )
        for wave in published.waves
    )
    return Table("Surveys", "Who was asked, when and how", columns, rows)


@lru_cache(maxsize=2)
def ledger_table(published: Published) -> Table:
    """Account for every delivered row."""
    columns = (Column("Survey"), Column("Rows"), Column("Number of rows", "number"))
    rows = tuple(
        (
            Cell(wave_heading(str(row["wave"]))),
            Cell(_ledger_label(str(row["reason"]))),
            _whole(whole(row["rows"]), str(row["mark"])),
        )
        for row in records_of(published.ledger)
    )
    return Table("Rows_delivered", "Rows delivered, set aside and kept", columns, rows, headers=2)


@lru_cache(maxsize=2)
def weight_table(published: Published) -> Table:
    """Report the weights by survey, kind and group."""
    columns = (
        Column("Survey"),
        Column("Weights"),
        Column("Ethnic group"),
        Column("Unweighted base", "number"),
        Column("Effective base", "number"),
        Column("Design effect", "number"),
        Column("Smallest weight", "number"),
        Column("Largest weight", "number"),
        Column("Largest over mean", "number"),
        Column("Note"),
    )
    rows = tuple(_weight_row(row) for row in records_of(published.weights))
    return Table("Weights", "Weights and what they cost in effective respondents", columns, rows, headers=3)


@lru_cache(maxsize=2)
def question_table(published: Published) -> Table:
    """Say which questions may be compared between the surveys."""
    columns = (
        Column("Question"),
        Column("Survey"),
        Column("Asked as"),
        Column("Scale"),
        Column("Comparable"),
        Column("Why"),
        Column("Answered", "number"),
        Column("Don't know", "number"),
        Column("Prefer not to say", "number"),
        Column("Blank", "number"),
        Column("Not asked", "number"),
    )
    rows = tuple(
        (
            Cell(str(row["title"])),
            Cell(wave_heading(str(row["wave"]))),
            Cell(_text(row["asked_as"])),
            Cell(_text(row["scale"])),
            Cell(_COMPARABLE.get(str(row["comparable"]), str(row["comparable"]))),
            Cell(" ".join(as_sentence(text) for text in (_text(row["reason"]), _text(row.get("remark"))) if text)),
            *(
                _whole(whole(row[name]), str(row["mark"]))
                for name in ("answered", "dont_know", "prefer_not", "blank", "not_asked")
            ),
        )
        for row in wordings(published)
    )
    return Table("Questions", "Which questions can be compared, and how they were answered", columns, rows, headers=2)


@lru_cache(maxsize=2)
def indicator_table(published: Published) -> Table:
    """List the plan's indicators with their status; none is left out."""
    columns = (
        Column("Outcome", "number"),
        Column("Indicator"),
        Column("Role"),
        Column("Analysis"),
        Column("Status"),
        Column("Why"),
    )
    rows = tuple(
        (
            _whole(whole(row["outcome"])),
            Cell(str(row["title"])),
            Cell(str(row["role"]).capitalize()),
            Cell(_text(row["analysis"])),
            Cell(str(row["status"]).capitalize()),
            Cell(as_sentence(plain(_text(row["reason"])))),
        )
        for row in records_of(published.indicators)
    )
    return Table("Indicators", "What the plan asked for, and what could be answered", columns, rows, headers=2)


def titles(published: Published) -> dict[str, str]:
    """Give every question's title by its variable."""
    return {str(row["variable"]): str(row["title"]) for row in wordings(published)}


def adjuster_titles(published: Published) -> list[str]:
    """Name what attendees and others were made comparable on, in the words of the questions."""
    known_titles = titles(published)
    return [known_titles.get(name, name.replace("_", " ")) for name in published.facts.adjusters]


def kept_in_all(published: Published) -> Mapping[str, int]:
    """Count the respondents kept, by survey."""
    return {wave: rows for wave, rows in _kept(published).items() if rows is not None}


def _kept(published: Published) -> dict[str, int | None]:
    """Read the rows kept from the ledger."""
    return {str(row["wave"]): whole(row["rows"]) for row in records_of(published.ledger) if row["reason"] == "kept"}


def _weight_row(row: Mapping[str, object]) -> tuple[Cell, ...]:
    """Lay out one row of the weight report."""
    mark = str(row["mark"])
    return (
        Cell(wave_heading(str(row["wave"]))),
        Cell(str(row["weights"]).capitalize()),
        Cell(group_label(str(row["group"]))),
        _whole(whole(row["n"]), mark),
        _whole(whole(row["n_effective"]), mark),
        *(_decimal(number(row[name]), mark) for name in ("design_effect", "smallest", "largest", "largest_over_mean")),
        Cell(" ".join(as_sentence(flag) for flag in _text(row["flags"]).split("; "))),
    )


def _ledger_label(reason: str) -> str:
    """Name a line of the ledger."""
    return reason.capitalize() if reason in {"delivered", "kept"} else f"Set aside: {reason}"


def _whole(value: int | None, mark: str = "") -> Cell:
    """Write a count, or why there is none."""
    return Cell(mark or "[x]") if value is None else Cell(count(value), float(value))


def _decimal(value: float, mark: str) -> Cell:
    """Write a number with two decimals, or why there is none."""
    return Cell(f"{value:.2f}", round(value, 2), decimals=2) if known(value) else Cell(mark or "[x]")


def _text(value: object) -> str:
    """Read a text that may be missing."""
    return value if isinstance(value, str) else ""


def all_background(published: Published) -> Sequence[Table]:
    """Gather the tables about the survey itself, in the order of reading."""
    return (
        wave_table(published),
        indicator_table(published),
        question_table(published),
        ledger_table(published),
        weight_table(published),
    )
