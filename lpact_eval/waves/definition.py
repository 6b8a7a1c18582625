"""One wave's definition: its folder's wave.toml and crosswalk.toml, checked against the harmonised schema."""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.sample import Comparable, Variable
from lpact_eval.waves.codelists import comparability
from lpact_eval.waves.item_checks import read_items
from lpact_eval.waves.items import CodesOf, Item, NotAsked
from lpact_eval.waves.located import Located, nearest, read_toml, shown_path, validated
from lpact_eval.waves.presets import PRESETS, DateOrder, PresetName, completed
from lpact_eval.waves.schema import Schema, read_schema

FileFormat = Literal["sav", "zsav", "por", "dta", "csv", "xlsx", "parquet"]
Action = Literal["note", "set aside"]
_KEPT = 64  # waves; a run comes back to each of its definitions several times
_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """First and last day of fieldwork."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """How the delivered file is laid out; names of columns are as delivered.

    Where `header_rows`, `dates`, `id`, `started` or `time` is not stated the preset's applies; stated as an empty
    text, none does.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    format: FileFormat
    file: str = ""
    demo: str = ""
    encoding: str = ""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str = ""
    preset: PresetName = ""
    header_rows: Annotated[int, Field(ge=1, le=3)] | None = None
    dates: DateOrder | None = None
    id: str | None = None
    started: str | None = None
    time: str | None = None
    personal: tuple[str, ...] = ()
    ignore_columns: tuple[str, ...] = ()

    @property
    def order(self) -> DateOrder:
        """Order of day and month: the one stated, else the preset's."""
        return PRESETS[self.preset].dates if self.dates is None else self.dates


@dataclass(frozen=True, slots=True)
class DesignColumns:
    """Delivered columns that hold the design; empty where there is none.

    `raked_to` names the harmonised variables whose margins the delivered weights meet, inside the groups of
    `raked_within` where they were made group by group.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    weight: str = ""
    stratum: str = ""
    psu: str = ""
    raked_to: tuple[str, ...] = ()
    raked_within: str = ""


@dataclass(frozen=True, slots=True)
class Speeders:
    """Respondents who took less than `fastest` seconds between two delivered times; off unless stated.

    Without `started` and `finished` the delivered file's start and completion times are taken.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    fastest: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    started: str = ""
    finished: str = ""
    action: Action = "note"


@dataclass(frozen=True, slots=True)
class SameAnswer:
    """Respondents who gave one answer to all harmonised `items` they answered, `least` or more; off unless stated."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    items: tuple[str, ...]
    least: Annotated[int, Field(ge=2)]
    action: Action = "note"


@dataclass(frozen=True, slots=True)
class QualityRules:
    """Rules that set respondents aside, or count them in the ledger.

    `responses` names what a survey tool says of each row, and what it says of a row that is a respondent's: Qualtrics
    marks previews, tests and answers that were not finished.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    consent: CodesOf | None = None
    responses: tuple[CodesOf, ...] = ()
    speeders: Speeders | None = None
    same_answer: SameAnswer | None = None


