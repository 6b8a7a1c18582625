from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm

from lpact_eval.disclosure.published import publish
from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_word import audit_word
from lpact_eval.reporting.house import House
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.tidy import write_tidy
from lpact_eval.reporting.word import write_word

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from docx.document import Document as Word

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.page_parts import PageParts

WELSH = "Cymuned Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
HOUSE = House("Heddlu Gogledd Cymru", "OFFICIAL", "gwerthuso@heddlu.example")


@pytest.fixture(scope="module")
def written(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("word") / "report.docx"
    write_word(published, file, house=HOUSE)
    return file


@pytest.fixture(scope="module")
def word(written: Path) -> Word:
    return Document(str(written))


@pytest.fixture(scope="module")
def page(published: Published, tmp_path_factory: pytest.TempPathFactory) -> PageParts:
    file = tmp_path_factory.mktemp("page") / "report.html"
    write_page(published, file)
    whole = file.read_text(encoding="utf-8")
    before, made, after = whole.partition('<section class="explained" aria-labelledby="made">')
    assert made  # how each number was made stands on the page alone, where links lead to it
    return read_page(before + after[after.index('<section aria-labelledby="about">') :])


def texts(document: Word) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def headings(document: Word) -> list[tuple[int, str]]:
    named = [(paragraph.style.name or "", paragraph.text) for paragraph in document.paragraphs if paragraph.style]
    return [(int(name[-1]), text) for name, text in named if name.startswith("Heading")]


def test_every_table_of_the_page_is_there_cell_by_cell(word: Word, page: PageParts) -> None:
    assert len(word.tables) == len(page.tables) > 20
    for table, same in zip(word.tables, page.tables, strict=True):
        assert [[cell.text for cell in row.cells] for row in table.rows] == same.rows


def test_the_headings_are_those_of_the_page_one_level_up(word: Word, page: PageParts) -> None:
    assert headings(word) == [(level - 1, text) for level, text in page.headings if level > 1]
    assert [p.text for p in word.paragraphs if p.style and p.style.name == "Title"] == [
        text for level, text in page.headings if level == 1
    ]


def test_every_sentence_of_the_page_is_there(word: Word, page: PageParts) -> None:
    told = " ".join(" ".join(texts(word)).split())
    sentences = [" ".join(text.split()) for text in page.words if text.strip().endswith(".")]
    only_page = [text for text in sentences if text not in told]
    tables = {cell for table in page.tables for row in table.rows for cell in row}
    assert [text for text in only_page if text not in tables] == [
        "Charts on this page are drawn with plotly.js (MIT licence) from inside this file; nothing is sent anywhere."
    ]


def test_limits_stand_beside_the_findings(word: Word) -> None:
    said = texts(word)
    first = said.index("Findings", said.index("Contents") + 2)
    assert first < said.index("What this can't show") < said.index("Who was asked", first)


def test_every_number_of_the_findings_is_in_the_tidy_csv(word: Word, published: Published, tmp_path: Path) -> None:
    write_tidy(published, tmp_path / "results.csv")
    tidy = set(re.findall(r"\d+(?:\.\d+)?", (tmp_path / "results.csv").read_text(encoding="utf-8")))
    said = texts(word)
    first = said.index("Findings", said.index("Contents") + 2)
    told = " ".join(said[first : said.index("What this can't show")])
    shares = re.findall(r"(\d+(?:\.\d+)?)(?=%| points| to )", told)
    fixed = {"95", "80"}  # the interval's level and the power
    assert len(shares) > 5
    assert set(shares) - fixed <= tidy


def test_the_document_passes_the_checklist(written: Path) -> None:
    assert {rule: found for rule, found in audit_word(written).items() if found} == {}


def test_every_picture_says_what_the_chart_says(word: Word) -> None:
    shown = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert len(shown) > 3
    assert all(text.startswith("Chart. ") and text.endswith(" below.") for text in shown)


def test_the_heading_row_of_every_table_is_repeated(word: Word) -> None:
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in word.tables)
    assert not any(table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is not None for table in word.tables)


