"""How many respondents said that they don't know, and whether that moved between waves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lpact_eval.errors import WrongUseError

DONT_KNOW_MOVED: Final = 0.05  # a share of don't knows that moved by more is said beside any comparison
_SHOWN_FROM: Final = 100  # respondents on whom the shares themselves may stand in a flag
_COUNTED_FROM: Final = 10  # don't knows under which a share would give a small number away
_NAMED_SHARES: Final = re.compile(r"don't know went from [^;]*?(?= among |;|$)")


@dataclass(frozen=True, slots=True)
class Unsure:
    """Don't knows of one question in one wave.

    Attributes
    ----------
    wave : str
    share : float
        Of those who were asked and did not leave it blank.
    said, base : int
        Respondents who said so, and all who were asked and did not leave it blank.
    """

    wave: str
    share: float
    said: int
    base: int


def moved_flag(waves: Sequence[Unsure], moved: float) -> str:
    """Say that the share of don't knows moved by more than an amount; nothing where it did not.

    Parameters
    ----------
    waves : sequence of Unsure
        In order of time.
    moved : float
        As a proportion.

    Returns
    -------
    str
        Both shares where each rests on 100 respondents, 10 of whom said so; else only that they moved.
    """
    if not waves:
        return ""
    ends = {min(waves, key=lambda one: one.share), max(waves, key=lambda one: one.share)}
    first, last = next(one for one in waves if one in ends), next(one for one in waves[::-1] if one in ends)
    if round(abs(last.share - first.share), 9) <= moved:
        return ""
    if any(one.base < _SHOWN_FROM or one.said < _COUNTED_FROM for one in ends):
        return f"the share of don't knows moved by more than {100 * moved:g} points"
    named = [f" in {one.wave}" if len(waves) > 2 else "" for one in (first, last)]  # noqa: PLR2004 - of two waves no name is needed
    return f"don't know went from {first.share:.0%}{named[0]} to {last.share:.0%}{named[1]}"


def without_shares(flags: str) -> str:
    """Take the shares out of flags: where few answered, it is enough that don't knows moved."""
    return _NAMED_SHARES.sub("the share of don't knows moved", flags)


def check_moved(moved: float) -> None:
    """Refuse an amount that no share can move by.

    Raises
    ------
    WrongUseError
        If it is no proportion.
    """
    if not 0 <= moved <= 1:
        msg = f"Cannot flag don't knows that moved by {moved:g}: it is a proportion, as in 0.05 for five points."
        raise WrongUseError(msg)
