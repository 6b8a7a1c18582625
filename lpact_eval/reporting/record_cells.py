"""Cells and words of the records' numbers: counts, shares, means, days, pounds and hours in the house form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.numbers import MINUS, count, known, percent, percent_range, probability, signed
from lpact_eval.reporting.numbers import decimals as decimals_of_share
from lpact_eval.reporting.tables import MISSING, NOT_APPLICABLE, Cell

if TYPE_CHECKING:
    from lpact_eval.reporting.record_rows import RecordRow

UNITS: Final = {
    "share": "per cent",
    "days": "days",
    "pounds": "pounds",
    "hours": "hours",
}
_NO_INTERVAL: Final = "no interval"  # how a flag says that there could have been one
_P_VALUE: Final = "adjusted p value"
_WHOLE_RATIO_FROM: Final = 10.0
_SIGNED: Final = ("share less share", "attendees more", "over plan at", "change in understanding", "minus with one")
_POINTS_OF_SHARES: Final = "relationships"  # table in which points are percentage points


def value_cell(row: RecordRow | None) -> Cell:
    """Write a row's value, or why there is none."""
    if row is None:
        return Cell(NOT_APPLICABLE)
    if not row.shown:
        return Cell(row.mark or MISSING)
    mark = f" {row.mark}" if row.mark else ""
    text = f"{value_words(row)}{mark}"
    if row.measure.startswith(_P_VALUE):
        return Cell(text)
    places = places_of(row, row.value)
    return Cell(text, _round(row, row.value), decimals=places)


def range_cell(row: RecordRow | None) -> Cell:
    """Write a row's interval, one end of it, or why there is none."""
    if row is None:
        return Cell(NOT_APPLICABLE)
    if not row.shown:
        return Cell(row.mark or MISSING)
    if not _has_interval(row):
        return Cell(MISSING if _NO_INTERVAL in row.flags else NOT_APPLICABLE)
    places = places_of(row, row.low if known(row.low) else row.high)
    low = _round(row, row.low) if known(row.low) else None
    high = _round(row, row.high) if known(row.high) else None
    return Cell(range_words(row), low, high, places)


def base_cell(row: RecordRow | None) -> Cell:
    """Write a row's unweighted base."""
    if row is None:
        return Cell(NOT_APPLICABLE)
    if known(row.n):
        return Cell(count(row.n), float(row.n))
    return Cell(row.mark or NOT_APPLICABLE)


def number_cell(row: RecordRow | None) -> Cell:
    """Write how many a share or a mean counts."""
    if row is None:
        return Cell(NOT_APPLICABLE)
    if known(row.numerator):
        return Cell(_plain(row.numerator), float(row.numerator), decimals=0 if float(row.numerator).is_integer() else 1)
    return Cell(row.mark or NOT_APPLICABLE)


def value_words(row: RecordRow) -> str:
    """Write a value as a sentence would, its unit included where it is a sign.

    >>> from types import SimpleNamespace as Row
    >>> value_words(Row(unit="pounds", value=3617.6, measure="cash per event", table="cost"))
    '£3,618'
    """
    return _words(row, row.value)


def range_words(row: RecordRow) -> str:
    """Write an interval; one that is open at an end says which end is known."""
    if row.unit == "share" and known(row.low) and known(row.high):
        return percent_range(row.low, row.high, row.whole_base)
    if not known(row.high):
        return f"{_words(row, row.low)} or more"
    if not known(row.low):
        return f"{_words(row, row.high)} or less"
    return f"{_words(row, row.low)} to {_words(row, row.high)}"


def places_of(row: RecordRow, value: float) -> int:
    """Say how many decimals a number of this kind has."""
    if row.unit == "share" or _of_shares(row):
        return decimals_of_share(row.whole_base)
    if row.unit == "pounds":
        return 2 if row.base == "people" else 0
    if row.unit in {"count", "days"}:
        return 0 if float(value).is_integer() else 1
    if row.unit in {"hours", "points"}:
        return 1
    return 1 if abs(value) >= _WHOLE_RATIO_FROM else 2


def plain_number(row: RecordRow, value: float) -> str:
    """Write a number rounded as published, for machines; empty where there is none."""
    return f"{_round(row, value):g}" if known(value) and not _is_p(row) else f"{value:.4f}" if known(value) else ""


def _words(row: RecordRow, value: float) -> str:
    """Write a number with the sign that its unit has."""
    if row.unit == "share":
        return percent(value, row.whole_base)
    if _of_shares(row):
        return signed(value, row.whole_base)
    if _is_p(row):
        return probability(value)
    places = places_of(row, value)
    text = f"{abs(value):,.{places}f}"
    sign = MINUS if value < 0 and float(text.replace(",", "")) else ""
    plus = "+" if value > 0 and any(word in row.measure for word in _SIGNED) and float(text.replace(",", "")) else ""
    return f"{sign or plus}{'£' if row.unit == 'pounds' else ''}{text}"


def _round(row: RecordRow, value: float) -> float:
    """Round a number as published; shares and their differences become per cents and points."""
    scale = 100.0 if row.unit == "share" or _of_shares(row) else 1.0
    return round(scale * value, places_of(row, value)) + 0.0


def _of_shares(row: RecordRow) -> bool:
    """Whether points are percentage points, and not points of a score."""
    return row.unit == "points" and row.table == _POINTS_OF_SHARES


def _is_p(row: RecordRow) -> bool:
    """Whether the value is a p value."""
    return row.measure.startswith(_P_VALUE)


def _has_interval(row: RecordRow) -> bool:
    """Whether either end of an interval is known."""
    return known(row.low) or known(row.high)


def _plain(value: float) -> str:
    """Write a count; hours and pounds in a numerator may have a fraction."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
