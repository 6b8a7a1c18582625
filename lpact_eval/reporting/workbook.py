"""The accessible workbook: cover, contents, notes, and one table a sheet, with the same cells as the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.account_tables import ENDINGS, FOUND
from lpact_eval.reporting.account_words import REGISTRATION, account_tables, registration_words
from lpact_eval.reporting.attending import attendance_tables
from lpact_eval.reporting.background import (
    adjuster_titles,
    day,
    indicator_table,
    ledger_table,
    question_table,
    wave_table,
    weight_table,
)
from lpact_eval.reporting.comparing import composition_table, selection_table, three_rows_table
from lpact_eval.reporting.content import baseline
from lpact_eval.reporting.grounds import grounds_of
from lpact_eval.reporting.headline import findings, joined, overview
from lpact_eval.reporting.house import House
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.rows import all_rows, by_question, rows_of
from lpact_eval.reporting.sheets import Sheets
from lpact_eval.reporting.shifts import shifts_of, slopes_of
from lpact_eval.reporting.tables import (
    Cell,
    Column,
    Table,
    change_table,
    gap_table,
    level_table,
    shift_table,
    slope_table,
)
from lpact_eval.reporting.templating import own_folder, plain_sentences
from lpact_eval.reporting.weights import margin_table, step_table, unknown_table
from lpact_eval.reporting.wording import exemptions, require_plain_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.provenance import Provenance
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

_NOTE_OF: Final = {
    "95% modelled interval": 1,
    "Effective base": 3,
    "Test": 4,
    "Smallest detectable": 5,
    "Difference": 6,
    "Unweighted base": 7,
    "Comparable": 8,
    "Chance": 9,
    "Slope": 10,
    "Method": 11,
    "Standardised difference": 12,
    "Score": 13,
    "Value": 14,
    "Compared": 15,
    "95% interval": 16,
    "Base counts": 17,
    "Ending": 18,
    "Found": 19,
}
_SHIFTS: Final = "Chance of answering nearer to one end of the scale in the later survey, by question and ethnic group"
_SLOPES: Final = "Slope of the share over all surveys, by question and ethnic group"


def write_workbook(
    published: Published, path: Path, *, house: House | None = None, templates: Path | None = None
) -> None:
    """Write the workbook.

    Parameters
    ----------
    published : Published
        Cleared rows; nothing else enters the workbook.
    path : Path
        File to write.
    house : House, optional
        Name, protective marking and contact of the force, for the cover.
    templates : Path, optional
        Folder of the report templates, for the sentences.

    Raises
    ------
    DefinitionError
        If a template says something that these surveys can't support.
    LpactError
        If the workbook would say something that these surveys can't support.
    """
    folder = own_folder(templates)
    sentences = plain_sentences(folder)
    rows, origin = rows_of(published), provenance(published)
    title = f"{published.facts.title}: tables"
    sheets = Sheets(path, _properties(published, title), origin.date)
    tables = _tables(published, rows)
    (_, first), *sections = _cover(published, rows, sentences, origin)
    sheets.cover("Cover", title, [("", [*_of_house(house or House()), *first]), *sections])
    _contents(sheets, tables)
    sheets.table(
        "Notes", _notes(published, sentences), [_one_table(), "The shorthand used in the tables is explained here."]
    )
    source = _source(published)
    for name, table in tables.items():
        sheets.table(name, table, [_one_table(), _notes_statement(), table.source or source, *table.notes])
    require_plain_words(sheets.words, path.name, exemptions(published, sentences))
    sheets.close()


def _properties(published: Published, title: str) -> dict[str, str]:
    """Write the document's properties."""
    facts = published.facts
    synthetic = "Synthetic respondents. " if published.synthetic else ""
    return {
        "title": title,
        "subject": f"{synthetic}Survey results by ethnic group and survey",
        "author": facts.force or "lpact-eval",
        "keywords": "police, confidence, survey, evaluation",
        "comments": f"{synthetic}Every estimate has its unweighted base, effective base and 95% modelled interval.",
    }


