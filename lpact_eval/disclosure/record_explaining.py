"""Explain an indicator of the records: what it is, the columns and rows behind it, how it was counted, what is shown.

Every number is taken from what was cleared for readers; a hidden one is told by its rule, and never by its size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.explained_parts import Fact, Section
from lpact_eval.disclosure.record_counts import FEWEST_EVENTS
from lpact_eval.disclosure.record_numbers import number_facts
from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.record_definitions import DEFINITIONS, columns_of
from lpact_eval.evaluation.record_promises import groupings
from lpact_eval.evaluation.records import read_planned
from lpact_eval.evaluation.rows import ALL
from lpact_eval.frames import records_of
from lpact_eval.waves.located import nearest, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.record_promises import PlannedRecords
    from lpact_eval.evidence.record_schema import RecordSchema

    Row = dict[str, object]

EVERYTHING: Final = "all"
EVERYBODY: Final = (EVERYTHING, "everybody", "everyone", ALL.casefold())
_RATED: Final = ("cost", "sensitivity of cost")
_LINED: Final = ("officers to attendees",)
_OPEN: Final = ("waiting time", "lay observation", "events and attendance")  # what counts up to the day of the records
_THEMED: Final = "themes"


def indicator_of(plan: EvaluationPlan, item: str) -> Indicator | None:
    """Find an indicator of the records by its id.

    Parameters
    ----------
    plan : EvaluationPlan
    item : str

    Returns
    -------
    Indicator or None
        None where the plan has no such one.
    """
    indicators = plan.records.indicators if plan.records is not None else ()
    return next((one for one in indicators if one.id == item), None)


def record_sections(
    plan: EvaluationPlan, published: Published, indicator: Indicator, asked: tuple[str, str]
) -> Iterator[Section]:
    """Lay out the path of an indicator of the records.

    Parameters
    ----------
    plan : EvaluationPlan
        With records.
    published : Published
        The release.
    indicator : Indicator
        One of the records.
    asked : tuple of two str
        Whose numbers, "all" for those of all together or of every group where there are no others; and one number's
        name, empty for all.

    Yields
    ------
    Section

    Raises
    ------
    WrongUseError
        If there is no such group or number, with the nearest right name.
    """
    records, planned = published.records, plan.records
    if records is None or planned is None:
        msg = "The release has no records of events."
        raise WrongUseError(msg)
    schema = read_planned(planned, made_up=records.synthetic).schema
    rows = [row for row in records_of(records.rows) if row["indicator"] == indicator.id]
    chosen = chosen_rows(rows, indicator, *asked)
    columns = columns_of(indicator.measure, groupings(indicator))
    yield _promise(indicator, rows)
    yield from _columns(columns, schema)
    yield from _rows(columns, records)
    yield _estimate(indicator, records, schema)
    yield from number_facts(chosen, published.rules)
    if not rows:
        yield Section("The numbers", (Fact("Number", None, f"there is none: {_why_none(published, indicator)}"),))
    yield _hiding(published)
    yield _files(columns, records, planned, published)


def chosen_rows(rows: Sequence[Row], indicator: Indicator, group: str, measure: str) -> list[Row]:
    """Take the rows of one group, and of one number where it is named.

    Parameters
    ----------
    rows : sequence of dict
        Cleared rows of the indicator.
    indicator : Indicator
    group : str
    measure : str

    Returns
    -------
    list of dict
        Empty where the indicator has none at all.

    Raises
    ------
    WrongUseError
        If none is of that group or number.
    """
    if not rows:
        return []
    wanted = group.casefold()
    if wanted in EVERYBODY:
        found = [row for row in rows if not row["by"]] or list(rows)
    else:
        found = [row for row in rows if wanted in {name.casefold() for name in _names(row)}]
    if not found:
        names = groups_of(rows)
        msg = f"There is no group {group!r} of {indicator.id!r}; {_hint(group, [EVERYTHING, *names], 'Groups')}"
        raise WrongUseError(msg)
    named = [row for row in found if not measure or str(row["measure"]).casefold() == measure.casefold()]
    if not named:
        known = list(dict.fromkeys(str(row["measure"]) for row in found))
        msg = f"{indicator.id!r} has no number {measure!r}; {_hint(measure, known, 'Numbers')}"
        raise WrongUseError(msg)
    return named


def groups_of(rows: Sequence[Row]) -> list[str]:
    """Name the groups that an indicator's rows are of."""
    return list(dict.fromkeys(str(row[name]) for row in rows for name in ("group", "group2") if row[name]))


def _hint(name: str, known: Sequence[str], what: str) -> str:
    """Name the nearest right name, and all of them."""
    near = nearest(name, known)
    listed = ", ".join(map(repr, known))
    return near if listed in near else f"{near} {what} are {listed}."


def _names(row: Row) -> tuple[str, ...]:
    """Name what a row may be asked for by: its groups, alone or both."""
    first, second = str(row["group"]), str(row["group2"])
    return (first, second, f"{first}, {second}") if first and second else (first,) if first else ()


