"""Clear what is told beside a change: its other rows, what composition did, and what selection could do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from lpact_eval.comparison.tipping import PARTICIPATION
from lpact_eval.disclosure.clear import BASES, MARK
from lpact_eval.frames import records_of, with_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules, Tier

Record = dict[str, object]
Key = tuple[str, ...]

_SIZES: Final = (*BASES, "design_effect")
COMPOSITION_NUMBERS: Final = ("estimate", "std_error", "conf_low", "conf_high")
OBSERVED: Final = ("observed", "observed_low", "observed_high")
REACHED: Final = ("first", "second", "tipping", "tipping_end", *OBSERVED)
TIPPING_NUMBERS: Final = ("change", "change_end", *REACHED)
NOT_PARTED: Final = "too few answers in a part of the make-up to work this out"
TOO_FEW: Final = "too few respondents were reached in one of the ways to say more"


def in_step(rows: Sequence[Record], bases: Sequence[int]) -> list[int]:
    """Let the smallest base of a change's three rows decide for all of them.

    Parameters
    ----------
    rows : sequence of dict
        Rows of the results.
    bases : sequence of int
        The base that decides, row by row.

    Returns
    -------
    list of int
    """
    smallest: dict[Key, int] = {}
    for row, base in zip(rows, bases, strict=True):
        key = _key(row)
        smallest[key] = min(base, smallest.get(key, base))
    return [smallest[_key(row)] if row["measure"] == "change" else base for row, base in zip(rows, bases, strict=True)]


def with_one_base(records: Sequence[Record]) -> list[Record]:
    """Take the bases out of rows beside a headline row where they differ, so that none can be had by subtraction.

    Parameters
    ----------
    records : sequence of dict
        Cleared rows.

    Returns
    -------
    list of dict
        In the same order.
    """
    main = {_key(row): row for row in records if row["main"]}
    return [
        row if row["main"] or _same_bases(row, main.get(_key(row))) else {**row, **dict.fromkeys(_SIZES)}
        for row in records
    ]


def clear_composition(composition: pd.DataFrame, records: Sequence[Record]) -> pd.DataFrame:
    """Keep the parts of those changes whose estimate is published.

    Parameters
    ----------
    composition : DataFrame
        As a run gives it; may be empty.
    records : sequence of dict
        The cleared rows of the release.

    Returns
    -------
    DataFrame
        The same rows with "mark".
    """
    tiers = _tiers(records)
    cleared: list[Record] = []
    for record in records_of(composition):
        tier = tiers.get(_change_key(record), "refused")
        numbers: Record = {} if _shown(tier) else {**dict.fromkeys(COMPOSITION_NUMBERS), "refused": ""}
        refused = bool(_shown(tier) and record["refused"])
        reason: Record = {"refused": NOT_PARTED} if refused else {}  # the run's own reason may count answers
        cleared.append({**record, **numbers, **reason, "mark": MARK["refused"] if refused else MARK[tier]})
    return _frame(cleared, [*composition.columns, "mark"], COMPOSITION_NUMBERS)


def clear_selection(selection: pd.DataFrame, records: Sequence[Record], rules: Rules) -> pd.DataFrame:
    """Keep the tipping points of those changes whose estimate is published.

    Parameters
    ----------
    selection : DataFrame
        As a run gives it; may be empty.
    records : sequence of dict
        The cleared rows of the release.
    rules : Rules

    Returns
    -------
    DataFrame
        The same rows with "taking_part" and "mark", without numbers of respondents. Shares of respondents reached in a
        way are shown where nobody or enough were reached in it, the difference between them and others where more were.
    """
    tiers = _tiers(records)
    cleared = [
        _clear_tipping(record, tiers.get(_change_key(record), "refused"), rules) for record in records_of(selection)
    ]
    columns = [*(name for name in selection.columns if name != "n_least"), "taking_part", "mark"]
    return _frame(cleared, columns, TIPPING_NUMBERS)


def _clear_tipping(record: Record, tier: Tier, rules: Rules) -> Record:
    """Keep what the tier of the change and the numbers of respondents behind the shares allow."""
    taking_part = record["kind"] == PARTICIPATION
    if not _shown(tier):
        silent: Record = {**dict.fromkeys(TIPPING_NUMBERS), "refused": "", "taking_part": taking_part}
        return {**record, **silent, "mark": MARK[tier]}
    least = 0 if taking_part else int(str(record["n_least"]))
    few = 0 < least < rules.suppress_below
    hidden = REACHED if few else OBSERVED if 0 < least < rules.withhold_below else ()
    kept = {**record, **dict.fromkeys(hidden)}
    if few:
        kept["refused"] = str(record["refused"]) or TOO_FEW
    mark = MARK["suppressed"] if few else MARK["refused"] if record["refused"] else MARK[tier]
    return {**kept, "taking_part": taking_part, "mark": mark}


def _number(value: object) -> float:
    """Read a number; a missing one is NaN."""
    return float(value) if isinstance(value, int | float) else math.nan


def _key(row: Mapping[str, object]) -> Key:
    """Name the respondents and the question of a row."""
    return tuple(str(row[name]) for name in ("indicator", "measure", "variable", "answer", "wave", "by", "group"))


def _same_bases(row: Record, main: Record | None) -> bool:
    """Whether a row rests on the same numbers of respondents as its headline row."""
    return main is not None and all(_equal(row[name], main[name]) for name in BASES)


def _equal(one: object, other: object) -> bool:
    """Whether two counts are the same, or both missing."""
    first, second = _number(one), _number(other)
    return first == second or (math.isnan(first) and math.isnan(second))


def _change_key(record: Mapping[str, object]) -> Key:
    """Name the change that a row speaks of."""
    return tuple(str(record[name]) for name in ("indicator", "wave", "by", "group"))


def _tiers(records: Sequence[Record]) -> dict[Key, Tier]:
    """Tier of every published change's headline row."""
    return {
        _change_key(row): cast("Tier", row["tier"]) for row in records if row["measure"] == "change" and row["main"]
    }


def _shown(tier: Tier) -> bool:
    """Whether the rules show an estimate."""
    return tier in {"indicative", "small", "full"}


def _frame(rows: Sequence[Record], columns: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """Lay cleared rows out."""
    frame = pd.DataFrame(rows, columns=list(columns))
    return with_kinds(frame, {name: float for name in numbers if name in frame.columns})
