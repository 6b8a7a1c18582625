"""Which rows are set aside and why: each delivered row is kept or in the ledger with one reason."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.sample import LEDGER_COLUMNS, BoolArray, FloatArray, IntArray
from lpact_eval.waves.crosswalk import BLANK, NOT_ASKED, Harmonised, accepted
from lpact_eval.waves.definition import SameAnswer, Speeders, WaveDefinition
from lpact_eval.waves.delivered import Delivered
from lpact_eval.waves.layouts import start_and_finish
from lpact_eval.waves.presets import PRESETS
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
    "a preview, a test or unfinished, as the survey tool marks it",
)
_COPY, _AGAIN, _NO_WEIGHT, _NO_STRATUM, _TOO_FAST, _STRAIGHT, _NO_RESPONSE = range(3, 10)  # places in REASONS


def set_aside(delivered: Delivered, definition: WaveDefinition, harmonised: Harmonised, design: DesignData) -> IntArray:
    """Find the rows to set aside; a row has the first reason that fits.

    Parameters
    ----------
    delivered : Delivered
    definition : WaveDefinition
        Its quality table turns rules on, and so do the file's columns of ids and times.
    harmonised : Harmonised
    design : DesignData

    Returns
    -------
    ndarray of shape (n,), int
        Place in REASONS; -1 for rows kept.

    Notes
    -----
    The rules apply in the order of REASONS, but what the survey tool marks comes first, and duplicates are looked for
    last: a row that can't be used, or a careless one, is never kept in place of another of the same respondent.
    Of several rows with one respondent id, the one with the fewest blank answers is kept, and the last of those.
    Without an id column only exact copies that share their completion time, with its time of day, count as the same
    respondent. An id that the file or the survey tool's preset calls missing is none.
    """
    reason = np.full(len(delivered), -1, dtype=np.intp)

    def mark(number: int, rows: BoolArray) -> None:
        reason[(reason < 0) & rows] = number

    mark(_NO_RESPONSE, _no_response(delivered, definition))
    mark(0, _no_consent(delivered, definition))
    mark(1, _nothing_answered(harmonised, definition))
    mark(2, _outside_fieldwork(delivered, definition))
    rules = definition.quality
    if rules.speeders and rules.speeders.action == "set aside":
        mark(_TOO_FAST, _too_fast(delivered, definition, rules.speeders))
    if rules.same_answer and rules.same_answer.action == "set aside":
        mark(_STRAIGHT, _straight(harmonised, rules.same_answer))
    if design.weight is not None:
        mark(_NO_WEIGHT, np.isnan(design.weight))
    if design.stratum is not None:
        mark(_NO_STRATUM, design.stratum < 0)
    copies, again = _duplicates(delivered, definition, _blanks(harmonised, definition), reason < 0)
    mark(_COPY, copies)
    mark(_AGAIN, again)
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
    for part, name in zip(("started", "finished"), start_and_finish(rule, delivered.layout), strict=True):
        where = definition.wave_file.at("quality", "speeders", part)
        if not name:
            msg = (
                f"{where}: how long respondents took is not known, since no column says when they {part}; name the "
                f'column in {part} = "...", or remove the rule.'
            )
            raise DefinitionError(msg)
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


def _no_response(delivered: Delivered, definition: WaveDefinition) -> BoolArray:
    """Find rows that the survey tool marks as something else than a respondent's answers."""
    found = np.zeros(len(delivered), dtype=bool)
    where = definition.wave_file.at("quality", "responses")
    for rule in definition.quality.responses:
        found |= ~accepted(delivered.column(rule.column, where=where), rule.accept)
    return found


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
    missing = [harmonised.variables[name].missing for name in _answered_items(definition)]
    return np.all([(one == BLANK) | (one == NOT_ASKED) for one in missing], axis=0)


def _blanks(harmonised: Harmonised, definition: WaveDefinition) -> IntArray:
    """Count each row's blank answers; free text and sets are optional and don't count."""
    items = [
        name for name in _answered_items(definition) if definition.schema.variables[name].kind not in {"text", "set"}
    ]
    return np.count_nonzero([harmonised.variables[name].missing == BLANK for name in items], axis=0)


def _duplicates(
    delivered: Delivered, definition: WaveDefinition, blank: IntArray, active: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Find exact copies, and rows of a respondent of whom a better row is kept."""
    layout = delivered.layout
    copies, again = np.zeros(active.size, dtype=bool), np.zeros(active.size, dtype=bool)
    if not layout.id:
        if layout.time:
            timed = active & _has_time_of_day(delivered, definition)
            copies[timed] = delivered.frame.loc[timed].duplicated(keep="last").to_numpy()
        return copies, again
    column = delivered.column(layout.id, where=definition.wave_file.at("delivered", "id"))
    ids = column.present(PRESETS[definition.delivered.preset].missing)
    rows = np.flatnonzero(active & (ids >= 0))
    ordered = rows[np.lexsort((rows, -blank[rows], ids[rows]))]
    same_as_next = np.zeros(ordered.size, dtype=bool)
    same_as_next[:-1] = ids[ordered][:-1] == ids[ordered][1:]
    repeated = np.isin(ids, ids[ordered[same_as_next]]) & active & (ids >= 0)
    copies[repeated] = delivered.frame.loc[repeated].duplicated(keep="last").to_numpy()
    again[ordered[same_as_next]] = True
    return copies & again, again


def _has_time_of_day(delivered: Delivered, definition: WaveDefinition) -> BoolArray:
    """Find rows whose completion time says more than the day, which many respondents share."""
    column = delivered.column(delivered.layout.time, where=definition.wave_file.at("delivered", "time"))
    return np.array([*(":" in text for text in column.texts), False])[column.codes]


def _outside_fieldwork(delivered: Delivered, definition: WaveDefinition) -> BoolArray:
    """Find rows completed before the first or after the last day of fieldwork; without a time they are kept."""
    layout, dates = delivered.layout, definition.fieldwork
    if not layout.time:
        return np.zeros(len(delivered), dtype=bool)
    column = delivered.column(layout.time, where=definition.wave_file.at("delivered", "time"))
    outside = [not dates.start <= day <= dates.end for day in days(column, definition)]
    return np.array([*outside, False])[column.codes]
