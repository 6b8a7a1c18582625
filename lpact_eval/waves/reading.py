"""One wave, from its delivered file to a harmonised sample."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.sample import MISSING_KINDS, BoolArray, FloatArray, Sample, Variable, Wave
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.crosswalk import BLANK, Answers, Harmonised, Values, harmonise, unmapped_codes
from lpact_eval.waves.definition import FileFormat, WaveDefinition, read_definition
from lpact_eval.waves.delivered import Delivered, fold, read_delivered
from lpact_eval.waves.delivered_items import words_found
from lpact_eval.waves.layouts import start_and_finish
from lpact_eval.waves.located import cut, has_file, shown_path
from lpact_eval.waves.personal import find_personal, latest_birth
from lpact_eval.waves.quality import quality_notes, row_ledger, set_aside
from lpact_eval.waves.recruitment import DesignData, as_declared, make_design, read_design

_FORMATS = {f".{one}": one for one in get_args(FileFormat)}
_NAMED = 8  # column names listed in a note
_KEPT = 128  # types of columns


def read_wave(name: str, *, surveys: str | Path | None = None, answers: str | Path | None = None) -> Sample:
    """Read one wave: delivered answers to harmonised ones, every row and every code accounted for.

    Parameters
    ----------
    name : str
        The wave's folder under `surveys`.
    surveys : path, optional
        Folder with harmonised.toml and a folder a wave; by default the one shipped.
    answers : path, optional
        The delivered file. By default the `file` that wave.toml names; where it names none, the synthetic demo file.

    Returns
    -------
    Sample
        Respondents kept, with the ledger of all rows and the kind of every missing answer.

    Raises
    ------
    WrongUseError
        If there is no such wave or file.
    DefinitionError
        If the definition is wrong: file, line, key and the nearest right key.
    HarmonisationError
        If the file doesn't fit its definition: absent columns, unmapped codes with counts.
    """
    definition = read_definition(name, Path(surveys) if surveys is not None else surveys_folder())
    path = delivered_path(definition, answers)
    delivered = read_delivered(path, definition)
    harmonised, blanked = _without_contacts(harmonise(delivered, definition), definition)
    design = read_design(delivered, definition)
    reason = set_aside(delivered, definition, harmonised, design)
    kept = reason < 0
    notes = [
        *_column_notes(delivered, definition, harmonised, design),
        *_personal_notes(delivered, definition, blanked),
        *_row_notes(definition, harmonised, design, kept),
        *quality_notes(delivered, definition, harmonised, kept),
    ]
    codebook = definition.codebook()
    sample = Sample(
        _answers(harmonised, codebook, kept),
        make_design(design, kept),
        row_ledger(name, reason, notes),
        _missing(harmonised, kept),
        codebook,
        (_wave(definition, delivered, synthetic=_is_demo(path, definition)),),
    )
    return as_declared(sample, definition)


def unmapped(name: str, *, surveys: str | Path | None = None, answers: str | Path | None = None) -> pd.DataFrame:
    """List the delivered codes and texts that the crosswalk does not map yet.

    Parameters
    ----------
    name, surveys, answers
        As in `read_wave`.

    Returns
    -------
    DataFrame
        variable, column, delivered, label, rows. It may hold what people wrote: for the analyst's eyes only.
    """
    definition = read_definition(name, Path(surveys) if surveys is not None else surveys_folder())
    found = unmapped_codes(read_delivered(delivered_path(definition, answers), definition), definition)
    rows = [(one.variable, one.column, code.text, code.label, code.rows) for one in found for code in one.codes]
    return pd.DataFrame(rows, columns=["variable", "column", "delivered", "label", "rows"])


def delivered_path(definition: WaveDefinition, answers: str | Path | None = None) -> Path:
    """Find the delivered file: the one given, else the definition's own, else its demo file.

    Raises
    ------
    WrongUseError
        If it does not exist, or is of another format than declared. A named file that is absent never becomes the demo.
    """
    layout, file = definition.delivered, definition.wave_file
    if answers is not None:
        path, where = Path(answers), "answers"
    elif layout.file:
        path, where = definition.folder / layout.file, file.at("delivered", "file")
    elif layout.demo:
        path, where = definition.folder / layout.demo, file.at("delivered", "demo")
    else:
        where = file.at("delivered")
        msg = f"{where}: wave {definition.name!r} has no delivered file yet; name it in `file`, or give answers=."
        raise WrongUseError(msg)
    if not has_file(path):
        msg = f"{where}: there is no file {cut(shown_path(path))}; give the path of the delivered file."
        raise WrongUseError(msg)
    found = _FORMATS.get(path.suffix.casefold(), layout.format)
    if found != layout.format:
        where = file.at("delivered", "format")
        msg = f"{where}: the format is {layout.format!r}, but {path.name} is .{found}; correct one of them."
        raise WrongUseError(msg)
    return path


def _is_demo(path: Path, definition: WaveDefinition) -> bool:
    """Tell whether this is the wave's synthetic demo file."""
    demo = definition.folder / definition.delivered.demo
    return bool(definition.delivered.demo) and has_file(demo) and demo.samefile(path)


