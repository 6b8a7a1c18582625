"""The survey that a sample size may start from: read, weighted, and never quoted."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import lpact_eval as lp
from lpact_eval.cli.shared import named_in_files, working
from lpact_eval.errors import DisclosureError, WrongUseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.first_waves import FirstWaves
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.planning.next_wave import FirstWave
    from lpact_eval.planning.simulation_design import SimulationDesign
    from lpact_eval.sample import Sample

SURVEY = frozenset({"wave", "item", "by", "group", "plan"})  # options that say which survey is read
ANSWERED = frozenset({"category", "scale", "yes_no"})  # kinds whose answers the codebook lists


@dataclass(frozen=True, slots=True)
class Asked:
    """Which survey, question and group the command line names."""

    plan: Path
    wave: str
    item: str
    by: str
    group: str


@dataclass(frozen=True, slots=True)
class Survey:
    """The survey that a question may start from, read only where it is needed.

    Attributes
    ----------
    find : callable
        Returns which survey, question and group are asked about.
    options : tuple of str
        Options on the command line that say so.
    """

    find: Callable[[], Asked]
    options: tuple[str, ...]

    def read(self) -> FirstWave:
        """Read what the group brought to the survey."""
        asked = self.find()
        return read_survey(asked.plan, asked.wave, asked.item, (asked.by, asked.group))

    def left_aside(self, instead: str) -> None:
        """Refuse options that say which survey to read where none is read."""
        if self.options:
            msg = (
                f"{', '.join(self.options)} would not be used: with {instead} no survey is read. Leave one of them out."
            )
            raise WrongUseError(msg)


def read_survey(plan: Path, wave: str, item: str, where: tuple[str, str]) -> FirstWave:
    """Read what a group brought to a survey, weighted within the groups; a very small group is not looked at."""
    from lpact_eval.disclosure.rules import find_rules
    from lpact_eval.planning.next_wave import first_wave

    rules, (by, group) = find_rules("uk"), where
    with working("Reading and weighting"):
        sample = _weighted(plan, wave)
        _require_question(sample, item)
        _require_groups(sample, by)
        positive = sample.codebook[item].positive
        first = first_wave(sample, item, positive, by=by, group=group, shown_from=rules.withhold_below)
    if first.n < rules.suppress_below:
        msg = f"Fewer than {rules.suppress_below} respondents of the group {group} answered; give numbers instead."
        raise DisclosureError(msg)
    return first


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Everything that a note on sample size needs of a survey.

    Attributes
    ----------
    firsts : FirstWaves
        What the groups brought, as far as it may be told.
    title, answers, wave : str
        The question, the answers that count, and the survey's name.
    persons : mapping of str to float
        Persons of each group in the plan's population; empty where it does not count them.
    margin : float or None
        The smallest change that matters, where the plan fixes it.
    synthetic : bool
    """

    firsts: FirstWaves
    title: str
    answers: str
    wave: str
    persons: Mapping[str, float]
    margin: float | None
    synthetic: bool


def read_groups(asked: Asked) -> Groups:
    """Read what all groups brought to a survey, weighted within the groups; small ones are not looked at."""
    from lpact_eval.disclosure.first_waves import first_waves

    with working("Reading and weighting"):
        sample = _questioned(asked)
        book = sample.codebook[asked.item]
        firsts = first_waves(sample, asked.item, book.positive, by=asked.by, group=asked.group)
        found = lp.read_plan(asked.plan)
        persons = _persons(found, asked.by)
    name = " and ".join(one.name for one in sample.waves)
    return Groups(firsts, book.title, " or ".join(book.positive), name, persons, found.margin, sample.synthetic)


