"""Census downloads as margins: labels mapped, areas added up, children left out where ages are known."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.census_labels import AGE, AREA, LEFT_OUT, NOT_ASKED, Labels
from lpact_eval.waves.census_tables import Cell, CensusTable, age_range, open_census
from lpact_eval.waves.counts import Area, chosen_areas, plain
from lpact_eval.waves.located import nearest
from lpact_eval.waves.margin import ALL_AGES, Category, Margin, noted
from lpact_eval.waves.schema import read_schema

PERTURBED: Final = (
    "A census changes small counts a little to protect confidentiality, so sums differ from published totals by a few "
    "persons."
)
_DAYS: Final = {"2021": dt.date(2021, 3, 21), "2011": dt.date(2011, 3, 27)}
_LONG_YEAR: Final = "2021"  # filtered data sets are offered for this census only
_TABLE = re.compile(r"(?<![a-z])(?:ts|rm|st|ap)\d{3}[a-z]?(?![a-z0-9])", re.IGNORECASE)
_CODE = re.compile(r"[A-Z](\d\d)\d{6}")
_ADULTS = re.compile(r"aged (\d{1,3}) years and over", re.IGNORECASE)
# Kinds of areas, by the figures of their codes, that cover a country side by side
_LEVELS: Final = ({"06", "07", "08", "09"}, {"06", "08", "09", "10"}, {"12", "92"})


def read_census(
    path: str | Path,
    *,
    variable: str | Sequence[str],
    areas: str | Sequence[str] | None = None,
    categories: Mapping[str, str] | None = None,
    surveys: str | Path | None = None,
) -> Margin:
    """Read a margin from a census table as it was downloaded.

    Parameters
    ----------
    path : str or path
        A csv file of the bulk download (a line an area, a column a category) or of a filtered data set (a line a cell).
    variable : str or sequence of str
        Harmonised variable, such as "ethnicity", "ethnicity_19", "age_band", "sex" or "area"; several for a nested
        margin, as in ("ethnicity", "area").
    areas : str or sequence of str, optional
        Names or codes of the areas to add up; all of the file's without it.
    categories : mapping of census label to answer, optional
        Goes before surveys/population/census-labels.csv; an empty answer leaves the label out.
    surveys : path, optional
        Folder with harmonised.toml; the shipped one without it.

    Returns
    -------
    Margin
        Persons by answer, in the schema's order. Where the table asks for age, children are left out and `ages` is
        "16+"; where it doesn't, `ages` is "all" and the note says what that means. Questions of the table other than
        `variable` are added up.

    Raises
    ------
    WrongUseError
        If there is no such variable, or the table doesn't ask for it.
    DefinitionError
        If the file is no census table, a label is not known or not detailed enough, an area is not there, areas
        overlap, or numbers don't add up: file and line.
    """
    table = open_census(Path(path))
    variables = (variable,) if isinstance(variable, str) else tuple(variable)
    if not variables or len(set(variables)) < len(variables):
        msg = f"Cannot read a margin of {list(variables)}: name one variable, or several different ones."
        raise WrongUseError(msg)
    labels = Labels(read_schema(_harmonised(surveys)), categories or {})
    places = [_place(table, labels, name) for name in variables]
    found = table.areas()
    chosen = chosen_areas([areas] if isinstance(areas, str) else areas or (), found, str(table.path))
    _check_levels(chosen, table.path)
    tally = _Tally(table, labels, variables, places)
    for cell in table.cells(chosen):
        tally.add(cell)
    return tally.margin(len(chosen))


class _Tally:
    """Persons by category while a table is read."""

    def __init__(
        self, table: CensusTable, labels: Labels, variables: tuple[str, ...], places: Sequence[int | None]
    ) -> None:
        self._table, self._labels, self._variables, self._places = table, labels, variables, places
        self._age = next((n for n, name in enumerate(table.questions) if labels.root_of_question(name) == AGE), None)
        self._answers: dict[tuple[tuple[str, ...], str], tuple[str, ...] | None] = {}
        self._persons: dict[tuple[str, ...], float] = {}
        self._lines: dict[tuple[str, ...], int] = {}
        self._left_out: dict[str, float] = {}
        self._youngest: set[int] = set()

    def add(self, cell: Cell) -> None:
        """Count the persons of one cell, unless it is left out."""
        key = (cell.labels, cell.area if None in self._places else "")
        if key not in self._answers:
            self._answers[key] = self._find(cell)
        answers = self._answers[key]
        if answers is None:
            return
        if LEFT_OUT in answers:
            self._leave_out(cell, self._places[answers.index(LEFT_OUT)])
            return
        self._persons[answers] = self._persons.get(answers, 0.0) + cell.persons
        self._lines.setdefault(answers, cell.line)

    def margin(self, areas: int) -> Margin:
        """Make a margin of what was counted."""
        if not sum(self._persons.values()):
            msg = f"{self._table.path}: the chosen areas and categories hold no persons; choose others."
            raise DefinitionError(msg)
        orders = [list(self._labels.order(variable)) for variable in self._variables]
        ranked = sorted(self._persons, key=lambda key: list(map(_rank, key, orders)))
        alone = len(self._variables) == 1
        counts: dict[Category, float] = {key[0] if alone else key: self._persons[key] for key in ranked}
        lines: dict[Category, int] = {key[0] if alone else key: self._lines[key] for key in ranked}
        variable = self._variables[0] if alone else self._variables
        ages, year = self._ages(), self._table.year or ("" if self._table.wide else _LONG_YEAR)
        note = noted(ALL_AGES if ages == "all" else "", self._left_out_in_words(), PERTURBED if areas > 1 else "")
        source = _source(self._table.path, year)
        return Margin(variable, counts, source, _DAYS.get(year), note, self._table.path, lines, ages)

    def _find(self, cell: Cell) -> tuple[str, ...] | None:
        """Find the answers that a cell's labels stand for; None for children."""
        ages = age_range(cell.labels[self._age]) if self._age is not None else None
        if ages and self._is_child(cell, ages):
            return None
        pairs = zip(self._variables, self._places, strict=True)
        answers = tuple(self._answer(variable, place, cell) for variable, place in pairs)
        if ages and LEFT_OUT not in answers:
            self._youngest.add(ages[0])
        return answers

    def _is_child(self, cell: Cell, ages: tuple[int, int]) -> bool:
        """Tell whether a cell counts people below the lowest age of the schema's groups."""
        label, adults = cell.labels[self._age or 0], self._labels.adults()
        if self._labels.has_own(label):
            return False
        if ages[0] < adults <= ages[1]:
            msg = (
                f"{self._at(cell, 0)}: {label!r} holds people under and over {adults}; download the table by single "
                f"year of age, or with ages that part at {adults}."
            )
            raise DefinitionError(msg)
        return ages[1] < adults

    def _answer(self, variable: str, place: int | None, cell: Cell) -> str:
        """Find the answer behind one label of a cell."""
        label, where = _label(cell, place), self._at(cell, place)
        if plain(label) == NOT_ASKED and not self._labels.has_own(label):
            return LEFT_OUT
        answer = (self._labels.area if place is None else self._labels.answer)(variable, label, where)
        order = self._labels.order(variable)
        if answer and order and answer not in order:
            msg = f"{where}: {answer!r} is not an answer of {variable!r}; {nearest(answer, order)}"
            raise DefinitionError(msg)
        return answer

    def _leave_out(self, cell: Cell, place: int | None) -> None:
        """Note whom a left-out label counts; people to whom a question does not apply are never left out in silence."""
        label = _label(cell, place)
        if cell.persons and plain(label) == NOT_ASKED and not self._labels.has_own(label):
            msg = (
                f"{self._table.path}:{cell.line}: the question does not apply to {cell.persons:,.0f} persons, so the "
                "table is not one of all residents. Download another, or leave them out with "
                f"categories={{{label!r}: ''}}."
            )
            raise DefinitionError(msg)
        self._left_out[label] = self._left_out.get(label, 0.0) + cell.persons

    def _at(self, cell: Cell, place: int | None) -> str:
        """Name the file and the line of a label: the header's where labels are columns."""
        return f"{self._table.path}:{1 if self._table.wide and place is not None else cell.line}"

    def _ages(self) -> str:
        """Say who was counted."""
        if self._age is not None:
            youngest = min(self._youngest, default=0)
            return f"{youngest}+" if youngest else "all"
        found = _ADULTS.search(self._table.population)
        return f"{found[1]}+" if found else "all"

    def _left_out_in_words(self) -> str:
        """Name the labels that were left out, with their persons; children are no surprise."""
        told = [
            f"{label} ({persons:,.0f} persons)"
            for label, persons in self._left_out.items()
            if persons and not age_range(label)
        ]
        return f"Left out: {', '.join(told)}." if told else ""


