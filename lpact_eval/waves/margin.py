"""Margin: how many persons the population has in each category, with source, reference date and ages."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Category = str | tuple[str, ...]

ALL_AGES = (
    "All-age shares stand in for adults aged 16 and over; they overstate the 16+ share of groups that are younger "
    "than the rest."
)
PERTURBATION = 0.001  # relative difference of totals that disclosure control of a census leaves
_AGES = re.compile(r"all|\d{1,3}\+")


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
        The file that the counts were read from.
    lines : mapping of category to int
        Line of each category in that file; its first line where several were added up.
    ages : str
        Who is counted: "all" ages, or adults as in "16+"; empty where nobody said.
    """

    variable: str | tuple[str, ...]
    counts: Mapping[Category, float]
    source: str = ""
    reference_date: dt.date | None = None
    note: str = ""
    file: Path | None = None
    lines: Mapping[Category, int] = field(default_factory=dict[Category, int], repr=False, compare=False)
    ages: str = ""

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


def is_ages(text: str) -> bool:
    """Tell whether a text says who is counted: "all", or the lowest age as in "16+"."""
    return bool(_AGES.fullmatch(text))


def standing_in(margins: Iterable[Margin], titles: Mapping[str, str]) -> str:
    """Say for readers which margins are all-age shares that stand in for adults; empty where none is.

    Parameters
    ----------
    margins : iterable of Margin
    titles : mapping of variable to title
        A variable without a title is called by its name.
    """
    named = (" by ".join(titles.get(name) or name for name in one.variables) for one in margins if one.ages == "all")
    told = "; ".join(dict.fromkeys(named))
    return f"{ALL_AGES} This holds for: {told}." if told else ""


def noted(*parts: str) -> str:
    """Join what a reader must know into one text, each sentence once."""
    return " ".join(dict.fromkeys(part.strip() for part in parts if part.strip()))
