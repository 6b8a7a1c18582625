"""The weights as readers see them: what they cost by group, margins before and after, and how unknown answers count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.notes import parts_and_reason
from lpact_eval.reporting.chart import ChartSpec, Mark, Panel
from lpact_eval.reporting.numbers import (
    INTERVAL,
    count,
    decimals,
    known,
    percent,
    points,
    rounded,
    signed,
    signed_range,
)
from lpact_eval.reporting.response_chart import response_chart
from lpact_eval.reporting.rows import (
    EVERYONE,
    as_sentence,
    group_label,
    group_order,
    number,
    people,
    the_wave,
    wave_heading,
    whole,
)
from lpact_eval.reporting.tables import MISSING, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row

Record = dict[str, object]
_ROUND: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000)
_WIDE: Final = 10_000  # a number that would stand out over the end of the axis
_POLICY: Final = {"keep": "kept", "leave out": "left out"}


@dataclass(frozen=True, slots=True)
class Weighing:
    """Everything that a report says about the weights.

    Attributes
    ----------
    chart, response : ChartSpec or None
        What weights cost; where respondents live, against where people do.
    margins, steps, unknown : Table
        Without rows where there is nothing to tell.
    merged, sentences : tuple of str
        What was merged or not used, by survey and kind of weights; and how much unknown answers matter.
    """

    chart: ChartSpec | None
    margins: Table
    steps: Table
    unknown: Table
    merged: tuple[str, ...]
    sentences: tuple[str, ...]
    response: ChartSpec | None = None

    @property
    def charts(self) -> list[ChartSpec]:
        """Those that there are, in the order of reading."""
        return [chart for chart in (self.chart, self.response) if chart is not None]


def weighing(published: Published, rows: Sequence[Row]) -> Weighing:
    """Gather what is said about the weights.

    Parameters
    ----------
    published : Published
    rows : sequence of Row
        All published rows.

    Returns
    -------
    Weighing
    """
    return Weighing(
        weight_chart(published),
        margin_table(published),
        step_table(published),
        unknown_table(published, rows),
        _merged(published),
        _unknown_sentences(published, rows),
        response_chart(published),
    )


def weight_chart(published: Published) -> ChartSpec | None:
    """Draw respondents, and how many equally weighted ones they count for, by survey and group."""
    shown = _once(records_of(published.weights))
    waves = list(dict.fromkeys(str(wave) for wave in published.weights["wave"]))
    if not any(row["mark"] == "" for row in shown):
        return None
    largest = max(known_n for row in shown if (known_n := whole(row["n"])) is not None)
    limit = next((nice for nice in _ROUND if nice >= largest), largest)
    end = "" if limit >= _WIDE else count(limit)
    ticks = ((0.0, "0"), (limit / 2, count(limit / 2)), (float(limit), end))
    panels = tuple(_panel(wave, [row for row in shown if row["wave"] == wave], ticks) for wave in waves)
    title = _finding(shown)
    subtitle = (
        "Respondents (hollow), and the effective base: how many equally weighted respondents tell as much (filled)"
    )
    alternative = f"Chart. {title}. {subtitle}. The numbers are in the table below."
    return ChartSpec("weights-by-group", "weights", title, subtitle, alternative, panels)


@lru_cache(maxsize=2)
def margin_table(published: Published) -> Table:
    """Lay out the margins before and after weighting."""
    columns = (
        Column("Survey"),
        Column("Weights"),
        Column("Ethnic group"),
        Column("Margin"),
        Column("Category"),
        Column("Population", "number", "per cent"),
        Column("Respondents", "number", "per cent"),
        Column("After weighting", "number", "per cent"),
        Column("Respondents minus population", "number", "percentage points"),
    )
    ordered = sorted(
        records_of(published.margins),
        key=lambda row: (row["by"] != "", group_order(str(row["group"])), str(row["title"])),
    )
    body = tuple(
        (
            Cell(wave_heading(str(row["wave"]))),
            Cell(str(row["weights"]).capitalize()),
            Cell(group_label(str(row["group"]))),
            Cell(str(row["title"])),
            Cell(str(row["category"])),
            _share(number(row["target"]), ""),
            *(_share(number(row[name]), str(row["mark"])) for name in ("before", "after")),
            _distance(number(row["before"]) - number(row["target"]), str(row["mark"])),
        )
        for row in ordered
    )
    return Table("Margins", "Who answered, and the population that they are weighted to", columns, body, headers=5)


@lru_cache(maxsize=2)
def step_table(published: Published) -> Table:
    """Lay out what weighting took."""
    columns = (
        Column("Survey"),
        Column("Weights"),
        Column("Rounds until the margins were met", "number"),
        Column("Weight moved by trimming", "number", "per cent"),
        Column("Merged or not used"),
    )
    body = tuple(
        (
            Cell(wave_heading(str(row["wave"]))),
            Cell(str(row["weights"]).capitalize()),
            _whole(whole(row["iterations"])),
            _share(number(row["trimmed"]), ""),
            Cell(_in_words(str(row["notes"])) or "Nothing"),
        )
        for row in records_of(published.steps)
    )
    return Table("Weighting", "What weighting took", columns, body, headers=2)


def unknown_table(published: Published, rows: Sequence[Row]) -> Table:
    """Lay out the plan's first comparisons under both policies for respondents who are not known on a margin."""
    columns = (
        Column("Question"),
        Column("Ethnic group"),
        Column("Respondents whose age, sex, area or group is not known"),
        Column("Change", "number", "percentage points"),
        Column(INTERVAL, "interval", "percentage points"),
        Column("Note"),
    )
    body = tuple(
        (
            Cell(str(row["title"])),
            Cell(group_label(str(row["group"]))),
            Cell(_POLICY[str(row["policy"])].capitalize()),
            *_change(row, _base(row, rows)),
            Cell("As the plan declares." if row["declared"] else ""),
        )
        for row in records_of(published.sensitivity)
    )
    return Table(
        "Unknown", "Changes with and without respondents who are not known on a margin", columns, body, headers=3
    )


