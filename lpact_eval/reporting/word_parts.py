"""What a Word document is made of, as far as a reader meets it: paragraphs, tables, pictures, and their looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.package import Element, open_package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.reporting.package import Package

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
VML: Final = "{urn:schemas-microsoft-com:vml}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING: Final = re.compile(r"heading ([1-9])", re.IGNORECASE)
_OFF: Final = frozenset({"0", "false", "off"})
_DEEPEST: Final = 20  # styles that one rests on; a damaged file may rest on itself
_POINTS: Final = 10.0  # of letters of which nothing says how large they are
_HIGHLIGHTS: Final[Mapping[str, str]] = {
    "yellow": "FFFF00",
    "green": "00FF00",
    "cyan": "00FFFF",
    "magenta": "FF00FF",
    "blue": "0000FF",
    "red": "FF0000",
    "darkBlue": "000080",
    "darkCyan": "008080",
    "darkGreen": "008000",
    "darkMagenta": "800080",
    "darkRed": "800000",
    "darkYellow": "808000",
    "darkGray": "808080",
    "lightGray": "C0C0C0",
    "black": "000000",
    "white": "FFFFFF",
}
PAPER: Final = "FFFFFF"


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """An opened document.

    Attributes
    ----------
    package : Package
    body : Element
    parents : mapping of Element to Element
        Of every element in the body.
    styles : mapping of str to Element
        By id.
    defaults : Element or None
        Looks of letters where no style says more.
    """

    package: Package
    body: Element
    parents: Mapping[Element, Element]
    styles: Mapping[str, Element]
    defaults: Element | None

    @property
    def paragraphs(self) -> list[Element]:
        """All paragraphs in the order of reading, those of tables included."""
        return [one for one in walk(self.body) if one.tag == f"{W}p"]

    @property
    def tables(self) -> list[Element]:
        """All tables."""
        return [one for one in walk(self.body) if one.tag == f"{W}tbl"]

    def above(self, element: Element, *names: str) -> Element | None:
        """Return the nearest element of some names that this one stands in."""
        while (found := self.parents.get(element)) is not None:
            if found.tag in names:
                return found
            element = found
        return None

    def resting_on(self, style: str) -> Iterator[Element]:
        """Go through a style and those that it rests on."""
        for _ in range(_DEEPEST):
            found = self.styles.get(style)
            if found is None:
                return
            yield found
            style = value(found.find(f"{W}basedOn"))

    @property
    def usual(self) -> str:
        """Id of the style of paragraphs that name none."""
        paragraphs = (one for one in self.styles.values() if one.get(f"{W}type") == "paragraph")
        return next((one.get(f"{W}styleId", "") for one in paragraphs if one.get(f"{W}default") == "1"), "")

    def style_of(self, paragraph: Element) -> str:
        """Return the id of a paragraph's style."""
        return value(paragraph.find(f"{W}pPr/{W}pStyle")) or self.usual

    def heading_level(self, paragraph: Element) -> int:
        """Return the level of a heading; 0 for other paragraphs."""
        levels = [paragraph.find(f"{W}pPr/{W}outlineLvl")]
        for style in self.resting_on(self.style_of(paragraph)):
            named = _HEADING.fullmatch(value(style.find(f"{W}name")))
            if named:
                return int(named[1])
            levels.append(style.find(f"{W}pPr/{W}outlineLvl"))
        found = next((value(one) for one in levels if one is not None), "9")
        return int(found) + 1 if found.isdigit() and int(found) < 9 else 0  # noqa: PLR2004 - level 9 is body text

    def looks(self, run: Element, paragraph: Element) -> Iterator[Element]:
        """Go through the properties of a run's letters, the nearest first."""
        own = run.find(f"{W}rPr")
        if own is not None:
            yield own
        named = value(own.find(f"{W}rStyle")) if own is not None else ""
        for style in (*self.resting_on(named), *self.resting_on(self.style_of(paragraph))):
            found = style.find(f"{W}rPr")
            if found is not None:
                yield found
        if self.defaults is not None:
            yield self.defaults

    def ground(self, run: Element, paragraph: Element) -> str:
        """Return the colour that letters stand on; nothing where a style of tables decides it."""
        fills = [(look.find(f"{W}shd"), look.find(f"{W}highlight")) for look in self.looks(run, paragraph)]
        marked = [_HIGHLIGHTS.get(value(mark), "") or _fill(shade) for shade, mark in fills]
        marked.append(_fill(paragraph.find(f"{W}pPr/{W}shd")))
        marked += [_fill(style.find(f"{W}pPr/{W}shd")) for style in self.resting_on(self.style_of(paragraph))]
        cell = self.above(paragraph, f"{W}tc")
        if cell is not None:
            marked.append(_fill(cell.find(f"{W}tcPr/{W}shd")))
        own = next((one for one in marked if one), "")
        if own or cell is None:
            return own or PAPER
        table = self.above(cell, f"{W}tbl")
        named = value(table.find(f"{W}tblPr/{W}tblStyle")) if table is not None else ""
        shaded = any(_fill(one) for style in self.resting_on(named) for one in style.iter(f"{W}shd"))
        return "" if shaded else PAPER


def open_word(path: Path) -> Word:
    """Open a Word document.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Word

    Raises
    ------
    LpactError
        If it is no Word document, damaged, or closed with a password.
    """
    package = open_package(path, "Word document", f"{W}document")
    tree = package.parts[package.main]
    body = tree.find(f"{W}body")
    body = tree if body is None else body
    parents = {child: parent for parent in body.iter() for child in parent}
    _, sheet = package.one(package.main, "styles")
    styles = {} if sheet is None else {one.get(f"{W}styleId", ""): one for one in sheet.findall(f"{W}style")}
    defaults = None if sheet is None else sheet.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    return Word(package, body, parents, styles, defaults)


def walk(element: Element) -> Iterator[Element]:
    """Go through everything in an element, in order; what stands there for older programs is left out."""
    for child in element:
        if child.tag != _FALLBACK:
            yield child
            yield from walk(child)


def words_of(element: Element) -> str:
    """Join the words in an element."""
    return "".join(one.text or "" for one in walk(element) if one.tag == f"{W}t").strip()


def value(element: Element | None) -> str:
    """Return the one value of an element; nothing without it."""
    return "" if element is None else element.get(f"{W}val", "")


def is_on(element: Element | None) -> bool:
    """Whether a property is set, and not to off."""
    return element is not None and value(element) not in _OFF


def first_of(looks: Sequence[Element], name: str) -> Element | None:
    """Return the nearest property of a name."""
    return next((found for look in looks if (found := look.find(f"{W}{name}")) is not None), None)


def points_of(looks: Sequence[Element]) -> float:
    """Return the size of letters in points."""
    size = value(first_of(looks, "sz"))
    return int(size) / 2 if size.isdigit() else _POINTS


def _fill(shade: Element | None) -> str:
    """Return the colour of a shade; nothing where it has none."""
    found = "" if shade is None else shade.get(f"{W}fill", "")
    return "" if found == "auto" else found
