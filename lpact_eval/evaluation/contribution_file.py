"""The file of a contribution analysis: claims, what is looked at, other explanations, and the lead's answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal, get_args

from pydantic import ConfigDict

from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.record_promises import CONTRIBUTION
from lpact_eval.resources import plan_file
from lpact_eval.waves.located import Located, read_toml, validated

Side = Literal["for", "against"]
Level = Literal["none", "weak", "some", "strong"]
Table = Literal[
    "summary",
    "retention",
    "reach",
    "coverage",
    "saturation",
    "actions",
    "waiting",
    "observations",
    "understanding_change",
    "costs",
]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
OUTCOMES: Final = (1, 2, 3, 4, 5)
_strict = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Rubric:
    """What each strength means, in words; the rules that decide stand in `contribution_strength`."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    none: str
    weak: str
    some: str
    strong: str


@dataclass(frozen=True, slots=True)
class SurveyLook:
    """An indicator of the plan to look at; an empty group is everybody."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    indicator: str
    analysis: Literal["change", "gap"]
    group: str = ""


@dataclass(frozen=True, slots=True)
class RecordLook:
    """A number of the records to look at, with the line that decides.

    Attributes
    ----------
    table : str
        Method of `Evidence` that gives it.
    measure, unit : str
        As the tidy rows name them.
    at_least, at_most : float or None
        One of them: the line.
    holds, fails : str
        What is said on either side of it, without numbers: those are in the tables.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    table: Table
    measure: str
    unit: str
    holds: str
    fails: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that only the lead can answer."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    side: Side
    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another explanation, and whether it is ruled out.

    Attributes
    ----------
    explanation : str
    if_flagged : tuple of str
        Beginnings of flags of the outcome's survey rows that speak for it.
    check : str
        "baseline" where the dates of the first survey and the first event settle it.
    answer, ruled_out : str
        The lead's: why, and "yes", "partly" or "no".
    """

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    explanation: str
    if_flagged: tuple[str, ...] = ()
    check: Literal["", "baseline"] = ""
    answer: str = ""
    ruled_out: Literal["", "yes", "partly", "no"] = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One intended outcome."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict

    number: int
    title: str
    claim: str = ""
    survey: tuple[SurveyLook, ...] = ()
    records: tuple[RecordLook, ...] = ()
    asked: tuple[Asked, ...] = ()
    alternative: tuple[Alternative, ...] = ()
    judgement: Literal["", "none", "weak", "some", "strong"] = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = _strict

    rubric: Rubric
    outcome: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ContributionFile:
    """A file that hangs together.

    Attributes
    ----------
    rubric : Rubric
    claims : tuple of Claim
        One for each outcome, in order.
    located : Located
        Where what stands, for messages.
    places : mapping of int to int
        At which place of the file each outcome stands.
    """

    rubric: Rubric
    claims: tuple[Claim, ...]
    located: Located
    places: Mapping[int, int]


def contribution_file() -> Path:
    """Find the shipped file, beside the shipped plan."""
    return plan_file().with_name(CONTRIBUTION)


def read_contribution(path: str | Path | None = None) -> ContributionFile:
    """Read a contribution analysis and check that it hangs together.

    Parameters
    ----------
    path : path, optional
        By default the shipped file.

    Returns
    -------
    ContributionFile

    Raises
    ------
    DefinitionError
        With file and line: if an outcome is missing, twice or unknown, a record has no line or two, a text that must be
        there is empty, or another explanation is ruled out without saying why.
    """
    located = read_toml(contribution_file() if path is None else Path(path))
    found = validated(_File, located)
    problems = [*_outcome_problems(located, found.outcome)]
    for place, claim in enumerate(found.outcome):
        problems += [*_record_problems(located, place, claim), *_lead_problems(located, place, claim)]
    if problems:
        raise DefinitionError("\n".join(problems))
    places = {claim.number: place for place, claim in enumerate(found.outcome)}
    return ContributionFile(found.rubric, tuple(found.outcome[places[number]] for number in OUTCOMES), located, places)


def _outcome_problems(located: Located, claims: tuple[Claim, ...]) -> list[str]:
    """Find outcomes that are missing, twice or unknown."""
    numbers = [claim.number for claim in claims]
    wrong = [
        f"{located.at('outcome', place, 'number')}: outcome {number} is unknown or stands here twice; each of "
        f"{', '.join(map(str, OUTCOMES))} stands once."
        for place, number in enumerate(numbers)
        if number not in OUTCOMES or number in numbers[:place]
    ]
    missing = [str(number) for number in OUTCOMES if number not in numbers]
    if missing:
        wrong.append(f"{located.at('outcome')}: [[outcome]] is missing for {', '.join(missing)}; add it.")
    return wrong


def _record_problems(located: Located, place: int, claim: Claim) -> list[str]:
    """Find records without exactly one line, or without words for either side of it."""
    problems: list[str] = []
    for position, look in enumerate(claim.records):
        at = ("outcome", place, "records", position)
        if (look.at_least is None) == (look.at_most is None):
            problems.append(f"{located.at(*at)}: give at_least or at_most for {look.measure!r}, one of the two.")
        if not (look.holds.strip() and look.fails.strip()):
            problems.append(f"{located.at(*at)}: say for {look.measure!r} what holds and what fails.")
    return problems


def _lead_problems(located: Located, place: int, claim: Claim) -> list[str]:
    """Find explanations ruled out without a reason, and judgements without one."""
    problems = [
        f"{located.at('outcome', place, 'alternative', position)}: ruled_out is {one.ruled_out!r} without an answer; "
        "say why in answer."
        for position, one in enumerate(claim.alternative)
        if one.ruled_out and not one.answer.strip()
    ]
    if claim.judgement and not claim.why.strip():
        problems.append(f"{located.at('outcome', place, 'judgement')}: the judgement {claim.judgement!r} has no why.")
    return problems
