"""Populations: margins whose totals agree, shipped or of a user's own."""

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard, cast

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.count_tables import Table, read_tables
from lpact_eval.waves.counts import Counts, banded, long_counts, plain_counts
from lpact_eval.waves.margin import ALL_AGES, PERTURBATION, Category, Margin, is_ages, noted

__all__ = [
    "Category",
    "Margin",
    "Population",
    "find_population",
    "load_population",
    "population_names",
    "read_population",
]

_KEYS = frozenset({"title", "reference_date", "scaled_to", "margins", "areas", "note"})
_MARGIN_KEYS = frozenset({"file", "note", "variable", "areas", "ages", "bands"})
_TABLES = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Population:
    """A population's margins and what is said of it.

    Attributes
    ----------
    title, note : str
    reference_date : date or None
        Day that the counts describe.
    margins : tuple of Margin
        As `read_population` returns them.
    ages : str
        Whom the weights stand for: the ages of the margin that the others are scaled to.
    """

    title: str
    note: str
    reference_date: dt.date | None
    margins: tuple[Margin, ...]
    ages: str


def read_population(name_or_path: str | Path) -> list[Margin]:
    """Read the margins of a population, rescaled so that their totals agree.

    Parameters
    ----------
    name_or_path : str or path
        Name of a folder under surveys/population, such as "leicestershire-2021" or "leicester-2021" (`populations`
        lists them); the path of such a folder or of its population.toml; or a table of one's own, .csv or .xlsx (a
        sheet a margin), whose columns are one or several variables, then persons, and source where it is known.

    Returns
    -------
    list of Margin
        In the order of population.toml or of the sheets. Margins that cover other ages than the one named in
        `scaled_to` keep their shares and take its total; their note says so. The files hold the counts as published.

    Raises
    ------
    WrongUseError
        If there is no such population.
    DefinitionError
        If its files are wrong, with file and line, or totals of the same ages differ by more than 0.1 %.
    """
    return list(load_population(name_or_path).margins)


