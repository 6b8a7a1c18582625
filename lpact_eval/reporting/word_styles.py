"""How the Word report looks: styles, page, language, head and foot; a force's template keeps its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml  # pyright: ignore[reportUnknownVariableType] - its types are not complete
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from lpact_eval.reporting.office_file import LANGUAGE
from lpact_eval.reporting.office_xml import part_of

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle

    from lpact_eval.reporting.office_xml import Element

FONT: Final = "Arial"
_NAVY: Final = "12436D"
_INK: Final = "0B0C0C"
_MUTED: Final = "383F43"
_BOX: Final = "F3F2F1"


@dataclass(frozen=True, slots=True)
class Look:
    """A style of paragraphs.

    Attributes
    ----------
    size : float
        Of its letters, in points.
    before, after : float
        Room above and below, in points.
    colour : str
    bold, keep : bool
        `keep` holds it on one page with what follows.
    box : bool
        Whether it stands on a grey ground with a line at its left.
    """

    size: float = 11.0
    before: float = 0.0
    after: float = 6.0
    colour: str = _INK
    bold: bool = False
    keep: bool = False
    box: bool = False


LOOKS: Final = {
    "Normal": Look(),
    "Title": Look(26, 0, 8, _NAVY, bold=True),
    "Subtitle": Look(14, 0, 10, _MUTED),
    "Heading 1": Look(18, 20, 6, _NAVY, bold=True, keep=True),
    "Heading 2": Look(14, 14, 4, _NAVY, bold=True, keep=True),
    "Heading 3": Look(12, 12, 3, _NAVY, bold=True, keep=True),
    "Caption": Look(10.5, 10, 4, _INK, bold=True, keep=True),
    "List Bullet": Look(11, 0, 4),
    "Header": Look(9, 0, 0, _MUTED),
    "Footer": Look(9, 0, 0, _MUTED),
    "Report Lead": Look(13, 0, 8, bold=True),
    "Report Details": Look(10, 0, 6, _MUTED),
    "Report Limit": Look(10.5, 4, 8, box=True),
    "Report Box": Look(10.5, 0, 4, box=True),
    "Report Term": Look(10.5, 0, 4),
    "Report Picture": Look(8, 2, 2, keep=True),
    "Report Subtitle": Look(10, 0, 2, _MUTED, keep=True),
    "toc 1": Look(10, 3, 1, bold=True),
    "toc 2": Look(9, 0, 0),
    "Table Heading": Look(9, 1, 1, bold=True, keep=True),
    "Table Text": Look(9, 1, 1),
}
_INDENTED: Final = {"toc 2": 0.6}


def set_up(document: Document, *, own: bool) -> dict[str, str]:
    """Set page, language and styles.

    Parameters
    ----------
    document : Document
    own : bool
        Whether the force's template is taken over, whose page and styles stay as they are.

    Returns
    -------
    dict of str to str
        Names of styles to their ids.
    """
    there = {style.name for style in document.styles}
    for name, look in LOOKS.items():
        if name not in there:
            _add(document, name)
        if not (own and name in there):
            _dress(cast("ParagraphStyle", document.styles[name]), look)
    if not own:
        section = document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)
        section.header_distance = section.footer_distance = Cm(1)
    _speak(document)
    return {name: cast("ParagraphStyle", document.styles[name]).style_id for name in LOOKS}


def _add(document: Document, name: str) -> None:
    """Add a style of paragraphs."""
    made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)  # pyright: ignore[reportUnknownMemberType] - its types are not complete
    cast("ParagraphStyle", made).base_style = document.styles["Normal"]  # pyright: ignore[reportAttributeAccessIssue]


def element(xml: str) -> Element:
    """Make an element of the file."""
    return cast("Element", parse_xml(xml))


def _dress(style: ParagraphStyle, look: Look) -> None:
    """Give a style its look, and a font of its own in place of the theme's."""
    style.quick_style = True
    style.font.size, style.font.name, style.font.bold, style.font.italic = Pt(look.size), FONT, look.bold, False
    style.font.color.rgb = RGBColor.from_string(look.colour)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(look.before), Pt(look.after)
    shape.line_spacing = 1.0 if style.name and style.name.startswith("Table") else 1.12
    shape.keep_with_next, shape.widow_control = look.keep, True
    if style.name in _INDENTED:
        shape.left_indent = Cm(_INDENTED[style.name])
    around = part_of(style.element, "get_or_add_pPr")
    for name in ("w:pBdr", "w:contextualSpacing"):
        for line in around.findall(qn(name)):
            around.remove(line)
    if look.box:
        _box(style, around)
    _own_font(part_of(style.element, "get_or_add_rPr"))


def _own_font(letters: Element) -> None:
    """Put the font in place of the theme's, and letters no wider apart than they are."""
    for spread in letters.findall(qn("w:spacing")):
        spread.set(qn("w:val"), "0")
    fonts = letters.find(qn("w:rFonts"))
    if fonts is None:
        return
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), FONT)


def _box(style: ParagraphStyle, around: Element) -> None:
    """Put a style on a grey ground with a line at its left."""
    style.paragraph_format.left_indent = style.paragraph_format.right_indent = Cm(0.25)
    space = around.find(qn("w:spacing"))
    lines = f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="36" w:space="6" w:color="{_NAVY}"/></w:pBdr>'
    ground = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{_BOX}"/>'
    if space is not None:
        space.addprevious(element(lines))
        space.addprevious(element(ground))


def _speak(document: Document) -> None:
    """Say in which language the whole is, and for which Word it is made."""
    styles = cast("Element", document.styles.element)
    defaults = styles.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = f'<w:lang {nsdecls("w")} w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/>'
    if defaults is not None:
        for old in defaults.findall(qn("w:lang")):
            defaults.remove(old)
        defaults.append(element(language))
    settings = cast("Element", document.settings.element)
    version = settings.find(f"{qn('w:compat')}/{qn('w:compatSetting')}[@{qn('w:name')}='compatibilityMode']")
    if version is not None:
        version.set(qn("w:val"), "15")
    theme = settings.find(qn("w:themeFontLang"))
    if theme is not None:
        theme.set(qn("w:val"), LANGUAGE)
