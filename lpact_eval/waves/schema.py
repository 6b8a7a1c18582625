"""The harmonised schema: what every variable means, read from surveys/harmonised.toml."""

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError
from lpact_eval.sample import Kind
from lpact_eval.waves.located import Located, nearest, read_toml, validated

YES_NO = ("yes", "no")
_KEPT = 8  # schemas; every wave and every table of records is read against one


@dataclass(frozen=True, slots=True)
class Scale:
    """Answers that several variables share, most positive first."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    answers: tuple[str, ...]
    positive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """One harmonised variable as the schema defines it.

    Attributes
    ----------
    title, wording, kind, outcome, after_attendance
        As in `Variable`.
    scale : str
        Name of a shared scale; or `answers` and `positive` of its own.
    paradata : bool
        Recorded about the interview, not answered: never makes an otherwise empty row count as answered.
    source : str
        Written `from`: the variable that this one is derived of, through `groups` (answer: source answers)
        or `bands` (answer: lowest and highest number).
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    title: str = ""
    wording: str = ""
    kind: Kind = "category"
    scale: str = ""
    answers: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    outcome: int | None = None
    after_attendance: bool = False
    paradata: bool = False
    source: Annotated[str, Field(alias="from")] = ""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    bands: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])


@dataclass(frozen=True)
class Schema:
    """All harmonised variables.

    Attributes
    ----------
    scales : mapping of str to Scale
    variables : mapping of str to Meaning
        In the order of the file.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    variables: Mapping[str, Meaning]
    scales: Mapping[str, Scale] = field(default_factory=dict[str, Scale])

    def answers(self, name: str) -> tuple[str, ...]:
        """List a variable's answers in schema order; none for numbers and text."""
        meaning = self.variables[name]
        if meaning.scale:
            return self.scales[meaning.scale].answers
        if meaning.answers or meaning.kind in {"number", "text"}:
            return meaning.answers
        return YES_NO if meaning.kind == "yes_no" else tuple(meaning.groups or meaning.bands)

    def positive(self, name: str) -> tuple[str, ...]:
        """List the answers that count as favourable."""
        meaning = self.variables[name]
        if meaning.positive or not meaning.scale:
            return meaning.positive
        return self.scales[meaning.scale].positive

    def derivation_order(self) -> list[str]:
        """Order the derived variables so that each one's source comes before it."""
        done = [name for name, meaning in self.variables.items() if not meaning.source]
        rest = [name for name, meaning in self.variables.items() if meaning.source]
        ordered: list[str] = []
        while ready := [name for name in rest if self.variables[name].source in {*done, *ordered}]:
            ordered += ready
            rest = [name for name in rest if name not in ready]
        return ordered


def read_schema(path: Path) -> Schema:
    """Read the harmonised schema and check that it is consistent.

    Raises
    ------
    DefinitionError
        With file, line and key of whatever is wrong.
    """
    return _checked(read_toml(path))


@functools.lru_cache(_KEPT)
def _checked(located: Located) -> Schema:
    """Check a schema, the same file once."""
    schema = validated(Schema, located)
    problems = [problem for name in schema.variables for problem in _problems(schema, name, located)]
    if problems:
        raise DefinitionError("\n".join(problems))
    ordered = set(schema.derivation_order())
    for name, meaning in schema.variables.items():
        if meaning.source and name not in ordered:
            msg = f"{located.at('variables', name, 'from')}: {name!r} is derived of itself, through {meaning.source!r}."
            raise DefinitionError(msg)
    return schema


def _problems(schema: Schema, name: str, located: Located) -> list[str]:
    """Find what is inconsistent about one variable."""
    meaning = schema.variables[name]

    def at(*key: str) -> str:
        return located.at("variables", name, *key)

    if meaning.scale and meaning.scale not in schema.scales:
        return [
            f"{at('scale')}: {name!r} has the unknown scale {meaning.scale!r}; {nearest(meaning.scale, schema.scales)}"
        ]
    if meaning.source and meaning.source not in schema.variables:
        known = nearest(meaning.source, schema.variables)
        return [f"{at('from')}: {name!r} is derived of the unknown variable {meaning.source!r}; {known}"]
    if bool(meaning.source) != bool(meaning.groups or meaning.bands):
        return [f"{at()}: {name!r} needs both `from` and a table of groups or bands, or neither."]
    answers = schema.answers(name)
    problems = [
        f"{at()}: {answer!r} is not an answer of {name!r}; {nearest(answer, answers)}"
        for answer in (*schema.positive(name), *meaning.groups, *meaning.bands)
        if answer not in answers
    ]
    if not answers and meaning.kind not in {"number", "text"}:
        problems.append(f"{at()}: {name!r} has no answers; give a scale or answers = [...].")
    if len(set(answers)) != len(answers):
        problems.append(f"{at('answers')}: {name!r} lists an answer twice.")
    return problems + [f"{at('groups')}: {text}" for text in _group_problems(schema, name)]


def _group_problems(schema: Schema, name: str) -> list[str]:
    """Find source answers that no group or several groups take, and bands that overlap."""
    meaning = schema.variables[name]
    if not meaning.source:
        return []
    source = schema.answers(meaning.source)
    if meaning.bands:
        edges = sorted(meaning.bands.values())
        wrong = any(low > high for low, high in edges) or any(
            high >= low for (_, high), (low, _) in itertools.pairwise(edges)
        )
        kind = schema.variables[meaning.source].kind
        problems = [f"the bands of {name!r} overlap; each is [lowest, highest], both included."] if wrong else []
        return problems + ([f"{meaning.source!r} is not a number, so it has no bands."] if kind != "number" else [])
    listed = [answer for group in meaning.groups.values() for answer in group]
    unknown = [answer for answer in listed if answer not in source]
    repeated = sorted({answer for answer in listed if listed.count(answer) > 1})
    left_out = [answer for answer in source if answer not in listed]
    return [
        *(f"{answer!r} is not an answer of {meaning.source!r}; {nearest(answer, source)}" for answer in unknown),
        *(f"{answer!r} stands in two groups of {name!r}." for answer in repeated),
        *(f"{answer!r} of {meaning.source!r} is in no group of {name!r}; add it to one." for answer in left_out),
    ]