def test_no_paragraph_is_empty_and_no_picture_is_wider_than_the_text(word: Word) -> None:
    section = word.sections[0]
    assert all(p.text.strip() or p._p.findall(f".//{qn('w:drawing')}") for p in word.paragraphs)
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    room = section.page_width - section.left_margin - section.right_margin
    assert all(shape.width <= room for shape in word.inline_shapes)


def test_marking_name_contact_and_page_numbers_stand_on_every_page(word: Word) -> None:
    section = word.sections[0]
    assert section.header.paragraphs[0].text == "OFFICIAL | Synthetic respondents"
    assert [p.text for p in section.footer.paragraphs] == [
        "OFFICIAL",
        "Heddlu Gogledd Cymru | gwerthuso@heddlu.example | Page 1 of 1",
    ]
    fields = [part.text.strip() for part in section.footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]


def test_title_language_and_author_are_set(word: Word, published: Published) -> None:
    about = word.core_properties
    assert about.title == f"{published.facts.title} (synthetic respondents)"
    assert (about.language, about.author, about.category) == ("en-GB", "Heddlu Gogledd Cymru", "OFFICIAL")
    spoken = word.styles.element.findall(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    assert [one.get(qn("w:val")) for one in spoken] == ["en-GB"]


def test_the_contents_lead_to_headings_that_are_there(word: Word) -> None:
    body = word.element.body
    goals = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    links = [one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))]
    assert len(links) > 5
    assert set(links) == goals


def test_long_names_of_groups_stay_within_the_page(example: ModuleType, tmp_path: Path) -> None:
    results = example.results()
    rows = results.rows.assign(group=results.rows["group"].replace("Black", WELSH))
    write_word(publish(replace(results, rows=rows)), tmp_path / "report.docx")
    document = Document(str(tmp_path / "report.docx"))
    assert any(WELSH in text for text in texts(document))
    section = document.sections[0]
    room = (section.page_width - section.left_margin - section.right_margin) / 635
    for table in document.tables:
        widths = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
        assert sum(widths) <= room + 1
        assert min(widths) > 250


def test_words_that_surveys_can_not_support_stop_the_document(published: Published, tmp_path: Path) -> None:
    with pytest.raises(LpactError, match=r"report.docx: it says 'proved'"):
        write_word(published, tmp_path / "report.docx", house=House(name="The proved team"))
    assert not (tmp_path / "report.docx").exists()


def test_the_template_of_the_force_keeps_its_look_and_loses_its_text(published: Published, tmp_path: Path) -> None:
    template = Document()
    template.add_paragraph("Text of the template")
    template.styles["Heading 1"].font.name = "Georgia"
    template.sections[0].header.paragraphs[0].text = "Crest of the force"
    template.sections[0].left_margin = Cm(4)
    template.save(str(tmp_path / "force.docx"))
    house = House(marking="OFFICIAL", word_template=tmp_path / "force.docx")
    write_word(published, tmp_path / "report.docx", house=house)
    document = Document(str(tmp_path / "report.docx"))
    assert "Text of the template" not in texts(document)
    assert document.styles["Heading 1"].font.name == "Georgia"
    assert round(document.sections[0].left_margin.cm, 1) == 4.0
    assert [p.text for p in document.sections[0].header.paragraphs] == [
        "Crest of the force",
        "OFFICIAL | Synthetic respondents",
    ]


def test_a_later_writing_on_the_same_day_gives_the_same_bytes(published: Published, written: Path) -> None:
    again = written.with_name("again.docx")
    write_word(published, again, house=HOUSE)
    assert again.read_bytes() == written.read_bytes()
    with zipfile.ZipFile(io.BytesIO(again.read_bytes())) as package:
        assert {entry.date_time[3:] for entry in package.infolist()} == {(0, 0, 0)}
