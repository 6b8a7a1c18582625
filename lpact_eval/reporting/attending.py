"""People who attended events, and others: what a report says of one question, and the tables of all questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.frames import records_of
from lpact_eval.reporting.chart import gap_chart
from lpact_eval.reporting.gap_tables import dose_table, method_table, of_all, strength_table
from lpact_eval.reporting.gap_words import PER_EVENT, beside_words, between_words, dose_words, strength_words
from lpact_eval.reporting.headline import compare
from lpact_eval.reporting.love import love_chart, love_table
from lpact_eval.reporting.parts import Part
from lpact_eval.reporting.rows import EVERYONE, all_rows, by_group, dose_rows, group_order, grouping
from lpact_eval.reporting.scores import overlap_chart, overlap_share_table
from lpact_eval.reporting.tables import Table, gap_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.grounds import Grounds
    from lpact_eval.reporting.rows import Dose, Row
    from lpact_eval.reporting.sentences import Sentences

HEADING: Final = "People who attended events, and others"
GAPS: Final = ("gap", "gap difference")
_FIRST: Final = "regression"
_ROW: Final = ("by", "group", "method", "covariate", "answer", "arm", "low", "measure")  # what tells a line from others


@dataclass(frozen=True, slots=True)
class Compared:
    """What is published beside the gaps of one question.

    Attributes
    ----------
    title, answer, name : str
        The question and the answers counted, and both in letters, digits and underscores.
    gaps : tuple of Row
        By group; those by other methods stand behind the one reported first.
    balance, overlap : DataFrame
        May be empty.
    strength : tuple of mapping
    doses : tuple of Dose
    """

    title: str
    answer: str
    name: str
    gaps: tuple[Row, ...]
    balance: pd.DataFrame
    overlap: pd.DataFrame
    strength: tuple[Mapping[str, object], ...]
    doses: tuple[Dose, ...]

    @property
    def question(self) -> tuple[str, str]:
        """What tells it from others in a table of several."""
        return self.title, self.answer

    @property
    def several(self) -> bool:
        """Whether any gap is there by more than one method."""
        return any(not row.main for row in self.gaps)


def attendance_part(
    published: Published, rows: Sequence[Row], sentences: Sentences, *, drawn: bool, grounds: Grounds
) -> Part:
    """Make what a report says of a question's attendees and others.

    Parameters
    ----------
    published : Published
    rows : sequence of Row
        The question's rows, each once.
    sentences : Sentences
    drawn : bool
        Whether the question has charts and sentences; else one table.
    grounds : Grounds

    Returns
    -------
    Part
        With the other methods, the balance, the scores, unmeasured reasons and numbers of events below it, where they
        are published.
    """
    name, title = rows[0].slug, rows[0].title
    caption = f"{title}: attendees and others by {grouping(rows)}"
    table = gap_table(by_group(rows), name=f"{name}_attendance", caption=caption)
    if not drawn:
        return Part(HEADING, None, (table,))
    found = compared(published, rows)
    told = _told(rows)
    said = [text for row in told for text in _finding(row, found, sentences, published, grounds=grounds)]
    said += [text for row in found.gaps if _between(row, told) and (text := between_words(row, sentences))]
    below = (
        _methods(found),
        _alike(found, sentences),
        _scores(found, sentences),
        _strength(found, told, sentences),
        _doses(found, told, sentences),
    )
    parts = tuple(part for part in below if part is not None)
    return Part(HEADING, gap_chart(rows, sentences), (table,), tuple(said), below=parts)


def compared(published: Published, rows: Sequence[Row]) -> Compared:
    """Gather what is published beside a question's gaps; lines that several indicators share are kept once."""
    first = rows[0]
    own = [row for row in all_rows(published) if row.measure in GAPS and row.question == first.question]
    gaps = by_group({(row.group, row.by, row.row, row.main): row for row in reversed(own)}.values())
    places = {one: place for place, one in enumerate(own)}
    names = {row.indicator for row in own}
    doses = [dose for dose in dose_rows(published) if dose.row.indicator in names]
    return Compared(
        first.title,
        first.answer,
        first.slug,
        tuple(sorted(gaps, key=lambda row: (group_order(row.group), places[row]))),
        _anew(_own(published.balance, names)),
        _own(published.overlap, names),
        tuple(records_of(_own(published.strength, names))),
        tuple(sorted(_once(doses), key=lambda dose: group_order(dose.row.group))),
    )


