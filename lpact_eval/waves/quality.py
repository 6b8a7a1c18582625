"""Which rows are set aside and why: each delivered row is kept or in the ledger with one reason."""

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lpact_eval.errors import DefinitionError, HarmonisationError, LpactError
from lpact_eval.sample import LEDGER_COLUMNS, BoolArray, IntArray
from lpact_eval.waves.crosswalk import BLANK, NOT_ASKED, Harmonised, accepted
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Column, Delivered
from lpact_eval.waves.recruitment import DesignData

REASONS = (
    "no consent",
    "nothing answered",
    "outside the fieldwork dates",
    "exact copy of another row",
    "answered again: another row of the same respondent is more complete or later",
    "no weight",
    "no stratum",
)
_DATE = re.compile(r"^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:$|[T ,])")


def set_aside(delivered: Delivered, definition: WaveDefinition, harmonised: Harmonised, design: DesignData) -> IntArray:
    """Find the rows to set aside; the rules apply in the order of REASONS and a row has the first reason that fits.

    Parameters
    ----------
    delivered : Delivered
    definition : WaveDefinition
        Its quality table and its id and time columns turn rules on.
    harmonised : Harmonised
    design : DesignData

    Returns
    -------
    ndarray of shape (n,), int
        Place in REASONS; -1 for rows kept.

    Notes
    -----
    Of several rows with one respondent id, the one with the fewest blank answers is kept, and the last of those.
    Without an id column only exact copies that share their completion time count as the same respondent.
    """
    reason = np.full(len(delivered), -1, dtype=np.intp)

    def mark(number: int, rows: BoolArray) -> None:
        reason[(reason < 0) & rows] = number

    mark(0, _no_consent(delivered, definition))
    mark(1, _nothing_answered(harmonised, definition))
    mark(2, _outside_fieldwork(delivered, definition))
    copies, again = _duplicates(delivered, definition, _blanks(harmonised, definition), reason < 0)
    mark(3, copies)
    mark(4, again)
    if design.weight is not None:
        mark(5, np.isnan(design.weight))
    if design.stratum is not None:
        mark(6, design.stratum < 0)
    return reason


def row_ledger(wave: str, reason: IntArray, notes: Sequence[str]) -> pd.DataFrame:
    """Account for every delivered row: delivered, set aside by reason, notes (0 rows each), kept.

    Raises
    ------
    LpactError
        If rows kept and set aside don't add up to those delivered.
    """
    counts = [(text, int((reason == number).sum())) for number, text in enumerate(REASONS)]
    kept = int((reason < 0).sum())
    if kept + sum(count for _, count in counts) != reason.size:
        msg = f"The rows of wave {wave!r} don't add up: {reason.size} delivered, {kept} kept. Please report this fault."
        raise LpactError(msg)
    lines = [
        ("delivered", reason.size),
        *((text, count) for text, count in counts if count),
        *((note, 0) for note in notes),
        ("kept", kept),
    ]
    columns = {"wave": [wave] * len(lines), "reason": [text for text, _ in lines], "rows": [rows for _, rows in lines]}
    return pd.DataFrame(columns, columns=list(LEDGER_COLUMNS))


def _no_consent(delivered: Delivered, definition: WaveDefinition) -> BoolArray:
    """Find rows without the consent that the definition asks for."""
    rule = definition.quality.consent
    if rule is None:
        return np.zeros(len(delivered), dtype=bool)
    column = delivered.column(rule.column, where=definition.wave_file.at("quality", "consent"))
    return ~accepted(column, rule.accept)


def _answered_items(definition: WaveDefinition) -> list[str]:
    """List the delivered variables that respondents answer, paradata left out."""
    return [name for name in definition.items if not definition.schema.variables[name].paradata]