def load_population(name_or_path: str | Path) -> Population:
    """Read a population with its title and notes.

    Parameters
    ----------
    name_or_path : str or path
        As for `read_population`.

    Returns
    -------
    Population

    Raises
    ------
    WrongUseError
        If there is no such population.
    DefinitionError
        If its files are wrong, with file and line.
    """
    path = Path(name_or_path)
    if path.suffix.lower() in _TABLES and _is_file(path):
        return _own_tables(path)
    file = _population_file(name_or_path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, or a number of thousands of digits
        msg = f"{file}: not valid TOML in UTF-8 ({error})."
        raise DefinitionError(msg) from None
    _check_keys(data, _KEYS, file)
    reference = data.get("reference_date")
    if not isinstance(reference, dt.date) or not _is_table(data.get("margins")):
        msg = f"{file}:1: it needs reference_date = <date of the counts> and at least one [margins.<name>]."
        raise DefinitionError(msg)
    areas = _texts(data.get("areas", []), "areas", file)
    margins = {name: _read_margin(name, table, file, areas) for name, table in data["margins"].items()}
    standard = data.get("scaled_to", next(iter(margins)))
    if not isinstance(standard, str) or standard not in margins:
        msg = f"{file}: scaled_to = {standard!r} is no margin; it is one of {', '.join(map(repr, margins))}."
        raise DefinitionError(msg)
    declared = "scaled_to" in data
    agreed = [_agreeing(margin, margins[standard], declared=declared) for margin in margins.values()]
    dated = tuple(margin if margin.reference_date else replace(margin, reference_date=reference) for margin in agreed)
    title, note = str(data.get("title", file.parent.name)), str(data.get("note", ""))
    return Population(title, note, reference, dated, margins[standard].ages)


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
        if _is_file(path / "population.toml"):
            return path / "population.toml"
        if path.suffix == ".toml" and _is_file(path):
            return path
    return None


def population_names(places: Sequence[Path]) -> list[str]:
    """List the names of the populations in several folders, each once."""
    found = (path.parent.name for place in places for path in sorted(place.glob("*/population.toml")))
    return list(dict.fromkeys(found))


def _is_file(path: Path) -> bool:
    """Tell whether there is such a file; no file system has a name that is too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def _population_file(name_or_path: str | Path) -> Path:
    """Find population.toml by name or path."""
    shipped = surveys_folder() / "population"
    file = find_population(name_or_path, (shipped, Path()))
    if file is not None:
        return file
    known = ", ".join(map(repr, population_names([shipped]))) or "none"
    msg = f"There is no population {str(name_or_path)!r}; shipped: {known}. Give one of them or the path of another."
    raise WrongUseError(msg)


def _own_tables(path: Path) -> Population:
    """Read tables that stand alone: a csv file, or a workbook with a sheet a margin."""
    margins: list[Margin] = []
    for table in read_tables(path):
        if table.is_long or _is_census(table):
            msg = (
                f"{table.at()}: this table holds areas side by side; name it in a population.toml "
                "([margins.<variable>], file, areas)" + (", or read it with read_census." if _is_census(table) else ".")
            )
            raise DefinitionError(msg)
        margins.append(_margin(plain_counts(table), table))
    agreed = tuple(_agreeing(margin, margins[0], declared=False) for margin in margins)
    return Population(path.stem, "", None, agreed, "")


def _read_margin(name: str, table: object, file: Path, areas: Sequence[str]) -> Margin:
    """Read one margin from a table of its own, a table of many variables and areas, or a census download."""
    if not _is_table(table) or not isinstance(table.get("file"), str):
        msg = f'{file}: [margins.{name}] needs file = "<counts>.csv".'
        raise DefinitionError(msg)
    _check_keys(table, _MARGIN_KEYS, file)
    path = file.parent / str(table["file"])
    areas = _texts(table.get("areas", areas), "areas", file)
    bands = _bands(table.get("bands", {}), f"{file}: [margins.{name}]")
    variables = tuple(_texts(table.get("variable", "age" if bands else name), "variable", file)) or (name,)
    note, ages = str(table.get("note", "")), table.get("ages", "")
    if not isinstance(ages, str) or (ages and not is_ages(ages)):
        msg = f'{file}: [margins.{name}] has ages = {ages!r}; it is "all", or the lowest age as in "16+".'
        raise DefinitionError(msg)
    if _is_census_file(path):
        from lpact_eval.waves.census import read_census  # noqa: PLC0415 - loads the schema, which few populations need

        if bands:
            msg = (
                f"{file}: [margins.{name}] has bands, but {path.name} is a census download; its ages take the schema's."
            )
            raise DefinitionError(msg)
        asked = variables[0] if len(variables) == 1 else variables
        margin = read_census(path, variable=asked, areas=areas, surveys=_own_surveys(file))
        return replace(margin, note=noted(note, margin.note), ages=ages or margin.ages)
    found = read_tables(path)[0]
    _check_use(found, table, file, name)
    counts = long_counts(found, variables, areas) if found.is_long else plain_counts(found)
    return _margin(banded(counts, name, bands, str(found.path)) if bands else counts, found, note, ages)


def _check_use(found: Table, table: Mapping[str, object], file: Path, name: str) -> None:
    """Refuse a choice of variable or areas where the table offers none."""
    if not found.is_long and {"variable", "areas"} & set(table):
        msg = (
            f"{file}: [margins.{name}] names a variable or areas, but {found.path.name} holds one margin; leave them "
            "out, or give the table the columns area, variable, category and persons."
        )
        raise DefinitionError(msg)


def _margin(counts: Counts, table: Table, note: str = "", ages: str = "") -> Margin:
    """Make a margin of counts; where they cover all ages, its note says so."""
    variable = counts.variables[0] if len(counts.variables) == 1 else counts.variables
    ages = ages or counts.ages
    said = noted(note, ALL_AGES if ages == "all" else "")
    return Margin(variable, counts.persons, counts.source, None, said, table.path, counts.lines, ages)


def _own_surveys(file: Path) -> Path | None:
    """Find the folder of the definitions around surveys/population/<name>/population.toml, where it has a schema."""
    folders = file.resolve().parents
    return folders[2] if len(folders) > 2 and (folders[2] / "harmonised.toml").is_file() else None  # noqa: PLR2004


def _is_census(table: Table) -> bool:
    """Tell whether a table is a census download."""
    from lpact_eval.waves.census_tables import is_census_header  # noqa: PLC0415 - few populations need it

    return is_census_header(table.header)


def _is_census_file(path: Path) -> bool:
    """Tell whether a file is a census download."""
    from lpact_eval.waves.census_tables import is_census_file  # noqa: PLC0415 - few populations need it

    return is_census_file(path)


def _texts(value: object, key: str, file: Path) -> list[str]:
    """Read a text or a list of texts."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in cast("list[object]", found)):
        msg = f'{file}: {key} = {value!r}; it is a text or a list of texts, as in {key} = ["Leicester"].'
        raise DefinitionError(msg)
    return cast("list[str]", found)


def _bands(value: object, where: str) -> dict[str, tuple[int, int]]:
    """Read age groups, each with its lowest and highest age."""
    found = cast("dict[str, object]", value) if isinstance(value, dict) else {"": value}
    bands: dict[str, tuple[int, int]] = {}
    for name, ages in found.items():
        pair = cast("list[object]", ages) if isinstance(ages, list) else []
        low, high = (one if type(one) is int else -1 for one in (pair if len(pair) == 2 else (-1, -1)))  # noqa: PLR2004
        if not name or not 0 <= low <= high:
            msg = f'{where} has bands = {value!r}; each is a lowest and a highest age, as in "18-24" = [18, 24].'
            raise DefinitionError(msg)
        bands[name] = (low, high)
    return bands


def _check_keys(found: Mapping[str, object], allowed: frozenset[str], file: Path) -> None:
    """Refuse keys that mean nothing here."""
    unknown = sorted(set(found) - allowed)
    if unknown:
        msg = f"{file}: unknown key {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}."
        raise DefinitionError(msg)


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether a value is a non-empty TOML table, whose keys are always texts."""
    return isinstance(value, dict) and bool(cast("object", value))


def _agreeing(margin: Margin, standard: Margin, *, declared: bool) -> Margin:
    """Give a margin the common total, and say so in its note; refuse a gap that nothing explains."""
    total = standard.total
    for one in (margin, standard):
        if not one.total:
            msg = f"{one.file}: the margin of {one.variable!r} has no persons; margins can't agree on their total."
            raise DefinitionError(msg)
    if margin.total == total:
        return margin
    stated = bool(margin.ages and standard.ages)
    explained = margin.ages != standard.ages if stated else declared
    if abs(margin.total - total) > PERTURBATION * total and not explained:
        msg = (
            f"{margin.file}: the margin of {margin.variable!r} counts {margin.total:,.0f} persons, that of "
            f"{standard.variable!r} {total:,.0f}; totals of the same ages may differ by {PERTURBATION:.1%}, which "
            'disclosure control of a census leaves. Correct the counts, or state whom each covers: ages = "all" or '
            '"16+" in population.toml.'
        )
        raise DefinitionError(msg)
    factor = total / margin.total
    scaled = f"Rescaled from {margin.total:,.0f} to {total:,.0f} persons so that margins agree."
    counts = {category: persons * factor for category, persons in margin.counts.items()}
    return replace(margin, counts=counts, note=noted(margin.note, scaled))
