"""Whether slides can be read by everyone: the checklist for the .pptx of a release.

References
----------
Microsoft (2024), *Make your PowerPoint presentations accessible to people with disabilities*.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.contrast import is_faint, says_nothing
from lpact_eval.reporting.package import A, R, alternative, is_decorative
from lpact_eval.reporting.slide_parts import (
    EDGES,
    TITLES,
    P,
    kind_of,
    open_slides,
    points_of,
    shapes_of,
    shown_by,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.reporting.package import Element, Package
    from lpact_eval.reporting.slide_parts import Box, Slide

LEAST: Final = 12.0  # points of letters on a slide
LEAST_IN_CHART: Final = 10.0

Deck = tuple["Package", "Sequence[Slide]"]


def audit_slides(path: Path) -> dict[str, list[str]]:
    """Go through the checklist for slides.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to list of str
        What is asked of slides, and where they fall short; nothing where they do not.

    Raises
    ------
    LpactError
        If the file holds no slides, is damaged, or closed with a password.
    """
    deck = open_slides(path)
    return {rule: check(deck) for rule, (check, _) in CHECKS.items()}


def _title(deck: Deck) -> list[str]:
    """Find slides without a title of the whole."""
    return [] if deck[0].title else ["the file's properties have no title"]


def _language(deck: Deck) -> list[str]:
    """Find words of no language."""
    found: list[str] = []
    for slide in deck[1]:
        mute = [one for one in _pieces(slide) if not any(look.get("lang") for look in one.looks)]
        found += [f"slide {slide.place}: words without a language"] if mute else []
    return found


def _titles(deck: Deck) -> list[str]:
    """Find slides without a title, and titles that stand twice."""
    titles = [slide.title for slide in deck[1]]
    often = Counter(title.casefold() for title in titles if title)
    found = [] if titles else ["there are no slides"]
    found += [f"slide {place} has no title" for place, title in enumerate(titles, 1) if not title]
    return found + [
        f"slide {place} has the title of another"
        for place, title in enumerate(titles, 1)
        if often[title.casefold()] > 1
    ]


def _alternatives(deck: Deck) -> list[str]:
    """Find pictures, charts and shapes without words that say nothing to those who can't see them."""
    return [
        f"slide {slide.place}: {what} {place} has no text alternative"
        for slide in deck[1]
        for place, (what, shape) in enumerate(_to_be_told(slide.shapes), 1)
        if not (alternative(shown_by(shape)) or is_decorative(shown_by(shape)))
    ]


def _to_be_told(shapes: Sequence[Element]) -> Iterator[tuple[str, Element]]:
    """Go through what needs words; a group that has none of its own is taken apart."""
    for shape in shapes:
        if shape.tag == f"{P}grpSp":
            if alternative(shown_by(shape)) or is_decorative(shown_by(shape)):
                continue
            yield from _to_be_told(shapes_of(shape))
        elif shape.tag == f"{P}graphicFrame":
            if next(shape.iter(f"{A}tbl"), None) is None:
                yield "chart", shape
        elif shape.tag == f"{P}pic":
            yield "picture", shape
        elif kind_of(shape) is None and not words_of(shape):
            yield "shape", shape


def _tables(deck: Deck) -> list[str]:
    """Find tables without a heading row, with an empty heading, or with merged cells."""
    found: list[str] = []
    for slide in deck[1]:
        for place, table in enumerate(slide.tree.iter(f"{A}tbl"), 1):
            where = f"slide {slide.place}, table {place}"
            properties = table.find(f"{A}tblPr")
            if properties is None or properties.get("firstRow") not in {"1", "true"}:
                found.append(f"{where}: its first row is not marked as headings")
            rows = table.findall(f"{A}tr")
            if rows and not all(words_of(cell) for cell in rows[0].findall(f"{A}tc")):
                found.append(f"{where}: a heading is empty")
            if any(
                cell.get(name) for cell in table.iter(f"{A}tc") for name in ("gridSpan", "rowSpan", "hMerge", "vMerge")
            ):
                found.append(f"{where}: cells are merged")
    return found


def _order(deck: Deck) -> list[str]:
    """Find slides whose title is not read first, and what is read before what stands above or to the left of it."""
    found: list[str] = []
    for slide in deck[1]:
        shapes = [one for one in slide.shapes if kind_of(one) not in EDGES and not is_decorative(shown_by(one))]
        titles = [place for place, one in enumerate(shapes) if kind_of(one) in TITLES]
        if titles and titles[0] > 0:
            found.append(f"slide {slide.place}: its title is not read first")
        boxes = [box for one in shapes if kind_of(one) not in TITLES and (box := slide.box(one)) is not None]
        if any(_goes_back(boxes[place], later) for place in range(len(boxes)) for later in boxes[place + 1 :]):
            found.append(f"slide {slide.place}: something is read before what stands above it or to its left")
    return found


def _goes_back(earlier: Box, later: Box) -> bool:
    """Whether what is read later stands above, or in the same line further left."""
    beside = later[0] < earlier[2] and earlier[0] < later[2]
    level = later[1] < earlier[3] and earlier[1] < later[3]
    return (beside and later[3] <= earlier[1]) or (level and later[2] <= earlier[0])


def _notes(deck: Deck) -> list[str]:
    """Find slides without notes."""
    return [
        f"slide {slide.place} has no notes"
        for slide in deck[1]
        if not any(words_of(one) for one in shapes_of(slide.notes) if kind_of(one) == "body")
    ]


