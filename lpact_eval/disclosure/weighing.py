"""Clear what is told of the weights: groups that are too small, and the make-up of respondents before weighting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.clear import MARK
from lpact_eval.disclosure.suppress import BaseRow, hidden_rows
from lpact_eval.frames import records_of, with_kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lpact_eval.disclosure.rules import Reason, Rules

Record = dict[str, object]
Group = tuple[str, str, str]

WEIGHT_NUMBERS: Final = ("n", "n_effective", "design_effect", "smallest", "largest", "largest_over_mean")
MARGIN_COLUMNS: Final = ("wave", "weights", "by", "group", "title", "category", "target", "before", "after", "mark")
SENSITIVITY_NUMBERS: Final = ("estimate", "conf_low", "conf_high")


def clear_weights(weights: pd.DataFrame, records: Sequence[Record], hidden: Collection[int]) -> pd.DataFrame:
    """Blank the numbers of groups that are too small.

    Parameters
    ----------
    weights : DataFrame
    records : sequence of dict
        Its rows.
    hidden : collection of int
        Positions of the rows to suppress.

    Returns
    -------
    DataFrame
        The same rows with "mark".
    """
    blank: Record = {**dict.fromkeys(WEIGHT_NUMBERS), "flags": ""}
    marked = [
        {**row, **blank, "mark": "[c]"} if place in hidden else {**row, "mark": ""} for place, row in enumerate(records)
    ]
    columns = list(dict.fromkeys([*weights.columns, "flags", "mark"]))
    frame = pd.DataFrame(marked, columns=columns).fillna({"flags": ""})
    return with_kinds(frame, {"n": "Int64", **dict.fromkeys(WEIGHT_NUMBERS[1:], float)})


def clear_margins(
    margins: pd.DataFrame,
    bases: Sequence[BaseRow],
    hidden: Collection[int],
    rules: Rules,
    *,
    further: Collection[int] = frozenset(),
) -> tuple[pd.DataFrame, list[Reason]]:
    """Clear the margins before and after weighting.

    A category of fewer respondents than the rules allow is suppressed, with others of its margin until it can't be
    worked out from them; so is one that another table of the release hides. A group's base decides as elsewhere
    whether its shares are suppressed, withheld or shown for indication only.

    Parameters
    ----------
    margins : DataFrame
        As a run gives them, with `n`.
    bases : sequence of BaseRow
        Every row of the release that shows a base, weights included.
    hidden : collection of int
        Positions of those that are suppressed.
    rules : Rules
    further : collection of int, optional
        Categories, by position, that are suppressed because they could give a number elsewhere away.

    Returns
    -------
    DataFrame
        wave, weights, by, group, title, category, target, before, after, mark; no numbers of respondents.
    list of str
        Why rows were suppressed.
    """
    elsewhere = _hidden_groups(bases, hidden)
    groups = {(row.wave, row.by, row.group): row.base for row in bases if row.measure == "weights"}
    records = records_of(margins)
    rows = [_base_of(record, elsewhere, rules) for record in records]
    found = hidden_rows(rows, rules)
    cleared: list[Record] = []
    reasons: list[Reason] = []
    for place, record in enumerate(records):
        key = (str(record["wave"]), str(record["by"]), str(record["group"]))
        closed = place in found or place in further or key in elsewhere
        tier = "suppressed" if closed else rules.tier(groups.get(key, 0))
        shown = tier not in {"suppressed", "withheld"}
        numbers = {} if shown else {"before": None, "after": None}
        cleared.append({**record, **numbers, "mark": MARK[tier]})
        if tier == "suppressed":
            reasons.append(found.get(place, "small base"))
    frame = pd.DataFrame(cleared, columns=list(MARGIN_COLUMNS))
    return with_kinds(frame, dict.fromkeys(("target", "before", "after"), float)), reasons


def _hidden_groups(bases: Sequence[BaseRow], hidden: Collection[int]) -> set[Group]:
    """Name the groups whose respondents are hidden: by the weights, or by levels where these have no such row."""
    weighted = {row.by for row in bases if row.measure == "weights"}
    return {
        (row.wave, row.by, row.group)
        for place, row in enumerate(bases)
        if place in hidden
        and row.by
        and (row.measure == "weights" or (row.measure == "level" and row.by not in weighted))
    }


def _base_of(record: Record, elsewhere: Collection[Group], rules: Rules) -> BaseRow:
    """Take the base of one category; one that another table hides counts as too small."""
    variable, category, wave = (str(record[name]) for name in ("variable", "category", "wave"))
    table = f"margin of {record['group']}, {record['weights']} weights"
    base = BaseRow(table, variable, wave, variable, category, (int(str(record["n"])),))
    parts = {(wave, variable, part) for part in category.split(" + ")}
    return replace(base, bases=(min(base.base, rules.suppress_below - 1),)) if parts <= set(elsewhere) else base


def clear_sensitivity(sensitivity: pd.DataFrame, cleared: Sequence[Record]) -> pd.DataFrame:
    """Keep the comparisons under both policies of those rows whose estimate is published.

    Parameters
    ----------
    sensitivity : DataFrame
    cleared : sequence of dict
        The cleared rows of the release.

    Returns
    -------
    DataFrame
        The same rows with "mark".
    """
    names = ("indicator", "measure", "wave", "group")
    known = {tuple(str(row[name]) for name in names): row for row in cleared if row.get("main", True)}
    rows: list[Record] = []
    for record in records_of(sensitivity):
        row = known.get(tuple(str(record[name]) for name in names), {})
        estimate = row.get("estimate")
        shown = estimate is not None and estimate == estimate  # noqa: PLR0124 - missing is not equal to itself
        numbers = {} if shown else {**dict.fromkeys(SENSITIVITY_NUMBERS), "sensitive": False}
        rows.append({**record, **numbers, "mark": str(row.get("mark") or ("" if shown else "[x]"))})
    frame = pd.DataFrame(rows, columns=[*sensitivity.columns, "mark"])
    return with_kinds(frame, dict.fromkeys(SENSITIVITY_NUMBERS, float))
