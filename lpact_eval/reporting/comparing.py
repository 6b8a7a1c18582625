"""What stands beside a change: its three rows, what composition did, and what selection would have to be like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.grounds import (
    PARTICIPATION,
    composition_words,
    grounds_of,
    participation_sentences,
    reached_sentences,
)
from lpact_eval.reporting.numbers import INTERVAL, decimals, known, percent, rounded, signed, signed_range
from lpact_eval.reporting.rows import (
    all_rows,
    as_sentence,
    by_group,
    group_label,
    number,
    people,
    plain,
    remarks,
)
from lpact_eval.reporting.tables import MISSING, NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

ROW_WORDS: Final = {
    "as collected": "As collected: weights from before any adjustment to a population",
    "standardised": "Standardised: adjusted to the population",
    "balanced": "Balanced: the later survey made to look like the earlier",
}
_PART_WORDS: Final = {
    "rate": "Answers within the same make-up",
    "composition": "Make-up of respondents",
    "total": "Change as collected",
}
_KIND_WORDS: Final = {
    "participation": "Taking part",
    "interviewer": "Who was present",
    "mode": "Mode",
    "recruit_route": "Recruitment route",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What a report says beside the plan's first changes.

    Attributes
    ----------
    rows, composition, selection : Table
        May be without rows.
    sentences : tuple of str
        One text on selection for each change, in plain words.
    parts : tuple of str
        One text on the make-up of respondents for each change that the plan put first.
    """

    rows: Table
    composition: Table
    selection: Table
    sentences: tuple[str, ...]
    parts: tuple[str, ...] = ()


def beside(published: Published, sentences: Sentences) -> Beside:
    """Gather what stands beside the plan's first changes.

    Parameters
    ----------
    published : Published
    sentences : Sentences

    Returns
    -------
    Beside
    """
    rows = all_rows(published)
    return Beside(
        three_rows_table(rows, first_only=True),
        composition_table(published, rows),
        selection_table(published, rows),
        tuple(_told(published, rows, sentences)),
        tuple(_parted(published, rows, sentences)),
    )