def attendance_tables(published: Published, rows: Sequence[Row]) -> list[Table]:
    """Lay out what stands beside the gaps of all questions, one table of each kind; may be without rows."""
    there = _beside(published)
    first = {row.question: row for row in rows if row.measure == "gap" and row.indicator in there}
    every = [compared(published, [row]) for row in first.values()]

    def made(make: Callable[[Compared], Table | None], name: str, caption: str) -> Table:
        tables = {found.question: table for found in every if (table := make(found)) is not None}
        return of_all(tables, name=name, caption=f"{HEADING}: {caption}")

    return [
        made(_method_table, "Attendance_methods", "other ways of making the two groups comparable"),
        made(_balance_table, "Attendance_balance", "how alike they are in every adjuster"),
        made(_overlap_table, "Attendance_scores", "where their scores lie"),
        made(_strength_table, "Attendance_reasons", "how strong an unmeasured reason would have to be"),
        made(_dose_table, "Attendance_events", "answers by number of events attended"),
    ]


def attending_words(published: Published, sentences: Sentences) -> list[str]:
    """Say how attendees and others are compared, as far as the release does; empty where it does not."""
    gaps = [row for row in all_rows(published) if row.measure in GAPS]
    there = {
        "association": bool(gaps),
        "methods": any(not row.main for row in gaps),
        "balance": bool(len(published.balance)),
        "overlap": bool(len(published.overlap)),
        "strength": bool(len(published.strength)),
        "measures": bool(len(published.strength)),
        "dose": bool(len(published.dose)),
    }
    return [sentences.say(f"fixed.{name}") for name, applies in there.items() if applies]


def _beside(published: Published) -> set[str]:
    """Name the indicators of which anything is published beside their gaps."""
    found = {row.indicator for row in all_rows(published) if row.measure in GAPS and not row.main}
    frames = (published.balance, published.overlap, published.strength, published.dose)
    return found.union(*(set(frame["indicator"].astype(str)) for frame in frames if len(frame)))


def _own(frame: pd.DataFrame, indicators: set[str]) -> pd.DataFrame:
    """Keep the lines of some indicators, each once; a frame may be empty and without columns."""
    if not len(frame):
        return frame
    kept = frame[frame["indicator"].isin(indicators)]
    return kept.drop_duplicates([name for name in _ROW if name in kept.columns]) if len(indicators) > 1 else kept


def _anew(balance: pd.DataFrame) -> pd.DataFrame:
    """Leave out the method that weighs nobody anew, whose differences are the others' before weighting."""
    if not len(balance) or set(balance["method"]) == {_FIRST}:
        return balance
    return balance[balance["method"] != _FIRST]


def _once(doses: Sequence[Dose]) -> list[Dose]:
    """Keep a row by number of events once that several indicators share."""
    return list({(dose.row.by, dose.row.group, dose.step): dose for dose in reversed(doses)}.values())[::-1]


def _told(rows: Sequence[Row]) -> list[Row]:
    """Choose the gaps that sentences are about: of all respondents, and of the groups that the plan puts first."""
    first = {EVERYONE, *(row.group for row in rows if row.role == "primary")}
    return [row for row in by_group(rows) if row.measure == "gap" and row.group in first]


def _between(row: Row, told: Sequence[Row]) -> bool:
    """Say whether a difference of gaps is about a group that is spoken of."""
    return row.main and row.measure == GAPS[1] and bool({one.group for one in told} & set(row.group.split(" - ")))


def _finding(
    row: Row, found: Compared, sentences: Sentences, published: Published, *, grounds: Grounds
) -> tuple[str, ...]:
    """Say what was found in one group, and beside it what it is unadjusted and by other methods."""
    finding = compare(row, found.gaps, sentences, published.rules, adjusters=published.facts.adjusters, grounds=grounds)
    others = [one for one in found.gaps if one.group == row.group and not one.main]
    beside = beside_words(row, others, sentences)
    return (f"{finding.heading}. {' '.join(finding.sentences)}", *([" ".join(beside)] if beside else []))


