"""How the slides look: a plain 16:9 template made here, or the force's own without its slides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches

from lpact_eval.reporting.office_file import LANGUAGE, template_stream
from lpact_eval.reporting.office_xml import element_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pptx.presentation import Presentation as Deck
    from pptx.shapes.placeholder import LayoutPlaceholder
    from pptx.slide import SlideLayout, SlideMaster

    from lpact_eval.reporting.office_xml import Element

Frame = tuple[float, float, float, float]
FONT: Final = "Arial"
NAVY: Final = RGBColor(0x12, 0x43, 0x6D)
_ACCENT: Final = re.compile(r'(<a:accent1><a:srgbClr val=")[0-9A-F]{6}')
_WIDE: Final = (Inches(13.333), Inches(7.5))
_KEPT: Final = {"Title Slide", "Title Only"}
_FRAMES: Final = {  # left, top, width, height in inches
    PP_PLACEHOLDER.TITLE: (0.6, 0.4, 12.1, 1.1),
    PP_PLACEHOLDER.BODY: (0.6, 1.65, 12.1, 4.9),
    PP_PLACEHOLDER.FOOTER: (0.6, 6.98, 10.5, 0.35),
    PP_PLACEHOLDER.SLIDE_NUMBER: (11.7, 6.98, 1.0, 0.35),
}
_USED: Final = {PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE}
_OPENING: Final = {
    PP_PLACEHOLDER.CENTER_TITLE: (0.6, 1.5, 12.1, 1.8),
    PP_PLACEHOLDER.SUBTITLE: (0.6, 3.5, 12.1, 2.8),
}


@dataclass(frozen=True, slots=True)
class Look:
    """A presentation without slides, and the layouts that they are made in.

    Attributes
    ----------
    deck : Presentation
    opening, inside : SlideLayout
        Of the first slide, and of all others.
    """

    deck: Deck
    opening: SlideLayout
    inside: SlideLayout


def look(template: Path | None) -> Look:
    """Open the force's template, or make a plain one.

    Parameters
    ----------
    template : Path or None

    Returns
    -------
    Look
    """
    if template is None:
        return _plain()
    deck = Presentation(template_stream(template))
    _without_slides(deck)
    kinds = [(layout, [one.placeholder_format.type for one in _placeholders(layout)]) for layout in deck.slide_layouts]
    titled = [(layout, held) for layout, held in kinds if PP_PLACEHOLDER.TITLE in held]
    opening = [(layout, held) for layout, held in kinds if PP_PLACEHOLDER.CENTER_TITLE in held]
    inside = min(titled or kinds, key=lambda one: len([kind for kind in one[1] if kind not in _USED]))
    return Look(deck, (opening or titled or kinds)[0][0], inside[0])


def size_of(made: Look) -> tuple[Emu, Emu]:
    """Give width and height of the slides."""
    wide, tall = cast("tuple[int | None, int | None]", (made.deck.slide_width, made.deck.slide_height))  # pyright: ignore[reportUnknownMemberType] - python-pptx leaves it open
    return Emu(wide or _WIDE[0]), Emu(tall or _WIDE[1])


def _plain() -> Look:
    """Make a 16:9 template out of python-pptx's own, with an opening layout and one with a title alone."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDE
    for layout in list(deck.slide_layouts):
        if layout.name not in _KEPT:
            deck.slide_layouts.remove(layout)
    opening, inside = deck.slide_layouts
    master = deck.slide_master
    for shape in (*_placeholders(master), *_placeholders(inside)):
        _place(shape, _FRAMES)
    for shape in _placeholders(opening):
        _place(shape, _FRAMES | _OPENING)
    _titles(cast("Element", master.element))
    _theme(deck)
    presentation = cast("Element", deck.element)
    for letters in presentation.findall(f"{qn('p:defaultTextStyle')}/{qn('a:defPPr')}/{qn('a:defRPr')}"):
        letters.set("lang", LANGUAGE)
    for key, relation in list(deck.part.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.PRINTER_SETTINGS:
            deck.part.rels.pop(key)
    return Look(deck, opening, inside)


def _placeholders(owner: SlideMaster | SlideLayout) -> list[LayoutPlaceholder]:
    """List the placeholders of a master or a layout."""
    return list(cast("Iterable[LayoutPlaceholder]", owner.placeholders))


def _place(shape: LayoutPlaceholder, frames: Mapping[PP_PLACEHOLDER, Frame]) -> None:
    """Put a placeholder in its place; what slides have no use for goes."""
    frame = frames.get(shape.placeholder_format.type)
    if frame is None:
        element_of(shape).getparent().remove(element_of(shape))
        return
    shape.left, shape.top, shape.width, shape.height = (Inches(length) for length in frame)
    text = shape.text_frame
    opening = shape.placeholder_format.type is PP_PLACEHOLDER.CENTER_TITLE
    text.word_wrap, text.vertical_anchor = True, MSO_ANCHOR.BOTTOM if opening else MSO_ANCHOR.TOP
    text.margin_left = text.margin_right = Emu(0)
    side = "r" if shape.placeholder_format.type is PP_PLACEHOLDER.SLIDE_NUMBER else "l"
    for level in element_of(shape).findall(f".//{qn('a:lvl1pPr')}"):
        level.set("algn", side)
        for colour in level.findall(f".//{qn('a:schemeClr')}"):
            for shade in colour.findall("*"):
                colour.remove(shade)


def _titles(master: Element) -> None:
    """Write titles bold, navy and from the left; everything else in ink."""
    for kind in ("title", "body", "other"):
        for level in master.findall(f"{qn('p:txStyles')}/{qn(f'p:{kind}Style')}/*"):
            letters = level.find(qn("a:defRPr"))
            if letters is not None:
                letters.set("lang", LANGUAGE)
            if kind == "title" and letters is not None:
                level.set("algn", "l")
                letters.set("b", "1")
                letters.set("sz", "2800")
                for colour in letters.findall(f"{qn('a:solidFill')}/{qn('a:schemeClr')}"):
                    colour.set("val", "accent1")


def _theme(deck: Deck) -> None:
    """Put the font and navy into the theme, so that whatever is added later looks the same."""
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    text = theme.blob.decode("utf-8").replace('<a:latin typeface="Calibri"/>', f'<a:latin typeface="{FONT}"/>')
    text = _ACCENT.sub(rf"\g<1>{NAVY}", text)
    theme._blob = text.encode("utf-8")  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - python-pptx has no other way to it


def _without_slides(deck: Deck) -> None:
    """Take the slides out of a template, and the sections that list them."""
    presentation = cast("Element", deck.element)
    for slide in presentation.findall(f"{qn('p:sldIdLst')}/*"):
        deck.part.drop_rel(slide.attrib[qn("r:id")])
        slide.getparent().remove(slide)
    for more in presentation.findall(qn("p:extLst")):
        presentation.remove(more)
