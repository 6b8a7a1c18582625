"""A filled-in page as blocks, in the order of reading: what other outputs lay out in their own way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKUP: Final = re.compile(  # quoted texts may hold the end of a tag; a cell without tags in it is read at once
    r"""<(?P<cell>t[dh])(?P<looks>(?:\s[^<>"']*(?:"[^"<>]*"[^<>"']*)*)?)>(?P<words>[^<]*)</(?P=cell)>|<!--.*?-->|<![^>]*>|</(?P<end>[a-z][a-z0-9]*)\s*>|<(?P<tag>[a-z][a-z0-9]*)(?P<about>(?:[^<>"']|"[^"]*"|'[^']*')*)>""",
    re.DOTALL,
)
_ABOUT: Final = re.compile(r"""(?<![\w-])(class|data-figure)="([^"]*)\"""")
_VOID: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_SKIPPED: Final = frozenset({"button", "form", "head", "nav", "noscript", "script", "style", "svg", "template"})
_SKIPPED_CLASSES: Final = frozenset({"key", "page-only", "panel-title", "skip", "within"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXTS: Final = frozenset({"p", "li", "dt", "dd", "caption", "th", "td", *_HEADINGS})
_LOOKS: Final = frozenset(
    {"banner", "chart-note", "chart-subtitle", "chart-title", "details", "lead", "limit", "table-note"}
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; the title of the whole has level 1."""

    level: int
    text: str
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    Attributes
    ----------
    runs : tuple of (str, bool)
        Texts, and whether they are bold.
    look : str
        "", "lead", "details", "limit", "banner", "item" of a list, "term" with its text, "chart-title",
        "chart-subtitle", "chart-note" or "table-note".
    boxed : bool
        Whether it belongs to the limits beside the findings.
    """

    runs: tuple[tuple[str, bool], ...]
    look: str = ""
    boxed: bool = False

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(text for text, _ in self.runs)


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a table: its text, whether it is a number, and whether it names its row or column."""

    text: str
    number: bool = False
    head: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: caption, headings of the columns, rows."""

    caption: str
    headings: tuple[GridCell, ...]
    rows: tuple[tuple[GridCell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The place of a chart: its name, and whether these are the national figures apart from its panels."""

    chart: str
    apart: bool = False


Block = Heading | Paragraph | Grid | Picture


def read_blocks(page: str) -> list[Block]:
    """Read the blocks of a filled-in page.

    Parameters
    ----------
    page : str
        Its HTML; contents lists, scripts, drawings and what is marked "page-only" are left out.

    Returns
    -------
    list of Heading, Paragraph, Grid or Picture
    """
    reader = _Reader()
    at = 0
    for found in _MARKUP.finditer(page):
        reader.text(page[at : found.start()])
        at = found.end()
        if found["cell"]:
            reader.cell(found["cell"], found["looks"], found["words"])
        elif found["end"]:
            reader.end(found["end"])
        elif found["tag"]:
            reader.start(found["tag"], found["about"])
    reader.text(page[at:])
    return reader.blocks


@dataclass(slots=True)
class _Table:
    """A table on its way."""

    caption: str = ""
    rows: list[list[GridCell]] = field(default_factory=list["list[GridCell]"])
    headings: int = 0


class _Reader:
    """Gathers blocks while the page goes by."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open: list[tuple[str, bool]] = []  # elements, and whether only a page has them
        self._skipping = 0
        self._text = ""
        self._look = ""
        self._runs: list[tuple[str, bool]] = []
        self._bold = 0
        self._number = False
        self._term = ""
        self._boxes = 0
        self._tables: list[_Table] = []

    def start(self, tag: str, about: str) -> None:
        """Begin an element."""
        classes, figure = _told_of(about)
        if figure:
            self._picture(figure)
        if tag == "br":
            self.text(" ")
        if tag in _VOID:
            return
        unread = _unread(tag, classes)
        self._open.append((tag, unread))
        self._skipping += unread
        self._boxes += tag == "aside"
        if tag == "table":
            self._tables.append(_Table())
        elif tag == "tr" and self._tables:
            self._tables[-1].rows.append([])
        elif tag == "strong":
            self._cut()
            self._bold += 1
        if tag in _TEXTS:
            self._begin(tag, classes)

    def cell(self, tag: str, about: str, words: str) -> None:
        """Keep a cell that holds words alone."""
        classes, figure = _told_of(about)
        in_row = bool(self._tables) and bool(self._tables[-1].rows)
        if self._skipping or not in_row or figure or _unread(tag, classes):
            self.start(tag, about)
            self.text(words)
            self.end(tag)
        else:
            text = " ".join(unescape(words).split())
            self._tables[-1].rows[-1].append(GridCell(text, "number" in classes, tag == "th"))

    def end(self, tag: str) -> None:
        """End an element, and all in it that are still open."""
        if not self._open or (self._open[-1][0] != tag and all(one != tag for one, _ in self._open)):
            return
        ended = ""
        while ended != tag:
            ended, unread = self._open.pop()
            self._skipping -= unread
            if ended == "strong":
                self._cut()
                self._bold -= 1
            if not self._skipping:
                self._ended(ended)
            self._boxes -= ended == "aside"

    def text(self, data: str) -> None:
        """Keep what stands between two tags."""
        if data and not self._skipping:
            self._text += unescape(data)

    def _begin(self, tag: str, classes: frozenset[str]) -> None:
        """Begin a text."""
        self._text, self._runs = "", []
        self._number = "number" in classes
        self._look = next(iter(classes & _LOOKS), "item" if tag == "li" else "")

    def _cut(self) -> None:
        """End a run of a text."""
        if self._text:
            self._runs.append((self._text, self._bold > 0))
        self._text = ""

    def _ended(self, tag: str) -> None:
        """Keep the text of an element that ended."""
        if tag in {"thead", "table"} and self._tables:
            self._table(tag)
        if tag not in _TEXTS:
            return
        self._cut()
        runs = _tidy(self._runs)
        text = "".join(part for part, _ in runs)
        self._runs = []
        if self._tables:
            self._in_table(tag, text)
        elif tag == "dt":
            self._term = text
        elif tag == "dd":
            self.blocks.append(Paragraph(((f"{self._term}: ", True), *runs), "term", self._boxes > 0))
        elif tag in _HEADINGS:
            self.blocks.append(Heading(int(tag[1]), text, self._boxes > 0))
        elif text:
            self.blocks.append(Paragraph(runs, self._look, self._boxes > 0))

    def _in_table(self, tag: str, text: str) -> None:
        """Keep a cell or the caption of a table."""
        table = self._tables[-1]
        if tag in {"th", "td"} and table.rows:
            table.rows[-1].append(GridCell(text, self._number, tag == "th"))
        elif tag == "caption":
            table.caption = f"{text[:1].upper()}{text[1:]}"

    def _table(self, tag: str) -> None:
        """Count a table's headings, or keep the table."""
        if tag == "thead":
            self._tables[-1].headings = len(self._tables[-1].rows)
            return
        made = self._tables.pop()
        rows = [tuple(row) for row in made.rows]
        first = rows[0] if made.headings else ()
        self.blocks.append(Grid(made.caption, first, tuple(rows[made.headings :])))

    def _picture(self, figure: str) -> None:
        """Note the place of a chart at the first of its panels."""
        name, _, _ = figure.rpartition("-")
        apart = name.endswith("-apart")
        place = Picture(name.removesuffix("-apart"), apart)
        if place not in self.blocks[-1:]:
            self.blocks.append(place)


@lru_cache(maxsize=512)
def _told_of(about: str) -> tuple[frozenset[str], str]:
    """Read classes, and the name of a figure, of what stands in a tag: the same in every cell of a column."""
    found = {name: unescape(value) for name, value in _ABOUT.findall(about)}
    return frozenset(found.get("class", "").split()), found.get("data-figure", "")


def _unread(tag: str, classes: frozenset[str]) -> bool:
    """Tell whether only a page has an element; the summary of what a page folds is its heading over again."""
    return tag in _SKIPPED or bool(classes & _SKIPPED_CLASSES)


def _tidy(runs: Sequence[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Write runs with single spaces and none at the ends."""
    if len(runs) == 1:  # as nearly all are
        text = " ".join(runs[0][0].split())
        return ((text, runs[0][1]),) if text else ()
    made: list[tuple[str, bool]] = []
    for text, bold in runs:
        single = " ".join(text.split())
        if not single:
            continue
        before = " " if text[:1].isspace() and made and not made[-1][0].endswith(" ") else ""
        made.append((f"{before}{single}{' ' if text[-1:].isspace() else ''}", bold))
    if made:
        made[-1] = made[-1][0].rstrip(), made[-1][1]
    return tuple(made)
