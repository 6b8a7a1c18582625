"""Words that reports may not use, looked for in every output before it is handed over."""

from __future__ import annotations

import re
from typing import Final

from lpact_eval.errors import LpactError

BANNED: Final = {
    "margin of error": "it belongs to random samples; say 95% modelled interval",
    "margin of sampling error": "it belongs to random samples; say 95% modelled interval",
    "no change": "not clear is not the same as none; say that we can't tell",
    "caused": "attendance is self-selected; say associated with",
    "impact of LPACT": "these surveys can't show impact; say what was seen among whom",
    "significant improvement": "say clear change, with the interval",
    "BAME": "name the groups",
    "BME": "name the groups",
    "non-White": "name the groups",
}
_PATTERN: Final = re.compile(r"\b(" + "|".join(map(re.escape, BANNED)) + r")\b", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s+")


def banned_words(text: str) -> list[str]:
    """Find the banned words in a text, in the order of the text, line breaks notwithstanding."""
    return [match.group(0) for match in _PATTERN.finditer(_SPACE.sub(" ", text))]


def require_plain_words(text: str, output: str) -> None:
    """Refuse an output with a banned word.

    Parameters
    ----------
    text : str
        Everything a reader would read.
    output : str
        What it is part of, for the message.

    Raises
    ------
    LpactError
        If a banned word is in it.
    """
    found = banned_words(text)
    if found:
        allowed = {name.casefold(): advice for name, advice in BANNED.items()}
        msg = (
            f"Cannot write {output}: it says {found[0]!r} ({len(found)} banned in all); "
            f"{allowed[found[0].casefold()]}. "
            "Change the words in reports/templates, the plan or the survey's definition."
        )
        raise LpactError(msg)
