"""The checklist for slides finds what it is for, in files of any origin, and nothing in sound ones."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches, Pt

from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_slides import CHECKS, audit_slides

if TYPE_CHECKING:
    from collections.abc import Callable

    from pptx.presentation import Presentation as Deck
    from pptx.slide import Slide

FIXTURES = Path(__file__).parent / "fixtures"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fe"
    "dccc59e70000000049454e44ae426082"
)
TITLE = "It has a title"
LANGUAGE = "It says in which language it is"
TITLES = "Each slide has a title of its own"
ALTERNATIVES = "Its pictures and charts have text alternatives"
TABLES = "Its tables have marked headings and no merged cells"
ORDER = "What stands on a slide is read in order"
NOTES = "Each slide has notes"
SIZES = "Its letters are large enough"
LETTERS = "Its letters stand out from their ground"
LINKS = "Its links say where they lead"
LEFT = "No slide is hidden, and no comment or empty placeholder is left"


def sound() -> Deck:
    """Three slides that keep every rule: words, a chart, a table."""
    deck = Presentation()
    deck.core_properties.title = "Confidence in the police"
    words = slide(deck, 1, "What people said")
    words.placeholders[1].text_frame.text = "Confidence did not clearly change."
    chart = slide(deck, 5, "Confidence")
    data = CategoryChartData()
    data.categories = ["2022", "re-run"]
    data.add_series("Black", (0.36, None))
    place = (Inches(1), Inches(2), Inches(4), Inches(3))
    frame = chart.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", "Confidence in 2022 was 36 per cent.")
    table = slide(deck, 5, "Numbers").shapes.add_table(2, 2, *place).table
    for number, text in enumerate(("Group", "Share", "Black", "53%")):
        table.cell(number // 2, number % 2).text = text
    return deck


def slide(deck: Deck, layout: int, title: str) -> Slide:
    made = deck.slides.add_slide(deck.slide_layouts[layout])
    made.shapes.title.text = title
    made.notes_slide.notes_text_frame.text = "Say it."
    return made


def table_of(deck: Deck) -> object:
    return next(shape.table for shape in deck.slides[2].shapes if shape.has_table)


def box(deck: Deck, text: str, *, left: float = 1, top: float = 6, slide_number: int = 2, **font: object) -> object:
    """Write a text box at the end of a slide."""
    shape = deck.slides[slide_number].shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(0.5))
    run = shape.text_frame.paragraphs[0].add_run()
    run.text = text
    for name, value in font.items():
        setattr(run.font, name, value)
    return run


def coloured(deck: Deck, letters: str, **font: object) -> None:
    box(deck, "words", **font).font.color.rgb = RGBColor.from_string(letters)


def picture(deck: Deck, alternative: str) -> None:
    shape = deck.slides[2].shapes.add_picture(BytesIO(PIXEL), Inches(1), Inches(6))
    shape._element.nvPicPr.cNvPr.set("descr", alternative)


def no_language(deck: Deck) -> None:
    for part in deck.part.package.iter_parts():
        tree = getattr(part, "_element", None)
        for one in tree.iter() if tree is not None else ():
            one.attrib.pop("lang", None)


def over_dark(deck: Deck) -> None:
    shape = deck.slides[2].shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(0.5), Inches(5.5), Inches(5), Inches(1.5))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string("12436D")
    shape._element.nvSpPr.cNvPr.set("descr", "A band")
    coloured(deck, "333333")


def themed(deck: Deck) -> None:
    box(deck, "words").font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1


def title_last(deck: Deck) -> None:
    tree = deck.slides[1].shapes._spTree
    tree.append(deck.slides[1].shapes.title._element)


def small_chart(deck: Deck) -> None:
    frame = next(shape for shape in deck.slides[1].shapes if shape.has_chart)
    frame.chart.font.size = Pt(8)


def shrunk(deck: Deck) -> None:
    body = deck.slides[0].placeholders[1].text_frame._txBody.bodyPr
    body.append(parse_xml(f'<a:normAutofit {nsdecls("a")} fontScale="30000"/>'))


def comment(deck: Deck) -> None:
    from pptx.opc.package import Part  # noqa: PLC0415 - beside what needs it
    from pptx.opc.packuri import PackURI  # noqa: PLC0415 - as above

    content = b'<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"/>'
    kind = "application/vnd.openxmlformats-officedocument.presentationml.comments+xml"
    part = Part(PackURI("/ppt/comments/comment1.xml"), kind, deck.part.package, content)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    deck.slides[0].part.relate_to(part, relation)


def linked(deck: Deck, words: str) -> None:
    box(deck, words).hyperlink.address = "https://www.ons.gov.uk"


BREAKS: list[tuple[str, Callable[[Deck], object], str]] = [
    (TITLE, lambda deck: setattr(deck.core_properties, "title", ""), "have no title"),
    (LANGUAGE, no_language, "slide 1: words without a language"),
    (TITLES, lambda deck: setattr(deck.slides[1].shapes.title, "text", "numbers"), "slide 2 has the title of another"),
    (TITLES, lambda deck: drop(deck.slides[1].shapes.title), "slide 2 has no title"),
    (ALTERNATIVES, lambda deck: picture(deck, ""), "slide 3: picture 1 has no text alternative"),
    (ALTERNATIVES, lambda deck: picture(deck, "figure.png"), "slide 3: picture 1 has no text alternative"),
    (TABLES, lambda deck: setattr(table_of(deck), "first_row", False), "slide 3, table 1: its first row"),
    (TABLES, lambda deck: setattr(table_of(deck).cell(0, 1), "text", ""), "slide 3, table 1: a heading is empty"),
    (TABLES, lambda deck: table_of(deck).cell(1, 0).merge(table_of(deck).cell(1, 1)), "table 1: cells are merged"),
    (ORDER, title_last, "slide 2: its title is not read first"),
    (ORDER, lambda deck: box(deck, "above", top=0.2), "slide 3: something is read before"),
    (NOTES, lambda deck: setattr(deck.slides[1].notes_slide.notes_text_frame, "text", ""), "slide 2 has no notes"),
    (SIZES, lambda deck: box(deck, "small", size=Pt(9)), "slide 3: letters of 9 points"),
    (SIZES, small_chart, "slide 2: letters of 8 points in a chart"),
    (SIZES, shrunk, "slide 1: letters of 9.6 points"),
    (LETTERS, lambda deck: coloured(deck, "999999", size=Pt(16)), "slide 3: letters in 999999 on FFFFFF"),
    (LETTERS, over_dark, "slide 3: letters in 333333 on 12436D"),
    (LETTERS, themed, "slide 3: letters in FFFFFF on FFFFFF"),
    (LINKS, lambda deck: linked(deck, "here"), "slide 3: link 1 does not say where it leads"),
    (LEFT, lambda deck: deck.slides[2]._element.set("show", "0"), "slide 3 is hidden"),
    (LEFT, comment, "slide 1 has comments"),
    (LEFT, lambda deck: setattr(deck.slides[0].placeholders[1], "text", ""), "slide 1 has an empty placeholder"),
]


def drop(shape: object) -> None:
    shape._element.getparent().remove(shape._element)


def audited(deck: Deck, folder: Path) -> dict[str, list[str]]:
    deck.save(str(folder / "slides.pptx"))
    return audit_slides(folder / "slides.pptx")


def test_sound_slides_keep_every_rule(tmp_path: Path) -> None:
    assert audited(sound(), tmp_path) == {rule: [] for rule in CHECKS}


def test_every_rule_is_tried_and_says_what_to_do() -> None:
    assert {rule for rule, _, _ in BREAKS} == CHECKS.keys()
    assert all(advice.endswith(".") for _, advice in CHECKS.values())


@pytest.mark.parametrize(("rule", "spoil", "message"), BREAKS, ids=[message for _, _, message in BREAKS])
def test_slides_that_break_a_rule_are_found(
    tmp_path: Path, rule: str, spoil: Callable[[Deck], object], message: str
) -> None:
    deck = sound()
    spoil(deck)
    found = audited(deck, tmp_path)
    assert [place for place in found[rule] if message in place], found[rule]
    assert not [other for other, places in found.items() if places and other != rule]


@pytest.mark.parametrize(
    "spare",
    [
        lambda deck: coloured(deck, "949494", size=Pt(18)),
        lambda deck: coloured(deck, "949494", size=Pt(14), bold=True),
        lambda deck: linked(deck, "The Crime Survey"),
        lambda deck: box(deck, "beside the table", left=6, top=2),
        lambda deck: picture(deck, "Confidence by area"),
        lambda deck: box(deck, "twelve", size=Pt(12)),
    ],
    ids=["large letters", "large bold letters", "link", "beside", "picture", "twelve points"],
)
def test_what_can_be_read_is_not_complained_of(tmp_path: Path, spare: Callable[[Deck], object]) -> None:
    deck = sound()
    spare(deck)
    assert not any(audited(deck, tmp_path).values())


def test_white_letters_on_a_dark_slide_can_be_read(tmp_path: Path) -> None:
    deck = sound()
    deck.slides[2].background.fill.solid()
    deck.slides[2].background.fill.fore_color.rgb = RGBColor.from_string("12436D")
    coloured(deck, "FFFFFF")
    deck.slides[2].shapes.title.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor.from_string("FFFFFF")
    assert not any(audited(deck, tmp_path).values())


def test_slides_of_other_programs_are_looked_at() -> None:
    found = audit_slides(FIXTURES / "libreoffice.pptx")
    assert found[NOTES] == ["slide 2 has no notes"]
    assert found[ALTERNATIVES] == ["slide 1: chart 1 has no text alternative"]
    assert found[TITLES] == found[ORDER] == found[LANGUAGE] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"planted 31415", b"PK\x05\x06" + b"\0" * 18, b"\xd0\xcf\x11\xe0planted 31415"],
    ids=["empty", "text", "nothing in it", "old or closed"],
)
def test_what_is_no_file_of_slides_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "slides.pptx").write_bytes(content)
    with pytest.raises(LpactError, match=r"slides\.pptx is no file of slides that can be checked") as caught:
        audit_slides(tmp_path / "slides.pptx")
    assert "31415" not in str(caught.value)


def test_a_word_document_is_no_file_of_slides() -> None:
    with pytest.raises(LpactError, match="its main part is missing or of another kind"):
        audit_slides(FIXTURES / "pandoc.docx")


def test_a_damaged_slide_is_refused(tmp_path: Path) -> None:
    sound().save(str(tmp_path / "sound.pptx"))
    with zipfile.ZipFile(tmp_path / "sound.pptx") as given, zipfile.ZipFile(tmp_path / "cut.pptx", "w") as taken:
        for name in given.namelist():
            content = given.read(name)
            taken.writestr(name, content[: len(content) // 2] if name.endswith("slide2.xml") else content)
    with pytest.raises(LpactError, match="can't be opened"):
        audit_slides(tmp_path / "cut.pptx")
