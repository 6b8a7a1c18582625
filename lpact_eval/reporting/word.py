"""The technical report in Word: the words, numbers, tables and charts of the page, laid out for paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from docx import Document
from docx.oxml.ns import qn

from lpact_eval.reporting.background import day
from lpact_eval.reporting.blocks import Heading, Paragraph, read_blocks
from lpact_eval.reporting.house import House
from lpact_eval.reporting.office_file import LANGUAGE, packed, template_stream
from lpact_eval.reporting.office_xml import element_of
from lpact_eval.reporting.page import fill, page_context
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.templating import own_folder, plain_sentences
from lpact_eval.reporting.word_file import parts_of
from lpact_eval.reporting.word_frame import write_frame
from lpact_eval.reporting.word_styles import set_up
from lpact_eval.reporting.word_writer import Writer, contents_of
from lpact_eval.reporting.wording import exemptions, require_plain_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from docx.document import Document as Word

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.blocks import Block
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.word_writer import Contents


def write_word(published: Published, path: Path, *, house: House | None = None, templates: Path | None = None) -> None:
    """Write the technical report as a Word document.

    Parameters
    ----------
    published : Published
        Cleared rows; nothing else enters the document.
    path : Path
        File to write.
    house : House, optional
        Name, protective marking, contact and template of the force.
    templates : Path, optional
        Folder of the report templates; the shipped ones without it.

    Raises
    ------
    DefinitionError
        If a template can't be filled in, or says something that these surveys can't support.
    LpactError
        If the document would say something that these surveys can't support.
    """
    settings = house or House()
    folder = own_folder(templates)
    sentences = plain_sentences(folder)
    context = page_context(published, sentences)
    blocks = read_blocks(fill(folder, context, lambda _: ""))
    charts = cast("Mapping[str, ChartSpec]", context["charts"])
    document = _opened(settings)
    styles = set_up(document, own=settings.word_template is not None)
    _frame(document, published, settings)  # before there is anything in the document: python-docx goes through it all
    writer = Writer(document, styles, charts)
    writer.add(_in_order(published, settings, blocks))
    _properties(document, published, settings)
    require_plain_words([*writer.words, *settings.texts], path.name, exemptions(published, sentences))
    path.write_bytes(packed(parts_of(document), today()))


def _opened(house: House) -> Word:
    """Open the force's template without its text, or a plain document."""
    if house.word_template is None:
        return Document()
    document = Document(template_stream(house.word_template))
    body = element_of(document).find(qn("w:body"))
    for part in body.findall("*") if body is not None else []:
        if not part.tag.endswith("}sectPr"):
            part.getparent().remove(part)
    return document


def _frame(document: Word, published: Published, house: House) -> None:
    """Write head and foot of every page."""
    name = house.name or published.facts.force
    marks = [house.marking, "Synthetic respondents" if published.synthetic else ""]
    write_frame(document, [mark for mark in marks if mark], " | ".join(one for one in (name, house.contact) if one))


def _in_order(published: Published, house: House, blocks: Sequence[Block]) -> list[Block | Contents]:
    """Put the title first, then who made the report and when, what the banner says, and the contents."""
    start = next(place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.level > 1)
    head, rest = blocks[:start], blocks[start:]
    banner = [block for block in head if isinstance(block, Paragraph) and block.look == "banner"]
    made = [house.name or published.facts.force, day(today()), f"Contact: {house.contact}" if house.contact else ""]
    lines = [Paragraph(((text, False),), "details") for text in made if text]
    return [*(block for block in head if block not in banner), *lines, *banner, contents_of(rest), *rest]


def _properties(document: Word, published: Published, house: House) -> None:
    """Write what the file says of itself."""
    facts, about = published.facts, document.core_properties
    synthetic = " (synthetic respondents)" if published.synthetic else ""
    about.title, about.language = f"{facts.title}{synthetic}", LANGUAGE
    about.author = about.last_modified_by = house.name or facts.force or "lpact-eval"
    about.subject, about.keywords = "Technical report", "police, confidence, survey, evaluation"
    about.category, about.comments = house.marking, "Every estimate has its unweighted base and 95% modelled interval."
    about.revision = 1
