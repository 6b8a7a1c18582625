"""What a reader reads of a page: its texts, labels for screen readers and words of charts, without tags and scripts."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Tags inside a sentence; all others end one.
_INLINE: Final = frozenset({"a", "abbr", "b", "br", "cite", "code", "em", "i", "mark", "q", "small", "span", "strong"})
_INLINE_MORE: Final = frozenset({"sub", "sup", "tspan", "u", "wbr", "time", "data", "dfn", "del", "ins", "s", "bdi"})
_WITHIN: Final = _INLINE | _INLINE_MORE
_READ: Final = frozenset({"alt", "aria-label", "aria-description", "content", "label", "placeholder", "title"})
_UNREAD: Final = frozenset({"script", "style"})
_FIGURES: Final = "application/json"
_TAG: Final = re.compile(r"<[^>]*>")
_INSIDE: Final = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""  # of a tag; quoted texts may hold its end
_MARKUP: Final = re.compile(rf"<(?:!--.*?--|[!?][^>]*|(/?)([A-Za-z][^\s/>]*)({_INSIDE}))>", re.DOTALL)
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
    return _Reader().read(page)


def texts_in(value: object) -> Iterator[str]:
    """Take the texts out of figures as JSON, keys left aside."""
    if isinstance(value, str):
        yield _TAG.sub(" ", value)
    elif isinstance(value, dict):
        for part in cast("Mapping[str, object]", value).values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in cast("Sequence[object]", value):
            yield from texts_in(part)


def _texts_of_json(data: str) -> list[str]:
    """Read figures; what is no JSON is read as it stands."""
    try:
        return list(texts_in(json.loads(data)))
    except json.JSONDecodeError:
        return [data]


@lru_cache(maxsize=4096)
def _read_in(attributes: str) -> tuple[str, ...]:
    """Take the attributes of a tag that are read aloud; most tags have the same ones, which are not."""
    return tuple(
        unescape(text)
        for name, *values in _ATTRIBUTE.findall(attributes)
        if name.lower() in _READ and (text := "".join(values))
    )


class _Reader:
    """Gathers texts while going through a page; what is no tag is read as text."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._open: list[str] = []

    def read(self, page: str) -> list[str]:
        """Take the texts out of a page."""
        at = 0
        while found := _MARKUP.search(page, at):
            start, end_of_tag = found.span()
            self._add(page[at:start])
            at = end_of_tag
            closing, name, attributes = found.groups(default="")
            if not name:  # a comment, or the declaration of the document
                continue
            tag = name.lower()
            self._tag(tag, attributes, closing=bool(closing))
            if tag in _UNREAD and not closing:
                end = re.compile(rf"</{tag}", re.IGNORECASE).search(page, at)
                stop = end.start() if end else len(page)
                if _FIGURES in attributes and page[at:stop].strip():
                    self._texts += _texts_of_json(page[at:stop])
                at = stop
        self._add(page[at:])
        self._end()
        return self._texts

    def _tag(self, tag: str, attributes: str, *, closing: bool) -> None:
        """End a text at a tag that stands between texts; read the attributes that are read aloud."""
        if attributes:
            self._texts += _read_in(attributes)
        if tag == "br" and not closing:
            self._open.append(" ")
        elif tag not in _WITHIN:
            self._end()

    def _add(self, data: str) -> None:
        """Add to the open text."""
        if data:
            self._open.append(unescape(data) if "&" in data else data)

    def _end(self) -> None:
        """Close the open text."""
        if self._open:
            text = "".join(self._open).strip()
            if text:
                self._texts.append(text)
            self._open.clear()
