"""Head and foot of every page of the Word report: protective marking, who made it, page numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls

from lpact_eval.reporting.word_styles import element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.section import _Footer, _Header  # pyright: ignore[reportPrivateUsage] - what heads and feet are called

    from lpact_eval.reporting.word_styles import Element

_FIELD: Final = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {} </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


def write_frame(document: Document, marks: Sequence[str], made_by: str) -> None:
    """Write head and foot; what a force's template has there stays, and is not said twice.

    Parameters
    ----------
    document : Document
    marks : sequence of str
        The protective marking, and whether the respondents are made up.
    made_by : str
        Left of the number of the page.
    """
    for section in document.sections:
        section.different_first_page_header_footer = False
        _write(section.header, document, [(_text(" | ".join(marks), bold=True), "center")] if marks else [])
        numbers = f"{_text('Page ')}{_FIELD.format('PAGE')}{_text(' of ')}{_FIELD.format('NUMPAGES')}"
        by = _text(f"{made_by} | ") if made_by else ""
        lines = [(_text(marks[0], bold=True), "center")] if marks else []
        _write(section.footer, document, [*lines, (by + numbers, "center")])


def _write(place: _Header | _Footer, document: Document, lines: Sequence[tuple[str, str]]) -> None:
    """Write lines where the template has none; below what it has."""
    style = "Header" if "Header" in type(place).__name__ else "Footer"
    name = document.styles[style].style_id
    within = cast("Element", place._element)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - python-docx has no other way to it
    empty = [paragraph for paragraph in place.paragraphs if not paragraph.text.strip()] if lines else []
    for runs, side in lines:
        about = f'<w:pPr><w:pStyle w:val="{name}"/><w:jc w:val="{side}"/></w:pPr>'
        within.append(element(f"<w:p {nsdecls('w')}>{about}{runs}</w:p>"))
    for paragraph in empty:
        within.remove(cast("Element", paragraph._p))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - as above


def _text(text: str, *, bold: bool = False) -> str:
    """Write a run."""
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
