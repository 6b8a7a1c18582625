"""The checklist for Word documents finds what it is for, in files of any origin, and nothing in a sound one."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_word import CHECKS, audit_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from docx.document import Document as Word

FIXTURES = Path(__file__).parent / "fixtures"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fe"
    "dccc59e70000000049454e44ae426082"
)
TITLE = "It has a title"
LANGUAGE = "It says in which language it is"
HEADINGS = "Its headings follow one another"
ROWS = "Its tables have headings that are marked and repeated"
MERGED = "Its tables have no merged, split or nested cells"
DESCRIBED = "Its tables say what they hold"
PICTURES = "Its pictures have text alternatives and stand in the text"
LETTERS = "Its letters stand out from their ground"
LINKS = "Its links say where they lead"
LEFT = "No changes, comments or hidden text are left in it"


def sound() -> Word:
    """A document that keeps every rule."""
    document = Document()
    document.core_properties.title = "Confidence in the police"
    document.add_heading("Confidence in the police", 1)
    document.add_paragraph("What people said.")
    document.add_heading("Table", 2)
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("Group", "Share", "Black", "53%")):
        table.cell(place // 2, place % 2).text = text
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    document.add_heading("Picture", 2)
    document.add_picture(BytesIO(PIXEL))._inline.docPr.set("descr", "Confidence did not clearly change.")
    link(document, "The Crime Survey for England and Wales")
    for name in ("Heading 1", "Heading 2", "Heading 4"):
        document.styles[name].font.color.rgb = RGBColor(0x12, 0x43, 0x6D)
    return document


def link(document: Word, words: str) -> None:
    relation = document.part.relate_to("https://www.ons.gov.uk", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    found = OxmlElement("w:hyperlink")
    found.set(qn("r:id"), relation)
    run = document.add_paragraph().add_run(words)
    run._r.getparent().append(found)
    found.append(run._r)


def no_language(document: Word) -> None:
    for one in document.styles.element.iter(qn("w:lang")):
        one.getparent().remove(one)


def nest(document: Word) -> None:
    inner = document.tables[0].cell(1, 1).add_table(1, 1)
    inner.cell(0, 0).text = "inside"
    inner.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    inner._tbl.tblPr.append(parse_xml(f'<w:tblCaption {nsdecls("w")} w:val="Inside"/>'))


def uneven(document: Word) -> None:
    row = document.tables[0].rows[1]._tr
    row.remove(row.tc_lst[1])


def second_table(document: Word) -> None:
    table = document.add_table(rows=1, cols=1)
    table.cell(0, 0).text = "Group"
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def floats(document: Word) -> None:
    inline = document.inline_shapes[0]._inline
    inline.tag = qn("wp:anchor")


def colour(document: Word, letters: str, **looks: object) -> None:
    run = document.add_paragraph().add_run("faint words")
    run.font.color.rgb = RGBColor.from_string(letters)
    for name, given in looks.items():
        setattr(run.font, name, given)


def shaded(document: Word, fill: str) -> None:
    cell = document.tables[0].cell(1, 1)
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="{fill}"/>'))


def from_style(document: Word) -> None:
    style = document.styles.add_style("Faint", WD_STYLE_TYPE.PARAGRAPH)
    style.font.color.rgb = RGBColor.from_string("BBBBBB")
    child = document.styles.add_style("Fainter", WD_STYLE_TYPE.PARAGRAPH)
    child.base_style = style
    document.add_paragraph("faint by its style", style="Fainter")


def insertion(document: Word) -> None:
    mark = parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="x"><w:r><w:t>new</w:t></w:r></w:ins>')
    document.add_paragraph()._p.append(mark)


def drawing(document: Word, alternative: str) -> None:
    document.inline_shapes[0]._inline.docPr.set("descr", alternative)


def heading_empty(document: Word) -> None:
    document.add_heading("", 2)


BREAKS: list[tuple[str, Callable[[Word], object], str]] = [
    (TITLE, lambda word: setattr(word.core_properties, "title", " "), "have no title"),
    (LANGUAGE, no_language, "name a language"),
    (HEADINGS, lambda word: word.add_heading("Deep", 4), "heading 4 is of level 4 after 2"),
    (HEADINGS, heading_empty, "heading 4 is empty"),
    (HEADINGS, lambda word: setattr(word.paragraphs[0], "style", "Heading 2"), "heading 1 is of level 2"),
    (ROWS, lambda word: word.tables[0].rows[0]._tr.remove(word.tables[0].rows[0]._tr.trPr), "table 1 is not marked"),
    (ROWS, lambda word: setattr(word.tables[0].cell(0, 1), "text", ""), "a heading of table 1 is empty"),
    (MERGED, lambda word: word.tables[0].cell(1, 0).merge(word.tables[0].cell(1, 1)), "table 1 has merged cells"),
    (MERGED, uneven, "the rows of table 1 have different numbers"),
    (MERGED, nest, "table 2 stands inside another"),
    (DESCRIBED, second_table, "table 2 has no caption"),
    (PICTURES, lambda word: drawing(word, ""), "picture 1 has no text alternative"),
    (PICTURES, lambda word: drawing(word, "image1.png"), "picture 1 has no text alternative"),
    (PICTURES, floats, "picture 1 floats"),
    (LETTERS, lambda word: colour(word, "999999"), "letters in 999999 on FFFFFF: paragraph"),
    (LETTERS, lambda word: colour(word, "949494", size=Pt(17)), "letters in 949494"),
    (LETTERS, lambda word: colour(word, "FFFFFF", highlight_color=WD_COLOR_INDEX.YELLOW), "FFFFFF on FFFF00"),
    (LETTERS, from_style, "letters in BBBBBB on FFFFFF"),
    (LINKS, lambda word: link(word, "Click here"), "link 2 does not say where it leads"),
    (LINKS, lambda word: link(word, "https://www.ons.gov.uk/a"), "link 2 is an address"),
    (LEFT, insertion, "tracked changes"),
    (LEFT, lambda word: setattr(word.add_paragraph().add_run("planted"), "text", "x") or hide(word), "hidden text"),
]


def hide(document: Word) -> None:
    document.paragraphs[-1].runs[0].font.hidden = True


def audited(document: Word, folder: Path) -> dict[str, list[str]]:
    document.save(str(folder / "report.docx"))
    return audit_word(folder / "report.docx")


def test_a_sound_document_keeps_every_rule(tmp_path: Path) -> None:
    assert audited(sound(), tmp_path) == {rule: [] for rule in CHECKS}


def test_every_rule_is_tried_and_says_what_to_do() -> None:
    assert {rule for rule, _, _ in BREAKS} == CHECKS.keys()
    assert all(advice.endswith(".") for _, advice in CHECKS.values())


@pytest.mark.parametrize(("rule", "spoil", "message"), BREAKS, ids=[message for _, _, message in BREAKS])
def test_a_document_that_breaks_a_rule_is_found(
    tmp_path: Path, rule: str, spoil: Callable[[Word], object], message: str
) -> None:
    document = sound()
    spoil(document)
    found = audited(document, tmp_path)
    assert [place for place in found[rule] if message in place]
    assert not [other for other, places in found.items() if places and other != rule]


def test_comments_that_are_left_in_it_are_found(tmp_path: Path) -> None:
    document = sound()
    paragraph = document.paragraphs[1]
    document.add_comment(paragraph.runs, text="Is this right?", author="x")
    assert audited(document, tmp_path)[LEFT] == ["comments"]


@pytest.mark.parametrize(
    "spare",
    [
        lambda word: colour(word, "949494", size=Pt(18)),
        lambda word: colour(word, "949494", size=Pt(14), bold=True),
        lambda word: shaded(word, "E7ECF1"),
        lambda word: drawing(word, "A chart of image1.png"),
    ],
    ids=["large letters", "large bold letters", "dark on pale", "words that name a file"],
)
def test_what_can_be_read_is_not_complained_of(tmp_path: Path, spare: Callable[[Word], object]) -> None:
    document = sound()
    spare(document)
    assert not any(audited(document, tmp_path).values())


def test_letters_in_a_cell_are_compared_with_the_cell(tmp_path: Path) -> None:
    document = sound()
    shaded(document, "12436D")
    document.tables[0].cell(1, 1).paragraphs[0].runs[0].font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    assert not any(audited(document, tmp_path).values())
    document.tables[0].cell(1, 1).paragraphs[0].runs[0].font.color.rgb = RGBColor(0x33, 0x33, 0x33)
    assert audited(document, tmp_path)[LETTERS]


def test_what_is_decorative_needs_no_words(tmp_path: Path) -> None:
    document = sound()
    shown = document.inline_shapes[0]._inline.docPr
    shown.set("descr", "")
    space = "http://schemas.microsoft.com/office/drawing/2017/decorative"
    extension = f'<a:ext uri="{{C183D7F6}}"><d:decorative xmlns:d="{space}" val="1"/></a:ext>'
    shown.append(parse_xml(f"<a:extLst {nsdecls('a')}>{extension}</a:extLst>"))
    assert not any(audited(document, tmp_path).values())


def test_a_document_without_headings_is_found(tmp_path: Path) -> None:
    document = Document()
    document.core_properties.title = "Words"
    document.add_paragraph("Words alone.")
    assert audited(document, tmp_path)[HEADINGS] == ["there are no headings"]


def test_documents_of_other_programs_are_looked_at() -> None:
    office = audit_word(FIXTURES / "libreoffice.docx")
    assert {rule for rule, places in office.items() if places} == {HEADINGS, ROWS, MERGED, LETTERS, LINKS}
    pandoc = audit_word(FIXTURES / "pandoc.docx")
    assert {rule for rule, places in pandoc.items() if places} == {LETTERS, LINKS}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "BadZipFile"),
        (b"planted 31415", "BadZipFile"),
        (b"PK\x05\x06" + b"\0" * 18, "its main part is missing"),
        (b"\xd0\xcf\x11\xe0planted 31415", "it has a password, or is of the kind from before 2007"),
    ],
    ids=["empty", "text", "nothing in it", "old or closed"],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "report.docx").write_bytes(content)
    with pytest.raises(LpactError, match=r"report\.docx is no Word document that can be checked: ") as caught:
        audit_word(tmp_path / "report.docx")
    assert why in str(caught.value)
    assert "31415" not in str(caught.value)


def repacked(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> None:
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w") as taken:
        for name in given.namelist():
            taken.writestr(name, change(name, given.read(name)))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"<w:document", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document', 1),
        lambda content: content.replace(b"w:document", b"w:other"),
    ],
    ids=["cut", "definitions of its own", "another kind"],
)
def test_a_damaged_part_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    sound().save(str(tmp_path / "sound.docx"))
    repacked(
        tmp_path / "sound.docx",
        tmp_path / "report.docx",
        lambda name, content: change(content) if name == "word/document.xml" else content,
    )
    with pytest.raises(LpactError, match="no Word document that can be checked"):
        audit_word(tmp_path / "report.docx")
