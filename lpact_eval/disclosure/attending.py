"""Clear what is told of attendance beside its gaps: flags, number of events, and how strong the unmeasured must be.

A gap with the share of its group nearly gives the shares of both arms, so where one of a small arm's lies near 0 or 1
no gap of the group is shown. Flags that name the adjusters in which the arms differ tell counts as the differences do:
they are written anew from those that are published. One event, more events and both together are linked, so that a
number of events that fewer than ten attended hides whatever it could be had from.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.arms import CLEAR, FINE, SLIGHT
from lpact_eval.disclosure.clear import BASES, clear_rows, near_end
from lpact_eval.frames import records_of, with_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.clear import ClearedRow
    from lpact_eval.disclosure.rules import Reason, Rules

Record = dict[str, object]
Key = tuple[str, ...]
Arms = dict[Key, dict[str, tuple[int, float]]]  # by group: of each arm the respondents and the share

GAPS: Final = ("gap", "gap difference")
RAW: Final = "not adjusted"
FIRST_METHOD: Final = "regression"
STRENGTH_COLUMNS: Final = (
    *("indicator", "wave", "by", "group", "method", "measure", "covariate"),
    *("times", "value", "reading", "approximate", "mark"),
)
TOO_UNLIKE: Final = "attendees and others are too unlike in the adjusters for this method"
APART: Final = "attendees and others differ clearly before adjustment in "
RAW_APART: Final = "attendees differ from others in "
_ARMS: Final = ("attended", "not attended")
_EVENTS: Final = ("1", "2+")
_TOGETHER: Final = "1+ - 0"
_SIZES: Final = (*BASES, "n_effective", "design_effect")
_EMPTY_CELLS: Final = re.compile(r"(?:^|(?<=; ))[^;]*(?:among the others only|attendees' mix of)[^;]*")
_TRUNCATED: Final = re.compile(r"\b\d+ of \d+ scores truncated")
_KEPT: Final = ("fewer than ", "respondents left out")  # all that is told of a row without a number
_POINTS: Final = re.compile(r"([+-]\d+\.\d) points")
_ONE_DECIMAL_FROM: Final = 1000


def without_cells(rows: Iterable[Record]) -> list[Record]:
    """Take out of gaps' refusals and flags which answers one arm lacks, and how many scores were cut."""
    found: list[Record] = []
    for row in rows:
        if row["measure"] not in GAPS:
            found.append(row)
            continue
        refused = _EMPTY_CELLS.sub(TOO_UNLIKE, str(row["refused"] or ""))
        flags = _TRUNCATED.sub("some scores truncated", str(row["flags"] or ""))
        found.append({**row, "refused": refused, "flags": flags})
    return found


def arms_of(arms: pd.DataFrame) -> Arms:
    """Gather the arms of every group, as a run gives them; may be empty."""
    found: Arms = {}
    for record in records_of(arms):
        found.setdefault(_key(record), {})[str(record["arm"])] = (int(_number(record["n"])), _number(record["share"]))
    return found


def telling_gaps(rows: Sequence[Record], arms: Arms, rules: Rules) -> set[int]:
    """Find the gaps, and their differences, of which an arm's share would tell how everyone in it answered.

    Parameters
    ----------
    rows : sequence of dict
        Rows of the results.
    arms : mapping
        As `arms_of` gives it.
    rules : Rules

    Returns
    -------
    set of int
        Positions; among them the gap of all respondents that is not adjusted, which is made of the groups' shares.
    """
    telling = {key for key, group in arms.items() if _tells(group, _ARMS, rules)}
    # of smaller arms no gap is shown however they answered: were this one hidden for them, it would tell that
    within = {key[:2] for key in telling if key[2] and not _small_arm(arms[key], rules)}
    return {
        place
        for place, row in enumerate(rows)
        if row["measure"] in GAPS
        and (
            any(_key({**row, "group": part}) in telling for part in str(row["group"]).split(" - "))
            or (row["row"] == RAW and not row["by"] and _key(row)[:2] in within)
        )
    }


def raw_gaps_of_few(rows: Sequence[Record], arms: Arms, rules: Rules) -> set[int]:
    """Find the gaps of all respondents, not adjusted, that would give back those of a few whose own isn't shown.

    Parameters
    ----------
    rows : sequence of dict
        Rows of the results.
    arms : mapping
        As `arms_of` gives it.
    rules : Rules

    Returns
    -------
    set of int
        Positions. Such a gap is made of the groups' shares: less the groups that are shown it is that of the others
        together. Mostly the size of these decides, not how they answered, so that its absence tells nothing.
    """
    unseen: dict[Key, list[Mapping[str, tuple[int, float]]]] = {}
    for key, group in arms.items():
        if key[2] and (_small_arm(group, rules) or _tells(group, _ARMS, rules)):
            unseen.setdefault(key[:3], []).append(group)
    few = {key[:2] for key, groups in unseen.items() if _few_together(groups, rules)}
    return {
        place
        for place, row in enumerate(rows)
        if row["measure"] == "gap" and row["row"] == RAW and not row["by"] and _key(row)[:2] in few
    }


