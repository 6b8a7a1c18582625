"""Cells that look personal in columns whose names don't: counted by kind, never shown."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from lpact_eval.waves.contacts import asks_for_birth, looks_personal, may_be_personal
from lpact_eval.waves.delivered import Delivered, fold

if TYPE_CHECKING:
    from lpact_eval.sample import IntArray
    from lpact_eval.waves.definition import WaveDefinition

KINDS: Final = {
    "e-mail": ("an e-mail address", "e-mail addresses"),
    "telephone": ("a telephone number", "telephone numbers"),
    "postcode": ("a full postcode", "full postcodes"),
    "National Insurance": ("a National Insurance number", "National Insurance numbers"),
    "birth": ("a date of birth", "dates of birth"),
    "IP": ("an IP address", "IP addresses"),
}
_YOUNGEST: Final = 10  # years before fieldwork from which a date may be a birthday
_TELEPHONES: Final = (7_000_000_000, 448_000_000_000)  # mobile numbers without their 0, and with 44
_NAME_SHOWN: Final = 40
_SEPARATOR: Final = "\x1f"  # no delivered text holds it once whitespace is folded


@dataclass(frozen=True, slots=True)
class Found:
    """Cells of one delivered column that look personal.

    Attributes
    ----------
    column : str
    kind : str
        Key of KINDS.
    cells : int
    """

    column: str
    kind: str
    cells: int

    def __str__(self) -> str:
        name = self.column if len(self.column) <= _NAME_SHOWN else f"{self.column[: _NAME_SHOWN - 3]}..."
        one = self.cells == 1
        told = KINDS[self.kind][0 if one else 1]
        return f"column {name!r}: {self.cells} cell{'' if one else 's'} look{'s' if one else ''} like {told}"


def latest_birth(definition: "WaveDefinition") -> int:
    """Give the last year from which a date is taken for a birthday: well before fieldwork, whose own dates are not."""
    return definition.fieldwork.start.year - _YOUNGEST


def find_personal(delivered: Delivered, definition: "WaveDefinition") -> list[Found]:
    """Count the cells of every column that was kept that look personal.

    Parameters
    ----------
    delivered : Delivered
    definition : WaveDefinition
        Its id column may hold any digits, its times any dates, its places of recruitment their own postcodes, and a
        column that an age is derived from dates of birth.

    Returns
    -------
    list of Found
        Columns in the order of the file, kinds in the order of KINDS.
    """
    excused, latest = _excused(delivered, definition), latest_birth(definition)
    found: list[Found] = []
    for name, title, (_, values) in zip(delivered.names, delivered.titles, delivered.frame.items(), strict=True):
        allowed = {kind for one in (name, title) for kind in excused.get(one, ())}
        if len(allowed) == len(KINDS):
            continue
        texts, rows = _distinct(values)
        birth = asks_for_birth(f"{name} {title}")
        cells = count_kinds(texts, rows, birth=birth, latest=latest)
        found += [Found(name, kind, cells[kind]) for kind in KINDS if cells.get(kind) and kind not in allowed]
    return found


def count_kinds(
    texts: Sequence[str], rows: "IntArray", *, birth: bool = False, latest: int | None = None
) -> Mapping[str, int]:
    """Count cells by kind; only texts of a column in which something may be personal are looked at one by one."""
    counts: dict[str, int] = {}
    if not may_be_personal(_SEPARATOR.join(texts)):
        return counts
    for text, count in zip(texts, rows, strict=True):
        if kind := looks_personal(text, birth=birth, latest=latest):
            counts[kind] = counts.get(kind, 0) + int(count)
    return counts


def _excused(delivered: Delivered, definition: "WaveDefinition") -> dict[str, tuple[str, ...]]:
    """List what a column may look like for a reason that the definition states."""
    layout, rules, schema = delivered.layout, definition.quality, definition.schema.variables
    places, births = [definition.design.psu, definition.design.stratum], [layout.time, layout.started]
    births += [rules.speeders.started, rules.speeders.finished] if rules.speeders else []
    for name, item in definition.items.items():
        places += item.delivered if schema[name].paradata else ()
        births += item.delivered if schema[name].kind == "number" else ()
    excused: dict[str, tuple[str, ...]] = {fold(name): ("postcode",) for name in places}
    excused |= {fold(name): ("birth",) for name in births}
    excused[fold(layout.id)] = tuple(KINDS)
    return excused


def _distinct(values: pd.Series) -> tuple[list[str], "IntArray"]:
    """List the distinct texts of a column with their rows; of numbers only those as long as a telephone number."""
    if pd.api.types.is_float_dtype(values.dtype) or pd.api.types.is_integer_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        cells = numbers[(numbers >= _TELEPHONES[0]) & (numbers < _TELEPHONES[1])].astype(np.int64)
    else:
        cells = values.to_numpy()
    places, distinct = cast("tuple[IntArray, Sequence[object]]", pd.factorize(cells))
    rows = np.bincount(places[places >= 0], minlength=len(distinct))
    return [_as_text(value) for value in distinct], rows


def _as_text(value: object) -> str:
    """Write a value as text with whitespace folded, dates as ISO."""
    if isinstance(value, np.datetime64):
        return str(np.datetime_as_string(cast("np.datetime64[dt.datetime]", value), unit="D"))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return fold(str(value))


def tells_of_personal(note: str) -> bool:
    """Tell whether a note of the ledger is one on cells that look personal."""
    return " cell" in note and " like " in note
