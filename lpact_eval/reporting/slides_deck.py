"""What the slides say, before anyone decides how they look: titles made from tests, charts, tables, notes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.background import adjuster_titles, day, kept_in_all, wave_table
from lpact_eval.reporting.blocks import Paragraph, read_blocks
from lpact_eval.reporting.content import baseline, baseline_case, questions
from lpact_eval.reporting.grounds import grounds_of
from lpact_eval.reporting.headline import findings, joined, overview
from lpact_eval.reporting.numbers import INTERVAL, count
from lpact_eval.reporting.page import fill
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.rows import by_group, group_label, rows_of, the_wave, wave_heading
from lpact_eval.reporting.slides_records import record_slides
from lpact_eval.reporting.slides_slide import Line, Slide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.content import Question
    from lpact_eval.reporting.headline import Finding
    from lpact_eval.reporting.house import House
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table
    from lpact_eval.sample import Wave

MOST: Final = 10
_FINDINGS: Final = 3  # that a slide has room for
_OPEN: Final = 2  # sentences of the records on what is open
_DECISIONS: Final = 4  # that a slide has room for
_SIZED: Final = 3  # sentences on what could have been seen
_DECIDED: Final = frozenset({"Indicator", "Group", "Found", INTERVAL, "Ending", "Why"})
_KINDS: Final = ("trend", "change", "gap")


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    """What slides are made of."""

    published: Published
    rows: Sequence[Row]
    found: Sequence[Finding]
    sentences: Sentences
    folder: Path

    def say(self, name: str, **slots: str) -> str:
        """Fill a sentence of the slides in."""
        return self.sentences.say(f"slides.{name}", slots)

    @property
    def source(self) -> str:
        """The surveys that the numbers come from."""
        names = [f"{wave.title or wave_heading(wave.name)} ({wave_heading(wave.name)})" for wave in self.waves]
        made_up = f" {self.sentences.say('fixed.synthetic')}" if self.published.synthetic else ""
        return f"{self.say('source', surveys='; '.join(names) or 'not stated')}{made_up}"

    @property
    def waves(self) -> list[Wave]:
        """The surveys, the earliest first."""
        return sorted(self.published.waves, key=lambda wave: wave.start)


def deck(published: Published, sentences: Sentences, folder: Path, house: House) -> list[Slide]:
    """Gather the slides.

    Parameters
    ----------
    published : Published
    sentences : Sentences
    folder : Path
        Of the report templates.
    house : House

    Returns
    -------
    list of Slide
        Six to ten; no two have the same title.
    """
    rows = rows_of(published)
    adjusters = adjuster_titles(published)
    found = findings(rows, sentences, published.rules, adjusters=adjusters, grounds=grounds_of(published))
    of = _Sources(published, rows, found, sentences, folder)
    first = [_title(of, house), _headline(of)]
    records = record_slides(published, sentences)
    last = [_asked(of), _limits(of), _next(of, records)]
    charts = _charts(of)[: MOST - len(first) - len(records) - len(last)]
    return _apart([*first, *charts, *records, *last])


def _title(of: _Sources, house: House) -> Slide:
    """Begin with the title of the whole, who made it and when."""
    facts = of.published.facts
    waves = joined([the_wave(wave.name) for wave in of.waves])
    lines = [
        Line(f"What {waves} can say, and what they can't{f': {facts.geography}' if facts.geography else ''}"),
        Line(" | ".join(part for part in (house.name or facts.force, day(today())) if part)),
        *([Line(f"Contact: {house.contact}")] if house.contact else []),
        *([Line(of.sentences.say("fixed.synthetic"), bold=True)] if of.published.synthetic else []),
    ]
    return Slide(facts.title, body=tuple(lines), opening=True, notes=(of.source,))


def _headline(of: _Sources) -> Slide:
    """Say what was found, with the limits beside it."""
    title = overview(of.found, of.sentences, of.published.facts.margin) or of.say("headline")
    body: list[Line] = []
    for one in of.found[:_FINDINGS]:
        body += [Line(one.heading, bold=True), Line(" ".join((*one.sentences[:2], one.label)).strip())]
    if not of.found:
        body = [Line(one.summary) for one in questions(of.published, of.rows, of.sentences)[0]]
    left = len(of.found) - _FINDINGS
    body += [Line(of.say("more", number=str(left)))] if left > 0 else []
    limits = [of.say("limit_change")] if not all(one.row.measure == "gap" for one in of.found) or not of.found else []
    limits += [of.say("limit_gap")] if any(one.row.measure == "gap" for one in of.found) else []
    notes = [" ".join((f"{one.heading}.", one.label, *one.sentences, *one.details)) for one in of.found]
    return Slide(title.rstrip("."), tuple(body), beside=tuple(map(Line, limits)), notes=(*notes, of.source))


def _charts(of: _Sources) -> list[Slide]:
    """Draw the questions that the plan put first: all of the first one, then of the others what fits."""
    made = [
        (place, _KINDS.index(chart.kind), _chart(of, question, chart))
        for place, question in enumerate(questions(of.published, of.rows, of.sentences)[0])
        for part in question.parts
        for chart in part.charts
        if chart.kind in _KINDS
    ]
    return [slide for _, _, slide in sorted(made, key=lambda one: one[:2])]


def _chart(of: _Sources, question: Question, chart: ChartSpec) -> Slide:
    """Put a chart under what its tests say."""
    told = [one for one in of.found if one.row.title == question.title and one.row.measure == _MEASURES[chart.kind]]
    title = chart.title
    if chart.kind == "change":
        plain = of.say("change", title=question.title)
        title = told[0].heading if told else question.summary if question.summary != chart.title else plain
    notes = [" ".join((f"{one.heading}.", one.label, *one.sentences, *one.details)) for one in told]
    numbers = [f"{mark.words}." for panel in chart.panels for mark in panel.marks]
    limit = of.say("limit_gap" if chart.kind == "gap" else "limit_change")
    bases = _bases(of, question, gap=chart.kind == "gap")
    foot = f"{chart.subtitle}. {bases}".strip()
    return Slide(
        title, chart=chart, foot=foot, limit=limit, notes=(*notes, *dict.fromkeys(numbers), bases, limit, of.source)
    )


_MEASURES: Final = {"trend": "change", "change": "change", "gap": "gap"}


def _bases(of: _Sources, question: Question, *, gap: bool) -> str:
    """Say how many of each group the numbers rest on; people of whom nothing is drawn are left out."""
    measure = "gap" if gap else "level"
    rows = [row for row in of.rows if row.title == question.title and row.measure == measure and row.chart]
    named: dict[str, list[str]] = {}
    for row in by_group(rows):
        if gap:
            told = [f"{count(row.n_first)} attended", f"{count(row.n_second)} had not"]
        else:
            told = [f"{count(row.n)} in {the_wave(row.wave)}"]
        named.setdefault(group_label(row.group), []).extend(told)
    return of.say("base", bases="; ".join(f"{group} {joined(told)}" for group, told in named.items())) if named else ""


def _asked(of: _Sources) -> Slide:
    """Say who was asked, how many and how they were found."""
    kept = kept_in_all(of.published)
    told = [
        of.say("asked_survey", n=count(kept[wave.name]), wave=the_wave(wave.name))
        for wave in of.waves
        if wave.name in kept
    ]
    facts = of.published.facts
    found = f"How respondents were found: {facts.recruitment}." if facts.recruitment else ""
    first = next(iter(questions(of.published, of.rows, of.sentences)[0]), None)
    bases = f"{first.title}. {_bases(of, first, gap=False)}" if first else ""
    foot = " ".join(text for text in (found.replace("..", "."), bases) if text)
    return Slide(
        of.say("asked", people=joined(told)) if told else wave_table(of.published).caption,
        table=wave_table(of.published),
        foot=foot,
        limit=of.sentences.say("fixed.different_people"),
        notes=(baseline(of.published, of.sentences), of.sentences.say("fixed.different_people"), foot, of.source),
    )


def _limits(of: _Sources) -> Slide:
    """Say what the surveys can't show, in the words of the page."""
    about = {
        "fixed": {name: of.sentences.say(f"fixed.{name}") for name in ("interval", "different_people")},
        "clean": baseline_case(of.published) == "clean",
        "baseline": baseline(of.published, of.sentences),
    }
    blocks = read_blocks(fill(of.folder, about, lambda _: "", template="limits.html"))
    said = [block.text for block in blocks if isinstance(block, Paragraph)]
    return Slide(of.say("limits"), body=tuple(map(Line, said)), notes=(*said, of.source))


