"""Which rows are set aside and why: each delivered row is kept or in the ledger with one reason."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from lpact_eval.errors import LpactError
from lpact_eval.sample import LEDGER_COLUMNS, BoolArray, FloatArray, IntArray
from lpact_eval.waves.crosswalk import BLANK, NOT_ASKED, Harmonised, accepted
from lpact_eval.waves.definition import SameAnswer, Speeders, WaveDefinition
from lpact_eval.waves.delivered import Delivered
from lpact_eval.waves.recruitment import DesignData
from lpact_eval.waves.times import days, seconds

REASONS = (
    "no consent",
    "nothing answered",
    "outside the fieldwork dates",
    "exact copy of another row",
    "answered again: another row of the same respondent is more complete or later",
    "no weight",
    "no stratum",
    "answered faster than the definition allows",
    "the same answer to every question of a list",
)
_TOO_FAST, _STRAIGHT = 7, 8  # places in REASONS


def set_aside(delivered: Delivered, definition: WaveDefinition, harmonised: Harmonised, design: DesignData) -> IntArray:
    """Find the rows to set aside; a row has the first reason that fits.

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
    The rules apply in the order of REASONS, but hasty rows and those with one answer throughout go before duplicates
    are looked for: a careless row is never kept in place of a careful one.
    Of several rows with one respondent id, the one with the fewest blank answers is kept, and the last of those.
    Without an id column only exact copies that share their completion time count as the same respondent.
    """
    reason = np.full(len(delivered), -1, dtype=np.intp)

    def mark(number: int, rows: BoolArray) -> None:
        reason[(reason < 0) & rows] = number

    mark(0, _no_consent(delivered, definition))
    mark(1, _nothing_answered(harmonised, definition))
    mark(2, _outside_fieldwork(delivered, definition))
    rules = definition.quality
    if rules.speeders and rules.speeders.action == "set aside":
        mark(_TOO_FAST, _too_fast(delivered, definition, rules.speeders))
    if rules.same_answer and rules.same_answer.action == "set aside":
        mark(_STRAIGHT, _straight(harmonised, rules.same_answer))
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


def quality_notes(
    delivered: Delivered, definition: WaveDefinition, harmonised: Harmonised, kept: BoolArray
) -> Iterator[str]:
    """Say how many of the rows kept a rule only notes, and how many end before they start."""
    rules = definition.quality
    if rules.speeders:
        if rules.speeders.action == "note":
            rows = int((_too_fast(delivered, definition, rules.speeders) & kept).sum())
            yield f"rows kept that were answered in less than {rules.speeders.fastest:g} seconds: {rows}"
        taken = _taken(delivered, definition, rules.speeders)
        if backwards := int(((taken < 0) & kept).sum()):
            yield f"rows kept that finish before they start, so how long they took is not known: {backwards}"
        if unknown := int((np.isnan(taken) & kept).sum()):
            yield f"rows kept without both times, so how long they took is not known: {unknown}"
    if rules.same_answer and rules.same_answer.action == "note":
        rows = int((_straight(harmonised, rules.same_answer) & kept).sum())
        least, of = rules.same_answer.least, len(rules.same_answer.items)
        yield f"rows kept with the same answer to every question of a list ({least} or more of {of} answered): {rows}"


def _taken(delivered: Delivered, definition: WaveDefinition, rule: Speeders) -> FloatArray:
    """Count the seconds from start to finish; NaN where a time is absent."""
    moments: list[FloatArray] = []
    for part, name in (("started", rule.started), ("finished", rule.finished)):
        where = definition.wave_file.at("quality", "speeders", part)
        moments.append(seconds(delivered.column(name, where=where), definition, where))
    return moments[1] - moments[0]


def _too_fast(delivered: Delivered, definition: WaveDefinition, rule: Speeders) -> BoolArray:
    """Find rows that took less time than reading the questions does."""
    taken = _taken(delivered, definition, rule)
    return (taken >= 0) & (taken < rule.fastest)


def _straight(harmonised: Harmonised, rule: SameAnswer) -> BoolArray:
    """Find rows whose answers to the items are all the same; missing answers are left out."""
    variables = [harmonised.variables[name] for name in rule.items]
    answered = np.array([one.missing < 0 for one in variables])
    places = np.array([one.values.astype(np.intp) for one in variables])  # noqa: PD011 - an array, not a frame
    lowest = np.where(answered, places, np.iinfo(np.intp).max).min(axis=0)
    highest = np.where(answered, places, -1).max(axis=0)
    return (answered.sum(axis=0) >= rule.least) & (lowest == highest)


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
    outside = [not dates.start <= day <= dates.end for day in days(column, definition)]
    return np.array([*outside, False])[column.codes]