def _methods(found: Compared) -> Part | None:
    """Set the other methods beside the one that is reported first."""
    table = _method_table(found)
    if table is None:
        return None
    heading = "Other ways of making the two groups comparable"
    return Part(heading, None, (table,), folded="Table: every method, by group")


def _alike(found: Compared, sentences: Sentences) -> Part | None:
    """Say how alike attendees and others are, before weighting and after it."""
    table = _balance_table(found)
    if table is None:
        return None
    methods = dict.fromkeys(found.balance["method"].astype(str))
    chart = next((chart for method in methods if (chart := _love(found, method))), None)
    said = (sentences.say("fixed.balance"),)
    return Part("How alike attendees and others are", chart, (table,), said, folded="Table: every adjuster, by method")


def _love(found: Compared, method: str) -> ChartSpec | None:
    """Draw one method's balance; none where no group may be drawn."""
    try:
        chart = love_chart(found.balance, method)
    except WrongUseError:
        return None
    return replace(chart, name=f"{chart.name}-{found.name}")


def _scores(found: Compared, sentences: Sentences) -> Part | None:
    """Show where the scores of both lie; nothing where no group may be drawn."""
    table = _overlap_table(found)
    if table is None:
        return None
    try:
        chart = overlap_chart(found.overlap)
    except WrongUseError:
        return None
    chart = replace(chart, name=f"{chart.name}-{found.name}")
    said = (sentences.say("fixed.overlap"),)
    return Part("Whether there are others like the attendees", chart, (table,), said, folded="Table: shares by score")


def _strength(found: Compared, told: Sequence[Row], sentences: Sentences) -> Part | None:
    """Say how strong what was not measured would have to be, by the method that is reported first."""
    table = _strength_table(replace(found, strength=_by_first(found)))
    if table is None:
        return None
    said = [sentences.say("fixed.strength")]
    for row in told:
        lines = [line for line in _by_first(found) if line["group"] == row.group]
        said += [text] if (text := strength_words(row, lines, sentences)) else []
    heading = "How strong would an unmeasured reason have to be"
    return Part(heading, None, (table,), tuple(said), folded="Table: unmeasured reasons, by group")


def _by_first(found: Compared) -> tuple[Mapping[str, object], ...]:
    """Keep the lines on the method that is reported first."""
    return tuple(line for line in found.strength if line["method"] == _FIRST)


def _doses(found: Compared, told: Sequence[Row], sentences: Sentences) -> Part | None:
    """Say how answers differ with the number of events attended."""
    table = _dose_table(found)
    if table is None:
        return None
    groups = {row.group for row in told}
    per_event = [dose for dose in found.doses if dose.step == PER_EVENT and dose.row.group in groups]
    said = [text for dose in per_event if (text := dose_words(dose, sentences))]
    said.append(sentences.say("fixed.dose"))
    return Part("Number of events attended", None, (table,), tuple(said), folded="Table: by number of events and group")


def _method_table(found: Compared) -> Table | None:
    """Lay out every method, where there are several."""
    caption = f"{found.title}: attendees and others, made comparable in other ways"
    return method_table(found.gaps, name=f"{found.name}_methods", caption=caption) if found.several else None


def _balance_table(found: Compared) -> Table | None:
    """Lay out the balance, where there is any."""
    caption = f"{found.title}: differences between attendees and others in every adjuster"
    return love_table(found.balance, name=f"{found.name}_balance", caption=caption) if len(found.balance) else None


def _overlap_table(found: Compared) -> Table | None:
    """Lay out the scores, where there are any."""
    if not len(found.overlap):
        return None
    caption = f"{found.title}: scores of attendees and others"
    return overlap_share_table(found.overlap, name=f"{found.name}_scores", caption=caption)


def _strength_table(found: Compared) -> Table | None:
    """Lay out unmeasured reasons, where there is anything on them."""
    if not found.strength:
        return None
    caption = f"{found.title}: what an unmeasured reason would have to be like"
    return strength_table(found.strength, found.gaps, name=f"{found.name}_reasons", caption=caption)


def _dose_table(found: Compared) -> Table | None:
    """Lay out numbers of events, where there are any."""
    if not found.doses:
        return None
    caption = f"{found.title}: answers by number of events attended"
    return dose_table(found.doses, name=f"{found.name}_events", caption=caption)
