"""Which question was asked how in which wave, what may be compared, and how many answered."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lpact_eval.resources import surveys_folder
from lpact_eval.sample import Sample, coded
from lpact_eval.waves.codelists import offered
from lpact_eval.waves.definition import WaveDefinition, read_definition
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.unsure import DONT_KNOW_MOVED, Unsure, check_moved, moved_flag

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
    "remark",
)
_KINDS = ("don't know", "prefer not to say", "blank", "not asked")


def audit(
    names: Sequence[str], *, surveys: str | Path | None = None, dont_know_moved: float = DONT_KNOW_MOVED
) -> pd.DataFrame:
    """Compare how every harmonised variable was asked in several waves.

    Parameters
    ----------
    names : sequence of str
        Waves, as for `read_wave`.
    surveys : path, optional
        Folder of the survey definitions; by default the one shipped.
    dont_know_moved : float, default 0.05
        A question whose share of don't knows moved by more between two waves in which it can be compared is remarked
        on, as a proportion. Shares are unweighted here, of those who were asked and did not leave it blank.

    Returns
    -------
    DataFrame
        One row a variable and wave: variable, title, wave, asked_as (wording in that wave), scale, comparable, reason,
        the numbers of respondents kept: answered, dont_know, prefer_not, blank, not_asked; and remark, which says
        where don't knows moved since earlier waves.

    Raises
    ------
    LpactError
        If a wave can't be read.
    """
    read = [read_wave(name, surveys=surveys) for name in names]
    return audit_samples(read, surveys=surveys, dont_know_moved=dont_know_moved)


def audit_samples(
    samples: Sequence[Sample], *, surveys: str | Path | None = None, dont_know_moved: float = DONT_KNOW_MOVED
) -> pd.DataFrame:
    """Do what `audit` does for waves that were read already; only their definitions are read again.

    Parameters
    ----------
    samples : sequence of Sample
        One a wave, as `read_wave` returns them; weights don't matter.
    surveys : path, optional
        Folder that the waves were read from.
    dont_know_moved : float, default 0.05
        As for `audit`.

    Returns
    -------
    DataFrame
        As from `audit`.
    """
    check_moved(dont_know_moved)
    folder = Path(surveys) if surveys is not None else surveys_folder()
    rows = [row for sample in samples for row in _wave_rows(sample, read_definition(sample.waves[0].name, folder))]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {name: place for place, name in enumerate(dict.fromkeys(table["variable"]))}
    ordered = table.sort_values("variable", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return ordered.assign(remark=_remarks(ordered, dont_know_moved))


def _remarks(table: pd.DataFrame, moved: float) -> list[str]:
    """Say at each question's wave whether don't knows moved since the waves before it."""
    seen: dict[str, list[Unsure]] = {}
    remarks: list[str] = []
    columns = ("variable", "wave", "comparable", "answered", "dont_know", "prefer_not")
    for name, wave, comparable, answered, said, refused in zip(*(table[one] for one in columns), strict=True):
        base = answered + said + refused
        waves = seen.setdefault(name, [])
        flag = ""
        if base and comparable in {"full", "partial"}:
            waves.append(Unsure(wave, said / base, said, base))
            flag = moved_flag(waves, moved)
        remarks.append(flag)
    return remarks


def _wave_rows(sample: Sample, definition: WaveDefinition) -> Iterator[tuple[object, ...]]:
    """Describe every variable in one wave."""
    wave = definition.name
    for name, variable in sample.codebook.items():
        answered, *missing = _counts(sample.missing[name])
        yield (
            name,
            variable.title,
            wave,
            _asked_as(name, definition),
            scale_asked(name, definition),
            variable.comparable[wave],
            variable.reason[wave],
            answered,
            *missing,
            "",
        )


def _counts(missing: pd.Series) -> list[int]:
    """Count the answers that were given, and by kind those that were not."""
    codes, kinds = coded(missing)
    counted = dict(zip(kinds, np.bincount(codes[codes >= 0], minlength=len(kinds)).tolist(), strict=True))
    return [int((codes < 0).sum()), *(counted.get(kind, 0) for kind in _KINDS)]


def _asked_as(name: str, definition: WaveDefinition) -> str:
    """Quote the wording of the wave, or name the variable that this one is derived of."""
    root = definition.root(name)
    if not root:
        return ""
    if root != name:
        return f"derived of {definition.schema.variables[name].source}"
    return definition.items[name].wording or definition.schema.variables[name].wording or definition.items[name].column


def scale_asked(name: str, definition: WaveDefinition) -> str:
    """Say how many of the harmonised answers a wave could give.

    Parameters
    ----------
    name : str
        Harmonised variable.
    definition : WaveDefinition

    Returns
    -------
    str
        As in the column "scale" of `audit`: "agreement, 4 of 5 answers"; empty where the wave did not ask.
    """
    if not definition.root(name):
        return ""
    meaning, answers = definition.schema.variables[name], definition.schema.answers(name)
    kind = meaning.scale or meaning.kind.replace("_", "/")
    if not answers:
        return kind
    item = definition.items.get(name)
    given = offered(item) & set(answers) if item and not item.lookup else set(answers)
    part = f"{len(given)} of {len(answers)}" if len(given) < len(answers) else f"{len(answers)}"
    return f"{kind}, {part} answers"
