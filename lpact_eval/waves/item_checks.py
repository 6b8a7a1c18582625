"""Check a wave's crosswalk.toml against the schema: every variable accounted for, every answer known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lpact_eval.errors import DefinitionError
from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.codelists import list_problems
from lpact_eval.waves.items import Item, NotAsked
from lpact_eval.waves.located import Located, nearest, validated
from lpact_eval.waves.perceived import perceived_problems
from lpact_eval.waves.points import point_problems
from lpact_eval.waves.schema import Schema

_CLOSED = frozenset({"scale", "category", "yes_no"})
_MAPPINGS = ("answers", "missing", "numbers")


@dataclass(frozen=True, slots=True)
class _Rest:
    """The one table of crosswalk.toml that is not a variable."""

    not_asked: NotAsked = field(default_factory=NotAsked)


def read_items(located: Located, schema: Schema, *, preset: bool = False) -> tuple[dict[str, Item], NotAsked]:
    """Check a crosswalk against the schema: every variable accounted for, every answer known.

    Parameters
    ----------
    located : Located
        The file.
    schema : Schema
    preset : bool
        Whether a survey tool's preset says how options are delivered, for sets that don't state it.

    Returns
    -------
    tuple
        The items by variable, and what was not asked.

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
        own = [*_shape_problems(name, item, schema, located), *_answer_problems(name, item, schema, located)]
        if item.names and schema.variables[name].kind == "set" and not (item.separator or item.options or preset):
            own.append(
                f'{located.at(name)}: {name!r} is a set in one column; add separator = ";" or what divides options, or '
                'options = "columns" where each option has a column called after the question and the option.'
            )
        problems += own or point_problems(name, item, schema, located)
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
    yield from _column_problems(name, item, schema, located)
    yield from _number_problems(name, item, schema, located)
    yield from list_problems(name, item, schema, located)
    kind, maps = schema.variables[name].kind, bool(item.answers or item.lookup or item.codes)
    if item.comparable != "full" and not item.why:
        yield f'{located.at(name, "comparable")}: {name!r} is comparable = {item.comparable!r}; add reason = "why".'
    if kind in {"number", "text"} and maps:
        yield f"{located.at(name)}: {name!r} is a {kind} and takes values as delivered; remove answers and lookup."
    if kind not in {"number", "text"} and not (maps or item.columns):
        yield f'{located.at(name)}: [{name}] maps no answers; add a table [{name}.answers] or lookup = "file.csv".'
    if item.lookup and (item.columns or kind == "set"):
        yield f"{located.at(name, 'lookup')}: a look-up reads one text a cell; {name!r} has several options. Remove it."
    if item.by and (kind in {"text", "set"} or item.columns or item.lookup):
        yield (
            f'{located.at(name, "by")}: by = "label" maps value labels of one column of a closed question or a number; '
            f"{name!r} is a {kind}{' with columns or a look-up' if item.columns or item.lookup else ''}; remove by."
        )
    yield from (
        f"{located.at(name, key)}: {key} is for {what}; {name!r} is a {kind}. Remove it."
        for key, given, what, kinds in (
            ("order", item.order, "scales", {"scale"}),
            ("variants", item.variants, "scales", {"scale"}),
            ("labels", item.labels, "closed questions", _CLOSED),
            ("rule", item.rule, "closed questions", _CLOSED),
        )
        if given and kind not in kinds
    )


def _column_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find delivered columns that are absent, too many, or not of the variable's kind."""
    kind = schema.variables[name].kind
    if bool(item.names) == bool(item.columns):
        yield f'{located.at(name)}: [{name}] needs column = "..." or a table of columns, one an option, and not both.'
    if item.columns and kind in {"number", "text"}:
        yield f"{located.at(name)}: {name!r} is a {kind}; a column for each option is for sets and closed questions."
    if item.separator and kind != "set":
        yield f"{located.at(name)}: {name!r} is a {kind}; a separator is for sets."
    if item.options and kind != "set":
        yield f'{located.at(name, "options")}: {name!r} is a {kind}; options = "columns" is for sets.'
    if item.options and (item.separator or item.columns or len(item.names) > 1):
        yield f'{located.at(name, "options")}: options = "columns" takes one column and no separator or columns.'
    if len(set(item.names)) < len(item.names):
        yield f"{located.at(name, 'column')}: a column is listed twice for {name!r}; keep one."
    if item.disagree and len(item.names) < 2:  # noqa: PLR2004 - one column can't disagree with itself
        yield f"{located.at(name, 'disagree')}: {name!r} has one column; disagree is for several. Remove it."


def _number_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find what only numbers can have, and what is incomplete about them."""
    kind = schema.variables[name].kind
    if item.range and (kind != "number" or item.range[0] > item.range[1]):
        yield f"{located.at(name, 'range')}: range = [lowest, highest] is for numbers; {name!r} is a {kind}."
    if item.numbers and (kind != "number" or item.derive):
        where = located.at(name, "numbers")
        yield f"{where}: words for numbers are for numbers as delivered; {name!r} is {_a(item, kind)}."
    for word, number in item.numbers.items():
        if item.range and not item.range[0] <= number <= item.range[1]:
            where = located.at(name, "numbers", word)
            yield f"{where}: {number:g} is outside range = [{item.range[0]:g}, {item.range[1]:g}]; correct one of them."
    if item.derive and (kind != "number" or item.by):
        where = located.at(name, "derive")
        yield f"{where}: an age is derived for a number from dates as delivered; {name!r} is {_a(item, kind)}."
    if item.at and not item.derive:
        yield (
            f"{located.at(name, 'at')}: at says for which day an age is worked out; {name!r} derives none. Add "
            'derive = "age from date of birth" or "age from year of birth", or remove at.'
        )


def _a(item: Item, kind: str) -> str:
    """Say what a variable is."""
    return f"a {kind}{' derived from births' if item.derive else ''}{' mapped by label' if item.by else ''}"


def _answer_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find answers that the schema does not have, and codes that are mapped twice."""
    answers = schema.answers(name)
    single = schema.variables[name].kind in _CLOSED
    for table, mapping in (("answers", item.answers), ("columns", item.columns)):
        allowed = (*answers, *MISSING_KINDS) if table == "columns" and single else answers
        for code, answer in mapping.items():
            if answer not in allowed:
                where = located.at(name, table, code)
                yield f"{where}: {answer!r} is not an answer of {name!r}; {nearest(answer, allowed)}"
    yield from _twice(name, item, located)


def _twice(name: str, item: Item, located: Located) -> Iterator[str]:
    """Find empty cells that are mapped to an answer, and codes that are mapped twice."""
    for table, mapping in (("answers", item.answers), ("numbers", item.numbers)):
        if "" in mapping:
            where = located.at(name, table, "")
            yield f'{where}: an empty cell is no answer; map "" in [{name}.missing].'
    seen: dict[str, str] = {}
    for table, mapping in zip(_MAPPINGS, (item.answers, item.missing, item.numbers), strict=True):
        for code in mapping:
            folded = " ".join(code.split())
            folded = folded.casefold() if item.by == "label" else folded
            if folded in seen:
                where = located.at(name, table, code)
                yield f"{where}: code {code!r} is mapped twice, here and in [{name}.{seen[folded]}]; keep one."
            seen[folded] = table
