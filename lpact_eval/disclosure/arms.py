"""Clear what is told of how alike two arms are: standardised differences, and where the arms' scores lie.

A standardised difference of a yes/no adjuster is a function of two counts, attendees and others who say yes. Who knows
the sizes of both arms, as a release tells them, and how many of a group say yes altogether, as its margins nearly do,
can solve it: one more attendee moves it by (1/n1 + 1/n0) / s, a tenth for arms of 30 and 48. No rounding that leaves a
difference of 0.10 legible hides that, and survey weights hide it only from those who can't work them out. So it is not
rounding that protects but the counts themselves. A difference before weighting is published to two decimals where each
arm has at least the smallest publishable number of respondents on either side of the answer, and not otherwise; nor
where it could be had from the other answers of its adjuster. For all respondents it is rounded to 0.1 or 0.2 where a
group's could be had from it by subtraction, so that a step stands for at least 5 respondents where half of them say yes
(3 where one in ten does), and hidden where no step that long is of use. After weighting, a difference rests on the
respondents' scores, which aren't published, and as every adjuster is in their model it lies near 0 whatever the counts
are. Means, shares and counts of an arm's adjusters are never published.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from lpact_eval.disclosure.rules import UK
from lpact_eval.frames import records_of, with_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules

Record = dict[str, object]
Group = tuple[str, str, str, str]  # indicator, wave, by, group
Cell = tuple[str, str, str, str, str]  # wave, by, group, covariate, answer

GROUP: Final = ("indicator", "wave", "by", "group")
BALANCE_COLUMNS: Final = (
    *(*GROUP, "method", "covariate", "answer"),
    *("smd_before", "rounded_to", "smd_after", "largest", "mark"),
)
OVERLAP_COLUMNS: Final = (*GROUP, "arm", "low", "high", "share", "mark")
SLIGHT: Final = 0.10
CLEAR: Final = 0.25
LARGEST: Final = (f"under {SLIGHT:.2f}", f"{SLIGHT:.2f} to {CLEAR:.2f}", f"over {CLEAR:.2f}")
FINE: Final = 0.01  # what differences are rounded to
STEPS: Final = ((0.1, 100.0), (0.2, 50.0))  # coarser, from n1 n0 / (n1 + n0): a step is then 5 respondents or more
_SAME: Final = 1e-9  # a method that weighs nobody anew leaves the differences as they were


def clear_balance(frame: pd.DataFrame, rows: Sequence[Record], rules: Rules = UK) -> pd.DataFrame:
    """Clear standardised differences between attendees and others.

    Parameters
    ----------
    frame : DataFrame
        indicator, wave, by, group, method, covariate (its title), answer, smd_before, smd_after, n_least (the smallest
        number of respondents of an arm on one side of the answer, see `comparison.balance.balance_table`). All
        respondents have an empty `by`.
    rows : sequence of dict
        The cleared rows of the release; the gap of the same indicator, wave and group decides.
    rules : Rules, optional
        The UK default without it.

    Returns
    -------
    DataFrame
        indicator, wave, by, group, method, covariate, answer, smd_before, rounded_to (0.01, 0.1 or 0.2), smd_after
        (rounded to 0.01), largest ("under 0.10", "0.10 to 0.25", "over 0.25", of all adjusters after weighting), mark.
        A group with an arm under 10, or without a published gap row, is one row a method with "[c]" and nothing else;
        one with an arm under 30 is one row with "[u]", without `largest`: where there is none, since an arm lacks an
        answer, that would be told. Else a row an answer; "[c]" where the difference before weighting is hidden, with
        that after it beside it if respondents were weighed anew.

    Notes
    -----
    Only the first indicator of a wave is kept: the respondents of two questions differ by the few who left one out,
    whose answers could be had by subtraction. `largest` of a method that weighs nobody anew speaks of the differences
    before, and is told only where all of these are. Where all respondents' difference is rounded to more than 0.01,
    every method shows that of the first, since two rulers would narrow it down.
    """
    records = _with_first_ruler(_first_only(frame))
    arms = _arms(rows)
    fineness = _fineness(records, arms, rules)
    cleared: list[Record] = []
    for (key, _), part in groupby(records, key=lambda record: (_group(record), record["method"])):
        cleared += _clear_group(list(part), min(arms.get(key, (0, 0))), fineness, rules)
    return _frame(cleared, BALANCE_COLUMNS, ("smd_before", "rounded_to", "smd_after"))


def clear_overlap(frame: pd.DataFrame, rows: Sequence[Record], rules: Rules = UK) -> pd.DataFrame:
    """Clear the distribution of scores in both arms.

    Parameters
    ----------
    frame : DataFrame
        indicator, wave, by, group, arm, low, high, share, n, see `comparison.overlap.overlap_histogram`; bins of an arm
        in rising order. All respondents have an empty `by`.
    rows : sequence of dict
        The cleared rows of the release.
    rules : Rules, optional

    Returns
    -------
    DataFrame
        indicator, wave, by, group, arm, low, high, share (whole per cents, as a proportion), mark; no counts. Where an
        arm has fewer respondents than are drawn (50), or no published gap row, a group is one row with its mark.

    Notes
    -----
    A bin of fewer than 10 respondents of an arm is merged with the ones above it until there are 10, the last with the
    one below. Bins in which an arm has nobody at the ends of the scale have no row: a score is a number from a model
    whose coefficients aren't published, so that nobody can tell whose it would be. Only the first indicator of a wave
    is kept.
    """
    arms = _arms(rows)
    found = {key: list(part) for key, part in groupby(_first_only(frame), key=_group)}
    asked = {key[:2] for key in found}
    # one whose scores aren't known, because an arm lacks an answer, stands among the small ones as they do
    keys = dict.fromkeys(key for row in rows if row["measure"] == "gap" and (key := _group(row))[:2] in asked)
    cleared: list[Record] = []
    for key in keys | dict.fromkeys(found):
        least = min(arms.get(key, (0, 0)))
        named = dict(zip(GROUP, key, strict=True))
        if least < rules.indicative_below:
            cleared.append({**named, "arm": "", "mark": "[c]" if least < rules.suppress_below else "[u]"})
            continue
        bins = sorted(found.get(key, []), key=lambda record: str(record["arm"]))
        for _, own in groupby(bins, key=lambda record: record["arm"]):
            cleared += [{**named, **record, "mark": ""} for record in _merged(list(own), rules)]
    return _frame(cleared, OVERLAP_COLUMNS, ("low", "high", "share"))


def _first_only(frame: pd.DataFrame) -> list[Record]:
    """Keep the first indicator of every wave."""
    records = records_of(frame)
    first: dict[str, str] = {}
    for record in records:
        first.setdefault(str(record["wave"]), str(record["indicator"]))
    return [record for record in records if first[str(record["wave"])] == str(record["indicator"])]


def _arms(rows: Sequence[Record]) -> dict[Group, tuple[int, int]]:
    """Find the sizes of both arms of every published gap."""
    gaps = [row for row in rows if row["measure"] == "gap" and row.get("main", True) and row["tier"] != "suppressed"]
    found = {_group(row): (_number(row["n_first"]), _number(row["n_second"])) for row in gaps}
    return {key: (int(one), int(two)) for key, (one, two) in found.items() if not math.isnan(one + two)}


def _fineness(
    records: Sequence[Record], arms: Mapping[Group, tuple[int, int]], rules: Rules
) -> dict[Cell, float | None]:
    """Say to what each difference before weighting is rounded; None where it is hidden."""
    least = {_cell(record): _number(record["n_least"]) for record in records}
    groups = {_cell(record): arms.get(_group(record), (0, 0)) for record in records}
    hidden = {
        cell
        for cell, count in least.items()
        if min(groups[cell]) < rules.withhold_below or not count >= rules.suppress_below
    }
    hidden = _level_partners(least, hidden, rules)
    wholes = [cell for cell in least if not cell[1]]
    coarse = {(cell[0], cell[3]) for cell in wholes if _had_from(cell, least, hidden, rules)}
    found: dict[Cell, float | None] = {cell: None if cell in hidden else FINE for cell in least}
    for cell in wholes:
        if cell not in hidden and (cell[0], cell[3]) in coarse:
            found[cell] = _step(groups[cell])
    return found


def _with_first_ruler(records: Sequence[Record]) -> list[Record]:
    """Put beside every difference before weighting the first method's: measured by two rulers it would tell more."""
    first: dict[Cell, object] = {}
    for record in records:
        first.setdefault(_cell(record), record["smd_before"])
    return [{**record, "first_ruler": first[_cell(record)]} for record in records]


