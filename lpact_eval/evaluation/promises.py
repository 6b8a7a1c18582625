"""What a plan file is made of: weights, attendance, the margin that matters, allowed words, promised numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.theory import DecisionPlan, PlannedSizes
from lpact_eval.waves.located import Located
from lpact_eval.weighting.unknown import Unknown

Analysis = Literal["change", "gap", "level"]
Role = Literal["primary", "exploratory"]
Source = Literal["survey", "events"]
GAP_METHODS: Final = ("regression", "overlap", "att", "entropy", "doubly_robust")


@dataclass(frozen=True, slots=True)
class WeightPlan:
    """How waves are weighted; empty names mean the weights delivered with the file.

    Respondents of whom a margin's variable is not known are kept, with the weight that the other margins give them,
    or left out of weighted results.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    within: str = ""
    within_population: str = ""
    collapse: int = 0
    unknown: Unknown = "keep"


@dataclass(frozen=True, slots=True)
class AttendancePlan:
    """How attendees are compared with others.

    Attributes
    ----------
    wave, attended : str
        The survey, and its yes/no variable of who attended.
    adjust : tuple of str
        Variables in which attendees and others are made comparable.
    methods : tuple of str
        Of `GAP_METHODS`; the first, "regression", is reported, the others stand beside the plan's first questions.
    dose : str
        Variable of the number of events; empty where the plan does not look at it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    wave: str
    attended: str
    adjust: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("regression", "overlap")
    dose: str = ""


@dataclass(frozen=True, slots=True)
class EquivalencePlan:
    """From what difference on a change matters: fixed here, before the data are read."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    margin: Annotated[float, Field(gt=0, lt=1)] = 0.10


@dataclass(frozen=True, slots=True)
class AllowedWord:
    """A word that reports avoid and this evaluation uses all the same, and why; the reports say so."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    word: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One promised number.

    Attributes
    ----------
    id, title : str
    outcome : int
        Intended outcome (1-5).
    variable : str
        Of a survey; empty where the records of events are the source.
    answers : tuple of str
        Answers that count together; empty: the schema's favourable ones.
    by : str
        Variable to break down by; empty for everybody only. Of records, one or two of their own groupings, as in
        "community, year".
    groups : tuple of str
        Groups of the primary family; empty: all.
    role : str
        "primary" or "exploratory".
    family : int
        Primary family, from 1: a family counts only once every comparison of those before it is clear.
    analyses : tuple of str
        "level", "change", "gap".
    rule : str
        Decision rule in words.
    source : str
        "survey", or "events" for the records of events.
    measure : str
        What is worked out from the records, in the words of `record_promises.MEASURES`.
    decision : DecisionPlan or None
        The decision rule in numbers; without it a rule in words is left to the reader.
    who_decides, publication : str
        Who takes the decision, and where it is published.
    planned_n : mapping of wave to mapping of group to int
        Respondents planned for.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: str
    outcome: int
    title: str
    variable: str = ""
    answers: tuple[str, ...] = ()
    by: str = ""
    groups: tuple[str, ...] = ()
    role: Role = "exploratory"
    family: Annotated[int, Field(ge=1)] = 1
    analyses: tuple[Analysis, ...] = ("change",)
    rule: str = ""
    source: Source = "survey"
    measure: str = ""
    decision: DecisionPlan | None = None
    who_decides: str = ""
    publication: str = ""
    planned_n: PlannedSizes = field(default_factory=PlannedSizes)


def check_families(located: Located, indicators: Sequence[Indicator]) -> None:
    """Refuse families of indicators that are no test, and families that follow none."""
    primary = {indicator.family for indicator in indicators if indicator.role == "primary"}
    for position, indicator in enumerate(indicators):
        if indicator.family == 1:
            continue
        at = located.at("indicator", position, "family")
        if indicator.role != "primary":
            msg = (
                f"{at}: indicator {indicator.id!r} is exploratory and names family {indicator.family}; families are of "
                'primary indicators. Remove the key, or say role = "primary".'
            )
            raise DefinitionError(msg)
        if indicator.family - 1 not in primary:
            msg = (
                f"{at}: indicator {indicator.id!r} is of family {indicator.family} and no primary indicator of family "
                f"{indicator.family - 1}; families are tested in series, from 1 without gaps."
            )
            raise DefinitionError(msg)
