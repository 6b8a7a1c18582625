"""Shipped templates as Python compiled them, kept beside them as Python keeps its own modules."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2
from jinja2 import BytecodeCache

if TYPE_CHECKING:
    from types import CodeType

    from jinja2.bccache import Bucket

_FLAVOUR: Final = "template"


class Compiled(BytecodeCache):
    """Keeps what the templates of one folder were compiled to; those of other folders are compiled every time.

    Files lie where Python keeps compiled modules (`__pycache__`, or PYTHONPYCACHEPREFIX), and are written when it
    would write one: PYTHONDONTWRITEBYTECODE forbids it. A file that was made of another text, by another Python or
    another Jinja, or with other settings is not used, and a folder that can't be written to is left alone.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Take the template's path as its key; nothing where it is not of the folder."""
        path = str(self._folder / name)
        return path if filename == path else ""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if it was made of this text."""
        if not bucket.key:
            return
        with suppress(OSError, EOFError, ValueError, TypeError):  # not there, or damaged: compiled anew
            kept, mark = _place(bucket.key).read_bytes(), _mark(bucket)
            if kept.startswith(mark):
                bucket.code = _code(kept[len(mark) :])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled; whole or not at all."""
        if not bucket.key or bucket.code is None or sys.dont_write_bytecode:
            return
        place = _place(bucket.key)
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_mark(bucket) + marshal.dumps(bucket.code))
            draft.replace(place)


def _mark(bucket: Bucket) -> bytes:
    """Tell what is compiled, by what and with which settings."""
    by = bucket.environment
    settings = (by.autoescape, by.trim_blocks, by.lstrip_blocks)
    return hashlib.sha256(f"{sys.version} {jinja2.__version__} {settings} {bucket.checksum}".encode()).digest()


def _place(template: str) -> Path:
    """Say where a template's compiled form lies."""
    return Path(importlib.util.cache_from_source(template, optimization=_FLAVOUR))


def _code(kept: bytes) -> CodeType:
    """Read compiled code."""
    return marshal.loads(kept)  # noqa: S302 - it lies among compiled modules, and is trusted as they are
