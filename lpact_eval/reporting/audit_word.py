"""Whether a Word document can be read by everyone: the checklist for the .docx of a release.

References
----------
Government Digital Service (2023), *Make your document or PDF accessible*.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.contrast import is_faint, says_nothing
from lpact_eval.reporting.package import alternative, is_decorative
from lpact_eval.reporting.word_parts import (
    VML,
    WP,
    W,
    Word,
    first_of,
    is_on,
    open_word,
    points_of,
    value,
    walk,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from lpact_eval.reporting.package import Element

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")
_CHANGES: Final = ("ins", "del", "moveFrom", "moveTo")
_LISTED: Final = 10  # paragraphs of one kind that are named


def audit_word(path: Path) -> dict[str, list[str]]:
    """Go through the checklist for a Word document.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to list of str
        What is asked of a document, and where it falls short; nothing where it does not.

    Raises
    ------
    LpactError
        If the file is no Word document, damaged, or closed with a password.
    """
    word = open_word(path)
    return {rule: check(word) for rule, (check, _) in CHECKS.items()}


def _title(word: Word) -> list[str]:
    """Find a document without a title."""
    return [] if word.package.title else ["the document's properties have no title"]


def _language(word: Word) -> list[str]:
    """Find a document of no language."""
    styled = [style.find(f"{W}rPr") for style in word.resting_on(word.usual)]
    looks = [look for look in (*styled, word.defaults) if look is not None]
    told = value(first_of(looks, "lang"))
    return [] if _LANGUAGE.fullmatch(told) else ["neither the usual style nor the defaults name a language"]


def _headings(word: Word) -> list[str]:
    """Find documents without headings, headings that are empty, and levels that are left out."""
    found = [(level, words_of(one)) for one in word.paragraphs if (level := word.heading_level(one))]
    if not found:
        return ["there are no headings"]
    problems = [] if found[0][0] == 1 else [f"heading 1 is of level {found[0][0]}, not of the first"]
    problems += [f"heading {place} is empty" for place, (_, text) in enumerate(found, 1) if not text]
    return problems + [
        f"heading {place} is of level {level} after {before}"
        for place, ((before, _), (level, _)) in enumerate(pairwise(found), 2)
        if level > before + 1
    ]


def _heading_rows(word: Word) -> list[str]:
    """Find tables without a heading row, or with an empty heading in it."""
    found: list[str] = []
    for place, table in enumerate(word.tables, 1):
        rows = table.findall(f"{W}tr")
        first = rows[0] if rows else None
        if first is None or not is_on(first.find(f"{W}trPr/{W}tblHeader")):
            found.append(f"the first row of table {place} is not marked as its headings")
        elif not all(words_of(cell) for cell in first.findall(f"{W}tc")):
            found.append(f"a heading of table {place} is empty")
    return found


def _merged(word: Word) -> list[str]:
    """Find cells that are merged or split, and tables within tables."""
    found: list[str] = []
    for place, table in enumerate(word.tables, 1):
        cells = [cell for row in table.findall(f"{W}tr") for cell in row.findall(f"{W}tc")]
        if any(_spans(cell) for cell in cells):
            found.append(f"table {place} has merged cells")
        elif len({len(row.findall(f"{W}tc")) for row in table.findall(f"{W}tr")}) > 1:
            found.append(f"the rows of table {place} have different numbers of cells")
        if word.above(table, f"{W}tbl") is not None:
            found.append(f"table {place} stands inside another")
    return found


def _spans(cell: Element) -> bool:
    """Whether a cell is merged with another."""
    wide = value(cell.find(f"{W}tcPr/{W}gridSpan"))
    tall = any(cell.find(f"{W}tcPr/{W}{name}") is not None for name in ("vMerge", "hMerge"))
    return tall or (wide.isdigit() and int(wide) > 1)


def _described(word: Word) -> list[str]:
    """Find tables of which nothing says what they hold."""
    before = dict(_preceding(word.body))
    return [
        f"table {place} has no caption, description or heading just above it"
        for place, table in enumerate(word.tables, 1)
        if not (_own_caption(table) or _introduces(word, before.get(table)))
    ]


def _preceding(element: Element) -> Iterator[tuple[Element, Element]]:
    """Pair every table with the last paragraph before it that has words."""
    last: Element | None = None
    for one in walk(element):
        if one.tag == f"{W}p" and words_of(one):
            last = one
        elif one.tag == f"{W}tbl" and last is not None:
            yield one, last


def _own_caption(table: Element) -> str:
    """Return what a table's properties say of it."""
    names = ("tblCaption", "tblDescription")
    return "".join(value(table.find(f"{W}tblPr/{W}{name}")).strip() for name in names)


def _introduces(word: Word, paragraph: Element | None) -> bool:
    """Whether a paragraph is a caption or a heading."""
    if paragraph is None:
        return False
    named = [value(style.find(f"{W}name")).casefold() for style in word.resting_on(word.style_of(paragraph))]
    return "caption" in named or word.heading_level(paragraph) > 0


