"""The overlap plot: where the scores of attendees and others lie, back to back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.frames import records_of
from lpact_eval.reporting.chart import Bar, ChartSpec, Panel
from lpact_eval.reporting.figure import NAVY
from lpact_eval.reporting.love import in_groups, untold
from lpact_eval.reporting.rows import group_label, number, people
from lpact_eval.reporting.tables import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Record = dict[str, object]
ORANGE: Final = "#F46A25"
ARMS: Final = (("attended", "Attended", NAVY), ("not attended", "Did not attend", ORANGE))
_SHARES: Final = (20, 40, 60, 80, 100)
_TENTHS: Final = 10
_BELOW: Final = "The numbers are in the table below."
_SPREAD: Final = (
    "Where neighbouring bars have no number, their tenths may be told together and spread evenly over them."
)


def overlap_chart(overlap: pd.DataFrame) -> ChartSpec:
    """Draw where the scores of both arms lie, back to back, one small plot per group.

    Parameters
    ----------
    overlap : DataFrame
        As `disclosure.arms.clear_overlap` gives it.

    Returns
    -------
    ChartSpec
        Attendees to the left, others to the right, a row for each tenth of the score. The share of several tenths told
        together is spread evenly over them.

    Raises
    ------
    WrongUseError
        If nothing may be drawn.
    """
    groups = in_groups(records_of(overlap))
    drawn = {group: rows for group, rows in groups.items() if any(row["arm"] for row in rows)}
    if not drawn:
        msg = "Cannot draw the overlap of attendees and others: no group has 50 respondents in both arms. Leave it out."
        raise WrongUseError(msg)
    largest = max(_density(row) for rows in drawn.values() for row in rows)
    limit = next(nice for nice in _SHARES if nice >= largest or nice == _SHARES[-1])
    panels = tuple(_overlap_panel(group, rows, limit) for group, rows in drawn.items())
    title = "; ".join(_overlapping(group, rows) for group, rows in list(drawn.items())[:1])
    subtitle = (
        "Score: how likely someone with the same adjusters is to have attended, estimated among respondents. Share of "
        "attendees, and of others, in each tenth of the score, survey-weighted"
    )
    notes = (*untold(groups, anew=False), _SPREAD)
    told = [f"{_overlapping(group, rows)}." for group, rows in list(drawn.items())[1:]]
    words = " ".join([f"Chart. {title}. {subtitle}.", *told, *notes, _BELOW])
    key = tuple((colour, label) for _, label, colour in ARMS)
    return ChartSpec("overlap-scores", "overlap", title, subtitle, words, panels, key, notes)


def overlap_share_table(overlap: pd.DataFrame, *, name: str, caption: str) -> Table:
    """Lay out the shares of both arms by score.

    Parameters
    ----------
    overlap : DataFrame
        As `disclosure.arms.clear_overlap` gives it.
    name, caption : str

    Returns
    -------
    Table
    """
    columns = (Column("Group"), Column("Attended or not"), Column("Score"), Column("Share", "number", "per cent"))
    labels = {arm: label for arm, label, _ in ARMS}
    body = tuple(
        (
            Cell(group_label(group)),
            Cell(labels.get(str(row["arm"]), "[z]")),
            Cell(_scores(row) if row["arm"] else "[z]"),
            Cell(f"{_share(row):.0f}%", _share(row)) if row["arm"] else Cell(str(row["mark"])),
        )
        for group, rows in in_groups(records_of(overlap)).items()
        for row in rows
    )
    return Table(name, caption, columns, body, headers=3)


def _overlap_panel(group: str, rows: Sequence[Record], limit: int) -> Panel:
    """Draw one group's scores back to back."""
    bars = [
        bar
        for (arm, label, colour), sign in zip(ARMS, (-1, 1), strict=True)
        for row in rows
        if row["arm"] == arm
        for bar in _bars(row, (sign, f"{group_label(group)}, {label.casefold()}", colour), limit)
    ]
    ticks = tuple((float(value), f"{abs(value):g}%") for value in (-limit, -limit / 2, 0, limit / 2, limit))
    return Panel(
        f"{group_label(group)}: attended left, others right",
        "rows",
        tuple(f"{place / _TENTHS:.1f} to {(place + 1) / _TENTHS:.1f}" for place in range(_TENTHS)),
        (),
        ticks=ticks,
        bars=tuple(bars),
        tight=True,
    )


def _bars(row: Mapping[str, object], looks: tuple[int, str, str], limit: int) -> list[Bar]:
    """Draw an arm's share in a tenth; that of tenths told together is spread over them."""
    sign, label, colour = looks
    density, (first, last) = _density(row), _tenths(row)
    low, high = sorted((0.0, sign * density))
    printed = f"{_share(row):.0f}%" if last - first == 1 and density >= limit / 4 else ""
    words = f"{label}, score {_scores(row)}: {_share(row):.0f}%"
    return [Bar(place, low, high, colour, printed, words) for place in range(first, last)]


def _tenths(row: Mapping[str, object]) -> tuple[int, int]:
    """Give the first tenth of a bin, and the one after its last."""
    return round(number(row["low"]) * _TENTHS), round(number(row["high"]) * _TENTHS)


def _share(row: Mapping[str, object]) -> float:
    """Give a bin's share in per cent."""
    return round(100 * number(row["share"]))


def _density(row: Mapping[str, object]) -> float:
    """Give the per cent in each tenth of a bin."""
    first, last = _tenths(row)
    return round(_share(row) / (last - first), 1) if row["arm"] else 0.0


def _scores(row: Mapping[str, object]) -> str:
    """Write the ends of a bin."""
    return f"{number(row['low']):.1f} to {number(row['high']):.1f}"


def _overlapping(group: str, rows: Sequence[Record]) -> str:
    """Say between which scores both arms have respondents, and where only one has."""
    ends = [
        (min(first for first, _ in found), max(last for _, last in found))
        for arm, _, _ in ARMS
        if (found := [_tenths(row) for row in rows if row["arm"] == arm])
    ]
    who = people(group)
    if len(ends) < len(ARMS):
        return f"Among {who}, the scores of attendees or of others only can be told"
    low, high = max(ends[0][0], ends[1][0]), min(ends[0][1], ends[1][1])
    if low >= high:
        return f"Among {who}, the scores of attendees and others don't overlap"
    above = "; only attendees have higher ones" if ends[0][1] > high else ""
    return f"Among {who}, attendees and others both have scores from {low / 10:.1f} to {high / 10:.1f}{above}"