def _promise(indicator: Indicator, rows: Sequence[Row]) -> Section:
    """Say what the plan promised, and what may be asked for."""
    definition, by = DEFINITIONS[indicator.measure], groupings(indicator)
    facts = [
        Fact("Indicator of the plan", indicator.id, f"{indicator.id}, outcome {indicator.outcome}"),
        Fact("Measure", indicator.measure, f"{indicator.measure}: {definition.meaning}"),
        Fact("Broken down by", ", ".join(by).replace("_", " ") or "nothing"),
        Fact("Role", indicator.role, f"{indicator.role}: counts and trends of the records are not tested"),
    ]
    groups = groups_of(rows)
    facts += [Fact("Groups", ", ".join(groups))] if groups else []
    return Section("Definition", tuple(facts))


def _columns(columns: dict[str, tuple[str, ...]], schema: RecordSchema) -> Iterator[Section]:
    """Say which columns it is worked out of, and what each holds."""
    for name, used in columns.items():
        record = schema.records[name]
        found = [record.column(column) for column in used]
        facts = tuple(Fact(one.name, one.title, f"{one.title}. {one.help}") for one in found)
        yield Section(f"Columns of {name} ({record.title})", facts)


def _rows(columns: dict[str, tuple[str, ...]], records: PublishedRecords) -> Iterator[Section]:
    """Account for the rows of each record, and for cells of the columns that are used."""
    for name, used in columns.items():
        facts = [
            Fact(f"Rows {_aside(str(one['reason']))}", int(str(one["rows"])))
            for one in records_of(records.ledger)
            if one["record"] == name and (one["rows"] or one["reason"] in {"delivered", "kept"})
        ]
        facts += [
            Fact(f"Cells of {one['column']}: {one['reason']} ({one['done']})", int(str(one["cells"])))
            for one in records_of(records.issues)
            if one["record"] == name and one["column"] in used
        ]
        yield Section(f"Rows of {name}", tuple(facts) or (Fact("Rows", 0, "none: this record was not kept"),))


def _aside(reason: str) -> str:
    """Name a line of the ledger."""
    return reason if reason in {"delivered", "kept"} else f"set aside: {reason}"


def _estimate(indicator: Indicator, records: PublishedRecords, schema: RecordSchema) -> Section:
    """Say how the numbers and their intervals were made, and with which lines and rates."""
    definition, measure = DEFINITIONS[indicator.measure], indicator.measure
    facts = [Fact("Estimator", definition.estimator), Fact("Interval", definition.interval), Fact("Level", 0.95, "95%")]
    if measure in _LINED:
        line = schema.police_heavy
        facts.append(Fact("Police heavy", line, f"more than {line:g} officers for each attendee"))
    if measure in _RATED:
        facts += [Fact(f"Rate, {name}", rate, f"{rate:g} pounds an hour") for name, rate in schema.rates.items()]
    if measure.startswith(_THEMED):
        facts.append(Fact("Themes", len(schema.themes), f"{len(schema.themes)} themes of events.toml"))
    if measure in _OPEN and records.as_of is not None:
        facts.append(Fact("Counted up to", records.as_of.isoformat()))
    return Section("Estimate", tuple(facts))


def _why_none(published: Published, indicator: Indicator) -> str:
    """Say why an indicator has no number."""
    reasons = [str(one["reason"]) for one in records_of(published.indicators) if one["id"] == indicator.id]
    return next(filter(None, reasons), "nothing to work out")


def _hiding(published: Published) -> Section:
    """Say by which rules numbers of the records are hidden."""
    rules = published.rules
    texts = {
        "Rules": rules.title,
        "[c]": f"hidden: a count of fewer than {rules.suppress_below} people, what a community raised at fewer than "
        f"{FEWEST_EVENTS} events, or a number from which one of these could be had",
        "[u]": f"withheld: an estimate on fewer than {rules.withhold_below} people; shown for indication only under "
        f"{rules.indicative_below}",
        "Not hidden": "counts of events, officers, hours, pounds, themes and actions: they are no people",
    }
    return Section("Rules of the release", tuple(Fact(label, text) for label, text in texts.items()))


def _files(
    columns: dict[str, tuple[str, ...]], records: PublishedRecords, planned: PlannedRecords, published: Published
) -> Section:
    """Name the files behind the numbers with their hashes."""
    where = (
        "the shipped, made-up records" if records.synthetic or planned.folder is None else shown_path(planned.folder)
    )
    facts = [Fact("Folder", where)]
    for name, sha256 in records.files:
        stem = name.partition(".")[0].casefold()
        if stem in columns or stem in {"records", "events"}:
            facts.append(Fact(name, sha256, f"SHA-256 {sha256}"))
    plan = published.facts.plan_file
    facts += [Fact(name, sha, f"SHA-256 {sha}") for name, sha in published.facts.definitions if name == plan]
    return Section("Files", tuple(facts))