def _wave(definition: WaveDefinition, delivered: Delivered, *, synthetic: bool) -> Wave:
    """Describe the wave."""
    dates = definition.fieldwork
    return Wave(
        definition.name,
        definition.title,
        dates.start,
        dates.end,
        definition.mode,
        synthetic=synthetic,
        file=delivered.file,
        sha256=delivered.sha256,
    )


def _answers(harmonised: Harmonised, codebook: dict[str, Variable], kept: BoolArray) -> pd.DataFrame:
    """Put the answers of the rows kept into a frame."""
    rows = int(kept.sum())
    columns = {name: _column(harmonised.variables[name], variable, kept) for name, variable in codebook.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(rows))


def _column(answers: Answers, variable: Variable, kept: BoolArray) -> pd.Series | pd.Categorical | FloatArray:
    """Make one harmonised column: categories in schema order, numbers or texts."""
    missing = answers.missing[kept]
    values: Values = answers.values[kept]  # noqa: PD011 - an array, not a frame
    if variable.kind == "number":
        return np.where(missing < 0, values, np.nan).astype(float)
    if variable.kind in {"text", "set"}:
        texts = pd.Series(values.astype(object), dtype="string")
        return texts.mask(missing >= 0)
    places = np.where(missing < 0, values, -1).astype(np.intp)
    return pd.Categorical.from_codes(places, dtype=_dtype(variable.answers, ordered=variable.kind == "scale"))


@functools.lru_cache(_KEPT)
def _dtype(answers: tuple[str, ...], *, ordered: bool) -> pd.CategoricalDtype:
    """Make the type of a column of these answers; most questions share theirs with others."""
    return pd.CategoricalDtype(list(answers), ordered=ordered)


def _missing(harmonised: Harmonised, kept: BoolArray) -> pd.DataFrame:
    """Put the kinds of missing of the rows kept into a frame."""
    dtype = _dtype(MISSING_KINDS, ordered=False)
    columns = {
        name: pd.Categorical.from_codes(answers.missing[kept], dtype=dtype)
        for name, answers in harmonised.variables.items()
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(int(kept.sum())))


def _without_contacts(harmonised: Harmonised, definition: WaveDefinition) -> tuple[Harmonised, dict[str, int]]:
    """Blank texts that hold a contact or a number of a person: no analysis file may; count the rows by variable."""
    latest = latest_birth(definition)
    variables, blanked = dict(harmonised.variables), dict[str, int]()
    for name, answers in harmonised.variables.items():
        meaning = definition.schema.variables[name]
        if meaning.kind != "text" or meaning.paradata:
            continue
        codes, texts = pd.factorize(answers.values)
        personal = np.array([bool(looks_personal(str(text), latest=latest)) for text in texts], dtype=bool)
        rows = personal[codes] if personal.any() else np.zeros(codes.size, dtype=bool)
        if rows.any():
            blanked[name] = int(rows.sum())
            values = np.where(rows, "", answers.values)
            variables[name] = replace(answers, values=values, missing=np.where(rows, BLANK, answers.missing))
    return replace(harmonised, variables=variables), blanked


def _personal_notes(delivered: Delivered, definition: WaveDefinition, blanked: Mapping[str, int]) -> Iterator[str]:
    """Count the cells that look personal, and the texts that were blanked for it."""
    yield from map(str, find_personal(delivered, definition))
    for name, rows in blanked.items():
        yield f"texts that look personal, counted as blank: {name} ({rows} delivered rows)"


def _column_notes(
    delivered: Delivered, definition: WaveDefinition, harmonised: Harmonised, design: DesignData
) -> Iterator[str]:
    """Account for delivered columns that were dropped or not used."""
    if delivered.personal:
        yield f"columns of personal data dropped while reading: {_listed(delivered.personal)}"
    yield from delivered.layout.notes
    yield from words_found(definition, delivered, harmonised.used)
    layout, rules = delivered.layout, definition.quality
    named = [
        layout.id,
        layout.time,
        *definition.delivered.ignore_columns,
        rules.consent.column if rules.consent else "",
        *(rule.column for rule in rules.responses),
    ]
    named += start_and_finish(rules.speeders, layout) if rules.speeders else ()
    used = harmonised.used | design.used | {fold(name) for name in named}
    unused = [
        name
        for name, title in zip(delivered.names, delivered.titles, strict=True)
        if not used.intersection({name, title})
    ]
    if unused:
        yield f"delivered columns that the definition doesn't use: {_listed(unused)}"


def _row_notes(
    definition: WaveDefinition, harmonised: Harmonised, design: DesignData, kept: BoolArray
) -> Iterator[str]:
    """Account for numbers that can't be, and for rows without a sampling unit."""
    for name, answers in harmonised.variables.items():
        if answers.out_of_range:
            yield f"impossible numbers, counted as blank: {name} ({answers.out_of_range} delivered rows)"
        yield from answers.notes
    alone = int((design.psu[kept] < 0).sum()) if design.psu is not None else 0
    if alone:
        yield f"rows kept without {definition.design.psu}, each a sampling unit of its own: {alone}"


def _listed(names: Sequence[str]) -> str:
    """Count names and list the first of them, long question texts cut."""
    shown = [name if len(name) <= 40 else f"{name[:37]}..." for name in names[:_NAMED]]  # noqa: PLR2004 - fits a table cell
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} ({', '.join(shown)}{more})"
