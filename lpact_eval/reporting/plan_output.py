"""The evaluation plan as a table: every indicator with what was promised and how it ended, as a page and as csv."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.account_tables import (
    decision_table,
    departure_table,
    ending_table,
    full_table,
    made_table,
    rule_table,
    size_table,
)
from lpact_eval.reporting.account_words import registration_words, theory_words
from lpact_eval.reporting.background import indicator_table
from lpact_eval.reporting.flat import flat_table
from lpact_eval.reporting.plain_page import Section, write_plain_page
from lpact_eval.reporting.tidy import write_lines
from lpact_eval.reporting.wording import exemptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.tables import Table

PAGE: Final = "evaluation-plan.html"
TABLE: Final = "evaluation-plan.csv"
_ABOUT: Final = "What was to be looked at, how, what would count as an answer, and how each of it ended."


def write_plan(published: Published, folder: Path) -> list[str]:
    """Write the plan's table.

    Parameters
    ----------
    published : Published
    folder : Path

    Returns
    -------
    list of str
        Names of the files. The csv has a line for every indicator with all that the plan says of it, and its ending;
        the page has the endings, and what they rest on.

    Raises
    ------
    LpactError
        If it would say what these surveys can't support.
    """
    title = f"Evaluation plan and what became of it: {published.facts.title}"
    write_plain_page(published, folder / PAGE, title=title, about=_ABOUT, sections=tuple(_sections(published)))
    headings, lines = flat_table(_in_full(published))
    write_lines(folder / TABLE, headings, lines, exemptions(published))
    return [PAGE, TABLE]


def _in_full(published: Published) -> Table:
    """Take the widest table of the indicators that there is."""
    accounts = published.accounts
    return full_table(accounts) if accounts else indicator_table(published)


def _sections(published: Published) -> Iterator[Section]:
    """Gather the page; a release without accounts has the plan's indicators with their status alone."""
    accounts = published.accounts
    if accounts is None:
        yield Section("Indicators", tables=(indicator_table(published),))
        return
    yield Section("Registration", registration_words(accounts))
    yield Section("Every promise, and how it ended", tables=(ending_table(accounts),))
    for heading, table in (
        ("What the decisions rest on", decision_table(published, accounts)),
        ("Answers planned for, and those that came", size_table(accounts)),
        ("How every indicator is made", made_table(accounts)),
        ("What would decide, and who does", rule_table(accounts)),
        ("Departures from the plan", departure_table(accounts)),
    ):
        if table.rows:
            yield Section(heading, tables=(table,))
    theory = tuple((heading, " ".join(texts)) for heading, texts in theory_words(accounts.theory))
    if theory:
        yield Section("How the programme was thought to work", terms=theory)
