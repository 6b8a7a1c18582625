"""Whether a release still is what a run would write: the hash of its inputs, kept beside its folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import cast

from lpact_eval.reporting.release import MANIFEST


def same_release(folder: Path, inputs: str) -> list[Path] | None:
    """Find the files of a release that was made from the same inputs, and is as it was written.

    Parameters
    ----------
    folder : Path
        Of the release.
    inputs : str
        Hash of everything that a run would rest on.

    Returns
    -------
    list of Path or None
        The files, release.json last; None where a run has to be made.
    """
    try:
        kept = cast("dict[str, object]", json.loads(_note(folder).read_bytes()))
        manifest = (folder / MANIFEST).read_bytes()
        files = cast("dict[str, str]", json.loads(manifest)["files"])
        hashes = {name: _sha256((folder / name).read_bytes()) for name in files}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # gone, cut off, or written by something else
        return None
    if kept != _written(inputs, manifest) or hashes != files:
        return None
    return [folder / name for name in (*files, MANIFEST)]


def keep_inputs(folder: Path, inputs: str) -> None:
    """Write down what a release was made from, once it stands.

    Parameters
    ----------
    folder : Path
        Of the release.
    inputs : str
    """
    content = json.dumps(_written(inputs, (folder / MANIFEST).read_bytes()), indent=2) + "\n"
    draft = _note(folder).with_suffix(".draft")
    draft.write_text(content, encoding="utf-8")
    draft.replace(_note(folder))


def _note(folder: Path) -> Path:
    """Name the file beside a release: outside it, so that the same inputs give the same release everywhere."""
    whole = Path(folder).resolve()
    return whole.with_name(f".{whole.name}-inputs.json")


def _written(inputs: str, manifest: bytes) -> dict[str, object]:
    """Lay down inputs and release together, so that neither is taken for another's."""
    return {"inputs": inputs, "release": _sha256(manifest)}


def _sha256(content: bytes) -> str:
    """Hash a file's content."""
    return hashlib.sha256(content).hexdigest()
