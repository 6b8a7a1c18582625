"""The definition files behind a run, with their hashes, so that no edit of them goes without a trace."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from lpact_eval.resources import surveys_folder
from lpact_eval.waves.located import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lpact_eval.evaluation.plan import EvaluationPlan

Definitions = tuple[tuple[str, str], ...]


def definitions_of(plan: EvaluationPlan) -> Definitions:
    """Hash every definition file that a run of a plan rests on.

    Parameters
    ----------
    plan : EvaluationPlan
        A plan whose waves and populations can be read.

    Returns
    -------
    tuple of (str, str)
        Name relative to the surveys folder and SHA-256: the plan, the schema, each wave's definition, crosswalk and
        look-ups, each population and its counts, the national figures, and the contribution analysis. Shipped files
        beside a project's own begin with "shipped/".
    """
    found: dict[Path, bytes] = {}
    _take(found, plan.surveys / "harmonised.toml")
    for wave in plan.waves:
        _take(found, plan.surveys / wave / "wave.toml")
        crosswalk = plan.surveys / wave / "crosswalk.toml"
        if crosswalk.is_file():  # a wave still to come has no answers to describe
            _take_named(found, plan.surveys / wave, _parsed(_take(found, crosswalk)), "lookup")
    for file in (plan.population_file, plan.within_file):
        if file is not None:
            _take_named(found, file.parent, _parsed(_take(found, file)).get("margins"), "file")
    for file in sorted((plan.surveys / "benchmarks").glob("*.toml")):
        _take_named(found, file.parent, {"figures": _parsed(_take(found, file))}, "file")
    if plan.records is not None and plan.records.contribution is not None and plan.records.contribution.is_file():
        _take(found, plan.records.contribution)
    hashes = ((_name(path, plan), hashlib.sha256(content).hexdigest()) for path, content in found.items())
    return ((plan.plan_file, plan.plan_sha256), *hashes)


def _take(found: dict[Path, bytes], path: Path) -> bytes:
    """Read a definition."""
    content = found[path.resolve()] = path.read_bytes()
    return content


def _parsed(content: bytes) -> Mapping[str, object]:
    """Parse a definition for the files that it names."""
    return parsed(content.decode("utf-8-sig"))


def _take_named(found: dict[Path, bytes], folder: Path, tables: object, key: str) -> None:
    """Read the files that tables name under a key, each once."""
    for table in cast("Mapping[str, object]", tables).values():
        name = cast("Mapping[str, object]", table).get(key) if isinstance(table, dict) else None
        if isinstance(name, str) and name and (path := (folder / name).resolve()) not in found:
            found[path] = path.read_bytes()


def _name(path: Path, plan: EvaluationPlan) -> str:
    """Name a file so that a reader finds it and no folder of this machine is told."""
    for folder, before in ((plan.surveys, ""), (surveys_folder(), "shipped/")):
        if path.is_relative_to(folder.resolve()):
            return before + path.relative_to(folder.resolve()).as_posix()
    return f"{path.parent.name}/{path.name}"
