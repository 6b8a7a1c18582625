"""Margins: how many persons the population has in each category, with source and reference date."""

import csv
import datetime as dt
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeGuard, cast

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder

Category = str | tuple[str, ...]

_KEYS = frozenset({"title", "reference_date", "scaled_to", "margins"})
_MARGIN_KEYS = frozenset({"file", "note"})


@dataclass(frozen=True, slots=True)
class Margin:
    """Persons in the population by category.

    Attributes
    ----------
    variable : str or tuple of str
        Harmonised variable, or several for a nested margin.
    counts : mapping of category to persons
        Keys are categories, tuples of categories for a nested margin.
    source : str
        Table that the counts come from.
    reference_date : date or None
        Day that they describe.
    note : str
        What a reader must know, such as that the counts cover all ages.
    file : Path or None
        The csv file that the counts were read from.
    lines : mapping of category to int
        Line of each category in that file.
    """

    variable: str | tuple[str, ...]
    counts: Mapping[Category, float]
    source: str = ""
    reference_date: dt.date | None = None
    note: str = ""
    file: Path | None = None
    lines: Mapping[Category, int] = field(default_factory=dict[Category, int], repr=False, compare=False)

    @property
    def variables(self) -> tuple[str, ...]:
        """One or several variables as a tuple."""
        return (self.variable,) if isinstance(self.variable, str) else tuple(self.variable)

    @property
    def total(self) -> float:
        """Persons in all categories."""
        return float(sum(self.counts.values()))

    def at(self, category: Category | None = None) -> str:
        """Name the csv file, with the line of a category; empty for counts that come from no file."""
        if self.file is None:
            return ""
        from lpact_eval.waves.located import shown_path  # noqa: PLC0415 - for messages; loads pydantic

        line = self.lines.get(category) if category is not None else None
        return f"{shown_path(self.file)}:{line}" if line else shown_path(self.file)