def _tables(published: Published, rows: Sequence[Row]) -> dict[str, Table]:
    """Gather the tables, by sheet."""
    ordered = by_question(rows)
    measures = {row.measure for row in rows}
    tables = {
        "Shares": level_table(
            ordered, name="Shares", caption="Shares by question, ethnic group and survey", with_question=True
        )
    }
    if "change" in measures:
        caption = "Change between the surveys by question and ethnic group"
        tables["Changes"] = change_table(ordered, name="Changes", caption=caption, with_question=True)
    if "gap" in measures:
        caption = "People who attended events, and others, by question and ethnic group"
        tables["Attendance"] = gap_table(ordered, name="Attendance", caption=caption, with_question=True)
        tables |= {table.name: table for table in attendance_tables(published, rows)}
    every = all_rows(published)
    shifts = shift_table(shifts_of(published), name="Shifts", caption=_SHIFTS, with_question=True)
    slopes = slope_table(slopes_of(published), name="Slopes", caption=_SLOPES, with_question=True)
    beside = (three_rows_table(every), composition_table(published, rows), selection_table(published, rows))
    for table in (shifts, slopes, *beside):
        tables[table.name] = table
    tables |= {table.name: table for table in _record_tables(published)}
    tables |= {table.name: table for table in account_tables(published)}
    background = (wave_table, indicator_table, question_table, ledger_table, weight_table, margin_table, step_table)
    made = [*(make(published) for make in background), unknown_table(published, rows)]
    tables |= {table.name: table for table in made}
    filled = [(name.replace("_", " "), table) for name, table in tables.items() if table.rows]
    return {f"{place} {name}": _with_notes(table, f"Table {place}") for place, (name, table) in enumerate(filled, 1)}


def _record_tables(published: Published) -> list[Table]:
    """Gather the tables of the records of events, where the plan asks for them."""
    if published.records is None:
        return []
    from lpact_eval.reporting.record_page import record_tables  # noqa: PLC0415 - surveys alone never need it

    return record_tables(published)


def _with_notes(table: Table, number: str) -> Table:
    """Give a table its number and point from its headings to the notes."""
    columns = tuple(replace(column, heading=_noted(column.heading)) for column in table.columns)
    return replace(table, name=f"{table.name}_table", caption=f"{number}: {table.caption}", columns=columns)


def _noted(heading: str) -> str:
    """Add the note's number to a heading."""
    note = next((number for start, number in _NOTE_OF.items() if heading.startswith(start)), None)
    return heading if note is None else f"{heading} [note {note}]"


def _contents(sheets: Sheets, tables: dict[str, Table]) -> None:
    """Add the table of contents."""
    listed = [("Notes", "Notes and shorthand"), *((name, table.caption) for name, table in tables.items())]
    contents = Table(
        "Contents_table",
        "Contents",
        (Column("Worksheet"), Column("What it holds")),
        tuple((Cell(name), Cell(caption)) for name, caption in listed),
    )
    links = {name: name for name, _ in listed}
    sheets.table("Contents", contents, [_one_table(), "Each name leads to its worksheet."], links=links)


