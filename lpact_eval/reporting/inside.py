"""What lies in a release's folder: names that stay inside it, its own files, and what others put beside them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


def stays_inside(name: str) -> bool:
    """Whether a name of a release's list is that of a file in its folder, or in a folder of it.

    Parameters
    ----------
    name : str
        With / between folders, on every system.

    Returns
    -------
    bool
    """
    parts = name.split("/")
    return bool(name) and not any(part in {"", ".", ".."} or set(part) & set("\\:\0") for part in parts)


def leads_away(folder: Path, name: str) -> bool:
    """Whether a file, or a folder on the way to it, is a link to somewhere else."""
    parts = name.split("/")
    return any(folder.joinpath(*parts[:depth]).is_symlink() for depth in range(1, len(parts) + 1))


def others_in(folder: Path, own: Collection[str]) -> list[str]:
    """Name what lies in a folder and is not among its own files.

    Parameters
    ----------
    folder : Path
    own : collection of str
        Its own files, with / between folders.

    Returns
    -------
    list of str
        Files, and folders in which no file of its own lies, in order.
    """
    found: list[str] = []
    for path in sorted(folder.iterdir()):
        inside = {name.removeprefix(f"{path.name}/") for name in own if name.startswith(f"{path.name}/")}
        if inside and path.is_dir() and not path.is_symlink():
            found += [f"{path.name}/{name}" for name in others_in(path, inside)]
        elif path.name not in own:
            found.append(path.name)
    return found


def keep_others(earlier: Path, draft: Path, own: Collection[str]) -> None:
    """Copy what others put beside an earlier release into its successor; its own files are left behind.

    Parameters
    ----------
    earlier : Path
        Folder of the earlier release.
    draft : Path
        Folder of the later one, whose own files stay as they are.
    own : collection of str
        Files of the earlier one.
    """
    for name in others_in(earlier, own):
        source, goal = earlier / name, draft / name
        if goal.exists() or any(parent.is_file() for parent in goal.parents):
            continue
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, goal, symlinks=True)
        else:
            shutil.copy2(source, goal, follow_symlinks=False)
