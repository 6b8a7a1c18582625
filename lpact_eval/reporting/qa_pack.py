"""The pack for whoever assures a release: statements, checks, logs, rows, weights, suppression, files with hashes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.account_tables import check_table, departure_table, log_tables, method_table
from lpact_eval.reporting.account_words import registration_words, statement_table
from lpact_eval.reporting.background import ledger_table, question_table, weight_table
from lpact_eval.reporting.content import disclosure_items
from lpact_eval.reporting.flat import flat_table
from lpact_eval.reporting.outputs import OUTPUTS
from lpact_eval.reporting.plain_page import Section, write_plain_page
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.reading_age import reading
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.tables import Cell, Column, Table
from lpact_eval.reporting.tidy import write_lines
from lpact_eval.reporting.weights import margin_table, step_table, unknown_table
from lpact_eval.reporting.wording import exemptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.accounts import PublishedAccounts
    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.rules import Reason

FOLDER: Final = "qa"
PAGE: Final = "assurance.html"
MANIFEST: Final = "files.csv"
_PLAIN: Final = OUTPUTS["community"].file
_SENTENCE: Final = 6  # words; what is shorter is a heading or a name, which would make a text look easier than it is
_MEASURED: Final = (
    "The page for communities is meant for readers of about 11 to 12. The age is the Flesch-Kincaid grade and five "
    "years, of what has six words or more; names of places and themes count like any other words."
)
_ABOUT: Final = "For whoever checks this release before it is relied on: what was checked, what was not, and by what."
_REASONS: Final[Mapping[Reason, str]] = {
    "small base": "Fewer respondents than the rules ask for",
    "subtraction": "A hidden number could be had from it by subtraction",
    "same answer": "It would tell how nearly everyone of a small group answered",
}


def write_qa(published: Published, folder: Path) -> list[str]:
    """Write the pack into a folder of its own.

    Parameters
    ----------
    published : Published
    folder : Path
        Of the release; every file that is in it by then is listed with its hash.

    Returns
    -------
    list of str
        The page first, the list of files last.

    Raises
    ------
    LpactError
        If it would say what these surveys can't support.
    """
    (folder / FOLDER).mkdir()
    sections = (*_sections(published), *_plain_english(folder))
    title = f"Quality assurance: {published.facts.title}"
    write_plain_page(published, folder / FOLDER / PAGE, title=title, about=_ABOUT, sections=sections)
    exempt = exemptions(published)
    names = [PAGE]
    for table in (one for section in sections for one in section.tables):
        names.append(f"{table.name.lower().replace('_', '-')}.csv")
        write_lines(folder / FOLDER / names[-1], *flat_table(table), exempt)
    lines = [
        *([label, name, sha256] for label, name, sha256 in provenance(published).inputs),
        *(["Definition", name, sha256] for name, sha256 in published.facts.definitions),
        *(["Output", *one] for one in _outputs(folder)),
    ]
    write_lines(folder / FOLDER / MANIFEST, ("kind", "file", "SHA-256"), lines, exempt)
    return [f"{FOLDER}/{name}" for name in (*names, MANIFEST)]


def _outputs(folder: Path) -> Iterator[tuple[str, str]]:
    """Name every file of the release that is written by now, with its hash."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def _sections(published: Published) -> Iterator[Section]:
    """Gather the page, each table with at least one row."""
    accounts = published.accounts
    if accounts is not None:
        yield from _of_accounts(accounts)
    else:
        items = disclosure_items(published, provenance(published))
        yield Section("Disclosure of methods", terms=tuple(items))
    rows = rows_of(published)
    weights = (weight_table(published), margin_table(published), step_table(published), unknown_table(published, rows))
    yield Section("Rows", tables=_filled([ledger_table(published)]))
    yield Section("Questions", tables=_filled([question_table(published)]))
    yield Section("Weights", tables=_filled(weights))
    rules = published.rules
    marks = tuple((mark, meaning) for mark, meaning in MARKS.items())
    yield Section("Confidentiality", (f"Rules: {rules.title}.",), marks, _filled([_suppressed(published)]))
    yield Section("How this release was made", terms=tuple(provenance(published).lines()))


def _of_accounts(accounts: PublishedAccounts) -> Iterator[Section]:
    """Gather what the run says of itself."""
    statements = statement_table(accounts)
    yield Section("Assurance", tuple(registration_words(accounts)), tables=_filled([statements]))
    yield Section("Disclosure of methods", tables=_filled([method_table(accounts)]))
    yield Section("Checks", tables=_filled([check_table(accounts)]))
    departures = _filled([departure_table(accounts)])
    none = () if departures else ("No departure from the plan was found, and none was logged.",)
    yield Section("Departures from the plan", none, tables=departures)
    logs = tuple(log_tables(accounts))
    yield Section("Logs", () if logs else ("No log was kept beside the plan.",), tables=logs)


def _plain_english(folder: Path) -> Iterator[Section]:
    """Say how old a reader of the page for communities must be, where it is one of the outputs."""
    page = folder / _PLAIN
    if not page.is_file():
        return
    _, _, body = page.read_text(encoding="utf-8").partition("<main")
    texts = [text for text in texts_of(f"<main{body}") if len(text.split()) >= _SENTENCE]
    found = reading(texts)
    columns = (Column("File"), Column("Words", "number"), Column("Sentences", "number"), Column("Age", "number"))
    numbers = (Cell(f"{found.words:,}", float(found.words)), Cell(f"{found.sentences:,}", float(found.sentences)))
    row = (Cell(_PLAIN), *numbers, Cell(f"{found.age:.1f}", found.age, decimals=1))
    yield Section("Plain English", (_MEASURED,), tables=(Table("Reading_age", "Reading age", columns, (row,)),))


def _suppressed(published: Published) -> Table:
    """Count the rows that are suppressed, by reason only."""
    columns = (Column("Why"), Column("Rows suppressed", "number"))
    counted = [(words, published.suppressed.get(reason, 0)) for reason, words in _REASONS.items()]
    rows = tuple((Cell(words), Cell(f"{number:,}", float(number))) for words, number in counted if number)
    return Table("Suppressed", "Rows suppressed to protect confidentiality, by reason", columns, rows)


def _filled(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Keep the tables that have rows."""
    return tuple(table for table in tables if table.rows)
