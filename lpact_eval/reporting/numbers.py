"""Numbers as readers see them: per cent, points, intervals. Per cent exists only here."""

from __future__ import annotations

import math
from typing import Final

ONE_DECIMAL_FROM: Final = 1000
YEARLY: Final = ONE_DECIMAL_FROM  # the base to write a slope a year with: a change spread over years needs the decimal
INTERVAL: Final = "95% modelled interval"
MINUS: Final = "\N{MINUS SIGN}"


def decimals(base: int | None) -> int:
    """Give whole per cents at small bases and one decimal at large ones."""
    return 1 if base is not None and base >= ONE_DECIMAL_FROM else 0


def rounded(value: float, base: int | None) -> float:
    """Turn a proportion into per cent, rounded as published."""
    return round(100 * value, decimals(base)) + 0.0  # adding zero turns -0.0 into 0.0


def percent(value: float, base: int | None) -> str:
    """Write a proportion as per cent.

    >>> percent(0.412, 56), percent(0.4125, 2000)
    ('41%', '41.2%')
    """
    return f"{rounded(value, base):.{decimals(base)}f}%"


def signed(value: float, base: int | None) -> str:
    """Write a difference of proportions with its sign, without the unit.

    >>> signed(0.124, 56), signed(0.001, 56)
    ('+12', '0')
    """
    number = rounded(value, base)
    sign = "+" if number > 0 else MINUS if number < 0 else ""
    return f"{sign}{abs(number):.{decimals(base)}f}"


def points(value: float, base: int | None) -> str:
    """Write a difference of proportions in percentage points.

    >>> points(0.124, 56)
    '+12 points'
    """
    text = signed(value, base)
    return f"{text} point" if text.strip(f"+{MINUS}") == "1" else f"{text} points"


def size(value: float, base: int | None) -> str:
    """Write how large a difference is, without its sign.

    >>> size(-0.124, 56)
    '12 points'
    """
    return points(abs(value), base).lstrip("+")


def percent_range(low: float, high: float, base: int | None) -> str:
    """Write an interval of a share.

    >>> percent_range(0.29, 0.54, 56)
    '29% to 54%'
    """
    return f"{percent(max(low, 0.0), base)} to {percent(min(high, 1.0), base)}"


def signed_range(low: float, high: float, base: int | None) -> str:
    """Write an interval of a difference.

    >>> signed_range(0.05, 0.28, 56)
    '+5 to +28'
    """
    return f"{signed(low, base)} to {signed(high, base)}"


def count(value: float | None) -> str:
    """Write a number of people or rows.

    >>> count(1234), count(None)
    ('1,234', '')
    """
    return "" if value is None or math.isnan(value) else f"{value:,.0f}"


def probability(value: float) -> str:
    """Write a p-value.

    >>> probability(0.0077), probability(0.00001)
    ('0.008', 'under 0.001')
    """
    smallest = 0.001
    return "under 0.001" if value < smallest else f"{value:.3f}"


def known(value: float) -> bool:
    """Say whether there is a number."""
    return not math.isnan(value)
