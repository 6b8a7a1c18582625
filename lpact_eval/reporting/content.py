"""What a report says, before anyone decides how it looks: questions with charts and tables, baseline, disclosure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.attending import attendance_part
from lpact_eval.reporting.background import day, kept_in_all
from lpact_eval.reporting.benchmarks import beside_national
from lpact_eval.reporting.chart import ChartSpec, change_chart, trend_chart
from lpact_eval.reporting.detectable_chart import detectable_part
from lpact_eval.reporting.distribution import answer_table, drawable_distribution
from lpact_eval.reporting.grounds import Grounds, grounds_of
from lpact_eval.reporting.headline import change_title, compare, gap_summary, joined
from lpact_eval.reporting.lines import positions
from lpact_eval.reporting.parts import Part
from lpact_eval.reporting.rows import EVERYONE, Row, answer_rows, by_group, grouping, the_wave, wave_heading
from lpact_eval.reporting.shifts import shift_caption, shifts_of, slopes_of
from lpact_eval.reporting.spoken import shift_words, slope_words
from lpact_eval.reporting.tables import Table, change_table, level_table, shift_table, slope_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.provenance import Provenance
    from lpact_eval.reporting.sentences import Sentences

FEATURED_WITHOUT_PRIMARY: Final = 3
UNKNOWN: Final = "Not stated in the plan."
_ARTICLE: Final = re.compile(r"(?:The|An?) ")


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a report says about one question.

    Attributes
    ----------
    name, title : str
    summary : str
        What the tests say, in one line.
    measures : frozenset of str
        "level", "change", "gap", "gap difference".
    parts : tuple of Part
    """

    name: str
    title: str
    summary: str
    measures: frozenset[str]
    parts: tuple[Part, ...]


def questions(published: Published, rows: Sequence[Row], sentences: Sentences) -> tuple[list[Question], list[Question]]:
    """Split the questions into those that the plan puts first, with charts, and the others, with tables.

    Parameters
    ----------
    published : Published
    rows : sequence of Row
        All published rows.
    sentences : Sentences

    Returns
    -------
    tuple of two lists of Question
        In the order of the rows. Where the plan puts none first, the first few are drawn.
    """
    featured, others = _questions(published, tuple(rows), sentences)
    return list(featured), list(others)


