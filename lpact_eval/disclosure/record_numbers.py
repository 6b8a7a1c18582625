"""Numbers of the records in an explanation: rounded as published, with base, tier, mark, note and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.explained_parts import MEANINGS, ONE_DECIMAL_FROM, Fact, Section
from lpact_eval.disclosure.record_counts import COUNTED
from lpact_eval.disclosure.rules import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.disclosure.rules import Rules

    Row = dict[str, object]

_UNITS: Final = {"pounds": "pounds", "days": "days", "hours": "hours"}
_P_VALUE: Final = "adjusted p value"
_WHOLE_RATIO_FROM: Final = 10.0


def number_facts(rows: Sequence[Row], rules: Rules) -> Iterator[Section]:
    """Lay out cleared rows, a section for each.

    Parameters
    ----------
    rows : sequence of dict
        Cleared rows of evidence.
    rules : Rules

    Yields
    ------
    Section
    """
    for row in rows:
        facts = [_figure("Value", row, "value")]
        if row["low"] == row["low"] or row["high"] == row["high"]:
            facts += [_figure("Interval from", row, "low"), _figure("Interval to", row, "high")]
        base = str(row["base"]) or "people"
        if row["unit"] == "share":
            facts.append(_count("Counted", row, "numerator", ""))
        facts.append(_count("Base", row, "n", f" {base}"))
        tier, mark = str(row["tier"]), str(row["mark"])
        facts.append(Fact("Tier", tier, f"{tier}: {MEANINGS[tier]}, under the rules {rules.title!r}"))
        facts += [Fact("Mark", mark, f"{mark}: {MARKS[mark]}")] if mark else []
        facts += [Fact(label, str(row[name])) for label, name in (("Note", "note"), ("Flags", "flags")) if row[name]]
        yield Section(title_of(row), tuple(facts))


def title_of(row: Row) -> str:
    """Name a number by what it is and whose."""
    broken = [
        (str(row[by]).replace("_", " "), row[name]) for by, name in (("by", "group"), ("by2", "group2")) if row[by]
    ]
    groups = ", ".join(f"{group or 'all'} ({by})" for by, group in broken)
    kind = "" if row["unit"] in {"count", ""} else f" ({_unit(row)})"
    return f"Number: {row['measure']}{kind}; {groups or 'all'}"


def rounded(row: Row, value: float) -> float:
    """Round a number as it is published; shares and differences of shares are per cents and percentage points.

    Parameters
    ----------
    row : dict
    value : float

    Returns
    -------
    float
    """
    if str(row["measure"]).startswith(_P_VALUE):
        return round(value, 4) + 0.0
    return round((100 if _is_share(row) else 1) * value, _places(row, value)) + 0.0


def _figure(label: str, row: Row, name: str) -> Fact:
    """Write a number, or what stands in its place."""
    value = _number(row[name])
    if value is None:
        return Fact(label, None, str(row["mark"]) or ("open" if name != "value" else "[x]"))
    number = rounded(row, value)
    sign = {"per cent": "%", "percentage points": " percentage points"}.get(_unit(row), f" {_unit(row)}")
    return Fact(label, number, f"{number:,.{_places(row, value)}f}{sign}".rstrip())


def _count(label: str, row: Row, name: str, unit: str) -> Fact:
    """Write a count, or what stands in its place."""
    value = _number(row[name])
    if value is None:
        return Fact(label, None, str(row["mark"]) or "none")
    return Fact(label, value, f"{value:,.10g}{unit}")


def _unit(row: Row) -> str:
    """Name the unit of a number."""
    unit, base = str(row["unit"]), str(row["base"])
    if unit == "share":
        return "per cent"
    if unit == "points":
        return "percentage points" if _is_share(row) else "points"
    if unit == "count":
        return next((words for start, words in COUNTED.items() if str(row["measure"]).startswith(start)), base)
    return _UNITS.get(unit, unit)


def _is_share(row: Row) -> bool:
    """Whether a number is a share, or the difference of two."""
    return row["unit"] == "share" or (row["unit"] == "points" and row["table"] == "relationships")


def _places(row: Row, value: float) -> int:
    """Say how many decimals a number of this kind has, as the reports do."""
    if _is_share(row):
        return 1 if (_number(row["n"]) or 0) >= ONE_DECIMAL_FROM else 0
    if row["unit"] == "pounds":
        return 2 if row["base"] == "people" else 0
    if row["unit"] in {"count", "days"}:
        return 0 if value.is_integer() else 1
    if row["unit"] in {"hours", "points"}:
        return 1
    return 1 if abs(value) >= _WHOLE_RATIO_FROM else 2


def _number(value: object) -> float | None:
    """Read a number; a missing one is None."""
    return float(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 - missing is not equal to itself