@dataclass(frozen=True, slots=True)
class _WaveFile:
    """wave.toml as written."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    fieldwork: Fieldwork
    delivered: DeliveredFile
    name: str = ""
    title: str = ""
    mode: str = ""
    design: DesignColumns = field(default_factory=DesignColumns)
    quality: QualityRules = field(default_factory=QualityRules)


@dataclass(frozen=True, slots=True)
class WaveDefinition:
    """One parsed and cross-checked surveys/<wave>/ folder; holds no answers.

    Attributes
    ----------
    name, title, mode : str
    folder : Path
    fieldwork, delivered, design, quality
        Tables of wave.toml.
    schema : Schema
        The harmonised variables.
    items : mapping of str to Item
        Harmonised variables taken from the delivered file.
    not_asked : NotAsked
    wave_file, crosswalk_file : Located
        The files, to name lines in messages.
    """

    name: str
    title: str
    mode: str
    folder: Path
    fieldwork: Fieldwork
    delivered: DeliveredFile
    design: DesignColumns
    quality: QualityRules
    schema: Schema
    items: Mapping[str, Item]
    not_asked: NotAsked
    wave_file: Located
    crosswalk_file: Located

    def derived(self) -> list[str]:
        """List the variables derived here, sources first; a delivered variable is never derived as well."""
        present = set(self.items)
        derived: list[str] = []
        for name in self.schema.derivation_order():
            known = name in self.items or name in self.not_asked.variables
            if not known and self.schema.variables[name].source in present:
                derived.append(name)
                present.add(name)
        return derived

    def codebook(self) -> dict[str, Variable]:
        """Describe every harmonised variable as this wave has it."""
        return {name: self._variable(name) for name in self.schema.variables}

    def root(self, name: str) -> str:
        """Follow a derived variable back to the one that was delivered; empty if none was."""
        while name and name not in self.items:
            name = "" if name in self.not_asked.variables else self.schema.variables[name].source
        return name

    def _variable(self, name: str) -> Variable:
        """Describe one harmonised variable."""
        meaning = self.schema.variables[name]
        root = self.root(name)
        comparable: Comparable = "not asked"
        reason = self.not_asked.reason
        if root:
            comparable, reason = comparability(self.items[root], own=root == name)
        return Variable(
            name,
            meaning.title or name,
            meaning.wording,
            meaning.kind,
            self.schema.answers(name),
            self.schema.positive(name),
            meaning.outcome,
            meaning.after_attendance,
            comparable={self.name: comparable},
            reason={self.name: reason},
        )


def read_definition(name: str, surveys: Path) -> WaveDefinition:
    """Read and check the definition of one wave.

    Parameters
    ----------
    name : str
        Folder of the wave.
    surveys : Path
        Folder that holds harmonised.toml and the waves' folders.

    Raises
    ------
    WrongUseError
        If there is no such wave.
    DefinitionError
        With file, line, key and the nearest right key of whatever is wrong.
    """
    folder = surveys / name
    require_wave(name, surveys)
    read_schema(surveys / "harmonised.toml")
    wave_file = read_toml(folder / "wave.toml")
    _wave_of(wave_file, name)
    crosswalk_file = read_toml(folder / "crosswalk.toml")
    return _checked(name, folder, (read_toml(surveys / "harmonised.toml"), wave_file, crosswalk_file))


@functools.lru_cache(_KEPT)
def _wave_of(wave_file: Located, name: str) -> _WaveFile:
    """Check what a wave says of itself, the same file once."""
    wave = validated(_WaveFile, wave_file)
    _check_wave(wave, name, wave_file)
    return wave


@functools.lru_cache(_KEPT)
def _checked(name: str, folder: Path, files: tuple[Located, Located, Located]) -> WaveDefinition:
    """Check a wave's own file and its crosswalk against the schema, which stands first; the same files once."""
    schema_file, wave_file, crosswalk_file = files
    schema = read_schema(schema_file.path)
    wave = _wave_of(wave_file, name)
    preset = wave.delivered.preset
    written, not_asked = read_items(crosswalk_file, schema, preset=bool(preset))
    items = {name: completed(item, schema.variables[name].kind, preset) for name, item in written.items()}
    _check_same_answer(wave.quality.same_answer, items, schema, wave_file)
    _check_speeders(wave.quality.speeders, wave.delivered, wave_file)
    _check_raked(wave.design, schema, not_asked, wave_file)
    return WaveDefinition(
        name,
        wave.title or name,
        wave.mode,
        folder,
        wave.fieldwork,
        wave.delivered,
        wave.design,
        wave.quality,
        schema,
        items,
        not_asked,
        wave_file,
        crosswalk_file,
    )


def _check_raked(design: DesignColumns, schema: Schema, not_asked: NotAsked, located: Located) -> None:
    """Refuse weights declared as raked that are not delivered, or to variables that the wave does not have."""
    if (design.raked_to or design.raked_within) and not (design.weight and design.raked_to):
        msg = (
            f"{located.at('design')}: raked_to says which margins delivered weights meet; name their column in "
            "`weight` and one variable or more in raked_to."
        )
        raise DefinitionError(msg)
    named = [("raked_to", name) for name in design.raked_to]
    for key, name in [*named, *([("raked_within", design.raked_within)] if design.raked_within else [])]:
        if name not in schema.variables or name in not_asked.variables:
            asked = [one for one in schema.variables if one not in not_asked.variables]
            msg = f"{located.at('design', key)}: this wave has no variable {name!r}; {nearest(name, asked)}"
            raise DefinitionError(msg)