def _notes(published: Published, sentences: Sentences) -> Table:
    """Gather the notes and the shorthand in one table."""
    rules = published.rules
    adjusters = joined(adjuster_titles(published))
    allowed = f", after allowing for differences in: {adjusters}" if adjusters else ""
    notes = (
        sentences.say("fixed.interval"),
        sentences.say("fixed.different_people"),
        "Effective base: the number of equally weighted respondents that would tell as much.",
        (
            "Clear: passes its test at the 5% level after allowing for the number of comparisons that the plan made. "
            "Not clear: we can't tell. Not tested: the base is too small for a test."
        ),
        "The smallest change or difference that could be expected to show with this many respondents (80% power).",
        f"Attended minus not attended{allowed}. {sentences.say('fixed.association')}",
        (
            f"Fewer than {rules.suppress_below}: nothing shown. Fewer than {rules.withhold_below}: estimate withheld. "
            f"Fewer than {rules.indicative_below}: for indication only. Fewer than {rules.small_below}: small base."
        ),
        "Whether the wording and the answers allow a comparison between the surveys.",
        f"{sentences.say('fixed.shift')} {sentences.say('fixed.beside_the_plan')}" if len(published.shifts) else "",
        f"{sentences.say('fixed.slope')} {sentences.say('fixed.beside_the_plan')}" if len(published.slopes) else "",
        sentences.say("fixed.methods") if any(row.measure == "gap" for row in rows_of(published)) else "",
        sentences.say("fixed.balance") if len(published.balance) else "",
        sentences.say("fixed.overlap") if len(published.overlap) else "",
        f"{sentences.say('fixed.strength')} {sentences.say('fixed.measures')}" if len(published.strength) else "",
        sentences.say("fixed.dose") if len(published.dose) else "",
        sentences.say("fixed.record_interval") if published.records else "",
        sentences.say("fixed.record_counts") if published.records else "",
        ENDINGS if published.accounts else "",
        FOUND if published.accounts else "",
    )
    body = [(f"note {number}", text) for number, text in enumerate(notes, start=1) if text]
    body += [(mark, f"{meaning[:1].upper()}{meaning[1:]}.") for mark, meaning in MARKS.items()]
    rows = tuple((Cell(label), Cell(text)) for label, text in body)
    return Table("Notes_table", "Notes and shorthand", (Column("Note or shorthand"), Column("Meaning")), rows)


def _of_house(house: House) -> list[str]:
    """Write what a force puts first: its marking, its name, whom to ask."""
    contact = f"Contact: {house.contact}" if house.contact else ""
    return [text for text in (house.marking, house.name, contact) if text]


def _cover(
    published: Published, rows: Sequence[Row], sentences: Sentences, origin: Provenance
) -> list[tuple[str, list[str]]]:
    """Write the cover: findings, limits and where the numbers come from."""
    grounds = grounds_of(published)
    found = findings(rows, sentences, published.rules, adjusters=adjuster_titles(published), grounds=grounds)
    records = published.records
    first = [sentences.say("fixed.synthetic")] if published.synthetic else []
    first += [sentences.say("fixed.synthetic_records")] if records and records.synthetic else []
    first += [
        f"Published on {day(origin.date)}.",
        "The tables and what they hold are listed in the worksheet Contents.",
    ]
    said = [f"{finding.heading}. {' '.join((*finding.sentences, finding.label)).strip()}" for finding in found]
    adjusters = adjuster_titles(published)
    if adjusters and any(one.row.measure == "gap" for one in found):
        said.append(f"Attendees and others are made comparable in: {', '.join(adjusters)}.")
    limits = [sentences.say("fixed.different_people"), sentences.say("fixed.interval"), baseline(published, sentences)]
    limits += [sentences.say("fixed.association")] if any(row.measure == "gap" for row in rows) else []
    limits += [sentences.say("fixed.record_interval")] if records else []
    limits += [f'The plan allows the word "{word}": {reason}' for word, reason in published.facts.allow_words]
    return [
        ("", first),
        (
            "Findings",
            [text for text in (overview(found, sentences, grounds.margin), *said) if text] or ["See the tables."],
        ),
        ("What this can't show", limits),
        *([(REGISTRATION, list(registration_words(published.accounts)))] if published.accounts else []),
        ("How this workbook was made", [f"{label}: {text}" for label, text in origin.lines()]),
    ]


def _one_table() -> str:
    """Say how many tables a sheet has."""
    return "This worksheet contains one table."


def _notes_statement() -> str:
    """Say where notes and shorthand are explained."""
    return "Notes and shorthand, such as [note 1] and [c], are explained in the worksheet Notes."


def _source(published: Published) -> str:
    """Name the surveys that the numbers come from."""
    names = "; ".join(wave.title or wave.name for wave in published.waves) or "not stated"
    return f"Source: {names}{'. Synthetic respondents.' if published.synthetic else '.'}"
