"""Head and foot of every page of the Word report: protective marking, who made it, page numbers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from docx.oxml.ns import nsdecls, qn

from lpact_eval.reporting.office_xml import element_of
from lpact_eval.reporting.word_styles import element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.section import _Footer, _Header  # pyright: ignore[reportPrivateUsage] - what heads and feet are called

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
    name = {kind: document.styles[kind].style_id for kind in ("Header", "Footer")}
    numbers = f"{_text('Page ')}{_FIELD.format('PAGE')}{_text(' of ')}{_FIELD.format('NUMPAGES')}"
    by = _text(f"{made_by} | ") if made_by else ""
    for section in document.sections:
        first = section.different_first_page_header_footer
        for head in (section.header, *([section.first_page_header] if first else [])):
            _write(head, name["Header"], [" | ".join(marks)] if marks else [])
        for foot in (section.footer, *([section.first_page_footer] if first else [])):
            _write(foot, name["Footer"], marks[:1], by + numbers)


def _write(place: _Header | _Footer, style: str, lines: Sequence[str], numbers: str = "") -> None:
    """Write lines below what the template has, unless it says the same."""
    within = element_of(place)
    said = " ".join(paragraph.text for paragraph in place.paragraphs)
    numbered = any("PAGE" in (part.text or "") for part in within.findall(f".//{qn('w:instrText')}"))
    runs = [_text(line, bold=True) for line in lines if line not in said]
    runs += [numbers] if numbers and not numbered else []
    empty = [paragraph for paragraph in place.paragraphs if not paragraph.text.strip()] if runs else []
    for run in runs:
        about = f'<w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="center"/></w:pPr>'
        within.append(element(f"<w:p {nsdecls('w')}>{about}{run}</w:p>"))
    for paragraph in empty:
        within.remove(element_of(paragraph))


def _text(text: str, *, bold: bool = False) -> str:
    """Write a run."""
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
