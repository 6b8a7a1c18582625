"""One hash of everything that a run rests on, so that a run of which nothing changed need not be made again."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.evaluation.accounts import logs_folder
from lpact_eval.evaluation.run_log import RUN_LOG
from lpact_eval.resources import ordinary, surveys_folder, templates_folder
from lpact_eval.version import VERSION
from lpact_eval.waves.located import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lpact_eval.evaluation.plan import EvaluationPlan

_INSTALLED: Final = ".dist-info"  # ending of a folder whose name has a library's name and version
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_COMPILED: Final = "__pycache__"
_DAY: Final = "SOURCE_DATE_EPOCH"


def inputs_hash(plan: EvaluationPlan, others: Iterable[str] = (), *, files: Iterable[Path] = ()) -> str:
    """Hash everything that a run of a plan and its release rest on.

    Parameters
    ----------
    plan : EvaluationPlan
    others : iterable of str, optional
        What else the release depends on, such as the outputs asked for.
    files : iterable of Path, optional
        Further files that it depends on, such as the force's own templates.

    Returns
    -------
    str
        SHA-256 over the plan and what lies beside it (registration, logs, contribution analysis), the surveys' folder,
        the delivered files, the records of events, the templates, this program and the libraries that it rests on.
        Files are told apart by what is in them; those of this program by their size and time.
    """
    found = hashlib.sha256()
    for line in (*_versions(), *others, os.environ.get(_DAY, "")):
        found.update(f"{line}\n".encode())
    for path in dict.fromkeys([*_files(plan), *files]):
        found.update(f"{path}\n{_content_hash(path)}\n".encode())
    for line in _states(_PACKAGE):
        found.update(f"{line}\n".encode())
    return found.hexdigest()


def _versions() -> Iterator[str]:
    """Name the program, Python and every library that is installed, with their versions."""
    yield f"lpact-eval {VERSION}, Python {sys.version}"
    for folder in filter(os.path.isdir, sys.path):
        with os.scandir(folder) as entries:
            yield from sorted(entry.name for entry in entries if entry.name.endswith(_INSTALLED))


def _states(folder: str | Path) -> Iterator[str]:
    """Give name, size and time of the files of a folder and of those in it, in one order."""
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if not entry.is_dir(follow_symlinks=False):
            about = entry.stat()
            yield f"{entry.name} {about.st_size} {about.st_mtime_ns}"
        elif entry.name != _COMPILED:
            yield from _states(entry.path)


def _files(plan: EvaluationPlan) -> Iterator[Path]:
    """List the files that a run may read, the same ones in the same order each time."""
    if plan.path is not None:
        yield from (path for path in sorted(plan.path.parent.iterdir()) if path.is_file() and not _of_runs(path))
        yield from _below(logs_folder(plan.path))
    for folder in dict.fromkeys((plan.surveys, surveys_folder())):
        yield from _below(folder)
    yield from _below(templates_folder())
    yield from (path for path in (plan.population_file, plan.within_file) if path)
    for population in (plan.population_file, plan.within_file):
        yield from _below(population.parent) if population else ()
    yield from (_delivered(plan, wave) for wave in plan.waves)
    if plan.records is not None:
        yield from _below(plan.records.folder) if plan.records.folder else ()
        yield from (plan.records.contribution,) if plan.records.contribution else ()


def _of_runs(path: Path) -> bool:
    """Whether a file beside the plan is one that runs write themselves, or hidden as theirs are."""
    return path.name == RUN_LOG or path.name.startswith(".")


def _below(folder: Path) -> Iterator[Path]:
    """List the files of a folder and of those in it, in one order."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != _COMPILED)
        yield from (Path(place, name) for name in sorted(names))


def _delivered(plan: EvaluationPlan, wave: str) -> Path:
    """Find the file that a wave is read from; the demo lies in the surveys' folder."""
    if wave in plan.files:
        return plan.files[wave]
    definition = plan.surveys / wave / "wave.toml"
    found = parsed(definition.read_text(encoding="utf-8-sig")).get("delivered", {})
    return definition.parent / str(cast("Mapping[str, object]", found).get("file", "") or definition.name)


def _content_hash(path: Path) -> str:
    """Hash what is in a file; one that can't be read is told apart from every other."""
    try:
        with ordinary(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return type(error).__name__
