"""About how broad a text is, for laying it out where nobody measures letters."""

from __future__ import annotations

import functools
from typing import Final

_NARROW: Final = frozenset("ijlI.,:;'|!()[] ftr-")
_BROAD: Final = frozenset("mwMW%@")
_SPACE: Final = 0.3


@functools.lru_cache(maxsize=4096)
def breadth(text: str) -> float:
    """Measure a text in heights of its letters, for the usual fonts without serifs.

    >>> round(breadth("mill"), 2)
    1.75
    """
    narrow = sum(map(_NARROW.__contains__, text))
    broad = sum(map(_BROAD.__contains__, text))
    capital = sum(map(str.isupper, text))
    return 0.55 * len(text) - 0.25 * narrow + 0.3 * broad + 0.13 * capital


def lines_needed(text: str, room: float) -> int:
    """Count the lines of a text in a room of so many heights of its letters, words kept whole."""
    lines, used = 1, 0.0
    for word in text.split():
        wide = breadth(word)
        if used and used + _SPACE + wide > room:
            lines, used = lines + 1, wide
        else:
            used += wide + (_SPACE if used else 0.0)
        lines += int(used // room) if used > room else 0
    return lines
