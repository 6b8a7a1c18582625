"""How each harmonised variable was delivered in one wave: crosswalk.toml, read and checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import Located, nearest, validated
from lpact_eval.waves.perceived import perceived_problems
from lpact_eval.waves.schema import Schema

Missing = Literal["don't know", "prefer not to say", "not asked", "blank"]
_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class CodesOf:
    """A delivered column and those of its codes that are accepted."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    column: str
    accept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """How one harmonised variable was delivered in one wave.

    Attributes
    ----------
    column : str
        Delivered column: its name, or the exact question text.
    columns : mapping of str to str
        For a set with one delivered column an option: delivered column to harmonised answer.
    separator : str
        For a set in one column: what stands between the options.
    wording, comparable, reason : str
        Wording where it differs, and how far answers may be compared with other waves.
    answers : mapping of str to str
        Delivered code or text to harmonised answer.
    missing : mapping of str to str
        Delivered code or text to kind of missing; the key "" stands for an empty cell.
    range : tuple of two numbers or None
        Lowest and highest possible number.
    lookup : str
        File that maps free text to answers.
    asked_if : CodesOf or None
        Only respondents with these codes were asked: empty cells of others count as "not asked".
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    column: str = ""
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    separator: str = ""
    wording: str = ""
    comparable: Literal["full", "partial", "none"] = "full"
    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: Mapping[str, Missing] = field(default_factory=dict[str, Missing])
    range: tuple[float, float] | None = None
    lookup: str = ""
    asked_if: CodesOf | None = None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Harmonised variables that this wave did not ask, and why."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    variables: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Rest:
    """The one table of crosswalk.toml that is not a variable."""

    not_asked: NotAsked = field(default_factory=NotAsked)


def read_items(located: Located, schema: Schema) -> tuple[dict[str, Item], NotAsked]:
    """Check a crosswalk against the schema: every variable accounted for, every answer known.

    Raises
    ------
    DefinitionError
        Listing every problem with file, line and the nearest right word.
    """
    tables = {name: table for name, table in located.data.items() if name != "not_asked"}
    unknown = [name for name in tables if name not in schema.variables]
    if unknown:
        known = [*schema.variables, "not_asked"]
        raise DefinitionError(
            "\n".join(
                f"{located.at(name)}: {name!r} is not a variable of harmonised.toml; {nearest(name, known)}"
                for name in unknown
            )
        )
    items = validated(dict[str, Item], Located(located.path, tables, located.lines))
    rest = {name: table for name, table in located.data.items() if name == "not_asked"}
    not_asked = validated(_Rest, Located(located.path, rest, located.lines)).not_asked
    problems = list(_unaccounted(items, not_asked, schema, located))
    if all(schema.variables[name].paradata or schema.variables[name].kind in {"text", "set"} for name in items):
        problems.append(f"{located.at()}: the crosswalk maps no question; add a table for each that the wave asked.")
    for name, item in items.items():
        problems += [*_shape_problems(name, item, schema, located), *_answer_problems(name, item, schema, located)]
    problems += perceived_problems(items, located)
    if problems:
        raise DefinitionError("\n".join(problems))
    return items, not_asked


def _unaccounted(items: Mapping[str, Item], not_asked: NotAsked, schema: Schema, located: Located) -> Iterator[str]:
    """Find variables that are neither delivered, derived nor declared as not asked, or both."""
    for name in not_asked.variables:
        if name not in schema.variables:
            where = located.at("not_asked", "variables")
            yield f"{where}: {name!r} is not a variable of harmonised.toml; {nearest(name, schema.variables)}"
        elif name in items:
            yield f"{located.at(name)}: {name!r} has a table and is listed in [not_asked]; keep one of the two."
    left = [
        name
        for name, meaning in schema.variables.items()
        if not meaning.source and name not in items and name not in not_asked.variables
    ]
    if left:
        yield (
            f"{located.at('not_asked')}: {len(left)} harmonised variables are not accounted for: {', '.join(left)}. "
            "Give each a table with its column, or list it in [not_asked] variables = [...]."
        )


def _shape_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find keys that are missing, or that do not go with the variable's kind."""
    kind = schema.variables[name].kind
    if bool(item.column) == bool(item.columns):
        yield f'{located.at(name)}: [{name}] needs column = "..." or, for a set, a table of columns, and not both.'
    if item.comparable != "full" and not item.reason.strip():
        yield f'{located.at(name, "comparable")}: {name!r} is comparable = {item.comparable!r}; add reason = "why".'
    if (item.columns or item.separator) and kind != "set":
        yield f"{located.at(name)}: {name!r} is a {kind}; columns and separator are for sets."
    if item.column and kind == "set" and not item.separator:
        yield f'{located.at(name)}: {name!r} is a set in one column; add separator = ";" or what divides its options.'
    if item.range and (kind != "number" or item.range[0] > item.range[1]):
        yield f"{located.at(name, 'range')}: range = [lowest, highest] is for numbers; {name!r} is a {kind}."
    if kind in {"number", "text"} and (item.answers or item.lookup):
        yield f"{located.at(name)}: {name!r} is a {kind} and takes values as delivered; remove answers and lookup."
    if kind not in {"number", "text"} and not (item.answers or item.lookup or item.columns):
        yield f'{located.at(name)}: [{name}] maps no answers; add a table [{name}.answers] or lookup = "file.csv".'


def _answer_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find answers that the schema does not have, and codes that are mapped twice."""
    answers = schema.answers(name)
    for table, mapping in (("answers", item.answers), ("columns", item.columns)):
        for code, answer in mapping.items():
            if answer not in answers:
                where = located.at(name, table, code)
                yield f"{where}: {answer!r} is not an answer of {name!r}; {nearest(answer, answers)}"
    if "" in item.answers:
        where = located.at(name, "answers", "")
        yield f'{where}: an empty cell is no answer; map "" in [{name}.missing].'
    seen: dict[str, str] = {}
    for table, mapping in (("answers", item.answers), ("missing", item.missing)):
        for code in mapping:
            folded = " ".join(code.split())
            if folded in seen:
                where = located.at(name, table, code)
                yield f"{where}: code {code!r} is mapped twice, here and in [{name}.{seen[folded]}]; keep one."
            seen[folded] = table
