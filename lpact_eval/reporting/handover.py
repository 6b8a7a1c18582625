"""Copy a release that passed the gate: whole or not at all, with a receipt of what was checked."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval import __version__
from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting.inside import keep_others
from lpact_eval.reporting.release import MANIFEST
from lpact_eval.reporting.release_folder import read_release
from lpact_eval.reporting.whole import put_in_place, recover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evaluation.checks import Check
    from lpact_eval.reporting.release_folder import ReleaseFolder

RECEIPT: Final = "receipt.json"


def require_target(release: ReleaseFolder, target: Path) -> None:
    """Refuse a target that is not new, empty or a release, before anything is checked.

    Parameters
    ----------
    release : ReleaseFolder
    target : Path

    Raises
    ------
    WrongUseError
        If it is a file or holds something else, or one of the two lies in the other.
    """
    goal, source = target.resolve(), release.folder.resolve()
    recover(goal)
    if goal == source or goal.is_relative_to(source) or source.is_relative_to(goal):
        msg = f"Cannot copy a release from {source.name} to {goal.name}: one is in the other. Choose another folder."
        raise WrongUseError(msg)
    for parent in goal.parents:
        if parent.exists() and not parent.is_dir():
            msg = f"Cannot copy a release to {target.as_posix()}: {parent.name} is a file. Choose another folder."
            raise WrongUseError(msg)
    holds = goal.is_dir() and any(goal.iterdir()) and not (goal / MANIFEST).is_file()
    if holds or (goal.exists() and not goal.is_dir()):
        found = "the folder holds other files and no earlier release" if holds else "there is a file of that name"
        msg = f"Cannot copy a release to {target.as_posix()}: {found}. Choose a new or empty folder."
        raise WrongUseError(msg)


def hand_over(release: ReleaseFolder, target: Path, checks: Sequence[Check]) -> list[Path]:
    """Copy a release's files, and write the receipt beside them.

    Parameters
    ----------
    release : ReleaseFolder
    target : Path
        What else lies there stays.
    checks : sequence of Check
        What the gate found; none failed.

    Returns
    -------
    list of Path
        The copies, release.json and the receipt last.

    Raises
    ------
    LpactError
        If the release changed since it was checked; the target is as it was.
    """
    goal = target.resolve()
    goal.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{goal.name}-draft-", dir=goal.parent))
    try:
        _copy(release, draft)
        (draft / RECEIPT).write_text(_receipt(release, draft, checks), encoding="utf-8")
        if (goal / MANIFEST).is_file():
            keep_others(goal, draft, {*read_release(goal).files, MANIFEST, RECEIPT})
        draft.chmod(0o755)
        put_in_place(draft, goal)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return [target / name for name in (*release.files, MANIFEST, RECEIPT)]


def _copy(release: ReleaseFolder, draft: Path) -> None:
    """Copy the files of the manifest, and see that the copies are what was checked."""
    for name, sha256 in release.files.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release.folder / name, draft / name)
        if hashlib.sha256((draft / name).read_bytes()).hexdigest() != sha256:
            _refuse(release, name)
    shutil.copyfile(release.folder / MANIFEST, draft / MANIFEST)
    if read_release(draft).manifest != release.manifest:
        _refuse(release, MANIFEST)


def _refuse(release: ReleaseFolder, name: str) -> None:
    """Refuse a release that is being written to."""
    msg = f"{(release.folder / name).as_posix()} changed while it was checked. Nothing was copied; run the gate again."
    raise LpactError(msg)


def _receipt(release: ReleaseFolder, draft: Path, checks: Sequence[Check]) -> str:
    """Write down what was checked, when and with what result."""
    receipt = {
        "about": "Written by `lpact-eval release`: what was checked before this release was copied.",
        "title": release.title,
        "checked": dt.datetime.now(tz=dt.UTC).replace(microsecond=0).isoformat(),
        "lpact-eval": __version__,
        "rules": release.rules.name,
        "release_sha256": hashlib.sha256((draft / MANIFEST).read_bytes()).hexdigest(),
        "files": dict(release.files),
        "checks": [asdict(check) for check in checks],
    }
    return json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"
