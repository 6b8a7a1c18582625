"""Rows of expectations, and the files they are written to."""

from __future__ import annotations

import csv
import statistics
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

COLUMNS = ("measure", "unit", "by", "group", "by2", "group2", "value", "numerator", "n", "refused")
Expected = dict[str, object]
Label = dict[str, str]


def label(by: str = "", group: str = "", by2: str = "", group2: str = "") -> Label:
    """Name the group of a row."""
    return {"by": by, "group": group, "by2": by2, "group2": group2}


def count(measure: str, value: float, where: Label | None = None, n: float | None = None) -> Expected:
    """Expect a count, with its base if it has one."""
    return {"measure": measure, "unit": "count", **(where or {}), "value": value, "n": n}


def share(measure: str, part: float, whole: float, where: Label | None = None, *, unit: str = "share") -> Expected:
    """Expect a part of a whole; no value where there is nothing to share."""
    found: Expected = {"measure": measure, "unit": unit, **(where or {}), "numerator": part, "n": whole}
    if not whole:
        return found | {"refused": "yes"}
    return found | {"value": float(Fraction(part) / Fraction(whole))}


def middle(measure: str, unit: str, values: Sequence[float], where: Label | None = None) -> list[Expected]:
    """Expect the median, the lowest and the highest of some numbers; none are refused."""
    found = []
    for word, work in (("median", statistics.median), ("lowest", min), ("highest", max)):
        row: Expected = {"measure": f"{measure}: {word}", "unit": unit, **(where or {})}
        found.append(row | ({"value": work(values)} if values else {"refused": "yes"}))
    return found


def write(folder: Path, table: str, rows: Iterable[Expected]) -> None:
    """Write one file of expectations; what a row does not say is blank and not compared."""
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([_text(row.get(name)) for name in COLUMNS])


def _text(value: object) -> str:
    """Write a number in full, whole ones without decimals."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
