"""Census tables as they are downloaded: the wide layout of the bulk files and the long one of filtered data sets.

Wide: date, geography, geography code, then a column for every cell, as in "Ethnic group: White: Irish" or "Sex: Female;
Age: Aged 16 years; measures: Value", totals and subtotals among them. Long: an area's code and name, a code and a label
of each question, as in "Ethnic group (20 categories) Code" and "Ethnic group (20 categories)", then Observation.
"""

import csv
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from lpact_eval.errors import DefinitionError
from lpact_eval.resources import ordinary
from lpact_eval.waves.counts import number
from lpact_eval.waves.margin import PERTURBATION

_AREA_CODE = "geography code"
_OBSERVATION = "observation"
_CODE = " code"
_CATEGORIES = re.compile(r"\s*\(\d+ categories\)$")
_MEASURE = "measures"
_TOTAL = re.compile(r"(total\b|all (persons|usual residents|categories|people)\b).*", re.IGNORECASE)
_UNDER = re.compile(r"aged under (\d{1,3}) years?", re.IGNORECASE)
_RANGE = re.compile(r"aged (\d{1,3}) to (\d{1,3}) years?", re.IGNORECASE)
_AGE = re.compile(r"aged (\d{1,3}) years?(?: and (under|over))?", re.IGNORECASE)
_OLDEST = 999

Ages = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a census table.

    Attributes
    ----------
    area, code : str
    labels : tuple of str
        One a question.
    persons : float
    line : int
    """

    area: str
    code: str
    labels: tuple[str, ...]
    persons: float
    line: int


@dataclass(frozen=True, slots=True)
class CensusTable:
    """A census table that was opened, not read.

    Attributes
    ----------
    path : Path
    questions : tuple of str
        As in "Ethnic group" or "Age".
    year : str
        Of the census where the table says it.
    population : str
        Whom the total column counts; empty without one.
    wide : bool
    header : tuple of str
    columns : mapping of position to labels
        Cells of a wide table that are neither totals nor subtotals.
    total : int
        Position of a wide table's total column; -1 without one.
    """

    path: Path
    questions: tuple[str, ...]
    year: str
    population: str
    wide: bool
    header: tuple[str, ...]
    columns: Mapping[int, tuple[str, ...]]
    total: int

    @property
    def _area_columns(self) -> tuple[int, int]:
        """Positions of the area's name and code."""
        names = [name.casefold() for name in self.header]
        return (names.index("geography"), names.index(_AREA_CODE)) if self.wide else (1, 0)

    def areas(self) -> list[tuple[str, str]]:
        """List the areas, name and code, in the file's order.

        Raises
        ------
        DefinitionError
            If a line is too short, or an area has two lines in a wide table: file and line.
        """
        found: dict[tuple[str, str], int] = {}
        name, code = self._area_columns
        for line, row in self._lines():
            area = (row[name], row[code])
            if self.wide and area in found:
                msg = f"{self.path}:{line}: {area[0]} ({area[1]}) stands twice; it is in line {found[area]} already."
                raise DefinitionError(msg)
            found.setdefault(area, line)
        return list(found)

    def cells(self, areas: Container[tuple[str, str]]) -> Iterator[Cell]:
        """Read the numbers of some areas, in the file's order.

        Raises
        ------
        DefinitionError
            If a number is none, or a wide table's columns don't add up to its total: file and line.
        """
        name, code = self._area_columns
        for line, row in self._lines():
            area = (row[name], row[code])
            if area in areas:
                yield from self._wide(area, line, row) if self.wide else self._long(area, line, row)

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Read the lines below the header."""
        for line, row in islice(_rows(self.path), 1, None):
            if len(row) != len(self.header):
                msg = f"{self.path}:{line}: {len(row)} columns where the header has {len(self.header)}."
                raise DefinitionError(msg)
            yield line, row

    def _wide(self, area: tuple[str, str], line: int, row: Sequence[str]) -> Iterator[Cell]:
        """Read the cells of one area, and hold them to its total."""
        at = f"{self.path}:{line}"
        found = [Cell(*area, labels, number(row[place], at), line) for place, labels in self.columns.items()]
        if self.total >= 0:
            total = number(row[self.total], at)
            added = sum(cell.persons for cell in found)
            if abs(added - total) > max(PERTURBATION * total, len(found)):
                msg = (
                    f"{at}: the categories add up to {added:,.0f} persons, the total column says {total:,.0f}: a "
                    "column is missing or was changed. Download the table again."
                )
                raise DefinitionError(msg)
        yield from found

    def _long(self, area: tuple[str, str], line: int, row: Sequence[str]) -> Iterator[Cell]:
        """Read the one cell of a line."""
        labels = tuple(row[place] for place in self.columns)
        yield Cell(*area, labels, number(row[-1], f"{self.path}:{line}"), line)


def is_census_header(header: Sequence[str]) -> bool:
    """Tell whether the first line of a table is that of a census download."""
    names = [name.strip().casefold() for name in header]
    return {"geography", _AREA_CODE} <= set(names) or _is_long(names)


def is_census_file(path: Path) -> bool:
    """Tell whether a file is a census download; a file that can't be read is none."""
    if path.suffix.lower() != ".csv":
        return False
    try:
        return is_census_header(next(_rows(path), (1, list[str]()))[1])
    except DefinitionError:
        return False