def read_population(name_or_path: str | Path) -> list[Margin]:
    """Read the margins of a population, rescaled so that their totals agree.

    Parameters
    ----------
    name_or_path : str or path
        Name of a folder under surveys/population, such as "leicestershire-2021", or the path of such a folder or of
        its population.toml.

    Returns
    -------
    list of Margin
        In the order of population.toml. Margins that cover other ages than the one named in `scaled_to` keep their
        shares and take its total; their note says so. The csv files hold the counts as published.

    Raises
    ------
    WrongUseError
        If there is no such population.
    DefinitionError
        If its files are wrong, with file and line.
    """
    file = _population_file(name_or_path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{file}: not valid TOML in UTF-8 ({error})."
        raise DefinitionError(msg) from None
    _check_keys(data, _KEYS, file)
    reference = data.get("reference_date")
    if not isinstance(reference, dt.date) or not _is_table(data.get("margins")):
        msg = f"{file}:1: it needs reference_date = <date of the counts> and at least one [margins.<name>]."
        raise DefinitionError(msg)
    margins = {name: _read_margin(name, table, file, reference) for name, table in data["margins"].items()}
    standard = data.get("scaled_to", next(iter(margins)))
    if standard not in margins:
        msg = f"{file}: scaled_to = {standard!r} is no margin; it is one of {', '.join(map(repr, margins))}."
        raise DefinitionError(msg)
    total = margins[standard].total
    return [_rescaled(margin, total) for margin in margins.values()]


def find_population(name_or_path: str | Path, places: Sequence[Path]) -> Path | None:
    """Find a population's toml file in the first of several folders that has it.

    Parameters
    ----------
    name_or_path : str or path
        Folder with population.toml, or a toml file, relative to one of the places.
    places : sequence of Path

    Returns
    -------
    Path or None
        None if no place has it.
    """
    for place in places:
        path = place / name_or_path
        if (path / "population.toml").is_file():
            return path / "population.toml"
        if path.is_file() and path.suffix == ".toml":
            return path
    return None


def population_names(places: Sequence[Path]) -> list[str]:
    """List the names of the populations in several folders, each once."""
    found = (path.parent.name for place in places for path in sorted(place.glob("*/population.toml")))
    return list(dict.fromkeys(found))


def _population_file(name_or_path: str | Path) -> Path:
    """Find population.toml by name or path."""
    shipped = surveys_folder() / "population"
    file = find_population(name_or_path, (shipped, Path()))
    if file is not None:
        return file
    known = ", ".join(map(repr, population_names([shipped]))) or "none"
    msg = f"There is no population {str(name_or_path)!r}; shipped: {known}. Give one of them or the path of another."
    raise WrongUseError(msg)


def _read_margin(name: str, table: object, file: Path, reference: dt.date) -> Margin:
    """Read one margin: its first columns are variables, then persons and source."""
    if not _is_table(table) or "file" not in table:
        msg = f'{file}: [margins.{name}] needs file = "<counts>.csv".'
        raise DefinitionError(msg)
    _check_keys(table, _MARGIN_KEYS, file)
    path = file.parent / str(table["file"])
    header, rows = _read_rows(path)
    if header[-2:] != ["persons", "source"] or len(header) < 3:  # noqa: PLR2004 - one variable, persons, source
        msg = f"{path}:1: the columns are the variables, then persons and source; found {', '.join(header)}."
        raise DefinitionError(msg)
    counts: dict[Category, float] = {}
    places: dict[Category, int] = {}
    sources: dict[str, None] = {}
    for line, row in rows:
        *categories, persons, source = row
        category = categories[0] if len(categories) == 1 else tuple(categories)
        if category in counts:
            msg = f"{path}:{line}: the category {category!r} stands twice; keep one line."
            raise DefinitionError(msg)
        counts[category] = _persons(persons, path, line)
        places[category] = line
        sources[source] = None
    variables = header[:-2]
    variable = variables[0] if len(variables) == 1 else tuple(variables)
    note = str(table.get("note", ""))
    return Margin(variable, counts, "; ".join(sources), reference, note, path, places)


def _read_rows(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Read a csv file of counts; every row is as long as the header."""
    try:
        lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot read the counts ({type(error).__name__}); it is a csv file in UTF-8."
        raise DefinitionError(msg) from None
    header = [cell.strip() for cell in next(lines, list[str]())]
    rows: list[tuple[int, list[str]]] = []
    for row in lines:
        if len(row) not in {0, len(header)}:
            msg = f"{path}:{lines.line_num}: {len(row)} columns where the header has {len(header)}."
            raise DefinitionError(msg)
        if row:
            rows.append((lines.line_num, [cell.strip() for cell in row]))
    return header, iter(rows)


def _persons(text: str, path: Path, line: int) -> float:
    """Read a number of persons."""
    if not text.isdecimal():
        msg = f"{path}:{line}: {text!r} is no number of persons; write digits only, 0 or more."
        raise DefinitionError(msg)
    return float(text)


def _check_keys(found: Mapping[str, object], allowed: frozenset[str], file: Path) -> None:
    """Refuse keys that mean nothing here."""
    unknown = sorted(set(found) - allowed)
    if unknown:
        msg = f"{file}: unknown key {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}."
        raise DefinitionError(msg)


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether a value is a non-empty TOML table, whose keys are always texts."""
    return isinstance(value, dict) and bool(cast("object", value))


def _rescaled(margin: Margin, total: float) -> Margin:
    """Give a margin the common total, and say so in its note."""
    if margin.total == total:
        return margin
    if not margin.total:
        msg = f"{margin.file}: the margin of {margin.variable!r} has no persons; it can't be rescaled to {total:,.0f}."
        raise DefinitionError(msg)
    factor = total / margin.total
    scaled = f"Rescaled from {margin.total:,.0f} to {total:,.0f} persons so that margins agree."
    note = f"{margin.note} {scaled}".strip()
    counts = {category: persons * factor for category, persons in margin.counts.items()}
    return replace(margin, counts=counts, note=note)
