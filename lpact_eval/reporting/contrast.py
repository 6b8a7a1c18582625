"""How well letters stand out from their ground, and which words of a link say nothing."""

from __future__ import annotations

import re
from typing import Final

ENOUGH: Final = 4.5
ENOUGH_IF_LARGE: Final = 3.0
LARGE: Final = 18.0  # points
LARGE_IF_BOLD: Final = 14.0
_HEX: Final = re.compile(r"[0-9A-Fa-f]{6}")
_NOTHING_SAID: Final = frozenset({"click here", "click", "here", "link", "this link", "more", "read more", "see here"})
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_EVEN: Final = 0.03928  # of a channel, under which light grows evenly with it


def contrast(letters: str, ground: str) -> float:
    """Return the contrast of two colours.

    Parameters
    ----------
    letters, ground : str
        RRGGBB.

    Returns
    -------
    float
        1 for the same colour, 21 for black and white.

    References
    ----------
    World Wide Web Consortium (2018), *Web Content Accessibility Guidelines 2.1*, contrast ratio.

    Examples
    --------
    >>> round(contrast("000000", "FFFFFF"), 1)
    21.0
    """
    light = sorted((_light(letters), _light(ground)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def is_faint(letters: str, ground: str, *, points: float, bold: bool) -> bool:
    """Whether letters can hardly be told from their ground; what is no colour of six digits is not looked at.

    Parameters
    ----------
    letters, ground : str
        RRGGBB.
    points : float
        Size of the letters.
    bold : bool

    Returns
    -------
    bool
    """
    if not (_HEX.fullmatch(letters) and _HEX.fullmatch(ground)):
        return False
    large = points >= LARGE or (bold and points >= LARGE_IF_BOLD)
    return contrast(letters, ground) < (ENOUGH_IF_LARGE if large else ENOUGH)


def says_nothing(link: str) -> str:
    """Say why a link's words don't tell where it leads; nothing where they do.

    Parameters
    ----------
    link : str

    Returns
    -------
    str
    """
    words = " ".join(link.split())
    if not words:
        return "has no words"
    if words.casefold().strip(".") in _NOTHING_SAID:
        return "does not say where it leads"
    return "is an address" if _ADDRESS.fullmatch(words) else ""


def _light(colour: str) -> float:
    """Return a colour's relative luminance."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= _EVEN else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