def _once(weights: Sequence[Record]) -> list[Record]:
    """Take all respondents under population weights, and each group under its own."""
    kept = [row for row in weights if not row["by"] or row["weights"] != "population"]
    first = {(str(row["wave"]), str(row["group"])): row for row in reversed(kept)}
    return sorted(first.values(), key=lambda row: group_order(str(row["group"])))


def _finding(shown: Sequence[Record]) -> str:
    """Say which group's weights cost most."""
    open_ = [row for row in shown if row["mark"] == "" and known(number(row["design_effect"]))]
    worst = max(open_, key=lambda row: number(row["design_effect"]))
    kept = number(worst["n_effective"]) / number(worst["n"])
    group, wave = str(worst["group"]), the_wave(str(worst["wave"]))
    return f"Weights cost most for {people(group)} in {wave}, who count for {kept:.0%} of their number"


def _panel(wave: str, rows: Sequence[Record], ticks: tuple[tuple[float, str], ...]) -> Panel:
    """Draw one survey."""
    marks: list[Mark] = []
    headings: list[str] = []
    for place, row in enumerate(rows):
        label, n, effective = group_label(str(row["group"])), whole(row["n"]), number(row["n_effective"])
        if row["mark"] or n is None:
            headings.append(f"{label}: {row['mark'] or MISSING}")
            continue
        words = f"{label}, {wave_heading(wave)}: {count(n)} respondents count for {count(round(effective))}"
        headings.append(f"{label}: {count(n)}, effective {count(round(effective))}")
        marks.append(Mark(place, float(n), 0.0, float(n), "", words, hollow=True))
        marks.append(Mark(place, float(round(effective)), 0.0, float(round(effective)), "", words))
    return Panel(wave_heading(wave), "rows", tuple(headings), tuple(marks), ticks=ticks)


