"""Blocks of a page as paragraphs, tables and pictures of a Word document."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast

from docx.oxml.ns import nsdecls
from docx.shared import Emu

from lpact_eval.reporting.blocks import Grid, Heading, Paragraph, Picture
from lpact_eval.reporting.word_pictures import panel_picture
from lpact_eval.reporting.word_styles import element
from lpact_eval.reporting.word_table import table_element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from docx.document import Document

    from lpact_eval.reporting.blocks import Block
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.office_xml import Element

_TOP: Final = 2  # level of the page's headings that begin a section
_ROOM: Final = 38  # headings on the page of the contents
_SHORT: Final = 60  # letters of a heading; longer ones are findings, for which the contents have no room
_STYLES: Final = {
    "banner": "Report Box",
    "chart-note": "Report Details",
    "chart-subtitle": "Report Subtitle",
    "chart-title": "Caption",
    "details": "Report Details",
    "item": "List Bullet",
    "lead": "Report Lead",
    "limit": "Report Limit",
    "table-note": "Report Details",
    "term": "Report Term",
}
_DEEPEST: Final = 4  # of a page's headings
_TALLEST: Final = 0.84  # of the room on a page that a picture may take
_NATIONAL: Final = "Chart. National figures on the same question; the numbers are in the words below."
_DRAWING: Final = (
    f"<w:r><w:drawing {nsdecls('wp', 'a', 'pic', 'r')}>"
    '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:docPr {about}/>'
    '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
    "<pic:nvPicPr><pic:cNvPr {about}/><pic:cNvPicPr/></pic:nvPicPr>"
    '<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
)
_EMU_PER_TWENTIETH: Final = 635
_BELOW: Final = frozenset({"Normal", "List Bullet", "Report Details", "Report Term"})
_BELOW_TABLE: Final = '<w:spacing w:before="120"/>'
_NEW_PAGE: Final = "<w:pageBreakBefore/>"
_BEGIN: Final = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
_END: Final = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


@dataclass(frozen=True, slots=True)
class Contents:
    """The list of what is in the report."""

    headings: tuple[Heading, ...]


class Writer:
    """Adds blocks to a document, and keeps every text for the gate of words.

    Attributes
    ----------
    words : list of str
    """

    def __init__(self, document: Document, styles: Mapping[str, str], charts: Mapping[str, ChartSpec]) -> None:
        self.words: list[str] = []
        self._document = document
        self._styles = styles
        self._charts = charts
        self._end = _last_section(document)
        self._places: dict[int, int] = {}
        self._pictures = 0
        self._below_table = False
        section = document.sections[-1]
        page, sides = section.page_width or Emu(0), (section.left_margin or Emu(0)) + (section.right_margin or Emu(0))
        edges = (section.top_margin or Emu(0)) + (section.bottom_margin or Emu(0))
        self._room = page - sides, (section.page_height or Emu(0)) - edges

    def add(self, blocks: Iterable[Block | Contents]) -> None:
        """Add blocks in their order."""
        for block in blocks:
            match block:
                case Contents():
                    self._contents(block.headings)
                case Heading():
                    self._heading(block)
                case Paragraph():
                    self._paragraph(block)
                case Grid():
                    self._table(block)
                case Picture():
                    self._picture(block)

    def _put(self, xml: str) -> Element:
        """Put an element before the end of the document."""
        made = element(xml)
        self._end.addprevious(made)
        return made

    def _line(self, style: str, runs: str, *, more: str = "") -> None:
        """Put a paragraph."""
        more += _BELOW_TABLE if self._below_table and style in _BELOW else ""
        self._below_table = False
        about = f'<w:pPr><w:pStyle w:val="{self._styles[style]}"/>{more}</w:pPr>'
        self._put(f"<w:p {nsdecls('w')}>{about}{runs}</w:p>")

    def _heading(self, block: Heading) -> None:
        """Write a heading, with a mark that the contents lead to; the first section begins a page."""
        self.words.append(block.text)
        if block.level == 1:
            self._line("Title", _run(block.text))
            return
        text = _run(block.text)
        level = min(block.level, _DEEPEST) - 1
        place = self._places.get(id(block), 0)
        if place:
            mark = f'w:id="{place}"'
            text = f'<w:bookmarkStart {mark} w:name="_Toc{place:05d}"/>{text}<w:bookmarkEnd {mark}/>'
        self._line(f"Heading {level}", text, more=_NEW_PAGE if place == 1 else "")

    def _paragraph(self, block: Paragraph) -> None:
        """Write a paragraph; limits stand on a ground of their own."""
        self.words.append(block.text)
        style = "Report Box" if block.boxed else _STYLES.get(block.look, "Normal")
        if block.look == "lead" and not self._places:
            style = "Subtitle"
        self._line(style, "".join(_run(text, bold=bold) for text, bold in block.runs))

    def _table(self, grid: Grid) -> None:
        """Write a table under its caption."""
        self.words += [grid.caption, *(cell.text for row in (grid.headings, *grid.rows) for cell in row)]
        self._line("Caption", _run(grid.caption))
        looks = self._styles["Table Heading"], self._styles["Table Text"]
        self._end.addprevious(table_element(grid, self._room[0] // _EMU_PER_TWENTIETH, looks))
        self._below_table = True

    def _picture(self, place: Picture) -> None:
        """Draw a chart, with its words for those who can't see it."""
        chart = self._charts[place.chart]
        words = _NATIONAL if place.apart else chart.alternative
        self.words.append(words)
        self._pictures += 1
        drawn = BytesIO(panel_picture(chart, apart=place.apart))
        relation, image = self._document.part.get_or_add_image(drawn)
        wide, tall = image.scaled_dimensions(self._room[0], None)
        smaller = min(1.0, _TALLEST * self._room[1] / tall)
        size = f'cx="{int(wide * smaller)}" cy="{int(tall * smaller)}"'
        about = f'id="{self._pictures}" name="Chart {self._pictures}" descr="{escape(words)}"'
        self._line("Report Picture", _DRAWING.format(size=size, about=about, relation=relation))

    def _contents(self, headings: Sequence[Heading]) -> None:
        """List the headings as a field that Word can bring up to date, each leading to its place."""
        self.words.append("Contents")
        self._line("Report Lead", _run("Contents"))
        self._places = {id(heading): number for number, heading in enumerate(headings, start=1)}
        for number, heading in enumerate(headings, start=1):
            link = f'<w:hyperlink w:anchor="_Toc{number:05d}" w:history="1">{_run(heading.text)}</w:hyperlink>'
            text = f"{_BEGIN if number == 1 else ''}{link}{_END if number == len(headings) else ''}"
            self._line(f"toc {heading.level - 1}", text)


def contents_of(blocks: Sequence[Block]) -> Contents:
    """List the headings that the contents name: on one page, so that small sections give way to large ones."""
    sections: list[list[Heading]] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == _TOP:
            sections.append([block])
        elif isinstance(block, Heading) and sections and _fits(block):
            sections[-1].append(block)
    while sum(map(len, sections)) > _ROOM and max(map(len, sections)) > 1:
        smallest = min((section for section in sections if len(section) > 1), key=len)
        del smallest[1:]
    return Contents(tuple(heading for section in sections for heading in section))


def _fits(block: Heading) -> bool:
    """Tell whether the contents may name a heading below the first level."""
    return block.level == _TOP + 1 and not block.boxed and len(block.text) <= _SHORT


def _run(text: str, *, bold: bool = False) -> str:
    """Write a run of text."""
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _last_section(document: Document) -> Element:
    """Find the element before which everything stands."""
    return cast("Element", document.sections[-1]._sectPr)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - python-docx has no other way to it
