"""Census labels as harmonised answers: a shipped table that anyone can review, and a rule for ages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.census_tables import Ages, age_range
from lpact_eval.waves.count_tables import read_tables
from lpact_eval.waves.counts import plain
from lpact_eval.waves.located import near, nearest
from lpact_eval.waves.schema import Schema

LEFT_OUT: Final = ""
NOT_ASKED: Final = "does not apply"
AREA, AGE = "area", "age"
_AGE_QUESTION: Final = "age"
_VARIANT = re.compile(r"\s*\([A-Za-z]\)$")
_HEADER: Final = ("question", "label", "variable", "category")
_LONGEST: Final = 100  # characters of a label that a message shows


@dataclass(frozen=True, slots=True)
class Known:
    """What one census label means.

    Attributes
    ----------
    question, label : str
        As the census writes them.
    variable, category : str
        Harmonised variable and answer; no answer where it is left out.
    """

    question: str
    label: str
    variable: str
    category: str


@dataclass(frozen=True, slots=True)
class Labels:
    """How the labels of a table become answers of harmonised variables.

    Attributes
    ----------
    schema : Schema
    own : mapping of label to answer
        The caller's, which goes before the shipped table; an empty answer leaves the label out.
    """

    schema: Schema
    own: Mapping[str, str]

    def has_own(self, label: str) -> bool:
        """Tell whether the caller says what a label means."""
        return plain(label) in {plain(name) for name in self.own}

    def root(self, variable: str) -> str:
        """Find the variable that another is derived of in the end."""
        while variable in self.schema.variables and self.schema.variables[variable].source:
            variable = self.schema.variables[variable].source
        return variable

    def root_of_question(self, question: str) -> str:
        """Find the variable behind a census question; empty if it is not known."""
        asked = plain(_VARIANT.sub("", question))
        if asked == _AGE_QUESTION:
            return AGE
        return next((self.root(one.variable) for one in known_labels() if plain(one.question) == asked), "")

    def order(self, variable: str) -> tuple[str, ...]:
        """List a variable's answers in the schema's order; none where it has none."""
        return self.schema.answers(variable) if variable in self.schema.variables else ()

    def answer(self, variable: str, label: str, where: str) -> str:
        """Find the answer of a variable that a label stands for.

        Parameters
        ----------
        variable, label : str
        where : str
            File and line, for messages.

        Returns
        -------
        str
            Empty where the label is left out: children, and what the mapping leaves out.

        Raises
        ------
        DefinitionError
            If the label is not known, is coarser than the variable, or its ages belong to two bands.
        """
        own = {plain(name): category for name, category in self.own.items()}
        if plain(label) in own:
            return own[plain(label)]
        ages = age_range(label)
        if ages and self.root(variable) == AGE:
            return self._of_ages(variable, ages, f"{where}: {label!r}")
        root = self.root(variable)
        found = [one for one in known_labels() if plain(one.label) == plain(label) and self.root(one.variable) == root]
        derived = [self._derived(variable, one.variable, one.category) for one in found]
        answers = [answer for answer in derived if answer is not None]
        if not answers:
            raise DefinitionError(self._unknown(variable, label, where, coarse=bool(found)))
        return answers[0]

    def area(self, variable: str, name: str, where: str) -> str:
        """Find the answer of an area variable that an area's name stands for."""
        own = {plain(label): category for label, category in self.own.items()}
        answers = {plain(answer): answer for answer in self.order(AREA)} or {plain(name): name}
        if plain(name) in own:
            return own[plain(name)]
        found = self._derived(variable, AREA, answers[plain(name)]) if plain(name) in answers else None
        if found is None:
            msg = (
                f"{where}: {name!r} is no answer of {AREA!r}; {nearest(name, self.order(AREA))} Choose areas=[...], or "
                "map it with categories={area: answer}."
            )
            raise DefinitionError(msg)
        return found

    def adults(self) -> int:
        """Find the lowest age that the schema's age groups hold."""
        bands = [
            band for meaning in self.schema.variables.values() if meaning.source == AGE for band in _bands(meaning)
        ]
        return int(min((low for low, _ in bands), default=0))

    def _derived(self, variable: str, base: str, category: str) -> str | None:
        """Carry an answer of one variable over to another that is derived of it; None where it is not."""
        if variable == base or category == LEFT_OUT:
            return category
        meaning = self.schema.variables.get(variable)
        if meaning is None or not meaning.source:
            return None
        source = self._derived(meaning.source, base, category)
        return next((answer for answer, members in meaning.groups.items() if source in members), None)

    def _of_ages(self, variable: str, ages: Ages, problem: str) -> str:
        """Find the band that holds all of some ages; none for ages below the lowest."""
        meaning = self.schema.variables[variable]
        if meaning.groups:
            inner = self._of_ages(meaning.source, ages, problem)
            return next((answer for answer, members in meaning.groups.items() if inner in members), LEFT_OUT)
        oldest = max((high for _, high in meaning.bands.values()), default=0.0)
        for answer, (low, high) in meaning.bands.items():
            if low <= ages[0] and (ages[1] <= high or high == oldest):
                return answer
        lowest = min((low for low, _ in meaning.bands.values()), default=0.0)
        if meaning.bands and ages[1] < lowest:
            return LEFT_OUT
        bands = ", ".join(meaning.bands) or "none"
        msg = (
            f"{problem} does not lie within one answer of {variable!r} ({bands}). Download the table by single year of "
            "age (TS007), or with ages that fit."
        )
        raise DefinitionError(msg)

    def _unknown(self, variable: str, label: str, where: str, *, coarse: bool) -> str:
        """Say that a label has no answer."""
        shown = repr(label if len(label) <= _LONGEST else f"{label[:_LONGEST]}...")
        if coarse:
            return (
                f"{where}: {shown} is not detailed enough for {variable!r}. Ask for a broader variable, or download "
                "the table in more categories."
            )
        alike = near(label, [one.label for one in known_labels()], limit=1)
        hint = f"did you mean {alike[0]!r}? " if alike else ""
        return (
            f"{where}: {shown} is no census label that is known for {variable!r}; {hint}Map it with "
            "categories={label: answer}, or leave it out with an empty answer."
        )


def _bands(meaning: object) -> list[tuple[float, float]]:
    """List the bands of a variable."""
    return list(getattr(meaning, "bands", {}).values())


def labels_file() -> Path:
    """Name the shipped table of census labels."""
    return surveys_folder() / "population" / "census-labels.csv"


@cache
def known_labels() -> tuple[Known, ...]:
    """Read the shipped table of census labels.

    Raises
    ------
    WrongUseError
        If it was damaged.
    """
    table = read_tables(labels_file())[0]
    if table.header != _HEADER:
        msg = f"{table.at()}: the columns are {', '.join(_HEADER)}; found {', '.join(table.header)}."
        raise WrongUseError(msg)
    return tuple(Known(*row) for _, row in table.rows)
