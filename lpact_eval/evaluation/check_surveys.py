"""Check a folder of surveys without a plan: definitions, data, rows, kinds of missing answers, personal cells."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lpact_eval.evaluation.checks import Check, data_found, ledger_checks, review_checks, share, tried
from lpact_eval.waves.definition import read_definition, require_wave, wave_names
from lpact_eval.waves.located import shown_path
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.schema import read_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.sample import Sample
    from lpact_eval.waves.definition import WaveDefinition

WITHOUT_PLAN = "none given, so populations, weights, groups, sample sizes and comparisons between waves are not checked"
_KINDS = ("don't know", "prefer not to say", "blank", "not asked")


def check_surveys(surveys: str | Path, *, wave: str = "") -> Iterator[Check]:
    """Check what can be checked of a folder of surveys before there is a plan.

    Parameters
    ----------
    surveys : path
        Folder with harmonised.toml and a folder a wave.
    wave : str, optional
        The only wave to check; all of the folder if not given.

    Yields
    ------
    Check
        As `check_plan` does, wave by wave: definition, what waits for a review, data, row ledger, cells that look
        personal, and the kinds of missing answers.

    Raises
    ------
    WrongUseError
        If the folder has no such wave.
    """
    folder = Path(surveys)
    if wave:
        require_wave(wave, folder)
    yield Check("ok", "plan", WITHOUT_PLAN)
    schema = next(tried("schema", lambda: f"{len(read_schema(folder / 'harmonised.toml').variables)} variables"))
    yield schema
    if schema.status == "fail":
        return
    names = [wave] if wave else wave_names(folder)
    if not names:
        yield Check("fail", "surveys", f"{shown_path(folder)} has no wave yet; lpact-eval look FILE proposes one")
    for name in names:
        yield from _wave(name, folder)


def _wave(name: str, surveys: Path) -> Iterator[Check]:
    """Check one wave, going on after a failure where that is possible."""
    definitions: list[WaveDefinition] = []
    samples: list[Sample] = []
    yield from tried(f"definition of {name}", partial(_define, name, surveys, definitions))
    yield from review_checks(name, surveys)
    if not definitions:
        return
    yield from tried(f"data of {name}", partial(_read, name, surveys, samples))
    for sample in samples:
        yield from ledger_checks(name, sample)
        yield _missing(definitions[0], sample)


def _define(name: str, surveys: Path, definitions: list[WaveDefinition]) -> str:
    """Read a definition and keep it."""
    definition = read_definition(name, surveys)
    definitions.append(definition)
    return f"{len(definition.items)} variables asked, {len(definition.not_asked.variables)} not asked"


def _read(name: str, surveys: Path, samples: list[Sample]) -> str:
    """Read a wave and keep it."""
    sample = read_wave(name, surveys=surveys)
    samples.append(sample)
    return data_found(sample)


def _missing(definition: WaveDefinition, sample: Sample) -> Check:
    """Say of every question how many answered, and why the others did not; one that nobody answered is a warning."""
    what, respondents = f"missing answers of {definition.name}", max(len(sample), 1)
    lines: list[str] = []
    silent: list[str] = []
    for name in definition.items:
        missing = sample.missing[name]
        parts = {kind: int((missing == kind).sum()) / respondents for kind in _KINDS}
        told = "".join(f", {kind} {share(part)}" for kind, part in parts.items() if part)
        lines.append(f"{name}: answered {share(int(missing.isna().sum()) / respondents)}{told}")
        silent += [] if missing.isna().any() else [name]
    found = f"{len(lines)} variables, kinds of missing below"
    if silent:
        return Check("warn", what, f"{found}; nobody answered {', '.join(silent)}: see how it is mapped", tuple(lines))
    return Check("ok", what, found, tuple(lines))
