"""The note on sample size as a Word document: styles, table headings, words for the picture, British English."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Protocol, cast

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement  # pyright: ignore[reportUnknownVariableType] - its types are not complete
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from lpact_eval.reporting.office_file import packed
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.raster import require_matplotlib
from lpact_eval.reporting.size_curve import curve_title, curve_words, write_curve
from lpact_eval.reporting.size_note import (
    hidden_words,
    note_title,
    quota_rows,
    require_plain_note,
    synthetic_banner,
    table_headings,
    table_rows,
)
from lpact_eval.reporting.word_file import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from docx.document import Document as Word
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell  # pyright: ignore[reportPrivateUsage] - what its cells are called
    from docx.text.paragraph import Paragraph

    from lpact_eval.reporting.size_content import SizeNote


class _Element(Protocol):
    """What is used of an element of the file, of which python-docx has no types."""

    attrib: dict[str, str]

    def set(self, name: str, value: str) -> None:
        """Set an attribute."""

    def append(self, element: _Element) -> None:
        """Put an element in, as the last."""

    def remove(self, element: _Element) -> None:
        """Take an element out."""

    def findall(self, name: str) -> list[_Element]:
        """Find elements by name."""
        ...


LANGUAGE: Final = "en-GB"
FONT: Final = "Arial"
_NAVY: Final = RGBColor(0x12, 0x43, 0x6D)
_INK: Final = RGBColor(0x0B, 0x0C, 0x0C)
_STYLES: Final = {"Normal": 9.5, "Title": 18.0, "Heading 1": 12.0, "List Bullet": 9.5, "Caption": 9.5}


def write_document(note: SizeNote, path: Path) -> None:
    """Write the note as a Word document.

    Parameters
    ----------
    note : SizeNote
    path : Path

    Raises
    ------
    WrongUseError
        If matplotlib, which draws the picture, is not installed.
    LpactError
        If the note would say what such surveys can't support.
    """
    require_matplotlib()
    require_plain_note(note, path.name)
    document = Document()
    _set_up(document, note)
    document.add_paragraph(note_title(note), style="Title")
    banner = synthetic_banner(note)
    if banner:
        document.add_paragraph().add_run(banner).bold = True
    for place, sentence in enumerate(note.sentences):
        document.add_paragraph().add_run(sentence).bold = place == 0
    document.add_paragraph("What each number of respondents shows", style="Heading 1")
    document.add_paragraph(curve_title(note), style="Caption")
    _picture(document, note)
    document.add_paragraph("Groups", style="Heading 1")
    _table(document, table_headings(note), table_rows(note))
    if note.hidden:
        document.add_paragraph(hidden_words(note))
    if note.quotas:
        document.add_paragraph("Quotas", style="Heading 1")
        _table(document, ("Group", "Share of the population", "Respondents", "Sites, at least"), quota_rows(note))
    document.add_paragraph("What this rests on", style="Heading 1")
    for label, text in note.assumptions:
        line = document.add_paragraph(style="List Bullet")
        line.add_run(f"{label}: ").bold = True
        line.add_run(text)
    path.write_bytes(packed(parts_of(document), today()))


def _set_up(document: Word, note: SizeNote) -> None:
    """Set page, language, fonts and what the file says of itself."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.2)
    for name, size in _STYLES.items():
        style = cast("ParagraphStyle", document.styles[name])
        style.font.size, style.font.name = Pt(size), FONT
        style.font.color.rgb = _NAVY if name in {"Title", "Heading 1"} else _INK
        style.paragraph_format.space_before = Pt(6 if name == "Heading 1" else 0)
        style.paragraph_format.space_after = Pt(3)
        _own_font(style)
    properties = document.core_properties
    properties.title, properties.language = note_title(note), LANGUAGE
    properties.author = properties.comments = ""
    properties.subject = "Written on " + today().isoformat()


def _own_font(style: ParagraphStyle) -> None:
    """Put the font in place of the theme's, say the language, and take a heading's line away."""
    look, fonts = (
        _part(style.element, "get_or_add_rPr"),
        _part(_part(style.element, "get_or_add_rPr"), "get_or_add_rFonts"),
    )
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), FONT)
    look.append(_new("w:lang", LANGUAGE))
    around = _part(style.element, "get_or_add_pPr")
    for line in around.findall(qn("w:pBdr")):
        around.remove(line)


def _picture(document: Word, note: SizeNote) -> None:
    """Put the curve in, with its words for those who can't see it."""
    with TemporaryDirectory() as folder:
        drawn = Path(folder, "curve.png")
        write_curve(note, drawn)
        shape = document.add_picture(str(drawn), width=Cm(16.6))
    # python-docx has no other way to these words
    about = cast("_Element", shape._inline.docPr)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
    about.set("descr", curve_words(note))
    about.set("title", curve_title(note))


def _table(document: Word, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table whose first row is repeated and read as its heading."""
    table = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    for place, (cell, text) in enumerate(zip(table.rows[0].cells, headings, strict=True)):
        _write(cell, text, bold=True, number=place > 0)
    _heading_row(table)
    for row in rows:
        for place, (cell, text) in enumerate(zip(table.add_row().cells, row, strict=True)):
            _write(cell, text, bold=place == 0, number=place > 0)


def _heading_row(table: Table) -> None:
    """Mark the first row as a heading."""
    row = table.rows[0]._tr  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - as above
    _part(row, "get_or_add_trPr").append(_new("w:tblHeader", "true"))


def _part(element: object, maker: str) -> _Element:
    """Take a part of an element, made where it is missing."""
    return cast("Callable[[], _Element]", getattr(element, maker))()


def _new(name: str, value: str) -> _Element:
    """Make an element with one value."""
    made = cast("_Element", OxmlElement(name))
    made.set(qn("w:val"), value)
    return made


def _write(cell: _Cell, text: str, *, bold: bool, number: bool) -> None:
    """Write a cell; numbers stand at the right."""
    paragraph: Paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(8)
    paragraph.paragraph_format.space_after = Pt(0)
    if number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
