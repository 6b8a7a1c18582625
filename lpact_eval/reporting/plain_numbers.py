"""Numbers in the words that people use: "about 6 in 10", never more exact or more certain than what was published."""

from __future__ import annotations

import math
from typing import Final

from lpact_eval.reporting.numbers import rounded

_NEAR: Final = 2  # points within which a share is called "about" a tenth
_TEN: Final = 10
_HALF: Final = 5


def share_words(share: float, base: int | None) -> str:
    """Write a share as so many in ten.

    Notes
    -----
    A share more than two points from every tenth is said to lie between two of them: rounded to the nearest one, 34 and
    36 per cent would seem to differ by a tenth.

    >>> share_words(0.41, 56), share_words(0.36, 56), share_words(0.515, 60)
    ('about 4 in 10', 'between 3 and 4 in 10', 'about half')
    """
    percent = rounded(share, base)
    tenths, over = int(percent // _TEN), percent % _TEN
    if over <= _NEAR:
        return _about(tenths)
    return _about(tenths + 1) if over >= _TEN - _NEAR else _between(tenths)


def range_words(low: float, high: float, base: int | None) -> str:
    """Write the interval of a share in tenths that hold all of it.

    >>> range_words(0.21, 0.56, 56)
    '2 in 10 to 6 in 10'
    """
    ends = math.floor(rounded(max(low, 0.0), base) / _TEN), math.ceil(rounded(min(high, 1.0), base) / _TEN)
    return " to ".join({0: "none", _TEN: "all"}.get(end, f"{end} in 10") for end in ends)


def difference_words(low: float, high: float, base: int | None) -> str:
    """Write the interval of a difference as people in every hundred, in whole people that hold all of it.

    >>> difference_words(-0.031, 0.341, 56)
    '3 fewer to 34 more'
    """
    return f"{_more(math.floor(rounded(low, base)))} to {_more(math.ceil(rounded(high, base)))}"


def in_every_hundred(difference: float, base: int | None) -> str:
    """Write how large a difference is, without its direction.

    >>> in_every_hundred(-0.12, 56)
    '12 in every 100'
    """
    return f"{abs(rounded(difference, base)):g} in every 100"


def _about(tenths: int) -> str:
    """Name the tenth that a share is near to."""
    return {0: "almost none", _HALF: "about half", _TEN: "almost all"}.get(tenths, f"about {tenths} in 10")


def _between(tenths: int) -> str:
    """Name the tenths that a share lies between."""
    ends = {0: "fewer than 1 in 10", _TEN - 1: "more than 9 in 10"}
    return ends.get(tenths, f"between {tenths} and {tenths + 1} in 10")


def _more(people: int) -> str:
    """Say how many more or fewer."""
    return "0" if people == 0 else f"{abs(people)} {'more' if people > 0 else 'fewer'}"