def _label(cell: Cell, place: int | None) -> str:
    """Take one label of a cell; the area's name where there is no place."""
    return cell.area if place is None else cell.labels[place]


def _harmonised(surveys: str | Path | None) -> Path:
    """Name the schema's file."""
    return (Path(surveys) if surveys else surveys_folder()) / "harmonised.toml"


def _place(table: CensusTable, labels: Labels, variable: str) -> int | None:
    """Find the question of the table that a variable comes from; None for the area."""
    root = labels.root(variable)
    if root == AREA:
        return None
    roots = [labels.root_of_question(question) for question in table.questions]
    if root in roots:
        return roots.index(root)
    if labels.own and len(table.questions) == 1:
        return 0
    asked = ", ".join(map(repr, table.questions))
    if variable not in labels.schema.variables:
        msg = f"There is no variable {variable!r} in the schema; {nearest(variable, labels.schema.variables)}"
        raise WrongUseError(msg)
    msg = (
        f"{table.path} asks for {asked}, not for {variable!r}. Download another table, or map its labels with "
        "categories={label: answer} where it has one question."
    )
    raise WrongUseError(msg)


def _check_levels(chosen: Collection[Area], path: Path) -> None:
    """Refuse areas that hold one another."""
    kinds = {found[1] for _, code in chosen if (found := _CODE.fullmatch(code))}
    if len(kinds) > 1 and not any(kinds <= level for level in _LEVELS):
        msg = (
            f"{path}: the areas are of several levels (codes with {', '.join(sorted(kinds))} after the letter), so "
            "that people would be counted twice. Choose areas of one level with areas=[...]."
        )
        raise DefinitionError(msg)


def _source(path: Path, year: str) -> str:
    """Name the census table after its file."""
    found = _TABLE.search(path.stem)
    name = f"Census {year}" if year else "Census"
    return f"{name} {found[0].upper()}, Office for National Statistics" if found else f"{name} ({path.name})"


def _rank(answer: str, order: Sequence[str]) -> int:
    """Place an answer in the schema's order; answers without one keep the file's."""
    return order.index(answer) if answer in order else len(order)
