"""Explain one published number: the whole path from the question to the figure, under the rules of the release.

The number is looked up in what `publish` cleared, and every count beside it is either in the release or goes through
the same rules: where the number is suppressed, no count of its group is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from lpact_eval.disclosure.explained_parts import (
    counts_of,
    estimation_of,
    files_of,
    number_of,
    question_of,
    registration_section,
    weights_of,
)
from lpact_eval.disclosure.published import publish
from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.plan import EvaluationPlan, read_plan
from lpact_eval.evaluation.rows import ALL
from lpact_eval.evaluation.run import run_plan
from lpact_eval.frames import records_of
from lpact_eval.waves.located import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lpact_eval.disclosure.explained_parts import Section
    from lpact_eval.disclosure.published import Published

Measure = Literal["level", "change", "gap"]
MEASURES: Final = get_args(Measure)
_EVERYBODY: Final = ("all", "everybody", "everyone", ALL.casefold())


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one number came about.

    Attributes
    ----------
    item, title, group, wave, measure : str
        The indicator's id and title, and where the number stands.
    suppressed : bool
        Whether the number is kept back to protect confidentiality.
    synthetic : bool
    sections : tuple of Section
        In the order of the path, each of labelled facts.
    """

    item: str
    title: str
    group: str
    wave: str
    measure: str
    suppressed: bool
    synthetic: bool
    sections: tuple[Section, ...]

    def lines(self) -> list[str]:
        """Write it for a reader, a fact a line; sections begin without an indent."""
        written = [f"{self.title}: {self.measure}, {self.group}, {self.wave}"]
        if self.synthetic:
            written.append("Synthetic respondents: nothing here is about real people.")
        for section in self.sections:
            written += ["", section.title, *(f"  {fact.label}: {fact.shown}" for fact in section.facts)]
        return written

    def to_dict(self) -> dict[str, object]:
        """Lay it out for a script: sections and labels as keys, null for what is not shown."""
        place = {name: str(getattr(self, name)) for name in ("item", "title", "group", "wave", "measure")}
        sections = {section.title: {fact.label: fact.value for fact in section.facts} for section in self.sections}
        return {**place, "suppressed": self.suppressed, "synthetic": self.synthetic, "sections": sections}


def explain(
    plan: EvaluationPlan | str | Path, item: str, group: str, wave: str, *, measure: Measure = "level"
) -> Explanation:
    """Follow one number of a plan's release back to the question and the delivered codes.

    Parameters
    ----------
    plan : EvaluationPlan or path
        With a path the plan's registration is told as well.
    item : str
        Id or variable of an indicator.
    group : str
        A group of the indicator, or "all".
    wave : str
        For a change either of its two waves.
    measure : {"level", "change", "gap"}, default "level"

    Returns
    -------
    Explanation

    Raises
    ------
    WrongUseError
        If the release has no such number, with the nearest right name.
    LpactError
        If a wave can't be read or weighted.
    """
    chosen = plan if isinstance(plan, EvaluationPlan) else read_plan(plan)
    _require_measure(measure)
    ids = _require_item(chosen, item, wave)
    published = publish(run_plan(chosen))
    row = _row(published, ids, (item, group, wave), measure)
    suppressed = row["tier"] == "suppressed"
    sections = [
        number_of(row, published),
        *question_of(row, chosen),
        *counts_of(row, chosen, published),
        *weights_of(row, chosen, published),
        estimation_of(row, chosen),
        files_of(row, published),
        *registration_section(chosen, None if isinstance(plan, EvaluationPlan) else Path(plan)),
    ]
    indicator, title, in_group, over = (str(row[name]) for name in ("indicator", "title", "group", "wave"))
    return Explanation(indicator, title, in_group, over, measure, suppressed, published.synthetic, tuple(sections))


def _require_measure(measure: str) -> None:
    """Refuse what is not explained."""
    if measure not in MEASURES:
        msg = f"Cannot explain a {measure!r}; {nearest(measure, MEASURES)} There are {', '.join(MEASURES)}."
        raise WrongUseError(msg)


def _require_item(plan: EvaluationPlan, item: str, wave: str) -> list[str]:
    """Find the indicators that are meant, before anything is worked out."""
    ids = [one.id for one in plan.indicators if item in {one.id, one.variable}]
    if not ids:
        of_records = plan.records is not None and item in plan.records.order
        known = dict.fromkeys(name for one in plan.indicators for name in (one.id, one.variable))
        what = "comes from the records of events, not from a survey" if of_records else "is no item of the plan"
        msg = f"Cannot explain {item!r}: it {what}; {nearest(item, known)} Items are {_listed(known)}."
        raise WrongUseError(msg)
    parts = [part.strip() for part in wave.split(" - ")]
    for part in parts:
        if part not in plan.waves:
            msg = f"The plan has no wave {part!r}; {nearest(part, plan.waves)} Waves are {_listed(plan.waves)}."
            raise WrongUseError(msg)
    return ids


def _row(published: Published, ids: Sequence[str], asked: tuple[str, str, str], measure: Measure) -> dict[str, object]:
    """Look the number up among those reported first."""
    item, group, wave = asked
    rows = [row for row in records_of(published.rows) if row["indicator"] in ids and row["main"]]
    measured = [row for row in rows if row["measure"] == measure]
    if not measured:
        there = dict.fromkeys(str(row["measure"]) for row in rows if row["measure"] in MEASURES)
        msg = f"The plan asks for no {measure} of {item!r}; there are {_listed(there)}. Choose with --measure."
        raise WrongUseError(msg)
    wanted = ALL.casefold() if group.casefold() in _EVERYBODY else group.casefold()
    in_group = [row for row in measured if str(row["group"]).casefold() == wanted]
    if not in_group:
        groups = dict.fromkeys(str(row["group"]) for row in measured)
        msg = f"There is no group {group!r} of {item!r}; {nearest(group, groups)} Groups are {_listed(groups)}."
        raise WrongUseError(msg)
    for row in in_group:
        if wave == row["wave"] or (wave in str(row["wave"]).split(" - ")):
            return row
    waves = dict.fromkeys(str(row["wave"]) for row in in_group)
    msg = f"There is no {measure} of {item!r} in {wave!r}; there is one for {_listed(waves)}."
    raise WrongUseError(msg)


def _listed(names: Iterable[object]) -> str:
    """List names."""
    return ", ".join(map(repr, cast("Iterable[str]", names)))
