"""Persons by category from a table of counts: one margin a table, or many variables and areas in one."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.count_tables import Table
from lpact_eval.waves.margin import Category, is_ages

_AGE_DIGITS = 3
_MOST_DIGITS = 15  # a number of persons beyond this is not exact, and no country's
_LISTED = 30  # names that a message still lists

Area = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Persons by category, as read.

    Attributes
    ----------
    variables : tuple of str
    persons : mapping of category to float
    lines : mapping of category to int
        First line of each category.
    source, ages : str
    """

    variables: tuple[str, ...]
    persons: Mapping[Category, float]
    lines: Mapping[Category, int]
    source: str
    ages: str


def plain_counts(table: Table) -> Counts:
    """Read a table whose columns are one or several variables, then persons, and source where it is known.

    Raises
    ------
    DefinitionError
        If its columns are others, a category stands twice or is empty, or a number of persons is none.
    """
    header = table.header
    last = len(header) - (2 if header[-1:] == ("source",) else 1)
    variables = header[:last]
    if last < 1 or header[last] != "persons" or "" in variables or len(set(variables)) != len(variables):
        msg = (
            f"{table.at()}: the columns are the variables, then persons and source; found {', '.join(header)[:200]}. "
            "Each variable stands once."
        )
        raise DefinitionError(msg)
    persons: dict[Category, float] = {}
    lines: dict[Category, int] = {}
    sources: dict[str, None] = {}
    for line, row in table.rows:
        category = row[0] if last == 1 else tuple(row[:last])
        if category in persons:
            msg = f"{table.at(line)}: the category {category!r} stands twice; keep one line."
            raise DefinitionError(msg)
        if "" in row[:last]:
            msg = f"{table.at(line)}: a category is empty; name it, or delete the line."
            raise DefinitionError(msg)
        persons[category] = number(row[last], table.at(line))
        lines[category] = line
        sources[row[-1] if last < len(header) - 1 else ""] = None
    return Counts(variables, persons, lines, "; ".join(filter(None, sources)), "")


def long_counts(table: Table, variables: tuple[str, ...], areas: Sequence[str]) -> Counts:
    """Add up a variable's persons over areas, or keep the areas apart where "area" is one of two variables.

    Parameters
    ----------
    table : Table
        Columns area, variable, category, persons; code, ages and source where they are known.
    variables : tuple of str
        A variable of the table, or one with "area" beside it.
    areas : sequence of str
        Names or codes; empty for all.

    Raises
    ------
    DefinitionError
        If a variable or an area is not in the table, a line stands twice, or lines of other ages would be added up.
    """
    entries = [_entry(table, line, row) for line, row in table.rows]
    by_area = len(variables) > 1
    wanted = next((name for name in variables if name != "area"), "area")
    if by_area and sorted(variables) != sorted((wanted, "area")):
        msg = f'{table.at()}: it counts one variable, or one with "area" beside it; asked for {", ".join(variables)}.'
        raise DefinitionError(msg)
    _require(wanted, {entry.variable for entry in entries}, f"{table.at()}: there is no variable {wanted!r}")
    chosen = chosen_areas(areas, ((entry.area, entry.code) for entry in entries), table.at())
    places = frozenset(name for name, _ in chosen)
    kept = [entry for entry in entries if entry.variable == wanted and entry.area in places]
    _check_long(table, kept, wanted, places)
    persons: dict[Category, float] = {}
    lines: dict[Category, int] = {}
    for entry in kept:
        parts = {wanted: entry.category, "area": entry.area if by_area else entry.category}
        category = tuple(parts[name] for name in variables) if by_area else entry.category
        persons[category] = persons.get(category, 0.0) + entry.persons
        lines.setdefault(category, entry.line)
    sources = dict.fromkeys(entry.source for entry in kept if entry.source)
    return Counts(variables, persons, lines, "; ".join(sources), kept[0].ages)


def banded(counts: Counts, variable: str, bands: Mapping[str, tuple[int, int]], where: str) -> Counts:
    """Add up single years of age to age groups; people younger than the youngest group are left out.

    Parameters
    ----------
    counts : Counts
        Categories are ages in years, the last perhaps as in "100+".
    variable : str
        What the age groups are called.
    bands : mapping of age group to (lowest, highest) age
    where : str
        File, for messages.

    Raises
    ------
    DefinitionError
        If a category is no age, or is in no band or in several.
    """
    persons: dict[Category, float] = dict.fromkeys(bands, 0.0)
    lines: dict[Category, int] = {}
    youngest = min(low for low, _ in bands.values())
    for category, number_of in counts.persons.items():
        text = category.removesuffix("+") if isinstance(category, str) else ""
        if not (text.isdecimal() and len(text) <= _AGE_DIGITS):
            msg = f"{where}:{counts.lines[category]}: {category!r} is no age in years, so it has no age group."
            raise DefinitionError(msg)
        age = int(text)
        inside = [band for band, (low, high) in bands.items() if low <= age <= high]
        if len(inside) > 1 or (not inside and age >= youngest):
            found = " and ".join(map(repr, inside)) or "no age group"
            msg = f"{where}: age {category} is in {found}; age groups go on from one another, up to the oldest."
            raise DefinitionError(msg)
        if inside:
            persons[inside[0]] += number_of
            lines.setdefault(inside[0], counts.lines[category])
    return Counts((variable,), persons, lines, counts.source, f"{youngest}+" if youngest else "all")


