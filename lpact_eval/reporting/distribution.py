"""The distribution chart: favourable answers to the right, unfavourable to the left, the middle split on zero."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.frames import records_of
from lpact_eval.reporting.chart import Bar, ChartSpec, Panel
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.numbers import count, decimals, percent, rounded
from lpact_eval.reporting.rows import (
    EVERYONE,
    Row,
    as_sentence,
    by_group,
    group_label,
    group_order,
    number,
    the_wave,
    wave_heading,
    whole,
)
from lpact_eval.reporting.tables import MISSING, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published

Record = dict[str, object]
MIDDLE: Final = "#d5d8da"
FAVOURABLE: Final = ("#12436D", "#6C8EAD", "#B5C7D8")  # the first answer of the scale is the darkest
UNFAVOURABLE: Final = ("#C2500F", "#F6A37C", "#FAD3C0")  # the last one is
PRINTED_FROM: Final = 5.0  # per cent; a narrower part has no room for its number
STEP: Final = 25  # per cent between ticks
_MOST_TICKS: Final = 7
CHANGED: Final = "The question was not the same in all surveys, and part of a difference may come from that"
UNORDERED: Final = "the answers that count as favourable are not the first ones of its scale"


def distribution_chart(published: Published, variable: str) -> ChartSpec:
    """Draw the shares of all answers to a question, a row for every group and survey.

    Parameters
    ----------
    published : Published
    variable : str
        Harmonised question whose answers are in order.

    Returns
    -------
    ChartSpec
        Suppressed and withheld groups have their shorthand and no bar.

    Raises
    ------
    WrongUseError
        If the question has no distribution, or its favourable answers are not the first ones of the scale.
    """
    rows = [row for row in _answers(published) if row["variable"] == variable]
    if not rows or not all(row["side"] for row in rows):
        why = UNORDERED if rows else "it has no shares of its answers in order"
        msg = f"Cannot draw the answers to {variable!r}: {why}. Draw its trend instead."
        raise WrongUseError(msg)
    waves = [wave.name for wave in sorted(published.waves, key=lambda wave: wave.start)]
    lines = _lines(rows, waves)
    answers = sorted({(int(str(row["position"])), str(row["answer"]), str(row["side"])) for row in rows})
    colours = palette([side for _, _, side in answers])
    bars = [bar for place, line in enumerate(lines) for bar in _bars(place, line, colours)]
    panel = Panel(
        "Unfavourable answers to the left of zero, favourable to the right",
        "rows",
        tuple(_heading(line) for line in lines),
        (),
        ticks=_ticks(bars),
        bars=tuple(bars),
        ends=tuple(_end(line) for line in lines),
    )
    title = _finding(lines, str(rows[0]["title"]))
    middle = ", the middle answer split on zero" if any(side == "middle" for _, _, side in answers) else ""
    subtitle = f"Share of each answer in {joined(list(map(the_wave, waves)))}{middle}; base: unweighted respondents"
    subtitle += f". {CHANGED}" if any(row["comparable"] in {"partial", "none"} for row in rows) else ""
    key = tuple((colours[place], answer) for place, answer, _ in reversed(answers))
    words = f"Chart. {title}. {subtitle}. {_said(lines)} The numbers are in the table below."
    name = "".join(letter if letter.isalnum() else "_" for letter in variable)
    return ChartSpec(f"answers-{name}", "answers", title, subtitle, words, (panel,), key)


@lru_cache(maxsize=2)
def _answers(published: Published) -> tuple[Record, ...]:
    """Read the shares of all answers once for all questions."""
    return tuple(records_of(published.distributions))


def drawable_distribution(published: Published, variable: str) -> ChartSpec | None:
    """Draw the answers to a question where they can be drawn, for a page that is silent where they can't."""
    rows = [row for row in _answers(published) if row["variable"] == variable]
    drawable = bool(rows) and all(row["side"] for row in rows) and any(row["chart"] for row in rows)
    return distribution_chart(published, variable) if drawable else None


def answer_table(rows: Sequence[Row], *, name: str, caption: str) -> Table:
    """Lay out the shares of every answer, a line for each group and survey.

    Parameters
    ----------
    rows : sequence of Row
        Shares of one question's answers, the first answer of the scale first.
    name, caption : str

    Returns
    -------
    Table
    """
    answers = list(dict.fromkeys(row.answer for row in rows))
    columns = (
        Column("Group"),
        Column("Survey"),
        *(Column(answer.capitalize(), "number", "per cent") for answer in answers),
        Column("Unweighted base", "number"),
        Column("Note"),
    )
    found: dict[tuple[str, str], list[Row]] = {}
    for row in by_group(rows):
        found.setdefault((row.group, row.wave), []).append(row)
    body = tuple(
        (
            Cell(group_label(group)),
            Cell(wave_heading(wave)),
            *(_share(next((row for row in line if row.answer == answer), None)) for answer in answers),
            Cell(line[0].mark or MISSING) if line[0].n is None else Cell(count(line[0].n), float(line[0].n)),
            Cell(as_sentence(line[0].note)),
        )
        for (group, wave), line in found.items()
    )
    return Table(name, caption, columns, body, headers=2)