def _pictures(word: Word) -> list[str]:
    """Find pictures without a text alternative, and those that float."""
    found: list[str] = []
    for place, (shown, floats) in enumerate(_all_pictures(word), 1):
        if not (_alternative(shown) or is_decorative(shown)):
            found.append(f"picture {place} has no text alternative")
        if floats:
            found.append(f"picture {place} floats beside the text instead of standing in it")
    return found


def _all_pictures(word: Word) -> Iterator[tuple[Element, bool]]:
    """Go through pictures, charts and shapes: what names each, and whether it floats; headers and footers too."""
    package = word.package
    edges = [tree for kind in ("header", "footer") for _, tree in package.led(package.main, kind)]
    for place, part in enumerate((word.body, *edges)):
        for one in walk(part):
            if one.tag in {f"{WP}inline", f"{WP}anchor"}:
                shown = one.find(f"{WP}docPr")
                yield one if shown is None else shown, one.tag == f"{WP}anchor" and place == 0
            elif one.tag == f"{VML}shape" and one.find(f"{VML}imagedata") is not None:
                yield one, False


def _alternative(shown: Element) -> str:
    """Return a picture's text alternative, also of one in the manner of older programs."""
    return alternative(shown) or (shown.get("alt") or "").strip()


def _contrast(word: Word) -> list[str]:
    """Find letters that can hardly be told from their ground."""
    found: dict[str, list[int]] = {}
    for place, paragraph in enumerate(word.paragraphs, 1):
        for run in paragraph.iter(f"{W}r"):
            if not words_of(run):
                continue
            looks = list(word.looks(run, paragraph))
            letters, ground = value(first_of(looks, "color")), word.ground(run, paragraph)
            letters = "000000" if letters in {"", "auto"} and ground == "FFFFFF" else letters
            if is_faint(letters, ground, points=points_of(looks), bold=is_on(first_of(looks, "b"))):
                found.setdefault(f"{letters} on {ground}", []).append(place)
    return [f"letters in {colours}: {_places(places)}" for colours, places in found.items()]


def _places(places: list[int]) -> str:
    """Name paragraphs by their place, the first few of many."""
    once = list(dict.fromkeys(places))
    more = f" and {len(once) - _LISTED} more" if len(once) > _LISTED else ""
    return f"paragraph {', '.join(map(str, once[:_LISTED]))}{more}"


def _links(word: Word) -> list[str]:
    """Find links whose words don't say where they lead."""
    links = [one for one in walk(word.body) if one.tag == f"{W}hyperlink"]
    said = [(place, says_nothing(words_of(one))) for place, one in enumerate(links, 1)]
    return [f"link {place} {why}" for place, why in said if why]


def _left(word: Word) -> list[str]:
    """Find changes, comments and hidden text, which tell readers more than was meant for them."""
    names = {one.tag.removeprefix(W) for one in walk(word.body)}
    found = ["tracked changes"] if names & set(_CHANGES) else []
    _, comments = word.package.one(word.package.main, "comments")
    found += ["comments"] if comments is not None and len(comments) else []
    hidden = [
        run
        for paragraph in word.paragraphs
        for run in paragraph.findall(f"{W}r")
        if words_of(run) and is_on(first_of(list(word.looks(run, paragraph)), "vanish"))
    ]
    return found + ([f"{len(hidden)} pieces of hidden text"] if hidden else [])


CHECKS: Final[Mapping[str, tuple[Callable[[Word], list[str]], str]]] = {
    "It has a title": (_title, "File, Info, Properties: write the title."),
    "It says in which language it is": (_language, "Select all, Review, Language: set the proofing language."),
    "Its headings follow one another": (
        _headings,
        "Use the styles Heading 1, Heading 2 and so on, leave no level out, and delete empty headings.",
    ),
    "Its tables have headings that are marked and repeated": (
        _heading_rows,
        "Select the first row, Layout, Repeat Header Rows; give each column a heading.",
    ),
    "Its tables have no merged, split or nested cells": (_merged, "Give every row one cell in each column."),
    "Its tables say what they hold": (_described, "Insert a caption above the table, or a description in Alt Text."),
    "Its pictures have text alternatives and stand in the text": (
        _pictures,
        "Say in Alt Text what the picture shows, or mark it as decorative; set Wrap Text to In Line with Text.",
    ),
    "Its letters stand out from their ground": (
        _contrast,
        "Choose darker letters or a lighter ground: a contrast of 4.5, or 3 for letters of 18 points.",
    ),
    "Its links say where they lead": (_links, "Write as the link's words what a reader finds there."),
    "No changes, comments or hidden text are left in it": (
        _left,
        "Review: accept or reject all changes, delete all comments; File, Info, Inspect Document.",
    ),
}
