"""The survey that a sample size may start from: read, weighted, and never quoted."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import lpact_eval as lp
from lpact_eval.cli.shared import named_in_files, working
from lpact_eval.errors import DisclosureError, WrongUseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lpact_eval.planning.next_wave import FirstWave
    from lpact_eval.sample import Sample

SURVEY = frozenset({"wave", "item", "by", "group", "plan"})  # options that say which survey is read
ANSWERED = frozenset({"category", "scale", "yes_no"})  # kinds whose answers the codebook lists


@dataclass(frozen=True, slots=True)
class Survey:
    """The survey that a question may start from, read only where it is needed.

    Attributes
    ----------
    read : callable
        Returns what the group brought to the survey.
    options : tuple of str
        Options on the command line that say which survey and group.
    """

    read: Callable[[], FirstWave]
    options: tuple[str, ...]

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
