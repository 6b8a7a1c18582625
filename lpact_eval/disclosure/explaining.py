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
from lpact_eval.disclosure.record_explaining import EVERYBODY, EVERYTHING, indicator_of, record_sections
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
    from lpact_eval.evaluation.promises import Indicator

Measure = Literal["level", "change", "gap"]
MEASURES: Final = get_args(Measure)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one number came about.

    Attributes
    ----------
    item, title, group, wave, measure : str
        The indicator's id and title, and where the number stands; an indicator of the records of events has no wave.
    suppressed : bool
        Whether the number, or one of them, is kept back to protect confidentiality.
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
        written = [f"{self.title}: {', '.join(filter(None, (self.measure, self.group, self.wave)))}"]
        if self.synthetic:
            written.append(f"Synthetic {'respondents' if self.wave else 'records'}: nothing here is about real people.")
        for section in self.sections:
            written += ["", section.title, *(f"  {fact.label}: {fact.shown}" for fact in section.facts)]
        return written

    def to_dict(self) -> dict[str, object]:
        """Lay it out for a script: sections and labels as keys, null for what is not shown."""
        place = {name: str(getattr(self, name)) for name in ("item", "title", "group", "wave", "measure")}
        sections = {section.title: {fact.label: fact.value for fact in section.facts} for section in self.sections}
        return {**place, "suppressed": self.suppressed, "synthetic": self.synthetic, "sections": sections}


def explain(
    plan: EvaluationPlan | str | Path, item: str, group: str = "all", wave: str = "", *, measure: str = ""
) -> Explanation:
    """Follow one number of a plan's release back to the question and the delivered codes, or to the records of events.

    Parameters
    ----------
    plan : EvaluationPlan or path
        With a path the plan's registration is told as well.
    item : str
        Id or variable of an indicator.
    group : str, default "all"
        A group of the indicator, or "all"; of the records also two of them, as in "Somali, respect".
    wave : str
        For a change either of its two waves; empty for an indicator of the records of events.
    measure : str
        "level" (the default), "change" or "gap"; for the records the name of a number, by default all of them.

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
    path = None if isinstance(plan, EvaluationPlan) else Path(plan)
    of_records = indicator_of(chosen, item)
    if of_records is not None:
        return _of_records(chosen, path, of_records, (group, wave, measure))
    measure = _required_measure(measure or "level")
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
        *registration_section(chosen, path),
    ]
    indicator, title, in_group, over = (str(row[name]) for name in ("indicator", "title", "group", "wave"))
    return Explanation(indicator, title, in_group, over, measure, suppressed, published.synthetic, tuple(sections))


def _of_records(
    plan: EvaluationPlan, path: Path | None, indicator: Indicator, asked: tuple[str, str, str]
) -> Explanation:
    """Follow the numbers of an indicator of the records of events."""
    group, wave, measure = asked
    if wave:
        msg = (
            f"{indicator.id!r} comes from the records of events, which have no surveys: leave {wave!r} out, and name a "
            "group only, or two as in 'Somali, respect'."
        )
        raise WrongUseError(msg)
    published = publish(run_plan(plan))
    sections = (
        *record_sections(plan, published, indicator, (group, measure)),
        *registration_section(plan, path),
    )
    hidden = any(fact.value == "[c]" for section in sections for fact in section.facts if fact.label == "Mark")
    synthetic = published.records is not None and published.records.synthetic
    told = group if group.casefold() not in EVERYBODY else EVERYTHING
    return Explanation(
        indicator.id, indicator.title, told, "", measure or indicator.measure, hidden, synthetic, sections
    )


def _required_measure(measure: str) -> Measure:
    """Refuse what is not explained."""
    for known in MEASURES:
        if measure == known:
            return known
    msg = f"Cannot explain a {measure!r}; {nearest(measure, MEASURES)} There are {', '.join(MEASURES)}."
    raise WrongUseError(msg)


def _require_item(plan: EvaluationPlan, item: str, wave: str) -> list[str]:
    """Find the indicators that are meant, before anything is worked out."""
    ids = [one.id for one in plan.indicators if item in {one.id, one.variable}]
    if not ids:
        known = dict.fromkeys(name for one in plan.indicators for name in (one.id, one.variable))
        kept = [one.id for one in plan.records.indicators] if plan.records is not None else []
        more = f" Of the records of events: {_listed(kept)}." if kept else ""
        msg = (
            f"Cannot explain {item!r}: it is no item of the plan; {nearest(item, [*known, *kept])} Items are "
            f"{_listed(known)}.{more}"
        )
        raise WrongUseError(msg)
    if not wave:
        msg = f"{item!r} comes from surveys: name one of them after the group. They are {_listed(plan.waves)}."
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
    wanted = ALL.casefold() if group.casefold() in EVERYBODY else group.casefold()
    in_group = [row for row in measured if str(row["group"]).casefold() == wanted]
    if not in_group:
        groups = dict.fromkeys(str(row["group"]) for row in measured)
        close = nearest(group, groups)
        rest = "" if close.startswith("allowed") else f" Groups are {_listed(groups)}."
        msg = f"There is no group {group!r} of {item!r}; {close}{rest}"
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
