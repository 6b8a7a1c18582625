"""What a reader reads of a page: its texts, labels for screen readers and words of charts, without tags and scripts."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import unescape
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Tags inside a sentence; all others end one.
_INLINE: Final = ("a", "abbr", "b", "br", "cite", "code", "em", "i", "mark", "q", "small", "span", "strong")
_INLINE_MORE: Final = ("sub", "sup", "tspan", "u", "wbr", "time", "data", "dfn", "del", "ins", "s", "bdi")
_WITHIN: Final = rf"(?i:{'|'.join((*_INLINE, *_INLINE_MORE))})(?=[\s/>])"
_READ: Final = frozenset({"alt", "aria-label", "aria-description", "content", "label", "placeholder", "title"})
_UNREAD: Final = ("script", "style")
_FIGURES: Final = "application/json"
_SPOKEN: Final = (*_READ, _FIGURES)
_COMMENT: Final = "<!--"
_TAG: Final = re.compile(r"<[^>]*>")
_INSIDE: Final = r"""[^<>"']*+(?:"[^"]*"[^<>"']*+|'[^']*'[^<>"']*+)*+>"""  # of a tag; quoted texts may hold its end
_CELL: Final = rf"/?t[dhr]\b{_INSIDE}"  # four of five tags of a page, so that they are looked for first
_SKIPPED: Final = "|".join(rf"(?i:{tag})(?=[\s/>]){_INSIDE}(?:[^<]++|<(?!/(?i:{tag})))*+" for tag in _UNREAD)
_BETWEEN: Final = re.compile(rf"((?:<(?:{_CELL}|{_SKIPPED}|(?!/?{_WITHIN})/?[A-Za-z]{_INSIDE})\s*+)++)")
_MARKUP: Final = re.compile(rf"<(?:!--.*?-->|[!?][^>]*>|{_SKIPPED}|/?[A-Za-z]{_INSIDE})", re.DOTALL)
_OPENING: Final = re.compile(rf"<[^\s/>]*({_INSIDE})(.*)", re.DOTALL)
_BREAK: Final = re.compile(r"<br[\s/>]", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([^\s"'>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def texts_of(page: str) -> list[str]:
    """Take the texts out of a page.

    Parameters
    ----------
    page : str
        HTML, or SVG.

    Returns
    -------
    list of str
        One per paragraph, cell, label, attribute that is read aloud, and text of a chart.
    """
    if _COMMENT in page:  # a comment parts no sentence, and what looks like a tag in it is none
        page = _MARKUP.sub(lambda found: "" if found[0].startswith(_COMMENT) else found[0], page)
    told: list[str] = []
    pieces = _BETWEEN.split(page)
    for text, tags in zip_longest(pieces[::2], pieces[1::2], fillvalue=""):
        if "<" in text:
            told += _told_by(text)
        said = _without_tags(text) if "<" in text or "&" in text else text
        if said := said.strip():
            told.append(said)
        told += _told_by(tags)
    return told


def texts_in(value: object) -> Iterator[str]:
    """Take the texts out of figures as JSON, keys left aside."""
    ahead = [value]
    while ahead:
        part = ahead.pop()
        if isinstance(part, str):
            yield _TAG.sub(" ", part) if "<" in part else part
        elif isinstance(part, dict):
            ahead += reversed(cast("dict[str, object]", part).values())
        elif isinstance(part, list):
            ahead += reversed(cast("Sequence[object]", part))


def _texts_of_json(data: str) -> list[str]:
    """Read figures; what is no JSON is read as it stands."""
    try:
        return list(texts_in(json.loads(data)))
    except json.JSONDecodeError:
        return [data]


def _without_tags(text: str) -> str:
    """Read a text through the tags within it: a break parts words, another does not."""
    return unescape(_MARKUP.sub(lambda tag: " " if _BREAK.match(tag[0]) else "", text))


@lru_cache(maxsize=4096)
def _told_by(markup: str) -> tuple[str, ...]:
    """Take what is read aloud out of tags: labels, and the words of figures; most have none, and many are the same."""
    small = markup.lower()
    if not any(name in small for name in _SPOKEN):
        return ()
    return tuple(told for tag in _MARKUP.finditer(markup) for told in _told_by_one(tag[0]))


def _told_by_one(tag: str) -> Iterator[str]:
    """Take the attributes of a tag that are read aloud; and the words of figures, which stand after it."""
    opening = None if tag.startswith(("<!", "<?")) else _OPENING.match(tag)
    if opening is None:
        return
    for name, *values in _ATTRIBUTE.findall(opening[1]):
        if name.lower() in _READ and (text := "".join(values)):
            yield unescape(text)
    if _FIGURES in opening[1] and opening[2].strip():
        yield from _texts_of_json(opening[2])