def simulation(
    asked: Asked,
    sizes: Sequence[int],
    changes: Sequence[float],
    *,
    sites: int | None,
    icc: float | None,
    response: float,
) -> SimulationDesign:
    """Take the survey as the first of many made-up pairs; the next one is weighted as the plan weights groups."""
    from lpact_eval.disclosure.rules import UK
    from lpact_eval.evaluation.weighting import plan_margins
    from lpact_eval.planning.simulation_design import SimulationDesign

    found = lp.read_plan(asked.plan)
    within = found.weights.within if found.within_file else ""
    if within and within != asked.by:
        msg = f"Cannot simulate groups by {asked.by!r}: the plan weights within {within!r}. Simulate groups of that."
        raise WrongUseError(msg)
    with working("Reading and weighting"):
        sample = _questioned(asked)
        if _answered(sample, asked) < UK.withhold_below:
            msg = (
                f"Fewer than {UK.withhold_below} respondents of the group {asked.group} answered, so that their share "
                "may not be told; use lpact-eval size clusters or gap, with numbers."
            )
            raise DisclosureError(msg)
        return SimulationDesign.from_wave(
            sample,
            asked.item,
            sample.codebook[asked.item].positive,
            n_second=list(sizes),
            by=asked.by,
            group=asked.group,
            changes=changes,
            margins=plan_margins(found, found.within_file) if found.within_file else None,
            within=within or None,
            collapse=found.weights.collapse,
            response=response,
            sites=sites,
            icc=icc,
        )


def _answered(sample: Sample, asked: Asked) -> int:
    """Count the group's answers; a group that the codebook lacks is refused without a list of what people wrote."""
    known = sample.codebook[asked.by].answers
    if asked.group not in known:
        msg = f"Cannot plan for {asked.group!r}: {asked.by!r} has no such group; groups: {list(known)}."
        raise WrongUseError(msg)
    group = sample.answers[asked.by].astype("object") == asked.group
    return int((group & sample.answers[asked.item].notna()).sum())


def _questioned(asked: Asked) -> Sample:
    """Read and weight a survey whose question and groups can be planned for."""
    sample = _weighted(asked.plan, asked.wave)
    _require_question(sample, asked.item)
    _require_groups(sample, asked.by)
    return sample


def _persons(plan: EvaluationPlan, by: str) -> dict[str, float]:
    """Count the persons of each group in the plan's population."""
    if plan.population_file is None:
        return {}
    for margin in lp.read_population(plan.population_file):
        if margin.variable == by:
            return {str(name): float(persons) for name, persons in margin.counts.items()}
    return {}


def _weighted(plan: Path, wave: str) -> Sample:
    """Read a survey, the plan's first if none is named, and weight it within the groups."""
    from lpact_eval.evaluation.check import within_groups
    from lpact_eval.waves.definition import read_definition

    with named_in_files():
        found = lp.read_plan(plan)
    if wave:
        read_definition(wave, found.surveys)  # the only name here that stands in the command
    name = wave or found.waves[0]
    with named_in_files():
        return within_groups(found, lp.read_wave(name, surveys=found.surveys, answers=found.files.get(name)))


def _require_question(sample: Sample, item: str) -> None:
    """Refuse what has no favourable answers before anything is estimated: its messages might quote respondents."""
    book = sample.codebook
    fit = sorted(name for name, variable in book.items() if variable.positive and variable.kind in ANSWERED)
    if item not in book:
        msg = f"{_named(sample)} has no question {item!r}; it has {fit}."
        raise WrongUseError(msg)
    if item not in fit:
        kind = book[item].kind
        msg = f"Cannot plan a change of {item!r}: its kind is {kind}, without favourable answers; use one of {fit}."
        raise WrongUseError(msg)


def _require_groups(sample: Sample, by: str) -> None:
    """Refuse groups that the codebook doesn't list, such as what respondents wrote themselves."""
    book = sample.codebook
    fit = sorted(name for name, variable in book.items() if variable.kind in ANSWERED)
    if by not in book:
        msg = f"{_named(sample)} has no variable {by!r}; groups can be made by {fit}."
        raise WrongUseError(msg)
    if by not in fit:
        msg = f"Cannot make groups by {by!r}: its kind is {book[by].kind}; use one of {fit}."
        raise WrongUseError(msg)


def _named(sample: Sample) -> str:
    """Name the survey."""
    return f"The survey {' and '.join(wave.name for wave in sample.waves)}"
