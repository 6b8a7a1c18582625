"""The note on sample size as files: what they say, how Word reads them, and that they are written whole."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docx import Document
from docx.oxml.ns import qn

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting import raster, size_note
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.size_note import note_page, table_rows, write_size_note

if TYPE_CHECKING:
    from types import ModuleType


def example() -> ModuleType:
    name = "size_example"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("size_example.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


EXAMPLE = example()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("note")
    write_size_note(EXAMPLE.note(synthetic=True), folder)
    return folder


def test_page_and_document_say_the_same(folder: Path) -> None:
    note = EXAMPLE.note()
    page = " ".join(texts_of((folder / "size-note.html").read_text(encoding="utf-8")))
    document = Document(str(folder / "size-note.docx"))
    words = " ".join(paragraph.text for paragraph in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for sentence in note.sentences:
        assert sentence in page
        assert sentence in words
    for row in table_rows(note):
        for cell in row:
            assert cell in page
            assert cell in cells
    for _, text in note.assumptions:
        assert text in page
        assert text in words


def test_a_group_that_may_not_be_told_of_has_no_number(folder: Path) -> None:
    document = Document(str(folder / "size-note.docx"))
    groups = [row.cells[0].text for row in document.tables[0].rows]
    assert "Mixed" not in groups
    assert any("to protect confidentiality: Mixed" in paragraph.text for paragraph in document.paragraphs)


def test_made_up_respondents_are_said_to_be(folder: Path) -> None:
    said = "Synthetic respondents"
    assert said in (folder / "size-note.html").read_text(encoding="utf-8")
    document = Document(str(folder / "size-note.docx"))
    assert any(said in paragraph.text for paragraph in document.paragraphs)
    assert said not in note_page(EXAMPLE.note())


def test_word_finds_headings_table_headings_words_for_the_picture_and_the_language(folder: Path) -> None:
    document = Document(str(folder / "size-note.docx"))
    styles = [paragraph.style.name for paragraph in document.paragraphs if paragraph.style is not None]
    assert styles[0] == "Title"
    assert styles.count("Heading 1") == 4
    for table in document.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    about = document.inline_shapes[0]._inline.docPr
    assert "Chart." in about.get("descr")
    assert "points" in about.get("descr")
    assert document.core_properties.language == "en-GB"
    normal = document.styles["Normal"].element
    assert normal.find(f".//{qn('w:lang')}").get(qn("w:val")) == "en-GB"


def test_the_picture_is_a_png_with_its_words(folder: Path) -> None:
    with zipfile.ZipFile(folder / "size-note.docx") as archive:
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert len(pictures) == 1
        assert archive.read(pictures[0]).startswith(b"\x89PNG")


def test_nothing_outside_is_asked_for(folder: Path) -> None:
    page = (folder / "size-note.html").read_text(encoding="utf-8")
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page


def test_a_word_that_no_report_may_use_stops_both_and_keeps_what_there_was(tmp_path: Path) -> None:
    write_size_note(EXAMPLE.note(), tmp_path, formats=["html"])
    before = (tmp_path / "size-note.html").read_bytes()
    note = EXAMPLE.note()
    wrong = replace(note, sentences=(*note.sentences, "This proves the impact of LPACT."))
    for formats in (["html"], ["docx"], ["html", "docx"]):
        with pytest.raises(LpactError, match="Cannot write size-note"):
            write_size_note(wrong, tmp_path, formats=formats)
    assert (tmp_path / "size-note.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["size-note.html"]


def test_a_document_that_another_program_holds_open_leaves_the_earlier_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_size_note(EXAMPLE.note(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    move = Path.replace

    def locked(self: Path, target: Path) -> Path:
        if target.name == "size-note.docx" and "earlier" not in str(self):
            raise PermissionError(13, "Permission denied", str(target))
        return move(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(PermissionError):
        write_size_note(EXAMPLE.note(change=0.3), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_document_needs_matplotlib_and_a_page_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(raster.importlib.util, "find_spec", lambda _name: None)
    assert write_size_note(EXAMPLE.note(), tmp_path, formats=["html"])
    with pytest.raises(WrongUseError, match="matplotlib"):
        write_size_note(EXAMPLE.note(), tmp_path)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="pdf"):
        write_size_note(EXAMPLE.note(), tmp_path, formats=["pdf"])


def test_a_group_s_name_is_escaped() -> None:
    note = EXAMPLE.note()
    line = note.lines[1]
    named = replace(note, lines=(note.lines[0], replace(line, first=replace(line.first, group="A<b>&"))))
    page = note_page(named)
    assert "A<b>" not in page
    assert "A&lt;b&gt;&amp;" in page


def test_what_is_not_possible_is_said_in_the_table() -> None:
    row = table_rows(EXAMPLE.note())[0]
    assert row[6] == size_note.NOT_POSSIBLE
