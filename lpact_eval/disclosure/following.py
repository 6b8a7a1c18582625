"""Clear what follows from published shares: the shift over all answers, and the slope over all surveys.

Either is a sum over shares that the release shows or hides. A shift with one survey's distribution, or a slope with all
surveys' shares but one, would give back the one that is hidden; so each is shown only where all that it is made of is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.clear import BASES, clear_rows
from lpact_eval.frames import records_of, with_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.clear import ClearedRow
    from lpact_eval.disclosure.rules import Reason, Rules

Record = dict[str, object]
Key = tuple[str, ...]
Decided = tuple["ClearedRow", int]
_JOIN: Final = "; "


def clear_shifts(
    shifts: pd.DataFrame, decided: Sequence[Decided], distributions: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    """Keep the shifts of those changes whose estimate is published, and whose distributions are.

    Parameters
    ----------
    shifts : DataFrame
        As a run gives it; may be empty.
    decided : sequence of (ClearedRow, int)
        The cleared rows of the release, and the base that decided.
    distributions : DataFrame
        Cleared shares of every answer; may be empty.
    rules : Rules

    Returns
    -------
    DataFrame
        The same rows with "mark", "tier", "chart" and "note". Numbers of respondents are those that the change shows.
    """
    if not len(shifts):
        return _frame((), shifts)
    changes = _by_change(decided)
    # by question, not by indicator: several indicators may count answers of one, and its distribution is there once
    spread = {_level_key(record)[1:]: str(record["tier"]) for record in records_of(distributions)}
    rows: list[Record] = []
    deciding: list[int] = []
    hidden: dict[int, Reason] = {}
    for place, record in enumerate(records_of(shifts)):
        change, base = changes.get(_change_key(record), (None, 0))
        tiers = [spread.get(_level_key({**record, "wave": wave})[1:], "full") for wave in _waves(record)]
        if change is None or "suppressed" in {change.tier, *tiers}:
            hidden[place] = (change and change.reason) or "subtraction"
        rows.append({**record, **({name: change.record[name] for name in BASES} if change else {})})
        deciding.append(base)
    return _frame(clear_rows(rows, deciding, hidden, rules), shifts)


def clear_slopes(slopes: pd.DataFrame, decided: Sequence[Decided], rules: Rules) -> pd.DataFrame:
    """Keep the slopes of those changes that are not hidden, and whose share in every survey is published.

    Parameters
    ----------
    slopes : DataFrame
        As a run gives it; may be empty.
    decided : sequence of (ClearedRow, int)
        The cleared rows of the release, and the base that decided.
    rules : Rules

    Returns
    -------
    DataFrame
        The same rows with "mark", "tier", "chart" and "note". A change that can't be worked out, because its own two
        surveys do not compare, hides no slope over the others.
    """
    if not len(slopes):
        return _frame((), slopes)
    changes = _by_change(decided)
    levels = {_level_key(row.record): (row, base) for row, base in decided if row.record["measure"] == "level"}
    rows, deciding = records_of(slopes), list[int]()
    hidden: dict[int, Reason] = {}
    for place, record in enumerate(rows):
        change, base = changes.get(_change_key(record), (None, 0))
        over = [wave for wave in str(record["over"]).split(_JOIN) if wave]
        beside = [levels.get(_level_key({**record, "wave": wave}), (None, 0)) for wave in over]
        tiers = {"suppressed" if row is None else row.tier for row, _ in beside}
        if change is None or "suppressed" in {change.tier, *tiers}:
            hidden[place] = (change and change.reason) or "subtraction"
        used = [one for _, one in beside]
        deciding.append(min([*used, base] if base else used, default=0))
    found = [_of_one_survey(row) for row in clear_rows(rows, deciding, hidden, rules)]
    return _frame(found, slopes)


def _of_one_survey(row: ClearedRow) -> ClearedRow:
    """Say that the base which decided is that of one survey, as the row shows that of all of them."""
    if row.tier not in {"withheld", "indicative", "small"}:
        return row
    note = str(row.record["note"]).replace(" respondents", " respondents in one of the surveys", 1)
    return replace(row, record={**row.record, "note": note})


def _by_change(decided: Sequence[Decided]) -> Mapping[Key, Decided]:
    """Find the headline row of every change, and the base that decided."""
    return {
        _change_key(row.record): (row, base)
        for row, base in decided
        if row.record["measure"] == "change" and row.record["main"]
    }


def _change_key(record: Record) -> Key:
    """Name the change that a row speaks of."""
    return tuple(str(record[name]) for name in ("indicator", "variable", "by", "group", "weights"))


def _level_key(record: Record) -> Key:
    """Name the share in one survey that a row is made of."""
    return (*_change_key(record), str(record["wave"]))


def _waves(record: Record) -> list[str]:
    """Name the two surveys of a shift."""
    return str(record["wave"]).split(" - ")


def _frame(cleared: Iterable[ClearedRow], given: pd.DataFrame) -> pd.DataFrame:
    """Lay cleared rows out."""
    columns = [*given.columns, *(("mark", "tier", "chart", "note") if len(given.columns) else ())]
    frame = pd.DataFrame([row.record for row in cleared], columns=columns)
    return with_kinds(frame, {**dict.fromkeys(BASES, "Int64"), "chart": bool}) if len(frame) else frame
