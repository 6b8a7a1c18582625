"""What a page is made of, read back from its HTML: language, headings, tables, pictures, what it would fetch."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOID: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_FETCHING: Final = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping"}
_LINKED: Final = frozenset({"link", "base", "use", "image"})  # elements that fetch what their href names
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SAYING: Final = ("aria-label", "aria-description", "alt", "title", "content", "summary")
_KEPT: Final = ("figures", "config")


@dataclass(slots=True)
class Table:
    """A table as read: headings with their scope, and rows of cells' texts."""

    caption: str = ""
    headings: list[str] = field(default_factory=list[str])
    scopes: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])


@dataclass(slots=True)
class PageParts:
    """What was found on a page.

    Attributes
    ----------
    lang, title, policy : str
        `policy` is the content security policy.
    headings : list of (int, str)
        Level and text, in order.
    tables : list of Table
    unnamed : list of str
        Pictures without a text alternative.
    fetched : list of str
        What the page would ask another place for.
    terms : list of (str, str)
        Labels and texts of its lists of terms, and the heading above.
    data : dict of str to str
        Contents of its elements of data, by id.
    words : list of str
        Texts outside data and styles, piece by piece.
    said : list of str
        Text alternatives, labels and titles of its elements.
    """

    lang: str = ""
    title: str = ""
    policy: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    tables: list[Table] = field(default_factory=list[Table])
    unnamed: list[str] = field(default_factory=list[str])
    fetched: list[str] = field(default_factory=list[str])
    terms: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    data: dict[str, str] = field(default_factory=dict[str, str])
    words: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])


def read_page(text: str) -> PageParts:
    """Read a page.

    Parameters
    ----------
    text : str
        Its HTML.

    Returns
    -------
    PageParts
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.parts


class _Reader(HTMLParser):
    """Gather the parts while the page goes by."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts = PageParts()
        self._open: list[str] = []
        self._text: list[str] = []
        self._script = ""
        self._term = ""
        self._titled = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._about(tag, found)
        self._fetches(tag, found)
        if tag in _HEADINGS:
            self.parts.headings.append((int(tag[1]), ""))
        elif tag == "table":
            self.parts.tables.append(Table())
        elif tag == "tr" and self.parts.tables:
            self.parts.tables[-1].rows.append([])
        elif tag == "th" and self.parts.tables:
            self.parts.tables[-1].scopes.append(found.get("scope", ""))
        if tag in {"th", "td", "caption", "title", "dt", "dd", *_HEADINGS}:
            self._text = []
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in {"script", "style"}:
            if self._open[-1] == "style" and ("url(" in data or "@import" in data):
                self._styles(data)
            if self._script:
                self.parts.data[self._script] = self.parts.data.get(self._script, "") + data
            return
        self._text.append(data)
        if data.strip():
            self.parts.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
        if tag == "script":
            self._script = ""
        self._ended(tag, " ".join("".join(self._text).split()))

    def _ended(self, tag: str, text: str) -> None:
        """Keep the text of an element that ended."""
        parts = self.parts
        if tag == "title" and not self._titled and "svg" not in self._open:
            self._titled, parts.title = True, text
        elif tag in _HEADINGS and parts.headings:
            parts.headings[-1] = parts.headings[-1][0], text
        elif tag == "dt":
            self._term = text
        elif tag == "dd":
            parts.terms.append((parts.headings[-1][1] if parts.headings else "", self._term, text))
        elif tag == "caption" and parts.tables:
            parts.tables[-1].caption = text
        elif tag in {"th", "td"} and parts.tables and parts.tables[-1].rows:
            parts.tables[-1].rows[-1].append(text)
            if tag == "th" and len(parts.tables[-1].rows) == 1:
                parts.tables[-1].headings.append(text)

    def _about(self, tag: str, found: dict[str, str]) -> None:
        """Keep what an element says of the page or of a picture."""
        if tag == "html":
            self.parts.lang = found.get("lang", "")
        elif tag == "meta" and found.get("http-equiv", "").casefold() == "content-security-policy":
            self.parts.policy = found.get("content", "")
        elif tag == "script" and found.get("id") in _KEPT:
            self._script = found["id"]
        self.parts.said += [found[name] for name in _SAYING if found.get(name)]
        named = found.get("aria-label") or found.get("aria-labelledby") or found.get("alt") or found.get("title")
        picture = tag == "img" or (found.get("role") == "img" and tag != "img")
        hidden = found.get("aria-hidden") == "true" or (tag == "img" and found.get("alt") == "")
        if picture and not named and not hidden:
            self.parts.unnamed.append(tag)

    def _fetches(self, tag: str, found: dict[str, str]) -> None:
        """Keep what an element would fetch from elsewhere; a link that a reader follows fetches nothing by itself."""
        named = [found[name] for name in _FETCHING & found.keys()]
        named += [found[name] for name in ("href", "xlink:href") if name in found and tag in _LINKED]
        self.parts.fetched += [tag for value in named if value and not value.startswith(("data:", "#"))]
        if "style" in found:
            self._styles(found["style"])

    def _styles(self, text: str) -> None:
        """Keep what a style would fetch."""
        inside = text.replace("url(data:", "").replace('url("data:', "").replace("url('data:", "").replace("url(#", "")
        if "url(" in inside or "@import" in inside:
            self.parts.fetched.append("style")
