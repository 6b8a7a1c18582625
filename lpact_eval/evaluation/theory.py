"""What a plan promises beside its numbers: the theory of change, decisions in numbers, sizes, and who decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.waves.located import Key, Located
    from lpact_eval.waves.schema import Schema

Direction = Literal["up", "down", "either"]
PlannedSizes = dict[str, dict[str, Annotated[int, Field(gt=0)]]]  # wave, group, respondents

EVERYBODY: Final = "All respondents"
OUTCOMES: Final = ("1", "2", "3", "4", "5")
LEVEL: Final = "level"
_FORBID: Final = ConfigDict(extra="forbid")
_SHARE: Final = 1.0
_LARGEST_ALPHA: Final = 0.05  # intervals are of 95 %: a decision must not be easier than its interval
_UP_OR_DOWN: Final = {"up": "at least", "down": "at most"}
_WAY: Final = {"up": "upwards", "down": "downwards", "either": "in either direction"}

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class TheoryPlan:
    """The theory of change: how the programme is thought to work, and what it rests on.

    Attributes
    ----------
    inputs, activities, outputs : tuple of str
    outcomes : mapping of str to str
        The five intended outcomes by their number, "1" to "5"; every indicator belongs to one.
    assumptions, risks : tuple of str
        What must hold for the chain to work, and what could break it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    inputs: tuple[Text, ...]
    activities: tuple[Text, ...]
    outputs: tuple[Text, ...]
    outcomes: dict[str, Text]
    assumptions: tuple[Text, ...]
    risks: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class DecisionPlan:
    """A decision rule in numbers.

    Attributes
    ----------
    measure : str
        "change" or "gap", of which `smallest` is the smallest that matters; "level", of which it is the level to
        reach in the last survey; or for the records of events the measure as its rows name it.
    direction : {"up", "down", "either"}
    smallest : float
        A share of 0-1 for surveys, so that 0.05 is five points; for records in the unit of the measure.
    alpha : float
        For the p value after allowing for the other comparisons of its family; at most 0.05, as intervals are of 95 %.
    groups : tuple of str
        Which groups are decided on; by default those of the indicator, else everybody.
    unit : str
        Of records, whose measures may have a count and a share: "count", "share", "mean", "days", "pounds" ...
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    measure: Text
    smallest: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    direction: Direction = "up"
    alpha: Annotated[float, Field(gt=0, le=_LARGEST_ALPHA)] = _LARGEST_ALPHA
    groups: tuple[str, ...] = ()
    unit: str = ""

    @property
    def words(self) -> str:
        """Say when the rule is met, in words made from its numbers.

        >>> DecisionPlan("change", 0.05).words
        'Met if the change is upwards, at least 5 points, and its adjusted p value is below 0.05.'
        """
        if self.measure in {"change", "gap"}:
            what = "change" if self.measure == "change" else "difference between attendees and others"
            size = f"{_number(100 * self.smallest)} points"
            tested = f"its adjusted p value is below {_number(self.alpha)}"
            return f"Met if the {what} is {_WAY[self.direction]}, at least {size}, and {tested}."
        if self.measure == LEVEL:
            reach = f"{_UP_OR_DOWN[self.direction]} {_number(100 * self.smallest)} %"
            return f"Met if the whole interval of the share in the last survey is {reach}."
        reach = f"{_UP_OR_DOWN[self.direction]} {_number(self.smallest)}"
        what = f"{self.measure} ({self.unit})" if self.unit else self.measure
        return f"Met if {what} is {reach}, its whole interval included."


def check_promises(
    located: Located,
    indicators: Sequence[Indicator],
    schema: Schema,
    *,
    waves: Sequence[str],
    theory: TheoryPlan | None = None,
) -> None:
    """Refuse a theory without its five outcomes, ids given twice, and decisions and sizes that name what isn't there.

    Parameters
    ----------
    located : Located
        The plan file.
    indicators : sequence of Indicator
        All of the plan, in its order.
    schema : Schema
    waves : sequence of str
        Of the plan.
    theory : TheoryPlan, optional

    Raises
    ------
    DefinitionError
        File, line and the nearest right name.
    """
    _check_theory(located, theory, indicators)
    _check_ids(located, indicators)
    for position, indicator in enumerate(indicators):
        for key, problem in (*_decision_problems(indicator, schema), *_size_problems(indicator, waves, schema)):
            msg = f"{located.at('indicator', position, *key)}: indicator {indicator.id!r}: {problem}"
            raise DefinitionError(msg)


def unanswered(theory: TheoryPlan | None, indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """List the numbers of intended outcomes that no indicator belongs to.

    Parameters
    ----------
    theory : TheoryPlan or None
    indicators : sequence of Indicator

    Returns
    -------
    tuple of str
        Of all five, also where the plan has no theory of change.
    """
    answered = {str(indicator.outcome) for indicator in indicators}
    return tuple(number for number in (theory.outcomes if theory else OUTCOMES) if number not in answered)


def _check_theory(located: Located, theory: TheoryPlan | None, indicators: Sequence[Indicator]) -> None:
    """Refuse a theory of change that does not number its five outcomes, and indicators of no such outcome."""
    if theory is None:
        return
    wrong = [number for number in theory.outcomes if number not in OUTCOMES]
    missing = [number for number in OUTCOMES if number not in theory.outcomes]
    if wrong or missing:
        at = located.at("theory", "outcomes", *wrong[:1])
        found = f"outcome {wrong[0]!r} is none of them" if wrong else f"outcome {missing[0]} is missing"
        msg = f'{at}: the theory of change has five outcomes, numbered 1 to 5; {found}. Write 1 = "..." to 5 = "...".'
        raise DefinitionError(msg)
    for position, indicator in enumerate(indicators):
        if str(indicator.outcome) not in theory.outcomes:
            at = located.at("indicator", position, "outcome")
            msg = f"{at}: indicator {indicator.id!r} is of outcome {indicator.outcome}; outcomes are numbered 1 to 5."
            raise DefinitionError(msg)


def _check_ids(located: Located, indicators: Sequence[Indicator]) -> None:
    """Refuse two indicators of one id: what came of the one would be told of the other."""
    seen: set[str] = set()
    for position, indicator in enumerate(indicators):
        if indicator.id in seen:
            msg = f"{located.at('indicator', position, 'id')}: the id {indicator.id!r} is given twice. Change one."
            raise DefinitionError(msg)
        seen.add(indicator.id)


def _decision_problems(indicator: Indicator, schema: Schema) -> Iterator[tuple[Key, str]]:
    """Name what is wrong about a decision, with the key that is."""
    rule = indicator.decision
    if rule is None:
        return
    if indicator.source == "survey":
        yield from ((("decision", key), problem) for key, problem in _share_problems(indicator, rule, schema))
    if rule.direction == "either" and rule.measure not in {"change", "gap"}:
        yield ("decision", "direction"), 'a level can\'t be reached "either" way; say "up" or "down".'


def _share_problems(indicator: Indicator, rule: DecisionPlan, schema: Schema) -> Iterator[tuple[str, str]]:
    """Name what is wrong about a decision on shares of a survey, with the key that is."""
    promised = dict.fromkeys((*indicator.analyses, LEVEL))
    if rule.measure not in promised:
        yield "measure", f"decides on {rule.measure!r}; {nearest(rule.measure, promised)}"
    if rule.unit:
        yield "unit", "shares of surveys have no other unit. Remove the key."
    if rule.smallest >= _SHARE:
        yield "smallest", f"smallest is {_number(rule.smallest)}; shares lie in 0-1, so that 0.05 is five points."
    for group in rule.groups:
        if problem := _group_problem(group, indicator, schema):
            yield "groups", problem


def _size_problems(indicator: Indicator, waves: Sequence[str], schema: Schema) -> Iterator[tuple[Key, str]]:
    """Name what is wrong about planned sizes, with the key that is."""
    if indicator.planned_n and indicator.source != "survey":
        yield ("planned_n",), "the records of events have no planned numbers of respondents. Remove planned_n."
        return
    for wave, sizes in indicator.planned_n.items():
        if wave not in waves:
            yield ("planned_n", wave), f"there is no wave {wave!r} in this plan; {nearest(wave, waves)}"
        for group in sizes:
            if problem := _group_problem(group, indicator, schema):
                yield ("planned_n", wave, group), problem


def _group_problem(group: str, indicator: Indicator, schema: Schema) -> str:
    """Say why a group is none of the indicator's."""
    known = (EVERYBODY, *(schema.answers(indicator.by) if indicator.by else ()))
    return "" if group in known else f"there is no group {group!r}; {nearest(group, known)}"


def _number(value: float) -> str:
    """Write a number without needless digits."""
    return f"{value:.10g}"
