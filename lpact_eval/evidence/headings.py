"""Headings and words of records, whatever their capitals, hyphens and spaces."""

import re

_APART = re.compile(r"[\s_\-\u2010-\u2015]+")


def plain(text: str) -> str:
    """Fold what people write differently: capitals, spaces, underscores and hyphens."""
    return _APART.sub(" ", text).strip().casefold()