def _had_from(whole: Cell, least: Mapping[Cell, float], hidden: Iterable[Cell], rules: Rules) -> bool:
    """Say whether what is hidden in groups could be had from all respondents and the groups that are shown."""
    gone = [cell for cell in hidden if cell[1] and (cell[0], *cell[3:]) == (whole[0], *whole[3:])]
    variables = {cell[1] for cell in gone}
    return any(_solvable([cell for cell in gone if cell[1] == by], least, rules) for by in variables)


def _step(arms: tuple[int, int]) -> float | None:
    """Choose the shortest step that stands for enough respondents."""
    one, two = arms
    return next((step for step, needed in STEPS if one * two / (one + two) >= needed), None)


def _level_partners(least: Mapping[Cell, float], hidden: Iterable[Cell], rules: Rules) -> set[Cell]:
    """Hide further answers of an adjuster until none that is hidden could be had from the others."""
    gone = set(hidden)
    for _, line in groupby(sorted(least, key=lambda cell: cell[:4]), key=lambda cell: cell[:4]):
        answers = sorted(line, key=lambda cell: least[cell])
        while _solvable([cell for cell in answers if cell in gone], least, rules):
            further = next((cell for cell in answers if cell not in gone), None)
            if further is None:
                break
            gone.add(further)
    return gone & set(least)


