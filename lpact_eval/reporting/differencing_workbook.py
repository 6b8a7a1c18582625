"""The differencing attack on two workbooks: counts in tables that results.csv lacks, such as that of weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.record_counts import NOT_PEOPLE
from lpact_eval.reporting.audit_workbook import SHORTHAND, open_workbook, table_of, worksheets
from lpact_eval.reporting.differencing import SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Place = tuple[str, ...]
COUNTED: Final = frozenset(
    {"Respondents", "Answered", "Don't know", "Prefer not to say", "Blank", "Not asked", "Attendees"}
)
BASE: Final = "Unweighted base"
_NUMBER: Final = re.compile(r"^\d+ | ?\[note \d+\]")


def is_count(heading: str) -> bool:
    """Whether a column holds counts of respondents, or of people in the records of events."""
    if not heading.startswith(BASE):
        return heading in COUNTED or heading.startswith("Answered in ")
    told = heading.removeprefix(BASE).removeprefix(", ").partition(":")[0]
    kinds = [name.removesuffix(" with both") for name in told.split(" or ")]
    return not all(name in NOT_PEOPLE for name in kinds)


def without_note(heading: str) -> str:
    """Leave out a heading's number and its pointer to a note.

    >>> without_note("Unweighted base, events [note 7]")
    'Unweighted base, events'
    """
    return _NUMBER.sub("", heading)


def telling_workbooks(old: Path, new: Path, threshold: int) -> list[str]:
    """Find counts that a reader of two workbooks could subtract.

    Parameters
    ----------
    old, new : Path
    threshold : int
        Respondents below which a difference tells too much.

    Returns
    -------
    list of str
        Places, without a number.

    Raises
    ------
    LpactError
        If either is no workbook.
    """
    earlier, later = _counts(old), _counts(new)
    found: list[str] = []
    for place, count in later.items():
        if place not in earlier:
            continue
        other = earlier[place]
        if SUPPRESSED in {count, other} and count != other:
            found.append(f"{', '.join(place)}: suppressed in one release and shown in the other")
        elif isinstance(count, int) and isinstance(other, int) and 0 < abs(count - other) < threshold:
            found.append(f"{', '.join(place)}: the counts differ by fewer respondents than the rules allow")
    return found


def _counts(path: Path) -> dict[Place, object]:
    """Take every count of respondents in a workbook, by worksheet, row and column."""
    book, _ = open_workbook(path)
    found: dict[Place, object] = {}
    for sheet in worksheets(book):
        headings, rows = table_of(sheet)
        columns = [place for place, heading in enumerate(headings) if is_count(without_note(heading))]
        for row in rows:
            for place in columns:
                key = (without_note(sheet.title), *_words(row), without_note(headings[place]))
                found.setdefault(key, row[place])
    return found


def _words(row: Sequence[object]) -> tuple[str, ...]:
    """Take the words that a row begins with, up to its first number or shorthand."""
    words: list[str] = []
    for value in row:
        if not isinstance(value, str) or value in SHORTHAND:
            break
        words.append(value)
    return tuple(words)
