"""What was promised and done as csv, with a dictionary of the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.account_tables import ENDINGS
from lpact_eval.reporting.account_words import account_tables
from lpact_eval.reporting.tidy import write_lines
from lpact_eval.reporting.wording import exemptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.tables import Cell, Column

DICTIONARY: Final = "plan-dictionary.csv"
FILES: Final[Mapping[str, str]] = {
    "Promises": "promises.csv",
    "Indicator_table": "indicators.csv",
    "Decisions": "decisions.csv",
    "Sizes": "sizes.csv",
    "Departures": "departures.csv",
    "Statements": "statements.csv",
    "Methods": "methods.csv",
    "Checks": "checks.csv",
}
_MEANINGS: Final[Mapping[str, str]] = {
    "Outcome": "Number of the intended outcome, 1 to 5.",
    "Indicator": "Indicator of the evaluation plan.",
    "Title": "Title of the indicator.",
    "Intended outcome": "The outcome in the words of the plan's theory of change.",
    "Source": "Surveys, or the records of events.",
    "Question or measure": "Question of the surveys, or measure of the records.",
    "Answers counted": "Answers that count together.",
    "Groups": "Groups that it is broken down by; those of the primary family are named.",
    "Comparison": "What is compared with what.",
    "Estimator": "How it is worked out.",
    "Weights": "How respondents are weighted.",
    "Adjusters": "In what attendees and others are made comparable.",
    "Role": "primary with its family of tests, or exploratory.",
    "Planned answers": "Answers planned for, by survey and group.",
    "Rule in words": "Decision rule as the plan words it.",
    "Rule in numbers": "Decision rule that the run applied.",
    "Who decides": "Who takes the decision.",
    "Where published": "Where it is published.",
    "Decided on": "Group that was decided on; [z] where there is no rule in numbers.",
    "Decided by": "What the rule looks at: change, gap, level, or a measure of the records.",
    "Ending": ENDINGS,
    "Group": "Group of respondents, or of the records.",
    "Survey": "Survey or surveys.",
    "Found": "Points for changes and gaps, per cent for shares, else as counted; or a shorthand.",
    "95% modelled interval, low": "Lower end of the interval, in the unit of what was found.",
    "95% modelled interval, high": "Upper end of the interval, in the unit of what was found.",
    "Adjusted p": "p-value after allowing for the number of comparisons.",
    "Smallest detectable": "Smallest change or difference in points that would show with 80% power.",
    "Unweighted base": "Respondents, or what of the records, it rests on; or a shorthand.",
    "Planned": "Answers planned for.",
    "Kind": "Of departure: plan changed, indicator, sample size, weights, mode or log.",
    "What": "What it is about, under the name that the log of departures gives reasons by.",
    "Promised": "What the plan promised.",
    "Done": "What was done.",
    "Why": "Reason; [z] where there is none to give.",
    "Since": "Day from which it holds, where it is known.",
    "About": "What the statement is about.",
    "Statement": "The statement.",
    "Item": "Number of the item, 1 to 11.",
    "What is disclosed": "What readers are told.",
    "Where it comes from": "What the statement was made from.",
    "Check": "What was checked.",
    "Outcome of the check": "passed, failed or not done.",
    "What was found": "In words; no count of people.",
    "By whom": "automatic, or who made it.",
}


def write_account_files(published: Published, folder: Path) -> list[str]:
    """Write what was promised and done as csv, a file a table, and what the columns hold.

    Parameters
    ----------
    published : Published
    folder : Path

    Returns
    -------
    list of str
        Names of the files; none where no plan was run.
    """
    exempt, names = exemptions(published), list[str]()
    dictionary: list[list[str]] = []
    for table in account_tables(published):
        if table.name not in FILES:
            continue
        headings = [text for column in table.columns for text in _headings(column)]
        lines = [
            [text for column, cell in zip(table.columns, cells, strict=True) for text in _texts(column, cell)]
            for cells in table.rows
        ]
        write_lines(folder / FILES[table.name], headings, lines, exempt)
        names.append(FILES[table.name])
        dictionary += [[FILES[table.name], heading, _MEANINGS.get(heading, "")] for heading in headings]
    if names:
        write_lines(folder / DICTIONARY, ["file", "column", "meaning"], dictionary)
        names.append(DICTIONARY)
    return names


def _headings(column: Column) -> Iterator[str]:
    """Head the columns that a column becomes: an interval has two."""
    ends = (", low", ", high") if column.kind == "interval" else ("",)
    yield from (f"{column.heading}{end}" for end in ends)


def _texts(column: Column, cell: Cell) -> Iterator[str]:
    """Write a cell for machines: its numbers as published, or its text."""
    numbers = (cell.value, cell.high) if column.kind == "interval" else (cell.value,)
    told = any(number is not None for number in numbers)
    yield from (("" if number is None else f"{number:g}") if told else cell.text for number in numbers)
