"""The funnel: how many themes reached each step from raised to told, and how many of the step before did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.chart import Bar, ChartSpec, Panel
from lpact_eval.reporting.figure import NAVY, PALE
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.numbers import count, known, percent
from lpact_eval.reporting.record_setting import alternative
from lpact_eval.reporting.tables import MISSING, NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.reporting.record_rows import RecordRow, RecordRows
    from lpact_eval.reporting.record_setting import Setting

RAISED: Final = "themes raised"
# Measure, name of the step, and the step that it is a part of.
STEPS: Final = (
    (RAISED, "Raised", ""),
    ("themes put to the focus group", "Put to the focus group", "Raised"),
    ("themes confirmed", "Confirmed", "Put to the focus group"),
    ("themes with an action", "With an action", "Confirmed"),
    ("themes answered", "Answered", "With an action"),
    ("themes done", "Done", "Answered"),
    ("themes that can't be acted on, with a reason", "Can't act, with a reason", "Answered"),
    ("themes told", "Told", "Answered"),
)
PATH: Final = ("Raised", "Put to the focus group", "Confirmed", "With an action", "Answered", "Told")
_BEFORE: Final = {
    "Put to the focus group": "being raised to being put to the focus group",
    "Confirmed": "the focus group to being confirmed",
    "With an action": "being confirmed to an action",
    "Answered": "an action to an answer",
    "Told": "an answer to being told",
}
_NICE: Final = (4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 100, 160, 200, 400, 800, 1000)
_SPACE: Final = 0.2  # of the axis, below which a bar has no room for its number


@dataclass(frozen=True, slots=True)
class Step:
    """A step: how many reached it and how many could have; a hidden number is None, and `mark` says why."""

    name: str
    of: str
    reached: int | None
    base: int | None
    mark: str

    @property
    def share(self) -> str:
        """The share of the step before, in per cent; empty where there is none."""
        return percent(self.reached / self.base, self.base) if self.reached is not None and self.base else ""

    @property
    def number(self) -> str:
        """The number, of how many, with the share."""
        if self.reached is None:
            return self.mark
        if self.base is None:
            return count(self.reached)
        return f"{count(self.reached)} of {count(self.base)}{f' ({self.share})' if self.share else ''}"


def funnel_chart(rows: RecordRows, setting: Setting) -> ChartSpec | None:
    """Draw the funnel of themes.

    Parameters
    ----------
    rows : RecordRows
    setting : Setting

    Returns
    -------
    ChartSpec or None
        None where nothing was raised, or the plan does not ask for it.
    """
    steps = funnel_steps(rows)
    first = steps[0] if steps else None
    if first is None or not first.reached:
        return None
    title = funnel_title(steps)
    subtitle = (
        "Number of themes at each step, of those at the step before, with their share in brackets; done, can't act and "
        f"told are each of those answered{setting.place}{f'; as of {setting.until}' if setting.until else ''}"
    )
    notes = setting.notes(step.number for step in steps)
    told = [f"{'; '.join(f'{step.name}: {step.number}' for step in steps)}."]
    key = ((NAVY, "Reached the step"), (PALE, "At the step before, and not reached this one"))
    words = alternative(title, subtitle, told, notes)
    return ChartSpec(
        "action-funnel", "funnel", title, subtitle, words, (_panel(steps),), key, notes, table=funnel_table(steps)
    )


def funnel_steps(rows: RecordRows) -> list[Step]:
    """Read the steps that are published, for all themes."""
    found: list[Step] = []
    for measure, name, of in STEPS:
        row = rows.one(measure, "count")
        if row is not None:
            found.append(_step(row, name, of))
    return found if found and found[0].name == PATH[0] else []


def funnel_title(steps: Sequence[Step]) -> str:
    """Say how many of what was raised was answered and told, and at which step most is left behind."""
    by = {step.name: step for step in steps}
    raised = by["Raised"].reached or 0
    ends = [(word, by[name].reached) for word, name in (("answered", "Answered"), ("told", "Told")) if name in by]
    reached = [(word, number) for word, number in ends if number is not None]
    head = _reached(raised, reached)
    lost = _losses(by)
    most = max(lost.values(), default=0)
    if not most or not reached:
        return head
    where = [name for name, number in lost.items() if number == most]
    steps_down = "the largest step down is" if len(where) == 1 else "the largest steps down are"
    told = joined([f"from {_BEFORE[name]} ({count(by[name].base)} to {count(by[name].reached)})" for name in where])
    return f"{head}; {steps_down} {told}"


def funnel_table(steps: Sequence[Step]) -> Table:
    """Lay out what the funnel draws."""
    columns = (
        Column("Step"),
        Column("Themes", "number"),
        Column("Of those"),
        Column("At the step before", "number"),
        Column("Share of the step before", "number", "per cent"),
    )
    rows = tuple(
        (
            Cell(step.name),
            Cell(step.mark if step.reached is None else count(step.reached), _value(step.reached)),
            Cell(step.of or NOT_APPLICABLE),
            Cell(count(step.base) or (step.mark if step.of else NOT_APPLICABLE), _value(step.base)),
            _share_cell(step),
        )
        for step in steps
    )
    return Table("Chart_funnel", "Themes at each step, from raised to told", columns, rows)


def _step(row: RecordRow, name: str, of: str) -> Step:
    """Read one step."""
    reached = round(row.value) if row.shown else None
    base = round(row.n) if of and known(row.n) else None
    return Step(name, of, reached, base, "" if row.shown else row.mark or MISSING)


def _reached(raised: int, ends: Sequence[tuple[str, int]]) -> str:
    """Say what came of what was raised."""
    themes = "the only theme raised" if raised == 1 else f"{count(raised)} themes raised"
    if not ends:
        return f"{themes[:1].upper()}{themes[1:]}"
    words = joined([word for word, _ in ends])
    if all(number == raised for _, number in ends):
        return f"The only theme raised was {words}" if raised == 1 else f"All {themes} were {words}"
    if all(number == 0 for _, number in ends):
        word = " or ".join(word for word, _ in ends)
        return f"The only theme raised was not {word}" if raised == 1 else f"Of {themes}, none was {word}"
    if raised == 1:
        return f"The only theme raised was {joined([word if number else f'not {word}' for word, number in ends])}"
    parts = [f"{count(number) if number else 'none'} {word}" for word, number in ends]
    verb = "was" if ends[0][1] in {0, 1} else "were"
    return f"Of {themes}, {parts[0].replace(' ', f' {verb} ', 1)}{''.join(f' and {part}' for part in parts[1:])}"


def _losses(by: Mapping[str, Step]) -> dict[str, int]:
    """Count what is left behind at each step of the path."""
    found = {name: by[name] for name in PATH[1:] if name in by}
    return {
        name: step.base - step.reached
        for name, step in found.items()
        if step.base is not None and step.reached is not None
    }


def _panel(steps: Sequence[Step]) -> Panel:
    """Draw the bars from zero; pale is what did not come so far."""
    most = max(max(step.reached or 0, step.base or 0) for step in steps)
    limit = next((nice for nice in _NICE if nice >= most), -(-most // 1000) * 1000)
    bars: list[Bar] = []
    for place, step in enumerate(steps):
        if step.reached is None:
            continue
        words = f"{step.name}: {step.number}"
        label = count(step.reached) if step.reached >= _SPACE * limit else ""
        bars += [Bar(place, 0.0, float(step.reached), NAVY, label, words)] if step.reached else []
        if step.base is not None and step.base > step.reached:
            bars.append(Bar(place, float(step.reached), float(step.base), PALE, "", words))
    ticks = tuple((limit * share, f"{limit * share:,.0f}") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    places = tuple(f"{step.name}: {step.number}" for step in steps)
    return Panel("Themes", "rows", places, (), ticks=ticks, bars=tuple(bars), tight=True)


def _value(number: int | None) -> float | None:
    """Give the number that a sheet holds."""
    return None if number is None else float(number)


def _share_cell(step: Step) -> Cell:
    """Write the share of the step before."""
    if not step.share:
        return Cell(step.mark or NOT_APPLICABLE)
    return Cell(step.share, float(step.share.rstrip("%")), decimals=len(step.share.partition(".")[2].rstrip("%")))