def _nothing_answered(harmonised: Harmonised, definition: WaveDefinition) -> BoolArray:
    """Find rows in which every answer is blank or was not asked."""
    missing = np.array([harmonised.variables[name].missing for name in _answered_items(definition)])
    return ((missing == BLANK) | (missing == NOT_ASKED)).all(axis=0)


def _blanks(harmonised: Harmonised, definition: WaveDefinition) -> IntArray:
    """Count each row's blank answers; free text and sets are optional and don't count."""
    items = [
        name for name in _answered_items(definition) if definition.schema.variables[name].kind not in {"text", "set"}
    ]
    return (np.array([harmonised.variables[name].missing for name in items]) == BLANK).sum(axis=0)


def _duplicates(
    delivered: Delivered, definition: WaveDefinition, blank: IntArray, active: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Find exact copies, and rows of a respondent of whom a better row is kept."""
    layout = definition.delivered
    copies, again = np.zeros(active.size, dtype=bool), np.zeros(active.size, dtype=bool)
    if not layout.id:
        if layout.time:
            copies[active] = delivered.frame.loc[active].duplicated(keep="last").to_numpy()
        return copies, again
    ids = delivered.column(layout.id, where=definition.wave_file.at("delivered", "id")).codes
    rows = np.flatnonzero(active & (ids >= 0))
    ordered = rows[np.lexsort((rows, -blank[rows], ids[rows]))]
    same_as_next = np.zeros(ordered.size, dtype=bool)
    same_as_next[:-1] = ids[ordered][:-1] == ids[ordered][1:]
    repeated = np.isin(ids, ids[ordered[same_as_next]]) & active & (ids >= 0)
    copies[repeated] = delivered.frame.loc[repeated].duplicated(keep="last").to_numpy()
    again[ordered[same_as_next]] = True
    return copies & again, again


def _outside_fieldwork(delivered: Delivered, definition: WaveDefinition) -> BoolArray:
    """Find rows completed before the first or after the last day of fieldwork; without a time they are kept."""
    layout, dates = definition.delivered, definition.fieldwork
    if not layout.time:
        return np.zeros(len(delivered), dtype=bool)
    column = delivered.column(layout.time, where=definition.wave_file.at("delivered", "time"))
    days = _days(column, definition)
    outside = [not dates.start <= day <= dates.end for day in days]
    return np.array([*outside, False])[column.codes]


def _days(column: Column, definition: WaveDefinition) -> list[dt.date]:
    """Read dates in the declared order; an order that is not declared is never guessed."""
    order = definition.delivered.dates
    found = [_DATE.match(text) for text in column.texts]
    if not order and any(one is None or len(one[1]) < 4 for one in found):  # noqa: PLR2004 - a year of four digits comes first
        msg = (
            f"{definition.wave_file.at('delivered')}: the dates in column {column.name!r} don't start with the year, "
            'and their order is not declared; add dates = "day-first" or dates = "month-first" to [delivered].'
        )
        raise DefinitionError(msg)
    days = [_day(one, order) if one else None for one in found]
    unread = int(sum(count for day, count in zip(days, column.counts(), strict=True) if day is None))
    if unread:
        msg = (
            f"{definition.wave_file.at('delivered', 'time')}: {unread} rows of column {column.name!r} hold no date in "
            f"the declared order ({order or 'iso'}); correct `dates` in [delivered] or the file."
        )
        raise HarmonisationError(msg)
    return [day for day in days if day is not None]


def _day(found: re.Match[str], order: str) -> dt.date | None:
    """Make a date of three numbers."""
    first, second, third = (int(part) for part in found.groups())
    year, month, day = (third, second, first) if order == "day-first" else (third, first, second)
    if len(found[1]) == 4:  # noqa: PLR2004 - a year of four digits comes first in any order
        year, month, day = first, second, third
    elif order not in {"day-first", "month-first"}:
        return None
    try:
        return dt.date(year + 2000 if year < 100 else year, month, day)  # noqa: PLR2004 - years of two digits
    except ValueError:
        return None
