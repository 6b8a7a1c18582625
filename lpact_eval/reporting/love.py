"""The love plot: how alike attendees and others are in every adjuster, before weighting and after it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.arms import CLEAR, FINE, LARGEST, SLIGHT
from lpact_eval.disclosure.rules import MARKS
from lpact_eval.errors import WrongUseError
from lpact_eval.frames import records_of
from lpact_eval.reporting.chart import ChartSpec, Mark, Panel
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.rows import group_label, group_order, number, people
from lpact_eval.reporting.tables import MISSING, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Record = dict[str, object]
_LIMITS: Final = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0)
_BELOW: Final = "The numbers are in the table below."
_BOTH: Final = 2  # answers of a yes/no adjuster, whose differences mirror each other
_ONLY: Final = "too few attendees or others to tell"
_VALUES: Final = ("smd_before", "smd_after")


def love_chart(balance: pd.DataFrame, method: str) -> ChartSpec:
    """Draw every adjuster's standardised difference before and after weighting, one small plot per group.

    Parameters
    ----------
    balance : DataFrame
        As `disclosure.arms.clear_balance` gives it.
    method : str
        One of its methods.

    Returns
    -------
    ChartSpec
        Hollow before and filled after, with lines at 0.10 (broken) and 0.25; of a yes/no adjuster one answer. Groups
        that are not drawn are told in the notes and in the words.

    Raises
    ------
    WrongUseError
        If nothing of the method may be drawn.
    """
    groups = in_groups([row for row in records_of(balance) if row["method"] == method])
    drawn = {group: rows for group, rows in groups.items() if any(row["covariate"] for row in rows)}
    if not drawn:
        msg = f"Cannot draw the differences of {method!r}: no group has enough respondents in both arms. Use the table."
        raise WrongUseError(msg)
    anew = any(_moved(row) for rows in drawn.values() for row in rows)
    ticks = _ticks([abs(number(row[name])) for rows in drawn.values() for row in rows for name in _VALUES])
    panels = tuple(_love_panel(group, rows, ticks, anew=anew) for group, rows in drawn.items())
    title = _weighted_title(groups, method) if anew else _plain_title(drawn)
    subtitle = "Standardised difference between attendees and others in each adjuster, without its sign, "
    subtitle += "before weighting (hollow) and after it (filled)" if anew else "before adjustment"
    subtitle += f". Broken line: {SLIGHT:.2f}; full line: {CLEAR:.2f}"
    notes = (*untold(groups, anew=anew), *_roughly(drawn))
    told = [said for group, rows in drawn.items() if (said := _said(group, rows))]
    words = " ".join([f"Chart. {title}. {subtitle}.", *told, *notes])
    return ChartSpec(f"love-{_slug(method)}", "love", title, subtitle, f"{words} {_BELOW}", panels, notes=notes)


def love_table(balance: pd.DataFrame, *, name: str, caption: str) -> Table:
    """Lay out the differences before and after weighting, by method, group and adjuster.

    Parameters
    ----------
    balance : DataFrame
        As `disclosure.arms.clear_balance` gives it.
    name, caption : str

    Returns
    -------
    Table
        With every answer of every adjuster; a group that isn't shown has one row with its mark.
    """
    columns = (
        Column("Method"),
        Column("Group"),
        Column("Adjuster"),
        Column("Answer"),
        Column("Standardised difference before", "number", "standard deviations"),
        Column("Standardised difference after", "number", "standard deviations"),
        Column("Largest in the group"),
    )
    rows = sorted(records_of(balance), key=lambda row: group_order(str(row["group"])))
    methods = list(dict.fromkeys(balance["method"].astype(str)))
    body = tuple(
        (
            Cell(method[:1].upper() + method[1:]),
            Cell(group_label(str(row["group"]))),
            *(Cell(str(row[part]) or "[z]") for part in ("covariate", "answer")),
            *(_difference_cell(row, value) for value in _VALUES),
            Cell(str(row["largest"]) or str(row["mark"]) or MISSING),
        )
        for method in methods
        for row in rows
        if row["method"] == method
    )
    return Table(name, caption, columns, body, headers=4)


def in_groups(rows: Sequence[Record]) -> dict[str, list[Record]]:
    """Gather rows by group, in the order of reading."""
    found: dict[str, list[Record]] = {}
    for row in sorted(rows, key=lambda row: group_order(str(row["group"]))):
        found.setdefault(str(row["group"]), []).append(row)
    return found


def _moved(row: Mapping[str, object]) -> bool:
    """Say whether weighting shows in a row."""
    before, after = (number(row[name]) for name in _VALUES)
    return not math.isnan(after) and before != after


def _ticks(values: Sequence[float]) -> tuple[tuple[float, str], ...]:
    """Make an axis from 0 that holds every difference; a short one has room for both lines' numbers."""
    largest = max((value for value in values if not math.isnan(value)), default=0.0)
    limit = next((nice for nice in _LIMITS if nice >= largest), math.ceil(largest))
    short, quarters, halves = _LIMITS[0], _LIMITS[2], _LIMITS[4]
    if limit <= short:
        marks = [0.0, SLIGHT, CLEAR, limit]
    else:
        step = 0.25 if limit <= quarters else 0.5 if limit <= halves else limit / 4
        marks = [step * place for place in range(round(limit / step) + 1)]
    return tuple((value, f"{value:.2f}" if value else "0") for value in marks)