def three_rows_table(rows: Sequence[Row], *, first_only: bool = False) -> Table:
    """Lay out every change in its three rows; with `first_only` only of the plan's first questions."""
    first = {row.question for row in rows if row.role == "primary"}
    changes = [row for row in rows if row.measure == "change" and row.row in ROW_WORDS]
    several = {(row.question, row.group) for row in changes if not row.main}
    chosen = [
        row for row in changes if (row.question, row.group) in several and (not first_only or row.question in first)
    ]
    columns = (
        Column("Question"),
        Column("Ethnic group"),
        Column("Row"),
        Column("Change", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Reported first"),
        Column("Note"),
    )
    places = {row.question: place for place, row in reversed(list(enumerate(chosen)))}
    said = {(row.question, row.group): (row.note, *remarks(row)) for row in chosen if row.main}
    body = tuple(
        _three_rows_line(row, () if row.main else said.get((row.question, row.group), ()))
        for row in sorted(by_group(chosen), key=lambda row: places[row.question])
    )
    return Table("Three_rows", "Changes in three rows", columns, body, headers=3)


def composition_table(published: Published, rows: Sequence[Row]) -> Table:
    """Lay out what answers and what the make-up of respondents did."""
    columns = (
        Column("Question"),
        Column("Ethnic group"),
        Column("Make-up by"),
        Column("Part"),
        Column("Size", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Note"),
    )
    body = tuple(_composition_line(record, _base(record, rows)) for record in _by_group(published.composition))
    caption = "Changes parted into answers and the make-up of respondents"
    return Table("Composition", caption, columns, body, headers=4)


def selection_table(published: Published, rows: Sequence[Row]) -> Table:
    """Lay out what selection would have to be like to explain a change."""
    columns = (
        Column("Question"),
        Column("Ethnic group"),
        Column("What may have differed"),
        Column("Way of reaching respondents"),
        Column("Share, first survey", "number", "per cent"),
        Column("Share, second survey", "number", "per cent"),
        Column("Ratio that would explain it"),
        Column("Points that would explain it"),
        Column("Points seen in the second survey"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Note"),
    )
    body = tuple(_selection_line(record, _base(record, rows)) for record in _by_group(published.selection))
    caption = "What would have to be true for selection alone to explain a change"
    return Table("Selection", caption, columns, body, headers=4)


def _three_rows_line(row: Row, said: Sequence[str]) -> tuple[Cell, ...]:
    """Write one row of a change, without the remarks that the row reported first has made."""
    own = [text for text in (row.note, *remarks(row)) if text and text not in said]
    note = " ".join(map(as_sentence, own)) if row.shown else row.note
    return (
        Cell(row.title),
        Cell(group_label(row.group)),
        Cell(ROW_WORDS[row.row]),
        _points(row.estimate, row.base, row.mark),
        _range(row.conf_low, row.conf_high, row.base, row.mark),
        Cell("Yes" if row.main else "No"),
        Cell(as_sentence(note)),
    )


def _composition_line(record: Mapping[str, object], base: int | None) -> tuple[Cell, ...]:
    """Write one part of a change."""
    mark = _text(record["mark"])
    return (
        Cell(_text(record["title"])),
        Cell(group_label(_text(record["group"]))),
        Cell(_text(record["along_title"])),
        Cell(_PART_WORDS.get(_text(record["part"]), _text(record["part"]))),
        _points(number(record["estimate"]), base, mark),
        _range(number(record["conf_low"]), number(record["conf_high"]), base, mark),
        Cell(as_sentence(plain(_text(record["refused"])))),
    )


def _selection_line(record: Mapping[str, object], base: int | None) -> tuple[Cell, ...]:
    """Write one tipping point."""
    mark, taking_part = _text(record["mark"]), bool(record["taking_part"])
    tipping = number(record["tipping"])
    return (
        Cell(_text(record["title"])),
        Cell(group_label(_text(record["group"]))),
        Cell(_KIND_WORDS.get(_text(record["kind"]), _text(record["kind"]))),
        Cell(NOT_APPLICABLE if taking_part else _text(record["answer"]) or mark or MISSING),
        *(_share(number(record[name]), base, mark) for name in ("first", "second")),
        Cell(_ratio(tipping, mark) if taking_part else NOT_APPLICABLE),
        Cell(NOT_APPLICABLE) if taking_part else _reach(tipping, base, mark),
        Cell(NOT_APPLICABLE) if taking_part else _points(number(record["observed"]), base, mark),
        Cell(NOT_APPLICABLE)
        if taking_part
        else _range(number(record["observed_low"]), number(record["observed_high"]), base, mark),
        Cell(as_sentence(plain(_text(record["refused"])))),
    )


def _told(published: Published, rows: Sequence[Row], sentences: Sentences) -> list[str]:
    """Say every tipping point in plain words, one text for each change, beginning with whom it is about."""
    changes = {_key(row): row for row in rows if row.main and row.measure == "change"}
    texts: dict[tuple[str, ...], list[str]] = {}
    for record in _by_group(published.selection):
        row = changes.get(_record_key(record))
        texts.setdefault(_record_key(record), []).extend(_said(record, row, sentences) if row is not None else [])
    heads = {key: f"{row.title}, {people(row.group)}" for key, row in changes.items()}
    return [f"{heads[key]}. {' '.join(dict.fromkeys(said))}" for key, said in texts.items() if said]


def _parted(published: Published, rows: Sequence[Row], sentences: Sentences) -> list[str]:
    """Part the plan's first changes in plain words."""
    grounds = grounds_of(published)
    first = [row for row in rows if row.main and row.measure == "change" and row.role == "primary" and row.shown]
    said = [(row, composition_words(row, grounds, sentences)) for row in first]
    return [f"{row.title}, {people(row.group)}. {' '.join(texts)}" for row, texts in said if texts]


def _said(record: Mapping[str, object], row: Row, sentences: Sentences) -> list[str]:
    """Put one tipping point into words; a rise or a fall is named only where the test says so."""
    if not row.shown:
        return []
    if record["kind"] == PARTICIPATION:
        clear = row.clear and not row.mode_changed
        what = ("rise" if row.estimate > 0 else "fall") if clear else "difference"
        return participation_sentences(record, sentences, what=what)
    return reached_sentences(record, sentences, row.base)


def _record_key(record: Mapping[str, object]) -> tuple[str, ...]:
    """Name the change that a record speaks of."""
    return tuple(_text(record[name]) for name in ("indicator", "wave", "by", "group"))


def _key(row: Row) -> tuple[str, ...]:
    """Name a change."""
    return row.indicator, row.wave, row.by, row.group


def _by_group(frame: object) -> list[dict[str, object]]:
    """Take the rows of a frame as they came, which is all respondents first."""
    return records_of(frame) if len(frame) else []  # pyright: ignore[reportArgumentType] - a frame


def _base(record: Mapping[str, object], rows: Sequence[Row]) -> int | None:
    """Find the base of the published change that a row speaks of."""
    return next((row.base for row in rows if row.main and _key(row) == _record_key(record)), None)


def _points(value: float, base: int | None, mark: str) -> Cell:
    """Write a difference, or why there is none."""
    if not known(value):
        return Cell(mark or MISSING)
    return Cell(f"{signed(value, base)}{mark and ' ' + mark}", rounded(value, base), decimals=decimals(base))


def _reach(value: float, base: int | None, mark: str) -> Cell:
    """Write a difference that would be needed; one beyond all shares as such."""
    if known(value) and abs(value) > 1:
        return Cell("More than 100")
    return _points(value, base, mark)


def _range(low: float, high: float, base: int | None, mark: str) -> Cell:
    """Write an interval, or why there is none."""
    if not (known(low) and known(high)):
        return Cell(mark or MISSING)
    return Cell(signed_range(low, high, base), rounded(low, base), rounded(high, base), decimals(base))


def _share(value: float, base: int | None, mark: str) -> Cell:
    """Write a share, or why there is none."""
    if not known(value):
        return Cell(mark or MISSING)
    return Cell(percent(value, base), rounded(value, base), decimals=decimals(base))


def _ratio(value: float, mark: str) -> str:
    """Write a ratio of odds."""
    return mark or MISSING if math.isnan(value) else f"{value:.2f}"


def _text(value: object) -> str:
    """Read a text that may be missing."""
    return value if isinstance(value, str) else ""