def chosen_areas(areas: Sequence[str], known: Iterable[Area], where: str) -> frozenset[Area]:
    """Find areas by name or code.

    Parameters
    ----------
    areas : sequence of str
        Empty for all.
    known : iterable of (name, code)
    where : str
        File, for messages.

    Raises
    ------
    DefinitionError
        If there is no such area (the nearest name), or several have that name.
    """
    pairs = dict.fromkeys(known)
    named: dict[str, list[Area]] = {}
    for pair in pairs:
        for label in {plain(one) for one in pair if one}:
            named.setdefault(label, []).append(pair)
    for area in areas:
        _require(plain(area), named, f"{where}: there is no area {area!r}", [name for name, _ in pairs])
        if len(named[plain(area)]) > 1:
            codes = ", ".join(sorted(code for _, code in named[plain(area)]))
            msg = f"{where}: several areas are called {area!r}; give the code of one: {codes}."
            raise DefinitionError(msg)
    return frozenset(named[plain(area)][0] for area in areas) if areas else frozenset(pairs)


def number(text: str, where: str) -> float:
    """Read a number of persons.

    Raises
    ------
    DefinitionError
        If it is none.
    """
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        msg = f"{where}: {text[:40]!r} is no number of persons; write digits only, 0 or more."
        raise DefinitionError(msg)
    return float(text)


def plain(text: str) -> str:
    """Write a label so that capitals, spaces and compatible characters make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a long table."""

    line: int
    area: str
    code: str
    variable: str
    category: str
    persons: float
    ages: str
    source: str


def _entry(table: Table, line: int, row: Sequence[str]) -> _Entry:
    """Read one line of a long table."""
    cells = dict(zip(table.header, row, strict=True))
    ages = cells.get("ages", "")
    if ages and not is_ages(ages):
        msg = f'{table.at(line)}: ages is {ages[:40]!r}; it is "all", or the lowest age as in "16+".'
        raise DefinitionError(msg)
    if not all(cells[name] for name in ("area", "variable", "category")):
        msg = f"{table.at(line)}: area, variable and category each need a text."
        raise DefinitionError(msg)
    persons = number(cells["persons"], table.at(line))
    return _Entry(
        line,
        cells["area"],
        cells.get("code", ""),
        cells["variable"],
        cells["category"],
        persons,
        ages,
        cells.get("source", ""),
    )


def _check_long(table: Table, kept: Sequence[_Entry], wanted: str, places: frozenset[str]) -> None:
    """Refuse lines that stand twice, areas without the variable, and ages that would be mixed."""
    seen: set[tuple[str, str]] = set()
    for entry in kept:
        if (entry.area, entry.category) in seen:
            msg = f"{table.at(entry.line)}: {entry.category!r} of {entry.area} stands twice; keep one line."
            raise DefinitionError(msg)
        seen.add((entry.area, entry.category))
    without = sorted(places - {entry.area for entry in kept})
    if without:
        msg = f"{table.at()}: there are no counts of {wanted!r} for {', '.join(without)}; add them, or leave it out."
        raise DefinitionError(msg)
    first = kept[0]
    other = next((entry for entry in kept if entry.ages != first.ages), None)
    if other:
        msg = (
            f"{table.at(other.line)}: {wanted!r} counts {other.ages or 'unstated'} ages here and "
            f"{first.ages or 'unstated'} in line {first.line}; persons of other ages can't be added up."
        )
        raise DefinitionError(msg)


def _require(name: str, known: Collection[str], problem: str, shown: Collection[str] = ()) -> None:
    """Refuse a name that is not known, with the nearest."""
    if name in known:
        return
    from lpact_eval.waves.located import near, nearest  # noqa: PLC0415 - for messages; loads pydantic

    names = sorted(shown or known)
    if len(names) <= _LISTED:
        msg = f"{problem}; {nearest(name, names)}"
        raise DefinitionError(msg)
    alike = " or ".join(map(repr, near(name, names)))
    msg = f"{problem}; {f'did you mean {alike}?' if alike else f'it has {len(names):,} others.'}"
    raise DefinitionError(msg)
