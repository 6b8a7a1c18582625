"""Finished chunks on disk: each file whole or not there at all, counts and sums only, never anybody's answers."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.planning.scenario import BINS, SUMS, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

_HASH = 32  # bytes of the hash that a file begins with


@dataclass(frozen=True, slots=True)
class ChunkCache:
    """A folder of finished chunks.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    def load(self, key: str, start: int, counts: Sequence[int], groups: int) -> Tally | None:
        """Read a chunk; None where there is none, or the file is damaged or of another shape."""
        try:
            content = self._file(key, start, counts).read_bytes()
        except OSError:
            return None
        if content[:_HASH] != _hashed(key, content[_HASH:]):
            return None
        with np.load(BytesIO(content[_HASH:]), allow_pickle=False) as saved:
            tally = Tally(saved["sums"], saved["widths"].astype(np.intp))
        fits = tally.sums.shape == (len(counts), groups, len(SUMS)) and tally.widths.shape == (groups, BINS)
        return tally if fits else None

    def save(self, key: str, start: int, counts: Sequence[int], tally: Tally) -> None:
        """Write a chunk beside its place, then move it there."""
        packed = BytesIO()
        np.savez_compressed(packed, sums=tally.sums, widths=tally.widths.astype(np.int32))
        target = self._file(key, start, counts)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_hashed(key, packed.getvalue()) + packed.getvalue())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _file(self, key: str, start: int, counts: Sequence[int]) -> Path:
        """Place of a chunk."""
        return self.folder / key / f"{start:06d}-{len(counts)}-{sum(counts)}.chunk"


def _hashed(key: str, content: bytes) -> bytes:
    """Hash by which a damaged file, or one of another scenario, is known."""
    return hashlib.sha256(key.encode() + content).digest()
