"""What readers have of earlier releases: the bases in their results.csv, found again for the rows of this one."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.completing import Known
from lpact_eval.disclosure.linked import ARMS
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.disclosure.suppress import BaseRow, Place

RESULTS: Final = "results.csv"
COLUMN_OF: Final = {
    "ethnicity": "ethnicity",
    "sex": "sex",
    "age_band": "age",
    "area": "geography",
    "area_group": "geography",
}
GROUP_LABELS: Final = {"Other": "Other ethnic group"}
_EVERYBODY: Final = {"ethnicity": "All respondents", "sex": "All", "age": "All", "group": ""}
_BASES: Final = ("unweighted sample", "sample first", "sample second")
_NEEDED: Final = ("statistic", "question", "time", "geography", *_EVERYBODY, *_BASES)
_DATES: Final = re.compile(r" \([^()]*\)")
_HIDDEN: Final = "[c]"

_Where = tuple[str, str, str, str, str]  # measure, variable, wave, column, label


@dataclass(frozen=True, slots=True)
class _Told:
    """What earlier releases tell of the bases of a row."""

    shown: tuple[tuple[int, ...], ...]
    closed: bool


def read_earlier(folders: Iterable[str | Path]) -> dict[_Where, _Told]:
    """Read the bases of earlier releases.

    Parameters
    ----------
    folders : iterable of path
        Folders with a results.csv.

    Returns
    -------
    dict
        By measure, question, waves, column and group: the bases shown, and whether any were suppressed.

    Raises
    ------
    WrongUseError
        If a folder has no results.csv, or one without the columns of a release.
    """
    found: dict[_Where, _Told] = {}
    for folder in folders:
        rows = _rows(Path(folder) / RESULTS)
        area = Counter(row["geography"] for row in rows).most_common(1)[0][0] if rows else ""
        for row in rows:
            if (where := _where(row, area)) is None:
                continue
            bases = tuple(int(row[name]) for name in _BASES if row[name].isdigit())
            before = found.get(where, _Told((), closed=False))
            shown = (*before.shown, bases) if bases and bases not in before.shown else before.shown
            found[where] = _Told(shown, before.closed or row["unweighted sample"] == _HIDDEN)
    return found


def known_of(rows: Sequence[BaseRow], earlier: Mapping[_Where, _Told], rules: Rules) -> Known:
    """Find what earlier releases tell of the rows of this one.

    Parameters
    ----------
    rows : sequence of BaseRow
    earlier : mapping
        As `read_earlier` gives it.
    rules : Rules

    Returns
    -------
    Known
    """
    shown: dict[tuple[str, ...], int] = {}
    closed: set[Place] = set()
    for row in rows:
        told = earlier.get(_place_of(row))
        if told is None:
            continue
        if told.closed or any(_near(row.bases, bases, rules) for bases in told.shown):
            closed.add(row.place)
        for bases in told.shown:
            shown |= _cells(row, bases)
    return Known(shown, frozenset(closed))


def _near(now: Sequence[int], then: Sequence[int], rules: Rules) -> bool:
    """Whether bases of one kind differ by fewer respondents than the rules allow."""
    return any(0 < abs(one - two) < rules.suppress_below for one, two in zip(now, then, strict=False))


def _cells(row: BaseRow, bases: Sequence[int]) -> dict[tuple[str, ...], int]:
    """Name the cells that a row showed."""
    group = row.group if row.by else ""
    if row.measure == "gap":
        names = ("both", *ARMS)
        return {(row.variable, row.wave, row.by, group, name): n for name, n in zip(names, bases, strict=False)}
    if row.measure == "change":
        names = (row.wave, *reversed(row.waves))
        return {(row.variable, name, row.by, group, ""): n for name, n in zip(names, bases, strict=False)}
    return {(row.variable, row.wave, row.by, group, ""): bases[0]} if row.measure != "gap difference" else {}


def _place_of(row: BaseRow) -> _Where:
    """Say where a row stands in results.csv."""
    wave = row.wave.replace(" - ", " minus ") if row.measure == "change" else row.wave
    if not row.by:
        return row.measure, row.variable, wave, "", ""
    return row.measure, row.variable, wave, COLUMN_OF.get(row.by, "group"), GROUP_LABELS.get(row.group, row.group)


def _where(row: Mapping[str, str], area: str) -> _Where | None:
    """Say where a line of results.csv stands; None where it has two groups, or a detail."""
    groups = [(name, row[name]) for name, everybody in _EVERYBODY.items() if row[name] != everybody]
    groups += [("geography", row["geography"])] if row["geography"] != area else []
    if len(groups) > 1 or row.get("detail"):
        return None
    column, label = groups[0] if groups else ("", "")
    return row["statistic"], row["question"], _DATES.sub("", row["time"]), column, label


def _rows(path: Path) -> list[dict[str, str]]:
    """Read the lines of a results.csv."""
    if not path.is_file():
        msg = (
            f"Cannot compare with the earlier release in {path.parent.as_posix()}: it has no {path.name}. Give a "
            "folder that `lpact-eval run` wrote with csv among its formats."
        )
        raise WrongUseError(msg)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        absent = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if absent:
            msg = f"Cannot compare with the earlier release in {path.parent.as_posix()}: its rows lack {absent}."
            raise WrongUseError(msg)
        return [{name: str(text or "") for name, text in row.items()} for row in reader]
