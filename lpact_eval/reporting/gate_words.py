"""Numbers of people that stand in words: the ways in which reports write a base outside the cell of a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.record_counts import NOT_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_THINGS: Final = "|".join(sorted(NOT_PEOPLE))
_NUMBER: Final = r"(?P<base>\d[\d,]*)"
_TOLD: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!ffective )\b[Bb]ase {_NUMBER}\b",
        rf"% of {_NUMBER}\b(?![\d,.]| (?:{_OF_THINGS})\b)",
        rf"\b{_NUMBER} (?:[\w-]+ )?people answered\b",
        rf"\bpoints \({_NUMBER} and \d",
        rf"\bpoints \(\d[\d,]* and {_NUMBER}\)",
    )
)
_BASES: Final = re.compile(r"Unweighted bases?: (?P<told>[^.]*)")
_IN_BASES: Final = re.compile(rf"(?<!in )\b{_NUMBER}\b(?= in | attended\b| had\b|;|$)")


def tells_few(text: str, threshold: int) -> bool:
    """Whether a text tells a number of people from 1 to one below a threshold.

    Parameters
    ----------
    text : str
    threshold : int

    Returns
    -------
    bool

    Examples
    --------
    >>> tells_few("Black, 2022: 36% (21% to 56%), base 7.", 10)
    True
    >>> tells_few("It was 36% of 50 (effective base 7).", 10)
    False
    """
    return any(0 < count < threshold for count in _counts(text))


def _counts(text: str) -> Iterator[int]:
    """Read every number of people that a text tells."""
    if not any(one.isdigit() for one in text):
        return
    found = [match for pattern in _TOLD for match in pattern.finditer(text)]
    found += [match for told in _BASES.finditer(text) for match in _IN_BASES.finditer(told["told"])]
    yield from (int(match["base"].replace(",", "")) for match in found)
