"""Look at the csv of the records of events as a reader would: is any count of a few people in it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.differencing import SUPPRESSED, number, people_in
from lpact_eval.reporting.release_folder import place_of

if TYPE_CHECKING:
    from lpact_eval.reporting.release_folder import ReleaseFolder

_NUMBERS: Final = ("value", "lower bound", "upper bound")


def in_records(release: ReleaseFolder) -> list[str]:
    """Find counts of people below the rules' threshold, and suppressed rows that show a number.

    Parameters
    ----------
    release : ReleaseFolder

    Returns
    -------
    list of str
        Places.
    """
    threshold = release.rules.suppress_below
    found = [
        f"{place_of(row)}: a count of people below the threshold is shown"
        for row in release.records
        if any(count is not None and 0 < count < threshold for count in people_in(row))
    ]
    return found + [
        f"{place_of(row)}: it is suppressed and shows a number"
        for row in release.records
        if row["shorthand"] == SUPPRESSED and any(number(row[name]) is not None for name in _NUMBERS)
    ]
