"""What two releases tell together that neither tells alone: the differencing attack, tried before readers can.

A reader who has both subtracts. What is suppressed in one and shown in the other is told outright or nearly; two bases
on the same answers that differ by fewer respondents than the rules allow tell how those few answered; and so does what
the hidden groups of a table hold together. Messages name places, never a count or a difference.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.record_counts import NOT_PEOPLE
from lpact_eval.reporting.release_folder import place_of, waves_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.reporting.release_folder import ReleaseFolder, Row

Key = tuple[str, ...]
BASES: Final = ("unweighted sample", "sample first", "sample second")
SUPPRESSED: Final = "[c]"
EVERYBODY: Final = {"ethnicity": "All respondents", "sex": "All", "age": "All", "group": ""}
_RESPONDENTS: Final = ("question", "statistic", "detail", *EVERYBODY, "geography")
_PLACE: Final = ("question", "answers", "statistic", "detail", "weights", "row", *EVERYBODY, "geography")

_RECORD: Final = (
    *("outcome", "measure", "broken down by", "group", "broken down by, second", "second group", "unit", "base counts"),
)


@dataclass(frozen=True, slots=True)
class Telling:
    """One place where two releases tell too much.

    Attributes
    ----------
    what : str
        "shown in one", "bases near" or "rest near".
    place : str
        In words without numbers of respondents.
    key : tuple of str
        The respondents, as `respondents_of` names them, in both releases.
    """

    what: str
    place: str
    key: Key

    @property
    def sentence(self) -> str:
        """Say what a reader of both could do."""
        return f"{self.place}: {_SENTENCES[self.what]}"


_SENTENCES: Final = {
    "shown in one": "suppressed in one release and shown in the other",
    "bases near": "the bases differ by fewer respondents than the rules allow: subtraction would tell their answers",
    "rest near": "what the suppressed groups hold together differs by fewer respondents than the rules allow",
}


def key_of(row: Row) -> Key:
    """Name a row of results.csv so that it is found in another release."""
    return (*(row[name] for name in (_PLACE if "time" in row else _RECORD)), *waves_of(row))


def by_key(rows: Sequence[Row]) -> dict[Key, Row]:
    """Find rows by their place; of several in one place the first stands."""
    found: dict[Key, Row] = {}
    for row in rows:
        found.setdefault(key_of(row), row)
    return found


def respondents_of(row: Row) -> Key:
    """Name the respondents that a row rests on: other answers counted, or other weights, have the same base."""
    return (*(row[name] for name in _RESPONDENTS), *waves_of(row)) if "time" in row else key_of(row)


def telling(old: ReleaseFolder, new: ReleaseFolder) -> tuple[Telling, ...]:
    """Find what a reader of two releases could subtract.

    Parameters
    ----------
    old, new : ReleaseFolder
        Both with rows; without them nothing is found.

    Returns
    -------
    tuple of Telling
        In the order of the newer release's rows, each group of respondents once.
    """
    if old.rows is None or new.rows is None:
        return ()
    threshold = max(old.rules.suppress_below, new.rules.suppress_below)
    found = chain(
        _values(old.rows, new.rows),
        _bases(old.rows, new.rows, threshold),
        _rests(old.rows, new.rows, threshold),
        _records(old.records, new.records, threshold),
    )
    return tuple({(one.what, one.key): one for one in found}.values())


def _values(old: Sequence[Row], new: Sequence[Row]) -> Iterator[Telling]:
    """Find numbers that one release keeps back and the other shows."""
    earlier = by_key(old)
    for key, row in by_key(new).items():
        if key in earlier:
            pair = earlier[key], row
            if any(one["value"] == SUPPRESSED for one in pair) and any(
                number(one["value"]) is not None for one in pair
            ):
                yield Telling("shown in one", place_of(row), respondents_of(row))


def _bases(old: Sequence[Row], new: Sequence[Row], threshold: int) -> Iterator[Telling]:
    """Find bases that one release keeps back and the other shows, and those that are too near to each other."""
    earlier = _seen(old)
    for key, (bases, closed, row) in _seen(new).items():
        if key not in earlier:
            continue
        others, was_closed, _ = earlier[key]
        if (closed and others) or (was_closed and bases):
            yield Telling("shown in one", place_of(row), key)
        elif any(_near(one, two, threshold) for one in bases for two in others):
            yield Telling("bases near", place_of(row), key)


def _records(old: Sequence[Row], new: Sequence[Row], threshold: int) -> Iterator[Telling]:
    """Compare counts of people in the records of events."""
    earlier = by_key(old)
    for key, row in by_key(new).items():
        if key not in earlier:
            continue
        pairs = list(zip(people_in(row), people_in(earlier[key]), strict=True))
        if _hides(row, earlier[key]) and any((one is None) != (two is None) for one, two in pairs):
            yield Telling("shown in one", place_of(row), key)
        elif any(one is not None and two is not None and 0 < abs(one - two) < threshold for one, two in pairs):
            yield Telling("bases near", place_of(row), key)


def _hides(*rows: Row) -> bool:
    """Whether one of the rows is suppressed."""
    return any(row["shorthand"] == SUPPRESSED for row in rows)


def people_in(row: Row) -> tuple[float | None, ...]:
    """Take the counts of people in a line of records.csv: its value, numerator and base; None where it shows none."""
    base, unit = row["base counts"], row["unit"]
    people = (base or unit) not in NOT_PEOPLE
    value = number(row["value"]) if people and (unit == base or not base) else None
    return value, *(number(row[name]) if people and base else None for name in ("numerator", "unweighted base"))


def _near(one: tuple[str, float], two: tuple[str, float], threshold: int) -> bool:
    """Whether two bases of one kind differ by fewer respondents than the rules allow."""
    return one[0] == two[0] and 0 < abs(one[1] - two[1]) < threshold


def _seen(rows: Sequence[Row]) -> dict[Key, tuple[set[tuple[str, float]], bool, Row]]:
    """Gather for the same respondents which bases are shown, and whether any is kept back."""
    found: dict[Key, tuple[set[tuple[str, float]], bool, Row]] = {}
    for row in rows:
        bases, closed, first = found.get(respondents_of(row), (set(), False, row))
        shown = {(name, base) for name in BASES if (base := number(row[name])) is not None}
        closed = closed or row["unweighted sample"] == SUPPRESSED
        found[respondents_of(row)] = bases | shown, closed, first
    return found


def _rests(old: Sequence[Row], new: Sequence[Row], threshold: int) -> Iterator[Telling]:
    """Compare what the suppressed groups of each table hold together."""
    earlier, later = rests(old), rests(new)
    for key, (rest, row) in later.items():
        if key in earlier and 0 < abs(rest - earlier[key][0]) < threshold:
            yield Telling("rest near", f"{place_of(row)}, by {key[-1]}", respondents_of(row))


def rests(rows: Sequence[Row]) -> dict[Key, tuple[float, Row]]:
    """Work out what the suppressed groups of every table of shares hold together, as a reader can.

    Parameters
    ----------
    rows : sequence of dict
        Lines of results.csv.

    Returns
    -------
    dict
        Question, answers, waves and variable of the groups to what is left of the row of everybody, and that row; for
        tables with a suppressed group only.
    """
    whole = whole_area(rows)
    totals: dict[Key, tuple[float, Row]] = {}
    shown: dict[Key, float] = defaultdict(float)
    hidden: set[Key] = set()
    for row in rows:
        if row["statistic"] != "level":
            continue
        by = [name for name, everybody in EVERYBODY.items() if row[name] != everybody]
        by += ["geography"] if row["geography"] != whole else []
        table = (row["question"], row["answers"], *waves_of(row))
        base = number(row["unweighted sample"])
        if not by and base is not None:
            totals[table] = (base, row)
        elif len(by) == 1 and base is not None:
            shown[(*table, by[0])] += base
        elif len(by) == 1 and row["unweighted sample"] == SUPPRESSED:
            hidden.add((*table, by[0]))
    return {key: (totals[key[:-1]][0] - shown[key], totals[key[:-1]][1]) for key in hidden if key[:-1] in totals}


def whole_area(rows: Sequence[Row]) -> str:
    """Name the area of everybody: that of most rows.

    Parameters
    ----------
    rows : sequence of dict
        Lines of results.csv.

    Returns
    -------
    str
    """
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row["geography"]] += 1
    return max(counts, key=counts.__getitem__, default="")


def number(text: str) -> float | None:
    """Read a number of results.csv; None for a shorthand or an empty cell."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
