"""What a report says of plan and run in sentences: registration, theory of change, strength, assurance, methods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.account_tables import (
    RULE,
    check_table,
    decision_table,
    departure_table,
    design_table,
    ending_table,
    log_tables,
    method_table,
    promise_table,
    size_table,
)
from lpact_eval.reporting.rows import as_sentence, plain
from lpact_eval.reporting.tables import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.disclosure.accounts import PublishedAccounts
    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.theory import TheoryPlan

REGISTRATION: Final = "Registration of the plan"
STRENGTH: Final = "Strength of the evidence"
_SOURCE: Final = "Source: the evaluation plan, its registration and the run of it."


@dataclass(frozen=True, slots=True)
class AccountSection:
    """What the page says of what was promised and done.

    Attributes
    ----------
    registration : tuple of str
    theory : tuple of (str, tuple of str)
        Headings and what stands below each; empty where the plan has none.
    endings, decisions, sizes, departures, checks : Table
        Without rows where there is nothing to say.
    strength : tuple of str
    assurance : tuple of (str, tuple of str)
        What was checked, what was not, the limits, what is blank.
    logs : tuple of Table
    """

    registration: tuple[str, ...]
    theory: tuple[tuple[str, tuple[str, ...]], ...]
    endings: Table
    decisions: Table
    sizes: Table
    departures: Table
    strength: tuple[str, ...]
    assurance: tuple[tuple[str, tuple[str, ...]], ...]
    checks: Table
    logs: tuple[Table, ...]


def account_section(published: Published) -> AccountSection | None:
    """Gather what the page says of plan and run; None where no plan was run."""
    accounts = published.accounts
    if accounts is None:
        return None
    decisions, sizes, departures, checks, *logs = _of_the_run(published, accounts)
    return AccountSection(
        registration_words(accounts),
        tuple(theory_words(accounts.theory)),
        ending_table(accounts),
        _without(decisions, RULE),
        sizes,
        departures,
        accounts.strength.sentences,
        tuple((heading, texts) for heading, texts in _assurance(accounts) if texts),
        checks,
        tuple(logs),
    )


@lru_cache(maxsize=2)
def _of_the_run(published: Published, accounts: PublishedAccounts) -> tuple[Table, ...]:
    """Lay out once for page and workbook what came of the plan: decisions, sizes, departures, checks, logs."""
    tables = (decision_table(published, accounts), size_table(accounts), departure_table(accounts))
    return (*tables, check_table(accounts), *log_tables(accounts))


def _without(table: Table, heading: str) -> Table:
    """Leave a column out that another table of the page has."""
    places = [place for place, column in enumerate(table.columns) if column.heading != heading]
    rows = tuple(tuple(row[place] for place in places) for row in table.rows)
    return replace(table, columns=tuple(table.columns[place] for place in places), rows=rows)


def account_tables(published: Published) -> list[Table]:
    """Gather the sheets of plan and run."""
    accounts = published.accounts
    if accounts is None:
        return []
    decisions, sizes, departures, checks, *logs = _of_the_run(published, accounts)
    plan = (promise_table(accounts), design_table(accounts), decisions, sizes, departures)
    tables = (*plan, statement_table(accounts), method_table(accounts), checks, *logs)
    return [replace(table, notes=()) for table in tables]  # the sheet Notes has them


def statement_table(accounts: PublishedAccounts) -> Table:
    """Lay out what is said of plan and run, a sentence a row."""
    said = [
        *((REGISTRATION, text) for text in registration_words(accounts)),
        *(
            (f"Theory of change: {heading.lower()}", text)
            for heading, texts in theory_words(accounts.theory)
            for text in texts
        ),
        *((STRENGTH, text) for text in accounts.strength.sentences),
        *((f"Assurance: {heading.lower()}", text) for heading, texts in _assurance(accounts) for text in texts),
    ]
    rows = tuple((Cell(about), Cell(text)) for about, text in said)
    columns = (Column("About"), Column("Statement"))
    return Table("Statements", "Registration, theory of change, strength and assurance", columns, rows, source=_SOURCE)


def registration_words(accounts: PublishedAccounts) -> tuple[str, ...]:
    """Say when the plan was registered, and what changed since."""
    return tuple(plain(text) for text in accounts.registration.sentences)


def theory_words(theory: TheoryPlan | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Say how the programme is thought to work, link by link."""
    if theory is None:
        return
    outcomes = tuple(f"{number}. {as_sentence(text)}" for number, text in sorted(theory.outcomes.items()))
    yield "Inputs", _sentences(theory.inputs)
    yield "Activities", _sentences(theory.activities)
    yield "Outputs", _sentences(theory.outputs)
    yield "Intended outcomes", outcomes
    yield "Assumptions", _sentences(theory.assumptions)
    yield "Risks", _sentences(theory.risks)


def method_words(accounts: PublishedAccounts) -> list[tuple[str, str]]:
    """Write the disclosure of methods; what is blank is said to be so, with the place where it is filled in."""
    return [
        (item.name, f"Not stated: {'; '.join(item.missing) or 'nothing is known'}." if item.blank else plain(item.text))
        for item in accounts.methods
    ]


def _assurance(accounts: PublishedAccounts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Part the assurance statement into what it says."""
    found = accounts.assurance
    return (
        ("Checked", found.checked),
        ("Not checked", tuple(text.removeprefix("Not checked: ") for text in found.unchecked)),
        ("Limits on the use of the results", found.limits),
        ("Blank in the logs", tuple(as_sentence(text) for text in found.blank)),
    )


def _sentences(texts: Sequence[str]) -> tuple[str, ...]:
    """Write texts as sentences."""
    return tuple(as_sentence(text) for text in texts)
