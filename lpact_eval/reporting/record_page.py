"""The section on events, feedback and action: by intended outcome, tables beside what they can't show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting import record_action, record_relationships, record_understanding
from lpact_eval.reporting.background import day
from lpact_eval.reporting.explained import record_anchor
from lpact_eval.reporting.record_lists import (
    cannot_table,
    contribution_tables,
    event_table,
    issue_table,
    quote_table,
    record_ledger,
    said_table,
)
from lpact_eval.reporting.record_rows import record_rows
from lpact_eval.reporting.record_words import RULES, words_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.record_rows import RecordRows
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table

OPEN_ROWS: Final = 16  # longer tables are folded on the page
PAGE_ROWS: Final = 60  # longer ones are in the workbook only


@dataclass(frozen=True, slots=True)
class RecordPart:
    """One view of the records.

    Attributes
    ----------
    name, heading : str
    sentences : tuple of str
        What the numbers say.
    limit : str
        What they can't show.
    charts : tuple of ChartSpec
    tables : tuple of Table
        Those with rows.
    made : tuple of (str, str)
        The plan's indicators that its numbers belong to, and the places of their explanations.
    """

    name: str
    heading: str
    sentences: tuple[str, ...]
    limit: str
    charts: tuple[ChartSpec, ...]
    tables: tuple[Table, ...]
    made: tuple[tuple[str, str], ...] = ()

    @property
    def on_page(self) -> list[tuple[Table, bool]]:
        """Tables that a page has, and whether it folds them under their captions."""
        return [(table, len(table.rows) > OPEN_ROWS) for table in self.tables if len(table.rows) <= PAGE_ROWS]

    @property
    def elsewhere(self) -> list[Table]:
        """Tables that only the workbook has."""
        return [table for table in self.tables if len(table.rows) > PAGE_ROWS]


@dataclass(frozen=True, slots=True)
class RecordChapter:
    """What the records say of one intended outcome."""

    name: str
    heading: str
    parts: tuple[RecordPart, ...]


@dataclass(frozen=True, slots=True)
class RecordSection:
    """The whole section.

    Attributes
    ----------
    lead, synthetic : str
    fixed : tuple of str
        What counts, intervals and hidden numbers mean, once.
    chapters : tuple of RecordChapter
    files : tuple of (str, str)
        Name and hash of every file read.
    """

    lead: str
    synthetic: str
    fixed: tuple[str, ...]
    chapters: tuple[RecordChapter, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def charts(self) -> list[ChartSpec]:
        """All its charts."""
        return [chart for chapter in self.chapters for part in chapter.parts for chart in part.charts]

    @property
    def tables(self) -> list[Table]:
        """All its tables."""
        return [table for chapter in self.chapters for part in chapter.parts for table in part.tables]


@lru_cache(maxsize=2)
def record_section(published: Published, sentences: Sentences) -> RecordSection | None:
    """Gather what a report says of the records of events.

    Parameters
    ----------
    published : Published
    sentences : Sentences

    Returns
    -------
    RecordSection or None
        None where the plan asks for no records. Parts without tables and without sentences are left out.
    """
    records = published.records
    if records is None:
        return None
    sources = _Sources(records, record_rows(records), sentences, _charts(published))
    chapters: list[RecordChapter] = []
    for name, heading, parts in CHAPTERS:
        made = [_part(part, sources) for part in parts]
        kept = tuple(part for part in made if part.tables or part.charts)
        if kept:
            chapters.append(RecordChapter(name, heading, kept))
    fixed = [sentences.say(f"fixed.{name}") for name in ("record_counts", "record_interval", "record_hidden")]
    return RecordSection(
        lead=sentences.say("records.lead", {"day": day(records.as_of)}) if records.as_of else "",
        synthetic=sentences.say("fixed.synthetic_records") if records.synthetic else "",
        fixed=tuple(fixed),
        chapters=tuple(chapters),
        files=records.files,
    )


def record_tables(published: Published) -> list[Table]:
    """Gather every table of the records, in the order of reading.

    Parameters
    ----------
    published : Published

    Returns
    -------
    list of Table
        Those with rows; the page has the same.
    """
    records = published.records
    if records is None:
        return []
    ending = ". Synthetic records." if records.synthetic else "."
    made = [table for tables in _tables_of(records).values() for table in tables]
    return [replace(table, source=f"Source: {_source(table)}{ending}") for table in made]


@lru_cache(maxsize=2)
def _tables_of(records: PublishedRecords) -> Mapping[str, tuple[Table, ...]]:
    """Make the tables of each part that have rows, once for page and workbook."""
    rows, views = record_rows(records), [view for _, _, parts in CHAPTERS for view in parts]
    return {view.name: tuple(table for table in view.make(rows, records) if table.rows) for view in views}


def _source(table: Table) -> str:
    """Name where the numbers of a table come from."""
    of_cases = table.name.startswith("Contribution")
    return "records of the events, surveys, and the evaluation lead" if of_cases else "records of the events"


@dataclass(frozen=True, slots=True)
class _View:
    """A part as it is planned: its rule of words, its tables, the measures they show, and charts that belong to it."""

    name: str
    heading: str
    make: Callable[[RecordRows, PublishedRecords], Sequence[Table]]
    measures: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()


def _of_rows(*makers: Callable[[RecordRows], list[Table]]) -> Callable[[RecordRows, PublishedRecords], list[Table]]:
    """Make tables of rows alone."""
    return lambda rows, _: [table for maker in makers for table in maker(rows)]


def _of_lists(*makers: Callable[[PublishedRecords], Table]) -> Callable[[RecordRows, PublishedRecords], list[Table]]:
    """Make tables of lists alone."""
    return lambda _, records: [maker(records) for maker in makers]


def _events(rows: RecordRows, records: PublishedRecords) -> list[Table]:
    """Make the tables of events: in all and by group, then one by one."""
    held, *others = record_relationships.held_tables(rows)
    return [held, event_table(records), *others]


def _cases(_: RecordRows, records: PublishedRecords) -> list[Table]:
    """Make a table for each outcome's case."""
    return [table for _, table in contribution_tables(records)]