def _next(of: _Sources, records: Sequence[Slide]) -> Slide:
    """Set the plan's rules beside what was found, for whoever decides."""
    notes = [" ".join((*one.sentences, *one.details)) for one in of.found if one.row.role == "primary"]
    waiting = tuple(Line(text) for slide in records if slide.table for text in slide.notes[:_OPEN])
    decided = _decided(of.published)
    if decided is not None:
        table, endings, rules = decided
        said = [Line(of.say("rule", rule=rule), bold=True) for rule in rules]
        sized = [Line(text) for one in of.found if one.row.role == "primary" for text in one.details[1:_SIZED]]
        return Slide(
            of.say("next_ended", endings=endings), (*said, *sized, *waiting), table=table, notes=(*notes, of.source)
        )
    body: list[Line] = []
    for record in records_of(of.published.indicators):
        rule = str(record["rule"] or "")
        if record["role"] == "primary" and rule and all(rule not in line.text for line in body):
            told = [one for one in of.found if one.row.indicator == record["id"] and one.row.role == "primary"]
            body.append(Line(of.say("rule", rule=rule), bold=True))
            body += [Line(" ".join((f"{one.heading}.", *one.sentences))) for one in told]
            body += [Line(" ".join(one.details[1:])) for one in told if one.details[1:]]
    lines = (*(body or [Line(of.say("no_rule"))]), *waiting)
    return Slide(of.say("next"), lines, notes=(*notes, of.source))


def _decided(published: Published) -> tuple[Table, str, list[str]] | None:
    """Take what the plan's rules in numbers decided, their endings, and the rules; None where there are none."""
    if published.accounts is None:
        return None
    from lpact_eval.reporting.account_tables import decision_table  # noqa: PLC0415 - not all plans have such rules

    table = decision_table(published, published.accounts)
    places = [place for place, column in enumerate(table.columns) if column.heading in _DECIDED]
    columns = tuple(replace(table.columns[place], unit="") for place in places)
    rows = tuple(tuple(row[place] for place in places) for row in table.rows[:_DECISIONS])
    ending = [column.heading for column in table.columns].index("Ending")
    endings = Counter(row[ending].text for row in table.rows)
    told = joined([f"{name[:1].lower()}{name[1:]} ({number})" for name, number in endings.items()])
    rules = [str(one["numbers"] or one["rule"]) for one in records_of(published.accounts.decisions)[:_DECISIONS]]
    return (replace(table, columns=columns, rows=rows), told, list(dict.fromkeys(rules))) if rows else None


def _apart(slides: Sequence[Slide]) -> list[Slide]:
    """Tell titles apart that stand on several slides."""
    made: list[Slide] = []
    for slide in slides:
        same = sum(one.title == slide.title or one.title.startswith(f"{slide.title} (") for one in made)
        made.append(replace(slide, title=f"{slide.title} ({same + 1})") if same else slide)
    return made