def _sizes(deck: Deck) -> list[str]:
    """Find letters that are too small to be read from afar."""
    found: list[str] = []
    for slide in deck[1]:
        small = [one.points for one in _pieces(slide) if one.points < LEAST]
        found += [f"slide {slide.place}: letters of {min(small):g} points"] if small else []
        for _, chart in slide.package.led(slide.part, "chart"):
            sizes = [int(look.get("sz", "0")) / 100 for look in chart.iter() if look.tag in {f"{A}defRPr", f"{A}rPr"}]
            tiny = [size for size in sizes if 0 < size < LEAST_IN_CHART]
            found += [f"slide {slide.place}: letters of {min(tiny):g} points in a chart"] if tiny else []
    return found


def _contrast(deck: Deck) -> list[str]:
    """Find letters that can hardly be told from their ground."""
    found: dict[str, None] = {}
    for slide in deck[1]:
        for one in _pieces(slide):
            fill = next((fill for look in one.looks if (fill := look.find(f"{A}solidFill")) is not None), None)
            letters, bold = slide.colour(fill), any(look.get("b") == "1" for look in one.looks[:1])
            if is_faint(letters, one.ground, points=one.points, bold=bold):
                found[f"slide {slide.place}: letters in {letters} on {one.ground}"] = None
    return list(found)


def _links(deck: Deck) -> list[str]:
    """Find links whose words don't say where they lead."""
    found: list[str] = []
    for slide in deck[1]:
        links = [
            "".join(one.text or "" for one in run.iter(f"{A}t"))
            for run in slide.tree.iter(f"{A}r")
            if (link := run.find(f"{A}rPr/{A}hlinkClick")) is not None and link.get(f"{R}id")
        ]
        said = [(place, says_nothing(words)) for place, words in enumerate(links, 1)]
        found += [f"slide {slide.place}: link {place} {why}" for place, why in said if why]
    return found


def _left(deck: Deck) -> list[str]:
    """Find slides that are hidden, comments, and placeholders that nobody filled in."""
    found: list[str] = []
    for slide in deck[1]:
        empty = [one for one in slide.shapes if one.tag == f"{P}sp" and kind_of(one) is not None and not words_of(one)]
        hidden = slide.tree.get("show") in {"0", "false"}
        comments = next(slide.package.led(slide.part, "comments"), None) is not None
        for what, there in (
            ("is hidden", hidden),
            ("has comments", comments),
            ("has an empty placeholder", bool(empty)),
        ):
            found += [f"slide {slide.place} {what}"] if there else []
    return found


class _Piece:
    """A piece of text with its looks, its size and its ground."""

    __slots__ = ("ground", "looks", "points")

    def __init__(self, looks: list[Element], points: float, ground: str) -> None:
        self.looks, self.points, self.ground = looks, points, ground


def _pieces(slide: Slide) -> Iterator[_Piece]:
    """Go through the words of a slide, those of its footer aside."""
    for shape in _with_words(slide.shapes):
        table = next(shape.iter(f"{A}tbl"), None)
        ground = slide.ground(shape) if table is None else ""
        cells = (
            [(shape, ground)] if table is None else [(one, _cell_ground(slide, one)) for one in table.iter(f"{A}tc")]
        )
        for around, under in cells:
            for paragraph in around.iter(f"{A}p"):
                level = paragraph.find(f"{A}pPr")
                deep = 0 if level is None else int(level.get("lvl", "0"))
                for run in (*paragraph.findall(f"{A}r"), *paragraph.findall(f"{A}fld")):
                    if (run.findtext(f"{A}t") or "").strip():
                        looks = list(slide.looks(run, shape, deep))
                        yield _Piece(looks, points_of(looks, shape), under)


def _with_words(shapes: Sequence[Element]) -> Iterator[Element]:
    """Go through shapes that may have words, also in groups."""
    for shape in shapes:
        if shape.tag == f"{P}grpSp":
            yield from _with_words(shapes_of(shape))
        elif kind_of(shape) not in EDGES and shape.tag in {f"{P}sp", f"{P}graphicFrame"}:
            yield shape


def _cell_ground(slide: Slide, cell: Element) -> str:
    """Return the colour that a cell is filled with; nothing where a style of tables decides it."""
    return slide.colour(cell.find(f"{A}tcPr/{A}solidFill"))


CHECKS: Final[Mapping[str, tuple[Callable[[Deck], list[str]], str]]] = {
    "It has a title": (_title, "File, Info, Properties: write the title."),
    "It says in which language it is": (_language, "Select the words, Review, Language: set the proofing language."),
    "Each slide has a title of its own": (_titles, "Fill the title in, or give it words that no other slide has."),
    "Its pictures and charts have text alternatives": (
        _alternatives,
        "Say in Alt Text what it shows, or mark it as decorative.",
    ),
    "Its tables have marked headings and no merged cells": (
        _tables,
        "Table Design, Header Row; give each column a heading, and every row one cell in each column.",
    ),
    "What stands on a slide is read in order": (
        _order,
        "Arrange, Selection Pane: put the title at the bottom of the list and the rest above it as it is to be read.",
    ),
    "Each slide has notes": (_notes, "Write in the notes what is said about the slide."),
    "Its letters are large enough": (
        _sizes,
        f"Use letters of {LEAST:g} points or more, and {LEAST_IN_CHART:g} or more in charts.",
    ),
    "Its letters stand out from their ground": (
        _contrast,
        "Choose darker letters or a lighter ground: a contrast of 4.5, or 3 for letters of 18 points.",
    ),
    "Its links say where they lead": (_links, "Write as the link's words what a reader finds there."),
    "No slide is hidden, and no comment or empty placeholder is left": (
        _left,
        "Show or delete the slide; delete comments and placeholders that nobody filled in.",
    ),
}