def open_census(path: Path) -> CensusTable:
    """Open a census table and find its questions.

    Raises
    ------
    DefinitionError
        If the file is not in one of the two layouts.
    """
    _, first = next(_rows(path), (1, list[str]()))
    header = tuple(name.strip() for name in first)
    if not is_census_header(header):
        msg = (
            f"{path}:1: this is no census download. Expected are the columns date, geography, geography code and one "
            'a category (bulk files), or the area\'s code and name, "<question> Code", "<question>" and Observation '
            "(filtered data sets), as .csv in UTF-8 and unzipped."
        )
        raise DefinitionError(msg)
    names = [name.casefold() for name in header]
    return _open_wide(path, header) if _AREA_CODE in names else _open_long(path, header)


def age_range(label: str) -> Ages | None:
    """Read the lowest and the highest age of a label such as "Aged 16 to 24 years"; None for another label."""
    if found := _UNDER.fullmatch(label):
        return 0, int(found[1]) - 1
    if found := _RANGE.fullmatch(label):
        return int(found[1]), int(found[2])
    if not (found := _AGE.fullmatch(label)):
        return None
    age = int(found[1])
    return {"under": (0, age), "over": (age, _OLDEST)}.get((found[2] or "").casefold(), (age, age))


def _is_long(names: Sequence[str]) -> bool:
    """Tell whether every column but the last is a code and its label."""
    pairs = names[:-1]
    return (
        len(pairs) > 1
        and len(pairs) % 2 == 0
        and names[-1] == _OBSERVATION
        and all(code == label + _CODE for code, label in zip(pairs[::2], pairs[1::2], strict=True))
    )


def _open_long(path: Path, header: tuple[str, ...]) -> CensusTable:
    """Find the questions of a long table."""
    places = range(3, len(header) - 1, 2)
    questions = tuple(_CATEGORIES.sub("", header[place]) for place in places)
    return CensusTable(path, questions, "", "", wide=False, header=header, columns=dict.fromkeys(places, ()), total=-1)


def _open_wide(path: Path, header: tuple[str, ...]) -> CensusTable:
    """Find the questions of a wide table, and its cells that are neither totals nor subtotals."""
    parsed = {place: parts for place, name in enumerate(header) if (parts := _parts(name))}
    questions = next((tuple(question for question, _ in parts) for parts in parsed.values()), ())
    if any(tuple(question for question, _ in parts) != questions for parts in parsed.values()) or not questions:
        msg = (
            f"{path}:1: the columns after the geography code are not cells of one table, as in 'Ethnic group: White'. "
            "Download the table again, and leave its columns as they are."
        )
        raise DefinitionError(msg)
    labels = {place: tuple(label for _, label in parts) for place, parts in parsed.items()}
    sums = [_sums({found[place] for found in labels.values()}) for place in range(len(questions))]
    columns = {
        place: found
        for place, found in labels.items()
        if not any(label in those for label, those in zip(found, sums, strict=True))
    }
    total = next((place for place, found in labels.items() if all(map(_TOTAL.fullmatch, found))), -1)
    if len(set(columns.values())) != len(columns) or not columns:
        msg = f"{path}:1: a category has two columns, or none is left beside totals; download the table again."
        raise DefinitionError(msg)
    population = " ".join(labels[total]) if total >= 0 else ""
    year = _first_date(path, header)
    return CensusTable(path, questions, year, population, wide=True, header=header, columns=columns, total=total)


def _parts(name: str) -> tuple[tuple[str, str], ...]:
    """Split the name of a column into questions and labels; none for other columns and other measures."""
    parts = [part.partition(": ") for part in name.split("; ")]
    measure = next((label for question, _, label in parts if question == _MEASURE), "Value")
    cells = tuple((question, label) for question, _, label in parts if question != _MEASURE)
    return cells if measure == "Value" and all(label for _, label in cells) else ()


def _sums(labels: set[str]) -> set[str]:
    """Find the labels that add up others: totals, groups of groups, and ages that hold narrower ones."""
    ages = {label: found for label in labels if (found := age_range(label))}
    within = {outer for outer in ages for inner in ages.values() if _holds(ages[outer], inner)}
    in_order = sorted(f"{label}: " for label in labels)
    groups = {first.removesuffix(": ") for first, second in pairwise(in_order) if second.startswith(first)}
    return {label for label in labels if _TOTAL.fullmatch(label)} | within | groups


def _holds(outer: Ages, inner: Ages) -> bool:
    """Tell whether a range of ages holds a narrower one."""
    return outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]


def _first_date(path: Path, header: Sequence[str]) -> str:
    """Read the date of the first line, where there is such a column."""
    names = [name.casefold() for name in header]
    row = next(islice(_rows(path), 1, None), (2, list[str]()))[1]
    return row[names.index("date")] if "date" in names and len(row) == len(header) else ""


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Read the lines of a csv file that hold anything, one at a time: such files can be large."""
    try:
        with ordinary(path).open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            for row in lines:
                if row:
                    yield lines.line_num, list(map(str.strip, row))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        msg = f"{path}: cannot read the census table ({type(error).__name__}); it is a csv file in UTF-8, unzipped."
        raise DefinitionError(msg) from None