def wave_names(surveys: Path) -> list[str]:
    """List the waves of a folder of surveys."""
    return sorted(path.parent.name for path in surveys.glob("*/wave.toml"))


def require_wave(name: str, surveys: Path) -> None:
    """Refuse a name that is no wave's, and say which waves there are."""
    if not (surveys / name / "wave.toml").is_file():
        raise WrongUseError(_no_such_wave(name, surveys))


def _no_such_wave(name: str, surveys: Path) -> str:
    """Say which waves there are."""
    if not surveys.is_dir():
        return (
            f"There is no folder of surveys {shown_path(surveys)}; give surveys=..., the folder with harmonised.toml."
        )
    waves = wave_names(surveys)
    found = f"has the waves {', '.join(waves)}" if waves else "has no wave yet"
    return (
        f"There is no wave {name!r}: {shown_path(surveys)} {found}. "
        f"A wave is a folder with wave.toml and crosswalk.toml; give one of them or add {name}/wave.toml."
    )


def _check_wave(wave: _WaveFile, folder: str, located: Located) -> None:
    """Refuse a name unlike the folder's, fieldwork that ends before it starts, and an undeclared encoding."""
    if wave.name and wave.name != folder:
        msg = f"{located.at('name')}: the wave is called {wave.name!r} but its folder {folder!r}; make them equal."
        raise DefinitionError(msg)
    start, end = wave.fieldwork.start, wave.fieldwork.end
    if end < start:
        msg = f"{located.at('fieldwork', 'end')}: fieldwork ends on {end}, before its start on {start}; correct one."
        raise DefinitionError(msg)
    if wave.delivered.format == "csv" and not wave.delivered.encoding:
        msg = (
            f"{located.at('delivered')}: the encoding of the csv file is not declared; add "
            'encoding = "utf-8" (most survey tools), "utf-8-sig" or "cp1252" (saved by Excel) to [delivered].'
        )
        raise DefinitionError(msg)


def _check_speeders(rule: Speeders | None, delivered: DeliveredFile, located: Located) -> None:
    """Refuse a rule on speed without two columns of times, its own, the delivered file's or the preset's."""
    if rule is None:
        return
    usual = PRESETS[delivered.preset]
    named = {
        "started": rule.started or (usual.started if delivered.started is None else delivered.started),
        "finished": rule.finished or (usual.time if delivered.time is None else delivered.time),
    }
    problems = [
        f'{located.at("quality", "speeders")}: no column says when respondents {part}; add {part} = "...", the '
        "name of the column, or remove the rule."
        for part, column in named.items()
        if not column
    ]
    if problems:
        raise DefinitionError("\n".join(problems))


def _check_same_answer(rule: SameAnswer | None, items: Mapping[str, Item], schema: Schema, located: Located) -> None:
    """Refuse a rule on questions that the wave did not ask, that don't share their answers, or that are too few."""
    if rule is None:
        return
    where = located.at("quality", "same_answer", "items")
    closed = [name for name in items if schema.variables[name].kind in {"scale", "category", "yes_no"}]
    problems = [
        f"{where}: {name!r} is no closed question of this wave's crosswalk.toml; {nearest(name, closed)}"
        for name in rule.items
        if name not in closed
    ]
    if not problems and len({schema.answers(name) for name in rule.items}) > 1:
        problems.append(f"{where}: the items don't share their answers; list questions of one scale only.")
    if len(set(rule.items)) != len(rule.items):
        problems.append(f"{where}: an item is listed twice; keep one.")
    if rule.least > len(rule.items):
        least = located.at("quality", "same_answer", "least")
        problems.append(f"{least}: least = {rule.least}, but only {len(rule.items)} items are listed; lower it.")
    if problems:
        raise DefinitionError("\n".join(problems))
