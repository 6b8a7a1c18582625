"""The gate looks at documents, slides and charts, too."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from docx import Document
from PIL import Image, PngImagePlugin
from pptx import Presentation

from lpact_eval.disclosure.rules import UK
from lpact_eval.reporting.gate import Gate, release_gate
from lpact_eval.reporting.gate_documents import in_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def failed(gate: Gate) -> list[str]:
    return [check.what for check in gate.checks if check.status == "fail"]


@pytest.fixture
def edited(whole_release: Path, tmp_path: Path) -> Callable[[Callable[[Path], object]], Path]:
    """A copy of the whole release, edited, with the hashes of what it then holds."""

    def make(edit: Callable[[Path], object]) -> Path:
        folder = tmp_path / "edited"
        shutil.copytree(whole_release, folder)
        edit(folder)
        manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        for name in manifest["files"]:
            manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return make


def without_alternative(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    document.inline_shapes[0]._inline.docPr.attrib.pop("descr")
    document.save(str(folder / "report.docx"))


def without_notes(folder: Path) -> None:
    deck = Presentation(str(folder / "slides.pptx"))
    deck.slides[1].notes_slide.notes_text_frame.text = ""
    deck.save(str(folder / "slides.pptx"))


def small_base(folder: Path) -> None:
    path = min((folder / "charts").glob("trend-*.csv"))
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    lines[1][lines[0].index("Unweighted base")] = "7"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


@pytest.mark.parametrize(
    ("edit", "what", "code"),
    [
        (without_alternative, "Accessibility of report.docx: Its pictures have text alternatives", 2),
        (without_notes, "Accessibility of slides.pptx: Each slide has notes", 2),
        (
            lambda folder: min((folder / "charts").glob("*.txt")).write_text("x"),
            "Accessibility of charts: Every chart",
            2,
        ),
        (small_base, "Confidentiality: bases and marks in charts", 3),
    ],
    ids=["document", "slides", "words", "base"],
)
def test_what_falls_short_stops_the_release(
    edited: Callable[..., Path], tmp_path: Path, edit: Callable[[Path], object], *, what: str, code: int
) -> None:
    gate = release_gate(edited(edit), target=tmp_path / "out")
    assert len(failed(gate)) == 1
    assert failed(gate)[0].startswith(what)
    assert gate.exit_code == code
    assert not (tmp_path / "out").exists()


def test_slides_that_nobody_can_read_may_hold_anything(edited: Callable[..., Path]) -> None:
    gate = release_gate(edited(lambda folder: (folder / "slides.pptx").write_bytes(b"planted")))
    assert [what.partition(":")[0] for what in failed(gate)] == ["Confidentiality", "Accessibility of slides.pptx"]
    assert gate.exit_code == 3


SMALL = "base 7"


def in_paragraph(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    paragraph = document.add_paragraph("Black, ba")
    paragraph.add_run("se 7")
    document.save(str(folder / "report.docx"))


def in_table_of_document(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    cells = [
        (table, place)
        for table in document.tables
        for place, cell in enumerate(table.rows[0].cells)
        if cell.text.startswith("Unweighted base")
    ]
    table, place = cells[0]
    table.rows[1].cells[place].text = "7"
    document.save(str(folder / "report.docx"))


def in_alternative(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    document.inline_shapes[0]._inline.docPr.set("descr", f"Chart. Black in 2022: 36%, {SMALL}.")
    document.save(str(folder / "report.docx"))


def in_properties(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    document.core_properties.comments = SMALL
    document.save(str(folder / "report.docx"))


def in_footer(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    document.sections[0].footer.paragraphs[0].text = f"Black: {SMALL}"
    document.save(str(folder / "report.docx"))


def in_notes(folder: Path) -> None:
    deck = Presentation(str(folder / "slides.pptx"))
    frame = deck.slides[2].notes_slide.notes_text_frame
    frame.text = f"{frame.text} Unweighted base: Black 7 in 2022 and 139 in the re-run."
    deck.save(str(folder / "slides.pptx"))


def edit_part(path: Path, ending: str, edit: Callable[[bytes], bytes]) -> None:
    """Edit the first part of a package whose name ends so."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    name = next(name for name in parts if name.endswith(ending))
    with zipfile.ZipFile(path, "w") as packed:
        for part, content in (parts | {name: edit(parts[name])}).items():
            packed.writestr(part, content)