def _solvable(gone: Sequence[Cell], least: Mapping[Cell, float], rules: Rules) -> bool:
    """Say whether what is hidden in a line that adds up is one number, or too few respondents together."""
    return bool(gone) and (len(gone) == 1 or not sum(least[cell] for cell in gone) >= rules.suppress_below)


def _clear_group(
    part: Sequence[Record], smaller: int, fineness: Mapping[Cell, float | None], rules: Rules
) -> list[Record]:
    """Clear the rows of a group and method, whose smaller arm has so many respondents."""
    anew = _weighed_anew(part)
    named: Record = {
        **{name: part[0][name] for name in (*GROUP, "method")},
        "covariate": "",
        "answer": "",
        "largest": "",
    }
    if smaller < rules.withhold_below:
        return [{**named, "mark": "[c]" if smaller < rules.suppress_below else "[u]"}]
    if anew:
        named["largest"] = _largest(_number(record["smd_after"]) for record in part)
    if not anew and all(fineness[_cell(record)] == FINE for record in part):
        named["largest"] = _largest(_number(record["smd_before"]) for record in part)
    return [{**named, **_difference(record, fineness[_cell(record)], anew=anew)} for record in part]


def _difference(record: Record, step: float | None, *, anew: bool) -> Record:
    """Round one difference before weighting and after it."""
    measured = record["smd_before"] if step == FINE else record["first_ruler"]
    before = None if step is None else _rounded(measured, step)
    same = not anew and not math.isnan(_number(record["smd_after"]))
    return {
        **{name: record[name] for name in ("covariate", "answer")},
        "smd_before": before,
        "rounded_to": step,
        "smd_after": before if same else _rounded(record["smd_after"], FINE),
        "mark": "[c]" if step is None else "",
    }


def _weighed_anew(part: Sequence[Record]) -> bool:
    """Say whether weighting changed any difference, beyond rounding."""
    moved = (abs(_number(record["smd_after"]) - _number(record["smd_before"])) for record in part)
    return any(distance > _SAME for distance in moved)


def _largest(differences: Iterable[float]) -> str:
    """Put the largest difference into a class."""
    known = [abs(value) for value in differences if not math.isnan(value)]
    if not known:
        return ""
    return LARGEST[sum(max(known) > end if end == CLEAR else max(known) >= end for end in (SLIGHT, CLEAR))]


def _merged(bins: Sequence[Record], rules: Rules) -> list[Record]:
    """Merge the bins of one arm until each has enough respondents."""
    counts = [int(_number(record["n"])) for record in bins]
    filled = [place for place, count in enumerate(counts) if count]
    kept: list[list[Record]] = [[]]
    for record in bins[min(filled, default=0) : max(filled, default=-1) + 1]:
        if sum(int(_number(one["n"])) for one in kept[-1]) >= rules.suppress_below:
            kept.append([])
        kept[-1].append(record)
    if len(kept) > 1 and sum(int(_number(one["n"])) for one in kept[-1]) < rules.suppress_below:
        last = kept.pop()
        kept[-1] += last
    return [
        {
            "arm": part[0]["arm"],
            "low": part[0]["low"],
            "high": part[-1]["high"],
            "share": round(sum(_number(one["share"]) for one in part), 2),
        }
        for part in kept
        if part
    ]


def _group(record: Mapping[str, object]) -> Group:
    """Name the respondents of a row."""
    return cast("Group", tuple(str(record[name]) for name in GROUP))


def _cell(record: Mapping[str, object]) -> Cell:
    """Name what a difference is of."""
    return cast("Cell", tuple(str(record[name]) for name in ("wave", "by", "group", "covariate", "answer")))


def _number(value: object) -> float:
    """Read a number; a missing one is NaN."""
    return float(value) if isinstance(value, int | float) else math.nan


def _rounded(value: object, step: float) -> float:
    """Round a difference to a step."""
    found = _number(value)
    return found if math.isnan(found) else round(round(found / step) * step, 2) + 0.0


def _frame(cleared: Sequence[Record], columns: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """Lay cleared rows out."""
    return with_kinds(pd.DataFrame(cleared, columns=list(columns)), dict.fromkeys(numbers, float))
