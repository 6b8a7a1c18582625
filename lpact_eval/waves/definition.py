"""One wave's definition: its folder's wave.toml and crosswalk.toml, checked against the harmonised schema."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.sample import Comparable, Variable
from lpact_eval.waves.items import CodesOf, Item, NotAsked, read_items
from lpact_eval.waves.located import Located, nearest, read_toml, shown_path, validated
from lpact_eval.waves.schema import Schema, read_schema

FileFormat = Literal["sav", "zsav", "por", "dta", "csv", "xlsx", "parquet"]
Action = Literal["note", "set aside"]
_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """First and last day of fieldwork."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """How the delivered file is laid out; names of columns are as delivered."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    format: FileFormat
    file: str = ""
    demo: str = ""
    encoding: str = ""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str = ""
    preset: Literal[
        "", "smartsurvey", "ms-forms", "surveymonkey", "qualtrics", "google-forms", "snap", "citizen-space"
    ] = ""
    header_rows: Annotated[int, Field(ge=1, le=3)] | None = None
    dates: Literal["", "day-first", "month-first", "iso"] = ""
    id: str = ""
    time: str = ""
    personal: tuple[str, ...] = ()
    ignore_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DesignColumns:
    """Delivered columns that hold the design; empty where there is none."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    weight: str = ""
    stratum: str = ""
    psu: str = ""


@dataclass(frozen=True, slots=True)
class Speeders:
    """Respondents who took less than `fastest` seconds between two delivered times; off unless stated."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    started: str
    finished: str
    fastest: Annotated[float, Field(gt=0, allow_inf_nan=False)]
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
    """Rules that set respondents aside, or count them in the ledger."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    consent: CodesOf | None = None
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
        comparable: Comparable = self.items[root].comparable if root else "not asked"
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
            reason={self.name: self.items[root].reason if root else self.not_asked.reason},
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
    if not (folder / "wave.toml").is_file():
        raise WrongUseError(_no_such_wave(name, surveys))
    schema = read_schema(surveys / "harmonised.toml")
    wave_file = read_toml(folder / "wave.toml")
    wave = validated(_WaveFile, wave_file)
    _check_wave(wave, name, wave_file)
    crosswalk_file = read_toml(folder / "crosswalk.toml")
    items, not_asked = read_items(crosswalk_file, schema)
    _check_same_answer(wave.quality.same_answer, items, schema, wave_file)
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


def _no_such_wave(name: str, surveys: Path) -> str:
    """Say which waves there are."""
    if not surveys.is_dir():
        return (
            f"There is no folder of surveys {shown_path(surveys)}; give surveys=..., the folder with harmonised.toml."
        )
    waves = sorted(path.parent.name for path in surveys.glob("*/wave.toml"))
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