@lru_cache(maxsize=2)
def _questions(
    published: Published, rows: tuple[Row, ...], sentences: Sentences
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Gather the questions once for all outputs of a release."""
    asked = list(dict.fromkeys(row.question for row in rows))
    first = {row.question for row in rows if row.role == "primary"} or set(asked[:FEATURED_WITHOUT_PRIMARY])
    grounds = grounds_of(published)
    made = {
        question: _question(
            published,
            _once([row for row in rows if row.question == question]),
            sentences,
            drawn=question in first,
            grounds=grounds,
        )
        for question in asked
    }
    return tuple(made[one] for one in asked if one in first), tuple(made[one] for one in asked if one not in first)


def baseline(published: Published, sentences: Sentences) -> str:
    """Say whether the first survey came before the first event."""
    event, case = published.facts.first_event, baseline_case(published)
    if event is None or case == "unknown":
        return sentences.say("fixed.baseline_unknown")
    first = min(published.waves, key=lambda wave: wave.start)
    slots = {
        "wave": f"{wave_heading(first.name)} survey",
        "wave_in": the_wave(first.name),
        "start": day(first.start),
        "end": day(first.end),
        "event": day(event),
    }
    return sentences.say(f"fixed.baseline_{case}", slots)


def who_was_asked(published: Published, sentences: Sentences) -> str:
    """Say in one sentence how many answered each survey, and when; empty where that is not known."""
    kept = kept_in_all(published)
    said = [
        sentences.say(
            "fixed.who_survey",
            {
                "n": f"{kept[wave.name]:,}",
                "wave": the_wave(wave.name),
                "start": day(wave.start),
                "end": day(wave.end),
            },
        )
        for wave in published.waves
        if wave.name in kept
    ]
    return sentences.say("fixed.who", {"surveys": joined(said)}) if said else ""


def baseline_case(published: Published) -> str:
    """Tell whether the first survey came before the first event: "clean", "overlap", "late" or "unknown"."""
    event = published.facts.first_event
    if event is None or not published.waves:
        return "unknown"
    first = min(published.waves, key=lambda wave: wave.start)
    return "clean" if first.end < event else "late" if first.start > event else "overlap"


def disclosure_items(published: Published, origin: Provenance) -> list[tuple[str, str]]:
    """Write the disclosure of methods, item by item; what is not known is said to be so."""
    facts, waves = published.facts, published.waves
    people = "; ".join(f"{wave_heading(name)}: {rows:,} respondents" for name, rows in kept_in_all(published).items())
    kinds = sorted({str(kind) for kind in published.weights["weights"]})
    checks = f"Every delivered row is accounted for. Small numbers: rules {published.rules.title}."
    return [
        ("How data were collected", "A questionnaire for volunteers, repeated with different people."),
        (
            "Sponsor and conductor",
            in_a_line([name for name in (facts.sponsor or facts.force, facts.conductor) if name]) or UNKNOWN,
        ),
        ("Questions", 'As worded in each survey: see "Which questions can be compared".'),
        ("Population", in_a_line([facts.population]) or UNKNOWN),
        ("How respondents were found", facts.recruitment or UNKNOWN),
        ("Modes", "; ".join(f"{wave_heading(wave.name)}: {wave.mode or 'not stated'}" for wave in waves)),
        ("Dates", "; ".join(f"{wave_heading(wave.name)}: {day(wave.start)} to {day(wave.end)}" for wave in waves)),
        ("Sizes and precision", f"{people}. Every estimate has its unweighted base, effective base and interval."),
        ("Weighting", facts.weighting or (f"Weights: {joined(kinds)}; see the weights report." if kinds else UNKNOWN)),
        ("Processing and checks", f"{checks} Made with lpact-eval {origin.version_of('lpact-eval')}."),
        ("Limits", "Volunteers, not a random sample; different people each time; people chose whether to attend."),
    ]


def in_a_line(names: Sequence[str]) -> str:
    """Join names as a line that begins with a capital; an article inside it is small.

    >>> in_a_line(["Leicestershire Police", "The evaluation lead"])
    'Leicestershire Police and the evaluation lead'
    """
    inside = [f"{name[:1].lower()}{name[1:]}" if _ARTICLE.match(name) else name for name in names]
    line = joined(list(dict.fromkeys(inside)))
    return f"{line[:1].upper()}{line[1:]}"


def _answers(published: Published, rows: Sequence[Row], name: str, sentences: Sentences) -> list[Part]:
    """Draw every answer to a question where its answers are in order, and say what all of them say of the change."""
    answers = [row for row in answer_rows(published) if row.variable == rows[0].variable]
    chart = drawable_distribution(published, rows[0].variable) if answers else None
    tables: list[Table] = []
    if chart is not None:
        caption = f"{answers[0].title}: share of every answer, by {grouping(answers)} and survey"
        tables.append(answer_table(answers, name=f"{name}_answers", caption=caption))
    shifts = shifts_of(published, rows[0].variable)
    if shifts:
        tables.append(shift_table(shifts, name=f"{name}_shift", caption=shift_caption(shifts)))
    groups = _spoken_of(rows)
    said = tuple(shift_words(shift, sentences) for shift in shifts if shift.row.group in groups)
    return [Part("Every answer", chart, tuple(tables), said)] if tables else []


def _changes(
    published: Published, rows: Sequence[Row], name: str, sentences: Sentences, *, chart: ChartSpec | None
) -> Part:
    """Show the change from the first survey to the last, and the slope over all of them where there are three."""
    title, by = rows[0].title, grouping(rows)
    tables = [change_table(by_group(rows), name=f"{name}_change", caption=f"{title}: change by {by}")]
    slopes = slopes_of(published, rows[0].question)
    if any(slope.row.tier != "refused" for slope in slopes):
        caption = f"{title}: slope of the share over all surveys, by {by}"
        tables.append(slope_table(slopes, name=f"{name}_slope", caption=caption))
    groups = _spoken_of(rows)
    said = tuple(slope_words(slope, sentences) for slope in slopes if slope.row.group in groups)
    return Part("Change between the surveys", chart, tuple(tables), said)


def _spoken_of(rows: Sequence[Row]) -> list[str]:
    """Choose the groups that sentences are about: those that the plan puts first, else all respondents."""
    return [row.group for row in rows if row.role == "primary" and row.measure == "change"] or [EVERYONE]


def _once(rows: Sequence[Row]) -> list[Row]:
    """Keep a row once that several indicators of the plan share."""
    return list({(row.measure, row.wave, row.group, row.weights): row for row in reversed(rows)}.values())[::-1]


def _question(
    published: Published, rows: Sequence[Row], sentences: Sentences, *, drawn: bool, grounds: Grounds
) -> Question:
    """Gather a question's charts and tables."""
    title = rows[0].title
    name = rows[0].slug
    ordered_waves = sorted(published.waves, key=lambda wave: wave.start)
    waves = [wave.name for wave in ordered_waves]
    measures = frozenset(row.measure for row in rows)
    ordered = by_group(rows)
    parts: list[Part] = []
    if "level" in measures:
        caption = f'{title}: share answering "{rows[0].answer}", by {grouping(rows)} and survey'
        chart = trend_chart(rows, waves, sentences, positions(ordered_waves)) if drawn else None
        chart = beside_national(chart, published, rows[0].variable) if chart else None
        parts.append(Part("In each survey", chart, (level_table(ordered, name=f"{name}_levels", caption=caption),)))
    parts += _answers(published, rows, name, sentences) if drawn else []
    if "change" in measures:
        comparable = any(row.comparable != "none" and row.tier != "refused" for row in rows if row.measure == "change")
        chart = change_chart(rows, sentences) if drawn and comparable else None
        parts.append(_changes(published, rows, name, sentences, chart=chart))
        parts += [part for part in [detectable_part(rows, name, "change") if drawn else None] if part]
    if "gap" in measures:
        parts.append(attendance_part(published, rows, sentences, drawn=drawn, grounds=grounds))
        parts += [part for part in [detectable_part(rows, name, "gap") if drawn else None] if part]
    return Question(name, title, _summary(published, ordered, sentences, grounds), measures, tuple(parts))


def _summary(published: Published, rows: Sequence[Row], sentences: Sentences, grounds: Grounds) -> str:
    """Say in one line what a question's tests of change found, and whether attendees differ clearly from others."""
    changes = [row for row in rows if row.measure == "change"]
    said = [compare(row, rows, sentences, published.rules, grounds=grounds) for row in changes]
    clear = [finding.heading for finding in said if finding.row.clear]
    found = "; ".join(clear) or change_title(rows, sentences)
    gap = gap_summary(rows, sentences)
    return f"{found}; {gap}" if gap else found
