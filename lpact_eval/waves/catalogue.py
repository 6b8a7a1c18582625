"""Which populations there are, and whom each of them counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.resources import surveys_folder
from lpact_eval.waves.margin import noted
from lpact_eval.waves.population import load_population, population_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lpact_eval.waves.population import Population

_RESCALED = "Rescaled from"


def populations(surveys: str | Path | None = None) -> pd.DataFrame:
    """List the populations that weights can stand for.

    Parameters
    ----------
    surveys : path, optional
        Folder of a project's own definitions, whose population folder is listed before the shipped ones.

    Returns
    -------
    DataFrame
        A row a population: name (for `read_population`; a path for a project's own), title, reference_date, ages (whom
        the weights stand for), margins (variables; "all ages" beside those whose all-age shares stand in), persons (the
        margins' common total), source, note.

    Raises
    ------
    DefinitionError
        If a population's files are wrong, with file and line.
    """
    own = Path(surveys) / "population" if surveys else None
    shipped = surveys_folder() / "population"
    names = [str(own / name) for name in population_names([own])] if own else []
    rows = [_row(name, load_population(name)) for name in (*names, *population_names([shipped]))]
    columns = ("name", "title", "reference_date", "ages", "margins", "persons", "source", "note")
    return pd.DataFrame(rows, columns=list(columns))


def _row(name: str, population: Population) -> dict[str, object]:
    """Describe one population."""
    margins = population.margins
    named = (
        " and ".join(margin.variables) + (" (all ages)" if margin.ages == "all" and population.ages != "all" else "")
        for margin in margins
    )
    return {
        "name": name,
        "title": population.title,
        "reference_date": population.reference_date,
        "ages": population.ages,
        "margins": ", ".join(named),
        "persons": round(margins[0].total),
        "source": "; ".join(dict.fromkeys(margin.source for margin in margins if margin.source)),
        "note": noted(population.note, *_sentences(margin.note for margin in margins)),
    }


def _sentences(notes: Iterable[str]) -> list[str]:
    """List the sentences of some notes, but for the scale of each margin."""
    parts = (part.rstrip(".") for note in notes for part in note.split(". "))
    return [f"{part}." for part in parts if part and not part.startswith(_RESCALED)]