def with_told_flags(cleared: Sequence[ClearedRow], balance: pd.DataFrame) -> list[ClearedRow]:
    """Name the adjusters in which arms differ by what is published of them, and in rows without a number no more.

    Parameters
    ----------
    cleared : sequence of ClearedRow
    balance : DataFrame
        As `clear_balance` gives it; may be empty.

    Returns
    -------
    list of ClearedRow
        In the same order.
    """
    apart = _told_apart(balance)
    return [
        replace(row, record={**row.record, "flags": _flags(row.record, apart)})
        if row.record["measure"] in {*GAPS, "dose"}
        else row
        for row in cleared
    ]


def clear_strength(strength: pd.DataFrame, rows: Sequence[Record], balance: pd.DataFrame) -> pd.DataFrame:
    """Keep what the unmeasured would have to be like for those gaps whose estimate is published.

    Parameters
    ----------
    strength : DataFrame
        As a run gives it; may be empty.
    rows : sequence of dict
        The cleared rows of the release.
    balance : DataFrame
        As `clear_balance` gives it: what is as strong as an adjuster is told only where all its differences are.

    Returns
    -------
    DataFrame
        indicator, wave, by, group, method, measure, covariate, times (1 for benchmarks), value, reading, approximate,
        mark. A group and method without a published gap is one row with its mark.
    """
    found = {(*_key(row), _method(row)): row for row in rows if row["measure"] == "gap"}
    open_ones = _open_adjusters(balance)
    cleared: list[Record] = []
    wanted = [record for record in records_of(strength) if not _number(record["times"]) > 1]
    for key, part in groupby(wanted, key=lambda record: (*_key(record), str(record["method"]))):
        row = found.get(key, {"tier": "refused"})
        tier = str(row["tier"])
        lines = list(part)
        if tier not in {"indicative", "small", "full"} or math.isnan(_number(row["estimate"])):
            cleared.append(
                {**lines[0], **_silent(), "measure": "", "covariate": "", "mark": str(row.get("mark", "[x]"))}
            )
            continue
        base = min(_number(row["n_first"]), _number(row["n_second"]))
        whole = not base >= _ONE_DECIMAL_FROM
        for line in lines:
            hidden = bool(line["covariate"]) and (*key[1:4], str(line["covariate"])) not in open_ones
            told = {"reading": _in_whole_points(str(line["reading"])) if whole else line["reading"]}
            cleared.append({**line, **(_silent() if hidden else told), "mark": "[c]" if hidden else row["mark"]})
    frame = pd.DataFrame(cleared, columns=list(STRENGTH_COLUMNS))
    return with_kinds(frame, {"times": float, "value": float, "approximate": bool})