def _share(row: Row | None) -> Cell:
    """Write a share, or why there is none."""
    if row is None or not row.shown:
        return Cell(row.mark or MISSING if row else MISSING)
    text = f"{percent(row.estimate, row.n)}{row.mark and ' ' + row.mark}"
    return Cell(text, rounded(row.estimate, row.n), decimals=decimals(row.n))


def palette(sides: Sequence[str]) -> list[str]:
    """Choose the colours of a scale's answers, most favourable first: the further from the middle, the darker.

    Parameters
    ----------
    sides : sequence of str
        "favourable", "middle" or "unfavourable".

    Returns
    -------
    list of str
    """
    good = sides.count("favourable")
    bad = sides.count("unfavourable")
    towards = [FAVOURABLE[min(place, 2)] for place in range(good)]
    away = [UNFAVOURABLE[min(place, 2)] for place in range(bad)]
    return [*towards, *[MIDDLE] * (len(sides) - good - bad), *reversed(away)]


def _lines(rows: Sequence[Record], waves: Sequence[str]) -> list[list[Record]]:
    """Gather the answers of every group and survey, in the order of reading."""
    found: dict[tuple[str, str], list[Record]] = {}
    for row in rows:
        found.setdefault((str(row["group"]), str(row["wave"])), []).append(row)
    ordered = sorted(found, key=lambda key: (group_order(key[0]), waves.index(key[1])))
    return [sorted(found[key], key=lambda row: int(str(row["position"]))) for key in ordered]


def _bars(place: int, line: Sequence[Record], colours: Sequence[str]) -> list[Bar]:
    """Lay a group's answers end to end, so that the middle lies on zero."""
    if not all(row["chart"] for row in line):
        return []
    base = whole(line[0]["n"])
    shares = {int(str(row["position"])): 100 * number(row["estimate"]) for row in line}
    left = sum(shares[at] * _to_the_left(row) for at, row in zip(shares, line, strict=True))
    ends = [-left]
    for position in sorted(shares, reverse=True):  # the least favourable answer is the leftmost
        ends.append(ends[-1] + shares[position])
    bars: list[Bar] = []
    for (low, high), position in zip(pairwise(ends), sorted(shares, reverse=True), strict=True):
        row = next(one for one in line if int(str(one["position"])) == position)
        value = rounded(number(row["estimate"]), base)
        label = f"{value:g}" if value >= PRINTED_FROM else ""
        words = f"{_heading(line)}: {row['answer']} {value:g}%, base {count(base)}"
        bars.append(Bar(place, round(low, 1), round(high, 1), colours[position], label, words))
    return bars


def _ticks(bars: Sequence[Bar]) -> tuple[tuple[float, str], ...]:
    """Make the axis as short as the bars allow, so that their numbers have room on a narrow screen."""
    first = min(math.floor(min((bar.low for bar in bars), default=0.0) / STEP), -1)
    last = max(math.ceil(max((bar.high for bar in bars), default=0.0) / STEP), 1)
    wide = 2 if last - first + 1 > _MOST_TICKS else 1
    first, last = wide * math.floor(first / wide), wide * math.ceil(last / wide)
    return tuple((float(STEP * at), f"{abs(STEP * at)}%") for at in range(first, last + 1, wide))


def _to_the_left(row: Mapping[str, object]) -> float:
    """Say how much of an answer lies to the left of zero."""
    return {"unfavourable": 1.0, "middle": 0.5}.get(str(row["side"]), 0.0)


def _heading(line: Sequence[Record]) -> str:
    """Name a row."""
    mark = "" if line[0]["chart"] else f": {line[0]['mark'] or '[x]'}"
    return f"{group_label(str(line[0]['group']))}, {wave_heading(str(line[0]['wave']))}{mark}"


def _end(line: Sequence[Record]) -> str:
    """Write a row's base."""
    base = whole(line[0]["n"])
    return "" if base is None else f"base {count(base)}"


def _said(lines: Sequence[Sequence[Record]]) -> str:
    """Say the shares of all respondents in words."""
    told: list[str] = []
    for line in lines:
        if line[0]["group"] == EVERYONE and line[0]["chart"]:
            base = whole(line[0]["n"])
            shares = ", ".join(f"{row['answer']} {rounded(number(row['estimate']), base):g}%" for row in line)
            told.append(f"{_heading(line)}: {shares}.")
    return " ".join(told)


def _finding(lines: Sequence[Sequence[Record]], title: str) -> str:
    """Say how all respondents answered in the last survey in which they may be drawn."""
    drawn = [line for line in lines if line[0]["group"] == EVERYONE and line[0]["chart"]]
    if not drawn:
        return f"{title}: every answer"
    last, base = drawn[-1], whole(drawn[-1][0]["n"])
    good, bad = (
        percent(sum(number(row["estimate"]) for row in last if row["side"] == side), base)
        for side in ("favourable", "unfavourable")
    )
    wave = the_wave(str(last[0]["wave"]))
    return f"{title}: {good} of all respondents answered favourably in {wave}, {bad} unfavourably"