def in_chart(folder: Path) -> None:
    planted = f"<c:v>All respondents, {SMALL}</c:v>".encode()
    edit_part(
        folder / "slides.pptx",
        "charts/chart1.xml",
        lambda part: part.replace(b"<c:v>All respondents</c:v>", planted, 1),
    )


def in_workbook_of_chart(folder: Path) -> None:
    def edit(part: bytes) -> bytes:
        book, buffer = openpyxl.load_workbook(io.BytesIO(part)), io.BytesIO()
        book.worksheets[0].cell(2, 1, f"Black, {SMALL}")
        book.save(buffer)
        return buffer.getvalue()

    edit_part(folder / "slides.pptx", ".xlsx", edit)


def in_cell(name: str, heading: str, text: str) -> Callable[[Path], None]:
    """Plant a text in the first line of a csv that has a number there."""

    def edit(folder: Path) -> None:
        path = folder / name
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        place = lines[0].index(heading)
        line = next((line for line in lines[1:] if line[place].replace(",", "").isdigit()), lines[1])
        line[place] = text
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows(lines)
        path.write_bytes(buffer.getvalue().encode("utf-8-sig"))

    return edit


def in_text(name: str, before: str, after: str) -> Callable[[Path], None]:
    """Plant words after the first place where others stand."""

    def edit(folder: Path) -> None:
        path = min(folder.glob(name))
        content = path.read_text(encoding="utf-8")
        assert before in content
        path.write_text(content.replace(before, f"{before}{after}", 1), encoding="utf-8", newline="")

    return edit


def in_picture(folder: Path) -> None:
    path = min((folder / "charts").glob("change-*.png"))
    with Image.open(path) as picture:
        words = PngImagePlugin.PngInfo()
        for name in ("Title", "Description"):
            words.add_itxt(name, f"{picture.info[name]} Black, {SMALL}.", zip=True)
        dots = picture.copy()
        dots.save(path, pnginfo=words, dpi=picture.info["dpi"])


PLANTED = {
    "a paragraph": (in_paragraph, "report.docx"),
    "a table of the document": (in_table_of_document, "report.docx"),
    "a text alternative": (in_alternative, "report.docx"),
    "the properties": (in_properties, "report.docx"),
    "a footer": (in_footer, "report.docx"),
    "notes": (in_notes, "slides.pptx"),
    "a chart": (in_chart, "slides.pptx"),
    "the workbook of a chart": (in_workbook_of_chart, "slides.pptx"),
    "weights of the qa pack": (in_cell("qa/weights.csv", "Unweighted base", "7"), "qa"),
    "answers of the qa pack": (in_cell("qa/questions.csv", "Answered", "7"), "qa"),
    "the page of the qa pack": (in_text("qa/assurance.html", "<h1", f' title="{SMALL}"'), "qa"),
    "the plan's table": (in_cell("evaluation-plan.csv", "Why", f"Only few: {SMALL}."), "the other tables"),
    "promises": (in_cell("promises.csv", "Why", "36% of 7 gave the answer."), "the other tables"),
    "the plan's page": (in_text("evaluation-plan.html", "<main", f' aria-label="{SMALL}"'), "evaluation-plan.html"),
    "the community's page": (
        in_text("community.html", "</h1>", "<p>In 2022, 7 Black people answered this.</p>"),
        "community.html",
    ),
    "the explorer": (in_text("explorer.html", "</h1>", f"<p>Black: {SMALL}</p>"), "explorer.html"),
    "the note on sizes": (in_text("size-note.html", "</h1>", f"<p>Black: {SMALL}</p>"), "size-note.html"),
    "events of a chart": (in_cell("charts/events-timeline.csv", "Attendees", "7"), "charts"),
    "the list of charts": (in_cell("charts/index.csv", "text alternative", f"Black, {SMALL}"), "charts"),
    "a heading of a chart": (
        in_text("charts/themes-by-community.csv", "All communities (per cent)", ",Kenyan (7) (per cent)"),
        "charts",
    ),
    "words of a chart": (in_text("charts/change-*.txt", "Chart", f" ({SMALL})"), "charts"),
    "a drawing": (in_text("charts/change-*.svg", "</title>", f"<text>{SMALL}</text>"), "charts"),
    "a picture": (in_picture, "charts"),
    "a label in a drawing": (in_text("charts/detectable-change-*.svg", "points (", "7 and 139) points ("), "charts"),
}


