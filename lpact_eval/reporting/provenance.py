"""Where a release comes from: versions, inputs and their hashes, commit, seed, date; printed on every output."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval import __version__
from lpact_eval.checkout import commit_of
from lpact_eval.reporting.rows import wave_heading

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published

PACKAGES: Final = ("numpy", "pandas", "scipy", "statsmodels", "plotly")
_VERSION: Final = re.compile(r"^Version: *(\S+)", re.MULTILINE)
_SHOWN_HASH: Final = 12  # characters that tell versions of a file apart; release.json has all 64


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a release was made.

    Attributes
    ----------
    date : date
        Day on which it was written.
    commit : str
        Git commit of the checkout that the package ran from.
    seed : int or None
    versions : tuple of (str, str)
    inputs : tuple of (str, str, str)
        What it is, file name, SHA-256.
    definitions : tuple of (str, str)
        Name of each other definition file, relative to the surveys folder, and its SHA-256.
    """

    date: dt.date
    commit: str
    seed: int | None
    versions: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]
    definitions: tuple[tuple[str, str], ...] = ()

    def version_of(self, package: str) -> str:
        """Return a package's version."""
        return dict(self.versions).get(package, "not installed")

    def lines(self) -> list[tuple[str, str]]:
        """Write it as labels and values."""
        files = [(label, f"{name}, SHA-256 {sha256}" if sha256 else name) for label, name, sha256 in self.inputs]
        return [
            ("Written on", self.date.isoformat()),
            *files,
            *([("Definitions, SHA-256", self._definitions_in_short())] if self.definitions else []),
            ("Commit", self.commit),
            ("Seed", "none" if self.seed is None else str(self.seed)),
            ("Versions", ", ".join(f"{name} {number}" for name, number in self.versions)),
        ]

    def _definitions_in_short(self) -> str:
        """List the definition files with as much of the hashes as a reader compares."""
        return ", ".join(f"{name} {sha256[:_SHOWN_HASH]}" for name, sha256 in self.definitions)


def provenance(published: Published, *, date: dt.date | None = None) -> Provenance:
    """Gather where a release comes from.

    Parameters
    ----------
    published : Published
    date : date, optional
        Day to print; today, or that of SOURCE_DATE_EPOCH, without one.

    Returns
    -------
    Provenance
    """
    inputs = [(wave_heading(wave.name), wave.file or "not stated", wave.sha256) for wave in published.waves]
    facts = published.facts
    if facts.plan_file:
        inputs.append(("Plan", facts.plan_file, facts.plan_sha256))
    if published.records is not None:
        inputs += [(f"Records: {name}", name, sha256) for name, sha256 in published.records.files]
    others = tuple(pair for pair in facts.definitions if pair != (facts.plan_file, facts.plan_sha256))
    checkout = Path(__file__).resolve().parents[2]
    return Provenance(date or today(), commit_of(checkout), facts.seed, _versions(), tuple(inputs), others)


def today() -> dt.date:
    """Return today, or the day that a reproducible build asks for."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC).date()
    return dt.datetime.now(tz=dt.UTC).date()


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Read the versions of what did the work."""
    own = (("lpact-eval", __version__), ("Python", platform.python_version()))
    return (*own, *((name, _version(name)) for name in PACKAGES))


def _version(name: str) -> str:
    """Read the version of a library; all that is written of it there need not be read for that."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return "not installed"
    told = _VERSION.search(found.read_text("METADATA") or "")
    return told[1] if told else found.version