def clear_dose(
    dose: pd.DataFrame, gaps: Sequence[tuple[ClearedRow, int]], arms: Arms, *, balance: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    """Keep answers by number of events where the gap is published, and nobody's could be had from them.

    Parameters
    ----------
    dose : DataFrame
        As a run gives it; may be empty.
    gaps : sequence of (ClearedRow, int)
        The cleared rows of the release, and the base that decided.
    arms : mapping
        As `arms_of` gives it.
    balance : DataFrame
        As `clear_balance` gives it.
    rules : Rules

    Returns
    -------
    DataFrame
        The same rows with "mark", "tier", "chart" and "note". Numbers of respondents are shown for all respondents, and
        for a group where they are those of its gap.
    """
    known = {
        _key(row.record): (row, base) for row, base in gaps if row.record["measure"] == "gap" and row.record["main"]
    }
    rows: list[Record] = []
    deciding: list[int] = []
    hidden: dict[int, Reason] = {}
    telling: set[int] = set()
    for place, record in enumerate(records_of(dose)):
        row, base = known.get(_key(record), (None, 0))
        group = arms.get(_key(record), {})
        if row is None or row.tier == "suppressed":
            hidden[place] = (row and row.reason) or "subtraction"
        elif record["step"] != _TOGETHER and _few_attended(group, rules):
            hidden[place] = "small base"
        # both together are the gap's own arms: hidden for the few of one, their row would tell how these answered
        if _tells(group, _ARMS if record["step"] == _TOGETHER else (*_ARMS, *_EVENTS), rules):
            telling.add(place)
        deciding.append(min(base, _smallest(record, group)))
        rows.append(record if row is not None and _may_count(record, row.record, group) else _uncounted(record))
    cleared = with_told_flags(clear_rows(rows, deciding, hidden, rules, alike=telling), balance)
    columns = [*dose.columns, *(("mark", "tier", "chart", "note") if len(dose.columns) else ())]
    frame = pd.DataFrame([row.record for row in cleared], columns=columns)
    return with_kinds(frame, {**dict.fromkeys(BASES, "Int64"), "chart": bool}) if len(frame) else frame


def _tells(group: Mapping[str, tuple[int, float]], names: Sequence[str], rules: Rules) -> bool:
    """Whether a small arm answered alike, or nearly so."""
    found = [group[name] for name in names if name in group]
    return any(0 < count < rules.uniform_below and near_end(share) for count, share in found)


def _small_arm(group: Mapping[str, tuple[int, float]], rules: Rules) -> bool:
    """Whether an arm is too small for its gap to be shown, however it answered."""
    return any(group[name][0] < rules.withhold_below for name in _ARMS if name in group)


def _few_together(groups: Sequence[Mapping[str, tuple[int, float]]], rules: Rules) -> bool:
    """Whether an arm of several groups together is too small to be shown, or answered alike."""
    together: dict[str, tuple[int, float]] = {}
    for name in _ARMS:
        arms = [group[name] for group in groups if name in group and group[name][0]]
        count = sum(number for number, _ in arms)
        if count:
            together[name] = (count, sum(number * share for number, share in arms) / count)
    return bool(together) and (_small_arm(together, rules) or _tells(together, _ARMS, rules))


def _few_attended(group: Mapping[str, tuple[int, float]], rules: Rules) -> bool:
    """Whether some, but fewer than the rules allow, attended one event, or more; so where their number isn't known."""
    counts = [group[name][0] for name in _EVENTS if name in group]
    return len(counts) < len(_EVENTS) or any(0 < count < rules.suppress_below for count in counts)


def _smallest(record: Record, group: Mapping[str, tuple[int, float]]) -> int:
    """Find the fewest respondents that a row compares: of its number of events, of each for a trend, and of none."""
    sides = [_number(record[name]) for name in ("n_first", "n_second")]
    if any(map(math.isnan, sides)):
        return 0
    steps = [group[name][0] for name in _EVENTS if name in group] if record["step"] == "trend" else []
    return min(*map(int, sides), *(count for count in steps if count), int(max(sides)))


def _may_count(record: Record, gap: Record, group: Mapping[str, tuple[int, float]]) -> bool:
    """Whether numbers of respondents may be shown: where the gap counts the same, and of a group only the gap's own."""
    none_attended, attended = _number(record["n_second"]), sum(group[name][0] for name in _EVENTS if name in group)
    same = (attended, none_attended) == (_number(gap["n_first"]), _number(gap["n_second"]))
    return same and (not record["by"] or _number(record["n_first"]) == attended)


def _uncounted(record: Record) -> Record:
    """Take numbers of respondents out of a row."""
    return {**record, **dict.fromkeys(_SIZES)}


def _told_apart(balance: pd.DataFrame) -> dict[Key, dict[str, float]]:
    """Find by group the largest published difference of every adjuster before weighting."""
    found: dict[Key, dict[str, float]] = {}
    for record in records_of(balance):
        size = abs(_number(record["smd_before"]))
        if not math.isnan(size):
            own, title = found.setdefault(_key(record)[1:], {}), str(record["covariate"])
            own[title] = max(size, own.get(title, 0.0))
    return found


def _open_adjusters(balance: pd.DataFrame) -> set[Key]:
    """Name the adjusters of a group of which every difference before weighting is published, and not only roughly."""
    told: dict[Key, bool] = {}
    for record in records_of(balance):
        key = (*_key(record)[1:], str(record["covariate"]))
        told[key] = told.get(key, True) and _number(record["rounded_to"]) == FINE
    return {key for key, every in told.items() if every}


def _flags(record: Record, apart: Mapping[Key, Mapping[str, float]]) -> str:
    """Write the flags that a reader may see."""
    flags = [flag for flag in str(record["flags"] or "").split("; ") if flag]
    if record["tier"] not in {"indicative", "small", "full"}:
        return "; ".join(flag for flag in flags if any(kept in flag for kept in _KEPT))
    sizes = apart.get(_key(record)[1:], {})
    said = any(flag.startswith(APART) for flag in flags)
    flags = [flag for flag in flags if not flag.startswith(APART)]
    if said and (names := [name for name, size in sizes.items() if size > CLEAR]):
        flags.append(APART + ", ".join(names))
    if record["row"] == RAW and (names := [name for name, size in sizes.items() if size >= SLIGHT]):
        flags.append(RAW_APART + ", ".join(names))
    return "; ".join(flags)


def _in_whole_points(reading: str) -> str:
    """Write differences in whole points, as small bases have them."""

    def worded(match: re.Match[str]) -> str:
        points = round(float(match[1]))
        text = f"{points:+d}".replace("-", "\N{MINUS SIGN}") if points else "0"
        return f"{text} point{'' if abs(points) == 1 else 's'}"

    return _POINTS.sub(worded, reading)


def _method(row: Record) -> str:
    """Name the method of a gap's row."""
    return FIRST_METHOD if row["main"] else str(row["row"])


def _silent() -> Record:
    """Hold nothing in the columns that tell."""
    return {"times": math.nan, "value": math.nan, "reading": "", "approximate": False}


def _key(record: Mapping[str, object]) -> Key:
    """Name the question and the respondents of a row."""
    return tuple(str(record[name]) for name in ("indicator", "wave", "by", "group"))


def _number(value: object) -> float:
    """Read a number; a missing one is NaN."""
    return float(value) if isinstance(value, int | float) else math.nan
