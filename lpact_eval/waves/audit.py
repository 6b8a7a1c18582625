"""Which question was asked how in which wave, what may be compared, and how many answered."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from lpact_eval.resources import surveys_folder
from lpact_eval.sample import Sample
from lpact_eval.waves.definition import WaveDefinition, read_definition
from lpact_eval.waves.reading import read_wave

COLUMNS = (
    "variable",
    "title",
    "wave",
    "asked_as",
    "scale",
    "comparable",
    "reason",
    "answered",
    "dont_know",
    "prefer_not",
    "blank",
    "not_asked",
)
_KINDS = ("don't know", "prefer not to say", "blank", "not asked")


def audit(names: Sequence[str], *, surveys: str | Path | None = None) -> pd.DataFrame:
    """Compare how every harmonised variable was asked in several waves.

    Parameters
    ----------
    names : sequence of str
        Waves, as for `read_wave`.
    surveys : path, optional
        Folder of the survey definitions; by default the one shipped.

    Returns
    -------
    DataFrame
        One row a variable and wave: variable, title, wave, asked_as (wording in that wave), scale, comparable, reason,
        and the numbers of respondents kept: answered, dont_know, prefer_not, blank, not_asked.

    Raises
    ------
    LpactError
        If a wave can't be read.
    """
    return audit_samples([read_wave(name, surveys=surveys) for name in names], surveys=surveys)


def audit_samples(samples: Sequence[Sample], *, surveys: str | Path | None = None) -> pd.DataFrame:
    """Do what `audit` does for waves that were read already; only their definitions are read again.

    Parameters
    ----------
    samples : sequence of Sample
        One a wave, as `read_wave` returns them; weights don't matter.
    surveys : path, optional
        Folder that the waves were read from.

    Returns
    -------
    DataFrame
        As from `audit`.
    """
    folder = Path(surveys) if surveys is not None else surveys_folder()
    rows = [row for sample in samples for row in _wave_rows(sample, read_definition(sample.waves[0].name, folder))]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {name: place for place, name in enumerate(dict.fromkeys(table["variable"]))}
    return table.sort_values("variable", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _wave_rows(sample: Sample, definition: WaveDefinition) -> Iterator[tuple[object, ...]]:
    """Describe every variable in one wave."""
    wave = definition.name
    for name, variable in sample.codebook.items():
        missing = sample.missing[name]
        counts = [int((missing == kind).sum()) for kind in _KINDS]
        yield (
            name,
            variable.title,
            wave,
            _asked_as(name, definition),
            _scale(name, definition),
            variable.comparable[wave],
            variable.reason[wave],
            int(missing.isna().sum()),
            *counts,
        )


def _asked_as(name: str, definition: WaveDefinition) -> str:
    """Quote the wording of the wave, or name the variable that this one is derived of."""
    root = definition.root(name)
    if not root:
        return ""
    if root != name:
        return f"derived of {definition.schema.variables[name].source}"
    return definition.items[name].wording or definition.schema.variables[name].wording or definition.items[name].column


def _scale(name: str, definition: WaveDefinition) -> str:
    """Say how many of the harmonised answers the wave could give."""
    if not definition.root(name):
        return ""
    meaning, answers = definition.schema.variables[name], definition.schema.answers(name)
    kind = meaning.scale or meaning.kind.replace("_", "/")
    if not answers:
        return kind
    item = definition.items.get(name)
    offered = {*item.answers.values(), *item.columns.values()} if item and not item.lookup else set(answers)
    part = f"{len(offered)} of {len(answers)}" if len(offered) < len(answers) else f"{len(answers)}"
    return f"{kind}, {part} answers"
