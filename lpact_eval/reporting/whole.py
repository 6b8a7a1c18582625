"""Put a folder in another's place in one step, so that whoever looks, at any moment, finds one of the two whole.

Linux and macOS can exchange two names at once. Where the system can't, the earlier folder is set aside and put back by
`recover`, should the process end between the two steps.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_CURRENT_FOLDER: Final = -100  # AT_FDCWD: paths are relative to the folder that the process works in
_HOUR: Final = 3600  # seconds; a release is written in less than a minute
_EXCHANGE: Final = 2  # RENAME_EXCHANGE on Linux, RENAME_SWAP on macOS


def put_in_place(draft: Path, target: Path) -> None:
    """Give a finished folder its name; what stood there before goes when the new one stands.

    Parameters
    ----------
    draft, target : Path
        Beside each other. Afterwards there is no `draft`.

    Raises
    ------
    OSError
        If the system refuses; the target is as it was.
    """
    recover(target)
    if not target.exists():
        draft.rename(target)
    elif _exchanged(draft, target):
        shutil.rmtree(draft, ignore_errors=True)
    else:
        _in_two_steps(draft, target)


def recover(target: Path) -> None:
    """Put a folder back that a process set aside and never replaced; remove one that was, and drafts left behind.

    Parameters
    ----------
    target : Path
    """
    _remove_drafts(target)
    aside = _aside(target)
    if not aside.is_dir():
        return
    if target.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(target)


def _remove_drafts(target: Path) -> None:
    """Remove drafts of a process that was killed: those that nobody has written to for an hour."""
    if not target.parent.is_dir():
        return
    for path in target.parent.iterdir():
        with suppress(OSError):  # another process may remove it, too
            if path.name.startswith(f".{target.name}-draft-") and time.time() - path.stat().st_mtime > _HOUR:
                shutil.rmtree(path)


def _in_two_steps(draft: Path, target: Path) -> None:
    """Set the earlier folder aside, and put the new one in its place."""
    target.rename(_aside(target))
    try:
        draft.rename(target)
    finally:
        recover(target)


def _exchanged(one: Path, two: Path) -> bool:
    """Exchange two names at once; False where the system or its disk can't."""
    if sys.platform == "win32":
        return False
    first, second = os.fsencode(one), os.fsencode(two)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return library.renamex_np(first, second, _EXCHANGE) == 0
        return library.renameat2(_CURRENT_FOLDER, first, _CURRENT_FOLDER, second, _EXCHANGE) == 0
    except (AttributeError, OSError):
        return False


def _aside(target: Path) -> Path:
    """Name the place of the earlier folder while the new one moves in."""
    return target.with_name(f".{target.name}-earlier")
