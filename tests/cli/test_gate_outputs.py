"""The gate looks at documents, slides and charts, too."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from docx import Document
from pptx import Presentation

from lpact_eval.reporting.gate import Gate, release_gate

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
        (lambda folder: (folder / "slides.pptx").write_bytes(b"planted"), "Accessibility of slides.pptx: It can be", 2),
        (
            lambda folder: min((folder / "charts").glob("*.txt")).write_text("x"),
            "Accessibility of charts: Every chart",
            2,
        ),
        (small_base, "Confidentiality: bases and marks in charts", 3),
    ],
    ids=["document", "slides", "damaged", "words", "base"],
)
def test_what_falls_short_stops_the_release(
    edited: Callable[..., Path], tmp_path: Path, edit: Callable[[Path], object], *, what: str, code: int
) -> None:
    gate = release_gate(edited(edit), target=tmp_path / "out")
    assert len(failed(gate)) == 1
    assert failed(gate)[0].startswith(what)
    assert gate.exit_code == code
    assert not (tmp_path / "out").exists()


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
