"""What a reader reads of a page: its texts, labels for screen readers and words of charts, without tags and scripts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Tags inside a sentence; all others end one.
_INLINE: Final = frozenset({"a", "abbr", "b", "br", "cite", "code", "em", "i", "mark", "q", "small", "span", "strong"})
_INLINE_MORE: Final = frozenset({"sub", "sup", "tspan", "u", "wbr", "time", "data", "dfn", "del", "ins", "s", "bdi"})
_READ: Final = frozenset({"alt", "aria-label", "aria-description", "content", "label", "placeholder", "title"})
_TAG: Final = re.compile(r"<[^>]*>")


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
    parser = _Reader()
    parser.feed(page)
    parser.close()
    return parser.finished()


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


class _Reader(HTMLParser):
    """Gathers texts while the parser goes through a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._texts: list[str] = []
        self._open: list[str] = []
        self._script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """End a text at a tag that stands between texts; read the attributes that are read aloud."""
        known = dict(attrs)
        self._texts += [value for name, value in attrs if name in _READ and value]
        if tag == "br":
            self._open.append(" ")
        elif tag not in _INLINE and tag not in _INLINE_MORE:
            self._end()
        if tag in {"script", "style"}:
            self._script = known.get("type") or tag

    def handle_endtag(self, tag: str) -> None:
        """End a text at the end of a paragraph or cell."""
        if tag not in _INLINE and tag not in _INLINE_MORE:
            self._end()
        if tag in {"script", "style"}:
            self._script = ""

    def handle_data(self, data: str) -> None:
        """Add to the open text; of scripts only figures are read."""
        if not self._script:
            self._open.append(data)
        elif self._script == "application/json" and data.strip():
            self._texts += _texts_of_json(data)

    def finished(self) -> list[str]:
        """Return the texts."""
        self._end()
        return self._texts

    def _end(self) -> None:
        """Close the open text."""
        text = "".join(self._open).strip()
        if text:
            self._texts.append(text)
        self._open.clear()
