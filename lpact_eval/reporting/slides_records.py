"""Slides on the records of events: from raised to told, and what was said, done, and can't be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.slides_slide import Line, Slide

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.record_page import RecordPart
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table

_ROWS: Final = 5  # of a table that a slide has room for
_NOTHING: Final = "-"
_COLUMNS: Final = ("You said", "We did: department", "We can't: department", "Why we can't", "Still with")


def record_slides(published: Published, sentences: Sentences) -> list[Slide]:
    """Gather the slides on the records.

    Parameters
    ----------
    published : Published
    sentences : Sentences

    Returns
    -------
    list of Slide
        Empty where the plan asks for no records; else two at most.
    """
    if published.records is None:
        return []
    from lpact_eval.reporting.record_page import record_section  # noqa: PLC0415 - surveys alone never need it

    section = record_section(published, sentences)
    parts = {part.name: part for chapter in (section.chapters if section else ()) for part in chapter.parts}
    source = sentences.say("slides.records_source")
    source += f" {sentences.say('fixed.synthetic_records')}" if published.records.synthetic else ""
    made = [_funnel(parts.get("events-funnel"), source), _said(parts, sentences, source)]
    return [slide for slide in made if slide is not None]


def _funnel(part: RecordPart | None, source: str) -> Slide | None:
    """Show how far what was raised has come."""
    if part is None or not part.charts:
        return None
    chart = part.charts[0]
    return Slide(
        chart.title,
        chart=chart,
        foot=f"{chart.subtitle}.",
        limit=f"What this can't show: {part.limit}",
        notes=(*part.sentences, *(f"{place}." for place in chart.panels[0].places), part.limit, source),
    )


def _said(parts: dict[str, RecordPart], sentences: Sentences, source: str) -> Slide | None:
    """Show what was said, who did something about it, and who can't and why."""
    part, cannot = parts.get("events-said"), parts.get("events-cannot")
    if part is None or not part.tables:
        return None
    table, left = _shortened(part.tables[0])
    body = (Line(sentences.say("slides.more", {"number": str(left)})),) if left else ()
    said = " ".join(part.sentences)
    told = cannot.sentences if cannot else ()
    limits = (part.limit, *([cannot.limit] if cannot else []))
    return Slide(
        sentences.say("slides.said", {"said": said}).rstrip(". "),
        body=body,
        table=table,
        foot=" ".join(told),
        limit=f"What this can't show: {part.limit}",
        notes=(*part.sentences, *told, *(" ".join(limits),), source),
    )


def _shortened(table: Table) -> tuple[Table, int]:
    """Keep the columns and rows that a slide has room for, some of every kind, and count the rows left out."""
    places = [place for place, column in enumerate(table.columns) if column.heading in _COLUMNS]
    columns = tuple(table.columns[place] for place in places)
    kinds: dict[tuple[bool, ...], int] = {}
    order: list[tuple[int, int]] = []
    for number, row in enumerate(table.rows):
        kind = tuple(row[place].text == _NOTHING for place in places)
        kinds[kind] = kinds.get(kind, 0) + 1
        order.append((kinds[kind], number))
    kept = sorted(number for _, number in sorted(order)[:_ROWS])
    rows = tuple(tuple(table.rows[number][place] for place in places) for number in kept)
    return replace(table, columns=columns, rows=rows), len(table.rows) - len(rows)