CHAPTERS: Final[tuple[tuple[str, str, tuple[_View, ...]], ...]] = (
    (
        "relationships",
        "Outcome 1: relationships",
        (
            _View("held", "Events and attendance", _events, ("events and attendance",), charts=("timeline",)),
            _View("who", "Who came", _of_rows(record_relationships.who_tables), ("who came",)),
            _View("again", "Who came again", _of_rows(record_relationships.return_tables), ("repeat attendance",)),
            _View(
                "contacts",
                "Contacts and messages",
                _of_rows(record_relationships.contact_tables),
                ("contacts opted in", "communications"),
            ),
            _View(
                "officers",
                "Officers at events",
                _of_rows(record_relationships.officer_tables),
                ("officers to attendees",),
            ),
            _View("reach", "Reach by area", _of_rows(record_relationships.reach_tables), ("reach",)),
            _View("length", "Time over plan", _of_rows(record_relationships.length_tables), ("length of events",)),
            _View(
                "questions", "Questions reached", _of_rows(record_relationships.question_tables), ("questions reached",)
            ),
        ),
    ),
    (
        "understanding",
        "Outcome 2: what communities raised",
        (
            _View(
                "themes",
                "What was raised",
                _of_rows(record_understanding.theme_tables),
                ("themes", "themes of one community"),
            ),
            _View(
                "communities",
                "What each community raised",
                _of_rows(record_understanding.community_tables),
                ("themes", "themes of one community"),
                charts=("theme",),
            ),
            _View(
                "agreement",
                "How far coders agree",
                _of_rows(record_understanding.agreement_tables),
                ("coder agreement",),
            ),
            _View(
                "voices", "Forms against the room", _of_rows(record_understanding.voice_tables), ("forms and notes",)
            ),
            _View(
                "saturation",
                "Whether anything is still unheard",
                _of_rows(record_understanding.saturation_tables),
                ("themes still unheard",),
            ),
            _View(
                "together",
                "Themes raised together",
                _of_rows(record_understanding.together_tables),
                ("themes raised together",),
            ),
            _View("quotes", "In people's own words", _of_lists(quote_table)),
        ),
    ),
    (
        "action",
        "Outcome 3: action and influence",
        (
            _View(
                "funnel",
                "From raised to told",
                _of_rows(record_action.funnel_tables),
                ("actions", "focus group"),
                charts=("funnel",),
            ),
            _View(
                "waiting",
                "How long actions wait",
                _of_rows(record_action.waiting_tables),
                ("waiting time",),
                charts=("waiting",),
            ),
            _View("cannot", "What can't be done and why", _of_lists(cannot_table)),
            _View("said", "You said, we did, we can't and why", _of_lists(said_table)),
        ),
    ),
    (
        "observation",
        "Outcome 4: lay observation",
        (
            _View("offers", "From offered to attended", _of_rows(record_action.offer_tables), ("lay observation",)),
            _View(
                "scores",
                "Understanding before and after",
                _of_rows(record_action.score_tables),
                ("understanding before and after",),
            ),
        ),
    ),
    (
        "cost",
        "What it cost",
        (
            _View("cost", "Cash and staff time, apart", _of_rows(record_action.cost_tables), ("cost",)),
            _View(
                "sensitivity",
                "At other hourly rates",
                _of_rows(record_action.sensitivity_tables),
                ("sensitivity of cost",),
            ),
        ),
    ),
    (
        "contribution",
        "Contribution: what speaks for and against each outcome",
        (_View("contribution", "The case for each outcome", _cases),),
    ),
    (
        "record-quality",
        "The records themselves",
        (_View("ledger", "Rows and cells", _of_lists(record_ledger, issue_table)),),
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    """What parts are made of."""

    records: PublishedRecords
    rows: RecordRows
    sentences: Sentences
    charts: Mapping[str, Sequence[ChartSpec]]


def _part(view: _View, of: _Sources) -> RecordPart:
    """Make one part."""
    said = words_on(view.name, of.records, of.rows, of.sentences) if view.name in RULES else []
    return RecordPart(
        name=f"events-{view.name}",
        heading=view.heading,
        sentences=tuple(said),
        limit=of.sentences.say(f"records.limit.{view.name}"),
        charts=tuple(of.charts.get(view.name, ())),
        tables=_tables_of(of.records)[view.name],
        made=tuple(
            (f"{one.indicator} {one.title}", record_anchor(one.indicator))
            for one in of.records.made
            if one.measure in view.measures
        ),
    )


def _charts(published: Published) -> dict[str, list[ChartSpec]]:
    """Draw the charts of the records, each in the part that its kind belongs to; others stand first."""
    from lpact_eval.reporting.record_charts import record_charts  # noqa: PLC0415 - a workbook needs none

    found: dict[str, list[ChartSpec]] = {}
    for chart in record_charts(published):
        found.setdefault(_place(chart), []).append(chart)
    return found


def _place(chart: ChartSpec) -> str:
    """Find the part that a chart belongs to."""
    views_with_charts = [view for _, _, parts in CHAPTERS for view in parts if view.charts]
    words = f"{chart.kind} {chart.name}"
    return next((view.name for view in views_with_charts if any(one in words for one in view.charts)), "held")
