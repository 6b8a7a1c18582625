from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING

from docx import Document

from lpact_eval.reporting.office_file import settled, template_stream

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 1, 2)
CORE = "<p><dcterms:created a='b'>{0}</dcterms:created><dcterms:modified a='b'>{0}</dcterms:modified></p>"


def packed(moment: str, inside: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("docProps/core.xml", CORE.format(moment))
        package.writestr("docProps/thumbnail.jpeg", moment)
        package.writestr("_rels/.rels", '<Rs><Relationship Id="r" Target="docProps/thumbnail.jpeg"/></Rs>')
        if inside:
            package.writestr("ppt/embeddings/sheet.xlsx", inside)
    return made.getvalue()


def test_bytes_depend_on_words_and_day_and_not_on_the_moment() -> None:
    one = settled(packed("2026-01-02T10:11:12Z", packed("2026-01-02T10:11:12Z")), DAY)
    two = settled(packed("2027-05-06T01:02:03Z", packed("2027-05-06T01:02:03Z")), DAY)
    assert one == two
    assert settled(packed("2026-01-02T10:11:12Z"), dt.date(2026, 1, 3)) != settled(packed("2026-01-02T10:11:12Z"), DAY)


def test_a_picture_of_somebody_elses_file_is_taken_out() -> None:
    with zipfile.ZipFile(io.BytesIO(settled(packed("x"), DAY))) as package:
        assert package.namelist() == ["docProps/core.xml", "_rels/.rels"]
        assert package.read("_rels/.rels") == b"<Rs></Rs>"
        assert b"2026-01-02T00:00:00Z" in package.read("docProps/core.xml")


def test_a_template_opens_as_a_document(tmp_path: Path) -> None:
    plain = io.BytesIO()
    Document().save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(made, "w") as taken:
        for name in given.namelist():
            content = given.read(name).replace(
                b"wordprocessingml.document.main+xml", b"wordprocessingml.template.main+xml"
            )
            taken.writestr(name, content)
    (tmp_path / "force.dotx").write_bytes(made.getvalue())
    assert Document(template_stream(tmp_path / "force.dotx")).paragraphs == []
