"""The checkout that a file lies in: its git commit, and whether tracked files were changed since; git is never run."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Dirty = Literal["yes", "no", "not known"]

UNKNOWN: Final = "not known"
_HASH: Final = 20  # bytes of a SHA-1
_HEADER, _STAT, _EXTENSION = struct.Struct(">4sII"), struct.Struct(">10I20sH"), struct.Struct(">4sI")
_VERSIONS: Final = (2, 3)  # of the index; version 4 shortens names
_EXTENDED: Final = 0x4000
_KIND, _LINK, _MODULE = 0o170000, 0o120000, 0o160000  # of what is tracked, by its mode


@dataclass(frozen=True, slots=True)
class _Tracked:
    """One file as git last saw it."""

    name: str
    mode: int
    size: int
    modified: tuple[int, int]
    sha1: bytes


def commit_of(checkout: Path) -> str:
    """Read the commit that a checkout is at, without running git.

    Parameters
    ----------
    checkout : Path
        The folder with .git in it.

    Returns
    -------
    str
        Forty characters, or "not known".
    """
    git = _git_folder(checkout)
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        for folder in (git, _shared(git)):
            if (loose := folder / name).is_file():
                return loose.read_text(encoding="utf-8").strip()
        return _packed(_shared(git) / "packed-refs", name)
    except (OSError, UnicodeDecodeError):
        return UNKNOWN


def checkout_around(path: Path) -> Path | None:
    """Find the checkout that a file or folder lies in.

    Returns
    -------
    Path or None
        The nearest folder above it with .git in it.
    """
    return next((folder for folder in path.resolve().parents if (folder / ".git").exists()), None)


def is_dirty(checkout: Path) -> Dirty:
    """Say whether a tracked file differs from the commit that a checkout is at.

    Parameters
    ----------
    checkout : Path
        The folder with .git in it.

    Returns
    -------
    {"yes", "no", "not known"}
        "not known" where git keeps what is needed in a form that only git reads. Files that git does not track don't
        count.
    """
    git = _git_folder(checkout)
    try:
        index = (git / "index").read_bytes()
        if hashlib.sha1(index[:-_HASH], usedforsecurity=False).digest() != index[-_HASH:]:
            return "not known"
        tracked, rest = _read_index(index)
        if any(_differs(checkout, one) for one in tracked):
            return "yes"
        staged, committed = _staged_tree(index, rest), _committed_tree(_shared(git), commit_of(checkout))
    except (OSError, ValueError, struct.error, zlib.error):
        return "not known"
    if not staged or not committed:
        return "not known"
    return "no" if staged == committed else "yes"


def _git_folder(checkout: Path) -> Path:
    """Find git's own folder; a second working tree has a file that names it."""
    git = checkout / ".git"
    if git.is_file():
        return (checkout / git.read_text(encoding="utf-8").strip().removeprefix("gitdir: ")).resolve()
    return git


def _shared(git: Path) -> Path:
    """Find the folder that all working trees share."""
    common = git / "commondir"
    return (git / common.read_text(encoding="utf-8").strip()).resolve() if common.is_file() else git


def _packed(refs: Path, name: str) -> str:
    """Find a branch among git's packed references."""
    lines = refs.read_text(encoding="utf-8").splitlines()
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), UNKNOWN)


def _read_index(index: bytes) -> tuple[list[_Tracked], int]:
    """Read what is tracked, and where the extensions begin."""
    _, version, count = _HEADER.unpack_from(index)
    if version not in _VERSIONS:
        msg = "an index of another version"
        raise ValueError(msg)
    found: list[_Tracked] = []
    start = _HEADER.size
    for _ in range(count):
        stat = _STAT.unpack_from(index, start)
        name = start + _STAT.size + (2 if stat[11] & _EXTENDED else 0)
        end = index.index(b"\0", name)
        found.append(_Tracked(index[name:end].decode("utf-8"), stat[6], stat[9], (stat[2], stat[3]), stat[10]))
        start += (end - start + 8) // 8 * 8
    return found, start


def _differs(checkout: Path, tracked: _Tracked) -> bool:
    """Compare a file with what git last saw: by size and time, and by content where those differ."""
    kind = tracked.mode & _KIND
    path = checkout / tracked.name
    if kind == _MODULE:
        return False
    if kind == _LINK:
        return not path.is_symlink() or _blob(str(path.readlink()).encode()) != tracked.sha1
    if not path.is_file():
        return True
    stat = path.stat()
    if (stat.st_size, divmod(stat.st_mtime_ns, 10**9)) == (tracked.size, tracked.modified):
        return False
    content = path.read_bytes()
    return tracked.sha1 not in {_blob(content), _blob(content.replace(b"\r\n", b"\n"))}  # git may change line ends


def _blob(content: bytes) -> bytes:
    """Hash a content as git does."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).digest()


def _staged_tree(index: bytes, start: int) -> str:
    """Read the hash of all that is staged, where the index keeps it."""
    for name, content in _extensions(index, start):
        if name == b"TREE":
            counts, _, rest = content.partition(b"\0")[2].partition(b"\n")
            return "" if counts.startswith(b"-") else rest[:_HASH].hex()
    return ""


def _extensions(index: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    """Go through what follows the files in an index."""
    while start < len(index) - _HASH:
        name, size = _EXTENSION.unpack_from(index, start)
        start += _EXTENSION.size
        yield name, index[start : start + size]
        start += size


def _committed_tree(git: Path, commit: str) -> str:
    """Read the hash of all that a commit holds, where the commit lies in a file of its own."""
    path = git / "objects" / commit[:2] / commit[2:]
    if not path.is_file():
        return ""
    content = zlib.decompress(path.read_bytes()).partition(b"\0")[2]
    return content.removeprefix(b"tree ").partition(b"\n")[0].decode("ascii")
