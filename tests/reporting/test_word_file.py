"""The parts of a Word document are those that python-docx would write, byte for byte."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from docx import Document

from lpact_eval.reporting.png import write_pixels
from lpact_eval.reporting.word_file import parts_of


def test_every_part_is_as_python_docx_writes_it() -> None:
    document = Document()
    document.add_heading("Confidence & trust", 1)
    drawn = io.BytesIO()
    write_pixels(np.zeros((4, 5, 3), dtype=np.uint8), drawn, about={}, dpi=200)
    document.add_picture(drawn)
    document.sections[0].header.paragraphs[0].text = "OFFICIAL"
    made, saved = parts_of(document), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as package:
        assert list(made) == package.namelist()
        assert made == {name: package.read(name) for name in package.namelist()}