def _love_panel(group: str, rows: Sequence[Record], ticks: tuple[tuple[float, str], ...], *, anew: bool) -> Panel:
    """Draw one group's differences."""
    told = _one_of_two(rows)
    marks = [
        Mark(place, value, value, value, "", f"{group_label(group)}, {_named(row)}: {_size(row, name)} {when}", hollow)
        for place, row in enumerate(told)
        for name, when, hollow in (("smd_before", "before", True), ("smd_after", "after", False))
        if (hollow or anew) and not math.isnan(value := abs(number(row[name])))
    ]
    return Panel(
        group_label(group),
        "rows",
        tuple(f"{_named(row)} ({_levels(row, anew=anew)})" for row in told),
        tuple(marks),
        ticks=ticks,
        guides=((SLIGHT, True), (CLEAR, False)),
        tight=True,
    )


def _one_of_two(rows: Sequence[Record]) -> list[Record]:
    """Keep one of two answers, yes or the first: the other's difference is the same with the other sign."""
    answers: dict[str, list[str]] = {}
    for row in rows:
        answers.setdefault(str(row["covariate"]), []).append(str(row["answer"]))
    kept = {name: next((one for one in found if one.casefold() == "yes"), found[0]) for name, found in answers.items()}
    return [
        row
        for row in rows
        if len(answers[str(row["covariate"])]) != _BOTH or row["answer"] == kept[str(row["covariate"])]
    ]


def _named(row: Mapping[str, object]) -> str:
    """Name an adjuster and its answer."""
    return ", ".join(part for part in (str(row["covariate"]), str(row["answer"])) if part)


def _levels(row: Mapping[str, object], *, anew: bool) -> str:
    """Write a row's differences."""
    before, after = (_size(row, name) for name in _VALUES)
    return f"{before}, then {after}" if anew else before


def _size(row: Mapping[str, object], name: str) -> str:
    """Write a difference without its sign, or why there is none."""
    value = number(row[name])
    if math.isnan(value):
        return str(row["mark"]) or MISSING
    digits = _digits(row, name)
    return f"{'about ' if digits == 1 else ''}{abs(value):.{digits}f}"


def _digits(row: Mapping[str, object], name: str) -> int:
    """Say how many decimals a difference has; what equals a coarsely rounded one is as coarse."""
    coarse = number(row["rounded_to"]) > FINE
    return 1 if coarse and (name == _VALUES[0] or not _moved(row)) else 2


def _difference_cell(row: Mapping[str, object], name: str) -> Cell:
    """Write a difference with its sign."""
    value = number(row[name])
    if math.isnan(value):
        return Cell(str(row["mark"]) or MISSING)
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    digits = _digits(row, name)
    return Cell(f"{sign}{abs(value):.{digits}f}", value, decimals=digits)


def _weighted_title(groups: Mapping[str, Sequence[Record]], method: str) -> str:
    """Say what weighting left, and in which groups."""
    start = f"With {method if 'weights' in method else f'{method} weights'}"
    largest = {group: str(rows[0]["largest"]) for group, rows in groups.items() if rows[0]["largest"]}
    left = {
        size: joined([people(group) for group, found in largest.items() if found == size])
        for size in reversed(LARGEST[1:])
    }
    said = [f"{size} {'are left ' if not place else ''}among {who}" for place, (size, who) in enumerate(_told(left))]
    if said:
        return f"{start}, differences between attendees and others of {' and of '.join(said)}"
    where = "" if len(largest) == 1 else ", overall and in each group told"
    return f"{start}, attendees and others are alike in every adjuster{where}: differences under {SLIGHT:.2f}"


def _told(left: Mapping[str, str]) -> list[tuple[str, str]]:
    """Keep the classes that groups are in."""
    return [(size, who) for size, who in left.items() if who]


def _plain_title(drawn: Mapping[str, Sequence[Record]]) -> str:
    """Say where attendees and others differ most before adjustment."""
    known = [
        (abs(value), f"{_named(row)}: {_size(row, _VALUES[0])}", group)
        for group, rows in drawn.items()
        for row in _one_of_two(rows)
        if not math.isnan(value := number(row["smd_before"]))
    ]
    if not known:
        return "Differences between attendees and others before adjustment can't be shown"
    _, name, group = max(known, key=lambda one: one[0])
    return f"Before adjustment, attendees and others differ most in {name} among {people(group)}"


def _roughly(drawn: Mapping[str, Sequence[Record]]) -> tuple[str, ...]:
    """Say that some differences are rounded more than others."""
    steps = sorted({step for rows in drawn.values() for row in rows if (step := number(row["rounded_to"])) > FINE})
    return (
        (f"About: rounded to {' or '.join(f'{step:g}' for step in steps)}, to protect small groups.",) if steps else ()
    )


def _said(group: str, rows: Sequence[Record]) -> str:
    """Say a group's largest difference in words."""
    largest = str(rows[0]["largest"])
    return f"{group_label(group)}: largest difference {largest}." if largest else ""


def untold(groups: Mapping[str, Sequence[Record]], *, anew: bool) -> tuple[str, ...]:
    """Say which groups are not drawn, why, and how large what is left in them is."""
    said: list[str] = []
    for group, rows in groups.items():
        mark, largest = str(rows[0]["mark"]), str(rows[0].get("largest") or "")
        if len(rows) > 1 or not mark or rows[0].get("covariate") or rows[0].get("arm"):
            continue
        told = f"; after weighting the largest difference is {largest}" if anew and largest else ""
        why = MARKS[mark] if mark == "[c]" else _ONLY
        said.append(f"{group_label(group)}: {mark} {why}{told}.")
    return tuple(said)


def _slug(text: str) -> str:
    """Write a name in letters, digits and underscores."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())
