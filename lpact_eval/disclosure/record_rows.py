"""Clear one row of evidence at a time: what of it goes, its mark and its note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lpact_eval.disclosure.clear import MARK
from lpact_eval.disclosure.record_counts import (
    COUNTED_UNITS,
    is_people,
    matching,
    slice_of,
    spread_of,
    whole_number,
)
from lpact_eval.disclosure.record_tables import key_of
from lpact_eval.waves.unsure import without_shares

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lpact_eval.disclosure.record_counts import Counted, Record, Slice
    from lpact_eval.disclosure.record_tables import Key
    from lpact_eval.disclosure.rules import Rules, Tier

Gone = Literal["", "numerator", "all"]

SUPPRESSED: Final = "Suppressed to protect confidentiality."
ONE_EVENT: Final = "From one event only: everyone who was there knows whose figures these are."
_SHARES: Final = ("value", "numerator", "low", "high")
_FACTS: Final = frozenset({"count", "ratio", "pounds", "hours"})  # no estimates of what people think
_COUNT_WORDS: Final = {"attendee": "attendees", "form": "forms", "contact": "opted_in"}
_DISSIMILARITY: Final = "dissimilarity: "
_POINTS, _EVENTS = "points", "events"
_WHOLE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """What may not be shown.

    Attributes
    ----------
    keys : frozenset of (str, slice)
        Counts, as `hidden_counts` names them.
    cells : frozenset of (int, str)
        Cells of the timeline.
    events : tuple of dict
        The timeline.
    rules : Rules
    """

    keys: frozenset[Key]
    cells: frozenset[tuple[int, str]]
    events: tuple[Record, ...]
    rules: Rules


def shows_numerator(row: Record, rules: Rules) -> bool:
    """Whether a row would show its numerator, were its group large enough.

    Parameters
    ----------
    row : dict
        A row of evidence.
    rules : Rules

    Returns
    -------
    bool
    """
    return not str(row["refused"]) and _tier(row, rules) != "withheld"


def what_goes(rows: Sequence[Record], counted: Sequence[Counted], hidden: Hidden) -> list[Gone]:
    """Say of every row whether all its numbers go, only its numerator and what is worked out of it, or nothing.

    Parameters
    ----------
    rows : sequence of dict
    counted : sequence of Counted
    hidden : Hidden

    Returns
    -------
    list of str
        "all", "numerator" or "", in the same order.
    """
    found: list[Gone] = [_own(row, one, hidden) for row, one in zip(rows, counted, strict=True)]
    values: dict[Slice, set[int]] = {}
    for label, slice_ in hidden.keys:
        values.setdefault(slice_, set()).add(int(label.rpartition("=")[2]))
    for place, row in enumerate(rows):
        if not found[place] and (_echoes(row, values) or _of_hidden_events(row, hidden)):
            found[place] = "numerator"
    told = [str(row["measure"]) for row, gone in zip(rows, found, strict=True) if gone]
    for place, row in enumerate(rows):
        _, of_groups, name = str(row["measure"]).partition(_DISSIMILARITY)
        if of_groups and any(measure.startswith(name) for measure in told):
            found[place] = "all"
    return found


def clear_row(row: Record, gone: Gone, events: Sequence[Record], rules: Rules) -> Record:
    """Clear a row for readers.

    Parameters
    ----------
    row : dict
    gone : str
        As `what_goes` says.
    events : sequence of dict
        The timeline.
    rules : Rules

    Returns
    -------
    dict
        With mark, tier, chart and note; hidden numbers are None.
    """
    if gone:
        numbers = _SHARES if gone == "numerator" else (*_SHARES, "n")
        return _finished({**row, **dict.fromkeys(numbers), "flags": "", "refused": ""}, "suppressed", SUPPRESSED)
    if str(row["refused"]):
        return _finished({**row, **dict.fromkeys(_SHARES)}, "refused", str(row["refused"]))
    tier = _tier(row, rules)
    if tier == "withheld":
        note = f"Withheld: fewer than {rules.withhold_below} {row['base']}."
        return _finished({**row, **dict.fromkeys(_SHARES), "flags": ""}, tier, note)
    if tier != "full":
        row = {**row, "flags": without_shares(str(row["flags"]))}
    note = {
        "indicative": f"For indication only: fewer than {rules.indicative_below} {row['base']}, no test.",
        "small": f"Small base: fewer than {rules.small_below} {row['base']}.",
    }.get(tier, "")
    if _from_one_event(row, events):
        return {**_finished(row, tier, " ".join(filter(None, (note, ONE_EVENT)))), "chart": False}
    return _finished(row, tier, note)


def _own(row: Record, one: Counted, hidden: Hidden) -> Gone:
    """Say what of a row goes for what it counts itself."""
    if one.few or (one.base is not None and key_of(one.base, hidden.rules) in hidden.keys):
        return "all"
    if one.numerator is not None and key_of(one.numerator, hidden.rules) in hidden.keys:
        return "numerator" if is_people(row) else "all"
    return ""


def _echoes(row: Record, values: Mapping[Slice, Collection[int]]) -> bool:
    """Whether a ratio, mean or the like is made of a count that is hidden in its group."""
    if row["unit"] in COUNTED_UNITS or (row["unit"] == _POINTS and row["base"] == _EVENTS):
        return False  # a share of events is made of no people
    known, counts = values.get(slice_of(row), ()), {whole_number(row["numerator"])}
    value, n = row["value"], row["n"]
    if row["unit"] in {"mean", "ratio"} and isinstance(value, float) and isinstance(n, float):
        total = value * n
        counts.add(whole_number(float(np.rint(total))) if abs(total - np.rint(total)) < _WHOLE else None)
    return any(count in known for count in counts if count is not None)


def _of_hidden_events(row: Record, hidden: Hidden) -> bool:
    """Whether a row tells the lowest, highest or middle number of events of which one is hidden."""
    columns = {column for word, column in _COUNT_WORDS.items() if word in str(row["measure"])}
    if not columns or not spread_of(row):
        return False
    inside = set(matching(slice_of(row), hidden.events))
    return any(place in inside and column in columns for place, column in hidden.cells)


def _tier(row: Record, rules: Rules) -> Tier:
    """Say what the base of an estimate allows; facts need no base, and only small counts in them are hidden."""
    n = whole_number(row["n"])
    if not n or not is_people(row) or row["unit"] in _FACTS:
        return "full"
    return rules.tier(n)


def _from_one_event(row: Record, events: Sequence[Record]) -> bool:
    """Whether what a community says comes from a single event of it."""
    of_community = "community" in {row["by"], row["by2"]} and row["table"] == "understanding"
    return of_community and len(matching(slice_of(row), events)) == 1


def _finished(row: Record, tier: Tier, note: str) -> Record:
    """Add mark, tier, chart and note."""
    return {**row, "mark": MARK[tier], "tier": tier, "chart": tier in {"small", "full"}, "note": note}
