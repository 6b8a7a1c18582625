"""A first project for LPACT: definitions, plan, logs and a folder for data; nothing that is there is ever touched."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.logs import LOGS
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAN: Final = "analyses/evaluation-plan.toml"
_TEMPLATES: Final = Path(__file__).with_name("first_project")
_SHIPPED_SURVEYS: Final = 'surveys = ""'
_NO_COPY: Final = ("events", "demo-truth.toml")  # made-up records stay with the program until there are real ones
_FILES: Final = """# The delivered files, once they are there; until then made-up answers stand in. Take the # off.
# [files]
# 2022 = "../data/2022.sav"
# rerun = "../data/rerun.csv"

"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project that was begun.

    Attributes
    ----------
    folder : Path
    written : tuple of Path
    kept : tuple of Path
        Files that were there already, and were left as they are.
    """

    folder: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def begin_project(folder: str | Path) -> Project:
    """Write a first project: the shipped definitions and plan to change, logs to fill in, and a folder for data.

    Parameters
    ----------
    folder : path
        Made if it is not there. Files in it stay as they are.

    Returns
    -------
    Project

    Raises
    ------
    WrongUseError
        If there is a file where a folder is needed; then nothing was written.
    """
    place = Path(folder)
    contents = dict(_contents())
    _require_folders(place, contents)
    written: list[Path] = []
    kept: list[Path] = []
    for name, content in contents.items():
        path = place / name
        (written if _written(path, content) else kept).append(path)
    return Project(place, tuple(written), tuple(kept))


def _contents() -> Iterator[tuple[str, bytes]]:
    """List the files of a project with what is in them, the plan first."""
    shipped = plan_file()
    yield PLAN, _own_plan(shipped.read_text(encoding="utf-8")).encode()
    yield "analyses/contribution.toml", shipped.with_name("contribution.toml").read_bytes()
    for log in LOGS:
        yield f"analyses/logs/{log}.toml", (_TEMPLATES / "logs" / f"{log}.toml").read_bytes()
    surveys = surveys_folder()
    for path in sorted(surveys.rglob("*")):
        name = path.relative_to(surveys)
        if path.is_file() and name.parts[0] not in _NO_COPY:
            yield f"surveys/{name.as_posix()}", path.read_bytes()
    for name, template in (
        ("README.md", "README.md"),
        (".gitignore", "gitignore.txt"),
        ("data/README.txt", "data.txt"),
    ):
        yield name, (_TEMPLATES / template).read_bytes()


def _own_plan(text: str) -> str:
    """Let the shipped plan read the project's own surveys, and say where the delivered files are named."""
    line = next(line for line in text.splitlines() if line.startswith(_SHIPPED_SURVEYS))
    own = text.replace(line, 'surveys = "../surveys"    # folder with harmonised.toml and a folder per wave', 1)
    return own.replace("[weights]\n", f"{_FILES}[weights]\n", 1)


def _require_folders(place: Path, names: dict[str, bytes]) -> None:
    """Refuse files where folders are needed, before anything is written."""
    for path in dict.fromkeys(parent for name in names for parent in reversed((place / name).parents)):
        if path.exists() and not path.is_dir():
            msg = f"Cannot begin a project in {place}: {path} is a file, and a folder is needed there. Choose another."
            raise WrongUseError(msg)


def _written(path: Path, content: bytes) -> bool:
    """Write a file whole, unless there is one."""
    if path.exists() or path.is_symlink():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(prefix=f".{path.name}-draft-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(draft).chmod(0o644)
        return _placed(Path(draft), path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _placed(draft: Path, path: Path) -> bool:
    """Give a draft its name, unless somebody took it meanwhile."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    except OSError:  # a disk without links
        if path.exists():
            return False
        draft.rename(path)
    return True
