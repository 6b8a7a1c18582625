"""What the checks of a plan and of a folder of surveys share: one check, one wave's rows, what waits for a review."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lpact_eval.errors import LpactError, LpactWarning
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.lookup import CHECK, lookup_lines
from lpact_eval.waves.personal import tells_of_personal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lpact_eval.sample import Sample

Status = Literal["ok", "warn", "fail"]

_REVIEW = re.compile(r"#[#\s]*review\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    status : {"ok", "warn", "fail"}
    what : str
    found : str
        Counts and names; never an answer.
    details : tuple of str
        What else there is to read, line by line.
    """

    status: Status
    what: str
    found: str
    details: tuple[str, ...] = ()


def tried(what: str, work: Callable[[], str]) -> Iterator[Check]:
    """Do some work; what it warns of and where it fails are checks of their own."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LpactWarning)
        try:
            found = Check("ok", what, work())
        except LpactError as error:
            found = Check("fail", what, str(error))
    yield found
    for warning in caught:
        if issubclass(warning.category, LpactWarning):
            yield Check("warn", what, str(warning.message))


def data_found(sample: Sample) -> str:
    """Say how much was read."""
    made_up = "; synthetic respondents" if sample.synthetic else ""
    return f"{len(sample)} respondents, {len(sample.answers.columns)} variables{made_up}"


def ledger_checks(wave: str, sample: Sample) -> Iterator[Check]:
    """Account for every row that was delivered, and for cells that look personal."""
    rows = dict(zip(sample.ledger["reason"], sample.ledger["rows"].astype(int), strict=True))
    delivered, kept = rows.pop("delivered", 0), rows.pop("kept", 0)
    aside = sum(rows.values())
    status: Status = "ok" if delivered == kept + aside and kept == len(sample) else "fail"
    yield Check(status, f"rows of {wave}", f"{delivered} delivered = {kept} kept + {aside} set aside")
    for note in rows:
        if tells_of_personal(note):
            advice = "if they are, list the column in `personal` of wave.toml"
            yield Check("warn", f"personal data of {wave}", f"{note}; {advice}")


def review_checks(wave: str, surveys: Path) -> Iterator[Check]:
    """Count what a draft left for a person to decide: lines marked review, and look-up lines marked check."""
    what, folder = f"review of {wave}", surveys / wave
    marked = {name: _marks(folder / name) for name in ("wave.toml", "crosswalk.toml")}
    if sum(marked.values()):
        found = ", ".join(f"{count} in {name}" for name, count in marked.items() if count)
        yield Check("warn", what, f"lines still marked review: {found}; correct each line and remove its mark")
    for name, count in _unread(wave, surveys).items():
        said = f"{count} {'lines' if count > 1 else 'line'} of {name} still marked {CHECK}"
        yield Check("warn", what, f"{said}; decide what each text means and clear its mark")


def share(part: float) -> str:
    """Write a share of respondents; few are not nobody."""
    return "under 1%" if 0 < part < 0.005 else f"{part:.0%}"  # noqa: PLR2004 - rounds to 0


def _marks(path: Path) -> int:
    """Count the lines of a definition that are marked for review; what can't be read fails elsewhere."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    return sum(bool(_REVIEW.search(line)) for line in lines)


def _unread(wave: str, surveys: Path) -> dict[str, int]:
    """Count by look-up file the lines that nobody has read yet."""
    try:
        definition = read_definition(wave, surveys)
        names = dict.fromkeys(item.lookup for item in definition.items.values() if item.lookup)
        notes = {
            name: [note.casefold() for _, (_, _, note) in lookup_lines(definition.folder / name, name)]
            for name in names
        }
    except LpactError:  # the definition or its look-up is wrong, which reading the data says
        return {}
    return {name: found.count(CHECK) for name, found in notes.items() if CHECK in found}