def _merged(published: Published) -> tuple[str, ...]:
    """Say what was merged or not used, survey by survey."""
    told = (
        (str(row["wave"]), str(row["weights"]), _in_words(str(row["notes"]))) for row in records_of(published.steps)
    )
    return tuple(f"{wave_heading(wave)}, {kind} weights: {notes}" for wave, kind, notes in told if notes)


def _in_words(notes: str) -> str:
    """Write the notes of a step as a sentence each; a reason that all of them end in is given once."""
    parts, reason = parts_and_reason(notes)
    told = [as_sentence(part) for part in parts]
    return " ".join([*told, *([f"Each because of {reason}."] if reason else [])])


def _unknown_sentences(published: Published, rows: Sequence[Row]) -> tuple[str, ...]:
    """Say how far the first comparisons depend on respondents who are not known on a margin."""
    lines = records_of(published.sensitivity)
    pairs = [(first, second) for first, second in zip(lines[::2], lines[1::2], strict=False) if first["declared"]]
    return tuple(
        _sentence(first, second, _base(first, rows)) for first, second in pairs if known(number(first["estimate"]))
    )


def _sentence(declared: Mapping[str, object], other: Mapping[str, object], base: int | None) -> str:
    """Compare one change under both policies."""
    group = str(declared["group"])
    whom = people(group) if group != EVERYONE else "all respondents"
    both = [f"{points(number(row['estimate']), base)} ({_range(row, base)})" for row in (declared, other)]
    how = "more" if declared["sensitive"] else "no more"
    told = (
        f"{declared['title']}, {whom}: the change is {both[0]} with respondents who are not known on a margin "
        f"{_POLICY[str(declared['policy'])]}, as the plan declares, and {both[1]} with them "
        f"{_POLICY[str(other['policy'])]}. The two differ by {how} than half of the interval's half-width"
    )
    return f"{told}, so the result depends on how they are treated." if declared["sensitive"] else f"{told}."


def _range(row: Mapping[str, object], base: int | None) -> str:
    """Write a change's interval."""
    return f"{INTERVAL} {signed_range(number(row['conf_low']), number(row['conf_high']), base)}"


def _base(record: Mapping[str, object], rows: Sequence[Row]) -> int | None:
    """Find the base of the published row that a comparison belongs to."""
    key = tuple(str(record[name]) for name in ("indicator", "measure", "wave", "group"))
    return next((row.base for row in rows if (row.indicator, row.measure, row.wave, row.group) == key), None)


def _change(row: Mapping[str, object], base: int | None) -> tuple[Cell, Cell]:
    """Write a change and its interval."""
    estimate, low, high = (number(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    if not known(estimate):
        return Cell(str(row["mark"]) or MISSING), Cell(str(row["mark"]) or MISSING)
    mark = f" {row['mark']}" if row["mark"] else ""
    ends = (rounded(low, base), rounded(high, base))
    return (
        Cell(f"{signed(estimate, base)}{mark}", rounded(estimate, base), decimals=decimals(base)),
        Cell(signed_range(low, high, base), *ends, decimals(base)),
    )


def _share(value: float, mark: str) -> Cell:
    """Write a share in whole per cents, with its mark, or why there is none."""
    if not known(value):
        return Cell(mark or MISSING)
    return Cell(f"{percent(value, None)}{mark and ' ' + mark}", rounded(value, None))


def _distance(value: float, mark: str) -> Cell:
    """Write how far respondents were from the population, in points, with its mark."""
    if not known(value):
        return Cell(mark or MISSING)
    return Cell(f"{signed(value, None)}{mark and ' ' + mark}", rounded(value, None))


def _whole(value: int | None) -> Cell:
    """Write a count."""
    return Cell(MISSING) if value is None else Cell(count(value), float(value))