@pytest.mark.parametrize("place", PLANTED)
def test_a_small_base_is_found_wherever_it_stands(whole_release: Path, tmp_path: Path, place: str) -> None:
    shutil.copytree(whole_release, tmp_path / "copy")
    PLANTED[place][0](tmp_path / "copy")
    names = json.loads((whole_release / "release.json").read_text(encoding="utf-8"))["files"]
    changed = [name for name in names if (whole_release / name).read_bytes() != (tmp_path / "copy" / name).read_bytes()]
    (name,) = changed
    found = in_file(tmp_path / "copy" / name, name, UK)
    assert found
    assert all(line.startswith(f"{name}, ") and SMALL not in line for line in found)


def test_small_bases_in_every_file_stop_the_release(edited: Callable[..., Path]) -> None:
    def plant(folder: Path) -> None:
        for edit, _ in PLANTED.values():
            edit(folder)

    gate = release_gate(edited(plant))
    wanted = {f"Confidentiality: bases and marks in {told}" for _, told in PLANTED.values()}
    assert wanted <= set(failed(gate))
    assert gate.exit_code == 3


def test_every_file_of_a_release_is_looked_at_by_the_gate(whole_release: Path) -> None:
    """What has words is either looked at by name, or together with its folder."""
    gate = release_gate(whole_release)
    assert failed(gate) == []
    looked = " ".join(check.what for check in gate.checks if check.what.startswith("Confidentiality"))
    for name in json.loads((whole_release / "release.json").read_text(encoding="utf-8"))["files"]:
        folder, _, _ = name.rpartition("/")
        assert (folder or name) in looked or name.endswith(".csv"), name


def test_what_somebody_put_among_the_charts_is_named_and_neither_looked_at_nor_copied(
    edited: Callable[..., Path], tmp_path: Path
) -> None:
    folder = edited(lambda copy: (copy / "charts" / "mine.svg").write_text("<svg/>", encoding="utf-8"))
    gate = release_gate(folder, target=tmp_path / "out")
    assert failed(gate) == []
    (others,) = [check for check in gate.checks if check.what == "Other files"]
    assert others.details == ("charts/mine.svg",)
    assert (tmp_path / "out" / "charts" / "index.csv").is_file()
    assert not (tmp_path / "out" / "charts" / "mine.svg").exists()


def test_a_folder_of_charts_that_is_a_link_to_somewhere_else_stops_it(whole_release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "linked"
    shutil.copytree(whole_release, folder)
    (folder / "charts").rename(tmp_path / "elsewhere")
    (folder / "charts").symlink_to(tmp_path / "elsewhere")
    gate = release_gate(folder, target=tmp_path / "out")
    (files,) = [check for check in gate.checks if check.what == "Files"]
    assert any("charts/index.csv: is a link to somewhere else" in line for line in files.details)
    assert gate.exit_code
